//! The command line is a contract: exit statuses, where output goes, and what a mistake is told.

mod support;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use support::{
    IIN, folder, is_finding, is_skip, labelled, lines, records, run, run_with_input, status,
    stderr, write,
};

/// A usage error: status 2, a message that holds these words, nothing on standard output.
#[track_caller]
fn refused<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, words: &[&str]) {
    let output = run(args);
    let message = stderr(&output);
    assert_eq!(status(&output), 2, "{message}");
    assert!(output.stdout.is_empty());
    for word in words {
        assert!(message.contains(word), "no {word:?} in: {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
}

fn paths(records: &[serde_json::Value]) -> Vec<String> {
    let mut paths: Vec<String> =
        records.iter().map(|r| r["location"]["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    paths
}

#[test]
fn a_clean_folder_ends_with_0_and_no_record() {
    let dir = folder();
    write(dir.path(), "a.txt", "nothing of interest\n");
    let output = run(["scan".as_ref(), dir.path().as_os_str()]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(records(&output).len(), 0);
}

#[test]
fn findings_alone_do_not_change_the_status() {
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    let output = run(["scan".as_ref(), dir.path().as_os_str()]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let records = records(&output);
    assert_eq!(records.len(), 1);
    assert!(is_finding(&records[0]));
}

#[test]
fn fail_on_ends_with_1_from_that_severity_on() {
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    let of = |severity: &str| {
        let output =
            run(["scan".as_ref(), dir.path().as_os_str(), "--fail-on".as_ref(), severity.as_ref()]);
        (status(&output), records(&output))
    };
    let (low, found) = of("low");
    assert_eq!(low, 1);
    let order = ["low", "medium", "high", "critical"];
    let is = order.iter().position(|s| found[0]["severity"] == *s).expect("a known severity");
    for (at, severity) in order.iter().enumerate() {
        assert_eq!(
            of(severity).0,
            i32::from(at <= is),
            "--fail-on {severity}, found {}",
            order[is]
        );
    }
    refused(["scan", ".", "--fail-on", "sometimes"], &["sometimes", "medium"]);
}

#[test]
fn what_was_not_read_ends_with_3_even_when_something_was_found() {
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    // The head of a gzip file and nothing more.
    write(dir.path(), "b.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b]);
    let output = run(["scan".as_ref(), dir.path().as_os_str()]);
    assert_eq!(status(&output), 3, "{}", stderr(&output));
    let records = records(&output);
    assert_eq!(records.iter().filter(|r| is_finding(r)).count(), 1);
    let skip = records.iter().find(|r| is_skip(r)).expect("a skip record");
    assert_eq!(skip["reason"], "damaged");
    assert!(skip["location"]["path"].as_str().unwrap().ends_with("b.gz"));
}

#[test]
fn mistakes_on_the_command_line_are_named() {
    refused(["scan"], &["PATH"]);
    refused(["scan", "--no-such-option", "."], &["--no-such-option"]);
    refused(["scann", "."], &["scann"]);
    refused(["scan", ".", "--format", "papyrus"], &["papyrus", "jsonl"]);
    refused(["scan", ".", "--min-confidence", "high"], &["high"]);
    refused(["scan", ".", "--min-confidence", "1.5"], &["1.5"]);
    refused(["scan", ".", "--jobs", "many"], &["many"]);
}

#[test]
fn a_root_that_is_not_there_is_named() {
    let dir = folder();
    let gone = dir.path().join("gone-17");
    refused(["scan".as_ref(), gone.as_os_str()], &["gone-17"]);
    // One good root does not hide a bad one.
    write(dir.path(), "a.txt", "x");
    refused(["scan".as_ref(), dir.path().as_os_str(), gone.as_os_str()], &["gone-17"]);
}

#[test]
fn bad_patterns_are_named_with_file_and_line() {
    let dir = folder();
    let args = |patterns: &Path| {
        vec![
            "scan".into(),
            dir.path().as_os_str().to_owned(),
            "--patterns".into(),
            patterns.as_os_str().to_owned(),
        ]
    };
    refused(args(&dir.path().join("nowhere-5")), &["nowhere-5"]);
    let patterns = folder();
    write(
        patterns.path(),
        "identifiers/mine.toml",
        "[[identifier]]\nname = \"x\"\nno_such_key = 1\n",
    );
    refused(args(patterns.path()), &["mine.toml", ":3"]);
    let output = run([
        "patterns".as_ref(),
        "check".as_ref(),
        "--patterns".as_ref(),
        patterns.path().as_os_str(),
    ]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("mine.toml"), "{}", stderr(&output));
}

#[test]
fn the_patterns_that_are_built_in_prove_themselves() {
    let output = run(["patterns", "check"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let list = run(["patterns", "list"]);
    assert_eq!(status(&list), 0);
    assert!(String::from_utf8_lossy(&list.stdout).contains("iin"));
}

#[test]
fn a_list_of_files_comes_from_a_file_or_from_standard_input() {
    let dir = folder();
    let a = write(dir.path(), "a.txt", labelled(IIN[0]));
    let b = write(dir.path(), "with space/b.txt", labelled(IIN[1]));
    write(dir.path(), "c.txt", labelled(IIN[2]));
    let list = format!("{}\n{}\n", a.display(), b.display());
    let file = write(dir.path(), "list.lst", &list);
    let from_file = run([
        "scan".as_ref(),
        "--files-from".as_ref(),
        file.as_os_str(),
        "--format".as_ref(),
        "jsonl".as_ref(),
    ]);
    assert_eq!(status(&from_file), 0, "{}", stderr(&from_file));
    let from_input = run_with_input(
        &[
            "scan".as_ref(),
            "--files-from".as_ref(),
            "-".as_ref(),
            "--format".as_ref(),
            "jsonl".as_ref(),
        ],
        list.as_bytes(),
    );
    assert_eq!(status(&from_input), 0, "{}", stderr(&from_input));
    let expected = vec![a.display().to_string(), b.display().to_string()];
    assert_eq!(paths(&records(&from_file)), expected);
    assert_eq!(paths(&records(&from_input)), expected);
}

#[test]
fn a_listed_file_that_is_gone_is_a_skip_and_a_missing_list_an_error() {
    let dir = folder();
    let list = write(dir.path(), "list", format!("{}\n", dir.path().join("gone.txt").display()));
    let output = run(["scan".as_ref(), "--files-from".as_ref(), list.as_os_str()]);
    assert_eq!(status(&output), 3, "{}", stderr(&output));
    let records = records(&output);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["reason"], "unreadable");
    refused(["scan", "--files-from", "/no/such/list-3"], &["list-3"]);
}

#[test]
fn min_confidence_leaves_out_what_is_below_it() {
    let dir = folder();
    write(dir.path(), "sure.txt", labelled(IIN[0]));
    write(dir.path(), "bare.txt", format!("Выдать пропуск, {}, до вечера\n", IIN[1]));
    let at = |p: &str| {
        let output = run([
            "scan".as_ref(),
            dir.path().as_os_str(),
            "--min-confidence".as_ref(),
            p.as_ref(),
            "--format".as_ref(),
            "jsonl".as_ref(),
        ]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        records(&output)
    };
    let all = at("0");
    assert_eq!(all.len(), 2, "a bare number is a finding, if a weak one");
    let lowest = all.iter().map(|r| r["confidence"].as_f64().unwrap()).fold(1.0, f64::min);
    assert!(lowest < 0.9);
    let left = at("0.9");
    assert_eq!(left.len(), 1);
    assert!(left[0]["location"]["path"].as_str().unwrap().ends_with("sure.txt"));
    assert_eq!(at("1").len(), all.iter().filter(|r| r["confidence"] == 1.0).count());
}

#[test]
fn findings_go_to_the_named_file_and_nothing_to_standard_output() {
    let dir = folder();
    write(dir.path(), "in/a.txt", labelled(IIN[0]));
    let to = dir.path().join("out.jsonl");
    let output =
        run(["scan".as_ref(), dir.path().join("in").as_os_str(), "-o".as_ref(), to.as_os_str()]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    let written = fs::read(&to).unwrap();
    assert_eq!(lines(&written).len(), 1);
    assert_eq!(written.last(), Some(&b'\n'));
    refused(
        ["scan".as_ref(), dir.path().as_os_str(), "-o".as_ref(), "/no/such/folder-4/out".as_ref()],
        &["folder-4"],
    );
}

#[test]
fn a_full_disk_is_an_error_and_not_a_clean_run() {
    if !Path::new("/dev/full").exists() {
        return; // only Linux has a device that is always full
    }
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    let output =
        run(["scan".as_ref(), dir.path().as_os_str(), "-o".as_ref(), "/dev/full".as_ref()]);
    assert_eq!(status(&output), 2, "{}", stderr(&output));
    assert!(stderr(&output).contains("/dev/full"));
}

#[test]
fn the_number_of_jobs_changes_nothing_in_what_is_found() {
    let dir = folder();
    for i in 0..60 {
        write(dir.path(), format!("{}/f{i}.txt", i % 7), labelled(IIN[i % IIN.len()]));
    }
    let key = write(dir.path(), "key", [7u8; 32]);
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let of = |jobs: &str| {
        let mut found: Vec<(String, String, String)> = Vec::new();
        for record in records(&run([
            "scan".as_ref(),
            dir.path().as_os_str(),
            "--jobs".as_ref(),
            jobs.as_ref(),
            "--key-file".as_ref(),
            key.as_os_str(),
        ])) {
            let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
            found.push((
                text(&record["location"]["path"]),
                text(&record["id"]),
                text(&record["subjects"][0]["fingerprint"]),
            ));
        }
        found.sort();
        found
    };
    let one = of("1");
    assert_eq!(one.len(), 60);
    assert_eq!(one, of("4"));
}

#[test]
fn ids_depend_on_where_and_what_and_fingerprints_on_the_key() {
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    write(dir.path(), "b.txt", labelled(IIN[0]));
    let key = write(dir.path(), "keys/one", [7u8; 32]);
    let other = write(dir.path(), "keys/two", [8u8; 32]);
    for k in [&key, &other] {
        fs::set_permissions(k, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let of = |key: &Path| {
        let output =
            run(["scan".as_ref(), dir.path().as_os_str(), "--key-file".as_ref(), key.as_os_str()]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let mut all = records(&output);
        all.sort_by_key(|r| r["location"]["path"].as_str().unwrap().to_owned());
        all
    };
    let (first, again, elsewhere) = (of(&key), of(&key), of(&other));
    assert_eq!(first[0]["id"], again[0]["id"]);
    assert_ne!(first[0]["id"], first[1]["id"]);
    let print = |r: &serde_json::Value| r["subjects"][0]["fingerprint"].clone();
    assert_eq!(print(&first[0]), print(&first[1]), "one person in two files");
    assert_ne!(print(&first[0]), print(&elsewhere[0]));
}

#[test]
fn the_format_follows_where_the_output_goes() {
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    let piped = run(["scan".as_ref(), dir.path().as_os_str()]);
    assert_eq!(records(&piped).len(), 1, "JSON lines in a pipe");
    assert!(!stderr(&piped).contains('\u{1b}'), "no progress bar in a pipe");
    let human =
        run(["scan".as_ref(), dir.path().as_os_str(), "--format".as_ref(), "human".as_ref()]);
    let text = String::from_utf8_lossy(&human.stdout).into_owned() + &stderr(&human);
    assert!(text.contains("a.txt") && text.contains("********0004"), "{text}");
    assert!(serde_json::from_slice::<serde_json::Value>(&human.stdout).is_err());

    // `script` gives the program a terminal; where it is not installed, that half goes unseen.
    let inner =
        format!("{} scan {} --no-progress", env!("CARGO_BIN_EXE_iinspect"), dir.path().display());
    match Command::new("script").args(["-qefc", &inner, "/dev/null"]).output() {
        Ok(terminal) => {
            let text = String::from_utf8_lossy(&terminal.stdout);
            assert!(!text.contains("{\"schema\""), "{text}");
            assert!(
                text.contains("a.txt") && text.contains('\u{1b}'),
                "colour on a terminal: {text}"
            );
        }
        Err(e) => eprintln!("not tested on a terminal: script: {e}"),
    }
}

#[test]
fn quiet_says_nothing_but_findings() {
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    let output = run(["scan".as_ref(), dir.path().as_os_str(), "-q".as_ref()]);
    assert_eq!(records(&output).len(), 1);
    assert_eq!(stderr(&output), "");
}

#[test]
fn explain_tells_what_was_seen_masked() {
    let dir = folder();
    let file = write(dir.path(), "a.txt", labelled(IIN[0]));
    let output = run(["explain".as_ref(), file.as_os_str()]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("ИИН") && text.contains("********0004"), "{text}");
    assert!(!text.contains(IIN[0]));
    refused(["explain", "/no/such/file-8"], &["file-8"]);
}

#[test]
fn version_and_help_are_answered() {
    let version = run(["--version"]);
    assert_eq!(status(&version), 0);
    assert!(String::from_utf8_lossy(&version.stdout).contains(env!("CARGO_PKG_VERSION")));
    let help = run(["scan", "--help"]);
    assert_eq!(status(&help), 0);
    for option in
        ["--format", "--min-confidence", "--fail-on", "--jobs", "--files-from", "--key-file"]
    {
        assert!(String::from_utf8_lossy(&help.stdout).contains(option), "{option}");
    }
}

#[test]
fn absurd_numbers_of_jobs_are_refused() {
    refused(["scan", ".", "--jobs", "0"], &["--jobs", "1024"]);
    refused(["scan", ".", "--jobs", "100000"], &["--jobs", "1024"]);
}
