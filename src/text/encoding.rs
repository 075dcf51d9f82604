//! Which encoding a text is in, decided once a file from its bytes, with the reason kept.
//!
//! UTF-8 and UTF-16 (with or without byte order mark) by structure; the Cyrillic one-byte sets
//! (Windows-1251, KZ-1048, CP866, KOI8-R) by how well their letters read as Russian or Kazakh.
//! Digits are the same bytes in all of the one-byte sets and in UTF-8, so numbers are found in raw
//! bytes and only the words around them are decoded. KZ-1048 (STRK 1048-2002) is in no crate: it
//! is Windows-1251 with other letters in 22 places, listed below.

use std::borrow::Cow;

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Nothing but ASCII so far; decided again when other bytes come.
    Ascii,
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1251,
    Kz1048,
    Ibm866,
    Koi8R,
    /// No text: scanned as raw bytes, where only labelled numbers count.
    Binary,
}

/// KZ-1048 where it differs from Windows-1251: the Kazakh letters.
const KZ_1048: [(u8, char); 22] = [
    (0x8d, 'Қ'),
    (0x8e, 'Һ'),
    (0x9d, 'қ'),
    (0x9e, 'һ'),
    (0xa1, 'Ұ'),
    (0xa2, 'ұ'),
    (0xa3, 'Ә'),
    (0xa5, 'Ө'),
    (0xaa, 'Ғ'),
    (0xaf, 'Ү'),
    (0xb2, 'І'),
    (0xb3, 'і'),
    (0xb4, 'ө'),
    (0xba, 'ғ'),
    (0xbc, 'ә'),
    (0xbd, 'Ң'),
    (0xbe, 'ң'),
    (0xbf, 'ү'),
    (0x80, 'Ђ'),
    (0x81, 'Ѓ'),
    (0x83, 'ѓ'),
    (0x90, 'ђ'),
];

/// Share of control bytes over which a file is no text. Logs with stray escapes stay under it.
const MAX_CONTROL_SHARE: f64 = 0.02;

impl Encoding {
    /// The name users know, as in the IANA list where it has one.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Ascii => "us-ascii",
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Windows1251 => "windows-1251",
            Encoding::Kz1048 => "kz-1048",
            Encoding::Ibm866 => "ibm866",
            Encoding::Koi8R => "koi8-r",
            Encoding::Binary => "binary",
        }
    }

    /// The bytes of its no-break space (one byte: given twice).
    pub fn no_break_space(self) -> [u8; 2] {
        match self {
            Encoding::Windows1251 | Encoding::Kz1048 => [0xa0, 0xa0],
            Encoding::Ibm866 => [0xff, 0xff],
            Encoding::Koi8R => [0x9a, 0x9a],
            _ => [0xc2, 0xa0],
        }
    }

    /// What these bytes of a file in this encoding are in: files that several programs wrote hold lines
    /// in more than one.
    pub fn of_context(self, bytes: &[u8]) -> Encoding {
        if matches!(self, Encoding::Binary | Encoding::Utf16Le | Encoding::Utf16Be)
            || bytes.is_ascii()
        {
            return self;
        }
        let (good, broken) = utf8_sequences(bytes);
        match self {
            // A letter may be cut at the start, which is one broken byte.
            Encoding::Ascii | Encoding::Utf8 if broken > 1 && broken > good => {
                decide_high(bytes).encoding
            }
            Encoding::Windows1251 | Encoding::Kz1048 | Encoding::Ibm866 | Encoding::Koi8R
                if good > 1 && broken <= 1 =>
            {
                Encoding::Utf8
            }
            same => same,
        }
    }

    /// Decodes a piece of context. Bytes that do not decode become U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        let one_byte = match self {
            Encoding::Windows1251 => encoding_rs::WINDOWS_1251,
            Encoding::Ibm866 => encoding_rs::IBM866,
            Encoding::Koi8R => encoding_rs::KOI8_R,
            Encoding::Utf16Le => encoding_rs::UTF_16LE,
            Encoding::Utf16Be => encoding_rs::UTF_16BE,
            Encoding::Kz1048 => {
                return Cow::Owned(bytes.iter().map(|&b| kz_1048(b)).collect());
            }
            Encoding::Ascii | Encoding::Utf8 | Encoding::Binary => {
                return String::from_utf8_lossy(bytes);
            }
        };
        one_byte.decode_without_bom_handling(bytes).0
    }
}

