//! The facts, with what each says for every origin. Weights are natural log-odds against the mean
//! of the origins, in halves: so rough that no one set of pictures has tuned them, and none so
//! large that one fact stands against three.
//!
//! What a file says of itself is strong where it says anything; its absence is no evidence, since
//! messengers, mail and archives strip it.

use super::sizes;
use super::{Fact, Seen, ramp, yes};
use crate::flow::Maker;

/// A JPEG squeezed harder than this has flat runs of its own making.
const COARSE_QUALITY: u8 = 70;

/// Flat runs of a mid-tone that neither grain nor coarse compression explains. A renderer fills a
/// surface with one grey; a scan squeezed hard has runs too, but of several greys.
fn painted(s: &Seen) -> f32 {
    let coarse = s.facts.jpeg.is_some_and(|j| j.quality < COARSE_QUALITY);
    let one_grey = ramp(s.page.top / s.page.modal.max(0.01), 0.5, 0.85);
    ramp(s.page.grey_runs, 0.01, 0.06) * if coarse { one_grey * 0.7 } else { one_grey.max(0.3) }
}

fn colour_known_grey(s: &Seen) -> bool {
    s.facts.channels == 1 || s.facts.saturation.is_some_and(|v| v <= 4)
}

/// Share of greys among all that is not paper.
fn greyness(s: &Seen) -> f32 {
    s.page.between / (s.page.dark + s.page.between).max(1e-4)
}

fn is_bilevel(s: &Seen) -> bool {
    s.facts.bilevel || s.page.two_greys
}

