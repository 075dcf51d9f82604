//! SQLite: every table becomes a text with its columns as header, every longer text and every
//! BLOB a child of its own.
//!
//! The file is opened in memory, read-only, by SQLite itself: DEFENSIVE, without trust in its schema,
//! views, triggers or extensions, and interrupted at the end of the file's time. What stands in a
//! write-ahead log beside the file is not seen.

use std::io::{Cursor, Read};
use std::time::Instant;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::Extractor;
use super::bytes::part;
use super::rows::Rows;
use crate::error::{Bound, Skip};
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "sqlite";
/// A cell over this is a document, not a cell: it is looked at on its own.
const MAX_CELL: usize = 2 << 10;
/// A BLOB under this holds no picture and no document.
const MIN_BLOB: usize = 64;
/// The largest value that is read.
const MAX_VALUE: i32 = 64 << 20;
/// Steps of the virtual machine between two looks at the clock.
const STEPS: i32 = 10_000;

pub struct Sqlite;

impl Extractor for Sqlite {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.sqlite3"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"SQLite format 3\0")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let database = connect(bytes, budget).map_err(|e| told(&e, budget))?;
        let tables = tables(&database, budget)?;
        for table in &tables {
            budget.member()?;
            let place = at.member(table);
            let mut read = Reading { place: &place, budget, out };
            match read.table(&database, table) {
                Ok(()) => {}
                Err(Ended::Over(over)) => return Err(over),
                Err(Ended::Sql(e)) => match told(&e, budget) {
                    over @ Skip::OverBudget(_) => return Err(over),
                    skip => out.push(Content::Skipped { at: place, skip }),
                },
            }
        }
        if is_cut(bytes) { Err(Skip::damaged(FORMAT, "file is cut short")) } else { Ok(()) }
    }
}

/// Whether the header counts more pages than there are: SQLite itself reads what is left. The count
/// holds if the version that wrote it is the last that wrote (file format, 1.3.7).
fn is_cut(bytes: &[u8]) -> bool {
    let number =
        |at: usize| part(bytes, at, 4).and_then(|b| Some(u32::from_be_bytes(b.try_into().ok()?)));
    let size = part(bytes, 16, 2).map_or(0, |b| match b {
        [0, 1] => 65_536,
        b => b.iter().fold(0, |size, byte| size << 8 | u64::from(*byte)),
    });
    let pages = number(28).filter(|_| number(24) == number(92)).unwrap_or(0);
    u64::from(pages).saturating_mul(size) > bytes.len() as u64
}

fn connect(bytes: &[u8], budget: &Budget) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut database = Connection::open_in_memory_with_flags(flags)?;
    // A file left in WAL mode has no log here and would not open: it is read as one without.
    let head = part(bytes, 0, 20).map_or(Vec::new(), <[u8]>::to_vec);
    let modes: &[u8] = if head.get(18..20) == Some(&[2, 2]) {
        &[1, 1]
    } else {
        head.get(18..20).unwrap_or_default()
    };
    let whole = Cursor::new(head.get(..18).unwrap_or_default())
        .chain(modes)
        .chain(bytes.get(20..).unwrap_or_default());
    database.deserialize_read_exact(MAIN_DB, whole, bytes.len(), true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    database.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
    database.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    database.set_limit(Limit::SQLITE_LIMIT_EXPR_DEPTH, 100)?;
    database.execute_batch("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA query_only=ON")?;
    let end = Instant::now().checked_add(budget.left());
    database.progress_handler(STEPS, Some(move || end.is_some_and(|end| Instant::now() > end)))?;
    Ok(database)
}

fn told(e: &rusqlite::Error, budget: &Budget) -> Skip {
    match e.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => {
            Skip::OverBudget(Bound::Seconds(budget.limits().max_seconds))
        }
        Some(ErrorCode::NotADatabase) => Skip::damaged(FORMAT, "no database, or an encrypted one"),
        Some(ErrorCode::TooBig) => Skip::damaged(FORMAT, "value over the limit"),
        _ => Skip::damaged(FORMAT, "database does not read"),
    }
}

