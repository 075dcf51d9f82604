//! The ledger of files: entries of 20 bytes, packed by folder.
//!
//! A row a file would make a pass over an unchanged share a look-up a file; here it is a row a
//! folder. Large folders are parted by the first bits of the name's hash, so that a change in a
//! folder of a million files writes some kilobytes:
//!
//! ```text
//! row   id = key of the folder + number of the part x odd constant
//!       version u8, bits u8, 0 u16, part u32, high half of the folder's key u64,
//!       entries sorted by name: name u64, facts u64, generation u16, outcome u8, note u8
//! ```

use rusqlite::{Connection, OptionalExtension};

use super::{Commit, Key, State, StateError};

const VERSION: u8 = 1;
const HEADER: usize = 16;
const ENTRY: usize = 20;
/// A part that grows beyond this makes the folder be parted anew: two thirds of a page of 4096.
const FULL: usize = 160;
/// 2^20 parts of 160 entries: a folder of more makes its parts larger.
const MOST_BITS: u8 = 20;
/// Spreads the parts of a folder over the ids (2^64 divided by the golden ratio).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number of what files are judged by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u16);

/// How it ended for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome(u8);

impl Outcome {
    const FOLDER: u8 = 1;
    const FINDINGS: u8 = 2;
    const SKIPPED: u8 = 4;
    const QUARANTINED: u8 = 8;
    const TAIL: u8 = 16;

    pub fn file() -> Outcome {
        Outcome(0)
    }

    pub fn folder() -> Outcome {
        Outcome(Outcome::FOLDER)
    }

    pub fn is_folder(self) -> bool {
        self.0 & Outcome::FOLDER != 0
    }

    /// There are findings of it, or in its name.
    pub fn with_findings(self, is: bool) -> Outcome {
        self.with(Outcome::FINDINGS, is)
    }

    pub fn has_findings(self) -> bool {
        self.0 & Outcome::FINDINGS != 0
    }

    /// Something of it was not read.
    pub fn with_skips(self, is: bool) -> Outcome {
        self.with(Outcome::SKIPPED, is)
    }

    pub fn has_skips(self) -> bool {
        self.0 & Outcome::SKIPPED != 0
    }

    /// It ended two workers: it is not opened again as long as it stays as it is.
    pub fn with_quarantine(self, is: bool) -> Outcome {
        self.with(Outcome::QUARANTINED, is)
    }

    pub fn is_quarantined(self) -> bool {
        self.0 & Outcome::QUARANTINED != 0
    }

    /// How far it was read is kept.
    pub fn with_tail(self, is: bool) -> Outcome {
        self.with(Outcome::TAIL, is)
    }

    pub fn has_tail(self) -> bool {
        self.0 & Outcome::TAIL != 0
    }

    fn with(self, bit: u8, is: bool) -> Outcome {
        Outcome(if is { self.0 | bit } else { self.0 & !bit })
    }
}

/// One file or folder of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// [`Key::short`]
    pub name: u64,
    /// [`super::Keys::facts`] of what was read.
    pub facts: u64,
    pub generation: Generation,
    pub outcome: Outcome,
    /// A few bits of what was skipped, so that the same is not told twice.
    pub note: u8,
}

impl State {
    /// All entries of a folder, sorted by name.
    pub fn folder(&self, folder: Key) -> Result<Vec<Entry>, StateError> {
        let mut entries = Vec::new();
        whole(&self.db, folder, &mut entries)?;
        Ok(entries)
    }

    /// One entry of a folder.
    pub fn entry(&self, folder: Key, name: u64) -> Result<Option<Entry>, StateError> {
        find(&self.db, folder, name)
    }

    /// The number of a generation, if it was ever used.
    pub fn generation(&self, name: &str) -> Result<Option<Generation>, StateError> {
        let mut query = self.db.prepare_cached("SELECT id FROM generation WHERE name = ?1")?;
        Ok(query.query_row([name], |row| row.get(0)).optional()?.map(number))
    }
}

/// Numbers come again after 65,536 generations.
fn number(id: i64) -> Generation {
    Generation((id & 0xffff) as u16)
}

