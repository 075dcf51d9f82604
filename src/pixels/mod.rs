//! Grey planes: shrinking, rows of text, their pitch, strips cut along them, traces of copying.
//!
//! Pure functions. Coordinates are `(x, y)` in pixels, the centre of the first pixel at (0, 0);
//! angles are tangents. Nothing here knows what is written.

mod align;
mod askew;
mod ink;
mod lines;
mod pitch;
mod rows;
mod slant;
mod strip;
mod traces;
mod wide;

pub use align::aligned;
pub use askew::{Askew, askew};
pub use ink::{Blob, Print, blobs};
pub use lines::{TextLine, text_lines};
pub use pitch::{Pitch, pitch_of};
pub use rows::{Axis, Row, rows};
pub use slant::{Direction, Turned, directions};
pub use strip::{Path, Strip};
pub use traces::Traces;

pub use wide::wide;

/// Rows of pixels that may be summed up into one without overflow, with room to spare.
const MAX_SHRINK: usize = 16_000;

/// Sides of which places in 65,536ths of a pixel have room in 31 bits.
const MAX_FIXED: usize = 32_000;

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

    /// The sum of `n` pixels from (x, y) on to the right; what lies outside counts nothing.
    fn beside(&self, x: usize, y: usize, n: usize) -> u32 {
        let row = self.row(y);
        let part = row.get(x..(x + n).min(row.len())).unwrap_or(&[]);
        part.iter().fold(0, |sum, &px| sum + u32::from(px))
    }

    /// The same from (x, y) on down.
    fn below(&self, x: usize, y: usize, n: usize) -> u32 {
        if x >= self.width || y >= self.height {
            return 0;
        }
        let part = self.data.get(y * self.width + x..).unwrap_or(&[]);
        part.iter().step_by(self.width).take(n).fold(0, |sum, &px| sum + u32::from(px))
    }

    /// The pixel at a place; outside, the nearest edge.
    pub fn nearest(&self, x: isize, y: isize) -> u8 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.data[y * self.width + x]
    }

    /// As [`Plane::at`], for places within the plane in 65,536ths of a pixel, and in as many of a grey
    /// step.
    #[inline(always)]
    fn between(&self, x: u32, y: u32) -> u32 {
        let (fx, fy) = (x >> 8 & 255, y >> 8 & 255);
        let at = ((y >> 16) as usize).wrapping_mul(self.width).wrapping_add((x >> 16) as usize);
        let mix = |a: u8, b: u8| {
            u32::from(a).wrapping_mul(256 - fx).wrapping_add(u32::from(b).wrapping_mul(fx))
        };
        let rows = |top: u32, bottom: u32| {
            top.wrapping_mul(256 - fy).wrapping_add(bottom.wrapping_mul(fy))
        };
        // All four at once, with one check.
        let around = self.data.get(at..at.wrapping_add(self.width).wrapping_add(2));
        if let Some(&[a, b, .., c, d]) = around {
            return rows(mix(a, b), mix(c, d));
        }
        let pair = |at: usize| match self.data.get(at..at.wrapping_add(2)) {
            Some(&[a, b]) => mix(a, b),
            // The last pixel of all has none beside it.
            _ => self.data.get(at).map_or(0, |&a| u32::from(a) << 8),
        };
        let (top, below) = (pair(at), at.wrapping_add(self.width));
        rows(top, if below < self.data.len() { pair(below) } else { top })
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

    /// Adds to each of `sums` what [`Plane::at`] is at `points` places, which lie one after the other
    /// on the way from one place to another, the end left out.
    fn add_along(&self, from: (f32, f32), to: (f32, f32), points: usize, sums: &mut [f32]) {
        let count = (sums.len() * points).max(1) as f32;
        let step = ((to.0 - from.0) / count, (to.1 - from.1) / count);
        let inside = |(x, y): (f32, f32)| {
            (0.0..(self.width - 1) as f32).contains(&x)
                && (0.0..(self.height - 1) as f32).contains(&y)
                && self.width.max(self.height) <= MAX_FIXED
        };
        if !inside(from) || !inside(to) {
            let (mut x, mut y) = from;
            for sum in sums {
                for _ in 0..points {
                    *sum += self.at(x, y);
                    (x, y) = (x + step.0, y + step.1);
                }
            }
            return;
        }
        // With no edge to mind and no fraction to convert, a third of the time.
        let fixed = |v: f32| (v * 65_536.0) as u32;
        let (mut x, mut y) = (fixed(from.0), fixed(from.1));
        let (dx, dy) = ((step.0 * 65_536.0) as i32 as u32, (step.1 * 65_536.0) as i32 as u32);
        for sum in sums {
            let mut here = 0u32;
            for _ in 0..points {
                here = here.wrapping_add(self.between(x, y));
                (x, y) = (x.wrapping_add(dx), y.wrapping_add(dy));
            }
            *sum += here as f32 / 65536.0;
        }
    }

    /// The mean of the pixels under each new one, with the long side brought down to `side_px`.
    /// `None` where it is no longer than that already, or beyond [`MAX_SHRINK`]. A quarter of a
    /// nanosecond a pixel where it is many times longer.
    pub fn shrunk(&self, side_px: usize) -> Option<PlaneBuf> {
        let long = self.width.max(self.height);
        if side_px == 0 || long <= side_px || long / side_px > MAX_SHRINK {
            return None;
        }
        let to = |n: usize| (n * side_px).div_ceil(long).max(1);
        // Whole blocks first, which is quick; the rest in fractions of a pixel.
        let block = long / side_px;
        let boxed = self.boxed(block);
        let from = boxed.as_ref().map_or(*self, PlaneBuf::plane);
        let part = |n: usize| if boxed.is_some() { n as f64 / block as f64 } else { n as f64 };
        let columns = spans(part(self.width), from.width, to(self.width));
        let rows = spans(part(self.height), from.height, to(self.height));
        Some(from.weighed(&columns, &rows))
    }

    /// Each pixel the mean of `block` x `block`; what is left over at the right and the bottom is
    /// dropped. `None` where blocks are single pixels or larger than the plane.
    fn boxed(&self, block: usize) -> Option<PlaneBuf> {
        let (width, height) = (self.width.checked_div(block)?, self.height.checked_div(block)?);
        if block < 2 || width == 0 || height == 0 {
            return None;
        }
        let mut data = vec![0u8; width * height];
        wide(
            #[inline(always)]
            || match block {
                // Sums of few rows have room in 16 bits, and so in twice as many lanes.
                2 => self.small_boxes(&mut data, width, |[a, b]| (a.wrapping_add(b) / 4) as u8),
                3 => self.small_boxes(&mut data, width, |[a, b, c]| {
                    (a.wrapping_add(b).wrapping_add(c) / 9) as u8
                }),
                _ => self.large_boxes(&mut data, width, block),
            },
        );
        Some(PlaneBuf { width, height, data })
    }

    #[inline(always)]
    fn small_boxes<const N: usize>(
        &self,
        data: &mut [u8],
        width: usize,
        mean: impl Fn([u16; N]) -> u8,
    ) {
        let mut sums = vec![0u16; width * N];
        for (y, out) in data.chunks_exact_mut(width).enumerate() {
            sums.fill(0);
            for y in y * N..(y + 1) * N {
                for (sum, &px) in sums.iter_mut().zip(self.row(y)) {
                    *sum = sum.wrapping_add(u16::from(px));
                }
            }
            for (out, under) in out.iter_mut().zip(sums.as_chunks::<N>().0) {
                *out = mean(*under);
            }
        }
    }

    #[inline(always)]
    fn large_boxes(&self, data: &mut [u8], width: usize, block: usize) {
        let mut sums = vec![0u32; width * block];
        // 65,535 holds the sum of 257 rows.
        let mut part = vec![0u16; width * block];
        let area = (block as u64).pow(2);
        for (y, out) in data.chunks_exact_mut(width).enumerate() {
            sums.fill(0);
            for rows in (y * block..(y + 1) * block).step_by(128) {
                part.fill(0);
                for y in rows..(rows + 128).min((y + 1) * block) {
                    for (sum, &px) in part.iter_mut().zip(self.row(y)) {
                        *sum = sum.wrapping_add(u16::from(px));
                    }
                }
                for (sum, &part) in sums.iter_mut().zip(&part) {
                    *sum = sum.wrapping_add(u32::from(part));
                }
            }
            for (out, under) in out.iter_mut().zip(sums.chunks_exact(block)) {
                let sum: u64 = under.iter().map(|&s| u64::from(s)).sum();
                *out = ((sum + area / 2) / area) as u8;
            }
        }
    }

    /// Each pixel the weighed mean of some columns of some rows.
    fn weighed(&self, columns: &[Span], rows: &[Span]) -> PlaneBuf {
        let mut data = vec![0u8; columns.len() * rows.len()];
        wide(
            #[inline(always)]
            || self.weigh(columns, rows, &mut data),
        );
        PlaneBuf { width: columns.len(), height: rows.len(), data }
    }

    #[inline(always)]
    fn weigh(&self, columns: &[Span], rows: &[Span], data: &mut [u8]) {
        // Weights sum up to 256, so 16 bits hold the sums. Room for the last span to reach beyond the
        // last column.
        let mut sums = vec![0u16; self.width + SPAN];
        for (row, out) in rows.iter().zip(data.chunks_exact_mut(columns.len().max(1))) {
            sums.fill(0);
            for (y, &weight) in (row.first..).zip(&row.weights).filter(|(_, w)| **w > 0) {
                for (sum, &px) in sums.iter_mut().zip(self.row(y)) {
                    *sum = sum.wrapping_add(u16::from(px).wrapping_mul(weight));
                }
            }
            for (out, column) in out.iter_mut().zip(columns) {
                let under = sums.get(column.first..).and_then(|s| s.first_chunk::<SPAN>());
                // One load of four numbers; first and third, and the others, lie apart in it.
                let [a, b, c, d] = under.copied().unwrap_or_default().map(u64::from);
                let four = a | b << 16 | c << 32 | d << 48;
                // Two products at once: their sum stands in the upper half, over what is too small
                // to reach it.
                let outer = (four & EVERY_OTHER).wrapping_mul(column.outer);
                let inner = (four >> 16 & EVERY_OTHER).wrapping_mul(column.inner);
                *out = (outer.wrapping_add(inner).wrapping_add(1 << 47) >> 48) as u8;
            }
        }
    }

    /// Half the size, each pixel the mean of four. `None` under 2 x 2 pixels.
    pub fn halved(&self) -> Option<PlaneBuf> {
        let (width, height) = (self.width / 2, self.height / 2);
        if width == 0 || height == 0 {
            return None;
        }
        let mut data = vec![0u8; width * height];
        wide(
            #[inline(always)]
            || {
                for (y, out) in data.chunks_exact_mut(width).enumerate() {
                    // Two pixels as one number: so this compiles to vectors.
                    let (a, b) = (
                        self.row(2 * y).as_chunks::<2>().0,
                        self.row(2 * y + 1).as_chunks::<2>().0,
                    );
                    for (out, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
                        let [top, bottom] = [a, b]
                            .map(u16::from_ne_bytes)
                            .map(|two| (two & 255).wrapping_add(two >> 8));
                        *out = (top.wrapping_add(bottom).wrapping_add(2) >> 2) as u8;
                    }
                }
            },
        );
        Some(PlaneBuf { width, height, data })
    }
}

