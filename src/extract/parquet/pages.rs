//! The pages of one column chunk, unpacked one after another, and the values in them.

use std::io::Read;

use super::FORMAT;
use super::footer::{Chunk, Column};
use super::thrift::Thrift;
use super::values::{Fault, Hybrid, Next, Value, Values, plain};
use crate::error::{Bound, Skip};
use crate::extract::bytes::{part, u32_be, u32_le};
use crate::extract::streams;
use crate::limits::Budget;

/// LZ4 and Snappy pack a run of equal bytes to a 255th and a 22nd at best.
const LZ4_RATIO: usize = 255;
const SNAPPY_RATIO: usize = 22;
const SLACK: usize = 64;
/// Entries of a dictionary that are charged at once.
const ENTRIES: usize = 4096;
const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_V2: i64 = 3;
/// The encoding of levels that all writers of the last ten years use.
const RLE: i64 = 3;

/// What a header of a page says.
#[derive(Default)]
struct Header {
    kind: i64,
    packed: usize,
    unpacked: usize,
    values: u64,
    encoding: i64,
    def_encoding: i64,
    rep_encoding: i64,
    def_len: usize,
    rep_len: usize,
    stored: bool,
}

/// A column as it is read, row by row.
pub(super) struct Reading<'a> {
    file: &'a [u8],
    at: usize,
    end: usize,
    codec: i64,
    column: &'a Column,
    /// Values that no page has given yet.
    left: u64,
    dictionary: Vec<u8>,
    entries: Vec<Value>,
    page: Vec<u8>,
    in_page: u64,
    reps: Option<Hybrid>,
    defs: Option<Hybrid>,
    values: Option<Values>,
    spare: Vec<u8>,
    /// The levels of the value that comes next.
    ahead: Option<(u64, u64)>,
}

