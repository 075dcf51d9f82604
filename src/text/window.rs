//! A stream in windows of fixed size: memory does not grow with the file, and a hit across a
//! window edge is seen once and whole.
//!
//! ```text
//!  bytes   |-- back --|---------------- fresh ----------------|-- ahead --|
//!                     ^ hits that start in here belong to this window
//! ```
//! `back` is context that was fresh before; `ahead` will be fresh next time. At the end of the
//! stream `fresh` reaches to the end.

use std::io::{self, Read};
use std::ops::Range;

use encoding_rs::Decoder;

use super::Encoding;
use super::encoding::decide_high;
use super::simd::{BitWork, with_bit_instructions};
use super::table::Table;

/// Kept behind and in front of the fresh part. A full MRZ with stray spaces and the labels
/// around a number fit well; doubling it costs 1 % more scanning.
pub const MARGIN: usize = 1024;
/// Fresh bytes of a window: with its bitmaps it stays in a second-level cache.
pub const WINDOW_BYTES: usize = 256 * 1024;

/// One window of a text.
#[derive(Debug)]
pub struct Window<'a> {
    pub bytes: &'a [u8],
    /// Offset of `bytes[0]` in the text.
    pub base: u64,
    /// Positions in `bytes` whose hits belong to this window.
    pub fresh: Range<usize>,
    /// Line number of `bytes[fresh.start]`, counted from 1.
    pub line: u64,
    pub encoding: Encoding,
    /// Separators of an unfinished line before `bytes[0]`, where the text is a table.
    pub carried: usize,
    pub table: Option<&'a Table>,
}

impl<'a> Window<'a> {
    /// A whole text in one window.
    pub fn whole(text: &'a str, table: Option<&'a Table>) -> Window<'a> {
        Window {
            bytes: text.as_bytes(),
            base: 0,
            fresh: 0..text.len(),
            line: 1,
            encoding: Encoding::Utf8,
            carried: 0,
            table,
        }
    }

    /// Up to `n` bytes before `at`.
    pub fn before(&self, at: usize, n: usize) -> &'a [u8] {
        self.bytes.get(at.saturating_sub(n)..at).unwrap_or_default()
    }

    /// Up to `n` bytes from `at` on.
    pub fn after(&self, at: usize, n: usize) -> &'a [u8] {
        let end = at.saturating_add(n).min(self.bytes.len());
        self.bytes.get(at..end).unwrap_or_default()
    }

    /// The column of a table that byte `at` stands in.
    pub fn column(&self, at: usize) -> Option<usize> {
        self.table.map(|t| t.column(self.bytes, at, self.carried))
    }
}

/// Line numbers for positions that are asked in rising order: each newline is counted once.
#[derive(Debug, Default)]
pub struct LineCursor {
    base: u64,
    at: usize,
    line: u64,
}

impl LineCursor {
    /// The line of `bytes[at]`, counted from 1. `at` must be in the fresh part.
    pub fn line(&mut self, window: &Window, at: usize) -> u64 {
        if self.base != window.base || self.line == 0 || at < self.at {
            *self = LineCursor { base: window.base, at: window.fresh.start, line: window.line };
        }
        if let Some(skipped) = window.bytes.get(self.at..at) {
            self.line += count_newlines(skipped);
            self.at = at;
        }
        self.line
    }
}

/// Newlines in `bytes`. Sums of bytes that cannot run over become vector code; a search for each
/// newline costs five times as much.
pub fn count_newlines(bytes: &[u8]) -> u64 {
    with_bit_instructions(Newlines(bytes))
}

struct Newlines<'b>(&'b [u8]);

impl BitWork for Newlines<'_> {
    type Out = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let mut all = 0;
        // A multiple of every vector's width, so that no chunk has a tail.
        for chunk in self.0.chunks(192) {
            let mut some = 0u8;
            for &b in chunk {
                some = some.wrapping_add(u8::from(b == b'\n'));
            }
            all += u64::from(some);
        }
        all
    }
}

/// Columns of a table for positions that are asked in rising order: each byte of a line is looked at
/// once, quotes and all.
#[derive(Debug, Default)]
pub struct ColumnCursor {
    base: u64,
    at: usize,
    known: Option<(usize, bool)>,
}

