//! From lines that were read to documents: which lines belong together, which document that is,
//! how likely it is one.

use std::collections::HashMap;

use super::layout::Layout;
use super::lexicon::{Lexicon, Of};
use super::read::Read;
use super::sight::Line;
use crate::detect::scene::Scene;
use crate::detect::way::Way;
use crate::detect::{Mark, MarkKind, Rules};
use crate::flow::{DocumentHint, Evidence, Kind, Masked, ReadFrom, Sign, Site, Subject};
use crate::ident::iin::{Shape, shape};
use crate::pixels::Plane;
use crate::reader::Number;

/// Log-odds that a group of lines of which one tells anything is a document, before it is asked
/// what the lines say. This and the weights below are set by hand near the logistic fit on 700 tuning
/// pictures of `training/cards.py`, so that kinds of forms which are rare there are not let through.
const PRIOR: f32 = -4.0;
/// Titles and labels are not independent: this much of each kind counts at most, and each by this
/// share of the weight that it has alone.
const MAX_TITLES: f32 = 5.0;
const MAX_LABELS: f32 = 6.0;
const TITLE_SHARE: f32 = 0.6;
const LABEL_SHARE: f32 = 0.35;
/// A number that looks like a birth date with its control digit; another with its control digit.
const NUMBER_DATED: f32 = 1.3;
const NUMBER_OTHER: f32 = 0.5;
/// What is taken off for each natural log unit that a number was bent.
const BENT_COST: f32 = 0.4;
/// A phrase seen again so many heights of a capital away is that of another document.
const APART: f32 = 9.0;
/// Letters of a phrase that tells documents apart.
const TELLING_LETTERS: usize = 5;
/// Weight of the words of one side that makes it seen.
const SIDE_SEEN: f32 = 2.0;
/// Less likely documents are not mentioned.
const MIN_LOG_ODDS: f32 = -2.0;
/// Signs given of one document.
const MAX_SIGNS: usize = 10;
/// Paper around the outermost words, in heights of a capital.
const AROUND: f32 = 3.0;
/// Booklets that differ from a passport by their titles, not surely by the codes of their zones.
const TOLD_BY_TITLE: [&str; 4] =
    ["diplomatic_passport", "service_passport", "travel_document", "stateless_certificate"];
/// What stands so many heights of a capital over a title is another document's, as if it were so much
/// farther away: the name of the state may stand one line above.
const OVER_TITLE: f32 = 3.0;
const ABOVE_COST: f32 = 40.0;
/// Documents of one sort beside one another: how far apart their like lines are, as a share.
const ALIKE_SPANS: std::ops::RangeInclusive<f32> = 0.6..=1.6;
/// How far a number may be bent before it is read again, and how likely a document must be for that, in
/// log odds.
const DOUBTFUL: f32 = 0.5;
const MAY_BE: f32 = -1.0;
/// Letters of a line that may stand between two of a document.
const MIN_BETWEEN: usize = 3;
/// A zone begins so many heights of a capital under the last words over it.
const OVER_ZONE: f32 = 30.0;
/// The sign of the prior.
const ANY_PICTURE: &str = "any_picture";
/// Documents told from one picture.
const MAX_DOCUMENTS: usize = 16;

