//! Truth against findings: what was found, missed, made up, and how well confidence tells it.
//!
//! An expectation is one thing of one kind in one file (in its content or in its name). Findings of
//! that kind in that file are its own; where a file holds several (two people's cards), each
//! finding goes to the one whose numbers, place and type it shares the most of. A finding is right
//! when more of the numbers it lists are true than not. Numbers are compared by their last four
//! characters: a finding shows no more.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::seen::{Run, Seen, names};
use crate::truth::{Expect, Truth, last_four};

/// One expectation and what came of it.
#[derive(Debug, Clone)]
pub struct Case {
    pub truth: usize,
    pub kind: String,
    pub in_name: bool,
    /// The highest confidence of the findings that are right; `None`: missed.
    pub found: Option<f64>,
    pub numbers: Numbers,
    /// Occurrences counted as the truth counts them; `None` where it does not.
    pub count_is_exact: Option<bool>,
    /// For a document with a machine readable zone.
    pub zone: Option<Zone>,
    /// True and told origin, of a document that was found.
    pub origin: Option<(String, String)>,
    /// For a document that was found and whose place is known.
    pub place: Option<Place>,
}

/// How well the region of a finding agrees with the true one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// More than half of the told region lies in the true one.
    pub inside: bool,
    /// More than half of the true region is covered.
    pub covers: bool,
}

/// Distinct numbers of one expectation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    pub expected: u64,
    pub found: u64,
    pub extra: u64,
}

/// How exactly a machine readable zone was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Zone {
    pub all_checks: bool,
    /// All checks, and type, issuer and every number are those of the truth.
    pub exact: bool,
}

/// One finding and whether it is right.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub seen: usize,
    pub truth: usize,
    pub right: bool,
}

#[derive(Debug, Default)]
pub struct Measured {
    pub cases: Vec<Case>,
    pub verdicts: Vec<Verdict>,
    /// Findings in files that the truth does not know; they count nowhere.
    pub unlabelled: Vec<usize>,
}

pub fn measure(truth: &[Truth], run: &Run) -> Measured {
    let mut measured = Measured::default();
    let mut of_file: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let exact: BTreeMap<&str, usize> =
        truth.iter().enumerate().map(|(i, t)| (t.file.as_str(), i)).collect();
    for (i, seen) in run.seen.iter().enumerate() {
        match place(&seen.path, &exact, truth) {
            Some(t) => of_file.entry(t).or_default().push(i),
            None => measured.unlabelled.push(i),
        }
    }
    for (t, file) in truth.iter().enumerate() {
        let here: Vec<usize> = of_file.remove(&t).unwrap_or_default();
        let owners = owners(&here, &file.expect, run);
        for (e, expect) in file.expect.iter().enumerate() {
            let of_this: Vec<usize> =
                here.iter().zip(&owners).filter(|(_, o)| **o == Some(e)).map(|(i, _)| *i).collect();
            let findings: Vec<&Seen> = of_this.iter().map(|&i| &run.seen[i]).collect();
            let listed = expect.subjects.iter().map(|s| last_four(s)).collect::<Vec<_>>();
            let numbers = numbers(&listed, expect.subjects_total, &findings);
            let mut best: Option<&Seen> = None;
            for &i in &of_this {
                let seen = &run.seen[i];
                let right = is_right(&listed, seen);
                if right && best.is_none_or(|b| b.confidence < seen.confidence) {
                    best = Some(seen);
                }
                measured.verdicts.push(Verdict { seen: i, truth: t, right });
            }
            let zone = expect.document.as_ref().filter(|d| d.mrz).map(|document| {
                let read = findings.iter().find(|f| f.all_checks);
                let agrees =
                    |want: &Option<String>, got: &Option<String>| want.is_none() || want == got;
                Zone {
                    all_checks: read.is_some(),
                    exact: numbers.found == numbers.expected
                        && numbers.extra == 0
                        && read.is_some_and(|f| {
                            agrees(&document.kind, &f.document)
                                && agrees(&document.issuer, &f.issuer)
                                && agrees(&document.side, &f.side)
                        }),
                }
            });
            measured.cases.push(Case {
                truth: t,
                kind: expect.kind.clone(),
                in_name: expect.in_name,
                found: best.map(|b| b.confidence),
                numbers,
                count_is_exact: expect
                    .count
                    .map(|n| n == findings.iter().map(|f| f.count).sum::<u64>()),
                zone,
                origin: origin(expect, best),
                place: place_of(expect, best),
            });
        }
        for (i, _) in here.into_iter().zip(owners).filter(|(_, owner)| owner.is_none()) {
            measured.verdicts.push(Verdict { seen: i, truth: t, right: false });
        }
    }
    measured
}

