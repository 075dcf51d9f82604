//! `iinspect findings`: what the state knows, read beside a service that writes it.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Status;
use super::brief::brief;
use crate::error::Error;
use crate::flow::Severity;
use crate::state::{Known, State, StateError, Wanted};
use crate::text::visible::visible;

#[derive(clap::Args)]
pub struct Args {
    /// The state file [default: that of the configuration]
    #[arg(long, value_name = "FILE", global = true)]
    state: Option<PathBuf>,
    /// Configuration that names the state file
    #[arg(long, value_name = "FILE", global = true, default_value = "/etc/iinspect/config.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// One line a finding; JSON lines into a pipe
    List {
        #[command(flatten)]
        filter: Filter,
        /// human on a terminal and jsonl in a pipe, unless one is named
        #[arg(long, value_enum)]
        format: Option<Format>,
    },
    /// All of one finding, with its true path on this host
    Show {
        /// Its id, or the beginning of it
        id: String,
    },
    /// All that is known as JSON lines, resolved findings included
    Export {
        #[command(flatten)]
        filter: Filter,
        /// Into a file, which must not be there yet
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Records that a sink refused for good
    DeadLetters,
}

#[derive(clap::Args)]
struct Filter {
    /// Also those that are resolved
    #[arg(long)]
    all: bool,
    /// Only this kind: id_document_copy, iin, id_document_number, custom_identifier
    #[arg(long)]
    kind: Option<String>,
    /// This severity or a higher one
    #[arg(long, value_enum)]
    severity: Option<AtLeast>,
    /// Changed since: a time such as 2026-11-21 or 2026-11-21T18:00:00+05:00
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<i64>,
    /// The newest N
    #[arg(long, value_name = "N")]
    newest: Option<usize>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Human,
    Jsonl,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum AtLeast {
    Low,
    Medium,
    High,
    Critical,
}

/// Names tried for a masked path; more than these are not told apart.
const MOST_PATHS: usize = 10;

fn time(text: &str) -> Result<i64, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.as_millisecond());
    }
    let day = text
        .parse::<jiff::civil::Date>()
        .map_err(|_| "write it as 2026-11-21 or 2026-11-21T18:00:00+05:00".to_owned())?;
    let midnight = day.to_zoned(jiff::tz::TimeZone::system()).map_err(|e| e.to_string())?;
    Ok(midnight.timestamp().as_millisecond())
}

impl Filter {
    fn wanted(&self, resolved: bool) -> Wanted {
        let at_least = self.severity.map(|s| match s {
            AtLeast::Low => Severity::Low,
            AtLeast::Medium => Severity::Medium,
            AtLeast::High => Severity::High,
            AtLeast::Critical => Severity::Critical,
        });
        Wanted {
            resolved: self.all || resolved,
            kind: self.kind.clone(),
            at_least,
            since: self.since,
            newest: self.newest,
        }
    }
}

