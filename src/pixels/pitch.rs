//! Pitch: whether the characters of a row stand at equal distances, and at which.
//!
//! The mean darkness along a row dips between characters. Where they are equally wide the
//! dips recur; a short-time spectrum shows it as one line, also where perspective makes the
//! pitch drift. Proportional text spreads its power.

use super::{Path, Plane, Row};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pitch {
    /// Pixels a character, along the row.
    pub px: f32,
    /// Share of the variation along the row that this one period explains, 0..=1.
    pub share: f32,
}

/// Pitch over height of the hump: capitals of OCR-B are 0.94 of the pitch high; blur widens.
const RATIOS: (f32, f32) = (0.72, 2.2);
/// Samples a window, in pitches of the period under test.
const WINDOW: f32 = 9.0;
/// Neighbouring periods tried differ by this factor.
const STEP: f32 = 1.02;

/// The strongest period of `row`. `None` where the row is shorter than two windows.
pub fn pitch_of(plane: Plane<'_>, row: &Row) -> Option<Pitch> {
    let height = row.height.max(3.0);
    // Unit: one pixel along the row.
    let path = Path { row: row.clone(), pitch: 1.0, backwards: false, flipped: false };
    let half = row.length() / 2.0;
    let across = height * 0.4;
    let points = 7;
    let signal: Vec<f32> = (0..row.length() as usize)
        .map(|i| {
            let sum: f32 = (0..points)
                .map(|j| {
                    let down = across * (2.0 * j as f32 / (points - 1) as f32 - 1.0);
                    let (x, y) = path.place(i as f32 - half, down);
                    plane.at(x, y)
                })
                .sum();
            sum / points as f32
        })
        .collect();
    strongest(&signal, height * RATIOS.0, height * RATIOS.1)
}

fn strongest(signal: &[f32], shortest: f32, longest: f32) -> Option<Pitch> {
    let flat = without_trend(signal, (longest * 1.5) as usize);
    let mut best: Option<Pitch> = None;
    let mut period = shortest.max(3.5);
    while period <= longest {
        if let Some(share) = share_of(&flat, period)
            && best.is_none_or(|b| share > b.share)
        {
            best = Some(Pitch { px: period, share });
        }
        period *= STEP;
    }
    best
}

/// The signal less its running mean over `reach` to both sides.
fn without_trend(signal: &[f32], reach: usize) -> Vec<f32> {
    let mut sums = Vec::with_capacity(signal.len() + 1);
    sums.push(0.0f64);
    for &s in signal {
        sums.push(sums[sums.len() - 1] + f64::from(s));
    }
    signal
        .iter()
        .enumerate()
        .map(|(i, &s)| {
            let (from, to) = (i.saturating_sub(reach), (i + reach + 1).min(signal.len()));
            s - ((sums[to] - sums[from]) / (to - from) as f64) as f32
        })
        .collect()
}

/// Mean over half-overlapping windows of the share of power at `period`. A window counts by
/// its length, not its contrast, so that one dark blot does not decide.
fn share_of(signal: &[f32], period: f32) -> Option<f32> {
    let n = (period * WINDOW).round() as usize;
    if signal.len() < 2 * n {
        return None;
    }
    let turn = std::f32::consts::TAU / period;
    let taper: Vec<f32> = (0..n)
        .map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / n as f32).cos())
        .collect();
    let (cos, sin): (Vec<f32>, Vec<f32>) =
        (0..n).map(|i| ((turn * i as f32).cos(), (turn * i as f32).sin())).unzip();
    let (mut sum, mut windows) = (0.0, 0);
    for window in signal.windows(n).step_by(n / 2) {
        let (mut re, mut im, mut power) = (0.0, 0.0, 1e-3);
        for (((s, t), c), si) in window.iter().zip(&taper).zip(&cos).zip(&sin) {
            let v = s * t;
            re += v * c;
            im += v * si;
            power += v * v;
        }
        // A pure sine under this taper gives 1.
        sum += (re * re + im * im) / (power * n as f32 * 0.333);
        windows += 1;
    }
    Some((sum / windows as f32).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_distances_are_told_from_unequal_ones() {
        let mut even = Vec::new();
        let mut uneven = Vec::new();
        let mut state = 1u32;
        for i in 0..44 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let width = 4 + (state >> 24) as usize % 9;
            let ink = 5 + i % 3;
            even.extend((0..9).map(|k| if k < ink { 60.0 } else { 200.0 }));
            uneven.extend((0..width).map(|k| if k + 2 < width { 60.0 } else { 200.0 }));
        }
        let even = strongest(&even, 5.0, 16.0).unwrap();
        assert!((even.px - 9.0).abs() < 0.3 && even.share > 0.5, "{even:?}");
        let uneven = strongest(&uneven, 5.0, 16.0).unwrap();
        assert!(uneven.share < 0.3, "{uneven:?}");
    }

    #[test]
    fn a_drifting_pitch_is_still_one() {
        let mut signal = Vec::new();
        let mut at = 0.0f32;
        for i in 0..44 {
            let width = 8.0 + i as f32 * 0.02;
            at += width;
            while (signal.len() as f32) < at {
                let phase = (at - signal.len() as f32) / width;
                signal.push(if phase > 0.3 { 60.0 } else { 200.0 });
            }
        }
        let found = strongest(&signal, 5.0, 14.0).unwrap();
        assert!((found.px - 8.4).abs() < 0.5 && found.share > 0.5, "{found:?}");
    }

    #[test]
    fn a_short_signal_has_no_pitch() {
        assert!(strongest(&[1.0; 20], 5.0, 12.0).is_none());
        assert!(strongest(&[], 5.0, 12.0).is_none());
    }
}
