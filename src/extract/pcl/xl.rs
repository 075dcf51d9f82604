//! PCL XL: values, the attributes they are given to, and operators that take them. Of the operators
//! those are followed that place pixels and words.

use super::raster::delta;
use super::sheet::Tile;
use super::{EXIT, Job};
use crate::error::Skip;
use crate::extract::bytes::{part, unpack_bits};
use crate::extract::luma;
use crate::flow::Content;

/// Attributes between two operators; no operator has more than twenty.
const MAX_ATTRIBUTES: usize = 64;

/// Operators.
const BEGIN_SESSION: u8 = 0x41;
const END_PAGE: u8 = 0x44;
const SET_COLOUR_SPACE: u8 = 0x6a;
const SET_CURSOR: u8 = 0x6b;
const SET_CURSOR_REL: u8 = 0x6c;
const TEXT: u8 = 0xa8;
const BEGIN_IMAGE: u8 = 0xb0;
const READ_IMAGE: u8 = 0xb1;
const END_IMAGE: u8 = 0xb2;

/// Attributes.
const PALETTE_DEPTH: u16 = 2;
const COLOUR_SPACE: u16 = 3;
const PALETTE: u16 = 6;
const POINT: u16 = 76;
const COLOUR_DEPTH: u16 = 98;
const BLOCK_HEIGHT: u16 = 99;
const COLOUR_MAPPING: u16 = 100;
const COMPRESSION: u16 = 101;
const DESTINATION: u16 = 103;
const SOURCE_HEIGHT: u16 = 107;
const SOURCE_WIDTH: u16 = 108;
const START_LINE: u16 = 109;
const PADDING: u16 = 110;
const MEASURE: u16 = 134;
const UNITS: u16 = 137;
const TEXT_DATA: u16 = 171;