fn kz_1048(byte: u8) -> char {
    if byte < 0x80 {
        return char::from(byte);
    }
    if let Some(&(_, letter)) = KZ_1048.iter().find(|(b, _)| *b == byte) {
        return letter;
    }
    windows_1251(byte)
}

fn windows_1251(byte: u8) -> char {
    encoding_rs::WINDOWS_1251
        .decode_without_bom_handling(&[byte])
        .0
        .chars()
        .next()
        .unwrap_or('\u{fffd}')
}

/// An encoding and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub encoding: Encoding,
    pub why: &'static str,
}

/// Decides from the first bytes of a file (64 KiB are plenty).
pub fn decide(head: &[u8]) -> Verdict {
    let say = |encoding, why| Verdict { encoding, why };
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        return say(Encoding::Utf8, "byte order mark");
    }
    // FF FE 00 00 would be UTF-32, which nobody here writes.
    if head.starts_with(&[0xff, 0xfe]) {
        return say(Encoding::Utf16Le, "byte order mark");
    }
    if head.starts_with(&[0xfe, 0xff]) {
        return say(Encoding::Utf16Be, "byte order mark");
    }
    if let Some(encoding) = utf16_by_zeros(head) {
        return say(encoding, "high bytes of one alphabet at every second place");
    }
    let control = head
        .iter()
        .filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
        .count();
    if control as f64 > head.len() as f64 * MAX_CONTROL_SHARE {
        return say(Encoding::Binary, "control bytes");
    }
    if head.is_ascii() {
        return say(Encoding::Ascii, "no byte over 0x7f");
    }
    decide_high(head)
}

/// Decides between UTF-8 and the one-byte sets, for bytes known to be no UTF-16 and not all ASCII.
pub fn decide_high(bytes: &[u8]) -> Verdict {
    let say = |encoding, why| Verdict { encoding, why };
    let (good, broken) = utf8_sequences(bytes);
    if good == 0 && broken == 0 {
        // One letter, cut off at the end: the next bytes will tell.
        return say(Encoding::Ascii, "no whole letter over 0x7f");
    }
    if broken == 0 {
        return say(Encoding::Utf8, "every sequence is valid UTF-8");
    }
    // Cyrillic in one byte a letter makes next to no valid sequences, so a majority decides.
    if good >= broken {
        return say(Encoding::Utf8, "most sequences are valid UTF-8");
    }
    let windows = if has_kazakh_slots(bytes) { Encoding::Kz1048 } else { Encoding::Windows1251 };
    let scores = [
        (windows, cyrillic_score(bytes, windows)),
        (Encoding::Ibm866, cyrillic_score(bytes, Encoding::Ibm866)),
        (Encoding::Koi8R, cyrillic_score(bytes, Encoding::Koi8R)),
    ];
    let best = scores.iter().fold(scores[0], |a, &b| if b.1 > a.1 { b } else { a });
    if best.1 <= 0.0 {
        // High bytes that read as no Cyrillic at all: Latin-1, or a stray byte. Windows-1251 shares
        // ASCII with it, which is all that labels need.
        return say(Encoding::Windows1251, "fallback for unknown high bytes");
    }
    if best.0 == Encoding::Kz1048 {
        return say(Encoding::Kz1048, "Kazakh letters between Cyrillic ones");
    }
    say(best.0, "letter statistics")
}

