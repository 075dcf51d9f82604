//! docx (WordprocessingML): the text as it reads, with headers, footers, notes, comments, text
//! boxes and deleted words; every table apart; pictures and embedded files as children.

use super::Extractor;
use super::office::{self, Package};
use super::prose::Prose;
use super::xml::{Element, Step, Xml};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

pub struct Docx;

impl Extractor for Docx {
    fn name(&self) -> &'static str {
        "docx"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        office::looks_like(head, "word/")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut package = Package::open("docx", at, bytes, budget, out)?;
        let names = package.names();
        package.properties(&names)?;
        let mut tables = 0;
        // The body first, then what is around it.
        for name in names.iter().filter(|name| is_body(name)) {
            read_part(&mut package, name, at.clone(), &mut tables)?;
        }
        for name in names.iter().filter(|name| !is_body(name)) {
            if office::is_properties(name) || office::is_wiring(name) {
                continue;
            }
            if is_words(name) {
                read_part(&mut package, name, at.member(name), &mut tables)?;
            } else {
                package.hand_on_named(name, None)?;
            }
        }
        package.archive.damage.map_or(Ok(()), Err)
    }
}

fn is_body(name: &str) -> bool {
    name.strip_prefix("word/document").is_some_and(|rest| rest.ends_with(".xml"))
}

/// Parts of WordprocessingML and DrawingML with words in them.
fn is_words(name: &str) -> bool {
    name.starts_with("word/") && name.ends_with(".xml")
}

