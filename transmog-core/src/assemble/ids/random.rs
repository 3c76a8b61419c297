//! Makes columns of UUIDs: random ones, and those that are hashes of a column's text.

use arrow_array::{StringArray, builder::StringBuilder};
use arrow_buffer::{Buffer, OffsetBuffer};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use uuid::{Builder, Uuid};

use crate::arrow::{check_text_bytes, check_total_bytes};
use crate::{
    base::{Error, Result},
    column::SealedColumn,
};
use crate::{catalog::Repeats, config::ids::uuid_of, shred::GivenIds};

/// Bytes of an id as text.
const TEXT_LENGTH: usize = 36;

/// A source of random ids. Streams of one seed do not overlap, so chunks may draw theirs in any
/// order.
#[derive(Debug)]
pub(crate) struct RandomIds(ChaCha8Rng);

impl RandomIds {
    /// The ids of one chunk of a run.
    pub(crate) fn new(seed: [u8; 32], chunk: u64) -> Self {
        let mut random = ChaCha8Rng::from_seed(seed);
        random.set_stream(chunk);
        Self(random)
    }

    pub(crate) fn next(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A random id as text.
    pub(crate) fn next_text(&mut self) -> String {
        self.next().hyphenated().to_string()
    }

    /// Random ids for `rows` rows.
    pub(crate) fn column(&mut self, rows: usize) -> Result<StringArray> {
        texts(rows, |_| Ok(self.next()))
    }

    /// Random ids for `rows` rows, of which the first may have one already.
    pub(crate) fn column_from(&mut self, first: Option<Uuid>, rows: usize) -> Result<StringArray> {
        let mut first = first;
        texts(rows, |_| Ok(first.take().unwrap_or_else(|| self.next())))
    }

    /// Ids made of the text of the first of some columns that a row has, random ones where it has
    /// none, and how many those are.
    pub(crate) fn deterministic_column(
        &mut self,
        sources: &[&SealedColumn],
        rows: usize,
        repeats: &mut Repeats,
    ) -> Result<(StringArray, u64)> {
        if sources.is_empty() {
            return Ok((self.column(rows)?, rows as u64));
        }
        let cells: Result<Vec<_>> = sources.iter().map(|source| source.cells()).collect();
        let cells = cells?;
        let (mut cell, mut random) = (Vec::new(), 0);
        let ids = texts(rows, |row| {
            cell.clear();
            for (source, cells) in std::iter::zip(sources, &cells) {
                if cell.is_empty()
                    && let Some(place) = source.place(row)
                {
                    cells.write_text(place, &mut cell);
                }
            }
            let text = std::str::from_utf8(&cell).map_err(|e| Error::internal(e.to_string()))?;
            Ok(if text.is_empty() {
                random += 1;
                self.next()
            } else {
                let id = uuid_of(text);
                repeats.take(id.as_bytes());
                id
            })
        })?;
        Ok((ids, random))
    }

    /// Given ids, random ones where none was given, and how many those are.
    pub(crate) fn given_column(
        &mut self,
        given: Option<&GivenIds>,
        rows: usize,
        repeats: &mut Repeats,
    ) -> Result<(StringArray, u64)> {
        let bytes = given.map_or(0, GivenIds::bytes) + rows * TEXT_LENGTH;
        check_total_bytes(bytes)?;
        let mut ids = StringBuilder::with_capacity(rows, bytes);
        let mut random = 0;
        for row in 0..rows {
            if let Some(id) = given.and_then(|given| given.get(row)) {
                repeats.take(id.as_bytes());
                ids.append_value(id);
            } else {
                random += 1;
                ids.append_value(self.next_text());
            }
        }
        Ok((ids.finish(), random))
    }
}

fn texts(rows: usize, mut id: impl FnMut(usize) -> Result<Uuid>) -> Result<StringArray> {
    check_text_bytes(rows, TEXT_LENGTH)?;
    let mut bytes = vec![0; rows * TEXT_LENGTH];
    for (row, text) in bytes.chunks_exact_mut(TEXT_LENGTH).enumerate() {
        id(row)?.hyphenated().encode_lower(text);
    }
    let offsets = OffsetBuffer::from_repeated_length(TEXT_LENGTH, rows);
    StringArray::try_new(offsets, Buffer::from_vec(bytes), None)
        .map_err(|e| Error::internal(e.to_string()))
}
