//! What the columns of a table are called in a dump of a database: `CREATE TABLE` says it once, and the
//! `INSERT` lines that follow give the name of the table alone.

use std::collections::HashMap;

use memchr::memmem;

/// A statement that goes on for longer is none.
const MAX_STATEMENT: usize = 64 << 10;
/// Tables of one text; more are not remembered.
const MAX_TABLES: usize = 10_000;
const MAX_COLUMNS: usize = 4096;
/// A name, or the words that explain one, is short.
const MAX_NAME: usize = 128;
const CREATE: [&[u8]; 2] = [b"CREATE TABLE", b"create table"];
/// What begins a dump, somewhere in its first window: other texts are not searched any further.
const DUMPS: [&[u8]; 5] =
    [b"CREATE TABLE", b"create table", b"INSERT INTO", b"insert into", b" database dump"];
/// How an entry of the list begins that is no column.
const NO_COLUMN: [&str; 12] = [
    "primary",
    "unique",
    "key",
    "index",
    "constraint",
    "foreign",
    "check",
    "fulltext",
    "spatial",
    "exclude",
    "like",
    "period",
];

/// The names of one column: its own, and what a comment says of it.
pub type Names = Vec<Vec<u8>>;

/// The tables of a text that is gone through window by window.
#[derive(Debug, Default)]
pub struct Schema {
    tables: HashMap<Vec<u8>, Vec<Names>>,
    /// Whether the text is searched; not known before its first window.
    dump: Option<bool>,
    /// A statement that ends in a later window.
    open: Vec<u8>,
}

impl Schema {
    /// Remembers the tables that are made in `fresh`, the bytes of a window that are its own.
    pub fn learn(&mut self, fresh: &[u8]) {
        let begins = || DUMPS.iter().any(|word| memmem::find(fresh, word).is_some());
        if !*self.dump.get_or_insert_with(begins) {
            return;
        }
        if !self.open.is_empty() {
            let room = MAX_STATEMENT.saturating_sub(self.open.len());
            self.open.extend(fresh.iter().take(room));
            let open = std::mem::take(&mut self.open);
            let begins = CREATE.iter().any(|word| open.starts_with(word));
            match table(&open).filter(|_| begins) {
                Some(((name, columns), true)) => self.remember(name, columns),
                _ if begins && open.len() < MAX_STATEMENT => {
                    self.open = open;
                    return;
                }
                _ => {}
            }
        }
        for word in CREATE {
            for at in memmem::find_iter(fresh, word) {
                let rest = fresh.get(at..).unwrap_or_default();
                let statement = rest.get(..MAX_STATEMENT.min(rest.len())).unwrap_or_default();
                match table(statement) {
                    Some(((name, columns), true)) => self.remember(name, columns),
                    _ if rest.len() < MAX_STATEMENT && self.open.is_empty() => {
                        self.open = rest.to_vec();
                    }
                    _ => {}
                }
            }
        }
        // A word that is cut by the end of the window.
        let cut = (1..CREATE[0].len()).rev().find(|len| {
            CREATE.iter().any(|word| word.get(..*len).is_some_and(|begin| fresh.ends_with(begin)))
        });
        if let Some(len) = cut.filter(|_| self.open.is_empty()) {
            self.open = fresh.get(fresh.len().saturating_sub(len)..).unwrap_or_default().to_vec();
        }
    }

    fn remember(&mut self, name: Vec<u8>, columns: Vec<Names>) {
        if self.tables.len() < MAX_TABLES || self.tables.contains_key(&name) {
            self.tables.insert(name, columns);
        }
    }

    /// The columns of the table that rows are put into of which the first begins behind `before`:
    /// `INSERT INTO t VALUES `.
    pub fn columns(&self, before: &[u8]) -> &[Names] {
        if self.tables.is_empty() {
            return &[];
        }
        let before = before.trim_ascii_end();
        let words = before.len().checked_sub(6).and_then(|at| before.split_at_checked(at));
        let Some((before, _)) = words.filter(|(_, word)| word.eq_ignore_ascii_case(b"values"))
        else {
            return &[];
        };
        let name = before.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next();
        let known = name.and_then(|name| self.tables.get(&plain_name(name)));
        known.map(Vec::as_slice).unwrap_or_default()
    }
}

/// A name without its quotes and the schema before it, in small letters.
fn plain_name(name: &[u8]) -> Vec<u8> {
    let own = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name);
    own.iter()
        .filter(|b| !matches!(b, b'"' | b'`' | b'[' | b']'))
        .map(u8::to_ascii_lowercase)
        .collect()
}

type Table = (Vec<u8>, Vec<Names>);

/// The table that a statement makes, and whether its list ended.
fn table(statement: &[u8]) -> Option<(Table, bool)> {
    let rest = statement.get(CREATE[0].len()..)?;
    let list = memchr::memchr(b'(', rest)?;
    let name = rest.get(..list)?.trim_ascii();
    let name = name.rsplit(u8::is_ascii_whitespace).next().filter(|name| !name.is_empty())?;
    if name.len() > MAX_NAME {
        return None;
    }
    let mut columns = Vec::new();
    let mut rest = rest.get(list + 1..)?;
    loop {
        let (entry, behind) = entry(rest);
        if let Some(names) = column(entry) {
            columns.push(names);
        }
        match behind {
            Some((b',', behind)) if columns.len() < MAX_COLUMNS => rest = behind,
            Some(_) => return Some(((plain_name(name), columns), true)),
            None => return Some(((plain_name(name), columns), false)),
        }
    }
}

