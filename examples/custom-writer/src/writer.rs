//! The writer: what a format has to do, in its simplest form.
//!
//! Rows go to the output as they come. What makes a writer more than a loop is that a table's
//! columns are known only at the end: here every row is written with the columns of its batch, and
//! `finish` copies the file once to put the header and the cells of late columns in.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Write as _},
};

use arrow_schema::{DataType, SchemaRef};
use transmog_core::{Cells, Role, TableBatch};
use transmog_io::{Destination, Output, StreamingWriter, TableSpec, TableSummary, WriteError};

const FORMAT: &str = "tsv";
const NULL: &[u8] = b"\\N";

/// Writes each table as `<table>.tsv`. Refuses columns of lists: choose another array mode than
/// `smart`.
pub struct TsvWriter {
    destination: Box<dyn Destination>,
    tables: Vec<Table>,
}

struct Table {
    name: String,
    output: Box<dyn Output>,
    schema: SchemaRef,
    rows: u64,
    /// Runs of rows with the same number of data columns: how many rows, how many columns.
    runs: Vec<(u64, usize)>,
}

impl TsvWriter {
    /// A writer on a destination.
    pub fn new(destination: Box<dyn Destination>) -> Self {
        Self {
            destination,
            tables: Vec::new(),
        }
    }

    fn table(&mut self, name: &str) -> Result<&mut Table, WriteError> {
        let mut tables = self.tables.iter_mut();
        let found = tables.find(|table| table.name == name);
        found.ok_or_else(|| WriteError::UnknownTable {
            format: FORMAT,
            table: name.to_owned(),
        })
    }
}

impl StreamingWriter for TsvWriter {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        let output = self.destination.create(&table.name, FORMAT)?;
        self.tables.push(Table {
            name: table.name.clone(),
            output,
            schema: table.schema.clone(),
            rows: 0,
            runs: Vec::new(),
        });
        Ok(())
    }

    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError> {
        let table = self.table(table)?;
        table.schema = batch.rows.schema();
        let mut columns = Vec::new();
        let fields = batch.rows.schema_ref().fields();
        for (index, (field, array)) in std::iter::zip(fields, batch.rows.columns()).enumerate() {
            if matches!(array.data_type(), DataType::List(_)) {
                let error = WriteError::encode(FORMAT, &table.name, "write a column of lists");
                return Err(error("the format has no lists"));
            }
            // The marks say which floats to spell as integers, so that a column may become text
            // later.
            let integers = batch.integers.get(index).and_then(Option::as_ref);
            let cells = Cells::of_field(field, array, integers);
            columns.push(cells.map_err(WriteError::encode(FORMAT, &table.name, "write rows"))?);
        }
        let (mut lines, mut cell) = (Vec::new(), Vec::new());
        for row in 0..batch.rows.num_rows() {
            for (index, cells) in columns.iter().enumerate() {
                if index > 0 {
                    lines.push(b'\t');
                }
                if cells.is_null(row) {
                    lines.extend_from_slice(NULL);
                } else {
                    cell.clear();
                    cells.write_text(row, &mut cell);
                    escape(&cell, &mut lines);
                }
            }
            lines.push(b'\n');
        }
        let rows = batch.rows.num_rows() as u64;
        let width = data_columns(&table.schema);
        match table.runs.last_mut() {
            Some((count, known)) if *known == width => *count += rows,
            _ => table.runs.push((rows, width)),
        }
        table.rows += rows;
        let written = table.output.write_all(&lines);
        written.map_err(WriteError::io("write", table.output.name()))
    }

    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError> {
        self.table(table)?.schema = schema.clone();
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        let mut summaries = Vec::new();
        for mut table in self.tables {
            let completed = table.complete();
            completed.map_err(WriteError::io("write", table.output.name()))?;
            summaries.push(TableSummary {
                rows: table.rows,
                file: table.output.name().to_owned(),
                bytes: table.output.len(),
                table: table.name,
            });
        }
        // All files appear now, or none of them.
        self.destination.commit()?;
        Ok(summaries)
    }
}

impl Table {
    /// Copies the rows behind the header, each with nulls in the columns that it lacks, which come
    /// after its data columns and before the metadata. One line at a time is in memory.
    fn complete(&mut self) -> io::Result<()> {
        let mut old = BufReader::new(self.output.restart()?);
        let mut line = Vec::new();
        for (index, field) in self.schema.fields().iter().enumerate() {
            if index > 0 {
                line.push(b'\t');
            }
            escape(field.name().as_bytes(), &mut line);
        }
        line.push(b'\n');
        self.output.write_all(&line)?;

        let (columns, width) = (self.schema.fields().len(), data_columns(&self.schema));
        for (rows, old_width) in &self.runs {
            let missing = width - old_width;
            for _ in 0..*rows {
                line.clear();
                old.read_until(b'\n', &mut line)?;
                if line.pop() != Some(b'\n') {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                // A line without cells splits into one empty cell.
                let had_cells = columns > missing;
                let mut cells: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
                cells.truncate(if had_cells { cells.len() } else { 0 });
                let late = (*old_width).min(cells.len());
                cells.splice(late..late, std::iter::repeat_n(NULL, missing));
                self.output.write_all(&cells.join(&b'\t'))?;
                self.output.write_all(b"\n")?;
            }
        }
        self.output.flush()
    }
}

fn data_columns(schema: &SchemaRef) -> usize {
    let fields = schema.fields().iter();
    fields.filter(|field| Role::of(field).is_none()).count()
}

fn escape(cell: &[u8], out: &mut Vec<u8>) {
    for byte in cell {
        match byte {
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            other => out.push(*other),
        }
    }
}

impl fmt::Debug for TsvWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables: Vec<&String> = self.tables.iter().map(|table| &table.name).collect();
        f.debug_struct("TsvWriter")
            .field("tables", &tables)
            .finish_non_exhaustive()
    }
}
