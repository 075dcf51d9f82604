//! Pitch: whether the characters of a row stand at equal distances, and at which.
//!
//! The mean darkness along a row dips between characters. Where they are equally wide the
//! dips recur, and its spectrum has one high line; proportional text spreads its power. The
//! spectrum is taken from the autocorrelation over a few characters only, so that a pitch
//! which drifts with perspective still adds up.

use super::{Axis, Plane, Row};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pitch {
    /// Pixels a character, along the row.
    pub px: f32,
    /// Share of the variation along the row that this one period explains, 0..=1.
    pub share: f32,
}

/// Pitch over height of the hump: capitals of OCR-B are 0.94 of the pitch high; blur widens.
const RATIOS: (f32, f32) = (0.72, 2.2);
/// Pitches that the autocorrelation looks ahead: fewer blur the line in the spectrum, more
/// lose a drifting pitch.
const LOOK_AHEAD: f32 = 4.5;
/// A row must be this many times longer than the look ahead.
const MIN_LENGTHS: f32 = 3.0;
/// Neighbouring periods tried differ by this factor.
const STEP: f32 = 1.02;

/// The strongest period of `row`. `None` where the row is shorter than 14 characters of it.
pub fn pitch_of(plane: Plane<'_>, row: &Row) -> Option<Pitch> {
    let height = row.height.max(3.0);
    let found = strongest(&darkness(plane, row), height * RATIOS.0, height * RATIOS.1)?;
    // From steps along the axis to steps along the row.
    let slope = row.curve[1];
    Some(Pitch { px: found.px * (1.0 + slope * slope).sqrt(), ..found })
}

/// The mean over most of the row's height at each pixel along the axis.
fn darkness(plane: Plane<'_>, row: &Row) -> Vec<f32> {
    let reach = (row.height * 0.4 + 0.5).max(1.0) as usize;
    let tall = 2 * reach + 1;
    let across = if row.axis == Axis::X { plane.height } else { plane.width };
    let from = row.from.max(0.0) as usize;
    let to = row.to.max(0.0) as usize;
    (from..to)
        .map(|u| {
            let middle = (row.v(u as f32) + 0.5).max(0.0) as usize;
            let top = middle.saturating_sub(reach).min(across.saturating_sub(tall));
            let sum = match row.axis {
                Axis::X => plane.below(u, top, tall),
                Axis::Y => plane.beside(top, u, tall),
            };
            sum as f32 / tall as f32
        })
        .collect()
}

fn strongest(signal: &[f32], shortest: f32, longest: f32) -> Option<Pitch> {
    let shortest = shortest.max(3.5);
    if shortest * LOOK_AHEAD * MIN_LENGTHS > signal.len() as f32 {
        return None;
    }
    let longest = longest.min(signal.len() as f32 / (LOOK_AHEAD * MIN_LENGTHS));
    let flat = even(signal, (longest * 1.5) as usize);
    let lags = ((longest * LOOK_AHEAD) as usize).min(flat.len() / 2);
    let corr: Vec<f32> =
        (0..=lags).map(|lag| product(&flat, flat.get(lag..).unwrap_or(&[])) as f32).collect();
    let power = corr.first()?.max(1e-3);
    let mut best: Option<Pitch> = None;
    let mut period = shortest;
    while period <= longest {
        let share = share_of(&corr, period) / power;
        if best.is_none_or(|b| share > b.share) {
            best = Some(Pitch { px: period, share: share.clamp(0.0, 1.0) });
        }
        period *= STEP;
    }
    best
}

/// Sum of products over the shorter; in whole numbers that wrap, which the compiler may add in
/// any order.
fn product(a: &[i16], b: &[i16]) -> i64 {
    let n = a.len().min(b.len());
    // 512 products of at most 2^18 stay within 2^27.
    a[..n]
        .chunks(512)
        .zip(b[..n].chunks(512))
        .map(|(a, b)| {
            let each = a.iter().zip(b).map(|(&a, &b)| i32::from(a).wrapping_mul(i32::from(b)));
            let sum = each.fold(0, i32::wrapping_add);
            i64::from(sum)
        })
        .sum()
}

/// The signal less its running mean, over its running deviation: each stretch counts by its
/// length, so that one dark blot does not decide. In 128ths of the deviation, within 4 of them.
fn even(signal: &[f32], reach: usize) -> Vec<i16> {
    let mut sums = Vec::with_capacity(signal.len() + 1);
    sums.push((0.0f64, 0.0f64));
    let (mut sum, mut squares) = (0.0, 0.0);
    for &s in signal {
        sum += f64::from(s);
        squares += f64::from(s) * f64::from(s);
        sums.push((sum, squares));
    }
    signal
        .iter()
        .enumerate()
        .map(|(i, &s)| {
            let (from, to) = (i.saturating_sub(reach), (i + reach + 1).min(signal.len()));
            let n = (to - from) as f64;
            let mean = (sums[to].0 - sums[from].0) / n;
            let variance = ((sums[to].1 - sums[from].1) / n - mean * mean).max(0.0);
            // Grey steps that count as contrast: paper noise stays small.
            (128.0 * (f64::from(s) - mean) / (variance.sqrt() + 4.0)).clamp(-512.0, 512.0) as i16
        })
        .collect()
}

/// The spectrum at `period`, such that a pure sine gives the power of the signal.
fn share_of(corr: &[f32], period: f32) -> f32 {
    let lags = (period * LOOK_AHEAD).min(corr.len() as f32);
    let (mut sum, mut weights) = (0.0, 0.0);
    // cos(turn * lag) by rotation.
    let (sin, cos) = (std::f32::consts::TAU / period).sin_cos();
    let (mut c, mut s) = (1.0f32, 0.0f32);
    for (lag, r) in corr.iter().enumerate().take(lags as usize) {
        let taper = 1.0 - lag as f32 / lags;
        let once = if lag == 0 { 0.5 } else { 1.0 };
        sum += once * taper * r * c;
        weights += once * taper;
        (c, s) = (c * cos - s * sin, s * cos + c * sin);
    }
    2.0 * sum / weights.max(1.0)
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
        assert!((even.px - 9.0).abs() < 0.3 && even.share > 0.45, "{even:?}");
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
        assert!((found.px - 8.4).abs() < 0.5 && found.share > 0.45, "{found:?}");
    }

    #[test]
    fn a_short_signal_has_no_pitch() {
        assert!(strongest(&[1.0; 20], 5.0, 12.0).is_none());
        assert!(strongest(&[], 5.0, 12.0).is_none());
    }
}
