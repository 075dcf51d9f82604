//! Pictures and embedded objects of RTF, as children.

use super::super::bmp;
use super::super::bytes::{part, u32_le};
use super::super::ole::native;
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

/// What the words before the data say of a picture.
#[derive(Default)]
pub(super) struct Picture {
    /// A bitmap without the header of its file.
    is_dib: bool,
    /// A bitmap of a device, whose size stands in the words.
    is_device: bool,
}

impl Picture {
    /// Whether the word was one of a picture.
    pub(super) fn word(&mut self, word: &[u8]) -> bool {
        match word {
            b"dibitmap" => self.is_dib = true,
            b"wbitmap" => self.is_device = true,
            _ => return word.starts_with(b"pic") || word.ends_with(b"blip") || word == b"blipuid",
        }
        true
    }
}

pub(super) fn picture(
    picture: &Picture,
    data: Vec<u8>,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    if data.is_empty() {
        return Ok(());
    }
    budget.member()?;
    budget.charge(data.len() as u64)?;
    let at = at.clone();
    if picture.is_device {
        let skip = Skip::Unsupported { format: "rtf", detail: "a picture of device bits".into() };
        out.push(Content::Skipped { at, skip });
        return Ok(());
    }
    let bytes = if picture.is_dib { bmp::of_dib(&data).unwrap_or(data) } else { data };
    out.push(Content::Bytes { at, bytes });
    Ok(())
}

/// [MS-OLEDS] 2.2.5: version, kind, three names, then the data of an embedded object.
pub(super) fn object(
    data: &[u8],
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    const EMBEDDED: u32 = 2;
    if u32_le(data, 4) != Some(EMBEDDED) {
        return Ok(());
    }
    let mut place = 8usize;
    for _ in 0..3 {
        let Some(len) = u32_le(data, place) else { return Ok(()) };
        place = place.saturating_add(4).saturating_add(len as usize);
    }
    let Some(len) = u32_le(data, place) else { return Ok(()) };
    let rest = data.get(place + 4..).unwrap_or_default();
    let body = part(rest, 0, len as usize).unwrap_or(rest);
    budget.member()?;
    budget.charge(body.len() as u64)?;
    match native::package(body) {
        Some((name, file)) => {
            out.push(Content::Bytes { at: at.member(name), bytes: file.to_vec() });
        }
        None if !body.is_empty() => {
            out.push(Content::Bytes { at: at.clone(), bytes: body.to_vec() });
        }
        None => {}
    }
    Ok(())
}
