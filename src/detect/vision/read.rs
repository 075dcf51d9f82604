//! One line that was read: what it says, and how it stands to other lines.

use super::lexicon::{Found, Lexicon};
use super::sight::Line;
use crate::detect::way::Way;
use crate::reader::{Number, TextLine};

/// A line of which less is known words is a sentence that mentions a document; of which more, a
/// label. Between, in proportion.
const PURE: (f32, f32) = (0.5, 0.85);
/// What stands between two languages, and the letters that one of them has at least.
const LANGUAGES_PARTED: [char; 3] = ['/', '|', '\\'];
const MIN_LANGUAGE: usize = 6;
/// What forms have beside their labels.
const FORM_MARKS: [&str; 5] = [":", "_", "№", "...", "*"];
/// Digits of a personal number.
const NUMBER_DIGITS: usize = 12;
/// Other letters and digits on the line of a number: a label, not a sentence.
const MAX_BESIDE_NUMBER: usize = 16;
/// Letters on the line of a date.
const MAX_BESIDE_DAY: usize = 3;
/// Letters of a name.
const MIN_NAME: usize = 4;
/// Letters that two parts of a line say more together than each for itself.
const MIN_JOINED: usize = 4;
/// Where a part of a line goes on, in heights of its capitals: how far on, how far off, how much larger.
const BROKEN_GAP: std::ops::RangeInclusive<f32> = -0.5..=3.0;
const MAX_OFF_LINE: f32 = 0.5;
const LIKE_PRINT: std::ops::RangeInclusive<f32> = 0.75..=1.33;
/// Lines of one document are no farther apart, in heights of a capital: on a card some 3, where a copy
/// lost the small labels between them up to 15.
const LINKED: f32 = 16.0;
/// A number that stands alone is farther from the title where nothing but names between them is left:
/// the height of a card over that of its digits.
const LINKED_NUMBER: f32 = 27.0;

/// One line that was read.
pub(super) struct Read<'l> {
    pub line: &'l Line,
    pub found: Found,
    pub numbers: Vec<Number>,
    /// Characters read.
    pub letters: usize,
    words: String,
    /// Some of its words are those of an identity document, or its very title.
    of_document: bool,
    pub has_title: bool,
    /// It holds what forms have beside their labels: a colon, a rule to write on, a number sign.
    pub form_marks: bool,
    /// It is the label of the personal number.
    pub names_number: bool,
    /// Some of its words are those of something that gets mistaken for an identity document.
    pub of_lookalike: bool,
}

