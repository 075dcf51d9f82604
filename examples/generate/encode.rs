//! The encodings in use here, with an encoder for those that have none elsewhere.

use encoding_rs::{IBM866, KOI8_R, WINDOWS_1251};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf8Bom,
    Utf16Le { bom: bool },
    Utf16Be { bom: bool },
    Windows1251,
    Kz1048,
    Cp866,
    Koi8R,
}

impl Encoding {
    pub const ALL: [Encoding; 10] = [
        Encoding::Utf8,
        Encoding::Utf8Bom,
        Encoding::Utf16Le { bom: true },
        Encoding::Utf16Be { bom: true },
        Encoding::Utf16Le { bom: false },
        Encoding::Utf16Be { bom: false },
        Encoding::Windows1251,
        Encoding::Kz1048,
        Encoding::Cp866,
        Encoding::Koi8R,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf8",
            Encoding::Utf8Bom => "utf8bom",
            Encoding::Utf16Le { bom: true } => "utf16le",
            Encoding::Utf16Le { bom: false } => "utf16le-nobom",
            Encoding::Utf16Be { bom: true } => "utf16be",
            Encoding::Utf16Be { bom: false } => "utf16be-nobom",
            Encoding::Windows1251 => "cp1251",
            Encoding::Kz1048 => "kz1048",
            Encoding::Cp866 => "cp866",
            Encoding::Koi8R => "koi8r",
        }
    }

    /// Letters that the encoding lacks become what a typist would put instead.
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf8Bom => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            Encoding::Utf16Le { bom } => units(text, bom).flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be { bom } => units(text, bom).flat_map(u16::to_be_bytes).collect(),
            Encoding::Windows1251 => each(text, |c| one(WINDOWS_1251, c)),
            Encoding::Kz1048 => each(text, kz1048),
            Encoding::Cp866 => each(text, |c| one(IBM866, c)),
            Encoding::Koi8R => each(text, |c| one(KOI8_R, c)),
        }
    }
}

fn units(text: &str, bom: bool) -> impl Iterator<Item = u16> + '_ {
    bom.then_some(0xfeff).into_iter().chain(text.encode_utf16())
}

fn each(text: &str, code: impl Fn(char) -> Option<u8>) -> Vec<u8> {
    text.chars()
        .flat_map(|c| match code(c) {
            Some(byte) => vec![byte],
            None => stand_in(c).chars().map(|c| code(c).unwrap_or(b'?')).collect(),
        })
        .collect()
}

fn one(encoding: &'static encoding_rs::Encoding, c: char) -> Option<u8> {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = encoding.encode(c.encode_utf8(&mut buffer));
    if unmappable { None } else { bytes.first().copied() }
}

/// KZ-1048 (ST RK 1048-2002): Windows-1251 with these places taken by Kazakh letters.
const KZ1048: [(char, u8); 18] = [
    ('Қ', 0x8d),
    ('Һ', 0x8e),
    ('қ', 0x9d),
    ('һ', 0x9e),
    ('Ұ', 0xa1),
    ('ұ', 0xa2),
    ('Ә', 0xa3),
    ('Ө', 0xa5),
    ('Ғ', 0xaa),
    ('Ү', 0xaf),
    ('І', 0xb2),
    ('і', 0xb3),
    ('ө', 0xb4),
    ('ғ', 0xba),
    ('ә', 0xbc),
    ('Ң', 0xbd),
    ('ң', 0xbe),
    ('ү', 0xbf),
];

fn kz1048(c: char) -> Option<u8> {
    if let Some((_, byte)) = KZ1048.iter().find(|(letter, _)| *letter == c) {
        return Some(*byte);
    }
    one(WINDOWS_1251, c).filter(|byte| KZ1048.iter().all(|(_, taken)| taken != byte))
}

fn stand_in(c: char) -> &'static str {
    match c {
        'ә' => "э",
        'Ә' => "Э",
        'і' => "i",
        'І' => "I",
        'ң' => "н",
        'Ң' => "Н",
        'ғ' => "г",
        'Ғ' => "Г",
        'ү' | 'ұ' => "у",
        'Ү' | 'Ұ' => "У",
        'қ' => "к",
        'Қ' => "К",
        'ө' => "о",
        'Ө' => "О",
        'һ' => "х",
        'Һ' => "Х",
        '—' | '–' => "-",
        '№' => "N",
        '«' | '»' | '“' | '”' => "\"",
        '\u{a0}' => " ",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_letters_have_known_bytes() {
        assert_eq!(Encoding::Kz1048.encode("Қә і№"), [0x8d, 0xbc, b' ', 0xb3, 0xb9]);
        assert_eq!(Encoding::Windows1251.encode("ИИН қ"), [0xc8, 0xc8, 0xcd, b' ', 0xea]);
        assert_eq!(Encoding::Cp866.encode("ИИН"), [0x88, 0x88, 0x8d]);
        assert_eq!(Encoding::Koi8R.encode("ИИН"), [0xe9, 0xe9, 0xee]);
        assert_eq!(Encoding::Utf16Be { bom: true }.encode("И"), [0xfe, 0xff, 0x04, 0x18]);
    }
}
