//! The one thread that writes: what came of looks, many in a transaction.
//!
//! The transaction with a file's entry has its findings and their records in the outbox too; only
//! then its ticket counts as done, and the pass may move its cursor over it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::fault;
use super::work::Ticket;
use crate::flow::{Finding, SkipRecord, Stamp};
use crate::state::{
    Changed, Commit, Content, Entry, Generation, Key, Outcome, Place, Seen, State, StateError,
};

/// Outcomes that are put into one transaction, and how long the first of them waits for others.
const BATCH: usize = 256;
const GATHER: Duration = Duration::from_millis(20);
/// What is gone turns up elsewhere within this and twice the time that a file is let rest, if it
/// was rotated.
pub const GRACE: Duration = Duration::from_secs(4);
/// What the state calls the time up to which lost texts were dealt with.
pub const RESOLVED_UNTIL: &str = "resolved_until";

/// Where an entry is, as the state knows it.
#[derive(Debug, Clone, Copy)]
pub struct At {
    pub root: Key,
    pub folder: Key,
    pub key: Key,
}

/// What came of one job.
#[derive(Debug)]
pub struct Report {
    /// Number of the root, for the metrics.
    pub root: usize,
    pub at: At,
    pub what: What,
    pub ticket: Option<Arc<Ticket>>,
    /// Of a job: its entry, which nobody else looks at until this is durable, and what was read.
    pub job: Option<(PathBuf, u64)>,
}

#[derive(Debug)]
pub enum What {
    /// It is as it was.
    Same,
    File(Box<File>),
    /// A folder that was not known; what is in its name.
    Folder(Vec<Finding>, Generation),
    /// Something that is not read: a link, a device, a folder that does not open.
    Note(Box<SkipRecord>),
    /// It is not there any more.
    Gone,
    /// As [`What::Gone`], of entries whose names are not known any more: `key` of the report is that
    /// of their folder.
    Missing(Vec<u64>),
}

/// A file that was looked at.
#[derive(Debug)]
pub struct File {
    pub facts: u64,
    pub generation: Generation,
    pub seen: Seen,
    pub findings: Vec<Finding>,
    pub skips: Vec<SkipRecord>,
    pub crashed: bool,
    /// The system did not give it, or not all of it.
    pub unreadable: bool,
    /// So much was read.
    pub bytes: u64,
    /// Everything that was found in it was told before.
    pub nothing_new: bool,
    /// Its name is one that a rotated text has.
    pub rotated: bool,
    /// Its findings are told under this; its own place unless it is a rotated text.
    pub told_at: Place,
    pub tail: TailChange,
}

/// What becomes of what is known of a text.
#[derive(Debug)]
pub enum TailChange {
    /// Nothing is known, and nothing to be known.
    None,
    /// What lay here is not here any more, nor any other text that may grow.
    Forget,
    /// This text lies here now. With an id: one that was known, here or elsewhere.
    Keep { id: Option<i64>, content: Box<Content> },
}

/// What the writer tells those who watch it.
pub trait Watcher: Send {
    /// These are durable.
    fn committed(&mut self, reports: &[Report], changed: &[(usize, Changed)]);
    /// The state takes nothing just now; tried again.
    fn failed(&mut self, error: &StateError);
    fn recovered(&mut self);
}