/// Which expectation of its file each finding is of: of those of its kind the one it shares the
/// most with, at even shares the one with the fewest findings so far. The surest choose first.
fn owners(here: &[usize], expect: &[Expect], run: &Run) -> Vec<Option<usize>> {
    let candidates = |f: usize| {
        let seen = &run.seen[here[f]];
        let own = move |e: &Expect| e.kind == seen.kind && e.in_name == seen.in_name;
        let of_kind = expect.iter().enumerate().filter(move |(_, e)| own(e));
        of_kind.map(move |(i, e)| (shared(seen, e), i))
    };
    let mut order: Vec<_> =
        (0..here.len()).map(|f| (candidates(f).map(|c| c.0).max(), f)).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut owners = vec![None; here.len()];
    let mut taken = vec![0usize; expect.len()];
    for (_, f) in order {
        let best =
            candidates(f).max_by_key(|(shared, e)| (*shared, Reverse(taken[*e]), Reverse(*e)));
        if let Some((_, e)) = best {
            taken[e] += 1;
            owners[f] = Some(e);
        }
    }
    owners
}

/// Numbers that agree, then the place, then type and side: the more, the likelier is the finding
/// of this expectation.
fn shared(seen: &Seen, expect: &Expect) -> (usize, bool, usize) {
    let listed: Vec<String> = expect.subjects.iter().map(|s| last_four(s)).collect();
    let hits = seen.subjects.iter().filter(|(four, _)| listed.contains(four)).count();
    let Some(document) = &expect.document else { return (hits, false, 0) };
    let regions = document.region.zip(seen.region);
    let there = regions.is_some_and(|(t, s)| 2 * common(t, s) > area(s));
    let agrees = |a: &Option<String>, b: &Option<String>| usize::from(a.is_some() && a == b);
    let alike = agrees(&document.kind, &seen.document) + agrees(&document.side, &seen.side);
    (hits, there, alike)
}

fn area(r: [u32; 4]) -> u64 {
    u64::from(r[2]) * u64::from(r[3])
}

/// Pixels in both regions.
fn common(a: [u32; 4], b: [u32; 4]) -> u64 {
    let along = |i: usize| {
        let end =
            (u64::from(a[i]) + u64::from(a[i + 2])).min(u64::from(b[i]) + u64::from(b[i + 2]));
        end.saturating_sub(u64::from(a[i].max(b[i])))
    };
    along(0) * along(1)
}

fn origin(expect: &Expect, found: Option<&Seen>) -> Option<(String, String)> {
    let wanted = expect.document.as_ref()?.origin.clone()?;
    Some((wanted, found?.origin.clone().unwrap_or_else(|| "unknown".into())))
}

fn place_of(expect: &Expect, found: Option<&Seen>) -> Option<Place> {
    let wanted = expect.document.as_ref()?.region?;
    let Some(told) = found?.region else { return Some(Place::default()) };
    let shared = 2 * common(wanted, told);
    Some(Place { inside: shared > area(told), covers: shared > area(wanted) })
}

/// The truth line of a delivered path.
fn place(path: &str, exact: &BTreeMap<&str, usize>, truth: &[Truth]) -> Option<usize> {
    // Most paths end in a name of the truth as it stands: try every folder border first.
    let borders = path.char_indices().filter(|(_, c)| *c == '/').map(|(i, _)| i + 1);
    for start in std::iter::once(0).chain(borders) {
        if let Some(found) = path.get(start..).and_then(|tail| exact.get(tail)) {
            return Some(*found);
        }
    }
    if path.contains('*') { truth.iter().position(|t| names(path, &t.file)) } else { None }
}

