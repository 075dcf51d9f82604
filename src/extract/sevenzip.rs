//! 7z: every file becomes a child, block by block (a solid block is unpacked once). Locked blocks
//! and locked lists of names are tried with the passwords of the run.
//!
//! The crate bounds what it allocates by the length of the list of members, unpacked; that length
//! is read here before, since it may be a lie, and bounded.

use std::io::{Cursor, Read};

use sevenz_rust2::{Archive, ArchiveEntry, Block, BlockDecoder, EncoderMethod, Error, Password};

use super::archive::read_to_damage;
use super::bytes::{part, u32_le, u64_le};
use super::streams::MAX_WINDOW;
use super::{Extractor, parts};
use crate::error::{Bound, Skip};
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "7z";
const SIGNATURE: &[u8; 6] = b"7z\xbc\xaf\x27\x1c";
/// Signature, version, and the place of the list of members.
const START: usize = 32;
/// The list of members, unpacked. 20,000 members take about two thirds of it; a list that lies may
/// cost the memory of some two hundred times its length.
const MAX_LIST: u64 = 3 << 20;

pub struct SevenZip;

impl Extractor for SevenZip {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-7z-compressed"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(SIGNATURE)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let list = list_len(bytes).ok_or_else(|| {
            let cut =
                || damaged("its list of members is behind the end: cut, or one part of several");
            match list_end(bytes) {
                Some(end) if end > bytes.len() as u64 => {
                    parts::first_part(&at.name()).unwrap_or_else(cut)
                }
                _ => damaged("no list of members"),
            }
        })?;
        if list > MAX_LIST {
            return Err(Skip::OverBudget(Bound::Members(budget.limits().max_members)));
        }
        budget.charge(list)?;
        let passwords = passwords(budget);
        let archive = members(bytes, &passwords, budget)?;
        for index in 0..archive.blocks.len() {
            let block = Unpack { archive: &archive, index, bytes, at };
            block.run(&passwords, budget, out)?;
        }
        Ok(())
    }
}

fn damaged(detail: &'static str) -> Skip {
    Skip::damaged(FORMAT, detail)
}

/// None first: most archives are not locked.
fn passwords(budget: &Budget) -> Vec<Password> {
    let configured = budget.passwords();
    std::iter::once(Password::empty()).chain(configured.iter().map(Password::new)).collect()
}

/// The list of members, which may be locked itself.
fn members(bytes: &[u8], passwords: &[Password], budget: &Budget) -> Result<Archive, Skip> {
    let mut locked = false;
    for password in passwords {
        budget.in_time()?;
        match Archive::read(&mut Cursor::new(bytes), password) {
            Ok(archive) => return Ok(archive),
            Err(Error::PasswordRequired) => locked = true,
            // The wrong password gives what does not decode, or a list that makes no sense.
            Err(_) if locked => {}
            Err(e) => return Err(told(&e)),
        }
    }
    Err(Skip::Encrypted { format: FORMAT })
}

fn told(e: &Error) -> Skip {
    let unsupported =
        |detail: &'static str| Skip::Unsupported { format: FORMAT, detail: detail.into() };
    match e {
        Error::UnsupportedCompressionMethod(_) => unsupported("compression method"),
        Error::MaxMemLimited { .. } => unsupported("its dictionary is over the limit for memory"),
        Error::Unsupported(_) | Error::ExternalUnsupported | Error::UnsupportedVersion { .. } => {
            unsupported("variant of the format")
        }
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Skip::Encrypted { format: FORMAT },
        _ => damaged("list of members or block does not parse"),
    }
}

fn is_locked(block: &Block) -> bool {
    methods(block).any(|(id, _)| id == EncoderMethod::ID_AES256_SHA256)
}

fn methods(block: &Block) -> impl Iterator<Item = (&[u8], &[u8])> {
    block.ordered_coder_iter().map(|(_, coder)| (coder.encoder_method_id(), coder.properties()))
}

