//! Something like the portrait of a document beside its words.
//!
//! No face is looked for: what counts is one dark patch, upright, of the size that a portrait
//! has on a card whose letters have this size. Copies keep it whatever they do to faces.

use crate::detect::scene::Scaled;
use crate::pixels::Path;

/// Where words stand, along and across their direction, in heights of a capital from the middle of
/// a line of theirs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub along: (f32, f32),
    pub down: (f32, f32),
}

/// How far around the words is looked: a portrait of 30 mm beside letters of 1.2 mm.
const BESIDE: f32 = 30.0;
const ABOVE: f32 = 8.0;
const BELOW: f32 = 28.0;
/// Cells looked at, at most: those of a page of labels.
const MAX_CELLS: usize = 40_000;
/// Points under a cell along each way.
const POINTS: usize = 2;
/// A cell is dark where it is so much of the paper's grey darker than paper.
const DARKER: f32 = 0.24;
/// Paper is at least so bright, else all is noise.
const MIN_PAPER: f32 = 50.0;
/// Sizes in cells, heights of a capital: portraits of 18 x 24 to 35 x 45 mm beside letters of 1.2 to
/// 3 mm; the dark part of one may be half of it.
const WIDTHS: std::ops::RangeInclusive<usize> = 4..=30;
const HEIGHTS: std::ops::RangeInclusive<usize> = 6..=38;
/// Width by height.
const RATIOS: std::ops::RangeInclusive<f32> = 0.42..=1.3;
/// Dark cells of those in its box.
const MIN_FILL: f32 = 0.45;
/// The same for one in two parts, the least cells of a part, how much of the wider one lies over the other,
/// and how much of its height the lost face may be.
const MIN_FILL_PARTED: f32 = 0.4;
const MIN_PART: usize = 10;
const PARTS_SHARE: f32 = 0.6;
const MAX_FACE: f32 = 0.5;
/// The largest patches that are tried as parts.
const MAX_PARTS: usize = 8;

/// The dark patch beside the words, as corners in pixels of the whole picture; `line` is any line of
/// theirs, read the right way, `extent` in its terms.
pub(super) fn portrait(half: Scaled<'_>, line: &Path, extent: Extent) -> Option<[[f32; 2]; 4]> {
    let left = extent.along.0 - BESIDE;
    let top = extent.down.0 - ABOVE;
    let width = (extent.along.1 + BESIDE - left).max(1.0) as usize;
    let height = (extent.down.1 + BELOW - top).max(1.0) as usize;
    if width * height > MAX_CELLS {
        return None;
    }
    // Lines of text run straight on.
    let (from, along, down) = (line.place(left, top), (1.0, 0.0), (0.0, 1.0));
    let [along, down] = [along, down].map(|(u, v)| {
        let to = line.place(left + u, top + v);
        ((to.0 - from.0) / half.scale, (to.1 - from.1) / half.scale)
    });
    let from = (from.0 / half.scale, from.1 / half.scale);
    let place =
        |u: f32, v: f32| (from.0 + u * along.0 + v * down.0, from.1 + u * along.1 + v * down.1);
    let cell = |i: usize| {
        let (cx, cy) = ((i % width) as f32, (i / width) as f32);
        let mut sum = 0.0;
        for k in 0..POINTS * POINTS {
            let part = |n: usize| (n as f32 + 0.5) / POINTS as f32;
            let (x, y) = place(cx + part(k % POINTS), cy + part(k / POINTS));
            let inside = x >= 0.0
                && y >= 0.0
                && x <= (half.plane.width - 1) as f32
                && y <= (half.plane.height - 1) as f32;
            if !inside {
                return None;
            }
            sum += half.plane.at(x, y);
        }
        Some(sum / (POINTS * POINTS) as f32)
    };
    let cells: Vec<Option<f32>> = (0..width * height).map(cell).collect();
    let among_words = |i: usize| {
        let (u, v) = (left + (i % width) as f32, top + (i / width) as f32);
        (extent.along.0..=extent.along.1).contains(&u)
            && (extent.down.0..=extent.down.1).contains(&v)
    };
    let mut tones: Vec<f32> =
        cells.iter().enumerate().filter(|(i, _)| among_words(*i)).filter_map(|(_, c)| *c).collect();
    tones.sort_by(f32::total_cmp);
    let paper = tones.get(tones.len() * 3 / 4).copied().filter(|&p| p >= MIN_PAPER)?;
    let dark: Vec<bool> =
        cells.iter().map(|c| c.is_some_and(|c| c < paper * (1.0 - DARKER))).collect();
    let patches = patches(&dark, width);
    let whole = || patches.iter().copied().find(|p| p.is_portrait(width, height, MIN_FILL));
    let patch = whole().or_else(|| parted(&patches, width, height))?;
    let corner = |u: usize, v: usize| {
        let (x, y) = place(u as f32, v as f32);
        [x * half.scale, y * half.scale]
    };
    let (x0, y0, x1, y1) = (patch.x0, patch.y0, patch.x1 + 1, patch.y1 + 1);
    Some([corner(x0, y0), corner(x1, y0), corner(x1, y1), corner(x0, y1)])
}

