//! What systemd, logrotate, an operator and a second start expect.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::rig::{Rig, iin};

const QUICK: &str = "debounce_ms = 50\nreconcile_s = 3600";

#[test]
fn it_tells_systemd_how_it_is() {
    let mut rig = Rig::new();
    let path = rig.dir.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    rig.write_config(QUICK, "", "");
    rig.env.push(("NOTIFY_SOCKET".into(), path.to_str().unwrap().into()));
    rig.env.push(("WATCHDOG_USEC".into(), "1500000".into()));
    rig.start();
    let mut said = String::new();
    let mut hear = |until: &str| {
        let started = Instant::now();
        while !said.contains(until) {
            assert!(started.elapsed() < Duration::from_secs(60), "{until}: {said}");
            let mut buffer = [0u8; 4096];
            let n = socket.recv(&mut buffer).unwrap();
            said.push_str(&String::from_utf8_lossy(&buffer[..n]));
            said.push('\n');
        }
        std::mem::take(&mut said)
    };
    hear("READY=1");
    assert!(hear("STATUS=").contains("1 roots"));
    hear("WATCHDOG=1");
    rig.signal(Signal::HUP);
    let reload = hear("RELOADING=1");
    assert!(reload.contains("MONOTONIC_USEC="), "{reload}");
    hear("READY=1");
    rig.signal(Signal::TERM);
    hear("STOPPING=1");
    assert!(rig.wait(Duration::from_secs(15)).unwrap().success());
}

#[test]
fn a_wrong_configuration_is_refused_and_a_right_one_taken() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    rig.put("a.txt", &format!("ИИН: {}\n", iin(1)));
    rig.start();
    rig.until_event("opened a.txt");
    let good = fs::read_to_string(rig.config()).unwrap();
    fs::write(rig.config(), good.replace("debounce_ms = 50", "debounce_ms = \"50\"")).unwrap();
    rig.signal(Signal::HUP);
    rig.until("the refusal", |rig| rig.messages().contains("the configuration is as it was"));
    assert!(rig.messages().contains("config.toml:6:"), "{}", rig.messages());
    rig.put("b.txt", &format!("ИИН: {}\n", iin(2)));
    rig.until_event("opened b.txt");
    fs::write(rig.config(), good.replace("debounce_ms = 50", "debounce_ms = 50\njobs = 2"))
        .unwrap();
    rig.signal(Signal::HUP);
    rig.until("the new one", |rig| rig.messages().contains("with 2 threads"));
    rig.put("c.txt", &format!("ИИН: {}\n", iin(3)));
    rig.until_event("opened c.txt");
}

#[test]
fn logrotate_takes_the_file_and_it_writes_a_new_one() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    rig.put("a.txt", &format!("ИИН: {}\n", iin(1)));
    rig.start();
    rig.until_event("opened a.txt");
    fs::rename(&rig.out, rig.dir.path().join("out.jsonl.1")).unwrap();
    rig.signal(Signal::HUP);
    rig.put("b.txt", &format!("ИИН: {}\n", iin(2)));
    rig.until_event("opened b.txt");
    let old = fs::read_to_string(rig.dir.path().join("out.jsonl.1")).unwrap();
    assert!(old.contains("a.txt") && !old.contains("b.txt"));
    // What was not acknowledged before the file was taken away comes again, as the same event.
    let ids = |text: &str| -> Vec<String> {
        let of =
            |l: &str| serde_json::from_str::<serde_json::Value>(l).unwrap()["event_id"].to_string();
        text.lines().filter(|l| l.contains("a.txt")).map(of).collect()
    };
    let again = ids(&fs::read_to_string(&rig.out).unwrap());
    assert!(again.iter().all(|id| ids(&old).contains(id)), "{again:?}");
}

#[test]
fn it_ends_soon_with_a_thousand_files_still_to_look_at() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "files_per_second = 50", "");
    for i in 0..1000u32 {
        rig.put(&format!("{i}.txt"), &format!("ИИН: {}\n", iin(i)));
    }
    rig.start();
    rig.until("some", |rig| rig.findings().len() > 10);
    let (took, code) = rig.stop();
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(code, Some(0));
    let before = rig.findings().len();
    assert!(before < 1000);
    rig.write_config(QUICK, "", "");
    rig.start();
    rig.until("the rest", |rig| rig.open().len() == 1000);
    assert_eq!(rig.findings().len(), 1000, "none twice");
}

