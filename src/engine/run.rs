//! A run: proposals to the workers of a pool, records to the sink, numbers for who watches.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::{io, thread};

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::{Begun, Engine, STACK_BYTES, Silent, Waiting};
use crate::error::{Error, Skip};
use crate::flow::{Candidate, Finding, Kind, Locator, Record};
use crate::sink::Sink;
use crate::source::{Proposal, Visited, walk};

/// Records between workers and sink.
const CHANNEL: usize = 1024;
/// Small files that are handed to a worker process together: so many, and of so many bytes that they
/// fit into a socket at once.
const TOGETHER: usize = 16;
const TOGETHER_BYTES: usize = 64 << 10;

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
                    .for_each_with(Thread::new(&scan), |thread, p| thread.proposal(p));
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
    fn deliver(
        &self,
        sender: &SyncSender<Record>,
        records: Vec<Record>,
        bytes: u64,
        files: u64,
        folders: u64,
    ) {
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.progress.files.fetch_add(files, Ordering::Relaxed);
        {
            let mut summary = self.summary.lock().unwrap_or_else(|broken| broken.into_inner());
            summary.bytes += bytes;
            summary.files += files;
            summary.folders += folders;
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

    fn lost(&self, candidate: &Candidate) -> Vec<Record> {
        let at = Locator::file(candidate.path.clone());
        let skip = Skip::Panicked { stage: "engine" };
        vec![Record::Skip(Box::new(self.engine.judge.skip(&candidate.root, &at, &skip)))]
    }
}

/// What one thread of the pool has in hand. Small files wait here until there are a few; those that
/// are left go when the thread is done.
struct Thread<'s> {
    scan: &'s Scan<'s>,
    sender: SyncSender<Record>,
    waiting: Vec<Waiting>,
    bytes: usize,
}

impl<'s> Thread<'s> {
    fn new(scan: &'s Scan<'s>) -> Thread<'s> {
        Thread { scan, sender: scan.sender.clone(), waiting: Vec::new(), bytes: 0 }
    }

    fn proposal(&mut self, proposal: Proposal) {
        let scan = self.scan;
        if scan.stop.load(Ordering::Relaxed) {
            return;
        }
        match proposal {
            Proposal::File(candidate) => {
                // Decoders are guarded one by one; this is for what is between them.
                let begin = || scan.engine.begin(candidate.clone());
                match catch_unwind(AssertUnwindSafe(begin)) {
                    Ok(Begun::Done(records, bytes)) => {
                        scan.deliver(&self.sender, records, bytes, 1, 0);
                    }
                    Ok(Begun::Waits(file)) => {
                        if self.bytes + file.bytes.len() > TOGETHER_BYTES {
                            self.finish();
                        }
                        self.bytes += file.bytes.len();
                        self.waiting.push(*file);
                        if self.waiting.len() >= TOGETHER {
                            self.finish();
                        }
                    }
                    Err(_) => scan.deliver(&self.sender, scan.lost(&candidate), 0, 1, 0),
                }
            }
            Proposal::Folder(candidate) => {
                let records = scan.engine.folder(&candidate, &Silent);
                scan.deliver(&self.sender, records, 0, 0, 1);
            }
            Proposal::Skipped { candidate, at, skip } => {
                let record = scan.engine.judge.skip(&candidate.root, &at, &skip);
                let files = u64::from(!matches!(skip, Skip::Unreadable(_)));
                scan.deliver(&self.sender, vec![Record::Skip(Box::new(record))], 0, files, 0);
            }
        }
    }

    fn finish(&mut self) {
        self.bytes = 0;
        let waiting = std::mem::take(&mut self.waiting);
        let scan = self.scan;
        if waiting.is_empty() || scan.stop.load(Ordering::Relaxed) {
            return;
        }
        let candidates: Vec<Candidate> = waiting.iter().map(|w| w.candidate.clone()).collect();
        let mut done = 0;
        let sender = &self.sender;
        let all = catch_unwind(AssertUnwindSafe(|| {
            scan.engine.finish(waiting, &mut |records, bytes| {
                done += 1;
                scan.deliver(sender, records, bytes, 1, 0);
            });
        }));
        if all.is_err() {
            for candidate in candidates.iter().skip(done) {
                scan.deliver(sender, scan.lost(candidate), 0, 1, 0);
            }
        }
    }
}

impl Clone for Thread<'_> {
    /// Another thread begins with nothing in hand.
    fn clone(&self) -> Self {
        Thread { scan: self.scan, sender: self.sender.clone(), waiting: Vec::new(), bytes: 0 }
    }
}

impl Drop for Thread<'_> {
    fn drop(&mut self) {
        self.finish();
    }
}
