//! DICOM (PS3.10): what is said of the patient, the pictures, and documents put in as they are.

mod elements;
mod pixels;

use flate2::read::DeflateDecoder;

use self::elements::{Elements, Syntax, fragments};
use self::pixels::Pixels;
use super::exif::Notes;
use super::{Extractor, code_page};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

/// Zeros or the name of a program, then the mark.
const PREAMBLE: usize = 128;
const META: u16 = 0x0002;
const SYNTAX: &str = "1.2.840.10008.1.2";
/// Frames of one file that are looked at: a film repeats itself.
const MAX_FRAMES: usize = 16;

pub struct Dicom;

impl Extractor for Dicom {
    fn name(&self) -> &'static str {
        "dicom"
    }

    fn media_type(&self) -> &'static str {
        "application/dicom"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.get(PREAMBLE..PREAMBLE + 4) == Some(b"DICM")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let (syntax, start) = meta(bytes);
        let name = syntax.as_str();
        let how = Syntax { explicit: name != SYNTAX, big: name == "1.2.840.10008.1.2.2" };
        let inflated;
        let (data, start) = if name == "1.2.840.10008.1.2.1.99" {
            let packed = bytes.get(start..).unwrap_or_default();
            inflated = budget.read_all("dicom", DeflateDecoder::new(packed))?;
            (inflated.as_slice(), 0)
        } else {
            (bytes, start)
        };
        let mut notes = Notes::default();
        let mut pixels = Pixels::default();
        let mut page = 1251;
        let mut values = None;
        let mut elements = Elements::new(data, start, how);
        while let Some(element) = elements.next() {
            budget.in_time()?;
            let number = elements.u16(element.value, 0);
            match (element.group, element.element) {
                (0x0008, 0x0005) => page = page_of(element.value),
                (0x0028, tag) => pixels.take(tag, number, element.value),
                (0x0042, 0x0011) => {
                    budget.member()?;
                    budget.charge(element.value.len() as u64)?;
                    let at = at.member("document");
                    out.push(Content::Bytes { at, bytes: element.value.to_vec() });
                }
                // The picture itself, not the icon in a sequence before it.
                (0x7fe0, 0x0010) => {
                    if element.in_items {
                        values = Some((element.value, true));
                        break;
                    }
                    values = Some((element.value, false));
                }
                (group, tag) => note(group, tag, element.kind, element.value, page, &mut notes),
            }
        }
        let cut = elements.cut;
        notes.push(at, out);
        match values {
            Some((value, true)) => packed(name, &pixels, &fragments(value), at, budget, out)?,
            Some((value, false)) => pixels.frames(value, how.big, MAX_FRAMES, at, budget, out)?,
            None => {}
        }
        if cut { Err(Skip::damaged("dicom", "ends early")) } else { Ok(()) }
    }
}

/// How the data set is written, and where it begins.
fn meta(bytes: &[u8]) -> (String, usize) {
    let mut elements = Elements::new(bytes, PREAMBLE + 4, Syntax { explicit: true, big: false });
    let mut syntax = String::from("1.2.840.10008.1.2.1");
    loop {
        let start = elements.at;
        match elements.next() {
            Some(element) if element.group == META => {
                if element.element == 0x0010 {
                    let raw = String::from_utf8_lossy(element.value);
                    syntax = raw.trim_end_matches(['\0', ' ']).to_owned();
                }
            }
            _ => return (syntax, start),
        }
    }
}

/// PS3.3, C.12.1.1.2. Where no set is named, programs here write Windows-1251.
fn page_of(value: &[u8]) -> u16 {
    let named = |name: &[u8]| memchr::memmem::find(value, name).is_some();
    match () {
        () if named(b"192") => 65_001,
        () if named(b"144") => 28_595,
        () if named(b"100") => 1252,
        () => 1251,
    }
}

fn decode(page: u16, raw: &[u8]) -> String {
    match page {
        28_595 => encoding_rs::ISO_8859_5.decode_without_bom_handling(raw).0.into_owned(),
        1251 | 1252 => code_page::western(raw),
        page => code_page::decode(page, raw),
    }
}

/// Keeps texts of people; of elements without a kind those about the patient and the visit.
fn note(group: u16, tag: u16, kind: [u8; 2], value: &[u8], page: u16, notes: &mut Notes) {
    const MOST: usize = 64 << 10;
    let text = match &kind {
        b"LO" | b"LT" | b"PN" | b"SH" | b"ST" | b"UC" | b"UT" => true,
        [0, 0] => matches!(group, 0x0010 | 0x0032 | 0x0038) || (group, tag) == (0x0008, 0x0050),
        _ => false,
    };
    // Serial numbers of devices look like personal ones.
    let device = group == 0x0018 || (group, tag) == (0x0008, 0x1090);
    if !text || device || value.len() > MOST || value.contains(&0x1) {
        return;
    }
    let name = match (group, tag) {
        (0x0008, 0x0050) => "AccessionNumber",
        (0x0010, 0x0010) => "PatientName",
        (0x0010, 0x0020) => "PatientID",
        (0x0010, 0x1000) => "OtherPatientIDs",
        (0x0010, 0x1001) => "OtherPatientNames",
        (0x0010, 0x1040) => "PatientAddress",
        (0x0010, 0x2154) => "PatientTelephone",
        (0x0010, 0x4000) => "PatientComments",
        _ => "element",
    };
    let value = decode(page, value);
    notes.add(name, &value.replace('^', " "));
}

/// Frames in a coding of their own.
fn packed(
    syntax: &str,
    pixels: &Pixels,
    items: &[&[u8]],
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    const RLE: &str = "1.2.840.10008.1.2.5";
    let items = items.get(1..).unwrap_or_default();
    let alone = items.len() == 1;
    let files = frames_of(items);
    for (file, number) in files.into_iter().zip(1u32..).take(MAX_FRAMES) {
        budget.member()?;
        let at = if alone { at.clone() } else { at.page(number) };
        if syntax == RLE {
            pixels.run_lengths(&file, &at, budget, out)?;
        } else {
            budget.charge(file.len() as u64)?;
            out.push(Content::Bytes { at: at.member("frame"), bytes: file });
        }
    }
    Ok(())
}

/// A frame may go over several items: one begins where a file or a run-length header does.
fn frames_of(items: &[&[u8]]) -> Vec<Vec<u8>> {
    let begins = |item: &[u8]| {
        item.starts_with(&[0xff, 0xd8])
            || item.starts_with(&[0xff, 0x4f])
            || item.starts_with(b"\0\0\0\x0cjP")
            || item.get(1..4) == Some(&[0, 0, 0])
    };
    let mut frames: Vec<Vec<u8>> = Vec::new();
    for item in items {
        match frames.last_mut() {
            Some(last) if !begins(item) => last.extend_from_slice(item),
            _ => frames.push(item.to_vec()),
        }
    }
    frames
}
