//! xlsx (SpreadsheetML): every sheet, hidden ones too, as a table whose lines are its rows;
//! comments, drawings, headers, names, links and the caches of pivot tables beside it.

use std::collections::{HashMap, HashSet};

use super::office::{self, Package};
use super::sheet::{Sheet, plain_number, reference};
use super::xml::{Element, Step, Xml};
use super::{Extractor, xlsb};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

pub struct Xlsx;

impl Extractor for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        office::looks_like(head, "xl/")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut package = Package::open("xlsx", at, bytes, budget, out)?;
        let names = package.names();
        if names.iter().any(|name| name == xlsb::WORKBOOK) {
            xlsb::read(&mut package, &names)?;
            return package.archive.damage.map_or(Ok(()), Err);
        }
        package.properties(&names)?;
        let mut read = HashSet::new();
        let (sheets, beside) = workbook(&mut package)?;
        package.push_text(at.member("xl/workbook.xml"), beside, Form::Plain);
        let strings = shared_strings(&mut package)?;
        let zeros = zero_formats(&mut package)?;
        for (title, part) in sheets {
            sheet(&mut package, &title, &part, &strings, &zeros)?;
            read.insert(part);
        }
        for name in &names {
            if read.contains(name) || office::is_properties(name) || office::is_wiring(name) {
                continue;
            }
            if name == "xl/workbook.xml" || name == "xl/sharedStrings.xml" {
                continue;
            }
            if name.starts_with("xl/worksheets/") && name.ends_with(".xml") {
                // A sheet that the workbook does not list.
                sheet(&mut package, name, name, &strings, &zeros)?;
            } else if name.starts_with("xl/") && name.ends_with(".xml") {
                words(&mut package, name)?;
            } else {
                package.hand_on_named(name, None)?;
            }
        }
        package.archive.damage.map_or(Ok(()), Err)
    }
}

/// Titles and parts of the sheets in their order, and what the workbook itself says.
fn workbook(package: &mut Package) -> Result<(Vec<(String, String)>, String), Skip> {
    let relations = package.relations("xl/workbook.xml")?;
    let (mut sheets, mut beside) = (Vec::new(), String::new());
    let Some(text) = package.text("xl/workbook.xml")? else { return Ok((sheets, beside)) };
    let mut xml = Xml::new("xlsx", &text);
    let mut name = None;
    // A broken end leaves sheets unnamed; they are read by their parts.
    while let Ok(Some(step)) = xml.next() {
        match step {
            Step::Open(element) if element.name() == "sheet" => {
                let title = element.get("name").unwrap_or_default();
                if let Some(part) = element.get("id").and_then(|id| relations.get(&id)) {
                    sheets.push((title, part.target.clone()));
                }
            }
            Step::Open(element) if element.name() == "definedName" => name = element.get("name"),
            Step::Text(value) => {
                if let Some(name) = &name {
                    beside.push_str(&format!("{name}: {value}\n"));
                }
            }
            Step::Close(end) if end.name() == "definedName" => name = None,
            _ => {}
        }
    }
    Ok((sheets, beside))
}

fn shared_strings(package: &mut Package) -> Result<Vec<String>, Skip> {
    let mut strings = Vec::new();
    let Some(text) = package.text("xl/sharedStrings.xml")? else { return Ok(strings) };
    let mut xml = Xml::new("xlsx", &text);
    let mut value = String::new();
    let (mut inside, mut phonetic) = (false, false);
    loop {
        match xml.next() {
            Ok(Some(Step::Open(element))) => match element.name() {
                "si" => value.clear(),
                "t" => inside = true,
                "rPh" => phonetic = true,
                _ => {}
            },
            Ok(Some(Step::Text(text))) if inside && !phonetic => value.push_str(&text),
            Ok(Some(Step::Text(_))) => {}
            Ok(Some(Step::Close(end))) => match end.name() {
                "si" => strings.push(std::mem::take(&mut value)),
                "t" => inside = false,
                "rPh" => phonetic = false,
                _ => {}
            },
            Ok(None) => return Ok(strings),
            Err(skip) => {
                package.skipped("xl/sharedStrings.xml", skip);
                return Ok(strings);
            }
        }
    }
}

