//! Every record that the program emits is valid by the schemas it publishes.

mod support;

use serde_json::json;
use support::{
    IIN, assert_valid, folder, is_finding, is_skip, labelled, root, scan, schema, write,
};

#[test]
fn all_records_of_the_fixtures_are_valid() {
    let records = scan(&[&root().join("fixtures")], &[0, 3]);
    assert!(records.iter().filter(|r| is_finding(r)).count() > 20);
    assert_valid(&records);
}

#[test]
fn records_of_odd_places_are_valid() {
    use std::os::unix::ffi::OsStrExt;
    let dir = folder();
    write(dir.path(), std::ffi::OsStr::from_bytes(b"\xff\xfe.txt"), labelled(IIN[0]));
    write(dir.path(), format!("ИИН {}.txt", IIN[1]), "nothing\n");
    write(dir.path(), format!("{}/a.txt", IIN[2]), labelled(IIN[3]));
    write(dir.path(), "broken.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b]);
    write(dir.path(), "passport.txt", "паспорт N12345678, ИИН 900101100004\n");
    let records = scan(&[dir.path()], &[3]);
    assert!(records.iter().any(is_skip));
    assert!(records.iter().any(|r| r["location"]["in_name"] == true));
    assert!(records.iter().any(|r| r["location"]["path_bytes"].is_string()));
    assert_valid(&records);
}

#[test]
fn the_schemas_refuse_what_is_not_ours() {
    let dir = folder();
    write(dir.path(), "a.txt", labelled(IIN[0]));
    let good = scan(&[dir.path()], &[0]).remove(0);
    let (_, validator) = schema("finding.schema.json");
    assert!(validator.is_valid(&good));
    for (field, value) in [
        ("kind", json!("something_else")),
        ("confidence", json!(1.5)),
        ("severity", json!("terrible")),
        ("schema", json!("iinspect.finding/2")),
        ("count", json!(-1)),
        ("id", json!("not hex")),
        // The one promise that a receiver can check for himself: no bare number.
        (
            "subjects",
            json!([{"iin": "900101100004", "fingerprint": good["subjects"][0]["fingerprint"]}]),
        ),
    ] {
        let mut bad = good.clone();
        bad[field] = value.clone();
        assert!(!validator.is_valid(&bad), "{field}: {value} passes");
    }
    for field in ["id", "kind", "location", "evidence", "confidence", "subjects"] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(field);
        assert!(!validator.is_valid(&bad), "passes without {field}");
    }
}
