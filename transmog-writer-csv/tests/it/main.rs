//! The CSV writer as its users see it.

mod growth;
mod options;
mod rows;
mod table;
