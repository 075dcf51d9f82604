//! The native record, schema `iinspect.finding/1` and `iinspect.skip/1`.
//!
//! Field names are a contract (docs/finding.schema.json): adding one is a minor version,
//! changing one a major. Nothing here holds a raw value.

use serde::Serialize;

use crate::flow::{Kind, ReadFrom};

/// What leaves the process: one JSON object a line.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Record {
    Finding(Box<Finding>),
    Skip(Box<SkipRecord>),
}

#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// `iinspect.finding/1`
    pub schema: &'static str,
    /// 128 bits in hex; depends on where and what, never on when.
    pub id: String,
    pub event: Event,
    /// RFC 3339 with offset.
    pub time: String,
    pub kind: Kind,
    pub document: Option<Document>,
    /// For [`Kind::CustomIdentifier`]: the name of the user's pattern row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Calibrated probability that the finding is true.
    pub confidence: f64,
    pub severity: Severity,
    pub count: u64,
    pub subjects: Vec<SubjectOut>,
    /// Distinct subjects; larger than `subjects.len()` where the list was capped.
    pub subjects_total: u64,
    pub evidence: Vec<EvidenceOut>,
    pub location: LocationOut,
    /// Further places, capped.
    pub occurrences: Vec<Occurrence>,
    pub file: FileFacts,
    pub exposure: Exposure,
    pub norms: Vec<Norm>,
    pub exemption: Option<String>,
    /// Of a text that grows: the rest of this record is of what was appended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appended: Option<Appended>,
    pub agent: Agent,
}

/// A finding that was known and has become more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Appended {
    /// Byte of the text that the new part begins at.
    pub from: u64,
    /// All that was ever told of this finding.
    pub count_total: u64,
    pub subjects_total: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Opened,
    Updated,
    Resolved,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    #[serde(rename = "type")]
    pub kind: String,
    pub side: Option<String>,
    pub issuer: Option<String>,
    pub origin: String,
}

/// Exactly one of `iin` and `number` is set; both are masked.
#[derive(Debug, Clone, Serialize)]
pub struct SubjectOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub fingerprint: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct EvidenceOut {
    pub detector: String,
    pub sign: String,
    pub weight: f32,
    pub read_from: ReadFrom,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct LocationOut {
    pub path: String,
    /// The exact bytes in base64, where the path is not UTF-8; `path` is then the lossy form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// Digits of a personal number in the path were masked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub path_masked: bool,
    pub inside: Vec<String>,
    pub page: Option<u32>,
    pub line: Option<u64>,
    pub offset: Option<u64>,
    /// x, y, width, height.
    pub region: Option<[u32; 4]>,
    /// The number stands in the name, not in the content.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_name: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Occurrence {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<[u32; 4]>,
    /// Index into `subjects`, where that list was not capped before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<usize>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct FileFacts {
    pub size: u64,
    pub modified: Option<String>,
    /// `uid:1004`
    pub owner: Option<String>,
    /// Octal: `0644`
    pub mode: Option<String>,
    /// Media type of the innermost content.
    #[serde(rename = "type")]
    pub media_type: String,
    /// `blake3:<hex>` of the file on disk; null where it was streamed or not read to its end.
    pub digest: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Exposure {
    /// `world_writable`, `world_readable`, `group_readable`, `owner_only`, `unknown`
    pub level: String,
    pub why: Vec<String>,
}

/// A norm that may matter, with its weight. A reference, never a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Norm {
    pub id: String,
    pub relevance: String,
    pub in_force_from: String,
    pub note: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Agent {
    pub name: &'static str,
    pub version: &'static str,
    pub host: String,
    pub patterns: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct SkipRecord {
    /// `iinspect.skip/1`
    pub schema: &'static str,
    pub time: String,
    pub location: LocationOut,
    /// Stable code, see [`crate::error::Skip::reason`].
    pub reason: String,
    pub detail: String,
    /// What the names say of a locked content, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    pub agent: Agent,
}

/// A guess of low confidence at what nobody could look into. No finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Note {
    /// `encrypted_container`
    pub kind: &'static str,
    /// The row of `patterns/` that speaks for it, never the name itself.
    pub hint: String,
    /// The kind of document that the hint names, if it names one.
    pub document: Option<String>,
    pub confidence: f64,
}
