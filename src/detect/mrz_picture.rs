//! Machine readable zones in pictures.
//!
//! Cheap steps first: size, rows with an even pitch, a group of such rows; only then is
//! anything read. Turned and mirrored pictures are told by reading one row in each way; EXIF
//! is not asked. What is read becomes evidence only through the check digits.

mod hint;
mod reading;
mod zones;

use super::way::Way;
use super::{Mark, MarkKind, PictureDetector, Rules, Scene};
use crate::flow::{Evidence, Kind, Masked, ReadFrom, Sign, Site};
use crate::pixels::{Path, Strip};
use hint::{Hint, Turn};
use reading::{Found, MAX_BENT, read};
use zones::{Sight, Zone};

pub struct MrzPicture;

/// Under this there is no room for a card's line of 30 characters of 5 px.
const MIN_LONG_SIDE_PX: usize = 180;
/// Three rows of a card at 5 px a character.
const MIN_SHORT_SIDE_PX: usize = 20;
/// Zones that are read in vain, likeliest first, before the rest is given up.
const PATIENCE: u32 = 2;
/// Zones looked at for a hint, most promising first: a listing has dozens of evenly spaced rows.
const MAX_HINTS: usize = 30;
/// Rows of a zone that are looked at.
const MAX_HINT_ROWS: usize = 3;
/// Zones with no row of this probability are not read.
const MIN_HINT: f32 = 0.5;
/// Rows that are so likely those of a zone, and so much likelier turned one way than any other, tell which
/// way the picture lies before anything is read.
const SURE_ZONE: f32 = 0.9;
const SURE_TURN: f32 = 6.0;
/// Log-odds of a document where rows look like those of a zone that could not be read.
const IN_VAIN: f32 = -10.0;
/// Zones under this score are not looked at.
const MIN_SCORE: f32 = 0.12;
/// Documents found in one picture; a contact sheet of more is reported by these.
const MAX_DOCUMENTS: usize = 16;
impl PictureDetector for MrzPicture {
    fn name(&self) -> &'static str {
        "mrz"
    }

    fn look(&self, _: &Rules, scene: &Scene, out: &mut Vec<Evidence>) {
        for found in zones_in(scene) {
            if let Some(evidence) = evidence(&found) {
                scene.lies(Way::from(&found.anchor), evidence.log_odds());
                out.push(evidence);
            }
        }
    }
}

/// The lines of each zone in a picture, and the rectangle around them: raw identity values, for
/// measuring how exactly zones are read.
pub fn zone_texts(scene: &Scene) -> Vec<(Masked, [u32; 4])> {
    zones_in(scene).into_iter().map(|found| (found.decoded.text, found.region)).collect()
}

/// For training `hint`: strips of candidate rows, each with the way it is turned in the zone
/// that was read there, if any, and the number of zones read.
pub fn row_strips(scene: &Scene) -> (Vec<(Strip, Option<usize>)>, usize) {
    let found = zones_in(scene);
    let mut out = Vec::new();
    for sight in [Sight::Level, Sight::Askew] {
        for spaced in zones::spaced_rows(scene, sight) {
            let path = reading::path_of(&spaced);
            let (x, y) = path.place(0.0, 0.0);
            let within = |f: &&Found| {
                let [fx, fy, fw, fh] = f.region.map(|v| v as f32);
                let beside = f.anchor.row.axis == spaced.row.axis
                    && (f.anchor.row.curve[1] - spaced.row.curve[1]).abs() < 0.1
                    && (f.anchor.pitch / path.pitch - 1.0).abs() < 0.15;
                beside && (fx..fx + fw).contains(&x) && (fy..fy + fh).contains(&y)
            };
            let turn = found.iter().find(within).map(|f| hint::turn_of(&f.anchor));
            for window in hint::WINDOWS {
                out.push((hint::strip(scene, &path, window), turn));
            }
        }
    }
    (out, found.len())
}

fn zones_in(scene: &Scene) -> Vec<Found> {
    let plane = scene.plane();
    let (long, short) = (plane.width.max(plane.height), plane.width.min(plane.height));
    if long < MIN_LONG_SIDE_PX || short < MIN_SHORT_SIDE_PX {
        scene.tell("too small for a machine readable zone");
        return Vec::new();
    }
    let mut found = Vec::new();
    for sight in [Sight::Level, Sight::Askew] {
        found = read_all(scene, zones::find(scene, sight));
        if !found.is_empty() {
            break;
        }
    }
    if found.is_empty() {
        scene.tell("no machine readable zone");
    }
    found
}

