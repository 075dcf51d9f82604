//! What picture detectors looked at on the way, for a person who asks why: lines, frames, zones.
//!
//! Marks are no evidence and carry nothing that was read.

use crate::pixels::{Axis, Row};

/// One place that was looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    pub kind: MarkKind,
    /// Corners in pixels of the whole picture, in order around the place; from the first to the
    /// second runs the direction of reading.
    pub corners: [[f32; 2]; 4],
    /// What came of it: `"read"`, `"no text"`. The same few words for the same thing: they are counted.
    pub note: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// A line of text.
    Line,
    /// A row of what may be a machine readable zone.
    Zone,
    /// The outline of a document.
    Frame,
    /// A place that looks like the portrait of a document.
    Portrait,
}

impl Mark {
    /// An upright box, x, y, width, height.
    pub fn upright(kind: MarkKind, [x, y, w, h]: [u32; 4], note: &'static str) -> Mark {
        let (x, y, w, h) = (x as f32, y as f32, w as f32, h as f32);
        Mark { kind, corners: [[x, y], [x + w, y], [x + w, y + h], [x, y + h]], note }
    }

    /// A row in pixels of the whole picture, with this much on either side of its middle line.
    pub fn row(kind: MarkKind, row: &Row, half: f32, note: &'static str) -> Mark {
        let corners = [(row.from, -half), (row.to, -half), (row.to, half), (row.from, half)];
        let place = |(u, across): (f32, f32)| {
            let v = row.v(u) + across;
            if row.axis == Axis::X { [u, v] } else { [v, u] }
        };
        Mark { kind, corners: corners.map(place), note }
    }
}

/// What a detector tells of one picture when somebody watches.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub marks: Vec<Mark>,
    /// Why the look ended where it did, in the order of the detectors.
    pub why: Vec<&'static str>,
}

/// More would only blacken the picture.
pub(super) const MAX_MARKS: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_marked_along_its_axis() {
        let row = |axis| Row {
            axis,
            from: 10.0,
            to: 90.0,
            curve: [50.0, 0.5, 0.0],
            height: 8.0,
            energy: 9.0,
        };
        let level = Mark::row(MarkKind::Line, &row(Axis::X), 6.0, "read").corners;
        assert_eq!(level, [[10.0, 24.0], [90.0, 64.0], [90.0, 76.0], [10.0, 36.0]]);
        let upright = Mark::row(MarkKind::Line, &row(Axis::Y), 6.0, "read").corners;
        assert_eq!(upright, level.map(|[x, y]| [y, x]));
    }
}
