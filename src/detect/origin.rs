//! How a copy came to be: photocopy, paper scan, phone photo, screenshot, born digital.
//!
//! Facts of the file and traces in the pixels, each with its log-odds for every origin, are added
//! up; no fact decides alone. It matters because the law's ban names paper: a scan or a photocopy
//! shows that a paper copy exists or existed, and a photo of the document itself does not.
//!
//! Called for pictures with a document in them only: 4 to 10 ms, and a second decoding of a colour
//! JPEG.

mod facts;
mod sizes;

use crate::flow::{Chroma, DocumentHint, Evidence, Kind, Picture, PictureFacts, ReadFrom, Sign};
use crate::pixels::{Askew, Plane, Traces, askew};

/// How a copy came to be, how likely that is among the five, and why, weightiest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// A `document.origin` of the schema.
    pub label: &'static str,
    /// 0..=1; of the likeliest label where none is likely enough.
    pub probability: f32,
    /// Stable names of the facts that speak for the label.
    pub facts: Vec<&'static str>,
}

/// The `detector` of the signs.
pub const DETECTOR: &str = "origin";

/// The labels, in the order of the weights.
pub const LABELS: [&str; 5] =
    ["photocopy", "paper_scan", "phone_photo", "screenshot", "born_digital"];

/// Under this nothing is said: `"unknown"`.
const LEAST: f32 = 0.45;
/// Height of a document over the length of its zone: 54 mm of 30 characters, 88 mm of 44.
const DOCUMENT_DEPTH: f32 = 0.72;
/// What the document is longer than its zone on either side, over that length.
const ZONE_MARGIN: f32 = 0.05;
/// Facts told of one picture.
const MAX_FACTS: usize = 6;

/// The origin of a picture; of the document in `[x, y, width, height]` where that is known.
pub fn origin(picture: &Picture, region: Option<[u32; 4]>) -> Origin {
    match Seen::of(picture, region) {
        Some(seen) => seen.origin(),
        None => Origin { label: "unknown", probability: 0.0, facts: Vec::new() },
    }
}

/// A fact that moves the odds by less is not worth telling.
const TOLD: f32 = 0.3;

/// All that is known of one picture.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub facts: &'a PictureFacts,
    pub width: u32,
    pub height: u32,
    pub page: Traces,
    /// The part with the document, where its place is known; else the page.
    pub document: Traces,
    pub placed: bool,
    /// How much of the picture that part is, 0..=1.
    pub cover: f32,
    /// How that part lies.
    pub askew: Option<Askew>,
    /// How colourful that part is, where a JPEG was asked: see [`variety`].
    pub variety: Option<f32>,
}

impl<'a> Seen<'a> {
    /// `None` for pictures too small to tell anything.
    pub fn of(picture: &'a Picture, region: Option<[u32; 4]>) -> Option<Seen<'a>> {
        let plane = Plane::new(picture.width as usize, picture.height as usize, &picture.luma)?;
        Some(Whole::new(picture, plane)?.within(region))
    }

    /// Each fact, and how far it holds.
    fn held(&self) -> impl Iterator<Item = (&'static Fact, f32)> {
        facts::FACTS.iter().map(|f| (f, (f.strength)(self).clamp(0.0, 1.0)))
    }

    /// The name of each fact and how far it holds, 0..=1: for measuring.
    pub fn strengths(&self) -> Vec<(&'static str, f32)> {
        self.held().map(|(fact, strength)| (fact.sign, strength)).collect()
    }

    /// Adds up what is known.
    pub fn origin(&self) -> Origin {
        let held: Vec<(&Fact, f32)> = self.held().collect();
        let mut odds = [0.0f32; LABELS.len()];
        for (fact, strength) in &held {
            for (sum, weight) in odds.iter_mut().zip(fact.weights) {
                *sum += weight * strength;
            }
        }
        let most = odds.iter().copied().fold(f32::MIN, f32::max);
        let total: f32 = odds.iter().map(|o| (o - most).exp()).sum();
        let probability = 1.0 / total;
        let best = odds.iter().position(|o| *o == most).filter(|_| probability >= LEAST);
        let Some((best, label)) = best.and_then(|i| Some((i, LABELS.get(i).copied()?))) else {
            return Origin { label: "unknown", probability, facts: Vec::new() };
        };
        let mut told: Vec<(&'static str, f32)> = held
            .iter()
            .filter_map(|(f, strength)| Some((f.sign, f.weights.get(best)? * strength)))
            .filter(|(_, weight)| *weight >= TOLD)
            .collect();
        told.sort_by(|a, b| b.1.total_cmp(&a.1));
        let facts = told.into_iter().take(MAX_FACTS).map(|(sign, _)| sign).collect();
        Origin { label, probability, facts }
    }
}

/// A picture, and what is measured of it once.
struct Whole<'a> {
    picture: &'a Picture,
    plane: Plane<'a>,
    page: Traces,
    colours: Option<Chroma>,
}

impl<'a> Whole<'a> {
    /// `None` for pictures too small to tell anything.
    fn new(picture: &'a Picture, plane: Plane<'a>) -> Option<Whole<'a>> {
        let page = Traces::of(plane, None)?;
        let colours = picture.facts.colours.as_ref().and_then(|colours| colours.decode());
        Some(Whole { picture, plane, page, colours })
    }

