//! ar: every member becomes a child. A .deb is one, with its archives of data and control within.

use super::bytes::part;
use super::{Extractor, names};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "ar";
const MAGIC: &[u8] = b"!<arch>\n";
const HEADER: usize = 60;

pub struct Ar;

impl Extractor for Ar {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-archive"
    }

    /// The magic is text: a header has to follow.
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(MAGIC)
            && part(head, MAGIC.len(), HEADER).is_some_and(|h| h.ends_with(b"`\n"))
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let damaged = |detail| Skip::damaged(FORMAT, detail);
        let mut place = MAGIC.len();
        // Names too long for a header, one a line (GNU).
        let mut long_names: &[u8] = &[];
        while place < bytes.len() {
            let header = part(bytes, place, HEADER).filter(|h| h.ends_with(b"`\n"));
            let header = header.ok_or_else(|| damaged("header does not parse"))?;
            let size = text(header.get(48..58)).and_then(|size| size.parse::<usize>().ok());
            let size = size.ok_or_else(|| damaged("header does not parse"))?;
            let rest = bytes.get(place + HEADER..).unwrap_or_default();
            let mut data = rest.get(..size.min(rest.len())).unwrap_or_default();
            let cut = data.len() < size;
            let short = header.get(..16).unwrap_or_default().trim_ascii_end();
            let mut name = short.strip_suffix(b"/").unwrap_or(short);
            match short {
                b"//" => long_names = data,
                // Tables of symbols.
                b"/" | b"/SYM64/" | b"__.SYMDEF" | b"__.SYMDEF SORTED" => {}
                _ => {
                    if let Some(len) = text(short.strip_prefix(b"#1/")) {
                        // BSD: the name stands before the data.
                        let len = len.parse::<usize>().unwrap_or(usize::MAX).min(data.len());
                        let (before, after) = data.split_at(len);
                        name =
                            before.trim_ascii_end().split(|b| *b == 0).next().unwrap_or_default();
                        data = after;
                    } else if let Some(from) = text(short.strip_prefix(b"/")) {
                        let from = from.parse::<usize>().unwrap_or(usize::MAX);
                        let line = long_names.get(from..).unwrap_or_default();
                        let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
                        name = line.strip_suffix(b"/").unwrap_or(line);
                    }
                    budget.member()?;
                    budget.charge(data.len() as u64)?;
                    if !data.is_empty() {
                        let at = at.member(names::decode(name));
                        out.push(Content::Bytes { at, bytes: data.to_vec() });
                    }
                }
            }
            if cut {
                return Err(damaged("file ends within a member"));
            }
            // Members begin at even places; behind the last one the padding may be left out.
            place = (place + HEADER + size).next_multiple_of(2);
        }
        Ok(())
    }
}

fn text(field: Option<&[u8]>) -> Option<&str> {
    std::str::from_utf8(field?).ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, format_of, open};

    #[test]
    fn a_package_gives_its_archives() {
        let (out, end) = open(&Ar, &fixture("archives/staff.deb"));
        assert_eq!(end, Ok(()));
        let names: Vec<String> = children(&out).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names[0], "debian-binary");
        assert!(names[1].starts_with("control.tar.") && names[2].starts_with("data.tar."));
    }

    #[test]
    fn long_names_of_both_kinds_are_read() {
        let header = |name: &str, size: usize| format!("{name:<16}{:<32}{size:<10}`\n", "0");
        let gnu = [
            "!<arch>\n",
            &header("//", 26),
            "a name of many letters.txt",
            &header("/0", 12),
            "900101100004",
        ];
        let bsd = ["!<arch>\n", &header("#1/20", 32), "another long name\0\0\0", "900101100004"];
        for (archive, expected) in
            [(gnu.concat(), "a name of many letters.txt"), (bsd.concat(), "another long name")]
        {
            let (out, end) = open(&Ar, archive.as_bytes());
            assert_eq!(end, Ok(()));
            assert_eq!(children(&out), [(expected.to_owned(), b"900101100004".as_slice())]);
        }
    }

    #[test]
    fn the_magic_alone_is_a_text() {
        assert_eq!(
            format_of(
                "!<arch>\nis what it begins with, and much more text follows here, at length\n"
                    .as_bytes()
            ),
            None
        );
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        let bytes = fixture("archives/staff.deb");
        for at in 0..bytes.len() {
            assert!(at < 9 || open(&Ar, &bytes[..at]).1.is_err() || at % 2 == 0 || at > 60);
            let mut changed = bytes.clone();
            changed[at] ^= 0x1f;
            open(&Ar, &changed).1.ok();
        }
    }
}
