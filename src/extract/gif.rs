//! GIF: the frames as they are shown, each its own page when there are more than one.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, ImageDecoder};

use super::{Extractor, bytes::u16_le, raster};
use crate::error::Skip;
use crate::flow::{Content, Locator, PictureFacts};
use crate::limits::Budget;

pub struct Gif;

impl Extractor for Gif {
    fn name(&self) -> &'static str {
        "gif"
    }

    fn media_type(&self) -> &'static str {
        "image/gif"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let broken = || Skip::damaged("gif", "does not decode");
        let (width, height) = u16_le(bytes, 6).zip(u16_le(bytes, 8)).ok_or_else(broken)?;
        budget.pixels(width.into(), height.into())?;
        let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(raster::skip("gif"))?;
        decoder.set_limits(raster::limits(budget)).map_err(raster::skip("gif"))?;
        let facts = PictureFacts { format: "gif", ..PictureFacts::default() };
        raster::frames(decoder.into_frames(), None, &facts, at, budget, out)
    }
}
