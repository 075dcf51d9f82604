use std::path::PathBuf;

use super::*;
use crate::error::Bound;
use crate::flow::{DocumentHint, Masked, Site};

const IIN_A: &str = "900101100004";
const IIN_B: &str = "851231203985";

fn judge_with(settings: Settings) -> Judge {
    let patterns = Arc::new(Patterns::builtin().unwrap());
    Judge::new(patterns, FingerprintKey::from_bytes([7; 32]), settings)
}

fn settings() -> Settings {
    Settings {
        host: "fs01".into(),
        clock: Clock::Fixed("2026-11-21T13:00:00Z".parse().unwrap()),
        zone: TimeZone::fixed(jiff::tz::offset(5)),
        ..Settings::default()
    }
}

/// A file at `/srv/share` + `path`, open to all.
fn judged(judge: &Judge, path: &str, evidence: Vec<Evidence>) -> Vec<Finding> {
    let at = Locator::file(PathBuf::from("/srv/share").join(path));
    let facts = Facts {
        size: 42,
        modified: Some(SystemTime::UNIX_EPOCH),
        uid: Some(1004),
        mode: Some(0o100644),
    };
    let item = Item {
        root: Path::new("/srv/share"),
        at: &at,
        facts: &facts,
        media_type: "image/jpeg",
        digest: Some("blake3:00"),
        sector: None,
    };
    judge.findings(&item, evidence)
}

fn sign(weight: f32, read_from: ReadFrom) -> Sign {
    Sign { detector: "t", sign: "t".into(), weight, read_from }
}

fn copy(iin: &str, number: &str) -> Evidence {
    Evidence {
        kind: Kind::IdDocumentCopy,
        document: Some(DocumentHint {
            kind: "id_card",
            side: Some("back"),
            issuer: Some("KAZ".into()),
            origin: Some("paper_scan"),
        }),
        count: 1,
        subjects: vec![
            Subject { what: "iin".into(), value: Masked::new(iin) },
            Subject { what: "document_number".into(), value: Masked::new(number) },
        ],
        sites: vec![Site {
            page: Some(2),
            region: Some([1, 2, 3, 4]),
            subject: Some(0),
            ..Site::default()
        }],
        signs: vec![sign(2.0, ReadFrom::Picture)],
    }
}

fn numbers(kind: Kind, what: &str, values: &[String]) -> Evidence {
    Evidence {
        kind,
        document: None,
        count: values.len() as u64,
        subjects: values
            .iter()
            .map(|v| Subject { what: what.into(), value: Masked::new(v.clone()) })
            .collect(),
        sites: (0..values.len())
            .map(|i| Site { line: Some(i as u64 + 1), subject: Some(i), ..Site::default() })
            .collect(),
        signs: vec![sign(4.0, ReadFrom::Text)],
    }
}

#[test]
fn a_copy_is_told_with_all_its_facts() {
    let findings = judged(&judge_with(settings()), "hr/скан.jpg", vec![copy(IIN_A, "000000001")]);
    let [f] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((f.time.as_str(), f.count, f.subjects_total), ("2026-11-21T18:00:00+05:00", 1, 2));
    assert_eq!(f.severity, Severity::Critical); // a copy, open to all
    assert_eq!(f.exposure.level, "world_readable");
    assert_eq!(f.file.modified.as_deref(), Some("1970-01-01T05:00:00+05:00"));
    assert_eq!((f.file.owner.as_deref(), f.file.mode.as_deref()), (Some("uid:1004"), Some("0644")));
    assert_eq!(f.subjects[0].iin.as_deref(), Some("********0004"));
    assert_eq!(f.subjects[1].number.as_deref(), Some("*****0001"));
    assert_eq!((f.location.page, f.location.region), (Some(2), Some([1, 2, 3, 4])));
    let document = f.document.as_ref().unwrap();
    assert_eq!((document.kind.as_str(), document.origin.as_str()), ("id_card", "paper_scan"));
    // The folder says "hr", the name says "скан": small signs, told as such.
    let names: Vec<&str> =
        f.evidence.iter().filter(|e| e.detector == "names").map(|e| e.sign.as_str()).collect();
    assert_eq!(names, ["name:personal_files", "name:scans"]);
    assert_eq!(f.confidence, 0.957); // 2.0 + 0.6 + 0.5
    let norms: Vec<&str> = f.norms.iter().map(|n| n.id.as_str()).collect();
    assert!(norms.contains(&"kz-94v-paper-copy") && norms.contains(&"kz-94v-breach-notice"));
    assert!(!norms.contains(&"kz-360vi-health-copies"));
}

