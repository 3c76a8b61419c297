//! Batches of a column.

use arrow_schema::DataType;

use crate::{
    Cause,
    rows::{ColumnBatch, ColumnSlice, RowBlock, gather},
};

/// Rows handed to the encoder at once. Pages end where a batch of values does, so batches must not depend on blocks.
pub(crate) const BATCH_ROWS: usize = 8192;

/// The values of a column in batches of [`BATCH_ROWS`] rows, wherever blocks end.
pub(crate) fn column_batches<'a>(
    blocks: &'a [RowBlock],
    number: usize,
    data_type: &'a DataType,
) -> impl Iterator<Item = Result<ColumnBatch, Cause>> + 'a {
    let mut blocks = blocks.iter();
    let mut current = blocks.next();
    let mut used = 0;
    std::iter::from_fn(move || {
        let mut slices = Vec::new();
        let mut missing = BATCH_ROWS;
        while let Some(block) = current
            && missing > 0
        {
            let rows = missing.min(block.rows - used);
            let values = block.values(number);
            match slices.last_mut() {
                Some(ColumnSlice {
                    values: None,
                    rows: before,
                    ..
                }) if values.is_none() => *before += rows,
                _ => slices.push(ColumnSlice {
                    values,
                    from: used,
                    rows,
                }),
            }
            missing -= rows;
            used += rows;
            if used == block.rows {
                current = blocks.next();
                used = 0;
            }
        }
        (!slices.is_empty()).then(|| gather(&slices, data_type))
    })
}
