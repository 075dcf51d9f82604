//! What docx, xlsx and pptx share (ECMA-376, Open Packaging Conventions): parts of a zip,
//! relations between them, document properties.

use std::collections::HashMap;

use super::archive::{Archive, Member};
use super::exif::Notes;
use super::xml::{self, Step, Xml};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// A package being taken apart.
pub(super) struct Package<'a, 'b> {
    pub(super) format: &'static str,
    pub(super) archive: Archive<'a>,
    pub(super) at: &'b Locator,
    pub(super) budget: &'b mut Budget,
    pub(super) out: &'b mut Vec<Content>,
}

/// One line of a .rels part.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// The last word of its type: `slide`, `image`, `hyperlink`.
    pub(super) kind: String,
    /// A part's name, or the address where it leads out.
    pub(super) target: String,
    pub(super) external: bool,
}

impl<'a, 'b> Package<'a, 'b> {
    pub(super) fn open(
        format: &'static str,
        at: &'b Locator,
        bytes: &'a [u8],
        budget: &'b mut Budget,
        out: &'b mut Vec<Content>,
    ) -> Result<Package<'a, 'b>, Skip> {
        let archive = Archive::open(format, bytes, budget)?;
        Ok(Package { format, archive, at, budget, out })
    }

    /// The members, in the order of the directory, folders left out.
    pub(super) fn names(&self) -> Vec<String> {
        let files = self.archive.members.iter().filter(|member| !member.is_folder());
        files.map(|member| member.name.clone()).collect()
    }

    /// A part as text. Missing or unreadable: `None`, the latter with its skip pushed. `Err` only
    /// when the budget is at its end.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Skip> {
        let Some(member) = self.archive.find(name).cloned() else { return Ok(None) };
        match self.archive.read(&member, self.budget) {
            Ok(unpacked) => {
                match unpacked.damage {
                    Some(over @ Skip::OverBudget(_)) => return Err(over),
                    Some(skip) => self.skipped(&member.name, skip),
                    None => {}
                }
                Ok(Some(xml::decode(&unpacked.bytes).into_owned()))
            }
            Err(over @ Skip::OverBudget(_)) => Err(over),
            Err(skip) => {
                self.skipped(&member.name, skip);
                Ok(None)
            }
        }
    }

    pub(super) fn skipped(&mut self, name: &str, skip: Skip) {
        self.out.push(Content::Skipped { at: self.at.member(name), skip });
    }

    /// Hands a member on as it is, from page `page` where it is known.
    pub(super) fn hand_on(&mut self, member: &Member, page: Option<u32>) -> Result<(), Skip> {
        let at = page.map_or_else(|| self.at.clone(), |page| self.at.page(page));
        super::zip::unpack(&self.archive, member, &at, self.budget, self.out)
    }

    pub(super) fn hand_on_named(&mut self, name: &str, page: Option<u32>) -> Result<(), Skip> {
        match self.archive.find(name).cloned() {
            Some(member) => self.hand_on(&member, page),
            None => Ok(()),
        }
    }

    /// What part `name` points to, by id. Targets are names of parts.
    pub(super) fn relations(&mut self, name: &str) -> Result<HashMap<String, Relation>, Skip> {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let mut found = HashMap::new();
        let rels = if folder.is_empty() {
            format!("_rels/{file}.rels")
        } else {
            format!("{folder}/_rels/{file}.rels")
        };
        let Some(text) = self.text(&rels)? else { return Ok(found) };
        let mut xml = Xml::new(self.format, &text);
        // A broken end leaves out relations, not parts: those are walked by name as well.
        while let Ok(Some(step)) = xml.next() {
            let Step::Open(element) = step else { continue };
            if element.name() != "Relationship" {
                continue;
            }
            let get = |name| element.get(name).unwrap_or_default();
            let external = get("TargetMode") == "External";
            let target = get("Target");
            let relation = Relation {
                kind: get("Type").rsplit('/').next().unwrap_or_default().to_owned(),
                target: if external { target } else { resolve(folder, &target) },
                external,
            };
            found.insert(get("Id"), relation);
        }
        Ok(found)
    }

    /// docProps: title, author, keywords, and what people added themselves.
    pub(super) fn properties(&mut self, names: &[String]) -> Result<(), Skip> {
        let mut notes = Notes::default();
        for name in names.iter().filter(|name| is_properties(name)) {
            if let Some(text) = self.text(name)? {
                xml::properties(text.as_bytes(), &mut |name, value| notes.add(name, value));
            }
        }
        notes.push(self.at, self.out);
        Ok(())
    }

    pub(super) fn push_text(&mut self, at: Locator, text: String, form: Form) {
        if !text.trim().is_empty() {
            self.out.push(Content::Text { at, text, form });
        }
    }

    /// The targets of links that lead out, one a line: `mailto:` and query strings hold data.
    pub(super) fn links(relations: &HashMap<String, Relation>) -> String {
        let mut targets: Vec<&str> = relations
            .values()
            .filter(|relation| relation.external)
            .map(|relation| relation.target.as_str())
            .collect();
        targets.sort_unstable();
        targets.dedup();
        let mut text = targets.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

pub(super) fn is_properties(name: &str) -> bool {
    name.starts_with("docProps/") && name.ends_with(".xml")
}

/// Parts that describe looks and wiring and hold no words of people.
pub(super) fn is_wiring(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        ".rels",
        "[Content_Types].xml",
        "/styles.xml",
        "/stylesWithEffects.xml",
        "/fontTable.xml",
        "/webSettings.xml",
        "/numbering.xml",
        "/calcChain.xml",
        "/tableStyles.xml",
        "/presProps.xml",
        "/viewProps.xml",
    ];
    ENDINGS.iter().any(|ending| name.ends_with(ending))
        || name.contains("/theme/")
        || name.contains("/printerSettings/")
        || name.ends_with(".odttf")
        || name.ends_with(".fntdata")
}

/// A target as the name of a part: relative to the folder, `..` resolved, `/` the root.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.split('#').next().unwrap_or_default();
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether the head of a zip shows a package with a member under `folder` (`"word/"`).
pub(super) fn looks_like(head: &[u8], folder: &str) -> bool {
    if !head.starts_with(b"PK\x03\x04") {
        return false;
    }
    let (mut package, mut inside) = (false, false);
    for name in super::archive::names_in(head) {
        package |= name == b"[Content_Types].xml"
            || name.starts_with(b"_rels/")
            || name.starts_with(b"docProps/")
            || name.starts_with(b"customXml/");
        inside |= name.starts_with(folder.as_bytes());
        // A part's own relations are proof enough of the format.
        package |= inside && memchr::memmem::find(name, b"/_rels/").is_some();
    }
    package && inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_resolved_against_their_folder() {
        assert_eq!(resolve("ppt/slides", "../media/image1.png"), "ppt/media/image1.png");
        assert_eq!(resolve("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "worksheets/sheet1.xml#A1"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("", "../../../etc/passwd"), "etc/passwd");
    }
}
