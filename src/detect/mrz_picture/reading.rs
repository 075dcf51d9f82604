//! From a zone's place to its text.
//!
//! One row, the anchor, is read first, turned as its looks suggest, its strip laid onto it
//! exactly and lengthened until blank shows at both ends. Where its characters stand says where
//! those of the rows beside it do, seen or not.

use super::hint::{Hint, Turn};
use super::zones::{Spaced, Zone};
use crate::ident::mrz::{Decoded, decode};
use crate::pixels::{Path, Plane, Strip, aligned};
use crate::reader::{self, Grid, Line};

/// One zone that was read.
pub(super) struct Found {
    pub decoded: Decoded,
    /// x, y, width, height in the picture.
    pub region: [u32; 4],
    /// One row of the zone, the way it was read.
    pub anchor: Path,
}

/// Blank before and after a row in its strip, in characters: rows end at bands 1.5 characters
/// wide, and a faint first or last character is not in the row.
const MARGIN: f32 = 2.5;
/// The part of a row that is read first: 8 characters.
const PROBE_WIDTH_PX: usize = 128;
/// Share of its places that must be read. Right way up 0.56 and more were read on the tuning
/// pages, mostly all; mirrored, 0.3 and more.
const MIN_SURE: f32 = 0.4;
/// Characters that an anchor must have, most of them sure.
const MIN_COUNT: usize = 20;
/// Characters in a row of each format.
const COUNTS: [usize; 3] = [30, 36, 44];
/// Different characters, filler included, that an anchor must have: `LI<<WU` has five, a
/// lattice or a dashed line two or three.
const MIN_VARIETY: usize = 4;
/// The longest row of any format, with what may have run on into it.
const MAX_COUNT: f32 = 56.0;
/// Blank at an end of the anchor's strip, margin aside, that calls for another: characters.
const MAX_BLANK: f32 = 3.0;
/// Pitch that is off by more calls for another strip.
const MAX_PITCH_OFF: f32 = 0.06;
/// The same for its growth from end to end.
const MAX_GROWTH: f32 = 0.15;
/// How often the anchor's strip is laid anew.
const MAX_ROUNDS: usize = 5;
/// Rows of a zone that are tried as its anchor.
const MAX_ANCHORS: usize = 2;
/// Rows that are read as anchors in vain, in any turn, before a zone is given up.
const MAX_TRIES: usize = 3;
/// Share of the places of a row that are read for sure where it lies the right way up.
const SURELY_READ: f32 = 0.95;
/// How much less likely a turn may be than the likeliest to be tried, in natural log units.
const MAX_BEHIND: f32 = 4.0;
/// Rows beside the anchor that are read because they were seen.
const MAX_NEIGHBOURS: usize = 4;
/// Fillers in the rows of a zone that was read in part, under which nothing more is sought.
const MIN_FILLERS: usize = 3;
/// Share of the characters of a zone that must be read for sure: check digits make up for the
/// rest, but to look for the likeliest text in noise takes long.
const MIN_LEGIBLE: f32 = 0.4;
/// Distances of rows in pitches where no second row was seen: cards, booklets.
const USUAL_DISTANCES: [f32; 2] = [1.67, 2.5];
/// A zone that costs less needs no second try: all digits agree and hardly any was bent, or one
/// is misprinted.
const CLEAR_COST: f32 = 7.0;
/// How far reading may be bent to fit the check digits, in natural log units.
pub(super) const MAX_BENT: f32 = 24.0;

/// The zone's text, if its check digits bear it out.
pub(super) fn read(plane: Plane<'_>, zone: &Zone, hint: &Hint) -> Option<Found> {
    let mut order: Vec<&Spaced> = zone.rows.iter().collect();
    order.sort_by(|a, b| b.pitch.share.total_cmp(&a.pitch.share));
    let mut best: Option<Found> = None;
    let mut sure = false;
    let mut tries = MAX_TRIES;
    for turn in hint.likely(MAX_BEHIND) {
        let Turn { backwards, flipped } = turn;
        for spaced in order.iter().take(MAX_ANCHORS) {
            if tries == 0 {
                return best;
            }
            tries -= 1;
            let rough = Path { backwards, flipped, ..path_of(spaced) };
            if !some_is_read(plane, &rough) {
                continue;
            }
            let Some((anchor, line)) = anchored(plane, rough) else { continue };
            sure |= line.sure() > SURELY_READ * line.grid().map_or(0.0, |grid| grid.count as f32);
            let Some(found) = read_around(plane, zone, spaced, &anchor, &line) else { continue };
            if found.decoded.cost() < CLEAR_COST {
                return Some(found);
            }
            if best.as_ref().is_none_or(|b| found.decoded.cost() < b.decoded.cost()) {
                best = Some(found);
            }
        }
        // What can be read is not mirrored; if it is no zone this way, it is none.
        if best.is_some() || sure {
            break;
        }
    }
    best
}

