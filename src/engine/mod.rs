//! Candidates through the stages, many at a time; records to the sink.
//!
//! ```text
//! walk --(one at a time, on demand)--> rayon workers --(bounded channel)--> one sink thread
//! ```
//! A slow sink slows the workers; a failing one ends the run. A panic costs one content.

mod beside;
mod child;
mod intake;
mod item;
mod looked;
mod open;
mod page;
mod run;
mod square;
mod tesseract;
mod trace;
mod walls;

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::detect::Rules;
use crate::error::Error;
use crate::flow::{Agent, Candidate, Finding, LocationOut, Locator, Record};
use crate::judge::{Facts, Item as Judged, Judge};
use crate::limits::{Limits, Passwords};
use crate::patterns::Patterns;
use crate::source::{Proposal, Visited, check_root, walk};

pub use item::{Item, Outcome, Seen};
pub use looked::{Hits, Looked, Resume};
pub use page::{OwnReader, PageReader};
pub use run::{Progress, RunError, Summary};
pub use tesseract::{PagesOf, Tesseract, WordTable};
pub use trace::{Silent, Step, Trace};
pub use walls::{
    COMMAND as WORKER_COMMAND, Needs, PROGRAM_COMMAND, Sandbox, Walls, Watch, Workers,
    become_program, heard as heard_from_worker, serve as serve_worker, this_program,
};

/// Stack of a worker: parsers of nested formats recurse.
const STACK_BYTES: usize = 16 << 20;

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
    /// Roots whose findings are of another sector than the judge's.
    sectors: HashMap<PathBuf, String>,
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
            sectors: HashMap::new(),
        }
    }

    /// Has the norms of these sectors told for what lies below these roots.
    pub fn with_sectors(self, sectors: HashMap<PathBuf, String>) -> Engine {
        Engine { sectors, ..self }
    }

    /// No file is looked at for longer: a worker's time, twice if it crashed, and what a text
    /// of any length may take.
    pub fn longest_look(&self) -> Duration {
        Duration::from_secs(self.limits.max_seconds.saturating_mul(3).saturating_add(600))
    }

    /// Worker processes that were started so far.
    pub fn worker_starts(&self) -> u64 {
        self.walls.as_ref().map_or(0, Walls::starts)
    }

    /// Who speaks, as records tell it.
    pub fn agent(&self) -> Agent {
        self.judge.agent()
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

    /// Looks at one file; the bytes that were read come with its records.
    pub fn file(&self, candidate: &Candidate, trace: &dyn Trace) -> (Vec<Record>, u64) {
        let mut item = self.item(trace);
        let facts = begin(&mut item, candidate);
        let outcome = item.outcome;
        (self.records(candidate, facts.as_ref(), &outcome), outcome.bytes)
    }

    /// Looks at one file, unless it is a small one for a worker: those wait for others, since a
    /// worker takes a few as fast as one.
    fn begin(&self, candidate: Candidate) -> Begun {
        let mut item = self.item(&Silent);
        item.defers = self.walls.as_ref().is_some_and(Walls::takes_many);
        let facts = begin(&mut item, &candidate);
        let (outcome, deferred) = (item.outcome, item.deferred);
        match (deferred, facts) {
            (Some(bytes), Some(facts)) => Begun::Waits(Box::new(Waiting {
                at: Locator::file(candidate.path.clone()),
                candidate,
                facts,
                outcome,
                bytes,
            })),
            (_, facts) => {
                Begun::Done(self.records(&candidate, facts.as_ref(), &outcome), outcome.bytes)
            }
        }
    }

    /// Looks at small files that have waited, all in one worker; `done` gets what came of each.
    fn finish(&self, waiting: Vec<Waiting>, done: &mut dyn FnMut(Vec<Record>, u64)) {
        let jobs: Vec<_> = waiting.iter().map(|w| (&w.at, w.bytes.as_slice())).collect();
        let mut told = match &self.walls {
            Some(walls) => walls.read_many(&jobs),
            None => Vec::new(),
        };
        told.resize_with(waiting.len(), || None);
        for (Waiting { at, candidate, facts, outcome, bytes }, told) in
            waiting.into_iter().zip(told)
        {
            let mut item = self.item(&Silent);
            item.outcome = outcome;
            match told {
                Some((told, read)) => item.take(told, read),
                // The worker ended before, maybe over another one of them: each by itself.
                None => item.handed_bytes(&at, bytes),
            }
            let outcome = item.outcome;
            done(self.records(&candidate, Some(&facts), &outcome), outcome.bytes);
        }
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
        let Engine { rules, limits, passwords, newest_year, .. } = self;
        let page_readers = &self.page_readers;
        let walls = self.walls.as_ref();
        Item { page_readers, walls, ..Item::new(rules, limits, passwords, trace, *newest_year) }
    }

    fn records(
        &self,
        candidate: &Candidate,
        facts: Option<&Metadata>,
        outcome: &Outcome,
    ) -> Vec<Record> {
        let is_file = facts.is_some_and(Metadata::is_file);
        // Files with findings are few: they are read again for their digest.
        let digest = (is_file && !outcome.seen.is_empty())
            .then(|| digest_of(candidate, self.limits.max_input_bytes))
            .flatten();
        let found = self.findings(candidate, facts, outcome, digest.as_deref());
        let mut records: Vec<_> = found.into_iter().map(|f| Record::Finding(Box::new(f))).collect();
        for (at, skip) in &outcome.skips {
            records.push(Record::Skip(Box::new(self.judge.skip(&candidate.root, at, skip))));
        }
        records
    }
}

impl Engine {
    /// What was seen, judged, as far as it is sure enough to be told.
    fn findings(
        &self,
        candidate: &Candidate,
        facts: Option<&Metadata>,
        outcome: &Outcome,
        digest: Option<&str>,
    ) -> Vec<Finding> {
        let facts = facts.map(Facts::from).unwrap_or_default();
        let mut findings = Vec::new();
        for seen in &outcome.seen {
            let item = Judged {
                root: &candidate.root,
                at: &seen.at,
                facts: &facts,
                media_type: seen.media_type,
                digest,
                sector: self.sectors.get(&candidate.root).map(String::as_str),
            };
            let found = self.judge.findings(&item, seen.evidence.clone());
            findings.extend(found.into_iter().filter(|f| f.confidence >= self.min_confidence));
        }
        findings
    }
}

/// Name, opening and content of a file, in this order; what the file system says of it, if it opened.
fn begin(item: &mut Item<'_>, candidate: &Candidate) -> Option<Metadata> {
    let at = Locator::file(candidate.path.clone());
    item.name(&at, &at.name());
    match open::open(candidate) {
        Ok(opened) => {
            item.file(&at, opened.file, opened.facts.len());
            Some(opened.facts)
        }
        Err(skip) => {
            item.skip(at, skip);
            None
        }
    }
}

/// A file that was looked at, or one that waits for company.
enum Begun {
    Done(Vec<Record>, u64),
    Waits(Box<Waiting>),
}

/// A small file, in memory, of a format for a worker.
struct Waiting {
    at: Locator,
    candidate: Candidate,
    facts: Metadata,
    /// What was seen in its name.
    outcome: Outcome,
    bytes: Vec<u8>,
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
