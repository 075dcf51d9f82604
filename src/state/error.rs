//! What may be wrong with the state, and what an operator does about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("there is no state file {}", .0.display())]
    Missing(PathBuf),
    #[error("the disk of the state is full. Free some of it; nothing is scanned meanwhile")]
    Full,
    #[error("the state cannot be written: its folder or file is read-only")]
    ReadOnly,
    #[error("the state is in use by another process of iinspect")]
    Busy,
    #[error(
        "the state is damaged. Move the file and its -wal away and start anew: all is scanned again, and findings are \
         told again under the same ids"
    )]
    Corrupt,
    #[error("this is no state of iinspect")]
    NoState,
    #[error(
        "the state was written by a newer iinspect (tables {found}, this program knows {known})"
    )]
    Version { found: usize, known: usize },
    #[error("the state was made with another key file than the one that is given")]
    OtherKey,
    #[error("state: {0}")]
    Other(String),
    #[error("{}: {error}", path.display())]
    At { path: PathBuf, error: Box<StateError> },
}

impl StateError {
    pub(super) fn at(self, path: &Path) -> StateError {
        StateError::At { path: path.to_path_buf(), error: Box::new(self) }
    }

    /// Waiting may help: the disk may be freed, the folder be made writable.
    pub fn may_pass(&self) -> bool {
        match self {
            StateError::Full | StateError::ReadOnly | StateError::Busy => true,
            StateError::Other(_) => true,
            StateError::At { error, .. } => error.may_pass(),
            _ => false,
        }
    }
}

impl From<rusqlite::Error> for StateError {
    fn from(e: rusqlite::Error) -> StateError {
        match e.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StateError::Full,
            Some(ErrorCode::ReadOnly) => StateError::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StateError::Busy,
            Some(ErrorCode::DatabaseCorrupt) => StateError::Corrupt,
            Some(ErrorCode::NotADatabase) => StateError::NoState,
            // Its text names tables and codes, never a value that was bound.
            _ => StateError::Other(e.to_string()),
        }
    }
}

impl From<serde_json::Error> for StateError {
    fn from(e: serde_json::Error) -> StateError {
        StateError::Other(format!("a record that is kept cannot be read: {:?}", e.classify()))
    }
}
