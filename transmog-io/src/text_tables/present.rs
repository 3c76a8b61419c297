//! Finds the cells of each row that are not null.
//!
//! In wide tables a row has few of the columns. Asking every column for every row would dominate.

use std::ops::Range;

use arrow_array::Array;
use arrow_schema::DataType;

/// Bits in a word.
const BITS: usize = u64::BITS as usize;

/// The cells of some rows that are not null: one bit for each column of each row.
#[derive(Debug)]
pub struct Present {
    /// Number of words for each row.
    words: usize,
    bits: Vec<u64>,
}

impl Present {
    /// Examines these rows of all columns.
    pub fn new<'a>(
        columns: impl ExactSizeIterator<Item = &'a dyn Array>,
        rows: Range<usize>,
    ) -> Self {
        let words = columns.len().div_ceil(BITS).max(1);
        let mut full = vec![0; words];
        let mut sparse = Vec::new();
        for (number, column) in columns.enumerate() {
            match column.nulls() {
                Some(nulls) => sparse.push((number, nulls)),
                None if *column.data_type() == DataType::Null => {}
                None => full[number / BITS] |= 1 << (number % BITS),
            }
        }
        let mut bits = full.repeat(rows.len());
        for (number, nulls) in sparse {
            let (word, bit) = (number / BITS, 1 << (number % BITS));
            for row in nulls.slice(rows.start, rows.len()).valid_indices() {
                bits[row * words + word] |= bit;
            }
        }
        Self { words, bits }
    }

    /// For each row, the indexes of the columns with a value, in order.
    pub fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = usize>> {
        self.bits.chunks_exact(self.words).map(|row| {
            row.iter().enumerate().flat_map(|(word, bits)| {
                let mut left = *bits;
                std::iter::from_fn(move || {
                    let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                    left &= left - 1;
                    Some(word * BITS + bit)
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, BooleanArray, Int64Array, NullArray};

    use super::*;

    #[test]
    fn cells_are_found_by_row() {
        let columns: Vec<ArrayRef> = (0..200)
            .map(|number| -> ArrayRef {
                match number % 5 {
                    0 => Arc::new(Int64Array::from(vec![1; 90])),
                    1 => Arc::new(NullArray::new(90)),
                    _ => {
                        let cells = (0..100).map(|row| (row % number == 3).then_some(true));
                        Arc::new(cells.collect::<BooleanArray>().slice(10, 90))
                    }
                }
            })
            .collect();
        for range in [0..90, 5..5, 7..8, 30..89] {
            let found = Present::new(columns.iter().map(AsRef::as_ref), range.clone());
            let found: Vec<Vec<usize>> = found.rows().map(Iterator::collect).collect();
            let expected: Vec<Vec<usize>> = range
                .map(|row| {
                    (0..200)
                        .filter(|number| columns[*number].is_valid(row) && number % 5 != 1)
                        .collect()
                })
                .collect();
            assert_eq!(found, expected);
        }
        let none = Present::new([].into_iter(), 0..3);
        assert_eq!(
            none.rows().map(Iterator::count).collect::<Vec<_>>(),
            [0, 0, 0]
        );
    }
}
