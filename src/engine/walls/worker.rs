//! The inside of the walls: a process that opens what it is handed, and tells what it saw.
//!
//! It is this same program. Standard input is its socket to the parent; it has nothing else. It works
//! off one file after the other until the socket closes.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

use super::confine::{close_inherited, confine};
use super::shown::{Shown, Watch};
use super::wire::{self, Answer, Found, Job, MAX_JOB, Missed, Place, Reply, Setup};
use crate::detect::Rules;
use crate::engine::tesseract::{PagesOf, WordTable};
use crate::engine::{Item, OwnReader, PageReader, STACK_BYTES, Step, Trace};
use crate::error::{Bound, End, Error, Skip};
use crate::flow::Locator;
use crate::patterns::Patterns;

/// Read from the socket at once.
const CHUNK: usize = 64 << 10;

/// Serves the parent at the other end of standard input until it hangs up.
///
/// `Err` where standard input is no socket of a parent: somebody has started this by hand.
pub fn serve() -> Result<(), Error> {
    let by_hand =
        || Error::Usage("this command is for the program itself: it starts its own workers".into());
    close_inherited();
    let socket = io::stdin().as_fd().try_clone_to_owned().map_err(|_| by_hand())?;
    let mut jobs =
        Jobs { socket: UnixStream::from(socket), buffer: Vec::new(), files: VecDeque::new() };
    let Ok(Some(setup)) = jobs.next_frame::<Setup>() else { return Err(by_hand()) };
    let walls = confine(setup.max_memory_bytes, setup.max_cpu_seconds);
    // The parent says whether that is enough; it must not be wrong about it.
    let walled = walls.landlock && walls.seccomp;
    if !(walled || setup.lenient) {
        let _ = jobs.say(&Answer::Ready { landlock: walls.landlock, seccomp: walls.seccomp });
        return Ok(());
    }
    let patterns = Patterns::with_own(setup.patterns.clone())?;
    hang_up_together(&jobs.socket)?;
    jobs.say(&Answer::Ready { landlock: walls.landlock, seccomp: walls.seccomp })
        .map_err(|_| by_hand())?;
    let work = thread::Builder::new()
        .name("work".into())
        .stack_size(STACK_BYTES)
        .spawn(move || work(jobs, &setup, Arc::new(patterns)));
    match work {
        // The parent reads of a panic outside of all guards from the closed socket.
        Ok(work) => drop(work.join()),
        Err(e) => return Err(Error::Threads(e.to_string())),
    }
    Ok(())
}

/// Ends this process when the parent is gone, also in the middle of a file.
fn hang_up_together(socket: &UnixStream) -> Result<(), Error> {
    let socket = socket.try_clone().map_err(|e| Error::Threads(e.to_string()))?;
    let watch = move || {
        // Nothing is read here: only the end of the other side counts.
        let mut wait = [PollFd::new(&socket, PollFlags::RDHUP)];
        while let Err(rustix::io::Errno::INTR) = poll(&mut wait, None) {}
        std::process::exit(0);
    };
    let started = thread::Builder::new().name("watch".into()).stack_size(64 << 10).spawn(watch);
    started.map(drop).map_err(|e| Error::Threads(e.to_string()))
}

fn work(jobs: Jobs, setup: &Setup, patterns: Arc<Patterns>) {
    let rules = Rules::new(&patterns);
    let mut readers: Vec<Box<dyn PageReader>> = Vec::new();
    if setup.pages {
        readers.push(Box::new(OwnReader));
    }
    let Ok(out) = jobs.socket.try_clone() else { return };
    let out = Mutex::new(Outbox { socket: out, pending: Vec::new(), urgent: false });
    let relay = Arc::new(Relay { out, watch: setup.watch });
    let jobs = Arc::new(Mutex::new(jobs));
    if setup.ocr {
        let ask = AskParent { jobs: jobs.clone(), relay: relay.clone() };
        readers.push(Box::new(PagesOf(ask)));
    }
    let next = || jobs.lock().unwrap_or_else(|broken| broken.into_inner()).next_job();
    while let Ok(Some((job, what))) = next() {
        let at = Locator::file(&job.name);
        let Setup { limits, passwords, newest_year, .. } = setup;
        let mut item = Item::new(&rules, limits, passwords, &*relay, *newest_year);
        item.page_readers = &readers;
        match what {
            Handed::Bytes(bytes) => item.handed_bytes(&at, bytes),
            Handed::File(file) => item.handed_file(&at, file, job.size),
        }
        let bytes = item.outcome.bytes;
        // Of several files the answers go up together.
        let last = jobs.lock().unwrap_or_else(|broken| broken.into_inner()).buffer.is_empty();
        if relay.say(&Answer::Done { bytes }, last).is_err() {
            return;
        }
    }
}

/// Has a page read by a program of the parent's.
struct AskParent {
    jobs: Arc<Mutex<Jobs>>,
    relay: Arc<Relay>,
}

impl WordTable for AskParent {
    fn table(&self, page: Vec<u8>, dpi: Option<f32>, _left: Duration) -> Result<Vec<u8>, Skip> {
        let failed = || Skip::Panicked { stage: "tesseract" };
        let bytes = u32::try_from(page.len()).map_err(|_| failed())?;
        let asked = self.relay.say(&Answer::Page { bytes, dpi }, true);
        asked.and_then(|()| self.relay.raw(&page)).map_err(|_| failed())?;
        let mut jobs = self.jobs.lock().unwrap_or_else(|broken| broken.into_inner());
        match jobs.next_frame::<Reply>() {
            Ok(Some(Reply::Table(length))) => {
                jobs.next_bytes(length as usize).ok().flatten().ok_or_else(failed)
            }
            Ok(Some(Reply::Slow(seconds))) => Err(Skip::OverBudget(Bound::ReadSeconds(seconds))),
            Ok(Some(Reply::Failed) | None) | Err(_) => Err(failed()),
        }
    }
}

