//! Reports values that were dropped because the given schema has no column for them.

use std::fmt;

use serde::Serialize;
use transmog_core::{Dropped, counted};

use super::{Report, hops, spelled, strings};

/// Most paths in a report.
const MOST_PLACES: usize = 100;

/// Values that were dropped at one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DroppedReport {
    /// Path of the table.
    pub table_path: Vec<Vec<String>>,
    /// Keys within a row.
    pub path: Vec<String>,
    /// True if they were items of an array, which would be a table.
    pub is_table: bool,
    /// Number of values, without nulls.
    pub values: u64,
    /// Rows that the table would have; 0 for a column.
    pub rows: u64,
}

/// Sums by path. Paths are limited by the limit of columns.
#[derive(Debug, Default)]
pub(crate) struct Droppings {
    places: Vec<Dropped>,
    values: u64,
}

impl Droppings {
    /// Adds the values that a chunk has dropped. Chunks come in input order.
    pub(crate) fn take(&mut self, dropped: &[Dropped]) {
        for one in dropped {
            self.values += one.values;
            let same = |known: &&mut Dropped| {
                known.is_table == one.is_table && known.path == one.path && known.table == one.table
            };
            let has_room = self.places.len() < MOST_PLACES;
            match self.places.iter_mut().find(same) {
                Some(known) => {
                    known.values += one.values;
                    known.rows += one.rows;
                }
                None if has_room => self.places.push(one.clone()),
                None => {}
            }
        }
    }

    /// Fills the report.
    pub(crate) fn finish(self, report: &mut Report) {
        report.values_dropped = self.values;
        let one = |dropped: Dropped| DroppedReport {
            table_path: hops(&dropped.table),
            path: strings(&dropped.path),
            is_table: dropped.is_table,
            values: dropped.values,
            rows: dropped.rows,
        };
        report.dropped = self.places.into_iter().map(one).collect();
    }
}

impl Report {
    /// Adds the report of another run.
    pub(super) fn add_dropped(&mut self, other: &Self) {
        self.values_dropped += other.values_dropped;
        for one in &other.dropped {
            let same = |known: &&mut DroppedReport| {
                (known.is_table, &known.path, &known.table_path)
                    == (one.is_table, &one.path, &one.table_path)
            };
            let has_room = self.dropped.len() < MOST_PLACES;
            match self.dropped.iter_mut().find(same) {
                Some(known) => {
                    known.values += one.values;
                    known.rows += one.rows;
                }
                None if has_room => self.dropped.push(one.clone()),
                None => {}
            }
        }
    }

    /// A line for each path.
    pub(super) fn write_dropped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for DroppedReport {
            table_path,
            path,
            is_table,
            values,
            rows,
        } in &self.dropped
        {
            let (table, column) = (spelled(table_path), path.join("."));
            if *is_table {
                writeln!(
                    f,
                    "{table}: {} of array {column}[] dropped, with {}",
                    counted(*rows, "row"),
                    counted(*values, "value")
                )?;
            } else {
                let values = counted(*values, "value");
                writeln!(f, "{table}: {values} of column {column} dropped")?;
            }
        }
        let named: u64 = self.dropped.iter().map(|dropped| dropped.values).sum();
        if self.values_dropped > named {
            let more = self.values_dropped - named;
            writeln!(f, "... and {} dropped", counted(more, "more value"))?;
        }
        Ok(())
    }
}
