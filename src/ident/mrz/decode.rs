//! From uncertain characters to a zone: the likeliest text whose check digits agree.
//!
//! Each line comes as cells, one a character, each with a cost (negative log probability)
//! for every character of the alphabet. Fields say what may stand where; check digits tie
//! fields together. Both are one shortest-path problem: walk the zone in reading order with
//! two running sums modulo ten, that of the field under way and that of the composite digit,
//! and let a check digit pass only where it equals its sum. 100 states, some 90 steps: well
//! under a millisecond, and exact, where repairing look-alikes one by one is neither.

use super::layout::{self, Covers, Field, Holds, Layout};
use super::{Format, Mrz, date_is_possible, parse, states, value};
use crate::flow::Masked;

/// The characters of a zone, in the order of the costs in a [`Cell`].
pub const ALPHABET: &[u8; 37] = b"<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Cost of each character of [`ALPHABET`] at one place.
pub type Cell = [f32; 37];

/// One way to cut a line into characters, with what that cut costs by itself.
#[derive(Debug, Clone)]
pub struct Reading {
    pub cells: Vec<Cell>,
    pub cost: f32,
}

/// The best zone for some cells.
#[derive(Debug, Clone)]
pub struct Decoded {
    pub mrz: Mrz,
    /// The lines, joined by line feeds.
    pub text: Masked,
    /// What fields and check digits cost over the freely read text: how far the characters
    /// had to be bent. Natural log units.
    pub bent: f32,
    /// Mean cost of a character as chosen: how unsure the reading was.
    pub unsure: f32,
}

impl Decoded {
    /// How unlikely this is, to choose between zones read from the same rows: natural log units.
    pub fn cost(&self) -> f32 {
        self.bent + if self.mrz.all_checks() { 0.0 } else { MISPRINT_COST }
    }
}

/// Issuer and nationality differ in few documents; this much evidence is asked for it.
const FOREIGNER_COST: f32 = 3.0;
/// A Kazakh card whose IIN has a wrong check digit does not exist; a misprint may.
const WRONG_IIN_COST: f32 = 6.0;
/// Printed check digits are seldom wrong, misreadings common: that much clearer must a zone read
/// with digits that do not agree. A digit read for sure as another costs 7 to 8.
const MISPRINT_COST: f32 = 5.5;
/// Combinations of line readings that are searched in full.
const MAX_COMBINATIONS: usize = 4;
const IIN_FIRST: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0];
const IIN_SECOND: [u8; 12] = [3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 0];

/// The best zone over all formats and readings that is bent by no more than `max_bent`; one
/// with all check digits right is taken before a partial one, unless that reads much clearer;
/// a partial one has fewer digits to bear it out and may be bent by a third as much. `lines` stand top to bottom.
pub fn decode(lines: &[Vec<Reading>], max_bent: f32) -> Option<Decoded> {
    let fitting: Vec<(&Layout, Vec<Vec<&Reading>>)> = layout::ALL
        .iter()
        .filter(|l| l.lines == lines.len())
        .map(|&layout| (layout, combinations(layout, lines, max_bent)))
        .collect();
    let best = |strict: bool, max_bent: f32| {
        fitting
            .iter()
            .flat_map(|(layout, all)| all.iter().map(move |chosen| (*layout, chosen)))
            .flat_map(|(layout, chosen)| {
                let variants = variants(layout, chosen).into_iter();
                variants.filter_map(move |variant| walk(layout, &variant, chosen, strict))
            })
            .filter(|d| if strict { d.mrz.all_checks() } else { d.mrz.partial() })
            .filter(|d| d.bent <= max_bent)
            .min_by(|a, b| a.bent.total_cmp(&b.bent))
    };
    let whole = best(true, max_bent);
    // A zone that reads clearly but for digits that do not agree is told as it is printed.
    let limit = whole.as_ref().map_or(max_bent / 3.0, |w| w.bent - MISPRINT_COST);
    if limit <= 0.0 {
        return whole;
    }
    best(false, limit.min(max_bent / 3.0)).or(whole)
}

