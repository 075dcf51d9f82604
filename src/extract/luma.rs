//! Samples as a file stores them -> one plane of luma (ITU-R BT.601, integer), alpha laid on white.

use crate::error::{Bound, Skip};
use crate::flow::Picture;
use crate::limits::Budget;
use crate::pixels::wide;

/// What the interleaved samples of one pixel mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Samples {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Ink: 0 is white.
    Cmyk,
    /// This many channels, of which the first is the brightness.
    FirstOf(usize),
}

impl Samples {
    pub(super) fn count(self) -> usize {
        match self {
            Samples::Grey => 1,
            Samples::GreyAlpha => 2,
            Samples::Rgb => 3,
            Samples::Rgba | Samples::Cmyk => 4,
            Samples::FirstOf(n) => n.max(1),
        }
    }

    /// Colour channels, alpha left out.
    pub(super) fn channels(self) -> u8 {
        match self {
            Samples::Grey | Samples::GreyAlpha => 1,
            Samples::Rgb | Samples::Rgba => 3,
            Samples::Cmyk => 4,
            Samples::FirstOf(n) => n.min(255) as u8,
        }
    }
}

/// BT.601 with weights of 8 bits: 77 + 150 + 29 = 256, so white stays 255.
#[inline(always)]
pub(super) fn of_rgb(r: u8, g: u8, b: u8) -> u8 {
    ((77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b) + 128) >> 8) as u8
}

#[inline(always)]
fn on_white(luma: u8, alpha: u8) -> u8 {
    let (luma, alpha) = (u32::from(luma), u32::from(alpha));
    ((luma * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// One pixel's samples, 8 bits each.
pub(super) fn of_pixel(samples: Samples, pixel: &[u8]) -> u8 {
    match (samples, pixel) {
        (Samples::GreyAlpha, &[grey, alpha]) => on_white(grey, alpha),
        (Samples::Rgb, &[r, g, b]) => of_rgb(r, g, b),
        (Samples::Rgba, &[r, g, b, alpha]) => on_white(of_rgb(r, g, b), alpha),
        (Samples::Cmyk, &[c, m, y, k]) => {
            let light = |ink: u8| ((255 - u32::from(ink)) * (255 - u32::from(k)) / 255) as u8;
            of_rgb(light(c), light(m), light(y))
        }
        (_, &[first, ..]) => first,
        (_, &[]) => 255,
    }
}

/// A whole picture of 8-bit samples.
pub(super) fn plane(samples: Samples, data: Vec<u8>) -> Vec<u8> {
    if samples == Samples::Grey {
        return data;
    }
    let mut luma = vec![0u8; data.len() / samples.count()];
    // Kinds of samples are told apart once a picture, not once a pixel.
    match samples {
        Samples::Rgb => wide(
            #[inline(always)]
            || {
                for (luma, &[r, g, b]) in luma.iter_mut().zip(data.as_chunks::<3>().0) {
                    *luma = of_rgb(r, g, b);
                }
            },
        ),
        Samples::Rgba => wide(
            #[inline(always)]
            || {
                for (luma, &[r, g, b, alpha]) in luma.iter_mut().zip(data.as_chunks::<4>().0) {
                    *luma = on_white(of_rgb(r, g, b), alpha);
                }
            },
        ),
        _ => {
            for (luma, pixel) in luma.iter_mut().zip(data.chunks_exact(samples.count())) {
                *luma = of_pixel(samples, pixel);
            }
        }
    }
    luma
}

/// Pixels that the colour of a picture is told from.
const SATURATION_SAMPLES: usize = 20_000;

/// The largest minus the smallest of R, G and B that the most colourful fiftieth of a coarse sample
/// reaches: a stamp or a card on a white sheet counts, the noise of single pixels does not. `None`
/// where the samples are no colours of light.
pub(super) fn saturation(samples: Samples, data: &[u8]) -> Option<u8> {
    if !matches!(samples, Samples::Rgb | Samples::Rgba) {
        return None;
    }
    let pixels = data.len() / samples.count();
    // An odd step wanders over the columns.
    let step = (pixels / SATURATION_SAMPLES).max(1) | 1;
    let mut of_each: Vec<u8> = data
        .chunks_exact(samples.count())
        .step_by(step)
        .filter_map(|pixel| match pixel {
            &[r, g, b, ..] => Some(r.max(g).max(b) - r.min(g).min(b)),
            _ => None,
        })
        .collect();
    let rank = of_each.len() - of_each.len() / 50;
    let at = rank.checked_sub(1)?;
    Some(*of_each.select_nth_unstable(at).1)
}

/// 16-bit samples to 8 bits.
pub(super) fn narrow(data: &[u16]) -> Vec<u8> {
    data.iter().map(|v| (v >> 8) as u8).collect()
}

/// Checks a picture's size, and what decoding it takes, and gives the length of its plane.
///
/// Pictures are not charged as unpacked bytes: a blank fax page is a thousand times its file, and
/// is gone again before the next is looked at. Their bounds are the pixels of one, the time of
/// all, and [`Held`] where one file gives many at once.
pub(super) fn reserve(
    width: u32,
    height: u32,
    bytes_per_pixel: u64,
    format: &'static str,
    budget: &Budget,
) -> Result<usize, Skip> {
    if width == 0 || height == 0 {
        return Err(Skip::damaged(format, "picture without pixels"));
    }
    budget.pixels(u64::from(width), u64::from(height))?;
    let pixels = u64::from(width) * u64::from(height);
    let max = budget.limits().max_expanded_bytes;
    if pixels.saturating_mul(bytes_per_pixel) > max {
        return Err(Skip::OverBudget(Bound::ExpandedBytes(max)));
    }
    usize::try_from(pixels).map_err(|_| Skip::damaged(format, "picture too large"))
}

/// Planes that one file has given and that are in memory together.
#[derive(Debug, Default)]
pub(super) struct Held(u64);

impl Held {
    pub(super) fn add(&mut self, picture: &Picture, budget: &Budget) -> Result<(), Skip> {
        self.0 = self.0.saturating_add(picture.luma.len() as u64);
        let max = budget.limits().max_expanded_bytes;
        if self.0 > max { Err(Skip::OverBudget(Bound::ExpandedBytes(max))) } else { Ok(()) }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_and_white_stay_what_they_are() {
        assert_eq!(of_rgb(0, 0, 0), 0);
        assert_eq!(of_rgb(255, 255, 255), 255);
        assert_eq!(of_pixel(Samples::Cmyk, &[0, 0, 0, 255]), 0);
        assert_eq!(of_pixel(Samples::Cmyk, &[0, 0, 0, 0]), 255);
        assert_eq!(of_pixel(Samples::Rgba, &[0, 0, 0, 0]), 255);
        assert_eq!(of_pixel(Samples::GreyAlpha, &[7, 255]), 7);
    }

    #[test]
    fn a_picture_is_refused_before_it_is_allocated() {
        let budget = Budget::new(&crate::limits::Limits::default(), 100);
        assert!(matches!(reserve(60_000, 60_000, 1, "png", &budget), Err(Skip::OverBudget(_))));
        assert!(reserve(0, 5, 1, "png", &budget).is_err());
    }
}
