//! The command line: one file a subcommand. Findings go to stdout, everything else to stderr.
//!
//! Exit status: 0 all read and nothing at or over `--fail-on`; 1 a finding at or over it; 2 the run
//! could not go on; 3 finished, but some item was not read in full.

mod agent;
mod brief;
mod complete;
mod config;
mod configure;
mod explain;
mod findings;
mod logging;
mod patterns;
mod scan;
mod setup;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::engine::{PROGRAM_COMMAND, WORKER_COMMAND, become_program, serve_worker};
use crate::error::Error;
use crate::judge::masked_message;

/// Finds stored copies of identity documents and Kazakh personal numbers (IIN) in files.
#[derive(Parser)]
#[command(name = "iinspect", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Scan files and folders once
    Scan(scan::Args),
    /// Watch folders and shares until it is told to stop: the service
    Agent(agent::Args),
    /// List, show or export what is known of findings; also while the service runs
    Findings(findings::Args),
    /// Show what is looked at in one file, what is seen and what is skipped, masked
    Explain(explain::Args),
    /// Check, list or try the patterns: identifiers, documents, names, norms, calendar
    Patterns(patterns::Args),
    /// Print, check or show a configuration
    Config(configure::Args),
    /// Print completions for a shell
    Completions(complete::Completions),
    /// Print the manual, or write its pages
    Man(complete::Manual),
    /// Opens files for another process of this program
    #[command(name = WORKER_COMMAND, hide = true)]
    Worker,
    /// Runs a foreign program for it, walled in
    #[command(name = PROGRAM_COMMAND, hide = true)]
    Program {
        max_memory_bytes: u64,
        max_cpu_seconds: u64,
        program: PathBuf,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Clean,
    Failed,
    Incomplete,
}

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    logging::quiet_panics();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version go to stdout and are no error.
        Err(message) if !message.use_stderr() => message.exit(),
        Err(message) => {
            eprint!("{}", masked_message(&message.render().to_string()));
            return ExitCode::from(2);
        }
    };
    let result = match cli.command {
        Command::Scan(args) => scan::run(args),
        Command::Agent(args) => agent::run(args),
        Command::Findings(args) => findings::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Patterns(args) => patterns::run(args),
        Command::Config(args) => configure::run(args),
        Command::Completions(args) => complete::completions(&args, Cli::command()),
        Command::Man(args) => complete::manual(&args, Cli::command()),
        Command::Program { max_memory_bytes, max_cpu_seconds, program, args } => {
            Err(become_program(max_memory_bytes, max_cpu_seconds, &program, &args))
        }
        Command::Worker => serve_worker().map(|()| Status::Clean),
    };
    match result {
        Ok(Status::Clean) => ExitCode::SUCCESS,
        Ok(Status::Failed) => ExitCode::from(1),
        Ok(Status::Incomplete) => ExitCode::from(3),
        Err(error) => {
            report(&error);
            ExitCode::from(2)
        }
    }
}

/// One clear message; a closed pipe (`| head`) needs none.
fn report(error: &Error) {
    if let Error::Output { source, .. } = error
        && source.kind() == std::io::ErrorKind::BrokenPipe
    {
        return;
    }
    let text = masked_message(&error.to_string());
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines {
        // Nobody to tell: the exit status says it.
        let _ = writeln!(std::io::stderr(), "iinspect: {}", crate::text::visible::visible(line));
    }
}
