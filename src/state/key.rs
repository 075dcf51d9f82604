//! Names as keyed hashes.
//!
//! The key of a folder is made of that of its parent and its name, so a place is known without its
//! path being kept; without the secret a name (there are under 10^10 personal numbers) cannot be
//! found by trying.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

/// Names up to this and a parent's key are hashed in one block.
const ON_STACK: usize = 256 + 16;

/// A folder or a file, by where it is. 128 bits: of 10^8 places no two have one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What rows are found by.
    pub(super) low: u64,
    /// What is compared then.
    pub(super) high: u64,
}

impl Key {
    /// What an entry of its folder is called.
    pub fn short(self) -> u64 {
        self.low
    }

    /// What rows about a place say.
    pub(super) fn id(self) -> i64 {
        self.low as i64
    }
}

/// The secret of an installation, as the state uses it.
#[derive(Clone)]
pub struct Keys([u8; 32]);

impl Keys {
    pub fn new(secret: [u8; 32]) -> Keys {
        Keys(secret)
    }

    /// For those who only look: knows no place.
    pub(super) fn none() -> Keys {
        Keys([0; 32])
    }

    /// A root by the path that it is configured with.
    pub fn root(&self, path: &Path) -> Key {
        self.hash(&[b"root", path.as_os_str().as_bytes()])
    }

    /// What lies in a folder.
    pub fn child(&self, folder: Key, name: &OsStr) -> Key {
        let name = name.as_bytes();
        let mut bytes = [0u8; ON_STACK];
        let n = 16 + name.len();
        let Some(room) = bytes.get_mut(..n) else {
            return self.hash(&[&folder.low.to_le_bytes(), &folder.high.to_le_bytes(), name]);
        };
        let (parent, rest) = room.split_at_mut(16);
        parent[..8].copy_from_slice(&folder.low.to_le_bytes());
        parent[8..].copy_from_slice(&folder.high.to_le_bytes());
        rest.copy_from_slice(name);
        split(blake3::keyed_hash(&self.0, room))
    }

    /// A folder or file below a root, by the way to it.
    pub fn below(&self, root: Key, below: &Path) -> Key {
        let steps = below.components().filter_map(|c| match c {
            Component::Normal(name) => Some(name),
            _ => None,
        });
        steps.fold(root, |folder, name| self.child(folder, name))
    }

    /// In which order folders are walked; a cursor made of these holds no name.
    pub fn order(&self, name: &[u8]) -> u64 {
        self.hash(&[b"order", name]).low
    }

    /// What the file system says of a file, in 64 bits; equal if and only if nothing changed.
    pub fn facts(&self, words: &[u64]) -> u64 {
        let mut bytes = [0u8; 64];
        let mut used = 0;
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
            used += 8;
        }
        split(blake3::keyed_hash(&self.0, &bytes[..used])).low
    }

    /// Bytes of a text, for knowing it again.
    pub fn bytes(&self, bytes: &[u8]) -> u64 {
        self.hash(&[b"bytes", bytes]).low
    }

    /// The first bytes of a stream, for the same.
    pub fn stream(&self, from: impl std::io::Read) -> std::io::Result<u64> {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(b"stream");
        hasher.update_reader(from)?;
        Ok(split(hasher.finalize()).low)
    }

    /// Tells whether a state was made with this secret; says nothing about it.
    pub(super) fn proof(&self) -> i64 {
        self.hash(&[b"proof"]).low as i64
    }

    fn hash(&self, parts: &[&[u8]]) -> Key {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(part);
        }
        split(hasher.finalize())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

fn split(hash: blake3::Hash) -> Key {
    let word = |from: usize| {
        let mut eight = [0u8; 8];
        eight.copy_from_slice(&hash.as_bytes()[from..from + 8]);
        u64::from_le_bytes(eight)
    };
    Key { low: word(0), high: word(8) }
}
