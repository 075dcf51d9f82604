//! The walk of one thread: a folder is listed when it is asked for.

use std::sync::Arc;

use super::Folder;
use super::list::Lister;
use super::plan::{First, Job, Plan};

pub(super) struct Alone {
    lister: Lister,
    plan: Plan<()>,
    buffer: Vec<u8>,
}

impl Alone {
    pub fn new(lister: Lister, first: First) -> Alone {
        Alone { lister, plan: Plan::new(first), buffer: Vec::new() }
    }

    pub fn next(&mut self) -> Option<Folder> {
        loop {
            let job = self.plan.begin(false)?;
            let folder = self.list(&job);
            // One that was handed out before is so again only where the way ends in it.
            if !job.silent() || !folder.listed {
                return Some(folder);
            }
        }
    }

    fn list(&mut self, job: &Job) -> Folder {
        let mut names = self.lister.names(job, &mut self.buffer, &mut |_| true);
        let mut children = names.children;
        if let Some(fd) = names.fd {
            let asked = self.lister.ask_all(&fd, &names.folder.below, names.raw);
            children.extend(asked.children);
            match names.folder.entries.is_empty() {
                true => names.folder.entries = asked.entries,
                false => names.folder.entries.extend(asked.entries),
            }
            names.folder.trouble.extend(asked.trouble);
            self.plan.found(job, children, Some(Arc::clone(&fd)));
        }
        names.folder
    }
}
