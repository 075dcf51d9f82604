//! One folder: opened, listed, its entries asked about. All calls to the file system are here.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RawDir, ResolveFlags, StatxFlags, makedev, openat,
    openat2, statx,
};
use rustix::io::{Errno, retry_on_intr};

use super::plan::{Child, Job};
use super::{Entry, EntryKind, Folder, OTHER_FILE_SYSTEM, Options, Order, Prune, Stat};
use crate::error::Skip;
use crate::source::beneath::{PASSING, open_at, open_below};

/// Bytes of names taken from the kernel at once: some 1,500 entries. Twice as many saved nothing
/// that could be measured.
const BUFFER: usize = 64 << 10;
/// Folders with more entries are asked about in the order of the inodes: where the inodes are not in
/// memory, ext4 and xfs then read each of their blocks once. For a small folder there is nothing to
/// gain.
const SORTED_FROM: usize = 256;

const WANTED: StatxFlags = StatxFlags::BASIC_STATS;

/// Where a listing goes on or stops; asked for after each buffer of names.
pub(super) type Going<'a> = &'a mut dyn FnMut(usize) -> bool;

/// What all folders of a walk have in common.
pub(super) struct Lister {
    root: PathBuf,
    /// Opened once: what is reached again by its path lies below the same folder.
    opened: OnceLock<Result<Root, Errno>>,
    one_file_system: bool,
    order: Order,
    prune: Prune,
    #[cfg(test)]
    probe: super::tests::Probe,
}

#[derive(Clone)]
struct Root {
    fd: Arc<OwnedFd>,
    /// Where the kernel cannot be told to stay on one file system (before Linux 5.6, or a filter
    /// forbids `openat2`) the number of the root's is compared instead.
    only: Option<u64>,
}

/// Names that the file system gave, not asked about yet.
pub(super) struct Raw {
    ino: u64,
    name: CString,
    /// `None`: the file system does not say what it is.
    kind: Option<EntryKind>,
}

/// A folder whose names are known.
pub(super) struct Names {
    pub folder: Folder,
    pub fd: Option<Arc<OwnedFd>>,
    /// Files, and what may be one.
    pub raw: Vec<Raw>,
    pub children: Vec<Child>,
}

impl Names {
    /// Folders among `raw` that only `statx` can tell.
    pub fn unsure(&self) -> bool {
        self.raw.iter().any(|raw| raw.kind.is_none())
    }
}

/// What came of asking about some entries.
#[derive(Default)]
pub(super) struct Asked {
    pub entries: Vec<Entry>,
    pub trouble: Vec<(OsString, Skip)>,
    /// Those that turned out to be folders.
    pub children: Vec<Child>,
}

impl Lister {
    pub fn new(root: &Path, options: &Options, order: Order, prune: Prune) -> Lister {
        Lister {
            root: root.to_path_buf(),
            opened: OnceLock::new(),
            one_file_system: options.one_file_system,
            order,
            prune,
            #[cfg(test)]
            probe: options.probe.clone(),
        }
    }

    /// Opens the folder of a job and takes its names. `buffer` is memory to work in.
    pub fn names(&self, job: &Job, buffer: &mut Vec<u8>, going: Going<'_>) -> Names {
        let (below, chain) = job.place.path();
        let fd = match self.open(job, &below) {
            Ok(fd) => Arc::new(fd),
            Err(errno) => {
                let trouble = vec![(OsString::new(), why(errno))];
                let folder = Folder { below, chain, trouble, ..Folder::default() };
                return Names { folder, fd: None, raw: Vec::new(), children: Vec::new() };
            }
        };
        let mut names = self.take(fd, below, job.silent(), buffer, going);
        names.folder.chain = chain;
        names
    }

    /// One folder by itself.
    pub fn one(&self, below: &Path) -> io::Result<Folder> {
        let fd = match below.as_os_str().is_empty() {
            true => self.root()?.fd.try_clone()?,
            false => self.open_by_path(below)?,
        };
        let fd = Arc::new(fd);
        let mut names =
            self.take(Arc::clone(&fd), below.to_path_buf(), false, &mut Vec::new(), &mut |_| true);
        let asked = self.ask_all(&fd, &names.folder.below, std::mem::take(&mut names.raw));
        names.folder.entries.extend(asked.entries);
        names.folder.trouble.extend(asked.trouble);
        Ok(names.folder)
    }

    fn root(&self) -> Result<Root, Errno> {
        self.opened.get_or_init(|| self.open_root()).clone()
    }