#[test]
fn a_zone_with_a_wrong_check_digit_stays_doubtful_whatever_stands_beside_it() {
    let judge = judge_with(settings());
    let zone = |what: &str, weight: f32, labels: f32| {
        let mut copy = copy(IIN_A, "000000001");
        let says = |detector, sign: &str, weight| Sign {
            sign: sign.into(),
            detector,
            ..self::sign(weight, ReadFrom::Picture)
        };
        copy.signs = vec![says("mrz", what, weight), says("labels", "kk:ЖЕКЕ КУӘЛІК", labels)];
        copy
    };
    let one = |path: &str, evidence: Evidence| {
        let findings = judged(&judge, path, vec![evidence]);
        let [f] = &findings[..] else { panic!("{findings:?}") };
        f.clone()
    };
    let confidence = |path: &str, evidence: Evidence| one(path, evidence).confidence;
    assert_eq!(confidence("x", zone("td1_all_checks", 6.3, 3.0)), 0.999);
    // Neither labels nor names lift it to what a zone is worth that is right.
    assert_eq!(confidence("x", zone("td1_partial_checks", 1.1, 0.0)), 0.75);
    assert_eq!(confidence("x", zone("td1_partial_checks", 1.1, 0.5)), 0.832);
    assert_eq!(confidence("x", zone("td1_partial_checks", 1.1, 5.0)), 0.881);
    let named = one("hr/скан.jpg", zone("td1_partial_checks", 1.1, 5.0));
    assert_eq!(named.confidence, 0.881);
    let sum: f32 = named.evidence.iter().map(|e| e.weight).sum();
    assert!((sum - 2.0).abs() < 0.02, "the signs add up to the confidence: {sum}");
    let less = named.evidence.iter().find(|e| e.sign == "check_digits_disagree").unwrap();
    assert!(less.detector == "mrz" && less.weight < -4.0, "{less:?}");
    // The same zone read in full elsewhere in the content says that it was misread here.
    let both = vec![zone("td1_partial_checks", 1.1, 3.0), zone("td1_all_checks", 6.3, 3.0)];
    assert_eq!(judged(&judge, "x", both)[0].confidence, 0.999);
}

#[test]
fn no_raw_value_and_no_verdict_is_in_a_record() {
    let judge = judge_with(settings());
    let mut all = judged(
        &judge,
        "900101100004/N00000001.pdf",
        vec![copy(IIN_A, "N00000001"), numbers(Kind::Iin, "iin", &[IIN_A.into(), IIN_B.into()])],
    );
    all.extend(judged(
        &judge_with(Settings { sector: Some("health".into()), ..settings() }),
        "x",
        vec![copy(IIN_B, "000000012")],
    ));
    let json = serde_json::to_string(&all).unwrap();
    for raw in [IIN_A, IIN_B, "N00000001", "000000012"] {
        assert!(!json.contains(raw), "{raw}");
    }
    assert!(
        json.contains("\"path\":\"/srv/share/********0004/*****0001.pdf\",\"path_masked\":true")
    );
    assert!(json.contains("kz-360vi-health-copies"));
    assert!(!json.to_lowercase().contains("violation") && !json.contains("нарушени"));
}

#[test]
fn ids_tell_where_and_what_and_not_when() {
    let later = Clock::Fixed("2027-01-01T00:00:00Z".parse().unwrap());
    let (a, b) = (judge_with(settings()), judge_with(Settings { clock: later, ..settings() }));
    let id = |judge: &Judge, path: &str, evidence: Evidence| {
        let findings = judged(judge, path, vec![evidence]);
        assert_eq!(findings.len(), 1);
        findings[0].id.clone()
    };
    let iins = |values: &[&str]| {
        let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
        numbers(Kind::Iin, "iin", &values)
    };
    assert_eq!(id(&a, "x", iins(&[IIN_A])).len(), 32);
    assert_eq!(id(&a, "x", iins(&[IIN_A])), id(&b, "x", iins(&[IIN_B, IIN_A])));
    assert_ne!(id(&a, "x", iins(&[IIN_A])), id(&a, "y", iins(&[IIN_A])));
    assert_ne!(id(&a, "x", iins(&[IIN_A])), id(&a, "x", copy(IIN_A, "000000001")));
    assert_ne!(id(&a, "x", copy(IIN_A, "000000001")), id(&a, "x", copy(IIN_B, "000000001")));
    // A front that shows the IIN only is the same copy.
    let mut front = copy(IIN_A, "000000001");
    front.subjects.truncate(1);
    assert_eq!(id(&a, "x", copy(IIN_A, "000000001")), id(&a, "x", front));
    // Two cards of one person in one picture are told apart.
    let two = judged(
        &a,
        "x",
        vec![copy(IIN_A, "000000001"), {
            let mut other = copy(IIN_A, "000000012");
            other.sites[0].region = None;
            other
        }],
    );
    assert!(two.len() == 2 && two[0].id != two[1].id);
    // Members and pages are places of their own.
    let at = Locator::file("/srv/share/x").member("m");
    let facts = Facts::default();
    let item = Item {
        root: Path::new("/srv/share"),
        at: &at,
        facts: &facts,
        media_type: "",
        digest: None,
        sector: None,
    };
    assert_ne!(a.findings(&item, vec![iins(&[IIN_A])])[0].id, id(&a, "x", iins(&[IIN_A])));
}

