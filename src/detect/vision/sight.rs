//! Which lines of a picture may be of a document, and from which side it is read.
//!
//! All lines are found, some are glanced at. The glances vote on how the picture lies; those
//! that look like a label or a number say where reading may pay.

use crate::detect::scene::{Scaled, Scene};
use crate::detect::way::Way;
use crate::pixels::{Axis, Path, Plane, Print, Strip, TextLine, blobs, text_lines};
use crate::reader::{
    GLANCE_CAPITAL, GLANCE_HEIGHT, GLANCE_WIDTH, Glance, TEXT_CAPITAL, TEXT_HEIGHT, glance,
};

/// A line in the whole picture, the way it is read.
pub(super) struct Line {
    /// Its `pitch` is the height of a capital.
    pub path: Path,
    pub glance: Glance,
    pub print: Print,
}

impl Line {
    /// Its middle.
    pub fn centre(&self) -> (f32, f32) {
        self.path.place(0.0, 0.0)
    }

    /// How far its middle is from that of another, in pixels.
    pub fn distance(&self, other: &Line) -> f32 {
        let ((x, y), (a, b)) = (self.centre(), other.centre());
        (x - a).hypot(y - b)
    }

    /// Height of its capitals, in pixels.
    pub fn capital(&self) -> f32 {
        self.path.pitch
    }

    /// Whether it may be a label, title or number.
    pub fn promise(&self) -> f32 {
        self.glance.label + self.glance.number
    }

    /// The upright box around it.
    pub fn region(&self, plane: Plane<'_>) -> [u32; 4] {
        let half = self.path.pitches() / 2.0;
        self.path.region(plane, -half, half, -0.7, 0.7)
    }
}

/// The lowest piece of ink looked at: a letter of 5 px with blurred ends.
const SMALLEST_PX: u32 = 4;
/// The lowest capitals that are tried, in pixels of the whole picture: under 6 nothing is read.
const MIN_CAPITAL_PX: f32 = 5.5;
/// Lengths of labels and titles, in heights of a capital: a lone word of three letters to two
/// titles beside one another.
const LENGTHS: std::ops::RangeInclusive<f32> = 1.7..=60.0;
/// Lines glanced at: the front of a card has 15 to 25, a letter some 40 long ones.
const MAX_GLANCES: usize = 32;
/// Lines glanced at beyond those, near what was read, and lines that are asked whether they are near.
const MAX_BEYOND: usize = 48;
const MAX_REST: usize = 300;
/// Capitals of so much of the height that a strip is to have are taken from a smaller plane.
const ENOUGH: f32 = 0.9;
/// Blank before the first letter of a strip, in heights of a capital.
const MARGIN: f32 = 0.5;
/// Lines among the voters that are text: fewer, and the picture is texture.
const MIN_TEXT: f32 = 1.2;
/// A second way in which they may be read has so much of the votes of the first: both are tried.
const AS_LIKELY: f32 = 0.6;
/// The least that one of the voters must look like a line of a document for the others to be
/// glanced at.
pub(super) const MIN_HINT: f32 = 0.4;
/// So much of that and the like is enough where the picture does not lie upright: it is only turned then,
/// and looked at anew. Strips of worn print look somewhat different from each side.
pub(super) const TURNED: f32 = 0.4;
/// The same of light print, which is only looked at where there may be a document: spotty on copies.
pub(super) const MIN_HINT_LIGHT: f32 = 0.15;
/// Lines that have a say in how the picture lies; along the axis with less than the main share of
/// print, fewer.
const VOTERS: usize = 10;
const FEW_VOTERS: usize = 4;
const MAIN_SHARE: f32 = 0.3;
/// Labels are shorter, in heights of a capital.
const SHORT: f32 = 32.0;

/// All lines of the picture in this print.
pub(super) fn lines(scene: &Scene<'_>, print: Print) -> Vec<TextLine> {
    let (working, Some(half)) = (scene.working(), scene.half()) else { return Vec::new() };
    let (found, scale) = match blobs(working.plane, half.plane, print, SMALLEST_PX) {
        Some(found) => (found, working.scale),
        None => {
            scene.tell("texture: lines are looked for at half the size");
            let quarter = half.plane.halved();
            let found =
                quarter.and_then(|quarter| blobs(half.plane, quarter.plane(), print, SMALLEST_PX));
            (found.unwrap_or_default(), half.scale)
        }
    };
    text_lines(&found)
        .into_iter()
        .map(|line| line.scaled(scale))
        .filter(|line| line.row.height >= MIN_CAPITAL_PX)
        .collect()
}

