//! For a terminal: findings under their folder, in colour, a line of reasons each.
//!
//! Nothing from a file is printed raw: control characters, line separators and marks that turn
//! the direction of writing are shown escaped, so that a name cannot paint the screen.

use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};

use super::Sink;
use crate::flow::{Finding, Kind, LocationOut, Record, Severity, SkipRecord};
use crate::text::visible::visible;

/// Reasons shown for one finding; `explain` and the JSON have all.
const MAX_SIGNS: usize = 4;
const MAX_SUBJECTS: usize = 3;

pub struct Human<W> {
    out: W,
    colour: bool,
    folder: Option<String>,
}

impl<W: Write + Send> Human<W> {
    pub fn new(out: W, colour: bool) -> Human<W> {
        Human { out, colour, folder: None }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    fn heading(&mut self, location: &LocationOut) -> io::Result<String> {
        let path = Path::new(&location.path);
        let folder = path.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
        if self.folder.as_deref() != Some(folder.as_str()) {
            let shown = self.paint(
                Style::new().bold(),
                &visible(if folder.is_empty() { "." } else { &folder }),
            );
            writeln!(self.out, "{shown}")?;
            self.folder = Some(folder);
        }
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let mut name = visible(&name).into_owned();
        for member in &location.inside {
            name.push_str(" > ");
            name.push_str(&visible(member));
        }
        if let Some(page) = location.page {
            name.push_str(&format!(" page {page}"));
        }
        if let Some(line) = location.line {
            name.push_str(&format!(":{line}"));
        }
        if location.in_name {
            name.push_str(" (in its name)");
        }
        Ok(name)
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let name = self.heading(&finding.location)?;
        let colour = match finding.severity {
            Severity::Critical => AnsiColor::Magenta,
            Severity::High => AnsiColor::Red,
            Severity::Medium => AnsiColor::Yellow,
            Severity::Low => AnsiColor::Cyan,
        };
        let severity = match finding.severity {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        };
        let severity = self.paint(colour.on_default().bold(), &format!("{severity:8}"));
        let what = describe(finding);
        writeln!(
            self.out,
            "  {severity} {name}  {what}  {:.0} %",
            (finding.confidence * 100.0).floor()
        )?;
        // Facts of no weight tell how, not why; what they come to stands above.
        let mut reasons: Vec<_> = finding.evidence.iter().filter(|e| e.weight != 0.0).collect();
        reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let reasons: Vec<String> = reasons
            .iter()
            .take(MAX_SIGNS)
            .map(|e| format!("{} {:+.1}", visible(&e.sign), e.weight))
            .collect();
        let subjects: Vec<&str> = finding
            .subjects
            .iter()
            .take(MAX_SUBJECTS)
            .filter_map(|s| s.iin.as_deref().or(s.number.as_deref()))
            .collect();
        let more = finding.subjects_total.saturating_sub(subjects.len() as u64);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let line = format!("           {}{more}; {}", subjects.join(", "), reasons.join(", "));
        let line = self.paint(Style::new().dimmed(), &line);
        writeln!(self.out, "{line}")
    }

    fn skip(&mut self, skip: &SkipRecord) -> io::Result<()> {
        let name = self.heading(&skip.location)?;
        let label = self.paint(AnsiColor::Blue.on_default(), "not read");
        writeln!(self.out, "  {label} {name}  {}: {}", skip.reason, visible(&skip.detail))
    }
}

impl<W: Write + Send> Sink for Human<W> {
    fn accept(&mut self, record: &Record) -> io::Result<()> {
        match record {
            Record::Finding(finding) => self.finding(finding),
            Record::Skip(skip) => self.skip(skip),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn describe(finding: &Finding) -> String {
    let times = |one: &str, many: &str| match finding.count {
        1 => one.to_string(),
        n => format!("{n} {many}"),
    };
    match finding.kind {
        Kind::Iin => times("IIN", "IINs"),
        Kind::IdDocumentNumber => times("document number", "document numbers"),
        Kind::CustomIdentifier => {
            format!(
                "{} x {}",
                finding.count,
                visible(finding.identifier.as_deref().unwrap_or_default())
            )
        }
        Kind::IdDocumentCopy => match &finding.document {
            Some(d) => {
                let issuer =
                    d.issuer.as_deref().map(|i| format!(" {}", visible(i))).unwrap_or_default();
                let side = d.side.as_deref().map(|s| format!(", {s}")).unwrap_or_default();
                let origin = match d.origin.as_str() {
                    "unknown" => String::new(),
                    origin => format!(", {}", origin.replace('_', " ")),
                };
                format!("copy of {}{issuer}{side}{origin}", d.kind.replace('_', " "))
            }
            None => "copy of a document".into(),
        },
    }
}
