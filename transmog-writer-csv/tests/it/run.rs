//! Runs a writer on a destination that is read back in small pieces.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    sync::Arc,
};

use arrow_schema::{Schema, SchemaRef};
use transmog_core::TableBatch;
use transmog_io::{
    Destination, Memory, MemoryFiles, Output, StreamingWriter, TableSpec, WriteError,
};

use crate::table::Table;

/// Writes the first `written` rows, cut before the rows in `cuts`, and then sets the final schema
/// of the whole table. Writes the same rows in one batch that has that schema from the start. Gives
/// both files, which must be the same.
pub(crate) fn both_ways(
    table: &Table,
    cuts: &[usize],
    written: usize,
    open: impl Fn(Box<dyn Destination>) -> Box<dyn StreamingWriter>,
) -> (Vec<u8>, Vec<u8>) {
    let schema = table.schema(table.rows);
    let (destination, files) = Trickle::new();
    let mut writer = open(Box::new(destination));
    begin(&mut *writer, "t", &table.schema(0));
    let mut start = 0;
    for end in cuts
        .iter()
        .copied()
        .filter(|cut| *cut < written)
        .chain([written])
    {
        writer
            .write_batch("t", &table.batch(start..end, end))
            .unwrap();
        writer.checkpoint().unwrap();
        start = end;
    }
    writer.set_schema("t", &schema).unwrap();
    let summaries = writer.finish().unwrap();
    assert_eq!(summaries.len(), 1);
    assert_eq!(summaries[0].rows, written as u64);
    let cut = files.take().remove(&summaries[0].file).unwrap();
    assert_eq!(summaries[0].bytes, cut.len() as u64);

    let (destination, files) = Memory::new();
    let mut writer = open(Box::new(destination));
    begin(&mut *writer, "t", &schema);
    let whole = table.batch(0..written, table.rows);
    writer.write_batch("t", &whole).unwrap();
    let file = &writer.finish().unwrap()[0].file;
    let whole = files.take().remove(file).unwrap();
    (cut, whole)
}

pub(crate) fn begin(writer: &mut dyn StreamingWriter, name: &str, schema: &SchemaRef) {
    let spec = TableSpec {
        name: name.into(),
        parent: None,
        schema: Arc::clone(schema),
    };
    writer.begin_table(&spec).unwrap();
}

/// Writes batches to one table `t`, and gives the files.
pub(crate) fn write(
    mut writer: Box<dyn StreamingWriter>,
    files: &MemoryFiles,
    batches: &[TableBatch],
) -> BTreeMap<String, Vec<u8>> {
    let empty: SchemaRef = Arc::new(Schema::empty());
    let schema = batches.first().map_or(empty, |batch| batch.rows.schema());
    begin(&mut *writer, "t", &schema);
    for batch in batches {
        writer.write_batch("t", batch).unwrap();
    }
    writer.finish().unwrap();
    files.take()
}

/// A [`Memory`] whose outputs are read back a few bytes at a time.
pub(crate) struct Trickle(Memory);

impl Trickle {
    pub(crate) fn new() -> (Self, MemoryFiles) {
        let (memory, files) = Memory::new();
        (Self(memory), files)
    }
}

impl Destination for Trickle {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        Ok(Box::new(TrickleOutput(self.0.create(table, extension)?)))
    }

    fn commit(self: Box<Self>) -> Result<(), WriteError> {
        Box::new(self.0).commit()
    }
}

struct TrickleOutput(Box<dyn Output>);

impl Write for TrickleOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Output for TrickleOutput {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_at(offset, buffer)
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(TrickleRead(self.0.restart()?, 0)))
    }

    fn buffered_bytes(&self) -> usize {
        self.0.buffered_bytes()
    }
}

struct TrickleRead(Box<dyn Read + Send>, usize);

impl Read for TrickleRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        let most = buffer.len().min(1 + self.1 % 4);
        self.0.read(&mut buffer[..most])
    }
}
