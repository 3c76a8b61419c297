//! Keeps the rows of the current record, and makes their ids when the record is accepted.

use std::{collections::BTreeMap, mem, sync::Arc};

use indexmap::IndexMap;

use super::fields::FieldColumns;
use crate::shred::{
    place::{NodeId, TableId},
    shape::Shape,
};
use crate::{
    config::{CompositeIds, IdFormula, Ids, Row, ids},
    plan::Plan,
    shred::given_ids::GivenIds,
    value::Value,
};

/// The rows of the current record, and the ids of those before it.
#[derive(Debug)]
pub(in crate::shred) struct Rows {
    keeps: Keeps,
    tables: Vec<TableRows>,
    /// Tables in which the record has rows, every one after its parent.
    of_record: Vec<TableId>,
    /// The id of the record's main row, where it is made of the record.
    main: Option<String>,
    /// Names of columns.
    names: Vec<Option<Arc<str>>>,
    /// How the input writes the cells of the record, by their keys, where ids are made of that.
    written: BTreeMap<String, String>,
    /// For composite ids: the columns of their fields, which fields the current row has, and how
    /// many of the chunk's rows have each.
    fields: FieldColumns,
    has: Vec<bool>,
    with_field: Vec<u64>,
}

/// The fields of a record.
type Fields = IndexMap<String, Value, ahash::RandomState>;

/// Which cells of a row its id is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeps {
    All,
    /// Those of fields of composite ids.
    Fields,
    Nothing,
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

impl Rows {
    pub(super) fn new(plan: &Plan) -> Self {
        let keeps = match (&plan.settings.ids, plan.settings.id_formula) {
            (Ids::Hash, IdFormula::Linked) => Keeps::Nothing,
            (Ids::Composite(_), IdFormula::Linked) => Keeps::Fields,
            _ => Keeps::All,
        };
        let fields = match &plan.settings.ids {
            Ids::Composite(composite) => composite.fields().count(),
            _ => 0,
        };
        Self {
            keeps,
            tables: Vec::new(),
            of_record: Vec::new(),
            main: None,
            names: Vec::new(),
            written: BTreeMap::new(),
            fields: FieldColumns::default(),
            has: vec![false; fields],
            with_field: vec![0; fields],
        }
    }

    /// Takes note of a new row.
    pub(super) fn begin(&mut self, table: TableId, row: usize) {
        if self.tables.len() <= table {
            self.tables.resize_with(table + 1, TableRows::default);
        }
        let at = &mut self.tables[table];
        if at.rows.is_empty() {
            self.of_record.push(table);
            at.first = row;
        }
        at.rows.push(Vec::new());
    }

    /// Takes note of a cell.
    pub(super) fn cell(
        &mut self,
        shape: &Shape,
        node: NodeId,
        row: usize,
        value: impl FnOnce() -> Value,
    ) {
        let keeps = match self.keeps {
            Keeps::All => true,
            Keeps::Fields => !self.fields.of(shape, node).is_empty(),
            Keeps::Nothing => false,
        };
        if keeps {
            let table = &mut self.tables[shape.table_of(node)];
            table.rows[row - table.first].push((node, value()));
        }
    }

    pub(super) fn take_ids(&mut self, table: TableId) -> Option<GivenIds> {
        Some(mem::take(&mut self.tables.get_mut(table)?.ids))
    }

    pub(super) fn take_rows_with(&mut self) -> Vec<u64> {
        let none = vec![0; self.with_field.len()];
        mem::replace(&mut self.with_field, none)
    }

    pub(super) fn set_written(&mut self, cells: impl Iterator<Item = (String, String)>) {
        self.written.clear();
        self.written.extend(cells);
    }

    pub(super) fn forget_record(&mut self) {
        self.main = None;
        self.written.clear();
        self.has.fill(false);
        for table in self.of_record.drain(..) {
            self.tables[table].rows.clear();
        }
    }

    /// Makes the main row's id where it is made of the record.
    pub(super) fn make_main(
        &mut self,
        record: &Value,
        fields: &Fields,
        shape: &Shape,
        plan: &Plan,
    ) {
        let as_written = self.as_written(fields);
        let fields = as_written.as_ref().unwrap_or(fields);
        let of_record = || fields.iter().map(|(key, value)| (&**key, value));
        self.main = match (&plan.settings.ids, plan.settings.id_formula) {
            (Ids::Hash, IdFormula::Linked) => Some(ids::linked_main(of_record())),
            (Ids::Hash, IdFormula::Python) => Some(ids::hash(of_record())),
            (Ids::Composite(composite), formula) => {
                for (has, field) in std::iter::zip(&mut self.has, composite.fields()) {
                    *has = fields.contains_key(field);
                }
                let (table, _) = shape.main_table();
                let rows = self.tables.get(table).map(|table| &table.rows);
                let cells = rows.and_then(|rows| rows.first()).cloned();
                let mut cells = cells.unwrap_or_default();
                if let Some(texts) = &as_written {
                    for (node, value) in &mut cells {
                        if let [key] = &**shape.path(*node)
                            && let Some(text) = texts.get(&**key)
                        {
                            *value = text.clone();
                        }
                    }
                }
                match formula {
                    IdFormula::Linked => self.linked_main(composite, fields, &cells, shape),
                    IdFormula::Python => {
                        let row = self.named(shape, plan, table, cells);
                        Some(composite.id(Some(record), &row))
                    }
                }
            }
            _ => None,
        };
    }

