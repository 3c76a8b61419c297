//! What the records look like: a trie of object keys for each table, whose nodes hold the columns under construction.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{ShreddedColumn, ShreddedTable, notes::Notes, watch::Watch};
use crate::{
    column::Column,
    error::Result,
    path::{ColumnPath, TablePath},
};

/// Position of a node in [`Shape::nodes`].
pub(super) type NodeId = usize;
/// Position of a table in [`Shape::tables`].
pub(super) type TableId = usize;

/// Tables and columns met so far. Buffers are emptied with every chunk, the shape stays.
#[derive(Debug)]
pub(super) struct Shape {
    /// What every value needs: kept apart from the rest, because there are thousands and each value meets another one.
    cells: Vec<Cell>,
    nodes: Vec<Node>,
    tables: Vec<Table>,
    /// Tables with rows in this chunk, in the order of their first rows.
    listed: Vec<TableId>,
}

/// A path within the rows of a table: it may be a scalar in one record, an object in the next, an array in a third.
#[derive(Debug)]
struct Node {
    path: ColumnPath,
    table: TableId,
    fields: IndexMap<Arc<str>, NodeId, ahash::RandomState>,
    child: Option<TableId>,
}

/// The column of a node.
#[derive(Debug, Default)]
struct Cell {
    /// The object in which the key was met last.
    stamp: u64,
    /// True if the column is one of this chunk's.
    listed: bool,
    column: Column,
}

#[derive(Debug)]
struct Table {
    path: TablePath,
    parent: Option<TableId>,
    root: NodeId,
    rows: usize,
    parent_rows: Vec<u32>,
    indexes: Vec<u32>,
    /// Rows that something is wrong with, in their order, and what.
    errors: Vec<(u32, String)>,
    /// The table of items that could not be read.
    bad_items: Option<TableId>,
    /// This chunk's columns.
    columns: Vec<NodeId>,
    /// The record that made rows here last.
    record: u64,
}

/// A table as it was when a record began.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableMark {
    table: TableId,
    rows: usize,
    columns: usize,
    errors: usize,
}

impl Default for Shape {
    fn default() -> Self {
        let mut shape = Self {
            cells: Vec::new(),
            nodes: Vec::new(),
            tables: Vec::new(),
            listed: Vec::new(),
        };
        shape.add_table(TablePath::main(), None);
        shape
    }
}

impl Shape {
    /// The main table and its root.
    pub(super) fn main_table(&self) -> (TableId, NodeId) {
        (0, self.tables[0].root)
    }

    /// The node of a table's item itself.
    pub(super) fn root(&self, table: TableId) -> NodeId {
        self.tables[table].root
    }

    /// Finds the node of a key in an object, or makes it. `next` is the field expected next: most records repeat the
    /// key order of the one before. `None` if the object, which `stamp` stands for, had the key already.
    #[inline]
    pub(super) fn field(
        &mut self,
        object: NodeId,
        key: &str,
        next: &mut usize,
        stamp: u64,
    ) -> Option<NodeId> {
        let fields = &self.nodes[object].fields;
        let node = match fields.get_index(*next) {
            Some((expected, &node)) if **expected == *key => {
                *next += 1;
                node
            }
            _ => {
                if let Some((index, _, &node)) = fields.get_full(key) {
                    *next = index + 1;
                    node
                } else {
                    let node = self.add_field(object, key);
                    *next = self.nodes[object].fields.len();
                    node
                }
            }
        };
        let met = std::mem::replace(&mut self.cells[node].stamp, stamp);
        (met != stamp).then_some(node)
    }

    /// The table that a node belongs to.
    pub(super) fn table_of(&self, node: NodeId) -> TableId {
        self.nodes[node].table
    }

    /// A node's keys within a row.
    pub(super) fn path(&self, node: NodeId) -> &ColumnPath {
        &self.nodes[node].path
    }

    /// A table's path.
    pub(super) fn table_path(&self, table: TableId) -> &TablePath {
        &self.tables[table].path
    }

    /// The column of a path, ready for a value.
    #[inline]
    pub(super) fn column(&mut self, node: NodeId) -> &mut Column {
        let cell = &mut self.cells[node];
        if !cell.listed {
            cell.listed = true;
            self.tables[self.nodes[node].table].columns.push(node);
        }
        &mut cell.column
    }

    /// The table of the arrays at a path.
    pub(super) fn child_table(&mut self, node: NodeId) -> TableId {
        if let Some(table) = self.nodes[node].child {
            return table;
        }
        let parent = self.nodes[node].table;
        let path = self.tables[parent]
            .path
            .child(Arc::clone(&self.nodes[node].path));
        let table = self.add_table(path, Some(parent));
        self.nodes[node].child = Some(table);
        table
    }

    /// The table of items of a table that could not be read.
    pub(super) fn errors_table(&mut self, table: TableId) -> TableId {
        if let Some(errors) = self.tables[table].bad_items {
            return errors;
        }
        let Table { path, parent, .. } = &self.tables[table];
        let errors = self.add_table(path.errors(), *parent);
        self.tables[table].bad_items = Some(errors);
        errors
    }

