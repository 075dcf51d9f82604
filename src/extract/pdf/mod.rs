//! PDF (ISO 32000): the text of every page as it reads, every picture it draws, and what stands
//! beside the pages. A page whose parts do not show what it shows (a scan cut into strips, layers
//! with masks, letters as curves) is painted once in addition.
//!
//! The library has no limits of its own: streams are measured before (`guard`), a page is ended by
//! unwinding, each page is on its own, and all of it runs on a stack that deep files do not exhaust.

mod forms;
mod guard;
mod layout;
mod objects;
mod page;
mod pictures;
mod revisions;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro::hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf as Document};
use hayro::kurbo::Rect;
use hayro::{PixmapSettings, RenderCache, RenderSettings};

use self::forms::Forms;
use self::page::{Collector, Seen, Stop};
use super::Extractor;
use super::exif::plausible_dpi;
use super::luma;
use crate::error::{Bound, Skip};
use crate::flow::{Content, Form, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// The library walks nested objects by recursion; this is 16 times what threads here get.
const STACK_BYTES: usize = 32 << 20;
/// A page is painted at the resolution of its finest part, within these: 150 is the least at which
/// the machine readable zone is read, and scans over 300 gain nothing.
const MIN_DPI: f64 = 150.0;
const MAX_DPI: f64 = 300.0;
/// Pixels of a painted page: A3 at 300 dpi. Its memory is four bytes each.
const MAX_PAINTED: f64 = 18e6;
/// Painted pages of one document, at 30 to 250 ms each.
const MAX_PAINTED_PAGES: usize = 200;

pub struct Pdf;

impl Extractor for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn media_type(&self) -> &'static str {
        "application/pdf"
    }

    /// The header may stand up to 1024 bytes into the file (Annex H of PDF 1.7); there the first
    /// object has to follow, because texts speak of `%PDF-` too.
    fn sniff(&self, head: &[u8]) -> bool {
        let start = head.get(..head.len().min(1024)).unwrap_or_default();
        match memchr::memmem::find(start, b"%PDF-") {
            Some(0) => true,
            Some(at) => {
                let rest = head.get(at..).unwrap_or_default();
                let near = rest.get(..rest.len().min(256)).unwrap_or_default();
                memchr::memmem::find(near, b" obj").is_some()
            }
            None => false,
        }
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        guard::check(bytes, budget)?;
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .name("pdf".into())
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, || read(at, bytes, budget, out));
            match thread.map(|thread| thread.join()) {
                Ok(Ok(end)) => end,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(error) => Err(Skip::Unreadable(error.kind())),
            }
        })
    }
}

fn read(
    at: &Locator,
    bytes: &[u8],
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let document = match unlocked(bytes, budget)? {
        Ok(document) => document,
        Err(LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm)) => {
            return Err(Skip::Unsupported { format: "pdf", detail: "kind of encryption".into() });
        }
        Err(LoadPdfError::Decryption(_)) => return Err(Skip::Encrypted { format: "pdf" }),
        Err(LoadPdfError::Invalid) => return Err(Skip::damaged("pdf", "no document in it")),
    };
    let mut seen = Seen::default();
    contained(|| objects::read(&document, at, &mut seen.maker, budget, out), "properties")?;
    let settings = InterpreterSettings::default();
    let caches = Caches { interpreter: InterpreterCache::new(), painter: RenderCache::new() };
    let mut reader = Reader {
        settings,
        caches,
        seen,
        forms: Forms::default(),
        texts: HashSet::new(),
        earlier: false,
        painted: 0,
        budget,
        out,
    };
    if document.pages().is_empty() {
        return Err(Skip::damaged("pdf", "no pages"));
    }
    for (page, number) in document.pages().iter().zip(1u32..) {
        let at = at.page(number);
        reader.budget.member()?;
        match contained(|| reader.page(page, &at), "page") {
            Ok(()) => {}
            Err(over @ Skip::OverBudget(_)) => return Err(over),
            Err(skip) => reader.out.push(Content::Skipped { at, skip }),
        }
    }
    let Reader { mut seen, texts, budget, out, .. } = reader;
    earlier(bytes, at, &mut seen, texts, budget, out)?;
    contained(|| objects::undrawn(&document, &mut seen, at, budget, out), "pictures")?;
    match guard::is_whole(bytes) {
        true => Ok(()),
        false => Err(Skip::damaged("pdf", "file is cut short")),
    }
}

/// The document, opened with the empty password or the first of the run's that fits.
fn unlocked(bytes: &[u8], budget: &Budget) -> Result<Result<Document, LoadPdfError>, Skip> {
    let data = Arc::new(bytes.to_vec());
    let mut document = Document::new(data.clone());
    for password in budget.passwords().iter() {
        let locked = LoadPdfError::Decryption(DecryptionError::PasswordProtected);
        if !document.as_ref().err().is_some_and(|e| *e == locked) {
            break;
        }
        budget.in_time()?;
        document = Document::new_with_password(data.clone(), password);
    }
    Ok(document)
}

