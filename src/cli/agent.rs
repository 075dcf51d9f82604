//! `iinspect agent`: the service.

use std::path::PathBuf;

use super::Status;
use super::setup::{self, Common};
use crate::agent::{Built, Service};
use crate::engine::Watch;
use crate::error::Error;
use crate::patterns::SECTORS;

#[derive(clap::Args)]
pub struct Args {
    /// Configuration file (TOML); its [agent] part says what is watched and where findings go
    #[arg(long, value_name = "FILE", default_value = "/etc/iinspect/config.toml")]
    config: PathBuf,
    /// Say more on stderr; twice: every file
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Say nothing on stderr but errors
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(args: Args) -> Result<Status, Error> {
    super::logging::start(args.verbose.max(1), args.quiet);
    Service::run(&|| build(&args))?;
    Ok(Status::Clean)
}

fn build(args: &Args) -> Result<Built, Error> {
    let common = Common {
        config: Some(args.config.clone()),
        verbose: args.verbose,
        quiet: args.quiet,
        ..Common::default()
    };
    let wrong = |message: String| super::configure::at_line(&args.config, message);
    let made = match setup::make(&common, Watch::Nothing) {
        Err(Error::Usage(message)) => return Err(wrong(message)),
        made => made?,
    };
    if made.config.privacy.key_file.is_none() {
        return Err(wrong(
            "privacy.key_file is needed: without it ids change with every start. Make one with: head -c 32 /dev/urandom > \
             /etc/iinspect/key && chmod 600 /etc/iinspect/key"
                .into(),
        ));
    }
    let settings = made.config.agent.clone();
    for (i, root) in settings.roots.iter().enumerate() {
        if let Some(sector) = root.sector.as_deref().filter(|s| !SECTORS.contains(s)) {
            let known = SECTORS.join(", ");
            return Err(wrong(format!("agent.roots[{i}].sector: `{sector}` is none of: {known}")));
        }
    }
    Ok(setup::built(made, settings))
}
