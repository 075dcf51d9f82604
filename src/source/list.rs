//! A list of paths from a file or standard input: one a line, or parted by NUL (`find -print0`).

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Reads the whole list. A list with a NUL in it is parted by NUL, so that names may hold newlines.
/// Empty entries are left out.
pub fn read_list(mut from: impl Read) -> io::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    let separator = if bytes.contains(&0) { 0 } else { b'\n' };
    let trim = |line: &[u8]| match separator {
        0 => line.to_vec(),
        _ => line.strip_suffix(b"\r").unwrap_or(line).to_vec(),
    };
    let paths = bytes.split(|&b| b == separator).map(trim).filter(|p| !p.is_empty());
    Ok(paths.map(|p| PathBuf::from(OsString::from_vec(p))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_or_nul() {
        let of = |s: &[u8]| read_list(s).unwrap();
        assert_eq!(of(b"a\nb c\r\n\n"), [PathBuf::from("a"), PathBuf::from("b c")]);
        assert_eq!(of(b"a\nb\0c\0"), [PathBuf::from("a\nb"), PathBuf::from("c")]);
    }
}
