//! Shreds records: puts their values straight into typed column buffers, table by table.
//!
//! No tree of values is built, no map for each row and no string for each field. This module names
//! no parser: values come through serde, cell by cell where records are rows, or as a [`Value`]
//! where a record had to be read exactly.
//!
//! ```text
//! a parser      from_serde  \
//! a value       from_value   > shape: which column? -> column buffers -> seal -> ShreddedChunk
//! rows of cells rows        /                journal: rolls a bad record back
//! ```

use std::sync::Arc;

use crate::{
    base::Result,
    config::{Cast, EmptyText, Header as CsvHeader, Nulls, TooDeep},
    plan::Plan,
    types::Kinds,
    value::{Scalar, Value},
};

mod array_items;
mod chunk;
mod fields;
mod from_serde;
mod from_value;
mod given_ids;
mod id_inputs;
mod journal;
mod json_cell;
mod path_rules;
mod place;
mod round_trip;
mod rounded;
mod rows;
mod rule_uses;
mod schema_check;
mod seal;
mod shape;

pub use chunk::{ShreddedChunk, ShreddedColumn, ShreddedTable};
pub use from_serde::{PartSeed, RecordSeed};
pub use given_ids::GivenIds;
pub use round_trip::PathNotes;
pub use rounded::Rounded;
pub use schema_check::Dropped;

pub(crate) use round_trip::{Mark, ONLY};

use array_items::Part;
use id_inputs::IdInputs;
use journal::Journal;
use place::{Item, Place, TableId};
use round_trip::Notes;
use rounded::Nearest;
use rows::Header;
use rule_uses::Met;
use schema_check::Violations;
use shape::Shape;

/// Turns records into columns, chunk by chunk. What it has learnt of the records' shape it keeps
/// across chunks.
///
/// ```
/// use serde::de::DeserializeSeed;
/// use transmog_core::{Config, Plan, Shredder};
///
/// let plan = Plan::compile(&Config::default(), "events")?;
/// let mut shredder = Shredder::new(plan.into());
/// let mut json = serde_json::Deserializer::from_str(r#"{"id": 1, "tags": ["a", "b"]}"#);
/// shredder.record(|seed| seed.deserialize(&mut json))?;
/// let chunk = shredder.seal()?;
/// assert_eq!(chunk.records, 1);
/// assert_eq!(chunk.tables[1].rows, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Shredder {
    plan: Arc<Plan>,
    shape: Shape,
    journal: Journal,
    records: u64,
    counts: Counts,
    /// Changes with every object, so that a key that comes twice in one object is noticed.
    stamp: u64,
    cell: Vec<u8>,
    /// JSON text of arrays that stay in rows beside their tables. It comes after the other columns
    /// of its row.
    kept: Vec<(Place, String)>,
    id_inputs: IdInputs,
    /// The array whose items the chunk holds, instead of records.
    part: Option<Part>,
    /// The keys of rows of cells.
    header: Header,
    /// What cells do not say, where the settings ask for it.
    notes: Option<Box<Notes>>,
    violations: Violations,
    nearest: Nearest,
    met: Met,
    /// The plan as it was given; `plan` has its paths as the header means them.
    run_plan: Arc<Plan>,
    /// The header of the CSV input that the chunk is of, if columns are not called as it spells
    /// them.
    headed: Option<Arc<CsvHeader>>,
}

/// Values of the chunk so far, see [`ShreddedChunk`].
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    read: u64,
    rejected: u64,
    excluded: u64,
}

