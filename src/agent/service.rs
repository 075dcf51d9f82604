//! From the start to the end of the process: one service on a state, sessions one after another,
//! signals, the manners that systemd expects, and the numbers that a person looks at.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::num::NonZeroU64;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{FlockOperation, flock, statvfs};
use sd_notify::NotifyState;
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::commit::{RESOLVED_UNTIL, resolve_lost};
use super::fault;
use super::filter::Filter;
use super::http::{Listen, Numbers, Page};
use super::metrics::Metrics;
use super::plan::Built;
use super::session::{How, Pulse, Session, plan};
use super::settings::{Settings, SinkSettings};
use super::throttle::Hours;
use super::work::{Hold, Work};
use crate::error::Error;
use crate::sink::{Acknowledging, Journald, JsonlFile, Rotation, Stdout};
use crate::state::{State, StateError};

/// The main loop looks around so often.
const TICK: Duration = Duration::from_millis(500);
/// Roots, room on the disk, texts that are gone.
const CHECK_EVERY: Duration = Duration::from_secs(2);
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// What is in hand may come to its end for so long after SIGTERM; systemd's patience is set above it.
const STOP_WITHIN: Duration = Duration::from_secs(8);
const RELOAD_WITHIN: Duration = Duration::from_secs(30);
/// The clock and the steady clock of the machine differ by more: it was set, or the machine slept.
const JUMP: Duration = Duration::from_secs(60);
/// What went away is known again for so long, should a compressed log turn up.
const KEEP_TAILS_MS: i64 = 7 * 86_400_000;
const DAY_MS: i64 = 86_400_000;
/// Reading begins again when the outbox is down to so many hundredths of its cap.
const RESUME_AT: u64 = 90;

/// Only one process works on a state. The lock goes with the process, however it ends.
pub struct Lock(#[allow(dead_code)] File);

impl Lock {
    /// Fails where another process has it, and names it.
    pub fn take(state: &Path) -> Result<Lock, Error> {
        let mut path = state.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let fail = |e: std::io::Error| {
            Error::State(format!("the lock {} cannot be made: {e}", path.display()))
        };
        let options = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        let mut file = options.map_err(fail)?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut who = String::new();
            let _ = Read::by_ref(&mut file).take(32).read_to_string(&mut who); // only for the message
            return Err(Error::State(format!(
                "the state {} is in use by process {}; two of them would tell everything twice",
                state.display(),
                who.trim()
            )));
        }
        let pid = std::process::id();
        let written =
            file.rewind().and_then(|()| file.set_len(0)).and_then(|()| writeln!(file, "{pid}"));
        written.map_err(fail)?;
        Ok(Lock(file))
    }
}

/// What wakes the main loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Stop,
    Reload,
}

/// A service that runs.
pub struct Service<'b> {
    build: &'b dyn Fn() -> Result<Built, Error>,
    state: State,
    metrics: Arc<Metrics>,
    signals: Receiver<Signal>,
    /// The configuration that is worked by: another one means another session.
    now: (Settings, String),
    resolved_until: i64,
    _lock: Lock,
}

impl<'b> Service<'b> {
    /// Works until SIGTERM or SIGINT. `build` reads the configuration, now and at each SIGHUP.
    pub fn run(build: &'b dyn Fn() -> Result<Built, Error>) -> Result<(), Error> {
        fault::point("start");
        let built = build()?;
        check(&built.settings)?;
        let lock = Lock::take(&built.settings.state)?;
        let state = open(&built)?;
        fault::point("state_opened");
        let signals = signals()?;
        let metrics = Arc::new(Metrics::new(&built.patterns));
        let now = (built.settings.clone(), built.generation.clone());
        let mut service =
            Service { build, state, metrics, signals, now, resolved_until: 0, _lock: lock };
        let mut next = Some(built);
        while let Some(built) = next.take() {
            next = service.session(built)?;
        }
        tell(&[NotifyState::Stopping]);
        service.state.close().map_err(|e| Error::State(e.to_string()))
    }

