//! Documents that are one XML file with their pictures in it as base64: FictionBook, Word and Excel
//! of 2003, flat OpenDocument and flat packages of Office.

use base64::Engine;

use super::Extractor;
use super::exif::Notes;
use super::prose::Prose;
use super::sheet::Sheet;
use super::xml::{self, Element, Step, Xml};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// Where the root element has begun, past declarations, comments and processing instructions.
const REACH: usize = 4096;
/// Elements that hold base64.
const BINARY: [&str; 4] = ["binary", "binData", "binary-data", "binaryData"];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Words stand in paragraphs (FictionBook, OpenDocument).
    Paragraphs,
    /// Words stand in runs (Word).
    Runs,
    Workbook,
}

pub struct Flat;

fn kind_of(head: &[u8]) -> Option<Kind> {
    let head = head.get(..head.len().min(REACH))?;
    let text = xml::decode(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with("<?xml") && !text.starts_with("<FictionBook") {
        return None;
    }
    // The first tag that is neither a declaration nor a comment.
    let tags = text.split('<').skip(1);
    let root = tags
        .map(|tag| tag.split_whitespace().next().unwrap_or_default())
        .find(|name| name.starts_with(|c: char| c.is_alphabetic()) && !name.starts_with("?"))?;
    let root = root.trim_end_matches('>');
    match root.rsplit(':').next()? {
        "FictionBook" => Some(Kind::Paragraphs),
        "document" if root == "office:document" => Some(Kind::Paragraphs),
        "wordDocument" | "package" if root.contains(':') => Some(Kind::Runs),
        "Workbook" if text.contains("urn:schemas-microsoft-com:office:spreadsheet") => {
            Some(Kind::Workbook)
        }
        _ => None,
    }
}

impl Extractor for Flat {
    fn name(&self) -> &'static str {
        "xml-document"
    }

    fn media_type(&self) -> &'static str {
        "application/xml"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        kind_of(head).is_some()
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let kind = kind_of(bytes).ok_or_else(|| Skip::damaged("xml-document", "no root"))?;
        budget.charge(bytes.len() as u64)?;
        let text = xml::decode(bytes);
        match kind {
            Kind::Workbook => workbook(&text, at, budget, out),
            kind => document(&text, kind, at, budget, out),
        }
    }
}

/// What properties stand in where headers and notes lie beside the body.
const PROPERTIES: [&str; 3] = ["DocumentProperties", "CustomDocumentProperties", "coreProperties"];

