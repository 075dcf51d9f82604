//! Convolutions over three neighbours with half of the multiplications: of four places at once.
//!
//! Where a window is three columns wide and moves by one, four results share six values. Those six are
//! turned into as many sums and differences, each multiplied by one weight made of the three, and what
//! comes out is added up to the four results: six multiplications instead of twelve (Winograd's
//! F(4, 3), the same arithmetic but for rounding). Rows of a window and channels are summed in between,
//! so the sums and differences cost next to nothing. The six weights of three are made anew for each
//! strip: that takes less time than fetching four times as many bytes from memory, since the weights of
//! the networks do not fit into the nearer caches.

use rten_simd::ops::{BitOps, Extend, NumOps};
use rten_simd::{Isa, Simd, SimdOp, f16};

use super::conv::{FEW, Lanes, Layer, MANY, SOME, VECTORS, group};
use super::map::{Map, keep, room};

/// Results of one tile, and values under it, which is also the number of products.
const TILE: usize = 4;
const UNDER: usize = TILE + 2;
/// Columns of a window.
const COLUMNS: usize = 3;
/// Layers of fewer inputs spend more on the sums than they save.
const MIN_INPUTS: usize = 32;

/// A layer of windows three columns wide, with its weights.
pub(super) struct Tiled {
    layer: Layer,
    inputs: usize,
    blocks: Vec<Block>,
}

/// Outputs that are summed together, as many as two vectors hold.
struct Block {
    first: usize,
    /// For each row of the window, input and column the weight of each output.
    weights: Vec<f16>,
    bias: Vec<f32>,
}

impl Tiled {
    pub fn fits(layer: &Layer, inputs: usize) -> bool {
        let wide = layer.window.1 == COLUMNS && layer.stride.1 == 1 && layer.pad.1 == layer.spread;
        wide && inputs >= MIN_INPUTS && (layer.window.0 == 1 || layer.spread == 1)
    }

    /// `stored` and `bias` are as many as the layer needs, and numbers of half precision.
    pub fn new(layer: Layer, inputs: usize, stored: &[f32], bias: &[f32]) -> Tiled {
        let across = VECTORS * Lanes.dispatch();
        let high = layer.window.0;
        let block = |first: usize| {
            let mut weights = vec![f16::default(); high * inputs * COLUMNS * across];
            let each = stored.chunks_exact(inputs * high * COLUMNS).skip(first).take(across);
            for (o, of) in each.enumerate() {
                for (at, &weight) in of.iter().enumerate() {
                    let (input, tap) = (at / (high * COLUMNS), at % (high * COLUMNS));
                    let (row, column) = (tap / COLUMNS, tap % COLUMNS);
                    let to = ((row * inputs + input) * COLUMNS + column) * across + o;
                    weights[to] = f16::from_f32(weight);
                }
            }
            let value = |o: usize| bias.get(o).copied().unwrap_or(0.0);
            Block { first, weights, bias: (first..first + across).map(value).collect() }
        };
        let blocks = (0..layer.outputs).step_by(across).map(block).collect();
        Tiled { layer, inputs, blocks }
    }

    /// Writes all values of `to`, whose sizes are those that the layer makes of `from`.
    pub fn over(&self, from: &Map, to: &mut Map) {
        let tiles = self.tiles(to.width);
        Over { of: self, from, to, tiles }.dispatch();
    }

    /// Tiles of a row of so many places. Of spread windows four results are as far apart as the columns,
    /// and tiles lie within one another.
    fn tiles(&self, width: usize) -> usize {
        let spread = self.layer.spread;
        let round = TILE * spread;
        width / round * spread + (width % round).min(spread)
    }

    /// Where the first of the four places of a tile is.
    fn place(&self, tile: usize) -> usize {
        let spread = self.layer.spread;
        tile / spread * TILE * spread + tile % spread
    }
}

struct Over<'m> {
    of: &'m Tiled,
    from: &'m Map,
    to: &'m mut Map,
    /// Tiles of a row.
    tiles: usize,
}

