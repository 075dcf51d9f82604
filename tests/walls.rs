//! What a file system throws at a scan: every entry is accounted for once, and the scan ends.

mod support;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, mkdirat, openat};
use serde_json::Value;
use support::{
    IIN, folder, is_finding, is_skip, labelled, records, run, same_path, scan, status, stderr,
    write,
};

fn path_of(record: &Value) -> &str {
    record["location"]["path"].as_str().expect("a path")
}

/// The one record for this path.
#[track_caller]
fn only<'a>(records: &'a [Value], path: &Path) -> &'a Value {
    let wanted = path.to_str().expect("a UTF-8 path");
    let found: Vec<&Value> = records.iter().filter(|r| same_path(path_of(r), wanted)).collect();
    assert_eq!(found.len(), 1, "records of {wanted}: {found:?}");
    found[0]
}

#[test]
fn what_is_not_a_regular_file_is_reported_and_never_opened() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    write(dir.path(), "plain.txt", labelled(IIN[0]));
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    let _listener = UnixListener::bind(at("socket")).unwrap();
    let started = Instant::now();
    let records = scan(&[dir.path()], &[3]);
    assert!(started.elapsed() < Duration::from_secs(20), "opening a FIFO waits for a writer");
    assert_eq!(records.len(), 3, "{records:?}");
    for (name, detail) in [("pipe", "fifo"), ("socket", "socket")] {
        let skip = only(&records, &at(name));
        assert!(is_skip(skip));
        assert_eq!(
            (skip["reason"].as_str(), skip["detail"].as_str()),
            (Some("not_regular"), Some(detail))
        );
    }
    assert!(is_finding(only(&records, &at("plain.txt"))));
}