/// The documents of the lines read, added to what was seen in their zones.
pub(super) fn evidence(
    rules: &Rules,
    scene: &Scene<'_>,
    reads: &[Read<'_>],
    out: &mut Vec<Evidence>,
) {
    let lexicon = &rules.lexicon;
    let zones: Vec<usize> = (0..out.len())
        .filter(|&i| out.get(i).is_some_and(|e| e.kind == Kind::IdDocumentCopy))
        .collect();
    for cluster in clusters(reads) {
        for group in groups(lexicon, &cluster) {
            let Some(evidence) = of_group(rules, scene, &group) else { continue };
            if let Some(read) = group.first() {
                scene.lies(Way::from(&read.line.path), evidence.log_odds());
            }
            let zone = zones
                .iter()
                .filter_map(|&i| Some((i, stands_over(&group, &evidence, out.get(i)?)?)))
                .min_by(|a, b| a.1.total_cmp(&b.1));
            match zone.and_then(|(i, _)| out.get_mut(i)) {
                Some(zone) => absorb(zone, evidence),
                None if evidence.log_odds() > MIN_LOG_ODDS => out.push(evidence),
                None => {}
            }
        }
    }
}

/// The lines of documents of this state that may have a number on them and of which none was read, or a
/// doubtful one.
pub(super) fn without_number<'r, 'l>(
    rules: &Rules,
    scene: &Scene<'_>,
    reads: &'r [Read<'l>],
) -> Vec<Vec<&'r Read<'l>>> {
    let wants = |group: &Vec<&Read<'_>>| {
        let doubtful = number(group).is_none_or(|(_, number, _)| number.bent > DOUBTFUL);
        let document = || of_group(rules, scene, group).filter(|e| e.log_odds() >= MAY_BE);
        let has_number = |e: Evidence| {
            let document = e.document.unwrap_or_default();
            document.issuer.as_deref() == Some("KAZ") && document.side != Some("back")
        };
        doubtful && document().is_some_and(has_number)
    };
    let clusters = clusters(reads);
    clusters.iter().flat_map(|c| groups(&rules.lexicon, c)).filter(wants).collect()
}

/// Log odds of the likeliest document among the lines read, zones left out of account.
pub(super) fn odds(rules: &Rules, scene: &Scene<'_>, reads: &[Read<'_>]) -> f32 {
    let clusters = clusters(reads);
    let groups = clusters.iter().flat_map(|cluster| groups(&rules.lexicon, cluster));
    let documents = groups.filter_map(|group| of_group(rules, scene, &group));
    documents.map(|document| document.log_odds()).fold(f32::NEG_INFINITY, f32::max)
}

