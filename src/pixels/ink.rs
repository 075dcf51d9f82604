//! Ink: what is darker than its surroundings, and the connected pieces of it.
//!
//! The surroundings are the mean over a box a little larger than a letter, so that a shadow, a
//! tinted card on white paper and a lamp's gradient all cancel. Pieces are found from runs of
//! one row and their neighbours in the row above (8-connected): one pass, no recursion.

use super::wide::wide;
use super::{Plane, PlaneBuf};

/// One connected piece of ink: its box, ends excluded, and its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob {
    pub x0: u32,
    pub y0: u32,
    pub x1: u32,
    pub y1: u32,
    pub area: u32,
}

impl Blob {
    pub fn width(&self) -> u32 {
        self.x1 - self.x0
    }

    pub fn height(&self) -> u32 {
        self.y1 - self.y0
    }

    fn join(&mut self, other: &Blob) {
        self.x0 = self.x0.min(other.x0);
        self.y0 = self.y0.min(other.y0);
        self.x1 = self.x1.max(other.x1);
        self.y1 = self.y1.max(other.y1);
        self.area = self.area.saturating_add(other.area);
    }
}

/// Whether print is darker than paper, or lighter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    Dark,
    Light,
}

/// Half the side of the box, in half-size pixels: a letter of 20 px with its surroundings.
const RADIUS: usize = 10;
/// What print differs from its surroundings by at least, in grey steps; and the part of the
/// surroundings' brightness that is added to it.
const MIN_CONTRAST: i16 = 5;
const CONTRAST_SHARE: i16 = 20;
/// Noise raises the bar by so many of its steps.
const NOISE_STEPS: i16 = 2;
/// Every so manieth row is looked at to learn the noise.
const NOISE_ROWS: usize = 16;
/// Runs kept: four times a page of small print. Beyond that it is texture.
const MAX_RUNS: usize = 400_000;

/// The pieces of ink of a plane, top to bottom, down to `smallest` px of height; `half` is the
/// plane at half size. Pieces that touch the border are kept. `None` where all is texture: noise, a
/// halftone; at half the size it may be smooth.
pub fn blobs(plane: Plane<'_>, half: Plane<'_>, print: Print, smallest: u32) -> Option<Vec<Blob>> {
    wide(
        #[inline(always)]
        || found(plane, half, print, smallest),
    )
}

#[inline(always)]
fn found(plane: Plane<'_>, half: Plane<'_>, print: Print, smallest: u32) -> Option<Vec<Blob>> {
    let around = box_mean(half, RADIUS);
    let around = around.plane();
    let noise = i16::from(noise(plane)) * NOISE_STEPS;
    // Beyond this a pixel is ink. Two pixels share a mean, and two rows; an odd last column takes that of
    // its neighbour.
    let limit = |mean: u8| {
        let bar = (MIN_CONTRAST + noise).wrapping_add(i16::from(mean) / CONTRAST_SHARE);
        match print {
            Print::Dark => i16::from(mean).wrapping_sub(bar).max(0) as u8,
            Print::Light => i16::from(mean).wrapping_add(bar).min(255) as u8,
        }
    };
    let mut limits = vec![0u8; plane.width];
    let mut pieces = Pieces::default();
    let mut ink = vec![0u8; plane.width];
    for y in 0..plane.height {
        if y.is_multiple_of(2) {
            let means = around.row((y / 2).min(around.height - 1));
            let (pairs, rest) = limits.as_chunks_mut::<2>();
            for (pair, &mean) in pairs.iter_mut().zip(means) {
                *pair = [limit(mean); 2];
            }
            if let (Some(last), Some(&mean)) = (rest.first_mut(), means.last()) {
                *last = limit(mean);
            }
        }
        let marks = ink.iter_mut().zip(plane.row(y)).zip(&limits);
        match print {
            Print::Dark => marks.for_each(|((mark, px), limit)| *mark = u8::from(px < limit)),
            Print::Light => marks.for_each(|((mark, px), limit)| *mark = u8::from(px > limit)),
        }
        pieces.row(y as u32, &ink);
        if pieces.runs > MAX_RUNS {
            return None;
        }
    }
    Some(pieces.finish(smallest))
}