    /// Until the end, or until there is another configuration to work by.
    fn session(&mut self, built: Built) -> Result<Option<Built>, Error> {
        let settings = built.settings.clone();
        self.forget(&self.now.0, &settings);
        self.now = (settings.clone(), built.generation.clone());
        let jobs = jobs(&settings);
        let plan = plan(&mut self.state, built)?;
        let how =
            How { sinks: sinks(&settings)?, metrics: self.metrics.clone(), once: false, jobs };
        let session = Session::start(&mut self.state, plan, how)?;
        let page = match settings.metrics.is_empty() {
            true => None,
            false => Some(self.page(&settings, &session)?),
        };
        tell(&[NotifyState::Ready]);
        log::info!("watching {} roots with {jobs} threads", settings.roots.len());
        let next = self.watch(&session, &settings);
        drop(page);
        let within = if next.is_some() { RELOAD_WITHIN } else { STOP_WITHIN };
        let pulse = session.pulse.clone();
        if !session.stop(within) {
            log::warn!("some files were not done with; they are looked at again after the start");
        }
        log::info!("{} files read since the start", pulse.files.load(Ordering::Relaxed));
        Ok(next)
    }

    fn page(&self, settings: &Settings, session: &Session) -> Result<Page, Error> {
        let usage = |message: String| Error::Usage(format!("agent.metrics: {message}"));
        let listen = Listen::parse(&settings.metrics).map_err(usage)?;
        let state = self.state.again().map_err(|e| Error::State(e.to_string()))?;
        let numbers = Board {
            metrics: self.metrics.clone(),
            work: session.work.clone(),
            pulse: session.pulse.clone(),
            state: Mutex::new(state),
            roots: settings.roots.iter().map(|r| r.path.display().to_string()).collect(),
        };
        let page = Page::start(&listen, Arc::new(numbers))
            .map_err(|e| usage(format!("`{}` cannot be served: {e}", settings.metrics)))?;
        if let Some(address) = page.address() {
            log::info!("numbers at http://{address}/metrics");
        }
        Ok(page)
    }

    /// What is watched no more, and sinks that are not there any more, have no numbers.
    fn forget(&self, before: &Settings, now: &Settings) {
        for root in before.roots.iter().filter(|r| !now.roots.iter().any(|n| n.path == r.path)) {
            self.metrics.forget_root(&root.path.to_string_lossy());
        }
        let names: Vec<String> = now.sinks.iter().map(SinkSettings::name).collect();
        for sink in before.sinks.iter().map(SinkSettings::name).filter(|n| !names.contains(n)) {
            self.metrics.forget_sink(&sink);
        }
    }

