//! What PNG, BMP, GIF and WebP share: a decoder of the image crate -> one plane of luma.

use image::{ColorType, ImageDecoder, ImageError};

use super::luma::{self, Samples};
use crate::error::Skip;
use crate::flow::{Picture, PictureFacts};
use crate::limits::Budget;

/// A picture, and the damage where it decodes only in part.
pub(super) struct Decoded {
    pub(super) picture: Picture,
    pub(super) damage: Option<Skip>,
}

/// The memory a decoder may take for itself.
pub(super) fn limits(budget: &Budget) -> image::Limits {
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(budget.limits().max_expanded_bytes);
    limits
}

/// How an error of the image crate is told.
pub(super) fn skip(format: &'static str) -> impl Fn(ImageError) -> Skip {
    move |error| match error {
        ImageError::Unsupported(_) => {
            Skip::Unsupported { format, detail: "a variant that is not decoded".into() }
        }
        _ => Skip::damaged(format, "does not decode"),
    }
}

/// Decodes what `decoder` stands at. `facts.channels` is filled in.
pub(super) fn decode(
    decoder: impl ImageDecoder,
    mut facts: PictureFacts,
    budget: &mut Budget,
) -> Result<Decoded, Skip> {
    let format = facts.format;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let bytes_per_pixel = u64::from(color.bytes_per_pixel());
    let pixels = luma::reserve(width, height, bytes_per_pixel, format, budget)?;
    let len = usize::try_from(decoder.total_bytes())
        .map_err(|_| Skip::damaged(format, "picture too large"))?;
    // Rows that never come stay paper.
    let mut data = vec![255u8; len];
    let result = decoder.read_image(&mut data);
    let damage = match result {
        Ok(()) => None,
        Err(_) if data.iter().any(|&v| v != 255) => Some(Skip::damaged(format, "decodes in part")),
        Err(error) => return Err(skip(format)(error)),
    };
    let samples = match color {
        ColorType::L8 | ColorType::L16 => Samples::Grey,
        ColorType::La8 | ColorType::La16 => Samples::GreyAlpha,
        ColorType::Rgb8 | ColorType::Rgb16 => Samples::Rgb,
        ColorType::Rgba8 | ColorType::Rgba16 => Samples::Rgba,
        _ => {
            return Err(Skip::Unsupported {
                format,
                detail: "samples that are not 8 or 16 bit".into(),
            });
        }
    };
    let wide =
        matches!(color, ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16);
    if wide {
        data = data
            .chunks_exact(2)
            .map(|pair| (u16::from_ne_bytes(pair.try_into().unwrap_or_default()) >> 8) as u8)
            .collect();
    }
    facts.channels = samples.channels();
    facts.saturation = luma::saturation(samples, &data);
    let luma = luma::plane(samples, data);
    if luma.len() != pixels {
        return Err(Skip::damaged(format, "does not decode"));
    }
    Ok(Decoded { picture: Picture { width, height, luma, facts }, damage })
}
