//! HTML and SVG: the text as it is laid out (blocks are lines, cells stand between tabs), then what stands
//! beside it: values of attributes, comments, scripts; `data:` addresses become children.

mod entities;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::Extractor;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// How far into the file its encoding may be declared (the HTML standard says 1024).
const DECLARATION: usize = 4096;
/// Elements that a fragment begins with, as bodies of mails are.
const STARTS: &[&str] = &[
    "!doctype html",
    "html",
    "head",
    "body",
    "title",
    "meta",
    "table",
    "div",
    "p",
    "h1",
    "h2",
    "br",
    "font",
    "center",
    "span",
    "style",
    "script",
    "form",
    "svg",
    "!doctype svg",
];
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "table",
    "tbody",
    "text",
    "textarea",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];
/// Attributes that hold words of people whatever they look like.
const WORDS: &[&str] =
    &["alt", "aria-label", "content", "label", "placeholder", "summary", "title", "value"];
/// Attributes of looks and loading, long and full of digits that mean nobody.
const LOOKS: &[&str] = &[
    "class",
    "coords",
    "d",
    "integrity",
    "nonce",
    "points",
    "sizes",
    "srcset",
    "style",
    "transform",
    "viewbox",
];
/// Any other attribute is told from this many digits on.
const MIN_DIGITS: usize = 6;
/// What a base64 `data:` address may leave out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub struct Html;

impl Extractor for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn media_type(&self) -> &'static str {
        "text/html"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        let start = head.get(..head.len().min(DECLARATION)).unwrap_or_default();
        let text = match encoding_rs::Encoding::for_bom(start) {
            Some((encoding, mark)) => {
                encoding.decode_without_bom_handling(start.get(mark..).unwrap_or_default()).0
            }
            None => String::from_utf8_lossy(start),
        };
        let mut text = text.trim_start();
        // A declaration of XML and comments may stand before.
        loop {
            let end = if text.starts_with("<?xml") {
                text.find("?>").map(|at| at + 2)
            } else if text.starts_with("<!--") {
                text.find("-->").map(|at| at + 3)
            } else {
                break;
            };
            match end.and_then(|end| text.get(end..)) {
                Some(rest) => text = rest.trim_start(),
                None => return false,
            }
        }
        let Some(tag) = text.strip_prefix('<') else { return false };
        STARTS.iter().any(|start| {
            tag.get(..start.len()).is_some_and(|name| name.eq_ignore_ascii_case(start))
                && tag
                    .get(start.len()..)
                    .and_then(|rest| rest.chars().next())
                    .is_some_and(|c| c.is_whitespace() || matches!(c, '>' | '/'))
        })
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let text = decode(bytes);
        let mut page =
            Page { at, budget, out, text: String::new(), behind: String::new(), pre: 0, uris: 0 };
        let end = page.read(&text);
        let mut text = page.text;
        if !page.behind.trim().is_empty() {
            text.push('\n');
            text.push_str(&page.behind);
        }
        if !text.trim().is_empty() {
            out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
        }
        end
    }
}

/// By its mark; as UTF-8 where it is that; by its declaration; else as Windows-1251.
fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let head = bytes.get(..bytes.len().min(DECLARATION)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let declared = head.find("charset").and_then(|at| head.get(at + 7..)).map(|rest| {
        let rest =
            rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\''));
        rest.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | ':')).next()
    });
    let encoding = declared
        .flatten()
        .and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()))
        .unwrap_or(encoding_rs::WINDOWS_1251);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

struct Page<'b> {
    at: &'b Locator,
    budget: &'b mut Budget,
    out: &'b mut Vec<Content>,
    text: String,
    behind: String,
    /// Within `pre`, where white space counts.
    pre: u32,
    uris: usize,
}

