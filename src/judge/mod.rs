//! Evidence -> Finding: what was seen becomes what it means.
//!
//! Puts the evidence of one content together ([`claim`]), adds what the names say, and fills in
//! confidence, severity, exposure, norms, place and a stable id. A finding states facts with their
//! weight; it is never a verdict on the law.

mod claim;
mod exposure;
mod place;
mod severity;

use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::error::Skip;
use crate::flow::{
    Agent, Document, Event, Evidence, EvidenceOut, Exposure, FileFacts, Finding, FingerprintKey,
    Kind, LocationOut, Locator, Masked, Norm, Note, Occurrence, ReadFrom, Severity, Sign,
    SkipRecord, Subject, SubjectOut,
};
use crate::patterns::{Case, Find, NameHint, Patterns};
use claim::{Claim, IIN};
use place::Hide;
pub use place::masked_message;

/// All names together are worth this at most: ten folders named "сканы" are no document.
const MAX_NAMES: f32 = 2.5;
/// What a locked content is before its names are looked at: one of a dozen, and with the weightiest
/// hints not more than even.
const LOCKED: f32 = -3.0;

/// Confidence is never told as sure: the weights are measured on finite sets of files.
const CONFIDENCE: (f64, f64) = (0.001, 0.999);

/// Bytes of an id: 128 bits.
const ID_BYTES: usize = 16;

/// How personal numbers in paths leave the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privacy {
    /// `********0004`
    #[default]
    Masked,
    /// As they are: for the terminal of the host itself.
    Full,
}

/// The language of the notes on norms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    Ru,
    Kk,
    #[default]
    En,
}

/// Where the time of a record comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Always this, for tests and for records that must not differ.
    Fixed(Timestamp),
}

/// What the configuration says about findings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// One of [`crate::patterns::SECTORS`]; some norms are of one sector only.
    pub sector: Option<String>,
    /// Subjects listed in one finding; beyond it they are only counted.
    pub max_subjects: usize,
    /// Further places listed in one finding.
    pub max_occurrences: usize,
    pub privacy: Privacy,
    pub lang: Lang,
    /// Name of this machine, as findings carry it.
    pub host: String,
    /// Skip records of locked contents say what the names hint at.
    pub note_encrypted: bool,
    pub clock: Clock,
    /// Times are told in this zone, with their offset.
    pub zone: TimeZone,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            sector: None,
            max_subjects: 100,
            max_occurrences: 100,
            privacy: Privacy::Masked,
            lang: Lang::En,
            host: String::new(),
            note_encrypted: false,
            clock: Clock::System,
            zone: TimeZone::system(),
        }
    }
}

/// What the file system said of the file on disk.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub size: u64,
    pub modified: Option<SystemTime>,
    pub uid: Option<u32>,
    /// All bits of `st_mode`.
    pub mode: Option<u32>,
}

impl From<&Metadata> for Facts {
    fn from(meta: &Metadata) -> Facts {
        Facts {
            size: meta.len(),
            modified: meta.modified().ok(), // not every file system keeps it
            uid: Some(meta.uid()),
            mode: Some(meta.mode()),
        }
    }
}

/// One content that evidence was seen in.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The root as the user named it.
    pub root: &'a Path,
    pub at: &'a Locator,
    pub facts: &'a Facts,
    /// Media type of the innermost content.
    pub media_type: &'a str,
    /// `blake3:<hex>` of the file on disk, where it was read to its end.
    pub digest: Option<&'a str>,
    /// Where it is another one than [`Settings::sector`].
    pub sector: Option<&'a str>,
}

/// Turns evidence into findings. Cheap to share: hold it in an `Arc`.
#[derive(Debug)]
pub struct Judge {
    patterns: Arc<Patterns>,
    key: FingerprintKey,
    settings: Settings,
}

