//! The words of identity documents, found in lines as a reader gives them: with letters mistaken,
//! blanks lost and added.
//!
//! Phrases are compared by their looks ([`crate::text::fold`]): what the reader cannot tell apart
//! costs nothing, a wrong letter one, a blank a third. A short word must stand alone and be right.

use std::collections::HashMap;

use crate::patterns::{Patterns, Printed};
use crate::text::fold::look_alike;

/// All phrases of all documents and look-alikes, each once.
pub struct Lexicon {
    phrases: Vec<Phrase>,
}

struct Phrase {
    /// As in the pattern file, with its language: what a sign tells.
    text: String,
    lang: String,
    folded: Vec<char>,
    /// Of each letter the bit of itself, and those of letters alike.
    bits: Vec<(u64, u64)>,
    /// The most that a reading may be off.
    slack: f32,
    senses: Vec<Sense>,
}

/// What a phrase says in one row of the patterns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sense {
    pub of: Of,
    pub title: bool,
    pub side: Option<&'static str>,
    pub weight: f32,
}

/// Which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    /// Index into [`crate::patterns::Documents::rows`].
    Document(usize),
    /// No identity document: a driving licence, a form.
    Lookalike,
}

/// A phrase in a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub phrase: usize,
    /// 1 where each letter is right, 0 at the edge of what is taken for it.
    pub quality: f32,
    /// Letters of the line that it covers.
    from: usize,
    to: usize,
}

/// The phrases of one line.
#[derive(Debug, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// Letters of the line that are in one of them, and all.
    pub covered: usize,
    pub letters: usize,
}

impl Found {
    /// How much of the line is known words: a label says nothing else, a sentence much else.
    pub fn purity(&self) -> f32 {
        self.covered as f32 / self.letters.max(1) as f32
    }
}

/// A blank lost or added.
const BLANK_COST: f32 = 0.34;
/// A phrase that begins or ends within a word of the line.
const BROKEN_COST: f32 = 0.7;
/// A letter taken for one that looks alike; and what sums of costs may be off by.
const ALIKE_COST: f32 = 0.5;
const ROUNDING: f32 = 0.001;
/// What the personal number is called, in Kazakh and Russian.
const NUMBER_NAMES: [&str; 2] = ["ЖСН", "ИИН"];
/// The longest line that is looked at: two labels in two languages.
const MAX_LETTERS: usize = 120;

impl Lexicon {
    pub fn new(patterns: &Patterns) -> Lexicon {
        let mut lexicon = Lexicon { phrases: Vec::new() };
        let mut known: HashMap<Vec<char>, usize> = HashMap::new();
        for (i, row) in patterns.documents.rows.iter().enumerate() {
            let titles = row.titles.iter().map(|p| (p, true));
            for (printed, title) in titles.chain(row.labels.iter().map(|p| (p, false))) {
                lexicon.add(&mut known, printed, Of::Document(i), title);
            }
        }
        for row in &patterns.lookalikes {
            row.words.iter().for_each(|p| lexicon.add(&mut known, p, Of::Lookalike, true));
        }
        lexicon
    }

    fn add(
        &mut self,
        known: &mut HashMap<Vec<char>, usize>,
        printed: &Printed,
        of: Of,
        title: bool,
    ) {
        let folded = folded(&printed.text);
        let letters = folded.iter().filter(|c| **c != ' ').count();
        if letters == 0 {
            return;
        }
        let at = *known.entry(folded.clone()).or_insert_with(|| {
            self.phrases.push(Phrase {
                text: printed.text.clone(),
                lang: printed.lang.clone(),
                bits: folded.iter().map(|&c| (bit(c), bits_alike(c))).collect(),
                folded,
                slack: slack(letters),
                senses: Vec::new(),
            });
            self.phrases.len() - 1
        });
        if let Some(phrase) = self.phrases.get_mut(at) {
            phrase.senses.push(Sense { of, title, side: printed.side, weight: printed.weight });
        }
    }

    /// What a phrase says, in every row that has it.
    pub fn senses(&self, phrase: usize) -> &[Sense] {
        self.phrases.get(phrase).map_or(&[], |p| &p.senses)
    }

