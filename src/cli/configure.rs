//! `iinspect config`: init prints the documented file, check says what is wrong with one and where, show what is in force.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Status;
use super::config::{self, line_at};
use super::setup::{self, Common};
use crate::engine::Watch;
use crate::error::Error;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print a configuration with every key, its meaning and its default
    Init {
        /// For the service: what its packages set up is switched on
        #[arg(long)]
        service: bool,
    },
    /// Check a configuration, and that the files it names can be read; names file and line of what is wrong
    Check {
        #[arg(value_name = "FILE", default_value = DEFAULT)]
        file: PathBuf,
    },
    /// Print all that is in force with a configuration, defaults included, secrets left out
    Show {
        #[arg(value_name = "FILE", default_value = DEFAULT)]
        file: PathBuf,
    },
}

const DEFAULT: &str = "/etc/iinspect/config.toml";

/// The page has the example in its only block of TOML, so that they cannot differ.
const PAGE: &str = include_str!("../../docs/configuration.md");

/// Lines of the example, and what they are in a service as the packages set it up.
const SERVICE: [(&str, &str); 5] = [
    ("# key_file = \"/etc/iinspect/key\"", "key_file = \"/etc/iinspect/key\""),
    ("metrics = \"\"", "metrics = \"unix:/run/iinspect/metrics.sock\""),
    ("# [[agent.sinks]]", "[[agent.sinks]]"),
    ("# type = \"jsonl\"", "type = \"jsonl\""),
    (
        "# path = \"/var/log/iinspect/findings.jsonl\"",
        "path = \"/var/log/iinspect/findings.jsonl\"",
    ),
];

/// A value under a key with such a word in its name is not shown; one under `..._file` is the path of a secret, and is.
const SECRETS: [&str; 4] = ["password", "secret", "token", "passphrase"];

pub fn run(args: Args) -> Result<Status, Error> {
    let text = match args.command {
        Command::Init { service: false } => example().to_string(),
        Command::Init { service: true } => for_service(example()),
        Command::Check { file } => {
            check(&file)?;
            format!("{}: nothing wrong\n", file.display())
        }
        Command::Show { file } => show(&file)?,
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| Error::Output { path: PathBuf::from("standard output"), source })?;
    Ok(Status::Clean)
}

/// The documented configuration.
pub fn example() -> &'static str {
    let after = PAGE.split_once("```toml\n").map(|(_, after)| after).unwrap_or_default();
    after.split_once("```").map(|(block, _)| block).unwrap_or_default()
}

fn for_service(example: &str) -> String {
    let mut out = String::new();
    for line in example.lines() {
        let live = SERVICE.iter().find(|(example, _)| *example == line);
        out.push_str(live.map_or(line, |(_, live)| live));
        out.push('\n');
    }
    out
}

/// All that a run would stumble over, before it runs.
fn check(file: &Path) -> Result<(), Error> {
    let common = Common { config: Some(file.to_path_buf()), quiet: true, ..Common::default() };
    match setup::engine(&common, Watch::Nothing) {
        Ok((_, config)) => {
            // Without a root there is no service; the rest of the file may be for scans.
            if config.agent.roots.is_empty() {
                return Ok(());
            }
            crate::agent::check(&config.agent).map_err(|error| match error {
                Error::Usage(message) => at_line(file, message),
                error => error,
            })?;
            if config.privacy.key_file.is_none() {
                let message =
                    "privacy.key_file is needed by the service: ids would change with every start";
                return Err(at_line(file, message.into()));
            }
            Ok(())
        }
        Err(Error::Usage(message)) => Err(at_line(file, message)),
        Err(error) => Err(error),
    }
}

/// A key that is known and has a value that cannot be: its line is in the file.
pub fn at_line(file: &Path, message: String) -> Error {
    let text = fs::read_to_string(file).unwrap_or_default(); // it was readable just now
    let line = line_at(&text, &message);
    Error::Config { path: file.to_path_buf(), line, message }
}

fn show(file: &Path) -> Result<String, Error> {
    let mut config = config::load(Some(file))?;
    config.scan.min_confidence.get_or_insert(setup::MIN_CONFIDENCE);
    let fail = |e: toml::ser::Error| Error::Config {
        path: file.to_path_buf(),
        line: None,
        message: e.to_string(),
    };
    let mut value = toml::Value::try_from(&config).map_err(fail)?;
    hide_secrets(&mut value);
    toml::to_string_pretty(&value).map_err(fail)
}

