//! dBASE, FoxPro and Visual FoxPro tables (.dbf), which accounting programs and 1C 7.7 keep and banks
//! exchange: one text with the names of the fields as header. Deleted rows are still in the file and
//! are read. Memos lie in another file.

use encoding_rs::{Encoding, IBM866, WINDOWS_1251};

use super::bytes::{part, u16_le, u32_le};
use super::rows::Rows;
use super::{Extractor, names};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

const FORMAT: &str = "dbf";
const HEADER: usize = 32;
const FIELD: usize = 32;
const MAX_FIELDS: usize = 2048;
/// First bytes of dBASE III and IV, with and without memo, FoxPro, Visual FoxPro.
const VERSIONS: [u8; 11] = [0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0xcb, 0xf5];
const TYPES: &[u8] = b"CNDLMFBGPYTIVWQ@O+0";
/// Bytes of rows that tell the code page, where the header does not.
const CODE_SAMPLE: usize = 64 << 10;

pub struct Dbf;

struct Field {
    name: String,
    kind: u8,
    len: usize,
}

struct Header {
    rows: usize,
    start: usize,
    row_len: usize,
    fields: Vec<Field>,
    /// Language driver: which code page.
    driver: u8,
}

impl Extractor for Dbf {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn media_type(&self) -> &'static str {
        "application/x-dbf"
    }

    /// There is no magic: the date, the lengths, and every field have to make sense together.
    fn sniff(&self, head: &[u8]) -> bool {
        header(head).is_some()
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let header = header(bytes).ok_or_else(|| Skip::damaged(FORMAT, "header does not parse"))?;
        let data = bytes.get(header.start..).unwrap_or_default();
        let code = code_page(header.driver, data);
        let columns: Vec<String> = header.fields.iter().map(|field| field.name.clone()).collect();
        let mut table = Rows::new(&columns);
        let mut seen = 0;
        let end = loop {
            if seen == header.rows {
                break Ok(());
            }
            let Some(row) = part(data, seen * header.row_len, header.row_len) else {
                break Err(Skip::damaged(FORMAT, "file ends before its rows do"));
            };
            seen += 1;
            let mut place = 1; // behind the mark of deleted rows
            for field in &header.fields {
                let raw = part(row, place, field.len).unwrap_or_default();
                place += field.len;
                table.cell(&value(field.kind, raw, code));
            }
            if let Err(over) = table.end_row(budget, at, out) {
                break Err(over);
            }
        };
        table.finish(at, out);
        end
    }
}

fn header(bytes: &[u8]) -> Option<Header> {
    let version = *bytes.first()?;
    let (month, day) = (*bytes.get(2)?, *bytes.get(3)?);
    let rows = u32_le(bytes, 4)? as usize;
    let start = usize::from(u16_le(bytes, 8)?);
    let row_len = usize::from(u16_le(bytes, 10)?);
    let date = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !VERSIONS.contains(&version) || !date || start < HEADER + FIELD || row_len < 2 {
        return None;
    }
    let mut fields = Vec::new();
    let mut at = HEADER;
    let mut len = 1;
    // A line feed in old files, a carriage return in all others, ends the list.
    while !matches!(bytes.get(at)?, 0x0d | 0x0a) {
        let raw = part(bytes, at, FIELD)?;
        let field = field(raw)?;
        len += field.len;
        fields.push(field);
        at += FIELD;
        if fields.len() > MAX_FIELDS {
            return None;
        }
    }
    // Visual FoxPro keeps 263 bytes more behind the list.
    let behind = start.checked_sub(at)?;
    (!fields.is_empty() && len == row_len && behind <= 300).then(|| Header {
        rows,
        start,
        row_len,
        fields,
        driver: bytes.get(29).copied().unwrap_or(0),
    })
}

fn field(raw: &[u8]) -> Option<Field> {
    let name = raw.get(..11)?.split(|byte| *byte == 0).next()?.trim_ascii();
    let kind = *raw.get(11)?;
    let low = usize::from(*raw.get(16)?);
    // Clipper and FoxPro have texts longer than 255 bytes: the decimals are the high byte.
    let high = if kind == b'C' { usize::from(*raw.get(17)?) } else { 0 };
    let named = !name.is_empty() && !name.iter().any(u8::is_ascii_control);
    let len = low | high << 8;
    (named && TYPES.contains(&kind) && len > 0).then(|| Field {
        name: names::decode(name),
        kind,
        len,
    })
}

