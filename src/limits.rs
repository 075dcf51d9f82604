//! The budget of one candidate and all that comes out of it.
//!
//! Every number is a setting. Reaching one is an outcome ([`Skip::OverBudget`]), never a
//! short buffer that looks whole. Defaults: DESIGN's, chosen against those of ClamAV,
//! Tika and libarchive. With them go the passwords that this run may try.

use std::fmt;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Bound, Skip};

/// The limits of one run. All sizes in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// A file over this is not opened as a container or picture. Plain text streams without limit.
    pub max_input_bytes: u64,
    /// All that is unpacked from one file, over the whole tree of members.
    pub max_expanded_bytes: u64,
    /// Container in container.
    pub max_depth: u32,
    /// Members over the whole tree.
    pub max_members: u64,
    /// Unpacked to packed bytes, looked at once `ratio_after_bytes` are unpacked.
    pub max_ratio: u64,
    pub ratio_after_bytes: u64,
    /// Width x height of one picture.
    pub max_pixels: u64,
    /// Wall time for one file with all its members (plain text streams are not timed).
    pub max_seconds: u64,
    /// Occurrences kept with their place; beyond it they are only counted.
    pub max_occurrences: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_input_bytes: 256 << 20,
            max_expanded_bytes: 512 << 20,
            max_depth: 8,
            max_members: 20_000,
            max_ratio: 200,
            ratio_after_bytes: 16 << 20,
            max_pixels: 120_000_000,
            max_seconds: 120,
            max_occurrences: 10_000,
        }
    }
}

/// Passwords that locked archives and documents are tried with, in this order. What they are never
/// shows: not in `Debug`, not in a message; they are serialised for worker processes only. Cheap to
/// clone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passwords(Arc<[String]>);

impl Passwords {
    /// Each is tried with each locked file, and deriving a key may take a tenth of a second.
    pub const MOST: usize = 1000;

    /// One a line; empty lines are left out (the empty password is tried anyway), and spaces at
    /// the ends of a line belong to the password. The number of a line too many, if there is one.
    pub fn from_lines(text: &str) -> Result<Passwords, usize> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut list: Vec<String> = Vec::new();
        for (i, line) in text.split('\n').enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() || list.iter().any(|known| known == line) {
                continue;
            }
            if list.len() == Passwords::MOST {
                return Err(i + 1);
            }
            list.push(line.to_owned());
        }
        Ok(Passwords(list.into()))
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passwords({} hidden)", self.0.len())
    }
}

/// What is left for one candidate. Shared by everything that is unpacked from it.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    input_bytes: u64,
    expanded_bytes: u64,
    members: u64,
    deadline: Option<Instant>,
    passwords: Passwords,
}

impl Budget {
    /// A fresh budget for a file of `input_bytes`.
    pub fn new(limits: &Limits, input_bytes: u64) -> Budget {
        Budget {
            limits: limits.clone(),
            input_bytes,
            expanded_bytes: 0,
            members: 0,
            // No clock reaches that far: then there is no limit.
            deadline: Instant::now().checked_add(Duration::from_secs(limits.max_seconds)),
            passwords: Passwords::default(),
        }
    }

    /// With passwords that what is locked may be tried with.
    pub fn with_passwords(self, passwords: &Passwords) -> Budget {
        Budget { passwords: passwords.clone(), ..self }
    }

