//! Writing a picture for a person: never over an input, never by halves, for its owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Refuses a place that must not be written to, before any work is done.
pub fn check(path: &Path, inputs: &[&Path], force: bool) -> Result<(), Error> {
    let shown = path.display();
    if path.file_name().is_none() || path.is_dir() {
        return Err(Error::Usage(format!("--picture {shown} is a folder; name a file in it")));
    }
    let Ok(there) = fs::symlink_metadata(path) else { return Ok(()) }; // nothing there, or not to be seen: writing will tell
    // By inode: a link to an input is that input.
    let same = |input: &&&Path| {
        let (Ok(a), Ok(b)) = (fs::metadata(path), fs::metadata(input)) else { return false };
        (a.dev(), a.ino()) == (b.dev(), b.ino())
    };
    if let Some(input) = inputs.iter().find(same) {
        return Err(Error::Usage(format!(
            "--picture {shown} is the same file as {}, which is read; name another",
            input.display()
        )));
    }
    if !force {
        return Err(Error::Usage(format!("--picture {shown} exists; --force writes over it")));
    }
    if !there.is_file() && !there.is_symlink() {
        return Err(Error::Usage(format!("--picture {shown} is no regular file")));
    }
    Ok(())
}

/// Writes a file with mode 0600: beside its place, whole and synced, then moved there. What was
/// there before is kept unless `force`; a link is replaced, not followed.
pub fn write(path: &Path, bytes: &[u8], force: bool) -> Result<(), Error> {
    let fail = |source| Error::Output { path: path.to_path_buf(), source };
    let beside = beside(path).map_err(fail)?;
    let result = fill(&beside, bytes).and_then(|()| {
        if force {
            return fs::rename(&beside, path);
        }
        // A link is made only where nothing is: nobody can come between the look and the move.
        fs::hard_link(&beside, path).or_else(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => Err(e),
            // A file system without links.
            _ if fs::symlink_metadata(path).is_err() => fs::rename(&beside, path),
            _ => Err(io::ErrorKind::AlreadyExists.into()),
        })
    });
    let _ = fs::remove_file(&beside); // moved, or of no use
    result.map_err(fail)
}

fn fill(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name that nobody else has, in the same folder.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut random = [0u8; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = format!(".iinspect-{:016x}.tmp", u64::from_le_bytes(random));
    Ok(path.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_for_its_owner_and_replaces_nothing_unasked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.png");
        write(&path, b"one", false).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(write(&path, b"two", false), Err(Error::Output { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write(&path, b"three", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(write(&dir.path().join("no/such/out.png"), b"x", false).is_err());
    }

    #[test]
    fn inputs_and_what_is_there_are_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let (input, link, hard) =
            (dir.path().join("in.png"), dir.path().join("link"), dir.path().join("hard"));
        fs::write(&input, b"picture").unwrap();
        std::os::unix::fs::symlink(&input, &link).unwrap();
        fs::hard_link(&input, &hard).unwrap();
        for out in [&input, &link, &hard] {
            let refused = check(out, &[&input], true).unwrap_err().to_string();
            assert!(refused.contains("the same file"), "{refused}");
        }
        assert!(check(dir.path(), &[], true).is_err());
        assert!(check(Path::new("/dev/null"), &[], true).is_err());
        let other = dir.path().join("other");
        assert!(check(&other, &[&input], false).is_ok());
        fs::write(&other, b"x").unwrap();
        assert!(check(&other, &[&input], false).unwrap_err().to_string().contains("--force"));
        assert!(check(&other, &[&input], true).is_ok());
        // A link that points nowhere is there too.
        let nowhere = dir.path().join("nowhere");
        std::os::unix::fs::symlink("/no/such/place", &nowhere).unwrap();
        assert!(check(&nowhere, &[&input], false).is_err());
    }
}
