//! Content -> Evidence. One file a detector; a detector says what it saw, `judge/` what it means.
//!
//! Text detectors watch windows of a text ([`crate::text::window`]) and give their evidence at its
//! end: a column or a key tells more about a number than the number itself.

mod context;
mod iin;
mod mark;
mod mrz_picture;
mod mrz_text;
mod number;
pub mod origin;
mod page;
mod population;
mod rule;
mod rules;
mod scene;
mod surroundings;
mod vision;
mod way;

use crate::flow::{Evidence, Form, ReadFrom, Site};
use crate::text::Window;
use crate::text::digits::{Finder, Run};
use crate::text::table::Table;
use crate::text::window::LineCursor;

pub use mark::{Mark, MarkKind, Told};
pub use mrz_picture::{row_strips, zone_texts};
pub use page::PageLine;
pub use rules::Rules;
pub use scene::{Scaled, Scene};
pub use vision::read_page;

/// A detector of text.
pub trait TextDetector: Sync {
    /// Stable; the `detector` of the evidence.
    fn name(&self) -> &'static str;

    /// Starts on one text. Costs little: it is called for every file.
    fn begin<'r>(&self, rules: &'r Rules, text: TextFacts) -> Box<dyn TextWatch + 'r>;
}

/// One detector on one text.
pub trait TextWatch {
    /// Takes the next window. Hits that start outside of `window.fresh` are another window's.
    fn window(&mut self, window: &Window, runs: &Runs);

    /// The text is over: says what was seen.
    fn finish(&mut self, out: &mut Vec<Evidence>);
}

/// Every name that a sign may be of: of the detectors, and of what they go by.
pub const DETECTORS: [&str; 8] =
    ["iin", "number", "mrz", "rule", "origin", "vision", "labels", "names"];

/// Every text detector.
pub static TEXT: &[&dyn TextDetector] =
    &[&iin::Iin, &number::Number, &mrz_text::MrzText, &rule::Rule];

/// A detector of pictures.
pub trait PictureDetector: Sync {
    /// Stable; the `detector` of the evidence.
    fn name(&self) -> &'static str;

    /// Adds what it sees. Says nothing where there is nothing; never fails.
    fn look(&self, rules: &Rules, scene: &Scene, out: &mut Vec<Evidence>);
}

/// Every picture detector.
pub static PICTURES: &[&dyn PictureDetector] = &[&mrz_picture::MrzPicture, &vision::Vision];

/// All that the picture detectors see in one picture, and how copies in it came to be. What does not
/// lie upright is looked at again upright, so that the answer does not depend on how it lies.
pub fn look_at(rules: &Rules, scene: &Scene) -> Vec<Evidence> {
    scene.may_turn();
    let seen = look_once(rules, scene);
    let way = scene.way().filter(|way| !way.is_upright());
    let Some((way, picture)) = way.and_then(|way| Some((way, way.upright(scene.picture)?))) else {
        return seen;
    };
    let Some(upright) = scene.of_same_watch(&picture) else { return seen };
    let mut again = look_once(rules, &upright);
    // What was found is not given up for the sake of symmetry.
    let found = |of: &[Evidence]| of.iter().any(|e| e.log_odds() >= 0.0);
    if found(&seen) && !found(&again) {
        return seen;
    }
    way.place(scene.picture, &mut again);
    let mut told = upright.told();
    way.place_told(scene.picture, &mut told);
    scene.tell_instead(told);
    again
}

fn look_once(rules: &Rules, scene: &Scene) -> Vec<Evidence> {
    let mut out = Vec::new();
    for detector in PICTURES {
        detector.look(rules, scene, &mut out);
        if scene.is_to_be_turned() {
            return out;
        }
    }
    origin::tell(scene.picture, &mut out);
    out
}

/// What is known of a text before it is read.
#[derive(Debug, Clone, Copy)]
pub struct TextFacts {
    pub form: Form,
    /// No text but raw bytes: only labelled numbers count.
    pub binary: bool,
    /// The text is the name of a file or folder.
    pub in_name: bool,
    /// Two-digit year of the newest moment that a stamp in the text can name.
    pub newest_year: u32,
    /// Occurrences kept with their place.
    pub max_occurrences: usize,
}

impl TextFacts {
    /// Where the signs of this text were read.
    fn read_from(&self) -> ReadFrom {
        match self.form {
            _ if self.in_name => ReadFrom::Name,
            Form::Page => ReadFrom::Picture,
            Form::Plain | Form::Table(_) | Form::Metadata => ReadFrom::Text,
        }
    }

