//! Complex formats are opened behind walls: in worker processes that have no files, no network and
//! bounded memory and time.
//!
//! ```text
//! parent: opens the file --(descriptor, or its bytes)--> worker: unpacks, decodes, looks
//!         judges, masks  <--(what was seen, bounded)----
//! ```
//! A worker is this same program. One that crashes, hangs or lies costs the file it was reading a
//! skip record; what it had told before is kept, and the next file gets another worker. A crash may
//! be the fault of an earlier file, so the file is tried once more with a fresh worker, never a third
//! time.

mod child;
mod confine;
#[cfg(debug_assertions)]
mod misbehave;
mod shown;
mod wire;
mod worker;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::tesseract::{MAX_PAGE_BYTES, WordTable};
use super::trace::{Silent, Trace};
use crate::error::{Bound, End, Error, Skip};
use crate::flow::Locator;
use crate::limits::{Limits, Passwords};
use crate::patterns::Patterns;
use child::{Silence, Worker};
pub use shown::Watch;
pub use wire::Told;
use wire::{Answer, Customs, Job, Reply, Setup};
pub use worker::serve;

/// The name of the command that makes this program a worker.
pub const COMMAND: &str = "sandboxed-worker";

/// The name of the command that walls a foreign program in and becomes it.
pub const PROGRAM_COMMAND: &str = "sandboxed-program";

/// What is taken of the bytes that a worker sends up about a file: for whoever wants to lie like one.
pub fn heard(bytes: &[u8], file: &Locator, patterns: &Patterns, limits: &Limits) -> Vec<Told> {
    let customs = Customs { patterns, limits, max_memory_bytes: 1 << 30 };
    let (mut rest, mut told) = (bytes, Vec::new());
    while let Ok(Some((answer, taken))) = wire::take::<Answer>(rest, wire::MAX_ANSWER) {
        rest = rest.get(taken..).unwrap_or_default();
        told.extend(customs.check(answer, file));
    }
    told
}

/// Whether complex formats are opened in worker processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Sandbox {
    /// In workers, with all that this kernel can do
    #[default]
    Auto,
    /// In workers with all walls, or not at all
    On,
    /// In this process
    Off,
}

/// Worker processes and their bounds; what a file may cost is in [`Limits`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Workers {
    pub mode: Sandbox,
    /// Address space.
    pub max_memory_bytes: u64,
    /// A worker that uses no processor time for so long is ended.
    pub stall_seconds: u64,
    /// Files after which a worker is replaced by a fresh one.
    pub max_files: u64,
}

impl Default for Workers {
    fn default() -> Workers {
        let mode = Sandbox::default();
        Workers { mode, max_memory_bytes: 1 << 30, stall_seconds: 20, max_files: 1000 }
    }
}

/// A worker takes about 60 MiB to start, and a picture of 12 megapixels as much.
const MIN_MEMORY_BYTES: u64 = 128 << 20;

impl Workers {
    /// What is wrong with these bounds, if something is.
    fn check(&self) -> Result<(), String> {
        for (key, value, least) in [
            ("max_memory_bytes", self.max_memory_bytes, MIN_MEMORY_BYTES),
            ("stall_seconds", self.stall_seconds, 1),
            ("max_files", self.max_files, 1),
        ] {
            if value < least {
                return Err(format!("sandbox.{key} = {value}: give at least {least}"));
            }
        }
        Ok(())
    }
}

/// Processor time of one worker with all its files; hours, as compressed logs may be long.
const MAX_CPU_SECONDS: u64 = 4 * 3600;
/// Over the time that a file has: the worker is to end by itself first.
const GRACE: Duration = Duration::from_secs(5);
/// Packed bytes of a text stream that get one second more.
const STREAM_BYTES_PER_SECOND: u64 = 4 << 20;

/// The workers of a run.
pub struct Walls {
    program: PathBuf,
    /// Frame that every worker begins with.
    setup: Vec<u8>,
    patterns: Arc<Patterns>,
    limits: Limits,
    workers: Workers,
    watch: Watch,
    ocr: Option<Box<dyn WordTable>>,
    /// Ready and without work.
    idle: Mutex<Vec<Worker>>,
    /// That the kernel lacks walls was said.
    warned: AtomicBool,
    /// A worker has been ready once: that one does not start is no question of this machine.
    started: AtomicBool,
    /// No worker can be had; `auto` goes on without.
    gone: AtomicBool,
    /// Workers that were started so far.
    starts: AtomicU64,
}