/// Whether a coder of this block asks for a dictionary or model over the limit.
fn is_too_wide(block: &Block) -> bool {
    methods(block).any(|(id, properties)| match id {
        EncoderMethod::ID_LZMA | EncoderMethod::ID_PPMD => {
            u32_le(properties, 1).is_some_and(|size| size > MAX_WINDOW)
        }
        // Two bits of mantissa and an exponent; 32 is 128 MiB.
        EncoderMethod::ID_LZMA2 => properties.first().is_some_and(|size| *size > 32),
        _ => false,
    })
}

/// One block of an archive on its way out.
struct Unpack<'a> {
    archive: &'a Archive,
    index: usize,
    bytes: &'a [u8],
    at: &'a Locator,
}

/// What came of a block with one password.
enum End {
    /// As far as it goes.
    Done,
    /// Not one member came out right.
    Nothing(Skip),
    Over(Skip),
}

impl Unpack<'_> {
    /// `Err` only when the budget is at its end.
    fn run(
        &self,
        passwords: &[Password],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let Some(block) = self.archive.blocks.get(self.index) else { return Ok(()) };
        if is_too_wide(block) {
            let detail = "its dictionary is over the limit for memory";
            self.skip(&Skip::Unsupported { format: FORMAT, detail: detail.into() }, out);
            return Ok(());
        }
        let locked = is_locked(block);
        let tried = if locked { passwords.get(1..) } else { passwords.get(..1) };
        let mut why = Skip::Encrypted { format: FORMAT };
        for password in tried.unwrap_or_default() {
            budget.in_time()?;
            let before = out.len();
            match self.with(password, budget, out) {
                End::Done => return Ok(()),
                End::Over(over) => return Err(over),
                End::Nothing(skip) if locked => {
                    // Which password is wrong and what is damaged cannot be told apart.
                    out.truncate(before);
                    if matches!(skip, Skip::Unsupported { .. }) {
                        why = skip;
                        break;
                    }
                }
                End::Nothing(skip) => {
                    why = skip;
                    if out.len() > before {
                        return Ok(()); // told with the member
                    }
                }
            }
        }
        self.skip(&why, out);
        Ok(())
    }

    fn with(&self, password: &Password, budget: &mut Budget, out: &mut Vec<Content>) -> End {
        let mut source = Cursor::new(self.bytes);
        let block = BlockDecoder::new(1, self.index, self.archive, password, &mut source);
        let (mut whole, mut end) = (0, None);
        let result = block.for_each_entries(&mut |entry: &ArchiveEntry, data| {
            if entry.is_directory || entry.is_anti_item || !entry.has_stream {
                return Ok(true);
            }
            let at = self.at.member(&entry.name);
            // The crate says that a checksum fails instead of giving the last bytes, so those
            // before are taken first.
            let most = entry.size.saturating_sub(1);
            let read = budget.member().and_then(|()| {
                let (mut bytes, damage) = read_to_damage(FORMAT, data.take(most), budget)?;
                if damage.is_some() {
                    return Ok((bytes, damage));
                }
                let (last, damage) = read_to_damage(FORMAT, &mut *data, budget)?;
                bytes.extend_from_slice(&last);
                Ok((bytes, damage))
            });
            let (bytes, damage) = match read {
                Ok(read) => read,
                Err(over) => {
                    end = Some(End::Over(over));
                    return Ok(false);
                }
            };
            if !bytes.is_empty() {
                out.push(Content::Bytes { at: at.clone(), bytes });
            }
            match damage {
                None => whole += 1,
                Some(over @ Skip::OverBudget(_)) => end = Some(End::Over(over)),
                Some(skip) => {
                    out.push(Content::Skipped { at, skip: skip.clone() });
                    // What follows in a solid block hangs on what came before.
                    end = Some(if whole > 0 { End::Done } else { End::Nothing(skip) });
                }
            }
            Ok(end.is_none())
        });
        match (end, result) {
            (Some(end), _) => end,
            (None, Ok(_)) => End::Done,
            (None, Err(e)) if whole == 0 => End::Nothing(told(&e)),
            (None, Err(e)) => {
                out.push(Content::Skipped { at: self.at.clone(), skip: told(&e) });
                End::Done
            }
        }
    }

    /// Tells of every member of the block; its name alone may say what it is.
    fn skip(&self, skip: &Skip, out: &mut Vec<Content>) {
        let mut source = Cursor::new(self.bytes);
        let none = Password::empty();
        let block = BlockDecoder::new(1, self.index, self.archive, &none, &mut source);
        for entry in block.entries().iter().filter(|entry| entry.has_stream) {
            out.push(Content::Skipped { at: self.at.member(&entry.name), skip: skip.clone() });
        }
    }
}