/// How far a pixel differs from the middle of its neighbours, where it differs little from
/// them: the median of flat places. 0 on drawn pictures, 1 to 3 on scans and photos.
#[inline(always)]
fn noise(plane: Plane<'_>) -> u8 {
    let mut counts = [0u32; 16];
    for y in (0..plane.height).step_by(NOISE_ROWS) {
        for w in plane.row(y).windows(3) {
            let middle = (u16::from(w[0]) + u16::from(w[2])) / 2;
            let off = middle.abs_diff(u16::from(w[1]));
            if let Some(count) = counts.get_mut(usize::from(off)) {
                *count += 1;
            }
        }
    }
    let half = counts.iter().sum::<u32>() / 2;
    let mut sum = 0;
    for (off, count) in counts.iter().enumerate() {
        sum += count;
        if sum > half {
            return off as u8;
        }
    }
    0
}

/// The mean over a square of `2 radius + 1` pixels, cut off at the edges.
#[inline(always)]
fn box_mean(plane: Plane<'_>, radius: usize) -> PlaneBuf {
    let (width, height) = (plane.width, plane.height);
    let mut columns = vec![0u32; width];
    let mut data = vec![0u8; width * height];
    let mut prefix = vec![0u32; width + 1];
    let mut tall = 0u32;
    for y in 0..height + radius {
        if y < height {
            let row = columns.iter_mut().zip(plane.row(y));
            row.for_each(|(c, &px)| *c = c.wrapping_add(u32::from(px)));
            tall += 1;
        }
        if y > 2 * radius {
            let gone = plane.row(y - 2 * radius - 1);
            let row = columns.iter_mut().zip(gone);
            row.for_each(|(c, &px)| *c = c.wrapping_sub(u32::from(px)));
            tall -= 1;
        }
        if y < radius {
            continue;
        }
        let mut sum = 0u32;
        for (p, &c) in prefix.iter_mut().skip(1).zip(&columns) {
            sum = sum.wrapping_add(c);
            *p = sum;
        }
        let inner = 2 * radius + 1;
        let edge = |x: usize| {
            let (a, b) = (x.saturating_sub(radius), (x + radius + 1).min(width));
            let sum = prefix[b] - prefix[a];
            (sum / (((b - a) as u32) * tall.max(1))).min(255) as u8
        };
        let left = radius.min(width);
        let right = width.saturating_sub(radius).max(left);
        let Some(out) = data.get_mut((y - radius) * width..).and_then(|d| d.get_mut(..width))
        else {
            break;
        };
        for x in (0..left).chain(right..width) {
            out[x] = edge(x);
        }
        // The middle has full boxes: one division becomes a multiplication.
        let share = 1.0 / ((inner as u32) * tall.max(1)) as f32;
        let middle = prefix.get(inner..).unwrap_or(&[]).iter().zip(&prefix);
        for (out, (b, a)) in out.iter_mut().take(right).skip(left).zip(middle) {
            // The whole part, by adding what leaves no room for the other: a cast that minds what is
            // no number would not compile to vectors.
            let mean = (b.wrapping_sub(*a) as i32 as f32 * share).floor();
            *out = (mean + 8_388_608.0).to_bits() as u8;
        }
    }
    PlaneBuf { width, height, data }
}

/// Runs of ink being joined into pieces.
#[derive(Default)]
struct Pieces {
    /// Of each piece or what was joined into another: its parent, itself if none.
    parent: Vec<u32>,
    blob: Vec<Blob>,
    /// Runs of the row above: first, end, piece.
    above: Vec<(u32, u32, u32)>,
    here: Vec<(u32, u32, u32)>,
    runs: usize,
}

impl Pieces {
    fn row(&mut self, y: u32, ink: &[u8]) {
        self.here.clear();
        let mut at = 0;
        let mut over = 0;
        while let Some(start) = ink.get(at..).and_then(|rest| memchr::memchr(1, rest)) {
            let first = at + start;
            let rest = ink.get(first..).unwrap_or(&[]);
            let end = first + memchr::memchr(0, rest).unwrap_or(rest.len());
            at = end;
            let (first, end) = (first as u32, end as u32);
            let run = Blob { x0: first, y0: y, x1: end, y1: y + 1, area: end - first };
            // Those above that touch it, corners included.
            while self.above.get(over).is_some_and(|a| a.1 < first) {
                over += 1;
            }
            let mut piece = None;
            let mut k = over;
            while let Some(&(a, _, of)) = self.above.get(k) {
                if a > end {
                    break;
                }
                let root = self.root(of);
                piece = Some(piece.map_or(root, |p| self.join(p, root)));
                k += 1;
            }
            let piece = match piece {
                Some(p) => {
                    if let Some(blob) = self.blob.get_mut(p as usize) {
                        blob.join(&run);
                    }
                    p
                }
                None => {
                    let new = self.blob.len() as u32;
                    self.parent.push(new);
                    self.blob.push(run);
                    new
                }
            };
            self.here.push((first, end, piece));
        }
        self.runs += self.here.len();
        std::mem::swap(&mut self.above, &mut self.here);
    }

