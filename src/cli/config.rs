//! The configuration file: TOML, every key with a default, an unknown key an error with its line.

use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::Workers;
use crate::error::Error;
use crate::limits::Limits;

/// All of it. A command-line option beats the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub scan: Scan,
    pub limits: Limits,
    pub archives: Archives,
    pub sandbox: Workers,
    pub vision: Vision,
    pub ocr: Ocr,
    pub privacy: Privacy,
    pub patterns: Patterns,
    pub agent: crate::agent::Settings,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scan {
    /// Findings below this confidence are not reported, 0 to 1.
    pub min_confidence: Option<f64>,
    /// Threads; all processors by default.
    pub jobs: Option<usize>,
    /// `"health"` where the Health Code applies; names the norms that fit.
    pub sector: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Archives {
    /// File with passwords, one a line, that what is locked is tried with.
    pub passwords_file: Option<PathBuf>,
    /// Whether the skip record of what stayed locked says what its names hint at.
    pub note_encrypted: bool,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vision {
    /// What is read in pictures.
    pub read: PictureReading,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum PictureReading {
    /// Identity documents
    #[default]
    Documents,
    /// The text of whole pages too, for numbers in scanned contracts; slower
    All,
}

/// A program that reads the text of whole pages beside our own reader.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ocr {
    pub engine: OcrEngine,
    /// A name that is looked for in `PATH`, or a path.
    pub command: PathBuf,
    /// As its option `-l` takes them.
    pub languages: String,
    /// For one page.
    pub timeout_s: NonZeroU32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OcrEngine {
    #[default]
    None,
    Tesseract,
}

impl Default for Ocr {
    fn default() -> Ocr {
        Ocr {
            engine: OcrEngine::None,
            command: PathBuf::from("tesseract"),
            languages: "kaz+rus+eng".into(),
            timeout_s: NonZeroU32::MIN.saturating_add(59),
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// `"masked"` hides personal numbers in paths, `"full"` shows paths as they are.
    pub paths: PathPrivacy,
    /// File with the fingerprint key.
    pub key_file: Option<PathBuf>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathPrivacy {
    #[default]
    Masked,
    Full,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patterns {
    /// Folder with rows of the user's own.
    pub dir: Option<PathBuf>,
}

/// Reads the file; none given is all defaults.
pub fn load(path: Option<&Path>) -> Result<Config, Error> {
    let Some(path) = path else { return Ok(Config::default()) };
    let text = fs::read_to_string(path).map_err(|source| Error::Input {
        what: "configuration",
        path: path.to_path_buf(),
        source,
    })?;
    toml::from_str(&text).map_err(|e| Error::Config {
        path: path.to_path_buf(),
        line: e.span().map(|s| 1 + text.get(..s.start).unwrap_or("").matches('\n').count()),
        message: e.message().to_string(),
    })
}

/// The line of the key that a message begins with (`scan.sector ...`, `agent.roots[1].hours: ...`), counted from 1.
pub fn line_at(text: &str, message: &str) -> Option<usize> {
    let end = message.find(|c: char| !(c.is_ascii_alphanumeric() || "._[]".contains(c)));
    let path = message.get(..end.unwrap_or(message.len()))?.trim_end_matches('.');
    let file = toml::de::DeTable::parse(text).ok()?; // what is no TOML was told with its line before
    let mut table = file.get_ref();
    let mut found = None;
    for step in path.split('.') {
        let (key, index) = match step.strip_suffix(']').and_then(|s| s.split_once('[')) {
            Some((key, index)) => (key, Some(index.parse::<usize>().ok()?)),
            None => (step, None),
        };
        let Some((at, value)) = table.iter().find(|(k, _)| k.get_ref() == key) else { break };
        found = Some(at.span().start);
        let mut value = value;
        if let (Some(index), Some(items)) = (index, value.get_ref().as_array()) {
            let Some(item) = items.get(index) else { break };
            value = item;
            found = Some(item.span().start);
        }
        match value.get_ref().as_table() {
            Some(inner) => table = inner,
            None => break,
        }
    }
    found.map(|start| 1 + text.get(..start).unwrap_or_default().matches('\n').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        fs::write(&path, "[limits]\nmax_depth = 3\n\n[scan]\nmin_confidense = 0.5\n").unwrap();
        let message = load(Some(&path)).unwrap_err().to_string();
        assert!(message.contains(":5:") && message.contains("min_confidense"), "{message}");
        fs::write(&path, "[limits]\nmax_depth = 3\n").unwrap();
        assert_eq!(load(Some(&path)).unwrap().limits.max_depth, 3);
    }

    #[test]
    fn the_line_of_a_key_is_found_as_deep_as_the_file_goes() {
        let text = "[scan]\nsector = \"moon\"\n\n[[agent.roots]]\npath = \"/a\"\n[[agent.roots]]\npath = \"/b\"\nhours = \"x\"\n";
        for (message, line) in [
            ("scan.sector `moon` is none of", Some(2)),
            ("scan.jobs: give more", Some(1)),
            ("agent.roots[0].path is there twice", Some(5)),
            ("agent.roots[1].hours: give hours", Some(8)),
            ("agent.roots[1]: both", Some(6)),
            ("agent.roots[7].hours: none", Some(4)),
            ("no random key to be had", None),
            ("", None),
        ] {
            assert_eq!(line_at(text, message), line, "{message}");
        }
    }

    #[test]
    fn words_and_units_of_reading_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        for (text, says) in [
            ("[vision]\nread = \"everything\"\n", [":2:", "everything"]),
            ("[vision]\nreed = \"all\"\n", [":2:", "reed"]),
            ("\n[ocr]\nengine = \"abbyy\"\n", [":3:", "abbyy"]),
            ("[ocr]\ntimeout_s = 0\n", [":2:", "nonzero"]),
            ("[ocr]\ntimeout_s = \"60 s\"\n", [":2:", "60 s"]),
        ] {
            fs::write(&path, text).unwrap();
            let message = load(Some(&path)).unwrap_err().to_string();
            assert!(says.iter().all(|w| message.contains(w)), "{message}");
        }
        fs::write(&path, "[vision]\nread = \"all\"\n[ocr]\nengine = \"tesseract\"\n").unwrap();
        let config = load(Some(&path)).unwrap();
        assert_eq!(
            (config.vision.read, config.ocr.engine),
            (PictureReading::All, OcrEngine::Tesseract)
        );
    }

    #[test]
    fn the_documented_file_is_the_defaults() {
        let text = crate::cli::configure::example();
        let config: Config = toml::from_str(text).unwrap();
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.sandbox, Workers::default());
        assert_eq!(config.vision, Vision::default());
        assert_eq!(config.ocr, Ocr::default());
        assert_eq!(config.scan.min_confidence, Some(crate::cli::setup::MIN_CONFIDENCE));
        assert_eq!(config.privacy.paths, PathPrivacy::default());
        assert_eq!(config.agent, crate::agent::Settings::default());
        // The keys without a default are real keys too.
        let all: String = text
            .lines()
            .map(|l| match l.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") && !rest.contains(". ") => format!("{rest}\n"),
                Some(rest) if rest.starts_with("[[") => format!("{rest}\n"),
                _ => format!("{l}\n"),
            })
            .collect();
        let config: Config = toml::from_str(&all).unwrap();
        assert!(config.scan.jobs.is_some() && config.scan.sector.is_some());
        assert!(config.privacy.key_file.is_some() && config.patterns.dir.is_some());
        assert!(config.archives.passwords_file.is_some());
        assert_eq!(config.agent.roots.len(), 1);
        assert_eq!(config.agent.sinks.len(), 1);
    }
}
