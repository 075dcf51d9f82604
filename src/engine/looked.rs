//! A look at one file for somebody who keeps what came of it: findings and skips apart, the facts
//! that they hold for, and where in a growing text the next look begins.

use std::fs::Metadata;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::open::{self, read_head};
use super::{Engine, Outcome, begin};
use crate::detect::HEAD_BYTES;
use crate::engine::Silent;
use crate::error::Skip;
use crate::flow::{Candidate, Evidence, Finding, Locator, SkipRecord};
use crate::text::Encoding;
use crate::text::encoding::decide;
use crate::text::table::Table;
use crate::text::window::{MARGIN, Windows};

/// Read again before the part that is new: labels, and the beginning of the line.
const OVERLAP: u64 = 4 * MARGIN as u64;

/// What came of one look.
#[derive(Debug, Default)]
pub struct Looked {
    pub findings: Vec<Finding>,
    pub skips: Vec<SkipRecord>,
    /// Bytes read.
    pub bytes: u64,
    /// Of a text: where in it the reading ended.
    pub end: u64,
    /// Of the open descriptor, before anything was read; none if it did not open.
    pub facts: Option<Metadata>,
    /// There is no such file any more.
    pub gone: bool,
    /// The system would not give it: trying again later may help.
    pub unreadable: bool,
    /// It ended a worker process, or a decoder panicked.
    pub crashed: bool,
    /// The file itself is a text that may grow; then, how many lines it has.
    pub lines: Option<u64>,
    pub hits: Hits,
}

/// The numbers that were found in the text of a file, by where they stand.
#[derive(Debug, Default, Clone)]
pub struct Hits {
    /// Byte, and a keyed hash of byte and value.
    pub all: Vec<(u64, u64)>,
    /// There were more than are kept with their place.
    pub more: bool,
}

/// Where a text is read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// Hits that start before this were told.
    pub from: u64,
    /// Lines before it.
    pub lines: u64,
}

impl Engine {
    /// Looks at a file and at its name.
    pub fn look(&self, candidate: &Candidate) -> Looked {
        // Decoders are guarded one by one; this is for what is between them.
        let all = catch_unwind(AssertUnwindSafe(|| {
            let mut item = self.item(&Silent);
            let facts = begin(&mut item, candidate);
            (item.outcome, facts)
        }));
        match all {
            Ok((outcome, facts)) => {
                let is_file = facts.as_ref().is_some_and(Metadata::is_file);
                let digest = (is_file && !outcome.seen.is_empty())
                    .then(|| super::digest_of(candidate, self.limits.max_input_bytes))
                    .flatten();
                self.looked(candidate, outcome, facts, digest.as_deref())
            }
            Err(_) => self.lost(candidate),
        }
    }

    /// Looks at what was appended to a text. It is told as of `told_as`: a rotated log keeps the
    /// name that it was written under.
    pub fn look_on(&self, candidate: &Candidate, told_as: &Path, resume: Resume) -> Looked {
        let told = Candidate { path: told_as.to_path_buf(), root: candidate.root.clone() };
        let at = Locator::file(told_as.to_path_buf());
        let all = catch_unwind(AssertUnwindSafe(|| {
            let mut item = self.item(&Silent);
            let facts = match open::open(candidate) {
                Ok(opened) => {
                    item.outcome.lines = Some(resume.lines);
                    // What comes while it is read is for the next time.
                    let end = opened.facts.len();
                    if let Err(skip) = appended(&mut item, &at, opened.file, end, resume) {
                        item.skip(at.clone(), skip);
                    }
                    Some(opened.facts)
                }
                Err(skip) => {
                    item.skip(at.clone(), skip);
                    None
                }
            };
            (item.outcome, facts)
        }));
        match all {
            Ok((outcome, facts)) => {
                let end = facts.as_ref().map_or(0, Metadata::len);
                Looked { end, ..self.looked(&told, outcome, facts, None) }
            }
            Err(_) => self.lost(&told),
        }
    }

