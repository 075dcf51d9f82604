//! Excel 5 to 2003 (BIFF5 and BIFF8, [MS-XLS]): every sheet, hidden ones too, as a table whose
//! lines are its rows; comments, text boxes, headers, links and names beside it; pictures.

use std::collections::HashMap;

use super::super::bytes::{u16_le, u32_le, u64_le};
use super::super::sheet::{Sheet, plain_number, unpacked};
use super::super::{bmp, code_page};
use super::biff::{CONTINUE, Record, Records, Seamed, string};
use super::{Reader, art, crypt, strings};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};

const BIFF8: u16 = 0x0600;
/// Blocks of this length are locked anew.
const LOCKED_BLOCK: usize = 1024;
/// Records that are not locked: BOF, FILEPASS, USREXCL, FILELOCK, INTERFACEHDR, RRDINFO, RRDHEAD.
const OPEN: &[u16] = &[kind::BOF, kind::FILE_PASS, 0x0194, 0x0195, 0x00e1, 0x0196, 0x0138];

mod kind {
    pub const FORMULA: u16 = 0x0006;
    pub const EOF: u16 = 0x000a;
    pub const HEADER: u16 = 0x0014;
    pub const FOOTER: u16 = 0x0015;
    pub const NOTE: u16 = 0x001c;
    pub const FILE_PASS: u16 = 0x002f;
    pub const CODE_PAGE: u16 = 0x0042;
    pub const IMAGE: u16 = 0x007f;
    pub const BOUND_SHEET: u16 = 0x0085;
    pub const MUL_RK: u16 = 0x00bd;
    pub const RICH_STRING: u16 = 0x00d6;
    pub const XF: u16 = 0x00e0;
    pub const DRAWING_GROUP: u16 = 0x00eb;
    pub const SST: u16 = 0x00fc;
    pub const LABEL_SST: u16 = 0x00fd;
    pub const TEXT_OBJECT: u16 = 0x01b6;
    pub const LINK: u16 = 0x01b8;
    pub const NUMBER: u16 = 0x0203;
    pub const LABEL: u16 = 0x0204;
    pub const STRING: u16 = 0x0207;
    pub const RK: u16 = 0x027e;
    pub const FORMAT: u16 = 0x041e;
    pub const BOF: u16 = 0x0809;
}

pub(super) fn read(
    reader: &mut Reader,
    storage: usize,
    name: &str,
    at: &Locator,
) -> Result<(), Skip> {
    let mut stream = reader.stream(storage, name)?.unwrap_or_default();
    unlock(&mut stream, reader)?;
    let book = Book::read(&stream, reader)?;
    let mut records = Records::new(&stream);
    // The first substream is the workbook's own.
    book.pass_globals(&mut records);
    let mut number = 0;
    while let Some(record) = records.next() {
        if record.kind == kind::BOF {
            number += 1;
            let title = book.titles.get(&record.start).cloned();
            let title = title.unwrap_or_else(|| format!("sheet {number}"));
            book.sheet(&mut records, reader, &at.member(title))?;
        }
    }
    let mut count = 0;
    art::pictures(&book.drawings, at, &mut count, reader.budget, reader.out)
}

/// Unlocks all records behind the one that tells of the lock. Their kinds and lengths are open, and so
/// are some as a whole ([MS-XLS] 2.2.10).
fn unlock(stream: &mut [u8], reader: &Reader) -> Result<(), Skip> {
    let mut lock = None;
    for record in Records::new(stream) {
        match record.kind {
            kind::FILE_PASS => {
                lock = Some(record.data.to_vec());
                break;
            }
            kind::EOF => break,
            _ => {}
        }
    }
    let Some(lock) = lock else { return Ok(()) };
    // The first word is 1 for RC4; before it only a mixing of the letters was there.
    let info = lock.get(2..).filter(|_| u16_le(&lock, 0) == Some(1));
    let info = info.ok_or(Skip::Encrypted { format: "xls" })?;
    let lock = crypt::Stream::unlock(info, LOCKED_BLOCK, "xls", reader.budget)?;
    let mut open = vec![true; stream.len()];
    for record in Records::new(stream) {
        let first = match record.kind {
            kind if OPEN.contains(&kind) => continue,
            // Where the sheet begins is open.
            kind::BOUND_SHEET => 4,
            _ => 0,
        };
        let start = record.start.saturating_add(4);
        let locked = start.saturating_add(first)..start.saturating_add(record.data.len());
        if let Some(locked) = open.get_mut(locked) {
            locked.fill(false);
        }
    }
    lock.decrypt(stream, |at| open.get(at).copied().unwrap_or(true), reader.budget)
}

