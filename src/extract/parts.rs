//! Archives in several files. A part but the first has no beginning that tells what it is, so its
//! name does: what would be silent is told. Parts are not joined; the one that can be read in part is.

use crate::error::Skip;

/// What archives are called whose parts are numbered behind the name (`.7z.002`).
const NUMBERED: &[(&str, &str)] = &[
    (".7z", "7z"),
    (".zip", "zip"),
    (".rar", "rar"),
    (".tar", "tar"),
    (".tgz", "gzip"),
    (".gz", "gzip"),
    (".xz", "xz"),
    (".bz2", "bzip2"),
    (".zst", "zstd"),
];
const LATER: &str = "a later part of an archive of several; join them";
const FIRST: &str = "the first part of an archive of several; join them";

/// Where a content that no format knows is by its name a later part of an archive.
pub fn later_part(name: &str) -> Option<Skip> {
    let (format, number) = part_of(name)?;
    (number > 1).then(|| unsupported(format, LATER))
}

/// Where this is by its name the first part of an archive: why it does not open whole.
pub(super) fn first_part(name: &str) -> Option<Skip> {
    let (format, number) = part_of(name)?;
    (number == 1).then(|| unsupported(format, FIRST))
}

fn unsupported(format: &'static str, detail: &'static str) -> Skip {
    Skip::Unsupported { format, detail: detail.into() }
}

/// The format and the number of a part, counted from 1, by its name.
fn part_of(name: &str) -> Option<(&'static str, u32)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    let digits = |text: &str| {
        let plain = (2..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    if let Some(number) = digits(&ending).filter(|_| ending.len() > 2) {
        let stem = stem.to_ascii_lowercase();
        let (_, format) = NUMBERED.iter().find(|(suffix, _)| stem.ends_with(suffix))?;
        return Some((format, number));
    }
    if let Some(number) = ending.strip_prefix('z').filter(|n| n.len() == 2).and_then(digits) {
        return Some(("zip", number));
    }
    // Old names of rar: the first file is `.rar`, the second `.r00`.
    ending.strip_prefix('r').filter(|n| n.len() == 2).and_then(digits).map(|n| ("rar", n + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_by_their_names() {
        for (name, format) in [
            ("сканы.7z.002", "7z"),
            ("a.ZIP.017", "zip"),
            ("backup.tar.0003", "tar"),
            ("backup.tar.gz.002", "gzip"),
            ("a.z02", "zip"),
            ("a.r00", "rar"),
            ("a.r12", "rar"),
        ] {
            assert_eq!(later_part(name), Some(unsupported(format, LATER)), "{name}");
            assert_eq!(first_part(name), None, "{name}");
        }
        for (name, format) in [("a.7z.001", "7z"), ("a.zip.001", "zip"), ("a.z01", "zip")] {
            assert_eq!(first_part(name), Some(unsupported(format, FIRST)), "{name}");
            assert_eq!(later_part(name), None, "{name}");
        }
    }

    #[test]
    fn other_numbers_behind_a_name_are_none() {
        for name in ["app.log.002", "a.7z", "report.2024", "a.zip.2", "z02", "x.z", "a.rar", "b.r1"]
        {
            assert_eq!((later_part(name), first_part(name)), (None, None), "{name}");
        }
    }
}
