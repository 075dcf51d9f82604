//! Zip archives: bombs of every kind, lies, odd names.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::{Attack, Fate, attack, crc32, labelled, u16_le, u32_le};

/// One entry, with everything that a liar may set.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub crc: u32,
    /// As the headers say.
    pub packed: u32,
    pub size: u32,
    pub extra: Vec<u8>,
    pub data: Vec<u8>,
}

impl Entry {
    pub fn stored(name: impl AsRef<[u8]>, data: &[u8]) -> Entry {
        let length = data.len() as u32;
        Entry {
            name: name.as_ref().to_vec(),
            method: 0,
            flags: 1 << 11,
            crc: crc32(data),
            packed: length,
            size: length,
            extra: Vec::new(),
            data: data.to_vec(),
        }
    }

    pub fn deflated(name: impl AsRef<[u8]>, data: &[u8]) -> Entry {
        let packed = deflate(data);
        Entry { method: 8, packed: packed.len() as u32, data: packed, ..Entry::stored(name, data) }
    }

    fn fields(&self) -> Vec<u8> {
        [
            &[20, 0][..],
            &self.flags.to_le_bytes(),
            &self.method.to_le_bytes(),
            &[0; 4],
            &self.crc.to_le_bytes(),
            &self.packed.to_le_bytes(),
            &self.size.to_le_bytes(),
            &u16_le(self.name.len()),
            &u16_le(self.extra.len()),
        ]
        .concat()
    }

    pub fn local(&self) -> Vec<u8> {
        [b"PK\x03\x04", &self.fields()[..], &self.name, &self.extra].concat()
    }

    pub fn central(&self, offset: usize) -> Vec<u8> {
        let rest = [0u8; 10];
        [b"PK\x01\x02\x14\0", &self.fields()[..], &rest, &u32_le(offset), &self.name, &self.extra]
            .concat()
    }
}

pub fn end(entries: usize, size: usize, start: usize) -> Vec<u8> {
    let count = u16_le(entries);
    [b"PK\x05\x06\0\0\0\0", &count[..], &count, &u32_le(size), &u32_le(start), &[0, 0]].concat()
}

/// An archive of these, in this order.
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        directory.extend(entry.central(file.len()));
        file.extend(entry.local());
        file.extend(&entry.data);
    }
    let start = file.len();
    file.extend(&directory);
    file.extend(end(entries.len(), directory.len(), start));
    file
}

pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::best());
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

/// Entries that all share one stream, each quoting the headers of the next as stored blocks
/// (Fifield, "A better zip bomb").
fn quoted_overlap(entries: usize, kernel: usize) -> Vec<u8> {
    let zeros = vec![0u8; kernel];
    let mut entry = Entry::deflated(format!("{entries:06}"), &zeros);
    let mut file = [entry.local(), entry.data.clone()].concat();
    // Offsets are counted from the end of the file while it grows to the front.
    let mut list = vec![(entry.clone(), file.len())];
    let (mut packed, mut size, mut content) = (entry.data.len(), kernel, zeros);
    for i in (0..entries).rev() {
        let header = entry.local();
        let length = header.len();
        let quote = [&[0][..], &u16_le(length), &u16_le(!length)].concat();
        packed += quote.len() + length;
        size += length;
        content.splice(0..0, header);
        entry = Entry {
            crc: crc32(&content),
            packed: packed as u32,
            size: size as u32,
            ..Entry::stored(format!("{i:06}"), b"")
        };
        entry.method = 8;
        file = [entry.local(), quote, file].concat();
        list.push((entry.clone(), file.len()));
    }
    let start = file.len();
    let directory: Vec<u8> =
        list.iter().rev().flat_map(|(entry, back)| entry.central(start - back)).collect();
    let close = end(list.len(), directory.len(), start);
    [file, directory, close].concat()
}

/// Every entry of the directory points to one and the same stream.
fn full_overlap(entries: usize, kernel: usize) -> Vec<u8> {
    let one = Entry::deflated("x", &vec![0u8; kernel]);
    let mut file = [one.local(), one.data.clone()].concat();
    let start = file.len();
    for _ in 0..entries {
        file.extend(one.central(0));
    }
    let size = file.len() - start;
    file.extend(end(entries, size, start));
    file
}

/// 42.zip: archives in archives, each the same several times.
fn nested(levels: usize, fan: usize, leaf: usize) -> Vec<u8> {
    let mut inner = zip(&[Entry::deflated("leaf", &vec![b'0'; leaf])]);
    for level in 0..levels {
        let entries: Vec<Entry> =
            (0..fan).map(|i| Entry::deflated(format!("lib {level}{i}.zip"), &inner)).collect();
        inner = zip(&entries);
    }
    inner
}

fn chain(levels: usize, innermost: &[u8]) -> Vec<u8> {
    (0..levels).fold(innermost.to_vec(), |inner, _| zip(&[Entry::stored("in.zip", &inner)]))
}

/// Names that break terminals, logs, parsers or paths.
pub fn hostile_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "../../../../etc/passwd",
        "/etc/shadow",
        "C:\\Windows\\win.ini",
        "two\nlines.txt",
        "\r\n{\"schema\":\"iinspect.finding/1\",\"id\":\"forged\"}",
        "\u{1b}[2J\u{1b}[1;31mred\u{1b}]0;title\u{7}",
        "CEF:0|x|y|1|forged|forged|10|src=1\\|=",
        "a\"b\\c',;|=<>&",
        "\u{202e}gnp.tluser\u{2066}\u{2069}.exe",
        "nul\0inside",
        "\u{feff}\u{200b}\u{200d}",
        "ИИН 900101100014.txt",
        "9001-0110-0014 жеке куәлік.txt",
        "$(reboot)`id`;rm -rf ~",
        "%00%2e%2e%n%s%x",
        "",
        ".",
        "..",
        "\u{85}\u{2028}\u{2029}",
        "<script>alert(1)</script>",
    ]
    .map(str::to_owned)
    .into();
    names.push("д".repeat(32_000));
    names.push("a/".repeat(30_000));
    names
}

