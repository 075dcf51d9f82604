//! Names and titles as sequences of folded words, for matching hints against file names and lines.
//!
//! Folding makes what people type for one another equal: case, Kazakh letters typed with Russian
//! ones (куәлік, куалик), Cyrillic and Latin letters that look alike, composed and decomposed
//! letters. It is for matching only; what is shown is the text of the row.

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
            let cut = split(part, false);
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
        Words { plain: split(name, false), camel: split(name, true) }
    }
}

/// Cuts at everything that is no letter or digit, between letters and digits, and with `camel`
/// before a capital that follows a small letter.
fn split(text: &str, camel: bool) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word::new();
    let mut last: Option<char> = None;
    for c in text.chars().filter(|c| !is_mark(*c)) {
        let cut = match last {
            _ if !c.is_alphanumeric() => true,
            Some(l) => {
                l.is_numeric() != c.is_numeric() || (camel && l.is_lowercase() && c.is_uppercase())
            }
            None => false,
        };
        if cut && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        last = c.is_alphanumeric().then_some(c);
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase().filter(|c| !is_mark(*c)).map(fold));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Combining marks: macOS stores й and ё as two characters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// One small letter to the letter that stands for its group.
fn fold(c: char) -> char {
    match c {
        // Cyrillic that looks like Latin, small or capital; Kazakh letters as they are typed on a
        // Russian keyboard.
        'а' | 'ә' | 'э' | 'ä' | 'á' => 'a',
        'в' => 'b',
        'с' => 'c',
        'е' | 'ё' => 'e',
        'и' | 'й' | 'і' | 'ı' | 'ї' => 'i',
        'к' | 'қ' => 'k',
        'м' => 'm',
        'н' | 'ң' => 'h',
        'о' | 'ө' | 'ö' => 'o',
        'р' => 'p',
        'т' => 't',
        'у' | 'ұ' | 'ү' => 'y',
        'ü' | 'ý' | 'ú' => 'u',
        'х' | 'һ' => 'x',
        'ғ' => 'г',
        other => other,
    }
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
