//! Compound files (OLE2): Word, Excel and PowerPoint of 97 to 2003 and before, Outlook messages,
//! and what else Windows programs kept in them (Visio, Publisher, thumbnails).
//!
//! A storage is told by the streams in it and may hold other storages that are documents of their
//! own (embedded objects, attached messages): those are opened here too, each one level deeper.

mod art;
mod biff;
mod container;
mod crypt;
mod doc;
mod doc_layout;
mod msg;
pub(super) mod native;
mod ppt;
mod properties;
pub(super) mod strings;
mod xls;

#[cfg(test)]
mod tests;

use super::Extractor;
use super::exif::Notes;
use crate::error::{Bound, Skip};
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;
use container::Container;

pub struct Ole2;

impl Extractor for Ole2 {
    fn name(&self) -> &'static str {
        "ole2"
    }

    fn media_type(&self) -> &'static str {
        "application/x-ole-storage"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(&container::SIGNATURE)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let file = Container::open(bytes, budget)?;
        let mut reader = Reader { file, budget, out };
        let known = reader.storage(0, at)?;
        match (reader.file.damage, known) {
            (Some(skip), _) => Err(skip),
            (None, true) => Ok(()),
            (None, false) => Err(Skip::Unsupported {
                format: "ole2",
                detail: "of no program that is known here; text looked for in the raw bytes".into(),
            }),
        }
    }
}

/// A compound file being taken apart.
struct Reader<'a, 'b> {
    file: Container<'a>,
    budget: &'b mut Budget,
    out: &'b mut Vec<Content>,
}

impl Reader<'_, '_> {
    /// Opens a storage by what it holds. Says whether it is known.
    fn storage(&mut self, storage: usize, at: &Locator) -> Result<bool, Skip> {
        self.budget.depth(at.depth())?;
        self.budget.in_time()?;
        self.properties(storage, at)?;
        let known = if self.file.find_stream(storage, "EncryptedPackage").is_some() {
            self.part("office", at, |reader| {
                let info = reader.stream(storage, "EncryptionInfo")?.unwrap_or_default();
                let package = reader.stream(storage, "EncryptedPackage")?.unwrap_or_default();
                let bytes = crypt::package(&info, &package, reader.budget)?;
                let at = at.member("unlocked");
                reader.out.push(Content::Bytes { at, bytes });
                Ok(())
            })?;
            true
        } else if self.file.find_stream(storage, "WordDocument").is_some() {
            self.part("doc", at, |reader| doc::read(reader, storage, at))?;
            true
        } else if let Some(name) = self.workbook(storage) {
            self.part("xls", at, |reader| xls::read(reader, storage, name, at))?;
            true
        } else if self.file.find_stream(storage, "PowerPoint Document").is_some() {
            self.part("ppt", at, |reader| ppt::read(reader, storage, at))?;
            true
        } else if self.file.find_stream(storage, msg::PROPERTIES).is_some() {
            self.part("msg", at, |reader| msg::read(reader, storage, at))?;
            true
        } else {
            false
        };
        self.others(storage, at, known)?;
        Ok(known || self.is_kept_as_strings(storage))
    }

    /// The stream of a workbook: of Excel 97 and later, of Excel 5 and 95.
    fn workbook(&self, storage: usize) -> Option<&'static str> {
        ["Workbook", "Book"].into_iter().find(|name| self.file.find_stream(storage, name).is_some())
    }

    /// One part of a storage: what is wrong with it is told, and the others go on.
    fn part(
        &mut self,
        format: &'static str,
        at: &Locator,
        read: impl FnOnce(&mut Self) -> Result<(), Skip>,
    ) -> Result<(), Skip> {
        match read(self) {
            Err(over @ Skip::OverBudget(_)) => Err(over),
            Err(Skip::Damaged { detail, .. }) => {
                self.skipped(at, Skip::Damaged { format, detail });
                Ok(())
            }
            Err(skip) => {
                self.skipped(at, skip);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn skipped(&mut self, at: &Locator, skip: Skip) {
        self.out.push(Content::Skipped { at: at.clone(), skip });
    }

    fn text(&mut self, at: &Locator, text: String, form: Form) {
        if !text.trim().is_empty() {
            self.out.push(Content::Text { at: at.clone(), text, form });
        }
    }

    /// The stream of this name, if there is one.
    fn stream(&mut self, storage: usize, name: &str) -> Result<Option<Vec<u8>>, Skip> {
        match self.file.find_stream(storage, name) {
            Some(index) => self.file.read(index, self.budget).map(Some),
            None => Ok(None),
        }
    }

    fn properties(&mut self, storage: usize, at: &Locator) -> Result<(), Skip> {
        let mut notes = Notes::default();
        for name in properties::STREAMS {
            if let Some(stream) = self.stream(storage, name)? {
                properties::read(&stream, &mut notes);
            }
        }
        notes.push(at, self.out);
        Ok(())
    }

    /// Programs whose format is not read here, but whose texts lie open in their streams.
    fn is_kept_as_strings(&self, storage: usize) -> bool {
        // Visio, Publisher, Explorer's thumbnails, Works.
        let marks = ["VisioDocument", "Quill", "Catalog", "MatOST", "CONTENTS", "Package"];
        marks.iter().any(|name| self.file.find(storage, name).is_some())
    }

    /// What no reader has taken: embedded objects, files in streams, pictures and texts of programs
    /// that are not known. `known` storages have no texts left in their streams.
    fn others(&mut self, storage: usize, at: &Locator, known: bool) -> Result<(), Skip> {
        let children: Vec<(usize, String, bool)> = self
            .file
            .children(storage)
            .map(|(index, entry)| (index, entry.name.clone(), entry.is_stream))
            .collect();
        for (index, name, is_stream) in children {
            self.budget.in_time()?;
            let at = at.member(shown(&name));
            if !is_stream {
                // Macros are packed code.
                let macros = matches!(name.as_str(), "Macros" | "_VBA_PROJECT_CUR" | "VBA");
                // The parts of a message were read with it.
                if !macros && !name.starts_with("__") {
                    match self.storage(index, &at) {
                        Err(skip @ Skip::OverBudget(Bound::Depth(_))) => self.skipped(&at, skip),
                        other => drop(other?),
                    }
                }
                continue;
            }
            if TAKEN.contains(&name.as_str()) || name.starts_with("__substg1.0_") {
                continue;
            }
            let bytes = self.file.read(index, self.budget)?;
            if name == "\u{1}Ole10Native" {
                native::read(&bytes, &at, self.out);
            } else {
                strings::stream(bytes, &at, !known, self.budget, self.out)?;
            }
        }
        Ok(())
    }
}

/// Streams that a reader takes, and such as hold nothing of people.
const TAKEN: &[&str] = &[
    "WordDocument",
    "0Table",
    "1Table",
    "Data",
    "Workbook",
    "Book",
    "PowerPoint Document",
    "Pictures",
    "Current User",
    "EncryptedPackage",
    "EncryptionInfo",
    "__properties_version1.0",
    "\u{5}SummaryInformation",
    "\u{5}DocumentSummaryInformation",
    "\u{1}CompObj",
    "\u{1}Ole",
    "\u{3}ObjInfo",
    "\u{3}LinkInfo",
];

/// A name without the control characters that some begin with.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).collect()
}
