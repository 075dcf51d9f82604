//! What ends a run, and what only ends an item.
//!
//! [`Error`]: this run cannot go on; `main` turns it into exit status 2.
//! [`Skip`]: this item was not read in full. A skip is a result: it is counted,
//! delivered as a record, and raises the exit status to 3.
//!
//! No variant of [`Skip`] holds text that came out of a file: a skip record leaves
//! the process, and names of members or tags may hold a personal number.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The run cannot go on. Each variant names the place and, where there is one, the remedy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A root named on the command line is not there or cannot be opened.
    #[error("cannot read {}: {source}. Check the path and its permissions", path.display())]
    Root { path: PathBuf, source: io::Error },
    /// A file that the run needs (config, key, list of files, patterns) cannot be read.
    #[error("cannot read {what} {}: {source}", path.display())]
    Input { what: &'static str, path: PathBuf, source: io::Error },
    /// A file that the run needs is there, but what it says is wrong.
    #[error("{}{}: {message}", path.display(), line_suffix(*line))]
    Config { path: PathBuf, line: Option<usize>, message: String },
    /// Findings could not be written; going on would lose them.
    #[error("cannot write {}: {source}. Free the disk or name another -o FILE", path.display())]
    Output { path: PathBuf, source: io::Error },
    /// One or more pattern rows fail their own examples. Each entry is `file:line: message`.
    #[error("{}", .0.join("\n"))]
    Patterns(Vec<String>),
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// The state file cannot be used.
    #[error("{0}")]
    State(String),
    /// The worker threads could not be started.
    #[error("cannot start worker threads: {0}")]
    Threads(String),
}

fn line_suffix(line: Option<usize>) -> String {
    line.map(|n| format!(":{n}")).unwrap_or_default()
}

/// One item was not read, or not in full; what was found in it before still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// The operating system would not give it (permissions, I/O error, gone meanwhile).
    Unreadable(io::ErrorKind),
    /// Not a regular file: `"fifo"`, `"socket"`, `"device"`.
    NotRegular(&'static str),
    /// A symbolic link whose target this run does not visit under its own name.
    SymlinkNotFollowed(&'static str),
    /// A limit of [`crate::limits::Limits`] was reached.
    OverBudget(Bound),
    /// This format, but broken; `detail` is a fixed phrase or numbers, never file text.
    Damaged { format: &'static str, detail: Cow<'static, str> },
    /// This format, locked with a password.
    Encrypted { format: &'static str },
    /// Known, but not opened by this build.
    Unsupported { format: &'static str, detail: Cow<'static, str> },
    /// A decoder panicked; the panic was contained.
    Panicked { stage: &'static str },
    /// The process that read it is gone, or its answers cannot be trusted.
    Worker(End),
}

/// How a worker process ended that was reading a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// By this signal, or by itself with none.
    Crashed(Option<i32>),
    /// Its stack ran out.
    Stack,
    /// It did nothing for this many seconds.
    Stalled(u64),
    /// It asked the system for something that a decoder never needs.
    Forbidden,
    /// It answered otherwise than a worker does.
    Answer,
    /// None could be started.
    NotStarted,
}

/// The limit that was reached, with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    InputBytes(u64),
    ExpandedBytes(u64),
    Ratio(u64),
    Depth(u32),
    Members(u64),
    Pixels(u64),
    Seconds(u64),
    /// What the reader of pages had for one of them.
    ReadSeconds(u64),
    /// Address space of a worker process.
    MemoryBytes(u64),
}

impl Skip {
    /// Shorthand for [`Skip::Damaged`].
    pub fn damaged(format: &'static str, detail: impl Into<Cow<'static, str>>) -> Skip {
        Skip::Damaged { format, detail: detail.into() }
    }

    /// The stable reason code of the skip record.
    pub fn reason(&self) -> &'static str {
        match self {
            Skip::Unreadable(_) => "unreadable",
            Skip::NotRegular(_) => "not_regular",
            Skip::SymlinkNotFollowed(_) => "symlink_not_followed",
            Skip::OverBudget(_) => "over_budget",
            Skip::Damaged { .. } => "damaged",
            Skip::Encrypted { .. } => "encrypted",
            Skip::Unsupported { .. } => "unsupported",
            Skip::Panicked { .. } => "panicked",
            Skip::Worker(End::Forbidden | End::Answer) => "sandbox_violation",
            Skip::Worker(_) => "worker_failed",
        }
    }
}

/// The `detail` of the skip record: what an operator needs to act on it.
impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Skip::Unreadable(kind) => write!(f, "{kind}"),
            Skip::NotRegular(what) => write!(f, "{what}"),
            Skip::SymlinkNotFollowed(why) => write!(f, "{why}"),
            Skip::OverBudget(bound) => write!(f, "{bound}"),
            Skip::Damaged { format, detail } => write!(f, "{format}: {detail}"),
            Skip::Encrypted { format } => write!(f, "{format}: needs a password"),
            Skip::Unsupported { format, detail } => write!(f, "{format}: {detail}"),
            Skip::Panicked { stage } => write!(f, "decoder failed in {stage}"),
            Skip::Worker(end) => write!(f, "{end}"),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::InputBytes(n) => write!(f, "max_input_bytes {n}"),
            Bound::ExpandedBytes(n) => write!(f, "max_expanded_bytes {n}"),
            Bound::Ratio(n) => write!(f, "max_ratio {n}"),
            Bound::Depth(n) => write!(f, "max_depth {n}"),
            Bound::Members(n) => write!(f, "max_members {n}"),
            Bound::Pixels(n) => write!(f, "max_pixels {n}"),
            Bound::Seconds(n) => write!(f, "max_seconds {n}"),
            Bound::ReadSeconds(n) => write!(f, "timeout_s {n}"),
            Bound::MemoryBytes(n) => write!(f, "max_memory_bytes {n}"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Crashed(Some(signal)) => write!(f, "the worker process crashed (signal {signal})"),
            End::Crashed(None) => write!(f, "the worker process ended"),
            End::Stack => write!(f, "the worker process ran out of stack"),
            End::Stalled(n) => write!(f, "the worker process did nothing for {n} s"),
            End::Forbidden => {
                write!(f, "the worker process asked the system for what is forbidden to it")
            }
            End::Answer => write!(f, "the worker process gave an answer that is none"),
            End::NotStarted => write!(f, "no worker process could be started"),
        }
    }
}

impl From<io::Error> for Skip {
    fn from(e: io::Error) -> Skip {
        Skip::Unreadable(e.kind())
    }
}