/// UTF-16 without a mark: one half of nearly all pairs is 00 (Latin, digits) or 04 (Cyrillic).
fn utf16_by_zeros(head: &[u8]) -> Option<Encoding> {
    let pairs = head.len().min(4096) / 2;
    if pairs < 4 {
        return None;
    }
    let high = |first: usize| {
        head.iter().skip(first).step_by(2).take(pairs).filter(|&&b| matches!(b, 0 | 4)).count()
    };
    let zeros =
        |first: usize| head.iter().skip(first).step_by(2).take(pairs).filter(|&&b| b == 0).count();
    let enough = pairs * 9 / 10;
    // A file of zeros is no text: the other half must be something.
    if high(1) >= enough && zeros(0) * 20 < pairs {
        return Some(Encoding::Utf16Le);
    }
    if high(0) >= enough && zeros(1) * 20 < pairs {
        return Some(Encoding::Utf16Be);
    }
    None
}

/// Counts (valid, broken) multi-byte sequences; one cut off at the end is not broken.
fn utf8_sequences(bytes: &[u8]) -> (usize, usize) {
    let (mut good, mut broken) = (0, 0);
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(text) => return (good + multi_byte(text.as_bytes()), broken),
            Err(e) => {
                let (valid, tail) = rest.split_at(e.valid_up_to());
                good += multi_byte(valid);
                match e.error_len() {
                    None => return (good, broken),
                    Some(n) => {
                        broken += 1;
                        rest = tail.get(n..).unwrap_or_default();
                    }
                }
            }
        }
    }
}

fn multi_byte(valid: &[u8]) -> usize {
    valid.iter().filter(|&&b| b >= 0xc0).count()
}

/// How well the high bytes read as Cyrillic words in this encoding. Higher is better; under 0
/// means that they do not. Sum over letters of log(frequency / even), with penalties for a small
/// letter followed by a capital and for signs inside words.
fn cyrillic_score(bytes: &[u8], encoding: Encoding) -> f64 {
    let table = letter_table(encoding);
    let mut score = 0.0;
    let mut previous = None::<char>;
    for &b in bytes.iter().take(64 * 1024) {
        let c = if b < 0x80 { char::from(b) } else { table[usize::from(b) - 0x80] };
        if b >= 0x80 {
            score += match c.is_alphabetic() {
                true => letter_weight(c),
                // The numero sign, quotes and dashes are ordinary in all three; box drawing is CP866's.
                false if matches!(c, '№' | '«' | '»' | '–' | '—' | '…' | '\u{a0}' | '“' | '”') => {
                    0.0
                }
                false => -2.0,
            };
            if let Some(p) = previous
                && p.is_lowercase()
                && c.is_uppercase()
            {
                score -= 4.0;
            }
        }
        previous = c.is_alphabetic().then_some(c);
    }
    score
}

fn letter_table(encoding: Encoding) -> Vec<char> {
    (0x80..=0xffu8).map(|b| encoding.decode(&[b]).chars().next().unwrap_or('\u{fffd}')).collect()
}

/// What each of the 128 high bytes would have, were the bytes no text at all.
const EVEN_PERCENT: f64 = 100.0 / 128.0;

/// ln(frequency / even) of a Russian letter in running text, in either case; Kazakh letters that
/// Windows-1251 lacks count a little, anything else costs.
fn letter_weight(c: char) -> f64 {
    let lower = c.to_lowercase().next().unwrap_or(c);
    // Percent in running Russian text (rounded from common tables).
    let percent = match lower {
        'о' => 11.0,
        'е' | 'а' | 'и' => 8.0,
        'н' | 'т' => 6.5,
        'с' | 'р' | 'в' | 'л' => 4.9,
        'к' | 'м' | 'д' | 'п' | 'у' => 3.0,
        'я' | 'ы' | 'ь' | 'г' | 'з' | 'б' => 1.8,
        'ч' | 'й' | 'х' | 'ж' | 'ш' => 1.0,
        'ю' | 'ц' | 'щ' | 'э' => 0.5,
        // In Kazakh text these are 1 to 3 %; in Russian there are none.
        'қ' | 'ә' | 'ғ' | 'ң' | 'ұ' | 'ү' | 'ө' | 'і' => 0.8,
        'ф' | 'ё' | 'ъ' | 'һ' => 0.25,
        _ => 0.02,
    };
    // Capitals are one letter in twenty; a whole word of them is usual in headings.
    let case: f64 = if c.is_uppercase() { -0.7 } else { 0.0 };
    f64::ln(percent / EVEN_PERCENT) + case
}

