//! Collects the values of one column from many small batches.
//!
//! Arrow's builders would do, but they take a null for each row without a value, and they cannot
//! change their type. This builder appends whole arrays, keeps no nulls, and can be widened in
//! between:
//!
//! ```text
//! append [1, null]   append [null, 3]   widen to float64
//!
//! values  [1]        [1, 3]             [1.0, 3.0]
//! bitmap  1 0        1 0 0 1            1 0 0 1
//! marks   none       none               1 1           (both floats were integers)
//! ```

use std::mem;

use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, cast::AsArray};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, MutableBuffer, NullBuffer, ToByteSlice};
use arrow_schema::DataType;

use super::{
    column_batch::ColumnSlice,
    copied_column::CopiedColumn,
    size::value_bytes,
    slab::{SlabWriter, Slabs},
    validity::{append_bits, is_packed, not_packed, of_number},
    values::Values,
};
use crate::Cause;

/// How much memory a column probably needs, from what it needed before.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Capacity {
    values: usize,
    /// Bytes of numbers or texts.
    bytes: usize,
}

/// The values of one column, to which more are appended. Its parts are those of [`Values`].
#[derive(Debug)]
pub(crate) struct ColumnBuilder {
    data_type: DataType,
    buffers: Buffers,
    /// How many values are not null.
    count: usize,
    /// Their logical size, see [`size`](super::size).
    bytes: u64,
    /// The validity bitmap up to the last row with a value; `None` while every row has one.
    validity: Option<BooleanBufferBuilder>,
    /// Which floats were integers; `None` while none was.
    integer_marks: Option<BooleanBufferBuilder>,
}

/// The values that are not null.
#[derive(Debug)]
enum Buffers {
    Bits(BooleanBufferBuilder),
    /// Numbers, in native byte order.
    Numbers(MutableBuffer),
    /// Offsets (where each text begins, and where the last ends), and the bytes of the texts.
    Texts(Vec<i32>, Vec<u8>),
    /// Values of types that are not [packed](super::validity::is_packed): arrays with nulls.
    Whole(Vec<Run>),
}

/// Consecutive rows: their values (`None` if all are null) and their number.
type Run = (Option<Values>, usize);

impl ColumnBuilder {
    /// Makes an empty builder.
    pub(crate) fn new(data_type: &DataType, capacity: Capacity) -> Self {
        let buffers = match data_type {
            _ if !is_packed(data_type) => Buffers::Whole(Vec::new()),
            DataType::Boolean => Buffers::Bits(bits()),
            DataType::Utf8 => {
                let mut ends = Vec::with_capacity(capacity.values + 1);
                ends.push(0);
                Buffers::Texts(ends, Vec::with_capacity(capacity.bytes))
            }
            // Aligned as the largest number is, and not more: allocators are slow with larger
            // alignments.
            _ => Buffers::Numbers(MutableBuffer::from(Vec::<i128>::with_capacity(
                capacity.bytes.div_ceil(16),
            ))),
        };
        Self {
            data_type: data_type.clone(),
            buffers,
            count: 0,
            bytes: 0,
            validity: None,
            integer_marks: None,
        }
    }

    /// Copies the values of `rows` rows into a builder.
    ///
    /// # Errors
    /// A type is packed that has no buffers here.
    pub(crate) fn of(values: Values, rows: usize) -> Result<Self, Cause> {
        let mut copy = Self::new(values.data_type(), Capacity::default());
        copy.bytes = values.bytes();
        let count = values.count();
        if let Buffers::Whole(runs) = &mut copy.buffers {
            runs.push((Some(values), rows));
        } else {
            let (array, validity, marks) = values.into_parts();
            copy.append_marks(marks.as_ref(), None, 0);
            copy.validity = validity.map(|validity| {
                let mut all = bits();
                all.append_buffer(&validity);
                all
            });
            copy.buffers.append(&array, None)?;
        }
        copy.count = count;
        Ok(copy)
    }

    /// Logical size in bytes, as [`Values::bytes`].
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes that nulls take in memory once the column has `rows` rows; packed types need none.
    pub(crate) fn nulls(&self, rows: usize) -> u64 {
        match self.buffers {
            Buffers::Whole(_) => (rows - self.count) as u64 * value_bytes(&self.data_type),
            _ => 0,
        }
    }

