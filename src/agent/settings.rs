//! `[agent]` of the configuration file. Every key has a default but the roots.

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The state file; its folder must be writable.
    pub state: PathBuf,
    /// Threads that look at files; half of the processors by default.
    pub jobs: Option<usize>,
    /// A file is looked at when nothing was heard of it for so long.
    pub debounce_ms: u64,
    /// One that never comes to rest is looked at after this.
    pub max_delay_ms: u64,
    /// Between the starts of two passes over a root.
    pub reconcile_s: u64,
    /// A part of all files is read again each day although nothing about them changed, all of them in
    /// so many days; 0 for never.
    pub reread_days: u32,
    /// With more in the outbox nothing is scanned.
    pub outbox_max_bytes: u64,
    /// With less room on the disk of the state nothing is scanned.
    pub min_free_bytes: u64,
    /// `"unix:/run/iinspect/metrics.sock"` or `"127.0.0.1:9464"`; none if empty.
    pub metrics: String,
    /// Between two records that say that the service is there; 0 for none.
    pub self_check_s: u64,
    /// Resolved findings are kept in the state so long.
    pub keep_resolved_days: u32,
    pub roots: Vec<Root>,
    pub sinks: Vec<SinkSettings>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            state: PathBuf::from("/var/lib/iinspect/state.db"),
            jobs: None,
            debounce_ms: 10_000,
            max_delay_ms: 60_000,
            reconcile_s: 6 * 3600,
            reread_days: 30,
            outbox_max_bytes: 1 << 30,
            min_free_bytes: 256 << 20,
            metrics: String::new(),
            self_check_s: 24 * 3600,
            keep_resolved_days: 400,
            roots: Vec::new(),
            sinks: Vec::new(),
        }
    }
}

/// One share or folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    pub path: PathBuf,
    #[serde(default)]
    pub watch: WatchMode,
    /// In the syntax of .gitignore; with any, only what matches one of them is looked at.
    #[serde(default)]
    pub include: Vec<String>,
    /// In the syntax of .gitignore, `!` lets in again.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Younger files wait until they are so old; older ones than the second are left out.
    #[serde(default)]
    pub min_age_s: u64,
    #[serde(default)]
    pub max_age_days: Option<u64>,
    /// Numbers of users; files of others are left out. All if empty.
    #[serde(default)]
    pub owners: Vec<u32>,
    /// 0: no limit.
    #[serde(default)]
    pub files_per_second: u32,
    #[serde(default)]
    pub bytes_per_second: u64,
    #[serde(default)]
    pub io_priority: IoPriority,
    /// `"20:00-06:00"`: files are looked at in these hours of the day only.
    #[serde(default)]
    pub hours: Option<String>,
    /// As `scan.sector`, for this root.
    #[serde(default)]
    pub sector: Option<String>,
    /// Mounts below it are not entered.
    #[serde(default = "yes")]
    pub one_file_system: bool,
    /// Calls to the file system at once in a pass; 1 for local ones, 32 for others by default.
    #[serde(default)]
    pub calls_in_flight: Option<usize>,
    /// A root that was full and is empty now is believed to be lost, unless this says that it may be.
    #[serde(default)]
    pub may_be_empty: bool,
}

impl Root {
    /// A folder with all defaults.
    pub fn of(path: PathBuf) -> Root {
        Root {
            path,
            watch: WatchMode::Auto,
            include: Vec::new(),
            exclude: Vec::new(),
            min_age_s: 0,
            max_age_days: None,
            owners: Vec::new(),
            files_per_second: 0,
            bytes_per_second: 0,
            io_priority: IoPriority::Inherit,
            hours: None,
            sector: None,
            one_file_system: false,
            calls_in_flight: None,
            may_be_empty: false,
        }
    }
}

fn yes() -> bool {
    true
}

/// How changes come to be known between two passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchMode {
    /// By events on local file systems, by passes on others.
    #[default]
    Auto,
    /// By events on any.
    Events,
    /// By passes only.
    Poll,
}

/// How the disk is asked for what is read from it, where its scheduler knows priorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IoPriority {
    /// As the process was started.
    #[default]
    Inherit,
    /// After the requests of all others of ordinary priority.
    Low,
    /// Only when nobody else wants anything.
    Idle,
}

/// Where records go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SinkSettings {
    /// A file of JSON lines.
    Jsonl {
        #[serde(default)]
        name: Option<String>,
        path: PathBuf,
        /// A file over this becomes `.1`, and so on; 0: never, something else rotates it.
        #[serde(default)]
        rotate_bytes: u64,
        #[serde(default = "five")]
        keep: NonZeroU32,
    },
    /// Standard output: the journal, under systemd.
    Stdout {
        #[serde(default)]
        name: Option<String>,
    },
    /// The journal, with fields.
    Journald {
        #[serde(default)]
        name: Option<String>,
    },
}

fn five() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(4)
}

impl SinkSettings {
    /// What its cursor is kept under.
    pub fn name(&self) -> String {
        let (name, kind) = match self {
            SinkSettings::Jsonl { name, .. } => (name, "jsonl"),
            SinkSettings::Stdout { name } => (name, "stdout"),
            SinkSettings::Journald { name } => (name, "journald"),
        };
        name.clone().unwrap_or_else(|| kind.to_owned())
    }
}
