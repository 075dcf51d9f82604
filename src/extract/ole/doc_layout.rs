//! Which paragraphs of a .doc stand in tables ([MS-DOC] 2.4.2): the paragraph properties of the
//! text, kept in pages of 512 bytes, give for stretches of the stream whether they lie in a table
//! and whether their mark ends a row.

use std::collections::HashSet;

use super::super::bytes::{part, u16_le, u32_le};

const PAGE: usize = 512;
/// Paragraphs in tables: more than the longest document has.
const MAX_STRETCHES: usize = 2_000_000;
/// Properties of one bit that matter here.
const IN_TABLE: u16 = 0x2416;
const ENDS_ROW: u16 = 0x2417;
/// The properties lie in the Data stream.
const HUGE: [u16; 2] = [0x6646, 0x6645];
const TABLE_DEFINITION: u16 = 0xd608;
const TABS: u16 = 0xc615;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Paragraph {
    pub(super) in_table: bool,
    pub(super) ends_row: bool,
}

/// Stretches of the WordDocument stream, sorted by where they end.
pub(super) struct Layout(Vec<(u32, u32, Paragraph)>);

impl Layout {
    /// From the table of pages `plc` (PlcBtePapx).
    pub(super) fn read(plc: &[u8], document: &[u8], data: &[u8]) -> Layout {
        // n + 1 places of 4 bytes, n numbers of pages.
        let pages = plc.len().saturating_sub(4) / 8;
        let mut stretches = Vec::new();
        let mut seen = HashSet::new();
        for i in 0..pages {
            if stretches.len() >= MAX_STRETCHES {
                break;
            }
            let Some(page) = u32_le(plc, 4 * (pages + 1) + 4 * i) else { break };
            let start = (page as usize & 0x003f_ffff) * PAGE;
            // Each page stands in the table once.
            let Some(page) = part(document, start, PAGE).filter(|_| seen.insert(start)) else {
                continue;
            };
            read_page(page, data, &mut stretches);
        }
        stretches.sort_by_key(|(_, end, _)| *end);
        Layout(stretches)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The paragraph whose mark lies at this byte of the stream.
    pub(super) fn at(&self, byte: u32) -> Paragraph {
        let i = self.0.partition_point(|(_, end, _)| *end <= byte);
        match self.0.get(i) {
            Some((start, _, paragraph)) if *start <= byte => *paragraph,
            _ => Paragraph::default(),
        }
    }
}

fn read_page(page: &[u8], data: &[u8], stretches: &mut Vec<(u32, u32, Paragraph)>) {
    let count = usize::from(page.get(PAGE - 1).copied().unwrap_or(0));
    for i in 0..count {
        let Some((start, end)) = u32_le(page, 4 * i).zip(u32_le(page, 4 * i + 4)) else { return };
        let word = page.get(4 * (count + 1) + 13 * i).copied().unwrap_or(0);
        if word == 0 {
            continue;
        }
        let at = usize::from(word) * 2;
        // Half the length, or a zero and half the length without the byte itself.
        let (at, len) = match page.get(at) {
            Some(0) => match page.get(at + 1) {
                Some(half) => (at + 2, usize::from(*half) * 2),
                None => continue,
            },
            Some(half) => (at + 1, usize::from(*half) * 2 - 1),
            None => continue,
        };
        let properties = page.get(at..(at + len).min(PAGE - 1)).unwrap_or_default();
        let mut paragraph = Paragraph::default();
        apply(properties.get(2..).unwrap_or_default(), data, &mut paragraph, true);
        if paragraph != Paragraph::default() {
            stretches.push((start, end, paragraph));
        }
    }
}

fn apply(properties: &[u8], data: &[u8], paragraph: &mut Paragraph, may_be_huge: bool) {
    let mut at = 0;
    while let Some(property) = u16_le(properties, at) {
        at += 2;
        let len = match property >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            _ if property == TABLE_DEFINITION => {
                usize::from(u16_le(properties, at).unwrap_or(0)) + 1
            }
            _ => match properties.get(at) {
                // More tab stops than the byte can tell: the rest cannot be parted.
                Some(255) if property == TABS => return,
                Some(len) => usize::from(*len) + 1,
                None => return,
            },
        };
        let on = properties.get(at).is_some_and(|v| *v != 0);
        match property {
            IN_TABLE => paragraph.in_table = on,
            ENDS_ROW => paragraph.ends_row = on,
            _ if HUGE.contains(&property) && may_be_huge => {
                let start = u32_le(properties, at).unwrap_or(u32::MAX) as usize;
                let len = u16_le(data, start).unwrap_or(0);
                if let Some(more) = part(data, start.saturating_add(2), usize::from(len)) {
                    apply(more, data, paragraph, false);
                }
            }
            _ => {}
        }
        at += len;
    }
}
