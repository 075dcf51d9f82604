//! Lines of text: pieces of ink that stand beside each other at like heights.
//!
//! Unlike [`super::rows`], which finds rows of a page by their energy, this finds single words and
//! labels, in either direction and up to some 25 degrees askew: each piece looks for its next
//! neighbour along the axis, and what links up is a line. Where most lines lean the same way, they
//! are put together once more along that slope: lines that stand close are chained across otherwise.

use super::ink::Blob;
use super::rows::{Axis, Row};

/// A line of something like text.
#[derive(Debug, Clone)]
pub struct TextLine {
    /// Its middle; `height` is that of its capitals.
    pub row: Row,
    /// Pieces of ink in it: letters, or words where print is small.
    pub pieces: usize,
    /// How much of it there is and how close together it stands, to weigh lines that cross.
    strength: f32,
}

impl TextLine {
    /// Pieces and how close together they stand: the more, the likelier text. A wave of security
    /// print is long, but one piece.
    pub fn looks(&self) -> f32 {
        let pieces = self.pieces as f32;
        self.strength * pieces / pieces.max(self.capitals())
    }

    /// The same line in a picture `factor` times as large.
    pub fn scaled(&self, factor: f32) -> TextLine {
        TextLine { row: self.row.scaled(factor), ..*self }
    }

    /// The same line in a picture of which this one is a part that begins there.
    pub fn moved(&self, x: f32, y: f32) -> TextLine {
        TextLine { row: self.row.moved(x, y), ..*self }
    }

    /// Length in heights of a capital: a letter is 0.6 to 0.9.
    pub fn capitals(&self) -> f32 {
        self.row.length() / self.row.height.max(1.0)
    }
}

/// Heights of letters: under 4 px nothing can be read, over a quarter of the working side is
/// no document.
const HEIGHTS: std::ops::RangeInclusive<u32> = 4..=90;
/// The longest piece, in its heights: a row of letters grown together.
const MAX_PIECE: u32 = 30;
/// Ink in the box of a long piece: more is a rule or a bar.
const MAX_FILL: f32 = 0.85;
/// A gap of more heights parts two lines: blanks are about a third of a capital's height, those of
/// spaced print up to one.
const MAX_GAP: f32 = 1.15;
/// How far heights of neighbours may differ, and how much of the lower must stand beside the other.
const MAX_RATIO: f32 = 3.0;
const MIN_BESIDE: f32 = 0.5;
/// The shortest line, in heights.
const MIN_LENGTH: f32 = 1.6;
/// Shorter lines, in heights, have no slope of their own.
const SLOPE_LENGTH: f32 = 6.0;
/// Slopes from this on, 5 degrees, are worth putting the lines together anew, where lines of so many
/// pieces, so many of them, with so much of all strength lie within so much of one slope.
const STEEP: f32 = 0.09;
const MIN_SLOPING: usize = 5;
const MIN_LINES: usize = 3;
const MIN_AGREEING: f32 = 0.5;
const AGREEING: f32 = 0.08;
/// From so steep on neighbours do not stand beside one another any more; what is tried then, with not
/// more pieces than a card and its surroundings have, and where it ends: an axis is 45 degrees off.
const STEEP_START: f32 = 0.65;
const MAX_STEEP_PIECES: usize = 1200;
/// How much more must come together then.
const MIN_GAIN: f32 = 1.3;
const STEEPEST: f32 = 1.1;
/// Slopes found one from the other.
const MAX_ROUNDS: usize = 3;
/// A letter is at least so much of its box: an O fills less of the corners than an H.
const LEAST_OWN: f32 = 0.4;
/// The steepest line.
const MAX_SLOPE: f32 = 0.5;
/// A capital's height over the middle height of all letters, at most: lower case is 0.7.
const MAX_OVER_MEDIAN: f32 = 1.55;
/// Pieces of an emblem at an end of a line, at most, and pieces of a line that may have one.
const MAX_EMBLEM: usize = 2;
const MIN_BESIDE_EMBLEM: usize = 6;
/// Height of the cells in which neighbours are looked for.
const CELL: u32 = 16;
/// Lines kept, longest first.
const MAX_LINES: usize = 400;

