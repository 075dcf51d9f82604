//! The networks of the reader: what they are made of, their weights, one strip at a time.
//!
//! `training/net.py` says the same in its own words; `training/export.py` writes the weights as
//! half-precision numbers: of each layer those by output, input, row and column, then the biases.
//! A network runs on the thread that asks and keeps nothing from one strip to the next.

use std::sync::OnceLock;

use super::conv::{Conv, Layer};
use super::map::Map;

/// The networks, their weights compiled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Net {
    /// Rows of machine readable zones.
    Mrz,
    /// Lines of any text.
    Text,
    /// What kind of line it is and how it lies.
    Glance,
    /// Whether a row is one of a zone, and how it lies.
    Hint,
}

const MRZ: [Layer; 10] = [
    Layer::new(28, (5, 5), (2, 2), (2, 2)),
    Layer::new(40, (3, 3), (1, 2), (1, 1)),
    Layer::new(64, (3, 3), (2, 1), (1, 1)),
    Layer::new(96, (3, 3), (2, 1), (1, 1)),
    Layer::new(128, (3, 1), (1, 1), (0, 0)),
    Layer::along(128, 1, 1),
    Layer::along(128, 1, 2),
    Layer::along(128, 1, 4),
    Layer::along(128, 1, 8),
    Layer::last(38),
];

const TEXT: [Layer; 13] = [
    Layer::new(16, (5, 5), (2, 2), (2, 2)),
    Layer::new(32, (3, 3), (2, 2), (1, 1)),
    Layer::new(32, (3, 3), (1, 1), (1, 1)).adding(),
    Layer::new(64, (3, 3), (2, 1), (1, 1)),
    Layer::new(64, (3, 3), (1, 1), (1, 1)).adding(),
    Layer::new(64, (3, 3), (1, 1), (1, 1)).adding(),
    Layer::new(192, (4, 1), (1, 1), (0, 0)),
    Layer::along(192, 1, 1),
    Layer::along(192, 1, 1),
    Layer::along(192, 1, 2),
    Layer::along(192, 1, 4),
    Layer::along(192, 1, 8),
    Layer::last(155),
];

const GLANCE: [Layer; 9] = [
    Layer::new(12, (5, 5), (2, 2), (2, 2)),
    Layer::new(24, (3, 3), (2, 2), (1, 1)),
    Layer::new(24, (3, 3), (1, 1), (1, 1)).adding(),
    Layer::new(40, (3, 3), (2, 1), (1, 1)),
    Layer::new(48, (2, 1), (1, 1), (0, 0)),
    Layer::along(48, 2, 1),
    Layer::along(48, 2, 2),
    Layer::along(48, 2, 4),
    Layer::last(7),
];

const HINT: [Layer; 4] = [
    Layer::new(8, (5, 5), (2, 2), (2, 2)),
    Layer::new(16, (3, 3), (2, 2), (1, 1)),
    Layer::new(24, (4, 3), (1, 1), (0, 1)),
    Layer::last(5),
];

impl Net {
    fn layers(self) -> &'static [Layer] {
        match self {
            Net::Mrz => &MRZ,
            Net::Text => &TEXT,
            Net::Glance => &GLANCE,
            Net::Hint => &HINT,
        }
    }

    fn weights(self) -> &'static [u8] {
        match self {
            Net::Mrz => include_bytes!("../../patterns/models/mrz.f16"),
            Net::Text => include_bytes!("../../patterns/models/text.f16"),
            Net::Glance => include_bytes!("../../patterns/models/glance.f16"),
            Net::Hint => include_bytes!("../../patterns/models/hint.f16"),
        }
    }

    /// Whether it answers once for a strip, from the mean and the most of each channel, and not
    /// for every step along it.
    fn is_pooled(self) -> bool {
        matches!(self, Net::Glance | Net::Hint)
    }

    /// `None` if the weights are not as many as the layers need; a test holds that they are.
    fn model(self) -> Option<&'static [Conv]> {
        static MODELS: [OnceLock<Option<Vec<Conv>>>; 4] = [const { OnceLock::new() }; 4];
        let load = || {
            let model = self.load();
            if model.is_none() {
                log::error!("the {self:?} model of the line reader does not load");
            }
            model
        };
        MODELS.get(self as usize)?.get_or_init(load).as_deref()
    }

    fn load(self) -> Option<Vec<Conv>> {
        let (weights, rest) = self.weights().as_chunks::<2>();
        let mut values = weights.iter().map(|&bytes| half(u16::from_le_bytes(bytes)));
        let layers = self.layers();
        let mut inputs = 1;
        let mut model = Vec::with_capacity(layers.len());
        for (i, layer) in layers.iter().enumerate() {
            if self.is_pooled() && i + 1 == layers.len() {
                inputs *= 2;
            }
            let count = layer.outputs * inputs * layer.window.0 * layer.window.1;
            let stored: Vec<f32> = values.by_ref().take(count).collect();
            let bias: Vec<f32> = values.by_ref().take(layer.outputs).collect();
            model.push(Conv::new(*layer, inputs, &stored, &bias)?);
            inputs = layer.outputs;
        }
        (rest.is_empty() && values.next().is_none()).then_some(model)
    }
}

