//! Numbers and machine readable zones. Pure: no files, clock, log or globals.

pub mod check;
pub mod iin;
pub mod mrz;
