//! What packages install beside the program: completions for shells, pages of the manual.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap_complete::Shell;
use clap_mangen::Man;

use super::Status;
use crate::error::Error;

#[derive(clap::Args)]
pub struct Completions {
    /// The shell they are for
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(clap::Args)]
pub struct Manual {
    /// Write the pages of all commands into this folder instead of the first one to the standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub fn completions(args: &Completions, command: clap::Command) -> Result<Status, Error> {
    print(&script(args.shell, command))
}

/// Without the commands that only the program itself gives: the scripts would offer them.
fn script(shell: Shell, command: clap::Command) -> Vec<u8> {
    let mut shown = clap::Command::new("iinspect")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommands(command.get_subcommands().filter(|c| !c.is_hide_set()).cloned());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut shown, "iinspect", &mut script);
    script
}

pub fn manual(args: &Manual, command: clap::Command) -> Result<Status, Error> {
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        // Writing to a Vec does not fail.
        let _ = Man::new(command).render(&mut page);
        return print(&page);
    };
    let fail = |source| Error::Output { path: folder.clone(), source };
    fs::create_dir_all(folder).map_err(fail)?;
    pages(command, folder).map_err(fail)?;
    Ok(Status::Clean)
}

/// `iinspect.1`, `iinspect-scan.1`, ...; not those of commands that only the program itself gives.
fn pages(command: clap::Command, folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(command, folder)
}

fn print(bytes: &[u8]) -> Result<Status, Error> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|source| Error::Output { path: PathBuf::from("standard output"), source })?;
    Ok(Status::Clean)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_command_that_is_shown_has_a_page_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        manual(&Manual { out: Some(dir.path().join("man")) }, Cli::command()).unwrap();
        let has = |name: &str| dir.path().join("man").join(name).exists();
        for command in Cli::command().get_subcommands() {
            let page = format!("iinspect-{}.1", command.get_name());
            assert_eq!(has(&page), !command.is_hide_set(), "{page}");
        }
        let scan = fs::read_to_string(dir.path().join("man/iinspect-scan.1")).unwrap();
        assert!(scan.contains(".TH") && scan.contains("fail\\-on"), "{scan}");
    }

    #[test]
    fn completions_know_commands_and_options_and_nothing_hidden() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = String::from_utf8(script(shell, Cli::command())).unwrap();
            assert!(script.contains("explain") && script.contains("fail-on"), "{shell}");
            assert!(!script.contains(crate::engine::PROGRAM_COMMAND), "{shell}");
        }
    }
}
