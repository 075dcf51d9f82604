//! EXIF and XMP: the facts that the judge of pictures uses, and the texts that people write there.

use exif::{Context, Exif, In, Tag, Value};

use super::{maker, xml};
use crate::flow::{Content, Form, Locator, Maker, PictureFacts};

/// Texts kept of one picture. An XMP packet is 2 to 60 KB; this is the end of what is read of a
/// hostile one.
const MAX_TEXT: usize = 1 << 20;

/// Fields that hold text of people (not serial numbers, which look like personal ones).
const TEXTS: &[(&str, Tag)] = &[
    ("ImageDescription", Tag::ImageDescription),
    ("Artist", Tag::Artist),
    ("Copyright", Tag::Copyright),
    ("Software", Tag::Software),
    ("Make", Tag::Make),
    ("Model", Tag::Model),
    ("UserComment", Tag::UserComment),
    ("CameraOwnerName", Tag::CameraOwnerName),
    ("DocumentName", Tag(Context::Tiff, 0x010d)),
    ("PageName", Tag(Context::Tiff, 0x011d)),
    ("HostComputer", Tag(Context::Tiff, 0x013c)),
    ("XPTitle", Tag(Context::Tiff, 0x9c9b)),
    ("XPComment", Tag(Context::Tiff, 0x9c9c)),
    ("XPAuthor", Tag(Context::Tiff, 0x9c9d)),
    ("XPKeywords", Tag(Context::Tiff, 0x9c9e)),
    ("XPSubject", Tag(Context::Tiff, 0x9c9f)),
];

/// Lines of `Name: value`, collected from all places of one picture.
#[derive(Debug, Default)]
pub(super) struct Notes {
    text: String,
    maker: Maker,
}

impl Notes {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let value = value.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if value.is_empty() || self.text.len() + value.len() > MAX_TEXT {
            return;
        }
        self.maker = self.maker.or(maker::named(name, value));
        self.text.push_str(name);
        self.text.push_str(": ");
        let one_line = |c| if matches!(c, '\r' | '\n' | '\0') { ' ' } else { c };
        self.text.extend(value.chars().map(one_line));
        self.text.push('\n');
    }

    /// What device or program the notes name.
    pub(super) fn maker(&self) -> Maker {
        self.maker
    }

    /// An XMP packet.
    pub(super) fn add_xmp(&mut self, packet: &[u8]) {
        let packet = packet.get(..packet.len().min(MAX_TEXT)).unwrap_or_default();
        xml::properties(packet, &mut |name, value| self.add(name, value));
    }

    /// Fills in the facts and keeps the texts of a raw EXIF block (a TIFF structure).
    pub(super) fn add_exif(&mut self, raw: &[u8], facts: &mut PictureFacts) {
        let raw = raw.strip_prefix(b"Exif\0\0").unwrap_or(raw);
        let read = exif::Reader::new().continue_on_error(true).read_raw(raw.to_vec());
        // Unreadable EXIF costs its facts only; the picture is there all the same.
        let Ok(exif) = read.or_else(|e| e.distill_partial_result(|_| ())) else { return };
        self.add_fields(&exif, facts);
    }

    fn add_fields(&mut self, exif: &Exif, facts: &mut PictureFacts) {
        for &(name, tag) in TEXTS {
            if let Some(text) = exif.get_field(tag, In::PRIMARY).and_then(|f| text_of(&f.value)) {
                facts.camera |= matches!(tag, Tag::Make | Tag::Model) && !text.trim().is_empty();
                self.add(name, &text);
            }
        }
        let number = |tag| exif.get_field(tag, In::PRIMARY).and_then(|f| f.value.get_uint(0));
        facts.orientation = number(Tag::Orientation)
            .and_then(|v| u8::try_from(v).ok())
            .filter(|v| (1..=8).contains(v))
            .or(facts.orientation);
        let exposure = [Tag::ExposureTime, Tag::FNumber, Tag::PhotographicSensitivity];
        facts.exposed |= exposure.iter().any(|tag| exif.get_field(*tag, In::PRIMARY).is_some());
        // 1 and 2 are scanners of film and of paper, 3 is a camera.
        if let Some(Value::Undefined(source, _)) =
            exif.get_field(Tag::FileSource, In::PRIMARY).map(|f| &f.value)
            && matches!(source.first(), Some(1 | 2))
        {
            self.maker = self.maker.or(Maker::Scanner);
        }
        let per_inch = match number(Tag::ResolutionUnit) {
            Some(3) => 2.54,
            _ => 1.0,
        };
        let resolution = |tag| match exif.get_field(tag, In::PRIMARY).map(|f| &f.value) {
            Some(Value::Rational(v)) => v.first().map(|v| v.to_f32() * per_inch),
            _ => None,
        };
        if facts.dpi.is_none()
            && let Some((x, y)) = resolution(Tag::XResolution).zip(resolution(Tag::YResolution))
        {
            facts.dpi = plausible_dpi(x, y);
        }
    }

    pub(super) fn push(self, at: &Locator, out: &mut Vec<Content>) {
        if !self.text.is_empty() {
            out.push(Content::Text { at: at.clone(), text: self.text, form: Form::Metadata });
        }
    }
}

/// Writers put 0, 1 or 72 where they do not know; from 20 on it may mean something.
pub(super) fn plausible_dpi(x: f32, y: f32) -> Option<(f32, f32)> {
    let plausible = |v: f32| v.is_finite() && (20.0..=20_000.0).contains(&v);
    (plausible(x) && plausible(y)).then_some((x, y))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Ascii(parts) => Some(
            parts.iter().map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join(" "),
        ),
        // XP* of Windows: UTF-16LE.
        Value::Byte(bytes) => Some(utf16_le(bytes)),
        // UserComment: eight bytes name the code.
        Value::Undefined(bytes, _) => {
            let (code, text) = bytes.split_at_checked(8)?;
            Some(match code {
                b"UNICODE\0" => utf16_guessed(text),
                _ => String::from_utf8_lossy(text).into_owned(),
            })
        }
        _ => None,
    }
}

fn utf16_le(bytes: &[u8]) -> String {
    encoding_rs::UTF_16LE.decode(bytes).0.into_owned()
}

/// The byte order is that of the block or none at all: Latin and Cyrillic have a high byte of 0
/// or 4, and that side shows the order.
fn utf16_guessed(bytes: &[u8]) -> String {
    let small = |b: &&u8| **b <= 4;
    let even = bytes.iter().step_by(2).filter(small).count();
    let odd = bytes.iter().skip(1).step_by(2).filter(small).count();
    if even > odd { encoding_rs::UTF_16BE.decode(bytes).0.into_owned() } else { utf16_le(bytes) }
}
