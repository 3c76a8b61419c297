//! The row groups of a table that stand in the file, and which chunks they have. Little of that is in memory.

use arrow_schema::DataType;
use transmog_io::Output;

use super::{chunk::Chunk, chunk_metadata::ChunkMetadata};
use crate::Cause;

/// Bytes of what is known of a table's chunks that are in memory, beside what came last. The rest waits in the file.
const MOST_IN_MEMORY: usize = 1024 * 1024;

/// Row groups, in order.
#[derive(Debug, Default)]
pub(crate) struct RowGroups {
    all: Vec<RowGroup>,
    /// All types of chunks.
    types: Vec<DataType>,
    /// Of the parts in memory.
    bytes: usize,
    /// The group that got the last part. That stays in memory, as it may be all that there is.
    newest: usize,
}

#[derive(Debug)]
struct RowGroup {
    rows: usize,
    /// The chunks that were written first, and those that were written in place of some and for later columns.
    parts: Vec<ChunkMetadata>,
}

impl RowGroups {
    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The rows of a group.
    pub(crate) fn rows(&self, group: usize) -> usize {
        self.all[group].rows
    }

    /// The rows of all groups.
    pub(crate) fn all_rows(&self) -> u64 {
        self.all.iter().map(|group| group.rows as u64).sum()
    }

    /// Adds a group of chunks, with their columns' numbers.
    ///
    /// # Errors
    /// If the metadata does not fit together, or the file cannot be written.
    pub(crate) fn push(
        &mut self,
        rows: usize,
        chunks: &[(usize, Chunk)],
        output: &mut dyn Output,
    ) -> Result<(), Cause> {
        let parts = Vec::new();
        self.all.push(RowGroup { rows, parts });
        self.add(self.all.len() - 1, chunks, output)
    }

    /// Adds chunks to a group. They take the places of those that their columns had.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub(crate) fn add(
        &mut self,
        group: usize,
        chunks: &[(usize, Chunk)],
        output: &mut dyn Output,
    ) -> Result<(), Cause> {
        let newest = self.all[self.newest].parts.last_mut();
        if self.bytes > MOST_IN_MEMORY
            && let Some(newest) = newest
        {
            self.bytes -= newest.bytes();
            newest.store(output)?;
        }
        self.newest = group;
        let group = &mut self.all[group];
        let part = ChunkMetadata::new(group.rows, chunks, &mut self.types, output)?;
        self.bytes += part.bytes();
        group.parts.push(part);
        Ok(())
    }

    /// The types of a group's chunks by column number; `None` (or nothing at the end) for a column that was not there yet.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn types(
        &self,
        group: usize,
        output: &mut dyn Output,
    ) -> Result<Vec<Option<&DataType>>, Cause> {
        let mut types = Vec::new();
        for part in &self.all[group].parts {
            part.types(&self.types, output, &mut types)?;
        }
        Ok(types)
    }

    /// A group's chunks by column number, as with [`types`](Self::types).
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn chunks(
        &self,
        group: usize,
        output: &mut dyn Output,
    ) -> Result<Vec<Option<Chunk>>, Cause> {
        let mut chunks = Vec::new();
        for part in &self.all[group].parts {
            part.chunks(&self.types, output, &mut chunks)?;
        }
        Ok(chunks)
    }

    /// True if all chunks of a group stand behind that of a column.
    pub(crate) fn begins_with(&self, group: usize, number: usize) -> bool {
        matches!(&self.all[group].parts[..], [part] if part.first == Some(number))
    }

    /// Appends the page indexes of all groups to the file once more, so that they stand together, and refers to these.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub(crate) fn copy_indexes(&mut self, output: &mut dyn Output) -> Result<(), Cause> {
        let mut parts = self.all.iter_mut().flat_map(|group| &mut group.parts);
        parts.try_for_each(|part| part.copy_index(output))
    }
}

#[cfg(test)]
mod tests {
    use transmog_io::{Destination, Memory};

    use super::*;
    use crate::{ParquetOptions, encode::Encoder, file::IntegerMarks};

    #[test]
    fn what_is_known_of_many_chunks_waits_in_the_file() {
        let (mut memory, _) = Memory::new();
        let mut output = memory.create("t", "parquet").unwrap();
        let output = output.as_mut();
        let encoder = Encoder::new(&ParquetOptions::default());
        let of_group = |group: usize| {
            let types = [DataType::Int64, DataType::Float64, DataType::Utf8];
            (0..500).map(move |number| (number, types[(number + group) % 3].clone()))
        };
        let mut groups = RowGroups::default();
        for group in 0..60 {
            let chunks = of_group(group).map(|(number, data_type)| {
                let encoded = encoder.encode_nulls(&data_type, group + 1).unwrap();
                let (metadata, index) = encoded.append_to(output).unwrap();
                let marks = match number % 3 {
                    0 => IntegerMarks::None,
                    1 => IntegerMarks::All,
                    _ => IntegerMarks::Stored {
                        offset: number as u64 * 1000,
                        bytes: number,
                        values: group,
                    },
                };
                let chunk = Chunk {
                    data_type,
                    marks,
                    metadata,
                    index,
                };
                (number, chunk)
            });
            let chunks: Vec<_> = chunks.collect();
            groups.push(group + 1, &chunks, output).unwrap();
        }
        let parts = groups.all.iter().flat_map(|group| &group.parts);
        let in_memory: Vec<usize> = parts.map(ChunkMetadata::bytes).collect();
        assert!(in_memory[0] > 0 && in_memory[58] == 0, "{in_memory:?}");
        let before_last: usize = in_memory[..59].iter().sum();
        assert!(in_memory[59] > 0 && before_last <= MOST_IN_MEMORY);
        assert_eq!(groups.types.len(), 3);

        groups.copy_indexes(output).unwrap();
        let end = output.len() as i64;
        let mut last = 0;
        for group in 0..60 {
            let expected: Vec<_> = of_group(group).collect();
            let types = groups.types(group, output).unwrap();
            assert!(
                types
                    .into_iter()
                    .eq(expected.iter().map(|(_, of)| Some(of)))
            );
            let chunks = groups.chunks(group, output).unwrap();
            assert_eq!(chunks.len(), 500);
            for (number, chunk) in chunks.into_iter().enumerate() {
                let chunk = chunk.unwrap();
                assert_eq!(chunk.metadata.num_values(), group as i64 + 1);
                // Chunks and page indexes come one after another.
                let index = chunk.metadata.offset_index_offset().unwrap();
                assert!(
                    last < index && index < end,
                    "group {group}, column {number}"
                );
                last = index;
                let stored = IntegerMarks::Stored {
                    offset: number as u64 * 1000,
                    bytes: number,
                    values: group,
                };
                assert_eq!(
                    chunk.marks,
                    [IntegerMarks::None, IntegerMarks::All, stored][number % 3]
                );
            }
        }
    }
}
