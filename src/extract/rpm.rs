//! rpm: the packed archive of files becomes a child, which other formats open, and the texts of the
//! header (name, summary, description, packager, change log) become its properties.

use super::Extractor;
use super::bytes::{part, u32_be};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

const FORMAT: &str = "rpm";
const LEAD: usize = 96;
const HEADER_MAGIC: &[u8] = &[0x8e, 0xad, 0xe8, 1];
const INDEX_ENTRY: usize = 16;
/// Texts shorter than this are flags and names of digests.
const MIN_TEXT: usize = 4;

pub struct Rpm;

impl Extractor for Rpm {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-rpm"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(&[0xed, 0xab, 0xee, 0xdb])
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let damaged = |detail| Skip::damaged(FORMAT, detail);
        // Signatures first, padded to eight bytes; then the header.
        let (_, end) = header(bytes, LEAD).ok_or_else(|| damaged("signature does not parse"))?;
        let (store, payload) = header(bytes, end.next_multiple_of(8))
            .ok_or_else(|| damaged("header does not parse"))?;
        budget.charge(store.len() as u64)?;
        let text = texts(store);
        if !text.is_empty() {
            out.push(Content::Text { at: at.clone(), text, form: Form::Metadata });
        }
        budget.member()?;
        let payload = bytes.get(payload..).unwrap_or_default();
        budget.charge(payload.len() as u64)?;
        if payload.is_empty() {
            return Err(damaged("file ends before its data"));
        }
        out.push(Content::Bytes { at: at.member("payload"), bytes: payload.to_vec() });
        Ok(())
    }
}

/// The store of a header, and where the header ends.
fn header(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    (part(bytes, at, HEADER_MAGIC.len())? == HEADER_MAGIC).then_some(())?;
    let entries = u32_be(bytes, at + 8)? as usize;
    let len = u32_be(bytes, at + 12)? as usize;
    let store = at.checked_add(16)?.checked_add(entries.checked_mul(INDEX_ENTRY)?)?;
    Some((part(bytes, store, len)?, store + len))
}

/// What reads as text between the zeros of a store, one a line.
fn texts(store: &[u8]) -> String {
    let mut text = String::new();
    for piece in store.split(|byte| *byte == 0).filter(|piece| piece.len() >= MIN_TEXT) {
        let Ok(piece) = std::str::from_utf8(piece) else { continue }; // numbers
        if piece.chars().all(|c| !c.is_control() || c == '\n' || c == '\t') {
            text.push_str(piece);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, format_of, open, texts};

    #[test]
    fn header_and_payload_come_out() {
        let bytes = fixture("archives/staff.rpm");
        assert_eq!(format_of(&bytes), Some("rpm"));
        let (out, end) = open(&Rpm, &bytes);
        assert_eq!(end, Ok(()));
        assert!(texts(&out, Form::Metadata).contains("ИИН 900101100500"));
        let (name, payload) = &children(&out)[0];
        assert_eq!(name, "payload");
        assert!(format_of(payload).is_some());
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        let bytes = fixture("archives/staff.rpm");
        for at in 0..bytes.len() {
            open(&Rpm, &bytes[..at]).1.ok();
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            open(&Rpm, &changed).1.ok();
        }
    }
}
