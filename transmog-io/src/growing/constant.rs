//! Columns that are the same in all rows of a batch, which are spelled once. Knows no format.

use arrow_array::{
    Array, RecordBatch, StringArray, cast::AsArray, types::TimestampMicrosecondType,
};
use arrow_schema::Field;
use transmog_core::Role;

/// Which columns of a batch need not be looked at in each row: they are the run's time or the array's key, have the same
/// value in all rows, and stand in front of a column that each row has a value of, or last.
pub fn constant(rows: &RecordBatch) -> Vec<bool> {
    let mut constant = vec![false; rows.num_columns()];
    let mut is_next_full = true;
    let columns = std::iter::zip(rows.columns(), rows.schema_ref().fields());
    for (is_constant, (array, field)) in std::iter::zip(&mut constant, columns).rev() {
        let is_full = array.logical_null_count() == 0;
        *is_constant = is_next_full && is_full && has_one_value(field, array);
        is_next_full = is_full;
    }
    constant
}

fn has_one_value(field: &Field, array: &dyn Array) -> bool {
    if array.is_empty() {
        return false;
    }
    match Role::of(field) {
        Some(Role::Time) => {
            let times = array.as_primitive_opt::<TimestampMicrosecondType>();
            times.is_some_and(|times| repeats(times.values(), 1))
        }
        Some(Role::ArrayField) => array.as_string_opt().is_some_and(is_one_text),
        _ => false,
    }
}

/// True if all values are like the `period` values before them.
fn repeats<T: PartialEq>(values: &[T], period: usize) -> bool {
    let rest = values.get(period..).unwrap_or_default();
    rest == &values[..rest.len()]
}

fn is_one_text(texts: &StringArray) -> bool {
    let offsets = texts.value_offsets();
    let length = texts.value(0).len();
    let are_equally_long = std::iter::zip(offsets, &offsets[1..])
        .all(|(start, end)| (*end - *start) as usize == length);
    let (start, end) = (offsets[0] as usize, offsets[texts.len()] as usize);
    are_equally_long && repeats(&texts.value_data()[start..end], length)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, TimestampMicrosecondArray};
    use arrow_schema::Schema;

    use super::*;

    fn texts(texts: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(texts.to_vec()))
    }

    fn found(columns: &[(Option<Role>, ArrayRef)]) -> Vec<bool> {
        let field = |(role, array): &(Option<Role>, ArrayRef)| match role {
            Some(role) => role.field("x", array.data_type().clone()),
            None => Field::new("x", array.data_type().clone(), true),
        };
        let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
        let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
        constant(&RecordBatch::try_new(schema.into(), arrays).expect("a batch"))
    }

    #[test]
    fn one_value_in_all_rows() {
        for (array, expected) in [
            (texts(&[Some("ab"); 3]), true),
            (texts(&[Some("ab")]), true),
            (texts(&[Some(""); 3]), true),
            (
                texts(&[Some("x"), Some("ab"), Some("ab")]).slice(1, 2),
                true,
            ),
            (texts(&[Some("ab"), Some("ba")]), false),
            (texts(&[Some("aa"), Some("aaa"), Some("a")]), false),
            (texts(&[Some("ab"), None]), false),
            (texts(&[]), false),
        ] {
            let key = (Some(Role::ArrayField), array.clone());
            assert_eq!(found(&[key]), [expected], "{array:?}");
            assert_eq!(found(&[(None, array)]), [false]);
        }
        for (times, expected) in [(vec![5; 4], true), (vec![5, 5, 6], false), (vec![5], true)] {
            let array: ArrayRef = Arc::new(TimestampMicrosecondArray::from(times));
            assert_eq!(found(&[(Some(Role::Time), array)]), [expected]);
        }
    }

    #[test]
    fn what_stands_behind_has_a_value_in_each_row() {
        let key = || (Some(Role::ArrayField), texts(&[Some("a"); 2]));
        let numbers = |numbers: [Option<i64>; 2]| -> (Option<Role>, ArrayRef) {
            (None, Arc::new(Int64Array::from(numbers.to_vec())))
        };
        let (full, gap) = (numbers([Some(1); 2]), numbers([Some(1), None]));
        let (yes, no) = (true, false);
        assert_eq!(found(&[key(), full.clone()]), [yes, no]);
        assert_eq!(found(&[key(), gap.clone()]), [no, no]);
        assert_eq!(found(&[key(), key(), gap]), [yes, no, no]);
        assert_eq!(found(&[full, key(), key()]), [no, yes, yes]);
    }
}
