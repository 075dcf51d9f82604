//! The patterns, compiled for the detectors once a run.

use std::sync::Arc;

use crate::detect::context::LabelSet;
use crate::detect::vision::{Lexicon, kinds};
use crate::flow::DocumentHint;
use crate::ident::check::Validator;
use crate::patterns::{Find, Identifier, Patterns};

/// What the detectors look for.
pub struct Rules {
    /// The row whose validator is the IIN's control digit; `None` where a user took it out.
    pub(super) iin: Option<(Identifier, LabelSet)>,
    /// Rows that are digits with a prefix.
    pub(super) numbers: Vec<(Identifier, LabelSet)>,
    /// Rows that are expressions.
    pub(super) expressions: Vec<(Identifier, LabelSet)>,
    /// The words printed on documents.
    pub(super) lexicon: Lexicon,
    /// What each row of the document kinds is.
    pub(super) kinds: Vec<DocumentHint>,
}

impl Rules {
    pub fn new(patterns: &Arc<Patterns>) -> Rules {
        let mut rules = Rules {
            iin: None,
            numbers: Vec::new(),
            expressions: Vec::new(),
            lexicon: Lexicon::new(patterns),
            kinds: kinds(patterns),
        };
        for row in &patterns.identifiers {
            let entry = (row.clone(), LabelSet::new(&row.labels, &row.negative));
            match &row.find {
                Find::Digits { min: 12, max: 12, prefix: None }
                    if row.validator == Some(Validator::Iin) && rules.iin.is_none() =>
                {
                    rules.iin = Some(entry);
                }
                Find::Digits { .. } => rules.numbers.push(entry),
                Find::Regex(_) => rules.expressions.push(entry),
            }
        }
        rules
    }

    /// Whether all rows need at least eight digits, so that a name with fewer needs no look.
    pub fn only_numbers(&self) -> bool {
        self.expressions.is_empty()
    }
}
