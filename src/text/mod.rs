//! Text as people and detectors see it.

pub mod visible;
