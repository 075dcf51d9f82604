//! Evidence of one content, put together: what speaks for the same thing becomes one claim.
//!
//! Numbers in text: one claim a kind (and document type, and user's identifier); confidence is
//! that of the strongest evidence, because detectors of one text do not see independent things.
//! Copies: one claim a document. Two pieces of evidence are of one document where they stand on
//! the same spot, or where the document number agrees, or, where one does not know the number, the
//! IIN does; never where they know different types. Their signs are added, each counted once.

use std::collections::{HashMap, HashSet};

use crate::flow::{DocumentHint, Evidence, Kind, ReadFrom, Sign, Site, Subject};

/// Evidence under this is left out where likelier evidence of the same kind is there: it would
/// swell the counts of a sure finding with guesses.
const LIKELY: f64 = 0.5;

/// Two regions that share this much of the smaller one are the same spot.
const SAME_SPOT: f64 = 0.5;

/// The most, in natural log-odds, that a copy comes to whose zone contradicts itself: 0.88, under
/// the 0.97 that a zone read with much bending has at least. Labels beside it and names of folders
/// say as much for a document with a misprint as for a drawn one.
const CONTRADICTED: f32 = 2.0;
/// Taken off what goes beyond that.
const DIGITS_DISAGREE: &str = "check_digits_disagree";

/// What [`Subject::what`] says of a personal number.
pub(super) const IIN: &str = Subject::IIN;

/// What will be one finding.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub kind: Kind,
    pub document: Option<DocumentHint>,
    /// `document.side` of the schema; differs from the hint's where both sides were seen.
    pub side: Option<&'static str>,
    /// The user's row, for custom identifiers.
    pub identifier: Option<String>,
    pub in_name: bool,
    /// Another claim is of the same sort of document and the same person: only numbers differ.
    pub ambiguous: bool,
    pub count: u64,
    pub subjects: Vec<Subject>,
    pub sites: Vec<Site>,
    pub signs: Vec<Sign>,
}

/// Puts the evidence of one content together. Copies come first, then numbers.
pub(super) fn claims(evidence: Vec<Evidence>) -> Vec<Claim> {
    let (copies, numbers): (Vec<_>, Vec<_>) =
        evidence.into_iter().map(Claim::from).partition(|claim| claim.kind == Kind::IdDocumentCopy);
    let mut out = of_copies(copies);
    out.extend(of_numbers(numbers));
    for claim in &mut out {
        claim.sites.sort_by_key(|s| (s.page, s.line, s.offset));
        claim.signs.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    }
    out
}

impl From<Evidence> for Claim {
    fn from(evidence: Evidence) -> Claim {
        let identifier = (evidence.kind == Kind::CustomIdentifier).then(|| {
            evidence.subjects.first().map_or_else(|| "custom".to_owned(), |s| s.what.clone())
        });
        let in_name = !evidence.signs.is_empty()
            && evidence.signs.iter().all(|s| s.read_from == ReadFrom::Name);
        Claim {
            kind: evidence.kind,
            side: evidence.document.as_ref().and_then(|d| d.side),
            document: evidence.document,
            identifier,
            in_name,
            ambiguous: false,
            count: evidence.count,
            subjects: evidence.subjects,
            sites: evidence.sites,
            signs: evidence.signs,
        }
    }
}

impl Claim {
    /// Natural log-odds: the sum of the signs.
    pub fn log_odds(&self) -> f64 {
        self.signs.iter().map(|s| f64::from(s.weight)).sum()
    }

    pub fn probability(&self) -> f64 {
        1.0 / (1.0 + (-self.log_odds()).exp())
    }

