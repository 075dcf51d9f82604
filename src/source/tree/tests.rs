use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Counts the calls to the file system, and makes each take its time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Probe {
    calls: Arc<AtomicU64>,
    delay: Option<Duration>,
}

impl Probe {
    pub fn called(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(delay) = self.delay {
            thread::sleep(delay);
        }
    }
}
