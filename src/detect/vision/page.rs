//! The text of a whole page: every line of it, read.
//!
//! Dear: some twenty milliseconds a line. For those only who ask for it.

use std::time::{Duration, Instant};

use super::sight::{self, Line};
use crate::detect::{PageLine, Scene};
use crate::pixels::{Axis, Path};
use crate::reader::{Glance, Number, TEXT_CAPITAL, TextLine, glance, read_text};

/// A picture with fewer lines is no page.
const MIN_LINES: usize = 4;
/// Lines that have a say in which way up the page is.
const VOTERS: usize = 12;
/// Voters that must agree, in sum.
const MIN_TEXT: f32 = 2.0;
/// Lines that are likelier no text than this are not read.
const MAX_NOTHING: f32 = 0.7;
/// Text read less surely than this is a texture or handwriting.
const MIN_SURE: f32 = 0.6;
/// The longest strip that is read at once, in heights of a capital; a line of A4 has up to 75.
const MAX_CAPITALS: f32 = 80.0;
/// Pieces of a longer line have this much in common, so that a number is whole in one of them.
const SHARED_CAPITALS: f32 = 12.0;
/// Lines this far below one another, in heights of a capital, are of one row.
const SAME_ROW: f32 = 0.6;
/// How far a number may be bent to fit its control digit. Here no label of a document stands by.
const MAX_BENT: f32 = 1.5;

