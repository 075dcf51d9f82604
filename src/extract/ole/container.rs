//! Compound files ([MS-CFB]), read leniently: storages and streams out of sectors.
//!
//! Where the table of sectors is cut off or lies, a chain goes on with the sector that follows, so
//! that what is left of a cut file is read. Nothing is allocated by a number of the file: tables
//! are as long as what was read for them, and a chain ends after as many sectors as there are.

use std::collections::HashSet;

use super::super::bytes::{part, u16_le, u32_le, u64_le};
use crate::error::Skip;
use crate::limits::Budget;

pub(super) const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Of the header; the 109 first sectors of the table stand in it.
const HEADER: usize = 512;
const IN_HEADER: usize = 109;
const END_OF_CHAIN: u32 = 0xffff_fffe;
/// Past it are marks, not sectors.
const MAX_SECTOR: u32 = 0xffff_fffa;
/// What a table says of a sector whose entry was lost.
const LOST: u32 = 0xffff_fff9;
const ENTRY: usize = 128;
const MINI_SECTOR: usize = 64;
/// Entries of a directory; a mailbox saved as one .msg has some hundreds.
const MAX_ENTRIES: usize = 100_000;

/// A storage (folder) or stream (file) of a compound file.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) is_stream: bool,
    /// Indices into [`Container::entries`], in the order of the directory.
    pub(super) children: Vec<usize>,
    pub(super) size: u64,
    start: u32,
    links: [u32; 3],
}

pub(super) struct Container<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini_cutoff: u64,
    /// Sectors of the stream that holds the small streams.
    mini: Vec<u32>,
    pub(super) entries: Vec<Entry>,
    /// Why something may be missing.
    pub(super) damage: Option<Skip>,
}

impl<'a> Container<'a> {
    pub(super) fn open(bytes: &'a [u8], budget: &Budget) -> Result<Container<'a>, Skip> {
        let broken = |detail| Skip::damaged("ole2", detail);
        if !bytes.starts_with(&SIGNATURE) {
            return Err(broken("no header"));
        }
        let number = |at| u32_le(bytes, at).ok_or_else(|| broken("header ends early"));
        let sector = match u16_le(bytes, 30) {
            Some(12) => 4096,
            Some(9) => 512,
            _ => return Err(broken("size of sectors is neither 512 nor 4096")),
        };
        let mut container = Container {
            bytes,
            sector,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini_cutoff: number(56)?.into(),
            mini: Vec::new(),
            entries: Vec::new(),
            damage: None,
        };
        container.read_fat(number(68)?, number(44)?);
        budget.in_time()?;
        let directory = container.chain(number(48)?, container.sectors());
        container.read_directory(&directory);
        if container.entries.is_empty() {
            return Err(broken("no directory"));
        }
        let mini_fat = container.chain(number(60)?, container.sectors());
        container.mini_fat = container.numbers_of(&mini_fat);
        if let Some(root) = container.entries.first() {
            container.mini = container.chain(root.start, container.sectors());
        }
        container.build_tree();
        Ok(container)
    }

    /// How many sectors the file has room for.
    fn sectors(&self) -> usize {
        self.bytes.len().saturating_sub(self.sector.min(HEADER)) / self.sector + 1
    }

    /// A sector; the last one of a cut file is shorter.
    fn data(&self, sector: u32) -> Option<&'a [u8]> {
        let start = (sector as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end).filter(|data| !data.is_empty())
    }

    fn read_fat(&mut self, first_extra: u32, count: u32) {
        let most = self.sectors();
        let mut tables: Vec<u32> =
            (0..IN_HEADER).filter_map(|i| u32_le(self.bytes, 76 + 4 * i)).collect();
        let mut extra = first_extra;
        let mut seen = HashSet::new();
        while extra < MAX_SECTOR && seen.insert(extra) && tables.len() <= most + IN_HEADER {
            let Some(data) = self.data(extra) else {
                self.damaged("list of sector tables is cut off");
                break;
            };
            let mut numbers: Vec<u32> =
                (0..data.len() / 4).filter_map(|i| u32_le(data, 4 * i)).collect();
            extra = numbers.pop().unwrap_or(END_OF_CHAIN);
            tables.extend(numbers);
        }
        tables.truncate((count as usize).min(most));
        for table in tables {
            if table >= MAX_SECTOR {
                continue;
            }
            let numbers = self.data(table).map_or(0, |data| data.len() / 4);
            if let Some(data) = self.data(table) {
                self.fat.extend((0..numbers).filter_map(|i| u32_le(data, 4 * i)));
            }
            if numbers < self.sector / 4 {
                self.damaged("table of sectors is cut off");
                let missing = (self.sector / 4 - numbers).min(most);
                self.fat.extend(std::iter::repeat_n(LOST, missing));
            }
            if self.fat.len() > most {
                break;
            }
        }
    }

