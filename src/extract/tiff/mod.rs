//! TIFF: one picture a page. Fax codings are read here (`fax`); strips and tiles of the others by
//! the tiff crate, each page on its own, so that one odd page costs only itself.

mod fax;
mod ifd;

use ::tiff::ColorType;
use ::tiff::decoder::{Decoder, DecodingResult, Limits};

use self::ifd::{Ifd, Layout, Patched, tag};
use super::Extractor;
use super::exif::{Notes, plausible_dpi};
use super::luma::{self, Held, Samples};
use super::names;
use crate::error::{Bound, Skip};
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// Pages of one file that are listed. The members of the budget end it before.
const MAX_PAGES: usize = 50_000;
/// Planes of one file that are handed over as they are; then pages of one bit are packed and
/// unpacked one by one, so that a scanned book of a thousand pages fits into memory.
const MAX_PLANES: u64 = 128 << 20;
const OLD_JPEG: u64 = 6;
const PALETTE: u64 = 3;

pub struct Tiff;

impl Extractor for Tiff {
    fn name(&self) -> &'static str {
        "tiff"
    }

    fn media_type(&self) -> &'static str {
        "image/tiff"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        Layout::of(head).is_some()
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let broken = |detail| Skip::damaged("tiff", detail);
        let layout = Layout::of(bytes).ok_or_else(|| broken("no header"))?;
        let (directories, cut) = layout.directories(bytes, MAX_PAGES);
        if directories.is_empty() {
            return Err(broken("no pages"));
        }
        let alone = directories.len() == 1;
        let mut held = Held::default();
        for (ifd, number) in directories.iter().zip(1u32..) {
            budget.member()?;
            let at = if alone { at.clone() } else { at.page(number) };
            let page = Page { layout, ifd, bytes };
            let mut facts = PictureFacts { format: "tiff", ..PictureFacts::default() };
            let notes = page.notes(&mut facts);
            facts.maker = notes.maker();
            notes.push(&at, out);
            match page.open(&at, facts, &mut held, budget, out) {
                Ok(()) => {}
                Err(over @ Skip::OverBudget(Bound::Pixels(_))) => {
                    out.push(Content::Skipped { at, skip: over });
                }
                Err(over @ Skip::OverBudget(_)) => return Err(over),
                Err(skip) => out.push(Content::Skipped { at, skip }),
            }
        }
        if cut { Err(broken("list of pages breaks off")) } else { Ok(()) }
    }
}

/// Whether the first directory is that of a camera: a reduced picture with the others in
/// directories below it, and who made the camera.
pub(super) fn is_camera_raw(head: &[u8]) -> bool {
    let Some(layout) = Layout::of(head) else { return false };
    let (directories, _) = layout.directories(head, 1);
    let Some(ifd) = directories.first() else { return false };
    let reduced = ifd.number(layout, head, tag::SUBFILE) == Some(1);
    ifd.field(tag::DNG_VERSION).is_some()
        || (reduced && ifd.field(tag::SUB_DIRECTORIES).is_some() && ifd.field(tag::MAKE).is_some())
}

/// A file of one page, one bit a pixel, unpacked: for handing on pages that are too many to be
/// held as planes. Resolution, orientation and what the page is travel in its tags.
pub(super) fn bilevel_file(picture: &Picture) -> Vec<u8> {
    const HEADER: usize = 8;
    let row_bytes = (picture.width as usize).div_ceil(8);
    let mut bits = Vec::with_capacity(row_bytes.saturating_mul(picture.height as usize));
    for row in picture.luma.chunks_exact((picture.width as usize).max(1)) {
        for byte in row.chunks(8) {
            let packed = byte
                .iter()
                .zip((0..8).rev())
                .fold(0, |packed, (value, bit)| packed | u8::from(*value > 127) << bit);
            bits.push(packed);
        }
    }
    let (x, y) = picture.facts.dpi.unwrap_or_default();
    let rationals = HEADER + bits.len();
    let directory = rationals + 16;
    let mut file = b"II*\0".to_vec();
    file.extend_from_slice(&(directory as u32).to_le_bytes());
    file.extend_from_slice(&bits);
    for value in [x, y] {
        file.extend_from_slice(&(value.max(0.0) as u32).to_le_bytes());
        file.extend_from_slice(&1u32.to_le_bytes());
    }
    const LONG: u16 = 4;
    const RATIONAL: u16 = 5;
    let entries = [
        (tag::WIDTH, LONG, picture.width),
        (tag::HEIGHT, LONG, picture.height),
        (tag::BITS, LONG, 1),
        (tag::COMPRESSION, LONG, 1),
        (tag::PHOTOMETRIC, LONG, 1),
        (tag::STRIP_OFFSETS, LONG, HEADER as u32),
        (tag::ORIENTATION, LONG, picture.facts.orientation.unwrap_or(1).into()),
        (tag::SAMPLES, LONG, 1),
        (tag::ROWS_PER_STRIP, LONG, picture.height),
        (tag::STRIP_BYTES, LONG, bits.len() as u32),
        (tag::X_RESOLUTION, RATIONAL, rationals as u32),
        (tag::Y_RESOLUTION, RATIONAL, rationals as u32 + 8),
        (tag::FULL_PAGE, LONG, picture.facts.full_page.into()),
    ];
    file.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        file.extend_from_slice(&tag.to_le_bytes());
        file.extend_from_slice(&kind.to_le_bytes());
        file.extend_from_slice(&1u32.to_le_bytes());
        file.extend_from_slice(&value.to_le_bytes());
    }
    file.extend_from_slice(&0u32.to_le_bytes());
    file
}

