use std::fmt::Write as _;
use std::process::Command;

use super::*;

fn parcels(lines: &[String]) -> Vec<Parcel<'_>> {
    lines.iter().zip(1..).map(|(line, seq)| Parcel { seq, line }).collect()
}

/// `{"n":0}`, `{"n":1}`...
fn numbers(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("{{\"n\":{n}}}")).collect()
}

/// Delivers as the agent does: what is left comes again.
fn deliver_all(sink: &mut JsonlFile, batch: &[Parcel<'_>]) {
    let mut at = 0;
    while at < batch.len() {
        let n = sink.deliver(&batch[at..]).unwrap();
        assert!(n > 0);
        at += n;
    }
}

fn text(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut all, line| {
        writeln!(all, "{line}").unwrap();
        all
    })
}

fn plain(path: &Path) -> JsonlFile {
    JsonlFile::new("file", path, None)
}

fn why(refused: Result<usize, Refusal>) -> String {
    match refused {
        Err(Refusal::Later(why, None)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lines_are_appended_and_the_group_may_read_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let lines = numbers(5);
    let mut sink = plain(&path);
    assert_eq!(sink.deliver(&[]), Ok(0));
    assert!(!path.exists());
    assert_eq!(sink.deliver(&parcels(&lines)[..2]), Ok(2));
    drop(sink);
    assert_eq!(plain(&path).deliver(&parcels(&lines)[2..]), Ok(3));
    assert_eq!(fs::read_to_string(&path).unwrap(), text(&lines));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn rotation_keeps_the_newest_and_no_file_grows_over_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let max_bytes = NonZeroU64::new(100).unwrap();
    let rotation = Rotation { max_bytes, keep: NonZeroU32::new(3).unwrap() };
    let lines = numbers(100);
    let mut sink = JsonlFile::new("file", &path, Some(rotation));
    for batch in parcels(&lines).chunks(7) {
        deliver_all(&mut sink, batch);
    }
    let mut kept = String::new();
    for n in (1..=3).rev() {
        let old = fs::read_to_string(numbered(&path, n)).unwrap();
        assert!(old.len() as u64 <= max_bytes.get() && old.ends_with('\n'), "{n}: {}", old.len());
        assert!(old.len() > 90);
        kept += &old;
    }
    kept += &fs::read_to_string(&path).unwrap();
    assert!(text(&lines).ends_with(&kept));
    assert!(!numbered(&path, 4).exists());
    // A line that fits nowhere gets a file of its own.
    let long = [format!("{{\"long\":\"{}\"}}", "x".repeat(200))];
    assert_eq!(sink.deliver(&parcels(&long)), Ok(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), text(&long));
}

#[test]
fn a_crash_between_two_renames_costs_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let rotation =
        Rotation { max_bytes: NonZeroU64::new(10).unwrap(), keep: NonZeroU32::new(3).unwrap() };
    // 2 -> 3 was done, 1 -> 2 and the file itself were not.
    fs::write(&path, "{\"n\":9}\n").unwrap();
    fs::write(numbered(&path, 1), "1\n").unwrap();
    fs::write(numbered(&path, 3), "3\n").unwrap();
    let lines = numbers(1);
    let mut sink = JsonlFile::new("file", &path, Some(rotation));
    assert_eq!(sink.deliver(&parcels(&lines)), Ok(1));
    let all: Vec<String> =
        (1..=3).map(|n| fs::read_to_string(numbered(&path, n)).unwrap()).collect();
    assert_eq!(all, ["{\"n\":9}\n", "1\n", "3\n"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), text(&lines));
}

#[test]
fn a_rename_is_followed_with_and_without_a_signal() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let lines = numbers(4);
    let batch = parcels(&lines);
    let mut sink = plain(&path);
    deliver_all(&mut sink, &batch[..1]);
    // logrotate with `nocreate`.
    fs::rename(&path, numbered(&path, 1)).unwrap();
    deliver_all(&mut sink, &batch[1..2]);
    // logrotate with `create`, and its signal after it.
    fs::rename(numbered(&path, 1), numbered(&path, 2)).unwrap();
    fs::rename(&path, numbered(&path, 1)).unwrap();
    fs::write(&path, "").unwrap();
    sink.reopen();
    deliver_all(&mut sink, &batch[2..3]);
    // Deleted.
    fs::remove_file(&path).unwrap();
    deliver_all(&mut sink, &batch[3..]);
    let seen =
        [numbered(&path, 2), numbered(&path, 1), path].map(|p| fs::read_to_string(p).unwrap());
    assert_eq!(seen, [text(&lines[..1]), text(&lines[1..2]), text(&lines[3..])]);
}