/// For every cell style the width of a number format that is zeros only, else 0. Numbers that begin
/// with zeros (born in 2000 to 2009) are stored without them and shown by such a format.
fn zero_formats(package: &mut Package) -> Result<Vec<usize>, Skip> {
    let mut widths = Vec::new();
    let Some(text) = package.text("xl/styles.xml")? else { return Ok(widths) };
    let mut formats = HashMap::new();
    let mut in_cells = false;
    let mut xml = Xml::new("xlsx", &text);
    // A broken end costs leading zeros only.
    while let Ok(Some(step)) = xml.next() {
        match step {
            Step::Open(element) => match element.name() {
                "numFmt" => {
                    let code = element.get("formatCode").unwrap_or_default();
                    formats.insert(element.get("numFmtId"), zeros_of(&code));
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    widths.push(formats.get(&element.get("numFmtId")).copied().unwrap_or(0));
                }
                _ => {}
            },
            Step::Close(end) if end.name() == "cellXfs" => in_cells = false,
            _ => {}
        }
    }
    Ok(widths)
}

/// `000000000000` is 12, and so is `0000\ 0000\ 0000`; a format that shows anything else is 0.
fn zeros_of(code: &str) -> usize {
    let first = code.split(';').next().unwrap_or_default();
    let only = first.bytes().all(|b| matches!(b, b'0' | b' ' | b'\\' | b'-' | b'"' | b'_' | b'@'));
    if only { first.bytes().filter(|b| *b == b'0').count().min(32) } else { 0 }
}

/// What a cell says of itself.
#[derive(Default)]
struct Cell {
    column: usize,
    kind: String,
    style: usize,
    value: String,
}