    fn watch(&mut self, session: &Session, settings: &Settings) -> Option<Built> {
        let watchdog = sd_notify::watchdog_enabled();
        let mut fed = Instant::now();
        let mut checked = Instant::now();
        let mut swept = Instant::now();
        let mut clocks = (Instant::now(), SystemTime::now());
        let mut full = false;
        let mut starts = 0;
        let mut status = String::new();
        loop {
            match self.signals.recv_timeout(TICK) {
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
                Ok(Signal::Reload) => {
                    if let Some(built) = self.reload(session) {
                        return Some(built);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(period) = watchdog
                && fed.elapsed() * 3 > period
                && moves(session)
            {
                tell(&[NotifyState::Watchdog]);
                fed = Instant::now();
            }
            if checked.elapsed() >= CHECK_EVERY {
                checked = Instant::now();
                if jumped(&mut clocks) {
                    log::warn!("the clock was set, or the machine slept: all roots are walked");
                    session.pass("clock");
                }
                if let Some(watcher) = &session.watcher {
                    watcher.check_roots();
                    self.metrics.watches("all", watcher.watched() as u64);
                }
                let now = session.plan.engine.worker_starts();
                self.metrics.worker_restarts(now.saturating_sub(starts));
                starts = now;
                full = self.room(session, settings, full);
                let said = self.status(session, settings, full);
                if said != status {
                    tell(&[NotifyState::Status(&said)]);
                    status = said;
                }
                let lost = self.resolve_lost(session);
                if let Err(e) = lost.and_then(|()| self.self_check(session, settings)) {
                    log::warn!("{e}");
                }
            }
            if swept.elapsed() >= SWEEP_EVERY {
                swept = Instant::now();
                if let Err(e) = self.forget_old(session, settings) {
                    log::warn!("{e}");
                }
            }
        }
    }

    /// Another configuration, if there is one and it is right; else all stays as it is, but for the
    /// files of the sinks, which somebody may have rotated.
    fn reload(&mut self, session: &Session) -> Option<Built> {
        fault::point("reload");
        if let Ok(now) = NotifyState::monotonic_usec_now() {
            tell(&[NotifyState::Reloading, now]);
        }
        session.reopen();
        let built = (self.build)().and_then(|built| {
            check(&built.settings)?;
            if built.settings.state != self.now.0.state {
                return Err(Error::Usage("agent.state: another state needs a restart".into()));
            }
            Ok(built)
        });
        let next = match built {
            Ok(built) => {
                self.metrics.reload(true);
                let same = self.now == (built.settings.clone(), built.generation.clone());
                log::info!(
                    "the configuration was read again{}",
                    if same { ": it is the same" } else { "" }
                );
                (!same).then_some(built)
            }
            Err(e) => {
                self.metrics.reload(false);
                log::error!("{e}; the configuration is as it was");
                None
            }
        };
        if next.is_none() {
            tell(&[NotifyState::Ready]);
        }
        next
    }

    /// Whether nothing is to be scanned for want of room, and holds or lets go the work.
    fn room(&self, session: &Session, settings: &Settings, was_full: bool) -> bool {
        let Ok(depth) = self.state.depth() else { return was_full };
        let cap = settings.outbox_max_bytes;
        let most = if was_full { cap / 100 * RESUME_AT } else { cap };
        let folder = settings.state.parent().filter(|p| !p.as_os_str().is_empty());
        let free =
            statvfs(folder.unwrap_or(Path::new("."))).map_or(u64::MAX, |v| v.f_bavail * v.f_frsize);
        let full = depth.bytes > most || free < settings.min_free_bytes;
        if full != was_full {
            match full {
                true => log::error!(
                    "nothing is scanned: the outbox has {} bytes and the disk {free} left (outbox_max_bytes {cap}, \
                     min_free_bytes {})",
                    depth.bytes,
                    settings.min_free_bytes
                ),
                false => log::info!("there is room again: scanning goes on"),
            }
            session.work.hold(Hold::Full, full);
            self.metrics.outbox_full(full);
        }
        full
    }

    fn status(&self, session: &Session, settings: &Settings, full: bool) -> String {
        let lost = lost(&session.pulse).len();
        let watched = session.watcher.as_ref().map_or(0, |w| w.watched());
        let depth = self.state.depth().map_or(0, |d| d.letters);
        let files = session.pulse.files.load(Ordering::Relaxed);
        let trouble = trouble(&session.pulse);
        let mut said = format!(
            "{} roots, {watched} folders watched; {files} files read, {} wait; {depth} records to deliver",
            settings.roots.len(),
            session.work.depth()
        );
        if lost > 0 {
            said.push_str(&format!("; {lost} roots are not there"));
        }
        if full {
            said.push_str("; nothing is scanned: no room for records");
        }
        if let Some(trouble) = trouble {
            said.push_str(&format!("; {trouble}"));
        }
        said
    }

    /// Once a day a record that says that the service is there, and how it is.
    fn self_check(&mut self, session: &Session, settings: &Settings) -> Result<(), StateError> {
        if settings.self_check_s == 0 {
            return Ok(());
        }
        let stamp = session.plan.now();
        let last = self.state.number("self_check")?;
        let period = i64::try_from(settings.self_check_s).unwrap_or(i64::MAX).saturating_mul(1000);
        // A clock that was set back does not silence it.
        if last.is_some_and(|last| (0..period).contains(&(stamp.millis - last))) {
            return Ok(());
        }
        let open: u64 =
            self.state.open_findings(&session.plan.roots())?.iter().map(|(_, _, n)| n).sum();
        let depth = self.state.depth()?;
        let mut roots = Vec::new();
        for share in &session.plan.shares {
            let pass = self.state.pass(share.key)?;
            let last = pass.done.map(|done| stamp.at(done));
            let at = crate::flow::Locator::file(share.path.clone());
            let path = session.plan.engine.place(&at).path;
            roots.push(json!({"path": path, "there": share.is_there(), "last_full_pass": last}));
        }
        let record = json!({
            "schema": "iinspect.health/1",
            "time": stamp.text,
            "event": "self_check",
            "ok": lost(&session.pulse).is_empty() && trouble(&session.pulse).is_none(),
            "roots": roots,
            "waiting": session.work.depth(),
            "oldest_event_age_s": session.work.oldest().map_or(0, |age| age.as_secs()),
            "findings_open": open,
            "outbox_records": depth.letters,
            "dead_letters": self.state.dead_letters()?.len(),
            "agent": session.plan.engine.agent(),
        });
        self.state.commit(|c| {
            c.post(&record.to_string(), stamp.millis)?;
            c.set_number("self_check", stamp.millis)
        })?;
        self.metrics.self_check(SystemTime::now());
        session.ring();
        Ok(())
    }

    /// What went away and did not turn up elsewhere is resolved.
    fn resolve_lost(&mut self, session: &Session) -> Result<(), StateError> {
        let stamp = session.plan.now();
        let until = stamp.millis - session.plan.grace().as_millis() as i64;
        let from = self.state.number(RESOLVED_UNTIL)?.unwrap_or(0).max(self.resolved_until);
        if resolve_lost(&mut self.state, from, until, &stamp)? > 0 {
            session.ring();
        }
        // A clock that is set back looks at some of them once more.
        self.resolved_until = until;
        Ok(())
    }

    /// What is old enough is forgotten.
    fn forget_old(&mut self, session: &Session, settings: &Settings) -> Result<(), StateError> {
        let now = session.plan.now().millis;
        let keep = i64::from(settings.keep_resolved_days).saturating_mul(DAY_MS);
        self.state.commit(|c| {
            c.forget_resolved(now.saturating_sub(keep))?;
            c.forget_tails(now.saturating_sub(KEEP_TAILS_MS))
        })
    }
}

/// What one look at every root came to.
pub struct Once {
    /// Files that were read; the others are as they were.
    pub files: u64,
    pub bytes: u64,
    /// Files of which something was not read, now or when they were read last.
    pub skipped: u64,
    /// Open findings below the roots by kind and severity.
    pub open: Vec<(String, String, u64)>,
}

/// Looks at every root once, with what is known from before, and ends when all is delivered.
/// `stop` ends it early.
pub fn once(
    built: Built,
    sink: Box<dyn Acknowledging>,
    jobs: usize,
    stop: &AtomicBool,
) -> Result<Once, Error> {
    let failed = |e: StateError| Error::State(e.to_string());
    check_roots(&built.settings)?;
    let lock = Lock::take(&built.settings.state)?;
    let mut state = open(&built)?;
    let plan = plan(&mut state, built)?;
    let metrics = Arc::new(Metrics::new(""));
    let mut session =
        Session::start(&mut state, plan, How { sinks: vec![sink], metrics, once: true, jobs })?;
    while !session.has_walked() && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(10));
    }
    // Files that were too young at first are looked at once they are at rest.
    while session.work.depth() > 0 && !stop.load(Ordering::Relaxed) && session.has_walked() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let lost = lost(&session.pulse);
    let trouble = trouble(&session.pulse);
    let roots: Vec<PathBuf> = session.plan.shares.iter().map(|s| s.path.clone()).collect();
    let keys = session.plan.roots();
    session.finish_work();
    // Nothing turns up any more.
    let stamp = session.plan.now();
    resolve_lost(&mut state, 0, i64::MAX, &stamp).map_err(failed)?;
    session.finish_delivery();
    let pulse = session.pulse.clone();
    session.stop(STOP_WITHIN);
    if let Some(trouble) = trouble {
        return Err(Error::State(trouble));
    }
    if let Some(root) = lost.first().and_then(|i| roots.get(*i)) {
        let source = std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "not there, or empty though it was full",
        );
        return Err(Error::Root { path: root.clone(), source });
    }
    let open = state.open_findings(&keys).map_err(failed)?;
    state.close().map_err(failed)?;
    drop(lock);
    let number = |n: &std::sync::atomic::AtomicU64| n.load(Ordering::Relaxed);
    let (files, bytes) = (number(&pulse.files), number(&pulse.bytes));
    Ok(Once { files, bytes, skipped: number(&pulse.skipped), open })
}