/// The lines of a page from top to bottom, whichever way it lies; none where the picture is no page.
/// Stops when `left` is over, with what it has.
pub fn read_page(scene: &Scene<'_>, left: Duration) -> Vec<PageLine> {
    let begin = Instant::now();
    let found = sight::lines(scene);
    if found.len() < MIN_LINES {
        return Vec::new();
    }
    // A page is read one way: that in which most of its print runs.
    let along = |axis| found.iter().filter(move |l| l.row.axis == axis);
    let print = |axis| along(axis).map(|l| l.capitals()).sum::<f32>();
    let axis = if print(Axis::X) >= print(Axis::Y) { Axis::X } else { Axis::Y };
    let lines = turned(scene, along(axis).map(sight::path).collect());
    if lines.len() < MIN_LINES {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (row, lines) in (0..).zip(rows(lines)) {
        for line in lines {
            for piece in pieces(line) {
                if begin.elapsed() >= left {
                    return out;
                }
                out.extend(read(scene, &piece, row));
            }
        }
    }
    out
}

/// The lines that are text, turned the way that the page is read; paths come longest first, which
/// tell best.
fn turned(scene: &Scene<'_>, mut paths: Vec<Path>) -> Vec<Line> {
    let looked = |paths: &[Path]| {
        glance(&paths.iter().map(|path| sight::coarse(scene, path)).collect::<Vec<_>>())
    };
    let voters = looked(paths.get(..VOTERS.min(paths.len())).unwrap_or(&[]));
    let vote = |part: fn(&Glance) -> f32| voters.iter().map(part).sum::<f32>();
    let votes = [
        (vote(|g| g.text + g.number + g.label), (false, false)),
        (vote(|g| g.turned), (true, true)),
        (vote(|g| g.mirrored), (true, false)),
        (vote(|g| g.flipped), (false, true)),
    ];
    let Some(&(most, turn)) = votes.iter().max_by(|a, b| a.0.total_cmp(&b.0)) else {
        return Vec::new();
    };
    if most < MIN_TEXT {
        return Vec::new();
    }
    for path in &mut paths {
        (path.backwards, path.flipped) = turn;
    }
    let glances = looked(&paths);
    let lines = paths.into_iter().zip(glances).map(|(path, glance)| Line { path, glance });
    lines.filter(|line| line.glance.nothing < MAX_NOTHING).collect()
}

/// Lines by rows, in reading order.
fn rows(lines: Vec<Line>) -> Vec<Vec<Line>> {
    let mut rows: Vec<Vec<Line>> = Vec::new();
    for line in lines {
        let beside = |other: &Line| line.path.below_of(&other.path).abs() < SAME_ROW;
        match rows.iter_mut().find(|row| row.iter().any(beside)) {
            Some(row) => row.push(line),
            None => rows.push(vec![line]),
        }
    }
    let flipped = |row: &[Line]| row.first().is_some_and(|l| l.path.flipped);
    let across = |row: &[Line]| {
        let middles = row.iter().map(|l| {
            let row = &l.path.row;
            row.v((row.from + row.to) / 2.0)
        });
        let mean = middles.sum::<f32>() / row.len().max(1) as f32;
        if flipped(row) { -mean } else { mean }
    };
    rows.sort_by(|a, b| across(a).total_cmp(&across(b)));
    for row in &mut rows {
        row.sort_by(|a, b| {
            let order = a.path.row.from.total_cmp(&b.path.row.from);
            if a.path.backwards { order.reverse() } else { order }
        });
    }
    rows
}

/// A line in pieces that can be read at once, mostly one.
fn pieces(line: Line) -> Vec<Line> {
    let long = line.path.pitches();
    if long <= MAX_CAPITALS {
        return vec![line];
    }
    let step = MAX_CAPITALS - SHARED_CAPITALS;
    let count = ((long - SHARED_CAPITALS) / step).ceil().max(1.0) as usize;
    (0..count)
        .map(|i| {
            let first = i as f32 * step - long / 2.0;
            let path = line.path.between(first, (first + MAX_CAPITALS).min(long / 2.0));
            Line { path, glance: line.glance }
        })
        .collect()
}

fn read(scene: &Scene<'_>, line: &Line, row: u32) -> Option<PageLine> {
    let widest = ((MAX_CAPITALS + 2.0) * TEXT_CAPITAL) as usize;
    let read = read_text(&[sight::strip(scene, &line.path, widest)]).pop()?;
    let sure = read.sure();
    (sure >= MIN_SURE && !read.is_empty()).then(|| PageLine {
        text: text(&read),
        region: line.region(scene.plane()),
        sure,
        row,
    })
}

/// What was read; a number of which a digit was read as a letter, or as another digit that is nearly
/// as likely, stands after it once more as its control digit has it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Picture, PictureFacts};
    use crate::pixels::Row;

    fn line(v: f32, from: f32, to: f32) -> Line {
        let row = Row { axis: Axis::X, from, to, curve: [v, 0.02, 0.0], height: 20.0, energy: 1.0 };
        let path = Path { row, pitch: 20.0, backwards: false, flipped: false };
        Line { path, glance: Glance::default() }
    }

    #[test]
    fn rows_run_down_the_page_and_lines_along_them() {
        let lines =
            || vec![line(500.0, 50.0, 900.0), line(108.0, 500.0, 700.0), line(100.0, 50.0, 300.0)];
        let order = |lines: Vec<Line>| -> Vec<Vec<f32>> {
            rows(lines).iter().map(|r| r.iter().map(|l| l.path.row.from).collect()).collect()
        };
        assert_eq!(order(lines()), [vec![50.0, 500.0], vec![50.0]]);
        let upside_down = lines().into_iter().map(|l| Line {
            path: Path { backwards: true, flipped: true, ..l.path },
            glance: l.glance,
        });
        assert_eq!(order(upside_down.collect()), [vec![50.0], vec![500.0, 50.0]]);
    }

    #[test]
    fn long_lines_are_read_in_pieces_that_share_a_number() {
        assert_eq!(pieces(line(9.0, 0.0, 1500.0)).len(), 1);
        let pieces = pieces(line(9.0, 0.0, 4000.0));
        assert_eq!(pieces.len(), 3);
        for pair in pieces.windows(2) {
            let shared = pair[0].path.row.to - pair[1].path.row.from;
            assert!(shared >= (SHARED_CAPITALS - 0.5) * 20.0, "{shared}");
        }
        assert!(pieces.iter().all(|p| p.path.pitches() <= MAX_CAPITALS + 0.1));
        assert!(pieces[2].path.row.to > 3990.0);
    }

    #[test]
    fn no_page_has_no_lines() {
        let luma = vec![255; 800 * 600];
        let picture = Picture { width: 800, height: 600, luma, facts: PictureFacts::default() };
        let scene = Scene::new(&picture).unwrap();
        assert!(read_page(&scene, Duration::from_secs(9)).is_empty());
    }
}
