//! Keeps the rows of a table in memory until they become a row group.
//!
//! Batches are of any size; a row group has 131,072 rows, or fewer if memory is short. So rows
//! wait:
//!
//! ```text
//!   batches                                                              row group
//!
//!     6 rows --+
//!     9 rows --+-> RowBuilder --close--> RowBlock   400 rows --+
//!     8 rows --+   (copies into one                            |
//!                   builder per column)                        +-> take(131072) -> encode
//!                                                              |
//!  9000 rows --------- as it is -------> RowBlock  9000 rows --+
//!                                        '----- RowQueue -----'
//! ```
//!
//! A column of waiting rows is a [`Values`]: its values without nulls, and a validity bitmap. When
//! the schema widens, what waits is cast. Sizes, by which the writer decides when a row group ends,
//! depend on values and schema alone, never on how rows were cut into batches.
//!
//! [`gather`] puts the values of one column together again, as a [`ColumnBatch`] for the encoder.

mod column_batch;
mod column_builder;
mod copied_column;
mod row_block;
mod row_builder;
mod row_queue;
mod size;
mod slab;
mod validity;
mod values;

pub(crate) use column_batch::{ColumnBatch, ColumnSlice, gather};
pub(crate) use row_block::RowBlock;
pub(crate) use row_queue::RowQueue;
pub(crate) use slab::Slabs;
pub(crate) use validity::is_packed;
pub(crate) use values::{Values, leaf, leaf_range};
