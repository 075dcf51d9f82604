//! cpio: every regular file becomes a child. `newc` with and without checksum, which packages and
//! boot images have, `odc` of POSIX, and the old binary form in both byte orders.

use super::bytes::part;
use super::{Extractor, names};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "cpio";
const NEWC: usize = 110;
const ODC: usize = 76;
const OLD: usize = 26;
const TRAILER: &[u8] = b"TRAILER!!!";
/// Type of a regular file among the bits of the mode.
const REGULAR: u64 = 0o100_000;
const TYPE: u64 = 0o170_000;
const MAX_NAME: u64 = 4096;

pub struct Cpio;

/// One header: what it says, and where its parts lie.
struct Header {
    mode: u64,
    name: std::ops::Range<usize>,
    data: usize,
    size: u64,
    /// Data end at a multiple of this.
    align: usize,
}

impl Extractor for Cpio {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-cpio"
    }

    /// A whole header with a name that ends where it says, so that texts with the digits do not pass.
    fn sniff(&self, head: &[u8]) -> bool {
        header(head, 0).is_some_and(|header| {
            let name = head.get(header.name.clone()).unwrap_or_default();
            !name.is_empty()
                && memchr::memchr(0, name).is_none()
                && head.get(header.name.end) == Some(&0)
        })
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let damaged = |detail| Skip::damaged(FORMAT, detail);
        let mut place = 0;
        loop {
            let header = header(bytes, place).ok_or_else(|| damaged("header does not parse"))?;
            let name = bytes.get(header.name.clone()).unwrap_or_default();
            if name == TRAILER {
                return Ok(());
            }
            let rest = bytes.get(header.data..).unwrap_or_default();
            let size = usize::try_from(header.size).unwrap_or(usize::MAX);
            let data = rest.get(..size.min(rest.len())).unwrap_or_default();
            if header.mode & TYPE == REGULAR && header.size > 0 {
                budget.member()?;
                budget.charge(data.len() as u64)?;
                if !data.is_empty() {
                    let at = at.member(names::decode(name));
                    out.push(Content::Bytes { at, bytes: data.to_vec() });
                }
            }
            if data.len() < size {
                return Err(damaged("file ends within a member"));
            }
            place = (header.data + size).next_multiple_of(header.align);
        }
    }
}

fn header(bytes: &[u8], at: usize) -> Option<Header> {
    match part(bytes, at, 6)? {
        b"070701" | b"070702" => newc(bytes, at),
        b"070707" => odc(bytes, at),
        [0xc7, 0x71, ..] => old(bytes, at, u16::from_le_bytes),
        [0x71, 0xc7, ..] => old(bytes, at, u16::from_be_bytes),
        _ => None,
    }
}

/// Thirteen fields of eight hexadecimal digits; name and data begin at multiples of four.
fn newc(bytes: &[u8], at: usize) -> Option<Header> {
    let fields = part(bytes, at, NEWC)?.get(6..)?;
    let field = |i: usize| number(fields.get(8 * i..8 * i + 8)?, 16);
    for i in 0..13 {
        field(i)?;
    }
    let (mode, size, name_len) = (field(1)?, field(6)?, length(field(11)?)?);
    let name = at + NEWC..at + NEWC + name_len - 1;
    let data = (name.end + 1).next_multiple_of(4);
    Some(Header { mode, name, data, size, align: 4 })
}

fn odc(bytes: &[u8], at: usize) -> Option<Header> {
    let fields = part(bytes, at, ODC)?;
    let field = |from: usize, to: usize| number(fields.get(from..to)?, 8);
    if !fields.iter().all(|digit| (b'0'..=b'7').contains(digit)) {
        return None;
    }
    let (mode, size, name_len) = (field(18, 24)?, field(65, 76)?, length(field(59, 65)?)?);
    let name = at + ODC..at + ODC + name_len - 1;
    Some(Header { mode, data: name.end + 1, name, size, align: 1 })
}

/// Thirteen numbers of 16 bits; name and data begin at even places. The size has two, high first.
fn old(bytes: &[u8], at: usize, read: fn([u8; 2]) -> u16) -> Option<Header> {
    let fields = part(bytes, at, OLD)?;
    let field = |i: usize| Some(u64::from(read(fields.get(2 * i..2 * i + 2)?.try_into().ok()?)));
    let name_len = length(field(10)?)?;
    let size = field(11)? << 16 | field(12)?;
    let name = at + OLD..at + OLD + name_len - 1;
    let data = (name.end + 1).next_multiple_of(2);
    Some(Header { mode: field(3)?, name, data, size, align: 2 })
}

/// Of a name with the zero behind it.
fn length(len: u64) -> Option<usize> {
    (1..=MAX_NAME).contains(&len).then_some(len as usize)
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    digits.iter().try_fold(0u64, |value, digit| {
        let digit = (*digit as char).to_digit(radix)?;
        value.checked_mul(radix.into())?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, format_of, open};

    #[test]
    fn every_form_gives_its_files() {
        for form in ["newc", "odc", "bin"] {
            let bytes = fixture(&format!("archives/staff-{form}.cpio"));
            assert_eq!(format_of(&bytes), Some("cpio"), "{form}");
            let (out, end) = open(&Cpio, &bytes);
            assert_eq!(end, Ok(()), "{form}");
            let found = children(&out);
            assert_eq!(found.len(), 3, "{form}");
            let (name, bytes) = &found[0];
            assert_eq!(
                (name.as_str(), *bytes),
                ("Кадры.txt", "Сотрудник, ИИН 900101100014\n".as_bytes())
            );
        }
    }

    #[test]
    fn cut_anywhere_it_is_damaged_and_keeps_what_came_before() {
        let bytes = fixture("archives/staff-newc.cpio");
        let end = memchr::memmem::find(&bytes, TRAILER).unwrap() + TRAILER.len();
        for at in 0..end {
            let (_, result) = open(&Cpio, &bytes[..at]);
            assert!(matches!(result, Err(Skip::Damaged { .. })), "{at}");
        }
        for at in 0..bytes.len() {
            for form in ["newc", "odc", "bin"] {
                let mut changed = fixture(&format!("archives/staff-{form}.cpio"));
                if let Some(byte) = changed.get_mut(at) {
                    *byte ^= 0x41;
                }
                open(&Cpio, &changed).1.ok();
            }
        }
    }

    #[test]
    fn digits_alone_are_no_header() {
        let digits = "0707010707020707070707".repeat(20);
        assert_eq!(format_of(digits.as_bytes()), None);
        assert_eq!(format_of(&digits.as_bytes()[12..]), None);
        assert_eq!(format_of(b"\xc7\x71 text 900101100004, more of it"), None);
    }
}
