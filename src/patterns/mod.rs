//! (patterns)
