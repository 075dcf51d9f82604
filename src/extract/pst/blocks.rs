//! The lower half of a mailbox file ([MS-PST] 2.2): trees of nodes and of blocks, and the data of a
//! node out of its blocks. Three shapes: of Outlook 97 (numbers of 32 bits), of 2003 (64 bits), and
//! of offline mailboxes since 2013 (large pages, packed blocks).

use std::collections::{HashMap, HashSet};

use flate2::read::ZlibDecoder;

use super::coding::Coding;
use crate::error::Skip;
use crate::extract::bytes::{part, u16_le, u32_le, u64_le};
use crate::limits::Budget;

/// Levels of a tree of pages: eight hold more than a file can.
const MAX_LEVELS: u32 = 8;
/// Blocks of one node: 32 levels of lists are two at most.
const MAX_LISTS: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Ansi,
    Unicode,
    LargePages,
}

/// A node: its id, its data, the nodes below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) id: u32,
    pub(super) data: u64,
    pub(super) below: u64,
    pub(super) parent: u32,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    at: u64,
    len: u16,
    /// Length after unpacking, where it is packed.
    unpacked: u16,
}

pub(super) struct File<'a> {
    bytes: &'a [u8],
    shape: Shape,
    coding: Coding,
    blocks: HashMap<u64, Block>,
    /// By id.
    pub(super) nodes: Vec<Node>,
    pub(super) damage: Option<Skip>,
}