/// The smallest plane of the scene in which capitals along the path are not much smaller than in
/// the strip to be cut, and the path in it: a point under a pixel is enough then.
fn fitting<'s>(scene: &'s Scene<'_>, path: &Path, capital: f32) -> (Plane<'s>, Path) {
    let planes = [scene.half(), Some(scene.working())];
    let fits = |scaled: &Scaled<'_>| path.pitch / scaled.scale >= ENOUGH * capital;
    match planes.into_iter().flatten().find(fits) {
        Some(scaled) => {
            let factor = 1.0 / scaled.scale;
            let row = path.row.scaled(factor);
            (scaled.plane, Path { row, pitch: path.pitch * factor, ..path.clone() })
        }
        None => (scene.plane(), path.clone()),
    }
}

/// Lines along one axis, all turned the way they are read. The first of them, the voters, have been
/// glanced at.
pub(super) struct Course {
    paths: Vec<Path>,
    glances: Vec<Glance>,
    print: Print,
}

impl Course {
    /// Whether one of the lines glanced at looks so much like one of a document.
    pub fn is_hinted(&self, least: f32) -> bool {
        self.glances.iter().any(|g| g.label + g.number >= least)
    }

    pub fn is_upright(&self) -> bool {
        self.paths.first().is_none_or(|path| Way::from(path).is_upright())
    }

    /// The lines glanced at so far.
    pub fn voters(&self) -> impl Iterator<Item = Line> + '_ {
        let glances = self.glances.iter();
        glances.zip(&self.paths).map(|(&glance, path)| self.line(path, glance))
    }

    /// The others, glanced at now.
    pub fn others(&self, scene: &Scene<'_>) -> Vec<Line> {
        let first = self.paths.len().min(MAX_GLANCES);
        let paths = self.paths.get(self.glances.len()..first).unwrap_or(&[]);
        let glances = looked(scene, self.print, paths);
        paths.iter().zip(glances).map(|(path, glance)| self.line(path, glance)).collect()
    }

    /// Those of the lines that are not among the first which are wanted, glanced at now.
    pub fn beyond(&self, scene: &Scene<'_>, wanted: impl Fn(&Line) -> bool) -> Vec<Line> {
        let rest = self.paths.get(MAX_GLANCES..).unwrap_or(&[]);
        let wanted = |path: &&Path| wanted(&self.line(path, Glance::default()));
        let paths: Vec<Path> = rest.iter().filter(wanted).take(MAX_BEYOND).cloned().collect();
        let glances = looked(scene, self.print, &paths);
        paths.iter().zip(glances).map(|(path, glance)| self.line(path, glance)).collect()
    }

    fn line(&self, path: &Path, glance: Glance) -> Line {
        Line { path: path.clone(), glance, print: self.print }
    }
}

/// Most promising first.
pub(super) fn by_promise(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by(|a, b| b.promise().total_cmp(&a.promise()));
    lines
}

