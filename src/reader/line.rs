//! From the network's answers along a strip to a given number of characters.
//!
//! The network tends to answer once a character, but swallows one now and then in a run of
//! filler or adds one at an edge. Characters of a zone stand at equal distances, so the
//! answers are put on a grid first; a place without an answer becomes a character that is
//! mostly unknown, not a hole.

use super::{PITCH, STEP};
use crate::ident::mrz::{ALPHABET, Cell, Reading};

/// Nothing, then the alphabet.
pub(super) const CLASSES: usize = 1 + ALPHABET.len();

/// What was read along one strip.
#[derive(Debug, Clone)]
pub struct Line {
    /// Log probabilities, [`CLASSES`] a step.
    steps: Vec<f32>,
    answers: Vec<Answer>,
}

/// One run of steps that agree on a character.
#[derive(Debug, Clone, Copy)]
struct Answer {
    /// Middle, in steps.
    at: f32,
    class: usize,
    /// Highest probability within the run.
    sure: f32,
}

/// Where characters stand: the middle of character `i` is at `start + pitch i + drift i^2`,
/// in pixels of the strip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    pub start: f32,
    pub pitch: f32,
    pub drift: f32,
    /// Characters from the first to the last answer, those without one included.
    pub count: usize,
}

impl Grid {
    pub fn at(&self, i: f32) -> f32 {
        self.start + i * (self.pitch + i * self.drift)
    }

    /// The mean distance of characters.
    pub fn mean_pitch(&self) -> f32 {
        self.pitch + (self.count as f32 - 1.0) * self.drift
    }

    /// Growth of the distance from one character to the next, as a share of the mean.
    pub fn growth(&self) -> f32 {
        2.0 * self.drift / self.mean_pitch()
    }
}

/// Part of every character's probability that is given to each other one.
const FLOOR: f32 = 2e-4;
/// Extra for filler, the character that is lost most.
const FILLER_FLOOR: f32 = 4e-3;
/// Cost of leaving out one sure answer at an end of the line.
const LEFT_OUT_COST: f32 = 2.0;
/// Cost of leaving out any number: other text runs on beside the zone.
const MOST_LEFT_OUT_COST: f32 = 6.0;
/// Characters that may be missing at the ends.
const MAX_MISSING: usize = 3;
/// Characters that may be too many at the ends.
const MAX_EXTRA: usize = 20;
/// Growth of half the distance of characters from one to the next, in steps: twice the distance
/// at one end of a card's line, which is more than a phone held at 30 degrees sees.
const MAX_DRIFT: f64 = 0.04;
/// Characters in a row that may be missing within.
const MAX_HOLE: f32 = 4.5;

impl Line {
    pub fn empty() -> Line {
        Line { steps: Vec::new(), answers: Vec::new() }
    }

