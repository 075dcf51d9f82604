//! Identity documents in pictures by what a person would go by: titles, labels, the personal number.
//!
//! The front of a Kazakh identity card has no machine readable zone. Its lines are found, glanced
//! at, and only where some look like labels is anything read; the words read and a number whose
//! control digit agrees make the evidence.

mod band;
mod closer;
mod decide;
mod layout;
mod lexicon;
mod number;
mod page;
mod portrait;
mod read;
mod sight;

use crate::detect::scene::Scene;
use crate::detect::way::Way;
use crate::detect::{Mark, MarkKind, PictureDetector, Rules};
use crate::flow::{Evidence, Kind};
use crate::ident::iin::{Shape, shape};
use crate::pixels::{Print, Row, TextLine};
use crate::reader::read_text;
pub(super) use decide::kinds;
pub use lexicon::Lexicon;
pub use page::read_page;
use read::{Read, join_broken};
use sight::{Course, Line, MIN_HINT, MIN_HINT_LIGHT, TURNED, by_promise};

pub struct Vision;

/// A document in fewer pixels cannot be read: 85 mm at 90 dpi.
const MIN_LONG_SIDE_PX: u32 = 300;
const MIN_SHORT_SIDE_PX: u32 = 150;
/// A picture with fewer lines is no document: a title, a label and a value.
const MIN_LINES: usize = 3;
/// Lines under this promise are not read to find out whether there is a document.
const MIN_PROMISE: f32 = 0.5;
/// The first few voters together promise at least so much. At 1.2 certificates in serif print were lost, at
/// no measurable gain in time.
const FIRST: usize = 4;
const MIN_FIRST: f32 = 0.9;
/// Voters read to find out whether anything tells, before the other lines are glanced at; the best of
/// most documents are labels indeed. More where there is a zone: it is known to be a document.
const PROBES: usize = 3;
const PROBES_AT_ZONE: usize = 6;
/// Lines read beyond those where some were names, and the least that the number among them looks like one.
const MORE_PROBES: usize = 4;
const MIN_NUMBER: f32 = 0.2;
/// Names that do not count as that: a document has three.
const MAX_NAMES: usize = 3;
/// Lines read for each that tells something: on documents every other one does, in letters that
/// mention one few do.
const BARREN: usize = 3;
/// Where so many lines or more have been read and what they say is less likely of a document than
/// this, in log odds, the rest is not read. So end most forms; a document is rarely as unlikely once
/// its title was read, or has one that is much larger than its labels.
const DOUBTS: [(usize, f32); 4] = [(4, -9.0), (6, -8.0), (8, -3.0), (10, -2.0)];
/// What a number is worth of that while few lines have been read. It says nothing of the words still
/// to come: with one, doubts come later.
const HOPE_OF_NUMBER: f32 = 2.5;
const FEW: usize = 10;
const PATIENT: usize = 8;
/// What a title is worth that is so much higher than the labels: those of a birth certificate stand
/// far from it and from one another.
const HOPE_OF_TITLE: f32 = 4.0;
const LARGE_TITLE: f32 = 1.5;
/// The same once there is a document: the names and dates on it need no reading.
const MIN_PROMISE_NEAR: f32 = 0.15;
/// Lines read once there seems to be one, those near by.
const MAX_READ: usize = 48;
/// Lines that tell something from which on all lines near by are glanced at.
const MANY_TELL: usize = 4;
/// A picture with more lines has labels that show, if it has any.
const MAX_LINES_UNDER_BAND: usize = 24;
/// Lines of light print read beside dark labels.
const MAX_LIGHT: usize = 5;
/// Lines that tell something within so many heights of a capital are enough of one document.
const ENOUGH: usize = 7;
const AROUND: f32 = 24.0;
/// A title is so much higher than most labels; while there is none, what is higher is read earlier: so
/// much promise is added for each time that it is as high again, and at most.
const LARGER: f32 = 1.15;
const LARGER_WORTH: f32 = 0.25;
const MAX_LARGER_WORTH: f32 = 0.4;
/// How far from what was found other lines are read, in heights of the larger capitals: a card is
/// 85 mm, its letters 1.5; a title stands farther off the larger it is.
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
        let mut courses = sight::courses(scene, &found, Print::Dark, MIN_HINT);
        if courses.iter().any(|course| !course.is_upright()) {
            let voters = by_promise(courses.iter().flat_map(Course::voters).collect());
            let lies = voters.first().is_some_and(|line| !Way::from(&line.path).is_upright());
            if lies && turns(scene, &voters, MIN_FIRST * TURNED) {
                return;
            }
            courses.retain(|course| course.is_hinted(MIN_HINT));
        }
        let mut banded = Vec::new();
        if courses.is_empty() && found.len() <= MAX_LINES_UNDER_BAND {
            let light = band::lines(scene);
            let light = sight::courses(scene, &light, Print::Light, MIN_HINT_LIGHT);
            banded = by_promise(light.iter().flat_map(Course::voters).collect());
        }
        let banded = read_light(rules, scene, banded.iter());
        let banded_tell = banded.iter().any(Read::tells);
        if banded_tell {
            courses = sight::courses(scene, &found, Print::Dark, 0.0);
        }
        let voters = by_promise(courses.iter().flat_map(Course::voters).collect());
        if turns(scene, &voters, MIN_FIRST) {
            return;
        }
        let zone = out.iter().any(|e| e.kind == Kind::IdDocumentCopy);
        let mut reads = match banded_tell {
            true => banded,
            false => probed(rules, scene, &voters, zone),
        };
        let mut others = Vec::new();
        if !reads.is_empty() {
            others = courses.iter().flat_map(|course| course.others(scene)).collect();
        }
        let lines: Vec<&Line> = voters.iter().chain(&others).collect();
        let mut hopeful = read(rules, scene, &lines, zone, &mut reads);
        // Two cards, and a page around them, have more lines than are glanced at first.
        let mut more = Vec::new();
        if hopeful && reads.iter().filter(|r| r.tells()).count() >= MANY_TELL {
            let beyond = courses.iter().flat_map(|c| c.beyond(scene, |line| near(line, &reads)));
            more = beyond.collect();
        }
        let lines: Vec<&Line> = lines.into_iter().chain(&more).collect();
        if !more.is_empty() {
            hopeful = read(rules, scene, &lines, zone, &mut reads);
        }
        log::trace!("lines {} glanced {} read {}", found.len(), lines.len(), reads.len());
        // Some titles stand light in a dark band over the labels; not on forms.
        let mut light = Vec::new();
        if lacks_title(&reads) && (hopeful || !reads.iter().any(|r| r.tells() && r.form_marks)) {
            let found = closer::lines(scene, &reads, Print::Light);
            let courses = sight::courses(scene, &found, Print::Light, MIN_HINT_LIGHT);
            light.extend(courses.iter().flat_map(Course::voters));
            light.extend(courses.iter().flat_map(|course| course.others(scene)));
        }
        let light = by_promise(light);
        let titles = read_light(rules, scene, light.iter().filter(|line| near(line, &reads)));
        reads.extend(titles);
        join_broken(&rules.lexicon, &mut reads);
        let missing = if zone { None } else { number::places(rules, scene, &lines, &reads) };
        if let Some(places) = &missing {
            number::look_again(rules, scene, &lines, places, &mut reads);
        }
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
fn mark(scene: &Scene<'_>, found: &[TextLine], glanced: &[&Line], reads: &[Read<'_>]) {
    for line in found {
        scene.mark(|| {
            let place = |row: &Row| (row.axis, row.from, row.to, row.curve[0]);
            let is = |other: &&Line| place(&other.path.row) == place(&line.row);
            let note = match (reads.iter().any(|r| is(&r.line)), glanced.iter().any(is)) {
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

/// Whether there are labels but no title among what was read, or the number of a person: of a worn copy
/// that may be all the dark print that tells.
fn lacks_title(reads: &[Read<'_>]) -> bool {
    let told = || reads.iter().filter(|r| r.tells());
    (told().count() >= 2 || has_person(reads)) && !told().any(|r| r.has_title)
}

/// Whether a number that begins with a birth date was read as it stands, and nothing that forms and
/// driving licences have.
fn has_person(reads: &[Read<'_>]) -> bool {
    let of_form = |r: &Read<'_>| r.form_marks || r.of_lookalike;
    let numbers = || reads.iter().filter(|r| r.is_number()).flat_map(|r| &r.numbers);
    let dated = numbers().any(|n| n.bent == 0.0 && shape(&n.digits) == Shape::Dated);
    dated && !reads.iter().any(of_form)
}

/// Whether a line stands near one that told something, and is of like size.
fn near(line: &Line, reads: &[Read<'_>]) -> bool {
    reads.iter().filter(|r| r.tells()).any(|r| {
        let ratio = line.capital() / r.line.capital();
        let reach = REACH * r.line.capital().max(line.capital());
        line.distance(r.line) <= reach && (0.3..=3.5).contains(&ratio)
    })
}

fn read_line<'l>(rules: &Rules, scene: &Scene<'_>, line: &'l Line) -> Option<Read<'l>> {
    let strip = sight::strip(scene, line, WIDEST_PX);
    let text = read_text(&[strip]).pop()?;
    Some(Read::new(&rules.lexicon, line, &text))
}

/// The first few of these, which are in light print.
fn read_light<'l>(
    rules: &Rules,
    scene: &Scene<'_>,
    lines: impl Iterator<Item = &'l Line>,
) -> Vec<Read<'l>> {
    let likely = lines.filter(|line| line.promise() >= MIN_PROMISE_NEAR).take(MAX_LIGHT);
    likely.filter_map(|line| read_line(rules, scene, line)).collect()
}

/// Whether the most promising lines, which come first, together promise so much.
fn promise(lines: &[Line], least: f32) -> bool {
    lines.iter().take(FIRST).map(Line::promise).sum::<f32>() >= least
}

/// Whether the picture does not lie upright by the most promising of these lines, and they promise enough
/// for it to be turned.
fn turns(scene: &Scene<'_>, lines: &[Line], least: f32) -> bool {
    let way = lines.first().map(|line| Way::from(&line.path));
    promise(lines, least) && way.is_some_and(|way| scene.turns(way))
}

/// Reads the most promising voters until one tells something. Empty if none does.
fn probed<'l>(rules: &Rules, scene: &Scene<'_>, voters: &'l [Line], zone: bool) -> Vec<Read<'l>> {
    if !promise(voters, MIN_FIRST) && !zone {
        return Vec::new();
    }
    let mut reads: Vec<Read<'l>> = Vec::new();
    let probes = if zone { PROBES_AT_ZONE } else { PROBES };
    let mut likely: Vec<&Line> =
        voters.iter().take_while(|line| line.promise() >= MIN_PROMISE).collect();
    // Names in large print look like labels, and more so where a copier has lost the labels. Where the
    // first lines are names, others are tried, and what looks like the number before them.
    let rest = likely.split_off(probes.min(likely.len()));
    let number = voters.iter().max_by(|a, b| a.glance.number.total_cmp(&b.glance.number));
    let number = number.filter(|line| line.glance.number >= MIN_NUMBER);
    for line in likely {
        reads.extend(read_line(rules, scene, line));
        if reads.last().is_some_and(Read::tells) {
            return reads;
        }
    }
    if !reads.iter().any(Read::is_name) {
        return Vec::new();
    }
    for line in number.into_iter().chain(rest).take(MORE_PROBES) {
        if reads.iter().any(|read| std::ptr::eq(read.line, line)) {
            continue;
        }
        reads.extend(read_line(rules, scene, line));
        if reads.last().is_some_and(Read::tells) {
            return reads;
        }
    }
    Vec::new()
}

/// Reads on around what was read, the most promising lines first, as long as it pays. Whether there
/// may be a document for all that was read.
fn read<'l>(
    rules: &Rules,
    scene: &Scene<'_>,
    lines: &[&'l Line],
    zone: bool,
    reads: &mut Vec<Read<'l>>,
) -> bool {
    let mut tell = reads.iter().filter(|r| r.tells()).count();
    let mut left: Vec<&'l Line> = lines.to_vec();
    left.retain(|line| {
        line.promise() >= MIN_PROMISE_NEAR && !reads.iter().any(|r| std::ptr::eq(r.line, *line))
    });
    let barren = |reads: &[Read<'l>]| {
        reads.len() - reads.iter().filter(|r| r.is_name()).count().min(MAX_NAMES)
    };
    while tell > 0 && reads.len() < MAX_READ && barren(reads) <= PROBES + 1 + BARREN * tell {
        // Nothing is larger than what has its title.
        let usual = if lacks_title(reads) { usual_capital(reads) } else { f32::INFINITY };
        let next = left
            .iter()
            .enumerate()
            .filter(|(_, line)| near(line, reads) && !is_settled(line, reads))
            .map(|(i, line)| (i, line.promise() + larger_worth(line, usual)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((next, _)) = next else { break };
        let new = read_line(rules, scene, left.swap_remove(next));
        tell += usize::from(new.as_ref().is_some_and(Read::tells));
        reads.extend(new);
        // At every other line: it takes the tenth part of a reading.
        let due = !zone && reads.len().is_multiple_of(2);
        // Beside a number words may still come.
        let early = reads.len() < PATIENT && has_number(reads);
        let doubt = DOUBTS.iter().rev().find(|doubt| due && !early && doubt.0 <= reads.len());
        let least = doubt.map(|doubt| doubt.1 - hope(reads));
        if least.is_some_and(|least| decide::odds(rules, scene, reads) < least) {
            return false;
        }
    }
    true
}

/// How much less likely than what was read it may be that there is a document.
fn hope(reads: &[Read<'_>]) -> f32 {
    let large = LARGE_TITLE * usual_capital(reads);
    let number = reads.len() < FEW && has_number(reads);
    let title = reads.iter().any(|r| r.has_title && r.tells() && r.line.capital() >= large);
    let worth = |seen: bool, worth: f32| if seen { worth } else { 0.0 };
    worth(number, HOPE_OF_NUMBER) + worth(title, HOPE_OF_TITLE)
}

fn has_number(reads: &[Read<'_>]) -> bool {
    reads.iter().any(|r| !r.numbers.is_empty())
}

/// The middle height of capitals of the lines that told something.
fn usual_capital(reads: &[Read<'_>]) -> f32 {
    let told = reads.iter().filter(|r| r.tells());
    let mut heights: Vec<f32> = told.map(|r| r.line.capital()).collect();
    heights.sort_by(f32::total_cmp);
    heights.get(heights.len() / 2).copied().unwrap_or(0.0)
}

/// What a line promises beyond its looks where the title over lines of this height is missing.
fn larger_worth(line: &Line, usual: f32) -> f32 {
    let times = line.capital() / usual.max(1.0);
    if times < LARGER {
        return 0.0;
    }
    (LARGER_WORTH * (times - 1.0)).min(MAX_LARGER_WORTH)
}