/// How far these words stand over this zone, if they are those of the document that it is the bottom of.
fn stands_over(group: &[&Read<'_>], words: &Evidence, zone: &Evidence) -> Option<f32> {
    let (said, read) = (words.document.as_ref()?, zone.document.as_ref()?);
    // A passport's words and zone are on one page, whatever a mock of one says in either.
    let one_page = said.side == Some("data_page") && read.side == said.side;
    let two_people = are_two(words, zone) && !one_page;
    let two_sides = said.side == Some("front") && read.side == Some("back");
    let two_states = !words.subjects.is_empty() && said.issuer != read.issuer && !one_page;
    if two_people || two_sides || two_states {
        return None;
    }
    let region = |e: &Evidence| e.sites.first().and_then(|s| s.region);
    let (words, zone) = (region(words)?, region(zone)?);
    let line = group.first().map(|read| read.line)?;
    // Boxes as spans along and across the lines, down being where the next line is read.
    let down = line.path.place(0.0, 1.0);
    let (x, y) = line.centre();
    let (dx, dy) = (down.0 - x, down.1 - y);
    let spans = |[x, y, w, h]: [u32; 4]| {
        let (x, y, w, h) = (x as f32, y as f32, w as f32, h as f32);
        let (across, along) = ((y, y + h), (x, x + w));
        let (across, along) = if dx.abs() > dy.abs() { (along, across) } else { (across, along) };
        let backwards = if dx.abs() > dy.abs() { dx < 0.0 } else { dy < 0.0 };
        (if backwards { (-across.1, -across.0) } else { across }, along)
    };
    let ((words, words_along), (zone, zone_along)) = (spans(words), spans(zone));
    let shared = words_along.1.min(zone_along.1) - words_along.0.max(zone_along.0);
    let narrower = (words_along.1 - words_along.0).min(zone_along.1 - zone_along.0);
    let gap = zone.0 - words.1;
    let fits = shared >= 0.5 * narrower
        && gap <= OVER_ZONE * line.capital()
        && zone.1 >= words.1 - narrower / 2.0;
    fits.then_some(gap)
}

/// Whether both name a person, and not the same.
fn are_two(a: &Evidence, b: &Evidence) -> bool {
    fn people(e: &Evidence) -> impl Iterator<Item = &Subject> {
        e.subjects.iter().filter(|s| s.what == Subject::IIN)
    }
    let shared = people(a).any(|x| people(b).any(|y| x.value == y.value));
    people(a).next().is_some() && people(b).next().is_some() && !shared
}

/// What words say beside a zone: more signs, and the visual region; the zone knows who and what, and
/// that it is a document.
fn absorb(zone: &mut Evidence, words: Evidence) {
    zone.signs.extend(words.signs.into_iter().filter(|s| s.weight > 0.0));
    // Words of both sides over the zone of a back: the front lies beside it.
    let side = words.document.as_ref().and_then(|d| d.side);
    if let Some(document) = zone.document.as_mut()
        && (document.side, side) == (Some("back"), Some("both"))
    {
        document.side = Some("both");
    }
    // Kazakh documents of one form share the codes of their zones; which it is stands in the title alone.
    let by_title =
        words.document.as_ref().map(|d| d.kind).filter(|kind| TOLD_BY_TITLE.contains(kind));
    if let (Some(document), Some(kind)) = (zone.document.as_mut(), by_title)
        && document.issuer.as_deref() == Some("KAZ")
        && (document.kind == "passport" || TOLD_BY_TITLE.contains(&document.kind))
    {
        document.kind = kind;
    }
    // A Kazakh passport's zone need not hold the personal number that is printed above it; a number
    // on another state's document is none, whatever its last digit.
    let is_kazakh = zone.document.as_ref().is_some_and(|d| d.issuer.as_deref() == Some("KAZ"));
    let named = zone.subjects.iter().any(|s| s.what == Subject::IIN);
    if is_kazakh && !named && !words.subjects.is_empty() {
        zone.subjects = words.subjects;
    }
    let both = zone.sites.first_mut().and_then(|s| s.region.as_mut());
    let words = words.sites.first().and_then(|s| s.region);
    if let (Some(zone), Some([x, y, w, h])) = (both, words) {
        let [a, b, c, d] = *zone;
        let (left, top) = (a.min(x), b.min(y));
        let (right, bottom) = ((a + c).max(x + w), (b + d).max(y + h));
        *zone = [left, top, right - left, bottom - top];
    }
}

/// Lines that tell something and stand near one another, or near a line between them: names and dates
/// tell nothing, and a copy may have lost the labels over them.
fn clusters<'r, 'l>(reads: &'r [Read<'l>]) -> Vec<Vec<&'r Read<'l>>> {
    let says = |r: &Read<'_>| r.tells() || !r.found.hits.is_empty();
    let is_print = |r: &&Read<'_>| says(r) || r.letters >= MIN_BETWEEN;
    let mut left: Vec<&Read<'l>> = reads.iter().filter(is_print).collect();
    let mut out = Vec::new();
    while let Some(first) = left.pop() {
        let mut cluster = vec![first];
        let mut next = 0;
        while let Some(read) = cluster.get(next).copied() {
            let (near, far) = left.into_iter().partition(|other| read.is_linked(other));
            left = far;
            let mut near: Vec<&Read<'l>> = near;
            cluster.append(&mut near);
            next += 1;
        }
        cluster.retain(|read| says(read));
        if !cluster.is_empty() {
            out.push(cluster);
        }
    }
    out
}

