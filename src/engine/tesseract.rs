//! Tesseract, where it is installed and asked for, as a reader of pages.
//!
//! It gets the page as a grey picture on its standard input and answers with a table of words; no
//! file is written and nothing of its messages is looked at. It runs once a page, which takes
//! seconds. See `child` for what bounds it. A worker has the page decoded and may start no program: it
//! hands the grey picture to its parent and gets the table back.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::child::{Failure, Program};
use super::page::PageReader;
use crate::detect::{PageLine, Scene};
use crate::error::{Bound, Skip};
use crate::pixels::{Axis, Plane, rows};

/// Long side of the picture that it is given: A4 at 220 dpi, from where on its reading of print gets
/// no better and only slower.
const MAX_SIDE_PX: usize = 2600;
/// Under this there is no page.
const MIN_SIDE_PX: usize = 200;
/// A picture with fewer rows of something like text is no page: two rows cost seconds, and a
/// number alone on a picture is what the detectors of documents are for.
const MIN_ROWS: usize = 3;
/// A page has some kilobytes of words; the table about forty times as much.
pub const MAX_OUTPUT_BYTES: u64 = 16 << 20;
/// The page as a greymap.
pub const MAX_PAGE_BYTES: usize = MAX_SIDE_PX * MAX_SIDE_PX + 64;
/// Words of one line that are further apart than this, in heights of the line, are cells.
const APART: f32 = 1.5;
/// Resolutions that are told to it; others are mistakes of the file.
const DPI: std::ops::RangeInclusive<f32> = 70.0..=1200.0;
/// For the list of languages, at the start.
const START_TIME: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
pub struct Tesseract {
    program: Program,
    languages: String,
    time: Duration,
}

/// Gives the table of words of a page: the program itself, or, in a worker that may start none, who
/// asks its parent for it.
pub trait WordTable: Send + Sync {
    /// `page` is a portable greymap.
    fn table(&self, page: Vec<u8>, dpi: Option<f32>, left: Duration) -> Result<Vec<u8>, Skip>;
}

/// The reader of pages around it.
pub struct PagesOf<T>(pub T);

impl Tesseract {
    /// Looks whether it is there and has the languages (`"kaz+rus+eng"`); says what is missing, and
    /// what to do about it, otherwise.
    ///
    /// `within` is this program, where it is to wall the other one in.
    pub fn new(
        command: &Path,
        languages: &str,
        time: Duration,
        within: Option<PathBuf>,
    ) -> Result<Tesseract, String> {
        let shown = command.display();
        let Some(program) = Program::find(command, &["TESSDATA_PREFIX"], within) else {
            return Err(format!(
                "ocr.command: {shown} is not installed or may not be run. Install it (Debian, \
                 Ubuntu: tesseract-ocr), give its path, or set ocr.engine = \"none\""
            ));
        };
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let asked: Vec<&str> = languages.split('+').collect();
        if !asked
            .iter()
            .all(|l| l.starts_with(|c: char| c.is_ascii_alphabetic()) && l.chars().all(named))
        {
            return Err("ocr.languages: give names joined by +, such as \"kaz+rus+eng\"".into());
        }
        let list = program
            .run(&["--list-langs".into()], &ENV, Vec::new(), START_TIME, MAX_OUTPUT_BYTES)
            .map_err(|_| {
                format!("ocr.command: {shown} --list-langs fails; is it Tesseract 4 or 5?")
            })?;
        let list = String::from_utf8_lossy(&list).into_owned();
        let has: Vec<&str> = list.lines().skip(1).map(str::trim).collect();
        match asked.iter().find(|l| !has.contains(l)) {
            Some(missing) => Err(format!(
                "ocr.languages: {shown} has no language `{missing}` (it has {}). Install its data \
                 (Debian, Ubuntu: tesseract-ocr-{missing}) or leave it out",
                has.join(", ")
            )),
            None => Ok(Tesseract { program, languages: languages.to_owned(), time }),
        }
    }
}

