//! One candidate through the stages: open, recognise, unpack, look.
//!
//! The worklist is here: extractors hand children back and never call one another, so depth, cost
//! and order are counted in one place. Every foreign decoder runs under `catch_unwind`; what it
//! gave before it failed is kept.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::beside;
use super::open::read_head;
use super::page::{Known, PageReader, PageText};
use super::square::Square;
use super::trace::{Step, Trace};
use super::walls::Walls;
use crate::detect::{
    self, HEAD_BYTES, Mark, MarkKind, Rules, Scene, TextFacts, TextScan, head_of, origin,
};
use crate::error::Skip;
use crate::extract::{self, Extractor, SNIFF_BYTES};
use crate::flow::{Content, Evidence, Form, Kind, Locator, Picture, Site};
use crate::limits::{Budget, Limits, Passwords};
use crate::text::encoding::{Verdict, decide};
use crate::text::table::Table;
use crate::text::window::{Utf8From16, WINDOW_BYTES, Windows};
use crate::text::{Encoding, Window};

/// A text up to this is looked at in one piece; the windows of a larger one cost a buffer.
pub(super) const ONE_PIECE: usize = WINDOW_BYTES;

/// What is in one content.
#[derive(Debug)]
pub struct Seen {
    pub at: Locator,
    pub media_type: &'static str,
    pub evidence: Vec<Evidence>,
    /// The evidence is in the name, not in the content.
    pub in_name: bool,
}

/// All that came of one candidate.
#[derive(Debug, Default)]
pub struct Outcome {
    pub seen: Vec<Seen>,
    pub skips: Vec<(Locator, Skip)>,
    /// Where in `seen` a place is; the other half of the key is `in_name`.
    places: HashMap<(Locator, bool), usize>,
    /// Bytes read from the file.
    pub bytes: u64,
    /// The file itself is text of one byte or more a letter; then, how many lines it has.
    pub lines: Option<u64>,
}

/// One candidate while it is worked on.
pub struct Item<'e> {
    pub rules: &'e Rules,
    pub limits: &'e Limits,
    /// What locked members are tried with.
    pub passwords: &'e Passwords,
    pub trace: &'e dyn Trace,
    /// Two-digit year that stamps are not newer than.
    pub newest_year: u32,
    /// Who reads the text of whole pages, if that is asked for.
    pub page_readers: &'e [Box<dyn PageReader>],
    /// Who opens complex formats, if not this process.
    pub walls: Option<&'e Walls>,
    /// A small file that is for a worker is put aside, as `deferred`.
    pub defers: bool,
    pub deferred: Option<Vec<u8>>,
    pub outcome: Outcome,
    /// Texts still to be looked at that no scan lies under.
    pub typed: HashSet<Locator>,
}

