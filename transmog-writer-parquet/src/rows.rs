//! Keeps rows until their row group is complete.

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
