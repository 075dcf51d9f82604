//! `explain --picture` draws what was seen and leaks nothing of it; `--reveal` is for a person.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use image::GrayImage;
use support::{folder, is_finding, lines, root, run, status, stderr};

fn explained(file: &Path, out: &Path, more: &[&str]) -> Output {
    let mut args = vec!["explain".as_ref(), "--picture".as_ref(), out.as_os_str()];
    args.extend(more.iter().map(|a| std::ffi::OsStr::new(*a)));
    args.push(file.as_os_str());
    run(args)
}

fn pictures() -> Vec<PathBuf> {
    let mut files = support::files_under(&root().join("fixtures/mrz"));
    files.retain(|f| f.extension().is_some_and(|e| e == "png" || e == "jpg"));
    files.push(root().join("fixtures/pages/contract.png"));
    assert!(files.len() >= 7);
    files
}

fn grey(file: &Path) -> GrayImage {
    image::open(file).unwrap().into_luma8()
}

const BLOCK: u32 = 16;

/// Blocks of `a` with strokes in them, and how many of those show in `b` at the same place: the
/// same pixels are dark, or the same are light.
fn surviving(a: &GrayImage, b: &GrayImage) -> (usize, usize) {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let (mut all, mut left) = (0, 0);
    for y in (0..a.height() - BLOCK).step_by(BLOCK as usize) {
        for x in (0..a.width() - BLOCK).step_by(BLOCK as usize) {
            let dark = |image: &GrayImage| -> Vec<bool> {
                let grey = |i: u32| f64::from(image.get_pixel(x + i % BLOCK, y + i / BLOCK).0[0]);
                let greys: Vec<f64> = (0..BLOCK * BLOCK).map(grey).collect();
                let mean = greys.iter().sum::<f64>() / greys.len() as f64;
                greys.iter().map(|g| *g < mean).collect()
            };
            let (before, after) = (dark(a), dark(b));
            let strokes: usize = before
                .chunks(BLOCK as usize)
                .map(|row| row.windows(2).filter(|w| w[0] != w[1]).count())
                .sum();
            let ink = before.iter().filter(|d| **d).count();
            // Edges enough to be writing, and not the noise of paper.
            if strokes < 40 || !(40..=216).contains(&ink) {
                continue;
            }
            all += 1;
            let same = before.iter().zip(&after).filter(|(x, y)| x == y).count();
            left += usize::from(same.max(before.len() - same) * 10 > before.len() * 9);
        }
    }
    (all, left)
}

