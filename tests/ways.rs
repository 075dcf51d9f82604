//! A picture lies in one of eight ways, turned and mirrored; what is found in it does not depend on that.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use image::GrayImage;
use image::imageops::{flip_horizontal, rotate90};
use serde_json::Value;
use support::{folder, is_finding, root, scan};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

/// Fronts, a thumbnail, two people's cards, passports and cards by their zones.
const PICTURES: [&str; 10] = [
    "vision/front_1bit.png",
    "vision/front_photocopy.jpg",
    "vision/front_thumbnail.jpg",
    "vision/two_people_touching.jpg",
    "vision/passport_1bit.png",
    "vision/passport_misprint.jpg",
    "mrz/card_skew.jpg",
    "mrz/card_a4_150.jpg",
    "mrz/passport_photo.jpg",
    "mrz/td2_crop.jpg",
];
/// How far confidences may lie apart.
const TOLERANCE: f64 = 0.01;

/// The grey plane of a fixture, decoded once: no way is worse for being stored once more.
fn grey(name: &str) -> GrayImage {
    let file = root().join("fixtures").join(name);
    if name.ends_with(".png") {
        return image::open(file).unwrap().into_luma8();
    }
    let bytes = fs::read(file).unwrap();
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
    let luma = decoder.decode().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    GrayImage::from_raw(width as u32, height as u32, luma).unwrap()
}

/// What one finding says, but for where and how sure.
fn said(record: &Value) -> String {
    let masked: BTreeSet<String> = record["subjects"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|subject| format!("{}{}", subject["iin"], subject["number"]))
        .collect();
    let zone: BTreeSet<&str> = record["evidence"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|sign| sign["detector"] == "mrz")
        .filter_map(|sign| sign["sign"].as_str())
        .collect();
    let document = &record["document"];
    let parts = ["type", "issuer", "side"].map(|part| document[part].to_string());
    format!("{parts:?} {} {masked:?} {zone:?}", record["count"])
}

#[test]
fn the_same_is_found_in_each_of_the_eight_ways_a_picture_lies() {
    let dir = folder();
    for (i, name) in PICTURES.iter().enumerate() {
        let mut picture = grey(name);
        for turn in 0..4 {
            picture.save(dir.path().join(format!("{i}-{turn}a.png"))).unwrap();
            flip_horizontal(&picture).save(dir.path().join(format!("{i}-{turn}b.png"))).unwrap();
            picture = rotate90(&picture);
        }
    }
    let records = scan(&[dir.path()], &[0]);
    // Of each picture, by its way: what was said, with the confidence.
    let mut found: BTreeMap<usize, BTreeMap<String, Vec<(String, f64)>>> = BTreeMap::new();
    for record in records.iter().filter(|r| is_finding(r) && r["kind"] == "id_document_copy") {
        let path = Path::new(record["location"]["path"].as_str().unwrap());
        let (i, way) = path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap();
        let ways = found.entry(i.parse().unwrap()).or_default();
        let confidence = record["confidence"].as_f64().unwrap();
        ways.entry(way.to_owned()).or_default().push((said(record), confidence));
    }
    for (i, name) in PICTURES.iter().enumerate() {
        let ways = found.get_mut(&i).unwrap_or_else(|| panic!("{name}: nothing found"));
        assert_eq!(ways.len(), 8, "{name}: found in some ways only: {ways:#?}");
        ways.values_mut().for_each(|found| found.sort_by(|a, b| a.0.cmp(&b.0)));
        let first = ways.values().next().cloned().unwrap_or_default();
        for (way, found) in &*ways {
            let alike = found.len() == first.len()
                && found
                    .iter()
                    .zip(&first)
                    .all(|(one, other)| one.0 == other.0 && (one.1 - other.1).abs() <= TOLERANCE);
            assert!(alike, "{name}, {way}: {found:#?}\nand not {first:#?}");
        }
    }
}
