//! One job: what lies there now, whether it is to be looked at, the look, and what it means for
//! what is known of growing texts.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File as OpenFile;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::OFlags;

use super::commit::{At, File, Report, TailChange, What};
use super::fault;
use super::filter::Verdict;
use super::plan::{Plan, Share, set_io_priority};
use super::settings::IoPriority;
use super::tail;
use super::work::{Job, Why, Work};
use crate::engine::{Looked, Resume};
use crate::error::Skip;
use crate::flow::Candidate;
use crate::source::open_beneath;
use crate::source::tree::{EntryKind, Stat, stat_one};
use crate::state::{Content, Entry, Key, Place, Seen, State, StateError, Tail};

/// A text that looks as if it were just being rotated is asked again so often, after this.
const ROTATION_TRIES: u32 = 5;
/// At least so long, however short files are let rest.
const SHORT_WAIT: Duration = Duration::from_millis(200);
/// Added to the tries of a text that was waited for to turn up under another name.
const WAITED: u32 = 100;
const KIN_WAIT: Duration = Duration::from_millis(50);
const ROTATION_WAIT: Duration = Duration::from_secs(2);

/// A thread that looks at files.
pub struct Looker {
    pub state: State,
    pub plan: Arc<Plan>,
    pub work: Arc<Work>,
    pub reports: SyncSender<Report>,
    /// Folders that were heard of go to who walks them.
    pub walk: Box<dyn Fn(usize, PathBuf) + Send>,
}

impl Looker {
    /// Works until there is no more work.
    pub fn run(&self) {
        let mut priority = IoPriority::Inherit;
        while let Some(job) = self.work.next() {
            fault::point("job_taken");
            let wanted = self.plan.share(job.root).map_or(priority, |s| s.settings.io_priority);
            if wanted != priority {
                set_io_priority(wanted);
                priority = wanted;
            }
            let (what, at, bytes) = self.look(&job);
            fault::point("looked");
            let Job { root, below, ticket, .. } = job;
            let report = Report { root, at, what, ticket, job: Some((below, bytes)) };
            if self.reports.send(report).is_err() {
                return;
            }
        }
    }

    fn look(&self, job: &Job) -> (What, At, u64) {
        let Some(share) = self.plan.shares.get(job.root) else {
            let none = self.state.keys().root(Path::new(""));
            return (What::Same, At { root: none, folder: none, key: none }, 0);
        };
        let keys = self.state.keys();
        let folder = keys.below(share.key, job.below.parent().unwrap_or(Path::new("")));
        let name = job.below.file_name().unwrap_or_default();
        let key = if name.is_empty() { share.key } else { keys.child(folder, name) };
        let at = At { root: share.key, folder, key };
        match self.what(job, share, at, name) {
            Ok((what, bytes)) => (what, at, bytes),
            Err(e) => {
                // What is not known is looked at again by a pass.
                log::warn!("{e}");
                self.work.hint_in(job.root, job.below.clone(), ROTATION_WAIT, job.tries);
                (What::Same, at, 0)
            }
        }
    }

