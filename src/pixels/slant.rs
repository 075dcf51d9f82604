//! Slants: in which directions the rows of a picture run, before any is looked for.
//!
//! Of a row of text seen from afar only a dark bar is left. The strength of strokes, summed over
//! small cells, shows bars; the structure tensor of that map says for each neighbourhood which
//! way its bars lie, and how clearly. A tenth of what looking for rows costs.

use super::{Axis, Plane, PlaneBuf, Row};

/// A direction in which much of a picture runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Direction {
    /// The axis that is nearer to it.
    pub axis: Axis,
    /// Its slope to that axis, within -1..=1, as in `rows`.
    pub slant: f32,
    /// Share of all that has a direction, 0..=1.
    pub share: f32,
}

/// Side of a cell in pixels: half of what a row of 5 to 20 px pitch is high.
const CELL: usize = 4;
/// Side of a neighbourhood in cells: some rows, so that their ends do not tell.
const AROUND: usize = 6;
/// Directions told apart, over half a turn: 5 degrees each.
const BINS: usize = 36;
/// Directions of one peak, to either side of it.
const REACH: usize = 1;

/// Directions, strongest first, each at least 20 degrees from the others.
pub fn directions(plane: Plane<'_>) -> Vec<Direction> {
    let cells = cells(plane);
    let bins = bins(&cells, plane.width / CELL);
    let total: f32 = bins.iter().sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let near = |bin: usize, off: usize| bins[(bin + BINS + off - REACH) % BINS];
    let peak = |bin: usize| (0..=2 * REACH).map(|off| near(bin, off)).sum::<f32>();
    let mut peaks: Vec<(usize, f32)> = (0..BINS).map(|bin| (bin, peak(bin))).collect();
    peaks.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut taken: Vec<usize> = Vec::new();
    let mut out = Vec::new();
    for (bin, power) in peaks {
        let apart = |&other: &usize| (bin.abs_diff(other)).min(BINS - bin.abs_diff(other)) >= 4;
        if !taken.iter().all(apart) {
            continue;
        }
        taken.push(bin);
        // The middle of the peak, in bins from this one.
        let lean = (0..=2 * REACH).map(|off| near(bin, off) * (off as f32 - REACH as f32));
        let middle = bin as f32 + 0.5 + lean.sum::<f32>() / power.max(f32::MIN_POSITIVE);
        let (sin, cos) = (middle * std::f32::consts::PI / BINS as f32).sin_cos();
        let (axis, slant) =
            if cos.abs() >= sin.abs() { (Axis::X, sin / cos) } else { (Axis::Y, cos / sin) };
        out.push(Direction { axis, slant, share: power / total });
    }
    out
}

/// A plane turned so that what ran in some direction runs along x.
pub struct Turned {
    buf: PlaneBuf,
    axis: Axis,
    sin: f32,
    cos: f32,
    /// Where the middle of the turned plane lies in the other.
    middle: (f32, f32),
}

impl Turned {
    /// About two nanoseconds a pixel, of which there are up to twice as many as before.
    pub fn new(plane: Plane<'_>, direction: &Direction) -> Turned {
        let angle = match direction.axis {
            Axis::X => direction.slant.atan(),
            Axis::Y => std::f32::consts::FRAC_PI_2 - direction.slant.atan(),
        };
        let (sin, cos) = angle.sin_cos();
        let (w, h) = (plane.width as f32, plane.height as f32);
        let width = (w * cos.abs() + h * sin.abs()).ceil().max(1.0) as usize;
        let height = (w * sin.abs() + h * cos.abs()).ceil().max(1.0) as usize;
        let middle = ((w - 1.0) / 2.0, (h - 1.0) / 2.0);
        // In 65,536ths of a pixel: a plane of 16,000 has room in 31 bits.
        let fixed = |v: f32| (v * 65_536.0) as i32;
        let (right, down) = (fixed(cos), fixed(sin));
        let last = (fixed(w - 1.0), fixed(h - 1.0));
        let mut data = vec![0u8; width * height];
        for (y, out) in data.chunks_exact_mut(width).enumerate() {
            let v = y as f32 - (height as f32 - 1.0) / 2.0;
            let from = -(width as f32 - 1.0) / 2.0;
            let x = fixed(middle.0 + from * cos - v * sin);
            let y = fixed(middle.1 + from * sin + v * cos);
            let within = steps_within(x, right, last.0, width);
            let also = steps_within(y, down, last.1, width);
            let within = within.start.max(also.start)..within.end.min(also.end);
            let (from, to) = (within.start.min(within.end), within.end);
            let place = |i: usize| {
                let i = i as i32;
                (x.wrapping_add(right.wrapping_mul(i)), y.wrapping_add(down.wrapping_mul(i)))
            };
            // Outside, the nearest edge: a seam there would be a stroke.
            let ends = (0..from).chain(to..width);
            for i in ends {
                let (x, y) = place(i);
                let px = plane.between(x.clamp(0, last.0) as u32, y.clamp(0, last.1) as u32);
                if let Some(out) = out.get_mut(i) {
                    *out = (px >> 16) as u8;
                }
            }
            let (mut x, mut y) = place(from);
            for out in out.get_mut(from..to).unwrap_or(&mut []) {
                *out = (plane.between(x as u32, y as u32) >> 16) as u8;
                (x, y) = (x.wrapping_add(right), y.wrapping_add(down));
            }
        }
        Turned { buf: PlaneBuf { width, height, data }, axis: direction.axis, sin, cos, middle }
    }

