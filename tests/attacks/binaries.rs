//! OLE2, SQLite, RTF, and containers of which little more than a lying header is there.

use super::{Attack, Fate, attack, u16_le, u32_be, u32_le};

const SECTOR: usize = 512;
const END: usize = 0xffff_fffe;
const FREE: usize = 0xffff_ffff;

/// A compound file with one sector of each: allocation table (0), directory (1), data (2).
fn ole2(table: &[usize], change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut file = vec![0u8; SECTOR];
    file[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    file[24..34].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    file[44..48].copy_from_slice(&u32_le(1)); // sectors of the allocation table
    file[48..52].copy_from_slice(&u32_le(1)); // first sector of the directory
    file[56..60].copy_from_slice(&u32_le(4096));
    for (at, value) in [(60, END), (64, 0), (68, END), (72, 0), (76, 0)] {
        file[at..at + 4].copy_from_slice(&u32_le(value));
    }
    file[80..].fill(0xff);
    let mut sector = vec![0xff; SECTOR];
    for (i, next) in table.iter().enumerate() {
        sector[i * 4..i * 4 + 4].copy_from_slice(&u32_le(*next));
    }
    file.extend(sector);
    file.extend(entry("Root Entry", 5, 1, END, 0));
    file.extend(entry("WordDocument", 2, FREE, 2, 1 << 20));
    file.extend(entry("Workbook", 2, 1, 2, 0xffff_ffff));
    file.extend(entry("1Table", 1, 3, 2, 4096));
    file.extend([0xec, 0xa5].into_iter().chain([0xff; SECTOR - 2]));
    change(&mut file);
    file
}

fn entry(name: &str, kind: u8, child: usize, start: usize, size: usize) -> Vec<u8> {
    let mut entry = vec![0u8; 128];
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    entry[..name.len()].copy_from_slice(&name);
    entry[64..66].copy_from_slice(&u16_le(name.len()));
    (entry[66], entry[67]) = (kind, 1);
    // Left and right of everything is the second entry: a tree that is none.
    let twin = if kind == 5 { FREE } else { 2 };
    for (at, value) in [(68, twin), (72, twin), (76, child), (116, start), (120, size)] {
        entry[at..at + 4].copy_from_slice(&u32_le(value));
    }
    entry
}

fn sqlite(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut file = vec![0u8; 4096];
    file[..16].copy_from_slice(b"SQLite format 3\0");
    file[16..24].copy_from_slice(&[16, 0, 1, 1, 0, 64, 32, 32]);
    file[28..32].copy_from_slice(&u32_be(1));
    file[44..48].copy_from_slice(&u32_be(4));
    file[56..60].copy_from_slice(&u32_be(1));
    // An inner page of the schema whose children are itself.
    file[100..112].copy_from_slice(&[5, 0, 0, 0, 1, 0x0f, 0xf0, 0, 0, 0, 0, 1]);
    file[112..114].copy_from_slice(&[0x0f, 0xf0]);
    file[0xff0..0xff5].copy_from_slice(&[0, 0, 0, 1, 1]);
    change(&mut file);
    file
}

pub fn attacks() -> Vec<Attack> {
    use Fate::{Any, Lost};
    let set = |at: usize, bytes: &'static [u8]| {
        move |file: &mut Vec<u8>| file[at..at + bytes.len()].copy_from_slice(bytes)
    };
    let mut all = vec![
        attack("table-in-a-ring.doc", Lost, ole2(&[0, 2, 1], |_| {})),
        attack("stream-in-a-ring.doc", Lost, ole2(&[0xffff_fffd, END, 2], |_| {})),
        attack("directory-in-a-ring.doc", Lost, ole2(&[0xffff_fffd, 1, END], |_| {})),
        attack("table-is-itself.doc", Lost, ole2(&[0, 0, 0], set(76, &[1, 0, 0, 0]))),
        attack("tables-without-end.xls", Lost, ole2(&[0xffff_fffd, END, END], set(44, &[0xff; 4]))),
        attack("table-of-tables-in-a-ring.xls", Lost, ole2(&[0xffff_fffd, END, END], set(68, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]))),
        attack("sectors-of-2-gib.doc", Lost, ole2(&[0xffff_fffd, END, END], set(30, &[31, 0, 31, 0]))),
        attack("sectors-of-one-byte.doc", Lost, ole2(&[0xffff_fffd, END, END], set(30, &[0, 0, 0, 0]))),
        attack("sectors-of-none.doc", Lost, ole2(&[0xffff_fffd, END, END], set(30, &[0xff; 4]))),
        attack("small-table-in-a-ring.msg", Lost, ole2(&[0xffff_fffd, END, 2], set(60, &[2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]))),
        attack("only-a-head.ppt", Lost, ole2(&[0xffff_fffd, END, END], |file| file.truncate(512))),
        attack("schema-in-a-ring.db", Lost, sqlite(|_| {})),
        attack("page-of-one-byte.db", Lost, sqlite(set(16, &[0, 1]))),
        attack("pages-without-end.db", Lost, sqlite(set(28, &[0xff; 4]))),
        attack("odd-text-code.db", Lost, sqlite(set(56, &[0xff; 4]))),
        attack("deep-groups.rtf", Any, ["{\\rtf1\\ansi ", &"{\\b ".repeat(100_000), "ИИН 900101100004"].concat()),
        attack("binary-without-end.rtf", Any, "{\\rtf1\\ansi {\\pict\\pngblip\\bin4294967295 xxxx} {\\pict\\bin-5 x}}"),
        attack("skips-without-end.rtf", Any, format!("{{\\rtf1\\ansi\\uc99999999 \\u1048 {}}}", "\\'ff".repeat(100_000))),
        attack("words-without-end.rtf", Any, format!("{{\\rtf1\\{} x}}", "a".repeat(1 << 20))),
        attack("closes-only.rtf", Any, format!("{{\\rtf1{}", "}".repeat(1 << 20))),
        attack("huge-head.7z", Lost, [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &[0; 4], &[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0], &[0xff; 16]].concat()),
        attack("head-that-lies.rar", Lost, [&b"Rar!\x1a\x07\x01\0"[..], &[0xff; 200]].concat()),
        attack("old-head-that-lies.rar", Lost, [&b"Rar!\x1a\x07\0"[..], &[0xff; 200]].concat()),
        attack("folders-that-lie.cab", Lost, [&b"MSCF\0\0\0\0\xff\xff\xff\x7f\0\0\0\0\x2c\0\0\0\0\0\0\0\x03\x01\xff\xff\xff\xff\0\0"[..], &[0xff; 64]].concat()),
        attack("one-c-head.1cd", Lost, [&b"1CDBMSV8"[..], &[0xff; 4096]].concat()),
        attack("tables-that-lie.mdb", Lost, [&b"\0\x01\0\0Standard Jet DB\0"[..], &[0xff; 4096]].concat()),
        attack("rows-without-end.parquet", Lost, [&b"PAR1\x15\x04"[..], &[0xff; 64], &[0xff, 0xff, 0xff, 0x7f], b"PAR1"].concat()),
        attack("columns-of-nothing.parquet", Lost, [&b"PAR1\x15\x02\x19\xfc\xff\xff\xff\xff\x07"[..], &[0; 400_000], &400_009u32.to_le_bytes(), b"PAR1"].concat()),
        attack("structs-in-structs.parquet", Lost, [&b"PAR1"[..], &[0x1c; 100_000], &100_000u32.to_le_bytes(), b"PAR1"].concat()),
        attack("rows-without-end.prn", Any, [&b"\x1bE\x1b*r1A"[..], &b"\x1b*b65535Y".repeat(20_000), &b"\x1b*b3m2W\xff\xff".repeat(20_000)].concat()),
        attack("one-row-twice-and-twice.prn", Any, [&b"\x1b*r1A\x1b*b5m9W\0\0\x01\xff"[..], &b"\x05\xff\xff"[..], &b"\x1b*b3W\x05\xff\xff".repeat(20_000)].concat()),
        attack("picture-that-lies.prn", Lost, [
            &b") HP-PCL XL;2;0\n\xc0\x01\xf8\x03\x6a\xc0\x02\xf8\x62\xc0\0\xf8\x64\xc1\xff\xff\xf8\x6c\xc1\xff\xff\xf8\x6b\xb0"[..],
            &b"\xc0\0\xf8\x6d\xc1\xff\xff\xf8\x63\xc0\x01\xf8\x65\xb1\xfb\x02\x81\0\xb2\x44"[..],
        ].concat()),
        attack("lengths-that-lie.dcm", Lost, [&[0; 128][..], b"DICM", &[0xe0, 0x7f, 0x10, 0, b'O', b'W', 0, 0, 0xff, 0xff, 0xff, 0xfe], &[0xfe, 0xff, 0, 0xe0].repeat(64)].concat()),
        attack("nodes-in-a-ring.pst", Lost, [&b"!BDN\0\0\0\0SM\x17\0"[..], &[0xff; 600]].concat()),
        attack("folder-in-itself.iso", Lost, {
            let mut file = vec![0u8; 20 * 2048];
            file[0x8000..0x8007].copy_from_slice(b"\x01CD001\x01");
            // The root lies in sector 17 and so does all that is in it.
            let record = |name: u8, size: u32| {
                let mut record = vec![34u8, 0];
                for value in [17u32, size] {
                    record.extend(value.to_le_bytes());
                    record.extend(value.to_be_bytes());
                }
                record.extend([0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0, 1, 1, name]);
                record
            };
            file[0x8000 + 128..0x8000 + 132].copy_from_slice(&[0, 8, 8, 0]);
            file[0x8000 + 156..0x8000 + 190].copy_from_slice(&record(0, u32::MAX));
            file[0x8800..0x8806].copy_from_slice(b"\xffCD001");
            let inside = [record(0, 2048), record(1, 2048), record(b'A', 2048), record(b'B', u32::MAX)].concat();
            file[17 * 2048..17 * 2048 + inside.len()].copy_from_slice(&inside);
            file
        }),
        attack("fields-that-lie.dbf", Any, [&[3, 126, 11, 21, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..], &[0; 20], &[0xff; 512]].concat()),
        attack("sizes-that-lie.cpio", Any, ["070701", &"F".repeat(104), &"x".repeat(512)].concat()),
        attack("sizes-that-lie.deb", Any, "!<arch>\ndebian-binary   0           0     0     100644  9999999999`\n2.0\n"),
        attack("lead-that-lies.rpm", Any, [&[0xed, 0xab, 0xee, 0xdb, 3, 0][..], &[0xff; 90], &[0x8e, 0xad, 0xe8, 1], &[0xff; 12]].concat()),
        attack("chunks-that-lie.evtx", Any, [&b"ElfFile\0"[..], &[0xff; 4088], b"ElfChnk\0", &[0xff; 4088]].concat()),
        attack("objects-in-a-ring.journal", Any, [&b"LPKSHHRH"[..], &[0xff; 4088]].concat()),
        attack("zeros.bin", Any, vec![0; 8 << 20]),
        attack("ones.bin", Any, vec![0xff; 1 << 20]),
        attack("line-ends.txt", Any, "\n".repeat(2 << 20)),
        attack("digits.txt", Any, "123456789012 ".repeat(200_000)),
        attack("half-a-pair.txt", Any, [&[0xff, 0xfe][..], &[0, 0xd8].repeat(300_000)].concat()),
    ];
    for extension in EXTENSIONS {
        all.push(attack(format!("empty.{extension}"), Any, ""));
        all.push(attack(format!("one-byte.{extension}"), Any, "\u{1}"));
    }
    all
}

/// What files are called here.
pub const EXTENSIONS: &[&str] = &[
    "7z", "bmp", "bz2", "cab", "csv", "db", "dbf", "djvu", "doc", "docx", "eml", "epub", "evtx",
    "fb2", "gif", "gz", "heic", "html", "iso", "jp2", "jpg", "json", "jsonl", "lz4", "mbox", "mht",
    "msg", "odp", "ods", "odt", "pdf", "png", "ppt", "pptx", "pst", "rar", "rtf", "sql", "svg",
    "tar", "tgz", "tif", "txt", "webp", "xls", "xlsb", "xlsx", "xml", "xps", "xz", "zip", "zst",
];