    /// Whether a phrase is one of identity documents, whatever else it is of.
    pub fn is_of_document(&self, phrase: usize) -> bool {
        self.senses(phrase).iter().any(|s| s.of != Of::Lookalike)
    }

    /// Whether a phrase is one of something else only.
    pub fn is_of_lookalike(&self, phrase: usize) -> bool {
        !self.is_of_document(phrase) && !self.senses(phrase).is_empty()
    }

    /// Whether a phrase is the title of an identity document.
    pub fn is_title(&self, phrase: usize) -> bool {
        self.senses(phrase).iter().any(|s| s.title && s.of != Of::Lookalike)
    }

    /// Whether one of the words names the personal number in Kazakh or Russian.
    pub fn names_number(&self, text: &str) -> bool {
        let words = folded(text);
        let mut words = words.split(|c| *c == ' ');
        let is = |word: &[char], name: &str| word.iter().copied().eq(name.chars().map(look_alike));
        words.any(|word| NUMBER_NAMES.iter().any(|name| is(word, name)))
    }

    /// Letters of a phrase.
    pub fn letters(&self, phrase: usize) -> usize {
        self.phrases.get(phrase).map_or(0, |p| p.folded.iter().filter(|c| **c != ' ').count())
    }

    /// The name of the sign: `kk:ЖЕКЕ КУӘЛІК`.
    pub fn sign(&self, phrase: usize) -> String {
        self.phrases.get(phrase).map_or(String::new(), |p| format!("{}:{}", p.lang, p.text))
    }

    /// The phrases in a line; where two overlap, the longer one that is as good.
    pub fn find(&self, text: &str) -> Found {
        let line = folded(text);
        if line.len() > MAX_LETTERS {
            return Found::default();
        }
        let mut hits: Vec<(f32, Hit)> = Vec::new();
        let mut work = Work::default();
        let letters = line.iter().fold(0, |all, &c| all | bit(c));
        for (i, phrase) in self.phrases.iter().enumerate() {
            if phrase.folded.len() > line.len() + 4 || phrase.lacks_letters(letters) {
                continue;
            }
            for (from, to, cost) in work.matches(&phrase.folded, &line, phrase.slack) {
                let quality = 1.0 - cost / (phrase.slack + 0.5);
                // Long and right is better than short and right.
                let rank = (to - from) as f32 - 2.0 * cost;
                hits.push((rank, Hit { phrase: i, quality, from, to }));
            }
        }
        hits.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut found = Found {
            letters: text.chars().filter(|c| c.is_alphanumeric()).count(),
            ..Found::default()
        };
        for (_, hit) in hits {
            if found.hits.iter().all(|h| hit.to <= h.from || h.to <= hit.from) {
                let part = line.get(hit.from..hit.to).unwrap_or(&[]);
                found.covered += part.iter().filter(|c| **c != ' ').count();
                found.hits.push(hit);
            }
        }
        found
    }
}

impl Phrase {
    /// Whether it has more letters that are nowhere in a line than it may be off by: most phrases are out
    /// of the question for a line, and so that is seen in no time. `line` has the bits of its letters.
    fn lacks_letters(&self, line: u64) -> bool {
        let cost = |(own, alike): &(u64, u64), letter: char| match letter {
            _ if own & line != 0 => 0.0,
            ' ' => BLANK_COST,
            _ if alike & line != 0 => ALIKE_COST,
            _ => 1.0,
        };
        let least: f32 = self.bits.iter().zip(&self.folded).map(|(bits, &c)| cost(bits, c)).sum();
        least > self.slack + ROUNDING
    }
}

/// One of 64 bits for a letter. Some share one, so that a letter may seem to be there.
fn bit(letter: char) -> u64 {
    1 << (u32::from(letter) % u64::BITS)
}

fn bits_alike(letter: char) -> u64 {
    let others = ALIKE.iter().filter_map(|&(a, b)| match letter {
        c if c == a => Some(b),
        c if c == b => Some(a),
        _ => None,
    });
    others.fold(0, |all, c| all | bit(c))
}

