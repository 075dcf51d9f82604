//! Thrift's compact protocol, as far as Parquet's headers need it. Every read may fail; nothing is
//! allocated here, and what a reader does not ask for is stepped over.

/// Structs within structs in what is stepped over.
const MAX_DEPTH: u32 = 16;

/// Kinds of values, as the protocol numbers them.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// What stands in a field that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(u8);

pub(super) struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Thrift<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Thrift<'a> {
        Thrift { bytes, at }
    }

    /// Where the next value begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at = self.at.checked_add(1)?;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A number of any width; they are all written alike.
    pub(super) fn int(&mut self) -> Option<i64> {
        let raw = self.varint()?;
        Some(((raw >> 1) as i64) ^ -((raw & 1) as i64))
    }

    /// The same where it may not be negative.
    pub(super) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.int()?).ok()
    }

    pub(super) fn binary(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.varint()?).ok()?;
        let end = self.at.checked_add(len)?;
        let value = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(value)
    }

    pub(super) fn text(&mut self) -> Option<String> {
        self.binary().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    pub(super) fn bool(&self, kind: Kind) -> bool {
        kind.0 == TRUE
    }

    /// The fields of a struct: `each` reads one and says so, or leaves it (`Some(false)`).
    pub(super) fn fields(
        &mut self,
        mut each: impl FnMut(&mut Self, i16, Kind) -> Option<bool>,
    ) -> Option<()> {
        let mut id = 0i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => i16::try_from(self.int()?).ok()?,
                delta => id.checked_add(i16::from(delta))?,
            };
            let kind = Kind(head & 0x0f);
            if !each(self, id, kind)? {
                self.skip(kind, 0)?;
            }
        }
    }

    /// The elements of a list, each read by `each`.
    pub(super) fn list(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let (_, count) = self.list_head()?;
        for _ in 0..count {
            each(self)?;
        }
        Some(())
    }

    fn list_head(&mut self) -> Option<(Kind, u64)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        Some((Kind(head & 0x0f), count))
    }

    fn skip(&mut self, kind: Kind, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match kind.0 {
            TRUE | FALSE => Some(()),
            BYTE => self.byte().map(drop),
            4..=6 => self.varint().map(drop),
            DOUBLE => {
                self.at = self.at.checked_add(8).filter(|at| *at <= self.bytes.len())?;
                Some(())
            }
            BINARY => self.binary().map(drop),
            LIST | SET => {
                let (kind, count) = self.list_head()?;
                for _ in 0..count {
                    self.skip_element(kind, depth)?;
                }
                Some(())
            }
            MAP => {
                let count = self.varint()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                for _ in 0..count {
                    self.skip_element(Kind(kinds >> 4), depth)?;
                    self.skip_element(Kind(kinds & 0x0f), depth)?;
                }
                Some(())
            }
            STRUCT => loop {
                let head = self.byte()?;
                if head == 0 {
                    return Some(());
                }
                if head >> 4 == 0 {
                    self.varint()?;
                }
                self.skip(Kind(head & 0x0f), depth + 1)?;
            },
            _ => None,
        }
    }

    /// In a list a truth value has a byte of its own.
    fn skip_element(&mut self, kind: Kind, depth: u32) -> Option<()> {
        match kind.0 {
            TRUE | FALSE => self.byte().map(drop),
            _ => self.skip(kind, depth + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_others_stepped_over() {
        // 1: 150 (i32), 2: [1, 2] (list of i32), 3: {1: true} (struct), 20: "ab".
        let bytes =
            [0x15, 0xac, 2, 0x19, 0x25, 2, 4, 0x1c, 0x11, 0, 0x08, 0x28, 2, b'a', b'b', 0, 99];
        let mut thrift = Thrift::new(&bytes, 0);
        let (mut number, mut word) = (0, Vec::new());
        let end = thrift.fields(|t, id, _| {
            match id {
                1 => number = t.int()?,
                20 => word = t.binary()?.to_vec(),
                _ => return Some(false),
            }
            Some(true)
        });
        assert_eq!((end, number, word.as_slice(), thrift.at()), (Some(()), 150, &b"ab"[..], 16));
    }

    #[test]
    fn structs_without_end_and_counts_that_lie_are_no_values() {
        assert!(Thrift::new(&[0x1c; 100], 0).fields(|_, _, _| Some(false)).is_none());
        let lying = [0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f, 0];
        assert!(Thrift::new(&lying, 0).fields(|_, _, _| Some(false)).is_none());
        assert!(Thrift::new(&[0xff; 11], 0).varint().is_none());
    }
}
