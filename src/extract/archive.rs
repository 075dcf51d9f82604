//! The zip directory (APPNOTE 6.3.10), read leniently: what zip, docx, xlsx, pptx and odf share.
//!
//! Every entry of the central directory is listed, also those of one name twice, which libraries
//! that keep a map lose. Where the directory is missing or broken (a cut download) the local
//! headers are walked instead. Stored and deflated members are read here; the rarer methods and AES
//! go through the zip crate, one member at a time. Locked members are tried with the passwords of
//! the run. Members that lie over one another, as in some bombs, are told and not unpacked.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};

use super::bytes::{part, u16_le, u32_le, u64_le};
use super::{names, streams, unlock};
use crate::error::{Bound, Skip};
use crate::limits::Budget;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END64: &[u8; 4] = b"PK\x06\x06";
const LOCAL_LEN: usize = 30;
const CENTRAL_LEN: usize = 46;
const END_LEN: usize = 22;
/// The end record may be followed by a comment of this many bytes.
const MAX_COMMENT: usize = 65_535;
const FLAG_ENCRYPTED: u16 = 1;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_STRONG: u16 = 1 << 6;
const FLAG_UTF8: u16 = 1 << 11;
/// "Method" of members locked by AES, and the extra field with the true one (APPNOTE E).
const METHOD_AES: u16 = 99;
const EXTRA_AES: u16 = 0x9901;

/// The directory of a zip file.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    format: &'static str,
    pub(super) members: Vec<Member>,
    /// The first member of each name, in small letters (parts of a package ignore case).
    by_name: HashMap<String, usize>,
    /// Why the list may be incomplete.
    pub(super) damage: Option<Skip>,
}

/// One entry of the directory.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// With `/` between folders, as stored otherwise.
    pub(super) name: String,
    flags: u16,
    method: u16,
    /// As DOS has it.
    time: u16,
    packed: u64,
    size: u64,
    crc: u32,
    /// Of the local header.
    offset: usize,
    /// Version of the scheme, vendor, strength, method.
    aes: Option<[u8; 7]>,
    /// Another member begins within this one.
    overlaps: bool,
}

/// How far the members lie from where the directory has them.
#[derive(Clone, Copy)]
struct Shift {
    forth: usize,
    back: usize,
}

impl Shift {
    fn of(self, offset: usize) -> Option<usize> {
        offset.checked_add(self.forth)?.checked_sub(self.back)
    }
}

/// What a member held; `damage` says why it may not be all.
pub(super) struct Unpacked {
    pub(super) bytes: Vec<u8>,
    pub(super) damage: Option<Skip>,
}

impl Member {
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }
}

