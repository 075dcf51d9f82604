//! What lies inside: bytes of a yet unknown format, text, or a decoded picture.

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
}