impl SimdOp for Over<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, isa: I) {
        let Over { of, from, tiles, .. } = self;
        let (inputs, high) = (of.inputs, of.layer.window.0);
        let across = VECTORS * isa.f32().len();
        // Of each row, product and tile the values of all channels.
        let of_row = UNDER * tiles * inputs;
        let rows = from.height + 2 * from.margin.0;
        let mut under = room(rows * of_row);
        for (y, under) in under.chunks_exact_mut(of_row.max(1)).take(rows).enumerate() {
            for tile in 0..tiles {
                self.spread_out(isa, y, tile, under);
            }
        }
        let (of_weights, of_sums) = (high * inputs * across, tiles * across);
        let (mut weights, mut sums) = (room(UNDER * of_weights), room(UNDER * of_sums));
        for block in &of.blocks {
            block.weights(isa, &mut weights[..UNDER * of_weights]);
            for y in 0..self.to.height {
                let under = under.get(y * of.layer.stride.0 * of_row..).unwrap_or(&[]);
                let of_product = weights.chunks_exact(of_weights.max(1));
                let each = sums.chunks_exact_mut(of_sums.max(1)).zip(of_product);
                for (product, (sums, weights)) in each.take(UNDER).enumerate() {
                    let under = under.get(product * tiles * inputs..).unwrap_or(&[]);
                    self.products(isa, weights, under, sums);
                }
                for tile in 0..tiles {
                    self.gather(isa, block, y, tile, &sums);
                }
            }
        }
        for data in [under, weights, sums] {
            keep(data);
        }
    }
}

impl Block {
    /// The weights of the six products, one product after the other.
    #[inline(always)]
    fn weights<I: Isa>(&self, isa: I, to: &mut [f32]) {
        let (ops, halves) = (isa.f32(), isa.f16());
        let lanes = ops.len();
        let across = VECTORS * lanes;
        let size = to.len() / UNDER;
        let (quarter, sixth) = (ops.splat(1.0 / 4.0), ops.splat(1.0 / 6.0));
        let (twelfth, part) = (ops.splat(1.0 / 12.0), ops.splat(1.0 / 24.0));
        for (i, three) in self.weights.chunks_exact(COLUMNS * across).enumerate() {
            let (a, rest) = three.split_at(across);
            let (b, c) = rest.split_at(across);
            let (a, b, c) = (halves.load(a), halves.load(b), halves.load(c));
            let low = (halves.extend_low(a), halves.extend_low(b), halves.extend_low(c));
            let high = (halves.extend_high(a), halves.extend_high(b), halves.extend_high(c));
            for (v, (a, b, c)) in [low, high].into_iter().enumerate() {
                let ends = ops.mul(ops.add(a, c), sixth);
                let far = ops.add(ops.mul(a, part), ops.mul(c, sixth));
                let (middle, half) = (ops.mul(b, sixth), ops.mul(b, twelfth));
                let all = [
                    ops.mul(a, quarter),
                    ops.sub(ops.zero(), ops.add(ends, middle)),
                    ops.sub(middle, ends),
                    ops.add(far, half),
                    ops.sub(far, half),
                    c,
                ];
                for (product, weight) in all.into_iter().enumerate() {
                    let at = product * size + i * across + v * lanes;
                    ops.store(weight, &mut to[at..at + lanes]);
                }
            }
        }
    }
}

