//! Strips: a stretch of picture along a row, straightened and brought to the reader's size.

use super::{Axis, Plane, Row};

/// A row to cut along, in pixels of the plane it is cut from.
///
/// `u` runs along the axis, `v` across it, as in [`Row`]. A strip may be read backwards and
/// upside down, which turns it by 180 degrees, or either alone, which mirrors it.
#[derive(Debug, Clone)]
pub struct Path {
    pub row: Row,
    /// The length of a character along the row: the mean, where it changes.
    pub pitch: f32,
    /// Growth of the pitch from one character to the next in reading direction, as a share of
    /// the mean: what perspective does.
    pub drift: f32,
    pub backwards: bool,
    pub flipped: bool,
}

/// Grey values, `height` rows of `width`.
#[derive(Debug, Clone)]
pub struct Strip {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

impl Path {
    /// Where strip coordinates fall in the plane: `along` counts pitches from the middle of the
    /// row in reading direction, `down` pitches below its middle line.
    pub fn place(&self, along: f32, down: f32) -> (f32, f32) {
        let (from, step) = self.column(along);
        (from.0 + down * step.0, from.1 + down * step.1)
    }

    /// The other way round: how many pitches along and down from its middle a place of the plane lies,
    /// going straight on as the line runs there.
    pub fn terms(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (from, along, down) =
            (self.place(0.0, 0.0), self.place(1.0, 0.0), self.place(0.0, 1.0));
        let share = |to: (f32, f32)| {
            let dot = (x - from.0) * (to.0 - from.0) + (y - from.1) * (to.1 - from.1);
            dot / (self.pitch * self.pitch)
        };
        (share(along), share(down))
    }

    /// The same line from `first` to `last` pitches along.
    pub fn between(&self, first: f32, last: f32) -> Path {
        let (a, b) = (self.column(first).0, self.column(last).0);
        let (a, b) = match self.row.axis {
            Axis::X => (a.0, b.0),
            Axis::Y => (a.1, b.1),
        };
        let grown = self.grown((first + last) / 2.0);
        Path {
            row: self.row.stretched(a.min(b), a.max(b)),
            pitch: self.pitch * grown,
            drift: self.drift / grown,
            ..self.clone()
        }
    }

    /// The pitch `along` as a multiple of the mean.
    fn grown(&self, along: f32) -> f32 {
        (1.0 + self.drift * along).clamp(0.4, 2.5)
    }

    /// The line `down` pitches below, which runs away from this one where the pitch grows.
    pub fn below(&self, down: f32) -> Path {
        let slope = self.row.curve[1];
        let shift = down * self.pitch * (1.0 + slope * slope).sqrt();
        let shift = if self.flipped { -shift } else { shift };
        // Growth a character, over the length of a character along the axis.
        let run = self.pitch / (1.0 + slope * slope).sqrt();
        let lean = shift * self.drift / if self.backwards { -run } else { run };
        let [a, b, c] = self.row.curve;
        Path { row: Row { curve: [a + shift, b + lean, c], ..self.row.clone() }, ..self.clone() }
    }

    /// How many pitches this line lies below another that runs beside it.
    pub fn below_of(&self, other: &Path) -> f32 {
        let u = (other.row.from + other.row.to) / 2.0;
        let slope = other.row.curve[1];
        let off = (self.row.v(u) - other.row.v(u)) / (1.0 + slope * slope).sqrt() / other.pitch;
        if other.flipped { -off } else { off }
    }

    /// Length in pitches.
    pub fn pitches(&self) -> f32 {
        let slope = self.row.curve[1];
        self.row.length() * (1.0 + slope * slope).sqrt() / self.pitch
    }

    /// The place on the middle line `along` pitches from the middle, and the way from there to
    /// one pitch below it.
    fn column(&self, along: f32) -> ((f32, f32), (f32, f32)) {
        let slope = self.row.curve[1];
        // Steps along the row are longer than their share of the axis.
        let run = self.pitch / (1.0 + slope * slope).sqrt();
        let middle = (self.row.from + self.row.to) / 2.0;
        // So that half of the pitches lie to either side, though one side is longer.
        let half = self.pitches() / 2.0;
        let reach = along + self.drift / 2.0 * (along * along - half * half);
        let u = middle + if self.backwards { -reach } else { reach } * run;
        let climb = slope + 2.0 * self.row.curve[2] * (u - middle);
        let down = self.pitch * self.grown(along) / (1.0 + climb * climb).sqrt();
        let down = if self.flipped { -down } else { down };
        let (from, step) = ((u, self.row.v(u)), (-down * climb, down));
        match self.row.axis {
            Axis::X => (from, step),
            Axis::Y => ((from.1, from.0), (step.1, step.0)),
        }
    }

    /// Cuts `width` x `height` pixels, `pitch_px` of them a character, from `first` pitches
    /// along. Each is the mean of as many points as the plane has pixels under it.
    pub fn cut(
        &self,
        plane: Plane<'_>,
        first: f32,
        width: usize,
        height: usize,
        pitch_px: f32,
    ) -> Strip {
        let points = (self.pitch / pitch_px - 0.2).ceil().clamp(1.0, 8.0) as usize;
        self.sampled(plane, first, (width, height), pitch_px, points)
    }

