//! UDF (ECMA-167): discs that Windows writes file by file, DVDs and Blu-rays. Every file becomes a
//! child. Volumes of one plain partition; those with a sparing table, a virtual or a metadata
//! partition are told as not opened.

use super::bytes::{part, u16_le, u32_le, u64_le};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "iso9660";
/// The anchor stands in this sector.
const ANCHOR: usize = 256;
const MAX_LEVELS: usize = 64;
/// Sector sizes that are in use: of discs, and of images of hard disks.
const SECTORS: [usize; 3] = [2048, 512, 4096];

fn unsupported(detail: &'static str) -> Skip {
    Skip::Unsupported { format: FORMAT, detail: detail.into() }
}

fn damaged(detail: &'static str) -> Skip {
    Skip::damaged(FORMAT, detail)
}

pub(super) fn open(
    at: &Locator,
    bytes: &[u8],
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let volume = SECTORS.iter().find_map(|sector| Volume::find(bytes, *sector));
    let volume = volume.ok_or_else(|| damaged("no volume"))?;
    if !volume.plain {
        return Err(unsupported("UDF with a virtual, sparable or metadata partition"));
    }
    let root = volume.root().ok_or_else(|| damaged("no root folder"))?;
    let mut walk = Walk { volume, at, entries: Vec::new(), damage: None };
    walk.entry(root, "", 0, budget, out)?;
    walk.damage.map_or(Ok(()), Err)
}

/// The kind of a descriptor; its sum is not asked, so that what is damaged is read as far as it goes.
fn tag(descriptor: &[u8]) -> Option<u16> {
    u16_le(descriptor, 0)
}

struct Volume<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// Where the partition begins, in bytes.
    partition: usize,
    /// Of the file set, within the partition.
    set: usize,
    /// Blocks of the partition are where they say.
    plain: bool,
}

impl<'a> Volume<'a> {
    fn find(bytes: &'a [u8], sector: usize) -> Option<Volume<'a>> {
        let anchor = part(bytes, ANCHOR * sector, 512)?;
        (tag(anchor)? == 2).then_some(())?;
        let (len, start) = (u32_le(anchor, 16)? as usize, u32_le(anchor, 20)? as usize);
        let (mut partition, mut set, mut plain) = (None, None, false);
        for i in 0..(len / sector).min(64) {
            let descriptor = part(bytes, start.checked_add(i)?.checked_mul(sector)?, 512)?;
            match tag(descriptor)? {
                5 => partition = Some(u32_le(descriptor, 188)? as usize),
                6 => {
                    set = Some(u32_le(descriptor, 252)? as usize);
                    // One map, of type 1, whose length is 6.
                    plain = u32_le(descriptor, 268) == Some(1) && descriptor.get(440) == Some(&1);
                }
                8 => break,
                _ => {}
            }
        }
        let partition = partition?.checked_mul(sector)?;
        Some(Volume { bytes, sector, partition, set: set?, plain })
    }

    /// A block of the partition, to the end of the file.
    fn block(&self, block: usize) -> Option<&'a [u8]> {
        self.bytes.get(self.partition.checked_add(block.checked_mul(self.sector)?)?..)
    }

    fn root(&self) -> Option<usize> {
        let set = self.block(self.set)?;
        (tag(set)? == 256).then_some(())?;
        Some(u32_le(set, 404)? as usize)
    }