#[test]
fn renames_at_any_moment_lose_no_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let lines = numbers(400);
    let rotations = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut sink = plain(&path);
            for batch in parcels(&lines).chunks(4) {
                let mut at = 0;
                while at < batch.len() {
                    match sink.deliver(&batch[at..]) {
                        Ok(n) => at += n,
                        refused => assert!(why(refused).contains("renamed")),
                    }
                }
            }
        });
        // As logrotate does that compresses at once: rename, read to the end, unlink. What is written
        // between the reading and the unlinking is lost, so the reading is the last thing that counts.
        let mut archive = Vec::new();
        while !writer.is_finished() {
            let old = dir.path().join("old");
            if fs::rename(&path, &old).is_ok() {
                std::thread::sleep(std::time::Duration::from_millis(1));
                archive.push(fs::read_to_string(&old).unwrap());
                fs::remove_file(&old).unwrap();
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        archive
    });
    let mut all = rotations.concat();
    all += &fs::read_to_string(&path).unwrap_or_default();
    let seen: std::collections::HashSet<&str> = all.lines().collect();
    let missing: Vec<_> = lines.iter().filter(|l| !seen.contains(l.as_str())).collect();
    assert!(missing.is_empty(), "{} rotations, missing {missing:?}", rotations.len());
    assert!(!rotations.is_empty());
}

#[test]
fn a_half_line_of_a_crash_is_closed_and_nothing_is_cut() {
    let lines = numbers(2);
    for left in ["{\"n\":", "{\"n\":7}\n{\"", "\0\0\0", "{}\n", "\n", ""] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.jsonl");
        fs::write(&path, left).unwrap();
        let mut sink = plain(&path);
        deliver_all(&mut sink, &parcels(&lines)[..1]);
        deliver_all(&mut sink, &parcels(&lines)[1..]);
        let closed = if left.is_empty() || left.ends_with('\n') { "" } else { "\n" };
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{left}{closed}{}", text(&lines)));
    }
}

#[test]
fn a_file_that_was_cut_under_us_is_looked_at_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let lines = numbers(2);
    let mut sink = plain(&path);
    deliver_all(&mut sink, &parcels(&lines)[..1]);
    File::options().write(true).open(&path).unwrap().set_len(3).unwrap();
    deliver_all(&mut sink, &parcels(&lines)[1..]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"n\n{\"n\":1}\n");
}

#[test]
fn what_cannot_be_opened_is_a_reason_to_wait() {
    let dir = tempfile::tempdir().unwrap();
    let lines = numbers(1);
    let missing = dir.path().join("gone/f.jsonl");
    assert!(why(plain(&missing).deliver(&parcels(&lines))).contains("cannot open"));
    let folder = why(plain(dir.path()).deliver(&parcels(&lines)));
    assert!(folder.contains("cannot open"), "{folder}");
    let fifo = dir.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    assert!(why(plain(&fifo).deliver(&parcels(&lines))).contains("not a regular file"));
    assert!(why(plain(Path::new("/dev/full")).deliver(&parcels(&lines))).contains("regular"));
    // Once it is there, it works.
    let mut sink = plain(&missing);
    why(sink.deliver(&parcels(&lines)));
    fs::create_dir(dir.path().join("gone")).unwrap();
    assert_eq!(sink.deliver(&parcels(&lines)), Ok(1));
}

#[test]
fn a_line_break_is_a_dead_letter_and_those_before_it_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let lines = ["{}".to_string(), "{}\n{\"forged\":1}".to_string()];
    let mut sink = plain(&path);
    assert_eq!(sink.deliver(&parcels(&lines)), Ok(1));
    assert!(matches!(sink.deliver(&parcels(&lines)[1..]), Err(Refusal::Never { seq: 2, .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}\n");
}

/// Runs the test of this name in a process of its own, after `prepare` in a shell there.
fn in_own_process(test: &str, shell: &[&str], prepare: &str) -> std::process::Output {
    let program = std::env::current_exe().unwrap();
    Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", &format!("{prepare}; exec \"$0\" --exact \"$1\" --ignored --nocapture")])
        .arg(program)
        .arg(format!("{}::{test}", module_path!().split_once("::").unwrap().1))
        .output()
        .unwrap()
}

