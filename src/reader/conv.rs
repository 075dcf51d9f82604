//! Convolutions over strips, by the widest vectors that the processor has.
//!
//! Values of one place lie together, channel by channel, with zeros around the picture, so that the
//! values under a window are runs of memory and no window needs a check for the edge. Up to twelve
//! places and two vectors of outputs are summed at once: each weight is loaded once for twelve uses and
//! each value once for as many vectors, and no sum leaves the registers.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp};

use super::map::Map;
use super::tiled::Tiled;

/// Places summed at once, and vectors of outputs. The weights of two vectors for a few hundred values stay in
/// the nearest cache from one group of places to the next. More places where there are 32 registers; of
/// what is left over at the end of a row fewer.
pub(super) const MANY: usize = 12;
pub(super) const SOME: usize = 6;
pub(super) const FEW: usize = 4;
pub(super) const VECTORS: usize = 2;
const WIDE_LANES: usize = 16;

/// How many of `count` places are summed next, where so many are left. They may be more than are left: the
/// last ones are then done with some before them, once more.
#[inline(always)]
pub(super) fn group(left: usize, count: usize, lanes: usize) -> usize {
    let most = if lanes >= WIDE_LANES { MANY } else { SOME };
    let enough = [FEW, SOME, MANY].into_iter().find(|&n| n >= left || n >= most);
    let enough = enough.unwrap_or(most);
    [enough, SOME, FEW].into_iter().find(|&n| n <= enough && n <= count).unwrap_or(1)
}

/// What a layer does. Windows are (height, width), and so is all else of two sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    pub outputs: usize,
    pub window: (usize, usize),
    pub stride: (usize, usize),
    pub pad: (usize, usize),
    /// Steps between the columns of the window.
    pub spread: usize,
    /// Whether what comes in is added to what comes out.
    pub adds: bool,
    /// Whether negatives become 0.
    pub cuts: bool,
}

impl Layer {
    pub const fn new(
        outputs: usize,
        window: (usize, usize),
        stride: (usize, usize),
        pad: (usize, usize),
    ) -> Layer {
        Layer { outputs, window, stride, pad, spread: 1, adds: false, cuts: true }
    }

    pub const fn adding(self) -> Layer {
        Layer { adds: true, ..self }
    }

    /// One that looks `steps` columns to either side, `spread` apart, and adds.
    pub const fn along(outputs: usize, steps: usize, spread: usize) -> Layer {
        let window = (1, 2 * steps + 1);
        let layer = Layer::new(outputs, window, (1, 1), (0, steps * spread)).adding();
        Layer { spread, ..layer }
    }

    /// The last one: no window, nothing cut off.
    pub const fn last(outputs: usize) -> Layer {
        Layer { cuts: false, ..Layer::new(outputs, (1, 1), (1, 1), (0, 0)) }
    }

    /// Height and width of what comes out.
    fn size(&self, from: &Map) -> (usize, usize) {
        let size = |n: usize, pad: usize, window: usize, stride: usize| {
            (n + 2 * pad).checked_sub(window).map_or(0, |rest| rest / stride + 1)
        };
        let across = (self.window.1 - 1) * self.spread + 1;
        (
            size(from.height, self.pad.0, self.window.0, self.stride.0),
            size(from.width, self.pad.1, across, self.stride.1),
        )
    }

    /// Runs of values under a window, and the length of each.
    fn runs(&self, inputs: usize) -> (usize, usize) {
        let (high, wide) = self.window;
        if self.spread == 1 { (high, wide * inputs) } else { (high * wide, inputs) }
    }
}

/// A layer with its weights.
pub(super) struct Conv {
    pub layer: Layer,
    inputs: usize,
    blocks: Vec<Block>,
    /// Instead of the blocks.
    tiled: Option<Tiled>,
}

/// Outputs that are summed together.
struct Block {
    first: usize,
    vectors: usize,
    /// For each value under the window, in the order of the runs, the weight of each output.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Conv {
    /// `stored` has the weights by output, input, row, column. `None` where they are too few.
    pub fn new(layer: Layer, inputs: usize, stored: &[f32], bias: &[f32]) -> Option<Conv> {
        let taps = layer.window.0 * layer.window.1;
        if stored.len() != layer.outputs * inputs * taps || bias.len() != layer.outputs {
            return None;
        }
        if Tiled::fits(&layer, inputs) {
            let tiled = Some(Tiled::new(layer, inputs, stored, bias));
            return Some(Conv { layer, inputs, blocks: Vec::new(), tiled });
        }
        let lanes = Lanes.dispatch();
        let mut blocks = Vec::new();
        let mut first = 0;
        while first < layer.outputs {
            let need = (layer.outputs - first).div_ceil(lanes);
            let vectors = need.min(VECTORS);
            let outputs = first..first + vectors * lanes;
            let value = |of: &[f32], at: usize| of.get(at).copied().unwrap_or(0.0);
            let weights = (0..taps)
                .flat_map(|tap| (0..inputs).map(move |input| (tap, input)))
                .flat_map(|(tap, input)| outputs.clone().map(move |o| (o * inputs + input, tap)))
                .map(|(of, tap)| value(stored, of * taps + tap))
                .collect();
            let bias = outputs.clone().map(|o| value(bias, o)).collect();
            blocks.push(Block { first, vectors, weights, bias });
            first = outputs.end;
        }
        Some(Conv { layer, inputs, blocks, tiled: None })
    }

