//! RAR of all versions, unpacked by the crate `rars` (safe Rust, written from a description of the
//! format, not from RAR's own sources). Where it finds the archive damaged the list of members is read
//! here, as far as it goes, so that names are looked at and members that are only stored are read.

mod unpack;

use super::bytes::{part, u16_le, u32_le};
use super::{Extractor, names};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "rar";
const MAGIC_4: &[u8] = b"Rar!\x1a\x07\0";
const MAGIC_5: &[u8] = b"Rar!\x1a\x07\x01\0";
const PACKED: &str = "packed member of a damaged archive";

pub struct Rar;

impl Extractor for Rar {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.rar"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(MAGIC_4) || head.starts_with(MAGIC_5)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        match unpack::unpack(at, bytes, budget, out) {
            Ok(()) => return Ok(()),
            // Not one member was there yet: what is left can be looked at here.
            Err(Skip::Damaged { .. } | Skip::Unsupported { .. }) if out.is_empty() => {}
            Err(skip) => return Err(skip),
        }
        let next = if bytes.starts_with(MAGIC_5) { block_5 } else { block_4 };
        let mut place = if bytes.starts_with(MAGIC_5) { MAGIC_5.len() } else { MAGIC_4.len() };
        while place < bytes.len() {
            let block = next(bytes, place);
            let block = block.ok_or_else(|| Skip::damaged(FORMAT, "header does not parse"))?;
            match block.kind {
                Kind::Locked => return Err(Skip::Encrypted { format: FORMAT }),
                Kind::End => return Ok(()),
                Kind::File(member) => {
                    let data = bytes.get(block.data..).unwrap_or_default();
                    let size = usize::try_from(block.size).unwrap_or(usize::MAX);
                    tell(&member, data, size, at, budget, out)?;
                }
                Kind::Other => {}
            }
            let size = usize::try_from(block.size).unwrap_or(usize::MAX);
            place = block.data.saturating_add(size);
        }
        // Archives of version 4 may end without a mark. What is wrong is told with its members.
        if out.is_empty() { Err(Skip::damaged(FORMAT, "no member can be read")) } else { Ok(()) }
    }
}

struct Block {
    kind: Kind,
    data: usize,
    size: u64,
}

enum Kind {
    File(Member),
    /// All that follows is locked, names too.
    Locked,
    End,
    Other,
}

struct Member {
    name: String,
    stored: bool,
    locked: bool,
    /// Begins or goes on in another volume.
    split: bool,
    crc: Option<u32>,
}

/// `Err` only when the budget is at its end.
fn tell(
    member: &Member,
    data: &[u8],
    size: usize,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    budget.member()?;
    let at = at.member(&member.name);
    let unsupported =
        |detail: &'static str| Skip::Unsupported { format: FORMAT, detail: detail.into() };
    let why = if member.locked {
        Skip::Encrypted { format: FORMAT }
    } else if !member.stored {
        Skip::damaged(FORMAT, PACKED)
    } else {
        let whole = data.get(..size);
        let data = whole.unwrap_or(data);
        budget.charge(data.len() as u64)?;
        if !data.is_empty() {
            out.push(Content::Bytes { at: at.clone(), bytes: data.to_vec() });
        }
        let mut crc = flate2::Crc::new();
        crc.update(data);
        if whole.is_none() {
            Skip::damaged(FORMAT, "member is cut short")
        } else if member.split {
            unsupported("member goes over several volumes")
        } else if member.crc.is_some_and(|stored| stored != crc.sum()) {
            Skip::damaged(FORMAT, "member fails its checksum")
        } else {
            return Ok(());
        }
    };
    out.push(Content::Skipped { at, skip: why });
    Ok(())
}

/// Version 4: checksum, type, flags, size of the header; then what the type says.
fn block_4(bytes: &[u8], at: usize) -> Option<Block> {
    let kind = *bytes.get(at.checked_add(2)?)?;
    let flags = u16_le(bytes, at + 3)?;
    let len = usize::from(u16_le(bytes, at + 5)?);
    let header = part(bytes, at, len).filter(|_| len >= 7)?;
    let data = at + len;
    let mut size = if flags & 0x8000 != 0 { u64::from(u32_le(header, 7)?) } else { 0 };
    let kind = match kind {
        0x73 if flags & 0x80 != 0 => Kind::Locked,
        0x74 => {
            let mut name_at = 32;
            size = u32_le(header, 7)?.into();
            if flags & 0x100 != 0 {
                size |= u64::from(u32_le(header, 32)?) << 32;
                name_at += 8;
            }
            let raw = part(header, name_at, u16_le(header, 26)?.into())?;
            let name = if flags & 0x200 != 0 { name_4(raw) } else { names::decode(raw) };
            let member = Member {
                name: name.replace('\\', "/"),
                stored: *header.get(25)? == 0x30,
                locked: flags & 4 != 0,
                split: flags & 3 != 0,
                crc: u32_le(header, 16),
            };
            // A window of the size that means none marks a folder.
            if flags & 0xe0 == 0xe0 { Kind::Other } else { Kind::File(member) }
        }
        0x7b => Kind::End,
        _ => Kind::Other,
    };
    Some(Block { kind, data, size })
}

