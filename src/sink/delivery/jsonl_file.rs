//! JSON lines appended to a file, for a log shipper or a SIEM's agent on this machine.
//!
//! Acknowledged is what `fdatasync` returned for. Never truncates. Rotation is done here (`file.1`, `file.2`, ...,
//! the oldest of `keep` goes), or by logrotate's rename: a path that names another file than the open one is opened
//! anew, before a batch and after it, since a line that went into a file that is just being compressed is lost.
//! Not by `copytruncate`, which loses what is written between its copy and its cut.
//!
//! A line that a crash cut in two is closed by a newline, so that its reader meets one damaged line and no mixed one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::num::{NonZeroU32, NonZeroU64};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::lines::{self, Tail};
use super::{Acknowledging, Parcel, Refusal};

/// The group may read: the log shipper's.
const MODE: u32 = 0o640;

/// Renames under our hands within one delivery before we wait for a better time.
const RENAMES: u32 = 3;

/// When a new file is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// No file grows over this, unless a single line is larger.
    pub max_bytes: NonZeroU64,
    /// Full files that are kept beside the one that is written to.
    pub keep: NonZeroU32,
}

/// One file; nobody else writes to it.
pub struct JsonlFile {
    name: String,
    path: PathBuf,
    rotation: Option<Rotation>,
    open: Option<Open>,
}

struct Open {
    file: File,
    /// Device and inode: what the path named when it was opened.
    identity: (u64, u64),
    size: u64,
    tail: Tail,
}

impl JsonlFile {
    /// Opens nothing yet: a folder that is not mounted is a reason to wait, not to give up.
    pub fn new(name: &str, path: &Path, rotation: Option<Rotation>) -> JsonlFile {
        JsonlFile { name: name.into(), path: path.into(), rotation, open: None }
    }

    fn later(&self, does: &str, e: &io::Error) -> Refusal {
        Refusal::Later(format!("cannot {does} {}: {e}", self.path.display()), None)
    }

    /// The open file, if the path still names it and its size is the one we left it with.
    fn current(&mut self) -> Result<Open, Refusal> {
        if let Some(mut open) = self.open.take()
            && identity_at(&self.path) == Some(open.identity)
        {
            let size = open.file.metadata().map_err(|e| self.later("look at", &e))?.size();
            if size != open.size {
                // Somebody else was here: a truncation, or another writer.
                open.tail = tail_of(&open.file, size).map_err(|e| self.later("read", &e))?;
                open.size = size;
            }
            return Ok(open);
        }
        self.open_path().map_err(|e| self.later("open", &e))
    }

    fn open_path(&self) -> io::Result<Open> {
        let mut options = OpenOptions::new();
        // Reading is for the last byte. Without NONBLOCK a pipe under this name would hold us up.
        options.read(true).append(true).mode(MODE).custom_flags(OFlags::NONBLOCK.bits() as i32);
        let file = match options.clone().create_new(true).open(&self.path) {
            Ok(file) => {
                // Whatever the umask, the group may read; and the name itself has to last.
                file.set_permissions(fs::Permissions::from_mode(MODE))?;
                sync_folder(&self.path)?;
                file
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => options.open(&self.path)?,
            Err(e) => return Err(e),
        };
        let facts = file.metadata()?;
        if !facts.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        let size = facts.size();
        let tail = tail_of(&file, size)?;
        Ok(Open { file, identity: (facts.dev(), facts.ino()), size, tail })
    }

    /// How many lines are durable under the path; `None` if it was given to another file meanwhile.
    fn append(
        &mut self,
        first: &Parcel<'_>,
        batch: &[Parcel<'_>],
    ) -> Result<Option<usize>, Refusal> {
        let mut open = self.current()?;
        if let Some(Rotation { max_bytes, keep }) = self.rotation
            && open.size > 0
            // A line that was begun is ended where it was begun.
            && !matches!(open.tail, Tail::Half { seq, .. } if seq == first.seq)
            && open.size.saturating_add(line_bytes(first)) > max_bytes.get()
        {
            self.rotate(keep).map_err(|e| self.later("rotate", &e))?;
            open = self.open_path().map_err(|e| self.later("open", &e))?;
        }
        let most = self.rotation.map_or(u64::MAX, |r| r.max_bytes.get());
        let batch = fitting(batch, most.saturating_sub(open.size));
        let progress = lines::write(&mut open.file, batch, open.tail);
        open.tail = progress.tail;
        // What a failed sync left on the disk nobody knows: the file is opened anew and all of it comes again.
        open.file.sync_data().map_err(|e| self.later("write", &e))?;
        open.size = open.file.metadata().map_err(|e| self.later("look at", &e))?.size();
        let moved = identity_at(&self.path) != Some(open.identity);
        self.open = Some(open);
        match progress.failed {
            Some(e) if progress.whole == 0 => Err(self.later("write", &e)),
            // Perhaps it was read to its end before we wrote. Once more, into the new one.
            _ if moved => Ok(None),
            _ => Ok(Some(progress.whole)),
        }
    }

    /// `file.1` becomes `file.2` and so on up to the first gap: one that a crash left is filled, so that it costs no file.
    fn rotate(&self, keep: NonZeroU32) -> io::Result<()> {
        let mut last = 1;
        while last < keep.get() && numbered(&self.path, last).symlink_metadata().is_ok() {
            last += 1;
        }
        for n in (1..last).rev() {
            fs::rename(numbered(&self.path, n), numbered(&self.path, n + 1))?;
        }
        fs::rename(&self.path, numbered(&self.path, 1))?;
        sync_folder(&self.path)
    }
}

impl Acknowledging for JsonlFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, batch: &[Parcel<'_>]) -> Result<usize, Refusal> {
        let Some(first) = batch.first() else { return Ok(0) };
        lines::refuse_broken(first)?;
        for _ in 0..RENAMES {
            if let Some(whole) = self.append(first, batch)? {
                return Ok(whole);
            }
        }
        let said =
            format!("{} is renamed again and again while it is written", self.path.display());
        Err(Refusal::Later(said, None))
    }

    fn reopen(&mut self) {
        self.open = None;
    }
}

/// The parcels up to the first that does not fit or cannot be taken; one in any case.
fn fitting<'a, 'b>(batch: &'b [Parcel<'a>], room: u64) -> &'b [Parcel<'a>] {
    let mut bytes = 0u64;
    let n = batch
        .iter()
        .take_while(|parcel| {
            bytes = bytes.saturating_add(line_bytes(parcel));
            bytes <= room && lines::refuse_broken(parcel).is_ok()
        })
        .count();
    batch.get(..n.max(1)).unwrap_or(batch)
}

fn line_bytes(parcel: &Parcel<'_>) -> u64 {
    parcel.line.len() as u64 + 1
}

/// What ends the file. A half line in a file that was just opened is nobody's: its parcel may have changed.
fn tail_of(file: &File, size: u64) -> io::Result<Tail> {
    let Some(at) = size.checked_sub(1) else { return Ok(Tail::Closed) };
    let mut last = [0u8];
    file.read_exact_at(&mut last, at)?;
    Ok(if last == *b"\n" { Tail::Closed } else { Tail::Torn })
}

/// Device and inode of what the path names now.
fn identity_at(path: &Path) -> Option<(u64, u64)> {
    // Gone or out of reach: in both cases it is not the file that is open.
    fs::metadata(path).ok().map(|m| (m.dev(), m.ino()))
}

/// `findings.jsonl.1`
fn numbered(path: &Path, n: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{n}"));
    name.into()
}

/// A name is durable once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
