//! Convolutions over three neighbours with half of the multiplications: of four places at once.
//!
//! Where a window is three columns wide and moves by one, four results share six values. Those six are
//! turned into as many sums and differences, each multiplied by one weight made of the three, and what
//! comes out is added up to the four results: six multiplications instead of twelve (Winograd's
//! F(4, 3), the same arithmetic but for rounding). Rows of a window and channels are summed in between,
//! so the sums and differences cost next to nothing.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp};

use super::conv::{FEW, Lanes, Layer, MANY, PLACES, WIDE_LANES};
use super::map::{Map, keep, room};

/// Results of one tile, and values under it, which is also the number of products.
const TILE: usize = 4;
const UNDER: usize = TILE + 2;
/// Layers of fewer inputs spend more on the sums than they save.
const MIN_INPUTS: usize = 32;

/// A layer of windows three columns wide, with its weights.
pub(super) struct Tiled {
    layer: Layer,
    inputs: usize,
    blocks: Vec<Block>,
}

/// Outputs that are summed together.
struct Block {
    first: usize,
    vectors: usize,
    /// For each product, row of the window and input the weight of each output.
    weights: [Vec<f32>; UNDER],
    bias: Vec<f32>,
}

/// The weights of the products.
fn of_three([a, b, c]: [f32; 3]) -> [f32; UNDER] {
    let (ends, far) = ((a + c) / 6.0, a / 24.0 + c / 6.0);
    [a / 4.0, -ends - b / 6.0, b / 6.0 - ends, far + b / 12.0, far - b / 12.0, c]
}

impl Tiled {
    pub fn fits(layer: &Layer, inputs: usize) -> bool {
        let wide = layer.window.1 == 3 && layer.stride.1 == 1 && layer.pad.1 == layer.spread;
        wide && inputs >= MIN_INPUTS && (layer.window.0 == 1 || layer.spread == 1)
    }

    /// `stored` and `bias` as many as the layer needs.
    pub fn new(layer: Layer, inputs: usize, stored: &[f32], bias: &[f32]) -> Tiled {
        let lanes = Lanes.dispatch();
        let most = if lanes >= WIDE_LANES { MANY } else { FEW };
        let high = layer.window.0;
        let mut blocks = Vec::new();
        let mut first = 0;
        while first < layer.outputs {
            let need = (layer.outputs - first).div_ceil(lanes);
            let vectors = [MANY, FEW].into_iter().find(|&n| n <= need.min(most)).unwrap_or(1);
            let across = vectors * lanes;
            let mut weights = [(); UNDER].map(|()| vec![0.0; high * inputs * across]);
            for (o, of) in
                stored.chunks_exact(inputs * high * 3).enumerate().skip(first).take(across)
            {
                for (at, three) in of.as_chunks::<3>().0.iter().enumerate() {
                    let (input, row) = (at / high, at % high);
                    let to = (row * inputs + input) * across + o - first;
                    for (weights, weight) in weights.iter_mut().zip(of_three(*three)) {
                        weights[to] = weight;
                    }
                }
            }
            let value = |o: usize| bias.get(o).copied().unwrap_or(0.0);
            let bias = (first..first + across).map(value).collect();
            blocks.push(Block { first, vectors, weights, bias });
            first += across;
        }
        Tiled { layer, inputs, blocks }
    }

    /// Writes all values of `to`, whose sizes are those that the layer makes of `from`.
    pub fn over(&self, from: &Map, to: &mut Map) {
        Over { of: self, from, to }.dispatch();
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
}

impl SimdOp for Over<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, isa: I) {
        let Over { of, from, .. } = self;
        let tiles = of.tiles(self.to.width);
        let (inputs, outputs) = (of.inputs, of.layer.outputs);
        let rows = from.height + 2 * from.margin.0;
        // Of each row, product and tile the values of all channels.
        let mut under = room(rows * UNDER * tiles * inputs);
        for (y, under) in under.chunks_exact_mut((UNDER * tiles * inputs).max(1)).enumerate() {
            for tile in 0..tiles {
                self.spread_out(isa, y, tile, tiles, under);
            }
        }
        let lanes = isa.f32().len();
        let across = outputs.next_multiple_of(lanes);
        let mut sums = room(UNDER * tiles * across);
        for y in 0..self.to.height {
            let first = y * of.layer.stride.0 * UNDER * tiles * inputs;
            for block in &of.blocks {
                for product in 0..UNDER {
                    let under = under.get(first + product * tiles * inputs..).unwrap_or(&[]);
                    let sums = &mut sums[product * tiles * across..][..tiles * across];
                    let at = Products { block, product, tiles, across };
                    match block.vectors {
                        MANY => of.products::<I, MANY>(isa, at, under, sums),
                        FEW => of.products::<I, FEW>(isa, at, under, sums),
                        _ => of.products::<I, 1>(isa, at, under, sums),
                    }
                }
            }
            for tile in 0..tiles {
                self.gather(isa, y, tile, tiles, &sums);
            }
        }
        keep(under);
        keep(sums);
    }
}

/// Which products are summed.
#[derive(Clone, Copy)]
struct Products<'b> {
    block: &'b Block,
    product: usize,
    tiles: usize,
    /// Values of one tile in the sums.
    across: usize,
}

impl Tiled {
    #[inline(always)]
    fn products<I: Isa, const V: usize>(
        &self,
        isa: I,
        at: Products<'_>,
        under: &[f32],
        sums: &mut [f32],
    ) {
        let mut tile = 0;
        while tile < at.tiles {
            if at.tiles < PLACES {
                self.some::<I, V, 1>(isa, at, tile, under, sums);
                tile += 1;
            } else {
                // The last tiles of a row are done with some before them, once more.
                let first = tile.min(at.tiles - PLACES);
                self.some::<I, V, PLACES>(isa, at, first, under, sums);
                tile += PLACES;
            }
        }
    }

