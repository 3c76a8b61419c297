//! Caches columns in which every row has the same value (the run's time, the array's name): made
//! once at the length of the longest chunk, and sliced for each chunk.

use std::{collections::BTreeMap, sync::Arc};

use arrow_array::{Array, ArrayRef, StringArray, TimestampMicrosecondArray};
use arrow_buffer::{Buffer, OffsetBuffer};

use crate::{
    arrow::check_text_bytes,
    base::{Error, Result},
};

/// Bytes of texts that are kept, and of times: a chunk with more than that makes its own.
const MOST_BYTES: usize = 4 << 20;

/// The columns that were made last.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    /// With the time that it has, in microseconds.
    time: Option<(i64, ArrayRef)>,
    /// The names of tables' arrays, by the table's position in the catalog.
    array_fields: BTreeMap<usize, ArrayRef>,
    text_bytes: usize,
}

impl Constants {
    /// The time of a run with each row.
    pub(super) fn time(&mut self, time: i64, rows: usize) -> ArrayRef {
        if let Some((known, array)) = &self.time
            && *known == time
            && array.len() >= rows
        {
            return array.slice(0, rows);
        }
        let array = TimestampMicrosecondArray::from_value(time, rows).with_timezone("UTC");
        let array: ArrayRef = Arc::new(array);
        if array.get_buffer_memory_size() <= MOST_BYTES {
            self.time = Some((time, Arc::clone(&array)));
        }
        array
    }

    /// The name of a table's array with each row.
    ///
    /// # Errors
    /// If that is too much text for Arrow's offsets.
    pub(super) fn array_field(
        &mut self,
        table: usize,
        name: &str,
        rows: usize,
    ) -> Result<ArrayRef> {
        if let Some(array) = self.array_fields.get(&table)
            && array.len() >= rows
        {
            return Ok(array.slice(0, rows));
        }
        let array = repeated(name, rows)?;
        let bytes = array.get_buffer_memory_size();
        if bytes > MOST_BYTES {
            return Ok(array);
        }
        if let Some(shorter) = self.array_fields.remove(&table) {
            self.text_bytes -= shorter.get_buffer_memory_size();
        }
        if self.text_bytes + bytes > MOST_BYTES {
            self.array_fields.clear();
            self.text_bytes = 0;
        }
        self.text_bytes += bytes;
        self.array_fields.insert(table, Arc::clone(&array));
        Ok(array)
    }
}

/// A column of one text.
///
/// # Errors
/// If that is too much text for Arrow's offsets.
pub(super) fn repeated(text: &str, rows: usize) -> Result<ArrayRef> {
    check_text_bytes(rows, text.len())?;
    let offsets = OffsetBuffer::from_repeated_length(text.len(), rows);
    let text = StringArray::try_new(
        offsets,
        Buffer::from_vec(text.as_bytes().repeat(rows)),
        None,
    );
    Ok(Arc::new(text.map_err(|e| Error::internal(e.to_string()))?))
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;

    use super::*;

    #[test]
    fn chunks_share_columns_and_tables_do_not() {
        let mut constants = Constants::default();
        for (time, rows) in [(1, 3), (1, 2), (1, 5), (2, 4), (2, 0)] {
            let expected = TimestampMicrosecondArray::from(vec![time; rows]).with_timezone("UTC");
            assert_eq!(*constants.time(time, rows).as_primitive(), expected);
        }
        for (table, rows) in [(1, 4), (2, 3), (1, 2), (2, 7), (1, 0), (1, 4)] {
            let name = ["main", "one", "a longer name"][table];
            let array = constants.array_field(table, name, rows).unwrap();
            assert_eq!(
                *array.as_string::<i32>(),
                StringArray::from(vec![name; rows])
            );
        }
    }

    #[test]
    fn little_is_kept_however_many_tables_there_are() {
        let mut constants = Constants::default();
        for rows in [100, 10_000_000, 200] {
            let times = constants.time(3, rows);
            assert_eq!(times.len(), rows);
            let (_, kept) = constants.time.as_ref().unwrap();
            assert!(kept.len() <= 200);
        }
        let name = "n".repeat(1 << 20);
        for table in 0..100 {
            let array = constants.array_field(table, &name, 1).unwrap();
            assert_eq!(array.as_string::<i32>().value(0), name);
            assert!(constants.array_fields.len() <= 4);
        }
    }
}
