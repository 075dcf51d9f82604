//! (reader)
