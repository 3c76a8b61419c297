//! Appends the chunks that a row group lacks under the final schema.
//!
//! Column `b` came after row group 0 was written, and `a` became text in row group 1:
//!
//! ```text
//! chunks in the file   | a0 integers | a1 text | b1 | a0' text | n0 nulls | footer |
//! written with         | row group 0 | row group 1  | appended here        |
//!
//! a footer before      row group 0: a -> a0              row group 1: a -> a1, b -> b1
//! the footer after     row group 0: a -> a0', b -> n0    row group 1: a -> a1, b -> b1
//! ```
//!
//! The bytes of `a0` stay in the file, and nothing refers to them. A chunk of nulls has about 165
//! bytes, however many rows it has.

use std::collections::BTreeMap;

use rayon::prelude::*;
use transmog_io::Output;

use super::{
    chunk::Chunk, integer_marks::IntegerMarks, row_groups::RowGroups, widen_chunk::NarrowChunk,
};
use crate::{
    Cause,
    columns::Columns,
    encode::{EncodedChunk, Encoder, chunks_at_a_time},
};

/// Appends the chunks that row group `group` lacks.
///
/// # Errors
/// A chunk cannot be read back or cast, or the file cannot be read or written.
pub(crate) fn add_missing_columns(
    groups: &mut RowGroups,
    group: usize,
    columns: &Columns,
    encoder: &Encoder,
    output: &mut dyn Output,
) -> Result<(), Cause> {
    let types = groups.types(group, output)?;
    let fields = std::iter::zip(columns.numbers_in_file(), columns.schema().fields());
    let lacking = fields.filter_map(|(number, field)| {
        let written = types.get(number).copied().flatten();
        (written != Some(field.data_type())).then_some((number, field))
    });
    let lacking: Vec<_> = lacking.collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let has_chunk = |number: usize| types.get(number).is_some_and(Option::is_some);
    let is_widened = lacking.iter().any(|(number, _)| has_chunk(*number));
    let written = if is_widened {
        groups.chunks(group, output)?
    } else {
        Vec::new()
    };
    let rows = groups.rows(group);
    let mut nulls: BTreeMap<String, EncodedChunk> = BTreeMap::new();
    let mut added = Vec::with_capacity(lacking.len());
    for several in lacking.chunks(chunks_at_a_time()) {
        let narrow: Result<Vec<_>, Cause> = several
            .iter()
            .map(|(number, _)| {
                let chunk = written.get(*number).and_then(Option::as_ref);
                chunk
                    .map(|chunk| NarrowChunk::read(chunk, rows, output))
                    .transpose()
            })
            .collect();
        let widened: Vec<_> = narrow?
            .into_par_iter()
            .zip(several)
            .map(|(narrow, (_, field))| narrow.map(|narrow| narrow.widen(field, encoder)))
            .collect();
        for ((number, field), widened) in std::iter::zip(several, widened) {
            let data_type = field.data_type();
            let (metadata, index) = if let Some(chunk) = widened {
                chunk?.append_to(output)?
            } else {
                // Encoded once, but written for each column: some readers refuse chunks that
                // overlap.
                let key = data_type.to_string();
                let chunk = match nulls.remove(&key) {
                    Some(chunk) => chunk,
                    None => encoder.encode_nulls(data_type, rows)?,
                };
                let placed = chunk.append_to(output)?;
                nulls.insert(key, chunk);
                placed
            };
            let chunk = Chunk {
                data_type: data_type.clone(),
                marks: IntegerMarks::None,
                metadata,
                index,
            };
            added.push((*number, chunk));
        }
    }
    groups.add(group, &added, output)
}
