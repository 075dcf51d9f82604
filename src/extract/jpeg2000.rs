//! JPEG 2000 (.jp2, .j2k): one picture.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};

use super::Extractor;
use super::luma::{self, Samples};
use crate::error::Skip;
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

pub struct Jpeg2000;

impl Extractor for Jpeg2000 {
    fn name(&self) -> &'static str {
        "jpeg2000"
    }

    fn media_type(&self) -> &'static str {
        "image/jp2"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        // Signature box, or the SOC and SIZ markers of a bare codestream.
        head.starts_with(b"\0\0\0\x0cjP  ") || head.starts_with(&[0xff, 0x4f, 0xff, 0x51])
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let picture = decode("jpeg2000", bytes, budget)?;
        out.push(Content::Picture { at: at.clone(), picture });
        Ok(())
    }
}

/// Checks the size of a picture without decoding it.
pub(super) fn check(format: &'static str, bytes: &[u8], budget: &Budget) -> Result<(), Skip> {
    Image::new(bytes, &DecodeSettings::default())
        .map_err(|_| Skip::damaged(format, "does not decode"))
        .and_then(|image| reserve(&image, format, budget))
        .map(|_| ())
}

fn reserve(image: &Image, format: &'static str, budget: &Budget) -> Result<usize, Skip> {
    let channels = u64::from(image.color_space().num_channels()) + u64::from(image.has_alpha());
    // The decoder works on f32 planes.
    let bytes = channels.saturating_mul(4);
    luma::reserve(image.width(), image.height(), bytes, format, budget)
}

/// Decodes a file or codestream; also what a JPXDecode stream of a PDF holds.
pub(super) fn decode(format: &'static str, bytes: &[u8], budget: &Budget) -> Result<Picture, Skip> {
    let broken = || Skip::damaged(format, "does not decode");
    let image = Image::new(bytes, &DecodeSettings::default()).map_err(|_| broken())?;
    let (width, height) = (image.width(), image.height());
    let colours = image.color_space().num_channels();
    let pixels = reserve(&image, format, budget)?;
    let bilevel = image.original_bit_depth() == 1;
    let ink = matches!(image.color_space(), ColorSpace::CMYK);
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|_| broken())?;
    let count = decoded.components().len();
    let whole = decoded.components().iter().all(|plane| plane.samples().len() == pixels);
    if count == 0 || !whole {
        return Err(broken());
    }
    let samples = match (count, image.has_alpha()) {
        (1, _) => Samples::Grey,
        (2, _) => Samples::GreyAlpha,
        (3, false) => Samples::Rgb,
        (4, true) => Samples::Rgba,
        (4, false) if ink => Samples::Cmyk,
        (n, _) => Samples::FirstOf(n),
    };
    let data = decoded.data_u8();
    let facts = PictureFacts {
        format,
        channels: colours,
        bilevel,
        saturation: luma::saturation(samples, &data),
        ..PictureFacts::default()
    };
    let luma = luma::plane(samples, data);
    Ok(Picture { width, height, luma, facts })
}
