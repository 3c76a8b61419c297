//! Learns what records look like: a trie of object keys for each table, whose nodes hold the
//! columns being filled.

mod entries;

use std::sync::Arc;

use super::{
    fields::Fields,
    place::{NodeId, Place, TableId},
};
use crate::{
    base::{ColumnPath, TablePath},
    column::Column,
    config::{SchemaPolicy, Treatment},
    plan::{Plan, Room},
    text::{joined, shortened},
    types::{Breach, Detection, Kinds},
};

mod rules;

/// Columns of a table from which on its size is looked at.
const WIDE: usize = 256;

/// Cells, empty ones too, from which on a chunk should be finished.
const MOST_CELLS: usize = 4 << 20;

/// Nodes that there may be in any case.
const SPARE_NODES: usize = 10_000;

/// Tables and columns met so far. Buffers are emptied with every chunk, the shape stays.
#[derive(Debug)]
pub(super) struct Shape {
    /// With a plan of the schema, if there is one.
    plan: Arc<Plan>,
    /// What every value needs: kept apart from the rest, because there are thousands and each value
    /// meets another one.
    pub(super) cells: Vec<Cell>,
    pub(super) nodes: Vec<Node>,
    pub(super) tables: Vec<Table>,
    /// Tables with rows in this chunk, in the order of their first rows; or the main table alone,
    /// without a row.
    pub(super) listed: Vec<TableId>,
    /// Most columns that a table has in this chunk.
    pub(super) widest: usize,
}

/// A path within the rows of a table: it may be a scalar in one record, an object in the next, an
/// array in a third.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) path: ColumnPath,
    table: TableId,
    fields: Fields,
    child: Option<TableId>,
    /// What a given schema or a type setting says of the column.
    room: Room,
    /// What its texts are to be taken for.
    pub(super) form: Detection,
    /// What happens to arrays that would be a table, if the given schema has none for them.
    refused: Option<Breach>,
    /// The rules that count the values here: their numbers, and whether only objects count.
    rules: Box<[(usize, bool)]>,
    /// True if there are rules for what may stand below.
    rules_below: bool,
    /// True if it is one of the chunk's places that were left out.
    left_out: bool,
}

/// The column of a node.
#[derive(Debug, Default)]
pub(super) struct Cell {
    /// The object in which the key was met last.
    stamp: u64,
    /// True if the column is one of this chunk's.
    pub(super) listed: bool,
    /// True if the given schema has no such column.
    unknown: bool,
    /// What the settings want done with its values.
    treatment: Treatment,
    pub(super) column: Column,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) path: TablePath,
    pub(super) parent: Option<TableId>,
    /// Position in the given schema.
    given: Option<usize>,
    policy: SchemaPolicy,
    root: NodeId,
    pub(super) rows: usize,
    /// What the next chunk will probably have: buffers that need not grow are faster.
    pub(super) expected_rows: usize,
    pub(super) parent_rows: Vec<u32>,
    pub(super) indexes: Vec<u32>,
    /// Rows that something is wrong with, in their order, and what.
    pub(super) errors: Vec<(u32, String)>,
    /// Rows that are entries of maps, in their order, and their keys.
    pub(super) keys: Vec<(u32, String)>,
    /// The table of items that could not be read.
    bad_items: Option<TableId>,
    /// This chunk's columns.
    pub(super) columns: Vec<NodeId>,
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

