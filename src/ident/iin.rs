//! The individual identification number: its check digit (Law 223 of 2007, the algorithm as six
//! independent implementations agree on it).

const FIRST: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const SECOND: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

/// Whether the twelfth ASCII digit is the check digit of the eleven before it. `false` for
/// numbers that both passes leave without one: those are never issued.
pub fn check_digit_ok(digits: &[u8; 12]) -> bool {
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let remainder = |weights: &[u32; 11]| {
        digits.iter().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum::<u32>() % 11
    };
    let check = match remainder(&FIRST) {
        10 => remainder(&SECOND),
        r => r,
    };
    check == u32::from(digits[11] - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_passes_agree_with_known_numbers() {
        for good in [b"900101100004", b"851231203985", b"900101100500", b"851231203499"] {
            assert!(check_digit_ok(good));
        }
        for bad in [b"900101100005", b"900101100550", b"90010110000x"] {
            assert!(!check_digit_ok(bad));
        }
    }
}
