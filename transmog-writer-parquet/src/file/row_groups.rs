//! Lists the row groups in the file and the chunks of each.
//!
//! What is known of chunks grows with columns times row groups. So of older row groups it waits in
//! the file, and about a mebibyte for each table stays in memory.

use arrow_schema::DataType;
use transmog_io::Output;

use super::{chunk::Chunk, chunk_metadata::ChunkMetadata};
use crate::Cause;

/// Bytes of metadata in memory, without what came last. The rest is in the file.
const MOST_IN_MEMORY: usize = 1024 * 1024;

/// The row groups of a file, in order.
#[derive(Debug, Default)]
pub(crate) struct RowGroups {
    all: Vec<RowGroup>,
    /// The types of all chunks; metadata refers to them by index.
    types: Vec<DataType>,
    /// Bytes of metadata in memory.
    bytes: usize,
    /// The row group whose metadata came last. It stays in memory, as it may be all that there is.
    newest: usize,
}

#[derive(Debug)]
struct RowGroup {
    rows: usize,
    /// The chunks that were written with the group, then those that replace some of them or belong
    /// to later columns.
    parts: Vec<ChunkMetadata>,
}

impl RowGroups {
    /// How many row groups there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The rows of a row group.
    pub(crate) fn rows(&self, group: usize) -> usize {
        self.all[group].rows
    }

    /// The rows of all row groups.
    pub(crate) fn all_rows(&self) -> u64 {
        self.all.iter().map(|group| group.rows as u64).sum()
    }

    /// Adds a row group, with its chunks and the numbers of their columns.
    ///
    /// # Errors
    /// The metadata does not fit together, or the file cannot be written.
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

    /// Adds chunks to a row group. They replace earlier chunks of their columns.
    ///
    /// # Errors
    /// Those of [`push`](Self::push).
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

    /// The types of a row group's chunks by column number; `None` (or nothing at the end) for a
    /// column without a chunk.
    ///
    /// # Errors
    /// The file cannot be read.
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

    /// The chunks of a row group by column number, as [`types`](Self::types).
    ///
    /// # Errors
    /// The file cannot be read.
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

    /// True if the row group has no chunks but its first ones, and that of column `number` is the
    /// first.
    pub(crate) fn begins_with(&self, group: usize, number: usize) -> bool {
        matches!(&self.all[group].parts[..], [part] if part.first == Some(number))
    }

    /// Copies the page indexes of all row groups to the end of the file, so that they are together.
    ///
    /// # Errors
    /// The file cannot be read or written.
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
