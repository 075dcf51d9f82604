//! Photoshop (PSD, PSB): the picture of all layers together, which programs keep beside them, and
//! the notes.

use super::Extractor;
use super::bytes::{part, u16_be, u32_be, unpack_bits};
use super::exif::Notes;
use super::luma::{self, Samples};
use crate::error::Skip;
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

const HEADER: usize = 26;
const CMYK: u16 = 4;
const RGB: u16 = 3;
const INDEXED: u16 = 2;
const BITMAP: u16 = 0;

pub struct Psd;

impl Extractor for Psd {
    fn name(&self) -> &'static str {
        "psd"
    }

    fn media_type(&self) -> &'static str {
        "image/vnd.adobe.photoshop"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"8BPS\0\x01") || head.starts_with(b"8BPS\0\x02")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let cut = || Skip::damaged("psd", "ends before its picture");
        let large = bytes.get(5) == Some(&2);
        let header = Header::read(bytes).ok_or_else(cut)?;
        let palette_len = u32_be(bytes, HEADER).ok_or_else(cut)? as usize;
        let palette = part(bytes, HEADER + 4, palette_len).ok_or_else(cut)?;
        let resources_at = HEADER + 4 + palette_len;
        let resources_len = u32_be(bytes, resources_at).ok_or_else(cut)? as usize;
        let resources = part(bytes, resources_at + 4, resources_len).ok_or_else(cut)?;
        let mut facts = PictureFacts { format: "psd", ..PictureFacts::default() };
        let notes = notes(resources, &mut facts);
        facts.maker = notes.maker();
        notes.push(at, out);
        let layers_at = resources_at + 4 + resources_len;
        let (layers_len, field) = if large {
            let high = u32_be(bytes, layers_at).ok_or_else(cut)?;
            let low = u32_be(bytes, layers_at + 4).ok_or_else(cut)?;
            (u64::from(high) << 32 | u64::from(low), 8)
        } else {
            (u64::from(u32_be(bytes, layers_at).ok_or_else(cut)?), 4)
        };
        let data = usize::try_from(layers_len)
            .ok()
            .and_then(|len| bytes.get(layers_at.checked_add(field)?.checked_add(len)?..));
        let picture = header.decode(data.ok_or_else(cut)?, palette, large, facts, budget)?;
        out.push(Content::Picture { at: at.clone(), picture });
        Ok(())
    }
}

/// EXIF, XMP and IPTC among the resources of the picture.
fn notes(resources: &[u8], facts: &mut PictureFacts) -> Notes {
    let mut notes = Notes::default();
    let mut rest = resources;
    while let (Some(b"8BIM"), Some(id), Some(&name)) =
        (part(rest, 0, 4), u16_be(rest, 4), rest.get(6))
    {
        let name = (usize::from(name) + 1).next_multiple_of(2);
        let Some(len) = u32_be(rest, 6 + name) else { break };
        let Some(data) = part(rest, 10 + name, len as usize) else { break };
        match id {
            1058 => notes.add_exif(data, facts),
            1060 => notes.add_xmp(data),
            _ => {}
        }
        rest = rest.get(10 + name + (len as usize).next_multiple_of(2)..).unwrap_or_default();
    }
    notes
}

struct Header {
    channels: u16,
    width: u32,
    height: u32,
    depth: u16,
    mode: u16,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Header> {
        Some(Header {
            channels: u16_be(bytes, 12)?,
            height: u32_be(bytes, 14)?,
            width: u32_be(bytes, 18)?,
            depth: u16_be(bytes, 22)?,
            mode: u16_be(bytes, 24)?,
        })
    }

