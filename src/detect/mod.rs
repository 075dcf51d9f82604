//! Content -> Evidence. One file a detector; a detector says what it saw, `judge/` what it means.
//!
//! Text detectors watch windows of a text ([`crate::text::window`]) and give their evidence at its
//! end: a column or a key tells more about a number than the number itself.

mod context;
mod iin;
mod mrz_text;
mod number;
mod population;
mod rule;
mod rules;
mod surroundings;

use crate::flow::{Evidence, Form};
use crate::text::Window;
use crate::text::digits::{Finder, Run};

pub use rules::Rules;

/// A detector of text.
pub trait TextDetector: Sync {
    /// Stable; the `detector` of the evidence.
    fn name(&self) -> &'static str;

    /// Starts on one text. Costs little: it is called for every file.
    fn begin<'r>(&self, rules: &'r Rules, text: TextFacts) -> Box<dyn TextWatch + 'r>;
}

/// One detector on one text.
pub trait TextWatch {
    /// Takes the next window. Hits that start outside of `window.fresh` are another window's.
    fn window(&mut self, window: &Window, runs: &Runs);

    /// The text is over: says what was seen.
    fn finish(&mut self, out: &mut Vec<Evidence>);
}

/// Every text detector.
pub static TEXT: &[&dyn TextDetector] =
    &[&iin::Iin, &number::Number, &mrz_text::MrzText, &rule::Rule];

/// What is known of a text before it is read.
#[derive(Debug, Clone, Copy)]
pub struct TextFacts {
    pub form: Form,
    /// No text but raw bytes: only labelled numbers count.
    pub binary: bool,
    /// The text is the name of a file or folder.
    pub in_name: bool,
    /// Two-digit year of the newest moment that a stamp in the text can name.
    pub newest_year: u32,
    /// Occurrences kept with their place.
    pub max_occurrences: usize,
}

/// The digit runs of one window.
#[derive(Debug, Default)]
pub struct Runs {
    pub plain: Vec<Run>,
    pub grouped: Vec<Run>,
}

/// All detectors on one text.
pub struct TextScan<'r> {
    watches: Vec<Box<dyn TextWatch + 'r>>,
    finder: Finder,
    runs: Runs,
}

impl<'r> TextScan<'r> {
    pub fn begin(rules: &'r Rules, facts: TextFacts) -> TextScan<'r> {
        TextScan {
            watches: TEXT.iter().map(|d| d.begin(rules, facts)).collect(),
            finder: Finder::default(),
            runs: Runs::default(),
        }
    }

    pub fn window(&mut self, window: &Window) {
        let Runs { plain, grouped } = &mut self.runs;
        plain.clear();
        grouped.clear();
        let fresh = |run: &Run| window.fresh.contains(&run.start);
        self.finder.find(
            window.bytes,
            window.encoding.no_break_space(),
            |run| plain.extend(fresh(&run).then_some(run)),
            |run| grouped.extend(fresh(&run).then_some(run)),
        );
        for watch in &mut self.watches {
            watch.window(window, &self.runs);
        }
    }

    pub fn finish(mut self) -> Vec<Evidence> {
        let mut out = Vec::new();
        for watch in &mut self.watches {
            watch.finish(&mut out);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detectors_have_names_of_their_own() {
        let mut names: Vec<_> = TEXT.iter().map(|d| d.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TEXT.len());
    }
}
