//! Records -> outside. One file a sink; one thread owns it and the workers reach it over a bounded
//! channel, so a slow sink slows the scan and loses nothing.

mod delivery;
mod human;
mod json_lines;

use std::io;

use crate::flow::Record;

pub use delivery::{Acknowledging, Journald, JsonlFile, Parcel, Refusal, Rotation, Stdout};
pub use human::Human;
pub use json_lines::JsonLines;

/// Takes records. After `flush` returns `Ok`, all that was accepted is with the operating system.
pub trait Sink: Send {
    fn accept(&mut self, record: &Record) -> io::Result<()>;
    fn flush(&mut self) -> io::Result<()>;
}
