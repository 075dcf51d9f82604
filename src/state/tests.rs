use std::collections::BTreeMap;
use std::ffi::OsStr;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::*;
use crate::flow::{
    Agent, Event, Exposure, FileFacts, Finding, Kind, LocationOut, Severity, Stamp, SubjectOut,
};

fn keys() -> Keys {
    Keys::new([7; 32])
}

fn state(dir: &tempfile::TempDir) -> State {
    State::open(&dir.path().join("state.db"), keys()).unwrap()
}

fn at(millis: i64) -> Stamp {
    Stamp::new(millis, TimeZone::UTC)
}

fn entry(name: u64, facts: u64) -> Entry {
    let outcome = Outcome::file().with_findings(facts % 2 == 1);
    Entry { name, facts, generation: Generation(3), outcome, note: (facts % 251) as u8 }
}

fn finding(id: &str, count: u64, subjects: &[&str]) -> Finding {
    let subject = |s: &&str| SubjectOut {
        iin: Some("********0004".into()),
        number: None,
        fingerprint: format!("hmac-sha256:{s}"),
    };
    Finding {
        schema: "iinspect.finding/1",
        id: id.into(),
        event: Event::Opened,
        time: String::new(),
        kind: Kind::Iin,
        document: None,
        identifier: None,
        confidence: 0.9,
        severity: Severity::Medium,
        count,
        subjects: subjects.iter().map(subject).collect(),
        subjects_total: subjects.len() as u64,
        evidence: Vec::new(),
        location: LocationOut::default(),
        occurrences: Vec::new(),
        file: FileFacts::default(),
        exposure: Exposure::default(),
        norms: Vec::new(),
        exemption: None,
        appended: None,
        agent: Agent {
            name: "iinspect",
            version: "0",
            host: String::new(),
            patterns: String::new(),
        },
    }
}

/// Everything that waits in the outbox, as JSON.
fn posted(state: &State) -> Vec<Value> {
    let letters = state.letters("s", usize::MAX, usize::MAX).unwrap();
    letters.iter().map(|l| serde_json::from_str(&l.line).unwrap()).collect()
}

#[test]
fn a_folder_of_any_size_gives_back_what_was_put() {
    let dir = tempfile::tempdir().unwrap();
    let mut state = state(&dir);
    let folder = state.keys().root(Path::new("/srv"));
    let other = state.keys().child(folder, OsStr::new("x"));
    let mut truth = BTreeMap::new();
    // Names as a hash gives them, put, changed and taken in turns.
    let name = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555;
    state
        .commit(|c| {
            c.put(other, entry(1, 1))?;
            for i in 0..20_000u64 {
                c.put(folder, entry(name(i % 9000), i))?;
                truth.insert(name(i % 9000), i);
                if i % 7 == 0 {
                    c.take(folder, name(i / 2))?;
                    truth.remove(&name(i / 2));
                }
            }
            Ok(())
        })
        .unwrap();
    let all = state.folder(folder).unwrap();
    let expected: Vec<Entry> = truth.iter().map(|(n, f)| entry(*n, *f)).collect();
    assert_eq!(all, expected);
    for (n, f) in truth.iter().step_by(97) {
        assert_eq!(state.entry(folder, *n).unwrap(), Some(entry(*n, *f)));
    }
    assert_eq!(state.entry(folder, 12345).unwrap(), None);
    let rows: i64 = state.db.query_row("SELECT count(*) FROM shelf", [], |r| r.get(0)).unwrap();
    assert!(rows > 20, "{rows} rows: the folder was not parted");
    state.commit(|c| c.forget_folder(folder)).unwrap();
    assert!(state.folder(folder).unwrap().is_empty());
    assert_eq!(state.folder(other).unwrap().len(), 1, "the other folder stays");
}

#[test]
fn places_are_known_by_the_way_to_them_and_no_name_is_kept() {
    let keys = keys();
    let root = keys.root(Path::new("/srv"));
    let by_steps = keys.child(keys.child(root, OsStr::new("a")), OsStr::new("b"));
    assert_eq!(keys.below(root, Path::new("a/b")), by_steps);
    assert_eq!(keys.below(root, Path::new("./a//b/")), by_steps);
    assert_ne!(keys.below(root, Path::new("ab")), by_steps);
    let long = "x".repeat(255 * 3);
    assert_ne!(keys.child(root, OsStr::new(&long)), keys.child(root, OsStr::new(&long[1..])));
    assert_ne!(Keys::new([8; 32]).root(Path::new("/srv")), root);
    assert!(!format!("{keys:?}").contains('7'));
}

