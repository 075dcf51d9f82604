//! The program never becomes the leak: no full identifier leaves it, whatever it is asked and
//! whatever it is fed.
//!
//! Everything it emits is searched, byte by byte, for the raw numbers of the fixtures: as they
//! stand, with the separators taken out of the output, in UTF-16, in hex, in base64.

mod support;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use base64::Engine;
use support::search::Search;
use support::{IIN, files_under, folder, iinspect, labelled, root, run, status, stderr, write};

/// The formats that the program knows, from its own help.
fn formats() -> Vec<String> {
    let help = String::from_utf8(run(["scan", "--help"]).stdout).unwrap();
    let known = ["auto", "human", "jsonl", "ocsf", "ecs", "cef", "sarif"];
    let formats: Vec<String> = known
        .iter()
        .filter(|f| help.split(|c: char| !c.is_alphanumeric()).any(|word| word == **f))
        .map(|f| f.to_string())
        .collect();
    assert!(formats.len() >= 3, "{help}");
    formats
}

#[test]
fn the_search_finds_what_is_planted_in_every_guise() {
    let search = Search::new();
    for planted in [
        "x 900101100004 y",
        "900101 100004",
        "9001-0110-0004",
        "9001\u{a0}0110\u{a0}0004",
        "id_900101100004_b",
        "77900101100004",
        "393030313031313030303034",
        r"path 900101\u00a0100004",
    ] {
        assert_eq!(search.leaks(planted.as_bytes()), ["900101100004"], "{planted}");
    }
    let utf16: Vec<u8> = "900101100004".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(search.leaks(&utf16), ["900101100004"]);
    for prefix in ["", "a", "ab", "abc"] {
        let coded =
            base64::engine::general_purpose::STANDARD.encode(format!("{prefix}900101100004.txt"));
        assert_eq!(
            search.leaks(format!("{{\"path_bytes\":\"{coded}\"}}").as_bytes()),
            ["900101100004"],
            "{coded}"
        );
    }
    assert!(search.leaks(b"********0004 hmac-sha256:9c1e 20261121180000").is_empty());
}

#[test]
fn scanning_the_fixtures_leaks_nothing_in_any_format() {
    let search = Search::new();
    // The one place where a path is shown as it is: a person's terminal, on this machine. So
    // the fixtures whose names hold numbers are told apart from the rest.
    let named: Vec<_> = fixtures_with_numbers_in_names(&search);
    for format in formats() {
        for extra in [&[][..], &["-v", "-v", "--min-confidence", "0"][..]] {
            let mut args: Vec<OsString> =
                vec!["scan".into(), "--format".into(), format.clone().into()];
            args.extend(extra.iter().map(|e| e.into()));
            if format == "human" {
                for file in files_under(&root().join("fixtures")) {
                    if !named.contains(&file) && file.extension() != Some(OsStr::new("jsonl")) {
                        args.push(file.into());
                    }
                }
            } else {
                args.push("fixtures".into());
            }
            let output = run(&args);
            assert!(matches!(status(&output), 0 | 3), "{format} {extra:?}: {}", stderr(&output));
            assert!(!output.stdout.is_empty());
            search.assert_clean(&format!("--format {format} {extra:?}"), &output);
        }
    }
}

fn fixtures_with_numbers_in_names(search: &Search) -> Vec<std::path::PathBuf> {
    files_under(&root().join("fixtures"))
        .into_iter()
        .filter(|f| !search.leaks(f.as_os_str().as_bytes()).is_empty())
        .collect()
}

#[test]
fn logs_leak_nothing_however_much_is_asked_for() {
    let search = Search::new();
    let output = iinspect()
        .args(["scan", "fixtures", "--format", "jsonl", "-v", "-v", "-v"])
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    search.assert_clean("all that can be logged", &output);
}