    pub fn plane(&self) -> Plane<'_> {
        self.buf.plane()
    }

    /// A row along x of the turned plane, in the plane as it was.
    pub fn back(&self, row: &Row) -> Row {
        let place = |t: f32| {
            let x = (row.from + row.to) / 2.0 + t;
            let u = x - (self.buf.width as f32 - 1.0) / 2.0;
            let v = row.v(x) - (self.buf.height as f32 - 1.0) / 2.0;
            let (x, y) = (
                self.middle.0 + u * self.cos - v * self.sin,
                self.middle.1 + u * self.sin + v * self.cos,
            );
            if self.axis == Axis::X { (x, y) } else { (y, x) }
        };
        let half = row.length() / 2.0;
        let (a, b, c) = (place(-half), place(0.0), place(half));
        // The parabola through the ends, and through the middle as it lies between them.
        let slope = (c.1 - a.1) / (c.0 - a.0);
        let off = b.1 - (a.1 + slope * (b.0 - a.0));
        let reach = ((c.0 - a.0) / 2.0).powi(2).max(1.0);
        let curve = [(a.1 + c.1) / 2.0 + off, slope, -off / reach];
        Row { axis: self.axis, from: a.0.min(c.0), to: a.0.max(c.0), curve, ..row.clone() }
    }
}

/// The steps of `0..count` after which `at` lies within `0..=last`.
fn steps_within(at: i32, step: i32, last: i32, count: usize) -> std::ops::Range<usize> {
    let (at, step, last) = (i64::from(at), i64::from(step), i64::from(last));
    // The first step at or over a bound, going up.
    let reach = |bound: i64, step: i64, at: i64| {
        (bound - at).max(0).div_euclid(step) + i64::from((bound - at).max(0).rem_euclid(step) > 0)
    };
    let (from, to) = match step {
        0 if (0..=last).contains(&at) => (0, i64::MAX),
        0 => (0, 0),
        1.. => (reach(0, step, at), reach(last + 1, step, at)),
        _ => (reach(-last, -step, -at), reach(1, -step, -at)),
    };
    let count = count as i64;
    from.min(count) as usize..to.min(count) as usize
}

/// The sum of stroke strength in each cell.
fn cells(plane: Plane<'_>) -> Vec<u16> {
    let (across, down) = (plane.width / CELL, plane.height / CELL);
    let mut out = vec![0u16; across * down];
    if across == 0 {
        return out;
    }
    let mut strokes = vec![0u16; across * CELL];
    for (y, cells) in out.chunks_exact_mut(across).enumerate() {
        strokes.fill(0);
        for y in y * CELL..(y + 1) * CELL {
            let (row, below) = (plane.row(y), plane.row((y + 1).min(plane.height - 1)));
            let right = row.get(1..).unwrap_or(&[]);
            for (((s, &a), &b), &c) in strokes.iter_mut().zip(row).zip(right).zip(below) {
                let both = u16::from(a.abs_diff(b)).wrapping_add(u16::from(a.abs_diff(c)));
                *s = s.wrapping_add(both);
            }
        }
        for (cell, strokes) in cells.iter_mut().zip(strokes.chunks_exact(CELL)) {
            *cell = strokes.iter().copied().fold(0, u16::wrapping_add);
        }
    }
    out
}

