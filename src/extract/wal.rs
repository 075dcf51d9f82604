//! What SQLite wrote ahead (`NAME-wal`): rows that the database beside it may not hold yet, and older
//! states of them. Every page of the log is read by itself; the names of columns are in the database.
//!
//! A row stands in the log as often as its page was written; it is told once.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Extractor;
use super::bytes::{u16_be, u32_be};
use super::prose::in_one_line;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

const FORMAT: &str = "sqlite-wal";
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The header of the database, on its first page.
const FIRST_PAGE: usize = 100;
/// A value over this is a document, not a cell: it is looked at on its own.
const MAX_CELL: usize = 2 << 10;
/// A BLOB under this holds no picture and no document.
const MIN_BLOB: usize = 64;
/// A value over this is not put together out of its pages.
const MAX_VALUE: u64 = 64 << 20;
/// Texts are handed over in pieces of about this size.
const MAX_TEXT: usize = 32 << 20;

pub struct Wal;

impl Extractor for Wal {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-sqlite-wal"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        // Magic, the only version there is, a size of pages.
        matches!(u32_be(head, 0), Some(0x377f_0682 | 0x377f_0683))
            && u32_be(head, 4) == Some(3_007_000)
            && page_size(head).is_some()
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let size = page_size(bytes).ok_or_else(|| Skip::damaged(FORMAT, "no header"))?;
        let frames = bytes.get(HEADER..).unwrap_or_default().chunks(FRAME_HEADER + size);
        let frames = frames.filter_map(|frame| {
            Some((u32_be(frame, 0)?, frame.get(FRAME_HEADER..).filter(|page| !page.is_empty())?))
        });
        let log = Log { pages: frames.clone().collect(), size };
        let mut rows =
            Rows { at, text: String::new(), known: HashSet::new(), values: 0, lost: false };
        let mut cut = false;
        for (number, page) in frames {
            budget.in_time()?;
            cut |= page.len() < size;
            let start = if number == 1 { FIRST_PAGE } else { 0 };
            for cell in cells(page, start) {
                let Some(record) = log.record(page, cell.place, cell.table, &mut rows.lost) else {
                    continue;
                };
                rows.add(&record, budget, out)?;
            }
        }
        rows.hand_over(out);
        if rows.lost {
            let detail = "values that go on in the database beside it are read in part";
            let skip = Skip::Unsupported { format: FORMAT, detail: detail.into() };
            out.push(Content::Skipped { at: at.clone(), skip });
        }
        if cut { Err(Skip::damaged(FORMAT, "file is cut short")) } else { Ok(()) }
    }
}

fn page_size(bytes: &[u8]) -> Option<usize> {
    let size = usize::try_from(u32_be(bytes, 8)?).ok()?;
    (size.is_power_of_two() && (512..=65_536).contains(&size)).then_some(size)
}

/// Where a record lies in its page.
struct Cell {
    place: usize,
    /// Of a table with row numbers, not of an index (or of a table without them).
    table: bool,
}

/// The cells of a leaf; of every other kind of page none.
fn cells(page: &[u8], start: usize) -> impl Iterator<Item = Cell> {
    let table = page.get(start) == Some(&0x0d);
    let leaf = table || page.get(start) == Some(&0x0a);
    let count = u16_be(page, start + 3).filter(|_| leaf).unwrap_or(0);
    (0..usize::from(count)).filter_map(move |index| {
        let place = u16_be(page, start + 8 + 2 * index)?;
        Some(Cell { place: place.into(), table })
    })
}

struct Log<'a> {
    /// The last state of each page.
    pages: HashMap<u32, &'a [u8]>,
    size: usize,
}

impl Log<'_> {
    /// The record of a cell, put together where it goes on in other pages of the log (file format 1.6).
    fn record(&self, page: &[u8], place: usize, table: bool, lost: &mut bool) -> Option<Vec<u8>> {
        let mut rest = page.get(place..)?;
        let len = varint(&mut rest)?;
        if table {
            varint(&mut rest)?;
        }
        let len = usize::try_from(len).ok().filter(|_| len <= MAX_VALUE)?;
        let most = if table { self.size.checked_sub(35)? } else { self.local(64)? };
        if len <= most {
            return rest.get(..len).map(<[u8]>::to_vec);
        }
        let least = self.local(32)?;
        let tail = self.size.checked_sub(4)?;
        let here = least.checked_add(len.checked_sub(least)? % tail)?;
        let here = if here <= most { here } else { least };
        let mut record = rest.get(..here)?.to_vec();
        let mut next = u32_be(rest, here)?;
        // Each page of the chain gives something, so a ring ends with the record.
        while record.len() < len {
            let Some(page) = self.pages.get(&next).filter(|page| page.len() > 4) else {
                *lost = true;
                break;
            };
            let piece = page.get(4..)?;
            record.extend_from_slice(piece.get(..len - record.len()).unwrap_or(piece));
            next = u32_be(page, 0)?;
        }
        Some(record)
    }

    fn local(&self, of_255: usize) -> Option<usize> {
        (self.size.checked_sub(12)? * of_255 / 255).checked_sub(23)
    }
}

struct Rows<'a> {
    at: &'a Locator,
    text: String,
    known: HashSet<u64>,
    values: u32,
    lost: bool,
}

