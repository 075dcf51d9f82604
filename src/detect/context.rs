//! The label that a number belongs to: in front of it, behind it, above it, or over its column.

use std::borrow::Cow;

use crate::patterns::Label;
use crate::text::labels::{Hit, Labels};
use crate::text::prefilter::Prefilter;
use crate::text::{Encoding, Window};

/// How far back a label may stand: two lines of a form and a long list after one label.
const REACH_BYTES: usize = 240;
/// How far back a number that needs a label may have it.
const NEAR_BYTES: usize = 64;
/// Letters between label and number beyond which they are strangers; weights fall linearly to
/// `FAR_SHARE` there. On the labelled tuning set 40 loses nested JSON (`iin": {"type": ..`),
/// 120 gives `ИИН` of one clause to the number of the next.
const REACH_LETTERS: usize = 64;
const FAR_SHARE: f32 = 0.35;
/// Letters that cost nothing: `№`-like words, `is`, a JSON `value`.
const FREE_LETTERS: usize = 8;
/// Share of a label's weight that crosses a line break.
const LINE_SHARE: f32 = 0.8;
/// Lines above that count.
const LINES_ABOVE: usize = 2;
/// A label behind the number: `900101100004 (ИИН)`.
const BEHIND_BYTES: usize = 40;
const BEHIND_LETTERS: usize = 2;
const BEHIND_SHARE: f32 = 0.8;
/// What the second of two opposite labels is worth.
const OTHER_SHARE: f32 = 0.2;
/// A run of digits this long between label and number has taken the label.
const TAKING_DIGITS: usize = 8;

/// The labels of one identifier, for and against.
pub struct LabelSet {
    labels: Labels,
    rows: Vec<Label>,
    any: Prefilter,
    positive: Prefilter,
}

/// What the labels around one number say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Index for [`LabelSet::text`].
    pub label: usize,
    /// Signed, after distance.
    pub weight: f32,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Before,
    /// Directly glued to the number or parted by signs only.
    Touching,
    Behind,
    Above,
    Column,
    /// Taken over from the number before it in a list.
    List,
}

impl Place {
    pub fn name(self) -> &'static str {
        match self {
            Place::Before | Place::Touching => "label",
            Place::Behind => "label_behind",
            Place::Above => "label_above",
            Place::Column => "column_header",
            Place::List => "label_of_list",
        }
    }
}

impl LabelSet {
    pub fn new(positive: &[Label], negative: &[Label]) -> LabelSet {
        let rows: Vec<Label> = positive.iter().chain(negative).cloned().collect();
        let texts: Vec<&str> = rows.iter().map(|l| l.text.as_str()).collect();
        let (any, positive) = (Prefilter::new(&texts), Prefilter::new(&texts[..positive.len()]));
        LabelSet { labels: Labels::new(&texts), rows, any, positive }
    }

    /// Whether a label that speaks for the identifier may stand shortly before `start`: spares the
    /// search for most numbers of a log.
    pub fn may_be_labelled(&self, window: &Window, start: usize) -> bool {
        let before = last_lines(window.before(start, NEAR_BYTES), 1);
        self.positive.may_hold(before, encoding_near(window, before))
    }

    /// The label's own words, from the patterns.
    pub fn text(&self, label: usize) -> &str {
        self.rows.get(label).map_or("", |l| l.text.as_str())
    }

    fn weight(&self, hit: &Hit) -> f32 {
        self.rows.get(hit.label).map_or(0.0, |l| l.weight)
    }

    /// Whether a label that speaks for the identifier may stand anywhere that [`LabelSet::near`] looks.
    pub fn may_be_near(&self, window: &Window, start: usize, end: usize) -> bool {
        let before = last_lines(window.before(start, REACH_BYTES), LINES_ABOVE);
        self.positive.may_hold(before, encoding_near(window, before))
            || self.positive.may_hold(window.after(end, BEHIND_BYTES), window.encoding)
    }

    /// The label of the number at `start..end` of the window, by what stands around it.
    pub fn near(&self, window: &Window, start: usize, end: usize) -> Option<Near> {
        let before = last_lines(window.before(start, REACH_BYTES), LINES_ABOVE);
        let encoding = encoding_near(window, before);
        let may_be_before = self.any.may_hold(before, encoding);
        let text = if may_be_before { encoding.decode(before) } else { Cow::Borrowed("") };
        let mut nearest: Option<(usize, Near)> = None;
        let mut opposite = 0.0f32;
        // From the number outwards.
        for hit in self.labels.find(&text).iter().rev() {
            let between = text.get(hit.end..).unwrap_or("");
            let letters = between.chars().filter(|c| c.is_alphabetic()).count();
            if letters > REACH_LETTERS
                || (longest_digits(between) >= TAKING_DIGITS && !is_list(between))
            {
                break;
            }
            let lines = between.matches('\n').count();
            let weight = self.weight(hit) * decay(letters) * LINE_SHARE.powi(lines as i32);
            match &nearest {
                None => {
                    let place = match (lines, letters) {
                        (0, 0) => Place::Touching,
                        (0, _) => Place::Before,
                        _ => Place::Above,
                    };
                    nearest = Some((letters, Near { label: hit.label, weight, place }));
                }
                Some((_, n)) if (n.weight < 0.0) != (weight < 0.0) && opposite == 0.0 => {
                    opposite = weight * OTHER_SHARE;
                }
                Some(_) => {}
            }
        }
        let behind = self.behind(window, end);
        match (nearest, behind) {
            // A label that touches from behind is nearer than one with words between.
            (Some((letters, before)), Some(behind))
                if letters > FREE_LETTERS && behind.weight.abs() > before.weight.abs() =>
            {
                Some(behind)
            }
            (Some((_, near)), _) => Some(Near { weight: near.weight + opposite, ..near }),
            (None, behind) => behind,
        }
    }

