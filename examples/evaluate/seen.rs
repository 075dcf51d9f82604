//! What the program said: the findings and skips of one run, as far as they are measured.

use serde_json::Value;

use crate::truth::last_four;

/// One finding.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// As delivered: digits of a personal number in it may be stars.
    pub path: String,
    pub inside: String,
    pub kind: String,
    pub in_name: bool,
    pub confidence: f64,
    pub count: u64,
    /// Last four characters and fingerprint of each listed subject.
    pub subjects: Vec<(String, String)>,
    pub subjects_total: u64,
    pub document: Option<String>,
    pub issuer: Option<String>,
    pub side: Option<String>,
    pub origin: Option<String>,
    /// Of the first place.
    pub region: Option<[u32; 4]>,
    /// A machine readable zone was read and all its check digits agree.
    pub all_checks: bool,
}

#[derive(Debug, Default)]
pub struct Run {
    pub seen: Vec<Seen>,
    /// Path and reason.
    pub skips: Vec<(String, String)>,
}

impl Run {
    /// Reads native records, one a line; an error names the line.
    pub fn parse(text: &str) -> Result<Run, String> {
        let mut run = Run::default();
        for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let record: Value =
                serde_json::from_str(line).map_err(|e| format!("line {}: {e}", i + 1))?;
            run.add(&record).map_err(|e| format!("line {}: {e}", i + 1))?;
        }
        Ok(run)
    }

    /// Takes one native record in.
    pub fn add(&mut self, record: &Value) -> Result<(), String> {
        let text = |v: &Value| v.as_str().map(str::to_owned);
        let path = text(&record["location"]["path"]).ok_or("no location.path")?;
        match record["schema"].as_str() {
            Some("iinspect.finding/1") => {}
            Some("iinspect.skip/1") => {
                self.skips.push((path, text(&record["reason"]).unwrap_or_default()));
                return Ok(());
            }
            other => return Err(format!("schema {other:?} is not one of ours")),
        }
        let subjects: Vec<(String, String)> = record["subjects"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|s| {
                let shown = s["iin"].as_str().or(s["number"].as_str())?;
                Some((last_four(shown), text(&s["fingerprint"]).unwrap_or_default()))
            })
            .collect();
        let inside: Vec<&str> = record["location"]["inside"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        self.seen.push(Seen {
            path,
            inside: inside.join(" > "),
            kind: text(&record["kind"]).ok_or("no kind")?,
            in_name: record["location"]["in_name"].as_bool().unwrap_or(false),
            confidence: record["confidence"].as_f64().ok_or("no confidence")?,
            count: record["count"].as_u64().ok_or("no count")?,
            subjects_total: record["subjects_total"].as_u64().unwrap_or(subjects.len() as u64),
            subjects,
            document: text(&record["document"]["type"]),
            issuer: text(&record["document"]["issuer"]),
            side: text(&record["document"]["side"]),
            origin: text(&record["document"]["origin"]),
            region: region(&record["location"]["region"]),
            all_checks: record["evidence"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|e| e["sign"].as_str())
                .any(|sign| sign.ends_with("_all_checks")),
        });
        Ok(())
    }
}

fn region(value: &Value) -> Option<[u32; 4]> {
    let side = |i| u32::try_from(value.get(i)?.as_u64()?).ok();
    Some([side(0)?, side(1)?, side(2)?, side(3)?])
}

/// Whether a delivered path names this file of the truth: it ends in it, a star standing for
/// any character.
pub fn names(path: &str, file: &str) -> bool {
    let mut path = path.chars().rev();
    for c in file.chars().rev() {
        match path.next() {
            Some(p) if p == c || p == '*' => {}
            _ => return false,
        }
    }
    matches!(path.next(), None | Some('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_at_folder_borders_and_through_masks() {
        assert!(names("/srv/set/00/a.txt", "00/a.txt"));
        assert!(names("00/a.txt", "00/a.txt"));
        assert!(!names("/srv/set/100/a.txt", "00/a.txt"));
        assert!(names("set/07/********0004.txt", "07/900101100004.txt"));
        assert!(!names("set/07/********0014.txt", "07/900101100004.txt"));
    }

    #[test]
    fn records_of_both_kinds_are_taken_in() {
        let lines = concat!(
            r#"{"schema":"iinspect.finding/1","kind":"id_document_copy","confidence":0.9,"count":1,"#,
            r#""document":{"type":"id_card","issuer":"KAZ","side":"back","origin":"photocopy"},"subjects":[{"iin":"********0019","fingerprint":"f"}],"#,
            r#""evidence":[{"sign":"td1_all_checks"}],"location":{"path":"a.png","inside":["b"],"region":[1,2,3,4]}}"#,
            "\n",
            r#"{"schema":"iinspect.skip/1","reason":"damaged","location":{"path":"c.zip"}}"#,
            "\n"
        );
        let run = Run::parse(lines).unwrap();
        assert!(run.seen[0].all_checks);
        assert_eq!(run.seen[0].subjects[0].0, "0019");
        assert_eq!(run.seen[0].origin.as_deref(), Some("photocopy"));
        assert_eq!(run.seen[0].region, Some([1, 2, 3, 4]));
        assert_eq!(run.skips, [("c.zip".to_owned(), "damaged".to_owned())]);
        assert!(Run::parse("{\"schema\":\"other\",\"location\":{\"path\":\"x\"}}").is_err());
    }
}
