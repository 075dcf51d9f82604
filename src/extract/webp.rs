//! WebP: one picture, or the frames of an animation that differ.

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, ImageDecoder};

use super::Extractor;
use super::exif::Notes;
use super::raster::{self, Decoded};
use crate::error::Skip;
use crate::flow::{Content, Locator, PictureFacts};
use crate::limits::Budget;

pub struct WebP;

impl Extractor for WebP {
    fn name(&self) -> &'static str {
        "webp"
    }

    fn media_type(&self) -> &'static str {
        "image/webp"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"RIFF") && head.get(8..12).is_some_and(|kind| kind == b"WEBP")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut facts = PictureFacts { format: "webp", ..PictureFacts::default() };
        let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(raster::skip("webp"))?;
        let (width, height) = decoder.dimensions();
        budget.pixels(width.into(), height.into())?;
        decoder.set_limits(raster::limits(budget)).map_err(raster::skip("webp"))?;
        let mut notes = Notes::default();
        // Notes that do not read cost only themselves.
        if let Ok(Some(raw)) = decoder.exif_metadata() {
            notes.add_exif(&raw, &mut facts);
        }
        if let Ok(Some(packet)) = decoder.xmp_metadata() {
            notes.add_xmp(&packet);
        }
        facts.maker = notes.maker();
        notes.push(at, out);
        if decoder.has_animation() {
            return raster::frames(decoder.into_frames(), None, &facts, at, budget, out);
        }
        let Decoded { picture, damage } = raster::decode(decoder, facts, budget)?;
        out.push(Content::Picture { at: at.clone(), picture });
        damage.map_or(Ok(()), Err)
    }
}