#[test]
fn a_fifo_or_device_named_as_root_ends_the_scan_at_once() {
    let dir = folder();
    let pipe = dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), Path::new("/dev/zero")] {
        let started = Instant::now();
        let output = run(["scan".as_ref(), path.as_os_str()]);
        assert!(matches!(status(&output), 2 | 3), "{path:?} {}", stderr(&output));
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn symlink_loops_end_and_nothing_is_read_twice() {
    let dir = folder();
    write(dir.path(), "deep/er/a.txt", labelled(IIN[0]));
    symlink(dir.path(), dir.path().join("deep/er/up")).unwrap();
    symlink("self", dir.path().join("self")).unwrap();
    symlink(dir.path().join("deep/er/a.txt"), dir.path().join("again.txt")).unwrap();
    symlink("nowhere", dir.path().join("broken")).unwrap();
    let output = run(["scan".as_ref(), dir.path().as_os_str()]);
    assert!(matches!(status(&output), 0 | 3), "{}", stderr(&output));
    let records = records(&output);
    let findings: Vec<&Value> = records.iter().filter(|r| is_finding(r)).collect();
    assert_eq!(findings.len(), 1, "{findings:?}");
    // A link that is left out is said so, once each, or is silent by design; never twice.
    let mut seen = BTreeMap::new();
    for record in &records {
        *seen.entry(path_of(record).to_owned()).or_insert(0) += 1;
    }
    assert!(seen.values().all(|n| *n == 1), "{seen:?}");
}

/// Folders so deep that their path is longer than the kernel takes at once.
#[test]
fn folders_of_any_depth_are_walked_to_their_end() {
    const DEPTH: usize = 5000;
    let dir = folder();
    let mut at: OwnedFd = File::open(dir.path()).unwrap().into();
    for level in 0..DEPTH {
        if level == 100 {
            write_at(&at, "high.txt", IIN[0]);
        }
        mkdirat(&at, "d", Mode::RWXU).unwrap();
        at = openat(&at, "d", OFlags::DIRECTORY | OFlags::RDONLY, Mode::empty()).unwrap();
    }
    write_at(&at, "deep.txt", IIN[1]);
    drop(at);
    let output = run(["scan".as_ref(), dir.path().as_os_str()]);
    // One descriptor a level is more than a process has, so not with the library.
    assert!(Command::new("rm").arg("-rf").arg(dir.path()).status().unwrap().success());
    let records = records(&output);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(records.len(), 2);
    let deep = records.iter().find(|r| path_of(r).ends_with("deep.txt")).expect("found");
    let levels = Path::new(path_of(deep)).iter().filter(|step| *step == "d").count();
    assert_eq!(levels, DEPTH);
    assert!(deep["file"]["digest"].is_string());
}

fn write_at(folder: &OwnedFd, name: &str, iin: &str) {
    let flags = OFlags::CREATE | OFlags::WRONLY;
    let mut file = File::from(openat(folder, name, flags, Mode::RUSR | Mode::WUSR).unwrap());
    file.write_all(labelled(iin).as_bytes()).unwrap();
}

#[test]
fn what_may_not_be_read_is_reported() {
    let dir = folder();
    write(dir.path(), "open.txt", labelled(IIN[0]));
    let file = write(dir.path(), "closed.txt", labelled(IIN[1]));
    let locked = dir.path().join("locked");
    write(dir.path(), "locked/inside.txt", labelled(IIN[2]));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let everything_is_open = fs::read_dir(&locked).is_ok(); // the superuser reads all
    let output = run(["scan".as_ref(), dir.path().as_os_str()]);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
    let records = records(&output);
    if everything_is_open {
        eprintln!("permissions do not bind this user: only that nothing is lost was tested");
        assert_eq!(status(&output), 0);
        assert_eq!(records.iter().filter(|r| is_finding(r)).count(), 3);
    } else {
        assert_eq!(status(&output), 3, "{}", stderr(&output));
        for path in [&file, &locked] {
            assert_eq!(only(&records, path)["reason"], "unreadable");
        }
        assert_eq!(records.iter().filter(|r| is_finding(r)).count(), 1);
    }
}

#[test]
fn names_may_hold_anything_that_a_file_system_takes() {
    let dir = folder();
    let names: [&[u8]; 6] = [
        b"new\nline.txt",
        b"\xff\xfe not utf8 \xe8\xe8\xed.txt",
        b"\x1b[31mred\x1b[0m.txt",
        b"-rf --help.txt",
        b"\"quoted\" \\ back.txt",
        "\u{202e}txt.exe \u{2028} кириллица.txt".as_bytes(),
    ];
    for (i, name) in names.iter().enumerate() {
        write(dir.path(), OsStr::from_bytes(name), labelled(IIN[i]));
    }
    let output = run(["scan".as_ref(), dir.path().as_os_str()]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let lines = output.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count();
    let records = records(&output);
    assert_eq!((lines, records.len()), (names.len(), names.len()));
    assert!(!output.stdout.contains(&0x1b), "no terminal codes in JSON lines");
    let exact = records.iter().filter(|r| r["location"]["path_bytes"].is_string()).count();
    assert_eq!(exact, 1, "the one name that is not UTF-8 has its bytes beside it");

    let human =
        run(["scan".as_ref(), dir.path().as_os_str(), "--format".as_ref(), "human".as_ref()]);
    let text = [human.stdout, human.stderr].concat();
    let raw_marks = ["\u{1b}[31mred", "\u{202e}", "\u{2028}", "new\nline"];
    let text = String::from_utf8_lossy(&text);
    for mark in raw_marks {
        assert!(!text.contains(mark), "a name reached the terminal raw: {mark:?}");
    }
}

#[test]
fn every_name_of_a_list_is_read_whatever_it_holds() {
    let dir = folder();
    let name = OsStr::from_bytes(b"caf\xe9 \xd0\x98.txt");
    let path = write(dir.path(), name, labelled(IIN[0]));
    let list = write(dir.path(), "list", [path.as_os_str().as_bytes(), b"\r\n"].concat());
    let output = run(["scan".as_ref(), "--files-from".as_ref(), list.as_os_str()]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(records(&output).len(), 1);
}

#[test]
fn files_that_lie_about_their_size_are_read_to_their_end() {
    // /proc gives 0 as the size of files that hold much.
    let mut child =
        Command::new("sleep").arg("60").env("PERSON", format!("IIN={}", IIN[0])).spawn().unwrap();
    let proc = PathBuf::from(format!("/proc/{}", child.id()));
    let dir = folder();
    let list: String = ["environ", "status", "maps", "cmdline"]
        .iter()
        .map(|f| format!("{}\n", proc.join(f).display()))
        .collect();
    let list = write(dir.path(), "list", list);
    // The environment is there once the child has become `sleep`.
    let deadline = Instant::now() + Duration::from_secs(10);
    while !fs::read(proc.join("cmdline")).unwrap_or_default().starts_with(b"sleep") {
        assert!(Instant::now() < deadline, "the child did not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = run(["scan".as_ref(), "--files-from".as_ref(), list.as_os_str()]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let records = records(&output);
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(path_of(&records[0]).ends_with("environ"));
}

#[test]
fn a_file_that_grows_does_not_hold_the_scan() {
    let dir = folder();
    let path = write(dir.path(), "growing.log", labelled(IIN[0]));
    let stop = AtomicBool::new(false);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            let block = "a line of a log that goes on and on\n".repeat(1000);
            while !stop.load(Ordering::Relaxed) {
                file.write_all(block.as_bytes()).unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let output = run(["scan".as_ref(), dir.path().as_os_str()]);
        stop.store(true, Ordering::Relaxed);
        output
    });
    assert!(matches!(status(&output), 0 | 3), "{}", stderr(&output));
    let records = records(&output);
    assert_eq!(records.iter().filter(|r| is_finding(r)).count(), 1, "{records:?}");
}

#[test]
fn files_that_vanish_or_shrink_meanwhile_are_accounted_for() {
    let dir = folder();
    for i in 0..400 {
        write(
            dir.path(),
            format!("d{}/f{i:04}.txt", i % 10),
            labelled(IIN[i % IIN.len()]).repeat(50),
        );
    }
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..400 {
                let path = dir.path().join(format!("d{}/f{i:04}.txt", i % 10));
                if i % 3 == 0 {
                    fs::remove_file(&path).unwrap();
                } else if i % 3 == 1 {
                    File::create(&path).unwrap(); // cut to nothing
                }
            }
        });
        run(["scan".as_ref(), dir.path().as_os_str()])
    });
    assert!(matches!(status(&output), 0 | 3), "{}", stderr(&output));
    assert!(!stderr(&output).contains("panicked"));
    let mut seen = BTreeMap::new();
    for record in records(&output) {
        assert!(is_finding(&record) || record["reason"] == "unreadable", "{record}");
        *seen.entry(path_of(&record).to_owned()).or_insert(0) += 1;
    }
    assert!(seen.values().all(|n| *n == 1));
    for i in (2..400).step_by(3) {
        let path = dir.path().join(format!("d{}/f{i:04}.txt", i % 10));
        assert!(seen.contains_key(path.to_str().unwrap()), "untouched file {i} is missing");
    }
}

