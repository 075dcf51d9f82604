//! Character references of HTML: all numeric ones, and the names that texts really use.

const NAMED: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("ensp", " "),
    ("emsp", " "),
    ("thinsp", " "),
    ("shy", ""),
    ("zwj", ""),
    ("zwnj", ""),
    ("lrm", ""),
    ("rlm", ""),
    ("laquo", "«"),
    ("raquo", "»"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("bdquo", "„"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("minus", "−"),
    ("hellip", "…"),
    ("bull", "•"),
    ("middot", "·"),
    ("numero", "№"),
    ("sect", "§"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("deg", "°"),
    ("times", "×"),
    ("colon", ":"),
    ("comma", ","),
    ("num", "#"),
    ("equals", "="),
    ("sol", "/"),
    ("tab", "\t"),
    ("newline", "\n"),
];
/// The longest name above, and `#x10ffff`.
const MAX_LEN: usize = 10;

/// Text with its references resolved; what is none stays as it stands.
pub(super) fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let after = from.get(1..).unwrap_or_default();
        match reference(after) {
            Some((value, len)) => {
                out.push_str(&value);
                rest = after.get(len..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The value and the length of the reference that `text` begins with, after the `&`.
fn reference(text: &str) -> Option<(String, usize)> {
    let end = text
        .bytes()
        .take(MAX_LEN + 1)
        .position(|b| !b.is_ascii_alphanumeric() && b != b'#')
        .unwrap_or(text.len().min(MAX_LEN + 1));
    let name = text.get(..end)?;
    let len = end + usize::from(text.as_bytes().get(end) == Some(&b';'));
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        let char = char::from_u32(code.ok()?)?;
        let value = match char {
            '\u{a0}' => " ".to_owned(),
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => String::new(),
            '\0' => return None,
            char => char.to_string(),
        };
        return Some((value, len));
    }
    let lower = name.to_ascii_lowercase();
    NAMED.iter().find(|(named, _)| *named == lower).map(|(_, value)| ((*value).to_owned(), len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_and_the_rest_is_left() {
        assert_eq!(
            decode("&#1048;&#x418;Н&nbsp;9&shy;0 &amp;lt; a&b &unknown; &"),
            "ИИН 90 &lt; a&b &unknown; &"
        );
        assert_eq!(decode("&#99999999999;&#xD800;"), "&#99999999999;&#xD800;");
    }
}
