//! `iinspect explain`: one file, step by step, masked; and a picture of it with what was seen.

mod album;
mod reveal;
mod save;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use album::{Album, Member};

use super::Status;
use super::setup::{self, Common};
use crate::detect::{MarkKind, Told};
use crate::engine::{Engine, Step, Trace, Watch, check_roots};
use crate::error::Error;
use crate::flow::{Candidate, Evidence, Locator, Picture, Record};
use crate::report::Base;
use crate::sink::{Human, Sink};
use crate::text::visible::visible;

#[derive(clap::Args)]
pub struct Args {
    /// The file
    file: PathBuf,
    /// Draw what was seen in a picture of the file over a version of it in which nothing can be read
    /// or recognised, and write that as PNG
    #[arg(long, value_name = "OUT.png")]
    picture: Option<PathBuf>,
    /// Which picture, where the file holds many: its number, or its place in the file [default: the
    /// first with something to report]
    #[arg(long, value_name = "N|PLACE", requires = "picture")]
    member: Option<String>,
    /// Write over OUT.png if it exists
    #[arg(long, requires = "picture")]
    force: bool,
    /// Draw over the true picture, documents and all; asks first, and only on a terminal
    #[arg(long, requires = "picture")]
    reveal: bool,
    #[command(flatten)]
    common: Common,
}

pub fn run(args: Args) -> Result<Status, Error> {
    super::logging::start(args.common.verbose, args.common.quiet);
    let watch = if args.picture.is_some() { Watch::Pixels } else { Watch::Steps };
    let (engine, config) = setup::engine(&args.common, watch)?;
    check_roots(std::slice::from_ref(&args.file))?;
    if args.file.is_dir() {
        return Err(Error::Usage(format!(
            "{} is a folder; explain takes one file, scan takes folders",
            args.file.display()
        )));
    }
    if let Some(out) = &args.picture {
        let read = [args.common.config.as_deref(), args.common.key_file.as_deref()];
        let read = read.into_iter().chain([config.privacy.key_file.as_deref()]).flatten();
        let inputs: Vec<&Path> = std::iter::once(args.file.as_path()).chain(read).collect();
        save::check(out, &inputs, args.force)?;
        if args.reveal {
            reveal::confirm(out)?;
        }
    }
    // As `scan` takes it: a link that was named is followed.
    let root = args.file.clone();
    let candidate = Candidate { path: args.file.clone(), root };
    let album = args.picture.as_ref().map(|_| {
        let member = args.member.as_deref().map(Member::parse);
        Mutex::new(Album::new(member, engine.min_confidence()))
    });
    let steps = Steps { engine: &engine, out: Mutex::new(Vec::new()), album };
    let (records, _) = engine.file(&candidate, &steps);
    // Drawn before anything is shown: what is shown ends with the legend.
    let base = if args.reveal { Base::True } else { Base::Veiled };
    let album = steps.album.as_ref().map(|a| a.lock().unwrap_or_else(|broken| broken.into_inner()));
    let drawn = album.as_ref().map(|album| album.draw(base));
    let mut out = io::stdout().lock();
    let write = |out: &mut dyn Write| -> io::Result<()> {
        out.write_all(&steps.out.lock().unwrap_or_else(|broken| broken.into_inner()))?;
        writeln!(out)?;
        if records.is_empty() {
            writeln!(out, "Nothing to report at this confidence.")?;
        }
        let mut buffer = Vec::new();
        let mut human = Human::new(&mut buffer, false);
        for record in &records {
            human.accept(record)?;
        }
        drop(human);
        out.write_all(&buffer)?;
        if let Some(Ok(sketch)) = &drawn {
            writeln!(out, "\nIn the picture:")?;
            for line in &sketch.legend {
                writeln!(out, "  {}", visible(line))?;
            }
        }
        out.flush()
    };
    write(&mut out)
        .map_err(|source| Error::Output { path: PathBuf::from("standard output"), source })?;
    if let (Some(path), Some(drawn), Some(album)) = (&args.picture, &drawn, &album) {
        let sketch = drawn.as_ref().map_err(|why| Error::Usage(why.clone()))?;
        save::write(path, &sketch.png, args.force)?;
        if !args.common.quiet {
            // Nobody to tell: the file is there.
            let _ = writeln!(io::stderr(), "iinspect: {}", album.tell());
        }
    }
    let skipped = records.iter().any(|r| matches!(r, Record::Skip(_)));
    Ok(if skipped { Status::Incomplete } else { Status::Clean })
}

/// Writes the steps down as they come.
struct Steps<'e> {
    engine: &'e Engine,
    out: Mutex<Vec<u8>>,
    /// Where a picture is to be drawn.
    album: Option<Mutex<Album>>,
}