pub(super) fn path_of(spaced: &Spaced) -> Path {
    let (row, pitch) = (spaced.row.clone(), spaced.pitch.px);
    let path = Path { row, pitch, drift: 0.0, backwards: false, flipped: false };
    if path.pitches() > MAX_COUNT {
        let half = MAX_COUNT / 2.0;
        return path.between(-half, half);
    }
    path
}

/// Width of the strip of a whole path with its margins.
fn width_of(path: &Path) -> usize {
    let places = path.pitches() + 2.0 * MARGIN;
    ((places * reader::PITCH) as usize).next_multiple_of(reader::STEP)
}

/// That strip.
fn strip(plane: Plane<'_>, path: &Path) -> Strip {
    let first = -path.pitches() / 2.0 - MARGIN;
    path.cut(plane, first, width_of(path), reader::HEIGHT, reader::PITCH)
}

/// Whether the middle of a row reads as anything at all; a fifth of what the whole costs.
fn some_is_read(plane: Plane<'_>, path: &Path) -> bool {
    let path = aligned(plane, path).unwrap_or_else(|| path.clone());
    let places = PROBE_WIDTH_PX as f32 / reader::PITCH;
    let strip = path.cut(plane, -places / 2.0, PROBE_WIDTH_PX, reader::HEIGHT, reader::PITCH);
    reader::read(&[strip]).iter().any(|line| line.sure() >= MIN_SURE * places)
}

/// Lays the path along its row, from the first character to the last.
fn anchored(plane: Plane<'_>, rough: Path) -> Option<(Path, Line)> {
    let mut path = rough;
    let mut best: Option<(Path, Line)> = None;
    let mut stretched = false;
    for round in 0..MAX_ROUNDS {
        if let Some(better) = aligned(plane, &path) {
            path = better;
        }
        let line = reader::read(&[strip(plane, &path)]).pop()?;
        let Some(grid) = line.grid() else { break };
        // Lengthening has brought nothing to light: a lattice, a dashed line, a few words,
        // the left edges of the lines of a receipt.
        let poor = line.variety() < MIN_VARIETY
            || grid.count < MIN_COUNT / 2
            || line.sure() < 0.45 * grid.count as f32;
        if round > 0 && poor {
            break;
        }
        let read = Some((path.clone(), line));
        let more = best
            .as_ref()
            .is_none_or(|(_, b)| b.sure() < read.as_ref().map_or(0.0, |(_, l)| l.sure()));
        if more {
            best = read;
        }
        let (first, last) = ends(&path, &grid);
        let before = first + path.pitches() / 2.0;
        let after = path.pitches() / 2.0 - last;
        // A character near the end of its strip may have another behind it.
        let open = 1.2 - MARGIN;
        // Or the count is no format's: some were not read where the strip should go on.
        let odd = !stretched && !COUNTS.iter().any(|n| n.abs_diff(grid.count) <= 1);
        stretched |= odd;
        let lengthened = |gap: f32| if gap < open || odd { 8.0 } else { 0.0 };
        let (first, last) = (first - lengthened(before), last + lengthened(after));
        let inside = |gap: f32| gap > open && gap < MAX_BLANK;
        let settled = !odd
            && inside(before)
            && inside(after)
            && (grid.mean_pitch() / reader::PITCH - 1.0).abs() < MAX_PITCH_OFF
            && (grid.growth() * grid.count as f32).abs() < MAX_GROWTH;
        if settled || last - first > MAX_COUNT + 10.0 {
            break;
        }
        path = fitted(&path, &grid, first, last);
    }
    let (path, line) = best?;
    let grid = line.grid()?;
    let dull = line.variety() < MIN_VARIETY;
    if grid.count < MIN_COUNT || dull || line.sure() < 0.5 * grid.count as f32 {
        return None;
    }
    let (first, last) = ends(&path, &grid);
    Some((fitted(&path, &grid, first, last), line))
}

/// From `first` to `last` pitches along, with the pitch and its growth that the grid shows.
fn fitted(path: &Path, grid: &Grid, first: f32, last: f32) -> Path {
    let mut path = path.between(first, last);
    let scale = grid.mean_pitch() / reader::PITCH;
    path.pitch *= scale;
    path.drift = path.drift * scale + grid.growth();
    path
}

/// Where the characters begin and end, in pitches of the path from its middle.
fn ends(path: &Path, grid: &Grid) -> (f32, f32) {
    let along = |px: f32| px / reader::PITCH - MARGIN - path.pitches() / 2.0;
    (along(grid.at(-0.5)), along(grid.at(grid.count as f32 - 0.5)))
}

