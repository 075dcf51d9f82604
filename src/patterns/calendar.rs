//! Days off by year, for counting business days. Moved and extra days are data, not rules: the
//! Government swaps days by its own acts, and a user's rows override a year.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::file::{Example, Origin, Source};
use super::norms::date;

/// One year of `patterns/calendar/`, for a five-day week.
#[derive(Debug, Clone)]
pub struct Year {
    pub year: i16,
    /// IANA zone in which days begin and end.
    pub time_zone: String,
    /// Public holidays and religious days off, with their names.
    pub holidays: Vec<(Date, String)>,
    /// Days off in place of a holiday on a weekend, by the rule or by an act.
    pub days_off: Vec<Date>,
    /// Saturdays and Sundays that were made working days.
    pub working: Vec<Date>,
    pub verified: bool,
    pub sources: Vec<String>,
    pub note: String,
    pub must_match: Vec<Example<Date>>,
    pub must_not_match: Vec<Example<Date>>,
    pub origin: Origin,
}

/// The years that are known.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    pub years: Vec<Year>,
}

impl Calendar {
    pub fn year(&self, year: i16) -> Option<&Year> {
        self.years.iter().find(|y| y.year == year)
    }

    /// Whether this is a working day; `None` where the year is not in the data.
    pub fn is_working_day(&self, day: Date) -> Option<bool> {
        Some(!self.year(day.year())?.is_day_off(day))
    }

    /// The first working day after `day`: the end of a term of one business day that began with
    /// an event on `day`. `None` where the data end before it.
    pub fn next_working_day(&self, day: Date) -> Option<Date> {
        let mut next = day;
        loop {
            next = next.checked_add(1.day()).ok()?; // the calendar of the library ends
            if self.is_working_day(next)? {
                return Some(next);
            }
        }
    }
}

impl Year {
    pub fn is_day_off(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let off = weekend
            || self.days_off.contains(&day)
            || self.holidays.iter().any(|(holiday, _)| *holiday == day);
        off && !self.working.contains(&day)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    year: Spanned<i16>,
    time_zone: Spanned<String>,
    holidays: Vec<HolidayRow>,
    #[serde(default)]
    days_off: Vec<Spanned<String>>,
    #[serde(default)]
    working: Vec<Spanned<String>>,
    verified: bool,
    sources: Vec<String>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    must_match: Vec<Spanned<String>>,
    #[serde(default)]
    must_not_match: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayRow {
    date: Spanned<String>,
    name: String,
}

pub(super) fn read<'a>(source: &mut Source<'a>, value: Spanned<DeValue<'a>>) -> Option<Year> {
    let row: Row = source.row(value)?;
    let before = source.faults.len();
    let origin = source.origin(&row.year);
    let year = *row.year.get_ref();
    let zone = row.time_zone.get_ref();
    if !zone.contains('/')
        || !zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-+".contains(&b))
    {
        let line = source.line(&row.time_zone);
        source.fault(line, format!("time_zone `{zone}`: use an IANA name such as Asia/Almaty"));
    }
    let mut holidays = Vec::new();
    for holiday in &row.holidays {
        if let Some(day) = day_of(source, &holiday.date, year) {
            holidays.push((day, holiday.name.clone()));
        }
    }
    let days_off = days(source, &row.days_off, year);
    let working = days(source, &row.working, year);
    let name = year.to_string();
    source.needs_examples(origin.line, &name, &row.must_match, &row.must_not_match);
    let must_match = examples(source, &row.must_match, year);
    let must_not_match = examples(source, &row.must_not_match, year);
    (source.faults.len() == before).then_some(Year {
        year,
        time_zone: row.time_zone.into_inner(),
        holidays,
        days_off,
        working,
        verified: row.verified,
        sources: row.sources,
        note: row.note,
        must_match,
        must_not_match,
        origin,
    })
}

fn day_of(source: &mut Source<'_>, text: &Spanned<String>, year: i16) -> Option<Date> {
    let day = date(source, text)?;
    if day.year() != year {
        let line = source.line(text);
        source.fault(line, format!("date {day} is not in the row's year {year}"));
        return None;
    }
    Some(day)
}

fn days(source: &mut Source<'_>, texts: &[Spanned<String>], year: i16) -> Vec<Date> {
    texts.iter().filter_map(|text| day_of(source, text, year)).collect()
}

fn examples(source: &mut Source<'_>, texts: &[Spanned<String>], year: i16) -> Vec<Example<Date>> {
    texts
        .iter()
        .filter_map(|t| Some(Example { value: day_of(source, t, year)?, line: source.line(t) }))
        .collect()
}
