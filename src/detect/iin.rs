//! IIN: twelve digits whose control digit agrees, judged by what is around them.
//!
//! Reads the digit runs of each window. For every run of twelve it notes how the run fared in the
//! population of its column or key; for those that pass the control digit it looks for a label
//! (heading of the column, words before, behind, above) and for what speaks against it. At the end
//! the population is added and the occurrences become one piece of evidence. A plausible birth
//! date raises the weight and never decides (the digits are not tied to it since 2013).
//!
//! Cost: about 50 ns for a run that fails, some hundreds for one that passes, memory bounded by
//! `max_occurrences`.

use std::collections::{HashMap, HashSet};

use super::context::{LabelSet, Near, Place};
use super::population::{Class, MixMap, Population};
use super::surroundings::{Against, against, escape_digits, is_tail_of_iban, is_whole_cell};
use super::{Rules, Runs, TextDetector, TextFacts, TextWatch};
use crate::flow::{Evidence, Kind, Masked, Sign, Site, Subject};
use crate::ident::iin::{Shape, as_timestamp_year, check_digit_ok, is_long_timestamp, shape};
use crate::text::Window;
use crate::text::schema::Schema;
use crate::text::table::Table;
use crate::text::tuples;
use crate::text::window::{ColumnCursor, LineCursor};

pub struct Iin;

const NAME: &str = "iin";

/// Log-odds of each shape, given that the control digit agrees.
const DATED: f32 = 2.3;
const DATED_FOREIGNER: f32 = 0.5;
const NOT_DATED: f32 = -1.2;
const BIN_SHAPED: f32 = -3.5;
/// A stamp of recent years without a label, with one; a stamp of other years.
const RECENT_STAMP: f32 = -4.0;
const LABELLED_STAMP: f32 = -0.5;
const OLD_STAMP: f32 = -1.0;
const LONG_STAMP: f32 = -3.0;
/// Files named by a number are mostly named by a person's.
const IN_NAME: f32 = 1.0;
/// The label weight from which a reading counts as labelled: grouped digits, lost zeros and raw
/// bytes are believed from here on only.
const LABELLED: f32 = 2.0;
/// Years that log stamps are from.
const FIRST_STAMP_YEAR: u32 = 10;
/// Probability from which an occurrence is counted in the finding, if any reaches it.
const COUNTED: f32 = 0.5;
/// Below this nothing is said at all.
const WORTH_SAYING: f32 = 0.02;
/// Keys of their own; beyond it numbers share one population.
const MAX_SLOTS: usize = 4096;
/// A population smaller than this is judged together with all small ones of the text.
const SMALL: u64 = 3;
/// Bytes between two numbers of a list under one label.
const LIST_GAP: usize = 32;
/// Bytes before rows in brackets by which they are told from others.
const ROWS_KEY_BYTES: usize = 48;
/// Bytes before rows in which the table stands that they are put into.
const STATEMENT_BYTES: usize = 256;
/// Bytes looked at for the word before a number.
const KEY_BYTES: usize = 40;

impl TextDetector for Iin {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin<'r>(&self, rules: &'r Rules, facts: TextFacts) -> Box<dyn TextWatch + 'r> {
        Box::new(Watch {
            rules,
            facts,
            lines: LineCursor::default(),
            columns: ColumnCursor::default(),
            slots: MixMap::default(),
            found: Vec::new(),
            faint: Vec::new(),
            beyond: HashMap::new(),
            part: 0,
            later: None,
            searched: 0,
            headings: Vec::new(),
            rows: Rows::default(),
            schema: Schema::default(),
            list: None,
        })
    }
}

/// What numbers are compared with: those under the same heading or behind the same word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Slot {
    /// Table of the text, column of the table.
    Column(u32, usize),
    /// Row in brackets: what stands before the first of them, and the column.
    Row(u64, usize),
    Key(u64),
    Bare,
}

/// What is known of a slot.
#[derive(Default)]
struct Known {
    population: Population,
    /// A label stands with some of its numbers.
    labelled: bool,
}

