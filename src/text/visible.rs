//! Names made safe to show: what a terminal would obey or hide becomes visible text.
//!
//! A file name may hold escape sequences, newlines and letters that turn the reading direction.
//! For human output only; JSON has escapes of its own.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with C0 and C1 controls, line and paragraph separators, direction marks and other
/// invisible characters written as `\u{1b}`. Borrowed where nothing had to change.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            // Writing to a String does not fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_hidden(c: char) -> bool {
    c.is_control() // C0, DEL, C1
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        let bad = "a\u{1b}[2Jb\nc\u{9b}31md\u{202e}gpj.e\u{2028}";
        let shown = visible(bad);
        assert_eq!(shown, "a\\u{1b}[2Jb\\u{a}c\\u{9b}31md\\u{202e}gpj.e\\u{2028}");
        assert!(!shown.chars().any(is_hidden));
        assert!(matches!(visible("Удостоверение ө.jpg"), Cow::Borrowed(_)));
    }
}