    /// Looks at the name of a folder.
    pub fn look_at_folder(&self, candidate: &Candidate) -> Vec<Finding> {
        let at = Locator::file(candidate.path.clone());
        let mut item = self.item(&Silent);
        item.name(&at, &at.name());
        if item.outcome.seen.is_empty() {
            return Vec::new();
        }
        let facts = std::fs::symlink_metadata(&candidate.path).ok(); // gone meanwhile: the name was still seen
        self.findings(candidate, facts.as_ref(), &item.outcome, None)
    }

    /// The record of something that is not read.
    pub fn skip_record(&self, candidate: &Candidate, skip: &Skip) -> SkipRecord {
        self.judge.skip(&candidate.root, &Locator::file(candidate.path.clone()), skip)
    }

    fn looked(
        &self,
        candidate: &Candidate,
        outcome: Outcome,
        facts: Option<Metadata>,
        digest: Option<&str>,
    ) -> Looked {
        let is = |what: fn(&Skip) -> bool| outcome.skips.iter().any(|(_, skip)| what(skip));
        let not_found = |skip: &Skip| *skip == Skip::Unreadable(io::ErrorKind::NotFound);
        let record = |(at, skip): &(Locator, Skip)| self.judge.skip(&candidate.root, at, skip);
        Looked {
            findings: self.findings(candidate, facts.as_ref(), &outcome, digest),
            skips: outcome.skips.iter().map(record).collect(),
            bytes: outcome.bytes,
            end: outcome.bytes,
            gone: facts.is_none() && is(not_found),
            unreadable: is(|skip| matches!(skip, Skip::Unreadable(_))),
            crashed: is(|skip| matches!(skip, Skip::Worker(_) | Skip::Panicked { .. })),
            lines: outcome.lines,
            hits: self.hits(&outcome),
            facts,
        }
    }

    fn hits(&self, outcome: &Outcome) -> Hits {
        let mut hits = Hits::default();
        for evidence in outcome.seen.iter().filter(|s| !s.in_name).flat_map(|s| &s.evidence) {
            let before = hits.all.len();
            hits.all.extend(evidence.sites.iter().filter_map(|site| self.hit(evidence, site)));
            hits.more |= (hits.all.len() - before) as u64 != evidence.count;
        }
        hits
    }

    fn hit(&self, evidence: &Evidence, site: &crate::flow::Site) -> Option<(u64, u64)> {
        let offset = site.offset?;
        let subject = evidence.subjects.get(site.subject?)?;
        Some((offset, self.judge.mark(&subject.value, offset)))
    }

    fn lost(&self, candidate: &Candidate) -> Looked {
        let skip = self.skip_record(candidate, &Skip::Panicked { stage: "engine" });
        Looked { skips: vec![skip], crashed: true, ..Looked::default() }
    }
}

/// The part of a text from where it was read to, with as much before it as its meaning needs.
fn appended(
    item: &mut super::Item<'_>,
    at: &Locator,
    mut file: std::fs::File,
    end: u64,
    resume: Resume,
) -> Result<(), Skip> {
    let head = read_head(&mut file, HEAD_BYTES)?;
    let verdict = decide(&head);
    let binary = verdict.encoding == Encoding::Binary;
    let table = if binary { None } else { Table::sniff(&head) };
    let separator = table.as_ref().map(Table::separator);
    let mut base = resume.from.saturating_sub(OVERLAP);
    file.seek(SeekFrom::Start(base))?;
    let before = read_head(&mut file, (resume.from - base) as usize)?;
    // From the beginning of a line, if one is near.
    let far = before.len().saturating_sub(MARGIN);
    if base > 0
        && let Some(newline) = memchr::memchr(b'\n', before.get(..far).unwrap_or_default())
    {
        base += newline as u64 + 1;
    }
    file.seek(SeekFrom::Start(base))?;
    let rest = file.take(end.saturating_sub(base));
    let windows =
        Windows::resume(rest, verdict.encoding, table, base, resume.from, resume.lines + 1);
    let done = item.all_windows(at, windows, verdict, separator);
    // The windows count from the start of the text.
    item.outcome.bytes = item.outcome.bytes.saturating_sub(base);
    done
}