fn open(built: &Built) -> Result<State, Error> {
    State::open(&built.settings.state, built.keys.clone()).map_err(|e| Error::State(e.to_string()))
}

fn jobs(settings: &Settings) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from); // unknown: one is always right
    settings.jobs.unwrap_or(processors.div_ceil(2)).clamp(1, 1024)
}

/// What a service cannot do without.
pub fn check(settings: &Settings) -> Result<(), Error> {
    check_roots(settings)?;
    let usage = |key: &str, message: String| Error::Usage(format!("agent.{key}: {message}"));
    if !settings.metrics.is_empty() {
        Listen::parse(&settings.metrics).map_err(|e| usage("metrics", e))?;
    }
    if settings.sinks.is_empty() {
        return Err(Error::Usage(
            "agent.sinks: name at least one, such as type = \"stdout\"".into(),
        ));
    }
    let written = settings.sinks.iter().filter_map(|sink| match sink {
        SinkSettings::Jsonl { path, .. } => Some(path),
        _ => None,
    });
    for path in written.chain([&settings.state]) {
        if let Some(root) = settings.roots.iter().find(|root| path.starts_with(&root.path)) {
            return Err(Error::Usage(format!(
                "agent: {} lies in the root {}; what is written there would be heard of and looked at for ever",
                path.display(),
                root.path.display()
            )));
        }
    }
    let mut names: Vec<String> = settings.sinks.iter().map(SinkSettings::name).collect();
    names.sort();
    match names.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => Err(Error::Usage(format!(
            "agent.sinks: two are called `{}`; give each a name of its own",
            pair.concat().get(..pair.concat().len() / 2).unwrap_or_default()
        ))),
        None => Ok(()),
    }
}

