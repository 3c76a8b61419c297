//! Tables in memory: collected from a run, examined row by row, or written with any writer.

mod collector;
mod discard;
mod table;
mod table_writer;

pub use collector::{CollectedTables, Collector};
pub use discard::Discard;
pub use table::{Rows, Table, write_tables};
pub use table_writer::TableWriter;
