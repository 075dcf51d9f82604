//! The walk of several threads, for file systems whose every call takes its time.
//!
//! ```text
//! thread:  the next folder of the plan, if there is room for one; its entries, share by share
//!          else a share of the oldest folder that has some left
//! caller:  waits until the folder at the front of the plan is done
//! ```
//!
//! Folders before shares: many file systems behind FUSE answer one question about a folder at a time.
//!
//! A folder is begun only while the folders and entries that wait to be handed out are within the
//! bounds of [`Options`]; the one at the front is always gone on with, so nothing can stand still.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::mem;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{thread, vec};

use super::list::{Asked, Lister, Names, Raw};
use super::plan::{Child, First, Front, Job, Plan};
use super::{Folder, Options};
use crate::error::Skip;

/// Entries asked about by one thread at a time, at most: enough that taking a share costs nothing
/// beside it, few enough that the last share of a large folder is not waited for.
const SHARE: usize = 32;
/// At least.
const SMALL: usize = 8;
/// No thread needs more: paths are on the heap, and nothing here calls itself.
const STACK_BYTES: usize = 256 << 10;

pub(super) struct Pool {
    shared: Arc<Shared>,
    buffer: Vec<u8>,
}

struct Shared {
    lister: Lister,
    look_ahead: usize,
    look_ahead_entries: usize,
    state: Mutex<State>,
    /// For the threads: there is something to do.
    work: Condvar,
    /// For the caller: the folder at the front is done.
    ready: Condvar,
}

struct State {
    plan: Plan<Done>,
    /// Folders that may have shares left.
    shared_out: VecDeque<Arc<SharedOut>>,
    threads: usize,
    idle: usize,
    /// Threads that wait in the middle of a listing.
    paused: usize,
    /// Entries of folders that were not handed out yet.
    entries: usize,
    stopped: bool,
    panicked: bool,
}

struct Done {
    folder: Folder,
    /// What it counts for in `State::entries`.
    entries: usize,
    silent: bool,
}

/// A folder whose entries several threads ask about.
struct SharedOut {
    job: Job,
    fd: Arc<OwnedFd>,
    below: PathBuf,
    entries: usize,
    /// Entries of a share.
    size: usize,
    parts: Mutex<Parts>,
}

struct Parts {
    folder: Folder,
    /// What nobody asks about yet.
    raw: vec::IntoIter<Raw>,
    /// Taken so far.
    taken: usize,
    done: Vec<Option<Asked>>,
    left: usize,
    /// Where there may be folders among the entries, all folders wait for them here.
    children: Option<Vec<Child>>,
}

impl Pool {
    pub fn new(lister: Lister, first: First, options: &Options) -> Pool {
        let state = State {
            plan: Plan::new(first),
            shared_out: VecDeque::new(),
            threads: 0,
            idle: 0,
            paused: 0,
            entries: 0,
            stopped: false,
            panicked: false,
        };
        let shared = Arc::new(Shared {
            lister,
            look_ahead: options.look_ahead.max(1),
            look_ahead_entries: options.look_ahead_entries,
            state: Mutex::new(state),
            work: Condvar::new(),
            ready: Condvar::new(),
        });
        for _ in 0..options.threads {
            let theirs = Arc::clone(&shared);
            // Counted before it runs, so that it finds itself counted.
            shared.lock().threads += 1;
            let thread = thread::Builder::new().name("walk".into()).stack_size(STACK_BYTES);
            if thread.spawn(move || theirs.run()).is_err() {
                shared.lock().threads -= 1;
                break; // the system has no more: those there are do it
            }
        }
        Pool { shared, buffer: Vec::new() }
    }