/// Lines that belong to one document. Most pictures hold one; where the same words or two numbers
/// stand in several places, there are so many, and each line is of the nearest.
fn groups<'r, 'l>(lexicon: &Lexicon, reads: &[&'r Read<'l>]) -> Vec<Vec<&'r Read<'l>>> {
    let mut places: HashMap<Key, Vec<&'r Read<'l>>> = HashMap::new();
    for &read in reads {
        for hit in &read.found.hits {
            let telling = lexicon.letters(hit.phrase) >= TELLING_LETTERS;
            let own = lexicon.senses(hit.phrase).iter().any(|s| s.side.is_some());
            if telling && own && read.pure() > 0.5 {
                places.entry(Key::Phrase(hit.phrase)).or_default().push(read);
            }
        }
        if read.numbers.iter().any(|n| n.bent == 0.0) {
            places.entry(Key::Number).or_default().push(read);
        }
    }
    let mut apart: Vec<(Key, Vec<&'r Read<'l>>)> =
        places.into_iter().map(|(key, places)| (key, places_apart(key, places))).collect();
    apart.sort_by_key(|(key, _)| *key);
    // Of as many, titles: what is under one belongs to it.
    let is_title = |key: &Key| matches!(key, Key::Phrase(phrase) if lexicon.is_title(*phrase));
    let mut best: Option<(bool, &[&Read<'l>])> = None;
    for (key, places) in &apart {
        let rank = |titles: bool, places: &[&Read<'_>]| (places.len(), titles);
        if best.is_none_or(|(titles, known)| rank(is_title(key), places) > rank(titles, known)) {
            best = Some((is_title(key), places));
        }
    }
    let Some((titles, first)) = best.filter(|(_, places)| places.len() >= 2) else {
        return vec![reads.to_vec()];
    };
    let mut anchors: Vec<Vec<&Read<'l>>> = first.iter().map(|read| vec![*read]).collect();
    if !titles {
        for (_, places) in apart.iter().filter(|(_, places)| places.len() == first.len()) {
            pair(&mut anchors, places);
        }
    }
    anchors.truncate(MAX_DOCUMENTS);
    let mut groups: Vec<Vec<&Read<'l>>> = vec![Vec::new(); anchors.len()];
    for &read in reads {
        // Nothing that is over a title belongs to it, and no title to what is over it.
        let distance = |anchor: &&Read<'l>| {
            let over = titles && anchor.down_to(read) < -OVER_TITLE;
            let under = !titles && read.has_title && anchor.down_to(read) > 0.0;
            anchor.distance(read) + if over || under { ABOVE_COST } else { 0.0 }
        };
        let nearest = (0..anchors.len()).min_by(|&a, &b| {
            let distance = |i: usize| {
                let all = anchors.get(i).into_iter().flatten().map(distance);
                all.fold(f32::INFINITY, f32::min)
            };
            distance(a).total_cmp(&distance(b))
        });
        if let Some(group) = nearest.and_then(|i| groups.get_mut(i)) {
            group.push(read);
        }
    }
    groups
}

/// Those of the places of a key that are not of one document.
fn places_apart<'r, 'l>(key: Key, places: Vec<&'r Read<'l>>) -> Vec<&'r Read<'l>> {
    let mut apart: Vec<&Read<'l>> = Vec::new();
    for place in places {
        let other = |seen: &&Read<'_>| match key {
            Key::Number => seen.first_number() != place.first_number(),
            Key::Phrase(_) => seen.distance(place) > APART,
        };
        if apart.iter().all(other) {
            apart.push(place);
        }
    }
    apart
}

/// Adds to each document what else comes as often as there are documents: in the order in which they
/// lie, if that lies as far apart.
fn pair<'r, 'l>(anchors: &mut [Vec<&'r Read<'l>>], places: &[&'r Read<'l>]) {
    let heads: Vec<&Read<'l>> = anchors.iter().filter_map(|a| a.first().copied()).collect();
    let Some(&origin) = heads.first() else { return };
    let Some(far) = heads
        .iter()
        .max_by(|a, b| origin.line.distance(a.line).total_cmp(&origin.line.distance(b.line)))
    else {
        return;
    };
    let ((x, y), (fx, fy)) = (origin.line.centre(), far.line.centre());
    let span = (fx - x).hypot(fy - y).max(1.0);
    let along = |read: &Read<'_>| {
        let (a, b) = read.line.centre();
        ((a - x) * (fx - x) + (b - y) * (fy - y)) / span
    };
    let mut order: Vec<usize> = (0..heads.len()).collect();
    order.sort_by(|&a, &b| {
        let at = |i: usize| heads.get(i).map_or(0.0, |head| along(head));
        at(a).total_cmp(&at(b))
    });
    let mut others = places.to_vec();
    others.sort_by(|a, b| along(a).total_cmp(&along(b)));
    let (Some(first), Some(last)) = (others.first(), others.last()) else { return };
    if !ALIKE_SPANS.contains(&((along(last) - along(first)) / span)) {
        return;
    }
    for (at, other) in order.into_iter().zip(others) {
        if let Some(anchor) = anchors.get_mut(at)
            && !anchor.iter().any(|known| std::ptr::eq(*known, other))
        {
            anchor.push(other);
        }
    }
}

/// What may stand once in each document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Number,
    Phrase(usize),
}

/// The words of one group for one row of the patterns.
#[derive(Default)]
pub(super) struct Words {
    pub titles: f32,
    pub labels: f32,
    /// Weight by side.
    sides: HashMap<&'static str, f32>,
    /// Phrase, its weight, and whether it is a title.
    signs: Vec<(usize, f32, bool)>,
}

