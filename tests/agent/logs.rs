//! Texts that grow and are rotated: what stands in them is told once.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::process::Command;

use serde_json::Value;

use crate::rig::{Rig, iin, last_four};

const QUICK: &str = "debounce_ms = 100\nmax_delay_ms = 500\nreconcile_s = 2";

fn append(rig: &Rig, name: &str, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(rig.share.join(name)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// How often each number was told as new: `opened`, or `updated` with what was appended.
fn told(rig: &Rig) -> BTreeMap<String, u32> {
    let mut told = BTreeMap::new();
    let mut known = std::collections::BTreeSet::new();
    for record in rig.findings() {
        if record["event"] == "resolved" || !known.insert(record["event_id"].to_string()) {
            continue;
        }
        for subject in record["subjects"].as_array().unwrap() {
            *told.entry(subject["iin"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    told
}

fn count_told(rig: &Rig) -> u64 {
    let records: Vec<Value> = rig.findings();
    records.iter().filter(|r| r["event"] != "resolved").filter_map(|r| r["count"].as_u64()).sum()
}

#[test]
fn a_day_of_rotations_tells_each_number_once() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    rig.start();
    let mut planted = Vec::new();
    let noise = "2026-11-22 10:00:00 INFO request served in 12 ms\n";
    for round in 0..20u32 {
        for part in 0..3u32 {
            let n = round * 10 + part;
            let number = iin(n);
            // Now and then a line is written in two pieces, and a number is cut in the middle.
            append(&rig, "app.log", &noise.repeat(20));
            if part == 1 {
                append(&rig, "app.log", &format!("user ИИН: {}", &number[..7]));
                std::thread::sleep(std::time::Duration::from_millis(150));
                append(&rig, "app.log", &format!("{} logged in\n", &number[7..]));
            } else {
                append(&rig, "app.log", &format!("user ИИН: {number} logged in\n"));
            }
            planted.push(last_four(&number));
            let expected = planted.len();
            rig.until("the number", |rig| told(rig).len() >= expected);
        }
        rotate(&rig, round);
    }
    rig.until_walked_again();
    let told = told(&rig);
    let twice: Vec<_> = told.iter().filter(|(_, n)| **n != 1).collect();
    assert!(twice.is_empty(), "{twice:?}\n{:?}", rig.events());
    assert_eq!(told.len(), planted.len());
    assert_eq!(count_told(&rig), planted.len() as u64);
    assert!(rig.events().iter().all(|e| e.ends_with(" app.log")), "{:?}", rig.events());
    rig.check_schemas();
    // All of it goes: what was told is resolved.
    for entry in fs::read_dir(&rig.share).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    rig.put("other.txt", "the root is not empty\n");
    rig.until_event("resolved app.log");
    rig.check_schemas();
}

/// As logrotate does: rename, or copy and cut; from the second on compressed.
fn rotate(rig: &Rig, round: u32) {
    let at = |name: &str| rig.share.join(name);
    for i in (2..8).rev() {
        let _ = fs::rename(at(&format!("app.log.{i}.gz")), at(&format!("app.log.{}.gz", i + 1)));
    }
    if at("app.log.1").exists() {
        let packed = Command::new("gzip").arg("-f").arg(at("app.log.1")).status().unwrap();
        assert!(packed.success());
        fs::rename(at("app.log.1.gz"), at("app.log.2.gz")).unwrap();
    }
    if round.is_multiple_of(2) {
        fs::rename(at("app.log"), at("app.log.1")).unwrap();
        File::create(at("app.log")).unwrap();
    } else {
        fs::copy(at("app.log"), at("app.log.1")).unwrap();
        OpenOptions::new().write(true).open(at("app.log")).unwrap().set_len(0).unwrap();
    }
}

#[test]
fn what_is_appended_while_nobody_watches_is_told_once_too() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    append(&rig, "a.log", &format!("ИИН: {}\n", iin(1)));
    rig.start();
    rig.until_event("opened a.log");
    rig.until_walked();
    rig.stop();
    append(&rig, "a.log", &format!("ИИН: {}\n", iin(2)));
    fs::rename(rig.share.join("a.log"), rig.share.join("a.log.1")).unwrap();
    append(&rig, "a.log", &format!("ИИН: {}\n", iin(3)));
    rig.start();
    rig.until("both", |rig| told(rig).len() == 3);
    rig.until_walked();
    assert!(told(&rig).values().all(|n| *n == 1), "{:?} {:?}", told(&rig), rig.events());
}

#[test]
fn a_copy_that_stays_beside_its_text_is_another_finding() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    append(&rig, "people.csv", &format!("name;ИИН\nA;{}\nB;{}\n", iin(1), iin(2)));
    rig.start();
    rig.until_event("opened people.csv");
    fs::copy(rig.share.join("people.csv"), rig.share.join("people-20261122.csv")).unwrap();
    rig.until_event("opened people-20261122.csv");
    fs::copy(rig.share.join("people.csv"), rig.share.join("copy.csv")).unwrap();
    rig.until_event("opened copy.csv");
    fs::remove_file(rig.share.join("copy.csv")).unwrap();
    rig.until_event("resolved copy.csv");
}

#[test]
fn a_text_that_is_written_anew_is_told_anew() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    append(&rig, "a.log", &format!("ИИН: {}\nИИН: {}\n", iin(1), iin(2)));
    rig.start();
    rig.until_event("opened a.log");
    rig.put("a.log", &format!("ИИН: {}\n", iin(3)));
    rig.until("the new one alone", |rig| {
        let open = rig.open();
        open.get("a.log").is_some_and(|s| s.iter().eq([&last_four(&iin(3))]))
    });
    let last = rig.findings().pop().unwrap();
    assert_eq!((&last["count"], &last["appended"]), (&1.into(), &Value::Null), "{last}");
    rig.put("a.log", "clean\n");
    rig.until_event("resolved a.log");
}

#[test]
fn an_edit_in_the_middle_and_another_owner_of_the_right_to_read_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    let rows = |numbers: &[u32]| -> String {
        let filler = "A;not a number;somewhere in the city of Almaty\n".repeat(100);
        let rows = numbers.iter().map(|n| format!("B;{};row\n{filler}", iin(*n)));
        format!("name;ИИН;note\n{}{filler}", rows.collect::<String>())
    };
    rig.put("people.csv", &rows(&[1, 2, 3]));
    rig.start();
    rig.until_event("opened people.csv");
    // Longer, with the same beginning and the same end.
    rig.put("people.csv", &rows(&[1, 4, 5, 3]));
    rig.until("the edit", |rig| {
        let wanted = [1, 3, 4, 5].map(|n| last_four(&iin(n)));
        rig.open().get("people.csv").is_some_and(|found| {
            found.iter().eq(wanted.iter().collect::<std::collections::BTreeSet<_>>())
        })
    });
    let exposure = |rig: &Rig| rig.findings().pop().unwrap()["exposure"]["level"].clone();
    assert_eq!(exposure(&rig), "world_readable");
    let path = rig.share.join("people.csv");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    rig.until("the mode", |rig| exposure(rig) == "owner_only");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    rig.until("the mode again", |rig| exposure(rig) == "world_writable");
    assert_eq!(rig.findings().pop().unwrap()["count"], 4);
}
