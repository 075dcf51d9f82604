//! xz and lzma to the last byte that is there.
//!
//! The decoder gives nothing of a read in which it fails, and takes a whole chunk (up to 2 MiB of text)
//! before it unpacks the first byte of it. So it is read in small steps, and where the file ends
//! within a chunk zeros are put in the place of the rest: what was there comes out, and after it,
//! in the place of what was not, mostly zeros. The stream fails all the same, at its end.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::MAX_DECODER_KB;

/// Bytes of one read. A step costs little beside its bytes, and so much at most is lost at a break.
const STEP: usize = 256;
/// The packed bytes of a chunk, at most.
const CHUNK: usize = 1 << 16;

pub(super) fn xz<'r>(from: impl Read + 'r) -> impl Read + 'r {
    let ended = Rc::new(Cell::new(false));
    let filled = Filled { from, short: false, zeros: CHUNK, ended: Rc::clone(&ended) };
    let decoder = lzma_rust2::XzReader::new_mem_limit(filled, true, MAX_DECODER_KB);
    ToTheEnd { decoder: Steps(decoder), ended, zeros: 0, then: None }
}

/// Reads no more than [`STEP`] at once.
pub(super) struct Steps<R>(pub(super) R);

impl<R: Read> Read for Steps<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(STEP);
        self.0.read(buffer.get_mut(..most).unwrap_or_default())
    }
}

/// Zeros behind the end, where that is within what the decoder wants in one piece.
struct Filled<R> {
    from: R,
    /// The last read gave less than was asked for.
    short: bool,
    zeros: usize,
    ended: Rc<Cell<bool>>,
}

impl<R: Read> Read for Filled<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(buffer)?;
        if n > 0 || buffer.is_empty() {
            self.short = n < buffer.len();
            return Ok(n);
        }
        // Between two pieces an end is an end.
        if !self.short && !self.ended.get() {
            return Ok(0);
        }
        self.ended.set(true);
        let n = buffer.len().min(self.zeros);
        self.zeros -= n;
        buffer.get_mut(..n).unwrap_or_default().fill(0);
        Ok(n)
    }
}

/// Byte by byte once the file has ended, and zeros only where something follows them.
struct ToTheEnd<R> {
    decoder: Steps<R>,
    ended: Rc<Cell<bool>>,
    /// Zeros that were held back, and what followed them.
    zeros: usize,
    then: Option<u8>,
}

impl<R: Read> Read for ToTheEnd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.ended.get() {
            let n = self.decoder.read(buffer)?;
            if !self.ended.get() || n == 0 {
                return Ok(n);
            }
            // The last bytes of this step may be none of the file's.
            let given = buffer.get(..n).unwrap_or_default();
            let kept = given.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            self.zeros = n - kept;
            if kept > 0 {
                return Ok(kept);
            }
        }
        let Some(first) = buffer.first_mut() else { return Ok(0) };
        while self.then.is_none() {
            let mut byte = [0];
            if self.decoder.read(&mut byte)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match byte {
                [0] => self.zeros += 1,
                [other] => self.then = Some(other),
            }
        }
        *first = match self.zeros.checked_sub(1) {
            Some(left) => {
                self.zeros = left;
                0
            }
            None => self.then.take().unwrap_or(0),
        };
        Ok(1)
    }
}
