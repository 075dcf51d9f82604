//! Spool files of Windows printing (.SPL of the kind EMF; [MS-EMFSPOOL]): every page becomes a child.
//! A job that was printed and kept witnesses a paper copy. Jobs in the printer's own language (PCL,
//! PostScript, XPS) are recognised as what they are.

use super::Extractor;
use super::bytes::{part, u32_le};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

const FORMAT: &str = "emfspool";
const VERSION: u32 = 0x0001_0000;
/// Version, length of the header, places of two names.
const HEADER: usize = 16;
/// Kinds of records go up to this.
const MAX_KIND: u32 = 32;

pub struct Spool;

impl Extractor for Spool {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-emf-spool"
    }

    /// Icons begin alike: a record has to follow the header, and a metafile has to be near.
    fn sniff(&self, head: &[u8]) -> bool {
        let Some(len) = header(head) else { return false };
        let kind = u32_le(head, len).is_some_and(|kind| (1..=MAX_KIND).contains(&kind));
        kind && memchr::memmem::find(head, b" EMF").is_some()
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let damaged = |detail| Skip::damaged(FORMAT, detail);
        let mut place = header(bytes).ok_or_else(|| damaged("header does not parse"))?;
        let names: String = [8, 12].iter().filter_map(|at| name(bytes, *at, place)).collect();
        if !names.is_empty() {
            out.push(Content::Text { at: at.clone(), text: names, form: Form::Metadata });
        }
        let mut page = 0;
        while let Some((kind, len)) = u32_le(bytes, place).zip(u32_le(bytes, place + 4)) {
            let data = part(bytes, place + 8, len as usize);
            let data = data.filter(|_| (1..=MAX_KIND).contains(&kind));
            let data = data.ok_or_else(|| damaged("record does not parse"))?;
            place += 8 + data.len();
            if is_emf(data) {
                budget.member()?;
                budget.charge(data.len() as u64)?;
                page += 1;
                out.push(Content::Bytes { at: at.page(page).member("page"), bytes: data.to_vec() });
            }
        }
        if page == 0 { Err(damaged("no pages")) } else { Ok(()) }
    }
}

fn header(bytes: &[u8]) -> Option<usize> {
    let len = u32_le(bytes, 4)? as usize;
    let known =
        u32_le(bytes, 0) == Some(VERSION) && (HEADER..4096).contains(&len) && len.is_multiple_of(4);
    known.then_some(len)
}

fn is_emf(data: &[u8]) -> bool {
    data.starts_with(&[1, 0, 0, 0]) && part(data, 40, 4) == Some(b" EMF")
}

/// The name of the document, or of the printer, as one line.
fn name(bytes: &[u8], at: usize, end: usize) -> Option<String> {
    let from = u32_le(bytes, at)? as usize;
    let raw = bytes.get(from..end).filter(|_| from >= HEADER)?;
    let units = raw.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    (!units.is_empty()).then(|| String::from_utf16_lossy(&units) + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, format_of, open, texts, unpacked};

    #[test]
    fn pages_and_the_name_of_the_document_come_out() {
        let bytes = unpacked("data/00007.SPL.xz");
        assert_eq!(format_of(&bytes), Some("emfspool"));
        let (out, end) = open(&Spool, &bytes);
        assert_eq!(end, Ok(()));
        assert_eq!(texts(&out, Form::Metadata), "удостоверение.jpg\n");
        assert_eq!(children(&out).len(), 2);
        assert!(children(&out).iter().all(|(_, page)| format_of(page) == Some("emf")));
    }

    #[test]
    fn an_icon_is_no_spool_file() {
        let mut icon = vec![0, 0, 1, 0, 1, 0, 16, 16];
        icon.resize(200, 0);
        assert_ne!(format_of(&icon), Some("emfspool"));
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        let bytes = unpacked("data/00007.SPL.xz");
        for at in 0..400.min(bytes.len()) {
            open(&Spool, &bytes[..at]).1.ok();
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            open(&Spool, &changed).1.ok();
        }
    }
}