/// One entry of the list, and what ends it: a comma, or the bracket that ends the list.
fn entry(list: &[u8]) -> (&[u8], Option<(u8, &[u8])>) {
    let (mut depth, mut quote) = (0usize, None);
    for (at, byte) in list.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if *byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"' | b'`') => quote = Some(*byte),
            (None, b'(') => depth += 1,
            (None, b')') if depth > 0 => depth -= 1,
            (None, b',' | b')') if depth == 0 => {
                let behind = list.get(at + 1..).unwrap_or_default();
                return (list.get(..at).unwrap_or_default(), Some((*byte, behind)));
            }
            _ => {}
        }
    }
    (list, None)
}

/// What a column is called, and what its comment says.
fn column(entry: &[u8]) -> Option<Names> {
    // Lines of remarks before it.
    let mut entry = entry.trim_ascii_start();
    while entry.starts_with(b"--") {
        entry = entry.get(memchr::memchr(b'\n', entry)? + 1..)?.trim_ascii_start();
    }
    let quoted = match entry.first()? {
        b'`' => Some(b'`'),
        b'"' => Some(b'"'),
        b'[' => Some(b']'),
        _ => None,
    };
    let name = match quoted {
        Some(close) => entry.get(1..memchr::memchr(close, entry.get(1..)?)?.checked_add(1)?)?,
        None => entry.split(u8::is_ascii_whitespace).next()?,
    };
    let word = std::str::from_utf8(name).unwrap_or_default().to_ascii_lowercase();
    if quoted.is_none() && NO_COLUMN.contains(&word.as_str()) || name.len() > MAX_NAME {
        return None;
    }
    let mut names = vec![name.to_vec()];
    let comment = [b"COMMENT '".as_slice(), b"comment '"];
    let said = comment.iter().find_map(|word| {
        let from = memmem::find(entry, word)?.checked_add(word.len())?;
        let rest = entry.get(from..)?;
        rest.get(..memchr::memchr(b'\'', rest)?)
    });
    names.extend(said.filter(|said| said.len() <= MAX_NAME).map(<[u8]>::to_vec));
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MYSQL: &str = "DROP TABLE IF EXISTS `clients`;\nCREATE TABLE IF NOT EXISTS `shop`.`Clients` (\n  \
        `id` int(11) NOT NULL,\n  -- the person\n  `num` varchar(12) DEFAULT 'a,b' COMMENT 'ИИН клиента',\n  \
        price decimal(10,2),\n  PRIMARY KEY (`id`),\n  KEY `n` (`num`,`id`)\n) ENGINE=InnoDB;\n";

    fn columns(schema: &Schema, before: &str) -> Vec<String> {
        let shown = |names: &Names| {
            names.iter().map(|name| String::from_utf8_lossy(name)).collect::<Vec<_>>().join("/")
        };
        schema.columns(before.as_bytes()).iter().map(shown).collect()
    }

    #[test]
    fn inserts_have_the_columns_that_the_table_was_made_with() {
        let mut schema = Schema::default();
        schema.learn(MYSQL.as_bytes());
        let expected = ["id", "num/ИИН клиента", "price"];
        assert_eq!(columns(&schema, "INSERT INTO `clients` VALUES "), expected);
        assert_eq!(columns(&schema, "insert into public.clients values"), expected);
        assert!(columns(&schema, "INSERT INTO others VALUES ").is_empty());
        assert!(columns(&schema, "INSERT INTO clients (a, b) VALUES ").is_empty());
    }

    #[test]
    fn names_of_other_systems_lose_their_brackets() {
        let mut schema = Schema::default();
        schema.learn(b"create table \"public\".\"p\" (\"\xd0\xb8\xd0\xb8\xd0\xbd\" text, n int);");
        schema.learn(b"CREATE TABLE [dbo].[q]([Id] [int] NOT NULL, [IIN] [nvarchar](12) NULL)");
        assert_eq!(columns(&schema, "INSERT INTO p VALUES"), ["иин", "n"]);
        assert_eq!(columns(&schema, "INSERT INTO [dbo].[q] VALUES"), ["Id", "IIN"]);
    }

    #[test]
    fn a_statement_may_be_cut_by_windows_at_any_place() {
        for at in 0..MYSQL.len() {
            let mut schema = Schema { dump: Some(true), ..Schema::default() };
            let (first, second) = MYSQL.as_bytes().split_at(at);
            schema.learn(first);
            schema.learn(second);
            assert_eq!(columns(&schema, "INSERT INTO clients VALUES").len(), 3, "{at}");
        }
    }

    #[test]
    fn other_texts_are_not_searched() {
        let mut schema = Schema::default();
        schema.learn(b"2024-03-01 10:00:00 started\n");
        schema.learn(MYSQL.as_bytes());
        assert!(schema.tables.is_empty());
    }

    #[test]
    fn what_never_ends_is_given_up() {
        let mut schema = Schema::default();
        schema.learn(b"CREATE TABLE t (a int, ");
        for _ in 0..20 {
            schema.learn(&[b'x'; 10_000]);
        }
        assert!(schema.open.is_empty() && schema.tables.is_empty());
        schema.learn(b"CREATE TABLE t2 (a int)");
        assert_eq!(schema.tables.len(), 1);
    }
}