impl<'e> Item<'e> {
    /// Nothing looked at yet; whoever wants pages read or workers asked says so in its fields.
    pub fn new(
        rules: &'e Rules,
        limits: &'e Limits,
        passwords: &'e Passwords,
        trace: &'e dyn Trace,
        newest_year: u32,
    ) -> Item<'e> {
        Item {
            rules,
            limits,
            passwords,
            trace,
            newest_year,
            page_readers: &[],
            walls: None,
            defers: false,
            deferred: None,
            outcome: Outcome::default(),
            typed: HashSet::new(),
        }
    }

    /// Works off `first` and all that comes out of it, depth first, children in order.
    pub(super) fn unpack(&mut self, first: Content, budget: &mut Budget) {
        let mut list = vec![first];
        while let Some(content) = list.pop() {
            match content {
                Content::Bytes { at, bytes } => {
                    let Some(format) =
                        extract::recognise(bytes.get(..SNIFF_BYTES).unwrap_or(&bytes))
                    else {
                        self.tell_part(&at, &bytes);
                        self.text_bytes(&at, &bytes);
                        continue;
                    };
                    let mut children = Vec::new();
                    if let Err(skip) = self.open_layer(format, &at, &bytes, budget, &mut children) {
                        self.skip(at.clone(), skip);
                    }
                    drop(bytes);
                    self.typed.extend(beside::typed_texts(format, &children));
                    for child in &children {
                        let (Content::Bytes { at: child, .. }
                        | Content::Text { at: child, .. }
                        | Content::Picture { at: child, .. }
                        | Content::Skipped { at: child, .. }) = child;
                        if child.depth() > at.depth() {
                            self.name(child, &child.name());
                        }
                    }
                    list.extend(children.into_iter().rev());
                }
                Content::Text { at, text, form } => {
                    let verdict =
                        Verdict { encoding: Encoding::Utf8, why: "decoded by its format" };
                    self.trace.step(Step::Text {
                        at: &at,
                        verdict,
                        table: None,
                        bytes: text.len() as u64,
                    });
                    let typed = self.typed.remove(&at);
                    let evidence = self.guard("text", &at, |item| {
                        let facts = item.text_facts(form, false);
                        let mut evidence = detect::look(item.rules, &text, facts);
                        if typed {
                            origin::tell_typed(&mut evidence);
                        }
                        evidence
                    });
                    self.see(at, "text/plain", evidence.unwrap_or_default());
                }
                Content::Picture { at, picture } => self.picture(&at, &picture, budget),
                Content::Skipped { at, skip } => self.skip(at, skip),
            }
        }
    }

    fn open_layer(
        &mut self,
        format: &'static dyn Extractor,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        children: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        budget.depth(at.depth())?;
        budget.in_time()?;
        self.trace.step(Step::Opened { at, format: format.name(), bytes: bytes.len() as u64 });
        let open = AssertUnwindSafe(|| format.open(at, bytes, budget, children));
        let result = match catch_unwind(open) {
            Ok(result) => result,
            Err(_) => Err(Skip::Panicked { stage: format.name() }), // the hook has logged the place
        };
        // What was not opened, or only looked like this format, may hold text all the same.
        let why = match &result {
            Err(Skip::Unsupported { .. }) => Some("format is not opened"),
            Err(Skip::Damaged { .. } | Skip::Panicked { .. }) if children.is_empty() => {
                Some("damaged")
            }
            _ => None,
        };
        if let Some(why) = why {
            self.text_bytes_as(at, bytes, Verdict { encoding: Encoding::Binary, why });
        }
        if format.is_text() {
            self.text_bytes(at, bytes);
        }
        result
    }

    fn picture(&mut self, at: &Locator, picture: &Picture, budget: &Budget) {
        if let Err(skip) = budget.in_time() {
            return self.skip(at.clone(), skip);
        }
        self.trace.step(Step::Picture { at, picture });
        let mut evidence = Vec::new();
        if let Some(square) = Square::of(picture, self.limits.max_pixels) {
            evidence = self.look_at(at, &square.picture, budget);
            square.place(&mut evidence);
        }
        // The resolution may be a mistake of the file: it is a hint, not a fact.
        if evidence.is_empty() {
            evidence = self.look_at(at, picture, budget);
        }
        self.see(at.clone(), media_type_of(picture), evidence);
    }

    /// What the detectors, and the readers of pages, see in a picture with square pixels.
    fn look_at(&mut self, at: &Locator, picture: &Picture, budget: &Budget) -> Vec<Evidence> {
        let Some(mut scene) = Scene::new(picture) else {
            self.skip(at.clone(), Skip::damaged("picture", "fewer pixels than it says"));
            return Vec::new();
        };
        let watches = self.trace.watches_pictures();
        if watches {
            scene = scene.watched();
        }
        let evidence = self.guard("picture", at, |item| detect::look_at(item.rules, &scene));
        let mut evidence = evidence.unwrap_or_default();
        self.page(at, &scene, budget, &mut evidence);
        if watches {
            self.trace.step(Step::Looked { at, picture, told: &scene.told(), evidence: &evidence });
        }
        evidence
    }

    /// Has the text of a page read, and looks at it like at any text.
    fn page(&mut self, at: &Locator, scene: &Scene, budget: &Budget, out: &mut Vec<Evidence>) {
        let mut known = Known::default();
        for reader in self.page_readers {
            known.add(out);
            if budget.in_time().is_err() {
                break;
            }
            let read = self.guard(reader.name(), at, |_| reader.read(scene, budget.left()));
            let lines = match read {
                Some(Ok(lines)) => lines,
                Some(Err(skip)) => {
                    self.skip(at.clone(), skip);
                    continue;
                }
                None => continue,
            };
            if lines.is_empty() {
                continue;
            }
            for line in &lines {
                scene.mark(|| Mark::upright(MarkKind::Line, line.region, "of a page"));
            }
            let page = PageText::new(&lines);
            let bytes = page.text.len() as u64;
            let verdict = Verdict { encoding: Encoding::Utf8, why: reader.name() };
            self.trace.step(Step::Text { at, verdict, table: None, bytes });
            let found = self.guard("text", at, |item| {
                detect::look(item.rules, &page.text, item.text_facts(Form::Page, false))
            });
            for mut evidence in found.unwrap_or_default() {
                page.place(&mut evidence);
                out.extend(known.only_new(evidence));
            }
        }
        // A reader that ran out of time has given what it had.
        if let (false, Err(skip)) = (self.page_readers.is_empty(), budget.in_time()) {
            self.skip(at.clone(), skip);
        }
    }

    /// Looks at the name of a file, folder or member.
    pub fn name(&mut self, at: &Locator, name: &str) {
        // Twelve digits, spread or not: nothing shorter can be an identifier of ours or the user's.
        if name.bytes().filter(u8::is_ascii_digit).count() < 8 && self.rules.only_numbers() {
            return;
        }
        self.trace.step(Step::Name { at });
        let facts = TextFacts { in_name: true, ..self.text_facts(Form::Plain, false) };
        let evidence = detect::look(self.rules, name, facts);
        self.push(at.clone(), "text/plain", evidence, true);
    }

    /// Text or raw bytes in memory.
    pub(super) fn text_bytes(&mut self, at: &Locator, bytes: &[u8]) {
        let verdict = decide(head_of(bytes));
        self.text_bytes_as(at, bytes, verdict);
    }

    pub(super) fn text_bytes_as(&mut self, at: &Locator, bytes: &[u8], verdict: Verdict) {
        if bytes.len() > ONE_PIECE
            || matches!(verdict.encoding, Encoding::Utf16Le | Encoding::Utf16Be)
        {
            // Reading from memory does not fail.
            let _ = self.text_stream_as(at, bytes, verdict);
            return;
        }
        let mut verdict = verdict;
        if verdict.encoding == Encoding::Ascii && !bytes.is_ascii() {
            verdict = crate::text::encoding::decide_high(bytes);
        }
        let binary = verdict.encoding == Encoding::Binary;
        let table = if binary { None } else { Table::sniff(head_of(bytes)) };
        self.trace.step(Step::Text {
            at,
            verdict,
            table: table.as_ref().map(Table::separator),
            bytes: bytes.len() as u64,
        });
        let evidence = self.guard("text", at, |item| {
            let mut scan = TextScan::begin(item.rules, item.text_facts(Form::Plain, binary));
            scan.window(&Window {
                bytes,
                base: 0,
                fresh: 0..bytes.len(),
                line: 1,
                encoding: verdict.encoding,
                carried: 0,
                table: table.as_ref(),
            });
            scan.finish()
        });
        self.see(at.clone(), text_type(binary), evidence.unwrap_or_default());
    }

    /// A text of any length, in windows.
    pub(super) fn text_stream(
        &mut self,
        at: &Locator,
        mut from: impl Read,
        format: Option<&'static dyn Extractor>,
    ) -> Result<(), Skip> {
        let head = read_head(&mut from, HEAD_BYTES)?;
        let verdict = match format {
            None => decide(&head),
            Some(_) => Verdict { encoding: Encoding::Binary, why: "too large to be opened" },
        };
        self.text_stream_as(at, io::Cursor::new(head).chain(from), verdict)
    }

    fn text_stream_as(
        &mut self,
        at: &Locator,
        mut from: impl Read,
        verdict: Verdict,
    ) -> Result<(), Skip> {
        let wide = matches!(verdict.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        if wide {
            self.outcome.lines = None;
            return self.windows(
                at,
                Utf8From16::new(from, verdict.encoding),
                verdict,
                Encoding::Utf8,
            );
        }
        self.windows(at, &mut from, verdict, verdict.encoding)
    }

    fn windows(
        &mut self,
        at: &Locator,
        mut from: impl Read,
        verdict: Verdict,
        read_as: Encoding,
    ) -> Result<(), Skip> {
        let binary = verdict.encoding == Encoding::Binary;
        let head = read_head(&mut from, HEAD_BYTES)?;
        let table = if binary { None } else { Table::sniff(&head) };
        let separator = table.as_ref().map(Table::separator);
        let windows = Windows::new(io::Cursor::new(head).chain(from), read_as, table);
        self.all_windows(at, windows, verdict, separator)
    }

    /// Looks at each window of a text, whole or from where it was read to before.
    pub fn all_windows(
        &mut self,
        at: &Locator,
        mut windows: Windows<impl Read>,
        verdict: Verdict,
        separator: Option<u8>,
    ) -> Result<(), Skip> {
        let binary = verdict.encoding == Encoding::Binary;
        let done = self.guard("text", at, |item| {
            let mut scan = TextScan::begin(item.rules, item.text_facts(Form::Plain, binary));
            while let Some(window) = windows.next_window() {
                scan.window(&window);
            }
            (scan.finish(), windows.bytes_read(), windows.encoding(), windows.failure())
        });
        let Some((evidence, bytes, encoding, failure)) = done else { return Ok(()) };
        self.outcome.bytes += bytes;
        self.outcome.lines = self.outcome.lines.map(|_| windows.lines());
        let verdict = if wide_or_same(verdict.encoding, encoding) {
            verdict
        } else {
            Verdict { encoding, why: "later bytes" }
        };
        self.trace.step(Step::Text { at, verdict, table: separator, bytes });
        self.see(at.clone(), text_type(binary), evidence);
        failure.map_or(Ok(()), |e| Err(Skip::from(e)))
    }

    fn text_facts(&self, form: Form, binary: bool) -> TextFacts {
        TextFacts {
            form,
            binary,
            in_name: false,
            newest_year: self.newest_year,
            max_occurrences: self.limits.max_occurrences,
        }
    }

    /// Runs a stage; a panic in it becomes a skip record.
    fn guard<T>(
        &mut self,
        stage: &'static str,
        at: &Locator,
        run: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(|| run(self))) {
            Ok(value) => Some(value),
            Err(_) => {
                self.skip(at.clone(), Skip::Panicked { stage });
                None
            }
        }
    }

    fn see(&mut self, at: Locator, media_type: &'static str, evidence: Vec<Evidence>) {
        self.push(at, media_type, evidence, false);
    }

    /// Keeps evidence. Numbers of the pages of one document are one thing; copies stay with their page.
    pub(super) fn push(
        &mut self,
        at: Locator,
        media_type: &'static str,
        evidence: Vec<Evidence>,
        in_name: bool,
    ) {
        for mut evidence in evidence {
            self.trace.step(Step::Saw { at: &at, media_type, in_name, evidence: &evidence });
            let mut place = at.clone();
            if evidence.kind != Kind::IdDocumentCopy
                && let Some(page) = at.page_number()
            {
                for site in &mut evidence.sites {
                    *site = Site { page: Some(page), ..site.clone() };
                }
                place = at.without_page();
            }
            let Outcome { seen, places, .. } = &mut self.outcome;
            let index = *places.entry((place.clone(), in_name)).or_insert_with(|| {
                seen.push(Seen { at: place, media_type, evidence: Vec::new(), in_name });
                seen.len() - 1
            });
            if let Some(seen) = seen.get_mut(index) {
                seen.evidence.push(evidence);
            }
        }
    }

    pub fn skip(&mut self, at: Locator, skip: Skip) {
        self.trace.step(Step::Skipped { at: &at, skip: &skip });
        self.outcome.skips.push((at, skip));
    }
}