    /// The place of byte `at` of the window: raw bytes have no lines, and a name has no places.
    fn site(&self, lines: &mut LineCursor, window: &Window, at: usize) -> Site {
        Site {
            line: (!self.binary && !self.in_name).then(|| lines.line(window, at)),
            offset: (!self.in_name).then_some(window.base + at as u64),
            ..Site::default()
        }
    }
}

/// The digit runs of one window.
#[derive(Debug, Default)]
pub struct Runs {
    /// Twelve digits, and up to two more that an escape may have glued to them.
    pub plain: Vec<Run>,
    /// Eight to eleven digits.
    pub short: Vec<Run>,
    pub grouped: Vec<Run>,
    /// Where two fillers of a machine readable zone stand, outside of C++.
    pub fillers: Vec<usize>,
}

/// All detectors on one text.
pub struct TextScan<'r> {
    watches: Vec<Box<dyn TextWatch + 'r>>,
    finder: Finder,
    runs: Runs,
}

impl<'r> TextScan<'r> {
    pub fn begin(rules: &'r Rules, facts: TextFacts) -> TextScan<'r> {
        TextScan {
            watches: TEXT.iter().map(|d| d.begin(rules, facts)).collect(),
            finder: Finder::default(),
            runs: Runs::default(),
        }
    }

    pub fn window(&mut self, window: &Window) {
        let Runs { plain, short, grouped, fillers } = &mut self.runs;
        plain.clear();
        short.clear();
        grouped.clear();
        let fresh = |run: &Run| window.fresh.contains(&run.start);
        self.finder.find(
            window.bytes,
            window.encoding.no_break_space(),
            |run| {
                if run.len < 12 { &mut *short } else { &mut *plain }
                    .extend(fresh(&run).then_some(run))
            },
            |run| grouped.extend(fresh(&run).then_some(run)),
        );
        fillers.clear();
        // `cout << x`: in a zone no blank stands on both sides.
        let blank = |at: Option<usize>| at.and_then(|i| window.bytes.get(i)) == Some(&b' ');
        let in_zone = |at: usize| !(blank(at.checked_sub(1)) && blank(Some(at + 2)));
        fillers
            .extend(self.finder.fillers().filter(|at| window.fresh.contains(at) && in_zone(*at)));
        for watch in &mut self.watches {
            watch.window(window, &self.runs);
        }
    }

    pub fn finish(mut self) -> Vec<Evidence> {
        let mut out = Vec::new();
        for watch in &mut self.watches {
            watch.finish(&mut out);
        }
        out
    }
}

/// All that the text detectors see in one text held in memory.
pub fn look(rules: &Rules, text: &str, facts: TextFacts) -> Vec<Evidence> {
    let table = match facts.form {
        Form::Table(separator) => Some(Table::with_separator(text.as_bytes(), separator)),
        Form::Plain | Form::Page if !facts.in_name => Table::sniff(head_of(text.as_bytes())),
        Form::Plain | Form::Page | Form::Metadata => None,
    };
    let mut scan = TextScan::begin(rules, facts);
    scan.window(&Window::whole(text, table.as_ref()));
    scan.finish()
}

/// As much of a text as its layout is read from.
pub fn head_of(bytes: &[u8]) -> &[u8] {
    bytes.get(..HEAD_BYTES).unwrap_or(bytes)
}

/// Long enough for title rows and a heading of hundreds of columns.
pub const HEAD_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detectors_have_names_of_their_own() {
        let mut names: Vec<_> = TEXT.iter().map(|d| d.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TEXT.len());
    }

    fn facts() -> TextFacts {
        TextFacts {
            form: Form::Plain,
            binary: false,
            in_name: false,
            newest_year: 26,
            max_occurrences: 100,
        }
    }

    fn iins(text: &str) -> Vec<(u64, f64)> {
        let patterns = std::sync::Arc::new(crate::patterns::Patterns::builtin().unwrap());
        let rules = Rules::new(&patterns);
        look(&rules, text, facts())
            .iter()
            .filter(|e| e.kind == crate::flow::Kind::Iin)
            .map(|e| (e.count, e.probability()))
            .collect()
    }

    fn sure(text: &str, count: u64) {
        let found = iins(text);
        assert!(found.len() == 1 && found[0].0 == count && found[0].1 >= 0.8, "{text}: {found:?}");
    }

    fn not_sure(text: &str) {
        let found = iins(text);
        assert!(found.iter().all(|f| f.1 < 0.8), "{text}: {found:?}");
    }

