//! The pictures that a page draws. A JPEG is handed on as it is stored; fax, JBIG2, JPEG 2000 and
//! plain samples become planes of luma here. What the library would allocate from numbers in the
//! file is checked before it does.

use hayro::hayro_interpret::{Image, ImageData, LumaData, Paint};
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::stream::ImageDecodeParams;
use hayro::hayro_syntax::object::{Array, Dict, Object, Stream};

use crate::error::Skip;
use crate::extract::luma::{self, Held};
use crate::extract::{jbig2, jpeg, jpeg2000, tiff};
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// A fax row longer than this is not a page (A0 at 600 dpi has 28,000).
const MAX_COLUMNS: u64 = 1 << 17;

/// Planes of one document that are handed over as they are, in bytes: 15 pages at 300 dpi. From
/// there on pages of one bit are packed, an eighth of the size, and unpacked one by one: a scanned
/// book would not fit into memory otherwise.
const MAX_PLANES: u64 = 128 << 20;

/// One picture out of a stream: a file to recognise, or a plane.
pub(super) enum Found {
    Jpeg(Vec<u8>),
    Plane(Picture),
}

impl Found {
    /// Hands the picture over. How a JPEG is placed on its page travels inside of it.
    pub(super) fn push(
        self,
        at: &Locator,
        name: &str,
        facts: &PictureFacts,
        held: &mut Held,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let content = match self {
            Found::Jpeg(bytes) => Content::Bytes {
                at: at.member(format!("{name}.jpg")),
                bytes: jpeg::with_placement(&bytes, facts),
            },
            Found::Plane(picture) if picture.facts.bilevel && held.bytes() > MAX_PLANES => {
                let bytes = tiff::bilevel_file(&picture);
                budget.charge(bytes.len() as u64)?;
                Content::Bytes { at: at.member(format!("{name}.tif")), bytes }
            }
            Found::Plane(picture) => {
                held.add(&picture, budget)?;
                Content::Picture { at: at.member(name), picture }
            }
        };
        out.push(content);
        Ok(())
    }
}

/// Reads one picture. `facts` say how it is placed; the format is filled in.
pub(super) fn read(image: &Image, facts: PictureFacts, budget: &mut Budget) -> Result<Found, Skip> {
    let stream = match image {
        Image::Stencil(stencil) => stencil.stream(),
        Image::Raster(raster) => raster.stream(),
    };
    let filters = stream.filters();
    let (width, height) = (image.width(), image.height());
    check(stream, budget)?;
    for key in ["SMask", "Mask"] {
        if let Some(mask) = stream.dict().get::<Stream>(key) {
            check(&mask, budget)?;
        }
    }
    match filters.as_slice() {
        [Filter::DctDecode] if jpeg_means_itself(stream) => {
            let bytes = stream.raw_data().into_owned();
            budget.charge(bytes.len() as u64)?;
            return Ok(Found::Jpeg(bytes));
        }
        [Filter::JpxDecode] => {
            let mut picture = jpeg2000::decode("pdf-jpx", &stream.raw_data(), budget)?;
            picture.facts = PictureFacts {
                format: "pdf-jpx",
                channels: picture.facts.channels,
                bilevel: picture.facts.bilevel,
                saturation: picture.facts.saturation,
                ..facts
            };
            return Ok(Found::Plane(picture));
        }
        [Filter::Jbig2Decode] => return read_jbig2(stream, facts, budget).map(Found::Plane),
        _ => {}
    }
    let format = match filters.last() {
        Some(Filter::CcittFaxDecode) => "pdf-ccitt",
        Some(Filter::Jbig2Decode) => "pdf-jbig2",
        Some(Filter::JpxDecode) => "pdf-jpx",
        Some(Filter::DctDecode) => "pdf-dct",
        _ => "pdf-samples",
    };
    // Samples, and what the library makes of them: RGB and an alpha plane.
    luma::reserve(width, height, 5, format, budget)?;
    let mut plane = None;
    match image {
        Image::Raster(raster) => raster.with_rgba(|data, _| plane = Some(from_data(data)), None),
        Image::Stencil(stencil) => {
            stencil.with_stencil(|data, paint| plane = Some(from_stencil(data, paint)), None);
        }
    }
    let (width, height, luma, channels, saturation) =
        plane.ok_or_else(|| Skip::damaged("pdf", "picture does not decode"))?;
    let whole = u64::from(width) * u64::from(height) == luma.len() as u64;
    if !whole || luma.is_empty() {
        return Err(Skip::damaged("pdf", "picture does not decode"));
    }
    let bilevel = matches!(image, Image::Stencil(_)) || bits(stream) == Some(1);
    let fax_coded = matches!(format, "pdf-ccitt" | "pdf-jbig2");
    let facts = PictureFacts { format, channels, bilevel, fax_coded, saturation, ..facts };
    Ok(Found::Plane(Picture { width, height, luma, facts }))
}