/// Reads zones, likeliest first, until they do not seem to be any.
fn read_all(scene: &Scene, zones: Vec<Zone>) -> Vec<Found> {
    let promising = zones.into_iter().filter(|z| z.score >= MIN_SCORE).take(MAX_HINTS);
    let mut hinted: Vec<(Hint, Zone)> =
        promising.filter_map(|zone| Some((hint_of(scene, &zone)?, zone))).collect();
    hinted.sort_by(|a, b| (b.0.zone * b.1.score).total_cmp(&(a.0.zone * a.1.score)));
    if let Some((hint, zone)) = hinted.first()
        && let [turn] = hint.likely(SURE_TURN)[..]
        && hint.zone >= SURE_ZONE
        && let Some(way) = way_of(zone, turn)
        && scene.turns(way)
    {
        return Vec::new();
    }
    let mut found: Vec<Found> = Vec::new();
    let mut patience = PATIENCE;
    for (hint, zone) in hinted {
        if patience == 0 || found.len() >= MAX_DOCUMENTS {
            break;
        }
        let new = read(scene.plane(), &zone, &hint);
        let note = if new.is_some() { "read" } else { "not a zone" };
        for spaced in &zone.rows {
            let path = reading::path_of(spaced);
            let half = path.pitches() / 2.0;
            // Capitals are up to 1.3 pitches high.
            let corners = [(-half, -0.75), (half, -0.75), (half, 0.75), (-half, 0.75)];
            scene.mark(|| Mark {
                kind: MarkKind::Zone,
                corners: corners.map(|(along, down)| path.place(along, down).into()),
                note,
            });
        }
        let Some(new) = new else {
            if let Some(way) = hint.likely(0.0).first().and_then(|turn| way_of(&zone, *turn)) {
                scene.lies(way, IN_VAIN + hint.zone);
            }
            patience = patience.saturating_sub(1);
            continue;
        };
        // Two zones may hold rows of one document, seen from two scales.
        match found.iter_mut().find(|old| overlap(&old.region, &new.region)) {
            Some(old) if new.decoded.cost() < old.decoded.cost() => *old = new,
            Some(_) => {}
            None => found.push(new),
        }
    }
    found
}

/// Which way the picture lies if a zone is turned so.
fn way_of(zone: &Zone, Turn { backwards, flipped }: Turn) -> Option<Way> {
    let path = reading::path_of(zone.rows.first()?);
    Some(Way::from(&Path { backwards, flipped, ..path }))
}

/// What the best spaced rows of a zone look like; `None` where they look like no zone.
fn hint_of(scene: &Scene, zone: &Zone) -> Option<Hint> {
    let mut rows: Vec<_> = zone.rows.iter().collect();
    rows.sort_by(|a, b| b.pitch.share.total_cmp(&a.pitch.share));
    let hints = rows.into_iter().take(MAX_HINT_ROWS);
    let all = hints.filter_map(|spaced| hint::of(scene, &reading::path_of(spaced)));
    all.filter(|hint| hint.zone >= MIN_HINT).reduce(Hint::with)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Picture, PictureFacts};

    fn fixture(name: &str) -> Picture {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mrz");
        let image = image::open(folder.join(name)).unwrap().into_luma8();
        let (width, height) = image.dimensions();
        Picture { width, height, luma: image.into_raw(), facts: PictureFacts::default() }
    }

    fn seen(picture: &Picture) -> Vec<Evidence> {
        let patterns = std::sync::Arc::new(crate::patterns::Patterns::builtin().unwrap());
        let mut out = Vec::new();
        if let Some(scene) = Scene::new(picture) {
            MrzPicture.look(&Rules::new(&patterns), &scene, &mut out);
        }
        out
    }

    fn turned(picture: &Picture, place: impl Fn(usize, usize) -> (usize, usize)) -> Picture {
        let (width, height) = (picture.height, picture.width);
        let luma = (0..height as usize)
            .flat_map(|y| (0..width as usize).map(move |x| (x, y)))
            .map(|(x, y)| place(x, y))
            .map(|(x, y)| picture.luma[y * picture.width as usize + x])
            .collect();
        Picture { width, height, luma, ..picture.clone() }
    }

    #[test]
    fn a_card_on_a_black_and_white_page_is_read_whichever_way_it_lies() {
        let upright = fixture("card_1bit.png");
        let (w, h) = (upright.width as usize, upright.height as usize);
        let right = turned(&upright, |x, y| (y, h - 1 - x));
        let mirrored = turned(&upright, |x, y| (y, x));
        let left = turned(&upright, |x, y| (w - 1 - y, x));
        for picture in [upright, right, left, mirrored] {
            let found = seen(&picture);
            assert_eq!(found.len(), 1);
            let evidence = &found[0];
            assert_eq!(evidence.signs[0].sign, "td1_all_checks");
            assert!(evidence.probability() >= 0.97);
            let document = evidence.document.as_ref().unwrap();
            assert_eq!((document.kind, document.side), ("id_card", Some("back")));
            assert_eq!(evidence.subjects[0].what, "iin");
            assert_eq!(evidence.subjects[0].value.expose(), "860422205334");
            let [x, y, w, h] = evidence.sites[0].region.unwrap();
            assert!(x + w <= picture.width && y + h <= picture.height && w > 100 || h > 100);
        }
    }

    #[test]
    fn a_listing_full_of_angle_brackets_is_no_document() {
        assert!(seen(&fixture("code.png")).is_empty());
    }

    #[test]
    fn tiny_and_blank_pictures_are_passed_over() {
        for (width, height) in [(1, 1), (64, 64), (700, 3), (640, 480), (5000, 20), (20, 90_000)] {
            let luma = vec![255; (width * height) as usize];
            let picture = Picture { width, height, luma, facts: PictureFacts::default() };
            assert!(seen(&picture).is_empty());
        }
        let short =
            Picture { width: 900, height: 900, luma: vec![0; 7], facts: PictureFacts::default() };
        assert!(seen(&short).is_empty());
    }

    #[test]
    fn boxes_of_neighbours_may_touch() {
        assert!(overlap(&[0, 0, 100, 50], &[10, 10, 100, 50]));
        assert!(!overlap(&[0, 0, 100, 50], &[0, 45, 100, 50]));
        assert!(!overlap(&[0, 0, 100, 50], &[200, 0, 100, 50]));
    }
}
