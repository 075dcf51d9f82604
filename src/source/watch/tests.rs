//! On real file systems: what the kernel tells, and in which order.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};

use super::by_notify::FOLDERS;
use super::*;
use crate::source::tree::{EntryKind, Options, tree};

/// Longer than any of these takes on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is watched by.
#[derive(Clone, Copy)]
enum By {
    Notify,
    Compact,
    /// By notify for so many folders, then by the other.
    Both(usize),
}

impl By {
    fn watch(
        self,
        roots: Vec<Root>,
        hand_out: impl FnMut(usize, Hint) + Send + 'static,
    ) -> io::Result<Watcher> {
        let kernel: Box<dyn Kernel> = match self {
            By::Notify => Box::new(ByNotify::new(roots.len(), FOLDERS)?),
            By::Compact => Box::new(kernel::Compact::new()?),
            By::Both(most) => Box::new(ByNotify::new(roots.len(), most)?),
        };
        Watcher::by(kernel, roots, hand_out)
    }
}

/// Each of these is tried with both.
macro_rules! both {
    ($($test:ident)*) => {
        mod with_notify {
            $(#[test] fn $test() { super::$test(super::By::Notify) })*
        }
        mod with_compact {
            $(#[test] fn $test() { super::$test(super::By::Compact) })*
        }
    };
}

both! {
    a_file_is_told_once_when_it_is_written_and_when_it_goes
    a_renamed_file_is_moved_and_one_that_replaces_another_too
    a_renamed_folder_takes_its_watches_along
    what_is_moved_out_is_gone_and_silent_and_what_is_moved_in_is_walked
    a_folder_in_the_place_of_one_that_moved_is_another
    from_root_to_root_is_gone_there_and_new_here
    nothing_of_a_new_tree_is_missed_however_fast_it_is_made
    deep_folders_and_odd_names_are_told_by_their_path
    growth_is_told_where_it_is_wanted
    a_write_through_memory_is_told_when_the_file_is_closed
    reading_is_not_told
    what_is_pruned_is_not_told_and_has_no_watch
    a_queue_that_ran_over_is_told_and_everything_is_watched_again
    a_root_that_is_removed_and_made_again
    a_root_that_is_not_there_yet_is_found_when_it_comes
    the_mount_point_of_a_share_that_is_gone_is_not_the_share
    mounts_below_a_root_are_watched_where_they_shall_be
    the_limit_of_watches_is_told_once_and_what_is_watched_stays_so
    a_watcher_that_is_dropped_ends
}

fn root(path: &Path) -> Root {
    let prune: Prune = Arc::new(|_, _, _| false);
    Root { path: path.to_path_buf(), one_file_system: true, growth: false, prune }
}

fn ran(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn mounted(at: &Path) -> bool {
    let mounted = ran(Command::new("mount").args(["-t", "tmpfs", "none"]).arg(at));
    if !mounted {
        println!("not tried: nothing can be mounted here");
    }
    mounted
}

fn unmount(at: &Path) {
    assert!(ran(Command::new("umount").arg(at)));
}

/// What a walk of `top` finds: the files, with their sizes.
fn files(top: &Path) -> BTreeMap<PathBuf, u64> {
    let order = Arc::new(|name: &[u8]| name.len() as u64);
    let walk = tree(top, &Options::default(), order, None, Arc::new(|_, _, _| false));
    walk.flat_map(|folder| {
        let at = top.join(&folder.below);
        let files = folder.entries.into_iter().filter(|e| e.kind == EntryKind::File);
        files.map(move |e| (at.join(e.name), e.stat.size)).collect::<Vec<_>>()
    })
    .collect()
}

struct Seen {
    watcher: Watcher,
    hints: Receiver<(usize, Hint)>,
}

impl Seen {
    /// Watching has begun when this returns.
    fn of(by: By, roots: Vec<Root>) -> Seen {
        let (send, hints) = channel();
        let paths: Vec<PathBuf> = roots.iter().map(|root| root.path.clone()).collect();
        let watcher = by.watch(roots, move |root, hint| {
            let _ = send.send((root, hint)); // the test is over
        });
        let seen = Seen { watcher: watcher.unwrap(), hints };
        for path in paths {
            seen.until(&Hint::Folder(path));
        }
        seen
    }

    /// All hints up to this one.
    #[track_caller]
    fn until(&self, last: &Hint) -> Vec<Hint> {
        self.find(|hint| hint == last, &format!("{last:?}"))
    }

    /// Hints up to that of a file that is made now.
    #[track_caller]
    fn so_far(&self, root: &Path) -> Vec<Hint> {
        let mark = root.join("mark");
        fs::write(&mark, "").unwrap();
        let mut all = self.until(&Hint::File(mark.clone()));
        all.pop();
        fs::remove_file(&mark).unwrap();
        self.until(&Hint::Gone(mark));
        all
    }

    #[track_caller]
    fn find(&self, is: impl Fn(&Hint) -> bool, what: &str) -> Vec<Hint> {
        let (mut all, end) = (Vec::new(), Instant::now() + PATIENCE);
        loop {
            match self.hints.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((_, hint)) => {
                    all.push(hint);
                    if all.last().is_some_and(&is) {
                        return all;
                    }
                }
                Err(_) => {
                    let last = &all[all.len().saturating_sub(20)..];
                    panic!("no {what} among {} hints, the last {last:?}", all.len());
                }
            }
        }
    }
}

fn a_file_is_told_once_when_it_is_written_and_when_it_goes(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    let a = dir.path().join("a");
    fs::write(&a, "x").unwrap();
    seen.until(&Hint::File(a.clone()));
    fs::remove_file(&a).unwrap();
    seen.until(&Hint::Gone(a));
    assert_eq!(seen.watcher.watched(), 1);
}

fn a_renamed_file_is_moved_and_one_that_replaces_another_too(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("known"), "old").unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    fs::rename(at("known"), at("renamed")).unwrap();
    let moved = Hint::Moved { from: at("known"), to: at("renamed") };
    assert_eq!(seen.until(&moved), [moved]);
    // As editors save.
    fs::write(at("renamed.tmp"), "new").unwrap();
    fs::rename(at("renamed.tmp"), at("renamed")).unwrap();
    let all = seen.until(&Hint::Moved { from: at("renamed.tmp"), to: at("renamed") });
    // Created and closed: told once where both were read at once.
    assert!(all[..all.len() - 1].iter().all(|hint| *hint == Hint::File(at("renamed.tmp"))));
    assert!((2..=3).contains(&all.len()), "{all:?}");
    fs::hard_link(at("renamed"), at("linked")).unwrap();
    seen.until(&Hint::File(at("linked")));
    assert!(ran(Command::new("chmod").arg("600").arg(at("linked"))));
    seen.until(&Hint::File(at("linked")));
}

fn a_renamed_folder_takes_its_watches_along(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("a/b/c")).unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    assert_eq!(seen.watcher.watched(), 4);
    fs::rename(at("a/b"), at("x")).unwrap();
    let all = seen.until(&Hint::Folder(at("x")));
    assert_eq!(all[0], Hint::Moved { from: at("a/b"), to: at("x") });
    fs::write(at("x/c/file"), "").unwrap();
    seen.until(&Hint::File(at("x/c/file")));
    fs::remove_dir_all(at("x")).unwrap();
    let gone = seen.until(&Hint::Gone(at("x")));
    assert!(gone.contains(&Hint::Gone(at("x/c/file"))) && gone.contains(&Hint::Gone(at("x/c"))));
    assert_eq!(seen.so_far(dir.path()), []);
    assert_eq!(seen.watcher.watched(), 2);
}

