//! Properties of Outlook items ([MS-OXPROPS]), as .msg, winmail.dat and mailbox files have them.

use super::exif::Notes;
use super::lzfu;
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;

/// Properties of people, by their names in a mail's header.
const NAMED: &[(u16, &str)] = &[
    (0x0037, "Subject"),
    (0x0c1a, "From"),
    (0x0c1f, "From"),
    (0x0042, "From"),
    (0x0065, "From"),
    (0x5d01, "From"),
    (0x0e04, "To"),
    (0x0e03, "Cc"),
    (0x0e02, "Bcc"),
    (0x3001, "DisplayName"),
    (0x3003, "EmailAddress"),
    (0x39fe, "EmailAddress"),
    (0x3a06, "GivenName"),
    (0x3a11, "Surname"),
    (0x3a08, "BusinessTelephone"),
    (0x3a09, "HomeTelephone"),
    (0x3a1c, "MobileTelephone"),
    (0x3a07, "GovernmentIdNumber"),
    (0x3a2e, "CustomerId"),
];
/// What machines write: message ids, routes, classes, copies of the subject.
const MACHINES: &[u16] = &[
    0x001a, 0x003d, 0x0070, 0x007d, 0x0e1d, 0x1035, 0x1039, 0x1042, 0x10f3, 0x300b, 0x3002, 0x0c1e,
    0x0064, 0x0075, 0x0077, 0x3fe5, 0x3fe6, 0x3fe9, 0x3fea, 0x5d0a, 0x5d0b,
];

/// One message, contact, appointment.
#[derive(Default)]
pub(super) struct Item {
    notes: Notes,
    body: Option<String>,
    html: Option<Vec<u8>>,
    rtf: Option<Vec<u8>>,
}

impl Item {
    /// Binary properties that hold words.
    pub(super) fn wants_binary(id: u16) -> bool {
        matches!(id, HTML | RTF | BODY)
    }

    pub(super) fn text(&mut self, id: u16, value: String) {
        match id {
            BODY => self.body = Some(value),
            // It is UTF-8 now, whatever its own header says: the mark decides.
            HTML => self.html = Some([b"\xef\xbb\xbf", value.as_bytes()].concat()),
            id if MACHINES.contains(&id) => {}
            id => {
                let named = NAMED.iter().find(|(named, _)| *named == id);
                self.notes.add(named.map_or("property", |(_, name)| name), &value);
            }
        }
    }

    pub(super) fn binary(&mut self, id: u16, raw: Vec<u8>) {
        match id {
            HTML => self.html = Some(raw),
            RTF => self.rtf = Some(raw),
            _ => {}
        }
    }

    /// Names and addresses, one a line.
    pub(super) fn recipients(&mut self, lines: &str) {
        lines.lines().for_each(|line| self.notes.add("To", line));
    }

    /// The RTF body is a copy of the HTML where both are there.
    pub(super) fn push(
        self,
        at: &Locator,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        self.notes.push(at, out);
        if let Some(text) = self.body.filter(|text| !text.trim().is_empty()) {
            out.push(Content::Text { at: at.clone(), text, form: Form::Plain });
        }
        if let Some(bytes) = self.html.filter(|html| !html.is_empty()) {
            out.push(Content::Bytes { at: at.member("body.html"), bytes });
        } else if let Some(packed) = self.rtf.filter(|rtf| !rtf.is_empty()) {
            let at = at.member("body.rtf");
            match lzfu::unpack(&packed, budget) {
                Ok(bytes) => out.push(Content::Bytes { at, bytes }),
                Err(over @ Skip::OverBudget(_)) => return Err(over),
                Err(skip) => out.push(Content::Skipped { at, skip }),
            }
        }
        Ok(())
    }
}