fn document(
    text: &str,
    kind: Kind,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let mut prose = Prose::new();
    let mut xml = Xml::new("xml-document", text);
    let (mut in_run, mut pictures) = (false, 0);
    // Before the body stand properties.
    let mut in_body = kind == Kind::Runs;
    let mut in_settings = false;
    let (mut notes, mut property, mut value) = (Notes::default(), String::new(), String::new());
    let mut span = 1;
    // The name and the base64 of a file at hand.
    let mut file: Option<(String, String)> = None;
    let end = loop {
        budget.in_time()?;
        match xml.next() {
            Ok(Some(Step::Open(element))) => {
                let name = element.name();
                if BINARY.contains(&name) {
                    pictures += 1;
                    file = Some((name_of(&element, pictures), String::new()));
                }
                if !in_body {
                    // A property that people added carries its name.
                    property = element.get("name").unwrap_or_else(|| name.to_owned());
                    value.clear();
                }
                match name {
                    "t" | "delText" | "instrText" => in_run = true,
                    "body" => in_body = true,
                    name if PROPERTIES.contains(&name) => in_body = false,
                    "settings" | "scripts" | "font-face-decls" => in_settings = true,
                    "annotation" => prose.open_box(),
                    "table-cell" | "covered-table-cell" => {
                        let repeated = element.get("number-columns-repeated");
                        span = repeated.and_then(|n| n.parse().ok()).unwrap_or(1);
                    }
                    "tbl" | "table" => prose.open_table(),
                    "tab" if element.get("pos").is_none() => prose.tab(),
                    "br" | "cr" | "line-break" => prose.line(),
                    _ => {}
                }
            }
            Ok(Some(Step::Text(words))) => match &mut file {
                Some((_, base64)) => base64.extend(words.split_whitespace()),
                // What only parts elements is no text.
                None if in_settings => {}
                None if !in_body => value.push_str(&words),
                None if kind == Kind::Paragraphs && !words.trim().is_empty() => prose.text(&words),
                None if in_run => prose.text(&words),
                None => {}
            },
            Ok(Some(Step::Close(end))) => match end.name() {
                name if BINARY.contains(&name) => {
                    if let Some((name, base64)) = file.take() {
                        hand_on(&name, &base64, at, budget, out)?;
                    }
                }
                "t" | "delText" | "instrText" => in_run = false,
                "tbl" | "table" => prose.close_table(),
                "settings" | "scripts" | "font-face-decls" => in_settings = false,
                "annotation" => prose.close_box(),
                // Some programs put the properties behind the text.
                "body" if kind != Kind::Runs => in_body = false,
                name if PROPERTIES.contains(&name) => in_body = kind == Kind::Runs,
                "tc" | "td" | "th" => prose.close_cell(1),
                "table-cell" | "covered-table-cell" => prose.close_cell(span),
                "tr" | "table-row" => prose.close_row(),
                _ if !in_body => {
                    notes.add(&property, &value);
                    value.clear();
                }
                "p" | "h" | "v" | "subtitle" | "text-author" | "creator" | "date" => prose.line(),
                _ => {}
            },
            Ok(None) => break Ok(()),
            Err(skip) => break Err(skip),
        }
    };
    notes.push(at, out);
    prose.push(at, &mut 0, out);
    end
}

fn name_of(element: &Element, number: u32) -> String {
    let name = element.get("id").or_else(|| element.get("name"));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("picture {number}"))
}

fn hand_on(
    name: &str,
    base64: &str,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    if base64.is_empty() {
        return Ok(());
    }
    budget.member()?;
    budget.charge(base64.len() as u64 / 4 * 3)?;
    let lenient = base64::engine::GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
    let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
    let at = at.member(name);
    out.push(match engine.decode(base64) {
        Ok(bytes) => Content::Bytes { at, bytes },
        Err(_) => Content::Skipped { at, skip: Skip::damaged("base64", "does not decode") },
    });
    Ok(())
}

/// Excel 2003: rows and cells may name their number, counted from 1.
fn workbook(
    text: &str,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let mut xml = Xml::new("xml-document", text);
    let (mut sheet, mut title, mut number) = (Sheet::new(), String::new(), 0);
    let (mut row, mut column) = (0u64, 0usize);
    let (mut value, mut beside) = (String::new(), String::new());
    let (mut in_data, mut in_comment) = (false, false);
    let index = |element: &Element| element.get("Index").and_then(|v| v.parse::<u64>().ok());
    let end = loop {
        match xml.next() {
            Ok(Some(Step::Open(element))) => match element.name() {
                "Worksheet" => {
                    number += 1;
                    title = element.get("Name").unwrap_or_else(|| format!("sheet {number}"));
                    row = 0;
                }
                "Row" => {
                    row = index(&element).unwrap_or_else(|| row.saturating_add(1));
                    column = 0;
                }
                "Cell" => {
                    let named = index(&element).and_then(|i| usize::try_from(i).ok());
                    column = named.unwrap_or_else(|| column.saturating_add(1));
                    value.clear();
                }
                "Data" => in_data = true,
                "Comment" => in_comment = true,
                _ => {}
            },
            Ok(Some(Step::Text(words))) if in_comment => beside.push_str(&words),
            Ok(Some(Step::Text(words))) if in_data => value.push_str(&words),
            Ok(Some(Step::Text(_))) => {}
            Ok(Some(Step::Close(end))) => match end.name() {
                "Data" => in_data = false,
                "Comment" => {
                    in_comment = false;
                    beside.push('\n');
                }
                "Cell" => {
                    let plain = super::sheet::plain_number(&value, 0);
                    sheet.cell(column.saturating_sub(1), &plain);
                }
                "Row" => sheet.end_row(row, budget)?,
                "Worksheet" => {
                    let text = std::mem::replace(&mut sheet, Sheet::new()).finish();
                    push(out, at.member(&title), text, Form::Table(b'\t'));
                    push(out, at.member(&title), std::mem::take(&mut beside), Form::Plain);
                }
                _ => {}
            },
            Ok(None) => break Ok(()),
            Err(skip) => break Err(skip),
        }
    };
    // What a cut file has of its last sheet.
    sheet.end_row(row, budget)?;
    push(out, at.member(&title), sheet.finish(), Form::Table(b'\t'));
    end
}