#[test]
fn findings_open_change_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let mut state = state(&dir);
    let root = state.keys().root(Path::new("/srv"));
    let place = state.keys().child(root, OsStr::new("f")).place();
    state.commit(|c| c.sinks(&["s"])).unwrap();
    let mut look = |seen, found: Vec<Finding>, time| {
        let changed = state.commit(|c| c.found(root, place, seen, found, &at(time))).unwrap();
        assert_eq!(changed.told.len() as u64, changed.opened + changed.updated + changed.resolved);
        Changed { told: Vec::new(), ..changed }
    };
    let changed = |opened, updated, resolved, open| Changed {
        told: Vec::new(),
        opened,
        updated,
        resolved,
        open,
    };
    assert_eq!(look(Seen::Whole, vec![finding("a", 1, &["p"])], 1000), changed(1, 0, 0, 1));
    let mut same = finding("a", 1, &["p"]);
    (same.time, same.confidence) = ("later".into(), 0.91);
    same.file.modified = Some("later".into());
    assert_eq!(look(Seen::Whole, vec![same], 2000), changed(0, 0, 0, 1), "no news");
    let two = vec![finding("a", 2, &["p", "q"]), finding("b", 1, &["p"])];
    assert_eq!(look(Seen::Whole, two, 3000), changed(1, 1, 0, 2));
    let part = vec![finding("b", 1, &["p"])];
    assert_eq!(look(Seen::Part, part.clone(), 4000), changed(0, 0, 0, 2), "not read in full");
    assert_eq!(look(Seen::Whole, part.clone(), 5000), changed(0, 0, 1, 1));
    assert_eq!(look(Seen::Gone, Vec::new(), 6000), changed(0, 0, 1, 0));
    assert_eq!(look(Seen::Whole, part, 7000), changed(1, 0, 0, 1), "there again");
    let told: Vec<(String, String, String)> = posted(&state)
        .iter()
        .map(|v| {
            let text = |name: &str| v[name].as_str().unwrap().to_owned();
            (text("id"), text("event"), text("first_seen"))
        })
        .collect();
    let expect = |id: &str, event: &str, first: &str| {
        (id.to_owned(), event.to_owned(), format!("1970-01-01T00:00:{first}+00:00"))
    };
    assert_eq!(
        told,
        [
            expect("a", "opened", "01"),
            expect("a", "updated", "01"),
            expect("b", "opened", "03"),
            expect("a", "resolved", "01"),
            expect("b", "resolved", "03"),
            expect("b", "opened", "03"),
        ]
    );
    let ids: std::collections::HashSet<String> =
        posted(&state).iter().map(|v| v["event_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 6, "every event has an id of its own");
}

#[test]
fn what_is_appended_is_told_alone_and_kept_together() {
    let dir = tempfile::tempdir().unwrap();
    let mut state = state(&dir);
    let root = state.keys().root(Path::new("/var/log"));
    let place = state.keys().child(root, OsStr::new("log")).place();
    state.commit(|c| c.sinks(&["s"])).unwrap();
    let mut look = |from, found| {
        let seen = Seen::Appended { from };
        state.commit(|c| c.found(root, place, seen, vec![found], &at(1000))).unwrap()
    };
    assert_eq!(look(0, finding("a", 2, &["p", "q"])).opened, 1);
    assert_eq!(look(100, finding("a", 3, &["q", "r"])).updated, 1);
    let told = posted(&state);
    assert_eq!(told[1]["count"], 3, "what is new");
    assert_eq!(told[1]["appended"]["from"], 100);
    assert_eq!(told[1]["appended"]["count_total"], 5);
    assert_eq!(told[1]["appended"]["subjects_total"], 3);
    let kept = state.finding("a").unwrap();
    assert_eq!(kept[0].record["count"], 5);
    assert_eq!(kept[0].record["subjects"].as_array().unwrap().len(), 3);
}

#[test]
fn a_record_leaves_when_every_sink_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut state = state(&dir);
    state.commit(|c| c.sinks(&["one", "two"])).unwrap();
    state.commit(|c| (0..10).try_for_each(|i| c.post(&format!("line {i}"), i))).unwrap();
    let depth = state.depth().unwrap();
    assert_eq!((depth.letters, depth.bytes, depth.oldest), (10, 60, Some(0)));
    let letters = state.letters("one", 3, usize::MAX).unwrap();
    assert_eq!(
        letters.iter().map(|l| l.line.as_str()).collect::<Vec<_>>().join(","),
        "line 0,line 1,line 2"
    );
    assert_eq!(state.letters("one", 100, 13).unwrap().len(), 3, "about so many bytes");
    state.commit(|c| c.delivered("one", letters[2].seq)).unwrap();
    assert_eq!(state.depth().unwrap().letters, 10, "the other one has nothing yet");
    let first = state.letters("two", 1, usize::MAX).unwrap().remove(0);
    state.commit(|c| c.dead("two", &first, "too large", 5)).unwrap();
    assert_eq!(state.dead_letters().unwrap()[0].line, "line 0");
    assert_eq!(state.depth().unwrap().letters, 9);
    assert_eq!(state.waiting().unwrap(), [("one".to_owned(), 7), ("two".to_owned(), 9)]);
    // A sink that is taken out of the configuration holds nothing back.
    state.commit(|c| c.sinks(&["one"])).unwrap();
    let last = state.depth().unwrap().last;
    state.commit(|c| c.delivered("one", last)).unwrap();
    let depth = state.depth().unwrap();
    assert_eq!((depth.letters, depth.bytes), (0, 0));
}

