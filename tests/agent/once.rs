//! `iinspect scan --state`: the same records the first time, the news the second.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::rig::iin;

fn scan(args: &[&str], root: &Path) -> (Output, Vec<Value>) {
    let output = Command::new(env!("CARGO_BIN_EXE_iinspect"))
        .args(["scan", "--format", "jsonl"])
        .args(args)
        .arg(root)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let records = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    (output, records)
}

/// What a record says, without when it was said.
fn said(records: &[Value]) -> BTreeSet<String> {
    let strip = |record: &Value| {
        let mut record = record.clone();
        let fields = record.as_object_mut().unwrap();
        for name in ["time", "event_id", "first_seen", "id", "subjects"] {
            fields.remove(name);
        }
        record["location"]["path"].to_string() + &record.to_string()
    };
    records.iter().map(strip).collect()
}

#[test]
fn the_first_time_it_tells_what_a_plain_scan_tells_and_then_the_news() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("share");
    fs::create_dir(&root).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers");
    for entry in fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.extension().is_some_and(|e| e != "json") {
            fs::copy(&path, root.join(path.file_name().unwrap())).unwrap();
        }
    }
    fs::write(root.join("a.txt"), format!("ИИН: {}\n", iin(1))).unwrap();
    let state = dir.path().join("state.db");
    let with = ["--state", state.to_str().unwrap()];
    let (plain, expected) = scan(&[], &root);
    let (first, records) = scan(&with, &root);
    assert!(expected.len() > 20, "{}", expected.len());
    assert_eq!(said(&records), said(&expected));
    assert_eq!(first.status.code(), plain.status.code());
    let key = dir.path().join("state.db.key");
    assert_eq!(fs::read(&key).unwrap().len(), 32, "a key was made beside the state");

    let (second, records) = scan(&with, &root);
    assert!(records.is_empty(), "{records:?}");
    assert_eq!(second.status.code(), plain.status.code(), "what was not read then is not read now");

    fs::write(root.join("a.txt"), format!("ИИН: {}\nИИН: {}\n", iin(1), iin(2))).unwrap();
    fs::write(root.join("b.txt"), format!("ИИН: {}\n", iin(3))).unwrap();
    fs::rename(root.join("application.docx"), root.join("moved.docx")).unwrap();
    let (_, records) = scan(&with, &root);
    let events: BTreeSet<String> = records
        .iter()
        .filter(|r| r["schema"] == "iinspect.finding/1")
        .map(|r| {
            let path = Path::new(r["location"]["path"].as_str().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap();
            format!("{} {name}", r["event"].as_str().unwrap())
        })
        .collect();
    let expected =
        ["opened b.txt", "opened moved.docx", "resolved application.docx", "updated a.txt"];
    assert_eq!(events, expected.map(str::to_owned).into());

    fs::remove_file(root.join("b.txt")).unwrap();
    let (_, records) = scan(&with, &root);
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["event"], "resolved");
}

#[test]
fn what_cannot_be_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("share");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.txt"), "x").unwrap();
    let state = dir.path().join("state.db");
    let state = state.to_str().unwrap();
    let inside = root.join("state.db");
    let other = dir.path().join("other.key");
    fs::write(&other, [9u8; 32]).unwrap();
    let (first, _) = scan(&["--state", state], &root);
    assert_eq!(first.status.code(), Some(0));
    for (args, root, says) in [
        (vec!["--state", inside.to_str().unwrap()], root.as_path(), "place outside"),
        (vec!["--state", state], &root.join("a.txt"), "give folders"),
        (vec!["--state", state, "--key-file", other.to_str().unwrap()], &root, "another key file"),
        (vec!["--state", state], &dir.path().join("gone"), "cannot read"),
    ] {
        let (output, _) = scan(&args, root);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
    }
}
