//! Records from the outbox to one sink, in their order, until it has acknowledged them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::fault;
use super::metrics::Metrics;
use crate::sink::{Acknowledging, Parcel, Refusal};
use crate::state::{Letter, State, StateError};

/// What is handed over at once.
const LETTERS: usize = 500;
const BYTES: usize = 1 << 20;
/// Without a ring the outbox is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Rung when something is in the outbox, or when a sink is to do something.
#[derive(Default)]
pub struct Bell {
    rung: Mutex<u64>,
    heard: Condvar,
}

impl Bell {
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(|broken| broken.into_inner()) += 1;
        self.heard.notify_all();
    }

    /// Until it is rung again or the time is over; the number of the ring.
    fn wait(&self, known: u64, time: Duration) -> u64 {
        let rung = self.rung.lock().unwrap_or_else(|broken| broken.into_inner());
        let same = |rung: &mut u64| *rung == known;
        match self.heard.wait_timeout_while(rung, time, same) {
            Ok((rung, _)) => *rung,
            Err(broken) => *broken.into_inner().0,
        }
    }
}

/// One sink and its thread's part of the world.
pub struct Delivery {
    pub sink: Box<dyn Acknowledging>,
    pub state: State,
    pub bell: Arc<Bell>,
    pub stop: Arc<AtomicBool>,
    pub reopen: Arc<AtomicBool>,
    pub metrics: Arc<Metrics>,
}

impl Delivery {
    /// Delivers until it is told to stop; then what is there is tried once more.
    pub fn run(mut self) {
        let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
        let mut rung = 0;
        loop {
            let last = self.stop.load(Ordering::Acquire);
            if self.reopen.swap(false, Ordering::AcqRel) {
                self.sink.reopen();
            }
            match self.some() {
                Ok(Some(())) => {
                    if backoff.failures() > 0 {
                        log::info!("{}: takes records again", self.sink.name());
                    }
                    backoff.worked();
                }
                Ok(None) if last => return,
                Ok(None) => rung = self.bell.wait(rung, LOOK_EVERY),
                Err(_) if last => return,
                Err(Trouble { says, after }) => {
                    if backoff.failures() == 0 {
                        log::warn!("{}: {says}; trying again", self.sink.name());
                    }
                    self.metrics.delivery_failed(self.sink.name());
                    let wait = backoff.failed(random(), after);
                    self.pause(wait, &mut rung);
                }
            }
        }
    }

    /// Delivers a batch, if there is anything to deliver.
    fn some(&mut self) -> Result<Option<()>, Trouble> {
        let name = self.sink.name().to_owned();
        let letters = self.state.letters(&name, LETTERS, BYTES)?;
        if letters.is_empty() {
            return Ok(None);
        }
        let parcels: Vec<Parcel<'_>> =
            letters.iter().map(|l| Parcel { seq: l.seq, line: &l.line }).collect();
        fault::point("before_delivery");
        match self.sink.deliver(&parcels) {
            Ok(n) => {
                fault::point("delivered");
                if let Some(last) = n.checked_sub(1).and_then(|i| letters.get(i)) {
                    self.state.commit(|c| c.delivered(&name, last.seq))?;
                    self.metrics.delivered(&name, n as u64);
                }
                fault::point("acknowledged");
                Ok(Some(()))
            }
            Err(Refusal::Later(says, after)) => Err(Trouble { says, after }),
            Err(Refusal::Never { seq, reason }) => self.bury(&name, &letters, seq, &reason),
        }
    }