fn is_right(listed: &[String], seen: &Seen) -> bool {
    if listed.is_empty() || seen.subjects.is_empty() {
        return true; // nobody says which numbers: the kind is all there is to compare
    }
    let hits = seen.subjects.iter().filter(|(four, _)| listed.contains(four)).count();
    hits * 2 > seen.subjects.len()
}

/// Distinct numbers are told apart up to this many a content (`Limits::max_occurrences`); more are
/// counted as occurrences only.
const DISTINCT_KEPT: u64 = 10_000;

/// Found, missed and extra distinct numbers over all findings of one expectation.
fn numbers(listed: &[String], total: Option<u64>, findings: &[&Seen]) -> Numbers {
    // Two findings in one file may list the same person: the fingerprint tells.
    let distinct: BTreeSet<&(String, String)> = findings.iter().flat_map(|f| &f.subjects).collect();
    let beyond_lists: u64 =
        findings.iter().map(|f| f.subjects_total.saturating_sub(f.subjects.len() as u64)).sum();
    let seen_total = distinct.len() as u64 + beyond_lists;
    let mut expected = if listed.is_empty() { total.unwrap_or(0) } else { listed.len() as u64 };
    if seen_total >= DISTINCT_KEPT {
        expected = expected.min(DISTINCT_KEPT);
    }
    if listed.is_empty() || beyond_lists > 0 {
        // A list was capped, here or there: only the totals can be compared.
        return Numbers {
            expected,
            found: seen_total.min(expected),
            extra: if expected == 0 { 0 } else { seen_total.saturating_sub(expected) },
        };
    }
    let mut left: BTreeMap<&str, u64> = BTreeMap::new();
    for four in listed {
        *left.entry(four).or_default() += 1;
    }
    let (mut found, mut extra) = (0, 0);
    for (four, _) in distinct {
        match left.get_mut(four.as_str()) {
            Some(n) if *n > 0 => {
                *n -= 1;
                found += 1;
            }
            _ => extra += 1,
        }
    }
    Numbers { expected, found, extra }
}

/// The Wilson score interval of `k` of `n` at 95 %; `(0, 1)` of nothing.
pub fn wilson(k: u64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    const Z: f64 = 1.959_963_984_540_054;
    let (p, n) = (k as f64 / n as f64, n as f64);
    let centre = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

/// One row of the reliability table.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bin {
    pub low: f64,
    pub high: f64,
    pub n: u64,
    pub right: u64,
    confidence_sum: f64,
}

impl Bin {
    pub fn mean_confidence(&self) -> f64 {
        self.confidence_sum / self.n as f64
    }
}

#[derive(Debug, Default)]
pub struct Calibration {
    pub bins: Vec<Bin>,
    /// Expected calibration error: the gap between confidence and truth, weighted by bin size.
    pub ece: f64,
    /// Mean squared error of confidence as a probability.
    pub brier: f64,
    pub n: u64,
}

/// Finer where decisions are taken.
const EDGES: [f64; 13] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0];

