//! JBIG2 (ITU-T T.88), files of their own: one picture a page.

use hayro_jbig2::{DecodeSettings, Decoder, File};

use super::Extractor;
use super::luma;
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
        for (page, number) in file.pages().zip(1u32..) {
            budget.member()?;
            let at = if alone { at.clone() } else { at.page(number) };
            let (width, height) = (page.width(), page.height());
            let decoded = luma::reserve(width, height, 1, "jbig2", budget).and_then(|pixels| {
                let mut plane = Plane { luma: Vec::with_capacity(pixels), pixels };
                page.decode(&mut plane).map_err(|_| broken())?;
                plane.luma.resize(pixels, 255);
                Ok(plane.luma)
            });
            match decoded {
                Ok(luma) => {
                    let facts = PictureFacts {
                        format: "jbig2",
                        bilevel: true,
                        channels: 1,
                        ..PictureFacts::default()
                    };
                    out.push(Content::Picture {
                        at,
                        picture: Picture { width, height, luma, facts },
                    });
                }
                Err(over @ Skip::OverBudget(crate::error::Bound::ExpandedBytes(_))) => {
                    return Err(over);
                }
                Err(skip) => out.push(Content::Skipped { at, skip }),
            }
        }
        Ok(())
    }
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
