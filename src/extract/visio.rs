//! Visio 2013 and later (vsdx, vsdm): the words of the shapes of every page, and what is embedded.

use super::Extractor;
use super::office::{self, Package};
use super::xml::{Step, Xml};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

pub struct Visio;

impl Extractor for Visio {
    fn name(&self) -> &'static str {
        "vsdx"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.ms-visio.drawing"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        office::looks_like(head, "visio/")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut package = Package::open("vsdx", at, bytes, budget, out)?;
        let names = package.names();
        package.properties(&names)?;
        for name in &names {
            if office::is_properties(name) || office::is_wiring(name) {
                continue;
            }
            if name.starts_with("visio/") && name.ends_with(".xml") {
                words(&mut package, name)?;
            } else {
                package.hand_on_named(name, None)?;
            }
        }
        package.archive.damage.map_or(Ok(()), Err)
    }
}

/// The text of every shape, and the values of the properties that people gave it.
fn words(package: &mut Package, name: &str) -> Result<(), Skip> {
    let relations = package.relations(name)?;
    let Some(text) = package.text(name)? else { return Ok(()) };
    let mut words = Package::links(&relations);
    let mut xml = Xml::new("vsdx", &text);
    let mut inside = 0u32;
    let mut in_properties = false;
    let end = loop {
        match xml.next() {
            Ok(Some(Step::Open(element))) => match element.name() {
                "Text" | "CommentEntry" => inside += 1,
                "Section" => in_properties = element.get("N").as_deref() == Some("Property"),
                "Cell" if in_properties => {
                    // Labels stand before values, as the program writes them.
                    if let ("Label" | "Value", Some(value)) =
                        (element.get("N").unwrap_or_default().as_str(), element.get("V"))
                    {
                        words.push_str(&value);
                        words.push(' ');
                    }
                }
                _ => {}
            },
            Ok(Some(Step::Text(text))) if inside > 0 => words.push_str(&text),
            Ok(Some(Step::Text(_))) => {}
            Ok(Some(Step::Close(end))) => match end.name() {
                "Text" | "CommentEntry" => {
                    inside = inside.saturating_sub(1);
                    words.push('\n');
                }
                "Section" => in_properties = false,
                "Row" if in_properties => words.push('\n'),
                _ => {}
            },
            Ok(None) => break None,
            Err(skip) => break Some(skip),
        }
    };
    let at = package.at.member(name);
    package.push_text(at, words, Form::Plain);
    if let Some(skip) = end {
        package.skipped(name, skip);
    }
    Ok(())
}
