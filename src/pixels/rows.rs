//! Rows of text: where they run, how high they are.
//!
//! Text has many strokes across its direction. The picture is cut into bands across the
//! direction looked for; in each band the stroke energy, summed over its width, has a hump
//! where a row passes. Humps of neighbouring bands are linked into chains. Unlike blobs of a
//! binarised picture, rows stay apart where a pen stroke or dirt touches both, bend with the
//! page, and need no deskewing first. Both directions cost one pass over the pixels each.

use super::Plane;
use super::wide::wide;

/// Along which axis rows are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    X,
    Y,
}

/// One row of something like text. `u` runs along the axis, `v` across.
#[derive(Debug, Clone)]
pub struct Row {
    pub axis: Axis,
    /// Ends along the axis, in pixels.
    pub from: f32,
    pub to: f32,
    /// The middle line: v = c0 + c1 t + c2 t^2 with t = u - (from + to) / 2.
    pub curve: [f32; 3],
    /// Height of the hump at half of its energy, in pixels.
    pub height: f32,
    /// Mean stroke energy, grey steps a pixel.
    pub energy: f32,
}

impl Row {
    pub fn length(&self) -> f32 {
        self.to - self.from
    }

    /// The way from end to end, which is longer than its share of the axis.
    pub fn run(&self) -> f32 {
        self.length() * (1.0 + self.curve[1] * self.curve[1]).sqrt()
    }

    /// The middle line at `u`.
    pub fn v(&self, u: f32) -> f32 {
        let t = u - (self.from + self.to) / 2.0;
        self.curve[0] + t * (self.curve[1] + t * self.curve[2])
    }

    /// The same curve with other ends.
    pub fn stretched(&self, from: f32, to: f32) -> Row {
        let shift = (from + to) / 2.0 - (self.from + self.to) / 2.0;
        let [a, b, c] = self.curve;
        let curve = [a + shift * (b + shift * c), b + 2.0 * c * shift, c];
        Row { from, to, curve, ..self.clone() }
    }

    /// The same row so much farther along both axes of the picture.
    pub fn moved(&self, x: f32, y: f32) -> Row {
        let (u, v) = if self.axis == Axis::X { (x, y) } else { (y, x) };
        let [a, b, c] = self.curve;
        Row { from: self.from + u, to: self.to + u, curve: [a + v, b, c], ..self.clone() }
    }

    /// The same row in a picture `factor` times as large.
    pub fn scaled(&self, factor: f32) -> Row {
        Row {
            axis: self.axis,
            from: self.from * factor,
            to: self.to * factor,
            curve: [self.curve[0] * factor, self.curve[1], self.curve[2] / factor],
            height: self.height * factor,
            energy: self.energy,
        }
    }
}

/// Width of a band. Rows of 5 to 11 px pitch have two or three characters in it; at 10 degrees
/// they climb 3 px within it, less than their height.
const BAND: usize = 16;
/// A hump's height at half energy: capitals of 5 to 12 px pitch, with some blur.
const HEIGHTS: std::ops::RangeInclusive<f32> = 2.5..=16.0;
/// Grey steps a pixel over the valley beside it: half of what faint print on a fax-like scan has.
const MIN_PROMINENCE: f32 = 4.0;
/// How much of a hump must stand over the higher of its valleys.
const MIN_SHARE: f32 = 0.22;
/// How far to look for the valleys beside a hump.
const VALLEY: usize = 11;
/// Climb from band to band that is followed: 14 degrees.
const MAX_CLIMB: f32 = 4.0;
/// A chain of fewer bands is a word, not a row: 30 characters of 5 px are nine bands.
const MIN_BANDS: usize = 8;
/// Bands a chain may leap over: a stamp, a fold.
const MAX_LEAP: usize = 2;
/// Chains beyond this many, weakest first, are dropped: a page of small print has 100 rows.
const MAX_ROWS: usize = 160;

