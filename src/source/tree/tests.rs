//! On real file systems, each with one thread and with many.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{mkdirat, mknodat};

use super::*;

/// Counts the calls to the file system, and makes each take its time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Probe {
    calls: Arc<AtomicU64>,
    delay: Option<Duration>,
    /// As file systems do that have no `d_type`.
    pub tells_no_kinds: bool,
}

impl Probe {
    pub fn called(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(delay) = self.delay {
            thread::sleep(delay);
        }
    }
}

fn order() -> Order {
    Arc::new(|name| {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        hasher.finish()
    })
}

fn nothing() -> Prune {
    Arc::new(|_, _, _| false)
}

fn threads(threads: usize) -> Options {
    Options { threads, ..Options::default() }
}

fn walk(root: &Path, options: &Options, after: Option<&[u64]>) -> Vec<Folder> {
    tree(root, options, order(), after, nothing()).collect()
}

fn ran(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn names(folder: &Folder) -> BTreeSet<String> {
    folder.entries.iter().map(|e| e.name.to_string_lossy().into_owned()).collect()
}

/// 85 folders, 4 in each down to the third level; every one with 3 files.
fn bush(root: &Path) {
    fn grow(at: &Path, depth: usize) {
        for i in 0..3 {
            fs::write(at.join(format!("file{i}")), "x".repeat(i)).unwrap();
        }
        for i in 0..if depth == 3 { 0 } else { 4 } {
            let below = at.join(format!("folder{depth}{i}"));
            fs::create_dir(&below).unwrap();
            grow(&below, depth + 1);
        }
    }
    grow(root, 0);
}

#[test]
fn every_folder_once_in_the_order_of_the_chains() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    for n in [1, 2, 16] {
        let all = walk(dir.path(), &threads(n), None);
        assert_eq!(all.len(), 85);
        assert!(all.iter().map(|f| &f.chain).is_sorted_by(|a, b| a < b), "{n} threads");
        for folder in &all {
            assert!(folder.listed && folder.trouble.is_empty(), "{folder:?}");
            assert_eq!(folder.chain.len(), folder.below.components().count());
            let files: Vec<&Entry> =
                folder.entries.iter().filter(|e| e.kind == EntryKind::File).collect();
            assert_eq!(files.len(), 3);
            for file in files {
                let path = dir.path().join(&folder.below).join(&file.name);
                use std::os::unix::fs::MetadataExt;
                let facts = fs::metadata(path).unwrap();
                assert_eq!((file.stat.dev, file.stat.ino), (facts.dev(), facts.ino()));
                assert_eq!(file.stat.size, facts.size());
                let ns = facts.mtime() * 1_000_000_000 + facts.mtime_nsec();
                assert_eq!((file.stat.mtime_ns, file.stat.uid), (ns, facts.uid()));
            }
        }
    }
}

#[test]
fn a_walk_goes_on_behind_any_folder() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    let all = walk(dir.path(), &threads(1), None);
    for n in [1, 4] {
        for (at, folder) in all.iter().enumerate() {
            let rest = walk(dir.path(), &threads(n), Some(&folder.chain));
            let paths = |of: &[Folder]| of.iter().map(|f| f.below.clone()).collect::<Vec<_>>();
            assert_eq!(paths(&rest), paths(&all[at + 1..]), "behind {:?}", folder.below);
        }
    }
}

#[test]
fn a_part_is_walked_as_it_is_in_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    symlink("folder01", dir.path().join("link")).unwrap();
    let all = walk(dir.path(), &threads(1), None);
    for n in [1, 4] {
        for part in ["folder01", "folder01/folder12", ""].map(Path::new) {
            let walked = tree_below(dir.path(), part, &threads(n), order(), nothing());
            let paths = |f: Folder| (f.below, f.chain, f.entries.len(), f.listed);
            let want = all.iter().filter(|f| f.below.starts_with(part)).cloned().map(paths);
            assert_eq!(walked.map(paths).collect::<Vec<_>>(), want.collect::<Vec<_>>());
        }
        for no_part in ["link/folder12", "folder01/none", "../x"].map(Path::new) {
            let walked: Vec<Folder> =
                tree_below(dir.path(), no_part, &threads(n), order(), nothing()).collect();
            assert!(matches!(walked.as_slice(), [folder] if !folder.listed), "{walked:?}");
        }
    }
}

