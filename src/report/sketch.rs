//! One picture with lines, frames, zones and the verdict drawn over it, and the legend to it.
//!
//! Facts stand in the legend, the picture has only their numbers: `[1]` of the legend is the place
//! with a 1.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageResult};

use super::canvas::{Canvas, Colour, Point};
use super::veil::{Veil, cell_px};
use crate::detect::{Mark, MarkKind, Told};
use crate::flow::{Evidence, Kind, Picture};
use crate::pixels::Plane;

/// What lies under the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// Nothing that can be read or recognised.
    Veiled,
    /// The picture itself.
    True,
}

/// A drawn picture.
pub struct Sketch {
    /// An encoded PNG, with nothing in it but its pixels.
    pub png: Vec<u8>,
    /// What the numbers and colours mean, one a line.
    pub legend: Vec<String>,
}

/// Long side of what is drawn: a screen's worth at most, and room for the numbers.
const SIDE_PX: std::ops::RangeInclusive<f32> = 800.0..=2400.0;
/// Places that get a number; a page of hundreds is told by its first.
const MAX_NUMBERS: usize = 99;
/// Outlines come out thicker than this in a picture of the longest side.
const THICK: f32 = 1.0 / 500.0;

const BLACK: Colour = [12; 3];
const TEXT: Colour = [118, 124, 128];
const EVIDENCE: Colour = [215, 25, 28];
const WHITE: Colour = [255; 3];

impl Sketch {
    /// Draws what was told and seen of `picture`.
    pub fn draw(
        picture: &Picture,
        told: &Told,
        evidence: &[Evidence],
        base: Base,
    ) -> ImageResult<Sketch> {
        let long = picture.width.max(picture.height).max(1) as f32;
        let scale = long.clamp(*SIDE_PX.start(), *SIDE_PX.end()) / long;
        let size = |px: u32| ((px as f32 * scale).round() as usize).max(1);
        let (width, height) = (size(picture.width), size(picture.height));
        let mut canvas = match base {
            Base::Veiled => veiled(picture, told, evidence, (width, height), scale),
            Base::True => bare(picture, (width, height), scale),
        };
        let thick = (long * scale * THICK).max(1.0);
        let portraits: Vec<&Mark> =
            told.marks.iter().filter(|m| m.kind == MarkKind::Portrait).collect();
        for mark in &told.marks {
            // Eyes and a mouth are taken for lines; where they are is the face's.
            let inside = mark.kind == MarkKind::Line && portraits.iter().any(|p| holds(p, mark));
            if inside && base == Base::Veiled {
                continue;
            }
            let corners = mark.corners.map(|c| c.map(|v| v * scale));
            let heavy = if mark.kind == MarkKind::Frame { 2.0 } else { 1.0 };
            canvas.outline(corners, heavy * thick, colour(mark));
        }
        let mut places = 0;
        for (i, evidence) in evidence.iter().enumerate() {
            for [x, y, w, h] in evidence.sites.iter().filter_map(|s| s.region) {
                let [left, top] = [x, y].map(|v| v as f32 * scale);
                let [right, bottom] =
                    [x.saturating_add(w), y.saturating_add(h)].map(|v| v as f32 * scale);
                let corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
                canvas.outline(corners, 2.0 * thick, EVIDENCE);
                if places < MAX_NUMBERS {
                    canvas.number(i + 1, [left, top], thick.max(2.0), WHITE, EVIDENCE);
                    places += 1;
                }
            }
        }
        let mut png = Vec::new();
        let encoder =
            PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
        let (w, h) = (width as u32, height as u32);
        encoder.write_image(&canvas.into_bytes(), w, h, ExtendedColorType::Rgb8)?;
        Ok(Sketch { png, legend: legend(told, evidence) })
    }
}

/// The rough light and dark, documents black, lines of text grey.
fn veiled(
    picture: &Picture,
    told: &Told,
    evidence: &[Evidence],
    (width, height): (usize, usize),
    scale: f32,
) -> Canvas {
    let lines: Vec<[Point; 4]> =
        told.marks.iter().filter(|m| m.kind == MarkKind::Line).map(|m| grown(m.corners)).collect();
    let mut documents: Vec<[Point; 4]> =
        told.marks.iter().filter(|m| m.kind != MarkKind::Line).map(|m| grown(m.corners)).collect();
    let regions = evidence.iter().flat_map(|e| &e.sites).filter_map(|s| s.region);
    documents.extend(regions.map(|r| grown(Mark::upright(MarkKind::Frame, r, "").corners)));
    let tallest = told
        .marks
        .iter()
        .filter(|m| matches!(m.kind, MarkKind::Line | MarkKind::Zone))
        .map(|m| height_of(m.corners))
        .filter(|h| h.is_finite())
        .fold(0.0, f32::max);
    let covered = [lines.as_slice(), documents.as_slice()].concat();
    let veil = Veil::new(picture, cell_px(picture.width, picture.height, tallest), &covered);
    let mut canvas =
        Canvas::new(width, height, |x, y| [veil.at(x as f32 / scale, y as f32 / scale); 3]);
    let mut cover = |shapes: &[[Point; 4]], colour| {
        shapes.iter().for_each(|s| canvas.fill(s.map(|c| c.map(|v| v * scale)), colour));
    };
    cover(&lines, TEXT);
    cover(&documents, BLACK);
    canvas
}