/// One row's passing through a band.
#[derive(Clone, Copy)]
pub(super) struct Hump {
    pub centre: f32,
    height: f32,
    energy: f32,
}

struct Chain {
    humps: Vec<(usize, Hump)>,
    climb: f32,
}

/// The rows along `axis`, up to 14 degrees off, strongest first.
pub fn rows(plane: Plane<'_>, axis: Axis) -> Vec<Row> {
    let across = if axis == Axis::X { plane.height } else { plane.width };
    let profiles = wide(
        #[inline(always)]
        || match axis {
            Axis::X => profiles_level(plane),
            Axis::Y => profiles_upright(plane),
        },
    );
    let mut open: Vec<Chain> = Vec::new();
    let mut done: Vec<Chain> = Vec::new();
    let mut smooth = Vec::new();
    for (band, profile) in profiles.chunks_exact(across.max(1)).enumerate() {
        link(band, humps(profile, &mut smooth), &mut open, &mut done);
    }
    done.append(&mut open);
    let mut rows: Vec<Row> = done.iter().filter_map(|chain| fit(chain, axis)).collect();
    rows.sort_by(|a, b| (b.energy * b.length()).total_cmp(&(a.energy * a.length())));
    rows.truncate(MAX_ROWS);
    rows
}

/// Rows that are transposed together: two times 16 bytes of each band.
const TILE: usize = 16;

/// Stroke energy for each band and each place across it: grey steps, summed over the band.
#[inline(always)]
fn profiles_level(plane: Plane<'_>) -> Vec<u16> {
    let (width, height) = (plane.width, plane.height);
    let bands = width / BAND;
    let mut out = vec![0u16; bands * height];
    let mut tile = vec![[0u16; TILE]; bands];
    for top in (0..height).step_by(TILE) {
        let tall = TILE.min(height - top);
        for k in 0..tall {
            let row = plane.row(top + k);
            // A stroke counts where the pixels to its left and to its right differ.
            let left = row.get(BAND - 1..).unwrap_or(&[]).as_chunks::<BAND>().0;
            let right = row.get(BAND + 1..).unwrap_or(&[]).as_chunks::<BAND>().0;
            for (sums, (a, b)) in tile.iter_mut().skip(1).zip(left.iter().zip(right)) {
                sums[k] = difference(a, b);
            }
            // The first and the last band lack a neighbour at the edge.
            for band in [0, bands.saturating_sub(1)] {
                let from = (band * BAND).saturating_sub(1);
                let part = row.get(from..((band + 1) * BAND + 1).min(width)).unwrap_or(&[]);
                let pairs = part.iter().zip(part.iter().skip(2));
                if let Some(sums) = tile.get_mut(band) {
                    sums[k] = pairs.map(|(a, b)| u16::from(a.abs_diff(*b))).sum();
                }
            }
        }
        for (profile, sums) in out.chunks_exact_mut(height).zip(&tile) {
            if let (Some(to), Some(from)) = (profile.get_mut(top..top + tall), sums.get(..tall)) {
                to.copy_from_slice(from);
            }
        }
    }
    out
}

/// Summed absolute difference: written so that it compiles to the instruction for it. Here and
/// below sums wrap, which they have no room to do: an addition that may panic is not vectorised.
#[inline(always)]
fn difference(a: &[u8; BAND], b: &[u8; BAND]) -> u16 {
    let apart = |(&a, &b): (&u8, &u8)| (i32::from(a) - i32::from(b)).unsigned_abs();
    a.iter().zip(b).map(apart).fold(0, u32::wrapping_add) as u16
}

/// As [`profiles_level`], for bands that lie across the other way.
#[inline(always)]
fn profiles_upright(plane: Plane<'_>) -> Vec<u16> {
    let (width, height) = (plane.width, plane.height);
    let mut out = vec![0u16; height / BAND * width];
    for (band, sums) in out.chunks_exact_mut(width).enumerate() {
        for y in band * BAND..(band + 1) * BAND {
            let (above, below) =
                (plane.row(y.saturating_sub(1)), plane.row((y + 1).min(height - 1)));
            for ((s, a), b) in sums.iter_mut().zip(above).zip(below) {
                *s = s.wrapping_add(u16::from(a.abs_diff(*b)));
            }
        }
    }
    out
}

