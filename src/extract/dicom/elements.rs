//! The elements of a DICOM data set (PS3.5, 7), one after another; sequences are gone through as if
//! they lay flat.

use crate::extract::bytes::{part, u16_be, u16_le, u32_be, u32_le};

pub(super) const UNDEFINED: u32 = u32::MAX;
/// Items and their ends.
const ITEMS: u16 = 0xfffe;

/// How a data set is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Syntax {
    /// Every element names the kind of its value.
    pub(super) explicit: bool,
    pub(super) big: bool,
}

#[derive(Debug)]
pub(super) struct Element<'a> {
    pub(super) group: u16,
    pub(super) element: u16,
    /// The kind of its value, zeros where it is not told.
    pub(super) kind: [u8; 2],
    pub(super) value: &'a [u8],
    /// The value is made of items, to the end of the file.
    pub(super) in_items: bool,
}

pub(super) struct Elements<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) syntax: Syntax,
    /// The last element says that it is longer than the file.
    pub(super) cut: bool,
}

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, syntax: Syntax) -> Elements<'a> {
        Elements { bytes, at, syntax, cut: false }
    }

    pub(super) fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        if self.syntax.big { u16_be(bytes, at) } else { u16_le(bytes, at) }
    }

    fn u32(&self, at: usize) -> Option<u32> {
        if self.syntax.big { u32_be(self.bytes, at) } else { u32_le(self.bytes, at) }
    }

    fn step(&mut self) -> Option<Option<Element<'a>>> {
        let at = self.at;
        let (group, element) = (self.u16(self.bytes, at)?, self.u16(self.bytes, at + 2)?);
        if group == ITEMS {
            self.at = at + 8;
            return Some(None);
        }
        let kind: [u8; 2] = part(self.bytes, at + 4, 2)?.try_into().ok()?;
        let told = self.syntax.explicit && kind.iter().all(u8::is_ascii_uppercase);
        let long = matches!(
            &kind,
            b"OB"
                | b"OW"
                | b"OF"
                | b"OD"
                | b"OL"
                | b"OV"
                | b"SQ"
                | b"UC"
                | b"UR"
                | b"UT"
                | b"UN"
                | b"SV"
                | b"UV"
        );
        let (len, start) = match (told, long) {
            (true, true) => (self.u32(at + 8)?, at + 12),
            (true, false) => (u32::from(self.u16(self.bytes, at + 6)?), at + 8),
            (false, _) => (self.u32(at + 4)?, at + 8),
        };
        let kind = if told { kind } else { [0; 2] };
        let rest = self.bytes.get(start..)?;
        if len == UNDEFINED || (&kind == b"SQ" && told) {
            self.at = start;
            let in_items = len == UNDEFINED;
            return Some(Some(Element { group, element, kind, value: rest, in_items }));
        }
        self.cut |= len as usize > rest.len();
        let value = rest.get(..(len as usize).min(rest.len()))?;
        self.at = start + value.len();
        Some(Some(Element { group, element, kind, value, in_items: false }))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        loop {
            if let Some(element) = self.step()? {
                return Some(element);
            }
        }
    }
}

/// The items that a value in items is made of (PS3.5, A.4): the first is a table of offsets.
pub(super) fn fragments(value: &[u8]) -> Vec<&[u8]> {
    let mut fragments = Vec::new();
    let mut at = 0;
    while u16_le(value, at) == Some(ITEMS) && u16_le(value, at + 2) == Some(0xe000) {
        let len = u32_le(value, at + 4).unwrap_or(0) as usize;
        let rest = value.get(at + 8..).unwrap_or_default();
        let Some(fragment) = rest.get(..len.min(rest.len())) else { break };
        fragments.push(fragment);
        at += 8 + fragment.len();
    }
    fragments
}
