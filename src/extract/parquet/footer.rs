//! What the end of a Parquet file says: the columns, and where their chunks lie (parquet.thrift).

use super::thrift::Thrift;
use crate::extract::bytes::{part, u32_le};

pub(super) const MAGIC: &[u8] = b"PAR1";
/// The end of a file whose footer is encrypted.
pub(super) const LOCKED: &[u8] = b"PARE";
/// Columns, groups and notes of a file that a person or a program made are far fewer. Each takes a
/// byte of the file at least and a hundred in memory.
const MAX_ENTRIES: usize = 100_000;
/// Notes longer than this are schemas of other programs.
const MAX_NOTE: usize = 4 << 10;

/// Physical types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    Fixed(usize),
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Type,
    /// Digits behind the point, where the value is a decimal.
    pub(super) scale: Option<u32>,
    /// Levels of definition and of repetition.
    pub(super) max_def: u32,
    pub(super) max_rep: u32,
}

/// The values of one column in one group of rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunk {
    pub(super) codec: i64,
    pub(super) values: u64,
    pub(super) at: usize,
    pub(super) len: usize,
    /// Encrypted, or in another file.
    pub(super) elsewhere: bool,
    pub(super) locked: bool,
}

#[derive(Debug, Default)]
pub(super) struct Footer {
    pub(super) columns: Vec<Column>,
    pub(super) groups: Vec<Vec<Chunk>>,
    /// What programs noted, name and value.
    pub(super) notes: String,
}

/// One line of the schema, as it stands in the file: a tree, walked from the root.
#[derive(Default)]
struct Element {
    kind: Option<i64>,
    length: usize,
    repetition: i64,
    name: String,
    children: usize,
    converted: Option<i64>,
    scale: Option<i64>,
    decimal: Option<i64>,
}

const REQUIRED: i64 = 0;
const REPEATED: i64 = 2;
const DECIMAL: i64 = 5;

impl Footer {
    pub(super) fn read(bytes: &[u8]) -> Option<Footer> {
        let end = bytes.len().checked_sub(8)?;
        let len = u32_le(bytes, end)? as usize;
        let footer = part(bytes, end.checked_sub(len)?, len)?;
        let mut out = Footer::default();
        let (mut schema, mut entries) = (Vec::new(), 0usize);
        let mut more = || {
            entries += 1;
            (entries <= MAX_ENTRIES).then_some(())
        };
        Thrift::new(footer, 0).fields(|t, id, _| {
            match id {
                2 => t.list(|t| {
                    more()?;
                    schema.push(element(t)?);
                    Some(())
                })?,
                4 => t.list(|t| {
                    let mut chunks = Vec::new();
                    t.fields(|t, id, _| {
                        if id != 1 {
                            return Some(false);
                        }
                        t.list(|t| {
                            more()?;
                            chunks.push(chunk(t)?);
                            Some(())
                        })?;
                        Some(true)
                    })?;
                    more()?;
                    out.groups.push(chunks);
                    Some(())
                })?,
                5 => t.list(|t| {
                    more()?;
                    note(t, &mut out.notes)
                })?,
                _ => return Some(false),
            }
            Some(true)
        })?;
        out.columns = columns(schema)?;
        Some(out)
    }
}

fn element(t: &mut Thrift<'_>) -> Option<Element> {
    let mut element = Element::default();
    t.fields(|t, id, _| {
        match id {
            1 => element.kind = Some(t.int()?),
            2 => element.length = t.size()?,
            3 => element.repetition = t.int()?,
            4 => element.name = t.text()?,
            5 => element.children = t.size()?,
            6 => element.converted = Some(t.int()?),
            7 => element.scale = Some(t.int()?),
            // The logical type: of these only decimals matter.
            10 => t.fields(|t, id, _| {
                if id != DECIMAL as i16 {
                    return Some(false);
                }
                t.fields(|t, id, _| {
                    if id == 1 {
                        element.decimal = Some(t.int()?);
                    }
                    Some(id == 1)
                })?;
                Some(true)
            })?,
            _ => return Some(false),
        }
        Some(true)
    })?;
    Some(element)
}

fn chunk(t: &mut Thrift<'_>) -> Option<Chunk> {
    let mut chunk = Chunk::default();
    let (mut data, mut dictionary) = (0, None);
    t.fields(|t, id, _| {
        match id {
            1 => chunk.elsewhere = !t.binary()?.is_empty(),
            3 => t.fields(|t, id, _| {
                match id {
                    4 => chunk.codec = t.int()?,
                    5 => chunk.values = u64::try_from(t.int()?).ok()?,
                    7 => chunk.len = t.size()?,
                    9 => data = t.size()?,
                    11 => dictionary = Some(t.size()?),
                    _ => return Some(false),
                }
                Some(true)
            })?,
            // How the column is encrypted.
            8 => {
                chunk.locked = true;
                return Some(false);
            }
            _ => return Some(false),
        }
        Some(true)
    })?;
    // Some writers say 0 where there is no dictionary.
    chunk.at = dictionary.filter(|at| (1..data).contains(at)).unwrap_or(data);
    Some(chunk)
}

fn note(t: &mut Thrift<'_>, notes: &mut String) -> Option<()> {
    let (mut name, mut value) = (String::new(), String::new());
    t.fields(|t, id, _| {
        match id {
            1 => name = t.text()?,
            2 => value = t.text()?,
            _ => return Some(false),
        }
        Some(true)
    })?;
    if value.len() <= MAX_NOTE && name != "ARROW:schema" {
        notes.push_str(&format!("{name}: {value}\n"));
    }
    Some(())
}

/// The leaves of the tree, named by the way to them.
fn columns(schema: Vec<Element>) -> Option<Vec<Column>> {
    /// Groups within groups.
    const MAX_DEPTH: usize = 64;
    struct Group {
        left: usize,
        name: String,
        def: u32,
        rep: u32,
    }
    let mut elements = schema.into_iter();
    let root = elements.next()?;
    let mut groups = vec![Group { left: root.children, name: String::new(), def: 0, rep: 0 }];
    let mut columns = Vec::new();
    for element in elements {
        while groups.last().is_some_and(|group| group.left == 0) {
            groups.pop();
        }
        let group = groups.last_mut()?;
        group.left = group.left.checked_sub(1)?;
        let def = group.def + u32::from(element.repetition != REQUIRED);
        let rep = group.rep + u32::from(element.repetition == REPEATED);
        // Wrappers of lists have names of their own that say nothing.
        let wraps = matches!(element.name.as_str(), "list" | "element" | "array" | "bag" | "item");
        let name = match (group.name.as_str(), element.name.as_str()) {
            (above, _) if wraps && !above.is_empty() => above.to_owned(),
            ("", own) => own.to_owned(),
            (above, own) => format!("{above}.{own}"),
        };
        if element.children > 0 {
            if groups.len() == MAX_DEPTH {
                return None;
            }
            groups.push(Group { left: element.children, name, def, rep });
            continue;
        }
        let kind = match element.kind? {
            0 => Type::Bool,
            1 => Type::Int32,
            2 => Type::Int64,
            3 => Type::Int96,
            4 => Type::Float,
            5 => Type::Double,
            6 => Type::Bytes,
            7 => Type::Fixed(element.length),
            _ => return None,
        };
        let decimal = element.converted == Some(DECIMAL);
        let scale = element.decimal.or(element.scale.filter(|_| decimal));
        let scale = scale.or(decimal.then_some(0)).map(|scale| u32::try_from(scale).unwrap_or(0));
        columns.push(Column { name, kind, scale, max_def: def, max_rep: rep });
    }
    Some(columns)
}