fn what_is_moved_out_is_gone_and_silent_and_what_is_moved_in_is_walked(by: By) {
    let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("a/b")).unwrap();
    fs::write(at("file"), "").unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    let there = outside.path().join("a");
    fs::rename(at("a"), &there).unwrap();
    assert_eq!(seen.until(&Hint::Gone(at("a"))), [Hint::Gone(at("a"))]);
    fs::rename(at("file"), outside.path().join("file")).unwrap();
    seen.until(&Hint::Gone(at("file")));
    fs::write(there.join("b/unseen"), "").unwrap();
    assert_eq!(seen.so_far(dir.path()), []);
    assert_eq!(seen.watcher.watched(), 1);
    fs::rename(&there, at("back")).unwrap();
    assert_eq!(seen.until(&Hint::Folder(at("back"))), [Hint::Folder(at("back"))]);
    assert_eq!(seen.watcher.watched(), 3);
    fs::write(at("back/b/seen"), "").unwrap();
    seen.until(&Hint::File(at("back/b/seen")));
    fs::rename(outside.path().join("file"), at("file")).unwrap();
    seen.until(&Hint::File(at("file")));
}

fn a_folder_in_the_place_of_one_that_moved_is_another(by: By) {
    let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("a/below")).unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    fs::rename(at("a"), outside.path().join("a")).unwrap();
    fs::create_dir_all(at("a/new")).unwrap();
    seen.until(&Hint::Folder(at("a")));
    // Past the time that the other half of the move is waited for.
    thread::sleep(Duration::from_millis(200));
    seen.so_far(dir.path());
    fs::write(at("a/new/file"), "").unwrap();
    seen.until(&Hint::File(at("a/new/file")));
    assert_eq!(seen.watcher.watched(), 3);
    // Inside of the root, and moved on before the first move is known.
    fs::rename(at("a"), at("b")).unwrap();
    fs::rename(at("b"), at("c")).unwrap();
    fs::create_dir_all(at("a/other")).unwrap();
    fs::rename(at("c/new"), at("a/other/new")).unwrap();
    seen.so_far(dir.path());
    thread::sleep(Duration::from_millis(200));
    fs::write(at("a/other/new/file"), "x").unwrap();
    seen.until(&Hint::File(at("a/other/new/file")));
    seen.so_far(dir.path());
    assert_eq!(seen.watcher.watched(), 5);
}

