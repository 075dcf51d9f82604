//! The threads that work by one plan, from their start to their end. A new configuration is a new
//! session on the same state.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::commit::{self, Report, What};
use super::deliver::{Bell, Delivery};
use super::fault;
use super::look::Looker;
use super::metrics::Metrics;
use super::pass::{Ask, Tell, Walker};
use super::plan::{Built, Plan, Share};
use super::settings::WatchMode;
use super::work::{Hold, Work};
use crate::error::Error;
use crate::sink::Acknowledging;
use crate::source::Visited;
use crate::source::watch::{FsKind, Hint, Root as Watched, Watcher, fs_kind};
use crate::state::{Changed, State, StateError};

/// Reports between those who look and the one who writes.
const REPORTS: usize = 1024;
/// Stack of a looker: parsers of nested formats recurse.
const STACK_BYTES: usize = 16 << 20;

/// What is going on, for health and status.
#[derive(Default)]
pub struct Pulse {
    /// Why the state takes nothing, if so.
    pub state_trouble: Mutex<Option<String>>,
    /// Roots that are not there, by number.
    pub lost: Mutex<BTreeMap<usize, bool>>,
    /// Files that came to their end since the start.
    pub files: AtomicU64,
    pub bytes: AtomicU64,
    /// Of those and of those that are as they were: files of which something was not read.
    pub skipped: AtomicU64,
}

/// A running session.
pub struct Session {
    pub plan: Arc<Plan>,
    pub work: Arc<Work>,
    pub pulse: Arc<Pulse>,
    pub watcher: Option<Watcher>,
    asks: Vec<Sender<Ask>>,
    bell: Arc<Bell>,
    /// Ends those who look and walk.
    stop: Arc<AtomicBool>,
    /// Ends those who deliver, later.
    stop_delivery: Arc<AtomicBool>,
    reopen: Vec<Arc<AtomicBool>>,
    lookers: Vec<JoinHandle<()>>,
    walkers: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
    deliveries: Vec<JoinHandle<()>>,
}

/// How a session is to be.
pub struct How {
    pub sinks: Vec<Box<dyn Acknowledging>>,
    pub metrics: Arc<Metrics>,
    /// One pass over each root and no watching.
    pub once: bool,
    pub jobs: usize,
}

/// The plan of a configuration.
pub fn plan(state: &mut State, built: Built) -> Result<Plan, Error> {
    let Built { engine, settings, generation, keys, zone, patterns: _ } = built;
    let usage = |message: String| Error::Usage(format!("agent.roots: {message}"));
    let mut shares = Vec::new();
    for root in &settings.roots {
        // One that is not there yet is taken for local until it is.
        let local = matches!(fs_kind(&root.path), Ok(FsKind::Local) | Err(_));
        let share = Share::new(root, &keys, local).map_err(usage)?;
        share.throttle().map_err(usage)?;
        shares.push(share);
    }
    let sectors =
        settings.roots.iter().filter_map(|r| Some((r.path.clone(), r.sector.clone()?))).collect();
    let engine = engine.with_sectors(sectors);
    let roots: Vec<_> = settings.roots.iter().map(|r| r.path.clone()).collect();
    let generation =
        state.commit(|c| c.generation(&generation)).map_err(|e| Error::State(e.to_string()))?;
    let settle = Duration::from_millis(settings.debounce_ms);
    let visited = Visited::new(&roots);
    Ok(Plan { engine, settings, shares, visited, generation, settle, zone })
}

