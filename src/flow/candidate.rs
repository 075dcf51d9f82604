//! One file that a source proposes, before anything of it is read.

use std::path::PathBuf;

/// A path and the root it was found under. The engine opens it itself and trusts only what
/// `fstat` says of the open descriptor.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub path: PathBuf,
    /// The root as the user named it; ids are made of the path relative to it.
    pub root: PathBuf,
}