    #[inline(always)]
    fn some<I: Isa, const V: usize, const P: usize>(
        &self,
        isa: I,
        at: Products<'_>,
        tile: usize,
        under: &[f32],
        sums: &mut [f32],
    ) {
        let ops = isa.f32();
        let (lanes, inputs) = (ops.len(), self.inputs);
        let mut all: [[I::F32; V]; P] = [[ops.zero(); V]; P];
        let weights = at.block.weights[at.product].chunks_exact(inputs * V * lanes);
        for (row, weights) in weights.enumerate() {
            let first = row * UNDER * at.tiles * inputs + tile * inputs;
            // All of one length, so that the loop below needs no check.
            let mut values: [&[f32]; P] = [&[]; P];
            for (p, values) in values.iter_mut().enumerate() {
                *values = &under[first + p * inputs..][..inputs];
            }
            for (i, weights) in (0..inputs).zip(weights.chunks_exact(V * lanes)) {
                let weights = ops.load_many::<V>(weights);
                for p in 0..P {
                    let value = ops.splat(values[p][i]);
                    for v in 0..V {
                        all[p][v] = ops.mul_add(value, weights[v], all[p][v]);
                    }
                }
            }
        }
        for (p, all) in all.into_iter().enumerate() {
            let first = (tile + p) * at.across + at.block.first;
            // Beyond the last output there is room up to a whole vector.
            let to = sums[first..(first + V * lanes).min((tile + p + 1) * at.across)]
                .chunks_exact_mut(lanes);
            for (sum, to) in all.into_iter().zip(to) {
                ops.store(sum, to);
            }
        }
    }
}

impl Over<'_> {
    /// The sums and differences of the six values under a tile.
    #[inline(always)]
    fn spread_out<I: Isa>(&self, isa: I, y: usize, tile: usize, tiles: usize, to: &mut [f32]) {
        let ops = isa.f32();
        let (from, inputs) = (self.from, self.of.inputs);
        let across = from.width + 2 * from.margin.1;
        let first = self.of.place(tile);
        let values: [&[f32]; UNDER] = std::array::from_fn(|k| {
            let x = first + k * self.of.layer.spread;
            // What lies beyond the zeros around is for places that are not there.
            let at = from.at(y, x);
            if x < across { from.data.get(at..at + inputs).unwrap_or(&[]) } else { &[] }
        });
        for channel in (0..inputs).step_by(ops.len()) {
            let count = ops.len().min(inputs - channel);
            let load = |values: &[f32]| match values.get(channel..channel + count) {
                Some(values) => ops.load_pad(values).0,
                None => ops.zero(),
            };
            let [a, b, c, d, e, f] = values.map(load);
            let times = |by: f32, v: I::F32| ops.mul(ops.splat(by), v);
            let all = [
                ops.add(ops.sub(times(4.0, a), times(5.0, c)), e),
                ops.sub(ops.add(d, e), times(4.0, ops.add(b, c))),
                ops.add(times(4.0, ops.sub(b, c)), ops.sub(e, d)),
                ops.add(times(2.0, ops.sub(d, b)), ops.sub(e, c)),
                ops.add(times(2.0, ops.sub(b, d)), ops.sub(e, c)),
                ops.add(ops.sub(times(4.0, b), times(5.0, d)), f),
            ];
            for (product, value) in all.into_iter().enumerate() {
                let at = (product * tiles + tile) * inputs + channel;
                let Some(to) = to.get_mut(at..at + count) else { continue };
                if count == ops.len() {
                    ops.store(value, to);
                } else {
                    to.iter_mut().zip(value.to_array()).for_each(|(to, v)| *to = v);
                }
            }
        }
    }

    /// The four results of a tile.
    #[inline(always)]
    fn gather<I: Isa>(&mut self, isa: I, y: usize, tile: usize, tiles: usize, sums: &[f32]) {
        let ops = isa.f32();
        let (lanes, layer, from) = (ops.len(), self.of.layer, self.from);
        let outputs = layer.outputs;
        let across = outputs.next_multiple_of(lanes);
        let first = self.of.place(tile);
        for output in (0..outputs).step_by(lanes) {
            let count = lanes.min(outputs - output);
            let load = |product: usize| {
                ops.load_pad(&sums[(product * tiles + tile) * across + output..][..lanes]).0
            };
            let [a, b, c, d, e, f] = std::array::from_fn(load);
            let bias = ops.load_pad(self.of.bias(output, count)).0;
            let (near, near_off) = (ops.add(b, c), ops.sub(b, c));
            let (far, far_off) = (ops.add(d, e), ops.sub(d, e));
            let times = |by: f32, v: I::F32| ops.mul(ops.splat(by), v);
            let four = [
                ops.add(ops.add(a, near), far),
                ops.add(near_off, times(2.0, far_off)),
                ops.add(near, times(4.0, far)),
                ops.add(ops.add(near_off, times(8.0, far_off)), f),
            ];
            for (k, sum) in four.into_iter().enumerate() {
                let x = first + k * layer.spread;
                if x >= self.to.width {
                    break;
                }
                let mut sum = ops.add(sum, bias);
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

impl Tiled {
    /// Biases from one output on.
    #[inline(always)]
    fn bias(&self, first: usize, count: usize) -> &[f32] {
        let block = self.blocks.iter().rev().find(|block| block.first <= first);
        let bias = block.and_then(|block| block.bias.get(first - block.first..));
        bias.and_then(|bias| bias.get(..count)).unwrap_or(&[])
    }
}
