//! Candidates through the stages, many at a time; records to the sink.
//!
//! ```text
//! walk --(one at a time, on demand)--> rayon workers --(bounded channel)--> one sink thread
//! ```
//! A slow sink slows the workers; a failing one ends the run. A panic costs one content.

mod beside;
mod child;
mod item;
mod open;
mod page;
mod square;
mod tesseract;
mod trace;
mod walls;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::{io, thread};

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::detect::Rules;
use crate::error::{Error, Skip};
use crate::flow::{Candidate, Finding, Kind, LocationOut, Locator, Record};
use crate::judge::{Facts, Item as Judged, Judge};
use crate::limits::{Limits, Passwords};
use crate::patterns::Patterns;
use crate::sink::Sink;
use crate::source::{Proposal, Visited, check_root, walk};

pub use item::{Item, Outcome, Seen};
pub use page::{OwnReader, PageReader};
pub use tesseract::{PagesOf, Tesseract, WordTable};
pub use trace::{Silent, Step, Trace};
pub use walls::{
    COMMAND as WORKER_COMMAND, Needs, PROGRAM_COMMAND, Sandbox, Walls, Watch, Workers,
    become_program, serve as serve_worker, this_program,
};

/// Stack of a worker: parsers of nested formats recurse.
const STACK_BYTES: usize = 16 << 20;
/// Records between workers and sink.
const CHANNEL: usize = 1024;

/// Everything that looking at a candidate needs; shared by all workers.
pub struct Engine {
    rules: Rules,
    limits: Limits,
    passwords: Passwords,
    judge: Judge,
    min_confidence: f64,
    newest_year: u32,
    page_readers: Vec<Box<dyn PageReader>>,
    walls: Option<Walls>,
}

/// Numbers of a run, readable while it goes on.
#[derive(Debug, Default)]
pub struct Progress {
    pub files: AtomicU64,
    pub bytes: AtomicU64,
    pub findings: AtomicU64,
    pub skips: AtomicU64,
}

/// What a run came to.
#[derive(Debug, Default, Clone)]
pub struct Summary {
    pub files: u64,
    pub folders: u64,
    pub bytes: u64,
    /// Findings by kind.
    pub found: BTreeMap<Kind, u64>,
    /// Skip records by reason.
    pub skipped: BTreeMap<String, u64>,
    /// A finding at or over the severity that was asked about.
    pub failed: bool,
}

impl Engine {
    /// `newest_year` is the two-digit year that stamps in texts are not newer than.
    pub fn new(
        patterns: &Arc<Patterns>,
        judge: Judge,
        limits: Limits,
        min_confidence: f64,
        newest_year: u32,
    ) -> Engine {
        let rules = Rules::new(patterns);
        Engine {
            rules,
            limits,
            passwords: Passwords::default(),
            judge,
            min_confidence,
            newest_year,
            page_readers: Vec::new(),
            walls: None,
        }
    }

    /// Has locked archives and documents tried with these. Workers learn them from [`Needs`].
    pub fn with_passwords(self, passwords: Passwords) -> Engine {
        Engine { passwords, ..self }
    }

    /// Has complex formats opened by worker processes.
    pub fn with_walls(self, walls: Option<Walls>) -> Engine {
        Engine { walls, ..self }
    }

    /// Has the text of whole pages in pictures read too, by each of these.
    pub fn with_page_readers(self, page_readers: Vec<Box<dyn PageReader>>) -> Engine {
        Engine { page_readers, ..self }
    }

    /// Looks at one file.
    pub fn file(&self, candidate: &Candidate, trace: &dyn Trace) -> (Vec<Record>, u64) {
        let at = Locator::file(candidate.path.clone());
        let mut item = self.item(trace);
        item.name(&at, &at.name());
        let facts = match open::open(candidate) {
            Ok(opened) => {
                let facts = opened.facts.clone();
                item.file(&at, opened.file, facts.len());
                Some(facts)
            }
            Err(skip) => {
                item.skip(at, skip);
                None
            }
        };
        let outcome = item.outcome;
        (self.records(candidate, facts.as_ref(), &outcome), outcome.bytes)
    }