pub fn calibration(of: &[(f64, bool)]) -> Calibration {
    let mut bins: Vec<Bin> =
        EDGES.windows(2).map(|e| Bin { low: e[0], high: e[1], ..Bin::default() }).collect();
    let mut squares = 0.0;
    for &(confidence, right) in of {
        let last = bins.len() - 1;
        let at = bins.iter().position(|b| confidence < b.high).unwrap_or(last);
        bins[at].n += 1;
        bins[at].right += u64::from(right);
        bins[at].confidence_sum += confidence;
        squares += (confidence - f64::from(u8::from(right))).powi(2);
    }
    let n = of.len() as u64;
    let gaps: f64 = bins.iter().map(|b| (b.confidence_sum - b.right as f64).abs()).sum();
    let per = |sum: f64| if n == 0 { 0.0 } else { sum / n as f64 };
    Calibration { bins, ece: per(gaps), brier: per(squares), n }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::parse;

    fn seen(path: &str, kind: &str, confidence: f64, fours: &[&str]) -> Seen {
        Seen {
            path: path.into(),
            kind: kind.into(),
            confidence,
            count: fours.len() as u64,
            subjects: fours.iter().map(|f| (f.to_string(), format!("fp-{f}"))).collect(),
            subjects_total: fours.len() as u64,
            ..Seen::default()
        }
    }

    #[test]
    fn found_missed_and_extra_are_told_apart() {
        let truth = parse(concat!(
            r#"{"file":"a","expect":[{"kind":"iin","count":3,"subjects":["900101100004","900101100014"]}]}"#,
            "\n",
            r#"{"file":"b","expect":[{"kind":"iin","subjects":["********3985"]}]}"#,
            "\n",
            r#"{"file":"c"}"#
        ))
        .unwrap();
        let run = Run {
            seen: vec![
                seen("set/a", "iin", 0.97, &["0004", "7777", "0014"]),
                seen("set/c", "iin", 0.30, &["1111"]),
                seen("set/unknown", "iin", 0.9, &["1111"]),
            ],
            skips: Vec::new(),
        };
        let m = measure(&truth, &run);
        assert_eq!(m.cases[0].numbers, Numbers { expected: 2, found: 2, extra: 1 });
        assert_eq!(m.cases[0].found, Some(0.97));
        assert_eq!(m.cases[0].count_is_exact, Some(true));
        assert_eq!(m.cases[1].found, None);
        assert_eq!(m.cases[1].numbers, Numbers { expected: 1, found: 0, extra: 0 });
        assert_eq!(m.cases[1].count_is_exact, None);
        assert_eq!(m.verdicts.iter().filter(|v| v.right).count(), 1);
        assert_eq!(m.verdicts.iter().filter(|v| !v.right).count(), 1);
        assert_eq!(m.unlabelled, [2]);
    }

    #[test]
    fn a_finding_of_the_wrong_numbers_is_neither_right_nor_a_hit() {
        let truth =
            parse(r#"{"file":"a","expect":[{"kind":"iin","subjects":["900101100004"]}]}"#).unwrap();
        let run = Run { seen: vec![seen("a", "iin", 0.9, &["1234", "5678"])], skips: Vec::new() };
        let m = measure(&truth, &run);
        assert_eq!(m.cases[0].found, None);
        assert!(!m.verdicts[0].right);
    }

    #[test]
    fn a_name_and_a_content_are_two_expectations() {
        let truth = parse(
            r#"{"file":"a","expect":[{"kind":"iin","subjects":["900101100004"],"in_name":true}]}"#,
        )
        .unwrap();
        let content = seen("a", "iin", 0.9, &["0004"]);
        let mut name = content.clone();
        name.in_name = true;
        let m = measure(&truth, &Run { seen: vec![content.clone()], skips: Vec::new() });
        assert_eq!((m.cases[0].found, m.verdicts[0].right), (None, false));
        let m = measure(&truth, &Run { seen: vec![name], skips: Vec::new() });
        assert_eq!((m.cases[0].found, m.verdicts[0].right), (Some(0.9), true));
    }

    #[test]
    fn capped_lists_are_compared_by_their_totals() {
        let mut capped = seen("a", "iin", 0.9, &["0004"]);
        capped.subjects_total = 500;
        let n = numbers(&[], Some(480), &[&capped]);
        assert_eq!(n, Numbers { expected: 480, found: 480, extra: 20 });
        capped.subjects_total = 10_000;
        let n = numbers(&[], Some(50_000), &[&capped]);
        assert_eq!(n, Numbers { expected: 10_000, found: 10_000, extra: 0 });
    }

    #[test]
    fn a_zone_is_exact_only_with_type_issuer_and_numbers_right() {
        let truth = parse(
            r#"{"file":"a","expect":[{"kind":"id_document_copy","subjects":["851231200019"],"document":{"type":"id_card","issuer":"KAZ","mrz":true}}]}"#,
        )
        .unwrap();
        let mut good = seen("a", "id_document_copy", 0.99, &["0019"]);
        (good.document, good.issuer) = (Some("id_card".into()), Some("KAZ".into()));
        let zone = |s: &Seen| {
            measure(&truth, &Run { seen: vec![s.clone()], skips: Vec::new() }).cases[0]
                .zone
                .unwrap()
        };
        assert_eq!(zone(&good), Zone { all_checks: false, exact: false });
        good.all_checks = true;
        assert_eq!(zone(&good), Zone { all_checks: true, exact: true });
        good.issuer = Some("UZB".into());
        assert_eq!(zone(&good), Zone { all_checks: true, exact: false });
    }

    #[test]
    fn two_cards_on_a_page_are_two_expectations() {
        let truth = parse(concat!(
            r#"{"file":"a","expect":[{"kind":"id_document_copy","count":1,"subjects":["900101100004"],"#,
            r#""document":{"type":"id_card","side":"front","origin":"paper_scan","region":[0,0,100,60]}},"#,
            r#"{"kind":"id_document_copy","count":1,"subjects":["851231203985"],"#,
            r#""document":{"type":"id_card","side":"back","origin":"paper_scan","region":[0,100,100,60]}}]}"#
        ))
        .unwrap();
        let at = |y: u32, fours: &[&str], origin: &str| {
            let mut s = seen("a", "id_document_copy", 0.9, fours);
            (s.count, s.region, s.origin) = (1, Some([10, y, 50, 50]), Some(origin.into()));
            s
        };
        let measured = |seen: Vec<Seen>| measure(&truth, &Run { seen, skips: Vec::new() });
        // By their numbers, in whatever order, and by their places.
        let m = measured(vec![at(105, &["3985"], "paper_scan"), at(0, &["0004"], "photocopy")]);
        assert_eq!(m.verdicts.iter().filter(|v| v.right).count(), 2);
        assert_eq!(m.verdicts.len(), 2);
        for case in &m.cases {
            assert_eq!(case.numbers, Numbers { expected: 1, found: 1, extra: 0 });
            assert_eq!((case.found, case.count_is_exact), (Some(0.9), Some(true)));
            assert_eq!(case.place, Some(Place { inside: true, covers: false }));
        }
        let told: Vec<_> = m.cases.iter().map(|c| c.origin.clone().unwrap().1).collect();
        assert_eq!(told, ["photocopy", "paper_scan"]);
        let m = measured(vec![at(105, &[], "paper_scan"), at(0, &[], "paper_scan")]);
        assert!(m.cases.iter().all(|c| c.found.is_some()));
        let mut blind = [seen("a", "id_document_copy", 0.9, &[]), at(0, &[], "paper_scan")];
        blind[0].subjects_total = 0;
        assert!(measured(blind.into()).cases.iter().all(|c| c.found.is_some()));
        // One finding is one card.
        let m = measured(vec![at(0, &["0004"], "paper_scan")]);
        assert_eq!(m.cases.iter().filter(|c| c.found.is_some()).count(), 1);
        assert!(m.cases[1].origin.is_none() && m.cases[1].place.is_none());
    }

    #[test]
    fn wilson_agrees_with_the_published_values() {
        // Newcombe 1998, table I, method 3: 81 of 263 and 0 of 20.
        let (low, high) = wilson(81, 263);
        assert!((low - 0.2553).abs() < 5e-4 && (high - 0.3662).abs() < 5e-4);
        let (low, high) = wilson(0, 20);
        assert!(low == 0.0 && (high - 0.1611).abs() < 5e-4);
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn calibration_sums_gaps_and_squares() {
        let c = calibration(&[(0.8, true), (0.8, false), (1.0, true), (0.05, false)]);
        assert_eq!(c.n, 4);
        assert_eq!(c.bins.iter().map(|b| b.n).sum::<u64>(), 4);
        assert_eq!(c.bins.last().unwrap().n, 1);
        // |1.6 - 1| + |1 - 1| + |0.05 - 0| over 4
        assert!((c.ece - 0.1625).abs() < 1e-9);
        assert!((c.brier - (0.04 + 0.64 + 0.0 + 0.0025) / 4.0).abs() < 1e-9);
    }
}
