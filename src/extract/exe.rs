//! Programs of Windows, DOS and Linux, and scripts: an archive that a program carries (self-extractors of zip, 7z, rar,
//! cab, installers) is a child. A program alone gives nothing; its bytes are looked at as raw bytes.
//!
//! Packers put the archive behind the last section; IExpress puts cabinets among the resources. What
//! is behind a program and no archive that is known is told: installers have formats of their own.

use super::Extractor;
use super::bytes::{part, u16_le, u32_le, u64_le};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "exe";
/// Data behind a program under this are no archive with a document: padding, marks, keys.
const MIN_OVERLAY: usize = 1 << 10;
/// An archive begins with the overlay, or behind a configuration of some lines.
const MAX_BEFORE: usize = 1 << 20;
/// Programs of Linux of the usual byte order.
const ELF: &[u8] = b"\x7fELF";
const CABINET: &[u8] = b"MSCF\0\0\0\0";
/// How the archives begin that a program carries.
const ARCHIVES: &[(&[u8], &str)] = &[
    (b"7z\xbc\xaf\x27\x1c\0", "archive.7z"),
    (b"Rar!\x1a\x07", "archive.rar"),
    (b"PK\x03\x04", "archive.zip"),
    (CABINET, "archive.cab"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "package.msi"),
];

pub struct Exe;

impl Extractor for Exe {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.microsoft.portable-executable"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"MZ") && (pe_header(head).is_some() || dos_end(head).is_some())
            || head.starts_with(ELF)
    }

    fn is_text(&self) -> bool {
        true
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        if bytes.starts_with(ELF) {
            let behind = elf_end(bytes).and_then(|end| bytes.get(end..)).unwrap_or_default();
            return archive(behind, at, budget, out).map(drop);
        }
        let Some(header) = pe_header(bytes) else {
            // What lies behind a program of DOS may be a program of Windows 3 or OS/2.
            let behind = dos_end(bytes).and_then(|end| bytes.get(end..)).unwrap_or_default();
            return archive(behind, at, budget, out).map(drop);
        };
        let end = program_end(bytes, header).min(bytes.len());
        let (program, behind) = bytes.split_at(end);
        cabinets(program, at, budget, out)?;
        let behind = overlay(behind, end, bytes, header);
        let filled = behind.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        if !archive(behind, at, budget, out)? && filled >= MIN_OVERLAY {
            let detail = "data behind the program are no archive that is read";
            let skip = Skip::Unsupported { format: FORMAT, detail: detail.into() };
            out.push(Content::Skipped { at: at.clone(), skip });
        }
        Ok(())
    }
}

/// A script that carries an archive behind its last line (makeself).
pub struct Script;

/// How that archive begins: gzip, xz, bzip2, zstd, zip.
const PAYLOADS: &[&[u8]] =
    &[b"\n\x1f\x8b\x08", b"\n\xfd7zXZ\0", b"\nBZh", b"\n\x28\xb5\x2f\xfd", b"\nPK\x03\x04"];

impl Extractor for Script {
    fn name(&self) -> &'static str {
        "script"
    }

    fn media_type(&self) -> &'static str {
        "application/x-shellscript"
    }

    /// No script has a zero byte of its own.
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"#!/") && memchr::memchr(0, head).is_some()
    }

    fn is_text(&self) -> bool {
        true
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let starts = PAYLOADS.iter().filter_map(|magic| memchr::memmem::find(bytes, magic));
        let Some(payload) = starts.min().and_then(|newline| bytes.get(newline + 1..)) else {
            let detail = "data behind the script are no archive that is read";
            let skip = Skip::Unsupported { format: "script", detail: detail.into() };
            out.push(Content::Skipped { at: at.clone(), skip });
            return Ok(());
        };
        give(payload, at.member("payload"), budget, out)
    }
}

