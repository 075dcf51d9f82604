//! winmail.dat ([MS-OXTNEF]): what Outlook wraps mails in when it thinks that only Outlook reads
//! them. Body, properties, attachments, messages within.

use super::bytes::{part, u16_le, u32_le};
use super::mapi::Item;
use super::{Extractor, code_page};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const SIGNATURE: [u8; 4] = [0x78, 0x9f, 0x3e, 0x22];

/// Numbers of attributes, without their types.
mod attribute {
    pub const SUBJECT: u16 = 0x8004;
    pub const BODY: u16 = 0x800c;
    pub const FILE: u16 = 0x800f;
    pub const FILE_TITLE: u16 = 0x8010;
    pub const FILE_BEGINS: u16 = 0x9002;
    pub const PROPERTIES: u16 = 0x9003;
    pub const FILE_PROPERTIES: u16 = 0x9005;
    pub const CODE_PAGE: u16 = 0x9007;
}

mod property {
    pub const SUBJECT: u16 = 0x0037;
    pub const BODY: u16 = 0x1000;
    pub const DATA: u16 = 0x3701;
    pub const LONG_NAME: u16 = 0x3707;
    pub const DISPLAY_NAME: u16 = 0x3001;
}

pub struct Tnef;

impl Extractor for Tnef {
    fn name(&self) -> &'static str {
        "tnef"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.ms-tnef"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(&SIGNATURE)
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut reader = Reader { at, page: 1252, item: Item::default(), files: Vec::new() };
        let mut place = 6usize;
        let mut end = Ok(());
        while let Some((kind, len)) = u16_le(bytes, place + 1).zip(u32_le(bytes, place + 5)) {
            let rest = bytes.get(place + 9..).unwrap_or_default();
            let data = rest.get(..(len as usize).min(rest.len())).unwrap_or_default();
            budget.member()?;
            budget.charge(data.len() as u64)?;
            reader.attribute(kind, data);
            if data.len() < len as usize {
                end = Err(Skip::damaged("tnef", "ends early"));
                break;
            }
            // A checksum of two bytes follows.
            place += 9 + data.len() + 2;
        }
        reader.push(budget, out)?;
        end
    }
}

#[derive(Default)]
struct Attached {
    name: Option<String>,
    data: Vec<u8>,
}

struct Reader<'b> {
    at: &'b Locator,
    page: u16,
    item: Item,
    files: Vec<Attached>,
}

impl Reader<'_> {
    fn string(&self, raw: &[u8]) -> String {
        let text = match self.page {
            1252 => code_page::western(raw),
            page => code_page::decode(page, raw),
        };
        text.trim_end_matches('\0').to_owned()
    }

    fn attribute(&mut self, kind: u16, data: &[u8]) {
        match kind {
            attribute::CODE_PAGE => {
                let page = u32_le(data, 0).and_then(|page| u16::try_from(page).ok());
                self.page = page.unwrap_or(1252);
            }
            attribute::SUBJECT => self.item.text(property::SUBJECT, self.string(data)),
            attribute::BODY => self.item.text(property::BODY, self.string(data)),
            attribute::PROPERTIES => {
                let mut values = Vec::new();
                properties(data, &mut |id, kind, raw| values.push((id, kind, raw.to_vec())));
                for (id, kind, raw) in values {
                    match kind {
                        0x1e => self.item.text(id, self.string(&raw)),
                        0x1f => self.item.text(id, wide(&raw)),
                        _ if Item::wants_binary(id) => self.item.binary(id, raw),
                        _ => {}
                    }
                }
            }
            attribute::FILE_BEGINS => self.files.push(Attached::default()),
            attribute::FILE_TITLE => {
                let name = self.string(data);
                if let Some(file) = self.files.last_mut() {
                    file.name.get_or_insert(name);
                }
            }
            attribute::FILE => {
                if let Some(file) = self.files.last_mut() {
                    file.data = data.to_vec();
                }
            }
            attribute::FILE_PROPERTIES => self.file_properties(data),
            _ => {}
        }
    }

    fn file_properties(&mut self, data: &[u8]) {
        let page = self.page;
        let Some(file) = self.files.last_mut() else { return };
        properties(data, &mut |id, kind, raw| {
            let name = || match kind {
                0x1f => wide(raw),
                _ => code_page::decode(page, raw).trim_end_matches('\0').to_owned(),
            };
            match id {
                property::LONG_NAME => file.name = Some(name()),
                property::DISPLAY_NAME => {
                    file.name.get_or_insert_with(name);
                }
                // An object begins with the id of its interface.
                property::DATA if kind == 0x0d => {
                    file.data = raw.get(16..).unwrap_or_default().to_vec();
                }
                property::DATA if kind == 0x102 => file.data = raw.to_vec(),
                _ => {}
            }
        });
    }

    fn push(self, budget: &mut Budget, out: &mut Vec<Content>) -> Result<(), Skip> {
        self.item.push(self.at, budget, out)?;
        for (file, number) in self.files.into_iter().zip(1u32..) {
            if file.data.is_empty() {
                continue;
            }
            let name = file.name.filter(|name| !name.is_empty());
            let at = self.at.member(name.unwrap_or_else(|| format!("attachment {number}")));
            out.push(Content::Bytes { at, bytes: file.data });
        }
        Ok(())
    }
}

