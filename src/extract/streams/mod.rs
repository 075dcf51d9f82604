//! Single compressed streams other than gzip: bzip2, xz, lzma, lzip, zstd, lz4, compress. What one
//! holds is the only child, named after the file. Streams written behind one another (`cat a.xz
//! b.xz`, rotated logs that are appended to) are one; what came before a break is kept and told.
//!
//! A text in them is read as it is unpacked and may be of any length. Windows and dictionaries are
//! bounded by [`MAX_WINDOW`] whatever a header asks for.

use std::io::{self, BufReader, Read};

use super::{Extractor, archive::read_to_damage};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

mod gently;
mod lz4;
mod lzip;
mod lzw;
mod zstd;

/// Bytes that a decoder may look back. `xz -9` needs 64 MiB, `zstd --ultra` and `--long` 128 MiB;
/// more is `Unsupported`, since a worker has not much more than that to live on.
pub(super) const MAX_WINDOW: u32 = 128 << 20;
/// The window and what the decoder needs beside it, in KiB.
const MAX_DECODER_KB: u32 = (MAX_WINDOW >> 10) + 1024;

type Source<'r> = Box<dyn Read + 'r>;

/// A format of one stream.
pub struct Stream {
    name: &'static str,
    media_type: &'static str,
    sniff: fn(&[u8]) -> bool,
    /// Endings of the file's name and what they become: `.tbz2` holds a `.tar`.
    endings: &'static [(&'static str, &'static str)],
    decoder: Decoder,
}

/// One for each format, since a function of any lifetime is no constant.
enum Decoder {
    Bzip2,
    Xz,
    Lzma,
    Lzip,
    Zstd,
    Lz4,
    Lzw,
}

pub static BZIP2: Stream = Stream {
    name: "bzip2",
    media_type: "application/x-bzip2",
    sniff: |head| {
        // "BZh", level, then a block (pi) or the end of an empty stream (root of pi).
        head.starts_with(b"BZh")
            && head.get(3).is_some_and(|level| (b'1'..=b'9').contains(level))
            && head.get(4..10).is_some_and(|magic| {
                magic == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
                    || magic == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
            })
    },
    endings: &[(".tbz2", ".tar"), (".tbz", ".tar"), (".bz2", ""), (".bz", "")],
    decoder: Decoder::Bzip2,
};
pub static XZ: Stream = Stream {
    name: "xz",
    media_type: "application/x-xz",
    sniff: |head| head.starts_with(b"\xfd7zXZ\0"),
    endings: &[(".txz", ".tar"), (".xz", "")],
    decoder: Decoder::Xz,
};
pub static LZMA: Stream = Stream {
    name: "lzma",
    media_type: "application/x-lzma",
    sniff: is_lzma,
    endings: &[(".tlz", ".tar"), (".lzma", "")],
    decoder: Decoder::Lzma,
};
pub static LZIP: Stream = Stream {
    name: "lzip",
    media_type: "application/lzip",
    sniff: |head| {
        // Version 1 is the only one in use; then the size of the dictionary.
        head.starts_with(b"LZIP\x01") && head.get(5).is_some_and(|b| (12..=29).contains(&(b & 31)))
    },
    endings: &[(".tlz", ".tar"), (".lz", "")],
    decoder: Decoder::Lzip,
};
pub static ZSTD: Stream = Stream {
    name: "zstd",
    media_type: "application/zstd",
    sniff: |head| zstd::starts_frame(head) || zstd::skips_to_frame(head),
    endings: &[(".tzst", ".tar"), (".zst", ""), (".zstd", "")],
    decoder: Decoder::Zstd,
};
pub static LZ4: Stream = Stream {
    name: "lz4",
    media_type: "application/x-lz4",
    sniff: lz4::starts_frame,
    endings: &[(".tlz4", ".tar"), (".lz4", "")],
    decoder: Decoder::Lz4,
};
/// `.Z` of compress(1), which old AIX and Solaris hosts still write.
pub static COMPRESS: Stream = Stream {
    name: "compress",
    media_type: "application/x-compress",
    sniff: lzw::starts,
    endings: &[(".taz", ".tar"), (".z", "")],
    decoder: Decoder::Lzw,
};

