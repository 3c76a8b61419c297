//! Finds columns with the same value in all rows of a batch, which are formatted once.

use arrow_array::{Array, RecordBatch};
use transmog_core::Constant;

/// The columns of a batch that can be formatted once for all rows: those that are
/// [constant](Constant) and come last, or before a column without nulls.
pub fn constant_columns(rows: &RecordBatch) -> Vec<bool> {
    let mut constant = vec![false; rows.num_columns()];
    let mut is_next_full = true;
    let columns = std::iter::zip(rows.columns(), rows.schema_ref().fields());
    for (is_constant, (array, field)) in std::iter::zip(&mut constant, columns).rev() {
        *is_constant = is_next_full && Constant::of(field, array).is_some();
        is_next_full = array.logical_null_count() == 0;
    }
    constant
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use arrow_schema::{Field, Schema};
    use transmog_core::Role;

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
        constant_columns(&RecordBatch::try_new(schema.into(), arrays).expect("a batch"))
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
        let other = (Some(Role::ArrayField), texts(&[Some("a"), Some("b")]));
        assert_eq!(found(&[key(), other]), [yes, no]);
    }
}