impl Session {
    pub fn start(state: &mut State, plan: Plan, how: How) -> Result<Session, Error> {
        let failed = |e: StateError| Error::State(e.to_string());
        let threads = |e: std::io::Error| Error::Threads(e.to_string());
        let plan = Arc::new(plan);
        let How { sinks, metrics, once, jobs } = how;
        let names: Vec<String> = sinks.iter().map(|s| s.name().to_owned()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        state.commit(|c| c.sinks(&names)).map_err(failed)?;
        let throttles = plan.shares.iter().filter_map(|s| s.throttle().ok()).collect();
        let max_delay = Duration::from_millis(plan.settings.max_delay_ms);
        let work = Arc::new(Work::new(throttles, plan.settle, max_delay));
        let pulse = Arc::new(Pulse::default());
        let stop = Arc::new(AtomicBool::new(false));
        let stop_delivery = Arc::new(AtomicBool::new(false));
        let bell = Arc::new(Bell::default());
        let mut session = Session {
            plan: plan.clone(),
            work: work.clone(),
            pulse: pulse.clone(),
            watcher: None,
            asks: Vec::new(),
            bell: bell.clone(),
            stop: stop.clone(),
            stop_delivery: stop_delivery.clone(),
            reopen: Vec::new(),
            lookers: Vec::new(),
            walkers: Vec::new(),
            writer: None,
            deliveries: Vec::new(),
        };
        for sink in sinks {
            let reopen = Arc::new(AtomicBool::new(false));
            session.reopen.push(reopen.clone());
            let delivery = Delivery {
                sink,
                state: state.again().map_err(failed)?,
                bell: bell.clone(),
                stop: stop_delivery.clone(),
                reopen,
                metrics: metrics.clone(),
            };
            let thread = std::thread::Builder::new().name("deliver".into());
            session.deliveries.push(thread.spawn(move || delivery.run()).map_err(threads)?);
        }
        let (sender, receiver) = sync_channel(REPORTS);
        session.writer = Some(writer(state, &session, &metrics, receiver)?);
        let mut asked = Vec::new();
        for _ in &plan.shares {
            let (ask, asks) = channel();
            session.asks.push(ask);
            asked.push(asks);
        }
        for _ in 0..jobs {
            session.looker(state, sender.clone())?;
        }
        if !once {
            session.watch(&metrics)?;
        }
        for (root, asks) in asked.into_iter().enumerate() {
            let walker = Walker {
                root,
                state: state.again().map_err(failed)?,
                plan: plan.clone(),
                work: work.clone(),
                reports: sender.clone(),
                asked: asks,
                stop: stop.clone(),
                tell: Box::new(Teller {
                    plan: plan.clone(),
                    metrics: metrics.clone(),
                    pulse: pulse.clone(),
                }),
                once,
            };
            let thread = std::thread::Builder::new().name(format!("walk-{root}"));
            session.walkers.push(thread.spawn(move || walker.run()).map_err(threads)?);
        }
        Ok(session)
    }

    fn looker(&mut self, state: &State, reports: SyncSender<Report>) -> Result<(), Error> {
        let asks = self.asks.clone();
        let looker = Looker {
            state: state.again().map_err(|e| Error::State(e.to_string()))?,
            plan: self.plan.clone(),
            work: self.work.clone(),
            reports,
            walk: Box::new(move |root, below| {
                // The walker is gone only when all is to end.
                let _ = asks.get(root).map(|ask| ask.send(Ask::Folder(below)));
            }),
        };
        let name = format!("look-{}", self.lookers.len());
        let thread = std::thread::Builder::new().name(name).stack_size(STACK_BYTES);
        let thread = thread.spawn(move || looker.run());
        self.lookers.push(thread.map_err(|e| Error::Threads(e.to_string()))?);
        Ok(())
    }

    /// Hints from the kernel, for the roots that give them.
    fn watch(&mut self, metrics: &Arc<Metrics>) -> Result<(), Error> {
        let mut watched = Vec::new();
        let mut numbers = Vec::new();
        for (root, share) in self.plan.shares.iter().enumerate() {
            let kind = fs_kind(&share.path);
            let by_events = match share.settings.watch {
                WatchMode::Events => true,
                WatchMode::Poll => false,
                WatchMode::Auto => matches!(kind, Ok(FsKind::Local)),
            };
            if !by_events {
                log::info!(
                    "{}: changes are found by passes every {} s ({kind:?})",
                    share.path.display(),
                    self.plan.settings.reconcile_s
                );
                continue;
            }
            let plan = self.plan.clone();
            let path = share.path.clone();
            watched.push(Watched {
                path: share.path.clone(),
                one_file_system: share.settings.one_file_system,
                growth: true,
                prune: Arc::new(move |below: &Path, name: &std::ffi::OsStr, is_folder: bool| {
                    let below = below.strip_prefix(&path).unwrap_or(below);
                    is_folder
                        && plan
                            .share(root)
                            .is_some_and(|s| s.filter.leaves_folder(&below.join(name)))
                }),
            });
            numbers.push(root);
        }
        if watched.is_empty() {
            return Ok(());
        }
        let (work, plan, asks) = (self.work.clone(), self.plan.clone(), self.asks.clone());
        let (metrics, pulse) = (metrics.clone(), self.pulse.clone());
        let watcher = Watcher::new(watched, move |index, hint| {
            let Some(root) = numbers.get(index).copied() else { return };
            let Some(share) = plan.share(root) else { return };
            let below = |path: &Path| path.strip_prefix(&share.path).unwrap_or(path).to_path_buf();
            let ask = |ask: Ask| {
                let _ = asks.get(root).map(|to| to.send(ask)); // gone only when all is to end
            };
            let name = share.path.to_string_lossy();
            match hint {
                Hint::File(path) => {
                    metrics.event("file");
                    work.hint(root, below(&path));
                }
                Hint::Folder(path) => {
                    metrics.event("folder");
                    let below = below(&path);
                    match below.as_os_str().is_empty() {
                        // All of it is watched only now: what came before its watch is found by a pass.
                        true => ask(Ask::Pass("watched")),
                        false => ask(Ask::Folder(below)),
                    }
                }
                Hint::Gone(path) => {
                    metrics.event("gone");
                    work.hint(root, below(&path));
                }
                Hint::Moved { from, to } => {
                    metrics.event("moved");
                    work.hint(root, below(&from));
                    work.hint(root, below(&to));
                }
                Hint::Overflow => {
                    metrics.overflow(&name);
                    log::warn!("{name}: events were lost; all of it is walked");
                    lose(&pulse, &metrics, &plan, root, false);
                    ask(Ask::Lost(false));
                }
                Hint::RootLost => {
                    log::error!("{name}: it is not there any more; what is known of it stays");
                    lose(&pulse, &metrics, &plan, root, true);
                    ask(Ask::Lost(true));
                }
                Hint::LimitReached { watched } => {
                    metrics.event("limit_reached");
                    log::error!(
                        "only {watched} folders are watched: fs.inotify.max_user_watches is reached; changes in the others \
                         are found by the passes"
                    );
                }
            }
        });
        match watcher {
            Ok(watcher) => self.watcher = Some(watcher),
            // Passes find everything, later.
            Err(e) => log::error!("the kernel gives no events ({e}); changes are found by passes"),
        }
        Ok(())
    }

    /// A pass over every root, beside the schedule.
    pub fn pass(&self, why: &'static str) {
        for ask in &self.asks {
            let _ = ask.send(Ask::Pass(why)); // gone only when all is to end
        }
    }

    pub fn ring(&self) {
        self.bell.ring();
    }

    /// Sinks open their files and connections anew.
    pub fn reopen(&self) {
        for reopen in &self.reopen {
            reopen.store(true, Ordering::Release);
        }
        self.bell.ring();
    }

    /// Every walker has ended, which they do after one pass if that was asked for.
    pub fn has_walked(&self) -> bool {
        self.walkers.iter().all(JoinHandle::is_finished)
    }

    /// Lets who looks come to an end, so that all they did is written.
    pub fn finish_work(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.work.stop();
        let long = Instant::now() + Duration::from_secs(3600);
        join(std::mem::take(&mut self.walkers), long);
        join(std::mem::take(&mut self.lookers), long);
        join(self.writer.take().into_iter().collect(), long);
    }

    /// Waits until every sink has everything, or does not take more.
    pub fn finish_delivery(&mut self) {
        self.stop_delivery.store(true, Ordering::Release);
        self.bell.ring();
        let long = Instant::now() + Duration::from_secs(3600);
        join(std::mem::take(&mut self.deliveries), long);
    }

    /// Ends all threads: what is in hand comes to its end if that is soon, else it is looked at again
    /// after the next start. True if all of them ended.
    pub fn stop(mut self, within: Duration) -> bool {
        fault::point("stopping");
        let until = Instant::now() + within;
        self.stop.store(true, Ordering::Relaxed);
        self.watcher = None;
        self.work.stop();
        let mut ended = join(std::mem::take(&mut self.walkers), until);
        ended &= join(std::mem::take(&mut self.lookers), until);
        // The senders of reports are gone with the threads that ended; then so is the writer.
        ended &= join(self.writer.take().into_iter().collect(), until);
        self.stop_delivery.store(true, Ordering::Release);
        self.bell.ring();
        ended & join(std::mem::take(&mut self.deliveries), until)
    }
}

/// Waits for threads, but not for ever.
fn join(threads: Vec<JoinHandle<()>>, until: Instant) -> bool {
    let mut all = true;
    for thread in threads {
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        match thread.is_finished() {
            true => all &= thread.join().is_ok(),
            false => all = false,
        }
    }
    all
}

fn lose(pulse: &Pulse, metrics: &Metrics, plan: &Plan, root: usize, lost: bool) {
    let mut known = pulse.lost.lock().unwrap_or_else(|broken| broken.into_inner());
    known.insert(root, lost);
    if let Some(share) = plan.share(root) {
        metrics.root_lost(&share.path.to_string_lossy(), lost);
    }
}

/// What a walker tells goes to the metrics and to the pulse.
struct Teller {
    plan: Arc<Plan>,
    metrics: Arc<Metrics>,
    pulse: Arc<Pulse>,
}

impl Tell for Teller {
    fn pass_ended(&self, root: usize, took: Duration) {
        if let Some(share) = self.plan.share(root) {
            let name = share.path.to_string_lossy();
            self.metrics.full_pass(&name, std::time::SystemTime::now(), Some(took));
            log::info!("{name}: a pass ended after {:.1} s", took.as_secs_f64());
        }
    }

