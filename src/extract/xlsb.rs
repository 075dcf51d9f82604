//! xlsb (binary workbook of Excel 2007 and later, [MS-XLSB]): sheets as tables, hidden ones too, and
//! the words of the other parts. A package like .xlsx, which hands it over here.

use std::collections::HashMap;

use super::bytes::{part, u16_le, u32_le, u64_le};
use super::code_page;
use super::office::{self, Package};
use super::ole::strings;
use super::sheet::{Sheet, plain_number};
use crate::error::Skip;
use crate::flow::Form;

mod kind {
    pub const ROW: u32 = 0;
    pub const RK: u32 = 2;
    pub const REAL: u32 = 5;
    pub const STRING: u32 = 6;
    pub const SHARED: u32 = 7;
    pub const FORMULA_STRING: u32 = 8;
    pub const FORMULA_NUMBER: u32 = 9;
    /// Cells from here on stand in the column behind the last.
    pub const SHORT_RK: u32 = 13;
    pub const SHORT_REAL: u32 = 16;
    pub const SHORT_STRING: u32 = 17;
    pub const SHORT_SHARED: u32 = 18;
    pub const SHARED_ITEM: u32 = 19;
    pub const FORMAT: u32 = 44;
    pub const STYLE: u32 = 47;
    pub const RICH_STRING: u32 = 62;
    pub const SHEET: u32 = 156;
    pub const CELL_STYLES: u32 = 617;
    pub const CELL_STYLES_END: u32 = 618;
}

pub(super) const WORKBOOK: &str = "xl/workbook.bin";

pub(super) fn read(package: &mut Package, names: &[String]) -> Result<(), Skip> {
    package.properties(names)?;
    let relations = package.relations(WORKBOOK)?;
    let mut sheets = Vec::new();
    for (kind, data) in Records(&bytes(package, WORKBOOK)?) {
        if kind == kind::SHEET
            && let Some((id, at)) = text(data, 8)
            && let Some((title, _)) = text(data, at)
            && let Some(relation) = relations.get(&id)
        {
            sheets.push((title, relation.target.clone()));
        }
    }
    let shared = shared_strings(package)?;
    let zeros = zero_formats(package)?;
    for (title, part) in &sheets {
        sheet(package, title, part, &shared, &zeros)?;
    }
    for name in names {
        let read = name == WORKBOOK
            || name == "xl/sharedStrings.bin"
            || name == "xl/styles.bin"
            || sheets.iter().any(|(_, part)| part == name);
        if read || office::is_properties(name) || office::is_wiring(name) {
            continue;
        }
        if name.starts_with("xl/worksheets/sheet") && name.ends_with(".bin") {
            // A sheet that the workbook does not list.
            sheet(package, name, name, &shared, &zeros)?;
        } else if name.starts_with("xl/") && name.ends_with(".bin") && !name.contains("embed") {
            // Comments, tables, caches of pivots: their words lie open.
            let words = strings::wide(&bytes(package, name)?);
            package.budget.charge(words.len() as u64)?;
            let at = package.at.member(name);
            package.push_text(at, words, Form::Plain);
        } else {
            package.hand_on_named(name, None)?;
        }
    }
    Ok(())
}

/// A part; what is wrong with it is told, and nothing of it is read.
fn bytes(package: &mut Package, name: &str) -> Result<Vec<u8>, Skip> {
    let Some(member) = package.archive.find(name).cloned() else { return Ok(Vec::new()) };
    match package.archive.read(&member, package.budget) {
        Ok(unpacked) => {
            match unpacked.damage {
                Some(over @ Skip::OverBudget(_)) => return Err(over),
                Some(skip) => package.skipped(name, skip),
                None => {}
            }
            Ok(unpacked.bytes)
        }
        Err(over @ Skip::OverBudget(_)) => Err(over),
        Err(skip) => {
            package.skipped(name, skip);
            Ok(Vec::new())
        }
    }
}

/// Records: kind in one byte or two, length in one to four, seven bits each.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<(u32, &'a [u8])> {
        let (kind, rest) = number(self.0, 2)?;
        let (len, rest) = number(rest, 4)?;
        let (data, rest) = rest.split_at((len as usize).min(rest.len()));
        self.0 = rest;
        Some((kind, data))
    }
}