pub fn run(args: Args) -> Result<Status, Error> {
    match told(args) {
        // Nobody reads on (`| head`): that is no fault.
        Err(Error::Output { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => {
            Ok(Status::Clean)
        }
        done => done,
    }
}

fn told(args: Args) -> Result<Status, Error> {
    super::logging::start(0, false);
    let path = match args.state {
        Some(path) => path,
        None => super::config::load(Some(&args.config))?.agent.state,
    };
    let state = State::look(&path).map_err(failed)?;
    let stdout = PathBuf::from("standard output");
    let to = |source| Error::Output { path: stdout.clone(), source };
    let mut out = BufWriter::new(io::stdout().lock());
    match args.command {
        Command::List { filter, format } => {
            let human = match format {
                Some(format) => matches!(format, Format::Human),
                None => io::stdout().is_terminal(),
            };
            let wanted = filter.wanted(false);
            each(&state, &wanted, &mut |known| match human {
                true => {
                    let id = known.id.get(..12).unwrap_or(&known.id);
                    writeln!(out, "{id}  {}", brief(&known.record))
                }
                false => writeln!(out, "{}", line(&known)),
            })?
            .map_err(to)?;
        }
        Command::Export { filter, output: None } => {
            let wanted = filter.wanted(true);
            each(&state, &wanted, &mut |known| writeln!(out, "{}", line(&known)))?.map_err(to)?;
        }
        Command::Export { filter, output: Some(path) } => {
            let to = |source| Error::Output { path: path.clone(), source };
            let mut file = BufWriter::new(File::create_new(&path).map_err(to)?);
            let wanted = filter.wanted(true);
            each(&state, &wanted, &mut |known| writeln!(file, "{}", line(&known)))?.map_err(to)?;
            file.flush().map_err(to)?;
        }
        Command::Show { id } => show(&state, &id, &mut out)?.map_err(to)?,
        Command::DeadLetters => {
            for dead in state.dead_letters().map_err(failed)? {
                let record: Value = serde_json::from_str(&dead.line).unwrap_or(Value::Null); // ours, whole
                let line = json!({
                    "sink": dead.sink, "seq": dead.seq, "time": moment(dead.time), "reason": dead.reason, "record": record
                });
                writeln!(out, "{line}").map_err(to)?;
            }
        }
    }
    out.flush().map_err(to)?;
    Ok(Status::Clean)
}

fn failed(e: StateError) -> Error {
    Error::State(e.to_string())
}

/// Calls `write` with each; its first error ends it.
fn each(
    state: &State,
    wanted: &Wanted,
    write: &mut dyn FnMut(Known) -> io::Result<()>,
) -> Result<io::Result<()>, Error> {
    let mut result = Ok(());
    let mut one = |known| {
        result = write(known);
        result.is_ok()
    };
    state.findings(wanted, &mut one).map_err(failed)?;
    Ok(result)
}

fn moment(millis: i64) -> String {
    crate::flow::Stamp::new(millis, jiff::tz::TimeZone::system()).text
}

/// The record with its life.
fn line(known: &Known) -> Value {
    let mut record = known.record.clone();
    if let Some(fields) = record.as_object_mut() {
        fields.insert("first_seen".into(), moment(known.opened).into());
        fields.insert("changed".into(), moment(known.changed).into());
        fields.insert("resolved".into(), known.resolved.map(moment).into());
    }
    record
}

fn show(state: &State, id: &str, out: &mut impl Write) -> Result<io::Result<()>, Error> {
    let found = state.finding(id).map_err(failed)?;
    let known = match found.as_slice() {
        [known] => known,
        [] => return Err(Error::Usage(format!("no finding has an id that begins with {id}"))),
        several => {
            let ids: Vec<&str> = several.iter().map(|k| k.id.as_str()).collect();
            return Err(Error::Usage(format!("several ids begin with {id}: {}", ids.join(" "))));
        }
    };
    let mut say = || {
        writeln!(out, "{}", brief(&known.record))?;
        let first = moment(known.opened);
        writeln!(out, "first seen {first}, changed {}", moment(known.changed))?;
        if let Some(resolved) = known.resolved {
            writeln!(out, "resolved   {}", moment(resolved))?;
        }
        let paths = paths(&known.record);
        match paths.as_slice() {
            [] => writeln!(out, "path       not there any more, or not to be read by this user")?,
            [path] => writeln!(out, "path       {}", visible(&path.to_string_lossy()))?,
            several => {
                writeln!(out, "path       one of these, which differ in masked digits only:")?;
                for path in several {
                    writeln!(out, "           {}", visible(&path.to_string_lossy()))?;
                }
            }
        }
        serde_json::to_writer_pretty(&mut *out, &line(known)).map_err(io::Error::other)?;
        writeln!(out)
    };
    Ok(say())
}

/// The paths on this host that a masked one may stand for: a mask hides a digit behind a star, byte
/// for byte.
fn paths(record: &Value) -> Vec<PathBuf> {
    let Some(at) = record.get("location") else { return Vec::new() };
    let bytes = match at.get("path_bytes").and_then(Value::as_str) {
        Some(coded) => STANDARD.decode(coded).unwrap_or_default(),
        None => at.get("path").and_then(Value::as_str).unwrap_or_default().as_bytes().to_vec(),
    };
    let path = PathBuf::from(std::ffi::OsString::from_vec(bytes));
    if fs::symlink_metadata(&path).is_ok() {
        return vec![path];
    }
    let mut found = vec![PathBuf::new()];
    for step in path.components() {
        let mask = step.as_os_str();
        let mut next = Vec::new();
        for folder in found {
            let exact = folder.join(mask);
            if !mask.as_bytes().contains(&b'*') {
                next.extend(fs::symlink_metadata(&exact).is_ok().then_some(exact));
                continue;
            }
            next.extend(names_like(&folder, mask.as_bytes()));
        }
        next.truncate(MOST_PATHS);
        found = next;
    }
    found
}

fn names_like(folder: &Path, mask: &[u8]) -> Vec<PathBuf> {
    let fits = |name: &[u8]| {
        let pairs = || name.iter().zip(mask);
        name.len() == mask.len()
            && pairs().all(|(b, m)| b == m || (*m == b'*' && b.is_ascii_alphanumeric()))
    };
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let all = entries.flatten().filter(|entry| fits(entry.file_name().as_bytes()));
    let mut found: Vec<PathBuf> = all.map(|entry| entry.path()).collect();
    found.sort();
    found
}