/// Those lines that may be labels, along each axis. None along an axis where nothing is text, or none
/// of a few lines looks like one of a document, which is at least so likely.
pub(super) fn courses(
    scene: &Scene<'_>,
    lines: &[TextLine],
    print: Print,
    hint: f32,
) -> Vec<Course> {
    let length = |axis: Axis| {
        lines.iter().filter(|l| l.row.axis == axis).map(|l| l.row.length()).sum::<f32>()
    };
    let (x, y) = (length(Axis::X), length(Axis::Y));
    let of_axis = |axis: Axis, voters: usize| {
        let fits = |l: &&TextLine| l.row.axis == axis && LENGTHS.contains(&l.capitals());
        // Labels are short: of a letter with a card on it, the short lines are those of the card.
        let (short, long): (Vec<&TextLine>, Vec<&TextLine>) =
            lines.iter().filter(fits).partition(|l| l.capitals() <= SHORT);
        let mut order = spread(&short, voters);
        order.extend(spread(&long, MAX_GLANCES));
        order.truncate(MAX_GLANCES + MAX_REST);
        course(scene, order.into_iter().map(path).collect(), (voters, hint), print)
    };
    let axes = [(Axis::X, x >= MAIN_SHARE * (x + y)), (Axis::Y, y >= MAIN_SHARE * (x + y))];
    let voters = |is_main: bool| if is_main { VOTERS } else { FEW_VOTERS };
    let found = axes.map(|(axis, is_main)| (of_axis(axis, voters(is_main)), is_main));
    // Most lines run along the other axis and are none: the grain of wood, the threads of cloth.
    let is_grain = found.iter().all(|(course, is_main)| !is_main || course.is_none());
    let again = axes.into_iter().filter(|(_, is_main)| is_grain && !is_main);
    let again: Vec<Course> = again.filter_map(|(axis, _)| of_axis(axis, VOTERS)).collect();
    if again.is_empty() {
        found.into_iter().filter_map(|(course, _)| course).collect()
    } else {
        again
    }
}

/// All lines of a page, turned the way most of them are read. Lines along the axis with little print
/// only where they are text for sure.
pub(super) fn page(scene: &Scene<'_>, lines: &[TextLine]) -> Vec<Line> {
    let mut out = Vec::new();
    for axis in [Axis::X, Axis::Y] {
        let own: Vec<&TextLine> = lines.iter().filter(|l| l.row.axis == axis).collect();
        let paths: Vec<Path> = spread(&own, VOTERS).into_iter().map(path).collect();
        let voters = paths.get(..VOTERS.min(paths.len())).unwrap_or(&[]);
        let way = ways(&looked(scene, Print::Dark, voters)).into_iter().next();
        let Some((backwards, flipped)) = way else { continue };
        out.extend(paths.into_iter().map(|path| Line {
            path: Path { backwards, flipped, ..path },
            glance: Glance::default(),
            print: Print::Dark,
        }));
    }
    out
}

/// All of them, but first so many: half of those most like text by their looks, half taken evenly.
fn spread<'l>(lines: &[&'l TextLine], first: usize) -> Vec<&'l TextLine> {
    let mut by_looks: Vec<&TextLine> = lines.to_vec();
    by_looks.sort_by(|a, b| b.looks().total_cmp(&a.looks()));
    let rest = by_looks.split_off((first.div_ceil(2)).min(by_looks.len()));
    let step = rest.len().div_ceil(first - first.div_ceil(2) + 1).max(1);
    let (early, late): (Vec<_>, Vec<_>) =
        rest.into_iter().enumerate().partition(|(i, _)| i.is_multiple_of(step));
    by_looks.into_iter().chain(early.into_iter().chain(late).map(|(_, line)| line)).collect()
}

/// The line as a path along its middle.
fn path(line: &TextLine) -> Path {
    Path {
        row: line.row.clone(),
        pitch: line.row.height,
        drift: 0.0,
        backwards: false,
        flipped: false,
    }
}

/// Glances at the first few paths along one axis, the voters, and turns all the way that those are
/// read. `None` where they are no text or nothing that a document says.
fn course(
    scene: &Scene<'_>,
    paths: Vec<Path>,
    (voters, hint): (usize, f32),
    print: Print,
) -> Option<Course> {
    let voters = voters.min(paths.len());
    let glances = looked(scene, print, paths.get(..voters).unwrap_or(&[]));
    let turned = |(backwards, flipped): (bool, bool)| {
        let turn = |path: &Path| Path { backwards, flipped, ..path.clone() };
        let paths: Vec<Path> = paths.iter().take(voters).map(turn).collect();
        looked(scene, print, &paths)
    };
    let mut best: Option<(f32, (bool, bool), Vec<Glance>)> = None;
    // Only along the axis with most of the print: elsewhere it is chance.
    let tried = if voters >= VOTERS { 2 } else { 1 };
    for way in ways(&glances).into_iter().take(tried) {
        let glances = if way == (false, false) { glances.clone() } else { turned(way) };
        let promise: f32 = glances.iter().map(|g| g.label + g.number).sum();
        if best.as_ref().is_none_or(|known| promise > known.0) {
            best = Some((promise, way, glances));
        }
    }
    let (_, (backwards, flipped), glances) = best?;
    let turn = |path: Path| Path { backwards, flipped, ..path };
    let paths: Vec<Path> = paths.into_iter().map(turn).collect();
    let course = Course { paths, glances, print };
    let lenient = scene.may_yet_turn() && print == Print::Dark && !course.is_upright();
    let least = if lenient { hint * TURNED } else { hint };
    course.is_hinted(least).then_some(course)
}

