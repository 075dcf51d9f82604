//! Pictures and documents in texts: base64 in JSON lines, XML, CSV and SQL, hexadecimal in dumps of
//! databases, ASCII85 in PostScript. Each becomes a child; the text is looked at as a text as well.
//!
//! A text is taken for this where its head shows one: a run of hundreds of letters that begins as a
//! picture, a document or an archive does once it is decoded. Everything else stays a plain text
//! and is streamed.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Extractor;
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

/// Letters of a run. A picture on which a document can be read has ten times as many; a key or a
/// signature has fewer, and does not begin like a picture.
const MIN_RUN: usize = 600;
/// Between two lines of a run stand a line break, as such or escaped, and an indent.
const MAX_GAP: usize = 40;
/// Letters that a line has to have for the run to go on with it.
const MIN_LINE: usize = 16;

#[derive(Clone, Copy, PartialEq)]
enum Code {
    Base64,
    Hex,
    Ascii85,
}

/// How the beginnings of formats read: JPEG, PNG, PDF, GIF, TIFF of both orders, WebP, zip, OLE2.
const BEGINNINGS: &[(&str, Code)] = &[
    ("/9j/", Code::Base64),
    ("/9j\\/", Code::Base64),
    ("iVBORw0KGgo", Code::Base64),
    ("JVBERi0", Code::Base64),
    ("R0lGODdh", Code::Base64),
    ("R0lGODlh", Code::Base64),
    ("SUkqA", Code::Base64),
    ("TU0AK", Code::Base64),
    ("UklGR", Code::Base64),
    ("UEsDB", Code::Base64),
    ("0M8R4KGxGuE", Code::Base64),
    ("ffd8ffe", Code::Hex),
    ("FFD8FFE", Code::Hex),
    ("ffd8ffdb", Code::Hex),
    ("FFD8FFDB", Code::Hex),
    ("89504e470d0a1a0a", Code::Hex),
    ("89504E470D0A1A0A", Code::Hex),
    ("49492a00", Code::Hex),
    ("49492A00", Code::Hex),
    ("504b0304", Code::Hex),
    ("504B0304", Code::Hex),
    ("255044462d", Code::Hex),
    ("255044462D", Code::Hex),
    ("s4IA", Code::Ascii85),
];

static FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(BEGINNINGS.iter().map(|(begin, _)| begin)).ok());

/// What does not end in full groups is decoded as far as it goes.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub struct Embedded;

impl Extractor for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn media_type(&self) -> &'static str {
        "text/plain"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        // Where the head ends within a run, that many letters need not be there.
        found(head).any(|(start, code)| {
            let (letters, end) = letters(head, start, code);
            letters.len() >= MIN_RUN || end == head.len() && letters.len() >= MIN_RUN / 4
        }) && memchr::memchr(0, head).is_none()
    }

    fn is_text(&self) -> bool {
        true
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        runs(at, bytes, budget, out)
    }
}

/// Everything in a text that is coded; each becomes a child.
pub(super) fn runs(
    at: &Locator,
    bytes: &[u8],
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let (mut behind, mut line, mut counted) = (0, 1, 0);
    for (start, code) in found(bytes) {
        if start < behind {
            continue;
        }
        let (letters, end) = letters(bytes, start, code);
        if letters.len() < MIN_RUN {
            continue;
        }
        behind = end;
        line += memchr::memchr_iter(b'\n', bytes.get(counted..start).unwrap_or_default()).count();
        counted = start;
        budget.member()?;
        budget.charge(letters.len() as u64)?;
        if let Some(bytes) = decoded(&letters, code) {
            let name = match code {
                Code::Base64 => format!("base64 in line {line}"),
                Code::Hex => format!("hex in line {line}"),
                Code::Ascii85 => format!("ascii85 in line {line}"),
            };
            out.push(Content::Bytes { at: at.member(name), bytes });
        }
    }
    Ok(())
}

