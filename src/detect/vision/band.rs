//! Light titles in a dark band over print of which nothing looks like a label.
//!
//! Cards have such bands. Of a worn copy the labels are gone, names and numbers say nothing to a glance,
//! and what is left that tells is light. Where few lines were found a band is looked for, in a
//! fraction of a millisecond, and light lines in it alone.

use super::closer;
use crate::detect::scene::Scene;
use crate::pixels::{Axis, Print, TextLine};

/// Side of the squares whose tone counts, in pixels of the half-size picture, and points asked in one along
/// each way.
const CELL: usize = 8;
const POINTS: usize = 3;
/// A square is dark where it is so much of the paper's grey darker than paper, which eight in ten are not
/// lighter than.
const DARKER: f32 = 0.2;
const PAPER: f32 = 0.8;
/// The shortest band, in squares, and how much longer than high one is.
const MIN_LENGTH: usize = 10;
const SLENDER: usize = 3;
/// How much of a row of dark squares lies over the one below it.
const OVER: f32 = 0.6;

/// The light lines in a dark band; none where there is no band.
pub(super) fn lines(scene: &Scene<'_>) -> Vec<TextLine> {
    band(scene).map_or(Vec::new(), |part| closer::within(scene, part, Print::Light))
}

/// The longest band of the picture, with as much around it as it is high.
fn band(scene: &Scene<'_>) -> Option<[u32; 4]> {
    let half = scene.half()?;
    let (width, height) = (half.plane.width / CELL, half.plane.height / CELL);
    let tone = |i: usize| {
        let (x, y) = ((i % width * CELL) as f32, (i / width * CELL) as f32);
        let part = |k: usize| (k as f32 + 0.5) * CELL as f32 / POINTS as f32;
        let points = 0..POINTS * POINTS;
        let sum: f32 =
            points.map(|k| half.plane.at(x + part(k % POINTS), y + part(k / POINTS))).sum();
        sum / (POINTS * POINTS) as f32
    };
    let tones: Vec<f32> = (0..width * height).map(tone).collect();
    let mut sorted = tones.clone();
    sorted.sort_by(f32::total_cmp);
    let paper = *sorted.get((sorted.len() as f32 * PAPER) as usize)?;
    let dark: Vec<bool> = tones.iter().map(|&t| t < paper * (1.0 - DARKER)).collect();
    let along = |axis: Axis| {
        let (length, rows) = if axis == Axis::X { (width, height) } else { (height, width) };
        let is_dark = |u: usize, v: usize| {
            let i = if axis == Axis::X { v * width + u } else { u * width + v };
            dark.get(i).copied().unwrap_or(false)
        };
        longest(length, rows, is_dark)
    };
    let [x, y] = [Axis::X, Axis::Y].map(along);
    let is_x = x.map_or(0, |b| b.1 - b.0) >= y.map_or(0, |b| b.1 - b.0);
    let (u0, u1, v0, v1) = if is_x { x } else { y }?;
    let (x0, x1, y0, y1) = if is_x { (u0, u1, v0, v1) } else { (v0, v1, u0, u1) };
    let around = v1 - v0;
    let px = |cells: usize, most: u32| (((cells * CELL) as f32 * half.scale) as u32).min(most);
    let (w, h) = (scene.picture.width, scene.picture.height);
    let (left, top) = (px(x0.saturating_sub(around), w), px(y0.saturating_sub(around), h));
    let (right, bottom) = (px(x1 + around + 1, w), px(y1 + around + 1, h));
    Some([left, top, right - left, bottom - top])
}

/// The longest band as its ends and its first and last row, ends exclusive.
fn longest(
    length: usize,
    rows: usize,
    is_dark: impl Fn(usize, usize) -> bool,
) -> Option<(usize, usize, usize, usize)> {
    let run = |v: usize| {
        let (mut best, mut from) = ((0, 0), 0);
        for u in 0..=length {
            if u == length || !is_dark(u, v) {
                if u - from > best.1 - best.0 {
                    best = (from, u);
                }
                from = u + 1;
            }
        }
        best
    };
    let mut best: Option<(usize, usize, usize, usize)> = None;
    let mut open: Option<(usize, usize, usize)> = None;
    for v in 0..=rows {
        let (from, to) = if v < rows { run(v) } else { (0, 0) };
        let goes_on = open.filter(|&(a, b, _)| {
            let shared = b.min(to).saturating_sub(a.max(from));
            shared as f32 >= OVER * (b - a).max(to.saturating_sub(from)) as f32
        });
        if let Some((a, b, _)) = goes_on {
            open = open.map(|(_, _, top)| (a.min(from), b.max(to), top));
            continue;
        }
        if let Some((a, b, top)) = open
            && (v - top) * SLENDER <= b - a
            && best.is_none_or(|known| b - a > known.1 - known.0)
        {
            best = Some((a, b, top, v));
        }
        open = (to - from >= MIN_LENGTH).then_some((from, to, v));
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Picture, PictureFacts};

    fn found(boxes: &[[u32; 4]]) -> Option<[u32; 4]> {
        let (width, height) = (1200u32, 800u32);
        let inside = |x: u32, y: u32| {
            boxes
                .iter()
                .any(|b| (b[0]..b[0] + b[2]).contains(&x) && (b[1]..b[1] + b[3]).contains(&y))
        };
        let tone = |i: u32| if inside(i % width, i / width) { 60 } else { 230 };
        let luma = (0..width * height).map(tone).collect();
        let picture = Picture { width, height, luma, facts: PictureFacts::default() };
        band(&Scene::new(&picture).unwrap())
    }

    #[test]
    fn a_band_is_long_and_slender_whichever_way_it_lies() {
        let [x, y, w, h] = found(&[[200, 160, 640, 96]]).unwrap();
        assert!(x <= 200 && y <= 160 && x + w >= 840 && y + h >= 256 && h < 400, "{x} {y} {w} {h}");
        let [x, y, w, h] = found(&[[160, 100, 96, 640]]).unwrap();
        assert!(x <= 160 && y <= 100 && x + w >= 256 && y + h >= 740 && w < 400, "{x} {y} {w} {h}");
    }

    #[test]
    fn a_square_a_rule_and_a_blank_page_are_none() {
        for other in [&[[200, 160, 320, 320]][..], &[[200, 160, 640, 2]], &[[0, 0, 90, 90]], &[]] {
            assert_eq!(found(other), None, "{other:?}");
        }
    }
}
