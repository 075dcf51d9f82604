//! Searches what the program emits for raw numbers, in every guise.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::process::Output;

use base64::Engine;
use serde_json::Value;

use super::{IIN, files_under, root};

/// Every raw number that the fixtures hold: those the truth names, and any run of twelve digits
/// with a right check digit in a file that is plain text.
fn raw_numbers() -> BTreeSet<String> {
    let mut numbers: BTreeSet<String> = IIN.iter().map(|n| n.to_string()).collect();
    for file in files_under(&root().join("fixtures")) {
        let bytes = fs::read(&file).unwrap();
        if file.file_name() == Some(OsStr::new("truth.jsonl")) {
            for line in String::from_utf8(bytes).unwrap().lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                let expect = line["expect"].as_array().into_iter().flatten();
                let subjects = expect.flat_map(|e| e["subjects"].as_array().into_iter().flatten());
                numbers.extend(
                    subjects
                        .filter_map(Value::as_str)
                        .filter(|s| !s.contains('*'))
                        .map(str::to_owned),
                );
            }
            continue;
        }
        let mut digits = String::new();
        for byte in bytes.iter().chain(b" ") {
            if byte.is_ascii_digit() {
                digits.push(char::from(*byte));
                continue;
            }
            if digits.len() == 12 && checks(&digits) {
                numbers.insert(digits.clone());
            }
            digits.clear();
        }
    }
    numbers
}

fn checks(digits: &str) -> bool {
    let d: Vec<u32> = digits.bytes().map(|b| u32::from(b - b'0')).collect();
    let sum =
        |shift: u32| (0..11).map(|i| d[i as usize] * ((i + shift) % 11 + 1)).sum::<u32>() % 11;
    match (sum(0), sum(2)) {
        (10, 10) => false,
        (10, second) => second == d[11],
        (first, _) => first == d[11],
    }
}

/// A number that lost two leading zeros is still that number; shorter ones would match anything.
const SHORTEST: usize = 10;

const SEPARATORS: [char; 10] =
    [' ', '-', '\u{a0}', '.', '_', '\'', '<', '\u{2009}', '\u{202f}', '\t'];

/// What the words of a text hold when they are taken as base64, at every alignment.
fn in_base64(text: &str) -> Vec<String> {
    let engine = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/_-=".contains(c)))
        .filter(|word| word.len() >= 12)
        .map(|word| word.trim_end_matches('=').replace('-', "+").replace('_', "/"))
        .flat_map(|word| {
            (0..4.min(word.len()))
                .filter_map(|skip| {
                    let piece = &word.as_bytes()[skip..];
                    let whole = piece.len() - usize::from(piece.len() % 4 == 1);
                    engine.decode(&piece[..whole]).ok()
                })
                .map(|decoded| String::from_utf8_lossy(&decoded).into_owned())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Finds raw numbers in what was emitted.
pub struct Search {
    numbers: BTreeSet<String>,
}

impl Search {
    pub fn new() -> Search {
        let mut numbers = raw_numbers();
        assert!(numbers.len() > 300, "only {} numbers to look for", numbers.len());
        let shortened: Vec<String> = numbers
            .iter()
            .map(|n| n.trim_start_matches('0').to_owned())
            .filter(|n| n.len() >= SHORTEST)
            .collect();
        numbers.extend(shortened);
        Search { numbers }
    }

    /// Which numbers stand in these bytes, in any of the guises looked for.
    pub fn leaks(&self, bytes: &[u8]) -> Vec<String> {
        let plain = String::from_utf8_lossy(bytes).into_owned();
        // UTF-16 that was passed on as it is.
        let mut texts = vec![bytes.iter().filter(|b| **b != 0).map(|b| char::from(*b)).collect()];
        texts.extend(in_base64(&plain));
        let mut found: BTreeSet<String> = self.in_hex(&plain).into_iter().collect();
        texts.push(plain);
        for text in &texts {
            // Grouped numbers: whatever may stand between the groups is taken out.
            let joined: String =
                text.replace("\\u00a0", "").chars().filter(|c| !SEPARATORS.contains(c)).collect();
            found.extend(self.in_digits(text));
            found.extend(self.in_digits(&joined));
        }
        found.into_iter().collect()
    }

    /// Numbers in runs of digits; a longer run may hold one anywhere.
    fn in_digits(&self, text: &str) -> Vec<String> {
        text.split(|c: char| !c.is_ascii_digit())
            .filter(|run| run.len() >= SHORTEST)
            .flat_map(|run| {
                (SHORTEST..=12).flat_map(move |n| run.as_bytes().windows(n)).filter_map(|w| {
                    let w = std::str::from_utf8(w).ok()?;
                    self.numbers.contains(w).then(|| w.to_owned())
                })
            })
            .collect()
    }

    fn in_hex(&self, text: &str) -> Vec<String> {
        let digit = |pair: &[u8]| matches!(pair, [b'3', b'0'..=b'9']).then(|| char::from(pair[1]));
        text.split(|c: char| !c.is_ascii_hexdigit())
            .flat_map(|run| run.as_bytes().windows(24))
            .filter_map(|w| w.chunks(2).map(digit).collect::<Option<String>>())
            .filter(|number| self.numbers.contains(number))
            .collect()
    }

    #[track_caller]
    pub fn assert_clean(&self, what: &str, output: &Output) {
        for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let leaks = self.leaks(bytes);
            assert!(
                leaks.is_empty(),
                "{what}: {} numbers on {stream}, such as {:?}",
                leaks.len(),
                leaks.first()
            );
        }
    }
}
