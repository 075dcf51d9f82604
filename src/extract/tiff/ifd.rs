//! The directories of a TIFF file (TIFF 6.0, BigTIFF), and its bytes with some of them replaced.

use std::io::{Cursor, Read, Seek, SeekFrom};

use crate::extract::bytes::part;

/// Values of one tag that are looked at: strip tables of the largest pages have some ten thousand.
const MAX_VALUES: usize = 1 << 20;

/// Bytes of one text or XMP packet that are looked at.
const MAX_RAW: usize = 256 << 10;

pub(super) mod tag {
    pub const SUBFILE: u16 = 254;
    pub const WIDTH: u16 = 256;
    pub const HEIGHT: u16 = 257;
    pub const BITS: u16 = 258;
    pub const COMPRESSION: u16 = 259;
    pub const PHOTOMETRIC: u16 = 262;
    pub const FILL_ORDER: u16 = 266;
    pub const DOCUMENT_NAME: u16 = 269;
    pub const IMAGE_DESCRIPTION: u16 = 270;
    pub const MAKE: u16 = 271;
    pub const MODEL: u16 = 272;
    pub const STRIP_OFFSETS: u16 = 273;
    pub const ORIENTATION: u16 = 274;
    pub const SAMPLES: u16 = 277;
    pub const ROWS_PER_STRIP: u16 = 278;
    pub const STRIP_BYTES: u16 = 279;
    pub const X_RESOLUTION: u16 = 282;
    pub const Y_RESOLUTION: u16 = 283;
    pub const PLANAR: u16 = 284;
    pub const PAGE_NAME: u16 = 285;
    pub const T4_OPTIONS: u16 = 292;
    pub const RESOLUTION_UNIT: u16 = 296;
    pub const SOFTWARE: u16 = 305;
    pub const ARTIST: u16 = 315;
    pub const COLOR_MAP: u16 = 320;
    pub const SUB_DIRECTORIES: u16 = 330;
    pub const JPEG_OFFSET: u16 = 513;
    pub const JPEG_LENGTH: u16 = 514;
    pub const XMP: u16 = 700;
    pub const COPYRIGHT: u16 = 33432;
    pub const DNG_VERSION: u16 = 50_706;
    /// Our own, of those that anybody may use.
    pub const FULL_PAGE: u16 = 65_431;
    pub const XP_TITLE: u16 = 0x9c9b;
    pub const XP_SUBJECT: u16 = 0x9c9f;
}

/// How numbers are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    little: bool,
    pub(super) big: bool,
}

/// One directory.
#[derive(Debug)]
pub(super) struct Ifd {
    pub(super) offset: u64,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// Where the values stand.
    at: usize,
    /// Where the field for the value or its offset stands.
    field: usize,
}

impl Layout {
    pub(super) fn of(head: &[u8]) -> Option<Layout> {
        let little = match head.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let layout = Layout { little, big: false };
        match layout.number(head, 2, 2)? {
            42 => Some(layout),
            43 if layout.number(head, 4, 2)? == 8 => Some(Layout { big: true, ..layout }),
            _ => None,
        }
    }

