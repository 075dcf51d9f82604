//! One worker, seen from outside: started, handed a file, listened to, ended.

use std::fs;
use std::io::{self, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use super::wire::{self, Answer, MAX_ANSWER, MAX_ANSWERS};
use crate::error::End;

/// How often a waiting parent looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// A worker that takes no job for so long is not there.
const SEND_TIME: Duration = Duration::from_secs(30);
/// For a worker to be ready: patterns are compiled meanwhile, on a machine that may be busy.
const START_TIME: Duration = Duration::from_secs(60);
/// Read from the socket at once.
const CHUNK: usize = 64 << 10;
/// Of its last words.
const MAX_STDERR: usize = 16 << 10;
/// Reads of standard error in a row.
const MAX_LISTEN: usize = 64;

/// A running worker.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    socket: UnixStream,
    /// Came and was not yet taken.
    buffer: Vec<u8>,
    stderr: Option<ChildStderr>,
    /// The end of what it has written there.
    last_words: Vec<u8>,
    /// Came since it was handed a file.
    received: usize,
    /// Longest that an answer, and all on one file, may be.
    bounds: (usize, usize),
    /// Files it was handed.
    pub served: u64,
    pub landlock: bool,
    pub seccomp: bool,
}

/// Why no further answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It took longer than it may.
    Late,
    /// It ran out of memory.
    Memory,
    Other(End),
}

impl From<End> for Silence {
    fn from(end: End) -> Silence {
        Silence::Other(end)
    }
}

impl Worker {
    /// Starts one and waits until its walls stand. `first` is the frame that it begins with.
    pub fn start(program: &Path, args: &[&str], first: &[u8]) -> Result<Worker, Silence> {
        let none = |_: io::Error| Silence::Other(End::NotStarted);
        let (ours, theirs) = UnixStream::pair().map_err(none)?;
        ours.set_read_timeout(Some(TICK)).map_err(none)?;
        ours.set_write_timeout(Some(SEND_TIME)).map_err(none)?;
        let mut child = Command::new(program)
            .args(args)
            .env_clear()
            // Every arena of the allocator reserves address space, which is bounded.
            .env("MALLOC_ARENA_MAX", "1")
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(none)?;
        let stderr = child.stderr.take();
        if let Some(stderr) = &stderr {
            rustix::fs::fcntl_setfl(stderr, OFlags::NONBLOCK).map_err(|e| none(e.into()))?;
        }
        let mut worker = Worker {
            child,
            socket: ours,
            buffer: Vec::new(),
            stderr,
            last_words: Vec::new(),
            received: 0,
            bounds: (MAX_ANSWER, MAX_ANSWERS),
            served: 0,
            landlock: false,
            seccomp: false,
        };
        let sent = worker.socket.write_all(first).is_ok();
        match worker.answer(Instant::now() + START_TIME, START_TIME) {
            Ok(Answer::Ready { landlock, seccomp }) if sent => {
                (worker.landlock, worker.seccomp) = (landlock, seccomp);
                Ok(worker)
            }
            Ok(_) | Err(_) => Err(Silence::Other(End::NotStarted)),
        }
    }

    /// Takes answers of any length, as one who watches does.
    pub fn without_bounds(mut self) -> Worker {
        self.bounds = (u32::MAX as usize, usize::MAX);
        self
    }

