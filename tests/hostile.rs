//! Files made to hurt: the scan of all of them ends, loses none of them and nothing that lies beside
//! them, and stays within its bounds.
//!
//! `IINSPECT_HOSTILE_DIR=DIR cargo test --test hostile` writes them there and leaves them, to be looked
//! at one by one.

mod attacks;
mod support;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::Duration;

use attacks::{Attack, Fate};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use serde_json::Value;
use support::search::Search;
use support::{IIN, folder, iinspect, is_finding, is_skip, labelled, lines, root, write};

/// Smaller than the defaults, so that a bomb is seen to be one in a build without optimisation too.
const CONFIG: &str = "[limits]\nmax_expanded_bytes = 67108864\nratio_after_bytes = 4194304\n\
                      max_seconds = 30\n";
/// Of the process that writes the records.
const MAX_PARENT_BYTES: u64 = 300 << 20;
/// For each mebibyte on disk, all processes together. The aim is 2 in a release build; this one has
/// its own code unoptimised, and attacks are small files with much in them.
const MAX_CPU_SECONDS_PER_MIB: f64 = if cfg!(debug_assertions) { 5.0 } else { 2.0 };

/// Pictures of documents and documents with numbers, as they lie among hostile files.
const PLANTED: [&str; 7] = [
    "mrz/card_1bit.png",
    "mrz/passport_1bit.tif",
    "containers/application.docx",
    "containers/form.pdf",
    "containers/list.xlsx",
    "containers/zip-in-zip.zip",
    "containers/mail.eml",
];

#[test]
fn hostile_files_are_read_or_told_and_hide_nothing() {
    let dir = folder();
    let kept = std::env::var_os("IINSPECT_HOSTILE_DIR").map(PathBuf::from);
    let share = kept.unwrap_or_else(|| dir.path().join("share"));
    let card = fs::read(root().join("fixtures").join(PLANTED[0])).unwrap();
    let attacks = attacks::all(&card);
    let mut fates: HashMap<String, Fate> = HashMap::new();
    for (i, Attack { name, bytes, fate }) in attacks.iter().enumerate() {
        // In many folders, so that no name is one of two.
        let path = write(&share, format!("{:02}/{name}", i / 20), bytes);
        fates.insert(path.to_str().expect("attacks are named plainly").to_owned(), *fate);
    }
    for (i, planted) in PLANTED.iter().enumerate() {
        let name = Path::new(planted).file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(root().join("fixtures").join(planted)).unwrap();
        let path = write(&share, format!("{:02}/planted-{name}", i * 3), bytes);
        fates.insert(path.to_str().unwrap().to_owned(), Fate::Found);
    }
    let odd = odd_names(&share.join("names"));
    let bytes: u64 = support::files_under(&share).iter().map(|f| f.metadata().unwrap().len()).sum();

    let config = write(dir.path(), "config.toml", CONFIG);
    let (out, messages) = (dir.path().join("out"), dir.path().join("messages"));
    let mut child = iinspect()
        .args([
            "scan",
            "--sandbox",
            support::sandbox(),
            "--jobs",
            "2",
            "--format",
            "jsonl",
            "--config",
        ])
        .args([&config, &share])
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&messages).unwrap())
        .spawn()
        .expect("the program starts");
    let cost = watch(&mut child);
    let status = child.wait().unwrap();
    let (out, messages) = (fs::read(out).unwrap(), fs::read(messages).unwrap());
    let said = String::from_utf8_lossy(&messages).into_owned();
    assert_eq!(status.code(), Some(3), "{said}");

    let records = lines(&out);
    support::assert_valid(&records);
    let by_file = by_file(&records);
    let none = Vec::new();
    let mut wrong = Vec::new();
    for (path, fate) in &fates {
        let of_file = by_file.get(path.as_str()).unwrap_or(&none);
        let found = of_file.iter().any(|r| is_finding(r));
        let lost = of_file.iter().any(|r| is_skip(r));
        let right = match fate {
            Fate::Any => true,
            Fate::Lost => lost,
            Fate::Found => found,
            Fate::FoundAndLost => found && lost,
        };
        let broken = of_file.iter().filter(|r| {
            matches!(r["reason"].as_str(), Some("worker_failed" | "sandbox_violation" | "panicked"))
        });
        wrong.extend(broken.map(|r| format!("{path}: {} {}", r["reason"], r["detail"])));
        if !right {
            let told: Vec<String> = of_file.iter().take(3).map(|r| brief(r)).collect();
            wrong.push(format!("{path}: {fate:?}, but {told:?}"));
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), fates.len(), wrong.join("\n"));
    // Every file was visited, those with odd names too, and each of them found.
    let files = fates.len() + odd;
    assert!(said.contains(&format!("{files} files in ")), "not {files} files: {said}");
    let in_odd = by_file.iter().filter(|(path, _)| path.contains("/names/"));
    let found = in_odd.filter(|(_, records)| records.iter().any(|r| is_finding(r))).count();
    assert_eq!(found, odd, "files with odd names");

    let search = Search::new();
    for (what, bytes) in [("records", &out), ("messages", &messages)] {
        let leaks = search.leaks(bytes);
        assert!(leaks.is_empty(), "{what}: {} numbers, such as {:?}", leaks.len(), leaks.first());
    }
    let raw = out.iter().chain(&messages).filter(|b| **b < b' ' && **b != b'\n').count();
    assert_eq!(raw, 0, "control characters come through");

    let per_mib = cost.cpu_seconds / (bytes as f64 / f64::from(1 << 20));
    println!(
        "{files} files, {bytes} bytes, {} records; parent {} MiB, {:.0} s of processor time, {per_mib:.1} a MiB",
        records.len(),
        cost.parent_bytes >> 20,
        cost.cpu_seconds
    );
    assert!(cost.parent_bytes < MAX_PARENT_BYTES, "the parent held {} bytes", cost.parent_bytes);
    assert!(per_mib < MAX_CPU_SECONDS_PER_MIB, "{per_mib} s of processor time a MiB");
}

