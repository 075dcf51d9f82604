//! Norms that a finding may touch: dated references with their sources, never a verdict.

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::file::{Example, Origin, Source};
use crate::flow::Kind;

/// Values of `origin`, `sector` and `exposure` that a row may name; a typing error would silence it.
pub const ORIGINS: [&str; 6] =
    ["photocopy", "paper_scan", "phone_photo", "screenshot", "born_digital", "unknown"];
pub const SECTORS: [&str; 8] =
    ["health", "bank", "hotel", "education", "employer", "state", "telecom", "other"];
const EXPOSURES: [&str; 5] =
    ["world_writable", "world_readable", "group_readable", "owner_only", "unknown"];

/// One row of `patterns/norms/`.
#[derive(Debug, Clone)]
pub struct NormRow {
    pub id: String,
    pub act: String,
    pub in_force_from: Date,
    /// Last day in force, where it ended.
    pub in_force_to: Option<Date>,
    /// What it means for a finding, as a code: see docs/norms.md.
    pub relevance: String,
    /// A person has compared the text with the act itself.
    pub verified: bool,
    pub sources: Vec<String>,
    pub applies: Applies,
    pub text: Texts,
    pub must_match: Vec<Example<Case>>,
    pub must_not_match: Vec<Example<Case>>,
    pub origin: Origin,
}

/// An empty list means: any.
#[derive(Debug, Clone, Default)]
pub struct Applies {
    pub kinds: Vec<Kind>,
    pub origins: Vec<String>,
    pub sectors: Vec<String>,
    pub exposures: Vec<String>,
}

/// The note in three languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    pub ru: String,
    pub kk: String,
    pub en: String,
}

/// A finding as far as norms care.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub kind: Kind,
    /// `document.origin`; unknown where there is no document.
    #[serde(default = "unknown")]
    pub origin: String,
    /// The sector that the configuration names.
    pub sector: Option<String>,
    #[serde(default = "unknown")]
    pub exposure: String,
    /// The day of the finding.
    pub on: Date,
}

fn unknown() -> String {
    "unknown".to_owned()
}

impl NormRow {
    /// Whether the row is to be named with such a finding.
    pub fn applies_to(&self, case: &Case) -> bool {
        let any_or =
            |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item == value);
        self.in_force_from <= case.on
            && self.in_force_to.is_none_or(|to| case.on <= to)
            && (self.applies.kinds.is_empty() || self.applies.kinds.contains(&case.kind))
            && any_or(&self.applies.origins, &case.origin)
            && any_or(&self.applies.sectors, case.sector.as_deref().unwrap_or(""))
            && any_or(&self.applies.exposures, &case.exposure)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Spanned<String>,
    act: String,
    in_force_from: Spanned<String>,
    in_force_to: Option<Spanned<String>>,
    relevance: Spanned<String>,
    verified: bool,
    sources: Spanned<Vec<String>>,
    #[serde(default)]
    applies_when: AppliesRow,
    text: Texts,
    #[serde(default)]
    must_match: Vec<Spanned<Case>>,
    #[serde(default)]
    must_not_match: Vec<Spanned<Case>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct AppliesRow {
    kinds: Vec<Kind>,
    origins: Vec<Spanned<String>>,
    sectors: Vec<Spanned<String>>,
    exposures: Vec<Spanned<String>>,
}

pub(super) fn read<'a>(source: &mut Source<'a>, value: Spanned<DeValue<'a>>) -> Option<NormRow> {
    let row: Row = source.row(value)?;
    let before = source.faults.len();
    let origin = source.origin(&row.id);
    let id = row.id.into_inner();
    let from = date(source, &row.in_force_from);
    let to = row.in_force_to.and_then(|to| date(source, &to));
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        source.fault(origin.line, format!("norm `{id}` ends ({to}) before it begins ({from})"));
    }
    let relevance = row.relevance.get_ref();
    if relevance.is_empty() || !relevance.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        let line = source.line(&row.relevance);
        source.fault(line, format!("relevance `{relevance}`: use small letters and `_`"));
    }
    if row.sources.get_ref().is_empty() {
        let line = source.line(&row.sources);
        source.fault(line, format!("norm `{id}` names no source"));
    }
    let applies = Applies {
        kinds: row.applies_when.kinds,
        origins: words(source, row.applies_when.origins, "origin", &ORIGINS),
        sectors: words(source, row.applies_when.sectors, "sector", &SECTORS),
        exposures: words(source, row.applies_when.exposures, "exposure", &EXPOSURES),
    };
    source.needs_examples(origin.line, &id, &row.must_match, &row.must_not_match);
    let must_match = source.examples(row.must_match);
    let must_not_match = source.examples(row.must_not_match);
    (source.faults.len() == before).then_some(NormRow {
        id,
        act: row.act,
        in_force_from: from?,
        in_force_to: to,
        relevance: row.relevance.into_inner(),
        verified: row.verified,
        sources: row.sources.into_inner(),
        applies,
        text: row.text,
        must_match,
        must_not_match,
        origin,
    })
}

pub(super) fn date(source: &mut Source<'_>, text: &Spanned<String>) -> Option<Date> {
    match text.get_ref().parse() {
        Ok(date) => Some(date),
        Err(_) => {
            // What jiff says of it is about its grammar; the remedy is shorter.
            let line = source.line(text);
            source.fault(line, format!("date `{}`: write it as \"2024-02-11\"", text.get_ref()));
            None
        }
    }
}

fn words(
    source: &mut Source<'_>,
    rows: Vec<Spanned<String>>,
    what: &str,
    known: &[&str],
) -> Vec<String> {
    for row in &rows {
        if !known.contains(&row.get_ref().as_str()) {
            let line = source.line(row);
            source.fault(
                line,
                format!("{what} `{}`: use one of {}", row.get_ref(), known.join(", ")),
            );
        }
    }
    rows.into_iter().map(Spanned::into_inner).collect()
}