fn wide_or_same(before: Encoding, now: Encoding) -> bool {
    before == now || matches!(before, Encoding::Utf16Le | Encoding::Utf16Be)
}

fn text_type(binary: bool) -> &'static str {
    if binary { "application/octet-stream" } else { "text/plain" }
}

fn media_type_of(picture: &Picture) -> &'static str {
    match picture.facts.format {
        "jpeg" => "image/jpeg",
        "png" => "image/png",
        "tiff" => "image/tiff",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "webp" => "image/webp",
        "jpeg2000" | "jp2" => "image/jp2",
        "jbig2" => "image/x-jbig2",
        "heic" => "image/heic",
        "djvu" => "image/vnd.djvu",
        "psd" => "image/vnd.adobe.photoshop",
        "pnm" => "image/x-portable-anymap",
        "tga" => "image/x-tga",
        "xpm" => "image/x-xpixmap",
        "dicom" => "application/dicom",
        f if f.starts_with("pdf") => "application/pdf",
        _ => "image/*",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::detect::PageLine;
    use crate::engine::Silent;
    use crate::error::Bound;
    use crate::flow::{PictureFacts, ReadFrom};

    /// Reads the same page in every picture, or fails.
    struct Reads(Result<Vec<(&'static str, [u32; 4])>, Skip>);

    impl PageReader for Reads {
        fn name(&self) -> &'static str {
            "double"
        }

        fn read(&self, _: &Scene, _: Duration) -> Result<Vec<PageLine>, Skip> {
            let lines = self.0.clone()?;
            let line = |(text, region): (&str, [u32; 4])| PageLine {
                text: text.to_owned(),
                region,
                sure: 0.9,
                row: region[1],
            };
            Ok(lines.into_iter().map(line).collect())
        }
    }

    fn looked_at(at: &Locator, readers: &[Box<dyn PageReader>]) -> Outcome {
        let patterns = Arc::new(crate::patterns::Patterns::builtin().unwrap());
        let (rules, limits) = (Rules::new(&patterns), Limits::default());
        let passwords = Passwords::default();
        let mut item = Item::new(&rules, &limits, &passwords, &Silent, 27);
        item.page_readers = readers;
        let luma = vec![255; 640 * 480];
        let picture = Picture { width: 640, height: 480, luma, facts: PictureFacts::default() };
        item.picture(at, &picture, &Budget::new(&limits, 1));
        item.outcome
    }

    fn contract() -> Box<dyn PageReader> {
        Box::new(Reads(Ok(vec![
            ("ДОГОВОР № 7", [200, 10, 90, 20]),
            ("Заёмщик: А. Б. Тестова, ИИН 900101100004", [20, 50, 500, 20]),
        ])))
    }

    #[test]
    fn a_number_on_a_page_is_found_with_its_line() {
        let at = Locator::file("contract.pdf").page(3);
        let outcome = looked_at(&at, &[contract()]);
        assert_eq!(outcome.seen.len(), 1);
        let Seen { at: place, evidence, .. } = &outcome.seen[0];
        assert_eq!((place, evidence.len()), (&at.without_page(), 1));
        assert_eq!((evidence[0].kind, evidence[0].count), (Kind::Iin, 1));
        assert!(evidence[0].probability() > 0.8);
        assert!(evidence[0].signs.iter().all(|s| s.read_from == ReadFrom::Picture));
        let site = &evidence[0].sites[0];
        assert_eq!((site.page, site.region), (Some(3), Some([20, 50, 500, 20])));
        assert_eq!((site.line, site.offset), (None, None));
        assert!(outcome.skips.is_empty());
    }

    #[test]
    fn what_two_readers_read_is_told_once() {
        let at = Locator::file("contract.png");
        let outcome = looked_at(&at, &[contract(), contract()]);
        assert_eq!(outcome.seen[0].evidence.len(), 1);
    }

    #[test]
    fn a_page_that_was_not_read_is_told() {
        let at = Locator::file("contract.png");
        let slow = Skip::OverBudget(Bound::ReadSeconds(60));
        let outcome = looked_at(&at, &[Box::new(Reads(Err(slow.clone()))), contract()]);
        assert_eq!(outcome.skips, [(at, slow)]);
        assert_eq!(outcome.seen.len(), 1, "the other reader goes on");
        assert!(looked_at(&Locator::file("a.png"), &[]).seen.is_empty());
    }
}
