//! Check digits that a pattern row may ask for by name (`validator = "luhn"`).
//!
//! The functions take the bare value; [`Validator::accepts`] takes out what does not count.

use crate::ident::iin;

/// No numbering scheme is longer: an expression that ran away is not worth checking.
const MAX_VALUE: usize = 256;

/// A rule that a value must keep. The names are those of the pattern files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validator {
    /// Kazakh personal number, 12 digits (Law 223 of 2007).
    Iin,
    /// Kazakh business number, 12 digits: the IIN's check digit and the shape of a BIN.
    Bin,
    /// ISO/IEC 7812-1 annex B: bank cards, IMEI.
    Luhn,
    /// ISO 7064 MOD 97-10 over letters and digits with the first four moved to the end: IBAN.
    Mod97,
    /// ICAO 9303-3, 4.9: weights 7 3 1, the last character is the check digit.
    Icao731,
    /// Verhoeff 1969, over the dihedral group of order ten.
    Verhoeff,
    /// Russian taxpayer number, 10 or 12 digits.
    InnRu,
}

impl Validator {
    pub const ALL: [(&'static str, Validator); 7] = [
        ("iin", Validator::Iin),
        ("bin", Validator::Bin),
        ("luhn", Validator::Luhn),
        ("mod97", Validator::Mod97),
        ("icao731", Validator::Icao731),
        ("verhoeff", Validator::Verhoeff),
        ("inn_ru", Validator::InnRu),
    ];

    pub fn from_name(name: &str) -> Option<Validator> {
        Validator::ALL.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }

    pub fn name(self) -> &'static str {
        Validator::ALL.iter().find(|(_, v)| *v == self).map_or("", |(n, _)| n)
    }

    /// Whether `value` keeps the rule. What the rule does not count is left out first: all but
    /// digits, and for `mod97` and `icao731` spaces and hyphens (`BG-000018` may keep `luhn`).
    pub fn accepts(self, value: impl AsRef<[u8]>) -> bool {
        let value = value.as_ref();
        if value.len() > MAX_VALUE {
            return false;
        }
        let counts = |byte: u8| match self {
            Validator::Mod97 | Validator::Icao731 => !matches!(byte, b' ' | b'-'),
            _ => byte.is_ascii_digit(),
        };
        if value.iter().all(|b| counts(*b)) {
            return self.accepts_bare(value);
        }
        let bare: Vec<u8> = value.iter().copied().filter(|b| counts(*b)).collect();
        self.accepts_bare(&bare)
    }

