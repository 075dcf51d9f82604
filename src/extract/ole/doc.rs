//! Word 6 to 2003 ([MS-DOC]): the text of all parts (body, notes, headers, comments, text boxes)
//! by the table of pieces, tables apart; pictures of the Data stream and of drawings; what earlier
//! versions left between the pieces.

use super::super::bytes::{part, u16_le, u32_le};
use super::super::code_page;
use super::super::prose::Prose;
use super::doc_layout::{Layout, Paragraph};
use super::{Reader, art, crypt, strings};
use crate::error::Skip;
use crate::flow::{Form, Locator};

/// First word of the stream: Word 97 to 2003, and Word 6 and 95.
const WORD_97: u16 = 0xa5ec;
const WORD_6: u16 = 0xa5dc;
const ENCRYPTED: u16 = 1 << 8;
const SECOND_TABLE: u16 = 1 << 9;
const OBFUSCATED: u16 = 1 << 15;
const COMPLEX: u16 = 1 << 2;
/// Of a locked document this much of the header is open, and blocks of this length are locked anew.
const OPEN_HEADER: usize = 68;
const LOCKED_BLOCK: usize = 512;
/// Places of pairs of offset and length in the header of Word 97.
const PAIRS: usize = 154;
const PARAGRAPHS: usize = 13;
const CLX: usize = 33;
/// Lengths of the parts, in characters: body, footnotes, headers, macros, comments, endnotes, text
/// boxes, text boxes of headers. They follow one another.
const COUNTS: usize = 64 + 3 * 4;
const PARTS: usize = 8;
/// Bytes that are decoded at a time: characters take eight times as much.
const CHUNK: usize = 64 << 10;

pub(super) fn read(reader: &mut Reader, storage: usize, at: &Locator) -> Result<(), Skip> {
    let broken = |detail| Skip::damaged("doc", detail);
    let document = reader.stream(storage, "WordDocument")?.unwrap_or_default();
    let (Some(magic), Some(flags)) = (u16_le(&document, 0), u16_le(&document, 10)) else {
        return Err(broken("header ends early"));
    };
    let mut document = document;
    let lock = if flags & ENCRYPTED != 0 {
        Some(unlock(reader, storage, &document, magic, flags)?)
    } else {
        None
    };
    let plain = |stream: &mut Vec<u8>, open: usize, reader: &mut Reader| match &lock {
        Some(lock) => lock.decrypt(stream, |at| at < open, reader.budget),
        None => Ok(()),
    };
    plain(&mut document, OPEN_HEADER, reader)?;
    let mut count = 0;
    let end = if magic == WORD_97 {
        let mut table = reader.stream(storage, table_of(flags))?.unwrap_or_default();
        let mut data = reader.stream(storage, "Data")?.unwrap_or_default();
        plain(&mut table, 0, reader)?;
        plain(&mut data, 0, reader)?;
        let end = word_97(reader, &document, &table, &data, at);
        if matches!(end, Err(Skip::OverBudget(_))) {
            return end;
        }
        art::pictures(&data, at, &mut count, reader.budget, reader.out)?;
        end
    } else if magic == WORD_6 || magic & 0xff00 == 0xa500 {
        word_6(reader, &document, flags, at)
    } else {
        Err(broken("stream is of no version of Word"))
    };
    art::pictures(&document, at, &mut count, reader.budget, reader.out)?;
    end
}

fn table_of(flags: u16) -> &'static str {
    if flags & SECOND_TABLE != 0 { "1Table" } else { "0Table" }
}

/// What is said of the lock stands at the beginning of the table; the older scheme, which only mixes
/// the letters with the password, is not undone.
fn unlock(
    reader: &mut Reader,
    storage: usize,
    document: &[u8],
    magic: u16,
    flags: u16,
) -> Result<crypt::Stream, Skip> {
    if magic != WORD_97 || flags & OBFUSCATED != 0 {
        return Err(Skip::Encrypted { format: "doc" });
    }
    let table = reader.stream(storage, table_of(flags))?.unwrap_or_default();
    let len = u32_le(document, 14).map_or(0, |len| len as usize);
    let info = table.get(..len).unwrap_or_default();
    crypt::Stream::unlock(info, LOCKED_BLOCK, "doc", reader.budget)
}

