//! Which file systems tell of changes: inotify sees what this machine does, so a share that other
//! machines write to is silent, without an error.

use std::io;
use std::path::Path;

/// What kind of file system something lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FsKind {
    /// inotify tells of every change.
    Local,
    /// Changes by other machines are not told: to be polled.
    Network(&'static str),
    /// Whatever a program makes of it; most are networks (sshfs, GlusterFS, rclone): to be polled.
    Fuse,
    /// Made up by the kernel: nothing to scan.
    Pseudo(&'static str),
}

/// Numbers of `statfs(2)`, `linux/magic.h` and the file systems' own headers.
const NETWORKS: &[(u32, &str)] = &[
    (0x0000_6969, "nfs"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb2"),
    (0x0000_517b, "smb"),
    (0x00c3_6400, "ceph"),
    (0x0102_1997, "9p"),
    (0x0bd0_0bd0, "lustre"),
    (0x5346_414f, "afs"),
    (0x6b41_4653, "kafs"),
    (0x7375_7245, "coda"),
    (0x0000_564c, "ncp"),
    (0x0116_1970, "gfs2"),
    (0x7461_636f, "ocfs2"),
    (0x4750_4653, "gpfs"),
    (0x1989_0604, "beegfs"),
    (0x2030_528d, "pvfs2"),
    (0x786f_4256, "vboxsf"),
    (0xbacb_acbc, "vmhgfs"),
];
const FUSE: &[u32] = &[0x6573_5546, 0x6573_5543];
const PSEUDO: &[(u32, &str)] = &[
    (0x0000_9fa0, "proc"),
    (0x6265_6572, "sysfs"),
    (0x0000_1cd1, "devpts"),
    (0x6462_6720, "debugfs"),
    (0x7472_6163, "tracefs"),
    (0x6367_7270, "cgroup2"),
    (0x0027_e0eb, "cgroup"),
    (0x7363_6673, "securityfs"),
    (0xf97c_ff8c, "selinuxfs"),
    (0xcafe_4a11, "bpf"),
    (0x6165_676c, "pstore"),
    (0x6264_6576, "binderfs"),
    (0x6265_6570, "configfs"),
    (0x4249_4e4d, "binfmt_misc"),
    (0xde5e_81e4, "efivarfs"),
    (0x0000_0187, "autofs"),
    (0x6e73_6673, "nsfs"),
    (0x5049_5045, "pipefs"),
    (0x534f_434b, "sockfs"),
];

/// The kind of the file system that `path` lies on; a link is followed.
pub fn fs_kind(path: &Path) -> io::Result<FsKind> {
    Ok(of_magic(magic(path)?))
}

pub(super) fn magic(path: &Path) -> io::Result<u32> {
    // 32 bits on every file system; the kernel's type is wider or signed, as the machine has it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok(rustix::fs::statfs(path)?.f_type as u32)
}

fn of_magic(magic: u32) -> FsKind {
    let named = |table: &[(u32, &'static str)]| {
        table.iter().find(|(number, _)| *number == magic).map(|(_, name)| *name)
    };
    if FUSE.contains(&magic) {
        FsKind::Fuse
    } else if let Some(name) = named(NETWORKS) {
        FsKind::Network(name)
    } else if let Some(name) = named(PSEUDO) {
        FsKind::Pseudo(name)
    } else {
        // ext, xfs, btrfs, zfs, tmpfs, overlay, f2fs, ntfs3, vfat and whatever comes: disks.
        FsKind::Local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_of_one_kind() {
        let numbers = NETWORKS.iter().chain(PSEUDO).map(|(n, _)| *n).chain(FUSE.iter().copied());
        let mut all: Vec<u32> = numbers.collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn networks_are_told_from_disks() {
        assert_eq!(of_magic(0xfe53_4d42), FsKind::Network("smb2"));
        assert_eq!(of_magic(0x6573_5546), FsKind::Fuse);
        for disk in [0xef53, 0x5846_5342, 0x9123_683e, 0x2fc1_2fc1, 0x0102_1994, 0x794c_7630] {
            assert_eq!(of_magic(disk), FsKind::Local, "{disk:x}");
        }
        assert_eq!(fs_kind(Path::new("/proc")).unwrap(), FsKind::Pseudo("proc"));
        assert!(fs_kind(Path::new("/nonexistent")).is_err());
    }
}
