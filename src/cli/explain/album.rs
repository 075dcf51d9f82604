//! Which of the pictures of a file is drawn: the first with something to report in it, or the one
//! that was named. Only that one is kept.

use crate::detect::Told;
use crate::flow::{Evidence, Locator, Picture};
use crate::report::{Base, Sketch};

/// The picture that is to be drawn, as the user names it: by its number, or by its place in the file.
#[derive(Debug, Clone)]
pub enum Member {
    Number(usize),
    Named(String),
}

impl Member {
    pub fn parse(text: &str) -> Member {
        match text.parse() {
            Ok(n) => Member::Number(n),
            Err(_) => Member::Named(text.to_owned()), // no number, so a name
        }
    }

    fn is(&self, number: usize, at: &Locator) -> bool {
        match self {
            Member::Number(n) => *n == number,
            Member::Named(name) => {
                let page = at.page_number().map(|n| format!(" page {n}")).unwrap_or_default();
                let names = [at.inside().join(" > "), at.inside().join("/"), at.name()];
                names.iter().any(|n| n == name || format!("{n}{page}") == *name)
                    || page.trim_start() == name
            }
        }
    }
}

/// One picture in the list.
struct Entry {
    /// As it may be shown.
    place: String,
    size: (u32, u32),
    /// The likeliest thing that was seen in it, 0..=1.
    best: f64,
}

struct Kept {
    entry: usize,
    picture: Picture,
    told: Told,
    evidence: Vec<Evidence>,
}

/// The pictures of one file, of which one is kept.
pub struct Album {
    wanted: Option<Member>,
    min_confidence: f64,
    entries: Vec<Entry>,
    kept: Option<Kept>,
}

/// Pictures that are listed besides the one drawn.
const MAX_LISTED: usize = 20;

impl Album {
    pub fn new(wanted: Option<Member>, min_confidence: f64) -> Album {
        Album { wanted, min_confidence, entries: Vec::new(), kept: None }
    }

    pub fn add(
        &mut self,
        at: &Locator,
        place: String,
        picture: &Picture,
        told: &Told,
        evidence: &[Evidence],
    ) {
        let best = evidence.iter().map(Evidence::probability).fold(0.0, f64::max);
        let entry = self.entries.len();
        self.entries.push(Entry { place, size: (picture.width, picture.height), best });
        let kept = self.kept.as_ref().and_then(|kept| self.entries.get(kept.entry));
        let keep = match &self.wanted {
            Some(wanted) => kept.is_none() && wanted.is(entry + 1, at),
            // The first of those that say most: something to report, something, nothing.
            None => kept.is_none_or(|kept| self.rank(kept.best) < self.rank(best)),
        };
        if keep {
            let (picture, told) = (picture.clone(), told.clone());
            self.kept = Some(Kept { entry, picture, told, evidence: evidence.to_vec() });
        }
    }

    fn rank(&self, best: f64) -> u8 {
        u8::from(best > 0.0) + u8::from(best > 0.0 && best >= self.min_confidence)
    }

    /// Draws the picture that was kept; says why there is none to draw.
    pub fn draw(&self, base: Base) -> Result<Sketch, String> {
        let Some(kept) = &self.kept else {
            return Err(match (&self.wanted, self.entries.len()) {
                (_, 0) => "there is no picture in this file that could be read".into(),
                (_, 1) => {
                    "--member: there is one picture in this file; leave the option out".into()
                }
                (_, n) => {
                    format!("--member: none of the {n} pictures in this file:{}", self.list(None))
                }
            });
        };
        Sketch::draw(&kept.picture, &kept.told, &kept.evidence, base)
            .map_err(|e| format!("the picture cannot be encoded: {e}"))
    }

    /// Which one was drawn, and which others there are.
    pub fn tell(&self) -> String {
        let Some(kept) = &self.kept else { return String::new() };
        let Some(entry) = self.entries.get(kept.entry) else { return String::new() };
        let mut out = format!("drew {}", entry.place);
        if self.entries.len() > 1 {
            out.push_str(&format!(", picture {} of {}", kept.entry + 1, self.entries.len()));
            out.push_str("; --member draws another:");
            out.push_str(&self.list(Some(kept.entry)));
        }
        out
    }

    fn list(&self, except: Option<usize>) -> String {
        let mut out = String::new();
        let others = || self.entries.iter().enumerate().filter(|(i, _)| Some(*i) != except);
        for (i, Entry { place, size: (width, height), best }) in others().take(MAX_LISTED) {
            let seen = if *best >= self.min_confidence && *best > 0.0 {
                ", something to report"
            } else {
                ""
            };
            out.push_str(&format!("\n  {}  {place}, {width} x {height}{seen}", i + 1));
        }
        let more = others().count().saturating_sub(MAX_LISTED);
        if more > 0 {
            out.push_str(&format!("\n  and {more} more"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Kind, PictureFacts, ReadFrom, Sign};

    fn seen(weight: f32) -> Evidence {
        let sign = "s".into();
        Evidence {
            kind: Kind::IdDocumentCopy,
            document: None,
            count: 1,
            subjects: Vec::new(),
            sites: Vec::new(),
            signs: vec![Sign { detector: "d", sign, weight, read_from: ReadFrom::Picture }],
        }
    }

    /// The number of the picture drawn, of four: nothing, a guess, and twice something sure.
    fn drawn(wanted: Option<&str>) -> Option<usize> {
        let mut album = Album::new(wanted.map(Member::parse), 0.5);
        let zip = Locator::file("a.zip");
        for (i, (name, weight)) in
            [("a.png", None), ("b/b.png", Some(-1.0)), ("c.png", Some(3.0)), ("d.png", Some(5.0))]
                .into_iter()
                .enumerate()
        {
            let mut at = zip.member(name);
            if i == 3 {
                at = at.page(7);
            }
            let picture =
                Picture { width: 1, height: 1, luma: vec![0], facts: PictureFacts::default() };
            let evidence: Vec<Evidence> = weight.map(seen).into_iter().collect();
            album.add(&at, name.into(), &picture, &Told::default(), &evidence);
        }
        assert_eq!(album.draw(Base::Veiled).is_ok(), album.kept.is_some());
        assert_eq!(album.tell().is_empty(), album.kept.is_none());
        album.kept.map(|kept| kept.entry + 1)
    }

    #[test]
    fn the_first_with_something_to_report_is_drawn_or_the_one_named() {
        assert_eq!(drawn(None), Some(3));
        for (name, number) in
            [("1", 1), ("4", 4), ("b/b.png", 2), ("c.png", 3), ("d.png page 7", 4), ("page 7", 4)]
        {
            assert_eq!(drawn(Some(name)), Some(number), "{name}");
        }
        assert_eq!((drawn(Some("9")), drawn(Some("z.png")), drawn(Some("0"))), (None, None, None));
    }
}