impl Shape {
    /// A shape that knows the main table only.
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        let mut shape = Self {
            plan,
            cells: Vec::new(),
            nodes: Vec::new(),
            tables: Vec::new(),
            listed: Vec::new(),
            widest: 0,
        };
        shape.add_table(TablePath::main(), None);
        shape
    }

    /// The main table and its root.
    pub(super) fn main_table(&self) -> (TableId, NodeId) {
        (0, self.tables[0].root)
    }

    /// The node of a table's item itself.
    pub(super) fn root(&self, table: TableId) -> NodeId {
        self.tables[table].root
    }

    /// Finds the node of a key in an object, or makes it. `next` is the field expected next: most
    /// records repeat the key order of the one before. `None` if the object, which `stamp` stands
    /// for, had the key already.
    #[inline]
    pub(super) fn field(
        &mut self,
        object: NodeId,
        key: &str,
        next: &mut usize,
        stamp: u64,
    ) -> Option<NodeId> {
        let node = if let Some(node) = self.nodes[object].fields.node(key, next) {
            node
        } else {
            let node = self.add_field(object, key);
            *next = self.nodes[object].fields.len();
            node
        };
        let met = std::mem::replace(&mut self.cells[node].stamp, stamp);
        (met != stamp).then_some(node)
    }

    /// What the settings want done with the values of a node.
    #[inline]
    pub(super) fn treatment(&self, node: NodeId) -> Treatment {
        self.cells[node].treatment
    }

    /// Rows of a table, and of the table of its items that could not be read.
    pub(super) fn row_counts(&self, table: TableId) -> [(TableId, usize); 2] {
        let errors = self.tables[table].bad_items.unwrap_or(table);
        [table, errors].map(|table| (table, self.tables[table].rows))
    }

    /// Gives a key to the rows of a table that were made after `before`, at most one.
    pub(super) fn name_row(&mut self, table: TableId, before: [(TableId, usize); 2], key: &str) {
        for (table, rows) in self.row_counts(table) {
            let known = before.iter().find(|(other, _)| *other == table);
            let before = known.map_or(0, |(_, rows)| *rows);
            let at = &mut self.tables[table];
            if rows > before
                && at
                    .keys
                    .last()
                    .is_none_or(|(row, _)| (*row as usize) < before)
            {
                at.keys.push((before as u32, key.to_owned()));
            }
        }
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

    /// The column of a path, ready for a value; `None` if the given schema has no such column.
    #[inline]
    pub(super) fn column(&mut self, node: NodeId) -> Option<&mut Column> {
        let cell = &mut self.cells[node];
        if !cell.listed {
            if cell.unknown {
                return None;
            }
            cell.listed = true;
            let columns = &mut self.tables[self.nodes[node].table].columns;
            columns.push(node);
            self.widest = self.widest.max(columns.len());
        }
        Some(&mut cell.column)
    }

    /// What a given schema or a type setting says of a column.
    pub(super) fn room(&self, node: NodeId) -> Room {
        self.nodes[node].room
    }

    /// What happens to arrays at a path that would be a table; `None` if they may be one.
    #[inline]
    pub(super) fn refused(&self, node: NodeId) -> Option<Breach> {
        self.nodes[node].refused
    }

    /// Where in the record a value stands, such as `items[2].price`.
    pub(super) fn field_path(&self, place: Place) -> String {
        let Node { path, table, .. } = &self.nodes[place.node];
        let mut words = vec![joined(path)];
        let (mut table, mut row) = (&self.tables[*table], place.row);
        while let (Some(parent), Some(hop)) = (table.parent, table.path.hops().last()) {
            let index = table.indexes.get(row).copied().unwrap_or_default();
            words.push(format!("{}[{index}]", joined(hop)));
            row = table.parent_rows.get(row).map_or(0, |row| *row as usize);
            table = &self.tables[parent];
        }
        words.reverse();
        words.retain(|word| !word.is_empty());
        shortened(words.join("."))
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

    /// Notes what is wrong with the table's last row, or one before it; `place` is the value's
    /// node.
    pub(super) fn mark_row(&mut self, node: NodeId, row: usize, message: &str) {
        let Node { path, table, .. } = &self.nodes[node];
        let message = if path.is_empty() {
            message.to_owned()
        } else {
            format!("{}: {message}", joined(path))
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

    /// Lists the main table, so that the chunk has its columns even without a row.
    pub(super) fn list_main_table(&mut self) {
        if self.listed.is_empty() {
            self.listed.push(0);
        }
    }

    /// Starts a row. `link` is the parent's row and the item's number.
    pub(super) fn begin_row(&mut self, table: TableId, link: Option<(usize, usize)>) -> usize {
        let at = &mut self.tables[table];
        // The main table may be listed for its columns alone; it is the last one then.
        if at.rows == 0 && self.listed.last() != Some(&table) {
            self.listed.push(table);
        }
        if let Some((parent_row, index)) = link {
            if at.rows == 0 {
                at.parent_rows.reserve(at.expected_rows);
                at.indexes.reserve(at.expected_rows);
            }
            at.parent_rows.push(parent_row as u32);
            at.indexes.push(index as u32);
        }
        at.rows += 1;
        at.rows - 1
    }

    /// True if the chunk's tables would need so much room that they should be finished first: most
    /// cells of wide tables are empty, but only before they are arrays.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.widest >= WIDE && {
            let tables = self.listed.iter().map(|table| &self.tables[*table]);
            let cells = tables.map(|table| table.rows * table.columns.len());
            cells.sum::<usize>() >= MOST_CELLS
        }
    }

    /// True if there are so many keys that most of them cannot become columns.
    pub(super) fn is_overgrown(&self) -> bool {
        let most = self.plan.settings.max_columns().saturating_mul(2);
        self.nodes.len() > most.saturating_add(SPARE_NODES)
    }

    /// Rows of a table in this chunk.
    pub(super) fn rows(&self, table: TableId) -> usize {
        self.tables[table].rows
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
        let keys = table
            .keys
            .partition_point(|(row, _)| (*row as usize) < mark.rows);
        table.keys.truncate(keys);
    }

    /// Takes back tables that got their first rows later.
    pub(super) fn truncate_tables(&mut self, listed: usize) {
        self.listed.truncate(listed);
    }

    /// The column of a path as it is, for taking values back.
    pub(super) fn column_as_is(&mut self, node: NodeId) -> &mut Column {
        &mut self.cells[node].column
    }

    fn add_table(&mut self, path: TablePath, parent: Option<TableId>) -> TableId {
        let table = self.tables.len();
        let of_parent = parent.map(|parent| self.tables[parent].policy);
        let (given, policy) = match &self.plan.schema {
            Some(schema) if !path.is_errors() => {
                let given = schema.table(&path);
                (given, schema.policy(given, of_parent))
            }
            _ => (None, SchemaPolicy::Evolve),
        };
        self.tables.push(Table {
            path,
            parent,
            given,
            policy,
            root: 0,
            rows: 0,
            expected_rows: 0,
            parent_rows: Vec::new(),
            indexes: Vec::new(),
            errors: Vec::new(),
            keys: Vec::new(),
            bad_items: None,
            columns: Vec::new(),
            record: 0,
        });
        self.tables[table].root = self.add_node(ColumnPath::from([]), table);
        table
    }

    fn add_field(&mut self, object: NodeId, key: &str) -> NodeId {
        let key: Arc<str> = key.into();
        let parent = &self.nodes[object];
        let path: ColumnPath = parent
            .path
            .iter()
            .cloned()
            .chain([Arc::clone(&key)])
            .collect();
        let table = parent.table;
        let node = self.add_node(path, table);
        self.nodes[object].fields.add(key, node);
        node
    }

    fn add_node(&mut self, path: ColumnPath, table: TableId) -> NodeId {
        let (room, refused) = self.room_for(&path, table);
        let rules = self.rules_for(&path, table);
        let treatment = Treatment {
            form: matches!(room, Room::Pinned(pin) if pin.form != Kinds::NONE),
            ..rules.treatment
        };
        let Table {
            path: of, given, ..
        } = &self.tables[table];
        let schema = self.plan.schema.as_ref();
        let form = schema.map(|schema| schema.form(*given, of, &path));
        self.nodes.push(Node {
            path,
            table,
            fields: Fields::default(),
            child: None,
            room,
            form: Detection::of(form.unwrap_or_default()),
            refused,
            rules: rules.counting,
            rules_below: rules.below,
            left_out: false,
        });
        self.cells.push(Cell {
            unknown: matches!(room, Room::Unknown(_)),
            treatment,
            ..Cell::default()
        });
        self.nodes.len() - 1
    }

    /// True if the given schema has all the columns that a place's table may have.
    pub(super) fn is_given_full(&self, node: NodeId) -> bool {
        let given = self.tables[self.table_of(node)].given;
        let schema = self.plan.schema.as_ref();
        let table = given.and_then(|given| schema?.tables.get(given));
        table.is_some_and(|table| table.columns.len() >= self.plan.settings.max_columns())
    }

    /// What a plan of the schema says of a place: of scalars and of arrays that would be a table.
    fn room_for(&self, path: &ColumnPath, table: TableId) -> (Room, Option<Breach>) {
        let Table {
            path: table_path,
            given,
            policy,
            ..
        } = &self.tables[table];
        let plan = &self.plan;
        let Some(schema) = plan.schema.as_ref().filter(|_| !table_path.is_errors()) else {
            return (Room::Free, None);
        };
        let room = schema.room((*given, *policy), table_path, path);
        let breach = match policy {
            SchemaPolicy::Evolve => return (room, None),
            SchemaPolicy::Freeze => Breach::Fail,
            SchemaPolicy::Discard => Breach::Drop,
        };
        let child = schema.table(&table_path.child(Arc::clone(path)));
        (room, child.is_none().then_some(breach))
    }
}
