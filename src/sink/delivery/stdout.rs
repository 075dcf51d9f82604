//! JSON lines to the standard output, for a supervisor or a pipe that keeps them.
//!
//! Acknowledged is what the operating system took (and, where it is a file, wrote to the disk): a reader that dies
//! after it read has lost what it read. systemd cuts lines of more than 48 KiB; to the journal goes the journald sink.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use super::lines::{self, Tail};
use super::{Acknowledging, Parcel, Refusal};

/// Writes without a buffer of its own, so that what is not taken is not held back either.
pub struct Stdout {
    name: String,
    out: File,
    tail: Tail,
}

impl Stdout {
    /// The standard output of this process.
    pub fn new(name: &str) -> io::Result<Stdout> {
        Ok(Stdout::on(name, File::from(io::stdout().as_fd().try_clone_to_owned()?)))
    }

    fn on(name: &str, out: File) -> Stdout {
        Stdout { name: name.into(), out, tail: Tail::Closed }
    }
}

impl Acknowledging for Stdout {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, batch: &[Parcel<'_>]) -> Result<usize, Refusal> {
        let Some(first) = batch.first() else { return Ok(0) };
        lines::refuse_broken(first)?;
        let good = batch.iter().take_while(|p| lines::refuse_broken(p).is_ok()).count();
        let progress =
            lines::write(&mut self.out, batch.get(..good).unwrap_or_default(), self.tail);
        self.tail = progress.tail;
        if self.out.metadata().is_ok_and(|m| m.is_file()) {
            self.out.sync_data().map_err(|e| later(&e))?;
        }
        match progress.failed {
            Some(e) if progress.whole == 0 => Err(later(&e)),
            _ => Ok(progress.whole),
        }
    }
}

fn later(e: &io::Error) -> Refusal {
    let reason = match e.kind() {
        io::ErrorKind::BrokenPipe => "nobody reads the standard output any more".to_string(),
        io::ErrorKind::WouldBlock => "the reader of the standard output is behind".to_string(),
        _ => format!("cannot write to the standard output: {e}"),
    };
    Refusal::Later(reason, None)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::OwnedFd;

    use super::*;

    fn parcels<'a>(lines: &[&'a str]) -> Vec<Parcel<'a>> {
        lines.iter().zip(1..).map(|(line, seq)| Parcel { seq, line }).collect()
    }

    fn pipe() -> (File, File) {
        let (read, write) = io::pipe().unwrap();
        (OwnedFd::from(read).into(), OwnedFd::from(write).into())
    }

    #[test]
    fn lines_come_out_whole_and_a_dead_reader_is_a_reason_to_wait() {
        let (mut read, write) = pipe();
        let mut sink = Stdout::on("out", write);
        assert_eq!(sink.deliver(&parcels(&["{}", "{\"a\":1}"])), Ok(2));
        let mut seen = [0u8; 11];
        read.read_exact(&mut seen).unwrap();
        assert_eq!(&seen, b"{}\n{\"a\":1}\n");
        drop(read);
        let refused = sink.deliver(&parcels(&["{}"]));
        assert!(matches!(refused, Err(Refusal::Later(why, None)) if why.contains("nobody reads")));
    }

    #[test]
    fn a_slow_reader_gets_each_line_once() {
        let (mut read, write) = pipe();
        rustix::io::ioctl_fionbio(&write, true).unwrap();
        let mut sink = Stdout::on("out", write);
        let line = format!("{{\"x\":\"{}\"}}", "y".repeat(50_000));
        let batch = parcels(&[&line, &line, &line]);
        let (mut at, mut out, mut refusals) = (0, Vec::new(), 0);
        while at < batch.len() {
            match sink.deliver(&batch[at..]) {
                Ok(n) => at += n,
                Err(Refusal::Later(why, _)) => {
                    assert!(why.contains("behind"), "{why}");
                    refusals += 1;
                    let mut some = vec![0; 40_000];
                    let n = read.read(&mut some).unwrap();
                    out.extend_from_slice(&some[..n]);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        drop(sink);
        read.read_to_end(&mut out).unwrap();
        assert!(refusals > 0);
        assert_eq!(String::from_utf8(out).unwrap(), format!("{line}\n").repeat(3));
    }

    #[test]
    fn a_full_disk_is_a_reason_to_wait() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let refused = Stdout::on("out", full).deliver(&parcels(&["{}"]));
        assert!(matches!(refused, Err(Refusal::Later(why, None)) if why.contains("space")));
    }

    #[test]
    fn a_line_break_is_a_dead_letter_and_those_before_it_are_not() {
        let (mut read, write) = pipe();
        let mut sink = Stdout::on("out", write);
        let batch = parcels(&["{}", "{\n}"]);
        assert_eq!(sink.deliver(&batch), Ok(1));
        assert!(matches!(sink.deliver(&batch[1..]), Err(Refusal::Never { seq: 2, .. })));
        drop(sink);
        let mut out = String::new();
        read.read_to_string(&mut out).unwrap();
        assert_eq!(out, "{}\n");
    }
}