impl<'a> Archive<'a> {
    /// Lists the members. `format` names the file in skips (`"docx"`). Costs one pass over the
    /// directory; nothing is unpacked.
    pub(super) fn open(
        format: &'static str,
        bytes: &'a [u8],
        budget: &Budget,
    ) -> Result<Archive<'a>, Skip> {
        let max = budget.limits().max_members;
        let mut archive =
            Archive { bytes, format, members: Vec::new(), by_name: HashMap::new(), damage: None };
        if !archive.read_directory(max)? {
            archive.members.clear();
            archive.walk_local_headers(max)?;
            let why = if archive.is_part() {
                let detail = "one part of an archive of several; join them (zip -s 0)";
                Skip::Unsupported { format, detail: detail.into() }
            } else if archive.members.is_empty() {
                Skip::damaged(format, "no directory and no members")
            } else {
                Skip::damaged(format, "no directory; members found by their own headers")
            };
            if archive.members.is_empty() {
                return Err(why);
            }
            archive.damage = Some(why);
        }
        archive.mark_overlaps();
        for (i, member) in archive.members.iter().enumerate() {
            archive.by_name.entry(member.name.to_lowercase()).or_insert(i);
        }
        Ok(archive)
    }

    pub(super) fn find(&self, name: &str) -> Option<&Member> {
        self.members.get(*self.by_name.get(&name.to_lowercase())?)
    }

    /// Unpacks one member and takes it from the budget. `Err` is for what concerns this member
    /// alone (locked, unknown method) and for the budget.
    pub(super) fn read(&self, member: &Member, budget: &mut Budget) -> Result<Unpacked, Skip> {
        budget.member()?;
        if member.overlaps {
            return Err(Skip::damaged(self.format, "member lies over another"));
        }
        let broken = || Skip::damaged(self.format, "member lies outside of the file");
        let name_len = u16_le(self.bytes, member.offset.saturating_add(26)).ok_or_else(broken)?;
        let extra_len = u16_le(self.bytes, member.offset.saturating_add(28)).ok_or_else(broken)?;
        if part(self.bytes, member.offset, 4) != Some(LOCAL) {
            return Err(Skip::damaged(self.format, "member has no header"));
        }
        let start = member
            .offset
            .saturating_add(LOCAL_LEN + usize::from(name_len) + usize::from(extra_len));
        let rest = self.bytes.get(start..).ok_or_else(broken)?;
        let packed = usize::try_from(member.packed).unwrap_or(usize::MAX).min(rest.len());
        let cut = (packed as u64) < member.packed;
        let data = rest.get(..packed).unwrap_or_default();
        if member.flags & FLAG_ENCRYPTED != 0 {
            return self.unlock(member, data, cut, budget);
        }
        let unpacked = self.unpack(member, data, budget)?;
        Ok(self.checked(member, unpacked, cut))
    }

    fn unpack(&self, member: &Member, data: &[u8], budget: &mut Budget) -> Result<Unpacked, Skip> {
        let through = |decoder: &mut dyn Read, budget: &mut Budget| {
            let (bytes, damage) = read_to_damage(self.format, decoder, budget)?;
            Ok(Unpacked { bytes, damage })
        };
        match member.method {
            0 => {
                budget.charge(data.len() as u64)?;
                Ok(Unpacked { bytes: data.to_vec(), damage: None })
            }
            8 => inflate(self.format, data, budget),
            93 => through(&mut streams::zstd(data), budget),
            95 => through(&mut streams::xz(data), budget),
            9 | 12 | 14 => self.through_crate(member, data, None, budget),
            method => Err(self.not_unpacked(method)),
        }
    }

    fn not_unpacked(&self, method: u16) -> Skip {
        let detail = Cow::Owned(format!("compression method {method}"));
        Skip::Unsupported { format: self.format, detail }
    }

    /// Tries the passwords of the run.
    fn unlock(
        &self,
        member: &Member,
        data: &[u8],
        cut: bool,
        budget: &mut Budget,
    ) -> Result<Unpacked, Skip> {
        let locked = || Skip::Encrypted { format: self.format };
        if member.flags & FLAG_STRONG != 0 {
            return Err(locked());
        }
        let streamed = member.flags & FLAG_DESCRIPTOR != 0;
        let check = if streamed { member.time >> 8 } else { (member.crc >> 24) as u16 };
        for password in unlock::candidates(&budget.passwords()) {
            budget.in_time()?;
            if member.method == METHOD_AES {
                match self.through_crate(member, data, Some(&password), budget) {
                    Err(Skip::Encrypted { .. }) => continue,
                    Err(skip) => return Err(skip),
                    // The second version of the scheme has its own checksum and leaves this out.
                    Ok(unpacked) if member.crc == 0 => return Ok(unpacked),
                    Ok(unpacked) => return Ok(self.checked(member, unpacked, cut)),
                }
            }
            let Some(plain) = unlock::decrypt(data, &password, check as u8) else { continue };
            let unpacked = match self.unpack(member, &plain, budget) {
                Err(over @ Skip::OverBudget(_)) => return Err(over),
                Err(_) => continue,
                Ok(unpacked) => self.checked(member, unpacked, cut),
            };
            // One wrong password of 256 passes the first test, and none this one. What is cut
            // cannot be told from what is wrong, so it is not shown.
            if matches!(unpacked.damage, None | Some(Skip::OverBudget(_))) {
                return Ok(unpacked);
            }
        }
        Err(locked())
    }

    fn checked(&self, member: &Member, unpacked: Unpacked, cut: bool) -> Unpacked {
        if unpacked.damage.is_some() {
            return unpacked;
        }
        let known = member.size != u64::MAX;
        let mut crc = flate2::Crc::new();
        crc.update(&unpacked.bytes);
        let damage = if cut || known && member.size != unpacked.bytes.len() as u64 {
            Some(Skip::damaged(self.format, "member is cut short"))
        } else if known && member.crc != crc.sum() {
            Some(Skip::damaged(self.format, "member fails its checksum"))
        } else {
            None
        };
        Unpacked { damage, ..unpacked }
    }

    /// deflate64, bzip2, lzma, and AES: the member alone is put into an archive of its own for the
    /// crate.
    fn through_crate(
        &self,
        member: &Member,
        packed: &[u8],
        password: Option<&[u8]>,
        budget: &mut Budget,
    ) -> Result<Unpacked, Skip> {
        let broken = || Skip::damaged(self.format, "member does not open");
        let (Ok(packed_len), Ok(len)) = (u32::try_from(packed.len()), u32::try_from(member.size))
        else {
            return Err(broken());
        };
        let mut extra = Vec::new();
        if let (Some(aes), Some(_)) = (member.aes, password) {
            extra.extend_from_slice(&EXTRA_AES.to_le_bytes());
            extra.extend_from_slice(&(aes.len() as u16).to_le_bytes());
            extra.extend_from_slice(&aes);
        }
        let flags = if password.is_some() { FLAG_ENCRYPTED } else { 0 };
        let mut fields = vec![63, 0];
        fields.extend_from_slice(&flags.to_le_bytes());
        fields.extend_from_slice(&member.method.to_le_bytes());
        fields.extend_from_slice(&[0; 4]);
        for value in [member.crc, packed_len, len] {
            fields.extend_from_slice(&value.to_le_bytes());
        }
        fields.extend_from_slice(&[1, 0]);
        fields.extend_from_slice(&(extra.len() as u16).to_le_bytes());
        let mut alone = [LOCAL.as_slice(), &fields, b"m", &extra, packed].concat();
        let start = alone.len() as u32;
        alone.extend_from_slice(CENTRAL);
        alone.extend_from_slice(&[63, 0]);
        alone.extend_from_slice(&fields);
        alone.extend_from_slice(&[0; 14]);
        alone.extend_from_slice(b"m");
        alone.extend_from_slice(&extra);
        let size = alone.len() as u32 - start;
        alone.extend_from_slice(END);
        alone.extend_from_slice(&[0, 0, 0, 0, 1, 0, 1, 0]);
        alone.extend_from_slice(&size.to_le_bytes());
        alone.extend_from_slice(&start.to_le_bytes());
        alone.extend_from_slice(&[0, 0]);
        let mut archive =
            zip::ZipArchive::new(std::io::Cursor::new(alone)).map_err(|_| broken())?;
        let options = zip::read::ZipReadOptions::new().ignore_crc32(true).password(password);
        match archive.by_index_with_options(0, options) {
            Ok(file) => {
                let (bytes, damage) = read_to_damage(self.format, file, budget)?;
                Ok(Unpacked { bytes, damage })
            }
            Err(zip::result::ZipError::InvalidPassword) => {
                Err(Skip::Encrypted { format: self.format })
            }
            Err(
                zip::result::ZipError::CompressionMethodNotSupported(_)
                | zip::result::ZipError::UnsupportedArchive(_),
            ) => Err(self.not_unpacked(member.method)),
            Err(_) => Err(broken()),
        }
    }

    /// Whether there is a directory that can be read to its end.
    fn read_directory(&mut self, max: u64) -> Result<bool, Skip> {
        let from = self.bytes.len().saturating_sub(END_LEN + MAX_COMMENT);
        let tail = self.bytes.get(from..).unwrap_or_default();
        let Some(end) = memchr::memmem::rfind(tail, END).map(|i| i + from) else {
            return Ok(false);
        };
        if self.is_part() {
            return Ok(false); // places count from the beginning of another file
        }
        let Some((mut size, mut start)) = u32_le(self.bytes, end + 12)
            .zip(u32_le(self.bytes, end + 16))
            .map(|(size, start)| (u64::from(size), u64::from(start)))
        else {
            return Ok(false);
        };
        let mut behind = end;
        if start == u64::from(u32::MAX) || size == u64::from(u32::MAX) {
            let before = self.bytes.get(..end).unwrap_or_default();
            let Some(end64) = memchr::memmem::rfind(before, END64) else { return Ok(false) };
            let sizes = u64_le(self.bytes, end64 + 40).zip(u64_le(self.bytes, end64 + 48));
            let Some((size64, start64)) = sizes else { return Ok(false) };
            (size, start, behind) = (size64, start64, end64);
        }
        // What stands before the archive (a self-extractor) shifts every offset alike; so does what
        // was cut off there.
        let Some(actual) = usize::try_from(size).ok().and_then(|size| behind.checked_sub(size))
        else {
            return Ok(false);
        };
        let declared = usize::try_from(start).unwrap_or(usize::MAX);
        let found = part(self.bytes, actual, 4) == Some(CENTRAL);
        let lost = if found { declared.saturating_sub(actual) } else { 0 };
        let shift = Shift { forth: actual.saturating_sub(declared), back: lost };
        let mut at = if found { actual } else { declared };
        while part(self.bytes, at, 4) == Some(CENTRAL) {
            let Some((member, next)) = self.central_entry(at, shift) else { return Ok(false) };
            self.take(member, max)?;
            at = next;
        }
        // An empty archive is nothing but its end record.
        Ok(at >= behind || at == end && !self.members.is_empty() || size == 0)
    }

    /// Whether the end record says that the archive goes over several files.
    fn is_part(&self) -> bool {
        let from = self.bytes.len().saturating_sub(END_LEN + MAX_COMMENT);
        let tail = self.bytes.get(from..).unwrap_or_default();
        let end = memchr::memmem::rfind(tail, END).map(|i| i + from);
        let disk = end.and_then(|end| u16_le(self.bytes, end + 4));
        disk.is_some_and(|disk| disk != 0 && disk != u16::MAX)
    }

    /// Packers lay members one behind another; one that reaches into the next is how a small file
    /// is made to unpack to a huge one. Two entries for the very same place are no such thing.
    fn mark_overlaps(&mut self) {
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        order.sort_by_key(|i| self.members.get(*i).map_or(0, |member| member.offset));
        let mut before: Option<usize> = None;
        for i in order {
            let Some(member) = self.members.get(i) else { continue };
            let (offset, known) = (member.offset, member.size != u64::MAX);
            if let Some(last) = before.and_then(|last| self.members.get_mut(last)) {
                // The length of the local header is not looked up: at least this much it has.
                let packed = usize::try_from(last.packed).unwrap_or(usize::MAX);
                let end = last.offset.saturating_add(LOCAL_LEN).saturating_add(packed);
                last.overlaps = offset > last.offset && offset < end;
            }
            // Of a stream without a length nobody knows where it ends.
            before = known.then_some(i);
        }
    }

    fn take(&mut self, member: Member, max: u64) -> Result<(), Skip> {
        if self.members.len() as u64 >= max.saturating_mul(2) {
            return Err(Skip::OverBudget(Bound::Members(max)));
        }
        self.members.push(member);
        Ok(())
    }

    fn central_entry(&self, at: usize, shift: Shift) -> Option<(Member, usize)> {
        let b = self.bytes;
        let name_len = usize::from(u16_le(b, at + 28)?);
        let extra_len = usize::from(u16_le(b, at + 30)?);
        let comment_len = usize::from(u16_le(b, at + 32)?);
        let raw = part(b, at + CENTRAL_LEN, name_len)?;
        let extra = part(b, at + CENTRAL_LEN + name_len, extra_len)?;
        let flags = u16_le(b, at + 8)?;
        let mut size = u64::from(u32_le(b, at + 24)?);
        let mut packed = u64::from(u32_le(b, at + 20)?);
        let mut offset = u64::from(u32_le(b, at + 42)?);
        if let Some(wide) = extra_field(extra, 0x0001) {
            // Zip64: only the values that are saturated, in this order (APPNOTE 4.5.3).
            let mut wide_at = 0;
            for value in [&mut size, &mut packed, &mut offset] {
                if *value == u64::from(u32::MAX) {
                    *value = u64_le(wide, wide_at)?;
                    wide_at += 8;
                }
            }
        }
        let member = Member {
            name: member_name(raw, flags, extra),
            flags,
            method: u16_le(b, at + 10)?,
            time: u16_le(b, at + 12)?,
            packed,
            size,
            crc: u32_le(b, at + 16)?,
            offset: shift.of(usize::try_from(offset).ok()?)?,
            aes: aes_field(extra),
            overlaps: false,
        };
        Some((member, at + CENTRAL_LEN + name_len + extra_len + comment_len))
    }

    fn walk_local_headers(&mut self, max: u64) -> Result<(), Skip> {
        let mut at = 0;
        while let Some(found) = self.bytes.get(at..).and_then(|b| memchr::memmem::find(b, LOCAL)) {
            at += found;
            match self.local_entry(at) {
                Some((member, next)) => {
                    self.take(member, max)?;
                    at = next;
                }
                None => at += LOCAL.len(),
            }
        }
        Ok(())
    }

    fn local_entry(&self, at: usize) -> Option<(Member, usize)> {
        let b = self.bytes;
        let flags = u16_le(b, at + 6)?;
        let name_len = usize::from(u16_le(b, at + 26)?);
        let extra_len = usize::from(u16_le(b, at + 28)?);
        let raw = part(b, at + LOCAL_LEN, name_len)?;
        let extra = part(b, at + LOCAL_LEN + name_len, extra_len)?;
        let start = at + LOCAL_LEN + name_len + extra_len;
        let mut packed = u64::from(u32_le(b, at + 18)?);
        let mut size = u64::from(u32_le(b, at + 22)?);
        let streamed = flags & FLAG_DESCRIPTOR != 0 && packed == 0;
        let saturated = u64::from(u32::MAX);
        if streamed || packed == saturated {
            // The sizes stand behind the data: the stream itself knows its end.
            (packed, size) = (b.len().saturating_sub(start) as u64, u64::MAX);
        }
        let member = Member {
            name: member_name(raw, flags, extra),
            flags,
            method: u16_le(b, at + 8)?,
            time: u16_le(b, at + 10)?,
            packed,
            size,
            crc: u32_le(b, at + 14)?,
            offset: at,
            aes: aes_field(extra),
            overlaps: false,
        };
        let next = if size == u64::MAX {
            start
        } else {
            start.saturating_add(usize::try_from(packed).ok()?)
        };
        Some((member, next))
    }
}

