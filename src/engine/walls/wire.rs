//! What goes over the wall: a job down, what was seen up.
//!
//! Frames of a length (32 bits, little-endian) and JSON. Downwards all is trusted. Upwards nothing
//! is: a worker that a file has taken over may say anything, so every answer is bounded in length,
//! and the words in it must be of the few that the program itself uses. What passes may still be
//! untrue, but it cannot carry text of the file out, nor break what reads the findings.

use std::io;

use serde::{Deserialize, Serialize};

use super::shown::{Shown, Watch};
use crate::detect;
use crate::error::{Bound, End, Skip};
use crate::extract::FORMATS;
use crate::flow::{DocumentHint, Evidence, Kind, Locator, Masked, ReadFrom, Sign, Site, Subject};
use crate::limits::{Limits, Passwords};
use crate::patterns::{ORIGINS, Patterns, SIDES, TYPES};

/// The largest answer: evidence of ten thousand places is under two megabytes.
pub const MAX_ANSWER: usize = 16 << 20;
/// All answers on one file.
pub const MAX_ANSWERS: usize = 64 << 20;
/// The largest job: a small file, or the patterns of a user.
pub const MAX_JOB: usize = 64 << 20;
const HEAD: usize = 4;

/// The first frame down: what a worker has to know.
#[derive(Debug, Serialize, Deserialize)]
pub struct Setup {
    pub limits: Limits,
    pub passwords: Passwords,
    pub newest_year: u32,
    /// Pattern files of the user's own.
    pub patterns: Vec<(String, String)>,
    /// The text of whole pages is read too.
    pub pages: bool,
    /// The parent has a program that reads pages too.
    pub ocr: bool,
    pub max_memory_bytes: u64,
    pub max_cpu_seconds: u64,
    /// Go on where the kernel cannot do all of it.
    pub lenient: bool,
    pub watch: Watch,
}

/// One file. What is in it follows: as `bytes` after this frame, or as an open descriptor with it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    /// Its name, without the folders.
    pub name: String,
    /// Bytes after this frame; `None` where a descriptor comes.
    pub bytes: Option<u32>,
    /// What the file system says of its size.
    pub size: u64,
}

/// What a program said of a page: a table of so many bytes, which follow, or why there is none.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    Table(u32),
    Slow(u64),
    Failed,
}

/// One frame up.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// The walls stand, in full or in part.
    Ready {
        landlock: bool,
        seccomp: bool,
    },
    Saw {
        at: Place,
        media_type: String,
        in_name: bool,
        evidence: Box<Found>,
    },
    Skipped {
        at: Place,
        skip: Missed,
    },
    /// Have this page read; so many bytes of a greymap follow.
    Page {
        bytes: u32,
        dpi: Option<f32>,
    },
    /// A step, where somebody watches.
    Step(Box<Shown>),
    /// The end of one file, of which this many bytes were read.
    Done {
        bytes: u64,
    },
}

/// The way into the file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Place {
    inside: Vec<String>,
    page: Option<u32>,
}

impl From<&Locator> for Place {
    fn from(at: &Locator) -> Place {
        let inside = at.inside().iter().map(|name| name.to_string()).collect();
        Place { inside, page: at.page_number() }
    }
}

/// [`Evidence`], as it is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    kind: Kind,
    document: Option<Hint>,
    count: u64,
    subjects: Vec<(String, String)>,
    sites: Vec<Site>,
    signs: Vec<(String, String, f32, ReadFrom)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Hint {
    kind: String,
    side: Option<String>,
    issuer: Option<String>,
    origin: Option<String>,
}

impl From<&Evidence> for Found {
    fn from(e: &Evidence) -> Found {
        let hint = |d: &DocumentHint| Hint {
            kind: d.kind.into(),
            side: d.side.map(Into::into),
            issuer: d.issuer.clone(),
            origin: d.origin.map(Into::into),
        };
        let sign = |s: &Sign| (s.detector.to_owned(), s.sign.clone(), s.weight, s.read_from);
        Found {
            kind: e.kind,
            document: e.document.as_ref().map(hint),
            count: e.count,
            // The raw value stays between the two halves of one program; the parent masks it, so
            // that no worker ever holds the key of the fingerprints.
            subjects: e
                .subjects
                .iter()
                .map(|s| (s.what.clone(), s.value.expose().to_owned()))
                .collect(),
            sites: e.sites.clone(),
            signs: e.signs.iter().map(sign).collect(),
        }
    }
}

