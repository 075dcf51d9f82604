//! Compressed streams: bombs, and streams that lie about themselves.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Attack, Fate, attack, labelled, u32_le};

pub fn gz(data: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

fn bz2(data: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

fn xz(data: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

/// A frame of blocks that each say one byte 128 KiB times over.
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    // Descriptor 0: no size, no checksum; window of 8 MiB.
    let mut file = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 13 << 3];
    for i in 0..blocks {
        let last = usize::from(i + 1 == blocks);
        file.extend(&u32_le(last | 1 << 1 | (128 << 10) << 3)[..3]);
        file.push(b'0');
    }
    file
}

/// A frame of one block: a literal, then one match without end over it.
fn lz4_bomb(length: usize) -> Vec<u8> {
    // Version 1, blocks independent, 4 MiB; the byte after the descriptor is its checksum.
    let mut file = vec![0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73];
    let more = (4 << 20) - 1 - 4 - 15 - 5;
    let mut block = vec![0x1f, b'0', 1, 0];
    block.extend(vec![0xff; more / 255]);
    block.push((more % 255) as u8);
    block.extend([0x50, b'0', b'0', b'0', b'0', b'0']);
    for _ in 0..length {
        file.extend(u32_le(block.len()));
        file.extend(&block);
    }
    file.extend([0; 4]);
    file
}

pub fn attacks(planted: &[u8]) -> Vec<Attack> {
    use Fate::{Any, Found, FoundAndLost, Lost};
    let zeros = vec![0u8; 96 << 20];
    let text = labelled();
    let flipped = |mut file: Vec<u8>, back: usize| {
        let at = file.len() - back;
        file[at] ^= 0x40;
        file
    };
    vec![
        attack("bomb.gz", Lost, gz(&zeros)),
        attack("bomb-of-text.log.gz", Lost, gz(&b"0 ".repeat(48 << 20))),
        attack("bomb.gz.gz.gz", Lost, gz(&gz(&gz(&zeros)))),
        attack("deep.gz", Lost, (0..40).fold(text.clone(), |inner, _| gz(&inner))),
        attack("bomb.bz2", Lost, bz2(&zeros)),
        attack("bomb.bz2.bz2", Lost, bz2(&bz2(&zeros))),
        attack("bomb.xz", Lost, xz(&zeros)),
        attack("bomb.zst", Lost, zstd_bomb(20_000)),
        attack("bomb.lz4", Lost, lz4_bomb(100)),
        attack("members-without-end.gz", Any, gz(b"").repeat(100_000)),
        attack("card-in-the-second-member.gz", Found, {
            let (first, second) = planted.split_at(100);
            [gz(first), gz(b""), gz(second)].concat()
        }),
        attack("says-another-length.gz", FoundAndLost, flipped(gz(planted), 1)),
        attack("wrong-checksum.gz", FoundAndLost, flipped(gz(planted), 6)),
        attack("endless-name.gz", Lost, {
            [&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3][..], &vec![b'n'; 4 << 20]].concat()
        }),
        attack("noise.gz", Lost, {
            let noise = (0..9999u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
            [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3].into_iter().chain(noise).collect::<Vec<u8>>()
        }),
        attack("huge-dictionary.lzma", Any, {
            [&[0x5d, 0xff, 0xff, 0xff, 0xff][..], &[0xff; 8], &[0; 4096]].concat()
        }),
        attack("huge-dictionary.xz", Lost, {
            let mut file = xz(&text);
            // The properties of the LZMA2 filter: 4 GiB - 1.
            file[16] = 40;
            file
        }),
        attack("huge-window.zst", Lost, vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 1, 0, 0]),
        attack("says-exabytes.zst", Lost, {
            [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &[0xff; 8], &[3, 0, 0, b'0']].concat()
        }),
    ]
}
