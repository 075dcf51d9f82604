//! PowerPoint 97 to 2003 ([MS-PPT]): the texts of slides, notes and masters, hidden ones and those
//! of earlier saves too, in the order of the stream; pictures; embedded objects.

use flate2::read::ZlibDecoder;

use super::super::bytes::{part, u16_le, u32_le};
use super::super::code_page;
use super::{Reader, art};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};

const HEADER: usize = 8;
/// Version of a record that holds records.
const CONTAINER: u16 = 0xf;
const TEXT_WIDE: u16 = 0x0fa0;
const TEXT_NARROW: u16 = 0x0fa8;
/// Titles, names, addresses of links, words of comments.
const STRING: u16 = 0x0fba;
const OBJECT: u16 = 0x1011;
const ENCRYPTED: u16 = 0x2f14;
/// What the stream `Current User` says of a file with a password.
const ENCRYPTED_TOKEN: u32 = 0xf3d1_c4df;

pub(super) fn read(reader: &mut Reader, storage: usize, at: &Locator) -> Result<(), Skip> {
    let current = reader.stream(storage, "Current User")?.unwrap_or_default();
    if u32_le(&current, 12) == Some(ENCRYPTED_TOKEN) {
        return Err(Skip::Encrypted { format: "ppt" });
    }
    let stream = reader.stream(storage, "PowerPoint Document")?.unwrap_or_default();
    let (mut text, mut objects, mut place) = (String::new(), 0, 0);
    let mut short = false;
    while let Some((first, kind)) = u16_le(&stream, place).zip(u16_le(&stream, place + 2)) {
        let Some(len) = u32_le(&stream, place + 4) else { break };
        place += HEADER;
        if first & 0xf == CONTAINER {
            if kind == ENCRYPTED {
                return Err(Skip::Encrypted { format: "ppt" });
            }
            continue;
        }
        let rest = stream.get(place..).unwrap_or_default();
        let data = part(rest, 0, len as usize).unwrap_or(rest);
        short |= data.len() < len as usize;
        place += data.len();
        match kind {
            TEXT_WIDE | STRING => line(&mut text, &code_page::decode(1200, data)),
            TEXT_NARROW => line(&mut text, &code_page::western(data)),
            OBJECT => {
                objects += 1;
                object(reader, first >> 4, data, &at.member(format!("object {objects}")))?;
            }
            _ => {}
        }
    }
    reader.budget.charge(text.len() as u64)?;
    reader.text(at, text, Form::Plain);
    let mut count = 0;
    if let Some(pictures) = reader.stream(storage, "Pictures")? {
        art::pictures(&pictures, at, &mut count, reader.budget, reader.out)?;
    }
    if short { Err(Skip::damaged("ppt", "records end early")) } else { Ok(()) }
}

/// A paragraph a line; a line break within one is the vertical tab.
fn line(text: &mut String, words: &str) {
    if !words.trim().is_empty() {
        let breaks = |c| if matches!(c, '\r' | '\u{b}') { '\n' } else { c };
        text.extend(words.chars().map(breaks));
        text.push('\n');
    }
}

/// A compound file of its own, packed where the instance says so.
fn object(reader: &mut Reader, instance: u16, data: &[u8], at: &Locator) -> Result<(), Skip> {
    reader.budget.member()?;
    let bytes = if instance == 1 {
        let packed = data.get(4..).unwrap_or_default();
        match reader.budget.read_all("ppt", ZlibDecoder::new(packed)) {
            Ok(bytes) => bytes,
            Err(over @ Skip::OverBudget(_)) => return Err(over),
            Err(skip) => {
                reader.skipped(at, skip);
                return Ok(());
            }
        }
    } else {
        reader.budget.charge(data.len() as u64)?;
        data.to_vec()
    };
    reader.out.push(Content::Bytes { at: at.clone(), bytes });
    Ok(())
}
