//! Writes batches to one output per table, and rewrites an output at the end if a type changed.
//!
//! Rows are appended with the types known at the time; [`Columns`] remembers at which byte of the
//! output each type began. `finish` compares that with the final schema: if no value looks
//! different now, the file is complete, else `rewrite` copies it once.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write as _},
    ops::Range,
};

use arrow_schema::SchemaRef;
use transmog_core::TableBatch;
use transmog_io::{
    Destination, Output, StreamingWriter, TableSpec, TableSummary, WriteError, WriterOptions,
    text_tables::{Blocks, Columns, revise},
};

use crate::{
    FORMAT, options::JsonOptions, punctuation::Punctuation, rewrite::RewritePlan, rows::BatchRows,
};

/// At a checkpoint, outputs that together buffer more bytes than this are flushed.
const BUFFERED_BYTES: usize = 16 << 20;

/// Writes each table as `<table>.json`, an array of objects, or as `<table>.jsonl`, one object per
/// line. Nulls are left out; floats that are not finite are `null`; text is UTF-8 and not escaped.
///
/// Rows go to the output at once, so memory does not depend on the number of rows. If a column
/// became text later, the file is copied once in [`finish`](StreamingWriter::finish), so that all
/// values of a key have one type.
///
/// ```
/// # use std::sync::Arc;
/// # use arrow_array::{Int64Array, RecordBatch};
/// # use transmog_io::{Memory, StreamingWriter, TableSpec};
/// # use transmog_writer_json::{JsonOptions, JsonStreamingWriter};
/// let rows = RecordBatch::try_from_iter([("a", Arc::new(Int64Array::from(vec![1, 2])) as _)])?;
/// let (memory, files) = Memory::new();
/// let options = JsonOptions::default().with_indent(None);
/// let mut writer = Box::new(JsonStreamingWriter::new(options, Box::new(memory)));
/// writer.begin_table(&TableSpec { name: "numbers".into(), parent: None, schema: rows.schema() })?;
/// writer.write_batch("numbers", &rows.into())?;
/// writer.finish()?;
/// assert_eq!(files.take()["numbers.json"], b"[{\"a\":1},{\"a\":2}\n]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JsonStreamingWriter {
    options: JsonOptions,
    punctuation: Punctuation,
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
}

impl JsonStreamingWriter {
    /// Makes a writer whose files go to `destination`.
    pub fn new(options: JsonOptions, destination: impl Destination + 'static) -> Self {
        Self {
            punctuation: Punctuation::new(&options),
            options,
            destination: Box::new(destination),
            tables: Vec::new(),
            by_name: BTreeMap::new(),
            blocks: Blocks::default(),
        }
    }

    fn position(&self, table: &str) -> Result<usize, WriteError> {
        let position = self.by_name.get(table);
        position.copied().ok_or_else(|| WriteError::UnknownTable {
            format: FORMAT,
            table: table.to_owned(),
        })
    }
}

impl StreamingWriter for JsonStreamingWriter {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        if self.by_name.contains_key(&table.name) {
            let error = WriteError::encode(FORMAT, &table.name, "declare it");
            return Err(error("it was declared before"));
        }
        let output = self
            .destination
            .create(&table.name, self.punctuation.extension)?;
        let mut begun = Table {
            name: table.name.clone(),
            output,
            columns: Columns::default(),
            rows: 0,
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
        let rows = BatchRows::new(batch, &self.punctuation).map_err(WriteError::encode(
            FORMAT,
            &table.name,
            "write rows",
        ))?;
        for (column, draft) in std::iter::zip(table.columns.iter_mut(), rows.drafts()) {
            column.draft |= draft;
        }
        let count = batch.rows.num_rows();
        let is_new = table.rows == 0;
        let spell = |range: Range<usize>, out: &mut Vec<u8>| {
            let first = is_new && range.start == 0;
            rows.write(range, first, out);
        };
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

    fn read_back(&self) -> Option<(&'static str, WriterOptions)> {
        Some((FORMAT, WriterOptions::new()))
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        let mut summaries = Vec::with_capacity(self.tables.len());
        for mut table in self.tables {
            table.finish(&self.punctuation)?;
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

    fn finish(&mut self, punctuation: &Punctuation) -> Result<(), WriteError> {
        if self.rows == 0 {
            self.append(punctuation.empty.as_bytes())?;
        } else {
            let plan = |at| RewritePlan::new(&self.columns, at, punctuation);
            let revised = revise(self.output.as_mut(), &self.columns, 0, &[], plan);
            revised.map_err(|error| self.cannot_write(error))?;
            self.append(punctuation.close.as_bytes())?;
        }
        self.flush()
    }
}

impl fmt::Debug for JsonStreamingWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonStreamingWriter")
            .field("options", &self.options)
            .field("tables", &self.by_name)
            .finish_non_exhaustive()
    }
}
