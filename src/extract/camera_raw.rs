//! Raw files of cameras (CR2, CR3, NEF, ARW, DNG, ORF, RW2, RAF, ...): the largest JPEG that the
//! camera put in as a preview. The raw data themselves are not developed.

use super::bytes::u16_be;
use super::exif::Notes;
use super::{Extractor, tiff};
use crate::error::Skip;
use crate::flow::{Content, Locator, PictureFacts};
use crate::limits::Budget;

/// JPEGs in one file that are looked at: previews, thumbnails, tiles of raw data.
const MAX_CANDIDATES: usize = 256;
/// Bytes that hold the notes.
const NOTES: usize = 1 << 20;

pub struct CameraRaw;

impl Extractor for CameraRaw {
    fn name(&self) -> &'static str {
        "camera-raw"
    }

    fn media_type(&self) -> &'static str {
        "image/x-dcraw"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        let magics: [&[u8]; 6] =
            [b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"II*\0\x10\0\0\0CR\x02"];
        magics.iter().any(|magic| head.starts_with(magic))
            || (head.get(4..8) == Some(b"ftyp") && head.get(8..12) == Some(b"crx "))
            || tiff::is_camera_raw(head)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        if bytes.starts_with(b"II") || bytes.starts_with(b"MM") {
            let mut notes = Notes::default();
            let head = bytes.get(..bytes.len().min(NOTES)).unwrap_or_default();
            notes.add_exif(head, &mut PictureFacts::default());
            notes.push(at, out);
        }
        budget.member()?;
        let Some(jpeg) = largest_jpeg(bytes) else {
            return Err(Skip::Unsupported {
                format: "camera-raw",
                detail: "raw data without a preview".into(),
            });
        };
        budget.charge(jpeg.len() as u64)?;
        out.push(Content::Bytes { at: at.member("preview.jpg"), bytes: jpeg.to_vec() });
        Ok(())
    }
}

/// The JPEG of the most pixels that an ordinary decoder reads, to the end of the file: what follows
/// its end mark is no part of it.
fn largest_jpeg(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memmem::find_iter(bytes, &[0xff, 0xd8, 0xff])
        .take(MAX_CANDIDATES)
        .filter_map(|start| {
            let rest = bytes.get(start..)?;
            let (width, height, scan) = frame(rest)?;
            let end = memchr::memmem::find(rest.get(scan..)?, &[0xff, 0xd9])?;
            let jpeg = rest.get(..scan.checked_add(end)?.checked_add(2)?)?;
            Some((u64::from(width) * u64::from(height), jpeg))
        })
        .max_by_key(|(pixels, _)| *pixels)
        .map(|(_, jpeg)| jpeg)
}

/// Sides of a baseline or progressive picture, and where its scan begins.
fn frame(bytes: &[u8]) -> Option<(u16, u16, usize)> {
    let mut at = 2;
    let mut sides = None;
    loop {
        let (&[0xff, marker], len) = (bytes.get(at..at + 2)?, usize::from(u16_be(bytes, at + 2)?))
        else {
            return None;
        };
        match marker {
            0xc0 | 0xc2 => sides = Some((u16_be(bytes, at + 7)?, u16_be(bytes, at + 5)?)),
            0xda => return sides.map(|(width, height)| (width, height, at)),
            // Lossless: the raw data of the camera.
            0xc1 | 0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return None,
            0xc4 | 0xdb | 0xdd | 0xe0..=0xef | 0xfe => {}
            _ => return None,
        }
        at = at.checked_add(2)?.checked_add(len.max(2))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_preview_that_decodes_is_taken() {
        let jpeg = |marker: u8, side: u8| {
            let mut jpeg =
                vec![0xff, 0xd8, 0xff, marker, 0, 11, 8, 0, side, 0, side, 1, 1, 0x11, 0];
            jpeg.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 0xff, 0xd9]);
            jpeg
        };
        let file = [jpeg(0xc0, 8), jpeg(0xc3, 99), jpeg(0xc0, 64), vec![0; 9]].concat();
        assert_eq!(largest_jpeg(&file), Some(jpeg(0xc0, 64).as_slice()));
        assert_eq!(largest_jpeg(&file[..10]), None);
    }
}
