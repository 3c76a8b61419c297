//! Handles values that a given schema or a type setting has no room for. Asked only when a column
//! sees a kind of values for the first time in a chunk, so that ordinary values pay nothing.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Place, Shredder, place::NodeId, shape::Shape};
use crate::{
    base::{ColumnPath, Error, ErrorKind, Location, Result, TablePath},
    column::Column,
    config::{EmptyText, Nulls},
    plan::Room,
    types::{Breach, Detection, Kinds, spelled},
    value::Value,
};

/// Values that were dropped at one place, because the given schema has no room for them and the
/// policy is to discard them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The table that has the rows.
    pub table: TablePath,
    /// The keys within a row.
    pub path: ColumnPath,
    /// True if they were the items of an array, which would be a table.
    pub is_table: bool,
    /// How many values, nulls not counted.
    pub values: u64,
    /// How many rows of that table.
    pub rows: u64,
}

/// What did not fit.
#[derive(Debug, Default)]
pub(super) struct Violations {
    /// The first of the current record.
    first: Option<Error>,
    /// True if violations are marked and left out, rather than errors.
    pub(super) marked: bool,
    /// Of the current record: places, whether an array stands there, and how many values and rows.
    dropped: Vec<((NodeId, bool), [u64; 2])>,
    /// Of the chunk.
    all_dropped: IndexMap<(NodeId, bool), [u64; 2], ahash::RandomState>,
}

impl Violations {
    pub(super) fn begin_record(&mut self) {
        self.first = None;
        self.dropped.clear();
    }

    /// True if the current record must not be taken.
    pub(super) fn any(&self) -> bool {
        self.first.is_some()
    }

    /// The error of the current record.
    pub(super) fn check(&mut self) -> Result<()> {
        self.first.take().map_or(Ok(()), Err)
    }

    pub(super) fn end_record(&mut self, taken: bool) {
        for (place, [values, rows]) in self.dropped.drain(..).filter(|_| taken) {
            let sums = self.all_dropped.entry(place).or_default();
            *sums = [sums[0] + values, sums[1] + rows];
        }
    }

    /// What was dropped of the chunk's records, in the order in which it was first met.
    pub(super) fn take_dropped(&mut self, shape: &Shape) -> Vec<Dropped> {
        let dropped = std::mem::take(&mut self.all_dropped).into_iter();
        let dropped = dropped.map(|((node, is_table), [values, rows])| Dropped {
            table: shape.table_path(shape.table_of(node)).clone(),
            path: Arc::clone(shape.path(node)),
            is_table,
            values,
            rows,
        });
        dropped.collect()
    }
}

impl Shredder {
    /// Takes what fits of a record that was read exactly, and marks in its rows what does not.
    ///
    /// # Errors
    /// If it is not an object; the shredder is then as it was before.
    pub fn keep_value(&mut self, record: &Value) -> Result<()> {
        self.violations.marked = true;
        let result = self.record_value(record);
        self.violations.marked = false;
        result
    }

    /// True if the cells of a flat input's column are text, which they are then as written, and
    /// false if they are of another type, where a given schema or a type setting says so.
    pub fn is_text(&self, column: &str) -> Option<bool> {
        self.plan.schema.as_ref()?.flat(column)
    }

    /// Says what is wrong with a record that [`record_value`](Self::record_value) would refuse.
    ///
    /// # Errors
    /// What that would give.
    pub fn check_record(&mut self, record: &Value) -> Result<()> {
        self.begin_record();
        let result = self.walk_record(record);
        self.end_record(false);
        result
    }