    fn what(
        &self,
        job: &Job,
        share: &Share,
        at: At,
        name: &OsStr,
    ) -> Result<(What, u64), StateError> {
        let candidate = share.candidate(&job.below);
        let (kind, stat) = match stat_one(&share.path, &job.below) {
            Ok(found) => found,
            Err(e) if is_gone(&e) => {
                // With its root it is not gone but out of reach.
                let what = if share.is_there() { What::Gone } else { What::Same };
                return Ok((what, 0));
            }
            Err(e) => return Ok((self.note(&candidate, &Skip::from(e)), 0)),
        };
        match kind {
            EntryKind::Folder => {
                if !share.filter.leaves_folder(&job.below) {
                    (self.walk)(job.root, job.below.clone());
                }
                return Ok((What::Same, 0));
            }
            EntryKind::Link => {
                let trouble = self.plan.visited.trouble(&candidate.path);
                return Ok((trouble.map_or(What::Same, |skip| self.note(&candidate, &skip)), 0));
            }
            EntryKind::Other(what) => {
                return Ok((self.note(&candidate, &Skip::NotRegular(what)), 0));
            }
            EntryKind::File => {}
        }
        let now = SystemTime::now();
        match share.filter.file(&job.below, &stat, now) {
            Verdict::Look => {}
            Verdict::Leave => return Ok((What::Same, 0)),
            Verdict::Wait(left) => {
                self.work.hint_in(job.root, job.below.clone(), left, job.tries);
                return Ok((What::Same, 0));
            }
        }
        let facts = share.facts(self.state.keys(), &stat);
        let before = self.state.entry(at.folder, at.key.short())?;
        let before = before.filter(|b| !b.outcome.is_folder());
        if let Some(before) = before {
            let same = before.facts == facts && before.generation == self.plan.generation;
            if same && (job.why != Why::Reread || before.outcome.is_quarantined()) {
                return Ok((What::Same, 0));
            }
        }
        if job.why != Why::Hint && is_fresh(&stat, now, self.plan.settle) && job.tries == 0 {
            // It may be growing still.
            self.work.hint_in(job.root, job.below.clone(), self.plan.settle, 1);
            return Ok((What::Same, 0));
        }
        let mut file = self.file(job, share, at, name, &candidate, &stat, before)?;
        if let (What::File(file), _) = &mut file {
            // What could not be read is tried again by each pass.
            file.facts = if file.unreadable { 0 } else { facts };
        }
        // Written to while it was read: what came later is looked at once it is at rest.
        let after = stat_one(&share.path, &job.below);
        if !matches!(after, Ok((_, after)) if share.facts(self.state.keys(), &after) == facts) {
            self.work.hint(job.root, job.below.clone());
        }
        Ok(file)
    }

