//! Tables in text: which separator, which column a byte stands in, what the column is called.

use memchr::{memchr_iter, memrchr};

/// How many lines at the head are looked at for separator and header.
const HEAD_LINES: usize = 200;
/// Lines above the data in which headings of a later table are looked for.
const BREAK_LINES: usize = 8;
/// Digits that no heading has: years and numbers of orders are shorter.
const DATA_DIGITS: usize = 9;
/// As many columns as a spreadsheet has.
const MAX_COLUMNS: usize = 16_384;
/// A heading is short; a longer cell is prose.
const MAX_HEADING: usize = 120;

/// The layout of a table, read from its first lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    separator: u8,
    /// For each column, the texts found above the data (raw bytes of the file's encoding), top down.
    headings: Vec<Vec<Vec<u8>>>,
    /// Columns in which a number was seen.
    begun: Vec<bool>,
}

impl Table {
    /// A table with a known separator (a sheet of a workbook).
    pub fn with_separator(head: &[u8], separator: u8) -> Table {
        let mut table = Table { separator, headings: Vec::new(), begun: Vec::new() };
        let mut data = false;
        for line in lines(head).take(HEAD_LINES) {
            // Below data and a blank line another table may begin, with headings of its own.
            if data && line.is_empty() {
                break;
            }
            data |= holds_number(line);
            table.read_headings(line);
        }
        table
    }

    /// The table that begins in `lines_above`, the lines between a blank line (or a `COPY` of a
    /// database dump) and a row of data; `None` where these have no heading, so that the row goes on
    /// with the table before.
    pub fn below_break(&self, lines_above: &[u8]) -> Option<Table> {
        let mut table =
            Table { separator: self.separator, headings: Vec::new(), begun: Vec::new() };
        match lines(lines_above).filter_map(copy_columns).last() {
            Some(columns) => table.headings = columns,
            None => {
                let above: Vec<&[u8]> = lines(lines_above).collect();
                for line in above.iter().rev().take(BREAK_LINES).rev() {
                    if !holds_number(line) {
                        table.read_headings(line);
                    }
                }
            }
        }
        (!table.headings.is_empty()).then_some(table)
    }

    /// The place in `bytes` behind the last break: an empty line, a line of `\\.` or a `COPY`.
    pub fn last_break(bytes: &[u8]) -> Option<usize> {
        let mut last = None;
        for newline in memchr_iter(b'\n', bytes) {
            match bytes.get(newline + 1..) {
                Some([b'\n' | b'\\', ..] | [b'\r', b'\n', ..]) => last = Some(newline + 1),
                Some([b'C', b'O', b'P', b'Y', b' ', ..]) => last = Some(newline + 1),
                _ => {}
            }
        }
        last
    }

    /// Recognises a table: most of the first lines have the same number of separators.
    pub fn sniff(head: &[u8]) -> Option<Table> {
        let best = [b'\t', b';', b'|', b',']
            .into_iter()
            .filter_map(|separator| Some((regularity(head, separator)?, separator)))
            .fold(None::<(f64, u8)>, |best, (score, separator)| match best {
                Some(b) if b.0 >= score => Some(b),
                _ => Some((score, separator)),
            })?;
        Some(Table::with_separator(head, best.1))
    }

    pub fn separator(&self) -> u8 {
        self.separator
    }

    /// What stands above the data in column `column`, the nearest last.
    pub fn headings(&self, column: usize) -> &[Vec<u8>] {
        self.headings.get(column).map_or(&[], Vec::as_slice)
    }

    fn read_headings(&mut self, line: &[u8]) {
        for (column, cell) in cells(line, self.separator).enumerate() {
            let cell = trim(cell);
            // No letter, no heading; ASCII digits in a row of data are what is left out here.
            let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
            // Below the first number of a column stand data.
            if digits * 3 > cell.len() && digits >= DATA_DIGITS {
                self.begun.resize(self.begun.len().max(column.min(MAX_COLUMNS) + 1), false);
                if let Some(begun) = self.begun.get_mut(column) {
                    *begun = true;
                }
            }
            if self.begun.get(column) == Some(&true) {
                continue;
            }
            let has_letter = cell.iter().any(|&b| b.is_ascii_alphabetic() || b >= 0x80);
            if !has_letter || cell.len() > MAX_HEADING || digits * 3 > cell.len() {
                continue;
            }
            if self.headings.len() <= column {
                if column > MAX_COLUMNS {
                    return;
                }
                self.headings.resize_with(column + 1, Vec::new);
            }
            self.headings[column].push(cell.to_vec());
        }
    }

    /// The column in which byte `at` of `bytes` stands; at their end, the separators to carry into the
    /// next window. `carried` are the separators of the line that went by before `bytes`.
    pub fn column(&self, bytes: &[u8], at: usize, carried: usize) -> usize {
        self.column_and_quote(bytes, at, carried).0
    }

    /// The same, and whether a quote is open there.
    pub fn column_and_quote(&self, bytes: &[u8], at: usize, carried: usize) -> (usize, bool) {
        let before = bytes.get(..at).unwrap_or(bytes);
        match memrchr(b'\n', before) {
            Some(n) => self.count(&before[n + 1..], 0, false),
            None => self.count(before, carried, false),
        }
    }

