//! Formats that are recognised but not opened: each file of them is reported, so that silence
//! still means clean. Their raw bytes are scanned as text by the engine all the same.

use super::Extractor;
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

/// A format known by its first bytes alone.
pub struct Known {
    name: &'static str,
    media_type: &'static str,
    sniff: fn(&[u8]) -> bool,
}

impl Extractor for Known {
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
        _: &Locator,
        _: &[u8],
        _: &mut Budget,
        _: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        Err(Skip::Unsupported { format: self.name, detail: "not opened by this version".into() })
    }
}

const fn known(name: &'static str, media_type: &'static str, sniff: fn(&[u8]) -> bool) -> Known {
    Known { name, media_type, sniff }
}

#[cfg(not(feature = "heic"))]
pub static HEIC: Known = known("heic", "image/heic", is_heic);
pub static AVIF: Known = known("avif", "image/avif", |head| brand_is(head, &[b"avif", b"avis"]));
#[cfg(not(feature = "djvu"))]
pub static DJVU: Known = known("djvu", "image/vnd.djvu", |head| head.starts_with(b"AT&TFORM"));
pub static JPEG_XL: Known =
    known("jxl", "image/jxl", |head| head.starts_with(b"\0\0\0\x0cJXL \r\n\x87\n"));
/// HD Photo, which XPS files of Windows hold.
pub static JPEG_XR: Known =
    known("jxr", "image/jxr", |head| head.starts_with(&[b'I', b'I', 0xbc, 0x01]));
/// A message of OpenPGP (RFC 9580), binary or armoured: what is locked with it stays so.
pub static OPENPGP: Known = known("openpgp", "application/pgp-encrypted", |head| {
    let session_key = match *head {
        // Session key for a password or for a public key, its length in one byte or in two.
        [0x8c, _, 4, cipher, ..] => (1..=13).contains(&cipher),
        [0x84, _, 3, ..] | [0x85, _, _, 3, ..] => true,
        _ => false,
    };
    session_key || head.starts_with(b"-----BEGIN PGP MESSAGE-----")
});
/// What `openssl enc` writes.
pub static OPENSSL: Known =
    known("openssl-enc", "application/octet-stream", |head| head.starts_with(b"Salted__"));
pub static PCX: Known = known("pcx", "image/vnd.zbrush.pcx", |head| {
    // Maker, version, run lengths, bits of a sample.
    matches!(*head, [0x0a, 0 | 2..=5, 1, 1 | 2 | 4 | 8, ..])
        && head.get(64).is_some_and(|reserved| *reserved == 0)
});
/// Databases of 1C:Enterprise.
pub static ONE_C: Known =
    known("1cd", "application/x-1c-database", |head| head.starts_with(b"1CDBMSV8"));
pub static ACCESS: Known = known("access", "application/x-msaccess", |head| {
    head.get(4..15).is_some_and(|name| name == b"Standard Je" || name == b"Standard AC")
});
pub static CHM: Known =
    known("chm", "application/vnd.ms-htmlhelp", |head| head.starts_with(b"ITSF\x03\0\0\0"));
/// Disks of virtual machines: VHDX, QCOW, VMDK.
pub static DISK: Known = known("disk-image", "application/x-virtual-disk", |head| {
    [b"vhdxfile".as_slice(), b"QFI\xfb\0\0\0", b"KDMV"].iter().any(|magic| head.starts_with(magic))
});

