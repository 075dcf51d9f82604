//! Fills a form in and keeps the books of which personal numbers went where.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::form::Form;
use super::numbers::{self, Shape};
use super::random::Random;

/// Above this many distinct numbers the truth gives only counts.
const MAX_SUBJECTS: usize = 300;

pub struct Render<'a> {
    words: &'a HashMap<String, Vec<String>>,
    random: Random,
    /// The clock of the file: every row is a little later.
    seconds: i64,
    micros: u32,
    /// Counters that run through the file, by width.
    counters: HashMap<usize, u64>,
    current: String,
    content: Book,
    in_name: Book,
    naming: bool,
}

#[derive(Default)]
struct Book {
    count: u64,
    distinct: BTreeSet<String>,
}

impl Book {
    fn note(&mut self, iin: &str) {
        self.count += 1;
        self.distinct.insert(iin.to_owned());
    }

    fn expectation(&self, in_name: bool) -> Option<Value> {
        if self.count == 0 {
            return None;
        }
        let mut entry = json!({"kind": "iin", "count": self.count});
        if self.distinct.len() <= MAX_SUBJECTS {
            entry["subjects"] = json!(self.distinct);
        } else {
            entry["subjects_total"] = json!(self.distinct.len());
        }
        if in_name {
            entry["in_name"] = json!(true);
        }
        Some(entry)
    }
}

