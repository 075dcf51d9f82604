//! `iinspect scan`: files and folders once.

mod known;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anstyle::Style;
use clap::ValueEnum;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::Status;
use super::setup::{self, Common};

use crate::engine::{Progress, RunError, Summary, Watch, check_roots, total_bytes};
use crate::error::Error;
use crate::flow::{Finding, Kind, Record, Severity};
use crate::sink::{Human, JsonLines, Sink};
use crate::source::read_list;

#[derive(clap::Args)]
pub struct Args {
    /// Files and folders
    #[arg(value_name = "PATH", required_unless_present = "files_from")]
    paths: Vec<PathBuf>,
    /// Read more paths from a file, or from standard input with `-`: one a line, or parted by NUL
    #[arg(long, value_name = "FILE|-")]
    files_from: Option<PathBuf>,
    /// human on a terminal and jsonl in a pipe, unless one is named
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// Write findings to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with 1 if there is a finding of this severity or over it
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Threads [default: all processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// Remember what was looked at: files that are as they were are not read again, and only what is
    /// new, changed or gone is told. Needs the same key each time: --key-file, or FILE.key is made
    #[arg(long, value_name = "FILE", conflicts_with = "files_from")]
    state: Option<PathBuf>,
    /// No progress bar
    #[arg(long)]
    no_progress: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Auto,
    Human,
    Jsonl,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Low,
    Medium,
    High,
    Critical,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            FailOn::Low => Severity::Low,
            FailOn::Medium => Severity::Medium,
            FailOn::High => Severity::High,
            FailOn::Critical => Severity::Critical,
        }
    }
}

pub fn run(mut args: Args) -> Result<Status, Error> {
    super::logging::start(args.common.verbose, args.common.quiet);
    if let Some(state) = args.state.take() {
        return known::run(args, &state);
    }
    let (engine, config) = setup::engine(&args.common, Watch::Nothing)?;
    let roots = roots(&args)?;
    let jobs = jobs(args.jobs.or(config.scan.jobs))?;
    let out = Out::open(args.output.as_deref())?;
    let human = match args.format {
        Format::Auto => out.is_terminal,
        Format::Human => true,
        Format::Jsonl => false,
    };
    let colour = out.is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let progress = Progress::default();
    let bar = bar(&args);
    let inner: Box<dyn Sink> = match human {
        true => Box::new(Human::new(BufWriter::new(out.writer), colour)),
        false => Box::new(JsonLines::new(out.writer)),
    };
    let started = Instant::now();
    let fail_on = args.fail_on.map(FailOn::severity);
    let is_failure = |finding: &Finding| fail_on.is_some_and(|s| finding.severity >= s);
    let result = with_bar(bar, &progress, &roots, |bar| {
        let mut sink = BesideBar {
            sink: inner,
            bar: bar.filter(|_| human || out.is_terminal),
            live: out.is_terminal,
        };
        engine.run(roots.clone(), jobs, &mut sink, &progress, &is_failure)
    });
    let summary = result.map_err(|e| match e {
        RunError::Run(e) => e,
        RunError::Sink(source) => Error::Output { path: out.name.clone(), source },
    })?;
    if !args.common.quiet {
        table(&summary, started.elapsed());
    }
    Ok(match (summary.skipped.is_empty(), summary.failed) {
        (false, _) => Status::Incomplete,
        (true, true) => Status::Failed,
        (true, false) => Status::Clean,
    })
}

/// More threads than any machine has processors only take memory.
const MAX_JOBS: usize = 1024;

/// The paths of the command line and of the list, each checked where the user named it.
fn roots(args: &Args) -> Result<Vec<PathBuf>, Error> {
    check_roots(&args.paths)?;
    let mut roots = args.paths.clone();
    if let Some(list) = &args.files_from {
        let fail = |source| Error::Input { what: "list of files", path: list.clone(), source };
        let listed = if list.as_os_str() == "-" {
            read_list(io::stdin().lock()).map_err(fail)?
        } else {
            read_list(File::open(list).map_err(fail)?).map_err(fail)?
        };
        // A listed path that is gone is a skip record, not the end of the run.
        roots.extend(listed);
    }
    Ok(distinct(roots))
}

