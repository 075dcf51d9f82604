//! Runs everything.
