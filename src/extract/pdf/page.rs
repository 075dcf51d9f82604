//! One page: what it writes and draws, collected by standing in for the painter.

use std::collections::HashSet;

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::pattern::Pattern;
use hayro::hayro_interpret::{
    BlendMode, CacheKey, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint,
    SoftMask,
};
use hayro::kurbo::{Affine, BezPath, Point, Rect};

use super::layout::Mark;
use super::pictures;
use crate::error::{Bound, Skip};
use crate::extract::exif::plausible_dpi;
use crate::extract::luma::Held;
use crate::flow::{Content, Locator, Maker, PictureFacts};
use crate::limits::Budget;

/// Smaller drawings are rules, dots and bullets: no line of text fits in. A band of a scan may be
/// lower, and is then seen on the painted page.
const MIN_WIDTH: u32 = 32;
const MIN_HEIGHT: u32 = 12;
/// A picture that covers this much of a page is the page (scanners leave margins).
const FULL_PAGE: f64 = 0.8;
/// From this share of the page on a picture counts as one of its layers.
const LAYER: f64 = 0.3;
/// Bands that together cover this much, of which none covers most, are one scan in pieces.
const PIECES: f64 = 0.5;
/// Glyphs without a meaning, from which on a page has to be looked at as a picture.
const MIN_UNKNOWN: usize = 40;
/// Filled shapes on a page without words: letters turned into curves.
const MIN_SHAPES: usize = 300;
/// A photo of a person beside so few letters is an identity document that was set, not scanned: width over
/// height of the photo, its share of the page, and letters. Letters, reports and most CVs have more.
const PORTRAIT: std::ops::RangeInclusive<f64> = 0.65..=0.88;
const PORTRAIT_SHARE: std::ops::RangeInclusive<f64> = 0.004..=0.25;
const FEW_LETTERS: std::ops::RangeInclusive<usize> = 40..=1_200;
/// Glyphs of one page; a page of a phone book has 20,000.
const MAX_MARKS: usize = 1_000_000;

/// The end of a page in the middle of it: thrown through the interpreter, which knows no other way.
pub(super) struct Stop(pub(super) Skip);

/// What is known of the whole document while its pages are read.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) pictures: HashSet<u128>,
    /// Those that could not be read; a page with one of them is not painted, since the painter
    /// would allocate what was refused here.
    refused: HashSet<u128>,
    /// Patterns and masks that were looked into.
    inside: HashSet<u128>,
    pub(super) number: usize,
    pub(super) held: Held,
    /// What made the document.
    pub(super) maker: Maker,
}

pub(super) struct Collector<'b> {
    pub(super) marks: Vec<Mark>,
    unknown: usize,
    shapes: usize,
    /// Shares of the page that its pictures cover.
    shares: Vec<f64>,
    /// Whether a layer has a mask of its own.
    masked: bool,
    /// Whether a picture has the proportions of a photo of a person.
    portrait: bool,
    refused: bool,
    max_dpi: f64,
    page: Rect,
    at: Locator,
    budget: &'b mut Budget,
    out: &'b mut Vec<Content>,
    seen: &'b mut Seen,
    calls: u32,
}