fn push(out: &mut Vec<Content>, at: Locator, text: String, form: Form) {
    if !text.trim().is_empty() {
        out.push(Content::Text { at, text, form });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};

    #[test]
    fn a_book_gives_its_words_and_pictures() {
        let book = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<FictionBook xmlns=\"x\"><body><p>ИИН <strong>900101</strong>100004</p>\
            <p>next</p></body><binary id=\"a.png\" content-type=\"image/png\">iVBO\nRw0K\nGgo=</binary></FictionBook>";
        assert_eq!(samples::format_of(book.as_bytes()), Some("xml-document"));
        let (out, end) = samples::open(&Flat, book.as_bytes());
        assert_eq!(end, Ok(()));
        assert_eq!(texts(&out, Form::Plain), "ИИН 900101100004\nnext\n");
        let [Content::Bytes { at, bytes }, _] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!(
            (at.name().as_str(), bytes.as_slice()),
            ("a.png", b"\x89PNG\r\n\x1a\n".as_slice())
        );
    }

    #[test]
    fn sheets_and_documents_of_2003_are_read() {
        let book = "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>\
            <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:s\"><Worksheet ss:Name=\"A\"><Table>\
            <Row><Cell><Data ss:Type=\"String\">Name</Data></Cell><Cell ss:Index=\"3\"><Data ss:Type=\"String\">IIN</Data></Cell></Row>\
            <Row ss:Index=\"3\"><Cell ss:Index=\"3\"><Data ss:Type=\"Number\">9.00101100004E+11</Data><Comment><ss:Data>note</ss:Data></Comment></Cell></Row>\
            </Table></Worksheet></Workbook>";
        let (out, end) = samples::open(&Flat, book.as_bytes());
        assert_eq!(end, Ok(()));
        assert_eq!(texts(&out, Form::Table(b'\t')), "Name\t\tIIN\n\n\t\t900101100004\n");
        assert_eq!(texts(&out, Form::Plain), "note\n");
        let word = "<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w:wordDocument xmlns:w=\"w\" xmlns:o=\"o\">\
            <o:DocumentProperties><o:Description>IIN 1</o:Description></o:DocumentProperties><w:body>\
            <w:p><w:r><w:t>IIN 9001</w:t></w:r><w:r><w:t>01100004</w:t></w:r></w:p></w:body></w:wordDocument>";
        assert_eq!(samples::format_of(word.as_bytes()), Some("xml-document"));
        let (out, _) = samples::open(&Flat, word.as_bytes());
        assert_eq!(texts(&out, Form::Metadata), "Description: IIN 1\n");
        assert_eq!(
            texts(&samples::open(&Flat, word.as_bytes()).0, Form::Plain),
            "IIN 900101100004\n"
        );
    }

    #[test]
    fn other_xml_is_left_alone() {
        for text in [
            "<?xml version=\"1.0\"?><Workbook/>",
            "<?xml version=\"1.0\"?><document/>",
            "FictionBook",
            "<?xml version=\"1.0\"?><Документ><binary/></Документ>",
        ] {
            assert!(!Flat.sniff(text.as_bytes()), "{text}");
        }
    }
}
