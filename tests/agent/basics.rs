//! Files that come, change, move and go, heard of and found by passes.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::rig::{Rig, iin, last_four};

fn started(agent: &str, root: &str) -> Rig {
    let mut rig = Rig::new();
    rig.write_config(agent, root, "");
    rig.start();
    rig.until("the service", |rig| rig.messages().contains("watching 1 roots"));
    rig
}

/// Made only by passes, of which there is one a second.
const POLL: (&str, &str) = ("debounce_ms = 100\nreconcile_s = 1", "watch = \"poll\"");
/// Made by events: no second pass comes in the time of a test.
const EVENTS: (&str, &str) = ("debounce_ms = 100\nreconcile_s = 36000", "watch = \"events\"");

fn files_come_change_and_go(rig: &Rig) {
    rig.put("a.txt", &format!("ИИН: {}\n", iin(1)));
    rig.until_event("opened a.txt");
    rig.put("a.txt", &format!("ИИН: {}\nИИН: {}\n", iin(1), iin(2)));
    rig.until_event("updated a.txt");
    // Replaced by rename, as editors do.
    rig.put("new.tmp", &format!("ИИН: {}\nИИН: {}\nИИН: {}\n", iin(3), iin(4), iin(5)));
    fs::rename(rig.share.join("new.tmp"), rig.share.join("b.txt")).unwrap();
    rig.until_event("opened b.txt");
    fs::rename(rig.share.join("b.txt"), rig.share.join("a.txt")).unwrap();
    rig.until_event("resolved b.txt");
    rig.until("the new text under the old name", |rig| {
        rig.open().get("a.txt").is_some_and(|found| found.contains(&last_four(&iin(5))))
    });
    // A folder that is moved takes its findings with it.
    rig.put("d/e/c.txt", &format!("ИИН: {}\n", iin(6)));
    rig.until_event("opened d/e/c.txt");
    fs::rename(rig.share.join("d"), rig.share.join("f")).unwrap();
    rig.until_event("resolved d/e/c.txt");
    rig.until_event("opened f/e/c.txt");
    // Cleaned, and gone.
    rig.put("a.txt", "nothing\n");
    rig.until_event("resolved a.txt");
    fs::remove_dir_all(rig.share.join("f")).unwrap();
    rig.until_event("resolved f/e/c.txt");
    rig.until("nothing open", |rig| rig.open().is_empty());
}

#[test]
fn what_the_kernel_tells_of_is_looked_at() {
    files_come_change_and_go(&started(EVENTS.0, EVENTS.1));
}

#[test]
fn without_events_passes_find_the_same() {
    files_come_change_and_go(&started(POLL.0, POLL.1));
}

#[test]
fn a_tree_that_is_moved_in_whole_is_walked_and_then_watched() {
    let rig = started(EVENTS.0, EVENTS.1);
    let outside = rig.dir.path().join("outside/x/y/z");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("in.txt"), format!("ИИН: {}\n", iin(1))).unwrap();
    fs::rename(rig.dir.path().join("outside"), rig.share.join("tree")).unwrap();
    rig.until_event("opened tree/x/y/z/in.txt");
    rig.put("tree/x/y/later.txt", &format!("ИИН: {}\n", iin(2)));
    rig.until_event("opened tree/x/y/later.txt");
    // Folders and files made as fast as can be: what comes before the watch is found too.
    for i in 0..40 {
        rig.put(&format!("race/{i}/{i}/f.txt"), &format!("ИИН: {}\n", iin(100 + i)));
    }
    rig.until("all of the race", |rig| {
        rig.open().keys().filter(|name| name.starts_with("race/")).count() == 40
    });
}

#[test]
fn a_file_that_grows_is_looked_at_when_it_is_at_rest() {
    let rig = started("debounce_ms = 2500\nmax_delay_ms = 60000\nreconcile_s = 36000", "");
    let line = format!("ИИН: {}\n", iin(1));
    for i in 1..8 {
        rig.put("slow.txt", &line.repeat(i));
        std::thread::sleep(Duration::from_millis(150));
        assert!(rig.findings().is_empty(), "looked at while it was written");
    }
    rig.until_event("opened slow.txt");
    assert_eq!(rig.findings()[0]["count"], 7);
}

#[test]
fn a_write_through_a_map_is_found_by_a_pass_at_the_latest() {
    // The kernel tells of no write through a map; the time of the file tells the pass.
    let rig = started(POLL.0, POLL.1);
    rig.put("map.bin", &" ".repeat(8192));
    rig.until_walked();
    let script = "import mmap,sys\nf=open(sys.argv[1],'r+b')\nm=mmap.mmap(f.fileno(),0)\nm[100:100+len(sys.argv[2])]=sys.argv[2].encode()\nm.flush()\nm.close()\n";
    let text = format!("IIN: {}", iin(1));
    let python = Command::new("python3")
        .args(["-c", script])
        .arg(rig.share.join("map.bin"))
        .arg(text)
        .status();
    if !python.is_ok_and(|s| s.success()) {
        eprintln!("no python3 here: nothing wrote through a map");
        return;
    }
    rig.until_event("opened map.bin");
}

