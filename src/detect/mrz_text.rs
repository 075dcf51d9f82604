//! Machine readable zones in text: pasted, exported by a reader, in a text layer under a scan.
//!
//! `<<` is rare outside of them (and of C++), so it is what is searched for. Around each the lines
//! are cleaned of blanks, joined where a line was broken, and given to the grammar of ICAO 9303;
//! only the check digits make it a document.

use std::collections::HashMap;

use memchr::memmem;

use super::{Rules, Runs, TextDetector, TextFacts, TextWatch};
use crate::flow::{Evidence, Kind, Sign, Site};
use crate::ident::mrz::{Mrz, parse};
use crate::text::Window;
use crate::text::window::LineCursor;

pub struct MrzText;

const NAME: &str = "mrz";
/// Bytes looked at on both sides of `<<`: three lines of thirty with their blanks doubled.
const AROUND: usize = 300;
/// Log-odds when all check digits agree: by chance one zone-shaped text in a hundred thousand.
const ALL_CHECKS: f32 = 6.0;
/// Number, birth date and expiry agree.
const PARTIAL_CHECKS: f32 = 1.2;
/// Two fillers, as text, as XML and as text with a blank after each letter.
/// Bytes looked at on either side at first, and what must be in them: every `<<` of a zone has a
/// line of its own around it.
const STRETCH: usize = 48;
const MIN_STRETCH: usize = 24;
const MIN_FILLERS: usize = 3;
/// Bytes passed over after a try that failed: less than a zone, whose later fillers find it still.
const RETRY: usize = 60;
/// Words before a zone on its line.
const MAX_STARTS: usize = 8;
/// Zones kept of one text.
const MAX_ZONES: usize = 10_000;

impl TextDetector for MrzText {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin<'r>(&self, _: &'r Rules, facts: TextFacts) -> Box<dyn TextWatch + 'r> {
        Box::new(Watch {
            facts,
            lines: LineCursor::default(),
            zones: Vec::new(),
            seen: HashMap::new(),
            xml: false,
            done: 0,
        })
    }
}

struct Watch {
    facts: TextFacts,
    lines: LineCursor,
    zones: Vec<(Mrz, Vec<Site>)>,
    seen: HashMap<String, usize>,
    /// The text begins as XML does.
    xml: bool,
    /// Absolute offset up to which zones were taken.
    done: u64,
}

impl TextWatch for Watch {
    fn window(&mut self, window: &Window, runs: &Runs) {
        if self.facts.in_name {
            return;
        }
        // In XML a filler is written `&lt;`.
        let first = window.bytes.iter().find(|b| !b.is_ascii_whitespace());
        self.xml |= window.base == 0 && first == Some(&b'<');
        let escaped: Vec<usize> = if self.xml {
            memmem::find_iter(window.bytes, b"&lt;&lt;").collect()
        } else {
            Vec::new()
        };
        let mut places = [runs.fillers.as_slice(), escaped.as_slice()].concat();
        places.sort_unstable();
        for at in places {
            let absolute = window.base + at as u64;
            if !window.fresh.contains(&at) || absolute < self.done || !looks_like_zone(window, at) {
                continue;
            }
            let from = at.saturating_sub(AROUND);
            let around =
                window.bytes.get(from..(at + AROUND).min(window.bytes.len())).unwrap_or_default();
            let Some((mrz, start, end)) = zone_around(around, at - from) else {
                // The next fillers of the line would be tried with the same letters.
                let ahead =
                    window.bytes.get(at..(at + RETRY).min(window.bytes.len())).unwrap_or_default();
                let line = memchr::memchr(b'\n', ahead).unwrap_or(ahead.len());
                self.done = absolute + line.max(1) as u64;
                continue;
            };
            self.done = window.base + (from + end) as u64;
            let start = (from + start).max(window.fresh.start);
            let site = Site {
                line: (!self.facts.binary).then(|| self.lines.line(window, start)),
                offset: Some(window.base + start as u64),
                subject: Some(0),
                ..Site::default()
            };
            self.keep(mrz, site);
        }
    }

    fn finish(&mut self, out: &mut Vec<Evidence>) {
        for (mrz, sites) in self.zones.drain(..) {
            let Some(sign) = mrz.sign() else { continue };
            let weight = if mrz.all_checks() { ALL_CHECKS } else { PARTIAL_CHECKS };
            out.push(Evidence {
                kind: Kind::IdDocumentCopy,
                document: Some(mrz.hint()),
                count: sites.len() as u64,
                subjects: vec![mrz.subject()],
                sites,
                signs: vec![Sign {
                    detector: NAME,
                    sign,
                    weight,
                    read_from: self.facts.read_from(),
                }],
            });
        }
    }
}

impl Watch {
    fn keep(&mut self, mrz: Mrz, site: Site) {
        let key = format!("{}{}", mrz.issuer, mrz.number.expose());
        match self.seen.get(&key) {
            Some(&i) => {
                if let Some((_, sites)) = self.zones.get_mut(i)
                    && sites.len() < self.facts.max_occurrences
                {
                    sites.push(site);
                }
            }
            None if self.zones.len() < MAX_ZONES => {
                self.seen.insert(key, self.zones.len());
                self.zones.push((mrz, vec![site]));
            }
            None => {}
        }
    }
}

/// A first look: an unbroken stretch of zone letters and blanks, long enough and with fillers
/// enough. C++ fails it at once; `&lt;` is rare and is let through.
fn looks_like_zone(window: &Window, at: usize) -> bool {
    if window.bytes.get(at) == Some(&b'&') {
        return true;
    }
    let zone = |b: &&u8| matches!(**b, b'A'..=b'Z' | b'0'..=b'9' | b'<' | b' ' | b'\r' | b'\n');
    let before = window.before(at, STRETCH).iter().rev().take_while(zone);
    let after = window.after(at, STRETCH).iter().take_while(zone);
    let (mut letters, mut fillers) = (0, 0);
    for b in before.chain(after) {
        letters += usize::from(b.is_ascii_alphanumeric());
        fillers += usize::from(*b == b'<');
    }
    letters + fillers >= MIN_STRETCH && fillers >= MIN_FILLERS && letters > 0
}

