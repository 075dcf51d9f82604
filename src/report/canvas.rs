//! Colours on a plane: flat shapes, outlines, numbers. Everything outside is cut off.

use std::ops::Range;

pub(super) type Colour = [u8; 3];
pub(super) type Point = [f32; 2];

pub(super) struct Canvas {
    pub width: usize,
    pub height: usize,
    pixels: Vec<Colour>,
}

impl Canvas {
    pub fn new(width: usize, height: usize, paint: impl Fn(usize, usize) -> Colour) -> Canvas {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Canvas { width, height, pixels: places.map(|(x, y)| paint(x, y)).collect() }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.pixels.into_flattened()
    }

    /// Paints columns `x` of row `y`.
    fn span(&mut self, x: Range<f32>, y: usize, colour: Colour) {
        // Casting cuts off what is below zero.
        let (from, to) = (x.start as usize, (x.end as usize).min(self.width));
        let row = y.saturating_mul(self.width);
        if from < to
            && y < self.height
            && let Some(pixels) = self.pixels.get_mut(row + from..row + to)
        {
            pixels.fill(colour);
        }
    }

    pub fn rectangle(&mut self, x: Range<f32>, y: Range<f32>, colour: Colour) {
        let (from, to) = (y.start as usize, (y.end as usize).min(self.height));
        (from..to).for_each(|y| self.span(x.clone(), y, colour));
    }

    /// Fills a quadrilateral, its corners in order around it, edges included.
    pub fn fill(&mut self, corners: [Point; 4], colour: Colour) {
        let Some(corners) = self.near(corners) else { return };
        let ys = corners.map(|[_, y]| y);
        let top = ys.iter().copied().fold(f32::INFINITY, f32::min).max(0.0) as usize;
        let bottom = ys.iter().copied().fold(f32::NEG_INFINITY, f32::max) as usize;
        for y in top..=bottom.min(self.height.saturating_sub(1)) {
            // All that any edge has within this row, so that thin shapes are not lost.
            let (mut from, mut to) = (f32::INFINITY, f32::NEG_INFINITY);
            for ([x0, y0], [x1, y1]) in edges(corners) {
                let (low, high) = (y as f32, y as f32 + 1.0);
                if y0.min(y1) >= high || y0.max(y1) < low {
                    continue;
                }
                let at = |y: f32| match y1 - y0 {
                    0.0 => [x0, x1],
                    tall => [x0 + (x1 - x0) * ((y.clamp(y0.min(y1), y0.max(y1)) - y0) / tall); 2],
                };
                for x in [at(low), at(high)].into_iter().flatten() {
                    (from, to) = (from.min(x), to.max(x));
                }
            }
            self.span(from..to + 1.0, y, colour);
        }
    }

    /// Draws the outline of a quadrilateral.
    pub fn outline(&mut self, corners: [Point; 4], thick: f32, colour: Colour) {
        let Some(corners) = self.near(corners) else { return };
        for ([x0, y0], [x1, y1]) in edges(corners) {
            let steps = (x1 - x0).abs().max((y1 - y0).abs()).ceil().max(1.0);
            for i in 0..=steps as usize {
                let part = i as f32 / steps;
                let (x, y) = (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part);
                let half = thick / 2.0;
                self.rectangle(x - half..x + half, y - half..y + half, colour);
            }
        }
    }

