//! Where candidates come from. A source proposes; it reads no content.

mod beneath;
mod list;
pub mod tree;
mod walk;
pub mod watch;

use crate::error::Skip;
use crate::flow::{Candidate, Locator};

pub use beneath::open_beneath;
pub use list::read_list;
pub use walk::{Visited, check_root, walk};

/// What a source has to say of one entry.
#[derive(Debug)]
pub enum Proposal {
    /// A regular file, as far as the directory says.
    File(Candidate),
    /// A folder: only its name is looked at.
    Folder(Candidate),
    /// Something that will not be read, with the reason.
    Skipped { candidate: Candidate, at: Locator, skip: Skip },
}
