//! What stands between the thread of a watcher and the kernel: watches are set and taken off, events
//! come.
//!
//! Two do it: [`super::by_notify::ByNotify`], and for more folders than that is made for [`Compact`],
//! which speaks inotify itself and keeps nothing of a folder.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::inotify::{
    self, CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, remove_watch,
};
use rustix::io::Errno;

/// Room for some 1,000 events.
const BUFFER: usize = 64 << 10;

/// No opening and no reading: those would be our own.
const WANTED: WatchFlags = WatchFlags::CLOSE_WRITE
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::EXCL_UNLINK)
    .union(WatchFlags::ONLYDIR);

/// A folder that is to be watched.
pub(super) struct Folder<'a> {
    /// Index of the root it lies in.
    pub root: usize,
    /// Each write is an event.
    pub growth: bool,
    pub fd: BorrowedFd<'a>,
    pub root_path: &'a Path,
    pub below: &'a Path,
}

/// Something happened to a watched folder (no name) or in it.
pub(super) struct Event {
    pub watch: i32,
    pub what: ReadFlags,
    pub cookie: u32,
    /// Whether that with the name is a folder, where it is told.
    pub folder: Option<bool>,
    pub name: Box<[u8]>,
}

pub(super) enum Refused {
    /// The system gives no more watches.
    Full,
    /// No folder at all can be watched this way.
    Unfit,
    /// Not this folder.
    Other,
}

pub(super) trait Kernel: Send {
    /// For how many folders it is made.
    fn most(&self) -> usize;
    /// Readable while there are events.
    fn ready(&self) -> BorrowedFd<'_>;
    /// Watches a folder. A folder that is watched already may get the same number or a new one, and
    /// then the old one is to be removed.
    fn add(&mut self, folder: &Folder<'_>) -> Result<i32, Refused>;
    fn remove(&mut self, watch: i32);
    /// All watches of a root at once; false where they are to be removed one by one.
    fn clear(&mut self, root: usize) -> bool;
    /// An event came of a watch that nobody knows.
    fn stray(&mut self, watch: i32);
    /// What came since.
    fn read(&mut self, out: &mut Vec<Event>);
}

pub(super) struct Compact {
    inotify: OwnedFd,
    buffer: Vec<u8>,
}

impl Compact {
    pub fn new() -> io::Result<Compact> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok(Compact { inotify, buffer: Vec::with_capacity(BUFFER) })
    }
}

impl Kernel for Compact {
    fn most(&self) -> usize {
        usize::MAX
    }

    fn ready(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }

    fn add(&mut self, folder: &Folder<'_>) -> Result<i32, Refused> {
        let wanted = match folder.growth {
            true => WANTED | WatchFlags::MODIFY,
            false => WANTED,
        };
        let through = format!("/proc/self/fd/{}", folder.fd.as_raw_fd());
        let added = match add_watch(&self.inotify, through, wanted) {
            // No /proc here: along the path, whose last step at least is no link.
            Err(Errno::NOENT | Errno::ACCESS) => {
                let path = folder.root_path.join(folder.below);
                let last = match folder.below.as_os_str().is_empty() {
                    true => WatchFlags::empty(),
                    false => WatchFlags::DONT_FOLLOW,
                };
                add_watch(&self.inotify, path, wanted | last)
            }
            added => added,
        };
        added.map_err(|errno| match errno {
            Errno::NOSPC | Errno::NOMEM => Refused::Full,
            _ => Refused::Other,
        })
    }

    fn remove(&mut self, watch: i32) {
        // Fails where the folder is gone, and its watch with it.
        let _ = remove_watch(&self.inotify, watch);
    }

    /// The kernel gives the number that a folder has when it is watched again.
    fn clear(&mut self, _: usize) -> bool {
        false
    }

    fn stray(&mut self, watch: i32) {
        self.remove(watch);
    }

    fn read(&mut self, out: &mut Vec<Event>) {
        self.buffer.clear();
        let mut reader = Reader::new(&self.inotify, self.buffer.spare_capacity_mut());
        // An error: nothing is there, or it was interrupted and is asked again.
        while let Ok(event) = reader.next() {
            out.push(Event {
                watch: event.wd(),
                what: event.events(),
                cookie: event.cookie(),
                folder: Some(event.events().contains(ReadFlags::ISDIR)),
                name: event.file_name().map(|name| name.to_bytes()).unwrap_or_default().into(),
            });
            if reader.is_buffer_empty() {
                break;
            }
        }
    }
}
