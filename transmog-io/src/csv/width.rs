//! How many cells a row has, beside the columns of its input: rows that are too short, and rows that end with delimiters
//! more than the header has.

use std::ops::Range;

use transmog_core::{ErrorKind, Location};

use super::{Cells, CsvTable, ShortRows};
use crate::fault::Fault;

/// How a row that can be taken compares with the columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Width {
    /// A cell for each column.
    #[default]
    Full,
    /// Cells are missing at the end; they are null.
    Short,
    /// Only empty cells are beyond the columns: `1,2,3,` under a header of three. Nothing is lost without them.
    Trailing,
}

impl Width {
    /// The width of the row that was read last.
    ///
    /// # Errors
    /// If it has values beyond the columns, or is too short and must not be.
    #[inline]
    pub(crate) fn of(row: &[u8], cells: &mut Cells, table: &CsvTable) -> Result<Self, Fault> {
        if cells.len() == table.width() {
            Ok(Self::Full)
        } else {
            Self::of_ragged(row, cells, table)
        }
    }

    #[cold]
    fn of_ragged(row: &[u8], cells: &mut Cells, table: &CsvTable) -> Result<Self, Fault> {
        let (found, columns) = (cells.len(), table.width());
        if found < columns {
            return match table.short_rows() {
                ShortRows::Pad => Ok(Self::Short),
                ShortRows::Error => {
                    let kind = ErrorKind::TooFewCells { found, columns };
                    Err(Fault::new(kind, row.len()))
                }
            };
        }
        let extra = cells.ranges().get(columns..).unwrap_or_default();
        if extra.iter().all(Range::is_empty) {
            return Ok(Self::Trailing);
        }
        let at = cells.start_of(columns, row);
        let kind = ErrorKind::TooManyCells {
            found,
            columns,
            advice: table.advice(),
        };
        Err(Fault::new(kind, at))
    }
}

/// Rows of one kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowCount {
    pub(crate) rows: u64,
    /// Where the first one begins.
    pub(crate) first: Option<Location>,
}

/// The rows of a chunk that were taken although they are not as wide as the input has columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct RaggedRows {
    pub(crate) short: RowCount,
    pub(crate) trailing: RowCount,
}

impl RaggedRows {
    /// The count for rows of a width; none for rows that are as they should be.
    pub(crate) fn of(&mut self, width: Width) -> Option<&mut RowCount> {
        match width {
            Width::Full => None,
            Width::Short => Some(&mut self.short),
            Width::Trailing => Some(&mut self.trailing),
        }
    }
}
