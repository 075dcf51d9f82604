//! The encodings of Parquet (Encodings.md), one value at a time: whatever a header counts, no more is
//! held than the page itself. Readers keep places, the bytes are handed to them.

use super::footer::Type;
use crate::extract::bytes::{part, u32_le, u64_le};

/// One value; texts and BLOBs as their place in the page or in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    Bool(bool),
    Int(i64),
    Float(f64),
    Bytes {
        from: usize,
        to: usize,
    },
    /// A kind of value that is not told (times of 96 bits).
    Other,
}

/// Runs and packed numbers mixed (RLE/bit-packing hybrid).
#[derive(Debug, Clone)]
pub(super) struct Hybrid {
    at: usize,
    end: usize,
    width: u32,
    left: u64,
    /// The value of a run; where numbers are packed, the bit that the next begins at.
    run: Option<u64>,
    bit: usize,
}

impl Hybrid {
    pub(super) fn new(from: usize, end: usize, width: u32) -> Hybrid {
        Hybrid { at: from, end, width, left: 0, run: None, bit: 0 }
    }

    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<u64> {
        while self.left == 0 {
            let head = self.varint(bytes)?;
            if head & 1 == 0 {
                let len = self.width.div_ceil(8) as usize;
                let raw = part(bytes, self.at, len).filter(|_| self.at + len <= self.end)?;
                let value = raw.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
                self.at += len;
                (self.left, self.run) = (head >> 1, Some(value));
            } else {
                self.left = (head >> 1).checked_mul(8)?;
                self.run = None;
                self.bit = self.at.checked_mul(8)?;
                // The last group may be cut where no value is left in it.
                let len = usize::try_from(head >> 1).ok()?.checked_mul(self.width as usize)?;
                self.at = self.at.checked_add(len)?.min(self.end);
            }
        }
        self.left -= 1;
        match self.run {
            Some(value) => Some(value),
            None => {
                let value = bits(bytes, self.bit, self.width)?;
                self.bit += self.width as usize;
                Some(value)
            }
        }
    }

    fn varint(&mut self, bytes: &[u8]) -> Option<u64> {
        let (value, len) = varint(bytes.get(..self.end)?, self.at)?;
        self.at += len;
        Some(value)
    }
}

fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (i, byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * i as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, i + 1));
        }
    }
    None
}

/// A number of `width` bits, the least first.
fn bits(bytes: &[u8], bit: usize, width: u32) -> Option<u64> {
    if width == 0 {
        return Some(0);
    }
    let (first, shift) = (bit / 8, bit % 8);
    let len = (shift + width as usize).div_ceil(8);
    let raw = part(bytes, first, len)?;
    let wide = raw.iter().rev().fold(0u128, |wide, byte| wide << 8 | u128::from(*byte));
    let mask = u64::MAX.checked_shr(64u32.checked_sub(width)?)?;
    Some((wide >> shift) as u64 & mask)
}

/// Differences, packed by blocks (DELTA_BINARY_PACKED).
#[derive(Debug, Clone)]
pub(super) struct Deltas {
    at: usize,
    per_mini: u64,
    minis: usize,
    left: u64,
    value: i64,
    first: bool,
    /// Of the block that is being read: its least difference, where the widths lie, the next of them.
    least: i64,
    widths: usize,
    mini: usize,
    in_mini: u64,
    width: u32,
    bit: usize,
}

impl Deltas {
    pub(super) fn new(bytes: &[u8], from: usize) -> Option<Deltas> {
        let mut at = from;
        let mut number = || {
            let (value, len) = varint(bytes, at)?;
            at += len;
            Some(value)
        };
        let (block, minis, left) = (number()?, number()?, number()?);
        let first = number()?;
        let minis = usize::try_from(minis).ok().filter(|minis| (1..=4096).contains(minis))?;
        let per_mini = block.checked_div(minis as u64).filter(|n| n % 8 == 0 && *n > 0)?;
        Some(Deltas {
            at,
            per_mini,
            minis,
            left,
            value: zigzag(first),
            first: true,
            least: 0,
            widths: 0,
            mini: minis,
            in_mini: 0,
            width: 0,
            bit: 0,
        })
    }

    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<i64> {
        self.left = self.left.checked_sub(1)?;
        if std::mem::take(&mut self.first) {
            return Some(self.value);
        }
        if self.in_mini == 0 {
            if self.mini == self.minis {
                let (least, len) = varint(bytes, self.at)?;
                self.least = zigzag(least);
                self.widths = self.at.checked_add(len)?;
                self.at = self.widths.checked_add(self.minis)?;
                self.mini = 0;
            }
            self.width = u32::from(*bytes.get(self.widths.checked_add(self.mini)?)?);
            if self.width > 64 {
                return None;
            }
            self.bit = self.at.checked_mul(8)?;
            let len = usize::try_from(self.per_mini / 8).ok()?.checked_mul(self.width as usize)?;
            self.at = self.at.checked_add(len)?;
            self.mini += 1;
            self.in_mini = self.per_mini;
        }
        self.in_mini -= 1;
        let delta = bits(bytes, self.bit, self.width)? as i64;
        self.bit = self.bit.checked_add(self.width as usize)?;
        self.value = self.value.wrapping_add(self.least).wrapping_add(delta);
        Some(self.value)
    }

