//! The values of one column in some rows, in the shape in which Parquet has them: those that are not null, and which
//! rows have one. Records often have few of their table's columns, so rows with their nulls could take many times the
//! memory.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, FixedSizeBinaryArray, ListArray, StringArray, cast::AsArray, new_empty_array,
    new_null_array,
};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use arrow_schema::DataType;
use arrow_select::concat::concat;
use transmog_core::widen;

use crate::{
    Cause,
    pack::{is_packed, pack, pack_bits, unpack_texts},
};

/// The values of a column, at least one of which is not null.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    /// The values that are not null; for types that are not [packed](crate::pack::is_packed), one for each row.
    array: ArrayRef,
    /// Which rows have a value; `None` if `array` has one for each.
    present: Option<BooleanBuffer>,
    /// Which floats of `array` were integers, as in [`TableBatch::integers`](transmog_core::TableBatch::integers).
    integers: Option<BooleanBuffer>,
}

impl Values {
    /// The values of a column with their marks; `None` if all are null.
    ///
    /// # Errors
    /// If the marks are not as many as the values.
    pub(crate) fn new(
        array: &ArrayRef,
        integers: Option<BooleanBuffer>,
    ) -> Result<Option<Self>, Cause> {
        check_marks(array, integers.as_ref())?;
        if array.logical_null_count() == array.len() {
            return Ok(None);
        }
        let has_nulls =
            |nulls: &&NullBuffer| nulls.null_count() > 0 && is_packed(array.data_type());
        let Some(nulls) = array.nulls().filter(has_nulls) else {
            return Ok(Some(Self {
                array: Arc::clone(array),
                present: None,
                integers,
            }));
        };
        let present = nulls.inner().clone();
        Ok(Some(Self {
            array: pack(array, &present)?,
            integers: integers.map(|marks| pack_bits(&marks, &present)),
            present: Some(present),
        }))
    }

    /// The values, if every row has one.
    pub(crate) fn every_row(&self) -> Option<&dyn Array> {
        let is_full = self.present.is_none() && self.array.null_count() == 0;
        is_full.then_some(&*self.array)
    }

    pub(crate) fn data_type(&self) -> &DataType {
        self.array.data_type()
    }

    /// How many values are not null.
    pub(crate) fn count(&self) -> usize {
        self.array.len() - self.array.logical_null_count()
    }

    pub(crate) fn has_marks(&self) -> bool {
        self.integers.is_some()
    }

    /// Casts the values to a wider type.
    ///
    /// # Errors
    /// If `to` is not wider.
    pub(crate) fn widen(&mut self, to: &DataType) -> Result<(), Cause> {
        if self.array.data_type() == to {
            return Ok(());
        }
        let wide = widen(&self.array, self.integers.as_ref(), to)?;
        self.integers = match (leaf(&self.array).data_type(), leaf(&wide).data_type()) {
            (DataType::Int64, DataType::Float64) => Some(BooleanBuffer::new_set(leaf(&wide).len())),
            (DataType::Float64, DataType::Float64) => self.integers.take(),
            _ => None,
        };
        if is_packed(to)
            && let Some(nulls) = wide.nulls().filter(|nulls| nulls.null_count() > 0)
        {
            self.present = Some(nulls.inner().clone());
            self.array = pack(&wide, nulls.inner())?;
        } else {
            self.array = wide;
        }
        Ok(())
    }

    /// Some of the rows; `None` if they are all null.
    pub(crate) fn slice(&self, from: usize, rows: usize) -> Option<Self> {
        let (first, values, present) = self.range(from, rows);
        let array = self.array.slice(first, values);
        let integers = self.integers.as_ref().map(|marks| match array.data_type() {
            // A sliced list array keeps its whole items, so its marks stay whole too.
            DataType::List(_) => marks.clone(),
            _ => marks.slice(first, values),
        });
        (array.logical_null_count() < array.len()).then_some(Self {
            array,
            present,
            integers,
        })
    }

    /// Where in `array` the values of some rows stand, how many they are, and which rows have one.
    fn range(&self, from: usize, rows: usize) -> (usize, usize, Option<BooleanBuffer>) {
        let Some(present) = &self.present else {
            return (from, rows, None);
        };
        let first = present.slice(0, from).count_set_bits();
        let present = present.slice(from, rows);
        (first, present.count_set_bits(), Some(present))
    }

