//! Places where a test ends the process, as a power cut would.
//!
//! A debug build that runs with `IINSPECT_FAULT=name:n` kills itself with SIGKILL when it passes
//! the place of this name for the n-th time. Release builds have nothing of it.

/// All places, for the test that goes through them.
#[cfg_attr(not(debug_assertions), expect(dead_code, reason = "asked for by tests"))]
pub const POINTS: &[&str] = &[
    "start",
    "state_opened",
    "pass_begun",
    "folder_settled",
    "job_taken",
    "looked",
    "before_commit",
    "entry_written",
    "findings_written",
    "committed",
    "cursor_moved",
    "pass_ended",
    "before_delivery",
    "delivered",
    "acknowledged",
    "tail_kept",
    "reload",
    "stopping",
];

/// Ends the process here, if a test says so.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static ASKED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    debug_assert!(POINTS.contains(&name), "{name} is no fault point");
    let asked = ASKED.get_or_init(|| {
        let text = std::env::var("IINSPECT_FAULT").ok()?;
        let (name, n) = text.split_once(':')?;
        Some((name.to_owned(), n.parse().ok()?))
    });
    if let Some((wanted, n)) = asked
        && wanted == name
        && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *n
    {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub fn point(_: &str) {}