    /// Writes a number with its top left at `at`, `dot` pixels for one of its 7 rows, on a field of
    /// colour; moved inwards where it would be cut off.
    pub fn number(&mut self, n: usize, [x, y]: Point, dot: f32, ink: Colour, field: Colour) {
        let digits: Vec<usize> =
            n.to_string().bytes().map(|b| usize::from(b.wrapping_sub(b'0'))).collect();
        let (wide, high) = ((digits.len() * 6 + 3) as f32 * dot, 11.0 * dot);
        let inwards = |at: f32, size: f32, most: usize| at.min(most as f32 - size).max(0.0);
        let (x, y) = (inwards(x, wide, self.width), inwards(y, high, self.height));
        self.rectangle(x..x + wide, y..y + high, field);
        for (i, digit) in digits.into_iter().enumerate() {
            let rows = DIGITS.get(digit).copied().unwrap_or_default();
            for (row, bits) in rows.into_iter().enumerate() {
                for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
                    let left = x + (2 + i * 6 + column) as f32 * dot;
                    let top = y + (2 + row) as f32 * dot;
                    self.rectangle(left..left + dot, top..top + dot, ink);
                }
            }
        }
    }

    /// Corners brought near the canvas, so that no shape takes long; `None` where they are nowhere.
    fn near(&self, corners: [Point; 4]) -> Option<[Point; 4]> {
        let (w, h) = (self.width as f32, self.height as f32);
        let known = corners.iter().flatten().all(|v| !v.is_nan());
        known.then(|| corners.map(|[x, y]| [x.clamp(-w, 2.0 * w), y.clamp(-h, 2.0 * h)]))
    }
}

fn edges([a, b, c, d]: [Point; 4]) -> [(Point, Point); 4] {
    [(a, b), (b, c), (c, d), (d, a)]
}

/// The ten digits, five dots wide and seven high, the leftmost dot the highest bit.
const DIGITS: [[u8; 7]; 10] = [
    [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
    [0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110],
    [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
    [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
];

#[cfg(test)]
mod tests {
    use super::*;

    const INK: Colour = [9, 9, 9];

    fn painted(draw: impl Fn(&mut Canvas)) -> Vec<String> {
        let mut canvas = Canvas::new(12, 8, |_, _| [0; 3]);
        draw(&mut canvas);
        let rows = canvas.pixels.chunks(12);
        rows.map(|row| row.iter().map(|c| if *c == INK { '#' } else { '.' }).collect()).collect()
    }

    #[test]
    fn shapes_cover_what_they_touch_and_nothing_else() {
        let square = [[2.0, 1.0], [5.0, 1.0], [5.0, 3.0], [2.0, 3.0]];
        let rows = painted(|c| c.fill(square, INK));
        assert_eq!(rows[0], "............");
        assert_eq!(rows[1], "..####......");
        assert_eq!(rows[3], "..####......");
        assert_eq!(rows[4], "............");
        let diamond = [[6.0, 0.0], [11.0, 4.0], [6.0, 7.5], [1.0, 4.0]];
        let rows = painted(|c| c.fill(diamond, INK));
        assert!(rows[4].starts_with(".##########"), "{rows:?}");
        assert!(rows[0].matches('#').count() <= 5 && rows[0].contains('#'), "{rows:?}");
        let outline = painted(|c| c.outline(square, 1.0, INK));
        assert_eq!(outline.concat().matches('#').count(), 10, "{outline:?}");
    }

    #[test]
    fn shapes_outside_are_cut_off_and_cost_nothing() {
        for corners in [
            [[-1e30, -1e30], [1e30, -1e30], [1e30, 1e30], [-1e30, 1e30]],
            [[f32::NAN, 0.0], [5.0, 0.0], [5.0, 5.0], [0.0, 5.0]],
            [[50.0, 50.0], [60.0, 50.0], [60.0, 60.0], [50.0, 60.0]],
        ] {
            painted(|c| c.fill(corners, INK));
            painted(|c| c.outline(corners, 3.0, INK));
        }
        let all = [[-1e30, -1e30], [1e30, -1e30], [1e30, 1e30], [-1e30, 1e30]];
        assert!(painted(|c| c.fill(all, INK)).concat().chars().all(|c| c == '#'));
    }

    #[test]
    fn numbers_are_moved_inwards() {
        let rows = painted(|c| c.number(1, [99.0, 99.0], 0.7, INK, [0; 3]));
        assert!(rows.concat().contains('#'));
        assert_eq!(DIGITS[8][3], 0b01110);
    }
}
