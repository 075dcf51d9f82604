//! Records of Excel's binary workbooks ([MS-XLS] 2.1.4): one after another, with what would not fit
//! in one carried on in CONTINUE records; and the strings in them.

use super::super::bytes::{part, u16_le};
use super::super::code_page;

pub(super) const CONTINUE: u16 = 0x003c;

/// One record. `start` is where it lies in the stream.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    pub(super) start: usize,
    pub(super) data: &'a [u8],
}

pub(super) struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(stream: &'a [u8]) -> Records<'a> {
        Records { stream, at: 0 }
    }

    /// The CONTINUE records that follow what was read last.
    pub(super) fn continued(&mut self) -> Vec<&'a [u8]> {
        let mut parts = Vec::new();
        while u16_le(self.stream, self.at) == Some(CONTINUE) {
            match self.next() {
                Some(record) => parts.push(record.data),
                None => break,
            }
        }
        parts
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let start = self.at;
        let kind = u16_le(self.stream, start)?;
        let len = usize::from(u16_le(self.stream, start + 2)?);
        let rest = self.stream.get(start + 4..)?;
        // The last record of a cut file is shorter than it says.
        let data = rest.get(..len.min(rest.len()))?;
        self.at = start + 4 + data.len();
        Some(Record { kind, start, data })
    }
}

/// A record and those that carry it on, read as one; strings that go over the seam say anew how
/// wide their characters are.
pub(super) struct Seamed<'a> {
    parts: Vec<&'a [u8]>,
    part: usize,
    at: usize,
}

impl<'a> Seamed<'a> {
    pub(super) fn new(first: &'a [u8], more: Vec<&'a [u8]>) -> Seamed<'a> {
        let mut parts = vec![first];
        parts.extend(more);
        Seamed { parts, part: 0, at: 0 }
    }

    fn here(&mut self) -> Option<&'a [u8]> {
        loop {
            let part = *self.parts.get(self.part)?;
            match part.get(self.at..) {
                Some(rest) if !rest.is_empty() => return Some(rest),
                _ => {
                    self.part += 1;
                    self.at = 0;
                }
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.here()?.first()?;
        self.at += 1;
        Some(byte)
    }

    fn word(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let step = self.here()?.len().min(count);
            self.at += step;
            count -= step;
        }
        Some(())
    }

    fn long(&mut self) -> Option<usize> {
        Some(usize::from(self.word()?) | usize::from(self.word()?) << 16)
    }

    /// XLUnicodeRichExtendedString: length, width, formats and phonetics behind it.
    pub(super) fn string(&mut self) -> Option<String> {
        let characters = usize::from(self.word()?);
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { usize::from(self.word()?) } else { 0 };
        let extra = if flags & 4 != 0 { self.long()? } else { 0 };
        let text = self.characters(characters, flags & 1 != 0);
        self.skip(4 * runs)?;
        self.skip(extra)?;
        Some(text)
    }

    /// This many characters, narrow or wide; a seam among them has the width in its first byte.
    pub(super) fn characters(&mut self, count: usize, mut wide: bool) -> String {
        let mut left = count;
        let mut units = Vec::new();
        while left > 0 {
            let part = self.part;
            let Some(rest) = self.here() else { break };
            let rest = if self.part != part && left < count {
                let Some((flags, rest)) = rest.split_first() else { break };
                wide = flags & 1 != 0;
                self.at += 1;
                rest
            } else {
                rest
            };
            if wide {
                let fit = (rest.len() / 2).min(left);
                units.extend((0..fit).filter_map(|i| u16_le(rest, 2 * i)));
                left -= fit;
                self.at += 2 * fit;
                if fit == 0 && rest.len() < 2 {
                    // Half a character before a seam: made to hurt.
                    self.at += rest.len();
                }
            } else {
                let fit = rest.len().min(left);
                units.extend(rest.iter().take(fit).map(|b| u16::from(*b)));
                left -= fit;
                self.at += fit;
            }
        }
        String::from_utf16_lossy(&units)
    }
}

/// A string within one record: `wide_count` bytes of length before it; BIFF8 has the width of its
/// characters behind that, older versions store the code page's bytes.
pub(super) fn string(
    data: &[u8],
    at: usize,
    long_count: bool,
    page: Option<u16>,
) -> Option<String> {
    let (count, at) = if long_count {
        (usize::from(u16_le(data, at)?), at.checked_add(2)?)
    } else {
        (usize::from(*data.get(at)?), at.checked_add(1)?)
    };
    if let Some(page) = page {
        let rest = data.get(at..)?;
        let raw = rest.get(..count.min(rest.len()))?;
        return Some(if page == 1252 {
            code_page::western(raw)
        } else {
            code_page::decode(page, raw)
        });
    }
    let flags = *data.get(at)?;
    let mut text = at.checked_add(1)?;
    text += if flags & 8 != 0 { 2 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
    let wide = flags & 1 != 0;
    let rest = data.get(text..)?;
    let bytes = if wide { count * 2 } else { count };
    let raw = part(rest, 0, bytes).unwrap_or(rest);
    Some(if wide {
        encoding_rs::UTF_16LE.decode_without_bom_handling(raw).0.into_owned()
    } else {
        raw.iter().map(|b| char::from(*b)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_over_a_seam_changes_its_width() {
        let mut first = vec![12, 0, 0];
        first.extend_from_slice(b"IIN 90");
        let mut second = vec![1];
        second.extend("0101ЖҮ".encode_utf16().flat_map(u16::to_le_bytes));
        second.extend_from_slice(&[3, 0, 0, b'a', b'b', b'c']);
        let mut strings = Seamed::new(&first, vec![&second]);
        assert_eq!(strings.string().as_deref(), Some("IIN 900101ЖҮ"));
        assert_eq!(strings.string().as_deref(), Some("abc"));
        assert_eq!(strings.string(), None);
    }

    #[test]
    fn formats_behind_a_string_are_left_out() {
        let mut bytes = vec![2, 0, 0b1101, 1, 0, 3, 0, 0, 0];
        bytes.extend("ИН".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend_from_slice(&[9, 9, 9, 9, 8, 8, 8]);
        bytes.extend_from_slice(&[1, 0, 0, b'x']);
        let mut strings = Seamed::new(&bytes, Vec::new());
        assert_eq!(strings.string().as_deref(), Some("ИН"));
        assert_eq!(strings.string().as_deref(), Some("x"));
    }
}
