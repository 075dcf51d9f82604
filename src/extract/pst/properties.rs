//! The upper half of a mailbox file ([MS-PST] 2.3): heaps on the data of nodes, trees in heaps,
//! and the properties in those.

use super::blocks::{File, Node};
use crate::error::Skip;
use crate::extract::bytes::{part, u16_le, u32_le};
use crate::limits::Budget;

const HEAP: u8 = 0xec;
const PROPERTIES: u8 = 0xbc;
const TREE: u8 = 0xb5;
/// Levels of a tree in a heap, and records of one.
const MAX_LEVELS: u8 = 4;
const MAX_RECORDS: usize = 100_000;

/// The blocks of a node, cut up by the maps at their ends.
pub(super) struct Heap(Vec<Vec<u8>>);

impl Heap {
    pub(super) fn new(blocks: Vec<Vec<u8>>) -> Option<Heap> {
        let first = blocks.first()?;
        (first.get(2) == Some(&HEAP)).then_some(Heap(blocks))
    }

    /// What kind of thing is in the heap, and where it begins.
    fn root(&self) -> Option<(u8, u32)> {
        let first = self.0.first()?;
        Some((*first.get(3)?, u32_le(first, 4)?))
    }

    /// A piece of the heap. Ids of pieces have zeros in their lowest five bits.
    fn piece(&self, id: u32) -> Option<&[u8]> {
        let block = self.0.get((id >> 16) as usize)?;
        let index = ((id & 0xffff) >> 5) as usize;
        let map = usize::from(u16_le(block, 0)?);
        let count = usize::from(u16_le(block, map)?);
        if index == 0 || index > count {
            return None;
        }
        let bound = |i: usize| u16_le(block, map.checked_add(4 + 2 * i)?).map(usize::from);
        block.get(bound(index - 1)?..bound(index)?)
    }

    /// Records of the tree at `id`: key and data together.
    fn records(&self, id: u32) -> Vec<&[u8]> {
        let mut records = Vec::new();
        let Some(header) = self.piece(id).filter(|piece| piece.first() == Some(&TREE)) else {
            return records;
        };
        let field = |i: usize| header.get(i).copied().unwrap_or(0);
        let (key, data, levels) = (field(1), field(2), field(3).min(MAX_LEVELS));
        if let Some(root) = u32_le(header, 4) {
            self.descend(root, key.into(), data.into(), levels, &mut records);
        }
        records
    }

    fn descend<'h>(
        &'h self,
        id: u32,
        key: usize,
        data: usize,
        levels: u8,
        records: &mut Vec<&'h [u8]>,
    ) {
        let Some(piece) = self.piece(id) else { return };
        let len = key + if levels == 0 { data } else { 4 };
        if len == 0 {
            return;
        }
        for record in piece.chunks_exact(len) {
            if records.len() >= MAX_RECORDS {
                return;
            }
            if levels == 0 {
                records.push(record);
            } else if let Some(below) = u32_le(record, key) {
                self.descend(below, key, data, levels - 1, records);
            }
        }
    }
}

/// A value of a property: its type, and its bytes or where they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Property {
    pub(super) id: u16,
    pub(super) kind: u16,
    pub(super) value: u32,
}

/// The properties of one item, and what its larger values are kept in.
pub(super) struct Properties {
    heap: Heap,
    below: Vec<Node>,
    pub(super) list: Vec<Property>,
}

impl Properties {
    pub(super) fn read(
        file: &mut File,
        data: u64,
        below: &[Node],
        budget: &mut Budget,
    ) -> Result<Option<Properties>, Skip> {
        let blocks = file.data(data, budget)?;
        let Some(heap) = Heap::new(blocks) else { return Ok(None) };
        let Some((PROPERTIES, root)) = heap.root() else { return Ok(None) };
        let list = heap
            .records(root)
            .into_iter()
            .filter_map(|record| {
                let (id, kind) = (u16_le(record, 0)?, u16_le(record, 2)?);
                Some(Property { id, kind, value: u32_le(record, 4)? })
            })
            .collect();
        Ok(Some(Properties { heap, below: below.to_vec(), list }))
    }

    pub(super) fn get(&self, id: u16) -> Option<Property> {
        self.list.iter().copied().find(|property| property.id == id)
    }

    /// The bytes of a value that does not fit in four: in the heap, or in a node below.
    pub(super) fn bytes(
        &self,
        property: Property,
        file: &mut File,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Skip> {
        let id = property.value;
        if id == 0 {
            return Ok(Vec::new());
        }
        if id & 0x1f == 0 {
            let piece = self.heap.piece(id).unwrap_or_default();
            budget.charge(piece.len() as u64)?;
            return Ok(piece.to_vec());
        }
        match self.below.iter().find(|node| node.id == id) {
            Some(node) => Ok(file.data(node.data, budget)?.concat()),
            None => Ok(Vec::new()),
        }
    }

    /// The node that an object's value names ([MS-PST] 2.4.6.2.2): its id stands first.
    pub(super) fn object(&self, property: Property) -> Option<Node> {
        let piece = self.heap.piece(property.value)?;
        let id = u32_le(part(piece, 0, 4)?, 0)?;
        self.below.iter().copied().find(|node| node.id == id)
    }
}
