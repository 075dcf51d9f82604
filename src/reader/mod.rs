//! The line reader: from a strip of pixels to uncertain characters.
//!
//! Four small networks, trained in `training/`: one for rows of machine readable zones (here and
//! in [`Line`]), one for any text ([`read_text`]), one that only [`glance`]s, one that gives a [`hint`]
//! where zones may be.
//!
//! The network (`training/net.py`, weights in `patterns/models/mrz.f16`) sees one straightened
//! strip and says for every four pixels along it which character ends there, if any. What
//! is not a row of a zone is answered by silence. Grouping those answers into 30, 36 or 44
//! characters happens here; which text they make is left to `ident::mrz::decode`.

mod conv;
mod digits;
mod glance;
mod hint;
mod line;
mod map;
mod net;
mod text;
mod tiled;

pub use glance::{GLANCE_CAPITAL, GLANCE_HEIGHT, GLANCE_WIDTH, Glance, glance};
pub use hint::{HINT_CLASSES, HINT_HEIGHT, HINT_WIDTH, hint};
pub use line::{Grid, Line};
pub use text::{Number, TEXT_CAPITAL, TEXT_HEIGHT, TextLine, read_text};

use crate::pixels::Strip;
use net::Net;

/// Height of a strip in pixels.
pub const HEIGHT: usize = 24;
/// Pixels a character that strips are cut to: the middle of what the network was trained on.
pub const PITCH: f32 = 16.0;
/// Widths are multiples of this; one answer for each.
pub const STEP: usize = 4;

/// Reads strips of one width, [`HEIGHT`] high. One line for each strip; a line without
/// characters where there is nothing to read. About 2 ms a strip of 44 characters.
pub fn read(strips: &[Strip]) -> Vec<Line> {
    match answers(Net::Mrz, HEIGHT, strips, |width| width / STEP * line::CLASSES) {
        Some((size, answers)) => answers.chunks_exact(size).map(Line::new).collect(),
        None => strips.iter().map(|_| Line::empty()).collect(),
    }
}

/// What a network says to strips of one width, one after the other, and how many numbers that is for
/// each, which is what `size` makes of the width. `None` where a strip has another shape or the
/// network fails.
fn answers(
    net: Net,
    height: usize,
    strips: &[Strip],
    size: impl Fn(usize) -> usize,
) -> Option<(usize, Vec<f32>)> {
    let width = strips.first()?.width;
    let fits = |s: &Strip| s.width == width && s.height == height && s.data.len() == width * height;
    if width == 0 || !width.is_multiple_of(STEP) || !strips.iter().all(fits) {
        return None;
    }
    let size = size(width);
    let mut all = Vec::with_capacity(size * strips.len());
    for strip in strips {
        let answers = net::run(net, (height, width), normalised(&strip.data))?;
        if answers.len() != size {
            return None;
        }
        all.extend(answers);
    }
    Some((size, all))
}

/// As in training: mean 0; the floor keeps blank strips blank.
fn normalised(data: &[f32]) -> impl Iterator<Item = f32> + '_ {
    let n = data.len().max(1) as f32;
    let mean = data.iter().sum::<f32>() / n;
    let variance = data.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n;
    let scale = 1.0 / (variance.sqrt() + 12.75);
    data.iter().map(move |v| (v - mean) * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(width: usize, value: impl Fn(usize, usize) -> f32) -> Strip {
        let data =
            (0..HEIGHT).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| value(x, y));
        Strip { width, height: HEIGHT, data: data.collect() }
    }

    #[test]
    fn blank_and_striped_strips_read_as_nothing() {
        let strips = [
            strip(512, |_, _| 200.0),
            strip(512, |x, _| if x % 16 < 8 { 20.0 } else { 220.0 }),
            strip(512, |x, y| ((x * 7 + y * 13) % 50) as f32),
        ];
        for line in read(&strips) {
            assert!(line.sure() < 8.0, "{}", line.sure());
        }
    }

    /// A binary PGM, as in `fixtures/reader`.
    fn pgm(bytes: &[u8]) -> Strip {
        let mut parts = bytes.splitn(4, |b| b.is_ascii_whitespace());
        assert_eq!(parts.next(), Some(&b"P5"[..]));
        let mut number = || {
            let part = parts.next().unwrap();
            std::str::from_utf8(part).unwrap().parse::<usize>().unwrap()
        };
        let (width, height) = (number(), number());
        let data = &bytes[bytes.len() - width * height..];
        Strip { width, height, data: data.iter().map(|&v| f32::from(v)).collect() }
    }

    #[test]
    fn golden_strips_read_as_they_were_printed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reader");
        let golden = std::fs::read_to_string(folder.join("golden.jsonl")).unwrap();
        for line in golden.lines() {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            let strip = pgm(&std::fs::read(folder.join(entry["file"].as_str().unwrap())).unwrap());
            let line = read(&[strip]).pop().unwrap();
            let expected = entry["text"].as_str().unwrap();
            assert_eq!(line.text(), expected, "{entry}");
            if !expected.is_empty() {
                assert_eq!(line.grid().unwrap().count, expected.len());
            }
        }
    }

    #[test]
    fn strips_of_a_wrong_shape_are_declined() {
        assert!(read(&[]).is_empty());
        let odd = strip(510, |_, _| 0.0);
        assert_eq!(read(&[odd])[0].sure(), 0.0);
        let mut short = strip(512, |_, _| 0.0);
        short.data.pop();
        assert_eq!(read(&[short])[0].sure(), 0.0);
    }
}
