//! For formats whose outputs are text: rows spelled on all threads, what was written before a table's schema had grown, and how it is brought up to
//! date. Knows no format and no file; a writer that copies its output asks here what to change.

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