fn code_page(driver: u8, rows: &[u8]) -> &'static Encoding {
    match driver {
        0x26 | 0x65 => IBM866,
        0xc9 => WINDOWS_1251,
        // Not said, or a Western one that nobody changed: the likelier of the two.
        _ => {
            let sample = rows.get(..rows.len().min(CODE_SAMPLE)).unwrap_or_default();
            let oem = names::plausibility(&IBM866.decode_without_bom_handling(sample).0);
            let ansi = names::plausibility(&WINDOWS_1251.decode_without_bom_handling(sample).0);
            if ansi > oem { WINDOWS_1251 } else { IBM866 }
        }
    }
}

fn value(kind: u8, raw: &[u8], code: &'static Encoding) -> String {
    let number = |len: usize| raw.get(..len);
    match kind {
        b'I' | b'+' => number(4)
            .and_then(|b| b.try_into().ok())
            .map(i32::from_le_bytes)
            .map_or(String::new(), |value| value.to_string()),
        // Eight bytes: a float, or a sum in ten-thousandths.
        b'B' | b'O' if raw.len() == 8 => number(8)
            .and_then(|b| b.try_into().ok())
            .map(f64::from_le_bytes)
            .map_or(String::new(), |value| value.to_string()),
        b'Y' => number(8)
            .and_then(|b| b.try_into().ok())
            .map(i64::from_le_bytes)
            .map_or(String::new(), |value| (value / 10_000).to_string()),
        // Moments and flags in binary, and numbers of places in the memo file.
        b'T' | b'@' | b'0' | b'M' | b'G' | b'P' | b'W' | b'Q' => String::new(),
        _ => match std::str::from_utf8(raw) {
            Ok(text) => text.trim_matches(['\0', ' ']).to_owned(),
            Err(_) => {
                let text = code.decode_without_bom_handling(raw).0;
                text.trim_matches(['\0', ' ']).to_owned()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{fixture, format_of, open, texts};
    use crate::flow::Form;

    #[test]
    fn rows_come_out_in_either_code_page_deleted_ones_too() {
        for name in ["staff-866.dbf", "staff-1251.dbf", "staff-unsaid.dbf"] {
            let bytes = fixture(&format!("data/{name}"));
            assert_eq!(format_of(&bytes), Some("dbf"), "{name}");
            let (out, end) = open(&Dbf, &bytes);
            assert_eq!(end, Ok(()), "{name}");
            assert_eq!(
                texts(&out, Form::Table(b'\t')),
                "FIO\tIIN\tNUM\tSINCE\n\
                 Примерова Алия\t851231203985\t700000000012\t20240301\n\
                 Образцов Тимур\t900101100014\t5\t20240302\n",
                "{name}"
            );
        }
    }

    #[test]
    fn a_table_that_is_cut_gives_the_rows_before() {
        let bytes = fixture("data/staff-866.dbf");
        let (out, end) = open(&Dbf, &bytes[..bytes.len() - 20]);
        assert!(matches!(end, Err(Skip::Damaged { .. })));
        assert!(texts(&out, Form::Table(b'\t')).contains("851231203985"));
    }

    #[test]
    fn files_that_begin_alike_are_not_taken_for_one() {
        let mut bytes = fixture("data/staff-866.dbf");
        bytes[10] += 1; // rows are longer than their fields
        assert_eq!(format_of(&bytes), None);
        assert_eq!(
            format_of(b"\x03\x7c\x03\x01 text 900101100004 and more of it, of some length, here"),
            None
        );
        assert_eq!(format_of(&"0".repeat(200).into_bytes()), None);
    }

    #[test]
    fn cut_or_changed_at_any_place_it_does_not_panic() {
        let bytes = fixture("data/staff-1251.dbf");
        for at in 0..bytes.len() {
            open(&Dbf, &bytes[..at]).1.ok();
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = value;
                open(&Dbf, &changed).1.ok();
            }
        }
    }
}
