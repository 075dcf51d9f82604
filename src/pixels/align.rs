//! Laying a path exactly along the row that it roughly follows.
//!
//! Rows come from a small picture and may have been drawn off their way by a neighbour. A
//! reader wants the middle line to a tenth of the letters' height over the whole length. So
//! the stretch around the path is straightened, and in each of its parts the row is found anew.

use super::rows::{humps, parabola};
use super::{Path, Plane, Row};

/// Pixels a character in the straightened stretch.
const PITCH_PX: f32 = 12.0;
/// Its height in pixels: one and a half pitches to either side.
const HEIGHT: usize = 37;
/// Length of a part in pixels: three characters.
const PART: usize = 36;
/// How far the row may lie from the path, in pixels: the next one is 20 px away.
const REACH: f32 = 10.0;
/// How far a part may lie from the line through most of them, in pixels: a curled page
/// bends away from it.
const OFF_LINE: f32 = 3.5;
/// The same from the curve through those.
const OFF_CURVE: f32 = 1.5;

/// The path moved, tilted and bent onto the row. `None` where less than half of its length
/// shows a row.
pub fn aligned(plane: Plane<'_>, path: &Path) -> Option<Path> {
    let pitches = path.pitches();
    if !(4.0..200.0).contains(&pitches) {
        return None;
    }
    let width = (pitches * PITCH_PX) as usize;
    // Energies are summed over whole parts: one point a pixel will do, two where it leaps far.
    let points = if path.pitch > 2.5 * PITCH_PX { 2 } else { 1 };
    let strip = path.sampled(plane, -pitches / 2.0, (width, HEIGHT), PITCH_PX, points);
    let parts = width.div_ceil(PART).max(1);
    let step = width / parts;
    let mut points: Vec<(f32, f32)> = Vec::with_capacity(parts);
    let mut smooth = Vec::new();
    for part in 0..parts {
        let profile: Vec<u16> = strip
            .data
            .chunks_exact(width)
            .map(|row| {
                let part = row.get(part * step..(part + 1) * step).unwrap_or(&[]);
                let sum: f32 = part.windows(3).map(|w| (w[2] - w[0]).abs()).sum();
                // In the sixteenths of a grey step that `humps` takes.
                (16.0 * sum / step as f32) as u16
            })
            .collect();
        let middle = (HEIGHT as f32 - 1.0) / 2.0;
        let nearest = humps(&profile, &mut smooth)
            .into_iter()
            .map(|h| h.centre - middle)
            .min_by(|a, b| a.abs().total_cmp(&b.abs()));
        if let Some(off) = nearest.filter(|off| off.abs() <= REACH) {
            let along = (part as f32 + 0.5) * step as f32 - width as f32 / 2.0;
            points.push((along, off));
        }
    }
    if points.len() * 2 < parts || points.len() < 4 {
        return None;
    }
    let (tilt, shift) = line_of_most(&points)?;
    points.retain(|(t, v)| (v - shift - tilt * t).abs() <= OFF_LINE);
    let bent = parabola(&points)?;
    points.retain(|(t, v)| (v - bent[0] - t * (bent[1] + t * bent[2])).abs() <= OFF_CURVE);
    let fit = parabola(&points).unwrap_or(bent);
    // A bend must be carried by the whole length.
    let spread = points.last()?.0 - points.first()?.0;
    let fit = if spread < 0.7 * width as f32 { [shift, tilt, 0.0] } else { fit };
    Some(moved(path, fit))
}

/// Theil and Sen: the median of the slopes of all pairs bears with a third of strays.
fn line_of_most(points: &[(f32, f32)]) -> Option<(f32, f32)> {
    let mut slopes: Vec<f32> = Vec::new();
    for (i, a) in points.iter().enumerate() {
        for b in points.iter().skip(i + 1) {
            slopes.push((b.1 - a.1) / (b.0 - a.0));
        }
    }
    let median = |mut all: Vec<f32>| {
        all.sort_by(f32::total_cmp);
        all.get(all.len() / 2).copied()
    };
    let tilt = median(slopes)?;
    let shift = median(points.iter().map(|(t, v)| v - tilt * t).collect())?;
    Some((tilt, shift))
}

/// Adds `fit`, in strip pixels along and down, to the curve of the path.
fn moved(path: &Path, fit: [f32; 3]) -> Path {
    let slope = path.row.curve[1];
    let stretch = (1.0 + slope * slope).sqrt();
    let px = path.pitch / PITCH_PX;
    // Along the axis, a step of one pixel is so many strip pixels along the row.
    let run = stretch / px * if path.backwards { -1.0 } else { 1.0 };
    let down = px * stretch * if path.flipped { -1.0 } else { 1.0 };
    let [a, b, c] = path.row.curve;
    let curve = [a + fit[0] * down, b + fit[1] * down * run, c + fit[2] * down * run * run];
    Path { row: Row { curve, ..path.row.clone() }, ..path.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Axis;

    #[test]
    fn a_path_that_crosses_two_rows_is_laid_onto_one() {
        let (width, height) = (500, 120);
        let mut data = vec![230u8; width * height];
        for y in 0..height {
            for x in 20..480 {
                let bend = 2.0 * ((x as f32 - 250.0) / 230.0).powi(2);
                for v in [50.0 + 0.05 * x as f32 + bend, 75.0 + 0.05 * x as f32 + bend] {
                    if (y as f32 - v).abs() <= 5.0 && x % 12 < 4 {
                        data[y * width + x] = 40;
                    }
                }
            }
        }
        let plane = Plane::new(width, height, &data).unwrap();
        for (backwards, flipped) in [(false, false), (true, true), (true, false)] {
            let curve = [50.0 + 0.05 * 250.0 + 4.0, 0.07, 0.0];
            let row =
                Row { axis: Axis::X, from: 20.0, to: 480.0, curve, height: 10.0, energy: 30.0 };
            let rough = Path { row, pitch: 12.0, drift: 0.0, backwards, flipped };
            let path = aligned(plane, &rough).unwrap();
            for u in [40.0f32, 250.0, 460.0] {
                let right = 50.0 + 0.05 * u + 2.0 * ((u - 250.0) / 230.0).powi(2);
                assert!((path.row.v(u) - right).abs() < 0.7, "{u}: {} {right}", path.row.v(u));
            }
        }
    }

    #[test]
    fn where_there_is_no_row_nothing_is_laid() {
        let data = vec![200u8; 400 * 100];
        let plane = Plane::new(400, 100, &data).unwrap();
        let row = Row {
            axis: Axis::X,
            from: 10.0,
            to: 390.0,
            curve: [50.0, 0.0, 0.0],
            height: 10.0,
            energy: 1.0,
        };
        let path = Path { row, pitch: 12.0, drift: 0.0, backwards: false, flipped: false };
        assert!(aligned(plane, &path).is_none());
    }
}
