//! Seals a column: makes an Arrow array of its values and leaves it empty for the next chunk.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, NullArray,
    StringArray,
};
use arrow_schema::{DataType, Field};

use super::{
    Column, Expected, MOST_EXPECTED_BYTES, Values,
    steps::{Step, Steps, list_of},
};
use crate::{
    arrow::check_total_bytes,
    base::{Error, Result},
    types::{Detection, Kinds},
};
use detected::{Detected, detected};
use expand::{FEW_ROWS, KEPT_BYTES, Presence, taken};
use sealed::Packed;

mod detected;
mod expand;
mod sealed;

pub use sealed::SealedColumn;

/// Rows of a packed column for each of its values, at least: 320 rows with 9 values are packed,
/// with 10 they are not.
const PACKED: usize = 32;

impl Column {
    /// The column of so many rows, packed if few of them have a value. If all values are text,
    /// `detection` says what else they may be. The column is empty then, and expects the like.
    ///
    /// # Errors
    /// If the text of the column is larger than Arrow's 32-bit offsets reach.
    pub(crate) fn seal(&mut self, rows: usize, detection: Detection) -> Result<SealedColumn> {
        let is_packed = rows > FEW_ROWS
            && (1..rows / PACKED).contains(&self.count)
            && !matches!(self.values, Values::Bool(_) | Values::List(..));
        if !is_packed {
            return self.seal_whole(rows, detection);
        }
        if !self.is_sparse {
            self.become_sparse();
        }
        self.is_sparse = false;
        let of_values = taken(&mut self.rows);
        self.steps.count_values(&of_values);
        let mut sealed = self.seal_whole(self.count, detection)?;
        for step in &mut sealed.steps {
            step.row = of_values[step.row as usize];
        }
        sealed.packed = Some(Packed { of_values, rows });
        Ok(sealed)
    }

    /// The same, with an array value for each row.
    fn seal_whole(&mut self, rows: usize, detection: Detection) -> Result<SealedColumn> {
        self.expected = self.like();
        let sealed = self.arrays(rows, detection);
        self.clear();
        sealed
    }

    /// What to expect of the next chunk: some more, because it will not be quite the same.
    fn like(&self) -> Expected {
        let bytes = match &self.values {
            Values::Text(_, texts, _) => texts.len().min(MOST_EXPECTED_BYTES),
            _ => 0,
        };
        Expected {
            values: self.count + self.count / 8,
            bytes: bytes + bytes / 8,
        }
    }

    /// Forgets all values, and keeps small buffers: to allocate them takes longer than to fill
    /// them.
    fn clear(&mut self) {
        (self.kinds, self.items) = (Kinds::NONE, Kinds::NONE);
        (self.count, self.is_sparse) = (0, false);
        if !clear(&mut self.rows) {
            self.rows = Vec::new();
        }
        let is_kept = match &mut self.values {
            Values::None | Values::List(..) => false,
            Values::Bool(values) => clear(values),
            Values::Int(values) => clear(values),
            Values::Float(values, integers) => {
                *integers = None;
                clear(values)
            }
            Values::Text(ends, texts, marks) => {
                texts.clear();
                *marks = None;
                clear(ends) && texts.capacity() <= KEPT_BYTES
            }
        };
        if !is_kept {
            self.values = Values::None;
        }
    }