impl Words {
    fn worth(&self) -> f32 {
        self.titles.min(MAX_TITLES) * TITLE_SHARE + self.labels.min(MAX_LABELS) * LABEL_SHARE
    }

    /// What each phrase is worth: where they are more than counts at most, all shrink alike.
    fn shares(&self) -> Vec<(usize, f32)> {
        let part = |sum: f32, most: f32| if sum > most { most / sum } else { 1.0 };
        let titles = TITLE_SHARE * part(self.titles, MAX_TITLES);
        let labels = LABEL_SHARE * part(self.labels, MAX_LABELS);
        let share = |&(phrase, weight, title): &(usize, f32, bool)| {
            (phrase, weight * if title { titles } else { labels })
        };
        self.signs.iter().map(share).collect()
    }
}

fn of_group(rules: &Rules, scene: &Scene<'_>, group: &[&Read<'_>]) -> Option<Evidence> {
    let lexicon = &rules.lexicon;
    let (rows, against) = words(lexicon, group);
    let (&row, words) = rows.iter().max_by(|a, b| {
        // Of equals the first row of the patterns, whatever the order of the map.
        a.1.worth().total_cmp(&b.1.worth()).then(b.0.cmp(a.0))
    })?;
    let number = number(group);
    let mut signs: Vec<Sign> = Vec::new();
    let mut sign = |detector: &'static str, sign: String, weight: f32| {
        signs.push(Sign { detector, sign, weight, read_from: ReadFrom::Picture });
    };
    sign("vision", ANY_PICTURE.into(), PRIOR);
    let mut told = words.shares();
    told.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (phrase, weight) in told.iter().take(MAX_SIGNS) {
        sign("labels", lexicon.sign(*phrase), *weight);
    }
    let rest: f32 = told.iter().skip(MAX_SIGNS).map(|s| s.1).sum();
    if rest > 0.0 {
        sign("labels", "others".into(), rest);
    }
    if let Some((_, _, weight)) = number {
        sign("iin", "control_digit".into(), weight);
    }
    for (phrase, weight) in &against {
        sign("labels", lexicon.sign(*phrase), -weight);
    }
    let side = side(words);
    let layout = Layout::of(lexicon, row, scene, group);
    if let Some(corners) = layout.portrait {
        scene.mark(|| Mark { kind: MarkKind::Portrait, corners, note: "seen" });
    }
    for (name, weight) in layout.worth(words, side, number.is_some()) {
        sign("vision", name.into(), weight);
    }
    log::trace!(
        "group {} titles {:.2} labels {:.2} number {:.2} against {:.2} portrait {} on_top {} marks {:.2} side {}",
        group.len(),
        words.titles.min(MAX_TITLES),
        words.labels.min(MAX_LABELS),
        number.map_or(0.0, |n| n.2),
        against.iter().map(|a| a.1).sum::<f32>(),
        u8::from(layout.portrait.is_some()),
        u8::from(layout.title_on_top),
        layout.form_marks,
        side.unwrap_or("none"),
    );
    let hint = rules.kinds.get(row)?;
    Some(Evidence {
        kind: Kind::IdDocumentCopy,
        document: Some(DocumentHint { side, ..hint.clone() }),
        count: 1,
        subjects: number.iter().map(|(_, number, _)| subject(number)).collect(),
        sites: vec![Site {
            region: Some(region(scene.plane(), group)?),
            subject: number.map(|_| 0),
            ..Site::default()
        }],
        signs,
    })
}