enum Handed {
    Bytes(Vec<u8>),
    File(File),
}

/// What comes down the socket.
struct Jobs {
    socket: UnixStream,
    buffer: Vec<u8>,
    files: VecDeque<OwnedFd>,
}

impl Jobs {
    fn say(&mut self, answer: &Answer) -> io::Result<()> {
        let mut frame = Vec::new();
        wire::put(&mut frame, answer)?;
        self.socket.write_all(&frame)
    }

    /// `None` at the end.
    fn next_job(&mut self) -> Result<Option<(Job, Handed)>, End> {
        let Some(job) = self.next_frame::<Job>()? else { return Ok(None) };
        let what = match job.bytes {
            Some(length) => {
                let Some(bytes) = self.next_bytes(length as usize)? else { return Ok(None) };
                Handed::Bytes(bytes)
            }
            None => Handed::File(self.files.pop_front().ok_or(End::Answer)?.into()),
        };
        Ok(Some((job, what)))
    }

    fn next_bytes(&mut self, length: usize) -> Result<Option<Vec<u8>>, End> {
        while self.buffer.len() < length {
            if !self.more()? {
                return Ok(None);
            }
        }
        let rest = self.buffer.split_off(length);
        Ok(Some(std::mem::replace(&mut self.buffer, rest)))
    }

    fn next_frame<T: for<'de> serde::Deserialize<'de>>(&mut self) -> Result<Option<T>, End> {
        loop {
            if let Some((frame, taken)) = wire::take(&self.buffer, MAX_JOB)? {
                self.buffer.drain(..taken);
                return Ok(Some(frame));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Reads on, and takes descriptors that come with it. False at the end.
    fn more(&mut self) -> Result<bool, End> {
        let from = self.buffer.len();
        self.buffer.resize(from + CHUNK, 0);
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let got = loop {
            let into = self.buffer.get_mut(from..).unwrap_or_default();
            match recvmsg(
                &self.socket,
                &mut [IoSliceMut::new(into)],
                &mut control,
                RecvFlags::CMSG_CLOEXEC,
            ) {
                Err(rustix::io::Errno::INTR) => {}
                got => break got.map_err(|_| End::Answer)?,
            }
        };
        self.buffer.truncate(from + got.bytes);
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(files) = message {
                self.files.extend(files);
            }
        }
        Ok(got.bytes > 0)
    }
}

/// Tells the parent what is seen while it is seen: what was found before a decoder fails is kept.
pub(super) struct Relay {
    out: Mutex<Outbox>,
    watch: Watch,
}

struct Outbox {
    socket: UnixStream,
    pending: Vec<u8>,
    /// Something was seen that must not be lost; the ends of files can be had again.
    urgent: bool,
}

/// Answers that wait for more of them; a decoder is never run before they are gone.
const MAX_PENDING: usize = 256 << 10;

impl Relay {
    pub(super) fn say(&self, answer: &Answer, now: bool) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(|broken| broken.into_inner());
        wire::put(&mut out.pending, answer)?;
        out.urgent |= !matches!(answer, Answer::Done { .. });
        if now || out.pending.len() > MAX_PENDING { out.flush() } else { Ok(()) }
    }

    fn flush(&self) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(|broken| broken.into_inner());
        if out.urgent { out.flush() } else { Ok(()) }
    }

    pub(super) fn raw(&self, bytes: &[u8]) -> io::Result<()> {
        self.out.lock().unwrap_or_else(|broken| broken.into_inner()).socket.write_all(bytes)
    }
}

impl Outbox {
    fn flush(&mut self) -> io::Result<()> {
        if !self.pending.is_empty() {
            self.socket.write_all(&self.pending)?;
            self.pending.clear();
            self.urgent = false;
        }
        Ok(())
    }
}

impl Trace for Relay {
    fn step(&self, step: Step<'_>) {
        let shown = Shown::of(&step, self.watch).map(|shown| Answer::Step(Box::new(shown)));
        let shown = shown.map_or(Ok(()), |shown| self.say(&shown, false));
        let said = match step {
            Step::Saw { at, media_type, in_name, evidence } => {
                let evidence = Box::new(Found::from(evidence));
                let media_type = media_type.to_owned();
                self.say(&Answer::Saw { at: at.into(), media_type, in_name, evidence }, false)
            }
            Step::Skipped { at, skip } => {
                self.say(&Answer::Skipped { at: Place::from(at), skip: Missed::from(skip) }, false)
            }
            Step::Opened { at, .. } | Step::Picture { at, .. } => {
                let flushed = self.flush();
                #[cfg(debug_assertions)]
                super::misbehave::now(at, self);
                #[cfg(not(debug_assertions))]
                let _ = at;
                flushed
            }
            Step::Text { .. } | Step::Name { .. } | Step::Looked { .. } => Ok(()),
        };
        if shown.and(said).is_err() {
            // The parent is gone.
            std::process::exit(0);
        }
    }
    fn watches_pictures(&self) -> bool {
        self.watch > Watch::Nothing
    }
}
