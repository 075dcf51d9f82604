//! IIN: twelve digits, the last of which is a check digit (DOMAIN 2.2).

/// Weights of the first pass over the first eleven digits.
const FIRST: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/// Weights of the second pass, taken where the first gives ten.
const SECOND: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

/// Whether the twelfth of these ASCII digits is the check digit of the eleven before it.
/// False for anything but digits, and for numbers whose passes both give ten: those are
/// never issued.
pub fn check_digit_ok(digits: &[u8; 12]) -> bool {
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum = |weights: &[u32; 11]| {
        digits.iter().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum::<u32>() % 11
    };
    let check = match sum(&FIRST) {
        10 => sum(&SECOND),
        r => r,
    };
    check == u32::from(digits[11] - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_both_passes_are_accepted() {
        for n in ["900101100004", "900101100014", "851231203985", "900101100500", "851231203499"] {
            assert!(check_digit_ok(n.as_bytes().try_into().unwrap()), "{n}");
        }
    }

    #[test]
    fn a_changed_digit_or_a_letter_is_refused() {
        assert!(!check_digit_ok(b"900101100005"));
        assert!(!check_digit_ok(b"90010110000O"));
    }

    #[test]
    fn a_number_that_is_never_issued_has_no_right_check_digit() {
        for last in b'0'..=b'9' {
            let mut n = *b"900101100550";
            n[11] = last;
            assert!(!check_digit_ok(&n));
        }
    }
}