#[test]
fn one_person_has_one_fingerprint_everywhere() {
    let judge = judge_with(settings());
    let one = judged(&judge, "x", vec![copy(IIN_A, "N00000001")]);
    let two = judged(
        &judge,
        "y",
        vec![
            numbers(Kind::Iin, "iin", &[IIN_A.into()]),
            numbers(Kind::IdDocumentNumber, "passport_number_kz", &["n00000001".into()]),
        ],
    );
    assert_eq!(one[0].subjects[0].fingerprint, two[0].subjects[0].fingerprint);
    assert_eq!(one[0].subjects[1].fingerprint, two[1].subjects[0].fingerprint);
}

#[test]
fn long_lists_are_cut_but_counted() {
    let judge = judge_with(Settings { max_subjects: 2, max_occurrences: 3, ..settings() });
    let values: Vec<String> = (0..1000).map(|i| format!("{i:012}")).collect();
    let f = judged(&judge, "x", vec![numbers(Kind::Iin, "iin", &values)]).remove(0);
    assert_eq!((f.subjects.len(), f.subjects_total, f.count), (2, 1000, 1000));
    assert_eq!(f.location.line, Some(1));
    let lines: Vec<_> = f.occurrences.iter().map(|o| (o.line, o.subject)).collect();
    assert_eq!(lines, [(Some(2), Some(1)), (Some(3), None), (Some(4), None)]);
    assert_eq!((f.severity, f.confidence), (Severity::Critical, 0.982));
}

#[test]
fn names_alone_are_never_much() {
    let judge = judge_with(settings());
    let path = "личные дела/сканы/паспорта/уд личности/копии документов/виза.jpg";
    let f = judged(&judge, path, vec![copy(IIN_A, "000000001")]).remove(0);
    let names: f32 = f.evidence.iter().filter(|e| e.detector == "names").map(|e| e.weight).sum();
    assert!((names - MAX_NAMES).abs() < 0.01, "{names}");
    // Numbers in text take nothing from names.
    let f = judged(&judge, path, vec![numbers(Kind::Iin, "iin", &[IIN_A.into()])]).remove(0);
    assert!(f.evidence.iter().all(|e| e.detector != "names"));
    assert!(judged(&judge, path, Vec::new()).is_empty());
}

#[test]
fn of_a_locked_content_the_names_are_told_where_that_is_asked_for() {
    let at = Locator::file("/srv/share/удостоверения личности.zip").member("скан паспорта.pdf");
    let skip_of = |note_encrypted, at: &Locator, skip: &Skip| {
        let judge = judge_with(Settings { note_encrypted, ..settings() });
        serde_json::to_value(judge.skip(Path::new("/srv/share"), at, skip)).unwrap()
    };
    let locked = Skip::Encrypted { format: "zip" };
    let note = &skip_of(true, &at, &locked)["note"];
    assert_eq!(note["kind"], "encrypted_container");
    assert!(note["document"].is_string() && !note.to_string().contains("скан"), "{note}");
    let confidence = note["confidence"].as_f64().unwrap();
    assert!(confidence > 0.1 && confidence < 0.4, "{confidence}");
    assert_eq!(skip_of(false, &at, &locked).get("note"), None);
    assert_eq!(skip_of(true, &at, &Skip::damaged("zip", "x")).get("note"), None);
    assert_eq!(skip_of(true, &Locator::file("/srv/share/a.zip"), &locked).get("note"), None);
}

#[test]
fn a_skip_tells_its_place_as_a_finding_does() {
    let judge = judge_with(settings());
    let at = Locator::file("/srv/share/900101100004.zip").member("a");
    let skip = judge.skip(Path::new("/srv/share"), &at, &Skip::OverBudget(Bound::Depth(8)));
    let json = serde_json::to_value(&skip).unwrap();
    assert_eq!(json["schema"], "iinspect.skip/1");
    assert_eq!(json["location"]["path"], "/srv/share/********0004.zip");
    assert_eq!((&json["reason"], &json["detail"]), (&"over_budget".into(), &"max_depth 8".into()));
    assert_eq!(json["time"], "2026-11-21T18:00:00+05:00");
}