struct Page<'a> {
    layout: Layout,
    ifd: &'a Ifd,
    bytes: &'a [u8],
}

impl Page<'_> {
    fn number(&self, tag: u16) -> Option<u64> {
        self.ifd.number(self.layout, self.bytes, tag)
    }

    fn notes(&self, facts: &mut PictureFacts) -> Notes {
        let mut notes = Notes::default();
        let texts = [
            ("DocumentName", tag::DOCUMENT_NAME),
            ("ImageDescription", tag::IMAGE_DESCRIPTION),
            ("PageName", tag::PAGE_NAME),
            ("Artist", tag::ARTIST),
            ("Copyright", tag::COPYRIGHT),
            ("Software", tag::SOFTWARE),
            ("Make", tag::MAKE),
            ("Model", tag::MODEL),
        ];
        for (name, tag) in texts {
            if let Some(raw) = self.ifd.raw(self.bytes, tag) {
                facts.camera |= tag == tag::MODEL && raw.iter().any(|b| b.is_ascii_alphanumeric());
                notes.add(name, &names::decode(raw.strip_suffix(b"\0").unwrap_or(raw)));
            }
        }
        for tag in tag::XP_TITLE..=tag::XP_SUBJECT {
            if let Some(raw) = self.ifd.raw(self.bytes, tag) {
                notes.add("XP", &encoding_rs::UTF_16LE.decode(raw).0);
            }
        }
        if let Some(packet) = self.ifd.raw(self.bytes, tag::XMP) {
            notes.add_xmp(packet);
        }
        facts.orientation = self
            .number(tag::ORIENTATION)
            .and_then(|v| u8::try_from(v).ok())
            .filter(|v| (1..=8).contains(v));
        let per_inch = match self.number(tag::RESOLUTION_UNIT) {
            Some(3) => 2.54,
            Some(1) => 0.0,
            _ => 1.0,
        };
        let resolution = |tag| self.ifd.rational(self.layout, self.bytes, tag);
        facts.dpi = resolution(tag::X_RESOLUTION)
            .zip(resolution(tag::Y_RESOLUTION))
            .and_then(|(x, y)| plausible_dpi(x * per_inch, y * per_inch));
        facts.bilevel =
            self.number(tag::BITS).unwrap_or(1) == 1 && self.number(tag::SAMPLES).unwrap_or(1) == 1;
        facts.channels = self.number(tag::SAMPLES).unwrap_or(1).min(255) as u8;
        facts.fax_coded = self.number(tag::COMPRESSION).is_some_and(fax::is_fax);
        notes
    }

    fn open(
        &self,
        at: &Locator,
        facts: PictureFacts,
        held: &mut Held,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let side = |tag| self.number(tag).and_then(|v| u32::try_from(v).ok()).unwrap_or(0);
        let (width, height) = (side(tag::WIDTH), side(tag::HEIGHT));
        let compression = self.number(tag::COMPRESSION).unwrap_or(1);
        if compression == OLD_JPEG {
            return self.old_jpeg(at, budget, out);
        }
        let pixels = luma::reserve(width, height, 1, "tiff", budget)?;
        let (luma, failed) = if fax::is_fax(compression) {
            fax::decode(self.layout, self.ifd, self.bytes, (width, height), pixels, budget)?
        } else {
            self.decode((width, height), pixels, budget)?
        };
        let picture = Picture { width, height, luma, facts };
        if picture.facts.bilevel && held.bytes() > MAX_PLANES {
            let bytes = bilevel_file(&picture);
            budget.charge(bytes.len() as u64)?;
            out.push(Content::Bytes { at: at.member("page.tif"), bytes });
        } else {
            held.add(&picture, budget)?;
            out.push(Content::Picture { at: at.clone(), picture });
        }
        if failed > 0 {
            return Err(Skip::damaged("tiff", format!("{failed} strips or tiles do not decode")));
        }
        Ok(())
    }

    /// TIFF 6.0, section 22: where there is a whole JPEG stream it is handed on as it is.
    fn old_jpeg(
        &self,
        at: &Locator,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let stream = self
            .number(tag::JPEG_OFFSET)
            .zip(self.number(tag::JPEG_LENGTH))
            .and_then(|(at, len)| {
                super::bytes::part(
                    self.bytes,
                    usize::try_from(at).ok()?,
                    usize::try_from(len).ok()?,
                )
            })
            .filter(|stream| stream.starts_with(&[0xff, 0xd8]))
            .or_else(|| self.only_strip());
        let Some(stream) = stream else {
            return Err(Skip::Unsupported {
                format: "tiff",
                detail: "old JPEG compression in pieces".into(),
            });
        };
        budget.charge(stream.len() as u64)?;
        out.push(Content::Bytes { at: at.member("page.jpg"), bytes: stream.to_vec() });
        Ok(())
    }

    /// A strip that is a JPEG file of its own.
    fn only_strip(&self) -> Option<&[u8]> {
        let at = usize::try_from(self.number(tag::STRIP_OFFSETS)?).ok()?;
        let len = usize::try_from(self.number(tag::STRIP_BYTES)?).ok()?;
        let stream = super::bytes::part(self.bytes, at, len)?;
        stream.starts_with(&[0xff, 0xd8, 0xff]).then_some(stream)
    }

    /// The tiff crate opens the file as if this were its first page. It does not know palettes:
    /// their indices are read as grey and looked up here.
    fn decode(
        &self,
        (width, height): (u32, u32),
        pixels: usize,
        budget: &mut Budget,
    ) -> Result<(Vec<u8>, usize), Skip> {
        let (at, len) = self.layout.first_pointer();
        let mut patches = vec![(at, self.layout.bytes_of(self.ifd.offset, len))];
        let palette = (self.number(tag::PHOTOMETRIC) == Some(PALETTE)).then(|| self.palette());
        if palette.is_some()
            && let Some(field) = self.ifd.field(tag::PHOTOMETRIC)
        {
            patches.push((field, self.layout.bytes_of(1, 2)));
        }
        let unsupported = || Skip::Unsupported {
            format: "tiff",
            detail: format!("compression {}", self.number(tag::COMPRESSION).unwrap_or(1)).into(),
        };
        let mut limits = Limits::default();
        let room = usize::try_from(budget.limits().max_expanded_bytes).unwrap_or(usize::MAX);
        limits.decoding_buffer_size = room;
        limits.intermediate_buffer_size = room;
        let mut decoder = Decoder::new(Patched::new(self.bytes, patches))
            .map_err(|_| unsupported())?
            .with_limits(limits);
        let color = decoder.colortype().map_err(|_| unsupported())?;
        let (samples, bits) = match color {
            ColorType::Gray(bits) => (Samples::Grey, bits),
            ColorType::GrayA(bits) => (Samples::GreyAlpha, bits),
            ColorType::RGB(bits) => (Samples::Rgb, bits),
            ColorType::RGBA(bits) => (Samples::Rgba, bits),
            ColorType::CMYK(bits) => (Samples::Cmyk, bits),
            // The first of Y Cb Cr and of L a b is the brightness.
            other => (Samples::FirstOf(other.num_samples().into()), other.bit_depth()),
        };
        // Planes apart: green is close to brightness, and is read alone.
        let planar = self.number(tag::PLANAR) == Some(2) && samples.count() > 1;
        let read = Chunks {
            samples: if planar { Samples::Grey } else { samples },
            bits,
            palette: palette.as_deref(),
            plane: if planar && matches!(samples, Samples::Rgb | Samples::Rgba) { 1 } else { 0 },
        };
        read.all(&mut decoder, (width, height), pixels, budget)
    }

    /// The luma of every index.
    fn palette(&self) -> Vec<u8> {
        let map = self.ifd.numbers(self.layout, self.bytes, tag::COLOR_MAP);
        let third = map.len() / 3;
        let channel = |i: usize, of: usize| map.get(of * third + i).map_or(0, |v| (v >> 8) as u8);
        (0..third.min(1 << 16))
            .map(|i| luma::of_rgb(channel(i, 0), channel(i, 1), channel(i, 2)))
            .collect()
    }
}

