//! The words of the command line about what is read, and how.

use std::path::PathBuf;

use clap::Args;
use transmog::{Compression, Error, Input, InputFormat, Processor, Recovery};

use super::{csv::CsvInput, size::size};

/// What is read, and how.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Files to read, one after another; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Name of the main table. Default: the first input's file name without its extensions.
    #[arg(short = 'n', long, value_name = "ENTITY")]
    entity: Option<String>,
    /// auto, jsonl, json, csv or json5. auto: by extension, then by content.
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    input_format: InputFormat,
    /// How the inputs are compressed: auto (as their first bytes say), none (bytes are taken as they are), gzip, zstd, bzip2
    /// or xz.
    #[arg(long, default_value = "auto", value_name = "CODEC")]
    compression: Compression,
    /// Fail if more comes out of a compressed input: bytes, or with K, M, G or T times 1024 each. Default: any number.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_decompressed: Option<u64>,
    /// Where in the document the records are: a JSON pointer such as /data/items.
    #[arg(long, value_name = "PTR")]
    records_path: Option<String>,
    #[command(flatten)]
    csv: CsvInput,
    /// What becomes of records that something is wrong with: strict (the run fails), skip (they are left out), partial (what
    /// can be read of them is kept).
    #[arg(long, default_value = "strict", value_name = "STRATEGY")]
    pub(super) recovery: Recovery,
    /// Take NaN, Infinity and -Infinity, which are no JSON, for floats like any other.
    #[arg(long)]
    allow_nan: bool,
}

impl Reading {
    /// The processor with these settings.
    pub(super) fn apply(&self, processor: Processor) -> Result<Processor, Error> {
        let mut processor = processor
            .with_input_format(self.input_format)
            .with_compression(self.compression)
            .with_csv_options(self.csv.options()?)
            .with_recovery(self.recovery.clone())
            .with_nan_allowed(self.allow_nan);
        if let Some(bytes) = self.max_decompressed {
            processor = processor.with_max_decompressed(bytes)?;
        }
        match &self.records_path {
            Some(pointer) => processor.with_records_path(pointer),
            None => Ok(processor),
        }
    }

    /// What is read.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = Input<'static>> {
        self.inputs.iter().map(|path| match path.to_str() {
            Some("-") => Input::stdin(),
            _ => Input::file(path),
        })
    }

    /// Name of the main table.
    pub(crate) fn entity(&self) -> String {
        let stem = || {
            let name = Compression::inner_name(self.inputs.first()?);
            let stem = name.file_stem()?.to_string_lossy();
            (stem != "-").then(|| stem.into_owned())
        };
        self.entity
            .clone()
            .or_else(stem)
            .unwrap_or_else(|| "records".into())
    }
}
