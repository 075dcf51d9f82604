//! Which way a picture lies, and the same picture laid upright.
//!
//! The eight ways of laying pixels out are one picture to a person. To a detector they are not quite:
//! blocks of pixels are averaged from another corner, ties fall the other way. So what was seen in a
//! picture that does not lie upright is looked at again upright, and that answer is the one that counts.

use super::mark::Told;
use crate::flow::{Evidence, Picture};
use crate::pixels::{Axis, Path};

/// How text runs in a picture: along which axis, against it or not, and whether the next line is
/// against the other axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    axis: Axis,
    backwards: bool,
    flipped: bool,
}

impl From<&Path> for Way {
    fn from(path: &Path) -> Way {
        Way { axis: path.row.axis, backwards: path.backwards, flipped: path.flipped }
    }
}

/// A picture of more pixels is not laid anew, which takes a copy of it.
const MAX_PIXELS: u64 = 48_000_000;
/// Side of the squares that are copied one after another: both stay in the nearest cache.
const TILE: usize = 32;

impl Way {
    pub fn is_upright(self) -> bool {
        self == Way { axis: Axis::X, backwards: false, flipped: false }
    }

    /// Whether a picture is small enough for [`Way::upright`].
    pub fn may_be_laid(picture: &Picture) -> bool {
        let pixels = u64::from(picture.width) * u64::from(picture.height);
        pixels <= MAX_PIXELS && picture.luma.len() as u64 == pixels
    }

    /// The picture as it is read; `None` where that is too large.
    pub fn upright(self, picture: &Picture) -> Option<Picture> {
        let (width, height) = (picture.width as usize, picture.height as usize);
        if !Way::may_be_laid(picture) {
            return None;
        }
        let (along, across) = match self.axis {
            Axis::X => (width, height),
            Axis::Y => (height, width),
        };
        let mut luma = vec![0u8; picture.luma.len()];
        let tiles = |n: usize| (0..n).step_by(TILE).map(move |from| from..(from + TILE).min(n));
        for (vs, us) in tiles(across).flat_map(|vs| tiles(along).map(move |us| (vs.clone(), us))) {
            for v in vs {
                let row = luma.get_mut(v * along + us.start..v * along + us.end);
                let from_v = if self.flipped { across - 1 - v } else { v };
                for (px, u) in row.unwrap_or_default().iter_mut().zip(us.clone()) {
                    let from_u = if self.backwards { along - 1 - u } else { u };
                    let at = match self.axis {
                        Axis::X => from_v * width + from_u,
                        Axis::Y => from_u * width + from_v,
                    };
                    *px = picture.luma.get(at).copied().unwrap_or_default();
                }
            }
        }
        let mut facts = picture.facts.clone();
        if self.axis == Axis::Y {
            facts.dpi = facts.dpi.map(|(x, y)| (y, x));
        }
        Some(Picture { width: along as u32, height: across as u32, luma, facts })
    }

    /// A box of the upright picture in the picture as stored, which is `size` large.
    fn back([x, y, w, h]: [u32; 4], way: Way, (width, height): (u32, u32)) -> [u32; 4] {
        let (along, across) = if way.axis == Axis::X { (width, height) } else { (height, width) };
        let from = |is: bool, at: u32, len: u32, all: u32| {
            if is { all.saturating_sub(at.saturating_add(len)) } else { at }
        };
        let (u, v) = (from(way.backwards, x, w, along), from(way.flipped, y, h, across));
        if way.axis == Axis::X { [u, v, w, h] } else { [v, u, h, w] }
    }

    /// Puts evidence of the upright picture where it is in the picture as stored.
    pub fn place(self, picture: &Picture, evidence: &mut [Evidence]) {
        let sites = evidence.iter_mut().flat_map(|e| &mut e.sites);
        for region in sites.filter_map(|site| site.region.as_mut()) {
            *region = Way::back(*region, self, (picture.width, picture.height));
        }
    }