struct Watch<'r> {
    rules: &'r Rules,
    facts: TextFacts,
    lines: LineCursor,
    columns: ColumnCursor,
    slots: MixMap<Slot, Known>,
    found: Vec<Occurrence>,
    /// Those that only their population can save.
    faint: Vec<Occurrence>,
    /// Occurrences past the cap that would count by their own weight, by slot.
    beyond: HashMap<Slot, u64>,
    /// Tables of the text so far, the headings of the present one if it is not the first, and up to
    /// where the text was searched for the next.
    part: u32,
    later: Option<Table>,
    searched: u64,
    /// The label of each column, looked up once; `None` where its headings say nothing.
    headings: Vec<Option<Option<Near>>>,
    rows: Rows,
    /// Tables that statements of the text have made.
    schema: Schema,
    /// The last labelled number: where it ended and what its label was.
    list: Option<(u64, Near)>,
}

/// The rows in brackets that are gone through.
#[derive(Default)]
struct Rows {
    /// What stood before the first.
    key: u64,
    /// The label of each column, as its name says it.
    labels: Vec<Option<Near>>,
}

/// A number that passes its control digit.
struct Occurrence {
    value: u64,
    line: u64,
    offset: u64,
    slot: Slot,
    class: Class,
    shape: Shape,
    near: Option<Near>,
    against: Option<Against>,
    stamp: f32,
    padded: bool,
    grouped: bool,
}

impl TextWatch for Watch<'_> {
    fn window(&mut self, window: &Window, runs: &Runs) {
        let Some((_, labels)) = &self.rules.iin else { return };
        if !self.facts.binary {
            self.schema.learn(window.bytes.get(window.fresh.clone()).unwrap_or_default());
        }
        let short = if window.table.is_some() { runs.short.as_slice() } else { &[] };
        for &run in runs.plain.iter().chain(short) {
            let skip = if run.len > 12 { escape_digits(window, run) } else { 0 };
            let (start, len) = (run.start + skip, run.len - skip);
            let Some(bytes) = window.bytes.get(start..start + len) else { continue };
            match len {
                12 => {
                    if is_tail_of_iban(window, start, start + len) {
                        continue;
                    }
                    let Ok(digits) = <[u8; 12]>::try_from(bytes) else { continue };
                    self.twelve(window, labels, start, start + len, digits, Glue::Plain);
                }
                // A spreadsheet took the leading zeros of a number; only a heading says so.
                9..=11 => {
                    // `+77010000000` and `a1234567890` fill no cell.
                    if !matches!(
                        window.before(start, 1),
                        [] | [b'"' | b'\'' | b' ' | b'=' | b'\t' | b'\n' | b';' | b',' | b'|']
                    ) {
                        continue;
                    }
                    let mut digits = [b'0'; 12];
                    digits[12 - len..].copy_from_slice(bytes);
                    self.twelve(window, labels, start, start + len, digits, Glue::Padded);
                }
                _ => {}
            }
        }
        for &run in &runs.grouped {
            let Some(bytes) = window.bytes.get(run.start..run.start + run.len) else { continue };
            let mut digits = [0u8; 12];
            let only = bytes.iter().filter(|b| b.is_ascii_digit());
            if only.clone().count() != 12 {
                continue;
            }
            digits.iter_mut().zip(only).for_each(|(to, from)| *to = *from);
            self.twelve(window, labels, run.start, run.start + run.len, digits, Glue::Grouped);
        }
    }

    fn finish(&mut self, out: &mut Vec<Evidence>) {
        let Some((row, labels)) = &self.rules.iin else { return };
        // Numbers behind words of their own are judged together, those with a label by themselves:
        // they neither need the others nor speak for them.
        let mut small = Population::default();
        for known in self.slots.values().filter(|k| k.population.size() < SMALL && !k.labelled) {
            small.merge(&known.population);
        }
        let alone_at = Population::default();
        let population = |o: &Occurrence| match self.slots.get(&o.slot) {
            Some(known) if known.population.size() >= SMALL => &known.population,
            _ if o.labelled() => &alone_at,
            _ => &small,
        };
        let log_odds = |o: &Occurrence| {
            let alone = row.weight + o.own_weight(self.facts);
            // In raw bytes neighbours are strangers.
            if self.facts.binary { alone } else { alone + population(o).weight_for(o.class) }
        };
        let probability = |x: f32| 1.0 / (1.0 + (-x).exp());
        let scored: Vec<(f32, &Occurrence)> =
            self.found.iter().chain(&self.faint).map(|o| (log_odds(o), o)).collect();
        let Some(best) = scored.iter().max_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        if probability(best.0) < WORTH_SAYING {
            return;
        }
        let floor = if probability(best.0) >= COUNTED { COUNTED } else { WORTH_SAYING };
        let counted: Vec<&Occurrence> =
            scored.iter().filter(|(x, _)| probability(*x) >= floor).map(|(_, o)| *o).collect();
        let slots: HashSet<Slot> = counted.iter().map(|o| o.slot).collect();
        let beyond: u64 =
            self.beyond.iter().filter(|(slot, _)| slots.contains(slot)).map(|(_, n)| n).sum();
        let mut index: HashMap<u64, usize> = HashMap::new();
        let mut subjects = Vec::new();
        let mut sites = Vec::new();
        for o in &counted {
            let subject = *index.entry(o.value).or_insert_with(|| {
                subjects.push(Subject {
                    what: NAME.into(),
                    value: Masked::new(format!("{:012}", o.value)),
                });
                subjects.len() - 1
            });
            sites.push(Site {
                line: (!self.facts.binary && !self.facts.in_name).then_some(o.line),
                offset: (!self.facts.in_name).then_some(o.offset),
                subject: Some(subject),
                ..Site::default()
            });
        }
        out.push(Evidence {
            kind: Kind::Iin,
            document: None,
            count: counted.len() as u64 + beyond,
            subjects,
            sites,
            signs: self.signs(row.weight, labels, best.1, population(best.1)),
        });
    }
}