/// Names of the tables with data of their own. Virtual tables and views have none: what a full-text
/// index holds lies in tables beside it.
fn tables(database: &Connection, budget: &Budget) -> Result<Vec<String>, Skip> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite_%'";
    let max = budget.limits().max_members as usize;
    let read = || -> rusqlite::Result<Vec<String>> {
        let mut statement = database.prepare(sql)?;
        names(statement.query([])?, max + 1)
    };
    read().map_err(|e| told(&e, budget))
}

/// The first column of rows. Names need not be UTF-8, and the library would panic at them.
fn names(mut rows: rusqlite::Rows<'_>, most: usize) -> rusqlite::Result<Vec<String>> {
    let mut names = Vec::new();
    while let Some(row) = rows.next()?.filter(|_| names.len() < most) {
        let name = match row.get_ref(0)? {
            ValueRef::Text(name) => String::from_utf8_lossy(name).into_owned(),
            _ => String::new(),
        };
        names.push(name);
    }
    Ok(names)
}

/// Names of all columns that `SELECT *` gives.
fn columns(database: &Connection, table: &str, count: usize) -> rusqlite::Result<Vec<String>> {
    let mut statement = database.prepare("SELECT name FROM pragma_table_xinfo(?1)")?;
    let mut columns = names(statement.query([table])?, count)?;
    columns.resize(count, String::new());
    Ok(columns)
}

enum Ended {
    Sql(rusqlite::Error),
    Over(Skip),
}

impl From<rusqlite::Error> for Ended {
    fn from(e: rusqlite::Error) -> Ended {
        Ended::Sql(e)
    }
}

struct Reading<'a> {
    place: &'a Locator,
    budget: &'a mut Budget,
    out: &'a mut Vec<Content>,
}

