//! Files mangled by a fixed rule, and panics counted instead of told.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};

use iinspect::extract::{SNIFF_BYTES, recognise};

use super::{files_under, root};

/// The fixtures that are neither a truth nor a note: path and content.
pub fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    let ours = |path: &Path| {
        let name = path.to_string_lossy();
        let notes = [".expect.json", ".md", ".py", "truth.jsonl"];
        !notes.iter().any(|end| name.ends_with(end))
    };
    let all = files_under(&root().join("fixtures")).into_iter().filter(|path| ours(path));
    all.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Those of a format that is opened.
pub fn opened() -> Vec<(PathBuf, Vec<u8>)> {
    fixtures().into_iter().filter(|(_, bytes)| recognise(head(bytes)).is_some()).collect()
}

pub fn head(bytes: &[u8]) -> &[u8] {
    bytes.get(..SNIFF_BYTES).unwrap_or(bytes)
}

/// A small generator that gives the same numbers everywhere (Marsaglia, xorshift64).
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: &str) -> Dice {
        let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Dice(hash | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap() % n.max(1)
    }

    /// A few changes of the kinds that parsers fear: bits, extreme numbers, pieces twice or gone.
    pub fn change(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..1 + self.below(6) {
            if bytes.len() < 8 {
                break;
            }
            // Headers are where the numbers are.
            let reach = if self.below(2) == 0 { bytes.len().min(600) } else { bytes.len() };
            let at = self.below(reach);
            match self.below(6) {
                0 | 1 => bytes[at] ^= 1 << self.below(8),
                2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                3 => {
                    let end = (at + [2, 4, 8][self.below(3)]).min(bytes.len());
                    bytes[at..end].fill([0, 0xff, 0x7f][self.below(3)]);
                }
                4 => {
                    let end = (at + self.below(64)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => drop(bytes.drain(at..(at + self.below(64)).min(bytes.len()))),
            }
        }
        bytes
    }
}

/// Where each panic came from, and how often: libraries panic, and are caught.
pub static PANICS: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());

/// Panics of the tests themselves are told as always, others only counted.
pub fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match info.location() {
            Some(place) if !place.file().starts_with("tests/") => {
                let mut panics = PANICS.lock().unwrap();
                *panics.entry(format!("{}:{}", place.file(), place.line())).or_default() += 1;
            }
            _ => usual(info),
        }));
    });
}
