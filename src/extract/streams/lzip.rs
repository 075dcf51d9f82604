//! lzip (the format of its manual, version 1): members one behind another, each with its checksum
//! and length. The crate has a reader too, which takes any dictionary; here it is bounded.

use std::io::{self, Read};

use lzma_rust2::LzmaReader;

use super::{MAX_WINDOW, broken, read_up_to, too_wide};

/// Checksum, length of the data, length of the member.
const TRAILER: usize = 20;

/// A source, and what a decoder took from it and did not need.
struct Input<R> {
    ahead: io::Cursor<Vec<u8>>,
    from: R,
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.ahead.read(buffer)? {
            0 => self.from.read(buffer),
            n => Ok(n),
        }
    }
}

enum State<R: Read> {
    Between(Input<R>),
    Within(Box<LzmaReader<Input<R>>>, Sums),
    Ended,
}

#[derive(Default)]
struct Sums {
    crc: flate2::Crc,
    len: u64,
}

/// All members of a stream, joined.
pub(super) struct Members<R: Read>(State<R>);

impl<R: Read> Members<R> {
    pub(super) fn new(from: R) -> Members<R> {
        Members(State::Between(Input { ahead: io::Cursor::default(), from }))
    }
}

fn next_member<R: Read>(mut input: Input<R>) -> io::Result<State<R>> {
    let mut header = [0; 6];
    if read_up_to(&mut input, &mut header)? == 0 {
        return Ok(State::Ended);
    }
    let [b'L', b'Z', b'I', b'P', 1, size] = header else { return Err(broken("no member")) };
    // A power of two less some sixteenths of it.
    let base = 1u32.checked_shl(u32::from(size & 31)).filter(|n| (1 << 12..=1 << 29).contains(n));
    let base = base.ok_or_else(|| broken("dictionary size"))?;
    let dictionary = base - base / 16 * u32::from(size >> 5);
    if dictionary > MAX_WINDOW {
        return Err(too_wide());
    }
    let decoder = LzmaReader::new(input, u64::MAX, 3, 0, 2, dictionary, None)?;
    Ok(State::Within(Box::new(decoder), Sums::default()))
}

fn end_member<R: Read>(decoder: LzmaReader<Input<R>>, sums: &Sums) -> io::Result<Input<R>> {
    let (mut input, mut unused) = decoder.into_parts();
    let at = usize::try_from(input.ahead.position()).unwrap_or(usize::MAX);
    unused.extend_from_slice(input.ahead.get_ref().get(at..).unwrap_or_default());
    input.ahead = io::Cursor::new(unused);
    let mut trailer = [0; TRAILER];
    input.read_exact(&mut trailer)?;
    let crc = crate::extract::bytes::u32_le(&trailer, 0);
    let len = crate::extract::bytes::u64_le(&trailer, 4);
    if crc != Some(sums.crc.sum()) || len != Some(sums.len) {
        return Err(broken("member fails its checksum"));
    }
    Ok(input)
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.0, State::Ended) {
                State::Between(input) => self.0 = next_member(input)?,
                State::Within(mut decoder, mut sums) => {
                    let n = decoder.read(buffer)?;
                    if n > 0 {
                        sums.crc.update(buffer.get(..n).unwrap_or_default());
                        sums.len += n as u64;
                        self.0 = State::Within(decoder, sums);
                        return Ok(n);
                    }
                    self.0 = State::Between(end_member(*decoder, &sums)?);
                }
                State::Ended => return Ok(0),
            }
        }
    }
}
