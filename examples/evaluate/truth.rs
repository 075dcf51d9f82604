//! The truth: what a labelled set holds. The format is told in docs/evaluate.md.

use serde::Deserialize;

/// One file. Without expectations it is a negative: any finding in it is false.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Path below the folder that is scanned, with `/`.
    pub file: String,
    #[serde(default)]
    pub channel: String,
    #[serde(default)]
    pub container: String,
    #[serde(default)]
    pub expect: Vec<Expect>,
    /// `name:value`, for tables by anything else.
    #[serde(default)]
    pub tags: Vec<String>,
    /// For people; read so that a misspelt field is an error.
    #[serde(default)]
    #[allow(dead_code)]
    pub note: String,
}

/// One thing that is in the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub kind: String,
    /// Occurrences; left out where nobody counted.
    pub count: Option<u64>,
    /// Distinct numbers, raw (they are invented) or masked: only the last four are compared.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// How many distinct ones, where the list would be too long.
    pub subjects_total: Option<u64>,
    /// The number stands in the name of the file or of a folder.
    #[serde(default)]
    pub in_name: bool,
    pub document: Option<Document>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub issuer: Option<String>,
    pub side: Option<String>,
    /// There is a machine readable zone in it, so that its exactness can be measured.
    #[serde(default)]
    pub mrz: bool,
    /// How the copy came to be.
    pub origin: Option<String>,
    /// x, y, width, height in pixels of the picture as stored.
    pub region: Option<[u32; 4]>,
}

/// The last four characters: all that a finding shows of a number.
pub fn last_four(number: &str) -> String {
    let n = number.chars().count();
    number.chars().skip(n.saturating_sub(4)).collect()
}

/// Reads `truth.jsonl`; an error names the line.
pub fn parse(text: &str) -> Result<Vec<Truth>, String> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(i, line)| serde_json::from_str(line).map_err(|e| format!("line {}: {e}", i + 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_field_is_an_error_that_names_the_line() {
        let text = "{\"file\":\"a\"}\n{\"file\":\"b\",\"expects\":[]}\n";
        let error = parse(text).unwrap_err();
        assert!(error.starts_with("line 2:") && error.contains("expects"), "{error}");
    }

    #[test]
    fn the_example_in_the_manual_parses() {
        let manual = include_str!("../../docs/evaluate.md");
        let lines: String = manual
            .lines()
            .filter(|line| line.starts_with("{\"file\""))
            .map(|line| format!("{line}\n"))
            .collect();
        let truth = parse(&lines).unwrap();
        assert!(truth.len() >= 3);
        assert!(truth.iter().any(|t| t.expect.is_empty()));
    }
}
