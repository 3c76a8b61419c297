//! Rows of one table on their way to a writer.

use arrow_array::{Array, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;

/// Rows of one table: an Arrow batch, and which cells of its float columns were integers in the input.
///
/// Data columns come first, in the order in which their paths were met; metadata columns (see
/// [`Role`](crate::Role)) come last. A column's name never changes. Later batches may have more data columns and wider
/// types: a writer gives its earlier rows nulls in new columns and widens old ones with [`widen`](crate::widen::widen).
///
/// The marks exist because `3` and `2.5` share a float column, while text that comes later turns the column into text
/// with `3` and not `3.0`. A writer that does not keep them prints `3.0`.
#[derive(Debug, Clone, PartialEq)]
pub struct TableBatch {
    /// The rows.
    pub rows: RecordBatch,
    /// For each column, which values were integers: set bits, one for each row (for a list column, one for each item
    /// of the list array's values). `None`: none of them, or not a float column.
    pub integers: Vec<Option<BooleanBuffer>>,
}

impl From<RecordBatch> for TableBatch {
    /// A batch in which every float is a float.
    fn from(rows: RecordBatch) -> Self {
        let integers = vec![None; rows.num_columns()];
        Self { rows, integers }
    }
}

impl TableBatch {
    /// `length` rows from `offset` on, without a copy.
    ///
    /// # Panics
    /// If the range is not within the batch.
    #[must_use]
    pub fn slice(&self, offset: usize, length: usize) -> Self {
        let rows = self.rows.slice(offset, length);
        let integers = std::iter::zip(&self.integers, self.rows.columns())
            .map(|(marks, column)| {
                let marks = marks.as_ref()?;
                // A sliced list array keeps its whole values, so its marks stay whole too.
                let whole = matches!(column.data_type(), DataType::List(_));
                Some(if whole {
                    marks.clone()
                } else {
                    marks.slice(offset, length)
                })
            })
            .collect();
        Self { rows, integers }
    }
}
