//! Recall of the zone reader on labelled pictures: `read_mrz DIR [CHANNEL] [--turns]`.
//!
//! DIR/truth.jsonl has one object a picture: `file`, `documents` (a list of lists of rows, or of
//! one number or `?` for any; empty where there is no document), `channel`. Prints, by channel, how many documents were read with
//! all check digits and the right number, with every letter right, in part, wrongly; then CPU time
//! a picture beyond its decoding. `--turns` looks at each picture in all eight orientations and
//! tells where the answers differ.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use iinspect::detect::{PICTURES, Rules, Scene, row_strips, zone_texts};
use iinspect::flow::{Picture, PictureFacts};
use iinspect::ident::mrz;
use iinspect::patterns::Patterns;

#[derive(Default)]
struct Tally {
    pictures: usize,
    documents: usize,
    right: usize,
    exact: usize,
    partial: usize,
    wrong: usize,
    extra: usize,
    /// CPU seconds of each look.
    time: Vec<f64>,
}

fn main() {
    let (flags, args): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let dir = args.first().expect("usage: read_mrz DIR [CHANNEL] [--turns]");
    let only = args.get(1);
    let turns = flags.iter().any(|f| f == "--turns");
    let strips = flags.iter().find_map(|f| f.strip_prefix("--strips="));
    let truth = fs::read_to_string(Path::new(dir).join("truth.jsonl")).expect("truth.jsonl");
    let rules = Rules::new(&Arc::new(Patterns::builtin().expect("built-in patterns")));
    let detector = PICTURES.iter().find(|d| d.name() == "mrz").expect("the detector");
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut decode_cpu = 0.0;
    let (mut turned_alike, mut turned_total) = (0, 0);
    for line in truth.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let file = entry["file"].as_str().expect("file");
        let channel = entry["channel"].as_str().unwrap_or("-").to_string();
        if only.is_some_and(|o| !channel.starts_with(o.as_str()) && !file.contains(o.as_str())) {
            continue;
        }
        let start = cpu_seconds();
        let Some(picture) = load(&Path::new(dir).join(file)) else {
            println!("{file}: not decoded");
            continue;
        };
        decode_cpu += cpu_seconds() - start;
        if let Some(to) = &strips {
            write_strips(to, &picture, &entry);
            continue;
        }
        if turns {
            let answers: Vec<Vec<String>> = (0..8).map(|t| texts(&turned(&picture, t))).collect();
            turned_total += 1;
            turned_alike += usize::from(answers.windows(2).all(|w| w[0] == w[1]));
            if answers.windows(2).any(|w| w[0] != w[1]) {
                let found: Vec<usize> = answers.iter().map(Vec::len).collect();
                let kinds: std::collections::BTreeSet<_> = answers.iter().collect();
                println!("{file}: found {found:?}, {} different answers", kinds.len());
            }
            continue;
        }
        let expected: Vec<Vec<&str>> = entry["documents"]
            .as_array()
            .map(|all| {
                all.iter()
                    .map(|d| {
                        d.as_array().into_iter().flatten().filter_map(|r| r.as_str()).collect()
                    })
                    .collect()
            })
            .unwrap_or_default();
        let start = cpu_seconds();
        let mut found = Vec::new();
        if let Some(scene) = Scene::new(&picture) {
            detector.look(&rules, &scene, &mut found);
        }
        let tally = tallies.entry(channel.clone()).or_default();
        tally.time.push(cpu_seconds() - start);
        tally.pictures += 1;
        tally.documents += expected.len();
        let texts = if found.is_empty() { Vec::new() } else { texts(&picture) };
        tally.exact += expected.iter().filter(|rows| texts.contains(&rows.join("\n"))).count();
        let mut report = Vec::new();
        // What may be said of each; a lone row is a number by itself.
        let mut left: Vec<Vec<String>> = expected.iter().map(|rows| numbers(rows)).collect();
        for evidence in &found {
            let sign = &evidence.signs[0].sign;
            let all = sign.ends_with("all_checks");
            let value = evidence.subjects[0].value.expose();
            let hit =
                left.iter_mut().find(|numbers| numbers.iter().any(|n| n == value || n == "?"));
            match (hit, all) {
                (Some(hit), true) => {
                    tally.right += 1;
                    hit.clear();
                }
                (Some(hit), false) => {
                    tally.partial += 1;
                    hit.clear();
                    report.push(format!("{sign} {:.1}", evidence.signs[0].weight));
                }
                (None, _) if expected.is_empty() => {
                    tally.extra += 1;
                    report.push(format!("FALSE {sign} {:?}", evidence.sites[0].region));
                }
                (None, _) => {
                    tally.wrong += 1;
                    report.push(format!("wrong {sign} {:.1}", evidence.signs[0].weight));
                }
            }
        }
        let missed = left.iter().filter(|numbers| !numbers.is_empty()).count();
        if missed > 0 {
            report.push(format!("{missed} missed"));
        }
        if !report.is_empty() {
            println!("{file}: {}", report.join(", "));
        }
    }
    if turns {
        println!("{turned_alike} of {turned_total} pictures read alike in all 8 orientations");
        return;
    }
    println!(
        "{:<18} pict  docs right exact  part wrong false  mean ms   p50 ms   p95 ms",
        "channel"
    );
    let mut total = Tally::default();
    for (channel, mut t) in tallies {
        show(&channel, &mut t);
        total.pictures += t.pictures;
        total.documents += t.documents;
        total.right += t.right;
        total.exact += t.exact;
        total.partial += t.partial;
        total.wrong += t.wrong;
        total.extra += t.extra;
        total.time.append(&mut t.time);
    }
    show("all", &mut total);
    println!("decoding: {:.1} ms a picture", 1000.0 * decode_cpu / total.pictures.max(1) as f64);
}

