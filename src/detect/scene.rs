//! One picture as the picture detectors share it: whole, at working scale, at half of that.
//!
//! The small planes are made when first asked for and only once, whoever asks: shrinking is
//! most of what a picture without anything in it costs.

use std::cell::{Cell, OnceCell, RefCell};

use super::mark::{MAX_MARKS, Mark, Told};
use super::way::Way;
use crate::flow::Picture;
use crate::pixels::{Plane, PlaneBuf};

/// Long side of the working picture. An A4 page has 11 px a character then, a passport that
/// fills a fifth of the long side of a photo 6 px, about the least that still shows a pitch.
const WORKING_SIDE_PX: usize = 1280;

pub struct Scene<'p> {
    pub picture: &'p Picture,
    plane: Plane<'p>,
    working: OnceCell<Option<PlaneBuf>>,
    half: OnceCell<Option<PlaneBuf>>,
    told: Option<RefCell<Told>>,
    /// Which way it lies, and the log-odds of what says so.
    way: Cell<Option<(f32, Way)>>,
    /// It will be looked at again the way it lies.
    may_turn: Cell<bool>,
}

/// A plane of a scene and how many pixels of the whole picture one of its pixels is wide.
#[derive(Clone, Copy)]
pub struct Scaled<'s> {
    pub plane: Plane<'s>,
    pub scale: f32,
}

impl<'p> Scene<'p> {
    /// `None` where the picture has no pixels, or not as many as it says.
    pub fn new(picture: &'p Picture) -> Option<Scene<'p>> {
        let plane = Plane::new(picture.width as usize, picture.height as usize, &picture.luma)?;
        let (working, half) = (OnceCell::new(), OnceCell::new());
        let (way, may_turn) = (Cell::new(None), Cell::new(false));
        Some(Scene { picture, plane, working, half, told: None, way, may_turn })
    }

    /// The scene of another picture, watched as this one is.
    pub(super) fn of_same_watch<'q>(&self, picture: &'q Picture) -> Option<Scene<'q>> {
        let scene = Scene::new(picture)?;
        Some(if self.told.is_some() { scene.watched() } else { scene })
    }

    /// Says which way it seems to lie, and how likely what says so is a document; the likeliest counts.
    pub(super) fn lies(&self, way: Way, log_odds: f32) {
        if self.way.get().is_none_or(|(known, _)| log_odds > known) {
            self.way.set(Some((log_odds, way)));
        }
    }

    /// Whoever looks is ready to look again at the picture laid upright.
    pub(super) fn may_turn(&self) {
        self.may_turn.set(Way::may_be_laid(self.picture));
    }

    /// Whether that is still open: nobody was sure yet.
    pub(super) fn may_yet_turn(&self) -> bool {
        self.may_turn.get()
    }

    /// For a detector that knows which way the picture lies before it has read anything: whether it may
    /// as well stop, since it will be asked again when the picture lies upright.
    pub(super) fn turns(&self, way: Way) -> bool {
        // The first who is sure decides, in whichever way the picture lies.
        if self.may_turn.replace(false) {
            self.lies(way, f32::INFINITY);
        }
        self.is_to_be_turned()
    }

    /// Whether a detector stopped because of that.
    pub(super) fn is_to_be_turned(&self) -> bool {
        self.way.get().is_some_and(|(sure, way)| sure == f32::INFINITY && !way.is_upright())
    }

    /// Which way it lies, as far as anything said so.
    pub(super) fn way(&self) -> Option<Way> {
        self.way.get().map(|(_, way)| way)
    }

    /// The same with somebody who watches: marks are kept.
    pub fn watched(self) -> Scene<'p> {
        Scene { told: Some(RefCell::default()), ..self }
    }

    /// Keeps what was looked at, if anybody watches; costs nothing otherwise.
    pub fn mark(&self, mark: impl FnOnce() -> Mark) {
        if let Some(told) = &self.told {
            let (mut told, mark) = (told.borrow_mut(), mark());
            // A place may be looked at twice.
            if told.marks.len() < MAX_MARKS && !told.marks.contains(&mark) {
                told.marks.push(mark);
            }
        }
    }

    /// Says why a detector stopped looking: `"no evenly spaced rows"`.
    pub fn tell(&self, why: &'static str) {
        if let Some(told) = &self.told {
            told.borrow_mut().why.push(why);
        }
    }

    /// Gives whoever watches this instead of what was kept.
    pub(super) fn tell_instead(&self, other: Told) {
        if let Some(told) = &self.told {
            *told.borrow_mut() = other;
        }
    }

    /// What was kept for whoever watches.
    pub fn told(&self) -> Told {
        self.told.as_ref().map(|told| told.borrow().clone()).unwrap_or_default()
    }

    /// The whole picture.
    pub fn plane(&self) -> Plane<'p> {
        self.plane
    }

    /// The picture with its long side brought down to [`WORKING_SIDE_PX`]; a smaller one as it is.
    pub fn working(&self) -> Scaled<'_> {
        let shrunk = self.working.get_or_init(|| self.plane.shrunk(WORKING_SIDE_PX));
        self.scaled(shrunk.as_ref().map_or(self.plane, PlaneBuf::plane))
    }

    /// Half of [`Scene::working`]; `None` under 2 x 2 pixels.
    pub fn half(&self) -> Option<Scaled<'_>> {
        let half = self.half.get_or_init(|| self.working().plane.halved());
        half.as_ref().map(|half| Scaled { plane: half.plane(), scale: 2.0 * self.working().scale })
    }

    fn scaled<'s>(&self, plane: Plane<'s>) -> Scaled<'s> {
        Scaled { plane, scale: self.plane.width as f32 / plane.width as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::PictureFacts;

    fn blank(width: u32, height: u32) -> Picture {
        let luma = vec![255; (width * height) as usize];
        Picture { width, height, luma, facts: PictureFacts::default() }
    }

    #[test]
    fn small_planes_say_how_small_they_are() {
        let picture = blank(2560, 1000);
        let scene = Scene::new(&picture).unwrap();
        let (working, half) = (scene.working(), scene.half().unwrap());
        assert_eq!((working.plane.width, working.plane.height), (1280, 500));
        assert_eq!((working.scale, half.scale), (2.0, 4.0));
        assert_eq!((half.plane.width, half.plane.height), (640, 250));
    }

    #[test]
    fn a_small_picture_is_its_own_working_plane() {
        let picture = blank(300, 1);
        let scene = Scene::new(&picture).unwrap();
        assert_eq!((scene.working().plane.width, scene.working().scale), (300, 1.0));
        assert!(scene.half().is_none());
    }

    #[test]
    fn marks_are_made_for_those_who_watch() {
        let picture = blank(300, 100);
        let mark = || Mark::upright(super::super::MarkKind::Line, [1, 2, 30, 4], "read");
        let scene = Scene::new(&picture).unwrap();
        scene.mark(|| unreachable!("nobody watches"));
        assert!(scene.told().marks.is_empty());
        let scene = scene.watched();
        scene.mark(mark);
        scene.tell("enough");
        assert_eq!((scene.told().marks, scene.told().why), (vec![mark()], vec!["enough"]));
    }

    #[test]
    fn a_picture_short_of_pixels_is_no_scene() {
        let picture = Picture { luma: vec![0; 7], ..blank(90, 90) };
        assert!(Scene::new(&picture).is_none());
    }
}
