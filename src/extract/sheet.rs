//! One sheet of a workbook as text: line N is row N, cells at their own columns, tabs between.

use crate::error::Skip;
use crate::limits::Budget;

/// Columns of the largest sheet there is (XFD).
const MAX_COLUMNS: usize = 16_384;
/// Empty rows that are kept as empty lines, so that lines count as rows. A longer gap (a stray cell
/// at the foot of a sheet) is closed up to this.
const MAX_GAP: u64 = 1_000;

pub(super) struct Sheet {
    text: String,
    /// Rows written.
    rows: u64,
    /// Rows of the sheet left out by closing gaps.
    closed: u64,
    cells: Vec<(usize, String)>,
    charged: usize,
}

impl Sheet {
    pub(super) fn new() -> Sheet {
        Sheet { text: String::new(), rows: 0, closed: 0, cells: Vec::new(), charged: 0 }
    }

    /// A cell of the row at hand; columns count from 0.
    pub(super) fn cell(&mut self, column: usize, value: &str) {
        let value = super::prose::in_one_line(value);
        if column < MAX_COLUMNS && !value.is_empty() {
            self.cells.push((column, value));
        }
    }

    /// Ends row `number`, counted from 1. Rows that come out of order are put at the end.
    pub(super) fn end_row(&mut self, number: u64, budget: &mut Budget) -> Result<(), Skip> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let line = number.saturating_sub(self.closed);
        let gap = line.saturating_sub(self.rows).saturating_sub(1);
        let kept = gap.min(MAX_GAP);
        self.closed += gap - kept;
        for _ in 0..kept {
            self.text.push('\n');
        }
        self.cells.sort_by_key(|(column, _)| *column);
        let mut last = None;
        for (column, value) in self.cells.drain(..) {
            // Two cells of one place: the second moves on.
            let tabs = last.map_or(column, |last| column.saturating_sub(last).max(1));
            self.text.extend(std::iter::repeat_n('\t', tabs));
            self.text.push_str(&value);
            last = Some(last.unwrap_or(0) + tabs);
        }
        self.text.push('\n');
        self.rows += kept + 1;
        let grown = self.text.len() - self.charged;
        self.charged = self.text.len();
        budget.charge(grown as u64)
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// `BC12` -> column 54 (from 0), row 12 (from 1).
pub(super) fn reference(text: &str) -> Option<(usize, u64)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = text.split_at_checked(letters)?;
    let column = letters.bytes().try_fold(0usize, |column, letter| {
        let value = usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        column.checked_mul(26)?.checked_add(value)
    })?;
    Some((column.checked_sub(1)?, digits.parse().ok()?))
}

/// A number as a person would see it: `8.51231203985E11` -> `851231203985`. `zeros` is the width
/// of a format of zeros only (`000000000000`), which is how leading zeros are shown.
pub(super) fn plain_number(stored: &str, zeros: usize) -> String {
    let stored = stored.trim();
    let plain = match stored.parse::<f64>() {
        // What has no exponent is plain already, and keeps all its digits.
        Ok(value) if value.is_finite() && stored.contains(['e', 'E']) && value.abs() < 1e21 => {
            format!("{value}")
        }
        _ => stored.to_owned(),
    };
    let whole = plain.strip_suffix(".0").unwrap_or(&plain);
    if zeros > whole.len() && whole.bytes().all(|b| b.is_ascii_digit()) {
        format!("{whole:0>zeros$}")
    } else {
        whole.to_owned()
    }
}

/// [MS-XLS] 2.5.218: an integer or the upper half of a double, perhaps a hundred times too large.
pub(super) fn unpacked(packed: u32) -> f64 {
    let value = if packed & 2 != 0 {
        f64::from(packed as i32 >> 2)
    } else {
        f64::from_bits(u64::from(packed & 0xffff_fffc) << 32)
    };
    if packed & 1 != 0 { value / 100.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn lines_are_rows_and_cells_keep_their_columns() {
        let mut budget = Budget::new(&Limits::default(), 1000);
        let mut sheet = Sheet::new();
        sheet.cell(3, "ИИН");
        sheet.cell(1, "ФИО\nполностью");
        sheet.end_row(2, &mut budget).unwrap();
        sheet.cell(3, "900101100004");
        sheet.end_row(4, &mut budget).unwrap();
        sheet.cell(0, "низ");
        sheet.end_row(1_000_000, &mut budget).unwrap();
        sheet.cell(0, "дно");
        sheet.end_row(1_000_001, &mut budget).unwrap();
        let text = sheet.finish();
        assert!(text.starts_with("\n\tФИО полностью\t\tИИН\n\n\t\t\t900101100004\n\n"));
        assert_eq!(text.lines().count(), 4 + 1000 + 2);
        assert!(text.ends_with("\nниз\nдно\n"));
    }

    #[test]
    fn numbers_are_shown_with_all_their_digits() {
        assert_eq!(plain_number("8.51231203985E11", 0), "851231203985");
        assert_eq!(plain_number("851231203985", 0), "851231203985");
        assert_eq!(plain_number("10101100018", 12), "010101100018");
        assert_eq!(plain_number("1.0101100018E10", 12), "010101100018");
        assert_eq!(plain_number("0.1", 0), "0.1");
        assert_eq!(plain_number("1E300", 0), "1E300");
        assert_eq!(plain_number("900101100004.0", 0), "900101100004");
    }

    #[test]
    fn references_are_read() {
        assert_eq!(reference("A1"), Some((0, 1)));
        assert_eq!(reference("XFD1048576"), Some((16_383, 1_048_576)));
        assert_eq!(reference("BC12"), Some((54, 12)));
        assert_eq!(reference("12"), None);
        assert_eq!(reference(&"Z".repeat(100)), None);
    }

    #[test]
    fn packed_numbers_are_unpacked() {
        assert_eq!(unpacked(0x3ff0_0000), 1.0);
        assert_eq!(unpacked(0x3ff0_0001), 0.01);
        assert_eq!(unpacked(4321 << 2 | 2), 4321.0);
        assert_eq!(unpacked((-7i32 << 2) as u32 | 2), -7.0);
    }
}
