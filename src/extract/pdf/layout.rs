//! Glyphs at their places -> lines of text as a reader sees them: a gap inside a word is closed, a
//! gap between words is a space, a gap between columns a tab. Lines go down the page whatever the
//! order in the file, so that a table drawn column by column still comes out row by row.

/// One glyph, in points; x to the right, y down, the page turned upright.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) text: String,
    /// Origin of the glyph, and where the next one would stand.
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
    /// Height of an em.
    pub(super) size: f64,
}

/// Gaps in ems. Kerning moves letters by up to 0.1, word spaces are 0.2 to 0.35 wide and justified
/// lines stretch them to about 1; table cells stand 1 and more apart. A smaller WORD tears letter-
/// spaced numbers apart, a larger one glues tight columns; a larger COLUMN loses narrow columns, a
/// smaller one puts tabs into justified lines. Between two digits NUMBERS is enough: two numbers
/// with a space between them read as one number in groups.
const WORD: f64 = 0.17;
const COLUMN: f64 = 0.9;
const NUMBERS: f64 = 0.55;
/// Single characters this far apart stand in the boxes of a form and belong to one number.
const BOXES: f64 = 3.0;
/// Two baselines nearer than this are one line (indices, mixed sizes).
const SAME_LINE: f64 = 0.45;
/// The same letter drawn twice this near is bold by overprinting.
const OVERPRINT: f64 = 0.2;

/// Letters that stand together, in the direction of their line.
#[derive(Debug)]
struct Piece {
    text: String,
    start: f64,
    end: f64,
    baseline: f64,
    size: f64,
}

/// Lines of a page, upright text first, then what runs up, down, or on its head.
pub(super) fn lines(marks: &[Mark]) -> String {
    let mut text = String::new();
    for quarter in 0..4 {
        let turned: Vec<Mark> = marks
            .iter()
            .filter(|mark| direction(mark) == quarter)
            .map(|mark| turn(mark, quarter))
            .collect();
        write_lines(pieces(&turned), &mut text);
    }
    text
}

/// The nearest of right, down, left, up.
fn direction(mark: &Mark) -> u8 {
    let (dx, dy) = (mark.to.0 - mark.from.0, mark.to.1 - mark.from.1);
    match (dx.abs() >= dy.abs(), dx >= 0.0, dy >= 0.0) {
        (true, true, _) => 0,
        (false, _, true) => 1,
        (true, false, _) => 2,
        (false, _, false) => 3,
    }
}

fn turn(mark: &Mark, quarter: u8) -> Mark {
    let point = |(x, y): (f64, f64)| match quarter {
        0 => (x, y),
        1 => (y, -x),
        2 => (-x, -y),
        _ => (-y, x),
    };
    Mark { from: point(mark.from), to: point(mark.to), ..mark.clone() }
}

/// Joins marks that follow each other in the file and on the page.
fn pieces(marks: &[Mark]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut last_start = f64::NEG_INFINITY;
    let mut last_text = String::new();
    for mark in marks {
        let size = mark.size.max(0.1);
        if let Some(piece) = pieces.last_mut() {
            let gap = (mark.from.0 - piece.end) / size;
            let level = (mark.from.1 - piece.baseline).abs() / size;
            let again = (mark.from.0 - last_start).abs() / size < OVERPRINT;
            if level < SAME_LINE && again && mark.text == last_text {
                continue;
            }
            if level < 0.1 && (-WORD..WORD).contains(&gap) {
                piece.text.push_str(&mark.text);
                piece.end = mark.to.0;
                (last_start, last_text) = (mark.from.0, mark.text.clone());
                continue;
            }
        }
        (last_start, last_text) = (mark.from.0, mark.text.clone());
        pieces.push(Piece {
            text: mark.text.clone(),
            start: mark.from.0,
            end: mark.to.0,
            baseline: mark.from.1,
            size,
        });
    }
    // A space that is drawn is a gap like any other, measured by what stands around it.
    pieces.retain(|piece| !piece.text.trim().is_empty());
    for piece in &mut pieces {
        let trimmed = piece.text.trim_end();
        let cut = piece.text.len() - trimmed.len();
        piece.end -= piece.size * 0.25 * cut as f64;
        piece.text.truncate(trimmed.len());
    }
    pieces
}

