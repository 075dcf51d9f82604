//! Tar archives whose headers lie, and what tar alone has: links, devices, holes.

use super::{Attack, Fate, attack, labelled};

const BLOCK: usize = 512;

/// One header; `size` is written as it is, so that it may be none.
fn header(name: &[u8], kind: u8, size: &[u8]) -> Vec<u8> {
    let mut header = vec![0u8; BLOCK];
    header[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..124 + size.len()].copy_from_slice(size);
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    seal(header)
}

fn seal(mut header: Vec<u8>) -> Vec<u8> {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

fn octal(size: usize) -> Vec<u8> {
    format!("{size:011o}").into_bytes()
}

fn member(name: &[u8], kind: u8, data: &[u8]) -> Vec<u8> {
    let mut out = header(name, kind, &octal(data.len()));
    out.extend(data);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
    out
}

fn link(name: &[u8], kind: u8, target: &[u8]) -> Vec<u8> {
    let mut header = header(name, kind, &octal(0));
    header[157..157 + target.len()].copy_from_slice(target);
    seal(header)
}

fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    [&members.concat()[..], &[0; 2 * BLOCK]].concat()
}

/// GNU sparse: `real` bytes of which almost none are there.
fn sparse(real: &[u8]) -> Vec<u8> {
    let mut header = header(b"holes", b'S', &octal(BLOCK));
    header[257..265].copy_from_slice(b"ustar  \0");
    // One piece: 512 bytes at the very end.
    header[386..397].copy_from_slice(&octal(1 << 32)[..11]);
    header[398..409].copy_from_slice(&octal(BLOCK));
    header[483..483 + real.len()].copy_from_slice(real);
    let mut out = seal(header);
    out.extend([b'x'; BLOCK]);
    out
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let record = |(key, value): &(&str, &str)| {
        let rest = key.len() + value.len() + 3;
        let length = (rest..).find(|n| n - n.to_string().len() == rest).unwrap();
        format!("{length} {key}={value}\n").into_bytes()
    };
    member(b"pax", b'x', &records.iter().flat_map(record).collect::<Vec<u8>>())
}

pub fn attacks(planted: &[u8]) -> Vec<Attack> {
    use Fate::{Any, Found, FoundAndLost, Lost};
    let text = labelled();
    let card = member("папка/card.png".as_bytes(), b'0', planted);
    let then = |broken: Vec<u8>| tar(&[card.clone(), broken]);
    let mut negative = header(b"negative", b'0', &[0xff; 12]);
    negative.extend([b'x'; BLOCK]);
    let deep = (0..30).fold(text.clone(), |inner, i| {
        tar(&[member(format!("level {i}.tar").as_bytes(), b'0', &inner)])
    });
    vec![
        attack("huge-size.tar", FoundAndLost, then(header(b"huge", b'0', b"77777777777\0"))),
        attack("negative-size.tar", FoundAndLost, then(negative)),
        attack("largest-base-256-size.tar", FoundAndLost, {
            then(header(b"huge", b'0', &[&[0x80, 0, 0, 0, 0x7f][..], &[0xff; 7]].concat()))
        }),
        attack("size-that-is-no-number.tar", FoundAndLost, {
            then(header(b"odd", b'0', b"9x9-+ ~~~~~"))
        }),
        attack("sparse-of-8-gib.tar", FoundAndLost, then(sparse(&octal((8 << 30) - 1)))),
        attack("sparse-of-exabytes.tar", FoundAndLost, {
            then(sparse(&[&[0x80, 0, 0, 0, 0x7f][..], &[0xff; 7]].concat()))
        }),
        attack("pax-size.tar", FoundAndLost, {
            let sizes = pax(&[("size", "9999999999999999999"), ("path", "x")]);
            then([sizes, member(b"x", b'0', b"x")].concat())
        }),
        attack("pax-size-that-overflows.tar", Any, {
            let sizes = pax(&[("size", "99999999999999999999"), ("size", "-1")]);
            then([sizes, member(b"x", b'0', b"x")].concat())
        }),
        attack("pax-sparse.tar", Any, {
            let holes = [
                ("GNU.sparse.major", "1"),
                ("GNU.sparse.minor", "0"),
                ("GNU.sparse.realsize", "9223372036854775807"),
                ("GNU.sparse.name", "holes"),
            ];
            then([pax(&holes), member(b"x", b'0', b"1\n9223372036854775807\n1\n")].concat())
        }),
        attack("pax-path-of-a-mebibyte.tar", Any, {
            then([pax(&[("path", &"p/".repeat(1 << 19))]), member(b"x", b'0', b"x")].concat())
        }),
        attack("pax-that-does-not-parse.tar", Any, {
            then([member(b"pax", b'x', &[0xfe; 2000]), member(b"x", b'0', b"x")].concat())
        }),
        attack("long-name-of-4-gib.tar", FoundAndLost, {
            then(header(b"././@LongLink", b'L', b"40000000000\0"))
        }),
        attack("links-and-devices.tar", Found, {
            tar(&[
                link(b"passwd", b'2', b"/etc/passwd"),
                link(b"self", b'1', b"self"),
                link(b"up", b'2', b"../../../.."),
                header(b"tty", b'3', &octal(0)),
                header(b"sda", b'4', &octal(0)),
                header(b"pipe", b'6', &octal(0)),
                header(b"folder/", b'5', &octal(0)),
                header(b"unknown", b'Z', &octal(0)),
                card.clone(),
            ])
        }),
        attack("names-that-lead-out.tar", Found, {
            tar(&[
                member(b"../../../etc/passwd", b'0', &text),
                member(b"/etc/shadow", b'0', &text),
                member("\u{1b}[31m\n\u{202e}x".as_bytes(), b'0', &text),
            ])
        }),
        attack("many-members.tar", Lost, tar(&vec![member(b"same", b'0', b"x"); 21_000])),
        attack("deep.tar", Lost, deep),
        attack("wrong-checksum-second.tar", FoundAndLost, {
            let mut broken = member(b"b", b'0', b"x");
            broken[148..154].copy_from_slice(b"777777");
            then(broken)
        }),
        attack("bomb.tar.gz", Lost, {
            super::packed::gz(&tar(&[member(b"zeros", b'0', &vec![0; 96 << 20])]))
        }),
    ]
}