    #[allow(clippy::too_many_arguments)]
    fn file(
        &self,
        job: &Job,
        share: &Share,
        at: At,
        name: &OsStr,
        candidate: &Candidate,
        stat: &Stat,
        before: Option<Entry>,
    ) -> Result<(What, u64), StateError> {
        let place = at.key.place();
        let known = match before {
            Some(before) if before.outcome.has_tail() => self.state.tail(place)?,
            _ => None,
        };
        let same_rules = before.is_none_or(|b| b.generation == self.plan.generation);
        if self.is_beside_its_kin(job, name) {
            // What is known of them is about to change.
            self.work.hint_in(job.root, job.below.clone(), KIN_WAIT, job.tries);
            return Ok((What::Same, 0));
        }
        // What lay here before, and what this may be that lay elsewhere.
        let own = known.as_ref().map(|tail| self.with_name(share, job, at, name, tail.clone()));
        let mut kin: Vec<Kin> = own.into_iter().collect();
        kin.extend(self.kin(share, job, at, name)?);
        let mut open = self.open(candidate, &kin);
        let own_resume = match (&known, open.as_mut()) {
            (Some(tail), Some(file)) => {
                tail::resume(file, stat.size, &tail.content, self.state.keys()).ok().flatten()
            }
            _ => None,
        };
        let own_same = own_resume.is_some();
        if known.is_some() && !own_same && tail::stems(name).is_empty() && job.tries < WAITED {
            // Rotated, or written over: in the first case what lay here turns up elsewhere first.
            let wait = self.rotation_wait() * 3;
            self.work.hint_in(job.root, job.below.clone(), wait, job.tries + WAITED);
            return Ok((What::Same, 0));
        }
        // What is as it was, as far as it was read, is read on.
        // Nothing came to it, so that it is something else about it that changed: who may read it, say.
        let as_long = own_same && known.as_ref().is_some_and(|t| t.content.size == stat.size);
        let reads_on = same_rules && job.why != Why::Reread && !as_long;
        for kin in kin.iter().filter(|_| reads_on) {
            let Some(file) = open.as_mut() else { break };
            let resume = match kin.tail.place == place {
                true => own_resume, // what lay here is the only one of this place
                false => tail::resume(file, stat.size, &kin.tail.content, self.state.keys())
                    .ok()
                    .flatten(),
            };
            let Some(resume) = resume else { continue };
            if kin.tail.place != place && self.still_there(share, kin) {
                if job.tries < ROTATION_TRIES {
                    let (below, tries) = (job.below.clone(), job.tries + 1);
                    self.work.hint_in(job.root, below, self.rotation_wait(), tries);
                    return Ok((What::Same, 0));
                }
                continue;
            }
            return Ok(self.read_on(candidate, stat, kin, resume, file, name));
        }
        let looked = self.plan.engine.look(candidate);
        if looked.gone {
            return Ok((What::Gone, looked.bytes));
        }
        let bytes = looked.bytes;
        // The same numbers at the same places as in a text that went away: it was compressed.
        let again = kin.iter().find(|kin| {
            is_known(&looked, &kin.tail.content)
                && (kin.tail.place == place || !self.still_there(share, kin))
        });
        if let Some(kin) = again.filter(|kin| kin.tail.place != place || kin.tail.stream != place) {
            let content = Content { ino: stat.ino, ..kin.tail.content.clone() };
            let tail = TailChange::Keep { id: Some(kin.tail.id), content: Box::new(content) };
            let looked = Looked { findings: Vec::new(), ..looked };
            return Ok((self.outcome(looked, Seen::Part, kin.tail.stream, tail, name), bytes));
        }
        let growing = looked.lines.is_some() && !looked.unreadable;
        let worth = !looked.hits.all.is_empty() || looked.hits.more || stat.size >= tail::SMALL;
        let mut tail = match known {
            Some(_) => TailChange::Forget,
            None => TailChange::None,
        };
        if growing && worth {
            let file = match open {
                Some(file) => Some(file),
                None => open_text(candidate),
            };
            let content = file.and_then(|mut file| {
                tail::content(&mut file, stat.ino, &looked, None, self.state.keys()).ok().flatten()
            });
            if let Some(content) = content {
                let id = known.as_ref().filter(|_| own_same).map(|tail| tail.id);
                tail = TailChange::Keep { id, content: Box::new(content) };
            }
        }
        let seen = if looked.skips.is_empty() { Seen::Whole } else { Seen::Part };
        let nothing_new = own_same && known.is_some_and(|tail| is_known(&looked, &tail.content));
        let mut what = self.outcome(looked, seen, place, tail, name);
        if let What::File(file) = &mut what {
            file.nothing_new = nothing_new;
        }
        Ok((what, bytes))
    }

    fn read_on(
        &self,
        candidate: &Candidate,
        stat: &Stat,
        kin: &Kin,
        resume: Resume,
        file: &mut OpenFile,
        name: &OsStr,
    ) -> (What, u64) {
        let looked = self.plan.engine.look_on(candidate, &kin.told_as, resume);
        let bytes = looked.bytes;
        let before = Some((&kin.tail.content, resume));
        let content = tail::content(file, stat.ino, &looked, before, self.state.keys());
        let content = content.ok().flatten().unwrap_or_else(|| kin.tail.content.clone());
        let tail = TailChange::Keep { id: Some(kin.tail.id), content: Box::new(content) };
        let seen = Seen::Appended { from: resume.from };
        (self.outcome(looked, seen, kin.tail.stream, tail, name), bytes)
    }

    fn rotation_wait(&self) -> Duration {
        self.plan.settle.clamp(SHORT_WAIT, ROTATION_WAIT)
    }

    fn outcome(
        &self,
        looked: Looked,
        seen: Seen,
        told_at: Place,
        tail: TailChange,
        name: &OsStr,
    ) -> What {
        let Looked { findings, skips, crashed, unreadable, bytes, .. } = looked;
        let generation = self.plan.generation;
        What::File(Box::new(File {
            facts: 0,
            generation,
            seen,
            findings,
            skips,
            crashed,
            unreadable,
            nothing_new: false,
            rotated: !tail::stems(name).is_empty(),
            bytes,
            told_at,
            tail,
        }))
    }

