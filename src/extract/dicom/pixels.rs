//! Pictures of DICOM that are stored as samples (PS3.5, 8) or run lengths (PS3.5, annex G).

use crate::error::Skip;
use crate::extract::bytes::{u32_le, unpack_bits};
use crate::extract::luma::{self, Held, Samples};
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// What group 0028 says of the samples.
#[derive(Debug, Default)]
pub(super) struct Pixels {
    rows: u16,
    columns: u16,
    samples: u16,
    bits: u16,
    signed: bool,
    /// Colours lie in planes of their own.
    planar: bool,
    /// 0 is white.
    inverted: bool,
    /// Colours are not those of light: the first sample is the brightness.
    first_is_luma: bool,
}

impl Pixels {
    pub(super) fn take(&mut self, tag: u16, number: Option<u16>, value: &[u8]) {
        let number = number.unwrap_or(0);
        match tag {
            0x0002 => self.samples = number,
            0x0004 => {
                self.inverted = value.starts_with(b"MONOCHROME1");
                self.first_is_luma = value.starts_with(b"YBR");
            }
            0x0006 => self.planar = number == 1,
            0x0010 => self.rows = number,
            0x0011 => self.columns = number,
            0x0100 => self.bits = number,
            0x0103 => self.signed = number == 1,
            _ => {}
        }
    }

    fn channels(&self) -> usize {
        if self.samples == 3 { 3 } else { 1 }
    }

    fn reserve(&self, budget: &Budget) -> Result<usize, Skip> {
        if !matches!(self.bits, 8 | 16) || (self.samples > 1 && self.bits != 8) {
            let detail = "samples that are not 8 or 16 bit".into();
            return Err(Skip::Unsupported { format: "dicom", detail });
        }
        let bytes = 2 * self.channels() as u64;
        luma::reserve(self.columns.into(), self.rows.into(), bytes, "dicom", budget)
    }

    /// Frames one after another.
    pub(super) fn frames(
        &self,
        value: &[u8],
        big: bool,
        most: usize,
        at: &Locator,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let pixels = self.reserve(budget)?;
        let size = pixels * self.channels() * usize::from(self.bits / 8);
        let count = (value.len() / size.max(1)).min(most);
        if count == 0 {
            return Err(Skip::damaged("dicom", "picture ends early"));
        }
        let mut held = Held::default();
        for (frame, number) in value.chunks_exact(size).zip(1u32..).take(count) {
            budget.in_time()?;
            let picture = if self.bits == 16 {
                let value = |pair: &[u8]| match *pair {
                    [a, b] if big => u16::from_be_bytes([a, b]),
                    [a, b] => u16::from_le_bytes([a, b]),
                    _ => 0,
                };
                self.deep(frame.chunks_exact(2).map(value).collect())
            } else {
                self.shallow(frame, pixels)
            };
            held.add(&picture, budget)?;
            let at = if count == 1 { at.clone() } else { at.page(number) };
            out.push(Content::Picture { at, picture });
        }
        Ok(())
    }

    fn shallow(&self, frame: &[u8], pixels: usize) -> Picture {
        let plane = |i: usize| frame.get(i * pixels..(i + 1) * pixels).unwrap_or_default();
        let kind = match (self.samples, self.first_is_luma) {
            (3, true) => Samples::FirstOf(3),
            (3, false) => Samples::Rgb,
            _ => Samples::Grey,
        };
        let data = if self.planar && self.samples == 3 {
            let colours = plane(0).iter().zip(plane(1)).zip(plane(2));
            colours.flat_map(|((r, g), b)| [*r, *g, *b]).collect()
        } else {
            frame.to_vec()
        };
        let saturation = luma::saturation(kind, &data);
        self.picture(luma::plane(kind, data), saturation)
    }

    /// Values of 10 to 16 bits, spread over the range that they use.
    fn deep(&self, values: Vec<u16>) -> Picture {
        let flip = if self.signed { 0x8000 } else { 0 };
        let level = |v: u16| u32::from(v ^ flip);
        let low = values.iter().map(|v| level(*v)).min().unwrap_or(0);
        let high = values.iter().map(|v| level(*v)).max().unwrap_or(0);
        let span = (high - low).max(1);
        let luma = values.iter().map(|v| ((level(*v) - low) * 255 / span) as u8).collect();
        self.picture(luma, None)
    }

    fn picture(&self, mut luma: Vec<u8>, saturation: Option<u8>) -> Picture {
        if self.inverted {
            luma.iter_mut().for_each(|v| *v = 255 - *v);
        }
        let channels = self.channels() as u8;
        let facts = PictureFacts { format: "dicom", channels, saturation, ..Default::default() };
        Picture { width: self.columns.into(), height: self.rows.into(), luma, facts }
    }

    /// Up to 15 packed planes: colours, and of deep samples the high bytes first.
    pub(super) fn run_lengths(
        &self,
        frame: &[u8],
        at: &Locator,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        const HEADER: usize = 64;
        let pixels = self.reserve(budget)?;
        let count = (u32_le(frame, 0).unwrap_or(0) as usize).min(15);
        let wanted = self.channels() * usize::from(self.bits / 8);
        if count < wanted {
            return Err(Skip::damaged("dicom", "fewer planes than its samples have"));
        }
        let mut planes = Vec::new();
        for i in 0..wanted {
            budget.in_time()?;
            let offset = u32_le(frame, 4 + 4 * i).unwrap_or(0) as usize;
            let end = u32_le(frame, 8 + 4 * i).filter(|_| i + 1 < count);
            let end = end.map_or(frame.len(), |end| (end as usize).min(frame.len()));
            let packed = frame.get(offset.max(HEADER)..end).unwrap_or_default();
            let mut plane = Vec::new();
            unpack_bits(packed, pixels, &mut plane);
            plane.resize(pixels, 0);
            planes.push(plane);
        }
        let picture = match planes.as_slice() {
            [high, low] => {
                let pairs = high.iter().zip(low);
                self.deep(pairs.map(|(h, l)| u16::from_be_bytes([*h, *l])).collect())
            }
            planes => {
                let planar = Pixels { planar: true, ..*self };
                planar.shallow(&planes.concat(), pixels)
            }
        };
        out.push(Content::Picture { at: at.clone(), picture });
        Ok(())
    }
}