/// What the workbook says for all its sheets.
struct Book {
    version: u16,
    page: Option<u16>,
    strings: Vec<String>,
    /// By the place of the sheet's first record.
    titles: HashMap<usize, String>,
    /// Width of a number format of zeros only, by cell style; else 0.
    zeros: Vec<usize>,
    /// Pictures of all sheets.
    drawings: Vec<u8>,
}

impl Book {
    fn read(stream: &[u8], reader: &mut Reader) -> Result<Book, Skip> {
        let mut records = Records::new(stream);
        let first = records.next().filter(|record| record.kind == kind::BOF);
        let version = first.and_then(|record| u16_le(record.data, 0));
        let version = version.ok_or_else(|| Skip::damaged("xls", "no workbook in it"))?;
        let mut book = Book {
            version,
            page: (version < BIFF8).then_some(1252),
            strings: Vec::new(),
            titles: HashMap::new(),
            zeros: Vec::new(),
            drawings: Vec::new(),
        };
        let mut formats = HashMap::new();
        let mut styles = Vec::new();
        while let Some(record) = records.next() {
            let data = record.data;
            match record.kind {
                kind::EOF => break,
                kind::CODE_PAGE if version < BIFF8 => {
                    // 0x8000 and 0x8001 are the Mac's and Windows' own.
                    let page = u16_le(data, 0).unwrap_or(1252);
                    book.page = Some(if page & 0x8000 != 0 { 1252 } else { page });
                }
                kind::BOUND_SHEET => {
                    if let Some((start, name)) =
                        u32_le(data, 0).zip(string(data, 6, false, book.page))
                    {
                        book.titles.insert(start as usize, name);
                    }
                }
                kind::SST => {
                    let mut seamed = Seamed::new(data, records.continued());
                    if seamed.skip(8).is_some() {
                        while let Some(text) = seamed.string() {
                            reader.budget.charge(text.len() as u64 + 1)?;
                            book.strings.push(text);
                        }
                    }
                }
                kind::FORMAT => {
                    let text = string(data, 2, version >= BIFF8, book.page);
                    if let Some((id, text)) = u16_le(data, 0).zip(text)
                        && text.len() > 1
                        && text.bytes().all(|b| b == b'0')
                    {
                        formats.insert(id, text.len());
                    }
                }
                kind::XF => styles.push(u16_le(data, 2).unwrap_or(0)),
                kind::DRAWING_GROUP => {
                    book.drawings.extend_from_slice(data);
                    for more in records.continued() {
                        book.drawings.extend_from_slice(more);
                    }
                }
                _ => {}
            }
        }
        book.zeros = styles.iter().map(|id| formats.get(id).copied().unwrap_or(0)).collect();
        Ok(book)
    }

    fn pass_globals(&self, records: &mut Records) {
        for record in records {
            if record.kind == kind::EOF {
                return;
            }
        }
    }

