//! What happened to one candidate, step by step: the stuff of `iinspect explain`.

use crate::detect::Told;
use crate::error::Skip;
use crate::flow::{Evidence, Locator, Picture};
use crate::text::encoding::Verdict;

/// One step. Borrowed, so that nobody pays for it who does not look.
pub enum Step<'a> {
    /// A container or picture was recognised and opened.
    Opened { at: &'a Locator, format: &'static str, bytes: u64 },
    /// A text was read.
    Text { at: &'a Locator, verdict: Verdict, table: Option<u8>, bytes: u64 },
    /// A picture is about to be looked at.
    Picture { at: &'a Locator, picture: &'a Picture },
    /// It was looked at: what was seen on the way, and what came of it.
    Looked { at: &'a Locator, picture: &'a Picture, told: &'a Told, evidence: &'a [Evidence] },
    /// The name of a file, folder or member was looked at.
    Name { at: &'a Locator },
    /// A detector saw something, in a content of this type or in its name.
    Saw { at: &'a Locator, media_type: &'static str, in_name: bool, evidence: &'a Evidence },
    /// Something was not read.
    Skipped { at: &'a Locator, skip: &'a Skip },
}

/// Takes the steps.
pub trait Trace: Sync {
    fn step(&self, step: Step<'_>);

    /// Whether [`Step::Looked`] is worth its cost.
    fn watches_pictures(&self) -> bool {
        false
    }
}

/// Nobody looks.
pub struct Silent;

impl Trace for Silent {
    fn step(&self, _: Step<'_>) {}
}
