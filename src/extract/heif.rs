//! HEIC and HEIF (ISO/IEC 23008-12), what telephones take pictures with: every picture that is
//! meant to be shown, upright as the file says; grids of tiles are one picture.
//!
//! The decoder turns and mirrors as the file tells it to, so no orientation is handed on.

use heifer::heifer_isobmff::{HeifFile, ItemId};
use heifer::{Error, Options};

use super::Extractor;
use super::exif::Notes;
use super::known::is_heic;
use super::luma::{self, Held, Samples};
use crate::error::Skip;
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// Pictures of one file: bursts have some tens.
const MAX_PICTURES: usize = 64;
/// What decoding takes a pixel: four samples of the result, and the planes it is made from.
const BYTES_A_PIXEL: u64 = 10;

pub struct Heif;

impl Extractor for Heif {
    fn name(&self) -> &'static str {
        "heic"
    }

    fn media_type(&self) -> &'static str {
        "image/heic"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        is_heic(head)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let file = HeifFile::parse(bytes).map_err(|_| Skip::damaged("heic", "does not parse"))?;
        let mut ids = file.top_level_image_ids();
        // The primary picture first.
        ids.retain(|id| *id != file.primary_id);
        ids.insert(0, file.primary_id);
        let more = ids.len() > MAX_PICTURES;
        ids.truncate(MAX_PICTURES);
        let alone = ids.len() == 1;
        let mut held = Held::default();
        for (id, number) in ids.into_iter().zip(1u32..) {
            budget.member()?;
            let at = if alone { at.clone() } else { at.page(number) };
            match picture(&file, bytes, id, &at, budget, out) {
                Ok(Some(picture)) => {
                    held.add(&picture, budget)?;
                    out.push(Content::Picture { at, picture });
                }
                Ok(None) => {}
                Err(skip) => out.push(Content::Skipped { at, skip }),
            }
        }
        if more { Err(Skip::damaged("heic", "more pictures than are read")) } else { Ok(()) }
    }
}

/// One picture, or `None` where it was handed on as it is.
fn picture(
    file: &HeifFile,
    bytes: &[u8],
    id: ItemId,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<Option<Picture>, Skip> {
    let mut facts = PictureFacts { format: "heic", channels: 3, ..PictureFacts::default() };
    let mut notes = Notes::default();
    // Notes that do not read cost only themselves.
    if let Ok(Some(raw)) = file.exif(id) {
        notes.add_exif(&raw, &mut facts);
    }
    if let Ok(Some(packet)) = file.xmp(id) {
        notes.add_xmp(&packet);
    }
    facts.maker = notes.maker();
    facts.orientation = None;
    notes.push(at, out);
    let item = file.item(id).map_err(skip_of)?;
    if item.item_type.0 == *b"jpeg" {
        let data = file.item_data(id).map_err(skip_of)?.into_owned();
        budget.charge(data.len() as u64)?;
        out.push(Content::Bytes { at: at.member("picture.jpg"), bytes: data });
        return Ok(None);
    }
    if let Ok(Some((width, height))) = file.image_size(id) {
        luma::reserve(width, height, BYTES_A_PIXEL, "heic", budget)?;
    }
    let most = budget.limits().max_expanded_bytes / BYTES_A_PIXEL;
    let options =
        Options { max_threads: 1, max_pixels: budget.limits().max_pixels.min(most).max(1) };
    let image = if id == file.primary_id {
        heifer::decode_rgba8(bytes, &options)
    } else {
        heifer::decode_rgba8(&with_primary(bytes, id), &options)
    };
    let image = image.map_err(skip_of_decoder)?;
    let pixels = luma::reserve(image.width, image.height, BYTES_A_PIXEL, "heic", budget)?;
    facts.saturation = luma::saturation(Samples::Rgba, &image.data);
    let luma = luma::plane(Samples::Rgba, image.data);
    if luma.len() != pixels {
        return Err(Skip::damaged("heic", "fewer pixels than it says"));
    }
    Ok(Some(Picture { width: image.width, height: image.height, luma, facts }))
}

fn skip_of(_: heifer::heifer_isobmff::Error) -> Skip {
    Skip::damaged("heic", "does not parse")
}

fn skip_of_decoder(error: Error) -> Skip {
    match error {
        Error::Unsupported(_) => {
            Skip::Unsupported { format: "heic", detail: "a coding that is not decoded".into() }
        }
        _ => Skip::damaged("heic", "does not decode"),
    }
}

/// The file with another picture named as the one to show: only that one is decoded within bounds.
fn with_primary(bytes: &[u8], id: ItemId) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(at) = memchr::memmem::find(&bytes, b"pitm") {
        // Version and flags, then the id in two bytes or four.
        let wide = bytes.get(at + 4).is_some_and(|version| *version > 0);
        let id = id.to_be_bytes();
        let value = if wide { id.as_slice() } else { id.get(2..).unwrap_or_default() };
        if let Some(field) = bytes.get_mut(at + 8..at + 8 + value.len()) {
            field.copy_from_slice(value);
        }
    }
    bytes
}
