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
/// Zones that are read in one picture, most promising first.
const MAX_ZONES: usize = 6;
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
