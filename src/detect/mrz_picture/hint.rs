//! Whether a row is one of a zone, and which way it is turned: told from strips as small as can
//! be by a network as small as can be, before anything is read.

use crate::detect::Scene;
use crate::pixels::{Axis, Path, Strip};
use crate::reader::{HINT_CLASSES, HINT_HEIGHT, HINT_WIDTH, hint};

/// Pixels a character.
const PITCH: f32 = 8.0;
/// Where along the row strips are cut: shares of the way from its middle to its ends.
pub(super) const WINDOWS: [f32; 3] = [0.0, -0.9, 0.9];
/// Working pixels a character from which the halved picture shows enough.
const HALF_FROM_PX: f32 = 14.0;

/// How a strip must be turned for its text to be read. Backwards and flipped both is upside down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    pub backwards: bool,
    pub flipped: bool,
}

/// In the order of the network's answers: as stored, upside down, mirrored either way.
pub(super) const TURNS: [Turn; 4] = [
    Turn { backwards: false, flipped: false },
    Turn { backwards: true, flipped: true },
    Turn { backwards: true, flipped: false },
    Turn { backwards: false, flipped: true },
];

/// The answer for a turn that is none.
const NONE: usize = TURNS.len();
const _: () = assert!(NONE + 1 == HINT_CLASSES);

/// What a row looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hint {
    /// Probability that the row is one of a zone, as the network has it.
    pub zone: f32,
    /// Log probability of each of [`TURNS`], summed over strips.
    pub turns: [f32; NONE],
}

impl Hint {
    /// Of two rows of one zone.
    pub fn with(self, other: Hint) -> Hint {
        let mut turns = self.turns;
        turns.iter_mut().zip(other.turns).for_each(|(a, b)| *a += b);
        Hint { zone: self.zone.max(other.zone), turns }
    }

    /// Turns, likeliest first, that are no more than `behind` less likely than the first.
    pub fn likely(&self, behind: f32) -> Vec<Turn> {
        let mut order: Vec<(f32, Turn)> = self.turns.into_iter().zip(TURNS).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        let first = order.first().map_or(0.0, |o| o.0);
        order.into_iter().filter(|o| o.0 >= first - behind).map(|o| o.1).collect()
    }
}

/// Looks at a row, whose path is in pixels of the whole picture and not turned.
pub(super) fn of(scene: &Scene, path: &Path) -> Option<Hint> {
    let mut seen = Hint { zone: 0.0, turns: [0.0; NONE] };
    let mut others = Vec::with_capacity(WINDOWS.len());
    for window in WINDOWS {
        let answers = hint(&strip(scene, path, window))?;
        others.push(answers[NONE]);
        for (sum, p) in seen.turns.iter_mut().zip(answers) {
            *sum += (p + 1e-3).ln();
        }
        // Two strips that show nothing settle it.
        if others.iter().filter(|&&p| p > 1.0 - MIN_STRIP).count() > 1 {
            break;
        }
    }
    // The middle one: a hologram over one end, or a neighbour run on, must not decide.
    others.sort_by(f32::total_cmp);
    // Taking columns for rows mirrors by itself.
    let mirrored = if path.row.axis == Axis::X { [2, 3] } else { [0, 1] };
    mirrored.into_iter().for_each(|turn| seen.turns[turn] -= MIRRORED_COST);
    seen.zone = 1.0 - others.get(1).copied().unwrap_or(1.0);
    Some(seen)
}

/// How much less likely pictures are to be mirrored, in natural log units. Filler and half of
/// the capitals look the same upside down in a mirror.
const MIRRORED_COST: f32 = 1.5;
/// Under this a strip shows nothing.
const MIN_STRIP: f32 = 0.03;

/// The number of the way in which `path` is turned, as `training/hint.py` counts them.
pub(super) fn turn_of(path: &Path) -> usize {
    let turn = Turn { backwards: path.backwards, flipped: path.flipped };
    TURNS.iter().position(|&t| t == turn).unwrap_or(0)
}

/// A strip of `path`, which is in pixels of the whole picture.
pub(super) fn strip(scene: &Scene, path: &Path, window: f32) -> Strip {
    let working = scene.working();
    let from = match scene.half() {
        Some(half) if path.pitch / working.scale > HALF_FROM_PX => half,
        _ => working,
    };
    let small = Path {
        row: path.row.scaled(1.0 / from.scale),
        pitch: path.pitch / from.scale,
        ..path.clone()
    };
    let places = HINT_WIDTH as f32 / PITCH;
    let reach = (path.pitches() / 2.0 - places / 2.0).max(0.0);
    small.cut(from.plane, window * reach - places / 2.0, HINT_WIDTH, HINT_HEIGHT, PITCH)
}
