//! Outlook messages and other items ([MS-OXMSG]): properties in streams of their own, recipients
//! and attachments in storages; attached messages and objects are storages again.

use super::super::bytes::u32_le;
use super::super::code_page;
use super::super::mapi::Item;
use super::Reader;
use crate::error::Skip;
use crate::flow::{Content, Locator};

pub(super) const PROPERTIES: &str = "__properties_version1.0";
const STREAM: &str = "__substg1.0_";
/// Code pages of the 8-bit strings and of the HTML body.
const PAGES: [u32; 2] = [0x3ffd_0003, 0x3fde_0003];
const DATA: u16 = 0x3701;
const DISPLAY_NAME: u16 = 0x3001;
const SHORT_NAME: u16 = 0x3704;
const LONG_NAME: u16 = 0x3707;
const STRING_8: u16 = 0x001e;
const STRING: u16 = 0x001f;
const BINARY: u16 = 0x0102;
const MULTIPLE: u16 = 0x1000;

pub(super) fn read(reader: &mut Reader, storage: usize, at: &Locator) -> Result<(), Skip> {
    let page = page(reader, storage)?;
    let mut item = Item::default();
    properties(reader, storage, page, &mut item)?;
    let parts: Vec<(usize, String)> = reader
        .file
        .children(storage)
        .filter(|(_, entry)| !entry.is_stream)
        .map(|(index, entry)| (index, entry.name.clone()))
        .collect();
    for (index, _) in parts.iter().filter(|(_, name)| name.starts_with("__recip_")) {
        reader.budget.member()?;
        properties(reader, *index, page, &mut item)?;
    }
    item.push(at, reader.budget, reader.out)?;
    for (number, (index, _)) in
        parts.iter().filter(|(_, name)| name.starts_with("__attach_")).enumerate()
    {
        reader.budget.member()?;
        attachment(reader, *index, page, number + 1, at)?;
    }
    Ok(())
}

fn page(reader: &mut Reader, storage: usize) -> Result<u16, Skip> {
    let stream = reader.stream(storage, PROPERTIES)?.unwrap_or_default();
    let found = PAGES.iter().find_map(|wanted| {
        // Entries of 16 bytes behind a header of 8, 24 or 32.
        let at = (8..stream.len()).step_by(8).find(|at| u32_le(&stream, *at) == Some(*wanted))?;
        u16::try_from(u32_le(&stream, at + 8)?).ok()
    });
    Ok(found.filter(|page| *page != 1200).unwrap_or(1252))
}

/// Id and type of a property, by the name of its stream.
fn tag(name: &str) -> Option<(u16, u16)> {
    let tag = u32::from_str_radix(name.strip_prefix(STREAM)?.get(..8)?, 16).ok()?;
    Some(((tag >> 16) as u16, tag as u16))
}

fn string(kind: u16, page: u16, raw: &[u8]) -> Option<String> {
    let text = match kind & !MULTIPLE {
        STRING => code_page::decode(1200, raw),
        STRING_8 if page == 1252 => code_page::western(raw),
        STRING_8 => code_page::decode(page, raw),
        _ => return None,
    };
    Some(text.trim_end_matches('\0').to_owned())
}

fn streams(reader: &Reader, storage: usize) -> Vec<(usize, u16, u16)> {
    let streams = reader.file.children(storage).filter(|(_, entry)| entry.is_stream);
    streams.filter_map(|(i, entry)| tag(&entry.name).map(|(id, kind)| (i, id, kind))).collect()
}

fn properties(reader: &mut Reader, storage: usize, page: u16, item: &mut Item) -> Result<(), Skip> {
    for (index, id, kind) in streams(reader, storage) {
        let base = kind & !MULTIPLE;
        // The stream of lengths of a list has no words in it.
        if base != STRING && base != STRING_8 && !(kind == BINARY && Item::wants_binary(id)) {
            continue;
        }
        let raw = reader.file.read(index, reader.budget)?;
        match string(kind, page, &raw) {
            Some(text) => item.text(id, text),
            None => item.binary(id, raw),
        }
    }
    Ok(())
}

fn attachment(
    reader: &mut Reader,
    storage: usize,
    page: u16,
    number: usize,
    at: &Locator,
) -> Result<(), Skip> {
    let mut name = None;
    let mut data = None;
    for (index, id, kind) in streams(reader, storage) {
        match id {
            // The longest name there is.
            LONG_NAME | SHORT_NAME | DISPLAY_NAME => {
                let raw = reader.file.read(index, reader.budget)?;
                let better = id == LONG_NAME || name.is_none();
                if let Some(text) = string(kind, page, &raw).filter(|t| better && !t.is_empty()) {
                    name = Some(text);
                }
            }
            DATA if kind == BINARY => data = Some(index),
            _ => {}
        }
    }
    let at = at.member(name.unwrap_or_else(|| format!("attachment {number}")));
    if let Some(index) = data {
        let bytes = reader.file.read(index, reader.budget)?;
        if !bytes.is_empty() {
            reader.out.push(Content::Bytes { at: at.clone(), bytes });
        }
    }
    // A message or an object is a storage of its own.
    if let Some(inner) = reader.file.find(storage, "__substg1.0_3701000D") {
        match reader.storage(inner, &at) {
            Err(Skip::OverBudget(crate::error::Bound::Depth(n))) => {
                reader.skipped(&at, Skip::OverBudget(crate::error::Bound::Depth(n)));
            }
            other => drop(other?),
        }
    }
    Ok(())
}