impl Extractor for Stream {
    fn name(&self) -> &'static str {
        self.name
    }

    fn media_type(&self) -> &'static str {
        self.media_type
    }

    fn sniff(&self, head: &[u8]) -> bool {
        (self.sniff)(head)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        budget.member()?;
        let decoder = self.decoder.of(Box::new(bytes));
        let (bytes, damage) = read_to_damage(self.name, decoder, budget)?;
        if !bytes.is_empty() {
            out.push(Content::Bytes { at: at.member(self.inner_name(&at.name())), bytes });
        }
        damage.map_or(Ok(()), Err)
    }

    fn stream<'r>(
        &self,
        at: &Locator,
        from: Box<dyn Read + 'r>,
    ) -> Option<(Locator, Box<dyn Read + 'r>)> {
        Some((at.member(self.inner_name(&at.name())), self.decoder.of(from)))
    }
}

impl Stream {
    /// `app.log.2.xz` holds `app.log.2`, `backup.tbz2` holds `backup.tar`.
    fn inner_name(&self, name: &str) -> String {
        for (ending, instead) in self.endings {
            let Some(stem) = name.len().checked_sub(ending.len()).and_then(|n| name.get(..n))
            else {
                continue;
            };
            let tail = name.get(stem.len()..).unwrap_or_default();
            if !stem.is_empty() && tail.eq_ignore_ascii_case(ending) {
                return format!("{stem}{instead}");
            }
        }
        "unpacked".to_owned()
    }
}

/// A zstd stream within another format.
pub(super) fn zstd(bytes: &[u8]) -> impl Read + '_ {
    zstd::Frames::new(bytes)
}

/// An xz stream within another format.
pub(super) fn xz(bytes: &[u8]) -> impl Read + '_ {
    gently::xz(bytes)
}

/// One LZ4 block without a frame, of a length that the caller has bounded.
pub(super) fn lz4_block(bytes: &[u8], len: usize) -> Option<Vec<u8>> {
    lz4_flex::block::decompress(bytes, len).ok()
}

impl Decoder {
    fn of<'r>(&self, from: Source<'r>) -> Source<'r> {
        let from = BufReader::with_capacity(32 * 1024, from);
        match self {
            Decoder::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(from)),
            Decoder::Xz => Box::new(gently::xz(from)),
            Decoder::Lzma => Box::new(Late::new(from, |from| {
                let decoder = lzma_rust2::LzmaReader::new_mem_limit(from, MAX_DECODER_KB, None)?;
                Ok(Box::new(gently::Steps(decoder)))
            })),
            Decoder::Lzip => Box::new(lzip::Members::new(from)),
            Decoder::Zstd => Box::new(zstd::Frames::new(from)),
            Decoder::Lz4 => Box::new(lz4::Frames::new(from)),
            Decoder::Lzw => Box::new(Late::new(from, |from| Ok(Box::new(lzw::Lzw::new(from)?)))),
        }
    }
}

type Begin<'r> = fn(BufReader<Source<'r>>) -> io::Result<Source<'r>>;

/// A decoder that reads its header at once, begun at the first read.
enum Late<'r> {
    Waiting(Option<BufReader<Source<'r>>>, Begin<'r>),
    Begun(Source<'r>),
}

impl<'r> Late<'r> {
    fn new(from: BufReader<Source<'r>>, begin: Begin<'r>) -> Late<'r> {
        Late::Waiting(Some(from), begin)
    }
}

impl Read for Late<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Late::Waiting(from, begin) = self {
            let from = from.take().ok_or_else(|| broken("header"))?;
            *self = Late::Begun(begin(from)?);
        }
        match self {
            Late::Begun(decoder) => decoder.read(buffer),
            Late::Waiting(..) => Ok(0),
        }
    }
}

/// The stream alone has no magic: the usual properties, a dictionary as encoders choose them, a
/// size that is unknown or thinkable, and the first byte of the range coder, which is zero.
fn is_lzma(head: &[u8]) -> bool {
    let Some(dictionary) = super::bytes::u32_le(head, 1) else { return false };
    let Some(size) = super::bytes::u64_le(head, 5) else { return false };
    let usual = dictionary >= 1 << 12
        && (dictionary.is_power_of_two()
            || dictionary % 3 == 0 && (dictionary / 3).is_power_of_two()
            || dictionary == u32::MAX);
    head.first() == Some(&0x5d)
        && usual
        && (size == u64::MAX || size < 1 << 38)
        && head.get(13) == Some(&0)
}

