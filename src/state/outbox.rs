//! Records on their way out, and how far each sink has got.
//!
//! A record enters with the transaction of its file and leaves once every sink has acknowledged it
//! or refused it for good; then it is a dead letter, kept with the reason.

use super::{Commit, State, StateError, get, set};

/// The size of all lines is kept beside them: adding it up would read the whole table.
const BYTES: &str = "outbox_bytes";

/// A record that a sink has not acknowledged yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub seq: u64,
    pub line: String,
}

/// A record that a sink will never take.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    pub sink: String,
    pub seq: u64,
    /// Milliseconds since 1970.
    pub time: i64,
    pub reason: String,
    pub line: String,
}

/// How much waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    pub letters: u64,
    pub bytes: u64,
    /// When the oldest entered, milliseconds since 1970.
    pub oldest: Option<i64>,
    /// The number of the last that entered.
    pub last: u64,
}

impl State {
    /// What a sink has to take next, up to `most` records and about `bytes`; at least one if any.
    pub fn letters(
        &self,
        sink: &str,
        most: usize,
        bytes: usize,
    ) -> Result<Vec<Letter>, StateError> {
        let sql = "SELECT seq, line FROM outbox WHERE seq > (SELECT seq FROM sink WHERE name = ?1) ORDER BY seq LIMIT ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query((sink, i64::try_from(most).unwrap_or(i64::MAX)))?;
        let (mut letters, mut taken) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let letter = Letter { seq: row.get::<_, i64>(0)?.unsigned_abs(), line: row.get(1)? };
            taken += letter.line.len();
            letters.push(letter);
            if taken >= bytes {
                break;
            }
        }
        Ok(letters)
    }

    pub fn depth(&self) -> Result<Depth, StateError> {
        let sql = "SELECT (SELECT min(seq) FROM outbox), (SELECT max(seq) FROM outbox),
                   (SELECT time FROM outbox ORDER BY seq LIMIT 1)";
        let (first, last, oldest): (Option<i64>, Option<i64>, Option<i64>) =
            self.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let letters = match (first, last) {
            (Some(first), Some(last)) => (last - first + 1).unsigned_abs(),
            _ => 0,
        };
        let bytes = get(&self.db, BYTES)?.unwrap_or(0).unsigned_abs();
        Ok(Depth { letters, bytes, oldest, last: last.unwrap_or(0).unsigned_abs() })
    }

    /// How many records each sink has still to take.
    pub fn waiting(&self) -> Result<Vec<(String, u64)>, StateError> {
        let sql = "SELECT name, (SELECT coalesce(max(seq), sink.seq) FROM outbox) - seq FROM sink ORDER BY name";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.max(0))))?;
        rows.map(|row| Ok(row.map(|(name, n)| (name, n.unsigned_abs()))?)).collect()
    }

    pub fn dead_letters(&self) -> Result<Vec<DeadLetter>, StateError> {
        let sql = "SELECT sink, seq, time, reason, line FROM dead ORDER BY sink, seq";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([], |row| {
            Ok(DeadLetter {
                sink: row.get(0)?,
                seq: row.get::<_, i64>(1)?.unsigned_abs(),
                time: row.get(2)?,
                reason: row.get(3)?,
                line: row.get(4)?,
            })
        })?;
        rows.map(|row| Ok(row?)).collect()
    }
}

impl Commit<'_> {
    /// Puts a record in the way out.
    pub fn post(&self, line: &str, now: i64) -> Result<(), StateError> {
        self.tx
            .prepare_cached("INSERT INTO outbox (time, line) VALUES (?1, ?2)")?
            .execute((now, line))?;
        self.add_bytes(i64::try_from(line.len()).unwrap_or(0))
    }

    /// The sinks there are. A new one begins with the oldest record that is still here; one that is
    /// gone holds nothing back.
    pub fn sinks(&self, names: &[&str]) -> Result<(), StateError> {
        for name in names {
            let sql = "INSERT INTO sink VALUES (?1, 0) ON CONFLICT DO NOTHING";
            self.tx.prepare_cached(sql)?.execute([name])?;
        }
        let mut query = self.tx.prepare_cached("SELECT name FROM sink")?;
        let known: Vec<String> =
            query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for gone in known.iter().filter(|known| !names.contains(&known.as_str())) {
            self.tx.prepare_cached("DELETE FROM sink WHERE name = ?1")?.execute([gone])?;
        }
        Ok(())
    }

    /// A sink has taken everything up to here.
    pub fn delivered(&self, sink: &str, seq: u64) -> Result<(), StateError> {
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        self.tx
            .prepare_cached("UPDATE sink SET seq = max(seq, ?2) WHERE name = ?1")?
            .execute((sink, seq))?;
        self.sweep()
    }

    /// A sink has refused one record for good; what comes after it goes on.
    pub fn dead(
        &self,
        sink: &str,
        letter: &Letter,
        reason: &str,
        now: i64,
    ) -> Result<(), StateError> {
        let sql =
            "INSERT INTO dead VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET reason = ?4";
        let seq = i64::try_from(letter.seq).unwrap_or(i64::MAX);
        self.tx.prepare_cached(sql)?.execute((sink, seq, now, reason, &letter.line))?;
        self.delivered(sink, letter.seq)
    }

    /// Takes out what every sink has.
    fn sweep(&self) -> Result<(), StateError> {
        let sql = "DELETE FROM outbox WHERE seq <= (SELECT min(seq) FROM sink) RETURNING length(CAST(line AS BLOB))";
        let mut query = self.tx.prepare_cached(sql)?;
        let mut gone = 0i64;
        for bytes in query.query_map([], |row| row.get::<_, i64>(0))? {
            gone = gone.saturating_add(bytes?);
        }
        if gone > 0 { self.add_bytes(-gone) } else { Ok(()) }
    }

    fn add_bytes(&self, bytes: i64) -> Result<(), StateError> {
        let now = get(&self.tx, BYTES)?.unwrap_or(0).saturating_add(bytes).max(0);
        set(&self.tx, BYTES, now)
    }
}
