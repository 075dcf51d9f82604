//! Labels: which known words stand near a number, and how near.
//!
//! A label is matched on skeletons ([`crate::text::fold`]), whole words only: `ИИН` meets
//! `Номер ИИН клиента`, `clientIin`, `IIN_NO`, and not `Мариинск`. A label that ends in `*`
//! matches the beginning of a word (`идентификационн*`).

use aho_corasick::{AhoCorasick, MatchKind};

use super::fold::Skeleton;

/// A compiled set of labels; a hit names the index of the label as given.
#[derive(Debug)]
pub struct Labels {
    search: AhoCorasick,
    /// Bytes of each pattern that are boundary, not label: 1 in front, 0 or 1 behind.
    tail: Vec<usize>,
}

/// One label near the place that was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub label: usize,
    /// Bytes of the label in the source text, `start..end`.
    pub start: usize,
    pub end: usize,
}

impl Labels {
    /// Compiles `labels`. Labels without a letter match nothing.
    pub fn new<S: AsRef<str>>(labels: &[S]) -> Labels {
        let mut tail = Vec::with_capacity(labels.len());
        let patterns: Vec<String> = labels
            .iter()
            .map(|label| {
                let label = label.as_ref();
                let mut skeleton = Skeleton::of(label.trim_end_matches('*')).text;
                if skeleton.trim().is_empty() {
                    skeleton = "\u{0}".to_string();
                }
                if label.ends_with('*') {
                    skeleton.truncate(skeleton.trim_end().len());
                }
                tail.push(usize::from(skeleton.ends_with(' ')));
                skeleton
            })
            .collect();
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            // Only sizes past u32 fail here, and the labels come from small files of ours or the user's.
            .unwrap_or_else(|_| AhoCorasick::new(["\u{0}"]).expect("one short pattern compiles"));
        Labels { search, tail }
    }

    /// All labels in `text`, by position; where several end at the same word, the longest only.
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let skeleton = Skeleton::of(text);
        let mut hits: Vec<Hit> = Vec::new();
        let place = |i: usize| skeleton.source.get(i).map_or(text.len(), |&at| at as usize);
        for m in self.search.find_overlapping_iter(&skeleton.text) {
            let label = m.pattern().as_usize();
            let tail = self.tail.get(label).copied().unwrap_or(0);
            hits.push(Hit { label, start: place(m.start() + 1), end: place(m.end() - tail) });
        }
        // A longer label swallows the ones inside it: "ИИН/БИН" is neither ИИН nor БИН.
        let all = hits.clone();
        hits.retain(|h| {
            !all.iter().any(|o| {
                o.start <= h.start && h.end <= o.end && (o.end - o.start) > (h.end - h.start)
            })
        });
        hits.sort_by_key(|h| (h.end, h.start));
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_only_and_the_longest_wins() {
        let labels = Labels::new(&["ИИН", "БИН", "ИИН/БИН", "iin", "идентификационн*"]);
        let names = |text: &str| labels.find(text).iter().map(|h| h.label).collect::<Vec<_>>();
        assert_eq!(names("Номер ИИН клиента"), [0]);
        assert_eq!(names("ИИН / БИН:"), [2]);
        assert_eq!(names("из Мариинска"), [] as [usize; 0]);
        assert_eq!(names("clientIin=\"bin\""), [3]);
        assert_eq!(names("Индивидуальный идентификационный номер"), [4]);
        assert_eq!(names("БИН 940140000385, ИИН "), [1, 0]);
    }

    #[test]
    fn a_hit_says_where_it_ends_in_the_source() {
        let labels = Labels::new(&["иин"]);
        let text = "тел 87010000000, ИИН: 9";
        let hit = labels.find(text)[0];
        assert_eq!(&text[hit.start..hit.end], "ИИН");
    }
}
