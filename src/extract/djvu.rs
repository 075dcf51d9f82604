//! DjVu: every page drawn, with the text that lies behind it.

use djvu_rs::Document;
use djvu_rs::resource_limits::{ParseOptions, ResourceLimits};

use super::Extractor;
use super::exif::plausible_dpi;
use super::luma::{self, Held, Samples};
use crate::error::{Bound, Skip};
use crate::flow::{Content, Form, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// Pages beyond this size are drawn smaller: an A4 page of 600 dpi has 35 million.
const MAX_PIXELS: u64 = 40_000_000;
/// Four samples of the drawing, and the layers it is put together from.
const BYTES_A_PIXEL: u64 = 8;

pub struct Djvu;

impl Extractor for Djvu {
    fn name(&self) -> &'static str {
        "djvu"
    }

    fn media_type(&self) -> &'static str {
        "image/vnd.djvu"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"AT&TFORM")
            && head.get(12..15).is_some_and(|kind| kind == b"DJV" || kind == b"DJI")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let broken = || Skip::damaged("djvu", "does not parse");
        budget.charge(bytes.len() as u64)?;
        let limits = ResourceLimits {
            max_pages: Some(budget.limits().max_members),
            max_components: Some(budget.limits().max_members),
            max_page_pixels: Some(budget.limits().max_pixels),
            max_decoded_bytes: Some(budget.limits().max_expanded_bytes),
            max_render_pixels: Some(MAX_PIXELS),
            ..ResourceLimits::default()
        };
        let options = ParseOptions { limits: Some(limits) };
        let document =
            Document::from_bytes_with_options(bytes.to_vec(), &options).map_err(|_| broken())?;
        let count = document.page_count();
        if count == 0 {
            return Err(broken());
        }
        let mut held = Held::default();
        for (index, number) in (0..count).zip(1u32..) {
            budget.member()?;
            let at = if count == 1 { at.clone() } else { at.page(number) };
            match page(&document, index, &at, budget, out) {
                Ok(picture) => {
                    held.add(&picture, budget)?;
                    out.push(Content::Picture { at, picture });
                }
                Err(over @ Skip::OverBudget(Bound::Pixels(_))) => {
                    out.push(Content::Skipped { at, skip: over });
                }
                Err(over @ Skip::OverBudget(_)) => return Err(over),
                Err(skip) => out.push(Content::Skipped { at, skip }),
            }
        }
        Ok(())
    }
}

fn page(
    document: &Document,
    index: usize,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<Picture, Skip> {
    let broken = || Skip::damaged("djvu", "page does not decode");
    let page = document.page(index).map_err(|_| broken())?;
    // A text that does not read costs only itself.
    if let Ok(Some(text)) = page.text() {
        budget.charge(text.len() as u64)?;
        if !text.trim().is_empty() {
            out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
        }
    }
    let (width, height) = (page.display_width(), page.display_height());
    luma::reserve(width, height, BYTES_A_PIXEL, "djvu", budget)?;
    let pixels = u64::from(width) * u64::from(height);
    let scale = (MAX_PIXELS as f64 / pixels as f64).sqrt().min(1.0);
    let side = |v: u32| ((f64::from(v) * scale) as u32).max(1);
    let drawn = page.render_to_size(side(width), side(height)).map_err(|_| broken())?;
    let colours = page.bg44_chunk_count() > 0;
    let dpi = f32::from(page.dpi()) * scale as f32;
    let facts = PictureFacts {
        format: "djvu",
        dpi: plausible_dpi(dpi, dpi),
        bilevel: !colours,
        channels: if colours { 3 } else { 1 },
        full_page: true,
        saturation: if colours { luma::saturation(Samples::Rgba, &drawn.data) } else { None },
        ..PictureFacts::default()
    };
    let (width, height) = (drawn.width, drawn.height);
    let luma = luma::plane(Samples::Rgba, drawn.data);
    if luma.len() as u64 != u64::from(width) * u64::from(height) {
        return Err(broken());
    }
    Ok(Picture { width, height, luma, facts })
}
