//! PCL 5: text, and commands that begin with an escape.

use super::raster::{Colours, Raster};
use super::sheet::Tile;
use super::{ESC, EXIT, Job};
use crate::error::Skip;

/// Positions are kept in this part of an inch: what all units of PCL divide.
const INCH: i64 = 7200;
/// Height of a line of text until another is said: six to the inch.
const LINE: i64 = INCH / 6;
/// Of dots of graphics and of units until others are said.
const DPI: i64 = 75;
const UNITS: i64 = 300;
/// A move to the right that is no more than this is spacing within a word.
const KERNING: i64 = INCH / 40;
/// The farthest that a page reaches.
const FAR: i64 = 1 << 32;

/// What a printer remembers.
struct Printer {
    x: i64,
    y: i64,
    unit: i64,
    line: i64,
    dpi: i64,
    colours: Colours,
    planes: usize,
    width: Option<u32>,
    method: i64,
    raster: Option<Raster>,
    /// Where the raster began.
    left: i64,
    top: i64,
    /// Letters that follow one another.
    run: Vec<u8>,
    plotter: bool,
}

impl Default for Printer {
    fn default() -> Printer {
        Printer {
            x: 0,
            y: 0,
            unit: INCH / UNITS,
            line: LINE,
            dpi: DPI,
            colours: Colours::Ink,
            planes: 1,
            width: None,
            method: 0,
            raster: None,
            left: 0,
            top: 0,
            run: Vec::new(),
            plotter: false,
        }
    }
}

/// Reads to the end of the language; where that is.
pub(super) fn read(bytes: &[u8], from: usize, job: &mut Job<'_>) -> Result<usize, Skip> {
    let mut printer = Printer::default();
    let mut at = from;
    let mut steps = 0u32;
    while let Some(&byte) = bytes.get(at) {
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(1 << 14) {
            job.budget.in_time()?;
        }
        if byte == ESC {
            if bytes.get(at..).is_some_and(|rest| rest.starts_with(EXIT)) {
                break;
            }
            at = printer.escape(bytes, at + 1, job)?;
            continue;
        }
        at += 1;
        match byte {
            _ if printer.plotter => printer.run.push(byte),
            b'\n' | b'\r' => {
                printer.end_run(job)?;
                printer.x = 0;
                if byte == b'\n' {
                    printer.y = near(printer.y, printer.line);
                }
            }
            0x0c => printer.eject(job)?,
            b'\t' | b' '..=0xff => printer.run.push(if byte == b'\t' { b' ' } else { byte }),
            _ => {}
        }
    }
    printer.end_run(job)?;
    printer.end_raster(job)?;
    Ok(at)
}

fn near(place: i64, step: i64) -> i64 {
    place.saturating_add(step).clamp(-FAR, FAR)
}

/// A number of a command, in its own unit and with its own sign.
#[derive(Clone, Copy)]
struct Number {
    value: f64,
    relative: bool,
}

impl Number {
    fn whole(self) -> i64 {
        self.value as i64
    }

    /// From or at this place, `unit` being its length.
    fn from(self, place: i64, unit: f64) -> i64 {
        let step = ((self.value * unit) as i64).clamp(-FAR, FAR);
        if self.relative { near(place, step) } else { step }
    }
}

fn number(bytes: &[u8], at: &mut usize) -> Number {
    let start = *at;
    let part_of_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.');
    while bytes.get(*at).is_some_and(part_of_number) {
        *at += 1;
    }
    let text = std::str::from_utf8(bytes.get(start..*at).unwrap_or_default()).unwrap_or_default();
    // An empty number is nought.
    let value = text.parse().unwrap_or(0.0);
    Number { value, relative: text.starts_with(['+', '-']) }
}

