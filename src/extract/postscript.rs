//! PostScript, encapsulated too: the JPEGs in it as ASCII85 or hexadecimal, the preview of an EPS file of
//! Windows. Its other pictures are drawn by a program and not read here: where there is data of one,
//! that is told. The text is looked at as a text as well.

use super::bytes::{part, u32_le};
use super::{Extractor, embedded};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "postscript";
/// A file of Windows: where the program, a metafile and a TIFF of it lie.
const WITH_PREVIEW: &[u8] = b"\xc5\xd0\xd3\xc6";
/// Lines of data that are a picture, and letters of such a line; keys and logos are shorter.
const DATA_LINES: usize = 40;
const DATA_LETTERS: usize = 30;
/// Bytes before data in which it is said that they are a font.
const BEFORE: usize = 400;

pub struct PostScript;

impl Extractor for PostScript {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/postscript"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        // Drivers of Windows end the job before with a ^D.
        let text = head.strip_prefix(b"\x04").unwrap_or(head);
        text.starts_with(b"%!") || head.starts_with(WITH_PREVIEW)
    }

    fn is_text(&self) -> bool {
        true
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        if bytes.starts_with(WITH_PREVIEW) {
            for (place, name) in [(4, "program.ps"), (12, "preview.wmf"), (20, "preview.tif")] {
                let piece = u32_le(bytes, place).zip(u32_le(bytes, place + 4));
                let piece = piece.and_then(|(from, len)| part(bytes, from as usize, len as usize));
                if let Some(piece) = piece.filter(|piece| !piece.is_empty()) {
                    budget.member()?;
                    budget.charge(piece.len() as u64)?;
                    out.push(Content::Bytes { at: at.member(name), bytes: piece.to_vec() });
                }
            }
            return Ok(());
        }
        let before = out.len();
        embedded::runs(at, bytes, budget, out)?;
        if out.len() == before && has_data(bytes) {
            let detail = "pictures of PostScript but JPEG are not read";
            let skip = Skip::Unsupported { format: FORMAT, detail: detail.into() };
            out.push(Content::Skipped { at: at.clone(), skip });
        }
        Ok(())
    }
}

/// Whether there are lines of data that are no font, or bytes that are no text at all.
fn has_data(bytes: &[u8]) -> bool {
    let binary = bytes.iter().filter(|byte| **byte == 0).count();
    if binary > DATA_LINES * DATA_LETTERS {
        return true;
    }
    let (mut lines, mut start, mut place) = (0usize, 0usize, 0usize);
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let data = line.len() >= DATA_LETTERS
            && line.iter().all(|byte| (b'!'..=b'u').contains(byte) || *byte == b'z')
            && !line.starts_with(b"%");
        if !data {
            lines = 0;
        } else if lines == 0 {
            (lines, start) = (1, place);
        } else {
            lines += 1;
        }
        if lines == DATA_LINES {
            let head = bytes.get(start.saturating_sub(BEFORE)..start).unwrap_or_default();
            let fonts = [b"eexec".as_slice(), b"sfnts", b"CharStrings", b"StartData"];
            if !fonts.iter().any(|font| memchr::memmem::find(head, font).is_some()) {
                return true;
            }
        }
        place = place.saturating_add(line.len()).saturating_add(1);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, format_of, open, reasons};

    #[test]
    fn data_of_pictures_are_told_and_fonts_are_not() {
        let hex = "0123456789abcdef0123456789abcdef\n".repeat(50);
        let image = format!("%!PS-Adobe-3.0\n100 100 8 [1 0 0 1 0 0] {{}} image\n{hex}showpage\n");
        assert_eq!(format_of(image.as_bytes()), Some("postscript"));
        let (out, end) = open(&PostScript, image.as_bytes());
        assert_eq!((end, reasons(&out)), (Ok(()), vec!["unsupported"]));
        let font = format!("%!PS-Adobe-3.0\n/F 1 def currentfile eexec\n{hex}showpage\n");
        assert_eq!(reasons(&open(&PostScript, font.as_bytes()).0).len(), 0);
        let page =
            "%!PS\n/Helvetica findfont 12 scalefont setfont (IIN) show showpage\n".repeat(99);
        assert_eq!(reasons(&open(&PostScript, page.as_bytes()).0).len(), 0);
    }

    #[test]
    fn the_preview_of_a_file_of_windows_is_a_child() {
        let (program, preview) = (b"%!PS\nshowpage\n".as_slice(), fixture("pictures/bits-lzw.tif"));
        let mut file = WITH_PREVIEW.to_vec();
        for number in [30, program.len(), 0, 0, 30 + program.len(), preview.len()] {
            file.extend((number as u32).to_le_bytes());
        }
        file.extend([0xff; 2]);
        file.extend([program, &preview].concat());
        let (out, end) = open(&PostScript, &file);
        assert_eq!(end, Ok(()));
        let found = children(&out);
        let formats: Vec<_> = found.iter().map(|(_, bytes)| format_of(bytes)).collect();
        assert_eq!(formats, [Some("postscript"), Some("tiff")]);
    }
}
