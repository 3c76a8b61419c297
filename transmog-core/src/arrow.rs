//! Reads, widens and bundles Arrow arrays. What the rest of the crate needs beyond the arrow crates
//! is here.

mod batch;
mod cells;
mod constant;
mod text_limit;
mod widen;

pub use batch::TableBatch;
pub use cells::Cells;
pub use constant::Constant;
pub use widen::widen;

pub(crate) use text_limit::{check_text_bytes, check_total_bytes};
pub(crate) use widen::widen_marked;
