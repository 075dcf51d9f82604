//! Lines out of the outbox -> a receiver that says how far it is durable with them.
//!
//! ```text
//! outbox --batch--> deliver --Ok(n)----> the first n are with the receiver: the cursor moves past them
//!                          --Later-----> nothing is said of any of them: wait, then the same again
//!                          --Never-----> this one parcel goes to the dead letters, the rest comes again
//! ```
//! A sink takes parcels in their order. One that fails in the middle of a batch acknowledges those before it first and
//! refuses when it is asked again, so that a refusal never hides an acknowledgement. What was taken and not
//! acknowledged is delivered again: a repeat has the same id and does no harm, a gap would.

mod journald;
mod jsonl_file;
mod lines;
mod stdout;

use std::time::Duration;

pub use journald::Journald;
pub use jsonl_file::{JsonlFile, Rotation};
pub use stdout::Stdout;

/// One delivered record: its sequence number in the outbox, and the line (JSON, no newline).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parcel<'a> {
    pub seq: u64,
    pub line: &'a str,
}

/// Why a sink took nothing of a batch. Reasons name no data of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Not now; after this time, where the receiver named one.
    Later(String, Option<Duration>),
    /// This one parcel, now or ever: a dead letter.
    Never { seq: u64, reason: String },
}

/// A receiver that acknowledges.
pub trait Acknowledging: Send {
    /// As the configuration names it.
    fn name(&self) -> &str;

    /// After `Ok(n)` the first `n` are durable with the receiver; `n` may be less than the batch and is 0 for an
    /// empty batch only.
    fn deliver(&mut self, batch: &[Parcel<'_>]) -> Result<usize, Refusal>;

    /// The files and connections are opened anew (SIGHUP).
    fn reopen(&mut self) {}
}