    fn lost(&self, root: usize, lost: bool) {
        let before =
            self.pulse.lost.lock().unwrap_or_else(|broken| broken.into_inner()).get(&root).copied();
        if lost
            && before != Some(true)
            && let Some(share) = self.plan.share(root)
        {
            log::error!(
                "{}: it is not there, or empty though it was full; what is known of it stays",
                share.path.display()
            );
        }
        lose(&self.pulse, &self.metrics, &self.plan, root, lost);
    }

    fn known_skip(&self) {
        self.pulse.skipped.fetch_add(1, Ordering::Relaxed);
    }

    fn rescan(&self, root: usize, why: &'static str) {
        if let Some(share) = self.plan.share(root) {
            self.metrics.rescan(&share.path.to_string_lossy(), why);
        }
    }
}

fn writer(
    state: &State,
    session: &Session,
    metrics: &Arc<Metrics>,
    reports: Receiver<Report>,
) -> Result<JoinHandle<()>, Error> {
    let mut state = state.again().map_err(|e| Error::State(e.to_string()))?;
    let plan = session.plan.clone();
    let stop = session.stop.clone();
    let mut watcher = Counts {
        plan: plan.clone(),
        metrics: metrics.clone(),
        pulse: session.pulse.clone(),
        work: session.work.clone(),
        bell: session.bell.clone(),
    };
    let run = move || {
        let now = || plan.now();
        let stop = || stop.load(Ordering::Relaxed);
        commit::write(&mut state, &reports, &now, plan.grace(), &mut watcher, &stop);
    };
    std::thread::Builder::new()
        .name("write".into())
        .spawn(run)
        .map_err(|e| Error::Threads(e.to_string()))
}

/// What is durable is counted and announced.
struct Counts {
    plan: Arc<Plan>,
    metrics: Arc<Metrics>,
    pulse: Arc<Pulse>,
    work: Arc<Work>,
    bell: Arc<Bell>,
}

impl commit::Watcher for Counts {
    fn committed(&mut self, reports: &[Report], changed: &[(usize, Changed)]) {
        for [kind, severity, event] in changed.iter().flat_map(|(_, changed)| &changed.told) {
            self.metrics.finding(kind, severity, event);
        }
        for report in reports {
            if let Some((below, bytes)) = &report.job {
                self.work.done(report.root, below, *bytes);
            }
            let Some(share) = self.plan.share(report.root) else { continue };
            let name = share.path.to_string_lossy();
            match &report.what {
                What::File(file) => {
                    self.pulse.files.fetch_add(1, Ordering::Relaxed);
                    self.metrics.file(&name, file.bytes);
                    self.pulse.bytes.fetch_add(file.bytes, Ordering::Relaxed);
                    self.pulse
                        .skipped
                        .fetch_add(u64::from(!file.skips.is_empty()), Ordering::Relaxed);
                    for skip in &file.skips {
                        self.metrics.skip(&skip.reason);
                    }
                    if let crate::state::Seen::Appended { .. } = file.seen {
                        self.metrics.log_bytes(&name, file.bytes);
                    }
                }
                What::Note(skip) => {
                    self.metrics.skip(&skip.reason);
                    self.pulse.skipped.fetch_add(1, Ordering::Relaxed);
                }
                What::Same | What::Folder(..) | What::Gone | What::Missing(_) => {}
            }
        }
        if !changed.is_empty() {
            self.bell.ring();
        }
    }

    fn failed(&mut self, error: &StateError) {
        let mut known =
            self.pulse.state_trouble.lock().unwrap_or_else(|broken| broken.into_inner());
        if known.is_none() {
            log::error!("{error}");
        }
        *known = Some(error.to_string());
        self.work.hold(Hold::State, true);
    }

    fn recovered(&mut self) {
        log::info!("the state can be written again");
        *self.pulse.state_trouble.lock().unwrap_or_else(|broken| broken.into_inner()) = None;
        self.work.hold(Hold::State, false);
    }
}
