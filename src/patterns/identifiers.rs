//! Identifier rows: numbers to look for in text, their labels and what speaks against them.
//!
//! A row says what a value looks like (`find`), which check it keeps (`validator`), and what
//! words around it are worth. How far a label reaches is the detector's business.

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::file::{Example, Origin, Source};
use super::names::known_type;
use crate::flow::{Kind, Severity};
use crate::ident::check::Validator;

/// Weights are natural log-odds; beyond this a typing error is likelier than a conviction.
const MAX_WEIGHT: f32 = 20.0;

/// Longest run of digits that a row may ask for.
const MAX_DIGITS: u8 = 40;

/// Memory for one compiled expression, 1 MiB: a bounded repeat of a bounded repeat ends here.
const REGEX_BYTES: usize = 1 << 20;

/// Where a row does not say. A value that needs no label was made to be unmistakable: 0.88 alone;
/// one that needs a label is doubtful without (0.12) and 0.88 with a label of `LABEL`.
const WEIGHT_ALONE: f32 = 2.0;
const WEIGHT_LABELLED: f32 = -2.0;
const LABEL: f32 = 4.0;

#[derive(Debug, Clone)]
pub struct Identifier {
    pub name: String,
    pub kind: Kind,
    pub find: Find,
    pub validator: Option<Validator>,
    /// Words that speak for it. The heaviest in reach counts; a longer label hides those in it.
    pub labels: Vec<Label>,
    /// Words that speak against it; weights are below zero.
    pub negative: Vec<Label>,
    /// Without one of `labels` in reach the value means nothing.
    pub needs_label: bool,
    /// Log-odds of a value that keeps the validator, without any context.
    pub weight: f32,
    /// Severity of one subject; see docs/severity.md for how numbers and exposure raise it.
    pub severity: Severity,
    /// The `document.type` that the number belongs to.
    pub document: Option<&'static str>,
    pub must_match: Vec<Example>,
    pub must_not_match: Vec<Example>,
    pub origin: Origin,
}

/// What a value looks like.
#[derive(Debug, Clone)]
pub enum Find {
    /// `prefix` and `min..=max` digits; no digit (and before a prefix no letter) next to them.
    Digits { min: u8, max: u8, prefix: Option<String> },
    /// An expression over bytes; Unicode classes are off unless it says `(?u)`.
    Regex(Regex),
}

/// A phrase near a value and its weight in natural log-odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub text: String,
    pub weight: f32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: Spanned<String>,
    #[serde(default = "custom")]
    kind: Kind,
    find: Spanned<FindRow>,
    validator: Option<Spanned<String>>,
    #[serde(default)]
    labels: Vec<Spanned<LabelRow>>,
    #[serde(default)]
    negative: Vec<Spanned<LabelRow>>,
    #[serde(default)]
    needs_label: bool,
    weight: Option<Spanned<f32>>,
    #[serde(default = "low", with = "SeverityRow")]
    severity: Severity,
    document: Option<Spanned<String>>,
    #[serde(default)]
    must_match: Vec<Spanned<String>>,
    #[serde(default)]
    must_not_match: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindRow {
    digits: Option<u8>,
    max_digits: Option<u8>,
    prefix: Option<String>,
    regex: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelRow {
    pub text: String,
    pub weight: Option<f32>,
}

#[derive(Deserialize)]
#[serde(remote = "Severity", rename_all = "snake_case")]
enum SeverityRow {
    Low,
    Medium,
    High,
    Critical,
}

fn custom() -> Kind {
    Kind::CustomIdentifier
}

fn low() -> Severity {
    Severity::Low
}

/// Reads one `[[identifier]]`; faults go to `source`.
pub(super) fn read<'a>(source: &mut Source<'a>, value: Spanned<DeValue<'a>>) -> Option<Identifier> {
    let row: Row = source.row(value)?;
    let before = source.faults.len();
    let origin = source.origin(&row.name);
    let name = row.name.into_inner();

    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b)) {
        source.fault(origin.line, format!("name `{name}`: use letters a-z, digits, `_`, `-`, `.`"));
    }
    if row.kind == Kind::IdDocumentCopy {
        source.fault(
            origin.line,
            "kind `id_document_copy` is not found by a number; use `iin`, `id_document_number` \
             or `custom_identifier`",
        );
    }
    let find = find(source, &row.find);
    let validator = row.validator.and_then(|v| {
        let found = Validator::from_name(v.get_ref());
        if found.is_none() {
            let known: Vec<_> = Validator::ALL.iter().map(|(n, _)| *n).collect();
            let line = source.line(&v);
            source.fault(
                line,
                format!("validator `{}` is unknown; use one of {}", v.get_ref(), known.join(", ")),
            );
        }
        found
    });
    let document = known_type(source, row.document);
    let weight = match &row.weight {
        Some(weight) => {
            weight_in_range(source, source.line(weight), *weight.get_ref());
            *weight.get_ref()
        }
        None if row.needs_label => WEIGHT_LABELLED,
        None => WEIGHT_ALONE,
    };
    let labels = labels(source, row.labels, Sign::For);
    let negative = self::labels(source, row.negative, Sign::Against);
    if row.needs_label && labels.is_empty() {
        source.fault(origin.line, format!("row `{name}` needs a label, but has no labels"));
    }
    source.needs_examples(origin.line, &name, &row.must_match, &row.must_not_match);
    let must_match = source.examples(row.must_match);
    let must_not_match = source.examples(row.must_not_match);

    let find = find?;
    (source.faults.len() == before).then_some(Identifier {
        name,
        kind: row.kind,
        find,
        validator,
        labels,
        negative,
        needs_label: row.needs_label,
        weight,
        severity: row.severity,
        document,
        must_match,
        must_not_match,
        origin,
    })
}

