//! Prepares settings for a run: what they say of each column and table, checked once and ready to be asked by path.

pub(crate) mod pin;
pub(crate) mod schema;
mod streamed_arrays;

pub use streamed_arrays::EarlyRows;

pub(crate) use pin::{Breach, Pin, spelled};
pub(crate) use schema::{PlannedTable, Room, SchemaPlan};
