//! Windows event logs (.evtx; [MS-EVEN6] and the format's description by its readers): the texts of
//! each record, one a line, an empty line between records.
//!
//! Records are binary XML whose values are UTF-16. What is an element and what its value is not told
//! apart here: a value stands on its own line, and a message with a label is one value.

use super::Extractor;
use super::bytes::{part, u32_le};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

const FORMAT: &str = "evtx";
const MAGIC: &[u8] = b"ElfFile\0";
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
const FILE_HEADER: usize = 4096;
const CHUNK: usize = 64 << 10;
const CHUNK_HEADER: usize = 512;
const RECORD_MAGIC: u32 = 0x0000_2a2a;
/// Magic, size, number, time.
const RECORD_HEADER: usize = 24;
/// Shorter texts are chance.
const MIN_LETTERS: usize = 3;

pub struct Evtx;

impl Extractor for Evtx {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-ms-evtx"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(MAGIC)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut text = String::new();
        let mut end = Ok(());
        for chunk in bytes.get(FILE_HEADER..).unwrap_or_default().chunks(CHUNK) {
            // Chunks that were not used yet are zeros.
            if !chunk.starts_with(CHUNK_MAGIC) {
                continue;
            }
            let before = text.len();
            if !records(chunk, &mut text) {
                end = Err(Skip::damaged(FORMAT, "record does not parse"));
            }
            if let Err(over) = budget.charge((text.len() - before) as u64) {
                end = Err(over);
                break;
            }
        }
        if text.is_empty() && end.is_ok() {
            end = if bytes.len() < FILE_HEADER {
                Err(Skip::damaged(FORMAT, "file is cut short"))
            } else {
                Ok(()) // a log without events
            };
        }
        if !text.is_empty() {
            out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
        }
        end
    }
}

/// The texts of a chunk's records; false where one breaks the chain.
fn records(chunk: &[u8], text: &mut String) -> bool {
    let free = u32_le(chunk, 48).map_or(CHUNK, |free| free as usize);
    let mut at = CHUNK_HEADER;
    while at < free.min(chunk.len()) && u32_le(chunk, at) == Some(RECORD_MAGIC) {
        let size = u32_le(chunk, at + 4).unwrap_or(0) as usize;
        let Some(record) = part(chunk, at, size).filter(|_| size > RECORD_HEADER) else {
            return false;
        };
        let before = text.len();
        runs(record.get(RECORD_HEADER..).unwrap_or_default(), text);
        if text.len() > before {
            text.push('\n');
        }
        at += size;
    }
    at >= free || free > chunk.len()
}

/// Every run of UTF-16 letters, wherever it begins; values follow one another without a mark, so
/// that a run ends at the first unit that is no letter of a text here.
fn runs(record: &[u8], text: &mut String) {
    let mut at = 0;
    let unit = |at: usize| {
        let unit = part(record, at, 2)?;
        Some(u16::from_le_bytes([*unit.first()?, *unit.get(1)?]))
    };
    while at + 2 <= record.len() {
        let start = at;
        let mut run = Vec::new();
        while let Some(unit) = unit(at).filter(|unit| is_text(*unit)) {
            run.push(unit);
            at += 2;
        }
        if run.len() >= MIN_LETTERS {
            text.push_str(&String::from_utf16_lossy(&run));
            text.push('\n');
        } else {
            at = start + 1;
        }
    }
}

/// Latin, Cyrillic with the Kazakh letters, and the signs between them. Others would only make texts
/// of numbers.
fn is_text(unit: u16) -> bool {
    matches!(unit, 0x20..=0x7e | 0x0a | 0x0d | 0x09 | 0xa0 | 0xab | 0xbb | 0x400..=0x4ff | 0x2010..=0x2026 | 0x2116)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{format_of, open, texts, unpacked};

    #[test]
    fn values_of_records_are_lines() {
        let bytes = unpacked("data/security.evtx.xz");
        assert_eq!(format_of(&bytes), Some("evtx"));
        let (out, end) = open(&Evtx, &bytes);
        assert_eq!(end, Ok(()));
        let text = texts(&out, Form::Plain);
        assert!(text.contains("Пользователь, ИИН 900101100004, вошёл\n\n"), "{text}");
        assert!(text.contains("851231203985"), "{text}");
        assert_eq!(text.matches("\n\n").count(), 2, "{text}");
    }

    #[test]
    fn cut_or_changed_it_does_not_panic() {
        let bytes = unpacked("data/security.evtx.xz");
        for at in (0..bytes.len()).step_by(119) {
            open(&Evtx, &bytes[..at]).1.ok();
        }
        for at in FILE_HEADER..FILE_HEADER + 1200 {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            open(&Evtx, &changed).1.ok();
        }
    }
}