/// One thread each: pages are read side by side already.
const ENV: [(&str, &str); 1] = [("OMP_THREAD_LIMIT", "1")];

impl WordTable for Tesseract {
    fn table(&self, page: Vec<u8>, dpi: Option<f32>, left: Duration) -> Result<Vec<u8>, Skip> {
        let mut args: Vec<OsString> =
            ["stdin", "stdout", "-l", &self.languages, "--psm", "3"].map(OsString::from).into();
        if let Some(dpi) = dpi {
            args.extend(["--dpi".into(), format!("{dpi:.0}").into()]);
        }
        args.push("tsv".into());
        self.program.run(&args, &ENV, page, self.time.min(left), MAX_OUTPUT_BYTES).map_err(
            |failure| match failure {
                Failure::TimedOut => Skip::OverBudget(Bound::ReadSeconds(self.time.as_secs())),
                Failure::NotStarted | Failure::TooMuch | Failure::Failed => {
                    Skip::Panicked { stage: STAGE }
                }
            },
        )
    }
}

/// The name of this reader.
const STAGE: &str = "tesseract";

impl<T: WordTable> PageReader for PagesOf<T> {
    fn name(&self) -> &'static str {
        STAGE
    }

    fn read(&self, scene: &Scene, left: Duration) -> Result<Vec<PageLine>, Skip> {
        if !looks_like_page(scene) {
            return Ok(Vec::new());
        }
        let whole = scene.plane();
        let shrunk = whole.shrunk(MAX_SIDE_PX);
        let plane = shrunk.as_ref().map_or(whole, |s| s.plane());
        let scale = whole.width as f32 / plane.width as f32;
        let dpi = scene.picture.facts.dpi.map(|(x, _)| x / scale).filter(|x| DPI.contains(x));
        let table = self.0.table(pgm(plane), dpi, left)?;
        Ok(lines(&String::from_utf8_lossy(&table), scale))
    }
}

fn looks_like_page(scene: &Scene) -> bool {
    let whole = scene.plane();
    if whole.width.min(whole.height) < MIN_SIDE_PX {
        return false;
    }
    let plane = scene.working().plane;
    [Axis::X, Axis::Y].into_iter().any(|axis| rows(plane, axis).len() >= MIN_ROWS)
}

/// Portable greymap, binary.
fn pgm(plane: Plane<'_>) -> Vec<u8> {
    let mut out = format!("P5\n{} {}\n255\n", plane.width, plane.height).into_bytes();
    (0..plane.height).for_each(|y| out.extend_from_slice(plane.row(y)));
    out
}

/// The words of its table as lines; `scale` brings places back to the whole picture.
///
/// Columns: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
/// Level 5 is a word.
fn lines(table: &str, scale: f32) -> Vec<PageLine> {
    let mut out: Vec<PageLine> = Vec::new();
    let mut last: Option<([u32; 4], [u32; 4], f32)> = None; // line, box, words so far
    for row in table.lines() {
        let cells: Vec<&str> = row.splitn(12, '\t').collect();
        let &["5", page, block, paragraph, line, _, left, top, width, height, sure, text] =
            cells.as_slice()
        else {
            continue;
        };
        let numbers = |cells: [&str; 4]| {
            let [a, b, c, d] = cells.map(|cell| cell.parse::<u32>().ok()); // not its table then
            Some([a?, b?, c?, d?])
        };
        let (Some(line), Some(region), Ok(sure)) = (
            numbers([page, block, paragraph, line]),
            numbers([left, top, width, height]),
            sure.parse::<f32>(),
        ) else {
            continue;
        };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let region = region.map(|v| (v as f32 * scale) as u32);
        let sure = (sure / 100.0).clamp(0.0, 1.0);
        let joins = last.is_some_and(|(of, before, _)| of == line && !apart(before, region));
        match (out.last_mut().filter(|_| joins), last) {
            (Some(known), Some((_, _, words))) => {
                known.text.push(' ');
                known.text.push_str(text);
                known.region = around(known.region, region);
                known.sure = (known.sure * words + sure) / (words + 1.0);
                last = Some((line, region, words + 1.0));
            }
            _ => {
                let before = out.last();
                let row = before.map_or(0, |b| b.row + u32::from(is_below(b.region, region)));
                out.push(PageLine { text: text.to_owned(), region, sure, row });
                last = Some((line, region, 1.0));
            }
        }
    }
    out
}

