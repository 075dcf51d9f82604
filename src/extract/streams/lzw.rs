//! `.Z` of compress(1): LZW with codes of 9 to 16 bits, least significant bit first. Codes come in
//! groups of eight of one width; where the width changes, the rest of the group is padding.

use std::io::{self, Read};

use super::{broken, read_up_to};

const CLEAR: usize = 256;
const FIRST_WIDTH: u32 = 9;

/// Magic, then flags: block mode, the largest width; bits 5 and 6 are reserved.
pub(super) fn starts(head: &[u8]) -> bool {
    let [0x1f, 0x9d, flags, rest @ ..] = head else { return false };
    // The first code stands for itself: a byte, so that its ninth bit is not set.
    flags & 0x60 == 0
        && (FIRST_WIDTH..=16).contains(&u32::from(flags & 31))
        && rest.get(1).is_none_or(|second| second & 1 == 0)
}

pub(super) struct Lzw<R> {
    from: R,
    /// The codes of a group of eight: as many bytes as a code has bits.
    group: [u8; 16],
    group_bits: usize,
    bit: usize,
    width: u32,
    max_width: u32,
    block_mode: bool,
    /// What stands before the last byte of a code, and that byte; from 256 on.
    prefixes: Vec<u16>,
    suffixes: Vec<u8>,
    last: Option<usize>,
    first_byte: u8,
    /// The string of the last code, backwards.
    string: Vec<u8>,
}

impl<R: Read> Lzw<R> {
    pub(super) fn new(mut from: R) -> io::Result<Lzw<R>> {
        let mut header = [0; 3];
        from.read_exact(&mut header)?;
        let flags = header[2];
        let (max_width, block_mode) = (u32::from(flags & 31), flags & 0x80 != 0);
        if header[..2] != [0x1f, 0x9d] || !(FIRST_WIDTH..=16).contains(&max_width) {
            return Err(broken("header"));
        }
        let mut lzw = Lzw {
            from,
            group: [0; 16],
            group_bits: 0,
            bit: 0,
            width: FIRST_WIDTH,
            max_width,
            block_mode,
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            last: None,
            first_byte: 0,
            string: Vec::new(),
        };
        lzw.clear();
        Ok(lzw)
    }

    fn clear(&mut self) {
        self.prefixes.clear();
        self.suffixes.clear();
        if self.block_mode {
            self.prefixes.push(0); // the place of CLEAR
            self.suffixes.push(0);
        }
    }

    fn next_free(&self) -> usize {
        256 + self.prefixes.len()
    }

    fn next_code(&mut self) -> io::Result<Option<usize>> {
        let width = self.width as usize;
        if self.bit + width > self.group_bits {
            let group = self.group.get_mut(..width).unwrap_or_default();
            self.group_bits = 8 * read_up_to(&mut self.from, group)?;
            self.bit = 0;
            if self.group_bits < width {
                return Ok(None);
            }
        }
        let byte = |at: usize| u32::from(self.group.get(at).copied().unwrap_or(0));
        let at = self.bit / 8;
        let bits = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16;
        self.bit += width;
        Ok(Some((bits >> ((self.bit - width) % 8)) as usize & ((1 << width) - 1)))
    }

    /// A new width begins a new group.
    fn set_width(&mut self, width: u32) {
        self.width = width;
        (self.bit, self.group_bits) = (0, 0);
    }

    /// Decodes the next code into `string`; false at the end.
    fn step(&mut self) -> io::Result<bool> {
        // The table grows by one with each code, and the codes with it.
        if self.next_free() >= 1 << self.width && self.width < self.max_width {
            self.set_width(self.width + 1);
        }
        let Some(code) = self.next_code()? else { return Ok(false) };
        if code == CLEAR && self.block_mode {
            self.clear();
            self.set_width(FIRST_WIDTH);
            self.last = None;
            return Ok(true);
        }
        let Some(last) = self.last else {
            let byte = u8::try_from(code).map_err(|_| broken("first code"))?;
            (self.last, self.first_byte) = (Some(code), byte);
            self.string.push(byte);
            return Ok(true);
        };
        let mut at = code;
        if code >= self.next_free() {
            // The code that is being made: the last string and its own first byte.
            if code > self.next_free() {
                return Err(broken("code out of range"));
            }
            self.string.push(self.first_byte);
            at = last;
        }
        while at >= 256 {
            let (Some(prefix), Some(suffix)) =
                (self.prefixes.get(at - 256), self.suffixes.get(at - 256))
            else {
                return Err(broken("code out of range"));
            };
            self.string.push(*suffix);
            // A prefix is always older than its code; anything else would never end.
            if usize::from(*prefix) >= at {
                return Err(broken("code out of range"));
            }
            at = usize::from(*prefix);
        }
        let byte = u8::try_from(at).map_err(|_| broken("code out of range"))?;
        self.string.push(byte);
        self.first_byte = byte;
        if self.next_free() < 1 << self.max_width {
            self.prefixes.push(u16::try_from(last).map_err(|_| broken("code out of range"))?);
            self.suffixes.push(byte);
        }
        self.last = Some(code);
        Ok(true)
    }
}

impl<R: Read> Read for Lzw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.string.is_empty() && !buffer.is_empty() {
            if !self.step()? {
                return Ok(0);
            }
        }
        let n = self.string.len().min(buffer.len());
        for to in buffer.iter_mut().take(n) {
            *to = self.string.pop().unwrap_or_default();
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Skip;
    use crate::extract::{samples, streams::COMPRESS};
    use crate::flow::Content;

    /// `printf 'iin=900101100004\niin=900101100004\n' | compress -c`
    const PACKED: &[u8] = &[
        0x1f, 0x9d, 0x90, 0x69, 0xd2, 0xb8, 0xe9, 0x91, 0x03, 0x06, 0x8c, 0x18, 0x07, 0x11, 0x1a,
        0x84, 0x41, 0x43, 0x41, 0xc0, 0x81, 0x05, 0x0f, 0x26, 0x5c, 0xc8, 0x50, 0x01,
    ];

    #[test]
    fn what_compress_wrote_is_read() {
        assert_eq!(samples::format_of(PACKED), Some("compress"));
        let (out, end) = samples::open(&COMPRESS, PACKED);
        assert_eq!(end, Ok(()));
        assert!(matches!(&out[..], [Content::Bytes { bytes, .. }]
            if bytes == b"iin=900101100004\niin=900101100004\n"));
    }

    #[test]
    fn changed_codes_are_damage_and_end() {
        for at in 3..PACKED.len() {
            let mut changed = PACKED.to_vec();
            changed[at] = 0xff;
            let end = samples::open(&COMPRESS, &changed).1;
            assert!(matches!(end, Ok(()) | Err(Skip::Damaged { .. })));
        }
    }
}
