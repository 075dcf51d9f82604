//! LZ4 frames (lz4_Frame_format.md 1.6), one behind another, with skippable frames between them,
//! and the legacy frame that `lz4 -l` and old kernels write. The crate reads one frame.

use std::io::{self, Read};

use lz4_flex::frame::FrameDecoder;

use super::{broken, read_up_to};

const MAGIC: u32 = 0x184d_2204;
const LEGACY: u32 = 0x184c_2102;
const SKIPPABLE: std::ops::RangeInclusive<u32> = 0x184d_2a50..=0x184d_2a5f;

pub(super) fn starts_frame(head: &[u8]) -> bool {
    match crate::extract::bytes::u32_le(head, 0) {
        // Version 01, the reserved bits zero, a block size of 64 KiB or more.
        Some(MAGIC) => {
            head.get(4).is_some_and(|flags| flags & 0xc2 == 0x40)
                && head.get(5).is_some_and(|size| size & 0x8f == 0 && size >> 4 >= 4)
        }
        // Then the length of the first block.
        Some(LEGACY) => {
            crate::extract::bytes::u32_le(head, 4).is_some_and(|len| (1..=9 << 20).contains(&len))
        }
        _ => false,
    }
}

/// The source, its bytes that were read ahead, and whether it has ended.
struct Input<R> {
    ahead: [u8; 4],
    /// How many of `ahead` are still to be read, from its end.
    left: usize,
    from: R,
    ended: bool,
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ahead = self.ahead.get(self.ahead.len() - self.left..).unwrap_or_default();
        if !ahead.is_empty() {
            let n = ahead.len().min(buffer.len());
            buffer.iter_mut().zip(ahead).for_each(|(to, from)| *to = *from);
            self.left -= n;
            return Ok(n);
        }
        let n = self.from.read(buffer)?;
        self.ended |= n == 0 && !buffer.is_empty();
        Ok(n)
    }
}

enum State<R: Read> {
    Between(Input<R>),
    /// A frame, and whether it is a legacy one, which only the end of the file ends.
    Within(Box<FrameDecoder<Input<R>>>, bool),
    Ended,
}

/// All frames of a stream, joined.
pub(super) struct Frames<R: Read>(State<R>);

impl<R: Read> Frames<R> {
    pub(super) fn new(from: R) -> Frames<R> {
        Frames(State::Between(Input { ahead: [0; 4], left: 0, from, ended: false }))
    }
}

/// The next frame, or the end.
fn next_frame<R: Read>(mut input: Input<R>) -> io::Result<State<R>> {
    loop {
        let mut magic = [0; 4];
        match read_up_to(&mut input, &mut magic)? {
            0 => return Ok(State::Ended),
            4 => {}
            _ => return Err(broken("frame is cut")),
        }
        let number = u32::from_le_bytes(magic);
        if SKIPPABLE.contains(&number) {
            let mut len = [0; 4];
            input.read_exact(&mut len)?;
            let len = u64::from(u32::from_le_bytes(len));
            if io::copy(&mut input.by_ref().take(len), &mut io::sink())? < len {
                return Err(broken("skippable frame is cut"));
            }
            continue;
        }
        if number != MAGIC && number != LEGACY {
            return Err(broken("no frame"));
        }
        // The crate wants to read the magic itself.
        input.ahead = magic;
        input.left = magic.len();
        return Ok(State::Within(Box::new(FrameDecoder::new(input)), number == LEGACY));
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.0, State::Ended) {
                State::Between(input) => self.0 = next_frame(input)?,
                State::Within(mut frame, legacy) => {
                    let n = frame.read(buffer)?;
                    if n > 0 {
                        self.0 = State::Within(frame, legacy);
                        return Ok(n);
                    }
                    // The crate takes the end of the file for that of a frame.
                    let input = frame.into_inner();
                    if input.ended && !legacy {
                        return Err(broken("frame is cut"));
                    }
                    self.0 = State::Between(input);
                }
                State::Ended => return Ok(0),
            }
        }
    }
}
