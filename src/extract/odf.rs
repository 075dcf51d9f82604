//! OpenDocument (ISO 26300): texts, sheets and slides (.odt, .ods, .odp). Sheets come out with
//! their rows and columns in place, slides as pages, tables apart.

use super::Extractor;
use super::office::Package;
use super::prose::Prose;
use super::sheet::{Sheet, plain_number};
use super::xml::{self, Element, Step, Xml};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// A row or cell that is repeated with something in it is written this often; what is repeated
/// empty is only counted.
const MAX_REPEATS: u64 = 1_000;

pub struct Odf;

impl Extractor for Odf {
    fn name(&self) -> &'static str {
        "odf"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.oasis.opendocument"
    }

    /// The first member is named `mimetype` and stored as it is, so that its text can be seen.
    fn sniff(&self, head: &[u8]) -> bool {
        const TYPE: &[u8] = b"application/vnd.oasis.opendocument.";
        head.starts_with(b"PK\x03\x04")
            && head
                .get(..head.len().min(256))
                .is_some_and(|start| memchr::memmem::find(start, TYPE).is_some())
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut package = Package::open("odf", at, bytes, budget, out)?;
        let manifest = package.text("META-INF/manifest.xml")?.unwrap_or_default();
        if manifest.contains("encryption-data") {
            return Err(Skip::Encrypted { format: "odf" });
        }
        if let Some(text) = package.text("meta.xml")? {
            let mut notes = super::exif::Notes::default();
            xml::properties(text.as_bytes(), &mut |name, value| notes.add(name, value));
            notes.push(at, package.out);
        }
        let names = package.names();
        let mut tables = 0;
        for name in &names {
            let file = name.rsplit('/').next().unwrap_or_default();
            match file {
                "content.xml" if name == "content.xml" => {
                    read_part(&mut package, name, at, &mut tables)?;
                }
                "content.xml" | "styles.xml" => {
                    read_part(&mut package, name, &at.member(name), &mut tables)?;
                }
                "mimetype" | "meta.xml" | "settings.xml" | "manifest.xml" | "manifest.rdf"
                | "layout-cache" => {}
                _ if name.starts_with("Configurations2/") => {}
                _ => package.hand_on_named(name, None)?,
            }
        }
        package.archive.damage.map_or(Ok(()), Err)
    }
}

