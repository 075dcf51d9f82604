//! Recall, precision and calibration on labelled files.
//!
//! ```text
//! cargo run --release --example evaluate -- DIR truth.jsonl [--findings FILE] [--at P] [--by TAG[,TAG]]... [--list]
//! ```
//!
//! The truth format and what is counted: docs/evaluate.md.

mod measure;
mod report;
mod scan;
mod seen;
mod truth;

use std::path::PathBuf;
use std::process::ExitCode;

use report::Settings;
use seen::Run;

struct Options {
    dir: PathBuf,
    truth: PathBuf,
    findings: Option<PathBuf>,
    settings: Settings,
}

const USAGE: &str =
    "usage: evaluate DIR truth.jsonl [--findings FILE] [--at P] [--by TAG[,TAG]]... [--list]";

fn main() -> ExitCode {
    match options(std::env::args().skip(1)).and_then(|options| evaluate(&options)) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut places = Vec::new();
    let mut findings = None;
    let mut settings = Settings { at: 0.8, list: false, by: Vec::new() };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} wants a value\n{USAGE}"));
        match arg.as_str() {
            "--findings" => findings = Some(PathBuf::from(value()?)),
            "--at" => {
                let at = value()?;
                settings.at = at.parse().map_err(|_| format!("--at: {at} is no number"))?;
            }
            "--by" => settings.by.push(value()?),
            "--list" => settings.list = true,
            _ if arg.starts_with('-') => return Err(format!("unknown option {arg}\n{USAGE}")),
            _ => places.push(PathBuf::from(arg)),
        }
    }
    let [dir, truth] = <[PathBuf; 2]>::try_from(places).map_err(|_| USAGE.to_owned())?;
    Ok(Options { dir, truth, findings, settings })
}

fn evaluate(options: &Options) -> Result<String, String> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
    };
    let truth = truth::parse(&read(&options.truth)?)
        .map_err(|e| format!("{}, {e}", options.truth.display()))?;
    if let Some(gone) = truth.iter().find(|t| !options.dir.join(&t.file).exists()) {
        return Err(format!(
            "{} names {}, which is not in {}",
            options.truth.display(),
            gone.file,
            options.dir.display()
        ));
    }
    let run = match &options.findings {
        Some(path) => Run::parse(&read(path)?).map_err(|e| format!("{}, {e}", path.display()))?,
        None => scan::scan(&options.dir)?,
    };
    let measured = measure::measure(&truth, &run);
    Ok(report::report(&truth, &run, &measured, &options.settings))
}
