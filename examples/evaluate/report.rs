//! The measurement as text: tables by kind, channel and container, the reliability table,
//! machine readable zones, and on demand every miss and false alarm.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::measure::{Measured, calibration, wilson};
use crate::seen::Run;
use crate::truth::Truth;

pub struct Settings {
    /// Recall and precision are given at this confidence too.
    pub at: f64,
    pub list: bool,
    /// Tags to print tables by.
    pub by: Vec<String>,
}

#[derive(Default, Clone)]
struct Group {
    expected: u64,
    found: u64,
    found_at: u64,
    numbers: [u64; 3],
    counted: u64,
    counted_exactly: u64,
    findings_at: u64,
    right_at: u64,
    negatives: u64,
    alarmed: u64,
}

pub fn report(truth: &[Truth], run: &Run, measured: &Measured, settings: &Settings) -> String {
    let mut out = String::new();
    let negatives = truth.iter().filter(|t| t.expect.is_empty()).count();
    line(
        &mut out,
        &format!(
            "{} files, {} expectations, {} negatives; {} findings ({} in files without truth), {} skips",
            truth.len(),
            measured.cases.len(),
            negatives,
            run.seen.len(),
            measured.unlabelled.len(),
            run.skips.len()
        ),
    );
    let kind = |_: &Truth, kind: &str| kind.to_owned();
    table(&mut out, "kind", truth, run, measured, settings.at, &kind);
    table(&mut out, "channel", truth, run, measured, settings.at, &|t, _| t.channel.clone());
    table(&mut out, "container", truth, run, measured, settings.at, &|t, _| t.container.clone());
    for tag in &settings.by {
        table(&mut out, tag, truth, run, measured, settings.at, &|t: &Truth, kind: &str| {
            tag.split(',').map(|name| value_of(t, kind, name)).collect::<Vec<_>>().join(" x ")
        });
    }
    zones(&mut out, measured);
    places(&mut out, measured);
    origins(&mut out, measured);
    reliability(&mut out, run, measured);
    skips(&mut out, run);
    if settings.list {
        list(&mut out, truth, run, measured, settings.at);
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn share(k: u64, n: u64) -> String {
    if n == 0 {
        return "-".into();
    }
    let (low, high) = wilson(k, n);
    format!("{:.2} % [{:.1}, {:.1}]", 100.0 * k as f64 / n as f64, 100.0 * low, 100.0 * high)
}

fn numbers(k: u64, n: u64) -> String {
    if n == 0 { "-".into() } else { format!("{k}/{n} {:.2} %", 100.0 * k as f64 / n as f64) }
}

fn table(
    out: &mut String,
    title: &str,
    truth: &[Truth],
    run: &Run,
    measured: &Measured,
    at: f64,
    key: &dyn Fn(&Truth, &str) -> String,
) {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for case in &measured.cases {
        let g = groups.entry(key(&truth[case.truth], &case.kind)).or_default();
        g.expected += 1;
        g.found += u64::from(case.found.is_some());
        g.found_at += u64::from(case.found.is_some_and(|c| c >= at));
        g.numbers[0] += case.numbers.expected;
        g.numbers[1] += case.numbers.found;
        g.numbers[2] += case.numbers.extra;
        g.counted += u64::from(case.count_is_exact.is_some());
        g.counted_exactly += u64::from(case.count_is_exact == Some(true));
    }
    let mut alarmed = vec![false; truth.len()];
    for verdict in &measured.verdicts {
        let seen = &run.seen[verdict.seen];
        if seen.confidence >= at {
            let g = groups.entry(key(&truth[verdict.truth], &seen.kind)).or_default();
            g.findings_at += 1;
            g.right_at += u64::from(verdict.right);
            alarmed[verdict.truth] = true;
        }
    }
    if title != "kind" {
        for (i, file) in truth.iter().enumerate().filter(|(_, t)| t.expect.is_empty()) {
            let g = groups.entry(key(file, "")).or_default();
            g.negatives += 1;
            g.alarmed += u64::from(alarmed[i]);
        }
    }
    let _ = writeln!(
        out,
        "\n{title:<22} {:>6} {:>24} {:>24} {:>21} {:>6} {:>9} {:>24} {:>12}",
        "files",
        "found",
        format!("found at {at}"),
        "numbers",
        "extra",
        "counts",
        format!("right at {at}"),
        "neg. alarmed"
    );
    for (name, g) in groups {
        let of = |k: u64, n: u64| if n == 0 { "-".into() } else { format!("{k}/{n}") };
        let _ = writeln!(
            out,
            "{name:<22} {:>6} {:>24} {:>24} {:>21} {:>6} {:>9} {:>24} {:>12}",
            g.expected,
            share(g.found, g.expected),
            share(g.found_at, g.expected),
            numbers(g.numbers[1], g.numbers[0]),
            g.numbers[2],
            of(g.counted_exactly, g.counted),
            share(g.right_at, g.findings_at),
            of(g.alarmed, g.negatives)
        );
    }
}

/// What `--by` groups by: a field of the truth, or a tag.
fn value_of(truth: &Truth, kind: &str, name: &str) -> String {
    match name {
        "kind" => kind.to_owned(),
        "channel" => truth.channel.clone(),
        "container" => truth.container.clone(),
        tag => {
            let value = |t: &String| Some(t.strip_prefix(tag)?.strip_prefix(':')?.to_owned());
            truth.tags.iter().find_map(value).unwrap_or_else(|| "-".into())
        }
    }
}

fn places(out: &mut String, measured: &Measured) {
    let places: Vec<_> = measured.cases.iter().filter_map(|c| c.place).collect();
    if places.is_empty() {
        return;
    }
    let n = places.len() as u64;
    let inside = places.iter().filter(|p| p.inside).count() as u64;
    let covers = places.iter().filter(|p| p.covers).count() as u64;
    let _ = writeln!(
        out,
        "\nregions of documents found: {n}; more than half within the true one: {}; covering more than half of it: {}",
        share(inside, n),
        share(covers, n)
    );
}

/// True origins down, told ones across.
fn origins(out: &mut String, measured: &Measured) {
    let mut rows: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    let mut right = 0;
    let pairs: Vec<_> = measured.cases.iter().filter_map(|c| c.origin.as_ref()).collect();
    for (wanted, told) in &pairs {
        *rows.entry(wanted).or_default().entry(told).or_default() += 1;
        right += u64::from(wanted == told);
    }
    if pairs.is_empty() {
        return;
    }
    let mut columns: Vec<&str> = rows.values().flat_map(|row| row.keys().copied()).collect();
    columns.extend(rows.keys());
    columns.sort_unstable();
    columns.dedup();
    let n = pairs.len() as u64;
    let on_paper = |origin: &str| matches!(origin, "photocopy" | "paper_scan");
    let paper = pairs.iter().filter(|(w, t)| on_paper(w) == on_paper(t)).count() as u64;
    let _ = writeln!(
        out,
        "\norigins of documents found: {n}; right: {right}, {}; on paper or not: {paper}, {}",
        share(right, n),
        share(paper, n)
    );
    let _ = write!(out, "{:<14}", "true \\ told");
    columns.iter().for_each(|told| _ = write!(out, " {told:>13}"));
    line(out, &format!(" {:>24}", "right"));
    for (wanted, row) in &rows {
        let _ = write!(out, "{wanted:<14}");
        for told in &columns {
            let _ = write!(out, " {:>13}", row.get(told).copied().unwrap_or(0));
        }
        let all: u64 = row.values().sum();
        line(out, &format!(" {:>24}", share(row.get(wanted).copied().unwrap_or(0), all)));
    }
}

fn zones(out: &mut String, measured: &Measured) {
    let zones: Vec<_> = measured.cases.iter().filter_map(|c| c.zone).collect();
    if zones.is_empty() {
        return;
    }
    let n = zones.len() as u64;
    let all = zones.iter().filter(|z| z.all_checks).count() as u64;
    let exact = zones.iter().filter(|z| z.exact).count() as u64;
    let _ = writeln!(
        out,
        "\nmachine readable zones: {n}; all check digits agree: {all}, {}; exact: {exact}, {}",
        share(all, n),
        share(exact, n)
    );
}

fn reliability(out: &mut String, run: &Run, measured: &Measured) {
    let mut kinds: BTreeMap<&str, Vec<(f64, bool)>> = BTreeMap::new();
    for verdict in &measured.verdicts {
        let seen = &run.seen[verdict.seen];
        kinds.entry(&seen.kind).or_default().push((seen.confidence, verdict.right));
        kinds.entry("all").or_default().push((seen.confidence, verdict.right));
    }
    for (kind, pairs) in kinds {
        let c = calibration(&pairs);
        let _ = writeln!(
            out,
            "\nreliability, {kind}: {} findings, expected calibration error {:.4}, Brier {:.4}",
            c.n, c.ece, c.brier
        );
        let _ = writeln!(out, "  confidence      n   mean   right");
        for bin in c.bins.iter().filter(|b| b.n > 0) {
            let _ = writeln!(
                out,
                "  {:.2}-{:.2} {:>7}  {:.3}   {}",
                bin.low,
                bin.high,
                bin.n,
                bin.mean_confidence(),
                share(bin.right, bin.n)
            );
        }
    }
}

fn skips(out: &mut String, run: &Run) {
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, reason) in &run.skips {
        *reasons.entry(reason).or_default() += 1;
    }
    for (reason, n) in reasons {
        let _ = writeln!(out, "\nskipped, {reason}: {n}");
    }
}

fn list(out: &mut String, truth: &[Truth], run: &Run, measured: &Measured, at: f64) {
    line(out, "\nmisses, and numbers missed or extra:");
    for case in &measured.cases {
        let n = case.numbers;
        let low = case.found.is_some_and(|c| c < at);
        if case.found.is_some() && !low && n.found == n.expected && n.extra == 0 {
            continue;
        }
        let what = match case.found {
            None => "missed".to_owned(),
            Some(c) => format!("confidence {c:.3}"),
        };
        let file = &truth[case.truth];
        let _ = writeln!(
            out,
            "  {} {}{}: {what}, numbers {}/{}, extra {} [{}]",
            file.file,
            case.kind,
            if case.in_name { " in name" } else { "" },
            n.found,
            n.expected,
            n.extra,
            file.tags.join(" ")
        );
    }
    line(out, "\nfalse alarms:");
    let mut wrong: Vec<_> = measured.verdicts.iter().filter(|v| !v.right).collect();
    wrong.sort_by(|a, b| run.seen[b.seen].confidence.total_cmp(&run.seen[a.seen].confidence));
    for verdict in wrong {
        let (seen, file) = (&run.seen[verdict.seen], &truth[verdict.truth]);
        let _ = writeln!(
            out,
            "  {:.3} {} {}{} count {} [{}]",
            seen.confidence,
            file.file,
            seen.kind,
            if seen.inside.is_empty() { String::new() } else { format!(" in {}", seen.inside) },
            seen.count,
            file.tags.join(" ")
        );
    }
}