#[test]
fn explaining_each_fixture_leaks_nothing() {
    let search = Search::new();
    let named = fixtures_with_numbers_in_names(&search);
    for (i, file) in files_under(&root().join("fixtures")).into_iter().enumerate() {
        let name = file.to_str().unwrap();
        // The labelled set is one kind of file a hundred times: a fifth of it will do.
        let more_of_the_same = name.contains("/labelled/") && i % 5 != 0;
        if name.ends_with(".expect.json") || named.contains(&file) || more_of_the_same {
            continue;
        }
        let output = run(["explain".as_ref(), file.as_os_str()]);
        assert!(matches!(status(&output), 0 | 3), "{name}: {}", stderr(&output));
        search.assert_clean(name, &output);
    }
}

#[test]
fn numbers_in_names_are_masked_in_what_is_delivered() {
    let dir = folder();
    write(dir.path(), format!("{}.txt", IIN[0]), "nothing\n");
    write(
        dir.path(),
        format!("ИИН {} {}/плохой.gz", &IIN[1][..6], &IIN[1][6..]),
        [0x1f, 0x8b, 8, 0, 0],
    );
    write(dir.path(), format!("iin_{}_scan/a.txt", IIN[2]), labelled(IIN[3]));
    write(
        dir.path(),
        OsStr::from_bytes(&[b"\xff\xfe ", IIN[4].as_bytes(), b".txt"].concat()),
        labelled(IIN[5]),
    );
    // As members of an archive, where a name is text out of a file.
    let mut tar = tar::Builder::new(Vec::new());
    let text = labelled(IIN[0]);
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    tar.append_data(&mut header, format!("личное дело ИИН {}.txt", IIN[1]), text.as_bytes())
        .unwrap();
    write(dir.path(), "box.tar", tar.into_inner().unwrap());

    let search = Search::new();
    for format in formats().iter().filter(|f| *f != "human") {
        for extra in [&[][..], &["-v", "--min-confidence", "0"][..]] {
            let mut args: Vec<&OsStr> =
                vec!["scan".as_ref(), "--format".as_ref(), format.as_ref(), dir.path().as_os_str()];
            args.extend(extra.iter().map(|e| OsStr::new(*e)));
            let output = run(args);
            assert_eq!(status(&output), 3, "{}", stderr(&output));
            // Messages for the person at the machine may name a file as it is: stdout is what is delivered.
            let leaks = search.leaks(&output.stdout);
            assert!(leaks.is_empty(), "--format {format} {extra:?}: {leaks:?}");
        }
    }
    let records = support::scan(&[dir.path()], &[3]);
    let masked = records.iter().filter(|r| r["location"]["path_masked"] == true).count();
    assert!(masked >= 4, "{masked} of {} paths say that they are masked", records.len());
}

#[test]
fn a_number_in_the_name_of_the_root_is_masked_too() {
    let dir = folder();
    let root = dir.path().join(format!("выгрузка {}", IIN[0]));
    write(&root, "a.txt", labelled(IIN[1]));
    let output = run(["scan".as_ref(), root.as_os_str(), "--format".as_ref(), "jsonl".as_ref()]);
    assert!(support::records(&output).iter().any(support::is_finding));
    assert!(Search::new().leaks(&output.stdout).is_empty());
}

#[test]
fn damaged_files_leak_nothing_through_messages_or_panics() {
    let dir = folder();
    let mut made = 0;
    for file in files_under(&root().join("fixtures")) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = fs::read(&file).unwrap();
        let is_text = bytes.iter().take(512).all(|b| *b >= 9);
        if name.ends_with(".json") || name.ends_with(".jsonl") || is_text || bytes.len() < 64 {
            continue;
        }
        for (i, cut) in
            [bytes.len() / 3, bytes.len() * 2 / 3, bytes.len() - 7].into_iter().enumerate()
        {
            write(dir.path(), format!("cut{i}-{made}-{}", ext(&file)), &bytes[..cut]);
            let mut flipped = bytes.clone();
            let at = (cut * 7 + 13) % bytes.len();
            flipped[at] ^= 0x55;
            write(dir.path(), format!("flip{i}-{made}-{}", ext(&file)), flipped);
        }
        made += 1;
    }
    // Containers made here hold numbers in names, comments and text that does not parse.
    for (name, bytes) in hostile() {
        write(dir.path(), name, bytes);
    }
    let output = iinspect()
        .args([
            "scan".as_ref(),
            "--format".as_ref(),
            "jsonl".as_ref(),
            "-v".as_ref(),
            dir.path().as_os_str(),
        ])
        .env("RUST_BACKTRACE", "full")
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    assert!(matches!(status(&output), 0 | 3), "{}", stderr(&output));
    Search::new().assert_clean("damaged files", &output);
}