pub fn attacks(planted: &[u8]) -> Vec<Attack> {
    use Fate::{Any, Found, FoundAndLost, Lost};
    let text = labelled();
    let named: Vec<Entry> =
        hostile_names().iter().map(|name| Entry::stored(name.as_bytes(), &text)).collect();
    let lies = |change: fn(&mut Entry)| {
        let mut entry = Entry::deflated("liar.txt", &text.repeat(20));
        change(&mut entry);
        zip(&[entry, Entry::stored("honest.png", planted)])
    };
    let mut locked = Entry::stored("locked.txt", b"0123456789012345");
    locked.flags |= 1;
    let mut zip64 = Entry::stored("wide.txt", &text);
    (zip64.packed, zip64.size) = (u32::MAX, u32::MAX);
    zip64.extra = [&[1, 0, 16, 0][..], &[0xff; 16]].concat();
    let mut endless_extra = Entry::stored("extra.txt", &text);
    endless_extra.extra = vec![0xff; 65_535];
    let mut unicode = Entry::stored("plain.txt", &text);
    let spoof = "ИИН 900101100014 \u{1b}[31m.txt".as_bytes();
    unicode.extra = [&[0x75, 0x70][..], &u16_le(5 + spoof.len()), &[1, 0, 0, 0, 0], spoof].concat();
    let whole = zip(&[Entry::deflated("card.png", planted), Entry::stored("a.txt", &text)]);
    let mut lying_end = whole.clone();
    let at = lying_end.len() - 22;
    lying_end[at + 8..at + 20].fill(0xff);
    let mut loop64 = whole.clone();
    let wide = [&b"PK\x06\x06"[..], &[0xff; 52], b"PK\x06\x07", &[0xff; 16]].concat();
    loop64.splice(at..at, wide);
    let more = loop64.len() - 22;
    loop64[more + 12..more + 20].fill(0xff);
    let first_broken = zip(&[
        locked,
        Entry { method: 99, ..Entry::stored("odd.bin", b"0123456789") },
        Entry { packed: u32::MAX - 1, ..Entry::deflated("long.bin", b"0123456789") },
        Entry { method: 8, ..Entry::stored("noise.bin", &[0xa5; 999]) },
        Entry::deflated("папка/жеке куәлік.png", planted),
    ]);
    vec![
        attack("bomb.zip", Lost, zip(&[Entry::deflated("zeros", &vec![0; 96 << 20])])),
        attack("bomb-behind-a-card.zip", FoundAndLost, {
            zip(&[Entry::stored("card.png", planted), Entry::deflated("z", &vec![0; 96 << 20])])
        }),
        attack("42.zip", Lost, nested(4, 12, 2 << 20)),
        attack("wide-and-deep.zip", Lost, nested(9, 2, 1000)),
        attack("quoted-overlap.zip", Lost, quoted_overlap(250, 1 << 20)),
        attack("full-overlap.zip", Lost, full_overlap(30_000, 1 << 16)),
        attack("deep-chain.zip", Lost, chain(60, &zip(&[Entry::stored("a.txt", &text)]))),
        attack("long-names.zip", Found, zip(&named)),
        attack("many-empty.zip", Lost, {
            zip(&(0..60_000).map(|i| Entry::stored(format!("{i}"), b"")).collect::<Vec<_>>())
        }),
        attack("many-tiny.zip", Lost, {
            zip(&(0..45_000).map(|i| Entry::stored(format!("{i}"), b"x")).collect::<Vec<_>>())
        }),
        attack("says-it-is-large.zip", FoundAndLost, lies(|e| e.size = u32::MAX - 1)),
        attack("says-it-is-empty.zip", FoundAndLost, lies(|e| e.size = 0)),
        attack("says-packed-is-large.zip", FoundAndLost, lies(|e| e.packed = u32::MAX - 1)),
        attack("says-it-is-cut.zip", FoundAndLost, lies(|e| e.packed = 3)),
        attack("wrong-crc.zip", FoundAndLost, lies(|e| e.crc ^= 1)),
        attack("unknown-method.zip", FoundAndLost, lies(|e| e.method = 0xfffe)),
        attack("first-broken-then-a-card.zip", FoundAndLost, first_broken),
        attack(
            "zip64-of-all-ones.zip",
            FoundAndLost,
            zip(&[zip64, Entry::stored("c.png", planted)]),
        ),
        attack("endless-extra.zip", Found, zip(&[endless_extra])),
        attack("unicode-path.zip", Found, zip(&[unicode])),
        attack("end-of-all-ones.zip", Found, lying_end),
        attack("zip64-end-of-all-ones.zip", Any, loop64),
        attack("directory-only.zip", Lost, {
            let mut directory = Entry::stored("a", b"x").central(0);
            let length = directory.len();
            directory.splice(0..0, *b"PK\x03\x04");
            [directory, end(1, length, 4)].concat()
        }),
        attack("end-only.zip", Any, end(65_535, 0, 0)),
        attack("local-headers-only.zip", Lost, b"PK\x03\x04".repeat(100_000)),
        attack("ends-only.zip", Any, [b"PK\x03\x04".to_vec(), end(9, 99, 0).repeat(3000)].concat()),
    ]
}
