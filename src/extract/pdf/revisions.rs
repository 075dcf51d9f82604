//! What earlier versions of a file showed. A PDF that is changed may be added to at its end: the
//! pages that were taken out or blackened are still there, before an earlier `%%EOF`.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Versions that are looked at, the newest first: signing adds one or two.
pub(super) const MAX_REVISIONS: usize = 4;
/// Pages of all earlier versions together.
pub(super) const MAX_PAGES: usize = 200;
const END: &[u8] = b"%%EOF";
/// Where a file says that its first part stands alone for fast display.
const HEAD: usize = 1024;

/// Where earlier versions of the file end, the newest first.
pub(super) fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends: Vec<usize> =
        memchr::memmem::find_iter(bytes, END).map(|at| at + END.len()).collect();
    // The last one is the file itself, unless something was added that is no version.
    let trailing = ends.last().and_then(|end| bytes.get(*end..)).unwrap_or_default();
    if memchr::memmem::find(trailing, b"startxref").is_none() {
        ends.pop();
    }
    let head = bytes.get(..bytes.len().min(HEAD)).unwrap_or_default();
    if memchr::memmem::find(head, b"/Linearized").is_some() && !ends.is_empty() {
        ends.remove(0);
    }
    ends.reverse();
    ends.truncate(MAX_REVISIONS);
    ends
}

/// A text, to be known again.
pub(super) fn print_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_end_where_they_say() {
        let once = b"%PDF-1.7\n...startxref\n1\n%%EOF\n";
        assert_eq!(ends(once), [0usize; 0]);
        let twice = [once.as_slice(), b"2 0 obj\nstartxref\n9\n%%EOF"].concat();
        assert_eq!(ends(&twice), [once.len() - 1]);
        let fast = [b"%PDF-1.7\n1 0 obj<</Linearized 1>>".as_slice(), &twice].concat();
        assert_eq!(ends(&fast), [0usize; 0]);
        let many = [twice.as_slice(), &b"startxref\n%%EOF\n".repeat(9)].concat();
        assert_eq!(ends(&many).len(), MAX_REVISIONS);
    }
}
