//! Images of CDs and DVDs (ISO 9660, ECMA-119): every file becomes a child, named by Rock Ridge or
//! Joliet where there is one. Discs with UDF alone go on to `udf`.

use super::bytes::{part, u32_le};
use super::{Extractor, names, udf};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "iso9660";
const SECTOR: usize = 2048;
/// The first volume descriptor stands here.
const DESCRIPTORS: usize = 16;
/// More volume descriptors than any disc has.
const MAX_DESCRIPTORS: usize = 64;
/// The standard allows eight levels, Joliet and Rock Ridge take no notice.
const MAX_LEVELS: usize = 64;
const FLAG_FOLDER: u8 = 2;
/// The file goes on in the next record.
const FLAG_MORE: u8 = 0x80;

pub struct Iso9660;

impl Extractor for Iso9660 {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-iso9660-image"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        let magic = head.get(DESCRIPTORS * SECTOR + 1..DESCRIPTORS * SECTOR + 6);
        magic.is_some_and(|magic| magic == b"CD001" || magic == b"BEA01")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let Some(volume) = Volume::find(bytes) else {
            return udf::open(at, bytes, budget, out);
        };
        let mut walk = Walk { volume, bytes, at, folders: Vec::new(), damage: None };
        walk.folder(walk.volume.root, "", 0, budget, out)?;
        walk.damage.map_or(Ok(()), Err)
    }
}

fn damaged(detail: &'static str) -> Skip {
    Skip::damaged(FORMAT, detail)
}

/// The tree that is walked, and how its names are written.
#[derive(Clone, Copy)]
struct Volume {
    root: Extent,
    names: Names,
}

#[derive(Clone, Copy, PartialEq)]
enum Names {
    Plain,
    RockRidge,
    Joliet,
}

#[derive(Clone, Copy, PartialEq)]
struct Extent {
    start: usize,
    len: usize,
}

impl Volume {
    /// Rock Ridge if the disc has it, else Joliet, else the plain names.
    fn find(bytes: &[u8]) -> Option<Volume> {
        let (mut plain, mut joliet) = (None, None);
        for sector in DESCRIPTORS..DESCRIPTORS + MAX_DESCRIPTORS {
            let descriptor = part(bytes, sector * SECTOR, SECTOR)?;
            if descriptor.get(1..6) != Some(b"CD001") {
                break;
            }
            let root = Record::parse(descriptor.get(156..190)?).map(|record| record.extent);
            match descriptor.first() {
                Some(1) if plain.is_none() => plain = root,
                // UCS-2 of level 1, 2 or 3.
                Some(2) if matches!(descriptor.get(88..91), Some(b"%/@" | b"%/C" | b"%/E")) => {
                    joliet = root;
                }
                Some(255) => break,
                _ => {}
            }
        }
        let plain = plain?;
        // The first record of a Rock Ridge root says so: SP, length 7, version 1, check bytes.
        let first = bytes.get(plain.start..).and_then(Record::parse);
        let marked = first.is_some_and(|first| {
            memchr::memmem::find(first.system, b"SP\x07\x01\xbe\xef").is_some()
        });
        Some(match (marked, joliet) {
            (true, _) => Volume { root: plain, names: Names::RockRidge },
            (false, Some(root)) => Volume { root, names: Names::Joliet },
            (false, None) => Volume { root: plain, names: Names::Plain },
        })
    }
}

/// One record of a folder.
struct Record<'a> {
    len: usize,
    extent: Extent,
    flags: u8,
    name: &'a [u8],
    system: &'a [u8],
}

impl<'a> Record<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Record<'a>> {
        let len = usize::from(*bytes.first()?);
        let record = bytes.get(..len).filter(|_| len >= 34)?;
        let name = part(record, 33, usize::from(*record.get(32)?))?;
        let start = (u32_le(record, 2)? as usize).checked_mul(SECTOR)?;
        let attributes = usize::from(*record.get(1)?) * SECTOR;
        let extent =
            Extent { start: start.checked_add(attributes)?, len: u32_le(record, 10)? as usize };
        let system = record.get((33 + name.len()).next_multiple_of(2)..).unwrap_or_default();
        Some(Record { len, extent, flags: *record.get(25)?, name, system })
    }

    fn name(&self, kind: Names) -> String {
        let alternate = if kind == Names::RockRidge { self.rock_ridge() } else { None };
        let name = match alternate {
            Some(name) => names::decode(&name),
            None if kind == Names::Joliet => {
                encoding_rs::UTF_16BE.decode_without_bom_handling(self.name).0.into_owned()
            }
            None => names::decode(self.name),
        };
        // The version behind the name.
        let name = name.strip_suffix(";1").unwrap_or(&name);
        name.strip_suffix('.').unwrap_or(name).to_owned()
    }

    /// The parts of the name in the entries NM, without one that goes on in another sector.
    fn rock_ridge(&self) -> Option<Vec<u8>> {
        let mut name = None::<Vec<u8>>;
        let mut rest = self.system;
        while let Some([a, b, len, _]) = rest.first_chunk() {
            let entry = rest.get(..usize::from(*len)).filter(|entry| entry.len() >= 4)?;
            if [*a, *b] == *b"NM" {
                name.get_or_insert_default().extend_from_slice(entry.get(5..).unwrap_or_default());
            }
            rest = rest.get(entry.len()..)?;
        }
        name
    }
}

