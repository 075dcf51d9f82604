//! The personal number of a document of which the first reading gave none: read again, cut a little
//! differently, and looked for where its label says that it stands.
//!
//! Guilloche and specks change what a reader sees in one cut and not in the next, so several cuts vote.
//! The birth date on the document tells between numbers that are nearly as likely: issued numbers begin
//! with it. Only where there is a document: 1 to 1.5 ms a cut.

use super::decide;
use super::read::Read;
use super::sight::{self, Line};
use crate::detect::Rules;
use crate::detect::scene::Scene;
use crate::ident::iin::{Shape, shape};
use crate::pixels::Path;
use crate::reader::{Glance, Number, read_text};

/// Documents of which the number is looked for, and lines tried for each.
const MAX_DOCUMENTS: usize = 2;
const MAX_LINES: usize = 4;
/// Digits on a line that may be the number: two were lost.
const MIN_DIGITS: usize = 9;
/// The least that a line which was not read looks like a number.
const MIN_GLANCE: f32 = 0.05;
/// Cuts of one line: height of a capital as a multiple of what was found, how far below the middle, and how
/// much longer at either end, in heights of a capital.
const CUTS: [(f32, f32, f32); 8] = [
    (1.0, 0.0, 1.0),
    (0.85, 0.0, 1.0),
    (1.18, 0.0, 1.0),
    (1.0, 0.12, 1.0),
    (1.0, -0.12, 1.0),
    (0.72, 0.0, 1.0),
    (0.72, -0.25, 1.0),
    (0.72, 0.25, 1.0),
];
/// Cuts in which the same number was read cheaply are enough.
const ENOUGH: usize = 2;
const CHEAP: f32 = 1.0;
/// The dearest reading that counts; one that begins with the birth date printed on the document may cost more.
const MAX_COST: f32 = 3.0;
const MAX_COST_BORN: f32 = 7.0;
/// What each further cut with the same number takes off its cost.
const AGREED: f32 = 1.0;
/// What a birth date that agrees does.
const BORN: f32 = 4.0;
/// Where a number stands from its label, in heights of the label's capitals: below it, from its first letter
/// on, or beside it; twelve digits are so long, and so much higher than the label.
const BELOW: [f32; 2] = [2.3, 2.9];
const BESIDE: f32 = 1.0;
const DIGITS_LONG: f32 = 17.0;
const HIGHER: f32 = 1.6;
/// The end of a line that is looked at, in heights of its capitals, where the line is longer than that by
/// a label; so many, if they look no more than this like anything but a number.
const DIGITS_AT_END: f32 = 8.5;
const LONGER_THAN_NUMBER: f32 = 10.0;
const MAX_ENDS: usize = 12;
const MAX_OTHER_END: f32 = 0.3;

