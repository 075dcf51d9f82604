//! The text of whole pages in pictures, for those who ask for it: readers of lines, and how what
//! they read becomes evidence.
//!
//! A page becomes one text (rows top to bottom) that the text detectors look at like any other, so
//! that a number in a scanned contract is found as one in a typed one is; its place is the line's
//! region in the picture.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::detect::{PageLine, Scene, read_page};
use crate::error::Skip;
use crate::flow::{Evidence, Kind, Masked, Site};

/// Reads the lines of a page.
pub trait PageReader: Send + Sync {
    /// Stable; named where a page was not read.
    fn name(&self) -> &'static str;

    /// The lines in reading order; none where the picture is no page. `left` is the time that
    /// the file has left. An error means that the page was not read in full.
    fn read(&self, scene: &Scene, left: Duration) -> Result<Vec<PageLine>, Skip>;
}

/// The line reader that comes with the program. Stops where the file has no time left; the caller
/// sees that by its clock.
pub struct OwnReader;

impl PageReader for OwnReader {
    fn name(&self) -> &'static str {
        "reader"
    }

    fn read(&self, scene: &Scene, left: Duration) -> Result<Vec<PageLine>, Skip> {
        let start = Instant::now();
        Ok(read_page(scene, &mut || start.elapsed() < left))
    }
}

/// Pieces of one row that are further apart than this, in heights of the line, are cells.
const APART: f32 = 1.5;

/// The lines of a page as one text.
pub(super) struct PageText {
    pub text: String,
    /// Where in the text each line ends, and its region.
    lines: Vec<(usize, [u32; 4])>,
}

impl PageText {
    pub fn new(lines: &[PageLine]) -> PageText {
        // On a page that lies on its side lines are higher than wide, and rows run the other way.
        let upright =
            2 * lines.iter().filter(|l| l.region[2] >= l.region[3]).count() >= lines.len();
        let mut page = PageText { text: String::new(), lines: Vec::with_capacity(lines.len()) };
        let mut before: Option<&PageLine> = None;
        for line in lines {
            page.text.push_str(match before {
                None => "",
                Some(before) if before.row != line.row => "\n",
                Some(before) if are_apart(before.region, line.region, upright) => "\t",
                Some(_) => " ",
            });
            // Cells and rows are made by what parts the lines, never by what is in one.
            page.text.extend(line.text.chars().map(|c| if c.is_control() { ' ' } else { c }));
            page.lines.push((page.text.len(), line.region));
            before = Some(line);
        }
        page
    }

    /// Turns places in the text into places in the picture.
    pub fn place(&self, evidence: &mut Evidence) {
        for site in &mut evidence.sites {
            let Some(offset) = site.offset.and_then(|o| usize::try_from(o).ok()) else { continue };
            let at = self.lines.partition_point(|(end, _)| *end <= offset);
            let region = self.lines.get(at).map(|(_, region)| *region);
            *site = Site { region, page: site.page, subject: site.subject, ..Site::default() };
        }
    }
}

/// Whether two lines of one row stand far from one another.
fn are_apart(a: [u32; 4], b: [u32; 4], upright: bool) -> bool {
    // Along the row: start, length, and height across it.
    let split = |[x, y, w, h]: [u32; 4]| if upright { (x, w, h) } else { (y, h, w) };
    let ((a_from, a_long, a_high), (b_from, b_long, b_high)) = (split(a), split(b));
    let end = |from: u32, size: u32| u64::from(from) + u64::from(size);
    let gap =
        u64::from(a_from.max(b_from)).saturating_sub(end(a_from, a_long).min(end(b_from, b_long)));
    gap as f32 > APART * a_high.min(b_high) as f32
}

/// Who is known from one picture already: as the subject of a document, or from another reader.
#[derive(Default)]
pub(super) struct Known(HashSet<Masked>);

impl Known {
    pub fn add(&mut self, evidence: &[Evidence]) {
        self.0.extend(evidence.iter().flat_map(|e| &e.subjects).map(|s| s.value.clone()));
    }