/// [`Skip`], as it is told; those of the parent's own making have no form here.
#[derive(Debug, Serialize, Deserialize)]
pub enum Missed {
    Unreadable,
    /// An allocation was refused that a decoder can do without.
    Memory,
    OverBudget(Bound),
    Damaged(String, String),
    Encrypted(String),
    Unsupported(String, String),
    Panicked(String),
}

impl From<&Skip> for Missed {
    fn from(skip: &Skip) -> Missed {
        match skip {
            Skip::OverBudget(bound) => Missed::OverBudget(*bound),
            Skip::Damaged { format, detail } => {
                Missed::Damaged((*format).into(), (**detail).into())
            }
            Skip::Encrypted { format } => Missed::Encrypted((*format).into()),
            Skip::Unsupported { format, detail } => {
                Missed::Unsupported((*format).into(), (**detail).into())
            }
            Skip::Panicked { stage } => Missed::Panicked((*stage).into()),
            Skip::Unreadable(io::ErrorKind::OutOfMemory) => Missed::Memory,
            Skip::Unreadable(_)
            | Skip::NotRegular(_)
            | Skip::SymlinkNotFollowed(_)
            | Skip::Worker(_) => Missed::Unreadable,
        }
    }
}

/// Something that a worker told, after it was found to be well-formed.
#[derive(Debug)]
pub enum Told {
    Saw { at: Locator, media_type: &'static str, in_name: bool, evidence: Evidence },
    Skipped { at: Locator, skip: Skip },
}

/// Knows the words that may come up.
pub struct Customs<'p> {
    pub patterns: &'p Patterns,
    pub limits: &'p Limits,
    pub max_memory_bytes: u64,
}

/// Longest name of a member that is taken; a path inside of an archive is hardly longer.
const MAX_NAME: usize = 64 << 10;
/// Longest phrase of a sign or of a skip record.
const MAX_PHRASE: usize = 160;
/// Longest raw number: two zones of an MRZ are shorter.
const MAX_VALUE: usize = 128;
/// Signs of one piece of evidence.
const MAX_SIGNS: usize = 200;
/// No single sign weighs more, either way.
const MAX_WEIGHT: f32 = 30.0;
/// More digits in a row than any phrase of ours has, bounds of budgets aside.
const DIGITS: usize = 11;

/// What the frames upwards name beside formats.
const STAGES: [&str; 4] = ["picture", "text", "reader", "tesseract"];
/// Names of what one extractor takes apart, in skip records.
const PARTS: [&str; 5] = ["office", "doc", "xls", "ppt", "msg"];
const TEXT_TYPES: [&str; 3] = ["text/plain", "application/octet-stream", "image/*"];
const PICTURE_TYPES: [&str; 3] = ["image/x-jbig2", "application/pdf", "image/jp2"];