pub(super) static FACTS: &[Fact] = &[
    // What the file says.
    Fact {
        sign: "maker_scanner",
        weights: [1.5, 2.5, -1.0, -2.0, -1.0],
        strength: |s| yes(s.facts.maker == Maker::Scanner),
    },
    Fact {
        sign: "maker_scan_app",
        weights: [-0.5, 0.0, 3.0, -1.0, -1.0],
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
        weights: [2.0, 1.5, -2.0, -2.0, -0.5],
        strength: |s| yes(s.facts.fax_coded),
    },
    Fact {
        sign: "bilevel",
        weights: [3.0, 2.0, -2.5, -2.0, -0.5],
        strength: |s| yes(is_bilevel(s)),
    },
    Fact {
        sign: "scan_resolution",
        weights: [0.7, 1.0, -0.7, -1.0, 0.0],
        strength: |s| yes(sizes::is_scan_dpi(s.facts.dpi)),
    },
    Fact {
        sign: "page_size_tagged",
        weights: [0.7, 1.0, -1.0, -1.0, 0.3],
        strength: |s| yes(sizes::is_tagged_sheet(s.width, s.height, s.facts.dpi)),
    },
    Fact {
        sign: "page_ratio",
        weights: [0.7, 0.7, -0.7, -0.7, 0.5],
        strength: |s| yes(sizes::is_sheet(s.width, s.height)),
    },
    Fact {
        sign: "sensor_size",
        weights: [-0.5, -0.5, 1.2, -0.5, -0.5],
        strength: |s| yes(sizes::is_sensor(s.width, s.height)),
    },
    Fact {
        sign: "messenger_size",
        weights: [-0.5, -0.5, 0.8, 0.2, -0.3],
        strength: |s| yes(s.facts.format == "jpeg" && sizes::is_messenger(s.width, s.height)),
    },
    Fact {
        sign: "screen_size",
        weights: [-1.0, -1.0, -0.5, 2.5, -0.5],
        strength: |s| yes(sizes::is_screen(s.width, s.height)),
    },
    Fact {
        sign: "screen_ratio",
        weights: [-0.5, -0.5, 0.0, 1.0, 0.0],
        strength: |s| yes(sizes::is_tall(s.width, s.height)),
    },
    // Cameras and messengers write JPEG.
    Fact {
        sign: "lossless",
        weights: [0.0, 0.0, -1.0, 0.7, 0.5],
        strength: |s| yes(matches!(s.facts.format, "png" | "bmp" | "gif")),
    },
    Fact {
        sign: "grey",
        weights: [0.8, 0.3, -1.5, -1.0, -0.7],
        strength: |s| yes(!is_bilevel(s) && colour_known_grey(s)),
    },
    Fact {
        sign: "colour",
        weights: [-2.0, 0.3, 0.3, 0.0, 0.3],
        strength: |s| ramp(s.facts.saturation.map_or(0.0, f32::from), 4.0, 10.0),
    },
    // What the pixels say.
    Fact {
        sign: "white_border",
        weights: [1.0, 1.0, -2.0, -0.3, 0.3],
        strength: |s| ramp(f32::from(s.page.white_sides), 0.5, 2.5),
    },
    Fact {
        sign: "even_border",
        weights: [0.5, 0.7, -1.5, 0.3, 0.3],
        strength: |s| ramp(f32::from(s.page.even_sides), 1.0, 3.0),
    },
    // A table, a hand, a shadow: nothing along the edges is of one tone.
    Fact {
        sign: "uneven_surroundings",
        weights: [-1.0, -0.7, 1.5, -0.3, -1.0],
        strength: |s| ramp(f32::from(s.page.even_sides), 2.0, 0.0),
    },
    Fact {
        sign: "uneven_light",
        weights: [-1.5, -1.0, 1.5, 0.0, -0.5],
        strength: |s| ramp(s.page.tone_spread, 22.0, 50.0) * ramp(s.page.modal, 0.4, 0.2),
    },
    // Nothing at or near white: no lid, no lamp, no page of a screen.
    Fact {
        sign: "no_white",
        weights: [-1.5, -0.5, 1.0, 0.0, 0.0],
        strength: |s| ramp(s.page.between, 0.2, 0.6),
    },
    Fact {
        sign: "grain",
        weights: [0.3, 0.5, 0.7, -1.5, -2.0],
        strength: |s| {
            yes(!is_bilevel(s))
                * ramp(s.page.noise, 0.0, 2.0)
                * ramp(s.page.grey_runs + s.page.white_runs, 0.1, 0.01)
        },
    },
    Fact { sign: "flat_surfaces", weights: [-1.0, -1.0, -2.0, 2.0, 1.5], strength: painted },
    Fact {
        sign: "bars",
        weights: [-0.5, -0.5, -0.5, 1.2, 0.0],
        strength: |s| ramp(s.page.grey_rows, 0.005, 0.03) * painted(s).max(0.3),
    },
    Fact {
        sign: "repeated_rows",
        weights: [-0.5, -0.5, -1.0, 1.0, 1.0],
        strength: |s| yes(!is_bilevel(s)) * ramp(s.page.repeated_rows, 0.03, 0.15),
    },
    Fact {
        sign: "clean_paper",
        weights: [0.5, 0.3, -1.5, 0.3, 1.0],
        strength: |s| yes(!is_bilevel(s)) * ramp(s.page.white_runs, 0.1, 0.4),
    },
    // Steep as toner is: paper or ink and little between.
    Fact {
        sign: "steep_tones",
        weights: [1.7, -0.7, -1.0, 0.0, 0.3],
        strength: |s| {
            yes(!is_bilevel(s)) * ramp(s.page.between, 0.035, 0.012) * ramp(greyness(s), 0.75, 0.55)
        },
    },
    Fact {
        sign: "grey_tones",
        weights: [-1.2, 0.7, 0.3, 0.0, 0.0],
        strength: |s| yes(!is_bilevel(s)) * ramp(s.page.between, 0.02, 0.06),
    },
    Fact {
        sign: "specks",
        weights: [1.2, 0.0, 0.0, -0.3, -0.5],
        strength: |s| ramp(s.page.specks, 0.02, 0.2),
    },
];