/// Where something may begin. A hexadecimal run stands behind a mark that it is one, or on a line of
/// its own; base64 does not begin in the middle of a word.
fn found(bytes: &[u8]) -> impl Iterator<Item = (usize, Code)> + '_ {
    let matches = FINDER.iter().flat_map(move |finder| finder.find_overlapping_iter(bytes));
    matches.filter_map(move |found| {
        let start = found.start();
        let (_, code) = BEGINNINGS.get(found.pattern().as_usize())?;
        let before = start.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        let begins = match code {
            Code::Hex => matches!(
                before,
                None | Some(b'x' | b'X' | b'\'' | b'"' | b'\n' | b' ' | b'<' | b'>')
            ),
            Code::Base64 => before.is_none_or(|b| !is_base64(b)) || before == Some(b'\\'),
            Code::Ascii85 => matches!(before, None | Some(b'\n' | b'\r' | b'~')),
        };
        begins.then_some((start, *code))
    })
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn is_letter(byte: u8, code: Code) -> bool {
    match code {
        Code::Base64 => is_base64(byte),
        Code::Hex => byte.is_ascii_hexdigit(),
        Code::Ascii85 => matches!(byte, b'!'..=b'u' | b'z'),
    }
}

/// The letters of a run over its lines, and where it ends.
fn letters(bytes: &[u8], start: usize, code: Code) -> (Vec<u8>, usize) {
    let mut letters = Vec::new();
    let mut at = start;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let len = rest.iter().position(|b| !is_letter(*b, code)).unwrap_or(rest.len());
        letters.extend_from_slice(rest.get(..len).unwrap_or_default());
        at += len;
        // A slash may be escaped within a line, as PHP writes JSON.
        if code == Code::Base64 && bytes.get(at) == Some(&b'\\') && bytes.get(at + 1) == Some(&b'/')
        {
            at += 1;
            continue;
        }
        let gap = gap(bytes.get(at..).unwrap_or_default());
        let next = bytes.get(at + gap..).unwrap_or_default();
        let line = next.iter().take_while(|b| is_letter(**b, code)).take(MIN_LINE).count();
        // The last line may be short: then it ends as a run does.
        let ends = matches!(next.get(line), Some(b'=' | b'"' | b'\'' | b'<' | b'~'));
        if gap == 0 || line < MIN_LINE && !(line > 0 && ends) {
            return (letters, at);
        }
        at += gap;
    }
}

/// Length of a line break and an indent: as they are, or as JSON, XML and SQL escape them.
fn gap(bytes: &[u8]) -> usize {
    const ESCAPES: [&[u8]; 8] =
        [b"\\r", b"\\n", b"\r", b"\n", b"&#10;", b"&#13;", b"&#xA;", b"&#xD;"];
    let (mut at, mut breaks) = (0, 0);
    while at < MAX_GAP {
        let rest = bytes.get(at..).unwrap_or_default();
        if let Some(escape) = ESCAPES.iter().find(|escape| rest.starts_with(escape)) {
            at += escape.len();
            breaks += 1;
        } else if breaks > 0 && rest.first().is_some_and(|b| matches!(b, b' ' | b'\t')) {
            at += 1;
        } else {
            break;
        }
    }
    if breaks > 0 && at < MAX_GAP { at } else { 0 }
}

fn decoded(letters: &[u8], code: Code) -> Option<Vec<u8>> {
    match code {
        Code::Base64 => {
            // One letter more than full groups says nothing.
            let len = if letters.len() % 4 == 1 { letters.len() - 1 } else { letters.len() };
            DECODER.decode(letters.get(..len)?).ok()
        }
        Code::Hex => {
            let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
            let pairs = letters.as_chunks::<2>().0;
            pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
        }
        Code::Ascii85 => Some(ascii85(letters)),
    }
}