fn show(channel: &str, t: &mut Tally) {
    t.time.sort_by(f64::total_cmp);
    let ms = |q: usize| t.time.get(t.time.len() * q / 100).map_or(0.0, |d| d * 1000.0);
    let mean = 1000.0 * t.time.iter().sum::<f64>() / t.time.len().max(1) as f64;
    println!(
        "{channel:<18} {:>4} {:>5} {:>5} {:>5} {:>5} {:>5} {:>5} {mean:>8.1} {:>8.1} {:>8.1}  {:.1} %",
        t.pictures,
        t.documents,
        t.right,
        t.exact,
        t.partial,
        t.wrong,
        t.extra,
        ms(50),
        ms(95),
        100.0 * t.right as f64 / t.documents.max(1) as f64
    );
}

/// The numbers by which a document may be told.
fn numbers(rows: &[&str]) -> Vec<String> {
    match mrz::parse(rows) {
        Some(zone) => {
            let personal = zone.personal_number.as_ref().map(|p| p.expose().to_string());
            personal.into_iter().chain([zone.number.expose().to_string()]).collect()
        }
        None => rows.iter().map(|r| r.to_string()).collect(),
    }
}

/// Appends strips of candidate rows to a file: a byte for the turn, 4 where it is no row of a
/// zone, then the pixels. Rows of pictures with zones that were not read are left out.
fn write_strips(to: &str, picture: &Picture, entry: &serde_json::Value) {
    use std::io::Write;
    let expected = entry["documents"].as_array().map_or(0, Vec::len);
    let Some(scene) = Scene::new(picture) else { return };
    let (strips, found) = row_strips(&scene);
    let mut bytes = Vec::new();
    for (strip, turn) in strips {
        if turn.is_none() && found != expected {
            continue;
        }
        bytes.push(turn.unwrap_or(4) as u8);
        bytes.extend(strip.data.iter().map(|v| v.round() as u8));
    }
    let file = fs::OpenOptions::new().create(true).append(true).open(to);
    file.and_then(|mut f| f.write_all(&bytes)).expect("strips written");
}

/// The texts found in a picture, sorted.
fn texts(picture: &Picture) -> Vec<String> {
    let zones = Scene::new(picture).map(|scene| zone_texts(&scene)).unwrap_or_default();
    let mut texts: Vec<String> = zones.into_iter().map(|(t, _)| t.expose().to_string()).collect();
    texts.sort();
    texts
}

/// The picture in orientation `way` of 8: bit 0 mirrors, bit 1 turns upside down, bit 2 takes
/// columns for rows.
fn turned(picture: &Picture, way: usize) -> Picture {
    let (w, h) = (picture.width as usize, picture.height as usize);
    let (width, height) = if way & 4 == 0 { (w, h) } else { (h, w) };
    let mut luma = Vec::with_capacity(w * h);
    for y in 0..height {
        for x in 0..width {
            let (mut u, mut v) = if way & 4 == 0 { (x, y) } else { (y, x) };
            if way & 1 != 0 {
                u = w - 1 - u;
            }
            if way & 2 != 0 {
                v = h - 1 - v;
            }
            luma.push(picture.luma[v * w + u]);
        }
    }
    Picture { width: width as u32, height: height as u32, luma, facts: picture.facts.clone() }
}

/// CPU time of all threads; zero where the system does not tell.
fn cpu_seconds() -> f64 {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return 0.0 };
    let nanoseconds = tasks.flatten().filter_map(|task| {
        let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e9
}

fn load(path: &Path) -> Option<Picture> {
    let bytes = fs::read(path).ok()?;
    let (width, height, luma) = match path.extension()?.to_str()? {
        "jpg" | "jpeg" => jpeg(&bytes)?,
        "tif" | "tiff" => tiff(&bytes)?,
        _ => {
            let image = image::load_from_memory(&bytes).ok()?.into_luma8();
            (image.width(), image.height(), image.into_raw())
        }
    };
    Some(Picture { width, height, luma, facts: PictureFacts::default() })
}

fn jpeg(bytes: &[u8]) -> Option<(u32, u32, Vec<u8>)> {
    use zune_core::bytestream::ZCursor;
    use zune_core::colorspace::ColorSpace;
    use zune_core::options::DecoderOptions;
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let luma = decoder.decode().ok()?;
    let (width, height) = decoder.dimensions()?;
    Some((width as u32, height as u32, luma))
}

fn tiff(bytes: &[u8]) -> Option<(u32, u32, Vec<u8>)> {
    use tiff::ColorType;
    use tiff::decoder::{Decoder, DecodingResult};
    let mut decoder = Decoder::new(std::io::Cursor::new(bytes)).ok()?;
    let (width, height) = decoder.dimensions().ok()?;
    let colour = decoder.colortype().ok()?;
    let DecodingResult::U8(px) = decoder.read_image().ok()? else { return None };
    let luma = match colour {
        ColorType::Gray(8) => px,
        ColorType::Gray(1) => px
            .chunks(width.div_ceil(8) as usize)
            .flat_map(|row| {
                (0..width as usize)
                    .map(|x| if row[x / 8] >> (7 - x % 8) & 1 == 1 { 255 } else { 0 })
            })
            .collect(),
        ColorType::RGB(8) => px
            .chunks_exact(3)
            .map(|c| {
                ((77 * u32::from(c[0]) + 150 * u32::from(c[1]) + 29 * u32::from(c[2])) >> 8) as u8
            })
            .collect(),
        _ => return None,
    };
    Some((width, height, luma))
}
