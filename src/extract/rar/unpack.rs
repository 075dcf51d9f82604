//! Members of an archive that is whole, in the order of the archive; locked ones are tried with the
//! passwords of the run.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rars::{
    Archive, ArchiveMember, ArchiveReadOptions, ArchiveReader, Error, ErrorKind,
    ExtractionDecision, ExtractionErrorAction,
};

use super::FORMAT;
use crate::error::{Bound, Skip};
use crate::extract::names;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

/// Window of a member: packers offer up to 64 GiB and take 32 MiB by themselves.
const MAX_WINDOW: u64 = 256 << 20;
/// All that unpacking may hold beside what it gives.
const MAX_WORKSPACE: u64 = 512 << 20;
/// Headers are small; those of twenty thousand members take a tenth of this.
const MAX_HEADER_BYTES: u64 = 32 << 20;

pub fn unpack(
    at: &Locator,
    bytes: &[u8],
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let passwords = budget.passwords();
    let mut tried: Vec<Option<&str>> = vec![None];
    tried.extend(passwords.iter().map(Some));
    let (archive, opened_with) = open(bytes, &tried, budget)?;
    let mut members = Members { at, done: HashSet::new(), locked: Vec::new() };
    members.run(&archive, opened_with, budget, out)?;
    for password in tried.iter().filter(|p| p.is_some() && **p != opened_with) {
        if members.locked.is_empty() {
            break;
        }
        budget.in_time()?;
        members.locked.clear();
        members.run(&archive, *password, budget, out)?;
    }
    for name in members.locked {
        let skip = Skip::Encrypted { format: FORMAT };
        out.push(Content::Skipped { at: at.member(name), skip });
    }
    Ok(())
}

/// The list of members, which may be locked itself, and what it was opened with.
fn open<'p>(
    bytes: &[u8],
    passwords: &[Option<&'p str>],
    budget: &Budget,
) -> Result<(Archive, Option<&'p str>), Skip> {
    for password in passwords {
        budget.in_time()?;
        // The end of archive and the main header are headers too.
        let options = ArchiveReadOptions::with_optional_password(password.map(str::as_bytes))
            .with_max_header_count(budget.limits().max_members.saturating_add(100))
            .with_max_header_bytes(MAX_HEADER_BYTES);
        match ArchiveReader::read_with_options(bytes, options) {
            Ok(archive) => return Ok((archive, *password)),
            Err(e) if is_locked(e.kind()) => {}
            Err(e) => return Err(skip_of(&e, budget)),
        }
    }
    Err(Skip::Encrypted { format: FORMAT })
}

struct Members<'a> {
    at: &'a Locator,
    /// Places in the archive of members that were told of.
    done: HashSet<usize>,
    /// Names of those that the password did not open.
    locked: Vec<String>,
}

/// The member that is unpacked at the moment.
#[derive(Default)]
struct Now {
    bytes: Vec<u8>,
    at: Option<Locator>,
    /// Why no more of it is taken.
    stop: Option<Skip>,
}

