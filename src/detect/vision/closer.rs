//! A closer look at the part of a picture where a document may be.
//!
//! Lines are found at working scale, where the print of a card on a sheet of A4 is six points high: enough
//! for dark print on paper, not for light print in a band that a copier has made spotty. So the part
//! around what was read is looked at as it is stored, which costs less than the whole picture.

use super::read::Read;
use super::sight;
use crate::detect::scene::Scene;
use crate::flow::{Picture, PictureFacts};
use crate::pixels::{Axis, Print, TextLine};

/// How far beyond the lines that told something is looked, in heights of their capitals: along them the
/// width of a card, across them its height.
const ALONG: f32 = 42.0;
const ACROSS: f32 = 27.0;

/// All lines in this print around those that told something, in pixels of the whole picture.
pub(super) fn lines(scene: &Scene<'_>, reads: &[Read<'_>], print: Print) -> Vec<TextLine> {
    around(scene, reads).map_or(Vec::new(), |part| within(scene, part, print))
}

/// All lines in this print within a part of the picture, given as x, y, width, height.
pub(super) fn within(scene: &Scene<'_>, part: [u32; 4], print: Print) -> Vec<TextLine> {
    let Some(picture) = cut(scene, part) else { return sight::lines(scene, print) };
    let Some(closer) = Scene::new(&picture) else { return Vec::new() };
    let found = sight::lines(&closer, print);
    found.into_iter().map(|line| line.moved(part[0] as f32, part[1] as f32)).collect()
}

/// The part of the picture around the lines that told something, as x, y, width, height.
fn around(scene: &Scene<'_>, reads: &[Read<'_>]) -> Option<[u32; 4]> {
    let plane = scene.plane();
    let mut part: Option<[u32; 4]> = None;
    for read in reads.iter().filter(|read| read.tells()) {
        let [x, y, w, h] = read.line.region(plane);
        let (along, across) = (ALONG * read.line.capital(), ACROSS * read.line.capital());
        let (dx, dy) = match read.line.path.row.axis {
            Axis::X => (along as u32, across as u32),
            Axis::Y => (across as u32, along as u32),
        };
        let x1 = x.saturating_add(w).saturating_add(dx).min(plane.width as u32);
        let y1 = y.saturating_add(h).saturating_add(dy).min(plane.height as u32);
        let (x0, y0) = (x.saturating_sub(dx).min(x1), y.saturating_sub(dy).min(y1));
        let [a0, b0, a1, b1] = part.unwrap_or([x0, y0, x1, y1]);
        part = Some([a0.min(x0), b0.min(y0), a1.max(x1), b1.max(y1)]);
    }
    part.map(|[x0, y0, x1, y1]| [x0, y0, x1 - x0, y1 - y0])
}

/// A copy of a part; `None` where it is no smaller than the picture.
fn cut(scene: &Scene<'_>, [x, y, width, height]: [u32; 4]) -> Option<Picture> {
    let picture = scene.picture;
    if (width, height) == (picture.width, picture.height) {
        return None;
    }
    let [x, y, columns, rows] = [x, y, width, height].map(|v| v as usize);
    let lines = picture.luma.chunks_exact(picture.width.max(1) as usize).skip(y).take(rows);
    let luma: Vec<u8> =
        lines.flat_map(|line| line.get(x..x + columns).unwrap_or(&[])).copied().collect();
    Some(Picture { width, height, luma, facts: PictureFacts::default() })
}