impl Page<'_> {
    fn read(&mut self, html: &str) -> Result<(), Skip> {
        let mut rest = html;
        let mut steps = 0u32;
        while !rest.is_empty() {
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(16_384) {
                self.budget.in_time()?;
            }
            let at = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            let (words, from) = rest.split_at(at);
            self.words(words);
            rest = self.markup(from)?;
        }
        Ok(())
    }

    /// Reads what begins with `<`; gives what follows.
    fn markup<'h>(&mut self, from: &'h str) -> Result<&'h str, Skip> {
        let Some(inner) = from.strip_prefix('<') else { return Ok(from) };
        if let Some(comment) = inner.strip_prefix("!--") {
            let (comment, rest) = split_at(comment, "-->");
            self.behind.push_str(comment.trim());
            self.behind.push('\n');
            return Ok(rest);
        }
        let second = inner.chars().next().unwrap_or(' ');
        if matches!(second, '!' | '?') {
            return Ok(split_at(inner, ">").1);
        }
        if !second.is_ascii_alphabetic() && second != '/' {
            self.text.push('<');
            return Ok(inner);
        }
        let (tag, rest) = Tag::read(inner);
        self.tag(&tag)?;
        if tag.closing {
            return Ok(rest);
        }
        match tag.name.as_str() {
            "script" | "style" => {
                let end = find_closing(rest, &tag.name);
                let (raw, rest) = rest.split_at(end);
                self.inner_uris(raw)?;
                if tag.name == "script" && !raw.trim().is_empty() {
                    self.behind.push_str(raw.trim());
                    self.behind.push('\n');
                }
                Ok(rest)
            }
            _ => Ok(rest),
        }
    }

    fn words(&mut self, raw: &str) {
        let words = entities::decode(raw);
        if self.pre > 0 {
            self.text.push_str(&words);
            return;
        }
        for c in words.chars() {
            match c {
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
                c if c.is_whitespace() => {
                    if !self.text.ends_with([' ', '\n', '\t']) {
                        self.text.push(' ');
                    }
                }
                c => self.text.push(c),
            }
        }
    }

    fn line(&mut self) {
        while self.text.ends_with([' ', '\t']) {
            self.text.pop();
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn tag(&mut self, tag: &Tag) -> Result<(), Skip> {
        match tag.name.as_str() {
            "td" | "th" if tag.closing => {
                while self.text.ends_with([' ', '\n']) && !self.text.ends_with("\n\n") {
                    self.text.pop();
                }
                self.text.push('\t');
            }
            // An unclosed cell begins a new one all the same.
            "td" | "th" if !self.text.ends_with(['\t', '\n', ' ']) && !self.text.is_empty() => {
                self.text.push('\t');
            }
            "pre" | "textarea" => {
                self.line();
                self.pre = if tag.closing { self.pre.saturating_sub(1) } else { self.pre + 1 };
            }
            // Within a cell blocks do not end its row.
            name if BLOCKS.contains(&name) => self.line(),
            _ => {}
        }
        let label = |key: &str| tag.attributes.iter().find(|(name, _)| name == key);
        let label = label("name").or_else(|| label("id")).or_else(|| label("property"));
        let mut said = String::new();
        for (name, value) in &tag.attributes {
            if value.starts_with("data:") {
                self.uri(value)?;
                continue;
            }
            self.inner_uris(value)?;
            let words = WORDS.contains(&name.as_str()) && !value.trim().is_empty();
            let digits = value.bytes().filter(u8::is_ascii_digit).count() >= MIN_DIGITS;
            if words || digits && !LOOKS.contains(&name.as_str()) {
                said.push_str(&format!(" {name}=\"{}\"", value.trim()));
            }
        }
        if !said.is_empty() {
            if let Some((_, label)) = label {
                self.behind.push_str(label);
            }
            self.behind.push_str(said.trim_start_matches(if label.is_some() { "" } else { " " }));
            self.behind.push('\n');
        }
        Ok(())
    }

    /// Pictures within styles and scripts.
    fn inner_uris(&mut self, text: &str) -> Result<(), Skip> {
        for at in memchr::memmem::find_iter(text.as_bytes(), b"data:image/") {
            let from = text.get(at..).unwrap_or_default();
            let end = from.find(['"', '\'', ')', '\\', '<']).unwrap_or(from.len());
            self.uri(from.get(..end).unwrap_or_default())?;
        }
        Ok(())
    }

    /// RFC 2397: `data:[type][;base64],data`.
    fn uri(&mut self, uri: &str) -> Result<(), Skip> {
        let Some((head, data)) = uri.strip_prefix("data:").and_then(|rest| rest.split_once(','))
        else {
            return Ok(());
        };
        self.budget.member()?;
        self.budget.charge(data.len() as u64)?;
        self.uris += 1;
        let at = self.at.member(format!("data URI {}", self.uris));
        let data = percent_decode(data);
        let bytes = if head.trim_end().ends_with(";base64") {
            let packed: Vec<u8> = data.into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
            BASE64.decode(packed).map_err(|_| Skip::damaged("html", "data address is no base64"))
        } else {
            Ok(data)
        };
        self.out.push(match bytes {
            Ok(bytes) if bytes.is_empty() => return Ok(()),
            Ok(bytes) => Content::Bytes { at, bytes },
            Err(skip) => Content::Skipped { at, skip },
        });
        Ok(())
    }
}

/// A tag with its attributes, names in small letters, values decoded.
struct Tag {
    name: String,
    closing: bool,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// From after the `<`; gives what follows the `>`.
    fn read(text: &str) -> (Tag, &str) {
        let closing = text.starts_with('/');
        let text = text.strip_prefix('/').unwrap_or(text);
        let name_end =
            text.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(text.len());
        let (name, mut rest) = text.split_at(name_end);
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            if rest.is_empty() {
                break;
            }
            let end = rest
                .find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))
                .unwrap_or(rest.len())
                // A stray `=` is taken as a name, so that something is always taken.
                .max(rest.chars().next().map_or(1, char::len_utf8));
            let (key, after) = rest.split_at(end);
            rest = after.trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                (value, rest) = match after.chars().next() {
                    Some(quote @ ('"' | '\'')) => {
                        split_at(after.get(1..).unwrap_or_default(), quote.encode_utf8(&mut [0; 4]))
                    }
                    _ => {
                        let end = after
                            .find(|c: char| c.is_whitespace() || c == '>')
                            .unwrap_or(after.len());
                        after.split_at(end)
                    }
                };
            }
            attributes.push((key.to_ascii_lowercase(), entities::decode(value)));
        }
        (Tag { name: name.to_ascii_lowercase(), closing, attributes }, rest)
    }
}