impl Steps<'_> {
    fn place(&self, at: &Locator) -> String {
        let location = self.engine.place(at);
        let mut shown = visible(&location.path).into_owned();
        for member in &location.inside {
            shown.push_str(" > ");
            shown.push_str(&visible(member));
        }
        if let Some(page) = location.page {
            shown.push_str(&format!(" page {page}"));
        }
        shown
    }

    fn line(&self, at: &Locator, text: &str) {
        let indent = "  ".repeat(at.depth() as usize);
        let mut out = self.out.lock().unwrap_or_else(|broken| broken.into_inner());
        // Writing to memory does not fail.
        let _ = writeln!(out, "{indent}{}: {text}", self.place(at));
    }

    fn evidence(&self, at: &Locator, evidence: &Evidence) {
        let kind = serde_json::to_string(&evidence.kind).unwrap_or_default();
        let kind = kind.trim_matches('"');
        self.line(
            at,
            &format!(
                "saw {kind}, {} times, probability {:.3}",
                evidence.count,
                evidence.probability()
            ),
        );
        let indent = "  ".repeat(at.depth() as usize + 2);
        let mut out = self.out.lock().unwrap_or_else(|broken| broken.into_inner());
        for sign in &evidence.signs {
            let _ = writeln!(
                out,
                "{indent}{:+6.2}  {}: {}",
                sign.weight,
                sign.detector,
                visible(&sign.sign)
            );
        }
        for subject in evidence.subjects.iter().take(5) {
            let _ = writeln!(out, "{indent}        {} {}", subject.what, subject.value);
        }
        let _ = writeln!(out, "{indent}{:+6.2}  in all (natural log-odds)", evidence.log_odds());
    }
}

impl Trace for Steps<'_> {
    fn step(&self, step: Step<'_>) {
        match step {
            Step::Opened { at, format, bytes } => {
                self.line(at, &format!("opened as {format}, {bytes} bytes"))
            }
            Step::Text { at, verdict, table, bytes } => {
                let table = match table {
                    Some(b'\t') => ", a table with tabs".to_string(),
                    Some(separator) => format!(", a table with `{}`", char::from(separator)),
                    None => String::new(),
                };
                let (encoding, why) = (verdict.encoding.name(), verdict.why);
                self.line(at, &format!("read as text, {bytes} bytes, {encoding} ({why}){table}"));
            }
            Step::Picture { at, picture } => {
                self.line(at, &format!("looked at as a picture, {}", facts_of(picture)));
            }
            Step::Looked { at, picture, told, evidence } => {
                self.line(at, &tale(told, evidence));
                if let Some(album) = &self.album {
                    let mut album = album.lock().unwrap_or_else(|broken| broken.into_inner());
                    album.add(at, self.place(at), picture, told, evidence);
                }
            }
            Step::Name { at } => self.line(at, "looked at its name"),
            Step::Saw { at, evidence, .. } => self.evidence(at, evidence),
            Step::Skipped { at, skip } => {
                self.line(at, &format!("NOT READ: {}: {skip}", skip.reason()))
            }
        }
    }

    fn watches_pictures(&self) -> bool {
        true
    }
}

/// Size and what the file says of the picture's making.
fn facts_of(picture: &Picture) -> String {
    let facts = &picture.facts;
    let mut out = format!("{}, {} x {} pixels", facts.format, picture.width, picture.height);
    if let Some((x, y)) = facts.dpi {
        out.push_str(&if x == y {
            format!(", {x:.0} dpi")
        } else {
            format!(", {x:.0} x {y:.0} dpi")
        });
    }
    if let Some(turn) = facts.orientation.filter(|t| *t != 1) {
        out.push_str(&format!(", EXIF orientation {turn}"));
    }
    for (is, what) in [
        (facts.bilevel, "black and white only"),
        (facts.channels >= 3, "colour"),
        (facts.camera, "from a camera"),
        (facts.full_page, "fills its page"),
    ] {
        if is {
            out.push_str(", ");
            out.push_str(what);
        }
    }
    out
}

/// What was looked at in a picture and why the look ended, in one line.
fn tale(told: &Told, evidence: &[Evidence]) -> String {
    let mut counts: BTreeMap<(MarkKind, &str), usize> = BTreeMap::new();
    for mark in &told.marks {
        *counts.entry((mark.kind, mark.note)).or_default() += 1;
    }
    let name = |kind: MarkKind| match kind {
        MarkKind::Line => "lines of text",
        MarkKind::Zone => "rows of zones",
        MarkKind::Frame => "frames",
        MarkKind::Portrait => "portraits",
    };
    let mut parts: Vec<String> =
        counts.iter().map(|((kind, note), n)| format!("{n} {} ({note})", name(*kind))).collect();
    let mut origins: Vec<&str> =
        evidence.iter().filter_map(|e| e.document.as_ref()?.origin).collect();
    origins.dedup();
    if !origins.is_empty() {
        parts.push(format!("origin {}", origins.join(", ")));
    }
    parts.extend(told.why.iter().map(|why| why.to_string()));
    if parts.is_empty() { "nothing to look at".into() } else { parts.join("; ") }
}
