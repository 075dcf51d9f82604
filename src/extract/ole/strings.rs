//! Streams of programs that are not known here: a file of a known format, else the pictures and
//! the texts (UTF-16 and 8 bits) that lie open in them.

use super::super::{SNIFF_BYTES, code_page, recognise};
use super::art;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// Runs shorter than this are chance, not words.
const MIN_RUN: usize = 4;
/// How far into a stream a picture may begin that is the whole of it (a header stands before it).
const HEADER_REACH: usize = 1024;

/// `texts`: whether the texts of the stream are wanted.
pub(super) fn stream(
    bytes: Vec<u8>,
    at: &Locator,
    texts: bool,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    if bytes.len() < MIN_RUN {
        return Ok(());
    }
    let head = bytes.get(..bytes.len().min(SNIFF_BYTES)).unwrap_or_default();
    if recognise(head).is_some() {
        out.push(Content::Bytes { at: at.clone(), bytes });
        return Ok(());
    }
    if let Some(start) = picture_in(head) {
        let bytes = bytes.get(start..).unwrap_or_default().to_vec();
        out.push(Content::Bytes { at: at.member("picture"), bytes });
        return Ok(());
    }
    art::pictures(&bytes, at, &mut 0, budget, out)?;
    if texts {
        let text = both(&bytes);
        budget.charge(text.len() as u64)?;
        if !text.is_empty() {
            out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
        }
    }
    Ok(())
}

/// A picture behind a short header, as thumbnails and old clipboard streams have it.
fn picture_in(head: &[u8]) -> Option<usize> {
    let reach = head.get(..head.len().min(HEADER_REACH))?;
    let magics: [&[u8]; 2] = [&[0xff, 0xd8, 0xff], b"\x89PNG\r\n\x1a\n"];
    magics.iter().filter_map(|magic| memchr::memmem::find(reach, magic)).min()
}

/// All texts of these bytes, one run a line.
pub(super) fn both(bytes: &[u8]) -> String {
    let mut text = wide(bytes);
    text.push_str(&narrow(bytes));
    text
}

/// Runs of UTF-16LE letters of Latin and Cyrillic, at even or odd places.
pub(in crate::extract) fn wide(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut run = String::new();
    let mut at = 0;
    while let Some(&[low, high]) = bytes.get(at..at + 2) {
        let letter = match (high, low) {
            (0, 0x20..=0x7e | 0xa0..=0xff | b'\t') => char::from(low),
            // Cyrillic, general punctuation (dashes, quotes, the number sign).
            (4, _) | (0x20, 0x10..=0x3a) | (0x21, 0x16) => {
                char::from_u32(u32::from(high) << 8 | u32::from(low)).unwrap_or(' ')
            }
            _ => '\0',
        };
        if letter == '\0' {
            at += if flush(&mut run, &mut text) { 2 } else { 1 };
        } else {
            run.push(letter);
            at += 2;
        }
    }
    flush(&mut run, &mut text);
    text
}

/// Runs of 8-bit letters.
fn narrow(bytes: &[u8]) -> String {
    let mut text = String::new();
    for run in bytes.split(|b| !matches!(b, 0x20..=0x7e | b'\t' | 0xa8 | 0xb8..=0xff)) {
        if run.len() >= MIN_RUN {
            let mut run = code_page::western(run);
            flush(&mut run, &mut text);
        }
    }
    text
}

/// Keeps a run that is long enough. Says whether there was one at all.
fn flush(run: &mut String, text: &mut String) -> bool {
    let any = !run.is_empty();
    if run.chars().nth(MIN_RUN - 1).is_some() {
        text.push_str(run);
        text.push('\n');
    }
    run.clear();
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lie_open_at_even_and_odd_places() {
        let mut bytes = vec![1, 2, 3];
        bytes.extend("ЖСН: 900101100004".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend([0xff, 0xff, 0, 7]);
        bytes.extend_from_slice(b"IIN 900101100014\0\x01ab\x02");
        let text = both(&bytes);
        assert!(text.lines().any(|line| line == "ЖСН: 900101100004"), "{text}");
        assert!(text.lines().any(|line| line == "IIN 900101100014"), "{text}");
        assert!(!text.contains("ab\n"));
    }
}
