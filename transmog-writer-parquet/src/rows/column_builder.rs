//! A column to whose values others are copied, in the shape of [`Values`].

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

/// What a column probably needs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Capacity {
    values: usize,
    /// Of numbers or texts.
    bytes: usize,
}

/// The values of one column in rows that become more.
#[derive(Debug)]
pub(crate) struct ColumnBuilder {
    data_type: DataType,
    buffers: Buffers,
    /// Values that are not null.
    count: usize,
    /// Their logical size.
    bytes: u64,
    /// Which rows have a value, up to the last that has one; `None` while all have one.
    validity: Option<BooleanBufferBuilder>,
    /// As in [`Values`]; `None` while no value has a mark.
    integers: Option<BooleanBufferBuilder>,
}

/// The values that are not null.
#[derive(Debug)]
enum Buffers {
    Bits(BooleanBufferBuilder),
    /// Numbers, as they stand in memory.
    Numbers(MutableBuffer),
    /// Where texts begin and where the last ends, and the texts.
    Texts(Vec<i32>, Vec<u8>),
    /// Values of types that are not [packed](crate::pack::is_packed): with nulls, in runs of rows.
    Whole(Vec<Run>),
}

/// Consecutive rows: their values, `None` if all are null, and how many they are.
type Run = (Option<Values>, usize);

impl ColumnBuilder {
    /// Nothing yet, of a type.
    pub(crate) fn new(data_type: &DataType, capacity: Capacity) -> Self {
        let buffers = match data_type {
            _ if !is_packed(data_type) => Buffers::Whole(Vec::new()),
            DataType::Boolean => Buffers::Bits(bits()),
            DataType::Utf8 => {
                let mut ends = Vec::with_capacity(capacity.values + 1);
                ends.push(0);
                Buffers::Texts(ends, Vec::with_capacity(capacity.bytes))
            }
            // Aligned as the largest number is, and no more: allocators are slow with buffers on cache lines.
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
            integers: None,
        }
    }

    /// A copy of the values of `rows` rows.
    ///
    /// # Errors
    /// None that input can cause.
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

    /// Logical size in bytes, as with [`Values::bytes`].
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes that nulls take if the column has `rows` rows.
    pub(crate) fn nulls(&self, rows: usize) -> u64 {
        match self.buffers {
            Buffers::Whole(_) => (rows - self.count) as u64 * value_bytes(&self.data_type),
            _ => 0,
        }
    }

    /// Appends the values of an array of the column's type to a column of `rows` rows, those without a value among them. There
    /// must be as many marks as [`check_marks`](crate::values::check_marks) wants.
    ///
    /// # Errors
    /// None that input can cause.
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
    /// If `to` is not wider.
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
        match (&mut self.integers, marks) {
            (None, None) => {}
            (Some(integers), None) => integers.append_n(added, false),
            (_, Some(marks)) => {
                let integers = self.integers.get_or_insert_with(|| {
                    let mut integers = bits();
                    integers.append_n(count, false);
                    integers
                });
                append_bits(integers, marks, validity);
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

    /// Which of `rows` rows have a value.
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

    /// What it has taken, and some more, because the next rows will not be quite the same.
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

    /// Ends the column after `rows` rows.
    pub(crate) fn end(&mut self, rows: usize) {
        if let Buffers::Whole(runs) = &mut self.buffers {
            let missing = rows - rows_of(runs);
            runs.extend((missing > 0).then_some((None, missing)));
        } else if self.validity.is_some() || self.count < rows {
            self.validity_until(rows);
        }
    }

    /// The lengths of the buffers that [`put`](Self::put) copies, in bytes.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        let [values, ends] = self.buffers.buffers();
        let bits = [&self.validity, &self.integers];
        let bits = bits.map(|bits| bits.as_ref().map(BooleanBufferBuilder::as_slice));
        let all = [values, ends].into_iter().chain(bits);
        all.flatten().map(<[u8]>::len)
    }

    /// Copies the values of a column that was [ended](Self::end).
    ///
    /// # Errors
    /// If values that are buffers as they are get too large for one array.
    pub(crate) fn put(self, writer: &mut SlabWriter<'_>) -> Result<CopiedColumn, Cause> {
        let [values, ends] = self.buffers.buffers();
        let Some(values) = values else {
            let values = match &self.buffers {
                Buffers::Whole(runs) => join(runs, &self.data_type)?,
                _ => None,
            };
            return Ok(CopiedColumn::Whole(values));
        };
        let mut bits = |bits: Option<BooleanBufferBuilder>| {
            bits.map(|bits| (writer.put(bits.as_slice()), bits.len()))
        };
        Ok(CopiedColumn::Packed {
            validity: bits(self.validity),
            integers: bits(self.integers),
            values: writer.put(values),
            ends: ends.map(|ends| writer.put(ends)),
            count: self.count,
            data_type: self.data_type,
        })
    }

    fn finish(mut self, rows: usize) -> Result<Option<Values>, Cause> {
        self.end(rows);
        let slabs = Slabs::default();
        let mut writer = SlabWriter::new(&slabs, self.lengths());
        let copied = self.put(&mut writer)?;
        copied.into_values(&writer.finish())
    }
}

impl Buffers {
    /// Appends the values of the rows that are `validity`. Returns their bytes of text.
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

    /// Bits, numbers or texts, and where texts end.
    fn buffers(&self) -> [Option<&[u8]>; 2] {
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

/// Adds a run to those before. Runs of fewer rows are joined to it: so a row is copied at most as often as the rows of a
/// run can be halved, and there are few runs.
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

/// Bits, aligned as in [`ColumnBuilder::new`].
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
