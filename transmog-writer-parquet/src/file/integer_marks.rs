//! Which floats of an encoded chunk were integers in the input, kept until the end in the file's dead bytes: a column
//! that becomes text then spells them without a fraction. Nothing in the footer refers to them.

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, Buffer};
use arrow_schema::DataType;
use transmog_io::Output;

use super::varint::{take_varint, write_varint};
use crate::{
    Cause,
    rows::{RowBlock, Values},
};

/// First byte of stored marks: bits, eight to a byte, or lengths of runs.
const BITS: u8 = 0;
const RUNS: u8 = 1;

/// The marks of one chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntegerMarks {
    /// No value is marked.
    None,
    /// Every value that is not null is marked.
    All,
    /// They stand in the file.
    Stored {
        /// First byte of them in the file.
        offset: u64,
        /// Bytes that they take.
        bytes: usize,
        /// How many they are: as many as the chunk has values that are not null, or items of lists.
        values: usize,
    },
}

impl IntegerMarks {
    /// Collects the marks of a column in a row group and appends them to the file, if they are mixed.
    ///
    /// # Errors
    /// If the file cannot be written.
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
        // What stands at a null depends on how the rows were cut.
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

    /// Appends what is to be known of them.
    pub(crate) fn note(self, notes: &mut Vec<u8>) {
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
            write_varint(number, notes);
        }
    }

    /// Takes what [`note`](Self::note) appended off the front of notes; `None` if it is damaged.
    pub(crate) fn noted(notes: &mut &[u8]) -> Option<Self> {
        let first = take_varint(notes)?;
        let mut size = || usize::try_from(take_varint(notes)?).ok();
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

    /// The marks of `values` values from `from` on, given what [`IntegerMarks::load`] gave; `None` if none is marked.
    ///
    /// # Errors
    /// If the chunk has fewer values than that.
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

    /// Reads stored marks back; empty if nothing is stored.
    ///
    /// # Errors
    /// If the file cannot be read.
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

/// True for columns that can have marks.
pub(crate) fn can_be_marked(data_type: &DataType) -> bool {
    match data_type {
        DataType::Float64 => true,
        DataType::List(item) => can_be_marked(item.data_type()),
        _ => false,
    }
}

/// The shorter of both forms.
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

/// Lengths of unset and set runs in turn, beginning with unset, as LEB128; `None` beyond `longest` bytes.
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