    /// `margin` are the zeros that the next layer wants around its input.
    pub fn over(&self, from: &Map, margin: (usize, usize)) -> Map {
        let mut to = Map::new(self.layer.size(from), self.layer.outputs, margin);
        let fits = from.channels == self.inputs
            && from.margin == self.layer.pad
            && (!self.layer.adds || (to.width, to.channels) == (from.width, from.channels));
        debug_assert!(fits, "{:?}", self.layer);
        match &self.tiled {
            _ if !fits => to.data.fill(0.0),
            Some(tiled) => tiled.over(from, &mut to),
            None => Over { conv: self, from, to: &mut to }.dispatch(),
        }
        to
    }
}

/// How many values a vector holds.
pub(super) struct Lanes;

impl SimdOp for Lanes {
    type Output = usize;

    fn eval<I: Isa>(self, isa: I) -> usize {
        isa.f32().len()
    }
}

struct Over<'m> {
    conv: &'m Conv,
    from: &'m Map,
    to: &'m mut Map,
}

impl SimdOp for Over<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, isa: I) {
        let conv = self.conv;
        for block in &conv.blocks {
            for y in 0..self.to.height {
                match block.vectors {
                    VECTORS => self.row::<I, VECTORS>(isa, block, y),
                    _ => self.row::<I, 1>(isa, block, y),
                }
            }
        }
    }
}

