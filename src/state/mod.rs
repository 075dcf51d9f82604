//! What is known from one run to the next: one SQLite file.
//!
//! ```text
//! shelf    files that were looked at, packed: one row holds up to a few hundred entries of a folder
//! finding  what was found, masked, with its life: opened, updated, resolved
//! outbox   records on their way out; each sink has a cursor in it
//! tail     how far growing texts were read, and how a rotated one is known again
//! root     where the running pass over a root is
//! ```
//! No name of a file is in it: names may hold personal numbers, so entries are keyed hashes, and
//! the key is not in the file. A file counts as looked at once the transaction with its entry, its
//! findings and their records in the outbox is on disk (WAL, `synchronous=FULL`), never before.

mod error;
mod findings;
mod key;
mod ledger;
mod outbox;
mod passes;
mod tails;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

pub use error::StateError;
pub use findings::{Changed, Known, Place, Seen, Wanted};
pub use key::{Key, Keys};
pub use ledger::{Entry, Generation, Outcome};
pub use outbox::{DeadLetter, Depth, Letter};
pub use passes::Pass;
pub use tails::{Content, SEAM_BYTES, Tail};

/// Another process of ours is done within this; a longer wait means that it hangs.
const BUSY: Duration = Duration::from_secs(10);
/// Pages in memory, in KiB: what is hot are the upper pages of the trees. Every thread has its own.
const CACHE_KIB: i64 = 8 << 10;
const THREAD_CACHE_KIB: i64 = 2 << 10;
/// The log is cut back to this after a checkpoint.
const LOG_BYTES: i64 = 64 << 20;
/// Up to this a whole file is checked at each start, a larger one after an unclean end only.
const ALWAYS_CHECKED_BYTES: u64 = 256 << 20;

/// Each brings the file one version on; never changed once released.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

/// An open state file. Threads each open their own.
pub struct State {
    db: Connection,
    path: PathBuf,
    keys: Keys,
}

impl State {
    /// Opens or makes the file, brings its tables up to date and checks it. `keys` must be those it
    /// was made with.
    pub fn open(path: &Path, keys: Keys) -> Result<State, StateError> {
        let at = |e: StateError| e.at(path);
        let fresh = !path.exists();
        let db = Connection::open(path).map_err(|e| at(e.into()))?;
        if fresh {
            private(path);
        }
        prepare(&db, CACHE_KIB).map_err(at)?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(|e| at(e.into()))?;
        let mut state = State { db, path: path.to_path_buf(), keys };
        state.migrate().map_err(at)?;
        state.check_key().map_err(at)?;
        Ok(state)
    }

    /// The same file once more, for another thread: no checks.
    pub fn again(&self) -> Result<State, StateError> {
        let db = Connection::open(&self.path)?;
        prepare(&db, THREAD_CACHE_KIB)?;
        Ok(State { db, path: self.path.clone(), keys: self.keys.clone() })
    }

    /// For looking only, also while a service writes; `None` where there is no such file. Without the
    /// key everything but the places on disk can be told.
    pub fn look(path: &Path) -> Result<State, StateError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let at = |e: StateError| e.at(path);
        if !path.is_file() {
            return Err(StateError::Missing(path.to_path_buf()));
        }
        let db = Connection::open_with_flags(path, flags).map_err(|e| at(e.into()))?;
        db.busy_timeout(BUSY).map_err(|e| at(e.into()))?;
        let state = State { db, path: path.to_path_buf(), keys: Keys::none() };
        let version = state.version().map_err(at)?;
        match version {
            v if v == MIGRATIONS.len() => Ok(state),
            v => Err(at(StateError::Version { found: v, known: MIGRATIONS.len() })),
        }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything in `work` becomes durable together, or nothing of it.
    pub fn commit<T>(
        &mut self,
        work: impl FnOnce(&Commit<'_>) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let commit = Commit { tx };
        let done = work(&commit)?;
        commit.tx.commit()?;
        Ok(done)
    }

    /// Marks that the writer went away in good order; the next start checks less.
    pub fn close(self) -> Result<(), StateError> {
        set(&self.db, "clean", 1)?;
        self.db.close().map_err(|(_, e)| e.into())
    }

    /// Whether the file says that all is well with it, and what it says if not.
    fn check(&self) -> Result<(), StateError> {
        let size = fs::metadata(&self.path).map_or(0, |m| m.len()); // unknown: checked in full
        let clean = get(&self.db, "clean")? == Some(1);
        set(&self.db, "clean", 0)?;
        if clean && size > ALWAYS_CHECKED_BYTES {
            return Ok(());
        }
        let says: String = self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if says == "ok" { Ok(()) } else { Err(StateError::Corrupt) }
    }

    fn version(&self) -> Result<usize, StateError> {
        let n: i64 = self.db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok(usize::try_from(n).unwrap_or(usize::MAX))
    }

    fn migrate(&mut self) -> Result<(), StateError> {
        let found = self.version()?;
        let Some(missing) = MIGRATIONS.get(found..) else {
            return Err(StateError::Version { found, known: MIGRATIONS.len() });
        };
        if found > 0 {
            self.check()?;
        }
        for (i, sql) in missing.iter().enumerate() {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "user_version", (found + i + 1) as i64)?;
            tx.commit()?;
        }
        Ok(())
    }

    /// With another key nothing would be known again, and every finding would get another id.
    fn check_key(&self) -> Result<(), StateError> {
        let proof = self.keys.proof();
        match get(&self.db, "key")? {
            Some(known) if known == proof => Ok(()),
            Some(_) => Err(StateError::OtherKey),
            None => set(&self.db, "key", proof),
        }
    }
}

/// One transaction.
pub struct Commit<'s> {
    tx: Transaction<'s>,
}

fn prepare(db: &Connection, cache_kib: i64) -> Result<(), StateError> {
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(64);
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "cache_size", -cache_kib)?;
    db.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// Findings are masked, but who has which copies where is nobody else's business.
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if let Err(e) = fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
        log::warn!("the state file {} may be read by others: {}", path.display(), e.kind());
    }
}

fn get(db: &Connection, name: &str) -> Result<Option<i64>, StateError> {
    let mut query = db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

fn set(db: &Connection, name: &str, value: i64) -> Result<(), StateError> {
    let sql = "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
    db.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}

impl State {
    /// A number of the installation that is kept, such as when the last self-check was told.
    pub fn number(&self, name: &str) -> Result<Option<i64>, StateError> {
        get(&self.db, name)
    }
}

impl Commit<'_> {
    pub fn set_number(&self, name: &str, value: i64) -> Result<(), StateError> {
        set(&self.tx, name, value)
    }
}

#[cfg(test)]
mod tests;