/// The humps of one band, top to bottom. `profile` is in [`BAND`]ths of a grey step, up to 255
/// of them; `smooth` is room to work in.
pub(super) fn humps(profile: &[u16], smooth: &mut Vec<i16>) -> Vec<Hump> {
    wide(
        #[inline(always)]
        || tops(profile, smooth),
    )
}

#[inline(always)]
fn tops(profile: &[u16], smooth: &mut Vec<i16>) -> Vec<Hump> {
    // Three pixels are summed.
    const UNIT: f32 = 3.0 * BAND as f32;
    const LEAST: i16 = (MIN_PROMINENCE * UNIT) as i16;
    let n = profile.len();
    smooth.clear();
    let (Some(&first), Some(&last)) = (profile.first(), profile.last()) else { return Vec::new() };
    if n < 5 {
        return Vec::new();
    }
    smooth.push((2 * first + profile[1]) as i16);
    let (left, right) = (profile.iter(), profile.iter().skip(2));
    let sums = left.zip(profile.iter().skip(1)).zip(right);
    smooth.extend(sums.map(|((&a, &b), &c)| a.wrapping_add(b).wrapping_add(c) as i16));
    smooth.push((profile[n - 2] + 2 * last) as i16);
    let mut out: Vec<Hump> = Vec::new();
    let mut next = 0;
    for (chunk, start) in smooth.chunks(TOPS).zip((0..).step_by(TOPS)) {
        if chunk.iter().fold(i16::MIN, |most, &v| most.max(v)) < LEAST {
            continue;
        }
        for (i, &top) in (start..).zip(chunk) {
            if top < LEAST || i < next || i == 0 || i + 1 >= n {
                continue;
            }
            let higher = |at: usize| smooth.get(at).is_some_and(|&v| v > top);
            if higher(i + 1) || higher(i - 1) || higher(i + 2) || (i > 1 && higher(i - 2)) {
                continue;
            }
            let lowest = |part: &[i16]| part.iter().copied().fold(i16::MAX, i16::min);
            let above = lowest(&smooth[i.saturating_sub(VALLEY)..i]);
            let below = lowest(&smooth[i + 1..(i + 1 + VALLEY).min(n)]);
            let (top, base) = (f32::from(top), f32::from(above.max(below)));
            if top - base < (MIN_PROMINENCE * UNIT).max(MIN_SHARE * top) {
                continue;
            }
            let half = (top + base) / 2.0;
            let level = |i: usize| f32::from(smooth[i]);
            let up = (0..i).rev().find(|&i| level(i) < half);
            let down = (i..n).find(|&i| level(i) < half);
            if let (Some(up), Some(down)) = (up, down) {
                // Where the level is crossed between two samples.
                let cross = |outer: usize, inner: usize| {
                    let (o, v) = (level(outer), level(inner));
                    let part = if v > o { (half - o) / (v - o) } else { 0.0 };
                    outer as f32 + (inner as f32 - outer as f32) * part
                };
                let (a, b) = (cross(up, up + 1), cross(down, down - 1));
                let hump = Hump { centre: (a + b) / 2.0, height: b - a, energy: top / UNIT };
                let new = out.last().is_none_or(|l| (l.centre - hump.centre).abs() > 1.0);
                if new && HEIGHTS.contains(&hump.height) {
                    out.push(hump);
                }
                next = down;
            }
        }
    }
    out
}

/// Places looked over at once for anything that stands out.
const TOPS: usize = 16;

