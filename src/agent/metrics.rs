//! The numbers of the service, in the text of OpenMetrics.
//!
//! Labels are words of this program (kinds, reasons) and names from the configuration (roots, sinks): a set without
//! growth, and nothing of any file. Counters begin at zero with each start. Ages are computed when they are asked for, so that they grow while nothing happens:
//! that is when they matter.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};

type Labels<const N: usize> = [(&'static str, String); N];
type Counters<const N: usize> = Family<Labels<N>, Counter>;
type Numbers<const N: usize> = Family<Labels<N>, Gauge>;
type Reals<const N: usize> = Family<Labels<N>, Gauge<f64, AtomicU64>>;

/// All of them; shared by reference between the threads that count and the page that shows.
pub struct Metrics {
    registry: Registry,
    files: Counters<1>,
    bytes: Counters<1>,
    findings: Counters<3>,
    skips: Counters<1>,
    events: Counters<1>,
    overflows: Counters<1>,
    rescans: Counters<2>,
    log_bytes: Counters<1>,
    watches: Numbers<1>,
    root_lost: Numbers<1>,
    roots_lost: Counters<1>,
    queue: Gauge,
    oldest_event: Gauge<f64, AtomicU64>,
    pass_at: Reals<1>,
    pass_age: Reals<1>,
    pass_took: Reals<1>,
    outbox_records: Numbers<1>,
    outbox_bytes: Numbers<1>,
    outbox_age: Reals<1>,
    outbox_blocks: Gauge,
    delivered: Counters<1>,
    refused: Counters<1>,
    dead_letters: Counters<1>,
    worker_restarts: Counter,
    reloads: Counters<1>,
    self_check_at: Gauge<f64, AtomicU64>,
    times: Mutex<Times>,
}

/// What ages are computed from.
#[derive(Default)]
struct Times {
    oldest_event: Option<Instant>,
    passes: BTreeMap<String, SystemTime>,
    outboxes: BTreeMap<String, Option<SystemTime>>,
}

impl Metrics {
    /// `patterns` is their version.
    pub fn new(patterns: &str) -> Metrics {
        let mut r = Registry::with_prefix("iinspect");
        let build = Info::new(vec![
            ("version".to_string(), env!("CARGO_PKG_VERSION").to_string()),
            ("patterns".to_string(), patterns.to_string()),
        ]);
        r.register("build", "Version of the program and of its patterns at the start", build);
        let started = Gauge::<f64, AtomicU64>::default();
        started.set(unix(SystemTime::now()));
        seconds(&mut r, "start_timestamp", "When the service started", started);
        Metrics {
            files: add(&mut r, "files", "Files that were read, in full or not, by root"),
            bytes: add(&mut r, "bytes", "Their bytes as they lie on the disk"),
            findings: add(&mut r, "findings", "Findings by kind, severity and event"),
            skips: add(&mut r, "skips", "Items that were not read in full, by reason"),
            events: add(&mut r, "events", "Events of the file system, by kind"),
            overflows: add(
                &mut r,
                "overflows",
                "Queues of the kernel that overflowed: a root is walked again",
            ),
            rescans: add(
                &mut r,
                "rescans",
                "Walks of a root or folder beside the schedule, by root and reason",
            ),
            log_bytes: add(&mut r, "log_bytes", "Bytes read from growing logs"),
            watches: add(&mut r, "watches", "Folders watched now, by root"),
            root_lost: add(&mut r, "root_lost", "1 while a root cannot be read"),
            roots_lost: add(&mut r, "roots_lost", "Times a root went away"),
            queue: add(&mut r, "queue", "Files that wait to be read"),
            oldest_event: {
                let gauge = Gauge::default();
                seconds(
                    &mut r,
                    "oldest_event_age",
                    "Age of the oldest event whose file was not read yet",
                    gauge.clone(),
                );
                gauge
            },
            pass_at: reals(
                &mut r,
                "full_pass_timestamp",
                "When the last full pass over a root ended",
            ),
            pass_age: reals(&mut r, "full_pass_age", "Time since then"),
            pass_took: reals(&mut r, "full_pass_duration", "How long it took"),
            outbox_records: add(
                &mut r,
                "outbox_records",
                "Records that a sink has not acknowledged yet",
            ),
            outbox_bytes: add(&mut r, "outbox_bytes", "Their bytes"),
            outbox_age: reals(&mut r, "outbox_age", "Age of the oldest of them"),
            outbox_blocks: add(
                &mut r,
                "outbox_full",
                "1 while reading waits because the outbox is full",
            ),
            delivered: add(&mut r, "delivered", "Records that a sink acknowledged"),
            refused: add(&mut r, "delivery_failures", "Deliveries that failed and are tried again"),
            dead_letters: add(&mut r, "dead_letters", "Records that a sink will never take"),
            worker_restarts: add(
                &mut r,
                "worker_restarts",
                "Worker processes that crashed, stalled or were worn out",
            ),
            reloads: add(&mut r, "reloads", "Reloads of configuration and patterns, by result"),
            self_check_at: {
                let gauge = Gauge::default();
                seconds(
                    &mut r,
                    "self_check_timestamp",
                    "When the last self-check was put into the outbox",
                    gauge.clone(),
                );
                gauge
            },
            times: Mutex::default(),
            registry: r,
        }
    }

    /// One file was read, so many bytes of it.
    pub fn file(&self, root: &str, bytes: u64) {
        self.files.get_or_create(&[("root", root.into())]).inc();
        self.bytes.get_or_create(&[("root", root.into())]).inc_by(bytes);
    }

    /// The words of the finding's schema.
    pub fn finding(&self, kind: &str, severity: &str, event: &str) {
        let labels =
            [("kind", kind.into()), ("severity", severity.into()), ("event", event.into())];
        self.findings.get_or_create(&labels).inc();
    }

    /// [`crate::error::Skip::reason`]
    pub fn skip(&self, reason: &str) {
        self.skips.get_or_create(&[("reason", reason.into())]).inc();
    }

    /// `created`, `closed`, `renamed`, `removed`...
    pub fn event(&self, kind: &str) {
        self.events.get_or_create(&[("kind", kind.into())]).inc();
    }

    pub fn overflow(&self, root: &str) {
        self.overflows.get_or_create(&[("root", root.into())]).inc();
    }

    /// A walk that the schedule did not ask for: `overflow`, `unmounted`, `new_folder`, `patterns`...
    pub fn rescan(&self, root: &str, reason: &str) {
        self.rescans.get_or_create(&[("root", root.into()), ("reason", reason.into())]).inc();
    }

    pub fn log_bytes(&self, root: &str, bytes: u64) {
        self.log_bytes.get_or_create(&[("root", root.into())]).inc_by(bytes);
    }

    pub fn watches(&self, root: &str, now: u64) {
        self.watches.get_or_create(&[("root", root.into())]).set(signed(now));
    }

    /// Counted once for each time it goes away, however often it is told.
    pub fn root_lost(&self, root: &str, lost: bool) {
        let gauge = self.root_lost.get_or_create_owned(&[("root", root.into())]);
        if gauge.set(lost.into()) == 0 && lost {
            self.roots_lost.get_or_create(&[("root", root.into())]).inc();
        }
    }

    /// Files that wait, and since when the longest does.
    pub fn queue(&self, files: u64, oldest_event: Option<Instant>) {
        self.queue.set(signed(files));
        self.times().oldest_event = oldest_event;
    }

    /// A full pass ended at `at`, which may be before this start. `took` where it is known.
    pub fn full_pass(&self, root: &str, at: SystemTime, took: Option<Duration>) {
        self.pass_at.get_or_create(&[("root", root.into())]).set(unix(at));
        if let Some(took) = took {
            self.pass_took.get_or_create(&[("root", root.into())]).set(took.as_secs_f64());
        }
        self.times().passes.insert(root.into(), at);
    }

    /// What a sink has not acknowledged, and when the oldest of it was queued.
    pub fn outbox(&self, sink: &str, records: u64, bytes: u64, oldest: Option<SystemTime>) {
        self.outbox_records.get_or_create(&[("sink", sink.into())]).set(signed(records));
        self.outbox_bytes.get_or_create(&[("sink", sink.into())]).set(signed(bytes));
        self.times().outboxes.insert(sink.into(), oldest);
    }

    /// Reading waits for the outbox.
    pub fn outbox_full(&self, full: bool) {
        self.outbox_blocks.set(full.into());
    }

    pub fn delivered(&self, sink: &str, records: u64) {
        self.delivered.get_or_create(&[("sink", sink.into())]).inc_by(records);
    }

    pub fn delivery_failed(&self, sink: &str) {
        self.refused.get_or_create(&[("sink", sink.into())]).inc();
    }

    pub fn dead_letter(&self, sink: &str) {
        self.dead_letters.get_or_create(&[("sink", sink.into())]).inc();
    }

    pub fn worker_restarts(&self, more: u64) {
        self.worker_restarts.inc_by(more);
    }

    pub fn reload(&self, taken: bool) {
        let result = if taken { "taken" } else { "refused" };
        self.reloads.get_or_create(&[("result", result.into())]).inc();
    }

    pub fn self_check(&self, at: SystemTime) {
        self.self_check_at.set(unix(at));
    }

    /// The configuration has this root no more. Its counters stay: one that goes backwards is a restart to who reads it.
    pub fn forget_root(&self, root: &str) {
        let label = [("root", root.into())];
        self.watches.remove(&label);
        self.root_lost.remove(&label);
        for family in [&self.pass_at, &self.pass_age, &self.pass_took] {
            family.remove(&label);
        }
        self.times().passes.remove(root);
    }

    /// Likewise for a sink.
    pub fn forget_sink(&self, sink: &str) {
        let label = [("sink", sink.into())];
        self.outbox_records.remove(&label);
        self.outbox_bytes.remove(&label);
        self.outbox_age.remove(&label);
        self.times().outboxes.remove(sink);
    }

    /// The text of OpenMetrics, ages as of these times.
    pub fn render(&self, now: Instant, clock: SystemTime) -> String {
        {
            let times = self.times();
            let age = times.oldest_event.map(|since| now.saturating_duration_since(since));
            self.oldest_event.set(age.unwrap_or_default().as_secs_f64());
            // A clock that was set back makes no negative age.
            let since = |at: SystemTime| clock.duration_since(at).unwrap_or_default().as_secs_f64();
            for (root, at) in &times.passes {
                self.pass_age.get_or_create(&[("root", root.clone())]).set(since(*at));
            }
            for (sink, oldest) in &times.outboxes {
                let age = oldest.map_or(0.0, since);
                self.outbox_age.get_or_create(&[("sink", sink.clone())]).set(age);
            }
        }
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        // Whoever panicked left single values, each whole.
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

fn reals(registry: &mut Registry, name: &str, help: &str) -> Reals<1> {
    let metric = Reals::default();
    seconds(registry, name, help, metric.clone());
    metric
}

fn seconds(registry: &mut Registry, name: &str, help: &str, metric: impl Metric) {
    registry.register_with_unit(name, help, Unit::Seconds, metric);
}

fn unix(at: SystemTime) -> f64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, series: &str) -> f64 {
        let line = text.lines().find_map(|l| l.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {series} in\n{text}")).parse().unwrap()
    }

    #[test]
    fn what_is_counted_is_shown() {
        let metrics = Metrics::new("2026.11");
        metrics.file("/srv/a", 10);
        metrics.file("/srv/a", 5);
        metrics.finding("iin", "high", "opened");
        metrics.skip("encrypted");
        metrics.event("closed");
        metrics.overflow("/srv/a");
        metrics.rescan("/srv/a", "overflow");
        metrics.log_bytes("/srv/a", 77);
        metrics.watches("/srv/a", 3);
        metrics.delivered("file", 4);
        metrics.delivery_failed("file");
        metrics.dead_letter("file");
        metrics.worker_restarts(2);
        metrics.reload(false);
        metrics.outbox_full(true);
        for lost in [true, true, false, true] {
            metrics.root_lost("/srv/a", lost);
        }
        let text = metrics.render(Instant::now(), SystemTime::now());
        for (series, expected) in [
            ("iinspect_files_total{root=\"/srv/a\"}", 2.0),
            ("iinspect_bytes_total{root=\"/srv/a\"}", 15.0),
            ("iinspect_findings_total{kind=\"iin\",severity=\"high\",event=\"opened\"}", 1.0),
            ("iinspect_skips_total{reason=\"encrypted\"}", 1.0),
            ("iinspect_events_total{kind=\"closed\"}", 1.0),
            ("iinspect_overflows_total{root=\"/srv/a\"}", 1.0),
            ("iinspect_rescans_total{root=\"/srv/a\",reason=\"overflow\"}", 1.0),
            ("iinspect_log_bytes_total{root=\"/srv/a\"}", 77.0),
            ("iinspect_watches{root=\"/srv/a\"}", 3.0),
            ("iinspect_root_lost{root=\"/srv/a\"}", 1.0),
            ("iinspect_roots_lost_total{root=\"/srv/a\"}", 2.0),
            ("iinspect_delivered_total{sink=\"file\"}", 4.0),
            ("iinspect_delivery_failures_total{sink=\"file\"}", 1.0),
            ("iinspect_dead_letters_total{sink=\"file\"}", 1.0),
            ("iinspect_worker_restarts_total", 2.0),
            ("iinspect_reloads_total{result=\"refused\"}", 1.0),
            ("iinspect_outbox_full", 1.0),
        ] {
            assert_eq!(value(&text, series), expected, "{series}");
        }
        assert!(text.contains("iinspect_build_info{version=\""));
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn ages_grow_while_nothing_happens_and_never_go_below_zero() {
        let metrics = Metrics::new("");
        let (now, clock) = (Instant::now(), SystemTime::now());
        metrics.queue(7, Some(now));
        metrics.full_pass("r", clock, Some(Duration::from_secs(90)));
        metrics.outbox("s", 2, 300, Some(clock));
        let hour = Duration::from_secs(3600);
        let later = metrics.render(now + hour, clock + hour);
        assert_eq!(value(&later, "iinspect_queue"), 7.0);
        assert_eq!(value(&later, "iinspect_oldest_event_age_seconds"), 3600.0);
        assert_eq!(value(&later, "iinspect_full_pass_age_seconds{root=\"r\"}"), 3600.0);
        assert_eq!(value(&later, "iinspect_full_pass_duration_seconds{root=\"r\"}"), 90.0);
        assert_eq!(value(&later, "iinspect_outbox_age_seconds{sink=\"s\"}"), 3600.0);
        assert_eq!(value(&later, "iinspect_outbox_records{sink=\"s\"}"), 2.0);
        assert_eq!(value(&later, "iinspect_outbox_bytes{sink=\"s\"}"), 300.0);
        let earlier = metrics.render(now, clock - hour);
        assert_eq!(value(&earlier, "iinspect_full_pass_age_seconds{root=\"r\"}"), 0.0);
        metrics.queue(0, None);
        metrics.outbox("s", 0, 0, None);
        let idle = metrics.render(now + hour, clock + hour);
        assert_eq!(value(&idle, "iinspect_oldest_event_age_seconds"), 0.0);
        assert_eq!(value(&idle, "iinspect_outbox_age_seconds{sink=\"s\"}"), 0.0);
    }

    #[test]
    fn what_the_configuration_drops_is_shown_no_more() {
        let metrics = Metrics::new("");
        let clock = SystemTime::now();
        metrics.full_pass("old", clock, Some(Duration::from_secs(1)));
        metrics.watches("old", 3);
        metrics.root_lost("old", true);
        metrics.outbox("gone", 1, 1, Some(clock));
        metrics.render(Instant::now(), clock);
        metrics.forget_root("old");
        metrics.forget_sink("gone");
        let text = metrics.render(Instant::now(), clock);
        let kept: Vec<&str> =
            text.lines().filter(|l| l.contains("\"old\"") || l.contains("\"gone\"")).collect();
        assert_eq!(kept, ["iinspect_roots_lost_total{root=\"old\"} 1"]);
    }

    #[test]
    fn a_name_from_the_configuration_cannot_forge_a_line() {
        let metrics = Metrics::new("");
        metrics.file("a\"} 1\niinspect_forged 2\\", 1);
        let text = metrics.render(Instant::now(), SystemTime::now());
        assert!(!text.lines().any(|l| l.starts_with("iinspect_forged")), "{text}");
    }
}