/// One reading for each line, of the layout's width, cheapest first by what fields alone cost.
/// Check digits can only add to that.
fn combinations<'a>(
    layout: &Layout,
    lines: &'a [Vec<Reading>],
    max_bent: f32,
) -> Vec<Vec<&'a Reading>> {
    let mut all: Vec<(f32, Vec<&Reading>)> = vec![(0.0, Vec::new())];
    for (index, readings) in lines.iter().enumerate() {
        let mut next = Vec::new();
        for reading in readings.iter().filter(|r| r.cells.len() == layout.width) {
            let cost = reading.cost + bent_by_fields(layout, index, &reading.cells);
            for (sum, chosen) in &all {
                let mut chosen = chosen.clone();
                chosen.push(reading);
                next.push((sum + cost, chosen));
            }
        }
        next.retain(|(cost, _)| *cost <= max_bent);
        next.sort_by(|a: &(f32, _), b| a.0.total_cmp(&b.0));
        next.truncate(MAX_COMBINATIONS);
        all = next;
    }
    all.into_iter().map(|(_, chosen)| chosen).collect()
}

fn cheapest(cell: &Cell) -> f32 {
    cell.iter().copied().fold(f32::INFINITY, f32::min)
}

/// What the fields of one line cost over its free reading, check digits left out.
fn bent_by_fields(layout: &Layout, line: usize, cells: &[Cell]) -> f32 {
    let fields = layout.fields.iter().filter(|f| f.line == line);
    let bound: f32 = fields
        .flat_map(|f| steps_of(f, f.holds))
        .map(|step| {
            let options = options(&step, cells);
            options.iter().map(|o| o.cost).fold(f32::INFINITY, f32::min)
        })
        .sum();
    bound - cells.iter().map(cheapest).sum::<f32>()
}

/// A peculiarity that moves check digits or narrows fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variant {
    Plain,
    /// The document number runs on for so many characters in the optional data.
    Long(usize),
    /// Twelve digits from this (line, column) are an IIN, checked by the first or second pass.
    Iin((usize, usize), bool),
}

fn variants(layout: &Layout, chosen: &[&Reading]) -> Vec<Variant> {
    let mut out = vec![Variant::Plain];
    let cell = |line: usize, at: usize| chosen.get(line).and_then(|r| r.cells.get(at));
    let number = layout.checks.iter().find(|c| c.covers == Covers::Number).map(|c| c.digit);
    if let (Some((_, from, to)), Some((line, at))) = (layout.overflow, number)
        && cell(line, at).is_some_and(|c| c[0] <= cheapest(c) + 4.0)
    {
        out.extend((1..to - from).map(Variant::Long));
    }
    if layout.format == Format::Td1 {
        let digit_like = |at: usize| {
            cell(0, at).is_some_and(|c| {
                c[1..11].iter().copied().fold(f32::INFINITY, f32::min) <= cheapest(c) + 6.0
            })
        };
        if (15..27).all(digit_like) {
            out.push(Variant::Iin((0, 15), false));
            out.push(Variant::Iin((0, 15), true));
        }
    }
    out
}

/// Some neighbouring characters that are chosen together.
struct Step {
    line: usize,
    at: usize,
    len: usize,
    holds: Holds,
    /// First character of its field.
    first: bool,
}

fn steps_of(field: &Field, holds: Holds) -> Vec<Step> {
    let step = |at, len| Step { line: field.line, at, len, holds, first: at == field.at };
    match holds {
        Holds::Date => vec![step(field.at, 2), step(field.at + 2, 4)],
        Holds::State => vec![step(field.at, 3)],
        _ => (field.at..field.at + field.len).map(|at| step(at, 1)).collect(),
    }
}

#[derive(Debug, Clone, Copy)]
struct Choice {
    text: [u8; 4],
    cost: f32,
}

