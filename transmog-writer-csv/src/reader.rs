//! Reads the CSV file of a table back, so that `unflatten` can rebuild records.
//!
//! The types come from the manifest beside the files, because a CSV cell does not have one: `1` is
//! an integer in a column of integers and text in a column of text. An empty cell is null.

use std::{
    fs::File,
    io::{BufRead, BufReader},
};

use transmog_core::{TableLayout, Value, counted};
use transmog_io::{ReadBackError, TableReader, WriterOptions, read_json};

use crate::{dialect::Dialect, formula_guard, options::CsvOptions};

/// Rows per call of `next_rows`.
const ROWS: usize = 1024;
/// Size of the read buffer.
const BLOCK_BYTES: usize = 64 * 1024;

struct CsvReader {
    file: BufReader<File>,
    dialect: Dialect,
    columns: Vec<CellKind>,
}

/// How the cells of a column are parsed.
#[derive(Debug, Clone, Copy)]
enum CellKind {
    Boolean,
    Integer,
    Float,
    Decimal,
    List,
    Text,
    /// Times and ids: text that the formula guard never changes.
    Plain,
}

/// Opens the file of a table.
///
/// # Errors
/// The options are invalid, the file cannot be read, or its header is not the manifest's columns.
pub(crate) fn open(
    file: File,
    table: &TableLayout,
    options: &WriterOptions,
) -> Result<Box<dyn TableReader>, ReadBackError> {
    let options = CsvOptions::try_from(options)?;
    let columns = table.columns.iter();
    let mut reader = CsvReader {
        file: BufReader::with_capacity(BLOCK_BYTES, file),
        dialect: options.dialect()?,
        columns: columns
            .map(|column| CellKind::new(&column.data_type))
            .collect(),
    };
    if options.include_header && !table.columns.is_empty() {
        let header = reader.next_row()?.ok_or("it has no header")?;
        let names = header.into_iter().map(|cell| reader.text(cell));
        let names = names.collect::<Result<Vec<String>, _>>()?;
        let wanted = table.columns.iter().map(|column| column.name.as_str());
        if !names.iter().map(String::as_str).eq(wanted) {
            return Err("its header does not name the columns of the manifest".into());
        }
    }
    Ok(Box::new(reader))
}

impl CellKind {
    fn new(word: &str) -> Self {
        match word {
            "boolean" => Self::Boolean,
            "int64" => Self::Integer,
            "float64" => Self::Float,
            "decimal" => Self::Decimal,
            "text" | "json" => Self::Text,
            list if list.starts_with("list<") => Self::List,
            _ => Self::Plain,
        }
    }
}

impl CsvReader {
    /// The cells of the next row, still quoted; `None` at the end.
    fn next_row(&mut self) -> Result<Option<Vec<Vec<u8>>>, ReadBackError> {
        let mut cells = vec![Vec::new()];
        let (mut quoted, mut begun) = (false, false);
        loop {
            let block = self.file.fill_buf()?;
            if block.is_empty() {
                return if begun {
                    Err("the last row does not end".into())
                } else {
                    Ok(None)
                };
            }
            begun = true;
            let mut taken = 0;
            let mut ended = false;
            for byte in block {
                taken += 1;
                if *byte == self.dialect.quote {
                    // A doubled quote toggles this twice, which is right.
                    quoted = !quoted;
                } else if !quoted && *byte == self.dialect.delimiter {
                    cells.push(Vec::new());
                    continue;
                } else if !quoted && *byte == b'\n' {
                    ended = true;
                    break;
                }
                if let Some(cell) = cells.last_mut() {
                    cell.push(*byte);
                }
            }
            self.file.consume(taken);
            if ended {
                if let Some(cell) = cells.last_mut() {
                    // Rows end with CR LF, and only the LF was recognised above.
                    cell.pop_if(|last| *last == b'\r');
                }
                return Ok(Some(cells));
            }
        }
    }

    /// The text of a cell, without quotes and guard.
    fn text(&self, mut cell: Vec<u8>) -> Result<String, ReadBackError> {
        self.dialect.unquote(&mut cell);
        if self.dialect.guard
            && cell.first() == Some(&formula_guard::MARK)
            && formula_guard::is_needed(&cell)
        {
            cell.remove(0);
        }
        Ok(String::from_utf8(cell)?)
    }

    fn value(&self, mut cell: Vec<u8>, kind: CellKind) -> Result<Value, ReadBackError> {
        if cell.is_empty() {
            return Ok(Value::Null);
        }
        if let CellKind::Text = kind {
            let text = self.text(cell)?;
            return Ok(if text.is_empty() {
                Value::Null
            } else {
                Value::Text(text)
            });
        }
        self.dialect.unquote(&mut cell);
        let text = String::from_utf8(cell)?;
        let wrong = |what: &str| ReadBackError::from(format!("{text:?} is no {what}"));
        Ok(match kind {
            _ if text.is_empty() => Value::Null,
            CellKind::Boolean => match text.as_str() {
                "true" | "True" => Value::Bool(true),
                "false" | "False" => Value::Bool(false),
                _ => return Err(wrong("boolean")),
            },
            CellKind::Integer => Value::Int(text.parse().map_err(|_| wrong("integer"))?),
            CellKind::Float => Value::Float(text.parse().map_err(|_| wrong("number"))?),
            CellKind::Decimal => match text.parse() {
                Ok(value) => Value::Int(value),
                Err(_) => Value::Number(text),
            },
            CellKind::List => read_json(&text)?,
            CellKind::Text | CellKind::Plain => Value::Text(text),
        })
    }
}

impl TableReader for CsvReader {
    fn next_rows(&mut self) -> Result<Option<Vec<Vec<Value>>>, ReadBackError> {
        let mut rows = Vec::new();
        while rows.len() < ROWS
            && let Some(cells) = self.next_row()?
        {
            if self.columns.is_empty() {
                rows.push(Vec::new());
                continue;
            }
            if cells.len() != self.columns.len() {
                let (found, expected) = (cells.len(), self.columns.len());
                return Err(format!("a row has {}, not {expected}", counted(found, "cell")).into());
            }
            let cells = std::iter::zip(cells, &self.columns);
            let values = cells.map(|(cell, kind)| self.value(cell, *kind));
            rows.push(values.collect::<Result<_, _>>()?);
        }
        Ok((!rows.is_empty()).then_some(rows))
    }
}
