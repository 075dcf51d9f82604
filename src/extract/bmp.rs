//! BMP: one picture.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::bmp::BmpDecoder;

use super::Extractor;
use super::bytes::{u16_le, u32_le};
use super::exif::plausible_dpi;
use super::raster::{self, Decoded};
use crate::error::Skip;
use crate::flow::{Content, Locator, PictureFacts};
use crate::limits::Budget;

pub struct Bmp;

impl Extractor for Bmp {
    fn name(&self) -> &'static str {
        "bmp"
    }

    fn media_type(&self) -> &'static str {
        "image/bmp"
    }

    /// "BM" begins many a text: the size of the second header must be one that exists.
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"BM")
            && matches!(u32_le(head, 14), Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut facts = PictureFacts { format: "bmp", ..PictureFacts::default() };
        if u32_le(bytes, 14).is_some_and(|header| header >= 40) {
            facts.bilevel = u16_le(bytes, 28) == Some(1);
            // Pixels per metre.
            facts.dpi = u32_le(bytes, 38)
                .zip(u32_le(bytes, 42))
                .and_then(|(x, y)| plausible_dpi(x as f32 * 0.0254, y as f32 * 0.0254));
        }
        let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(raster::skip("bmp"))?;
        let (width, height) = decoder.dimensions();
        budget.pixels(width.into(), height.into())?;
        let Decoded { picture, damage } = raster::decode(decoder, facts, budget)?;
        out.push(Content::Picture { at: at.clone(), picture });
        damage.map_or(Ok(()), Err)
    }
}

/// A bitmap without its file header (clipboard, metafiles, icons, Office drawings) as a file.
pub(super) fn of_dib(dib: &[u8]) -> Option<Vec<u8>> {
    const FILE_HEADER: u32 = 14;
    let header = u32_le(dib, 0)?;
    let (bits, used, masks) = match header {
        12 => (u16_le(dib, 10)?, 0, 0),
        40..=256 => {
            let masks = if header == 40 && u32_le(dib, 16)? == 3 { 12 } else { 0 };
            (u16_le(dib, 14)?, u32_le(dib, 32)?, masks)
        }
        _ => return None,
    };
    let colours = match bits {
        1..=8 if used == 0 => 1 << bits,
        1..=8 => used.min(256),
        _ => 0,
    };
    let pixels = FILE_HEADER + header + masks + colours * if header == 12 { 3 } else { 4 };
    let size = u32::try_from(dib.len()).ok()?.checked_add(FILE_HEADER)?;
    let mut file = b"BM".to_vec();
    file.extend_from_slice(&size.to_le_bytes());
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(&pixels.to_le_bytes());
    file.extend_from_slice(dib);
    Some(file)
}
