//! Content -> Evidence. One file a detector; a detector says what it saw, `judge/` what it means.

mod mrz_picture;

use crate::flow::{Evidence, Picture};

/// Looks at a decoded picture.
pub trait PictureDetector: Sync {
    /// Short and stable, as in the evidence of a finding: `"mrz"`.
    fn name(&self) -> &'static str;

    /// Adds what it sees. Says nothing where there is nothing; never fails.
    fn look(&self, picture: &Picture, out: &mut Vec<Evidence>);
}

/// Every picture detector.
pub static PICTURES: &[&dyn PictureDetector] = &[&mrz_picture::MrzPicture];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_picture_detectors_are_unique() {
        for (i, a) in PICTURES.iter().enumerate() {
            assert!(PICTURES.iter().skip(i + 1).all(|b| a.name() != b.name()));
        }
    }
}