fn from_root_to_root_is_gone_there_and_new_here(by: By) {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir_all(one.path().join("a/b")).unwrap();
    let seen = Seen::of(by, vec![root(one.path()), root(two.path())]);
    fs::rename(one.path().join("a"), two.path().join("a")).unwrap();
    // In any order: of two roots two watchers may tell.
    let (gone, new) = (Hint::Gone(one.path().join("a")), Hint::Folder(two.path().join("a")));
    let all = seen.find(|hint| *hint == gone || *hint == new, "either");
    let other = if all.contains(&new) { gone } else { new };
    if !all.contains(&other) {
        seen.until(&other);
    }
    fs::write(two.path().join("a/b/file"), "").unwrap();
    seen.until(&Hint::File(two.path().join("a/b/file")));
    assert_eq!(seen.watcher.watched(), 4);
}

/// Trees come into being, are filled and renamed while their watches are being set: whatever is
/// there at the end was in a hint after its last change, or in the walk of a folder that was.
fn nothing_of_a_new_tree_is_missed_however_fast_it_is_made(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().to_path_buf();
    let seen = Seen::of(by, vec![root(&top)]);
    let makers: Vec<_> = (0..4)
        .map(|maker| {
            let top = top.clone();
            thread::spawn(move || {
                for round in 0..30 {
                    let begin = top.join(format!("tree-{maker}-{round}"));
                    let mut at = begin.clone();
                    for depth in 0..6 {
                        at.push(format!("level{depth}"));
                        fs::create_dir_all(&at).unwrap();
                        fs::write(at.join("first"), "x").unwrap();
                        fs::write(at.join("second"), "y".repeat(round)).unwrap();
                        if depth == 3 && round % 3 == 0 {
                            let moved = begin.with_extension("moved");
                            fs::rename(&begin, &moved).unwrap();
                            at = moved.join(at.strip_prefix(&begin).unwrap());
                        }
                    }
                }
            })
        })
        .collect();
    makers.into_iter().for_each(|maker| maker.join().unwrap());
    let end = top.join("end");
    fs::write(&end, "").unwrap();
    let mut known = BTreeMap::new();
    let mut look = |hint: Hint| match hint {
        Hint::File(path) => {
            if let Ok(facts) = fs::metadata(&path) {
                known.insert(path, facts.len());
            }
        }
        Hint::Folder(path) => known.extend(files(&path)),
        // Only what is under another name now; a folder that is moved is handed out after it.
        Hint::Moved { to, .. } => {
            assert!(to.extension().is_some(), "{to:?}");
        }
        Hint::Gone(_) => {}
        other => panic!("{other:?}"),
    };
    let last = Hint::File(end.clone());
    seen.until(&last).into_iter().for_each(&mut look);
    // Folders that were still to be watched when the last file was made.
    while let Ok((_, hint)) = seen.hints.recv_timeout(Duration::from_millis(500)) {
        look(hint);
    }
    let there = files(&top);
    assert_eq!(there.len(), 4 * 30 * 12 + 1);
    let missed: Vec<_> =
        there.iter().filter(|(path, size)| known.get(*path) != Some(size)).collect();
    assert!(missed.is_empty(), "{} of {}: {:?}", missed.len(), there.len(), missed.first());
    assert_eq!(seen.watcher.watched(), 1 + 4 * 30 * 7);
}