    /// Of the document in `region`.
    fn within(&self, region: Option<[u32; 4]>) -> Seen<'a> {
        self.of_part(region, region.and_then(|r| Traces::of(self.plane, Some(r))))
    }

    /// The same, where only the machine readable zone of the document is known.
    fn around(&self, zone: [u32; 4]) -> Seen<'a> {
        // A zone is along one edge of its document; on the other side of it there is less to see.
        let sides = around_zone(zone).map(|region| (region, Traces::of(self.plane, Some(region))));
        let edges = |side: &([u32; 4], Option<Traces>)| side.1.map_or(0.0, |traces| traces.edges);
        let [one, other] = sides;
        let (region, traces) = if edges(&one) >= edges(&other) { one } else { other };
        self.of_part(Some(region), traces)
    }

    fn of_part(&self, region: Option<[u32; 4]>, document: Option<Traces>) -> Seen<'a> {
        let Picture { width, height, ref facts, .. } = *self.picture;
        let region = region.filter(|_| document.is_some());
        let area = |w: u32, h: u32| w as f32 * h as f32;
        let of_picture = |[_, _, w, h]: [u32; 4]| area(w, h) / area(width, height);
        Seen {
            facts,
            width,
            height,
            page: self.page,
            document: document.unwrap_or(self.page),
            placed: region.is_some(),
            cover: region.map_or(0.0, of_picture).min(1.0),
            askew: askew(self.plane, region),
            variety: self.colours.as_ref().and_then(|chroma| variety(chroma, region)),
        }
    }
}

/// How far from the middling one the colours of a part lie, Cb and Cr taken together, that all but a
/// twentieth of its cells stay within: 10 and more on cards, next to nothing on grey pages that
/// were stored as colour, whatever tint lies over all of them.
fn variety(chroma: &Chroma, region: Option<[u32; 4]>) -> Option<f32> {
    let cell = Chroma::CELL;
    let [x, y, w, h] = region.unwrap_or([0, 0, u32::MAX, u32::MAX]).map(|v| v as usize);
    let (x1, y1) = (x.saturating_add(w), y.saturating_add(h));
    // Cells that lie within the part with their whole side.
    let rows = chroma.cells.chunks(chroma.columns.max(1)).enumerate();
    let rows = rows.filter(|(row, _)| (y..y1).contains(&(row * cell)));
    let cells: Vec<[u8; 2]> = rows
        .flat_map(|(_, row)| row.iter().enumerate())
        .filter(|(column, _)| (x..x1).contains(&(column * cell)))
        .map(|(_, cell)| *cell)
        .collect();
    let middling = |of: usize| {
        let mut values: Vec<u8> = cells.iter().map(|cell| cell[of]).collect();
        values.sort_unstable();
        values.get(values.len() / 2).map(|v| f32::from(*v))
    };
    let (b, r) = (middling(0)?, middling(1)?);
    let mut far: Vec<f32> =
        cells.iter().map(|&[cb, cr]| (f32::from(cb) - b).hypot(f32::from(cr) - r)).collect();
    far.sort_by(f32::total_cmp);
    far.get(far.len() * 19 / 20).copied()
}

/// Where the document of a zone may lie: with the zone along its lower edge, or along its upper one
/// (right and left where it stands upright).
fn around_zone([x, y, w, h]: [u32; 4]) -> [[u32; 4]; 2] {
    let long = w.max(h) as f32;
    let deep = ((long * DOCUMENT_DEPTH) as u32).max(w.min(h));
    let margin = (long * ZONE_MARGIN) as u32;
    let wide = |from: u32, len: u32| (from.saturating_sub(margin), len.saturating_add(2 * margin));
    if w >= h {
        let (x, w) = wide(x, w);
        [[x, y.saturating_add(h).saturating_sub(deep), w, deep], [x, y, w, deep]]
    } else {
        let (y, h) = wide(y, h);
        [[x.saturating_add(w).saturating_sub(deep), y, deep, h], [x, y, deep, h]]
    }
}

