//! How rows get their ids. Randomness comes from a seed that the caller gives.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, StringArray, cast::AsArray, types::Int64Type};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use uuid::{Builder, Uuid};

use crate::{
    cells::Cells,
    column::FinishedColumn,
    error::{Error, ErrorKind, Result},
};

/// Namespace of deterministic ids; the Python package's.
const NAMESPACE: Uuid = Uuid::from_u128(0xa9b8_c7d6_e5f4_1234_abcd_0123_4567_89ab);

/// Bytes of an id as text.
const TEXT_LENGTH: usize = 36;

/// How rows get their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ids {
    /// UUIDs, version 4, as text.
    #[default]
    Random,
    /// The row's number in its table, from 0, in input order: the same in every run, and almost free in Parquet.
    Row,
    /// UUIDs, version 5, of the text of one column, trimmed and in lower case. Rows without it get random ids.
    Deterministic(IdSource),
}

/// Which column deterministic ids are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdSource {
    /// The column of this name, in every table.
    Column(String),
    /// A column by table. Looked up for the main table: `""`, `"*"`, its name; for a child table: its keys joined by the
    /// separator, its name, `"*"`, `""`.
    ByTable(Vec<(String, String)>),
}

impl From<&str> for IdSource {
    fn from(column: &str) -> Self {
        Self::Column(column.to_owned())
    }
}

impl<T: Into<String>, C: Into<String>, const N: usize> From<[(T, C); N]> for IdSource {
    /// A column by table.
    fn from(map: [(T, C); N]) -> Self {
        let pair = |(table, column): (T, C)| (table.into(), column.into());
        Self::ByTable(map.into_iter().map(pair).collect())
    }
}

impl IdSource {
    /// Name of the column for a table; `keys` is empty for the main table.
    pub(crate) fn column(&self, keys: &str, name: &str) -> Option<&str> {
        match self {
            Self::Column(column) => Some(column),
            Self::ByTable(map) => {
                let places = if keys.is_empty() {
                    ["", "*", name, name]
                } else {
                    [keys, name, "*", ""]
                };
                places
                    .iter()
                    .find_map(|place| map.iter().find(|(table, _)| table == place))
                    .map(|(_, c)| c.as_str())
            }
        }
    }
}

/// The id that deterministic ids give a text.
///
/// ```
/// assert_eq!(transmog_core::deterministic_id(" ABC "), "deaad28b-3d43-5321-9aa2-3fa1fa082c60");
/// ```
pub fn deterministic_id(text: &str) -> String {
    uuid_of(text).hyphenated().to_string()
}

fn uuid_of(text: &str) -> Uuid {
    // Python trims U+001C to U+001F too.
    let trimmed =
        text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c));
    Uuid::new_v5(&NAMESPACE, trimmed.to_lowercase().as_bytes())
}

/// A source of random ids. Streams of one seed do not overlap, so chunks may draw theirs in any order.
#[derive(Debug)]
pub(crate) struct RandomIds(ChaCha8Rng);

impl RandomIds {
    /// The ids of one chunk of a run.
    pub(crate) fn new(seed: [u8; 32], chunk: u64) -> Self {
        let mut random = ChaCha8Rng::from_seed(seed);
        random.set_stream(chunk);
        Self(random)
    }

    fn next(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Random ids for `rows` rows.
    pub(crate) fn column(&mut self, rows: usize) -> Result<StringArray> {
        texts(rows, |_| Ok(self.next()))
    }

    /// Ids made of the text of a column, random ones where it has none.
    pub(crate) fn deterministic_column(
        &mut self,
        source: Option<&FinishedColumn>,
        rows: usize,
    ) -> Result<StringArray> {
        let Some(source) = source else {
            return self.column(rows);
        };
        let cells = Cells::new(&source.array, source.integers.as_ref())?;
        let mut cell = Vec::new();
        texts(rows, |row| {
            cell.clear();
            cells.write_text(row, &mut cell);
            let text = std::str::from_utf8(&cell).map_err(|e| Error::internal(e.to_string()))?;
            Ok(if text.is_empty() {
                self.next()
            } else {
                uuid_of(text)
            })
        })
    }
}

fn texts(rows: usize, mut id: impl FnMut(usize) -> Result<Uuid>) -> Result<StringArray> {
    check_text_bytes(rows, TEXT_LENGTH)?;
    let mut bytes = vec![0; rows * TEXT_LENGTH];
    for (row, text) in bytes.chunks_exact_mut(TEXT_LENGTH).enumerate() {
        id(row)?.hyphenated().encode_lower(text);
    }
    let offsets = OffsetBuffer::from_repeated_length(TEXT_LENGTH, rows);
    StringArray::try_new(offsets, Buffer::from_vec(bytes), None)
        .map_err(|e| Error::internal(e.to_string()))
}

/// Checks that an array can hold the texts of so many rows.
///
/// # Errors
/// If it cannot; only one record with hundreds of megabytes can be the cause, because others share no chunk then.
pub(crate) fn check_text_bytes(rows: usize, length: usize) -> Result<()> {
    let (bytes, limit) = (rows as u64 * length as u64, i32::MAX as u64);
    if bytes > limit {
        return Err(ErrorKind::RecordTooLarge { bytes, limit }.into());
    }
    Ok(())
}

/// Ids that are row numbers.
pub(crate) fn row_numbers(first: u64, rows: usize) -> Int64Array {
    (first..first + rows as u64)
        .map(|row| row as i64)
        .collect::<Vec<_>>()
        .into()
}

/// For each child row the id of its parent row.
pub(crate) fn parents(ids: &ArrayRef, parent_rows: &[u32]) -> Result<ArrayRef> {
    match ids.data_type() {
        DataType::Int64 => {
            let ids = ids.as_primitive::<Int64Type>().values();
            Ok(Arc::new(Int64Array::from_iter_values(
                parent_rows.iter().map(|row| ids[*row as usize]),
            )))
        }
        DataType::Utf8 => {
            let ids = ids.as_string::<i32>();
            check_text_bytes(parent_rows.len(), TEXT_LENGTH)?;
            let mut bytes = Vec::with_capacity(parent_rows.len() * TEXT_LENGTH);
            let mut offsets = Vec::with_capacity(parent_rows.len() + 1);
            offsets.push(0);
            for row in parent_rows {
                bytes.extend_from_slice(ids.value(*row as usize).as_bytes());
                offsets.push(bytes.len() as i32);
            }
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
            let parents = StringArray::try_new(offsets, Buffer::from_vec(bytes), None);
            Ok(Arc::new(
                parents.map_err(|e| Error::internal(e.to_string()))?,
            ))
        }
        other => Err(Error::internal(format!("ids of type {other}"))),
    }
}