impl Over<'_> {
    #[inline(always)]
    fn row<I: Isa, const V: usize>(&mut self, isa: I, block: &Block, y: usize) {
        let width = self.to.width;
        let mut done = 0;
        while done < width {
            let places = group(width - done, width, isa.f32().len());
            let x = done.min(width - places);
            match places {
                MANY => self.places::<I, V, MANY>(isa, block, (x, y)),
                SOME => self.places::<I, V, SOME>(isa, block, (x, y)),
                FEW => self.places::<I, V, FEW>(isa, block, (x, y)),
                _ => self.places::<I, V, 1>(isa, block, (x, y)),
            }
            done += places;
        }
    }

    #[inline(always)]
    fn places<I: Isa, const V: usize, const P: usize>(
        &mut self,
        isa: I,
        block: &Block,
        (x, y): (usize, usize),
    ) {
        let ops = isa.f32();
        let lanes = ops.len();
        let layer = &self.conv.layer;
        let from = self.from;
        let (runs, length) = layer.runs(from.channels);
        let step = layer.stride.1 * from.channels;
        let mut sums: [[I::F32; V]; P] = [ops.load_many::<V>(&block.bias); P];
        let mut weights = block.weights.chunks_exact(length * V * lanes);
        for run in 0..runs {
            let (row, column) = match layer.spread {
                1 => (run, 0),
                spread => (run / layer.window.1, run % layer.window.1 * spread),
            };
            let at = from.at(y * layer.stride.0 + row, x * layer.stride.1 + column);
            // All of one length, so that the loop below needs no check.
            let mut values: [&[f32]; P] = [&[]; P];
            for (p, values) in values.iter_mut().enumerate() {
                *values = &from.data[at + p * step..][..length];
            }
            let weights = weights.next().unwrap_or(&[]).chunks_exact(V * lanes);
            for (i, weights) in (0..length).zip(weights) {
                let weights = ops.load_many::<V>(weights);
                for p in 0..P {
                    let value = ops.splat(values[p][i]);
                    for v in 0..V {
                        sums[p][v] = ops.mul_add(value, weights[v], sums[p][v]);
                    }
                }
            }
        }
        for (p, sums) in sums.into_iter().enumerate() {
            let place = self.to.at(y + self.to.margin.0, x + p + self.to.margin.1);
            let known = from.at(y + from.margin.0, x + p + from.margin.1);
            for (v, sum) in sums.into_iter().enumerate() {
                let first = block.first + v * lanes;
                let count = lanes.min(layer.outputs - first);
                let mut sum = sum;
                if layer.adds {
                    let (known, _) = ops.load_pad(&from.data[known + first..][..count]);
                    sum = ops.add(sum, known);
                }
                if layer.cuts {
                    sum = ops.max(sum, ops.zero());
                }
                let out = &mut self.to.data[place + first..][..count];
                if count == lanes {
                    ops.store(sum, out);
                } else {
                    out.iter_mut().zip(sum.to_array()).for_each(|(out, sum)| *out = sum);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by the definition.
    fn plain(layer: &Layer, from: &Map, stored: &[f32], bias: &[f32]) -> Vec<f32> {
        let (height, width) = layer.size(from);
        let value = |y: isize, x: isize, c: usize| {
            let inside =
                y >= 0 && x >= 0 && (y as usize) < from.height && (x as usize) < from.width;
            if inside { from.row(y as usize)[x as usize * from.channels + c] } else { 0.0 }
        };
        let mut out = Vec::new();
        for y in 0..height {
            for x in 0..width {
                for (o, bias) in bias.iter().enumerate() {
                    let mut sum = *bias;
                    for c in 0..from.channels {
                        for ky in 0..layer.window.0 {
                            for kx in 0..layer.window.1 {
                                let at = ((o * from.channels + c) * layer.window.0 + ky)
                                    * layer.window.1
                                    + kx;
                                let v = (y * layer.stride.0 + ky) as isize - layer.pad.0 as isize;
                                let u = (x * layer.stride.1 + kx * layer.spread) as isize
                                    - layer.pad.1 as isize;
                                sum += stored[at] * value(v, u, c);
                            }
                        }
                    }
                    if layer.adds {
                        sum += value(y as isize, x as isize, o);
                    }
                    out.push(if layer.cuts { sum.max(0.0) } else { sum });
                }
            }
        }
        out
    }

    #[test]
    fn layers_of_every_shape_sum_what_is_under_their_windows() {
        let layers = [
            (1, (9, 16), Layer::new(28, (5, 5), (2, 2), (2, 2))),
            (12, (8, 26), Layer::new(24, (3, 3), (2, 2), (1, 1))),
            (24, (4, 13), Layer::new(24, (3, 3), (1, 1), (1, 1)).adding()),
            (24, (4, 13), Layer::new(40, (3, 3), (2, 1), (1, 1))),
            (10, (4, 9), Layer::new(100, (4, 1), (1, 1), (0, 0))),
            (16, (1, 20), Layer::along(16, 2, 4)),
            // In tiles.
            (32, (4, 27), Layer::new(40, (3, 3), (1, 1), (1, 1))),
            (40, (4, 5), Layer::new(40, (3, 3), (1, 1), (1, 1)).adding()),
            (32, (5, 18), Layer::new(70, (3, 3), (2, 1), (1, 1))),
            (36, (1, 50), Layer::along(36, 1, 1)),
            (48, (1, 75), Layer::along(48, 1, 8)),
            (64, (1, 3), Layer::along(64, 1, 4)),
            (96, (1, 1), Layer::last(7)),
            (20, (1, 3), Layer::last(155)),
        ];
        let mut seed = 7u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        for (inputs, size, layer) in layers {
            let mut from = Map::new(size, inputs, layer.pad);
            for y in 0..size.0 {
                from.row_mut(y).iter_mut().for_each(|v| *v = random());
            }
            let count = layer.outputs * inputs * layer.window.0 * layer.window.1;
            // As half floats have them exactly: tiles keep their weights as such.
            let stored: Vec<f32> = (0..count).map(|_| (random() * 256.0).round() / 256.0).collect();
            let bias: Vec<f32> = (0..layer.outputs).map(|_| random()).collect();
            let conv = Conv::new(layer, inputs, &stored, &bias).unwrap();
            let to = conv.over(&from, (1, 2));
            let found: Vec<f32> = (0..to.height).flat_map(|y| to.row(y).to_vec()).collect();
            let wanted = plain(&layer, &from, &stored, &bias);
            assert_eq!(found.len(), wanted.len(), "{layer:?}");
            for (found, wanted) in found.iter().zip(&wanted) {
                assert!((found - wanted).abs() < 1e-3, "{layer:?} {found} {wanted}");
            }
        }
    }

    #[test]
    fn too_few_weights_are_no_layer() {
        let layer = Layer::last(4);
        assert!(Conv::new(layer, 2, &[0.0; 7], &[0.0; 4]).is_none());
        assert!(Conv::new(layer, 2, &[0.0; 8], &[0.0; 3]).is_none());
    }
}
