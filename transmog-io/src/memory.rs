//! Tables in memory: how a run's are collected, how they are looked at, and how they are written. Knows no format.

mod collector;
mod discard;
mod table;
mod table_writer;

pub use collector::{CollectedTables, Collector};
pub use discard::Discard;
pub use table::{Rows, Table, write_tables};
pub use table_writer::TableWriter;
