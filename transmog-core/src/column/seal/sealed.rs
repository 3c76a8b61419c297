//! A sealed column of a chunk. A sparse one stores only its values and their row numbers; nulls are
//! added when the batch is assembled.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, FixedSizeBinaryArray, NullArray, PrimitiveArray,
    StringArray, cast::AsArray, downcast_primitive_array,
};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;

use super::expand::Presence;
use crate::column::steps::{Seen, Step};
use crate::{
    arrow::{Cells, widen_marked},
    base::{Error, Result},
    types::Kinds,
};

/// A sealed column of a chunk, of which [`Assembler::assemble`](crate::Assembler::assemble) makes a
/// column of a batch.
#[derive(Debug, Clone)]
pub struct SealedColumn {
    /// Its values, of the narrowest type that holds them: one for each row, null or not, unless
    /// they are packed.
    pub(super) array: ArrayRef,
    /// Which floats of the array were integers, see [`TableBatch`](crate::TableBatch).
    pub(super) integers: Option<BooleanBuffer>,
    /// If its values became text and some of them are none, which of the array are.
    pub(super) texts: Option<BooleanBuffer>,
    pub(super) packed: Option<Packed>,
    /// Where values of new kinds came.
    pub(crate) steps: Vec<Step>,
    /// What the column has seen.
    pub kinds: Kinds,
    /// What the items of its lists have seen.
    pub items: Kinds,
    /// Values taken, nulls not counted.
    pub leaves: u64,
}

/// Of a column whose array has no nulls, but only the values.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    /// The values' rows.
    pub(super) of_values: Vec<u32>,
    /// All rows of the column.
    pub(super) rows: usize,
}

impl SealedColumn {
    /// A column without any value.
    pub(super) fn of_nulls(rows: usize, (kinds, items): Seen) -> Self {
        Self {
            array: Arc::new(NullArray::new(rows)),
            integers: None,
            texts: None,
            packed: None,
            steps: Vec::new(),
            kinds,
            items,
            leaves: 0,
        }
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        let packed = self.packed.as_ref();
        let rows = packed.map_or(0, |packed| size_of_val(packed.of_values.as_slice()));
        self.array.get_array_memory_size() + rows
    }

    /// The narrowest type that holds the values.
    pub(crate) fn data_type(&self) -> &DataType {
        self.array.data_type()
    }

    /// Its values, each at its [`place`](Self::place).
    ///
    /// # Errors
    /// None that input can cause.
    pub(crate) fn cells(&self) -> Result<Cells<'_>> {
        Cells::new(&self.array, self.integers.as_ref())
    }

    /// Where among the cells a row's value is; `None` if it has none.
    pub(crate) fn place(&self, row: usize) -> Option<usize> {
        match &self.packed {
            Some(packed) => packed.of_values.binary_search(&(row as u32)).ok(),
            None => (self.leaves > 0 && self.array.is_valid(row)).then_some(row),
        }
    }

    /// The rows that have a value, and its place.
    pub(crate) fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let packed = self.packed.as_ref().map(|packed| &packed.of_values);
        let count = if self.leaves > 0 { self.array.len() } else { 0 };
        (0..count).filter_map(move |place| match packed {
            Some(of_values) => Some((of_values[place] as usize, place)),
            None => self.array.is_valid(place).then_some((place, place)),
        })
    }

    /// The text at a place; empty if the values are no texts.
    pub(crate) fn text(&self, place: usize) -> &str {
        let texts = self.array.as_string_opt::<i32>();
        texts.map_or("", |texts| texts.value(place))
    }

    /// Bytes of the texts at some places, each time that they are named; none if the values are no
    /// texts.
    pub(crate) fn text_bytes<'a>(&self, places: impl Iterator<Item = &'a usize>) -> usize {
        let texts = self.array.as_string_opt::<i32>();
        let length = |texts: &StringArray, place: usize| texts.value_length(place) as usize;
        texts.map_or(0, |texts| places.map(|place| length(texts, *place)).sum())
    }

    /// False if the text at a place is how something else is spelled.
    pub(crate) fn is_text(&self, place: usize) -> bool {
        self.texts.as_ref().is_none_or(|texts| texts.value(place))
    }

    /// All rows as a wider type, and which of their floats were integers.
    ///
    /// # Errors
    /// If `to` is not wider than the column's type.
    pub(crate) fn widened(&self, to: &DataType) -> Result<(ArrayRef, Option<BooleanBuffer>)> {
        let (array, integers) = widen_marked(&self.array, self.integers.as_ref(), to)?;
        let Some(packed) = &self.packed else {
            return Ok((array, integers));
        };
        if array.null_count() > 0 {
            // Where nulls are put in, nobody would see that it is missing.
            return Err(Error::internal(format!(
                "a value is lost in a cast to {to}"
            )));
        }
        let presence = Presence {
            rows: packed.rows,
            of_values: Some(&packed.of_values),
        };
        let integers = integers.map(|integers| presence.bits(&integers.iter().collect::<Vec<_>>()));
        Ok((spread(&array, &presence)?, integers))
    }
}

/// The values of an array, each in its row.
fn spread(array: &ArrayRef, presence: &Presence<'_>) -> Result<ArrayRef> {
    Ok(downcast_primitive_array! {
        array => Arc::new(spread_numbers(array, presence)),
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            let each = (0..texts.len()).map(|place| texts.value(place));
            Arc::new(presence.spread_texts(each, texts.value_data().len()))
        }
        DataType::FixedSizeBinary(16) => {
            let ids = array.as_fixed_size_binary().iter().flatten();
            let ids: Vec<i128> = ids.flat_map(|id| id.try_into().map(i128::from_ne_bytes)).collect();
            let array = FixedSizeBinaryArray::try_new(16, presence.spread(&ids).into_inner(), presence.nulls());
            Arc::new(array.map_err(|e| Error::internal(e.to_string()))?)
        }
        other => return Err(Error::internal(format!("values of type {other} are not packed"))),
    })
}

fn spread_numbers<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    presence: &Presence<'_>,
) -> PrimitiveArray<T> {
    let values = presence.spread(array.values());
    PrimitiveArray::new(values, presence.nulls()).with_data_type(array.data_type().clone())
}
