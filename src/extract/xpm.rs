//! XPM: a picture written as strings of C. The text is looked at as well.

use std::collections::HashMap;

use super::Extractor;
use super::luma;
use crate::error::Skip;
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

const FORMAT: &str = "xpm";
/// Letters of one colour's key; more would name more colours than there are.
const MAX_KEY: usize = 8;

pub struct Xpm;

impl Extractor for Xpm {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "image/x-xpixmap"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"/* XPM */") || head.starts_with(b"! XPM2")
    }

    fn is_text(&self) -> bool {
        true
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let broken = || Skip::damaged(FORMAT, "does not parse");
        let mut strings: Box<dyn Iterator<Item = &[u8]>> = if bytes.starts_with(b"! XPM2") {
            Box::new(bytes.split(|byte| *byte == b'\n').skip(1).map(without_return))
        } else {
            Box::new(bytes.split(|byte| *byte == b'"').skip(1).step_by(2))
        };
        let mut sizes = strings.next().ok_or_else(broken)?.split(u8::is_ascii_whitespace);
        let mut size = || loop {
            let word = sizes.next()?;
            if !word.is_empty() {
                return std::str::from_utf8(word).ok()?.parse::<u32>().ok();
            }
        };
        let header = size().zip(size()).zip(size()).zip(size());
        let (((width, height), colours), key) = header.ok_or_else(broken)?;
        let key = usize::try_from(key).ok().filter(|key| (1..=MAX_KEY).contains(key));
        let key = key.ok_or_else(broken)?;
        let pixels = luma::reserve(width, height, 1, FORMAT, budget)?;
        let mut lumas: HashMap<&[u8], u8> = HashMap::new();
        for line in strings.by_ref().take(colours as usize) {
            budget.in_time()?;
            let (name, colour) = line.split_at_checked(key).ok_or_else(broken)?;
            lumas.insert(name, luma_of(colour));
        }
        // Rows that never come stay paper.
        let mut plane = Vec::new();
        let (mut rows, mut unknown) = (0, false);
        for row in strings.take(height as usize) {
            budget.in_time()?;
            let before = plane.len();
            for name in row.chunks_exact(key).take(width as usize) {
                let value = lumas.get(name);
                unknown |= value.is_none();
                plane.push(*value.unwrap_or(&255));
            }
            unknown |= plane.len() - before < width as usize;
            plane.resize(before + width as usize, 255);
            rows += 1;
        }
        if rows == 0 {
            return Err(broken());
        }
        plane.resize(pixels, 255);
        let facts = PictureFacts { format: FORMAT, channels: 3, ..PictureFacts::default() };
        let picture = Picture { width, height, luma: plane, facts };
        out.push(Content::Picture { at: at.clone(), picture });
        if rows < height || unknown {
            return Err(Skip::damaged(FORMAT, "decodes in part"));
        }
        Ok(())
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// `c #RRGGBB`, else the grey or the black and white of the line. Names of colours but the plainest
/// are something between black and white.
fn luma_of(line: &[u8]) -> u8 {
    let line = String::from_utf8_lossy(line).to_ascii_lowercase();
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let after = |key: &str| {
        let place = words.iter().position(|word| *word == key)?;
        words.get(place + 1).copied()
    };
    let colour = ["c", "g", "g4", "m"].iter().find_map(|key| after(key)).unwrap_or("");
    match colour {
        "black" => 0,
        "white" | "none" | "gray100" | "grey100" => 255,
        colour => hex(colour).or_else(|| grey(colour)).unwrap_or(128),
    }
}

/// `gray0` to `gray100`, in hundredths of white.
fn grey(colour: &str) -> Option<u8> {
    let share = colour.strip_prefix("gray").or_else(|| colour.strip_prefix("grey"))?;
    let share: u16 = share.parse().ok().filter(|share| *share <= 100)?;
    Some(((share * 255 + 50) / 100) as u8)
}

/// One, two or four digits a channel; the first are the weighty ones.
fn hex(colour: &str) -> Option<u8> {
    let digits = colour.strip_prefix('#')?;
    let each = match digits.len() {
        3 => 1,
        6 => 2,
        12 => 4,
        _ => return None,
    };
    let channel = |index: usize| {
        let text = digits.get(index * each..(index + 1) * each)?;
        let value = u16::from_str_radix(text, 16).ok()?;
        Some(match each {
            1 => (value * 17) as u8,
            2 => value as u8,
            _ => (value >> 8) as u8,
        })
    };
    Some(luma::of_rgb(channel(0)?, channel(1)?, channel(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{format_of, open};

    const SAMPLE: &str = "/* XPM */\nstatic char *a[] = {\n/* columns rows colors chars */\n\"3 2 3 1\",\n\
        \"  c None\",\n\". c #000000 m black\",\n\"x c #fff\",\n\". x\",\n\"x..\"\n};\n";

    #[test]
    fn strings_become_pixels() {
        for text in [
            SAMPLE.to_owned(),
            "! XPM2\n3 2 3 1\n  c None\n. c black\nx g white\n. x\nx..\n".into(),
        ] {
            assert_eq!(format_of(text.as_bytes()), Some("xpm"));
            let (out, end) = open(&Xpm, text.as_bytes());
            assert_eq!(end, Ok(()));
            let [Content::Picture { picture, .. }] = out.as_slice() else { panic!("{out:?}") };
            assert_eq!((picture.width, picture.height), (3, 2));
            assert_eq!(picture.luma, [0, 255, 255, 255, 0, 0]);
        }
        assert_eq!(["c gray5", "c grey50", "c red"].map(|c| luma_of(c.as_bytes())), [13, 128, 128]);
        assert_eq!(hex("#ffff80000000"), Some(luma::of_rgb(255, 128, 0)));
    }

    #[test]
    fn what_is_missing_is_told() {
        let (out, end) = open(&Xpm, SAMPLE.replace(",\n\"x..\"", "").as_bytes());
        assert!(matches!(end, Err(Skip::Damaged { .. })) && out.len() == 1);
        let huge = SAMPLE.replace("3 2 3 1", "99999 99999 3 1");
        assert!(matches!(open(&Xpm, huge.as_bytes()).1, Err(Skip::OverBudget(_))));
        assert!(open(&Xpm, b"/* XPM */").1.is_err());
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        for at in 0..SAMPLE.len() {
            open(&Xpm, &SAMPLE.as_bytes()[..at]).1.ok();
            let mut changed = SAMPLE.as_bytes().to_vec();
            changed[at] ^= 0x15;
            open(&Xpm, &changed).1.ok();
        }
    }
}
