//! Pure rules of numbers and documents: no files, no clock, no log, no globals.

pub mod check;
pub mod iin;
