//! Names and titles as sequences of folded words, for matching hints against file names and lines.
//!
//! Words are compared by their skeletons ([`crate::text::fold`]): case, separators, digits, and
//! letters that look alike or are typed for one another do not matter. What is shown is the text
//! of the row.

use crate::text::fold::Skeleton;

/// One folded word.
pub(super) type Word = String;

/// A hint as words; a word written `удост*` may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase(Vec<(Word, bool)>);

/// A name cut into words, in the two ways that matter: `IDcard` is `idcard`, and `clientPassport`
/// is `client passport`.
pub(super) struct Words {
    plain: Vec<Word>,
    camel: Vec<Word>,
}

impl Phrase {
    pub fn new(text: &str) -> Phrase {
        let mut words = Vec::new();
        for part in text.split_whitespace() {
            let open = part.ends_with('*');
            let cut = split(&part.to_lowercase());
            let last = cut.len();
            words.extend(cut.into_iter().enumerate().map(|(i, w)| (w, open && i + 1 == last)));
        }
        Phrase(words)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Letters and digits in it: of two phrases that match, the longer one says more.
    pub fn len(&self) -> usize {
        self.0.iter().map(|(w, _)| w.chars().count()).sum()
    }

    pub fn is_in(&self, words: &Words) -> bool {
        self.find(&words.plain) || self.find(&words.camel)
    }

    fn find(&self, words: &[Word]) -> bool {
        !self.0.is_empty()
            && words.windows(self.0.len()).any(|at| {
                self.0.iter().zip(at).all(|((want, open), word)| {
                    if *open { word.starts_with(want.as_str()) } else { word == want }
                })
            })
    }
}

impl Words {
    pub fn new(name: &str) -> Words {
        Words { plain: split(&name.to_lowercase()), camel: split(name) }
    }
}

/// The words of a skeleton, with и for і as names are mostly typed (куалик). Combining marks are
/// left out: macOS stores й and ё as two characters.
fn split(text: &str) -> Vec<Word> {
    let bare: String = text.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).collect();
    Skeleton::of(&bare).text.split_whitespace().map(|word| word.replace('И', "I")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(phrase: &str, name: &str) -> bool {
        Phrase::new(phrase).is_in(&Words::new(name))
    }

    #[test]
    fn what_people_type_for_one_another_is_equal() {
        for name in ["Жеке куәлік.pdf", "жеке_куалик", "ЖЕКЕ-КУӘЛIК", "жекеКуәлік", "Жеке  куэлик"]
        {
            assert!(matches("жеке куәлік", name), "{name}");
        }
        assert!(matches("jeke kualik", "Jeke kuälik"));
        assert!(matches("паспорт", "пacпopт1.jpg")); // half of it Latin
        assert!(matches("ий", "и\u{306}и")); // decomposed
        assert!(matches("id card", "clientIdCard_2") && matches("idcard", "IDcard.png"));
    }

    #[test]
    fn a_word_is_whole_unless_it_says_otherwise() {
        assert!(!matches("удо", "удой.xlsx") && matches("удо", "Иванов удо2.jpg"));
        assert!(!matches("id", "valid.txt") && !matches("id", "UDP.log"));
        assert!(matches("удост*", "удостоверение") && !matches("удост*", "неудостоверение"));
        assert!(!matches("", "x") && !matches("копия уд", "копия"));
    }
}