impl Printer {
    /// One command, or several that share their beginning; the place behind them.
    fn escape(&mut self, bytes: &[u8], from: usize, job: &mut Job<'_>) -> Result<usize, Skip> {
        let mut at = from;
        let Some(&kind) = bytes.get(at) else { return Ok(at) };
        at += 1;
        if !(0x21..=0x2f).contains(&kind) {
            if kind == b'E' {
                self.eject(job)?;
                *self = Printer::default();
            }
            return Ok(if (0x30..=0x7e).contains(&kind) { at } else { from });
        }
        let group = bytes.get(at).copied().filter(|byte| (0x60..=0x7e).contains(byte));
        at += usize::from(group.is_some());
        loop {
            let value = number(bytes, &mut at);
            let Some(&letter) = bytes.get(at) else { return Ok(at) };
            let more = (0x60..=0x7e).contains(&letter);
            if !more && !(0x40..=0x5e).contains(&letter) {
                return Ok(at);
            }
            at += 1;
            let command = [kind, group.unwrap_or(b' '), letter.to_ascii_uppercase()];
            let mut data: &[u8] = &[];
            if takes_data(&command) {
                let rest = bytes.get(at..).unwrap_or_default();
                let len = usize::try_from(value.whole()).unwrap_or(0).min(rest.len());
                data = rest.get(..len).unwrap_or_default();
                at += len;
            }
            self.command(&command, value, data, job)?;
            if !more {
                return Ok(at);
            }
        }
    }

    fn command(
        &mut self,
        command: &[u8; 3],
        number: Number,
        data: &[u8],
        job: &mut Job<'_>,
    ) -> Result<(), Skip> {
        let whole = number.whole();
        let unit = self.unit as f64;
        match command {
            b"*pX" => self.move_right(number, unit, job)?,
            b"*pY" => self.move_down(number, unit, job)?,
            b"&aH" => self.move_right(number, 10.0, job)?,
            b"&aV" => self.move_down(number, 10.0, job)?,
            b"&aC" => self.move_right(number, (INCH / 10) as f64, job)?,
            b"&aR" => self.move_down(number, self.line as f64, job)?,
            b"&uD" => self.unit = INCH / whole.clamp(1, INCH),
            b"&lD" => self.line = INCH / whole.clamp(1, 48),
            b"&lC" => self.line = ((number.value * INCH as f64 / 48.0) as i64).clamp(1, INCH),
            b"&lH" => self.eject(job)?,
            b"&pX" => self.run.extend(data.iter().filter(|byte| **byte >= b' ')),
            b"*tR" => self.dpi = whole.clamp(1, INCH),
            b"*rS" => self.width = u32::try_from(whole).ok().filter(|width| *width > 0),
            b"*rU" => {
                (self.colours, self.planes) = match whole {
                    3 => (Colours::Light, 3),
                    -3 => (Colours::Inks, 3),
                    -4 => (Colours::Inks, 4),
                    _ => (Colours::Ink, 1),
                };
                self.end_raster(job)?;
            }
            b"*vW" => {
                self.end_raster(job)?;
                self.configure(data);
            }
            b"*gW" => {
                // Configure raster data: only the count of planes matters here.
                let planes = data.get(1).copied().unwrap_or(1);
                (self.colours, self.planes) = match planes {
                    4 => (Colours::Inks, 4),
                    3 => (Colours::Inks, 3),
                    _ => (Colours::Ink, 1),
                };
            }
            b"*rA" => self.begin_raster(whole & 1 == 1, job)?,
            b"*rB" | b"*rC" => self.end_raster(job)?,
            b"*bM" => self.method = whole,
            b"*bY" => {
                self.raster().skip(usize::try_from(whole).unwrap_or(0));
                self.within(job)?;
            }
            b"*bV" | b"*bW" => {
                let (method, last) = (self.method, command[2] == b'W');
                self.raster().plane(method, data, last);
                self.within(job)?;
            }
            b"% B" => {
                self.end_run(job)?;
                self.plotter = true;
            }
            b"% A" => {
                self.labels(job)?;
                self.plotter = false;
            }
            _ => {}
        }
        Ok(())
    }

    /// Configure image data: the form of the pixels.
    fn configure(&mut self, data: &[u8]) {
        // Colour space, coding, bits of an index, bits of red.
        let (coding, bits, red) = match *data {
            [_, coding, bits, red, ..] => (coding, bits, red),
            _ => return,
        };
        let light = data.first() != Some(&1);
        let planes = if light { Colours::Light } else { Colours::Inks };
        (self.colours, self.planes) = match (coding, bits, red) {
            (3, _, 8) => (Colours::Bytes, 1),
            (2, _, 1) => (planes, 3),
            (0, 3, _) => (planes, 3),
            (1, 8, _) => (Colours::Grey, 1),
            _ => (Colours::Ink, 1),
        };
    }

