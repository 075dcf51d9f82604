//! The origin of every picture of a folder or file, whether a document is in it or not, and why.
//!
//! ```text
//! cargo run --release --example origin -- PATH [truth.jsonl] [--statistics]
//! ```
//!
//! Prints one line a picture: path, label, probability, facts. With a truth (docs/evaluate.md) the
//! region of the first document is used, and a table of true against told origins ends the list;
//! `--statistics` adds what was measured, as JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iinspect::detect::origin::{LABELS, Seen, origin};
use iinspect::extract::{SNIFF_BYTES, recognise};
use iinspect::flow::{Content, Locator, Picture};
use iinspect::limits::{Budget, Limits};
use serde_json::{Value, json};

fn main() {
    let mut statistics = false;
    let mut paths = Vec::new();
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "--statistics" => statistics = true,
            _ => paths.push(PathBuf::from(arg)),
        }
    }
    let (root, truth) = match paths.as_slice() {
        [root] => (root, BTreeMap::new()),
        [root, truth] => (root, read_truth(truth)),
        _ => {
            eprintln!("usage: origin PATH [truth.jsonl] [--statistics]");
            std::process::exit(2);
        }
    };
    let mut table: BTreeMap<(String, &'static str), u32> = BTreeMap::new();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name().into_iter().flatten() {
        if !entry.file_type().is_file() {
            continue;
        }
        let name = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let known = truth.get(&*name.to_string_lossy());
        if !truth.is_empty() && known.is_none() {
            continue;
        }
        for picture in pictures(entry.path()) {
            let region = known.and_then(|k| k.1);
            let start = std::time::Instant::now();
            let told = origin(&picture, region);
            let us = start.elapsed().as_micros();
            let want = known.map_or("", |k| k.0.as_str());
            if statistics {
                let (Some(seen), facts) = (Seen::of(&picture, region), &picture.facts) else {
                    continue;
                };
                let line = json!({
                    "file": name.to_string_lossy(), "want": want, "told": told.label,
                    "probability": told.probability, "us": us as u64,
                    "facts": told.facts, "width": picture.width, "height": picture.height,
                    "file_facts": format!("{facts:?}"), "page": format!("{:?}", seen.page),
                    "document": format!("{:?}", seen.document),
                    "strengths": seen.strengths().into_iter().collect::<BTreeMap<_, _>>(),
                });
                println!("{line}");
            } else {
                let marked = if want.is_empty() || want == told.label { "" } else { " != " };
                println!(
                    "{}: {} {:.2} [{}]{marked}{}",
                    name.display(),
                    told.label,
                    told.probability,
                    told.facts.join(" "),
                    if marked.is_empty() { "" } else { want }
                );
            }
            if !want.is_empty() {
                *table.entry((want.to_owned(), told.label)).or_default() += 1;
            }
        }
    }
    if !table.is_empty() {
        eprint!("{}", confusion(&table));
    }
}

/// Origin and region of the first document of each file.
fn read_truth(path: &Path) -> BTreeMap<String, (String, Option<[u32; 4]>)> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let rows = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    rows.filter_map(|row| {
        let document = row["expect"].as_array()?.iter().map(|e| &e["document"]).next()?;
        let want = document["origin"].as_str()?.to_owned();
        let region = serde_json::from_value(document["region"].clone()).ok();
        Some((row["file"].as_str()?.to_owned(), (want, region)))
    })
    .collect()
}

/// All pictures in a file, however deep.
fn pictures(path: &Path) -> Vec<Picture> {
    let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
    let mut budget = Budget::new(&Limits::default(), bytes.len() as u64);
    let mut list = vec![Content::Bytes { at: Locator::file(path), bytes }];
    let mut found = Vec::new();
    while let Some(content) = list.pop() {
        match content {
            Content::Bytes { at, bytes } => {
                let head = bytes.get(..SNIFF_BYTES).unwrap_or(&bytes);
                let Some(format) = recognise(head) else { continue };
                let mut children = Vec::new();
                if let Err(skip) = format.open(&at, &bytes, &mut budget, &mut children) {
                    eprintln!("{}: {skip}", path.display());
                }
                list.extend(children.into_iter().rev());
            }
            Content::Picture { picture, .. } => found.push(picture),
            Content::Text { .. } | Content::Skipped { .. } => {}
        }
    }
    found
}

fn confusion(table: &BTreeMap<(String, &'static str), u32>) -> String {
    let columns: Vec<&str> = LABELS.iter().copied().chain(["unknown"]).collect();
    let mut out = format!("\n{:<14}", "true \\ told");
    columns.iter().for_each(|c| out.push_str(&format!("{c:>14}")));
    let (mut right, mut all) = (0, 0);
    let mut last = "";
    for (want, _) in table.keys() {
        if want == last {
            continue;
        }
        last = want;
        out.push_str(&format!("\n{want:<14}"));
        for column in &columns {
            let n = table.get(&(want.clone(), *column)).copied().unwrap_or(0);
            right += if want == column { n } else { 0 };
            all += n;
            out.push_str(&format!("{n:>14}"));
        }
    }
    out + &format!(
        "\nright: {right} of {all}, {:.1} %\n",
        100.0 * f64::from(right) / f64::from(all)
    )
}
