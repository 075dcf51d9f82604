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
