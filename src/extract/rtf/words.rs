//! RTF as a row of signs: braces, control words with their numbers, bytes of text.

/// A sign of the file.
#[derive(Debug, PartialEq)]
pub(super) enum Sign<'a> {
    Open,
    Close,
    /// `\par`, `\u-1234`.
    Word(&'a [u8], Option<i32>),
    /// `\~`, `\*`.
    Symbol(u8),
    /// `\'e8`: a byte of the code page.
    Byte(u8),
    /// Bytes as they stand.
    Text(&'a [u8]),
    /// What `\bin` counted.
    Raw(&'a [u8]),
}

/// Longest control word ([RTF 1.9.1]: 32 letters).
const MAX_WORD: usize = 32;

pub(super) struct Signs<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Signs<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Signs<'a> {
        Signs { bytes, at: 0 }
    }

    fn word(&mut self) -> Sign<'a> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let letters = rest.iter().take(MAX_WORD).take_while(|b| b.is_ascii_alphabetic()).count();
        let (word, rest) = rest.split_at(letters);
        let minus = usize::from(rest.first() == Some(&b'-'));
        let digits = rest.iter().skip(minus).take(10).take_while(|b| b.is_ascii_digit()).count();
        let mut taken = letters;
        let mut number = None;
        if digits > 0 {
            taken += minus + digits;
            let text = rest.get(..minus + digits).and_then(|d| std::str::from_utf8(d).ok());
            number = text.and_then(|text| text.parse().ok());
        }
        self.at += taken;
        // One space ends a word and is no text.
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        if word == b"bin" {
            let len = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let raw = rest.get(..len.min(rest.len())).unwrap_or_default();
            self.at += raw.len();
            return Sign::Raw(raw);
        }
        Sign::Word(word, number)
    }
}

impl<'a> Iterator for Signs<'a> {
    type Item = Sign<'a>;

    fn next(&mut self) -> Option<Sign<'a>> {
        let first = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(match first {
            b'{' => Sign::Open,
            b'}' => Sign::Close,
            b'\\' => match self.bytes.get(self.at) {
                Some(b'\'') => {
                    let pair = self.bytes.get(self.at + 1..self.at + 3).unwrap_or_default();
                    self.at += 1;
                    match pair {
                        [high, low] if hex(*high).is_some() => {
                            self.at += 2;
                            Sign::Byte(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0))
                        }
                        _ => Sign::Symbol(b'\''),
                    }
                }
                Some(b) if b.is_ascii_alphabetic() => self.word(),
                Some(b) => {
                    self.at += 1;
                    Sign::Symbol(*b)
                }
                None => return None,
            },
            _ => {
                let start = self.at - 1;
                let rest = self.bytes.get(start..).unwrap_or_default();
                let len = rest
                    .iter()
                    .position(|b| matches!(b, b'{' | b'}' | b'\\'))
                    .unwrap_or(rest.len());
                self.at = start + len;
                Sign::Text(rest.get(..len).unwrap_or_default())
            }
        })
    }
}

pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|v| v as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_as_they_should() {
        let signs: Vec<Sign> = Signs::new(b"{\\par text\\u-10 x\\'e8\\~\\bin3 {{{}").collect();
        let expected = [
            Sign::Open,
            Sign::Word(b"par", None),
            Sign::Text(b"text"),
            Sign::Word(b"u", Some(-10)),
            Sign::Text(b"x"),
            Sign::Byte(0xe8),
            Sign::Symbol(b'~'),
            Sign::Raw(b"{{{"),
            Sign::Close,
        ];
        assert_eq!(signs, expected);
        assert_eq!(Signs::new(b"\\").count(), 0);
    }
}
