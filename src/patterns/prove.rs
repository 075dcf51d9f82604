//! Runs every row against its own examples.

use super::{Identifier, Patterns};
use crate::flow::Evidence;

/// From this probability on an example counts as matched: more likely than not.
const MATCHED: f64 = 0.5;

/// Proves all rows. `look` is what the detectors see in a text under these very patterns; name
/// hints, document titles, norms and calendar are matched here. Returns one
/// `file:line: row NAME: must_match 3 is not matched` a fault; the examples themselves are not
/// repeated, a user may have put in real numbers.
pub fn prove(patterns: &Patterns, look: &dyn Fn(&str) -> Vec<Evidence>) -> Vec<String> {
    let mut faults = Faults(Vec::new());
    for row in &patterns.identifiers {
        let seen = |text: &str| look(text).iter().any(|e| is_of(e, row));
        faults.row(&row.name, &row.origin.file, &row.must_match, &row.must_not_match, |t| seen(t));
    }
    for row in &patterns.documents.rows {
        let seen =
            |text: &str| patterns.documents.look(text).is_some_and(|(d, _)| d.kind == row.kind);
        faults.row(row.kind, &row.origin.file, &row.must_match, &row.must_not_match, |t| seen(t));
    }
    for row in &patterns.lookalikes {
        let file = &row.origin.file;
        faults.row(&row.name, file, &row.must_match, &row.must_not_match, |t| row.is_in(t));
    }
    for row in &patterns.names.rows {
        let file = &row.origin.file;
        faults.row(&row.name, file, &row.must_match, &row.must_not_match, |t| row.is_in(t));
    }
    for row in &patterns.norms {
        let file = &row.origin.file;
        faults.row(&row.id, file, &row.must_match, &row.must_not_match, |c| row.applies_to(c));
    }
    for row in &patterns.calendar.years {
        let (name, file) = (row.year.to_string(), &row.origin.file);
        faults.row(&name, file, &row.must_match, &row.must_not_match, |day| row.is_day_off(*day));
    }
    faults.0
}

/// Whether this evidence is what the row was written for, and likely enough.
fn is_of(evidence: &Evidence, row: &Identifier) -> bool {
    let same = match row.document {
        _ if evidence.kind != row.kind => false,
        Some(document) => evidence.document.as_ref().is_some_and(|d| d.kind == document),
        None => match row.kind {
            crate::flow::Kind::CustomIdentifier => {
                evidence.subjects.iter().any(|s| s.what == row.name)
            }
            _ => true,
        },
    };
    same && evidence.probability() >= MATCHED
}

struct Faults(Vec<String>);

impl Faults {
    fn row<T>(
        &mut self,
        name: &str,
        file: &str,
        must: &[super::Example<T>],
        must_not: &[super::Example<T>],
        seen: impl Fn(&T) -> bool,
    ) {
        for (list, key, want) in [(must, "must_match", true), (must_not, "must_not_match", false)] {
            for (i, example) in list.iter().enumerate() {
                if seen(&example.value) != want {
                    let what = if want { "is not matched" } else { "is matched" };
                    let line = example.line;
                    self.0.push(format!("{file}:{line}: row {name}: {key} {} {what}", i + 1));
                }
            }
        }
    }
}
