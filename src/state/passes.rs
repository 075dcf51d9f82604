//! Where the running pass over each root is, so that a restart goes on and does not begin anew.

use rusqlite::OptionalExtension;

use super::{Commit, Key, State, StateError};

/// The passes over one root. Times in milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// A pass runs, and has dealt with everything up to this folder: [`super::Keys::order`] of the names on the way to it.
    pub cursor: Option<Vec<u64>>,
    pub started: Option<i64>,
    /// The last whole pass: its end and its time.
    pub done: Option<i64>,
    pub took: Option<i64>,
    pub passes: u64,
}

impl State {
    pub fn pass(&self, root: Key) -> Result<Pass, StateError> {
        let sql = "SELECT cursor, started, done, took, passes FROM root WHERE key = ?1";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_row([root.id()], |row| {
            let cursor: Option<Vec<u8>> = row.get(0)?;
            Ok(Pass {
                cursor: cursor.map(|bytes| {
                    bytes.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b)).collect()
                }),
                started: row.get(1)?,
                done: row.get(2)?,
                took: row.get(3)?,
                passes: row.get::<_, i64>(4)?.unsigned_abs(),
            })
        });
        Ok(found.optional()?.unwrap_or_default())
    }
}

impl Commit<'_> {
    pub fn begin_pass(&self, root: Key, now: i64) -> Result<(), StateError> {
        let sql = "INSERT INTO root (key, cursor, started) VALUES (?1, x'', ?2)
                   ON CONFLICT DO UPDATE SET cursor = x'', started = ?2";
        self.tx.prepare_cached(sql)?.execute((root.id(), now))?;
        Ok(())
    }

    pub fn move_cursor(&self, root: Key, cursor: &[u64]) -> Result<(), StateError> {
        let bytes: Vec<u8> = cursor.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.tx
            .prepare_cached("UPDATE root SET cursor = ?2 WHERE key = ?1")?
            .execute((root.id(), bytes))?;
        Ok(())
    }

    pub fn end_pass(&self, root: Key, now: i64) -> Result<(), StateError> {
        let sql = "UPDATE root SET cursor = NULL, done = ?2, took = max(0, ?2 - started), passes = passes + 1
                   WHERE key = ?1";
        self.tx.prepare_cached(sql)?.execute((root.id(), now))?;
        Ok(())
    }
}