/// What is handed over.
pub enum Handed<'a> {
    /// All of a small file.
    Bytes(&'a [u8]),
    /// An open file of this size. `streams`: one text of any length may be in it.
    File { file: &'a File, size: u64, streams: bool },
}

/// What a worker needs to know of the engine.
pub struct Needs<'a> {
    pub patterns: Arc<Patterns>,
    pub limits: &'a Limits,
    pub passwords: Passwords,
    pub newest_year: u32,
    pub pages: bool,
    /// A program that reads pages too: a worker starts none, the parent does it for it.
    pub ocr: Option<Box<dyn WordTable>>,
    pub watch: Watch,
}

impl Walls {
    /// Workers are started by running `program` with [`COMMAND`]. `None` where there are to be none.
    ///
    /// With [`Sandbox::On`] a first worker is started, and it is an error if it is not walled in from
    /// all sides.
    pub fn new(
        workers: Workers,
        program: PathBuf,
        needs: Needs<'_>,
    ) -> Result<Option<Walls>, Error> {
        workers.check().map_err(Error::Usage)?;
        if workers.mode == Sandbox::Off {
            return Ok(None);
        }
        let first = Setup {
            limits: needs.limits.clone(),
            passwords: needs.passwords,
            newest_year: needs.newest_year,
            patterns: needs.patterns.own.clone(),
            pages: needs.pages,
            ocr: needs.ocr.is_some(),
            max_memory_bytes: workers.max_memory_bytes,
            max_cpu_seconds: MAX_CPU_SECONDS,
            lenient: workers.mode == Sandbox::Auto,
            watch: needs.watch,
        };
        let mut setup = Vec::new();
        wire::put(&mut setup, &first).map_err(|e| Error::Threads(e.to_string()))?;
        let walls = Walls {
            program,
            setup,
            patterns: needs.patterns,
            limits: needs.limits.clone(),
            workers,
            watch: needs.watch,
            ocr: needs.ocr,
            idle: Mutex::new(Vec::new()),
            warned: AtomicBool::new(false),
            started: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            starts: AtomicU64::new(0),
        };
        if walls.workers.mode == Sandbox::On {
            const REMEDY: &str = "Run on a kernel with Landlock (5.13) and seccomp, or allow less with \
                                  --sandbox auto";
            let lacks = match walls.start() {
                Ok(worker) if worker.landlock && worker.seccomp => {
                    walls.idle().push(worker);
                    return Ok(Some(walls));
                }
                Ok(worker) => format!("{}. {REMEDY}", missing(&worker)),
                Err(_) => "no worker process can be started. It needs /proc, a process more, and \
                           sandbox.max_memory_bytes to start with"
                    .into(),
            };
            return Err(Error::Usage(format!("--sandbox on: {lacks}")));
        }
        Ok(Some(walls))
    }

    /// Has a worker look at the file; `take` gets what it saw, and `trace` its steps where they are
    /// watched. Returns the bytes that were read; `Err` where it was not read in full for a reason that
    /// the worker could not tell.
    ///
    /// `None`: there are no workers, and the caller may open it itself.
    pub fn read(
        &self,
        at: &Locator,
        what: Handed<'_>,
        trace: &dyn Trace,
        take: &mut dyn FnMut(Told),
    ) -> Option<Result<u64, Skip>> {
        if self.gone.load(Ordering::Relaxed) {
            return None;
        }
        let mut again = true;
        loop {
            let (mut worker, fresh) = match self.idle().pop() {
                Some(worker) => (worker, false),
                None => match self.start() {
                    Ok(worker) => (worker, true),
                    Err(_) => return self.without(),
                },
            };
            let mut told = Vec::new();
            // Who watches sees it in its order; else it waits, as the file may be tried again.
            let done = match self.watch {
                Watch::Nothing => {
                    self.ask(&mut worker, at, &what, trace, &mut |one| told.push(one))
                }
                Watch::Steps | Watch::Pixels => self.ask(&mut worker, at, &what, trace, take),
            };
            let crashed = matches!(done, Err(Silence::Other(End::Crashed(_)) | Silence::Memory));
            if crashed && !fresh && again && self.watch == Watch::Nothing {
                again = false;
                continue;
            }
            told.into_iter().for_each(&mut *take);
            return Some(match done {
                Ok(bytes) => {
                    if worker.served < self.workers.max_files {
                        self.idle().push(worker);
                    }
                    Ok(bytes)
                }
                Err(silence) => {
                    log::debug!("a worker was ended: {silence:?}");
                    Err(self.loss(silence))
                }
            });
        }
    }