/// Log probabilities of the network's classes: for each step along a strip of `height` x `width`
/// pixels, or once for all of it. `None` where the pixels are not as many.
pub(super) fn run(
    net: Net,
    (height, width): (usize, usize),
    pixels: impl Iterator<Item = f32>,
) -> Option<Vec<f32>> {
    let (last, layers) = net.model()?.split_last()?;
    let mut map = Map::new((height, width), 1, layers.first()?.layer.pad);
    let mut pixels = pixels;
    for y in 0..height {
        for value in map.row_mut(y) {
            *value = pixels.next()?;
        }
    }
    for (i, conv) in layers.iter().enumerate() {
        let margin = layers.get(i + 1).map_or((0, 0), |next| next.layer.pad);
        map = conv.over(&map, margin);
    }
    if net.is_pooled() {
        map = pooled(&map);
    }
    let mut answers = last.over(&map, (0, 0)).row(0).to_vec();
    answers.chunks_exact_mut(last.layer.outputs).for_each(log_softmax);
    Some(answers)
}

/// Mean and most of each channel along a row.
fn pooled(map: &Map) -> Map {
    let channels = map.channels;
    let mut out = Map::new((1, 1), 2 * channels, (0, 0));
    out.row_mut(0).fill(0.0);
    let (means, most) = out.row_mut(0).split_at_mut(channels);
    for place in map.row(0).chunks_exact(channels.max(1)) {
        for ((mean, most), v) in means.iter_mut().zip(most.iter_mut()).zip(place) {
            *mean += v / map.width as f32;
            // Nothing is under 0 after a layer that cuts.
            *most = most.max(*v);
        }
    }
    out
}

fn log_softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = values.iter().map(|v| (v - most).exp()).sum();
    let whole = most + sum.ln();
    values.iter_mut().for_each(|v| *v -= whole);
}

/// A half-precision number (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) =
        (u32::from(bits >> 15) << 31, u32::from(bits >> 10 & 31), u32::from(bits & 1023));
    match exponent {
        // Less than the smallest normal one: so many 2^-24.
        0 => f32::from_bits(sign | (fraction as f32 / 16_777_216.0).to_bits()),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_answer_with_probabilities() {
        let classes = super::super::line::CLASSES;
        let text = super::super::text::classes();
        for (net, height, width, steps, classes) in [
            (Net::Mrz, 24, 64, 16, classes),
            (Net::Text, 32, 64, 16, text),
            (Net::Glance, 16, 128, 1, 7),
            (Net::Hint, 16, 96, 1, 5),
        ] {
            let pixels = (0..height * width).map(|i| (i % 7) as f32 / 7.0 - 0.5);
            let answer = run(net, (height, width), pixels).expect("weights load and run");
            assert_eq!(answer.len(), steps * classes, "{net:?}");
            for step in answer.chunks_exact(classes) {
                let sum: f32 = step.iter().map(|l| l.exp()).sum();
                assert!((sum - 1.0).abs() < 1e-3, "{net:?} {sum}");
            }
        }
    }

    #[test]
    fn too_few_pixels_are_no_strip() {
        assert!(run(Net::Mrz, (24, 64), std::iter::repeat_n(0.5, 24 * 64 - 1)).is_none());
    }

    #[test]
    fn halves_are_read() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (1, 2f32.powi(-24))]
        {
            assert_eq!(half(bits), value);
        }
    }
}
