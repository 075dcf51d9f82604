//! Pictures: sizes that no memory holds, directories in rings, data that unpack for ever.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::{Attack, Fate, attack, crc32, u16_le, u32_be, u32_le};

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::best());
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&u32_be(data.len()), &body[..], &crc32(&body).to_be_bytes()].concat()
}

fn png(width: usize, height: usize, more: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    let head = [&u32_be(width)[..], &u32_be(height), &[8, 0, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &head),
        more.concat(),
        chunk(b"IDAT", data),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn marker(kind: u8, data: &[u8]) -> Vec<u8> {
    [&[0xff, kind][..], &(data.len() as u16 + 2).to_be_bytes(), data].concat()
}

/// A frame of these sizes; tables that code everything as zero, and `scans` scans of nothing.
fn jpeg(kind: u8, width: u16, height: u16, scans: usize, before: &[Vec<u8>]) -> Vec<u8> {
    let mut table = vec![0u8];
    table.extend([1; 64]);
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    let frame = [&[8][..], &size, &[1, 1, 0x11, 0]].concat();
    let huffman = |class: u8| [&[class, 1][..], &[0; 15], &[0]].concat();
    let progressive = kind == 0xc2;
    let scan = |i: usize| {
        let spectrum = match (progressive, i) {
            (false, _) => [0, 63, 0],
            (true, 0) => [0, 0, 0],
            (true, _) => [1, 63, 0],
        };
        [marker(0xda, &[&[1, 1, 0][..], &spectrum].concat()), vec![0; 8]].concat()
    };
    let mut file = vec![0xff, 0xd8];
    file.extend(before.concat());
    file.extend(marker(0xdb, &table));
    file.extend(marker(kind, &frame));
    file.extend(marker(0xc4, &huffman(0)));
    file.extend(marker(0xc4, &huffman(0x10)));
    (0..scans).for_each(|i| file.extend(scan(i)));
    file.extend([0xff, 0xd9]);
    file
}

/// Entries of one directory: tag, kind, count, value; `next` is where the next one lies.
pub fn tiff(entries: &[(u16, u16, u32, u32)], next: u32, rest: &[u8]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend(u16_le(entries.len()));
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(next.to_le_bytes());
    file.extend(rest);
    file
}

/// What a grey picture of one strip needs; the strip lies behind the directory.
fn grey(width: u32, height: u32, packing: u32, bytes: u32) -> Vec<(u16, u16, u32, u32)> {
    vec![
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, packing),
        (262, 3, 1, 1),
        (273, 4, 1, 8 + 2 + 9 * 12 + 4),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, bytes),
    ]
}

fn with(
    mut entries: Vec<(u16, u16, u32, u32)>,
    tag: u16,
    count: u32,
    value: u32,
) -> Vec<(u16, u16, u32, u32)> {
    for entry in &mut entries {
        if entry.0 == tag {
            (entry.2, entry.3) = (count, value);
        }
    }
    entries
}

fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    let frame = [&[0x2c, 0, 0, 0, 0][..], &size, &[0, 2, 2, 0x44, 1, 0]].concat();
    [&b"GIF89a"[..], &size, &[0x80, 0, 0, 0, 0, 0, 255, 255, 255], &frame.repeat(frames), &[0x3b]]
        .concat()
}

fn bmp(width: u32, height: u32, bits: u16, packing: u32, data: &[u8]) -> Vec<u8> {
    let mut info = u32_le(40).to_vec();
    info.extend(width.to_le_bytes());
    info.extend(height.to_le_bytes());
    info.extend(1u16.to_le_bytes());
    info.extend(bits.to_le_bytes());
    info.extend(packing.to_le_bytes());
    info.extend([0; 20]);
    let start = 14 + 40 + 1024;
    let head = [b"BM", &u32_le(start + data.len())[..], &[0; 4], &u32_le(start)].concat();
    [&head[..], &info, &[7; 1024], data].concat()
}

fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let body: Vec<u8> = chunks
        .iter()
        .flat_map(|(kind, data)| {
            let pad = vec![0; data.len() % 2];
            [&kind[..], &u32_le(data.len()), data, &pad].concat()
        })
        .collect();
    [b"RIFF", &u32_le(body.len() + 4)[..], b"WEBP", &body].concat()
}

fn box_of(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&u32_be(data.len() + 8)[..], kind, data].concat()
}