/// Where the file says that its list of members ends.
fn list_end(bytes: &[u8]) -> Option<u64> {
    u64_le(bytes, 12)?.checked_add(u64_le(bytes, 20)?)?.checked_add(START as u64)
}

/// How long the list of members is once unpacked, by what the file says (7zFormat.txt of 7-Zip).
fn list_len(bytes: &[u8]) -> Option<u64> {
    let start = START.checked_add(usize::try_from(u64_le(bytes, 12)?).ok()?)?;
    let len = usize::try_from(u64_le(bytes, 20)?).ok()?;
    let list = part(bytes, start, len)?;
    match list.first() {
        Some(0x17) => Fields(list.get(1..)?).unpacked_len(),
        _ => Some(len as u64),
    }
}

/// Numbers of a packed list's description.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, len: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(len).ok()?..)?;
        Some(())
    }

    /// The number of leading one bits says how many bytes follow, low ones first.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let (mut value, mut mask) = (0u64, 0x80u8);
        for i in 0..8 {
            if first & mask == 0 {
                let high = u64::from(first & mask.wrapping_sub(1));
                return Some(value | high.checked_shl(8 * i)?);
            }
            value |= u64::from(self.byte()?) << (8 * i);
            mask >>= 1;
        }
        Some(value)
    }

    /// Pack info, then one folder; the size of what its last coder gives.
    fn unpacked_len(mut self) -> Option<u64> {
        if self.byte()? == 0x06 {
            self.number()?;
            let streams = self.number()?;
            loop {
                match self.byte()? {
                    0 => break,
                    0x09 => {
                        for _ in 0..streams {
                            self.number()?;
                        }
                    }
                    _ => return None, // a checksum of packed data: nobody writes it here
                }
            }
            (self.byte()? == 0x07).then_some(())?;
        }
        (self.byte()? == 0x0b && self.number()? >= 1 && self.byte()? == 0).then_some(())?;
        let (mut inputs, mut outputs) = (0u64, 0u64);
        for _ in 0..self.number()? {
            let flags = self.byte()?;
            self.skip(u64::from(flags & 15))?;
            let complex = flags & 0x10 != 0;
            inputs = inputs.checked_add(if complex { self.number()? } else { 1 })?;
            outputs = outputs.checked_add(if complex { self.number()? } else { 1 })?;
            if flags & 0x20 != 0 {
                let len = self.number()?;
                self.skip(len)?;
            }
        }
        let pairs = outputs.checked_sub(1)?;
        for _ in 0..pairs.checked_mul(2)? {
            self.number()?;
        }
        let packed = inputs.checked_sub(pairs)?;
        if packed > 1 {
            for _ in 0..packed {
                self.number()?;
            }
        }
        (self.byte()? == 0x0c).then_some(())?;
        // Whichever of the coders is the last one: none may give more.
        let mut most = 0;
        for _ in 0..outputs {
            most = most.max(self.number()?);
        }
        Some(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, open, open_with, open_within, reasons};
    use crate::limits::Limits;

    const NAMES: [&str; 3] = ["Сканы/list.csv", "Кадры.txt", "Сканы/жеке куәлік.txt"];

    fn names(out: &[Content]) -> Vec<String> {
        children(out).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn members_of_every_coder_come_out_with_their_names() {
        for name in ["solid.7z", "methods.7z", "copied.7z"] {
            let (out, end) = open(&SevenZip, &fixture(&format!("archives/{name}")));
            assert_eq!(end, Ok(()), "{name}");
            let found = names(&out);
            assert!(NAMES.iter().all(|n| found.iter().any(|f| f == n)), "{name}: {found:?}");
            assert_eq!((found.len(), reasons(&out).len()), (3, 0), "{name}");
        }
        let (out, _) = open(&SevenZip, &fixture("archives/bzip2.7z"));
        assert_eq!(children(&out)[0].1, "Сотрудник, ИИН 900101100014\n".as_bytes());
    }

    #[test]
    fn a_locked_archive_opens_with_a_password_of_the_list() {
        for (name, members) in [("locked.7z", 3), ("locked-names.7z", 1)] {
            let bytes = fixture(&format!("archives/{name}"));
            let (out, end) = open_with(&SevenZip, &bytes, "first\nқұпия-1\nlast\n");
            assert_eq!((end, names(&out).len()), (Ok(()), members), "{name}");
            assert!(reasons(&out).is_empty());
        }
        let bytes = fixture("archives/locked.7z");
        for passwords in ["", "wrong\nқұпия-2\n"] {
            let (out, end) = open_with(&SevenZip, &bytes, passwords);
            assert_eq!((end, reasons(&out)), (Ok(()), vec!["encrypted"; 3]), "{passwords:?}");
            // The names are open, and may tell.
            assert!(out.iter().any(|c| matches!(c, Content::Skipped { at, .. }
                if at.name() == "Сканы/жеке куәлік.txt")));
        }
        let (out, end) = open_with(&SevenZip, &fixture("archives/locked-names.7z"), "wrong\n");
        assert_eq!((out.len(), end), (0, Err(Skip::Encrypted { format: "7z" })));
    }

    #[test]
    fn a_changed_byte_is_damage_and_other_blocks_are_read() {
        let mut bytes = fixture("archives/copied.7z");
        let at = memchr::memmem::find(&bytes, b"900101100014").unwrap();
        bytes[at] ^= 1;
        let (out, end) = open(&SevenZip, &bytes);
        assert_eq!((end, reasons(&out)), (Ok(()), vec!["damaged"]));
        assert_eq!(children(&out).len(), 3, "what came before the damage is kept");
    }

    #[test]
    fn a_part_of_several_is_told() {
        let bytes = fixture("archives/solid.7z");
        let mut budget = Budget::new(&Limits::default(), 100);
        let open = |name: &str, budget: &mut Budget| {
            SevenZip.open(&Locator::file(name), &bytes[..100], budget, &mut Vec::new())
        };
        assert!(matches!(open("a.7z.001", &mut budget), Err(Skip::Unsupported { .. })));
        assert!(matches!(open("a.7z", &mut budget), Err(Skip::Damaged { .. })));
    }

    #[test]
    fn the_members_of_one_file_are_counted() {
        let limits = Limits { max_members: 1, ..Limits::default() };
        let (out, end) = open_within(&SevenZip, &fixture("archives/solid.7z"), &limits);
        assert!(matches!(end, Err(Skip::OverBudget(Bound::Members(1)))));
        assert_eq!(children(&out).len(), 1);
    }

    #[test]
    fn a_list_that_says_it_is_huge_is_not_unpacked() {
        let bytes = fixture("archives/solid.7z");
        assert!(list_len(&bytes).is_some_and(|len| (100..2000).contains(&len)));
        // A plain list may not be longer than the file.
        let mut bytes = bytes;
        bytes[20..28].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(open(&SevenZip, &bytes).1, Err(damaged("no list of members")));
    }

    #[test]
    fn numbers_are_read_as_7_zip_writes_them() {
        for (bytes, value) in [
            (&[0x7f][..], 0x7f),
            (&[0x80, 0x80], 0x80),
            (&[0xbf, 0xff], 0x3fff),
            (&[0xc0, 0x34, 0x12], 0x1234),
            (&[0xff, 1, 2, 3, 4, 5, 6, 7, 8], 0x0807_0605_0403_0201),
        ] {
            assert_eq!(Fields(bytes).number(), Some(value), "{bytes:x?}");
        }
        assert_eq!(Fields(&[0xc0, 1]).number(), None);
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        let bytes = fixture("archives/solid.7z");
        for at in 0..bytes.len() {
            open(&SevenZip, &bytes[..at]).1.ok();
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            open(&SevenZip, &changed).1.ok();
        }
    }
}