impl<'a> File<'a> {
    pub(super) fn open(bytes: &'a [u8], budget: &Budget) -> Result<File<'a>, Skip> {
        let broken = || Skip::damaged("pst", "header ends early");
        let shape = match u16_le(bytes, 10).ok_or_else(broken)? {
            14 | 15 => Shape::Ansi,
            23..=35 => Shape::Unicode,
            36.. => Shape::LargePages,
            _ => return Err(Skip::damaged("pst", "of no known version")),
        };
        let (nodes_at, blocks_at, method_at) = match shape {
            Shape::Ansi => (188, 196, 461),
            _ => (224, 240, 513),
        };
        let method = *bytes.get(method_at).ok_or_else(broken)?;
        let coding = Coding::of(method).ok_or(Skip::Encrypted { format: "pst" })?;
        let mut file =
            File { bytes, shape, coding, blocks: HashMap::new(), nodes: Vec::new(), damage: None };
        let root = |file: &File, at| file.word(at).ok_or_else(broken);
        let (nodes_root, blocks_root) = (root(&file, nodes_at)?, root(&file, blocks_at)?);
        let mut seen = HashSet::new();
        file.walk(blocks_root, 0x80, MAX_LEVELS, &mut seen, budget)?;
        seen.clear();
        file.walk(nodes_root, 0x81, MAX_LEVELS, &mut seen, budget)?;
        file.nodes.sort_by_key(|node| node.id);
        Ok(file)
    }

    /// A number as wide as this shape has them.
    fn word(&self, at: usize) -> Option<u64> {
        word(self.bytes, at, self.shape)
    }

    fn width(&self) -> usize {
        if self.shape == Shape::Ansi { 4 } else { 8 }
    }

    fn damaged(&mut self, detail: &'static str) {
        self.damage.get_or_insert_with(|| Skip::damaged("pst", detail));
    }

    /// Reads a tree of pages: leaves of the kind 0x80 are blocks, of 0x81 nodes.
    fn walk(
        &mut self,
        at: u64,
        kind: u8,
        levels: u32,
        seen: &mut HashSet<u64>,
        budget: &Budget,
    ) -> Result<(), Skip> {
        budget.in_time()?;
        if levels == 0 || !seen.insert(at) {
            self.damaged("tree of pages goes in circles");
            return Ok(());
        }
        // Where the count stands, and the kind of the page.
        let (size, count_at, kind_at) = match self.shape {
            Shape::Ansi => (512, 496, 500),
            Shape::Unicode => (512, 488, 496),
            Shape::LargePages => (4096, 4056, 4072),
        };
        let bytes = self.bytes;
        let page = usize::try_from(at).ok().and_then(|at| part(bytes, at, size));
        let Some(page) = page.filter(|page| page.get(kind_at) == Some(&kind)) else {
            self.damaged("a page of a tree is lost");
            return Ok(());
        };
        let field = |at: usize| page.get(at).copied().map_or(0, usize::from);
        let (count, entry, level) = if self.shape == Shape::LargePages {
            let count = u16_le(page, count_at).map_or(0, usize::from);
            (count, field(count_at + 4), field(count_at + 5))
        } else {
            (field(count_at), field(count_at + 2), field(count_at + 3))
        };
        let entries = page.get(..count_at).unwrap_or_default();
        if entry == 0 {
            return Ok(());
        }
        for raw in entries.chunks_exact(entry).take(count) {
            let width = self.width();
            if level > 0 {
                if let Some(below) = word(raw, 2 * width, self.shape) {
                    self.walk(below, kind, levels - 1, seen, budget)?;
                }
            } else if kind == 0x80 {
                self.add_block(raw);
            } else {
                self.add_node(raw);
            }
        }
        Ok(())
    }

    fn add_block(&mut self, raw: &[u8]) {
        let width = self.width();
        let id = word(raw, 0, self.shape);
        let at = word(raw, width, self.shape);
        if let (Some(id), Some(at), Some(len)) = (id, at, u16_le(raw, 2 * width)) {
            let unpacked = match self.shape {
                Shape::LargePages => u16_le(raw, 2 * width + 2).unwrap_or(len),
                _ => len,
            };
            self.blocks.insert(id & !1, Block { at, len, unpacked });
        }
    }

    fn add_node(&mut self, raw: &[u8]) {
        let width = self.width();
        let number = |i: usize| word(raw, i * width, self.shape);
        if let (Some(id), Some(data), Some(below)) = (number(0), number(1), number(2)) {
            let parent = u32_le(raw, 3 * width).unwrap_or(0);
            self.nodes.push(Node { id: id as u32, data, below, parent });
        }
    }

    /// One block as it is meant.
    fn block(&self, id: u64, budget: &mut Budget) -> Result<Vec<u8>, Skip> {
        const INTERNAL: u64 = 2;
        let lost = || Skip::damaged("pst", "a block is lost");
        let block = self.blocks.get(&(id & !1)).ok_or_else(lost)?;
        let at = usize::try_from(block.at).map_err(|_| lost())?;
        let raw = part(self.bytes, at, block.len.into()).ok_or_else(lost)?;
        budget.charge(raw.len() as u64)?;
        let mut data = if block.unpacked != block.len && block.unpacked > 0 {
            budget.read_all("pst", ZlibDecoder::new(raw))?
        } else {
            raw.to_vec()
        };
        if id & INTERNAL == 0 {
            self.coding.decode(&mut data, id);
        }
        Ok(data)
    }

    /// The data of a node, block by block. What cannot be read of it is left out and told.
    pub(super) fn data(&mut self, id: u64, budget: &mut Budget) -> Result<Vec<Vec<u8>>, Skip> {
        let mut blocks = Vec::new();
        if id != 0 {
            self.gather(id, MAX_LISTS, &mut blocks, budget)?;
        }
        Ok(blocks)
    }

    fn gather(
        &mut self,
        id: u64,
        lists: u32,
        blocks: &mut Vec<Vec<u8>>,
        budget: &mut Budget,
    ) -> Result<(), Skip> {
        const INTERNAL: u64 = 2;
        let data = match self.block(id, budget) {
            Ok(data) => data,
            Err(over @ Skip::OverBudget(_)) => return Err(over),
            Err(_) => {
                self.damaged("a block is lost");
                return Ok(());
            }
        };
        if id & INTERNAL == 0 {
            blocks.push(data);
            return Ok(());
        }
        // A list of blocks: kind 1, count, length, ids.
        if data.first() != Some(&1) || lists == 0 {
            self.damaged("a list of blocks cannot be read");
            return Ok(());
        }
        let count = usize::from(u16_le(&data, 2).unwrap_or(0));
        for i in 0..count {
            let Some(id) = word(&data, 8 + i * self.width(), self.shape) else { break };
            self.gather(id, lists - 1, blocks, budget)?;
        }
        Ok(())
    }

    /// The nodes below a node.
    pub(super) fn below(&mut self, id: u64, budget: &mut Budget) -> Result<Vec<Node>, Skip> {
        let mut nodes = Vec::new();
        if id != 0 {
            self.list_below(id, 2, &mut nodes, budget)?;
        }
        Ok(nodes)
    }

    fn list_below(
        &mut self,
        id: u64,
        levels: u32,
        nodes: &mut Vec<Node>,
        budget: &mut Budget,
    ) -> Result<(), Skip> {
        // Lists of nodes are never veiled.
        let data = match self.block(id | 2, budget) {
            Ok(data) => data,
            Err(over @ Skip::OverBudget(_)) => return Err(over),
            Err(_) => {
                self.damaged("a list of nodes is lost");
                return Ok(());
            }
        };
        if data.first() != Some(&2) || levels == 0 {
            self.damaged("a list of nodes cannot be read");
            return Ok(());
        }
        let (width, shape) = (self.width(), self.shape);
        let start = if shape == Shape::Ansi { 4 } else { 8 };
        let count = usize::from(u16_le(&data, 2).unwrap_or(0));
        let leaf = data.get(1) == Some(&0);
        let entries = data.get(start..).unwrap_or_default();
        let entry = if leaf { 3 * width } else { 2 * width };
        for raw in entries.chunks_exact(entry).take(count) {
            let number = |i: usize| word(raw, i * width, shape).unwrap_or(0);
            if leaf {
                let (data, below) = (number(1), number(2));
                nodes.push(Node { id: number(0) as u32, data, below, parent: 0 });
            } else {
                self.list_below(number(1), levels - 1, nodes, budget)?;
            }
        }
        Ok(())
    }
}

fn word(bytes: &[u8], at: usize, shape: Shape) -> Option<u64> {
    match shape {
        Shape::Ansi => u32_le(bytes, at).map(u64::from),
        _ => u64_le(bytes, at),
    }
}