impl<'b> Collector<'b> {
    /// `page` is its size in points, as the transform of the interpreter gives it.
    pub(super) fn new(
        page: Rect,
        at: Locator,
        budget: &'b mut Budget,
        out: &'b mut Vec<Content>,
        seen: &'b mut Seen,
    ) -> Collector<'b> {
        Collector {
            marks: Vec::new(),
            unknown: 0,
            shapes: 0,
            shares: Vec::new(),
            masked: false,
            portrait: false,
            refused: false,
            max_dpi: 0.0,
            page,
            at,
            budget,
            out,
            seen,
            calls: 0,
        }
    }

    /// The resolution at which the page should be looked at as a whole, if its parts do not show
    /// what it shows.
    pub(super) fn needs_painting(&self) -> Option<f64> {
        let layers = self.shares.iter().filter(|share| **share >= LAYER).count();
        let covered: f64 = self.shares.iter().sum();
        let largest = self.shares.iter().copied().fold(0.0, f64::max);
        let pieces = self.shares.len() >= 2 && covered >= PIECES && largest < PIECES * covered;
        let layered = layers >= 2 || layers >= 1 && self.masked;
        let unreadable = self.unknown >= MIN_UNKNOWN && self.unknown * 2 > self.marks.len();
        let curves = self.marks.is_empty() && self.shapes >= MIN_SHAPES;
        let card = self.portrait && layers == 0 && FEW_LETTERS.contains(&self.marks.len());
        if self.refused {
            None
        } else if pieces || layered {
            Some(self.max_dpi)
        } else if unreadable || curves || card {
            Some(0.0)
        } else {
            None
        }
    }

    fn stop(&self, skip: Skip) -> ! {
        // No message is printed on the way: this is an outcome, not a defect.
        std::panic::resume_unwind(Box::new(Stop(skip)))
    }

    fn tick(&mut self) {
        self.calls = self.calls.wrapping_add(1);
        if self.calls.is_multiple_of(256)
            && let Err(skip) = self.budget.in_time()
        {
            self.stop(skip);
        }
    }

    fn draw_picture(&mut self, image: &Image, transform: Affine) {
        let [a, b, c, d, ..] = transform.as_coeffs();
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let placed = transform.transform_rect_bbox(Rect::new(0.0, 0.0, width, height));
        let share = (placed.intersect(self.page).area() / self.page.area().max(1.0)).min(1.0);
        if share.is_finite() {
            self.shares.push(share);
        }
        let upright = placed.width() / placed.height().max(1.0);
        self.portrait |= PORTRAIT.contains(&upright) && PORTRAIT_SHARE.contains(&share);
        // Points an inch over points a pixel, along the picture's own axes.
        let dpi = (72.0 / a.hypot(b), 72.0 / c.hypot(d));
        if share >= 0.01 && dpi.0.is_finite() && dpi.1.is_finite() {
            self.max_dpi = self.max_dpi.max(dpi.0.min(dpi.1));
        }
        let dict = match image {
            Image::Stencil(stencil) => stencil.stream().dict(),
            Image::Raster(raster) => raster.stream().dict(),
        };
        let has_mask = dict.contains_key("SMask") || dict.contains_key("Mask");
        self.masked |= share >= LAYER && has_mask;
        let tiny = is_tiny(image.width(), image.height());
        let key = image.cache_key();
        if tiny || !self.seen.pictures.insert(key) {
            self.refused |= self.seen.refused.contains(&key);
            return;
        }
        if let Err(skip) = self.budget.member() {
            self.stop(skip);
        }
        self.seen.number += 1;
        let name = format!("image {}", self.seen.number);
        let facts = PictureFacts {
            dpi: plausible_dpi(dpi.0 as f32, dpi.1 as f32),
            full_page: share >= FULL_PAGE,
            orientation: orientation(a, b, c, d),
            maker: self.seen.maker,
            ..PictureFacts::default()
        };
        let found = pictures::read(image, facts.clone(), self.budget);
        let pushed = found.and_then(|found| {
            found.push(&self.at, &name, &facts, &mut self.seen.held, self.budget, self.out)
        });
        match pushed {
            Ok(()) => {}
            Err(skip @ Skip::OverBudget(Bound::Seconds(_))) => self.stop(skip),
            Err(skip) => {
                self.refused = true;
                self.seen.refused.insert(key);
                self.out.push(Content::Skipped { at: self.at.member(name), skip });
            }
        }
    }

    fn look_into_mask<'a>(&mut self, mask: Option<&SoftMask<'a>>)
    where
        Self: Device<'a>,
    {
        if let Some(mask) = mask
            && self.seen.inside.insert(mask.cache_key())
        {
            mask.interpret(self);
        }
    }

    fn look_into_paint<'a>(&mut self, props: &DrawProps<'a>, mode: &DrawMode)
    where
        Self: Device<'a>,
    {
        self.look_into_mask(props.soft_mask.as_ref());
        if let Paint::Pattern(pattern) = &props.paint
            && let Pattern::Tiling(tiling) = pattern.as_ref()
            && self.seen.inside.insert(tiling.cache_key())
        {
            let transform = props.transform * tiling.matrix;
            tiling.interpret(self, transform, matches!(mode, DrawMode::Stroke(_)));
        }
    }
}

pub(super) fn is_tiny(width: u32, height: u32) -> bool {
    width < MIN_WIDTH || height < MIN_HEIGHT
}

/// The EXIF number of the turn that a page gives to a picture; nothing for the usual one.
fn orientation(a: f64, b: f64, c: f64, d: f64) -> Option<u8> {
    let upright = a.abs() > b.abs() && d.abs() > c.abs();
    match (upright, a > 0.0, b > 0.0, d > 0.0) {
        (true, true, _, true) => None,
        (true, false, _, false) => Some(3),
        (false, _, true, _) => Some(6),
        (false, _, false, _) => Some(8),
        (true, ..) => None,
    }
}

impl<'a> Device<'a> for Collector<'_> {
    fn draw_path(&mut self, _: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.tick();
        self.shapes += usize::from(matches!(mode, DrawMode::Fill(_)));
        self.look_into_paint(&props, mode);
    }

    fn draw_rect(&mut self, _: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        self.tick();
        self.look_into_paint(&props, mode);
    }

    fn push_clip_path(&mut self, _: &ClipPath) {
        self.tick();
    }

    fn push_transparency_group(&mut self, _: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.tick();
        self.look_into_mask(mask.as_ref());
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        self.tick();
        for glyph in run.glyphs() {
            if self.marks.len() >= MAX_MARKS {
                self.stop(Skip::damaged("pdf", "page with too many letters"));
            }
            let transform = props.transform * glyph.transform();
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width(),
                Glyph::Type3(drawn) => drawn.advance_width(),
            };
            let from = transform * Point::ZERO;
            let to = transform * Point::new(f64::from(advance.unwrap_or(500.0)).max(1.0), 0.0);
            let [.., c, d, _, _] = transform.as_coeffs();
            let size = 1000.0 * c.hypot(d);
            if !from.is_finite() || !to.is_finite() || !size.is_finite() {
                continue;
            }
            let text = match glyph.as_unicode() {
                Some(BfString::Char(char)) => readable(char).to_string(),
                Some(BfString::String(text)) => text.chars().map(readable).collect(),
                None => char::REPLACEMENT_CHARACTER.to_string(),
            };
            self.unknown += usize::from(text.contains(char::REPLACEMENT_CHARACTER));
            self.marks.push(Mark { text, from: (from.x, from.y), to: (to.x, to.y), size });
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.tick();
        self.look_into_mask(props.soft_mask.as_ref());
        self.draw_picture(&image, props.transform);
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}

/// Symbol fonts put Latin letters at U+F000; controls and surrogates' leftovers are nothing.
fn readable(char: char) -> char {
    match char {
        '\u{f020}'..='\u{f0ff}' => char::from((u32::from(char) & 0xff) as u8),
        '\u{a0}' | '\t' | '\n' | '\r' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}
