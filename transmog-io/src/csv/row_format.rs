//! What a rejects file stores about a CSV row, so that the row can be read again without its
//! header.

use serde::{Deserialize, Serialize};
use transmog_core::Error;

use super::{CsvReadOptions, CsvTable, dialect::Quoting};

/// The columns and the dialect of a row in a rejects file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowFormat {
    /// Names of the columns.
    columns: Vec<String>,
    /// Columns whose cells are text, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    text: Vec<String>,
    /// The cells of the header, if the columns have other names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    header: Vec<String>,
    delimiter: char,
    /// `None` if quotes are text.
    quote: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escape: Option<char>,
    /// True if quotes enclose whole cells only, as in `.tsv` files.
    #[serde(default, skip_serializing_if = "is_false")]
    whole_cells: bool,
    /// True if a CR alone ends no row.
    #[serde(default, skip_serializing_if = "is_false")]
    lone_cr_is_text: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl RowFormat {
    /// The columns and dialect of this table.
    pub(crate) fn new(table: &CsvTable) -> Self {
        let dialect = table.dialect();
        Self {
            columns: table.names().map(str::to_owned).collect(),
            text: table.text_names().map(str::to_owned).collect(),
            header: table
                .header()
                .into_iter()
                .flat_map(|header| header.columns())
                .map(|column| column.spelled.clone())
                .collect(),
            delimiter: dialect.delimiter.into(),
            quote: dialect.quote().map(char::from),
            escape: dialect.escape.map(char::from),
            whole_cells: matches!(dialect.quoting, Quoting::WholeCells(_)),
            lone_cr_is_text: dialect.lone_cr_is_text,
        }
    }

    /// The table again. The other settings come from the options of this run.
    ///
    /// # Errors
    /// If delimiter, quote and escape are not distinct ASCII characters.
    pub(crate) fn table(&self, options: &CsvReadOptions) -> Result<CsvTable, Error> {
        let options = options
            .clone()
            .with_delimiter(None)?
            .with_escape_char(None)?
            .with_quote_char(self.quote)?
            .with_escape_char(self.escape)?
            .with_delimiter(self.delimiter)?;
        let delimiter = options.delimiter_byte().unwrap_or(b',');
        let mut dialect = options.dialect(delimiter, self.lone_cr_is_text, false);
        if let (true, Some(quote)) = (self.whole_cells, dialect.quote()) {
            dialect.quoting = Quoting::WholeCells(quote);
        }
        Ok(CsvTable::again(
            &options,
            dialect,
            &self.columns,
            &self.text,
            &self.header,
        ))
    }
}