fn jp2(width: usize, height: usize, tile: usize) -> Vec<u8> {
    let head = [&u32_be(height)[..], &u32_be(width), &[0, 1, 7, 7, 0, 0]].concat();
    let siz = [
        &[0, 0][..],
        &u32_be(width),
        &u32_be(height),
        &[0; 8],
        &u32_be(tile),
        &u32_be(tile),
        &[0; 8],
        &[0, 1, 7, 1, 1],
    ]
    .concat();
    let cod = [0, 0, 0, 1, 0, 5, 4, 4, 0, 1];
    let stream = [
        &[0xff, 0x4f][..],
        &marker(0x51, &siz),
        &marker(0x52, &cod),
        &marker(0x5c, &[0x40; 17]),
        &[0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x93, 0xff, 0xd9],
    ]
    .concat();
    [
        box_of(b"jP  ", b"\r\n\x87\n"),
        box_of(b"ftyp", b"jp2 \0\0\0\0jp2 "),
        box_of(
            b"jp2h",
            &[box_of(b"ihdr", &head), box_of(b"colr", &[1, 0, 0, 0, 0, 0, 17])].concat(),
        ),
        box_of(b"jp2c", &stream),
    ]
    .concat()
}

/// EXIF whose directories point at one another, with a thumbnail that holds EXIF again.
fn exif_ring() -> Vec<u8> {
    let ring = tiff(
        &[
            (0x8769, 4, 1, 8),
            (0x8825, 4, 1, 8),
            (0xa005, 4, 1, 8),
            (0x014a, 4, 9999, 8),
            (0x010e, 2, u32::MAX, 8),
        ],
        8,
        b"",
    );
    [b"Exif\0\0", &ring[..]].concat()
}