/// A value of a row, as it is handed out.
pub(super) enum Cell<'c> {
    Number(Value),
    Bytes(&'c [u8]),
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a [u8], column: &'a Column, chunk: &Chunk) -> Reading<'a> {
        Reading {
            file,
            at: chunk.at,
            end: chunk.at.saturating_add(chunk.len).min(file.len()),
            codec: chunk.codec,
            column,
            left: chunk.values,
            dictionary: Vec::new(),
            entries: Vec::new(),
            page: Vec::new(),
            in_page: 0,
            reps: None,
            defs: None,
            values: None,
            spare: Vec::new(),
            ahead: None,
        }
    }

    /// Gives the values of the next row to `cell`; false at the end.
    pub(super) fn row(
        &mut self,
        budget: &mut Budget,
        mut cell: impl FnMut(Cell<'_>, &mut Budget) -> Result<(), Skip>,
    ) -> Result<bool, Skip> {
        let Some((_, mut def)) = self.levels(budget)? else { return Ok(false) };
        let mut seen = 0u32;
        loop {
            self.ahead = None;
            if def == u64::from(self.column.max_def) {
                let value = self.value()?;
                cell(value, budget)?;
            }
            if self.column.max_rep == 0 {
                return Ok(true);
            }
            def = match self.levels(budget)? {
                Some((1.., def)) => def,
                _ => return Ok(true),
            };
            // A row of many values without anything in them costs time alone.
            seen = seen.wrapping_add(1);
            if seen.is_multiple_of(1 << 14) {
                budget.in_time()?;
            }
        }
    }

    /// Repetition and definition of the next value.
    fn levels(&mut self, budget: &mut Budget) -> Result<Option<(u64, u64)>, Skip> {
        if self.ahead.is_none() {
            while self.in_page == 0 {
                if self.left == 0 || self.at >= self.end {
                    return Ok(None);
                }
                self.next_page(budget)?;
            }
            self.in_page -= 1;
            let level = |levels: &mut Option<Hybrid>, page: &[u8]| match levels {
                Some(levels) => levels.next(page).ok_or_else(|| damaged("levels do not parse")),
                None => Ok(0),
            };
            let rep = level(&mut self.reps, &self.page)?;
            let def = level(&mut self.defs, &self.page)?;
            self.ahead = Some((rep, def));
        }
        Ok(self.ahead)
    }

    fn value(&mut self) -> Result<Cell<'_>, Skip> {
        let broken = || damaged("values do not parse");
        let values = self.values.as_mut().ok_or_else(broken)?;
        let (value, bytes) = match values.next(&self.page, &mut self.spare).ok_or_else(broken)? {
            Next::Own(value) => (value, &self.page),
            Next::Index(index) => (*self.entries.get(index).ok_or_else(broken)?, &self.dictionary),
            Next::Spare => (Value::Bytes { from: 0, to: self.spare.len() }, &self.spare),
        };
        Ok(match value {
            Value::Bytes { from, to } => Cell::Bytes(bytes.get(from..to).ok_or_else(broken)?),
            value => Cell::Number(value),
        })
    }

    fn next_page(&mut self, budget: &mut Budget) -> Result<(), Skip> {
        budget.in_time()?;
        let mut thrift = Thrift::new(self.file, self.at);
        let header = header(&mut thrift).ok_or_else(|| damaged("page header does not parse"))?;
        let packed = part(self.file, thrift.at(), header.packed)
            .ok_or_else(|| damaged("page ends behind the file"))?;
        self.at = thrift.at().saturating_add(header.packed);
        match header.kind {
            DICTIONARY => {
                self.dictionary = unpack(self.codec, packed, header.unpacked, budget)?;
                self.entries.clear();
                let mut at = 0;
                // Each takes a byte at least, whatever the header counts.
                while self.entries.len() as u64 != header.values {
                    let Some((value, len)) = plain(self.column.kind, &self.dictionary, at) else {
                        return Err(damaged("dictionary does not parse"));
                    };
                    if len == 0 {
                        return Err(damaged("values without bytes"));
                    }
                    at += len;
                    self.entries.push(value);
                    // A place takes more than a short value does.
                    if self.entries.len().is_multiple_of(ENTRIES) {
                        budget.charge((ENTRIES * size_of::<Value>()) as u64)?;
                    }
                }
                Ok(())
            }
            DATA => {
                self.page = unpack(self.codec, packed, header.unpacked, budget)?;
                let mut at = 0;
                for (levels, most, encoding) in [
                    (&mut self.reps, self.column.max_rep, header.rep_encoding),
                    (&mut self.defs, self.column.max_def, header.def_encoding),
                ] {
                    *levels = None;
                    if most == 0 {
                        continue;
                    }
                    if encoding != RLE {
                        return Err(unknown());
                    }
                    let len = u32_le(&self.page, at).ok_or_else(|| damaged("levels are cut"))?;
                    let from = at + 4;
                    at = from.saturating_add(len as usize).min(self.page.len());
                    *levels = Some(Hybrid::new(from, at, width_of(most)));
                }
                self.begin(&header, at, budget)
            }
            DATA_V2 => {
                let levels_len = header.rep_len.saturating_add(header.def_len);
                let (Some(levels), Some(values)) =
                    (packed.get(..levels_len), packed.get(levels_len..))
                else {
                    return Err(damaged("levels are cut"));
                };
                let codec = if header.stored { 0 } else { self.codec };
                let unpacked = header.unpacked.saturating_sub(levels_len);
                let values = unpack(codec, values, unpacked, budget)?;
                self.page = [levels, &values].concat();
                let levels = |most: u32, from: usize, len: usize| {
                    (most > 0).then(|| Hybrid::new(from, from + len, width_of(most)))
                };
                self.reps = levels(self.column.max_rep, 0, header.rep_len);
                self.defs = levels(self.column.max_def, header.rep_len, header.def_len);
                self.begin(&header, levels_len, budget)
            }
            // Pages of indices and kinds to come.
            _ => Ok(()),
        }
    }

    fn begin(&mut self, header: &Header, from: usize, budget: &Budget) -> Result<(), Skip> {
        self.in_page = header.values.min(self.left);
        self.left -= self.in_page;
        let wait = || budget.in_time().is_ok();
        self.values = match Values::new(header.encoding, self.column.kind, &self.page, from, wait) {
            Ok(values) => Some(values),
            Err(Fault::Unknown) => return Err(unknown()),
            Err(Fault::Damaged) => {
                budget.in_time()?;
                return Err(damaged("values do not parse"));
            }
        };
        Ok(())
    }
}

fn damaged(detail: &'static str) -> Skip {
    Skip::damaged(FORMAT, detail)
}