impl Over<'_> {
    /// The sums and differences of the six values under a tile.
    #[inline(always)]
    fn spread_out<I: Isa>(&self, isa: I, y: usize, tile: usize, to: &mut [f32]) {
        let ops = isa.f32();
        let (from, inputs) = (self.from, self.of.inputs);
        let across = from.width + 2 * from.margin.1;
        let mut values: [&[f32]; UNDER] = [&[]; UNDER];
        for (k, values) in values.iter_mut().enumerate() {
            let x = self.of.place(tile) + k * self.of.layer.spread;
            // What lies beyond the zeros around is for places that are not there.
            if x < across {
                *values = &from.data[from.at(y, x)..][..inputs];
            }
        }
        let (two, four, five) = (ops.splat(2.0), ops.splat(4.0), ops.splat(5.0));
        for channel in (0..inputs).step_by(ops.len()) {
            let count = ops.len().min(inputs - channel);
            let mut six = [ops.zero(); UNDER];
            for (six, values) in six.iter_mut().zip(&values) {
                if let Some(values) = values.get(channel..channel + count) {
                    *six =
                        if count == ops.len() { ops.load(values) } else { ops.load_pad(values).0 };
                }
            }
            let [a, b, c, d, e, f] = six;
            let all = [
                ops.add(ops.sub(ops.mul(four, a), ops.mul(five, c)), e),
                ops.sub(ops.add(d, e), ops.mul(four, ops.add(b, c))),
                ops.add(ops.mul(four, ops.sub(b, c)), ops.sub(e, d)),
                ops.add(ops.mul(two, ops.sub(d, b)), ops.sub(e, c)),
                ops.add(ops.mul(two, ops.sub(b, d)), ops.sub(e, c)),
                ops.add(ops.sub(ops.mul(four, b), ops.mul(five, d)), f),
            ];
            for (product, value) in all.into_iter().enumerate() {
                let at = (product * self.tiles + tile) * inputs + channel;
                let to = &mut to[at..at + count];
                if count == ops.len() {
                    ops.store(value, to);
                } else {
                    to.iter_mut().zip(value.to_array()).for_each(|(to, v)| *to = v);
                }
            }
        }
    }

    /// One product of all tiles of a row, for the outputs of one block.
    #[inline(always)]
    fn products<I: Isa>(&self, isa: I, weights: &[f32], under: &[f32], sums: &mut [f32]) {
        let mut done = 0;
        while done < self.tiles {
            let tiles = group(self.tiles - done, self.tiles, isa.f32().len());
            let tile = done.min(self.tiles - tiles);
            match tiles {
                MANY => self.some::<I, MANY>(isa, tile, weights, under, sums),
                SOME => self.some::<I, SOME>(isa, tile, weights, under, sums),
                FEW => self.some::<I, FEW>(isa, tile, weights, under, sums),
                _ => self.some::<I, 1>(isa, tile, weights, under, sums),
            }
            done += tiles;
        }
    }

    #[inline(always)]
    fn some<I: Isa, const P: usize>(
        &self,
        isa: I,
        tile: usize,
        weights: &[f32],
        under: &[f32],
        sums: &mut [f32],
    ) {
        let ops = isa.f32();
        let (across, inputs) = (VECTORS * ops.len(), self.of.inputs);
        let mut all = [[ops.zero(); VECTORS]; P];
        for (row, weights) in weights.chunks_exact(inputs * across).enumerate() {
            let first = (row * UNDER * self.tiles + tile) * inputs;
            // All of one length, so that the loop below needs no check.
            let mut values: [&[f32]; P] = [&[]; P];
            for (p, values) in values.iter_mut().enumerate() {
                *values = &under[first + p * inputs..][..inputs];
            }
            for (i, weights) in (0..inputs).zip(weights.chunks_exact(across)) {
                let weights = ops.load_many::<VECTORS>(weights);
                for p in 0..P {
                    let value = ops.splat(values[p][i]);
                    for v in 0..VECTORS {
                        all[p][v] = ops.mul_add(value, weights[v], all[p][v]);
                    }
                }
            }
        }
        for (all, to) in all.into_iter().zip(sums[tile * across..].chunks_exact_mut(across)) {
            for (sum, to) in all.into_iter().zip(to.chunks_exact_mut(ops.len())) {
                ops.store(sum, to);
            }
        }
    }

    /// The four results of a tile, for the outputs of one block.
    #[inline(always)]
    fn gather<I: Isa>(&mut self, isa: I, block: &Block, y: usize, tile: usize, sums: &[f32]) {
        let ops = isa.f32();
        let (lanes, layer, from) = (ops.len(), self.of.layer, self.from);
        let across = VECTORS * lanes;
        let place = self.of.place(tile);
        let (two, four, eight) = (ops.splat(2.0), ops.splat(4.0), ops.splat(8.0));
        for v in 0..VECTORS {
            let output = block.first + v * lanes;
            if output >= layer.outputs {
                break;
            }
            let count = lanes.min(layer.outputs - output);
            let mut six = [ops.zero(); UNDER];
            for (product, six) in six.iter_mut().enumerate() {
                let at = (product * self.tiles + tile) * across + v * lanes;
                *six = ops.load(&sums[at..][..lanes]);
            }
            let [a, b, c, d, e, f] = six;
            let bias = ops.load(&block.bias[v * lanes..][..lanes]);
            let (near, near_off) = (ops.add(ops.add(b, c), bias), ops.add(ops.sub(b, c), bias));
            let (far, far_off) = (ops.add(d, e), ops.sub(d, e));
            let results = [
                ops.add(ops.add(a, near), far),
                ops.add(near_off, ops.mul(two, far_off)),
                ops.add(near, ops.mul(four, far)),
                ops.add(ops.add(near_off, ops.mul(eight, far_off)), f),
            ];
            for (k, sum) in results.into_iter().enumerate() {
                let x = place + k * layer.spread;
                if x >= self.to.width {
                    break;
                }
                let mut sum = sum;
                if layer.adds {
                    let at = from.at(y + from.margin.0, x + from.margin.1) + output;
                    sum = ops.add(sum, ops.load_pad(&from.data[at..][..count]).0);
                }
                if layer.cuts {
                    sum = ops.max(sum, ops.zero());
                }
                let at = self.to.at(y + self.to.margin.0, x + self.to.margin.1) + output;
                let out = &mut self.to.data[at..][..count];
                if count == lanes {
                    ops.store(sum, out);
                } else {
                    out.iter_mut().zip(sum.to_array()).for_each(|(out, sum)| *out = sum);
                }
            }
        }
    }
}
