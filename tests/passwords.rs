//! A list of passwords opens what is locked, is never shown, and is refused if it is none.

mod support;

use std::fs;
use std::path::Path;

use support::{is_finding, is_skip, records, root, run, status, stderr};

const PASSWORDS: &str = "not-this-one\nabc\nқұпия-1\nsecret\n";

fn with_list(list: &[u8], sandbox: &str) -> std::process::Output {
    let dir = tempfile::tempdir().unwrap();
    let (file, config) = (dir.path().join("list"), dir.path().join("config.toml"));
    fs::write(&file, list).unwrap();
    fs::write(&config, format!("[archives]\npasswords_file = {file:?}\n")).unwrap();
    let locked = [
        "archives/locked-aes.zip",
        "archives/locked-zipcrypto.zip",
        "archives/locked.7z",
        "archives/locked-names.7z",
        "locked.pdf",
    ];
    let folder = root().join("fixtures/containers");
    let files = locked.map(|name| folder.join(name));
    let options =
        ["scan", "-vv", "--no-progress", "--format", "jsonl", "--sandbox", sandbox, "--config"];
    let options = options.iter().map(Path::new).chain([config.as_path()]);
    run(options.chain(files.iter().map(|file| file.as_path())))
}

#[test]
fn what_is_locked_opens_with_the_list_and_shows_none_of_it() {
    for sandbox in ["auto", "off"] {
        let output = with_list(PASSWORDS.as_bytes(), sandbox);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let records = records(&output);
        assert!(!records.iter().any(is_skip), "{sandbox}");
        assert!(records.iter().filter(|r| is_finding(r)).count() >= 11, "{sandbox}");
        let said = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
        assert!(!said.contains("not-this-one") && !said.contains("құпия"), "{sandbox}");
    }
}

#[test]
fn without_the_right_one_each_is_a_skip() {
    let output = with_list(b"wrong\n", "auto");
    assert_eq!(status(&output), 3, "{}", stderr(&output));
    let records = records(&output);
    assert!(records.iter().all(|r| r["reason"] == "encrypted") && records.len() >= 5);
}

#[test]
fn a_file_that_is_no_list_ends_the_run() {
    let output = with_list(b"one\n\xff\xfe\n", "auto");
    assert_eq!(status(&output), 2);
    assert!(
        stderr(&output).contains("list:2: the list of passwords is UTF-8"),
        "{}",
        stderr(&output)
    );
}
