//! Twelve digits along a line of which the likeliest reading is no such number: a digit too many
//! or too few, or one mistaken.
//!
//! All ways through the answers of the network that spell blanks and words, twelve digits, blanks and
//! words are followed together, and what a way costs more than the likeliest answers is told. A way
//! that costs too much ends early, so few are open at a time.

/// What one step says, as log probabilities.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub digits: [f32; 10],
    pub nothing: f32,
    pub blank: f32,
    /// The likeliest character that is no digit.
    pub other: f32,
}

/// A number that a line may hold, and what it costs: natural log units below the likeliest reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spelled {
    pub digits: [u8; 12],
    pub cost: f32,
}

/// Ways that are followed at a time: a line with three doubtful digits has some thirty.
const MAX_OPEN: usize = 96;
/// Groups that the twelve digits are printed in, at most.
const MAX_BLANKS: u8 = 3;

/// How far a way has come.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Way {
    digits: [u8; 12],
    /// Digits so far.
    len: usize,
    last: Last,
    blanks: u8,
    cost: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Digit,
    Nothing,
    Blank,
    /// Beyond the number.
    After,
}

/// The numbers of twelve digits along these steps that cost at most so much, cheapest first.
pub(super) fn spelled(steps: impl Iterator<Item = Said>, most: f32) -> Vec<Spelled> {
    let start = Way { digits: [0; 12], len: 0, last: Last::Nothing, blanks: 0, cost: 0.0 };
    let mut open = vec![start];
    for said in steps {
        let likeliest =
            said.digits.into_iter().fold(said.nothing.max(said.blank).max(said.other), f32::max);
        let mut next: Vec<Way> = Vec::with_capacity(2 * open.len());
        for way in &open {
            way.goes_on(&said, likeliest, most, &mut next);
        }
        next.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        next.truncate(MAX_OPEN);
        open = next;
    }
    let mut out: Vec<Spelled> = Vec::new();
    for way in open.iter().filter(|way| way.len == 12) {
        if !out.iter().any(|known| known.digits == way.digits) {
            out.push(Spelled { digits: way.digits, cost: way.cost });
        }
    }
    out
}

impl Way {
    /// All ways in which it goes on through one step.
    fn goes_on(&self, said: &Said, likeliest: f32, most: f32, out: &mut Vec<Way>) {
        let mut offer = |way: Way, log: f32| {
            let cost = self.cost + likeliest - log;
            if cost > most {
                return;
            }
            let same = |w: &&mut Way| {
                (w.len, w.last, w.blanks, w.digits) == (way.len, way.last, way.blanks, way.digits)
            };
            match out.iter_mut().find(same) {
                Some(known) => known.cost = known.cost.min(cost),
                None => out.push(Way { cost, ..way }),
            }
        };
        let beside = said.nothing.max(said.blank).max(said.other);
        match self.last {
            Last::After => return offer(*self, beside),
            _ if self.len == 0 => offer(*self, beside),
            _ if self.len == 12 => {
                // Nothing may stand at once after the last digit: another one would be its repetition.
                offer(
                    Way { last: Last::After, ..*self },
                    said.nothing.max(said.blank).max(said.other),
                );
            }
            _ => {
                offer(Way { last: Last::Nothing, ..*self }, said.nothing);
                let blanks = self.blanks + u8::from(self.last != Last::Blank);
                if blanks <= MAX_BLANKS {
                    offer(Way { last: Last::Blank, blanks, ..*self }, said.blank);
                }
            }
        }
        let before = self.len.checked_sub(1).and_then(|i| self.digits.get(i)).copied();
        for (digit, &log) in (b'0'..).zip(&said.digits) {
            let repeated = self.last == Last::Digit && before == Some(digit);
            if repeated {
                offer(*self, log);
            } else if self.len < 12 {
                let mut way = Way { len: self.len + 1, last: Last::Digit, ..*self };
                if let Some(place) = way.digits.get_mut(self.len) {
                    *place = digit;
                }
                offer(way, log);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each character once, with nothing after it; `?xy` is x with 0.7 or y with 0.3, `~x` x with 0.8
    /// or nothing.
    fn steps(text: &str) -> Vec<Said> {
        let mut out = Vec::new();
        let step = |likely: &[(char, f32)]| {
            let tiny = 1e-7f32.ln();
            let mut said = Said { digits: [tiny; 10], nothing: tiny, blank: tiny, other: tiny };
            for &(c, p) in likely {
                match c {
                    '0'..='9' => said.digits[c as usize - '0' as usize] = p.ln(),
                    '_' => said.nothing = p.ln(),
                    ' ' => said.blank = p.ln(),
                    _ => said.other = p.ln(),
                }
            }
            said
        };
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let mut next = || chars.next().unwrap();
            out.push(match c {
                '?' => step(&[(next(), 0.7), (next(), 0.3)]),
                '~' => step(&[(next(), 0.8), ('_', 0.2)]),
                c => step(&[(c, 0.99), ('_', 0.01)]),
            });
            out.push(step(&[('_', 0.999)]));
        }
        out
    }

    fn numbers(text: &str) -> Vec<String> {
        let found = spelled(steps(text).into_iter(), 4.0);
        found.iter().map(|s| String::from_utf8_lossy(&s.digits).into_owned()).collect()
    }

    #[test]
    fn what_is_printed_comes_first() {
        assert_eq!(numbers("x 900101100004")[0], "900101100004");
        assert_eq!(numbers("900101 100 004 x")[0], "900101100004");
        assert_eq!(numbers("90010?17100004")[..2], ["900101100004", "900107100004"]);
    }

    #[test]
    fn a_digit_too_many_or_too_few_is_told_where_it_is_doubtful() {
        assert!(numbers("~1900101100004").contains(&"900101100004".to_owned()));
        assert!(numbers("9001011000040").is_empty());
        assert!(numbers("90010110000").is_empty());
    }

    #[test]
    fn doubt_everywhere_does_not_grow_without_end() {
        assert!(numbers(&"?12".repeat(60)).len() <= MAX_OPEN);
    }
}