fn read_part(
    package: &mut Package,
    name: &str,
    at: Locator,
    tables: &mut usize,
) -> Result<(), Skip> {
    let Some(text) = package.text(name)? else { return Ok(()) };
    let relations = package.relations(name)?;
    let mut reader = Reader::new();
    let end = reader.read(&text, package.budget);
    reader.prose.open_box();
    reader.prose.text(&Package::links(&relations));
    reader.prose.close_box();
    reader.prose.push(&at, tables, package.out);
    match end {
        Err(over @ Skip::OverBudget(_)) => Err(over),
        Err(skip) => {
            package.skipped(name, skip);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Where the text at hand belongs.
struct Reader {
    prose: Prose,
    /// Depth of elements that repeat what was read already (`mc:Fallback`).
    repeated: u32,
    /// Within deleted or moved words.
    deleted: u32,
    /// Within an element whose text is text.
    text: Option<Kind>,
    aside: String,
    /// Columns of the cell at hand.
    spans: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Words,
    Aside,
}

impl Reader {
    fn new() -> Reader {
        Reader {
            prose: Prose::new(),
            repeated: 0,
            deleted: 0,
            text: None,
            aside: String::new(),
            spans: Vec::new(),
        }
    }

    fn read(&mut self, text: &str, budget: &Budget) -> Result<(), Skip> {
        let mut xml = Xml::new("docx", text);
        let mut steps = 0u32;
        while let Some(step) = xml.next()? {
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(65_536) {
                budget.in_time()?;
            }
            match step {
                Step::Open(element) if self.repeated > 0 => {
                    self.repeated += u32::from(element.name() == "Fallback");
                }
                Step::Open(element) => self.open(&element),
                Step::Close(end) if self.repeated > 0 => {
                    self.repeated -= u32::from(end.name() == "Fallback");
                }
                Step::Close(end) => self.close(end.name()),
                Step::Text(words) if self.repeated == 0 => match self.text {
                    Some(Kind::Words) if self.deleted == 0 => self.prose.text(&words),
                    Some(_) => self.aside.push_str(&words),
                    None => {}
                },
                Step::Text(_) => {}
            }
        }
        Ok(())
    }

    fn open(&mut self, element: &Element) {
        match element.name() {
            "Fallback" => self.repeated = 1,
            // `w:t`, and `a:t` and `m:t` of drawings and formulas; `c:v` of charts.
            "t" | "v" => self.text = Some(Kind::Words),
            "delText" | "instrText" | "delInstrText" => self.text = Some(Kind::Aside),
            // A tab stop of a paragraph's looks has a position and is no tab.
            "tab" | "ptab" if element.get("pos").is_none() => self.prose.tab(),
            "br" | "cr" => self.prose.line(),
            "noBreakHyphen" => self.prose.text("-"),
            "del" | "moveFrom" => self.deleted += 1,
            "txbxContent" => self.prose.open_box(),
            "tbl" => {
                self.prose.open_table();
                self.spans.push(1);
            }
            "gridBefore" => self.prose.skip_cells(number(element, "val")),
            "tc" => self.set_span(1),
            "gridSpan" => self.set_span(number(element, "val")),
            // DrawingML has the span on the cell itself, handled as an attribute of `tc` there.
            "docPr" | "cNvPr" => {
                for name in ["descr", "title"] {
                    self.prose.aside(&element.get(name).unwrap_or_default());
                }
            }
            "fldSimple" => self.prose.aside(&element.get("instr").unwrap_or_default()),
            "docVar" => self.prose.aside(&format!(
                "{}: {}",
                element.get("name").unwrap_or_default(),
                element.get("val").unwrap_or_default()
            )),
            "comment" => {
                self.prose.text(&element.get("author").unwrap_or_default());
                self.prose.text(": ");
            }
            _ => {}
        }
    }

    fn set_span(&mut self, span: usize) {
        if let Some(last) = self.spans.last_mut() {
            *last = span.max(1);
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.text = None,
            "v" => {
                self.text = None;
                self.prose.line();
            }
            "delText" | "instrText" | "delInstrText" => {
                self.text = None;
                // Several runs of one deleted number are one aside: flushed where it ends.
            }
            "del" | "moveFrom" => {
                self.deleted = self.deleted.saturating_sub(1);
                self.flush_aside();
            }
            "p" => {
                self.flush_aside();
                self.prose.line();
            }
            "txbxContent" => self.prose.close_box(),
            "tc" => {
                let span = self.spans.last().copied().unwrap_or(1);
                self.prose.close_cell(span);
            }
            "tr" => self.prose.close_row(),
            "tbl" => {
                self.prose.close_table();
                self.spans.pop();
            }
            _ => {}
        }
    }

    fn flush_aside(&mut self) {
        let aside = std::mem::take(&mut self.aside);
        self.prose.aside(&aside);
    }
}

fn number(element: &Element, name: &str) -> usize {
    element.get(name).and_then(|value| value.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};
    use crate::flow::Form;

    fn docx(body: &str) -> Vec<u8> {
        let document = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w" xmlns:mc="mc"><w:body>{body}</w:body></w:document>"#
        );
        let rels = r#"<Relationships><Relationship Id="rId1" Type="http://x/hyperlink"
            Target="mailto:a@example.org?subject=900101100004" TargetMode="External"/></Relationships>"#;
        samples::zip(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("word/document.xml", document.as_bytes()),
            ("word/_rels/document.xml.rels", rels.as_bytes()),
            ("word/media/image1.png", b"\x89PNG"),
            ("word/theme/theme1.xml", b"<theme/>"),
            ("docProps/core.xml", "<cp><dc:title>Іс парағы</dc:title></cp>".as_bytes()),
        ])
    }

    #[test]
    fn runs_of_one_number_are_joined_and_tables_stand_apart() {
        let bytes = docx(
            "<w:p><w:r><w:t>ЖСН: 9001</w:t></w:r><w:r><w:t>01100004</w:t></w:r></w:p>\
             <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Аты</w:t></w:r></w:p></w:tc>\
             <w:tc><w:p><w:r><w:t>ИИН</w:t></w:r></w:p></w:tc></w:tr>\
             <w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>900101100014</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        );
        assert_eq!(samples::format_of(&bytes), Some("docx"));
        let (out, end) = samples::open(&Docx, &bytes);
        assert_eq!(end, Ok(()));
        assert!(texts(&out, Form::Plain).starts_with("ЖСН: 900101100004\n"));
        assert!(texts(&out, Form::Plain).contains("subject=900101100004"));
        assert_eq!(texts(&out, Form::Table(b'\t')), "Аты\tИИН\n\t900101100014\n");
        assert_eq!(texts(&out, Form::Metadata), "title: Іс парағы\n");
        let media = out.iter().filter(
            |c| matches!(c, Content::Bytes { at, .. } if at.name() == "word/media/image1.png"),
        );
        assert_eq!(media.count(), 1);
    }

    #[test]
    fn deleted_words_do_not_run_into_those_that_replace_them() {
        let bytes = docx(
            "<w:p><w:r><w:t>ИИН </w:t></w:r><w:del><w:r><w:delText>900101</w:delText></w:r>\
             <w:r><w:delText>100004</w:delText></w:r></w:del>\
             <w:ins><w:r><w:t>900101100014</w:t></w:r></w:ins></w:p>",
        );
        let text = texts(&samples::open(&Docx, &bytes).0, Form::Plain);
        assert!(text.contains("ИИН 900101100014"), "{text}");
        assert!(text.contains("ИИН  900101100004"), "{text}");
    }

    #[test]
    fn a_text_box_is_read_once() {
        let bytes = docx(
            "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>в рамке</w:t></w:r></w:p></w:txbxContent></mc:Choice>\
             <mc:Fallback><w:txbxContent><w:p><w:r><w:t>в рамке</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>\
             <w:r><w:t>вокруг</w:t></w:r></w:p>",
        );
        let text = texts(&samples::open(&Docx, &bytes).0, Form::Plain);
        assert_eq!(text.matches("в рамке").count(), 1);
        assert!(text.starts_with("вокруг\n"));
    }

    #[test]
    fn a_broken_end_keeps_what_came_before() {
        let bytes = docx("<w:p><w:r><w:t>ИИН 900101100004</w:t></w:r></w:p><w:p <");
        let (out, end) = samples::open(&Docx, &bytes);
        assert_eq!(end, Ok(()));
        assert!(texts(&out, Form::Plain).contains("900101100004"));
    }
}