/// Archives of older and of other systems: ARJ, LHA, WIM, xar, squashfs, of the web (WARC).
pub static ARCHIVE: Known = known("archive", "application/octet-stream", |head| {
    let begins = [b"MSWIM\0\0\0".as_slice(), b"xar!\0", b"hsqs", b"WARC/1."];
    let lha = head.get(2..7).is_some_and(|m| matches!(m, [b'-', b'l', b'h' | b'z', _, b'-']));
    // The length of ARJ's first header, which begins with its own length and a version.
    let arj = matches!(*head, [0x60, 0xea, low, high, first, version, ..]
        if (30..=2600).contains(&u16::from_le_bytes([low, high])) && (30..=60).contains(&first) && version < 20);
    lha || arj || begins.iter().any(|magic| head.starts_with(magic))
});
/// Rows that are packed by columns or blocks: Avro, ORC, Arrow, HDF5.
pub static ROWS: Known = known("packed-rows", "application/octet-stream", |head| {
    let begins = [b"Obj\x01".as_slice(), b"ARROW1\0\0", b"\x89HDF\r\n\x1a\n"];
    let orc =
        head.starts_with(b"ORC") && head.get(3).is_some_and(|byte| !(b' '..0x7f).contains(byte));
    orc || begins.iter().any(|magic| head.starts_with(magic))
});
/// Pictures that few programs write: Apple's icons, GIMP, ImageMagick, SGI, DirectDraw, QOI, DCX, JNG.
pub static IMAGE: Known = known("picture", "application/octet-stream", |head| {
    let begins = [
        b"gimp xcf ".as_slice(),
        b"id=ImageMagick",
        b"DDS \x7c\0\0\0",
        b"\xb1\x68\xde\x3a",
        b"\x8bJNG\r\n\x1a\n",
        b"\x01\xda\0\x01\0",
        b"\x01\xda\x01\x01\0",
    ];
    let icns = head.starts_with(b"icns\0");
    let qoi = head.starts_with(b"qoif") && matches!(head.get(12), Some(3 | 4));
    icns || qoi || begins.iter().any(|magic| head.starts_with(magic))
});
/// Jobs in languages of printers that are not read: ESC/P, raster of CUPS and of driverless printing.
pub static PRINTER: Known = known("print-job", "application/octet-stream", |head| {
    let begins =
        [b"\x1b@".as_slice(), b"RaSt", b"tSaR", b"RaS2", b"2SaR", b"RaS3", b"3SaR", b"UNIRAST\0"];
    begins.iter().any(|magic| head.starts_with(magic)) && memchr::memchr(0, head).is_some()
});

/// Pictures of telephones, by the brands of HEVC and the general ones.
pub(super) fn is_heic(head: &[u8]) -> bool {
    brand_is(head, &[b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"])
}

/// ISO base media file format by its major brand (AVIF lists HEIF's among the others).
fn brand_is(head: &[u8], brands: &[&[u8; 4]]) -> bool {
    let Some(b"ftyp") = head.get(4..8) else { return false };
    let major = head.get(8..12).unwrap_or_default();
    brands.iter().any(|brand| major == *brand)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{format_of, open};

    #[test]
    fn what_is_known_is_told_and_not_opened() {
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        let avif = b"\0\0\0\x1cftypavif\0\0\0\0mif1avif";
        let cases: &[(&[u8], &str)] = &[
            (heic, "heic"),
            (avif, "avif"),
            (b"PAR1\x15\x04", "parquet"),
            (b"\x8c\x0d\x04\x09\x03\x02", "openpgp"),
            (b"\x85\x01\x0c\x03", "openpgp"),
            (b"-----BEGIN PGP MESSAGE-----\n\n", "openpgp"),
            (b"Salted__\x01\x02", "openssl-enc"),
            (b"\0\x01\0\0Standard Jet DB\0", "access"),
            (b"\x60\xea\x2c\0\x22\x0b\x01", "archive"),
            (b"\x24\xa0-lh5-\x10", "archive"),
            (b"Obj\x01\x04\x14", "packed-rows"),
            (b"ORC\n\x0b", "packed-rows"),
            (b"icns\0\0\x10\0", "picture"),
            (b"\x1b@\x1b3\0", "print-job"),
        ];
        for (bytes, name) in cases {
            assert_eq!(format_of(bytes), Some(*name));
        }
        let unsupported =
            Skip::Unsupported { format: "access", detail: "not opened by this version".into() };
        assert_eq!(open(&ACCESS, b"\0\x01\0\0Standard Jet DB\0").1, Err(unsupported));
    }

    #[test]
    fn texts_that_begin_alike_are_not_taken_for_them() {
        for text in [
            "PAR1: first",
            "Salted_ nuts",
            "-----BEGIN PGP SIGNATURE-----",
            "BM 12345678901234567890",
            "II*",
            "ORC, a being",
            "qoif",
            "icns are icons",
            "\u{1b}@ begins nothing",
        ] {
            assert_eq!(format_of(text.as_bytes()), None, "{text}");
        }
    }
}