fn wide(raw: &[u8]) -> String {
    code_page::decode(1200, raw).trim_end_matches('\0').to_owned()
}

/// [MS-OXTNEF] 2.1.3.4: properties one after another, each value padded to four bytes. Gives id,
/// type and bytes of those of varying length; stops where one cannot be read.
fn properties(data: &[u8], take: &mut dyn FnMut(u16, u16, &[u8])) -> Option<()> {
    const NAMED: u16 = 0x8000;
    const MULTIPLE: u16 = 0x1000;
    let count = u32_le(data, 0)?;
    let mut at = 4usize;
    for _ in 0..count {
        let (kind, id) = (u16_le(data, at)?, u16_le(data, at.checked_add(2)?)?);
        at = at.checked_add(4)?;
        if id >= NAMED {
            let by_name = u32_le(data, at.checked_add(16)?)? == 1;
            at = at.checked_add(20)?;
            let len = u32_le(data, at)? as usize;
            at = at.checked_add(4)?;
            if by_name {
                at = at.checked_add(len)?.checked_next_multiple_of(4)?;
            }
        }
        let base = kind & !MULTIPLE;
        let varying = matches!(base, 0x0d | 0x1e | 0x1f | 0x102);
        let values = if varying || kind != base {
            let values = u32_le(data, at)?;
            at = at.checked_add(4)?;
            values
        } else {
            1
        };
        for _ in 0..values {
            if varying {
                let len = u32_le(data, at)? as usize;
                take(id, base, part(data, at.checked_add(4)?, len)?);
                at = at.checked_add(4)?.checked_add(len)?.checked_next_multiple_of(4)?;
            } else {
                let len = match base {
                    0x01 => 0,
                    0x05 | 0x06 | 0x07 | 0x14 | 0x40 => 8,
                    0x48 => 16,
                    _ => 4,
                };
                part(data, at, len)?;
                at = at.checked_add(len)?;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};
    use crate::flow::Form;

    fn attribute(level: u8, kind: u16, data: &[u8]) -> Vec<u8> {
        let sum = data.iter().fold(0u16, |sum, b| sum.wrapping_add((*b).into()));
        [
            &[level][..],
            &kind.to_le_bytes(),
            &[6, 0],
            &(data.len() as u32).to_le_bytes(),
            data,
            &sum.to_le_bytes(),
        ]
        .concat()
    }

    fn properties_of(values: &[(u16, u16, &[u8])]) -> Vec<u8> {
        let mut data = (values.len() as u32).to_le_bytes().to_vec();
        for (id, kind, raw) in values {
            data.extend([kind.to_le_bytes(), id.to_le_bytes()].concat());
            data.extend(1u32.to_le_bytes());
            data.extend((raw.len() as u32).to_le_bytes());
            data.extend_from_slice(raw);
            data.resize(data.len().next_multiple_of(4), 0);
        }
        data
    }

    #[test]
    fn body_and_files_come_out() {
        let (cp1251, ..) = encoding_rs::WINDOWS_1251.encode("ИИН 900101100004");
        let name: Vec<u8> = "тізім.csv\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut file = [&SIGNATURE[..], &[1, 0]].concat();
        file.extend(attribute(1, attribute::CODE_PAGE, &[0xe3, 4, 0, 0, 0, 0, 0, 0]));
        file.extend(attribute(1, attribute::BODY, &cp1251));
        file.extend(attribute(
            1,
            attribute::PROPERTIES,
            &properties_of(&[(0x1013, 0x102, b"<html>")]),
        ));
        file.extend(attribute(2, attribute::FILE_BEGINS, &[0; 14]));
        file.extend(attribute(2, attribute::FILE_TITLE, b"TIZIM~1.CSV\0"));
        file.extend(attribute(2, attribute::FILE, b"iin;900101100014"));
        file.extend(attribute(
            2,
            attribute::FILE_PROPERTIES,
            &properties_of(&[(0x3707, 0x1f, &name)]),
        ));
        assert_eq!(samples::format_of(&file), Some("tnef"));
        let (out, end) = samples::open(&Tnef, &file);
        assert_eq!(end, Ok(()));
        assert_eq!(texts(&out, Form::Plain), "ИИН 900101100004");
        let found: Vec<_> = out
            .iter()
            .filter_map(|c| match c {
                Content::Bytes { at, bytes } => Some((at.name(), bytes.len())),
                _ => None,
            })
            .collect();
        assert_eq!(found, [("body.html".to_owned(), 6), ("тізім.csv".to_owned(), 16)]);
        for end in 0..file.len() {
            let _ = samples::open(&Tnef, &file[..end]);
        }
    }
}
