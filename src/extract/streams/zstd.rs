//! zstd (RFC 8878): frames one behind another, skippable frames between them (pzstd and seekable
//! archives write those). The crate reads one frame; this goes from frame to frame.

use std::io::{self, Read};

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{MAX_WINDOW, broken, read_up_to, too_wide};
use crate::extract::bytes::u32_le;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// RFC 8878, 3.1.2: any of sixteen; the last half byte is the user's.
const SKIPPABLE: std::ops::RangeInclusive<u32> = 0x184d_2a50..=0x184d_2a5f;

pub(super) fn starts_frame(head: &[u8]) -> bool {
    // Bit 3 of the frame header descriptor is reserved and zero.
    head.starts_with(&MAGIC) && head.get(4).is_some_and(|descriptor| descriptor & 8 == 0)
}

/// A skippable frame, and a true one behind it as far as that can be seen.
pub(super) fn skips_to_frame(head: &[u8]) -> bool {
    let (Some(magic), Some(len)) = (u32_le(head, 0), u32_le(head, 4)) else { return false };
    SKIPPABLE.contains(&magic)
        && usize::try_from(len)
            .ok()
            .and_then(|len| head.get(len.checked_add(8)?..))
            .is_some_and(starts_frame)
}

/// All frames of a stream, joined.
pub(super) struct Frames<R: Read> {
    from: R,
    frame: FrameDecoder,
    within: bool,
    /// Told once all that came before it is read.
    failure: Option<io::Error>,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(from: R) -> Frames<R> {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(MAX_WINDOW.into());
        Frames { from, frame, within: false, failure: None }
    }

    /// Goes to the next frame; false at the end of the stream.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            let mut magic = [0; 4];
            match read_up_to(&mut self.from, &mut magic)? {
                0 => return Ok(false),
                4 => {}
                _ => return Err(broken("frame is cut")),
            }
            if SKIPPABLE.contains(&u32::from_le_bytes(magic)) {
                let mut len = [0; 4];
                self.from.read_exact(&mut len)?;
                let len = u64::from(u32::from_le_bytes(len));
                if io::copy(&mut self.from.by_ref().take(len), &mut io::sink())? < len {
                    return Err(broken("skippable frame is cut"));
                }
                continue;
            }
            // The crate wants to read the magic itself, and says no to another.
            let header = magic.as_slice().chain(&mut self.from);
            self.frame.reset(header).map_err(|e| match e {
                FrameDecoderError::WindowSizeTooBig { .. } => too_wide(),
                _ => broken("frame header"),
            })?;
            return Ok(true);
        }
    }

    /// Decodes until there is something to read or the frame ends.
    fn decode(&mut self) {
        while self.frame.can_collect() == 0 && !self.frame.is_finished() {
            let one = BlockDecodingStrategy::UptoBlocks(1);
            if self.frame.decode_blocks(&mut self.from, one).is_err() {
                self.failure = Some(broken("block does not decode"));
                // The window is given out at the end of a frame only. An empty last block (and
                // the checksum) is that end, so that what came before the break can be read.
                let end: &[u8] = &[1, 0, 0, 0, 0, 0, 0];
                let last = self.frame.decode_blocks(end, BlockDecodingStrategy::UptoBlocks(1));
                if last.is_err() {
                    break;
                }
            }
        }
    }

    fn checksum_agrees(&self) -> bool {
        match self.frame.get_checksum_from_data() {
            Some(stored) => self.frame.get_calculated_checksum() == Some(stored),
            None => true,
        }
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.within {
                if let Some(failure) = self.failure.take() {
                    return Err(failure);
                }
                self.within = self.next_frame()?;
                if !self.within {
                    return Ok(0);
                }
            }
            if self.failure.is_none() {
                self.decode();
            }
            match self.frame.read(buffer)? {
                0 if buffer.is_empty() => return Ok(0),
                0 => {
                    self.within = false;
                    if self.failure.is_none() && !self.checksum_agrees() {
                        return Err(broken("frame fails its checksum"));
                    }
                }
                n => return Ok(n),
            }
        }
    }
}
