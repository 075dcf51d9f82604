//! How far growing texts were read, and how one is known again after it was rotated.
//!
//! A text is known by its first bytes, how far it was read and the bytes just before that point. A
//! log that is renamed (`log` to `log.1`), copied and cut, or compressed is then the same text
//! under another name: what was told of it is not told again. Its findings stay with the name that
//! they were first told under: the stream.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, Row, params};

use super::findings::{Place, pack, unpack};
use super::{Commit, Key, State, StateError};

/// Bytes before the end of what was read that must be as they were.
pub const SEAM_BYTES: usize = 4096;
/// Texts that may be another one's continuation, looked at for a new file.
const MAX_KIN: i64 = 256;

/// One text as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub ino: u64,
    /// Keyed hash of the first `head_len` bytes.
    pub head: u64,
    pub head_len: u32,
    pub read_to: u64,
    /// Of the file when it was read.
    pub size: u64,
    /// Keyed hash of all before `read_to`, of texts that are not too large for that.
    pub body: Option<u64>,
    /// Keyed hash of up to [`SEAM_BYTES`] before `read_to`.
    pub seam: u64,
    /// Lines before `read_to`.
    pub lines: u64,
    /// How many numbers were found in it.
    pub hits: u64,
    /// Each of them with its place, as keyed hashes; none where there were too many to keep.
    pub marks: Option<BTreeSet<u64>>,
}

/// A text and where it lies.
#[derive(Debug, Clone)]
pub struct Tail {
    pub id: i64,
    pub place: Place,
    pub stream: Place,
    pub content: Content,
    /// It is not there any more since, milliseconds since 1970.
    pub gone: Option<i64>,
}

const COLUMNS: &str =
    "id, place, stream, ino, head, head_len, read_to, size, body, seam, lines, hits, marks, gone";

impl State {
    /// The text that lies at a place now.
    pub fn tail(&self, place: Place) -> Result<Option<Tail>, StateError> {
        let sql = format!("SELECT {COLUMNS} FROM tail WHERE place = ?1 AND gone IS NULL");
        let mut query = self.db.prepare_cached(&sql)?;
        Ok(query.query_row([place.0], tail).optional()?)
    }

    /// Texts that a new file may be: of its folder, the newest first.
    pub fn kin(&self, folder: Key) -> Result<Vec<Tail>, StateError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM tail WHERE folder = ?1 ORDER BY id DESC LIMIT {MAX_KIN}"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let found = query.query_map([folder.id()], tail)?.collect::<Result<_, _>>()?;
        Ok(found)
    }

    /// Streams of which something went away between these times.
    pub fn lost_streams(&self, from: i64, to: i64) -> Result<Vec<Place>, StateError> {
        let sql = "SELECT DISTINCT stream FROM tail WHERE gone >= ?1 AND gone < ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_map((from, to), |row| row.get(0).map(Place))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Texts anywhere that begin so.
    pub fn of_head(&self, head: u64) -> Result<Vec<Tail>, StateError> {
        let sql =
            format!("SELECT {COLUMNS} FROM tail WHERE head = ?1 ORDER BY id DESC LIMIT {MAX_KIN}");
        let mut query = self.db.prepare_cached(&sql)?;
        let found = query.query_map([head as i64], tail)?.collect::<Result<_, _>>()?;
        Ok(found)
    }
}

fn tail(row: &Row<'_>) -> rusqlite::Result<Tail> {
    let word = |i: usize| row.get::<_, i64>(i).map(|n| n as u64);
    Ok(Tail {
        id: row.get(0)?,
        place: Place(row.get(1)?),
        stream: Place(row.get(2)?),
        content: Content {
            ino: word(3)?,
            head: word(4)?,
            head_len: row.get(5)?,
            read_to: word(6)?,
            size: word(7)?,
            body: row.get::<_, Option<i64>>(8)?.map(|n| n as u64),
            seam: word(9)?,
            lines: word(10)?,
            hits: word(11)?,
            marks: row.get::<_, Option<Vec<u8>>>(12)?.map(|bytes| unpack(&bytes)),
        },
        gone: row.get(13)?,
    })
}

impl Commit<'_> {
    /// Keeps a text that lies at a place now: one that was known, by its id, or a new one.
    pub fn keep_tail(
        &self,
        id: Option<i64>,
        place: Place,
        folder: Key,
        stream: Place,
        content: &Content,
    ) -> Result<(), StateError> {
        let sql = "INSERT INTO tail VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, NULL)
                   ON CONFLICT (id) DO UPDATE SET place = ?2, folder = ?3, stream = ?4, ino = ?5, head = ?6, head_len = ?7,
                   read_to = ?8, size = ?9, body = ?10, seam = ?11, lines = ?12, hits = ?13, marks = ?14, gone = NULL";
        let c = content;
        self.tx.prepare_cached(sql)?.execute(params![
            id,
            place.0,
            folder.id(),
            stream.0,
            c.ino as i64,
            c.head as i64,
            c.head_len,
            c.read_to as i64,
            c.size as i64,
            c.body.map(|n| n as i64),
            c.seam as i64,
            c.lines as i64,
            c.hits as i64,
            c.marks.as_ref().map(pack)
        ])?;
        Ok(())
    }

    /// What lay at a place does not lie there any more; it may turn up elsewhere.
    pub fn lose_tail(&self, place: Place, now: i64) -> Result<(), StateError> {
        let sql = "UPDATE tail SET gone = ?2 WHERE place = ?1 AND gone IS NULL";
        self.tx.prepare_cached(sql)?.execute((place.0, now))?;
        Ok(())
    }

    /// What lay at a place was written over: it does not turn up elsewhere.
    pub fn drop_tail(&self, place: Place) -> Result<(), StateError> {
        let sql = "DELETE FROM tail WHERE place = ?1 AND gone IS NULL";
        self.tx.prepare_cached(sql)?.execute([place.0])?;
        Ok(())
    }

    /// Whether texts with findings are told under this place and lie elsewhere, or were there since.
    pub fn stream_lives(&self, stream: Place, but: Place, since: i64) -> Result<bool, StateError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM tail WHERE stream = ?1 AND hits > 0
                   AND ((gone IS NULL AND place <> ?2) OR gone >= ?3))";
        let mut query = self.tx.prepare_cached(sql)?;
        Ok(query.query_row((stream.0, but.0, since), |row| row.get(0))?)
    }

    /// Whether any text of this stream with findings is there.
    pub fn stream_has_hits(&self, stream: Place) -> Result<bool, StateError> {
        let sql =
            "SELECT EXISTS (SELECT 1 FROM tail WHERE stream = ?1 AND hits > 0 AND gone IS NULL)";
        Ok(self.tx.prepare_cached(sql)?.query_row([stream.0], |row| row.get(0))?)
    }

    /// Forgets texts that went away before then.
    pub fn forget_tails(&self, before: i64) -> Result<(), StateError> {
        self.tx.prepare_cached("DELETE FROM tail WHERE gone < ?1")?.execute([before])?;
        Ok(())
    }
}