#[test]
fn a_second_one_on_the_same_state_is_refused_and_an_old_lock_is_none() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    fs::write(rig.dir.path().join("state/state.db.lock"), "99999999\n").unwrap();
    rig.put("a.txt", &format!("ИИН: {}\n", iin(1)));
    rig.start();
    rig.until_event("opened a.txt");
    let second = rig.command().output().unwrap();
    let says = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2));
    assert!(says.contains(&format!("in use by process {}", rig.pid())), "{says}");
}

#[test]
fn numbers_and_health_are_to_be_had() {
    let mut rig = Rig::new();
    let socket = rig.dir.path().join("m.sock");
    rig.write_config(&format!("{QUICK}\nmetrics = \"unix:{}\"", socket.display()), "", "");
    rig.put("a.txt", &format!("ИИН: {}\n", iin(1)));
    rig.put("locked.zip", "PK\x03\x04 not a zip");
    rig.start();
    rig.until_event("opened a.txt");
    rig.until_walked();
    let get = |path: &str| {
        let mut stream = UnixStream::connect(&socket).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let numbers = get("/metrics");
    for line in [
        "kind=\"iin\",severity=\"medium\",event=\"opened\"",
        "iinspect_files_total",
        "iinspect_skips_total{reason=\"damaged\"} 1",
        "iinspect_full_pass_timestamp_seconds",
        "iinspect_outbox_records{sink=\"jsonl\"}",
        "iinspect_oldest_event_age_seconds",
        "iinspect_worker_restarts_total",
    ] {
        assert!(numbers.contains(line), "{line} is not in\n{numbers}");
    }
    assert!(get("/healthz").starts_with("HTTP/1.1 200"));
    fs::rename(&rig.share, rig.dir.path().join("away")).unwrap();
    rig.until("the loss", |_| get("/healthz").starts_with("HTTP/1.1 503"));
}

#[test]
fn once_a_day_it_says_that_it_is_there() {
    let mut rig = Rig::new();
    rig.write_config(&format!("{QUICK}\nself_check_s = 1"), "", "");
    rig.start();
    let checks = |rig: &Rig| {
        rig.records().iter().filter(|r| r["event"] == "self_check").cloned().collect::<Vec<_>>()
    };
    rig.until("three checks", |rig| checks(rig).len() >= 3);
    let last = checks(&rig).pop().unwrap();
    assert_eq!(last["ok"], true);
    rig.check_schemas();
    assert_eq!(last["roots"][0]["there"], true);
    assert!(last["roots"][0]["last_full_pass"].is_string(), "{last}");
}

#[test]
fn findings_are_read_beside_the_service() {
    let mut rig = Rig::new();
    rig.write_config(QUICK, "", "");
    let number = iin(5);
    rig.put(&format!("{number}.txt"), &format!("ИИН: {number}\n"));
    rig.put("b.txt", &format!("ИИН: {}\n", iin(6)));
    rig.start();
    rig.until("both", |rig| rig.open().len() >= 2);
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_iinspect"))
            .arg("findings")
            .args(args)
            .arg("--config")
            .arg(rig.config())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let list = run(&["list", "--format", "human"]);
    assert!(list.contains("********") && !list.contains(&number), "{list}");
    let line = list.lines().find(|l| l.contains("********") && l.contains(&number[8..])).unwrap();
    let shown = run(&["show", line.split(' ').next().unwrap()]);
    assert!(shown.contains(&format!("{number}.txt")), "the true path on this host: {shown}");
    fs::remove_file(rig.share.join("b.txt")).unwrap();
    rig.until_event("resolved b.txt");
    assert!(!run(&["list"]).contains("b.txt"));
    let export = run(&["export"]);
    let resolved = export.lines().find(|l| l.contains("b.txt")).unwrap();
    let resolved: serde_json::Value = serde_json::from_str(resolved).unwrap();
    assert!(resolved["resolved"].is_string());
    // Nothing in the state names a file or a person.
    rig.stop();
    for file in fs::read_dir(rig.dir.path().join("state")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let found = bytes.windows(12).any(|w| w == number.as_bytes());
        assert!(!found, "a number is in the state");
    }
}
