//! What the way of copying leaves in the grey values: flat runs of a renderer, grain of a sensor,
//! white of a lid, slopes of hand-held light, steepness of toner.
//!
//! Shares are of the pixels looked at, 0..=1. Whole rows are looked at, at most [`MAX_PIXELS`] of
//! them, evenly over the part: 1 to 3 ms whatever the size of the picture.

use super::Plane;

/// Enough for shares to a thousandth. Twice as many moved no share by more than 0.002 on the
/// tuning pages and took twice the time.
const MAX_PIXELS: usize = 400_000;
/// A run of one grey that crosses three blocks of a JPEG: steps of its coefficients end shorter
/// ones in everything that has grain.
const RUN: usize = 24;
/// From here on paper or screen is white, to here ink is black: values that clipping gives.
const WHITE: u8 = 250;
const BLACK: u8 = 5;
/// A step from paper to ink, or half of one where it is blurred.
const EDGE: u8 = 40;
/// Bounds of mid-tones, away from clipping and its ringing.
const MID: std::ops::RangeInclusive<u8> = 16..=240;
/// Toner and 1-bit copies have next to nothing between these.
const BETWEEN: std::ops::RangeInclusive<u8> = 70..=185;
/// The most frequent grey is that of paper from here on; a tint is darker than it by so much: grain
/// and lamp stay within half of it.
const PAPER: u8 = 150;
const TINT: u8 = 20;
/// Tiles along each side in which the tone of the paper is measured.
const TILES: usize = 8;
/// Of a side, for what is at the borders.
const BORDER: f32 = 0.02;
/// Paper under a lid, lit: a border brighter than this is white.
const BORDER_WHITE: u8 = 225;

/// Side of a block of a JPEG; steps that its edges leave, in greys; and how many are enough to tell.
const BLOCK: usize = 8;
const SMALL_STEP: u8 = 12;
const MIN_STEPS: u32 = 60;

/// What is measured of one part of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Traces {
    /// Neighbours in a row that are equal.
    pub flat: f32,
    /// Neighbours in a row that differ as ink and paper do.
    pub edges: f32,
    /// Mid-tone neighbours in a row that are equal, of all mid-tones.
    pub mid_flat: f32,
    /// Pixels in runs of one mid-tone.
    pub grey_runs: f32,
    /// Pixels in runs of white, and of black.
    pub white_runs: f32,
    pub black_runs: f32,
    /// Median of the second difference along a row, all pixels; of mid-tones only.
    pub noise: f32,
    pub mid_noise: f32,
    /// Share of the most frequent grey and its two neighbours, and that grey.
    pub modal: f32,
    pub modal_grey: u8,
    /// Of the most frequent grey between black and white and its two neighbours, the share of the
    /// one: 0.33 where it is one of a slope, 1 where a renderer chose it.
    pub pure: f32,
    /// Over 239, under 70, and between (70 to 185).
    pub white: f32,
    pub dark: f32,
    pub between: f32,
    /// Between ink and the most frequent grey, if that is bright: tints, stamps, faces.
    pub tints: f32,
    /// Of what is dark, the share at the most frequent dark grey and its two neighbours.
    pub ink_top: f32,
    /// Mid-tones in [`MID`].
    pub mid: f32,
    /// Nothing but two greys.
    pub two_greys: bool,
    /// Rows that equal the row below to the last pixel, those of one grey left out.
    pub repeated_rows: f32,
    /// Rows of one grey all through that is neither white nor black.
    pub grey_rows: f32,
    /// Sides (0..=4) whose border is white, and whose border is of one tone.
    pub white_sides: u8,
    pub even_sides: u8,
    /// Spread of the tone of the paper over the part: its 9th less its 1st decile, in greys.
    pub tone_spread: f32,
    /// How much of that spread a slope over the whole part explains, 0..=1.
    pub tone_slope: f32,
    /// Lone dark pixels on white, a thousand pixels of white.
    pub specks: f32,
    /// How much more neighbours differ across the edges of squares of 8 pixels than within them, as a
    /// share, where they differ little: what a JPEG leaves in a picture that was stored as one before.
    pub block_grid: f32,
    /// Of what changes from paper to ink and back, the share that does so from one pixel to the next:
    /// print of a renderer and of one bit is steep, optics spread it over three.
    pub sharpness: f32,
}

