//! Runs of digits in a window: plain ones of 8 to 14, and twelve digits in groups.
//!
//! A plain run is bounded by anything that is no digit: `id_900101100004` counts, a part of a
//! longer number does not. `\b` would lose the first and a date check what the law allows, so
//! neither is asked here; meaning is decided by context, later. Grouped runs (`900101 100 004`)
//! are digits joined by single separators; they are many in logs and get a label check at once.

use super::simd::{BitWork, Classes, with_bit_instructions};

/// Digits in a plain run: what a passport and a card number need, IINs of a spreadsheet that lost
/// leading zeros, and twelve digits glued to the two of a percent escape (`%20900101100004`).
pub const MIN_PLAIN: usize = 8;
pub const MAX_PLAIN: usize = 14;
/// Twelve digits and at least one separator.
const MIN_GROUPED: usize = 13;
/// Twelve digits, eleven separators of two bytes (no-break space in UTF-8), and what may follow.
const MAX_GROUPED: usize = 64;

/// Reused from window to window.
#[derive(Debug, Default)]
pub struct Finder {
    classes: Classes,
}

/// A run in the window, `start..start + len` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub start: usize,
    pub len: usize,
    /// The run holds separators; its first twelve digits end the groups that were counted.
    pub grouped: bool,
}

impl Finder {
    /// Where two fillers of a zone stand, `<<` or `< <`, in the bytes of the last [`Finder::find`].
    pub fn fillers(&self) -> impl Iterator<Item = usize> {
        let maps = &self.classes.fillers;
        maps.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(|(i, &word)| {
            let next = maps.get(i + 1).copied().unwrap_or(0);
            let one = (word >> 1) | (next << 63);
            let two = (word >> 2) | (next << 62);
            let joins = self.classes.joins.get(i).copied().unwrap_or(0);
            let joins_next = self.classes.joins.get(i + 1).copied().unwrap_or(0);
            let blank = (joins >> 1) | (joins_next << 63);
            let mut hits = word & (one | (two & blank));
            std::iter::from_fn(move || {
                let at = (hits != 0).then(|| i * 64 + hits.trailing_zeros() as usize);
                hits &= hits.wrapping_sub(1);
                at
            })
        })
    }

    /// Calls `plain` for plain runs of 8 to 14 digits and `grouped` for joined groups whose first
    /// groups sum to twelve digits, each in order of position. `wide` is the no-break space of the
    /// encoding (one or two bytes, `[x, x]` if one).
    pub fn find(
        &mut self,
        bytes: &[u8],
        wide: [u8; 2],
        mut plain: impl FnMut(Run),
        mut grouped: impl FnMut(Run),
    ) {
        self.classes.fill(bytes, [b' ', b'-', wide[0], wide[1]]);
        with_bit_instructions(Walks {
            classes: &self.classes,
            bytes,
            plain: &mut plain,
            grouped: &mut grouped,
        });
    }
}

/// One pass over the bitmaps of a window.
struct Walks<'w, P, G> {
    classes: &'w Classes,
    bytes: &'w [u8],
    plain: &'w mut P,
    grouped: &'w mut G,
}

impl<P: FnMut(Run), G: FnMut(Run)> BitWork for Walks<'_, P, G> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let Walks { classes, bytes, plain, grouped } = self;
        let digits = classes.digits.as_slice();
        let joins = classes.joins.as_slice();
        let mut plain = |start, len| {
            if len <= MAX_PLAIN {
                plain(Run { start, len, grouped: false });
            }
        };
        let mut joined_run = |start, len| {
            // The date and hour of a log line are ten digits: not worth a closer look.
            if len <= MAX_GROUPED && count_bits(digits, start, len) >= 12 {
                split_groups(bytes, start, len, grouped);
            }
        };
        let (mut plain_walk, mut group_walk) = (Walk::default(), Walk::default());
        let word =
            |i: usize| (digits.get(i).copied().unwrap_or(0), joins.get(i).copied().unwrap_or(0));
        // Digits and joined digits of this word and the next; what stood in the last place before.
        let mut ahead = word(1);
        let (mut d, j) = word(0);
        let mut joined = join(d, j, 0, ahead.0 | ahead.1);
        let mut all_before = (d | j) >> 63;
        for i in 0..digits.len() {
            let (next_d, next_j) = ahead;
            ahead = word(i + 2);
            let next_joined = join(next_d, next_j, all_before, ahead.0 | ahead.1);
            all_before = (next_d | next_j) >> 63;
            if plain_walk.open || holds::<MIN_PLAIN>(d, next_d) {
                plain_walk.word::<MIN_PLAIN>(i, d, &mut plain);
            }
            if group_walk.open || holds::<MIN_GROUPED>(joined, next_joined) {
                group_walk.word::<MIN_GROUPED>(i, joined, &mut joined_run);
            }
            (d, joined) = (next_d, next_joined);
        }
        plain_walk.finish::<MIN_PLAIN>(bytes.len(), &mut plain);
        group_walk.finish::<MIN_GROUPED>(bytes.len(), &mut joined_run);
    }
}

