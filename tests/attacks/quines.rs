//! Archives that hold themselves: unpacked for ever, unless somebody counts.
//!
//! The program for the decoder is the one of Russ Cox ("Zip Files All The Way Down"): stored blocks
//! print, matches repeat, and the two are woven so that what comes out is the whole file. The checksum
//! that stands in the file and is one of the file is a system of 32 equations over bits.

use super::{Attack, Fate, attack, crc32, u16_le, u32_le};

/// A stored block of `n` bytes begins so.
fn print(n: usize) -> Vec<u8> {
    [&[0][..], &u16_le(n), &u16_le(!n)].concat()
}

/// Bits, lowest first, as deflate packs them.
struct Bits(Vec<bool>);

impl Bits {
    fn low_first(&mut self, value: u32, count: u32) -> &mut Bits {
        self.0.extend((0..count).map(|i| value >> i & 1 == 1));
        self
    }

    fn high_first(&mut self, value: u32, count: u32) -> &mut Bits {
        self.0.extend((0..count).rev().map(|i| value >> i & 1 == 1));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |b, bit| b << 1 | u8::from(*bit));
        self.0.chunks(8).map(byte).collect()
    }
}

/// A block with fixed codes that prints nothing: ten bits.
fn nothing(bits: &mut Bits) {
    bits.low_first(0b010, 3).high_first(0, 7);
}

/// Repeats the last 20 bytes; five bytes long.
fn repeat_20() -> Vec<u8> {
    let mut bits = Bits(Vec::new());
    bits.low_first(0b010, 3);
    for _ in 0..2 {
        // Length 10 is code 264; distance 20 is code 8 (17 to 24) and 3 more bits.
        bits.high_first(264 - 256, 7).high_first(8, 5).low_first(20 - 17, 3);
    }
    bits.high_first(0, 7);
    bits.bytes()
}

/// Repeats the last 258 bytes; five bytes long.
fn repeat_258() -> Vec<u8> {
    let mut bits = Bits(Vec::new());
    // Length 258 is code 285; distance 258 is code 16 (257 to 384) and 7 more bits.
    bits.low_first(0b010, 3).high_first(0b1100_0101, 8).high_first(16, 5).low_first(1, 7);
    bits.high_first(0, 7);
    nothing(&mut bits);
    bits.bytes()
}

fn idle() -> Vec<u8> {
    let mut bits = Bits(Vec::new());
    (0..4).for_each(|_| nothing(&mut bits));
    bits.bytes()
}

/// Everything between `prefix` and `suffix`, each of 253 bytes, so that the whole prints itself.
fn program(prefix: &[u8], suffix: &[u8]) -> Vec<u8> {
    assert_eq!((prefix.len(), suffix.len()), (253, 253));
    let (four, all) = (repeat_20(), repeat_258());
    let (l1, l4, l_all) = (print(5), print(20), print(258));
    [
        &l_all[..],
        prefix,
        &l_all, // prints the prefix and this
        &all,   //
        &l1,
        &all, //
        &l1,
        &l1, //
        &l4,
        &all,
        &l1,
        &l1,
        &l4,   //
        &four, //
        &l4,
        &four,
        &l4,
        &four,
        &l4,   //
        &four, //
        &l4,
        &four,
        &idle(),
        &idle(),
        &l_all, //
        &four,
        &idle(),
        &idle(), // what was printed is one instruction ahead from here on
        &l_all,
        &all,
        suffix, //
        &all,
    ]
    .concat()
}

