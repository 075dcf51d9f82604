//! Watches by the crate `notify`: one watcher a root, one watch a folder, none of them recursive, for
//! the walk that sets them is our own.
//!
//! ```text
//! kernel queue -> thread of notify -> Queue (bounded, wakes by an eventfd) -> Run
//! ```
//!
//! notify knows a watch by its path, asks the kernel along it, and names what happened below it. The
//! path of a folder would be another one as soon as it is renamed, would lead elsewhere where a link
//! was put on the way, and ends at 4,096 bytes. So each watch has a path of its own that never
//! changes: the descriptor of the open folder, behind a number written in steps that lead nowhere:
//!
//! ```text
//! /proc/self/ns/../task/../fd/9   is number 1 + 3 * 4 of descriptor 9
//! ```

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind, RenameMode};
use notify::{
    Config, ErrorKind, EventKind, EventKindMask, INotifyWatcher, RecursiveMode, Watcher as _,
};
use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::inotify::ReadFlags;
use rustix::io::{DupFlags, Errno, dup3};

use super::kernel::{Event, Folder, Kernel, Refused};

/// For more folders than this notify is not used: it keeps two paths a watch (some 280 bytes), and
/// for each folder that is removed it looks at all watches of the root.
pub(super) const FOLDERS: usize = 50_000;
/// Events that wait: as many as the kernel holds by default. What comes then is lost, and told so.
const QUEUE: usize = 16_384;
/// Folders in `/proc/self` for the digits of a number; each leads back by `..`.
const DIGITS: [&str; 4] = ["fd", "ns", "net", "task"];
const PROC: &str = "/proc/self/";

/// No opening and no reading: those would be our own. A write only with `growth`.
const WANTED: EventKindMask = EventKindMask::CREATE
    .union(EventKindMask::REMOVE)
    .union(EventKindMask::MODIFY_META)
    .union(EventKindMask::MODIFY_NAME)
    .union(EventKindMask::ACCESS_CLOSE);

pub(super) struct ByNotify {
    most: usize,
    roots: Vec<Option<INotifyWatcher>>,
    /// Numbers below this are of watches that were cleared.
    since: Vec<i32>,
    /// How many numbers were given.
    given: i32,
    /// A watcher's thread is gone: to let go of it would panic.
    broken: bool,
    /// The descriptor through which notify finds a folder; at other times it holds nothing.
    gate: OwnedFd,
    queue: Arc<Queue>,
}

struct Queue {
    waiting: Mutex<Vec<Event>>,
    ready: OwnedFd,
}

impl ByNotify {
    /// Fails where the system gives no inotify instance.
    pub fn new(roots: usize, most: usize) -> io::Result<ByNotify> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let queue = Queue { waiting: Mutex::default(), ready: eventfd(0, flags)? };
        let mut by = ByNotify {
            most,
            roots: (0..roots).map(|_| None).collect(),
            since: vec![0; roots],
            given: 0,
            broken: false,
            gate: eventfd(0, flags)?,
            queue: Arc::new(queue),
        };
        for root in &mut by.roots {
            // Made anew with the mask that it needs; here only to see that there is one.
            *root = Some(watcher(&by.queue, by.gate.as_raw_fd(), WANTED).map_err(as_io)?);
        }
        by.roots.iter_mut().for_each(|root| *root = None);
        Ok(by)
    }

    fn root_of(&self, watch: i32) -> usize {
        usize::try_from(watch).unwrap_or_default() % self.roots.len().max(1)
    }

    fn watch(&mut self, folder: &Folder<'_>, path: &Path) -> Result<(), Refused> {
        let Some(slot) = self.roots.get_mut(folder.root) else { return Err(Refused::Other) };
        let mask = match folder.growth {
            true => WANTED | EventKindMask::MODIFY_DATA,
            false => WANTED,
        };
        let root = match slot {
            Some(root) => root,
            None => match watcher(&self.queue, self.gate.as_raw_fd(), mask) {
                Ok(root) => slot.insert(root),
                Err(_) => return Err(Refused::Unfit), // no further instance
            },
        };
        root.watch(path, RecursiveMode::NonRecursive).map_err(|error| match error.kind {
            ErrorKind::MaxFilesWatch => Refused::Full,
            ErrorKind::Io(e) => match Errno::from_io_error(&e) {
                Some(Errno::NOMEM) => Refused::Full,
                _ => Refused::Other,
            },
            // An open folder is not found: no /proc here.
            ErrorKind::PathNotFound => Refused::Unfit,
            // Its thread is gone.
            _ => {
                self.broken = true;
                Refused::Unfit
            }
        })
    }
}

