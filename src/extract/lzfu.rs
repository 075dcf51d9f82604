//! Packed RTF of Outlook ([MS-OXRTFCP]): a window of 4096 bytes that begins with the words that RTF
//! usually begins with.

use super::bytes::{u16_be, u32_le};
use crate::error::Skip;
use crate::limits::Budget;

const PACKED: u32 = 0x7546_5a4c;
const PLAIN: u32 = 0x414c_454d;
const HEADER: usize = 16;
const WINDOW: usize = 4096;
/// [MS-OXRTFCP] 2.1.2.1.
const USUAL: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \
\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\
\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
/// Bytes between two looks at the budget.
const CHARGED: usize = 64 * 1024;

pub(super) fn unpack(packed: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Skip> {
    let broken = |detail| Skip::damaged("packed rtf", detail);
    let body = packed.get(HEADER..).ok_or_else(|| broken("header ends early"))?;
    match u32_le(packed, 8) {
        Some(PACKED) => {}
        Some(PLAIN) => {
            budget.charge(body.len() as u64)?;
            return Ok(body.to_vec());
        }
        _ => return Err(broken("unknown packing")),
    }
    let mut window = [0u8; WINDOW];
    for (to, from) in window.iter_mut().zip(USUAL) {
        *to = *from;
    }
    let mut write = USUAL.len();
    let mut out = Vec::new();
    let mut charged = 0;
    let mut input = body.iter().copied();
    'all: while let Some(flags) = input.next() {
        for bit in 0..8 {
            if flags >> bit & 1 == 0 {
                let Some(byte) = input.next() else { break 'all };
                put(byte, &mut window, &mut write, &mut out);
                continue;
            }
            let (Some(high), Some(low)) = (input.next(), input.next()) else { break 'all };
            let pair = u16_be(&[high, low], 0).unwrap_or(0);
            let (from, len) = (usize::from(pair >> 4), usize::from(pair & 0xf) + 2);
            // A pointer to the place of writing is the end.
            if from == write {
                break 'all;
            }
            for i in 0..len {
                let byte = window.get((from + i) % WINDOW).copied().unwrap_or(0);
                put(byte, &mut window, &mut write, &mut out);
            }
        }
        if out.len() - charged > CHARGED {
            budget.charge((out.len() - charged) as u64)?;
            charged = out.len();
        }
    }
    budget.charge((out.len() - charged) as u64)?;
    Ok(out)
}

fn put(byte: u8, window: &mut [u8; WINDOW], write: &mut usize, out: &mut Vec<u8>) {
    if let Some(cell) = window.get_mut(*write) {
        *cell = byte;
    }
    *write = (*write + 1) % WINDOW;
    out.push(byte);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn the_examples_of_the_standard_are_unpacked() {
        // [MS-OXRTFCP] 3.1 and 3.2.
        let simple: &[u8] = &[
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0,
            0x0a, 0, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68,
            0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f,
            0xa0,
        ];
        let mut budget = Budget::new(&Limits::default(), 1000);
        let text = unpack(simple, &mut budget).unwrap();
        assert_eq!(text, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let crossing: &[u8] = &[
            0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0,
            0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
        ];
        let text = unpack(crossing, &mut budget).unwrap();
        assert_eq!(text, b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        assert_eq!(USUAL.len(), 207);
        for end in 0..simple.len() {
            let _ = unpack(&simple[..end], &mut budget);
        }
    }
}
