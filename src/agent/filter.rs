//! Which entries of a root are looked at at all.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::settings::Root;
use crate::source::tree::Stat;

/// Names, ages and owners of one root.
pub struct Filter {
    include: Option<Gitignore>,
    exclude: Gitignore,
    min_age: Duration,
    max_age: Option<Duration>,
    owners: Vec<u32>,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Look,
    /// Too young by so much.
    Wait(Duration),
    Leave,
}

impl Filter {
    /// The pattern that is none, and why, if one is.
    pub fn new(root: &Root) -> Result<Filter, String> {
        let build = |lines: &[String]| {
            let mut builder = GitignoreBuilder::new("");
            for line in lines {
                builder.add_line(None, line).map_err(|e| format!("`{line}`: {e}"))?;
            }
            builder.build().map_err(|e| e.to_string())
        };
        let include = match root.include.is_empty() {
            true => None,
            false => Some(build(&root.include)?),
        };
        Ok(Filter {
            include,
            exclude: build(&root.exclude)?,
            min_age: Duration::from_secs(root.min_age_s),
            max_age: root.max_age_days.map(|days| Duration::from_secs(days.saturating_mul(86_400))),
            owners: root.owners.clone(),
        })
    }

    /// A folder that is left out with all below it.
    pub fn leaves_folder(&self, below: &Path) -> bool {
        self.exclude.matched(below, true).is_ignore()
    }

    pub fn file(&self, below: &Path, stat: &Stat, now: SystemTime) -> Verdict {
        let named = |set: &Gitignore| set.matched_path_or_any_parents(below, false).is_ignore();
        if named(&self.exclude)
            || self.include.as_ref().is_some_and(|set| !named(set))
            || !(self.owners.is_empty() || self.owners.contains(&stat.uid))
        {
            return Verdict::Leave;
        }
        let age = now
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .saturating_sub(Duration::from_nanos(stat.mtime_ns.max(0).unsigned_abs()));
        if self.max_age.is_some_and(|most| age > most) {
            return Verdict::Leave;
        }
        match self.min_age.checked_sub(age) {
            Some(left) if !left.is_zero() => Verdict::Wait(left),
            _ => Verdict::Look,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(toml: &str) -> Root {
        toml::from_str(&format!("path = \"/srv\"\n{toml}")).unwrap()
    }

    fn verdict(toml: &str, below: &str, age_s: u64, uid: u32) -> Verdict {
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let mtime_ns = (1_000_000_000 - age_s as i64) * 1_000_000_000;
        let stat = Stat { uid, mtime_ns, ..Stat::default() };
        Filter::new(&root(toml)).unwrap().file(Path::new(below), &stat, now)
    }

    #[test]
    fn names_are_matched_as_git_does() {
        let toml = "exclude = [\"*.iso\", \"/tmp/\", \"!keep.iso\", \"cache/**\"]";
        for (below, looked_at) in [
            ("a/b.iso", false),
            ("a/keep.iso", true),
            ("tmp/x", false),
            ("a/tmp/x", true),
            ("cache/a/b", false),
            ("scan.pdf", true),
        ] {
            assert_eq!(verdict(toml, below, 0, 0) == Verdict::Look, looked_at, "{below}");
        }
        let only = "include = [\"*.pdf\", \"hr/\"]\nexclude = [\"draft*\"]";
        for (below, looked_at) in
            [("x/a.pdf", true), ("hr/a.txt", true), ("a.txt", false), ("draft.pdf", false)]
        {
            assert_eq!(verdict(only, below, 0, 0) == Verdict::Look, looked_at, "{below}");
        }
        let filter = Filter::new(&root("exclude = [\".snapshot/\"]")).unwrap();
        assert!(filter.leaves_folder(Path::new("a/.snapshot")));
        assert!(!filter.leaves_folder(Path::new("a")));
    }

    #[test]
    fn age_and_owner() {
        let ages = "min_age_s = 60\nmax_age_days = 1\nowners = [7]";
        assert_eq!(verdict(ages, "a", 59, 7), Verdict::Wait(Duration::from_secs(1)));
        assert_eq!(verdict(ages, "a", 60, 7), Verdict::Look);
        assert_eq!(verdict(ages, "a", 60, 8), Verdict::Leave);
        assert_eq!(verdict(ages, "a", 86_401, 7), Verdict::Leave);
    }
}