impl Kernel for ByNotify {
    fn most(&self) -> usize {
        self.most
    }

    fn ready(&self) -> BorrowedFd<'_> {
        self.queue.ready.as_fd()
    }

    fn add(&mut self, folder: &Folder<'_>) -> Result<i32, Refused> {
        let roots = i32::try_from(self.roots.len()).map_err(|_| Refused::Unfit)?;
        let root = i32::try_from(folder.root).map_err(|_| Refused::Unfit)?;
        let number = self.given.checked_mul(roots).and_then(|n| n.checked_add(root));
        let number = number.ok_or(Refused::Unfit)?;
        self.given = self.given.saturating_add(1);
        dup3(folder.fd, &mut self.gate, DupFlags::CLOEXEC).map_err(|_| Refused::Other)?;
        let added = self.watch(folder, &path_of(number, self.gate.as_raw_fd()));
        // An open folder cannot be unmounted. Both are open, so this does not fail.
        let _ = dup3(&self.queue.ready, &mut self.gate, DupFlags::CLOEXEC);
        added.map(|()| number)
    }

    fn remove(&mut self, watch: i32) {
        let (root, path) = (self.root_of(watch), path_of(watch, self.gate.as_raw_fd()));
        if let Some(Some(root)) = self.roots.get_mut(root) {
            // Fails where the folder is gone, and its watch with it.
            let _ = root.unwatch(&path);
        }
    }

    fn clear(&mut self, root: usize) -> bool {
        let roots = i32::try_from(self.roots.len()).unwrap_or(i32::MAX);
        if let (Some(slot), Some(since)) = (self.roots.get_mut(root), self.since.get_mut(root)) {
            *since = self.given.saturating_mul(roots);
            if let Some(watcher) = slot.take().filter(|_| self.broken) {
                std::mem::forget(watcher);
            }
        }
        true
    }

    /// Of a folder that was removed or let go; its watch is gone.
    fn stray(&mut self, _: i32) {}

    fn read(&mut self, out: &mut Vec<Event>) {
        // Only to make it unreadable again.
        let _ = rustix::io::read(&self.queue.ready, &mut [0u8; 8]);
        out.append(&mut self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        out.retain(|event| {
            event.what.contains(ReadFlags::QUEUE_OVERFLOW)
                || self.since.get(self.root_of(event.watch)).is_some_and(|s| event.watch >= *s)
        });
    }
}

impl Drop for ByNotify {
    fn drop(&mut self) {
        (0..self.roots.len()).for_each(|root| {
            self.clear(root);
        });
    }
}

fn watcher(queue: &Arc<Queue>, gate: i32, mask: EventKindMask) -> notify::Result<INotifyWatcher> {
    let queue = Arc::clone(queue);
    let hear = move |event: notify::Result<notify::Event>| {
        // Events that could not be read are as good as lost.
        let event = event.map_or_else(|_| Some(lost()), |event| told(event, gate));
        if let Some(event) = event {
            queue.push(event);
        }
    };
    INotifyWatcher::new(hear, Config::default().with_event_kinds(mask))
}

fn as_io(error: notify::Error) -> io::Error {
    match error.kind {
        ErrorKind::Io(e) => e,
        _ => io::Error::other(error),
    }
}

impl Queue {
    fn push(&self, event: Event) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.len() {
            0..QUEUE => waiting.push(event),
            QUEUE => waiting.push(lost()),
            _ => return, // it is said
        }
        if waiting.len() == 1 {
            // Fails only where the counter is full, and then it is readable anyway.
            let _ = rustix::io::write(&self.ready, &1u64.to_ne_bytes());
        }
    }
}

fn lost() -> Event {
    let (what, name) = (ReadFlags::QUEUE_OVERFLOW, Box::default());
    Event { watch: -1, what, cookie: 0, folder: None, name }
}

