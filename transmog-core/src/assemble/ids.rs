//! Makes the columns of ids: random ones, row numbers, ids out of columns, and the ids of parent
//! rows.

mod columns;
mod natural;
mod random;

pub(crate) use columns::{parents, row_numbers};
pub(crate) use natural::{columns as natural_columns, links};
pub(crate) use random::RandomIds;
