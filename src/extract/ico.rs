//! Icons and cursors of Windows: the largest of their pictures.

use super::Extractor;
use super::bmp;
use super::bytes::{part, u16_le, u32_le};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const HEADER: usize = 6;
const ENTRY: usize = 16;
/// An icon holds the same picture in some ten sizes.
const MAX_ENTRIES: u16 = 64;
/// Of those only the largest can show anything.
const READ: usize = 2;

pub struct Ico;

/// Width as the entry tells it (0 is 256), offset and length of the picture.
fn entry(bytes: &[u8], i: usize) -> Option<(u32, usize, usize)> {
    let at = HEADER + ENTRY * i;
    let raw = part(bytes, at, ENTRY)?;
    let width = match *raw.first()? {
        0 => 256,
        width => u32::from(width),
    };
    Some((width, u32_le(raw, 12)? as usize, u32_le(raw, 8)? as usize))
}

impl Extractor for Ico {
    fn name(&self) -> &'static str {
        "ico"
    }

    fn media_type(&self) -> &'static str {
        "image/vnd.microsoft.icon"
    }

    /// Four bytes say little: the first entry must lie behind the list and begin like a picture.
    fn sniff(&self, head: &[u8]) -> bool {
        let count = u16_le(head, 4).unwrap_or(0);
        let listed = HEADER + ENTRY * usize::from(count);
        (head.starts_with(&[0, 0, 1, 0]) || head.starts_with(&[0, 0, 2, 0]))
            && (1..=MAX_ENTRIES).contains(&count)
            && entry(head, 0).is_some_and(|(_, offset, len)| {
                let first = part(head, offset, 4);
                offset >= listed
                    && len >= 40
                    && (first == Some(b"\x89PNG") || first == Some(&[40, 0, 0, 0]))
            })
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let count = usize::from(u16_le(bytes, 4).unwrap_or(0).min(MAX_ENTRIES));
        let mut entries: Vec<_> = (0..count).filter_map(|i| entry(bytes, i)).collect();
        entries.sort_by_key(|(width, _, len)| std::cmp::Reverse((*width, *len)));
        let mut damage = Ok(());
        for (width, offset, len) in entries.into_iter().take(READ) {
            budget.member()?;
            let Some(data) = part(bytes, offset, len).filter(|data| data.len() > 40) else {
                damage = Err(Skip::damaged("ico", "picture lies outside of the file"));
                continue;
            };
            let picture = if data.starts_with(b"\x89PNG") {
                Some(data.to_vec())
            } else {
                without_mask(data).and_then(|dib| bmp::of_dib(&dib))
            };
            let Some(picture) = picture else {
                damage = Err(Skip::damaged("ico", "picture does not decode"));
                continue;
            };
            budget.charge(picture.len() as u64)?;
            out.push(Content::Bytes { at: at.member(format!("{width} px")), bytes: picture });
        }
        damage
    }
}

/// The bitmap of an icon is as high again for its mask: the header is set right.
fn without_mask(dib: &[u8]) -> Option<Vec<u8>> {
    let height = u32_le(dib, 8)? / 2;
    let mut dib = dib.to_vec();
    dib.get_mut(8..12)?.copy_from_slice(&height.to_le_bytes());
    Some(dib)
}
