//! A record in one line, for a person.

use serde_json::Value;

use crate::text::visible::visible;

/// `opened  high  id_document_copy  0.98  /srv/share/a.pdf > page 1  ********0019`
pub fn brief(record: &Value) -> String {
    let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut parts = Vec::new();
    match text("schema") {
        "iinspect.finding/1" => {
            parts.push(format!("{:8} {:8} {:18}", text("event"), text("severity"), text("kind")));
            let confidence = record.get("confidence").and_then(Value::as_f64).unwrap_or(0.0);
            parts.push(format!("{confidence:.2}"));
            parts.push(place(record));
            let subjects = record.get("subjects").and_then(Value::as_array);
            let shown: Vec<&str> = subjects
                .into_iter()
                .flatten()
                .filter_map(|s| s.get("iin").or(s.get("number")).and_then(Value::as_str))
                .take(3)
                .collect();
            let more = record.get("subjects_total").and_then(Value::as_u64).unwrap_or(0);
            if !shown.is_empty() {
                let rest = more.saturating_sub(shown.len() as u64);
                let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
                parts.push(format!("{}{rest}", shown.join(" ")));
            }
        }
        "iinspect.skip/1" => {
            parts.push(format!("not read {:27}", text("reason")));
            parts.push(place(record));
            parts.push(text("detail").to_owned());
        }
        _ => parts.push(text("event").to_owned()),
    }
    parts.join("  ")
}

/// The path and what it is inside of it, made visible.
pub fn place(record: &Value) -> String {
    let Some(at) = record.get("location") else { return String::new() };
    let mut place = at.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
    for member in at.get("inside").and_then(Value::as_array).into_iter().flatten() {
        place.push_str(" > ");
        place.push_str(member.as_str().unwrap_or_default());
    }
    if let Some(page) = at.get("page").and_then(Value::as_u64) {
        place.push_str(&format!(" > page {page}"));
    }
    if let Some(line) = at.get("line").and_then(Value::as_u64) {
        place.push_str(&format!(" line {line}"));
    }
    visible(&place).to_string()
}