    /// Leaves out who is known; nothing is left of evidence that names nobody else. A line of a card
    /// that says the number of its holder once more is no second finding.
    pub fn only_new(&self, mut evidence: Evidence) -> Option<Evidence> {
        let is_new: Vec<bool> =
            evidence.subjects.iter().map(|s| !self.0.contains(&s.value)).collect();
        if is_new.iter().all(|new| *new) {
            return Some(evidence);
        }
        // A document is one person's: another reading of it adds nothing.
        if evidence.kind == Kind::IdDocumentCopy || !is_new.contains(&true) {
            return None;
        }
        let place: Vec<usize> = is_new
            .iter()
            .scan(0, |next, new| {
                let place = *next;
                *next += usize::from(*new);
                Some(place)
            })
            .collect();
        let before = evidence.sites.len();
        evidence.sites.retain(|s| s.subject.is_none_or(|i| is_new.get(i).is_some_and(|n| *n)));
        let gone = (before - evidence.sites.len()) as u64;
        evidence.count = evidence.count.saturating_sub(gone).max(1);
        for site in &mut evidence.sites {
            site.subject = site.subject.and_then(|i| place.get(i).copied());
        }
        let mut each = is_new.into_iter();
        evidence.subjects.retain(|_| each.next().unwrap_or(true));
        Some(evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Subject;

    fn line(text: &str, row: u32, region: [u32; 4]) -> PageLine {
        PageLine { text: text.into(), region, sure: 0.9, row }
    }

    fn at(offset: u64, subject: usize) -> Site {
        let (line, subject) = (Some(1), Some(subject));
        Site { offset: Some(offset), line, subject, ..Site::default() }
    }

    fn iins(numbers: &[&str], sites: Vec<Site>) -> Evidence {
        let subject = |n: &&str| Subject { what: "iin".into(), value: Masked::new(*n) };
        Evidence {
            kind: Kind::Iin,
            document: None,
            count: sites.len() as u64,
            subjects: numbers.iter().map(subject).collect(),
            sites,
            signs: Vec::new(),
        }
    }

    #[test]
    fn rows_cells_and_words_are_parted_by_what_lies_between_them() {
        let lines = [
            line("ФИО", 0, [10, 10, 60, 20]),
            line("ИИН", 0, [300, 12, 60, 20]),
            line("А.\tБ.", 1, [10, 50, 60, 20]),
            line("900101", 1, [300, 52, 70, 20]),
            line("100004", 1, [380, 52, 70, 20]),
        ];
        assert_eq!(PageText::new(&lines).text, "ФИО\tИИН\nА. Б.\t900101 100004");
        // The same page on its side.
        let turned: Vec<PageLine> = lines
            .iter()
            .map(|l| line(&l.text, l.row, [l.region[1], l.region[0], l.region[3], l.region[2]]))
            .collect();
        assert_eq!(PageText::new(&turned).text, "ФИО\tИИН\nА. Б.\t900101 100004");
        assert_eq!(PageText::new(&[]).text, "");
    }

    #[test]
    fn a_place_in_the_text_is_a_place_in_the_picture() {
        let lines = [line("ИИН", 0, [10, 10, 60, 20]), line("900101100004", 1, [10, 50, 200, 20])];
        let page = PageText::new(&lines);
        let mut evidence = iins(&["900101100004"], vec![at(0, 0), at(7, 0), at(18, 0)]);
        page.place(&mut evidence);
        let regions: Vec<_> = evidence.sites.iter().map(|s| s.region.unwrap()).collect();
        assert_eq!(regions, [lines[0].region, lines[1].region, lines[1].region]);
        assert!(evidence.sites.iter().all(|s| s.line.is_none() && s.offset.is_none()));
    }

    #[test]
    fn who_is_known_is_not_told_again() {
        let mut known = Known::default();
        known.add(&[iins(&["900101100004"], vec![])]);
        assert!(known.only_new(iins(&["900101100004"], vec![at(0, 0)])).is_none());
        let both = iins(&["900101100004", "851231203985"], vec![at(0, 0), at(20, 1), at(40, 0)]);
        let left = known.only_new(both).unwrap();
        assert_eq!((left.count, left.subjects.len(), left.sites.len()), (1, 1, 1));
        assert_eq!(left.subjects[0].value.expose(), "851231203985");
        assert_eq!(left.sites[0].subject, Some(0));
        let new = known.only_new(iins(&["851231203985"], vec![at(0, 0)])).unwrap();
        assert_eq!(new.count, 1);
    }
}