    /// Whether [`Walls::read_many`] is worth its while: a program that reads pages answers in between.
    pub fn takes_many(&self) -> bool {
        self.ocr.is_none() && self.watch == Watch::Nothing && !self.gone.load(Ordering::Relaxed)
    }

    /// Has one worker look at several small files, handed over at once. `None` for those that it gave
    /// no end to: they are to be read one by one.
    pub fn read_many(&self, jobs: &[(&Locator, &[u8])]) -> Vec<Option<(Vec<Told>, u64)>> {
        let mut all: Vec<_> = jobs.iter().map(|_| None).collect();
        if jobs.len() < 2 {
            return all;
        }
        let mut frames = Vec::new();
        for (at, bytes) in jobs {
            if self.frame(at, bytes.len() as u64, Some(bytes), &mut frames).is_err() {
                return all;
            }
        }
        let idle = self.idle().pop();
        let Some(mut worker) = idle.or_else(|| self.start().ok()) else { return all }; // told by `read`
        let sent = worker.ask(&frames, None, jobs.len() as u64);
        let mut done = 0;
        for ((at, _), slot) in jobs.iter().zip(&mut all) {
            let mut told = Vec::new();
            let listen = self.listen(&mut worker, at, 0, &Silent, &mut |one| told.push(one));
            let Ok(bytes) = listen else { break };
            *slot = Some((told, bytes));
            done += 1;
        }
        if sent.is_ok() && done == jobs.len() && worker.served < self.workers.max_files {
            self.idle().push(worker);
        }
        all
    }

    fn frame(
        &self,
        at: &Locator,
        size: u64,
        bytes: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) -> Result<(), Silence> {
        let length = bytes.map(|b| u32::try_from(b.len()).unwrap_or(u32::MAX));
        let job = Job { name: at.name(), bytes: length, size };
        wire::put(out, &job).map_err(|_| End::NotStarted)?;
        out.extend_from_slice(bytes.unwrap_or_default());
        Ok(())
    }

    fn loss(&self, silence: Silence) -> Skip {
        match silence {
            Silence::Late => Skip::OverBudget(Bound::Seconds(self.limits.max_seconds)),
            Silence::Memory => Skip::OverBudget(Bound::MemoryBytes(self.workers.max_memory_bytes)),
            Silence::Other(end) => Skip::Worker(end),
        }
    }

    fn ask(
        &self,
        worker: &mut Worker,
        at: &Locator,
        what: &Handed<'_>,
        trace: &dyn Trace,
        take: &mut dyn FnMut(Told),
    ) -> Result<u64, Silence> {
        let (size, bytes, file, streams) = match what {
            Handed::Bytes(bytes) => (bytes.len() as u64, Some(*bytes), None, false),
            Handed::File { file, size, streams } => (*size, None, Some(*file), *streams),
        };
        let mut frame = Vec::with_capacity(256 + bytes.map_or(0, <[u8]>::len));
        self.frame(at, size, bytes, &mut frame)?;
        let more = if streams { size / STREAM_BYTES_PER_SECOND } else { 0 };
        let sent = worker.ask(&frame, file, 1);
        let done = self.listen(worker, at, more, trace, take);
        if sent.is_err() { Err(done.err().unwrap_or(End::Answer.into())) } else { done }
    }

