//! Helps formats whose outputs are text: formats rows on all threads, and rewrites rows of an older
//! schema.
//!
//! Such a format writes rows at once, with the columns and types known so far. If the schema has
//! grown by the end, earlier rows are brought up to date in one streaming copy; see `rewrite` and
//! `revision`. A writer adds what depends on its format: header, row, cell.

mod blocks;
mod columns;
mod constant;
mod present;
mod revision;
mod rewrite;

pub use blocks::Blocks;
pub use columns::{Column, Columns};
pub use constant::constant_columns;
pub use present::Present;
pub use revision::{Revision, revise};
pub use rewrite::{Draft, changes, respell, string_end, value_end};