fn sheet(
    package: &mut Package,
    title: &str,
    part: &str,
    strings: &[String],
    zeros: &[usize],
) -> Result<(), Skip> {
    let relations = package.relations(part)?;
    let Some(text) = package.text(part)? else { return Ok(()) };
    let mut reader =
        SheetReader { sheet: Sheet::new(), beside: Package::links(&relations), row: 0 };
    let end = reader.read(&text, strings, zeros, package.budget);
    let at = package.at.member(title);
    package.push_text(at.clone(), reader.sheet.finish(), Form::Table(b'\t'));
    package.push_text(at, reader.beside, Form::Plain);
    match end {
        Err(over @ Skip::OverBudget(_)) => Err(over),
        Err(skip) => {
            package.skipped(part, skip);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

struct SheetReader {
    sheet: Sheet,
    /// Headers and footers, links.
    beside: String,
    row: u64,
}

impl SheetReader {
    fn read(
        &mut self,
        text: &str,
        strings: &[String],
        zeros: &[usize],
        budget: &mut Budget,
    ) -> Result<(), Skip> {
        let mut xml = Xml::new("xlsx", text);
        let mut cell = Cell::default();
        let mut next_column = 0;
        let mut inside = Inside::Nothing;
        while let Some(step) = xml.next()? {
            match step {
                Step::Open(element) => match element.name() {
                    "row" => {
                        let number = element.get("r").and_then(|r| r.parse().ok());
                        self.row = number.unwrap_or_else(|| self.row.saturating_add(1));
                        next_column = 0;
                    }
                    "c" => {
                        let place = element.get("r").and_then(|r| reference(&r));
                        cell = Cell {
                            column: place.map_or(next_column, |(column, _)| column),
                            kind: element.get("t").unwrap_or_default(),
                            style: element.get("s").and_then(|s| s.parse().ok()).unwrap_or(0),
                            value: String::new(),
                        };
                        next_column = cell.column.saturating_add(1);
                    }
                    "v" | "t" => inside = Inside::Value,
                    "rPh" => inside = Inside::Phonetic,
                    "oddHeader" | "evenHeader" | "firstHeader" | "oddFooter" | "evenFooter"
                    | "firstFooter" | "formula1" | "formula2" => inside = Inside::Beside,
                    "hyperlink" => self.aside(&element),
                    _ => {}
                },
                Step::Text(text) => match inside {
                    Inside::Value => cell.value.push_str(&text),
                    Inside::Beside => self.beside.push_str(&without_codes(&text)),
                    Inside::Nothing | Inside::Phonetic => {}
                },
                Step::Close(end) => match end.name() {
                    "v" | "t" | "rPh" => inside = Inside::Nothing,
                    "c" => self.put(std::mem::take(&mut cell), strings, zeros),
                    "row" => self.sheet.end_row(self.row, budget)?,
                    _ if inside == Inside::Beside => {
                        inside = Inside::Nothing;
                        self.beside.push('\n');
                    }
                    _ => {}
                },
            }
        }
        Ok(())
    }

    fn put(&mut self, cell: Cell, strings: &[String], zeros: &[usize]) {
        match cell.kind.as_str() {
            "s" => {
                let index = cell.value.trim().parse::<usize>().ok();
                if let Some(text) = index.and_then(|index| strings.get(index)) {
                    self.sheet.cell(cell.column, text);
                }
            }
            // Truth values and errors say nothing about anybody.
            "b" | "e" => {}
            "str" | "inlineStr" | "d" => self.sheet.cell(cell.column, &cell.value),
            _ => {
                let width = zeros.get(cell.style).copied().unwrap_or(0);
                self.sheet.cell(cell.column, &plain_number(&cell.value, width));
            }
        }
    }

    fn aside(&mut self, element: &Element) {
        for name in ["display", "tooltip", "location"] {
            if let Some(text) = element.get(name) {
                self.beside.push_str(&text);
                self.beside.push('\n');
            }
        }
    }
}

/// Headers and footers are full of codes: `&C` begins the middle, `&12` sets a size, `&"Arial"` a
/// font, `&P` is the page.
fn without_codes(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, code)) = rest.split_once('&') {
        plain.push_str(before);
        plain.push(' ');
        rest = match code.chars().next() {
            Some('"') => code.get(1..).and_then(|c| c.split_once('"')).map_or("", |(_, r)| r),
            Some('0'..='9') => code.trim_start_matches(|c: char| c.is_ascii_digit()),
            Some(c) => code.get(c.len_utf8()..).unwrap_or_default(),
            None => "",
        };
    }
    plain.push_str(rest);
    plain
}

#[derive(PartialEq)]
enum Inside {
    Nothing,
    Value,
    Phonetic,
    Beside,
}

/// Comments, drawings, charts, pivot caches, links to other books: their words, one a line.
fn words(package: &mut Package, name: &str) -> Result<(), Skip> {
    let relations = package.relations(name)?;
    let Some(text) = package.text(name)? else { return Ok(()) };
    let mut words = Package::links(&relations);
    let mut xml = Xml::new("xlsx", &text);
    let end = loop {
        match xml.next() {
            Ok(Some(Step::Open(element))) => match element.name() {
                // Pivot caches: the name of a field, and its strings, numbers and dates.
                "cacheField" => {
                    words.push_str(&element.get("name").unwrap_or_default());
                    words.push('\n');
                }
                "s" | "n" | "d" => {
                    if let Some(value) = element.get("v") {
                        words.push_str(&plain_number(&value, 0));
                        words.push('\n');
                    }
                }
                "cNvPr" => {
                    for key in ["descr", "title"] {
                        if let Some(text) = element.get(key) {
                            words.push_str(&text);
                            words.push('\n');
                        }
                    }
                }
                _ => {}
            },
            Ok(Some(Step::Text(text))) => words.push_str(&text),
            Ok(Some(Step::Close(end))) => {
                let ends_line = matches!(
                    end.name(),
                    "p" | "si"
                        | "text"
                        | "comment"
                        | "threadedComment"
                        | "v"
                        | "author"
                        | "r"
                        | "f"
                );
                // `r` is a run in a comment: its texts belong together.
                if ends_line && end.name() != "r" && !words.ends_with('\n') {
                    words.push('\n');
                }
            }
            Ok(None) => break None,
            Err(skip) => break Some(skip),
        }
    };
    let at = package.at.member(name);
    package.push_text(at, words, Form::Plain);
    if let Some(skip) = end {
        package.skipped(name, skip);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};

    fn xlsx(rows: &str) -> Vec<u8> {
        let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        samples::zip(&[
            ("docProps/app.xml", b"<p/>"),
            ("xl/workbook.xml", "<workbook><sheets><sheet name=\"Қызметкерлер\" state=\"hidden\" r:id=\"rId1\"/></sheets></workbook>".as_bytes()),
            ("xl/_rels/workbook.xml.rels", b"<Relationships><Relationship Id=\"rId1\" Type=\"x/worksheet\" Target=\"/xl/worksheets/sheet7.xml\"/></Relationships>"),
            ("xl/sharedStrings.xml", "<sst><si><t>ИИН</t></si><si><r><t>Ф</t></r><r><t>ИО</t></r><rPh><t>x</t></rPh></si></sst>".as_bytes()),
            ("xl/styles.xml", b"<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"000000000000\"/></numFmts><cellStyleXfs><xf numFmtId=\"0\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"),
            ("xl/worksheets/sheet7.xml", sheet.as_bytes()),
            ("xl/comments1.xml", "<comments><commentList><comment ref=\"A1\"><text><r><t>9001</t></r><r><t>01100014</t></r></text></comment></commentList></comments>".as_bytes()),
        ])
    }

    #[test]
    fn a_sheet_is_a_table_with_rows_and_columns_in_place() {
        let bytes = xlsx(
            "<row r=\"1\"><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"D1\" t=\"s\"><v>0</v></c></row>\
             <row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>Ө. Ү.</t></is></c><c r=\"C3\" t=\"b\"><v>1</v></c><c r=\"D3\"><v>8.51231203985E11</v></c></row>\
             <row r=\"4\"><c r=\"D4\" s=\"1\"><f>1+1</f><v>10101100018</v></c></row>",
        );
        assert_eq!(samples::format_of(&bytes), Some("xlsx"));
        let (out, end) = samples::open(&Xlsx, &bytes);
        assert_eq!(end, Ok(()));
        let expected = "\tФИО\t\tИИН\n\n\tӨ. Ү.\t\t851231203985\n\t\t\t010101100018\n";
        assert_eq!(texts(&out, Form::Table(b'\t')), expected);
        let Content::Text { at, .. } = &out[0] else { panic!() };
        assert_eq!(at.name(), "Қызметкерлер");
        assert!(texts(&out, Form::Plain).contains("900101100014"));
    }

    #[test]
    fn widths_of_formats_of_zeros() {
        assert_eq!(zeros_of("000000000000"), 12);
        assert_eq!(zeros_of("000000\\ 000000;@"), 12);
        assert_eq!(zeros_of("0.00"), 0);
        assert_eq!(zeros_of("# ##0"), 0);
        assert_eq!(without_codes("&C&\"Arial,Bold\"&12ИИН 900101100004&P"), "   ИИН 900101100004 ");
    }

    #[test]
    fn a_cell_at_the_far_corner_costs_little() {
        let bytes = xlsx("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>");
        let (out, end) = samples::open(&Xlsx, &bytes);
        assert_eq!(end, Ok(()));
        assert!(texts(&out, Form::Table(b'\t')).len() < 20_000);
    }
}
