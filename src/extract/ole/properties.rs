//! Property sets ([MS-OLEPS]): title, author, comments, and what people added themselves.

use std::collections::HashMap;

use super::super::bytes::{part, u16_le, u32_le, u64_le};
use super::super::code_page;
use super::super::exif::Notes;

/// Streams of the two sets of Office.
pub(super) const STREAMS: [&str; 2] =
    ["\u{5}SummaryInformation", "\u{5}DocumentSummaryInformation"];
/// The set of properties that users name.
const USER_DEFINED: [u8; 4] = [0x05, 0xd5, 0xcd, 0xd5];
const SUMMARY: [u8; 4] = [0xe0, 0x85, 0x9f, 0xf2];
/// Properties of one set, and values of one list.
const MAX_PROPERTIES: u32 = 10_000;

pub(super) fn read(stream: &[u8], notes: &mut Notes) {
    let sets = u32_le(stream, 24).unwrap_or(0).min(8);
    for set in 0..sets as usize {
        let at = 28 + 20 * set;
        let Some((format, offset)) = part(stream, at, 4).zip(u32_le(stream, at + 16)) else {
            return;
        };
        let Some(section) = stream.get(offset as usize..) else { continue };
        read_set(section, format, notes);
    }
}

fn read_set(section: &[u8], format: &[u8], notes: &mut Notes) {
    let count = u32_le(section, 4).unwrap_or(0).min(MAX_PROPERTIES) as usize;
    let pairs: Vec<(u32, usize)> = (0..count)
        .map_while(|i| {
            let at = 8 + 8 * i;
            Some((u32_le(section, at)?, u32_le(section, at + 4)? as usize))
        })
        .collect();
    let user_defined = format == USER_DEFINED;
    let code = pairs.iter().find(|(id, _)| *id == 1);
    let code = code.and_then(|(_, at)| u16_le(section, at.checked_add(4)?)).unwrap_or(1252);
    let names = match pairs.iter().find(|(id, _)| *id == 0) {
        Some((_, at)) if user_defined => dictionary(section, *at, code),
        _ => HashMap::new(),
    };
    for &(id, at) in &pairs {
        if id < 2 {
            continue;
        }
        let name = match names.get(&id) {
            Some(name) => name.as_str(),
            None => name_of(id, format == SUMMARY),
        };
        let mut values = Vec::new();
        value(section, at, code, &mut values);
        for value in values {
            notes.add(name, &value);
        }
    }
}

fn name_of(id: u32, summary: bool) -> &'static str {
    match (summary, id) {
        (true, 2) => "title",
        (true, 3) => "subject",
        (true, 4) => "author",
        (true, 5) => "keywords",
        (true, 6) => "description",
        (true, 7) => "template",
        (true, 8) => "lastModifiedBy",
        (true, 18) => "application",
        (false, 2) => "category",
        (false, 14) => "manager",
        (false, 15) => "company",
        _ => "property",
    }
}

/// Names of the properties of users: id, length, name.
fn dictionary(section: &[u8], at: usize, code: u16) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    let count = u32_le(section, at).unwrap_or(0).min(MAX_PROPERTIES);
    let mut at = at.saturating_add(4);
    for _ in 0..count {
        let Some((id, len)) = u32_le(section, at).zip(u32_le(section, at.saturating_add(4))) else {
            break;
        };
        let wide = code == 1200;
        let bytes = if wide { (len as usize).saturating_mul(2) } else { len as usize };
        let Some(raw) = part(section, at.saturating_add(8), bytes) else { break };
        names.insert(id, code_page::decode(code, raw).trim_end_matches('\0').to_owned());
        let padded = if wide { bytes.div_ceil(4).saturating_mul(4) } else { bytes };
        at = at.saturating_add(8).saturating_add(padded);
    }
    names
}

/// Texts and plain numbers; lists of them give one value each.
fn value(section: &[u8], at: usize, code: u16, values: &mut Vec<String>) {
    let Some(kind) = u16_le(section, at) else { return };
    let mut at = at.saturating_add(4);
    if kind & 0x1000 == 0 {
        one(section, kind, &mut at, code, values);
        return;
    }
    let count = u32_le(section, at).unwrap_or(0).min(MAX_PROPERTIES);
    at = at.saturating_add(4);
    for _ in 0..count {
        let mut kind = kind & 0x0fff;
        // A list of variants names the kind of each.
        if kind == 12 {
            let Some(own) = u16_le(section, at) else { return };
            kind = own;
            at = at.saturating_add(4);
        }
        if one(section, kind, &mut at, code, values).is_none() {
            return;
        }
    }
}

fn one(
    section: &[u8],
    kind: u16,
    at: &mut usize,
    code: u16,
    values: &mut Vec<String>,
) -> Option<()> {
    match kind {
        30 | 31 => {
            let len = u32_le(section, *at)? as usize;
            let wide = kind == 31 || code == 1200;
            let bytes = if kind == 31 { len.checked_mul(2)? } else { len };
            let raw = part(section, at.checked_add(4)?, bytes)?;
            let text = code_page::decode(if wide { 1200 } else { code }, raw);
            values.push(text.trim_end_matches('\0').to_owned());
            *at = at.checked_add(4)?.checked_add(bytes.div_ceil(4).checked_mul(4)?)?;
        }
        3 => {
            values.push((u32_le(section, *at)? as i32).to_string());
            *at = at.checked_add(4)?;
        }
        5 => {
            values.push(f64::from_bits(u64_le(section, *at)?).to_string());
            *at = at.checked_add(8)?;
        }
        _ => return None,
    }
    Some(())
}
