//! Document numbers: a run of digits, perhaps with a prefix, that its words make a passport's or a
//! card's. The rows are data; nine digits mean nothing without their label.

use std::collections::HashMap;

use super::context::{LabelSet, Near};
use super::surroundings::{Against, against, is_whole_cell};
use super::{Rules, Runs, TextDetector, TextFacts, TextWatch};
use crate::flow::{DocumentHint, Evidence, Masked, Sign, Site, Subject};
use crate::patterns::{Find, Identifier};
use crate::text::Window;
use crate::text::digits::Run;
use crate::text::window::{ColumnCursor, LineCursor};

pub struct Number;

const NAME: &str = "number";
/// Probability from which an occurrence is counted.
const COUNTED: f32 = 0.5;
/// Columns whose headings are remembered; no table of people is wider.
const MAX_COLUMNS: usize = 4096;
/// Bytes that may stand between a number and the letters of its label; longer gaps are columns of
/// figures, which are most of what has nine digits.
const GAP_BYTES: usize = 8;

impl TextDetector for Number {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin<'r>(&self, rules: &'r Rules, facts: TextFacts) -> Box<dyn TextWatch + 'r> {
        Box::new(Watch {
            rules: &rules.numbers,
            facts,
            lines: LineCursor::default(),
            found: rules.numbers.iter().map(|_| Found::default()).collect(),
            columns: rules.numbers.iter().map(|_| ColumnCursor::default()).collect(),
            headings: HashMap::new(),
        })
    }
}

struct Watch<'r> {
    rules: &'r [(Identifier, LabelSet)],
    facts: TextFacts,
    lines: LineCursor,
    found: Vec<Found>,
    /// One a row: each goes over the runs by itself.
    columns: Vec<ColumnCursor>,
    headings: HashMap<(usize, usize), Option<Near>>,
}

/// The signs of a value of `row`: its form, and the label near it.
pub(super) fn row_signs(
    detector: &'static str,
    row: &Identifier,
    labels: &LabelSet,
    near: Option<Near>,
    facts: TextFacts,
) -> Vec<Sign> {
    let sign = |sign: String, weight| Sign { detector, sign, weight, read_from: facts.read_from() };
    let form = sign(format!("form:{}", row.name), row.weight);
    let label = near.filter(|near| near.weight != 0.0).map(|near| {
        sign(format!("{}:{}", near.place.name(), labels.text(near.label)), near.weight)
    });
    std::iter::once(form).chain(label).collect()
}

/// What was seen of one row: [`super::rule`] gathers the same.
#[derive(Default)]
pub(super) struct Found {
    subjects: Vec<Subject>,
    index: HashMap<String, usize>,
    sites: Vec<Site>,
    count: u64,
    best: Option<(f32, Vec<Sign>)>,
}

impl Found {
    /// Takes an occurrence with its signs, if they make it likelier than not.
    pub(super) fn add(
        &mut self,
        row: &Identifier,
        facts: TextFacts,
        value: String,
        site: Site,
        signs: Vec<Sign>,
    ) {
        let log_odds: f32 = signs.iter().map(|s| s.weight).sum();
        if 1.0 / (1.0 + (-log_odds).exp()) < COUNTED {
            return;
        }
        self.count += 1;
        if self.best.as_ref().is_none_or(|(best, _)| log_odds > *best) {
            self.best = Some((log_odds, signs));
        }
        if self.sites.len() >= facts.max_occurrences {
            return;
        }
        let subjects = &mut self.subjects;
        let subject = *self.index.entry(value).or_insert_with_key(|value| {
            subjects.push(Subject { what: row.name.clone(), value: Masked::new(value.clone()) });
            subjects.len() - 1
        });
        self.sites.push(Site { subject: Some(subject), ..site });
    }

    pub(super) fn evidence(&mut self, row: &Identifier) -> Option<Evidence> {
        let (_, signs) = self.best.take()?;
        Some(Evidence {
            kind: row.kind,
            document: row.document.map(|kind| DocumentHint { kind, ..DocumentHint::default() }),
            count: self.count,
            subjects: std::mem::take(&mut self.subjects),
            sites: std::mem::take(&mut self.sites),
            signs,
        })
    }
}