fn hide_secrets(value: &mut toml::Value) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table.iter_mut() {
                let secret = SECRETS.iter().any(|word| key.contains(word));
                match value {
                    toml::Value::String(text) if secret && !key.ends_with("_file") => {
                        *text = "(set)".into();
                    }
                    value => hide_secrets(value),
                }
            }
        }
        toml::Value::Array(values) => values.iter_mut().for_each(hide_secrets),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_init_prints_is_taken_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        fs::write(&path, example()).unwrap();
        check(&path).unwrap();
        let with_all_written = show(&path).unwrap();
        fs::write(&path, "").unwrap();
        assert_eq!(with_all_written, show(&path).unwrap());
        assert!(with_all_written.contains("max_depth = 8"), "{with_all_written}");
    }

    #[test]
    fn what_is_shown_is_a_configuration_that_means_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        fs::write(&path, "[limits]\nmax_depth = 3\n[privacy]\nkey_file = \"/k\"\n").unwrap();
        let shown = show(&path).unwrap();
        assert!(shown.contains("max_depth = 3") && shown.contains("key_file = \"/k\""), "{shown}");
        fs::write(&path, &shown).unwrap();
        assert_eq!(show(&path).unwrap(), shown);
    }

    #[test]
    fn the_file_of_the_packages_is_what_init_prints_for_a_service() {
        let packaged = include_str!("../../packaging/config.toml");
        assert!(
            packaged == for_service(example()),
            "write it anew: iinspect config init --service > packaging/config.toml"
        );
        for (line, live) in SERVICE {
            let times = |text: &str, line: &str| text.lines().filter(|l| *l == line).count();
            assert_eq!((times(example(), line), times(packaged, live)), (1, 1), "{line}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        for (text, says) in [
            ("[scan]\n\nsector = \"moon\"\n", [":3:", "moon"]),
            ("[scan]\nmin_confidence = 7.5\n", [":2:", "0 to 1"]),
            ("\n[sandbox]\nmax_files = 0\n", [":3:", "at least 1"]),
            ("[scan]\nsectr = \"bank\"\n", [":2:", "sectr"]),
            ("[[agent.roots]]\npath = \"/a\"\n", ["agent.sinks", "at least one"]),
            (
                "[agent]\nmetrics = \"10.0.0.1:1\"\n[[agent.roots]]\npath = \"/a\"\n[[agent.sinks]]\ntype = \"stdout\"\n",
                [":2:", "other machines"],
            ),
            (
                "[[agent.sinks]]\ntype = \"stdout\"\n[[agent.roots]]\npath = \"/a\"\nhours = \"7\"\n",
                [":5:", "hours"],
            ),
            (
                "[[agent.sinks]]\ntype = \"stdout\"\n[[agent.roots]]\npath = \"/a\"\nexclude = [\"{a\"]\n",
                [":5:", "{a"],
            ),
            ("[scan\n", [":1:", ""]),
            ("[privacy]\nkey_file = \"/nowhere/key\"\n", ["key file", "/nowhere/key"]),
            ("[patterns]\ndir = \"/nowhere\"\n", ["/nowhere", ""]),
        ] {
            fs::write(&path, text).unwrap();
            let message = check(&path).unwrap_err().to_string();
            assert!(says.iter().all(|w| message.contains(w)), "{text}: {message}");
        }
        assert!(check(&dir.path().join("none")).is_err());
    }

    #[test]
    fn secrets_are_not_shown_and_their_files_are() {
        let mut value: toml::Value = toml::from_str(
            "[[agent.sinks]]\ntype = \"hec\"\ntoken = \"abc\"\ntoken_file = \"/t\"\n[archives]\npasswords_file = \"/p\"\n",
        )
        .unwrap();
        hide_secrets(&mut value);
        let shown = toml::to_string(&value).unwrap();
        assert!(!shown.contains("abc"), "{shown}");
        assert!(shown.contains("\"/t\"") && shown.contains("\"/p\"") && shown.contains("(set)"));
    }
}
