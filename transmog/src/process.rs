//! The calls that give tables in memory. They run the same pipeline as the streaming calls, into a
//! writer that keeps what it gets.

use std::path::Path;

use serde::Serialize;
use transmog_io::{
    Collector, CsvReadOptions, Error, Input, InputFormat, RejectsTo, StreamingWriter,
};

use crate::{
    processor::{Processor, Reopen},
    result::ProcessingResult,
};

impl Processor {
    /// Turns records into tables in memory: whatever [`stream_process`](Self::stream_process)
    /// takes, and the same rows.
    ///
    /// ```
    /// use transmog::Processor;
    ///
    /// let records = r#"{"id": 1, "tags": ["a", "b"]} {"id": 2.5}"#;
    /// let result = Processor::new().process(records, "orders")?;
    /// assert_eq!(result.main_table().num_rows(), 2);
    /// let tags = result.child_table("orders_tags").map(|table| table.num_rows());
    /// assert_eq!(tags, Some(2));
    /// # Ok::<(), transmog::Error>(())
    /// ```
    ///
    /// # Errors
    /// If something is wrong with the input or the settings.
    pub fn process<'a>(
        &self,
        records: impl Into<Input<'a>>,
        entity: &str,
    ) -> Result<ProcessingResult, Error> {
        self.process_all([records.into()], entity)
    }

    /// Turns a file into tables in memory.
    ///
    /// # Errors
    /// As [`process`](Self::process).
    pub fn process_file(
        &self,
        path: impl AsRef<Path>,
        entity: &str,
    ) -> Result<ProcessingResult, Error> {
        self.process(Input::file(path.as_ref()), entity)
    }

    /// Turns a file of a given format into tables in memory, whatever its extension.
    ///
    /// # Errors
    /// As [`process`](Self::process).
    pub fn process_file_with_format(
        &self,
        path: impl AsRef<Path>,
        entity: &str,
        format: InputFormat,
    ) -> Result<ProcessingResult, Error> {
        self.clone()
            .with_input_format(format)
            .process_file(path, entity)
    }

    /// Turns several inputs into tables in memory, one after another.
    ///
    /// # Errors
    /// As [`process`](Self::process).
    pub fn process_all<'a>(
        &self,
        inputs: impl IntoIterator<Item = Input<'a>>,
        entity: &str,
    ) -> Result<ProcessingResult, Error> {
        let (collector, collected) = Collector::new();
        let second = collector.again();
        let (rejects, files) = RejectsTo::memory()?;
        let (second_rejects, second_files) = RejectsTo::memory()?;
        let mut report = self.run(inputs.into_iter().collect(), entity, |_| {
            let again: Reopen<'_> = Box::new(move || {
                let writer: Box<dyn StreamingWriter> = Box::new(second);
                Ok((writer, second_rejects.into()))
            });
            let writer: Box<dyn StreamingWriter> = Box::new(collector);
            Ok(((writer, rejects.into()), Some(again)))
        })?;
        report.rejects_file = None;
        // Only one of both passes has finished.
        let mut rejects = [files, second_files]
            .into_iter()
            .flat_map(|files| files.take());
        let rejects = rejects.next().map_or_else(Vec::new, |(_, bytes)| bytes);
        ProcessingResult::new(collected.take(), report, rejects, self.config().words())
    }

    /// Turns a CSV file into tables in memory, whatever its extension.
    ///
    /// # Errors
    /// As [`process`](Self::process).
    pub fn process_csv(
        &self,
        path: impl AsRef<Path>,
        entity: &str,
        csv: CsvReadOptions,
    ) -> Result<ProcessingResult, Error> {
        self.clone()
            .with_csv_options(csv)
            .process_file_with_format(path, entity, InputFormat::Csv)
    }

    /// Turns values, each of which must serialise to a JSON object, into tables in memory.
    ///
    /// ```
    /// # use transmog::Processor;
    /// #[derive(serde::Serialize)]
    /// struct Order {
    ///     id: u32,
    /// }
    /// let result = Processor::new().process_batch([Order { id: 1 }, Order { id: 2 }], "orders")?;
    /// assert_eq!(result.main_table().num_rows(), 2);
    /// # Ok::<(), transmog::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`process`](Self::process).
    pub fn process_batch<I>(&self, records: I, entity: &str) -> Result<ProcessingResult, Error>
    where
        I: IntoIterator<Item: Serialize>,
    {
        self.process(Input::records(records), entity)
    }

    /// Turns records into tables in memory, at most `chunk_size` records at a time, which is also
    /// the size of the main table's batches. The rows are those of [`process`](Self::process).
    ///
    /// # Errors
    /// As [`process`](Self::process), and if `chunk_size` is 0.
    pub fn process_chunked<'a>(
        &self,
        records: impl Into<Input<'a>>,
        entity: &str,
        chunk_size: usize,
    ) -> Result<ProcessingResult, Error> {
        self.clone()
            .with_chunk_size(chunk_size)?
            .process(records, entity)
    }
}
