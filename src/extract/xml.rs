//! XML, streamed: elements and text, no DTD, no entity beyond the five predefined ones, bounded
//! depth. Names are local names; the prefixes of Office and ODF never clash where we look.

use std::borrow::Cow;

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::Skip;

/// Office nests text boxes and tables some tens deep; a deeper file was made to hurt.
const MAX_DEPTH: u32 = 512;

/// One step through the document.
pub(super) enum Step<'a> {
    Open(Element<'a>),
    /// What ends. An empty element opens and closes.
    Close(End<'a>),
    Text(Cow<'a, str>),
}

/// A start tag.
pub(super) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of the attribute of this local name.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.raw_attributes().find(|a| a.key.local_name().into_inner() == name).map(value_of)
    }

    /// Local names and values; an attribute that does not parse is left out.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (String, String)> {
        self.raw_attributes().map(|a| (a.key.local_name().into_inner().to_owned(), value_of(a)))
    }

    fn raw_attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let mut attributes = self.0.attributes();
        attributes.with_checks(false);
        attributes.filter_map(Result::ok)
    }
}

fn value_of(attribute: Attribute) -> String {
    match attribute.normalized_value(XmlVersion::Implicit1_0) {
        Ok(value) => value.into_owned(),
        // An entity of a DTD: its text is not expanded, the rest of the value is kept.
        Err(_) => attribute.value.to_string(),
    }
}

/// An end tag.
pub(super) struct End<'a>(BytesEnd<'a>);

impl End<'_> {
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }
}

/// A document being read.
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    format: &'static str,
    depth: u32,
}

impl<'a> Xml<'a> {
    /// `format` names the file in a skip.
    pub(super) fn new(format: &'static str, text: &'a str) -> Xml<'a> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Xml { reader, format, depth: 0 }
    }

    /// The next step; `None` at the end. After an error nothing more comes.
    pub(super) fn next(&mut self) -> Result<Option<Step<'a>>, Skip> {
        loop {
            let event = self
                .reader
                .read_event()
                .map_err(|_| Skip::damaged(self.format, "XML does not parse"))?;
            return Ok(Some(match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(Skip::damaged(self.format, "XML nested too deep"));
                    }
                    Step::Open(Element(tag))
                }
                Event::End(tag) => {
                    self.depth = self.depth.saturating_sub(1);
                    Step::Close(End(tag))
                }
                Event::Text(text) => Step::Text(text.xml10_content()),
                Event::CData(text) => Step::Text(text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let char = reference.resolve_char_ref().ok().flatten();
                    let text = match (char, reference.xml10_content().as_ref()) {
                        (Some(c), _) => c.to_string(),
                        (None, "amp") => "&".into(),
                        (None, "lt") => "<".into(),
                        (None, "gt") => ">".into(),
                        (None, "quot") => "\"".into(),
                        (None, "apos") => "'".into(),
                        _ => continue,
                    };
                    Step::Text(Cow::Owned(text))
                }
                Event::Eof => return Ok(None),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            }));
        }
    }
}

/// The bytes of a part as text: UTF-16 by its mark or its shape, a declared 8-bit code, else UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    match bytes {
        [b'<', 0, ..] => return encoding_rs::UTF_16LE.decode(bytes).0,
        [0, b'<', ..] => return encoding_rs::UTF_16BE.decode(bytes).0,
        _ => {}
    }
    let declaration = bytes.get(..bytes.len().min(100)).unwrap_or_default();
    let label = memchr::memmem::find(declaration, b"encoding=")
        .and_then(|at| declaration.get(at + 10..))
        .and_then(|rest| rest.split(|b| matches!(b, b'"' | b'\'')).next());
    match label.and_then(encoding_rs::Encoding::for_label) {
        Some(encoding) if !encoding.is_ascii_compatible() => String::from_utf8_lossy(bytes),
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0,
        None => String::from_utf8_lossy(bytes),
    }
}

/// Every leaf with text as `name`, `value`, and every attribute whose value has a digit or a
/// letter beyond ASCII: what a small property file (docProps, XMP, ODF meta) says.
pub(super) fn properties(bytes: &[u8], take: &mut dyn FnMut(&str, &str)) {
    let text = decode(bytes);
    let mut xml = Xml::new("xml", &text);
    let mut names: Vec<String> = Vec::new();
    let mut value = String::new();
    // A broken end keeps what came before: these are notes beside the content.
    while let Ok(Some(step)) = xml.next() {
        match step {
            Step::Open(element) => {
                value.clear();
                let mut name = element.name().to_owned();
                for (key, attribute) in element.attributes() {
                    if key == "name" {
                        // docProps/custom.xml and meta:user-defined carry the real name here.
                        name = attribute;
                    } else if worth_telling(&attribute) {
                        take(&key, &attribute);
                    }
                }
                // A list item or a typed value stands for the property around it.
                let plain = matches!(
                    name.as_str(),
                    "li" | "Alt" | "Seq" | "Bag" | "lpwstr" | "lpstr" | "i4" | "r8" | "filetime"
                );
                names.push(match names.last() {
                    Some(around) if plain => around.clone(),
                    _ => name,
                });
            }
            Step::Text(text) => value.push_str(&text),
            Step::Close(_) => {
                let name = names.pop().unwrap_or_default();
                if !value.trim().is_empty() {
                    take(&name, value.trim());
                }
                value.clear();
            }
        }
    }
}

fn worth_telling(value: &str) -> bool {
    !value.contains("://")
        && (value.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
            || value.bytes().filter(u8::is_ascii_digit).count() >= 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Result<String, Skip> {
        let mut xml = Xml::new("test", text);
        let mut all = String::new();
        while let Some(step) = xml.next()? {
            if let Step::Text(text) = step {
                all.push_str(&text);
            }
        }
        Ok(all)
    }

    #[test]
    fn entities_of_a_dtd_are_not_expanded() {
        let bomb = "<!DOCTYPE r [<!ENTITY a \"xxxxxxxxxx\"><!ENTITY b \"&a;&a;&a;\">]>\
                    <r>1&b;2 &#1256;&amp;</r>";
        assert_eq!(texts(bomb).unwrap().trim(), "12 Ө&");
    }

    #[test]
    fn depth_is_bounded() {
        assert!(texts(&"<a>".repeat(10_000)).is_err());
    }

    #[test]
    fn custom_properties_have_their_own_names() {
        let custom = r#"<Properties xmlns:vt="v"><property fmtid="{D5CDD505}" pid="2" name="ИИН">
            <vt:lpwstr>900101100004</vt:lpwstr></property></Properties>"#;
        let mut seen = Vec::new();
        properties(custom.as_bytes(), &mut |name, value| seen.push(format!("{name}={value}")));
        assert_eq!(seen, ["ИИН=900101100004"]);
    }

    #[test]
    fn a_part_in_utf16_or_1251_is_read() {
        let (cp1251, ..) = encoding_rs::WINDOWS_1251
            .encode("<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>Қ</a>".get(..).unwrap());
        assert!(decode(&cp1251).contains("<a>"));
        let utf16: Vec<u8> = "<a>Қазақстан</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16), "<a>Қазақстан</a>");
    }
}
