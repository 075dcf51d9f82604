//! Document kinds: what each is called, the words printed on it, the form of its number.

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::file::{Example, Origin, Source};
use super::identifiers::{Find, FindRow, find, weight_in_range};
use super::names::known_type;
use super::words::{Phrase, Words};

/// Every `document.type` of the finding schema.
pub const TYPES: [&str; 15] = [
    "id_card",
    "passport",
    "residence_permit",
    "stateless_certificate",
    "travel_document",
    "refugee_certificate",
    "diplomatic_passport",
    "service_passport",
    "seafarer_document",
    "return_certificate",
    "birth_certificate",
    "foreign_passport",
    "foreign_id_card",
    "visa",
    "unknown",
];

/// Machine readable zones that a row may name.
const MRZ: [&str; 6] = ["td1", "td2", "td3", "mrva", "mrvb", "fr_id"];

/// Sides that a printed word may stand on.
pub const SIDES: [&str; 3] = ["front", "back", "data_page"];

#[derive(Debug, Clone)]
pub struct DocumentKind {
    /// One of [`TYPES`].
    pub kind: &'static str,
    /// ICAO 9303 code of the issuing state; `None` for any.
    pub issuer: Option<String>,
    /// What the document is called.
    pub titles: Vec<Printed>,
    /// Words printed beside its fields.
    pub labels: Vec<Printed>,
    /// Machine readable zones it carries.
    pub mrz: Vec<&'static str>,
    /// Form of its number, where known.
    pub number: Option<Find>,
    pub must_match: Vec<Example>,
    pub must_not_match: Vec<Example>,
    pub origin: Origin,
}

/// A phrase printed on a document.
#[derive(Debug, Clone)]
pub struct Printed {
    pub text: String,
    /// `"kk"`, `"ru"`, `"en"`, or `"translit"`.
    pub lang: String,
    /// Where it stands, if only there.
    pub side: Option<&'static str>,
    /// Natural log-odds that a picture or text with it is this document.
    pub weight: f32,
    phrase: Phrase,
}

impl Printed {
    /// Whether it is in this line, as whole words.
    pub fn is_in(&self, line: &str) -> bool {
        self.phrase.is_in(&Words::new(line))
    }
}

/// All document kinds.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    pub rows: Vec<DocumentKind>,
}

impl Documents {
    pub fn get(&self, kind: &str) -> Option<&DocumentKind> {
        self.rows.iter().find(|d| d.kind == kind)
    }

    /// The document whose title is in this line, and that title; of several the longest title,
    /// so that "diplomatic passport" is not a passport.
    pub fn look(&self, line: &str) -> Option<(&DocumentKind, &Printed)> {
        let words = Words::new(line);
        self.rows
            .iter()
            .flat_map(|row| row.titles.iter().map(move |title| (row, title)))
            .filter(|(_, title)| title.phrase.is_in(&words))
            .max_by_key(|(_, title)| title.phrase.len())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    r#type: Spanned<String>,
    issuer: Option<Spanned<String>>,
    titles: Vec<Spanned<PrintedRow>>,
    #[serde(default)]
    labels: Vec<Spanned<PrintedRow>>,
    #[serde(default)]
    mrz: Vec<Spanned<String>>,
    number: Option<Spanned<FindRow>>,
    #[serde(default)]
    must_match: Vec<Spanned<String>>,
    #[serde(default)]
    must_not_match: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrintedRow {
    text: String,
    lang: String,
    side: Option<String>,
    weight: f32,
}

pub(super) fn read<'a>(
    source: &mut Source<'a>,
    value: Spanned<DeValue<'a>>,
) -> Option<DocumentKind> {
    let row: Row = source.row(value)?;
    let before = source.faults.len();
    let origin = source.origin(&row.r#type);
    let kind = known_type(source, Some(row.r#type));
    let issuer = row.issuer.map(|i| {
        if !(1..=3).contains(&i.get_ref().len())
            || !i.get_ref().bytes().all(|b| b.is_ascii_uppercase())
        {
            let line = source.line(&i);
            source.fault(line, "issuer: use the code of ICAO 9303-3, such as KAZ");
        }
        i.into_inner()
    });
    let titles = printed(source, row.titles);
    let labels = printed(source, row.labels);
    let mut mrz = Vec::new();
    for zone in row.mrz {
        match MRZ.iter().copied().find(|m| m == zone.get_ref()) {
            Some(known) => mrz.push(known),
            None => {
                let line = source.line(&zone);
                source.fault(line, format!("mrz `{}`: use {}", zone.get_ref(), MRZ.join(", ")));
            }
        }
    }
    let number = row.number.and_then(|n| find(source, &n));
    let name = kind.unwrap_or("document");
    source.needs_examples(origin.line, name, &row.must_match, &row.must_not_match);
    let must_match = source.examples(row.must_match);
    let must_not_match = source.examples(row.must_not_match);
    (source.faults.len() == before).then_some(DocumentKind {
        kind: kind?,
        issuer,
        titles,
        labels,
        mrz,
        number,
        must_match,
        must_not_match,
        origin,
    })
}

pub(super) fn printed(source: &mut Source<'_>, rows: Vec<Spanned<PrintedRow>>) -> Vec<Printed> {
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let line = source.line(&row);
        let PrintedRow { text, lang, side, weight } = row.into_inner();
        weight_in_range(source, line, weight);
        if !["kk", "ru", "en", "translit"].contains(&lang.as_str()) {
            source.fault(line, format!("lang `{lang}`: use kk, ru, en or translit"));
        }
        let side = side.and_then(|s| {
            let known = SIDES.iter().copied().find(|k| *k == s);
            if known.is_none() {
                source.fault(line, format!("side `{s}`: use {}", SIDES.join(", ")));
            }
            known
        });
        let phrase = Phrase::new(&text);
        if phrase.is_empty() {
            source.fault(line, format!("`{text}` has no letter or digit in it"));
        }
        out.push(Printed { text, lang, side, weight, phrase });
    }
    out
}
