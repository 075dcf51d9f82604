//! Bitmaps that were printed in bands, put together again: in one band no document is recognised.

use crate::extract::bytes::{u16_le, u32_le};

const INFO_HEADER: usize = 40;
const RGB: u32 = 0;

/// Where a picture is drawn, in the units of the page.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) height: i32,
}

/// Bands of one picture, from the top.
pub(super) struct Bands {
    width: u32,
    bits: u16,
    /// What stands between header and pixels.
    palette: Vec<u8>,
    rows: Vec<u8>,
    count: u32,
    place: Place,
}

impl Bands {
    /// Of a bitmap that is not packed; what is stays as it is.
    pub(super) fn of(info: &[u8], pixels: &[u8], place: Place) -> Option<Bands> {
        let header = u32_le(info, 0)? as usize;
        let (width, height) = (u32_le(info, 4)?, u32_le(info, 8)? as i32);
        let (bits, packing) = (u16_le(info, 14)?, u32_le(info, 16)?);
        (header == INFO_HEADER && packing == RGB && i32::try_from(width).is_ok()).then_some(())?;
        let stride = usize::try_from((u64::from(width) * u64::from(bits)).div_ceil(32) * 4).ok()?;
        let count = height.unsigned_abs();
        let len =
            stride.checked_mul(count as usize).filter(|len| (1..=pixels.len()).contains(len))?;
        let pixels = pixels.get(..len)?;
        let mut rows = Vec::with_capacity(len); // no more than is there
        if height > 0 {
            pixels.rchunks_exact(stride).for_each(|row| rows.extend_from_slice(row));
        } else {
            rows.extend_from_slice(pixels);
        }
        let palette = info.get(INFO_HEADER..)?;
        let colours = if bits <= 8 { 1usize << bits } else { 0 };
        let used = match u32_le(info, 32)? as usize {
            0 => colours,
            used => used.min(colours),
        };
        let mut palette = palette.get(..(4 * used).min(palette.len()))?.to_vec();
        palette.resize(4 * colours, 0);
        Some(Bands { width, bits, palette, rows, count, place })
    }

    /// Whether this was the next band, right below, and is now part of the picture.
    pub(super) fn join(&mut self, band: &Bands) -> bool {
        let below = self.place.top.checked_add(self.place.height) == Some(band.place.top);
        let same = (self.width, self.bits) == (band.width, band.bits)
            && self.place.left == band.place.left
            && self.palette == band.palette;
        if below && same {
            self.rows.extend_from_slice(&band.rows);
            self.count = self.count.saturating_add(band.count);
            self.place.height = self.place.height.saturating_add(band.place.height);
        }
        below && same
    }

    /// All of it, as a bitmap of memory.
    pub(super) fn dib(&self) -> Vec<u8> {
        let mut dib = (INFO_HEADER as u32).to_le_bytes().to_vec();
        dib.extend_from_slice(&self.width.to_le_bytes());
        // A negative height: from the top.
        dib.extend_from_slice(&self.count.wrapping_neg().to_le_bytes());
        dib.extend_from_slice(&1u16.to_le_bytes());
        dib.extend_from_slice(&self.bits.to_le_bytes());
        dib.resize(INFO_HEADER, 0);
        dib.extend_from_slice(&self.palette);
        dib.extend_from_slice(&self.rows);
        dib
    }
}