/// Reads the rows beside an anchor: those that were seen, then those that must be there.
fn read_around(
    plane: Plane<'_>,
    zone: &Zone,
    seen: &Spaced,
    anchor: &Path,
    line: &Line,
) -> Option<Found> {
    let sign = if anchor.flipped { -1.0 } else { 1.0 };
    let mut known: Vec<f32> = zone
        .rows
        .iter()
        .filter_map(|r| super::zones::distance(seen, r))
        .map(|d| d * sign)
        .filter(|d| d.abs() > 1.0 && d.abs() < 7.0)
        .collect();
    known.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    known.truncate(MAX_NEIGHBOURS);
    let mut rows: Vec<(f32, Path, Line)> = vec![(0.0, anchor.clone(), line.clone())];
    let mut best: Option<Found> = None;
    for round in 0..2 {
        if round == 1 {
            // Receipts and listings read well and are long; what they lack is filler.
            if rows.iter().map(|(.., line)| line.fillers()).sum::<usize>() < MIN_FILLERS {
                break;
            }
            known = steps(&rows).iter().flat_map(|s| [-2.0 * s, -s, *s, 2.0 * s]).collect();
        }
        let mut new: Vec<(f32, Path)> = known
            .iter()
            .filter(|&&d| rows.iter().all(|(have, ..)| (have - d).abs() > 0.8))
            .filter_map(|&d| {
                let path = anchor.below(d);
                let laid = aligned(plane, &path);
                // Where no row was seen and none shows now, there is nothing to read.
                let path = if round == 0 { laid.unwrap_or(path) } else { laid? };
                Some((d, path))
            })
            .collect();
        new.dedup_by(|a, b| (a.1.below_of(anchor) - b.1.below_of(anchor)).abs() < 0.4);
        if new.is_empty() && round == 1 {
            break;
        }
        // One width for all, so that they are read together.
        let width = width_of(anchor);
        let strips: Vec<Strip> = new
            .iter()
            .map(|(_, path)| {
                let first = -(width as f32) / reader::PITCH / 2.0;
                path.cut(plane, first, width, reader::HEIGHT, reader::PITCH)
            })
            .collect();
        let lines = reader::read(&strips);
        for ((_, path), line) in new.into_iter().zip(lines) {
            // Where it came to lie, which may be another row than was aimed at.
            let d = path.below_of(anchor);
            let there = rows.iter_mut().find(|(have, ..)| (have - d).abs() < 0.8);
            match there {
                Some(old) if old.2.sure() < line.sure() => *old = (d, path, line),
                Some(_) => {}
                None if line.grid().is_some() => rows.push((d, path, line)),
                None => {}
            }
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        best = best_window(&rows).map(|(decoded, used)| {
            let regions = rows.get(used).unwrap_or(&[]).iter().map(|(_, path, _)| {
                let half = path.pitches() / 2.0;
                path.region(plane, -half, half, -0.7, 0.7)
            });
            let region = regions.reduce(around).unwrap_or_default();
            Found { decoded, region, anchor: anchor.clone() }
        });
        if best.as_ref().is_some_and(|b| b.decoded.cost() < CLEAR_COST) {
            break;
        }
    }
    best
}

/// Distances in pitches at which more rows may lie, given those that were read.
fn steps(rows: &[(f32, Path, Line)]) -> Vec<f32> {
    let gaps = rows.windows(2).map(|w| w[1].0 - w[0].0);
    match gaps.reduce(f32::min) {
        // The middle row of three was not seen, or the two rows of a booklet are far apart.
        Some(gap) if gap > 2.8 && gap < 3.8 => vec![gap / 2.0, gap],
        Some(gap) if gap < 3.8 => vec![gap],
        _ => USUAL_DISTANCES.to_vec(),
    }
}

fn around(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    let (x, y) = (a[0].min(b[0]), a[1].min(b[1]));
    [x, y, (a[0] + a[2]).max(b[0] + b[2]) - x, (a[1] + a[3]).max(b[1] + b[3]) - y]
}

/// The best zone among neighbouring rows, and which they are.
fn best_window(rows: &[(f32, Path, Line)]) -> Option<(Decoded, std::ops::Range<usize>)> {
    let mut best: Option<(Decoded, std::ops::Range<usize>)> = None;
    for (size, widths) in [(3, &[30][..]), (2, &[44, 36][..])] {
        for (start, window) in rows.windows(size).enumerate() {
            let together = window.windows(2).all(|w| w[1].0 - w[0].0 < 3.8);
            for &width in widths {
                let readings: Vec<_> =
                    window.iter().map(|(_, _, line)| line.readings(width)).collect();
                let sure: f32 = window.iter().map(|(_, _, line)| line.sure()).sum();
                let legible = sure >= MIN_LEGIBLE * (size * width) as f32;
                if !together || !legible || readings.iter().any(Vec::is_empty) {
                    continue;
                }
                let Some(decoded) = decode(&readings, MAX_BENT) else { continue };
                let better = best.as_ref().is_none_or(|(b, _)| decoded.cost() < b.cost());
                if better {
                    best = Some((decoded, start..start + size));
                }
            }
        }
    }
    best
}
