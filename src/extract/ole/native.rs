//! Files that were dragged into a document ([MS-OLEDS] 2.3.6 and the packager's own form): the file
//! under its name.

use super::super::bytes::{part, u16_le, u32_le};
use super::super::names;
use crate::flow::{Content, Locator};

/// What stands before the names of a package.
const PACKAGE: u16 = 2;

/// The stream `\x01Ole10Native`: a length, then a package or the data of an old program as it is.
pub(in crate::extract) fn read(stream: &[u8], at: &Locator, out: &mut Vec<Content>) {
    let Some(body) = stream.get(4..) else { return };
    let len = u32_le(stream, 0).unwrap_or(0) as usize;
    let body = part(body, 0, len).unwrap_or(body);
    match package(body) {
        Some((name, data)) if !data.is_empty() => {
            out.push(Content::Bytes { at: at.member(name), bytes: data.to_vec() });
        }
        _ if !body.is_empty() => {
            out.push(Content::Bytes { at: at.member("native"), bytes: body.to_vec() });
        }
        _ => {}
    }
}

/// Name and data of a package: kind, label, path, kind of link, path of a temporary copy, data.
pub(in crate::extract) fn package(body: &[u8]) -> Option<(String, &[u8])> {
    if u16_le(body, 0)? != PACKAGE {
        return None;
    }
    let (label, at) = text(body, 2)?;
    let (_, at) = text(body, at)?;
    let temporary = u32_le(body, at.checked_add(4)?)? as usize;
    let at = at.checked_add(8)?.checked_add(temporary)?;
    let len = u32_le(body, at)? as usize;
    let rest = body.get(at.checked_add(4)?..)?;
    // The data of a cut file end where it ends.
    let data = rest.get(..len.min(rest.len()))?;
    Some((names::decode(label), data))
}

/// A text that ends with a zero, and where the next one begins.
fn text(body: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = body.get(at..)?;
    let end = memchr::memchr(0, rest)?;
    Some((rest.get(..end)?, at.checked_add(end)?.checked_add(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_file_comes_out_under_its_name() {
        let mut body = vec![2, 0];
        body.extend_from_slice(b"list.csv\0C:\\list.csv\0\0\0\x03\0");
        body.extend_from_slice(&5u32.to_le_bytes());
        body.extend_from_slice(b"C:\\t\0");
        body.extend_from_slice(&16u32.to_le_bytes());
        body.extend_from_slice(b"iin;900101100004");
        let stream = [&(body.len() as u32).to_le_bytes(), body.as_slice()].concat();
        let mut out = Vec::new();
        read(&stream, &Locator::file("a"), &mut out);
        let [Content::Bytes { at, bytes }] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!(
            (at.name().as_str(), bytes.as_slice()),
            ("list.csv", b"iin;900101100004".as_slice())
        );
        for end in 0..stream.len() {
            read(&stream[..end], &Locator::file("a"), &mut out);
        }
    }
}
