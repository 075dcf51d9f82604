//! Jobs in the languages of printers (PCL 5, PCL XL, what PJL wraps): pages as they would have been
//! printed, as far as they are pixels, and the words. A job that was kept witnesses a paper copy.
//!
//! Sources: HP, PCL 5 Printer Language Technical Reference; PCL XL Feature Reference, protocol class 2;
//! tried on what Ghostscript writes for 30 printers. Letters are not drawn: a page of text gives its text.

mod escapes;
mod raster;
mod sheet;
mod xl;

use super::Extractor;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;
use sheet::Sheets;

const FORMAT: &str = "pcl";
const ESC: u8 = 0x1b;
/// Ends a job in any language and leads back to PJL.
const EXIT: &[u8] = b"\x1b%-12345X";
const XL: [&[u8]; 2] = [b") HP-PCL XL;", b"( HP-PCL XL;"];
/// What PJL calls the languages that are read here or as a child.
const LANGUAGES: [&str; 9] =
    ["PCL", "PCL3GUI", "PCL5", "PCL5E", "PCL5C", "PCLXL", "POSTSCRIPT", "PDF", "AUTO"];
/// What PJL says of a job: the first lines of it.
const MAX_SETTINGS: usize = 16 << 10;

pub struct Pcl;

impl Extractor for Pcl {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.hp-pcl"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        let first = head.get(..3).unwrap_or_default();
        let command = match first {
            // Colours of terminals begin with a bracket; these letters are groups of PCL.
            [ESC, b'*', group] => b"bcoprtv".contains(group),
            [ESC, b'&', group] => b"adfklpu".contains(group),
            // The languages within, by their numbers.
            [ESC, b'%', b'0'..=b'9'] | [ESC, b'E', _] => [b"\x1b&".as_slice(), b"\x1b*", b"\x1b("]
                .iter()
                .any(|next| memchr::memmem::find(head, next).is_some()),
            _ => false,
        };
        command || head.starts_with(EXIT) || XL.iter().any(|xl| head.starts_with(xl))
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut job = Job::new(at, budget, out);
        let end = job.read(bytes);
        job.finish(end)
    }
}

/// What was printed so far.
struct Job<'b> {
    at: &'b Locator,
    budget: &'b mut Budget,
    out: &'b mut Vec<Content>,
    page: u32,
    /// The pixels of this page.
    sheets: Sheets,
    /// Its words, in a code that the job does not say.
    text: Vec<u8>,
    /// Words of 16 bits a letter.
    wide: String,
    /// Height of the line that was written on last.
    line: Option<i64>,
    settings: String,
    /// The job goes on in a language that is not read.
    foreign: bool,
    others: u32,
}

