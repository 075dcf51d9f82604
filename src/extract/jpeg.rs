//! JPEG (ITU-T T.81, JFIF, Adobe): one picture of luma. Sizes and notes are read from the markers
//! before anything is decoded.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::bytes::{part, u16_be};
use super::exif::{Notes, plausible_dpi};
use super::luma::{self, Samples};
use super::{Extractor, names, raster};
use crate::error::Skip;
use crate::flow::{Chroma, Colours, Content, JpegFacts, Locator, Maker, Picture, PictureFacts};
use crate::limits::Budget;

pub struct Jpeg;

impl Extractor for Jpeg {
    fn name(&self) -> &'static str {
        "jpeg"
    }

    fn media_type(&self) -> &'static str {
        "image/jpeg"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        // SOI and the first byte of any marker that may follow it.
        head.starts_with(&[0xff, 0xd8, 0xff]) && head.get(3).is_some_and(|&m| m >= 0xc0)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut notes = Notes::default();
        let header = read_header(bytes, &mut notes);
        let maker = notes.maker();
        notes.push(at, out);
        let mut header = header?;
        header.facts.maker = header.facts.maker.or(maker);
        raster::behind(behind(bytes, header.scan), at, budget, out)?;
        let decoded = decode(bytes, &header, budget)?;
        let pixels = u64::from(decoded.width) * u64::from(decoded.height);
        if header.facts.channels == 3 && pixels <= MAX_COLOURED {
            header.facts.colours = Some(Colours::new(bytes, chroma));
        }
        let picture = Picture {
            width: decoded.width,
            height: decoded.height,
            luma: decoded.luma,
            facts: header.facts,
        };
        out.push(Content::Picture { at: at.clone(), picture });
        decoded.damage.map_or(Ok(()), Err)
    }
}

/// What follows the end of the picture whose data begin at `scan`.
fn behind(bytes: &[u8], scan: usize) -> Option<&[u8]> {
    let mut at = scan;
    loop {
        at = at.checked_add(memchr::memchr(0xff, bytes.get(at..)?)?)?;
        match bytes.get(at + 1)? {
            0xd9 => return bytes.get(at + 2..),
            // A fill byte; the next may be the marker's.
            0xff => at += 1,
            // Within the data, and without a length.
            0x00 | 0x01 | 0xd0..=0xd8 => at += 2,
            // Tables between the scans of a progressive picture.
            _ => at = at.checked_add(2 + usize::from(u16_be(bytes, at + 2)?))?,
        }
    }
}

/// What the markers say.
struct Header {
    width: u16,
    height: u16,
    facts: PictureFacts,
    /// Entropy-coded data start here.
    scan: usize,
}

/// A decoded plane; `damage` where the file ends before the picture does.
struct Decoded {
    width: u32,
    height: u32,
    luma: Vec<u8>,
    damage: Option<Skip>,
}

