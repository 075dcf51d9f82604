//! JSON lines: one record, one object, one line; UTF-8, `\n`.
//!
//! ```json
//! {"schema":"iinspect.skip/1","time":"2026-11-21T18:00:00+05:00","location":{"path":"/srv/a.zip","inside":["b.txt"],"page":null,"line":null,"offset":null,"region":null},"reason":"encrypted","detail":"zip: needs a password","agent":{"name":"iinspect","version":"0.1.0","host":"fs01","patterns":"2026.11"}}
//! ```
//! serde_json escapes control characters inside strings, so a name cannot forge a line.

use std::io::{self, Write};

use super::Sink;
use crate::flow::Record;

/// Writes each line in one call, so that a run that is killed leaves whole lines behind.
pub struct JsonLines<W> {
    out: W,
    line: Vec<u8>,
}

impl<W> JsonLines<W> {
    /// `out` should not buffer: findings are few, and each is to be safe when it is written.
    pub fn new(out: W) -> JsonLines<W> {
        JsonLines { out, line: Vec::new() }
    }
}

impl<W: Write + Send> Sink for JsonLines<W> {
    fn accept(&mut self, record: &Record) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_in_the_comment_is_one_object() {
        let source = include_str!("json_lines.rs");
        let line = source.lines().find_map(|l| l.strip_prefix("//! {")).unwrap();
        let value: serde_json::Value = serde_json::from_str(&format!("{{{line}")).unwrap();
        assert_eq!(value["schema"], "iinspect.skip/1");
    }
}