fn deep_folders_and_odd_names_are_told_by_their_path(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let odd = OsStr::from_bytes(b"not \xffutf-8\n");
    let mut path = dir.path().to_path_buf();
    let mut at = openat(CWD, dir.path(), OFlags::PATH, Mode::empty()).unwrap();
    for _ in 0..600 {
        mkdirat(&at, odd, Mode::RWXU).unwrap();
        at = openat(&at, odd, OFlags::PATH, Mode::empty()).unwrap();
        path.push(odd);
    }
    assert!(path.as_os_str().len() > 4096 + 1000);
    let seen = Seen::of(by, vec![root(dir.path())]);
    assert_eq!(seen.watcher.watched(), 601);
    let flags = OFlags::CREATE | OFlags::WRONLY;
    drop(openat(&at, odd, flags, Mode::RUSR).unwrap());
    seen.until(&Hint::File(path.join(odd)));
}

fn growth_is_told_where_it_is_wanted(by: By) {
    let (logs, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let roots = vec![Root { growth: true, ..root(logs.path()) }, root(files.path())];
    let [log, file] = [logs.path().join("log"), files.path().join("file")];
    fs::write(&log, "").unwrap();
    fs::write(&file, "").unwrap();
    let seen = Seen::of(by, roots);
    let append = |path: &Path| {
        let mut open = OpenOptions::new().append(true).open(path).unwrap();
        open.write_all(b"line\n").unwrap();
        open
    };
    let still_open = (append(&file), append(&log));
    assert_eq!(seen.until(&Hint::File(log.clone())), [Hint::File(log)]);
    drop(still_open);
    seen.until(&Hint::File(file));
}

fn a_write_through_memory_is_told_when_the_file_is_closed(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let mapped = dir.path().join("mapped");
    fs::write(&mapped, "before").unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    let program = "import mmap, sys\n\
        f = open(sys.argv[1], 'r+b'); m = mmap.mmap(f.fileno(), 0); f.close()\n\
        m[0:6] = b'after!'; m.close()\n";
    if !ran(Command::new("python3").args(["-c", program]).arg(&mapped)) {
        return println!("not tried: no python3 here");
    }
    assert_eq!(fs::read(&mapped).unwrap(), b"after!");
    seen.until(&Hint::File(mapped));
}

fn reading_is_not_told(by: By) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    fs::write(dir.path().join("folder/file"), "text").unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    assert_eq!(files(dir.path()).len(), 1);
    fs::read(dir.path().join("folder/file")).unwrap();
    assert_eq!(seen.so_far(dir.path()), []);
}

