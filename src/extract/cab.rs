//! Microsoft cabinets ([MS-CAB]): every file becomes a child. Stored, MSZIP and LZX.
//!
//! The crate reads one file of a folder from the folder's start, which takes the square of its
//! files. So each folder is put into a cabinet of its own with one file as long as the folder, and
//! the members are cut out of that as it streams.

use std::io::{self, Cursor, Read};

use super::archive::read_to_damage;
use super::bytes::{part, u16_le, u32_le};
use super::{Extractor, names};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "cab";
const HEADER: usize = 36;
const FOLDER: usize = 8;
const FILE: usize = 16;
const FLAG_PREVIOUS: u16 = 1;
const FLAG_NEXT: u16 = 2;
const FLAG_RESERVED: u16 = 4;
/// From here on the index of a folder means one that goes on in another cabinet.
const CONTINUED: u16 = 0xfffd;
/// Attribute: the name is UTF-8.
const NAME_UTF8: u16 = 0x80;

pub struct Cab;

impl Extractor for Cab {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.ms-cab-compressed"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"MSCF\0\0\0\0")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let cabinet = Cabinet::parse(bytes).ok_or_else(|| damaged("header does not parse"))?;
        let (files, damage) = cabinet.files(budget)?;
        for (index, folder) in cabinet.folders.iter().enumerate() {
            let mut members: Vec<&File> =
                files.iter().filter(|file| usize::from(file.folder) == index).collect();
            members.sort_by_key(|file| file.start);
            cabinet.unpack(folder, &members, at, budget, out)?;
        }
        for file in files.iter().filter(|file| file.folder >= CONTINUED) {
            let detail = "file goes over several cabinets";
            let skip = Skip::Unsupported { format: FORMAT, detail: detail.into() };
            out.push(Content::Skipped { at: at.member(&file.name), skip });
        }
        damage.map_or(Ok(()), Err)
    }
}

fn damaged(detail: &'static str) -> Skip {
    Skip::damaged(FORMAT, detail)
}

struct Cabinet<'a> {
    bytes: &'a [u8],
    folders: Vec<Folder>,
    /// Bytes that stand before the data of each block, for programs' own use.
    reserved: usize,
    first_file: usize,
    file_count: u16,
}

struct Folder {
    data: usize,
    blocks: u16,
    /// Method in the low bits, parameters of LZX above.
    method: u16,
}

struct File {
    name: String,
    size: u32,
    /// Within the folder, unpacked.
    start: u32,
    folder: u16,
}

