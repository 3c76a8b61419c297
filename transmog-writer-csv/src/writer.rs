//! Writes batches to one output per table, and rewrites an output at the end if its columns
//! changed.
//!
//! Rows are appended with the columns known at the time; [`Columns`] remembers at which byte of the
//! output each column appeared. `finish` compares that with the final schema: if nothing changed,
//! the file is complete, else `rewrite` copies it once.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write as _},
};

use arrow_schema::SchemaRef;
use transmog_core::{TableBatch, Words};
use transmog_io::{
    Destination, FormatError, Output, StreamingWriter, TableSpec, TableSummary, WriteError,
    WriterOptions,
    text_tables::{Blocks, Columns, revise},
};

use crate::{
    FORMAT,
    dialect::Dialect,
    options::CsvOptions,
    rewrite::RewritePlan,
    rows::{BatchRows, end_row},
};

/// At a checkpoint, outputs that together buffer more bytes than this are flushed.
const BUFFERED_BYTES: usize = 16 << 20;

/// Writes each table as `<table>.csv`: UTF-8, rows that end with CR LF, quotes only where they are
/// needed, empty cells for nulls, times in RFC 3339, lists as JSON text.
///
/// Rows go to the output at once, so memory does not depend on the number of rows. If columns came
/// later, or cells look different in the final type of their column, the file is copied once in
/// [`finish`](StreamingWriter::finish).
///
/// ```
/// # use std::sync::Arc;
/// # use arrow_array::{Int64Array, RecordBatch};
/// # use transmog_io::{Memory, StreamingWriter, TableSpec};
/// # use transmog_writer_csv::{CsvOptions, CsvStreamingWriter};
/// let rows = RecordBatch::try_from_iter([("a", Arc::new(Int64Array::from(vec![1, 2])) as _)])?;
/// let (memory, files) = Memory::new();
/// let mut writer = Box::new(CsvStreamingWriter::new(CsvOptions::default(), Box::new(memory))?);
/// writer.begin_table(&TableSpec { name: "numbers".into(), parent: None, schema: rows.schema() })?;
/// writer.write_batch("numbers", &rows.into())?;
/// writer.finish()?;
/// assert_eq!(files.take()["numbers.csv"], b"a\r\n1\r\n2\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CsvStreamingWriter {
    options: CsvOptions,
    dialect: Dialect,
    destination: Box<dyn Destination>,
    tables: Vec<Table>,
    /// Index into `tables` by name.
    by_name: BTreeMap<String, usize>,
    /// Writes blocks of rows on several threads; holds their text until it is appended in order.
    blocks: Blocks,
}

struct Table {
    name: String,
    output: Box<dyn Output>,
    columns: Columns,
    rows: u64,
    /// Length of the header in the file; `None` until the first row is written.
    header_bytes: Option<u64>,
}

impl CsvStreamingWriter {
    /// Makes a writer whose files go to `destination`.
    ///
    /// # Errors
    /// Delimiter and quote character are the same, or one is a line break or not ASCII.
    pub fn new(
        options: CsvOptions,
        destination: impl Destination + 'static,
    ) -> Result<Self, FormatError> {
        let dialect = options.dialect()?;
        Ok(Self {
            options,
            dialect,
            destination: Box::new(destination),
            tables: Vec::new(),
            by_name: BTreeMap::new(),
            blocks: Blocks::default(),
        })
    }

    fn position(&self, table: &str) -> Result<usize, WriteError> {
        let position = self.by_name.get(table);
        position.copied().ok_or_else(|| WriteError::UnknownTable {
            format: FORMAT,
            table: table.to_owned(),
        })
    }
}

