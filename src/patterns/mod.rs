//! Loads and proves `patterns/`: identifiers, document kinds, name hints, norms, calendar.
//!
//! What is likely to change (a label, a keyword, a dated legal note) is a row of data with what it
//! must and must not match. The built-in rows are compiled in; a folder of the user's own adds
//! rows, or replaces the built-in row of the same name as a whole. The user's files may hold rows
//! of any kind and may lie in sub-folders. Format: docs/patterns.md.

mod calendar;
mod documents;
mod file;
mod identifiers;
mod lookalikes;
mod names;
mod norms;
mod prove;
mod words;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub use calendar::{Calendar, Year};
pub use documents::{DocumentKind, Documents, Printed, SIDES, TYPES};
pub use file::{Example, Origin};
pub use identifiers::{Find, Identifier, Label};
pub use lookalikes::Lookalike;
pub use names::{NameHint, NameHints};
pub use norms::{Applies, Case, NormRow, ORIGINS, SECTORS, Texts};
pub use prove::prove;

use crate::error::Error;
use file::Source;

/// The rows that come with the program, as `(file, text)`.
const BUILTIN: &[(&str, &str)] = &[
    ("patterns/identifiers/iin.toml", include_str!("../../patterns/identifiers/iin.toml")),
    (
        "patterns/identifiers/passport_number_kz.toml",
        include_str!("../../patterns/identifiers/passport_number_kz.toml"),
    ),
    (
        "patterns/identifiers/id_card_number_kz.toml",
        include_str!("../../patterns/identifiers/id_card_number_kz.toml"),
    ),
    ("patterns/documents/kz.toml", include_str!("../../patterns/documents/kz.toml")),
    ("patterns/documents/foreign.toml", include_str!("../../patterns/documents/foreign.toml")),
    (
        "patterns/documents/lookalikes.toml",
        include_str!("../../patterns/documents/lookalikes.toml"),
    ),
    ("patterns/names.toml", include_str!("../../patterns/names.toml")),
    ("patterns/norms/kz.toml", include_str!("../../patterns/norms/kz.toml")),
    ("patterns/calendar/kz.toml", include_str!("../../patterns/calendar/kz.toml")),
];

/// The version of the built-in rows: year and month.
const VERSION: &str = include_str!("../../patterns/version");

/// A pattern file over this is a mistake; the built-in ones are under 40 KiB.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Files and depth of a user's folder: `--patterns /` is a mistake, not a set of patterns.
const MAX_FILES: usize = 1_000;
const MAX_FOLDER_DEPTH: u32 = 8;

static PARSED: LazyLock<Result<Patterns, Vec<String>>> = LazyLock::new(parse_builtin);

/// All rows of one run.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// `2026.11`; with rows of the user's own `2026.11+local.<8 hex of their content>`.
    pub version: String,
    pub identifiers: Vec<Identifier>,
    pub documents: Documents,
    pub lookalikes: Vec<Lookalike>,
    pub names: NameHints,
    pub norms: Vec<NormRow>,
    pub calendar: Calendar,
    /// The user's own files, as `(name, text)`: what [`Patterns::with_own`] takes.
    pub own: Vec<(String, String)>,
}

impl Patterns {
    /// The rows that come with the program. Parsed once a process.
    pub fn builtin() -> Result<Patterns, Error> {
        PARSED.clone().map_err(Error::Patterns)
    }

    /// The built-in rows, with those of a user's folder (or single file) added or in place of
    /// built-in rows of the same name. Files are read in the order of their names.
    ///
    /// [`Error::Patterns`] with one entry `file:line: message` a fault, [`Error::Input`] where a
    /// file cannot be read.
    pub fn load(user: Option<&Path>) -> Result<Patterns, Error> {
        let Some(user) = user else { return Patterns::builtin() };
        let files = toml_files(user)?;
        if files.is_empty() {
            return Err(Error::Patterns(vec![format!(
                "{}: no *.toml file in it; see docs/patterns.md for what such a file holds",
                user.display()
            )]));
        }
        let text = |path: &PathBuf| Ok((path.display().to_string(), read_text(path)?));
        Patterns::with_own(files.iter().map(text).collect::<Result<_, Error>>()?)
    }

    /// The built-in rows with those of `own` files, given as `(name, text)`; see
    /// [`Patterns::load`].
    pub fn with_own(own: Vec<(String, String)>) -> Result<Patterns, Error> {
        let mut patterns = Patterns::builtin()?;
        if own.is_empty() {
            return Ok(patterns);
        }
        let mut rows = Patterns::empty();
        let mut faults = Vec::new();
        let mut content = blake3::Hasher::new();
        for (name, text) in &own {
            content.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
            faults.extend(rows.add_file(name, text));
        }
        if !faults.is_empty() {
            return Err(Error::Patterns(faults));
        }
        patterns.version =
            format!("{}+local.{}", patterns.version, &content.finalize().to_hex()[..8]);
        patterns.override_with(rows);
        patterns.own = own;
        Ok(patterns)
    }

    /// A row by its name.
    pub fn identifier(&self, name: &str) -> Option<&Identifier> {
        self.identifiers.iter().find(|i| i.name == name)
    }

    fn empty() -> Patterns {
        Patterns {
            version: VERSION.trim().to_owned(),
            identifiers: Vec::new(),
            documents: Documents::default(),
            lookalikes: Vec::new(),
            names: NameHints::default(),
            norms: Vec::new(),
            calendar: Calendar::default(),
            own: Vec::new(),
        }
    }