#[test]
fn what_is_not_committed_never_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut state = state(&dir);
    let root = state.keys().root(Path::new("/srv"));
    let fails = state.commit(|c| {
        c.put(root, entry(1, 1))?;
        c.post("line", 0)?;
        Err::<(), _>(StateError::Full)
    });
    assert!(fails.is_err());
    assert!(state.folder(root).unwrap().is_empty());
    assert_eq!(state.depth().unwrap().letters, 0);
}

#[test]
fn a_pass_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = state(&dir);
    let root = first.keys().root(Path::new("/srv"));
    assert_eq!(first.pass(root).unwrap(), Pass::default());
    first.commit(|c| c.begin_pass(root, 5)).unwrap();
    first.commit(|c| c.move_cursor(root, &[1, u64::MAX])).unwrap();
    drop(first);
    let mut second = state(&dir);
    assert_eq!(second.pass(root).unwrap().cursor, Some(vec![1, u64::MAX]));
    second.commit(|c| c.end_pass(root, 25)).unwrap();
    let pass = second.pass(root).unwrap();
    assert_eq!((pass.cursor, pass.done, pass.took, pass.passes), (None, Some(25), Some(20), 1));
}

#[test]
fn a_state_of_somebody_else_is_refused_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    assert!(matches!(State::look(&path), Err(StateError::Missing(_))));
    drop(State::open(&path, keys()).unwrap());
    let other = State::open(&path, Keys::new([9; 32])).err().unwrap().to_string();
    assert!(other.contains("another key file") && other.contains("state.db"), "{other}");
    assert!(State::look(&path).is_ok(), "looking needs no key");
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let newer = State::open(&path, keys()).err().unwrap().to_string();
    assert!(newer.contains("newer iinspect"), "{newer}");
    fs::write(&path, vec![0x5a; 40_000]).unwrap();
    let broken = State::open(&path, keys()).err().unwrap().to_string();
    assert!(broken.contains("no state of iinspect"), "{broken}");
}

#[test]
fn a_damaged_page_is_noticed_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut state = State::open(&path, keys()).unwrap();
    let root = state.keys().root(Path::new("/srv"));
    state.commit(|c| (0..5000).try_for_each(|i| c.put(root, entry(i << 50 | i, i)))).unwrap();
    state.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xff);
    fs::write(&path, bytes).unwrap();
    assert!(State::open(&path, keys()).err().unwrap().to_string().contains("damaged"));
}

#[test]
fn only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let state = state(&dir);
    let mode = fs::metadata(state.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_rotated_text_keeps_its_stream() {
    let dir = tempfile::tempdir().unwrap();
    let mut state = state(&dir);
    let root = state.keys().root(Path::new("/var/log"));
    let place = |name: &str| state.keys().child(root, OsStr::new(name)).place();
    let (log, log1) = (place("log"), place("log.1"));
    let content = Content {
        ino: 7,
        head: u64::MAX,
        head_len: 100,
        read_to: 100,
        size: 101,
        body: Some(5),
        seam: 3,
        lines: 2,
        hits: 1,
        marks: Some([9, 3].into()),
    };
    state.commit(|c| c.keep_tail(None, log, root, log, &content)).unwrap();
    assert_eq!(state.tail(log).unwrap().unwrap().content, content);
    state.commit(|c| c.lose_tail(log, 50)).unwrap();
    assert!(state.tail(log).unwrap().is_none());
    let kin = state.kin(root).unwrap();
    assert_eq!((kin.len(), kin[0].gone), (1, Some(50)));
    state
        .commit(|c| {
            assert!(!c.stream_has_hits(log)?);
            assert!(c.stream_lives(log, log, 50)? && !c.stream_lives(log, log, 51)?);
            c.keep_tail(Some(kin[0].id), log1, root, log, &content)?;
            assert!(c.stream_has_hits(log)? && c.stream_lives(log, log, 51)?);
            Ok(())
        })
        .unwrap();
    assert_eq!(state.of_head(u64::MAX).unwrap()[0].place, log1);
    state.commit(|c| c.lose_tail(log1, 60)).unwrap();
    assert_eq!(state.lost_streams(60, 61).unwrap(), [log]);
    state.commit(|c| c.forget_tails(61)).unwrap();
    assert!(state.kin(root).unwrap().is_empty());
}