    fn open_root(&self) -> Result<Root, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let open = |flags| retry_on_intr(|| openat(CWD, &self.root, flags, Mode::empty()));
        let fd = match open(flags | OFlags::NOATIME) {
            Err(Errno::PERM) => open(flags),
            done => done,
        }?;
        let told = openat2(&fd, c".", PASSING, Mode::empty(), ResolveFlags::NO_XDEV).is_ok();
        let only = match told || !self.one_file_system {
            true => None,
            false => Some(ask(fd.as_fd(), c"", AtFlags::EMPTY_PATH)?.1.dev),
        };
        Ok(Root { fd: Arc::new(fd), only })
    }

    fn open(&self, job: &Job, below: &Path) -> Result<OwnedFd, Errno> {
        self.called();
        match (&job.parent, job.place.name()) {
            // A copy would share its place in the listing: opened anew, from the folder that is open.
            (_, None) => {
                let root = self.root()?;
                self.open_folder(root.fd.as_fd(), c".")
            }
            (Some(parent), Some(name)) => self.open_folder(parent.as_fd(), OsStr::from_bytes(name)),
            (None, Some(_)) => self.open_by_path(below),
        }
    }

    fn open_by_path(&self, below: &Path) -> Result<OwnedFd, Errno> {
        let root = self.root()?;
        with_or_without_atime(|flags| open_below(root.fd.as_fd(), below, flags, self.further()))
    }

    fn open_folder(
        &self,
        at: BorrowedFd<'_>,
        name: impl rustix::path::Arg + Copy,
    ) -> Result<OwnedFd, Errno> {
        with_or_without_atime(|flags| open_at(at, name, flags, self.further()))
    }

    fn further(&self) -> ResolveFlags {
        match self.one_file_system {
            true => ResolveFlags::NO_XDEV,
            false => ResolveFlags::empty(),
        }
    }

    fn take(
        &self,
        fd: Arc<OwnedFd>,
        below: PathBuf,
        silent: bool,
        buffer: &mut Vec<u8>,
        going: Going<'_>,
    ) -> Names {
        let mut folder = Folder { below, ..Folder::default() };
        match ask(fd.as_fd(), c"", AtFlags::EMPTY_PATH) {
            Ok((_, stat)) => folder.stat = stat,
            Err(errno) => folder.trouble.push((OsString::new(), why(errno))),
        }
        if self.root().is_ok_and(|root| root.only.is_some_and(|dev| dev != folder.stat.dev)) {
            folder.trouble.push((OsString::new(), why(Errno::XDEV)));
            return Names { folder, fd: None, raw: Vec::new(), children: Vec::new() };
        }
        let (mut raw, mut children) = (Vec::new(), Vec::new());
        buffer.clear();
        buffer.reserve(BUFFER);
        self.called();
        let mut listing = RawDir::new(&*fd, buffer.spare_capacity_mut());
        loop {
            if listing.is_buffer_empty() && !going(raw.len() + folder.entries.len()) {
                break;
            }
            let entry = match listing.next() {
                None => {
                    folder.listed = folder.trouble.is_empty();
                    break;
                }
                Some(Err(Errno::INTR)) => continue,
                Some(Err(errno)) => {
                    folder.trouble.push((OsString::new(), why(errno)));
                    break;
                }
                Some(Ok(entry)) => entry,
            };
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind = self.told(entry.file_type());
            // Of a folder that was handed out before, only the way further down is wanted.
            if silent && !matches!(kind, None | Some(EntryKind::Folder)) {
                continue;
            }
            let os = OsStr::from_bytes(name.to_bytes());
            if kind.is_some_and(|k| (self.prune)(&folder.below, os, k == EntryKind::Folder)) {
                continue;
            }
            match kind {
                Some(EntryKind::File) | None => {
                    raw.push(Raw { ino: entry.ino(), name: name.to_owned(), kind });
                }
                Some(kind) => {
                    if kind == EntryKind::Folder {
                        children.push(self.child(name.to_bytes()));
                    }
                    if !silent {
                        folder.entries.push(Entry { name: os.into(), kind, stat: Stat::default() });
                    }
                }
            }
        }
        if raw.len() >= SORTED_FROM {
            raw.sort_unstable_by_key(|raw| raw.ino);
        }
        Names { folder, fd: Some(fd), raw, children }
    }

    pub fn child(&self, name: &[u8]) -> Child {
        Child { order: (self.order)(name), name: name.into() }
    }

    /// Asks about each of `raw`.
    pub fn ask_all(&self, fd: &OwnedFd, below: &Path, raw: Vec<Raw>) -> Asked {
        let mut out = Asked { entries: Vec::with_capacity(raw.len()), ..Asked::default() };
        for Raw { name, kind: told, .. } in raw {
            self.called();
            match ask(fd.as_fd(), &name, AtFlags::empty()) {
                Ok((kind, stat)) => {
                    let name = OsString::from_vec(name.into_bytes());
                    if told.is_none() {
                        if (self.prune)(below, &name, kind == EntryKind::Folder) {
                            continue;
                        }
                        if kind == EntryKind::Folder {
                            out.children.push(self.child(name.as_bytes()));
                        }
                    }
                    out.entries.push(Entry { name, kind, stat });
                }
                // Removed since it was listed: as if it had been a moment before.
                Err(Errno::NOENT) => {}
                Err(errno) => {
                    let name = OsString::from_vec(name.into_bytes());
                    out.trouble.push((name, why(errno)));
                }
            }
        }
        out
    }

    #[cfg(not(test))]
    fn called(&self) {}

    #[cfg(not(test))]
    fn told(&self, kind: FileType) -> Option<EntryKind> {
        kind_of(kind)
    }

    #[cfg(test)]
    fn called(&self) {
        self.probe.called();
    }

    #[cfg(test)]
    fn told(&self, kind: FileType) -> Option<EntryKind> {
        if self.probe.tells_no_kinds { None } else { kind_of(kind) }
    }
}