    fn number(self, bytes: &[u8], at: usize, len: usize) -> Option<u64> {
        let raw = part(bytes, at, len)?;
        let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if self.little { raw.iter().rev().fold(0, fold) } else { raw.iter().fold(0, fold) })
    }

    /// A number as it stands in such a file.
    pub(super) fn bytes_of(self, value: u64, len: usize) -> Vec<u8> {
        let all = value.to_le_bytes();
        let mut raw = all.get(..len).unwrap_or_default().to_vec();
        if !self.little {
            raw.reverse();
        }
        raw
    }

    /// Where the offset of the first directory stands, and its length.
    pub(super) fn first_pointer(self) -> (usize, usize) {
        if self.big { (8, 8) } else { (4, 4) }
    }

    /// All directories of the main chain, in order, each once. A broken link ends the list;
    /// `true` says that it did.
    pub(super) fn directories(self, bytes: &[u8], max: usize) -> (Vec<Ifd>, bool) {
        let (at, len) = self.first_pointer();
        let mut next = self.number(bytes, at, len);
        let mut found: Vec<Ifd> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(offset) = next {
            if offset == 0 {
                return (found, false);
            }
            if found.len() >= max || !seen.insert(offset) {
                break;
            }
            let Some((ifd, link)) = self.directory(bytes, offset) else { break };
            found.push(ifd);
            next = link;
        }
        (found, true)
    }

    fn directory(self, bytes: &[u8], offset: u64) -> Option<(Ifd, Option<u64>)> {
        let start = usize::try_from(offset).ok()?;
        let (count_len, entry_len, field_len) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = usize::try_from(self.number(bytes, start, count_len)?).ok()?;
        if count > bytes.len() / entry_len {
            return None;
        }
        let mut entries = Vec::new();
        for i in 0..count {
            let at = start.checked_add(count_len + i * entry_len)?;
            let Some(tag) = self.number(bytes, at, 2) else { break };
            let kind = self.number(bytes, at + 2, 2)? as u16;
            let values = self.number(bytes, at + 4, field_len)?;
            let field = at + 4 + field_len;
            let fits = values.saturating_mul(size_of_kind(kind) as u64) <= field_len as u64;
            let place = if fits {
                field
            } else {
                usize::try_from(self.number(bytes, field, field_len)?).unwrap_or(usize::MAX)
            };
            entries.push(Entry { tag: tag as u16, kind, count: values, at: place, field });
        }
        let link = start.checked_add(count_len + count * entry_len)?;
        Some((Ifd { offset, entries }, self.number(bytes, link, field_len)))
    }
}

fn size_of_kind(kind: u16) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

impl Ifd {
    fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// Whole numbers of a tag, as many as the file really holds.
    pub(super) fn numbers(&self, layout: Layout, bytes: &[u8], tag: u16) -> Vec<u64> {
        let Some(entry) = self.entry(tag) else { return Vec::new() };
        let size = size_of_kind(entry.kind);
        let count = usize::try_from(entry.count).unwrap_or(MAX_VALUES).min(MAX_VALUES);
        (0..count)
            .map_while(|i| layout.number(bytes, entry.at.checked_add(i.checked_mul(size)?)?, size))
            .collect()
    }

    pub(super) fn number(&self, layout: Layout, bytes: &[u8], tag: u16) -> Option<u64> {
        let entry = self.entry(tag)?;
        layout.number(bytes, entry.at, size_of_kind(entry.kind))
    }

    pub(super) fn rational(&self, layout: Layout, bytes: &[u8], tag: u16) -> Option<f32> {
        let entry = self.entry(tag)?;
        let above = layout.number(bytes, entry.at, 4)?;
        let below = layout.number(bytes, entry.at.checked_add(4)?, 4)?;
        (below != 0).then(|| above as f32 / below as f32)
    }

    /// The raw bytes of a text or a packet, the beginning of one that is too long to be either.
    pub(super) fn raw<'b>(&self, bytes: &'b [u8], tag: u16) -> Option<&'b [u8]> {
        let entry = self.entry(tag)?;
        part(bytes, entry.at, usize::try_from(entry.count).unwrap_or(MAX_RAW).min(MAX_RAW))
    }

    /// Where the value field of a tag stands.
    pub(super) fn field(&self, tag: u16) -> Option<usize> {
        self.entry(tag).map(|entry| entry.field)
    }
}

/// The file, with some bytes read as others.
pub(super) struct Patched<'a> {
    cursor: Cursor<&'a [u8]>,
    patches: Vec<(usize, Vec<u8>)>,
}

impl<'a> Patched<'a> {
    pub(super) fn new(bytes: &'a [u8], patches: Vec<(usize, Vec<u8>)>) -> Patched<'a> {
        Patched { cursor: Cursor::new(bytes), patches }
    }
}

impl Read for Patched<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let from = self.cursor.position() as usize;
        let n = self.cursor.read(buf)?;
        for (at, replacement) in &self.patches {
            for (i, &byte) in replacement.iter().enumerate() {
                let place = (at + i).checked_sub(from).filter(|place| *place < n);
                if let Some(slot) = place.and_then(|place| buf.get_mut(place)) {
                    *slot = byte;
                }
            }
        }
        Ok(n)
    }
}

impl Seek for Patched<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.cursor.seek(to)
    }
}
