//! Identity documents in pictures by what a person would go by: titles, labels, the personal number.
//!
//! The front of a Kazakh identity card has no machine readable zone. Its lines are found, glanced
//! at, and only where some look like labels is anything read; the words read and a number whose
//! control digit agrees make the evidence.

mod decide;
mod layout;
mod lexicon;
mod page;
mod portrait;
mod sight;

use crate::detect::scene::Scene;
use crate::detect::way::Way;
use crate::detect::{Mark, MarkKind, PictureDetector, Rules};
use crate::flow::Evidence;
use crate::pixels::{Print, Row, TextLine};
use crate::reader::read_text;
use decide::Read;
pub(super) use decide::kinds;
pub use lexicon::Lexicon;
pub use page::read_page;
use sight::Line;

pub struct Vision;

/// A document in fewer pixels cannot be read: 85 mm at 90 dpi.
const MIN_LONG_SIDE_PX: u32 = 300;
const MIN_SHORT_SIDE_PX: u32 = 150;
/// A picture with fewer lines is no document: a title, a label and a value.
const MIN_LINES: usize = 3;
/// Lines under this promise are not read to find out whether there is a document.
const MIN_PROMISE: f32 = 0.5;
/// The first few lines together promise at least so much: of 279 tuning pictures of documents all but
/// two did, of 327 others 60 in 100.
const FIRST: usize = 4;
const MIN_FIRST: f32 = 1.6;
/// Lines read to find out; the most promising lines of most documents are labels indeed.
const PROBES: usize = 4;
/// Lines read for each that tells something: on documents every other one does, in letters that
/// mention one few do.
const BARREN: usize = 3;
/// The same once there is a document: the names and dates on it need no reading.
const MIN_PROMISE_NEAR: f32 = 0.15;
/// Lines read once there seems to be one, those near by.
const MAX_READ: usize = 30;
/// Lines of light print read beside dark labels.
const MAX_LIGHT: usize = 5;
/// Lines that tell something within so many heights of a capital are enough of one document.
const ENOUGH: usize = 7;
const AROUND: f32 = 24.0;
/// A title is so much higher than most labels.
const LARGER: f32 = 1.15;
/// How far from what was found other lines are read, in heights of its capitals: a card is 85 mm,
/// its letters 1.5.
const REACH: f32 = 40.0;
/// The longest strip that is read: 45 letters.
const WIDEST_PX: usize = 900;

impl PictureDetector for Vision {
    fn name(&self) -> &'static str {
        "vision"
    }

    fn look(&self, rules: &Rules, scene: &Scene<'_>, out: &mut Vec<Evidence>) {
        let (width, height) = (scene.picture.width, scene.picture.height);
        if width.max(height) < MIN_LONG_SIDE_PX || width.min(height) < MIN_SHORT_SIDE_PX {
            return scene.tell("too small for the words of a document");
        }
        let found = sight::lines(scene, Print::Dark);
        if found.len() < MIN_LINES {
            mark(scene, &found, &[], &[]);
            return scene.tell("too few lines for the words of a document");
        }
        let lines = sight::glanced(scene, &found, Print::Dark);
        if let Some(line) = lines.first()
            && promises(&lines)
            && scene.turns(Way::from(&line.path))
        {
            return;
        }
        let mut reads = read(rules, scene, &lines);
        log::trace!("lines {} glanced {} read {}", found.len(), lines.len(), reads.len());
        // Some titles stand light in a dark band over the labels.
        let mut light = Vec::new();
        if lacks_title(&reads) {
            light = sight::glanced(scene, &sight::lines(scene, Print::Light), Print::Light);
        }
        let titles: Vec<Read<'_>> = light
            .iter()
            .filter(|line| line.promise() >= MIN_PROMISE_NEAR && near(line, &reads))
            .take(MAX_LIGHT)
            .filter_map(|line| read_line(rules, scene, line))
            .collect();
        reads.extend(titles);
        mark(scene, &found, &lines, &reads);
        let before = out.len();
        decide::evidence(rules, scene, &reads, out);
        if out.len() == before {
            scene.tell(match reads.is_empty() {
                true => "no line that looks like a label of a document",
                false => "the words read are of no document",
            });
        }
    }
}