    /// The same for what was told of it.
    pub fn place_told(self, picture: &Picture, told: &mut Told) {
        let (width, height) = (picture.width as f32, picture.height as f32);
        let (along, across) = if self.axis == Axis::X { (width, height) } else { (height, width) };
        for corner in told.marks.iter_mut().flat_map(|mark| &mut mark.corners) {
            let [u, v] = *corner;
            let u = if self.backwards { along - 1.0 - u } else { u };
            let v = if self.flipped { across - 1.0 - v } else { v };
            *corner = if self.axis == Axis::X { [u, v] } else { [v, u] };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mark::{Mark, MarkKind};
    use super::*;
    use crate::flow::{Kind, PictureFacts, Site};

    const WAYS: [(Axis, bool, bool); 8] = [
        (Axis::X, false, false),
        (Axis::X, true, true),
        (Axis::X, true, false),
        (Axis::X, false, true),
        (Axis::Y, false, false),
        (Axis::Y, true, true),
        (Axis::Y, true, false),
        (Axis::Y, false, true),
    ];

    fn fixture(name: &str) -> Picture {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let image = image::open(folder.join(name)).unwrap().into_luma8();
        let (width, height) = image.dimensions();
        Picture { width, height, luma: image.into_raw(), facts: PictureFacts::default() }
    }

    #[test]
    fn a_picture_has_the_same_answer_in_each_way_that_it_can_lie() {
        let patterns = std::sync::Arc::new(crate::patterns::Patterns::builtin().unwrap());
        let rules = super::super::Rules::new(&patterns);
        for name in ["vision/front_1bit.png", "mrz/card_1bit.png"] {
            let stored = fixture(name);
            let mut answers = Vec::new();
            for (axis, backwards, flipped) in WAYS {
                let way = Way { axis, backwards, flipped };
                let lain = way.upright(&stored).unwrap();
                let scene = super::super::Scene::new(&lain).unwrap().watched();
                let mut evidence = super::super::look_at(&rules, &scene);
                assert!(!evidence.is_empty() && !scene.told().marks.is_empty(), "{name} {way:?}");
                // Back in the picture as stored, so that places are comparable.
                way.place(&stored, &mut evidence);
                let told: Vec<_> = evidence
                    .iter()
                    .map(|e| (e.document.clone(), e.log_odds(), e.sites[0].region, e.signs.len()))
                    .collect();
                answers.push(format!("{told:?}"));
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{name}: {answers:#?}");
        }
    }

    #[test]
    fn what_is_upright_again_is_found_where_it_was() {
        // One bright box in a picture that is longer than a tile.
        let (width, height) = (70u32, 41u32);
        let [x, y, w, h] = [50u32, 3, 9, 5];
        let inside = |px: u32, py: u32| (x..x + w).contains(&px) && (y..y + h).contains(&py);
        let luma = (0..width * height).map(|i| u8::from(inside(i % width, i / width))).collect();
        let facts = PictureFacts { dpi: Some((204.0, 98.0)), ..PictureFacts::default() };
        let picture = Picture { width, height, luma, facts };
        for (axis, backwards, flipped) in WAYS {
            let way = Way { axis, backwards, flipped };
            let upright = way.upright(&picture).unwrap();
            let bright: Vec<u32> =
                (0u32..).zip(&upright.luma).filter(|p| *p.1 == 1).map(|p| p.0).collect();
            let column = |i: &u32| i % upright.width;
            let (left, right) = (
                bright.iter().map(column).min().unwrap(),
                bright.iter().map(column).max().unwrap() + 1,
            );
            let (top, bottom) =
                (bright[0] / upright.width, bright[bright.len() - 1] / upright.width + 1);
            let region = [left, top, right - left, bottom - top];
            let mut evidence = [Evidence {
                kind: Kind::IdDocumentCopy,
                document: None,
                count: 1,
                subjects: Vec::new(),
                sites: vec![Site { region: Some(region), ..Site::default() }],
                signs: Vec::new(),
            }];
            way.place(&picture, &mut evidence);
            assert_eq!(evidence[0].sites[0].region, Some([x, y, w, h]), "{way:?}");
            let corner = [[left as f32, top as f32]; 4];
            let mark = Mark { kind: MarkKind::Line, corners: corner, note: "read" };
            let mut told = Told { marks: vec![mark], why: Vec::new() };
            way.place_told(&picture, &mut told);
            let [px, py] = told.marks[0].corners[0];
            assert!(inside(px as u32, py as u32), "{way:?} {px} {py}");
            let turned = axis == Axis::Y;
            assert_eq!(upright.facts.dpi, Some(if turned { (98.0, 204.0) } else { (204.0, 98.0) }));
        }
        assert!(Way { axis: Axis::X, backwards: false, flipped: false }.is_upright());
    }
}
