//! Mailbox files of Outlook (.pst, .ost; [MS-PST]): every message, contact and appointment that the
//! tree of nodes knows, also such as no folder lists, with bodies and attachments.

mod blocks;
mod coding;
mod properties;

use std::collections::HashMap;

use self::blocks::{File, Node};
use self::properties::{Properties, Property};
use super::mapi::Item;
use super::ole::strings;
use super::{Extractor, code_page};
use crate::error::{Bound, Skip};
use crate::flow::{Content, Locator};
use crate::limits::Budget;

/// Kinds of nodes: the lowest five bits of their ids.
const FOLDER: u32 = 0x02;
const MESSAGE: u32 = 0x04;
const ATTACHMENT: u32 = 0x05;
/// The table of those who got a message.
const RECIPIENTS: u32 = 0x0692;
const NAME: u16 = 0x3001;
const DATA: u16 = 0x3701;
const SHORT_NAME: u16 = 0x3704;
const LONG_NAME: u16 = 0x3707;
const CODE_PAGES: [u16; 2] = [0x3ffd, 0x3fde];
/// Folders around a folder.
const MAX_FOLDERS: usize = 32;

pub struct Pst;

impl Extractor for Pst {
    fn name(&self) -> &'static str {
        "pst"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.ms-outlook"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"!BDN")
            && head.get(8..10).is_some_and(|kind| kind == b"SM" || kind == b"SO")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut file = File::open(bytes, budget)?;
        if file.nodes.is_empty() {
            return Err(file.damage.unwrap_or_else(|| Skip::damaged("pst", "no nodes")));
        }
        let nodes = file.nodes.clone();
        let folders = folders(&mut file, &nodes, budget)?;
        let mut reader = Reader { file, budget, out };
        for (node, number) in nodes.iter().filter(|node| node.id & 0x1f == MESSAGE).zip(1u32..) {
            reader.budget.member()?;
            let folder = folders.get(&node.parent).map(String::as_str).unwrap_or_default();
            let slash = if folder.is_empty() { "" } else { "/" };
            let at = at.member(format!("{folder}{slash}message {number}"));
            reader.message(*node, &at)?;
        }
        reader.file.damage.map_or(Ok(()), Err)
    }
}

/// The way to every folder.
fn folders(
    file: &mut File,
    nodes: &[Node],
    budget: &mut Budget,
) -> Result<HashMap<u32, String>, Skip> {
    let mut names = HashMap::new();
    for node in nodes.iter().filter(|node| node.id & 0x1f == FOLDER) {
        budget.member()?;
        let properties = Properties::read(file, node.data, &[], budget)?;
        let mut name = String::new();
        if let Some(properties) = &properties
            && let Some(property) = properties.get(NAME)
        {
            name = string(property, &properties.bytes(property, file, budget)?, 1252);
        }
        names.insert(node.id, (name, node.parent));
    }
    let way = |id: u32| {
        let (mut parts, mut id) = (Vec::new(), id);
        while let Some((name, parent)) = names.get(&id)
            && parts.len() < MAX_FOLDERS
        {
            parts.push(name.as_str());
            if *parent == id {
                break;
            }
            id = *parent;
        }
        parts.reverse();
        parts.retain(|part| !part.is_empty());
        parts.join("/")
    };
    Ok(names.keys().map(|id| (*id, way(*id))).collect())
}

fn string(property: Property, raw: &[u8], page: u16) -> String {
    let text = match (property.kind & 0x0fff, page) {
        (0x1f, _) => code_page::decode(1200, raw),
        (_, 1252) => code_page::western(raw),
        (_, page) => code_page::decode(page, raw),
    };
    // Two marks and a length stand before the subject.
    let text = match text.strip_prefix('\u{1}') {
        Some(rest) => rest.chars().skip(1).collect(),
        None => text,
    };
    text.trim_end_matches('\0').to_owned()
}

struct Reader<'a, 'b> {
    file: File<'a>,
    budget: &'b mut Budget,
    out: &'b mut Vec<Content>,
}

impl Reader<'_, '_> {
    fn message(&mut self, node: Node, at: &Locator) -> Result<(), Skip> {
        if let Err(skip) = self.budget.depth(at.depth()) {
            self.out.push(Content::Skipped { at: at.clone(), skip });
            return Ok(());
        }
        let below = self.file.below(node.below, self.budget)?;
        let properties = Properties::read(&mut self.file, node.data, &below, self.budget)?;
        let Some(properties) = properties else {
            let skip = Skip::damaged("pst", "a message cannot be read");
            self.out.push(Content::Skipped { at: at.clone(), skip });
            return Ok(());
        };
        let page = CODE_PAGES.iter().find_map(|id| properties.get(*id));
        let page = page.and_then(|page| u16::try_from(page.value).ok()).filter(|p| *p != 1200);
        let page = page.unwrap_or(1252);
        let mut item = Item::default();
        for property in &properties.list {
            match property.kind {
                0x1e | 0x1f => {
                    let raw = properties.bytes(*property, &mut self.file, self.budget)?;
                    item.text(property.id, string(*property, &raw, page));
                }
                0x102 if Item::wants_binary(property.id) => {
                    let raw = properties.bytes(*property, &mut self.file, self.budget)?;
                    item.binary(property.id, raw);
                }
                _ => {}
            }
        }
        for table in below.iter().filter(|node| node.id == RECIPIENTS) {
            // Names and addresses lie open in the heap of the table.
            let raw = self.file.data(table.data, self.budget)?.concat();
            item.recipients(&strings::wide(&raw));
        }
        item.push(at, self.budget, self.out)?;
        let attached = below.iter().filter(|node| node.id & 0x1f == ATTACHMENT);
        for (node, number) in attached.zip(1u32..) {
            self.budget.member()?;
            self.attachment(*node, number, page, at)?;
        }
        Ok(())
    }

    fn attachment(&mut self, node: Node, number: u32, page: u16, at: &Locator) -> Result<(), Skip> {
        let below = self.file.below(node.below, self.budget)?;
        let properties = Properties::read(&mut self.file, node.data, &below, self.budget)?;
        let Some(properties) = properties else { return Ok(()) };
        let mut name = format!("attachment {number}");
        for id in [LONG_NAME, SHORT_NAME, NAME] {
            if let Some(property) = properties.get(id) {
                let raw = properties.bytes(property, &mut self.file, self.budget)?;
                let text = string(property, &raw, page);
                if !text.is_empty() {
                    name = text;
                    break;
                }
            }
        }
        let at = at.member(name);
        let Some(data) = properties.get(DATA) else { return Ok(()) };
        if data.kind == 0x0d {
            if let Some(inner) = properties.object(data) {
                return match self.message(inner, &at) {
                    Err(over @ Skip::OverBudget(Bound::Depth(_))) => {
                        self.out.push(Content::Skipped { at, skip: over });
                        Ok(())
                    }
                    other => other,
                };
            }
            return Ok(());
        }
        let bytes = properties.bytes(data, &mut self.file, self.budget)?;
        if !bytes.is_empty() {
            self.out.push(Content::Bytes { at, bytes });
        }
        Ok(())
    }
}