/// Where the COFF header of a PE file begins.
fn pe_header(bytes: &[u8]) -> Option<usize> {
    let at = usize::try_from(u32_le(bytes, 0x3c)?).ok()?;
    (part(bytes, at, 4)? == b"PE\0\0").then(|| at.checked_add(4))?
}

/// Where a program of Linux ends: behind the table of its sections (System V ABI, Elf64_Ehdr, Elf32_Ehdr).
fn elf_end(bytes: &[u8]) -> Option<usize> {
    let (start, size) = match bytes.get(4)? {
        2 => (usize::try_from(u64_le(bytes, 40)?).ok()?, 58),
        _ => (usize::try_from(u32_le(bytes, 32)?).ok()?, 46),
    };
    let table = usize::from(u16_le(bytes, size)?) * usize::from(u16_le(bytes, size + 2)?);
    start.checked_add(table)
}

/// Where a program of DOS says that it ends: pages of 512 bytes, and the bytes in the last.
fn dos_end(bytes: &[u8]) -> Option<usize> {
    let (last, pages) = (u16_le(bytes, 2)?, u16_le(bytes, 4)?);
    let (header, relocations) = (u16_le(bytes, 8)?, u16_le(bytes, 0x18)?);
    let pages = usize::from(pages.checked_sub(u16::from(last != 0))?);
    let end = pages.checked_mul(512)?.checked_add(usize::from(last))?;
    // Two letters begin many a text; the numbers of a header are small.
    (last < 512 && (2..=0x400).contains(&header) && relocations >= 0x1c && end > 0x20)
        .then_some(end)
}

/// The end of the last section.
fn program_end(bytes: &[u8], header: usize) -> usize {
    let sections = usize::from(u16_le(bytes, header.saturating_add(2)).unwrap_or(0));
    let optional = usize::from(u16_le(bytes, header.saturating_add(16)).unwrap_or(0));
    let table = header.saturating_add(20).saturating_add(optional);
    let end_of = |index: usize| {
        let entry = part(bytes, table.checked_add(index * 40)?, 40)?;
        let (size, start) = (u32_le(entry, 16)?, u32_le(entry, 20)?);
        (size > 0).then(|| u64::from(size) + u64::from(start))
    };
    let end = (0..sections).filter_map(end_of).max().unwrap_or(table as u64);
    usize::try_from(end).unwrap_or(usize::MAX)
}

/// What is behind the sections without the symbols of compilers and the signature of the program.
fn overlay<'a>(behind: &'a [u8], start: usize, bytes: &[u8], header: usize) -> &'a [u8] {
    let mut rest = behind;
    if let Some((signature, _)) = signature(bytes, header)
        && let Some(len) = signature.checked_sub(start)
        && let Some(before) = behind.get(..len)
    {
        rest = before;
    }
    let symbols = || {
        let place = usize::try_from(u32_le(bytes, header.checked_add(8)?)?).ok()?;
        let count = usize::try_from(u32_le(bytes, header.checked_add(12)?)?).ok()?;
        let names = place.checked_add(count.checked_mul(18)?)?;
        let len = usize::try_from(u32_le(bytes, names)?).ok()?;
        let end = names.checked_add(len)?.checked_sub(start)?;
        (place >= start).then_some(end)
    };
    if let Some(end) = symbols() {
        rest = rest.get(end..).unwrap_or_default();
    }
    rest
}

/// Place and length of the certificates: entry 4 of the directories.
fn signature(bytes: &[u8], header: usize) -> Option<(usize, usize)> {
    let optional = header.checked_add(20)?;
    let directories = match u16_le(bytes, optional)? {
        0x20b => 112,
        _ => 96,
    };
    let entry = optional.checked_add(directories + 4 * 8)?;
    let place = usize::try_from(u32_le(bytes, entry)?).ok()?;
    let len = usize::try_from(u32_le(bytes, entry.checked_add(4)?)?).ok()?;
    (place > 0 && len > 0).then_some((place, len))
}

