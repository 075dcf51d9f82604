//! What lies inside: bytes of a yet unknown format, text, or a decoded picture.

use std::sync::Arc;

use crate::error::Skip;
use crate::flow::Locator;

/// What an extractor hands back. The engine decides what happens to it.
#[derive(Debug)]
pub enum Content {
    /// Bytes whose format the engine is to recognise.
    Bytes { at: Locator, bytes: Vec<u8> },
    /// Text, decoded to UTF-8.
    Text { at: Locator, text: String, form: Form },
    /// A decoded picture.
    Picture { at: Locator, picture: Picture },
    /// A member that could not be read in full; its siblings go on.
    Skipped { at: Locator, skip: Skip },
}

/// How a text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Anything: prose, logs, JSON, source. A table in it is recognised by its looks.
    Plain,
    /// Rows of cells by this separator, one row a line: a sheet of a workbook. Separators and
    /// newlines inside cells were replaced by spaces.
    Table(u8),
    /// Properties of a file (EXIF, PDF info, Office properties, mail headers), one a line.
    Metadata,
    /// Lines read from a picture of a page, top to bottom; a tab between pieces of one row that
    /// stand far apart.
    Page,
}

/// A picture as one plane of luma, row by row, `width * height` bytes, 0 black, 255 white.
///
/// Pixel order, not EXIF order: a tag is a hint (`facts.orientation`), never a fact.
#[derive(Debug, Clone)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub luma: Vec<u8>,
    pub facts: PictureFacts,
}

/// What the file said about the picture, for telling a scan from a photo.
#[derive(Debug, Clone, Default)]
pub struct PictureFacts {
    /// `"jpeg"`, `"png"`, `"tiff"`, `"pdf-ccitt"`...
    pub format: &'static str,
    /// Dots per inch along x and y, where tagged.
    pub dpi: Option<(f32, f32)>,
    /// One bit a pixel in the file (fax, bilevel scan).
    pub bilevel: bool,
    /// Colour channels in the file, alpha left out.
    pub channels: u8,
    /// EXIF orientation 1..=8, where tagged.
    pub orientation: Option<u8>,
    /// EXIF names a camera maker or model.
    pub camera: bool,
    /// The picture fills a page of a document (PDF) rather than being an illustration.
    pub full_page: bool,
    /// Coded as faxes and document scanners code pages (CCITT groups 3 and 4, JBIG2).
    pub fax_coded: bool,
    /// EXIF tells how the picture was exposed (time, aperture, ISO): a camera took it.
    pub exposed: bool,
    /// What device or program the file names.
    pub maker: Maker,
    /// What a JPEG's own tables say.
    pub jpeg: Option<JpegFacts>,
    /// How colourful it is: the largest minus the smallest of R, G and B that the most colourful
    /// fiftieth of the pixels reaches, where the decoder had colours at hand.
    pub saturation: Option<u8>,
    /// Where it had not: what gives them on demand.
    pub colours: Option<Colours>,
}

/// Colours that nobody has decoded yet. Grey is what a document is found in; how it was copied is
/// told from its colours too, of the few pictures that have a document in them.
#[derive(Clone)]
pub struct Colours {
    file: Arc<[u8]>,
    decode: fn(&[u8]) -> Option<Chroma>,
}

impl Colours {
    pub fn new(file: &[u8], decode: fn(&[u8]) -> Option<Chroma>) -> Colours {
        Colours { file: file.into(), decode }
    }

    /// As long as it takes to decode the picture once more.
    pub fn decode(&self) -> Option<Chroma> {
        (self.decode)(&self.file)
    }
}

impl std::fmt::Debug for Colours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Colours").field("bytes", &self.file.len()).finish_non_exhaustive()
    }
}

/// Cb and Cr (128 is none) of a picture, the means of cells of [`Chroma::CELL`] pixels a side, row by
/// row; the last of a row and of a column may be narrower.
#[derive(Debug, Clone)]
pub struct Chroma {
    pub columns: usize,
    pub cells: Vec<[u8; 2]>,
}

impl Chroma {
    /// A block of a JPEG.
    pub const CELL: usize = 8;
}

/// How a JPEG was compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegFacts {
    /// Quality 1..=100 on the scale of the Independent JPEG Group, estimated from the luma table.
    pub quality: u8,
    /// The luma table is the one of ITU-T T.81, Annex K, scaled: most programs, few cameras.
    pub usual_table: bool,
    /// Colour is stored at less than the resolution of luma.
    pub subsampled: bool,
}

/// What made or last wrote a file, as far as the words in it tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Maker {
    #[default]
    Unknown,
    /// A scanner or a multifunction device, or the program that drives one.
    Scanner,
    /// A telephone app that takes photos of pages.
    ScanApp,
    /// A tool that takes pictures of the screen.
    Screenshot,
    /// An office suite, a report generator, a print-to-PDF driver.
    Office,
    /// A browser or an engine that lays out web pages.
    Browser,
    /// A picture editor or library: anything may have gone in.
    Editor,
}

impl Maker {
    const ALL: [Maker; 7] = [
        Maker::Unknown,
        Maker::Scanner,
        Maker::ScanApp,
        Maker::Screenshot,
        Maker::Office,
        Maker::Browser,
        Maker::Editor,
    ];

    /// A number for it, for handing it on inside of a file.
    pub fn code(self) -> u8 {
        Maker::ALL.iter().position(|m| *m == self).unwrap_or(0) as u8
    }

    pub fn from_code(code: u8) -> Maker {
        Maker::ALL.get(usize::from(code)).copied().unwrap_or_default()
    }

    /// This, or the other where this says nothing.
    pub fn or(self, other: Maker) -> Maker {
        if self == Maker::Unknown { other } else { self }
    }
}