    /// Goes on counting columns over `bytes` of one line, from `column` and an open quote or none.
    pub fn count(&self, bytes: &[u8], column: usize, quoted: bool) -> (usize, bool) {
        count_columns(bytes, self.separator, column, quoted)
    }
}

/// The columns of `COPY table (a, b) FROM stdin;`.
fn copy_columns(line: &[u8]) -> Option<Vec<Vec<Vec<u8>>>> {
    let list = line.strip_prefix(b"COPY ")?;
    let from = list.iter().position(|&b| b == b'(')? + 1;
    let to = list.iter().position(|&b| b == b')')?;
    Some(list.get(from..to)?.split(|&b| b == b',').map(|name| vec![trim(name).to_vec()]).collect())
}

/// Whether a line has a number as long as a document's: then it is data and no heading.
fn holds_number(line: &[u8]) -> bool {
    line.split(|b| !b.is_ascii_digit()).any(|run| run.len() >= DATA_DIGITS)
}

/// Goes on counting columns over `bytes` of one line, from `column` and an open quote or none;
/// separators inside of double quotes part nothing.
fn count_columns(bytes: &[u8], separator: u8, column: usize, quoted: bool) -> (usize, bool) {
    if !quoted && memchr::memchr(b'"', bytes).is_none() {
        return (column + memchr_iter(separator, bytes).count(), false);
    }
    bytes.iter().fold((column, quoted), |(column, quoted), &b| {
        let quoted = quoted ^ (b == b'"');
        (column + usize::from(b == separator && !quoted), quoted)
    })
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|&b| b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l))
}

fn cells(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |&b| {
        quoted ^= b == b'"';
        b == separator && !quoted
    })
}

fn trim(cell: &[u8]) -> &[u8] {
    let blank = |b: &u8| matches!(b, b' ' | b'"' | b'\'' | b'\t' | b'\r' | b'=');
    let start = cell.iter().position(|b| !blank(b)).unwrap_or(cell.len());
    let end = cell.iter().rposition(|b| !blank(b)).map_or(start, |e| e + 1);
    &cell[start..end]
}

/// Share of the first lines that have the commonest number of separators (over zero), with more
/// columns counting a little more; `None` under two lines or three in five.
fn regularity(head: &[u8], separator: u8) -> Option<f64> {
    let mut counts: Vec<usize> = lines(head)
        .filter(|l| !l.is_empty())
        .take(50)
        .map(|l| count_columns(l, separator, 0, false).0)
        .collect();
    // The last line of a cut head is not whole.
    if counts.len() > 2 {
        counts.pop();
    }
    let total = counts.len();
    let with = counts.iter().filter(|&&c| c > 0).count();
    if with < 2 {
        return None;
    }
    counts.retain(|&c| c > 0);
    counts.sort_unstable();
    let (mut best, mut run, mut columns) = (0, 0, 0);
    for (i, c) in counts.iter().enumerate() {
        run = if i > 0 && counts[i - 1] == *c { run + 1 } else { 1 };
        if run > best {
            (best, columns) = (run, *c);
        }
    }
    let share = best as f64 / total as f64;
    (share >= 0.6).then(|| share + (columns as f64).ln_1p() * 0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_headings_below_title_rows() {
        let head = b"Report for May;;\n;;\n#;\xd0\x98\xd0\x98\xd0\x9d;Name\n1;900101100004;A\n2;851231203985;B\n";
        let table = Table::sniff(head).unwrap();
        assert_eq!(table.separator(), b';');
        assert_eq!(table.headings(1), ["ИИН".as_bytes()]);
        let at = head.windows(12).position(|w| w == b"851231203985").unwrap();
        assert_eq!(table.column(head, at, 0), 1);
    }

    #[test]
    fn quotes_hide_separators_and_long_lines_carry_their_count() {
        let table = Table::with_separator(b"", b',');
        let line = b"1,\"Almaty, Abay 1\",900101100004";
        assert_eq!(table.column(line, 21, 0), 2);
        assert_eq!(table.column(line, 21, 5), 7);
        assert_eq!(table.column(b"a,b\nc,d,e", 9, 3), 2);
        assert_eq!(table.column(b"c,d,e", 5, 3), 5);
    }

    #[test]
    fn a_later_table_has_headings_of_its_own() {
        let text = b"id;iin\n1;900101100004\n\n\nid;rrn\n1;123456789012\n2;123456789013\n";
        let table = Table::with_separator(text, b';');
        assert_eq!(table.headings(1), [b"iin".to_vec()]);
        let at = Table::last_break(text).unwrap();
        let later = table.below_break(&text[at..text.len() - 16]).unwrap();
        assert_eq!(later.headings(1), [b"rrn".to_vec()]);
        assert_eq!(table.below_break(b"\n"), None, "only a blank line");
        let copied = table.below_break(b"COPY public.a (id, iin) FROM stdin;\n").unwrap();
        assert_eq!(copied.headings(1), [b"iin".to_vec()]);
    }

    #[test]
    fn prose_is_no_table() {
        assert_eq!(
            Table::sniff(
                "Мы, нижеподписавшиеся, дали\nнастоящую расписку в том\nчто да\n".as_bytes()
            ),
            None
        );
        assert_eq!(Table::sniff(b"one line"), None);
    }
}