impl Judge {
    pub fn new(patterns: Arc<Patterns>, key: FingerprintKey, settings: Settings) -> Judge {
        Judge { patterns, key, settings }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The findings of one content from all that detectors saw in it; copies first.
    pub fn findings(&self, item: &Item<'_>, evidence: Vec<Evidence>) -> Vec<Finding> {
        if evidence.is_empty() {
            return Vec::new();
        }
        let now = self.now();
        let exposure = exposure::of_mode(item.facts.mode);
        let mut hide = self.hide();
        let values = evidence.iter().flat_map(|e| &e.subjects).map(|s| s.value.expose());
        hide.values = values.filter(|v| in_a_name(item.at, v)).map(str::to_owned).collect();
        claim::claims(evidence)
            .into_iter()
            .map(|mut claim| {
                if claim.kind == Kind::IdDocumentCopy {
                    claim.signs.extend(self.name_signs(item));
                    claim.temper();
                }
                self.finding(item, claim, &now, &exposure, &hide)
            })
            .collect()
    }

    /// A place as it may be shown: personal numbers in names masked.
    pub fn place(&self, at: &Locator) -> LocationOut {
        place::location(at, None, false, self.settings.privacy, &self.hide())
    }

    /// A value and its place as one word, equal for the same number at the same byte of a text.
    pub fn mark(&self, value: &Masked, offset: u64) -> u64 {
        self.key.word(&[b"mark", value.expose().as_bytes(), &offset.to_le_bytes()])
    }

    /// The record of an item that was not read in full. Its place is told as a finding's is.
    pub fn skip(&self, root: &Path, at: &Locator, skip: &Skip) -> SkipRecord {
        let locked = self.settings.note_encrypted && matches!(skip, Skip::Encrypted { .. });
        SkipRecord {
            schema: "iinspect.skip/1",
            time: rfc3339(&self.now()),
            location: place::location(at, None, false, self.settings.privacy, &self.hide()),
            reason: skip.reason().to_owned(),
            detail: skip.to_string(),
            note: if locked { self.note(root, at) } else { None },
            agent: self.agent(),
        }
    }

    /// What the names on the way to a locked content say of it, if they say anything.
    fn note(&self, root: &Path, at: &Locator) -> Option<Note> {
        let rows = self.name_rows(root, at);
        let weight: f32 = rows.iter().map(|row| row.weight).sum();
        let row = rows.first().filter(|_| weight > 0.0)?;
        let odds = f64::from(LOCKED + weight.min(MAX_NAMES));
        Some(Note {
            kind: "encrypted_container",
            hint: row.name.clone(),
            document: rows.iter().find_map(|row| row.document).map(str::to_owned),
            confidence: (1000.0 / (1.0 + (-odds).exp())).round() / 1000.0,
        })
    }

    fn finding(
        &self,
        item: &Item<'_>,
        claim: Claim,
        now: &Zoned,
        exposure: &Exposure,
        hide: &Hide,
    ) -> Finding {
        let max_subjects = self.settings.max_subjects;
        let subjects_total = claim.subjects.len() as u64;
        let privacy = self.settings.privacy;
        let location = place::location(item.at, claim.sites.first(), claim.in_name, privacy, hide);
        let occurrences = claim
            .sites
            .iter()
            .skip(1)
            .take(self.settings.max_occurrences)
            .map(|site| Occurrence {
                page: site.page.or(item.at.page_number()),
                line: site.line,
                offset: site.offset,
                region: site.region,
                subject: site.subject.filter(|i| *i < max_subjects),
            })
            .collect();
        let document = claim.document.as_ref().map(|hint| Document {
            kind: hint.kind.to_owned(),
            side: claim.side.map(str::to_owned),
            issuer: hint.issuer.clone(),
            origin: hint.origin.unwrap_or("unknown").to_owned(),
        });
        let severity = severity::of(
            self.base_severity(&claim),
            if claim.kind == Kind::IdDocumentCopy { 1 } else { subjects_total },
            exposure::is_for_the_world(exposure),
        );
        let facts = item.facts;
        Finding {
            schema: "iinspect.finding/1",
            id: self.id(item, &claim),
            event: Event::Opened,
            time: rfc3339(now),
            kind: claim.kind,
            norms: self.norms(claim.kind, document.as_ref(), &exposure.level, item.sector, now),
            document,
            identifier: claim.identifier.clone(),
            confidence: confidence(claim.probability()),
            severity,
            count: claim.count,
            subjects: claim
                .subjects
                .iter()
                .take(max_subjects)
                .map(|s| self.subject(s, &claim))
                .collect(),
            subjects_total,
            evidence: claim
                .signs
                .iter()
                .map(|sign| EvidenceOut {
                    detector: sign.detector.to_owned(),
                    sign: sign.sign.clone(),
                    weight: (sign.weight * 100.0).round() / 100.0,
                    read_from: sign.read_from,
                })
                .collect(),
            location,
            occurrences,
            file: FileFacts {
                size: facts.size,
                modified: facts.modified.and_then(|time| self.local(time)),
                owner: facts.uid.map(|uid| format!("uid:{uid}")),
                mode: facts.mode.map(|mode| format!("{:04o}", mode & 0o7777)),
                media_type: item.media_type.to_owned(),
                digest: item.digest.map(str::to_owned),
            },
            exposure: exposure.clone(),
            exemption: None,
            appended: None,
            agent: self.agent(),
        }
    }

    /// What the names on the way to the content say, the weightiest of each row once.
    fn name_rows(&self, root: &Path, at: &Locator) -> Vec<&NameHint> {
        let path = at.path();
        let below_root = path.strip_prefix(root).unwrap_or(path);
        let folders = below_root.iter().map(|c| c.to_string_lossy().into_owned());
        // A root that is the file itself leaves nothing below it, but its name says as much.
        let own = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let members = at.inside().iter().flat_map(|m| m.split(['/', '\\'])).map(str::to_owned);
        let mut rows: Vec<&NameHint> = Vec::new();
        for name in folders.chain(own).chain(members) {
            if let Some(row) = self.patterns.names.look(&name)
                && !rows.iter().any(|known| known.name == row.name)
            {
                rows.push(row);
            }
        }
        rows.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        rows
    }

    fn name_signs(&self, item: &Item<'_>) -> Vec<Sign> {
        let rows = self.name_rows(item.root, item.at);
        let mut left = MAX_NAMES;
        let mut signs = Vec::new();
        for row in rows {
            let weight = row.weight.min(left);
            if weight == 0.0 {
                continue;
            }
            left -= weight.max(0.0);
            signs.push(Sign {
                detector: "names",
                sign: format!("name:{}", row.name),
                weight,
                read_from: ReadFrom::Name,
            });
        }
        signs
    }

    fn subject(&self, subject: &Subject, claim: &Claim) -> SubjectOut {
        let shown = subject.value.to_string();
        let is_iin = subject.what == IIN;
        SubjectOut {
            iin: is_iin.then(|| shown.clone()),
            number: (!is_iin).then_some(shown),
            fingerprint: self.fingerprint(subject, claim),
        }
    }

    /// Equal for the same person or document wherever it is found: in text, in a zone, in a name.
    fn fingerprint(&self, subject: &Subject, claim: &Claim) -> String {
        if subject.what == IIN {
            subject.value.fingerprint(&self.key, IIN)
        } else if claim.kind == Kind::CustomIdentifier {
            subject.value.fingerprint(&self.key, &subject.what)
        } else {
            Masked::new(claim::plain(subject.value.expose()))
                .fingerprint(&self.key, "document_number")
        }
    }

    /// Where and what, never when: a keyed hash, for a plain one of a path with a number in it
    /// could be reversed.
    fn id(&self, item: &Item<'_>, claim: &Claim) -> String {
        let path = item.at.path();
        let below_root = path.strip_prefix(item.root).unwrap_or(path);
        let kind = match claim.kind {
            Kind::IdDocumentCopy => "id_document_copy",
            Kind::Iin => "iin",
            Kind::IdDocumentNumber => "id_document_number",
            Kind::CustomIdentifier => "custom_identifier",
        };
        let page = item.at.page_number().unwrap_or(0).to_le_bytes();
        let document = claim.document.as_ref().map_or("", |d| d.kind);
        let what = match claim.kind {
            Kind::IdDocumentCopy => self.which_document(claim, document),
            Kind::Iin => String::new(),
            Kind::IdDocumentNumber => document.to_owned(),
            Kind::CustomIdentifier => claim.identifier.clone().unwrap_or_default(),
        };
        let place: &[u8] = if claim.in_name { b"name" } else { b"content" };
        let mut parts: Vec<&[u8]> =
            vec![item.root.as_os_str().as_bytes(), below_root.as_os_str().as_bytes()];
        let depth = item.at.depth().to_le_bytes();
        parts.push(&depth);
        parts.extend(item.at.inside().iter().map(|m| m.as_bytes()));
        parts.extend([&page[..], kind.as_bytes(), place, what.as_bytes()]);
        self.key.hex(&parts, ID_BYTES)
    }

    /// Tells documents of one content apart: by whose it is, else by its number, else by its sort.
    /// The IIN comes first: it is read from either side of a card, the number is not.
    fn which_document(&self, claim: &Claim, document: &str) -> String {
        let iin = claim.subjects.iter().find(|s| s.what == IIN);
        let mut what = match iin.or(claim.subjects.first()) {
            Some(subject) => format!("{document} {}", self.fingerprint(subject, claim)),
            None => format!("{document} {}", claim.side.unwrap_or("")),
        };
        // Two documents of one sort and one person differ by their numbers only.
        if iin.is_some() && claim.ambiguous {
            for subject in claim.subjects.iter().filter(|s| s.what != IIN) {
                what.push(' ');
                what.push_str(&self.fingerprint(subject, claim));
            }
        }
        what
    }

    fn base_severity(&self, claim: &Claim) -> Severity {
        let row = match claim.kind {
            Kind::IdDocumentCopy => return severity::COPY,
            Kind::Iin => self.patterns.identifiers.iter().find(|row| row.kind == Kind::Iin),
            Kind::CustomIdentifier => {
                claim.identifier.as_deref().and_then(|name| self.patterns.identifier(name))
            }
            Kind::IdDocumentNumber => {
                claim.subjects.first().and_then(|s| self.patterns.identifier(&s.what))
            }
        };
        row.map_or(severity::NUMBER, |row| row.severity)
    }

    fn norms(
        &self,
        kind: Kind,
        document: Option<&Document>,
        exposure: &str,
        sector: Option<&str>,
        now: &Zoned,
    ) -> Vec<Norm> {
        let case = Case {
            kind,
            origin: document.map_or("unknown", |d| &d.origin).to_owned(),
            sector: sector.map(str::to_owned).or_else(|| self.settings.sector.clone()),
            exposure: exposure.to_owned(),
            on: now.date(),
        };
        self.patterns
            .norms
            .iter()
            .filter(|row| row.applies_to(&case))
            .map(|row| Norm {
                id: row.id.clone(),
                relevance: row.relevance.clone(),
                in_force_from: row.in_force_from.to_string(),
                note: match self.settings.lang {
                    Lang::Ru => row.text.ru.clone(),
                    Lang::Kk => row.text.kk.clone(),
                    Lang::En => row.text.en.clone(),
                },
            })
            .collect()
    }

    /// Document numbers that are masked in names though nobody read them there: a prefix and so
    /// many digits are hardly anything else.
    fn hide(&self) -> Hide {
        let forms =
            self.patterns.identifiers.iter().filter(|row| row.kind == Kind::IdDocumentNumber);
        Hide {
            forms: forms
                .filter_map(|row| match &row.find {
                    Find::Digits { min, max, prefix: Some(prefix) } => {
                        Some((prefix.clone(), *min, *max))
                    }
                    _ => None,
                })
                .collect(),
            values: Vec::new(),
        }
    }

    pub fn agent(&self) -> Agent {
        Agent {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            host: self.settings.host.clone(),
            patterns: self.patterns.version.clone(),
        }
    }

    fn now(&self) -> Zoned {
        let now = match &self.settings.clock {
            Clock::System => Timestamp::now(),
            Clock::Fixed(time) => *time,
        };
        now.to_zoned(self.settings.zone.clone())
    }

    fn local(&self, time: SystemTime) -> Option<String> {
        // A time outside the years of the calendar is a broken inode, and not worth a fault.
        let time = Timestamp::try_from(time).ok()?;
        Some(rfc3339(&time.to_zoned(self.settings.zone.clone())))
    }
}

/// RFC 3339 with the offset of the zone, to the second.
fn rfc3339(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Whether a raw value stands in the path or a member's name; most do not, and need no masking.
fn in_a_name(at: &Locator, value: &str) -> bool {
    place::is_in(at.path().as_os_str().as_bytes(), value)
        || at.inside().iter().any(|name| place::is_in(name.as_bytes(), value))
}

fn confidence(probability: f64) -> f64 {
    let (least, most) = CONFIDENCE;
    (probability.clamp(least, most) * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
