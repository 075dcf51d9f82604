//! Programs and scripts that carry something, pictures without a magic, logs of databases, animations.

use super::{Attack, Fate, attack, u32_be, u32_le};

/// A program whose only section is said to be so long, with this behind it.
fn program(section: usize, behind: &[u8]) -> Vec<u8> {
    let mut file = vec![0u8; 0x200];
    file[..2].copy_from_slice(b"MZ");
    file[0x3c] = 0x80;
    file[0x80..0x84].copy_from_slice(b"PE\0\0");
    file[0x86] = 1;
    file[0x94] = 0xe0;
    file[0x98..0x9a].copy_from_slice(&[0x0b, 1]);
    file[0x188..0x18c].copy_from_slice(&u32_le(section));
    file[0x18c..0x190].copy_from_slice(&u32_le(0x200));
    file.extend_from_slice(behind);
    file
}

/// A log of pages of 512 bytes, each a leaf whose only value goes on in page 1, which is itself.
fn log(pages: usize) -> Vec<u8> {
    let mut file =
        [&[0x37, 0x7f, 6, 0x82][..], &u32_be(3_007_000), &u32_be(512), &[0; 20]].concat();
    for _ in 0..pages {
        let mut page = vec![0u8; 512];
        page[..10].copy_from_slice(&[0x0d, 0, 0, 0, 1, 0, 20, 0, 0, 20]);
        page[..4].copy_from_slice(&[0x0d, 0, 0, 0]);
        // A payload of 64 MiB less one.
        page[20..25].copy_from_slice(&[0x9f, 0xff, 0xff, 0x7f, 1]);
        file.extend([u32_be(1).to_vec(), vec![0; 20], page].concat());
    }
    file
}

fn gif(frames: usize) -> Vec<u8> {
    let mut file = b"GIF89a\x40\x01\x40\x01\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    for number in 0..frames {
        // One pixel somewhere, which makes a whole frame of it.
        let at = (number % 300) as u8;
        file.extend([
            0x21, 0xf9, 4, 0, 0, 0, 0, 0, 0x2c, at, 0, at, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 1, 0,
        ]);
    }
    file.push(0x3b);
    file
}

/// Forms of which each draws the next twice.
fn doubling_forms() -> Vec<u8> {
    let mut file = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
        3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>\nendobj\n\
        4 0 obj\n<</Length 5>>\nstream\n/F Do\nendstream\nendobj\n".to_vec();
    for number in 5..50 {
        let next = number + 1;
        let head = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</F {next} 0 R>>>>"
        );
        file.extend(
            format!(
                "{number} 0 obj\n<<{head}/Length 11>>\nstream\n/F Do /F Do\nendstream\nendobj\n"
            )
            .bytes(),
        );
    }
    file.extend(b"trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n");
    file
}

pub fn attacks() -> Vec<Attack> {
    use Fate::{Any, Lost};
    let png = b"\x89PNG\r\n\x1a\n";
    vec![
        attack("section-without-end.exe", Any, program(0xffff_ffff, &[7; 4096])),
        attack(
            "archive-that-lies.exe",
            Lost,
            program(0, &[&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &[0xff; 4096]].concat()),
        ),
        attack(
            "installer.exe",
            Lost,
            program(0, &[&b"\xef\xbe\xad\xdeNullsoftInst"[..], &[0xa5; 4096]].concat()),
        ),
        attack(
            "cabinets-without-end.exe",
            Any,
            program(
                0x10_0000,
                &b"MSCF\0\0\0\0\x2c\0\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0\x03\x01".repeat(30_000),
            ),
        ),
        attack(
            "payload-that-lies.run",
            Lost,
            [&b"#!/bin/sh\nexit\n\x1f\x8b\x08"[..], &[0; 400]].concat(),
        ),
        attack(
            "huge.tga",
            Lost,
            [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x4e, 0x20, 0x4e, 32, 8],
        ),
        attack(
            "cut.tga",
            Lost,
            [0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99, 0, 99, 0, 24, 0, 0xff, 1],
        ),
        attack(
            "huge.xpm",
            Lost,
            "/* XPM */\nstatic char *a[] = {\"4000000000 4000000000 1 1\", \"a c #000\", \"aaa\"};",
        ),
        attack(
            "colours-without-end.xpm",
            Lost,
            format!(
                "/* XPM */ {{\"9 9 4000000000 4\",{} }};",
                "\"abcd c #123456\",".repeat(90_000)
            ),
        ),
        attack("value-in-a-ring.sqlite-wal", Any, log(40)),
        attack("frames-without-end.gif", Lost, gif(30_000)),
        attack(
            "frames-that-lie.png",
            Lost,
            [
                &png[..],
                &[0, 0, 0, 13],
                b"IHDR",
                &[0, 0, 0, 9, 0, 0, 0, 9, 8, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 8],
                b"acTL",
                &[0xff; 12],
            ]
            .concat(),
        ),
        attack("forms-that-double.pdf", Lost, doubling_forms()),
        attack("rows-in-brackets.sql", Any, "[[(".repeat(300_000)),
        attack("rows-of-quotes.sql", Any, "VALUES ('900101100004','\\',".repeat(60_000)),
        attack(
            "lists-of-names.json",
            Any,
            "\"columns\":[\"a\",\"b\"],\"d\":[[900101100004,".repeat(40_000),
        ),
    ]
}