/// Gives each hump to the chain that it continues best, or begins a chain with it.
fn link(band: usize, found: Vec<Hump>, open: &mut Vec<Chain>, done: &mut Vec<Chain>) {
    let mut still = Vec::with_capacity(open.len());
    for chain in open.drain(..) {
        match chain.humps.last() {
            Some(&(last, _)) if band - last <= MAX_LEAP => still.push(chain),
            _ => done.push(chain),
        }
    }
    done.retain(|c| c.humps.len() >= MIN_BANDS);
    let mut offers: Vec<(f32, usize, usize)> = Vec::new();
    for (c, chain) in still.iter().enumerate() {
        let Some(&(last, from)) = chain.humps.last() else { continue };
        let steps = (band - last) as f32;
        let nearest = from.centre - MAX_CLIMB * steps;
        let start = found.partition_point(|hump| hump.centre < nearest);
        for (h, hump) in found.iter().enumerate().skip(start) {
            let climb = (hump.centre - from.centre) / steps;
            if climb > MAX_CLIMB {
                break;
            }
            let off = (climb - chain.climb).abs();
            let alike = |a: f32, b: f32, most: f32| a < b * most && b < a * most;
            if off <= 2.5
                && alike(hump.height, from.height, 2.0)
                && alike(hump.energy, from.energy, 4.0)
            {
                offers.push((off + steps, c, h));
            }
        }
    }
    offers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut taken = vec![false; found.len()];
    let mut served = vec![false; still.len()];
    for (_, c, h) in offers {
        if taken[h] || served[c] {
            continue;
        }
        (taken[h], served[c]) = (true, true);
        let chain = &mut still[c];
        if let Some(&(last, from)) = chain.humps.last() {
            let climb = (found[h].centre - from.centre) / (band - last) as f32;
            let trust = if chain.humps.len() < 3 { 0.5 } else { 0.25 };
            chain.climb += (climb - chain.climb) * trust;
        }
        chain.humps.push((band, found[h]));
    }
    let fresh = found.into_iter().zip(taken).filter(|(_, t)| !t);
    still.extend(fresh.map(|(hump, _)| Chain { humps: vec![(band, hump)], climb: 0.0 }));
    *open = still;
}

fn median(mut values: Vec<f32>) -> f32 {
    let mid = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(mid, f32::total_cmp).1
}

fn fit(chain: &Chain, axis: Axis) -> Option<Row> {
    if chain.humps.len() < MIN_BANDS {
        return None;
    }
    let place = |band: usize| (band * BAND) as f32 + (BAND - 1) as f32 / 2.0;
    let from = place(chain.humps.first()?.0) - BAND as f32 / 2.0;
    let to = place(chain.humps.last()?.0) + BAND as f32 / 2.0;
    let middle = (from + to) / 2.0;
    let mut points: Vec<(f32, f32)> =
        chain.humps.iter().map(|&(band, h)| (place(band) - middle, h.centre)).collect();
    let mut curve = parabola(&points)?;
    // Once more without the worst: descenders, stamps, a neighbour's hump.
    let off =
        |curve: &[f32; 3], (t, v): (f32, f32)| (curve[0] + t * (curve[1] + t * curve[2]) - v).abs();
    let usual = median(points.iter().map(|&p| off(&curve, p)).collect());
    points.retain(|&p| off(&curve, p) <= 2.5 * usual + 0.5);
    if points.len() >= MIN_BANDS {
        curve = parabola(&points)?;
    }
    Some(Row {
        axis,
        from,
        to,
        curve,
        height: median(chain.humps.iter().map(|(_, h)| h.height).collect()),
        energy: median(chain.humps.iter().map(|(_, h)| h.energy).collect()),
    })
}