    pub fn passwords(&self) -> Passwords {
        self.passwords.clone()
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes `bytes` of unpacked data from the budget.
    pub fn charge(&mut self, bytes: u64) -> Result<(), Skip> {
        self.expanded_bytes = self.expanded_bytes.saturating_add(bytes);
        if self.expanded_bytes > self.limits.max_expanded_bytes {
            return Err(Skip::OverBudget(Bound::ExpandedBytes(self.limits.max_expanded_bytes)));
        }
        if self.expanded_bytes > self.limits.ratio_after_bytes
            && self.expanded_bytes / self.input_bytes.max(1) > self.limits.max_ratio
        {
            return Err(Skip::OverBudget(Bound::Ratio(self.limits.max_ratio)));
        }
        self.in_time()
    }

    /// Bytes that may still be unpacked: for a decoder that takes a limit. What it gives is to be
    /// charged all the same.
    pub fn room(&self) -> u64 {
        let whole = self.limits.max_expanded_bytes;
        let by_ratio = self.limits.max_ratio.saturating_mul(self.input_bytes.max(1));
        whole.min(by_ratio.max(self.limits.ratio_after_bytes)).saturating_sub(self.expanded_bytes)
    }

    /// Takes one member from the budget. Call before a member is unpacked.
    pub fn member(&mut self) -> Result<(), Skip> {
        self.members += 1;
        if self.members > self.limits.max_members {
            return Err(Skip::OverBudget(Bound::Members(self.limits.max_members)));
        }
        self.in_time()
    }

    /// Checks a picture's size before anything is allocated for it.
    pub fn pixels(&self, width: u64, height: u64) -> Result<(), Skip> {
        match width.checked_mul(height) {
            Some(n) if n <= self.limits.max_pixels => self.in_time(),
            _ => Err(Skip::OverBudget(Bound::Pixels(self.limits.max_pixels))),
        }
    }

    pub fn depth(&self, depth: u32) -> Result<(), Skip> {
        if depth > self.limits.max_depth {
            return Err(Skip::OverBudget(Bound::Depth(self.limits.max_depth)));
        }
        Ok(())
    }

    /// Time that is left; a long time where there is no limit.
    pub fn left(&self) -> Duration {
        let left = self.deadline.map(|end| end.saturating_duration_since(Instant::now()));
        left.unwrap_or(Duration::from_secs(self.limits.max_seconds))
    }

    pub fn in_time(&self) -> Result<(), Skip> {
        if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(Skip::OverBudget(Bound::Seconds(self.limits.max_seconds)));
        }
        Ok(())
    }

    /// Reads a decoder to its end, charging as it goes: memory never runs ahead of the budget.
    /// An error of the decoder means `format` is damaged.
    pub fn read_all(&mut self, format: &'static str, mut from: impl Read) -> Result<Vec<u8>, Skip> {
        let mut bytes = Vec::new();
        let mut chunk = [0u8; 32 * 1024];
        loop {
            match from.read(&mut chunk) {
                Ok(0) => return Ok(bytes),
                Ok(n) => {
                    self.charge(n as u64)?;
                    bytes.extend_from_slice(&chunk[..n]);
                }
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Skip::damaged(format, "stream does not decode")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_of_zeros_ends_at_the_limit() {
        let limits = Limits { max_expanded_bytes: 1 << 20, ..Limits::default() };
        let mut budget = Budget::new(&limits, 1 << 20);
        let end = budget.read_all("gzip", std::io::repeat(0));
        assert_eq!(end, Err(Skip::OverBudget(Bound::ExpandedBytes(1 << 20))));
    }

    #[test]
    fn a_small_file_may_not_unpack_to_a_huge_one() {
        let limits = Limits { ratio_after_bytes: 1 << 20, ..Limits::default() };
        let mut budget = Budget::new(&limits, 100);
        assert_eq!(budget.charge(1 << 20), Ok(()));
        assert_eq!(budget.charge(1 << 20), Err(Skip::OverBudget(Bound::Ratio(200))));
    }

    #[test]
    fn passwords_are_lines_and_never_shown() {
        let passwords = Passwords::from_lines("\u{feff}құпия сөз\r\n\n two \n two \n").unwrap();
        assert_eq!(passwords.iter().collect::<Vec<_>>(), ["құпия сөз", " two "]);
        let budget = Budget::new(&Limits::default(), 0).with_passwords(&passwords);
        let shown = format!("{passwords:?} {budget:?}");
        assert!(shown.contains("2 hidden") && !shown.contains("two") && !shown.contains("құпия"));
        let many: String = (0..Passwords::MOST + 1).map(|i| format!("{i}\n")).collect();
        assert_eq!(Passwords::from_lines(&many), Err(Passwords::MOST + 1));
    }

    #[test]
    fn picture_sizes_that_overflow_are_over_budget() {
        let budget = Budget::new(&Limits::default(), 0);
        assert!(budget.pixels(u64::MAX, 2).is_err());
        assert!(budget.pixels(65_535, 65_535).is_err());
        assert!(budget.pixels(4000, 3000).is_ok());
    }
}