fn index_of(b: u8) -> usize {
    match b {
        b'0'..=b'9' => usize::from(b - b'0') + 1,
        b'A'..=b'Z' => usize::from(b - b'A') + 11,
        _ => 0,
    }
}

/// What may stand at a step, with its cost.
fn options(step: &Step, cells: &[Cell]) -> Vec<Choice> {
    let Some(cells) = cells.get(step.at..step.at + step.len) else { return Vec::new() };
    let cost =
        |text: &[u8]| -> f32 { text.iter().zip(cells).map(|(&b, cell)| cell[index_of(b)]).sum() };
    let mut out = Vec::new();
    let mut add = |text: &[u8]| {
        let mut padded = [b'<'; 4];
        padded[..text.len()].copy_from_slice(text);
        out.push(Choice { text: padded, cost: cost(text) });
    };
    match step.holds {
        Holds::State => states::CODES.iter().for_each(|code| add(code)),
        Holds::Date if step.len == 2 => {
            add(b"<<");
            for yy in 0..100u8 {
                add(&[b'0' + yy / 10, b'0' + yy % 10]);
            }
        }
        Holds::Date => {
            add(b"<<<<");
            for mmdd in 100..=1231u32 {
                let digit = |n: u32| b'0' + (mmdd / n % 10) as u8;
                let text = [b'0', b'0', digit(1000), digit(100), digit(10), digit(1)];
                if date_is_possible(&text) {
                    add(&text[2..]);
                }
            }
        }
        _ => {
            for &b in ALPHABET {
                let fits = match step.holds {
                    Holds::Code(letters) => letters.as_bytes().contains(&b),
                    Holds::Literal(text) => text.as_bytes().get(step.at) == Some(&b),
                    Holds::Name => b.is_ascii_uppercase() || (b == b'<' && !step.first),
                    Holds::Number => b != b'<' || !step.first,
                    // Filler stands for the digit of an empty field or of a long number.
                    Holds::Check => b.is_ascii_digit() || b == b'<',
                    Holds::Sex => matches!(b, b'M' | b'F' | b'X' | b'<'),
                    // Digits occur (permanent residents of the USA: C1), but seldom.
                    Holds::Subcode => b.is_ascii_uppercase() || b == b'<',
                    Holds::Optional | Holds::State | Holds::Date => true,
                };
                if fits {
                    add(&[b]);
                }
            }
        }
    }
    out
}

/// How one place counts.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// Weight in the sum of the field under way.
    field: u8,
    /// Weight in the composite sum.
    composite: u8,
    /// Closes the field sum: only a digit equal to it passes.
    closes: bool,
    /// Closes the composite sum.
    closes_composite: bool,
    /// May be filler where the field sum is zero.
    may_be_filler: bool,
    /// Belongs to an IIN: digits only, the field sum is modulo 11.
    iin: bool,
    /// Filler and nothing else.
    filler: bool,
    /// A check digit that is not asked to agree.
    free: bool,
}

fn counts(layout: &Layout, variant: &Variant, strict: bool) -> Vec<Vec<Counts>> {
    let mut out = vec![vec![Counts::default(); layout.width]; layout.lines];
    for check in layout.checks {
        let asked =
            strict || matches!(check.covers, Covers::Number | Covers::Birth | Covers::Expiry);
        let mut over: Vec<(usize, usize)> = check
            .over
            .iter()
            .flat_map(|&(line, from, to)| (from..to).map(move |at| (line, at)))
            .collect();
        let (mut line, mut at) = check.digit;
        if let (Covers::Number, Variant::Long(more), Some((rest, from, to))) =
            (check.covers, variant, layout.overflow)
        {
            out[line][at].filler = true;
            over.extend((from..from + more).map(|at| (rest, at)));
            (line, at) = (rest, from + more);
            if at + 1 < to {
                out[rest][at + 1].filler = true;
            }
        }
        let composite = check.covers == Covers::Composite;
        for ((line, at), weight) in over.into_iter().zip([7, 3, 1].into_iter().cycle()) {
            let place = &mut out[line][at];
            match (asked, composite) {
                (true, true) => place.composite = weight,
                (true, false) => place.field = weight,
                (false, _) => {}
            }
        }
        let place = &mut out[line][at];
        place.may_be_filler = check.may_be_filler;
        match (asked, composite) {
            (true, true) => place.closes_composite = true,
            (true, false) => place.closes = true,
            (false, _) => place.free = true,
        }
    }
    if let Variant::Iin((line, from), second) = *variant {
        let weights = if second { IIN_SECOND } else { IIN_FIRST };
        for (at, weight) in (from..).zip(weights) {
            out[line][at].iin = true;
            out[line][at].field = weight;
        }
        out[line][from + 11].closes = true;
    }
    out
}