/// The archive that begins first. Whether there was one.
fn archive(
    behind: &[u8],
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<bool, Skip> {
    let near = behind.get(..MAX_BEFORE).unwrap_or(behind);
    let first = ARCHIVES
        .iter()
        .filter_map(|(magic, name)| Some((memchr::memmem::find(near, magic)?, *name)))
        .min();
    let Some((start, name)) = first else { return Ok(false) };
    give(behind.get(start..).unwrap_or_default(), at.member(name), budget, out)?;
    Ok(true)
}

/// Cabinets among the resources, each with the length and the version that it says.
fn cabinets(
    program: &[u8],
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let (mut behind, mut number) = (0, 0u32);
    for start in memchr::memmem::find_iter(program, CABINET) {
        let Some(cabinet) = program.get(start..).filter(|_| start >= behind) else { continue };
        let len = u32_le(cabinet, 8).and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
        let version = part(cabinet, 24, 2) == Some(&[3, 1]);
        let Some(whole) = cabinet.get(..len).filter(|whole| version && whole.len() > 36) else {
            continue;
        };
        number += 1;
        give(whole, at.member(format!("cabinet {number}")), budget, out)?;
        behind = start.saturating_add(len);
    }
    Ok(())
}

fn give(
    bytes: &[u8],
    at: Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    budget.member()?;
    budget.charge(bytes.len() as u64)?;
    out.push(Content::Bytes { at, bytes: bytes.to_vec() });
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::extract::samples::{children, format_of, open, reasons, zip};
    use crate::extract::zip::Zip;

    /// A program of one section with these bytes in it and these behind it.
    fn program(section: &[u8], behind: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 0x200];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3c] = 0x80;
        bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
        bytes[0x86] = 1;
        bytes[0x94] = 0xe0;
        bytes[0x98..0x9a].copy_from_slice(&[0x0b, 1]);
        let entry = 0x98 + 0xe0;
        bytes[entry + 16..entry + 20].copy_from_slice(&(section.len() as u32).to_le_bytes());
        bytes[entry + 20..entry + 24].copy_from_slice(&0x200u32.to_le_bytes());
        [&bytes, section, behind].concat()
    }

    fn code() -> Vec<u8> {
        (0..4000u32).map(|i| ((i * i) >> 3) as u8).collect()
    }

    #[test]
    fn an_archive_behind_a_program_of_linux_is_its_child() {
        let mut program = vec![0; 200];
        program[..5].copy_from_slice(b"\x7fELF\x02");
        (program[40], program[58], program[60]) = (100, 50, 2);
        let (out, end) = open(&Exe, &[program.clone(), zip(&[("a.txt", b"hi")])].concat());
        assert_eq!(end, Ok(()));
        assert_eq!(format_of(children(&out)[0].1), Some("zip"));
        assert!(open(&Exe, &program).0.is_empty());
    }

    #[test]
    fn an_archive_behind_a_program_is_its_child() {
        let inner = zip(&[("кадры.txt", "ИИН 900101100014".as_bytes())]);
        let config = b";!@Install@!UTF-8!\nTitle=\"x\"\n;!@InstallEnd@!\n";
        let seven = [config.as_slice(), b"7z\xbc\xaf\x27\x1c\0\x04", &code()].concat();
        let long = [inner.as_slice(), &[b' '; 2000]].concat();
        for (behind, name) in [(&long, "archive.zip"), (&seven, "archive.7z")] {
            let exe = program(&code(), behind);
            assert_eq!(format_of(&exe), Some("exe"));
            let (out, end) = open(&Exe, &exe);
            assert_eq!((end, reasons(&out).len()), (Ok(()), 0));
            assert_eq!(children(&out)[0].0, name);
        }
    }

    #[test]
    fn members_are_found_whether_their_places_count_from_the_program_or_not() {
        // As `cat stub a.zip` leaves it, and as `zip -A` does.
        let inner = zip(&[("a.txt", &b"IIN 900101100014 ".repeat(90))]);
        let plain = program(&code(), &inner);
        let mut shifted = plain.clone();
        let by = (plain.len() - inner.len()) as u32;
        for (magic, place) in [(b"PK\x01\x02", 42), (b"PK\x05\x06", 16)] {
            let at = memchr::memmem::rfind(&shifted, magic).unwrap() + place;
            let old = u32_le(&shifted, at).unwrap();
            shifted[at..at + 4].copy_from_slice(&(old + by).to_le_bytes());
        }
        for exe in [plain, shifted] {
            let padded = [exe.as_slice(), &[]].concat();
            let (out, _) = open(&Exe, &padded);
            let archive = children(&out)[0].1;
            let (members, end) = open(&Zip, archive);
            assert_eq!((end, reasons(&members).len()), (Ok(()), 0));
            assert_eq!(children(&members)[0].0, "a.txt");
        }
    }

    #[test]
    fn cabinets_among_the_resources_are_children() {
        let mut cabinet = vec![0; 60];
        cabinet[..4].copy_from_slice(b"MSCF");
        cabinet[8] = 60;
        cabinet[24..26].copy_from_slice(&[3, 1]);
        let exe = program(&[code(), cabinet, code()].concat(), &[]);
        let (out, end) = open(&Exe, &exe);
        assert_eq!(end, Ok(()));
        let found = children(&out);
        assert_eq!((found.len(), found[0].0.as_str(), found[0].1.len()), (1, "cabinet 1", 60));
    }

    #[test]
    fn a_program_alone_is_silent_and_unknown_data_behind_it_are_told() {
        let silent = |exe: &[u8]| {
            let (out, end) = open(&Exe, exe);
            assert_eq!((out.len(), end), (0, Ok(())));
        };
        silent(&program(&code(), &[]));
        silent(&program(&code(), &[0; 5000]));
        let (out, end) = open(&Exe, &program(&code(), &code()));
        assert_eq!((end, reasons(&out)), (Ok(()), vec!["unsupported"]));
        // Signed: the certificate is the last, and is no data.
        let mut signed = program(&code(), &code());
        let place = (0x200 + code().len()) as u32;
        signed[0x98 + 96 + 32..][..4].copy_from_slice(&place.to_le_bytes());
        signed[0x98 + 96 + 36..][..4].copy_from_slice(&(code().len() as u32).to_le_bytes());
        silent(&signed);
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        let exe = program(&code()[..300], &zip(&[("a.txt", &code())]));
        for at in 0..exe.len() {
            open(&Exe, &exe[..at]).1.ok();
            let mut changed = exe.clone();
            changed[at] ^= 0xff;
            open(&Exe, &changed).1.ok();
        }
    }

    #[test]
    fn an_archive_behind_a_script_is_its_child() {
        let script = b"#!/bin/sh\ntail -n +4 $0 | tar xz\nexit 0\n";
        let bytes = [script.as_slice(), b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &code()].concat();
        assert_eq!(format_of(&bytes), Some("script"));
        let (out, end) = open(&Script, &bytes);
        assert_eq!((end, children(&out)[0].0.as_str()), (Ok(()), "payload"));
        assert_eq!(children(&out)[0].1.len(), bytes.len() - script.len());
        assert_eq!(format_of(script), None);
        let (out, end) = open(&Script, &[script.as_slice(), &[0; 9]].concat());
        assert_eq!((end, reasons(&out)), (Ok(()), vec!["unsupported"]));
    }

    #[test]
    fn texts_that_begin_with_its_letters_are_not_programs() {
        assert_eq!(format_of(b"MZ 900101100014, the first of many"), None);
        assert_eq!(format_of(&[b"MZ".as_slice(), &[b'x'; 600]].concat()), None);
    }
}