impl<'a> Cabinet<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Cabinet<'a>> {
        let (folder_count, file_count) = (u16_le(bytes, 26)?, u16_le(bytes, 28)?);
        let flags = u16_le(bytes, 30)?;
        let (mut at, mut folder_reserved, mut reserved) = (HEADER, 0, 0);
        if flags & FLAG_RESERVED != 0 {
            at += 4 + usize::from(u16_le(bytes, 36)?);
            folder_reserved = usize::from(*bytes.get(38)?);
            reserved = usize::from(*bytes.get(39)?);
        }
        // The names of the neighbours of a set, and of their disks.
        for flag in [FLAG_PREVIOUS, FLAG_NEXT] {
            for _ in 0..if flags & flag != 0 { 2 } else { 0 } {
                at += 1 + memchr::memchr(0, bytes.get(at..)?)?;
            }
        }
        let mut folders = Vec::new();
        for _ in 0..folder_count {
            folders.push(Folder {
                data: u32_le(bytes, at)? as usize,
                blocks: u16_le(bytes, at + 4)?,
                method: u16_le(bytes, at + 6)?,
            });
            at += FOLDER + folder_reserved;
        }
        let first_file = u32_le(bytes, 16)? as usize;
        Some(Cabinet { bytes, folders, reserved, first_file, file_count })
    }

    /// The list of files, and the damage that ended it.
    fn files(&self, budget: &mut Budget) -> Result<(Vec<File>, Option<Skip>), Skip> {
        let mut files = Vec::new();
        let mut at = self.first_file;
        for _ in 0..self.file_count {
            budget.member()?;
            let Some((file, next)) = self.file(at) else {
                return Ok((files, Some(damaged("list of files breaks off"))));
            };
            files.push(file);
            at = next;
        }
        Ok((files, None))
    }

    fn file(&self, at: usize) -> Option<(File, usize)> {
        let b = self.bytes;
        let start = at.checked_add(FILE)?;
        let raw = b.get(start..)?;
        let raw = raw.get(..memchr::memchr(0, raw.get(..raw.len().min(1024))?)?)?;
        let name = if u16_le(b, at + 14)? & NAME_UTF8 != 0 {
            String::from_utf8_lossy(raw).into_owned()
        } else {
            names::decode(raw)
        };
        let file = File {
            name: name.replace('\\', "/"),
            size: u32_le(b, at)?,
            start: u32_le(b, at + 4)?,
            folder: u16_le(b, at + 8)?,
        };
        Some((file, start + raw.len() + 1))
    }

    /// Cuts the members out of a folder. `Err` only when the budget is at its end.
    fn unpack(
        &self,
        folder: &Folder,
        members: &[&File],
        at: &Locator,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        if members.is_empty() {
            return Ok(());
        }
        if !matches!(folder.method & 15, 0 | 1 | 3) {
            let skip = Skip::Unsupported { format: FORMAT, detail: "Quantum compression".into() };
            let skipped =
                |file: &&File| Content::Skipped { at: at.member(&file.name), skip: skip.clone() };
            out.extend(members.iter().map(skipped));
            return Ok(());
        }
        let (alone, len) = self.alone(folder);
        let mut cabinet = cab::Cabinet::new(Cursor::new(alone)).ok();
        let mut data: Box<dyn Read + '_> = match cabinet.as_mut().map(|c| c.read_file("f")) {
            Some(Ok(file)) => Box::new(file.take(len)),
            _ => Box::new(io::empty()),
        };
        let (mut place, mut broken) = (0u64, false);
        for file in members {
            let at = at.member(&file.name);
            let (start, size) = (u64::from(file.start), u64::from(file.size));
            // Files of a folder lie one behind another. Over one another they are a bomb.
            if broken || start < place {
                let why = if broken { "data break off before" } else { "file lies over another" };
                out.push(Content::Skipped { at, skip: damaged(why) });
                continue;
            }
            let (gap, damage) = skipped(&mut data, start - place, budget)?;
            place += gap;
            if damage || place < start {
                broken = true;
                out.push(Content::Skipped { at, skip: damaged("data break off before") });
                continue;
            }
            let (bytes, damage) = read_to_damage(FORMAT, data.by_ref().take(size), budget)?;
            let got = bytes.len() as u64;
            place += got;
            if !bytes.is_empty() {
                out.push(Content::Bytes { at: at.clone(), bytes });
            }
            match damage {
                Some(over @ Skip::OverBudget(_)) => return Err(over),
                None if got == size => {}
                _ => {
                    broken = true;
                    out.push(Content::Skipped { at, skip: damaged("file is cut short") });
                }
            }
        }
        Ok(())
    }

    /// A cabinet with this folder and one file, and the length of that.
    fn alone(&self, folder: &Folder) -> (Vec<u8>, u64) {
        let (mut blocks, mut count, mut len) = (Vec::new(), 0u16, 0u32);
        let mut at = folder.data;
        for _ in 0..folder.blocks {
            let Some((packed, unpacked)) = u16_le(self.bytes, at.saturating_add(4))
                .zip(u16_le(self.bytes, at.saturating_add(6)))
            else {
                break;
            };
            let data = at + 8 + self.reserved;
            // An unpacked size of zero goes on in the next cabinet.
            let Some(body) = part(self.bytes, data, packed.into()).filter(|_| unpacked > 0) else {
                break;
            };
            // The checksum is over the reserved bytes too, which are left out here.
            let sum = part(self.bytes, at, 4).filter(|_| self.reserved == 0);
            blocks.extend_from_slice(sum.unwrap_or(&[0; 4]));
            blocks.extend_from_slice(&packed.to_le_bytes());
            blocks.extend_from_slice(&unpacked.to_le_bytes());
            blocks.extend_from_slice(body);
            (count, len) = (count + 1, len.saturating_add(unpacked.into()));
            at = data + body.len();
        }
        let name = b"f\0";
        let files = HEADER + FOLDER;
        let start = files + FILE + name.len();
        let mut alone = b"MSCF\0\0\0\0".to_vec();
        let total = u32::try_from(start + blocks.len()).unwrap_or(0);
        for number in [total, 0, files as u32, 0] {
            alone.extend_from_slice(&number.to_le_bytes());
        }
        alone.extend_from_slice(&[3, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        alone.extend_from_slice(&(start as u32).to_le_bytes());
        alone.extend_from_slice(&count.to_le_bytes());
        alone.extend_from_slice(&folder.method.to_le_bytes());
        alone.extend_from_slice(&len.to_le_bytes());
        alone.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0x21, 0x28, 0, 0, 0x20, 0]);
        alone.extend_from_slice(name);
        alone.extend_from_slice(&blocks);
        (alone, len.into())
    }
}

