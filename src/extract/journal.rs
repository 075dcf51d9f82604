//! Files of systemd-journald (systemd.io/JOURNAL_FILE_FORMAT): the fields of all messages, one
//! `NAME=value` a line. A field that many entries share is stored once and told once.

use super::archive::read_to_damage;
use super::bytes::{part, u32_le, u64_le};
use super::{Extractor, streams};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

const FORMAT: &str = "journal";
const MAGIC: &[u8] = b"LPKSHHRH";
const COMPACT: u32 = 1 << 4;
const DATA: u8 = 1;
/// Type, flags, size.
const OBJECT: usize = 16;
/// Bits of an object's flags.
const XZ: u8 = 1;
const LZ4: u8 = 2;
const ZSTD: u8 = 4;
/// LZ4 packs a run of equal bytes to a 255th at best.
const LZ4_RATIO: u64 = 255;
/// Longer values (core dumps) are contents of their own.
const MAX_VALUE: usize = 64 << 10;
/// A text of this length is handed over.
const MAX_TEXT: usize = 16 << 20;

pub struct Journal;

impl Extractor for Journal {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-systemd-journal"
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
        let damaged = |detail| Skip::damaged(FORMAT, detail);
        let header = u64_le(bytes, 88).and_then(|size| usize::try_from(size).ok());
        let start = header.filter(|size| (200..1 << 16).contains(size));
        let mut place = start.ok_or_else(|| damaged("header does not parse"))?;
        let compact = u32_le(bytes, 12).is_some_and(|flags| flags & COMPACT != 0);
        let payload_at = if compact { 72 } else { 64 };
        let mut text = String::new();
        let mut end = Ok(());
        // Objects lie behind one another; a file that is still written to has zeros behind the last.
        while let Some((kind, flags, size)) = object(bytes, place) {
            if kind == 0 || size < OBJECT {
                break;
            }
            let Some(object) = part(bytes, place, size) else {
                end = Err(damaged("object lies outside of the file"));
                break;
            };
            if kind == DATA {
                let payload = object.get(payload_at..).unwrap_or_default();
                match unpacked(flags, payload, budget) {
                    Ok(value) => keep(value, at, &mut text, out),
                    Err(over @ Skip::OverBudget(_)) => {
                        end = Err(over);
                        break;
                    }
                    Err(skip) => end = Err(skip),
                }
                if text.len() > MAX_TEXT {
                    let text = std::mem::take(&mut text);
                    out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
                }
            }
            place = match place.checked_add(size).and_then(|end| end.checked_next_multiple_of(8)) {
                Some(next) => next,
                None => break,
            };
        }
        if !text.is_empty() {
            out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
        }
        end
    }
}

fn object(bytes: &[u8], at: usize) -> Option<(u8, u8, usize)> {
    let size = usize::try_from(u64_le(bytes, at.checked_add(8)?)?).ok()?;
    Some((*bytes.get(at)?, *bytes.get(at + 1)?, size))
}

fn unpacked(flags: u8, payload: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Skip> {
    let whole = |(bytes, damage): (Vec<u8>, Option<Skip>)| damage.map_or(Ok(bytes), Err);
    if flags & ZSTD != 0 {
        return whole(read_to_damage(FORMAT, streams::zstd(payload), budget)?);
    }
    if flags & XZ != 0 {
        return whole(read_to_damage(FORMAT, streams::xz(payload), budget)?);
    }
    if flags & LZ4 != 0 {
        let broken = || Skip::damaged(FORMAT, "value does not unpack");
        let len = u64_le(payload, 0).ok_or_else(broken)?;
        let packed = payload.get(8..).unwrap_or_default();
        if len > (packed.len() as u64).saturating_mul(LZ4_RATIO) {
            return Err(broken());
        }
        budget.charge(len)?;
        return streams::lz4_block(packed, len as usize).ok_or_else(broken);
    }
    budget.charge(payload.len() as u64)?;
    Ok(payload.to_vec())
}

fn keep(value: Vec<u8>, at: &Locator, text: &mut String, out: &mut Vec<Content>) {
    if value.len() <= MAX_VALUE {
        // A message of several lines stays in one piece.
        text.push_str(&String::from_utf8_lossy(&value));
        text.push('\n');
        return;
    }
    let name = memchr::memchr(b'=', value.get(..64).unwrap_or_default());
    let (name, bytes) = value.split_at(name.unwrap_or(0));
    let name = String::from_utf8_lossy(name).into_owned();
    let bytes = bytes.strip_prefix(b"=").unwrap_or(bytes).to_vec();
    out.push(Content::Bytes { at: at.member(name), bytes });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{format_of, open, texts, unpacked};

    /// One more value behind the last object, packed by LZ4 as older systems do.
    fn with_lz4(bytes: &[u8]) -> Vec<u8> {
        let value = format!("MESSAGE=ИИН 010101100018 {}", "again ".repeat(100));
        let mut end = u64_le(bytes, 88).unwrap() as usize;
        while let Some((kind, _, size)) = object(bytes, end).filter(|(kind, ..)| *kind != 0) {
            assert!(kind <= 7);
            end = (end + size).next_multiple_of(8);
        }
        let compact = u32_le(bytes, 12).unwrap() & COMPACT != 0;
        let packed = lz4_flex::block::compress(value.as_bytes());
        let size = if compact { 72 } else { 64 } + 8 + packed.len();
        let mut object = vec![DATA, LZ4, 0, 0, 0, 0, 0, 0];
        object.extend_from_slice(&(size as u64).to_le_bytes());
        object.resize(size - 8 - packed.len(), 0);
        object.extend_from_slice(&(value.len() as u64).to_le_bytes());
        object.extend_from_slice(&packed);
        [&bytes[..end], &object].concat()
    }

    #[test]
    fn plain_and_packed_fields_are_read() {
        for packed in [false, true] {
            let mut bytes = unpacked("data/staff.journal.xz");
            let name = if packed { "lz4" } else { "as written" };
            if packed {
                bytes = with_lz4(&bytes);
            }
            assert_eq!(format_of(&bytes), Some("journal"), "{name}");
            let (out, end) = open(&Journal, &bytes);
            assert_eq!(end, Ok(()), "{name}");
            let text = texts(&out, Form::Plain);
            assert!(text.contains("MESSAGE=client ИИН 900101100004 checked\n"), "{name}: {text}");
            assert!(text.contains("ИИН 851231203985 in a long message"), "{name}");
            assert_eq!(text.contains("ИИН 010101100018 again"), packed);
            // Where something is, one byte at a time.
            let places: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i] != 0).collect();
            for at in places.into_iter().step_by(101) {
                let mut changed = bytes.clone();
                changed[at] ^= 0xff;
                open(&Journal, &changed).1.ok();
                open(&Journal, &bytes[..at]).1.ok();
            }
        }
    }

    #[test]
    fn a_length_that_lies_is_not_allocated() {
        let mut bytes = MAGIC.to_vec();
        bytes.resize(256, 0);
        bytes[88..96].copy_from_slice(&256u64.to_le_bytes());
        bytes.extend_from_slice(&[DATA, LZ4, 0, 0, 0, 0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend_from_slice(&[0; 48]);
        bytes.extend_from_slice(&(1u64 << 40).to_le_bytes());
        bytes.extend_from_slice(&[0x1f; 8]);
        assert_eq!(open(&Journal, &bytes).1, Err(Skip::damaged(FORMAT, "value does not unpack")));
    }
}