    /// Appends an array to a column that has `rows` rows so far; rows that have not been appended
    /// are null. `marks` must have the length that [`check_marks`](super::values::check_marks) asks
    /// for.
    ///
    /// # Errors
    /// Texts or items get too large for one array.
    pub(crate) fn append(
        &mut self,
        array: &ArrayRef,
        marks: Option<&BooleanBuffer>,
        rows: usize,
    ) -> Result<(), Cause> {
        let added = array.len() - array.null_count();
        if let Buffers::Whole(runs) = &mut self.buffers {
            let values = Values::new(array, marks.cloned())?;
            self.count += added;
            self.bytes += values.as_ref().map_or(0, Values::bytes);
            append_run(runs, (None, rows - rows_of(runs)), &self.data_type)?;
            append_run(runs, (values, array.len()), &self.data_type)?;
            return Ok(());
        }
        let validity = array.nulls().filter(|nulls| nulls.null_count() > 0);
        let validity = validity.map(NullBuffer::inner);
        self.append_marks(marks, validity, added);
        self.append_rows_validity(validity, array.len(), rows);
        self.count += added;
        let texts = self.buffers.append(array, validity)?;
        self.bytes += added as u64 * value_bytes(array.data_type()) + texts;
        Ok(())
    }

    /// Casts the values of a column of `rows` rows to a wider type.
    ///
    /// # Errors
    /// `to` is not wider.
    pub(crate) fn widen(&mut self, to: &DataType, rows: usize) -> Result<(), Cause> {
        if self.data_type == *to {
            return Ok(());
        }
        let narrow = mem::replace(self, Self::new(to, Capacity::default()));
        if let Some(mut values) = narrow.finish(rows)? {
            values.widen(to)?;
            *self = Self::of(values, rows)?;
        }
        Ok(())
    }

    fn append_marks(
        &mut self,
        marks: Option<&BooleanBuffer>,
        validity: Option<&BooleanBuffer>,
        added: usize,
    ) {
        let count = self.count;
        match (&mut self.integer_marks, marks) {
            (None, None) => {}
            (Some(integer_marks), None) => integer_marks.append_n(added, false),
            (_, Some(marks)) => {
                let integer_marks = self.integer_marks.get_or_insert_with(|| {
                    let mut integer_marks = bits();
                    integer_marks.append_n(count, false);
                    integer_marks
                });
                append_bits(integer_marks, marks, validity);
            }
        }
    }

    fn append_rows_validity(
        &mut self,
        validity: Option<&BooleanBuffer>,
        length: usize,
        rows: usize,
    ) {
        if self.validity.is_none() && validity.is_none() && rows == self.count {
            return;
        }
        let all = self.validity_until(rows);
        match validity {
            Some(validity) => all.append_buffer(validity),
            None => all.append_n(length, true),
        }
    }

    /// The validity bitmap, extended to `rows` rows with nulls.
    fn validity_until(&mut self, rows: usize) -> &mut BooleanBufferBuilder {
        let count = self.count;
        let all = self.validity.get_or_insert_with(|| {
            let mut all = bits();
            all.append_n(count, true);
            all
        });
        all.append_n(rows - all.len(), false);
        all
    }

    /// What the column has taken, and a sixteenth more, because the next rows will differ.
    pub(crate) fn capacity(&self) -> Capacity {
        let bytes = match &self.buffers {
            Buffers::Numbers(buffers) => buffers.len(),
            Buffers::Texts(_, texts) => texts.len(),
            _ => 0,
        };
        Capacity {
            values: self.count + self.count / 16,
            bytes: bytes + bytes / 16,
        }
    }

    /// Extends the column to `rows` rows with nulls; nothing is appended after that.
    pub(crate) fn end(&mut self, rows: usize) {
        if let Buffers::Whole(runs) = &mut self.buffers {
            let missing = rows - rows_of(runs);
            runs.extend((missing > 0).then_some((None, missing)));
        } else if self.validity.is_some() || self.count < rows {
            self.validity_until(rows);
        }
    }

