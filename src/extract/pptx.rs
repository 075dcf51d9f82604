//! pptx (PresentationML): slides in their order as pages, with their notes, comments and pictures.

use std::collections::HashSet;

use super::Extractor;
use super::office::{self, Package};
use super::prose::Prose;
use super::xml::{Step, Xml};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

pub struct Pptx;

impl Extractor for Pptx {
    fn name(&self) -> &'static str {
        "pptx"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        office::looks_like(head, "ppt/")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut package = Package::open("pptx", at, bytes, budget, out)?;
        let names = package.names();
        package.properties(&names)?;
        let mut read: HashSet<String> = HashSet::new();
        let mut tables = 0;
        for (slide, page) in slides(&mut package, &names)?.into_iter().zip(1u32..) {
            let relations = package.relations(&slide)?;
            words(&mut package, &slide, &at.page(page), &mut tables)?;
            read.insert(slide);
            let mut targets: Vec<_> = relations.into_values().collect();
            targets.sort_by(|a, b| a.target.cmp(&b.target));
            for relation in targets {
                let wired = matches!(relation.kind.as_str(), "slideLayout" | "slide" | "theme");
                if relation.external || wired || read.contains(&relation.target) {
                    continue;
                }
                part(&mut package, &relation.target, Some(page), &mut tables)?;
                read.insert(relation.target);
            }
        }
        for name in &names {
            if !read.contains(name) && !office::is_properties(name) && !office::is_wiring(name) {
                part(&mut package, name, None, &mut tables)?;
            }
        }
        package.archive.damage.map_or(Ok(()), Err)
    }
}

/// The slides as the presentation lists them, then those that it does not list.
fn slides(package: &mut Package, names: &[String]) -> Result<Vec<String>, Skip> {
    const PRESENTATION: &str = "ppt/presentation.xml";
    let relations = package.relations(PRESENTATION)?;
    let mut found: Vec<String> = Vec::new();
    let all: HashSet<&String> = names.iter().collect();
    let mut listed: HashSet<String> = HashSet::new();
    if let Some(text) = package.text(PRESENTATION)? {
        let mut xml = Xml::new("pptx", &text);
        // A broken end leaves the order of the rest to the archive.
        while let Ok(Some(step)) = xml.next() {
            if let Step::Open(element) = step
                && element.name() == "sldId"
            {
                // `id` is there twice: the number of the slide, and `r:id`.
                let ids = element.attributes().filter(|(key, _)| key == "id");
                let slide = ids.filter_map(|(_, id)| relations.get(&id)).next();
                if let Some(slide) = slide
                    && all.contains(&slide.target)
                    && listed.insert(slide.target.clone())
                {
                    found.push(slide.target.clone());
                }
            }
        }
    }
    for name in names {
        let slide = name.starts_with("ppt/slides/") && name.ends_with(".xml");
        if slide && !listed.contains(name) {
            found.push(name.clone());
        }
    }
    Ok(found)
}

fn part(
    package: &mut Package,
    name: &str,
    page: Option<u32>,
    tables: &mut usize,
) -> Result<(), Skip> {
    let at = page.map_or_else(|| package.at.clone(), |page| package.at.page(page));
    if name.starts_with("ppt/") && name.ends_with(".xml") {
        words(package, name, &at.member(name), tables)
    } else {
        package.hand_on_named(name, page)
    }
}

/// The words of one part of DrawingML.
fn words(package: &mut Package, name: &str, at: &Locator, tables: &mut usize) -> Result<(), Skip> {
    let relations = package.relations(name)?;
    let Some(text) = package.text(name)? else { return Ok(()) };
    let mut prose = Prose::new();
    let mut inside = false;
    let mut xml = Xml::new("pptx", &text);
    let end = loop {
        match xml.next() {
            Ok(Some(Step::Open(element))) => match element.name() {
                "t" | "v" | "text" => inside = true,
                "br" => prose.line(),
                "tbl" => prose.open_table(),
                "cNvPr" => {
                    for key in ["descr", "title"] {
                        prose.aside(&element.get(key).unwrap_or_default());
                    }
                }
                _ => {}
            },
            Ok(Some(Step::Text(text))) if inside => prose.text(&text),
            Ok(Some(Step::Text(_))) => {}
            Ok(Some(Step::Close(end))) => match end.name() {
                "t" => inside = false,
                "v" | "text" => {
                    inside = false;
                    prose.line();
                }
                "p" => prose.line(),
                // Cells that a span covers are there, empty and marked, so none is added for it.
                "tc" => prose.close_cell(1),
                "tr" => prose.close_row(),
                "tbl" => prose.close_table(),
                _ => {}
            },
            Ok(None) => break None,
            Err(skip) => break Some(skip),
        }
    };
    prose.open_box();
    prose.text(&Package::links(&relations));
    prose.close_box();
    prose.push(at, tables, package.out);
    if let Some(skip) = end {
        package.skipped(name, skip);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples;
    use crate::flow::Form;

    #[test]
    fn slides_come_in_their_order_with_notes_and_pictures_on_their_page() {
        let slide = |text: &str| format!("<p:sld><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>");
        let rel = |id: &str, kind: &str, target: &str| {
            format!("<Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/>")
        };
        let wrap = |inner: String| format!("<Relationships>{inner}</Relationships>");
        let bytes = samples::zip(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("ppt/presentation.xml", b"<p:presentation><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId9\"/><p:sldId id=\"257\" r:id=\"rId8\"/></p:sldIdLst></p:presentation>"),
            ("ppt/_rels/presentation.xml.rels", wrap(rel("rId8", "slide", "slides/slide1.xml") + &rel("rId9", "slide", "slides/slide2.xml")).as_bytes()),
            ("ppt/slides/slide1.xml", slide("ИИН 900101100014").as_bytes()),
            ("ppt/slides/slide2.xml", slide("первый").as_bytes()),
            ("ppt/slides/_rels/slide1.xml.rels", wrap(rel("rId1", "image", "../media/image1.png") + &rel("rId2", "notesSlide", "../notesSlides/n1.xml")).as_bytes()),
            ("ppt/media/image1.png", b"\x89PNG"),
            ("ppt/notesSlides/n1.xml", slide("заметка").as_bytes()),
        ]);
        assert_eq!(samples::format_of(&bytes), Some("pptx"));
        let (out, end) = samples::open(&Pptx, &bytes);
        assert_eq!(end, Ok(()));
        let seen: Vec<(Option<u32>, String)> = out
            .iter()
            .map(|content| match content {
                Content::Text { at, text, form: Form::Plain } => (at.page_number(), text.clone()),
                Content::Bytes { at, .. } => (at.page_number(), at.name()),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            (Some(1), "первый\n"),
            (Some(2), "ИИН 900101100014\n"),
            (Some(2), "ppt/media/image1.png"),
            (Some(2), "заметка\n"),
        ];
        assert_eq!(seen, expected.map(|(page, text)| (page, text.to_owned())));
    }
}
