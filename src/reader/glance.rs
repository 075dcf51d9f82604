//! A glance at a line: is it text, how does it lie, may it be of an identity document.
//!
//! A small network on a coarse strip costs a twentieth of reading the line; it says which
//! lines of a picture to read at all, and from which side.

use super::answers;
use super::net::Net;
use crate::pixels::Strip;

/// The coarse strip: the first 13 heights of a capital of a line, capitals 10 px high.
pub const GLANCE_WIDTH: usize = 128;
pub const GLANCE_HEIGHT: usize = 16;
pub const GLANCE_CAPITAL: f32 = 10.0;
/// Kinds of lines that the network tells apart.
const KINDS: usize = 7;

/// Probabilities of what a line is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Glance {
    /// No text.
    pub nothing: f32,
    /// Text the right way up, of no interest.
    pub text: f32,
    /// A line with a number of twelve digits.
    pub number: f32,
    /// A label or title of an identity document.
    pub label: f32,
    /// Text turned by 180 degrees.
    pub turned: f32,
    /// Text mirrored left to right.
    pub mirrored: f32,
    /// Text mirrored top to bottom.
    pub flipped: f32,
}

/// Glances at strips of [`GLANCE_WIDTH`] x [`GLANCE_HEIGHT`]; what has another size is nothing.
pub fn glance(strips: &[Strip]) -> Vec<Glance> {
    let fits = |s: &Strip| s.width == GLANCE_WIDTH;
    let said =
        strips.iter().all(fits).then(|| answers(Net::Glance, GLANCE_HEIGHT, strips, |_| KINDS));
    match said.flatten() {
        Some((size, logs)) => logs
            .chunks_exact(size)
            .map(|logs| {
                let p = |i: usize| logs.get(i).map_or(0.0, |l| l.exp());
                Glance {
                    nothing: p(0),
                    text: p(1),
                    number: p(2),
                    label: p(3),
                    turned: p(4),
                    mirrored: p(5),
                    flipped: p(6),
                }
            })
            .collect(),
        None => strips.iter().map(|_| Glance { nothing: 1.0, ..Glance::default() }).collect(),
    }
}
