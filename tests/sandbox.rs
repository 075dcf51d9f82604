//! The walls around the workers hold, each of them, against a worker that misbehaves on purpose.
//!
//! Builds with debug assertions have a worker that does what the name of a file tells it to:
//! `misbehave-hang.gz` and so on. Whatever it does costs that file and no other.

#![cfg(debug_assertions)]

mod support;

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{IIN, folder, is_finding, is_skip, labelled, records, run, status, stderr, write};

/// Small bounds, so that every wall is soon hit.
const CONFIG: &str = "[limits]\nmax_seconds = 3\nmax_members = 100\n\
                      [sandbox]\nstall_seconds = 2\nmax_memory_bytes = 536870912\n";

fn gz(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

/// A file that misbehaves between two that do not; the records of all three.
fn scan_with(what: &str, sandbox: &str) -> (Vec<Value>, i32, String) {
    let dir = folder();
    let config = write(dir.path(), "c.toml", CONFIG);
    let share = dir.path().join("share");
    write(&share, "a.gz", gz(&labelled(IIN[0])));
    write(&share, format!("misbehave-{what}.gz"), gz(&labelled(IIN[1])));
    write(&share, "z.gz", gz(&labelled(IIN[2])));
    let started = Instant::now();
    let arguments: [&std::ffi::OsStr; 8] = [
        "scan".as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
        "--sandbox".as_ref(),
        sandbox.as_ref(),
        "--jobs".as_ref(),
        "1".as_ref(),
        share.as_os_str(),
    ];
    let output = run(arguments);
    // The machine may be busy; a worker that is not stopped takes an hour.
    assert!(started.elapsed() < Duration::from_secs(300), "{what} was not stopped");
    (records(&output), status(&output), stderr(&output))
}

fn name_of(record: &Value) -> &str {
    let path = record["location"]["path"].as_str().expect("a path");
    Path::new(path).file_name().expect("a name").to_str().expect("UTF-8")
}

/// The reason and detail of the one skip record, with the other files found.
fn lost(what: &str) -> (String, String) {
    let (records, status, stderr) = scan_with(what, "on");
    let skips: Vec<&Value> = records.iter().filter(|r| is_skip(r)).collect();
    assert_eq!((skips.len(), status), (1, 3), "{what}: {records:?} {stderr}");
    assert_eq!(name_of(skips[0]), format!("misbehave-{what}.gz"));
    for other in ["a.gz", "z.gz"] {
        let found = records.iter().filter(|r| is_finding(r) && name_of(r) == other).count();
        assert_eq!(found, 1, "{what}: {other} is found all the same");
    }
    let text = |key: &str| skips[0][key].as_str().expect("text").to_owned();
    (text("reason"), text("detail"))
}

#[test]
fn one_that_computes_without_end_is_stopped_at_the_deadline() {
    if !support::walls_stand() {
        return;
    }
    assert_eq!(lost("hang"), ("over_budget".into(), "max_seconds 3".into()));
}

#[test]
fn one_that_sleeps_is_stopped_for_doing_nothing() {
    if !support::walls_stand() {
        return;
    }
    let did_nothing = "the worker process did nothing for 2 s";
    assert_eq!(lost("sleep"), ("worker_failed".into(), did_nothing.into()));
}

#[test]
fn one_that_takes_memory_gets_no_more_than_its_own() {
    if !support::walls_stand() {
        return;
    }
    assert_eq!(lost("allocate"), ("over_budget".into(), "max_memory_bytes 536870912".into()));
}

#[test]
fn one_that_talks_to_itself_is_not_held_up() {
    if !support::walls_stand() {
        return;
    }
    let (records, status, stderr) = scan_with("talk", "on");
    assert_eq!((records.len(), status), (3, 0), "{records:?} {stderr}");
    assert!(records.iter().all(is_finding));
    assert!(!stderr.contains("decoders talk"));
}

#[test]
fn one_that_crashes_costs_its_file() {
    if !support::walls_stand() {
        return;
    }
    let (reason, detail) = lost("crash");
    assert_eq!((reason.as_str(), detail.contains("crashed (signal 6)")), ("worker_failed", true));
    let (reason, detail) = lost("overflow");
    assert_eq!((reason.as_str(), detail.contains("out of stack")), ("worker_failed", true));
    assert_eq!(lost("exit"), ("worker_failed".into(), "the worker process ended".into()));
}

#[test]
fn no_path_leads_to_a_file() {
    if !support::walls_stand() {
        return;
    }
    for what in ["open", "list", "create"] {
        let (reason, detail) = lost(what);
        assert_eq!(
            (reason.as_str(), detail.as_str()),
            ("damaged", "content: was refused"),
            "{what}"
        );
    }
    assert!(!Path::new("/tmp/iinspect-was-here").exists());
}

#[test]
fn no_program_is_started_and_nobody_is_called() {
    if !support::walls_stand() {
        return;
    }
    for what in ["spawn", "exec", "connect"] {
        assert_eq!(lost(what).0, "sandbox_violation", "{what}");
    }
}

#[test]
fn answers_that_are_none_are_not_believed() {
    if !support::walls_stand() {
        return;
    }
    for what in ["garbage", "json", "lie", "flood"] {
        assert_eq!(lost(what).0, "sandbox_violation", "{what}");
    }
}

/// The double does what it says where nothing holds it: else the tests above would show nothing.
#[test]
fn the_file_that_misbehaves_is_an_ordinary_file_without_workers() {
    let (records, status, stderr) = scan_with("crash", "off");
    assert_eq!((records.len(), status), (3, 0), "{stderr}");
    assert!(records.iter().all(is_finding));
}

#[test]
fn what_was_found_before_a_crash_is_kept() {
    // The first member is found; the second one makes the worker crash.
    let dir = folder();
    let config = write(dir.path(), "c.toml", CONFIG);
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in [("first.txt", labelled(IIN[0])), ("misbehave-crash.gz", "x".into())] {
        let bytes = if name.ends_with(".gz") { gz(&text) } else { text.into_bytes() };
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    let share = write(dir.path(), "share/both.tar", tar.into_inner().unwrap());
    let args = ["scan", "--config"].map(AsRef::as_ref);
    let output = run(args.into_iter().chain([config.as_os_str(), share.as_os_str()]));
    let records = records(&output);
    assert_eq!(status(&output), 3, "{}", stderr(&output));
    let found: Vec<&Value> = records.iter().filter(|r| is_finding(r)).collect();
    assert_eq!(found.len(), 1, "{records:?}");
    assert_eq!(found[0]["location"]["inside"][0], "first.txt");
    assert_eq!(records.iter().filter(|r| r["reason"] == "worker_failed").count(), 1);
}

#[test]
fn bounds_that_no_worker_can_keep_are_refused_and_never_taken_for_no_walls() {
    let dir = folder();
    let file = write(dir.path(), "a.gz", gz(&labelled(IIN[0])));
    for (key, value) in [("max_memory_bytes", 1000), ("stall_seconds", 0), ("max_files", 0)] {
        let config = write(dir.path(), "c.toml", format!("[sandbox]\n{key} = {value}\n"));
        for mode in ["on", "auto"] {
            let args = ["scan", "--sandbox", mode, "--config"].map(AsRef::as_ref);
            let output = run(args.into_iter().chain([config.as_os_str(), file.as_os_str()]));
            assert_eq!(status(&output), 2);
            assert!(stderr(&output).contains(&format!("sandbox.{key}")), "{}", stderr(&output));
        }
    }
}

/// A descriptor that the caller left open is a way to a file that needs no path.
#[test]
fn nothing_that_the_caller_had_open_reaches_a_worker() {
    if !support::walls_stand() {
        return;
    }
    let dir = folder();
    let secret = write(dir.path(), "secret", "x");
    let share = dir.path().join("share");
    write(&share, "misbehave-sleep.gz", gz("x"));
    let config = write(dir.path(), "c.toml", "[sandbox]\nstall_seconds = 60\n");
    let script = "exec 7<\"$1\"; shift; exec \"$@\"";
    let mut parent = std::process::Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(&secret)
        .arg(env!("CARGO_BIN_EXE_iinspect"))
        .args(["scan", "--sandbox", "on", "-q", "--config"])
        .args([&config, &share])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // The parent has it, as any program would.
    let leads_to = |pid: u32| -> Vec<std::path::PathBuf> {
        let open = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten();
        open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok()).collect()
    };
    let children = |pid: u32| -> Vec<u32> {
        let list = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let all: Vec<u32> =
            list.unwrap_or_default().split_whitespace().filter_map(|c| c.parse().ok()).collect();
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
        let of_threads =
            threads.filter_map(|t| std::fs::read_to_string(t.ok()?.path().join("children")).ok());
        let more: Vec<String> = of_threads.collect();
        all.into_iter()
            .chain(more.iter().flat_map(|l| l.split_whitespace()).filter_map(|c| c.parse().ok()))
            .collect()
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    let worker = loop {
        // It has taken the file that makes it sleep once it holds no path to start with.
        let ready = children(parent.id()).into_iter().find(|child| {
            let status = std::fs::read_to_string(format!("/proc/{child}/status"));
            status.unwrap_or_default().contains("Seccomp:\t2")
        });
        match ready {
            Some(worker) => break worker,
            None => assert!(Instant::now() < deadline, "no worker started"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let (of_parent, of_worker) = (leads_to(parent.id()), leads_to(worker));
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(of_parent.contains(&secret), "{of_parent:?}");
    assert!(!of_worker.is_empty() && !of_worker.contains(&secret), "{of_worker:?}");
}

#[test]
fn without_workers_nothing_is_said_of_them() {
    let dir = folder();
    let file = write(dir.path(), "a.gz", gz(&labelled(IIN[0])));
    let args = ["scan", "--sandbox", "off"].map(AsRef::as_ref);
    let off = run(args.into_iter().chain([file.as_os_str()]));
    assert_eq!((status(&off), records(&off).len()), (0, 1));
    assert!(!stderr(&off).contains("sandbox"));
}