/// Reads a picture that no page draws: one of a page that was taken out, of a layer that is off.
/// There is no interpreter to help here, so only plain colours are understood.
pub(super) fn read_undrawn(
    stream: &Stream,
    facts: PictureFacts,
    budget: &mut Budget,
) -> Result<Found, Skip> {
    check(stream, budget)?;
    let filters = stream.filters();
    match filters.as_slice() {
        [Filter::DctDecode] => {
            let bytes = stream.raw_data().into_owned();
            budget.charge(bytes.len() as u64)?;
            return Ok(Found::Jpeg(bytes));
        }
        [Filter::JpxDecode] => {
            let mut picture = jpeg2000::decode("pdf-jpx", &stream.raw_data(), budget)?;
            picture.facts.maker = facts.maker;
            return Ok(Found::Plane(picture));
        }
        [Filter::Jbig2Decode] => return read_jbig2(stream, facts, budget).map(Found::Plane),
        _ => {}
    }
    let unsupported =
        || Skip::Unsupported { format: "pdf", detail: "undrawn picture of this kind".into() };
    let dict = stream.dict();
    let side = |key| dict.get::<u32>(key).unwrap_or(0);
    let (width, height) = (side("Width"), side("Height"));
    let pixels = luma::reserve(width, height, 4, "pdf", budget)?;
    let params = ImageDecodeParams { width, height, bpc: bits(stream), ..Default::default() };
    let decoded = stream
        .decoded_image(&params)
        .map_err(|_| Skip::damaged("pdf", "picture does not decode"))?;
    let bits = decoded.image_data.as_ref().map_or(bits(stream), |d| Some(d.bits_per_component));
    let data = decoded.data.into_owned();
    let row = (width as usize).div_ceil(8);
    let (luma, channels) = match (bits, data.len() / pixels) {
        (Some(1), _) => {
            let bit = |row: &[u8], x: usize| row.get(x / 8).map_or(1, |b| b >> (7 - x % 8) & 1);
            let rows = data.chunks_exact(row).take(height as usize);
            let luma = rows.flat_map(|row| (0..width as usize).map(move |x| bit(row, x) * 255));
            (luma.collect(), 1)
        }
        (Some(8), 1) => (data, 1),
        (Some(8), 3) => (luma::plane(luma::Samples::Rgb, data), 3),
        (Some(8), 4) => (luma::plane(luma::Samples::Cmyk, data), 4),
        _ => return Err(unsupported()),
    };
    let luma: Vec<u8> = luma.into_iter().take(pixels).collect();
    if luma.len() != pixels {
        return Err(unsupported());
    }
    let facts = PictureFacts { format: "pdf-samples", channels, bilevel: bits == Some(1), ..facts };
    Ok(Found::Plane(Picture { width, height, luma, facts }))
}

/// Whether a JPEG seen alone looks as it does on the page: three channels or one, not re-mapped.
/// Ink is often stored inverted, and only the dictionary says so.
fn jpeg_means_itself(stream: &Stream) -> bool {
    let dict = stream.dict();
    if dict.contains_key("Decode") || dict.contains_key("D") {
        return false;
    }
    match dict.get::<Object>("ColorSpace").or_else(|| dict.get::<Object>("CS")) {
        Some(Object::Name(name)) => name.as_ref() != b"DeviceCMYK" && name.as_ref() != b"CMYK",
        Some(Object::Array(array)) => match array.iter::<Object>().next() {
            Some(Object::Name(name)) => match name.as_ref() {
                b"ICCBased" => array
                    .iter::<Object>()
                    .nth(1)
                    .and_then(Object::into_stream)
                    .and_then(|profile| profile.dict().get::<u8>("N"))
                    .is_none_or(|channels| channels != 4),
                b"CalRGB" | b"CalGray" => true,
                _ => false,
            },
            _ => true,
        },
        _ => true,
    }
}