    /// The lengths of the buffers that [`copy_to`](Self::copy_to) copies, in bytes.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        let [values, ends] = self.buffers.slices();
        let bits = [&self.validity, &self.integer_marks];
        let bits = bits.map(|bits| bits.as_ref().map(BooleanBufferBuilder::as_slice));
        let all = [values, ends].into_iter().chain(bits);
        all.flatten().map(<[u8]>::len)
    }

    /// Copies the buffers of a column that was [ended](Self::end) to slabs.
    ///
    /// # Errors
    /// Lists get too large for one array.
    pub(crate) fn copy_to(self, writer: &mut SlabWriter<'_>) -> Result<CopiedColumn, Cause> {
        let [values, ends] = self.buffers.slices();
        let Some(values) = values else {
            let values = match &self.buffers {
                Buffers::Whole(runs) => join(runs, &self.data_type)?,
                _ => None,
            };
            return Ok(CopiedColumn::Whole(values));
        };
        let mut bits = |bits: Option<BooleanBufferBuilder>| {
            bits.map(|bits| (writer.copy(bits.as_slice()), bits.len()))
        };
        Ok(CopiedColumn::Packed {
            validity: bits(self.validity),
            integer_marks: bits(self.integer_marks),
            values: writer.copy(values),
            ends: ends.map(|ends| writer.copy(ends)),
            count: self.count,
            data_type: self.data_type,
        })
    }

    fn finish(mut self, rows: usize) -> Result<Option<Values>, Cause> {
        self.end(rows);
        let slabs = Slabs::default();
        let mut writer = SlabWriter::new(&slabs, self.lengths());
        let copied = self.copy_to(&mut writer)?;
        copied.into_values(&writer.finish())
    }
}

impl Buffers {
    /// Appends the values of the rows that `validity` marks; of all rows if it is `None`. Returns
    /// the length of the texts.
    fn append(&mut self, array: &ArrayRef, validity: Option<&BooleanBuffer>) -> Result<u64, Cause> {
        match self {
            Self::Bits(buffers) => append_bits(buffers, array.as_boolean().values(), validity),
            Self::Numbers(buffers) => {
                of_number!(array.data_type(), append_numbers(array, validity, buffers))
                    .ok_or_else(|| not_packed(array.data_type()))?;
            }
            Self::Texts(ends, texts) => return Ok(append_texts(ends, texts, array, validity)),
            Self::Whole(_) => {}
        }
        Ok(0)
    }

    /// The bits, numbers or texts, and the offsets of texts.
    fn slices(&self) -> [Option<&[u8]>; 2] {
        match self {
            Self::Bits(buffers) => [Some(buffers.as_slice()), None],
            Self::Numbers(buffers) => [Some(buffers.as_slice()), None],
            Self::Texts(ends, texts) => [Some(texts), Some(ends.as_slice().to_byte_slice())],
            Self::Whole(_) => [None, None],
        }
    }
}

fn rows_of(runs: &[Run]) -> usize {
    runs.iter().map(|(_, rows)| rows).sum()
}

/// Appends a run, and joins it with shorter runs before it. So there are few runs, and a row is
/// copied at most as often as a run can be halved.
fn append_run(runs: &mut Vec<Run>, mut run: Run, data_type: &DataType) -> Result<(), Cause> {
    if run.1 == 0 {
        return Ok(());
    }
    while let Some(before) = runs.pop_if(|before| before.1 <= run.1) {
        let rows = before.1 + run.1;
        run = (join(&[before, run], data_type)?, rows);
    }
    runs.push(run);
    Ok(())
}

fn join(runs: &[Run], data_type: &DataType) -> Result<Option<Values>, Cause> {
    let slices = runs.iter().map(|(values, rows)| ColumnSlice {
        values: values.as_ref(),
        from: 0,
        rows: *rows,
    });
    Values::join(&slices.collect::<Vec<_>>(), data_type)
}

/// An empty bitmap, aligned as in [`ColumnBuilder::new`].
fn bits() -> BooleanBufferBuilder {
    BooleanBufferBuilder::new_from_buffer(MutableBuffer::from(Vec::<u64>::new()), 0)
}

fn append_numbers<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    validity: Option<&BooleanBuffer>,
    buffers: &mut MutableBuffer,
) {
    let values = array.as_primitive::<T>().values();
    match validity {
        Some(validity) => buffers.extend(validity.set_indices().map(|row| values[row])),
        None => buffers.extend_from_slice(values),
    }
}

fn append_texts(
    ends: &mut Vec<i32>,
    texts: &mut Vec<u8>,
    array: &ArrayRef,
    validity: Option<&BooleanBuffer>,
) -> u64 {
    let array = array.as_string::<i32>();
    let (offsets, bytes) = (array.value_offsets(), array.value_data());
    let before = texts.len();
    let mut append = |(from, to): (usize, usize)| {
        let start = texts.len() as i32 - offsets[from];
        texts.extend_from_slice(&bytes[offsets[from] as usize..offsets[to] as usize]);
        ends.extend(offsets[from + 1..=to].iter().map(|end| end + start));
    };
    match validity {
        Some(validity) => validity.set_slices().for_each(append),
        None => append((0, array.len())),
    }
    (texts.len() - before) as u64
}
