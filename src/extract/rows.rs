//! Rows of a data file as text: a header of column names, tabs between cells, one row a line. What
//! sqlite and dbf share.

use super::prose::in_one_line;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// A text longer than this is handed over, and the rest begins a new one under the same header:
/// millions of rows need not stand in one string.
const MAX_TEXT: usize = 32 << 20;

pub(super) struct Rows {
    header: String,
    text: String,
    cells: usize,
    charged: usize,
}

impl Rows {
    pub(super) fn new(columns: &[String]) -> Rows {
        let names: Vec<String> = columns.iter().map(|name| in_one_line(name)).collect();
        let header = names.join("\t") + "\n";
        Rows { text: header.clone(), header, cells: 0, charged: 0 }
    }

    pub(super) fn cell(&mut self, value: &str) {
        if self.cells > 0 {
            self.text.push('\t');
        }
        self.text.push_str(&in_one_line(value));
        self.cells += 1;
    }

    pub(super) fn end_row(
        &mut self,
        budget: &mut Budget,
        at: &Locator,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        self.text.push('\n');
        self.cells = 0;
        let grown = self.text.len() - self.charged;
        self.charged = self.text.len();
        budget.charge(grown as u64)?;
        if self.text.len() > MAX_TEXT {
            let text = std::mem::replace(&mut self.text, self.header.clone());
            self.charged = self.text.len();
            out.push(Content::Text { at: at.clone(), text, form: Form::Table(b'\t') });
        }
        Ok(())
    }

    /// Hands over what is left; nothing where there was no row.
    pub(super) fn finish(self, at: &Locator, out: &mut Vec<Content>) {
        if self.text.len() > self.header.len() {
            out.push(Content::Text { at: at.clone(), text: self.text, form: Form::Table(b'\t') });
        }
    }
}