#[test]
fn empty_files_and_folders_are_silent() {
    let dir = folder();
    write(dir.path(), "empty.txt", "");
    write(dir.path(), "empty.zip", "");
    write(dir.path(), "empty.jpg", "");
    fs::create_dir(dir.path().join("nothing")).unwrap();
    assert_eq!(scan(&[dir.path()], &[0]), Vec::<Value>::new());
}

/// Bytes of the one line; sparse, so that it takes no disk. A build without optimisation, which is
/// what `cargo test` makes, takes 8 CPU seconds a GiB: it gets one, `cargo test --release` three.
const HUGE: u64 = if cfg!(debug_assertions) { 1 << 30 } else { 3 << 30 };

/// Half of the line in a release build; the program, its threads and its model take a part of it.
const ADDRESS_SPACE_KIB: u64 = if cfg!(debug_assertions) { 900 << 10 } else { 3 << 19 };

#[test]
fn one_line_of_gigabytes_is_read_to_its_end_in_little_memory() {
    let dir = folder();
    let path = dir.path().join("line.log");
    let mut file = File::create(&path).unwrap();
    file.set_len(HUGE).unwrap();
    file.write_all(b"a log that starts like any other, ").unwrap();
    file.seek(SeekFrom::Start(HUGE)).unwrap();
    file.write_all(format!(" iin={} end", IIN[0]).as_bytes()).unwrap();
    drop(file);
    // A scan that reads the line into memory dies of this limit of its address space.
    let shell = format!(
        "ulimit -v {}; exec '{}' scan '{}' --jobs 1",
        ADDRESS_SPACE_KIB,
        env!("CARGO_BIN_EXE_iinspect"),
        path.display()
    );
    let output = Command::new("sh").args(["-c", &shell]).output().unwrap();
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let records = records(&output);
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["location"]["line"].as_u64().unwrap_or(1), 1);
    let offset = records[0]["location"]["offset"].as_u64().expect("an offset");
    assert!((HUGE..HUGE + 40).contains(&offset), "{offset}");
}

