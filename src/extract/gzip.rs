//! gzip (RFC 1952): all members of one stream, joined, become one child. A stream that breaks off
//! (a log being rotated) gives what came before the break, and the damage.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::{Extractor, archive::read_to_damage, names};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

pub struct Gzip;

impl Extractor for Gzip {
    fn name(&self) -> &'static str {
        "gzip"
    }

    fn media_type(&self) -> &'static str {
        "application/gzip"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(&[0x1f, 0x8b, 0x08]) // RFC 1952, 2.3.1: ID1 ID2, CM = deflate
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        budget.member()?;
        let decoder = MultiGzDecoder::new(bytes);
        let name = decoder.header().and_then(|header| header.filename()).map(names::decode);
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| inner_name(&at.name()));
        let (bytes, damage) = read_to_damage("gzip", decoder, budget)?;
        if !bytes.is_empty() {
            out.push(Content::Bytes { at: at.member(name), bytes });
        }
        damage.map_or(Ok(()), Err)
    }

    fn stream<'r>(
        &self,
        at: &Locator,
        from: Box<dyn Read + 'r>,
    ) -> Option<(Locator, Box<dyn Read + 'r>)> {
        let decoder = MultiGzDecoder::new(from);
        let name = decoder.header().and_then(|header| header.filename()).map(names::decode);
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| inner_name(&at.name()));
        Some((at.member(name), Box::new(decoder)))
    }
}

/// `app.log.gz` holds `app.log`, `backup.tgz` holds `backup.tar`.
fn inner_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let stem = |ending: &str| name.get(..name.len() - ending.len()).unwrap_or_default();
    if lower.ends_with(".tgz") {
        format!("{}.tar", stem(".tgz"))
    } else if lower.ends_with(".gz") && lower.len() > 3 {
        stem(".gz").to_owned()
    } else {
        "gunzip".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, GzBuilder};

    use super::*;
    use crate::extract::samples;
    use crate::limits::Limits;

    #[test]
    fn members_of_one_stream_are_joined_under_the_stored_name() {
        let mut packed = Vec::new();
        for text in ["ИИН 900101", "100004\n"] {
            let mut encoder =
                GzBuilder::new().filename("список.txt").write(Vec::new(), Compression::fast());
            encoder.write_all(text.as_bytes()).unwrap();
            packed.extend(encoder.finish().unwrap());
        }
        let out = samples::open(&Gzip, &packed).0;
        let [Content::Bytes { at, bytes }] = out.as_slice() else { panic!("one child") };
        assert_eq!(at.name(), "список.txt");
        assert_eq!(bytes, "ИИН 900101100004\n".as_bytes());
    }

    #[test]
    fn a_stream_that_breaks_off_gives_what_came_before() {
        let text = "line of a log, 12:30\n".repeat(20_000);
        let mut encoder = GzBuilder::new().write(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        let packed = encoder.finish().unwrap();
        let (out, end) = samples::open(&Gzip, &packed[..packed.len() / 2]);
        assert!(matches!(end, Err(Skip::Damaged { format: "gzip", .. })));
        assert!(matches!(&out[0], Content::Bytes { bytes, .. } if bytes.len() > 10_000));
    }

    #[test]
    fn of_a_stream_over_budget_the_beginning_is_kept() {
        let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
        encoder.write_all(&b"iin=900101100004\n".repeat(200_000)).unwrap();
        let packed = encoder.finish().unwrap();
        let limits = Limits { max_expanded_bytes: 1 << 20, ..Limits::default() };
        let (out, end) = samples::open_within(&Gzip, &packed, &limits);
        assert!(matches!(end, Err(Skip::OverBudget(_))));
        assert!(matches!(&out[0], Content::Bytes { bytes, .. }
            if bytes.starts_with(b"iin=") && bytes.len() <= 1 << 20));
    }

    #[test]
    fn a_name_is_made_from_that_of_the_file() {
        assert_eq!(inner_name("app.log.GZ"), "app.log");
        assert_eq!(inner_name("b.tgz"), "b.tar");
        assert_eq!(inner_name(".gz"), "gunzip");
    }
}
