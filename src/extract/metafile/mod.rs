//! Metafiles of Windows: the bitmaps that are drawn in them, and the words.

mod bands;
mod emf;
mod wmf;

pub use emf::Emf;
pub use wmf::Wmf;

use self::bands::{Bands, Place};
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
    /// A picture of which more bands may come.
    bands: Option<Bands>,
}

impl<'b> Drawing<'b> {
    fn new(at: &'b Locator, budget: &'b mut Budget, out: &'b mut Vec<Content>) -> Drawing<'b> {
        Drawing { at, budget, out, text: String::new(), line: None, pictures: 0, bands: None }
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

    /// Header with palette, and pixels, drawn at a place. What was printed in bands is one picture.
    fn placed(&mut self, header: &[u8], pixels: &[u8], place: Place) -> Result<(), Skip> {
        let band = Bands::of(header, pixels, place);
        if let (Some(open), Some(band)) = (&mut self.bands, &band)
            && open.join(band)
        {
            return self.budget.charge(pixels.len() as u64);
        }
        self.end_bands()?;
        match band {
            Some(band) => {
                self.bands = Some(band);
                self.budget.charge(pixels.len() as u64)
            }
            None => self.bitmap(&[header, pixels].concat()),
        }
    }

    fn end_bands(&mut self) -> Result<(), Skip> {
        self.bands.take().map_or(Ok(()), |bands| self.bitmap(&bands.dib()))
    }

    fn finish(mut self, end: Result<(), Skip>) -> Result<(), Skip> {
        let end = self.end_bands().and(end);
        if !self.text.trim().is_empty() {
            let (at, text) = (self.at.clone(), self.text + "\n");
            self.out.push(Content::Text { at, text, form: Form::Plain });
        }
        end
    }
}
