//! mbox (RFC 4155): one mail after another, each begun by a line `From `.

use super::Extractor;
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const START: &[u8] = b"From ";

pub struct Mbox;

impl Extractor for Mbox {
    fn name(&self) -> &'static str {
        "mbox"
    }

    fn media_type(&self) -> &'static str {
        "application/mbox"
    }

    /// `From `, something with a time of day in it, and a header on the next line.
    fn sniff(&self, head: &[u8]) -> bool {
        let Some(rest) = head.strip_prefix(START) else { return false };
        let Some(end) = memchr::memchr(b'\n', rest) else { return false };
        let (line, headers) = rest.split_at(end);
        let next = headers.get(1..).unwrap_or_default();
        let name_end = next.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'-');
        line.len() < 200
            && memchr::memchr(b':', line).is_some()
            && name_end.is_some_and(|end| end > 1 && next.get(end) == Some(&b':'))
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let inner = memchr::memmem::find_iter(bytes, b"\nFrom ").map(|at| at + 1);
        let mut starts: Vec<usize> = std::iter::once(0).chain(inner).collect();
        // In a mail such a line is escaped; a mail begins where a header follows.
        starts.retain(|start| self.sniff(bytes.get(*start..).unwrap_or_default()));
        let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
        for ((start, end), number) in starts.iter().zip(ends).zip(1u32..) {
            let mail = bytes.get(*start..end).unwrap_or_default();
            let body = memchr::memchr(b'\n', mail).map_or(0, |line| line + 1);
            let mail = mail.get(body..).unwrap_or_default();
            budget.member()?;
            budget.charge(mail.len() as u64)?;
            out.push(Content::Bytes {
                at: at.member(format!("message {number}")),
                bytes: mail.to_vec(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples;

    #[test]
    fn mails_are_taken_apart_at_their_first_lines() {
        let bytes = b"From a@b Fri Mar  1 09:30:00 2024\nFrom: a@b\nSubject: 1\n\nFrom here on\n\n\
                      From c@d Fri Mar  1 09:31:00 2024\nSubject: 2\nTo: x\n\nbody\n";
        assert_eq!(samples::format_of(bytes), Some("mbox"));
        let (out, end) = samples::open(&Mbox, bytes);
        assert_eq!(end, Ok(()));
        let mails: Vec<_> = out
            .iter()
            .map(|content| match content {
                Content::Bytes { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = ["From: a@b\nSubject: 1\n\nFrom here on\n\n", "Subject: 2\nTo: x\n\nbody\n"];
        assert_eq!(mails, expected);
        assert!(samples::format_of(b"From the log of 12:30\nnothing here").is_none());
    }
}
