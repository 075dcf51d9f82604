//! Machine readable zones in pictures.
//!
//! Cheap steps first: size, rows with an even pitch, a group of such rows; only then is
//! anything read. Turned and mirrored pictures are told by reading one row in each way; EXIF
//! is not asked. What is read becomes evidence only through the check digits.

mod reading;
mod zones;

use super::PictureDetector;
use crate::flow::{Evidence, Kind, Picture, ReadFrom, Sign, Site};
use crate::pixels::Plane;
use reading::{Found, MAX_BENT, read};

pub struct MrzPicture;

/// Under this there is no room for a card's line of 30 characters of 5 px.
const MIN_LONG_SIDE_PX: u32 = 180;
/// Three rows of a card at 5 px a character.
const MIN_SHORT_SIDE_PX: u32 = 20;
/// Zones that are looked into without finding anything, most promising first: a receipt or a
/// listing has dozens of evenly spaced rows. On the tuning pages the first or second was right.
const MAX_IN_VAIN: usize = 5;
/// Documents found in one picture; a contact sheet of more is reported by these.
const MAX_DOCUMENTS: usize = 16;
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
        let mut found: Vec<Found> = Vec::new();
        let mut patience = MAX_IN_VAIN;
        for zone in zones::find(base, half.as_ref().map(|h| h.plane()), scale) {
            if patience == 0 || found.len() >= MAX_DOCUMENTS {
                break;
            }
            let Some(new) = read(plane, &zone) else {
                patience = patience.saturating_sub(1);
                continue;
            };
            // Two zones may hold rows of one document, seen from two scales.
            match found.iter_mut().find(|old| overlap(&old.region, &new.region)) {
                Some(old) if better(&new, old) => *old = new,
                Some(_) => {}
                None => found.push(new),
            }
        }
        out.extend(found.iter().filter_map(evidence));
    }
}

fn better(new: &Found, old: &Found) -> bool {
    let rank = |f: &Found| (f.decoded.mrz.all_checks(), -f.decoded.bent);
    rank(new) > rank(old)
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

/// Whether half of the smaller lies within the other. Upright boxes around slanting rows of
/// two documents do overlap a little.
fn overlap(a: &[u32; 4], b: &[u32; 4]) -> bool {
    let common = |a0: u32, an: u32, b0: u32, bn: u32| {
        let end = a0.saturating_add(an).min(b0.saturating_add(bn));
        u64::from(end.saturating_sub(a0.max(b0)))
    };
    let area = |r: &[u32; 4]| u64::from(r[2]) * u64::from(r[3]);
    let shared = common(a[0], a[2], b[0], b[2]) * common(a[1], a[3], b[1], b[3]);
    2 * shared >= area(a).min(area(b))
}
