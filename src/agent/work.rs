//! What is to be looked at: hints that come to rest, what a pass found to be new, what is looked at
//! again without having changed. Each root has a lane; within one the hints go first.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::throttle::Throttle;

/// Hints of one root that are kept apart; with more the whole root is walked.
const MAX_HINTS: usize = 100_000;
/// Jobs of a pass that wait; the pass waits when there are more.
const MAX_PASS: usize = 4096;
/// Nobody waits longer than this without looking at the clock: hours open, clocks are set.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Why a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Something was heard of it.
    Hint,
    /// A pass found that it is new or has changed.
    Changed,
    /// It was judged by older patterns, or in another way than now.
    Stale,
    /// It is its turn to be read again.
    Reread,
}

/// Why nothing is given out to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The outbox or the disk is full.
    Full,
    /// The state cannot be written.
    State,
}

/// Counts the jobs of a folder that a pass is done with when they are.
#[derive(Debug, Default)]
pub struct Ticket(AtomicUsize);

impl Ticket {
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    pub fn done(&self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }

    pub fn is_done(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }
}

/// One entry of a root to be looked at.
#[derive(Debug, Clone)]
pub struct Job {
    /// Number of the root.
    pub root: usize,
    /// Relative to the root.
    pub below: PathBuf,
    pub why: Why,
    pub ticket: Option<Arc<Ticket>>,
    /// When it was first heard of.
    pub since: Instant,
    /// How often it was put off because it was not at rest.
    pub tries: u32,
}

/// All lanes.
pub struct Work {
    inner: Mutex<Inner>,
    ready: Condvar,
    room: Condvar,
    debounce: Duration,
    max_delay: Duration,
}

struct Inner {
    lanes: Vec<Lane>,
    next: usize,
    stopped: bool,
    /// Why nothing is given out.
    held: Vec<Hold>,
}

struct Lane {
    hints: HashMap<PathBuf, Hint>,
    by_due: BTreeSet<(Instant, PathBuf)>,
    pass: VecDeque<Job>,
    later: VecDeque<Job>,
    in_hand: HashMap<PathBuf, Instant>,
    throttle: Throttle,
    /// More hints than are kept: what was hinted at is found by a pass.
    overflowed: bool,
}

struct Hint {
    first: Instant,
    due: Instant,
    tries: u32,
}

