//! Grey planes: shrinking, rows of text, their pitch, strips cut along them, traces of copying.
//!
//! Pure functions. Coordinates are `(x, y)` in pixels, the centre of the first pixel at (0, 0);
//! angles are tangents. Nothing here knows what is written.

mod align;
mod ink;
mod lines;
mod pitch;
mod rows;
mod strip;
mod traces;

pub use align::aligned;
pub use ink::{Blob, Print, blobs};
pub use lines::{TextLine, text_lines};
pub use pitch::{Pitch, pitch_of};
pub use rows::{Axis, Row, rows};
pub use strip::{Path, Strip};
pub use traces::Traces;

/// Rows of pixels that may be summed up into one without overflow, with room to spare.
const MAX_SHRINK: usize = 16_000;

/// One plane of luma, borrowed: row by row, 0 black.
#[derive(Clone, Copy)]
pub struct Plane<'a> {
    pub width: usize,
    pub height: usize,
    data: &'a [u8],
}

/// One plane of luma, owned.
pub struct PlaneBuf {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl<'a> Plane<'a> {
    /// `None` where `data` is not `width * height` bytes, or there is no pixel.
    pub fn new(width: usize, height: usize, data: &'a [u8]) -> Option<Plane<'a>> {
        (width.checked_mul(height)? == data.len() && !data.is_empty()).then_some(Plane {
            width,
            height,
            data,
        })
    }

    /// Row `y`; empty below the last.
    pub fn row(&self, y: usize) -> &'a [u8] {
        y.checked_mul(self.width)
            .and_then(|from| self.data.get(from..from + self.width))
            .unwrap_or(&[])
    }

    /// The pixel at a place; outside, the nearest edge.
    pub fn nearest(&self, x: isize, y: isize) -> u8 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.data[y * self.width + x]
    }

    /// Between the pixels, by bilinear weights; outside, the nearest edge.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x.max(0.0), y.max(0.0));
        let (x0, y0) = (x as usize, y as usize);
        let mix = |a: u8, b: u8, part: f32| f32::from(a) + (f32::from(b) - f32::from(a)) * part;
        if x0 + 1 < self.width && y0 + 1 < self.height {
            let i = y0 * self.width + x0;
            let pair = |i: usize| self.data.get(i..i + 2);
            if let (Some(&[a, b]), Some(&[c, d])) = (pair(i), pair(i + self.width)) {
                let (fx, fy) = (x - x0 as f32, y - y0 as f32);
                let (top, bottom) = (mix(a, b, fx), mix(c, d, fx));
                return top + (bottom - top) * fy;
            }
        }
        // On the last row or column there is one neighbour or none.
        let (x, y) = (x.min((self.width - 1) as f32), y.min((self.height - 1) as f32));
        let px = |x: f32, y: f32| self.nearest(x as isize, y as isize);
        if y >= (self.height - 1) as f32 {
            return mix(px(x, y), px(x + 1.0, y), x.fract());
        }
        mix(px(x, y), px(x, y + 1.0), y.fract())
    }

    /// The mean of the pixels under each new one, with the long side brought down to `side_px`.
    /// `None` where it is no longer than that already, or beyond [`MAX_SHRINK`]. One pass, about
    /// a nanosecond a pixel.
    pub fn shrunk(&self, side_px: usize) -> Option<PlaneBuf> {
        let long = self.width.max(self.height);
        if side_px == 0 || long <= side_px || long / side_px > MAX_SHRINK {
            return None;
        }
        let to = |n: usize| (n * side_px).div_ceil(long).max(1);
        let (width, height) = (to(self.width), to(self.height));
        let (columns, rows) = (spans(self.width, width), spans(self.height, height));
        let mut data = Vec::with_capacity(width * height);
        let mut sums = vec![0u32; self.width];
        for (from, weights) in &rows {
            sums.fill(0);
            for (y, &weight) in (*from..).zip(weights) {
                for (sum, &px) in sums.iter_mut().zip(self.row(y)) {
                    *sum += u32::from(px) * u32::from(weight);
                }
            }
            let tall: u64 = weights.iter().map(|&w| u64::from(w)).sum();
            data.extend(columns.iter().map(|(from, weights)| {
                let under = sums.iter().skip(*from).zip(weights);
                let (sum, wide) = under.fold((0u64, 0u64), |(sum, wide), (&s, &w)| {
                    (sum + u64::from(s) * u64::from(w), wide + u64::from(w))
                });
                (sum / (tall * wide).max(1)) as u8
            }));
        }
        Some(PlaneBuf { width, height, data })
    }

    /// Half the size, each pixel the mean of four. `None` under 2 x 2 pixels.
    pub fn halved(&self) -> Option<PlaneBuf> {
        let (width, height) = (self.width / 2, self.height / 2);
        if width == 0 || height == 0 {
            return None;
        }
        let mut data = Vec::with_capacity(width * height);
        for y in 0..height {
            let (a, b) = (self.row(2 * y), self.row(2 * y + 1));
            data.extend(a.chunks_exact(2).zip(b.chunks_exact(2)).take(width).map(|(a, b)| {
                let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
                ((sum + 2) / 4) as u8
            }));
        }
        Some(PlaneBuf { width, height, data })
    }
}

/// For each of `to` places, the first of the `from` pixels under it, and how much of each
/// lies under it, in 256ths.
fn spans(from: usize, to: usize) -> Vec<(usize, Vec<u16>)> {
    let edge = |i: usize| i as f64 * from as f64 / to as f64;
    (0..to)
        .map(|i| {
            let (start, end) = (edge(i), edge(i + 1).min(from as f64));
            let first = start as usize;
            let last = (end.ceil() as usize).clamp(first + 1, from);
            let weights = (first..last).map(|x| {
                let under = end.min(x as f64 + 1.0) - start.max(x as f64);
                (under * 256.0).round().clamp(0.0, 256.0) as u16
            });
            (first, weights.collect())
        })
        .collect()
}

impl PlaneBuf {
    pub fn plane(&self) -> Plane<'_> {
        Plane { width: self.width, height: self.height, data: &self.data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_must_have_its_pixels() {
        assert!(Plane::new(2, 2, &[0; 4]).is_some());
        assert!(Plane::new(2, 2, &[0; 5]).is_none());
        assert!(Plane::new(0, 2, &[]).is_none());
        assert!(Plane::new(usize::MAX, 2, &[0; 4]).is_none());
    }

    #[test]
    fn shrinking_keeps_the_mean() {
        let data: Vec<u8> = (0..400 * 300).map(|i| ((i % 400) / 2) as u8).collect();
        let plane = Plane::new(400, 300, &data).unwrap();
        let small = plane.shrunk(100).unwrap();
        assert_eq!((small.plane().width, small.plane().height), (100, 75));
        assert!((small.plane().at(50.0, 20.0) - 101.0).abs() < 2.0);
        assert!(plane.shrunk(400).is_none());
        let half = plane.halved().unwrap();
        assert!((half.plane().at(100.0, 20.0) - 100.0).abs() < 2.0);
    }

    #[test]
    fn outside_is_the_edge() {
        let data = [10, 20, 30, 40];
        let plane = Plane::new(2, 2, &data).unwrap();
        assert_eq!(plane.at(-5.0, -5.0), 10.0);
        assert_eq!(plane.at(9.0, 9.0), 40.0);
        assert_eq!(plane.at(0.5, 0.5), 25.0);
    }
}