/// Lines beyond those that were found in which documents without a number may have it: where their labels say
/// that it stands, and the ends of longer lines. `None` where no document lacks its number.
pub(super) fn places(
    rules: &Rules,
    scene: &Scene<'_>,
    lines: &[&Line],
    reads: &[Read<'_>],
) -> Option<Vec<Line>> {
    let wanted = decide::without_number(rules, scene, reads);
    if wanted.is_empty() {
        return None;
    }
    let group: Vec<&Read<'_>> = wanted.into_iter().take(MAX_DOCUMENTS).flatten().collect();
    let labels = group.iter().filter(|read| read.names_number).take(MAX_DOCUMENTS);
    let said = labels.flat_map(|read| around(read.line));
    Some(said.chain(ends(scene, lines, reads, &group)).collect())
}

/// The ends of lines near documents without a number, where they look like one: what such a line begins
/// with, its label in smaller print or the edge of the card, keeps it from being seen as a number.
fn ends(scene: &Scene<'_>, lines: &[&Line], reads: &[Read<'_>], group: &[&Read<'_>]) -> Vec<Line> {
    let number =
        |line: &Line| reads.iter().any(|r| std::ptr::eq(r.line, line) && r.digits() >= MIN_DIGITS);
    let long = lines.iter().copied().filter(|line| {
        let reached = group.iter().any(|read| read.reaches(line));
        reached && line.path.pitches() >= LONGER_THAN_NUMBER && !number(line)
    });
    let ends: Vec<Line> = long.take(MAX_ENDS).map(end).collect();
    let seen = sight::glances(scene, &ends);
    let glanced = ends.into_iter().zip(seen).map(|(line, glance)| Line { glance, ..line });
    // Cut too high or too low, digits look like digits upside down.
    let may_be = |g: &Glance| g.nothing + g.text + g.label <= MAX_OTHER_END;
    let mut likely: Vec<Line> = glanced.filter(|line| may_be(&line.glance)).collect();
    likely.sort_by(|a, b| b.glance.number.total_cmp(&a.glance.number));
    likely.truncate(MAX_LINES / 2);
    likely
}

/// The last twelve digits of a line.
fn end(line: &Line) -> Line {
    let half = line.path.pitches() / 2.0;
    let path = line.path.between(half - DIGITS_AT_END, half);
    Line { path, glance: line.glance, print: line.print }
}

/// Below a label, where its number begins with it, and beside it.
fn around(label: &Line) -> Vec<Line> {
    let half = label.path.pitches() / 2.0;
    let line = |from: f32, down: f32, higher: f32| {
        let path = label.path.below(down).between(from, from + DIGITS_LONG * higher);
        let glance = Glance { number: MIN_GLANCE, ..Glance::default() };
        Line { path: Path { pitch: path.pitch * higher, ..path }, glance, print: label.print }
    };
    let below = BELOW.iter().map(|&down| line(-half - 0.5, down, HIGHER));
    below.chain([line(half + BESIDE, 0.0, HIGHER)]).collect()
}

/// Reads the likeliest lines again for each document that has no number, or a doubtful one, and adds what
/// was found to what was read.
pub(super) fn look_again<'l>(
    rules: &Rules,
    scene: &Scene<'_>,
    lines: &[&'l Line],
    places: &'l [Line],
    reads: &mut Vec<Read<'l>>,
) {
    let mut found: Vec<(&'l Line, Number)> = Vec::new();
    for group in decide::without_number(rules, scene, reads).iter().take(MAX_DOCUMENTS) {
        let days: Vec<[u8; 6]> = reads
            .iter()
            .filter(|r| group.iter().any(|g| g.is_linked(r)))
            .flat_map(Read::days)
            .collect();
        let is_near = |line: &Line| {
            group.iter().any(|g| g.reaches(line)) && group.iter().all(|g| g.is_as_turned(line))
        };
        let read = |line: &Line| reads.iter().find(|r| std::ptr::eq(r.line, line));
        let worth = |line: &Line| match read(line) {
            Some(read) if read.digits() >= MIN_DIGITS => 1.0 + line.glance.number,
            Some(_) => 0.0,
            None => line.glance.number,
        };
        let mut tried: Vec<(&'l Line, f32)> = lines
            .iter()
            .copied()
            .filter(|line| is_near(line))
            .map(|line| (line, worth(line)))
            .filter(|(_, worth)| *worth >= MIN_GLANCE)
            .collect();
        tried.sort_by(|a, b| b.1.total_cmp(&a.1));
        tried.truncate(MAX_LINES);
        tried.extend(places.iter().filter(|line| is_near(line)).map(|line| (line, 0.0)));
        let best = tried
            .into_iter()
            .filter_map(|(line, _)| Some((line, voted(scene, line, &days)?)))
            .min_by(|a, b| a.1.bent.total_cmp(&b.1.bent));
        found.extend(best);
    }
    for (line, number) in found {
        match reads.iter_mut().find(|r| std::ptr::eq(r.line, line)) {
            Some(read) => read.numbers = vec![number],
            None => reads.push(Read::of_number(line, number)),
        }
    }
}

/// The number of a line for which most cuts speak; `bent` is the least that it costs.
fn voted(scene: &Scene<'_>, line: &Line, days: &[[u8; 6]]) -> Option<Number> {
    let born = |digits: &[u8; 12]| days.iter().any(|day| digits.starts_with(day));
    // Each with the cuts that have it, and the least that it costs in one.
    let mut known: Vec<(Number, usize)> = Vec::new();
    for (higher, down, longer) in CUTS {
        let half = line.path.pitches() / 2.0 + longer;
        let path = line.path.below(down).between(-half, half);
        let path = Path { pitch: path.pitch * higher, ..path };
        let cut = Line { path, glance: line.glance, print: line.print };
        let strip = sight::strip(scene, &cut, super::WIDEST_PX);
        let Some(text) = read_text(&[strip]).pop() else { continue };
        for number in text.spelled(MAX_COST_BORN) {
            match known.iter_mut().find(|(k, _)| k.digits == number.digits) {
                Some((known, votes)) => {
                    known.bent = known.bent.min(number.bent);
                    *votes += 1;
                }
                None => known.push((number, 1)),
            }
        }
        if known.iter().any(|(n, votes)| *votes >= ENOUGH && n.bent <= CHEAP && is_dated(n)) {
            break;
        }
    }
    let cost = |(number, votes): &(Number, usize)| {
        let agreed = AGREED * votes.saturating_sub(1) as f32;
        number.bent - agreed - if born(&number.digits) { BORN } else { 0.0 }
    };
    let (number, votes) = known
        .into_iter()
        .filter(|(n, _)| is_dated(n))
        .min_by(|a, b| cost(a).total_cmp(&cost(b)))?;
    let most = if born(&number.digits) { MAX_COST_BORN } else { MAX_COST };
    let sure = votes >= ENOUGH || born(&number.digits);
    (sure && number.bent <= most).then_some(number)
}

fn is_dated(number: &Number) -> bool {
    matches!(shape(&number.digits), Shape::Dated | Shape::DatedForeigner)
}