/// The ways in which most of these may be text, as (backwards, flipped), the likeliest first: of worn print it is
/// not always clear.
fn ways(glances: &[Glance]) -> Vec<(bool, bool)> {
    let vote = |part: fn(&Glance) -> f32| glances.iter().map(part).sum::<f32>();
    if glances.is_empty() || vote(|g| 1.0 - g.nothing) < MIN_TEXT.min(glances.len() as f32 / 2.0) {
        return Vec::new();
    }
    let mut votes = [
        (vote(|g| g.text + g.number + g.label), (false, false)),
        (vote(|g| g.turned), (true, true)),
        (vote(|g| g.mirrored), (true, false)),
        (vote(|g| g.flipped), (false, true)),
    ];
    votes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let least = AS_LIKELY * votes.first().map_or(0.0, |best| best.0);
    votes.into_iter().take(2).filter(|vote| vote.0 >= least).map(|vote| vote.1).collect()
}

/// What lines look like as they lie now, whatever they looked like before.
pub(super) fn glances(scene: &Scene<'_>, lines: &[Line]) -> Vec<Glance> {
    glance(&lines.iter().map(|line| coarse(scene, &line.path, line.print)).collect::<Vec<_>>())
}

fn looked(scene: &Scene<'_>, print: Print, paths: &[Path]) -> Vec<Glance> {
    glance(&paths.iter().map(|path| coarse(scene, path, print)).collect::<Vec<_>>())
}

/// The start of a line as it is glanced at.
fn coarse(scene: &Scene<'_>, path: &Path, print: Print) -> Strip {
    let (plane, path) = fitting(scene, path, GLANCE_CAPITAL);
    let first = -path.pitches() / 2.0 - MARGIN;
    let mut strip = path.cut(plane, first, GLANCE_WIDTH, GLANCE_HEIGHT, GLANCE_CAPITAL);
    let used = ((path.pitches() + 2.0 * MARGIN) * GLANCE_CAPITAL).ceil() as usize;
    blank_after(&mut strip, used);
    as_dark(strip, print)
}

/// The line as it is read, at most `widest` pixels of it.
pub(super) fn strip(scene: &Scene<'_>, line: &Line, widest: usize) -> Strip {
    let (plane, path) = fitting(scene, &line.path, TEXT_CAPITAL);
    let first = -path.pitches() / 2.0 - MARGIN;
    let width = ((path.pitches() + 2.0 * MARGIN) * TEXT_CAPITAL) as usize;
    let width = width.next_multiple_of(crate::reader::STEP).clamp(48, widest);
    as_dark(path.cut(plane, first, width, TEXT_HEIGHT, TEXT_CAPITAL), line.print)
}

/// Readers know dark print only.
fn as_dark(mut strip: Strip, print: Print) -> Strip {
    if print == Print::Light {
        strip.data.iter_mut().for_each(|v| *v = 255.0 - *v);
    }
    strip
}

/// What stands beyond the line's end is not the line's: it becomes the tone of the edges.
fn blank_after(strip: &mut Strip, used: usize) {
    if used >= strip.width {
        return;
    }
    let (width, height) = (strip.width, strip.height);
    let edge = |y: usize| strip.data.get(y * width..y * width + used).unwrap_or(&[]);
    let mut tones: Vec<f32> =
        edge(0).iter().chain(edge(height.saturating_sub(1))).copied().collect();
    tones.sort_by(f32::total_cmp);
    let tone = tones.get(tones.len() / 2).copied().unwrap_or(255.0);
    for row in strip.data.chunks_exact_mut(width) {
        row.iter_mut().skip(used).for_each(|v| *v = tone);
    }
}