fn number(bytes: &[u8], most: usize) -> Option<(u32, &[u8])> {
    let mut value = 0u32;
    let mut rest = bytes;
    for i in 0..most {
        let (&byte, tail) = rest.split_first()?;
        rest = tail;
        value |= u32::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some((value, rest))
}

/// A string with a length of four bytes (all ones: none), and where it ends.
fn text(data: &[u8], at: usize) -> Option<(String, usize)> {
    let count = u32_le(data, at)?;
    let at = at.checked_add(4)?;
    if count == u32::MAX {
        return Some((String::new(), at));
    }
    let len = (count as usize).checked_mul(2)?;
    let raw = part(data, at, len)?;
    Some((code_page::decode(1200, raw), at.checked_add(len)?))
}

fn shared_strings(package: &mut Package) -> Result<Vec<String>, Skip> {
    let part = bytes(package, "xl/sharedStrings.bin")?;
    let mut strings = Vec::new();
    for (kind, data) in Records(&part) {
        if kind == kind::SHARED_ITEM {
            let text = text(data, 1).map(|(text, _)| text).unwrap_or_default();
            package.budget.charge(text.len() as u64 + 1)?;
            strings.push(text);
        }
    }
    Ok(strings)
}

/// Width of a number format of zeros only, by cell style; else 0.
fn zero_formats(package: &mut Package) -> Result<Vec<usize>, Skip> {
    let part = bytes(package, "xl/styles.bin")?;
    let (mut formats, mut widths, mut in_cells) = (HashMap::new(), Vec::new(), false);
    for (kind, data) in Records(&part) {
        match kind {
            kind::FORMAT => {
                let format = text(data, 2).map(|(text, _)| text).unwrap_or_default();
                if format.len() > 1 && format.bytes().all(|b| b == b'0') {
                    formats.insert(u16_le(data, 0).unwrap_or(0), format.len());
                }
            }
            kind::CELL_STYLES => in_cells = true,
            kind::CELL_STYLES_END => in_cells = false,
            kind::STYLE if in_cells => {
                let id = u16_le(data, 2).unwrap_or(0);
                widths.push(formats.get(&id).copied().unwrap_or(0));
            }
            _ => {}
        }
    }
    Ok(widths)
}

fn sheet(
    package: &mut Package,
    title: &str,
    name: &str,
    shared: &[String],
    zeros: &[usize],
) -> Result<(), Skip> {
    let part = bytes(package, name)?;
    let mut sheet = Sheet::new();
    let (mut row, mut column) = (0u64, 0usize);
    for (kind, data) in Records(&part) {
        if kind == kind::ROW {
            sheet.end_row(row, package.budget)?;
            row = u64::from(u32_le(data, 0).unwrap_or(0)) + 1;
            column = usize::MAX;
            continue;
        }
        let short = (12..=18).contains(&kind);
        if !short && !(1..=11).contains(&kind) && kind != kind::RICH_STRING {
            continue;
        }
        let style_at = if short {
            column = column.wrapping_add(1);
            0
        } else {
            column = u32_le(data, 0).unwrap_or(u32::MAX) as usize;
            4
        };
        let at = style_at + 4;
        let style = u32_le(data, style_at).unwrap_or(0) & 0x00ff_ffff;
        let zeros = zeros.get(style as usize).copied().unwrap_or(0);
        let value = match kind {
            kind::RK | kind::SHORT_RK => u32_le(data, at)
                .map(|v| plain_number(&format!("{}", super::sheet::unpacked(v)), zeros)),
            kind::REAL | kind::SHORT_REAL | kind::FORMULA_NUMBER => u64_le(data, at)
                .map(|bits| plain_number(&format!("{}", f64::from_bits(bits)), zeros)),
            kind::STRING | kind::SHORT_STRING | kind::FORMULA_STRING => {
                text(data, at).map(|(text, _)| text)
            }
            kind::RICH_STRING => text(data, at + 1).map(|(text, _)| text),
            kind::SHARED | kind::SHORT_SHARED => {
                u32_le(data, at).and_then(|i| shared.get(i as usize).cloned())
            }
            _ => None,
        };
        if let Some(value) = value {
            sheet.cell(column, &value);
        }
    }
    sheet.end_row(row, package.budget)?;
    let at = package.at.member(title);
    package.push_text(at, sheet.finish(), Form::Table(b'\t'));
    Ok(())
}
