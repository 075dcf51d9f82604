use super::*;
use crate::flow::{Kind, Severity};

/// Loads one user file with this text.
fn load(text: &str) -> Result<Patterns, Error> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("own.toml"), text).unwrap();
    Patterns::load(Some(dir.path()))
}

/// The faults of one user file, each cut down to `own.toml:line: message`.
fn faults(text: &str) -> Vec<String> {
    match load(text) {
        Err(Error::Patterns(faults)) => faults
            .iter()
            .map(|f| f.split_once("own.toml").map_or(f.clone(), |(_, f)| format!("own.toml{f}")))
            .collect(),
        other => panic!("no pattern faults but {other:?}"),
    }
}

const BADGE: &str = r#"
[[identifier]]
name = "badge"
find = { regex = 'BG-[0-9]{6}' }
labels = [{ text = "табельный номер" }]
must_match = ["табельный номер BG-000001"]
must_not_match = ["BG-1"]
"#;

#[test]
fn the_builtin_rows_load() {
    let patterns = Patterns::builtin().unwrap();
    assert_eq!(patterns.version, "2026.11");
    let iin = patterns.identifier("iin").unwrap();
    assert_eq!((iin.kind, iin.needs_label), (Kind::Iin, false));
    assert!(matches!(iin.find, Find::Digits { min: 12, max: 12, prefix: None }));
    for name in ["passport_number_kz", "id_card_number_kz"] {
        let row = patterns.identifier(name).unwrap();
        assert_eq!((row.kind, row.needs_label), (Kind::IdDocumentNumber, true));
        assert!(row.document.is_some());
    }
}

#[test]
fn a_row_of_the_users_own_needs_no_code() {
    let patterns = load(BADGE).unwrap();
    let row = patterns.identifier("badge").unwrap();
    assert_eq!((row.kind, row.severity), (Kind::CustomIdentifier, Severity::Low));
    assert_eq!(row.weight, 2.0);
    assert_eq!(row.labels, [Label { text: "табельный номер".into(), weight: 4.0 }]);
    assert!(matches!(&row.find, Find::Regex(r) if r.is_match(b"x BG-000001")));
    assert!(patterns.identifier("iin").is_some());
    assert!(patterns.version.starts_with("2026.11+local."), "{}", patterns.version);
}

#[test]
fn a_row_of_the_same_name_replaces_the_builtin_one() {
    let text = r#"
[[identifier]]
name = "iin"
kind = "iin"
find = { digits = 12 }
validator = "iin"
severity = "critical"
must_match = ["ИИН 900101100004"]
must_not_match = ["ИИН 900101100005"]
"#;
    let patterns = load(text).unwrap();
    assert_eq!(patterns.identifiers.iter().filter(|i| i.name == "iin").count(), 1);
    let iin = patterns.identifier("iin").unwrap();
    assert!(iin.severity == Severity::Critical && iin.labels.is_empty());
    assert_eq!(iin.origin.line, 3);
}