    /// Notes what is wrong with the table's last row, or one before it; `place` is the value's node.
    pub(super) fn mark_row(&mut self, node: NodeId, row: usize, message: &str) {
        let Node { path, table, .. } = &self.nodes[node];
        let message = if path.is_empty() {
            message.to_owned()
        } else {
            format!("{}: {message}", path.join("."))
        };
        let errors = &mut self.tables[*table].errors;
        let at = errors.partition_point(|(other, _)| (*other as usize) < row);
        match errors.get_mut(at) {
            Some((other, all)) if *other as usize == row => {
                all.push_str("; ");
                all.push_str(&message);
            }
            _ => errors.insert(at, (row as u32, message)),
        }
    }

    /// Starts a row. `link` is the parent's row and the item's number.
    pub(super) fn begin_row(&mut self, table: TableId, link: Option<(usize, usize)>) -> usize {
        let at = &mut self.tables[table];
        if at.rows == 0 {
            self.listed.push(table);
        }
        if let Some((parent_row, index)) = link {
            at.parent_rows.push(parent_row as u32);
            at.indexes.push(index as u32);
        }
        at.rows += 1;
        at.rows - 1
    }

    /// Number of tables with rows in this chunk.
    pub(super) fn tables_listed(&self) -> usize {
        self.listed.len()
    }

    /// The record that made rows in a table last.
    pub(super) fn last_record(&mut self, table: TableId) -> &mut u64 {
        &mut self.tables[table].record
    }

    /// How much a table holds now.
    pub(super) fn mark(&self, table: TableId) -> TableMark {
        let at = &self.tables[table];
        TableMark {
            table,
            rows: at.rows,
            columns: at.columns.len(),
            errors: at.errors.len(),
        }
    }

    /// Takes back what came after a mark.
    pub(super) fn truncate(&mut self, mark: TableMark) {
        let table = &mut self.tables[mark.table];
        for node in table.columns.drain(mark.columns..) {
            let cell = &mut self.cells[node];
            cell.listed = false;
            cell.column = Column::default();
        }
        for node in &table.columns {
            self.cells[*node].column.truncate(mark.rows);
        }
        table.rows = mark.rows;
        table.parent_rows.truncate(mark.rows);
        table.indexes.truncate(mark.rows);
        table.errors.truncate(mark.errors);
    }

    /// Takes back tables that got their first rows later.
    pub(super) fn truncate_tables(&mut self, listed: usize) {
        self.listed.truncate(listed);
    }

    /// The column of a path as it is, for taking values back.
    pub(super) fn column_as_is(&mut self, node: NodeId) -> &mut Column {
        &mut self.cells[node].column
    }

    /// Empties all buffers into tables.
    pub(super) fn finish(
        &mut self,
        watch: &mut Watch,
        mut notes: Option<&mut Notes>,
    ) -> Result<Vec<ShreddedTable>> {
        let listed = std::mem::take(&mut self.listed);
        let mut tables = Vec::with_capacity(listed.len());
        for &id in &listed {
            let of_table = notes.as_mut().map(|notes| notes.take(self, id));
            let table = &mut self.tables[id];
            let rows = std::mem::take(&mut table.rows);
            let mut columns = Vec::with_capacity(table.columns.len());
            for node in table.columns.drain(..) {
                let cell = &mut self.cells[node];
                cell.listed = false;
                let values = cell.column.take().finish(rows)?;
                columns.push(ShreddedColumn {
                    path: Arc::clone(&self.nodes[node].path),
                    values,
                    lists: watch.take_lists(node),
                });
            }
            tables.push(ShreddedTable {
                path: table.path.clone(),
                parent: table
                    .parent
                    .and_then(|parent| listed.iter().position(|id| *id == parent)),
                rows,
                parent_rows: std::mem::take(&mut table.parent_rows),
                indexes: std::mem::take(&mut table.indexes),
                errors: std::mem::take(&mut table.errors),
                columns,
                ids: watch.take_ids(id),
                notes: of_table.unwrap_or_default(),
            });
        }
        if let Some(notes) = notes {
            notes.end_chunk();
        }
        Ok(tables)
    }

    fn add_table(&mut self, path: TablePath, parent: Option<TableId>) -> TableId {
        let table = self.tables.len();
        let root = self.add_node(ColumnPath::from([]), table);
        self.tables.push(Table {
            path,
            parent,
            root,
            rows: 0,
            parent_rows: Vec::new(),
            indexes: Vec::new(),
            errors: Vec::new(),
            bad_items: None,
            columns: Vec::new(),
            record: 0,
        });
        table
    }

    fn add_field(&mut self, object: NodeId, key: &str) -> NodeId {
        let key: Arc<str> = key.into();
        let parent = &self.nodes[object];
        let path = parent
            .path
            .iter()
            .cloned()
            .chain([Arc::clone(&key)])
            .collect();
        let node = self.add_node(path, parent.table);
        self.nodes[object].fields.insert(key, node);
        node
    }

    fn add_node(&mut self, path: ColumnPath, table: TableId) -> NodeId {
        self.nodes.push(Node {
            path,
            table,
            fields: IndexMap::default(),
            child: None,
        });
        self.cells.push(Cell::default());
        self.nodes.len() - 1
    }
}