impl ColumnCursor {
    /// The column that byte `at` stands in, where the text is a table.
    pub fn column(&mut self, window: &Window, at: usize) -> Option<usize> {
        let table = window.table?;
        // Where the last window ended is where this one goes on, if both see it.
        let from = (self.base + self.at as u64)
            .checked_sub(window.base)
            .and_then(|n| usize::try_from(n).ok());
        let since =
            from.filter(|_| self.known.is_some()).and_then(|from| window.bytes.get(from..at));
        let (column, quoted) = match (since, self.known) {
            (Some(since), Some((column, quoted))) => match memchr::memrchr(b'\n', since) {
                None => table.count(since, column, quoted),
                Some(newline) => {
                    table.count(since.get(newline + 1..).unwrap_or_default(), 0, false)
                }
            },
            _ => table.column_and_quote(window.bytes, at, window.carried),
        };
        *self = ColumnCursor { base: window.base, at, known: Some((column, quoted)) };
        Some(column)
    }
}

/// Reads a text in windows.
pub struct Windows<R> {
    from: R,
    encoding: Encoding,
    table: Option<Table>,
    buffer: Vec<u8>,
    filled: usize,
    fresh_from: usize,
    base: u64,
    line: u64,
    carried: usize,
    ended: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Windows<R> {
    /// `from` gives the text from its start, UTF-16 already turned into UTF-8 ([`Utf8From16`]).
    pub fn new(from: R, encoding: Encoding, table: Option<Table>) -> Windows<R> {
        Windows {
            from,
            encoding,
            table,
            buffer: vec![0; WINDOW_BYTES + 2 * MARGIN],
            filled: 0,
            fresh_from: 0,
            base: 0,
            line: 1,
            carried: 0,
            ended: false,
            failure: None,
        }
    }

    /// Goes on in a text that was read before: `from` gives it from byte `base` on, which begins a line
    /// or lies well before `fresh`; hits that start at byte `fresh` or later are told, and `line` is
    /// the line of that byte, counted from 1. At most [`WINDOW_BYTES`] may lie between the two.
    pub fn resume(
        from: R,
        encoding: Encoding,
        table: Option<Table>,
        base: u64,
        fresh: u64,
        line: u64,
    ) -> Windows<R> {
        let between = fresh.saturating_sub(base).min(WINDOW_BYTES as u64);
        // At most a quarter of a megabyte.
        let fresh_from = usize::try_from(between).unwrap_or(0);
        Windows { base, fresh_from, line, ..Windows::new(from, encoding, table) }
    }

    /// Newlines before the end of the last window.
    pub fn lines(&self) -> u64 {
        self.line - 1
    }

    /// The error that ended the text early, if one did. Ask after the last window.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Total bytes of text seen.
    pub fn bytes_read(&self) -> u64 {
        self.base + self.filled as u64
    }

    /// What the text is read as now: ASCII becomes another set when its first high byte comes.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The next window; `None` at the end. A read error ends the text: what came before it is still
    /// given, and [`Windows::failure`] tells.
    pub fn next_window(&mut self) -> Option<Window<'_>> {
        if self.ended {
            return None;
        }
        self.slide();
        while self.filled < self.buffer.len() {
            match self.from.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => self.filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.failure = Some(e);
                    self.ended = true;
                    break;
                }
            }
        }
        let fresh_to = if self.ended { self.filled } else { self.filled - MARGIN };
        if self.encoding == Encoding::Ascii && !self.buffer[..self.filled].is_ascii() {
            self.encoding = decide_high(&self.buffer[..self.filled]).encoding;
        }
        let fresh = self.fresh_from.min(fresh_to)..fresh_to;
        let line = self.line;
        self.line += count_newlines(&self.buffer[fresh.clone()]);
        self.fresh_from = fresh_to;
        Some(Window {
            bytes: &self.buffer[..self.filled],
            base: self.base,
            fresh,
            line,
            encoding: self.encoding,
            carried: self.carried,
            table: self.table.as_ref(),
        })
    }

    /// Moves the tail that the next window needs to the front.
    fn slide(&mut self) {
        let keep_from = self.fresh_from.saturating_sub(MARGIN);
        if keep_from == 0 || self.filled == 0 {
            return;
        }
        if let Some(table) = &self.table {
            self.carried = table.column(&self.buffer, keep_from, self.carried);
        }
        self.buffer.copy_within(keep_from..self.filled, 0);
        self.base += keep_from as u64;
        self.filled -= keep_from;
        self.fresh_from -= keep_from;
    }
}

