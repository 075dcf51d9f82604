//! All lines of a page, read: for those who want the text of scanned contracts looked at, too.

use std::collections::HashMap;

use super::sight::{self, Line};
use crate::detect::{PageLine, Scene};
use crate::pixels::{Axis, Print};
use crate::reader::{Number, TextLine, read_text};

/// A picture with fewer lines is no page.
const MIN_LINES: usize = 4;
/// Lines of which so little is sure are noise or drawings.
const MIN_SURE: f32 = 0.5;
/// The longest strip that is read at once: a line of 120 letters of small print.
const WIDEST_PX: usize = 2_400;
/// Lines of one row are no farther apart across it, in heights of a capital.
const SAME_ROW: f32 = 0.6;
/// How far a number may be bent to fit its control digit. Here no label of a document stands by.
const MAX_BENT: f32 = 1.5;

/// The lines of a picture that looks like a page, in reading order; none of another. `go_on` is
/// asked before each line, and what was read until it said no is given.
pub fn read_page(scene: &Scene<'_>, go_on: &mut dyn FnMut() -> bool) -> Vec<PageLine> {
    let found = sight::lines(scene, Print::Dark);
    if found.len() < MIN_LINES {
        return Vec::new();
    }
    let lines = sight::page(scene, &found);
    if lines.len() < MIN_LINES {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(lines.len());
    for (row, lines) in (0..).zip(in_order(lines)) {
        for line in lines {
            if !go_on() {
                return out;
            }
            let strip = sight::strip(scene, &line, WIDEST_PX);
            let Some(read) = read_text(&[strip]).pop() else { continue };
            let sure = read.sure();
            if !read.is_empty() && sure >= MIN_SURE {
                let region = line.region(scene.plane());
                out.push(PageLine { text: text(&read), region, sure, row });
            }
        }
    }
    out
}

/// What was read. A number of which a digit was read as a letter, or as another that is nearly as
/// likely, stands after it once more as its control digit has it.
fn text(line: &TextLine) -> String {
    let mut text = line.text();
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for Number { digits, bent, .. } in line.numbers() {
        let digits = String::from_utf8_lossy(&digits);
        if bent <= MAX_BENT && !plain.contains(digits.as_ref()) {
            text.push_str(" ; ");
            text.push_str(&digits);
        }
    }
    text
}

/// Rows from top to bottom, each from its first line to its last. What lies the other way, a note in
/// the margin, comes last.
fn in_order(lines: Vec<Line>) -> Vec<Vec<Line>> {
    let mut length: HashMap<bool, f32> = HashMap::new();
    for line in &lines {
        *length.entry(line.path.row.axis == Axis::X).or_default() += line.path.pitches();
    }
    let across = |x: bool| length.get(&x).copied().unwrap_or(0.0);
    let main = if across(true) >= across(false) { Axis::X } else { Axis::Y };
    let (mut first, rest): (Vec<Line>, Vec<Line>) =
        lines.into_iter().partition(|line| line.path.row.axis == main);
    let Some(model) = first.iter().max_by(|a, b| a.path.pitches().total_cmp(&b.path.pitches()))
    else {
        return rest.into_iter().map(|line| vec![line]).collect();
    };
    // Along and down as the longest line lies.
    let model = model.path.clone();
    let right = |line: &Line| model.terms(line.centre()).0;
    let down = |line: &Line| model.terms(line.centre()).1;
    first.sort_by(|a, b| down(a).total_cmp(&down(b)));
    let mut rows: Vec<Vec<Line>> = Vec::new();
    for line in first {
        let same = rows.last().and_then(|row| row.first()).is_some_and(|head| {
            (down(&line) - down(head)).abs() * model.pitch
                <= SAME_ROW * line.capital().min(head.capital())
        });
        match rows.last_mut() {
            Some(row) if same => row.push(line),
            _ => rows.push(vec![line]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| right(a).total_cmp(&right(b)));
    }
    rows.extend(rest.into_iter().map(|line| vec![line]));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Picture, PictureFacts};
    use crate::pixels::{Path, Row};
    use crate::reader::Glance;

    fn line(v: f32, from: f32, to: f32) -> Line {
        let row = Row { axis: Axis::X, from, to, curve: [v, 0.02, 0.0], height: 20.0, energy: 1.0 };
        let path = Path { row, pitch: 20.0, drift: 0.0, backwards: false, flipped: false };
        Line { path, glance: Glance::default(), print: Print::Dark }
    }

    #[test]
    fn rows_run_down_the_page_and_lines_along_them() {
        let lines =
            || vec![line(500.0, 50.0, 900.0), line(108.0, 500.0, 700.0), line(100.0, 50.0, 300.0)];
        let order = |lines: Vec<Line>| -> Vec<Vec<f32>> {
            in_order(lines).iter().map(|r| r.iter().map(|l| l.path.row.from).collect()).collect()
        };
        assert_eq!(order(lines()), [vec![50.0, 500.0], vec![50.0]]);
        let upside_down = lines().into_iter().map(|l| Line {
            path: Path { backwards: true, flipped: true, ..l.path },
            glance: l.glance,
            print: l.print,
        });
        assert_eq!(order(upside_down.collect()), [vec![50.0], vec![500.0, 50.0]]);
    }

    #[test]
    fn no_page_has_no_lines() {
        let luma = vec![255; 800 * 600];
        let picture = Picture { width: 800, height: 600, luma, facts: PictureFacts::default() };
        let scene = Scene::new(&picture).unwrap();
        assert!(read_page(&scene, &mut || true).is_empty());
    }
}
