//! Tells writers that a metadata column has one value in all rows of a batch, so that they need not
//! read each row.

use arrow_array::{Array, StringArray, cast::AsArray, types::TimestampMicrosecondType};
use arrow_schema::Field;

use crate::base::Role;

/// The value that a column has in all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constant {
    /// Microseconds since 1970, UTC.
    Time(i64),
    /// Text.
    Text(String),
}

impl Constant {
    /// The value that all rows of a column share; the column has at least one row. `None` if they
    /// differ, one is null, or the column is neither the run's time nor the array's key.
    pub fn of(field: &Field, array: &dyn Array) -> Option<Self> {
        if array.null_count() > 0 {
            return None;
        }
        match Role::of(field)? {
            Role::Time => {
                let times = array
                    .as_primitive_opt::<TimestampMicrosecondType>()?
                    .values();
                repeats(times, 1).then_some(Self::Time(*times.first()?))
            }
            Role::ArrayField => one_text(array.as_string_opt()?),
            _ => None,
        }
    }
}

fn one_text(texts: &StringArray) -> Option<Constant> {
    let first = (!texts.is_empty()).then(|| texts.value(0))?;
    let offsets = texts.value_offsets();
    let are_equally_long = std::iter::zip(offsets, &offsets[1..])
        .all(|(start, end)| (*end - *start) as usize == first.len());
    let (start, end) = (offsets[0] as usize, offsets[texts.len()] as usize);
    let bytes = texts.value_data().get(start..end)?;
    let is_one = are_equally_long && repeats(bytes, first.len());
    is_one.then(|| Constant::Text(first.to_owned()))
}

/// True if all values are like those `period` before them.
fn repeats<T: PartialEq>(values: &[T], period: usize) -> bool {
    let rest = values.get(period..).unwrap_or_default();
    rest == &values[..rest.len()]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn one_text_in_all_rows() {
        let texts =
            |texts: &[Option<&str>]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
        for (array, expected) in [
            (texts(&[Some("ab"); 3]), Some("ab")),
            (texts(&[Some("ab")]), Some("ab")),
            (texts(&[Some(""); 3]), Some("")),
            (
                texts(&[Some("x"), Some("ab"), Some("ab")]).slice(1, 2),
                Some("ab"),
            ),
            (texts(&[Some("ab"), Some("ba")]), None),
            (texts(&[Some("aa"), Some("aaa"), Some("a")]), None),
            (texts(&[Some("ab"), None]), None),
            (texts(&[]), None),
        ] {
            let key = Role::ArrayField.field("x", array.data_type().clone());
            let expected = expected.map(|text| Constant::Text(text.to_owned()));
            assert_eq!(Constant::of(&key, &array), expected, "{array:?}");
            let data = Field::new("x", array.data_type().clone(), true);
            assert_eq!(Constant::of(&data, &array), None);
        }
    }

    #[test]
    fn one_time_in_all_rows() {
        for (times, expected) in [
            (vec![5; 4], Some(5)),
            (vec![5], Some(5)),
            (vec![5, 5, 6], None),
            (vec![], None),
        ] {
            let array: ArrayRef = Arc::new(TimestampMicrosecondArray::from(times));
            let time = Role::Time.field("x", array.data_type().clone());
            assert_eq!(Constant::of(&time, &array), expected.map(Constant::Time));
        }
    }
}