/// Old pixels that one new pixel may lie over: less than twice as wide as they are, it covers
/// three of them at most; one more for what rounding does.
const SPAN: usize = 4;
/// The first and the third of four numbers of 16 bits.
const EVERY_OTHER: u64 = 0x0000_ffff_0000_ffff;

/// Neighbouring pixels that one new pixel is made of.
struct Span {
    first: usize,
    /// How many 256ths of the new pixel each makes.
    weights: [u16; SPAN],
    /// The first and third of them, and the others, the later one in the lower half.
    outer: u64,
    inner: u64,
}

/// For each of `to` places what lies under it, of `from` pixels of which `have` are there.
fn spans(from: f64, have: usize, to: usize) -> Vec<Span> {
    let edge = |i: usize| i as f64 * from / to as f64;
    (0..to)
        .map(|i| {
            let (start, end) = (edge(i), edge(i + 1).min(have as f64));
            let first = (start as usize).min(have.saturating_sub(1));
            let mut under = [0.0f64; SPAN];
            for (under, x) in under.iter_mut().zip(first..have) {
                *under = (end.min(x as f64 + 1.0) - start.max(x as f64)).max(0.0);
            }
            let all = under.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            let mut weights = under.map(|under| (256.0 * under / all) as u16);
            // What rounding down left over is the widest one's.
            let widest = (0..SPAN).max_by(|&a, &b| under[a].total_cmp(&under[b])).unwrap_or(0);
            weights[widest] += 256 - weights.iter().sum::<u16>();
            let [a, b, c, d] = weights.map(u64::from);
            Span { first, weights, outer: c | a << 32, inner: d | b << 32 }
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