impl Reading<'_> {
    /// What was read before an error is kept.
    fn table(&mut self, database: &Connection, table: &str) -> Result<(), Ended> {
        let sql = format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""));
        let mut statement = database.prepare(&sql)?;
        let columns = columns(database, table, statement.column_count())?;
        let mut rows = Rows::new(&columns);
        let mut found = statement.query([])?;
        let mut number = 0u64;
        let end = loop {
            let row = match found.next() {
                Ok(Some(row)) => row,
                Ok(None) => break Ok(()),
                Err(e) => break Err(e.into()),
            };
            number += 1;
            if let Err(end) = self.row(row, number, &columns, &mut rows) {
                break Err(end);
            }
        };
        rows.finish(self.place, self.out);
        end
    }

    fn row(
        &mut self,
        row: &rusqlite::Row<'_>,
        number: u64,
        columns: &[String],
        rows: &mut Rows,
    ) -> Result<(), Ended> {
        for (index, column) in columns.iter().enumerate() {
            let own: &[u8] = match row.get_ref(index)? {
                ValueRef::Null => {
                    rows.cell("");
                    continue;
                }
                ValueRef::Integer(value) => {
                    rows.cell(&value.to_string());
                    continue;
                }
                ValueRef::Real(value) => {
                    rows.cell(&value.to_string());
                    continue;
                }
                ValueRef::Text(text) | ValueRef::Blob(text) if text.len() <= MAX_CELL => {
                    // Short BLOBs are often texts; what is none may still be a small picture.
                    match std::str::from_utf8(text) {
                        Ok(text) => rows.cell(text),
                        Err(_) => rows.cell(""),
                    }
                    if std::str::from_utf8(text).is_ok() || text.len() < MIN_BLOB {
                        continue;
                    }
                    text
                }
                ValueRef::Text(long) | ValueRef::Blob(long) => {
                    rows.cell("");
                    long
                }
            };
            self.budget.member().map_err(Ended::Over)?;
            self.budget.charge(own.len() as u64).map_err(Ended::Over)?;
            let at = self.place.member(format!("{column} {number}"));
            self.out.push(Content::Bytes { at, bytes: own.to_vec() });
        }
        rows.end_row(self.budget, self.place, self.out).map_err(Ended::Over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{children, fixture, open, open_within, reasons, texts};
    use crate::flow::Form;
    use crate::limits::Limits;

    fn database(sql: &str) -> Vec<u8> {
        let mut database = Connection::open_in_memory().unwrap();
        database.execute_batch(sql).unwrap();
        database.serialize(MAIN_DB).unwrap().to_vec()
    }

    #[test]
    fn tables_are_texts_under_the_names_of_their_columns() {
        let bytes = database(
            "CREATE TABLE \"адамдар\"(id INTEGER PRIMARY KEY, name TEXT, iin TEXT, n REAL);
             INSERT INTO \"адамдар\" VALUES(1, 'Үлгілі' || char(10) || 'Ө.', '900101100004', 1.5);
             INSERT INTO \"адамдар\" VALUES(2, NULL, 851231203985, NULL);
             CREATE VIEW v AS SELECT * FROM \"адамдар\";
             CREATE TABLE \"a\"\"b\"(x) ; INSERT INTO \"a\"\"b\" VALUES('y');",
        );
        let (out, end) = open(&Sqlite, &bytes);
        assert_eq!(end, Ok(()));
        let text = texts(&out, Form::Table(b'\t'));
        assert_eq!(
            text,
            "id\tname\tiin\tn\n1\tҮлгілі Ө.\t900101100004\t1.5\n2\t\t851231203985\t\n\n---\nx\ny\n"
        );
        let places: Vec<String> = out
            .iter()
            .filter_map(|c| match c {
                Content::Text { at, .. } => Some(at.name()),
                _ => None,
            })
            .collect();
        assert_eq!(places, ["адамдар", "a\"b"]);
    }

    #[test]
    fn blobs_and_long_texts_are_children() {
        let bytes = database(
            "CREATE TABLE scans(iin TEXT, photo BLOB, note BLOB);
             INSERT INTO scans VALUES('900101100004', randomblob(5000), x'6162');
             INSERT INTO scans VALUES('x', zeroblob(10), replace(hex(zeroblob(2000)), '00', 'ab '));",
        );
        let (out, end) = open(&Sqlite, &bytes);
        assert_eq!(end, Ok(()));
        let found: Vec<(String, usize)> =
            children(&out).into_iter().map(|(name, bytes)| (name, bytes.len())).collect();
        assert_eq!(found, [("photo 1".to_owned(), 5000), ("note 2".to_owned(), 6000)]);
        assert!(texts(&out, Form::Table(b'\t')).contains("900101100004\t\tab\n"));
    }

    #[test]
    fn a_file_left_in_wal_mode_opens() {
        let mut bytes = database("CREATE TABLE t(iin); INSERT INTO t VALUES('900101100004');");
        bytes[18..20].copy_from_slice(&[2, 2]);
        let (out, end) = open(&Sqlite, &bytes);
        assert_eq!(end, Ok(()));
        assert!(texts(&out, Form::Table(b'\t')).contains("900101100004"));
    }

    #[test]
    fn a_schema_that_computes_for_ever_is_interrupted() {
        // A column that is computed; the functions it may use are those that cannot harm.
        let bytes = database(
            "CREATE TABLE t(a, b AS (length(replace(hex(zeroblob(4000)), '00', hex(zeroblob(9000))))));
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
             INSERT INTO t SELECT i FROM n;",
        );
        let limits = Limits { max_seconds: 1, ..Limits::default() };
        let (_, end) = open_within(&Sqlite, &bytes, &limits);
        assert!(matches!(end, Err(Skip::OverBudget(Bound::Seconds(1))) | Ok(())), "{end:?}");
    }

    #[test]
    fn what_the_program_wrote_is_read() {
        let (out, end) = open(&Sqlite, &fixture("data/staff.sqlite"));
        assert_eq!((end, reasons(&out).len()), (Ok(()), 0));
        assert!(texts(&out, Form::Table(b'\t')).contains("Үлгілі Өмірбек\t900101100004"));
    }

    #[test]
    fn cut_or_changed_it_does_not_panic() {
        let bytes = fixture("data/staff.sqlite");
        for at in (0..bytes.len()).step_by(97) {
            open(&Sqlite, &bytes[..at]).1.ok();
        }
        let places: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i] != 0).collect();
        for at in places.into_iter().step_by(5) {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            open(&Sqlite, &changed).1.ok();
        }
    }
}