    fn accepts_bare(self, value: &[u8]) -> bool {
        match self {
            Validator::Iin => <&[u8; 12]>::try_from(value).is_ok_and(iin::check_digit_ok),
            Validator::Bin => bin(value),
            Validator::Luhn => luhn(value),
            Validator::Mod97 => mod97(value),
            Validator::Icao731 => icao731(value),
            Validator::Verhoeff => verhoeff(value),
            Validator::InnRu => inn_ru(value),
        }
    }
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// 1-4 year and month of registration, 5th 4 to 6, 6th 0 to 4, the IIN's check digit.
pub fn bin(value: &[u8]) -> bool {
    let Ok(digits) = <&[u8; 12]>::try_from(value) else { return false };
    let month_ok = matches!((digits[2], digits[3]), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'));
    month_ok
        && matches!(digits[4], b'4'..=b'6')
        && matches!(digits[5], b'0'..=b'4')
        && iin::check_digit_ok(digits)
}

pub fn luhn(value: &[u8]) -> bool {
    if value.len() < 2 {
        return false;
    }
    let mut sum = 0u32;
    for (i, byte) in value.iter().rev().enumerate() {
        let Some(d) = digit(*byte) else { return false };
        let d = if i % 2 == 1 { d * 2 } else { d };
        sum = (sum + if d > 9 { d - 9 } else { d }) % 10;
    }
    sum == 0
}

pub fn mod97(value: &[u8]) -> bool {
    if value.len() < 5 {
        return false;
    }
    let (head, tail) = value.split_at(4);
    let mut rest = 0u32;
    for byte in tail.iter().chain(head) {
        rest = match byte.to_ascii_uppercase() {
            d @ b'0'..=b'9' => rest * 10 + u32::from(d - b'0'),
            c @ b'A'..=b'Z' => rest * 100 + u32::from(c - b'A') + 10,
            _ => return false,
        } % 97;
    }
    rest == 1
}

/// The value of one character of a machine readable zone: digits 0-9, A-Z 10-35, `<` 0.
fn icao_value(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        b'<' => Some(0),
        _ => None,
    }
}

pub fn icao731(value: &[u8]) -> bool {
    let Some((check, body)) = value.split_last() else { return false };
    if body.is_empty() {
        return false;
    }
    let mut sum = 0u32;
    for (byte, weight) in body.iter().zip([7, 3, 1].into_iter().cycle()) {
        let Some(v) = icao_value(*byte) else { return false };
        sum = (sum + v * weight) % 10;
    }
    digit(*check) == Some(sum)
}

pub fn verhoeff(value: &[u8]) -> bool {
    // Multiplication in D5, and the permutation applied once a place.
    const D: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    if value.len() < 2 {
        return false;
    }
    let mut c = 0u8;
    for (i, byte) in value.iter().rev().enumerate() {
        let Some(d) = digit(*byte) else { return false };
        c = D[usize::from(c)][usize::from(P[i % 8][d as usize])];
    }
    c == 0
}

pub fn inn_ru(value: &[u8]) -> bool {
    let keeps = |weights: &[u32]| {
        let sum: Option<u32> =
            value.iter().zip(weights).map(|(b, w)| digit(*b).map(|d| d * w)).sum();
        let check = value.get(weights.len()).and_then(|b| digit(*b));
        sum.is_some() && sum.map(|s| s % 11 % 10) == check
    };
    match value.len() {
        10 => keeps(&[2, 4, 10, 3, 5, 9, 4, 6, 8]),
        12 => keeps(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) && keeps(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published examples: python-stdnum (BIN), the patent's and ISO's Luhn number, the IBAN
    /// registry's Kazakh example, ICAO 9303-3 appendix, Verhoeff's 236-3, the INN of public texts.
    const GOOD: [(Validator, &str); 12] = [
        (Validator::Iin, "900101100004"),
        (Validator::Bin, "940140000385"),
        (Validator::Bin, "990140004654"),
        (Validator::Luhn, "79927398713"),
        (Validator::Luhn, "4111111111111111"),
        (Validator::Mod97, "KZ86125KZT5004100100"),
        (Validator::Mod97, "GB82WEST12345698765432"),
        (Validator::Icao731, "5207273"),
        (Validator::Icao731, "AB2134<<<5"),
        (Validator::Verhoeff, "2363"),
        (Validator::InnRu, "7707083893"),
        (Validator::InnRu, "500100732259"),
    ];

    #[test]
    fn published_numbers_are_accepted_and_one_changed_digit_is_not() {
        for (validator, good) in GOOD {
            assert!(validator.accepts(good.as_bytes()), "{} {good}", validator.name());
            let mut bad = good.as_bytes().to_vec();
            let last = bad.last_mut().unwrap();
            *last = b'0' + (*last - b'0' + 1) % 10;
            assert!(!validator.accepts(&bad), "{} {good}", validator.name());
        }
    }

    #[test]
    fn anything_may_come_in() {
        for (name, validator) in Validator::ALL {
            assert_eq!(Validator::from_name(name), Some(validator));
            for junk in [&b""[..], b"0", b"\xff\xff\xff\xff\xff", b"KZ", b"12345678901a", b"<<<<<"]
            {
                assert!(!validator.accepts(junk), "{name} {junk:?}");
            }
        }
        assert_eq!(Validator::from_name("crc"), None);
        assert!(Validator::Mod97.accepts("KZ86 125K ZT50 0410 0100"));
        assert!(Validator::Luhn.accepts("BG-000018") && !Validator::Luhn.accepts("BG-000019"));
        assert!(!Validator::Luhn.accepts("0".repeat(300)));
        // A person's number is not a company's.
        assert!(!Validator::Bin.accepts(b"900101100004"));
    }
}