#[test]
fn faults_name_file_line_and_remedy() {
    let bad = |from: &str, to: &str| {
        assert!(BADGE.contains(from), "{from}");
        faults(&BADGE.replace(from, to)).join("\n")
    };
    for (from, to, line, says) in [
        ("find = { regex = 'BG-[0-9]{6}' }", "find = { regex = 'BG-[0-9' }", 4, "regex: "),
        ("find = { regex = 'BG-[0-9]{6}' }", "find = { regex = '[0-9]*' }", 4, "empty text"),
        ("find = { regex = 'BG-[0-9]{6}' }", "find = { regex = '(a{999}){999}' }", 4, "regex: "),
        ("find = { regex = 'BG-[0-9]{6}' }", "find = { digits = 0 }", 4, "use 1 to 40"),
        ("find = { regex = 'BG-[0-9]{6}' }", "find = { digits = 300 }", 4, "300"),
        ("find = { regex = 'BG-[0-9]{6}' }", "find = {}", 4, "use { digits = N }"),
        ("find = { regex = 'BG-[0-9]{6}' }", "find = 'BG'", 4, "struct FindRow"),
        ("name = \"badge\"", "name = \"\"", 3, "use letters a-z"),
        ("name = \"badge\"", "name = \"badge\"\ncolour = 1", 4, "unknown field `colour`"),
        ("name = \"badge\"", "name = \"badge\"\nweight = \"x\"", 4, "invalid type"),
        ("name = \"badge\"", "name = \"badge\"\nweight = nan", 4, "natural log-odds"),
        ("name = \"badge\"", "name = \"badge\"\nkind = \"id_document_copy\"", 3, "not found by"),
        ("name = \"badge\"", "name = \"badge\"\nkind = \"x\"", 4, "unknown variant"),
        ("name = \"badge\"", "name = \"badge\"\nvalidator = \"crc\"", 4, "use one of iin, bin"),
        ("name = \"badge\"", "name = \"badge\"\ndocument = \"pass\"", 4, "use one of id_card"),
        ("text = \"табельный номер\"", "text = \"-\"", 5, "no letter or digit"),
        ("text = \"табельный номер\"", "text = \"т\", weight = -1", 5, "above zero"),
        ("must_match = [\"табельный номер BG-000001\"]", "", 3, "no must_match"),
        ("name = \"badge\"", "name = \"badge", 3, "string"),
        ("[[identifier]]", "[[identifer]]", 2, "not a kind of row"),
        ("[[identifier]]", "[identifier]", 2, "two brackets"),
    ] {
        let said = bad(from, to);
        assert!(
            said.lines().any(|l| l.starts_with(&format!("own.toml:{line}: ")) && l.contains(says)),
            "{to}: line {line}, {says}; was: {said}"
        );
    }
}

#[test]
fn several_faults_are_told_at_once_and_names_stand_once() {
    let twice = format!("{BADGE}{BADGE}");
    assert_eq!(faults(&twice).len(), 1);
    assert!(faults(&twice)[0].starts_with("own.toml:10: `badge` is already in "));
    let both =
        format!("{}{}", BADGE.replace("regex =", "regx ="), BADGE.replace("labels", "lables"));
    let said = faults(&both);
    assert!(said.len() == 2, "{said:?}");
    assert!(said[0].starts_with("own.toml:4:") && said[1].starts_with("own.toml:12:"), "{said:?}");
}

#[test]
fn a_folder_without_patterns_and_a_missing_one_are_told() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Patterns::load(Some(dir.path())), Err(Error::Patterns(f)) if f.len() == 1));
    let gone = dir.path().join("gone");
    assert!(matches!(Patterns::load(Some(&gone)), Err(Error::Input { .. })));
    fs::write(dir.path().join("own.toml"), b"\n\nname = \"\xff\"").unwrap();
    let Err(Error::Patterns(faults)) = Patterns::load(Some(dir.path())) else { panic!() };
    assert!(faults[0].ends_with("own.toml:3: not UTF-8; save the file as UTF-8"), "{faults:?}");
}

#[test]
fn the_builtin_rows_match_what_they_say() {
    let patterns = Patterns::builtin().unwrap();
    // Identifiers are proved with the detectors, where those are (tests/patterns.rs).
    let without = Patterns { identifiers: Vec::new(), ..patterns };
    assert_eq!(prove(&without, &|_| Vec::new()), Vec::<String>::new());
}