/// Says of every copy that was seen in a picture how it came to be. The facts become signs of no
/// weight: they tell how, not whether.
pub fn tell(picture: &Picture, evidence: &mut [Evidence]) {
    let mut whole = None;
    for evidence in evidence.iter_mut().filter(|e| e.kind == Kind::IdDocumentCopy) {
        let plane = Plane::new(picture.width as usize, picture.height as usize, &picture.luma);
        let whole = whole.get_or_insert_with(|| Whole::new(picture, plane?));
        let Some(whole) = whole else { return };
        let region = evidence.sites.iter().find_map(|site| site.region);
        let is_zone = evidence.signs.iter().any(|sign| sign.detector == "mrz");
        let placed = match region {
            Some(zone) if is_zone => whole.around(zone),
            region => whole.within(region),
        };
        let origin = placed.origin();
        add(evidence, origin.label, &origin.facts, ReadFrom::Picture);
    }
}

/// The same for copies in a text that was set from letters: no scan lies under it.
pub fn tell_typed(evidence: &mut [Evidence]) {
    for evidence in evidence.iter_mut().filter(|e| e.kind == Kind::IdDocumentCopy) {
        add(evidence, "born_digital", &["text_without_scan"], ReadFrom::Text);
    }
}

fn add(evidence: &mut Evidence, label: &'static str, facts: &[&str], read_from: ReadFrom) {
    let nothing = || DocumentHint { kind: "unknown", ..DocumentHint::default() };
    evidence.document.get_or_insert_with(nothing).origin = Some(label);
    evidence.signs.extend(facts.iter().map(|fact| Sign {
        detector: DETECTOR,
        sign: (*fact).to_owned(),
        weight: 0.0,
        read_from,
    }));
}

struct Fact {
    sign: &'static str,
    /// For each of [`LABELS`].
    weights: [f32; LABELS.len()],
    /// How far it holds, 0..=1.
    strength: fn(&Seen) -> f32,
}

/// 0 at `from`, 1 at `to`, straight between; either may be the larger.
fn ramp(value: f32, from: f32, to: f32) -> f32 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