/// Opens the folder `below` an open one, `""` being that one, and not one that a mount lies between
/// with `one_file_system`.
pub(in crate::source) fn open_folder_below(
    root: BorrowedFd<'_>,
    below: &Path,
    one_file_system: bool,
) -> Result<OwnedFd, Errno> {
    let further = match one_file_system {
        true => ResolveFlags::NO_XDEV,
        false => ResolveFlags::empty(),
    };
    let below = if below.as_os_str().is_empty() { Path::new(".") } else { below };
    with_or_without_atime(|flags| open_below(root, below, flags, further))
}

/// The names of the folders in an open folder. Ends early where the listing fails.
pub(in crate::source) fn folders_in(
    fd: BorrowedFd<'_>,
    buffer: &mut Vec<u8>,
    mut each: impl FnMut(&[u8]),
) -> Result<(), Errno> {
    buffer.clear();
    buffer.reserve(BUFFER);
    let mut listing = RawDir::new(fd, buffer.spare_capacity_mut());
    while let Some(entry) = listing.next() {
        let entry = match entry {
            Err(Errno::INTR) => continue,
            entry => entry?,
        };
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let kind = match kind_of(entry.file_type()) {
            // Not told and not to be asked: removed meanwhile, or its folder would not list at all.
            None => ask(fd, name, AtFlags::empty()).ok().map(|(kind, _)| kind),
            told => told,
        };
        if kind == Some(EntryKind::Folder) {
            each(name.to_bytes());
        }
    }
    Ok(())
}

fn why(errno: Errno) -> Skip {
    match errno {
        Errno::XDEV => Skip::NotRegular(OTHER_FILE_SYSTEM),
        errno => io::Error::from(errno).into(),
    }
}

/// Opens a folder so that its time of reading stays, where that is allowed: to its owner, and to
/// who may act as such.
fn with_or_without_atime(
    open: impl Fn(OFlags) -> Result<OwnedFd, Errno>,
) -> Result<OwnedFd, Errno> {
    let flags =
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match retry_on_intr(|| open(flags | OFlags::NOATIME)) {
        Err(Errno::PERM) => retry_on_intr(|| open(flags)),
        done => done,
    }
}

/// What `name` in an open folder is; of the folder itself with an empty name and `EMPTY_PATH`.
pub(super) fn ask(
    at: BorrowedFd<'_>,
    name: &CStr,
    further: AtFlags,
) -> Result<(EntryKind, Stat), Errno> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | further;
    let s = retry_on_intr(|| statx(at, name, flags, WANTED))?;
    let ns =
        |sec: i64, nsec: u32| sec.saturating_mul(1_000_000_000).saturating_add(i64::from(nsec));
    let mode = u32::from(s.stx_mode);
    let kind = kind_of(FileType::from_raw_mode(mode)).unwrap_or(EntryKind::Other("device"));
    let stat = Stat {
        dev: makedev(s.stx_dev_major, s.stx_dev_minor),
        ino: s.stx_ino,
        size: s.stx_size,
        mtime_ns: ns(s.stx_mtime.tv_sec, s.stx_mtime.tv_nsec),
        ctime_ns: ns(s.stx_ctime.tv_sec, s.stx_ctime.tv_nsec),
        mode,
        uid: s.stx_uid,
        nlink: s.stx_nlink,
    };
    Ok((kind, stat))
}

fn kind_of(kind: FileType) -> Option<EntryKind> {
    Some(match kind {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        FileType::Symlink => EntryKind::Link,
        FileType::Fifo => EntryKind::Other("fifo"),
        FileType::Socket => EntryKind::Other("socket"),
        FileType::CharacterDevice | FileType::BlockDevice => EntryKind::Other("device"),
        FileType::Unknown => return None,
    })
}
