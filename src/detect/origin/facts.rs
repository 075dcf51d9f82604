//! The facts, with what each says for every origin. Weights are natural log-odds: chosen by what is
//! known of the devices, set against four sets of some 700 labelled pictures (by `training/pages.py`
//! and its like), and kept rough, so that no set has tuned them and no fact stands against three.
//!
//! What a file says of itself is strong where it says anything; its absence is no evidence, since
//! messengers, mail and archives strip it.

use super::sizes;
use super::{Fact, Seen, ramp, yes};
use crate::flow::Maker;
use crate::pixels::Askew;

/// Between these qualities a JPEG goes from making flat runs of its own to keeping what there was.
const COARSE_TO_FINE: (f32, f32) = (30.0, 80.0);

/// What is taken for the quality where a picture was compressed and does not say how far.
const UNKNOWN_QUALITY: f32 = 50.0;
/// Edges of blocks from here on: on 650 labelled pictures, none that was never compressed had over 0.05,
/// nineteen in twenty of those that were had over 0.1.
const COMPRESSED: f32 = 0.1;
/// Edges of print of optics and of a renderer: nine in ten scans and photos are under 0.7, nine in ten
/// drawn pictures over it.
const OPTICS: (f32, f32) = (0.6, 0.45);
const RENDERER: (f32, f32) = (0.61, 0.73);

/// From the first of these shares of the picture on, the edges are those of the document, not of what it
/// lies on.
const FILLED: (f32, f32) = (0.5, 0.8);

/// How far flat runs are the picture's own and not the doing of coarse compression, 0.4..=1.
fn fine(s: &Seen) -> f32 {
    let (from, to) = COARSE_TO_FINE;
    let quality = match s.facts.jpeg {
        Some(jpeg) => f32::from(jpeg.quality),
        None if is_compressed(s) => UNKNOWN_QUALITY,
        None => to,
    };
    0.4 + 0.6 * ramp(quality, from, to)
}

/// The picture was compressed with loss, whatever it is stored as now.
fn is_compressed(s: &Seen) -> bool {
    s.page.block_grid >= COMPRESSED && !is_bilevel(s)
}

/// Surfaces of exactly one grey. A scan squeezed hard has flat runs too, but of neighbouring greys.
fn painted(s: &Seen) -> f32 {
    ramp(s.page.grey_runs, 0.02, 0.1) * ramp(s.page.pure, 0.6, 0.95) * fine(s)
}

fn is_bilevel(s: &Seen) -> bool {
    s.facts.bilevel || s.page.two_greys
}

/// 1 where there is a scale of greys to look at.
fn grey_scale(s: &Seen) -> f32 {
    yes(!is_bilevel(s))
}

/// Share of mid-tones in all that is not paper, in the document. On the tuning sets nine photocopies
/// of ten were under 0.72 and nine scans of ten over 0.57.
fn greyness(s: &Seen) -> f32 {
    s.document.between / (s.document.dark + s.document.between).max(1e-4)
}

/// What is said of ink holds half where the document's place is not known: a page has other ink.
fn placed(s: &Seen) -> f32 {
    if s.placed { 1.0 } else { 0.5 }
}

fn is_stored_without_loss(s: &Seen) -> bool {
    matches!(s.facts.format, "png" | "bmp" | "gif")
}

fn lossless(s: &Seen) -> bool {
    is_stored_without_loss(s) && !is_compressed(s)
}

/// Rows of print have one slope, not as many as there are tries.
fn clear(a: Askew) -> f32 {
    ramp(a.clear, 0.3, 0.8)
}