impl Commit<'_> {
    /// The number of a generation; a new one if it is new.
    pub fn generation(&self, name: &str) -> Result<Generation, StateError> {
        self.tx
            .prepare_cached("INSERT INTO generation (name) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([name])?;
        let mut query = self.tx.prepare_cached("SELECT id FROM generation WHERE name = ?1")?;
        Ok(number(query.query_row([name], |row| row.get(0))?))
    }

    pub fn entry(&self, folder: Key, name: u64) -> Result<Option<Entry>, StateError> {
        find(&self.tx, folder, name)
    }

    pub fn folder(&self, folder: Key) -> Result<Vec<Entry>, StateError> {
        let mut entries = Vec::new();
        whole(&self.tx, folder, &mut entries)?;
        Ok(entries)
    }

    /// The folder that an entry of this name is, if rows of it are kept.
    pub fn folder_of_short(&self, short: u64) -> Result<Option<Key>, StateError> {
        let mut query = self.tx.prepare_cached("SELECT entries FROM shelf WHERE id = ?1")?;
        let mut rows = query.query([short as i64])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let bytes = row.get_ref(0)?.as_blob().map_err(|_| StateError::Corrupt)?;
        let high = bytes.get(8..HEADER).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
        Ok(high.map(|high| Key { low: short, high }))
    }

    /// Enters or replaces.
    pub fn put(&self, folder: Key, entry: Entry) -> Result<(), StateError> {
        self.change(folder, entry.name, Some(entry))
    }

    /// Takes out.
    pub fn take(&self, folder: Key, name: u64) -> Result<(), StateError> {
        self.change(folder, name, None)
    }

    /// Forgets a folder's own rows; what lies in folders below has rows of its own.
    pub fn forget_folder(&self, folder: Key) -> Result<(), StateError> {
        let Some(first) = part(&self.tx, folder, 0)? else { return Ok(()) };
        for number in 0..parts(first.bits) {
            self.remove(folder, number)?;
        }
        Ok(())
    }

    fn change(&self, folder: Key, name: u64, entry: Option<Entry>) -> Result<(), StateError> {
        let bits = part(&self.tx, folder, 0)?.map_or(0, |first| first.bits);
        let number = part_of(name, bits);
        let mut part = part(&self.tx, folder, number)?.unwrap_or(Part::empty(bits));
        match (part.entries.binary_search_by_key(&name, |e| e.name), entry) {
            (Ok(i), Some(entry)) => {
                if let Some(place) = part.entries.get_mut(i) {
                    *place = entry;
                }
            }
            (Ok(i), None) => {
                part.entries.remove(i);
            }
            (Err(i), Some(entry)) => part.entries.insert(i, entry),
            (Err(_), None) => return Ok(()),
        }
        if part.entries.len() > FULL && bits < MOST_BITS {
            return self.part_anew(folder, bits, number, part);
        }
        // The first part tells how many there are, so it stays while there are others.
        if part.entries.is_empty() && (number != 0 || bits == 0) {
            return self.remove(folder, number);
        }
        self.write(folder, number, bits, &part.entries)
    }

    /// Twice as often as often: four parts for one, so that a growing folder is seldom rewritten.
    fn part_anew(
        &self,
        folder: Key,
        bits: u8,
        grown: u32,
        changed: Part,
    ) -> Result<(), StateError> {
        let mut all = changed.entries;
        for number in (0..parts(bits)).filter(|n| *n != grown) {
            if let Some(part) = part(&self.tx, folder, number)? {
                all.extend(part.entries);
            }
        }
        all.sort_unstable_by_key(|e| e.name);
        let bits = (bits + 2).min(MOST_BITS);
        let mut rest = all.as_slice();
        for number in 0..parts(bits) {
            let n = rest.partition_point(|e| part_of(e.name, bits) <= number);
            let (own, others) = rest.split_at(n);
            rest = others;
            if own.is_empty() && number != 0 {
                self.remove(folder, number)?;
            } else {
                self.write(folder, number, bits, own)?;
            }
        }
        Ok(())
    }

    fn write(
        &self,
        folder: Key,
        number: u32,
        bits: u8,
        entries: &[Entry],
    ) -> Result<(), StateError> {
        let mut bytes = Vec::with_capacity(HEADER + entries.len() * ENTRY);
        bytes.extend([VERSION, bits, 0, 0]);
        bytes.extend(number.to_le_bytes());
        bytes.extend(folder.high.to_le_bytes());
        for entry in entries {
            bytes.extend(entry.name.to_le_bytes());
            bytes.extend(entry.facts.to_le_bytes());
            bytes.extend(entry.generation.0.to_le_bytes());
            bytes.extend([entry.outcome.0, entry.note]);
        }
        let sql = "INSERT INTO shelf VALUES (?1, ?2) ON CONFLICT DO UPDATE SET entries = ?2";
        self.tx.prepare_cached(sql)?.execute((row_id(folder, number), bytes))?;
        Ok(())
    }

    fn remove(&self, folder: Key, number: u32) -> Result<(), StateError> {
        self.tx
            .prepare_cached("DELETE FROM shelf WHERE id = ?1")?
            .execute([row_id(folder, number)])?;
        Ok(())
    }
}

