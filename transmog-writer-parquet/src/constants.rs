//! Chunks in which every row has the same value, such as the time of a run: they are encoded once for all row groups of as
//! many rows.

use std::sync::{Mutex, PoisonError};

use arrow_array::{Array, StringArray, cast::AsArray, types::TimestampMicrosecondType};
use arrow_schema::{DataType, Field, TimeUnit};
use transmog_core::Role;

use crate::{chunk::Encoded, piece::Piece};

/// Chunks that are kept: two for each table, of which tables have those with times in common.
const MOST: usize = 1024;

/// Bytes of the largest chunk that is kept. Most have some hundred.
const LARGEST: usize = 4096;

/// The chunks that were encoded last.
#[derive(Debug, Default)]
pub(crate) struct Constants(Mutex<Vec<(Constant, Encoded)>>);

/// What such a chunk holds. Columns that may be constants have one style, so it needs not say which.
#[derive(Debug, PartialEq)]
pub(crate) struct Constant {
    rows: usize,
    value: Value,
    has_bloom: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    /// Microseconds.
    Time(i64),
    Text(String),
}

impl Constant {
    /// The value of a column that may be one; `None` if it is none.
    pub(crate) fn of(
        field: &Field,
        pieces: &[Piece],
        number: usize,
        has_bloom: bool,
    ) -> Option<Self> {
        if !matches!(Role::of(field), Some(Role::Time | Role::ArrayField)) {
            return None;
        }
        let mut rows = 0;
        let mut value = None;
        for piece in pieces {
            let of_piece = Value::of(piece.values(number)?.every_row()?)?;
            if *value.get_or_insert_with(|| of_piece.clone()) != of_piece {
                return None;
            }
            rows += piece.rows;
        }
        Some(Self {
            rows,
            value: value?,
            has_bloom,
        })
    }
}

impl Value {
    /// What all rows of an array without nulls have.
    fn of(array: &dyn Array) -> Option<Self> {
        match array.data_type() {
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
                let times = array.as_primitive::<TimestampMicrosecondType>().values();
                let first = times.first()?;
                times
                    .iter()
                    .all(|time| time == first)
                    .then_some(Self::Time(*first))
            }
            DataType::Utf8 => text_of(array.as_string()).map(|text| Self::Text(text.to_owned())),
            _ => None,
        }
    }
}

fn text_of(texts: &StringArray) -> Option<&str> {
    let first = (!texts.is_empty()).then(|| texts.value(0))?;
    let offsets = texts.value_offsets();
    let length = first.len();
    let is_even = offsets
        .windows(2)
        .all(|pair| pair[1] - pair[0] == length as i32);
    let (start, end) = (offsets[0] as usize, offsets[texts.len()] as usize);
    let bytes = texts.value_data().get(start..end)?;
    let is_same = length == 0
        || bytes
            .chunks_exact(length)
            .all(|text| text == first.as_bytes());
    (is_even && is_same).then_some(first)
}

impl Constants {
    /// The chunk, if it was encoded.
    pub(crate) fn get(&self, constant: &Constant) -> Option<Encoded> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = known.iter();
        known
            .find(|(other, _)| other == constant)
            .map(|(_, encoded)| encoded.clone())
    }

    /// Keeps a chunk for the next time.
    pub(crate) fn keep(&self, constant: Constant, encoded: &Encoded) {
        if encoded.size() > LARGEST {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been at the same.
        if known.iter().any(|(other, _)| *other == constant) {
            return;
        }
        if known.len() == MOST {
            known.remove(0);
        }
        known.push((constant, encoded.clone()));
    }
}