fn read_header(bytes: &[u8], notes: &mut Notes) -> Result<Header, Skip> {
    let cut = || Skip::damaged("jpeg", "no picture in it");
    let mut facts = PictureFacts { format: "jpeg", ..PictureFacts::default() };
    let mut size = None;
    let mut table = None;
    let mut subsampled = false;
    let mut at = 2;
    loop {
        // Fill bytes may stand before a marker, and some writers leave rubbish there.
        let rest = bytes.get(at..).ok_or_else(cut)?;
        at += memchr::memchr(0xff, rest).ok_or_else(cut)?;
        let Some(&marker) = bytes.get(at + 1) else { return Err(cut()) };
        at += if marker == 0xff { 1 } else { 2 };
        if matches!(marker, 0x00 | 0x01 | 0xd0..=0xd8 | 0xff) {
            continue;
        }
        let len = usize::from(u16_be(bytes, at).ok_or_else(cut)?).max(2);
        let segment = bytes.get(at + 2..(at + len).min(bytes.len())).unwrap_or_default();
        match marker {
            0xc0..=0xc2 => {
                let sizes = u16_be(segment, 1).zip(u16_be(segment, 3)).ok_or_else(cut)?;
                facts.channels = segment.get(5).copied().unwrap_or(1);
                subsampled = is_subsampled(segment.get(6..).unwrap_or_default());
                size = Some(sizes);
            }
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(Skip::Unsupported {
                    format: "jpeg",
                    detail: "lossless, hierarchical or arithmetic coding".into(),
                });
            }
            0xe0 if segment.starts_with(b"JFIF\0") => {
                let density = u16_be(segment, 8).zip(u16_be(segment, 10));
                let per_inch = match segment.get(7) {
                    Some(1) => 1.0,
                    Some(2) => 2.54,
                    _ => 0.0,
                };
                let tagged = density.and_then(|(x, y)| {
                    plausible_dpi(f32::from(x) * per_inch, f32::from(y) * per_inch)
                });
                facts.dpi = facts.dpi.or(tagged);
            }
            0xe1 => {
                if let Some(raw) = segment.strip_prefix(b"Exif\0\0") {
                    notes.add_exif(raw, &mut facts);
                } else if let Some(packet) = segment.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0")
                {
                    notes.add_xmp(packet);
                }
            }
            0xdb => table = table.or_else(|| luma_table(segment)),
            0xef => read_placement(segment, &mut facts),
            0xed => add_iptc(segment, notes),
            0xfe => notes.add("Comment", &names::decode(segment)),
            0xda => {
                let (height, width) = size.ok_or_else(cut)?;
                facts.jpeg = table.map(|(quality, usual_table)| JpegFacts {
                    quality,
                    usual_table,
                    subsampled,
                });
                return Ok(Header { width, height, facts, scan: at });
            }
            0xd9 => return Err(cut()),
            _ => {}
        }
        at += len;
    }
}