/// What stands before `end` and after it; without it all and nothing.
fn split_at<'h>(text: &'h str, end: &str) -> (&'h str, &'h str) {
    text.split_once(end).unwrap_or((text, ""))
}

/// Where `</name` stands, else the end.
fn find_closing(text: &str, name: &str) -> usize {
    memchr::memmem::find_iter(text.as_bytes(), b"</")
        .find(|at| {
            text.get(at + 2..at + 2 + name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name))
        })
        .unwrap_or(text.len())
}

fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        let code = (byte == b'%')
            .then(|| text.get(i + 1..i + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(byte));
        i += if code.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};

    fn text(html: &str) -> String {
        texts(&samples::open(&Html, html.as_bytes()).0, Form::Plain)
    }

    #[test]
    fn inline_tags_do_not_tear_a_number_and_cells_do_not_glue_two() {
        assert_eq!(text("<p>ИИН&nbsp;<b>900101</b>100004</p>"), "ИИН 900101100004\n");
        assert_eq!(
            text(
                "<table><tr><th>ФИО</th><th>ИИН</th></tr>\n<tr><td>Ә</td><td> 900101100004 </td></tr></table>"
            ),
            "ФИО\tИИН\nӘ\t900101100004\n"
        );
        assert_eq!(text("<table><tr><td>1<td>2<tr><td>3</table>"), "1\t2\n3\n");
    }

    #[test]
    fn attributes_comments_and_scripts_are_told_behind_the_text() {
        let html = "<div>a</div><input name=iin value='900101100014'><!-- ЖСН 900101100004 -->\
                    <script>var s={\"iin\":\"851231203985\"}</script><style>p{color:#900101}</style>\
                    <a href=\"https://x/?iin=900101100500\">b</a>";
        let text = text(html);
        for part in
            ["iin value=\"900101100014\"", "ЖСН 900101100004", "851231203985", "iin=900101100500"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("color"));
        assert!(text.starts_with("a\nb\n"));
    }

    #[test]
    fn data_addresses_become_children() {
        let html = "<p><img src=\"data:image/png;base64,iVBO Rw0K\"><a href='data:,%D0%98%D0%98%D0%9D'>\
                    <div style=\"background:url(data:image/gif;base64,R0lGODlh)\">";
        let (out, end) = samples::open(&Html, html.as_bytes());
        assert_eq!(end, Ok(()));
        let children: Vec<_> = out
            .iter()
            .filter_map(|content| match content {
                Content::Bytes { bytes, .. } => Some(bytes.as_slice()),
                _ => None,
            })
            .collect();
        assert_eq!(children, [b"\x89PNG\r\n".as_slice(), "ИИН".as_bytes(), b"GIF89a"]);
    }

    #[test]
    fn it_is_known_by_its_start() {
        for yes in [
            "<!DOCTYPE html>",
            "\n<HTML lang=kk>",
            "<?xml version='1.0'?><!-- x --><html>",
            "<div dir=ltr>x",
            "\u{feff}<p>x",
        ] {
            assert!(Html.sniff(yes.as_bytes()), "{yes}");
        }
        for no in ["<pre", "<project>", "a <html>", "<?xml version='1.0'?><data>", "<parameter>"] {
            assert!(!Html.sniff(no.as_bytes()), "{no}");
        }
        let utf16: Vec<u8> = "\u{feff}<html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(Html.sniff(&utf16));
    }

    #[test]
    fn markup_that_never_ends_is_read_to_its_end() {
        for html in ["<div", "<div a=\"", "<!--", "<script>1", "<", "</", "<a =", "<p>&#", "<p ==a"]
        {
            text(html);
        }
    }
}
