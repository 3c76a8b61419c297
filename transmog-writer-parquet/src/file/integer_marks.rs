//! Stores which floats of a chunk were integers in the input.
//!
//! If a column of floats later becomes text, `1` must become `"1"` and `1.5` must become `"1.5"`,
//! but the chunk holds 1.0 and 1.5. The marks are one bit per value; they wait in the file, where
//! the footer does not refer to them, and are read only if the chunk is widened.
//!
//! ```text
//! input   1  2  1.5  3          marks  1 1 0 1
//! stored  BITS 00001011         or, if shorter,  RUNS 0 2 1 1  (unset, set, unset, set)
//! ```

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, Buffer};
use arrow_schema::DataType;
use transmog_io::Output;

use super::varint::{take_varint, write_varint};
use crate::{
    Cause,
    rows::{RowBlock, Values},
};

/// The first byte of stored marks is their form: bits, or lengths of runs.
const BITS: u8 = 0;
const RUNS: u8 = 1;

/// The marks of one chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntegerMarks {
    /// No value is marked.
    None,
    /// Every value that is not null is marked.
    All,
    /// Some are marked; the marks are in the file.
    Stored {
        /// Their first byte in the file.
        offset: u64,
        /// Their length in the file.
        bytes: usize,
        /// Number of marks: one for each value that is not null, or for each item of lists.
        values: usize,
    },
}

impl IntegerMarks {
    /// Collects the marks of column `number`, and appends them to the file if some but not all are
    /// set.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn store(
        blocks: &[RowBlock],
        number: usize,
        output: &mut dyn Output,
    ) -> Result<Self, Cause> {
        let marked = |block: &RowBlock| block.values(number).is_some_and(Values::has_marks);
        if !blocks.iter().any(marked) {
            return Ok(Self::None);
        }
        let mut bits = BooleanBufferBuilder::new(0);
        let mut valid = BooleanBufferBuilder::new(0);
        for values in blocks.iter().filter_map(|block| block.values(number)) {
            values.append_marks(&mut bits);
            values.append_validity(&mut valid);
        }
        let valid = valid.finish();
        // An array may hold anything at a null, depending on how rows were cut.
        let bits = &bits.finish() & &valid;
        let set = bits.count_set_bits();
        if set == 0 {
            return Ok(Self::None);
        }
        if set == valid.count_set_bits() {
            return Ok(Self::All);
        }
        let offset = output.len();
        let stored = pack(&bits);
        output.write_all(&stored)?;
        Ok(Self::Stored {
            offset,
            bytes: stored.len(),
            values: bits.len(),
        })
    }

    /// Appends three integers that describe the marks, for
    /// [`ChunkMetadata`](super::chunk_metadata).
    pub(crate) fn write(self, bytes: &mut Vec<u8>) {
        let numbers = match self {
            Self::None => [0, 0, 0],
            Self::All => [1, 0, 0],
            Self::Stored {
                offset,
                bytes,
                values,
            } => [offset + 2, bytes as u64, values as u64],
        };
        for number in numbers {
            write_varint(number, bytes);
        }
    }

    /// Reads what [`write`](Self::write) appended; `None` if the bytes are damaged.
    pub(crate) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let first = take_varint(bytes)?;
        let mut size = || usize::try_from(take_varint(bytes)?).ok();
        let (bytes, values) = (size()?, size()?);
        Some(match first {
            0 => Self::None,
            1 => Self::All,
            _ => Self::Stored {
                offset: first - 2,
                bytes,
                values,
            },
        })
    }

    /// The marks of `values` values from `from` on, given what [`IntegerMarks::load`] returned;
    /// `None` if no value is marked.
    ///
    /// # Errors
    /// The chunk has fewer values than that.
    pub(crate) fn slice(
        self,
        loaded: &BooleanBuffer,
        from: usize,
        values: usize,
    ) -> Result<Option<BooleanBuffer>, Cause> {
        match self {
            Self::None => Ok(None),
            Self::All => Ok(Some(BooleanBuffer::new_set(values))),
            Self::Stored { .. } if from + values <= loaded.len() => {
                Ok(Some(loaded.slice(from, values)))
            }
            Self::Stored { .. } => Err("a chunk has more values than marks".into()),
        }
    }

    /// Reads the marks from the file; empty if none are there.
    ///
    /// # Errors
    /// The file cannot be read, or its bytes are damaged.
    pub(crate) fn load(self, output: &mut dyn Output) -> Result<BooleanBuffer, Cause> {
        let Self::Stored {
            offset,
            bytes,
            values,
        } = self
        else {
            return Ok(BooleanBuffer::new_unset(0));
        };
        let mut stored = vec![0; bytes];
        output.read_at(offset, &mut stored)?;
        unpack(&stored, values).ok_or_else(|| "the marks in the file are damaged".into())
    }
}

/// True for types whose columns can have marks.
pub(crate) fn can_be_marked(data_type: &DataType) -> bool {
    match data_type {
        DataType::Float64 => true,
        DataType::List(item) => can_be_marked(item.data_type()),
        _ => false,
    }
}

/// The shorter one of both forms.
fn pack(bits: &BooleanBuffer) -> Vec<u8> {
    let longest = bits.len().div_ceil(8);
    pack_runs(bits, longest).unwrap_or_else(|| {
        let mut packed = BooleanBufferBuilder::new(bits.len());
        packed.append_buffer(bits);
        let packed = packed.finish();
        let mut out = vec![BITS];
        out.extend_from_slice(&packed.values()[..longest]);
        out
    })
}

/// Lengths of unset and set runs by turns, beginning with unset; `None` beyond `longest` bytes.
fn pack_runs(bits: &BooleanBuffer, longest: usize) -> Option<Vec<u8>> {
    let mut out = vec![RUNS];
    let mut end = 0;
    for (from, to) in bits.set_slices() {
        for run in [from - end, to - from] {
            write_varint(run as u64, &mut out);
        }
        end = to;
        if out.len() > longest {
            return None;
        }
    }
    Some(out)
}

fn unpack(stored: &[u8], values: usize) -> Option<BooleanBuffer> {
    let (form, mut rest) = stored.split_first()?;
    if *form == BITS {
        return (rest.len() * 8 >= values)
            .then(|| BooleanBuffer::new(Buffer::from(rest), 0, values));
    }
    let mut bits = BooleanBufferBuilder::new(values);
    let mut set = false;
    while !rest.is_empty() {
        let run = usize::try_from(take_varint(&mut rest)?).ok()?;
        bits.append_n(run.min(values - bits.len()), set);
        set = !set;
    }
    bits.append_n(values - bits.len(), false);
    Some(bits.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_survive_in_the_shorter_form() {
        let runs = BooleanBuffer::collect_bool(1000, |i| (130..600).contains(&i));
        let stored = pack(&runs);
        assert_eq!(stored, [RUNS, 130, 1, 214, 3]);
        assert_eq!(unpack(&stored, 1000), Some(runs));

        let mixed = BooleanBuffer::collect_bool(1003, |i| i % 3 == 0);
        let stored = pack(&mixed);
        assert_eq!((stored[0], stored.len()), (BITS, 1 + 126));
        assert_eq!(unpack(&stored, 1003), Some(mixed.clone()));
        let sliced = mixed.slice(5, 301);
        assert_eq!(unpack(&pack(&sliced), 301), Some(sliced));
    }
}