    /// Where the bytes begin that follow. Reads all values on the way; `wait` is asked now and then
    /// whether there is time.
    fn end(&self, bytes: &[u8], mut wait: impl FnMut() -> bool) -> Option<usize> {
        let mut ahead = self.clone();
        while ahead.left > 0 {
            if ahead.left.is_multiple_of(1 << 16) && !wait() {
                return None;
            }
            ahead.next(bytes)?;
        }
        Some(ahead.at.min(bytes.len()))
    }
}

fn zigzag(raw: u64) -> i64 {
    ((raw >> 1) as i64) ^ -((raw & 1) as i64)
}

/// The values of one page.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Plain {
        kind: Type,
        at: usize,
    },
    /// Places in the dictionary.
    Indices(Hybrid),
    Bools(Hybrid),
    Deltas(Deltas),
    /// Lengths, then all bytes.
    Lengths {
        lengths: Deltas,
        at: usize,
    },
    /// As `Lengths`, each value without what it shares with the one before.
    Prefixed {
        prefixes: Deltas,
        lengths: Deltas,
        at: usize,
        last: Vec<u8>,
    },
    /// The first bytes of all values, then the second ones.
    Split {
        kind: Type,
        at: usize,
        next: usize,
        count: usize,
    },
}

const PLAIN: i64 = 0;
const PLAIN_DICTIONARY: i64 = 2;
const RLE: i64 = 3;
const DELTA_BINARY: i64 = 5;
const DELTA_LENGTHS: i64 = 6;
const DELTA_STRINGS: i64 = 7;
const RLE_DICTIONARY: i64 = 8;
const BYTE_SPLIT: i64 = 9;

/// Why values cannot be read.
pub(super) enum Fault {
    Damaged,
    Unknown,
}

impl Values {
    /// The values that begin at `from` and go to the end of `bytes`.
    pub(super) fn new(
        encoding: i64,
        kind: Type,
        bytes: &[u8],
        from: usize,
        mut wait: impl FnMut() -> bool,
    ) -> Result<Values, Fault> {
        let damaged = || Fault::Damaged;
        Ok(match encoding {
            PLAIN if kind == Type::Bool => {
                let mut bools = Hybrid::new(from, bytes.len(), 1);
                (bools.left, bools.bit) = (u64::MAX, from.saturating_mul(8));
                Values::Bools(bools)
            }
            PLAIN => Values::Plain { kind, at: from },
            PLAIN_DICTIONARY | RLE_DICTIONARY => {
                // A page of nulls alone has not even a width.
                let width = u32::from(bytes.get(from).copied().unwrap_or(0));
                if width > 32 {
                    return Err(Fault::Damaged);
                }
                Values::Indices(Hybrid::new(from.saturating_add(1), bytes.len(), width))
            }
            RLE if kind == Type::Bool => {
                let start = from.saturating_add(4);
                Values::Bools(Hybrid::new(start, bytes.len(), 1))
            }
            // A page of nulls alone ends where the values would begin.
            DELTA_BINARY | DELTA_LENGTHS | DELTA_STRINGS if from >= bytes.len() => {
                Values::Plain { kind, at: from }
            }
            DELTA_BINARY => Values::Deltas(Deltas::new(bytes, from).ok_or_else(damaged)?),
            DELTA_LENGTHS => {
                let lengths = Deltas::new(bytes, from).ok_or_else(damaged)?;
                let at = lengths.end(bytes, wait).ok_or_else(damaged)?;
                Values::Lengths { lengths, at }
            }
            DELTA_STRINGS => {
                let prefixes = Deltas::new(bytes, from).ok_or_else(damaged)?;
                let middle = prefixes.end(bytes, &mut wait).ok_or_else(damaged)?;
                let lengths = Deltas::new(bytes, middle).ok_or_else(damaged)?;
                let at = lengths.end(bytes, wait).ok_or_else(damaged)?;
                Values::Prefixed { prefixes, lengths, at, last: Vec::new() }
            }
            BYTE_SPLIT => {
                let len = width_of(kind).filter(|len| *len > 0).ok_or_else(damaged)?;
                let count = bytes.len().saturating_sub(from) / len;
                Values::Split { kind, at: from, next: 0, count }
            }
            _ => return Err(Fault::Unknown),
        })
    }

