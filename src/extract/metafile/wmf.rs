//! WMF ([MS-WMF]), with or without the header that gives its size.

use super::Drawing;
use crate::error::Skip;
use crate::extract::Extractor;
use crate::extract::bytes::{part, u16_le, u32_le};
use crate::extract::code_page;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

pub struct Wmf;

const PLACEABLE: [u8; 4] = [0xd7, 0xcd, 0xc6, 0x9a];
const PLACEABLE_LEN: usize = 22;
const HEADER_LEN: usize = 18;

impl Extractor for Wmf {
    fn name(&self) -> &'static str {
        "wmf"
    }

    fn media_type(&self) -> &'static str {
        "image/wmf"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(&PLACEABLE) || is_header(head)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let start = if bytes.starts_with(&PLACEABLE) { PLACEABLE_LEN } else { 0 };
        let body = bytes.get(start..).unwrap_or_default();
        if !is_header(body) {
            return Err(Skip::damaged("wmf", "no header"));
        }
        let mut drawing = Drawing::new(at, budget, out);
        let end = records(body.get(HEADER_LEN..).unwrap_or_default(), &mut drawing);
        drawing.finish(end)
    }
}

/// In memory or on disk, nine words of header, version 1 or 3, no parameters, and a first record
/// that can be one.
fn is_header(head: &[u8]) -> bool {
    matches!(u16_le(head, 0), Some(1 | 2))
        && u16_le(head, 2) == Some(9)
        && matches!(u16_le(head, 4), Some(0x100 | 0x300))
        && u16_le(head, 16) == Some(0)
        && u32_le(head, 18).is_some_and(|words| (3..1 << 28).contains(&words))
}

fn records(bytes: &[u8], drawing: &mut Drawing) -> Result<(), Skip> {
    let mut rest = bytes;
    while let Some((words, kind)) = u32_le(rest, 0).zip(u16_le(rest, 4)) {
        drawing.budget.in_time()?;
        let len = (words as usize).saturating_mul(2);
        if kind == 0 {
            return Ok(());
        }
        if len < 6 {
            return Err(Skip::damaged("wmf", "record without length"));
        }
        let record = rest.get(..len.min(rest.len())).unwrap_or_default();
        match kind {
            0x0940 => bitmap(record, 22, drawing)?,
            0x0b41 => bitmap(record, 26, drawing)?,
            0x0f43 => bitmap(record, 28, drawing)?,
            0x0d33 => bitmap(record, 24, drawing)?,
            0x0521 => text_out(record, drawing)?,
            0x0a32 => extended_text(record, drawing)?,
            _ => {}
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    Err(Skip::damaged("wmf", "ends early"))
}

fn bitmap(record: &[u8], at: usize, drawing: &mut Drawing) -> Result<(), Skip> {
    match record.get(at..) {
        // Without a bitmap the record only fills.
        Some(dib) if dib.len() > 12 => drawing.bitmap(dib),
        _ => Ok(()),
    }
}

fn text_out(record: &[u8], drawing: &mut Drawing) -> Result<(), Skip> {
    let count = usize::from(u16_le(record, 6).unwrap_or(0));
    let Some(raw) = part(record, 8, count) else { return Ok(()) };
    let y = u16_le(record, 8 + count.next_multiple_of(2)).unwrap_or(0);
    drawing.words(&code_page::western(raw), i64::from(y as i16))
}

fn extended_text(record: &[u8], drawing: &mut Drawing) -> Result<(), Skip> {
    let (Some(y), Some(count)) = (u16_le(record, 6), u16_le(record, 10)) else { return Ok(()) };
    // Opaque or clipped: a rectangle stands before the words.
    let boxed = u16_le(record, 12).unwrap_or(0) & 6 != 0;
    let at = if boxed { 22 } else { 14 };
    let Some(raw) = part(record, at, usize::from(count)) else { return Ok(()) };
    drawing.words(&code_page::western(raw), i64::from(y as i16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};
    use crate::flow::Form;

    #[test]
    fn words_and_bitmaps_come_out() {
        let record = |kind: u16, body: &[u8]| {
            let words = (body.len() + 6).div_ceil(2) as u32;
            let mut record = [&words.to_le_bytes()[..], &kind.to_le_bytes(), body].concat();
            record.resize(words as usize * 2, 0);
            record
        };
        let mut dib = vec![40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0];
        dib.resize(44, 0);
        let stretch = [&[0u8; 22][..], &dib].concat();
        let mut text = vec![10, 0, 0, 0, 16, 0, 0, 0];
        text.extend_from_slice(b"IIN 900101100004");
        let mut file = vec![1, 0, 9, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        file.extend(record(0x0a32, &text));
        file.extend(record(0x0f43, &stretch));
        file.extend([3, 0, 0, 0, 0, 0]);
        assert_eq!(samples::format_of(&file), Some("wmf"));
        let (out, end) = samples::open(&Wmf, &file);
        assert_eq!(end, Ok(()));
        assert_eq!(texts(&out, Form::Plain), "IIN 900101100004\n");
        let [Content::Bytes { bytes, .. }, _] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!(samples::format_of(bytes), Some("bmp"));
        for end in 0..file.len() {
            let _ = samples::open(&Wmf, &file[..end]);
        }
    }
}