fn ext(file: &Path) -> String {
    file.extension().and_then(OsStr::to_str).unwrap_or("bin").to_owned()
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let n = IIN[0];
    vec![
        ("bad.json", format!("{{\"iin\": \"{n}\", \"x\": [").into_bytes()),
        ("bad.xml", format!("<?xml version=\"1.0\"?><a iin=\"{n}\"><{n}></b>").into_bytes()),
        ("bad.zip", [b"PK\x03\x04\x14\0\0\0\x08\0", n.as_bytes(), n.as_bytes(), b"\xff\xff\xff\xff"].concat()),
        ("bad.pdf", format!("%PDF-1.7\n1 0 obj << /Title (ИИН {n}) /Length 99999 >>\nstream\n{n}\n").into_bytes()),
        ("bad.eml", format!("Subject: =?utf-8?B?0JjQmNCd?= {n}\nContent-Type: multipart/mixed; boundary=\"{n}\"\n\n--{n}\n").into_bytes()),
        ("bad.png", [b"\x89PNG\r\n\x1a\n\0\0\0\x20tEXt", n.as_bytes(), &[0; 40]].concat()),
        ("bad.tar", [n.as_bytes(), &[0u8; 500][..]].concat()),
        ("bad.html", format!("<html><img src=\"data:image/png;base64,{n}\"><td>ИИН</td><td>{n}").into_bytes()),
    ]
}

#[test]
fn error_messages_do_not_repeat_what_is_in_a_file() {
    let dir = folder();
    let patterns = write(
        dir.path(),
        "p/identifiers/mine.toml",
        format!("[[identifier]]\nname = \"{}\nx", IIN[0]),
    );
    let key = write(dir.path(), "key", IIN[0]);
    let list = write(dir.path(), "list", format!("{}\n", IIN[0]));
    let search = Search::new();
    for args in [
        vec![
            "scan".as_ref(),
            dir.path().as_os_str(),
            "--patterns".as_ref(),
            patterns.parent().unwrap().parent().unwrap().as_os_str(),
        ],
        vec!["scan".as_ref(), dir.path().as_os_str(), "--key-file".as_ref(), key.as_os_str()],
        vec!["scan".as_ref(), "--files-from".as_ref(), list.as_os_str()],
    ] {
        let output = run(&args);
        let leaks = search.leaks(&output.stdout);
        assert!(leaks.is_empty(), "{args:?}: {leaks:?}");
    }
}

#[test]
fn the_key_is_never_shown() {
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    let key: Vec<u8> = (0..32u8).map(|i| b'A' + i % 26).collect();
    let file = write(dir.path(), "secret.key", &key);
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let output = run([
        "scan".as_ref(),
        dir.path().join("a.txt").as_os_str(),
        "-v".as_ref(),
        "--key-file".as_ref(),
        file.as_os_str(),
    ]);
    let all = [output.stdout.clone(), output.stderr.clone()].concat();
    let text = String::from_utf8_lossy(&all);
    assert!(!text.contains(std::str::from_utf8(&key).unwrap()));
    let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
    assert!(!text.contains(&hex));
    // Two runs without a key make two keys.
    let print = || {
        support::scan(&[&dir.path().join("a.txt")], &[0])[0]["subjects"][0]["fingerprint"].clone()
    };
    assert_ne!(print(), print());
    Search::new().assert_clean("with a key", &output);
}