    fn arrays(&mut self, rows: usize, detection: Detection) -> Result<SealedColumn> {
        let (mut kinds, mut items) = self.seen();
        let leaves = self.count as u64;
        if self.count == 0 {
            self.steps = Steps::default();
            return Ok(SealedColumn::of_nulls(rows, (kinds, items)));
        }
        let mut steps = self.take_steps(detection);
        if !self.is_sparse && self.count < rows {
            self.become_sparse();
        }
        let presence = Presence {
            rows,
            of_values: self.is_sparse.then_some(self.rows.as_slice()),
        };
        let mut target = kinds.data_type(items);
        let (mut integers, mut of_texts) = (None, None);
        let array: ArrayRef = match &mut self.values {
            Values::None => Arc::new(NullArray::new(rows)),
            Values::Bool(values) => {
                Arc::new(BooleanArray::new(presence.bits(values), presence.nulls()))
            }
            Values::Int(values) => {
                Arc::new(Int64Array::new(presence.numbers(values), presence.nulls()))
            }
            // A float came and was taken back.
            Values::Float(values, _) if target == DataType::Int64 => {
                let mut values = values.iter().map(|x| *x as i64).collect();
                let values = presence.numbers(&mut values);
                Arc::new(Int64Array::new(values, presence.nulls()))
            }
            Values::Float(values, marks) => {
                integers = marks.as_ref().map(|marks| presence.bits(marks));
                Arc::new(Float64Array::new(
                    presence.numbers(values),
                    presence.nulls(),
                ))
            }
            Values::Text(ends, texts, marks) => {
                of_texts = marks.as_ref().map(|marks| presence.bits(marks));
                check_total_bytes(texts.len())?;
                let found = if kinds == Kinds::TEXT {
                    detected(ends, texts, detection, &presence)?
                } else {
                    Detected::Text
                };
                if let Detected::Misfit(kind, value) = found {
                    steps.push(Step {
                        row: presence.row_of(value),
                        before: (kind, Kinds::NONE),
                    });
                }
                if let Detected::All(kind, array) = found {
                    kinds = kind;
                    target = kinds.data_type(items);
                    array
                } else {
                    numbers(presence.texts(ends, texts)?, &target)?
                }
            }
            Values::List(ends, values) => {
                let count = ends.last().map_or(0, |end| *end as usize);
                let values = values.seal_whole(count, detection)?;
                integers = values.integers;
                if items == Kinds::TEXT {
                    items = values.kinds;
                    target = kinds.data_type(items);
                    steps.extend(values.steps.iter().map(|step| Step {
                        row: presence.row_of(list_of(ends, step.row)),
                        before: (Kinds::LIST, step.before.0),
                    }));
                }
                let field = Arc::new(Field::new_list_field(
                    values.array.data_type().clone(),
                    true,
                ));
                Arc::new(
                    ListArray::try_new(
                        field,
                        presence.offsets(ends),
                        values.array,
                        presence.nulls(),
                    )
                    .map_err(|e| Error::internal(e.to_string()))?,
                )
            }
        };
        debug_assert_eq!(
            array.data_type(),
            &target,
            "representation follows the kinds"
        );
        Ok(SealedColumn {
            array,
            integers,
            texts: of_texts,
            packed: None,
            steps,
            kinds,
            items,
            leaves,
        })
    }
}

/// Spelled numbers as what they are, other text as it is.
fn numbers(text: StringArray, target: &DataType) -> Result<ArrayRef> {
    Ok(match target {
        DataType::Decimal128(precision, scale) => {
            let decimals: Decimal128Array = text.iter().map(|n| n?.parse().ok()).collect();
            let decimals = decimals.with_precision_and_scale(*precision, *scale);
            Arc::new(decimals.map_err(|e| Error::internal(e.to_string()))?)
        }
        // A longer integer came and was taken back.
        DataType::Int64 => Arc::new(text.iter().map(|n| n?.parse().ok()).collect::<Int64Array>()),
        _ => Arc::new(text),
    })
}

/// Forgets the values. False if the buffer is too large to be kept, or holds nothing to keep.
fn clear<T>(values: &mut Vec<T>) -> bool {
    values.clear();
    (1..=KEPT_BYTES).contains(&(values.capacity() * size_of::<T>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Scalar;

    fn sealed(values: usize, rows: usize, value: Scalar<'_>) -> SealedColumn {
        let mut column = Column::default();
        for row in 0..values {
            assert!(column.push(row * 2, value).is_none());
        }
        column.seal(rows, Detection::NONE).expect("it is small")
    }

    #[test]
    fn few_values_of_many_rows_are_packed() {
        let text = Scalar::Text("text");
        for value in [Scalar::Int(1), Scalar::Float(0.5), text] {
            assert!(sealed(9, 320, value).packed.is_some());
            assert!(sealed(10, 320, value).packed.is_none());
            assert!(sealed(1, FEW_ROWS, value).packed.is_none());
            assert!(sealed(1, FEW_ROWS + 1, value).packed.is_some());
        }
        let bytes = |values| sealed(values, 3_200, Scalar::Int(1)).bytes();
        assert!(bytes(99) * 10 < bytes(100));
        assert!(sealed(1, 320, Scalar::Bool(true)).packed.is_none());
        assert!(sealed(0, 320, text).packed.is_none());
    }
}