/// Least squares, with a parabola only where the row is long enough to show one.
pub(super) fn parabola(points: &[(f32, f32)]) -> Option<[f32; 3]> {
    let n = points.len() as f64;
    let mean_t = points.iter().map(|p| f64::from(p.0)).sum::<f64>() / n;
    let mean_v = points.iter().map(|p| f64::from(p.1)).sum::<f64>() / n;
    let (mut tt, mut tv, mut ttt, mut tttt, mut ttv) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for &(t, v) in points {
        let (t, v) = (f64::from(t) - mean_t, f64::from(v) - mean_v);
        tt += t * t;
        tv += t * v;
        ttt += t * t * t;
        tttt += t * t * t * t;
        ttv += t * t * v;
    }
    if tt <= 0.0 {
        return None;
    }
    // Normal equations of v = a + b t + c (t^2 - tt / n) about the means.
    let q = tttt - tt * tt / n;
    let det = tt * q - ttt * ttt;
    let (b, c) = if points.len() >= 9 && det > 1e-6 * tt * q {
        ((tv * q - ttv * ttt) / det, (tt * ttv - ttt * tv) / det)
    } else {
        (tv / tt, 0.0)
    };
    let a = mean_v - c * tt / n;
    // Back from t - mean to t.
    let c0 = a - b * mean_t + c * mean_t * mean_t;
    Some([c0 as f32, (b - 2.0 * c * mean_t) as f32, c as f32])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vertical strokes 2 px wide every 8 px in rows 8 px high along `v(u)`.
    fn strokes(width: usize, height: usize, rows: &[(f32, f32, f32)]) -> Vec<u8> {
        let mut data = vec![230u8; width * height];
        for y in 0..height {
            for x in 0..width {
                for &(v0, slope, _) in rows {
                    let v = v0 + slope * x as f32;
                    let inside = (30..width - 30).contains(&x);
                    if inside && (y as f32 - v).abs() <= 4.0 && x % 8 < 2 {
                        data[y * width + x] = 40;
                    }
                }
            }
        }
        data
    }

    #[test]
    fn close_rows_are_kept_apart_level_and_tilted() {
        for slope in [0.0, 0.08, -0.17] {
            let data = strokes(400, 200, &[(100.0, slope, 8.0), (113.4, slope, 8.0)]);
            let plane = Plane::new(400, 200, &data).unwrap();
            let found = rows(plane, Axis::X);
            assert_eq!(found.len(), 2, "slope {slope}: {found:?}");
            let mut middles: Vec<f32> = found.iter().map(|r| r.v(200.0) - slope * 200.0).collect();
            middles.sort_by(f32::total_cmp);
            assert!(
                (middles[0] - 100.0).abs() < 1.0 && (middles[1] - 113.4).abs() < 1.0,
                "{middles:?}"
            );
            assert!((found[0].length() - 340.0).abs() < 40.0);
            assert!((found[0].curve[1] - slope).abs() < 0.01);
        }
    }

    #[test]
    fn the_other_axis_finds_turned_rows() {
        let data = strokes(400, 200, &[(100.0, 0.05, 8.0)]);
        let turned: Vec<u8> = (0..400 * 200).map(|i| data[(i % 200) * 400 + i / 200]).collect();
        let plane = Plane::new(200, 400, &turned).unwrap();
        let found = rows(plane, Axis::Y);
        assert_eq!(found.len(), 1);
        assert!((found[0].v(200.0) - 110.0).abs() < 1.0, "{found:?}");
        assert!(rows(plane, Axis::X).is_empty());
    }

    #[test]
    fn stretching_keeps_the_curve() {
        let curve = [50.0, 0.1, 0.002];
        let row = Row { axis: Axis::Y, from: 10.0, to: 90.0, curve, height: 9.0, energy: 1.0 };
        let longer = row.stretched(-30.0, 150.0);
        for u in [10.0, 60.0, 90.0] {
            assert!((row.v(u) - longer.v(u)).abs() < 1e-3);
        }
    }

    #[test]
    fn an_empty_or_tiny_plane_has_no_rows() {
        let data = [200u8; 90];
        for (w, h) in [(90, 1), (1, 90), (9, 10)] {
            let plane = Plane::new(w, h, &data).unwrap();
            assert!(rows(plane, Axis::X).is_empty() && rows(plane, Axis::Y).is_empty());
        }
    }
}
