//! EMF ([MS-EMF], with EMF+ in its comments).

use super::Drawing;
use super::bands::Place;
use crate::error::Skip;
use crate::extract::Extractor;
use crate::extract::bytes::{part, u16_le, u32_le};
use crate::extract::code_page;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

pub struct Emf;

/// Where a record says where its bitmap is: offset and length of the header, then of the bits.
const BIT_BLT: usize = 84;
const PARALLELOGRAM: usize = 96;
const STRETCH_BITS: usize = 48;
/// Letters are numbers of shapes of a font.
const GLYPHS: u32 = 0x10;
/// Bits are a JPEG or a PNG file.
const JPEG: u32 = 4;
const PNG: u32 = 5;

impl Extractor for Emf {
    fn name(&self) -> &'static str {
        "emf"
    }

    fn media_type(&self) -> &'static str {
        "image/emf"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(&[1, 0, 0, 0]) && part(head, 40, 4) == Some(b" EMF")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut drawing = Drawing::new(at, budget, out);
        let end = records(bytes, &mut drawing);
        drawing.finish(end)
    }
}

fn records(bytes: &[u8], drawing: &mut Drawing) -> Result<(), Skip> {
    let mut at = 0;
    while let Some((kind, len)) = u32_le(bytes, at).zip(u32_le(bytes, at.saturating_add(4))) {
        drawing.budget.in_time()?;
        let len = len as usize;
        if len < 8 {
            return Err(Skip::damaged("emf", "record without length"));
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let record = rest.get(..len.min(rest.len())).unwrap_or_default();
        match kind {
            14 => return Ok(()),
            70 => comment(record, drawing)?,
            76..=78 | 114 | 116 => bitmap(record, BIT_BLT, drawing)?,
            79 => bitmap(record, PARALLELOGRAM, drawing)?,
            80 | 81 => bitmap(record, STRETCH_BITS, drawing)?,
            83 | 84 => text_out(record, kind == 84, drawing)?,
            108 => small_text(record, drawing)?,
            _ => {}
        }
        if record.len() < len {
            break;
        }
        at += len;
    }
    Err(Skip::damaged("emf", "ends early"))
}

fn bitmap(record: &[u8], at: usize, drawing: &mut Drawing) -> Result<(), Skip> {
    let number = |i: usize| u32_le(record, at + 4 * i).map(|v| v as usize);
    let stretch = |i: usize| {
        let rest = record.get(number(i)?..)?;
        rest.get(..number(i + 1)?.min(rest.len()))
    };
    let (Some(header), Some(bits)) = (stretch(0), stretch(2)) else { return Ok(()) };
    if header.len() < 12 || bits.is_empty() {
        return Ok(());
    }
    match u32_le(header, 16) {
        Some(JPEG | PNG) if header.len() >= 40 => drawing.picture(bits),
        _ => {
            let number = |at| u32_le(record, at).map_or(0, |value| value as i32);
            // Height on the page: the last number of a stretch, in the others the fourth.
            let height = match u32_le(record, 0) {
                Some(81) => number(76),
                Some(80) => number(44),
                _ => number(36),
            };
            let place = Place { left: number(24), top: number(28), height };
            drawing.placed(header, bits, place)
        }
    }
}

fn text_out(record: &[u8], wide: bool, drawing: &mut Drawing) -> Result<(), Skip> {
    let number = |at| u32_le(record, at);
    let (Some(y), Some(count), Some(at)) = (number(40), number(44), number(48)) else {
        return Ok(());
    };
    if number(52).unwrap_or(0) & GLYPHS != 0 {
        return Ok(());
    }
    let count = count as usize;
    let len = if wide { count.saturating_mul(2) } else { count };
    let Some(raw) = part(record, at as usize, len) else { return Ok(()) };
    let words = if wide { code_page::decode(1200, raw) } else { code_page::western(raw) };
    drawing.words(&words, i64::from(y as i32))
}

fn small_text(record: &[u8], drawing: &mut Drawing) -> Result<(), Skip> {
    const NO_RECTANGLE: u32 = 0x100;
    const NARROW: u32 = 0x200;
    let number = |at| u32_le(record, at);
    let (Some(y), Some(count), Some(options)) = (number(12), number(16), number(20)) else {
        return Ok(());
    };
    let at = if options & NO_RECTANGLE != 0 { 36 } else { 52 };
    let narrow = options & NARROW != 0;
    let len = if narrow { count as usize } else { (count as usize).saturating_mul(2) };
    let Some(raw) = part(record, at, len).filter(|_| options & GLYPHS == 0) else { return Ok(()) };
    let words = if narrow { code_page::western(raw) } else { code_page::decode(1200, raw) };
    drawing.words(&words, i64::from(y as i32))
}

/// EMF+ records: images and strings.
fn comment(record: &[u8], drawing: &mut Drawing) -> Result<(), Skip> {
    const OBJECT: u16 = 0x4008;
    const DRAW_STRING: u16 = 0x401c;
    const IMAGE: u16 = 5;
    let len = u32_le(record, 8).unwrap_or(0) as usize;
    let rest = record.get(12..).unwrap_or_default();
    let data = rest.get(..len.min(rest.len())).unwrap_or_default();
    let Some(mut rest) = data.strip_prefix(b"EMF+") else { return Ok(()) };
    while let (Some(kind), Some(flags), Some(len)) =
        (u16_le(rest, 0), u16_le(rest, 2), u32_le(rest, 4))
    {
        let len = (len as usize).max(12).min(rest.len());
        let data = rest.get(12..len).unwrap_or_default();
        if kind == OBJECT && flags >> 8 & 0x7f == IMAGE {
            // Version, kind 1 (bitmap), sizes, and 1 where a file follows.
            let file = u32_le(data, 4) == Some(1) && u32_le(data, 24) == Some(1);
            if let Some(file) = data.get(28..).filter(|_| file) {
                drawing.picture(file)?;
            }
        }
        if kind == DRAW_STRING {
            let count = u32_le(data, 8).unwrap_or(0) as usize;
            let y = f32::from_bits(u32_le(data, 16).unwrap_or(0));
            if let Some(raw) = part(data, 28, count.saturating_mul(2)) {
                drawing.words(&code_page::decode(1200, raw), y as i64)?;
            }
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples;

    #[test]
    fn bands_of_a_page_are_one_picture() {
        let bytes = samples::unpacked("data/page.emf.xz");
        let (out, end) = samples::open(&Emf, &bytes);
        assert_eq!(end, Ok(()));
        assert!(
            samples::texts(&out, crate::flow::Form::Plain).contains("ИИН 900101100004\nпринято")
        );
        let found = samples::children(&out);
        assert_eq!(found.len(), 1);
        // As tall as the picture that was cut into bands of 64 rows.
        let height = u32_le(found[0].1, 22).map(u32::wrapping_neg);
        assert!(height.is_some_and(|height| (300..10_000).contains(&height)), "{height:?}");
    }
}