#[test]
fn five_thousand_small_files_are_each_reported_once() {
    let dir = folder();
    for i in 0..5000 {
        write(
            dir.path(),
            format!("{:02}/{}/f{i:04}.txt", i % 40, i % 3),
            labelled(IIN[i % IIN.len()]),
        );
    }
    let mut seen = BTreeMap::new();
    for record in scan(&[dir.path()], &[0]) {
        assert_eq!(record["count"], 1);
        *seen.entry(path_of(&record).to_owned()).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 5000);
    assert!(seen.values().all(|n| *n == 1));
}

#[test]
fn a_file_under_two_roots_is_reported_once_a_root_or_once() {
    let dir = folder();
    write(dir.path(), "a/b.txt", labelled(IIN[0]));
    let records = scan(&[dir.path(), &dir.path().join("a")], &[0]);
    assert!((1..=2).contains(&records.len()), "{records:?}");
    let one_twice = scan(&[dir.path(), dir.path()], &[0]);
    assert!((1..=2).contains(&one_twice.len()), "{one_twice:?}");
}

#[test]
fn a_hit_across_a_window_edge_is_found_once() {
    // Windows are some power of two long: put a number across each of a series of borders.
    let dir = folder();
    for (i, border) in
        [4096usize, 65_536, 131_072, 262_144, 1 << 20, 2 << 20].into_iter().enumerate()
    {
        for shift in [0usize, 1, 6, 11, 12, 17] {
            let before = border - 9 - shift;
            let mut text = "x".repeat(before - 1);
            text.push('\n');
            text.push_str(&format!("ИИН {}\n{}", IIN[i], "y".repeat(300_000)));
            write(dir.path(), format!("{border}-{shift}.txt"), text);
        }
    }
    let records = scan(&[dir.path()], &[0]);
    assert_eq!(records.len(), 36);
    for record in &records {
        assert_eq!(record["count"], 1, "{}", path_of(record));
    }
}

/// A container longer than what is read first is read whole and in order, gzip or not.
#[test]
fn containers_longer_than_the_head_are_read_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut noise = 1u64;
    let mut bulk: Vec<u8> = (0..700_000)
        .map(|_| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (noise >> 56) as u8
        })
        .collect();
    bulk[0] = 0;
    let mut tar = tar::Builder::new(Vec::new());
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, name, bytes).unwrap();
    };
    add("bulk.bin", &bulk);
    add("note.txt", "ИИН 900101100004\n".as_bytes());
    let tar = tar.into_inner().unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, &tar).unwrap();
    std::fs::write(dir.path().join("a.tar"), &tar).unwrap();
    std::fs::write(dir.path().join("b.tar.gz"), gz.finish().unwrap()).unwrap();
    let records = support::scan(&[dir.path()], &[0]);
    let found = records.iter().filter(|r| r["kind"] == "iin" && r["count"] == 1).count();
    assert_eq!(found, 2, "{records:#?}");
}
