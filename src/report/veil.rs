//! A picture of which only the rough light and dark is left.
//!
//! What was found is covered by flat shapes, and its pixels do not even enter the means of what is
//! around. The rest becomes a mosaic of a few grey steps whose cells are too large for text, whether
//! it was found or not, and for a face. So nothing depends on every line having been found.

use crate::flow::Picture;
use crate::pixels::Plane;

use super::canvas::{Canvas, Point};

/// A cell is higher than the tallest line that was found by this: of a row of text nothing is left but
/// its mean.
const OVER_LINE: f32 = 1.5;
/// For text that was not found. Capitals can be made out from five cells of height on. A picture whose
/// short side is this many cells has no text of five cells in it.
const MAX_CELLS_SHORT: f32 = 4.5;
/// In a picture that is less narrow, six letters fill the long side when they are 3/12 of it high,
/// three cells. A face takes 14 x 18 cells of 16 greys to be recognised (Harmon and Julesz 1973).
const MAX_CELLS_LONG: f32 = 12.0;
/// However narrow the picture is, the long side has no more cells.
const MOST_CELLS: f32 = 48.0;
/// Grey steps. A mean told exactly narrows down what was written under it.
const STEPS: f32 = 6.0;
/// Means are taken from a smaller picture: they need no more.
const WORKING_SIDE_PX: usize = 600;
/// What a cell shows of which every pixel is covered, grey.
const UNKNOWN: u8 = 128;

/// Side of a cell in pixels of the picture; `line_px` is the height of the tallest line found.
pub(super) fn cell_px(width: u32, height: u32, line_px: f32) -> f32 {
    let (long, short) = (width.max(height) as f32, width.min(height) as f32);
    let blind = (short / MAX_CELLS_SHORT).min(long / MAX_CELLS_LONG);
    blind.max(long / MOST_CELLS).max(OVER_LINE * line_px).max(1.0)
}

/// The mosaic.
pub(super) struct Veil {
    /// Side of a cell in pixels of the picture.
    cell_px: f32,
    columns: usize,
    rows: usize,
    /// Row by row.
    greys: Vec<u8>,
}

impl Veil {
    /// `covered` are shapes, in pixels of the picture, whose content must not show.
    pub fn new(picture: &Picture, cell_px: f32, covered: &[[Point; 4]]) -> Veil {
        let cells = |px: u32| ((px as f32 / cell_px).ceil() as usize).max(1);
        let (columns, rows) = (cells(picture.width), cells(picture.height));
        let mut veil = Veil { cell_px, columns, rows, greys: vec![UNKNOWN; columns * rows] };
        let whole = Plane::new(picture.width as usize, picture.height as usize, &picture.luma);
        let Some(whole) = whole else { return veil };
        let shrunk = whole.shrunk(WORKING_SIDE_PX);
        let plane = shrunk.as_ref().map_or(whole, |s| s.plane());
        let scale = whole.width as f32 / plane.width as f32;
        let mut mask = Canvas::new(plane.width, plane.height, |_, _| CLEAR);
        for corners in covered {
            mask.fill(corners.map(|c| c.map(|v| v / scale)), COVERED);
            // A pixel of the small picture has some of what is beside it.
            mask.outline(corners.map(|c| c.map(|v| v / scale)), 3.0, COVERED);
        }
        let mask = mask.into_bytes();
        let mut sums = vec![(0u64, 0u64); veil.greys.len()];
        for y in 0..plane.height {
            let row = mask.chunks_exact(3).skip(y * plane.width);
            for (x, (&grey, mask)) in plane.row(y).iter().zip(row).enumerate() {
                let at = veil.index(x as f32 * scale, y as f32 * scale);
                if mask == CLEAR
                    && let Some((sum, n)) = sums.get_mut(at)
                {
                    (*sum, *n) = (*sum + u64::from(grey), *n + 1);
                }
            }
        }
        for (grey, (sum, n)) in veil.greys.iter_mut().zip(sums) {
            if n > 0 {
                *grey = stepped(sum as f32 / n as f32);
            }
        }
        veil
    }

    /// The grey at a place of the picture, in its pixels.
    pub fn at(&self, x: f32, y: f32) -> u8 {
        self.greys.get(self.index(x, y)).copied().unwrap_or(UNKNOWN)
    }

    fn index(&self, x: f32, y: f32) -> usize {
        let cell = |v: f32, n: usize| ((v / self.cell_px) as usize).min(n - 1);
        cell(y, self.rows) * self.columns + cell(x, self.columns)
    }
}

const CLEAR: [u8; 3] = [0; 3];
const COVERED: [u8; 3] = [1; 3];

fn stepped(grey: f32) -> u8 {
    let step = 255.0 / (STEPS - 1.0);
    ((grey / step).round() * step) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::PictureFacts;

    fn picture(width: u32, height: u32, grey: impl Fn(u32, u32) -> u8) -> Picture {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let luma = places.map(|(x, y)| grey(x, y)).collect();
        Picture { width, height, luma, facts: PictureFacts::default() }
    }

    #[test]
    fn cells_are_too_large_for_text_that_was_found_and_for_text_that_was_not() {
        assert!(cell_px(1240, 1754, 0.0) >= 1754.0 / 12.0);
        assert!(cell_px(1240, 1754, 200.0) >= 300.0);
        // A strip with one line of text: not even five cells high.
        assert!(cell_px(1000, 120, 0.0) >= 120.0 / 4.5);
        for (width, height) in [(1, 1), (1, 90_000), (20_000, 3), (640, 480), (300, 299)] {
            let cell = cell_px(width, height, 0.0);
            let long = width.max(height) as f32;
            assert!(cell >= long / 48.0 && cell >= 1.0, "{width} x {height}: {cell}");
        }
    }

    #[test]
    fn light_and_dark_are_left_and_no_detail() {
        let halves = picture(1200, 900, |x, y| match (x < 600, (x / 3 + y / 7) % 2) {
            (true, _) => 10,
            (false, checked) => 200 + 50 * checked as u8,
        });
        let veil = Veil::new(&halves, cell_px(1200, 900, 0.0), &[]);
        assert_eq!((veil.columns, veil.rows), (12, 9));
        assert!(veil.at(100.0, 100.0) < 30 && veil.at(1100.0, 800.0) > 200);
        let mut greys = veil.greys.clone();
        greys.sort_unstable();
        greys.dedup();
        assert_eq!(greys, [0, 204], "two halves, two greys");
    }

    #[test]
    fn what_is_covered_leaves_no_trace_around() {
        let secret = [[200.0, 200.0], [500.0, 200.0], [500.0, 260.0], [200.0, 260.0]];
        let page = |ink: u8| {
            picture(1200, 900, |x, y| {
                let inside = (200..500).contains(&x) && (200..260).contains(&y);
                if inside { ink } else { 230 }
            })
        };
        let cell = cell_px(1200, 900, 0.0);
        let veils = [page(0), page(255)].map(|p| Veil::new(&p, cell, &[secret]).greys);
        assert_eq!(veils[0], veils[1]);
        let bare = [page(0), page(255)].map(|p| Veil::new(&p, cell, &[]).greys);
        assert_ne!(bare[0], bare[1]);
    }

    #[test]
    fn a_picture_short_of_pixels_is_grey() {
        let short = Picture { luma: vec![0; 5], ..picture(1, 1, |_, _| 0) };
        assert_eq!(
            Veil::new(&Picture { width: 900, height: 500, ..short }, 80.0, &[]).at(3.0, 3.0),
            UNKNOWN
        );
    }
}
