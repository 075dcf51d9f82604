//! zip: every member becomes a child. Office documents are zips too and are asked before.

use super::{Extractor, archive::Archive, parts};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

pub struct Zip;

impl Extractor for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn media_type(&self) -> &'static str {
        "application/zip"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        // Local header, empty archive, first volume of a split one.
        [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| head.starts_with(*magic))
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let part = parts::first_part(&at.name());
        let archive = Archive::open("zip", bytes, budget)
            .map_err(|skip| if cut(&skip) { part.clone().unwrap_or(skip) } else { skip })?;
        for member in &archive.members {
            if !member.is_folder() {
                unpack(&archive, member, at, budget, out)?;
            }
        }
        let damage = archive.damage;
        damage.map_or(Ok(()), |skip| Err(part.filter(|_| cut(&skip)).unwrap_or(skip)))
    }
}

/// Whether this may be because the rest is in another file.
fn cut(skip: &Skip) -> bool {
    matches!(skip, Skip::Damaged { .. })
}

/// One member as a child, or why not. `Err` only when the budget is at its end.
pub(super) fn unpack(
    archive: &Archive,
    member: &super::archive::Member,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let at = at.member(&member.name);
    match archive.read(member, budget) {
        Ok(unpacked) => {
            if !unpacked.bytes.is_empty() {
                out.push(Content::Bytes { at: at.clone(), bytes: unpacked.bytes });
            }
            match unpacked.damage {
                Some(over @ Skip::OverBudget(_)) => return Err(over),
                Some(skip) => out.push(Content::Skipped { at, skip }),
                None => {}
            }
        }
        Err(over @ Skip::OverBudget(_)) => return Err(over),
        Err(skip) => out.push(Content::Skipped { at, skip }),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use ::zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;
    use crate::extract::samples;
    use crate::limits::Limits;

    fn zipped(method: ::zip::CompressionMethod) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(method);
        writer.add_directory("папка/", options).unwrap();
        writer.start_file("папка/жеке куәлік.txt", options).unwrap();
        writer.write_all("ЖСН 900101100004".as_bytes()).unwrap();
        writer.start_file("b.csv", options).unwrap();
        writer.write_all(&b"id;900101100014\n".repeat(500)).unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn names_and_sizes(out: &[Content]) -> Vec<(String, usize)> {
        out.iter()
            .filter_map(|content| match content {
                Content::Bytes { at, bytes } => Some((at.name(), bytes.len())),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn members_of_every_method_come_out_with_their_names() {
        use ::zip::CompressionMethod as Method;
        for method in [Method::Stored, Method::Deflated, Method::Bzip2] {
            let (out, end) = samples::open(&Zip, &zipped(method));
            assert_eq!(end, Ok(()), "{method}");
            let expected = [("папка/жеке куәлік.txt".to_owned(), 19), ("b.csv".to_owned(), 8000)];
            assert_eq!(names_and_sizes(&out), expected, "{method}");
        }
    }

    #[test]
    fn a_cut_archive_gives_the_members_that_are_whole() {
        let bytes = zipped(::zip::CompressionMethod::Deflated);
        let end = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
        let (out, result) = samples::open(&Zip, &bytes[..end + 10]);
        assert!(matches!(result, Err(Skip::Damaged { .. })));
        assert_eq!(names_and_sizes(&out).len(), 2);
    }

    #[test]
    fn a_locked_member_is_a_skip_and_its_siblings_are_read() {
        let mut bytes = zipped(::zip::CompressionMethod::Stored);
        // The encryption bit of the last entry, in the directory.
        let entry = memchr::memmem::rfind(&bytes, b"PK\x01\x02").unwrap();
        bytes[entry + 8] |= 1;
        let (out, end) = samples::open(&Zip, &bytes);
        assert_eq!(end, Ok(()));
        assert_eq!(names_and_sizes(&out).len(), 1);
        let locked = Skip::Encrypted { format: "zip" };
        assert!(out.iter().any(|c| matches!(c, Content::Skipped { skip, .. } if *skip == locked)));
    }

    #[test]
    fn locked_members_open_with_a_password_of_the_list() {
        for (name, members) in
            [("locked-aes.zip", 3), ("locked-zipcrypto.zip", 3), ("locked-infozip.zip", 1)]
        {
            let bytes = samples::fixture(&format!("archives/{name}"));
            let (out, end) = samples::open_with(&Zip, &bytes, "wrong\nabc\n");
            assert_eq!((end, samples::reasons(&out).len()), (Ok(()), 0), "{name}");
            assert_eq!(names_and_sizes(&out).len(), members, "{name}");
            let staff = samples::children(&out).into_iter().find(|c| c.0 == "Кадры.txt").unwrap();
            assert_eq!(staff.1, "Сотрудник, ИИН 900101100014\n".as_bytes(), "{name}");
            let many: String = (0..600).map(|i| format!("{i}\n")).collect();
            let (out, end) = samples::open_with(&Zip, &bytes, &many);
            let reasons = vec!["encrypted"; members];
            assert_eq!((end, samples::reasons(&out)), (Ok(()), reasons), "{name}");
        }
    }

    #[test]
    fn rare_methods_of_other_packers_are_read() {
        for name in ["deflate64.zip", "bzip2.zip", "lzma.zip", "xz.zip"] {
            let (out, end) = samples::open(&Zip, &samples::fixture(&format!("archives/{name}")));
            assert_eq!((end, samples::reasons(&out).len()), (Ok(()), 0), "{name}");
            let list = samples::children(&out)[0].1;
            assert!(list.ends_with("Примерова Алия;851231203985\n".as_bytes()), "{name}");
        }
        let (out, _) = samples::open(&Zip, &samples::fixture("archives/ppmd.zip"));
        assert_eq!(samples::reasons(&out), ["unsupported"]);
    }

    #[test]
    fn a_file_cut_into_numbered_parts_is_told_by_its_name() {
        let bytes = zipped(::zip::CompressionMethod::Stored);
        let cut = bytes.len() / 2;
        let mut out = Vec::new();
        let mut budget = Budget::new(&Limits::default(), cut as u64);
        let at = Locator::file("a.zip.001");
        let end = Zip.open(&at, &bytes[..cut], &mut budget, &mut out);
        assert_eq!(end, Err(parts::first_part("a.zip.001").unwrap()));
        assert_eq!(names_and_sizes(&out)[0].0, "папка/жеке куәлік.txt");
    }

    #[test]
    fn one_part_of_several_is_told() {
        let (out, end) = samples::open(&Zip, &samples::fixture("archives/one-part.zip"));
        assert!(matches!(end, Err(Skip::Unsupported { format: "zip", .. })), "{end:?}");
        assert_eq!(names_and_sizes(&out).len(), 1, "what is whole in this part");
    }

    #[test]
    fn members_that_lie_over_one_another_are_told() {
        let mut bytes = zipped(::zip::CompressionMethod::Stored);
        // The second file is said to begin within the first.
        let entries: Vec<usize> = memchr::memmem::find_iter(&bytes, b"PK\x01\x02").collect();
        let place =
            |entry: usize| u32::from_le_bytes(bytes[entry + 42..entry + 46].try_into().unwrap());
        let within = place(entries[1]) + 10;
        let last = entries[2];
        bytes[last + 42..last + 46].copy_from_slice(&within.to_le_bytes());
        let (out, _) = samples::open(&Zip, &bytes);
        assert_eq!(samples::reasons(&out), ["damaged", "damaged"]);
    }

    #[test]
    fn locked_files_cut_or_changed_at_any_place_do_not_panic() {
        for name in ["locked-aes.zip", "locked-zipcrypto.zip", "xz.zip"] {
            let bytes = samples::fixture(&format!("archives/{name}"));
            // Deriving the key of AES is slow on purpose.
            let step = if name == "locked-aes.zip" { 37 } else { 1 };
            for at in (0..bytes.len()).step_by(step) {
                samples::open_with(&Zip, &bytes[..at], "abc\n").1.ok();
                let mut changed = bytes.clone();
                changed[at] ^= 0x11;
                samples::open_with(&Zip, &changed, "abc\n").1.ok();
            }
        }
    }

    #[test]
    fn a_changed_byte_is_a_damage_beside_what_was_read() {
        let mut bytes = zipped(::zip::CompressionMethod::Stored);
        let at = memchr::memmem::find(&bytes, b"id;900101").unwrap();
        bytes[at] ^= 1;
        let (out, _) = samples::open(&Zip, &bytes);
        assert_eq!(names_and_sizes(&out).len(), 2);
        assert!(matches!(out[2], Content::Skipped { skip: Skip::Damaged { .. }, .. }));
    }

    #[test]
    fn two_entries_of_one_name_both_come_out() {
        let mut bytes = zipped(::zip::CompressionMethod::Stored);
        // The directory's last entry, written twice.
        let entry = memchr::memmem::rfind(&bytes, b"PK\x01\x02").unwrap();
        let end = memchr::memmem::rfind(&bytes, b"PK\x05\x06").unwrap();
        let twin = bytes[entry..end].to_vec();
        let size = u32::from_le_bytes(bytes[end + 12..end + 16].try_into().unwrap());
        let size = (size + twin.len() as u32).to_le_bytes();
        bytes[end + 12..end + 16].copy_from_slice(&size);
        bytes.splice(end..end, twin);
        let (out, end) = samples::open(&Zip, &bytes);
        assert_eq!(end, Ok(()));
        assert_eq!(names_and_sizes(&out).len(), 3);
    }

    #[test]
    fn the_members_of_one_file_are_counted() {
        let limits = Limits { max_members: 1, ..Limits::default() };
        let bytes = zipped(::zip::CompressionMethod::Stored);
        let (_, end) = samples::open_within(&Zip, &bytes, &limits);
        assert!(matches!(end, Err(Skip::OverBudget(_))));
    }
}
