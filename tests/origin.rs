//! How a copy came to be, and the norm that hangs on it, through the whole program.

mod support;

use std::path::Path;

use serde_json::Value;
use support::{folder, is_finding, root, same_path, scan, write};

/// Origin and norms of the copies in one file under `fixtures/`.
fn told(records: &[Value], file: &str) -> Vec<(String, Vec<String>)> {
    let copies = records.iter().filter(|r| {
        is_finding(r)
            && r["kind"] == "id_document_copy"
            && same_path(r["location"]["path"].as_str().unwrap(), file)
    });
    let norms = |r: &Value| -> Vec<String> {
        let ids = r["norms"].as_array().into_iter().flatten();
        ids.filter_map(|n| n["id"].as_str().map(str::to_owned)).collect()
    };
    copies.map(|r| (r["document"]["origin"].as_str().unwrap().to_owned(), norms(r))).collect()
}

#[test]
fn a_copy_on_paper_is_under_the_norm_on_paper_copies_and_a_photo_is_not() {
    assert!(root().join("fixtures/mrz").is_dir());
    let records = scan(&[Path::new("fixtures/mrz"), Path::new("fixtures/mrz_text")], &[0, 3]);
    for (file, origin, on_paper) in [
        ("fixtures/mrz/card_a4_150.jpg", "paper_scan", true),
        ("fixtures/mrz/card_skew.jpg", "paper_scan", true),
        ("fixtures/mrz/card_1bit.png", "paper_scan", true),
        ("fixtures/mrz/visa_fax.tif", "photocopy", true),
        ("fixtures/mrz/passport_photo.jpg", "phone_photo", false),
        ("fixtures/mrz_text/passport-td3.txt", "unknown", false),
    ] {
        let told = told(&records, file);
        let [(told_origin, norms)] = told.as_slice() else { panic!("{file}: {told:?}") };
        assert_eq!(told_origin, origin, "{file}");
        let has = |id: &str| norms.iter().any(|n| n == id);
        assert_eq!(has("kz-94v-paper-copy"), on_paper, "{file}: {norms:?}");
        assert_eq!(has("kz-94v-electronic-copy"), !on_paper, "{file}: {norms:?}");
    }
}

#[test]
fn the_facts_behind_an_origin_stand_in_the_evidence_and_weigh_nothing() {
    let records = scan(&[Path::new("fixtures/mrz/visa_fax.tif")], &[0]);
    let finding = records.iter().find(|r| is_finding(r)).unwrap();
    let evidence = finding["evidence"].as_array().unwrap();
    let facts: Vec<&Value> = evidence.iter().filter(|e| e["detector"] == "origin").collect();
    assert!(facts.iter().any(|e| e["sign"] == "bilevel"), "{evidence:?}");
    assert!(facts.iter().all(|e| e["weight"] == 0.0 && e["read_from"] == "picture"));
    // Facts come after the reasons.
    assert_ne!(evidence[0]["detector"], "origin");
}

/// A page of these lines in a typewriter face, and beneath them a picture where there is one.
fn pdf(lines: &[&str], jpeg: Option<&[u8]>) -> Vec<u8> {
    let mut content = String::from("BT /F 9 Tf 14 TL 40 700 Td");
    lines.iter().for_each(|line| content += &format!(" ({line}) Tj T*"));
    content += " ET";
    if jpeg.is_some() {
        content += " q 595 0 0 842 0 0 cm /I Do Q";
    }
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources \
                << /Font << /F 5 0 R >> /XObject << /I 6 0 R >> >> >>";
    let stream = |dict: &str, data: &[u8]| {
        let head = format!("<< {dict} /Length {} >>\nstream\n", data.len());
        [head.as_bytes(), data, b"\nendstream"].concat()
    };
    let image = "/Type /XObject /Subtype /Image /Width 64 /Height 64 /BitsPerComponent 8 \
                 /ColorSpace /DeviceGray /Filter /DCTDecode";
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec(),
        page.as_bytes().to_vec(),
        stream("", content.as_bytes()),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>".to_vec(),
        stream(image, jpeg.unwrap_or_default()),
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", i + 1).bytes());
        out.extend_from_slice(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(b"xref\n0 7\n0000000000 65535 f \n");
    places.iter().for_each(|at| out.extend(format!("{at:010} 00000 n \n").bytes()));
    out.extend(format!("trailer << /Size 7 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

#[test]
fn a_zone_set_in_type_is_born_digital_and_one_over_a_scan_may_be_recognised() {
    let text = std::fs::read_to_string(root().join("fixtures/mrz_text/passport-td3.txt")).unwrap();
    let zone: Vec<&str> = text.lines().filter(|line| line.contains("<<")).collect();
    let grey = std::fs::read(root().join("fixtures/containers/pictures/grey.jpg")).unwrap();
    let folder = folder();
    write(folder.path(), "typed.pdf", pdf(&zone, None));
    write(folder.path(), "recognised.pdf", pdf(&zone, Some(&grey)));
    let records = scan(&[folder.path()], &[0, 3]);
    for (name, origin) in [("typed.pdf", "born_digital"), ("recognised.pdf", "unknown")] {
        let path = folder.path().join(name);
        let told = told(&records, path.to_str().unwrap());
        assert_eq!(told.first().map(|t| t.0.as_str()), Some(origin), "{name}: {records:#?}");
    }
}
