//! Passes over one root: what is new, changed or gone, folder by folder, against the ledger.
//!
//! ```text
//! tree --Folder--> settle: entries against the ledger --jobs--> Work
//!                         names that are gone, folders -------> Report
//! ```
//! A folder is dealt with when all of its jobs are durable; the cursor of the pass stands behind the
//! last folder before which all are. After a restart the pass goes on from there, and another one
//! follows at once: what changed before the cursor meanwhile nobody was told of.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use super::commit::{At, Report, What};
use super::fault;
use super::plan::{Plan, Share};
use super::work::{Job, Ticket, Why, Work};
use crate::error::Skip;
use crate::flow::Candidate;
use crate::source::tree::{
    Entry as Listed, EntryKind, Folder, Options, Order, Prune, Tree, list_one, tree,
};
use crate::state::{Entry, Key, State, StateError};

/// The cursor is written at most so often: each time costs a flush of the disk.
const CURSOR_EVERY: Duration = Duration::from_secs(5);
/// Folders that are dealt with but for their jobs.
const MAX_OPEN: usize = 4096;
const TICK: Duration = Duration::from_millis(200);
const DAY_MS: i64 = 86_400_000;

/// What the walker of a root is asked for.
#[derive(Debug)]
pub enum Ask {
    /// A folder that is new or suspect, with all below it.
    Folder(PathBuf),
    /// All of it, as soon as the running pass has ended.
    Pass(&'static str),
    /// It went away, or came back.
    Lost(bool),
}

/// What the walker tells.
pub trait Tell: Send {
    fn pass_ended(&self, root: usize, took: Duration);
    fn lost(&self, root: usize, lost: bool);
    fn rescan(&self, root: usize, why: &'static str);
    /// A file is as it was, and not all of it was read then.
    fn known_skip(&self);
}

/// The walker of one root.
pub struct Walker {
    pub root: usize,
    pub state: State,
    pub plan: Arc<Plan>,
    pub work: Arc<Work>,
    pub reports: SyncSender<Report>,
    pub asked: Receiver<Ask>,
    pub stop: Arc<AtomicBool>,
    pub tell: Box<dyn Tell>,
    /// One pass, and then no more.
    pub once: bool,
}

/// A pass that runs.
struct Running {
    tree: Tree,
    open: VecDeque<(Vec<u64>, Arc<Ticket>)>,
    /// Today's part of all files is read again.
    reread: Option<(u64, u64)>,
    began: Instant,
    saved: Instant,
    ended: bool,
}

impl Walker {
    pub fn run(mut self) {
        let Some(share) = self.plan.shares.get(self.root) else { return };
        super::plan::set_io_priority(share.settings.io_priority);
        let period = Duration::from_secs(self.plan.settings.reconcile_s.max(1));
        let mut folders = BTreeSet::new();
        let mut running = None;
        // Whatever happened while nobody watched: a pass at the start.
        let mut due = Instant::now();
        let mut again = None;
        let mut is_lost = false;
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let busy = running.is_some() || !folders.is_empty() || due <= Instant::now();
            let wait = if busy && !is_lost { Duration::ZERO } else { TICK };
            match self.asked.recv_timeout(wait) {
                Ok(Ask::Folder(below)) => {
                    folders.insert(below);
                    continue;
                }
                // One that is about to begin does as well.
                Ok(Ask::Pass(_)) if running.is_none() && due <= Instant::now() => continue,
                Ok(Ask::Pass(why)) => {
                    self.tell.rescan(self.root, why);
                    again = Some(why);
                    continue;
                }
                Ok(Ask::Lost(lost)) => {
                    is_lost = lost;
                    if lost {
                        running = None;
                        folders.clear();
                    } else {
                        due = Instant::now();
                    }
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    if wait == TICK {
                        std::thread::sleep(TICK);
                    }
                }
            }
            if is_lost {
                continue;
            }
            if self.work.take_overflow(self.root) {
                again = Some("hints");
            }
            if let Some(below) = folders.pop_first() {
                // What lies below it is walked with it.
                folders.retain(|other| !other.starts_with(&below));
                self.below(&below);
                continue;
            }
            let step = match running.as_mut() {
                Some(running) => self.step(running),
                None if again.is_some() || due <= Instant::now() => match self.begin() {
                    Ok(Some((begun, resumed))) => {
                        due = Instant::now() + period;
                        // What changed before the cursor is found by another pass.
                        again = resumed.then_some("restart");
                        running = Some(begun);
                        Ok(Step::On)
                    }
                    Ok(None) => {
                        due = Instant::now() + Duration::from_secs(5);
                        Ok(Step::On)
                    }
                    Err(e) => Err(e),
                },
                None => continue,
            };
            match step {
                Ok(Step::On) => {}
                Ok(Step::Waits) => std::thread::sleep(Duration::from_millis(5)),
                Ok(Step::Ended) => {
                    running = None;
                    if self.once && again.is_none() {
                        return;
                    }
                }
                Ok(Step::Lost) => {
                    running = None;
                    due = Instant::now() + Duration::from_secs(5);
                    if self.once {
                        return;
                    }
                }
                Err(e) => {
                    log::warn!("{e}");
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        }
    }

    fn share(&self) -> Option<&Share> {
        self.plan.shares.get(self.root)
    }

    /// A new pass, or the one that a stop interrupted; whether it is that one. None where there is
    /// no root.
    fn begin(&mut self) -> Result<Option<(Running, bool)>, StateError> {
        let Some(share) = self.share() else { return Ok(None) };
        let there = share.is_there();
        self.tell.lost(self.root, !there);
        if !there {
            return Ok(None);
        }
        let key = share.key;
        let pass = self.state.pass(key)?;
        let now = self.plan.now().millis;
        let resumed = pass.cursor.is_some();
        if !resumed {
            self.state.commit(|c| c.begin_pass(key, now))?;
        }
        fault::point("pass_begun");
        let after = pass.cursor.filter(|cursor| !cursor.is_empty());
        let reread = self.reread(now)?;
        let tree = self.tree(after.as_deref());
        let began = Instant::now();
        let running =
            Running { tree, open: VecDeque::new(), reread, began, saved: began, ended: false };
        Ok(Some((running, resumed && after.is_some())))
    }

    /// Which part of all files is read again: on the first pass of a day another one.
    fn reread(&mut self, now: i64) -> Result<Option<(u64, u64)>, StateError> {
        let days = i64::from(self.plan.settings.reread_days);
        let Some(share) = self.share() else { return Ok(None) };
        if days == 0 {
            return Ok(None);
        }
        let today = now.div_euclid(DAY_MS);
        let name = format!("reread_{:016x}", share.key.short());
        let known = self.state.number(&name)?;
        if known == Some(today) {
            return Ok(None);
        }
        self.state.commit(|c| c.set_number(&name, today))?;
        // On the first day nothing was read long ago.
        let part = (today.rem_euclid(days).unsigned_abs(), days.unsigned_abs());
        Ok(known.map(|_| part))
    }

    fn tree(&self, after: Option<&[u64]>) -> Tree {
        let keys = self.state.keys().clone();
        let order: Order = Arc::new(move |name: &[u8]| keys.order(name));
        let (plan, root) = (self.plan.clone(), self.root);
        let prune: Prune = Arc::new(move |below: &Path, name: &OsStr, is_folder: bool| {
            is_folder && plan.share(root).is_some_and(|s| s.filter.leaves_folder(&below.join(name)))
        });
        let (path, threads, one) = match self.share() {
            Some(share) => (share.path.as_path(), share.calls(), share.settings.one_file_system),
            None => (Path::new(""), 1, true),
        };
        let options = Options { threads, one_file_system: one, ..Options::default() };
        tree(path, &options, order, after, prune)
    }

    fn step(&mut self, running: &mut Running) -> Result<Step, StateError> {
        if !running.ended && running.open.len() < MAX_OPEN {
            match running.tree.next() {
                Some(folder) => {
                    let ticket = Arc::new(Ticket::default());
                    if !self.settle(&folder, running.reread, &ticket, Why::Changed)? {
                        return Ok(Step::Lost);
                    }
                    fault::point("folder_settled");
                    running.open.push_back((folder.chain, ticket));
                }
                None => running.ended = true,
            }
        }
        let mut cursor = None;
        while running.open.front().is_some_and(|(_, ticket)| ticket.is_done()) {
            cursor = running.open.pop_front().map(|(chain, _)| chain).or(cursor);
        }
        let Some(key) = self.share().map(|s| s.key) else { return Ok(Step::Lost) };
        if running.ended && running.open.is_empty() {
            let now = self.plan.now().millis;
            self.state.commit(|c| c.end_pass(key, now))?;
            fault::point("pass_ended");
            self.tell.pass_ended(self.root, running.began.elapsed());
            return Ok(Step::Ended);
        }
        if let Some(cursor) = cursor
            && running.saved.elapsed() >= CURSOR_EVERY
        {
            self.state.commit(|c| c.move_cursor(key, &cursor))?;
            fault::point("cursor_moved");
            running.saved = Instant::now();
        }
        let waits = running.ended || running.open.len() >= MAX_OPEN;
        Ok(if waits { Step::Waits } else { Step::On })
    }

    /// A folder and all below it, outside of a pass.
    fn below(&mut self, top: &Path) {
        let Some(share) = self.share() else { return };
        let path = share.path.clone();
        let mut list = vec![top.to_path_buf()];
        while let Some(below) = list.pop() {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let folder = match list_one(&path, &below) {
                Ok(folder) => folder,
                Err(_) => {
                    // Gone again, or not to be opened: whoever looks at it as an entry tells.
                    self.work.hint(self.root, below);
                    continue;
                }
            };
            let inner = folder.entries.iter().filter(|e| e.kind == EntryKind::Folder);
            list.extend(
                inner
                    .map(|e| folder.below.join(&e.name))
                    .filter(|below| self.share().is_some_and(|s| !s.filter.leaves_folder(below))),
            );
            let ticket = Arc::new(Ticket::default());
            // The folder itself is an entry of the one above.
            if let Err(e) = self
                .enter_folder(&below, &ticket)
                .and_then(|()| self.settle(&folder, None, &ticket, Why::Changed).map(|_| ()))
            {
                log::warn!("{e}");
                self.work.hint_in(self.root, below, Duration::from_secs(5), 0);
            }
        }
    }

    /// Enters a folder into the ledger if it is not known, with what is in its name.
    fn enter_folder(&self, below: &Path, ticket: &Arc<Ticket>) -> Result<(), StateError> {
        let (Some(share), Some(name)) = (self.share(), below.file_name()) else { return Ok(()) };
        let keys = self.state.keys();
        let folder = keys.below(share.key, below.parent().unwrap_or(Path::new("")));
        let key = keys.child(folder, name);
        let known = self.state.entry(folder, key.short())?;
        if known.is_none_or(|e| !e.outcome.is_folder() || e.generation != self.plan.generation) {
            self.report_folder(share, below, At { root: share.key, folder, key }, ticket);
        }
        Ok(())
    }

    fn report_folder(&self, share: &Share, below: &Path, at: At, ticket: &Arc<Ticket>) {
        let findings = self.plan.engine.look_at_folder(&share.candidate(below));
        self.report(at, What::Folder(findings, self.plan.generation), ticket);
    }

    /// Compares a folder with what is known of it. False if the root itself is not what it was.
    fn settle(
        &self,
        folder: &Folder,
        reread: Option<(u64, u64)>,
        ticket: &Arc<Ticket>,
        why: Why,
    ) -> Result<bool, StateError> {
        let Some(share) = self.share() else { return Ok(false) };
        let keys = self.state.keys();
        let key = keys.below(share.key, &folder.below);
        if folder.below.as_os_str().is_empty() && !self.is_itself(share, folder, key)? {
            self.tell.lost(self.root, true);
            return Ok(false);
        }
        let known = self.state.folder(key)?;
        let mut seen = vec![false; known.len()];
        for entry in &folder.entries {
            let child = keys.child(key, &entry.name);
            let at = known.binary_search_by_key(&child.short(), |e| e.name).ok();
            let before = at.and_then(|i| known.get(i));
            if let Some(seen) = at.and_then(|i| seen.get_mut(i)) {
                *seen = true;
            }
            if !self.entry(
                share,
                folder,
                entry,
                At { root: share.key, folder: key, key: child },
                before,
                reread,
                ticket,
                why,
            ) {
                return Ok(true); // all is to end
            }
        }
        for (name, skip) in &folder.trouble {
            self.trouble(share, folder, key, name, skip, ticket);
        }
        if folder.listed && seen.iter().any(|seen| !seen) {
            self.missing(share, folder, key, ticket)?;
        }
        Ok(true)
    }

    #[allow(clippy::too_many_arguments)]
    fn entry(
        &self,
        share: &Share,
        folder: &Folder,
        entry: &Listed,
        at: At,
        before: Option<&Entry>,
        reread: Option<(u64, u64)>,
        ticket: &Arc<Ticket>,
        why: Why,
    ) -> bool {
        let generation = self.plan.generation;
        let below = || folder.below.join(&entry.name);
        let why = match (entry.kind, before) {
            (EntryKind::File, Some(known)) if !known.outcome.is_folder() => {
                if known.facts != share.facts(self.state.keys(), &entry.stat) {
                    why
                } else if known.generation != generation {
                    Why::Stale
                } else if reread.is_some_and(|(part, of)| known.name % of == part) {
                    Why::Reread
                } else {
                    if known.outcome.has_skips() {
                        self.tell.known_skip();
                    }
                    return true;
                }
            }
            (EntryKind::File, _) => why,
            (EntryKind::Folder, Some(known))
                if known.outcome.is_folder() && known.generation == generation =>
            {
                return true;
            }
            (EntryKind::Folder, _) => {
                self.report_folder(share, &below(), at, ticket);
                return true;
            }
            // A link or device is told once.
            (_, Some(known)) if known.outcome.has_skips() && known.facts == 0 => {
                self.tell.known_skip();
                return true;
            }
            (EntryKind::Link, _) => {
                let candidate = share.candidate(&below());
                if let Some(skip) = self.plan.visited.trouble(&candidate.path) {
                    self.note(&candidate, at, &skip, ticket);
                }
                return true;
            }
            (EntryKind::Other(what), _) => {
                let below = below();
                self.note(&share.candidate(&below), at, &Skip::NotRegular(what), ticket);
                return true;
            }
        };
        ticket.add();
        let since = Instant::now();
        let ticket = Some(ticket.clone());
        self.work.pass(Job { root: self.root, below: below(), why, ticket, since, tries: 0 })
    }

    fn trouble(
        &self,
        share: &Share,
        folder: &Folder,
        key: Key,
        name: &OsStr,
        skip: &Skip,
        ticket: &Arc<Ticket>,
    ) {
        let (below, at) = match name.is_empty() {
            false => {
                let child = self.state.keys().child(key, name);
                (folder.below.join(name), At { root: share.key, folder: key, key: child })
            }
            true => {
                let up = folder.below.parent().unwrap_or(Path::new(""));
                let up = self.state.keys().below(share.key, up);
                (folder.below.clone(), At { root: share.key, folder: up, key })
            }
        };
        self.note(&share.candidate(&below), at, skip, ticket);
    }

    /// Entries that the ledger has and the folder has not. The folder is listed once more after the
    /// ledger was read: what came in between is in both.
    fn missing(
        &self,
        share: &Share,
        folder: &Folder,
        key: Key,
        ticket: &Arc<Ticket>,
    ) -> Result<(), StateError> {
        let keys = self.state.keys();
        let known = self.state.folder(key)?;
        let Ok(now) = list_one(&share.path, &folder.below) else { return Ok(()) };
        if !now.listed {
            return Ok(());
        }
        let names = now.entries.iter().map(|e| &e.name).chain(now.trouble.iter().map(|t| &t.0));
        let there: BTreeSet<u64> = names.map(|name| keys.child(key, name).short()).collect();
        let gone = known.iter().map(|e| e.name).filter(|name| !there.contains(name));
        let gone: Vec<u64> = gone.collect();
        if !gone.is_empty() {
            let at = At { root: share.key, folder: key, key };
            self.report(at, What::Missing(gone), ticket);
        }
        Ok(())
    }

    /// A root that was full and is empty now was rather unmounted than cleaned.
    fn is_itself(&self, share: &Share, folder: &Folder, key: Key) -> Result<bool, StateError> {
        let empty = folder.entries.is_empty() && folder.trouble.is_empty();
        if !folder.listed && empty {
            return Ok(false);
        }
        Ok(!empty || share.settings.may_be_empty || self.state.folder(key)?.is_empty())
    }

    fn note(&self, candidate: &Candidate, at: At, skip: &Skip, ticket: &Arc<Ticket>) {
        let record = self.plan.engine.skip_record(candidate, skip);
        self.report(at, What::Note(Box::new(record)), ticket);
    }

    fn report(&self, at: At, what: What, ticket: &Arc<Ticket>) {
        ticket.add();
        let ticket = Some(ticket.clone());
        // The writer is gone only when all is to end.
        let _ = self.reports.send(Report { root: self.root, at, what, ticket, job: None });
    }
}

enum Step {
    On,
    Waits,
    Ended,
    Lost,
}