/// How much runs in each direction: bin 0 begins at the x axis, and goes on towards y.
fn bins(cells: &[u16], across: usize) -> [f32; BINS] {
    let mut bins = [0.0f32; BINS];
    if across < 3 {
        return bins;
    }
    // Strong strokes count for more, but not a hundred times more.
    let map: Vec<f32> = cells.iter().map(|&c| f32::from(c).sqrt()).collect();
    let down = map.len() / across;
    let mut sums = vec![[0.0f32; 3]; across.div_ceil(AROUND)];
    for y in 1..down.saturating_sub(1) {
        let rows = [y - 1, y, y + 1].map(|y| map.get(y * across..(y + 1) * across).unwrap_or(&[]));
        let columns = rows[0].windows(3).zip(rows[1].windows(3)).zip(rows[2].windows(3));
        for (x, ((a, b), c)) in columns.enumerate() {
            let gx = (a[2] + 2.0 * b[2] + c[2]) - (a[0] + 2.0 * b[0] + c[0]);
            let gy = (c[0] + 2.0 * c[1] + c[2]) - (a[0] + 2.0 * a[1] + a[2]);
            if let Some(sum) = sums.get_mut(x / AROUND) {
                sum[0] += gx * gx;
                sum[1] += gy * gy;
                sum[2] += gx * gy;
            }
        }
        if y % AROUND == 0 || y + 2 >= down {
            for sum in &mut sums {
                let [xx, yy, xy] = std::mem::take(sum);
                let clear = ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt();
                let strength = clear * clear / (xx + yy).max(1.0);
                // Bars run across the gradient.
                let angle = 0.5 * (-2.0 * xy).atan2(yy - xx);
                let turn = (angle / std::f32::consts::PI).rem_euclid(1.0);
                let bin = (turn * BINS as f32) as usize;
                bins[bin.min(BINS - 1)] += strength.sqrt();
            }
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_within_a_plane_are_all_of_those_that_are() {
        for (at, step, last) in
            [(-7, 3, 40), (50, -3, 40), (5, 0, 9), (12, 0, 9), (0, 1, 0), (60, 2, 40), (-9, -2, 40)]
        {
            let is_in = |i: &usize| (0..=last).contains(&(at + step * *i as i32));
            let wanted: Vec<usize> = (0..30).filter(is_in).collect();
            let found: Vec<usize> = steps_within(at, step, last, 30).collect();
            assert_eq!(found, wanted, "{at} {step} {last}");
        }
    }

    /// Rows of strokes that climb by `slope` along x.
    fn page(slope: f32, turned: bool) -> Vec<u8> {
        let (sin, cos) = (slope.atan().sin(), slope.atan().cos());
        (0..480 * 480)
            .map(|i| {
                let (x, y) = if turned { (i / 480, i % 480) } else { (i % 480, i / 480) };
                let (x, y) = (x as f32, y as f32);
                let (along, down) = (x * cos + y * sin, y * cos - x * sin);
                let row = down.rem_euclid(20.0) < 9.0;
                if row && along.rem_euclid(10.0) < 4.0 { 40 } else { 220 }
            })
            .collect()
    }

    #[test]
    fn the_direction_of_rows_is_told_at_any_slant() {
        for (turned, axis) in [(false, Axis::X), (true, Axis::Y)] {
            for slope in [-0.8f32, -0.4, 0.0, 0.3, 0.6, 0.9] {
                let data = page(slope, turned);
                let found = directions(Plane::new(480, 480, &data).unwrap());
                assert_eq!(found[0].axis, axis, "{slope}: {:?}", found[0]);
                assert!((found[0].slant - slope).abs() < 0.09, "{slope}: {:?}", found[0]);
                assert!(found[0].share > 0.5, "{slope}: {:?}", found[0]);
            }
        }
    }

    #[test]
    fn rows_of_a_turned_plane_lie_where_they_were() {
        let data = vec![200u8; 300 * 200];
        let plane = Plane::new(300, 200, &data).unwrap();
        for (axis, slant) in [(Axis::X, 0.8f32), (Axis::X, -0.5), (Axis::Y, 0.7), (Axis::Y, -0.9)] {
            let turned = Turned::new(plane, &Direction { axis, slant, share: 1.0 });
            // Through the middle of the plane, along the direction.
            let at = (turned.plane().height as f32 - 1.0) / 2.0;
            let middle = (turned.plane().width as f32 - 1.0) / 2.0;
            let row = Row {
                axis: Axis::X,
                from: middle - 50.0,
                to: middle + 50.0,
                curve: [at, 0.0, 0.0],
                height: 9.0,
                energy: 30.0,
            };
            let back = turned.back(&row);
            let (u, v) = if axis == Axis::X { (149.5, 99.5) } else { (99.5, 149.5) };
            assert_eq!(back.axis, axis);
            assert!((back.curve[1] - slant).abs() < 1e-3 && back.curve[2].abs() < 1e-5);
            assert!((back.v(u) - v).abs() < 0.01, "{back:?}");
            assert!((back.length() * (1.0 + slant * slant).sqrt() - 100.0).abs() < 0.01);
        }
    }

    #[test]
    fn a_blank_or_tiny_plane_has_no_direction() {
        for (w, h) in [(90, 1), (1, 90), (9, 10), (100, 100)] {
            let data = vec![200u8; w * h];
            assert!(directions(Plane::new(w, h, &data).unwrap()).is_empty());
        }
    }
}