    fn root(&mut self, mut piece: u32) -> u32 {
        while let Some(&up) = self.parent.get(piece as usize) {
            if up == piece {
                break;
            }
            // Halving the path keeps it short.
            let upper = self.parent.get(up as usize).copied().unwrap_or(up);
            if let Some(p) = self.parent.get_mut(piece as usize) {
                *p = upper;
            }
            piece = upper;
        }
        piece
    }

    fn join(&mut self, a: u32, b: u32) -> u32 {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return a;
        }
        let (keep, gone) = (a.min(b), a.max(b));
        let lost = self.blob.get(gone as usize).copied();
        if let (Some(blob), Some(lost)) = (self.blob.get_mut(keep as usize), lost) {
            blob.join(&lost);
        }
        if let Some(p) = self.parent.get_mut(gone as usize) {
            *p = keep;
        }
        keep
    }

    fn finish(self, smallest: u32) -> Vec<Blob> {
        let alive = (0u32..).zip(&self.parent).zip(self.blob);
        alive
            .filter(|((i, parent), _)| i == *parent)
            .map(|(_, blob)| blob)
            .filter(|blob| blob.width().max(blob.height()) >= smallest)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize, ink: impl Fn(usize, usize) -> bool) -> Vec<u8> {
        let at = |i: usize| (i % width, i / width);
        // A slope of light from 120 to 240: no one threshold parts print from paper.
        (0..width * height)
            .map(|i| {
                let (x, y) = at(i);
                let paper = 120 + 120 * x / width;
                (if ink(x, y) { paper * 2 / 3 } else { paper }) as u8
            })
            .collect()
    }

    fn of(width: usize, height: usize, data: &[u8]) -> Vec<Blob> {
        let plane = Plane::new(width, height, data).unwrap();
        let half = plane.halved().unwrap();
        blobs(plane, half.plane(), Print::Dark, 3).unwrap()
    }

    #[test]
    fn letters_are_found_on_uneven_paper() {
        let (w, h) = (301, 90);
        let data = picture(w, h, |x, y| (40..52).contains(&y) && x > 20 && x < 280 && x % 12 < 5);
        let found = of(w, h, &data);
        assert_eq!(found.len(), 22);
        for blob in &found {
            assert!((blob.height(), blob.y0) == (12, 40) && blob.width() >= 3, "{blob:?}");
        }
    }

    #[test]
    fn pieces_that_meet_lower_down_are_one() {
        // A letter like U, and one like n beside it.
        let cup = |x: usize, y: usize| {
            let side = (50..53).contains(&x) || (60..63).contains(&x);
            (30..44).contains(&y) && side || (44..47).contains(&y) && (50..63).contains(&x)
        };
        let arch = |x: usize, y: usize| cup(x.wrapping_sub(30), 76usize.wrapping_sub(y));
        let data = picture(200, 80, |x, y| cup(x, y) || arch(x, y));
        let found = of(200, 80, &data);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|b| (b.width(), b.height()) == (13, 17)), "{found:?}");
    }

    #[test]
    fn texture_is_told() {
        let data: Vec<u8> =
            (0..1000 * 1000).map(|i: usize| if i.is_multiple_of(2) { 20 } else { 230 }).collect();
        let plane = Plane::new(1000, 1000, &data).unwrap();
        let half = plane.halved().unwrap();
        assert!(blobs(plane, half.plane(), Print::Dark, 3).is_none());
    }

    #[test]
    fn light_print_is_ink_where_it_is_asked_for() {
        let data: Vec<u8> = picture(200, 60, |x, y| (20..32).contains(&y) && x % 15 < 4)
            .into_iter()
            .map(|v| 255 - v)
            .collect();
        let plane = Plane::new(200, 60, &data).unwrap();
        let half = plane.halved().unwrap();
        let count = |print| {
            let found = blobs(plane, half.plane(), print, 3).unwrap();
            found.iter().filter(|b| b.height() == 12 && b.width() <= 5).count()
        };
        assert!(count(Print::Light) >= 12);
        assert_eq!(count(Print::Dark), 0);
    }
}
