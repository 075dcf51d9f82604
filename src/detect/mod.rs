//! Content -> Evidence. One file a detector; a detector says what it saw, `judge/` what it means.
