//! PNG: one picture (of an animation the first frame), and the texts in its chunks.

use std::io::Cursor;

use flate2::read::ZlibDecoder;
use image::codecs::png::PngDecoder;

use super::archive::read_to_damage;
use super::bytes::{part, u32_be};
use super::exif::{Notes, plausible_dpi};
use super::raster::{self, Decoded};
use super::{Extractor, names};
use crate::error::Skip;
use crate::flow::{Content, Locator, PictureFacts};
use crate::limits::Budget;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// Unpacked size of one text chunk.
const MAX_TEXT: usize = 1 << 20;

pub struct Png;

impl Extractor for Png {
    fn name(&self) -> &'static str {
        "png"
    }

    fn media_type(&self) -> &'static str {
        "image/png"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(SIGNATURE)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut facts = PictureFacts { format: "png", ..PictureFacts::default() };
        let mut notes = Notes::default();
        let texts = read_chunks(bytes, &mut facts, &mut notes, budget);
        facts.maker = notes.maker();
        notes.push(at, out);
        texts?;
        let (width, height) = u32_be(bytes, 16)
            .zip(u32_be(bytes, 20))
            .ok_or_else(|| Skip::damaged("png", "no header"))?;
        budget.pixels(width.into(), height.into())?;
        let decoder = PngDecoder::with_limits(Cursor::new(bytes), raster::limits(budget))
            .map_err(raster::skip("png"))?;
        let Decoded { picture, damage } = raster::decode(decoder, facts, budget)?;
        out.push(Content::Picture { at: at.clone(), picture });
        damage.map_or(Ok(()), Err)
    }
}

fn read_chunks(
    bytes: &[u8],
    facts: &mut PictureFacts,
    notes: &mut Notes,
    budget: &mut Budget,
) -> Result<(), Skip> {
    let mut at = SIGNATURE.len();
    while let Some((len, kind)) = u32_be(bytes, at).zip(part(bytes, at + 4, 4)) {
        let Some(data) = part(bytes, at + 8, len as usize) else { return Ok(()) };
        match kind {
            b"IHDR" => facts.bilevel = data.get(8) == Some(&1),
            b"pHYs" => {
                // Pixels per metre where the last byte says so.
                let density = u32_be(data, 0).zip(u32_be(data, 4));
                if let (Some((x, y)), Some(1)) = (density, data.get(8)) {
                    facts.dpi = plausible_dpi(x as f32 * 0.0254, y as f32 * 0.0254);
                }
            }
            b"eXIf" => notes.add_exif(data, facts),
            b"tEXt" | b"zTXt" | b"iTXt" => add_text(kind, data, notes, budget)?,
            _ => {}
        }
        at = at.saturating_add(12).saturating_add(len as usize);
    }
    Ok(())
}

fn add_text(kind: &[u8], data: &[u8], notes: &mut Notes, budget: &mut Budget) -> Result<(), Skip> {
    let Some((key, rest)) = split_at_zero(data) else { return Ok(()) };
    let (packed, text) = match kind {
        b"tEXt" => (false, rest),
        b"zTXt" => (true, rest.get(1..).unwrap_or_default()),
        _ => {
            // iTXt: packed?, method, language, translated keyword, UTF-8.
            let packed = rest.first() == Some(&1);
            let text = split_at_zero(rest.get(2..).unwrap_or_default())
                .and_then(|(_, rest)| split_at_zero(rest))
                .map(|(_, text)| text);
            (packed, text.unwrap_or_default())
        }
    };
    let unpacked;
    let text = if packed {
        use std::io::Read;
        let limited = ZlibDecoder::new(text).take(MAX_TEXT as u64);
        let (bytes, damage) = read_to_damage("png", limited, budget)?;
        if let Some(over @ Skip::OverBudget(_)) = damage {
            return Err(over);
        }
        unpacked = bytes;
        unpacked.as_slice()
    } else {
        text
    };
    if key == b"XML:com.adobe.xmp" {
        notes.add_xmp(text);
    } else {
        notes.add(&names::decode(key), &names::decode(text));
    }
    Ok(())
}

fn split_at_zero(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(0, data)?;
    Some((data.get(..at)?, data.get(at + 1..)?))
}