pub(super) fn find(source: &mut Source<'_>, row: &Spanned<FindRow>) -> Option<Find> {
    let line = source.line(row);
    let row = row.get_ref();
    match (&row.regex, row.digits) {
        (Some(regex), None) if row.prefix.is_none() && row.max_digits.is_none() => {
            let line = source.line(regex);
            let built =
                RegexBuilder::new(regex.get_ref()).unicode(false).size_limit(REGEX_BYTES).build();
            match built {
                Ok(built) if built.is_match(b"") => {
                    source
                        .fault(line, "regex matches the empty text; ask for one character or more");
                    None
                }
                Ok(built) => Some(Find::Regex(built)),
                Err(error) => {
                    // The crate draws a picture of several lines; its last one says what is wrong.
                    let error = error.to_string();
                    let last = error.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("");
                    source.fault(line, format!("regex: {}", last.trim()));
                    None
                }
            }
        }
        (None, Some(min)) => {
            let max = row.max_digits.unwrap_or(min);
            if min == 0 || max < min || max > MAX_DIGITS {
                source.fault(line, format!("digits {min} to {max}: use 1 to {MAX_DIGITS}"));
                return None;
            }
            if row.prefix.as_ref().is_some_and(|p| p.is_empty() || !p.is_ascii()) {
                source.fault(line, "prefix: use one or more ASCII characters, or leave it out");
                return None;
            }
            Some(Find::Digits { min, max, prefix: row.prefix.clone() })
        }
        _ => {
            source.fault(
                line,
                "find: use { digits = N }, with max_digits and prefix where needed, or \
                 { regex = '...' }",
            );
            None
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sign {
    For,
    Against,
}

/// Reads labels: each has a word in it, a weight of the right sign, and stands there once.
pub(super) fn labels(
    source: &mut Source<'_>,
    rows: Vec<Spanned<LabelRow>>,
    sign: Sign,
) -> Vec<Label> {
    let mut out: Vec<Label> = Vec::with_capacity(rows.len());
    for row in rows {
        let line = source.line(&row);
        let LabelRow { text, weight } = row.into_inner();
        let weight = weight.unwrap_or(if sign == Sign::For { LABEL } else { -LABEL });
        if !text.chars().any(char::is_alphanumeric) {
            source.fault(line, format!("label `{text}` has no letter or digit in it"));
        }
        weight_in_range(source, line, weight);
        let right = if sign == Sign::For { weight > 0.0 } else { weight < 0.0 };
        if !right && weight.is_finite() {
            let (key, want) = match sign {
                Sign::For => ("labels", "above zero"),
                Sign::Against => ("negative", "below zero"),
            };
            source.fault(line, format!("label `{text}`: weights of `{key}` are {want}"));
        }
        if out.iter().any(|l| l.text == text) {
            source.fault(line, format!("label `{text}` stands here twice; keep one"));
        }
        out.push(Label { text, weight });
    }
    out
}

pub(super) fn weight_in_range(source: &mut Source<'_>, line: u32, weight: f32) {
    if !weight.is_finite() || weight.abs() > MAX_WEIGHT {
        source.fault(
            line,
            format!("weight {weight}: natural log-odds between -{MAX_WEIGHT} and {MAX_WEIGHT}"),
        );
    }
}