/// The luma table of ITU-T T.81, Annex K, in zigzag order: what quality 50 is.
const USUAL_LUMA: [u8; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37,
    29, 40, 58, 51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81,
    87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/// Quality by the scale of the Independent JPEG Group from table 0 of a DQT segment, and whether
/// it is the usual table at that quality.
fn luma_table(segment: &[u8]) -> Option<(u8, bool)> {
    let mut rest = segment;
    while let Some((&head, values)) = rest.split_first() {
        let wide = head >> 4 != 0;
        let len = if wide { 128 } else { 64 };
        let (values, left) = values.split_at_checked(len)?;
        rest = left;
        if head & 0x0f != 0 {
            continue;
        }
        let steps: Vec<u16> = if wide {
            values.chunks_exact(2).filter_map(|pair| u16_be(pair, 0)).collect()
        } else {
            values.iter().map(|v| u16::from(*v)).collect()
        };
        let pairs = || steps.iter().zip(USUAL_LUMA).map(|(s, u)| (f32::from(*s), f32::from(u)));
        // Percent of the table of quality 50; the smallest steps are rounded the most.
        let sums = pairs().fold((0.0, 0.0), |(a, b), (s, u)| (a + s, b + u));
        let scale = 100.0 * sums.0 / sums.1;
        let quality = if scale <= 100.0 { (200.0 - scale) / 2.0 } else { 5000.0 / scale };
        let quality = quality.round().clamp(1.0, 100.0);
        let scale = if quality >= 50.0 { 200.0 - 2.0 * quality } else { 5000.0 / quality };
        let usual = pairs().all(|(s, u)| {
            let expected = (u * scale / 100.0).clamp(1.0, 255.0);
            (s - expected).abs() <= (expected * 0.03).max(1.0)
        });
        return Some((quality as u8, usual));
    }
    None
}

/// Whether any component of a frame has fewer samples than the first: three bytes each, id,
/// factors, table.
fn is_subsampled(components: &[u8]) -> bool {
    let factors = |c: &[u8]| c.get(1).map_or((1, 1), |f| (f >> 4, f & 0x0f));
    let mut each = components.chunks_exact(3).map(factors);
    let Some(first) = each.next() else { return false };
    each.any(|(h, v)| h < first.0 || v < first.1)
}

/// Our own APP15 segment.
const PLACEMENT: &[u8] = b"iinspect\0";

/// The same JPEG, with a segment that says how a document places it.
pub(super) fn with_placement(bytes: &[u8], facts: &PictureFacts) -> Vec<u8> {
    let (x, y) = facts.dpi.unwrap_or_default();
    let mut segment = PLACEMENT.to_vec();
    segment.extend_from_slice(&(x.clamp(0.0, 65_535.0) as u16).to_be_bytes());
    segment.extend_from_slice(&(y.clamp(0.0, 65_535.0) as u16).to_be_bytes());
    segment.push(u8::from(facts.full_page));
    segment.push(facts.orientation.unwrap_or(0));
    segment.push(facts.maker.code());
    let len = (segment.len() as u16 + 2).to_be_bytes();
    match bytes.strip_prefix(&[0xff, 0xd8]) {
        Some(rest) => [&[0xff, 0xd8, 0xff, 0xef], len.as_slice(), &segment, rest].concat(),
        None => bytes.to_vec(),
    }
}

/// Whether a document places this JPEG over its page: [`with_placement`] puts that first.
pub(super) fn fills_page(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(&[0xff, 0xd8, 0xff, 0xef]) else { return false };
    let mut facts = PictureFacts::default();
    let len = usize::from(u16_be(rest, 0).unwrap_or(0)).max(2);
    read_placement(rest.get(2..len).unwrap_or_default(), &mut facts);
    facts.full_page
}

/// The place on the page decides over what the file says of itself: it is what a reader sees.
fn read_placement(segment: &[u8], facts: &mut PictureFacts) {
    let Some(rest) = segment.strip_prefix(PLACEMENT) else { return };
    if let Some((x, y)) = u16_be(rest, 0).zip(u16_be(rest, 2)) {
        facts.dpi = plausible_dpi(x.into(), y.into()).or(facts.dpi);
    }
    facts.full_page = rest.get(4) == Some(&1);
    let turned = rest.get(5).copied().filter(|v| (1..=8).contains(v));
    facts.orientation = turned.or(facts.orientation);
    facts.maker = rest.get(6).map_or(facts.maker, |code| Maker::from_code(*code));
}

/// IPTC captions and keywords in a Photoshop block: 0x1c, record 2, field, length, text.
fn add_iptc(segment: &[u8], notes: &mut Notes) {
    let Some(start) = memchr::memmem::find(segment, b"8BIM\x04\x04") else { return };
    let mut at = start;
    while let Some(found) = segment.get(at..).and_then(|s| memchr::memmem::find(s, &[0x1c, 0x02])) {
        at += found;
        let Some(len) = u16_be(segment, at + 3) else { return };
        let Some(text) = part(segment, at + 5, usize::from(len)) else { return };
        let field = segment.get(at + 2).copied().unwrap_or_default();
        // Title, instructions, byline, headline, caption, keywords.
        if matches!(field, 5 | 25 | 40 | 80 | 105 | 120) {
            notes.add("IPTC", &names::decode(text));
        }
        at += 5 + usize::from(len);
    }
}

fn decode(bytes: &[u8], header: &Header, budget: &mut Budget) -> Result<Decoded, Skip> {
    let format = "jpeg";
    let channels = u64::from(header.facts.channels.clamp(1, 4));
    luma::reserve(header.width.into(), header.height.into(), channels, format, budget)?;
    let options = DecoderOptions::new_safe()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(false);
    let mut probe = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let broken = || Skip::damaged(format, "does not decode");
    probe.decode_headers().map_err(|_| broken())?;
    // Luma comes straight out of YCbCr; what is stored as RGB or ink goes through RGB.
    let (wanted, samples) = match probe.input_colorspace().ok_or_else(broken)? {
        ColorSpace::YCbCr | ColorSpace::Luma => (ColorSpace::Luma, Samples::Grey),
        ColorSpace::MultiBand(n) => (ColorSpace::MultiBand(n), Samples::FirstOf(n.get() as usize)),
        _ => (ColorSpace::RGB, Samples::Rgb),
    };
    let options = options.jpeg_set_out_colorspace(wanted);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| broken())?;
    let (width, height) = decoder.dimensions().ok_or_else(broken)?;
    let (width, height) = (width as u32, height as u32);
    // The first SOF was measured; a second one may not grow the picture.
    if (width, height) != (header.width.into(), header.height.into()) {
        return Err(broken());
    }
    let len = decoder.output_buffer_size().ok_or_else(broken)?;
    let mut data = vec![UNTOUCHED; len];
    let complete = decoder.decode_into(&mut data).is_ok();
    if !complete && data.iter().all(|&v| v == UNTOUCHED) {
        return Err(broken());
    }
    let ended = bytes
        .get(header.scan..)
        .is_some_and(|scan| memchr::memmem::rfind(scan, &[0xff, 0xd9]).is_some());
    let damage = match (complete, ended) {
        (true, true) => None,
        (true, false) => Some(Skip::damaged(format, "picture ends early")),
        (false, _) => Some(Skip::damaged(format, "decodes in part")),
    };
    let luma = luma::plane(samples, data);
    if luma.len() as u64 != u64::from(width) * u64::from(height) {
        return Err(broken());
    }
    Ok(Decoded { width, height, luma, damage })
}