/// The raw names in the local and directory headers that the start of a file shows.
pub(super) fn names_in(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memmem::find_iter(head, b"PK").filter_map(|at| {
        let (len_at, name_at) = match part(head, at, 4)? {
            magic if magic == LOCAL => (at + 26, at + LOCAL_LEN),
            magic if magic == CENTRAL => (at + 28, at + CENTRAL_LEN),
            _ => return None,
        };
        part(head, name_at, usize::from(u16_le(head, len_at)?))
    })
}

fn member_name(raw: &[u8], flags: u16, extra: &[u8]) -> String {
    // Info-ZIP Unicode path: version, CRC of the raw name, UTF-8.
    let unicode = extra_field(extra, 0x7075)
        .and_then(|field| field.get(5..))
        .and_then(|utf8| std::str::from_utf8(utf8).ok());
    let name = match unicode {
        Some(name) => name.to_owned(),
        None if flags & FLAG_UTF8 != 0 => String::from_utf8_lossy(raw).into_owned(),
        None => names::decode(raw),
    };
    // Some packers of Windows separate folders by a backslash.
    if name.contains('\\') && !name.contains('/') { name.replace('\\', "/") } else { name }
}

fn aes_field(extra: &[u8]) -> Option<[u8; 7]> {
    extra_field(extra, EXTRA_AES)?.get(..7)?.try_into().ok()
}

