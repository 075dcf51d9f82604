//! The folders that are watched: 200,000 of them in some 20 MB.
//!
//! A folder is its name and its parent, so that a path is kept once however deep the tree is, and a
//! renamed folder takes all below it along.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// A folder in the table. May be given to another folder once this one is removed.
pub(super) type Id = u32;

const NONE: u32 = u32::MAX;
/// No watch.
const UNWATCHED: i32 = -1;

struct Node {
    /// The folder it lies in; of a root [`NONE`]; of one that was removed, itself.
    up: Id,
    wd: i32,
    /// Folders that name this as the one they lie in: until they are gone too, its place is not
    /// given to another, or they would seem to lie there.
    below: u32,
    name: Box<[u8]>,
}

#[derive(Default)]
pub(super) struct Table {
    nodes: Vec<Node>,
    free: Vec<Id>,
    by_wd: HashMap<i32, Id>,
    /// Hash of parent and name. One of two that collide is not found by name, which costs a look at
    /// it when something happens to it.
    by_name: HashMap<u64, Id>,
    hasher: RandomState,
    roots: Vec<Option<Id>>,
}

impl Table {
    pub fn new(roots: usize) -> Table {
        Table { roots: vec![None; roots], ..Table::default() }
    }

    pub fn watched(&self) -> usize {
        self.by_wd.len()
    }

    pub fn root(&self, root: usize) -> Option<Id> {
        self.roots.get(root).copied().flatten()
    }

    pub fn set_root(&mut self, root: usize) -> Id {
        let id = self.put(NONE, Box::default());
        if let Some(slot) = self.roots.get_mut(root) {
            *slot = Some(id);
        }
        id
    }

    /// The folder `name` in `up`, which is put in if need be.
    pub fn child(&mut self, up: Id, name: &[u8]) -> Id {
        match self.find(up, name) {
            Some(id) => id,
            None => {
                let id = self.put(up, name.into());
                self.by_name.insert(self.hash(up, name), id);
                id
            }
        }
    }

    pub fn find(&self, up: Id, name: &[u8]) -> Option<Id> {
        let id = *self.by_name.get(&self.hash(up, name))?;
        let node = self.get(id)?;
        (node.up == up && *node.name == *name).then_some(id)
    }

    pub fn by_wd(&self, wd: i32) -> Option<Id> {
        self.by_wd.get(&wd).copied()
    }

    pub fn wd(&self, id: Id) -> Option<i32> {
        self.get(id).map(|node| node.wd).filter(|wd| *wd != UNWATCHED)
    }

    pub fn is_watched(&self, id: Id) -> bool {
        self.wd(id).is_some()
    }

    /// The watch of a folder. Where the kernel says that another folder of the table has it, that
    /// one is no more where it was: it and all below it is handed back.
    pub fn watch(&mut self, id: Id, wd: i32) -> Option<Id> {
        let before = self.by_wd.insert(wd, id).filter(|before| *before != id);
        if let Some(before) = before.and_then(|before| self.nodes.get_mut(before as usize)) {
            before.wd = UNWATCHED;
        }
        if let Some(node) = self.nodes.get_mut(id as usize) {
            let old = std::mem::replace(&mut node.wd, wd);
            if old != wd && old != UNWATCHED {
                self.by_wd.remove(&old);
            }
        }
        before
    }

    /// The root that a folder lies in and the path below it; `None` for one that was removed.
    pub fn path(&self, id: Id) -> Option<(usize, PathBuf)> {
        let mut names = Vec::new();
        let mut at = id;
        loop {
            let node = self.get(at)?;
            if node.up == NONE {
                break;
            }
            names.push(OsStr::from_bytes(&node.name));
            at = node.up;
        }
        let root = self.roots.iter().position(|root| *root == Some(at))?;
        let mut path = PathBuf::with_capacity(names.iter().map(|n| n.len() + 1).sum());
        path.extend(names.iter().rev());
        Some((root, path))
    }

    /// Takes a folder's name away, for it has moved: another may have the name from now on. Handed
    /// back with its watch, by which it is found again as long as it is in the table; `None` where
    /// it has none.
    pub fn unplace(&mut self, up: Id, name: &[u8]) -> Option<(Id, i32)> {
        let id = self.find(up, name)?;
        self.unname(id);
        let wd = self.get(id)?.wd;
        (wd != UNWATCHED).then_some((id, wd))
    }

