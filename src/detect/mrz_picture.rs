//! Machine readable zones in pictures.
//!
//! Cheap steps first: size, rows with an even pitch, a group of such rows; only then is
//! anything read. Turned and mirrored pictures are told by reading one row in each way; EXIF
//! is not asked. What is read becomes evidence only through the check digits.

mod zones;

use super::PictureDetector;
use crate::flow::{Evidence, Kind, Picture, ReadFrom, Sign, Site};
use crate::ident::mrz::{Decoded, decode};
use crate::pixels::{Axis, Path, Plane, Strip};
use crate::reader::{self, Line};
use zones::{Spaced, Zone, stretched};

pub struct MrzPicture;

/// Under this there is no room for a card's line of 30 characters of 5 px.
const MIN_LONG_SIDE_PX: u32 = 180;
/// Three rows of a card at 5 px a character.
const MIN_SHORT_SIDE_PX: u32 = 20;
/// Zones that are read in one picture, most promising first.
const MAX_ZONES: usize = 6;
/// Documents found in one picture; a contact sheet of more is reported by these.
const MAX_DOCUMENTS: usize = 16;
/// Blank before and after a row in its strip, in characters: rows end at bands 1.5 characters
/// wide, and a faint first or last character is not in the row.
const MARGIN: f32 = 2.5;
/// Characters that must be read in a row for the zone to be read at all.
const MIN_SURE: f32 = 14.0;
/// Characters after which no other way of turning the strip is tried: mirrored rows read as up
/// to 20 wrong characters.
const SETTLED_SURE: f32 = 26.0;
/// How far reading may be bent to fit the check digits, in natural log units.
const MAX_BENT: f32 = 24.0;

impl PictureDetector for MrzPicture {
    fn name(&self) -> &'static str {
        "mrz"
    }

    fn look(&self, picture: &Picture, out: &mut Vec<Evidence>) {
        let (width, height) = (picture.width, picture.height);
        if width.max(height) < MIN_LONG_SIDE_PX || width.min(height) < MIN_SHORT_SIDE_PX {
            return;
        }
        let Some(plane) = Plane::new(width as usize, height as usize, &picture.luma) else {
            return;
        };
        let shrunk = plane.shrunk(zones::WORKING_SIDE_PX);
        let base = shrunk.as_ref().map_or(plane, |s| s.plane());
        let scale = plane.width as f32 / base.width as f32;
        let half = base.halved();
        let mut regions: Vec<[u32; 4]> = Vec::new();
        for zone in
            zones::find(base, half.as_ref().map(|h| h.plane()), scale).into_iter().take(MAX_ZONES)
        {
            let Some(found) = read(plane, &zone) else { continue };
            if regions.iter().any(|r| overlap(r, &found.region)) || regions.len() >= MAX_DOCUMENTS {
                continue;
            }
            regions.push(found.region);
            out.extend(evidence(&found));
        }
    }
}

/// One zone that was read.
struct Found {
    decoded: Decoded,
    region: [u32; 4],
}

fn evidence(found: &Found) -> Option<Evidence> {
    let mrz = &found.decoded.mrz;
    // All checks: 0.998 unbent, 0.97 at the bend that is just let through. Partial: 0.75.
    let weight = if mrz.all_checks() {
        6.3 - 2.6 * (found.decoded.bent / MAX_BENT).clamp(0.0, 1.0)
    } else {
        1.1
    };
    Some(Evidence {
        kind: Kind::IdDocumentCopy,
        document: Some(mrz.hint()),
        count: 1,
        subjects: vec![mrz.subject()],
        sites: vec![Site { region: Some(found.region), subject: Some(0), ..Site::default() }],
        signs: vec![Sign {
            detector: "mrz",
            sign: mrz.sign()?,
            weight,
            read_from: ReadFrom::Picture,
        }],
    })
}

fn overlap(a: &[u32; 4], b: &[u32; 4]) -> bool {
    let apart = |a0: u32, an: u32, b0: u32, bn: u32| a0 + an <= b0 || b0 + bn <= a0;
    !apart(a[0], a[2], b[0], b[2]) && !apart(a[1], a[3], b[1], b[3])
}

/// How a strip is turned before it is read. Backwards and flipped both is upside down.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Turn {
    backwards: bool,
    flipped: bool,
}

/// The ways to read a row, likelier pair first: upright and upside down, then their mirror
/// images. Taking columns for rows mirrors by itself.
fn turns(axis: Axis) -> [[Turn; 2]; 2] {
    let turned = [(false, false), (true, true)];
    let mirrored = [(true, false), (false, true)];
    let pairs = if axis == Axis::X { [turned, mirrored] } else { [mirrored, turned] };
    pairs.map(|pair| pair.map(|(backwards, flipped)| Turn { backwards, flipped }))
}