    pub fn next(&mut self) -> Option<Folder> {
        let mut state = self.shared.lock();
        loop {
            if state.panicked {
                state.panicked = false;
                state.stopped = true;
                let trouble = vec![(OsString::new(), Skip::Panicked { stage: "walk" })];
                return Some(Folder { trouble, ..Folder::default() });
            }
            if state.stopped {
                return None;
            }
            match state.plan.front() {
                Front::Done(done) => {
                    state.entries = state.entries.saturating_sub(done.entries);
                    self.shared.wake(&state);
                    if !done.silent || !done.folder.listed {
                        return Some(done.folder);
                    }
                }
                Front::End => return None,
                // No thread could be started: the caller does their work.
                Front::Waits if state.threads == 0 => {
                    drop(state);
                    match self.shared.take()? {
                        Work::Share(of, index, raw) => self.shared.ask(&of, index, raw),
                        Work::Folder(job) => self.shared.list(job, &mut self.buffer),
                    }
                    state = self.shared.lock();
                }
                Front::Waits => {
                    state = self.shared.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.work.notify_all();
    }
}

enum Work {
    Folder(Job),
    Share(Arc<SharedOut>, usize, Vec<Raw>),
}

impl SharedOut {
    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next share and its number.
    fn share(&self) -> Option<(usize, Vec<Raw>)> {
        let mut parts = self.parts();
        let raw: Vec<Raw> = parts.raw.by_ref().take(self.size).collect();
        // A folder without entries has one share, with nothing in it.
        let index = (!raw.is_empty() || parts.taken == 0).then_some(parts.taken)?;
        parts.taken += 1;
        Some((index, raw))
    }
}

impl Shared {
    /// A thread that panicked held no lock over it, so what a lock guards is whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something may be possible now that was not.
    fn wake(&self, state: &State) {
        if state.idle > 0 || state.paused > 0 {
            self.work.notify_all();
        }
    }

    fn run(&self) {
        let mut buffer = Vec::new();
        while let Some(work) = self.take() {
            let worked = catch_unwind(AssertUnwindSafe(|| match work {
                Work::Share(of, index, raw) => self.ask(&of, index, raw),
                Work::Folder(job) => self.list(job, &mut buffer),
            }));
            if worked.is_err() {
                self.lock().panicked = true;
                self.ready.notify_all();
                return;
            }
        }
    }

    fn take(&self) -> Option<Work> {
        let mut state = self.lock();
        loop {
            if state.stopped || state.panicked {
                return None;
            }
            let room =
                state.plan.folders() < self.look_ahead && state.entries < self.look_ahead_entries;
            // The one that is handed out next is begun however much lies ready behind it.
            if (room || state.plan.next_is_not_begun())
                && let Some(job) = state.plan.begin(true)
            {
                return Some(Work::Folder(job));
            }
            while let Some(of) = state.shared_out.front() {
                if let Some((index, raw)) = of.share() {
                    return Some(Work::Share(Arc::clone(of), index, raw));
                }
                state.shared_out.pop_front();
            }
            state.idle += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn list(&self, job: Job, buffer: &mut Vec<u8>) {
        let mut counted = 0;
        let mut going = |entries: usize| self.may_go_on(&job, entries, &mut counted);
        let mut names = self.lister.names(&job, buffer, &mut going);
        let unsure = names.unsure();
        let Names { fd: Some(fd), .. } = &names else {
            return self.done(&job, names.folder, counted);
        };
        let fd = Arc::clone(fd);
        let children = mem::take(&mut names.children);
        let children = match unsure {
            true => Some(children),
            false => {
                let mut state = self.lock();
                state.plan.found(&job, children, Some(Arc::clone(&fd)));
                self.wake(&state);
                None
            }
        };
        self.share_out(job, fd, names.folder, names.raw, children, counted);
    }

    /// Counts what a listing has so far. Where there is too much it waits until the folder is the
    /// next to be handed out, as long as another thread is left to bring that about.
    fn may_go_on(&self, job: &Job, entries: usize, counted: &mut usize) -> bool {
        let mut state = self.lock();
        state.entries += entries.saturating_sub(*counted);
        *counted = entries;
        while state.entries >= self.look_ahead_entries
            && state.paused + 1 < state.threads
            && !state.plan.is_first(job.id)
            && !state.stopped
        {
            state.paused += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.paused -= 1;
        }
        !state.stopped
    }

    fn share_out(
        &self,
        job: Job,
        fd: Arc<OwnedFd>,
        folder: Folder,
        raw: Vec<Raw>,
        children: Option<Vec<Child>>,
        entries: usize,
    ) {
        let below = folder.below.clone();
        let size = raw.len().div_ceil(4).clamp(SMALL, SHARE);
        let count = raw.len().div_ceil(size).max(1);
        let mut done = Vec::new();
        done.resize_with(count, || None);
        let raw = raw.into_iter();
        let parts = Mutex::new(Parts { folder, raw, taken: 0, done, left: count, children });
        let out = Arc::new(SharedOut { job, fd, below, entries, size, parts });
        if count > 1 {
            let mut state = self.lock();
            state.shared_out.push_back(Arc::clone(&out));
            self.wake(&state);
        }
        while let Some((index, raw)) = out.share() {
            self.ask(&out, index, raw);
        }
    }

    /// Asks about a share; with the last one the folder is done.
    fn ask(&self, out: &SharedOut, index: usize, raw: Vec<Raw>) {
        let asked = self.lister.ask_all(&out.fd, &out.below, raw);
        let (mut folder, children, parts) = {
            let mut parts = out.parts();
            if let Some(part) = parts.done.get_mut(index) {
                *part = Some(asked);
            }
            parts.left -= 1;
            if parts.left > 0 {
                return;
            }
            (mem::take(&mut parts.folder), parts.children.take(), mem::take(&mut parts.done))
        };
        let mut found = children.unwrap_or_default();
        folder.entries.reserve(out.entries.saturating_sub(folder.entries.len()));
        for part in parts.into_iter().flatten() {
            folder.entries.extend(part.entries);
            folder.trouble.extend(part.trouble);
            found.extend(part.children);
        }
        if !found.is_empty() {
            let mut state = self.lock();
            state.plan.found(&out.job, found, Some(Arc::clone(&out.fd)));
            self.wake(&state);
        }
        self.done(&out.job, folder, out.entries);
    }

    fn done(&self, job: &Job, folder: Folder, entries: usize) {
        let done = Done { folder, entries, silent: job.silent() };
        if self.lock().plan.done(job.id, done) {
            self.ready.notify_all();
        }
    }
}
