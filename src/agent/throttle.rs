//! How fast and when a root may be read.

use std::time::{Duration, Instant};

use jiff::civil::Time;

/// Tokens of files and bytes, and hours of the day. A large file is let through whole and paid for
/// after.
#[derive(Debug)]
pub struct Throttle {
    files: Bucket,
    bytes: Bucket,
    hours: Option<Hours>,
}

impl Throttle {
    /// 0 is no limit.
    pub fn new(files_per_second: u32, bytes_per_second: u64, hours: Option<Hours>) -> Throttle {
        let now = Instant::now();
        Throttle {
            files: Bucket::new(f64::from(files_per_second), now),
            bytes: Bucket::new(bytes_per_second as f64, now),
            hours,
        }
    }

    /// How long the next file has to wait; zero if it may come now.
    pub fn wait(&mut self, now: Instant, time: Time) -> Duration {
        let closed = self.hours.map_or(Duration::ZERO, |hours| hours.until_open(time));
        closed.max(self.files.wait(now)).max(self.bytes.wait(now))
    }

    /// A file begins.
    pub fn take_file(&mut self) {
        self.files.take(1.0);
    }

    /// So much was read.
    pub fn take_bytes(&mut self, bytes: u64) {
        self.bytes.take(bytes as f64);
    }
}

#[derive(Debug)]
struct Bucket {
    rate: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn new(rate: f64, now: Instant) -> Bucket {
        Bucket { rate, tokens: rate, filled: now }
    }

    fn wait(&mut self, now: Instant) -> Duration {
        if self.rate <= 0.0 {
            return Duration::ZERO;
        }
        let since = now.saturating_duration_since(self.filled).as_secs_f64();
        // At most a second's worth is saved up.
        self.tokens = (self.tokens + since * self.rate).min(self.rate.max(1.0));
        self.filled = now;
        if self.tokens >= 1.0_f64.min(self.rate) {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64((1.0 - self.tokens) / self.rate).unwrap_or(Duration::MAX)
    }

    fn take(&mut self, n: f64) {
        if self.rate > 0.0 {
            self.tokens -= n;
        }
    }
}

/// A part of the day, maybe over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: Time,
    to: Time,
}

impl Hours {
    /// `"20:00-06:00"`
    pub fn parse(text: &str) -> Option<Hours> {
        let (from, to) = text.split_once('-')?;
        let time = |t: &str| Time::strptime("%H:%M", t.trim()).ok();
        let hours = Hours { from: time(from)?, to: time(to)? };
        (hours.from != hours.to).then_some(hours)
    }

    fn until_open(self, now: Time) -> Duration {
        let open = match self.from < self.to {
            true => self.from <= now && now < self.to,
            false => self.from <= now || now < self.to,
        };
        if open {
            return Duration::ZERO;
        }
        let seconds = |t: Time| {
            i64::from(t.hour()) * 3600 + i64::from(t.minute()) * 60 + i64::from(t.second())
        };
        let left = (seconds(self.from) - seconds(now)).rem_euclid(86_400);
        Duration::from_secs(left.unsigned_abs().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_files_and_bytes_a_second() {
        let mut throttle = Throttle::new(2, 1000, None);
        let start = Instant::now();
        let noon = Time::midnight();
        let mut wait =
            |throttle: &mut Throttle, ms| throttle.wait(start + Duration::from_millis(ms), noon);
        assert_eq!(wait(&mut throttle, 0), Duration::ZERO);
        throttle.take_file();
        throttle.take_file();
        assert!(wait(&mut throttle, 0) > Duration::from_millis(400));
        assert_eq!(wait(&mut throttle, 600), Duration::ZERO);
        throttle.take_bytes(5000);
        let left = wait(&mut throttle, 700);
        assert!(left > Duration::from_secs(3) && left < Duration::from_secs(5), "{left:?}");
        let mut free = Throttle::new(0, 0, None);
        free.take_bytes(u64::MAX);
        assert_eq!(wait(&mut free, 0), Duration::ZERO);
    }

    #[test]
    fn hours_may_go_over_midnight() {
        let night = Hours::parse("20:00-06:00").unwrap();
        let at = |h, m| Time::new(h, m, 0, 0).unwrap();
        assert_eq!(night.until_open(at(23, 0)), Duration::ZERO);
        assert_eq!(night.until_open(at(5, 59)), Duration::ZERO);
        assert_eq!(night.until_open(at(6, 0)), Duration::from_secs(14 * 3600));
        let day = Hours::parse("9:00-17:30").unwrap();
        assert_eq!(day.until_open(at(18, 0)), Duration::from_secs(15 * 3600));
        for wrong in ["", "9-17", "25:00-26:00", "10:00-10:00"] {
            assert!(Hours::parse(wrong).is_none(), "{wrong}");
        }
    }
}