fn check_roots(settings: &Settings) -> Result<(), Error> {
    if settings.roots.is_empty() {
        return Err(Error::Usage("agent.roots: name at least one folder to watch".into()));
    }
    for (i, root) in settings.roots.iter().enumerate() {
        let wrong =
            |key: &str, e: String| Err(Error::Usage(format!("agent.roots[{i}].{key}: {e}")));
        if let Err(e) = Filter::new(root) {
            return wrong("exclude", e);
        }
        if let Some(text) = root.hours.as_deref().filter(|text| Hours::parse(text).is_none()) {
            return wrong("hours", format!("`{text}`: write them as \"20:00-06:00\""));
        }
        if !root.path.is_absolute() {
            return wrong("path", format!("`{}`: give an absolute one", root.path.display()));
        }
        let others = settings.roots.iter().enumerate().filter(|(other, _)| *other != i);
        let mut around = others.filter(|(_, other)| root.path.starts_with(&other.path));
        if let Some((_, other)) = around.next() {
            let (path, other) = (root.path.display(), other.path.display());
            return wrong(
                "path",
                format!("{path} lies in {other}; everything in it would be told twice"),
            );
        }
    }
    Ok(())
}

fn sinks(settings: &Settings) -> Result<Vec<Box<dyn Acknowledging>>, Error> {
    settings.sinks.iter().map(sink).collect()
}

fn sink(settings: &SinkSettings) -> Result<Box<dyn Acknowledging>, Error> {
    let name = settings.name();
    Ok(match settings {
        SinkSettings::Jsonl { path, rotate_bytes, keep, .. } => {
            let rotation =
                NonZeroU64::new(*rotate_bytes).map(|max_bytes| Rotation { max_bytes, keep: *keep });
            Box::new(JsonlFile::new(&name, path, rotation))
        }
        SinkSettings::Stdout { .. } => Box::new(
            Stdout::new(&name)
                .map_err(|e| Error::Output { path: PathBuf::from("standard output"), source: e })?,
        ),
        SinkSettings::Journald { .. } => {
            Box::new(Journald::new(&name, Path::new(Journald::SOCKET)))
        }
    })
}

