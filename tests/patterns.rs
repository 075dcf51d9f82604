//! Every built-in row matches what it says it must, with the detectors that ship.

use std::sync::Arc;

use iinspect::detect::{Rules, TextFacts, look};
use iinspect::flow::Form;
use iinspect::patterns::{Patterns, prove};

fn prove_with_detectors(patterns: Patterns) -> Vec<String> {
    let patterns = Arc::new(patterns);
    let rules = Rules::new(&patterns);
    let facts = TextFacts {
        form: Form::Plain,
        binary: false,
        in_name: false,
        newest_year: 26,
        max_occurrences: 100,
    };
    prove(&patterns, &|text| look(&rules, text, facts))
}

#[test]
fn builtin_rows_hold_their_examples() {
    let faults = prove_with_detectors(Patterns::builtin().unwrap());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_users_rows_are_found_without_code() {
    let dir = tempfile::tempdir().unwrap();
    let docs = include_str!("../docs/patterns.md");
    let example = docs.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    std::fs::write(dir.path().join("badge.toml"), example).unwrap();
    let cheap = r#"
[[identifier]]
name = "policy"
find = { digits = 9, prefix = "KZP" }
labels = [{ text = "полис*" }]
must_match = ["полис KZP000000001"]
must_not_match = ["полис KZP00000001", "полис 000000001"]
"#;
    std::fs::write(dir.path().join("policy.toml"), cheap).unwrap();
    let faults = prove_with_detectors(Patterns::load(Some(dir.path())).unwrap());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
