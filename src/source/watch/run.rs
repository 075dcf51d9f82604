//! The thread of a watcher: sets watches, reads events, makes hints of them.
//!
//! ```text
//! loop: what was asked -> some folders of the groups -> one read of events -> moves without an end
//! ```
//!
//! A group is a folder that is being watched with all below it, from the top down, each folder
//! before it is listed. Events are read in between, so the kernel's queue does not fill meanwhile.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::ReadFlags;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};

use super::kernel::{Compact, Event, Folder, Kernel, Refused};
use super::mounts::{Identity, identity};
use super::table::{Id, Table};
use super::{Asked, Hint, Root, Shared};
use crate::source::tree::{folders_in, open_folder_below};

/// Folders watched between two reads of events: about a millisecond.
const FOLDERS_AT_ONCE: usize = 64;
/// How long the second half of a move is waited for. The kernel queues the halves one after the
/// other, with at most the events of other processors between them.
const MOVE_WAITS: Duration = Duration::from_millis(50);
/// The first half is looked for among so many latest ones; further back it counts as moved out,
/// which is as true and costs a walk more.
const MOVES_LOOKED_AT: usize = 64;

type HandOut = Box<dyn FnMut(usize, Hint) + Send>;

pub(super) struct Run {
    roots: Vec<Rooted>,
    shared: Arc<Shared>,
    hand_out: HandOut,
    kernel: Box<dyn Kernel>,
    /// Folders can be watched by this kernel, or there is no other.
    fit: bool,
    table: Table,
    groups: VecDeque<Group>,
    moves: VecDeque<Move>,
    /// The last file that was handed out since events were read: it is created, given its
    /// attributes and closed in one go.
    last: Option<(usize, PathBuf)>,
    listing: Vec<u8>,
}

struct Rooted {
    root: Root,
    identity: Option<Identity>,
    lost: bool,
    limit_said: bool,
}

/// A folder that is being watched with all below it.
struct Group {
    root: usize,
    top: PathBuf,
    /// All of the root: what was known of it is thrown away first.
    whole: bool,
    /// Events were lost since it began.
    again: bool,
    /// The root, open only as long as this lasts: an open folder cannot be unmounted.
    fd: Option<OwnedFd>,
    stack: Vec<Id>,
    /// What is watched keeps its watch: it only has another name.
    keeps: bool,
    limited: bool,
}

/// The first half of a move.
struct Move {
    cookie: u32,
    root: usize,
    from: PathBuf,
    /// The folder that moved, with its watch.
    known: Option<(Id, i32)>,
    folder: bool,
    pruned: bool,
    at: Instant,
}

/// An event with the place it happened at.
struct Place<'a> {
    root: usize,
    up: Id,
    name: &'a [u8],
    path: PathBuf,
    folder: bool,
    pruned: bool,
}

impl Run {
    pub fn new(
        roots: Vec<Root>,
        shared: Arc<Shared>,
        kernel: Box<dyn Kernel>,
        hand_out: HandOut,
    ) -> Run {
        let rooted = |root| Rooted { root, identity: None, lost: true, limit_said: false };
        Run {
            table: Table::new(roots.len()),
            roots: roots.into_iter().map(rooted).collect(),
            shared,
            hand_out,
            kernel,
            fit: true,
            groups: VecDeque::new(),
            moves: VecDeque::new(),
            last: None,
            listing: Vec::new(),
        }
    }

    pub fn run(mut self) {
        if self.are_too_many() {
            self.take_compact();
        }
        for root in 0..self.roots.len() {
            if !self.find_root(root) {
                self.hint(root, Hint::RootLost);
            }
        }
        let mut events = Vec::new();
        while !self.shared.stopped.load(Ordering::Acquire) {
            self.asked();
            self.watch_some();
            if self.wait() {
                self.read(&mut events);
            }
            self.moved_out(Instant::now());
            self.shared.watched.store(self.table.watched(), Ordering::Relaxed);
        }
    }

    /// Until something happened; true where there are events.
    fn wait(&self) -> bool {
        let timeout = match (self.groups.is_empty(), self.moves.is_empty()) {
            (false, _) => Some(Duration::ZERO),
            (true, false) => Some(MOVE_WAITS),
            (true, true) => None,
        };
        let timeout = timeout.and_then(|t| Timespec::try_from(t).ok()); // always fits
        let mut fds = [
            PollFd::from_borrowed_fd(self.kernel.ready(), PollFlags::IN),
            PollFd::new(&self.shared.wake, PollFlags::IN),
        ];
        // Interrupted: as if nothing had happened.
        let _ = poll(&mut fds, timeout.as_ref());
        let [events, woken] = &fds;
        if !woken.revents().is_empty() {
            // Only to make it unreadable again.
            let _ = rustix::io::read(&self.shared.wake, &mut [0u8; 8]);
        }
        !events.revents().is_empty()
    }