    fn move_right(&mut self, number: Number, unit: f64, job: &mut Job<'_>) -> Result<(), Skip> {
        let x = number.from(self.x, unit);
        // How far the letters reach is not known here: a jump ends a word, a small step does not.
        let spacing = number.relative && (0..=KERNING).contains(&x.saturating_sub(self.x));
        self.x = x;
        if spacing { Ok(()) } else { self.end_run(job) }
    }

    /// Graphics move down with each row, and end where another height is said.
    fn move_down(&mut self, number: Number, unit: f64, job: &mut Job<'_>) -> Result<(), Skip> {
        self.end_run(job)?;
        self.end_raster(job)?;
        self.y = number.from(self.y, unit);
        Ok(())
    }

    fn end_run(&mut self, job: &mut Job<'_>) -> Result<(), Skip> {
        if self.plotter {
            return self.labels(job);
        }
        let run = std::mem::take(&mut self.run);
        if run.is_empty() { Ok(()) } else { job.words(run.trim_ascii(), self.y) }
    }

    /// Labels of HP-GL/2: `LB`, words, and an ETX.
    fn labels(&mut self, job: &mut Job<'_>) -> Result<(), Skip> {
        let run = std::mem::take(&mut self.run);
        for (place, begin) in memchr::memmem::find_iter(&run, b"LB").zip(0i64..) {
            let rest = run.get(place.saturating_add(2)..).unwrap_or_default();
            let Some(end) = memchr::memchr(3, rest) else { break };
            job.words(rest.get(..end).unwrap_or_default(), -begin - 1)?;
        }
        Ok(())
    }

    fn raster(&mut self) -> &mut Raster {
        let (colours, planes, width) = (self.colours, self.planes, self.width);
        if self.raster.is_none() {
            self.top = self.y;
        }
        self.raster.get_or_insert_with(|| Raster::new(colours, planes, width))
    }

    fn begin_raster(&mut self, here: bool, job: &mut Job<'_>) -> Result<(), Skip> {
        self.end_run(job)?;
        self.end_raster(job)?;
        self.raster();
        self.left = if here { self.x } else { 0 };
        Ok(())
    }

    /// Whether the pixels that are held are within the budget.
    fn within(&mut self, job: &mut Job<'_>) -> Result<(), Skip> {
        let held = self.raster.as_ref().map_or(0, Raster::held);
        job.budget.pixels(held as u64, 1)
    }

    fn end_raster(&mut self, job: &mut Job<'_>) -> Result<(), Skip> {
        let Some(raster) = self.raster.take() else { return Ok(()) };
        let (rows, colours) = (raster.rows(), raster.colours);
        let dot = |place: i64| place.saturating_mul(self.dpi).div_euclid(INCH);
        let (left, top) = (dot(self.left), dot(self.top));
        let height = (rows as i64).saturating_mul(INCH) / self.dpi;
        self.y = near(self.top, height);
        if raster.held() == 0 {
            return Ok(());
        }
        job.budget.pixels(raster.width() as u64, rows as u64)?;
        let (width, luma) = raster.finish();
        let tile = Tile { left, top, width, luma };
        let dpi = u32::try_from(self.dpi).unwrap_or(0);
        let bilevel = colours == Colours::Ink;
        job.sheets.add(tile, dpi, bilevel, colours.channels(), job.budget)
    }

    fn eject(&mut self, job: &mut Job<'_>) -> Result<(), Skip> {
        self.end_run(job)?;
        self.end_raster(job)?;
        (self.x, self.y, self.left) = (0, 0, 0);
        job.end_page()
    }
}

/// Commands that so many bytes belong to as they say.
fn takes_data(command: &[u8; 3]) -> bool {
    matches!(
        command,
        [b'*', b'b', b'V' | b'W']
            | [b'&', b'p', b'X' | b'W']
            | [b'(' | b')', b's' | b'f', b'W']
            | [b'*', b'c' | b'g' | b'i' | b'l' | b'm' | b'o' | b'v', b'W']
            | [b'&', b'b' | b'n', b'W']
    )
}
