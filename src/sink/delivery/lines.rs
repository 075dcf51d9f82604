//! Whole lines into a descriptor, through writes that may stop anywhere.
//!
//! A line that a full disk cut in two is gone on with when it comes again, as long as nothing else happened to the
//! file; else its half is closed by a newline, so that two records never stand in one line.

use std::io::{self, Write};

use super::{Parcel, Refusal};

/// What an earlier write left unfinished.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// A newline, or nothing at all.
    #[default]
    Closed,
    /// So many bytes of the line of this parcel.
    Half { seq: u64, written: usize },
    /// Something that nobody goes on with.
    Torn,
}

/// How far it came.
pub(super) struct Progress {
    /// Lines that are whole now.
    pub whole: usize,
    pub tail: Tail,
    pub failed: Option<io::Error>,
}

/// A line break in a line would make two records of one. Nothing but a fault of this program makes such a line.
pub(super) fn refuse_broken(parcel: &Parcel<'_>) -> Result<(), Refusal> {
    if parcel.line.bytes().any(|b| b == b'\n' || b == b'\r') {
        let reason = "the record has a line break in it".into();
        return Err(Refusal::Never { seq: parcel.seq, reason });
    }
    Ok(())
}

/// Writes the batch in as few calls as the receiver allows, after what `tail` needs.
pub(super) fn write(out: &mut impl Write, batch: &[Parcel<'_>], tail: Tail) -> Progress {
    let mut bytes = Vec::new();
    // Where each line ends in `bytes`.
    let mut ends = Vec::with_capacity(batch.len());
    // Bytes of the first line that were written before.
    let mut before = 0;
    let mut closing = 0;
    match (tail, batch.first()) {
        (Tail::Half { seq, written }, Some(first))
            if first.seq == seq && written <= first.line.len() =>
        {
            before = written;
        }
        (Tail::Half { .. } | Tail::Torn, Some(_)) => {
            bytes.push(b'\n');
            closing = 1;
        }
        _ => {}
    }
    for (n, parcel) in batch.iter().enumerate() {
        let skip = if n == 0 { before } else { 0 };
        bytes.extend_from_slice(parcel.line.as_bytes().get(skip..).unwrap_or_default());
        bytes.push(b'\n');
        ends.push(bytes.len());
    }
    let mut done = 0;
    let mut failed = None;
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match out.write(rest) {
            Ok(0) => {
                failed = Some(io::ErrorKind::WriteZero.into());
                break;
            }
            Ok(n) => done = done.saturating_add(n),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => {
                failed = Some(e);
                break;
            }
        }
    }
    let whole = ends.iter().take_while(|end| **end <= done).count();
    let begun = match whole.checked_sub(1) {
        Some(last) => done.saturating_sub(ends.get(last).copied().unwrap_or_default()),
        None => done.saturating_add(before).saturating_sub(closing),
    };
    let tail = match batch.get(whole) {
        _ if done == 0 => tail,
        Some(parcel) if begun > 0 => Tail::Half { seq: parcel.seq, written: begun },
        _ => Tail::Closed,
    };
    Progress { whole, tail, failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `room` bytes, `step` at a time, then is full.
    struct Disk {
        bytes: Vec<u8>,
        room: usize,
        step: usize,
    }

    impl Write for Disk {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            let n = buf.len().min(self.step).min(self.room - self.bytes.len());
            if n == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.bytes.extend_from_slice(&buf[..n]);
            Ok(n)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const LINES: [&str; 3] = ["{\"a\":1}", "{}", "{\"long\":\"2222\"}"];

    fn batch() -> Vec<Parcel<'static>> {
        LINES.iter().zip(10..).map(|(line, seq)| Parcel { seq, line }).collect()
    }

    #[test]
    fn a_disk_that_fills_anywhere_leaves_whole_lines_once_there_is_room() {
        let whole: String = LINES.iter().map(|l| format!("{l}\n")).collect();
        for first in 0..=whole.len() {
            for second in first..=whole.len() {
                for step in [1, 3, 1000] {
                    let mut disk = Disk { bytes: Vec::new(), room: first, step };
                    let (mut at, mut tail) = (0, Tail::Closed);
                    for room in [first, second, 1000] {
                        disk.room = room;
                        let progress = write(&mut disk, &batch()[at..], tail);
                        at += progress.whole;
                        tail = progress.tail;
                        assert_eq!(progress.failed.is_none(), at == LINES.len());
                    }
                    assert_eq!(String::from_utf8(disk.bytes).unwrap(), whole, "{first} {second}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_come_again_is_closed_and_does_not_mix() {
        let mut disk = Disk { bytes: Vec::new(), room: 3, step: 1000 };
        let progress = write(&mut disk, &batch(), Tail::Closed);
        assert_eq!((progress.whole, progress.tail), (0, Tail::Half { seq: 10, written: 3 }));
        disk.room = 1000;
        // The first was made a dead letter meanwhile.
        let progress = write(&mut disk, &batch()[1..], progress.tail);
        assert_eq!((progress.whole, progress.tail), (2, Tail::Closed));
        assert_eq!(disk.bytes, b"{\"a\n{}\n{\"long\":\"2222\"}\n");
    }

    #[test]
    fn a_full_disk_forgets_no_torn_line() {
        let mut disk = Disk { bytes: b"x".to_vec(), room: 1, step: 1 };
        assert_eq!(write(&mut disk, &batch(), Tail::Torn).tail, Tail::Torn);
        disk.room = 2; // the newline alone
        let progress = write(&mut disk, &batch(), Tail::Torn);
        assert_eq!((progress.whole, progress.tail), (0, Tail::Closed));
        disk.room = 1000;
        assert_eq!(write(&mut disk, &batch(), progress.tail).whole, 3);
        assert!(disk.bytes.starts_with(b"x\n{\"a\":1}\n{}\n"));
    }
}