    /// One sheet up to its end; charts within it are substreams of their own.
    fn sheet(&self, records: &mut Records, reader: &mut Reader, at: &Locator) -> Result<(), Skip> {
        let mut cells = Cells { book: self, sheet: Sheet::new(), row: None };
        let mut beside = String::new();
        let mut depth = 0;
        // A formula whose text follows it.
        let mut waiting = None;
        let mut images = 0;
        while let Some(record) = records.next() {
            let data = record.data;
            match record.kind {
                kind::BOF => depth += 1,
                kind::EOF if depth == 0 => break,
                kind::EOF => depth -= 1,
                kind::FORMULA if u16_le(data, 12) == Some(0xffff) => {
                    if data.get(6) == Some(&0) {
                        waiting = u16_le(data, 0).zip(u16_le(data, 2));
                    }
                }
                kind::STRING => {
                    let mut seamed = Seamed::new(data, records.continued());
                    let text = match self.page {
                        Some(_) => string(data, 0, true, self.page),
                        None => seamed.string(),
                    };
                    if let Some(((row, column), text)) = waiting.take().zip(text) {
                        cells.put(row, column, &text, reader)?;
                    }
                }
                kind::HEADER | kind::FOOTER => {
                    let text = string(data, 0, self.version >= BIFF8, self.page);
                    line(&mut beside, text.as_deref().unwrap_or_default());
                }
                kind::NOTE if self.version < BIFF8 => {
                    let raw = data.get(6..).unwrap_or_default();
                    line(&mut beside, &code_page::decode(self.page.unwrap_or(1252), raw));
                }
                kind::NOTE => {
                    let author = string(data, 8, true, None);
                    line(&mut beside, author.as_deref().unwrap_or_default());
                }
                kind::TEXT_OBJECT => {
                    let count = usize::from(u16_le(data, 10).unwrap_or(0));
                    let parts = records.continued();
                    if let Some((first, more)) = parts.split_first()
                        && let Some((flags, text)) = first.split_first()
                    {
                        let mut seamed = Seamed::new(text, more.to_vec());
                        line(&mut beside, &seamed.characters(count, flags & 1 != 0));
                    }
                }
                kind::LINK => line(&mut beside, &strings::wide(data)),
                kind::IMAGE => {
                    let mut image = data.to_vec();
                    for more in records.continued() {
                        image.extend_from_slice(more);
                    }
                    // Kind 9 is a bitmap, without the header of a file.
                    let dib = image.get(8..).filter(|_| u16_le(&image, 0) == Some(9));
                    if let Some(bytes) = dib.and_then(bmp::of_dib) {
                        images += 1;
                        reader.budget.member()?;
                        reader.budget.charge(bytes.len() as u64)?;
                        let at = at.member(format!("picture {images}.bmp"));
                        reader.out.push(Content::Bytes { at, bytes });
                    }
                }
                CONTINUE => {}
                _ => cells.record(record, reader)?,
            }
        }
        let text = cells.finish(reader)?;
        reader.text(at, text, Form::Table(b'\t'));
        reader.budget.charge(beside.len() as u64)?;
        reader.text(at, beside, Form::Plain);
        Ok(())
    }
}

fn line(text: &mut String, words: &str) {
    if !words.trim().is_empty() {
        text.push_str(words.trim_matches('\0'));
        text.push('\n');
    }
}

/// Cells as they come, row by row.
struct Cells<'a> {
    book: &'a Book,
    sheet: Sheet,
    row: Option<u16>,
}

impl Cells<'_> {
    fn record(&mut self, record: Record, reader: &mut Reader) -> Result<(), Skip> {
        let data = record.data;
        let Some((row, column)) = u16_le(data, 0).zip(u16_le(data, 2)) else { return Ok(()) };
        let style = u16_le(data, 4).unwrap_or(0);
        match record.kind {
            kind::LABEL_SST => {
                let index = u32_le(data, 6).map(|i| i as usize);
                let book = self.book;
                if let Some(text) = index.and_then(|i| book.strings.get(i)) {
                    self.put(row, column, text, reader)?;
                }
            }
            kind::LABEL | kind::RICH_STRING => {
                if let Some(text) = string(data, 6, true, self.book.page) {
                    self.put(row, column, &text, reader)?;
                }
            }
            kind::NUMBER | kind::FORMULA => {
                if let Some(bits) = u64_le(data, 6) {
                    self.number(row, column, style, f64::from_bits(bits), reader)?;
                }
            }
            kind::RK => {
                if let Some(packed) = u32_le(data, 6) {
                    self.number(row, column, style, unpacked(packed), reader)?;
                }
            }
            kind::MUL_RK => {
                for i in 0..data.len().saturating_sub(6) / 6 {
                    let (style, packed) = (u16_le(data, 4 + 6 * i), u32_le(data, 6 + 6 * i));
                    if let Some((style, packed)) = style.zip(packed) {
                        let column = column.saturating_add(i as u16);
                        self.number(row, column, style, unpacked(packed), reader)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn number(
        &mut self,
        row: u16,
        column: u16,
        style: u16,
        value: f64,
        reader: &mut Reader,
    ) -> Result<(), Skip> {
        let zeros = self.book.zeros.get(usize::from(style)).copied().unwrap_or(0);
        // Rust prints the shortest form that reads back the same, and no exponent.
        let text = plain_number(&format!("{value}"), zeros);
        self.put(row, column, &text, reader)
    }

    fn put(&mut self, row: u16, column: u16, text: &str, reader: &mut Reader) -> Result<(), Skip> {
        if self.row != Some(row) {
            self.end_row(reader)?;
            self.row = Some(row);
        }
        self.sheet.cell(column.into(), text);
        Ok(())
    }

    fn end_row(&mut self, reader: &mut Reader) -> Result<(), Skip> {
        match self.row {
            Some(row) => self.sheet.end_row(u64::from(row) + 1, reader.budget),
            None => Ok(()),
        }
    }

    fn finish(mut self, reader: &mut Reader) -> Result<String, Skip> {
        self.end_row(reader)?;
        Ok(self.sheet.finish())
    }
}
