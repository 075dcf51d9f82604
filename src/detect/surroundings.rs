//! What the bytes right next to a number say: part of an IBAN, a hash, an amount, an escape.

use crate::text::Window;
use crate::text::digits::Run;

/// Longest token looked at; a base64 line is longer.
const TOKEN_BYTES: usize = 64;

/// Digits at the start of `run` that belong to an escape before it: `%20900101100004`,
/// `%C2%A0900101100004`, `\u00a0900101100004`.
pub fn escape_digits(window: &Window, run: Run) -> usize {
    let before = window.before(run.start, 5);
    match (run.len, before) {
        (14, [.., b'%']) => 2,
        (13, [.., b'%', x]) if x.is_ascii_hexdigit() => 1,
        (13, [b'\\', b'u', _, _, x]) if x.is_ascii_hexdigit() => 1,
        _ => 0,
    }
}

/// What speaks against a number because of its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// A group of an IBAN (`KZ` and 18 more).
    Iban,
    /// Letters and digits of a longer token: hash, base64, serial number.
    Token,
    /// The last group of a UUID.
    Uuid,
    /// `+77…`: a telephone number.
    Plus,
    /// `0.123456789012`, `123456789012.50`: a fraction or an amount.
    Decimal,
    /// A group in a chain of numbers: `12-900101100004-7`.
    Chain,
    /// Twelve times the same digit.
    Repeated,
}

impl Against {
    pub fn name(self) -> &'static str {
        match self {
            Against::Iban => "part_of_iban",
            Against::Token => "part_of_token",
            Against::Uuid => "part_of_uuid",
            Against::Plus => "plus_sign",
            Against::Decimal => "decimal_number",
            Against::Chain => "part_of_number_chain",
            Against::Repeated => "one_digit_repeated",
        }
    }

    /// Log-odds without a label and with one: a label says that the writer meant the number, but
    /// not of an IBAN.
    pub fn weight(self, labelled: bool) -> f32 {
        match (self, labelled) {
            (Against::Iban | Against::Uuid | Against::Repeated, _) => -12.0,
            (Against::Token, false) => -8.0,
            (Against::Token, true) => -5.0,
            (Against::Plus | Against::Decimal, false) => -5.0,
            (Against::Plus | Against::Decimal, true) => -3.0,
            (Against::Chain, false) => -2.5,
            (Against::Chain, true) => -0.5,
        }
    }
}

/// Whether the digits are the tail of an IBAN, as most digits of a table of payments are: asked first,
/// because no label and no population makes them a person's.
pub fn is_tail_of_iban(window: &Window, start: usize, end: usize) -> bool {
    match window.before(start, 8) {
        [b'K' | b'k', b'Z' | b'z', a, b, bank @ .., last] => {
            last.is_ascii_alphabetic()
                && a.is_ascii_digit()
                && b.is_ascii_digit()
                && bank.iter().all(u8::is_ascii_alphanumeric)
                && !window.after(end, 1).iter().any(u8::is_ascii_alphanumeric)
        }
        _ => false,
    }
}

/// Looks at both sides of `start..end`. `glued_label`: the letters in front are a known label.
pub fn against(window: &Window, start: usize, end: usize, glued_label: bool) -> Option<Against> {
    let before = window.before(start, TOKEN_BYTES);
    let after = window.after(end, TOKEN_BYTES);
    let number = window.bytes.get(start..end).unwrap_or_default();
    if let Some(first) = number.first()
        && number.iter().all(|b| b == first)
    {
        return Some(Against::Repeated);
    }
    if is_iban(before, number, after) {
        return Some(Against::Iban);
    }
    if is_uuid(before) {
        return Some(Against::Uuid);
    }
    let letter_before =
        before.last().is_some_and(u8::is_ascii_alphabetic) && !ends_with_escape(before);
    let letter_after = after.first().is_some_and(u8::is_ascii_alphabetic);
    if (letter_before && !glued_label)
        || (letter_after && !is_word(after))
        || in_base64(before, after)
    {
        return Some(Against::Token);
    }
    match before {
        [.., b'+'] => return Some(Against::Plus),
        [.., d, b'.'] if d.is_ascii_digit() => return Some(Against::Decimal),
        [.., d, b'-' | b'/'] if d.is_ascii_digit() => return Some(Against::Chain),
        _ => {}
    }
    match after {
        // `900101100004.0` is what a table of floats makes of a number.
        [b'.', b'0'] => None,
        [b'.', b'0', x, ..] if !x.is_ascii_digit() => None,
        [b'.', d, ..] if d.is_ascii_digit() => Some(Against::Decimal),
        [b'-' | b'/', d, ..] if d.is_ascii_digit() => Some(Against::Chain),
        _ => None,
    }
}

