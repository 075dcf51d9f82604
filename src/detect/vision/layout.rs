//! How the words of a group stand, as far as that tells a document from a form.

use super::decide::Words;
use super::lexicon::{Hit, Lexicon, Of, Sense};
use super::portrait::{Extent, portrait};
use super::read::Read;
use crate::detect::scene::Scene;
use crate::pixels::Path;

/// A dark patch of a portrait's size beside the words; forms have room for a photograph, too, so that
/// without a title in its place it says less.
const PORTRAIT: f32 = 2.0;
const PORTRAIT_ALONE: f32 = 1.2;
const TITLE_ON_TOP: f32 = 2.0;
/// Titles in two languages, by their weight: forms have one.
const TWO_TITLES: f32 = 4.2;
const TWO_TITLES_WORTH: f32 = 1.0;
/// Labels without a title, and without a title on top, a portrait or titles in two languages.
const NO_TITLE: f32 = -1.5;
const NO_TITLE_ALONE: f32 = -0.2;
const NO_LAYOUT: f32 = -2.5;
/// The back of a card has neither, but many labels that stand on backs only.
const MANY_LABELS: f32 = 5.0;
const BACK_LABELS: f32 = 2.5;
/// Marks of a form on every known line.
const FORM_MARKS_WORTH: f32 = -4.0;
/// The name of the state stands over the title; labels of fields weigh more.
const HEADING_WEIGHT: f32 = 1.0;
/// A title of less weight is a label as well.
const TITLE_WEIGHT: f32 = 2.0;
/// The name of the state is the longest of the words that are on all its documents.
const STATE_LETTERS: usize = 15;

/// How the words of a group stand, as far as that tells a document from a form.
pub(super) struct Layout {
    pub portrait: Option<[[f32; 2]; 4]>,
    /// A title stands over the labels.
    pub title_on_top: bool,
    /// The name of the state does.
    state_on_top: bool,
    /// Share of the known lines with marks of a form.
    pub form_marks: f32,
}

impl Layout {
    /// What it says, each with its weight.
    pub fn worth(
        &self,
        words: &Words,
        side: Option<&str>,
        number: bool,
    ) -> Vec<(&'static str, f32)> {
        let two_titles = words.titles >= TWO_TITLES;
        let mut out = Vec::new();
        if self.title_on_top {
            out.push(("title_on_top", TITLE_ON_TOP));
        }
        if two_titles {
            out.push(("title_in_two_languages", TWO_TITLES_WORTH));
        }
        if self.portrait.is_some() {
            let placed = self.title_on_top || two_titles;
            out.push(("portrait", if placed { PORTRAIT } else { PORTRAIT_ALONE }));
        }
        if side == Some("back") {
            if words.labels >= MANY_LABELS {
                out.push(("labels_of_a_back", BACK_LABELS));
            }
        } else {
            if out.is_empty() {
                out.push(("no_layout", NO_LAYOUT));
            }
            if words.titles < 1.0 {
                let full = number && words.labels >= MANY_LABELS && self.form_marks == 0.0;
                let all_but = self.portrait.is_some() && (self.state_on_top || full);
                out.push(("no_title", if all_but { NO_TITLE_ALONE } else { NO_TITLE }));
            }
        }
        if self.form_marks > 0.0 {
            out.push(("form_marks", FORM_MARKS_WORTH * self.form_marks));
        }
        out
    }

    pub fn of(lexicon: &Lexicon, row: usize, scene: &Scene<'_>, group: &[&Read<'_>]) -> Layout {
        let nothing =
            Layout { portrait: None, title_on_top: false, state_on_top: false, form_marks: 0.0 };
        let known: Vec<&&Read<'_>> = group.iter().filter(|r| !r.found.hits.is_empty()).collect();
        let mut capitals: Vec<f32> = known.iter().map(|r| r.line.capital()).collect();
        capitals.sort_by(f32::total_cmp);
        let (Some(first), Some(&capital)) = (known.first(), capitals.get(capitals.len() * 2 / 5))
        else {
            return nothing;
        };
        // Along and down from the middle of one of the lines, in heights of a usual capital.
        let unit = first.line.capital();
        let along = |p: (f32, f32)| first.line.path.terms(p).0 * unit / capital;
        let down = |p: (f32, f32)| first.line.path.terms(p).1 * unit / capital;
        let mut extent = Extent { along: (0.0, 0.0), down: (0.0, 0.0) };
        let (mut titles, mut states, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        let numbers = group.iter().filter(|read| read.is_number());
        let numbers: Vec<f32> = numbers.map(|read| down(read.line.centre())).collect();
        for read in &known {
            let half = read.line.path.pitches() / 2.0;
            for end in [-half, half] {
                let end = read.line.path.place(end, 0.0);
                extent.along = (extent.along.0.min(along(end)), extent.along.1.max(along(end)));
                extent.down = (extent.down.0.min(down(end)), extent.down.1.max(down(end)));
            }
            let senses = || read.found.hits.iter().flat_map(|h| lexicon.senses(h.phrase));
            let own = |s: &&Sense| s.of == Of::Document(row);
            let at = down(read.line.centre());
            let long = |h: &Hit| lexicon.letters(h.phrase) >= STATE_LETTERS;
            let mut long_hits = read.found.hits.iter().filter(|h| long(h));
            if senses().filter(own).any(|s| s.title && s.weight >= TITLE_WEIGHT)
                && read.pure() > 0.3
            {
                titles.push(at);
            } else if senses().filter(own).any(|s| !s.title && s.weight > HEADING_WEIGHT) {
                labels.push(at);
            } else if long_hits.any(|h| lexicon.senses(h.phrase).iter().any(|s| own(&s))) {
                states.push(at);
            }
        }
        // Copiers lose small labels before they lose a number.
        let labels = if labels.is_empty() { numbers } else { labels };
        let on_top = |places: &[f32]| {
            let top = places.iter().copied().fold(f32::INFINITY, f32::min);
            let under = labels.iter().filter(|&&l| l > top + 0.5).count();
            top.is_finite() && !labels.is_empty() && 4 * under >= 3 * labels.len()
        };
        let marked = known.iter().filter(|r| r.form_marks).count();
        let line = Path { pitch: capital, ..first.line.path.clone() };
        Layout {
            portrait: scene.half().and_then(|half| portrait(half, &line, extent)),
            title_on_top: on_top(&titles),
            state_on_top: on_top(&states),
            form_marks: marked as f32 / known.len().max(1) as f32,
        }
    }
}
