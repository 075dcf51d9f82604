//! Rows in brackets: `INSERT ... VALUES (1, 'a'), (2, 'b')` of database dumps and `[[1, "a"], [2, "b"]]`
//! of JSON, many on one line. Which column a value stands in, and what the columns are called.

use memchr::memrchr2;

/// Bytes before a value in which its bracket is looked for; a longer row is a document.
const ROW_BYTES: usize = 512;
/// Bytes before the first row in which the names of the columns are looked for.
const NAMES_BYTES: usize = 4096;
/// A name is short.
const MAX_NAME: usize = 64;
/// What the names of a matrix are called in JSON.
const NAMED: &[&str] = &["columns", "fields", "header", "headers", "names", "keys"];

/// The place of a value among the values of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub column: usize,
    /// Where the row begins, behind its bracket.
    pub row: usize,
    /// No row stands before this one.
    pub first: bool,
    /// A row stands before this one on the same line.
    pub beside: bool,
}

/// Where the value at `start..end` of `bytes` stands; nothing where it is no whole value of a row.
pub fn place(bytes: &[u8], start: usize, end: usize) -> Option<Place> {
    let after = bytes.get(end..).unwrap_or_default();
    let quote = after.first().copied().filter(|b| matches!(b, b'\'' | b'"'));
    let after = if quote.is_some() { after.get(1..)? } else { after };
    let next = *after.iter().find(|b| !b.is_ascii_whitespace())?;
    matches!(next, b',' | b')' | b']').then_some(())?;
    let start = match quote {
        Some(quote) => {
            let open = start.checked_sub(1).filter(|at| bytes.get(*at) == Some(&quote))?;
            // `N'..'` of SQL Server, `E'..'` of PostgreSQL.
            let marked =
                open.checked_sub(1).filter(|at| matches!(bytes.get(*at), Some(b'N' | b'E')));
            marked.unwrap_or(open)
        }
        None => start,
    };
    let from = start.saturating_sub(ROW_BYTES);
    let before = bytes.get(from..start)?;
    // Of most texts nothing more is looked at than this.
    memrchr2(b'(', b'[', before)?;
    let near = before.iter().rev().find(|b| !b.is_ascii_whitespace())?;
    matches!(near, b',' | b'(' | b'[').then_some(())?;
    let (mut column, mut depth, mut quoted) = (0, 0usize, None);
    for (at, byte) in before.iter().enumerate().rev() {
        if let Some(quote) = quoted {
            let escaped = at.checked_sub(1).and_then(|at| before.get(at)) == Some(&b'\\');
            if *byte == quote && !escaped {
                quoted = None;
            }
            continue;
        }
        match byte {
            b'\'' | b'"' => quoted = Some(*byte),
            b')' | b']' => depth += 1,
            b'(' | b'[' if depth > 0 => depth -= 1,
            b'(' | b'[' => {
                let row = from + at + 1;
                let (first, beside) = order(bytes.get(..from + at)?)?;
                return Some(Place { column, row, first, beside });
            }
            b',' if depth == 0 => column += 1,
            b'{' | b'}' | b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Whether what stands before a bracket makes it the first row of several, and if not, whether the row
/// before is on the same line. A list within a text, or of single values, is no row.
fn order(before: &[u8]) -> Option<(bool, bool)> {
    let trimmed = before.trim_ascii_end();
    if let Some(list) = trimmed.strip_suffix(b",") {
        let row = list.trim_ascii_end();
        matches!(row.last(), Some(b')' | b']')).then_some(())?;
        let between = before.get(row.len()..).unwrap_or_default();
        return Some((false, !between.contains(&b'\n')));
    }
    let values = trimmed.len().checked_sub(6).and_then(|at| trimmed.get(at..));
    let values = values.is_some_and(|word| word.eq_ignore_ascii_case(b"values"));
    (values || trimmed.ends_with(b"[")).then_some((true, false))
}

/// What the columns of the rows are called of which the first begins at `row`; nothing where that is
/// not said.
pub fn names(bytes: &[u8], row: usize) -> Vec<Vec<u8>> {
    let opening = row.saturating_sub(1);
    let before = bytes.get(opening.saturating_sub(NAMES_BYTES)..opening).unwrap_or_default();
    let before = before.trim_ascii_end();
    let list = match bytes.get(opening) {
        Some(b'(') => {
            let words = before.len().checked_sub(6).and_then(|at| before.split_at_checked(at));
            words
                .filter(|(_, word)| word.eq_ignore_ascii_case(b"values"))
                .and_then(|(before, _)| before.trim_ascii_end().strip_suffix(b")"))
                .and_then(|before| before.get(memchr::memrchr(b'(', before)? + 1..))
        }
        Some(b'[') => named_list(before),
        _ => None,
    };
    let names: Vec<Vec<u8>> = list
        .unwrap_or_default()
        .split(|byte| *byte == b',')
        .map(|name| {
            let blank = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'`' | b'[' | b']');
            let start = name.iter().position(|b| !blank(b)).unwrap_or(name.len());
            let end = name.iter().rposition(|b| !blank(b)).map_or(start, |end| end + 1);
            name.get(start..end).unwrap_or_default().to_vec()
        })
        .collect();
    let plain = |name: &Vec<u8>| (1..=MAX_NAME).contains(&name.len());
    if names.iter().all(plain) { names } else { Vec::new() }
}

/// The list before a matrix: `"columns": ["a", "b"], "data": [`.
fn named_list(before: &[u8]) -> Option<&[u8]> {
    let (before, _) = without_key(before.strip_suffix(b"[")?)?;
    let before = before.strip_suffix(b",")?.trim_ascii_end().strip_suffix(b"]")?;
    let at = memchr::memrchr(b'[', before)?;
    let (_, key) = without_key(before.get(..at)?)?;
    let known = NAMED.iter().any(|name| key.eq_ignore_ascii_case(name.as_bytes()));
    known.then(|| before.get(at + 1..))?
}

/// What stands before a `"key":` at the end, and the key.
fn without_key(before: &[u8]) -> Option<(&[u8], &[u8])> {
    let before = before.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    let before = before.strip_suffix(b"\"")?;
    let at = memchr::memrchr(b'"', before)?;
    Some((before.get(..at)?.trim_ascii_end(), before.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, value: &str) -> Option<Place> {
        let start = memchr::memmem::find(text.as_bytes(), value.as_bytes()).unwrap();
        place(text.as_bytes(), start, start + value.len())
    }

    fn column(text: &str, value: &str) -> Option<usize> {
        at(text, value).map(|place| place.column)
    }

    #[test]
    fn columns_are_counted_from_the_bracket_of_the_row() {
        let sql = "INSERT INTO t VALUES (1,'O''Neil, (A)',NOW(),'900101100004'),(2,'x\\'y',7 , 851231203985 );";
        assert_eq!(column(sql, "900101100004"), Some(3));
        assert_eq!(column(sql, "851231203985"), Some(3));
        let server = "INSERT [dbo].[c] ([Id], [IIN]) VALUES (1, N'900101100004')";
        assert_eq!(column(server, "900101100004"), Some(1));
        let json =
            "{\"rows\": [[1, \"a, b\", \"900101100004\"],\n [2, \"c\",\n \"851231203985\"]]}";
        assert_eq!(
            (column(json, "900101100004"), column(json, "851231203985")),
            (Some(2), Some(2))
        );
        assert!(at(json, "900101100004").unwrap().first);
        assert!(!at(json, "851231203985").unwrap().first);
    }

    #[test]
    fn what_is_no_whole_value_of_a_row_has_no_column() {
        for text in [
            "(ИИН 900101100004)",
            "a, 900101100004, b",
            "{\"a\": [{\"iin\": \"900101100004\", \"b\": 1}]}",
            "f(x); 900101100004, y",
            "('a900101100004', 1)",
            "{\"iins\": [\"900101100004\", \"851231203985\"]}",
            "WHERE iin IN ('900101100004', 1)",
        ] {
            assert_eq!(at(text, "900101100004"), None, "{text}");
        }
    }

    #[test]
    fn columns_have_the_names_that_stand_before_the_first_row() {
        let sql = "INSERT INTO `t` (`id`, \"жсн\", phone) VALUES\n (1,900101100004,2)";
        let place = at(sql, "900101100004").unwrap();
        let expected = [b"id".to_vec(), "жсн".as_bytes().to_vec(), b"phone".to_vec()];
        assert_eq!(names(sql.as_bytes(), place.row), expected);
        let json = "{\"columns\":[\"id\",\"iin\"],\"data\":[[1,900101100004]]}";
        let place = at(json, "900101100004").unwrap();
        assert_eq!(names(json.as_bytes(), place.row), [b"id".to_vec(), b"iin".to_vec()]);
        let bare = "INSERT INTO t VALUES (1,900101100004)";
        let place = at(bare, "900101100004").unwrap();
        assert!(names(bare.as_bytes(), place.row).is_empty());
    }
}
