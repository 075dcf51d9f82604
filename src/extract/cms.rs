//! Signed documents (CMS, RFC 5652; .p7m, .p7s, .sig, .cms): what was signed, if it lies within. A
//! sealed one stays closed. Binary, or base64 between PEM lines.

use base64::Engine;

use super::Extractor;
use super::bytes::part;
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

/// 1.2.840.113549.1.7: data, signed data, sealed data, encrypted data are 1, 2, 3 and 6 of it.
const PKCS7: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
/// An identifier stands behind a head of two to six bytes.
const REACH: usize = 6;
const PEM: [&[u8]; 2] = [b"-----BEGIN CMS-----", b"-----BEGIN PKCS7-----"];
/// Strings are cut into parts, and those perhaps once more.
const MAX_DEPTH: u32 = 8;

pub struct Cms;

/// Which of the kinds it is.
fn kind_of(bytes: &[u8]) -> Option<u8> {
    if bytes.first() != Some(&0x30) {
        return None;
    }
    let head = bytes.get(..bytes.len().min(REACH + PKCS7.len()))?;
    let at = memchr::memmem::find(head, PKCS7)?;
    bytes.get(at + PKCS7.len()).copied().filter(|kind| matches!(kind, 2 | 3 | 6))
}

fn is_pem(bytes: &[u8]) -> bool {
    PEM.iter().any(|begin| bytes.starts_with(begin))
}

impl Extractor for Cms {
    fn name(&self) -> &'static str {
        "cms"
    }

    fn media_type(&self) -> &'static str {
        "application/pkcs7-mime"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        kind_of(head).is_some() || is_pem(head)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let broken = |detail| Skip::damaged("cms", detail);
        let unarmoured;
        let bytes = if is_pem(bytes) {
            budget.charge(bytes.len() as u64)?;
            unarmoured = from_pem(bytes).ok_or_else(|| broken("base64 does not decode"))?;
            unarmoured.as_slice()
        } else {
            bytes
        };
        match kind_of(bytes) {
            Some(2) => {}
            Some(_) => return Err(Skip::Encrypted { format: "cms" }),
            None => return Err(broken("no content")),
        }
        let data = [PKCS7, &[1]].concat();
        let Some(found) = memchr::memmem::find(bytes, &data) else { return Ok(()) };
        let rest = bytes.get(found + data.len()..).unwrap_or_default();
        // Without content the signature stands beside the document.
        let Some((0xa0, content, _)) = element(rest) else { return Ok(()) };
        let mut signed = Vec::new();
        octets(content, 0, &mut signed);
        if signed.is_empty() {
            return Ok(());
        }
        budget.member()?;
        budget.charge(signed.len() as u64)?;
        out.push(Content::Bytes { at: at.member("signed content"), bytes: signed });
        Ok(())
    }
}

fn from_pem(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let body = text.split_once('\n')?.1;
    let body = body.split("-----END").next()?;
    let base64: String = body.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(base64).ok()
}

/// Tag, content and what follows. A content without length reaches to the end.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let tag = *bytes.first()?;
    let first = *bytes.get(1)?;
    let (len, start) = match first {
        0x80 => return Some((tag, bytes.get(2..)?, &[])),
        0..=0x7f => (usize::from(first), 2),
        _ => {
            let count = usize::from(first & 0x7f);
            let raw = part(bytes, 2, count).filter(|_| count <= 8)?;
            (raw.iter().fold(0usize, |v, b| v << 8 | usize::from(*b)), 2 + count)
        }
    };
    let rest = bytes.get(start..)?;
    // The content of a cut file ends where it ends.
    let (content, rest) = rest.split_at(len.min(rest.len()));
    Some((tag, content, rest))
}

/// A string, whole or in parts.
fn octets(bytes: &[u8], depth: u32, out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some((tag, content, tail)) = element(rest) {
        match tag {
            0x04 => out.extend_from_slice(content),
            0x24 if depth < MAX_DEPTH => octets(content, depth + 1, out),
            _ => return,
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{format_of, open};

    fn signed(content: &[u8]) -> Vec<u8> {
        let data = [PKCS7, &[1]].concat();
        let inner = [&data, content].concat();
        let body = [&[0x02, 1, 1, 0x31, 0, 0x30, 0x80][..], &inner, &[0, 0]].concat();
        let oid = [PKCS7, &[2]].concat();
        [&[0x30, 0x80][..], &oid, &[0xa0, 0x80, 0x30, 0x80], &body].concat()
    }

    fn content(bytes: &[u8]) -> Option<Vec<u8>> {
        assert_eq!(format_of(bytes), Some("cms"));
        match open(&Cms, bytes).0.pop() {
            Some(Content::Bytes { bytes, .. }) => Some(bytes),
            _ => None,
        }
    }

    #[test]
    fn what_was_signed_comes_out_whole() {
        let whole = signed(b"\xa0\x12\x04\x10IIN 900101100004");
        assert_eq!(content(&whole).unwrap(), b"IIN 900101100004");
        let parts = signed(b"\xa0\x80\x24\x80\x04\x08IIN 9001\x04\x0801100004\0\0\0\0");
        assert_eq!(content(&parts).unwrap(), b"IIN 900101100004");
        let pem = base64::engine::general_purpose::STANDARD.encode(&whole);
        let pem = format!("-----BEGIN CMS-----\n{pem}\n-----END CMS-----\n");
        assert_eq!(content(pem.as_bytes()).unwrap(), b"IIN 900101100004");
        assert_eq!(content(&signed(b"")), None);
        for end in 0..parts.len() {
            let _ = open(&Cms, &parts[..end]);
        }
    }

    #[test]
    fn what_is_sealed_is_told() {
        let mut sealed = signed(b"");
        sealed[2 + PKCS7.len()] = 3;
        assert_eq!(open(&Cms, &sealed).1, Err(Skip::Encrypted { format: "cms" }));
    }
}
