//! Counts, by column, numbers that were rounded to the nearest float because a type or the settings
//! ask for it.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Place, Shredder, place::NodeId, shape::Shape};
use crate::{
    base::{ColumnPath, TablePath},
    config::{Cast, Floats},
    plan::Room,
    text,
    types::Kinds,
    value::Scalar,
};

/// Numbers of one column that were rounded to float64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rounded {
    /// The table that has the rows.
    pub table: TablePath,
    /// The keys within a row.
    pub path: ColumnPath,
    /// How many numbers.
    pub numbers: u64,
}

/// How many numbers were rounded.
#[derive(Debug, Default)]
pub(super) struct Nearest {
    /// Of the current record, once for each number.
    of_record: Vec<NodeId>,
    of_chunk: IndexMap<NodeId, u64, ahash::RandomState>,
}

impl Nearest {
    pub(super) fn end_record(&mut self, taken: bool) {
        for node in self.of_record.drain(..).filter(|_| taken) {
            *self.of_chunk.entry(node).or_default() += 1;
        }
    }

    /// What was rounded in the chunk, in the order in which columns were first met.
    pub(super) fn take(&mut self, shape: &Shape) -> Vec<Rounded> {
        let of_chunk = std::mem::take(&mut self.of_chunk).into_iter();
        let of_chunk = of_chunk.map(|(node, numbers)| Rounded {
            table: shape.table_path(shape.table_of(node)).clone(),
            path: Arc::clone(shape.path(node)),
            numbers,
        });
        of_chunk.collect()
    }
}

impl Shredder {
    /// Puts a number that no 64-bit type holds into its cell.
    #[inline(never)]
    pub(super) fn put_number(&mut self, place: Place, number: &str) {
        let value = self.nearest(place, Kinds::NONE, Scalar::Number(number));
        if let Scalar::Float(_) = value {
            self.nearest.of_record.push(place.node);
        }
        self.put_cast(place, value);
    }

    /// The float next to a number, if a column takes such; any other value as it is. `list` is
    /// [`Kinds::LIST`] for an item of a list.
    pub(super) fn nearest<'v>(&self, place: Place, list: Kinds, value: Scalar<'v>) -> Scalar<'v> {
        let Scalar::Number(number) = value else {
            return value;
        };
        let by_type = || match self.shape.room(place.node) {
            Room::Pinned(pin) => self.plan.settings.cast == Cast::Off && pin.wants_floats(list),
            _ => false,
        };
        if text::is_integer(number) || !(self.plan.settings.floats == Floats::Nearest || by_type())
        {
            return value;
        }
        match number.parse::<f64>() {
            Ok(float) if float.is_finite() => Scalar::Float(float),
            _ => value,
        }
    }

    /// Counts the numbers of a list that became the floats next to them.
    pub(super) fn count_nearest(&mut self, place: Place, numbers: usize) {
        let nodes = std::iter::repeat_n(place.node, numbers);
        self.nearest.of_record.extend(nodes);
    }
}