fn write_lines(mut pieces: Vec<Piece>, text: &mut String) {
    pieces.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut line: Vec<Piece> = Vec::new();
    for piece in pieces {
        let below = line.last().is_some_and(|last| {
            piece.baseline - last.baseline > SAME_LINE * piece.size.min(last.size)
        });
        if below {
            write_line(std::mem::take(&mut line), text);
        }
        line.push(piece);
    }
    write_line(line, text);
}

fn write_line(mut line: Vec<Piece>, text: &mut String) {
    if line.is_empty() {
        return;
    }
    line.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut last: Option<&Piece> = None;
    for piece in &line {
        if let Some(last) = last {
            let size = piece.size.max(last.size);
            if piece.text == last.text && (piece.start - last.start) / size < OVERPRINT {
                continue;
            }
            let gap = (piece.start - last.end) / size;
            let boxes = piece.text.chars().count() == 1 && last.text.chars().count() == 1;
            let digits = last.text.ends_with(|c: char| c.is_ascii_digit())
                && piece.text.starts_with(|c: char| c.is_ascii_digit());
            let column = if digits { NUMBERS } else { COLUMN };
            if gap >= column && !(boxes && gap < BOXES) {
                text.push('\t');
            } else if gap >= WORD || piece.text.starts_with(' ') {
                text.push(' ');
            }
        }
        text.push_str(piece.text.trim_start());
        last = Some(piece);
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters half an em wide, `gap` between them.
    fn marks(text: &str, x: f64, y: f64, gap: f64) -> Vec<Mark> {
        let at = |i: usize| x + i as f64 * (5.0 + gap);
        text.chars()
            .enumerate()
            .map(|(i, c)| Mark {
                text: c.to_string(),
                from: (at(i), y),
                to: (at(i) + 5.0, y),
                size: 10.0,
            })
            .collect()
    }

    #[test]
    fn a_table_drawn_by_columns_reads_by_rows() {
        let mut all = marks("ФИО", 10.0, 100.0, 0.0);
        all.extend(marks("Ә. Б.", 10.0, 112.0, 0.0));
        all.extend(marks("ИИН", 100.0, 100.0, 0.0));
        all.extend(marks("900101100004", 100.0, 112.3, 0.0));
        all.extend(marks("851231203985", 172.0, 112.0, 0.0));
        assert_eq!(lines(&all), "ФИО\tИИН\nӘ. Б.\t900101100004\t851231203985\n");
    }

    #[test]
    fn digits_of_one_number_stay_together() {
        // Letter-spaced by a tenth of an em, and one digit in a box each.
        assert_eq!(lines(&marks("900101100004", 0.0, 0.0, 1.0)), "900101100004\n");
        assert_eq!(lines(&marks("900101100004", 0.0, 0.0, 15.0)), "9 0 0 1 0 1 1 0 0 0 0 4\n");
    }

    #[test]
    fn neighbours_are_not_glued() {
        let mut all = marks("900101100004", 0.0, 0.0, 0.0);
        all.extend(marks("900101100014", 62.5, 0.0, 0.0));
        assert_eq!(lines(&all), "900101100004 900101100014\n");
    }

    #[test]
    fn overprinted_letters_count_once() {
        let mut all = marks("11", 0.0, 0.0, 0.0);
        all.extend(marks("11", 0.3, 0.0, 0.0));
        assert_eq!(lines(&all), "11\n");
        let doubled: Vec<Mark> =
            marks("12", 0.0, 0.0, 0.0).into_iter().flat_map(|mark| [mark.clone(), mark]).collect();
        assert_eq!(lines(&doubled), "12\n");
    }

    #[test]
    fn text_that_runs_up_the_page_is_read_too() {
        let up: Vec<Mark> = marks("ИИН", 0.0, 0.0, 0.0)
            .into_iter()
            .map(|m| Mark { from: (50.0, -m.from.0), to: (50.0, -m.to.0), ..m })
            .collect();
        assert_eq!(lines(&up), "ИИН\n");
    }
}