    /// What a file entry holds: whether that is a folder, its size, and its data as far as they
    /// are there. Data are charged by the caller; no more than `most` bytes are copied.
    fn data(&self, block: usize, most: u64) -> Option<(bool, u64, Vec<u8>)> {
        let entry = self.block(block)?;
        let extended = match tag(entry)? {
            261 => false,
            266 => true,
            _ => return None,
        };
        let is_folder = *entry.get(27)? == 4;
        let flags = u16_le(entry, 34)?;
        let size = u64_le(entry, 56)?;
        let (attributes_at, base) = if extended { (208, 216) } else { (168, 176) };
        let attributes = u32_le(entry, attributes_at)? as usize;
        let descriptors = u32_le(entry, attributes_at + 4)? as usize;
        let area = part(entry, attributes.checked_add(base)?, descriptors.min(self.sector * 2))?;
        let wanted = usize::try_from(size.min(most)).ok()?;
        let mut data = Vec::new();
        let width = match flags & 7 {
            0 => 8,
            1 => 16,
            // Small files lie in the entry itself.
            3 => return Some((is_folder, size, area.get(..wanted.min(area.len()))?.to_vec())),
            _ => return None,
        };
        for descriptor in area.chunks_exact(width) {
            let (len, start) = (u32_le(descriptor, 0)?, u32_le(descriptor, 4)? as usize);
            let kind = len >> 30;
            let len = ((len & 0x3fff_ffff) as usize).min(wanted - data.len());
            if len == 0 || kind == 3 {
                break;
            }
            if kind != 0 {
                // Not recorded: zeros, if there are to be any.
                data.resize(data.len() + len, 0);
                continue;
            }
            let rest = self.block(start)?;
            data.extend_from_slice(rest.get(..len.min(rest.len()))?);
            if rest.len() < len {
                break;
            }
        }
        Some((is_folder, size, data))
    }
}

struct Walk<'a> {
    volume: Volume<'a>,
    at: &'a Locator,
    entries: Vec<usize>,
    damage: Option<Skip>,
}

impl Walk<'_> {
    /// `Err` only when the budget is at its end.
    fn entry(
        &mut self,
        block: usize,
        path: &str,
        level: usize,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        budget.member()?;
        let most = budget.limits().max_expanded_bytes;
        let most = most.min(self.volume.bytes.len() as u64);
        let Some((is_folder, size, data)) = self.volume.data(block, most) else {
            let skip = damaged("file entry does not parse");
            out.push(Content::Skipped { at: self.at.member(path), skip });
            return Ok(());
        };
        budget.charge(data.len() as u64)?;
        if !is_folder {
            let at = self.at.member(path);
            let short = (data.len() as u64) < size;
            if !data.is_empty() {
                out.push(Content::Bytes { at: at.clone(), bytes: data });
            }
            if short {
                out.push(Content::Skipped { at, skip: damaged("file lies outside of the image") });
            }
            return Ok(());
        }
        if level > MAX_LEVELS || self.entries.contains(&block) {
            self.damage = Some(damaged("folders lie within themselves"));
            return Ok(());
        }
        self.entries.push(block);
        let mut rest = data.as_slice();
        while !rest.is_empty() {
            let Some((name, flags, block, len)) = identifier(rest) else {
                self.damage = Some(damaged("folder does not parse"));
                return Ok(());
            };
            // Bit 2: deleted, bit 3: the folder above.
            if flags & 0x0c == 0 {
                let slash = if path.is_empty() { "" } else { "/" };
                self.entry(block, &format!("{path}{slash}{name}"), level + 1, budget, out)?;
            }
            rest = rest.get(len..).unwrap_or_default();
        }
        Ok(())
    }
}

/// Name, flags, block of the entry, and length of a file identifier.
fn identifier(bytes: &[u8]) -> Option<(String, u8, usize, usize)> {
    (tag(bytes)? == 257).then_some(())?;
    let name_len = usize::from(*bytes.get(19)?);
    let used = usize::from(u16_le(bytes, 36)?);
    let name = match part(bytes, 38 + used, name_len)?.split_first() {
        Some((16, wide)) => encoding_rs::UTF_16BE.decode_without_bom_handling(wide).0.into_owned(),
        Some((_, narrow)) => narrow.iter().map(|byte| *byte as char).collect(),
        None => String::new(),
    };
    let len = (38 + used + name_len).next_multiple_of(4);
    Some((name, *bytes.get(18)?, u32_le(bytes, 24)? as usize, len))
}