/// Groups of five letters are four bytes; `z` alone is four zeros (PostScript Language Reference,
/// 3.13). Ends at what is none.
fn ascii85(letters: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut group = Vec::with_capacity(5);
    for letter in letters {
        match letter {
            b'z' if group.is_empty() => bytes.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => group.push(letter - b'!'),
            _ => break,
        }
        if group.len() == 5 {
            let value = group.iter().fold(0u64, |value, digit| value * 85 + u64::from(*digit));
            bytes.extend_from_slice(&(value as u32).to_be_bytes());
            group.clear();
        }
    }
    let left = group.len();
    if left > 1 {
        group.resize(5, 84);
        let value = group.iter().fold(0u64, |value, digit| value * 85 + u64::from(*digit));
        bytes.extend(u32::to_be_bytes(value as u32).into_iter().take(left - 1));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, format_of, open};

    fn picture() -> Vec<u8> {
        fixture("pictures/reference.png")
    }

    fn encoded() -> String {
        DECODER.encode(picture())
    }

    /// One picture, all of it.
    fn finds(text: &str, name: &str) {
        assert_eq!(format_of(text.as_bytes()), Some("embedded"), "{name}");
        let (out, end) = open(&Embedded, text.as_bytes());
        assert_eq!(end, Ok(()), "{name}");
        let found = children(&out);
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0].0, name);
        assert!(found[0].1.starts_with(&picture()), "{name}");
        assert!(found[0].1.len() <= picture().len() + 3, "{name}");
    }

    #[test]
    fn base64_is_found_as_json_xml_and_sql_write_it() {
        let code = encoded();
        let lines: Vec<&str> =
            code.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        finds(&format!("{{\"id\":1,\"photo\":\"{code}\",\"n\":2}}\n"), "base64 in line 1");
        finds(&format!("{{}}\n{{\"photo\":\"{}\"}}", code.replace('/', "\\/")), "base64 in line 2");
        finds(&format!("{{\"photo\":\"{}\\n\"}}", lines.join("\\r\\n")), "base64 in line 1");
        finds(
            &format!("<a>\n <photo>\n    {}\n </photo>\n</a>", lines.join("\n    ")),
            "base64 in line 3",
        );
        finds(&format!("INSERT INTO t VALUES (1,'{code}');\n"), "base64 in line 1");
        finds(&format!("id;photo\n1;data:image/png;base64,{code};\n"), "base64 in line 2");
    }

    #[test]
    fn hexadecimal_is_found_as_dumps_write_it() {
        let hex: String = picture().iter().map(|b| format!("{b:02x}")).collect();
        finds(&format!("COPY t (a, photo) FROM stdin;\n1\t\\\\x{hex}\n\\.\n"), "hex in line 2");
        finds(
            &format!("INSERT INTO t VALUES (1,0x{},'a');\n", hex.to_uppercase()),
            "hex in line 1",
        );
        finds(&format!("INSERT INTO t VALUES (1,X'{}');\n", hex.to_uppercase()), "hex in line 1");
    }

    #[test]
    fn ascii85_of_a_jpeg_is_found() {
        let jpeg = fixture("pictures/grey.jpg");
        let mut code = String::new();
        for group in jpeg.chunks(4) {
            let mut four = [0; 4];
            four[..group.len()].copy_from_slice(group);
            let mut value = u32::from_be_bytes(four);
            let mut letters = [0u8; 5];
            for letter in letters.iter_mut().rev() {
                *letter = (value % 85) as u8 + b'!';
                value /= 85;
            }
            let zeros = four == [0; 4] && group.len() == 4;
            code.push_str(if zeros {
                "z"
            } else {
                std::str::from_utf8(&letters[..group.len() + 1]).unwrap()
            });
        }
        let lines: Vec<&str> =
            code.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let text =
            format!("%!PS-Adobe-3.0\n/DCTDecode filter image\n{}~>\nshowpage\n", lines.join("\n"));
        let (out, end) = open(&Embedded, text.as_bytes());
        assert_eq!(end, Ok(()));
        assert_eq!(children(&out)[0].1, jpeg);
    }

    #[test]
    fn what_only_looks_like_it_is_a_plain_text() {
        let short = &encoded()[..400];
        for text in [
            format!("{{\"icon\":\"{short}\"}}"),
            "the letters /9j/ begin a picture, iVBORw0KGgo too".to_owned(),
            format!("sha: {}", "0123456789abcdef".repeat(100)),
            format!("x{}", encoded()),
            "ffd8ffe0".repeat(10),
        ] {
            assert_eq!(format_of(text.as_bytes()), None, "{}", &text[..40]);
        }
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        let text = format!("<a>{}</a>", encoded()).into_bytes();
        for at in (0..text.len()).step_by(7) {
            open(&Embedded, &text[..at]).1.ok();
            let mut changed = text.clone();
            changed[at] = b'\n';
            open(&Embedded, &changed).1.ok();
        }
    }
}