    /// The record with its cells as the input writes them, if that was set. Null cells stay null.
    fn as_written(&mut self, fields: &Fields) -> Option<Fields> {
        if self.written.is_empty() {
            return None;
        }
        let mut written = mem::take(&mut self.written);
        let text = |(key, value): (&String, &Value)| {
            let text = match value {
                Value::Null => Value::Null,
                _ => written
                    .remove(key)
                    .map_or_else(|| value.clone(), Value::Text),
            };
            (key.clone(), text)
        };
        Some(fields.iter().map(text).collect())
    }

    /// The id of a main row; `None` if it has none of the fields.
    fn linked_main(
        &mut self,
        composite: &CompositeIds,
        record: &Fields,
        cells: &[(NodeId, Value)],
        shape: &Shape,
    ) -> Option<String> {
        let of_row = self.fields.values(composite, cells, shape);
        let fields: Vec<(&str, &Value)> = std::iter::zip(composite.fields(), of_row)
            .map(|(field, of_row)| (field, record.get(field).or(of_row).unwrap_or(&Value::Null)))
            .collect();
        let is_any = fields
            .iter()
            .any(|(_, value)| !matches!(value, Value::Null));
        is_any.then(|| ids::linked_main(fields.into_iter()))
    }

    /// Makes ids of the record's rows.
    pub(super) fn make_ids(&mut self, shape: &Shape, plan: &Plan) {
        let mut main = self.main.take();
        for table in mem::take(&mut self.of_record) {
            let first = self.tables[table].first;
            for (number, cells) in mem::take(&mut self.tables[table].rows)
                .into_iter()
                .enumerate()
            {
                // The main row comes first, and what its record has was noted when its id was made.
                self.count_fields(&cells, shape);
                // Only the main row has an id already.
                let id = main
                    .take()
                    .or_else(|| self.id(table, first + number, cells, shape, plan));
                self.tables[table].ids.push(id.as_deref());
            }
        }
    }

    fn id(
        &mut self,
        table: TableId,
        row: usize,
        cells: Vec<(NodeId, Value)>,
        shape: &Shape,
        plan: &Plan,
    ) -> Option<String> {
        match (&plan.settings.ids, plan.settings.id_formula) {
            (Ids::Custom(custom), _) => custom.id(&self.named(shape, plan, table, cells)),
            (Ids::Hash, IdFormula::Python) => {
                Some(ids::hash(self.named(shape, plan, table, cells).iter()))
            }
            (Ids::Composite(composite), IdFormula::Python) => {
                let row = self.named(shape, plan, table, cells);
                Some(composite.id(None, &row))
            }
            (Ids::Hash, IdFormula::Linked) => self.linked_child(table, row, shape, &[]),
            (Ids::Composite(composite), IdFormula::Linked) => {
                let values = self.fields.values(composite, &cells, shape);
                let fields: Vec<(&str, &Value)> = std::iter::zip(composite.fields(), values)
                    .filter_map(|(field, value)| Some((field, value?)))
                    .collect();
                self.linked_child(table, row, shape, &fields)
            }
            _ => None,
        }
    }

    /// The id of a child row; `None` if its parent row has none, so that it is as random as that
    /// one is.
    fn linked_child(
        &self,
        table: TableId,
        row: usize,
        shape: &Shape,
        fields: &[(&str, &Value)],
    ) -> Option<String> {
        let (parent, parent_row, entry) = shape.entry(table, row)?;
        let parent = self.tables.get(parent)?.ids.get(parent_row)?;
        let hop = shape.table_path(table).hops().last()?;
        let fields = fields.iter().map(|(field, value)| (*field, *value));
        Some(ids::linked_child(parent, hop, entry, fields))
    }

    /// Counts the row for each field of composite ids that it has.
    fn count_fields(&mut self, cells: &[(NodeId, Value)], shape: &Shape) {
        if self.has.is_empty() {
            return;
        }
        for (node, _) in cells {
            for (field, _) in self.fields.of(shape, *node) {
                self.has[*field] = true;
            }
        }
        for (rows, has) in std::iter::zip(&mut self.with_field, &mut self.has) {
            *rows += u64::from(mem::take(has));
        }
    }

    fn named<'s>(
        &mut self,
        shape: &'s Shape,
        plan: &Plan,
        table: TableId,
        cells: Vec<(NodeId, Value)>,
    ) -> Row<'s> {
        let cells = cells.into_iter().map(|(node, value)| {
            if self.names.len() <= node {
                self.names.resize(node + 1, None);
            }
            let name = self.names[node].get_or_insert_with(|| {
                let table = shape.table_path(shape.table_of(node));
                plan.settings.column_name(table, shape.path(node)).into()
            });
            (Arc::clone(name), value)
        });
        Row::new(shape.table_path(table), cells)
    }
}