impl Traces {
    /// Measures `[x, y, width, height]`, or all; cut to the picture. `None` where less than 16
    /// pixels remain on a side.
    pub fn of(plane: Plane<'_>, part: Option<[u32; 4]>) -> Option<Traces> {
        let part = Part::new(plane, part)?;
        let mut traces = Traces::default();
        part.rows(&mut traces);
        part.borders(&mut traces);
        part.tones(&mut traces);
        Some(traces)
    }
}

struct Part<'a> {
    plane: Plane<'a>,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl<'a> Part<'a> {
    fn new(plane: Plane<'a>, part: Option<[u32; 4]>) -> Option<Part<'a>> {
        let [x, y, w, h] = part.unwrap_or([0, 0, u32::MAX, u32::MAX]).map(|v| v as usize);
        let (x, y) = (x.min(plane.width), y.min(plane.height));
        let (width, height) = (w.min(plane.width - x), h.min(plane.height - y));
        (width >= 16 && height >= 16).then_some(Part { plane, x, y, width, height })
    }

    /// Row `y` of the part; empty below its last.
    fn row(&self, y: usize) -> &'a [u8] {
        if y >= self.height {
            return &[];
        }
        self.plane.row(self.y + y).get(self.x..self.x + self.width).unwrap_or_default()
    }

    fn rows(&self, traces: &mut Traces) {
        let step = (self.width * self.height).div_ceil(MAX_PIXELS).max(1);
        let mut counts = Counts::default();
        for y in (step / 2..self.height).step_by(step) {
            let row = self.row(y);
            let below = self.row(y + 1);
            counts.rows += 1;
            let one_grey = row.iter().all(|v| v == &row[0]);
            if one_grey {
                counts.grey_rows += usize::from((BLACK + 1..WHITE).contains(&row[0]));
            } else {
                counts.repeated += usize::from(row == below);
            }
            counts.row(row);
            counts.steps(self.x, row);
            counts.slopes(row);
            if y > 0 && !below.is_empty() {
                counts.specks(self.row(y - 1), row, below);
            }
        }
        counts.tell(traces);
    }

    /// The tone of a side is that of most of its strip; a document that lies over the edge or a
    /// punch hole takes less than that.
    fn borders(&self, traces: &mut Traces) {
        let deep = |side: usize| ((side as f32 * BORDER) as usize).clamp(2, side);
        let (wide, high) = (deep(self.width), deep(self.height));
        let sides = [
            (0, 0, self.width, high),
            (0, self.height - high, self.width, high),
            (0, 0, wide, self.height),
            (self.width - wide, 0, wide, self.height),
        ];
        for (x, y, width, height) in sides {
            let mut histogram = [0u32; 256];
            let step = (width * height / 16_384).max(1) | 1;
            for at in (0..width * height).step_by(step) {
                if let Some(&v) = self.row(y + at / width).get(x + at % width) {
                    histogram[usize::from(v)] += 1;
                }
            }
            let (low, high) = (quantile(&histogram, 0.2), quantile(&histogram, 0.9));
            traces.white_sides += u8::from(low >= BORDER_WHITE);
            traces.even_sides += u8::from(high - low <= 10);
        }
    }

    /// The brightest tone that is usual in each tile is the paper's; ink and print are darker.
    fn tones(&self, traces: &mut Traces) {
        let mut tones = Vec::with_capacity(TILES * TILES);
        for ty in 0..TILES {
            for tx in 0..TILES {
                let (x0, x1) = (self.width * tx / TILES, self.width * (tx + 1) / TILES);
                let (y0, y1) = (self.height * ty / TILES, self.height * (ty + 1) / TILES);
                let mut histogram = [0u32; 256];
                let (sx, sy) = (((x1 - x0) / 24).max(1), ((y1 - y0) / 24).max(1));
                for y in (y0..y1).step_by(sy) {
                    let row = self.row(y).get(x0..x1).unwrap_or_default();
                    row.iter().step_by(sx).for_each(|&v| histogram[usize::from(v)] += 1);
                }
                tones.push((tx as f32, ty as f32, f32::from(quantile(&histogram, 0.75))));
            }
        }
        let mut sorted: Vec<f32> = tones.iter().map(|t| t.2).collect();
        sorted.sort_by(f32::total_cmp);
        let at = |share: f32| sorted.get((share * sorted.len() as f32) as usize).copied();
        traces.tone_spread = at(0.9).unwrap_or(0.0) - at(0.1).unwrap_or(0.0);
        traces.tone_slope = slope_share(&tones);
    }
}