impl Shredder {
    /// A shredder without any record.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            id_inputs: IdInputs::new(&plan),
            notes: plan.settings.keeps_empties().then(Box::default),
            shape: Shape::new(Arc::clone(&plan)),
            met: Met::new(plan.settings.rules.count()),
            run_plan: Arc::clone(&plan),
            headed: None,
            plan,
            journal: Journal::default(),
            records: 0,
            counts: Counts::default(),
            stamp: 0,
            cell: Vec::new(),
            kept: Vec::new(),
            part: None,
            header: Header::default(),
            violations: Violations::default(),
            nearest: Nearest::default(),
        }
    }

    /// Takes a record from a parser: `read` drives the seed with its deserializer and checks that
    /// nothing follows.
    ///
    /// Besides the parser's own errors the seed fails on what the fast path cannot take: a record
    /// that is no object, a key that comes twice in an object, a float that may stand for an
    /// integer, and what a given schema has no room for. Such a record can be read into a [`Value`]
    /// and handed to [`record_value`](Self::record_value).
    ///
    /// Floats are taken as they come. How a parser of text hands over numbers whose digits a float
    /// does not keep stands at [`NUMBERS_AS_WRITTEN`](crate::NUMBERS_AS_WRITTEN).
    ///
    /// # Errors
    /// Whatever `read` gives; the shredder is then as it was before.
    pub fn record<E>(
        &mut self,
        read: impl FnOnce(RecordSeed<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.begin_record();
        let result = read(RecordSeed::new(self));
        self.end_record(result.is_ok());
        result
    }

    /// Takes a record that was read exactly.
    ///
    /// # Errors
    /// If it is not an object, or holds what a given schema has no room for; the shredder is then
    /// as it was before.
    pub fn record_value(&mut self, record: &Value) -> Result<()> {
        self.begin_record();
        let result = self.walk_record(record);
        self.end_record(result.is_ok());
        result
    }

    /// Records taken since the last chunk was sealed.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// True if the chunk should be sealed before more records come: as arrays, its tables take much
    /// room. What is made of the records does not depend on it.
    pub fn is_full(&self) -> bool {
        self.shape.is_full()
    }

    fn begin_record(&mut self) {
        self.stamp += 1;
        self.kept.clear();
        self.violations.begin_record();
        self.met.begin_record();
        self.journal
            .begin(self.stamp, self.shape.tables_listed(), self.counts);
    }

    fn end_record(&mut self, taken: bool) {
        self.settle(taken);
        self.records += u64::from(taken);
    }

    /// Ends a record, or an item of one that is still open, and takes it back if it is not taken.
    fn settle(&mut self, taken: bool) {
        if !taken {
            self.counts = self.journal.roll_back(&mut self.shape);
            self.met.take_back_record(&mut self.shape);
        }
        self.violations.end_record(taken);
        self.nearest.end_record(taken);
        self.id_inputs.end_record(taken, &self.shape, &self.plan);
        if let Some(notes) = &mut self.notes {
            notes.end_record(taken);
        }
    }

    /// Starts a row of a table.
    fn begin_row(&mut self, table: TableId, link: Option<(usize, usize)>) -> usize {
        self.journal.touch(&mut self.shape, table);
        let row = self.shape.begin_row(table, link);
        self.id_inputs.row(table, row);
        row
    }

    fn main_place(&mut self) -> Place {
        let (table, node) = self.shape.main_table();
        let row = self.begin_row(table, None);
        Place {
            node,
            row,
            depth: 0,
            level: 0,
            limit: self.plan.settings.max_depth,
        }
    }

    /// The place of the fields of an item that is an object.
    fn item_place(&mut self, item: Item) -> Place {
        let row = self.begin_row(item.table, Some((item.parent_row, item.index)));
        let node = self.shape.root(item.table);
        Place {
            node,
            row,
            depth: item.depth,
            level: item.level,
            limit: item.limit,
        }
    }

    /// The first item of an array at a place; later ones differ in `index`.
    fn first_item(&mut self, place: Place) -> Item {
        let table = self.shape.child_table(place.node);
        let per_item = self.plan.settings.too_deep == TooDeep::DropPerItem;
        Item {
            table,
            node: place.node,
            way: self.shape.treatment(self.shape.root(table)).way,
            parent_row: place.row,
            index: 0,
            depth: place.depth + 1,
            level: if per_item { 0 } else { place.level + 1 },
            limit: if per_item {
                crate::config::PER_ITEM_DEPTH
            } else {
                place.limit
            },
        }
    }

    /// True if an array at this place must not become a table.
    fn array_too_deep(&self, place: Place) -> bool {
        match self.plan.settings.too_deep {
            TooDeep::Json => place.level + 1 >= place.limit,
            TooDeep::Drop | TooDeep::DropPerItem => place.depth >= self.plan.settings.max_depth,
        }
    }

    /// Puts a scalar into its cell, by the settings' value rules.
    #[inline]
    fn put(&mut self, place: Place, value: Scalar<'_>) {
        if self.notes.is_some() {
            self.note_scalar(place, value);
        }
        match value {
            Scalar::Null => match self.plan.settings.nulls {
                Nulls::Keep => self.push(place, Scalar::Null),
                Nulls::Drop => {}
                Nulls::EmptyText => self.push(place, Scalar::Text("")),
            },
            Scalar::Text("") => match self.plan.settings.empty_text {
                EmptyText::Keep => self.push(place, value),
                EmptyText::Drop => self.exclude(1),
                EmptyText::Null => {
                    self.exclude(1);
                    self.push(place, Scalar::Null);
                }
            },
            Scalar::Text(_) => self.push(place, value),
            Scalar::Number(number) => self.put_number(place, number),
            _ => self.put_cast(place, value),
        }
    }

    /// Puts what is neither null nor text into its cell, by the cast setting.
    #[inline]
    fn put_cast(&mut self, place: Place, value: Scalar<'_>) {
        if self.plan.settings.cast == Cast::Off {
            return self.push(place, value);
        }
        let mut cell = std::mem::take(&mut self.cell);
        cell.clear();
        self.spell(value, &mut cell);
        // Only ASCII was written.
        self.push(
            place,
            Scalar::Text(std::str::from_utf8(&cell).unwrap_or_default()),
        );
        self.cell = cell;
    }

    /// Appends a scalar as the cast setting spells it.
    fn spell(&self, value: Scalar<'_>, out: &mut Vec<u8>) {
        match value {
            Scalar::Bool(value) if self.plan.settings.cast == Cast::PythonText => {
                out.extend_from_slice(if value { b"True" } else { b"False" });
            }
            other => other.write(out),
        }
    }

    #[inline]
    fn push(&mut self, place: Place, value: Scalar<'_>) {
        self.counts.read += u64::from(!matches!(value, Scalar::Null));
        let column = self.shape.column(place.node);
        if column.is_some_and(|column| column.push_like(place.row, value)) {
            self.id_inputs
                .scalar(&self.shape, place.node, place.row, value);
        } else {
            self.push_other(place, value);
        }
    }

    /// Puts a scalar into a cell whose column does not hold such values as they are, or does not
    /// exist.
    #[inline(never)]
    fn push_other(&mut self, place: Place, value: Scalar<'_>) {
        let Some(column) = self.shape.column(place.node) else {
            return self.unknown(place, u64::from(!matches!(value, Scalar::Null)));
        };
        let seen = column.seen();
        let before = column.push(place.row, value);
        if before.is_some() || column.seen() != seen {
            let found = (value.kind(), Kinds::NONE);
            if !self.saw(place, before, seen, found) {
                return;
            }
        }
        self.id_inputs
            .scalar(&self.shape, place.node, place.row, value);
    }

    fn push_list(&mut self, place: Place, list: &[Scalar<'_>]) {
        self.counts.read += 1;
        let Some(column) = self.shape.column(place.node) else {
            return self.unknown(place, 1);
        };
        let seen = column.seen();
        let before = column.push_list(place.row, list);
        let kinds = list.iter().map(Scalar::kind);
        let found = (Kinds::LIST, kinds.fold(Kinds::NONE, Kinds::join));
        if self.saw(place, before, seen, found) {
            self.id_inputs
                .list(&self.shape, place.node, place.row, list);
        }
    }

    /// Puts a value into its cell as JSON text.
    fn put_json(&mut self, place: Place, value: &Value) {
        self.count_below(place, value);
        if let Some(json) = self.json(place, value) {
            self.note_json(place);
            self.push(place, Scalar::Json(&json));
        }
    }

    /// Puts kept arrays into their cells, from this one on: all that were met in a row that ends
    /// here.
    fn put_kept(&mut self, first: usize) {
        if self.kept.len() == first {
            return;
        }
        let mut kept = std::mem::take(&mut self.kept);
        for (place, json) in kept.drain(first..) {
            self.note_json(place);
            self.push(place, Scalar::Json(&json));
        }
        self.kept = kept;
    }

    /// Counts a value that could not be read, if nothing of it is left.
    fn lose(&mut self, rest: &Value) {
        let lost = u64::from(matches!(rest, Value::Null));
        self.counts.read += lost;
        self.counts.rejected += lost;
    }

    /// Counts values that the settings leave out.
    fn exclude(&mut self, leaves: u64) {
        self.counts.read += leaves;
        self.counts.excluded += leaves;
    }

    fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }
}