/// Field sums run modulo 11 within an IIN, else modulo 10.
const FIELD_SUMS: usize = 11;
const SUMS: usize = FIELD_SUMS * 10;

/// The state before a step and what was chosen there.
type Origin = (u8, [u8; 4]);

fn walk(layout: &Layout, variant: &Variant, chosen: &[&Reading], strict: bool) -> Option<Decoded> {
    let counts = counts(layout, variant, strict);
    let states = issuer_and_nationality(layout, chosen)?;
    let mut cost = vec![f32::INFINITY; SUMS];
    cost[0] = 0.0;
    let mut trail: Vec<(Step, Vec<Option<Origin>>)> = Vec::new();
    for field in layout.fields {
        for step in steps_of(field, field.holds) {
            let cells = &chosen.get(step.line)?.cells;
            let place = *counts.get(step.line)?.get(step.at)?;
            let mut choices = options(&step, cells);
            if place.filler || place.iin || place.may_be_filler || place.closes {
                let cell = cells.get(step.at)?;
                choices = ALPHABET
                    .iter()
                    .filter(|&&b| match (place.filler, b) {
                        (true, _) => b == b'<',
                        (_, b'<') => place.may_be_filler,
                        _ => b.is_ascii_digit(),
                    })
                    .map(|&b| Choice { text: [b, b'<', b'<', b'<'], cost: cell[index_of(b)] })
                    .collect();
            }
            if field.holds == Holds::State {
                let code = if step.at == 2 && step.line == 0 { states.0 } else { states.1 };
                choices.retain(|c| c.text[..3] == code);
            }
            let weights: Vec<Counts> =
                counts.get(step.line)?.get(step.at..step.at + step.len)?.to_vec();
            let mut next = vec![f32::INFINITY; SUMS];
            let mut from: Vec<Option<Origin>> = vec![None; SUMS];
            for choice in reduce(choices, &weights) {
                for (state, &so_far) in cost.iter().enumerate().filter(|(_, c)| c.is_finite()) {
                    let Some(to) = advance(state, &choice.text, &weights) else { continue };
                    let sum = so_far + choice.cost;
                    if sum < next[to] {
                        next[to] = sum;
                        from[to] = Some((state as u8, choice.text));
                    }
                }
            }
            cost = next;
            trail.push((step, from));
        }
    }
    let (mut state, &total) =
        cost.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).filter(|(_, c)| c.is_finite())?;
    let mut lines = vec![vec![b'<'; layout.width]; layout.lines];
    for (step, from) in trail.iter().rev() {
        let (before, text) = (*from.get(state)?)?;
        lines
            .get_mut(step.line)?
            .get_mut(step.at..step.at + step.len)?
            .copy_from_slice(text.get(..step.len)?);
        state = usize::from(before);
    }
    let lines: Vec<String> =
        lines.into_iter().map(|l| l.into_iter().map(char::from).collect()).collect();
    let mrz = parse(&lines.iter().map(String::as_str).collect::<Vec<_>>())?;
    if mrz.format != layout.format {
        return None;
    }
    let free: f32 = chosen.iter().flat_map(|r| &r.cells).map(cheapest).sum();
    let cut: f32 = chosen.iter().map(|r| r.cost).sum();
    let odd_iin = mrz.issuer == "KAZ" && mrz.format == Format::Td1 && mrz.personal_number.is_none();
    let foreigner = !mrz.nationality.is_empty() && mrz.nationality != mrz.issuer;
    let bent = total - free
        + cut
        + if odd_iin { WRONG_IIN_COST } else { 0.0 }
        + if foreigner { FOREIGNER_COST } else { 0.0 };
    Some(Decoded {
        mrz,
        text: Masked::new(lines.join("\n")),
        bent,
        unsure: total / (layout.lines * layout.width) as f32,
    })
}