/// Pages of earlier versions, as far as they show something else.
fn earlier(
    bytes: &[u8],
    at: &Locator,
    seen: &mut Seen,
    mut texts: HashSet<u64>,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let mut left = revisions::MAX_PAGES;
    for (end, number) in revisions::ends(bytes).into_iter().zip(1u32..) {
        let Some(bytes) = bytes.get(..end) else { continue };
        budget.charge(bytes.len() as u64)?;
        // What was no version of its own, but a piece of one, does not open.
        let opened = catch_unwind(AssertUnwindSafe(|| unlocked(bytes, budget)));
        let Ok(Ok(Ok(document))) = opened else { continue };
        let settings = InterpreterSettings::default();
        let caches = Caches { interpreter: InterpreterCache::new(), painter: RenderCache::new() };
        let mut reader = Reader {
            settings,
            caches,
            seen: std::mem::take(seen),
            forms: Forms::default(),
            texts,
            earlier: true,
            painted: 0,
            budget,
            out,
        };
        let at = at.member(format!("earlier version {number}"));
        let mut done = Ok(());
        for (page, number) in document.pages().iter().zip(1u32..).take(left) {
            left -= 1;
            // What cannot be read of it was perhaps never whole: only the budget's end counts.
            let read =
                contained(|| reader.page(page, &at.page(number)), "page of an earlier version");
            if let Err(over @ Skip::OverBudget(_)) = read {
                done = Err(over);
                break;
            }
        }
        *seen = reader.seen;
        texts = reader.texts;
        done?;
    }
    Ok(())
}

/// Runs one part of the file; a panic in the library costs that part only.
fn contained(part: impl FnOnce() -> Result<(), Skip>, what: &'static str) -> Result<(), Skip> {
    catch_unwind(AssertUnwindSafe(part)).unwrap_or_else(|panic| match panic.downcast::<Stop>() {
        Ok(stop) => Err(stop.0),
        Err(_) => {
            Err(Skip::Damaged { format: "pdf", detail: format!("{what} does not read").into() })
        }
    })
}

struct Caches<'a> {
    interpreter: InterpreterCache<'a>,
    painter: RenderCache<'a>,
}

struct Reader<'a, 'b> {
    settings: InterpreterSettings,
    caches: Caches<'a>,
    seen: Seen,
    forms: Forms,
    /// Prints of the texts of pages.
    texts: HashSet<u64>,
    /// This is a version that was replaced: only what is new is told.
    earlier: bool,
    painted: usize,
    budget: &'b mut Budget,
    out: &'b mut Vec<Content>,
}

impl<'a> Reader<'a, '_> {
    fn page(&mut self, page: &'a Page<'a>, at: &Locator) -> Result<(), Skip> {
        self.forms.check(page, self.budget)?;
        let (width, height) = page.render_dimensions();
        let size = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let transform =
            hayro::hayro_interpret::TransformExt::to_kurbo(&page.initial_transform(true));
        let mut collector = Collector::new(size, at.clone(), self.budget, self.out, &mut self.seen);
        let mut context = Context::new(
            transform,
            size,
            &self.caches.interpreter,
            page.xref(),
            self.settings.clone(),
        );
        // What was collected before a page breaks off is used all the same.
        let end = contained(
            || {
                interpret_page(page, &mut context, &mut collector);
                Ok(())
            },
            "page",
        );
        let painting = collector.needs_painting();
        let text = layout::lines(&collector.marks);
        self.budget.charge(text.len() as u64)?;
        let fresh = self.texts.insert(revisions::print_of(&text));
        if !text.trim().is_empty() && (fresh || !self.earlier) {
            self.out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
        }
        end?;
        match painting.filter(|_| !self.earlier) {
            Some(dpi) => self.paint(page, size, dpi, at),
            None => Ok(()),
        }
    }

    fn paint(
        &mut self,
        page: &'a Page<'a>,
        size: Rect,
        dpi: f64,
        at: &Locator,
    ) -> Result<(), Skip> {
        self.painted += 1;
        if self.painted > MAX_PAINTED_PAGES {
            return Err(Skip::OverBudget(Bound::Members(MAX_PAINTED_PAGES as u64)));
        }
        let inches = (size.width() / 72.0, size.height() / 72.0);
        let area = inches.0 * inches.1;
        if !area.is_finite() || inches.0 < 0.1 || inches.1 < 0.1 {
            return Ok(());
        }
        let max = MAX_PAINTED.min(self.budget.limits().max_pixels as f64);
        let fits = (max / area).sqrt().min(16_000.0 / inches.0.max(inches.1));
        let dpi = dpi.clamp(MIN_DPI, MAX_DPI).min(fits);
        let scale = (dpi / 72.0) as f32;
        self.budget.in_time()?;
        let pixmap = hayro::render(
            page,
            &self.caches.painter,
            &self.settings,
            &RenderSettings::default(),
            &PixmapSettings {
                x_scale: scale,
                y_scale: scale,
                bg_color: hayro::vello_cpu::color::palette::css::WHITE,
            },
        );
        let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
        let luma: Vec<u8> =
            pixmap.data().iter().map(|pixel| luma::of_rgb(pixel.r, pixel.g, pixel.b)).collect();
        if luma.is_empty() || luma.iter().all(|v| *v == 255) {
            return Ok(());
        }
        let facts = PictureFacts {
            format: "pdf-page",
            dpi: plausible_dpi(dpi as f32, dpi as f32),
            channels: 3,
            full_page: true,
            maker: self.seen.maker,
            ..PictureFacts::default()
        };
        let at = at.member("painted page");
        let picture = Picture { width, height, luma, facts };
        self.seen.held.add(&picture, self.budget)?;
        self.out.push(Content::Picture { at, picture });
        Ok(())
    }
}