/// How much of the variance of `(x, y, tone)` on a full grid a plane through it explains.
fn slope_share(tones: &[(f32, f32, f32)]) -> f32 {
    let n = tones.len().max(1) as f32;
    let mean = |of: &dyn Fn(&(f32, f32, f32)) -> f32| tones.iter().map(of).sum::<f32>() / n;
    let (mx, my, mt) = (mean(&|t| t.0), mean(&|t| t.1), mean(&|t| t.2));
    let cov = |a: &dyn Fn(&(f32, f32, f32)) -> f32| mean(&|t| a(t) * (t.2 - mt));
    let (vx, vy) = (mean(&|t| (t.0 - mx).powi(2)), mean(&|t| (t.1 - my).powi(2)));
    let vt = mean(&|t| (t.2 - mt).powi(2));
    if vt < 1e-3 || vx <= 0.0 || vy <= 0.0 {
        return 0.0;
    }
    // On a grid the two directions do not depend on one another.
    let explained = cov(&|t| t.0 - mx).powi(2) / vx + cov(&|t| t.1 - my).powi(2) / vy;
    (explained / vt).clamp(0.0, 1.0)
}

/// The value under which this share of a histogram lies.
fn quantile(histogram: &[u32; 256], share: f32) -> u8 {
    let total: u32 = histogram.iter().sum();
    let wanted = (total as f32 * share) as u32;
    let mut sum = 0;
    for (value, n) in (0u8..=255).zip(histogram) {
        sum += n;
        if sum > wanted {
            return value;
        }
    }
    255
}

struct Counts {
    pixels: usize,
    pairs: usize,
    equal: usize,
    edges: usize,
    mid_pairs: usize,
    mid_equal: usize,
    grey_runs: usize,
    white_runs: usize,
    black_runs: usize,
    histogram: [u32; 256],
    /// Second differences, halved and cut to a byte; those at mid-tones.
    bends: [u32; 256],
    mid_bends: [u32; 256],
    rows: usize,
    repeated: usize,
    grey_rows: usize,
    white_seen: usize,
    specks: usize,
    /// Small steps to the next pixel, by its column modulo the side of a block, and their number.
    steps: [u32; BLOCK],
    /// Sum of the largest steps of edges, and of the edges.
    steepest: u64,
    risen: u64,
}

impl Default for Counts {
    fn default() -> Counts {
        Counts {
            pixels: 0,
            pairs: 0,
            equal: 0,
            edges: 0,
            mid_pairs: 0,
            mid_equal: 0,
            grey_runs: 0,
            white_runs: 0,
            black_runs: 0,
            histogram: [0; 256],
            bends: [0; 256],
            mid_bends: [0; 256],
            rows: 0,
            repeated: 0,
            grey_rows: 0,
            white_seen: 0,
            specks: 0,
            steps: [0; BLOCK],
            steepest: 0,
            risen: 0,
        }
    }
}

impl Counts {
    /// Steps between neighbours that are neither equal all around nor an edge. `x` is where the row begins.
    fn steps(&mut self, x: usize, row: &[u8]) {
        for (at, four) in (x + 2..).zip(row.windows(4)) {
            let &[a, b, c, d] = four else { continue };
            let (step, beside) = (b.abs_diff(c), a.abs_diff(b).max(c.abs_diff(d)));
            if step <= SMALL_STEP && step > beside {
                self.steps[at % BLOCK] += 1;
            }
        }
    }

