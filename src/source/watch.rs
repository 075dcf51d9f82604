//! Hints that something changed, where the kernel gives them (inotify).
//!
//! A hint is never the truth: the walk of `tree.rs` finds what no hint told of. One watch a folder,
//! set before the folder is listed, so nothing can come into being between the two; a new folder is
//! watched with all below it and then handed out as [`Hint::Folder`], for its contents may be older
//! than its watch. What makes hints unreliable is said as a hint too: a queue that ran over, a root
//! that was unmounted or replaced, a limit on watches.
//!
//! ```text
//! kernel queue -> Kernel -> Run (one thread; its Table knows the folder of each watch) -> hand_out(root, Hint)
//! ```
//!
//! A [`kernel::Kernel`] is the crate `notify`, and for more folders than [`by_notify::FOLDERS`] a
//! reader of inotify that keeps less of each. What is and is not seen, and why there are two:
//! `docs/watching.md`.

mod by_notify;
mod kernel;
mod kind;
mod mounts;
mod run;
mod table;
#[cfg(test)]
mod tests;

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::event::{EventfdFlags, eventfd};

use super::tree::Prune;
use by_notify::ByNotify;
use kernel::Kernel;
pub use kind::{FsKind, fs_kind};
pub use mounts::{Identity, identity};
use run::Run;

/// What may have changed. Paths begin with the root as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Closed after writing, moved in, created, linked, attributes changed; with
    /// [`Root::growth`] also written to. It may be anything but a folder, and gone by now.
    File(PathBuf),
    /// Everything below it is watched from now on (as far as watches go) and shall be walked: a
    /// folder that is new, was moved in or renamed, was given to [`Watcher::add_folder`], or the
    /// root itself, once when watching begins and again after each [`Hint::Overflow`].
    Folder(PathBuf),
    /// A file, or a folder with all below it.
    Gone(PathBuf),
    /// A file or folder inside of one root. For a folder a [`Hint::Folder`] of `to` follows.
    Moved { from: PathBuf, to: PathBuf },
    /// All of the root is suspect: events were lost, or the root came back. A [`Hint::Folder`] of
    /// the root follows once everything is watched again; that is the time to walk.
    Overflow,
    /// It was unmounted, removed or replaced: what is there now, if anything, says nothing about
    /// what was. [`Watcher::check_roots`] finds it when it comes back.
    RootLost,
    /// The system gives no more watches (`fs.inotify.max_user_watches`): some folders are not
    /// watched. Said once until a pass over a root finds room for all again.
    LimitReached { watched: usize },
}

/// What is to be watched.
#[derive(Clone)]
pub struct Root {
    pub path: PathBuf,
    /// Mounts below the root are not entered.
    pub one_file_system: bool,
    /// Each write is a hint, not only the closing: for logs, which stay open for days.
    pub growth: bool,
    pub prune: Prune,
}

/// Watches until it is dropped.
pub struct Watcher {
    shared: Arc<Shared>,
}

struct Shared {
    asked: Mutex<Vec<Asked>>,
    /// Made readable whenever something is asked.
    wake: OwnedFd,
    stopped: AtomicBool,
    watched: AtomicUsize,
}

enum Asked {
    Folder(PathBuf),
    CheckRoots,
}

impl Watcher {
    /// Begins to watch, in a thread of its own; `hand_out` is called there with the index of the
    /// root. While it blocks events gather in the kernel (16,384 by default, then
    /// [`Hint::Overflow`]). A root that is not there is [`Hint::RootLost`]. Fails where the system
    /// gives no inotify instance (`fs.inotify.max_user_instances`) or no thread.
    pub fn new(
        roots: Vec<Root>,
        hand_out: impl FnMut(usize, Hint) + Send + 'static,
    ) -> io::Result<Watcher> {
        let kernel: Box<dyn Kernel> = match ByNotify::new(roots.len(), by_notify::FOLDERS) {
            Ok(kernel) => Box::new(kernel),
            // It takes an instance a root, the other one for all of them.
            Err(e) => {
                log::info!("notify cannot be used ({e}): inotify is read directly");
                Box::new(kernel::Compact::new()?)
            }
        };
        Watcher::by(kernel, roots, hand_out)
    }

    fn by(
        kernel: Box<dyn Kernel>,
        roots: Vec<Root>,
        hand_out: impl FnMut(usize, Hint) + Send + 'static,
    ) -> io::Result<Watcher> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let shared = Arc::new(Shared {
            asked: Mutex::default(),
            wake,
            stopped: AtomicBool::new(false),
            watched: AtomicUsize::new(0),
        });
        let run = Run::new(roots, Arc::clone(&shared), kernel, Box::new(hand_out));
        thread::Builder::new().name("watch".into()).spawn(move || run.run())?;
        Ok(Watcher { shared })
    }

    /// Watches `path` (below one of the roots) and all below it, also what is watched already, and
    /// hands it out as [`Hint::Folder`]: for what could not be watched before.
    pub fn add_folder(&self, path: &Path) {
        self.ask(Asked::Folder(path.to_path_buf()));
    }

    /// Looks whether each root still is the folder that is watched, and whether a lost one came
    /// back. To be called every few seconds; returns at once.
    pub fn check_roots(&self) {
        self.ask(Asked::CheckRoots);
    }

    /// Folders that are watched now.
    pub fn watched(&self) -> usize {
        self.shared.watched.load(Ordering::Relaxed)
    }

    fn ask(&self, asked: Asked) {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        self.shared.wake();
    }
}

impl Drop for Watcher {
    /// The thread is not waited for: it may be in `hand_out`, which may wait for who drops this.
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        self.shared.wake();
    }
}

impl Shared {
    fn wake(&self) {
        // Fails only where the counter is full, and then it is readable anyway.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }
}
