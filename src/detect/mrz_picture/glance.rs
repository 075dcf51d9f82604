//! Whether a row is one of a zone, and which way it is turned, from a strip as small as can be.

use crate::detect::Scene;
use crate::pixels::{Path, Strip};

/// Pixels a character.
const PITCH: f32 = 8.0;
const WIDTH: usize = 96;
const HEIGHT: usize = 16;
/// Where along the row strips are cut: shares of the way from its middle to its ends.
pub(super) const WINDOWS: [f32; 3] = [0.0, -0.9, 0.9];

/// 0 as stored, 1 upside down, 2 backwards, 3 flipped.
pub(super) fn turn_of(path: &Path) -> usize {
    match (path.backwards, path.flipped) {
        (false, false) => 0,
        (true, true) => 1,
        (true, false) => 2,
        (false, true) => 3,
    }
}

/// A strip of `path`, which is in pixels of the whole picture.
pub(super) fn strip(scene: &Scene, path: &Path, window: f32) -> Strip {
    let working = scene.working();
    let from = match scene.half() {
        Some(half) if path.pitch / working.scale > 14.0 => half,
        _ => working,
    };
    let small = Path {
        row: path.row.scaled(1.0 / from.scale),
        pitch: path.pitch / from.scale,
        ..path.clone()
    };
    let places = WIDTH as f32 / PITCH;
    let reach = (path.pitches() / 2.0 - places / 2.0).max(0.0);
    small.cut(from.plane, window * reach - places / 2.0, WIDTH, HEIGHT, PITCH)
}
