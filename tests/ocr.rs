//! A program that reads pages, as the configuration names one: what it reads is found, what it does
//! not is told, and what is missing is said before the scan.
//!
//! The program here is a script that answers as Tesseract would, so that nothing need be installed.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use support::{IIN, folder, iinspect, is_skip, lines, root, status, stderr, write};

/// A script for the program, and a configuration that names it.
fn configured(dir: &Path, reads: &str, more: &str) -> PathBuf {
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --list-langs ]; then\n  echo 'List of languages (2):'; echo eng; echo rus; exit 0\nfi\n{reads}\n"
    );
    let program = write(dir, "bin/reader", script);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let command = program.display();
    let text = format!(
        "[ocr]\nengine = \"tesseract\"\ncommand = \"{command}\"\nlanguages = \"rus+eng\"\n{more}"
    );
    write(dir, "config.toml", text)
}

/// Scans the picture of a letter.
fn scan(config: &Path, more: &[&str]) -> Output {
    let letter = root().join("fixtures/mrz/letter.tif");
    iinspect()
        .args(["scan", "--format", "jsonl", "--config"])
        .arg(config)
        .args(more)
        .arg(letter)
        .env("SECRET_OF_THE_CALLER", "x")
        .output()
        .unwrap()
}

/// Answers with a line of a contract once it has read a grey picture and was told the languages.
fn contract() -> String {
    let word = |n: u32, left: u32, text: &str| {
        format!("5\\t1\\t1\\t1\\t1\\t{n}\\t{left}\\t400\\t120\\t30\\t91.5\\t{text}\\n")
    };
    let words = word(1, 100, "ИИН") + &word(2, 240, IIN[0]) + &word(3, 380, "Алматы");
    format!(
        "[ -z \"$SECRET_OF_THE_CALLER\" ] || exit 3\n\
         [ \"$*\" = 'stdin stdout -l rus+eng --psm 3 --dpi 200 tsv' ] || exit 4\n\
         [ \"$(head -c 2)\" = P5 ] || exit 5\n\
         cat > /dev/null\n\
         printf 'level\\tpage_num\\tblock_num\\n{words}'"
    )
}

#[test]
fn a_number_on_a_page_is_found_with_its_place_in_the_picture() {
    let dir = folder();
    let config = configured(dir.path(), &contract(), "");
    let output = scan(&config, &[]);
    assert_eq!(
        status(&output),
        0,
        "{} {}",
        stderr(&output),
        String::from_utf8_lossy(&output.stdout)
    );
    let found = lines(&output.stdout);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["kind"], &found[0]["count"]), (&"iin".into(), &1.into()));
    assert_eq!(found[0]["subjects"][0]["iin"], "********0004");
    assert_eq!(found[0]["location"]["region"], serde_json::json!([100, 400, 400, 30]));
    assert!(found[0]["location"]["line"].is_null() && found[0]["location"]["offset"].is_null());
    let evidence = found[0]["evidence"].as_array().unwrap();
    assert!(evidence.iter().all(|e| e["read_from"] == "picture"), "{evidence:?}");
    // Documents only, for this run.
    let output = scan(&config, &["--read", "documents"]);
    assert_eq!((status(&output), lines(&output.stdout).len()), (0, 0));
}

#[test]
fn a_page_that_was_not_read_is_a_record() {
    let dir = folder();
    for (reads, more, reason, says) in [
        ("exec sleep 30", "timeout_s = 1\n", "over_budget", "timeout_s 1"),
        ("exit 1", "", "panicked", "tesseract"),
        ("exec head -c 17000000 /dev/zero", "", "panicked", "tesseract"),
    ] {
        let output = scan(&configured(dir.path(), reads, more), &[]);
        assert_eq!(status(&output), 3, "{reads}: {}", stderr(&output));
        let records = lines(&output.stdout);
        assert!(records.len() == 1 && is_skip(&records[0]), "{records:?}");
        assert_eq!(records[0]["reason"], reason);
        assert!(records[0]["detail"].as_str().unwrap().contains(says), "{records:?}");
    }
}

#[test]
fn the_program_has_neither_files_nor_network_of_its_own() {
    if !support::walls_stand() {
        return;
    }
    let dir = folder();
    let secret = write(dir.path(), "secret", "x");
    let (secret, made) = (secret.display(), dir.path().join("made"));
    // Fails if it gets at anything that it has no business with.
    let tries = format!(
        "cat {secret} > /dev/null 2>&1 && exit 1\n( : > {} ) 2> /dev/null && exit 1\n{}",
        made.display(),
        contract()
    );
    let config = configured(dir.path(), &tries, "");
    let walled = scan(&config, &["--sandbox", "on"]);
    assert_eq!((status(&walled), lines(&walled.stdout).len()), (0, 1), "{}", stderr(&walled));
    assert!(!made.exists());
    let open = scan(&config, &["--sandbox", "off"]);
    assert_eq!(status(&open), 3, "without walls it does get at them, so the test means something");
}

#[test]
fn what_is_missing_is_said_before_the_scan() {
    let dir = folder();
    let refused = |config: &str, says: &[&str]| {
        let config = write(dir.path(), "config.toml", config);
        let output = scan(&config, &[]);
        assert_eq!(status(&output), 2, "{}", stderr(&output));
        assert!(output.stdout.is_empty());
        assert!(says.iter().all(|w| stderr(&output).contains(w)), "{}", stderr(&output));
    };
    refused(
        "[ocr]\nengine = \"tesseract\"\ncommand = \"no-such-reader-6\"\n",
        &["config.toml", "ocr.command", "no-such-reader-6"],
    );
    let config = configured(dir.path(), "", "");
    let text = fs::read_to_string(config).unwrap();
    refused(&text.replace("rus+eng", "kaz+rus"), &["ocr.languages", "`kaz`", "eng, rus"]);
    refused(&text.replace("rus+eng", "rus;id"), &["ocr.languages"]);
}
