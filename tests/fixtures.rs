//! The fixtures: what is found in each, no more and no less.
//!
//! `fixtures/**/NAME.ext` is looked at when `NAME.ext.expect.json` stands beside it. Under
//! `lookalike/` nothing may be found and no expectation is needed. Under `missed/` the expectation
//! says what should be found and is not yet; once it is, the test fails so that the case moves up.
//! `IINSPECT_BLESS=1 cargo test --test fixtures` writes the expectations anew: read the diff.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use iinspect::extract::FORMATS;
use serde_json::{Value, json};
use support::layers::{Layer, layers};
use support::{files_under, is_finding, is_skip, root, same_path, scan};

/// All records of the fixtures, from one run.
fn all() -> &'static [Value] {
    static ALL: OnceLock<Vec<Value>> = OnceLock::new();
    // A relative root: what is expected must not hang on where the checkout lies.
    ALL.get_or_init(|| scan(&[Path::new("fixtures")], &[0, 3]))
}

fn records_of(fixture: &Path) -> Vec<&'static Value> {
    let path = fixture.strip_prefix(root()).unwrap().to_str().expect("fixtures have UTF-8 names");
    all().iter().filter(|r| same_path(r["location"]["path"].as_str().unwrap(), path)).collect()
}

fn within(fixture: &Path, folder: &str) -> bool {
    fixture.starts_with(root().join("fixtures").join(folder))
}

/// What a fixture stands for: everything of a record that a reader would call a change.
fn essence(record: &Value) -> Value {
    if is_skip(record) {
        return json!({
            "skip": record["reason"], "detail": record["detail"],
            "inside": record["location"]["inside"], "page": record["location"]["page"],
        });
    }
    let mut subjects: Vec<String> = record["subjects"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|s| s["iin"].as_str().or(s["number"].as_str()).map(str::to_owned))
        .collect();
    subjects.sort();
    json!({
        "kind": record["kind"],
        "document": record["document"],
        "confidence": band(record["confidence"].as_f64().expect("a confidence")),
        "count": record["count"],
        "subjects": subjects,
        "inside": record["location"]["inside"],
        "page": record["location"]["page"],
        "in_name": record["location"]["in_name"].as_bool().unwrap_or(false),
    })
}

/// Confidence as the decisions that hang on it, so that new weights do not rewrite every fixture.
fn band(confidence: f64) -> &'static str {
    match confidence {
        c if c >= 0.95 => "0.95 and more",
        c if c >= 0.8 => "0.8 to 0.95",
        c if c >= 0.5 => "0.5 to 0.8",
        _ => "under 0.5",
    }
}

fn essences(fixture: &Path) -> Vec<Value> {
    let mut essences: Vec<Value> = records_of(fixture).into_iter().map(essence).collect();
    essences.sort_by_key(sorted);
    essences
}

/// The same whatever the order of the fields is.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name:?}:{}", sorted(value))).collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        value => value.to_string(),
    }
}

fn expectation_of(fixture: &Path) -> PathBuf {
    let mut name = fixture.as_os_str().to_owned();
    name.push(".expect.json");
    PathBuf::from(name)
}

fn fixtures() -> Vec<PathBuf> {
    files_under(&root().join("fixtures"))
        .into_iter()
        .filter(|f| !f.to_str().is_some_and(|f| f.ends_with(".expect.json")))
        .collect()
}

