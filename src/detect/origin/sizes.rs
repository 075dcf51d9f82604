//! Sizes that give an origin away: sheets of paper, screens, sensors, messengers.

/// Long side over short side of A-series paper, and how far a scan may be off: feeders cut short.
const A_SERIES: f32 = std::f32::consts::SQRT_2;
const LETTER: f32 = 11.0 / 8.5;
const PAPER_SLACK: f32 = 0.012;
/// Inches of A4, A5 and Letter, short side first.
const SHEETS: [(f32, f32); 3] = [(8.27, 11.69), (5.83, 8.27), (8.5, 11.0)];
/// What a scanner may cut off or add, of a side.
const SHEET_SLACK: f32 = 0.03;
/// Resolutions that scanners and copiers offer. 72 and 96 are what programs write that do not know.
const SCAN_DPI: [f32; 10] = [100.0, 150.0, 200.0, 204.0, 240.0, 300.0, 400.0, 600.0, 1200.0, 75.0];
/// Screens, short side first: telephones of the last ten years, tablets, laptops, monitors.
const SCREENS: [(u32, u32); 45] = [
    (720, 1280),
    (720, 1440),
    (720, 1520),
    (720, 1560),
    (720, 1600),
    (720, 1612),
    (1080, 1920),
    (1080, 2160),
    (1080, 2220),
    (1080, 2280),
    (1080, 2310),
    (1080, 2316),
    (1080, 2340),
    (1080, 2376),
    (1080, 2400),
    (1080, 2408),
    (1080, 2412),
    (1080, 2460),
    (1220, 2712),
    (1440, 2560),
    (1440, 3040),
    (1440, 3088),
    (1440, 3120),
    (1440, 3200),
    (640, 1136),
    (750, 1334),
    (828, 1792),
    (1125, 2436),
    (1170, 2532),
    (1179, 2556),
    (1206, 2622),
    (1242, 2208),
    (1242, 2688),
    (1284, 2778),
    (1290, 2796),
    (1320, 2868),
    (1668, 2388),
    (768, 1366),
    (900, 1440),
    (864, 1536),
    (900, 1600),
    (1200, 1920),
    (1600, 2560),
    (1800, 2880),
    (2160, 3840),
];
/// How much a screen's size says where photos have it too (1920 x 1080).
const PHOTO_SHAPED_SCREEN: f32 = 0.4;
/// Longer than this in proportion is no sensor and no paper: a telephone's screen (16:9 is 1.78).
const TALL: f32 = 1.9;
/// Smallest sensor of a telephone that still takes documents, in pixels.
const SENSOR_PIXELS: u64 = 4_700_000;
/// Long sides that messengers shrink a photo to.
const MESSENGER_SIDES: [u32; 6] = [960, 1280, 1600, 2048, 2560, 4096];

/// Pixels of a line of a fax (ITU-T T.4): A4, B4, A3; and its dots per inch across.
const FAX_LINES: [u32; 3] = [1728, 2048, 2432];
const FAX_DPI: f32 = 204.0;

/// The lines of a fax, or its resolution.
pub(super) fn is_fax(width: u32, height: u32, dpi: Option<(f32, f32)>) -> bool {
    let tagged = dpi.is_some_and(|(x, y)| near(x, FAX_DPI, 0.01) || near(y, FAX_DPI, 0.01));
    FAX_LINES.contains(&width) || FAX_LINES.contains(&height) || tagged
}

fn sorted(width: u32, height: u32) -> (u32, u32) {
    (width.min(height), width.max(height))
}

fn proportion(width: u32, height: u32) -> f32 {
    let (short, long) = sorted(width, height);
    long as f32 / short.max(1) as f32
}

fn near(value: f32, wanted: f32, slack: f32) -> bool {
    (value / wanted - 1.0).abs() <= slack
}

/// The proportions of a sheet.
pub(super) fn is_sheet(width: u32, height: u32) -> bool {
    let of = proportion(width, height);
    near(of, A_SERIES, PAPER_SLACK) || near(of, LETTER, PAPER_SLACK)
}

/// A sheet at the resolution that the file is tagged with.
pub(super) fn is_tagged_sheet(width: u32, height: u32, dpi: Option<(f32, f32)>) -> bool {
    let Some((x, y)) = dpi.filter(|(x, y)| *x > 72.5 && *y > 72.5) else { return false };
    let inches = (width as f32 / x, height as f32 / y);
    let (short, long) = (inches.0.min(inches.1), inches.0.max(inches.1));
    SHEETS.iter().any(|(s, l)| near(short, *s, SHEET_SLACK) && near(long, *l, SHEET_SLACK))
}

pub(super) fn is_scan_dpi(dpi: Option<(f32, f32)>) -> bool {
    dpi.is_some_and(|(x, _)| SCAN_DPI.iter().any(|known| near(x, *known, 0.01)))
}

/// 1 for the size of a known screen, less where photos have the same proportions.
pub(super) fn screen(width: u32, height: u32) -> f32 {
    match (SCREENS.contains(&sorted(width, height)), is_photo_shaped(width, height)) {
        (false, _) => 0.0,
        (true, true) => PHOTO_SHAPED_SCREEN,
        (true, false) => 1.0,
    }
}

/// The proportions of a sensor.
fn is_photo_shaped(width: u32, height: u32) -> bool {
    let of = proportion(width, height);
    [4.0 / 3.0, 1.5, 16.0 / 9.0].iter().any(|known| near(of, *known, 0.01))
}

pub(super) fn is_tall(width: u32, height: u32) -> bool {
    proportion(width, height) >= TALL
}

/// 4:3, 3:2 or 16:9 at the size of a sensor.
pub(super) fn is_sensor(width: u32, height: u32) -> bool {
    u64::from(width) * u64::from(height) >= SENSOR_PIXELS && is_photo_shaped(width, height)
}

/// What a messenger makes of a photo: 4:3 or 16:9 at one of its long sides.
pub(super) fn is_messenger(width: u32, height: u32) -> bool {
    MESSENGER_SIDES.contains(&width.max(height)) && is_photo_shaped(width, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faxes_have_a_size_of_their_own() {
        assert!(is_fax(1728, 2291, None) && is_fax(2291, 1728, None));
        assert!(is_fax(1654, 2339, Some((204.0, 196.0))) && is_fax(800, 900, Some((98.0, 204.0))));
        assert!(!is_fax(1654, 2339, Some((200.0, 200.0))) && !is_fax(2480, 3508, None));
    }

    #[test]
    fn sheets_screens_and_sensors_are_told_apart() {
        assert!(is_sheet(2480, 3508) && is_sheet(1753, 1240) && !is_sheet(1280, 960));
        assert!(is_tagged_sheet(1654, 2339, Some((200.0, 200.0))));
        assert!(!is_tagged_sheet(1654, 2339, Some((72.0, 72.0))));
        assert_eq!([screen(1080, 2400), screen(1240, 1754)], [1.0, 0.0]);
        assert_eq!(screen(1920, 1080), PHOTO_SHAPED_SCREEN);
        assert!(is_sensor(4032, 3024) && !is_sensor(1280, 960) && !is_sensor(2480, 3508));
        assert!(is_messenger(1280, 960) && is_messenger(720, 1280) && !is_messenger(1654, 2339));
        assert!(is_tall(1179, 2556) && !is_tall(1080, 1920));
    }
}
