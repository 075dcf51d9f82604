//! The formats over the files of `fixtures/containers`, which other programs wrote.

use std::path::PathBuf;

use super::{FORMATS, SNIFF_BYTES, recognise};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator, Picture};
use crate::limits::{Budget, Limits};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers")
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// What a file holds, all the way down.
#[derive(Default)]
struct Opened {
    texts: Vec<(Locator, String, Form)>,
    pictures: Vec<(Locator, Picture)>,
    skips: Vec<(Locator, Skip)>,
    /// What no format wanted.
    rest: Vec<(Locator, Vec<u8>)>,
}

/// A small stand-in for the engine's list of what is to open.
fn open_all(name: &str, bytes: Vec<u8>) -> Opened {
    open_all_within(name, bytes, &Limits::default())
}

fn open_all_within(name: &str, bytes: Vec<u8>, limits: &Limits) -> Opened {
    let mut budget = Budget::new(limits, bytes.len() as u64);
    let mut todo = vec![Content::Bytes { at: Locator::file(name), bytes }];
    let mut opened = Opened::default();
    while let Some(content) = todo.pop() {
        match content {
            Content::Bytes { at, bytes } => {
                if let Err(skip) = budget.depth(at.depth()) {
                    opened.skips.push((at, skip));
                    continue;
                }
                let Some(format) = recognise(&bytes[..bytes.len().min(SNIFF_BYTES)]) else {
                    opened.rest.push((at, bytes));
                    continue;
                };
                let mut out = Vec::new();
                if let Err(skip) = format.open(&at, &bytes, &mut budget, &mut out) {
                    opened.skips.push((at, skip));
                }
                todo.extend(out);
            }
            Content::Text { at, text, form } => opened.texts.push((at, text, form)),
            Content::Picture { at, picture } => opened.pictures.push((at, picture)),
            Content::Skipped { at, skip } => opened.skips.push((at, skip)),
        }
    }
    opened
}

fn only_picture(name: &str) -> Picture {
    let mut opened = open_all(name, fixture(name));
    assert_eq!(opened.skips, [], "{name}");
    assert_eq!(opened.pictures.len(), 1, "{name}");
    opened.pictures.remove(0).1
}

/// Mean and greatest difference of two planes.
fn difference(a: &[u8], b: &[u8]) -> (f64, u8) {
    assert_eq!(a.len(), b.len());
    let each = || a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    let sum: u64 = each().map(u64::from).sum();
    (sum as f64 / a.len() as f64, each().max().unwrap_or(0))
}

/// Every coding of the one picture must show that picture.
#[test]
fn every_coding_of_a_picture_decodes_to_the_same_luma() {
    let reference = only_picture("pictures/reference.png");
    // Name, mean and greatest difference that its coding may make.
    let cases: &[(&str, f64, u8)] = &[
        ("rgba-notes.png", 0.1, 1),
        ("palette.png", 3.0, 60),
        ("deep.png", 0.0, 0),
        ("colour.jpg", 1.5, 60),
        ("grey.jpg", 1.5, 60),
        ("progressive.jpg", 1.5, 60),
        ("ink.jpg", 2.0, 60),
        ("camera.jpg", 1.5, 60),
        ("colour.bmp", 0.1, 1),
        ("palette.gif", 3.0, 60),
        ("lossless.webp", 0.1, 1),
        ("lossy.webp", 3.0, 60),
        ("lossless.jp2", 0.1, 1),
        ("grey.j2k", 0.0, 0),
        ("grey-packbits.tif", 0.0, 0),
        ("colour-deflate.tif", 0.1, 1),
        ("colour-jpeg.tif", 1.5, 60),
        ("palette-lzw.tif", 3.0, 60),
        ("ink-lzw.tif", 0.5, 3),
        ("deep.tif", 0.0, 0),
    ];
    for (name, mean, greatest) in cases {
        let picture = only_picture(&format!("pictures/{name}"));
        let (was_mean, was_greatest) = difference(&picture.luma, &reference.luma);
        assert!(
            was_mean <= *mean && was_greatest <= *greatest,
            "{name}: mean {was_mean:.3} greatest {was_greatest}"
        );
    }
    let bits = only_picture("pictures/bits.png");
    assert!(bits.facts.bilevel);
    for name in ["bits.bmp", "g3.tif", "rle.tif", "bits-lzw.tif"] {
        let picture = only_picture(&format!("pictures/{name}"));
        assert_eq!(difference(&picture.luma, &bits.luma), (0.0, 0), "{name}");
        assert!(picture.facts.bilevel, "{name}");
    }
}

