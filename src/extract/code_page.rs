//! 8-bit text of old Windows programs by the number of its code page, or by the language of its
//! writer where no page is named.

use encoding_rs::{self as er, Encoding};

/// The encoding of a Windows code page; Western European where the number is not known.
pub(super) fn of(page: u16) -> &'static Encoding {
    match page {
        866 | 855 => er::IBM866,
        874 => er::WINDOWS_874,
        932 => er::SHIFT_JIS,
        936 => er::GBK,
        949 => er::EUC_KR,
        950 => er::BIG5,
        1200 => er::UTF_16LE,
        1201 => er::UTF_16BE,
        1250 => er::WINDOWS_1250,
        1251 => er::WINDOWS_1251,
        1253 => er::WINDOWS_1253,
        1254 => er::WINDOWS_1254,
        1255 => er::WINDOWS_1255,
        1256 => er::WINDOWS_1256,
        1257 => er::WINDOWS_1257,
        1258 => er::WINDOWS_1258,
        10007 => er::X_MAC_CYRILLIC,
        20866 => er::KOI8_R,
        21866 => er::KOI8_U,
        54936 => er::GB18030,
        65001 => er::UTF_8,
        _ => er::WINDOWS_1252,
    }
}

pub(super) fn decode(page: u16, raw: &[u8]) -> String {
    of(page).decode_without_bom_handling(raw).0.into_owned()
}

/// What a writer of this language (LCID) stored its text in.
pub(super) fn of_language(language: u16) -> u16 {
    match language & 0x3ff {
        // Bulgarian, Russian, Ukrainian, Belarusian, Tajik, Kazakh, Kyrgyz, Tatar, Mongolian.
        0x02 | 0x19 | 0x22 | 0x23 | 0x28 | 0x3f | 0x40 | 0x44 | 0x50 => 1251,
        0x05 | 0x0e | 0x15 | 0x18 | 0x1a | 0x1b | 0x24 => 1250,
        0x08 => 1253,
        0x1f | 0x2c => 1254,
        0x0d => 1255,
        0x01 | 0x29 | 0x20 => 1256,
        0x25..=0x27 => 1257,
        0x11 => 932,
        0x04 => 936,
        0x12 => 949,
        _ => 1252,
    }
}

/// Bytes said to be Western European that are Cyrillic all the same: letters of the upper half in
/// runs. Programs that knew no Unicode stored the code page of the machine and called it ANSI.
pub(super) fn western(raw: &[u8]) -> String {
    let upper = raw.iter().filter(|b| **b >= 0xc0).count();
    let pairs = raw.windows(2).filter(|pair| pair.iter().all(|b| *b >= 0xc0)).count();
    decode(if upper >= 3 && pairs * 2 >= upper { 1251 } else { 1252 }, raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cyrillic_that_is_called_western_is_told() {
        assert_eq!(
            western(&er::WINDOWS_1251.encode("Удостоверение личности").0),
            "Удостоверение личности"
        );
        assert_eq!(
            western(&er::WINDOWS_1252.encode("Café Müller à Liège").0),
            "Café Müller à Liège"
        );
        assert_eq!(of_language(0x0419), 1251);
        assert_eq!(of_language(0x043f), 1251);
        assert_eq!(decode(866, &[0x88, 0x88, 0x8d]), "ИИН");
    }
}
