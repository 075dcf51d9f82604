//! Findings over time: opened when first seen, updated when what was found changes, resolved when
//! it is not there any more. Each of these is a record in the outbox.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use super::{Commit, Key, State, StateError};
use crate::flow::{Appended, Event, Finding, Severity, Stamp};

/// Fields of a record that differ from look to look without anything having changed: in what file
/// facts and by what weights it was seen.
const NOT_MATERIAL: &[&str] =
    &["time", "event", "event_id", "first_seen", "appended", "evidence", "occurrences", "agent"];
const NOT_MATERIAL_OF_FILE: &[&str] = &["modified", "digest", "size"];
/// Confidence in steps of this: less is no news.
const STEP: f64 = 0.05;
/// Distinct subjects of a growing text that are known again.
const MAX_KNOWN: usize = 10_000;
/// Subjects and places of a merged record; as in a single one.
const MAX_LISTED: usize = 100;

/// How much of a file a look was at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// All of it: what was not found is not there any more.
    Whole,
    /// Something was not read: what was not found may still be there.
    Part,
    /// What was appended behind this offset.
    Appended { from: u64 },
    /// Nothing: it is not there any more.
    Gone,
}

/// What came of a look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Kind, severity and event of each record that was posted.
    pub told: Vec<[String; 3]>,
    pub opened: u64,
    pub updated: u64,
    pub resolved: u64,
    /// Findings that are open at this place now.
    pub open: u64,
}

impl Changed {
    fn tell(&mut self, finding: &Finding, event: Event) {
        self.told.push([name(finding.kind), name(finding.severity), name(event)]);
    }
}

/// A finding as it is kept. Times in milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: String,
    pub kind: String,
    pub severity: String,
    pub confidence: f64,
    pub opened: i64,
    pub changed: i64,
    pub resolved: Option<i64>,
    /// As last delivered; of a growing text, all together.
    pub record: Value,
}

/// Which findings are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub resolved: bool,
    pub kind: Option<String>,
    pub at_least: Option<Severity>,
    /// Changed since, milliseconds since 1970.
    pub since: Option<i64>,
    pub newest: Option<usize>,
}

const COLUMNS: &str = "id, kind, severity, confidence, opened, changed, resolved, record";

impl State {
    /// Calls `each` for every finding that is wanted, oldest first.
    pub fn findings(
        &self,
        wanted: &Wanted,
        each: &mut dyn FnMut(Known) -> bool,
    ) -> Result<(), StateError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM (SELECT rowid AS n, * FROM finding
             WHERE (?1 OR resolved IS NULL) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR changed >= ?3)
               AND instr(?4, severity) ORDER BY n DESC LIMIT ?5) ORDER BY n"
        );
        let mut query = self.db.prepare(&sql)?;
        let severities = at_least(wanted.at_least.unwrap_or(Severity::Low));
        let most = wanted.newest.map_or(-1, |n| i64::try_from(n).unwrap_or(-1));
        let mut rows =
            query.query(params![wanted.resolved, wanted.kind, wanted.since, severities, most])?;
        while let Some(row) = rows.next()? {
            if !each(known(row)?) {
                break;
            }
        }
        Ok(())
    }

    /// The findings whose id begins so; more than one where the beginning is too short.
    pub fn finding(&self, id: &str) -> Result<Vec<Known>, StateError> {
        let sql =
            format!("SELECT {COLUMNS} FROM finding WHERE substr(id, 1, length(?1)) = ?1 LIMIT 10");
        let mut query = self.db.prepare(&sql)?;
        let found = query.query_map([id], known)?.collect::<Result<_, _>>()?;
        Ok(found)
    }

    /// Open findings below these roots by kind and severity.
    pub fn open_findings(&self, roots: &[Key]) -> Result<Vec<(String, String, u64)>, StateError> {
        let sql = "SELECT kind, severity, root, count(*) FROM finding WHERE resolved IS NULL GROUP BY 1, 2, 3";
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map([], |row| {
            let of: (String, String) = (row.get(0)?, row.get(1)?);
            Ok((of, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?.unsigned_abs()))
        })?;
        let mut open = std::collections::BTreeMap::new();
        for row in rows {
            let (of, root, n) = row?;
            if roots.iter().any(|known| known.id() == root) {
                *open.entry(of).or_default() += n;
            }
        }
        Ok(open.into_iter().map(|((kind, severity), n)| (kind, severity, n)).collect())
    }
}

