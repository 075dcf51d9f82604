//! A hint at a row: is it one of a machine readable zone, and which way is it turned.
//!
//! The smallest network on the smallest strips: the line reader takes a hundred times as long to
//! find that there is nothing to read.

use super::answers;
use super::net::Net;
use crate::pixels::Strip;

pub const HINT_WIDTH: usize = 96;
pub const HINT_HEIGHT: usize = 16;
/// As stored, upside down, mirrored either way, nothing.
pub const HINT_CLASSES: usize = 5;

/// Probabilities of what a strip of [`HINT_WIDTH`] x [`HINT_HEIGHT`] is; `None` of another size.
pub fn hint(strip: &Strip) -> Option<[f32; HINT_CLASSES]> {
    let strips = std::slice::from_ref(strip);
    let fits = strip.width == HINT_WIDTH;
    let (_, logs) =
        fits.then(|| answers(Net::Hint, HINT_HEIGHT, strips, |_| HINT_CLASSES)).flatten()?;
    Some(logs.first_chunk::<HINT_CLASSES>()?.map(f32::exp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_paper_is_no_zone() {
        let blank =
            |width| Strip { width, height: HINT_HEIGHT, data: vec![200.0; width * HINT_HEIGHT] };
        assert!(hint(&blank(HINT_WIDTH)).unwrap()[HINT_CLASSES - 1] > 0.9);
        assert!(hint(&blank(HINT_WIDTH - 4)).is_none());
    }
}