    /// Gives a folder another place; all below it goes along.
    pub fn rename(&mut self, id: Id, up: Id, name: &[u8]) {
        let Some(before) = self.get(id).map(|node| node.up) else { return };
        self.unname(id);
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.up = up;
            node.name = name.into();
            self.by_name.insert(self.hash(up, name), id);
        }
        self.gains(up);
        self.loses(before);
    }

    /// Takes out one folder (and none below it); returns its watch.
    pub fn remove(&mut self, id: Id) -> Option<i32> {
        self.get(id)?;
        self.unname(id);
        let node = self.nodes.get_mut(id as usize)?;
        let wd = std::mem::replace(&mut node.wd, UNWATCHED);
        let up = std::mem::replace(&mut node.up, id);
        node.name = Box::default();
        if node.below == 0 {
            self.free.push(id);
        }
        self.loses(up);
        if let Some(root) = self.roots.iter_mut().find(|root| **root == Some(id)) {
            *root = None;
        }
        (wd != UNWATCHED).then(|| {
            self.by_wd.remove(&wd);
            wd
        })
    }

    /// A folder and all below it.
    pub fn below(&self, top: Id) -> Vec<Id> {
        // 0: not known yet, 1: lies below, 2: does not.
        let mut known = vec![0u8; self.nodes.len()];
        let mut way = Vec::new();
        let mut out = Vec::new();
        for id in 0..self.nodes.len() as u32 {
            let mut at = id;
            let verdict = loop {
                let Some(seen) = known.get(at as usize) else { break 2 };
                match *seen {
                    0 if at == top => break 1,
                    0 => {}
                    verdict => break verdict,
                }
                // A removed place leads to itself, a root nowhere.
                match self.get(at) {
                    Some(node) if node.up != NONE && way.len() < self.nodes.len() => {
                        way.push(at);
                        at = node.up;
                    }
                    _ => break 2,
                }
            };
            way.push(id);
            for at in way.drain(..) {
                if let Some(slot) = known.get_mut(at as usize) {
                    *slot = verdict;
                }
            }
            if verdict == 1 {
                out.push(id);
            }
        }
        out
    }

    #[cfg(test)]
    fn places(&self) -> usize {
        self.nodes.len()
    }

    fn get(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id as usize).filter(|node| node.up != id)
    }

    fn put(&mut self, up: Id, name: Box<[u8]>) -> Id {
        let node = Node { up, wd: UNWATCHED, below: 0, name };
        self.gains(up);
        match self.free.pop() {
            Some(id) => {
                if let Some(slot) = self.nodes.get_mut(id as usize) {
                    *slot = node;
                }
                id
            }
            None => {
                self.nodes.push(node);
                (self.nodes.len() - 1) as Id
            }
        }
    }

    fn gains(&mut self, up: Id) {
        if let Some(node) = self.nodes.get_mut(up as usize) {
            node.below += 1;
        }
    }

    fn loses(&mut self, up: Id) {
        let Some(node) = self.nodes.get_mut(up as usize) else { return };
        node.below = node.below.saturating_sub(1);
        if node.below == 0 && node.up == up {
            self.free.push(up);
        }
    }

    fn unname(&mut self, id: Id) {
        let Some(node) = self.get(id) else { return };
        let hash = self.hash(node.up, &node.name);
        if self.by_name.get(&hash) == Some(&id) {
            self.by_name.remove(&hash);
        }
    }

    fn hash(&self, up: Id, name: &[u8]) -> u64 {
        self.hasher.hash_one((up, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_renamed_folder_takes_all_below_it_along() {
        let mut table = Table::new(2);
        let (first, second) = (table.set_root(0), table.set_root(1));
        let a = table.child(first, b"a");
        let b = table.child(a, b"b");
        assert_eq!(table.child(a, b"b"), b);
        assert_eq!(table.watch(b, 7), None);
        assert_eq!(table.path(b).unwrap(), (0, "a/b".into()));
        table.rename(a, first, b"\xff");
        assert_eq!(table.path(b).unwrap().1, Path::new(OsStr::from_bytes(b"\xff/b")));
        assert_eq!((table.find(first, b"a"), table.find(first, b"\xff")), (None, Some(a)));
        assert_eq!(table.below(first), [first, a, b]);
        assert_eq!((table.unplace(a, b"b"), table.unplace(a, b"b")), (Some((b, 7)), None));
        let other = table.child(a, b"b");
        assert_ne!(other, b);
        table.rename(b, a, b"c");
        assert_eq!((table.find(a, b"b"), table.find(a, b"c")), (Some(other), Some(b)));
        assert_eq!(table.remove(other), None);
        assert_eq!(table.below(second), [second]);
        let moved = table.child(second, b"b");
        assert_eq!(table.watch(moved, 7), Some(b), "the kernel knows it elsewhere");
        assert!(table.is_watched(moved) && !table.is_watched(b));
        assert_eq!((table.remove(moved), table.remove(moved)), (Some(7), None));
        assert_eq!((table.watched(), table.path(moved)), (0, None));
    }

    #[test]
    fn places_are_used_again() {
        let mut table = Table::new(1);
        let root = table.set_root(0);
        for i in 0..1000 {
            let id = table.child(root, b"x");
            table.watch(id, i);
            table.remove(id);
        }
        assert_eq!((table.places(), table.watched()), (2, 0));
        let a = table.child(root, b"a");
        let b = table.child(a, b"b");
        table.remove(a);
        let other = table.child(root, b"other");
        assert_ne!(other, a, "b would lie in it");
        assert_eq!(table.path(b), None);
        table.remove(b);
        assert!([a, b].contains(&table.child(root, b"c")));
    }
}