#[test]
fn a_row_that_fails_its_own_examples_is_named() {
    let text = r#"
[[name]]
name = "badges"
texts = ["пропуск*"]
weight = 1.0
must_match = ["пропуска.jpg",
  "badge.jpg"]
must_not_match = ["пропускной.txt"]
"#;
    let own = load(text).unwrap();
    let only = Patterns { identifiers: Vec::new(), ..own };
    let said: Vec<String> = prove(&only, &|_| Vec::new())
        .iter()
        .map(|f| f.split_once("own.toml").unwrap().1.to_owned())
        .collect();
    assert_eq!(
        said,
        [
            ":7: row badges: must_match 2 is not matched",
            ":8: row badges: must_not_match 1 is matched"
        ]
    );
    // An identifier whose detector sees nothing fails too.
    let patterns = load(BADGE).unwrap();
    let said = prove(&patterns, &|_| Vec::new());
    assert!(said.iter().any(|f| f.ends_with("own.toml:6: row badge: must_match 1 is not matched")));
}

#[test]
fn the_weightiest_hint_of_a_name_wins() {
    let patterns = Patterns::builtin().unwrap();
    let hint = |name: &str| patterns.names.look(name).map(|h| (h.name.as_str(), h.document));
    assert_eq!(hint("Скан уд. личности.jpg"), Some(("identity_card", Some("id_card"))));
    assert_eq!(hint("Сканы"), Some(("scans", None)));
    assert_eq!(hint("отчет 2026.xlsx"), None);
    assert_eq!(hint(&"удой ".repeat(10_000)), None);
}

#[test]
fn the_longest_title_names_the_document() {
    let documents = Patterns::builtin().unwrap().documents;
    let kind = |line: &str| documents.look(line).map(|(d, _)| d.kind);
    assert_eq!(kind("Дипломатический паспорт РК"), Some("diplomatic_passport"));
    assert_eq!(kind("УДОСТОВЕРЕНИЕ ЛИЧНОСТИ МОРЯКА"), Some("seafarer_document"));
    assert_eq!(kind("приказ о командировке"), None);
    // Every type of the schema that has a title of its own is described.
    for kind in TYPES.iter().filter(|t| **t != "unknown") {
        assert!(documents.get(kind).is_some(), "{kind}");
    }
}

#[test]
fn business_days_follow_the_rows() {
    let calendar = Patterns::builtin().unwrap().calendar;
    let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    let next = |text: &str| calendar.next_working_day(day(text)).map(|d| d.to_string());
    assert_eq!(next("2026-11-20").as_deref(), Some("2026-11-23")); // Friday to Monday
    assert_eq!(next("2026-03-20").as_deref(), Some("2026-03-26")); // Nauryz, moved twice
    assert_eq!(next("2026-12-31").as_deref(), Some("2027-01-05")); // 2 January fell on a Saturday
    assert_eq!(calendar.is_working_day(day("2026-08-31")), Some(true));
    assert_eq!(next("2027-12-31"), None); // 2028 is not in the data
}

#[test]
fn days_off_are_what_the_rule_of_moving_gives() {
    use jiff::ToSpan;
    use jiff::civil::Weekday;
    for year in Patterns::builtin().unwrap().calendar.years {
        let weekend =
            |d: jiff::civil::Date| matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday);
        let mut moved = Vec::new();
        for (day, name) in &year.holidays {
            let moves = !name.contains("Рождество") && !name.contains("айт");
            if !moves || !weekend(*day) {
                continue;
            }
            let mut next = *day;
            while weekend(next)
                || moved.contains(&next)
                || year.holidays.iter().any(|(h, _)| *h == next)
            {
                next = next.checked_add(1.day()).unwrap();
            }
            moved.push(next);
        }
        moved.sort();
        assert_eq!(moved, year.days_off, "{}", year.year);
    }
}

#[test]
fn the_examples_of_the_documentation_load_and_hold() {
    let doc = include_str!("../../docs/patterns.md");
    let mut blocks = 0;
    for block in doc.split("```toml\n").skip(1) {
        let text = block.split("```").next().unwrap();
        let own = load(text).unwrap();
        let only = Patterns { identifiers: Vec::new(), ..own };
        assert_eq!(prove(&only, &|_| Vec::new()), Vec::<String>::new());
        blocks += 1;
    }
    assert_eq!(blocks, 2);
}