/// Finds the value that, written over `places`, is the checksum of the whole.
fn fixed_point(file: &[u8], places: &[usize]) -> Option<Vec<u8>> {
    let with = |value: u32| {
        let mut file = file.to_vec();
        for place in places {
            file[*place..*place + 4].copy_from_slice(&value.to_le_bytes());
        }
        file
    };
    let base = crc32(&with(0));
    // crc(x) = A x + base; wanted is x with (A + 1) x = base. Rows: a mask of x and one bit.
    let columns: Vec<u32> = (0..32).map(|bit| crc32(&with(1 << bit)) ^ base ^ 1 << bit).collect();
    let mut rows: Vec<(u32, bool)> = (0..32)
        .map(|row| {
            let mask = (0..32).fold(0, |mask, bit| mask | (columns[bit] >> row & 1) << bit);
            (mask, base >> row & 1 == 1)
        })
        .collect();
    let mut value = 0;
    let mut pivots: Vec<usize> = Vec::new();
    for bit in 0..32 {
        let done = pivots.len();
        // A bit that is free stays 0.
        let Some(pivot) = (done..32).find(|row| rows[*row].0 >> bit & 1 == 1) else { continue };
        rows.swap(done, pivot);
        let (mask, right) = rows[done];
        for (i, row) in rows.iter_mut().enumerate() {
            if i != done && row.0 >> bit & 1 == 1 {
                *row = (row.0 ^ mask, row.1 ^ right);
            }
        }
        pivots.push(bit);
    }
    for (row, bit) in pivots.iter().enumerate() {
        value |= u32::from(rows[row].1) << bit;
    }
    let file = with(value);
    (crc32(&file) == value).then_some(file)
}

/// Where `needle` stands.
fn places(file: &[u8], needle: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(file, needle).collect()
}

/// Stands for the checksum until that is known.
const MARK: [u8; 4] = *b"\x9a\xbc\xde\xf1";

fn whole(build: impl Fn(usize, u8) -> (Vec<u8>, Vec<u8>)) -> Vec<u8> {
    for salt in 0..=255 {
        let (prefix, suffix) = build(0, salt);
        let length = program(&prefix, &suffix).len() + prefix.len() + suffix.len();
        let (prefix, suffix) = build(length, salt);
        let file = [&prefix[..], &program(&prefix, &suffix), &suffix].concat();
        let marks = places(&file, &MARK);
        // For some salts the equations have no answer.
        if let Some(file) = fixed_point(&file, &marks) {
            return file;
        }
    }
    panic!("one of so many salts has an answer");
}

/// The last block, empty, and nothing after it.
const LAST: [u8; 5] = [1, 0, 0, 0xff, 0xff];

pub fn gzip() -> Vec<u8> {
    whole(|length, salt| {
        let name = [&[salt | 1][..], &[b'q'; 241], &[0]].concat();
        let prefix = [&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3][..], &name].concat();
        // Behind the stream: another one, empty, whose name fills the room.
        let empty = [&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3][..], &[b'q'; 219], &[0, 3, 0], &[0; 8]];
        let suffix = [&LAST[..], &MARK, &u32_le(length), &empty.concat()].concat();
        (prefix, suffix)
    })
}

pub fn zip() -> Vec<u8> {
    whole(|length, salt| {
        let packed = length.saturating_sub(253 + 248);
        let extra = [&[0xef, 0xbe][..], &u16_le(210), &[salt], &[b'q'; 209]].concat();
        let fields = |extra: usize| {
            [
                &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0][..],
                &MARK,
                &u32_le(packed),
                &u32_le(length),
                &u16_le(9),
                &u16_le(extra),
            ]
            .concat()
        };
        let prefix = [b"PK\x03\x04", &fields(214)[..], b"quine.zip", &extra].concat();
        let central =
            [b"PK\x01\x02\x14\0", &fields(0)[..], &[0; 10], &[0; 4], b"quine.zip"].concat();
        let start = u32_le(length.saturating_sub(248));
        let comment = vec![b'q'; 248 - central.len() - 22];
        let close = [
            b"PK\x05\x06\0\0\0\0\x01\0\x01\0",
            &u32_le(central.len())[..],
            &start,
            &u16_le(comment.len()),
            &comment,
        ]
        .concat();
        (prefix, [&LAST[..], &central, &close].concat())
    })
}

pub fn attacks() -> Vec<Attack> {
    vec![attack("quine.zip", Fate::Lost, zip()), attack("quine.gz", Fate::Lost, gzip())]
}