/// A piece seen along an axis: `u` along, `v` across.
#[derive(Clone, Copy)]
struct Piece {
    u0: f32,
    u1: f32,
    v0: f32,
    v1: f32,
}

impl Piece {
    fn height(&self) -> f32 {
        self.v1 - self.v0
    }

    /// The same in a picture that is sheared until lines of this slope run along the axis. The box of
    /// what stands askew is larger than it is itself; here it has its own size.
    fn leaning(&self, lean: Lean) -> Piece {
        let cos = 1.0 / (1.0 + lean.slope * lean.slope).sqrt();
        let sin = lean.slope.abs() * cos;
        let (length, height) = (self.u1 - self.u0, self.height());
        let own = |this: f32, other: f32| {
            ((this * cos - other * sin) / (cos * cos - sin * sin)).clamp(LEAST_OWN * this, this)
        };
        let (own_length, own_height) = (own(length, height) * cos, own(height, length));
        let (u, v) = ((self.u0 + self.u1) / 2.0, (self.v0 + self.v1) / 2.0);
        let v = v - lean.slope * u + lean.shift;
        Piece {
            u0: u - own_length / 2.0,
            u1: u + own_length / 2.0,
            v0: v - own_height / 2.0,
            v1: v + own_height / 2.0,
        }
    }
}

/// The lines of a picture along both axes, longest first. Where two cross, the one with more in it
/// and closer together keeps the pieces: letters of a page stand above one another, too.
pub fn text_lines(blobs: &[Blob]) -> Vec<TextLine> {
    let mut found: Chains = Vec::new();
    for axis in [Axis::X, Axis::Y] {
        let mut along = leaning(blobs, axis);
        let mut lines: Vec<&mut TextLine> = along.iter_mut().map(|(line, _)| line).collect();
        // Print of one picture mostly runs one way.
        let all: f32 = lines.iter().map(|line| line.strength).sum();
        lines.iter_mut().for_each(|line| line.strength *= all.sqrt());
        found.append(&mut along);
    }
    // The strongest claim on each piece.
    let mut owner: Vec<(f32, usize)> = vec![(0.0, usize::MAX); blobs.len()];
    for (i, (line, members)) in found.iter().enumerate() {
        for &member in members {
            if let Some(slot) = owner.get_mut(member)
                && line.strength > slot.0
            {
                *slot = (line.strength, i);
            }
        }
    }
    let mut lines: Vec<TextLine> = found
        .into_iter()
        .enumerate()
        .filter(|(i, (_, members))| {
            let own = members.iter().filter(|&&m| owner.get(m).is_some_and(|o| o.1 == *i)).count();
            2 * own > members.len()
        })
        .map(|(_, (line, _))| line)
        .collect();
    lines.sort_by(|a, b| b.row.length().total_cmp(&a.row.length()));
    lines.truncate(MAX_LINES);
    lines
}

/// Lines, each with its blobs.
type Chains = Vec<(TextLine, Vec<usize>)>;