/// Each file once: a path given twice, or below another one, is left out.
fn distinct(roots: Vec<PathBuf>) -> Vec<PathBuf> {
    // A path that cannot be resolved stays as it is; its walk says what is wrong.
    let mut known: HashSet<PathBuf> = HashSet::new();
    let resolved: Vec<PathBuf> =
        roots.iter().map(|root| root.canonicalize().unwrap_or_else(|_| root.clone())).collect();
    let all: HashSet<&PathBuf> = resolved.iter().collect();
    let below = |path: &Path| path.ancestors().skip(1).any(|a| all.contains(&a.to_path_buf()));
    let keep: Vec<bool> =
        resolved.iter().map(|path| !below(path) && known.insert(path.clone())).collect();
    roots.into_iter().zip(keep).filter_map(|(root, keep)| keep.then_some(root)).collect()
}

fn jobs(asked: Option<usize>) -> Result<usize, Error> {
    match asked {
        Some(n) if !(1..=MAX_JOBS).contains(&n) => {
            Err(Error::Usage(format!("--jobs {n}: give 1 to {MAX_JOBS}")))
        }
        Some(n) => Ok(n),
        None => Ok(thread::available_parallelism().map_or(1, usize::from)), // unknown: one thread is always right
    }
}

/// Where findings go.
struct Out {
    writer: Box<dyn Write + Send>,
    is_terminal: bool,
    name: PathBuf,
}

impl Out {
    fn open(path: Option<&Path>) -> Result<Out, Error> {
        match path {
            None => Ok(Out {
                writer: Box::new(io::stdout()),
                is_terminal: io::stdout().is_terminal(),
                name: PathBuf::from("standard output"),
            }),
            Some(path) => {
                let file = File::create(path)
                    .map_err(|source| Error::Output { path: path.to_path_buf(), source })?;
                Ok(Out { writer: Box::new(file), is_terminal: false, name: path.to_path_buf() })
            }
        }
    }
}

/// Prints above the bar, and at once where a person watches.
struct BesideBar<'b> {
    sink: Box<dyn Sink>,
    bar: Option<&'b ProgressBar>,
    live: bool,
}

impl Sink for BesideBar<'_> {
    fn accept(&mut self, record: &Record) -> io::Result<()> {
        let (sink, live) = (&mut self.sink, self.live);
        let mut write = || {
            sink.accept(record)?;
            if live { sink.flush() } else { Ok(()) }
        };
        match self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

fn bar(args: &Args) -> Option<ProgressBar> {
    if args.no_progress || args.common.quiet || !io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::new(1);
    let style = "{bar:28} {bytes}/{total_bytes} {bytes_per_sec} left {eta}  {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    Some(bar)
}

/// Runs `scan` while a thread keeps the bar up to date and another adds up what there is to read.
fn with_bar<T>(
    bar: Option<ProgressBar>,
    progress: &Progress,
    roots: &[PathBuf],
    scan: impl FnOnce(Option<&ProgressBar>) -> T,
) -> T {
    let Some(bar) = bar else { return scan(None) };
    let (done, total) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| total_bytes(roots, &total, &done));
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let bytes = progress.bytes.load(Ordering::Relaxed);
                bar.set_length(total.load(Ordering::Relaxed).max(bytes).max(1));
                bar.set_position(bytes);
                bar.set_message(format!(
                    "{} files, {} found",
                    progress.files.load(Ordering::Relaxed),
                    progress.findings.load(Ordering::Relaxed)
                ));
                thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let result = scan(Some(&bar));
        done.store(true, Ordering::Relaxed);
        result
    })
}

/// The closing table, on stderr; a terminal that is gone does not undo the scan.
fn table(summary: &Summary, took: Duration) {
    let bold = |text: &str| match io::stderr().is_terminal() {
        true => format!("{0}{text}{0:#}", Style::new().bold()),
        false => text.to_string(),
    };
    let rate = summary.bytes as f64 / took.as_secs_f64().max(1e-3);
    let _ = writeln!(
        io::stderr(),
        "{} {} files in {} folders, {} in {:.1} s ({}/s)",
        bold("read    "),
        summary.files,
        summary.folders,
        HumanBytes(summary.bytes),
        took.as_secs_f64(),
        HumanBytes(rate as u64)
    );
    let name = |kind: &Kind| match kind {
        Kind::IdDocumentCopy => "id_document_copy",
        Kind::Iin => "iin",
        Kind::IdDocumentNumber => "id_document_number",
        Kind::CustomIdentifier => "custom_identifier",
    };
    let list = |parts: Vec<String>| {
        if parts.is_empty() { "nothing".to_string() } else { parts.join(", ") }
    };
    let found = summary.found.iter().map(|(kind, n)| format!("{n} {}", name(kind))).collect();
    let _ = writeln!(io::stderr(), "{} {}", bold("found   "), list(found));
    let skipped = summary.skipped.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    let _ = writeln!(io::stderr(), "{} {}", bold("not read"), list(skipped));
}
