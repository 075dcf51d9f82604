//! `iinspect patterns`: check proves every row by its own examples, list shows what is loaded, test
//! tries the rows on a file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Status;
use crate::detect::{Rules, TextFacts, look};
use crate::error::Error;
use crate::flow::{Evidence, Form};
use crate::patterns::{Find, Patterns, prove};
use crate::text::encoding::decide;
use crate::text::visible::visible;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
    /// Folder (or one file) with patterns of your own, added to the built-in ones
    #[arg(long, value_name = "DIR", global = true)]
    patterns: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Prove every row, yours included, by what it says it must and must not match
    Check,
    /// Show what is loaded
    List,
    /// Show which rows match in a text file, with their reasons, masked
    Test { file: PathBuf },
}

/// A file tried by `test` is a sample, not a log.
const MAX_SAMPLE: u64 = 64 << 20;

pub fn run(args: Args) -> Result<Status, Error> {
    let patterns = Arc::new(Patterns::load(args.patterns.as_deref())?);
    let text = match args.command {
        Command::Check => check(&patterns)?,
        Command::List => list(&patterns),
        Command::Test { file } => test(&patterns, &file)?,
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| Error::Output { path: PathBuf::from("standard output"), source })?;
    Ok(Status::Clean)
}

/// How a row's examples are looked at.
fn facts() -> TextFacts {
    let year = jiff::Zoned::now().year().rem_euclid(100);
    TextFacts {
        form: Form::Plain,
        binary: false,
        in_name: false,
        newest_year: u32::try_from(year).unwrap_or(99),
        max_occurrences: 1000,
    }
}

/// Proves every row; [`Error::Patterns`] names those that fail.
pub fn check(patterns: &Arc<Patterns>) -> Result<String, Error> {
    let rules = Rules::new(patterns);
    let faults = prove(patterns, &|text| look(&rules, text, facts()));
    if !faults.is_empty() {
        return Err(Error::Patterns(faults));
    }
    Ok(format!("all rows hold their examples: {}\n", counts(patterns)))
}

fn counts(patterns: &Patterns) -> String {
    format!(
        "{} identifiers, {} documents, {} name hints, {} norms; version {}",
        patterns.identifiers.len(),
        patterns.documents.rows.len(),
        patterns.names.rows.len(),
        patterns.norms.len(),
        patterns.version
    )
}

fn list(patterns: &Patterns) -> String {
    let mut out = format!("{}\n", counts(patterns));
    let mut line = |kind: &str, name: &str, what: String, file: &str, at: u32| {
        out.push_str(&format!("{kind:11} {:32} {what:44} {}:{at}\n", visible(name), visible(file)));
    };
    for row in &patterns.identifiers {
        let find = match &row.find {
            Find::Digits { min, max, prefix } => {
                let prefix = prefix.as_deref().map(|p| format!("{p} and ")).unwrap_or_default();
                if min == max {
                    format!("{prefix}{min} digits")
                } else {
                    format!("{prefix}{min}-{max} digits")
                }
            }
            Find::Regex(_) => "an expression".to_string(),
        };
        let check = row.validator.map(|v| format!(", {}", v.name())).unwrap_or_default();
        let what = format!("{find}{check}, {} labels", row.labels.len());
        line("identifier", &row.name, what, &row.origin.file, row.origin.line);
    }
    for row in &patterns.documents.rows {
        let what = format!("{} titles, {} labels", row.titles.len(), row.labels.len());
        line("document", row.kind, what, &row.origin.file, row.origin.line);
    }
    for row in &patterns.names.rows {
        let what = format!("{} phrases, {:+.1}", row.texts.len(), row.weight);
        line("name", &row.name, what, &row.origin.file, row.origin.line);
    }
    for row in &patterns.norms {
        let what = format!("from {}, {}", row.in_force_from, row.relevance);
        line("norm", &row.id, what, &row.origin.file, row.origin.line);
    }
    out
}

fn test(patterns: &Arc<Patterns>, file: &Path) -> Result<String, Error> {
    use std::io::Read;
    let fail = |source| Error::Input { what: "file", path: file.to_path_buf(), source };
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .map_err(fail)?
        .take(MAX_SAMPLE)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    let verdict = decide(&bytes);
    let text = verdict.encoding.decode(&bytes);
    let evidence = look(&Rules::new(patterns), &text, facts());
    let mut out = format!("read as {} ({})\n", verdict.encoding.name(), verdict.why);
    if evidence.is_empty() {
        out.push_str("no identifier matches\n");
    }
    evidence.iter().for_each(|e| describe(&mut out, e));
    for (number, line) in text.lines().enumerate() {
        if let Some((document, title)) = patterns.documents.look(line) {
            out.push_str(&format!(
                "line {}: title of {}: {}\n",
                number + 1,
                document.kind,
                visible(&title.text)
            ));
        }
    }
    if let Some(hint) = file.file_name().and_then(|n| patterns.names.look(&n.to_string_lossy())) {
        out.push_str(&format!("name hint: {} {:+.1}\n", visible(&hint.name), hint.weight));
    }
    Ok(out)
}

fn describe(out: &mut String, evidence: &Evidence) {
    let what = evidence.subjects.first().map_or("", |s| s.what.as_str());
    out.push_str(&format!(
        "{} x {}, probability {:.3}\n",
        evidence.count,
        visible(what),
        evidence.probability()
    ));
    for (site, shown) in
        evidence.sites.iter().take(5).filter_map(|s| Some((s, evidence.subjects.get(s.subject?)?)))
    {
        let line = site.line.map(|n| format!("line {n}: ")).unwrap_or_default();
        out.push_str(&format!("    {line}{}\n", shown.value));
    }
    for sign in &evidence.signs {
        out.push_str(&format!("    {:+6.2} {}\n", sign.weight, visible(&sign.sign)));
    }
}
