//! Mail (RFC 5322, MIME; .eml and .mht): what the headers say, the bodies, the attachments under
//! their names, and mails within.

use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders, PartType};

use super::Extractor;
use super::exif::Notes;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// Names of which a mail has several. Source, logs and YAML have one at most by chance.
const USUAL: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "received",
    "mime-version",
    "content-type",
    "return-path",
    "delivered-to",
    "reply-to",
    "cc",
    "dkim-signature",
];
/// Headers of machines, full of numbers that mean nobody.
const ROUTING: &[&str] = &[
    "received",
    "message-id",
    "references",
    "in-reply-to",
    "return-path",
    "dkim-signature",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-id",
    "authentication-results",
    "received-spf",
    "thread-index",
];
const ROUTING_PREFIXES: &[&str] =
    &["arc-", "x-ms-", "x-microsoft-", "x-google-", "list-", "x-spam"];

pub struct Mail;

impl Extractor for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn media_type(&self) -> &'static str {
        "message/rfc822"
    }

    /// A block of headers from the first line on, two of the usual ones among them.
    fn sniff(&self, head: &[u8]) -> bool {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let mut usual = 0;
        for (number, line) in head.split(|b| *b == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match line.first() {
                None => break,
                Some(b' ' | b'\t') if number > 0 => continue,
                _ => {}
            }
            let Some(name) = header_name(line) else {
                // The head may end within a line; a line that is no header ends the mail.
                return false;
            };
            usual += usize::from(USUAL.contains(&name.as_str()));
            if usual >= 2 {
                return true;
            }
        }
        false
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let message = MessageParser::default()
            .parse(bytes)
            .ok_or_else(|| Skip::damaged("mail", "does not parse"))?;
        headers(&message).push(at, out);
        for (number, part) in message.parts.iter().enumerate() {
            if matches!(part.body, PartType::Multipart(_)) {
                continue;
            }
            budget.member()?;
            budget.charge(part.contents().len() as u64)?;
            let name = part.attachment_name().map(str::to_owned);
            let named = |ending: &str| {
                at.member(name.clone().unwrap_or_else(|| format!("part {number}{ending}")))
            };
            if part.is_encoding_problem {
                let skip = Skip::damaged("mail", "a part is not in the coding that it says");
                out.push(Content::Skipped { at: named(""), skip });
            }
            match &part.body {
                // A body is the mail itself; a text with a name is a file.
                PartType::Text(text) if name.is_none() => {
                    if !text.trim().is_empty() {
                        let (at, text) = (at.clone(), text.clone().into_owned());
                        out.push(Content::Text { at, text, form: Form::Plain });
                    }
                }
                PartType::Text(text) => {
                    out.push(Content::Bytes { at: named(".txt"), bytes: text.as_bytes().to_vec() });
                }
                // It is UTF-8 now, whatever its own header says: the mark decides.
                PartType::Html(html) => {
                    let bytes = [b"\xef\xbb\xbf", html.as_bytes()].concat();
                    out.push(Content::Bytes { at: named(".html"), bytes });
                }
                PartType::Binary(data) | PartType::InlineBinary(data) => {
                    if !data.is_empty() {
                        out.push(Content::Bytes { at: named(""), bytes: data.to_vec() });
                    }
                }
                PartType::Message(inner) => {
                    let bytes = inner.raw_message().to_vec();
                    out.push(Content::Bytes { at: named(".eml"), bytes });
                }
                PartType::Multipart(_) => {}
            }
        }
        Ok(())
    }
}

/// `Name` of `Name: value`, in small letters.
fn header_name(line: &[u8]) -> Option<String> {
    let end = memchr::memchr(b':', line).filter(|end| (1..=60).contains(end))?;
    let name = std::str::from_utf8(line.get(..end)?).ok()?.trim_end();
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    plain.then(|| name.to_ascii_lowercase())
}

fn headers(message: &Message) -> Notes {
    let mut notes = Notes::default();
    for header in message.headers() {
        let name = header.name();
        let lower = name.to_ascii_lowercase();
        if ROUTING.contains(&lower.as_str())
            || ROUTING_PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
        {
            continue;
        }
        match header.value() {
            HeaderValue::Text(text) => notes.add(name, text),
            HeaderValue::TextList(texts) => notes.add(name, &texts.join(", ")),
            HeaderValue::Address(address) => notes.add(name, &addresses(address)),
            HeaderValue::DateTime(date) => notes.add(name, &date.to_rfc3339()),
            _ => {}
        }
    }
    notes
}

fn addresses(address: &Address) -> String {
    let one = |name: Option<&str>, address: Option<&str>| match (name, address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    };
    address.iter().map(|addr| one(addr.name(), addr.address())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_and_settings_are_not_mail() {
        assert!(Mail.sniff(b"Return-Path: <a@b>\r\nSubject: x\r\n\r\n"));
        assert!(Mail.sniff(b"X-Any: 1\n 2\nReceived: from x\n\tby y\nTo: z\n"));
        assert!(!Mail.sniff(b"2024-03-01 12:00:00 From: a\nTo: b\n"));
        assert!(!Mail.sniff(b"name: x\niin: 900101100004\n"));
        assert!(!Mail.sniff(b"from: x import y\nprint(1)\nto: 2\n"));
        assert!(!Mail.sniff(b"Subject: only\n\nFrom: the body\n"));
    }

    #[test]
    fn a_part_of_a_mail_that_is_no_base64_is_told() {
        let mail = "From: a@b\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n\
            --q\r\nContent-Type: image/jpeg; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            %%% not ??? base64 ### at all !!!\r\n--q--\r\n";
        let (out, end) = crate::extract::samples::open(&Mail, mail.as_bytes());
        assert_eq!((end, crate::extract::samples::reasons(&out)), (Ok(()), vec!["damaged"]));
    }
}