/// A portrait of which a copy kept hair and clothes and lost the face between them: two dark patches, one
/// over the other, that together have its size.
fn parted(patches: &[Patch], width: usize, height: usize) -> Option<Patch> {
    let wide = |p: &&Patch| WIDTHS.contains(&(p.x1 + 1 - p.x0)) && p.count >= MIN_PART;
    let parts: Vec<&Patch> = patches.iter().filter(wide).take(MAX_PARTS).collect();
    for top in &parts {
        for bottom in parts.iter().filter(|p| p.y0 > top.y1) {
            let shared = (top.x1 + 1).min(bottom.x1 + 1).saturating_sub(top.x0.max(bottom.x0));
            let wider = (top.x1 - top.x0).max(bottom.x1 - bottom.x0) + 1;
            let both = Patch {
                x0: top.x0.min(bottom.x0),
                y0: top.y0,
                x1: top.x1.max(bottom.x1),
                y1: bottom.y1,
                count: top.count + bottom.count,
            };
            let face = bottom.y0 - top.y1 - 1;
            let tall = both.y1 + 1 - both.y0;
            let fits = shared as f32 >= PARTS_SHARE * wider as f32
                && face as f32 <= MAX_FACE * tall as f32;
            if fits && both.is_portrait(width, height, MIN_FILL_PARTED) {
                return Some(both);
            }
        }
    }
    None
}

/// Connected dark cells.
#[derive(Debug, Clone, Copy)]
struct Patch {
    x0: usize,
    y0: usize,
    x1: usize,
    y1: usize,
    count: usize,
}

impl Patch {
    fn is_portrait(&self, width: usize, height: usize, fill: f32) -> bool {
        let (w, h) = (self.x1 + 1 - self.x0, self.y1 + 1 - self.y0);
        // What goes on beyond the window is the desk or the next thing on the page.
        let within = self.x0 > 0 && self.y0 > 0 && self.x1 + 1 < width && self.y1 + 1 < height;
        within
            && WIDTHS.contains(&w)
            && HEIGHTS.contains(&h)
            && RATIOS.contains(&(w as f32 / h as f32))
            && self.count as f32 >= fill * (w * h) as f32
    }
}

fn patches(dark: &[bool], width: usize) -> Vec<Patch> {
    let mut seen = vec![false; dark.len()];
    let mut out = Vec::new();
    for start in 0..dark.len() {
        let is_open =
            |i: usize, seen: &[bool]| dark.get(i) == Some(&true) && seen.get(i) == Some(&false);
        if !is_open(start, &seen) {
            continue;
        }
        let (x, y) = (start % width, start / width);
        let mut patch = Patch { x0: x, y0: y, x1: x, y1: y, count: 0 };
        let mut open = vec![start];
        while let Some(i) = open.pop() {
            if !is_open(i, &seen) {
                continue;
            }
            if let Some(mark) = seen.get_mut(i) {
                *mark = true;
            }
            let (x, y) = (i % width, i / width);
            patch.x0 = patch.x0.min(x);
            patch.x1 = patch.x1.max(x);
            patch.y0 = patch.y0.min(y);
            patch.y1 = patch.y1.max(y);
            patch.count += 1;
            open.extend((x > 0).then(|| i - 1));
            open.extend((x + 1 < width).then_some(i + 1));
            open.extend(i.checked_sub(width));
            open.push(i + width);
        }
        out.push(patch);
    }
    out.sort_by_key(|patch| std::cmp::Reverse(patch.count));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::{Axis, Plane, Row};

    /// A page with words from (300, 100) on, 10 px high, and a dark patch.
    fn found(patch: (usize, usize, usize, usize)) -> bool {
        found_of(&[patch])
    }

    fn found_of(patches: &[(usize, usize, usize, usize)]) -> bool {
        let (width, height) = (700, 500);
        let mut data = vec![220u8; width * height];
        for patch in patches {
            for y in patch.1..patch.3 {
                data[y * width + patch.0..y * width + patch.2].fill(90);
            }
        }
        let plane = Plane::new(width, height, &data).unwrap();
        let curve = [100.0, 0.0, 0.0];
        let row = Row { axis: Axis::X, from: 300.0, to: 500.0, curve, height: 10.0, energy: 0.0 };
        let line = Path { row, pitch: 10.0, drift: 0.0, backwards: false, flipped: false };
        let extent = Extent { along: (-10.0, 10.0), down: (-1.0, 15.0) };
        portrait(Scaled { plane, scale: 1.0 }, &line, extent).is_some()
    }

    #[test]
    fn a_patch_of_a_portraits_size_beside_the_words_is_one() {
        assert!(found((120, 110, 250, 280)));
        assert!(found((540, 110, 660, 280)));
        // A rule, a small mark, half a page, what runs over the edge.
        for other in
            [(100, 200, 260, 210), (200, 150, 230, 180), (0, 0, 700, 90), (0, 100, 120, 300)]
        {
            assert!(!found(other), "{other:?}");
        }
    }

    #[test]
    fn hair_and_clothes_of_a_lost_face_are_one() {
        let (hair, clothes) = ((140, 110, 240, 160), (130, 210, 250, 280));
        assert!(!found(hair) && !found(clothes) || found_of(&[hair, clothes]));
        assert!(found_of(&[hair, clothes]));
        // Two bars far apart, two beside one another.
        assert!(!found_of(&[(140, 60, 240, 80), (130, 300, 250, 320)]));
        assert!(!found_of(&[(60, 110, 100, 160), (140, 210, 260, 240)]));
    }
}