/// Issuer and nationality stand under no check digit, so they are chosen beforehand: together,
/// since they are mostly the same.
fn issuer_and_nationality(layout: &Layout, chosen: &[&Reading]) -> Option<([u8; 3], [u8; 3])> {
    let costs = |(line, at): (usize, usize)| -> Option<Vec<Choice>> {
        let step = Step { line, at, len: 3, holds: Holds::State, first: true };
        let mut all = options(&step, &chosen.get(line)?.cells);
        all.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        (!all.is_empty()).then_some(all)
    };
    let code = |c: &Choice| [c.text[0], c.text[1], c.text[2]];
    let issuers = costs((0, 2))?;
    let Some(place) = layout.nationality else { return Some((code(&issuers[0]), *b"<<<")) };
    let nationalities = costs(place)?;
    let (i, n) = (issuers.first()?, nationalities.first()?);
    let apart = i.cost + n.cost + FOREIGNER_COST;
    let same = issuers
        .iter()
        .filter_map(|i| {
            let n = nationalities.iter().find(|n| code(n) == code(i))?;
            Some((i.cost + n.cost, code(i)))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0));
    match same {
        Some((cost, code)) if cost <= apart => Some((code, code)),
        _ => Some((code(i), code(n))),
    }
}

/// Of choices that change the sums alike, only the cheapest can be on the best path.
fn reduce(choices: Vec<Choice>, weights: &[Counts]) -> Vec<Choice> {
    let closes = weights.iter().any(|w| w.closes || w.closes_composite);
    if closes || choices.len() < 2 {
        return choices;
    }
    let mut best: Vec<Option<Choice>> = vec![None; SUMS];
    for choice in choices {
        let Some(to) = advance(0, &choice.text, weights) else { continue };
        if best[to].is_none_or(|b| choice.cost < b.cost) {
            best[to] = Some(choice);
        }
    }
    best.into_iter().flatten().collect()
}