#[test]
fn what_lies_before_is_not_listed() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    let all = walk(dir.path(), &threads(1), None);
    let options = threads(1);
    let last = walk(dir.path(), &options, Some(&all[all.len() - 2].chain));
    assert_eq!(last.len(), 1);
    // The root, the two above the last, and the last with its three files.
    assert!(options.probe.calls.load(Ordering::Relaxed) < 20, "{:?}", options.probe);
}

#[test]
fn a_folder_that_is_gone_is_a_place_to_go_on_behind_too() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    let all = walk(dir.path(), &threads(1), None);
    let at = all.iter().position(|f| f.chain.len() == 1).unwrap();
    fs::remove_dir_all(dir.path().join(&all[at].below)).unwrap();
    let rest = walk(dir.path(), &threads(1), Some(&all[at].chain));
    let want: Vec<&PathBuf> =
        all[at + 1..].iter().map(|f| &f.below).filter(|b| !b.starts_with(&all[at].below)).collect();
    assert_eq!(rest.iter().map(|f| &f.below).collect::<Vec<_>>(), want);
}

#[test]
fn names_of_one_order_are_walked_again_rather_than_lost() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    for n in [1, 4] {
        let same: Order = Arc::new(|_| 7);
        let all: Vec<Folder> =
            tree(dir.path(), &threads(n), same.clone(), None, nothing()).collect();
        assert_eq!(all.len(), 85);
        assert!(all.iter().map(|f| &f.below).is_sorted(), "by name");
        let rest: Vec<Folder> =
            tree(dir.path(), &threads(n), same, Some(&all[40].chain), nothing()).collect();
        let rest: BTreeSet<&PathBuf> = rest.iter().map(|f| &f.below).collect();
        assert!(all[41..].iter().all(|f| rest.contains(&f.below)));
    }
}

#[test]
fn a_root_that_is_not_there_says_so() {
    for n in [1, 4] {
        let all = walk(Path::new("/nonexistent/share"), &threads(n), None);
        let [folder] = all.as_slice() else { panic!("{all:?}") };
        assert!(!folder.listed);
        let missing = Skip::Unreadable(io::ErrorKind::NotFound);
        assert_eq!(folder.trouble, [(OsString::new(), missing)]);
        assert_eq!(walk(Path::new("/nonexistent/share"), &threads(n), Some(&[1, 2])).len(), 1);
    }
}

#[test]
fn all_kinds_of_entries_and_names() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    fs::create_dir_all(root.join("folder")).unwrap();
    fs::create_dir_all(dir.path().join("outside/inner")).unwrap();
    let odd = OsStr::from_bytes(b"\xff\n name");
    fs::write(root.join(odd), "odd").unwrap();
    fs::create_dir(root.join("folder").join(odd)).unwrap();
    symlink("../outside", root.join("link")).unwrap();
    symlink(".", root.join("loop")).unwrap();
    let at = File::open(&root).unwrap();
    mknodat(&at, "pipe", rustix::fs::FileType::Fifo, Mode::RWXU, 0).unwrap();
    for n in [1, 4] {
        for tells_no_kinds in [false, true] {
            let mut options = threads(n);
            options.probe.tells_no_kinds = tells_no_kinds;
            let all = walk(&root, &options, None);
            let below: Vec<&Path> = all.iter().map(|f| f.below.as_path()).collect();
            let inner = Path::new("folder").join(odd);
            assert_eq!(below, [Path::new(""), Path::new("folder"), &inner]);
            let mut kinds: Vec<(&OsStr, EntryKind)> =
                all[0].entries.iter().map(|e| (e.name.as_os_str(), e.kind)).collect();
            kinds.sort_unstable_by_key(|(name, _)| *name);
            let want = [
                (OsStr::new("folder"), EntryKind::Folder),
                (OsStr::new("link"), EntryKind::Link),
                (OsStr::new("loop"), EntryKind::Link),
                (OsStr::new("pipe"), EntryKind::Other("fifo")),
                (odd, EntryKind::File),
            ];
            assert_eq!(kinds, want);
            // A walk that goes on needs the folders even where only statx tells them.
            assert_eq!(walk(&root, &options, Some(&all[1].chain)).len(), 1);
        }
    }
}

