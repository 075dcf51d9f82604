//! Where in a picture a machine readable zone may be: two or three parallel rows of equally
//! spaced characters. Nothing is read here.

use crate::detect::{Scaled, Scene};
use crate::pixels::{Axis, Direction, Pitch, Row, Turned, directions, pitch_of, rows};

/// A row with its pitch, in pixels of the whole picture.
#[derive(Debug, Clone)]
pub(super) struct Spaced {
    pub row: Row,
    pub pitch: Pitch,
}

impl Spaced {
    pub fn count(&self) -> f32 {
        self.row.run() / self.pitch.px
    }
}

/// Rows that belong together, in the order of `v`.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    pub rows: Vec<Spaced>,
    pub score: f32,
}

/// Least share of the power along a row in its pitch. Rows of zones measured 0.36 to 0.89 on
/// pages of all channels (0.2 where other text runs on beside them), prose up to 0.25, tables
/// up to 0.41.
const MIN_SHARE: f32 = 0.28;
/// Characters in a row: from half a card's line (the rest lost to glare or a stamp) to a
/// passport's line with a neighbour's text run on.
const COUNTS: std::ops::RangeInclusive<f32> = 14.0..=75.0;
/// Distance of neighbouring rows in pitches: 1.67 on cards, 2.5 on booklets, with home-made
/// documents and slant around them.
const DISTANCES: std::ops::RangeInclusive<f32> = 1.25..=3.3;

/// How the picture is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// Rows along the axes, 14 degrees off where they are large.
    Level,
    /// Rows in the directions in which much of the picture runs.
    Askew,
}

/// Slants nearer to the axis than this, 4 degrees, are seen level.
const MIN_SLANT: f32 = 0.07;
/// Rows of less than 7 px a character are no higher than this; less than 5 shows no pitch.
const SMALL_ROW_PX: f32 = 6.5;
/// Thirty characters of 5 px.
const SMALL_ROW_LENGTH_PX: f32 = 150.0;
/// A zone has two rows.
const MIN_SMALL_ROWS: usize = 2;
/// Part of all that runs in some direction, for rows to be looked for in it.
const MIN_DIRECTION: f32 = 0.16;
/// Directions in which rows are looked for.
const MAX_DIRECTIONS: usize = 2;

/// Candidates in the order in which reading them pays, in pixels of the whole picture.
pub(super) fn find(scene: &Scene, sight: Sight) -> Vec<Zone> {
    group(spaced_rows(scene, sight))
}

/// Rows that are evenly spaced.
pub(super) fn spaced_rows(scene: &Scene, sight: Sight) -> Vec<Spaced> {
    let mut found: Vec<Spaced> = Vec::new();
    match sight {
        Sight::Level => {
            let half = scene.half();
            let quarter = half.and_then(|half| half.plane.halved());
            let quarter = quarter
                .as_ref()
                .zip(half)
                .map(|(quarter, half)| Scaled { plane: quarter.plane(), scale: 2.0 * half.scale });
            for Scaled { plane, scale } in
                [Some(scene.working()), half, quarter].into_iter().flatten()
            {
                for row in [Axis::X, Axis::Y].into_iter().flat_map(|axis| rows(plane, axis)) {
                    keep(&mut found, pitch_of(plane, &row), row, scale);
                }
            }
        }
        Sight::Askew => {
            let Some(half) = scene.half() else { return found };
            let strong = directions(half.plane).into_iter();
            let strong = strong.filter(|d| d.share >= MIN_DIRECTION && d.slant.abs() > MIN_SLANT);
            for direction in strong.take(MAX_DIRECTIONS) {
                let before = found.len();
                let small = turned_rows(&mut found, half, &direction);
                // What is too small for its pitch to show here shows as low rows all the same.
                if found.len() == before && small >= MIN_SMALL_ROWS {
                    turned_rows(&mut found, scene.working(), &direction);
                }
            }
        }
    }
    found
}

/// Rows along a direction, and rows half as large; tells how many long low ones there were.
fn turned_rows(found: &mut Vec<Spaced>, from: Scaled, direction: &Direction) -> usize {
    let turned = Turned::new(from.plane, direction);
    let half = turned.plane().halved();
    let half = half.as_ref().map(|half| (half.plane(), 2.0));
    let mut small = 0;
    for (plane, factor) in [Some((turned.plane(), 1.0)), half].into_iter().flatten() {
        for row in rows(plane, Axis::X) {
            let low = row.height < SMALL_ROW_PX && row.length() > SMALL_ROW_LENGTH_PX;
            small += usize::from(low && factor == 1.0);
            let pitch = pitch_of(plane, &row).map(|p| Pitch { px: p.px * factor, ..p });
            keep(found, pitch, turned.back(&row.scaled(factor)), from.scale);
        }
    }
    small
}

/// Keeps a row that is evenly spaced.
fn keep(found: &mut Vec<Spaced>, pitch: Option<Pitch>, row: Row, scale: f32) {
    let Some(pitch) = pitch else { return };
    let pitch = Pitch { px: pitch.px * scale, share: pitch.share };
    let spaced = Spaced { row: row.scaled(scale), pitch };
    if pitch.share >= MIN_SHARE && COUNTS.contains(&spaced.count()) {
        add(found, spaced);
    }
}