impl<'a> Render<'a> {
    pub fn new(words: &'a HashMap<String, Vec<String>>, mut random: Random) -> Render<'a> {
        // Between 2019 and the middle of 2026.
        let seconds = random.within(1_546_300_800, 1_782_000_000) as i64;
        Render {
            words,
            random,
            seconds,
            micros: 0,
            counters: HashMap::new(),
            current: String::new(),
            content: Book::default(),
            in_name: Book::default(),
            naming: false,
        }
    }

    /// The text of a file, with at most `cap` rows.
    pub fn file(&mut self, form: &Form, cap: Option<usize>) -> String {
        let rows = self.random.within(form.rows.0 as u64, form.rows.1 as u64) as usize;
        let rows = cap.map_or(rows, |cap| rows.min(cap));
        let mut out = self.fill(&form.head);
        let total: u64 = form.row.iter().map(|(weight, _)| weight).sum();
        for _ in 0..rows {
            self.seconds += self.random.within(0, 40) as i64;
            self.micros = self.random.within(0, 999_999) as u32;
            let mut at = self.random.within(1, total.max(1));
            for (weight, row) in &form.row {
                if at <= *weight {
                    let filled = self.fill(row);
                    out.push_str(if form.join.is_empty() { filled.trim_end() } else { &filled });
                    break;
                }
                at -= weight;
            }
        }
        out.push_str(&self.fill(&form.tail));
        if form.crlf { out.replace('\n', "\r\n") } else { out }
    }

    pub fn name(&mut self, template: &str, copy: usize) -> String {
        self.naming = true;
        let name = self.fill(&template.replace("[[copy]]", &copy.to_string()));
        self.naming = false;
        name
    }

    /// The `expect` of the truth line.
    pub fn expected(&self) -> Vec<Value> {
        [self.content.expectation(false), self.in_name.expectation(true)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn fill(&mut self, template: &str) -> String {
        let (mut out, mut rest) = (String::new(), template);
        while let Some(start) = rest.find("[[") {
            // "[[[x]]]": the outermost brackets are text.
            if rest[start..].starts_with("[[[") {
                out.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
                continue;
            }
            let Some(end) = rest[start..].find("]]") else { break };
            out.push_str(&rest[..start]);
            let value = self.placeholder(&rest[start + 2..start + end]);
            out.push_str(&value);
            rest = &rest[start + end + 2..];
        }
        out.push_str(rest);
        out
    }

    fn placeholder(&mut self, inner: &str) -> String {
        let (name, rest) = inner.split_once(' ').unwrap_or((inner, ""));
        let number = |n: usize| {
            rest.split(' ').nth(n).and_then(|w| w.parse::<u64>().ok()).unwrap_or_else(|| {
                panic!("[[{inner}]] wants a number");
            })
        };
        let random = &mut self.random;
        match name {
            "iin" => self.iin(rest),
            "bin" => numbers::bin(random),
            "chance12" => numbers::passing_by_chance(random),
            "pan" => {
                let pan = numbers::pan(random);
                if rest.is_empty() { pan } else { grouped(&pan, &[4, 4, 4, 4], rest_separator(rest)) }
            }
            "iban" => numbers::iban(random),
            "iban-spaced" => grouped(&numbers::iban(random), &[4, 4, 4, 4, 4], " "),
            "ean" => numbers::barcode(random, 13),
            "upc" => numbers::barcode(random, 12),
            "d" => random.digits(number(0) as usize),
            "dec" => (0..number(0)).map(|_| char::from(b'0' + random.within(0, 9) as u8)).collect(),
            "int" => random.within(number(0), number(1)).to_string(),
            "pad" => format!("{:0w$}", random.within(0, number(1)), w = number(0) as usize),
            "hex" => random.hex(number(0) as usize),
            "HEX" => random.hex(number(0) as usize).to_uppercase(),
            "b64" => (0..number(0))
                .map(|_| *random.pick(&b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/0123456789"[..]) as char)
                .collect(),
            "uuid" => format!(
                "{}-{}-4{}-a{}-{}",
                random.hex(8), random.hex(4), random.hex(3), random.hex(3), random.hex(12)
            ),
            // One UUID in 280 ends in twelve digits; here each does.
            "uuid-digits" => format!(
                "{}-{}-4{}-9{}-{}",
                random.hex(8), random.hex(4), random.hex(3), random.hex(3), random.digits(12)
            ),
            "ip" => format!("10.{}.{}.{}", random.within(0, 255), random.within(0, 255), random.within(1, 254)),
            "phone" => format!("+7{}{}", random.pick(&["701", "702", "705", "707", "747", "771", "777"]), random.digits(7)),
            "phone-spaced" => format!(
                "+7 ({}) {}-{}-{}",
                random.pick(&["701", "727", "7172", "747"]), random.digits(3), random.digits(2), random.digits(2)
            ),
            // Twelve digits with the country: Uzbekistan, Kyrgyzstan, Ukraine, Tajikistan, Germany.
            "phone12" => format!("{}{}", random.pick(&["99890", "99671", "38067", "99293", "49151"]), random.digits(7)),
            "amount" => format!("{}.{:02}", random.within(100, 99_000_000), random.within(0, 99)),
            "seq" => {
                let width = number(0) as usize;
                let step = random.within(1, 3);
                let start = random.digits(width).parse::<u64>().expect("digits") / 2
                    + 10u64.pow(width as u32 - 1);
                let counter = self.counters.entry(width).or_insert(start);
                *counter += step;
                counter.to_string()
            }
            "now" => numbers::format_time(self.seconds, self.micros, rest),
            "then" => {
                let seconds = random.within(1_420_070_400, 1_782_000_000) as i64;
                let micros = random.within(0, 999_999) as u32;
                numbers::format_time(seconds, micros, rest)
            }
            // Bytes percent-encoded as a browser sends them.
            "pct" => rest.bytes().map(|b| format!("%{b:02X}")).collect(),
            "uescape" => rest.encode_utf16().map(|u| format!("\\u{u:04x}")).collect(),
            "nbsp" => "\u{a0}".into(),
            "tab" => "\t".into(),
            "pick" => random.pick(&rest.split('|').collect::<Vec<_>>()).to_string(),
            _ => {
                let Some(list) = self.words.get(name) else { panic!("unknown placeholder [[{inner}]]") };
                let word = random.pick(list).clone();
                // Words may hold placeholders of their own.
                self.fill(&word)
            }
        }
    }

    fn iin(&mut self, style: &str) -> String {
        let shape = match style {
            "lost-zeros" | "zero" => Shape::LeadingZero,
            "second" => Shape::SecondPass,
            "undated" => Shape::Undated,
            "dated" => Shape::Dated,
            _ => Shape::Mixed,
        };
        if style != "again" || self.current.is_empty() {
            self.current = numbers::iin(&mut self.random, shape);
        }
        let iin = self.current.clone();
        let book = if self.naming { &mut self.in_name } else { &mut self.content };
        book.note(&iin);
        let separator = match style {
            "spaces" => " ",
            "hyphens" => "-",
            "nbsp" => "\u{a0}",
            "lost-zeros" => return iin.trim_start_matches('0').to_owned(),
            _ => return iin,
        };
        let widths: [&[usize]; 6] =
            [&[6, 6], &[4, 4, 4], &[3, 3, 3, 3], &[6, 1, 4, 1], &[2, 2, 2, 6], &[6, 3, 3]];
        let chosen: &&[usize] = self.random.pick(&widths);
        grouped(&iin, chosen, separator)
    }
}

fn rest_separator(word: &str) -> &'static str {
    if word == "hyphens" { "-" } else { " " }
}

fn grouped(digits: &str, widths: &[usize], separator: &str) -> String {
    let mut at = 0;
    let groups: Vec<&str> = widths
        .iter()
        .map(|w| {
            let group = &digits[at..at + w];
            at += w;
            group
        })
        .collect();
    groups.join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Templates;

    #[test]
    fn what_is_written_is_what_is_expected() {
        let templates = Templates::parse(
            "@words who Ә|Б\n@form f rows=3 name=x-[[iin]].txt\n@head\n[[who]]\n@row\nИИН [[iin]] [[iin again]]\n",
        );
        let mut render = Render::new(&templates.words, Random::new(5));
        let text = render.file(&templates.forms[0], None);
        let name = render.name(templates.forms[0].name.as_deref().unwrap(), 0);
        let expected = render.expected();
        assert_eq!(expected[0]["count"], 6);
        for subject in expected[0]["subjects"].as_array().unwrap() {
            assert_eq!(text.matches(subject.as_str().unwrap()).count(), 2);
        }
        assert_eq!(expected[1]["in_name"], true);
        assert!(name.contains(expected[1]["subjects"][0].as_str().unwrap()));
    }

    #[test]
    fn groups_keep_their_digits() {
        assert_eq!(grouped("900101100004", &[6, 1, 4, 1], "-"), "900101-1-0000-4");
    }
}
