//! Whether a row is one of a zone, and which way it is turned: told from strips as small as can
//! be by a network as small as can be, before anything is read.
//!
//! `training/hint.py` makes the weights. About a tenth of a millisecond a strip; the line reader
//! takes twenty times as long to find that there is nothing to read.

use std::sync::OnceLock;

use crate::detect::Scene;
use crate::pixels::{Axis, Path, Strip};

/// Pixels a character.
const PITCH: f32 = 8.0;
const WIDTH: usize = 96;
const HEIGHT: usize = 16;
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
const ANSWERS: usize = NONE + 1;

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
    let mut hint = Hint { zone: 0.0, turns: [0.0; NONE] };
    let mut others = Vec::with_capacity(WINDOWS.len());
    for window in WINDOWS {
        let answers = answers(&strip(scene, path, window))?;
        others.push(answers[NONE]);
        for (sum, p) in hint.turns.iter_mut().zip(answers) {
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
    mirrored.into_iter().for_each(|turn| hint.turns[turn] -= MIRRORED_COST);
    hint.zone = 1.0 - others.get(1).copied().unwrap_or(1.0);
    Some(hint)
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
    let places = WIDTH as f32 / PITCH;
    let reach = (path.pitches() / 2.0 - places / 2.0).max(0.0);
    small.cut(from.plane, window * reach - places / 2.0, WIDTH, HEIGHT, PITCH)
}

/// One layer: outputs for each tap, inputs within a tap, taps row by row.
struct Layer {
    weights: Vec<f32>,
    bias: Vec<f32>,
    /// Height and width of the window.
    window: (usize, usize),
    stride: usize,
    /// Above and left of the first pixel.
    pad: (usize, usize),
}

/// Values of several channels, those of one place together.
struct Map {
    width: usize,
    height: usize,
    channels: usize,
    data: Vec<f32>,
}

impl Layer {
    /// Windows over `from`, negatives cut off.
    fn over(&self, from: &Map) -> Map {
        let outputs = self.bias.len();
        let size = |n: usize, pad: usize, window: usize| {
            (n + 2 * pad).saturating_sub(window) / self.stride + 1
        };
        let (height, width) = (
            size(from.height, self.pad.0, self.window.0),
            size(from.width, self.pad.1, self.window.1),
        );
        let mut data = Vec::with_capacity(width * height * outputs);
        let mut sums = vec![0.0f32; outputs];
        for y in 0..height {
            for x in 0..width {
                sums.copy_from_slice(&self.bias);
                for ky in 0..self.window.0 {
                    let row = (y * self.stride + ky).checked_sub(self.pad.0);
                    let Some(row) = row.filter(|&row| row < from.height) else { continue };
                    for kx in 0..self.window.1 {
                        let column = (x * self.stride + kx).checked_sub(self.pad.1);
                        let Some(column) = column.filter(|&c| c < from.width) else { continue };
                        let at = (row * from.width + column) * from.channels;
                        let tap = (ky * self.window.1 + kx) * from.channels * outputs;
                        let values = from.data.get(at..at + from.channels).unwrap_or(&[]);
                        let weights = self.weights.get(tap..).unwrap_or(&[]);
                        for (&v, weights) in values.iter().zip(weights.chunks_exact(outputs)) {
                            for (sum, w) in sums.iter_mut().zip(weights) {
                                *sum += v * w;
                            }
                        }
                    }
                }
                data.extend(sums.iter().map(|v| v.max(0.0)));
            }
        }
        Map { width, height, channels: outputs, data }
    }
}

struct Network {
    layers: [Layer; 3],
    /// From means and maxima to answers, outputs for each input.
    last: Vec<f32>,
    last_bias: Vec<f32>,
}

static WEIGHTS: &[u8] = include_bytes!("../../../patterns/models/hint.f16");

/// `None` if the weights are not as many as they must be; a test holds that they are.
fn network() -> Option<&'static Network> {
    static NETWORK: OnceLock<Option<Network>> = OnceLock::new();
    NETWORK
        .get_or_init(|| {
            let mut values =
                WEIGHTS.as_chunks::<2>().0.iter().map(|&b| half(u16::from_le_bytes(b)));
            let mut layer = |outputs, inputs, window: (usize, usize), stride, pad| {
                let taps = window.0 * window.1;
                // Stored by output, input, tap.
                let stored: Vec<f32> = values.by_ref().take(outputs * inputs * taps).collect();
                let bias: Vec<f32> = values.by_ref().take(outputs).collect();
                let mut weights = vec![0.0; stored.len()];
                for (i, &w) in stored.iter().enumerate() {
                    let (output, input, tap) = (i / taps / inputs, i / taps % inputs, i % taps);
                    *weights.get_mut((tap * inputs + input) * outputs + output)? = w;
                }
                (bias.len() == outputs).then_some(Layer { weights, bias, window, stride, pad })
            };
            let layers = [
                layer(8, 1, (5, 5), 2, (2, 2))?,
                layer(16, 8, (3, 3), 2, (1, 1))?,
                layer(24, 16, (4, 3), 1, (0, 1))?,
            ];
            let last = layer(ANSWERS, 48, (1, 1), 1, (0, 0))?;
            let all = values.next().is_none();
            all.then_some(Network { layers, last: last.weights, last_bias: last.bias })
        })
        .as_ref()
}

/// A half-precision number (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023) / 1024.0);
    sign * match exponent {
        0 => fraction * 2f32.powi(-14),
        _ => (1.0 + fraction) * 2f32.powi(exponent - 15),
    }
}

/// Probabilities of the four turns and of nothing.
fn answers(strip: &Strip) -> Option<[f32; ANSWERS]> {
    let network = network()?;
    let data = crate::reader::normalised(&strip.data).collect();
    let mut map = Map { width: strip.width, height: strip.height, channels: 1, data };
    for layer in &network.layers {
        map = layer.over(&map);
    }
    let channels = map.channels;
    let (mut means, mut most) = (vec![0.0f32; channels], vec![0.0f32; channels]);
    for place in map.data.chunks_exact(channels) {
        for ((mean, most), v) in means.iter_mut().zip(&mut most).zip(place) {
            *mean += v / map.width as f32;
            *most = most.max(*v);
        }
    }
    let mut out = [0.0f32; ANSWERS];
    out.copy_from_slice(network.last_bias.get(..ANSWERS)?);
    for (v, weights) in means.iter().chain(&most).zip(network.last.chunks_exact(ANSWERS)) {
        out.iter_mut().zip(weights).for_each(|(sum, w)| *sum += v * w);
    }
    let top = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = out.iter().map(|v| (v - top).exp()).sum();
    Some(out.map(|v| (v - top).exp() / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (1, 2f32.powi(-24))]
        {
            assert_eq!(half(bits), value);
        }
    }

    #[test]
    fn the_weights_are_all_there_and_blank_paper_is_no_zone() {
        let blank = Strip { width: WIDTH, height: HEIGHT, data: vec![200.0; WIDTH * HEIGHT] };
        let answers = answers(&blank).expect("weights");
        assert!((answers.iter().sum::<f32>() - 1.0).abs() < 1e-3);
        assert!(answers[NONE] > 0.9, "{answers:?}");
    }
}
