//! TGA (Truevision): one picture. The format has no magic at its start, so every field of the header
//! has to make sense; the mark at the end of newer files is behind what is looked at.

use std::io::Cursor;

use image::codecs::tga::TgaDecoder;

use super::Extractor;
use super::bytes::u16_le;
use super::raster::{self, Decoded};
use crate::error::Skip;
use crate::flow::{Content, Locator, PictureFacts};
use crate::limits::Budget;

/// A side over this nobody scans, and random numbers often are.
const MAX_SIDE: u16 = 20_000;
/// Pixels on which nothing could be read.
const MIN_PIXELS: u32 = 64;

pub struct Tga;

impl Extractor for Tga {
    fn name(&self) -> &'static str {
        "tga"
    }

    fn media_type(&self) -> &'static str {
        "image/x-tga"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        is_header(head).unwrap_or(false)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let facts = PictureFacts { format: "tga", ..PictureFacts::default() };
        let decoder = TgaDecoder::new(Cursor::new(bytes)).map_err(raster::skip("tga"))?;
        let Decoded { picture, damage } = raster::decode(decoder, facts, budget)?;
        out.push(Content::Picture { at: at.clone(), picture });
        damage.map_or(Ok(()), Err)
    }
}

/// Length of the note, colour map, kind; first colour, number and width of colours; place; width,
/// height, bits, and how the rows go (Truevision 2.0, C).
fn is_header(head: &[u8]) -> Option<bool> {
    let &[_, mapped, kind, ..] = head else { return None };
    let (first, colours, entry) = (u16_le(head, 3)?, u16_le(head, 5)?, *head.get(7)?);
    let (x, y) = (u16_le(head, 8)?, u16_le(head, 10)?);
    let (width, height) = (u16_le(head, 12)?, u16_le(head, 14)?);
    let (bits, rows) = (*head.get(16)?, *head.get(17)?);
    let map = match (mapped, kind) {
        (1, 1 | 9) => {
            first < colours && (1..=256).contains(&colours) && matches!(entry, 15 | 16 | 24 | 32)
        }
        (0, 2 | 3 | 10 | 11) => (first, colours, entry) == (0, 0, 0),
        _ => false,
    };
    let samples = match kind & 7 {
        2 => matches!(bits, 15 | 16 | 24 | 32),
        _ => bits == 8,
    };
    let sides = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
    let large = u32::from(width).saturating_mul(u32::from(height)) >= MIN_PIXELS;
    // The place on a screen is zero, or the other corner of the picture.
    let place = (x == 0 || x == width) && (y == 0 || y == height);
    // Alpha as the bits allow, no rows taken by turns.
    let order = rows & 0xc0 == 0 && matches!(rows & 15, 0 | 1 | 8);
    Some(map && samples && sides && large && place && order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{format_of, open};

    fn tga(kind: u8, bits: u8, pixels: &[u8]) -> Vec<u8> {
        let mut header = vec![0, 0, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 8, 0, bits, 0x20];
        header.extend_from_slice(pixels);
        header
    }

    fn luma(bytes: &[u8]) -> Vec<u8> {
        assert_eq!(format_of(bytes), Some("tga"));
        let (out, end) = open(&Tga, bytes);
        assert_eq!(end, Ok(()));
        let Some(Content::Picture { picture, .. }) = out.into_iter().next() else { panic!() };
        assert_eq!((picture.width, picture.height), (16, 8));
        picture.luma
    }

    #[test]
    fn plain_and_run_length_pictures_are_decoded() {
        let grey: Vec<u8> = (0..128).collect();
        assert_eq!(luma(&tga(3, 8, &grey)), grey);
        let colours: Vec<u8> = (0..128).flat_map(|v| [v, v, v]).collect();
        assert_eq!(luma(&tga(2, 24, &colours)), grey);
        // 128 pixels as one run.
        assert_eq!(luma(&tga(10, 24, &[0xff, 9, 9, 9])), vec![9; 128]);
        assert_eq!(luma(&tga(11, 8, &[0xff, 7])), vec![7; 128]);
    }

    #[test]
    fn what_is_cut_is_told() {
        let (_, end) = open(&Tga, &tga(2, 24, &[1; 90]));
        assert!(matches!(end, Err(Skip::Damaged { format: "tga", .. })), "{end:?}");
    }

    #[test]
    fn other_files_of_zeros_and_small_numbers_are_none() {
        let mut icon = vec![0, 0, 2, 0, 1, 0, 32, 32, 0, 0, 0, 0, 16, 0, 16, 0, 24, 0];
        assert_ne!(format_of(&icon), Some("tga"));
        icon[3..8].fill(0);
        assert_eq!(format_of(&icon), Some("tga"));
        icon[17] = 0xc0;
        assert_ne!(format_of(&icon), Some("tga"));
        assert_ne!(format_of(&[0; 4096]), Some("tga"));
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        for bytes in [tga(11, 8, &[0x83, 1, 3, 1, 2, 3, 4, 0xff, 2]), tga(2, 16, &[3; 256])] {
            for at in 0..bytes.len() {
                open(&Tga, &bytes[..at]).1.ok();
                let mut changed = bytes.clone();
                changed[at] ^= 0xff;
                open(&Tga, &changed).1.ok();
            }
        }
    }
}