    /// From log probabilities, [`CLASSES`] a step.
    pub(super) fn new(steps: &[f32]) -> Line {
        let mut answers: Vec<Answer> = Vec::new();
        let mut last = 0;
        for (i, step) in steps.chunks_exact(CLASSES).enumerate() {
            let (class, &log) = step
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(b.1))
                .unwrap_or((0, &f32::NEG_INFINITY));
            let sure = log.exp();
            match answers.last_mut() {
                _ if class == 0 => {}
                Some(a) if class == last => {
                    if sure > a.sure {
                        // The middle of the two is between; the surer step draws it.
                        a.at = if a.sure > 0.8 * sure { (a.at + i as f32) / 2.0 } else { i as f32 };
                        a.sure = sure;
                    } else if sure > 0.8 * a.sure {
                        a.at = (a.at + i as f32) / 2.0;
                    }
                }
                _ => answers.push(Answer { at: i as f32, class, sure }),
            }
            last = class;
        }
        Line { steps: steps.to_vec(), answers }
    }

    /// How many characters were read, each counted by its probability over one half.
    pub fn sure(&self) -> f32 {
        self.answers.iter().map(|a| (a.sure - 0.5).max(0.0) * 2.0).sum()
    }

    /// How many fillers were read for sure.
    pub fn fillers(&self) -> usize {
        self.answers.iter().filter(|a| a.class == 1 && a.sure > 0.5).count()
    }

    /// How many different characters were read.
    pub fn variety(&self) -> usize {
        let seen = self.answers.iter().fold(0u64, |seen, a| seen | 1 << a.class.min(63));
        seen.count_ones() as usize
    }

    /// The longest stretch of answers without a hole of more than [`MAX_HOLE`] characters:
    /// what lies beyond is something else on the same line.
    fn body(&self) -> &[Answer] {
        let hole = |pair: &[Answer]| matches!(pair, [a, b] if b.at - a.at > MAX_HOLE * PITCH / STEP as f32);
        let mut best = 0..0;
        let mut start = 0;
        for end in 1..=self.answers.len() {
            let ends = self.answers.get(end - 1..end + 1).is_none_or(hole);
            if ends {
                if end - start > best.len() {
                    best = start..end;
                }
                start = end;
            }
        }
        self.answers.get(best).unwrap_or(&[])
    }

    /// The grid on which most answers lie. `None` under eight answers.
    pub fn grid(&self) -> Option<Grid> {
        let answers = self.body();
        if answers.len() < 8 {
            return None;
        }
        let mut gaps: Vec<f32> = answers.windows(2).map(|w| w[1].at - w[0].at).collect();
        gaps.sort_by(f32::total_cmp);
        // The lower half holds single steps only, whatever was swallowed.
        let usual = *gaps.get(gaps.len() * 2 / 5)?;
        if !(2.5..=7.0).contains(&usual) {
            return None;
        }
        let mut index = 0.0f32;
        let mut points: Vec<(f32, f32)> = Vec::with_capacity(answers.len());
        let mut before: Option<f32> = None;
        for a in answers {
            if let Some(before) = before {
                index += ((a.at - before) / usual).round().max(0.0);
            }
            before = Some(a.at);
            points.push((index, a.at));
        }
        let mut curve = through(&points)?;
        for _ in 0..3 {
            // Place each answer anew by the grid so far; keep those that lie on it.
            let placed: Vec<(f32, f32)> = answers
                .iter()
                .map(|a| (nearest(&curve, a.at), a.at))
                .filter(|&(i, at)| (value(&curve, i) - at).abs() < 0.35 * usual)
                .collect();
            if placed.len() < 8 {
                return None;
            }
            points = placed;
            curve = through(&points)?;
        }
        let first = points.first()?.0;
        let last = points.last()?.0;
        let px = STEP as f32;
        let pitch = curve[1] + 2.0 * curve[2] * first;
        Some(Grid {
            // A step answers for its four pixels.
            start: value(&curve, first) * px + px / 2.0,
            pitch: pitch * px,
            drift: curve[2] * px,
            count: (last - first) as usize + 1,
        })
    }

    /// This line as `n` characters: several ways where it has more or fewer, each with a price
    /// for the answers that it leaves out. Empty where too many are missing.
    pub fn readings(&self, n: usize) -> Vec<Reading> {
        let Some(grid) = self.grid() else { return Vec::new() };
        if grid.count + MAX_MISSING < n || grid.count > n + MAX_EXTRA {
            return Vec::new();
        }
        let off = n as isize - grid.count as isize;
        let body = self.body();
        // From the first answer at cell 0 to the last answer at the last cell.
        let shifts = off.min(0)..=off.max(0);
        shifts
            .map(|shift| {
                let first = -(shift as f32);
                let within = |a: &&Answer| {
                    let at = a.at * STEP as f32 + STEP as f32 / 2.0;
                    at > grid.at(first - 0.5) && at < grid.at(first + n as f32 - 0.5)
                };
                let left_out = body.len() - body.iter().filter(within).count();
                let cells = (0..n).map(|i| self.cell(&grid, first + i as f32)).collect();
                Reading { cells, cost: (LEFT_OUT_COST * left_out as f32).min(MOST_LEFT_OUT_COST) }
            })
            .collect()
    }

    /// Costs of each character around place `i` of the grid.
    fn cell(&self, grid: &Grid, i: f32) -> Cell {
        let middle = (grid.at(i) - STEP as f32 / 2.0) / STEP as f32;
        let reach = (grid.pitch + 2.0 * i * grid.drift) / STEP as f32 / 2.0;
        // An answer near by shows where the network put this character.
        let own = self
            .answers
            .iter()
            .map(|a| a.at)
            .filter(|at| (at - middle).abs() < reach * 0.9)
            .min_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()));
        let (middle, reach) = own.map_or((middle, reach * 0.9), |at| (at, reach * 0.7));
        let mut best = [0.0f32; CLASSES - 1];
        let from = (middle - reach).ceil().max(0.0) as usize;
        let to = (middle + reach).floor().max(0.0) as usize;
        for step in self.steps.chunks_exact(CLASSES).take(to + 1).skip(from) {
            for (b, log) in best.iter_mut().zip(step.iter().skip(1)) {
                *b = b.max(log.exp());
            }
        }
        let sum: f32 = best.iter().sum::<f32>() + FLOOR * best.len() as f32 + FILLER_FLOOR;
        let mut costs = best.map(|b| -((b + FLOOR) / sum).ln());
        if let (Some(cost), Some(b)) = (costs.first_mut(), best.first()) {
            *cost = -((b + FLOOR + FILLER_FLOOR) / sum).ln();
        }
        costs
    }

    /// The text as read: an identity value.
    #[cfg(test)]
    pub(super) fn text(&self) -> String {
        let char_of = |a: &Answer| ALPHABET.get(a.class - 1).map(|&b| char::from(b));
        self.answers.iter().filter_map(char_of).collect()
    }
}