/// Reads into all of `buffer`, or to the end of the source: the number of bytes that came.
fn read_up_to(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

fn broken(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn too_wide() -> io::Error {
    io::Error::new(io::ErrorKind::OutOfMemory, "window over the limit")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::extract::samples;
    use crate::limits::Limits;

    fn text() -> Vec<u8> {
        (0..4000).flat_map(|i| format!("{i} iin=900101100004 строка\n").into_bytes()).collect()
    }

    fn xz(data: &[u8]) -> Vec<u8> {
        let options = lzma_rust2::XzOptions::with_preset(1);
        let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        writer.write_all(data).unwrap();
        writer.finish().unwrap()
    }

    fn lzip(data: &[u8]) -> Vec<u8> {
        let options = lzma_rust2::LzmaOptions::with_preset(1);
        let packed = b"LZIP\x01\x14".to_vec(); // 1 << 20, as preset 1 has it
        let mut writer = lzma_rust2::LzmaWriter::new_no_header(packed, &options, true).unwrap();
        writer.write_all(data).unwrap();
        let mut packed = writer.finish().unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(data);
        packed.extend_from_slice(&crc.sum().to_le_bytes());
        packed.extend_from_slice(&(data.len() as u64).to_le_bytes());
        packed.extend_from_slice(&(packed.len() as u64 + 8).to_le_bytes());
        packed
    }

    fn lzma(data: &[u8]) -> Vec<u8> {
        let options = lzma_rust2::LzmaOptions::with_preset(1);
        let mut writer =
            lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
        writer.write_all(data).unwrap();
        writer.finish().unwrap()
    }

    fn bz2(data: &[u8]) -> Vec<u8> {
        let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        writer.write_all(data).unwrap();
        writer.finish().unwrap()
    }

    fn zst(data: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn lz4(data: &[u8]) -> Vec<u8> {
        let mut writer = lz4_flex::frame::FrameEncoder::new(Vec::new());
        writer.write_all(data).unwrap();
        writer.finish().unwrap()
    }

    type Pack = fn(&[u8]) -> Vec<u8>;
    const PACKED: [(&Stream, Pack); 6] =
        [(&BZIP2, bz2), (&XZ, xz), (&LZMA, lzma), (&LZIP, lzip), (&ZSTD, zst), (&LZ4, lz4)];

    fn only_bytes(out: &[Content]) -> &[u8] {
        let [Content::Bytes { bytes, .. }] = out else { panic!("one child: {out:?}") };
        bytes
    }

    #[test]
    fn every_kind_is_recognised_and_unpacked() {
        for (format, pack) in PACKED {
            let packed = pack(&text());
            assert_eq!(samples::format_of(&packed), Some(format.name));
            let (out, end) = samples::open(format, &packed);
            assert_eq!(end, Ok(()), "{}", format.name);
            assert_eq!(only_bytes(&out), text(), "{}", format.name);
        }
    }

    #[test]
    fn streams_behind_one_another_are_one() {
        for (format, pack) in PACKED {
            if format.name == "lzma" {
                continue; // has no end that could be told from what follows
            }
            let packed = [pack(b"iin=9001"), pack(&[]), pack(b"01100004\n")].concat();
            let (out, end) = samples::open(format, &packed);
            assert_eq!(end, Ok(()), "{}", format.name);
            assert_eq!(only_bytes(&out), b"iin=900101100004\n", "{}", format.name);
        }
    }

    #[test]
    fn a_cut_stream_gives_what_came_before_and_is_told() {
        for (format, pack) in PACKED {
            // Two streams: some coders have one block for all of it.
            let packed = [pack(&text()), pack(&text())].concat();
            if format.name == "lzma" {
                continue;
            }
            for end in [packed.len() * 3 / 4, packed.len() - 1] {
                let (out, result) = samples::open(format, &packed[..end]);
                assert!(matches!(result, Err(Skip::Damaged { .. })), "{} {end}", format.name);
                assert!(only_bytes(&out).starts_with(&text()), "{} {end}", format.name);
            }
        }
        let packed = lzma(&text());
        assert!(matches!(
            samples::open(&LZMA, &packed[..packed.len() / 2]).1,
            Err(Skip::Damaged { .. })
        ));
    }

    #[test]
    fn of_a_cut_chunk_what_is_there_comes_out() {
        // Digits in no order: what is packed is as long throughout.
        let mut state = 1u32;
        let digit = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'0' + (state >> 24) as u8 % 10
        };
        let text: Vec<u8> = (0..50_000).map(digit).collect();
        for (format, pack) in [(&XZ, xz as Pack), (&LZMA, lzma)] {
            let packed = pack(&text);
            for quarter in [1, 2, 3] {
                let (out, end) = samples::open(format, &packed[..packed.len() * quarter / 4]);
                assert!(matches!(end, Err(Skip::Damaged { .. })), "{}", format.name);
                let got = only_bytes(&out);
                let right = got.iter().zip(&text).take_while(|(a, b)| a == b).count();
                let wanted = text.len() * quarter / 4 * 9 / 10;
                assert!(right >= wanted, "{}: {right} of {wanted}", format.name);
                // Hardly more than what was there.
                assert!(
                    got.len() - right <= 600,
                    "{}: {} too many",
                    format.name,
                    got.len() - right
                );
            }
        }
    }

    #[test]
    fn cut_or_changed_at_any_place_they_do_not_panic() {
        for (format, pack) in PACKED {
            let packed = pack(&text()[..3000]);
            for at in 0..packed.len() {
                samples::open(format, &packed[..at]).1.ok();
                let mut changed = packed.clone();
                changed[at] ^= 0x55;
                samples::open(format, &changed).1.ok();
            }
        }
    }

    #[test]
    fn a_dictionary_over_the_limit_is_not_allocated() {
        let mut packed = lzma(&text());
        packed[1..5].copy_from_slice(&(1u32 << 31).to_le_bytes());
        packed[5..13].copy_from_slice(&u64::MAX.to_le_bytes());
        let end = samples::open(&LZMA, &packed).1;
        assert!(matches!(end, Err(Skip::Unsupported { format: "lzma", .. })), "{end:?}");
        let mut packed = lzip(&text());
        packed[5] = 29;
        let end = samples::open(&LZIP, &packed).1;
        assert!(matches!(end, Err(Skip::Unsupported { format: "lzip", .. })), "{end:?}");
        // Frame header: no single segment, window of 1 GiB.
        let packed = [0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3, 1, 0, 0];
        let end = samples::open(&ZSTD, &packed).1;
        assert!(matches!(end, Err(Skip::Unsupported { format: "zstd", .. })), "{end:?}");
    }

    #[test]
    fn of_a_stream_over_budget_the_beginning_is_kept() {
        let limits = Limits { max_expanded_bytes: 1 << 16, ..Limits::default() };
        for (format, pack) in PACKED {
            let (out, end) = samples::open_within(format, &pack(&text()), &limits);
            assert!(matches!(end, Err(Skip::OverBudget(_))), "{}", format.name);
            // Where blocks are larger than the budget, nothing came before its end.
            if let Some(Content::Bytes { bytes, .. }) = out.first() {
                assert!(text().starts_with(bytes) && bytes.len() <= 1 << 16, "{}", format.name);
            }
        }
    }

    #[test]
    fn the_child_is_named_after_the_file() {
        assert_eq!(XZ.inner_name("app.log.2.XZ"), "app.log.2");
        assert_eq!(BZIP2.inner_name("копия.tbz2"), "копия.tar");
        assert_eq!(ZSTD.inner_name(".zst"), "unpacked");
        assert_eq!(LZ4.inner_name("журнал"), "unpacked");
    }

    #[test]
    fn texts_that_begin_alike_are_not_taken_for_them() {
        for text in ["BZh is not", "LZIP archives", "]\0\0\0", "(\u{b5}/ 900101100004"] {
            assert_eq!(samples::format_of(text.as_bytes()), None, "{text}");
        }
    }
}
