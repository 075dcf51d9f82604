//! Parquet (parquet-format 2.11): every row with its columns as header, longer texts and BLOBs as
//! contents of their own.
//!
//! Read here and not by the crate of that name, which unpacks zstd in C. A column is read page by page,
//! all columns side by side, so that no more is in memory than a page and a dictionary of each.

mod footer;
mod pages;
mod thrift;
mod values;

use super::Extractor;
use super::rows::Rows;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;
use footer::{Chunk, Column, Footer};
use pages::{Cell, Reading};
use values::Value;

const FORMAT: &str = "parquet";
/// A cell over this is a document, not a cell: it is looked at on its own.
const MAX_CELL: usize = 2 << 10;
/// A BLOB under this holds no picture and no document.
const MIN_BLOB: usize = 64;
/// Columns side by side: each has a page in memory.
const MAX_COLUMNS: usize = 10_000;

pub struct Parquet;

impl Extractor for Parquet {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.apache.parquet"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        // A page header or the footer follows: never printable text.
        (head.starts_with(footer::MAGIC) || head.starts_with(footer::LOCKED))
            && head.get(4).is_some_and(|&b| b < 0x20)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        if bytes.ends_with(footer::LOCKED) {
            return Err(Skip::Encrypted { format: FORMAT });
        }
        if !bytes.ends_with(footer::MAGIC) {
            return Err(Skip::damaged(FORMAT, "ends before its directory"));
        }
        let footer =
            Footer::read(bytes).ok_or_else(|| Skip::damaged(FORMAT, "directory does not parse"))?;
        if footer.columns.len() > MAX_COLUMNS {
            let detail = "more columns than are read";
            return Err(Skip::Unsupported { format: FORMAT, detail: detail.into() });
        }
        if !footer.notes.is_empty() {
            let form = Form::Metadata;
            out.push(Content::Text { at: at.clone(), text: footer.notes.clone(), form });
        }
        let names: Vec<String> = footer.columns.iter().map(|column| column.name.clone()).collect();
        let mut table = Table { at, budget, out, rows: Rows::new(&names), number: 0 };
        let mut end = Ok(());
        for group in &footer.groups {
            end = table.group(bytes, &footer.columns, group);
            if end.is_err() {
                break;
            }
        }
        let Table { rows, out, .. } = table;
        rows.finish(at, out);
        end
    }
}

struct Table<'a> {
    at: &'a Locator,
    budget: &'a mut Budget,
    out: &'a mut Vec<Content>,
    rows: Rows,
    number: u64,
}

impl Table<'_> {
    /// The rows of one group. A column that breaks is told, and the others go on.
    fn group(&mut self, bytes: &[u8], columns: &[Column], chunks: &[Chunk]) -> Result<(), Skip> {
        let mut readings: Vec<Option<Reading<'_>>> = Vec::new();
        for (column, chunk) in columns.iter().zip(chunks) {
            let reads = !chunk.elsewhere && !chunk.locked;
            readings.push(reads.then(|| Reading::new(bytes, column, chunk)));
            if chunk.locked {
                self.skipped(column, Skip::Encrypted { format: FORMAT });
            } else if chunk.elsewhere {
                let detail = "a column that lies in another file";
                self.skipped(column, Skip::Unsupported { format: FORMAT, detail: detail.into() });
            }
        }
        if chunks.len() != columns.len() {
            return Err(Skip::damaged(FORMAT, "group without all of its columns"));
        }
        let mut text = String::new();
        while readings.iter().any(Option::is_some) {
            let mut any = false;
            let mut cells: Vec<String> = Vec::with_capacity(columns.len());
            for (column, reading) in columns.iter().zip(&mut readings) {
                text.clear();
                if let Some(open) = reading {
                    let (at, out, number) = (self.at, &mut *self.out, self.number + 1);
                    let told = open.row(self.budget, |cell, budget| {
                        one(cell, column, &mut text, |bytes: &[u8]| {
                            budget.member()?;
                            budget.charge(bytes.len() as u64)?;
                            let at = at.member(format!("{} {number}", column.name));
                            out.push(Content::Bytes { at, bytes: bytes.to_vec() });
                            Ok(())
                        })
                    });
                    match told {
                        Ok(true) => any = true,
                        Ok(false) => *reading = None,
                        Err(over @ Skip::OverBudget(_)) => return Err(over),
                        Err(skip) => {
                            *reading = None;
                            self.skipped(column, skip);
                        }
                    }
                }
                cells.push(text.clone());
            }
            if any {
                self.number += 1;
                for cell in &cells {
                    self.rows.cell(cell);
                }
                self.rows.end_row(self.budget, self.at, self.out)?;
            }
        }
        Ok(())
    }

    fn skipped(&mut self, column: &Column, skip: Skip) {
        self.out.push(Content::Skipped { at: self.at.member(&column.name), skip });
    }
}