    /// Takes the answers on one file until its end; it may take `more` seconds than others.
    fn listen(
        &self,
        worker: &mut Worker,
        at: &Locator,
        more: u64,
        trace: &dyn Trace,
        take: &mut dyn FnMut(Told),
    ) -> Result<u64, Silence> {
        let time = Duration::from_secs(self.limits.max_seconds.saturating_add(more)) + GRACE;
        // A clock that does not reach that far: there is no limit then but the stall.
        let end =
            Instant::now().checked_add(time).unwrap_or_else(|| Instant::now() + GRACE * 10_000);
        let stall = Duration::from_secs(self.workers.stall_seconds.max(1));
        let customs = Customs {
            patterns: &self.patterns,
            limits: &self.limits,
            max_memory_bytes: self.workers.max_memory_bytes,
        };
        // Ten answers for each member and some for the file: more is no honest file.
        let mut left = self.limits.max_members.saturating_mul(10).saturating_add(1000);
        loop {
            match worker.answer(end, stall)? {
                Answer::Done { bytes } => return Ok(bytes),
                Answer::Step(shown) if self.watch > Watch::Nothing => {
                    shown.replay(&customs, at, trace).ok_or(End::Answer)?;
                }
                Answer::Page { bytes, dpi } => {
                    left = left.checked_sub(1).ok_or(End::Answer)?;
                    self.page(worker, bytes as usize, dpi, end)?;
                }
                answer => {
                    left = left.checked_sub(1).ok_or(End::Answer)?;
                    take(customs.check(answer, at).ok_or(End::Answer)?);
                }
            }
            if Instant::now() >= end {
                return Err(Silence::Late);
            }
        }
    }

    /// Has a page read for a worker by the program that reads pages.
    fn page(
        &self,
        worker: &mut Worker,
        bytes: usize,
        dpi: Option<f32>,
        end: Instant,
    ) -> Result<(), Silence> {
        let Some(ocr) = self.ocr.as_ref().filter(|_| bytes <= MAX_PAGE_BYTES) else {
            return Err(End::Answer.into());
        };
        let page = worker.bytes(bytes, end)?;
        let dpi = dpi.filter(|dpi| (1.0..=10_000.0).contains(dpi));
        let read = ocr.table(page, dpi, end.saturating_duration_since(Instant::now()));
        let (reply, table) = match read {
            Ok(table) => (Reply::Table(u32::try_from(table.len()).unwrap_or(0)), table),
            Err(Skip::OverBudget(Bound::ReadSeconds(n))) => (Reply::Slow(n), Vec::new()),
            Err(_) => (Reply::Failed, Vec::new()), // told by the worker, with the page
        };
        let mut frame = Vec::new();
        wire::put(&mut frame, &reply).map_err(|_| End::Answer)?;
        frame.extend_from_slice(&table);
        worker.reply(&frame)
    }

    /// Workers that were started so far, for those that crashed, hung or were worn out.
    pub fn starts(&self) -> u64 {
        self.starts.load(Ordering::Relaxed)
    }

    fn start(&self) -> Result<Worker, Silence> {
        let worker = Worker::start(&self.program, &[COMMAND], &self.setup)?;
        self.starts.fetch_add(1, Ordering::Relaxed);
        self.started.store(true, Ordering::Relaxed);
        let walled = worker.landlock && worker.seccomp;
        if !walled && !self.warned.swap(true, Ordering::Relaxed) {
            log::warn!(
                "files are opened in worker processes that are not walled in from all sides: {}",
                missing(&worker)
            );
        }
        Ok(if self.watch > Watch::Nothing { worker.without_bounds() } else { worker })
    }

    /// No worker starts. Where one has before, this file is lost; else there is no sandbox here, and
    /// `auto` (with `on` one has started) goes on without.
    fn without<T>(&self) -> Option<Result<T, Skip>> {
        if self.started.load(Ordering::Relaxed) {
            return Some(Err(Skip::Worker(End::NotStarted)));
        }
        if !self.gone.swap(true, Ordering::Relaxed) {
            log::warn!("no worker process can be started: files are opened without a sandbox");
        }
        None
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(|broken| broken.into_inner())
    }
}

fn missing(worker: &Worker) -> String {
    let lacks: Vec<&str> = [("Landlock", worker.landlock), ("seccomp", worker.seccomp)]
        .iter()
        .filter_map(|(name, there)| (!there).then_some(*name))
        .collect();
    format!("this kernel does not enforce {}", lacks.join(" and "))
}

/// The program that is running, also after the file it was started from is replaced.
pub fn this_program() -> io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if own.exists() { Ok(own) } else { std::env::current_exe() }
}

/// Walls this process in, then becomes `program`. Returns only if that cannot be.
pub fn become_program(
    max_memory_bytes: u64,
    max_cpu_seconds: u64,
    program: &Path,
    args: &[OsString],
) -> Error {
    let more = std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from);
    confine::close_inherited();
    // What the kernel lacks was told when the first worker started.
    confine::confine_program(program, more.as_deref(), max_memory_bytes, max_cpu_seconds);
    let source = Command::new(program).args(args).exec();
    Error::Input { what: "program", path: program.to_path_buf(), source }
}