/// Signals as messages, from a thread that does nothing else.
fn signals() -> Result<Receiver<Signal>, Error> {
    let fail = |e: std::io::Error| Error::Threads(e.to_string());
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP]).map_err(fail)?;
    let (sender, receiver): (Sender<Signal>, _) = channel();
    let run = move || {
        for signal in signals.forever() {
            let signal = if signal == SIGHUP { Signal::Reload } else { Signal::Stop };
            if sender.send(signal).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(run).map_err(fail)?;
    Ok(receiver)
}

/// To systemd, where it asks for it.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(e) = sd_notify::notify(states) {
        log::debug!("systemd was not told: {e}");
    }
}

/// Nothing hangs: no file is in hand for longer than any may take.
fn moves(session: &Session) -> bool {
    let longest = session.plan.engine.longest_look();
    // Without a disk nothing comes to its end; a restart makes no room on it.
    trouble(&session.pulse).is_some()
        || session.work.longest_in_hand().is_none_or(|age| age < longest)
}

fn jumped(clocks: &mut (Instant, SystemTime)) -> bool {
    let (steady, wall) = *clocks;
    *clocks = (Instant::now(), SystemTime::now());
    let by_steady = steady.elapsed();
    let by_wall = match clocks.1.duration_since(wall) {
        Ok(forward) => forward,
        Err(_) => return true,
    };
    by_wall.abs_diff(by_steady) > JUMP
}

fn lost(pulse: &Pulse) -> Vec<usize> {
    let known = pulse.lost.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().filter(|(_, lost)| **lost).map(|(root, _)| *root).collect()
}

fn trouble(pulse: &Pulse) -> Option<String> {
    pulse.state_trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// What the page shows.
struct Board {
    metrics: Arc<Metrics>,
    work: Arc<Work>,
    pulse: Arc<Pulse>,
    state: Mutex<State>,
    roots: Vec<String>,
}

impl Numbers for Board {
    fn metrics(&self) -> String {
        let now = Instant::now();
        let oldest = self.work.oldest().and_then(|age| now.checked_sub(age));
        self.metrics.queue(self.work.depth() as u64, oldest);
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Ok(waiting), Ok(depth)) = (state.waiting(), state.depth()) {
            let since = depth.oldest.and_then(|ms| {
                SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(ms.max(0).unsigned_abs()))
            });
            for (sink, letters) in waiting {
                let (bytes, since) = if letters > 0 { (depth.bytes, since) } else { (0, None) };
                self.metrics.outbox(&sink, letters, bytes, since);
            }
        }
        self.metrics.render(now, SystemTime::now())
    }

    fn health(&self) -> (bool, String) {
        let lost = lost(&self.pulse);
        let trouble = trouble(&self.pulse);
        let outbox = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.depth().map(|d| d.letters)
        };
        let held = self.work.is_held();
        let ok = lost.is_empty() && trouble.is_none() && !held && outbox.is_ok();
        let lost: Vec<&String> = lost.iter().filter_map(|i| self.roots.get(*i)).collect();
        let says = json!({
            "ok": ok,
            "roots_lost": lost,
            "state": trouble,
            "scanning": !held,
            "outbox_records": outbox.ok(),
        });
        (ok, says.to_string())
    }

    fn ready(&self) -> (bool, String) {
        (true, json!({"ready": true}).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_is_noticed_and_one_that_goes_is_not() {
        let ago = |steady: u64, wall: u64| {
            let (now, clock) = (Instant::now(), SystemTime::now());
            let seconds = Duration::from_secs;
            (now.checked_sub(seconds(steady)).unwrap(), clock.checked_sub(seconds(wall)).unwrap())
        };
        assert!(!jumped(&mut ago(2, 2)));
        assert!(jumped(&mut ago(2, 3600)), "set forward, or the machine slept");
        let mut back = (Instant::now(), SystemTime::now() + Duration::from_secs(3600));
        assert!(jumped(&mut back), "set back");
        assert!(!jumped(&mut back), "once");
    }
}