    /// The values of several parts, one after another; `None` if all are null.
    ///
    /// # Errors
    /// If they get too large for one array.
    pub(crate) fn join(parts: &[Part<'_>], data_type: &DataType) -> Result<Option<Self>, Cause> {
        // Of one part the array is not copied, and a list array that was sliced keeps items that are not its own.
        if let [part] = parts {
            return Ok(part
                .values
                .and_then(|values| values.slice(part.from, part.rows)));
        }
        let Block { array, present, .. } = gather(parts, data_type)?;
        let all = || parts.iter().filter_map(|part| part.values);
        let integers = all().any(Self::has_marks).then(|| {
            let mut bits = BooleanBufferBuilder::new(array.len());
            all().for_each(|values| values.append_marks(&mut bits));
            bits.finish()
        });
        Ok((array.logical_null_count() < array.len()).then_some(Self {
            array,
            present,
            integers,
        }))
    }

    /// Values without nulls, of a type that is [packed](crate::pack::is_packed), and the rows that have one.
    pub(crate) fn packed(
        array: ArrayRef,
        present: Option<BooleanBuffer>,
        integers: Option<BooleanBuffer>,
    ) -> Self {
        Self {
            array,
            present,
            integers,
        }
    }

    /// Appends the marks, unset ones if there are none: one for each value, or for each item of lists.
    pub(crate) fn append_marks(&self, bits: &mut BooleanBufferBuilder) {
        let (from, length) = leaf_range(&self.array);
        match &self.integers {
            Some(marks) => bits.append_buffer(&marks.slice(from, length)),
            None => bits.append_n(length, false),
        }
    }

    /// Appends a bit for each mark that tells whether its value or item is not null.
    pub(crate) fn append_validity(&self, bits: &mut BooleanBufferBuilder) {
        let (from, length) = leaf_range(&self.array);
        match leaf(&self.array).nulls() {
            Some(nulls) => bits.append_buffer(&nulls.inner().slice(from, length)),
            None => bits.append_n(length, true),
        }
    }

    /// The same values with other marks, of which `marks` is given the number.
    ///
    /// # Errors
    /// Those of `marks`.
    pub(crate) fn with_marks(
        self,
        marks: impl FnOnce(usize) -> Result<Option<BooleanBuffer>, Cause>,
    ) -> Result<Self, Cause> {
        let integers = marks(leaf(&self.array).len())?;
        Ok(Self { integers, ..self })
    }

    /// The values, which rows have one, and the marks: see [`packed`](Self::packed).
    pub(crate) fn into_parts(self) -> (ArrayRef, Option<BooleanBuffer>, Option<BooleanBuffer>) {
        (self.array, self.present, self.integers)
    }

    /// All rows, ready to be encoded.
    pub(crate) fn into_block(self, rows: usize) -> Block {
        Block {
            array: self.array,
            present: self.present,
            rows,
        }
    }

    /// Logical size in bytes: that of the values, without that of the bits that tell which rows have one.
    pub(crate) fn bytes(&self) -> u64 {
        bytes(&self.array)
    }
}

/// Checks that there is a mark for each value, or for each item of lists.
///
/// # Errors
/// If the marks are not as many.
pub(crate) fn check_marks(array: &ArrayRef, marks: Option<&BooleanBuffer>) -> Result<(), Cause> {
    if marks.is_some_and(|marks| marks.len() != leaf(array).len()) {
        return Err("a column's marks are not as many as its values".into());
    }
    Ok(())
}

/// Rows of one column, ready to be encoded.
#[derive(Debug)]
pub(crate) struct Block {
    /// As in [`Values`].
    pub(crate) array: ArrayRef,
    pub(crate) present: Option<BooleanBuffer>,
    pub(crate) rows: usize,
}

impl Block {
    /// Rows of nothing but nulls.
    pub(crate) fn nulls(data_type: &DataType, rows: usize) -> Self {
        let (array, present) = if is_packed(data_type) {
            let none = BooleanBuffer::new_unset(rows);
            (new_empty_array(data_type), Some(none))
        } else {
            (new_null_array(data_type, rows), None)
        };
        Self {
            array,
            present,
            rows,
        }
    }

    /// True if less than half of the rows have a value.
    pub(crate) fn is_sparse(&self) -> bool {
        self.array.len() < self.rows / 2
    }

    /// The same rows of text as an array with nulls.
    ///
    /// # Errors
    /// None that input can cause.
    pub(crate) fn unpacked(self) -> Result<Self, Cause> {
        let Some(present) = self.present else {
            return Ok(self);
        };
        Ok(Self {
            array: unpack_texts(self.array.as_string(), present)?,
            present: None,
            rows: self.rows,
        })
    }
}

/// Some rows of values, or that many nulls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) values: Option<&'a Values>,
    pub(crate) from: usize,
    pub(crate) rows: usize,
}