/// How the digits were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glue {
    Plain,
    Grouped,
    Padded,
}

impl Watch<'_> {
    fn twelve(
        &mut self,
        window: &Window,
        labels: &LabelSet,
        start: usize,
        end: usize,
        digits: [u8; 12],
        glue: Glue,
    ) {
        let passes = check_digit_ok(&digits);
        if !passes && glue != Glue::Plain {
            return;
        }
        let seen = shape(&digits);
        let class = Class::of(passes, seen);
        let cell = window.table.is_some() && is_whole_cell(window, start, end);
        // Telephone numbers that lost a zero pass too, one in ten; none of them begins with a date.
        if glue == Glue::Padded && !(cell && seen == Shape::Dated) {
            return;
        }
        let column = if cell { self.columns.column(window, start) } else { None };
        // Where each line is one row, the table of the text says more.
        let row = if self.facts.binary { None } else { tuples::place(window.bytes, start, end) };
        let slot = match (row.filter(|row| column.is_none() || row.beside), column) {
            (Some(row), _) => {
                self.follow_rows(window, labels, row);
                Slot::Row(self.rows.key, row.column)
            }
            (None, Some(column)) => {
                self.follow_tables(window, start);
                Slot::Column(self.part, column)
            }
            (None, None) => key_slot(window, start),
        };
        let value = digits.iter().fold(0u64, |v, d| v * 10 + u64::from(d - b'0'));
        if glue == Glue::Plain {
            self.populate(slot, value, class);
        }
        if !passes {
            return;
        }
        // Most numbers of a log that pass do so by chance among many that do not.
        let random = self.slots.get(&slot).is_some_and(|known| known.population.is_random());
        if random
            && column.is_none()
            && self.list.is_none()
            && !labels.may_be_near(window, start, end)
        {
            return;
        }
        let near = self.near(window, labels, start, end, slot);
        let labelled = near.map_or(0.0, |n| n.weight);
        if (glue != Glue::Plain || self.facts.binary) && labelled < LABELLED {
            return;
        }
        if glue == Glue::Padded && near.is_none_or(|n| n.place != Place::Column) {
            return;
        }
        let glued = near.is_some_and(|n| n.place == Place::Touching && n.weight > 0.0);
        let occurrence = Occurrence {
            value,
            line: self.lines.line(window, start),
            offset: window.base + start as u64,
            slot,
            class,
            shape: seen,
            near,
            against: against(window, start, end, glued),
            stamp: self.stamp(&digits, seen, labelled > LABELLED),
            padded: glue == Glue::Padded,
            grouped: glue == Glue::Grouped,
        };
        // A list ends at the first number that is not of it.
        self.list = None;
        if let Some(near) = near
            && near.weight > 0.0
        {
            self.list = Some((window.base + end as u64, near));
            if let Some(known) = self.slots.get_mut(&slot) {
                known.labelled |= near.weight >= LABELLED;
            }
        }
        // Those that count by themselves have their own share, so that a flood of others before them
        // leaves them room.
        let counts = occurrence.own_weight(self.facts) > 0.0;
        let kept = if counts { &mut self.found } else { &mut self.faint };
        if kept.len() < self.facts.max_occurrences {
            kept.push(occurrence);
        } else if counts && (self.beyond.len() < MAX_SLOTS || self.beyond.contains_key(&slot)) {
            *self.beyond.entry(slot).or_default() += 1;
        }
    }

    /// The first of several rows says what their columns are called.
    fn follow_rows(&mut self, window: &Window, labels: &LabelSet, row: tuples::Place) {
        if !row.first {
            return;
        }
        let opening = row.row.saturating_sub(1);
        let letters = window.before(opening, ROWS_KEY_BYTES).iter();
        self.rows.key = fnv(letters.filter(|b| b.is_ascii_alphabetic() || **b >= 0x80));
        let names = tuples::names(window.bytes, row.row);
        let label = |names: &[Vec<u8>]| labels.heading(names, window.encoding);
        self.rows.labels = if names.is_empty() {
            let made = self.schema.columns(window.before(opening, STATEMENT_BYTES));
            made.iter().take(MAX_SLOTS).map(|names| label(names)).collect()
        } else {
            names.iter().take(MAX_SLOTS).map(|name| label(std::slice::from_ref(name))).collect()
        };
    }

    /// A blank line with headings below it begins another table: its columns are other columns.
    fn follow_tables(&mut self, window: &Window, start: usize) {
        let searched =
            usize::try_from(self.searched.saturating_sub(window.base)).unwrap_or(start).min(start);
        self.searched = self.searched.max(window.base + start as u64);
        // From the end of the line before, whose break is the newline itself.
        let from = searched.saturating_sub(1);
        let Some(since) = window.bytes.get(from..start) else { return };
        let Some(at) = Table::last_break(since) else { return };
        let own_line = memchr::memrchr(b'\n', since).map_or(0, |n| n + 1);
        let above = since.get(at..own_line).unwrap_or_default();
        if let Some(table) = window.table.and_then(|table| table.below_break(above)) {
            self.part = self.part.saturating_add(1);
            self.later = Some(table);
            self.headings.clear();
        }
    }

    fn populate(&mut self, slot: Slot, value: u64, class: Class) {
        let slot = if self.slots.len() < MAX_SLOTS || self.slots.contains_key(&slot) {
            slot
        } else {
            Slot::Bare
        };
        self.slots.entry(slot).or_default().population.add(value, class);
    }

    fn near(
        &mut self,
        window: &Window,
        labels: &LabelSet,
        start: usize,
        end: usize,
        slot: Slot,
    ) -> Option<Near> {
        if let (Slot::Column(_, column), Some(table)) = (slot, self.later.as_ref().or(window.table))
        {
            if self.headings.len() <= column && column < MAX_SLOTS {
                self.headings.resize(column + 1, None);
            }
            let heading = match self.headings.get_mut(column) {
                Some(known) => *known
                    .get_or_insert_with(|| labels.heading(table.headings(column), window.encoding)),
                None => labels.heading(table.headings(column), window.encoding),
            };
            // Rows of names and values: the label is in the row, whatever stands above.
            if heading.is_none_or(|h| h.weight < LABELLED) {
                let own = labels.near(window, start, end);
                if own.is_some_and(|n| n.place == Place::Touching && n.weight >= LABELLED) {
                    return own;
                }
            }
            if heading.is_some() {
                return heading;
            }
        }
        if let Slot::Row(_, column) = slot
            && let Some(Some(named)) = self.rows.labels.get(column)
        {
            return Some(*named);
        }
        labels.near(window, start, end).or_else(|| {
            // The next of a list: nothing but signs since the last labelled number.
            let (ended, near) = self.list?;
            let gap = (window.base + start as u64).checked_sub(ended)?;
            let between = window.before(start, usize::try_from(gap).ok()?);
            let only_signs = !between.iter().any(|&b| b.is_ascii_alphanumeric() || b >= 0x80);
            (gap as usize <= LIST_GAP && between.len() == gap as usize && only_signs)
                .then_some(Near { place: Place::List, ..near })
        })
    }

    /// What reading the digits as a moment costs.
    fn stamp(&self, digits: &[u8; 12], seen: Shape, labelled: bool) -> f32 {
        if let Some(year) = as_timestamp_year(digits)
            && seen != Shape::Bin
        {
            let recent = (FIRST_STAMP_YEAR..=self.facts.newest_year).contains(&year);
            return match (recent, labelled) {
                (true, false) => RECENT_STAMP,
                (_, true) => LABELLED_STAMP,
                (false, false) => OLD_STAMP,
            };
        }
        if is_long_timestamp(digits) && !labelled { LONG_STAMP } else { 0.0 }
    }

    fn signs(
        &self,
        base: f32,
        labels: &LabelSet,
        o: &Occurrence,
        population: &Population,
    ) -> Vec<Sign> {
        let read_from = self.facts.read_from();
        let mut signs = Vec::new();
        let mut say = |sign: String, weight: f32| {
            if weight != 0.0 {
                signs.push(Sign { detector: NAME, sign, weight, read_from });
            }
        };
        say("control_digit_prior".into(), base);
        let (shape, weight) = o.shape_weight();
        say(shape.into(), weight);
        if let Some(near) = o.near {
            say(format!("{}:{}", near.place.name(), labels.text(near.label)), near.weight);
        }
        if !self.facts.binary && population.size() > 0 {
            let name = if matches!(o.slot, Slot::Column(..) | Slot::Row(..)) {
                "population_of_column"
            } else {
                "population_of_key"
            };
            say(
                format!("{name}:{}_of_{}_pass", population.passes(), population.size()),
                population.weight_for(o.class),
            );
        }
        if let Some(against) = o.against {
            say(against.name().into(), against.weight(o.labelled()));
        }
        say("reads_as_timestamp".into(), o.stamp);
        if self.facts.in_name {
            say("in_name".into(), IN_NAME);
        }
        if o.grouped {
            say("digits_in_groups".into(), -0.1);
        }
        if o.padded {
            say("leading_zeros_restored".into(), -0.5);
        }
        signs
    }
}