    fn behind(&self, window: &Window, end: usize) -> Option<Near> {
        let after = window.after(end, BEHIND_BYTES);
        let after = after.split(|&b| b == b'\n').next().unwrap_or_default();
        if !self.any.may_hold(after, window.encoding) {
            return None;
        }
        let text = window.encoding.decode(after);
        let hit = self.labels.find(&text).into_iter().min_by_key(|h| h.start)?;
        let letters = text.get(..hit.start)?.chars().filter(|c| c.is_alphabetic()).count();
        // `… ИИН 9001…`: the label is the next number's.
        let next = text.get(hit.end..).unwrap_or("");
        let taken = next.chars().take_while(|c| !c.is_alphabetic()).any(|c| c.is_ascii_digit());
        // In a row of cells the label is its own cell's.
        let parted =
            text.get(..hit.start)?.contains([',', ';', '|', '\t', '"', '&', '=', '{', '<']);
        (letters <= BEHIND_LETTERS && !taken && !parted).then(|| Near {
            label: hit.label,
            weight: self.weight(&hit) * BEHIND_SHARE,
            place: Place::Behind,
        })
    }

    /// What the headings of a column say; the lowest heading that says anything decides.
    pub fn heading(&self, headings: &[Vec<u8>], encoding: Encoding) -> Option<Near> {
        headings.iter().rev().find_map(|heading| {
            let hits = self.labels.find(&encoding.decode(heading));
            let best = hits.iter().max_by(|a, b| self.weight(a).total_cmp(&self.weight(b)))?;
            let worst = hits.iter().map(|h| self.weight(h)).fold(0.0, f32::min);
            let weight = if self.weight(best) > 0.0 {
                self.weight(best) + worst * OTHER_SHARE
            } else {
                worst
            };
            Some(Near { label: best.label, weight, place: Place::Column })
        })
    }
}

/// The encoding of a piece of context: that of its last line, where that is another than the file's.
fn encoding_near(window: &Window, before: &[u8]) -> Encoding {
    let line =
        memchr::memrchr(b'\n', before).map_or(before, |n| before.get(n + 1..).unwrap_or_default());
    match window.encoding.of_context(line) {
        same if same == window.encoding => same.of_context(before),
        other => other,
    }
}

fn decay(letters: usize) -> f32 {
    let far = letters.saturating_sub(FREE_LETTERS) as f32 / (REACH_LETTERS - FREE_LETTERS) as f32;
    1.0 - far * (1.0 - FAR_SHARE)
}

/// The end of `bytes` with at most `above` line breaks that have text between them.
fn last_lines(bytes: &[u8], above: usize) -> &[u8] {
    let mut breaks = 0;
    let mut text_since = false;
    for (i, &b) in bytes.iter().enumerate().rev() {
        if b == b'\n' {
            if text_since || breaks == 0 {
                breaks += 1;
                text_since = false;
            }
            if breaks > above {
                return &bytes[i + 1..];
            }
        } else if !b.is_ascii_whitespace() {
            text_since = true;
        }
    }
    bytes
}

/// Whether only numbers, signs and conjunctions stand here: one label, many numbers.
fn is_list(between: &str) -> bool {
    between.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).all(|word| {
        matches!(word.to_lowercase().as_str(), "и" | "или" | "және" | "мен" | "and" | "or")
    })
}

fn longest_digits(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(text: &str) -> Option<(f32, Place)> {
        let label = |text: &str, weight| Label { text: text.into(), weight };
        let set = LabelSet::new(&[label("ИИН", 5.0)], &[label("заказ", -5.0), label("БИН", -5.0)]);
        let start = text.find("900101100004").unwrap();
        set.near(&Window::whole(text, None), start, start + 12).map(|n| (n.weight, n.place))
    }

    #[test]
    fn the_nearest_label_wins() {
        assert_eq!(near("ИИН: 900101100004"), Some((5.0, Place::Touching)));
        assert_eq!(near("ИИН клиента 900101100004"), Some((5.0, Place::Before)));
        assert_eq!(near("900101100004 (ИИН)").unwrap().1, Place::Behind);
        assert_eq!(near("ИИН\n900101100004").unwrap().1, Place::Above);
        assert!(near("ИИН есть, заказ 900101100004").unwrap().0 < -3.0);
        assert!(near("заказ на ИИН 900101100004").unwrap().0 > 3.0);
    }

    #[test]
    fn a_label_that_another_number_took_is_no_label() {
        assert_eq!(near("ИИН 851231203985, справка 900101100004"), None);
        assert!(near("ИИН 851231203985, 900101100004").unwrap().0 > 3.0, "a list");
        assert!(near("ИИН 851231203985 и 900101100004").unwrap().0 > 3.0, "a list");
        assert_eq!(near("900101100004, ИИН 851231203985"), None);
    }
}
