//! Invented numbers: personal ones that check, and the ones that get mistaken for them.
//!
//! Written from the public rules and apart from the library, so that an error there is not
//! repeated here.

use super::random::Random;

/// The two weight rows of the personal number's check digit.
const FIRST: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const SECOND: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

/// The check digit and whether the second pass made it; `None`: such a number is not issued.
fn check_digit(eleven: &str) -> Option<(u32, bool)> {
    let sum = |weights: [u32; 11]| {
        eleven.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum::<u32>() % 11
    };
    match (sum(FIRST), sum(SECOND)) {
        (10, 10) => None,
        (10, r) => Some((r, true)),
        (r, _) => Some((r, false)),
    }
}

/// What a personal number is to look like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Most birth-dated on the first pass, some on the second, some without a date.
    Mixed,
    Dated,
    SecondPass,
    /// Digits 1-6 are no date, as the rules since 2013 allow.
    Undated,
    /// Starts with one or more zeros.
    LeadingZero,
}

/// A personal number with a right check digit and a 7th digit of 1 or 2 (born 18xx).
pub fn iin(random: &mut Random, shape: Shape) -> String {
    let shape = match shape {
        Shape::Mixed => match random.within(0, 19) {
            0..=2 => Shape::SecondPass,
            3..=4 => Shape::Undated,
            _ => Shape::Dated,
        },
        shape => shape,
    };
    loop {
        let year = match shape {
            Shape::LeadingZero => random.within(0, 9),
            _ => random.within(0, 99),
        };
        let month = match shape {
            Shape::Undated => random.within(13, 99),
            _ => random.within(1, 12),
        };
        let day = random.within(1, 28);
        let eleven = format!(
            "{year:02}{month:02}{day:02}{}{:04}",
            random.within(1, 2),
            random.within(1, 9999)
        );
        match check_digit(&eleven) {
            Some((r, second)) if second || shape != Shape::SecondPass => {
                return format!("{eleven}{r}");
            }
            _ => {}
        }
    }
}

/// A business number: YYMM, residency 4-6, branch 0-3, serial, check digit.
pub fn bin(random: &mut Random) -> String {
    loop {
        let eleven = format!(
            "{:02}{:02}{}{}{:05}",
            random.within(0, 25),
            random.within(1, 12),
            random.within(4, 6),
            random.within(0, 3),
            random.within(1, 99_999)
        );
        if let Some((r, _)) = check_digit(&eleven) {
            return format!("{eleven}{r}");
        }
    }
}

/// A number of any meaning that happens to agree with the personal number's check digit.
pub fn passing_by_chance(random: &mut Random) -> String {
    loop {
        let eleven = random.digits(11);
        if let Some((r, _)) = check_digit(&eleven) {
            return format!("{eleven}{r}");
        }
    }
}

/// A card number of 16 digits with its Luhn digit.
pub fn pan(random: &mut Random) -> String {
    let body =
        format!("{}{}", random.pick(&["440043", "539945", "220220", "400303"]), random.digits(9));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d - b'0') * if i % 2 == 0 { 2 } else { 1 };
            d / 10 + d % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// `KZ` IBAN: 2 check digits, 3 of the bank, 13 of the account.
pub fn iban(random: &mut Random) -> String {
    let account = format!("{}{}", random.within(125, 998), random.digits(13));
    // ISO 13616: country and "00" go to the end, letters become two digits (K = 20, Z = 35).
    let rest =
        format!("{account}203500").bytes().fold(0u64, |r, d| (r * 10 + u64::from(d - b'0')) % 97);
    format!("KZ{:02}{account}", 98 - rest)
}

/// EAN-13 (`n` = 13) or UPC-A (`n` = 12) with its check digit.
pub fn barcode(random: &mut Random, n: usize) -> String {
    let body = if n == 13 {
        format!("{}{}", random.pick(&["487", "460", "590", "400"]), random.digits(9))
    } else {
        random.digits(11)
    };
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, d)| u32::from(d - b'0') * if i % 2 == 0 { 3 } else { 1 })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A moment as civil fields, for `%` formats. Seconds since 1970 and microseconds.
pub fn format_time(seconds: i64, micros: u32, format: &str) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days to civil date (Hinnant, "chrono-compatible low-level date algorithms").
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('Y') => out += &format!("{year:04}"),
            Some('y') => out += &format!("{:02}", year % 100),
            Some('m') => out += &format!("{month:02}"),
            Some('d') => out += &format!("{day:02}"),
            Some('e') => out += &format!("{day:2}"),
            Some('b') => out += MONTHS[(month - 1) as usize],
            Some('H') => out += &format!("{:02}", rest / 3600),
            Some('M') => out += &format!("{:02}", rest / 60 % 60),
            Some('S') => out += &format!("{:02}", rest % 60),
            Some('L') => out += &format!("{:03}", micros / 1000),
            Some('U') => out += &format!("{micros:06}"),
            Some('s') => out += &format!("{seconds}"),
            Some('Q') => out += &format!("{seconds}{:03}", micros / 1000),
            Some('J') => out += &format!("{seconds}{micros:06}"),
            other => panic!("unknown time field {other:?} in {format}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_numbers_check_as_the_worked_examples_do() {
        assert_eq!(check_digit("90010110000"), Some((4, false)));
        assert_eq!(check_digit("85123120398"), Some((5, false)));
        assert_eq!(check_digit("90010110050"), Some((0, true)));
        assert_eq!(check_digit("90010110055"), None);
    }

    #[test]
    fn shapes_are_what_they_say() {
        let mut random = Random::new(1);
        for _ in 0..200 {
            let n = iin(&mut random, Shape::SecondPass);
            assert_eq!(check_digit(&n[..11]).map(|(_, second)| second), Some(true));
            assert!(iin(&mut random, Shape::LeadingZero).starts_with('0'));
            let n = iin(&mut random, Shape::Undated);
            assert!(n[2..4].parse::<u32>().unwrap() > 12);
            assert!(matches!(&n[6..7], "1" | "2"));
        }
    }

    #[test]
    fn other_numbers_check_by_their_own_rules() {
        let mut random = Random::new(2);
        let iban = iban(&mut random);
        let moved = format!("{}2035{}", &iban[4..], &iban[2..4]);
        assert_eq!(moved.bytes().fold(0u64, |r, d| (r * 10 + u64::from(d - b'0')) % 97), 1);
        assert_eq!(iban.len(), 20);
        assert_eq!(pan(&mut random).len(), 16);
        assert_eq!(barcode(&mut random, 13).len(), 13);
    }

    #[test]
    fn times_are_civil() {
        assert_eq!(
            format_time(1_709_164_800, 1500, "%Y-%m-%d %H:%M:%S.%L"),
            "2024-02-29 00:00:00.001"
        );
        assert_eq!(format_time(0, 0, "%y%m%d%H%M%S %b %e"), "700101000000 Jan  1");
    }
}