struct Walk<'a> {
    volume: Volume,
    bytes: &'a [u8],
    at: &'a Locator,
    /// Those above the one that is walked, and all that were walked: a disc may tie knots.
    folders: Vec<usize>,
    damage: Option<Skip>,
}

impl Walk<'_> {
    /// `Err` only when the budget is at its end.
    fn folder(
        &mut self,
        extent: Extent,
        path: &str,
        level: usize,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        if level > MAX_LEVELS || self.folders.contains(&extent.start) {
            self.damage = Some(damaged("folders lie within themselves"));
            return Ok(());
        }
        self.folders.push(extent.start);
        let Some(list) = part(self.bytes, extent.start, extent.len) else {
            self.damage = Some(damaged("folder lies outside of the file"));
            return Ok(());
        };
        let mut place = 0;
        // Of a file in several records.
        let mut before: Vec<u8> = Vec::new();
        while place < list.len() {
            // No record crosses the end of a sector; zeros fill it.
            if list.get(place) == Some(&0) {
                place = (place + 1).next_multiple_of(SECTOR);
                continue;
            }
            let Some(record) = list.get(place..).and_then(Record::parse) else {
                self.damage = Some(damaged("folder does not parse"));
                return Ok(());
            };
            place += record.len;
            if matches!(record.name, [0] | [1]) {
                continue; // this folder and the one above
            }
            budget.member()?;
            let path = format!("{path}{}", record.name(self.volume.names));
            if record.flags & FLAG_FOLDER != 0 {
                self.folder(record.extent, &format!("{path}/"), level + 1, budget, out)?;
                continue;
            }
            let rest = self.bytes.get(record.extent.start..).unwrap_or_default();
            let data = rest.get(..record.extent.len.min(rest.len())).unwrap_or_default();
            budget.charge(data.len() as u64)?;
            before.extend_from_slice(data);
            if record.flags & FLAG_MORE != 0 {
                continue;
            }
            let at = self.at.member(&path);
            let data = std::mem::take(&mut before);
            if !data.is_empty() {
                out.push(Content::Bytes { at: at.clone(), bytes: data });
            }
            if rest.len() < record.extent.len {
                out.push(Content::Skipped { at, skip: damaged("file lies outside of the image") });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, format_of, open, unpacked};

    /// Images are mostly zeros: the fixtures are packed.
    fn image(name: &str) -> Vec<u8> {
        unpacked(&format!("archives/{name}.xz"))
    }

    #[test]
    fn files_come_out_with_the_best_names_there_are() {
        for (name, list) in [
            ("rock-ridge.iso", "Сканы/жеке куәлік.txt"),
            ("joliet.iso", "Сканы/жеке куәлік.txt"),
            ("udf.iso", "Сканы/жеке куәлік.txt"),
        ] {
            let bytes = image(name);
            assert_eq!(format_of(&bytes), Some("iso9660"), "{name}");
            let (out, end) = open(&Iso9660, &bytes);
            assert_eq!(end, Ok(()), "{name}");
            let found = children(&out);
            assert_eq!(found.len(), 3, "{name}: {found:?}");
            let member = found.iter().find(|(name, _)| name == list);
            assert_eq!(
                member.map(|m| m.1),
                Some("ЖСН 900101100500\n".as_bytes()),
                "{name}: {found:?}"
            );
        }
        let (out, _) = open(&Iso9660, &image("plain.iso"));
        let names: Vec<String> = children(&out).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["SCANS/LIST.CSV"]);
    }

    #[test]
    fn a_folder_within_itself_ends() {
        let mut bytes = image("rock-ridge.iso");
        let volume = Volume::find(&bytes).unwrap();
        let list = part(&bytes, volume.root.start, volume.root.len).unwrap();
        // The third record, behind `.` and `..`; whichever is the folder gets the root's place.
        let mut place = 0;
        while let Some(record) = list.get(place..).and_then(Record::parse) {
            if record.flags & FLAG_FOLDER != 0 && !matches!(record.name, [0] | [1]) {
                break;
            }
            place += record.len;
        }
        let at = volume.root.start + place + 2;
        bytes[at..at + 4].copy_from_slice(&((volume.root.start / SECTOR) as u32).to_le_bytes());
        let (out, end) = open(&Iso9660, &bytes);
        assert_eq!(end, Err(damaged("folders lie within themselves")));
        assert!(children(&out).len() <= 1);
    }

    #[test]
    fn cut_or_changed_it_does_not_panic() {
        for name in ["rock-ridge.iso", "udf.iso"] {
            let bytes = image(name);
            for at in (0..bytes.len()).step_by(1021) {
                open(&Iso9660, &bytes[..at]).1.ok();
            }
            // Where something is, one byte at a time.
            let places: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i] != 0).collect();
            for at in places.into_iter().step_by(3) {
                let mut changed = bytes.clone();
                changed[at] ^= 0x5a;
                open(&Iso9660, &changed).1.ok();
            }
        }
    }
}