fn value(curve: &[f32; 3], i: f32) -> f32 {
    curve[0] + i * (curve[1] + i * curve[2])
}

/// The whole index whose place is nearest to `at`.
fn nearest(curve: &[f32; 3], at: f32) -> f32 {
    let mut i = (at - curve[0]) / curve[1];
    for _ in 0..3 {
        let slope = curve[1] + 2.0 * curve[2] * i;
        if slope.abs() < 1e-3 {
            break;
        }
        i -= (value(curve, i) - at) / slope;
    }
    i.round()
}

/// Least squares of a parabola; the bend is kept to what perspective can do.
fn through(points: &[(f32, f32)]) -> Option<[f32; 3]> {
    let n = points.len() as f64;
    let mi = points.iter().map(|p| f64::from(p.0)).sum::<f64>() / n;
    let mv = points.iter().map(|p| f64::from(p.1)).sum::<f64>() / n;
    let (mut s2, mut s3, mut s4, mut sv, mut s2v) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for &(i, v) in points {
        let (i, v) = (f64::from(i) - mi, f64::from(v) - mv);
        s2 += i * i;
        s3 += i * i * i;
        s4 += i * i * i * i;
        sv += i * v;
        s2v += i * i * v;
    }
    if s2 <= 0.0 {
        return None;
    }
    let q = s4 - s2 * s2 / n;
    let det = s2 * q - s3 * s3;
    let mut c =
        if points.len() >= 15 && det > 1e-6 * s2 * q { (s2 * s2v - s3 * sv) / det } else { 0.0 };
    c = c.clamp(-MAX_DRIFT, MAX_DRIFT);
    let b = (sv - c * s3) / s2;
    let a = mv - c * s2 / n;
    if b < 1.0 {
        return None;
    }
    Some([(a - b * mi + c * mi * mi) as f32, (b - 2.0 * c * mi) as f32, c as f32])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps as the network gives them for `text`, a character every `pitch` steps; `_` is a
    /// character that it swallows.
    fn line(text: &str, pitch: f32) -> Line {
        let count = (text.len() as f32 * pitch) as usize + 8;
        let mut steps = vec![(0.001f32 / 37.0).ln(); count * CLASSES];
        for step in steps.chunks_exact_mut(CLASSES) {
            step[0] = 0.999f32.ln();
        }
        for (i, b) in text.bytes().enumerate() {
            let at = (4.0 + i as f32 * pitch).round() as usize;
            if let Some(class) = ALPHABET.iter().position(|&a| a == b) {
                let step = &mut steps[at * CLASSES..(at + 1) * CLASSES];
                step[0] = 0.02f32.ln();
                step[class + 1] = 0.98f32.ln();
            }
        }
        Line::new(&steps)
    }

    fn text(reading: &Reading) -> String {
        let best = |c: &Cell| (0..37).min_by(|&a, &b| c[a].total_cmp(&c[b])).unwrap();
        reading.cells.iter().map(|c| char::from(ALPHABET[best(c)])).collect()
    }

    const ROW: &str = "8512316F3401011KAZ<<<<<<<<<<<6";

    #[test]
    fn a_full_line_has_one_reading() {
        let line = line(ROW, 4.1);
        let readings = line.readings(30);
        assert_eq!(readings.len(), 1);
        assert_eq!(text(&readings[0]), ROW);
        assert!((line.grid().unwrap().pitch - 16.4).abs() < 0.2);
        assert!(line.readings(44).is_empty());
    }

    #[test]
    fn swallowed_fillers_are_put_back_where_they_stood() {
        let holes = "8512316F3401011KAZ<<_<<<__<<<6";
        let readings = line(holes, 3.9).readings(30);
        assert_eq!(readings.len(), 1);
        assert_eq!(text(&readings[0]), ROW);
    }

    #[test]
    fn a_line_cut_at_one_end_is_tried_at_both() {
        let readings = line("IDKAZ0000000011851231200019<_____", 4.0).readings(30);
        let texts: Vec<String> = readings.iter().map(text).collect();
        assert!(texts.contains(&"IDKAZ0000000011851231200019<<<".to_string()), "{texts:?}");
    }

    #[test]
    fn an_extra_answer_at_an_edge_is_left_out_at_a_price() {
        let readings = line(&format!("7{ROW}"), 4.0).readings(30);
        let right = readings.iter().find(|r| text(r) == ROW).unwrap();
        assert!(right.cost >= LEFT_OUT_COST);
    }

    #[test]
    fn few_or_scattered_answers_make_no_grid() {
        assert!(line("A<B", 4.0).grid().is_none());
        assert!(Line::empty().readings(30).is_empty());
        assert!(line(&"A_________".repeat(9), 4.0).grid().is_none());
    }
}