fn read_part(
    package: &mut Package,
    name: &str,
    at: &Locator,
    tables: &mut usize,
) -> Result<(), Skip> {
    let Some(text) = package.text(name)? else { return Ok(()) };
    let book = text.contains("<office:spreadsheet");
    let mut reader = Reader {
        at: at.clone(),
        prose: Prose::new(),
        page: 0,
        book,
        grid: None,
        title: String::new(),
        row: 0,
        row_repeats: 1,
        column: 0,
        cells: Vec::new(),
        cell: Cell::default(),
        note: None,
        spans: Vec::new(),
        links: String::new(),
        tables,
    };
    let end = reader.read(&text, package.budget, package.out);
    // Where the file or its budget ends within a sheet, the rows before that are kept.
    reader.end_sheet(package.out);
    reader.end_page(package.out);
    match end {
        Err(over @ Skip::OverBudget(_)) => Err(over),
        Err(skip) => {
            package.skipped(name, skip);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// The cell of a sheet at hand.
#[derive(Default)]
struct Cell {
    repeats: u64,
    /// What the file says the number is.
    value: Option<String>,
    shown: String,
}

struct Reader<'b> {
    at: Locator,
    prose: Prose,
    /// Of a presentation; 0 before the first.
    page: u32,
    /// Tables of the first level are sheets.
    book: bool,
    grid: Option<Sheet>,
    title: String,
    row: u64,
    row_repeats: u64,
    column: u64,
    cells: Vec<(usize, String)>,
    cell: Cell,
    /// Text of a comment, kept out of its cell.
    note: Option<String>,
    spans: Vec<usize>,
    links: String,
    tables: &'b mut usize,
}

impl Reader<'_> {
    fn read(
        &mut self,
        text: &str,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut xml = Xml::new("odf", text);
        // Only what stands in paragraphs is text; the rest is layout of the file itself.
        let mut paragraphs = 0u32;
        while let Some(step) = xml.next()? {
            match step {
                Step::Open(element) => {
                    paragraphs += u32::from(matches!(element.name(), "p" | "h"));
                    self.open(&element, out);
                }
                Step::Text(words) if paragraphs > 0 => self.text(&words),
                Step::Text(_) => {}
                Step::Close(end) => {
                    if matches!(end.name(), "p" | "h") {
                        paragraphs = paragraphs.saturating_sub(1);
                        self.text("\n");
                    }
                    self.close(end.name(), budget, out)?;
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, words: &str) {
        match (&mut self.note, &self.grid) {
            (Some(note), _) => note.push_str(words),
            (None, Some(_)) => self.cell.shown.push_str(words),
            (None, None) => self.prose.text(words),
        }
    }

    fn open(&mut self, element: &Element, out: &mut Vec<Content>) {
        match element.name() {
            "s" => {
                let count = repeats(element, "c").min(64) as usize;
                self.text(&" ".repeat(count));
            }
            "tab" => self.text("\t"),
            "line-break" => self.text("\n"),
            "annotation" => self.note = Some(String::new()),
            "page" => {
                self.end_page(out);
                self.page += 1;
            }
            "text-box" if self.grid.is_none() => self.prose.open_box(),
            "a" | "frame" | "form" | "text-input" => {
                for key in ["href", "name", "title", "desc", "current-value"] {
                    let text = element.get(key).unwrap_or_default();
                    if text.contains(|c: char| c.is_ascii_digit()) {
                        self.links.push_str(&text);
                        self.links.push('\n');
                    }
                }
            }
            "table" if self.book && self.grid.is_none() => {
                self.title = element.get("name").unwrap_or_default();
                self.grid = Some(Sheet::new());
                self.row = 0;
            }
            "table" if self.grid.is_none() => {
                self.prose.open_table();
                self.spans.push(1);
            }
            "table-row" => {
                self.row_repeats = repeats(element, "number-rows-repeated");
                self.column = 0;
                self.cells.clear();
            }
            "table-cell" | "covered-table-cell" => {
                self.cell = Cell {
                    repeats: repeats(element, "number-columns-repeated"),
                    value: element.get("value"),
                    shown: String::new(),
                };
                if let Some(span) = self.spans.last_mut() {
                    *span = usize::try_from(self.cell.repeats).unwrap_or(1);
                }
            }
            _ => {}
        }
    }

    fn close(
        &mut self,
        name: &str,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        match name {
            "annotation" => {
                let note = self.note.take().unwrap_or_default();
                self.links.push_str(&note);
            }
            "text-box" if self.grid.is_none() => self.prose.close_box(),
            "table-cell" | "covered-table-cell" => {
                if self.grid.is_some() {
                    self.put_cell();
                } else {
                    self.prose.close_cell(self.spans.last().copied().unwrap_or(1));
                }
            }
            "table-row" => match &mut self.grid {
                Some(sheet) => {
                    let shown = if self.cells.is_empty() { 0 } else { self.row_repeats };
                    for i in 1..=shown.min(MAX_REPEATS) {
                        for (column, value) in &self.cells {
                            sheet.cell(*column, value);
                        }
                        sheet.end_row(self.row.saturating_add(i), budget)?;
                    }
                    self.row = self.row.saturating_add(self.row_repeats);
                }
                None => self.prose.close_row(),
            },
            "table" if !self.end_sheet(out) => {
                self.prose.close_table();
                self.spans.pop();
            }
            _ => {}
        }
        Ok(())
    }

    /// Hands over the sheet at hand; false where there is none.
    fn end_sheet(&mut self, out: &mut Vec<Content>) -> bool {
        let Some(sheet) = self.grid.take() else { return false };
        let text = sheet.finish();
        if !text.trim().is_empty() {
            let at = self.at.member(&self.title);
            out.push(Content::Text { at, text, form: Form::Table(b'\t') });
        }
        true
    }

    fn put_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let shown = cell.shown.trim();
        // A format may shorten or group a number; one that only adds zeros is how it is meant.
        let value = match &cell.value {
            Some(value) if !same_number(shown, value) => plain_number(value, 0),
            _ => shown.to_owned(),
        };
        if !value.is_empty() {
            for i in 0..cell.repeats.min(MAX_REPEATS) {
                if let Ok(column) = usize::try_from(self.column.saturating_add(i)) {
                    self.cells.push((column, value.clone()));
                }
            }
        }
        self.column = self.column.saturating_add(cell.repeats);
    }

    /// Hands over what was read since the last page.
    fn end_page(&mut self, out: &mut Vec<Content>) {
        let at = if self.page > 0 { self.at.page(self.page) } else { self.at.clone() };
        let mut prose = std::mem::replace(&mut self.prose, Prose::new());
        prose.open_box();
        prose.text(&std::mem::take(&mut self.links));
        prose.close_box();
        prose.push(&at, self.tables, out);
    }
}

fn same_number(shown: &str, value: &str) -> bool {
    !shown.is_empty()
        && shown.bytes().all(|b| b.is_ascii_digit())
        && shown.trim_start_matches('0') == plain_number(value, 0).trim_start_matches('0')
}

fn repeats(element: &Element, name: &str) -> u64 {
    element.get(name).and_then(|value| value.parse().ok()).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};
    use crate::limits::Limits;

    fn odf(kind: &str, body: &str) -> Vec<u8> {
        let mime = format!("application/vnd.oasis.opendocument.{kind}");
        let content = format!(
            "<office:document-content><office:body>{body}</office:body></office:document-content>"
        );
        let mut writer = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let stored = ::zip::write::SimpleFileOptions::default()
            .compression_method(::zip::CompressionMethod::Stored);
        for (name, data) in [("mimetype", &mime), ("content.xml", &content)] {
            writer.start_file(name, stored).unwrap();
            std::io::Write::write_all(&mut writer, data.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn rows_before_the_end_of_the_budget_are_kept() {
        let row = "<table:table-row table:number-rows-repeated=\"1000\"><table:table-cell>\
                   <text:p>ИИН 900101100004</text:p></table:table-cell></table:table-row>";
        let table = format!("<table:table>{}</table:table>", row.repeat(10));
        let bytes =
            odf("spreadsheet", &format!("<office:spreadsheet>{table}</office:spreadsheet>"));
        let limits = Limits { max_expanded_bytes: 20_000, ..Limits::default() };
        let (out, end) = samples::open_within(&Odf, &bytes, &limits);
        assert!(matches!(end, Err(Skip::OverBudget(_))));
        assert!(texts(&out, Form::Table(b'\t')).contains("900101100004"));
    }

    #[test]
    fn repeated_cells_and_rows_keep_the_others_in_place() {
        let bytes = odf(
            "spreadsheet",
            "<office:spreadsheet><table:table table:name=\"Тізім\">\
             <table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>\
             <table:table-row><table:table-cell table:number-columns-repeated=\"2\"/><table:table-cell office:value=\"8.51231203985E+11\" office:value-type=\"float\"><text:p>8,51E+11</text:p></table:table-cell></table:table-row>\
             <table:table-row><table:table-cell office:value=\"10101100018\"><text:p>010101100018</text:p></table:table-cell></table:table-row>\
             <table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell/></table:table-row>\
             </table:table></office:spreadsheet>",
        );
        assert_eq!(samples::format_of(&bytes), Some("odf"));
        let (out, end) = samples::open(&Odf, &bytes);
        assert_eq!(end, Ok(()));
        assert_eq!(texts(&out, Form::Table(b'\t')), "\n\n\t\t851231203985\n010101100018\n");
    }

    #[test]
    fn a_cell_repeated_without_end_is_bounded() {
        let bytes = odf(
            "spreadsheet",
            "<office:spreadsheet><table:table><table:table-row table:number-rows-repeated=\"1048576\">\
             <table:table-cell table:number-columns-repeated=\"16384\"><text:p>1</text:p></table:table-cell>\
             </table:table-row></table:table></office:spreadsheet>",
        );
        let (out, _) = samples::open(&Odf, &bytes);
        assert!(texts(&out, Form::Table(b'\t')).len() <= 2_000_000);
    }
}