    fn bury(
        &mut self,
        name: &str,
        letters: &[Letter],
        seq: u64,
        reason: &str,
    ) -> Result<Option<()>, Trouble> {
        let Some(letter) = letters.iter().find(|l| l.seq == seq) else {
            let says = "a record was refused that was not offered".to_owned();
            return Err(Trouble { says, after: None });
        };
        log::error!("{name} will never take record {seq}: {reason}; kept as a dead letter");
        self.metrics.dead_letter(name);
        // What lies before it in the batch was acknowledged or comes again: cursors only move over what a sink has.
        if letters.first().is_some_and(|first| first.seq != seq) {
            let says = "a record in the middle was refused".to_owned();
            let before: Vec<&Letter> = letters.iter().take_while(|l| l.seq < seq).collect();
            let parcels: Vec<Parcel<'_>> =
                before.iter().map(|l| Parcel { seq: l.seq, line: &l.line }).collect();
            match self.sink.deliver(&parcels) {
                Ok(n) if n == parcels.len() => {}
                _ => return Err(Trouble { says, after: None }),
            }
        }
        let now = jiff::Timestamp::now().as_millisecond();
        self.state.commit(|c| c.dead(name, letter, reason, now))?;
        Ok(Some(()))
    }

    fn pause(&self, time: Duration, rung: &mut u64) {
        let until = Instant::now() + time;
        while !self.stop.load(Ordering::Acquire) && !self.reopen.load(Ordering::Acquire) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            *rung = self.bell.wait(*rung, left.min(LOOK_EVERY));
        }
    }
}

struct Trouble {
    says: String,
    after: Option<Duration>,
}

impl From<StateError> for Trouble {
    fn from(e: StateError) -> Trouble {
        Trouble { says: e.to_string(), after: None }
    }
}

fn random() -> u64 {
    let mut bytes = [0u8; 8];
    // Without randomness the wait is the longest there is.
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Keys;

    /// Takes what comes, but for lines that say otherwise.
    struct Moody {
        taken: Arc<Mutex<Vec<String>>>,
        down: Arc<AtomicBool>,
    }

    impl Acknowledging for Moody {
        fn name(&self) -> &str {
            "moody"
        }

        fn deliver(&mut self, batch: &[Parcel<'_>]) -> Result<usize, Refusal> {
            if self.down.load(Ordering::Relaxed) {
                return Err(Refusal::Later("down".into(), None));
            }
            if let Some(bad) = batch.iter().find(|parcel| parcel.line.contains("bad")) {
                return Err(Refusal::Never { seq: bad.seq, reason: "too odd".into() });
            }
            let lines = batch.iter().map(|parcel| parcel.line.to_owned());
            self.taken.lock().unwrap().extend(lines);
            Ok(batch.len())
        }
    }

    #[test]
    fn one_that_is_refused_for_good_holds_no_other_up_and_one_that_is_down_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let mut state = State::open(&dir.path().join("state.db"), Keys::new([1; 32])).unwrap();
        state.commit(|c| c.sinks(&["moody"])).unwrap();
        for line in ["a", "b", "bad", "c", "bad too", "d"] {
            state.commit(|c| c.post(line, 0)).unwrap();
        }
        let taken = Arc::new(Mutex::new(Vec::new()));
        let down = Arc::new(AtomicBool::new(true));
        let stop = Arc::new(AtomicBool::new(false));
        let bell = Arc::new(Bell::default());
        let delivery = Delivery {
            sink: Box::new(Moody { taken: taken.clone(), down: down.clone() }),
            state: state.again().unwrap(),
            bell: bell.clone(),
            stop: stop.clone(),
            reopen: Arc::default(),
            metrics: Arc::new(Metrics::new("")),
        };
        let thread = std::thread::spawn(move || delivery.run());
        std::thread::sleep(Duration::from_millis(300));
        assert!(taken.lock().unwrap().is_empty());
        assert_eq!(state.depth().unwrap().letters, 6, "nothing is lost meanwhile");
        down.store(false, Ordering::Relaxed);
        let until = Instant::now() + Duration::from_secs(60);
        while state.depth().unwrap().letters > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        stop.store(true, Ordering::Release);
        bell.ring();
        thread.join().unwrap();
        assert_eq!(*taken.lock().unwrap(), ["a", "b", "c", "d"]);
        let dead = state.dead_letters().unwrap();
        let dead: Vec<_> = dead.iter().map(|d| (d.line.as_str(), d.reason.as_str())).collect();
        assert_eq!(dead, [("bad", "too odd"), ("bad too", "too odd")]);
    }
}
