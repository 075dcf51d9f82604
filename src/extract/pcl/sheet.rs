//! A page's pixels: printers get them in bands and tiles, which are painted on one sheet again. In one
//! band no document is recognised.

use crate::error::Skip;
use crate::extract::luma::{self, Held};
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

/// Resolutions on one page; a printer has one, pictures that it scales have others.
const MAX_SHEETS: usize = 32;

/// A piece of a page, in dots of its own resolution from the corner of the page.
pub(super) struct Tile {
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) width: u32,
    pub(super) luma: Vec<u8>,
}

impl Tile {
    fn height(&self) -> i64 {
        self.luma.len().checked_div(self.width as usize).unwrap_or(0) as i64
    }
}

struct Sheet {
    dpi: u32,
    bilevel: bool,
    colours: u8,
    tiles: Vec<Tile>,
}

#[derive(Default)]
pub(super) struct Sheets {
    sheets: Vec<Sheet>,
    held: u64,
}

impl Sheets {
    pub(super) fn is_empty(&self) -> bool {
        self.sheets.is_empty()
    }

    /// Puts a piece where it belongs. `held` together they may be no more than one picture.
    pub(super) fn add(
        &mut self,
        tile: Tile,
        dpi: u32,
        bilevel: bool,
        colours: u8,
        budget: &Budget,
    ) -> Result<(), Skip> {
        if tile.width == 0 || tile.luma.is_empty() {
            return Ok(());
        }
        self.held = self.held.saturating_add(tile.luma.len() as u64);
        budget.pixels(self.held, 1)?;
        let known = self.sheets.len() == MAX_SHEETS;
        match self.sheets.iter_mut().find(|sheet| sheet.dpi == dpi || known) {
            Some(sheet) => {
                sheet.bilevel &= bilevel;
                sheet.colours = sheet.colours.max(colours);
                sheet.tiles.push(tile);
            }
            None => self.sheets.push(Sheet { dpi, bilevel, colours, tiles: vec![tile] }),
        }
        Ok(())
    }

    pub(super) fn push(
        self,
        at: &Locator,
        budget: &Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let mut held = Held::default();
        for sheet in self.sheets {
            let picture = sheet.painted(budget)?;
            held.add(&picture, budget)?;
            out.push(Content::Picture { at: at.clone(), picture });
        }
        Ok(())
    }
}

impl Sheet {
    fn painted(self, budget: &Budget) -> Result<Picture, Skip> {
        let too_far = || Skip::damaged(super::FORMAT, "pixels beside the page");
        let left = self.tiles.iter().map(|tile| tile.left).min().unwrap_or(0);
        let top = self.tiles.iter().map(|tile| tile.top).min().unwrap_or(0);
        let right = self.tiles.iter().map(|tile| tile.left.saturating_add(tile.width.into())).max();
        let bottom = self.tiles.iter().map(|tile| tile.top.saturating_add(tile.height())).max();
        let side = |far: Option<i64>, near: i64| {
            u32::try_from(far.unwrap_or(0).saturating_sub(near)).map_err(|_| too_far())
        };
        let (width, height) = (side(right, left)?, side(bottom, top)?);
        let len = luma::reserve(width, height, 1, super::FORMAT, budget)?;
        let mut plane = vec![255u8; len];
        for tile in &self.tiles {
            let x = usize::try_from(tile.left.saturating_sub(left)).map_err(|_| too_far())?;
            let y = usize::try_from(tile.top.saturating_sub(top)).map_err(|_| too_far())?;
            let rows = plane.chunks_exact_mut(width as usize).skip(y);
            for (to, from) in rows.zip(tile.luma.chunks_exact(tile.width as usize)) {
                // Ink on ink: what is darker stays.
                for (to, from) in to.iter_mut().skip(x).zip(from) {
                    *to = (*to).min(*from);
                }
            }
        }
        let dpi = (self.dpi > 0).then_some((self.dpi as f32, self.dpi as f32));
        let facts = PictureFacts {
            format: super::FORMAT,
            dpi,
            bilevel: self.bilevel,
            channels: self.colours,
            ..PictureFacts::default()
        };
        Ok(Picture { width, height, luma: plane, facts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn tiles_are_painted_where_they_belong() {
        let budget = Budget::new(&Limits::default(), 100);
        let mut sheets = Sheets::default();
        for (left, top, luma) in [(10, 5, vec![0; 4]), (12, 5, vec![7; 2]), (10, 7, vec![9; 2])] {
            sheets.add(Tile { left, top, width: 2, luma }, 300, true, 1, &budget).unwrap();
        }
        let mut out = Vec::new();
        sheets.push(&Locator::file("x"), &budget, &mut out).unwrap();
        let [Content::Picture { picture, .. }] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!((picture.width, picture.height), (4, 3));
        assert_eq!(picture.luma, [0, 0, 7, 7, 0, 0, 255, 255, 9, 9, 255, 255]);
    }

    #[test]
    fn tiles_that_lie_miles_apart_are_refused() {
        let budget = Budget::new(&Limits::default(), 100);
        let mut sheets = Sheets::default();
        for left in [i64::MIN, 0, i64::MAX] {
            let tile = Tile { left, top: left, width: 1, luma: vec![0] };
            sheets.add(tile, 300, true, 1, &budget).unwrap();
        }
        assert!(sheets.push(&Locator::file("x"), &budget, &mut Vec::new()).is_err());
    }
}