/// What a phrase of so many letters may be off by. Three letters are too easily others.
fn slack(letters: usize) -> f32 {
    match letters {
        0..=3 => 0.0,
        4 => 0.5,
        5..=6 => 1.0,
        7..=9 => 1.7,
        10..=13 => 2.7,
        n => 0.2 * n as f32,
    }
}

/// Capitals by their looks, one blank between words. Digits within a word are the letters that they
/// look like; other marks part words.
fn folded(text: &str) -> Vec<char> {
    let chars: Vec<char> = text.chars().collect();
    let mut out: Vec<char> = Vec::with_capacity(chars.len());
    for (i, &c) in chars.iter().enumerate() {
        let beside =
            |j: Option<usize>| j.and_then(|j| chars.get(j)).is_some_and(|c| c.is_alphabetic());
        let in_word = || beside(i.checked_sub(1)) || beside(Some(i + 1));
        let letter = match c {
            c if c.is_alphabetic() => c.to_uppercase().next().map(look_alike),
            '0' if in_word() => Some('O'),
            '1' | '|' | '!' if in_word() => Some('I'),
            '3' if in_word() => Some('З'),
            '4' if in_word() => Some('Ч'),
            '6' if in_word() => Some('Б'),
            '8' if in_word() => Some('B'),
            _ => None,
        };
        match letter {
            Some(c) => out.push(c),
            None if out.last().is_some_and(|c| *c != ' ') => out.push(' '),
            None => {}
        }
    }
    if out.last() == Some(&' ') {
        out.pop();
    }
    out
}

/// Letters that small or worn print makes alike: half a mistake.
const ALIKE: [(char, char); 18] = [
    ('И', 'H'),
    ('Ш', 'Щ'),
    ('Ц', 'Щ'),
    ('П', 'H'),
    ('П', 'Л'),
    ('Л', 'Д'),
    ('З', 'Э'),
    ('Ь', 'Ы'),
    ('Ь', 'B'),
    ('Б', 'B'),
    ('C', 'O'),
    ('C', 'G'),
    ('E', 'F'),
    ('I', 'L'),
    ('I', 'T'),
    ('Г', 'T'),
    ('Ф', 'O'),
    ('A', 'Л'),
];

fn alike(a: char, b: char) -> bool {
    ALIKE.iter().any(|&(x, y)| (a, b) == (x, y) || (a, b) == (y, x))
}

/// Rows of the table of costs, kept between phrases.
#[derive(Default)]
struct Work {
    above: Vec<(f32, usize)>,
    here: Vec<(f32, usize)>,
}