/// Writes until the senders are gone.
pub fn write(
    state: &mut State,
    reports: &Receiver<Report>,
    now: &dyn Fn() -> Stamp,
    grace: Duration,
    watcher: &mut dyn Watcher,
    stop: &dyn Fn() -> bool,
) {
    loop {
        let Ok(first) = reports.recv() else { return };
        let mut batch = vec![first];
        let until = Instant::now() + GATHER;
        while batch.len() < BATCH {
            let left = until.saturating_duration_since(Instant::now());
            match reports.recv_timeout(left) {
                Ok(report) => batch.push(report),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        if !durable(state, batch, now, grace, watcher, stop) {
            return;
        }
    }
}

/// Tries until it is done; false where all is to end before.
fn durable(
    state: &mut State,
    batch: Vec<Report>,
    now: &dyn Fn() -> Stamp,
    grace: Duration,
    watcher: &mut dyn Watcher,
    stop: &dyn Fn() -> bool,
) -> bool {
    let mut wait = Duration::from_millis(100);
    let mut has_failed = false;
    loop {
        fault::point("before_commit");
        let stamp = now();
        let done = state.commit(|commit| {
            let mut changed = Vec::new();
            for report in &batch {
                let of = one(commit, report, grace, &stamp)?;
                changed.extend(of.map(|of| (report.root, of)));
            }
            Ok(changed)
        });
        match done {
            Ok(changed) => {
                fault::point("committed");
                if has_failed {
                    watcher.recovered();
                }
                for ticket in batch.iter().filter_map(|report| report.ticket.as_ref()) {
                    ticket.done();
                }
                watcher.committed(&batch, &changed);
                return true;
            }
            Err(e) => {
                has_failed = true;
                watcher.failed(&e);
                // What is not written is looked at again after the next start.
                if stop() {
                    return false;
                }
                std::thread::sleep(wait);
                wait = (wait * 2).min(Duration::from_secs(10));
            }
        }
    }
}

fn one(
    commit: &Commit<'_>,
    report: &Report,
    grace: Duration,
    now: &Stamp,
) -> Result<Option<Changed>, StateError> {
    let At { root, folder, key } = report.at;
    match &report.what {
        What::Same => Ok(None),
        What::File(file) => {
            let changed = of_file(commit, report.at, file, grace, now)?;
            Ok(Some(changed))
        }
        What::Folder(findings, generation) => {
            let (name, generation) = (key.short(), *generation);
            if commit.entry(folder, name)?.is_some_and(|before| !before.outcome.is_folder()) {
                forget(commit, root, folder, name, now, &mut Changed::default())?;
            }
            let seen = Seen::Whole;
            let changed = commit.found(root, key.place(), seen, findings.clone(), now)?;
            let outcome = Outcome::folder().with_findings(changed.open > 0);
            commit.put(folder, Entry { name, facts: 0, generation, outcome, note: 0 })?;
            Ok(Some(changed))
        }
        What::Note(skip) => {
            let before = commit.entry(folder, key.short())?;
            let note = note_of(std::slice::from_ref(skip.as_ref()));
            if before.is_some_and(|b| b.note == note && b.facts == 0 && b.outcome.has_skips()) {
                return Ok(None);
            }
            commit.post(&serde_json::to_string(skip)?, now.millis)?;
            // A folder that does not open now stays one: what is known of it is not lost.
            let known = before.map_or(Outcome::file(), |b| b.outcome);
            let outcome = known.with_skips(true);
            let generation = Generation::default();
            commit.put(folder, Entry { name: key.short(), facts: 0, generation, outcome, note })?;
            Ok(Some(Changed::default()))
        }
        What::Gone => {
            let mut changed = Changed::default();
            forget(commit, root, folder, key.short(), now, &mut changed)?;
            Ok(Some(changed))
        }
        What::Missing(names) => {
            let mut changed = Changed::default();
            for name in names {
                forget(commit, root, key, *name, now, &mut changed)?;
            }
            Ok(Some(changed))
        }
    }
}

fn of_file(
    commit: &Commit<'_>,
    at: At,
    file: &File,
    grace: Duration,
    now: &Stamp,
) -> Result<Changed, StateError> {
    let (name, place) = (at.key.short(), at.key.place());
    let mut before = commit.entry(at.folder, name)?;
    if before.is_some_and(|b| b.outcome.is_folder()) {
        forget(commit, at.root, at.folder, name, now, &mut Changed::default())?;
        before = None;
    }
    match &file.tail {
        TailChange::None => {}
        TailChange::Forget => leave(commit, file, place, now)?,
        TailChange::Keep { id, content } => {
            leave(commit, file, place, now)?;
            commit.keep_tail(*id, place, at.folder, file.told_at, content)?;
            fault::point("tail_kept");
        }
    }
    let since = now.millis - grace.as_millis() as i64;
    // What is elsewhere is not gone because it is not here.
    let elsewhere = file.seen == Seen::Whole && commit.stream_lives(file.told_at, place, since)?;
    let (seen, findings) = match elsewhere {
        true if file.nothing_new => (Seen::Part, Vec::new()),
        true => (Seen::Appended { from: 0 }, file.findings.clone()),
        false => (file.seen, file.findings.clone()),
    };
    let changed = commit.found(at.root, file.told_at, seen, findings, now)?;
    let note = note_of(&file.skips);
    let known = before.is_some_and(|b| b.note == note && b.facts == file.facts);
    if !known {
        for skip in &file.skips {
            commit.post(&serde_json::to_string(skip)?, now.millis)?;
        }
    }
    fault::point("findings_written");
    let outcome = Outcome::file()
        .with_findings(changed.open > 0)
        .with_skips(!file.skips.is_empty())
        .with_quarantine(file.crashed)
        .with_tail(matches!(file.tail, TailChange::Keep { .. }));
    let (facts, generation) = (file.facts, file.generation);
    commit.put(at.folder, Entry { name, facts, generation, outcome, note })?;
    fault::point("entry_written");
    Ok(changed)
}

/// Another text lay at this place. One that was rotated there moves on; any other was written over, and
/// whether it turned up elsewhere was waited for.
fn leave(commit: &Commit<'_>, file: &File, place: Place, now: &Stamp) -> Result<(), StateError> {
    match &file.tail {
        TailChange::Keep { id: None, .. } | TailChange::Forget if !file.rotated => {
            commit.drop_tail(place)
        }
        _ => commit.lose_tail(place, now.millis),
    }
}

/// Takes out an entry and, of a folder, all below it.
fn forget(
    commit: &Commit<'_>,
    root: Key,
    folder: Key,
    name: u64,
    now: &Stamp,
    changed: &mut Changed,
) -> Result<(), StateError> {
    let Some(first) = commit.entry(folder, name)? else { return Ok(()) };
    let mut list = vec![first];
    while let Some(entry) = list.pop() {
        let name = entry.name;
        let place = Place::of_short(name);
        if entry.outcome.has_tail() {
            // A rotated text turns up again; if not, what was told of it is resolved after a while.
            commit.lose_tail(place, now.millis)?;
        } else if entry.outcome.has_findings() {
            let gone = commit.found(root, place, Seen::Gone, Vec::new(), now)?;
            changed.resolved += gone.resolved;
            changed.told.extend(gone.told);
        }
        if entry.outcome.is_folder()
            && let Some(inner) = commit.folder_of_short(name)?
        {
            list.extend(commit.folder(inner)?);
            commit.forget_folder(inner)?;
        }
    }
    commit.take(folder, name)
}

/// Resolves what was told of texts that went away between these times and did not turn up again;
/// how many findings.
pub fn resolve_lost(
    state: &mut State,
    from: i64,
    until: i64,
    now: &Stamp,
) -> Result<u64, StateError> {
    let lost = state.lost_streams(from, until)?;
    if lost.is_empty() {
        return Ok(0);
    }
    // Only what is opened needs to know its root.
    let root = state.keys().root(std::path::Path::new(""));
    state.commit(|commit| {
        let mut resolved = 0;
        for stream in lost {
            if !commit.stream_has_hits(stream)? {
                resolved += commit.found(root, stream, Seen::Gone, Vec::new(), now)?.resolved;
            }
        }
        commit.set_number(RESOLVED_UNTIL, until)?;
        Ok(resolved)
    })
}

/// A few bits of what was skipped and why; the places are too many.
fn note_of(skips: &[SkipRecord]) -> u8 {
    let mut hasher = blake3::Hasher::new();
    for skip in skips {
        hasher.update(skip.reason.as_bytes());
        hasher.update(skip.detail.as_bytes());
    }
    match skips.is_empty() {
        true => 0,
        false => hasher.finalize().as_bytes().first().copied().unwrap_or(0).max(1),
    }
}
