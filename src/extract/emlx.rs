//! emlx of Apple Mail: the length of a mail, the mail, and a list of its flags.

use super::{Extractor, mail};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

pub struct Emlx;

/// Where the mail begins, and its length.
fn mail_in(bytes: &[u8]) -> Option<(usize, usize)> {
    let line = memchr::memchr(b'\n', bytes.get(..bytes.len().min(32))?)?;
    let digits = bytes.get(..line)?.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some((line + 1, std::str::from_utf8(digits).ok()?.parse().ok()?))
}

impl Extractor for Emlx {
    fn name(&self) -> &'static str {
        "emlx"
    }

    fn media_type(&self) -> &'static str {
        "message/x-emlx"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        mail_in(head)
            .is_some_and(|(start, _)| mail::Mail.sniff(head.get(start..).unwrap_or_default()))
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let (start, len) = mail_in(bytes).ok_or_else(|| Skip::damaged("emlx", "no length"))?;
        let rest = bytes.get(start..).unwrap_or_default();
        let mail = rest.get(..len.min(rest.len())).unwrap_or_default();
        budget.member()?;
        budget.charge(mail.len() as u64)?;
        out.push(Content::Bytes { at: at.member("message.eml"), bytes: mail.to_vec() });
        if mail.len() < len { Err(Skip::damaged("emlx", "mail ends early")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{format_of, open};

    #[test]
    fn the_mail_is_handed_on_without_its_flags() {
        let mail = "From: a@b\nSubject: IIN 900101100004\n\nbody\n";
        let file = format!("{:<10}\n{mail}<?xml version=\"1.0\"?><plist/>", mail.len());
        assert_eq!(format_of(file.as_bytes()), Some("emlx"));
        let (out, end) = open(&Emlx, file.as_bytes());
        assert_eq!(end, Ok(()));
        assert!(
            matches!(out.as_slice(), [Content::Bytes { bytes, .. }] if bytes == mail.as_bytes())
        );
        assert_eq!(format_of(b"12\nFrom here on\n"), None);
    }
}