fn what_is_pruned_is_not_told_and_has_no_watch(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("cache/below")).unwrap();
    let prune: Prune = Arc::new(|below, name, folder| match folder {
        true => below == Path::new("") && name == "cache",
        false => name.as_bytes().ends_with(b".tmp"),
    });
    let seen = Seen::of(by, vec![Root { prune, ..root(dir.path()) }]);
    assert_eq!(seen.watcher.watched(), 1);
    fs::write(at("cache/below/file"), "").unwrap();
    fs::write(at("file.tmp"), "").unwrap();
    assert_eq!(seen.so_far(dir.path()), []);
    fs::rename(at("file.tmp"), at("file")).unwrap();
    seen.until(&Hint::File(at("file")));
    fs::rename(at("file"), at("file.tmp")).unwrap();
    seen.until(&Hint::Gone(at("file")));
    fs::rename(at("cache"), at("shown")).unwrap();
    seen.until(&Hint::Folder(at("shown")));
    assert_eq!(seen.watcher.watched(), 3);
    fs::rename(at("shown"), at("cache")).unwrap();
    seen.until(&Hint::Gone(at("shown")));
    assert_eq!(seen.so_far(dir.path()), []);
    assert_eq!(seen.watcher.watched(), 1);
}

/// As many events as the kernel's queue holds and more, while nobody takes a hint.
fn a_queue_that_ran_over_is_told_and_everything_is_watched_again(by: By) {
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let limit: usize = limit.trim().parse().unwrap();
    if limit > 100_000 {
        return println!("not tried: the queue holds {limit} events here");
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("moves/below")).unwrap();
    fs::create_dir_all(at("goes")).unwrap();
    let (send, hints) = sync_channel(0);
    let watcher = by.watch(vec![root(dir.path())], move |_, hint| {
        let _ = send.send((0, hint)); // the test is over
    });
    // From here on every hint is waited for.
    let seen = Seen { watcher: watcher.unwrap(), hints };
    seen.until(&Hint::Folder(dir.path().to_path_buf()));
    // What was read from it at once waits too: some 2,000.
    for i in 0..limit + 3000 {
        // One after the other: two equal events in a row would be one.
        fs::write(at(&format!("file{}", i % 2)), "").unwrap();
    }
    fs::rename(at("moves"), at("moved")).unwrap();
    fs::remove_dir(at("goes")).unwrap();
    fs::create_dir_all(at("new/below")).unwrap();
    fs::write(at("new/below/unseen"), "").unwrap();
    let all = seen.until(&Hint::Overflow);
    assert!(!all.contains(&Hint::Folder(at("new"))), "it was lost");
    seen.until(&Hint::Folder(dir.path().to_path_buf()));
    for path in ["moved/below/file", "new/below/file"] {
        fs::write(at(path), "").unwrap();
        seen.until(&Hint::File(at(path)));
    }
    assert_eq!(seen.watcher.watched(), 5);
}

fn a_root_that_is_removed_and_made_again(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root");
    fs::create_dir_all(path.join("below")).unwrap();
    let seen = Seen::of(by, vec![root(&path)]);
    fs::remove_dir_all(&path).unwrap();
    seen.until(&Hint::RootLost);
    seen.watcher.check_roots();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("file"), "").unwrap();
    seen.watcher.check_roots();
    let all = seen.until(&Hint::Folder(path.clone()));
    assert_eq!(all[0], Hint::Overflow);
    fs::write(path.join("file"), "").unwrap();
    seen.until(&Hint::File(path.join("file")));
    // Replaced by another in one go.
    let other = dir.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::rename(&path, dir.path().join("old")).unwrap();
    fs::rename(&other, &path).unwrap();
    seen.until(&Hint::RootLost);
    seen.watcher.check_roots();
    seen.until(&Hint::Folder(path));
}