    /// As [`Path::cut`], with `points` x `points` under each pixel.
    pub(super) fn sampled(
        &self,
        plane: Plane<'_>,
        first: f32,
        (width, height): (usize, usize),
        pitch_px: f32,
        points: usize,
    ) -> Strip {
        let step = 1.0 / points as f32;
        let share = step * step;
        let mut data = vec![0.0f32; width * height];
        let mut column = vec![0.0f32; height];
        for x in 0..width {
            column.fill(0.0);
            for k in 0..points {
                let along = first + ((x * points + k) as f32 + 0.5) * step / pitch_px;
                let (from, down) = self.column(along);
                let place = |y: f32| {
                    let pitches = ((y + 0.5) * step - height as f32 / 2.0) / pitch_px;
                    (from.0 + pitches * down.0, from.1 + pitches * down.1)
                };
                plane.add_along(place(0.0), place((height * points) as f32), points, &mut column);
            }
            let out = data.iter_mut().skip(x).step_by(width);
            out.zip(&column).for_each(|(out, sum)| *out = sum * share);
        }
        Strip { width, height, data }
    }

    /// The smallest upright rectangle around `from..to` pitches along and `half` pitches to
    /// either side, as x, y, width, height within the plane.
    pub fn region(&self, plane: Plane<'_>, from: f32, to: f32, top: f32, bottom: f32) -> [u32; 4] {
        let corners = [
            self.place(from, top),
            self.place(to, top),
            self.place(from, bottom),
            self.place(to, bottom),
        ];
        let bound = |pick: fn(&(f32, f32)) -> f32, most: usize| {
            let low = corners.iter().map(pick).fold(f32::INFINITY, f32::min);
            let high = corners.iter().map(pick).fold(f32::NEG_INFINITY, f32::max);
            let low = low.clamp(0.0, (most - 1) as f32) as u32;
            (low, (high.clamp(0.0, most as f32) as u32).max(low + 1) - low)
        };
        let (x, width) = bound(|c| c.0, plane.width);
        let (y, height) = bound(|c| c.1, plane.height);
        [x, y, width, height]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(axis: Axis, slope: f32) -> Row {
        Row { axis, from: 10.0, to: 90.0, curve: [50.0, slope, 0.0], height: 8.0, energy: 9.0 }
    }

    #[test]
    fn a_strip_along_a_ramp_rises_in_reading_direction() {
        let data: Vec<u8> = (0..100 * 100).map(|i| (i % 100) as u8).collect();
        let plane = Plane::new(100, 100, &data).unwrap();
        for (backwards, sign) in [(false, 1.0), (true, -1.0)] {
            let path =
                Path { row: row(Axis::X, 0.1), pitch: 8.0, drift: 0.0, backwards, flipped: false };
            let strip = path.cut(plane, -3.0, 48, 12, 8.0);
            let (first, last) = (strip.data[6 * 48], strip.data[6 * 48 + 47]);
            assert!((sign * (last - first) - 46.8).abs() < 1.5, "{first} {last}");
        }
    }

    #[test]
    fn flipping_turns_top_into_bottom() {
        let data: Vec<u8> = (0..100 * 100).map(|i| (i / 100) as u8).collect();
        let plane = Plane::new(100, 100, &data).unwrap();
        let path = Path {
            row: row(Axis::X, 0.0),
            pitch: 8.0,
            drift: 0.0,
            backwards: false,
            flipped: true,
        };
        let strip = path.cut(plane, -2.0, 8, 16, 8.0);
        assert!(strip.data[0] > 55.0 && strip.data[15 * 8] < 45.0);
    }

    #[test]
    fn parts_and_parallels_keep_the_direction_of_reading() {
        for (backwards, flipped) in [(false, false), (true, true), (true, false)] {
            let path = Path { row: row(Axis::X, 0.1), pitch: 8.0, drift: 0.0, backwards, flipped };
            let part = path.between(1.0, 3.0);
            assert!((part.pitches() - 2.0).abs() < 1e-3);
            let (a, b) = (part.place(-1.0, 0.0), path.place(1.0, 0.0));
            assert!((a.0 - b.0).abs() < 1e-3 && (a.1 - b.1).abs() < 1e-3);
            let (a, b) = (path.below(2.0).place(0.0, 0.0), path.place(0.0, 2.0));
            assert!((a.1 - b.1).abs() < 0.3, "{a:?} {b:?}");
            assert!((path.below(2.0).below_of(&path) - 2.0).abs() < 1e-3);
        }
    }

    #[test]
    fn a_growing_pitch_ends_where_the_row_does() {
        for backwards in [false, true] {
            let row = row(Axis::X, 0.0);
            let path = Path { row, pitch: 8.0, drift: 0.05, backwards, flipped: false };
            let sign = if backwards { -1.0 } else { 1.0 };
            let x = |along: f32| sign * (path.place(along, 0.0).0 - 50.0);
            assert!((x(-5.0) + 40.0).abs() < 0.01 && (x(5.0) - 40.0).abs() < 0.01);
            let steps = (x(-4.5) - x(-5.0), x(5.0) - x(4.5));
            assert!((steps.0 - 3.05).abs() < 0.02 && (steps.1 - 4.95).abs() < 0.02, "{steps:?}");
            let part = path.between(1.0, 5.0);
            assert!((part.pitches() - 4.0).abs() < 1e-3);
            for along in [-2.0, 0.5, 2.0] {
                let (a, b) = (part.place(along, 0.3), path.place(along + 3.0, 0.3));
                assert!((a.0 - b.0).abs() < 0.01 && (a.1 - b.1).abs() < 0.01);
            }
        }
    }

    #[test]
    fn regions_stay_within_the_plane() {
        let data = vec![0u8; 100 * 100];
        let plane = Plane::new(100, 100, &data).unwrap();
        let path = Path {
            row: row(Axis::Y, 0.2),
            pitch: 9.0,
            drift: 0.0,
            backwards: true,
            flipped: false,
        };
        let [x, y, w, h] = path.region(plane, -50.0, 50.0, -1.0, 4.0);
        assert!(x + w <= 100 && y + h <= 100 && w > 0 && h > 0);
    }
}
