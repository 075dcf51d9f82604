//! Metafiles of Windows: the bitmaps that are drawn in them, and the words.

mod emf;
mod wmf;

pub use emf::Emf;
pub use wmf::Wmf;

use super::bmp;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// What was drawn so far.
struct Drawing<'b> {
    at: &'b Locator,
    budget: &'b mut Budget,
    out: &'b mut Vec<Content>,
    text: String,
    /// Height of the line that was written on last.
    line: Option<i64>,
    pictures: u32,
}

impl<'b> Drawing<'b> {
    fn new(at: &'b Locator, budget: &'b mut Budget, out: &'b mut Vec<Content>) -> Drawing<'b> {
        Drawing { at, budget, out, text: String::new(), line: None, pictures: 0 }
    }

    /// Words at a height: those of one height are one line.
    fn words(&mut self, words: &str, y: i64) -> Result<(), Skip> {
        if words.trim().is_empty() {
            return Ok(());
        }
        self.budget.charge(words.len() as u64 + 1)?;
        match self.line {
            Some(line) if line == y => self.text.push(' '),
            Some(_) => self.text.push('\n'),
            None => {}
        }
        self.line = Some(y);
        self.text.push_str(words.trim_end_matches('\0'));
        Ok(())
    }

    /// A picture in a coding of its own.
    fn picture(&mut self, bytes: &[u8]) -> Result<(), Skip> {
        self.pictures += 1;
        self.budget.member()?;
        self.budget.charge(bytes.len() as u64)?;
        let at = self.at.member(format!("picture {}", self.pictures));
        self.out.push(Content::Bytes { at, bytes: bytes.to_vec() });
        Ok(())
    }

    fn bitmap(&mut self, dib: &[u8]) -> Result<(), Skip> {
        match bmp::of_dib(dib) {
            Some(bytes) => self.picture(&bytes),
            None => Ok(()),
        }
    }

    fn finish(self, end: Result<(), Skip>) -> Result<(), Skip> {
        if !self.text.trim().is_empty() {
            let (at, text) = (self.at.clone(), self.text + "\n");
            self.out.push(Content::Text { at, text, form: Form::Plain });
        }
        end
    }
}
