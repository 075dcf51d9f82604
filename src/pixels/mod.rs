//! (pixels)
