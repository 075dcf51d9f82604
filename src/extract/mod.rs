//! Content -> child contents. One file a format; each opens one layer and hands its children
//! back. Extractors never call one another: the engine keeps the list of what is to open, so
//! depth and cost are counted in one place. What several formats are made of is beside them:
//! `archive` (zip directory), `office` (packages), `xml`, `names` (8-bit codes), `prose` and `sheet`
//! (text with tables), `luma` (samples -> one plane), `raster`, `exif`, `maker` (words of programs).

use std::io::Read;

use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

mod ar;
mod archive;
mod bmp;
mod bytes;
mod cab;
mod camera_raw;
mod cms;
mod code_page;
mod cpio;
mod dbf;
mod dicom;
#[cfg(feature = "djvu")]
mod djvu;
mod docx;
mod embedded;
mod emlx;
mod evtx;
mod exe;
mod exif;
mod flat;
mod gif;
mod gzip;
#[cfg(feature = "heic")]
mod heif;
mod html;
mod ico;
mod iso9660;
mod jbig2;
mod journal;
mod jpeg;
mod jpeg2000;
mod known;
mod luma;
mod lzfu;
mod mail;
mod maker;
mod mapi;
mod mbox;
mod metafile;
mod names;
mod odf;
mod office;
mod ole;
mod parquet;
mod parts;
mod pcl;
mod pdf;
mod png;
mod pnm;
mod postscript;
mod pptx;
mod prose;
mod psd;
mod pst;
mod rar;
mod raster;
mod rows;
mod rpm;
mod rtf;
#[cfg(test)]
pub(crate) mod samples;
mod sevenzip;
mod sheet;
mod spool;
mod sqlite;
mod streams;
mod tar;
#[cfg(test)]
mod tests;
mod tga;
mod tiff;
mod tnef;
mod udf;
mod unlock;
mod visio;
mod wal;
mod webp;
mod xlsb;
mod xlsx;
mod xml;
mod xpm;
mod xps;
mod zip;

pub use parts::later_part;

/// One format.
pub trait Extractor: Sync {
    /// Short and stable, used in skip records and in `explain`: `"zip"`.
    fn name(&self) -> &'static str;

    /// IANA media type: `"application/zip"`.
    fn media_type(&self) -> &'static str;

    /// Whether `head` (the first bytes, up to [`SNIFF_BYTES`]) is this format. Content decides,
    /// never a name.
    fn sniff(&self, head: &[u8]) -> bool;

    /// Opens one layer. Children pushed before an `Err` are still looked at. A part that fails
    /// alone is pushed as [`Content::Skipped`]; `Err` means the rest of this content was lost.
    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip>;

    /// The bytes are a text too, and are looked at as one beside what comes out of them.
    fn is_text(&self) -> bool {
        false
    }

    /// For a format that holds one stream: what it holds, to be read as it is unpacked, so that a
    /// text in it may be of any length. The engine asks this first and opens the whole where the
    /// stream is no text.
    fn stream<'r>(
        &self,
        _at: &Locator,
        _from: Box<dyn Read + 'r>,
    ) -> Option<(Locator, Box<dyn Read + 'r>)> {
        None
    }
}

/// How much of a content [`Extractor::sniff`] is shown.
pub const SNIFF_BYTES: usize = 64 * 1024;

/// Every format, in the order in which they are asked; the first that says yes opens it. What is
/// a special kind of another (a .docx is a zip) stands before it.
pub static FORMATS: &[&dyn Extractor] = &[
    &jpeg::Jpeg,
    &png::Png,
    &camera_raw::CameraRaw,
    &tiff::Tiff,
    &gif::Gif,
    &webp::WebP,
    &jpeg2000::Jpeg2000,
    &jbig2::Jbig2,
    &bmp::Bmp,
    &ico::Ico,
    &pnm::Pnm,
    &xpm::Xpm,
    &psd::Psd,
    &pdf::Pdf,
    &gzip::Gzip,
    &streams::BZIP2,
    &streams::XZ,
    &streams::ZSTD,
    &streams::LZ4,
    &streams::LZIP,
    &streams::COMPRESS,
    &docx::Docx,
    &xlsx::Xlsx,
    &pptx::Pptx,
    &odf::Odf,
    &visio::Visio,
    &xps::Xps,
    &zip::Zip,
    &sevenzip::SevenZip,
    &rar::Rar,
    &cab::Cab,
    &exe::Exe,
    &exe::Script,
    &ar::Ar,
    &rpm::Rpm,
    &cpio::Cpio,
    &ole::Ole2,
    &rtf::Rtf,
    #[cfg(feature = "heic")]
    &heif::Heif,
    #[cfg(not(feature = "heic"))]
    &known::HEIC,
    &known::AVIF,
    #[cfg(feature = "djvu")]
    &djvu::Djvu,
    #[cfg(not(feature = "djvu"))]
    &known::DJVU,
    &pst::Pst,
    &metafile::Emf,
    &metafile::Wmf,
    &spool::Spool,
    &pcl::Pcl,
    &postscript::PostScript,
    &known::JPEG_XL,
    &known::JPEG_XR,
    &sqlite::Sqlite,
    &wal::Wal,
    &evtx::Evtx,
    &journal::Journal,
    &parquet::Parquet,
    &known::OPENPGP,
    &known::OPENSSL,
    &known::PCX,
    &dicom::Dicom,
    &known::ONE_C,
    &known::ACCESS,
    &tnef::Tnef,
    &cms::Cms,
    &known::CHM,
    &known::DISK,
    &known::ARCHIVE,
    &known::ROWS,
    &known::IMAGE,
    &known::PRINTER,
    &flat::Flat,
    // Discs of both kinds may begin with anything.
    &iso9660::Iso9660,
    &mbox::Mbox,
    &tar::Tar,
    // No magic: what has one is asked before.
    &dbf::Dbf,
    &tga::Tga,
    &streams::LZMA,
    &html::Html,
    &emlx::Emlx,
    &mail::Mail,
    // Any text: all that have a form of their own are asked before.
    &embedded::Embedded,
];

/// The format of these bytes, if it is one that is opened.
pub fn recognise(head: &[u8]) -> Option<&'static dyn Extractor> {
    FORMATS.iter().copied().find(|f| f.sniff(head))
}

/// Whether this child of a document is a picture that fills its page.
pub fn fills_page(child: &Content) -> bool {
    match child {
        Content::Picture { picture, .. } => picture.facts.full_page,
        Content::Bytes { bytes, .. } => jpeg::fills_page(bytes),
        Content::Text { .. } | Content::Skipped { .. } => false,
    }
}