    /// The next value. Texts that are put together are in `spare`, and told as a place in that.
    pub(super) fn next(&mut self, bytes: &[u8], spare: &mut Vec<u8>) -> Option<Next> {
        match self {
            Values::Plain { kind, at } => {
                let (value, len) = plain(*kind, bytes, *at)?;
                *at = at.checked_add(len)?;
                Some(Next::Own(value))
            }
            Values::Indices(indices) => {
                indices.next(bytes).and_then(|i| usize::try_from(i).ok()).map(Next::Index)
            }
            Values::Bools(bools) => bools.next(bytes).map(|bit| Next::Own(Value::Bool(bit != 0))),
            Values::Deltas(deltas) => deltas.next(bytes).map(|n| Next::Own(Value::Int(n))),
            Values::Lengths { lengths, at } => {
                let len = usize::try_from(lengths.next(bytes)?).ok()?;
                part(bytes, *at, len)?;
                let from = *at;
                *at += len;
                Some(Next::Own(Value::Bytes { from, to: from + len }))
            }
            Values::Prefixed { prefixes, lengths, at, last } => {
                let prefix = usize::try_from(prefixes.next(bytes)?).ok()?;
                let len = usize::try_from(lengths.next(bytes)?).ok()?;
                let suffix = part(bytes, *at, len)?;
                if prefix > last.len() {
                    return None;
                }
                last.truncate(prefix);
                last.extend_from_slice(suffix);
                *at += len;
                spare.clear();
                spare.extend_from_slice(last);
                Some(Next::Spare)
            }
            Values::Split { kind, at, next, count } => {
                if *next >= *count {
                    return None;
                }
                let len = width_of(*kind)?;
                spare.clear();
                for byte in 0..len {
                    let place = at.checked_add(byte.checked_mul(*count)?)?.checked_add(*next)?;
                    spare.push(*bytes.get(place)?);
                }
                *next += 1;
                match kind {
                    Type::Fixed(_) => Some(Next::Spare),
                    kind => plain(*kind, spare, 0).map(|(value, _)| Next::Own(value)),
                }
            }
        }
    }
}

/// Where a value is.
pub(super) enum Next {
    /// Here; bytes are a place in the page.
    Own(Value),
    /// Bytes that were put together.
    Spare,
    /// In the dictionary.
    Index(usize),
}

fn width_of(kind: Type) -> Option<usize> {
    match kind {
        Type::Int32 | Type::Float => Some(4),
        Type::Int64 | Type::Double => Some(8),
        Type::Int96 => Some(12),
        Type::Fixed(len) => Some(len),
        Type::Bool | Type::Bytes => None,
    }
}

/// A value as PLAIN stores it, and its length.
pub(super) fn plain(kind: Type, bytes: &[u8], at: usize) -> Option<(Value, usize)> {
    Some(match kind {
        Type::Int32 => (Value::Int(i64::from(u32_le(bytes, at)? as i32)), 4),
        Type::Int64 => (Value::Int(u64_le(bytes, at)? as i64), 8),
        Type::Int96 => (part(bytes, at, 12).map(|_| Value::Other)?, 12),
        Type::Float => (Value::Float(f64::from(f32::from_bits(u32_le(bytes, at)?))), 4),
        Type::Double => (Value::Float(f64::from_bits(u64_le(bytes, at)?)), 8),
        Type::Fixed(len) => {
            part(bytes, at, len)?;
            (Value::Bytes { from: at, to: at + len }, len)
        }
        Type::Bytes => {
            let len = u32_le(bytes, at)? as usize;
            let from = at.checked_add(4)?;
            part(bytes, from, len)?;
            (Value::Bytes { from, to: from + len }, 4 + len)
        }
        Type::Bool => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_numbers_mix() {
        // A run of four 7s, then eight numbers of three bits: 0 to 7 (Encodings.md's example).
        let bytes = [8, 7, 3, 0x88, 0xc6, 0xfa];
        let mut hybrid = Hybrid::new(0, bytes.len(), 3);
        let all: Vec<u64> = std::iter::from_fn(|| hybrid.next(&bytes)).collect();
        assert_eq!(all, [7, 7, 7, 7, 0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn differences_are_added_up() {
        // Block of 128 in 4 parts, 5 values: 7, 5, 3, 1, 2; least difference -2, widths 2 0 0 0.
        let bytes = [0x80, 1, 4, 5, 14, 3, 2, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0];
        let mut deltas = Deltas::new(&bytes, 0).unwrap();
        let all: Vec<i64> = std::iter::from_fn(|| deltas.next(&bytes)).collect();
        assert_eq!(all, [7, 5, 3, 1, 2]);
    }

    #[test]
    fn counts_that_lie_end_with_the_bytes() {
        let bytes = [0xff, 0xff, 0xff, 0xff, 0x0f, 9];
        let mut hybrid = Hybrid::new(0, bytes.len(), 8);
        assert!((0..100).filter_map(|_| hybrid.next(&bytes)).count() < 10);
        let deltas = Deltas::new(&[0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 0x7f, 2], 0).unwrap();
        assert_eq!(deltas.end(&[], || true), None);
    }
}
