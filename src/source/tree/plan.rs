//! What comes next: the folders that are begun and those that wait, in the order of the walk.
//!
//! ```text
//! front  Folder a          begun, not handed out yet (only where several threads work)
//!        Rest of a         folders in a that are not begun, with a's open descriptor
//!        Folder b
//!        Rest of the root
//! ```
//!
//! A folder's `Rest` is put in right behind it once its names are known; so the first `Rest` from
//! the front always has the folder that comes next. What waits is held by name: a path and a chain
//! are made when a folder's turn comes.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;

/// Folders that wait with their parent open. Past it the parent that is needed last is closed, and
/// its children are opened along their path from the root: slower, but a tree may be deeper than a
/// process has descriptors.
const MAX_OPEN: usize = 128;

/// A folder by name, in its parent. Deep trees are deep chains of these.
pub(super) struct Place {
    up: Option<Arc<Place>>,
    name: Box<[u8]>,
    order: u64,
}

impl Place {
    fn root() -> Arc<Place> {
        Arc::new(Place { up: None, name: Box::default(), order: 0 })
    }

    /// `None` for the root.
    pub fn name(&self) -> Option<&[u8]> {
        self.up.as_ref().map(|_| &*self.name)
    }

    /// The path below the root, and the chain.
    pub fn path(&self) -> (PathBuf, Vec<u64>) {
        let (mut names, mut chain) = (Vec::new(), Vec::new());
        let mut at = self;
        while let Some(up) = &at.up {
            names.push(OsStr::from_bytes(&at.name));
            chain.push(at.order);
            at = up;
        }
        chain.reverse();
        let bytes = names.iter().map(|name| name.len() + 1).sum();
        let mut path = PathBuf::with_capacity(bytes);
        path.extend(names.iter().rev());
        (path, chain)
    }
}

impl Drop for Place {
    /// One after the other: a chain that drops itself link in link runs out of stack.
    fn drop(&mut self) {
        let mut up = self.up.take();
        while let Some(place) = up {
            up = Arc::into_inner(place).and_then(|mut place| place.up.take());
        }
    }
}

/// A folder in a folder that is known.
pub(super) struct Child {
    pub order: u64,
    pub name: Box<[u8]>,
}

/// Where a walk begins.
pub(super) enum First {
    /// At the root, or behind this chain.
    Root { after: Option<Box<[u64]>> },
    /// At the folder that these lead to.
    Below(Vec<Child>),
}

/// A folder whose turn it is.
pub(super) struct Job {
    pub id: u64,
    pub place: Arc<Place>,
    /// The folder it lies in; `None`: it is opened along its path.
    pub parent: Option<Arc<OwnedFd>>,
    /// It was handed out before; below it the walk goes on behind this chain.
    after: Option<Box<[u64]>>,
}

impl Job {
    /// Not to be handed out: it only leads to where the walk goes on.
    pub fn silent(&self) -> bool {
        self.after.is_some()
    }
}

enum Item<T> {
    Folder(u64, Option<T>),
    Rest(Rest),
}

struct Rest {
    place: Arc<Place>,
    fd: Option<Arc<OwnedFd>>,
    /// The next one last.
    left: Vec<Child>,
    /// For the next one.
    after: Option<Box<[u64]>>,
}

/// `T` is what a folder has become once it is done.
pub(super) struct Plan<T> {
    items: VecDeque<Item<T>>,
    first: Option<Job>,
    next_id: u64,
    /// Those in `items`.
    folders: usize,
    open: usize,
}

/// What is at the front.
pub(super) enum Front<T> {
    Done(T),
    /// It is begun and not done, or not begun.
    Waits,
    End,
}

impl<T> Plan<T> {
    pub fn new(first: First) -> Plan<T> {
        let mut place = Place::root();
        let after = match first {
            First::Root { after } => after,
            First::Below(way) => {
                for Child { order, name } in way {
                    place = Arc::new(Place { up: Some(place), name, order });
                }
                None
            }
        };
        let first = Some(Job { id: 0, place, parent: None, after });
        Plan { items: VecDeque::new(), first, next_id: 1, folders: 0, open: 0 }
    }