/// Keeps one of two sights of the same row, from two scales or broken in the middle.
fn add(found: &mut Vec<Spaced>, new: Spaced) {
    let same = |old: &Spaced| {
        let middle = (new.row.from + new.row.to) / 2.0;
        old.row.axis == new.row.axis
            && (old.row.v(middle) - new.row.v(middle)).abs() < 0.6 * old.pitch.px
            && (old.pitch.px / new.pitch.px - 1.0).abs() < 0.12
    };
    let overlaps = |old: &Spaced| {
        old.row.from < new.row.to + 2.0 * new.pitch.px
            && new.row.from < old.row.to + 2.0 * new.pitch.px
    };
    match found.iter_mut().find(|old| same(old) && overlaps(old)) {
        None => found.push(new),
        Some(old) => {
            // The better spaced one draws the line. A longer sight may be one that ran on into
            // other text, unless it is as well spaced.
            let (best, other) =
                if new.pitch.share > old.pitch.share { (&new, &*old) } else { (&*old, &new) };
            let mut kept = best.clone();
            if other.pitch.share > 0.7 * best.pitch.share && other.count() < 50.0 {
                let (from, to) = (kept.row.from.min(other.row.from), kept.row.to.max(other.row.to));
                kept.row = kept.row.stretched(from, to);
            }
            *old = kept;
        }
    }
}

/// Distance of two rows in pitches of the first, where they lie beside each other.
pub(super) fn distance(a: &Spaced, b: &Spaced) -> Option<f32> {
    let (from, to) = (a.row.from.max(b.row.from), a.row.to.min(b.row.to));
    let shorter = a.row.length().min(b.row.length());
    let parallel = (a.row.curve[1] - b.row.curve[1]).abs() < 0.06;
    let alike = (a.pitch.px / b.pitch.px - 1.0).abs() < 0.12;
    if a.row.axis != b.row.axis || !parallel || !alike || to - from < 0.5 * shorter {
        return None;
    }
    let middle = (from + to) / 2.0;
    let slope = a.row.curve[1];
    Some((b.row.v(middle) - a.row.v(middle)) / (1.0 + slope * slope).sqrt() / a.pitch.px)
}

fn group(mut found: Vec<Spaced>) -> Vec<Zone> {
    found.sort_by(|a, b| b.pitch.share.total_cmp(&a.pitch.share));
    let mut zones: Vec<Zone> = Vec::new();
    while let Some(seed) = (!found.is_empty()).then(|| found.remove(0)) {
        let mut rows = vec![seed];
        // Grow from any member: the third row is no neighbour of the first.
        while let Some(next) = found.iter().position(|f| {
            rows.iter().any(|r| distance(r, f).is_some_and(|d| DISTANCES.contains(&d.abs())))
        }) {
            let next = found.remove(next);
            let crowded = rows
                .iter()
                .any(|r| distance(r, &next).is_some_and(|d| d.abs() < *DISTANCES.start()));
            if !crowded {
                rows.push(next);
            }
        }
        let middle =
            rows.iter().map(|r| (r.row.from + r.row.to) / 2.0).sum::<f32>() / rows.len() as f32;
        rows.sort_by(|a, b| a.row.v(middle).total_cmp(&b.row.v(middle)));
        // Two or three rows are a zone; one may be a zone whose other rows were not seen; many
        // are a listing or a form in a typewriter face.
        let company = match rows.len() {
            1 => 0.5,
            2 | 3 => 1.0,
            4 | 5 => 0.6,
            _ => 0.3,
        };
        let best = rows.iter().map(|r| r.pitch.share).fold(0.0, f32::max);
        let long = rows.iter().map(Spaced::count).fold(0.0, f32::max);
        zones.push(Zone { score: best * company * (long / 28.0).min(1.0), rows });
    }
    zones.sort_by(|a, b| b.score.total_cmp(&a.score));
    zones
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spaced(v: f32, from: f32, to: f32, share: f32) -> Spaced {
        let row = Row { axis: Axis::X, from, to, curve: [v, 0.0, 0.0], height: 9.0, energy: 40.0 };
        Spaced { row, pitch: Pitch { px: 10.0, share } }
    }

    #[test]
    fn two_documents_on_a_page_are_two_zones() {
        let rows = vec![
            spaced(100.0, 50.0, 350.0, 0.7),
            spaced(117.0, 50.0, 350.0, 0.6),
            spaced(134.0, 50.0, 350.0, 0.5),
            spaced(400.0, 40.0, 480.0, 0.8),
            spaced(425.0, 40.0, 480.0, 0.6),
        ];
        let zones = group(rows);
        assert_eq!(zones.iter().map(|z| z.rows.len()).collect::<Vec<_>>(), [2, 3]);
        assert!(zones[1].rows[0].row.curve[0] < zones[1].rows[2].row.curve[0]);
    }

    #[test]
    fn two_sights_of_a_row_become_one() {
        let mut found = Vec::new();
        add(&mut found, spaced(100.0, 50.0, 200.0, 0.6));
        add(&mut found, spaced(102.0, 190.0, 350.0, 0.7));
        add(&mut found, spaced(101.0, 0.0, 900.0, 0.3));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].row.from, found[0].row.to), (50.0, 350.0));
    }
}
