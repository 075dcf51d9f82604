//! Times as records tell them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment, as a number and as records tell it.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// Since 1970.
    pub millis: i64,
    /// RFC 3339 with offset.
    pub text: String,
    pub zone: TimeZone,
}

impl Stamp {
    /// A moment of this clock.
    pub fn new(millis: i64, zone: TimeZone) -> Stamp {
        let mut stamp = Stamp { millis, text: String::new(), zone };
        stamp.text = stamp.at(millis);
        stamp
    }

    /// Another moment, told in the same way.
    pub fn at(&self, millis: i64) -> String {
        let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
        let time = time.to_zoned(self.zone.clone());
        time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}
