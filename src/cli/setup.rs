//! From options to an engine: patterns, key, judge, limits.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::config::{Config, Ocr, OcrEngine, PathPrivacy, PictureReading};
use crate::agent;
use crate::engine::{
    Engine, Needs, OwnReader, PageReader, PagesOf, Sandbox, Tesseract, Walls, Watch, WordTable,
    this_program,
};
use crate::error::Error;
use crate::flow::FingerprintKey;
use crate::judge::{Judge, Privacy, Settings};
use crate::limits::Passwords;
use crate::patterns::{Patterns, SECTORS};
use crate::state::Keys;

/// What scan and explain have in common.
#[derive(Default, clap::Args)]
pub struct Common {
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder with patterns of your own, added to the built-in ones
    #[arg(long, value_name = "DIR")]
    pub patterns: Option<PathBuf>,
    /// File with the secret that fingerprints and ids are made with (at least 32 bytes); without
    /// it every run makes its own, and ids of two runs cannot be compared
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Report findings from this confidence on, 0 to 1 [default: 0.5]
    #[arg(long, value_name = "P", value_parser = probability)]
    pub min_confidence: Option<f64>,
    /// What is read in pictures [default: documents]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub read: Option<PictureReading>,
    /// Where complex formats are opened [default: auto]
    #[arg(long, value_enum, value_name = "MODE")]
    pub sandbox: Option<Sandbox>,
    /// Say more on stderr; twice: every file
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing on stderr but errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// Findings under this are not reported unless asked for.
pub const MIN_CONFIDENCE: f64 = 0.5;
const KEY_BYTES: usize = 32;
/// A key file or a list of passwords over this is some other file.
const MAX_KEY_FILE: u64 = 1 << 20;

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err("give a number from 0 to 1, such as 0.8".into()),
    }
}

/// The engine and the configuration it was made of; `watch` is how much its workers tell.
pub fn engine(common: &Common, watch: Watch) -> Result<(Engine, Config), Error> {
    let made = make(common, watch)?;
    Ok((made.engine, made.config))
}

/// An engine and what it was made of.
pub struct Made {
    pub engine: Engine,
    pub config: Config,
    pub key: FingerprintKey,
    /// Whatever files are judged by, as one text.
    pub generation: String,
    pub patterns: String,
}

/// What the service and a scan with a state need.
pub fn built(made: Made, settings: agent::Settings) -> agent::Built {
    let Made { engine, key, generation, patterns, .. } = made;
    let keys = Keys::new(key.derive("state"));
    agent::Built {
        engine,
        settings,
        generation,
        keys,
        patterns,
        zone: jiff::tz::TimeZone::system(),
    }
}

pub fn make(common: &Common, watch: Watch) -> Result<Made, Error> {
    let config = super::config::load(common.config.as_deref())?;
    let patterns =
        Arc::new(Patterns::load(common.patterns.as_deref().or(config.patterns.dir.as_deref()))?);
    let key = key(common.key_file.as_deref().or(config.privacy.key_file.as_deref()))?;
    let min_confidence =
        common.min_confidence.or(config.scan.min_confidence).unwrap_or(MIN_CONFIDENCE);
    if !(0.0..=1.0).contains(&min_confidence) {
        return Err(Error::Usage(
            "scan.min_confidence: give a number from 0 to 1, such as 0.8".into(),
        ));
    }
    if let Some(sector) = &config.scan.sector
        && !SECTORS.contains(&sector.as_str())
    {
        return Err(Error::Usage(format!(
            "scan.sector `{sector}` is none of: {}",
            SECTORS.join(", ")
        )));
    }
    let settings = Settings {
        sector: config.scan.sector.clone(),
        privacy: match config.privacy.paths {
            PathPrivacy::Masked => Privacy::Masked,
            PathPrivacy::Full => Privacy::Full,
        },
        host: host(),
        note_encrypted: config.archives.note_encrypted,
        ..Settings::default()
    };
    log::info!("patterns {}", patterns.version);
    let version = patterns.version.clone();
    let judge = Judge::new(patterns.clone(), key.clone(), settings);
    // Stamps of tomorrow's clock are stamps too.
    let year = jiff::Zoned::now().year() + 1;
    let newest_year = u32::try_from(year.rem_euclid(100)).unwrap_or(99);
    let engine = Engine::new(&patterns, judge, config.limits.clone(), min_confidence, newest_year);
    let passwords = passwords(config.archives.passwords_file.as_deref())?;
    let engine = engine.with_passwords(passwords.clone());
    let generation = generation(common, &config, &version, min_confidence, &passwords, &key);
    let mut workers = config.sandbox.clone();
    workers.mode = common.sandbox.unwrap_or(workers.mode);
    let program = this_program()
        .map_err(|e| Error::Usage(format!("the program does not find itself: {e}")))?;
    let within = (workers.mode != Sandbox::Off).then(|| program.clone());
    let tesseract = tesseract(common, &config, within)?;
    let needs = Needs {
        patterns,
        limits: &config.limits,
        passwords,
        newest_year,
        pages: reads_pages(common, &config),
        ocr: tesseract.clone().map(|t| Box::new(t) as Box<dyn WordTable>),
        watch,
    };
    let walls = Walls::new(workers, program, needs)?;
    let mut readers: Vec<Box<dyn PageReader>> = Vec::new();
    if reads_pages(common, &config) {
        readers.push(Box::new(OwnReader));
    }
    if let Some(tesseract) = tesseract {
        readers.push(Box::new(PagesOf(tesseract)));
    }
    let engine = engine.with_page_readers(readers).with_walls(walls);
    Ok(Made { engine, config, key, generation, patterns: version })
}