fn a_root_that_is_not_there_yet_is_found_when_it_comes(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root");
    let (send, hints) = channel();
    let watcher = by.watch(vec![root(&path)], move |root, hint| {
        let _ = send.send((root, hint)); // the test is over
    });
    let seen = Seen { watcher: watcher.unwrap(), hints };
    seen.until(&Hint::RootLost);
    fs::create_dir(&path).unwrap();
    seen.watcher.check_roots();
    seen.until(&Hint::Folder(path));
}

fn the_mount_point_of_a_share_that_is_gone_is_not_the_share(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("share");
    fs::create_dir(&path).unwrap();
    if !mounted(&path) {
        return;
    }
    fs::write(path.join("file"), "").unwrap();
    let seen = Seen::of(by, vec![root(&path)]);
    unmount(&path);
    // The file's closing may be told late: a process that another test starts has it open meanwhile.
    let mut all = seen.until(&Hint::RootLost);
    all.retain(|hint| *hint != Hint::File(path.join("file")));
    assert_eq!(all, [Hint::RootLost]);
    seen.watcher.check_roots();
    seen.watcher.check_roots();
    let empty = seen.hints.recv_timeout(Duration::from_millis(300));
    assert!(empty.is_err(), "{empty:?}");
    assert!(mounted(&path));
    seen.watcher.check_roots();
    assert_eq!(seen.until(&Hint::Folder(path.clone()))[0], Hint::Overflow);
    fs::write(path.join("file"), "").unwrap();
    seen.until(&Hint::File(path.join("file")));
    // Another one mounted over it, which no event tells of.
    assert!(mounted(&path));
    seen.watcher.check_roots();
    let mut all = seen.until(&Hint::Folder(path.clone()));
    // The file was created and closed, which may be told twice.
    all.retain(|hint| !matches!(hint, Hint::File(_)));
    assert_eq!(all[..2], [Hint::RootLost, Hint::Overflow]);
    fs::write(path.join("upper"), "").unwrap();
    seen.until(&Hint::File(path.join("upper")));
    drop(seen);
    unmount(&path);
    unmount(&path);
}

fn mounts_below_a_root_are_watched_where_they_shall_be(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("mount")).unwrap();
    if !mounted(&at("mount")) {
        return;
    }
    fs::create_dir(at("mount/below")).unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    fs::write(at("mount/below/file"), "").unwrap();
    assert_eq!(seen.so_far(dir.path()), []);
    let seen = Seen::of(by, vec![Root { one_file_system: false, ..root(dir.path()) }]);
    fs::write(at("mount/below/file"), "").unwrap();
    seen.until(&Hint::File(at("mount/below/file")));
    unmount(&at("mount"));
    seen.until(&Hint::Overflow);
    seen.until(&Hint::Folder(dir.path().to_path_buf()));
    assert_eq!(seen.watcher.watched(), 2);
}

