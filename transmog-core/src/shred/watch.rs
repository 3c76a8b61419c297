//! What ids need and columns do not say: the rows of the record under way as they were pushed, or which cells were lists or JSON text.
//! Nothing at all for most kinds of ids.

use std::{mem, sync::Arc};

use super::{
    Shredder,
    shape::{NodeId, Shape, TableId},
};
use crate::{
    column::Scalar,
    config::Config,
    ids::{self, GivenIds, Ids, Row},
    value::Value,
};

#[derive(Debug)]
pub(super) enum Watch {
    Nothing,
    Lists(Lists),
    Rows(Rows),
}

/// Rows of columns that hold lists or JSON text.
#[derive(Debug, Default)]
pub(super) struct Lists {
    by_node: Vec<Vec<u32>>,
    /// The columns that the record under way put such into, each as often as it did.
    of_record: Vec<NodeId>,
}

/// The rows of the record under way, and the ids of those before it.
#[derive(Debug, Default)]
pub(super) struct Rows {
    tables: Vec<TableRows>,
    /// Tables in which the record has rows.
    of_record: Vec<TableId>,
    /// The id of the record's main row, where it is made of the record.
    main: Option<String>,
    /// Names of columns.
    names: Vec<Option<Arc<str>>>,
}

#[derive(Debug, Default)]
struct TableRows {
    /// Number of the record's first row.
    first: usize,
    /// The record's rows.
    rows: Vec<Vec<(NodeId, Value)>>,
    /// Ids of the chunk's rows.
    ids: GivenIds,
}

impl Watch {
    pub(super) fn new(config: &Config) -> Self {
        match config.ids {
            Ids::Composite(_) | Ids::Hash | Ids::Custom(_) => Self::Rows(Rows::default()),
            Ids::Natural(_) => Self::Lists(Lists::default()),
            _ => Self::Nothing,
        }
    }

    /// Takes note of a new row.
    #[inline]
    pub(super) fn row(&mut self, table: TableId, row: usize) {
        if let Self::Rows(rows) = self {
            if rows.tables.len() <= table {
                rows.tables.resize_with(table + 1, TableRows::default);
            }
            let at = &mut rows.tables[table];
            if at.rows.is_empty() {
                rows.of_record.push(table);
                at.first = row;
            }
            at.rows.push(Vec::new());
        }
    }

    /// Takes note of a scalar.
    #[inline]
    pub(super) fn scalar(&mut self, shape: &Shape, node: NodeId, row: usize, value: Scalar<'_>) {
        match self {
            Self::Rows(rows) => rows.cell(shape, node, row, value.to_value()),
            Self::Lists(lists) if matches!(value, Scalar::Json(_)) => lists.push(node, row),
            _ => {}
        }
    }

    /// Takes note of a list.
    pub(super) fn list(&mut self, shape: &Shape, node: NodeId, row: usize, list: &[Scalar<'_>]) {
        match self {
            Self::Nothing => {}
            Self::Lists(lists) => lists.push(node, row),
            Self::Rows(rows) => {
                let items = list.iter().map(|item| item.to_value()).collect();
                rows.cell(shape, node, row, Value::Array(items));
            }
        }
    }

    /// Makes ids of the record's rows, or forgets it.
    pub(super) fn end_record(&mut self, taken: bool, shape: &Shape, config: &Config) {
        match self {
            Self::Nothing => {}
            Self::Lists(lists) => {
                for node in lists.of_record.drain(..) {
                    if !taken {
                        lists.by_node[node].pop();
                    }
                }
            }
            Self::Rows(rows) if taken => rows.make_ids(shape, config),
            Self::Rows(rows) => rows.forget_record(),
        }
    }

    /// The chunk's ids of a table.
    pub(super) fn take_ids(&mut self, table: TableId) -> Option<GivenIds> {
        let Self::Rows(rows) = self else { return None };
        Some(mem::take(&mut rows.tables.get_mut(table)?.ids))
    }

    /// The chunk's rows of a column that hold lists or JSON text.
    pub(super) fn take_lists(&mut self, node: NodeId) -> Vec<u32> {
        match self {
            Self::Lists(lists) => lists.by_node.get_mut(node).map(mem::take),
            _ => None,
        }
        .unwrap_or_default()
    }
}

impl Lists {
    fn push(&mut self, node: NodeId, row: usize) {
        if self.by_node.len() <= node {
            self.by_node.resize_with(node + 1, Vec::new);
        }
        self.by_node[node].push(row as u32);
        self.of_record.push(node);
    }
}

impl Rows {
    fn cell(&mut self, shape: &Shape, node: NodeId, row: usize, value: Value) {
        let table = &mut self.tables[shape.table_of(node)];
        table.rows[row - table.first].push((node, value));
    }

    fn forget_record(&mut self) {
        self.main = None;
        for table in self.of_record.drain(..) {
            self.tables[table].rows.clear();
        }
    }

    fn make_ids(&mut self, shape: &Shape, config: &Config) {
        let mut main = self.main.take();
        for table in mem::take(&mut self.of_record) {
            for cells in mem::take(&mut self.tables[table].rows) {
                // Only the main row has an id already.
                let id = main.take().or_else(|| {
                    let row = self.named(shape, config, table, cells);
                    match &config.ids {
                        Ids::Composite(composite) => Some(composite.id(None, &row)),
                        Ids::Hash => Some(ids::hash(row.iter())),
                        Ids::Custom(custom) => custom.id(&row),
                        _ => None,
                    }
                });
                self.tables[table].ids.push(id.as_deref());
            }
        }
    }

    fn named<'s>(
        &mut self,
        shape: &'s Shape,
        config: &Config,
        table: TableId,
        cells: Vec<(NodeId, Value)>,
    ) -> Row<'s> {
        let cells = cells.into_iter().map(|(node, value)| {
            if self.names.len() <= node {
                self.names.resize(node + 1, None);
            }
            let name = self.names[node].get_or_insert_with(|| {
                let table = shape.table_path(shape.table_of(node));
                config.column_name(table, shape.path(node)).into()
            });
            (Arc::clone(name), value)
        });
        Row::new(shape.table_path(table), cells)
    }
}

impl Shredder {
    /// True if ids are made of whole input records: they are then read into [`Value`]s before they are shredded.
    pub fn needs_values(&self) -> bool {
        matches!(self.config.ids, Ids::Composite(_) | Ids::Hash)
    }

    /// Makes the main row's id where it is made of the record.
    pub(super) fn watch_record(&mut self, record: &Value) {
        let Value::Object(fields) = record else {
            return;
        };
        if !self.needs_values() {
            return;
        }
        self.put_kept(0);
        let Watch::Rows(rows) = &mut self.watch else {
            return;
        };
        rows.main = match &self.config.ids {
            Ids::Hash => Some(ids::hash(fields.iter().map(|(key, value)| (&**key, value)))),
            Ids::Composite(composite) => {
                let (table, _) = self.shape.main_table();
                let cells = rows.tables[table].rows.first().cloned().unwrap_or_default();
                let row = rows.named(&self.shape, &self.config, table, cells);
                Some(composite.id(Some(record), &row))
            }
            _ => None,
        };
    }
}