impl Occurrence {
    fn labelled(&self) -> bool {
        self.near.is_some_and(|n| n.weight >= LABELLED)
    }

    fn shape_weight(&self) -> (&'static str, f32) {
        match self.shape {
            Shape::Dated => ("birth_date", DATED),
            Shape::DatedForeigner => ("birth_date_digit_7_zero", DATED_FOREIGNER),
            Shape::Bin => ("shape_of_bin", BIN_SHAPED),
            Shape::Other => ("no_birth_date", NOT_DATED),
        }
    }

    /// Everything but the row's own weight and the population.
    fn own_weight(&self, facts: TextFacts) -> f32 {
        self.shape_weight().1
            + self.near.map_or(0.0, |n| n.weight)
            + self.against.map_or(0.0, |a| a.weight(self.labelled()))
            + self.stamp
            + if facts.in_name { IN_NAME } else { 0.0 }
            + if self.grouped { -0.1 } else { 0.0 }
            + if self.padded { -0.5 } else { 0.0 }
    }
}

/// The word in front of a number, hashed: `"iin":"`, `uid=`, `заказ № `.
fn key_slot(window: &Window, start: usize) -> Slot {
    let before = window.before(start, KEY_BYTES);
    let is_letter = |b: &u8| b.is_ascii_alphabetic() || *b >= 0x80 || *b == b'_';
    let signs = before.iter().rev().take_while(|b| !is_letter(b) && **b != b'\n').count();
    let word = &before[..before.len() - signs];
    let letters = word.iter().rev().take_while(|b| is_letter(b)).count();
    if letters == 0 || signs > 12 {
        return Slot::Bare;
    }
    Slot::Key(fnv(word[word.len() - letters..].iter()))
}

/// FNV-1a over letters without case.
fn fnv<'a>(letters: impl Iterator<Item = &'a u8>) -> u64 {
    letters.fold(0xcbf2_9ce4_8422_2325u64, |h, b| {
        (h ^ u64::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}
