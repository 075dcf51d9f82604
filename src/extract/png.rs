//! PNG: one picture, of an animation also the frames that differ, and the texts in its chunks.

use std::io::Cursor;

use flate2::read::ZlibDecoder;
use image::AnimationDecoder;
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
/// Packed colour profiles of printers have a few million bytes; what is larger is none.
const MAX_PROFILE: usize = 8 << 20;

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
        let mut chunks = Chunks::default();
        let texts = read_chunks(bytes, &mut facts, &mut notes, &mut chunks, budget);
        facts.maker = notes.maker();
        notes.push(at, out);
        texts?;
        for detail in chunks.left_out {
            let skip = Skip::Unsupported { format: "png", detail: detail.into() };
            out.push(Content::Skipped { at: at.clone(), skip });
        }
        raster::behind(chunks.behind, at, budget, out)?;
        let (width, height) = u32_be(bytes, 16)
            .zip(u32_be(bytes, 20))
            .ok_or_else(|| Skip::damaged("png", "no header"))?;
        budget.pixels(width.into(), height.into())?;
        let decoder = PngDecoder::with_limits(Cursor::new(bytes), raster::limits(budget))
            .map_err(raster::skip("png"))?;
        let Decoded { picture, damage } = raster::decode(decoder, facts.clone(), budget)?;
        let first = out.len();
        out.push(Content::Picture { at: at.clone(), picture });
        damage.map_or(Ok(()), Err)?;
        if !chunks.animated {
            return Ok(());
        }
        let decoder = PngDecoder::with_limits(Cursor::new(bytes), raster::limits(budget))
            .and_then(PngDecoder::apng)
            .map_err(raster::skip("png"))?;
        let mut later = Vec::new();
        let shown = match out.get(first) {
            Some(Content::Picture { picture, .. }) => Some(picture),
            _ => None,
        };
        let end = raster::frames(decoder.into_frames(), shown, &facts, at, budget, &mut later);
        out.append(&mut later);
        end
    }
}

/// What the chunks say beside the picture.
#[derive(Default)]
struct Chunks<'a> {
    /// More than one frame.
    animated: bool,
    left_out: Vec<&'static str>,
    behind: Option<&'a [u8]>,
}

fn read_chunks<'a>(
    bytes: &'a [u8],
    facts: &mut PictureFacts,
    notes: &mut Notes,
    chunks: &mut Chunks<'a>,
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
            b"tEXt" | b"zTXt" | b"iTXt" => {
                chunks.left_out.extend(add_text(kind, data, notes, budget)?);
            }
            b"iCCP" if data.len() > MAX_PROFILE => {
                chunks.left_out.push("a colour profile is larger than any is");
            }
            b"acTL" => chunks.animated = u32_be(data, 0).is_some_and(|frames| frames > 1),
            b"IEND" => {
                chunks.behind = bytes.get(at.saturating_add(12).saturating_add(len as usize)..);
                break;
            }
            _ => {}
        }
        at = at.saturating_add(12).saturating_add(len as usize);
    }
    Ok(())
}

/// Why not all of the text was read, if it was not.
fn add_text(
    kind: &[u8],
    data: &[u8],
    notes: &mut Notes,
    budget: &mut Budget,
) -> Result<Option<&'static str>, Skip> {
    let Some((key, rest)) = split_at_zero(data) else { return Ok(None) };
    let mut whole = true;
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
        whole = damage.is_none() && bytes.len() < MAX_TEXT;
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
    Ok((!whole).then_some("a packed text is broken or over 1 MiB"))
}

fn split_at_zero(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(0, data)?;
    Some((data.get(..at)?, data.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, open};

    fn plain() -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = image::GrayImage::from_pixel(32, 24, image::Luma([9]));
        picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_a_png_holds_beside_its_picture_is_read_or_told() {
        let plain = plain();
        let behind = [plain.as_slice(), &[b'x'; 300]].concat();
        let (out, end) = open(&Png, &behind);
        assert_eq!((end, samples::children(&out).len()), (Ok(()), 1));
        let (out, _) = open(&Png, &[plain.as_slice(), b"\r\n"].concat());
        assert!(samples::children(&out).is_empty());
        // A packed text that is none, behind the header.
        let data = b"Comment\0\0rubbish";
        let mut crc = flate2::Crc::new();
        crc.update(b"zTXt");
        crc.update(data);
        let chunk = [
            &(data.len() as u32).to_be_bytes(),
            b"zTXt".as_slice(),
            data,
            &crc.sum().to_be_bytes(),
        ]
        .concat();
        let told = [&plain[..33], &chunk, &plain[33..]].concat();
        let (out, _) = open(&Png, &told);
        assert_eq!(samples::reasons(&out), ["unsupported"]);
    }
}
