//! The formats over the files of `fixtures/containers`, which other programs wrote.

use std::path::PathBuf;

use super::samples::{self, format_of};
use super::{SNIFF_BYTES, recognise};
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
    let mut budget = Budget::new(&Limits::default(), bytes.len() as u64);
    let mut todo = vec![Content::Bytes { at: Locator::file(name), bytes }];
    let mut opened = Opened::default();
    while let Some(content) = todo.pop() {
        match content {
            Content::Bytes { at, bytes } => {
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