pub fn attacks() -> Vec<Attack> {
    use Fate::{Any, Lost};
    const HUGE: usize = 65_535;
    let small = || grey(16, 16, 1, 256);
    let heic = |kind: &[u8; 4], deep: &[u8]| {
        [box_of(b"ftyp", b"heic\0\0\0\0mif1heic"), box_of(kind, deep)].concat()
    };
    vec![
        attack("huge.png", Lost, png(HUGE, HUGE, &[], &zlib(&[0; 4096]))),
        attack("largest.png", Lost, png(0x7fff_ffff, 0x7fff_ffff, &[], &zlib(&[0; 64]))),
        attack("empty.png", Lost, png(0, 0, &[], b"")),
        attack("data-without-end.png", Any, png(8, 8, &[], &zlib(&vec![0; 96 << 20]))),
        attack("note-without-end.png", Any, {
            let note = [&b"k\0\0"[..], &zlib(&vec![b'x'; 96 << 20])].concat();
            let profile = [&b"p\0\0"[..], &zlib(&vec![b'x'; 96 << 20])].concat();
            png(8, 8, &[chunk(b"zTXt", &note), chunk(b"iCCP", &profile)], &zlib(&[0; 72]))
        }),
        attack(
            "chunk-of-4-gib.png",
            Lost,
            [&png(8, 8, &[], &zlib(&[0; 72]))[..33], &[0xff, 0xff, 0xff, 0xff], b"IDAT"].concat(),
        ),
        attack(
            "chunks-without-end.png",
            Any,
            png(8, 8, &vec![chunk(b"tEXt", b"a\0b"); 200_000], &zlib(&[0; 72])),
        ),
        attack("huge.jpg", Lost, jpeg(0xc0, 65_500, 65_500, 1, &[])),
        attack("scans-without-end.jpg", Any, jpeg(0xc2, 8000, 8000, 5000, &[])),
        attack("no-height.jpg", Lost, jpeg(0xc0, 65_500, 0, 1, &[])),
        attack("exif-in-a-ring.jpg", Any, jpeg(0xc0, 16, 16, 1, &[marker(0xe1, &exif_ring())])),
        attack(
            "markers-without-end.jpg",
            Any,
            jpeg(0xc0, 16, 16, 1, &vec![marker(0xe2, b"ICC_PROFILE\0\xff\xff"); 100_000]),
        ),
        attack("heads-without-end.jpg", Lost, b"\xff\xd8\xff\xe0\0\x02".repeat(100_000)),
        attack("huge.bmp", Lost, bmp(65_535, 65_535, 24, 0, &[0; 64])),
        attack("negative.bmp", Lost, bmp(0x8000_0000, 0x8000_0000, 24, 0, &[0; 64])),
        attack("jumps.bmp", Any, bmp(30_000, 3000, 8, 1, &[0, 2, 255, 255].repeat(1000))),
        attack("huge.gif", Lost, gif(65_535, 65_535, 1)),
        attack("frames-without-end.gif", Any, gif(600, 600, 30_000)),
        attack(
            "blocks-without-end.gif",
            Any,
            [gif(16, 16, 1), [0x21, 0xfe, 1, b'x', 0].repeat(300_000)].concat(),
        ),
        attack(
            "huge.webp",
            Lost,
            riff(&[(b"VP8L", [&[0x2f, 0xff, 0xff, 0xff, 0x0f][..], &[0; 64]].concat())]),
        ),
        attack(
            "huge-canvas.webp",
            Lost,
            riff(&[
                (b"VP8X", [&[2, 0, 0, 0][..], &[0xff; 6]].concat()),
                (b"ANIM", vec![0; 6]),
                (b"ANMF", vec![0xff; 24]),
            ]),
        ),
        attack(
            "chunk-of-4-gib.webp",
            Lost,
            [&b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff"[..], &[0; 64]].concat(),
        ),
        attack("huge.tif", Lost, tiff(&grey(65_535, 65_535, 1, 64), 0, &[0; 64])),
        attack("largest.tif", Lost, tiff(&grey(u32::MAX, u32::MAX, 1, u32::MAX), 0, &[0; 64])),
        attack("directory-in-a-ring.tif", Any, tiff(&small(), 8, &[9; 256])),
        attack("directory-outside.tif", Any, tiff(&small(), u32::MAX, &[9; 256])),
        attack("directories-without-end.tif", Any, {
            // Each of one entry, behind one another.
            let mut file = b"II*\0\x08\0\0\0".to_vec();
            for i in 0..70_000u32 {
                file.extend([1, 0, 0, 1, 4, 0, 1, 0, 0, 0, 9, 0, 0, 0]);
                file.extend((8 + (i + 1) * 18).to_le_bytes());
            }
            file
        }),
        attack("strip-of-4-gib.tif", Any, tiff(&with(small(), 279, 1, u32::MAX), 0, &[9; 256])),
        attack(
            "strips-without-end.tif",
            Any,
            tiff(&with(with(small(), 273, u32::MAX, 8), 279, u32::MAX, 8), 0, &[9; 256]),
        ),
        attack("rows-of-none.tif", Any, tiff(&with(small(), 278, 1, 0), 0, &[9; 256])),
        attack("samples-without-end.tif", Lost, tiff(&with(small(), 277, 1, 65_535), 0, &[9; 256])),
        attack("packed-bomb.tif", Any, {
            let data = zlib(&vec![0; 96 << 20]);
            tiff(&grey(16, 16, 8, data.len() as u32), 0, &data)
        }),
        attack(
            "fax-of-nothing.tif",
            Any,
            tiff(&with(grey(60_000, 1900, 4, 64), 258, 1, 1), 0, &[0xff; 64]),
        ),
        attack(
            "kind-of-entry.tif",
            Any,
            tiff(&[(256, 99, u32::MAX, 9), (257, 0, 0, 0), (0, 12, u32::MAX, 8)], 8, b""),
        ),
        attack("huge.jp2", Lost, jp2(HUGE, HUGE, HUGE)),
        attack("tiles-without-end.jp2", Any, jp2(30_000, 4000, 1)),
        attack(
            "box-of-nothing.jp2",
            Lost,
            [
                box_of(b"jP  ", b"\r\n\x87\n"),
                vec![
                    0, 0, 0, 1, b'j', b'p', b'2', b'c', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                    0xff,
                ],
            ]
            .concat(),
        ),
        attack(
            "deep-boxes.jp2",
            Lost,
            [
                box_of(b"jP  ", b"\r\n\x87\n"),
                (0..20_000).fold(Vec::new(), |inner, _| box_of(b"jp2h", &inner)),
            ]
            .concat(),
        ),
        attack(
            "deep-boxes.heic",
            Lost,
            heic(b"meta", &(0..20_000).fold(Vec::new(), |inner, _| box_of(b"iprp", &inner))),
        ),
        attack(
            "counts-that-lie.heic",
            Lost,
            heic(
                b"meta",
                &[
                    &[0; 4][..],
                    &box_of(b"iloc", &[2, 0, 0, 0, 0x44, 0x44, 0xff, 0xff, 0xff, 0xff]),
                    &box_of(b"iinf", &[0xff; 12]),
                ]
                .concat(),
            ),
        ),
        attack(
            "huge.psd",
            Lost,
            [
                &b"8BPS\0\x01\0\0\0\0\0\0\0\x38"[..],
                &u32_be(300_000),
                &u32_be(300_000),
                &[0, 8, 0, 3],
                &[0xff; 64],
            ]
            .concat(),
        ),
        attack("huge.pnm", Any, b"P5 4000000000 4000000000 255\nxxxx".to_vec()),
        attack(
            "directory-in-a-ring.djvu",
            Lost,
            [&b"AT&TFORM\xff\xff\xff\xffDJVMDIRM\xff\xff\xff\xff"[..], &[0xff; 64]].concat(),
        ),
        attack("records-without-end.emf", Any, {
            let mut file = vec![1, 0, 0, 0, 108, 0, 0, 0];
            file.extend([0xff; 32]);
            file.extend(b" EMF");
            file.resize(108, 0xff);
            file.extend([81, 0, 0, 0, 0, 0, 0, 0].repeat(500));
            file
        }),
    ]
}