impl<'l> Read<'l> {
    pub fn new(lexicon: &Lexicon, line: &'l Line, text: &TextLine) -> Read<'l> {
        let words = text.text();
        let found = either_language(lexicon, &words);
        Read {
            line,
            of_document: found.hits.iter().any(|h| lexicon.is_of_document(h.phrase)),
            has_title: found.hits.iter().any(|h| lexicon.is_title(h.phrase)),
            form_marks: FORM_MARKS.iter().any(|mark| words.contains(mark)),
            of_lookalike: found.hits.iter().any(|h| lexicon.is_of_lookalike(h.phrase)),
            names_number: lexicon.names_number(&words),
            found,
            numbers: text.numbers(),
            letters: text.len(),
            words,
        }
    }

    /// A line of which only the number is known.
    pub fn of_number(line: &'l Line, number: Number) -> Read<'l> {
        Read {
            line,
            found: Found::default(),
            numbers: vec![number],
            letters: NUMBER_DIGITS,
            words: String::new(),
            of_document: false,
            has_title: false,
            form_marks: false,
            names_number: false,
            of_lookalike: false,
        }
    }

    /// Whether it says that a document may be near: a number, or words of one and little else.
    pub fn tells(&self) -> bool {
        self.is_number() || (self.of_document && self.pure() > 0.0)
    }

    /// 0 for a sentence that mentions a document, 1 for a label.
    pub fn pure(&self) -> f32 {
        ((self.found.purity() - PURE.0) / (PURE.1 - PURE.0)).clamp(0.0, 1.0)
    }

    /// Whether the other begins where this one ends, in like print.
    fn goes_on_in(&self, other: &Read<'_>) -> bool {
        let (line, ratio) = (self.line, other.line.capital() / self.line.capital().max(1.0));
        let start = other.line.path.place(-other.line.path.pitches() / 2.0, 0.0);
        let (along, down) = line.path.terms(start);
        let gap = along - line.path.pitches() / 2.0;
        LIKE_PRINT.contains(&ratio) && BROKEN_GAP.contains(&gap) && down.abs() <= MAX_OFF_LINE
    }

    /// The days on it, as a personal number begins with them: `YYMMDD` of `DD.MM.YYYY`, whatever stands
    /// between the parts.
    pub fn days(&self) -> Vec<[u8; 6]> {
        let digits: Vec<u8> = self.words.bytes().filter(u8::is_ascii_digit).collect();
        let beside = self.words.chars().filter(|c| c.is_alphabetic()).count();
        match digits.as_slice() {
            &[d, e, m, n, _, _, y, z] if beside <= MAX_BESIDE_DAY => vec![[y, z, m, n, d, e]],
            _ => Vec::new(),
        }
    }

    /// Characters that are digits, or letters read for some.
    pub fn digits(&self) -> usize {
        self.words.chars().filter(char::is_ascii_digit).count()
    }

    /// Whether it is a name as documents have it: a word or two in capitals.
    pub fn is_name(&self) -> bool {
        let letters = self.words.chars().filter(|c| c.is_alphabetic()).count();
        let capital = |c: char| c == ' ' || c == '-' || c.is_uppercase();
        letters >= MIN_NAME && self.words.chars().all(capital)
    }

    /// Whether there is a number and next to nothing else.
    pub fn is_number(&self) -> bool {
        !self.numbers.is_empty() && self.letters <= NUMBER_DIGITS + MAX_BESIDE_NUMBER
    }

    /// Whether two lines are near enough to be of one document.
    pub fn is_linked(&self, other: &Read<'_>) -> bool {
        let one_number = self.is_number() != other.is_number();
        self.gap(other) <= if one_number { LINKED_NUMBER } else { LINKED }
    }

    /// Whether a line is near enough to be the number of the document that this one is of.
    pub fn reaches(&self, line: &Line) -> bool {
        let capital = self.line.capital().max(line.capital()).max(1.0);
        gap(self.line, line) <= LINKED_NUMBER * capital
    }

    /// Whether a line is read the same way.
    pub fn is_as_turned(&self, line: &Line) -> bool {
        Way::from(&self.line.path) == Way::from(&line.path)
    }

    pub fn first_number(&self) -> Option<[u8; 12]> {
        self.numbers.first().map(|n| n.digits)
    }

    /// The gap between two lines, in heights of a capital of the larger print.
    fn gap(&self, other: &Read<'_>) -> f32 {
        gap(self.line, other.line) / self.line.capital().max(other.line.capital()).max(1.0)
    }

    /// How far below this line the other's middle lies, in heights of its capitals.
    pub fn down_to(&self, other: &Read<'_>) -> f32 {
        self.line.path.terms(other.line.centre()).1
    }

    /// How far the middles lie from one another, in heights of a capital of the smaller print.
    pub fn distance(&self, other: &Read<'_>) -> f32 {
        self.line.distance(other.line) / self.line.capital().min(other.line.capital()).max(1.0)
    }
}

/// The gap between the boxes of two lines, in pixels.
fn gap(a: &Line, b: &Line) -> f32 {
    let spans = |line: &Line| {
        let half = line.path.pitches() / 2.0;
        let (a, b) = (line.path.place(-half, 0.0), line.path.place(half, 0.0));
        (a.0.min(b.0), a.0.max(b.0), a.1.min(b.1), a.1.max(b.1))
    };
    let (a, b) = (spans(a), spans(b));
    let apart = |a0: f32, a1: f32, b0: f32, b1: f32| (b0 - a1).max(a0 - b1).max(0.0);
    let (x, y) = (apart(a.0, a.1, b.0, b.1), apart(a.2, a.3, b.2, b.3));
    x.hypot(y)
}

/// The phrases of a line. What stands in two languages beside one another is as pure as the one that was
/// read: the other one may lie under glare.
fn either_language(lexicon: &Lexicon, words: &str) -> Found {
    let mut found = lexicon.find(words);
    if found.hits.is_empty() || found.purity() >= PURE.1 {
        return found;
    }
    for part in words.split(LANGUAGES_PARTED) {
        let part = lexicon.find(part);
        if part.letters >= MIN_LANGUAGE && part.purity() > found.purity() {
            (found.covered, found.letters) = (part.covered, part.letters);
        }
    }
    found
}

/// Takes two parts of one line for the line, where they say more so: the streak of a copier or a fold
/// runs through a title.
pub(super) fn join_broken(lexicon: &Lexicon, reads: &mut [Read<'_>]) {
    for i in 0..reads.len() {
        let Some(left) = reads.get(i) else { continue };
        let rest = reads.iter().filter(|right| left.goes_on_in(right));
        let whole = rest.map(|right| {
            let found = lexicon.find(&format!("{} {}", left.words, right.words));
            (found, left.found.covered + right.found.covered)
        });
        let whole = whole
            .filter(|(found, apart)| found.covered >= apart + MIN_JOINED)
            .max_by_key(|(found, _)| found.covered);
        if let (Some((found, _)), Some(read)) = (whole, reads.get_mut(i)) {
            read.of_document = found.hits.iter().any(|h| lexicon.is_of_document(h.phrase));
            read.has_title = found.hits.iter().any(|h| lexicon.is_title(h.phrase));
            read.found = found;
        }
    }
}