/// A cleaned line: its zone letters, and where they came from.
#[derive(Default)]
struct Line {
    text: String,
    /// Lengths of `text` at which a blank was dropped.
    blanks: Vec<usize>,
    from: usize,
    to: usize,
}

/// The zone that byte `at` belongs to, with its place in `around`.
fn zone_around(around: &[u8], at: usize) -> Option<(Mrz, usize, usize)> {
    let lines = clean_lines(around);
    let mut best: Option<(Mrz, usize, usize)> = None;
    for first in 0..lines.len() {
        // Up to six pieces: three lines, each broken once.
        for last in first..lines.len().min(first + 6) {
            let pieces = &lines[first..=last];
            let (from, to) = (pieces.first()?.from, pieces.last()?.to);
            if !(from..=to).contains(&at) {
                continue;
            }
            // Most pieces have the length of no zone: they are not even joined.
            let length: usize = pieces.iter().map(|l| l.text.len()).sum();
            let first_blanks = &pieces.first()?.blanks;
            let fits = |start: usize| [90, 72, 88].iter().any(|zone| start + zone == length);
            if !fits(0) && !first_blanks.iter().take(MAX_STARTS).any(|start| fits(*start)) {
                continue;
            }
            let joined: String = pieces.iter().map(|l| l.text.as_str()).collect();
            // Words in capitals may stand before the zone on its first line: `MRZ: IDKAZ…`.
            let starts = pieces.first()?.blanks.iter().take(MAX_STARTS).copied();
            for start in std::iter::once(0).chain(starts) {
                let Some(mrz) = joined.get(start..).and_then(whole_zone) else { continue };
                if best.as_ref().is_none_or(|(b, ..)| b.checks.right < mrz.checks.right) {
                    best = Some((mrz, from, to));
                }
            }
        }
    }
    best
}

/// The zone that these letters are, to the last one.
fn whole_zone(letters: &str) -> Option<Mrz> {
    [(3, 30), (2, 36), (2, 44)]
        .into_iter()
        .filter(|(count, width)| count * width == letters.len())
        .find_map(|(count, width)| {
            let rows: Vec<&str> =
                (0..count).filter_map(|i| letters.get(i * width..(i + 1) * width)).collect();
            parse(&rows).filter(|mrz| mrz.sign().is_some())
        })
}

/// Splits at line breaks and at anything that no zone holds; blanks inside a line are dropped.
/// XML and JSON write `<` as `&lt;` and breaks as `\n`.
fn clean_lines(around: &[u8]) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    // Where fillers are escaped, a raw `<` is markup.
    let escaped = memmem::find(around, b"&lt;").is_some();
    let mut i = 0;
    while i < around.len() {
        let rest = &around[i..];
        let (zone, width) = match rest {
            [b'<', ..] if escaped => (None, 1),
            [b'&', b'l', b't', b';', ..] => (Some('<'), 4),
            [b'\\', b'n' | b'r', ..] => (None, 2),
            [b' ' | b'\t', ..] => {
                if let Some(line) = lines.last_mut().filter(|l| !l.text.is_empty()) {
                    line.blanks.push(line.text.len());
                }
                i += 1;
                continue;
            }
            [b @ (b'A'..=b'Z' | b'0'..=b'9' | b'<'), ..] => (Some(char::from(*b)), 1),
            // Text layers of scans hold the guillemet for two fillers.
            [0xc2, 0xab, ..] => {
                if let Some(line) = lines.last_mut() {
                    line.text.push('<');
                }
                (Some('<'), 2)
            }
            _ => (None, 1),
        };
        match (zone, lines.last_mut()) {
            (Some(c), Some(line)) => {
                if line.text.is_empty() {
                    line.from = i;
                }
                line.text.push(c);
                line.to = i + width;
            }
            (None, Some(line)) if !line.text.is_empty() => {
                lines.push(Line::default());
            }
            _ => {}
        }
        i += width;
    }
    lines.retain(|l| !l.text.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const TD1: &str = "IDKAZ0000000011851231200019<<<\n8512316F3401011KAZ<<<<<<<<<<<6\nTESTOVA<<AIGUL<<<<<<<<<<<<<<<<";

    fn found(text: &str) -> Option<String> {
        let at = text.find("<<").or(text.find("< <")).or(text.find("&lt;&lt;"))?;
        let (mrz, ..) = zone_around(text.as_bytes(), at)?;
        mrz.sign()
    }

    #[test]
    fn zones_are_found_broken_spaced_and_escaped() {
        let all = Some("td1_all_checks".to_string());
        assert_eq!(found(TD1), all);
        assert_eq!(found(&format!("Шапка\n{TD1}\nподпись")), all);
        assert_eq!(found(&TD1.replace("851231200019", "8512 31200019\r\n")), all, "a broken line");
        assert_eq!(found(&TD1.replace('\n', "\\n")), all, "in JSON");
        assert_eq!(found(&TD1.replace('<', "&lt;")), all, "in XML");
        assert_eq!(found(&format!("MRZ СТРОКА {TD1}")), all);
        assert_eq!(found(&format!("THE ZONE {TD1}")), all);
        assert_eq!(found(&TD1.replace("<", "< ")), all);
        assert_eq!(
            found(&TD1.replace("8512316F", "8512317F")),
            None,
            "birth date and composite wrong"
        );
    }
}
