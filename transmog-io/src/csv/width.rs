//! Compares the width of rows with the number of columns: short rows, and rows with extra
//! delimiters.

use std::ops::Range;

use transmog_core::{ErrorKind, Location};

use super::{Cells, CsvTable, ShortRows};
use crate::fault::Fault;

/// The width of an accepted row, compared with the columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Width {
    /// A cell for each column.
    #[default]
    Full,
    /// Cells are missing at the end; they become null.
    Short,
    /// Only empty cells are beyond the last column: `1,2,3,` under a header of three. They are
    /// dropped.
    Trailing,
}

impl Width {
    /// The width of the last row that was read.
    ///
    /// # Errors
    /// If it has values beyond the last column, or is too short and the settings forbid that.
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

/// A number of rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowCount {
    pub(crate) rows: u64,
    /// The position of the first one.
    pub(crate) first: Option<Location>,
}

/// The accepted rows of a chunk that are too short, or have empty cells beyond the last column.
#[derive(Debug, Clone, Default)]
pub(crate) struct RaggedRows {
    pub(crate) short: RowCount,
    pub(crate) trailing: RowCount,
}

impl RaggedRows {
    /// The counter for a width; `None` for rows of full width.
    pub(crate) fn of(&mut self, width: Width) -> Option<&mut RowCount> {
        match width {
            Width::Full => None,
            Width::Short => Some(&mut self.short),
            Width::Trailing => Some(&mut self.trailing),
        }
    }
}