    fn read(&mut self, events: &mut Vec<Event>) {
        self.kernel.read(events);
        for event in events.drain(..) {
            self.event(&event);
        }
        self.last = None;
    }

    fn hint(&mut self, root: usize, hint: Hint) {
        match &hint {
            Hint::File(path) => {
                if self.last.as_ref().is_some_and(|last| (last.0, &last.1) == (root, path)) {
                    return;
                }
                self.last = Some((root, path.clone()));
            }
            _ => self.last = None,
        }
        self.shared.watched.store(self.table.watched(), Ordering::Relaxed);
        (self.hand_out)(root, hint);
    }

    fn asked(&mut self) {
        let asked =
            std::mem::take(&mut *self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner));
        for asked in asked {
            match asked {
                Asked::Folder(path) => self.add(&path),
                Asked::CheckRoots => (0..self.roots.len()).for_each(|root| self.check(root)),
            }
        }
    }

    // Roots

    /// Begins to watch a root that is there.
    fn find_root(&mut self, root: usize) -> bool {
        let Some(rooted) = self.roots.get_mut(root) else { return false };
        let Ok(now) = identity(&rooted.root.path) else { return false }; // told as lost
        if rooted.identity.as_ref().is_some_and(|known| !known.may_become(&now)) {
            return false;
        }
        (rooted.identity, rooted.lost) = (Some(now), false);
        self.whole(root);
        true
    }

    fn check(&mut self, root: usize) {
        let Some(rooted) = self.roots.get(root) else { return };
        if !rooted.lost {
            let now = identity(&rooted.root.path);
            if now.is_ok_and(|now| rooted.identity.as_ref().is_some_and(|r| r.is_same(&now))) {
                return;
            }
            self.lose(root);
        }
        if self.find_root(root) {
            self.hint(root, Hint::Overflow);
        }
    }

    fn lose(&mut self, root: usize) {
        match self.roots.get_mut(root) {
            Some(rooted) if !rooted.lost => rooted.lost = true,
            _ => return,
        }
        self.groups.retain(|group| group.root != root);
        self.moves.retain(|half| half.root != root);
        if let Some(id) = self.table.root(root) {
            match self.kernel.clear(root) {
                true => self.table.below(id).into_iter().for_each(|id| {
                    self.table.remove(id);
                }),
                false => self.forget(id),
            }
        }
        self.hint(root, Hint::RootLost);
    }

    /// Events were lost: what is known of the root may be wrong.
    fn suspect(&mut self, root: usize) {
        if self.roots.get(root).is_none_or(|rooted| rooted.lost) {
            return;
        }
        self.moves.retain(|half| half.root != root);
        match self.groups.iter_mut().find(|group| group.root == root && group.whole) {
            Some(group) if group.again => return, // it is said, and nothing was done since
            Some(group) => group.again = true,
            None => self.whole(root),
        }
        self.hint(root, Hint::Overflow);
    }

    /// Watches all of a root, as if nothing of it were known. Watches that are not taken off get the
    /// same number again.
    fn whole(&mut self, root: usize) {
        self.groups.retain(|group| group.root != root);
        self.kernel.clear(root);
        if let Some(id) = self.table.root(root) {
            for id in self.table.below(id) {
                self.table.remove(id);
            }
        }
        let id = self.table.set_root(root);
        let Some(rooted) = self.roots.get(root) else { return };
        let top = rooted.root.path.clone();
        let group = Group { whole: true, ..Group::new(root, top, id) };
        self.groups.push_back(group);
    }

    // Watches

    fn add(&mut self, path: &Path) {
        if let Some(group) = self.group_of(path) {
            self.groups.push_front(group);
        }
    }

    fn group_of(&mut self, path: &Path) -> Option<Group> {
        let mut roots = self.roots.iter().enumerate().filter(|(_, rooted)| !rooted.lost);
        let found = roots.find_map(|(i, r)| Some((i, path.strip_prefix(&r.root.path).ok()?)));
        let (root, below) = found?;
        let mut id = self.table.root(root)?;
        for name in below.iter() {
            id = self.table.child(id, name.as_bytes());
        }
        Some(Group::new(root, path.to_path_buf(), id))
    }

    fn watch_some(&mut self) {
        for _ in 0..FOLDERS_AT_ONCE {
            let Some(mut group) = self.groups.pop_front() else { return };
            match group.stack.pop() {
                Some(id) => {
                    self.watch(&mut group, id);
                    let beyond = self.table.watched() > self.kernel.most();
                    // Unless the root was lost over it.
                    if self.roots.get(group.root).is_some_and(|rooted| !rooted.lost) {
                        self.groups.push_front(group);
                    }
                    if (beyond || !self.fit) && self.take_compact() {
                        return self.anew();
                    }
                }
                None => self.finish(group),
            }
        }
    }

    fn finish(&mut self, group: Group) {
        if let Some(rooted) = self.roots.get_mut(group.root)
            && group.whole
            && !group.limited
        {
            rooted.limit_said = false;
        }
        self.hint(group.root, Hint::Folder(group.top));
        if group.again {
            self.whole(group.root);
        }
    }

    fn watch(&mut self, group: &mut Group, id: Id) {
        let Some((root, below)) = self.table.path(id) else { return };
        let Some(rooted) = self.roots.get(root).filter(|_| root == group.root) else { return };
        if group.fd.is_none() {
            match open_root(rooted) {
                Ok(fd) => group.fd = Some(fd),
                // What is there is not the root any more.
                Err(_) => return self.lose(root),
            }
        }
        let Some(at) = &group.fd else { return };
        let prune = Arc::clone(&rooted.root.prune);
        // A folder that is gone is none; one that may not be read, or on another file system, has
        // no watch, and the walk says so.
        let Ok(fd) = open_folder_below(at.as_fd(), &below, rooted.root.one_file_system) else {
            self.drop_unwatched(id);
            return;
        };
        let kept = self.table.wd(id).filter(|_| group.keeps);
        let added = match kept {
            Some(wd) => Ok(wd),
            None => self.kernel.add(&Folder {
                root,
                growth: rooted.root.growth,
                fd: fd.as_fd(),
                root_path: &rooted.root.path,
                below: &below,
            }),
        };
        match added {
            Ok(wd) => {
                let before = self.table.wd(id).filter(|before| *before != wd);
                if let Some(elsewhere) = self.table.watch(id, wd) {
                    self.table.remove(elsewhere);
                }
                if let Some(before) = before {
                    self.kernel.remove(before);
                }
            }
            Err(Refused::Full) => {
                self.drop_unwatched(id);
                group.stack.clear();
                group.limited = true;
                return self.limit(root);
            }
            Err(Refused::Unfit) => {
                self.fit = false;
                return self.drop_unwatched(id);
            }
            Err(Refused::Other) => return self.drop_unwatched(id), // as above
        }
        let (table, stack) = (&mut self.table, &mut group.stack);
        let listed = folders_in(fd.as_fd(), &mut self.listing, |name| {
            if !prune(&below, OsStr::from_bytes(name), true) {
                stack.push(table.child(id, name));
            }
        });
        if let Err(errno) = listed {
            log::debug!("a folder broke off while it was listed to be watched: {errno}");
        }
    }

    fn drop_unwatched(&mut self, id: Id) {
        if !self.table.is_watched(id) {
            self.table.remove(id);
        }
    }

    fn limit(&mut self, root: usize) {
        let watched = self.table.watched();
        if let Some(rooted) = self.roots.get_mut(root)
            && !std::mem::replace(&mut rooted.limit_said, true)
        {
            self.hint(root, Hint::LimitReached { watched });
        }
    }

    /// Takes the watches off a folder and all below it.
    fn forget(&mut self, top: Id) {
        for id in self.table.below(top) {
            if let Some(wd) = self.table.remove(id) {
                self.kernel.remove(wd);
            }
        }
    }

    // The kernel

    /// Whether there are more folders than the kernel in use is made for. Looks at no more than that.
    fn are_too_many(&mut self) -> bool {
        let (most, mut found) = (self.kernel.most(), 0usize);
        if most == usize::MAX {
            return false;
        }
        for rooted in &self.roots {
            let Root { path, prune, one_file_system, .. } = &rooted.root;
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let Ok(at) = openat(CWD, path, flags, Mode::empty()) else { continue }; // told as lost
            let mut stack = vec![PathBuf::new()];
            while let Some(below) = stack.pop() {
                found = found.saturating_add(1);
                if found > most || self.shared.stopped.load(Ordering::Acquire) {
                    return found > most;
                }
                let Ok(fd) = open_folder_below(at.as_fd(), &below, *one_file_system) else {
                    continue; // it has no watch either
                };
                // Broken off: what is there is watched, and then the number is seen.
                let _ = folders_in(fd.as_fd(), &mut self.listing, |name| {
                    let name = OsStr::from_bytes(name);
                    if !prune(&below, name, true) {
                        stack.push(below.join(name));
                    }
                });
            }
        }
        false
    }

    /// From now on by [`Compact`]; false where the system gives no instance for it.
    fn take_compact(&mut self) -> bool {
        let compact = match Compact::new() {
            Ok(compact) if self.kernel.most() < usize::MAX => compact,
            Ok(_) => return false,
            Err(e) => {
                log::warn!(
                    "watching goes on as it is, for there is no second inotify instance: {e}"
                );
                self.fit = true;
                return false;
            }
        };
        self.kernel = Box::new(compact);
        self.fit = true;
        true
    }

    /// Watches everything by a kernel that has no watch yet.
    fn anew(&mut self) {
        let tops: Vec<PathBuf> =
            self.groups.drain(..).filter(|group| !group.whole).map(|group| group.top).collect();
        self.table = Table::new(self.roots.len());
        self.moves.clear();
        for root in 0..self.roots.len() {
            if self.roots.get(root).is_some_and(|rooted| !rooted.lost) {
                self.whole(root);
                self.hint(root, Hint::Overflow);
            }
        }
        // They were to be handed out, and are.
        for top in tops {
            if let Some(group) = self.group_of(&top) {
                self.groups.push_back(group);
            }
        }
    }

    // Events

    fn event(&mut self, event: &Event) {
        let (what, cookie, name) = (event.what, event.cookie, &*event.name);
        if what.contains(ReadFlags::QUEUE_OVERFLOW) {
            return (0..self.roots.len()).for_each(|root| self.suspect(root));
        }
        let Some(up) = self.table.by_wd(event.watch) else {
            // A folder that was moved away while events were lost. While watches are being set it
            // may be one that is not known yet.
            if self.groups.is_empty() && !what.contains(ReadFlags::IGNORED) {
                self.kernel.stray(event.watch);
            }
            return;
        };
        let own =
            ReadFlags::UNMOUNT | ReadFlags::IGNORED | ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF;
        if what.intersects(own) {
            return self.itself(up, what);
        }
        let Some((root, below)) = self.table.path(up) else { return };
        let Some(rooted) = self.roots.get(root).filter(|_| !name.is_empty()) else { return };
        let os = OsStr::from_bytes(name);
        let told = event.folder.or_else(|| self.knows(up, root, &below, event));
        let folder = told.unwrap_or_else(|| is_folder(rooted, &below, os));
        let pruned = (rooted.root.prune)(&below, os, folder);
        let mut path = rooted.root.path.join(below);
        path.push(os);
        let place = Place { root, up, name, path, folder, pruned };
        if what.contains(ReadFlags::MOVED_FROM) {
            let Place { root, path: from, pruned, .. } = place;
            let known = if folder { self.table.unplace(up, name) } else { None };
            let at = Instant::now();
            self.moves.push_back(Move { cookie, root, from, known, folder, pruned, at });
        } else if what.contains(ReadFlags::MOVED_TO) {
            self.moved_to(place, cookie);
        } else if !pruned {
            self.happened(place, what);
        }
    }

    /// Whether something is a folder, where no event says so and it need not be looked at.
    fn knows(&self, up: Id, root: usize, below: &Path, event: &Event) -> Option<bool> {
        if event.what.contains(ReadFlags::MOVED_TO) {
            let mut halves = self.moves.iter().rev().take(MOVES_LOOKED_AT);
            let half = halves.find(|half| half.cookie == event.cookie)?;
            return half.folder.then_some(true);
        }
        let known = self.table.find(up, &event.name).is_some();
        // It is gone from here; of a folder that is not in the table nothing is known below it.
        let gone = event.what.contains(ReadFlags::MOVED_FROM);
        let handed_out = || {
            let (last_root, last) = self.last.as_ref()?;
            let last = last.strip_prefix(&self.roots.get(root)?.root.path).ok()?;
            let same = last.parent() == Some(below)
                && last.file_name() == Some(OsStr::from_bytes(&event.name));
            (*last_root == root && same).then_some(false)
        };
        if known || gone { Some(known) } else { handed_out() }
    }

    /// To a watched folder itself.
    fn itself(&mut self, id: Id, what: ReadFlags) {
        let Some((root, below)) = self.table.path(id) else {
            self.table.remove(id); // it lay in a folder that is gone
            return;
        };
        if below.as_os_str().is_empty() {
            return self.lose(root);
        }
        // Of a moved folder its parents tell; of a removed one too, and then it is ignored.
        if what.contains(ReadFlags::IGNORED) {
            self.table.remove(id);
        } else if what.contains(ReadFlags::UNMOUNT) {
            self.suspect(root);
        }
    }

    fn happened(&mut self, place: Place<'_>, what: ReadFlags) {
        let known = self.table.find(place.up, place.name);
        if what.contains(ReadFlags::DELETE) {
            if let Some(id) = known.filter(|_| place.folder) {
                self.table.remove(id);
            }
            self.hint(place.root, Hint::Gone(place.path));
        } else if !place.folder {
            self.hint(place.root, Hint::File(place.path));
        } else if !known.is_some_and(|id| self.table.is_watched(id)) {
            // New, or readable now. One that is watched was found by a listing after it was made.
            self.new_folder(place);
        }
    }

    fn new_folder(&mut self, place: Place<'_>) {
        let id = self.table.child(place.up, place.name);
        self.groups.push_front(Group::new(place.root, place.path, id));
    }

    fn moved_to(&mut self, to: Place<'_>, cookie: u32) {
        let mut latest = self.moves.iter().enumerate().rev().take(MOVES_LOOKED_AT);
        let half = latest.find(|(_, half)| half.cookie == cookie).map(|(at, _)| at);
        let mut from = half.and_then(|at| self.moves.remove(at));
        if let Some(half) = from.as_mut().filter(|half| half.folder != to.folder) {
            half.pruned = self.is_pruned(half.root, &half.from, to.folder);
        }
        // What was there before is replaced, and only an empty folder can be.
        if let Some(id) = self.table.find(to.up, to.name) {
            self.forget(id);
        }
        match from {
            Some(from) if to.pruned || from.root != to.root => {
                self.out(from);
                self.came(to);
            }
            Some(from) if !from.pruned => {
                if let Some(id) = self.still(from.known) {
                    self.table.rename(id, to.up, to.name);
                }
                let path = to.path.clone();
                self.hint(to.root, Hint::Moved { from: from.from, to: path });
                if to.folder {
                    // Folders in it that were to be watched may have been looked for at the old place.
                    self.new_folder(to);
                    if let Some(group) = self.groups.front_mut() {
                        group.keeps = true;
                    }
                }
            }
            _ => self.came(to),
        }
    }

    fn is_pruned(&self, root: usize, path: &Path, folder: bool) -> bool {
        let Some(Rooted { root, .. }) = self.roots.get(root) else { return false };
        let below = path.strip_prefix(&root.path).unwrap_or(path);
        match (below.parent(), below.file_name()) {
            (Some(up), Some(name)) => (root.prune)(up, name, folder),
            _ => false,
        }
    }

    /// A folder that moved, where it is still in the table.
    fn still(&self, known: Option<(Id, i32)>) -> Option<Id> {
        known.filter(|(id, wd)| self.table.by_wd(*wd) == Some(*id)).map(|(id, _)| id)
    }

    fn came(&mut self, place: Place<'_>) {
        if place.pruned {
        } else if place.folder {
            self.new_folder(place);
        } else {
            self.hint(place.root, Hint::File(place.path));
        }
    }

    fn out(&mut self, half: Move) {
        if let Some(id) = self.still(half.known) {
            self.forget(id);
        }
        if !half.pruned {
            self.hint(half.root, Hint::Gone(half.from));
        }
    }

    /// Moves whose second half does not come.
    fn moved_out(&mut self, now: Instant) {
        while let Some(half) = self.moves.pop_front() {
            if now.duration_since(half.at) < MOVE_WAITS {
                self.moves.push_front(half);
                return;
            }
            self.out(half);
        }
    }
}

impl Group {
    fn new(root: usize, top: PathBuf, id: Id) -> Group {
        let (whole, again, keeps, limited) = (false, false, false, false);
        Group { root, top, whole, again, fd: None, stack: vec![id], keeps, limited }
    }
}

/// Opens a root, which still has to be the folder that it was.
fn open_root(rooted: &Rooted) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = openat(CWD, &rooted.root.path, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&fd)?;
    #[allow(clippy::unnecessary_cast)] // the types differ from machine to machine
    let same = |r: &Identity| (r.dev, r.ino) == (stat.st_dev as u64, stat.st_ino as u64);
    match rooted.identity.as_ref().is_some_and(same) {
        true => Ok(fd),
        false => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Whether what has the name now is a folder; one that is gone again has its own event.
fn is_folder(rooted: &Rooted, below: &Path, name: &OsStr) -> bool {
    let Ok(root) = open_root(rooted) else { return false };
    let Ok(up) = open_folder_below(root.as_fd(), below, false) else { return false };
    statat(&up, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}