/// Whether a box is of another row than the one before it: half of the lower is not beside it.
fn is_below(a: [u32; 4], b: [u32; 4]) -> bool {
    let end = |r: [u32; 4]| u64::from(r[1]) + u64::from(r[3]);
    let both = end(a).min(end(b)).saturating_sub(u64::from(a[1].max(b[1])));
    2 * both <= u64::from(a[3].min(b[3]))
}

fn apart(a: [u32; 4], b: [u32; 4]) -> bool {
    let gap = u64::from(a[0].max(b[0]))
        .saturating_sub((u64::from(a[0]) + u64::from(a[2])).min(u64::from(b[0]) + u64::from(b[2])));
    gap as f32 > APART * a[3].max(b[3]) as f32
}

fn around(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    let (x, y) = (a[0].min(b[0]), a[1].min(b[1]));
    let end = |from: u32, size: u32| from.saturating_add(size);
    let (right, bottom) =
        (end(a[0], a[2]).max(end(b[0], b[2])), end(a[1], a[3]).max(end(b[1], b[3])));
    [x, y, right - x, bottom - y]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_lines_and_far_ones_cells() {
        let head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n";
        let rows = [
            "1\t1\t0\t0\t0\t0\t0\t0\t900\t900\t-1\t",
            "4\t1\t1\t1\t1\t0\t10\t10\t500\t20\t-1\t",
            "5\t1\t1\t1\t1\t1\t10\t10\t60\t20\t90\tИИН",
            "5\t1\t1\t1\t1\t2\t78\t12\t120\t20\t70\t900101100004",
            "5\t1\t1\t1\t1\t3\t400\t12\t50\t18\t80\tАлматы",
            "5\t1\t1\t1\t2\t1\t10\t40\t60\t20\t95\t\"a\tb",
            "5\t1\t1\t1\t2\t2\t80\t40\t60\t20\t-1\t ",
            "5\tnot\ta\trow",
            "5\t1\t1\t1\t9\t1\t4294967295\t40\t4294967295\t20\t95\tfar",
        ];
        let found = lines(&format!("{head}{}", rows.join("\n")), 2.0);
        let texts: Vec<&str> = found.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(texts, ["ИИН 900101100004", "Алматы", "\"a\tb", "far"]);
        assert_eq!(found.iter().map(|l| l.row).collect::<Vec<_>>(), [0, 0, 1, 1]);
        assert_eq!(found[0].region, [20, 20, 376, 44]);
        assert!((found[0].sure - 0.8).abs() < 1e-6);
    }

    #[test]
    fn what_is_missing_is_said_at_the_start() {
        let time = Duration::from_secs(1);
        let no_program =
            Tesseract::new(Path::new("no-such-ocr-3"), "rus", time, None).err().unwrap();
        assert!(no_program.contains("no-such-ocr-3") && no_program.contains("ocr.command"));
        for languages in ["", "rus+", "-l", "rus --psm", "../x"] {
            let wrong = Tesseract::new(Path::new("cat"), languages, time, None).err().unwrap();
            assert!(wrong.contains("ocr.languages"), "{wrong}");
        }
        // A program that is another: `true` lists no languages.
        let empty = Tesseract::new(Path::new("true"), "rus", time, None).err().unwrap();
        assert!(empty.contains("`rus`") && empty.contains("tesseract-ocr-rus"), "{empty}");
    }
}