    /// Looks at the name of a folder.
    pub fn folder(&self, candidate: &Candidate, trace: &dyn Trace) -> Vec<Record> {
        let at = Locator::file(candidate.path.clone());
        let mut item = self.item(trace);
        item.name(&at, &at.name());
        if item.outcome.seen.is_empty() {
            return Vec::new();
        }
        let facts = std::fs::symlink_metadata(&candidate.path).ok(); // gone meanwhile: the name was still seen
        let outcome = item.outcome;
        self.records(candidate, facts.as_ref(), &outcome)
    }

    /// Findings under this are not reported.
    pub fn min_confidence(&self) -> f64 {
        self.min_confidence
    }

    /// A place as it may be shown: personal numbers in names masked.
    pub fn place(&self, at: &Locator) -> LocationOut {
        self.judge.place(at)
    }

    fn item<'e>(&'e self, trace: &'e dyn Trace) -> Item<'e> {
        Item {
            rules: &self.rules,
            limits: &self.limits,
            passwords: &self.passwords,
            trace,
            newest_year: self.newest_year,
            page_readers: &self.page_readers,
            walls: self.walls.as_ref(),
            outcome: Outcome::default(),
            typed: Default::default(),
        }
    }

    fn records(
        &self,
        candidate: &Candidate,
        facts: Option<&std::fs::Metadata>,
        outcome: &Outcome,
    ) -> Vec<Record> {
        let mut records = Vec::new();
        let is_file = facts.is_some_and(std::fs::Metadata::is_file);
        let facts = facts.map(Facts::from).unwrap_or_default();
        // Files with findings are few: they are read again for their digest.
        let digest = (is_file && !outcome.seen.is_empty())
            .then(|| digest_of(candidate, self.limits.max_input_bytes))
            .flatten();
        for seen in &outcome.seen {
            let item = Judged {
                root: &candidate.root,
                at: &seen.at,
                facts: &facts,
                media_type: seen.media_type,
                digest: digest.as_deref(),
            };
            let found = self.judge.findings(&item, seen.evidence.clone());
            let sure = found.into_iter().filter(|f| f.confidence >= self.min_confidence);
            records.extend(sure.map(|f| Record::Finding(Box::new(f))));
        }
        for (at, skip) in &outcome.skips {
            records.push(Record::Skip(Box::new(self.judge.skip(&candidate.root, at, skip))));
        }
        records
    }

    /// Scans `roots` with `jobs` threads. `fail_on` is asked of every finding. Returns when all
    /// records are with the sink.
    pub fn run(
        &self,
        roots: Vec<PathBuf>,
        jobs: usize,
        sink: &mut dyn Sink,
        progress: &Progress,
        fail_on: &(dyn Fn(&Finding) -> bool + Sync),
    ) -> Result<Summary, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .stack_size(STACK_BYTES)
            .thread_name(|i| format!("scan-{i}"))
            .build()
            .map_err(|e| RunError::Run(Error::Threads(e.to_string())))?;
        let summary = Mutex::new(Summary::default());
        let stop = AtomicBool::new(false);
        let (sender, receiver) = sync_channel::<Record>(CHANNEL);
        let written = thread::scope(|scope| {
            let stop = &stop;
            let writer = scope.spawn(move || -> io::Result<()> {
                let mut result = Ok(());
                for record in receiver {
                    if result.is_ok() {
                        result = sink.accept(&record);
                        if result.is_err() {
                            stop.store(true, Ordering::Relaxed);
                        }
                    }
                }
                result.and_then(|()| sink.flush())
            });
            let scan = Scan { engine: self, sender, progress, summary: &summary, fail_on, stop };
            let visited = Visited::new(&roots);
            pool.install(|| {
                let proposals = roots
                    .iter()
                    .flat_map(|root| walk(root, &visited))
                    .take_while(|_| !stop.load(Ordering::Relaxed));
                proposals
                    .par_bridge()
                    .for_each_with(scan.sender.clone(), |sender, p| scan.proposal(sender, p));
            });
            drop(scan);
            writer.join().unwrap_or_else(|_| Err(io::Error::other("the writer failed")))
        });
        written.map_err(RunError::Sink)?;
        Ok(summary.into_inner().unwrap_or_else(|broken| broken.into_inner()))
    }
}

