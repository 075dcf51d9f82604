//! A folder and all below it, each entry once, on as many file systems as lie there.
//!
//! Links are not followed: a target inside the roots is visited under its own name, any other is a
//! skip record, so a loop of links costs nothing and hides nothing.

use std::collections::HashSet;
use std::fs::{self, FileType};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;
use walkdir::{DirEntry, WalkDir};

use super::{Proposal, open_beneath};
use crate::error::{Error, Skip};
use crate::flow::{Candidate, Locator};

/// Fails where a root is not there or cannot be listed or opened at all.
pub fn check_root(root: &Path) -> Result<(), Error> {
    let fail = |source: io::Error| Error::Root { path: root.to_path_buf(), source };
    let facts = fs::metadata(root).map_err(fail)?;
    if facts.is_dir() {
        fs::read_dir(root).map_err(fail)?;
    }
    Ok(())
}

/// The roots of a run as the file system knows them: targets of links below one are visited anyway.
#[derive(Debug, Clone, Default)]
pub struct Visited(Arc<HashSet<PathBuf>>);

impl Visited {
    pub fn new(roots: &[PathBuf]) -> Visited {
        // A root that is gone by now shows up as an error of the walk itself.
        Visited(Arc::new(roots.iter().filter_map(|r| fs::canonicalize(r).ok()).collect()))
    }

    fn holds(&self, target: &Path) -> bool {
        target.ancestors().any(|a| self.0.contains(a))
    }

    /// Why a link is a loss; `None` where its target is visited under its own name.
    pub fn trouble(&self, link: &Path) -> Option<Skip> {
        match fs::canonicalize(link) {
            Ok(target) if self.holds(&target) => None,
            Ok(_) => Some(Skip::SymlinkNotFollowed("target outside of the roots")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Some(Skip::SymlinkNotFollowed("target does not exist"))
            }
            // ELOOP among others; the kind alone would not tell a loop from a folder without permission.
            Err(_) => Some(Skip::SymlinkNotFollowed("loop or unreadable target")),
        }
    }
}

/// The root and everything below it, in the order of the folders, the files of a folder first.
pub fn walk(root: &Path, visited: &Visited) -> impl Iterator<Item = Proposal> + use<> {
    let root = root.to_path_buf();
    let levels = vec![Level { entries: list(&root, 0), begins: None }];
    Walk { root, visited: visited.clone(), levels }
}

fn list(folder: &Path, min_depth: usize) -> walkdir::IntoIter {
    // What a person reads stays together.
    let files_first = |a: &DirEntry, b: &DirEntry| {
        let folder = |e: &DirEntry| e.file_type().is_dir();
        folder(a).cmp(&folder(b)).then_with(|| a.file_name().cmp(b.file_name()))
    };
    WalkDir::new(folder).min_depth(min_depth).sort_by(files_first).into_iter()
}

/// Where a path grows longer than the kernel takes, the walk goes on from an open folder.
struct Walk {
    root: PathBuf,
    visited: Visited,
    levels: Vec<Level>,
}

struct Level {
    entries: walkdir::IntoIter,
    /// The folder it begins at, by its true path and as it is reached.
    begins: Option<(PathBuf, PathBuf, OwnedFd)>,
}

impl Level {
    fn true_path(&self, path: &Path) -> PathBuf {
        match &self.begins {
            Some((place, reached, _)) => match path.strip_prefix(reached) {
                Ok(below) => place.join(below),
                Err(_) => place.clone(), // an error of the folder itself
            },
            None => path.to_path_buf(),
        }
    }
}

impl Iterator for Walk {
    type Item = Proposal;

    fn next(&mut self) -> Option<Proposal> {
        while let Some(level) = self.levels.last_mut() {
            let Some(entry) = level.entries.next() else {
                self.levels.pop();
                continue;
            };
            match entry {
                Ok(entry) => {
                    let path = level.true_path(entry.path());
                    if let Some(proposal) = self.propose(&entry, path) {
                        return Some(proposal);
                    }
                }
                Err(e) => {
                    let path = e.path().map_or_else(|| self.root.clone(), |p| level.true_path(p));
                    let kind = e.io_error().map_or(io::ErrorKind::Other, io::Error::kind);
                    if e.io_error().and_then(io::Error::raw_os_error) == Some(libc::ENAMETOOLONG)
                        && let Some(deeper) = self.deeper(&path)
                    {
                        self.levels.push(deeper);
                        continue;
                    }
                    let at = Locator::file(path.clone());
                    let candidate = Candidate { path, root: self.root.clone() };
                    return Some(Proposal::Skipped { candidate, at, skip: Skip::Unreadable(kind) });
                }
            }
        }
        None
    }
}

impl Walk {
    fn deeper(&self, folder: &Path) -> Option<Level> {
        let open = open_beneath(&self.root, folder, OFlags::RDONLY | OFlags::DIRECTORY).ok()?; // told as too long
        let reached = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()));
        let begins = Some((folder.to_path_buf(), reached.clone(), open));
        Some(Level { entries: list(&reached, 1), begins })
    }

    fn propose(&self, entry: &DirEntry, path: PathBuf) -> Option<Proposal> {
        let candidate = |path: PathBuf| Candidate { path, root: self.root.clone() };
        // A link that the user named is what it leads to.
        let kind = match (entry.depth(), self.levels.len()) {
            (0, 1) => fs::metadata(&path).map_or(entry.file_type(), |facts| facts.file_type()),
            _ => entry.file_type(),
        };
        if kind.is_dir() {
            return Some(Proposal::Folder(candidate(path)));
        }
        if kind.is_file() {
            return Some(Proposal::File(candidate(path)));
        }
        let skip = if kind.is_symlink() {
            self.visited.trouble(&path)?
        } else {
            Skip::NotRegular(name_of(kind))
        };
        let at = Locator::file(path.clone());
        Some(Proposal::Skipped { candidate: candidate(path), at, skip })
    }
}

fn name_of(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "fifo"
    } else if kind.is_socket() {
        "socket"
    } else {
        "device"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_accounted_for_and_never_followed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir(&root).unwrap();
        fs::write(root.join("a.txt"), "x").unwrap();
        fs::write(dir.path().join("outside"), "x").unwrap();
        symlink("a.txt", root.join("inside")).unwrap();
        symlink(".", root.join("folder_loop")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("../outside", root.join("out")).unwrap();
        let all: Vec<Proposal> = walk(&root, &Visited::new(std::slice::from_ref(&root))).collect();
        let files = all.iter().filter(|p| matches!(p, Proposal::File(_))).count();
        let skips = all.iter().filter(|p| matches!(p, Proposal::Skipped { .. })).count();
        assert_eq!((files, skips), (1, 2), "{all:?}");
        let named = root.join("out");
        let all: Vec<Proposal> =
            walk(&named, &Visited::new(std::slice::from_ref(&named))).collect();
        assert!(matches!(all.as_slice(), [Proposal::File(_)]), "a link that was named: {all:?}");
    }

    #[test]
    fn a_missing_root_is_an_error_that_names_it() {
        let e = check_root(Path::new("/nonexistent/share")).unwrap_err();
        assert!(e.to_string().contains("/nonexistent/share"));
    }
}