/// Turns a UTF-16 stream into UTF-8 as it is read. Broken units become U+FFFD.
pub struct Utf8From16<R> {
    from: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    ready: Vec<u8>,
    ready_at: usize,
    ended: bool,
}

impl<R: Read> Utf8From16<R> {
    pub fn new(from: R, encoding: Encoding) -> Utf8From16<R> {
        let decoder = match encoding {
            Encoding::Utf16Be => encoding_rs::UTF_16BE,
            _ => encoding_rs::UTF_16LE,
        };
        Utf8From16 {
            from,
            decoder: decoder.new_decoder_with_bom_removal(),
            raw: vec![0; 64 * 1024],
            raw_at: 0,
            raw_end: 0,
            ready: Vec::new(),
            ready_at: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Utf8From16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.ready_at == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            if self.raw_at == self.raw_end {
                self.raw_end = self.from.read(&mut self.raw)?;
                self.raw_at = 0;
                self.ended = self.raw_end == 0;
            }
            // Three bytes of UTF-8 for two of UTF-16 at most, and a replacement at the end.
            self.ready.resize(self.raw.len() * 2, 0);
            let raw = &self.raw[self.raw_at..self.raw_end];
            let (_, read, written, _) =
                self.decoder.decode_to_utf8(raw, &mut self.ready, self.ended);
            self.raw_at += read;
            self.ready.truncate(written);
            self.ready_at = 0;
        }
        let n = out.len().min(self.ready.len() - self.ready_at);
        out[..n].copy_from_slice(&self.ready[self.ready_at..self.ready_at + n]);
        self.ready_at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);
    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(out.len()).min(self.0.len());
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn fresh_parts_cover_the_text_once_and_lines_are_counted() {
        let text: Vec<u8> =
            (0..60_000u32).flat_map(|i| format!("line {i}\n").into_bytes()).collect();
        let mut windows = Windows::new(Drip(&text, 7001), Encoding::Ascii, None);
        let (mut next, mut seen) = (0u64, Vec::new());
        let mut cursor = LineCursor::default();
        while let Some(w) = windows.next_window() {
            assert_eq!(w.base + w.fresh.start as u64, next);
            next = w.base + w.fresh.end as u64;
            seen.extend_from_slice(&w.bytes[w.fresh.clone()]);
            let last = w.fresh.end - 1;
            let at = w.base as usize + last;
            let by_hand = 1 + text[..at].iter().filter(|&&b| b == b'\n').count() as u64;
            assert_eq!(cursor.line(&w, last), by_hand);
        }
        assert!(seen == text);
    }

    #[test]
    fn columns_are_carried_over_lines_longer_than_a_window() {
        let line: Vec<u8> =
            std::iter::repeat_n(b"abc;".as_slice(), 200_000).flatten().copied().collect();
        let table = Table::with_separator(b"", b';');
        let mut windows = Windows::new(line.as_slice(), Encoding::Ascii, Some(table));
        let mut asked = 0;
        let mut columns = ColumnCursor::default();
        while let Some(w) = windows.next_window() {
            let at = w.fresh.start;
            assert_eq!(w.column(at), Some((w.base as usize + at) / 4));
            for ahead in [0, 5, 400] {
                assert_eq!(
                    columns.column(&w, at + ahead),
                    Some((w.base as usize + at + ahead) / 4)
                );
            }
            asked += 1;
        }
        assert!(asked > 2);
    }

    #[test]
    fn utf16_streams_become_utf8() {
        let text = "ЖСН 900101100004 Әлия\n".repeat(20_000);
        let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut out = String::new();
        Utf8From16::new(Drip(&raw, 333), Encoding::Utf16Be).read_to_string(&mut out).unwrap();
        assert_eq!(out, text);
    }
}