    /// A log that this one may be, or have been, is being looked at just now.
    fn is_beside_its_kin(&self, job: &Job, name: &OsStr) -> bool {
        let stems = tail::stems(name);
        let folder = job.below.parent().unwrap_or(Path::new(""));
        let is_kin = |other: &OsStr| {
            other != name
                && (stems.iter().any(|stem| stem == other)
                    || tail::stems(other).iter().any(|s| stems.contains(s) || s == name))
        };
        self.work.is_in_hand(job.root, folder, &is_kin)
    }

    /// Texts that this one may be, by the names it may have had.
    fn kin(&self, share: &Share, job: &Job, at: At, name: &OsStr) -> Result<Vec<Kin>, StateError> {
        let stems = tail::stems(name);
        if stems.is_empty() {
            return Ok(Vec::new());
        }
        let tails = self.state.kin(at.folder)?;
        let keys = self.state.keys();
        let mut kin = Vec::new();
        for stem in stems {
            let stream = keys.child(at.folder, &stem).place();
            let told_as = share.path.join(job.below.with_file_name(&stem));
            let own = tails.iter().filter(|t| t.stream == stream && t.place != at.key.place());
            kin.extend(own.map(|t| Kin { tail: t.clone(), told_as: told_as.clone() }));
        }
        Ok(kin)
    }

    fn with_name(&self, share: &Share, job: &Job, at: At, name: &OsStr, tail: Tail) -> Kin {
        let keys = self.state.keys();
        let of_stream = |stem: &std::ffi::OsString| {
            let key: Key = keys.child(at.folder, stem);
            key.place() == tail.stream
        };
        let name = match tail.stream == at.key.place() {
            true => None,
            false => tail::stems(name).into_iter().find(of_stream),
        };
        let below = name.map_or(job.below.clone(), |stem| job.below.with_file_name(stem));
        Kin { told_as: share.path.join(below), tail }
    }

    /// The text of a known log still lies where it lay, under the log's own name.
    fn still_there(&self, share: &Share, kin: &Kin) -> bool {
        if kin.tail.gone.is_some() || kin.tail.place != kin.tail.stream {
            return false;
        }
        let Ok(below) = kin.told_as.strip_prefix(&share.path) else { return false };
        let Ok((EntryKind::File, stat)) = stat_one(&share.path, below) else { return false };
        let known = &kin.tail.content;
        if stat.ino != known.ino || stat.size < known.read_to {
            return false;
        }
        let file = open_text(&share.candidate(below));
        let same =
            file.map(|mut file| tail::resume(&mut file, stat.size, known, self.state.keys()));
        matches!(same, Some(Ok(Some(_))))
    }

    fn open(&self, candidate: &Candidate, kin: &[Kin]) -> Option<OpenFile> {
        if kin.is_empty() { None } else { open_text(candidate) }
    }

    fn note(&self, candidate: &Candidate, skip: &Skip) -> What {
        What::Note(Box::new(self.plan.engine.skip_record(candidate, skip)))
    }
}

/// A known text, and the name that its findings are told under.
struct Kin {
    tail: Tail,
    told_as: PathBuf,
}

/// All that was found was found in the known text before, at the same places.
fn is_known(looked: &Looked, known: &Content) -> bool {
    let Some(marks) = &known.marks else { return false };
    let found: BTreeSet<u64> = looked.hits.all.iter().map(|(_, mark)| *mark).collect();
    !found.is_empty() && !looked.hits.more && found.is_subset(marks)
}

fn is_gone(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Written to so lately that it may not be whole. Times of the future say nothing.
fn is_fresh(stat: &Stat, now: SystemTime, settle: Duration) -> bool {
    let modified = UNIX_EPOCH + Duration::from_nanos(stat.mtime_ns.max(0).unsigned_abs());
    now.duration_since(modified).is_ok_and(|age| age < settle)
}

fn open_text(candidate: &Candidate) -> Option<OpenFile> {
    let open = open_beneath(&candidate.root, &candidate.path, OFlags::RDONLY).ok()?; // told by the look itself
    let file = OpenFile::from(open);
    file.metadata().is_ok_and(|m| m.is_file()).then_some(file)
}
