//! Numbers out of bytes that may end at any place.

/// `bytes[at..at + len]`, or nothing where the file ends before.
pub(super) fn part(bytes: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(len)?)
}

pub(super) fn u16_le(bytes: &[u8], at: usize) -> Option<u16> {
    part(bytes, at, 2)?.try_into().ok().map(u16::from_le_bytes)
}

pub(super) fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    part(bytes, at, 4)?.try_into().ok().map(u32::from_le_bytes)
}

pub(super) fn u64_le(bytes: &[u8], at: usize) -> Option<u64> {
    part(bytes, at, 8)?.try_into().ok().map(u64::from_le_bytes)
}

pub(super) fn u16_be(bytes: &[u8], at: usize) -> Option<u16> {
    part(bytes, at, 2)?.try_into().ok().map(u16::from_be_bytes)
}

pub(super) fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    part(bytes, at, 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// PackBits (TIFF 6.0, section 9) up to `most` bytes: literal runs and repeated bytes.
pub(super) fn unpack_bits(packed: &[u8], most: usize, out: &mut Vec<u8>) {
    let mut rest = packed;
    while let Some((&control, tail)) = rest.split_first() {
        rest = match control {
            0..=127 => {
                let len = (usize::from(control) + 1).min(tail.len());
                let (run, tail) = tail.split_at(len);
                out.extend_from_slice(run);
                tail
            }
            128 => tail,
            _ => {
                let Some((&value, tail)) = tail.split_first() else { break };
                out.extend(std::iter::repeat_n(value, 257 - usize::from(control)));
                tail
            }
        };
        if out.len() >= most {
            break;
        }
    }
    out.truncate(most);
}
