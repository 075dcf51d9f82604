//! XPS and OpenXPS, what Windows prints to files: the words of every page in reading order, and the
//! pictures.

use super::Extractor;
use super::archive;
use super::office::{self, Package};
use super::xml::{Element, Step, Xml};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator};
use crate::limits::Budget;

/// Width of a letter, as part of its size, where the file does not tell it.
const LETTER: f64 = 0.5;
/// Gaps that are a space, and that part two columns, as parts of the size of letters.
const SPACE: f64 = 0.15;
const COLUMN: f64 = 2.0;
/// So many shapes on a page without a word are letters; frames and lines are fewer.
const OUTLINES: u32 = 100;

pub struct Xps;

impl Extractor for Xps {
    fn name(&self) -> &'static str {
        "xps"
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.ms-xpsdocument"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"PK\x03\x04")
            && archive::names_in(head).any(|name| {
                // A large picture may stand before all that says what the package is.
                [".fdseq", ".fdoc", ".fpage"].iter().any(|end| name.ends_with(end.as_bytes()))
                    || name.starts_with(b"Documents/1/Resources/")
            })
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut package = Package::open("xps", at, bytes, budget, out)?;
        let names = package.names();
        package.properties(&names)?;
        let mut pages: Vec<&String> = names.iter().filter(|name| is_page(name)).collect();
        pages.sort_by_key(|name| (folder_of(name), number_in(name)));
        for (name, page) in pages.iter().zip(1u32..) {
            read_page(&mut package, name, &at.page(page))?;
        }
        for name in &names {
            let wiring = [".fdseq", ".fdoc", ".odttf", ".ttf", ".dict", ".xml", ".struct", ".frag"]
                .iter()
                .any(|end| name.to_lowercase().ends_with(end));
            if !is_page(name) && !wiring && !office::is_wiring(name) {
                package.hand_on_named(name, None)?;
            }
        }
        package.archive.damage.map_or(Ok(()), Err)
    }
}

fn is_page(name: &str) -> bool {
    name.to_lowercase().ends_with(".fpage")
}

fn folder_of(name: &str) -> String {
    name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

fn number_in(name: &str) -> u64 {
    let file = name.rsplit('/').next().unwrap_or_default();
    let digits: String = file.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(u64::MAX)
}

/// Words at their place.
struct Piece {
    x: f64,
    y: f64,
    size: f64,
    text: String,
}

impl Piece {
    fn of(element: &Element) -> Option<Piece> {
        let number = |name| element.get(name)?.parse::<f64>().ok().filter(|v| v.is_finite());
        let text = element.get("UnicodeString").filter(|text| !text.trim().is_empty())?;
        // A pair of braces says that what follows is meant as it stands.
        let text = text.strip_prefix("{}").map(str::to_owned).unwrap_or(text);
        Some(Piece {
            x: number("OriginX").unwrap_or(0.0),
            y: number("OriginY").unwrap_or(0.0),
            size: number("FontRenderingEmSize").unwrap_or(12.0).clamp(1.0, 1000.0),
            text,
        })
    }

    fn end(&self) -> f64 {
        self.x + self.text.chars().count() as f64 * LETTER * self.size
    }
}

fn read_page(package: &mut Package, name: &str, at: &Locator) -> Result<(), Skip> {
    let relations = package.relations(name)?;
    let Some(text) = package.text(name)? else { return Ok(()) };
    let mut pieces = Vec::new();
    let mut links = Package::links(&relations);
    let mut xml = Xml::new("xps", &text);
    let mut outlines = 0u32;
    let end = loop {
        match xml.next() {
            Ok(Some(Step::Open(element))) => {
                if element.name() == "Glyphs" {
                    pieces.extend(Piece::of(&element));
                }
                outlines = outlines.saturating_add(u32::from(element.name() == "Path"));
                if let Some(link) = element.get("FixedPage.NavigateUri") {
                    links.push_str(&link);
                    links.push('\n');
                }
            }
            Ok(Some(_)) => {}
            Ok(None) => break None,
            Err(skip) => break Some(skip),
        }
    };
    if pieces.is_empty() && outlines >= OUTLINES {
        let detail = "letters of a page are drawn as outlines".into();
        package.out.push(Content::Skipped {
            at: at.clone(),
            skip: Skip::Unsupported { format: "xps", detail },
        });
    }
    let mut text = lines(pieces);
    text.push_str(&links);
    package.budget.charge(text.len() as u64)?;
    package.push_text(at.clone(), text, Form::Plain);
    if let Some(skip) = end {
        package.skipped(name, skip);
    }
    Ok(())
}

/// Pieces of one height are a line, left to right.
fn lines(mut pieces: Vec<Piece>) -> String {
    pieces.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
    let mut text = String::new();
    let mut rest = pieces.as_slice();
    while let Some(first) = rest.first() {
        let same = |piece: &&Piece| piece.y - first.y <= first.size * 0.3;
        let (line, tail) = rest.split_at(rest.iter().take_while(same).count().max(1));
        rest = tail;
        let mut line: Vec<&Piece> = line.iter().collect();
        line.sort_by(|a, b| a.x.total_cmp(&b.x));
        let mut before: Option<&Piece> = None;
        for piece in line {
            if let Some(before) = before {
                let gap = (piece.x - before.end()) / piece.size;
                let parted = before.text.ends_with(' ') || piece.text.starts_with(' ');
                if gap > COLUMN {
                    text.push('\t');
                } else if gap > SPACE && !parted {
                    text.push(' ');
                }
            }
            text.push_str(&piece.text);
            before = Some(piece);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};

    #[test]
    fn pieces_of_one_line_are_joined() {
        let page = r#"<FixedPage><Glyphs OriginX="10" OriginY="20" FontRenderingEmSize="10" UnicodeString="{}{ИИН}"/>
            <Canvas><Glyphs OriginX="90" OriginY="20.5" FontRenderingEmSize="10" UnicodeString="900101"/>
            <Glyphs OriginX="120" OriginY="20.5" FontRenderingEmSize="10" UnicodeString="100004"/></Canvas>
            <Glyphs OriginX="10" OriginY="8" FontRenderingEmSize="10" UnicodeString="Title"/></FixedPage>"#;
        let file = samples::zip(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("FixedDocSeq.fdseq", b"<x/>"),
            ("Documents/1/Pages/1.fpage", page.as_bytes()),
            ("Resources/Images/1.png", b"\x89PNG"),
        ]);
        assert_eq!(samples::format_of(&file), Some("xps"));
        let (out, end) = samples::open(&Xps, &file);
        assert_eq!(end, Ok(()));
        assert_eq!(texts(&out, Form::Plain), "Title\n{ИИН}\t900101100004\n");
        assert_eq!(out.len(), 2);
    }
}