/// `%3D`, `\n`, `\u043d` in front of a number end in a letter that is no part of a word.
fn ends_with_escape(before: &[u8]) -> bool {
    match before {
        [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        [.., b'\\', b'n' | b't' | b'r'] => true,
        [.., b'\\', b'u', a, b, c, d] => [a, b, c, d].iter().all(|x| x.is_ascii_hexdigit()),
        _ => false,
    }
}

/// Letters after a number that make a word of their own: `900101100004тг` is not seen here (no
/// ASCII), `900101100004and` is a slip of the keyboard, `900101100004f3a` is hexadecimal.
fn is_word(after: &[u8]) -> bool {
    let letters = after.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let next = after.get(letters);
    letters >= 3 && !next.is_some_and(u8::is_ascii_digit)
}

/// Kazakh IBAN: `KZ`, two check digits, three of the bank, thirteen letters or digits, whole or in
/// groups of four.
fn is_iban(before: &[u8], number: &[u8], after: &[u8]) -> bool {
    if !before.contains(&b'Z') && !before.contains(&b'z') {
        return false;
    }
    let mut account: Vec<u8> = Vec::with_capacity(24);
    // Back to the start of the token, over single spaces.
    let mut from = before.len();
    while from > 0 {
        let b = before[from - 1];
        let joins = b == b' ' && from > 1 && before[from - 2].is_ascii_alphanumeric();
        if !(b.is_ascii_alphanumeric() || joins) || before.len() - from > 16 {
            break;
        }
        from -= 1;
    }
    account.extend(before[from..].iter().filter(|b| **b != b' '));
    account.extend(number.iter().filter(|b| b.is_ascii_digit()));
    let Some(at) = account.windows(2).rposition(|w| w.eq_ignore_ascii_case(b"KZ")) else {
        return false;
    };
    let mut spaces = 0;
    for &b in after {
        if account.len() - at >= 20 {
            break;
        }
        match b {
            b' ' if spaces == 0 => spaces = 1,
            b if b.is_ascii_alphanumeric() => {
                spaces = 0;
                account.push(b);
            }
            _ => break,
        }
    }
    let account = &account[at..];
    account.len() >= 20 && account[2..4].iter().all(u8::is_ascii_digit)
}

/// `…-a716-446655440000`
fn is_uuid(before: &[u8]) -> bool {
    let Some(tail) = before.len().checked_sub(10).and_then(|at| before.get(at..)) else {
        return false;
    };
    tail[9] == b'-'
        && tail[4] == b'-'
        && [0, 1, 2, 3, 5, 6, 7, 8].iter().all(|&i| tail[i].is_ascii_hexdigit())
}

/// A long run of base64 letters around the number, with both cases and digits mixed.
fn in_base64(before: &[u8], after: &[u8]) -> bool {
    let of = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'+' | b'/');
    let left = before.iter().rev().take_while(of).count();
    let right = after.iter().take_while(of).count();
    if left + right < 24 {
        return false;
    }
    let around = || before[before.len() - left..].iter().chain(&after[..right]);
    around().any(u8::is_ascii_lowercase) && around().any(u8::is_ascii_uppercase)
}

/// Whether the number is all that its cell holds, quotes and blanks aside.
pub fn is_whole_cell(window: &Window, start: usize, end: usize) -> bool {
    let Some(separator) = window.table.map(|t| t.separator()) else { return false };
    let edge = |b: u8| b == separator || b == b'\n' || b == b'\r';
    let dressing = |b: u8| matches!(b, b' ' | b'"' | b'\'' | b'=' | b'\t');
    let left = window.before(start, 8).iter().rev().copied().find(|&b| edge(b) || !dressing(b));
    let mut after = window.after(end, 10);
    if let [b'.', b'0', rest @ ..] = after {
        after = rest;
    }
    let right = after.iter().copied().find(|&b| edge(b) || !dressing(b));
    left.is_none_or(edge) && right.is_none_or(edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Against> {
        let digits =
            text.as_bytes().windows(12).position(|w| w.iter().all(u8::is_ascii_digit)).unwrap();
        against(&Window::whole(text, None), digits, digits + 12, false)
    }

    #[test]
    fn neighbours_tell_what_a_number_is_part_of() {
        assert_eq!(of("KZ12722S900101100004"), Some(Against::Iban));
        assert_eq!(of("550e8400-e29b-41d4-a716-446655440000"), Some(Against::Uuid));
        assert_eq!(of("sha1 9f900101100004ab"), Some(Against::Token));
        assert_eq!(of("+900101100004"), Some(Against::Plus));
        assert_eq!(of("0.900101100004"), Some(Against::Decimal));
        assert_eq!(of("900101100004.55"), Some(Against::Decimal));
        assert_eq!(of("12-900101100004-7"), Some(Against::Chain));
        assert_eq!(of("x=000000000000;"), Some(Against::Repeated));
    }

    #[test]
    fn ordinary_neighbours_say_nothing() {
        for text in [
            "id_900101100004_front.jpg",
            "%3D900101100004",
            "900101100004.0,",
            "900101100004.",
            "a\\n900101100004",
            "(900101100004)",
            "'900101100004",
            "\"900101100004\"",
            "900101100004-",
            "Қ900101100004",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn escapes_give_their_digits_back() {
        let digits = |text: &str, start, len| {
            escape_digits(&Window::whole(text, None), Run { start, len, grouped: false })
        };
        assert_eq!(digits("a%20900101100004", 2, 14), 2);
        assert_eq!(digits("%C2%A0900101100004", 5, 13), 1);
        assert_eq!(digits("\\u00a0900101100004", 5, 13), 1);
        assert_eq!(digits("12900101100004", 0, 14), 0);
    }
}