    /// Edges within six pixels.
    fn slopes(&mut self, row: &[u8]) {
        for six in row.windows(6) {
            let &[a, b, c, d, e, f] = six else { continue };
            let step = c.abs_diff(d);
            let highest = step > b.abs_diff(c) && step >= d.abs_diff(e);
            if highest && step >= EDGE / 2 && a.abs_diff(f) >= 2 * EDGE {
                self.steepest += u64::from(step.min(a.abs_diff(f)));
                self.risen += u64::from(a.abs_diff(f));
            }
        }
    }

    fn row(&mut self, row: &[u8]) {
        self.pixels += row.len();
        self.pairs += row.len().saturating_sub(1);
        for &v in row {
            self.histogram[usize::from(v)] += 1;
        }
        for three in row.windows(3) {
            let &[a, b, c] = three else { continue };
            let bend = (i32::from(a) + i32::from(c) - 2 * i32::from(b)).unsigned_abs().min(255);
            self.bends[bend as usize] += 1;
            self.edges += usize::from(b.abs_diff(c) >= EDGE);
            if MID.contains(&b) {
                self.mid_bends[bend as usize] += 1;
                self.mid_pairs += 1;
                self.mid_equal += usize::from(b == c);
            }
        }
        for run in row.chunk_by(|a, b| a == b) {
            self.equal += run.len() - 1;
            if run.len() < RUN {
                continue;
            }
            match run[0] {
                WHITE..=255 => self.white_runs += run.len(),
                0..=BLACK => self.black_runs += run.len(),
                _ => self.grey_runs += run.len(),
            }
        }
    }

    /// A dark pixel, or two beside one another, with paper two pixels off in its row and no ink in
    /// the rows above and below: dust and toner, no stroke.
    fn specks(&mut self, above: &[u8], row: &[u8], below: &[u8]) {
        const PAPER: u8 = 200;
        const INK: u8 = 110;
        for (i, five) in row.windows(5).enumerate() {
            let &[a, b, c, d, e] = five else { continue };
            if a < PAPER || e < PAPER {
                continue;
            }
            self.white_seen += 1;
            if c > INK || (b <= INK && d <= INK) {
                continue;
            }
            let light = |other: &[u8]| {
                other.get(i + 1..i + 4).is_some_and(|near| near.iter().all(|v| *v > INK))
            };
            self.specks += usize::from(light(above) && light(below));
        }
    }

