//! Pictures in Office streams ([MS-ODRAW] 2.2.23): found by their record headers, wherever they
//! lie, so that no chain of tables has to be whole.

use flate2::read::ZlibDecoder;

use super::super::bmp;
use super::super::bytes::{part, u16_le, u32_le};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

/// Version, instance, type and length of a record.
const HEADER: usize = 8;
const UID: usize = 16;
/// Sizes and packing of a metafile.
const METAFILE: usize = 34;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Metafile(&'static str),
    Bitmap(&'static str),
    Dib,
}

/// Type and instance of a picture record: what it holds, and whether a second id stands before it.
fn kind_of(record: u16, instance: u16) -> Option<(Kind, bool)> {
    let kind = match (record, instance & !1) {
        (0xf01a, 0x3d4) => Kind::Metafile("emf"),
        (0xf01b, 0x216) => Kind::Metafile("wmf"),
        (0xf01c, 0x542) => Kind::Metafile("pict"),
        (0xf01d | 0xf02a, 0x46a | 0x6e2) => Kind::Bitmap("jpg"),
        (0xf01e, 0x6e0) => Kind::Bitmap("png"),
        (0xf01f, 0x7a8) => Kind::Dib,
        (0xf029, 0x6e4) => Kind::Bitmap("tif"),
        _ => return None,
    };
    Some((kind, instance & 1 == 1))
}

/// Hands on every picture of a stream as `picture N`, N from `*count` on.
pub(super) fn pictures(
    stream: &[u8],
    at: &Locator,
    count: &mut u32,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let mut from = 0;
    // The high byte of the type of every record of drawings.
    while let Some(found) = stream.get(from..).and_then(|rest| memchr::memchr(0xf0, rest)) {
        let mark = from + found;
        from = mark + 1;
        let Some(start) = mark.checked_sub(3) else { continue };
        let Some(((kind, two_ids), body)) = record_at(stream, start) else { continue };
        from = start + HEADER + body.len();
        *count += 1;
        budget.member()?;
        let ids = if two_ids { 2 * UID } else { UID };
        match picture(kind, body.get(ids..).unwrap_or_default(), budget) {
            Ok((ending, bytes)) => {
                let at = at.member(format!("picture {count}.{ending}"));
                out.push(Content::Bytes { at, bytes });
            }
            Err(over @ Skip::OverBudget(_)) => return Err(over),
            Err(skip) => {
                out.push(Content::Skipped { at: at.member(format!("picture {count}")), skip });
            }
        }
    }
    Ok(())
}

/// A picture record with something in it. The last one of a cut stream is shorter than it says.
fn record_at(stream: &[u8], start: usize) -> Option<((Kind, bool), &[u8])> {
    let first = u16_le(stream, start)?;
    let kind = kind_of(u16_le(stream, start + 2)?, first >> 4)?;
    let len = u32_le(stream, start + 4)? as usize;
    let body = stream.get(start + HEADER..)?;
    let body = body.get(..len.min(body.len()))?;
    (body.len() > UID + 1).then_some((kind, body))
}

fn picture(kind: Kind, body: &[u8], budget: &mut Budget) -> Result<(&'static str, Vec<u8>), Skip> {
    let broken = || Skip::damaged("picture", "record ends early");
    match kind {
        Kind::Bitmap(ending) => {
            // One byte of a tag stands before it.
            let data = body.get(1..).ok_or_else(broken)?;
            budget.charge(data.len() as u64)?;
            Ok((ending, data.to_vec()))
        }
        Kind::Dib => {
            let data = body.get(1..).ok_or_else(broken)?;
            budget.charge(data.len() as u64)?;
            Ok(("bmp", bmp::of_dib(data).ok_or_else(broken)?))
        }
        Kind::Metafile(ending) => {
            let packed = body.get(METAFILE..).ok_or_else(broken)?;
            let len = u32_le(body, 28).ok_or_else(broken)? as usize;
            let packed = part(packed, 0, len).unwrap_or(packed);
            if body.get(32) == Some(&0) {
                Ok((ending, budget.read_all("picture", ZlibDecoder::new(packed))?))
            } else {
                budget.charge(packed.len() as u64)?;
                Ok((ending, packed.to_vec()))
            }
        }
    }
}