/// Another text means that what is known of files was found in another way than it would be now.
/// Passwords go into it under the key, so that it tells nothing of them.
fn generation(
    common: &Common,
    config: &Config,
    patterns: &str,
    min_confidence: f64,
    passwords: &Passwords,
    key: &FingerprintKey,
) -> String {
    let Config { limits, vision, ocr, scan, privacy, agent, .. } = config;
    let sectors: Vec<_> = agent.roots.iter().map(|r| (&r.path, &r.sector)).collect();
    let read = (common.read.unwrap_or(vision.read), &ocr.engine, &ocr.languages);
    let told = (&scan.sector, &sectors, privacy.paths);
    let settings = format!("{limits:?} {read:?} {min_confidence} {told:?}");
    let passwords: Vec<&[u8]> = passwords.iter().map(str::as_bytes).collect();
    let program = env!("CARGO_PKG_VERSION");
    let (settings, passwords) = (key.word(&[settings.as_bytes()]), key.word(&passwords));
    format!("{program} {patterns} {settings:016x} {passwords:016x}")
}

/// The text of whole pages is asked for, from the reader that comes with the program.
fn reads_pages(common: &Common, config: &Config) -> bool {
    common.read.unwrap_or(config.vision.read) == PictureReading::All
}

/// The program that reads the text of whole pages, if one is asked for.
fn tesseract(
    common: &Common,
    config: &Config,
    within: Option<PathBuf>,
) -> Result<Option<Tesseract>, Error> {
    let Ocr { engine, command, languages, timeout_s } = &config.ocr;
    // Who asks for documents on the command line wants no pages, whatever the file says.
    if *engine != OcrEngine::Tesseract || common.read == Some(PictureReading::Documents) {
        return Ok(None);
    }
    let time = Duration::from_secs(timeout_s.get().into());
    let tesseract = Tesseract::new(command, languages, time, within);
    // The engine is chosen in a file only.
    let path = common.config.clone().unwrap_or_default();
    tesseract.map(Some).map_err(|message| Error::Config { path, line: None, message })
}

fn key(file: Option<&Path>) -> Result<FingerprintKey, Error> {
    let mut bytes = [0u8; KEY_BYTES];
    let Some(path) = file else {
        getrandom::fill(&mut bytes)
            .map_err(|e| Error::Usage(format!("no random key to be had: {e}")))?;
        log::info!(
            "fingerprints and ids use a key of this run only; give --key-file to compare runs"
        );
        return Ok(FingerprintKey::from_bytes(bytes));
    };
    let fail = |source| Error::Input { what: "key file", path: path.to_path_buf(), source };
    let mut secret = Vec::new();
    fs::File::open(path)
        .map_err(fail)?
        .take(MAX_KEY_FILE)
        .read_to_end(&mut secret)
        .map_err(fail)?;
    if secret.len() < KEY_BYTES {
        return Err(Error::Config {
            path: path.to_path_buf(),
            line: None,
            message: format!(
                "the key has {} bytes, at least {KEY_BYTES} are needed; make one with: \
                 head -c 32 /dev/urandom > FILE && chmod 600 FILE",
                secret.len()
            ),
        });
    }
    warn_if_readable(path);
    // Any length is folded to the size of the key.
    bytes.copy_from_slice(blake3::hash(&secret).as_bytes());
    Ok(FingerprintKey::from_bytes(bytes))
}

/// The passwords of a file; a message about it never shows what it holds.
fn passwords(file: Option<&Path>) -> Result<Passwords, Error> {
    let Some(path) = file else { return Ok(Passwords::default()) };
    let fail = |source| Error::Input { what: "passwords file", path: path.to_path_buf(), source };
    let wrong = |line, message: String| Error::Config { path: path.to_path_buf(), line, message };
    let mut bytes = Vec::new();
    fs::File::open(path)
        .map_err(fail)?
        .take(MAX_KEY_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    if bytes.len() as u64 > MAX_KEY_FILE {
        return Err(wrong(None, "a list of passwords, one a line, is at most 1 MiB".into()));
    }
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        let before = bytes.get(..e.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        wrong(Some(line), "the list of passwords is UTF-8, one a line; this line is not".into())
    })?;
    let passwords = Passwords::from_lines(text).map_err(|line| {
        let most = Passwords::MOST;
        wrong(
            Some(line),
            format!("more than {most} passwords: each is tried with each locked file"),
        )
    })?;
    if passwords.is_empty() {
        return Err(wrong(None, "the list of passwords is empty; one a line is expected".into()));
    }
    warn_if_readable(path);
    Ok(passwords)
}

fn warn_if_readable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0) {
        log::warn!(
            "the file {} holds secrets and can be read by others than its owner; chmod 600 it",
            path.display()
        );
    }
}

/// The name of this machine, as the kernel knows it.
fn host() -> String {
    // Not from /proc/sys, which a walled service does not see.
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_list_of_passwords_is_named_and_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list");
        let missing = passwords(Some(&path)).unwrap_err().to_string();
        assert!(missing.contains("cannot read passwords file"), "{missing}");
        for (bytes, says) in [
            (b"first\nsecre\xff\n".as_slice(), ":2: the list of passwords is UTF-8"),
            (b"\n\n", "is empty"),
            (&[b'a'; 2 << 20], "at most 1 MiB"),
        ] {
            fs::write(&path, bytes).unwrap();
            let message = passwords(Some(&path)).unwrap_err().to_string();
            assert!(message.contains(says) && !message.contains("secre"), "{message}");
        }
        fs::write(&path, "қ1\n").unwrap();
        assert_eq!(passwords(Some(&path)).unwrap().iter().collect::<Vec<_>>(), ["қ1"]);
        assert!(passwords(None).unwrap().is_empty());
    }
}
