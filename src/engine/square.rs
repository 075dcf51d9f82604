//! Pictures whose pixels are not square: faxes of standard resolution have twice as many dots
//! along a line as lines, and letters in them look half as high as they are.

use crate::flow::{Evidence, Picture};

/// A picture made square by repeating its rows or columns, and how often each was.
pub(super) struct Square {
    pub picture: Picture,
    columns: u32,
    rows: u32,
}

/// Resolutions that differ by less are rounding or a driver's mistake; by more, nonsense.
const RATIOS: std::ops::RangeInclusive<f32> = 1.5..=4.5;

impl Square {
    /// `None` where the pixels are square, as far as is told, or the picture would be larger than
    /// `max_pixels`.
    pub fn of(picture: &Picture, max_pixels: u64) -> Option<Square> {
        let (x, y) = picture.facts.dpi?;
        let (columns, rows) = if RATIOS.contains(&(x / y)) {
            (1, (x / y).round() as u32)
        } else if RATIOS.contains(&(y / x)) {
            ((y / x).round() as u32, 1)
        } else {
            return None;
        };
        let (width, height) =
            (picture.width.checked_mul(columns)?, picture.height.checked_mul(rows)?);
        if u64::from(width) * u64::from(height) > max_pixels || picture.width == 0 {
            return None;
        }
        let mut luma = Vec::with_capacity(width as usize * height as usize);
        for row in picture.luma.chunks(picture.width as usize) {
            for _ in 0..rows {
                luma.extend(row.iter().flat_map(|&px| std::iter::repeat_n(px, columns as usize)));
            }
        }
        let mut facts = picture.facts.clone();
        facts.dpi = Some((x * columns as f32, y * rows as f32));
        Some(Square { picture: Picture { width, height, luma, facts }, columns, rows })
    }

    /// Brings regions back to pixels of the picture as stored.
    pub fn place(&self, evidence: &mut [Evidence]) {
        let regions =
            evidence.iter_mut().flat_map(|e| &mut e.sites).filter_map(|s| s.region.as_mut());
        for [x, y, width, height] in regions {
            (*x, *width) = (*x / self.columns, width.div_ceil(self.columns));
            (*y, *height) = (*y / self.rows, height.div_ceil(self.rows));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Kind, PictureFacts, Site};

    fn picture(dpi: Option<(f32, f32)>) -> Picture {
        let facts = PictureFacts { dpi, ..PictureFacts::default() };
        Picture { width: 3, height: 2, luma: vec![1, 2, 3, 4, 5, 6], facts }
    }

    #[test]
    fn rows_of_a_fax_are_repeated_and_places_brought_back() {
        let square = Square::of(&picture(Some((204.0, 98.0))), 1000).unwrap();
        assert_eq!((square.picture.width, square.picture.height), (3, 4));
        assert_eq!(square.picture.luma, [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
        let site = Site { region: Some([1, 2, 2, 2]), ..Site::default() };
        let mut evidence = [Evidence {
            kind: Kind::Iin,
            document: None,
            count: 1,
            subjects: vec![],
            sites: vec![site],
            signs: vec![],
        }];
        square.place(&mut evidence);
        assert_eq!(evidence[0].sites[0].region, Some([1, 1, 2, 1]));
    }

    #[test]
    fn square_pixels_and_nonsense_stay() {
        for dpi in [None, Some((300.0, 300.0)), Some((204.0, 196.0)), Some((10_000.0, 1.0))] {
            assert!(Square::of(&picture(dpi), 1000).is_none(), "{dpi:?}");
        }
        assert!(Square::of(&picture(Some((204.0, 98.0))), 11).is_none());
    }
}