/// Whether bytes that are Kazakh letters in KZ-1048 stand beside Cyrillic letters: in Windows-1251
/// the same bytes are Serbian or Ukrainian ones that no Russian text holds.
fn has_kazakh_slots(bytes: &[u8]) -> bool {
    // Ukrainian і and І share their place with the Kazakh ones and decide nothing.
    let slot = |b: u8| KZ_1048[..18].iter().any(|(k, _)| *k == b) && !matches!(b, 0xb2 | 0xb3);
    let cyrillic = |b: u8| b >= 0xc0 || slot(b);
    bytes.windows(2).any(|w| (slot(w[0]) && cyrillic(w[1])) || (cyrillic(w[0]) && slot(w[1])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
        let table = letter_table(encoding);
        text.chars()
            .map(|c| match u8::try_from(c) {
                Ok(b) if b < 0x80 => b,
                _ => {
                    0x80 + table.iter().position(|&t| t == c).unwrap_or_else(|| panic!("{c}")) as u8
                }
            })
            .collect()
    }

    #[test]
    fn one_byte_sets_are_told_apart_by_a_few_words() {
        let texts = [
            "Список сотрудников: фамилия, имя, отчество, ИИН, должность",
            "ИИН;ФИО;Адрес\n900101100004;Тестова Айгуль;Алматы\n",
            "ЗАЯВЛЕНИЕ\nПрошу принять копию удостоверения личности № 012345678",
            "iin,ФИО\n900101100004,Иванов\n",
            "ИИН: 900101100004",
        ];
        for text in texts {
            for encoding in [Encoding::Windows1251, Encoding::Ibm866, Encoding::Koi8R] {
                // KOI8-R has no numero sign.
                let text = text.replace('№', if encoding == Encoding::Koi8R { "N" } else { "№" });
                assert_eq!(decide(&encode(&text, encoding)).encoding, encoding, "{text}");
            }
        }
    }

    #[test]
    fn kazakh_text_in_the_kazakh_standard_is_read_as_it() {
        let text = "Жеке сәйкестендіру нөмірі: 900101100004, тегі Қуатбекұлы, туған күні";
        let bytes = encode(text, Encoding::Kz1048);
        assert_eq!(decide(&bytes).encoding, Encoding::Kz1048);
        assert_eq!(Encoding::Kz1048.decode(&bytes), text);
    }

    #[test]
    fn a_stray_byte_or_line_does_not_change_the_rest() {
        let mut bytes = "ИИН 900101100004 ".as_bytes().to_vec();
        bytes.push(0xff);
        assert_eq!(decide(&bytes).encoding, Encoding::Utf8);
        let old = encode("ИИН: 9", Encoding::Windows1251);
        assert_eq!(Encoding::Utf8.of_context(&old), Encoding::Windows1251);
        assert_eq!(Encoding::Windows1251.of_context("ИИН: 9".as_bytes()), Encoding::Utf8);
        assert_eq!(Encoding::Windows1251.of_context(&old), Encoding::Windows1251);
    }

    #[test]
    fn unicode_is_told_by_structure() {
        let text = "ЖСН 900101100004 Әлия";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decide(&le).encoding, Encoding::Utf16Le);
        assert_eq!(decide(&be).encoding, Encoding::Utf16Be);
        assert_eq!(decide(text.as_bytes()).encoding, Encoding::Utf8);
        assert_eq!(
            decide(&text.as_bytes()[..text.len() - 1]).encoding,
            Encoding::Utf8,
            "cut inside a letter"
        );
        assert_eq!(decide(b"iin=900101100004").encoding, Encoding::Ascii);
        assert_eq!(decide(b"\x7fELF\x02\x01\x01\0\0\0\0\0").encoding, Encoding::Binary);
        assert_eq!(decide(&[0; 100]).encoding, Encoding::Binary);
    }
}
