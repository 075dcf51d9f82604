//! Text as the detectors see it: encodings, digit runs, labels, tables, windows.

pub mod digits;
pub mod encoding;
pub mod fold;
pub mod labels;
pub mod prefilter;
pub mod schema;
mod simd;
pub mod table;
pub mod tuples;
pub mod visible;
pub mod window;

pub use encoding::Encoding;
pub use window::Window;