/// Pixels of the largest picture whose colours can be asked for: three bytes each while they are decoded.
const MAX_COLOURED: u64 = 16_000_000;

/// The colours of a picture that was decoded before. What does not come out is without colour.
fn chroma(bytes: &[u8]) -> Option<Chroma> {
    let options = DecoderOptions::new_safe()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(false)
        .jpeg_set_out_colorspace(ColorSpace::YCbCr);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions()?;
    let len = width.checked_mul(height)?.checked_mul(3)?;
    if len as u64 > 3 * MAX_COLOURED || decoder.output_buffer_size() != Some(len) {
        return None;
    }
    let mut data = vec![NO_COLOUR; len];
    // What was decoded before a damage is enough.
    let _ = decoder.decode_into(&mut data);
    let columns = width.div_ceil(Chroma::CELL);
    let mut cells = Vec::with_capacity(columns * height.div_ceil(Chroma::CELL));
    for rows in data.chunks(Chroma::CELL * width * 3) {
        let mut sums = vec![[0u32; 3]; columns];
        for row in rows.chunks_exact(width * 3) {
            for (cell, sum) in row.chunks(Chroma::CELL * 3).zip(&mut sums) {
                for pixel in cell.chunks_exact(3) {
                    let &[_, cb, cr] = pixel else { continue };
                    let [b, r, n] = sum;
                    (*b, *r, *n) = (*b + u32::from(cb), *r + u32::from(cr), *n + 1);
                }
            }
        }
        let mean = |&[b, r, n]: &[u32; 3]| [b, r].map(|sum| (sum / n.max(1)) as u8);
        cells.extend(sums.iter().map(mean));
    }
    Some(Chroma { columns, cells })
}

/// Cb and Cr of grey.
const NO_COLOUR: u8 = 128;

/// What rows that were never decoded look like: paper.
const UNTOUCHED: u8 = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_end_is_found_behind_stuffed_bytes_and_tables() {
        let data =
            [1, 0xff, 0, 2, 0xff, 0xd3, 0xff, 0xc4, 0, 4, 0xff, 0xd9, 0xff, 0xff, 0xd9, 7, 8];
        assert_eq!(behind(&data, 0), Some([7, 8].as_slice()));
        for cut in 0..data.len() - 2 {
            assert_eq!(behind(&data[..cut], 0), None);
        }
        assert_eq!(behind(&[0xff, 0xc4, 0xff, 0xff, 1], 0), None);
    }
}
