//! Running text with tables in it, as word processors and slides have: paragraphs as lines, and
//! every table apart, one row a line, cells by tabs. What stands beside the text (deleted words,
//! link targets, alternative texts) is kept behind it.

use crate::flow::{Content, Form, Locator};

/// A cell that spans more columns than this spans nothing real.
const MAX_SPAN: usize = 256;
/// Cells of one row.
const MAX_CELLS: usize = 16_384;
/// How much of the words before a side note is repeated with it, so that its label stays by it.
const LABEL_CHARS: usize = 60;

/// What is being written to.
enum Level {
    Flow(String),
    Table { done: String, row: Vec<String>, cell: String },
}

pub(super) struct Prose {
    levels: Vec<Level>,
    /// Text boxes, side notes.
    behind: String,
    tables: Vec<String>,
}

impl Prose {
    pub(super) fn new() -> Prose {
        Prose { levels: Vec::new(), behind: String::new(), tables: Vec::new() }
    }

    fn target(&mut self) -> &mut String {
        if self.levels.is_empty() {
            self.levels.push(Level::Flow(String::new()));
        }
        match self.levels.last_mut() {
            Some(Level::Flow(text)) => text,
            Some(Level::Table { cell, .. }) => cell,
            None => &mut self.behind,
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.target().push_str(text);
    }

    pub(super) fn tab(&mut self) {
        self.target().push('\t');
    }

    /// Ends a line or a paragraph.
    pub(super) fn line(&mut self) {
        self.target().push('\n');
    }

    /// Text that is not where the reader sees text. The words before it are repeated as its label.
    pub(super) fn aside(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let label: String = self
            .target()
            .chars()
            .rev()
            .take(LABEL_CHARS)
            .take_while(|c| !c.is_numeric() && *c != '\n')
            .collect();
        self.behind.extend(label.chars().rev());
        self.behind.push(' ');
        self.behind.push_str(text);
        self.behind.push('\n');
    }

    pub(super) fn open_box(&mut self) {
        self.target();
        self.levels.push(Level::Flow(String::new()));
    }

    pub(super) fn close_box(&mut self) {
        if self.levels.len() > 1
            && let Some(Level::Flow(text)) = self.levels.pop_if(|l| matches!(l, Level::Flow(_)))
        {
            self.behind.push_str(&text);
            self.behind.push('\n');
        }
    }

    pub(super) fn open_table(&mut self) {
        self.target();
        self.levels.push(Level::Table {
            done: String::new(),
            row: Vec::new(),
            cell: String::new(),
        });
    }

    /// Ends a cell that spans `span` columns.
    pub(super) fn close_cell(&mut self, span: usize) {
        if let Some(Level::Table { row, cell, .. }) = self.levels.last_mut() {
            row.push(in_one_line(cell));
            cell.clear();
            let empty = span.clamp(1, MAX_SPAN) - 1;
            row.resize((row.len() + empty).min(MAX_CELLS), String::new());
        }
    }

    /// Columns that a row leaves out at its start.
    pub(super) fn skip_cells(&mut self, count: usize) {
        if let Some(Level::Table { row, .. }) = self.levels.last_mut() {
            row.resize((row.len() + count.min(MAX_SPAN)).min(MAX_CELLS), String::new());
        }
    }

    pub(super) fn close_row(&mut self) {
        if let Some(Level::Table { done, row, cell }) = self.levels.last_mut() {
            if !cell.trim().is_empty() {
                row.push(in_one_line(cell));
                cell.clear();
            }
            done.push_str(row.join("\t").trim_end_matches('\t'));
            done.push('\n');
            row.clear();
        }
    }

    pub(super) fn close_table(&mut self) {
        if matches!(self.levels.last(), Some(Level::Table { row, cell, .. })
            if !row.is_empty() || !cell.trim().is_empty())
        {
            self.close_row();
        }
        if let Some(Level::Table { done, .. }) =
            self.levels.pop_if(|level| matches!(level, Level::Table { .. }))
            && !done.trim().is_empty()
        {
            self.tables.push(done);
        }
    }

    pub(super) fn in_table(&self) -> bool {
        matches!(self.levels.last(), Some(Level::Table { .. }))
    }

    /// Hands the text over at `at` and every table as its member `table N`, N from `*tables` on.
    pub(super) fn push(mut self, at: &Locator, tables: &mut usize, out: &mut Vec<Content>) {
        // Whatever a cut file left open is closed.
        while self.levels.len() > 1 {
            if self.in_table() { self.close_table() } else { self.close_box() }
        }
        if self.in_table() {
            self.close_table();
        }
        let mut text = match self.levels.pop() {
            Some(Level::Flow(text)) => text,
            _ => String::new(),
        };
        if !self.behind.trim().is_empty() {
            text.push('\n');
            text.push_str(&self.behind);
        }
        if !text.trim().is_empty() {
            out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
        }
        for text in self.tables {
            *tables += 1;
            let at = at.member(format!("table {tables}"));
            out.push(Content::Text { at, text, form: Form::Table(b'\t') });
        }
    }
}

/// The text of a cell, fit to stand between tabs.
pub(super) fn in_one_line(cell: &str) -> String {
    cell.trim()
        .chars()
        .map(|c| if matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}') { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_in_a_table_comes_out_twice_apart() {
        let mut prose = Prose::new();
        prose.text("Список:");
        prose.line();
        prose.open_table();
        prose.text("ФИО");
        prose.close_cell(2);
        prose.text("ИИН\nЖСН");
        prose.close_cell(1);
        prose.close_row();
        prose.open_table();
        prose.text("внутри");
        prose.close_cell(1);
        prose.close_row();
        prose.close_table();
        prose.text("x");
        prose.close_cell(1);
        prose.close_row();
        prose.close_table();
        let mut out = Vec::new();
        prose.push(&Locator::file("f"), &mut 0, &mut out);
        let texts: Vec<_> = out
            .iter()
            .map(|content| match content {
                Content::Text { text, form, .. } => (text.as_str(), *form),
                other => panic!("{other:?}"),
            })
            .collect();
        let table = Form::Table(b'\t');
        assert_eq!(
            texts,
            [("Список:\n", Form::Plain), ("внутри\n", table), ("ФИО\t\tИИН ЖСН\nx\n", table)]
        );
    }

    #[test]
    fn what_stands_beside_the_text_keeps_its_label() {
        let mut prose = Prose::new();
        prose.text("от 2020 г., ИИН: ");
        prose.aside("900101100004");
        prose.text("900101100014");
        let mut out = Vec::new();
        prose.push(&Locator::file("f"), &mut 0, &mut out);
        let Content::Text { text, .. } = &out[0] else { panic!() };
        assert_eq!(text, "от 2020 г., ИИН: 900101100014\n г., ИИН:  900101100004\n");
    }
}
