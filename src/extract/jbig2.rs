//! JBIG2 (ITU-T T.88), files of their own: one picture a page.

use hayro_jbig2::{DecodeSettings, Decoder, File, Globals, Page};

use super::Extractor;
use super::luma::{self, Held};
use crate::error::Skip;
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

pub struct Jbig2;

impl Extractor for Jbig2 {
    fn name(&self) -> &'static str {
        "jbig2"
    }

    fn media_type(&self) -> &'static str {
        "image/x-jbig2"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"\x97JB2\r\n\x1a\n")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let broken = || Skip::damaged("jbig2", "does not decode");
        let file = File::new(bytes, &DecodeSettings::default()).map_err(|_| broken())?;
        let alone = file.page_count() == 1;
        let mut held = Held::default();
        for (page, number) in file.pages().zip(1u32..) {
            budget.member()?;
            let at = if alone { at.clone() } else { at.page(number) };
            let (width, height) = (page.width(), page.height());
            match decode_page(&page, budget) {
                Ok(luma) => {
                    let facts = PictureFacts {
                        format: "jbig2",
                        bilevel: true,
                        fax_coded: true,
                        channels: 1,
                        ..PictureFacts::default()
                    };
                    let picture = Picture { width, height, luma, facts };
                    held.add(&picture, budget)?;
                    out.push(Content::Picture { at, picture });
                }
                Err(skip) => out.push(Content::Skipped { at, skip }),
            }
        }
        Ok(())
    }
}

/// The one page of a PDF stream, with the segments that it shares with others.
pub(super) fn decode_embedded(
    bytes: &[u8],
    globals: Option<&[u8]>,
    budget: &Budget,
) -> Result<Picture, Skip> {
    let broken = || Skip::damaged("jbig2", "does not decode");
    let settings = DecodeSettings::default();
    let globals = globals
        .map(|globals| Globals::new(globals, &settings))
        .transpose()
        .map_err(|_| broken())?;
    let page = Page::new_embedded(bytes, globals.as_ref(), &settings).map_err(|_| broken())?;
    let (width, height) = (page.width(), page.height());
    let luma = decode_page(&page, budget)?;
    Ok(Picture { width, height, luma, facts: PictureFacts::default() })
}

/// Checks the size of such a page without decoding it.
pub(super) fn check_embedded(bytes: &[u8], budget: &Budget) -> Result<(), Skip> {
    let page = Page::new_embedded(bytes, None, &DecodeSettings::default())
        .map_err(|_| Skip::damaged("jbig2", "does not decode"))?;
    luma::reserve(page.width(), page.height(), 1, "jbig2", budget).map(|_| ())
}

fn decode_page(page: &Page, budget: &Budget) -> Result<Vec<u8>, Skip> {
    let pixels = luma::reserve(page.width(), page.height(), 1, "jbig2", budget)?;
    let mut plane = Plane { luma: Vec::with_capacity(pixels), pixels };
    page.decode(&mut plane).map_err(|_| Skip::damaged("jbig2", "does not decode"))?;
    plane.luma.resize(pixels, 255);
    Ok(plane.luma)
}

/// Takes the rows of one page; never more than its size says.
struct Plane {
    luma: Vec<u8>,
    pixels: usize,
}

impl Decoder for Plane {
    fn push_pixel(&mut self, black: bool) {
        if self.luma.len() < self.pixels {
            self.luma.push(if black { 0 } else { 255 });
        }
    }

    fn push_pixel_chunk(&mut self, black: bool, chunk_count: u32) {
        let wanted = self.luma.len().saturating_add((chunk_count as usize).saturating_mul(8));
        self.luma.resize(wanted.min(self.pixels), if black { 0 } else { 255 });
    }

    fn next_line(&mut self) {}
}
