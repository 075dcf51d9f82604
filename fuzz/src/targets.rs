//! What is fuzzed: every format of the registry, the pure parsers, and the whole engine on one file.
//!
//! Each target takes any bytes and must neither panic nor take more than its budget. The library's own
//! panics count as failures even where the engine contains them. `tests/mangled.rs` runs the same
//! targets over seeds that are mangled a little, so that all of this is built and run in every test.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, LazyLock};

use iinspect::detect::{Rules, TextFacts, TextScan, head_of};
use iinspect::engine::{Item, Outcome, Silent, heard_from_worker};
use iinspect::extract::{Extractor, FORMATS};
use iinspect::flow::{Content, Form, Locator};
use iinspect::ident::check::Validator;
use iinspect::ident::{iin, mrz};
use iinspect::limits::{Budget, Limits, Passwords};
use iinspect::patterns::Patterns;
use iinspect::text::digits::Finder;
use iinspect::text::encoding::{Encoding, decide, decide_high};
use iinspect::text::fold::Skeleton;
use iinspect::text::table::Table;
use iinspect::text::tuples;
use iinspect::text::visible::visible;
use iinspect::text::window::{Utf8From16, Windows};

/// One target.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Format(&'static dyn Extractor),
    Parser(fn(&[u8])),
}

/// A name and what is run under it.
type Named = (&'static str, fn(&[u8]));

/// The parsers of our own that see bytes of files.
const PARSERS: [Named; 9] = [
    ("engine", engine),
    ("sniff", sniff),
    ("mrz-zone", mrz_zone),
    ("numbers", numbers),
    ("encodings", encodings),
    ("tables", tables),
    ("detectors", detectors),
    ("patterns", patterns),
    ("worker-wire", worker_wire),
];

pub fn all() -> Vec<Target> {
    let formats =
        FORMATS.iter().map(|format| Target { name: format.name(), what: What::Format(*format) });
    let parsers = PARSERS.map(|(name, parse)| Target { name, what: What::Parser(parse) });
    formats.chain(parsers).collect()
}

pub fn named(name: &str) -> Option<Target> {
    all().into_iter().find(|target| target.name == name)
}

/// Enough to see every path, so little that a fuzzer gets on.
pub fn limits() -> Limits {
    Limits {
        max_expanded_bytes: 32 << 20,
        ratio_after_bytes: 4 << 20,
        max_members: 2000,
        max_pixels: 4_000_000,
        max_seconds: 20,
        ..Limits::default()
    }
}

impl Target {
    pub fn run(&self, data: &[u8]) {
        match self.what {
            What::Format(format) => drop(open(format, data)),
            What::Parser(parse) => parse(data),
        }
    }
}

/// One layer, opened as if it had been recognised. What came out may be no more than what was paid for.
pub fn open(format: &dyn Extractor, data: &[u8]) -> Vec<Content> {
    let limits = limits();
    let mut budget = Budget::new(&limits, data.len() as u64);
    let mut out = Vec::new();
    let at = Locator::file("fuzzed");
    // A skip is a result like any other.
    let _ = format.open(&at, data, &mut budget, &mut out);
    let held: u64 = out
        .iter()
        .map(|content| match content {
            Content::Bytes { bytes, .. } => bytes.len() as u64,
            Content::Text { text, .. } => text.len() as u64,
            Content::Picture { picture, .. } => {
                let pixels = u64::from(picture.width) * u64::from(picture.height);
                assert_eq!(picture.luma.len() as u64, pixels, "{}", format.name());
                pixels
            }
            Content::Skipped { .. } => 0,
        })
        .sum();
    // Texts are laid out anew, and planes of pictures are counted by their number.
    let most = 2 * limits.max_expanded_bytes + 2 * limits.max_pixels + data.len() as u64;
    assert!(held <= most, "{}: {held} bytes out of {}", format.name(), data.len());
    out
}

static PATTERNS: LazyLock<Arc<Patterns>> =
    LazyLock::new(|| Arc::new(Patterns::builtin().expect("they are proved by their tests")));
static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::new(&PATTERNS));

/// The whole engine on one file, in this process.
pub fn engine(data: &[u8]) {
    drop(look_at(data));
}

/// The same, with what came of it.
pub fn look_at(data: &[u8]) -> Outcome {
    let (limits, passwords) = (limits(), Passwords::default());
    let mut item = Item::new(&RULES, &limits, &passwords, &Silent, 27);
    item.handed_bytes(&Locator::file("fuzzed"), data.to_vec());
    item.outcome
}

/// Which format this is, asked of each: looking may not fail, whatever comes first.
fn sniff(data: &[u8]) {
    for format in FORMATS {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| format.sniff(data))) {
            eprintln!("while {} looked", format.name());
            resume_unwind(panic);
        }
    }
}

fn mrz_zone(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.lines().collect();
    if let Some(zone) = mrz::parse(&lines) {
        let _ = (zone.all_checks(), zone.partial(), zone.sign(), zone.document_type(), zone.side());
        let _ = (zone.hint(), zone.subject());
    }
    // The same bytes as costs of characters, as a reader gives them.
    let rows: Vec<Vec<mrz::Reading>> = data
        .split(|byte| *byte == b'\n')
        .take(4)
        .map(|row| {
            let cell = |byte: &u8| {
                let mut cell = [f32::from(byte >> 4); 37];
                if let Some(cost) = cell.get_mut(usize::from(byte % 37)) {
                    *cost = 0.0;
                }
                cell
            };
            vec![mrz::Reading { cells: row.iter().map(cell).collect(), cost: 0.5 }]
        })
        .collect();
    let _ = mrz::decode(&rows, 20.0);
}

