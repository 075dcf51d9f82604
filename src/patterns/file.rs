//! One pattern file: TOML text to rows that know their file and line.
//!
//! A file may hold rows of every kind (`[[identifier]]`, `[[document]]`, `[[lookalike]]`, `[[name]]`,
//! `[[norm]]`, `[[calendar]]`); the folders of the built-in set only keep order. A fault of one row does not
//! hide those of the others: all are gathered as `file:line: message`.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Syntax errors shown for one file; after the first few the rest are mostly echoes.
const SYNTAX_ERRORS_SHOWN: usize = 5;

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub file: Arc<str>,
    /// Counted from 1.
    pub line: u32,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Something that a row must or must not match, with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example<T = String> {
    pub value: T,
    pub line: u32,
}

/// The text of one file, for turning spans into lines, and what is wrong with it so far.
pub(super) struct Source<'a> {
    pub name: Arc<str>,
    /// Offsets of the newlines of `text`.
    newlines: Vec<usize>,
    text: &'a str,
    pub faults: Vec<String>,
}

/// The rows of one file, not yet looked into.
#[derive(Default)]
pub(super) struct Tables<'a> {
    pub identifier: Vec<Spanned<DeValue<'a>>>,
    pub document: Vec<Spanned<DeValue<'a>>>,
    pub lookalike: Vec<Spanned<DeValue<'a>>>,
    pub name: Vec<Spanned<DeValue<'a>>>,
    pub norm: Vec<Spanned<DeValue<'a>>>,
    pub calendar: Vec<Spanned<DeValue<'a>>>,
}

impl<'a> Source<'a> {
    pub fn new(name: &str, text: &'a str) -> Source<'a> {
        let newlines =
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i).collect();
        Source { name: Arc::from(name), newlines, text, faults: Vec::new() }
    }

    /// The line of a byte offset, counted from 1.
    pub fn line_of(&self, offset: usize) -> u32 {
        1 + self.newlines.partition_point(|newline| *newline < offset) as u32
    }

    pub fn line<T>(&self, at: &Spanned<T>) -> u32 {
        self.line_of(at.span().start)
    }

    pub fn origin<T>(&self, at: &Spanned<T>) -> Origin {
        Origin { file: self.name.clone(), line: self.line(at) }
    }

    pub fn fault(&mut self, line: u32, message: impl std::fmt::Display) {
        self.faults.push(format!("{}:{line}: {message}", self.name));
    }

    /// Splits the file into its rows. Unknown tables are faults.
    pub fn tables(&mut self) -> Tables<'a> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in errors.iter().take(SYNTAX_ERRORS_SHOWN) {
            self.toml_fault(error, 0);
        }
        let mut tables = Tables::default();
        if !errors.is_empty() {
            return tables;
        }
        for (key, value) in root.into_inner() {
            let line = self.line(&key);
            let rows = match key.get_ref().as_ref() {
                "identifier" => &mut tables.identifier,
                "document" => &mut tables.document,
                "lookalike" => &mut tables.lookalike,
                "name" => &mut tables.name,
                "norm" => &mut tables.norm,
                "calendar" => &mut tables.calendar,
                other => {
                    let other = other.to_owned();
                    self.fault(
                        line,
                        format!(
                            "`{other}` is not a kind of row; use [[identifier]], [[document]], \
                             [[lookalike]], [[name]], [[norm]] or [[calendar]]"
                        ),
                    );
                    continue;
                }
            };
            match value.into_inner() {
                DeValue::Array(array) => rows.extend(array),
                _ => {
                    let key = key.get_ref().to_string();
                    self.fault(line, format!("write [[{key}]] with two brackets: it is a row"));
                }
            }
        }
        tables
    }

    /// Reads one row; a fault (unknown key, wrong type, missing key) names its line.
    pub fn row<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'a>>) -> Option<T> {
        let start = value.span().start;
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(row) => Some(row),
            Err(error) => {
                self.toml_fault(&error, start);
                None
            }
        }
    }

    fn toml_fault(&mut self, error: &toml::de::Error, row_start: usize) {
        let line = self.line_of(error.span().map_or(row_start, |s| s.start));
        // The message may run over lines; a fault is one.
        let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        self.fault(line, message);
    }

    pub fn examples<T>(&self, examples: Vec<Spanned<T>>) -> Vec<Example<T>> {
        examples
            .into_iter()
            .map(|e| Example { line: self.line(&e), value: e.into_inner() })
            .collect()
    }

    /// Every row says what it must and must not match: a row without is not proved by anything.
    pub fn needs_examples<A, B>(&mut self, line: u32, row: &str, yes: &[A], no: &[B]) {
        for (key, empty) in [("must_match", yes.is_empty()), ("must_not_match", no.is_empty())] {
            if empty {
                self.fault(line, format!("row `{row}` has no {key}; add at least one example"));
            }
        }
    }
}
