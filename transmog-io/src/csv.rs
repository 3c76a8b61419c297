//! The CSV format: where rows and cells end, what quotes mean, what the columns are, what a cell's
//! value is.
//!
//! ```text
//! id,name,price        header   CsvTable: columns id, name, price
//! 1,"a ""b""",1.50     row      scan finds its end, Cells its cells: 1 | a "b" | 1.50
//!                      values   words, infer: 1 | "a \"b\"" | 1.5
//! ```
//!
//! Reads no input and drives no shredder: `split::rows` splits an input into rows, and
//! `records::csv` hands their cells to the shredder.

mod cells;
mod delimiter;
mod dialect;
mod infer;
mod input_report;
mod misquoted;
mod names;
mod options;
mod resync;
mod row_format;
mod scan;
mod table;
mod tsv;
mod width;
mod words;

pub(crate) use cells::{CellStyle, Cells, Misquoted, styled_cells};
pub use delimiter::DelimiterFrom;
pub(crate) use delimiter::{Character, Delimiter};
pub(crate) use dialect::Dialect;
#[cfg(test)]
pub(crate) use dialect::Quoting;
#[cfg(test)]
pub(crate) use infer::infer;
pub(crate) use infer::looks_typed;
pub use input_report::{CsvInputReport, RowsReport};
pub(crate) use misquoted::wrong_quotes;
pub use options::{CsvReadOptions, ShortRows};
pub(crate) use resync::{end_of_misquoted, rows_follow};
pub(crate) use row_format::RowFormat;
pub(crate) use scan::{RowEnd, RowScan};
pub use table::CsvTable;
pub(crate) use width::{RaggedRows, RowCount, Width};