    fn damaged(&mut self, detail: &'static str) {
        self.damage.get_or_insert_with(|| Skip::damaged("ole2", detail));
    }

    /// The sectors from `start` on, at most `most` of them and each once at most.
    fn chain(&self, start: u32, most: usize) -> Vec<u32> {
        let most = most.min(self.sectors());
        let mut chain = Vec::new();
        let mut sector = start;
        while sector < MAX_SECTOR && chain.len() < most {
            chain.push(sector);
            sector = match self.fat.get(sector as usize).copied() {
                Some(LOST) | None => sector + 1,
                Some(next) => next,
            };
        }
        chain
    }

    fn numbers_of(&self, chain: &[u32]) -> Vec<u32> {
        let sectors = chain.iter().filter_map(|sector| self.data(*sector));
        sectors.flat_map(|data| (0..data.len() / 4).filter_map(|i| u32_le(data, 4 * i))).collect()
    }

    fn read_directory(&mut self, chain: &[u32]) {
        let mut entries = Vec::new();
        let full = |sector: &u32| self.data(*sector).is_some_and(|data| data.len() == self.sector);
        if !chain.iter().all(full) {
            self.damaged("list of streams is cut off");
        }
        for data in chain.iter().filter_map(|sector| self.data(*sector)) {
            entries.extend(data.chunks(ENTRY).filter_map(entry));
            if entries.len() >= MAX_ENTRIES {
                self.damaged("more entries than are read");
                break;
            }
        }
        self.entries = entries;
    }

    /// Turns the trees of siblings into lists. What no storage owns (deleted, or its storage was
    /// lost) is put into the root, so that it is looked at.
    fn build_tree(&mut self) {
        let mut seen: HashSet<usize> = HashSet::from([0]);
        let storages: Vec<usize> = self.reach(0, &mut seen);
        let mut todo = storages;
        while let Some(storage) = todo.pop() {
            todo.extend(self.reach(storage, &mut seen));
        }
        let orphans: Vec<usize> = (1..self.entries.len())
            .filter(|i| !seen.contains(i) && self.entries.get(*i).is_some_and(|e| e.is_stream))
            .collect();
        if let Some(root) = self.entries.first_mut() {
            root.children.extend(orphans);
        }
    }

    /// Lists the children of a storage; gives those that are storages themselves.
    fn reach(&mut self, storage: usize, seen: &mut HashSet<usize>) -> Vec<usize> {
        let mut children = Vec::new();
        let mut todo: Vec<u32> =
            self.entries.get(storage).map(|entry| entry.links[2]).into_iter().collect();
        while let Some(link) = todo.pop() {
            let index = link as usize;
            let Some(entry) = self.entries.get(index) else { continue };
            if !seen.insert(index) {
                continue;
            }
            children.push(index);
            todo.extend([entry.links[0], entry.links[1]]);
        }
        children.sort_unstable();
        let is_storage = |i: &usize| self.entries.get(*i).is_some_and(|entry| !entry.is_stream);
        let storages = children.iter().copied().filter(is_storage).collect();
        if let Some(entry) = self.entries.get_mut(storage) {
            entry.children = children;
        }
        storages
    }

    /// Children of a storage, streams and storages.
    pub(super) fn children(&self, storage: usize) -> impl Iterator<Item = (usize, &Entry)> {
        let children = self.entries.get(storage).map(|entry| entry.children.as_slice());
        children.unwrap_or_default().iter().filter_map(|i| Some((*i, self.entries.get(*i)?)))
    }

    /// A child by name, whatever its case.
    pub(super) fn find(&self, storage: usize, name: &str) -> Option<usize> {
        let wanted = name.to_lowercase();
        self.children(storage).find(|(_, e)| e.name.to_lowercase() == wanted).map(|(i, _)| i)
    }

    pub(super) fn find_stream(&self, storage: usize, name: &str) -> Option<usize> {
        self.find(storage, name).filter(|i| self.entries.get(*i).is_some_and(|e| e.is_stream))
    }

    /// What a stream holds, taken from the budget; shorter than it says where the file was cut.
    pub(super) fn read(&mut self, index: usize, budget: &mut Budget) -> Result<Vec<u8>, Skip> {
        let Some(entry) = self.entries.get(index).filter(|entry| entry.is_stream) else {
            return Ok(Vec::new());
        };
        let (start, stated) = (entry.start, entry.size);
        // No stream is larger than the file.
        let size = usize::try_from(stated).unwrap_or(usize::MAX).min(self.bytes.len());
        budget.member()?;
        budget.charge(size as u64)?;
        let bytes = if stated < self.mini_cutoff {
            self.read_mini(start, size)
        } else {
            let chain = self.chain(start, size.div_ceil(self.sector));
            let mut bytes = Vec::with_capacity(size);
            for data in chain.iter().map_while(|sector| self.data(*sector)) {
                bytes.extend_from_slice(data);
            }
            bytes.truncate(size);
            bytes
        };
        if (bytes.len() as u64) < stated {
            self.damaged("a stream is cut off");
        }
        Ok(bytes)
    }