/// Tells whoever watches which lines there are and how far each came.
fn mark(scene: &Scene<'_>, found: &[TextLine], glanced: &[Line], reads: &[Read<'_>]) {
    for line in found {
        scene.mark(|| {
            let place = |row: &Row| (row.axis, row.from, row.to, row.curve[0]);
            let is = |other: &Line| place(&other.path.row) == place(&line.row);
            let note = match (reads.iter().any(|r| is(r.line)), glanced.iter().any(is)) {
                (true, _) => "read",
                (_, true) => "glanced at",
                _ => "found",
            };
            Mark::row(MarkKind::Line, &line.row, 0.7 * line.row.height, note)
        });
    }
}

/// Whether enough was read around a line, unless it is the number or the title that is still missing
/// there.
fn is_settled(line: &Line, reads: &[Read<'_>]) -> bool {
    let around = |r: &&Read<'_>| r.tells() && line.distance(r.line) <= AROUND * r.line.capital();
    let told: Vec<&Read<'_>> = reads.iter().filter(around).collect();
    let number =
        line.glance.number >= MIN_PROMISE_NEAR && told.iter().all(|r| r.numbers.is_empty());
    let larger = told.iter().filter(|r| line.capital() >= LARGER * r.line.capital()).count();
    let is_title = !told.iter().any(|r| r.has_title) && 2 * larger >= told.len();
    told.len() >= ENOUGH && !number && !is_title
}

/// Whether there are labels but no title among what was read.
fn lacks_title(reads: &[Read<'_>]) -> bool {
    let told = || reads.iter().filter(|r| r.tells());
    told().count() >= 2 && !told().any(|r| r.has_title)
}

/// Whether a line stands near one that told something, and is of like size.
fn near(line: &Line, reads: &[Read<'_>]) -> bool {
    reads.iter().filter(|r| r.tells()).any(|r| {
        let (reach, ratio) = (REACH * r.line.capital(), line.capital() / r.line.capital());
        line.distance(r.line) <= reach && (0.3..=3.5).contains(&ratio)
    })
}

fn read_line<'l>(rules: &Rules, scene: &Scene<'_>, line: &'l Line) -> Option<Read<'l>> {
    let strip = sight::strip(scene, line, WIDEST_PX);
    let text = read_text(&[strip]).pop()?;
    Some(Read::new(&rules.lexicon, line, &text))
}

/// Whether the most promising lines, which come first, are worth reading.
fn promises(lines: &[Line]) -> bool {
    lines.iter().take(FIRST).map(Line::promise).sum::<f32>() >= MIN_FIRST
}

/// Reads a few promising lines; if they hold something, those around them too.
fn read<'l>(rules: &Rules, scene: &Scene<'_>, lines: &'l [Line]) -> Vec<Read<'l>> {
    if !promises(lines) {
        return Vec::new();
    }
    let mut reads: Vec<Read<'l>> = Vec::new();
    let mut tell = 0;
    for line in lines {
        let tried = reads.len();
        if tell == 0 && (line.promise() < MIN_PROMISE || tried == PROBES) {
            return Vec::new();
        }
        let barren = tried > PROBES + BARREN * tell;
        if barren || tried == MAX_READ || line.promise() < MIN_PROMISE_NEAR {
            break;
        }
        if tell > 0 && (!near(line, &reads) || is_settled(line, &reads)) {
            continue;
        }
        let new = read_line(rules, scene, line);
        tell += usize::from(new.as_ref().is_some_and(Read::tells));
        reads.extend(new);
    }
    reads
}