/// Why a run ended early.
#[derive(Debug)]
pub enum RunError {
    Run(Error),
    /// The sink could not write; the caller knows its name.
    Sink(io::Error),
}

/// A run, as the workers see it.
struct Scan<'s> {
    engine: &'s Engine,
    sender: SyncSender<Record>,
    progress: &'s Progress,
    summary: &'s Mutex<Summary>,
    fail_on: &'s (dyn Fn(&Finding) -> bool + Sync),
    stop: &'s AtomicBool,
}

impl Scan<'_> {
    fn proposal(&self, sender: &SyncSender<Record>, proposal: Proposal) {
        if self.stop.load(Ordering::Relaxed) {
            return;
        }
        let (records, bytes, is_file) = match &proposal {
            Proposal::File(candidate) => {
                // Decoders are guarded one by one; this is for what is between them.
                let looked =
                    catch_unwind(AssertUnwindSafe(|| self.engine.file(candidate, &Silent)));
                let (records, bytes) = looked.unwrap_or_else(|_| {
                    let at = Locator::file(candidate.path.clone());
                    let skip = Skip::Panicked { stage: "engine" };
                    (
                        vec![Record::Skip(Box::new(self.engine.judge.skip(
                            &candidate.root,
                            &at,
                            &skip,
                        )))],
                        0,
                    )
                });
                (records, bytes, true)
            }
            Proposal::Folder(candidate) => (self.engine.folder(candidate, &Silent), 0, false),
            Proposal::Skipped { candidate, at, skip } => {
                let record = self.engine.judge.skip(&candidate.root, at, skip);
                (vec![Record::Skip(Box::new(record))], 0, !matches!(skip, Skip::Unreadable(_)))
            }
        };
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.progress.files.fetch_add(u64::from(is_file), Ordering::Relaxed);
        {
            let mut summary = self.summary.lock().unwrap_or_else(|broken| broken.into_inner());
            summary.bytes += bytes;
            summary.files += u64::from(is_file);
            summary.folders += u64::from(matches!(proposal, Proposal::Folder(_)));
            for record in &records {
                match record {
                    Record::Finding(finding) => {
                        self.progress.findings.fetch_add(1, Ordering::Relaxed);
                        *summary.found.entry(finding.kind).or_default() += 1;
                        summary.failed |= (self.fail_on)(finding);
                    }
                    Record::Skip(skip) => {
                        self.progress.skips.fetch_add(1, Ordering::Relaxed);
                        *summary.skipped.entry(skip.reason.clone()).or_default() += 1;
                    }
                }
            }
        }
        for record in records {
            // The writer is gone only when it failed, and then the run ends anyway.
            let _ = sender.send(record);
        }
    }
}

/// Fails on the first root that cannot be scanned at all.
pub fn check_roots(roots: &[PathBuf]) -> Result<(), Error> {
    roots.iter().try_for_each(|root| check_root(root))
}

/// BLAKE3 of the file as it is now, if it is not over `max_bytes`.
fn digest_of(candidate: &Candidate, max_bytes: u64) -> Option<String> {
    use std::io::Read;
    // Gone or locked since it was read: the finding stands without a digest.
    let opened = open::open(candidate).ok()?;
    if opened.facts.len() > max_bytes {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut opened.file.take(max_bytes), &mut hasher).ok()?;
    Some(format!("blake3:{}", hasher.finalize().to_hex()))
}

/// All bytes of the regular files below `roots`, for a progress bar.
pub fn total_bytes(roots: &[PathBuf], so_far: &AtomicU64, stop: &AtomicBool) {
    for root in roots {
        for proposal in walk(root, &Visited::default()) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            if let Proposal::File(candidate) = proposal {
                so_far.fetch_add(size_of(&candidate.path), Ordering::Relaxed);
            }
        }
    }
}

fn size_of(path: &Path) -> u64 {
    std::fs::symlink_metadata(path).map_or(0, |m| m.len()) // gone meanwhile: nothing to read
}
