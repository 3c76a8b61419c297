//! The JSON writer as its users see it.

mod growth;
mod options;
mod rows;
#[path = "../../../transmog-writer-csv/tests/it/table.rs"]
mod table;
