//! Where a finding is, as it may leave the process.
//!
//! Names leak too: digits of a personal number in a path or a member's name are masked, in the
//! lossy form and in the exact bytes alike. Control characters stay as they are here: JSON escapes
//! them, and what a person sees goes through [`crate::text::visible`].

use std::os::unix::ffi::OsStrExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Privacy;
use crate::flow::{LocationOut, Locator, Site};
use crate::ident::iin::check_digit_ok;

/// Digits left readable at the end of a number.
const SHOWN: usize = 4;

/// A raw value shorter than this is not searched for in names: it would be found by chance.
const MIN_VALUE: usize = 6;

/// What in a name is masked beside personal numbers.
#[derive(Debug, Default)]
pub(super) struct Hide {
    /// Forms of document numbers that a prefix makes unmistakable: prefix, least and most digits.
    pub forms: Vec<(String, u8, u8)>,
    /// Raw values that were found in this content.
    pub values: Vec<String>,
}

/// The location of a content, as [`Privacy`] lets it be told.
pub(super) fn location(
    at: &Locator,
    site: Option<&Site>,
    in_name: bool,
    privacy: Privacy,
    also: &Hide,
) -> LocationOut {
    let masked = |bytes: &[u8]| match privacy {
        Privacy::Full => (bytes.to_vec(), false),
        Privacy::Masked => mask(bytes, also),
    };
    let (bytes, mut path_masked) = masked(at.path().as_os_str().as_bytes());
    let (path, path_bytes) = match String::from_utf8(bytes) {
        Ok(path) => (path, None),
        Err(e) => {
            let bytes = e.into_bytes();
            (String::from_utf8_lossy(&bytes).into_owned(), Some(STANDARD.encode(&bytes)))
        }
    };
    let mut inside = Vec::with_capacity(at.inside().len());
    for name in at.inside() {
        let (bytes, changed) = masked(name.as_bytes());
        path_masked |= changed;
        // Masking puts ASCII for ASCII, so this is UTF-8 still.
        inside.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    LocationOut {
        path,
        path_bytes,
        path_masked,
        inside,
        page: site.and_then(|s| s.page).or(at.page_number()),
        line: site.and_then(|s| s.line),
        offset: site.and_then(|s| s.offset),
        region: site.and_then(|s| s.region),
        in_name,
    }
}

/// A message about to be shown, with personal numbers masked as in paths: a path that a user typed
/// comes back in an error, and errors of a nightly run are mailed.
pub fn masked_message(text: &str) -> String {
    // Masking puts ASCII for ASCII, so this is UTF-8 still.
    String::from_utf8_lossy(&mask(text.as_bytes(), &Hide::default()).0).into_owned()
}

/// Masks personal numbers in a name: twelve digits with a right check digit, plain or grouped, and
/// what `also` says. Tells whether anything changed.
fn mask(name: &[u8], also: &Hide) -> (Vec<u8>, bool) {
    let mut out = name.to_vec();
    let runs = digit_runs(name);
    for run in &runs {
        if run.len() == 12 && is_iin(name, std::slice::from_ref(run)) {
            hide(&mut out, run.clone());
        }
    }
    for first in 0..runs.len() {
        let mut digits = 0;
        for last in first..runs.len() {
            digits += runs[last].len();
            let groups = &runs[first..=last];
            if digits > 12 || !are_joined(name, groups) {
                break;
            }
            if digits == 12 && last > first && is_iin(name, groups) {
                hide_groups(&mut out, groups);
            }
        }
    }
    for (prefix, min, max) in &also.forms {
        for run in &runs {
            let Some(start) = run.start.checked_sub(prefix.len()) else { continue };
            let right_length = (usize::from(*min)..=usize::from(*max)).contains(&run.len());
            let has_prefix = name[start..run.start].eq_ignore_ascii_case(prefix.as_bytes());
            let glued = start.checked_sub(1).is_some_and(|i| name[i].is_ascii_alphabetic());
            if right_length && has_prefix && !glued {
                hide(&mut out, start..run.end);
            }
        }
    }
    for value in &also.values {
        for start in places(name, value) {
            hide(&mut out, start..start + value.len());
        }
    }
    let changed = out != name;
    (out, changed)
}

/// Whether the value stands in the name.
pub(super) fn is_in(name: &[u8], value: &str) -> bool {
    places(name, value).next().is_some()
}

fn places(name: &[u8], value: &str) -> impl Iterator<Item = usize> {
    let long_enough = value.len() >= MIN_VALUE;
    name.windows(value.len().max(1))
        .enumerate()
        .filter(move |(_, w)| long_enough && w.eq_ignore_ascii_case(value.as_bytes()))
        .map(|(i, _)| i)
}

/// Maximal runs of ASCII digits; the digits of a percent escape (`%20`, `%D0`) are no part of one.
fn digit_runs(name: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut i = 0;
    while i < name.len() {
        if !name[i].is_ascii_digit() {
            i += 1;
            continue;
        }
        let end = name[i..].iter().position(|b| !b.is_ascii_digit()).map_or(name.len(), |n| i + n);
        let before = |n: usize| i.checked_sub(n).and_then(|at| name.get(at)).copied();
        let escape = match (before(2), before(1)) {
            (_, Some(b'%')) => 2,
            (Some(b'%'), Some(hex)) if hex.is_ascii_hexdigit() => 1,
            _ => 0,
        };
        if i + escape < end {
            runs.push(i + escape..end);
        }
        i = end;
    }
    runs
}

/// Whether the same single separator stands between all groups.
fn are_joined(name: &[u8], groups: &[std::ops::Range<usize>]) -> bool {
    let mut first = None;
    groups.windows(2).all(|pair| match pair {
        [a, b] => {
            let between = name.get(a.end..b.start).unwrap_or_default();
            let joins = matches!(between, b" " | b"-" | b"_" | b"." | b"\xc2\xa0");
            joins && *first.get_or_insert(between) == between
        }
        _ => false,
    })
}

fn is_iin(name: &[u8], groups: &[std::ops::Range<usize>]) -> bool {
    let digits: Vec<u8> =
        groups.iter().flat_map(|g| name.get(g.clone()).unwrap_or_default()).copied().collect();
    <&[u8; 12]>::try_from(digits.as_slice()).is_ok_and(check_digit_ok)
}

/// Stars for all but the last four characters; a short value goes whole.
fn hide(out: &mut [u8], range: std::ops::Range<usize>) {
    let shown = if range.len() >= 2 * SHOWN { SHOWN } else { 0 };
    let end = range.end - shown;
    if let Some(hidden) = out.get_mut(range.start..end) {
        hidden.fill(b'*');
    }
}

fn hide_groups(out: &mut [u8], groups: &[std::ops::Range<usize>]) {
    let places: Vec<usize> = groups.iter().flat_map(|g| g.clone()).collect();
    let hidden = places.len().saturating_sub(SHOWN);
    for place in places.into_iter().take(hidden) {
        if let Some(byte) = out.get_mut(place) {
            *byte = b'*';
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;

    use super::*;

    fn masked(name: &str) -> String {
        String::from_utf8(mask(name.as_bytes(), &Hide::default()).0).unwrap()
    }

    #[test]
    fn personal_numbers_in_names_are_masked() {
        for (name, shown) in [
            ("900101100004.jpg", "********0004.jpg"),
            ("ИИН_900101100004", "ИИН_********0004"),
            ("900101 100004", "****** **0004"),
            ("900-101-100-004.pdf", "***-***-**0-004.pdf"),
            ("9001.0110.0004", "****.****.0004"),
            ("x%20900101100004", "x%20********0004"),
            ("%D0%98900101100004", "%D0%98********0004"),
        ] {
            assert_eq!(masked(name), shown);
        }
    }

    #[test]
    fn other_numbers_in_names_stay() {
        for name in [
            "900101100005.jpg",    // no check digit
            "9001011000041",       // thirteen digits
            "2026-11-21_1530.log", // a date and a time
            "20261121_153012.jpg",
            "900101_100-004",
            "",
        ] {
            assert_eq!(masked(name), name);
        }
    }

    #[test]
    fn values_of_the_finding_are_masked_wherever_they_stand() {
        let values = vec!["000000001".to_owned(), "1".to_owned()];
        let (out, changed) = mask(b"card000000001 1.jpg", &Hide { values, forms: Vec::new() });
        assert!(changed);
        assert_eq!(out, b"card*****0001 1.jpg");
    }

    #[test]
    fn numbers_of_an_unmistakable_form_are_masked_unseen() {
        let also = Hide { forms: vec![("N".into(), 8, 9)], values: Vec::new() };
        let of = |name: &str| String::from_utf8(mask(name.as_bytes(), &also).0).unwrap();
        assert_eq!(of("n00000001.jpg"), "*****0001.jpg");
        assert_eq!(of("паспорт_N000000012"), "паспорт_******0012");
        for name in ["IMGN00000001", "DSCN0001.jpg", "N0000001", "00000001", "N0000000001"] {
            assert_eq!(of(name), name);
        }
    }

    #[test]
    fn a_path_that_is_not_utf8_travels_as_masked_bytes() {
        let at = Locator::file(Path::new(OsStr::from_bytes(b"/s/\xff900101100004")))
            .member("a\n900101100004");
        let out = location(&at, None, false, Privacy::Masked, &Hide::default());
        assert_eq!(out.path, "/s/\u{fffd}********0004");
        assert_eq!(STANDARD.decode(out.path_bytes.unwrap()).unwrap(), b"/s/\xff********0004");
        assert_eq!(out.inside, ["a\n********0004"]);
        assert!(out.path_masked);
        let full = location(&at, None, false, Privacy::Full, &Hide::default());
        assert!(!full.path_masked && full.inside == ["a\n900101100004"]);
    }
}