/// Digits, and separators that join: a digit (or the other half of a wide one) stands on both sides.
/// `before` and `after` are the places next to the word.
#[inline(always)]
fn join(digits: u64, joins: u64, before: u64, after: u64) -> u64 {
    let all = digits | joins;
    digits | (joins & ((all << 1) | before) & ((all >> 1) | (after << 63)))
}

/// Whether a run of at least `MIN` bits lies in `word` or begins at its end and goes on in `next`.
#[inline(always)]
fn holds<const MIN: usize>(word: u64, next: u64) -> bool {
    at_least::<MIN>(word) != 0
        || (word >> 63 == 1 && (word.leading_ones() + next.trailing_ones()) as usize >= MIN)
}

/// Set bits of `map` in `start..start + len`, at most 64 of them.
#[inline(always)]
fn count_bits(map: &[u64], start: usize, len: usize) -> u32 {
    let Some(rest) = map.get(start / 64..) else { return 0 };
    let shift = (start % 64) as u32;
    let low = rest.first().copied().unwrap_or(0) >> shift;
    // Twice, because a shift by 64 is none.
    let high = rest.get(1).map_or(0, |next| (next << 1) << (63 - shift));
    let kept = u64::MAX >> (64 - len.clamp(1, 64) as u32);
    ((low | high) & kept).count_ones()
}

/// Cuts a joined run where two separators meet, and reports each piece whose first groups sum to
/// exactly twelve digits with one kind of separator between them.
#[cold]
fn split_groups(bytes: &[u8], start: usize, len: usize, grouped: &mut impl FnMut(Run)) {
    let Some(run) = bytes.get(start..start + len) else { return };
    let mut piece = Piece::default();
    let mut i = 0;
    while i < run.len() {
        let b = run[i];
        if b.is_ascii_digit() {
            piece.digit(i);
            i += 1;
            if piece.digits == 12 && !run.get(i).is_some_and(u8::is_ascii_digit) {
                if piece.separators > 0 {
                    grouped(Run {
                        start: start + piece.start,
                        len: i - piece.start,
                        grouped: true,
                    });
                }
                piece.used = true;
            }
            continue;
        }
        // One separator: a byte, or the two bytes of a wide one.
        let width = if b == 0xc2 && run.get(i + 1) == Some(&0xa0) { 2 } else { 1 };
        let next_is_digit = run.get(i + width).is_some_and(u8::is_ascii_digit);
        if !next_is_digit || !piece.separator(b) {
            piece = Piece::default();
        }
        i += width;
    }
}

/// A piece of a joined run while its digits are counted.
#[derive(Default)]
struct Piece {
    start: usize,
    digits: usize,
    separators: usize,
    kind: u8,
    used: bool,
}

impl Piece {
    fn digit(&mut self, at: usize) {
        if self.digits == 0 {
            self.start = at;
        }
        self.digits += 1;
    }

    /// Whether the piece goes on after this separator.
    fn separator(&mut self, byte: u8) -> bool {
        if self.used
            || self.digits == 0
            || self.digits >= 12
            || (self.separators > 0 && byte != self.kind)
        {
            return false;
        }
        self.kind = byte;
        self.separators += 1;
        true
    }
}

/// Walks runs of set bits across words.
#[derive(Default)]
struct Walk {
    open: bool,
    start: usize,
}