/// The sums after `text`; `None` where a check digit does not agree.
fn advance(state: usize, text: &[u8], weights: &[Counts]) -> Option<usize> {
    let (mut field, mut composite) = (state / 10, state % 10);
    for (&b, place) in text.iter().zip(weights) {
        let v = value(b) as usize;
        if place.closes_composite && (b == b'<' || v != composite) {
            return None;
        }
        if place.closes {
            if v != field || (b == b'<' && !place.may_be_filler) {
                return None;
            }
            field = 0;
        } else {
            let modulus = if place.iin { 11 } else { 10 };
            field = (field + v * usize::from(place.field)) % modulus;
        }
        composite = (composite + v * usize::from(place.composite)) % 10;
    }
    Some(field * 10 + composite)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KAZ_ID: [&str; 3] = [
        "IDKAZ0000000011851231200019<<<",
        "8512316F3401011KAZ<<<<<<<<<<<6",
        "TESTOVA<<AIGUL<<<<<<<<<<<<<<<<",
    ];
    const TD3: [&str; 2] = [
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ];

    /// Cells that are sure of `text`.
    fn sure(text: &str) -> Vec<Cell> {
        text.bytes()
            .map(|b| {
                let mut cell = [9.0; 37];
                cell[index_of(b)] = 0.01;
                cell
            })
            .collect()
    }

    fn readings(lines: &[&str]) -> Vec<Vec<Reading>> {
        lines.iter().map(|l| vec![Reading { cells: sure(l), cost: 0.0 }]).collect()
    }

    fn text(lines: &[&str]) -> String {
        lines.join("\n")
    }

    /// Reads `wrong` first and the right character second.
    fn confuse(lines: &mut [Vec<Reading>], line: usize, at: usize, wrong: u8, gap: f32) {
        let cell = &mut lines[line][0].cells[at];
        let right = cheapest(cell);
        cell[index_of(wrong)] = (right - 0.005).max(0.001);
        for c in cell.iter_mut() {
            if *c == right {
                *c = gap;
            }
        }
    }

    #[test]
    fn a_sure_reading_is_not_bent() {
        for lines in [&KAZ_ID[..], &TD3[..]] {
            let found = decode(&readings(lines), 5.0).unwrap();
            assert_eq!(found.text.expose(), text(lines));
            assert!(found.mrz.all_checks() && found.bent < 0.01, "{found:?}");
        }
    }

    #[test]
    fn look_alikes_are_undone_by_check_digits_alone() {
        let mut lines = readings(&TD3);
        // B for 8, D for 0 in the number, where a letter may stand; 1 for 7 in the date.
        confuse(&mut lines, 1, 1, b'B', 2.0);
        confuse(&mut lines, 1, 5, b'D', 2.0);
        confuse(&mut lines, 1, 13, b'1', 2.5);
        confuse(&mut lines, 0, 3, b'Q', 1.0);
        let found = decode(&lines, 12.0).unwrap();
        assert_eq!(found.text.expose(), text(&TD3));
        assert!((5.0..9.0).contains(&found.bent), "{found:?}");
    }

    #[test]
    fn the_iin_helps_to_read_a_kazakh_card() {
        let mut lines = readings(&KAZ_ID);
        // Two digits of the IIN unsure: the composite digit alone would take a cheaper pair.
        for (at, wrong) in [(21, b'5'), (25, b'7')] {
            confuse(&mut lines, 0, at, wrong, 2.0);
        }
        let found = decode(&lines, 12.0).unwrap();
        assert_eq!(found.text.expose(), text(&KAZ_ID));
    }

    #[test]
    fn a_wrong_composite_is_told_as_partial() {
        let wrong = "8512316F3401011KAZ<<<<<<<<<<<7";
        let found = decode(&readings(&[KAZ_ID[0], wrong, KAZ_ID[2]]), 8.0).unwrap();
        assert!(found.mrz.partial() && !found.mrz.all_checks());
        assert_eq!(found.text.expose(), text(&[KAZ_ID[0], wrong, KAZ_ID[2]]));
    }

    #[test]
    fn a_long_document_number_is_followed() {
        let lines = [
            "I<UTOD23145890<7349<<<<<<<<<<<",
            "3407127M9507122UTO<<<<<<<<<<<2",
            "STEVENSON<<PETER<JOHN<<<<<<<<<",
        ];
        let found = decode(&readings(&lines), 5.0).unwrap();
        assert_eq!(found.text.expose(), text(&lines));
    }

    #[test]
    fn the_reading_that_fits_is_chosen() {
        let mut lines = readings(&KAZ_ID);
        let shifted = format!("<{}", &KAZ_ID[0][..29]);
        lines[0].insert(0, Reading { cells: sure(&shifted), cost: 0.0 });
        lines[0].insert(0, Reading { cells: sure(TD3[0]), cost: 0.0 });
        assert_eq!(decode(&lines, 5.0).unwrap().text.expose(), text(&KAZ_ID));
    }

    #[test]
    fn text_of_the_same_shape_is_not_bent_into_a_zone() {
        let lines = [
            "THE<QUICK<BROWN<FOX<JUMPS<OVER<THE<LAZY<DOG<",
            "1234567890ABCDEFGHIJ1234567890KLMNOPQRST1234",
        ];
        assert!(decode(&readings(&lines), 30.0).is_none());
        assert!(decode(&[], 30.0).is_none());
        assert!(decode(&readings(&["", ""]), 30.0).is_none());
    }
}
