//! Files made to hurt whoever opens them, and what must become of each.
//!
//! All are built here, from nothing but the formats' own rules; none is kept in the repository. Some
//! hold something to be found as well: an attack may not hide what lies beside it.

// Each test file uses its own part of this.
#![allow(dead_code)]

pub mod binaries;
pub mod carried;
pub mod mails;
pub mod markup;
pub mod packed;
pub mod pdfs;
pub mod pictures;
pub mod quines;
pub mod tars;
pub mod zips;

/// What must become of an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing can be lost in it, or as much as the reader likes: it must end, that is all.
    Any,
    /// It cannot be read in full, and that must be told.
    Lost,
    /// What was planted in it is found.
    Found,
    /// Both: what was planted is found, and that something else was not read is told.
    FoundAndLost,
}

/// One file.
pub struct Attack {
    pub name: String,
    pub bytes: Vec<u8>,
    pub fate: Fate,
}

pub fn attack(name: impl Into<String>, fate: Fate, bytes: impl Into<Vec<u8>>) -> Attack {
    Attack { name: name.into(), bytes: bytes.into(), fate }
}

/// All of them. `planted` is a picture of an identity document as a PNG.
pub fn all(planted: &[u8]) -> Vec<Attack> {
    let mut all = Vec::new();
    all.extend(zips::attacks(planted));
    all.extend(quines::attacks());
    all.extend(packed::attacks(planted));
    all.extend(tars::attacks(planted));
    all.extend(markup::attacks(planted));
    all.extend(pdfs::attacks(planted));
    all.extend(pictures::attacks());
    all.extend(mails::attacks(planted));
    all.extend(binaries::attacks());
    all.extend(carried::attacks());
    all
}

/// A line with a personal number that nothing speaks against.
pub fn labelled() -> Vec<u8> {
    "Заявитель: ИИН 900101100004\n".into()
}

pub fn u16_le(value: usize) -> [u8; 2] {
    (value as u16).to_le_bytes()
}

pub fn u32_le(value: usize) -> [u8; 4] {
    (value as u32).to_le_bytes()
}

pub fn u32_be(value: usize) -> [u8; 4] {
    (value as u32).to_be_bytes()
}

pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
