//! One scan of a folder with the library, everything reported however unsure.

use std::io;
use std::path::Path;
use std::sync::Arc;

use iinspect::engine::{Engine, Progress, RunError};
use iinspect::flow::{FingerprintKey, Record};
use iinspect::judge::{Judge, Privacy, Settings};
use iinspect::limits::Limits;
use iinspect::patterns::Patterns;
use iinspect::sink::Sink;

use crate::seen::Run;

/// Two digits of the year that stamps in texts are not newer than: any of this century.
const NEWEST_YEAR: u32 = 40;

pub fn scan(dir: &Path) -> Result<Run, String> {
    let patterns = Arc::new(Patterns::load(None).map_err(|e| e.to_string())?);
    // The findings do not leave this process, so any key does, and paths need no mask.
    let key = FingerprintKey::from_bytes([0; 32]);
    let settings = Settings { privacy: Privacy::Full, ..Settings::default() };
    let judge = Judge::new(patterns.clone(), key, settings);
    let engine = Engine::new(&patterns, judge, Limits::default(), 0.0, NEWEST_YEAR);
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut collect = Collect(Run::default());
    engine
        .run(vec![dir.to_path_buf()], jobs, &mut collect, &Progress::default(), &|_| false)
        .map_err(|e| match e {
            RunError::Run(e) => e.to_string(),
            RunError::Sink(e) => e.to_string(),
        })?;
    Ok(collect.0)
}

/// A sink that keeps what is measured of each record.
struct Collect(Run);

impl Sink for Collect {
    fn accept(&mut self, record: &Record) -> io::Result<()> {
        let value = serde_json::to_value(record)?;
        self.0.add(&value).map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
