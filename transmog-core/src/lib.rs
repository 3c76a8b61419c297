//! Shreds nested records into linked, typed columns.
//!
//! This crate is the format-agnostic heart of Transmog. It does no I/O, reads no clock, no environment and no source of
//! randomness, and it names no parser.
#![forbid(unsafe_code)]

mod batch;
mod cells;
mod error;
mod kinds;
mod location;
mod role;
pub mod text;
mod widen;

pub use batch::TableBatch;
pub use cells::Cells;
pub use error::{Error, ErrorKind, Result};
pub use kinds::{Kinds, final_type, type_name};
pub use location::Location;
pub use role::{Role, time_type};
pub use widen::widen;