impl Members<'_> {
    fn run(
        &mut self,
        archive: &Archive,
        password: Option<&str>,
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let options = ArchiveReadOptions::with_optional_password(password.map(str::as_bytes))
            .with_max_total_output_bytes(budget.room())
            .with_max_member_output_bytes(budget.room())
            .with_rar50_dictionary_size_limit(MAX_WINDOW)
            .with_rar50_buffered_decode_limit(budget.room())
            .with_max_reader_workspace_bytes(MAX_WORKSPACE);
        let now = Rc::new(RefCell::new(Now::default()));
        // Solid: what comes later hangs on what was before, so all is unpacked.
        let solid = archive.members().any(|member| member.is_solid());
        let end = Instant::now().checked_add(budget.left());
        let seconds = budget.limits().max_seconds;
        let mut index = 0;
        // The member that was begun last.
        let current = Cell::new(0);
        // Both callbacks push; one after the other.
        let out = RefCell::new(out);
        let budget = RefCell::new(budget);
        let this = RefCell::new(self);
        let finish = |failure: Option<&Error>| {
            let done = now.take();
            let Some(at) = done.at else { return Ok(()) };
            let mut skip = done.stop;
            if skip.is_none() {
                skip = failure.map(|e| skip_of(e, &budget.borrow()));
            }
            let charged = budget.borrow_mut().charge(done.bytes.len() as u64);
            let mut out = out.borrow_mut();
            if !done.bytes.is_empty() && charged.is_ok() {
                out.push(Content::Bytes { at: at.clone(), bytes: done.bytes });
            }
            out.extend(skip.map(|skip| Content::Skipped { at, skip }));
            charged
        };
        // An error of ours ends the unpacking; which one it was stands here.
        let own: RefCell<Option<Skip>> = RefCell::new(None);
        let refuse = |skip: Skip| {
            *own.borrow_mut() = Some(skip);
            Error::Cancelled
        };
        let decide = |member: &ArchiveMember| {
            finish(None).map_err(&refuse)?;
            let (place, meta) = (index, &member.meta);
            current.set(place);
            index += 1;
            let mut this = this.borrow_mut();
            if meta.is_directory || meta.is_redirection {
                return Ok(ExtractionDecision::Skip);
            }
            let discard = || match solid {
                true => ExtractionDecision::Extract(Box::new(io::sink())),
                false => ExtractionDecision::Skip,
            };
            if !this.done.insert(place) {
                return Ok(discard());
            }
            budget.borrow_mut().member().map_err(&refuse)?;
            let name = name_of(member);
            if meta.is_encrypted && password.is_none() {
                this.done.remove(&place);
                this.locked.push(name);
                return Ok(ExtractionDecision::Skip);
            }
            let at = this.at.member(name);
            if meta.is_split_before || meta.is_split_after {
                let detail = "member goes over several volumes".into();
                let skip = Skip::Unsupported { format: FORMAT, detail };
                out.borrow_mut().push(Content::Skipped { at, skip });
                return Ok(ExtractionDecision::Skip);
            }
            now.borrow_mut().at = Some(at);
            Ok(ExtractionDecision::Extract(Box::new(Into { now: now.clone(), end, seconds })))
        };
        let fail = |member: &ArchiveMember, e: &Error| {
            if is_locked(e.kind()) || (member.meta.is_encrypted && is_wrong(e.kind())) {
                // The password may be another one's.
                now.take();
                let mut this = this.borrow_mut();
                this.done.remove(&current.get());
                this.locked.push(name_of(member));
            } else {
                finish(Some(e)).map_err(&refuse)?;
            }
            Ok(ExtractionErrorAction::Continue)
        };
        let result = archive.extract_with_control_and_errors(options, decide, fail);
        if let Some(skip) = own.take() {
            return Err(skip);
        }
        match result {
            Ok(_) => finish(None),
            Err(e) => {
                let skip = skip_of(&e, &budget.borrow());
                let stopped = now.borrow().stop.clone();
                finish(Some(&e))?;
                Err(stopped.unwrap_or(skip))
            }
        }
    }
}

/// Takes what is unpacked, as long as there is time.
struct Into {
    now: Rc<RefCell<Now>>,
    end: Option<Instant>,
    /// What it had, for the record.
    seconds: u64,
}

impl Write for Into {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut now = self.now.borrow_mut();
        if self.end.is_some_and(|end| Instant::now() > end) {
            now.stop = Some(Skip::OverBudget(Bound::Seconds(self.seconds)));
            return Err(io::ErrorKind::TimedOut.into());
        }
        now.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn name_of(member: &ArchiveMember) -> String {
    let name = match member.decoded_name(None) {
        Ok(name) if member.name_is_unicode() => String::from_utf8_lossy(&name).into_owned(),
        _ => names::decode(&member.meta.name),
    };
    name.replace('\\', "/")
}

fn is_locked(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::PasswordRequired | ErrorKind::BadPassword)
}

/// What a wrong password of the older versions looks like.
fn is_wrong(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ChecksumMismatch | ErrorKind::InvalidArchive)
}

fn skip_of(e: &Error, budget: &Budget) -> Skip {
    let limits = budget.limits();
    match e.kind() {
        ErrorKind::PasswordRequired | ErrorKind::BadPassword => Skip::Encrypted { format: FORMAT },
        ErrorKind::ResourceLimit => match e {
            Error::HeaderCountLimitExceeded { .. } | Error::HeaderBytesLimitExceeded { .. } => {
                Skip::OverBudget(Bound::Members(limits.max_members))
            }
            _ => Skip::OverBudget(Bound::ExpandedBytes(limits.max_expanded_bytes)),
        },
        ErrorKind::UnsupportedFormat | ErrorKind::UnsupportedFeature => {
            Skip::Unsupported { format: FORMAT, detail: "a variant that is not read".into() }
        }
        ErrorKind::ChecksumMismatch => Skip::damaged(FORMAT, "member fails its checksum"),
        ErrorKind::Io | ErrorKind::Cancelled if budget.left() == Duration::ZERO => {
            Skip::OverBudget(Bound::Seconds(limits.max_seconds))
        }
        _ => Skip::damaged(FORMAT, "does not unpack"),
    }
}
