//! A service under test: its folders, its configuration, its process, its records.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Longer than anything takes on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

pub struct Rig {
    pub dir: tempfile::TempDir,
    pub share: PathBuf,
    pub state: PathBuf,
    pub out: PathBuf,
    child: Option<Child>,
    pub env: Vec<(String, String)>,
}

/// An invented personal number (born 18xx) with a right control digit, another one for each `n`.
pub fn iin(n: u32) -> String {
    let mut serial = 1000 + n % 8000;
    let day = 1 + n / 8000 % 28;
    loop {
        let eleven = format!("9005{day:02}1{serial:04}");
        if let Some(check) = control_digit(&eleven) {
            return format!("{eleven}{check}");
        }
        serial = 1000 + (serial + 4001) % 8999;
    }
}

fn control_digit(eleven: &str) -> Option<u32> {
    let digits: Vec<u32> = eleven.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum = |weights: [u32; 11]| digits.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11;
    match sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
        10 => match sum([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) {
            10 => None,
            second => Some(second),
        },
        first => Some(first),
    }
}

pub fn last_four(iin: &str) -> String {
    format!("********{}", &iin[8..])
}

impl Rig {
    pub fn new() -> Rig {
        let dir = tempfile::tempdir().unwrap();
        let (share, state) = (dir.path().join("share"), dir.path().join("state/state.db"));
        fs::create_dir_all(&share).unwrap();
        fs::create_dir(dir.path().join("state")).unwrap();
        let key = dir.path().join("key");
        fs::write(&key, [7u8; 32]).unwrap();
        let out = dir.path().join("out.jsonl");
        Rig { dir, share, state, out, child: None, env: Vec::new() }
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    /// The usual configuration, with more keys for `[agent]` and more tables.
    pub fn write_config(&self, agent: &str, root: &str, more: &str) {
        let (dir, share) = (self.dir.path().display(), self.share.display());
        let out = self.out.display();
        let text = format!(
            "[privacy]\nkey_file = \"{dir}/key\"\n[agent]\nstate = \"{}\"\nmin_free_bytes = 0\n\
             {agent}\n[[agent.roots]]\npath = \"{share}\"\n{root}\n[[agent.sinks]]\ntype = \"jsonl\"\npath = \"{out}\"\n{more}\n",
            self.state.display()
        );
        fs::write(self.config(), text).unwrap();
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_iinspect"));
        command.arg("agent").arg("--config").arg(self.config());
        command.env_remove("NOTIFY_SOCKET").env_remove("IINSPECT_FAULT");
        command.envs(self.env.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Starts the service; its messages go to `messages`.
    pub fn start(&mut self) {
        let log = fs::File::options().create(true).append(true).open(self.messages_path()).unwrap();
        let child = self.command().stderr(log).spawn().unwrap();
        self.child = Some(child);
    }

    fn messages_path(&self) -> PathBuf {
        self.dir.path().join("messages")
    }

    pub fn messages(&self) -> String {
        fs::read_to_string(self.messages_path()).unwrap_or_default()
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(self.child.as_ref().unwrap());
        kill_process(pid, signal).unwrap();
    }

    /// Ends it as systemd does; how long that took and how it ended.
    pub fn stop(&mut self) -> (Duration, Option<i32>) {
        let started = Instant::now();
        self.signal(Signal::TERM);
        let status = self.child.take().unwrap().wait().unwrap();
        (started.elapsed(), status.code())
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            child.wait().unwrap();
        }
    }

    /// Waits for it to end by itself.
    pub fn wait(&mut self, time: Duration) -> Option<std::process::ExitStatus> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                self.child = None;
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    pub fn put(&self, name: &str, text: &str) {
        let path = self.share.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(path, text).unwrap();
    }

    /// Every record holds to its published schema.
    pub fn check_schemas(&self) {
        let of = |name: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
            let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            jsonschema::validator_for(&schema).unwrap()
        };
        let known = [
            ("iinspect.finding/1", of("finding.schema.json")),
            ("iinspect.skip/1", of("skip.schema.json")),
            ("iinspect.health/1", of("health.schema.json")),
        ];
        for record in self.records() {
            let schema = known.iter().find(|(name, _)| record["schema"] == *name).unwrap();
            if let Err(e) = schema.1.validate(&record) {
                panic!("{e}: {record}");
            }
        }
    }

    /// All whole lines that were delivered.
    pub fn records(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.out).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        whole
            .lines()
            .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}")))
            .collect()
    }

    pub fn findings(&self) -> Vec<Value> {
        self.records().into_iter().filter(|r| r["schema"] == "iinspect.finding/1").collect()
    }

    /// `event name` of each finding, in the order of delivery, each event once.
    pub fn events(&self) -> Vec<String> {
        let mut known = BTreeSet::new();
        let fresh = self.findings().into_iter().filter(|r| known.insert(r["event_id"].to_string()));
        fresh.map(|r| format!("{} {}", r["event"].as_str().unwrap(), self.name_of(&r))).collect()
    }

    /// The path below the share.
    pub fn name_of(&self, record: &Value) -> String {
        let path = Path::new(record["location"]["path"].as_str().unwrap());
        let below = path.strip_prefix(&self.share).unwrap_or(path);
        below.to_str().unwrap().to_owned()
    }

    /// What is open now, by what was delivered: masked numbers by file.
    pub fn open(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut open: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
        for record in self.findings() {
            let id = record["id"].as_str().unwrap().to_owned();
            if record["event"] == "resolved" {
                open.remove(&id);
                continue;
            }
            let subjects = record["subjects"].as_array().unwrap().iter();
            let shown = subjects.map(|s| s["iin"].as_str().unwrap_or("").to_owned()).collect();
            open.insert(id, (self.name_of(&record), shown));
        }
        open.into_values().collect()
    }

    /// Waits until this is true of the records.
    pub fn until(&self, what: &str, is: impl Fn(&Rig) -> bool) {
        let started = Instant::now();
        while !is(self) {
            assert!(
                started.elapsed() < PATIENCE,
                "{what} did not come to be\nevents {:?}\nmessages:\n{}",
                self.events(),
                self.messages()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn until_event(&self, event: &str) {
        self.until(event, |rig| rig.events().iter().any(|e| e == event));
    }

    /// A pass has ended since the service began to watch the last time.
    pub fn until_walked(&self) {
        let ended = |rig: &Rig| {
            let messages = rig.messages();
            let last = messages.rfind("watching 1 roots").unwrap_or(0);
            messages[last..].contains("a pass ended")
        };
        self.until("a pass", ended);
    }

    /// One that began after this has ended.
    pub fn until_walked_again(&self) {
        let passes = |rig: &Rig| rig.messages().matches("a pass ended").count();
        let before = passes(self);
        self.until("two more passes", |rig| passes(rig) > before + 1);
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.kill();
    }
}