/// The lines along one axis; along their common slope where they have one.
fn leaning(blobs: &[Blob], axis: Axis) -> Chains {
    let farthest = blobs.iter().map(|b| b.x1.max(b.y1)).max().unwrap_or(0) as f32;
    let lean = |slope: f32| Lean { slope, shift: (slope * farthest).max(0.0) };
    let strength = |of: &Chains| of.iter().map(|l| l.0.strength).sum::<f32>();
    let straight = along(blobs, axis, Lean::default());
    // Where the lines do not agree, they may be too steep to be put together at all.
    let starts = match common_slope(&straight) {
        Some(slope) if slope.abs() < STEEP => return straight,
        Some(slope) => vec![slope],
        None if blobs.len() <= MAX_STEEP_PIECES => vec![-STEEP_START, STEEP_START],
        None => return straight,
    };
    let least = if starts.len() > 1 { MIN_GAIN * strength(&straight) } else { 0.0 };
    let mut best: Option<Chains> = None;
    for mut slope in starts {
        for _ in 0..MAX_ROUNDS {
            let found = along(blobs, axis, lean(slope));
            let Some(own) = common_slope(&found) else { break };
            let is_it = (own - slope).abs() < STEEP;
            slope = own;
            if slope.abs() > STEEPEST {
                break;
            }
            if is_it {
                let known = best.as_ref().map_or(least, strength);
                if strength(&found) >= known {
                    best = Some(found);
                }
                break;
            }
        }
    }
    best.unwrap_or(straight)
}

/// The slope that most of the lines have, if they agree.
fn common_slope(lines: &Chains) -> Option<f32> {
    let long = |line: &&TextLine| line.pieces >= MIN_SLOPING && line.capitals() >= SLOPE_LENGTH;
    let mut slopes: Vec<(f32, f32)> = lines
        .iter()
        .map(|(line, _)| line)
        .filter(long)
        .map(|line| (line.row.curve[1], line.strength))
        .collect();
    slopes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f32 = slopes.iter().map(|s| s.1).sum();
    let mut sum = 0.0;
    let middling = slopes.iter().find(|(_, strength)| {
        sum += strength;
        sum >= all / 2.0
    })?;
    let agree = slopes.iter().filter(|s| (s.0 - middling.0).abs() <= AGREEING);
    let agreed = agree.map(|s| s.1).sum::<f32>() >= MIN_AGREEING * all;
    (agreed && slopes.len() >= MIN_LINES).then_some(middling.0)
}

/// The slope along which pieces are put together, and what keeps all of them at positive heights.
#[derive(Clone, Copy, Default)]
struct Lean {
    slope: f32,
    shift: f32,
}

/// The lines along one axis and slope, each with its blobs.
fn along(blobs: &[Blob], axis: Axis, lean: Lean) -> Chains {
    let mut pieces: Vec<(Piece, usize)> =
        blobs.iter().enumerate().filter_map(|(i, b)| Some((piece(b, axis, lean)?, i))).collect();
    pieces.sort_by(|a, b| a.0.u0.total_cmp(&b.0.u0));
    let (pieces, origin): (Vec<Piece>, Vec<usize>) = pieces.into_iter().unzip();
    let chains = chained(&pieces);
    let mut lines: Chains = chains
        .iter()
        .filter_map(|chain| {
            let members: Vec<Piece> =
                chain.iter().filter_map(|&i| pieces.get(i).copied()).collect();
            let line = fit(&members, axis)?;
            Some((line, chain.iter().filter_map(|&i| origin.get(i).copied()).collect()))
        })
        .collect();
    level(&mut lines.iter_mut().map(|(line, _)| line).collect::<Vec<_>>());
    // Back to where they lie.
    for (line, _) in lines.iter_mut().filter(|_| lean.slope != 0.0) {
        let middle = (line.row.from + line.row.to) / 2.0;
        line.row.curve[0] += lean.slope * middle - lean.shift;
        line.row.curve[1] += lean.slope;
    }
    lines
}

fn piece(blob: &Blob, axis: Axis, lean: Lean) -> Option<Piece> {
    let (along, across) = match axis {
        Axis::X => ((blob.x0, blob.x1), (blob.y0, blob.y1)),
        Axis::Y => ((blob.y0, blob.y1), (blob.x0, blob.x1)),
    };
    let (length, height) = (along.1 - along.0, across.1 - across.0);
    let fill = blob.area as f32 / (length * height).max(1) as f32;
    let is_letter = HEIGHTS.contains(&height)
        && length <= height * MAX_PIECE
        && (length < 4 * height || fill < MAX_FILL);
    let upright =
        Piece { u0: along.0 as f32, u1: along.1 as f32, v0: across.0 as f32, v1: across.1 as f32 };
    is_letter.then(|| if lean.slope == 0.0 { upright } else { upright.leaning(lean) })
}