impl Customs<'_> {
    /// `None` where no worker would say so.
    pub fn check(&self, answer: Answer, file: &Locator) -> Option<Told> {
        match answer {
            Answer::Saw { at, media_type, in_name, evidence } => Some(Told::Saw {
                at: self.place(at, file)?,
                media_type: media_type_of(&media_type)?,
                in_name,
                evidence: self.evidence(*evidence)?,
            }),
            Answer::Skipped { at, skip } => Some(Told::Skipped {
                at: self.place(at, file)?,
                skip: missed(skip, self.max_memory_bytes)?,
            }),
            Answer::Ready { .. } | Answer::Done { .. } | Answer::Page { .. } | Answer::Step(_) => {
                None
            }
        }
    }

    pub(super) fn place(&self, place: Place, file: &Locator) -> Option<Locator> {
        // A member that was refused for its depth is one deeper than what is opened; names of
        // streams (`x.gz` holds `x`) and of pages count too.
        let deepest = self.limits.max_depth as usize + 4;
        if place.inside.len() > deepest || place.inside.iter().any(|n| n.len() > MAX_NAME) {
            return None;
        }
        let at = place.inside.iter().fold(file.clone(), |at, name| at.member(name));
        Some(match place.page {
            Some(page) => at.page(page),
            None => at,
        })
    }

    pub(super) fn evidence(&self, found: Found) -> Option<Evidence> {
        let most = self.limits.max_occurrences.saturating_mul(2).saturating_add(16);
        if found.subjects.len() > most
            || found.sites.len() > most
            || found.signs.len() > MAX_SIGNS
            || found.count < 1
        {
            return None;
        }
        let known = |what: &str| {
            ["iin", "document_number"].contains(&what) || self.patterns.identifier(what).is_some()
        };
        let subject = |(what, value): (String, String)| {
            let fits = known(&what) && value.len() <= MAX_VALUE && !has_control(&value);
            fits.then(|| Subject { what, value: Masked::new(value) })
        };
        let subjects: Vec<Subject> =
            found.subjects.into_iter().map(subject).collect::<Option<_>>()?;
        if found.sites.iter().any(|s| s.subject.is_some_and(|i| i >= subjects.len())) {
            return None;
        }
        let sign = |(detector, sign, weight, read_from): (String, String, f32, ReadFrom)| {
            let detector = word_of(&detect::DETECTORS, &detector)?;
            (is_phrase(&sign) && weight.abs() <= MAX_WEIGHT).then_some(Sign {
                detector,
                sign,
                weight,
                read_from,
            })
        };
        let document = match found.document {
            None => None,
            Some(hint) => Some(DocumentHint {
                kind: word_of(&TYPES, &hint.kind)?,
                side: maybe(hint.side, |s| word_of(&SIDES, s).or(word_of(&["both"], s)))?,
                issuer: maybe(hint.issuer, |s| is_issuer(s).then(|| s.to_owned()))?,
                origin: maybe(hint.origin, |s| word_of(&ORIGINS, s))?,
            }),
        };
        Some(Evidence {
            kind: found.kind,
            document,
            count: found.count,
            subjects,
            sites: found.sites,
            signs: found.signs.into_iter().map(sign).collect::<Option<_>>()?,
        })
    }
}

/// The outer `None`: there is a word, but not one of ours.
fn maybe<T>(word: Option<String>, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match word {
        None => Some(None),
        Some(word) => read(&word).map(Some),
    }
}

