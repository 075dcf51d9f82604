//! Fax-coded strips: CCITT modified Huffman, Group 3 and Group 4.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::ifd::{Ifd, Layout, tag};
use crate::error::Skip;
use crate::extract::bytes::part;
use crate::limits::Budget;

/// Whether this value of the Compression tag is a fax coding.
pub(super) fn is_fax(compression: u64) -> bool {
    (2..=4).contains(&compression)
}

/// One page: its luma, and how many strips did not decode.
pub(super) fn decode(
    layout: Layout,
    ifd: &Ifd,
    bytes: &[u8],
    (width, height): (u32, u32),
    pixels: usize,
    budget: &Budget,
) -> Result<(Vec<u8>, usize), Skip> {
    let number = |tag| ifd.number(layout, bytes, tag);
    let compression = number(tag::COMPRESSION).unwrap_or(4);
    let options = number(tag::T4_OPTIONS).unwrap_or(0);
    let encoding = match compression {
        4 => EncodingMode::Group4,
        3 if options & 1 != 0 => EncodingMode::Group3_2D,
        _ => EncodingMode::Group3_1D,
    };
    // 0: white is zero, what fax means. 1: the picture is a negative of it.
    let inverted = number(tag::PHOTOMETRIC) == Some(1);
    let reversed = number(tag::FILL_ORDER) == Some(2);
    let rows = number(tag::ROWS_PER_STRIP).unwrap_or(u64::from(height)).clamp(1, height.into());
    let rows = rows as u32;
    let offsets = ifd.numbers(layout, bytes, tag::STRIP_OFFSETS);
    let lengths = ifd.numbers(layout, bytes, tag::STRIP_BYTES);
    if offsets.is_empty() {
        return Err(Skip::damaged("tiff", "page without strips"));
    }
    let mut plane =
        Rows { luma: Vec::with_capacity(pixels), width: width as usize, pixels, inverted };
    let mut failed = 0;
    for (i, &offset) in offsets.iter().enumerate() {
        budget.in_time()?;
        let done = (i as u64).saturating_mul(rows.into());
        let Some(left) = u64::from(height).checked_sub(done).filter(|left| *left > 0) else {
            break;
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = bytes.get(offset..).unwrap_or_default();
        let length = lengths.get(i).and_then(|v| usize::try_from(*v).ok());
        let strip = part(rest, 0, length.unwrap_or(rest.len())).unwrap_or(rest);
        let turned: Vec<u8>;
        let strip = if reversed {
            turned = strip.iter().map(|b| b.reverse_bits()).collect();
            turned.as_slice()
        } else {
            strip
        };
        let settings = DecodeSettings {
            columns: width,
            rows: rows.min(left as u32),
            end_of_block: true,
            end_of_line: false,
            // Modified Huffman rows begin on bytes; Group 3 rows do where option 4 says so.
            rows_are_byte_aligned: compression == 2 || compression == 3 && options & 4 != 0,
            encoding,
            strict: false,
        };
        let result = hayro_ccitt::decode(strip, &mut plane, &mut DecoderContext::new(settings));
        failed += usize::from(result.is_err());
        // What a broken strip did not give is paper, and the next strip stands at its own place.
        let end = (done + u64::from(rows)).min(height.into()) as usize;
        plane.luma.resize(end.saturating_mul(plane.width).min(pixels), 255);
    }
    if plane.luma.len() < pixels {
        failed += 1;
        plane.luma.resize(pixels, 255);
    }
    Ok((plane.luma, failed))
}

/// Takes decoded rows, never more than the page has.
struct Rows {
    luma: Vec<u8>,
    width: usize,
    pixels: usize,
    inverted: bool,
}

impl Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        let start = self.luma.len();
        if start.saturating_add(self.width) > self.pixels {
            return;
        }
        let (white, black) = if self.inverted { (0, 255) } else { (255, 0) };
        self.luma.resize(start + self.width, white);
        for span in changes.chunks(2) {
            let from = span.first().map_or(self.width, |v| *v as usize).min(self.width);
            let to = span.get(1).map_or(self.width, |v| *v as usize).min(self.width);
            if let Some(run) = self.luma.get_mut(start + from..start + to.max(from)) {
                run.fill(black);
            }
        }
    }
}