    fn document_kind(&self) -> &'static str {
        self.document.as_ref().map_or("unknown", |d| d.kind)
    }

    /// The values of one sort: personal numbers, or all others.
    pub fn values(&self, iin: bool) -> impl Iterator<Item = &str> {
        self.subjects.iter().filter(move |s| (s.what == IIN) == iin).map(|s| s.value.expose())
    }

    /// Takes over who and where; a subject or a place that is known already is not told twice.
    fn absorb_places(&mut self, other: &mut Claim) {
        self.absorb_all_places(std::iter::once(other));
    }

    /// The same for many: what is known is gathered once, so that a register of thousands of pages
    /// costs no square.
    fn absorb_all_places<'c>(&mut self, others: impl Iterator<Item = &'c mut Claim>) {
        let who = |s: &Subject| (s.what.clone(), s.value.clone());
        let mut known: HashMap<_, usize> =
            self.subjects.iter().enumerate().map(|(i, s)| (who(s), i)).collect();
        let place = |s: &Site| (s.page, s.line, s.offset, s.region, s.subject);
        let mut seen: HashSet<_> = self.sites.iter().map(place).collect();
        for other in others {
            let mut places = Vec::with_capacity(other.subjects.len());
            for subject in std::mem::take(&mut other.subjects) {
                places.push(*known.entry(who(&subject)).or_insert_with(|| {
                    self.subjects.push(subject);
                    self.subjects.len() - 1
                }));
            }
            for mut site in std::mem::take(&mut other.sites) {
                site.subject = site.subject.and_then(|i| places.get(i).copied());
                if seen.insert(place(&site)) {
                    self.sites.push(site);
                }
            }
        }
    }

    /// Takes over the signs, each detector's sign once with its best weight; where a zone was read
    /// in full, its partial readings say nothing new.
    fn absorb_signs(&mut self, other: &Claim) {
        let origin = |claim: &Claim| claim.document.as_ref().and_then(|d| d.origin);
        // What speaks for another origin than the one that stands would contradict it.
        let same_origin = origin(self).is_none() || origin(self) == origin(other);
        let of_origin = |sign: &&Sign| sign.detector != "origin" || same_origin;
        for sign in other.signs.iter().filter(of_origin) {
            match self.signs.iter_mut().find(|s| s.detector == sign.detector && s.sign == sign.sign)
            {
                Some(known) if known.weight < sign.weight => *known = sign.clone(),
                Some(_) => {}
                None => self.signs.push(sign.clone()),
            }
        }
        let full: Vec<String> = self
            .signs
            .iter()
            .filter_map(|s| s.sign.strip_suffix("_all_checks").map(str::to_owned))
            .collect();
        self.signs.retain(|s| {
            s.sign.strip_suffix("_partial_checks").is_none_or(|f| !full.iter().any(|g| g == f))
        });
    }

    /// Takes off what a copy has beyond [`CONTRADICTED`], where a check digit of its zone is wrong.
    pub fn temper(&mut self) {
        let told = |end: &str| self.signs.iter().find(|s| s.sign.ends_with(end));
        let Some(partial) = told("_partial_checks").filter(|_| told("_all_checks").is_none())
        else {
            return;
        };
        let read_from = partial.read_from;
        let weight = CONTRADICTED - self.signs.iter().map(|s| s.weight).sum::<f32>();
        if weight < 0.0 {
            let sign = DIGITS_DISAGREE.to_owned();
            self.signs.push(Sign { detector: "mrz", sign, weight, read_from });
        }
    }

    fn absorb_copy(&mut self, mut other: Claim) {
        self.absorb_places(&mut other);
        self.absorb_signs(&other);
        self.count = self.count.max(other.count);
        self.side = match (self.side, other.side) {
            (Some("front"), Some("back")) | (Some("back"), Some("front")) => Some("both"),
            (Some(side), _) => Some(side),
            (None, side) => side,
        };
        match (&mut self.document, other.document) {
            (Some(document), Some(other)) => {
                if document.kind == "unknown" {
                    document.kind = other.kind;
                }
                document.issuer = document.issuer.take().or(other.issuer);
                document.origin = match document.origin {
                    None | Some("unknown") => other.origin.or(document.origin),
                    known => known,
                };
            }
            (document, other) => *document = document.take().or(other),
        }
    }
}

fn of_numbers(claims: Vec<Claim>) -> Vec<Claim> {
    let same = |a: &Claim, b: &Claim| {
        a.kind == b.kind
            && a.in_name == b.in_name
            && a.identifier == b.identifier
            && a.document_kind() == b.document_kind()
    };
    let mut groups: Vec<Vec<Claim>> = Vec::new();
    for claim in claims {
        match groups.iter_mut().find(|g| g.first().is_some_and(|first| same(first, &claim))) {
            Some(group) => group.push(claim),
            None => groups.push(vec![claim]),
        }
    }
    groups.into_iter().filter_map(of_one_number).collect()
}