#[test]
fn what_is_left_out_is_not_looked_at_and_links_are_told_once() {
    let root = "exclude = [\"*.iso\", \"/skip/\"]\nmin_age_s = 1";
    let mut rig = Rig::new();
    rig.put("skip/a.txt", &format!("ИИН: {}\n", iin(1)));
    rig.put("b.iso", &format!("ИИН: {}\n", iin(2)));
    rig.put("c.txt", &format!("ИИН: {}\n", iin(3)));
    std::os::unix::fs::symlink("/etc/hostname", rig.share.join("link")).unwrap();
    rig.write_config(POLL.0, root, "");
    rig.start();
    rig.until_event("opened c.txt");
    rig.until_walked_again();
    assert_eq!(rig.events(), ["opened c.txt"]);
    let skips: Vec<_> =
        rig.records().into_iter().filter(|r| r["schema"] == "iinspect.skip/1").collect();
    assert_eq!(skips.len(), 1, "{skips:?}");
    assert_eq!(skips[0]["reason"], "symlink_not_followed");
}

#[test]
fn new_patterns_look_at_everything_again_and_forget_nothing() {
    let mut rig = Rig::new();
    let contract = "contract KZ-77123456\n";
    rig.put("a.txt", &format!("ИИН: {}\n{contract}", iin(1)));
    rig.put("b.txt", contract);
    rig.write_config(EVENTS.0, "", "");
    rig.start();
    rig.until_event("opened a.txt");
    rig.until_walked();
    let first = rig.findings()[0]["first_seen"].clone();
    let own = rig.dir.path().join("own/identifiers");
    fs::create_dir_all(&own).unwrap();
    let row = fs::read_to_string("docs/patterns.md").unwrap();
    let row = row.split("```toml\n").find(|b| b.contains("[[identifier]]")).unwrap();
    let row = row.split("```").next().unwrap();
    fs::write(own.join("own.toml"), row).unwrap();
    let patterns = format!("[patterns]\ndir = \"{}\"", rig.dir.path().join("own").display());
    rig.write_config(EVENTS.0, "", &patterns);
    rig.signal(rustix::process::Signal::HUP);
    rig.until("the new configuration", |rig| {
        rig.messages().matches("watching 1 roots").count() == 2
    });
    rig.until_walked();
    assert_eq!(rig.open().get("a.txt").map(|s| s.len()), Some(1));
    rig.stop();
    let look = Command::new(env!("CARGO_BIN_EXE_iinspect"))
        .args(["findings", "list", "--state"])
        .arg(&rig.state)
        .output()
        .unwrap();
    let list = String::from_utf8(look.stdout).unwrap();
    let known: serde_json::Value = serde_json::from_str(list.lines().next().unwrap()).unwrap();
    assert_eq!(known["first_seen"], first, "{list}");
}

#[test]
fn each_day_another_part_is_read_again_although_nothing_changed() {
    let mut rig = Rig::new();
    for i in 0..20 {
        rig.put(&format!("{i}.txt"), &format!("ИИН: {}\n", iin(i)));
    }
    let agent = "debounce_ms = 0\nreconcile_s = 36000\nreread_days = 2";
    rig.write_config(agent, "", "");
    let read = |rig: &mut Rig| {
        let before = rig.messages().matches("files read").count();
        rig.start();
        rig.until_walked();
        std::thread::sleep(Duration::from_millis(500));
        rig.stop();
        rig.messages().matches("files read").count() - before
    };
    assert_eq!(read(&mut rig), 1);
    let last = |rig: &Rig| -> u64 {
        let messages = rig.messages();
        let line = messages.lines().rfind(|l| l.contains("files read")).unwrap().to_owned();
        line.split_whitespace().find_map(|w| w.parse().ok()).unwrap()
    };
    assert_eq!(last(&rig), 20, "all, the first time");
    read(&mut rig);
    assert_eq!(last(&rig), 0, "none, the same day");
    let mut all = 0;
    for days in 1..=2 {
        // As if the last pass had been a day ago; which part it is hangs on the day.
        let db = rusqlite::Connection::open(&rig.state).unwrap();
        let sql = "UPDATE meta SET value = value - ?1 WHERE name LIKE 'reread_%'";
        assert_eq!(db.execute(sql, [days]).unwrap(), 1);
        drop(db);
        read(&mut rig);
        all += last(&rig);
    }
    assert!(all > 0 && all < 40, "{all}");
    assert_eq!(rig.events().len(), 20, "and nothing is told twice");
}
