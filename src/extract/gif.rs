//! GIF: the frames as they are shown, up to [`MAX_FRAMES`], each its own page when there are more
//! than one.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, ImageDecoder};

use super::luma::{self, Held, Samples};
use super::{Extractor, bytes::u16_le, raster};
use crate::error::Skip;
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// Animations repeat themselves; a scan in a GIF is the first frame or one of few pages.
const MAX_FRAMES: usize = 16;

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
        let mut frames = decoder.into_frames().take(MAX_FRAMES).peekable();
        let (mut page, mut held) = (0, Held::default());
        while let Some(frame) = frames.next() {
            budget.in_time()?;
            page += 1;
            let frame = frame.map_err(|_| broken())?.into_buffer();
            let (width, height) = frame.dimensions();
            luma::reserve(width, height, 4, "gif", budget)?;
            let samples = frame.into_raw();
            let facts = PictureFacts {
                format: "gif",
                channels: 3,
                saturation: luma::saturation(Samples::Rgba, &samples),
                ..PictureFacts::default()
            };
            let luma = luma::plane(Samples::Rgba, samples);
            let alone = page == 1 && frames.peek().is_none();
            let at = if alone { at.clone() } else { at.page(page) };
            let picture = Picture { width, height, luma, facts };
            held.add(&picture, budget)?;
            out.push(Content::Picture { at, picture });
        }
        if page == 0 { Err(broken()) } else { Ok(()) }
    }
}
