//! What happened to one candidate, step by step: the stuff of `iinspect explain`.

use crate::error::Skip;
use crate::flow::{Evidence, Locator};
use crate::text::encoding::Verdict;

/// One step. Borrowed, so that nobody pays for it who does not look.
#[derive(Debug)]
pub enum Step<'a> {
    /// A container or picture was recognised and opened.
    Opened { at: &'a Locator, format: &'static str, bytes: u64 },
    /// A text was read.
    Text { at: &'a Locator, verdict: Verdict, table: Option<u8>, bytes: u64 },
    /// A picture was looked at.
    Picture { at: &'a Locator, width: u32, height: u32, format: &'static str },
    /// The name of a file, folder or member was looked at.
    Name { at: &'a Locator },
    /// A detector saw something.
    Saw { at: &'a Locator, evidence: &'a Evidence },
    /// Something was not read.
    Skipped { at: &'a Locator, skip: &'a Skip },
}

/// Takes the steps.
pub trait Trace: Sync {
    fn step(&self, step: Step<'_>);
}

/// Nobody looks.
pub struct Silent;

impl Trace for Silent {
    fn step(&self, _: Step<'_>) {}
}