/// What the words of the group say for each row, and against all of them.
fn words(lexicon: &Lexicon, group: &[&Read<'_>]) -> (HashMap<usize, Words>, Vec<(usize, f32)>) {
    // Each phrase once, where it was read best.
    let mut best: HashMap<usize, f32> = HashMap::new();
    for read in group {
        for hit in &read.found.hits {
            let worth = hit.quality.max(0.0).sqrt() * read.pure();
            let known = best.entry(hit.phrase).or_default();
            *known = known.max(worth);
        }
    }
    let mut best: Vec<(usize, f32)> = best.into_iter().collect();
    best.sort_by_key(|b| b.0);
    let mut rows: HashMap<usize, Words> = HashMap::new();
    let mut against = Vec::new();
    for (phrase, worth) in best {
        for sense in lexicon.senses(phrase) {
            let weight = sense.weight * worth;
            match sense.of {
                Of::Lookalike => against.push((phrase, weight)),
                Of::Document(row) => {
                    let words = rows.entry(row).or_default();
                    *(if sense.title { &mut words.titles } else { &mut words.labels }) += weight;
                    if let Some(side) = sense.side {
                        *words.sides.entry(side).or_default() += weight;
                    }
                    words.signs.push((phrase, weight, sense.title));
                }
            }
        }
    }
    (rows, against)
}

/// The side that the words are of.
fn side(words: &Words) -> Option<&'static str> {
    let of = |side: &str| words.sides.get(side).copied().unwrap_or(0.0);
    if of("front") >= SIDE_SEEN && of("back") >= SIDE_SEEN {
        return Some("both");
    }
    let best = words.sides.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)))?;
    (*best.1 > 0.0).then_some(*best.0)
}

/// The personal number of the group and what it is worth.
fn number<'g>(group: &[&'g Read<'_>]) -> Option<(&'g Line, &'g Number, f32)> {
    let all = group.iter().flat_map(|read| read.numbers.iter().map(move |n| (*read, n)));
    all.filter(|(read, _)| read.is_number())
        .map(|(read, number)| {
            let dated = matches!(shape(&number.digits), Shape::Dated | Shape::DatedForeigner);
            let weight = if dated { NUMBER_DATED } else { NUMBER_OTHER };
            (read.line, number, weight - BENT_COST * number.bent)
        })
        .max_by(|a, b| a.2.total_cmp(&b.2))
}

fn subject(number: &Number) -> Subject {
    let digits = String::from_utf8_lossy(&number.digits).into_owned();
    Subject { what: Subject::IIN.into(), value: Masked::new(digits) }
}

/// The upright box around all lines that told something.
fn region(plane: Plane<'_>, group: &[&Read<'_>]) -> Option<[u32; 4]> {
    let mut around: Option<[u32; 4]> = None;
    for read in group.iter().filter(|r| r.tells()) {
        let [x, y, w, h] = read.line.region(plane);
        let margin = (AROUND * read.line.capital()) as u32;
        let (x0, y0) = (x.saturating_sub(margin), y.saturating_sub(margin));
        let x1 = (x + w).saturating_add(margin).min(plane.width as u32);
        let y1 = (y + h).saturating_add(margin).min(plane.height as u32);
        let [a0, b0, a1, b1] = around.unwrap_or([x0, y0, x1, y1]);
        around = Some([a0.min(x0), b0.min(y0), a1.max(x1), b1.max(y1)]);
    }
    around.map(|[x0, y0, x1, y1]| [x0, y0, x1 - x0, y1 - y0])
}

/// What each row of the patterns makes of a document.
pub(in crate::detect) fn kinds(patterns: &crate::patterns::Patterns) -> Vec<DocumentHint> {
    let hint = |row: &crate::patterns::DocumentKind| DocumentHint {
        kind: row.kind,
        issuer: row.issuer.clone(),
        ..DocumentHint::default()
    };
    patterns.documents.rows.iter().map(hint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: &'static str, issuer: &str) -> Evidence {
        let issuer = Some(issuer.to_owned());
        Evidence {
            kind: Kind::IdDocumentCopy,
            document: Some(DocumentHint { kind, issuer, ..DocumentHint::default() }),
            count: 1,
            subjects: Vec::new(),
            sites: Vec::new(),
            signs: Vec::new(),
        }
    }

    #[test]
    fn the_title_tells_booklets_with_like_zones_apart() {
        let together = |zone: &'static str, issuer: &str, words: &'static str| {
            let mut zone = seen(zone, issuer);
            absorb(&mut zone, seen(words, "KAZ"));
            zone.document.unwrap().kind
        };
        assert_eq!(together("passport", "KAZ", "diplomatic_passport"), "diplomatic_passport");
        assert_eq!(together("stateless_certificate", "KAZ", "travel_document"), "travel_document");
        assert_eq!(together("diplomatic_passport", "KAZ", "passport"), "diplomatic_passport");
        assert_eq!(together("id_card", "KAZ", "travel_document"), "id_card");
        assert_eq!(together("foreign_passport", "UZB", "travel_document"), "foreign_passport");
    }
}
