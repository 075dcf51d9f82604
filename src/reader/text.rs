//! Lines of any text: Kazakh, Russian, Latin, digits.
//!
//! The network answers with shapes: a Latin A and a Cyrillic А are one class, since nothing in
//! a lone letter tells them apart. Which script a word is in is decided here, by the letters in it
//! that only one script has. Numbers are kept as costs of each digit, so that a control digit can
//! choose between readings.

use std::sync::LazyLock;

use super::digits::{self, Said};
use super::net::Net;
use super::{STEP, answers};
use crate::ident::iin::check_digit_ok;
use crate::pixels::Strip;

/// Height of a strip in pixels, and of the capitals in it.
pub const TEXT_HEIGHT: usize = 32;
pub const TEXT_CAPITAL: f32 = 20.0;

/// What the classes are, after nothing; Cyrillic letters stand for their Latin twins.
static ALPHABET: &str = include_str!("../../patterns/models/text.alphabet");

/// Nothing and the alphabet.
pub(super) fn classes() -> usize {
    CLASSES.len() + 1
}

/// The alphabet, class by class.
static CLASSES: LazyLock<Vec<char>> =
    LazyLock::new(|| ALPHABET.trim_end_matches('\n').chars().collect());

/// The digit that each class may be.
static AS_DIGITS: LazyLock<Vec<Option<usize>>> =
    LazyLock::new(|| CLASSES.iter().map(|&c| digit_of(c)).collect());