impl Work {
    pub fn new(throttles: Vec<Throttle>, debounce: Duration, max_delay: Duration) -> Work {
        let lane = |throttle| Lane {
            hints: HashMap::new(),
            by_due: BTreeSet::new(),
            pass: VecDeque::new(),
            later: VecDeque::new(),
            in_hand: HashMap::new(),
            throttle,
            overflowed: false,
        };
        let lanes = throttles.into_iter().map(lane).collect();
        let inner = Mutex::new(Inner { lanes, next: 0, stopped: false, held: Vec::new() });
        Work { inner, ready: Condvar::new(), room: Condvar::new(), debounce, max_delay }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    /// Something was heard of an entry.
    pub fn hint(&self, root: usize, below: PathBuf) {
        self.hint_in(root, below, self.debounce, 0);
    }

    /// An entry is to be looked at in so long, unless more is heard of it.
    pub fn hint_in(&self, root: usize, below: PathBuf, delay: Duration, tries: u32) {
        let now = Instant::now();
        let mut inner = self.lock();
        let Some(lane) = inner.lanes.get_mut(root) else { return };
        let first = match lane.hints.get(&below) {
            Some(known) => {
                lane.by_due.remove(&(known.due, below.clone()));
                known.first
            }
            None if lane.hints.len() >= MAX_HINTS => {
                lane.overflowed = true;
                return;
            }
            None => now,
        };
        let due = (now + delay).min((first + self.max_delay).max(now));
        lane.by_due.insert((due, below.clone()));
        lane.hints.insert(below, Hint { first, due, tries });
        drop(inner);
        self.ready.notify_one();
    }

    /// A pass has something; waits for room. False when all is to end.
    pub fn pass(&self, job: Job) -> bool {
        let mut inner = self.lock();
        loop {
            if inner.stopped {
                return false;
            }
            let Some(lane) = inner.lanes.get_mut(job.root) else { return false };
            let line = match job.why {
                Why::Hint | Why::Changed => &mut lane.pass,
                Why::Stale | Why::Reread => &mut lane.later,
            };
            if line.len() < MAX_PASS {
                line.push_back(job);
                drop(inner);
                self.ready.notify_one();
                return true;
            }
            inner = self.room.wait(inner).unwrap_or_else(|broken| broken.into_inner());
        }
    }

    /// The next that may be looked at; waits for one. `None` when all is to end.
    pub fn next(&self) -> Option<Job> {
        let mut inner = self.lock();
        loop {
            if inner.stopped {
                return None;
            }
            let mut wait = LONGEST_WAIT;
            if inner.held.is_empty() {
                let (now, time) = (Instant::now(), jiff::Zoned::now().time());
                let lanes = inner.lanes.len();
                for i in 0..lanes {
                    let index = (inner.next + i) % lanes.max(1);
                    let Some(lane) = inner.lanes.get_mut(index) else { continue };
                    match lane.take(index, now, time) {
                        Ok(job) => {
                            inner.next = index + 1;
                            drop(inner);
                            self.room.notify_all();
                            return Some(job);
                        }
                        Err(longest) => wait = wait.min(longest),
                    }
                }
            }
            let wait = wait.max(Duration::from_millis(1));
            inner = match self.ready.wait_timeout(inner, wait) {
                Ok((inner, _)) => inner,
                Err(broken) => broken.into_inner().0,
            };
        }
    }

    /// What came of a job that was given out is durable; so many bytes were read.
    pub fn done(&self, root: usize, below: &Path, bytes: u64) {
        let mut inner = self.lock();
        if let Some(lane) = inner.lanes.get_mut(root) {
            lane.in_hand.remove(below);
            lane.throttle.take_bytes(bytes);
        }
        drop(inner);
        self.ready.notify_one();
    }

    /// Whether something of such a name is in hand in a folder.
    pub fn is_in_hand(&self, root: usize, folder: &Path, is: &dyn Fn(&OsStr) -> bool) -> bool {
        let inner = self.lock();
        let Some(lane) = inner.lanes.get(root) else { return false };
        let mut beside = lane.in_hand.keys().filter(|below| below.parent() == Some(folder));
        beside.any(|below| below.file_name().is_some_and(is))
    }

    /// Nothing is given out while this holds for any reason.
    pub fn hold(&self, why: Hold, held: bool) {
        let mut inner = self.lock();
        inner.held.retain(|known| *known != why);
        if held {
            inner.held.push(why);
        }
        drop(inner);
        self.ready.notify_all();
    }

    pub fn is_held(&self) -> bool {
        !self.lock().held.is_empty()
    }

    /// Everybody who waits is sent home.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.ready.notify_all();
        self.room.notify_all();
    }

    /// Whether hints of a root were lost since this was asked last.
    pub fn take_overflow(&self, root: usize) -> bool {
        let mut inner = self.lock();
        inner.lanes.get_mut(root).is_some_and(|lane| std::mem::take(&mut lane.overflowed))
    }

    /// Jobs that wait or are in hand.
    pub fn depth(&self) -> usize {
        let inner = self.lock();
        let of = |l: &Lane| l.hints.len() + l.pass.len() + l.later.len() + l.in_hand.len();
        inner.lanes.iter().map(of).sum()
    }

    /// How long the file has been in hand that has been it the longest.
    pub fn longest_in_hand(&self) -> Option<Duration> {
        let inner = self.lock();
        let since = inner.lanes.iter().flat_map(|l| l.in_hand.values()).min();
        since.map(Instant::elapsed)
    }

    /// How long ago the oldest thing was heard of that was not looked at yet.
    pub fn oldest(&self) -> Option<Duration> {
        let now = Instant::now();
        let inner = self.lock();
        let hints = inner.lanes.iter().flat_map(|l| l.hints.values().map(|h| h.first));
        let jobs = inner.lanes.iter().filter_map(|l| l.pass.front().map(|j| j.since));
        hints.chain(jobs).min().map(|first| now.saturating_duration_since(first))
    }
}

