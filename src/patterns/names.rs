//! Hints in the names of files, folders and members: small signs, never findings of their own.

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::documents::TYPES;
use super::file::{Example, Origin, Source};
use super::identifiers::weight_in_range;
use super::words::{Phrase, Words};

/// A name says little of a content: no hint may be worth more than this (odds of 20 to 1).
const MAX_HINT: f32 = 3.0;

/// A longer name than this is not a name; the rest is not looked at.
const MAX_NAME_BYTES: usize = 1024;

#[derive(Debug, Clone)]
pub struct NameHint {
    /// The row's own name; what a sign shows instead of the file's name.
    pub name: String,
    /// Phrases of whole words; `удост*` may go on.
    pub texts: Vec<String>,
    phrases: Vec<Phrase>,
    /// The `document.type` it speaks for, where it says one.
    pub document: Option<&'static str>,
    /// Natural log-odds.
    pub weight: f32,
    pub must_match: Vec<Example>,
    pub must_not_match: Vec<Example>,
    pub origin: Origin,
}

/// All name hints.
#[derive(Debug, Clone, Default)]
pub struct NameHints {
    pub rows: Vec<NameHint>,
}

impl NameHints {
    /// The weightiest hint in one component of a path, or a member's name. Case, separators,
    /// camelCase and look-alike letters do not matter; words are whole.
    pub fn look(&self, path_component: &str) -> Option<&NameHint> {
        let words = Words::new(head(path_component));
        self.rows
            .iter()
            .filter_map(|row| Some((row.matched(&words)?, row)))
            .max_by(|(a, x), (b, y)| x.weight.total_cmp(&y.weight).then(a.cmp(b)))
            .map(|(_, row)| row)
    }
}

/// The first [`MAX_NAME_BYTES`] without the word that the cut went through: a part of a word could
/// be a short word that means something.
fn head(name: &str) -> &str {
    if name.len() <= MAX_NAME_BYTES {
        return name;
    }
    let end = (0..=MAX_NAME_BYTES).rev().find(|i| name.is_char_boundary(*i)).unwrap_or(0);
    let (head, _) = name.split_at(end);
    head.trim_end_matches(char::is_alphanumeric)
}

impl NameHint {
    /// Length of the longest phrase of this row that is in the name.
    fn matched(&self, words: &Words) -> Option<usize> {
        self.phrases.iter().filter(|p| p.is_in(words)).map(Phrase::len).max()
    }

    /// Whether this row, looked at alone, is in the name.
    pub fn is_in(&self, path_component: &str) -> bool {
        self.matched(&Words::new(path_component)).is_some()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: Spanned<String>,
    texts: Vec<Spanned<String>>,
    document: Option<Spanned<String>>,
    weight: Spanned<f32>,
    #[serde(default)]
    must_match: Vec<Spanned<String>>,
    #[serde(default)]
    must_not_match: Vec<Spanned<String>>,
}

pub(super) fn read<'a>(source: &mut Source<'a>, value: Spanned<DeValue<'a>>) -> Option<NameHint> {
    let row: Row = source.row(value)?;
    let before = source.faults.len();
    let origin = source.origin(&row.name);
    let name = row.name.into_inner();
    let mut phrases = Vec::new();
    let mut texts = Vec::new();
    for text in row.texts {
        let phrase = Phrase::new(text.get_ref());
        if phrase.is_empty() {
            let line = source.line(&text);
            source.fault(line, format!("text `{}` has no letter or digit in it", text.get_ref()));
        }
        phrases.push(phrase);
        texts.push(text.into_inner());
    }
    if phrases.is_empty() {
        source.fault(origin.line, format!("row `{name}` has no texts; add at least one"));
    }
    let weight = *row.weight.get_ref();
    let line = source.line(&row.weight);
    weight_in_range(source, line, weight);
    if weight > MAX_HINT {
        source.fault(line, format!("weight {weight}: a name is worth {MAX_HINT} at most"));
    }
    let document = known_type(source, row.document);
    source.needs_examples(origin.line, &name, &row.must_match, &row.must_not_match);
    let must_match = source.examples(row.must_match);
    let must_not_match = source.examples(row.must_not_match);
    (source.faults.len() == before).then_some(NameHint {
        name,
        texts,
        phrases,
        document,
        weight,
        must_match,
        must_not_match,
        origin,
    })
}

/// A `document.type` of the finding schema, or a fault.
pub(super) fn known_type(
    source: &mut Source<'_>,
    text: Option<Spanned<String>>,
) -> Option<&'static str> {
    let text = text?;
    let known = TYPES.iter().copied().find(|t| t == text.get_ref());
    if known.is_none() {
        let line = source.line(&text);
        source.fault(
            line,
            format!("document `{}` is unknown; use one of {}", text.get_ref(), TYPES.join(", ")),
        );
    }
    known
}