    fn tell(&self, traces: &mut Traces) {
        let share = |n: usize, of: usize| n as f32 / of.max(1) as f32;
        let within = |from: usize, to: usize| {
            let n: u32 = self.histogram.get(from..to).unwrap_or_default().iter().sum();
            share(n as usize, self.pixels)
        };
        traces.flat = share(self.equal, self.pairs);
        traces.edges = share(self.edges, self.pairs);
        traces.mid_flat = share(self.mid_equal, self.mid_pairs);
        traces.grey_runs = share(self.grey_runs, self.pixels);
        traces.white_runs = share(self.white_runs, self.pixels);
        traces.black_runs = share(self.black_runs, self.pixels);
        traces.noise = f32::from(quantile(&self.bends, 0.5));
        traces.mid_noise = f32::from(quantile(&self.mid_bends, 0.5));
        let (mut best, mut most) = (0usize, 0u32);
        for grey in 0..256usize {
            let around = grey.saturating_sub(1)..(grey + 2).min(256);
            let n = self.histogram.get(around).unwrap_or_default().iter().sum();
            if n > most {
                (best, most) = (grey, n);
            }
        }
        traces.modal = share(most as usize, self.pixels);
        traces.modal_grey = best as u8;
        let between = usize::from(BLACK) + 2..usize::from(WHITE) - 1;
        let top = between.max_by_key(|g| self.histogram.get(*g).copied()).unwrap_or(128);
        traces.pure = within(top, top + 1) / within(top - 1, top + 2).max(1e-6);
        traces.white = within(240, 256);
        traces.dark = within(0, 70);
        traces.between = within(usize::from(*BETWEEN.start()), usize::from(*BETWEEN.end()) + 1);
        if traces.modal_grey >= PAPER {
            traces.tints = within(100, usize::from(traces.modal_grey.saturating_sub(TINT)));
        }
        let ink = (1..70).map(|g| self.histogram[g - 1..g + 2].iter().sum::<u32>()).max();
        traces.ink_top =
            ink.unwrap_or(0) as f32 / self.pixels.max(1) as f32 / traces.dark.max(1e-6);
        traces.mid = within(usize::from(*MID.start()), usize::from(*MID.end()) + 1);
        traces.two_greys = self.histogram.iter().filter(|n| **n > 0).count() <= 2;
        traces.repeated_rows = share(self.repeated, self.rows);
        traces.grey_rows = share(self.grey_rows, self.rows);
        let most = self.steps.iter().copied().max().unwrap_or(0);
        let others =
            self.steps.iter().sum::<u32>().saturating_sub(most) as f32 / (BLOCK - 1) as f32;
        traces.block_grid =
            if most < MIN_STEPS { 0.0 } else { most as f32 / others.max(1.0) - 1.0 };
        traces.sharpness = self.steepest as f32 / self.risen.max(1) as f32;
        traces.specks = 1000.0 * share(self.specks, self.white_seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Traces {
        let data: Vec<u8> = (0..width * height).map(|i| pixel(i % width, i / width)).collect();
        Traces::of(Plane::new(width, height, &data).unwrap(), None).unwrap()
    }

    /// Cheap noise without a generator.
    fn grain(x: usize, y: usize) -> u8 {
        ((x * 7919 + y * 104_729 + (x * y) % 31) % 13) as u8
    }

    #[test]
    fn a_painted_surface_is_flat_and_a_sensor_is_not() {
        let screen = of(400, 300, |_, y| if y < 30 { 40 } else { 230 });
        assert!(screen.flat > 0.99 && screen.grey_runs > 0.99 && screen.grey_rows > 0.99);
        let photo = of(400, 300, |x, y| (60 + x / 4) as u8 + grain(x, y));
        assert!(photo.flat < 0.2 && photo.grey_runs == 0.0 && photo.noise >= 2.0, "{photo:?}");
        assert!(photo.tone_spread > 60.0 && photo.tone_slope > 0.9, "{photo:?}");
        assert_eq!(photo.even_sides, 2, "{photo:?}");
    }

    #[test]
    fn paper_under_a_lid_has_white_borders() {
        let scan = of(800, 600, |x, y| match (x, y) {
            (200..400, 200..300) => 90,
            _ => 240 + grain(x, y) / 3,
        });
        assert_eq!((scan.white_sides, scan.even_sides), (4, 4));
        assert!(scan.between > 0.02 && scan.tone_spread < 8.0, "{scan:?}");
        let fax = of(800, 600, |x, y| if (x / 3 + y / 5) % 4 == 0 { 0 } else { 255 });
        assert!(fax.two_greys && fax.between == 0.0);
    }

    #[test]
    fn lone_dots_are_specks_and_strokes_are_not() {
        let dust = of(600, 400, |x, y| if x % 50 == 20 && y % 50 == 0 { 30 } else { 255 });
        assert!(dust.specks > 0.1, "{dust:?}");
        let strokes = of(600, 400, |x, _| if x % 50 < 3 { 30 } else { 255 });
        assert_eq!(strokes.specks, 0.0);
    }

    #[test]
    fn a_part_is_cut_to_the_picture() {
        let plane = Plane::new(100, 50, &[200; 5000]).unwrap();
        assert!(Traces::of(plane, Some([90, 10, u32::MAX, 20])).is_none());
        assert!(Traces::of(plane, Some([60, 10, u32::MAX, 20])).is_some());
        assert!(Traces::of(plane, Some([500, 500, 20, 20])).is_none());
    }
}