fn numbers(data: &[u8]) {
    for (_, validator) in Validator::ALL {
        let _ = validator.accepts(data);
    }
    for digits in data.windows(12) {
        let Ok(digits) = <&[u8; 12]>::try_from(digits) else { continue };
        let _ = (iin::shape(digits), iin::check_digit_ok(digits));
        let _ = (iin::as_timestamp_year(digits), iin::is_long_timestamp(digits));
    }
    let mut finder = Finder::default();
    for wide in [[0xa0, 0xa0], [0xc2, 0xa0], [0xff, 0xff]] {
        let mut runs = Vec::new();
        finder.find(data, wide, |run| runs.push(run), |_| {});
        finder.find(data, wide, |_| {}, |run| runs.push(run));
        for run in runs {
            assert!(data.get(run.start..run.start + run.len).is_some(), "{run:?}");
        }
        let last = finder.fillers().last();
        assert!(last.is_none_or(|at| at < data.len()));
    }
}

fn encodings(data: &[u8]) {
    let verdict = decide(data);
    let _ = (decide_high(data), verdict.encoding.decode(data));
    let text = String::from_utf8_lossy(data);
    let _ = (Skeleton::of(&text), visible(&text));
    for wide in [Encoding::Utf16Le, Encoding::Utf16Be] {
        let mut out = Vec::new();
        // Reading from memory does not fail.
        let _ = std::io::copy(&mut Utf8From16::new(data, wide), &mut out);
        assert!(std::str::from_utf8(&out).is_ok(), "what comes out is UTF-8");
    }
}

fn tables(data: &[u8]) {
    let sniffed = Table::sniff(head_of(data));
    let forced = [b',', b'\t', b';', b'|'].map(|by| Some(Table::with_separator(data, by)));
    for table in forced.into_iter().chain([sniffed]).flatten() {
        for at in (0..data.len()).step_by(1 + data.len() / 64) {
            let (column, quoted) = table.column_and_quote(data, at, 0);
            let _ = (table.headings(column).len(), quoted);
        }
        let _ = table.below_break(data);
    }
    let _ = Table::last_break(data);
    for start in (0..data.len()).step_by(1 + data.len() / 64) {
        let end = data.len().min(start + 12);
        if let Some(place) = tuples::place(data, start, end) {
            assert!(place.row <= start && place.column <= place.row.max(start));
            let _ = tuples::names(data, place.row);
        }
    }
}

/// All text detectors, on text in windows, and on the same bytes as a name.
fn detectors(data: &[u8]) {
    let facts = |binary, in_name| TextFacts {
        form: Form::Plain,
        binary,
        in_name,
        newest_year: 27,
        max_occurrences: 100,
    };
    let encoding = decide(data).encoding;
    if !matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
        let mut scan = TextScan::begin(&RULES, facts(encoding == Encoding::Binary, false));
        let table = Table::sniff(head_of(data));
        let mut windows = Windows::new(Cursor::new(data), encoding, table);
        while let Some(window) = windows.next_window() {
            scan.window(&window);
        }
        drop(scan.finish());
    }
    let name = String::from_utf8_lossy(data);
    drop(iinspect::detect::look(&RULES, &name, facts(false, true)));
}

/// Files of patterns that a user wrote.
fn patterns(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    // What is wrong with them is an error of the configuration.
    let _ = Patterns::with_own(vec![("own.toml".into(), text)]);
}

/// What a worker says, one line an answer.
pub const ANSWERS: &str = r#"{"Ready":{"landlock":true,"seccomp":true}}
{"Saw":{"at":{"inside":["a.pdf"],"page":3},"media_type":"application/pdf","in_name":false,"evidence":{"kind":"id_document_copy","document":{"kind":"id_card","side":"front","issuer":"KAZ","origin":"paper_scan"},"count":1,"subjects":[["iin","900101100004"]],"sites":[{"page":3,"region":[1,2,3,4],"subject":0}],"signs":[["labels","kk",3.2,"picture"]]}}}
{"Skipped":{"at":{"inside":[],"page":null},"skip":{"Damaged":["zip","member is cut short"]}}}
{"Skipped":{"at":{"inside":["x"],"page":null},"skip":{"Encrypted":"7z"}}}
{"Done":{"bytes":200}}"#;

/// Answers as a captured worker may give them: whatever is taken has passed the customs.
fn worker_wire(data: &[u8]) {
    let mut frames = Vec::new();
    for line in data.split(|byte| *byte == b'\n') {
        frames.extend_from_slice(&(line.len() as u32).to_le_bytes());
        frames.extend_from_slice(line);
    }
    let (file, limits) = (Locator::file("fuzzed"), limits());
    for bytes in [frames.as_slice(), data] {
        drop(heard_from_worker(bytes, &file, &PATTERNS, &limits));
    }
}
