//! What keeps the PDF library within its bounds: it inflates every stream without a limit, so all
//! of them are measured before it sees the file.

use std::io::Read;

use flate2::bufread::ZlibDecoder;

use crate::error::{Bound, Skip};
use crate::limits::Budget;

/// Refuses a file of which one stream inflates to more than the budget of all.
pub(super) fn check(bytes: &[u8], budget: &Budget) -> Result<(), Skip> {
    let max = budget.limits().max_expanded_bytes;
    for at in memchr::memmem::find_iter(bytes, b"stream") {
        let data = bytes.get(at + b"stream".len()..).unwrap_or_default();
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        if is_zlib(data) && measure(data, max, budget)? > max {
            return Err(Skip::OverBudget(Bound::ExpandedBytes(max)));
        }
    }
    Ok(())
}

/// How far from its end a file says where its table is. The standard has it in the last KiB; what
/// servers and mail append to a whole file is seldom more.
const MAX_TAIL: usize = 16 << 10;

/// Whether the file ends as it should: a cut one is put together from the objects that are left, and
/// nothing else tells that there were more.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let end = bytes.iter().rposition(|byte| !matches!(byte, 0 | b'\n' | b'\r' | b' '));
    let end = end.map_or(0, |last| last + 1);
    let tail = bytes.get(end.saturating_sub(MAX_TAIL)..end).unwrap_or_default();
    let Some(at) = memchr::memmem::rfind(tail, b"startxref") else { return false };
    let rest = tail.get(at + b"startxref".len()..).unwrap_or_default();
    // A file made for the web has another one near its front, which says 0; and what is appended to
    // a file begins with objects.
    let first = rest.iter().find(|byte| !byte.is_ascii_whitespace());
    let goes_on = memchr::memmem::find(rest, b" obj").is_some();
    first.is_some_and(|byte| matches!(byte, b'1'..=b'9')) && !goes_on
}

fn is_zlib(data: &[u8]) -> bool {
    matches!(data, &[cmf, flg, ..]
        if cmf & 0x0f == 8 && (u16::from(cmf) << 8 | u16::from(flg)) % 31 == 0)
}

/// Inflated size, at most a little over `max`; of a stream in a stream
/// (`[/FlateDecode /FlateDecode]`) the larger of both.
fn measure(data: &[u8], max: u64, budget: &Budget) -> Result<u64, Skip> {
    let mut decoder = ZlibDecoder::new(data);
    let mut chunk = vec![0u8; 64 * 1024];
    let mut total = 0;
    let mut first = true;
    loop {
        budget.in_time()?;
        // What does not inflate further is the library's to judge.
        let n = decoder.read(&mut chunk).unwrap_or(0);
        total += n as u64;
        if n == 0 || total > max {
            return Ok(total);
        }
        if std::mem::take(&mut first) && is_zlib(&chunk) {
            let inner = std::io::BufReader::new(ZlibDecoder::new(data));
            let deep = count(ZlibDecoder::new(inner), max, budget)?;
            if deep > max {
                return Ok(deep);
            }
        }
    }
}

fn count(mut from: impl Read, max: u64, budget: &Budget) -> Result<u64, Skip> {
    let mut chunk = vec![0u8; 64 * 1024];
    let mut total = 0;
    loop {
        budget.in_time()?;
        match from.read(&mut chunk).unwrap_or(0) {
            0 => return Ok(total),
            n => total += n as u64,
        }
        if total > max {
            return Ok(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::limits::Limits;

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_stream_that_inflates_without_end_is_refused() {
        let limits = Limits { max_expanded_bytes: 1 << 20, ..Limits::default() };
        let budget = Budget::new(&limits, 100);
        let once = packed(&vec![0; 4 << 20]);
        let twice = packed(&once);
        for stream in [&once, &twice] {
            let file = [b"1 0 obj <<>> stream\r\n".as_slice(), stream].concat();
            assert!(matches!(check(&file, &budget), Err(Skip::OverBudget(_))));
        }
        let fine = [b"stream\n".as_slice(), &packed(&vec![0; 1 << 19])].concat();
        assert_eq!(check(&fine, &budget), Ok(()));
    }
}