/// The picture as it is.
fn bare(picture: &Picture, (width, height): (usize, usize), scale: f32) -> Canvas {
    let whole = Plane::new(picture.width as usize, picture.height as usize, &picture.luma);
    let Some(whole) = whole else { return Canvas::new(width, height, |_, _| BLACK) };
    let shrunk = whole.shrunk(*SIDE_PX.end() as usize);
    let plane = shrunk.as_ref().map_or(whole, |s| s.plane());
    let by = plane.width as f32 / (whole.width as f32 * scale);
    Canvas::new(width, height, |x, y| [plane.at(x as f32 * by, y as f32 * by) as u8; 3])
}

/// Whether the middle of one lies in the upright box around the other.
fn holds(outer: &Mark, inner: &Mark) -> bool {
    [0, 1].into_iter().all(|axis| {
        let of = |mark: &Mark| mark.corners.map(|c| if axis == 0 { c[0] } else { c[1] });
        let (around, within) = (of(outer), of(inner));
        let middle = within.iter().sum::<f32>() / 4.0;
        let least = around.iter().copied().fold(f32::INFINITY, f32::min);
        let most = around.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        (least..=most).contains(&middle)
    })
}

/// Mean distance of the long edges: the height of a line however it lies.
fn height_of([a, b, c, d]: [Point; 4]) -> f32 {
    let far = |[x0, y0]: Point, [x1, y1]: Point| (x1 - x0).hypot(y1 - y0);
    ((far(a, b) + far(c, d)) / 2.0).min((far(b, c) + far(d, a)) / 2.0)
}

/// The shape with a margin: what stands out of a line, and what a frame cuts off.
fn grown(corners: [Point; 4]) -> [Point; 4] {
    const MARGIN: f32 = 0.3;
    let [a, b, c, d] = corners;
    let high = height_of(corners);
    // Outwards along both edges that meet in a corner, by a part of the lesser one.
    let along = |from: Point, to: Point| {
        let [x, y] = [to[0] - from[0], to[1] - from[1]];
        let long = x.hypot(y).max(1.0);
        [x / long, y / long].map(|v| v * (MARGIN * high).min(0.1 * long + 4.0).max(2.0))
    };
    let moved = |p: Point, u: Point, v: Point| [p[0] - u[0] - v[0], p[1] - u[1] - v[1]];
    [
        moved(a, along(a, b), along(a, d)),
        moved(b, along(b, a), along(b, c)),
        moved(c, along(c, d), along(c, b)),
        moved(d, along(d, c), along(d, a)),
    ]
}

fn colour(mark: &Mark) -> Colour {
    match mark.kind {
        MarkKind::Line if matches!(mark.note, "read" | "of a page") => [0, 110, 160],
        MarkKind::Line => [90, 130, 150],
        MarkKind::Zone => [44, 80, 220],
        MarkKind::Frame => [245, 130, 20],
        MarkKind::Portrait => [190, 40, 190],
    }
}

fn legend(told: &Told, evidence: &[Evidence]) -> Vec<String> {
    let mut out: Vec<String> = evidence
        .iter()
        .enumerate()
        .map(|(i, evidence)| format!("[{}] {}", i + 1, verdict(evidence)))
        .collect();
    if evidence.is_empty() {
        out.push("no document, no number".into());
    }
    for (kind, what) in [
        (MarkKind::Frame, "orange: outlines of what may be a document"),
        (MarkKind::Portrait, "magenta: places like a portrait"),
        (MarkKind::Zone, "blue: rows of what may be a machine readable zone"),
        (MarkKind::Line, "teal: lines of text, the darker ones were read"),
    ] {
        if told.marks.iter().any(|m| m.kind == kind) {
            out.push(what.into());
        }
    }
    out
}

