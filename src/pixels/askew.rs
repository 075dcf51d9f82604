//! How far a document lies askew: what was laid on glass or held up to a camera is hardly ever
//! straight to a quarter of a degree, what a program set always is.
//!
//! The steps across the rows of print are summed up along lines of each slope. At the slope of the
//! rows the sums of neighbouring lines differ most: the classic projection profile, on steps
//! instead of ink, so that shadows and tints do not count.

use super::Plane;

/// What was found: the angle in degrees, and how much clearer it is than any other.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Askew {
    /// Of the rows to the nearer axis, -[`FARTHEST`]..=[`FARTHEST`].
    pub degrees: f32,
    /// By what factor the profile at this angle is steeper than at the middling angle, less 1.
    pub clear: f32,
    /// By what factor it is steeper than at no angle at all, less 1.
    pub over_straight: f32,
}

/// A card is looked at at so many pixels along its longer side: a quarter of a degree is two then.
const SIDE: usize = 512;
/// Angles tried, to either side, and their distance, in degrees.
pub const FARTHEST: f32 = 5.0;
const STEP: f32 = 0.25;
/// A step in greys that print makes and grain does not; what is steeper counts as this.
const LEAST: u8 = 24;
const MOST: u8 = 128;
/// Fewer steps tell nothing.
const MIN_STEPS: usize = 300;

/// Looks at `[x, y, width, height]`, or all; `None` where there is too little print in it.
pub fn askew(plane: Plane<'_>, part: Option<[u32; 4]>) -> Option<Askew> {
    let (width, height, small) = shrunk(plane, part)?;
    let at = |x: usize, y: usize| small.get(y * width + x).copied().unwrap_or(0);
    let mut across: Vec<(u16, u16, u8)> = Vec::new();
    let mut along = Vec::new();
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let down = at(x, y + 1).abs_diff(at(x, y - 1));
            let right = at(x + 1, y).abs_diff(at(x - 1, y));
            // Both fit in 16 bits: a side is at most `SIDE`.
            if down >= LEAST {
                across.push((x as u16, y as u16, down.min(MOST)));
            }
            if right >= LEAST {
                along.push((y as u16, x as u16, right.min(MOST)));
            }
        }
    }
    let found = [profile(&across, width, height), profile(&along, height, width)];
    found.into_iter().flatten().max_by(|a, b| a.clear.total_cmp(&b.clear))
}

/// The steepest of the profiles of steps `(along, across, greys)`.
fn profile(steps: &[(u16, u16, u8)], long: usize, deep: usize) -> Option<Askew> {
    if steps.len() < MIN_STEPS {
        return None;
    }
    let tries = (2.0 * FARTHEST / STEP) as i32;
    let middle = long as f32 / 2.0;
    // What the farthest slope moves the ends by.
    let spare = (middle * FARTHEST.to_radians().tan()).ceil() as usize + 2;
    let mut sums = vec![0u32; deep + 2 * spare];
    let mut scores: Vec<f32> = Vec::new();
    for number in 0..=tries {
        let slope = (number as f32 * STEP - FARTHEST).to_radians().tan();
        sums.fill(0);
        for &(a, b, greys) in steps {
            let moved = f32::from(b) - (f32::from(a) - middle) * slope + spare as f32;
            if let Some(sum) = sums.get_mut((moved + 0.5) as usize) {
                *sum += u32::from(greys);
            }
        }
        let steep = sums.windows(2).map(|two| (two[0] as f32 - two[1] as f32).powi(2));
        scores.push(steep.sum());
    }
    let (best, most) = scores.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let straight = scores.get(tries as usize / 2).copied()?;
    let mut sorted = scores;
    sorted.sort_by(f32::total_cmp);
    let middling = sorted.get(sorted.len() / 2).copied()?;
    let over = |other: f32| most / other.max(1.0) - 1.0;
    let degrees = best as f32 * STEP - FARTHEST;
    Some(Askew { degrees, clear: over(middling), over_straight: over(straight) })
}

/// The part at [`SIDE`] or less, each pixel the mean of those it stands for.
fn shrunk(plane: Plane<'_>, part: Option<[u32; 4]>) -> Option<(usize, usize, Vec<u8>)> {
    let [x, y, w, h] = part.unwrap_or([0, 0, u32::MAX, u32::MAX]).map(|v| v as usize);
    let (x, y) = (x.min(plane.width), y.min(plane.height));
    let (w, h) = (w.min(plane.width - x), h.min(plane.height - y));
    if w < 32 || h < 32 {
        return None;
    }
    let scale = (SIDE as f32 / w.max(h) as f32).min(1.0);
    let (width, height) = ((w as f32 * scale) as usize, (h as f32 * scale) as usize);
    if width < 16 || height < 16 {
        return None;
    }
    let mut small = Vec::with_capacity(width * height);
    for to_y in 0..height {
        let (y0, y1) = (y + to_y * h / height, y + (to_y + 1) * h / height);
        for to_x in 0..width {
            let (x0, x1) = (x + to_x * w / width, x + (to_x + 1) * w / width);
            let rows = (y0..y1).filter_map(|y| plane.row(y).get(x0..x1));
            let sum: usize = rows.flatten().map(|v| usize::from(*v)).sum();
            small.push((sum / ((y1 - y0) * (x1 - x0)).max(1)) as u8);
        }
    }
    Some((width, height, small))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of strokes, turned by so many degrees.
    fn page(degrees: f32) -> Vec<u8> {
        let slope = degrees.to_radians().tan();
        let pixel = |x: usize, y: usize| {
            let line = (y as f32 - x as f32 * slope + 400.0) as usize;
            let written =
                line % 24 < 9 && !(x / 3 + line / 24 * 7).is_multiple_of(5) && x % 90 < 70;
            if written { 30 } else { 235 }
        };
        (0..900 * 600).map(|i| pixel(i % 900, i / 900)).collect()
    }

    #[test]
    fn the_slope_of_the_rows_is_found() {
        for degrees in [-3.0f32, -0.75, 0.0, 1.5, 4.0] {
            let data = page(degrees);
            let found = askew(Plane::new(900, 600, &data).unwrap(), None).unwrap();
            assert!((found.degrees - degrees).abs() <= STEP, "{degrees}: {found:?}");
            assert!(found.clear > 0.5, "{found:?}");
            assert_eq!(found.over_straight == 0.0, degrees == 0.0, "{found:?}");
        }
    }

    #[test]
    fn upright_rows_and_parts_are_looked_at_too() {
        let data = page(1.0);
        let turned: Vec<u8> = (0..900 * 600).map(|i| data[i / 600 + (i % 600) * 900]).collect();
        let found = askew(Plane::new(600, 900, &turned).unwrap(), None).unwrap();
        assert!((found.degrees.abs() - 1.0).abs() <= STEP, "{found:?}");
        let part = askew(Plane::new(900, 600, &data).unwrap(), Some([300, 200, 4000, 300]));
        assert!((part.unwrap().degrees - 1.0).abs() <= STEP, "{part:?}");
    }

    #[test]
    fn nothing_is_said_of_blank_or_tiny_parts() {
        let blank = vec![240u8; 300 * 300];
        let plane = Plane::new(300, 300, &blank).unwrap();
        assert_eq!(askew(plane, None), None);
        assert_eq!(askew(plane, Some([290, 290, 50, 50])), None);
        assert_eq!(askew(plane, Some([u32::MAX, 0, 5, 5])), None);
    }
}