/// How well `b` follows `a`; lower is better. `None` if it does not.
fn follows(a: &Piece, b: &Piece) -> Option<f32> {
    let (ha, hb) = (a.height(), b.height());
    let (low, high) = (ha.min(hb), ha.max(hb));
    let gap = b.u0 - a.u1;
    let beside = a.v1.min(b.v1) - a.v0.max(b.v0);
    // What starts within its neighbour is a dot or an accent, not the next letter.
    let next = (a.u0 + a.u1) / 2.0 < b.u0 && b.u1 > a.u1;
    let fits =
        next && gap <= MAX_GAP * high && high <= MAX_RATIO * low && beside >= MIN_BESIDE * low;
    let off = ((a.v0 + a.v1) - (b.v0 + b.v1)).abs() / 2.0;
    fits.then_some(gap.max(0.0) + off + (high - low) / 2.0)
}

/// Pieces linked to their next neighbours, each in one chain.
fn chained(pieces: &[Piece]) -> Vec<Vec<usize>> {
    let cell = |v: f32| (v.max(0.0) as u32 / CELL) as usize;
    let cells = pieces.iter().map(|p| cell(p.v1) + 1).max().unwrap_or(0);
    let mut grid: Vec<Vec<usize>> = vec![Vec::new(); cells];
    for (i, p) in pieces.iter().enumerate() {
        if let Some(list) = grid.get_mut(cell((p.v0 + p.v1) / 2.0)) {
            list.push(i);
        }
    }
    // For each piece the best that it follows, and the price.
    let mut before: Vec<Option<(usize, f32)>> = vec![None; pieces.len()];
    for (i, a) in pieces.iter().enumerate() {
        let reach = a.u1 + MAX_GAP * MAX_RATIO * a.height();
        let mut best: Option<(usize, f32)> = None;
        for list in grid.iter().take(cell(a.v1 + a.height()) + 1).skip(cell(a.v0 - a.height())) {
            let first = list.partition_point(|&j| pieces.get(j).is_some_and(|p| p.u0 <= a.u0));
            for &j in list.iter().skip(first) {
                let Some(b) = pieces.get(j) else { break };
                if b.u0 > reach || best.is_some_and(|(_, cost)| b.u0 - a.u1 > cost) {
                    break;
                }
                if let Some(cost) = follows(a, b)
                    && best.is_none_or(|(_, known)| cost < known)
                {
                    best = Some((j, cost));
                }
            }
        }
        if let Some((j, cost)) = best
            && let Some(slot) = before.get_mut(j)
            && slot.is_none_or(|(_, known)| cost < known)
        {
            *slot = Some((i, cost));
        }
    }
    let mut next: Vec<Option<usize>> = vec![None; pieces.len()];
    for (j, link) in before.iter().enumerate() {
        if let Some(slot) = link.and_then(|(i, _)| next.get_mut(i)) {
            *slot = Some(j);
        }
    }
    let heads = (0..pieces.len()).filter(|&i| before.get(i).is_some_and(Option::is_none));
    heads
        .map(|head| {
            std::iter::successors(Some(head), |&i| next.get(i).copied().flatten()).collect()
        })
        .collect()
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The chain without the emblem that stands before or after the letters: a piece or two much higher than
/// they are. More are letters, too, in larger print.
fn without_emblem(chain: &[Piece], usual: f32) -> &[Piece] {
    if chain.len() < MIN_BESIDE_EMBLEM {
        return chain;
    }
    let is_letter = |p: &Piece| p.height() <= MAX_OVER_MEDIAN * usual;
    let before = chain.iter().take_while(|p| !is_letter(p)).count();
    let after = chain.iter().rev().take_while(|p| !is_letter(p)).count();
    let cut = |n: usize| if n > MAX_EMBLEM { 0 } else { n };
    chain.get(cut(before)..chain.len() - cut(after)).unwrap_or(chain)
}

fn fit(chain: &[Piece], axis: Axis) -> Option<TextLine> {
    let usual = median(chain.iter().map(Piece::height));
    let chain = without_emblem(chain, usual);
    let (first, last) = (chain.first()?, chain.last()?);
    let (from, to) = (first.u0, chain.iter().map(|p| p.u1).fold(last.u1, f32::max));
    if to - from < MIN_LENGTH * usual {
        return None;
    }
    let middle = (from + to) / 2.0;
    let slope = if to - from >= SLOPE_LENGTH * usual { slope(chain, usual) } else { f32::NAN };
    let rise = if slope.is_nan() { 0.0 } else { slope };
    // Capitals: the highest pieces that are no two letters above one another.
    let letters = || chain.iter().filter(|p| p.height() <= MAX_OVER_MEDIAN * usual);
    let tallest = letters().map(Piece::height).fold(usual, f32::max);
    let tall = || letters().filter(|p| p.height() >= 0.85 * tallest);
    let levelled = |p: &Piece| rise * ((p.u0 + p.u1) / 2.0 - middle);
    let top = median(tall().map(|p| p.v0 - levelled(p)));
    let bottom = median(tall().map(|p| p.v1 - levelled(p)));
    let row = Row {
        axis,
        from,
        to,
        curve: [(top + bottom) / 2.0 - 0.5, slope, 0.0],
        height: (bottom - top).max(1.0),
        energy: 0.0,
    };
    let apart = chain.windows(2).filter_map(|pair| match pair {
        [a, b] => follows(a, b),
        _ => None,
    });
    let cost = apart.sum::<f32>() / chain.len() as f32 / usual;
    // A word grown together counts for its letters.
    let letters = (to - from) / usual;
    let strength = (chain.len() as f32).max(letters) / (0.3 + cost);
    Some(TextLine { row, pieces: chain.len(), strength })
}

/// The slope of a chain: least squares over pieces of usual height. A single long piece has none.
///
/// Feet stand on one line even where print changes its size, as from a label to its number; heads do
/// where the picture is upside down, and middles where pieces have marks above and below. What lies
/// closest to a straight line tells.
fn slope(chain: &[Piece], usual: f32) -> f32 {
    let pieces = || {
        let is_usual = |p: &&Piece| (0.6 * usual..=MAX_OVER_MEDIAN * usual).contains(&p.height());
        chain.iter().filter(is_usual)
    };
    let n = pieces().count() as f32;
    let across: [fn(&Piece) -> f32; 3] = [|p| (p.v0 + p.v1) / 2.0, |p| p.v1, |p| p.v0];
    let fitted = across.map(|v| {
        let points = || pieces().map(move |p| ((p.u0 + p.u1) / 2.0, v(p)));
        let (mu, mv) = points().fold((0.0, 0.0), |(u, v), p| (u + p.0 / n, v + p.1 / n));
        let (suu, suv, svv) = points().fold((0.0, 0.0, 0.0), |(uu, uv, vv), (u, v)| {
            let (du, dv) = (u - mu, v - mv);
            (uu + du * du, uv + du * dv, vv + dv * dv)
        });
        (suv / suu, svv - suv * suv / suu)
    });
    let best = fitted.into_iter().filter(|f| f.0.is_finite()).min_by(|a, b| a.1.total_cmp(&b.1));
    best.filter(|_| n >= 3.0).map_or(f32::NAN, |(slope, _)| slope.clamp(-MAX_SLOPE, MAX_SLOPE))
}

/// Gives lines without a slope of their own that of the lines near by.
fn level(lines: &mut [&mut TextLine]) {
    let mut known: Vec<(f32, f32, f32)> = lines
        .iter()
        .filter(|l| !l.row.curve[1].is_nan())
        .map(|l| (l.row.curve[0], l.row.curve[1], l.row.length()))
        .collect();
    known.sort_by(|a, b| a.0.total_cmp(&b.0));
    for line in lines.iter_mut().filter(|l| l.row.curve[1].is_nan()) {
        let at = known.partition_point(|k| k.0 < line.row.curve[0]);
        let near = known.get(at.saturating_sub(3)..(at + 3).min(known.len())).unwrap_or(&[]);
        line.row.curve[1] = if near.is_empty() { 0.0 } else { median(near.iter().map(|k| k.1)) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of `height`, 0.7 of it wide, a fifth apart, from (x, y) on, climbing.
    fn word(x: f32, y: f32, count: usize, height: f32, slope: f32) -> Vec<Blob> {
        (0..count)
            .map(|i| {
                let along = i as f32 * height * 0.9;
                let (x0, y0) = (x + along, y + along * slope);
                let (x1, y1) = (x0 + 0.7 * height, y0 + height);
                let area = (0.3 * height * height) as u32;
                Blob { x0: x0 as u32, y0: y0 as u32, x1: x1 as u32, y1: y1 as u32, area }
            })
            .collect()
    }

    #[test]
    fn words_on_one_height_are_a_line_and_columns_are_two() {
        let mut blobs = word(20.0, 50.0, 8, 12.0, 0.0);
        blobs.extend(word(20.0 + 8.0 * 10.8 + 6.0, 50.0, 6, 12.0, 0.0));
        blobs.extend(word(400.0, 50.0, 5, 12.0, 0.0));
        let lines = text_lines(&blobs);
        let pieces: Vec<usize> = lines.iter().map(|l| l.pieces).collect();
        assert_eq!(pieces, [14, 5]);
        assert!((lines[0].row.height - 12.0).abs() <= 1.0);
        assert!((lines[0].row.v(60.0) - 55.5).abs() <= 1.0);
    }

    #[test]
    fn an_emblem_beside_a_title_is_not_of_it() {
        let title = word(100.0, 50.0, 12, 12.0, 0.0);
        let emblem = |x0: u32| Blob { x0, y0: 38, x1: x0 + 34, y1: 72, area: 500 };
        let end = title[11].x1 + 10;
        for emblem in [emblem(end), emblem(100 - 44)] {
            let mut blobs = title.clone();
            blobs.push(emblem);
            blobs.sort_by_key(|b| b.y0);
            let lines = text_lines(&blobs);
            let row = &lines[0].row;
            assert_eq!((row.from, row.to), (100.0, title[11].x1 as f32), "{lines:?}");
            assert!((row.height - 12.0).abs() <= 1.0 && (row.v(row.to) - 55.5).abs() <= 1.0);
        }
        // A number in larger print after its label is of the line.
        let mut blobs = word(20.0, 58.0, 8, 8.0, 0.0);
        blobs.extend(word(20.0 + 8.0 * 7.2 + 4.0, 50.0, 6, 16.0, 0.0));
        assert_eq!(text_lines(&blobs)[0].pieces, 14);
    }

    #[test]
    fn lines_may_climb_and_short_ones_climb_with_them() {
        let mut blobs = word(20.0, 50.0, 20, 12.0, 0.25);
        blobs.extend(word(20.0, 80.0, 18, 12.0, 0.25));
        blobs.extend(word(20.0, 110.0, 3, 12.0, 0.25));
        let lines = text_lines(&blobs);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|l| (l.row.curve[1] - 0.25).abs() < 0.04), "{lines:?}");
    }

    /// Three lines of 14 letters with little between them, all turned by so many degrees around (700, 700):
    /// the boxes of the letters as they stand then.
    fn page(degrees: f32) -> Vec<Blob> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let turn = |x: f32, y: f32| (700.0 + x * cos - y * sin, 700.0 + x * sin + y * cos);
        let letter = |line: usize, i: usize| {
            let (x, y) = (i as f32 * 12.0, line as f32 * 20.0);
            let corners =
                [turn(x, y), turn(x + 9.0, y), turn(x, y + 14.0), turn(x + 9.0, y + 14.0)];
            let least = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(1e9, f32::min);
            let most = |of: fn(&(f32, f32)) -> f32| corners.iter().map(of).fold(0.0, f32::max);
            let (x0, y0) = (least(|c| c.0) as u32, least(|c| c.1) as u32);
            let (x1, y1) = (most(|c| c.0).ceil() as u32, most(|c| c.1).ceil() as u32);
            Blob { x0, y0, x1, y1, area: 60 }
        };
        let mut blobs: Vec<Blob> =
            (0..3).flat_map(|line| (0..14).map(move |i| letter(line, i))).collect();
        blobs.sort_by_key(|b| b.y0);
        blobs
    }

    #[test]
    fn lines_that_stand_close_stay_apart_however_they_lean() {
        for degrees in [0.0f32, 3.0, -8.0, 15.0, -22.0, 30.0, -38.0] {
            let lines = text_lines(&page(degrees));
            let pieces: Vec<usize> = lines.iter().map(|l| l.pieces).collect();
            assert_eq!(pieces, [14; 3], "{degrees}");
            for line in &lines {
                let slope = degrees.to_radians().tan();
                assert!((line.row.curve[1] - slope).abs() < 0.04, "{degrees}: {line:?}");
                assert!((10.0..=19.0).contains(&line.row.height), "{degrees}: {line:?}");
            }
            // The middle of the upper line, turned.
            let (sin, cos) = degrees.to_radians().sin_cos();
            let (x, y) = (700.0 + 82.5 * cos - 7.0 * sin, 700.0 + 82.5 * sin + 7.0 * cos);
            let off = |l: &TextLine| (l.row.v(x) - y).abs();
            assert!(lines.iter().any(|l| off(l) < 2.5), "{degrees}: {lines:?}");
        }
    }

    #[test]
    fn pieces_that_lean_nowhere_are_put_together_as_they_stand() {
        // Scattered by a cheap generator: no slope is the slope of most.
        let mut state = 7u32;
        let mut next = |most: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % most
        };
        let blobs: Vec<Blob> = (0..400)
            .map(|_| {
                let (x0, y0) = (next(900), next(600));
                Blob { x0, y0, x1: x0 + 5 + next(8), y1: y0 + 6 + next(8), area: 30 }
            })
            .collect();
        let straight = along(&blobs, Axis::X, Lean::default());
        let leaning = leaning(&blobs, Axis::X);
        let rows = |of: &Chains| of.iter().map(|l| format!("{:?}", l.0.row)).collect::<Vec<_>>();
        assert_eq!(rows(&straight), rows(&leaning));
    }

    #[test]
    fn columns_of_letters_are_lines_along_the_other_axis() {
        let turned: Vec<Blob> = word(50.0, 20.0, 10, 12.0, 0.0)
            .iter()
            .map(|b| Blob { x0: b.y0, y0: b.x0, x1: b.y1, y1: b.x1, area: b.area })
            .collect();
        let lines = text_lines(&turned);
        assert!(lines.len() == 1 && lines[0].row.axis == Axis::Y, "{lines:?}");
    }

    #[test]
    fn rules_and_specks_are_no_text() {
        let rule = Blob { x0: 10, y0: 10, x1: 110, y1: 16, area: 600 };
        let speck = Blob { x0: 10, y0: 30, x1: 12, y1: 32, area: 3 };
        assert!(text_lines(&[rule, speck]).is_empty());
    }
}
