//! Assembles a Parquet file whose columns appear and widen while it is written.
//!
//! The schema of a Parquet file is in its footer, which comes last. Row groups are written with the
//! columns known at the time; at the end each row group gets the chunks that it lacks under the
//! final schema. The file then is, from its first byte to its last:
//!
//! ```text
//! PAR1
//! chunks of row group 0, [integer marks], page indexes
//! chunks of row group 1, [integer marks], page indexes
//! [metadata of row group 0, once there is more than 1 MiB of it]
//! ...
//! chunks that row groups lack                               missing_columns, widen_chunk
//! page indexes once more, now together                      row_groups
//! [zeros]                                                   footer
//! footer: schema; for each row group one chunk per column   footer, thrift
//! length of the footer, PAR1
//! ```
//!
//! The footer refers neither to what is in brackets nor to the first copy of page indexes: those
//! are dead bytes, kept in the file because memory must not grow with the number of row groups.

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
