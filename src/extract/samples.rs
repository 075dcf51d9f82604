//! For the tests of the formats: opening bytes without an engine.

use super::{Extractor, SNIFF_BYTES};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::{Budget, Limits, Passwords};

pub(crate) fn open(format: &dyn Extractor, bytes: &[u8]) -> (Vec<Content>, Result<(), Skip>) {
    open_within(format, bytes, &Limits::default())
}

pub(crate) fn open_within(
    format: &dyn Extractor,
    bytes: &[u8],
    limits: &Limits,
) -> (Vec<Content>, Result<(), Skip>) {
    let mut budget = Budget::new(limits, bytes.len() as u64);
    let mut out = Vec::new();
    let end = format.open(&Locator::file("sample"), bytes, &mut budget, &mut out);
    (out, end)
}

/// With passwords, one a line.
pub(crate) fn open_with(
    format: &dyn Extractor,
    bytes: &[u8],
    passwords: &str,
) -> (Vec<Content>, Result<(), Skip>) {
    let passwords = Passwords::from_lines(passwords).unwrap();
    let budget = Budget::new(&Limits::default(), bytes.len() as u64);
    let mut out = Vec::new();
    let mut budget = budget.with_passwords(&passwords);
    let end = format.open(&Locator::file("sample"), bytes, &mut budget, &mut out);
    (out, end)
}

/// A file of `fixtures/containers`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers");
    std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A file of `fixtures/containers` that is kept packed by xz, unpacked.
pub(crate) fn unpacked(name: &str) -> Vec<u8> {
    let (packed, mut bytes) = (fixture(name), Vec::new());
    std::io::Read::read_to_end(&mut super::streams::xz(&packed), &mut bytes).unwrap();
    bytes
}

/// Names and bytes of the children.
pub(crate) fn children(out: &[Content]) -> Vec<(String, &[u8])> {
    out.iter()
        .filter_map(|content| match content {
            Content::Bytes { at, bytes } => Some((at.name(), bytes.as_slice())),
            _ => None,
        })
        .collect()
}

/// Reasons of what was skipped.
pub(crate) fn reasons(out: &[Content]) -> Vec<&'static str> {
    out.iter()
        .filter_map(|content| match content {
            Content::Skipped { skip, .. } => Some(skip.reason()),
            _ => None,
        })
        .collect()
}

/// The name of the format that these bytes are recognised as.
pub(crate) fn format_of(bytes: &[u8]) -> Option<&'static str> {
    super::recognise(&bytes[..bytes.len().min(SNIFF_BYTES)]).map(|format| format.name())
}

/// All texts of this form, joined.
pub(crate) fn texts(out: &[Content], wanted: Form) -> String {
    out.iter()
        .filter_map(|content| match content {
            Content::Text { text, form, .. } if *form == wanted => Some(text.as_str()),
            _ => None,
        })
        .collect::<Vec<_>>()
        .join("\n---\n")
}

/// A zip of these members.
pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, data) in members {
        writer.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
