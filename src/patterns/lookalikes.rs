//! What looks like an identity document and is none: the words by which a picture of it is told.

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::documents::{Printed, PrintedRow, printed};
use super::file::{Example, Origin, Source};

/// A driving licence, a badge, a form.
#[derive(Debug, Clone)]
pub struct Lookalike {
    pub name: String,
    /// Words printed on it; their weight is how much they speak against an identity document.
    pub words: Vec<Printed>,
    pub must_match: Vec<Example>,
    pub must_not_match: Vec<Example>,
    pub origin: Origin,
}

impl Lookalike {
    /// Whether one of its words is in this line.
    pub fn is_in(&self, line: &str) -> bool {
        self.words.iter().any(|word| word.is_in(line))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: Spanned<String>,
    words: Vec<Spanned<PrintedRow>>,
    #[serde(default)]
    must_match: Vec<Spanned<String>>,
    #[serde(default)]
    must_not_match: Vec<Spanned<String>>,
}

pub(super) fn read<'a>(source: &mut Source<'a>, value: Spanned<DeValue<'a>>) -> Option<Lookalike> {
    let row: Row = source.row(value)?;
    let before = source.faults.len();
    let origin = source.origin(&row.name);
    let name = row.name.into_inner();
    let words = printed(source, row.words);
    source.needs_examples(origin.line, &name, &row.must_match, &row.must_not_match);
    let must_match = source.examples(row.must_match);
    let must_not_match = source.examples(row.must_not_match);
    (source.faults.len() == before).then_some(Lookalike {
        name,
        words,
        must_match,
        must_not_match,
        origin,
    })
}
