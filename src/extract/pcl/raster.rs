//! Raster graphics of PCL 5: rows as they are sent, plane by plane, packed in one of six ways.

use crate::extract::bytes::{u16_be, unpack_bits};
use crate::extract::luma;

/// Rows of one raster: 80 inches of the finest printers.
const MAX_ROWS: usize = 200_000;
/// Bytes of a row of one plane: a metre of the finest printers, in colours.
const MAX_ROW: usize = 1 << 18;

/// How a row becomes pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    /// One bit: ink.
    Ink,
    /// Planes of light: red, green, blue.
    Light,
    /// Planes of ink: cyan, magenta, yellow, behind black where there are four.
    Inks,
    /// Three bytes a pixel.
    Bytes,
    /// One byte a pixel, into a palette that is taken for greys.
    Grey,
}

impl Colours {
    pub(super) fn channels(self) -> u8 {
        if matches!(self, Colours::Ink | Colours::Grey) { 1 } else { 3 }
    }
}

pub(super) struct Raster {
    pub(super) colours: Colours,
    /// Pixels of a row, where that was said.
    width: Option<u32>,
    /// The row before, of each plane.
    seeds: Vec<Vec<u8>>,
    plane: usize,
    rows: Vec<Row>,
    held: usize,
}

enum Row {
    Bits(Vec<u8>),
    Luma(Vec<u8>),
}