/// Every file of the folder, name and bytes.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in [folder(), folder().join("pictures")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_file() && !name.ends_with(".py") && !name.ends_with(".md") {
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 40);
    found
}

/// What a hostile file may cost in these tests.
fn narrow() -> Limits {
    Limits {
        max_expanded_bytes: 32 << 20,
        max_pixels: 8 << 20,
        max_members: 500,
        max_seconds: 20,
        ..Limits::default()
    }
}

/// A small generator of numbers, the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

/// No panic may leave an extractor, and no more may come out than the budget allows.
fn survives(name: &str, bytes: Vec<u8>, what: &str) {
    let limits = narrow();
    let opened = open_all_within(name, bytes, &limits);
    let texts: usize = opened.texts.iter().map(|(_, text, _)| text.len()).sum();
    let rest: usize = opened.rest.iter().map(|(_, bytes)| bytes.len()).sum();
    let most = limits.max_expanded_bytes as usize;
    assert!(texts + rest <= 3 * most, "{name} {what}: {texts} + {rest} bytes");
    for (_, picture) in &opened.pictures {
        let pixels = u64::from(picture.width) * u64::from(picture.height);
        assert!(pixels <= limits.max_pixels && pixels == picture.luma.len() as u64, "{name}");
    }
}

#[test]
fn cut_files_neither_panic_nor_overrun() {
    for (name, bytes) in fixtures() {
        for step in 1..8 {
            let end = bytes.len() * step / 8;
            survives(&name, bytes[..end].to_vec(), &format!("cut at {end}"));
        }
    }
}

/// Changed copies of each file; more of them by `IINSPECT_ROUNDS=500 cargo test changed_bytes`.
fn rounds() -> usize {
    std::env::var("IINSPECT_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(8)
}

#[test]
fn files_with_changed_bytes_neither_panic_nor_overrun() {
    let mut dice = Dice(rounds() as u64);
    for (name, bytes) in fixtures() {
        for round in 0..rounds() {
            let mut bytes = bytes.clone();
            // Headers are where the numbers are.
            let reach = if round % 2 == 0 { bytes.len().min(512) } else { bytes.len() };
            for _ in 0..1 + round % 8 {
                let at = dice.roll(reach);
                bytes[at] = match dice.roll(4) {
                    0 => 0xff,
                    1 => 0,
                    _ => bytes[at] ^ 1 << dice.roll(8),
                };
            }
            survives(&name, bytes, &format!("round {round}"));
        }
    }
}

/// A wrong sniff must end as an error or in nothing, never in a panic.
#[test]
fn every_format_survives_the_files_of_every_other() {
    for (name, bytes) in fixtures() {
        for format in FORMATS {
            let mut budget = Budget::new(&narrow(), bytes.len() as u64);
            let mut out = Vec::new();
            // The outcome is free; a panic is not.
            let _ = format.open(&Locator::file(&name), &bytes, &mut budget, &mut out);
        }
    }
}

#[test]
fn names_of_formats_are_unique() {
    let mut names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FORMATS.len());
    assert!(FORMATS.iter().all(|format| format.media_type().contains('/')));
}

#[test]
#[ignore]
fn dump() {
    let name = std::env::var("DUMP").unwrap();
    let opened = open_all(&name, fixture(&name));
    for (at, text, form) in &opened.texts {
        println!("TEXT {:?} p{:?} {form:?}\n{text}<<<", at.inside(), at.page_number());
    }
    for (at, p) in &opened.pictures {
        println!(
            "PICTURE {:?} p{:?} {}x{} {:?}",
            at.inside(),
            at.page_number(),
            p.width,
            p.height,
            p.facts
        );
        if let Ok(to) = std::env::var("PGM") {
            let head = format!("P5 {} {} 255\n", p.width, p.height);
            let name = at.name().replace('/', "_");
            std::fs::write(
                format!("{to}/{name}-{:?}.pgm", at.page_number()),
                [head.as_bytes(), &p.luma].concat(),
            )
            .unwrap();
        }
    }
    for (at, bytes) in &opened.rest {
        println!(
            "REST {:?} p{:?} {} {:?}",
            at.inside(),
            at.page_number(),
            bytes.len(),
            String::from_utf8_lossy(&bytes[..bytes.len().min(60)])
        );
    }
    for (at, skip) in &opened.skips {
        println!("SKIP {:?} p{:?} {skip}", at.inside(), at.page_number());
    }
}