fn unknown() -> Skip {
    Skip::Unsupported { format: FORMAT, detail: "an encoding of values that is not read".into() }
}

/// Bits that a level takes.
fn width_of(most: u32) -> u32 {
    u32::BITS - most.leading_zeros()
}

fn header(t: &mut Thrift<'_>) -> Option<Header> {
    let mut header = Header::default();
    t.fields(|t, id, _| {
        match id {
            1 => header.kind = t.int()?,
            2 => header.unpacked = t.size()?,
            3 => header.packed = t.size()?,
            5 => t.fields(|t, id, _| {
                match id {
                    1 => header.values = t.size()? as u64,
                    2 => header.encoding = t.int()?,
                    3 => header.def_encoding = t.int()?,
                    4 => header.rep_encoding = t.int()?,
                    _ => return Some(false),
                }
                Some(true)
            })?,
            7 => t.fields(|t, id, _| {
                if id == 1 {
                    header.values = t.size()? as u64;
                }
                Some(id == 1)
            })?,
            8 => t.fields(|t, id, kind| {
                match id {
                    1 => header.values = t.size()? as u64,
                    4 => header.encoding = t.int()?,
                    5 => header.def_len = t.size()?,
                    6 => header.rep_len = t.size()?,
                    7 => header.stored = !t.bool(kind),
                    _ => return Some(false),
                }
                Some(true)
            })?,
            _ => return Some(false),
        }
        Some(true)
    })?;
    Some(header)
}

/// A page's bytes. `len` is what the header says: a bound for those who ask for one, checked against
/// what the method can give and against the budget before anything is allocated.
fn unpack(codec: i64, packed: &[u8], len: usize, budget: &mut Budget) -> Result<Vec<u8>, Skip> {
    if packed.is_empty() {
        return Ok(Vec::new());
    }
    let room = |ratio: usize, budget: &Budget| {
        let possible = packed.len().saturating_mul(ratio).saturating_add(SLACK);
        if len > possible {
            Err(damaged("page says more than it can hold"))
        } else if len as u64 > budget.room() {
            Err(Skip::OverBudget(Bound::ExpandedBytes(budget.limits().max_expanded_bytes)))
        } else {
            Ok(())
        }
    };
    let whole = |bytes: Option<Vec<u8>>, budget: &mut Budget| {
        let bytes = bytes.ok_or_else(|| damaged("page does not unpack"))?;
        budget.charge(bytes.len() as u64)?;
        Ok(bytes)
    };
    match codec {
        0 => whole(Some(packed.to_vec()), budget),
        1 => {
            room(SNAPPY_RATIO, budget)?;
            // It says its length itself, too.
            let honest = snap::raw::decompress_len(packed).is_ok_and(|own| own <= len);
            let bytes = honest.then(|| snap::raw::Decoder::new().decompress_vec(packed).ok());
            whole(bytes.flatten(), budget)
        }
        2 => read(flate2::read::MultiGzDecoder::new(packed), len, budget),
        4 => read(brotli_decompressor::Decompressor::new(packed, 4096), len, budget),
        5 => {
            room(LZ4_RATIO, budget)?;
            whole(framed_lz4(packed, len).or_else(|| streams::lz4_block(packed, len)), budget)
        }
        6 => read(streams::zstd(packed), len, budget),
        7 => {
            room(LZ4_RATIO, budget)?;
            whole(streams::lz4_block(packed, len), budget)
        }
        _ => {
            let detail = "a packing that is not read";
            Err(Skip::Unsupported { format: FORMAT, detail: detail.into() })
        }
    }
}

fn read(from: impl Read, len: usize, budget: &mut Budget) -> Result<Vec<u8>, Skip> {
    budget.read_all(FORMAT, from.take(len as u64))
}

/// LZ4 as Hadoop frames it: both lengths in front of each block.
fn framed_lz4(packed: &[u8], len: usize) -> Option<Vec<u8>> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < packed.len() {
        let own = u32_be(packed, at)? as usize;
        let block = part(packed, at.checked_add(8)?, u32_be(packed, at + 4)? as usize)?;
        if own > len.checked_sub(out.len())? {
            return None;
        }
        out.extend(streams::lz4_block(block, own)?);
        at += 8 + block.len();
    }
    Some(out)
}