impl Raster {
    pub(super) fn new(colours: Colours, planes: usize, width: Option<u32>) -> Raster {
        let seeds = vec![Vec::new(); planes.clamp(1, 4)];
        Raster { colours, width, seeds, plane: 0, rows: Vec::new(), held: 0 }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Rows without ink, which also clear what the next row differs from.
    pub(super) fn skip(&mut self, rows: usize) {
        let room = MAX_ROWS.saturating_sub(self.rows.len());
        self.rows.extend((0..rows.min(room)).map(|_| Row::Bits(Vec::new())));
        self.seeds.iter_mut().for_each(Vec::clear);
        self.plane = 0;
    }

    /// One plane of a row; `last` where the row is then whole.
    pub(super) fn plane(&mut self, method: i64, data: &[u8], last: bool) {
        if method == 5 {
            return self.adaptive(data);
        }
        if let Some(seed) = self.seeds.get_mut(self.plane) {
            unpack(method, data, seed);
        }
        self.plane += 1;
        if last {
            // Planes that were not sent have no ink.
            for seed in self.seeds.iter_mut().skip(self.plane) {
                seed.clear();
            }
            self.end_row();
        }
    }

    fn end_row(&mut self) {
        self.plane = 0;
        if self.rows.len() < MAX_ROWS {
            let row = self.row();
            self.held = self.held.saturating_add(match &row {
                Row::Bits(bits) => bits.len() * 8,
                Row::Luma(luma) => luma.len(),
            });
            self.rows.push(row);
        }
    }

    /// Many rows at once, each with its own method; rows may be repeated.
    fn adaptive(&mut self, data: &[u8]) {
        let mut rest = data;
        while let (Some(&command), Some(count)) = (rest.first(), u16_be(rest, 1)) {
            let count = usize::from(count);
            rest = rest.get(3..).unwrap_or_default();
            match command {
                0..=3 => {
                    let (row, behind) = rest.split_at(count.min(rest.len()));
                    rest = behind;
                    if let Some(seed) = self.seeds.first_mut() {
                        unpack(command.into(), row, seed);
                    }
                    self.end_row();
                }
                4 => self.skip(count),
                5 => {
                    for _ in 0..count.min(MAX_ROWS.saturating_sub(self.rows.len())) {
                        self.end_row();
                    }
                }
                _ => return,
            }
        }
    }

    fn row(&self) -> Row {
        let byte = |plane: usize, at: usize| {
            self.seeds.get(plane).and_then(|seed| seed.get(at)).copied().unwrap_or(0)
        };
        let first = self.seeds.first().map(Vec::as_slice).unwrap_or_default();
        match self.colours {
            Colours::Ink => {
                let used = first.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                Row::Bits(first.iter().take(used).copied().collect())
            }
            Colours::Bytes => Row::Luma(
                first.as_chunks::<3>().0.iter().map(|[r, g, b]| luma::of_rgb(*r, *g, *b)).collect(),
            ),
            Colours::Grey => Row::Luma(first.to_vec()),
            Colours::Light | Colours::Inks => {
                let len = self.seeds.iter().map(Vec::len).max().unwrap_or(0);
                let four = self.seeds.len() == 4;
                let mut row = Vec::with_capacity(len * 8);
                for at in 0..len {
                    let [a, b, c] = [0, 1, 2].map(|plane| byte(plane + usize::from(four), at));
                    let (r, g, b) = if self.colours == Colours::Light {
                        (a, b, c)
                    } else {
                        let black = if four { byte(0, at) } else { 0 };
                        (!(a | black), !(b | black), !(c | black))
                    };
                    let light = |bits: u8, bit: u32| if bits >> bit & 1 == 1 { 255 } else { 0 };
                    row.extend(
                        (0..8)
                            .rev()
                            .map(|bit| luma::of_rgb(light(r, bit), light(g, bit), light(b, bit))),
                    );
                }
                Row::Luma(row)
            }
        }
    }

    /// Pixels of a row.
    pub(super) fn width(&self) -> usize {
        let longest = self.rows.iter().map(|row| match row {
            Row::Bits(bits) => bits.len().saturating_mul(8),
            Row::Luma(luma) => luma.len(),
        });
        let longest = longest.max().unwrap_or(0);
        self.width.map_or(longest, |width| longest.min(width as usize))
    }

    /// The pixels, and how many are in a row. Their number is the caller's to check.
    pub(super) fn finish(self) -> (u32, Vec<u8>) {
        let width = self.width();
        let mut plane = Vec::with_capacity(width.saturating_mul(self.rows.len()));
        for row in &self.rows {
            let end = plane.len().saturating_add(width);
            match row {
                Row::Bits(bits) => plane.extend(
                    bits.iter()
                        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
                        .take(width)
                        .map(|ink| if ink == 1 { 0u8 } else { 255 }),
                ),
                Row::Luma(luma) => plane.extend(luma.iter().take(width)),
            }
            plane.resize(end, 255);
        }
        (width as u32, plane)
    }
}

/// Unpacks a row over the one before it.
fn unpack(method: i64, data: &[u8], seed: &mut Vec<u8>) {
    match method {
        1 => {
            seed.clear();
            for [times, value] in data.as_chunks::<2>().0 {
                seed.extend(std::iter::repeat_n(*value, usize::from(*times) + 1));
            }
        }
        2 => {
            seed.clear();
            unpack_bits(data, MAX_ROW, seed);
        }
        3 => delta(data, seed),
        9 => replace(data, seed),
        _ => {
            seed.clear();
            seed.extend_from_slice(data);
        }
    }
    seed.truncate(MAX_ROW);
}

/// Writes over a place of a row, which grows as far as is needed.
fn put(seed: &mut Vec<u8>, at: usize, bytes: impl ExactSizeIterator<Item = u8>) {
    let Some(end) = at.checked_add(bytes.len()).filter(|end| *end <= MAX_ROW) else { return };
    if seed.len() < end {
        seed.resize(end, 0);
    }
    for (to, byte) in seed.iter_mut().skip(at).zip(bytes) {
        *to = byte;
    }
}

/// Bytes that are added to a number as long as they are full.
fn more(data: &mut &[u8], mut number: usize) -> usize {
    while let Some((byte, rest)) = data.split_first() {
        *data = rest;
        number = number.saturating_add(usize::from(*byte));
        if *byte != 255 {
            break;
        }
    }
    number
}

/// Delta row (method 3): what differs from the row before.
pub(super) fn delta(data: &[u8], seed: &mut Vec<u8>) {
    let (mut data, mut at) = (data, 0usize);
    while let Some((command, rest)) = data.split_first() {
        data = rest;
        let (count, offset) = (usize::from(command >> 5) + 1, usize::from(command & 31));
        let offset = if offset == 31 { more(&mut data, 31) } else { offset };
        let (bytes, rest) = data.split_at(count.min(data.len()));
        at = at.saturating_add(offset);
        put(seed, at, bytes.iter().copied());
        at = at.saturating_add(count);
        data = rest;
    }
}

/// Compressed replacement delta row (method 9): the same, with runs.
fn replace(data: &[u8], seed: &mut Vec<u8>) {
    let (mut data, mut at) = (data, 0usize);
    while let Some((&command, rest)) = data.split_first() {
        data = rest;
        let run = command & 0x80 != 0;
        let (offset, most_offset, count, most_count) = if run {
            (command >> 5 & 3, 3, command & 31, 31)
        } else {
            (command >> 3 & 15, 15, command & 7, 7)
        };
        let mut number = |value: u8, most: u8| {
            let value_of = usize::from(value);
            if value == most { more(&mut data, value_of) } else { value_of }
        };
        let offset = number(offset, most_offset);
        let count = number(count, most_count) + if run { 2 } else { 1 };
        at = at.saturating_add(offset);
        if run {
            let Some((&value, rest)) = data.split_first() else { return };
            data = rest;
            if count <= MAX_ROW {
                put(seed, at, std::iter::repeat_n(value, count));
            }
        } else {
            let (bytes, rest) = data.split_at(count.min(data.len()));
            put(seed, at, bytes.iter().copied());
            data = rest;
        }
        at = at.saturating_add(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_gives_the_same_row() {
        let row = [0, 0, 7, 7, 7, 7, 1, 2];
        let packed: [(i64, &[u8]); 5] = [
            (0, &row),
            (1, &[1, 0, 3, 7, 0, 1, 0, 2]),
            (2, &[0xff, 0, 0xfd, 7, 1, 1, 2]),
            // Six bytes in the place of those from the third on.
            (3, &[5 << 5 | 2, 7, 7, 7, 7, 1, 2]),
            (9, &[1 << 7 | 2 << 5 | 2, 7, 1, 1, 2]),
        ];
        for (method, data) in packed {
            let mut seed = Vec::new();
            unpack(method, data, &mut seed);
            assert_eq!(seed, row, "{method}");
        }
    }

    #[test]
    fn a_row_keeps_what_the_next_does_not_change() {
        let mut raster = Raster::new(Colours::Ink, 1, None);
        raster.plane(0, &[0x80, 0x01], true);
        raster.plane(3, &[1, 0xff], true);
        raster.plane(3, &[], true);
        raster.skip(1);
        raster.plane(5, &[0, 0, 2, 0xc0, 0, 5, 0, 1, 4, 0, 1], true);
        let (width, luma) = raster.finish();
        let rows: Vec<Vec<usize>> = luma
            .chunks_exact(width as usize)
            .map(|row| (0..row.len()).filter(|at| row[*at] == 0).collect())
            .collect();
        let full: Vec<usize> = [0].into_iter().chain(8..16).collect();
        assert_eq!(rows, [vec![0, 15], full.clone(), full, vec![], vec![0, 1], vec![0, 1], vec![]]);
    }

    #[test]
    fn planes_of_colours_become_greys() {
        let mut raster = Raster::new(Colours::Inks, 4, Some(4));
        for (plane, last) in
            [(&[0x80u8], false), (&[0x40], false), (&[0x40], false), (&[0x40], true)]
        {
            raster.plane(0, plane, last);
        }
        assert_eq!(raster.finish(), (4, vec![0, 0, 255, 255]));
        let mut raster = Raster::new(Colours::Bytes, 1, None);
        raster.plane(0, &[255, 255, 255, 0, 0, 0], true);
        assert_eq!(raster.finish(), (2, vec![255, 0]));
    }

    #[test]
    fn rows_that_grow_without_end_are_held_back() {
        let mut seed = Vec::new();
        delta(&[31, 255, 255, 255, 255].repeat(100_000), &mut seed);
        replace(&[&[0xffu8][..], &[255; 100_000], &[0, 0, 9]].concat(), &mut seed);
        assert!(seed.len() <= MAX_ROW);
        let mut raster = Raster::new(Colours::Ink, 1, None);
        raster.skip(usize::MAX);
        assert_eq!(raster.rows(), MAX_ROWS);
    }
}