/// One value into the text of its cell; the values of a list stand behind one another.
fn one(
    cell: Cell<'_>,
    column: &Column,
    text: &mut String,
    mut own: impl FnMut(&[u8]) -> Result<(), Skip>,
) -> Result<(), Skip> {
    let value = match (cell, column.scale) {
        (Cell::Number(Value::Int(value)), Some(scale)) => decimal(i128::from(value), scale),
        (Cell::Number(Value::Int(value)), None) => value.to_string(),
        (Cell::Number(Value::Float(value)), _) => value.to_string(),
        (Cell::Number(Value::Bool(value)), _) => value.to_string(),
        (Cell::Number(Value::Bytes { .. } | Value::Other), _) => return Ok(()),
        (Cell::Bytes(bytes), Some(scale)) => match big(bytes) {
            Some(value) => decimal(value, scale),
            None => return Ok(()),
        },
        (Cell::Bytes(bytes), None) => match std::str::from_utf8(bytes) {
            Ok(value) if bytes.len() <= MAX_CELL => value.to_owned(),
            // Short BLOBs are keys and sums.
            Err(_) if bytes.len() < MIN_BLOB => return Ok(()),
            _ => return own(bytes),
        },
    };
    if !text.is_empty() {
        text.push_str(", ");
    }
    text.push_str(&value);
    Ok(())
}

/// A number of up to 16 bytes, the first being the highest.
fn big(bytes: &[u8]) -> Option<i128> {
    let sign = if bytes.first()? & 0x80 != 0 { -1i128 } else { 0 };
    (bytes.len() <= 16).then(|| bytes.iter().fold(sign, |n, byte| n << 8 | i128::from(*byte)))
}

fn decimal(value: i128, scale: u32) -> String {
    let Some(unit) = 10i128.checked_pow(scale).filter(|unit| *unit > 1) else {
        return value.to_string();
    };
    let (whole, rest) = (value / unit, (value % unit).unsigned_abs());
    if rest == 0 {
        return whole.to_string();
    }
    let sign = if value < 0 && whole == 0 { "-" } else { "" };
    format!("{sign}{whole}.{rest:0width$}", width = scale as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Bound;
    use crate::extract::samples::{
        children, fixture, format_of, open, open_within, reasons, texts,
    };
    use crate::limits::Limits;

    /// What each of the files must give: pyarrow wrote the same table with all of its codings.
    const ROWS: &str = "id\tФИО\tиин\tскан\ttags\tсумма\tсчёт\n\
        1\tҮлгілі Өмірбек\t900101100004\t\ta, 900101100500\t12.50\t900101100014\n\
        2\tПримерова Алия\t851231203985\t\t\t-0.05\t\n\
        3\t\t900101100014\t\t\t\t851231203985\n";

    fn names() -> [String; 9] {
        let codecs = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"];
        let codecs = codecs.map(|codec| format!("data/staff-{codec}.parquet"));
        let [a, b, c, d, e, f] = codecs;
        let others = ["pages-2", "deltas", "no-dictionary"];
        let [g, h, i] = others.map(|other| format!("data/staff-{other}.parquet"));
        [a, b, c, d, e, f, g, h, i]
    }

    #[test]
    fn rows_come_out_alike_whatever_they_are_coded_with() {
        for name in names() {
            let bytes = fixture(&name);
            assert_eq!(format_of(&bytes), Some("parquet"), "{name}");
            let (out, end) = open(&Parquet, &bytes);
            assert_eq!((end, reasons(&out).len()), (Ok(()), 0), "{name}");
            assert_eq!(texts(&out, Form::Table(b'\t')), ROWS, "{name}");
            let found = children(&out);
            assert_eq!(found.len(), 1, "{name}");
            assert_eq!(found[0].0, "скан 2", "{name}");
            assert_eq!(format_of(found[0].1), Some("png"), "{name}");
        }
    }

    #[test]
    fn decimals_are_written_in_full() {
        assert_eq!(decimal(900101100004, 0), "900101100004");
        assert_eq!(decimal(90010110000400, 2), "900101100004");
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(big(&[0xff, 0xfb]), Some(-5));
        assert_eq!(big(&[0; 17]), None);
    }

    #[test]
    fn a_locked_file_is_told_as_locked() {
        let bytes = [b"PARE\x15\0".as_slice(), b"PARE"].concat();
        assert_eq!(open(&Parquet, &bytes).1, Err(Skip::Encrypted { format: FORMAT }));
    }

    #[test]
    fn a_page_of_many_nulls_ends_at_the_budget() {
        // The levels of one page are a run; its length and the counts before it are made to lie.
        let bytes = fixture("data/nulls.parquet");
        let limits = Limits { max_expanded_bytes: 1 << 20, ..Limits::default() };
        let (_, end) = open_within(&Parquet, &bytes, &limits);
        assert_eq!(end, Err(Skip::OverBudget(Bound::ExpandedBytes(1 << 20))));
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        for name in names() {
            let bytes = fixture(&name);
            for at in 0..bytes.len() {
                if at % 5 == 0 {
                    let (_, end) = open(&Parquet, &bytes[..at]);
                    assert!(end.is_err());
                }
                let mut changed = bytes.clone();
                changed[at] ^= [0xff, 1, 0x80][at % 3];
                open(&Parquet, &changed).1.ok();
            }
        }
    }
}
