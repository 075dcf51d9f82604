//! tar (v7, ustar, pax, GNU): every regular file becomes a child. Links and devices hold no data.

use std::io::Read;

use super::{Extractor, archive::read_to_damage, names};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const BLOCK: usize = 512;

pub struct Tar;

impl Extractor for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn media_type(&self) -> &'static str {
        "application/x-tar"
    }

    /// The checksum of the header decides: v7 has no magic.
    fn sniff(&self, head: &[u8]) -> bool {
        head.get(..BLOCK).is_some_and(|header| {
            header.first().is_some_and(|&b| b != 0) && checksum_agrees(header)
        })
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let damaged = |detail| Skip::damaged("tar", detail);
        let mut archive = ::tar::Archive::new(bytes);
        // Two archives glued together (`cat a.tar b.tar`) are read through.
        archive.set_ignore_zeros(true);
        let entries = archive.entries().map_err(|_| damaged("no entries"))?;
        for entry in entries {
            let mut entry = entry.map_err(|_| damaged("header does not parse"))?;
            let kind = entry.header().entry_type();
            let data = kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse();
            // v7 marks a folder by the slash behind its name only.
            if !data || entry.path_bytes().ends_with(b"/") {
                continue;
            }
            budget.member()?;
            let declared = entry.size();
            let at = at.member(names::decode(&entry.path_bytes()));
            let (bytes, damage) = read_to_damage("tar", entry.by_ref(), budget)?;
            let short = (bytes.len() as u64) < declared;
            if !bytes.is_empty() {
                out.push(Content::Bytes { at: at.clone(), bytes });
            }
            match damage {
                Some(over @ Skip::OverBudget(_)) => return Err(over),
                None if !short => {}
                _ => return Err(damaged("file ends within a member")),
            }
        }
        Ok(())
    }
}

/// The header's bytes added up, its checksum field taken as spaces; some old tars added them as
/// signed.
fn checksum_agrees(header: &[u8]) -> bool {
    let field = header.get(148..156).unwrap_or_default();
    let octal: String = field
        .iter()
        .map(|&b| b as char)
        .skip_while(|c| *c == ' ')
        .take_while(|c| c.is_digit(8))
        .collect();
    let Ok(stored) = i64::from_str_radix(&octal, 8) else { return false };
    let sum = |value: fn(u8) -> i64| -> i64 {
        header
            .iter()
            .enumerate()
            .map(|(i, &b)| if (148..156).contains(&i) { 32 } else { value(b) })
            .sum()
    };
    stored == sum(i64::from) || stored == sum(|b| i64::from(b as i8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples;

    pub(crate) fn packed(name: &str, data: &[u8]) -> Vec<u8> {
        let mut builder = ::tar::Builder::new(Vec::new());
        let mut header = ::tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, data).unwrap();
        let mut link = ::tar::Header::new_gnu();
        link.set_entry_type(::tar::EntryType::Symlink);
        link.set_size(0);
        builder.append_link(&mut link, "link", "target").unwrap();
        builder.into_inner().unwrap()
    }

    #[test]
    fn long_names_and_contents_come_out() {
        let name = format!("{}/ЖСН.txt", "папка".repeat(30));
        let bytes = packed(&name, "900101100004".as_bytes());
        assert!(Tar.sniff(&bytes));
        let (out, end) = samples::open(&Tar, &bytes);
        assert_eq!(end, Ok(()));
        let [Content::Bytes { at, bytes }] = out.as_slice() else { panic!("one child") };
        assert_eq!(at.name(), name);
        assert_eq!(bytes, b"900101100004");
    }

    #[test]
    fn a_v7_header_is_known_by_its_checksum() {
        let mut header = ::tar::Header::new_old();
        header.set_path("old.txt").unwrap();
        header.set_size(12);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(b"900101100004");
        bytes.resize(2048, 0);
        assert!(Tar.sniff(&bytes));
        assert_eq!(samples::open(&Tar, &bytes).0.len(), 1);
        bytes[0] ^= 0x20;
        assert!(!Tar.sniff(&bytes));
        assert!(!Tar.sniff(&[b' '; 1024]));
    }

    #[test]
    fn a_cut_member_is_kept_and_told() {
        let bytes = packed("a.txt", &[b'x'; 3000]);
        let (out, end) = samples::open(&Tar, &bytes[..1500]);
        assert!(matches!(end, Err(Skip::Damaged { format: "tar", .. })));
        assert!(matches!(&out[0], Content::Bytes { bytes, .. } if bytes.len() == 988));
    }
}