/// The extent along the axis that strips of this zone cover, and how many characters fit.
fn extent(zone: &Zone) -> Option<(f32, f32, f32)> {
    let pitch = {
        let mut all: Vec<f32> = zone.rows.iter().map(|r| r.pitch.px).collect();
        all.sort_by(f32::total_cmp);
        *all.get(all.len() / 2)?
    };
    // A row that ran on into other text does not set the extent if another can.
    let best = zone.rows.iter().map(|r| r.pitch.share).fold(0.0, f32::max);
    let sets = |r: &&Spaced| {
        r.pitch.share > 0.6 * best && r.row.length() / r.pitch.px <= 50.0 || r.pitch.share == best
    };
    let from = zone.rows.iter().filter(sets).map(|r| r.row.from).fold(f32::INFINITY, f32::min);
    let to = zone.rows.iter().filter(sets).map(|r| r.row.to).fold(f32::NEG_INFINITY, f32::max);
    (to - from < 80.0 * pitch).then_some((from, to, pitch))
}

/// The strip of a row as it lies in the picture, not turned.
fn strip(plane: Plane<'_>, path: &Path) -> Strip {
    let slope = path.row.curve[1];
    let along = path.row.length() * (1.0 + slope * slope).sqrt() / path.pitch;
    let count = along + 2.0 * MARGIN;
    let width = ((count * reader::PITCH) as usize).next_multiple_of(reader::STEP);
    path.cut(plane, -along / 2.0 - MARGIN, width, reader::HEIGHT, reader::PITCH)
}

fn turned(strip: &Strip, turn: Turn) -> Strip {
    let mut data = Vec::with_capacity(strip.data.len());
    for y in 0..strip.height {
        let y = if turn.flipped { strip.height - 1 - y } else { y };
        let row = strip.data.get(y * strip.width..(y + 1) * strip.width).unwrap_or(&[]);
        if turn.backwards {
            data.extend(row.iter().rev());
        } else {
            data.extend(row);
        }
    }
    Strip { data, ..*strip }
}

fn read(plane: Plane<'_>, zone: &Zone) -> Option<Found> {
    let (from, to, pitch) = extent(zone)?;
    let path = |spaced: &Spaced| Path {
        row: stretched(&spaced.row, from, to),
        pitch,
        backwards: false,
        flipped: false,
    };
    let best = zone.rows.iter().max_by(|a, b| a.pitch.share.total_cmp(&b.pitch.share))?;
    let first = strip(plane, &path(best));
    let mut best_turn: Option<(Turn, f32)> = None;
    for pair in turns(best.row.axis) {
        let lines = reader::read(&pair.map(|turn| turned(&first, turn)));
        for (turn, sure) in pair.into_iter().zip(lines.iter().map(Line::sure)) {
            if best_turn.is_none_or(|(_, most)| sure > most) {
                best_turn = Some((turn, sure));
            }
        }
        if best_turn.is_some_and(|(_, sure)| sure >= SETTLED_SURE) {
            break;
        }
    }
    let (turn, _) = best_turn.filter(|&(_, sure)| sure >= MIN_SURE)?;
    let mut paths: Vec<Path> = zone.rows.iter().map(path).collect();
    if turn.flipped {
        paths.reverse();
    }
    let strips: Vec<Strip> = paths.iter().map(|p| turned(&strip(plane, p), turn)).collect();
    let lines = reader::read(&strips);
    let (decoded, used) = best_window(&lines)?;
    let half = (to - from) / pitch / 2.0;
    let mut region: Option<[u32; 4]> = None;
    for path in paths.get(used)? {
        let one = path.region(plane, -half, half, -0.7, 0.7);
        region = Some(region.map_or(one, |r| around(r, one)));
    }
    Some(Found { decoded, region: region? })
}

fn around(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    let (x, y) = (a[0].min(b[0]), a[1].min(b[1]));
    [x, y, (a[0] + a[2]).max(b[0] + b[2]) - x, (a[1] + a[3]).max(b[1] + b[3]) - y]
}

/// The best zone among neighbouring lines, and which they are.
fn best_window(lines: &[Line]) -> Option<(Decoded, std::ops::Range<usize>)> {
    let mut best: Option<(Decoded, std::ops::Range<usize>)> = None;
    for (size, widths) in [(3, &[30][..]), (2, &[44, 36][..])] {
        for (start, window) in lines.windows(size).enumerate() {
            for &width in widths {
                let readings: Vec<_> = window.iter().map(|l| l.readings(width)).collect();
                if readings.iter().any(Vec::is_empty) {
                    continue;
                }
                let Some(decoded) = decode(&readings, MAX_BENT) else { continue };
                let better = best.as_ref().is_none_or(|(b, _)| {
                    (decoded.mrz.all_checks(), -decoded.bent) > (b.mrz.all_checks(), -b.bent)
                });
                if better {
                    best = Some((decoded, start..start + size));
                }
            }
        }
    }
    best
}
