//! Numbers and zones that identify a person, as pure functions of their characters.

pub mod iin;
pub mod mrz;