/// One claim of all that say the same: the strongest, with the places of the likely others.
fn of_one_number(mut group: Vec<Claim>) -> Option<Claim> {
    let best = (0..group.len())
        .rev()
        .max_by(|&a, &b| group[a].log_odds().total_cmp(&group[b].log_odds()))?;
    let mut known = group.remove(best);
    group.retain(|claim| claim.probability() >= LIKELY);
    let count = group.iter().fold(known.count, |n, claim| n.saturating_add(claim.count));
    known.absorb_all_places(group.iter_mut());
    known.count = count;
    Some(known)
}

fn of_copies(mut claims: Vec<Claim>) -> Vec<Claim> {
    // Strongest first: its type, side and origin are the ones that stand.
    claims.sort_by(|a, b| b.log_odds().total_cmp(&a.log_odds()));
    let (named, nameless): (Vec<_>, Vec<_>) =
        claims.into_iter().partition(|c| !c.subjects.is_empty());
    let mut out: Vec<Claim> = Vec::new();
    // A list of guests may hold thousands of zones: only those are compared that share a number,
    // or stand in a picture.
    let mut by_value: HashMap<String, Vec<usize>> = HashMap::new();
    for claim in named {
        let values: Vec<String> = claim.subjects.iter().map(|s| plain(s.value.expose())).collect();
        let mut near: Vec<usize> =
            values.iter().filter_map(|v| by_value.get(v)).flatten().copied().collect();
        if claim.sites.iter().any(|s| s.region.is_some()) {
            near.extend((0..out.len()).filter(|i| on_one_spot(&out[*i], &claim)));
        }
        near.sort_unstable();
        let place = match near.into_iter().find(|i| is_one_document(&out[*i], &claim)) {
            Some(i) => {
                out[i].absorb_copy(claim);
                i
            }
            None => {
                out.push(claim);
                out.len() - 1
            }
        };
        for value in values {
            let places = by_value.entry(value).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let people = out.len();
    for claim in nameless {
        let spot = out.iter().position(|c| types_agree(c, &claim) && on_one_spot(c, &claim));
        let alone = (people == 1).then_some(0).filter(|i| {
            out.get(*i).is_some_and(|c| {
                types_agree(c, &claim) && sides_agree(c, &claim) && !are_two_of_a_side(c, &claim)
            })
        });
        let like = out
            .iter()
            .skip(people)
            .position(|c| c.document_kind() == claim.document_kind() && c.side == claim.side);
        match (spot.or(alone), like) {
            (Some(i), _) => out[i].absorb_copy(claim),
            // Further copies of the same sort of which no number could be read: one finding.
            (None, Some(i)) => {
                let known = &mut out[people + i];
                let count = known.count.saturating_add(claim.count);
                known.absorb_copy(claim);
                known.count = count;
            }
            (None, None) => out.push(claim),
        }
    }
    mark_ambiguous(&mut out);
    out
}

fn mark_ambiguous(claims: &mut [Claim]) {
    let key = |c: &Claim| {
        let iin = c.values(true).next().map(str::to_owned);
        iin.map(|iin| (c.document_kind(), iin))
    };
    let mut of_one: HashMap<_, usize> = HashMap::new();
    for key in claims.iter().filter_map(key) {
        *of_one.entry(key).or_default() += 1;
    }
    for claim in claims {
        claim.ambiguous = key(claim).is_some_and(|key| of_one.get(&key).is_some_and(|n| *n > 1));
    }
}

fn is_one_document(a: &Claim, b: &Claim) -> bool {
    let names = |c: &Claim| c.values(true).next().is_some();
    let shares_person = || a.values(true).any(|x| b.values(true).any(|y| plain(x) == plain(y)));
    if !types_agree(a, b) || names(a) && names(b) && !shares_person() {
        return false;
    }
    if on_one_spot(a, b) {
        return true;
    }
    let shares = |iin: bool| a.values(iin).any(|x| b.values(iin).any(|y| plain(x) == plain(y)));
    let knows_number = |c: &Claim| c.values(false).next().is_some();
    if knows_number(a) && knows_number(b) { shares(false) } else { shares(true) }
}

/// Types are the same, or one is not known.
fn types_agree(a: &Claim, b: &Claim) -> bool {
    let (a, b) = (a.document_kind(), b.document_kind());
    a == b || a == "unknown" || b == "unknown"
}

/// The same side at two places of one picture: two documents.
fn are_two_of_a_side(a: &Claim, b: &Claim) -> bool {
    let page = |c: &Claim| c.sites.first().filter(|s| s.region.is_some()).map(|s| s.page);
    a.side.is_some() && a.side == b.side && page(a).is_some() && page(a) == page(b)
}

/// Sides are the same, one is not known, or they are the two sides of one card in one picture.
fn sides_agree(a: &Claim, b: &Claim) -> bool {
    let page = |c: &Claim| c.sites.first().filter(|s| s.region.is_some()).map(|s| s.page);
    let together = page(a).is_some() && page(a) == page(b);
    a.side.is_none()
        || b.side.is_none()
        || a.side == b.side
        || a.side == Some("both")
        || together
            && matches!(
                (a.side, b.side),
                (Some("front"), Some("back")) | (Some("back"), Some("front"))
            )
}

fn on_one_spot(a: &Claim, b: &Claim) -> bool {
    a.sites.iter().any(|x| {
        b.sites.iter().any(|y| match (x.region, y.region) {
            (Some(r), Some(s)) if x.page == y.page => overlap(r, s) >= SAME_SPOT,
            _ => false,
        })
    })
}

/// Shared area as a part of the smaller one, 0 to 1.
fn overlap([x, y, w, h]: [u32; 4], [x2, y2, w2, h2]: [u32; 4]) -> f64 {
    let side = |a: u32, len: u32, b: u32, len2: u32| {
        let end = (u64::from(a) + u64::from(len)).min(u64::from(b) + u64::from(len2));
        end.saturating_sub(u64::from(a.max(b))) as f64
    };
    let smaller = (f64::from(w) * f64::from(h)).min(f64::from(w2) * f64::from(h2));
    if smaller == 0.0 { 0.0 } else { side(x, w, x2, w2) * side(y, h, y2, h2) / smaller }
}

/// A number as it is compared: without what is only layout.
pub(super) fn plain(value: &str) -> String {
    value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Masked;

    fn copy(side: Option<&'static str>, subjects: &[(&str, &str)], sign: &str) -> Evidence {
        Evidence {
            kind: Kind::IdDocumentCopy,
            document: Some(DocumentHint { kind: "id_card", side, ..DocumentHint::default() }),
            count: 1,
            subjects: subjects
                .iter()
                .map(|(what, v)| Subject { what: (*what).into(), value: Masked::new(*v) })
                .collect(),
            sites: vec![Site { subject: (!subjects.is_empty()).then_some(0), ..Site::default() }],
            signs: vec![Sign {
                detector: "t",
                sign: sign.into(),
                weight: 3.0,
                read_from: ReadFrom::Picture,
            }],
        }
    }

    const A: (&str, &str) = (IIN, "900101100004");
    const B: (&str, &str) = (IIN, "851231203985");

    #[test]
    fn both_sides_of_one_card_are_one_copy() {
        let back = copy(Some("back"), &[A, ("document_number", "000000001")], "td1_all_checks");
        let front = copy(Some("front"), &[A], "labels");
        let claims = claims(vec![front, back]);
        assert_eq!(claims.len(), 1);
        assert_eq!(claims[0].side, Some("both"));
        assert_eq!(claims[0].subjects.len(), 2);
        assert_eq!(claims[0].log_odds(), 6.0);
    }

    #[test]
    fn two_people_are_two_copies() {
        let one = copy(Some("front"), &[A], "labels");
        let two = copy(Some("back"), &[B], "td1_all_checks");
        assert_eq!(claims(vec![one.clone(), two]).len(), 2);
        // So are two documents of one person.
        let mut passport = copy(Some("data_page"), &[A], "td3_all_checks");
        passport.document.as_mut().unwrap().kind = "passport";
        assert_eq!(claims(vec![one, passport]).len(), 2);
        let old = copy(None, &[A, ("document_number", "000000001")], "td1_all_checks");
        let new = copy(None, &[A, ("document_number", "000000012")], "td1_all_checks");
        assert_eq!(claims(vec![old, new]).len(), 2);
    }

    #[test]
    fn a_zone_read_twice_counts_once() {
        let full = copy(Some("back"), &[A], "td1_all_checks");
        let mut again = full.clone();
        again.signs[0].weight = 2.0;
        let partial = copy(Some("back"), &[A], "td1_partial_checks");
        let claims = claims(vec![again, partial, full]);
        assert_eq!(claims.len(), 1);
        assert_eq!((claims[0].log_odds(), claims[0].count), (3.0, 1));
    }

    #[test]
    fn evidence_without_a_number_joins_the_only_document() {
        let back = copy(Some("back"), &[A], "td1_all_checks");
        let card = copy(None, &[], "card_shape");
        let joined = claims(vec![card.clone(), back.clone()]);
        assert!(joined.len() == 1 && joined[0].log_odds() == 6.0);
        // The other side without its number may be another person's.
        let front = copy(Some("front"), &[], "labels");
        assert_eq!(claims(vec![front.clone(), back.clone()]).len(), 2);
        // With two people on the page the spot decides.
        let at = |mut e: Evidence, x: u32| {
            e.sites[0].region = Some([x, 0, 100, 60]);
            e
        };
        let other = copy(Some("back"), &[B], "td1_all_checks");
        let joined = claims(vec![at(back, 0), at(other, 500), at(card.clone(), 510)]);
        assert_eq!(joined.len(), 2);
        let b = joined.iter().find(|c| c.values(true).any(|v| v == B.1)).unwrap();
        assert_eq!(b.signs.len(), 2);
        // Copies of which nothing was read are counted together.
        let cards = claims(vec![card.clone(), card]);
        assert!(cards.len() == 1 && cards[0].count == 2);
    }

    fn numbers(weight: f32, values: &[&str]) -> Evidence {
        Evidence {
            kind: Kind::Iin,
            document: None,
            count: values.len() as u64,
            subjects: values
                .iter()
                .map(|v| Subject { what: IIN.into(), value: Masked::new(*v) })
                .collect(),
            sites: (0..values.len())
                .map(|i| Site { line: Some(9 - i as u64), subject: Some(i), ..Site::default() })
                .collect(),
            signs: vec![Sign {
                detector: "iin",
                sign: "label:ИИН".into(),
                weight,
                read_from: ReadFrom::Text,
            }],
        }
    }

    #[test]
    fn guesses_do_not_swell_a_sure_finding() {
        let sure = numbers(4.0, &["900101100004"]);
        let likely = numbers(1.0, &["900101100004", "851231203985"]);
        let guess = numbers(-2.0, &["900101100014"]);
        let claims = claims(vec![guess, likely, sure]);
        assert_eq!(claims.len(), 1);
        let claim = &claims[0];
        assert_eq!((claim.count, claim.subjects.len(), claim.log_odds()), (3, 2, 4.0));
        // Places are in order and name their subject.
        let places: Vec<_> = claim.sites.iter().map(|s| (s.line, s.subject)).collect();
        assert_eq!(places, [(Some(8), Some(1)), (Some(9), Some(0))]);
    }

    #[test]
    fn a_number_in_a_name_is_a_finding_of_its_own() {
        let text = numbers(4.0, &["900101100004"]);
        let mut name = text.clone();
        name.signs[0].read_from = ReadFrom::Name;
        let claims = claims(vec![text, name]);
        assert_eq!(claims.iter().map(|c| c.in_name).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn a_list_of_many_documents_is_put_together_in_time() {
        let many = |n: u32| {
            let cards = (0..n).map(|i| {
                let (iin, number) = (format!("{i:012}"), format!("{i:09}"));
                copy(Some("back"), &[(IIN, &iin), ("document_number", &number)], "td1_all_checks")
            });
            claims(cards.collect()).len()
        };
        let start = std::time::Instant::now();
        assert_eq!(many(5_000), 5_000);
        // Comparing each with each takes minutes in this profile.
        assert!(start.elapsed() < std::time::Duration::from_secs(20));
    }
}
