//! Values of several channels, those of one place together, zeros around them.

use std::cell::RefCell;

/// Places in rows, each with the values of all channels; around them as many zeros as the windows of the
/// next layer look beyond the edge.
pub(super) struct Map {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// Zeros above and below, left and right.
    pub margin: (usize, usize),
    /// As many as there are places, margins counted, and maybe some beyond.
    pub data: Vec<f32>,
}

/// Memory of maps that are gone, for the next ones: a strip goes through a dozen layers, and cleaning
/// fresh memory for each took a tenth of the time.
const SPARE: usize = 8;

thread_local! {
    static KEPT: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// So many values at least, whatever they are.
pub(super) fn room(count: usize) -> Vec<f32> {
    let kept = KEPT.with_borrow_mut(|kept| {
        // The smallest that is large enough, or else the largest.
        let fit = (0..kept.len()).filter(|&i| kept[i].len() >= count);
        let fit = fit.min_by_key(|&i| kept[i].len());
        let fit = fit.or_else(|| (0..kept.len()).max_by_key(|&i| kept[i].len()));
        fit.map(|i| kept.swap_remove(i))
    });
    let mut data = kept.unwrap_or_default();
    if data.len() < count {
        data.resize(count, 0.0);
    }
    data
}

/// Gives memory back.
pub(super) fn keep(data: Vec<f32>) {
    KEPT.with_borrow_mut(|kept| {
        if kept.len() < SPARE {
            kept.push(data);
        }
    });
}

impl Map {
    /// The zeros around are there; the values are whatever they are, and all to be written.
    pub fn new(
        (height, width): (usize, usize),
        channels: usize,
        (above, left): (usize, usize),
    ) -> Map {
        let across = (width + 2 * left) * channels;
        let mut data = room((height + 2 * above) * across);
        let (top, rest) = data.split_at_mut(above * across);
        let (rows, bottom) = rest.split_at_mut(height * across);
        top.fill(0.0);
        bottom[..above * across].fill(0.0);
        if left > 0 && across > 0 {
            for row in rows.chunks_exact_mut(across) {
                row[..left * channels].fill(0.0);
                row[across - left * channels..].fill(0.0);
            }
        }
        Map { height, width, channels, margin: (above, left), data }
    }

    /// The values of a row, margins left out.
    pub fn row_mut(&mut self, y: usize) -> &mut [f32] {
        let (from, length) =
            (self.at(y + self.margin.0, self.margin.1), self.width * self.channels);
        self.data.get_mut(from..from + length).unwrap_or(&mut [])
    }

    pub fn row(&self, y: usize) -> &[f32] {
        let (from, length) =
            (self.at(y + self.margin.0, self.margin.1), self.width * self.channels);
        self.data.get(from..from + length).unwrap_or(&[])
    }

    /// Where the values of a place are, counted with the margins.
    pub fn at(&self, y: usize, x: usize) -> usize {
        (y * (self.width + 2 * self.margin.1) + x) * self.channels
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        keep(std::mem::take(&mut self.data));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_zeros_around_whatever_was_in_the_memory_before() {
        for _ in 0..2 {
            let mut map = Map::new((2, 3), 2, (1, 2));
            for y in 0..2 {
                map.row_mut(y).fill(7.0);
            }
            let data = &map.data[..4 * 7 * 2];
            assert_eq!(data.iter().filter(|v| **v == 7.0).count(), 2 * 3 * 2);
            assert_eq!(data.iter().filter(|v| **v == 0.0).count(), (4 * 7 - 6) * 2);
            map.data.fill(9.0);
        }
    }
}
