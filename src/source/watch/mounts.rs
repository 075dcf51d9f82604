//! Whether a root is still the folder it was, and whether what is there in its place may be taken
//! for it.
//!
//! The mount point of an unmounted share is an empty folder: taken for the share, everything in it
//! would count as deleted.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, StatxFlags, makedev, statx};

use super::kind;

/// A root as it was when watching began. To be kept: an agent that starts while a share is not
/// mounted sees by it that this is not the share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub dev: u64,
    pub ino: u64,
    /// The number that `statfs` has for the kind of file system.
    pub magic: u32,
    /// Where the file system that it lies on is mounted; empty where the kernel does not tell.
    pub mount_point: PathBuf,
}

impl Identity {
    /// The very same folder.
    pub fn is_same(&self, other: &Identity) -> bool {
        (self.dev, self.ino) == (other.dev, other.ino)
    }

    /// Whether `now`, at the same path, can stand for this: made anew, or mounted again, or on a
    /// mount that was added since. Not where the mount that this lay on is missing.
    pub fn may_become(&self, now: &Identity) -> bool {
        now.mount_point.starts_with(&self.mount_point)
            && (self.magic == now.magic || now.mount_point != self.mount_point)
    }
}

/// What is at `root` now; fails where it is no folder.
pub fn identity(root: &Path) -> io::Result<Identity> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    let s = statx(CWD, root, AtFlags::empty(), wanted)?;
    if rustix::fs::FileType::from_raw_mode(s.stx_mode.into()) != rustix::fs::FileType::Directory {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let told = StatxFlags::from_bits_retain(s.stx_mask).contains(StatxFlags::MNT_ID);
    let mount_point = match told {
        true => mount_point(s.stx_mnt_id, &fs::read("/proc/self/mountinfo").unwrap_or_default()),
        false => None,
    };
    Ok(Identity {
        dev: makedev(s.stx_dev_major, s.stx_dev_minor),
        ino: s.stx_ino,
        magic: kind::magic(root)?,
        mount_point: mount_point.unwrap_or_default(),
    })
}

/// proc_pid_mountinfo(5): `36 35 98:0 /mnt1 /mnt2 rw ...`, the fifth is where, with `\040` for a blank.
fn mount_point(id: u64, mountinfo: &[u8]) -> Option<PathBuf> {
    let id = id.to_string();
    let lines = mountinfo.split(|&b| b == b'\n');
    let mut fields = lines.map(|line| line.split(|&b| b == b' '));
    let path = fields.find_map(|mut f| (f.next()? == id.as_bytes()).then(|| f.nth(3)).flatten())?;
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'\\').then(|| tail.get(..3)).flatten();
        let octal = escaped.and_then(|digits| {
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok() // not an escape: as it is
        });
        rest = match octal {
            Some(_) => tail.get(3..).unwrap_or_default(),
            None => tail,
        };
        out.push(octal.unwrap_or(byte));
    }
    Some(PathBuf::from(std::ffi::OsString::from_vec(out)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_mount_is_read() {
        let info = b"21 1 8:1 / / rw - ext4 /dev/sda rw\n36 21 98:0 / /srv/my\\040share rw - ext4 /dev/sdb rw\n";
        assert_eq!(mount_point(36, info), Some(PathBuf::from("/srv/my share")));
        assert_eq!(mount_point(21, info), Some(PathBuf::from("/")));
        assert_eq!(mount_point(2, info), None);
    }

    #[test]
    fn an_empty_mount_point_is_not_the_share() {
        let of = |dev, magic, at: &str| Identity { dev, ino: 2, magic, mount_point: at.into() };
        let share = of(50, 0xef53, "/srv/share");
        let bare = of(1, 0xef53, "/");
        assert!(!share.may_become(&bare), "unmounted");
        assert!(share.may_become(&of(51, 0xef53, "/srv/share")), "mounted again, another number");
        assert!(!share.may_become(&of(51, 0x0102_1994, "/srv/share")), "something else there");
        assert!(bare.may_become(&share), "the agent began before the mount");
    }

    #[test]
    fn a_folder_is_itself() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (identity(dir.path()).unwrap(), identity(Path::new("/")).unwrap());
        assert!(a.is_same(&identity(dir.path()).unwrap()) && !a.is_same(&b));
        assert!(a.mount_point.is_absolute(), "{a:?}");
        assert!(identity(Path::new("/dev/null")).is_err());
    }
}