/// The rows of several parts, one after another.
///
/// # Errors
/// If they get too large for one array.
pub(crate) fn gather(parts: &[Part<'_>], data_type: &DataType) -> Result<Block, Cause> {
    let rows = parts.iter().map(|part| part.rows).sum();
    let has_nulls = |part: &Part<'_>| part.values.is_none_or(|values| values.present.is_some());
    let is_packed = is_packed(data_type);
    let mut present =
        (is_packed && parts.iter().any(has_nulls)).then(|| BooleanBufferBuilder::new(rows));
    let mut arrays = Vec::with_capacity(parts.len());
    for part in parts {
        let Some(values) = part.values else {
            match &mut present {
                Some(present) => present.append_n(part.rows, false),
                None => arrays.push(new_null_array(data_type, part.rows)),
            }
            continue;
        };
        let (first, length, bits) = values.range(part.from, part.rows);
        arrays.push(values.array.slice(first, length));
        match (&mut present, bits) {
            (Some(present), Some(bits)) => present.append_buffer(&bits),
            (Some(present), None) => present.append_n(part.rows, true),
            (None, _) => {}
        }
    }
    let array = match arrays.as_slice() {
        [] => return Ok(Block::nulls(data_type, rows)),
        [one] => Arc::clone(one),
        several => {
            let several: Vec<_> = several.iter().map(AsRef::as_ref).collect();
            concat(&several)?
        }
    };
    // Rows that all have a value come with or without bits that say so, depending on how they were cut. Encoders end pages
    // elsewhere if there are bits.
    Ok(Block {
        present: present
            .map(|mut present| present.finish())
            .filter(|_| array.len() < rows),
        array: without_full_validity(array)?,
        rows,
    })
}

/// The same array. Texts and ids of which none is null lose their validity bitmap. Of other types the encoders do not see it, or
/// write the same with and without it.
///
/// # Errors
/// None that input can cause.
fn without_full_validity(array: ArrayRef) -> Result<ArrayRef, Cause> {
    if array.nulls().is_none_or(|nulls| nulls.null_count() > 0) {
        return Ok(array);
    }
    Ok(match array.data_type() {
        DataType::Utf8 => {
            let (offsets, bytes, _) = array.as_string::<i32>().clone().into_parts();
            Arc::new(StringArray::try_new(offsets, bytes, None)?)
        }
        DataType::FixedSizeBinary(_) => {
            let (size, bytes, _) = array.as_fixed_size_binary().clone().into_parts();
            Arc::new(FixedSizeBinaryArray::try_new(size, bytes, None)?)
        }
        _ => array,
    })
}

/// The items of a list array (all that it keeps), the array itself otherwise.
pub(crate) fn leaf(array: &ArrayRef) -> &ArrayRef {
    match array.as_list_opt::<i32>() {
        Some(list) => list.values(),
        None => array,
    }
}

/// Where in its [`leaf`] the rows of an array begin, and how many values they have there.
pub(crate) fn leaf_range(array: &ArrayRef) -> (usize, usize) {
    let Some(list) = array.as_list_opt::<i32>() else {
        return (0, array.len());
    };
    let offsets = list.value_offsets();
    let (from, to) = (offsets[0] as usize, offsets[list.len()] as usize);
    (from, to - from)
}

fn bytes(array: &ArrayRef) -> u64 {
    let valid = (array.len() - array.logical_null_count()) as u64;
    let of_variable = match array.data_type() {
        DataType::Utf8 => text_bytes(array.as_string()),
        DataType::List(_) => item_bytes(array.as_list()),
        _ => 0,
    };
    valid * value_bytes(array.data_type()) + of_variable
}

/// Logical size of one value, without that of its text or its items.
pub(crate) fn value_bytes(data_type: &DataType) -> u64 {
    match data_type {
        DataType::Null => 0,
        DataType::Boolean => 1,
        DataType::Date32 | DataType::Utf8 | DataType::List(_) => 4,
        DataType::Decimal128(..) | DataType::FixedSizeBinary(_) => 16,
        _ => 8,
    }
}

fn text_bytes(texts: &StringArray) -> u64 {
    let offsets = texts.value_offsets();
    sum_of_valid(texts, |from, to| (offsets[to] - offsets[from]) as u64)
}

fn item_bytes(lists: &ListArray) -> u64 {
    let offsets = lists.value_offsets();
    sum_of_valid(lists, |from, to| {
        let (first, end) = (offsets[from] as usize, offsets[to] as usize);
        bytes(&lists.values().slice(first, end - first))
    })
}

/// Sums over runs of rows that are not null: what stands at a null depends on how rows were cut.
fn sum_of_valid(array: &dyn Array, between: impl Fn(usize, usize) -> u64) -> u64 {
    match array.nulls() {
        Some(nulls) => {
            let runs = nulls.valid_slices();
            runs.map(|(from, to)| between(from, to)).sum()
        }
        None => between(0, array.len()),
    }
}