    /// The next folder to begin. With `keep` its place is kept until it is handed out by
    /// [`Plan::front`]; without, it counts as handed out.
    pub fn begin(&mut self, keep: bool) -> Option<Job> {
        let (at, job) = match self.first.take() {
            Some(job) => (0, job),
            None => {
                let rest = |item: &Item<T>| matches!(item, Item::Rest(_));
                let at = self.items.iter().position(rest)?;
                let Some(Item::Rest(rest)) = self.items.get_mut(at) else { return None };
                let child = rest.left.pop()?;
                let up = Some(Arc::clone(&rest.place));
                let place = Arc::new(Place { up, name: child.name, order: child.order });
                let after = rest.after.take();
                let job = Job { id: self.next_id, place, parent: rest.fd.clone(), after };
                if rest.left.is_empty() {
                    self.open -= usize::from(rest.fd.is_some());
                    self.items.remove(at);
                }
                self.next_id += 1;
                (at, job)
            }
        };
        if keep {
            self.items.insert(at, Item::Folder(job.id, None));
            self.folders += 1;
        }
        Some(job)
    }

    /// The folders in a folder that was begun; `fd` is that folder, open.
    pub fn found(&mut self, job: &Job, mut children: Vec<Child>, fd: Option<Arc<OwnedFd>>) {
        let mut after = None;
        // The last comes first.
        children.sort_unstable_by(|a, b| (b.order, &b.name).cmp(&(a.order, &a.name)));
        if let Some((next, rest)) = job.after.as_deref().and_then(<[u64]>::split_first) {
            children.retain(|child| child.order >= *next);
            let same = children.iter().rev().take_while(|child| child.order == *next).count();
            // Two names of one order: nobody knows which was meant, so both are walked anew.
            after = (same == 1).then(|| rest.into());
        }
        if children.is_empty() {
            return;
        }
        children.shrink_to_fit();
        let at = self.place_of(job.id).map_or(0, |at| at + 1);
        self.open += usize::from(fd.is_some());
        let rest = Rest { place: Arc::clone(&job.place), fd, left: children, after };
        self.items.insert(at, Item::Rest(rest));
        if self.open > MAX_OPEN {
            let open = self.items.iter_mut().rev().find_map(|item| match item {
                Item::Rest(rest) => rest.fd.take(),
                Item::Folder(..) => None,
            });
            self.open -= usize::from(open.is_some());
        }
    }

    /// A folder that was begun with `keep` is done. True where it is the next to be handed out.
    pub fn done(&mut self, id: u64, folder: T) -> bool {
        let at = self.place_of(id);
        if let Some(Item::Folder(_, done)) = at.and_then(|at| self.items.get_mut(at)) {
            *done = Some(folder);
        }
        at == Some(0)
    }

    fn place_of(&self, id: u64) -> Option<usize> {
        let is = |item: &Item<T>| matches!(item, Item::Folder(of, _) if *of == id);
        if self.folders == 0 { None } else { self.items.iter().position(is) }
    }

    /// Whether this folder is the next to be handed out.
    pub fn is_first(&self, id: u64) -> bool {
        matches!(self.items.front(), Some(Item::Folder(first, _)) if *first == id)
    }

    /// Whether [`Plan::begin`] has the folder that is handed out next.
    pub fn next_is_not_begun(&self) -> bool {
        !matches!(self.items.front(), Some(Item::Folder(..)))
    }

    /// Takes what is to be handed out next.
    pub fn front(&mut self) -> Front<T> {
        match self.items.front_mut() {
            Some(Item::Folder(_, done)) => match done.take() {
                Some(done) => {
                    self.items.pop_front();
                    self.folders -= 1;
                    Front::Done(done)
                }
                None => Front::Waits,
            },
            Some(Item::Rest(_)) => Front::Waits,
            None if self.first.is_some() => Front::Waits,
            None => Front::End,
        }
    }

    /// Folders begun and not handed out.
    pub fn folders(&self) -> usize {
        self.folders
    }
}