fn word_97(
    reader: &mut Reader,
    document: &[u8],
    table: &[u8],
    data: &[u8],
    at: &Locator,
) -> Result<(), Skip> {
    let pair = |i: usize| {
        let offset = u32_le(document, PAIRS + 8 * i)? as usize;
        part(table, offset, u32_le(document, PAIRS + 8 * i + 4)? as usize)
    };
    let pieces = pair(CLX).map(pieces).unwrap_or_default();
    if pieces.is_empty() {
        // Without the table of pieces the text is still there.
        let text = strings::wide(document.get(512..).unwrap_or_default());
        reader.budget.charge(text.len() as u64)?;
        reader.text(at, text, Form::Plain);
        return Err(Skip::damaged("doc", "table of pieces is lost; text read as it lies"));
    }
    let layout = Layout::read(pair(PARAGRAPHS).unwrap_or_default(), document, data);
    let mut ends = Vec::new();
    let mut end = 0u64;
    for i in 0..PARTS {
        end += u64::from(u32_le(document, COUNTS + 4 * i).unwrap_or(0) & 0x7fff_ffff);
        ends.push(end);
    }
    let mut writer = Writer::new(layout);
    let mut tables = 0;
    let mut place = 0u64;
    let mut ends = ends.into_iter().peekable();
    let mut short = false;
    for piece in &pieces {
        let raw = piece.raw(document);
        reader.budget.charge(raw.len() as u64)?;
        short |= raw.len() < piece.bytes();
        for (part, number) in raw.chunks(CHUNK).zip(0usize..) {
            for (character, byte) in piece.decode(part, number * CHUNK) {
                while ends.next_if(|end| *end <= place).is_some() {
                    writer.end_part(at, &mut tables, reader);
                }
                writer.put(character, byte);
                place += 1;
            }
        }
    }
    writer.end_part(at, &mut tables, reader);
    left_between(reader, document, &pieces, at)?;
    if short { Err(Skip::damaged("doc", "text is cut off")) } else { Ok(()) }
}

/// Texts in the stream that no piece points to: what was deleted before a fast save.
fn left_between(
    reader: &mut Reader,
    document: &[u8],
    pieces: &[Piece],
    at: &Locator,
) -> Result<(), Skip> {
    let mut used: Vec<(usize, usize)> =
        pieces.iter().map(|p| (p.start, p.start.saturating_add(p.bytes()))).collect();
    used.sort_unstable();
    let first = used.first().map_or(0, |(start, _)| *start);
    let last = used.last().map_or(0, |(_, end)| *end);
    let (mut text, mut from) = (String::new(), first);
    for (start, end) in used {
        if start > from.saturating_add(1) {
            text.push_str(&strings::both(document.get(from..start).unwrap_or_default()));
        }
        from = from.max(end);
    }
    debug_assert!(from >= last);
    reader.budget.charge(text.len() as u64)?;
    reader.text(&at.member("earlier text"), text, Form::Plain);
    Ok(())
}

/// A stretch of the text: where it lies and how it is stored.
struct Piece {
    start: usize,
    characters: usize,
    narrow: bool,
}

impl Piece {
    fn bytes(&self) -> usize {
        if self.narrow { self.characters } else { self.characters.saturating_mul(2) }
    }

    /// Its bytes, as far as they are there.
    fn raw<'d>(&self, document: &'d [u8]) -> &'d [u8] {
        let rest = document.get(self.start..).unwrap_or_default();
        rest.get(..self.bytes().min(rest.len())).unwrap_or_default()
    }

    /// Characters of a part that begins at byte `from` of the piece, each with the byte of the
    /// stream where it lies.
    fn decode(&self, part: &[u8], from: usize) -> Vec<(char, u32)> {
        let place = |at: usize| self.start.saturating_add(from).saturating_add(at) as u32;
        if self.narrow {
            // One byte a character in all pages that occur here.
            let text = code_page::western(part);
            return text.chars().enumerate().map(|(i, c)| (c, place(i))).collect();
        }
        let units = part.chunks_exact(2).filter_map(|pair| u16_le(pair, 0));
        let mut at = 0;
        char::decode_utf16(units)
            .map(|c| {
                let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
                let here = place(at);
                at += 2 * c.len_utf16();
                (c, here)
            })
            .collect()
    }
}

/// [MS-DOC] 2.9.38: properties, then the table of pieces.
fn pieces(clx: &[u8]) -> Vec<Piece> {
    let mut at = 0;
    while clx.get(at) == Some(&1) {
        at += 3 + usize::from(u16_le(clx, at + 1).unwrap_or(u16::MAX));
    }
    if clx.get(at) != Some(&2) {
        return Vec::new();
    }
    let len = u32_le(clx, at + 1).unwrap_or(0) as usize;
    let rest = clx.get(at + 5..).unwrap_or_default();
    let plc = rest.get(..len.min(rest.len())).unwrap_or_default();
    let count = plc.len().saturating_sub(4) / 12;
    (0..count)
        .filter_map(|i| {
            let from = u32_le(plc, 4 * i)?;
            let to = u32_le(plc, 4 * i + 4)?;
            let place = u32_le(plc, 4 * (count + 1) + 8 * i + 2)?;
            let narrow = place & 0x4000_0000 != 0;
            let start = (place & 0x3fff_ffff) as usize;
            Some(Piece {
                start: if narrow { start / 2 } else { start },
                characters: to.checked_sub(from)? as usize,
                narrow,
            })
        })
        .collect()
}