fn extra_field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    while let Some((tag, len)) = u16_le(extra, 0).zip(u16_le(extra, 2)) {
        let data = part(extra, 4, usize::from(len))?;
        if tag == id {
            return Some(data);
        }
        extra = extra.get(4 + usize::from(len)..)?;
    }
    None
}

/// How much is kept of a member at which the budget ends. A log of a gigabyte is told as over
/// budget, and its beginning is looked at all the same.
const MAX_BEGINNING: usize = 64 << 20;

/// Raw deflate to its own end, or to that of the budget. What came before a break is kept.
fn inflate(format: &'static str, packed: &[u8], budget: &mut Budget) -> Result<Unpacked, Skip> {
    let mut stream = Decompress::new(false);
    let mut bytes = Vec::new();
    let mut chunk = vec![0u8; 64 * 1024];
    let damage = Some(Skip::damaged(format, "member does not inflate"));
    loop {
        let read = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
        let before = stream.total_out();
        let input = packed.get(read..).unwrap_or_default();
        let status = stream.decompress(input, &mut chunk, FlushDecompress::None);
        let written = (stream.total_out() - before) as usize;
        if let Err(over) = budget.charge(written as u64) {
            bytes.truncate(MAX_BEGINNING);
            return Ok(Unpacked { bytes, damage: Some(over) });
        }
        bytes.extend_from_slice(chunk.get(..written).unwrap_or_default());
        match status {
            Ok(Status::StreamEnd) => return Ok(Unpacked { bytes, damage: None }),
            Ok(_) if written > 0 || stream.total_in() as usize > read => {}
            // No progress: the data end before the stream does.
            _ => return Ok(Unpacked { bytes, damage }),
        }
    }
}