/// Files whose own names are the attack, each with a number to be found in it; how many.
fn odd_names(folder: &Path) -> usize {
    let mut names: Vec<Vec<u8>> = attacks::zips::hostile_names()
        .into_iter()
        .map(|name| name.replace(['/', '\0'], "_").into_bytes())
        .filter(|name| !matches!(name.as_slice(), b"" | b"." | b".."))
        .map(|mut name| {
            // As long as a file system takes.
            name.truncate(255);
            name
        })
        .collect();
    names.push(b"\xff\xfe\x80\xc0\xaf".to_vec());
    names.push(b"-rf".to_vec());
    names.push(b"--format=human".to_vec());
    names.dedup();
    for (i, name) in names.iter().enumerate() {
        // A cut within a letter leaves two names that look alike.
        write(&folder.join(format!("{i}")), OsStr::from_bytes(name), labelled(IIN[i % IIN.len()]));
    }
    names.len()
}

/// Records by the path they tell. Paths of attacks hold no number, so none of them is masked.
fn by_file(records: &[Value]) -> BTreeMap<&str, Vec<&Value>> {
    let mut by_file: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for record in records {
        let path = record["location"]["path"].as_str().expect("a path");
        by_file.entry(path).or_default().push(record);
    }
    by_file
}

fn brief(record: &Value) -> String {
    match is_skip(record) {
        true => format!("{} ({})", record["reason"], record["detail"]),
        false => record["kind"].to_string(),
    }
}

struct Cost {
    /// The most that the parent held at once.
    parent_bytes: u64,
    /// Of the parent and of all workers that it has waited for.
    cpu_seconds: f64,
}

/// Looks on until the program ends; it is not yet waited for then.
fn watch(child: &mut Child) -> Cost {
    let proc = PathBuf::from(format!("/proc/{}", child.id()));
    let mut parent_bytes = 0;
    let pid = Pid::from_child(child);
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    while waitid(WaitId::Pid(pid), options).unwrap().is_none() {
        // Ended meanwhile: then there is no such line any more.
        let status = fs::read_to_string(proc.join("status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<u64>().ok());
        parent_bytes = parent_bytes.max(kib.unwrap_or(0) << 10);
        thread::sleep(Duration::from_millis(10));
    }
    // "pid (name) state ...": times of its own and of its children are fields 14 to 17.
    let stat = fs::read_to_string(proc.join("stat")).unwrap();
    let ticks: u64 = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    Cost { parent_bytes, cpu_seconds: ticks as f64 / 100.0 }
}