/// An event of notify as the kernel had it. Of a move it does not say whether that was a folder.
fn told(event: notify::Event, gate: i32) -> Option<Event> {
    if event.need_rescan() {
        return Some(lost());
    }
    let (watch, name) = watch_of(event.paths.first()?, gate)?;
    let itself = name.is_empty();
    let (what, folder) = match event.kind {
        EventKind::Create(kind) => (ReadFlags::CREATE, Some(kind == CreateKind::Folder)),
        EventKind::Remove(_) if itself => match event.info() {
            Some("unmount") => (ReadFlags::UNMOUNT, None),
            _ => (ReadFlags::IGNORED, None), // the watch goes with the folder
        },
        EventKind::Remove(kind) => (ReadFlags::DELETE, Some(kind == RemoveKind::Folder)),
        EventKind::Modify(ModifyKind::Name(RenameMode::From)) => match itself {
            true => (ReadFlags::MOVE_SELF, None),
            false => (ReadFlags::MOVED_FROM, None),
        },
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => (ReadFlags::MOVED_TO, None),
        EventKind::Modify(ModifyKind::Metadata(_)) if !itself => (ReadFlags::ATTRIB, None),
        EventKind::Modify(ModifyKind::Data(_)) => (ReadFlags::MODIFY, Some(false)),
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
            (ReadFlags::CLOSE_WRITE, Some(false))
        }
        // Both halves of a move once more, and what was not asked for.
        _ => return None,
    };
    // The kernel's number of a move, of 32 bits.
    let cookie = event.tracker().and_then(|cookie| u32::try_from(cookie).ok()).unwrap_or(0);
    Some(Event { watch, what, cookie, folder, name: name.into() })
}

/// The path by which notify knows a watch.
fn path_of(watch: i32, gate: i32) -> PathBuf {
    let mut path = String::from(PROC);
    let mut rest = usize::try_from(watch).unwrap_or_default();
    while rest > 0 {
        path.push_str(DIGITS.get(rest % DIGITS.len()).copied().unwrap_or_default());
        path.push_str("/../");
        rest /= DIGITS.len();
    }
    PathBuf::from(format!("{path}fd/{gate}"))
}

/// The watch that a path of an event begins with, and the name behind it.
fn watch_of(path: &Path, gate: i32) -> Option<(i32, &[u8])> {
    let mut rest = path.as_os_str().as_bytes().strip_prefix(PROC.as_bytes())?;
    let (mut watch, mut worth) = (0i32, 1i32);
    let digit = |rest: &[u8]| {
        let of =
            |name: &str| rest.strip_prefix(name.as_bytes())?.strip_prefix(b"/../").map(<[u8]>::len);
        (0i32..).zip(DIGITS).find_map(|(digit, name)| Some((digit, of(name)?)))
    };
    while let Some((digit, left)) = digit(rest) {
        watch = watch.checked_add(worth.checked_mul(digit)?)?;
        worth = worth.saturating_mul(4);
        rest = rest.get(rest.len().checked_sub(left)?..)?;
    }
    let rest = rest.strip_prefix(format!("fd/{gate}").as_bytes())?;
    match rest {
        [] => Some((watch, rest)),
        _ => Some((watch, rest.strip_prefix(b"/")?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn a_watch_is_found_in_the_path_of_an_event() {
        for watch in [0, 1, 3, 4, 13, 50_000, 12_345_678, i32::MAX] {
            let path = path_of(watch, 9);
            assert_eq!(watch_of(&path, 9), Some((watch, &b""[..])));
            for name in ["fd", "9", "not \u{e9}asy", "net"] {
                assert_eq!(watch_of(&path.join(name), 9), Some((watch, name.as_bytes())));
            }
            assert_eq!(watch_of(&path, 8), None);
        }
        assert_eq!(path_of(13, 9), Path::new("/proc/self/ns/../task/../fd/9"));
        let odd = OsStr::from_bytes(b"\xff\n");
        assert_eq!(watch_of(&path_of(5, 9).join(odd), 9), Some((5, odd.as_bytes())));
        assert_eq!(watch_of(Path::new("/srv/fd/9"), 9), None);
    }

    #[test]
    fn what_does_not_fit_into_the_queue_is_told_once() {
        let mut by = ByNotify::new(1, FOLDERS).unwrap();
        let event = || Event { watch: 0, what: ReadFlags::CREATE, ..lost() };
        (0..QUEUE + 5).for_each(|_| by.queue.push(event()));
        let mut out = Vec::new();
        by.read(&mut out);
        assert_eq!(out.len(), QUEUE + 1);
        assert!(out.pop().unwrap().what.contains(ReadFlags::QUEUE_OVERFLOW));
        by.queue.push(event());
        by.read(&mut out);
        assert_eq!(out.len(), QUEUE + 1);
    }
}
