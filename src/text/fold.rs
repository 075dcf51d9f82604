//! Skeletons: words made comparable across case, look-alike letters and spelling of names.
//!
//! `clientIin`, `CLIENT_IIN`, `Client-IIN` become ` CLIENT IIN `; `ИИН` typed with a Latin H and
//! `КУӘЛІК` typed without the Kazakh letters meet their proper spelling. Look-alikes go to the
//! Latin letter (ICAO's word for it is transliteration; this one goes by looks, not sound).

/// A skeleton with, for every byte, where in the source it came from.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Skeleton {
    /// Upper-case words, one space around each.
    pub text: String,
    /// For byte `i` of `text`: byte offset in the source.
    pub source: Vec<u32>,
}

impl Skeleton {
    /// Folds `source`. Digits, punctuation and escapes (`%20`, `\u0418`, `&quot;`) part words.
    pub fn of(source: &str) -> Skeleton {
        let mut out = Skeleton {
            text: String::with_capacity(source.len() + 16),
            source: Vec::with_capacity(source.len() + 16),
        };
        out.push(' ', 0);
        let mut previous = Case::Other;
        let mut chars = source.char_indices().peekable();
        let mut percent = PercentDecoder::default();
        while let Some((at, c)) = chars.next() {
            let c = match c {
                '%' => match percent.take(&source[at..]) {
                    Taken::Char(decoded) => {
                        skip(&mut chars, at + 3);
                        decoded
                    }
                    Taken::Pending => {
                        skip(&mut chars, at + 3);
                        continue;
                    }
                    Taken::No => c,
                },
                '\\' => match unicode_escape(&source[at..]) {
                    Some((decoded, len)) => {
                        skip(&mut chars, at + len);
                        decoded
                    }
                    None => {
                        // A JSON or C escape: its letter is no part of the next word.
                        if matches!(chars.peek(), Some((_, 'n' | 't' | 'r'))) {
                            chars.next();
                        }
                        c
                    }
                },
                c => c,
            };
            if !c.is_alphabetic() {
                out.part(at);
                previous = Case::Other;
                continue;
            }
            let case = if c.is_lowercase() { Case::Lower } else { Case::Upper };
            // camelCase, and the last capital of an acronym before a word: IINNumber.
            let next_is_lower = chars.peek().is_some_and(|(_, n)| n.is_lowercase());
            if case == Case::Upper
                && (previous == Case::Lower || (previous == Case::Upper && next_is_lower))
            {
                out.part(at);
            }
            previous = case;
            if c.is_ascii() {
                out.push(c.to_ascii_uppercase(), at);
            } else {
                c.to_uppercase().for_each(|upper| out.push(look_alike(upper), at));
            }
        }
        out.part(source.len());
        out
    }

    fn push(&mut self, c: char, at: usize) {
        self.text.push(c);
        self.source.resize(self.text.len(), at as u32);
    }

    fn part(&mut self, at: usize) {
        if !self.text.ends_with(' ') {
            self.push(' ', at);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
    Other,
}

/// The letter that this capital looks like.
pub fn look_alike(c: char) -> char {
    match c {
        'А' | 'Ә' | 'Ä' | 'Á' => 'A',
        'В' => 'B',
        'Е' | 'Ё' => 'E',
        'К' | 'Қ' => 'K',
        'М' => 'M',
        'Н' | 'Ң' | 'Һ' => 'H',
        'О' | 'Ө' | 'Ö' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' | 'Ұ' | 'Ү' | 'Ý' => 'Y',
        'Ü' | 'Ú' => 'U',
        'Х' => 'X',
        'І' | 'Ї' => 'I',
        'Ғ' | 'Ѓ' | 'Ґ' => 'Г',
        'Й' => 'И',
        // Ә typed as the Russian letter of its place on the keyboard or in old code pages.
        'Э' => 'A',
        c => c,
    }
}

fn skip(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>, to: usize) {
    while chars.peek().is_some_and(|(at, _)| *at < to) {
        chars.next();
    }
}

/// `\u0418` at the start of `rest`.
fn unicode_escape(rest: &str) -> Option<(char, usize)> {
    let hex = rest.strip_prefix("\\u")?.get(..4)?;
    Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, 6))
}

/// Collects the UTF-8 bytes of percent escapes.
#[derive(Default)]
struct PercentDecoder {
    bytes: Vec<u8>,
}

enum Taken {
    Char(char),
    Pending,
    No,
}

impl PercentDecoder {
    fn take(&mut self, rest: &str) -> Taken {
        let Some(byte) = rest.get(1..3).and_then(|hex| u8::from_str_radix(hex, 16).ok()) else {
            self.bytes.clear();
            return Taken::No;
        };
        if byte & 0xc0 != 0x80 {
            self.bytes.clear();
        }
        self.bytes.push(byte);
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => {
                let decoded = text.chars().next().unwrap_or(' ');
                self.bytes.clear();
                Taken::Char(decoded)
            }
            Err(_) if self.bytes.len() < 4 => Taken::Pending, // the rest of the letter follows
            Err(_) => {
                self.bytes.clear();
                Taken::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> String {
        Skeleton::of(source).text
    }

    #[test]
    fn spellings_of_one_label_meet() {
        for spelling in ["ИИН", "иин", "ИИH", " ИИН:", "№ИИН="] {
            assert_eq!(of(spelling), " ИИH ", "{spelling}");
        }
        for spelling in [
            "client_iin",
            "clientIin",
            "CLIENT-IIN",
            "client.IIN",
            "\"client\": {\"iin\":",
            "ClientIIN",
        ] {
            assert_eq!(of(spelling), " CLIENT IIN ", "{spelling}");
        }
        assert_eq!(of("IINNumber"), " IIN NUMBER ");
        assert_eq!(of("Жеке куәлік"), of("ЖЕКЕ КУЭЛIК"));
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(of("%D0%98%D0%98%D0%9D=9"), " ИИH ");
        assert_eq!(of(r#""\u0418\u0418\u041d": "#), " ИИH ");
        assert_eq!(of(r"a\nиин"), " A ИИH ");
        assert_eq!(of("100%"), " ");
    }

    #[test]
    fn each_byte_knows_its_source() {
        let s = Skeleton::of("тел. ИИН");
        let at = s.text.find("ИИH").unwrap();
        assert_eq!(s.source[at] as usize, "тел. ".len());
        assert_eq!(s.source.len(), s.text.len());
    }
}
