//! How the bytes of one candidate are come by: read whole, streamed, or opened by a worker.
//!
//! A file in memory and one on disk end in the same places: `unpack` for what an extractor opens,
//! the text scan for what no format knows.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::item::{Item, ONE_PIECE};
use super::open::read_head;
use super::trace::Step;
use super::walls::{Handed, Told, Walls};
use crate::detect::head_of;
use crate::error::{Bound, End, Skip};
use crate::extract::{self, Extractor, SNIFF_BYTES};
use crate::flow::{Content, Locator};
use crate::limits::Budget;
use crate::text::Encoding;
use crate::text::encoding::{Verdict, decide};
use crate::text::window::count_newlines;

impl Item<'_> {
    /// Looks at the file and at all that it holds; the file system says that it has `size` bytes.
    pub fn file(&mut self, at: &Locator, file: File, size: u64) {
        if let Err(skip) = self.read(at, file, size) {
            self.skip(at.clone(), skip);
        }
    }

    /// The same, of a file whose first bytes were read by who hands it over.
    pub fn handed_file(&mut self, at: &Locator, mut file: File, size: u64) {
        match file.rewind() {
            Ok(()) => self.file(at, file, size),
            Err(e) => self.skip(at.clone(), e.into()),
        }
    }

    /// The same, of a file that is in memory already.
    pub fn handed_bytes(&mut self, at: &Locator, bytes: Vec<u8>) {
        let read = match extract::recognise(bytes.get(..SNIFF_BYTES).unwrap_or(&bytes)) {
            Some(format) => self.small(at, format, bytes),
            None => self.whole(at, bytes),
        };
        if let Err(skip) = read {
            self.skip(at.clone(), skip);
        }
    }

    fn read(&mut self, at: &Locator, file: File, size: u64) -> Result<(), Skip> {
        // A file may grow while it is read, and those of /proc give without end what they call empty.
        let most = size.saturating_add(self.limits.max_input_bytes);
        let result = self.read_file(at, file, size, most);
        match result {
            Err(Skip::Unreadable(io::ErrorKind::FileTooLarge)) => {
                Err(Skip::OverBudget(Bound::InputBytes(most)))
            }
            result => result,
        }
    }

    fn read_file(
        &mut self,
        at: &Locator,
        mut file: File,
        size: u64,
        most: u64,
    ) -> Result<(), Skip> {
        let head = read_head(&mut file, SNIFF_BYTES.max(ONE_PIECE))?;
        let ended = head.len() < SNIFF_BYTES.max(ONE_PIECE);
        let sniffed = head.get(..SNIFF_BYTES).unwrap_or(&head);
        let Some(format) = extract::recognise(sniffed) else {
            self.tell_part(at, &head);
            return if ended {
                self.outcome.bytes += head.len() as u64;
                self.outcome.lines = Some(count_newlines(&head));
                self.text_bytes(at, &head);
                Ok(())
            } else {
                self.outcome.lines = Some(0);
                let whole = AtMost { from: io::Cursor::new(head).chain(file), left: most };
                self.text_stream(at, whole, None)
            };
        };
        let streams = format.stream(at, Box::new(io::empty())).is_some();
        let max = self.limits.max_input_bytes;
        if ended {
            if self.defers && size <= max && head.len() as u64 <= max {
                self.deferred = Some(head);
                return Ok(());
            }
            return self.small(at, format, head);
        }
        // Where no worker can be had it goes on here.
        if let Some(walls) = self.walls.filter(|_| size <= max || streams)
            && let Some(done) =
                self.beyond(walls, at, Handed::File { file: &file, size, streams }, &head)
        {
            return done;
        }
        if streams {
            file.seek(SeekFrom::Start(head.len() as u64))?;
            let whole = Box::new(head.as_slice().chain(file.try_clone()?));
            if let Some(streamed) = self.streamed(at, format, whole, size)? {
                return streamed;
            }
        }
        // No text, or damaged from the start: the extractor says how. It gets all of the file.
        file.seek(SeekFrom::Start(head.len() as u64))?;
        if size > max {
            // What a text scan of the raw bytes finds is better than nothing; the record tells.
            let whole = AtMost { from: io::Cursor::new(head).chain(file), left: most };
            let text = self.text_stream(at, whole, Some(format).filter(|f| !f.is_text()));
            return Err(text.err().unwrap_or(Skip::OverBudget(Bound::InputBytes(max))));
        }
        let mut bytes = head;
        file.by_ref().take(max.saturating_add(1)).read_to_end(&mut bytes)?;
        self.whole(at, bytes)
    }

    /// Tells of what is by its name a later part of an archive, and by its bytes no text.
    pub(super) fn tell_part(&mut self, at: &Locator, bytes: &[u8]) {
        if let Some(skip) = extract::later_part(&at.name())
            && decide(head_of(bytes)).encoding == Encoding::Binary
        {
            self.skip(at.clone(), skip);
        }
    }

    /// A file that was read in full to know its format.
    fn small(
        &mut self,
        at: &Locator,
        format: &'static dyn Extractor,
        bytes: Vec<u8>,
    ) -> Result<(), Skip> {
        if let Some(walls) = self.walls
            && let Some(done) = self.beyond(walls, at, Handed::Bytes(&bytes), &bytes)
        {
            return done;
        }
        let size = bytes.len() as u64;
        if let Some(streamed) = self.streamed(at, format, Box::new(bytes.as_slice()), size)? {
            return streamed;
        }
        self.whole(at, bytes)
    }

    /// All of a file, in memory.
    fn whole(&mut self, at: &Locator, bytes: Vec<u8>) -> Result<(), Skip> {
        let max = self.limits.max_input_bytes;
        self.outcome.bytes += bytes.len() as u64;
        if bytes.len() as u64 > max {
            return Err(Skip::OverBudget(Bound::InputBytes(max)));
        }
        let budget = Budget::new(self.limits, bytes.len() as u64);
        let mut budget = budget.with_passwords(self.passwords);
        self.unpack(Content::Bytes { at: at.clone(), bytes }, &mut budget);
        Ok(())
    }

    /// Has the file opened by a worker process. `None` where there is none.
    fn beyond(
        &mut self,
        walls: &Walls,
        at: &Locator,
        what: Handed<'_>,
        head: &[u8],
    ) -> Option<Result<(), Skip>> {
        let skips = self.outcome.skips.len();
        let mut nothing = true;
        let done = walls.read(at, what, self.trace, &mut |told| {
            nothing &= matches!(told, Told::Skipped { .. } | Told::Saw { in_name: true, .. });
            self.hear(told);
        })?;
        Some(match done {
            Ok(bytes) => {
                self.outcome.bytes += bytes;
                Ok(())
            }
            Err(skip) => {
                if matches!(skip, Skip::Worker(End::Answer)) {
                    // Who is caught lying may have made up what was not read; a finding can be checked.
                    self.outcome.skips.truncate(skips);
                }
                // Its first bytes are text to look at, as with every format that does not open.
                self.outcome.bytes += head.len() as u64;
                if nothing {
                    let why = "no worker opened it";
                    self.text_bytes_as(at, head, Verdict { encoding: Encoding::Binary, why });
                }
                Err(skip)
            }
        })
    }

    /// What a worker told of a small file, of which it read so many bytes.
    pub fn take(&mut self, told: Vec<Told>, bytes: u64) {
        self.outcome.bytes += bytes;
        told.into_iter().for_each(|told| self.hear(told));
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Saw { at, media_type, in_name, evidence } => {
                self.push(at, media_type, vec![evidence], in_name);
            }
            Told::Skipped { at, skip } => self.skip(at, skip),
        }
    }

    /// A compressed text of any length goes through in windows; `None` if it is no text.
    fn streamed(
        &mut self,
        at: &Locator,
        format: &'static dyn Extractor,
        whole: Box<dyn Read + '_>,
        packed: u64,
    ) -> Result<Option<Result<(), Skip>>, Skip> {
        let Some((inner, mut from)) = format.stream(at, whole) else {
            return Ok(None);
        };
        let peeked = read_head(&mut from, SNIFF_BYTES);
        let is_text = peeked.as_ref().is_ok_and(|inner| {
            inner.len() == SNIFF_BYTES
                && extract::recognise(inner).is_none()
                && decide(inner).encoding != Encoding::Binary
        });
        let (true, Ok(peeked)) = (is_text, peeked) else { return Ok(None) };
        self.trace.step(Step::Opened { at, format: format.name(), bytes: 0 });
        self.name(&inner, &inner.name());
        let most = packed.saturating_mul(self.limits.max_ratio).max(self.limits.ratio_after_bytes);
        let unpacked = AtMost { from: io::Cursor::new(peeked).chain(from), left: most };
        let ratio = self.limits.max_ratio;
        let done = self.text_stream(&inner, unpacked, None).map_err(|skip| match skip {
            Skip::Unreadable(io::ErrorKind::FileTooLarge) => Skip::OverBudget(Bound::Ratio(ratio)),
            // A read error of the decoder, not of the disk.
            Skip::Unreadable(_) => {
                Skip::damaged(format.name(), "stream does not decode to its end")
            }
            other => other,
        });
        Ok(Some(done))
    }
}

/// A stream that fails when it gives more than it may: a text of any length goes through, a bomb
/// does not.
struct AtMost<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for AtMost<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !out.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let n = self.from.read(&mut out[..most])?;
        self.left -= n as u64;
        Ok(n)
    }
}
