//! Puts a file together.

mod chunk;
mod chunk_metadata;
mod footer;
mod integer_marks;
mod missing_columns;
mod row_groups;
mod thrift;
mod varint;
mod widen_chunk;

pub(crate) use chunk::Chunk;
pub(crate) use footer::{MAGIC, MOST_ROW_GROUPS, write_footer};
pub(crate) use integer_marks::{IntegerMarks, can_be_marked};
pub(crate) use row_groups::RowGroups;