/// Cyrillic letters that stand for a Latin one, too.
const TWINS: [(char, char); 22] = [
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('Н', 'H'),
    ('І', 'I'),
    ('К', 'K'),
    ('М', 'M'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('Ү', 'Y'),
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('х', 'x'),
    ('у', 'y'),
    ('і', 'i'),
    ('һ', 'h'),
];

/// Digits, and the letters that are read for them.
const DIGITS: [&str; 10] = ["0ОоDQ", "1Іі|l!", "2Zz", "3Зз", "4Ч", "5Ss", "6бG", "7", "8В", "9gq"];

/// The least probability of a character, so that one sure mistake does not forbid a number.
const FLOOR: f32 = 1e-4;
/// How far a number may be bent to fit its control digit, in natural log units: a digit read
/// with 0.97 and its runner-up with 0.03 are 3.5 apart.
const MAX_BENT: f32 = 4.0;

/// What was read along one strip. Its text is a value of identity documents: no `Debug`.
pub struct TextLine {
    /// Log probabilities, a class each, a step after the other.
    steps: Vec<f32>,
    answers: Vec<Answer>,
}

/// One run of steps that agree on a character.
#[derive(Clone, Copy)]
struct Answer {
    /// First and last step.
    from: usize,
    to: usize,
    character: char,
    sure: f32,
}

/// Twelve digits that stand alone and whose control digit agrees.
pub struct Number {
    pub digits: [u8; 12],
    /// How far the reading was bent for that: 0 where the likeliest digits are it.
    pub bent: f32,
}

/// Reads strips of one width, a multiple of [`STEP`], [`TEXT_HEIGHT`] high. One line for each; a
/// line without characters where there is nothing to read.
pub fn read_text(strips: &[Strip]) -> Vec<TextLine> {
    match answers(Net::Text, TEXT_HEIGHT, strips, |width| width / STEP * classes()) {
        Some((size, answers)) => {
            answers.chunks_exact(size).map(|steps| TextLine::new(steps.to_vec())).collect()
        }
        None => strips.iter().map(|_| TextLine::empty()).collect(),
    }
}

impl TextLine {
    fn empty() -> TextLine {
        TextLine { steps: Vec::new(), answers: Vec::new() }
    }

    fn new(steps: Vec<f32>) -> TextLine {
        let mut answers: Vec<Answer> = Vec::new();
        let mut last = 0;
        for (i, step) in steps.chunks_exact(classes()).enumerate() {
            let (class, &log) = step
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(b.1))
                .unwrap_or((0, &f32::NEG_INFINITY));
            match answers.last_mut() {
                _ if class == 0 => {}
                Some(a) if class == last => {
                    a.to = i;
                    a.sure = a.sure.max(log.exp());
                }
                _ => {
                    let character = CLASSES.get(class - 1).copied().unwrap_or(' ');
                    answers.push(Answer { from: i, to: i, character, sure: log.exp() });
                }
            }
            last = class;
        }
        TextLine { steps, answers }
    }

    /// Characters read, blanks left out.
    pub fn len(&self) -> usize {
        self.answers.iter().filter(|a| a.character != ' ').count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Mean probability of the characters read; 0 of none.
    pub fn sure(&self) -> f32 {
        let read = || self.answers.iter().filter(|a| a.character != ' ');
        read().map(|a| a.sure).sum::<f32>() / (read().count().max(1)) as f32
    }

    /// The text, each word in the script that its letters tell, blanks made single. An identity
    /// value.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(2 * self.answers.len());
        let mut word: Vec<char> = Vec::new();
        // Lone words that could be either follow the word before: `РК` after `МВД`.
        let mut latin = self.in_latin();
        let characters = self.answers.iter().map(|a| a.character).chain(Some(' '));
        for c in characters {
            if c.is_alphabetic() {
                word.push(c);
                continue;
            }
            latin = script(&word).unwrap_or(latin);
            out.extend(word.drain(..).map(|c| if latin { latin_of(c) } else { c }));
            if c != ' ' || !(out.is_empty() || out.ends_with(' ')) {
                out.push(c);
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// Whether most letters that tell are Latin.
    fn in_latin(&self) -> bool {
        let letters: Vec<char> =
            self.answers.iter().map(|a| a.character).filter(|c| c.is_alphabetic()).collect();
        script(&letters).unwrap_or(false)
    }

    /// Numbers of twelve digits in one to four groups, those only whose control digit agrees or can
    /// be made to agree by a likely second reading.
    pub fn numbers(&self) -> Vec<Number> {
        let mut out = Vec::new();
        for run in self.digit_runs() {
            for (i, _) in run.iter().enumerate() {
                let mut group = 0;
                for j in i..run.len().min(i + 4) {
                    group += run.get(j).map_or(0, |g| g.len());
                    if group >= 12 {
                        if group == 12 {
                            let answers: Vec<&Answer> =
                                run.get(i..=j).unwrap_or(&[]).iter().flatten().collect();
                            out.extend(self.number(&answers));
                        }
                        break;
                    }
                }
            }
        }
        out
    }

    /// Numbers of twelve digits whose control digit agrees and that are read at no more than this cost, cheapest
    /// first: also those of which the likeliest reading has a digit too many or too few. Slower than
    /// [`TextLine::numbers`], and on a line that holds no number more likely to find one.
    pub fn spelled(&self, most: f32) -> Vec<Number> {
        let spelled = digits::spelled(self.steps.chunks_exact(classes()).map(said), most);
        let agrees = spelled.into_iter().filter(|s| check_digit_ok(&s.digits));
        agrees.map(|s| Number { digits: s.digits, bent: s.cost }).collect()
    }

    /// Groups of digits, parted by single blanks; other characters part runs of groups.
    fn digit_runs(&self) -> Vec<Vec<Vec<Answer>>> {
        let mut runs: Vec<Vec<Vec<Answer>>> = vec![vec![Vec::new()]];
        for answer in &self.answers {
            let Some(run) = runs.last_mut() else { break };
            if answer.character == ' ' {
                if run.last().is_some_and(|g| !g.is_empty()) {
                    run.push(Vec::new());
                }
            } else if digit_of(answer.character).is_some() {
                if let Some(group) = run.last_mut() {
                    group.push(*answer);
                }
            } else {
                runs.push(vec![Vec::new()]);
            }
        }
        for run in &mut runs {
            run.retain(|group| !group.is_empty());
        }
        runs
    }

    /// These twelve places as a number.
    fn number(&self, answers: &[&Answer]) -> Option<Number> {
        let costs: Vec<[f32; 10]> = answers.iter().map(|a| self.digit_costs(a)).collect();
        let best: Vec<usize> = costs
            .iter()
            .map(|c| (0..10).min_by(|&a, &b| c[a].total_cmp(&c[b])).unwrap_or(0))
            .collect();
        let bent = |i: usize, d: usize| costs[i][d] - costs[i][best[i]];
        let digits = |change: &[(usize, usize)]| {
            let mut digits: [u8; 12] = std::array::from_fn(|i| b'0' + best[i] as u8);
            change.iter().for_each(|&(i, d)| digits[i] = b'0' + d as u8);
            digits
        };
        let mut found: Option<([u8; 12], f32)> = None;
        let mut offer = |change: &[(usize, usize)], cost: f32| {
            let fits = cost <= MAX_BENT && found.is_none_or(|(_, known)| cost < known);
            if fits && check_digit_ok(&digits(change)) {
                found = Some((digits(change), cost));
            }
        };
        offer(&[], 0.0);
        let places = || (0..12).flat_map(|i| (0..10).map(move |d| (i, d)));
        let likely: Vec<(usize, usize)> =
            places().filter(|&(i, d)| d != best[i] && bent(i, d) <= MAX_BENT).collect();
        for (n, &(i, d)) in likely.iter().enumerate() {
            offer(&[(i, d)], bent(i, d));
            for &(j, e) in likely.iter().skip(n + 1).filter(|(j, _)| *j != i) {
                offer(&[(i, d), (j, e)], bent(i, d) + bent(j, e));
            }
        }
        let (digits, bent) = found?;
        Some(Number { digits, bent })
    }

    /// Cost of each digit at one place, natural log.
    fn digit_costs(&self, answer: &Answer) -> [f32; 10] {
        let classes = classes();
        let mut best = [FLOOR; 10];
        for i in answer.from..=answer.to {
            let Some(step) = self.steps.get(i * classes..(i + 1) * classes) else { break };
            let mut here = [0.0f32; 10];
            for (log, c) in step.iter().skip(1).zip(CLASSES.iter()) {
                if let Some(p) = digit_of(*c).and_then(|d| here.get_mut(d)) {
                    *p += log.exp();
                }
            }
            best.iter_mut().zip(here).for_each(|(b, h)| *b = b.max(h));
        }
        let sum: f32 = best.iter().sum();
        best.map(|b| -(b / sum.max(1.0)).ln())
    }
}

/// What one step says of digits.
fn said(step: &[f32]) -> Said {
    let none = f32::NEG_INFINITY;
    let (mut digits, mut blank, mut other) = ([0.0f32; 10], none, none);
    for ((&log, class), &c) in step.iter().skip(1).zip(AS_DIGITS.iter()).zip(CLASSES.iter()) {
        match class.and_then(|digit| digits.get_mut(digit)) {
            Some(digit) => *digit += log.exp(),
            None if c == ' ' => blank = log,
            None => other = other.max(log),
        }
    }
    let nothing = step.first().copied().unwrap_or(none);
    Said { digits: digits.map(f32::ln), nothing, blank, other }
}

/// The digit that this is, or is likely to be in a number.
fn digit_of(c: char) -> Option<usize> {
    DIGITS.iter().position(|like| like.contains(c))
}

/// Whether most letters that tell are Latin; `None` if none does.
fn script(letters: &[char]) -> Option<bool> {
    let is_twin = |c: char| TWINS.iter().any(|t| t.0 == c);
    let latin = letters.iter().filter(|c| c.is_ascii_alphabetic()).count();
    let cyrillic = letters.iter().filter(|&&c| !c.is_ascii() && !is_twin(c)).count();
    (latin + cyrillic > 0).then_some(latin > cyrillic)
}

fn latin_of(c: char) -> char {
    TWINS.iter().find(|t| t.0 == c).map_or(c, |t| t.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps as the network gives them: each character once, with a blank after it; `?x/y` is
    /// read as x with 0.6 and as y with 0.4.
    fn line(text: &str) -> TextLine {
        let classes = classes();
        let mut steps = Vec::new();
        let class = |c: char| 1 + CLASSES.iter().position(|&k| k == c).unwrap();
        let mut push = |likely: &[(usize, f32)]| {
            let mut step = vec![(1e-7f32).ln(); classes];
            likely.iter().for_each(|&(k, p)| step[k] = p.ln());
            steps.extend(step);
        };
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c == '?' {
                let pair: Vec<char> = chars.by_ref().take(3).collect();
                push(&[(class(pair[0]), 0.6), (class(pair[2]), 0.4)]);
            } else {
                push(&[(class(c), 0.999)]);
            }
            push(&[(0, 0.999)]);
        }
        TextLine::new(steps)
    }

    fn numbers(text: &str) -> Vec<String> {
        let as_text = |n: &Number| String::from_utf8_lossy(&n.digits).into_owned();
        line(text).numbers().iter().map(as_text).collect()
    }

    #[test]
    fn words_are_in_the_script_of_their_letters() {
        assert_eq!(line("ЖЕКЕ  КУӘЛІК/РЕСПУБЛИКА").text(), "ЖЕКЕ КУӘЛІК/РЕСПУБЛИКА");
        assert_eq!(line("SURNАМЕ").text(), "SURNAME");
        assert_eq!(line("МВД РК").text(), "МВД РК");
        assert_eq!(line("DАТЕ ОF ВІRТН").text(), "DATE OF BIRTH");
        assert!(TextLine::empty().is_empty() && TextLine::empty().text().is_empty());
    }

    #[test]
    fn personal_numbers_are_read_by_their_control_digit() {
        assert_eq!(numbers("ЖСН/ИИН 900101100004"), ["900101100004"]);
        assert_eq!(numbers("900101 100 004"), ["900101100004"]);
        // Letters that look like digits, and a doubtful digit.
        assert_eq!(numbers("9ОО1О11ОООО4"), ["900101100004"]);
        assert_eq!(numbers("90010?7/110000?9/4"), ["900101100004"]);
        assert!(numbers("900101100005").is_empty());
        assert!(numbers("9001011000040").is_empty());
        assert!(numbers("90010110000").is_empty());
        assert!(line("90010?7/110000?9/4").numbers()[0].bent > 0.1);
        // With a stroke before it that may be a digit.
        let spelled =
            |text: &str, most: f32| line(text).spelled(most).into_iter().map(|n| n.digits).next();
        assert_eq!(spelled("?1/.900101100004", 2.0), Some(*b"900101100004"));
        assert_eq!(spelled("1900101100004", 2.0), None);
    }
}