/// Reads a decoder as far as it goes: what it gave, and the damage that ended it. At the end of
/// the budget that is the damage, with the beginning of the data.
pub(super) fn read_to_damage(
    format: &'static str,
    mut from: impl Read,
    budget: &mut Budget,
) -> Result<(Vec<u8>, Option<Skip>), Skip> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0u8; 64 * 1024];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok((bytes, None)),
            Ok(n) => {
                if let Err(over) = budget.charge(n as u64) {
                    bytes.truncate(MAX_BEGINNING);
                    return Ok((bytes, Some(over)));
                }
                bytes.extend_from_slice(chunk.get(..n).unwrap_or_default());
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => {
                let damage = over_memory(format, &e)
                    .unwrap_or_else(|| Skip::damaged(format, "stream breaks off"));
                return Ok((bytes, Some(damage)));
            }
        }
    }
}

/// Decoders with a limit for their window or dictionary tell by this kind of error that it does
/// not suffice: the file is whole, and this program does not open it.
pub(super) fn over_memory(format: &'static str, e: &std::io::Error) -> Option<Skip> {
    (e.kind() == std::io::ErrorKind::OutOfMemory).then(|| Skip::Unsupported {
        format,
        detail: "its dictionary is over the limit for memory".into(),
    })
}
