//! Chooses, row by row, the column that a natural id is taken from.

use arrow_schema::DataType;

use crate::{
    config::ids::trimmed,
    shred::{ShreddedColumn, ShreddedTable},
};

/// A column in which a table's ids may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Its position in the chunk's table.
    pub(crate) position: usize,
    /// True if any value but null will do.
    pub(crate) any: bool,
}

/// For each row, which column its id is in: a position in the chunk's table, or [`Choice::NONE`].
#[derive(Debug, Clone)]
pub(crate) struct Choice(pub(crate) Vec<u32>);

impl Choice {
    pub(crate) const NONE: u32 = u32::MAX;

    /// The first candidate that will do, row by row.
    pub(crate) fn new(table: &ShreddedTable, candidates: &[Candidate]) -> Self {
        let mut of_rows = vec![Self::NONE; table.rows];
        for candidate in candidates {
            let column = &table.columns[candidate.position];
            for (row, choice) in of_rows.iter_mut().enumerate() {
                if *choice == Self::NONE && will_do(column, row, candidate.any) {
                    *choice = candidate.position as u32;
                }
            }
        }
        Self(of_rows)
    }

    /// Rows whose id is in a column.
    pub(crate) fn rows_of(&self, position: usize) -> usize {
        let chosen = |choice: &&u32| **choice as usize == position;
        self.0.iter().filter(chosen).count()
    }

    /// Rows without a natural id.
    pub(crate) fn missing(&self) -> usize {
        self.0
            .iter()
            .filter(|choice| **choice == Self::NONE)
            .count()
    }
}

fn will_do(column: &ShreddedColumn, row: usize, any: bool) -> bool {
    let Some(place) = column.values.place(row) else {
        return false;
    };
    any || match column.values.data_type() {
        DataType::Utf8 => {
            let is_list = || column.lists.binary_search(&(row as u32)).is_ok();
            !trimmed(column.values.text(place)).is_empty() && !is_list()
        }
        other => !matches!(other, DataType::List(_)),
    }
}