fn word_of(words: &[&'static str], word: &str) -> Option<&'static str> {
    words.iter().copied().find(|w| *w == word)
}

fn is_issuer(code: &str) -> bool {
    (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'<')
}

/// A phrase of the program's or of a pattern's: short, in one line, without a number that could be
/// somebody's.
pub(super) fn is_phrase(text: &str) -> bool {
    let mut run = 0;
    text.chars().count() <= MAX_PHRASE
        && !has_control(text)
        && text.bytes().all(|b| {
            run = if b.is_ascii_digit() { run + 1 } else { 0 };
            run <= DIGITS
        })
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn media_type_of(word: &str) -> Option<&'static str> {
    let formats = FORMATS.iter().map(|f| f.media_type());
    formats.chain(TEXT_TYPES).chain(PICTURE_TYPES).find(|known| *known == word)
}

/// The name of a format, or of a part of one, of which the parent need not know the name.
pub(super) fn format_of(word: &str) -> &'static str {
    let formats = FORMATS.iter().map(|f| f.name());
    formats.chain(STAGES).chain(PARTS).find(|known| *known == word).unwrap_or("content")
}

fn missed(skip: Missed, max_memory_bytes: u64) -> Option<Skip> {
    let phrase = |detail: String| is_phrase(&detail).then_some(detail.into());
    Some(match skip {
        Missed::Memory => Skip::OverBudget(Bound::MemoryBytes(max_memory_bytes)),
        Missed::Unreadable => Skip::Unreadable(io::ErrorKind::Other),
        Missed::OverBudget(bound) => Skip::OverBudget(bound),
        Missed::Damaged(format, detail) => {
            Skip::Damaged { format: format_of(&format), detail: phrase(detail)? }
        }
        Missed::Encrypted(format) => Skip::Encrypted { format: format_of(&format) },
        Missed::Unsupported(format, detail) => {
            Skip::Unsupported { format: format_of(&format), detail: phrase(detail)? }
        }
        Missed::Panicked(stage) => Skip::Panicked { stage: format_of(&stage) },
    })
}

/// Appends a frame.
pub fn put(out: &mut Vec<u8>, message: &impl Serialize) -> io::Result<()> {
    let from = out.len();
    out.extend_from_slice(&[0; HEAD]);
    serde_json::to_writer(&mut *out, message)?;
    let length = u32::try_from(out.len() - from - HEAD).map_err(io::Error::other)?;
    if let Some(head) = out.get_mut(from..from + HEAD) {
        head.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

/// The first frame in `buffer` and how much of it that takes; `Ok(None)` where it is not there in
/// full yet.
pub fn take<T: for<'de> Deserialize<'de>>(
    buffer: &[u8],
    most: usize,
) -> Result<Option<(T, usize)>, End> {
    let Some((head, rest)) = buffer.split_first_chunk::<HEAD>() else { return Ok(None) };
    let length = u32::from_le_bytes(*head) as usize;
    if length > most {
        return Err(End::Answer);
    }
    match rest.get(..length) {
        None => Ok(None),
        Some(body) => {
            let message = serde_json::from_slice(body).map_err(|_| End::Answer)?;
            Ok(Some((message, HEAD + length)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence() -> Evidence {
        Evidence {
            kind: Kind::IdDocumentCopy,
            document: Some(DocumentHint {
                kind: "id_card",
                side: Some("front"),
                issuer: Some("KAZ".into()),
                origin: Some("paper_scan"),
            }),
            count: 1,
            subjects: vec![Subject { what: "iin".into(), value: Masked::new("900101100004") }],
            sites: vec![Site { region: Some([1, 2, 3, 4]), subject: Some(0), ..Site::default() }],
            signs: vec![Sign {
                detector: "labels",
                sign: "kk:ЖЕКЕ КУӘЛІК".into(),
                weight: 3.2,
                read_from: ReadFrom::Picture,
            }],
        }
    }

    fn checked(answer: &Answer) -> Option<Told> {
        let mut bytes = Vec::new();
        put(&mut bytes, answer).unwrap();
        let (answer, taken) = take::<Answer>(&bytes, MAX_ANSWER).unwrap().unwrap();
        assert_eq!(taken, bytes.len());
        let patterns = Patterns::builtin().unwrap();
        let limits = Limits::default();
        let customs = Customs { patterns: &patterns, limits: &limits, max_memory_bytes: 1 };
        customs.check(answer, &Locator::file("/share/scan.zip"))
    }

    fn saw(evidence: &Evidence) -> Answer {
        let at = Locator::file("scan.zip").member("a.pdf").page(3);
        Answer::Saw {
            at: Place::from(&at),
            media_type: "application/pdf".into(),
            in_name: false,
            evidence: Box::new(Found::from(evidence)),
        }
    }

    #[test]
    fn what_goes_up_comes_out_the_same() {
        let Some(Told::Saw { at, media_type, in_name, evidence: told }) =
            checked(&saw(&evidence()))
        else {
            panic!("an honest answer");
        };
        assert_eq!(at, Locator::file("/share/scan.zip").member("a.pdf").page(3));
        assert_eq!((media_type, in_name), ("application/pdf", false));
        let sent = evidence();
        assert_eq!(
            (told.kind, told.document, told.count, told.subjects, told.sites, told.signs),
            (sent.kind, sent.document, sent.count, sent.subjects, sent.sites, sent.signs)
        );
    }

    #[test]
    fn what_no_worker_says_is_refused() {
        let lies: [fn(&mut Evidence); 8] = [
            |e| e.document = Some(DocumentHint { kind: "secret", ..DocumentHint::default() }),
            |e| e.signs[0].detector = "of my own",
            |e| e.signs[0].sign = "it is 900101100004".into(),
            |e| e.signs[0].sign = "two\nlines".into(),
            |e| e.signs[0].weight = 1e9,
            |e| e.signs[0].weight = f32::NAN,
            |e| e.sites[0].subject = Some(1),
            |e| e.subjects[0].what = "text of the file".into(),
        ];
        for (i, lie) in lies.into_iter().enumerate() {
            let mut evidence = evidence();
            lie(&mut evidence);
            let mut bytes = Vec::new();
            put(&mut bytes, &saw(&evidence)).unwrap();
            let refused = match take::<Answer>(&bytes, MAX_ANSWER) {
                Ok(Some((answer, _))) => checked(&answer).is_none(),
                _ => true,
            };
            assert!(refused, "lie {i}");
        }
    }

    #[test]
    fn skips_come_over_and_those_with_text_do_not() {
        let at = || Place::from(&Locator::file("x").member("y"));
        let skip = Skip::damaged("pdf", "no pages (0 of 12)");
        let told = checked(&Answer::Skipped { at: at(), skip: Missed::from(&skip) });
        assert!(matches!(told, Some(Told::Skipped { skip: s, .. }) if s == skip));
        let own = Missed::Damaged("pdf".into(), "ИИН 900101100004".into());
        assert!(checked(&Answer::Skipped { at: at(), skip: own }).is_none());
    }

    #[test]
    fn frames_that_lie_about_their_length_are_refused_or_waited_for() {
        let mut bytes = Vec::new();
        put(&mut bytes, &Answer::Done { bytes: 7 }).unwrap();
        for cut in 0..bytes.len() {
            assert!(take::<Answer>(&bytes[..cut], 100).unwrap().is_none());
        }
        assert!(take::<Answer>(&u32::MAX.to_le_bytes(), MAX_ANSWER).is_err());
        assert!(take::<Answer>(b"\x02\0\0\0{}", MAX_ANSWER).is_err());
    }

    mod any_bytes {
        use std::sync::LazyLock;

        use proptest::prelude::*;

        use super::super::*;

        static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns::builtin().unwrap());

        /// What a worker that was taken over may send: frames, and words of the protocol in any order.
        fn frame() -> impl Strategy<Value = Vec<u8>> {
            let word = prop_oneof![
                Just(r#"{"Done":{"bytes":"#.to_owned()),
                Just(r#"{"Skipped":{"at":{"inside":[],"page":null},"skip":"#.to_owned()),
                Just(r#""Unreadable""#.to_owned()),
                Just(r#"{"Damaged":["pdf","900101100004"]}"#.to_owned()),
                Just(r#"{"Damaged":["pdf","odd"]}"#.to_owned()),
                Just(r#"{"OverBudget":{"Depth":"#.to_owned()),
                Just("}}".to_owned()),
                "[0-9]{1,20}",
                "[\\[\\]{}\",:a-zA-Z0-9 ]{0,20}",
            ];
            let body = proptest::collection::vec(word, 0..8).prop_map(|words| words.concat());
            (body, any::<bool>(), any::<u32>()).prop_map(|(body, honest, lie)| {
                let length = if honest { body.len() as u32 } else { lie };
                [&length.to_le_bytes()[..], body.as_bytes()].concat()
            })
        }

        proptest! {
            #[test]
            fn no_bytes_pass_as_more_than_they_are(bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                frame(),
            ]) {
                let limits = Limits::default();
                let customs = Customs { patterns: &PATTERNS, limits: &limits, max_memory_bytes: 1 };
                if let Ok(Some((answer, taken))) = take::<Answer>(&bytes, MAX_ANSWER) {
                    prop_assert!(taken <= bytes.len());
                    if let Some(Told::Skipped { skip, .. }) = customs.check(answer, &Locator::file("x")) {
                        prop_assert!(!skip.to_string().contains("900101100004"));
                    }
                }
            }
        }
    }
}
