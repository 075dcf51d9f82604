//! What PNG, BMP, GIF, TGA and WebP share: a decoder of the image crate -> one plane of luma, and the
//! frames of animations.

use image::{ColorType, Frames, ImageDecoder, ImageError};

use super::luma::{self, Held, Samples};
use crate::error::{Bound, Skip};
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// Frames of an animation that are looked at: each shows something that the one before did not.
const MAX_FRAMES: usize = 16;
/// Two frames show the same where less than this share of the pixels changed: one in so many.
const CHANGED: usize = 200;
/// Steps of luma up to which a pixel is the same; animations are coded with loss.
const SAME: u8 = 24;

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

/// The frames of an animation as they are shown, each its own page, without those that show what the
/// frame before showed. `first` is a picture that was handed over already.
pub(super) fn frames(
    frames: Frames<'_>,
    first: Option<&Picture>,
    facts: &PictureFacts,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let format = facts.format;
    let max_pixels = budget.limits().max_pixels;
    let (mut number, mut seen, mut held) = (0, 0u64, Held::default());
    let mut kept: Vec<(u32, Picture)> = Vec::new();
    let mut end = Ok(());
    for frame in frames {
        budget.in_time()?;
        let Ok(frame) = frame else {
            end = Err(Skip::damaged(format, "a frame does not decode"));
            break;
        };
        number += 1;
        let frame = frame.into_buffer();
        let (width, height) = frame.dimensions();
        luma::reserve(width, height, 4, format, budget)?;
        seen = seen.saturating_add(u64::from(width) * u64::from(height));
        let samples = frame.into_raw();
        let saturation = luma::saturation(Samples::Rgba, &samples);
        let luma = luma::plane(Samples::Rgba, samples);
        let before = kept.last().map(|(_, picture)| picture).or(first);
        if before.is_none_or(|before| differ(&before.luma, &luma)) {
            if kept.len() == MAX_FRAMES {
                let detail = "further frames that differ are not looked at";
                let skip = Skip::Unsupported { format, detail: detail.into() };
                out.push(Content::Skipped { at: at.clone(), skip });
                break;
            }
            let facts = PictureFacts { channels: 3, saturation, ..facts.clone() };
            let picture = Picture { width, height, luma, facts };
            held.add(&picture, budget)?;
            kept.push((number, picture));
        }
        if seen > max_pixels {
            end = Err(Skip::OverBudget(Bound::Pixels(max_pixels)));
            break;
        }
    }
    let alone = number == 1 && first.is_none();
    let pages = kept.into_iter().map(|(number, picture)| {
        let at = if alone { at.clone() } else { at.page(number) };
        Content::Picture { at, picture }
    });
    out.extend(pages);
    if number == 0 { Err(Skip::damaged(format, "does not decode")) } else { end }
}

/// What stands behind the end of a picture and is longer is something of its own.
const MIN_BEHIND: usize = 256;

/// Hands over what was appended to a picture: another one, an archive, a film.
pub(super) fn behind(
    behind: Option<&[u8]>,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let Some(bytes) = behind.filter(|behind| behind.len() >= MIN_BEHIND) else { return Ok(()) };
    // Room that was kept free.
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    budget.member()?;
    budget.charge(bytes.len() as u64)?;
    out.push(Content::Bytes { at: at.member("behind the picture"), bytes: bytes.to_vec() });
    Ok(())
}

fn differ(before: &[u8], now: &[u8]) -> bool {
    let changed = before.iter().zip(now).filter(|(a, b)| a.abs_diff(**b) > SAME).count();
    before.len() != now.len() || changed > now.len() / CHANGED
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{open, open_within, reasons};
    use crate::extract::{Extractor, gif, png};
    use crate::limits::Limits;

    /// A picture of this luma all over.
    fn frame(luma: u8) -> image::RgbaImage {
        image::RgbaImage::from_pixel(32, 24, image::Rgba([luma, luma, luma, 255]))
    }

    /// Chunks of an APNG: these greys one after another, the first being the picture itself.
    fn animated_png(lumas: &[u8]) -> Vec<u8> {
        let chunk = |kind: &[u8], data: &[u8]| {
            let mut crc = flate2::Crc::new();
            crc.update(kind);
            crc.update(data);
            let len = (data.len() as u32).to_be_bytes();
            [len.as_slice(), kind, data, &crc.sum().to_be_bytes()].concat()
        };
        let packed = |luma: u8| {
            let rows = [&[0u8][..], &[luma; 32]].concat().repeat(24);
            let mut packer =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut packer, &rows).unwrap();
            packer.finish().unwrap()
        };
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend(chunk(b"IHDR", &[0, 0, 0, 32, 0, 0, 0, 24, 8, 0, 0, 0, 0]));
        bytes.extend(chunk(b"acTL", &[(lumas.len() as u32).to_be_bytes(), [0; 4]].concat()));
        let mut sequence = 0u32;
        for (number, luma) in lumas.iter().enumerate() {
            let mut control = sequence.to_be_bytes().to_vec();
            control.extend([0, 0, 0, 32, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0]);
            sequence += 1;
            bytes.extend(chunk(b"fcTL", &control));
            if number == 0 {
                bytes.extend(chunk(b"IDAT", &packed(*luma)));
            } else {
                let data = [sequence.to_be_bytes().as_slice(), &packed(*luma)].concat();
                sequence += 1;
                bytes.extend(chunk(b"fdAT", &data));
            }
        }
        bytes.extend(chunk(b"IEND", &[]));
        bytes
    }

    fn animated_gif(lumas: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for luma in lumas {
            encoder.encode_frame(image::Frame::new(frame(*luma))).unwrap();
        }
        drop(encoder);
        bytes
    }

    /// Places of the pictures, with the luma of their first pixel.
    fn pages(out: &[Content]) -> Vec<(Option<u32>, u8)> {
        out.iter()
            .filter_map(|content| match content {
                Content::Picture { at, picture } => Some((at.page_number(), picture.luma[0])),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn frames_of_an_animation_that_differ_are_pages() {
        let (out, end) = open(&gif::Gif, &animated_gif(&[0, 2, 200, 200, 90]));
        assert_eq!(end, Ok(()));
        assert_eq!(pages(&out), [(Some(1), 0), (Some(3), 200), (Some(5), 90)]);
        let (out, _) = open(&gif::Gif, &animated_gif(&[77]));
        assert_eq!(pages(&out).len(), 1);
        assert_eq!(pages(&out)[0].0, None);
        let (out, end) = open(&png::Png, &animated_png(&[0, 2, 200, 200, 90]));
        assert_eq!(end, Ok(()));
        assert_eq!(pages(&out), [(None, 0), (Some(3), 200), (Some(5), 90)]);
    }

    #[test]
    fn an_animation_of_too_many_frames_is_told() {
        let many: Vec<u8> = (0..20).map(|i| if i % 2 == 0 { 0 } else { 255 }).collect();
        for (format, bytes) in
            [(&gif::Gif as &dyn Extractor, animated_gif(&many)), (&png::Png, animated_png(&many))]
        {
            let (out, end) = open(format, &bytes);
            assert_eq!(end, Ok(()), "{}", format.name());
            assert_eq!(reasons(&out), ["unsupported"], "{}", format.name());
            assert!((16..=17).contains(&pages(&out).len()), "{}", format.name());
            let limits = Limits { max_pixels: 32 * 24 * 5, ..Limits::default() };
            let (out, end) = open_within(format, &bytes, &limits);
            assert!(matches!(end, Err(Skip::OverBudget(_))) && !pages(&out).is_empty());
        }
    }
}