fn yes(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{JpegFacts, Maker, Subject};

    fn picture(w: u32, h: u32, facts: PictureFacts, pixel: impl Fn(u32, u32) -> u8) -> Picture {
        let luma = (0..w * h).map(|i| pixel(i % w, i / w)).collect();
        Picture { width: w, height: h, luma, facts }
    }

    fn grain(x: u32, y: u32) -> u8 {
        ((x * 7919 + y * 104_729 + (x * y) % 31) % 13) as u8
    }

    fn jpeg(channels: u8) -> PictureFacts {
        let tables = JpegFacts { quality: 85, usual_table: true, subsampled: true };
        PictureFacts { format: "jpeg", channels, jpeg: Some(tables), ..PictureFacts::default() }
    }

    /// A sheet with lines of strokes and a grey block, as a scanner gives it.
    fn sheet(x: u32, y: u32) -> u8 {
        match (x, y) {
            (300..700, 300..550) => 120 + grain(x, y),
            _ if y % 40 < 12 && x % 9 < 3 && x > 100 => 40 + grain(x, y),
            _ => 236 + grain(x, y),
        }
    }

    #[test]
    fn each_way_of_copying_is_told() {
        let scan = PictureFacts { dpi: Some((150.0, 150.0)), ..jpeg(3) };
        let fax = PictureFacts {
            format: "tiff",
            bilevel: true,
            fax_coded: true,
            channels: 1,
            ..PictureFacts::default()
        };
        let png = PictureFacts { format: "png", channels: 3, ..PictureFacts::default() };
        let steep = |x, y| if sheet(x, y) < 140 { 20 } else { 244 + grain(x, y) / 2 };
        let photo = |x: u32, y: u32| (40 + x / 12 + y / 30) as u8 + 3 * grain(x, y);
        let screen = |x: u32, y: u32| match y {
            0..80 | 2200.. => 32,
            900..1500 => 90 + (x / 9) as u8 % 60,
            _ => 244,
        };
        let told = [
            origin(&picture(1240, 1754, scan.clone(), sheet), None),
            origin(&picture(1240, 1754, PictureFacts { channels: 1, ..scan }, steep), None),
            origin(&picture(1728, 2200, fax, |x, y| if sheet(x, y) < 140 { 0 } else { 255 }), None),
            origin(&picture(1600, 1200, jpeg(3), photo), None),
            origin(&picture(1080, 2400, png, screen), None),
        ];
        let labels: Vec<&str> = told.iter().map(|o| o.label).collect();
        let wanted = ["paper_scan", "photocopy", "photocopy", "phone_photo", "screenshot"];
        assert_eq!(labels, wanted, "{told:#?}");
        assert!(told.iter().all(|o| o.facts.len() >= 2 && o.probability > 0.5), "{told:#?}");
    }

    #[test]
    fn a_file_that_names_a_camera_is_believed_over_its_size() {
        let facts = PictureFacts { camera: true, exposed: true, ..jpeg(3) };
        let told = origin(&picture(1080, 2400, facts, |x, y| 90 + 3 * grain(x, y)), None);
        assert_eq!(told.label, "phone_photo", "{told:?}");
        assert_eq!(told.facts.first(), Some(&"camera_exposure"));
    }

    #[test]
    fn a_document_is_looked_for_on_both_sides_of_its_zone() {
        assert_eq!(around_zone([100, 500, 400, 60]), [[80, 272, 440, 288], [80, 500, 440, 288]]);
        assert_eq!(around_zone([500, 100, 60, 400]), [[272, 80, 288, 440], [500, 80, 288, 440]]);
        assert_eq!(around_zone([0, 0, u32::MAX, 9])[1][0], 0);
        // The side with something on it is taken.
        let facts = PictureFacts { format: "png", ..PictureFacts::default() };
        let page = picture(800, 800, facts, |x, y| if y < 300 && x % 9 < 3 { 20 } else { 250 });
        let whole = Whole::new(&page, Plane::new(800, 800, &page.luma).unwrap()).unwrap();
        let seen = whole.around([200, 260, 400, 40]);
        assert!(seen.placed && seen.document.edges > 0.1, "{:?}", seen.document);
    }

    #[test]
    fn colours_of_a_card_are_told_from_a_tint_over_all() {
        let map = |cell: &dyn Fn(usize) -> [u8; 2]| Chroma {
            columns: 50,
            cells: (0..50 * 40).map(cell).collect(),
        };
        let tinted = map(&|_| [140, 120]);
        assert_eq!(variety(&tinted, None), Some(0.0));
        // Blue left of column 10, else tinted: a card in the corner of a page.
        let card = map(&|at| if at % 50 < 10 { [160, 110] } else { [140, 120] });
        assert!(variety(&card, None).is_some_and(|v| v > 20.0));
        assert_eq!(variety(&card, Some([80, 0, 320, 320])), Some(0.0));
        assert!(variety(&card, Some([40, 0, 120, 320])).is_some_and(|v| v > 20.0));
        assert_eq!(variety(&card, Some([u32::MAX, 5, 9, 9])), None);
    }

    #[test]
    fn nothing_is_told_of_next_to_nothing() {
        let told = origin(&picture(10, 10, PictureFacts::default(), |_, _| 0), None);
        assert_eq!((told.label, told.facts.len()), ("unknown", 0));
    }

    #[test]
    fn signs_of_origin_have_no_weight() {
        let copy = |kind| Evidence {
            kind,
            document: None,
            count: 1,
            subjects: Vec::<Subject>::new(),
            sites: Vec::new(),
            signs: Vec::new(),
        };
        let facts = PictureFacts { maker: Maker::Scanner, ..jpeg(3) };
        let mut evidence = [copy(Kind::IdDocumentCopy), copy(Kind::Iin)];
        tell(&picture(1240, 1754, facts, sheet), &mut evidence);
        let document = evidence[0].document.as_ref().unwrap();
        assert_eq!(document.origin, Some("paper_scan"));
        assert!(evidence[0].signs.iter().any(|s| s.sign == "maker_scanner"));
        assert!(evidence[0].signs.iter().all(|s| s.weight == 0.0 && s.detector == DETECTOR));
        assert!(evidence[1].document.is_none() && evidence[1].signs.is_empty());
    }

    #[test]
    fn every_fact_stands_in_the_manual() {
        let manual = include_str!("../../docs/origin.md");
        let typed = "text_without_scan";
        for sign in facts::FACTS.iter().map(|f| f.sign).chain([typed]).chain(LABELS) {
            assert!(manual.contains(&format!("| `{sign}` |")), "{sign}");
        }
    }

    #[test]
    fn facts_have_names_of_their_own_and_speak_for_something() {
        let mut names: Vec<_> = facts::FACTS.iter().map(|f| f.sign).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        for fact in facts::FACTS {
            assert!(fact.weights.iter().any(|w| *w >= TOLD), "{}", fact.sign);
        }
    }
}
