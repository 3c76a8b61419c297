//! Cuts the rows of a column into batches of 8,192, wherever row blocks begin and end.

use arrow_schema::DataType;

use crate::{
    Cause,
    rows::{ColumnBatch, ColumnSlice, RowBlock, gather},
};

/// Rows of a batch. Encoders end pages only after a batch, so batches must not depend on row
/// blocks.
pub(crate) const BATCH_ROWS: usize = 8192;

/// The rows of a column in batches of [`BATCH_ROWS`]; the last one may be shorter.
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