/// In a namespace of its own, which has its own limit: it counts there as well as for the system.
fn the_limit_of_watches_is_told_once_and_what_is_watched_stays_so(by: By) {
    if std::env::var_os("LIMITED").is_none() {
        let limit = "echo 10 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
        let own = std::env::current_exe().unwrap();
        let which = match by {
            By::Compact => "with_compact",
            _ => "with_notify",
        };
        let test =
            format!("{which}::the_limit_of_watches_is_told_once_and_what_is_watched_stays_so");
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "sh", "-c", limit, "sh"]).env("LIMITED", "1");
        if !ran(Command::new("unshare").args([
            "--user",
            "--map-root-user",
            "sh",
            "-c",
            limit,
            "sh",
            "true",
        ])) {
            return println!("not tried: no user namespaces here");
        }
        let output = command.arg(own).args(["--nocapture", &test]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for i in 0..20 {
        fs::create_dir_all(at(&format!("folder{i}/below"))).unwrap();
    }
    let (send, hints) = channel();
    let watcher = by.watch(vec![root(dir.path())], move |root, hint| {
        let _ = send.send((root, hint)); // the test is over
    });
    let seen = Seen { watcher: watcher.unwrap(), hints };
    let all = seen.until(&Hint::Folder(dir.path().to_path_buf()));
    assert_eq!(all[..all.len() - 1], [Hint::LimitReached { watched: 10 }]);
    fs::write(at("file"), "").unwrap();
    seen.until(&Hint::File(at("file")));
    fs::create_dir(at("new")).unwrap();
    let all = seen.until(&Hint::Folder(at("new")));
    let again = all.iter().any(|hint| matches!(hint, Hint::LimitReached { .. }));
    assert!(!again, "not said again: {all:?}");
    // There is room again: what is asked for is watched.
    for i in 0..20 {
        fs::remove_dir_all(at(&format!("folder{i}"))).unwrap();
    }
    seen.so_far(dir.path());
    seen.watcher.add_folder(&at("new"));
    seen.until(&Hint::Folder(at("new")));
    fs::write(at("new/file"), "").unwrap();
    seen.until(&Hint::File(at("new/file")));
    assert_eq!(seen.watcher.watched(), 2);
}

fn a_watcher_that_is_dropped_ends(by: By) {
    let dir = tempfile::tempdir().unwrap();
    let seen = Seen::of(by, vec![root(dir.path())]);
    let Seen { watcher, hints } = seen;
    drop(watcher);
    // The thread takes the sender with it.
    let end = Instant::now() + PATIENCE;
    while hints.recv_timeout(Duration::from_millis(10))
        != Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
    {
        assert!(Instant::now() < end);
    }
}

/// A tree that grew past what notify is for: nothing is missed over it.
#[test]
fn more_folders_than_notify_is_for_are_watched_by_the_other() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for i in 0..6 {
        fs::create_dir_all(one.path().join(format!("a{i}/b"))).unwrap();
    }
    let seen = Seen::of(By::Both(20), vec![root(one.path()), root(two.path())]);
    assert_eq!(seen.watcher.watched(), 14);
    let new = two.path().join("new");
    fs::create_dir_all(new.join("c/d/e/f/g")).unwrap();
    seen.until(&Hint::Folder(new.clone()));
    fs::create_dir_all(new.join("h/i/j")).unwrap();
    let all = seen.until(&Hint::Folder(new.join("h")));
    let told = all.iter().filter(|hint| **hint == Hint::Overflow).count();
    assert_eq!(told, 2, "of each root: {all:?}");
    for top in [one.path(), two.path()] {
        let end = Hint::Folder(top.to_path_buf());
        assert!(all.contains(&end), "{end:?} before what was asked for in between: {all:?}");
    }
    for path in [one.path().join("a3/b/file"), new.join("c/d/e/f/g/file"), new.join("h/i/j/file")] {
        fs::write(&path, "").unwrap();
        seen.until(&Hint::File(path));
    }
    fs::rename(new.join("h"), one.path().join("h")).unwrap();
    seen.until(&Hint::Folder(one.path().join("h")));
    assert_eq!(seen.watcher.watched(), 14 + 9);
}

#[test]
fn a_tree_that_is_too_large_from_the_start_is_not_told_to_have_lost_anything() {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..30 {
        fs::create_dir(dir.path().join(format!("a{i}"))).unwrap();
    }
    let (send, hints) = channel();
    let watcher = By::Both(20).watch(vec![root(dir.path())], move |root, hint| {
        let _ = send.send((root, hint)); // the test is over
    });
    let seen = Seen { watcher: watcher.unwrap(), hints };
    let whole = Hint::Folder(dir.path().to_path_buf());
    assert_eq!(seen.until(&whole), [whole]);
    assert_eq!(seen.watcher.watched(), 31);
    fs::write(dir.path().join("a7/file"), "").unwrap();
    seen.until(&Hint::File(dir.path().join("a7/file")));
}