/// Reads over this many bytes: how many there were, and whether they do not decode.
fn skipped(data: &mut impl Read, len: u64, budget: &Budget) -> Result<(u64, bool), Skip> {
    let mut gone = 0;
    while gone < len {
        budget.in_time()?;
        let piece = (len - gone).min(1 << 20);
        match io::copy(&mut data.by_ref().take(piece), &mut io::sink()) {
            Ok(0) => break,
            Ok(n) => gone += n,
            Err(_) => return Ok((gone, true)), // told by the caller as damage
        }
    }
    Ok((gone, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, open, reasons};

    #[test]
    fn files_of_stored_packed_and_lzx_folders_come_out() {
        for name in ["stored.cab", "packed.cab"] {
            let bytes = fixture(&format!("archives/{name}"));
            let (out, end) = open(&Cab, &bytes);
            assert_eq!((end, reasons(&out).len()), (Ok(()), 0), "{name}");
            let found = children(&out);
            assert_eq!(found.len(), 3, "{name}");
            let list = found.iter().find(|(name, _)| name.ends_with("list.csv")).unwrap();
            assert!(list.1.ends_with("Примерова Алия;851231203985\n".as_bytes()), "{name}");
        }
        let lzx =
            b"MSCF\0\0\0\0\x97\0\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0\x03\x01\x01\0\x02\0\0\0\x2d\x05\0\0\
            \x5b\0\0\0\x01\0\x03\x13\x0f\0\0\0\0\0\0\0\0\0\x21\x53\x0d\xb2\x20\0hi.txt\0\x10\0\0\0\
            \x0f\0\0\0\0\0\x21\x53\x0b\xb2\x20\0bye.txt\0\x5c\xef\x2a\xc7\x34\0\x1f\0\x5b\x80\x80\
            \x8d\0\x30\xf0\x01\x10\0\0\0\x01\0\0\0\x01\0\0\0Hello, world!\r\nSee you later!\r\n\0";
        let (out, end) = open(&Cab, lzx);
        assert_eq!(end, Ok(()));
        let expected: [(String, &[u8]); 2] =
            [("hi.txt".into(), b"Hello, world!\r\n"), ("bye.txt".into(), b"See you later!\r\n")];
        assert_eq!(children(&out), expected);
    }

    #[test]
    fn files_that_lie_over_one_another_are_not_unpacked_twice() {
        let mut bytes = fixture("archives/stored.cab");
        let second = memchr::memmem::find_iter(&bytes, b"\0").count();
        assert!(second > 0);
        // The start of every file of the folder becomes the folder's.
        let cabinet = Cabinet::parse(&bytes).unwrap();
        let mut at = cabinet.first_file;
        let mut starts = Vec::new();
        for _ in 0..cabinet.file_count {
            starts.push(at + 4);
            at = cabinet.file(at).unwrap().1;
        }
        for start in starts {
            bytes[start..start + 4].fill(0);
        }
        let (out, end) = open(&Cab, &bytes);
        assert_eq!((end, children(&out).len()), (Ok(()), 1));
        assert_eq!(reasons(&out), ["damaged", "damaged"]);
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        let bytes = fixture("archives/packed.cab");
        for at in 0..bytes.len() {
            open(&Cab, &bytes[..at]).1.ok();
            for bits in [1, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= bits;
                open(&Cab, &changed).1.ok();
            }
        }
    }
}