#[derive(Clone, Copy)]
enum Value<'a> {
    One(f64),
    Two(f64, f64),
    Bytes(&'a [u8]),
    /// Elements of two bytes.
    Words(&'a [u8]),
}

struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
    little: bool,
    attributes: Vec<(u16, Value<'a>)>,
    /// Units of the page to an inch.
    units: (f64, f64),
    cursor: (f64, f64),
    colours: u32,
    palette: Vec<u8>,
    image: Option<Image>,
}

struct Image {
    width: u32,
    height: u32,
    bits: u32,
    /// Bytes of a pixel, where there is more than one sample.
    samples: usize,
    /// Luma of each index, or none where the samples are the colours.
    greys: Option<Vec<u8>>,
    /// Size on the page.
    size: (f64, f64),
    luma: Vec<u8>,
}

/// Reads a stream to its end; where that is.
pub(super) fn read(
    bytes: &[u8],
    from: usize,
    little: bool,
    job: &mut Job<'_>,
) -> Result<usize, Skip> {
    // The first line names the language.
    let line = memchr::memchr(b'\n', bytes.get(from..).unwrap_or_default());
    let at = from.saturating_add(line.map_or(bytes.len(), |line| line + 1));
    let mut stream = Stream {
        bytes,
        at,
        little,
        attributes: Vec::new(),
        units: (300.0, 300.0),
        cursor: (0.0, 0.0),
        colours: 1,
        palette: Vec::new(),
        image: None,
    };
    let (mut value, mut last, mut steps) = (None, 0u8, 0u32);
    while let Some(&tag) = bytes.get(stream.at) {
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(1 << 14) {
            job.budget.in_time()?;
        }
        if bytes.get(stream.at..).is_some_and(|rest| rest.starts_with(EXIT)) {
            return Ok(stream.at);
        }
        stream.at += 1;
        let known = match tag {
            0 | 9..=13 | b' ' => Some(()),
            0x41..=0xb9 => {
                last = tag;
                let done = stream.operator(tag, job);
                // The data of a picture follow, and go by the same attributes.
                if tag != READ_IMAGE {
                    stream.attributes.clear();
                }
                done.map(Some)?
            }
            0xc0..=0xe5 => stream.value(tag).map(|read| value = Some(read)),
            0xf8 | 0xf9 => stream.attribute(tag, value.take()),
            0xfa | 0xfb => match stream.data(tag) {
                Some(data) if last == READ_IMAGE => {
                    let done = stream.block(data, job);
                    stream.attributes.clear();
                    last = 0;
                    done.map(Some)?
                }
                data => data.map(drop),
            },
            _ => None,
        };
        if known.is_none() {
            stream.end_image(job)?;
            return Err(Skip::damaged(super::FORMAT, "stream of PCL XL does not parse"));
        }
    }
    stream.end_image(job)?;
    Ok(bytes.len())
}

impl<'a> Stream<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = part(self.bytes, self.at, len)?;
        self.at = self.at.checked_add(len)?;
        Some(taken)
    }

    /// One number of the kind that the low bits of a tag say.
    fn number(&mut self, kind: u8) -> Option<f64> {
        let width = [1, 2, 4, 2, 4, 4].get(usize::from(kind)).copied()?;
        let raw = self.take(width)?;
        let mut bytes = [0u8; 4];
        for (to, from) in bytes.iter_mut().zip(raw) {
            *to = *from;
        }
        if !self.little {
            bytes.get_mut(..width)?.reverse();
        }
        let raw = u32::from_le_bytes(bytes);
        Some(match kind {
            3 => f64::from(raw as u16 as i16),
            4 => f64::from(raw as i32),
            5 => f64::from(f32::from_bits(raw)),
            _ => f64::from(raw),
        })
    }

    fn value(&mut self, tag: u8) -> Option<Value<'a>> {
        let kind = tag & 7;
        match tag & 0xf8 {
            0xc0 => self.number(kind).map(Value::One),
            0xc8 => {
                let count = self.bytes.get(self.at).copied()?;
                self.at = self.at.checked_add(1)?;
                let count = match count {
                    0xc0..=0xc2 => self.number(count & 7)? as usize,
                    _ => return None,
                };
                let width = [1, 2, 4, 2, 4, 4].get(usize::from(kind)).copied()?;
                let data = self.take(count.checked_mul(width)?)?;
                Some(if width == 2 { Value::Words(data) } else { Value::Bytes(data) })
            }
            0xd0 => Some(Value::Two(self.number(kind)?, self.number(kind)?)),
            _ => {
                let (x, y) = (self.number(kind)?, self.number(kind)?);
                self.number(kind)?;
                self.number(kind)?;
                Some(Value::Two(x, y))
            }
        }
    }

    fn attribute(&mut self, tag: u8, value: Option<Value<'a>>) -> Option<()> {
        let id = self.number(tag & 1)? as u16;
        if let Some(value) = value.filter(|_| self.attributes.len() < MAX_ATTRIBUTES) {
            self.attributes.push((id, value));
        }
        Some(())
    }

    fn data(&mut self, tag: u8) -> Option<&'a [u8]> {
        let len = self.number(if tag == 0xfa { 2 } else { 0 })? as usize;
        self.take(len)
    }

    fn given(&self, id: u16) -> Option<Value<'a>> {
        self.attributes.iter().find(|(own, _)| *own == id).map(|(_, value)| *value)
    }

    fn one(&self, id: u16) -> Option<u32> {
        match self.given(id)? {
            Value::One(value) if value >= 0.0 => Some(value as u32),
            _ => None,
        }
    }

    fn two(&self, id: u16) -> Option<(f64, f64)> {
        match self.given(id)? {
            Value::Two(x, y) => Some((x, y)),
            _ => None,
        }
    }

    fn operator(&mut self, operator: u8, job: &mut Job<'_>) -> Result<(), Skip> {
        match operator {
            BEGIN_SESSION => {
                // Inches, millimetres, tenths of them.
                let inch = match self.one(MEASURE) {
                    Some(1) => 25.4,
                    Some(2) => 254.0,
                    _ => 1.0,
                };
                if let Some((x, y)) = self.two(UNITS).filter(|(x, y)| *x > 0.0 && *y > 0.0) {
                    self.units = (x * inch, y * inch);
                }
            }
            SET_COLOUR_SPACE => {
                self.colours = self.one(COLOUR_SPACE).unwrap_or(1);
                self.palette.clear();
                // Entries of 8 bits are what all printers know.
                let whole = self.one(PALETTE_DEPTH).is_none_or(|depth| depth == 2);
                if let (Some(Value::Bytes(palette)), true) = (self.given(PALETTE), whole) {
                    self.palette.extend(palette.iter().take(3 * 256));
                }
            }
            SET_CURSOR => self.cursor = self.two(POINT).unwrap_or(self.cursor),
            SET_CURSOR_REL => {
                let (x, y) = self.two(POINT).unwrap_or((0.0, 0.0));
                self.cursor = (self.cursor.0 + x, self.cursor.1 + y);
            }
            TEXT => self.words(job)?,
            BEGIN_IMAGE => {
                self.end_image(job)?;
                self.image = self.begin_image();
            }
            END_IMAGE => self.end_image(job)?,
            END_PAGE => {
                self.end_image(job)?;
                job.end_page()?;
            }
            _ => {}
        }
        Ok(())
    }

    fn words(&mut self, job: &mut Job<'_>) -> Result<(), Skip> {
        let y = self.cursor.1 as i64;
        match self.given(TEXT_DATA) {
            Some(Value::Bytes(bytes)) => {
                let words: Vec<u8> = bytes.iter().copied().filter(|byte| *byte >= b' ').collect();
                job.words(&words, y)
            }
            Some(Value::Words(bytes)) => {
                let unit = |pair: &[u8; 2]| {
                    if self.little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
                };
                let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(unit).collect();
                let words = String::from_utf16_lossy(&units);
                let words: String = words.chars().filter(|letter| !letter.is_control()).collect();
                if words.is_empty() { Ok(()) } else { job.wide_words(&words, y) }
            }
            _ => Ok(()),
        }
    }

    fn begin_image(&self) -> Option<Image> {
        let (width, height) = (self.one(SOURCE_WIDTH)?, self.one(SOURCE_HEIGHT)?);
        let bits = match self.one(COLOUR_DEPTH)? {
            0 => 1,
            1 => 4,
            2 => 8,
            _ => return None,
        };
        let coloured = self.colours != 1;
        let indexed = self.one(COLOUR_MAPPING)? == 1;
        let grey_of = |entry: &[u8]| match *entry {
            [r, g, b] => luma::of_rgb(r, g, b),
            [grey, ..] => grey,
            [] => 255,
        };
        let greys = match (indexed, coloured) {
            (true, _) => {
                let entry = if coloured { 3 } else { 1 };
                let greys: Vec<u8> = self.palette.chunks_exact(entry).map(grey_of).collect();
                Some(greys)
            }
            (false, true) if bits == 8 => None,
            // Colours of fewer bits are not what drivers send.
            (false, true) => return None,
            (false, false) => {
                let most = (1u32 << bits) - 1;
                Some((0..=most).map(|grey| (grey * 255 / most) as u8).collect())
            }
        };
        let samples = if greys.is_none() { 3 } else { 1 };
        let size = self.two(DESTINATION).unwrap_or((width.into(), height.into()));
        Some(Image { width, height, bits, samples, greys, size, luma: Vec::new() })
    }

    /// A block of rows.
    fn block(&mut self, data: &[u8], job: &mut Job<'_>) -> Result<(), Skip> {
        const PACK_BITS: u32 = 1;
        const JPEG: u32 = 2;
        const DELTA: u32 = 3;
        let start = self.one(START_LINE).unwrap_or(0) as usize;
        let rows = self.one(BLOCK_HEIGHT).unwrap_or(0) as usize;
        let packing = self.one(COMPRESSION).unwrap_or(0);
        let padding = self.one(PADDING).unwrap_or(4).clamp(1, 64) as usize;
        let Some(image) = &mut self.image else { return Ok(()) };
        let (width, height) = (image.width, image.height);
        luma::reserve(width, height, 1, super::FORMAT, job.budget)?;
        let row_bytes = (width as usize).saturating_mul(image.bits as usize).div_ceil(8);
        let stride = row_bytes.saturating_mul(image.samples).next_multiple_of(padding);
        let rows = rows.min((height as usize).saturating_sub(start));
        let most = stride.saturating_mul(rows);
        // What it says of itself is checked against what was said of the picture; what it unpacks to
        // lies in memory beside it.
        job.budget.pixels(most as u64 / 3, 1)?;
        image.luma.resize(start.saturating_mul(width as usize), 255);
        match packing {
            0 => data.chunks(stride.max(1)).take(rows).for_each(|row| image.row(row)),
            PACK_BITS => {
                let mut plain = Vec::new();
                unpack_bits(data, most, &mut plain);
                plain.chunks(stride.max(1)).take(rows).for_each(|row| image.row(row));
            }
            DELTA => {
                let (mut rest, mut seed) = (data, vec![0; stride]);
                for _ in 0..rows {
                    let Some((&[low, high], behind)) = rest.split_first_chunk::<2>() else { break };
                    let len = if self.little { [low, high] } else { [high, low] };
                    let len = usize::from(u16::from_le_bytes(len)).min(behind.len());
                    delta(behind.get(..len).unwrap_or_default(), &mut seed);
                    rest = behind.get(len..).unwrap_or_default();
                    image.row(&seed);
                }
            }
            JPEG => {
                job.budget.member()?;
                job.budget.charge(data.len() as u64)?;
                job.others += 1;
                let at = job.at.page(job.page).member(format!("picture {}", job.others));
                job.out.push(Content::Bytes { at, bytes: data.to_vec() });
                image.luma.clear();
            }
            _ => job.told(Skip::Unsupported {
                format: super::FORMAT,
                detail: "a packing of pictures that is not read".into(),
            }),
        }
        Ok(())
    }

    /// Puts the picture on the page, in dots of its own.
    fn end_image(&mut self, job: &mut Job<'_>) -> Result<(), Skip> {
        let Some(image) = self.image.take() else { return Ok(()) };
        if image.luma.is_empty() {
            return Ok(());
        }
        let (wide, high) = (image.size.0.abs().max(1.0), image.size.1.abs().max(1.0));
        let (across, down) = (f64::from(image.width) / wide, f64::from(image.height) / high);
        let left = (self.cursor.0 * across).round() as i64;
        let top = (self.cursor.1 * down).round() as i64;
        let dpi = (self.units.0 * across).round().clamp(0.0, 10_000.0) as u32;
        let colours = if image.samples == 3 { 3 } else { 1 };
        let (bilevel, width) = (image.bits == 1, image.width);
        let tile = Tile { left, top, width, luma: image.luma };
        job.sheets.add(tile, dpi, bilevel, colours, job.budget)
    }
}

impl Image {
    fn row(&mut self, row: &[u8]) {
        let width = self.width as usize;
        let end = self.luma.len().saturating_add(width);
        match &self.greys {
            None => self.luma.extend(
                row.as_chunks::<3>().0.iter().take(width).map(|[r, g, b]| luma::of_rgb(*r, *g, *b)),
            ),
            Some(greys) => {
                let (bits, per_byte) = (self.bits, 8 / self.bits);
                let mask = u8::MAX >> (8 - bits);
                let indices = row.iter().flat_map(|byte| {
                    (0..per_byte).map(move |i| byte >> (8 - bits * (i + 1)) & mask)
                });
                let grey = |index: u8| greys.get(usize::from(index)).copied().unwrap_or(255);
                self.luma.extend(indices.take(width).map(grey));
            }
        }
        self.luma.resize(end, 255);
    }
}