fn assert_one_passed(out: &std::process::Output) {
    let said = String::from_utf8_lossy(&out.stdout);
    let both = format!("{said}{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && said.contains("1 passed"), "{both}");
}

/// Lines of which a few dozen make a disk full.
fn long_lines() -> Vec<String> {
    (0..60).map(|n| format!("{{\"n\":{n},\"x\":\"{}\"}}", "x".repeat(1000))).collect()
}

/// Delivers until refused; the number of those that were acknowledged, and the reason.
fn deliver_until_refused(sink: &mut JsonlFile, batch: &[Parcel<'_>]) -> (usize, String) {
    let mut at = 0;
    loop {
        match sink.deliver(&batch[at..]) {
            Ok(n) => at += n,
            refused => return (at, why(refused)),
        }
    }
}

#[test]
fn a_file_that_may_not_grow_waits_and_goes_on_in_the_middle_of_the_line() {
    let out = in_own_process("within_a_limit_of_size", &["sh"], "trap '' XFSZ; ulimit -S -f 40");
    assert_one_passed(&out);
}

#[test]
#[ignore = "runs in a process of its own"]
fn within_a_limit_of_size() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Fsize).current.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.jsonl");
    let lines = long_lines();
    let batch = parcels(&lines);
    let mut sink = plain(&path);
    let (acknowledged, why) = deliver_until_refused(&mut sink, &batch);
    assert!(why.contains("large"), "{why}");
    let stuck = fs::read_to_string(&path).unwrap();
    assert_eq!(stuck.len() as u64, limit);
    assert!(stuck.starts_with(&text(&lines[..acknowledged])));
    assert!(text(&lines[..=acknowledged]).len() > stuck.len());
    setrlimit(Resource::Fsize, Rlimit { current: None, maximum: None }).unwrap();
    deliver_all(&mut sink, &batch[acknowledged..]);
    assert_eq!(fs::read_to_string(&path).unwrap(), text(&lines));
}

#[test]
fn a_full_disk_and_a_read_only_one_are_reasons_to_wait() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().display();
    let mount = format!("mount -t tmpfs -o size=24k none {at}");
    let shell = ["unshare", "--user", "--map-root-user", "--mount", "sh"];
    let can = Command::new(shell[0]).args(&shell[1..]).args(["-c", &mount]).status();
    if !can.is_ok_and(|s| s.success()) {
        eprintln!("NOT TRIED: no file system may be mounted here");
        return;
    }
    let prepare = format!("{mount} && export SMALL_DISK={at}");
    assert_one_passed(&in_own_process("on_a_small_disk", &shell, &prepare));
}

#[test]
#[ignore = "runs in a process of its own"]
fn on_a_small_disk() {
    let Some(disk) = std::env::var_os("SMALL_DISK").map(PathBuf::from) else { return };
    let remount = |how: &str| {
        let status = Command::new("mount").args(["-o", how]).arg(&disk).status().unwrap();
        assert!(status.success());
    };
    let path = disk.join("f.jsonl");
    let lines = long_lines();
    let batch = parcels(&lines);
    let mut sink = plain(&path);
    let (first, why) = deliver_until_refused(&mut sink, &batch);
    assert!(first > 10 && why.contains("space"), "{first} {why}");
    let stuck = fs::read_to_string(&path).unwrap();
    assert!(stuck.starts_with(&text(&lines[..first])));
    // Full for a while: nothing is added to what is there.
    for _ in 0..3 {
        assert_eq!(deliver_until_refused(&mut sink, &batch[first..]).0, 0);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), stuck);
    remount("remount,size=200k");
    assert_eq!(sink.deliver(&batch[first..40]), Ok(40 - first));
    assert_eq!(fs::read_to_string(&path).unwrap(), text(&lines[..40]));
    drop(sink);
    remount("remount,ro");
    let mut sink = plain(&path);
    assert!(deliver_until_refused(&mut sink, &batch[40..]).1.contains("ead-only"));
    remount("remount,rw");
    deliver_all(&mut sink, &batch[40..]);
    assert_eq!(fs::read_to_string(&path).unwrap(), text(&lines));
}