#[test]
fn nothing_of_a_document_can_be_read_or_found_again() {
    let dir = folder();
    let mut blocks = 0;
    for (i, file) in pictures().into_iter().enumerate() {
        let out = dir.path().join(format!("drawn {i}.png"));
        let output = explained(&file, &out, &["-q"]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
        let scan = ["scan", "--read", "all", "--format", "jsonl", "--min-confidence", "0"];
        let scan = scan.iter().map(|a| a.as_ref()).chain([out.as_os_str()]);
        let found = lines(&run(scan).stdout);
        assert!(!found.iter().any(is_finding), "{}: {found:?}", file.display());
        if file.extension().is_none_or(|e| e != "png") {
            continue; // nothing here decodes it
        }
        let (before, after) = (grey(&file), grey(&out));
        let (all, left) = surviving(&before, &after);
        assert_eq!(left, 0, "of {all} blocks of {}", file.display());
        // The measure would see them if they were there.
        assert_eq!(surviving(&before, &before), (all, all));
        blocks += all;
    }
    assert!(blocks > 500, "only {blocks} blocks with strokes");
}

#[test]
fn the_legend_tells_masked_what_the_numbers_mean() {
    let dir = folder();
    let out = dir.path().join("out.png");
    let output = explained(&root().join("fixtures/mrz/card_1bit.png"), &out, &[]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(text.contains("[1] copy of a document") && text.contains("********5334"), "{text}");
    assert!(stderr(&output).contains("drew") && stderr(&output).contains("card_1bit.png"));
    let raw = fs::read(&out).unwrap();
    for part in [&raw, &output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(part).contains("860422205334"));
    }
    // Nothing but pixels: no texts, no times, no names.
    let mut at = 8;
    while let Some(head) = raw.get(at..at + 8) {
        assert!([&b"IHDR"[..], b"IDAT", b"IEND"].contains(&&head[4..]), "{:?}", &head[4..]);
        at += 12 + u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
    }
}

/// A zip of a letter and two cards, so that there is something to choose.
fn box_of_pictures(dir: &Path) -> PathBuf {
    let mut tar = tar::Builder::new(Vec::new());
    for name in ["code.png", "card_1bit.png", "card_skew.jpg"] {
        let at = root().join("fixtures/mrz").join(name);
        tar.append_path_with_name(at, format!("scans/{name}")).unwrap();
    }
    support::write(dir, "box.tar", tar.into_inner().unwrap())
}

#[test]
fn of_many_pictures_the_first_with_a_finding_is_drawn_or_the_one_named() {
    let dir = folder();
    let file = box_of_pictures(dir.path());
    let (out, mut tries) = (dir.path().join("out.png"), 0);
    for (member, drawn) in
        [(None, "card_1bit"), (Some("1"), "code"), (Some("scans/card_skew.jpg"), "card_skew")]
    {
        let mut more = vec!["--force"];
        more.extend(member.iter().flat_map(|m| ["--member", m]));
        let output = explained(&file, &out, &more);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let said = stderr(&output);
        let first = said.lines().next().unwrap();
        assert!(first.contains(drawn) && first.contains("of 3"), "{said}");
        assert_eq!(said.lines().count(), 3, "{said}");
        tries += 1;
    }
    assert_eq!(tries, 3);
    let output = explained(&file, &dir.path().join("none.png"), &["--member", "9"]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("code.png"), "{}", stderr(&output));
    assert!(!dir.path().join("none.png").exists());
}

#[track_caller]
fn refused(file: &Path, out: &Path, more: &[&str], says: &str) {
    let before = fs::read(out).ok();
    let output = explained(file, out, more);
    assert_eq!(status(&output), 2, "{}", stderr(&output));
    assert!(stderr(&output).contains(says), "{}", stderr(&output));
    assert_eq!(fs::read(out).ok(), before, "{} was touched", out.display());
}

#[test]
fn a_picture_never_takes_the_place_of_a_file_unasked() {
    let dir = folder();
    let card = dir.path().join("card.png");
    fs::copy(root().join("fixtures/mrz/card_1bit.png"), &card).unwrap();
    let taken = support::write(dir.path(), "taken.png", "mine");
    refused(&card, &taken, &[], "--force");
    for more in [&[][..], &["--force"]] {
        refused(&card, &card, more, "the same file");
    }
    let key = support::write(dir.path(), "key", [7u8; 32]);
    refused(&card, &key, &["--force", "--key-file", key.to_str().unwrap()], "the same file");
    refused(&card, dir.path(), &["--force"], "folder");
    refused(&card, &dir.path().join("no/such.png"), &[], "no/such.png");
    assert_eq!(status(&explained(&card, &taken, &["--force"])), 0);
    assert_eq!(fs::metadata(&taken).unwrap().permissions().mode() & 0o777, 0o600);
    let text = support::write(dir.path(), "a.txt", "no picture");
    refused(&text, &dir.path().join("b.png"), &[], "no picture");
}

#[test]
fn the_true_picture_is_for_a_person_at_a_terminal() {
    let dir = folder();
    let card = root().join("fixtures/mrz/card_1bit.png");
    refused(&card, &dir.path().join("out.png"), &["--reveal"], "terminal");
    let output = run(["explain".as_ref(), "--reveal".as_ref(), card.as_os_str()]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("--picture"), "{}", stderr(&output));
}
