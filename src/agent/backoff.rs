//! How long to wait before the same is tried again: twice as long each time, at random below that.
//!
//! Full jitter (uniform between nothing and the ceiling), so that a hundred agents whose receiver comes back do not
//! all knock in the same second. Pure: the caller brings the random number and does the waiting.

use std::time::Duration;

/// The waits of one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// The first wait is `first` at most, no wait is longer than `cap` but one that the receiver asks for.
    pub fn new(first: Duration, cap: Duration) -> Backoff {
        Backoff { first, cap, failures: 0 }
    }

    /// It failed again: the wait before the next try. `random` is any 64 uniform bits; `asked` is what the receiver
    /// asked for (`Retry-After`): never earlier than that, and spread behind it all the same.
    pub fn failed(&mut self, random: u64, asked: Option<Duration>) -> Duration {
        let ceiling = self.ceiling();
        self.failures = self.failures.saturating_add(1);
        let share = (random >> 11) as f64 / (1u64 << 53) as f64;
        asked.unwrap_or_default().saturating_add(ceiling.mul_f64(share))
    }

    /// It worked: the next failure begins anew.
    pub fn worked(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// What the next wait is below.
    fn ceiling(&self) -> Duration {
        2u32.checked_pow(self.failures)
            .and_then(|times| self.first.checked_mul(times))
            .map_or(self.cap, |d| d.min(self.cap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(500);
    const CAP: Duration = Duration::from_secs(300);

    #[test]
    fn the_ceiling_doubles_up_to_the_cap_and_stays_there() {
        let mut backoff = Backoff::new(FIRST, CAP);
        let waits: Vec<f64> =
            (0..12).map(|_| backoff.failed(u64::MAX, None).as_secs_f64()).collect();
        for (n, wait) in waits.iter().enumerate() {
            let expected = (0.5 * 2f64.powi(n as i32)).min(300.0);
            assert!((wait - expected).abs() < 1e-6, "failure {n}: {wait} and not {expected}");
        }
        backoff.failures = u32::MAX - 1;
        for _ in 0..3 {
            assert!(backoff.failed(u64::MAX, None) <= CAP);
        }
        assert_eq!(backoff.failures(), u32::MAX);
    }

    #[test]
    fn the_jitter_is_full() {
        let mut backoff = Backoff::new(FIRST, CAP);
        assert_eq!(backoff.failed(0, None), Duration::ZERO);
        backoff.worked();
        assert_eq!(backoff.failed(1 << 63, None), FIRST / 2);
    }

    #[test]
    fn a_receiver_that_names_a_time_is_not_asked_before_it() {
        let mut backoff = Backoff::new(FIRST, CAP);
        let asked = Duration::from_secs(3600);
        assert_eq!(backoff.failed(0, Some(asked)), asked);
        assert_eq!(backoff.failed(1 << 63, Some(asked)), asked + FIRST);
        assert!(backoff.failed(0, Some(Duration::MAX)) == Duration::MAX);
    }

    #[test]
    fn success_begins_anew() {
        let mut backoff = Backoff::new(FIRST, CAP);
        for _ in 0..9 {
            backoff.failed(7, None);
        }
        backoff.worked();
        assert!(backoff.failed(u64::MAX, None) <= FIRST);
    }

    #[test]
    fn a_cap_under_the_first_wait_holds() {
        assert!(Backoff::new(CAP, FIRST).failed(u64::MAX, None) <= FIRST);
    }
}