impl Lane {
    /// The next job, or how long there is none.
    fn take(
        &mut self,
        root: usize,
        now: Instant,
        time: jiff::civil::Time,
    ) -> Result<Job, Duration> {
        let next_hint = self.by_due.first().map(|(due, _)| *due);
        let is_due = next_hint.is_some_and(|due| due <= now);
        if !is_due && self.pass.is_empty() && self.later.is_empty() {
            return Err(next_hint.map_or(LONGEST_WAIT, |due| due - now));
        }
        let wait = self.throttle.wait(now, time);
        if !wait.is_zero() {
            return Err(wait);
        }
        let job = match is_due {
            true => self.take_hint(root, now),
            false => None,
        };
        let job = job.or_else(|| self.pass.pop_front()).or_else(|| self.later.pop_front());
        let Some(job) = job else { return Err(Duration::from_millis(20)) };
        if self.in_hand.contains_key(&job.below) {
            // Another thread has it just now: a little later, as a pass job it keeps its ticket.
            self.pass.push_back(job);
            return Err(Duration::from_millis(20));
        }
        self.in_hand.insert(job.below.clone(), now);
        self.throttle.take_file();
        Ok(job)
    }

    fn take_hint(&mut self, root: usize, now: Instant) -> Option<Job> {
        let due = self.by_due.iter().take_while(|(due, _)| *due <= now);
        let found = due.take(64).find(|(_, below)| !self.in_hand.contains_key(below)).cloned()?;
        self.by_due.remove(&found);
        let hint = self.hints.remove(&found.1)?;
        Some(Job {
            root,
            below: found.1,
            why: Why::Hint,
            ticket: None,
            since: hint.first,
            tries: hint.tries,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(debounce_ms: u64, max_ms: u64) -> Work {
        let throttle = || Throttle::new(0, 0, None);
        let ms = Duration::from_millis;
        Work::new(vec![throttle(), throttle()], ms(debounce_ms), ms(max_ms))
    }

    fn job(root: usize, below: &str, why: Why) -> Job {
        let below = PathBuf::from(below);
        Job { root, below, why, ticket: None, since: Instant::now(), tries: 0 }
    }

    #[test]
    fn what_is_heard_of_often_is_looked_at_once_and_not_put_off_for_ever() {
        let work = work(60, 200);
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(120) {
            work.hint(0, "a".into());
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(work.depth(), 1);
        work.hint(0, "a".into());
        let got = work.next().unwrap();
        let waited = start.elapsed();
        assert_eq!((got.below.as_path(), got.why), (Path::new("a"), Why::Hint));
        assert!(waited >= Duration::from_millis(150), "{waited:?}");
        assert!(got.since <= start + Duration::from_millis(50));
    }

    #[test]
    fn hints_before_passes_before_rereading_and_roots_in_turn() {
        let work = work(0, 0);
        work.pass(job(0, "r", Why::Reread));
        work.pass(job(0, "c", Why::Changed));
        work.pass(job(1, "d", Why::Changed));
        work.hint(0, "h".into());
        std::thread::sleep(Duration::from_millis(5));
        let mut order = Vec::new();
        for _ in 0..4 {
            let job = work.next().unwrap();
            work.done(job.root, &job.below, 0);
            order.push(job.below.to_str().unwrap().to_owned());
        }
        assert_eq!(order, ["h", "d", "c", "r"]);
    }

    #[test]
    fn nobody_looks_at_one_file_twice_at_a_time() {
        let work = work(0, 0);
        work.hint(0, "a".into());
        let first = work.next().unwrap();
        work.hint(0, "a".into());
        work.pass(job(0, "b", Why::Changed));
        let second = work.next().unwrap();
        assert_eq!(second.below, Path::new("b"));
        work.done(0, &first.below, 0);
        assert_eq!(work.next().unwrap().below, Path::new("a"));
    }

    #[test]
    fn when_held_nothing_is_given_out_and_when_stopped_all_go_home() {
        let work = Arc::new(work(0, 0));
        work.hold(Hold::Full, true);
        work.hold(Hold::State, true);
        work.hold(Hold::State, false);
        work.hint(0, "a".into());
        let other = work.clone();
        let waits = std::thread::spawn(move || other.next().map(|job| job.below));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waits.is_finished());
        work.hold(Hold::Full, false);
        assert_eq!(waits.join().unwrap(), Some(PathBuf::from("a")));
        work.stop();
        assert!(work.next().is_none());
        assert!(!work.pass(job(0, "x", Why::Changed)));
    }
}