/// The severities from one on, as one text to look a name up in.
fn at_least(least: Severity) -> String {
    let all = [
        (Severity::Low, "low"),
        (Severity::Medium, "medium"),
        (Severity::High, "high"),
        (Severity::Critical, "critical"),
    ];
    all.iter().filter(|(s, _)| *s >= least).map(|(_, name)| format!("{name} ")).collect()
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    let record: String = row.get(7)?;
    Ok(Known {
        id: row.get(0)?,
        kind: row.get(1)?,
        severity: row.get(2)?,
        confidence: row.get(3)?,
        opened: row.get(4)?,
        changed: row.get(5)?,
        resolved: row.get(6)?,
        record: serde_json::from_str(&record).unwrap_or(Value::Null), // written by us, whole
    })
}

impl Commit<'_> {
    /// Compares what was found at a place with what is known of it, keeps it, and posts a record
    /// for each change. `place` is what the findings are told under; `now` is when.
    pub fn found(
        &self,
        root: Key,
        place: Place,
        seen: Seen,
        found: Vec<Finding>,
        now: &Stamp,
    ) -> Result<Changed, StateError> {
        let before = self.open_at(place)?;
        let mut changed = Changed::default();
        for finding in &found {
            match (before.iter().find(|k| k.id == finding.id), seen) {
                (None, _) => {
                    let since = self.open(root, place, finding, seen, now)?;
                    self.post_finding(finding, Event::Opened, since, now)?;
                    changed.tell(finding, Event::Opened);
                    changed.opened += 1;
                }
                (Some(_), Seen::Appended { from }) => {
                    self.append(finding, from, now)?;
                    changed.tell(finding, Event::Updated);
                    changed.updated += 1;
                }
                (Some(known), _) => {
                    if self.keep(finding, known, now)? {
                        self.post_finding(finding, Event::Updated, known.opened, now)?;
                        changed.tell(finding, Event::Updated);
                        changed.updated += 1;
                    }
                }
            }
        }
        if matches!(seen, Seen::Whole | Seen::Gone) {
            for known in before.iter().filter(|k| !found.iter().any(|f| f.id == k.id)) {
                self.resolve(known, now)?;
                let event = name(Event::Resolved);
                changed.told.push([known.kind.clone(), known.severity.clone(), event]);
                changed.resolved += 1;
            }
        }
        changed.open = before.len() as u64 + changed.opened - changed.resolved;
        Ok(changed)
    }

    /// Forgets findings that were resolved before then.
    pub fn forget_resolved(&self, before: i64) -> Result<(), StateError> {
        self.tx.prepare_cached("DELETE FROM finding WHERE resolved < ?1")?.execute([before])?;
        Ok(())
    }

    fn open_at(&self, place: Place) -> Result<Vec<Known>, StateError> {
        let sql = format!("SELECT {COLUMNS} FROM finding WHERE place = ?1 AND resolved IS NULL");
        let mut query = self.tx.prepare_cached(&sql)?;
        let found = query.query_map([place.0], known)?.collect::<Result<_, _>>()?;
        Ok(found)
    }

    /// A finding that is new, or there again; since when it is known.
    fn open(
        &self,
        root: Key,
        place: Place,
        finding: &Finding,
        seen: Seen,
        now: &Stamp,
    ) -> Result<i64, StateError> {
        let record = serde_json::to_string(finding)?;
        let subjects = matches!(seen, Seen::Appended { .. }).then(|| pack(&prints(finding)));
        let sql = "INSERT INTO finding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, NULL, ?8, ?9)
                   ON CONFLICT (id) DO UPDATE SET place = ?2, root = ?3, kind = ?4, severity = ?5, confidence = ?6,
                   changed = ?7, resolved = NULL, record = ?8, subjects = ?9
                   RETURNING opened";
        let mut query = self.tx.prepare_cached(sql)?;
        let (kind, severity) = (name(finding.kind), name(finding.severity));
        let values = params![
            finding.id,
            place.0,
            root.id(),
            kind,
            severity,
            finding.confidence,
            now.millis,
            record,
            subjects
        ];
        Ok(query.query_row(values, |row| row.get(0))?)
    }

    /// Keeps what is said of a known finding now; whether that is news.
    fn keep(&self, finding: &Finding, known: &Known, now: &Stamp) -> Result<bool, StateError> {
        let fresh = record_of(finding)?;
        let news = material(&fresh) != material(&known.record);
        let changed = if news { now.millis } else { known.changed };
        let sql = "UPDATE finding SET severity = ?2, confidence = ?3, changed = ?4, record = ?5 WHERE id = ?1";
        self.tx.prepare_cached(sql)?.execute(params![
            finding.id,
            name(finding.severity),
            finding.confidence,
            changed,
            fresh.to_string()
        ])?;
        Ok(news)
    }

    /// More of what is known: the record told is of what is new, the one kept of all.
    fn append(&self, finding: &Finding, from: u64, now: &Stamp) -> Result<(), StateError> {
        let sql = "SELECT record, subjects, opened FROM finding WHERE id = ?1";
        let mut query = self.tx.prepare_cached(sql)?;
        let found: Option<(String, Option<Vec<u8>>, i64)> = query
            .query_row([&finding.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((record, subjects, opened)) = found else { return Ok(()) };
        let mut record: Value = serde_json::from_str(&record)?;
        let mut known = match subjects {
            Some(bytes) => unpack(&bytes),
            None => prints_of(&record),
        };
        known.extend(prints(finding));
        merge(&mut record, finding, known.len() as u64);
        while known.len() > MAX_KNOWN {
            known.pop_last();
        }
        let sql = "UPDATE finding SET severity = ?2, changed = ?3, record = ?4, subjects = ?5 WHERE id = ?1";
        self.tx.prepare_cached(sql)?.execute(params![
            finding.id,
            name(finding.severity),
            now.millis,
            record.to_string(),
            pack(&known)
        ])?;
        let mut told = finding.clone();
        let number = |name: &str| record.get(name).and_then(Value::as_u64);
        told.appended = Some(Appended {
            from,
            count_total: number("count").unwrap_or(finding.count),
            subjects_total: number("subjects_total").unwrap_or(finding.subjects_total),
        });
        self.post_finding(&told, Event::Updated, opened, now)
    }

    fn resolve(&self, known: &Known, now: &Stamp) -> Result<(), StateError> {
        let sql = "UPDATE finding SET resolved = ?2, changed = ?2, record = ?3 WHERE id = ?1";
        let mut record = known.record.clone();
        if let Some(fields) = record.as_object_mut() {
            fields.shift_remove("appended");
            stamp(fields, Event::Resolved, known.opened, now);
        }
        let line = record.to_string();
        self.tx.prepare_cached(sql)?.execute(params![known.id, now.millis, line])?;
        self.post(&line, now.millis)
    }

    fn post_finding(
        &self,
        finding: &Finding,
        event: Event,
        opened: i64,
        now: &Stamp,
    ) -> Result<(), StateError> {
        let mut record = record_of(finding)?;
        if let Some(fields) = record.as_object_mut() {
            stamp(fields, event, opened, now);
        }
        self.post(&record.to_string(), now.millis)
    }
}

/// What findings are told under: a file, or the first file of a growing text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place(pub(super) i64);

impl Place {
    /// Of an entry, by its name in the ledger.
    pub fn of_short(short: u64) -> Place {
        Place(short as i64)
    }
}

impl Key {
    pub fn place(self) -> Place {
        Place(self.id())
    }
}

/// Event, time and the id of the event, which is made of all that is told. A record is made once and
/// then waits in the outbox, so the same event is told with the same id however often; another event
/// that looks the same has another time.
fn stamp(fields: &mut Map<String, Value>, event: Event, opened: i64, now: &Stamp) {
    fields.shift_remove("event_id");
    fields.insert("event".into(), name(event).into());
    fields.insert("time".into(), now.text.clone().into());
    fields.insert("first_seen".into(), now.at(opened).into());
    let mut hasher = blake3::Hasher::new();
    hasher.update(&now.millis.to_le_bytes());
    hasher.update(Value::Object(fields.clone()).to_string().as_bytes());
    let hash = hasher.finalize().to_hex();
    fields.insert("event_id".into(), hash.get(..32).unwrap_or_default().into());
}

/// A finding as JSON, by way of its text: numbers are what they are in a record that is written at once.
fn record_of(finding: &Finding) -> Result<Value, StateError> {
    Ok(serde_json::from_str(&serde_json::to_string(finding)?)?)
}

/// A record without what changes from look to look.
fn material(record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(fields) = record.as_object_mut() {
        for name in NOT_MATERIAL {
            fields.remove(*name);
        }
        if let Some(file) = fields.get_mut("file").and_then(Value::as_object_mut) {
            for name in NOT_MATERIAL_OF_FILE {
                file.remove(*name);
            }
        }
        if let Some(confidence) = fields.get("confidence").and_then(Value::as_f64) {
            fields.insert("confidence".into(), json!((confidence / STEP).round()));
        }
    }
    record
}

/// Puts what is new into the record of all.
fn merge(record: &mut Value, finding: &Finding, subjects_total: u64) {
    let Ok(fresh) = record_of(finding) else { return };
    let Some(fields) = record.as_object_mut() else { return };
    let count = fields.get("count").and_then(Value::as_u64).unwrap_or(0);
    fields.insert("count".into(), json!(count.saturating_add(finding.count)));
    let before = fields.get("subjects_total").and_then(Value::as_u64).unwrap_or(0);
    fields.insert("subjects_total".into(), json!(before.max(subjects_total)));
    for name in ["severity", "file", "exposure", "time", "norms", "agent"] {
        if let Some(value) = fresh.get(name) {
            fields.insert(name.into(), value.clone());
        }
    }
    let known: Vec<Value> =
        fields.get("subjects").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut subjects = known.clone();
    for subject in fresh.get("subjects").and_then(Value::as_array).into_iter().flatten() {
        let same = |k: &Value| k.get("fingerprint") == subject.get("fingerprint");
        if subjects.len() < MAX_LISTED && !known.iter().any(same) {
            subjects.push(subject.clone());
        }
    }
    fields.insert("subjects".into(), Value::Array(subjects));
}

/// Short forms of the fingerprints, to tell subjects apart by.
fn prints(finding: &Finding) -> BTreeSet<u64> {
    finding.subjects.iter().map(|s| short(&s.fingerprint)).collect()
}

fn prints_of(record: &Value) -> BTreeSet<u64> {
    let subjects = record.get("subjects").and_then(Value::as_array);
    let prints = subjects.into_iter().flatten().filter_map(|s| s.get("fingerprint")?.as_str());
    prints.map(short).collect()
}

fn short(fingerprint: &str) -> u64 {
    let mut eight = [0u8; 8];
    eight.copy_from_slice(&blake3::hash(fingerprint.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(eight)
}

pub(super) fn pack(prints: &BTreeSet<u64>) -> Vec<u8> {
    prints.iter().flat_map(|word| word.to_le_bytes()).collect()
}

pub(super) fn unpack(bytes: &[u8]) -> BTreeSet<u64> {
    bytes.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b)).collect()
}

/// A unit variant as JSON writes it.
fn name(variant: impl serde::Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}
