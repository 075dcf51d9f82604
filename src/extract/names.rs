//! Member names that carry no encoding: UTF-8 where valid, else the likelier of CP866 (what DOS,
//! Windows Explorer and 7-Zip wrote for Cyrillic) and Windows-1251 (what some packers wrote).

use encoding_rs::{Encoding, IBM866, WINDOWS_1251};

/// The name as text. Never fails: what is not readable becomes U+FFFD.
pub(super) fn decode(raw: &[u8]) -> String {
    if let Ok(name) = std::str::from_utf8(raw) {
        return name.to_owned();
    }
    let oem = decode_as(IBM866, raw);
    let ansi = decode_as(WINDOWS_1251, raw);
    if plausibility(&ansi) > plausibility(&oem) { ansi } else { oem }
}

fn decode_as(encoding: &'static Encoding, raw: &[u8]) -> String {
    encoding.decode_without_bom_handling(raw).0.into_owned()
}

/// Cyrillic letters speak for a reading; frames, signs, and a capital after a small letter
/// against it (each code page read as the other is full of them).
pub(super) fn plausibility(name: &str) -> i32 {
    let mut score = 0;
    let mut after_small = false;
    for c in name.chars() {
        if matches!(c, 'А'..='я' | 'Ё' | 'ё') {
            score += if after_small && c.is_uppercase() { -1 } else { 2 };
        } else if !c.is_ascii() {
            score -= 2;
        }
        after_small = c.is_lowercase();
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cp866_and_cp1251_names_are_told_apart() {
        for name in ["Заявление.docx", "УДОСТОВЕРЕНИЕ", "скан паспорта 1.jpg"]
        {
            let oem = IBM866.encode(name).0.into_owned();
            assert_eq!(decode(&oem), name);
            let ansi = WINDOWS_1251.encode(name).0.into_owned();
            assert_eq!(decode(&ansi), name);
            assert_eq!(decode(name.as_bytes()), name);
        }
    }
}