    #[test]
    fn labelled_numbers_are_found_however_they_are_written() {
        for text in [
            "ИИН: 900101100004",
            "ЖСН 900101100004",
            "{\"iin\":\"900101100004\"}",
            "iin=900101100004&x=1",
            "<Client><IIN>900101100004</IIN>",
            "ИИН900101100004",
            "IIN_900101100004",
            "clientIin: 900101100004",
            "ИИН 900101 100 004",
            "ИИН: 900101-100-004",
            "ИИН 9001\u{a0}0110\u{a0}0004",
            "ИИН%20900101100004",
            "%D0%98%D0%98%D0%9D=900101100004",
            "900101100004 (ИИН)",
            "ИИН\n900101100004",
            "ts=1 iin=900101100004 ok",
        ] {
            sure(text, 1);
        }
        sure("ИИН: 900101100004, 851231203985; 900101100500", 3);
        sure("ФИО;ИИН\nА;900101100004\nБ;\"851231203985\"\nВ;900101100500\n", 3);
    }

    #[test]
    fn tables_of_one_text_are_judged_apart() {
        let people =
            ["900101100004", "851231203985", "900101100014", "900101100500", "900101100512"];
        let mut text = String::from("name;iin\n");
        (0..40).for_each(|i| text += &format!("A;{}\n", people[i % 5]));
        text += "\n\nno;rrn;sum\n";
        (0..200u64)
            .for_each(|i| text += &format!("{i};{:012};5\n", 500_000_000_007 + i * 7_919_003));
        let found = iins(&text);
        assert!(found.len() == 1 && found[0].0 == 40 && found[0].1 > 0.9, "{found:?}");
    }

    #[test]
    fn a_label_in_the_row_beats_what_stands_above() {
        sure("Документ;Договор займа\nФИО;Тестова\nИИН;900101100004\nАдрес;Алматы\n", 1);
        sure("ФИО;ИИН\nА;900101100004\nБ;нет, указан БИН\nВ;851231203985\n", 2);
    }

    #[test]
    fn a_flood_of_others_leaves_room_for_labelled_numbers() {
        let mut text: String = "БИН 940140000385\n".repeat(400);
        text += "ИИН 900101100004\nИИН 851231203985\n";
        sure(&text, 2);
    }

    #[test]
    fn a_column_speaks_for_itself() {
        let column = "900101100004\n851231203985\n900101100014\n900101100500\n900101100512\n";
        sure(column, 5);
        let rows: String =
            column.lines().enumerate().map(|(i, n)| format!("{i};{n};Almaty\n")).collect();
        sure(&rows, 5);
    }

    #[test]
    fn columns_of_rows_on_one_line_are_judged_apart() {
        let people =
            ["900101100004", "851231203985", "900101100014", "900101100500", "900101100512"];
        let row = |i: u64| {
            let order = 500_000_000_007 + i * 7_919_003;
            (people[i as usize % 5], format!("{order:012}"))
        };
        let join = |rows: Vec<String>| rows.join(",");
        let sql = join((0..60).map(row).map(|(a, b)| format!("({b},'x, y','{a}',NULL)")).collect());
        let json = join((0..60).map(row).map(|(a, b)| format!("[\"{b}\", 5, \"{a}\"]")).collect());
        for text in [
            format!("INSERT INTO `t` VALUES {sql};\n"),
            format!("-- a\nINSERT INTO `t` VALUES {sql};\nINSERT INTO `t` VALUES {sql};\n"),
            format!("{{\"data\": [{json}]}}"),
        ] {
            let found = iins(&text);
            let all = if text.starts_with("--") { 120 } else { 60 };
            assert!(found.len() == 1 && found[0].0 == all && found[0].1 > 0.9, "{found:?}");
        }
        // Two rows: only the names of the columns tell.
        sure("INSERT INTO t (no, iin) VALUES (500000000007,900101100004),(6,851231203985)", 2);
        sure(
            "{\"columns\":[\"no\",\"iin\"],\"data\":[[1,\"900101100004\"],[2,\"851231203985\"]]}",
            2,
        );
    }

    #[test]
    fn what_only_looks_like_it_is_not_reported() {
        for text in [
            "БИН 940140000385",
            "заказ 900101100004",
            "KZ12722S900101100004",
            "+900101100004",
            "550e8400-e29b-41d4-a716-900101100004",
            "2401011000040 900101100004999",
        ] {
            not_sure(text);
        }
        let orders: String =
            (0..500u64).map(|i| format!("{};{}\n", i, 240_000_000_000 + i * 7919)).collect();
        not_sure(&orders);
        let stamps: String = (0..600u64)
            .map(|i| format!("2411{:02}{:02}{:02}{:02}\n", 1 + i / 24, i % 24, i % 60, i * 7 % 60))
            .collect();
        not_sure(&stamps);
    }
}
