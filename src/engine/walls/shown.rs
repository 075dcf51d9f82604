//! The steps of a worker for a person who watches one file (`explain`): what was opened, read,
//! looked at, and the picture that is drawn over.
//!
//! Only this way brings pixels up, and words that are not in the parent's own lists: it goes to a
//! terminal, escaped, and to a picture that is veiled, never to a record.

use std::collections::BTreeSet;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::wire::{Customs, Found, Place, format_of, is_phrase};
use crate::detect::{Mark, MarkKind, Told};
use crate::engine::{Step, Trace};
use crate::flow::{Evidence, Locator, Picture, PictureFacts};
use crate::text::Encoding;
use crate::text::encoding::Verdict;

/// How much of its steps a worker tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Watch {
    Nothing,
    Steps,
    /// The pixels of pictures too.
    Pixels,
}

/// One step.
#[derive(Debug, Serialize, Deserialize)]
pub enum Shown {
    Opened { at: Place, format: String, bytes: u64 },
    Text { at: Place, encoding: String, why: String, table: Option<u8>, bytes: u64 },
    Picture { at: Place, picture: Shape },
    Looked { at: Place, picture: Shape, marks: Vec<Spot>, why: Vec<String>, evidence: Vec<Found> },
    Name { at: Place },
}

/// A picture and what its file says of it, as far as it is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Shape {
    width: u32,
    height: u32,
    format: String,
    dpi: Option<(f32, f32)>,
    bilevel: bool,
    channels: u8,
    orientation: Option<u8>,
    camera: bool,
    full_page: bool,
    /// Base64; empty where they are not asked for.
    pixels: String,
}

impl Shape {
    fn of(picture: &Picture, with_pixels: bool) -> Shape {
        let facts = &picture.facts;
        Shape {
            width: picture.width,
            height: picture.height,
            format: facts.format.into(),
            dpi: facts.dpi,
            bilevel: facts.bilevel,
            channels: facts.channels,
            orientation: facts.orientation,
            camera: facts.camera,
            full_page: facts.full_page,
            pixels: if with_pixels { STANDARD.encode(&picture.luma) } else { String::new() },
        }
    }

    fn picture(self) -> Option<Picture> {
        let luma = STANDARD.decode(&self.pixels).ok()?; // no picture, then
        let size = u64::from(self.width) * u64::from(self.height);
        if !luma.is_empty() && luma.len() as u64 != size {
            return None;
        }
        let facts = PictureFacts {
            format: word(&self.format)?,
            dpi: self.dpi,
            bilevel: self.bilevel,
            channels: self.channels,
            orientation: self.orientation,
            camera: self.camera,
            full_page: self.full_page,
            ..PictureFacts::default()
        };
        Some(Picture { width: self.width, height: self.height, luma, facts })
    }
}

/// A [`Mark`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Spot {
    kind: u8,
    corners: [[f32; 2]; 4],
    note: String,
}

const KINDS: [MarkKind; 4] = [MarkKind::Line, MarkKind::Zone, MarkKind::Frame, MarkKind::Portrait];

const ENCODINGS: [Encoding; 9] = [
    Encoding::Ascii,
    Encoding::Utf8,
    Encoding::Utf16Le,
    Encoding::Utf16Be,
    Encoding::Windows1251,
    Encoding::Kz1048,
    Encoding::Ibm866,
    Encoding::Koi8R,
    Encoding::Binary,
];

impl Shown {
    /// What a worker tells of a step, if it is asked for this much.
    pub fn of(step: &Step<'_>, watch: Watch) -> Option<Shown> {
        if watch == Watch::Nothing {
            return None;
        }
        let pixels = watch == Watch::Pixels;
        Some(match step {
            Step::Opened { at, format, bytes } => {
                Shown::Opened { at: Place::from(*at), format: (*format).into(), bytes: *bytes }
            }
            Step::Text { at, verdict, table, bytes } => Shown::Text {
                at: Place::from(*at),
                encoding: verdict.encoding.name().into(),
                why: verdict.why.into(),
                table: *table,
                bytes: *bytes,
            },
            Step::Picture { at, picture } => {
                Shown::Picture { at: Place::from(*at), picture: Shape::of(picture, false) }
            }
            Step::Looked { at, picture, told, evidence } => Shown::Looked {
                at: Place::from(*at),
                picture: Shape::of(picture, pixels),
                marks: told.marks.iter().map(spot).collect(),
                why: told.why.iter().map(|why| (*why).into()).collect(),
                evidence: evidence.iter().map(Found::from).collect(),
            },
            Step::Name { at } => Shown::Name { at: Place::from(*at) },
            // Told anyway.
            Step::Saw { .. } | Step::Skipped { .. } => return None,
        })
    }

    /// Takes the step again on this side. `None` where it is none that a worker takes.
    pub fn replay(self, customs: &Customs<'_>, file: &Locator, trace: &dyn Trace) -> Option<()> {
        match self {
            Shown::Opened { at, format, bytes } => {
                let at = customs.place(at, file)?;
                trace.step(Step::Opened { at: &at, format: format_of(&format), bytes });
            }
            Shown::Text { at, encoding, why, table, bytes } => {
                let at = customs.place(at, file)?;
                let encoding = ENCODINGS.into_iter().find(|e| e.name() == encoding)?;
                let verdict = Verdict { encoding, why: word(&why)? };
                trace.step(Step::Text { at: &at, verdict, table, bytes });
            }
            Shown::Picture { at, picture } => {
                let at = customs.place(at, file)?;
                trace.step(Step::Picture { at: &at, picture: &picture.picture()? });
            }
            Shown::Looked { at, picture, marks, why, evidence } => {
                let at = customs.place(at, file)?;
                let told = Told {
                    marks: marks.into_iter().map(mark).collect::<Option<_>>()?,
                    why: why.iter().map(|why| word(why)).collect::<Option<_>>()?,
                };
                let evidence: Vec<Evidence> =
                    evidence.into_iter().map(|e| customs.evidence(e)).collect::<Option<_>>()?;
                let picture = picture.picture()?;
                let (picture, told, evidence) = (&picture, &told, evidence.as_slice());
                trace.step(Step::Looked { at: &at, picture, told, evidence });
            }
            Shown::Name { at } => trace.step(Step::Name { at: &customs.place(at, file)? }),
        }
        Some(())
    }
}

fn spot(mark: &Mark) -> Spot {
    let kind = KINDS.iter().position(|kind| *kind == mark.kind).unwrap_or_default();
    Spot { kind: kind as u8, corners: mark.corners, note: mark.note.into() }
}

fn mark(spot: Spot) -> Option<Mark> {
    let kind = *KINDS.get(usize::from(spot.kind))?;
    Some(Mark { kind, corners: spot.corners, note: word(&spot.note)? })
}

/// Different words that a run of `explain` takes.
const MAX_WORDS: usize = 1000;

/// The same word, kept for the rest of the run: there are few, each many times.
fn word(text: &str) -> Option<&'static str> {
    static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut words = WORDS.lock().unwrap_or_else(|broken| broken.into_inner());
    if let Some(known) = words.get(text) {
        return Some(known);
    }
    if !is_phrase(text) || words.len() >= MAX_WORDS {
        return None;
    }
    let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
    words.insert(kept);
    Some(kept)
}
