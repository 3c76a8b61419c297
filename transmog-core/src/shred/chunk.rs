//! What shredding produces: the tables of a chunk of records, each with its columns by path. The
//! catalog gives them names.
//!
//! ```text
//! {"id": 7, "items": [{"no": "a"}, {"no": "b"}]}      {"id": 8, "items": []}
//!
//! main table   rows 2   column id        7, 8
//! items        rows 2   column no        a, b
//!                       parent_rows      0, 0
//!                       indexes          0, 1
//! ```

use std::sync::Arc;

use super::{Dropped, GivenIds, PathNotes, Rounded};
use crate::{
    base::{ColumnPath, TablePath},
    column::SealedColumn,
    config::Header,
};

/// The tables that the records of a chunk made.
#[derive(Debug, Clone)]
pub struct ShreddedChunk {
    /// Records taken.
    pub records: u64,
    /// Values read, nulls not counted.
    pub leaves_read: u64,
    /// Values that could not be read, of records that were kept.
    pub rejected: u64,
    /// Values left out because the settings ask for it.
    pub excluded: u64,
    /// Values left out because the given schema has no room for them, by place.
    pub dropped: Vec<Dropped>,
    /// Numbers that became the float next to them, by column.
    pub rounded: Vec<Rounded>,
    /// For each rule of the settings that is about values, how many stood at its path; see
    /// [`RuleUse`](crate::RuleUse).
    pub met: Vec<u64>,
    /// The same for the columns of a header without rows; `None` if the chunk is no such header.
    /// See [`add_columns`](crate::Shredder::add_columns).
    pub met_by_header: Option<Vec<u64>>,
    /// Places that no rule selects, if there are such rules, in the order in which they were met.
    pub left_out: Vec<(TablePath, ColumnPath)>,
    /// The header of the CSV input that the records are of, if columns are not called as it spells
    /// them.
    pub header: Option<Arc<Header>>,
    /// For each field of composite ids, how many rows have it; empty for other ids.
    pub id_fields: Vec<u64>,
    /// Tables with at least one row, in the order in which their first rows were made: every table
    /// after its parent. The main table may have [columns without a
    /// row](super::Shredder::add_columns).
    pub tables: Vec<ShreddedTable>,
}

impl ShreddedChunk {
    /// Bytes of its columns, about.
    pub fn bytes(&self) -> usize {
        let columns = self.tables.iter().flat_map(|table| &table.columns);
        columns.map(|column| column.values.bytes()).sum()
    }
}

/// The rows that a chunk adds to one table.
#[derive(Debug, Clone)]
pub struct ShreddedTable {
    /// The table.
    pub path: TablePath,
    /// Position of the parent table in the chunk; `None` for the main table, and for a child table
    /// whose rows belong to the next row of the parent table, which is still open.
    pub parent: Option<usize>,
    /// Number of rows.
    pub rows: usize,
    /// For each row, the row of the parent table in this chunk; empty for the main table.
    pub parent_rows: Vec<u32>,
    /// For each row, the item's number in its array; empty for the main table.
    pub indexes: Vec<u32>,
    /// What all `indexes` count from.
    pub first_index: u64,
    /// Rows that something is wrong with, in their order, and what.
    pub errors: Vec<(u32, String)>,
    /// Rows that are entries of a map, in their order, and their keys.
    pub keys: Vec<(u32, String)>,
    /// The columns, in the order in which their paths were met.
    pub columns: Vec<ShreddedColumn>,
    /// Ids that were made of the rows, where the settings ask for that.
    pub ids: Option<GivenIds>,
    /// What the cells do not say, where the settings ask for that; in no order.
    pub notes: Vec<PathNotes>,
}

/// A column of a chunk.
#[derive(Debug, Clone)]
pub struct ShreddedColumn {
    /// The column.
    pub path: ColumnPath,
    /// Its values.
    pub values: SealedColumn,
    /// Rows that hold lists or JSON text, in order; noted only where natural ids need it.
    pub lists: Vec<u32>,
}

impl ShreddedColumn {
    /// The first row in which it holds something.
    pub(crate) fn first_row(&self) -> Option<u32> {
        let first = self.values.places().next();
        first.map(|(row, _)| row as u32)
    }
}