/// A name in a code page, a zero, and how UTF-16 is made of it: two bits for each letter or run.
fn name_4(raw: &[u8]) -> String {
    let mut pieces = raw.splitn(2, |byte| *byte == 0);
    let plain = pieces.next().unwrap_or_default();
    let Some((high, mut rest)) = pieces.next().and_then(|packed| packed.split_first()) else {
        return names::decode(plain);
    };
    let high = u16::from(*high) << 8;
    let mut units: Vec<u16> = Vec::new();
    let (mut flags, mut left) = (0u8, 0);
    let take = |rest: &mut &[u8]| -> Option<u8> {
        let (first, after) = rest.split_first()?;
        *rest = after;
        Some(*first)
    };
    // No letter costs less than two bits, and a run gives at most 129.
    while !rest.is_empty() {
        if left == 0 {
            flags = take(&mut rest).unwrap_or(0);
            left = 4;
        }
        let mut step = || -> Option<()> {
            match flags >> 6 {
                0 => units.push(take(&mut rest)?.into()),
                1 => units.push(high | u16::from(take(&mut rest)?)),
                2 => units.push(u16::from(take(&mut rest)?) | u16::from(take(&mut rest)?) << 8),
                _ => {
                    let run = take(&mut rest)?;
                    let add = if run & 0x80 != 0 { Some(take(&mut rest)?) } else { None };
                    for _ in 0..usize::from(run & 0x7f) + 2 {
                        let byte = *plain.get(units.len())?;
                        units.push(match add {
                            Some(add) => high | u16::from(byte.wrapping_add(add)),
                            None => byte.into(),
                        });
                    }
                }
            }
            Some(())
        };
        if step().is_none() {
            break;
        }
        flags <<= 2;
        left -= 1;
    }
    String::from_utf16_lossy(&units)
}

/// Version 5: checksum, size, then numbers of seven bits a byte.
fn block_5(bytes: &[u8], at: usize) -> Option<Block> {
    let mut start = Numbers(bytes.get(at.checked_add(4)?..)?);
    let len = usize::try_from(start.number()?).ok()?;
    let from = bytes.len() - start.0.len();
    let mut fields = Numbers(part(bytes, from, len)?);
    let (kind, flags) = (fields.number()?, fields.number()?);
    let extra = if flags & 1 != 0 { usize::try_from(fields.number()?).ok()? } else { 0 };
    let size = if flags & 2 != 0 { fields.number()? } else { 0 };
    let kind = match kind {
        2 => {
            let file_flags = fields.number()?;
            fields.number()?;
            fields.number()?;
            if file_flags & 2 != 0 {
                fields.bytes(4)?;
            }
            let crc = if file_flags & 4 != 0 { u32_le(fields.bytes(4)?, 0) } else { None };
            let method = fields.number()? >> 7 & 7;
            fields.number()?;
            let name_len = usize::try_from(fields.number()?).ok()?;
            let name = String::from_utf8_lossy(fields.bytes(name_len)?).into_owned();
            let locked = fields.0.len() >= extra && is_locked(fields.0)?;
            let member =
                Member { name, stored: method == 0, locked, split: flags & 0x18 != 0, crc };
            if file_flags & 1 != 0 { Kind::Other } else { Kind::File(member) }
        }
        4 => Kind::Locked,
        5 => Kind::End,
        _ => Kind::Other,
    };
    Some(Block { kind, data: from.checked_add(len)?, size })
}

/// Whether a record of the extra area tells of a cipher.
fn is_locked(extra: &[u8]) -> Option<bool> {
    let mut records = Numbers(extra);
    while !records.0.is_empty() {
        let len = usize::try_from(records.number()?).ok()?;
        if Numbers(records.bytes(len)?).number() == Some(1) {
            return Some(true);
        }
    }
    Some(false)
}

struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for i in 0..10 {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(first & 0x7f).checked_shl(7 * i)?;
            if first & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, open, reasons};
    use crate::limits::{Limits, Passwords};

    const TEXT: &[u8] = b"iin=900101100004\n";

    fn crc(data: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        crc.sum()
    }

    /// Version 4, as its technote describes it: method and flags of the one file are given.
    fn version_4(method: u8, flags: u16, name: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC_4.to_vec();
        bytes.extend_from_slice(&[0, 0, 0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend_from_slice(&[0, 0, 0x74]);
        bytes.extend_from_slice(&(flags | 0x8000).to_le_bytes());
        bytes.extend_from_slice(&(32 + name.len() as u16).to_le_bytes());
        for number in [TEXT.len() as u32, TEXT.len() as u32] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.push(2);
        bytes.extend_from_slice(&crc(TEXT).to_le_bytes());
        bytes.extend_from_slice(&[0, 0, 0, 0, 20, method]);
        bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&[32, 0, 0, 0]);
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(TEXT);
        bytes.extend_from_slice(&[0, 0, 0x7b, 0, 0x40, 7, 0]);
        bytes
    }

    fn version_5(method: u8, extra: &[u8]) -> Vec<u8> {
        let name = "Сканы/жеке куәлік.jpg".as_bytes();
        let mut header = vec![2, 2 | u8::from(!extra.is_empty())];
        if !extra.is_empty() {
            header.push(extra.len() as u8);
        }
        header.extend_from_slice(&[TEXT.len() as u8, 4, TEXT.len() as u8, 32]);
        header.extend_from_slice(&crc(TEXT).to_le_bytes());
        header.extend_from_slice(&[
            0x80 | (method << 7),
            0x01 & (method >> 1),
            1,
            name.len() as u8,
        ]);
        header.extend_from_slice(name);
        header.extend_from_slice(extra);
        let mut bytes = MAGIC_5.to_vec();
        bytes.extend_from_slice(&[0, 0, 0, 0, 3, 1, 0, 0]); // main header
        bytes.extend_from_slice(&[0, 0, 0, 0, header.len() as u8]);
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(TEXT);
        bytes.extend_from_slice(&[0, 0, 0, 0, 3, 5, 0, 0]);
        bytes
    }

    #[test]
    fn stored_members_are_read() {
        for bytes in [version_4(0x30, 0, "Кадры.txt".as_bytes()), version_5(0, &[])] {
            let (out, end) = open(&Rar, &bytes);
            assert_eq!((end, reasons(&out).len()), (Ok(()), 0));
            assert_eq!(children(&out)[0].1, TEXT);
        }
    }

    #[test]
    fn what_rar_itself_packed_and_locked_is_read_with_the_password() {
        let locked: &[u8] = include_bytes!("../../fixtures/containers/locked.rar");
        let members: &[u8] = include_bytes!("../../fixtures/containers/locked-members.rar");
        let with = |bytes: &[u8], passwords: &str| {
            let passwords = Passwords::from_lines(passwords).unwrap();
            let mut budget =
                Budget::new(&Limits::default(), bytes.len() as u64).with_passwords(&passwords);
            let mut out = Vec::new();
            let end = Rar.open(&Locator::file("a"), bytes, &mut budget, &mut out);
            (out, end)
        };
        for (bytes, texts) in [(locked, 1), (members, 2)] {
            let (out, end) = with(bytes, "wrong\nsecret\n");
            assert_eq!((end, reasons(&out).len(), children(&out).len()), (Ok(()), 0, texts));
            assert!(children(&out).iter().any(|(_, b)| b.ends_with(b"900101100004\n")));
        }
        assert_eq!(with(locked, "wrong\n").1, Err(Skip::Encrypted { format: FORMAT }));
        let (out, end) = with(members, "wrong\n");
        assert_eq!((end, reasons(&out)), (Ok(()), vec!["encrypted"; 2]));
    }

    #[test]
    fn packed_and_locked_members_are_told_by_name() {
        let cases = [
            (version_4(0x33, 0, b"a.jpg"), "a.jpg", "damaged"),
            (version_4(0x30, 4, b"a.jpg"), "a.jpg", "encrypted"),
            (version_5(2, &[]), "Сканы/жеке куәлік.jpg", "damaged"),
            (version_5(0, &[2, 1, 0]), "Сканы/жеке куәлік.jpg", "encrypted"),
        ];
        for (bytes, name, reason) in cases {
            let (out, end) = open(&Rar, &bytes);
            assert_eq!((end, reasons(&out)), (Ok(()), vec![reason]), "{name}");
            assert!(matches!(&out[0], Content::Skipped { at, .. } if at.name() == name));
        }
        let mut locked = version_4(0x30, 0, b"a");
        locked[10] = 0x80;
        assert_eq!(open(&Rar, &locked).1, Err(Skip::Encrypted { format: FORMAT }));
    }

    #[test]
    fn names_of_version_4_are_unpacked_to_unicode() {
        // Plain "K p.txt", a zero, the high byte of Cyrillic; К and а with it, then the plain run.
        let raw = b"??pbI.txt\0\x04\x5c\x1a\x30\x02\x34\x40\x44";
        let name = name_4(raw);
        assert!(name.starts_with("Ка"), "{name}");
        assert_eq!(name_4(b"plain.txt"), "plain.txt");
        assert_eq!(name_4(b"plain.txt\0\x04\xff\xff"), "");
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        for bytes in [version_4(0x30, 0x100, &[b'n'; 40]), version_5(0, &[2, 1, 0])] {
            for at in 0..bytes.len() {
                open(&Rar, &bytes[..at]).1.ok();
                for value in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut changed = bytes.clone();
                    changed[at] = value;
                    open(&Rar, &changed).1.ok();
                }
            }
        }
    }
}