impl Walk {
    /// Takes word `index`; reports every run of at least `MIN` bits that ends in it. Positions are
    /// below the length of a slice, so the sums cannot wrap; the checks would cost a fifth of a scan.
    #[inline(always)]
    fn word<const MIN: usize>(
        &mut self,
        index: usize,
        word: u64,
        report: &mut impl FnMut(usize, usize),
    ) {
        let base = index.wrapping_mul(64);
        let mut w = word;
        if self.open {
            let low = w.trailing_ones();
            if low == 64 {
                return;
            }
            self.open = false;
            let len = base.wrapping_add(low as usize).wrapping_sub(self.start);
            if len >= MIN {
                report(self.start, len);
            }
            // Cleared, so that the rest is not taken for a run of its own.
            w &= u64::MAX << low;
        }
        let high = w.leading_ones();
        if high > 0 {
            self.open = true;
            self.start = base.wrapping_add(64).wrapping_sub(high as usize);
            w = if high == 64 { 0 } else { w & (u64::MAX >> high) };
        }
        let mut starts = at_least::<MIN>(w);
        while starts != 0 {
            let at = starts.trailing_zeros();
            let len = (w >> at).trailing_ones();
            report(base.wrapping_add(at as usize), len as usize);
            let end = at.wrapping_add(len);
            starts = if end >= 64 { 0 } else { starts & (u64::MAX << end) };
        }
    }

    fn finish<const MIN: usize>(&mut self, end: usize, report: &mut impl FnMut(usize, usize)) {
        if std::mem::take(&mut self.open) && end - self.start >= MIN {
            report(self.start, end - self.start);
        }
    }
}

/// Bits that begin at least `MIN` consecutive set bits (`MIN` is 8 or 13).
#[inline(always)]
fn at_least<const MIN: usize>(w: u64) -> u64 {
    let two = w & (w >> 1);
    let four = two & (two >> 2);
    let eight = four & (four >> 4);
    if MIN == 8 { eight } else { eight & (four >> 8) & (w >> 12) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &[u8]) -> (Vec<(usize, usize)>, Vec<String>) {
        let (mut plain, mut grouped) = (Vec::new(), Vec::new());
        Finder::default().find(
            text,
            [0xc2, 0xa0],
            |r| plain.push((r.start, r.len)),
            |r| grouped.push(String::from_utf8_lossy(&text[r.start..r.start + r.len]).into_owned()),
        );
        (plain, grouped)
    }

    /// The definition, byte by byte.
    fn by_hand(text: &[u8]) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        let mut i = 0;
        while i < text.len() {
            let len = text[i..].iter().take_while(|b| b.is_ascii_digit()).count();
            if (MIN_PLAIN..=MAX_PLAIN).contains(&len) {
                out.push((i, len));
            }
            i += len.max(1);
        }
        out
    }

    #[test]
    fn plain_runs_are_bounded_by_digits_only_wherever_words_end() {
        for shift in 0..130 {
            let mut text = vec![b'x'; shift];
            text.extend_from_slice(b"900101100004_12345678;1234567,123456789012345678901234 900101100004123 id_900101100004");
            assert_eq!(runs(&text).0, by_hand(&text), "shift {shift}");
        }
    }

    #[test]
    fn random_bytes_agree_with_the_definition() {
        let mut seed = 1u64;
        for _ in 0..300 {
            let text: Vec<u8> = (0..500)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    b"0123456789012345678901234567890123456789 -x"[(seed >> 33) as usize % 43]
                })
                .collect();
            assert_eq!(runs(&text).0, by_hand(&text));
        }
    }

    #[test]
    fn groups_of_twelve_are_found_and_others_are_not() {
        for shift in [0, 40, 60, 63] {
            let text = |s: &str| [vec![b'x'; shift], s.as_bytes().to_vec()].concat();
            for ok in [
                "900101 100004",
                "900101-100-004",
                "9001 0110 0004",
                "9 0 0 1 0 1 1 0 0 0 0 4",
                "900101\u{a0}100\u{a0}004",
            ] {
                assert_eq!(runs(&text(ok)).1, [ok], "{ok}");
            }
            for not in ["2026-11-21 1958", "900101  100004", "90010 100004", "9001 0110 00045"] {
                assert!(runs(&text(not)).1.is_empty(), "{not}");
            }
            assert_eq!(runs(&text("900101 100 004 87")).1, ["900101 100 004"]);
        }
    }
}
