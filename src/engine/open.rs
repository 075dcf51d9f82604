//! Opens what a source proposed, trusting only the open descriptor.
//!
//! Between the listing and the opening a file may become a link or a pipe: no link is followed
//! below a root, opening a pipe does not wait, and `fstat` decides what it is.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;

use rustix::fs::OFlags;

use crate::error::Skip;
use crate::flow::Candidate;
use crate::source::open_beneath;

/// An open regular file.
pub struct Opened {
    pub file: File,
    pub facts: Metadata,
}

/// Opens for reading; the reading position is the start.
pub fn open(candidate: &Candidate) -> Result<Opened, Skip> {
    let open = |flags| open_beneath(&candidate.root, &candidate.path, flags);
    // The time of reading stays as it is, where this user may have that: on his own files.
    let opened = match open(OFlags::RDONLY | OFlags::NOATIME) {
        Err(e) if e.raw_os_error() == Some(libc::EPERM) => open(OFlags::RDONLY),
        opened => opened,
    };
    let file = opened.map_err(|e| {
        match e.raw_os_error() {
            // Listed as a file, and a link by now, or one of its folders is.
            Some(libc::ELOOP | libc::EXDEV) => Skip::SymlinkNotFollowed("became a link meanwhile"),
            Some(libc::ENXIO) => Skip::NotRegular("socket"),
            _ => e.into(),
        }
    })?;
    let file = File::from(file);
    let facts = file.metadata()?;
    let kind = facts.file_type();
    if kind.is_file() {
        return Ok(Opened { file, facts });
    }
    Err(Skip::NotRegular(if kind.is_fifo() {
        "fifo"
    } else if kind.is_socket() {
        "socket"
    } else if kind.is_dir() {
        "folder"
    } else {
        "device"
    }))
}

/// Up to `n` bytes, as many as the stream gives before its end. Sizes are not believed: files of
/// /proc say 0.
pub fn read_head(from: &mut impl Read, n: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    from.take(n as u64).read_to_end(&mut head)?;
    Ok(head)
}