    /// Hands it so many jobs, with an open file where there is one.
    pub fn ask(&mut self, frame: &[u8], file: Option<&fs::File>, jobs: u64) -> io::Result<()> {
        self.served += jobs;
        self.received = 0;
        self.listen();
        if !self.buffer.is_empty() {
            // It went on after the end of its last file.
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut rest = frame;
        if let Some(file) = file {
            let files = [file.as_fd()];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            control.push(SendAncillaryMessage::ScmRights(&files));
            let slices = [IoSlice::new(frame)];
            let sent = sendmsg(&self.socket, &slices, &mut control, SendFlags::NOSIGNAL)?;
            rest = frame.get(sent..).unwrap_or_default();
        }
        self.socket.write_all(rest)
    }

    /// The next answer. Waits until `end` at most, and for a worker that does nothing for `stall`.
    pub fn answer(&mut self, end: Instant, stall: Duration) -> Result<Answer, Silence> {
        let mut busy: Option<(u64, Instant)> = None;
        loop {
            if let Some((answer, taken)) = wire::take(&self.buffer, self.bounds.0)? {
                self.buffer.drain(..taken);
                return Ok(answer);
            }
            match self.more() {
                Ok(0) => return Err(self.post_mortem()),
                Ok(n) => {
                    self.received = self.received.saturating_add(n);
                    if self.received > self.bounds.1 {
                        return Err(End::Answer.into());
                    }
                    continue;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Err(self.post_mortem()),
            }
            let now = Instant::now();
            if now >= end {
                return Err(Silence::Late);
            }
            // No answer for a tick: does it wait to be heard, or compute at all?
            if self.listen() {
                busy = None;
                continue;
            }
            let used = self.cpu_ticks();
            match busy {
                Some((before, since)) if before == used => {
                    if now.duration_since(since) >= stall {
                        return Err(End::Stalled(stall.as_secs()).into());
                    }
                }
                _ => busy = Some((used, now)),
            }
        }
    }

    /// Bytes that follow an answer.
    pub fn bytes(&mut self, length: usize, end: Instant) -> Result<Vec<u8>, Silence> {
        while self.buffer.len() < length {
            match self.more() {
                Ok(0) => return Err(self.post_mortem()),
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock && Instant::now() < end => {}
                Err(_) => return Err(Silence::Late),
            }
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// Answers a question of its own.
    pub fn reply(&mut self, frame: &[u8]) -> Result<(), Silence> {
        self.socket.write_all(frame).map_err(|_| self.post_mortem())
    }

    fn more(&mut self) -> io::Result<usize> {
        let from = self.buffer.len();
        self.buffer.resize(from + CHUNK, 0);
        let got = self.socket.read(self.buffer.get_mut(from..).unwrap_or_default());
        self.buffer.truncate(from + *got.as_ref().unwrap_or(&0));
        got
    }

    /// Takes what it has written to standard error: a decoder may be talkative, and a full pipe would
    /// stop the worker. One that writes without end is heard for a while only. Whether there was any.
    fn listen(&mut self) -> bool {
        let Some(stderr) = &mut self.stderr else { return false };
        let mut heard = false;
        let mut chunk = vec![0; CHUNK];
        // Nothing more to be read for now, or ever, ends it.
        for _ in 0..MAX_LISTEN {
            let Ok(n @ 1..) = stderr.read(&mut chunk) else { break };
            heard = true;
            self.last_words.extend_from_slice(chunk.get(..n).unwrap_or_default());
            let over = self.last_words.len().saturating_sub(MAX_STDERR);
            self.last_words.drain(..over);
        }
        heard
    }

    /// Processor time that it has used, in ticks of the kernel (mostly 10 ms).
    pub fn cpu_ticks(&self) -> u64 {
        // Gone: then the socket tells.
        let stat =
            fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // "pid (name) state ...": a name may hold anything, so count from behind it. User and system
        // time are fields 14 and 15.
        let after = stat.rsplit(')').next().unwrap_or_default();
        after
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum()
    }

    /// How it ended, of a worker that has hung up.
    fn post_mortem(&mut self) -> Silence {
        // A worker that has closed its socket without ending is ended.
        let _ = self.child.kill();
        let Ok(status) = self.child.wait() else { return End::Crashed(None).into() };
        self.listen();
        // The words of Rust's own runtime; nothing else in there is looked at or shown.
        let says =
            |phrase: &str| memchr::memmem::find(&self.last_words, phrase.as_bytes()).is_some();
        match status.signal() {
            Some(libc::SIGSYS) => End::Forbidden.into(),
            _ if says("memory allocation of") => Silence::Memory,
            _ if says("has overflowed its stack") => End::Stack.into(),
            Some(libc::SIGXCPU) => Silence::Late,
            // Our own: it had closed the socket, which no worker does.
            Some(libc::SIGKILL) => End::Crashed(None).into(),
            signal => End::Crashed(signal).into(),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only where it has ended and was waited for already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