impl TextWatch for Watch<'_> {
    fn window(&mut self, window: &Window, runs: &Runs) {
        for (i, (row, labels)) in self.rules.iter().enumerate() {
            let Find::Digits { min, max, prefix } = &row.find else { continue };
            let sizes = usize::from(*min)..=usize::from(*max);
            // Rows for eleven digits and less, which is nearly all, need not see the rest.
            let long = if sizes.end() < &12 { &[] } else { runs.plain.as_slice() };
            for &run in runs.short.iter().chain(long).filter(|run| sizes.contains(&run.len)) {
                let Some(start) = with_prefix(window, run, prefix.as_deref()) else { continue };
                let near = self.near(i, window, labels, start, run);
                let Some(near) = near.or(row_without_label(row)) else { continue };
                self.occurrence(i, window, row, labels, (start, run), near);
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<Evidence>) {
        for (found, (row, _)) in self.found.iter_mut().zip(self.rules) {
            out.extend(found.evidence(row));
        }
    }
}

/// For rows that mean something without a label.
fn row_without_label(row: &Identifier) -> Option<Near> {
    (!row.needs_label).then_some(Near {
        label: usize::MAX,
        weight: 0.0,
        place: super::context::Place::Before,
    })
}

impl Watch<'_> {
    fn near(
        &mut self,
        i: usize,
        window: &Window,
        labels: &LabelSet,
        start: usize,
        run: Run,
    ) -> Option<Near> {
        if let Some(table) = window.table
            && is_whole_cell(window, start, run.start + run.len)
            && let Some(column) = self.columns.get_mut(i).and_then(|c| c.column(window, start))
            && column < MAX_COLUMNS
        {
            let heading = *self
                .headings
                .entry((i, column))
                .or_insert_with(|| labels.heading(table.headings(column), window.encoding));
            if heading.is_some() {
                return heading;
            }
        }
        if !has_word_before(window, start) || !labels.may_be_labelled(window, start) {
            return None;
        }
        labels.near(window, start, run.start + run.len)
    }

    fn occurrence(
        &mut self,
        i: usize,
        window: &Window,
        row: &Identifier,
        labels: &LabelSet,
        (start, run): (usize, Run),
        near: Near,
    ) {
        let end = run.start + run.len;
        let Some(value) = window.bytes.get(start..end) else { return };
        let value = String::from_utf8_lossy(value).replace(' ', "");
        let mut signs = row_signs(NAME, row, labels, Some(near), self.facts);
        let sign = |sign: String, weight| Sign {
            detector: NAME,
            sign,
            weight,
            read_from: self.facts.read_from(),
        };
        match row.validator.as_ref().map(|v| v.accepts(&value)) {
            Some(false) => return,
            Some(true) => signs.push(sign("check_digits".into(), 0.0)),
            None => {}
        }
        match against(window, start, end, run.start != start) {
            // `012345678-1`, `12/345678901`: numbers of papers are often written in chains.
            None | Some(Against::Chain) => {}
            Some(against) => signs.push(sign(against.name().into(), against.weight(true))),
        }
        let site = self.facts.site(&mut self.lines, window, start);
        if let Some(found) = self.found.get_mut(i) {
            found.add(row, self.facts, value, site, signs);
        }
    }
}

/// Where the value begins: at its prefix, which may be parted by one space and stands alone.
fn with_prefix(window: &Window, run: Run, prefix: Option<&str>) -> Option<usize> {
    let Some(prefix) = prefix else { return Some(run.start) };
    // Most runs have another letter or none before them.
    let last = prefix.bytes().last()?;
    if !window.before(run.start, 2).iter().any(|b| b.eq_ignore_ascii_case(&last)) {
        return None;
    }
    let before = window.before(run.start, prefix.len() + 2);
    let gap = usize::from(before.ends_with(b" "));
    let before = before.strip_suffix(b" ").unwrap_or(before);
    let (rest, found) = before.split_at_checked(before.len().checked_sub(prefix.len())?)?;
    if !found.eq_ignore_ascii_case(prefix.as_bytes())
        || rest.last().is_some_and(u8::is_ascii_alphanumeric)
    {
        return None;
    }
    Some(run.start - gap - prefix.len())
}

/// Whether a letter stands shortly before: most runs of nine digits are figures among figures, and
/// this spares them the search for labels.
fn has_word_before(window: &Window, start: usize) -> bool {
    // Paths, fractions and lists of figures: `/x/123456789`, `[123456789`.
    if matches!(window.before(start, 1), [b'/' | b'.' | b'[' | b',' | b'+' | b'&' | b'%']) {
        return false;
    }
    window
        .before(start, GAP_BYTES)
        .iter()
        .rev()
        .take_while(|b| !b.is_ascii_digit())
        .any(|&b| b.is_ascii_alphabetic() || b >= 0x80 || b == b'\n')
}