impl StreamingWriter for CsvStreamingWriter {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        if self.by_name.contains_key(&table.name) {
            let error = WriteError::encode(FORMAT, &table.name, "declare it");
            return Err(error("it was declared before"));
        }
        let output = self.destination.create(&table.name, FORMAT)?;
        let mut begun = Table {
            name: table.name.clone(),
            output,
            columns: Columns::default(),
            rows: 0,
            header_bytes: None,
        };
        begun.set_schema(&table.schema)?;
        self.by_name.insert(table.name.clone(), self.tables.len());
        self.tables.push(begun);
        Ok(())
    }

    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError> {
        let position = self.position(table)?;
        let table = &mut self.tables[position];
        table.set_schema(batch.rows.schema_ref())?;
        let count = batch.rows.num_rows();
        if count == 0 {
            return Ok(());
        }
        let rows = BatchRows::new(batch, self.dialect).map_err(WriteError::encode(
            FORMAT,
            &table.name,
            "write rows",
        ))?;
        for (column, draft) in std::iter::zip(table.columns.iter_mut(), rows.drafts()) {
            column.draft |= draft;
        }
        // The header comes with the first row: until then columns may still be added for free.
        if table.header_bytes.is_none() {
            let mut header = Vec::new();
            if self.options.include_header {
                table.write_header(self.dialect, &mut header);
            }
            table.append(&header)?;
            table.header_bytes = Some(header.len() as u64);
        }
        let spell = |range, out: &mut Vec<u8>| rows.write(range, out);
        self.blocks
            .write(count, spell, |block| table.append(block))?;
        table.rows += count as u64;
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<(), WriteError> {
        if self.buffered_bytes() > BUFFERED_BYTES {
            for table in &mut self.tables {
                table.flush()?;
            }
        }
        Ok(())
    }

    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError> {
        let position = self.position(table)?;
        self.tables[position].set_schema(schema)
    }

    fn buffered_bytes(&self) -> usize {
        let outputs = self
            .tables
            .iter()
            .map(|table| table.output.buffered_bytes());
        outputs.sum::<usize>() + self.blocks.bytes()
    }

    fn use_words(&mut self, words: Words) {
        self.dialect.booleans = self.options.booleans.unwrap_or(words);
    }

    fn read_back(&self) -> Option<(&'static str, WriterOptions)> {
        Some((FORMAT, self.options.read_back()))
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        let mut summaries = Vec::with_capacity(self.tables.len());
        for mut table in self.tables {
            table.finish(self.dialect, self.options.include_header)?;
            summaries.push(TableSummary {
                rows: table.rows,
                file: table.output.name().to_owned(),
                bytes: table.output.len(),
                table: table.name,
            });
        }
        self.destination.commit()?;
        Ok(summaries)
    }
}

impl Table {
    fn set_schema(&mut self, schema: &SchemaRef) -> Result<(), WriteError> {
        let updated = self.columns.update(schema, self.output.len());
        updated.map_err(WriteError::encode(FORMAT, &self.name, "change the schema"))
    }

    fn write_header(&self, dialect: Dialect, out: &mut Vec<u8>) {
        let count = self.columns.iter().count();
        if count == 0 {
            return;
        }
        let begin = out.len();
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                out.push(dialect.delimiter);
            }
            let start = out.len();
            out.extend_from_slice(column.name.as_bytes());
            dialect.finish_text(out, start);
        }
        end_row(dialect, count == 1, begin, out);
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let written = self.output.write_all(bytes);
        written.map_err(|error| self.cannot_write(error))
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        let flushed = self.output.flush();
        flushed.map_err(|error| self.cannot_write(error))
    }

    fn cannot_write(&self, error: io::Error) -> WriteError {
        WriteError::encode(FORMAT, &self.name, "write to its output")(error)
    }

    fn finish(&mut self, dialect: Dialect, include_header: bool) -> Result<(), WriteError> {
        let mut header = Vec::new();
        if include_header {
            self.write_header(dialect, &mut header);
        }
        match self.header_bytes {
            None => self.append(&header)?,
            Some(old_header) => {
                let plan = |at| RewritePlan::new(&self.columns, at, dialect);
                let output = self.output.as_mut();
                let revised = revise(output, &self.columns, old_header, &header, plan);
                revised.map_err(|error| self.cannot_write(error))?;
            }
        }
        self.flush()
    }
}

impl fmt::Debug for CsvStreamingWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvStreamingWriter")
            .field("options", &self.options)
            .field("tables", &self.by_name)
            .finish_non_exhaustive()
    }
}