/// Word 6 and 95: 8 bits a character, in one run, unless it was saved in a hurry.
fn word_6(reader: &mut Reader, document: &[u8], flags: u16, at: &Locator) -> Result<(), Skip> {
    let number = |at| u32_le(document, at).map(|v| v as usize);
    let (Some(first), Some(end)) = (number(24), number(28)) else {
        return Err(Skip::damaged("doc", "header ends early"));
    };
    let whole = document.get(first..end.min(document.len())).filter(|_| first >= 32);
    let raw = whole.unwrap_or_else(|| document.get(32..).unwrap_or_default());
    reader.budget.charge(raw.len() as u64)?;
    let page = match code_page::of_language(u16_le(document, 6).unwrap_or(0)) {
        1252 => None,
        page => Some(page),
    };
    let text = page.map_or_else(|| code_page::western(raw), |page| code_page::decode(page, raw));
    let mut writer = Writer::new(Layout::read(&[], &[], &[]));
    for character in text.chars() {
        writer.put(character, 0);
    }
    let mut tables = 0;
    writer.end_part(at, &mut tables, reader);
    // Pieces of Word 6 lie in the order in which they were typed.
    if flags & COMPLEX != 0 {
        return Err(Skip::damaged("doc", "saved in pieces by Word 6; text read as it lies"));
    }
    Ok(())
}

/// Characters -> paragraphs and tables.
struct Writer {
    layout: Layout,
    prose: Prose,
    paragraph: String,
    /// Instructions of the fields that are open, and whether their result has begun.
    fields: Vec<(String, bool)>,
    /// The last mark ended a cell, and nothing was written since.
    after_cell: bool,
}

impl Writer {
    fn new(layout: Layout) -> Writer {
        Writer {
            layout,
            prose: Prose::new(),
            paragraph: String::new(),
            fields: Vec::new(),
            after_cell: false,
        }
    }

    fn put(&mut self, character: char, byte: u32) {
        match character {
            '\r' => self.end_paragraph(byte, false),
            '\u{7}' => self.end_paragraph(byte, true),
            '\u{13}' => self.fields.push((String::new(), false)),
            '\u{14}' => {
                if let Some(field) = self.fields.last_mut() {
                    field.1 = true;
                }
            }
            '\u{15}' => {
                if let Some((instruction, _)) = self.fields.pop() {
                    self.prose.aside(&instruction);
                }
            }
            // Line, page, column.
            '\u{b}' | '\u{c}' | '\u{e}' => self.write('\n'),
            '\u{1e}' => self.write('-'),
            '\u{a0}' => self.write(' '),
            // Pictures, notes, soft hyphens.
            '\0'..='\u{8}' | '\u{1f}' | '\u{ad}' => {}
            character => self.write(character),
        }
    }

    fn write(&mut self, character: char) {
        match self.fields.last_mut() {
            Some((instruction, false)) => instruction.push(character),
            _ => self.paragraph.push(character),
        }
    }

    fn end_paragraph(&mut self, byte: u32, is_cell_mark: bool) {
        let Paragraph { in_table, ends_row } = self.layout.at(byte);
        // Without properties an empty cell behind a cell is taken for the end of the row.
        let guessed = self.layout.is_empty() && self.after_cell && self.paragraph.is_empty();
        let ends_row = is_cell_mark && (ends_row || guessed);
        if in_table || is_cell_mark {
            if !self.prose.in_table() {
                self.prose.open_table();
            }
        } else if self.prose.in_table() {
            self.prose.close_table();
        }
        self.prose.text(&std::mem::take(&mut self.paragraph));
        match (is_cell_mark, ends_row) {
            (true, true) => self.prose.close_row(),
            (true, false) => self.prose.close_cell(1),
            (false, _) => self.prose.line(),
        }
        self.after_cell = is_cell_mark && !ends_row;
    }

    /// Hands over what was written; the next part begins anew.
    fn end_part(&mut self, at: &Locator, tables: &mut usize, reader: &mut Reader) {
        self.prose.text(&std::mem::take(&mut self.paragraph));
        for (instruction, _) in std::mem::take(&mut self.fields) {
            self.prose.aside(&instruction);
        }
        std::mem::replace(&mut self.prose, Prose::new()).push(at, tables, reader.out);
    }
}