impl Rows<'_> {
    fn add(
        &mut self,
        record: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut hasher = DefaultHasher::new();
        record.hash(&mut hasher);
        if !self.known.insert(hasher.finish()) {
            return budget.in_time();
        }
        let before = self.text.len();
        let Some(values) = values(record) else { return Ok(()) };
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.text.push('\t');
            }
            match value {
                Value::Number(number) => self.text.push_str(&number.to_string()),
                Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) if text.len() <= MAX_CELL => self.text.push_str(&in_one_line(text)),
                    _ if bytes.len() >= MIN_BLOB => {
                        budget.member()?;
                        budget.charge(bytes.len() as u64)?;
                        self.values += 1;
                        let at = self.at.member(format!("value {}", self.values));
                        out.push(Content::Bytes { at, bytes: bytes.to_vec() });
                    }
                    _ => {}
                },
                Value::Nothing => {}
            }
        }
        self.text.push('\n');
        budget.charge((self.text.len() - before) as u64)?;
        if self.text.len() > MAX_TEXT {
            self.hand_over(out);
        }
        Ok(())
    }

    fn hand_over(&mut self, out: &mut Vec<Content>) {
        if !self.text.trim().is_empty() {
            let text = std::mem::take(&mut self.text);
            out.push(Content::Text { at: self.at.clone(), text, form: Form::Plain });
        }
    }
}

enum Value<'a> {
    Nothing,
    Number(i64),
    Bytes(&'a [u8]),
}

/// The values of a record by the kinds in its header; what is cut off is left out (2.1).
fn values(record: &[u8]) -> Option<Vec<Value<'_>>> {
    let mut rest = record;
    let header = usize::try_from(varint(&mut rest)?).ok()?;
    let mut kinds = record.get(record.len() - rest.len()..header)?;
    let mut data = record.get(header..)?;
    let mut values = Vec::new();
    while !kinds.is_empty() {
        let kind = varint(&mut kinds)?;
        let len = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => (kind - 12) / 2,
        };
        let len = usize::try_from(len).ok()?.min(data.len());
        let (bytes, behind) = data.split_at(len);
        data = behind;
        values.push(match kind {
            1..=6 => Value::Number(bytes.iter().enumerate().fold(0, |number, (index, byte)| {
                // The first byte has the sign.
                let byte = if index == 0 { i64::from(*byte as i8) } else { i64::from(*byte) };
                number << 8 | byte
            })),
            8 | 9 => Value::Number((kind - 8) as i64),
            12.. => Value::Bytes(bytes),
            _ => Value::Nothing,
        });
    }
    Some(values)
}

/// Seven bits a byte, high ones first; the ninth byte has eight.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for index in 0..9 {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        if index == 8 {
            return Some(value << 8 | u64::from(*byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::extract::samples::{children, format_of, open, reasons, texts};

    /// The log that SQLite leaves beside a database while it is open.
    fn log(sql: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let database = Connection::open(&path).unwrap();
        let mode = "PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;";
        let _ = database.execute_batch(mode);
        for step in sql {
            database.execute_batch(step).unwrap();
        }
        std::fs::read(folder.path().join("a.sqlite-wal")).unwrap()
    }

    #[test]
    fn rows_are_read_once_however_often_their_page_was_written() {
        let bytes = log(&[
            "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, iin, seen)",
            "INSERT INTO people VALUES(1, 'Үлгілі Өмірбек', '900101100004', -2)",
            "INSERT INTO people VALUES(2, NULL, 851231203985, 1.5)",
            "DELETE FROM people WHERE id = 1",
        ]);
        assert_eq!(format_of(&bytes), Some("sqlite-wal"));
        let (out, end) = open(&Wal, &bytes);
        assert_eq!((end, reasons(&out).len()), (Ok(()), 0));
        let text = texts(&out, Form::Plain);
        assert_eq!(text.matches("\tҮлгілі Өмірбек\t900101100004\t-2\n").count(), 1, "{text}");
        assert_eq!(text.matches("851231203985").count(), 1, "{text}");
    }

    #[test]
    fn long_values_are_put_together_out_of_their_pages() {
        let bytes = log(&[
            "CREATE TABLE scans(iin, photo BLOB)",
            "INSERT INTO scans VALUES('900101100004', randomblob(7000))",
            "CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID",
            "INSERT INTO w VALUES('851231203985', randomblob(3000))",
        ]);
        let (out, end) = open(&Wal, &bytes);
        assert_eq!((end, reasons(&out).len()), (Ok(()), 0));
        let sizes: Vec<usize> = children(&out).iter().map(|(_, bytes)| bytes.len()).collect();
        assert_eq!(sizes, [7000, 3000]);
        let text = texts(&out, Form::Plain);
        assert!(text.contains("900101100004\t\n") && text.contains("851231203985\t\n"), "{text}");
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic_and_a_cut_is_told() {
        let bytes = log(&[
            "CREATE TABLE t(iin, photo BLOB)",
            "INSERT INTO t VALUES('900101100004', randomblob(3000))",
        ]);
        let (_, end) = open(&Wal, &bytes[..bytes.len() - 10]);
        assert!(matches!(end, Err(Skip::Damaged { .. })));
        for at in (0..bytes.len()).step_by(7) {
            open(&Wal, &bytes[..at]).1.ok();
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            open(&Wal, &changed).1.ok();
        }
    }
}