impl<'b> Job<'b> {
    fn new(at: &'b Locator, budget: &'b mut Budget, out: &'b mut Vec<Content>) -> Job<'b> {
        let (text, wide, settings) = (Vec::new(), String::new(), String::new());
        let sheets = Sheets::default();
        let (line, foreign) = (None, false);
        Job { at, budget, out, page: 1, sheets, text, wide, line, settings, foreign, others: 0 }
    }

    /// Language after language.
    fn read(&mut self, bytes: &[u8]) -> Result<(), Skip> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            self.budget.in_time()?;
            if rest.starts_with(EXIT) {
                at = at.saturating_add(EXIT.len());
                at = self.settings(bytes, at);
                if std::mem::take(&mut self.foreign) {
                    // Printers that leave all work to their driver have languages of their own.
                    let detail = "a language of printers that is not read";
                    self.told(Skip::Unsupported { format: FORMAT, detail: detail.into() });
                    let rest = bytes.get(at..).unwrap_or_default();
                    at = at.saturating_add(memchr::memmem::find(rest, EXIT).unwrap_or(rest.len()));
                }
            } else if let Some(order) = XL.iter().position(|xl| rest.starts_with(xl)) {
                at = xl::read(bytes, at, order == 0, self)?;
            } else if rest.starts_with(b"%!") || rest.starts_with(b"%PDF") {
                // The whole job in a language that is read elsewhere.
                let end = memchr::memmem::find(rest, EXIT).unwrap_or(rest.len());
                let job = rest.get(..end).unwrap_or_default();
                self.budget.member()?;
                self.budget.charge(end as u64)?;
                self.others += 1;
                let at_job = self.at.member(format!("job {}", self.others));
                self.out.push(Content::Bytes { at: at_job, bytes: job.to_vec() });
                at = at.saturating_add(end);
            } else {
                at = escapes::read(bytes, at, self)?;
            }
        }
        Ok(())
    }

    /// Lines of PJL, to where another language begins.
    fn settings(&mut self, bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(rest) = bytes.get(at..) {
            let line = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
            let blank = line.iter().all(u8::is_ascii_whitespace);
            if !line.starts_with(b"@PJL") && (!blank || line.is_empty()) {
                break;
            }
            at = at.saturating_add(line.len());
            if !blank && self.settings.len() + line.len() < MAX_SETTINGS {
                self.settings.push_str(&String::from_utf8_lossy(line));
            }
            let words = String::from_utf8_lossy(line).to_ascii_uppercase();
            if let Some((_, language)) = words.split_once("ENTER LANGUAGE") {
                let language = language.trim_matches(|c: char| c == '=' || c.is_whitespace());
                self.foreign = !LANGUAGES.contains(&language);
                break;
            }
        }
        at
    }

    /// Where the next words or pixels are on another line.
    fn words(&mut self, words: &[u8], y: i64) -> Result<(), Skip> {
        if words.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.budget.charge(words.len() as u64 + 1)?;
        let gap = self.gap(y, !self.text.is_empty());
        self.text.extend(gap);
        self.text.extend_from_slice(words);
        Ok(())
    }

    fn wide_words(&mut self, words: &str, y: i64) -> Result<(), Skip> {
        self.budget.charge(words.len() as u64 + 1)?;
        let gap = self.gap(y, !self.wide.is_empty());
        self.wide.extend(gap.map(char::from));
        self.wide.push_str(words);
        Ok(())
    }

    /// What stands before words at this height.
    fn gap(&mut self, y: i64, any: bool) -> Option<u8> {
        let same = self.line.replace(y) == Some(y);
        any.then_some(if same { b' ' } else { b'\n' })
    }

    fn end_page(&mut self) -> Result<(), Skip> {
        let at = self.at.page(self.page);
        let used = !self.text.is_empty() || !self.wide.is_empty() || !self.sheets.is_empty();
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            // The engine tells the code by the looks.
            self.out.push(Content::Bytes { at: at.member("text"), bytes: text });
        }
        let wide = std::mem::take(&mut self.wide);
        if !wide.is_empty() {
            self.out.push(Content::Text { at: at.clone(), text: wide, form: Form::Plain });
        }
        self.line = None;
        self.page = self.page.saturating_add(u32::from(used));
        std::mem::take(&mut self.sheets).push(&at, self.budget, self.out)
    }

    /// Something that is not read; told where it is.
    fn told(&mut self, skip: Skip) {
        self.out.push(Content::Skipped { at: self.at.page(self.page), skip });
    }

    fn finish(mut self, end: Result<(), Skip>) -> Result<(), Skip> {
        let end = end.and(self.end_page());
        let settings = std::mem::take(&mut self.settings);
        if !settings.is_empty() {
            let (at, form) = (self.at.clone(), Form::Metadata);
            self.out.push(Content::Text { at, text: settings, form });
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, format_of, open, reasons, texts, unpacked};
    use crate::flow::Picture;

    fn pictures(out: &[Content]) -> Vec<(Option<u32>, &Picture)> {
        out.iter()
            .filter_map(|content| match content {
                Content::Picture { at, picture } => Some((at.page_number(), picture)),
                _ => None,
            })
            .collect()
    }

    /// How much of a picture is ink.
    fn ink(picture: &Picture) -> f64 {
        let ink: u64 = picture.luma.iter().map(|luma| u64::from(255 - luma)).sum();
        ink as f64 / 255.0 / picture.luma.len() as f64
    }

    #[test]
    fn pages_of_every_printer_show_the_same() {
        // Ghostscript printed one page on all of them, at 300 dots an inch.
        // XL has the picture as it was, 200 to the inch, and the printer makes the dots.
        for (name, dpi) in [("ljet4", 300), ("cdj550", 300), ("pxlmono", 200), ("pxlcolor", 200)] {
            let bytes = unpacked(&format!("data/page-{name}.prn.xz"));
            assert_eq!(format_of(&bytes), Some("pcl"), "{name}");
            let (out, end) = open(&Pcl, &bytes);
            assert_eq!(end, Ok(()), "{name}");
            let found = pictures(&out);
            assert_eq!(found.len(), 1, "{name}");
            let (page, picture) = found[0];
            let expected = Some((dpi as f32, dpi as f32));
            assert_eq!((page, picture.facts.dpi), (Some(1), expected), "{name}");
            // Square inches of ink.
            let ink = ink(picture) * picture.luma.len() as f64 / f64::from(dpi * dpi);
            assert!((1.9..2.7).contains(&ink), "{name}: {ink}");
        }
    }

    #[test]
    fn words_and_settings_of_a_job_are_told() {
        let job = b"\x1b%-12345X@PJL JOB NAME=\"list.txt\"\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bE\x1b&l26A\x1b(s3T\
            IIN 900101100004\r\nnext \x1b*p300X\x1b*p+5Xline\x0c\x1bEsecond page\x0c\x1b%-12345X@PJL EOJ\r\n";
        let (out, end) = open(&Pcl, job);
        assert_eq!(end, Ok(()));
        let found = children(&out);
        let found: Vec<&[u8]> = found.into_iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(found, [b"IIN 900101100004\nnext line".as_slice(), b"second page"]);
        assert!(texts(&out, Form::Metadata).contains("list.txt"));
    }

    #[test]
    fn a_job_in_postscript_or_pdf_is_a_child() {
        let job = b"\x1b%-12345X@PJL ENTER LANGUAGE=POSTSCRIPT\n%!PS-Adobe\nshowpage\n\x1b%-12345X";
        let (out, end) = open(&Pcl, job);
        assert_eq!(end, Ok(()));
        assert_eq!(children(&out), [("job 1".to_owned(), b"%!PS-Adobe\nshowpage\n".as_slice())]);
    }

    #[test]
    fn a_job_in_a_language_of_its_own_is_told() {
        let job = b"\x1b%-12345X@PJL ENTER LANGUAGE = ZJS\nJZJZ\0\0900101100004\x1b%-12345X@PJL ENTER LANGUAGE=PCL\nIIN\x0c";
        let (out, end) = open(&Pcl, job);
        assert_eq!(end, Ok(()));
        assert_eq!(reasons(&out), ["unsupported"]);
        assert_eq!(children(&out), [("text".to_owned(), b"IIN".as_slice())]);
    }

    #[test]
    fn texts_with_colours_of_terminals_are_no_jobs() {
        for text in
            ["\x1b[31mred\x1b[0m", "\x1bE alone", "\x1b(B\x1b)0 curses", "@PJL is a language"]
        {
            assert_ne!(format_of(text.as_bytes()), Some("pcl"), "{text:?}");
        }
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        for name in ["ljet4", "cdj550", "pxlmono", "pxlcolor"] {
            let bytes = unpacked(&format!("data/page-{name}.prn.xz"));
            let bytes = &bytes[..bytes.len().min(1500)];
            for at in (0..bytes.len()).step_by(17) {
                open(&Pcl, &bytes[..at]).1.ok();
                let mut changed = bytes.to_vec();
                changed[at] ^= [0xff, 1, 0x80][at % 3];
                open(&Pcl, &changed).1.ok();
            }
        }
        open(&Pcl, &fixture("pictures/grey.jpg")).1.ok();
    }
}