/// What this evidence says and how sure it is, masked.
fn verdict(evidence: &Evidence) -> String {
    let what = match evidence.kind {
        Kind::IdDocumentCopy => "copy of a document",
        Kind::Iin => "personal numbers",
        Kind::IdDocumentNumber => "document numbers",
        Kind::CustomIdentifier => "identifiers of your own",
    };
    let mut out = format!("{what}, probability {:.3}", evidence.probability());
    if let Some(document) = &evidence.document {
        out.push_str(&format!(": {}", document.kind.replace('_', " ")));
        for part in
            [document.side, document.issuer.as_deref(), document.origin].into_iter().flatten()
        {
            out.push_str(", ");
            out.push_str(&part.replace('_', " "));
        }
    }
    let shown: Vec<String> =
        evidence.subjects.iter().take(3).map(|s| s.value.to_string()).collect();
    if !shown.is_empty() {
        out.push_str(&format!("; {}", shown.join(", ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{PictureFacts, Site};

    /// A page of fine vertical strokes, as letters are.
    fn page() -> Picture {
        let (width, height) = (1200u32, 900u32);
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let luma = places.map(|(x, y)| if (x / 3 + y / 40) % 2 == 0 { 20 } else { 235 }).collect();
        Picture { width, height, luma, facts: PictureFacts::default() }
    }

    fn evidence(region: [u32; 4]) -> Evidence {
        Evidence {
            kind: Kind::IdDocumentCopy,
            document: None,
            count: 1,
            subjects: Vec::new(),
            sites: vec![Site { region: Some(region), ..Site::default() }],
            signs: Vec::new(),
        }
    }

    fn drawn(base: Base, told: &Told, evidence: &[Evidence]) -> (image::RgbImage, Vec<String>) {
        let sketch = Sketch::draw(&page(), told, evidence, base).unwrap();
        (image::load_from_memory(&sketch.png).unwrap().into_rgb8(), sketch.legend)
    }

    #[test]
    fn documents_are_black_and_lines_grey_under_their_outlines() {
        let line = Mark::upright(MarkKind::Line, [700, 100, 300, 30], "read");
        let told = Told { marks: vec![line], why: Vec::new() };
        let (image, legend) = drawn(Base::Veiled, &told, &[evidence([100, 300, 400, 250])]);
        assert_eq!((image.width(), image.height()), (1200, 900));
        assert_eq!(image.get_pixel(300, 425).0, BLACK);
        assert_eq!(image.get_pixel(96, 425).0, BLACK, "and a margin around");
        assert_eq!(image.get_pixel(850, 115).0, TEXT);
        assert_eq!(image.get_pixel(300, 550).0, EVIDENCE);
        assert_eq!(legend.len(), 2);
        assert!(legend[0].starts_with("[1] copy of a document") && legend[1].contains("teal"));
        // Nothing of the strokes is left anywhere: neighbours are equal but for edges.
        let row: Vec<_> = (0..1200).map(|x| image.get_pixel(x, 700).0).collect();
        assert!(row.windows(2).filter(|w| w[0] != w[1]).count() <= 12, "strokes show");
    }

    #[test]
    fn what_is_in_a_portrait_is_not_outlined() {
        let eye = Mark::upright(MarkKind::Line, [240, 260, 20, 8], "found");
        let portrait = Mark::upright(MarkKind::Portrait, [200, 200, 120, 160], "seen");
        let told = Told { marks: vec![eye, portrait], why: Vec::new() };
        let (image, _) = drawn(Base::Veiled, &told, &[]);
        assert_eq!(image.get_pixel(240, 264).0, BLACK);
        let (image, _) = drawn(Base::True, &told, &[]);
        assert_eq!(image.get_pixel(240, 264).0, colour(&eye));
    }

    #[test]
    fn the_true_picture_is_drawn_when_asked_for() {
        let (image, _) = drawn(Base::True, &Told::default(), &[evidence([100, 300, 400, 250])]);
        assert_eq!((image.get_pixel(301, 425).0, image.get_pixel(304, 425).0), ([20; 3], [235; 3]));
        assert_eq!(image.get_pixel(300, 550).0, EVIDENCE);
    }

    #[test]
    fn shapes_of_any_sort_are_drawn_without_harm() {
        let odd = |corners| Mark { kind: MarkKind::Frame, corners, note: "odd" };
        let marks = vec![
            odd([[5.0; 2]; 4]),
            odd([[f32::NAN; 2]; 4]),
            odd([[f32::INFINITY, 0.0], [0.0, f32::NEG_INFINITY], [1e38, 1e38], [-1e38, 0.0]]),
            odd([[100.0, 100.0], [50.0, 400.0], [400.0, 120.0], [300.0, 500.0]]),
        ];
        let told = Told { marks, why: Vec::new() };
        let far = evidence([u32::MAX, u32::MAX, u32::MAX, u32::MAX]);
        drawn(Base::Veiled, &told, &[far, evidence([0, 0, 0, 0])]);
        let empty = Picture { width: 0, height: 0, luma: Vec::new(), ..page() };
        Sketch::draw(&empty, &told, &[], Base::Veiled).unwrap();
    }
}