    /// Adds the rows of one file and says what is wrong with it. A name that stands twice in
    /// one set is a fault: which row counts would hang on the order of files.
    fn add_file(&mut self, name: &str, text: &str) -> Vec<String> {
        let mut source = Source::new(name, text);
        let tables = source.tables();
        for value in tables.identifier {
            if let Some(row) = identifiers::read(&mut source, value) {
                let key = |r: &Identifier| r.name.clone();
                add(&mut self.identifiers, row, key, |r| &r.origin, &mut source.faults);
            }
        }
        for value in tables.document {
            if let Some(row) = documents::read(&mut source, value) {
                let key = |r: &DocumentKind| r.kind.to_owned();
                add(&mut self.documents.rows, row, key, |r| &r.origin, &mut source.faults);
            }
        }
        for value in tables.lookalike {
            if let Some(row) = lookalikes::read(&mut source, value) {
                let key = |r: &Lookalike| r.name.clone();
                add(&mut self.lookalikes, row, key, |r| &r.origin, &mut source.faults);
            }
        }
        for value in tables.name {
            if let Some(row) = names::read(&mut source, value) {
                let key = |r: &NameHint| r.name.clone();
                add(&mut self.names.rows, row, key, |r| &r.origin, &mut source.faults);
            }
        }
        for value in tables.norm {
            if let Some(row) = norms::read(&mut source, value) {
                let key = |r: &NormRow| r.id.clone();
                add(&mut self.norms, row, key, |r| &r.origin, &mut source.faults);
            }
        }
        for value in tables.calendar {
            if let Some(row) = calendar::read(&mut source, value) {
                let key = |r: &Year| r.year.to_string();
                add(&mut self.calendar.years, row, key, |r| &r.origin, &mut source.faults);
            }
        }
        source.faults
    }

    fn override_with(&mut self, own: Patterns) {
        replace_or_push(&mut self.identifiers, own.identifiers, |a, b| a.name == b.name);
        replace_or_push(&mut self.documents.rows, own.documents.rows, |a, b| a.kind == b.kind);
        replace_or_push(&mut self.lookalikes, own.lookalikes, |a, b| a.name == b.name);
        replace_or_push(&mut self.names.rows, own.names.rows, |a, b| a.name == b.name);
        replace_or_push(&mut self.norms, own.norms, |a, b| a.id == b.id);
        replace_or_push(&mut self.calendar.years, own.calendar.years, |a, b| a.year == b.year);
    }
}

fn parse_builtin() -> Result<Patterns, Vec<String>> {
    let mut patterns = Patterns::empty();
    let faults: Vec<String> =
        BUILTIN.iter().flat_map(|(name, text)| patterns.add_file(name, text)).collect();
    if faults.is_empty() { Ok(patterns) } else { Err(faults) }
}

fn add<T>(
    rows: &mut Vec<T>,
    row: T,
    key: impl Fn(&T) -> String,
    origin: impl Fn(&T) -> &Origin,
    faults: &mut Vec<String>,
) {
    let name = key(&row);
    match rows.iter().find(|r| key(r) == name) {
        Some(first) => faults.push(format!(
            "{}: `{name}` is already in {}; rename one of them",
            origin(&row),
            origin(first)
        )),
        None => rows.push(row),
    }
}

fn replace_or_push<T>(rows: &mut Vec<T>, own: Vec<T>, same: impl Fn(&T, &T) -> bool) {
    for row in own {
        match rows.iter_mut().find(|r| same(r, &row)) {
            Some(place) => *place = row,
            None => rows.push(row),
        }
    }
}

/// The pattern files under a folder, or the file itself. Links are followed once: what is named
/// on the command line is meant.
fn toml_files(user: &Path) -> Result<Vec<PathBuf>, Error> {
    let input = |path: &Path, source| Error::Input { what: "patterns", path: path.into(), source };
    let facts = fs::metadata(user).map_err(|e| input(user, e))?;
    if facts.is_file() {
        return Ok(vec![user.to_owned()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![(user.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| input(&folder, e))? {
            let entry = entry.map_err(|e| input(&folder, e))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(|e| input(&path, e))?;
            let is_toml = path.extension().is_some_and(|e| e == "toml");
            if kind.is_dir() && depth < MAX_FOLDER_DEPTH {
                folders.push((path, depth + 1));
            } else if is_toml && fs::metadata(&path).map_err(|e| input(&path, e))?.is_file() {
                files.push(path);
            }
            if files.len() > MAX_FILES {
                return Err(Error::Patterns(vec![format!(
                    "{}: more than {MAX_FILES} pattern files; name the folder that holds yours",
                    user.display()
                )]));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read_text(path: &Path) -> Result<String, Error> {
    let input = |source| Error::Input { what: "patterns", path: path.into(), source };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(input)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(input)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(fault_in(path, 1, format!("larger than {MAX_FILE_BYTES} bytes; split it")));
    }
    // A byte order mark is what editors on Windows begin a file with.
    let text = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => rest.to_vec(),
        None => bytes,
    };
    String::from_utf8(text).map_err(|e| {
        let good = e.utf8_error().valid_up_to();
        let line = 1 + e.as_bytes()[..good].iter().filter(|b| **b == b'\n').count();
        fault_in(path, line, "not UTF-8; save the file as UTF-8".to_owned())
    })
}

fn fault_in(path: &Path, line: usize, message: String) -> Error {
    Error::Patterns(vec![format!("{}:{line}: {message}", path.display())])
}

#[cfg(test)]
mod tests;
