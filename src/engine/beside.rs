//! What lies beside a text in its document: a recognised text under a scan is no document of its own.

use std::collections::HashSet;

use crate::extract::{self, Extractor, SNIFF_BYTES};
use crate::flow::{Content, Form, Locator};

/// Two fillers: without them there is no machine readable zone, of which alone the origin is told.
const FILLERS: &[u8] = b"<<";

/// The texts among these children of one document that were set from letters, as far as can be
/// told: of a PDF those of pages that no picture fills, of an office file its text where it holds
/// no picture at all. Of other formats nothing is known.
pub fn typed_texts(format: &dyn Extractor, children: &[Content]) -> Vec<Locator> {
    let office = matches!(format.name(), "docx" | "xlsx" | "pptx" | "odf" | "ole2" | "rtf");
    if !office && format.name() != "pdf" {
        return Vec::new();
    }
    let doubtful: HashSet<Option<u32>> = children
        .iter()
        .filter(|child| match child {
            Content::Bytes { bytes, .. } if office => is_picture(bytes),
            Content::Picture { .. } if office => true,
            Content::Skipped { .. } => true,
            other => extract::fills_page(other),
        })
        .map(|child| if office { None } else { place_of(child).page_number() })
        .collect();
    let zone = |text: &str| memchr::memmem::find(text.as_bytes(), FILLERS).is_some();
    children
        .iter()
        .filter_map(|child| match child {
            Content::Text { at, text, form: Form::Plain | Form::Table(_) } => {
                let page = if office { None } else { at.page_number() };
                (zone(text) && !doubtful.contains(&page)).then(|| at.clone())
            }
            _ => None,
        })
        .collect()
}

fn place_of(content: &Content) -> &Locator {
    let (Content::Bytes { at, .. }
    | Content::Text { at, .. }
    | Content::Picture { at, .. }
    | Content::Skipped { at, .. }) = content;
    at
}

fn is_picture(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFF_BYTES).unwrap_or(bytes);
    extract::recognise(head).is_some_and(|format| format.media_type().starts_with("image/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::FORMATS;
    use crate::flow::{Picture, PictureFacts};

    fn text(at: Locator) -> Content {
        Content::Text { at, text: "P<UTO<<X".into(), form: Form::Plain }
    }

    fn picture(at: Locator, full_page: bool) -> Content {
        let facts = PictureFacts { full_page, ..PictureFacts::default() };
        Content::Picture { at, picture: Picture { width: 1, height: 1, luma: vec![0], facts } }
    }

    #[test]
    fn a_text_over_a_scan_is_in_doubt() {
        let format = |name| *FORMATS.iter().find(|f| f.name() == name).unwrap();
        let at = Locator::file("a");
        let children = [
            text(at.page(1)),
            picture(at.page(1).member("image 1"), true),
            text(at.page(2)),
            picture(at.page(2).member("image 2"), false),
        ];
        assert_eq!(typed_texts(format("pdf"), &children), [at.page(2)]);
        assert!(typed_texts(format("docx"), &children).is_empty());
        assert_eq!(typed_texts(format("docx"), &[text(at.clone())]).len(), 1);
        assert!(typed_texts(format("html"), &[text(at)]).is_empty());
    }
}