#[test]
fn what_is_pruned_is_neither_asked_about_nor_entered() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    for n in [1, 4] {
        for tells_no_kinds in [false, true] {
            let prune: Prune = Arc::new(|below, name, folder| match folder {
                true => below == Path::new("") && name != "folder01",
                false => name == "file1",
            });
            let mut options = threads(n);
            options.probe.tells_no_kinds = tells_no_kinds;
            let all: Vec<Folder> = tree(dir.path(), &options, order(), None, prune).collect();
            assert_eq!(all.len(), 1 + 21);
            assert_eq!(names(&all[0]), ["file0", "file2", "folder01"].map(String::from).into());
        }
    }
}

/// Deeper than a path may be long, than a process may have folders open, and than a stack allows.
#[test]
fn five_thousand_nested_folders_with_others_beside() {
    let dir = tempfile::tempdir().unwrap();
    let mut at = openat(CWD, dir.path(), PASSING, Mode::empty()).unwrap();
    for depth in 0..5000 {
        mkdirat(&at, "down", Mode::RWXU).unwrap();
        if depth % 5 == 0 {
            mkdirat(&at, "beside", Mode::RWXU).unwrap();
        }
        at = openat(&at, "down", PASSING, Mode::empty()).unwrap();
    }
    // The way down is the first of its siblings, or the last.
    for (n, first) in [(1, "beside"), (4, "down")] {
        let order: Order = Arc::new(move |name| u64::from(name != first.as_bytes()));
        let options = Options { look_ahead: 64, ..threads(n) };
        let (mut folders, mut deepest) = (0, Vec::new());
        for folder in tree(dir.path(), &options, order.clone(), None, nothing()) {
            assert!(folder.listed, "{:?} at {}", folder.trouble, folder.chain.len());
            folders += 1;
            if folder.chain.len() > deepest.len() {
                deepest = folder.chain;
            }
        }
        assert_eq!((folders, deepest.len()), (6001, 5000), "{n} threads, {first} first");
        let parent = &deepest[..4990];
        let rest = tree(dir.path(), &options, order, Some(parent), nothing());
        assert!(rest.take(5).all(|f| f.chain.starts_with(parent) && f.listed));
    }
    drop(at);
    // What the tests' own clean-up would need a file descriptor a level for.
    assert!(ran(Command::new("rm").arg("-rf").arg(dir.path())));
}

#[test]
fn look_ahead_is_bounded_and_nothing_stands_still() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    for i in 0..3000 {
        fs::write(dir.path().join("folder00").join(format!("many{i}")), "").unwrap();
        fs::write(dir.path().join("folder01/folder10").join(format!("many{i}")), "").unwrap();
    }
    let want = walk(dir.path(), &threads(1), None);
    for (n, look_ahead, look_ahead_entries) in [(2, 1, 1), (3, 100, 10), (16, 2, 500), (8, 8, 0)] {
        let options = Options { look_ahead, look_ahead_entries, ..threads(n) };
        let all = walk(dir.path(), &options, None);
        assert_eq!(all.len(), want.len());
        for (a, b) in all.iter().zip(&want) {
            assert_eq!((&a.below, names(a)), (&b.below, names(b)));
        }
    }
    let options = Options { look_ahead: 4, ..threads(4) };
    let mut walk = tree(dir.path(), &options, order(), None, nothing());
    walk.next();
    thread::sleep(Duration::from_millis(300));
    let calls = options.probe.calls.load(Ordering::Relaxed);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(calls, options.probe.calls.load(Ordering::Relaxed), "it waits for the caller");
    assert!(walk.count() == 84);
}

/// What was listed ahead is already too much when the folders before it become known.
#[test]
fn the_next_folder_is_begun_however_much_lies_ready_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("a/below")).unwrap();
    fs::create_dir(dir.path().join("b")).unwrap();
    for i in 0..100 {
        fs::write(dir.path().join("b").join(i.to_string()), "").unwrap();
        fs::write(dir.path().join("a").join(i.to_string()), "").unwrap();
    }
    for n in [2, 3, 8] {
        let mut options = Options { look_ahead_entries: 10, ..threads(n) };
        options.probe.delay = Some(Duration::from_micros(200));
        let order: Order = Arc::new(|name| name[0].into());
        let all: Vec<Folder> = tree(dir.path(), &options, order, None, nothing()).collect();
        let below: Vec<&str> = all.iter().map(|f| f.below.to_str().unwrap()).collect();
        assert_eq!(below, ["", "a", "a/below", "b"]);
    }
}

