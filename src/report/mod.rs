//! What a person looks at.
//!
//! For now one thing: a picture with what was seen in it drawn over it ([`Sketch`]). Unless the
//! person says otherwise on a terminal, what lies under the drawing cannot be read or recognised
//! ([`veil`]).

mod canvas;
mod sketch;
mod veil;

pub use sketch::{Base, Sketch};