#[test]
fn each_fixture_holds_what_is_expected() {
    let bless = std::env::var_os("IINSPECT_BLESS").is_some_and(|v| v == "1");
    let (mut checked, mut faults) = (0, Vec::new());
    for fixture in fixtures() {
        let file = expectation_of(&fixture);
        if !file.exists() || within(&fixture, "missed") {
            continue;
        }
        checked += 1;
        let found = essences(&fixture);
        if bless {
            fs::write(&file, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
            continue;
        }
        let expected: Vec<Value> = serde_json::from_slice(&fs::read(&file).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        if found != expected {
            faults.push(format!(
                "{}\n  expected {}\n  found    {}",
                fixture.display(),
                Value::from(expected),
                Value::from(found)
            ));
        }
    }
    assert!(checked >= 10, "only {checked} fixtures with expectations");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn lookalikes_stay_silent() {
    let lookalikes: Vec<PathBuf> =
        fixtures().into_iter().filter(|f| within(f, "lookalike")).collect();
    assert!(lookalikes.len() >= 40);
    let mut faults = Vec::new();
    for fixture in lookalikes {
        for record in records_of(&fixture).into_iter().filter(|r| is_finding(r)) {
            faults.push(format!("{}: {}", fixture.display(), essence(record)));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn known_misses_are_still_missed() {
    let mut found = Vec::new();
    for fixture in fixtures().into_iter().filter(|f| within(f, "missed")) {
        let Ok(text) = fs::read(expectation_of(&fixture)) else { continue };
        let expected: Vec<Value> =
            serde_json::from_slice(&text).expect("a list of what should be found");
        assert!(!expected.is_empty(), "{} expects nothing", fixture.display());
        let now = essences(&fixture);
        if expected.iter().all(|e| now.iter().any(|n| covers(n, e))) {
            found.push(fixture);
        }
    }
    assert!(found.is_empty(), "found now, move up: {found:?}");
}

/// Whether a finding has every field of what should be found.
fn covers(finding: &Value, wanted: &Value) -> bool {
    wanted.as_object().expect("an object").iter().all(|(field, value)| &finding[field] == value)
}

/// Formats that are recognised and told, and never opened: nothing can be found in them.
const ONLY_TOLD: [&str; 14] = [
    "avif",
    "jxl",
    "jxr",
    "openpgp",
    "openssl-enc",
    "pcx",
    "1cd",
    "access",
    "chm",
    "disk-image",
    "archive",
    "packed-rows",
    "picture",
    "print-job",
];
/// What compound files are; the registry has one row for them all.
const COMPOUND: [&str; 4] = ["ole2 doc", "ole2 xls", "ole2 ppt", "ole2 msg"];

fn layers_of(fixture: &Path) -> Vec<Layer> {
    layers(&fixture.file_name().unwrap().to_string_lossy(), fs::read(fixture).unwrap())
}

/// Whether a delivered way begins with this one.
fn leads_into(layer: &Layer, record: &Value) -> bool {
    let way = record["location"]["inside"].as_array().unwrap();
    way.len() >= layer.inside.len()
        && way.iter().zip(&layer.inside).all(|(w, l)| same_path(w.as_str().unwrap(), l))
}

#[test]
fn every_format_has_a_fixture_that_is_found_and_a_lookalike() {
    let (mut found, mut alike) = (BTreeSet::new(), BTreeSet::new());
    for fixture in fixtures() {
        if within(&fixture, "lookalike") {
            let holding = layers_of(&fixture).into_iter().filter(|layer| layer.holds);
            alike.extend(holding.map(|layer| layer.format));
        } else if expectation_of(&fixture).exists() && !within(&fixture, "missed") {
            let records = records_of(&fixture);
            let findings: Vec<_> = records.into_iter().filter(|r| is_finding(r)).collect();
            let through = layers_of(&fixture)
                .into_iter()
                .filter(|layer| findings.iter().any(|finding| leads_into(layer, finding)));
            found.extend(through.map(|layer| layer.format));
        }
    }
    let names = FORMATS.iter().map(|format| format.name()).filter(|name| *name != "ole2");
    let wanted: BTreeSet<&str> =
        names.filter(|name| !ONLY_TOLD.contains(name)).chain(COMPOUND).collect();
    let lacking = |have: &BTreeSet<String>| -> Vec<&str> {
        wanted.iter().copied().filter(|name| !have.contains(*name)).collect()
    };
    let (unfound, unlike) = (lacking(&found), lacking(&alike));
    assert!(
        unfound.is_empty() && unlike.is_empty(),
        "not found: {unfound:?}; no look-alike: {unlike:?}"
    );
    assert!(ONLY_TOLD.iter().all(|name| !found.contains(*name)), "opened now: {found:?}");
    assert!(ONLY_TOLD.iter().all(|name| FORMATS.iter().any(|f| f.name() == *name)));
}

#[test]
fn no_expectation_is_left_without_its_fixture() {
    let present: BTreeMap<PathBuf, ()> =
        fixtures().into_iter().map(|f| (expectation_of(&f), ())).collect();
    for file in files_under(&root().join("fixtures")) {
        if file.to_str().is_some_and(|f| f.ends_with(".expect.json")) {
            assert!(present.contains_key(&file), "{} has no fixture", file.display());
        }
    }
}

#[test]
fn the_small_labelled_set_is_found_and_its_negatives_are_silent() {
    let folder = root().join("fixtures/labelled");
    let truth = fs::read_to_string(folder.join("truth.jsonl")).unwrap();
    let (mut expected, mut found, mut alarms) = (0, 0, Vec::new());
    for line in truth.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let file = folder.join(line["file"].as_str().unwrap());
        let records = records_of(&file);
        let right = |want: &Value| {
            records.iter().any(|r| {
                is_finding(r)
                    && r["kind"] == want["kind"]
                    && r["location"]["in_name"].as_bool().unwrap_or(false)
                        == want["in_name"].as_bool().unwrap_or(false)
            })
        };
        let wanted = line["expect"].as_array().unwrap();
        expected += wanted.len();
        found += wanted.iter().filter(|w| right(w)).count();
        if wanted.is_empty() {
            let sure = |r: &&&Value| is_finding(r) && r["confidence"].as_f64().unwrap() >= 0.8;
            alarms.extend(
                records.iter().filter(sure).map(|r| format!("{}: {}", file.display(), essence(r))),
            );
        }
    }
    assert!(expected > 40, "{expected}");
    // Numbers without any context may stay below what is reported.
    assert!(found * 100 >= expected * 95, "{found} of {expected}");
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}
