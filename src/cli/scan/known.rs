//! `iinspect scan --state`: what is new, changed or gone since the last time.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use indicatif::HumanBytes;
use serde_json::Value;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::{Args, Format, Out, Status, jobs, roots};
use crate::agent::{self, Once};
use crate::cli::brief::brief;
use crate::cli::setup;
use crate::engine::Watch;
use crate::error::Error;
use crate::sink::{Acknowledging, Parcel, Refusal};

const KEY_BYTES: usize = 32;

pub fn run(mut args: Args, state: &Path) -> Result<Status, Error> {
    let state = std::path::absolute(state)
        .map_err(|source| Error::Output { path: state.to_path_buf(), source })?;
    let config = crate::cli::config::load(args.common.config.as_deref())?;
    if args.common.key_file.is_none() && config.privacy.key_file.is_none() {
        args.common.key_file = Some(own_key(&state)?);
    }
    let made = setup::make(&args.common, Watch::Nothing)?;
    let jobs = jobs(args.jobs.or(made.config.scan.jobs))?;
    let mut shares = Vec::new();
    for root in roots(&args)? {
        let fail = |source| Error::Root { path: root.clone(), source };
        let path = std::path::absolute(&root).map_err(fail)?;
        if !std::fs::metadata(&path).map_err(fail)?.is_dir() {
            return Err(Error::Usage(format!(
                "{}: with --state give folders; a single file is scanned without",
                root.display()
            )));
        }
        if state.starts_with(&path) {
            return Err(Error::Usage(format!(
                "--state {}: it lies in {}, which is scanned; give it a place outside",
                state.display(),
                root.display()
            )));
        }
        shares.push(agent::Root::of(path));
    }
    let settings = agent::Settings {
        state,
        debounce_ms: 0,
        roots: shares,
        reread_days: 0,
        ..agent::Settings::default()
    };
    let out = Out::open(args.output.as_deref())?;
    let human = match args.format {
        Format::Auto => out.is_terminal,
        Format::Human => true,
        Format::Jsonl => false,
    };
    let failed = Arc::new(AtomicBool::new(false));
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Without it a second signal still ends the program, and nothing is lost by that.
        let _ = signal_hook::flag::register_conditional_default(signal, stop.clone());
        let _ = signal_hook::flag::register(signal, stop.clone());
    }
    let sink = Printer { writer: out.writer, human, failed: failed.clone(), stop: stop.clone() };
    let started = Instant::now();
    let once = agent::once(setup::built(made, settings), Box::new(sink), jobs, &stop)?;
    if failed.load(Ordering::Relaxed) {
        let source = io::Error::other("not all records were written; they are told the next time");
        return Err(Error::Output { path: out.name, source });
    }
    if !args.common.quiet {
        told(&once, started);
    }
    let at_least = args.fail_on.map(|s| s.severity());
    let over = |severity: &str| {
        let names = ["low", "medium", "high", "critical"];
        let rank = names.iter().position(|n| *n == severity).unwrap_or(names.len());
        at_least.is_some_and(|s| rank >= s as usize)
    };
    Ok(match (once.skipped > 0, once.open.iter().any(|(_, severity, _)| over(severity))) {
        (true, _) => Status::Incomplete,
        (false, true) => Status::Failed,
        (false, false) => Status::Clean,
    })
}

/// The key beside the state, made at the first time.
fn own_key(state: &Path) -> Result<PathBuf, Error> {
    let mut path = state.as_os_str().to_owned();
    path.push(".key");
    let path = PathBuf::from(path);
    let fail = |source| Error::Output { path: path.clone(), source };
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            let mut key = [0u8; KEY_BYTES];
            getrandom::fill(&mut key)
                .map_err(|e| Error::Usage(format!("no random key to be had: {e}")))?;
            file.write_all(&key).and_then(|()| file.sync_all()).map_err(fail)?;
            log::warn!("{} was made: without it the state is worth nothing", path.display());
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(fail(e)),
    }
    Ok(path)
}

fn told(once: &Once, started: Instant) {
    let open: u64 = once.open.iter().map(|(_, _, n)| n).sum();
    let kinds: Vec<String> =
        once.open.iter().map(|(kind, severity, n)| format!("{n} {kind} ({severity})")).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
    let _ = writeln!(
        io::stderr(),
        "read     {} new or changed files, {} in {:.1} s\nopen     {open}{kinds}\nnot read {} files, or something in them",
        once.files,
        HumanBytes(once.bytes),
        started.elapsed().as_secs_f64(),
        once.skipped
    );
}

/// Standard output or a file, as a sink that acknowledges.
struct Printer {
    writer: Box<dyn Write + Send>,
    human: bool,
    failed: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Acknowledging for Printer {
    fn name(&self) -> &str {
        "scan"
    }

    fn deliver(&mut self, batch: &[Parcel<'_>]) -> Result<usize, Refusal> {
        let mut write = || {
            for parcel in batch {
                match self.human {
                    true => {
                        let record: Value =
                            serde_json::from_str(parcel.line).unwrap_or(Value::Null); // ours, whole
                        writeln!(self.writer, "{}", brief(&record))?;
                    }
                    false => writeln!(self.writer, "{}", parcel.line)?,
                }
            }
            self.writer.flush()
        };
        match write() {
            Ok(()) => Ok(batch.len()),
            Err(e) => {
                // Nobody reads on: the rest is told the next time.
                self.failed.store(true, Ordering::Relaxed);
                self.stop.store(true, Ordering::Relaxed);
                Err(Refusal::Later(e.kind().to_string(), None))
            }
        }
    }
}