impl Work {
    /// Where the phrase stands in the line, as `(from, to, cost)`, none overlapping, cheapest first.
    fn matches(&mut self, phrase: &[char], line: &[char], slack: f32) -> Vec<(usize, usize, f32)> {
        let n = line.len();
        // above[j]: the least cost of the phrase so far ending before letter j, and its start. It may
        // start anywhere; within a word that costs.
        let starts_word = |j: usize| j == 0 || line.get(j - 1) == Some(&' ');
        let ends_word = |j: usize| j == n || line.get(j) == Some(&' ');
        self.above.clear();
        self.above.extend((0..=n).map(|j| (if starts_word(j) { 0.0 } else { BROKEN_COST }, j)));
        for &p in phrase {
            self.here.clear();
            let skip = if p == ' ' { BLANK_COST } else { 1.0 };
            let mut least = f32::INFINITY;
            for j in 0..=n {
                let (cost, from) = self.above.get(j).copied().unwrap_or((f32::INFINITY, 0));
                let mut best = (cost + skip, from);
                if let Some(&c) = j.checked_sub(1).and_then(|i| line.get(i)) {
                    let (cost, from) = self.above.get(j - 1).copied().unwrap_or(best);
                    let off = match (p, c) {
                        (p, c) if p == c => 0.0,
                        (' ', _) | (_, ' ') => 1.2,
                        (p, c) if alike(p, c) => ALIKE_COST,
                        _ => 1.0,
                    };
                    if cost + off < best.0 {
                        best = (cost + off, from);
                    }
                    let (cost, from) = self.here.get(j - 1).copied().unwrap_or(best);
                    let extra = if c == ' ' { BLANK_COST } else { 1.0 };
                    if cost + extra < best.0 {
                        best = (cost + extra, from);
                    }
                }
                least = least.min(best.0);
                self.here.push(best);
            }
            if least > slack {
                return Vec::new();
            }
            std::mem::swap(&mut self.above, &mut self.here);
        }
        let mut ends: Vec<(usize, usize, f32)> = self
            .above
            .iter()
            .enumerate()
            .map(|(to, &(cost, from))| {
                (from, to, cost + if ends_word(to) { 0.0 } else { BROKEN_COST })
            })
            .filter(|&(from, to, cost)| from < to && cost <= slack)
            .collect();
        ends.sort_by(|a, b| a.2.total_cmp(&b.2));
        let mut out: Vec<(usize, usize, f32)> = Vec::new();
        for end in ends {
            if out.iter().all(|o| end.1 <= o.0 || o.1 <= end.0) {
                out.push(end);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(text: &str) -> Vec<String> {
        let lexicon = Lexicon::new(&Patterns::builtin().unwrap());
        let found = lexicon.find(text);
        found.hits.iter().map(|h| lexicon.sign(h.phrase)).collect()
    }

    #[test]
    fn labels_are_known_through_a_readers_mistakes() {
        for text in [
            "ЖЕКЕ КУӘЛІК / УДОСТОВЕРЕНИЕ ЛИЧНОСТИ",
            "жеке куэлік/удостоверение личности",
            "ЖEKE KУӘЛIК УД0СТОВЕРЕНИЕЛИЧНОСТИ",
            "ЖЕКЕ КУОЛІК / УДОСТОВЕРЕИИЕ ЛИЧНОСТИ.",
        ] {
            let mut signs = signs(text);
            signs.sort();
            assert_eq!(signs, ["kk:ЖЕКЕ КУӘЛІК", "ru:УДОСТОВЕРЕНИЕ ЛИЧНОСТИ"], "{text}");
        }
        assert_eq!(signs("ТЕГІ/ФАМИЛИЯ").len(), 2);
        assert!(signs("ӘКЕСІНІҢ АТЫ / ОТЧЕСТВО").contains(&"kk:ӘКЕСІНІҢ АТЫ".to_owned()));
    }

    #[test]
    fn a_phrase_that_lacks_letters_has_no_match() {
        let lexicon = Lexicon::new(&Patterns::builtin().unwrap());
        let (mut lacking, mut work) = (0, Work::default());
        for text in ["ЖЕКЕ КУЭЛІК / УДОСТОВЕРЕИИЕ ЛИЧНОСТИ", "FАMILIЯ", "TOTAL 1 200", "отчество"]
        {
            let line = folded(text);
            let letters = line.iter().fold(0, |all, &c| all | bit(c));
            for phrase in &lexicon.phrases {
                if phrase.lacks_letters(letters) {
                    lacking += 1;
                    let found = work.matches(&phrase.folded, &line, phrase.slack);
                    assert!(found.is_empty(), "{text} {}", phrase.text);
                }
            }
        }
        assert!(2 * lacking > 4 * lexicon.phrases.len(), "{lacking}");
    }

    #[test]
    fn words_of_other_things_are_none() {
        for text in ["САТЫЛЫМ", "ПОЛКА", "КАФЕ АТЫРАУ", "1234567890", "", "<<<<<<<<"]
        {
            assert!(signs(text).is_empty(), "{text}: {:?}", signs(text));
        }
    }

    #[test]
    fn a_sentence_is_not_pure() {
        let lexicon = Lexicon::new(&Patterns::builtin().unwrap());
        let purity = |text: &str| lexicon.find(text).purity();
        assert!(purity("УДОСТОВЕРЕНИЕ ЛИЧНОСТИ") > 0.95);
        assert!(
            purity("он предъявил удостоверение личности № 0123, выданное МВД РК, и ушел") < 0.6
        );
    }
}
