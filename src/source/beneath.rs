//! Opens what lies below a root, and nothing that does not.
//!
//! Between the listing and the opening a folder may become a link that leads elsewhere: the kernel
//! itself (`openat2`) is told to follow none, and not to leave the root. Paths longer than the
//! kernel takes at once (4096 bytes: two thousand nested folders) are gone along in pieces.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;
use rustix::path::Arg;

/// Bytes of a path that are given to the kernel at once.
const PIECE: usize = 4000;

/// Opens for reading, without waiting for a pipe or becoming the owner of a terminal. `path` is the
/// root, or lies below it by name; a root that is a link was named by somebody and is followed.
pub fn open_beneath(root: &Path, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let below = match path.strip_prefix(root) {
        Ok(below) if !below.as_os_str().is_empty() => below,
        // The root itself; or a path by another name, of which only the last step can be held to.
        Ok(_) => return Ok(openat(CWD, path, flags, Mode::empty())?),
        Err(_) => return Ok(openat(CWD, path, flags | OFlags::NOFOLLOW, Mode::empty())?),
    };
    let root = openat(CWD, root, PASSING, Mode::empty())?;
    Ok(open_below(root.as_fd(), below, flags, ResolveFlags::empty())?)
}

/// A folder that is only passed through. `openat2` refuses any further flag beside `O_PATH`.
pub(super) const PASSING: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// The same from a folder that is open; `below` is not empty. `further` may hold [`ResolveFlags::NO_XDEV`].
pub(super) fn open_below(
    root: BorrowedFd<'_>,
    below: &Path,
    flags: OFlags,
    further: ResolveFlags,
) -> Result<OwnedFd, Errno> {
    let mut at: Option<OwnedFd> = None;
    let mut piece = PathBuf::new();
    for step in below.components() {
        if piece.as_os_str().len() + step.as_os_str().len() >= PIECE {
            let from = at.as_ref().map_or(root, OwnedFd::as_fd);
            at = Some(open_at(from, &piece, PASSING, further)?);
            piece = PathBuf::new();
        }
        piece.push(step);
    }
    open_at(at.as_ref().map_or(root, OwnedFd::as_fd), &piece, flags, further)
}

pub(super) fn open_at(
    at: BorrowedFd<'_>,
    path: impl Arg + Copy,
    flags: OFlags,
    further: ResolveFlags,
) -> Result<OwnedFd, Errno> {
    let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let within = within | further;
    match openat2(at, path, flags, Mode::empty(), within) {
        // Before Linux 5.6, or forbidden by a container's filter: at least the last step is no link.
        Err(Errno::NOSYS | Errno::PERM) => {
            openat(at, path, flags | OFlags::NOFOLLOW, Mode::empty())
        }
        // A rename somewhere on the way while the kernel looked: it asks to try again.
        Err(Errno::AGAIN) => openat2(at, path, flags, Mode::empty(), within),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use super::*;

    fn read(root: &Path, path: &Path) -> io::Result<String> {
        let mut text = String::new();
        File::from(open_beneath(root, path, OFlags::RDONLY)?).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn no_link_on_the_way_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(root.join("a/b/f"), "in").unwrap();
        fs::write(outside.join("f"), "out").unwrap();
        symlink(&outside, root.join("a/link")).unwrap();
        symlink("b/f", root.join("a/last")).unwrap();
        symlink(&root, dir.path().join("named")).unwrap();
        assert_eq!(read(&root, &root.join("a/b/f")).unwrap(), "in");
        assert!(read(&root, &root.join("a/link/f")).is_err());
        assert!(read(&root, &root.join("a/last")).is_err());
        assert!(read(&root, &root.join("../outside/f")).is_err());
        let named = dir.path().join("named");
        assert_eq!(read(&named, &named.join("a/b/f")).unwrap(), "in", "a root may be a link");
        assert_eq!(read(&root.join("a/b/f"), &root.join("a/b/f")).unwrap(), "in");
    }
}
