//! What a running service works by: made anew from the configuration at each start and reload.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::filter::Filter;
use super::settings::{IoPriority, Root, Settings};
use super::throttle::{Hours, Throttle};
use crate::engine::Engine;
use crate::flow::{Candidate, Stamp};
use crate::source::Visited;
use crate::source::tree::{Stat, stat_one};
use crate::state::{Generation, Key, Keys};

/// What the command line makes of the configuration; the service does the rest.
pub struct Built {
    pub engine: Engine,
    pub settings: Settings,
    /// Whatever a file is judged by, as one text: another one means that files are judged anew.
    pub generation: String,
    pub keys: Keys,
    pub zone: jiff::tz::TimeZone,
    /// Version of the patterns, to be shown.
    pub patterns: String,
}

/// The same, ready to work by.
pub struct Plan {
    pub engine: Engine,
    pub settings: Settings,
    pub shares: Vec<Share>,
    pub visited: Visited,
    pub generation: Generation,
    /// A file that was written to within this is not at rest.
    pub settle: Duration,
    pub zone: jiff::tz::TimeZone,
}

/// One root.
pub struct Share {
    pub path: PathBuf,
    pub key: Key,
    pub filter: Filter,
    pub settings: Root,
    /// Inodes and times of change mean something: it lies on a local file system.
    pub local: bool,
}

impl Share {
    pub fn new(settings: &Root, keys: &Keys, local: bool) -> Result<Share, String> {
        let filter =
            Filter::new(settings).map_err(|e| format!("{}: {e}", settings.path.display()))?;
        let (path, key) = (settings.path.clone(), keys.root(&settings.path));
        Ok(Share { path, key, filter, settings: settings.clone(), local })
    }

    pub fn candidate(&self, below: &Path) -> Candidate {
        Candidate { path: self.path.join(below), root: self.path.clone() }
    }

    /// What says that a file is as it was. Over a network inodes may be made up and times of change
    /// the server's business, so there it is size and time of the content.
    pub fn facts(&self, keys: &Keys, stat: &Stat) -> u64 {
        let modified = stat.mtime_ns as u64;
        match self.local {
            true => keys.facts(&[stat.ino, stat.size, modified, stat.ctime_ns as u64]),
            false => keys.facts(&[stat.size, modified]),
        }
    }

    pub fn is_there(&self) -> bool {
        stat_one(&self.path, Path::new("")).is_ok()
    }

    pub fn throttle(&self) -> Result<Throttle, String> {
        let hours = match &self.settings.hours {
            Some(text) => Some(Hours::parse(text).ok_or_else(|| {
                format!("{}: hours `{text}`: write them as \"20:00-06:00\"", self.path.display())
            })?),
            None => None,
        };
        let Root { files_per_second, bytes_per_second, .. } = self.settings;
        Ok(Throttle::new(files_per_second, bytes_per_second, hours))
    }

    /// Calls to the file system that a pass has in flight.
    pub fn calls(&self) -> usize {
        self.settings.calls_in_flight.unwrap_or(if self.local { 1 } else { 32 }).max(1)
    }
}

impl Plan {
    /// Now, as records tell it.
    pub fn now(&self) -> Stamp {
        Stamp::new(jiff::Timestamp::now().as_millisecond(), self.zone.clone())
    }

    /// What is gone for longer than this does not turn up elsewhere any more.
    pub fn grace(&self) -> Duration {
        super::commit::GRACE + self.settle * 2
    }

    pub fn roots(&self) -> Vec<Key> {
        self.shares.iter().map(|share| share.key).collect()
    }

    pub fn share(&self, root: usize) -> Option<&Share> {
        self.shares.get(root)
    }
}

/// Asks the disk in this way from now on, in this thread.
pub fn set_io_priority(priority: IoPriority) {
    use ioprio::{BePriorityLevel, Class, Pid, Priority, Target};
    let class = match priority {
        // A thread that was given another one before goes back to the ordinary one.
        IoPriority::Inherit => {
            Class::BestEffort(BePriorityLevel::from_level(4).unwrap_or(BePriorityLevel::lowest()))
        }
        IoPriority::Low => Class::BestEffort(BePriorityLevel::lowest()),
        IoPriority::Idle => Class::Idle,
    };
    // 0 is the thread that asks.
    let target = Target::Process(Pid::from_raw(0));
    if let Err(e) = ioprio::set_priority(target, Priority::new(class)) {
        log::warn!("the priority of reading cannot be set: {e}");
    }
}
