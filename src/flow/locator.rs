//! Where a content lies: a file on disk and the way into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `scan.zip > заявление.docx > word/media/image1.jpeg`, page 3.
///
/// Member names are as the container gives them, decoded to UTF-8; they may hold anything
/// (newlines, a personal number) and are escaped and masked where they leave the process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Locator {
    path: Arc<PathBuf>,
    inside: Vec<Arc<str>>,
    page: Option<u32>,
}

impl Locator {
    pub fn file(path: impl Into<PathBuf>) -> Locator {
        Locator { path: Arc::new(path.into()), inside: Vec::new(), page: None }
    }

    /// A member of this content. The page, if there is one, is kept: a picture on page 7
    /// of a PDF stays on page 7.
    pub fn member(&self, name: impl AsRef<str>) -> Locator {
        let mut inside = self.inside.clone();
        inside.push(Arc::from(name.as_ref()));
        Locator { path: self.path.clone(), inside, page: self.page }
    }

    /// Page `page` of this content, counted from 1.
    pub fn page(&self, page: u32) -> Locator {
        Locator { path: self.path.clone(), inside: self.inside.clone(), page: Some(page) }
    }

    /// The whole document that this page is of.
    pub fn without_page(&self) -> Locator {
        Locator { path: self.path.clone(), inside: self.inside.clone(), page: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn inside(&self) -> &[Arc<str>] {
        &self.inside
    }

    pub fn page_number(&self) -> Option<u32> {
        self.page
    }

    /// How many containers are around this content.
    pub fn depth(&self) -> u32 {
        self.inside.len() as u32
    }

    /// The name that a person would call it: the innermost member, else the file name.
    pub fn name(&self) -> String {
        match self.inside.last() {
            Some(name) => name.to_string(),
            None => self.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }
}