fn bits(stream: &Stream) -> Option<u8> {
    let dict = stream.dict();
    let bits = dict.get::<u8>("BitsPerComponent").or_else(|| dict.get::<u8>("BPC"));
    let fax = stream
        .filters()
        .iter()
        .any(|filter| matches!(filter, Filter::CcittFaxDecode | Filter::Jbig2Decode));
    if fax { Some(1) } else { bits }
}

/// Every DecodeParms dictionary of a stream.
fn params<'a>(stream: &Stream<'a>) -> Vec<Dict<'a>> {
    let dict = stream.dict();
    match dict.get::<Object>("DecodeParms").or_else(|| dict.get::<Object>("DP")) {
        Some(Object::Dict(params)) => vec![params],
        Some(Object::Array(all)) => all.iter::<Object>().filter_map(Object::into_dict).collect(),
        _ => Vec::new(),
    }
}

/// Refuses a stream for which the library would allocate more than a picture may have. Its JPEG
/// decoder keeps to the size in the dictionary; the others go by what their own headers say.
fn check(stream: &Stream, budget: &Budget) -> Result<(), Skip> {
    let dict = stream.dict();
    let side = |long, short| dict.get::<u32>(long).or_else(|| dict.get::<u32>(short)).unwrap_or(0);
    let (width, height) = (side("Width", "W"), side("Height", "H"));
    budget.pixels(width.into(), height.into())?;
    let filters = stream.filters();
    let coded = |filter: &Filter| matches!(filter, Filter::JpxDecode | Filter::Jbig2Decode);
    match filters.as_slice() {
        [Filter::JpxDecode] => jpeg2000::check("pdf-jpx", &stream.raw_data(), budget)?,
        [Filter::Jbig2Decode] => jbig2::check_embedded(&stream.raw_data(), budget)?,
        filters if filters.iter().any(coded) => {
            return Err(Skip::Unsupported { format: "pdf", detail: "picture coded twice".into() });
        }
        _ => {}
    }
    // The fax decoder allocates columns x rows.
    for params in params(stream) {
        for key in ["Columns", "Rows"] {
            let Some(number) = params.get::<f32>(key) else { continue };
            if !(0.0..=MAX_COLUMNS as f32).contains(&number) {
                return Err(Skip::damaged("pdf", "picture with rows of impossible length"));
            }
            if key == "Columns" {
                budget.pixels(number as u64, height.into())?;
            }
        }
    }
    Ok(())
}

fn read_jbig2(stream: &Stream, facts: PictureFacts, budget: &mut Budget) -> Result<Picture, Skip> {
    let globals = params(stream)
        .first()
        .and_then(|params| params.get::<Stream>("JBIG2Globals"))
        .and_then(|globals| globals.decoded_data().ok());
    let inverted = stream
        .dict()
        .get::<Array>("Decode")
        .and_then(|decode| decode.iter::<f32>().next())
        .is_some_and(|first| first >= 0.5);
    let raw = stream.raw_data();
    let mut picture = jbig2::decode_embedded(&raw, globals.as_deref(), budget)?;
    if inverted {
        for value in &mut picture.luma {
            *value = 255 - *value;
        }
    }
    let format = "pdf-jbig2";
    picture.facts = PictureFacts { format, bilevel: true, fax_coded: true, channels: 1, ..facts };
    Ok(picture)
}

/// Width, height, luma, channels, saturation.
type Decoded = (u32, u32, Vec<u8>, u8, Option<u8>);

fn from_data(data: ImageData) -> Decoded {
    match data {
        ImageData::Rgb(rgb) => {
            let saturation = luma::saturation(luma::Samples::Rgb, &rgb.data);
            let luma = luma::plane(luma::Samples::Rgb, rgb.data);
            (rgb.width, rgb.height, luma, 3, saturation)
        }
        ImageData::Luma(grey) => (grey.width, grey.height, grey.data, 1, None),
    }
}

/// What a stencil paints, on white. A light paint would leave nothing to see, so it is taken dark.
fn from_stencil(mut data: LumaData, paint: &Paint) -> Decoded {
    let dark = match paint {
        Paint::Color(color) => {
            let [r, g, b, _] = color.to_rgba().to_rgba8();
            u32::from(luma::of_rgb(r, g, b))
        }
        Paint::Pattern(_) => 0,
    };
    let dark = if dark > 128 { 0 } else { dark };
    for value in &mut data.data {
        let painted = u32::from(*value);
        *value = ((dark * painted + 255 * (255 - painted)) / 255) as u8;
    }
    (data.width, data.height, data.data, 1, None)
}
