//! Growing texts: whether one is what it was as far as it was read, where the next reading begins,
//! and under which names a rotated one may come back.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::engine::{Looked, Resume};
use crate::state::{Content, Keys, SEAM_BYTES};

/// First bytes that a text is known by.
const HEAD_BYTES: usize = 1024;
/// Lines at the end that are read again: a machine readable zone has three.
const LINES_AGAIN: usize = 3;
/// So far back such lines are looked for.
const TAIL_BYTES: u64 = 8 << 10;
/// Texts without a hit are read whole again up to this: that costs less than to keep a row.
pub const SMALL: u64 = 256 << 10;
/// Up to this all that was read is read again to see that it is as it was: some milliseconds. Larger
/// texts are known by their beginning and the end of what was read.
const MOST_BODY: u64 = 16 << 20;
/// Hits of one text that are kept.
const MAX_MARKS: usize = 10_000;

/// Where to read on, if the file is what was read before, and maybe more.
pub fn resume(
    file: &mut File,
    size: u64,
    known: &Content,
    keys: &Keys,
) -> io::Result<Option<Resume>> {
    if size < known.read_to || known.read_to == 0 {
        return Ok(None);
    }
    let head = read_at(file, 0, known.head_len as usize)?;
    let seam_at = known.read_to.saturating_sub(SEAM_BYTES as u64);
    let seam = read_at(file, seam_at, (known.read_to - seam_at) as usize)?;
    let mut same = keys.bytes(&head) == known.head && keys.bytes(&seam) == known.seam;
    if let (true, Some(body)) = (same, known.body) {
        // A row that was edited in the middle is no growth.
        same = body_of(file, known.read_to, keys)? == body;
    }
    Ok(same.then_some(Resume { from: known.read_to, lines: known.lines }))
}

/// What is known of a text after a look: `before` is what was known of the part before `from`.
pub fn content(
    file: &mut File,
    ino: u64,
    looked: &Looked,
    before: Option<(&Content, Resume)>,
    keys: &Keys,
) -> io::Result<Option<Content>> {
    let Some(lines) = looked.lines else { return Ok(None) };
    let end = looked.end;
    let from = before.map_or(0, |(_, resume)| resume.from);
    let start = end.saturating_sub(TAIL_BYTES).max(from.min(end));
    let tail = read_at(file, start, (end - start) as usize)?;
    // A number or zone that is not whole yet is read again with what comes; one that was told is not.
    let again = match looked.hits.more {
        true => memchr::memrchr(b'\n', &tail).map_or(0, |i| i + 1),
        false => last_lines(&tail),
    };
    let told = looked.hits.all.iter().map(|(offset, _)| offset + 1).max().unwrap_or(0);
    let read_to = (start + again as u64).max(told).max(from).min(end);
    let rest = tail.get((read_to - start.min(read_to)) as usize..).unwrap_or_default();
    let newlines = memchr::memchr_iter(b'\n', rest).count() as u64;
    let head_len = HEAD_BYTES.min(usize::try_from(read_to).unwrap_or(HEAD_BYTES));
    let seam_at = read_to.saturating_sub(SEAM_BYTES as u64);
    let known = before.map(|(content, _)| content);
    let marks =
        match (known.map_or(Some(Default::default()), |k| k.marks.clone()), looked.hits.more) {
            (Some(mut marks), false) => {
                marks.extend(looked.hits.all.iter().map(|(_, mark)| *mark));
                (marks.len() <= MAX_MARKS).then_some(marks)
            }
            _ => None,
        };
    Ok(Some(Content {
        ino,
        head: keys.bytes(&read_at(file, 0, head_len)?),
        head_len: head_len as u32,
        read_to,
        size: end,
        body: match read_to <= MOST_BODY {
            true => Some(body_of(file, read_to, keys)?),
            false => None,
        },
        seam: keys.bytes(&read_at(file, seam_at, (read_to - seam_at) as usize)?),
        lines: lines.saturating_sub(newlines),
        hits: known.map_or(0, |k| k.hits) + looked.hits.all.len() as u64,
        marks,
    }))
}

fn body_of(file: &mut File, to: u64, keys: &Keys) -> io::Result<u64> {
    file.rewind()?;
    keys.stream(file.take(to))
}

/// Where the last lines begin, the unfinished one included.
fn last_lines(tail: &[u8]) -> usize {
    let newlines = memchr::memrchr_iter(b'\n', tail);
    newlines.take(LINES_AGAIN + 1).last().map_or(0, |i| i + 1)
}

fn read_at(file: &mut File, at: u64, n: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(n);
    file.take(n as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

const PACKED: &[&str] = &[".gz", ".xz", ".bz2", ".zst", ".lz4", ".lzma", ".Z"];

/// Names that a log may have had before it was rotated to this one: `a.log` for `a.log.1`,
/// `a.log.2.gz`, `a.log-20261122`, `a-20261122.log`. Empty for a name that no rotation gives.
pub fn stems(name: &OsStr) -> Vec<OsString> {
    let name = name.as_bytes();
    let packed = PACKED.iter().find_map(|end| name.strip_suffix(end.as_bytes()));
    let plain = packed.unwrap_or(name);
    let mut stems = Vec::new();
    if let Some(stem) = without_number(plain) {
        stems.push(stem.to_vec());
    }
    // `a-20261122.log`, `a.1.log`
    if let Some(dot) = memchr::memrchr(b'.', plain)
        && let (Some(first), Some(end)) = (plain.get(..dot), plain.get(dot..))
        && let Some(stem) = without_number(first)
    {
        stems.push([stem, end].concat());
    }
    if packed.is_some() {
        stems.push(plain.to_vec());
    }
    stems.into_iter().map(OsString::from_vec).collect()
}

/// Without a number or date at the end, with what parts it from the name.
fn without_number(name: &[u8]) -> Option<&[u8]> {
    if let Some(stem) = name.strip_suffix(b".old").or(name.strip_suffix(b".bak")) {
        return Some(stem).filter(|stem| !stem.is_empty());
    }
    let is_part = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.' | b'T' | b':');
    let digits = name.iter().rev().take_while(|b| is_part(b)).count();
    let (stem, number) = name.split_at_checked(name.len() - digits)?;
    let has_digits = number.iter().any(u8::is_ascii_digit);
    let parted = number.first().is_some_and(|b| !b.is_ascii_digit());
    (has_digits && parted && !stem.is_empty()).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rotated_logs() {
        let of = |name: &str| -> Vec<String> {
            stems(OsStr::new(name)).into_iter().map(|s| s.into_string().unwrap()).collect()
        };
        for (name, stem) in [
            ("a.log.1", "a.log"),
            ("a.log.12.gz", "a.log"),
            ("a.log-20261122", "a.log"),
            ("a.log-20261122.xz", "a.log"),
            ("a.log.2026-11-22_15", "a.log"),
            ("a-20261122.log", "a.log"),
            ("a.1.log", "a.log"),
            ("syslog.1", "syslog"),
            ("a.log.old", "a.log"),
            ("a.log.gz", "a.log"),
        ] {
            assert!(of(name).contains(&stem.to_owned()), "{name}: {:?}", of(name));
        }
        for name in ["a.log", "people.csv", "900101100004", ".1", "x"] {
            assert!(of(name).is_empty(), "{name}: {:?}", of(name));
        }
    }

    #[test]
    fn the_last_lines_are_read_again() {
        assert_eq!(last_lines(b"a\nb\nc\nd\ne\n"), 4);
        assert_eq!(last_lines(b"a\nb\nc\nd\ne"), 2);
        assert_eq!(last_lines(b"abc"), 0);
    }
}