    fn decode(
        &self,
        data: &[u8],
        palette: &[u8],
        large: bool,
        mut facts: PictureFacts,
        budget: &Budget,
    ) -> Result<Picture, Skip> {
        let unsupported =
            |detail: &'static str| Skip::Unsupported { format: "psd", detail: detail.into() };
        if !matches!(self.depth, 1 | 8 | 16) {
            return Err(unsupported("samples that are not 1, 8 or 16 bit"));
        }
        let (wanted, samples) = match self.mode {
            RGB => (3, Samples::Rgb),
            CMYK => (4, Samples::Cmyk),
            _ => (1, Samples::Grey),
        };
        if usize::from(self.channels) < wanted {
            return Err(Skip::damaged("psd", "fewer channels than its colours have"));
        }
        let pixels = luma::reserve(self.width, self.height, 2 * wanted as u64, "psd", budget)?;
        let row_bytes = match self.depth {
            1 => (self.width as usize).div_ceil(8),
            16 => self.width as usize * 2,
            _ => self.width as usize,
        };
        let rows = Rows::new(data, self, large)
            .ok_or_else(|| unsupported("packing of the merged picture that is not read"))?;
        let mut data = vec![255u8; pixels.saturating_mul(wanted)];
        let mut row = Vec::with_capacity(row_bytes);
        for channel in 0..wanted {
            for y in 0..self.height as usize {
                if y.is_multiple_of(256) {
                    budget.in_time()?;
                }
                row.clear();
                rows.read(channel * self.height as usize + y, row_bytes, &mut row);
                let start = y * self.width as usize * wanted + channel;
                let target = data.get_mut(start..).unwrap_or_default();
                let each = target.iter_mut().step_by(wanted).take(self.width as usize);
                for (x, sample) in each.enumerate() {
                    *sample = self.sample(&row, x, palette).unwrap_or(*sample);
                }
            }
        }
        facts.bilevel = self.mode == BITMAP;
        facts.channels = samples.channels();
        facts.saturation = luma::saturation(samples, &data);
        let luma = luma::plane(samples, data);
        Ok(Picture { width: self.width, height: self.height, luma, facts })
    }

    fn sample(&self, row: &[u8], x: usize, palette: &[u8]) -> Option<u8> {
        let value = match self.depth {
            // 1 is black.
            1 => return row.get(x / 8).map(|b| if b >> (7 - x % 8) & 1 == 1 { 0 } else { 255 }),
            16 => *row.get(2 * x)?,
            _ => *row.get(x)?,
        };
        Some(match self.mode {
            INDEXED => {
                let colour = |of: usize| palette.get(256 * of + usize::from(value)).copied();
                luma::of_rgb(colour(0)?, colour(1)?, colour(2)?)
            }
            // Stored as light, not as ink.
            CMYK => 255 - value,
            _ => value,
        })
    }
}

/// Rows of all channels, one channel after another.
enum Rows<'a> {
    Raw(&'a [u8]),
    /// Packed rows with where each begins.
    Packed(&'a [u8], Vec<(usize, usize)>),
}

impl<'a> Rows<'a> {
    fn new(data: &'a [u8], header: &Header, large: bool) -> Option<Rows<'a>> {
        let body = data.get(2..)?;
        match u16_be(data, 0)? {
            0 => Some(Rows::Raw(body)),
            1 => {
                let count = usize::from(header.channels).checked_mul(header.height as usize)?;
                let field = if large { 4 } else { 2 };
                let lens = part(body, 0, count.checked_mul(field)?)?;
                let mut at = 0usize;
                let rows = lens
                    .chunks_exact(field)
                    .map(|raw| {
                        let len = raw.iter().fold(0usize, |v, b| v << 8 | usize::from(*b));
                        let start = at;
                        at = at.saturating_add(len);
                        (start, len)
                    })
                    .collect();
                Some(Rows::Packed(body.get(lens.len()..)?, rows))
            }
            _ => None,
        }
    }

    fn read(&self, index: usize, row_bytes: usize, row: &mut Vec<u8>) {
        match self {
            Rows::Raw(body) => {
                let start = index.saturating_mul(row_bytes);
                row.extend_from_slice(part(body, start, row_bytes).unwrap_or_default());
            }
            Rows::Packed(body, rows) => {
                let packed = rows.get(index).and_then(|(start, len)| part(body, *start, *len));
                unpack_bits(packed.unwrap_or_default(), row_bytes, row);
            }
        }
    }
}
