//! A share of millions of files, a folder at a time, without the tree ever being in memory.
//!
//! Folders come depth first, each before what lies below it; the folders inside of one are ordered
//! by a number made from their name, which the caller gives (a keyed hash: then the place that a
//! walk has got to, a *chain* of such numbers, tells nobody a name). [`tree`] goes on behind any
//! chain and lists, of all that lies before it, only the folders that lead there.
//!
//! ```text
//! Plan (what comes next, in order) -> list (one folder: open, getdents, statx) -> Folder
//! ```
//!
//! With one thread each folder is listed when it is asked for. With more a pool lists the folders
//! that come next ahead of time and shares the `statx` calls of a large folder, so that a share
//! where each call takes a millisecond is not walked at a thousand files a second; what is handed
//! out, and in which order, is the same. Nothing is written, no link is followed, the time of
//! reading is not changed where the kernel allows that (`O_NOATIME`).

mod alone;
mod list;
mod plan;
mod pool;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, openat};

use super::beneath::{PASSING, open_below};
use crate::error::Skip;
use alone::Alone;
use list::Lister;
use plan::First;
use pool::Pool;

pub(super) use list::{folders_in, open_folder_below};

/// What `statx` says of an entry, as far as a change of it tells of a change of the content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stat {
    pub dev: u64,
    pub ino: u64,
    pub size: u64,
    /// Nanoseconds since 1970; times that do not fit (before 1677, past 2262) are the nearest that do.
    pub mtime_ns: i64,
    pub ctime_ns: i64,
    pub mode: u32,
    pub uid: u32,
    pub nlink: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Folder,
    /// A symbolic link: never followed.
    Link,
    /// `"fifo"`, `"socket"` or `"device"`.
    Other(&'static str),
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: OsString,
    pub kind: EntryKind,
    /// Of files. All others have nothing but zeros, unless the file system does not tell kinds when
    /// it lists and they had to be asked for.
    pub stat: Stat,
}

/// One folder with all that lies directly in it.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Relative to the root; empty for the root itself.
    pub below: PathBuf,
    /// The order of each component of `below`: what [`tree`] takes as `after`.
    pub chain: Vec<u64>,
    pub stat: Stat,
    /// By inode where that makes reading faster, else as the file system lists them. What the
    /// caller prunes and what vanished while the folder was listed is not there.
    pub entries: Vec<Entry>,
    /// Entries that would not be asked about; with an empty name, why the folder itself was not
    /// listed, or not to its end.
    pub trouble: Vec<(OsString, Skip)>,
    /// All names were seen: one that is not in `entries` or `trouble` is not in the folder.
    pub listed: bool,
}

/// The reason in [`Skip::NotRegular`] of a folder that [`Options::one_file_system`] leaves out.
pub const OTHER_FILE_SYSTEM: &str = "other file system";

#[derive(Debug, Clone)]
pub struct Options {
    /// Calls to the file system in flight. 1: no thread is started.
    pub threads: usize,
    /// Mounts below the root are handed out as not listed ([`OTHER_FILE_SYSTEM`]) and not entered.
    pub one_file_system: bool,
    /// Folders listed or being listed and not handed out yet; only where `threads` is over 1.
    pub look_ahead: usize,
    /// Entries of such folders: with more no further folder is begun, and a large one waits in the
    /// middle of its listing until it is its turn.
    pub look_ahead_entries: usize,
    #[cfg(test)]
    pub(crate) probe: tests::Probe,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            threads: 1,
            one_file_system: true,
            look_ahead: 256,
            look_ahead_entries: 100_000,
            #[cfg(test)]
            probe: tests::Probe::default(),
        }
    }
}

/// The place of a folder among its siblings, from its name.
pub type Order = Arc<dyn Fn(&[u8]) -> u64 + Send + Sync>;
/// True for what shall be left out: the folder it lies in (relative to the root), its name, and
/// whether it is a folder itself.
pub type Prune = Arc<dyn Fn(&Path, &OsStr, bool) -> bool + Send + Sync>;

/// Walks all folders of `root`, or those behind the chain `after` (the last folder that is wholly
/// dealt with: it and what comes before it is not handed out again; `&[]` is the root itself).
/// A root that is not there is a [`Folder`] that was not listed.
pub fn tree(
    root: &Path,
    options: &Options,
    order: Order,
    after: Option<&[u64]>,
    prune: Prune,
) -> Tree {
    let lister = Lister::new(root, options, order, prune);
    begin(lister, First::Root { after: after.map(Box::from) }, options)
}

/// Walks the folder `below` of `root` and all that lies in it; paths and chains are those of the
/// walk of the whole root. No link is followed on the way there.
pub fn tree_below(
    root: &Path,
    below: &Path,
    options: &Options,
    order: Order,
    prune: Prune,
) -> Tree {
    let lister = Lister::new(root, options, order, prune);
    let first = First::Below(below.iter().map(|name| lister.child(name.as_bytes())).collect());
    begin(lister, first, options)
}

fn begin(lister: Lister, first: First, options: &Options) -> Tree {
    Tree(match options.threads {
        0 | 1 => Walk::Alone(Box::new(Alone::new(lister, first))),
        _ => Walk::Pool(Pool::new(lister, first, options)),
    })
}

/// The walk that [`tree`] begins. Dropped early, it stops; a call that hangs in a dead network
/// file system is not waited for.
pub struct Tree(Walk);

enum Walk {
    Alone(Box<Alone>),
    Pool(Pool),
}

impl Iterator for Tree {
    type Item = Folder;

    fn next(&mut self) -> Option<Folder> {
        match &mut self.0 {
            Walk::Alone(walk) => walk.next(),
            Walk::Pool(walk) => walk.next(),
        }
    }
}

/// One folder, as the walk would hand it out (with an empty chain and nothing pruned). Fails where
/// it cannot be opened; a listing that breaks off is a [`Folder`] with `listed` false.
pub fn list_one(root: &Path, below: &Path) -> io::Result<Folder> {
    let keep: Prune = Arc::new(|_, _, _| false);
    let options = Options { one_file_system: false, ..Options::default() };
    let lister = Lister::new(root, &options, Arc::new(|_| 0), keep);
    lister.one(below)
}

/// What lies at `below` now. No link is followed on the way; one that lies there is said to be one.
pub fn stat_one(root: &Path, below: &Path) -> io::Result<(EntryKind, Stat)> {
    let root = openat(CWD, root, PASSING, Mode::empty())?;
    let found = match below.as_os_str().is_empty() {
        true => root,
        false => {
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            open_below(root.as_fd(), below, flags, ResolveFlags::empty())?
        }
    };
    Ok(list::ask(found.as_fd(), c"", AtFlags::EMPTY_PATH)?)
}