#[test]
fn a_walk_that_is_dropped_stops() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    let mut options = threads(4);
    options.probe.delay = Some(Duration::from_millis(5));
    let mut walk = tree(dir.path(), &options, order(), None, nothing());
    walk.next();
    drop(walk);
    thread::sleep(Duration::from_millis(300));
    let calls = options.probe.calls.load(Ordering::Relaxed);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(calls, options.probe.calls.load(Ordering::Relaxed));
    assert!(calls < 340, "{calls}");
}

/// 4,000 files in one folder and in 100: with a millisecond a call, 32 threads take no tenth of
/// what one takes.
#[test]
fn slow_calls_are_made_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..2000 {
        let few = dir.path().join(format!("few{}", i % 100));
        fs::create_dir_all(&few).unwrap();
        fs::create_dir_all(dir.path().join("many")).unwrap();
        fs::write(few.join(i.to_string()), "").unwrap();
        fs::write(dir.path().join("many").join(i.to_string()), "").unwrap();
    }
    let mut options = threads(32);
    options.probe.delay = Some(Duration::from_millis(1));
    let begun = Instant::now();
    let all = walk(dir.path(), &options, None);
    let took = begun.elapsed();
    let files = all.iter().flat_map(|f| &f.entries).filter(|e| e.kind == EntryKind::File);
    assert_eq!(files.count(), 4000);
    let calls = options.probe.calls.load(Ordering::Relaxed);
    assert!(calls >= 4200 && took < Duration::from_millis(calls / 6), "{calls} calls, {took:?}");
}

#[test]
fn a_panic_of_the_caller_s_is_told_and_ends_the_walk() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    let prune: Prune =
        Arc::new(|_, name, _| if name == "folder10" { panic!("theirs") } else { false });
    let all: Vec<Folder> = tree(dir.path(), &threads(4), order(), None, prune).collect();
    let last = all.last().unwrap();
    assert_eq!(last.trouble, [(OsString::new(), Skip::Panicked { stage: "walk" })]);
    assert!(!last.listed);
}

#[test]
fn other_file_systems_are_said_and_not_entered() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    let mount = dir.path().join("folder02");
    if !ran(Command::new("mount").args(["-t", "tmpfs", "none"]).arg(&mount)) {
        return println!("not tried: nothing can be mounted here");
    }
    fs::write(mount.join("other"), "").unwrap();
    let result = std::panic::catch_unwind(|| {
        for n in [1, 4] {
            let all = walk(dir.path(), &threads(n), None);
            assert_eq!(all.len(), 85 - 20);
            let other = all.iter().find(|f| f.below == Path::new("folder02")).unwrap();
            let why = Skip::NotRegular(OTHER_FILE_SYSTEM);
            assert_eq!((&other.trouble, other.listed), (&vec![(OsString::new(), why)], false));
            let options = Options { one_file_system: false, ..threads(n) };
            let all = walk(dir.path(), &options, None);
            let other = all.iter().find(|f| f.below == Path::new("folder02")).unwrap();
            assert_eq!((names(other).len(), other.listed), (1, true));
        }
    });
    assert!(ran(Command::new("umount").arg(&mount)));
    result.unwrap();
}

#[test]
fn one_folder_and_one_entry_by_their_path() {
    let dir = tempfile::tempdir().unwrap();
    bush(dir.path());
    symlink("folder00", dir.path().join("link")).unwrap();
    let folder = list_one(dir.path(), Path::new("folder00/folder10")).unwrap();
    assert!(folder.listed && folder.chain.is_empty());
    assert_eq!(
        (names(&folder).len(), folder.entries.iter().filter(|e| e.stat.ino > 0).count()),
        (7, 3)
    );
    assert_eq!(list_one(dir.path(), Path::new("")).unwrap().entries.len(), 8);
    assert!(list_one(dir.path(), Path::new("link/folder10")).is_err(), "through a link");
    assert!(list_one(dir.path(), Path::new("../x")).is_err());
    let (kind, stat) = stat_one(dir.path(), Path::new("folder00/file2")).unwrap();
    assert_eq!((kind, stat.size), (EntryKind::File, 2));
    assert_eq!(stat_one(dir.path(), Path::new("link")).unwrap().0, EntryKind::Link);
    assert_eq!(stat_one(dir.path(), Path::new("")).unwrap().0, EntryKind::Folder);
    assert!(stat_one(dir.path(), Path::new("link/file2")).is_err());
    assert_eq!(
        stat_one(dir.path(), Path::new("none")).unwrap_err().kind(),
        io::ErrorKind::NotFound
    );
}
