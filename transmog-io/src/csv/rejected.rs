//! What a rejects file says of the CSV input that a row came from, so that the row can be read again without it.

use serde::{Deserialize, Serialize};
use transmog_core::Error;

use super::{CsvReadOptions, CsvTable, Dialect};

/// What was found out at the beginning of an input, and what separates and encloses cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowsFrom {
    /// Names of the columns.
    columns: Vec<String>,
    /// Those whose cells are text, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    text: Vec<String>,
    delimiter: char,
    quote: char,
}

impl RowsFrom {
    /// What rows of this table need.
    pub(crate) fn new(table: &CsvTable) -> Self {
        let (delimiter, quote) = table.dialect().characters();
        Self {
            columns: table.names().map(str::to_owned).collect(),
            text: table.text_names().map(str::to_owned).collect(),
            delimiter,
            quote,
        }
    }

    /// The table again. What else decides how cells are read is in the options, as in the run before.
    ///
    /// # Errors
    /// If no rows can be written with these characters.
    pub(crate) fn table(&self, options: &CsvReadOptions) -> Result<CsvTable, Error> {
        let options = options
            .clone()
            .with_delimiter(None)?
            .with_quote_char(self.quote)?
            .with_delimiter(self.delimiter)?;
        let delimiter = options.delimiter_byte().unwrap_or(b',');
        let dialect = Dialect::new(delimiter, options.quote());
        Ok(CsvTable::again(
            &options,
            dialect,
            &self.columns,
            &self.text,
        ))
    }
}