pub(super) static FACTS: &[Fact] = &[
    // What the file says. A picture may have been put into a document that a scanner began.
    Fact {
        sign: "maker_scanner",
        weights: [1.0, 1.5, -1.0, -1.5, -0.5],
        strength: |s| yes(s.facts.maker == Maker::Scanner),
    },
    Fact {
        sign: "maker_scan_app",
        weights: [-0.5, 0.0, 2.0, -1.0, -0.5],
        strength: |s| yes(s.facts.maker == Maker::ScanApp),
    },
    Fact {
        sign: "maker_screenshot",
        weights: [-1.0, -1.0, -1.0, 5.0, -1.0],
        strength: |s| yes(s.facts.maker == Maker::Screenshot),
    },
    // A page painted from text and curves; a picture that was put into such a document says nothing.
    Fact {
        sign: "page_of_office_document",
        weights: [-0.5, -0.5, -0.5, 0.0, 2.5],
        strength: |s| {
            let typed = matches!(s.facts.maker, Maker::Office | Maker::Browser);
            yes(typed && s.facts.format == "pdf-page")
        },
    },
    Fact {
        sign: "camera_exposure",
        weights: [-1.0, -1.0, 4.0, -1.0, -1.0],
        strength: |s| yes(s.facts.exposed),
    },
    // Scanners write make and model too, but then mostly a word that is known.
    Fact {
        sign: "camera_exif",
        weights: [-0.5, 0.0, 2.0, -0.5, -1.0],
        strength: |s| yes(s.facts.camera && !s.facts.exposed && s.facts.maker != Maker::Scanner),
    },
    Fact {
        sign: "fax_coded",
        weights: [1.0, 1.0, -2.0, -2.0, -0.5],
        strength: |s| yes(s.facts.fax_coded),
    },
    // Scanners that were told to, copiers, and faxes, which have a size of their own.
    Fact {
        sign: "bilevel",
        weights: [2.5, 3.0, -2.5, -2.0, -0.5],
        strength: |s| yes(is_bilevel(s)),
    },
    Fact {
        sign: "fax_size",
        weights: [3.0, 0.0, -1.0, -1.0, -0.5],
        strength: |s| yes(is_bilevel(s) && sizes::is_fax(s.width, s.height, s.facts.dpi)),
    },
    // What goes through optics twice has edges without the noise of the first time.
    Fact {
        sign: "smooth_contours",
        weights: [1.2, -0.6, 0.0, 0.0, 0.0],
        strength: |s| yes(is_bilevel(s)) * ramp(s.page.repeated_rows, 0.008, 0.04),
    },
    Fact {
        sign: "dithered",
        weights: [-0.5, 0.5, 0.0, 0.0, 0.0],
        strength: |s| yes(is_bilevel(s)) * ramp(s.document.specks, 2.0, 20.0),
    },
    Fact {
        sign: "scan_resolution",
        weights: [0.7, 1.0, -1.0, -1.0, 0.3],
        strength: |s| yes(sizes::is_scan_dpi(s.facts.dpi)),
    },
    Fact {
        sign: "page_size_tagged",
        weights: [0.5, 1.0, -1.0, -1.0, 0.3],
        strength: |s| yes(sizes::is_tagged_sheet(s.width, s.height, s.facts.dpi)),
    },
    Fact {
        sign: "page_ratio",
        weights: [0.8, 1.0, -0.9, -1.2, 0.7],
        strength: |s| yes(sizes::is_sheet(s.width, s.height)),
    },
    Fact {
        sign: "sensor_size",
        weights: [-0.5, -0.5, 1.5, -0.5, -0.5],
        strength: |s| yes(sizes::is_sensor(s.width, s.height)),
    },
    Fact {
        sign: "messenger_size",
        weights: [-0.5, -0.5, 1.0, 0.2, -0.5],
        strength: |s| yes(s.facts.format == "jpeg" && sizes::is_messenger(s.width, s.height)),
    },
    // Some screens have the proportions of photos: see `sizes`.
    Fact {
        sign: "screen_size",
        weights: [-1.0, -1.0, -0.5, 3.0, -1.0],
        strength: |s| sizes::screen(s.width, s.height),
    },
    Fact {
        sign: "screen_ratio",
        weights: [-0.5, -0.5, -0.3, 1.0, 0.3],
        strength: |s| yes(sizes::is_tall(s.width, s.height)),
    },
    // A PNG that was a JPEG before was no drawing and no screen, most likely.
    Fact {
        sign: "block_grid",
        weights: [0.3, 0.3, 0.3, 0.0, -0.5],
        strength: |s| yes(is_stored_without_loss(s) && is_compressed(s)),
    },
    Fact {
        sign: "steep_edges",
        weights: [0.0, -0.8, -0.9, 0.5, 1.8],
        strength: |s| grey_scale(s) * ramp(s.page.sharpness, RENDERER.0, RENDERER.1),
    },
    Fact {
        sign: "soft_edges",
        weights: [0.2, 0.6, 0.3, 0.0, -1.3],
        strength: |s| grey_scale(s) * ramp(s.page.sharpness, OPTICS.0, OPTICS.1),
    },
    // Cameras and messengers write JPEG.
    Fact { sign: "lossless", weights: [0.0, 0.0, -1.0, 0.5, 0.7], strength: |s| yes(lossless(s)) },
    // Copiers store grey; scanners do where they are told to.
    Fact {
        sign: "grey",
        weights: [1.0, 0.4, -1.5, -1.0, -0.7],
        strength: |s| {
            let grey = s.facts.channels == 1 || s.facts.saturation.is_some_and(|v| v <= 8);
            grey_scale(s) * yes(grey)
        },
    },
    Fact {
        sign: "colour",
        weights: [-2.0, 0.5, 0.3, -0.3, 0.5],
        strength: |s| ramp(s.facts.saturation.map_or(0.0, f32::from), 12.0, 24.0),
    },
    // A card has colours of its own; a copy of it that was scanned as colour has at most one tint.
    Fact {
        sign: "colourful",
        weights: [-3.0, 0.8, 0.5, 0.2, 0.2],
        strength: |s| s.variety.map_or(0.0, |v| ramp(v, 3.0, 7.0)),
    },
    Fact {
        sign: "colourless",
        weights: [1.2, 0.4, -1.5, -1.0, -0.7],
        strength: |s| s.variety.map_or(0.0, |v| ramp(v, 3.0, 1.0)),
    },
    // Stored as colour, though nobody looked at the colours.
    Fact {
        sign: "colour_mode",
        weights: [-1.5, 0.7, 0.3, -0.3, 0.2],
        strength: |s| {
            let unseen = s.facts.saturation.is_none() && s.variety.is_none();
            yes(unseen && s.facts.channels == 3)
        },
    },
    // Laid on glass, drawn in by a feeder, held up to a camera: hardly ever quite straight.
    Fact {
        sign: "askew",
        weights: [0.4, 0.5, 0.4, -0.5, -2.0],
        strength: |s| {
            let leaning =
                |a: Askew| ramp(a.degrees.abs(), 0.2, 0.5) * ramp(a.over_straight, 0.05, 0.3);
            s.askew.map_or(0.0, |a| leaning(a) * clear(a))
        },
    },
    Fact {
        sign: "straight",
        weights: [-0.1, -0.1, -0.7, 0.3, 0.5],
        strength: |s| s.askew.map_or(0.0, |a| yes(a.degrees == 0.0) * clear(a)),
    },
    // The tints of a card stay in a scan; a copier makes paper of them.
    Fact {
        sign: "toned_ground",
        weights: [-0.4, 0.4, 0.2, 0.0, 0.0],
        strength: |s| {
            grey_scale(s) * yes(s.placed) * ramp(f32::from(s.document.modal_grey), 232.0, 215.0)
        },
    },
    // Where its ground became paper, nothing shows where a document ends.
    Fact {
        sign: "no_outline",
        weights: [0.8, -0.6, -0.5, 0.0, 0.2],
        strength: |s| {
            grey_scale(s) * yes(s.placed) * ramp(f32::from(s.document.even_sides), 2.0, 4.0)
        },
    },
    Fact {
        sign: "outline",
        weights: [-0.5, 0.4, 0.2, 0.0, 0.0],
        strength: |s| {
            grey_scale(s) * yes(s.placed) * ramp(f32::from(s.document.even_sides), 2.0, 0.0)
        },
    },
    // What the pixels say. The lid of a scanner is white; so is the sheet on a copier.
    Fact {
        sign: "white_border",
        weights: [0.7, 1.0, -2.0, -0.3, 0.5],
        strength: |s| ramp(f32::from(s.page.white_sides), 0.5, 2.5),
    },
    Fact {
        sign: "even_border",
        weights: [0.9, 0.6, -1.4, 0.3, -0.4],
        strength: |s| ramp(f32::from(s.page.even_sides), 1.0, 3.0),
    },
    // A table, a hand, a shadow: nothing along the edges is of one tone.
    Fact {
        sign: "uneven_surroundings",
        weights: [-1.0, -0.7, 1.2, -1.0, 0.0],
        strength: |s| {
            ramp(f32::from(s.page.even_sides), 2.0, 0.0) * ramp(s.cover, FILLED.1, FILLED.0)
        },
    },
    Fact {
        sign: "uneven_light",
        weights: [-1.5, -0.7, 1.5, -0.5, -0.5],
        strength: |s| ramp(s.page.tone_spread, 22.0, 50.0) * ramp(s.page.modal, 0.4, 0.2),
    },
    // Nothing at or near white: no lid, no lamp, no page of a screen.
    Fact {
        sign: "no_white",
        weights: [-1.5, -0.6, 1.3, 0.0, 0.0],
        strength: |s| ramp(s.page.between, 0.2, 0.6),
    },
    Fact {
        sign: "grain",
        weights: [0.3, 0.7, 0.3, -1.5, -1.7],
        strength: |s| {
            grey_scale(s)
                * ramp(s.page.noise, 0.0, 2.0)
                * ramp(s.page.grey_runs + s.page.white_runs, 0.1, 0.01)
        },
    },
    // Of what no compression smoothed: no sensor gives equal neighbours, but in clipped white.
    Fact {
        sign: "no_grain",
        weights: [-1.0, -1.0, -1.5, 1.3, 1.5],
        strength: |s| grey_scale(s) * yes(lossless(s)) * ramp(s.page.mid_flat, 0.2, 0.45),
    },
    // Paper may be clipped to white; what is printed on it keeps the noise of the sensor.
    Fact {
        sign: "noisy_tones",
        weights: [0.4, 0.8, 0.5, -1.0, -1.5],
        strength: |s| grey_scale(s) * yes(lossless(s)) * ramp(s.page.mid_flat, 0.2, 0.1),
    },
    Fact { sign: "flat_surfaces", weights: [-0.5, -0.3, -1.5, 2.0, 0.5], strength: painted },
    Fact {
        sign: "bars",
        weights: [-0.5, -0.5, -1.0, 2.3, -0.3],
        strength: |s| ramp(s.page.grey_rows, 0.003, 0.02) * fine(s),
    },
    Fact {
        sign: "repeated_rows",
        weights: [0.0, 0.1, -0.5, 0.6, 0.5],
        strength: |s| grey_scale(s) * ramp(s.page.repeated_rows, 0.03, 0.15),
    },
    Fact {
        sign: "clean_paper",
        weights: [-0.3, -0.7, -0.5, 0.3, 1.3],
        strength: |s| grey_scale(s) * ramp(s.page.white_runs, 0.1, 0.4),
    },
    // Letters of a renderer have one dark tone; a sensor spreads it.
    Fact {
        sign: "even_ink",
        weights: [0.0, -0.5, -0.3, 0.0, 1.0],
        strength: |s| grey_scale(s) * ramp(s.page.ink_top, 0.18, 0.4),
    },
    // Steep as toner is: paper or ink and little between.
    Fact {
        sign: "steep_tones",
        weights: [1.3, -1.0, -0.5, -0.3, 0.5],
        strength: |s| grey_scale(s) * placed(s) * ramp(greyness(s), 0.68, 0.45),
    },
    Fact {
        sign: "grey_tones",
        weights: [-1.5, 0.5, 0.3, 0.0, 0.0],
        strength: |s| grey_scale(s) * placed(s) * ramp(greyness(s), 0.6, 0.8),
    },
    Fact {
        sign: "mid_tones",
        weights: [-0.7, 0.3, 0.3, -0.3, 0.2],
        strength: |s| grey_scale(s) * ramp(s.page.between, 0.04, 0.12),
    },
    // Copiers are made to lose pale tints: a card becomes as white as the sheet it lies on.
    Fact {
        sign: "washed_out",
        weights: [1.5, -1.2, -0.5, 0.0, 0.2],
        strength: |s| {
            let blank = ramp(s.document.tone_spread, 9.0, 3.0);
            let alike = ramp(s.document.modal, 0.12, 0.25);
            grey_scale(s) * yes(s.placed) * blank * alike
        },
    },
    Fact {
        sign: "tinted",
        weights: [-0.7, 0.3, 0.5, 0.2, 0.0],
        strength: |s| {
            let tints = ramp(s.document.tone_spread, 6.0, 16.0);
            let varied = ramp(s.document.modal, 0.4, 0.2);
            grey_scale(s) * yes(s.placed) * tints * varied
        },
    },
    // Weak: security print has dots too, and most copiers are clean. Many more are a dither.
    Fact {
        sign: "specks",
        weights: [0.8, -0.5, 0.0, 0.0, 0.0],
        strength: |s| {
            let specks = s.page.specks.max(s.document.specks);
            ramp(specks, 0.015, 0.1) * ramp(specks, 3.0, 1.0)
        },
    },
];