    /// Notes that a column has seen something new, and takes the value back if there is no room for
    /// such. True if it stays.
    #[cold]
    #[inline(never)]
    pub(super) fn saw(
        &mut self,
        place: Place,
        before: Option<Column>,
        seen: (Kinds, Kinds),
        found: (Kinds, Kinds),
    ) -> bool {
        let now = self.shape.column_as_is(place.node).seen();
        match before {
            Some(before) => self.journal.changed(place.node, before),
            None => self.journal.saw(place.node, seen),
        }
        let Room::Pinned(pin) = self.shape.room(place.node) else {
            return true;
        };
        if pin.fits(now) {
            return true;
        }
        self.journal.take_back(&mut self.shape, place.row);
        let error = pin.error(self.shape.path(place.node), found);
        self.refuse(place, pin.breach, error, [1, 0]);
        false
    }

    /// True if a text is spelled as the type of its column wants it; else it is dealt with. A date,
    /// say, is only known by that.
    pub(super) fn has_form(&mut self, place: Place, text: &str) -> bool {
        let Room::Pinned(pin) = self.shape.room(place.node) else {
            return true;
        };
        let detection = Detection::of(pin.form);
        if text.is_empty() && self.plan.settings.empty_text != EmptyText::Keep
            || detection.kind(text) == Some(pin.form)
        {
            return true;
        }
        self.counts.read += 1;
        let error = pin.error_of_text(self.shape.path(place.node), text);
        self.refuse(place, pin.breach, error, [1, 0]);
        false
    }

    /// Deals with a value of a column that the given schema does not have; none for a null.
    #[cold]
    #[inline(never)]
    pub(super) fn unknown(&mut self, place: Place, values: u64) {
        let Room::Unknown(breach) = self.shape.room(place.node) else {
            return;
        };
        // Where a table has all the columns that it may have, a null makes no column without a
        // schema either.
        if values == 0 && self.shape.is_given_full(place.node) {
            return;
        }
        let column = spelled(self.shape.path(place.node));
        self.refuse(
            place,
            breach,
            ErrorKind::UnknownColumn { column },
            [values, 0],
        );
    }

    /// Deals with an array whose items would be rows of a table that the given schema does not
    /// have.
    pub(super) fn unknown_table(&mut self, place: Place, breach: Breach, items: &[Value]) {
        for item in items {
            self.count_below(place, item);
        }
        let values = items.iter().map(Value::leaves).sum();
        let rows = items.iter().filter(|item| self.makes_row(item)).count();
        self.counts.read += values;
        let table = self.shape.table_path(self.shape.table_of(place.node));
        let table = table.child(Arc::clone(self.shape.path(place.node)));
        let table = table.keys().collect::<Vec<_>>().join(".");
        self.refuse(
            place,
            breach,
            ErrorKind::UnknownTable { table },
            [values, rows as u64],
        );
    }

    /// True unless the settings leave such an item out.
    pub(super) fn makes_row(&self, item: &Value) -> bool {
        match item {
            Value::Null => self.plan.settings.nulls != Nulls::Drop,
            Value::Text(text) if text.is_empty() => {
                self.plan.settings.empty_text != EmptyText::Drop
            }
            other => !(other.is_empty_container() && self.plan.settings.skip_empty_items),
        }
    }

    /// Drops, marks, or notes as the record's error. The values are counted as read; rows are those
    /// of a table.
    fn refuse(&mut self, place: Place, breach: Breach, error: ErrorKind, [values, rows]: [u64; 2]) {
        if let Some(notes) = &mut self.notes {
            notes.forget_class(place.node, place.row);
        }
        match breach {
            Breach::Drop if values + rows == 0 => {}
            Breach::Drop => {
                self.counts.excluded += values;
                let place = (place.node, rows > 0);
                self.violations.dropped.push((place, [values, rows]));
            }
            Breach::Fail if self.violations.marked => {
                self.counts.rejected += values;
                let root = self.shape.root(self.shape.table_of(place.node));
                self.shape.mark_row(root, place.row, &error.to_string());
            }
            Breach::Fail if self.violations.any() => {}
            Breach::Fail => {
                let field = self.shape.field_path(place);
                let at = Location {
                    field: Some(field).filter(|path| !path.is_empty()),
                    ..Location::default()
                };
                self.violations.first = Some(Error::new(error, at));
            }
        }
    }
}