    fn read_mini(&self, start: u32, size: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size);
        let per_sector = self.sector / MINI_SECTOR;
        let mut mini = start;
        let mut steps = 0;
        while mini < MAX_SECTOR && bytes.len() < size && steps <= size / MINI_SECTOR {
            steps += 1;
            let at = mini as usize;
            let Some(data) =
                self.mini.get(at / per_sector).and_then(|sector| self.data(*sector)).and_then(
                    |data| {
                        let start = at % per_sector * MINI_SECTOR;
                        data.get(start..(start + MINI_SECTOR).min(data.len()))
                    },
                )
            else {
                break;
            };
            bytes.extend_from_slice(data);
            mini = match self.mini_fat.get(at).copied() {
                None => mini + 1,
                Some(next) => next,
            };
        }
        bytes.truncate(size);
        bytes
    }
}

fn entry(raw: &[u8]) -> Option<Entry> {
    let kind = *raw.get(66)?;
    let len = usize::from(u16_le(raw, 64)?).min(64).saturating_sub(2);
    let name = encoding_rs::UTF_16LE.decode_without_bom_handling(part(raw, 0, len)?).0.into_owned();
    let links = [u32_le(raw, 68)?, u32_le(raw, 72)?, u32_le(raw, 76)?];
    // Small sectors belong to version 3, whose sizes have 32 bits and rubbish above them.
    let size = u64_le(raw, 120)?;
    let size = if size >> 32 != 0 { size & 0xffff_ffff } else { size };
    Some(Entry {
        name,
        is_stream: kind == 2,
        children: Vec::new(),
        size: if matches!(kind, 2 | 5) { size } else { 0 },
        start: u32_le(raw, 116)?,
        links: if kind == 0 { [u32::MAX; 3] } else { links },
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Cursor, Write};

    use super::*;
    use crate::limits::Limits;

    /// A compound file of these streams; `/` parts storages. Written by another program than this.
    pub(in crate::extract) fn written(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (path, data) in streams {
            let path = format!("/{path}");
            if let Some((storage, _)) = path.rsplit_once('/')
                && !storage.is_empty()
            {
                file.create_storage_all(storage).unwrap();
            }
            file.create_stream(&path).unwrap().write_all(data).unwrap();
        }
        file.into_inner().into_inner()
    }

    fn budget() -> Budget {
        Budget::new(&Limits::default(), 1 << 20)
    }

    #[test]
    fn streams_of_all_sizes_come_out_whole() {
        let large: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
        let bytes = written(&[("a", b"small"), ("Pool/b", &large), ("Pool/c", &large[..5000])]);
        let mut budget = budget();
        let mut file = Container::open(&bytes, &budget).unwrap();
        let a = file.find_stream(0, "A").unwrap();
        assert_eq!(file.read(a, &mut budget).unwrap(), b"small");
        let pool = file.find(0, "pool").unwrap();
        let b = file.find_stream(pool, "b").unwrap();
        assert!(file.read(b, &mut budget).unwrap() == large);
        let c = file.find_stream(pool, "c").unwrap();
        assert!(file.read(c, &mut budget).unwrap() == large[..5000]);
        assert_eq!(file.damage, None);
    }

    #[test]
    fn a_cut_file_gives_what_is_left() {
        let large: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
        let bytes = written(&[("b", &large)]);
        let mut budget = budget();
        let mut file = Container::open(&bytes[..100_000], &budget).unwrap();
        let b = file.find_stream(0, "b").unwrap();
        let left = file.read(b, &mut budget).unwrap();
        assert!(left.len() > 80_000 && large.starts_with(&left), "{}", left.len());
        assert!(file.damage.is_some());
    }

    #[test]
    fn circles_end() {
        let mut bytes = written(&[("b", &[7; 20_000])]);
        // Every entry of every table points to sector 3.
        let fat = u32_le(&bytes, 76).unwrap() as usize;
        let sector = 1 << u16_le(&bytes, 30).unwrap();
        for entry in bytes[(fat + 1) * sector..(fat + 2) * sector].chunks_exact_mut(4) {
            entry.copy_from_slice(&3u32.to_le_bytes());
        }
        let mut budget = budget();
        if let Ok(mut file) = Container::open(&bytes, &budget) {
            for i in 0..file.entries.len() {
                let read = file.read(i, &mut budget).unwrap();
                assert!(read.len() <= bytes.len());
            }
        }
    }
}