/// How the chunks of one page are read.
struct Chunks<'a> {
    samples: Samples,
    bits: u8,
    palette: Option<&'a [u8]>,
    /// Which plane, where planes stand apart.
    plane: u32,
}

impl Chunks<'_> {
    fn all(
        &self,
        decoder: &mut Decoder<Patched>,
        (width, height): (u32, u32),
        pixels: usize,
        budget: &mut Budget,
    ) -> Result<(Vec<u8>, usize), Skip> {
        let (chunk_width, chunk_height) = decoder.chunk_dimensions();
        if chunk_width == 0 || chunk_height == 0 {
            return Err(Skip::damaged("tiff", "strips or tiles without size"));
        }
        let across = width.div_ceil(chunk_width);
        let down = height.div_ceil(chunk_height);
        let first = self.plane.saturating_mul(across.saturating_mul(down));
        let mut luma = vec![255u8; pixels];
        let mut failed = 0;
        for i in 0..across.saturating_mul(down) {
            budget.in_time()?;
            let Ok(data) = decoder.read_chunk(first.saturating_add(i)) else {
                failed += 1;
                continue;
            };
            let (x, y) = ((i % across) * chunk_width, (i / across) * chunk_height);
            let chunk_columns = chunk_width.min(width - x) as usize;
            let row = |samples: Vec<u8>| self.rows(&samples, chunk_columns);
            let rows = match data {
                DecodingResult::U8(data) => row(data),
                DecodingResult::U16(data) => row(luma::narrow(&data)),
                _ => {
                    return Err(Skip::Unsupported {
                        format: "tiff",
                        detail: "samples that are not 1 to 16 bit".into(),
                    });
                }
            };
            for (row, values) in rows.chunks_exact(chunk_columns).enumerate() {
                let start =
                    (y as usize + row).saturating_mul(width as usize).saturating_add(x as usize);
                let end = start.saturating_add(chunk_columns);
                if let Some(target) = luma.get_mut(start..end) {
                    target.copy_from_slice(values);
                }
            }
        }
        Ok((luma, failed))
    }

    /// Rows of `columns` pixels, one luma byte each.
    fn rows(&self, data: &[u8], columns: usize) -> Vec<u8> {
        if matches!(self.bits, 8 | 16) {
            return match self.palette {
                Some(palette) => data.iter().map(|&v| look_up(palette, v)).collect(),
                None => luma::plane(self.samples, data.to_vec()),
            };
        }
        if self.bits == 1 && self.palette.is_none() && self.samples == Samples::Grey {
            return bilevel_rows(data, columns);
        }
        // Less than a byte a sample: rows begin on bytes.
        let bits = usize::from(self.bits.clamp(1, 8));
        let count = self.samples.count();
        let row_bytes = (columns * count * bits).div_ceil(8).max(1);
        let top = (1u32 << bits) - 1;
        let mut luma = Vec::with_capacity(data.len().saturating_mul(8) / (bits * count));
        let mut pixel = Vec::with_capacity(count);
        for row in data.chunks_exact(row_bytes) {
            for column in 0..columns {
                pixel.clear();
                for sample in 0..count {
                    let value = bits_at(row, (column * count + sample) * bits, bits);
                    pixel.push(match self.palette {
                        Some(palette) => look_up(palette, value as u8),
                        None => (value * 255 / top) as u8,
                    });
                }
                luma.push(luma::of_pixel(self.samples, &pixel));
            }
        }
        luma
    }
}

/// Eight pixels at a time: 1 is white.
fn bilevel_rows(data: &[u8], columns: usize) -> Vec<u8> {
    let mut luma = Vec::with_capacity(data.len().saturating_mul(8));
    for row in data.chunks_exact(columns.div_ceil(8).max(1)) {
        let start = luma.len();
        for byte in row {
            luma.extend((0..8).rev().map(|bit| (byte >> bit & 1) * 255));
        }
        luma.truncate(start + columns);
    }
    luma
}

fn look_up(palette: &[u8], index: u8) -> u8 {
    palette.get(usize::from(index)).copied().unwrap_or(255)
}

fn bits_at(row: &[u8], at: usize, bits: usize) -> u32 {
    (at..at + bits).fold(0, |value, bit| {
        let byte = row.get(bit / 8).copied().unwrap_or(0);
        value << 1 | u32::from(byte >> (7 - bit % 8) & 1)
    })
}
