//! What `-v` says on stderr, and panics that say nothing of what they held.

use std::sync::atomic::{AtomicBool, Ordering};

use log::{LevelFilter, Log, Metadata, Record};

static VERBOSE: AtomicBool = AtomicBool::new(false);

/// A panic's message may hold a piece of the text that a decoder stumbled over, so only its place
/// in the source is told, and only with `-v`; the item gets its skip record either way.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        if VERBOSE.load(Ordering::Relaxed)
            && let Some(place) = info.location()
        {
            eprintln!("iinspect: contained panic at {}:{}", place.file(), place.line());
        }
    }));
}

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata) -> bool {
        // Libraries log what they parse; only our own words go out.
        metadata.target().starts_with("iinspect")
    }

    fn log(&self, record: &Record) {
        if self.enabled(record.metadata()) {
            let text = crate::judge::masked_message(&record.args().to_string());
            eprintln!("iinspect: {}", crate::text::visible::visible(&text));
        }
    }

    fn flush(&self) {}
}

/// `verbosity` 0 says warnings, 1 the set-up, 2 every file.
pub fn start(verbosity: u8, quiet: bool) {
    let level = match (quiet, verbosity) {
        (true, _) => LevelFilter::Error,
        (_, 0) => LevelFilter::Warn,
        (_, 1) => LevelFilter::Info,
        _ => LevelFilter::Debug,
    };
    VERBOSE.store(verbosity > 0 && !quiet, Ordering::Relaxed);
    // Set once a process; a second call in tests keeps the first.
    let _ = log::set_logger(&Stderr);
    log::set_max_level(level);
}