/// One row.
struct Part {
    bits: u8,
    entries: Vec<Entry>,
}

impl Part {
    fn empty(bits: u8) -> Part {
        Part { bits, entries: Vec::new() }
    }
}

fn row_id(folder: Key, number: u32) -> i64 {
    folder.low.wrapping_add(u64::from(number).wrapping_mul(SPREAD)) as i64
}

fn parts(bits: u8) -> u32 {
    1 << bits.min(MOST_BITS)
}

/// The first bits of the name, so that the parts in their order are sorted by name.
fn part_of(name: u64, bits: u8) -> u32 {
    (name.checked_shr(64 - u32::from(bits)).unwrap_or(0)) as u32
}

fn part(db: &Connection, folder: Key, number: u32) -> Result<Option<Part>, StateError> {
    let mut query = db.prepare_cached("SELECT entries FROM shelf WHERE id = ?1")?;
    let mut rows = query.query([row_id(folder, number)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let bytes = row.get_ref(0)?.as_blob().map_err(|_| StateError::Corrupt)?;
    Ok(unpack(bytes, folder, number))
}

/// `None` for a row of another folder with the same short key: as if nothing were known.
fn unpack(bytes: &[u8], folder: Key, number: u32) -> Option<Part> {
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    let [version, bits, _, _, tail @ ..] = header else { return None };
    let (own, high) = tail.split_at_checked(4)?;
    if *version != VERSION || own != number.to_le_bytes() || high != folder.high.to_le_bytes() {
        return None;
    }
    let mut entries = Vec::with_capacity(rest.len() / ENTRY);
    for raw in rest.as_chunks::<ENTRY>().0 {
        let [n0, n1, n2, n3, n4, n5, n6, n7, f0, f1, f2, f3, f4, f5, f6, f7, g0, g1, outcome, note] =
            *raw;
        entries.push(Entry {
            name: u64::from_le_bytes([n0, n1, n2, n3, n4, n5, n6, n7]),
            facts: u64::from_le_bytes([f0, f1, f2, f3, f4, f5, f6, f7]),
            generation: Generation(u16::from_le_bytes([g0, g1])),
            outcome: Outcome(outcome),
            note,
        });
    }
    Some(Part { bits: *bits, entries })
}

fn whole(db: &Connection, folder: Key, entries: &mut Vec<Entry>) -> Result<(), StateError> {
    let Some(first) = part(db, folder, 0)? else { return Ok(()) };
    let bits = first.bits;
    *entries = first.entries;
    for number in 1..parts(bits) {
        if let Some(part) = part(db, folder, number)? {
            entries.extend(part.entries);
        }
    }
    Ok(())
}

fn find(db: &Connection, folder: Key, name: u64) -> Result<Option<Entry>, StateError> {
    let Some(mut found) = part(db, folder, 0)? else { return Ok(None) };
    let number = part_of(name, found.bits);
    if number != 0 {
        let Some(other) = part(db, folder, number)? else { return Ok(None) };
        found = other;
    }
    let at = found.entries.binary_search_by_key(&name, |e| e.name);
    Ok(at.ok().and_then(|i| found.entries.get(i)).copied())
}
