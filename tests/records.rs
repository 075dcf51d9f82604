//! The published schemas say what records look like; here records are held against them.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use iinspect::error::{Bound, Skip};
use iinspect::flow::{
    DocumentHint, Evidence, FingerprintKey, Kind, Locator, Masked, ReadFrom, Sign, Site, Subject,
};
use iinspect::judge::{Facts, Item, Judge, Settings};
use iinspect::patterns::Patterns;
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema(name: &str) -> (Value, Validator) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    (schema, validator)
}

fn assert_valid(validator: &Validator, record: &Value) {
    let errors: Vec<String> =
        validator.iter_errors(record).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}\n{record:#}");
}

fn judge() -> Judge {
    Judge::new(
        Arc::new(Patterns::builtin().unwrap()),
        FingerprintKey::from_bytes([1; 32]),
        Settings { sector: Some("health".into()), ..Settings::default() },
    )
}

fn subject(what: &str, value: &str) -> Subject {
    Subject { what: what.into(), value: Masked::new(value) }
}

fn sign(read_from: ReadFrom) -> Sign {
    Sign { detector: "test", sign: "label:ИИН".into(), weight: 2.345, read_from }
}

/// Evidence of every kind, with and without what is optional.
fn evidence() -> Vec<Evidence> {
    let site = |i| Site {
        line: Some(i),
        offset: Some(0),
        page: Some(1),
        region: Some([0, 0, 9, 9]),
        subject: Some(0),
    };
    let hint = DocumentHint {
        kind: "passport",
        side: Some("data_page"),
        issuer: Some("KAZ".into()),
        origin: Some("phone_photo"),
    };
    let number = |kind, document, subjects: Vec<Subject>, read_from| Evidence {
        kind,
        document,
        count: 3,
        subjects,
        sites: vec![site(1), site(2), Site::default()],
        signs: vec![sign(read_from)],
    };
    let short = subject("badge", "1234567");
    vec![
        number(
            Kind::IdDocumentCopy,
            Some(hint),
            vec![subject("iin", "900101100004"), subject("document_number", "N00000001")],
            ReadFrom::Picture,
        ),
        number(Kind::Iin, None, vec![subject("iin", "900101100004")], ReadFrom::Text),
        number(Kind::Iin, None, vec![subject("iin", "900101100004")], ReadFrom::Name),
        number(
            Kind::IdDocumentNumber,
            Some(DocumentHint { kind: "id_card", ..DocumentHint::default() }),
            vec![subject("id_card_number_kz", "000000001")],
            ReadFrom::Text,
        ),
        number(Kind::CustomIdentifier, None, vec![short], ReadFrom::Text),
        Evidence {
            kind: Kind::IdDocumentCopy,
            document: None,
            count: 1,
            subjects: Vec::new(),
            sites: Vec::new(),
            signs: vec![sign(ReadFrom::Picture)],
        },
    ]
}

/// Findings of a file whose name is masked and not UTF-8, and of one of which little is known.
fn findings() -> Vec<Value> {
    use std::os::unix::ffi::OsStrExt;
    let odd = std::ffi::OsStr::from_bytes(b"/srv/\xff/900101100004.zip");
    let facts =
        Facts { size: 1, modified: Some(SystemTime::now()), uid: Some(0), mode: Some(0o100666) };
    let full = Item {
        root: Path::new("/srv"),
        at: &Locator::file(odd).member("a\u{202e}b").page(3),
        facts: &facts,
        media_type: "image/png",
        digest: Some("blake3:00ff"),
        sector: None,
    };
    let bare = Item {
        root: Path::new("/srv"),
        at: &Locator::file("/srv/x"),
        facts: &Facts::default(),
        media_type: "text/plain",
        digest: None,
        sector: None,
    };
    let judge = judge();
    [full, bare]
        .iter()
        .flat_map(|item| judge.findings(item, evidence()))
        .map(|f| serde_json::to_value(f).unwrap())
        .collect()
}

#[test]
fn findings_keep_the_schema() {
    let (_, validator) = schema("finding.schema.json");
    let findings = findings();
    assert_eq!(findings.len(), 10); // the copy without a number joins the only document
    for finding in &findings {
        assert_valid(&validator, finding);
    }
}

#[test]
fn skips_keep_the_schema() {
    let (_, validator) = schema("skip.schema.json");
    let judge = judge();
    let at = Locator::file("/srv/900101100004.zip").member("x").page(1);
    for skip in [
        Skip::Unreadable(std::io::ErrorKind::PermissionDenied),
        Skip::NotRegular("fifo"),
        Skip::SymlinkNotFollowed("outside the roots"),
        Skip::OverBudget(Bound::Ratio(200)),
        Skip::damaged("zip", "no central directory"),
        Skip::Encrypted { format: "pdf" },
        Skip::Unsupported { format: "tiff", detail: "compression 34661".into() },
        Skip::Panicked { stage: "png" },
    ] {
        let record = serde_json::to_value(judge.skip(Path::new("/srv"), &at, &skip)).unwrap();
        assert_valid(&validator, &record);
    }
}

#[test]
fn every_property_of_the_schema_occurs_and_none_is_left_open() {
    let (schema, _) = schema("finding.schema.json");
    let all = findings();
    let occurs = |pointer: &str, key: &str| {
        all.iter().any(|f| match f.pointer(pointer) {
            Some(Value::Array(items)) => items.iter().any(|i| i.get(key).is_some()),
            Some(value) => value.get(key).is_some(),
            None => false,
        })
    };
    for (definition, pointer) in [
        ("/properties", ""),
        ("/$defs/document/properties", "/document"),
        ("/$defs/subject/properties", "/subjects"),
        ("/$defs/evidence/properties", "/evidence"),
        ("/$defs/location/properties", "/location"),
        ("/$defs/occurrence/properties", "/occurrences"),
        ("/$defs/file/properties", "/file"),
        ("/$defs/exposure/properties", "/exposure"),
        ("/$defs/norm/properties", "/norms"),
        ("/$defs/agent/properties", "/agent"),
    ] {
        let properties = schema.pointer(definition).and_then(Value::as_object).unwrap();
        // What only a state knows is shown by the tests of the service.
        let of_state = ["event_id", "first_seen", "appended"];
        for key in properties.keys().filter(|k| !of_state.contains(&k.as_str())) {
            assert!(occurs(pointer, key), "{definition}: {key} never occurs");
        }
    }
    fn open_objects(value: &Value, at: &str, out: &mut Vec<String>) {
        if value["type"] == "object" && value["additionalProperties"] != json!(false) {
            out.push(at.to_owned());
        }
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(k, v)| open_objects(v, &format!("{at}/{k}"), out));
            }
            Value::Array(items) => items.iter().for_each(|v| open_objects(v, at, out)),
            _ => {}
        }
    }
    let mut open = Vec::new();
    open_objects(&schema, "", &mut open);
    assert_eq!(open, Vec::<String>::new());
}

#[test]
fn a_record_with_a_raw_number_breaks_the_schema() {
    let (_, validator) = schema("finding.schema.json");
    let mut finding = findings().remove(0);
    finding["subjects"][0]["iin"] = json!("900101100004");
    assert!(!validator.is_valid(&finding));
    let mut finding = findings().remove(0);
    finding["surprise"] = json!(1);
    assert!(!validator.is_valid(&finding));
    let mut finding = findings().remove(0);
    finding["subjects"][0]["number"] = json!("*****0001");
    assert!(!validator.is_valid(&finding), "both iin and number");
}
