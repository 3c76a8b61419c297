//! The words of the command line about what is read, and how.

use std::path::PathBuf;

use clap::Args;
use transmog::{Compression, Error, Input, InputFormat, MaxRejects, Processor, Recovery};

use super::{csv::CsvInput, local_path, size::size};

/// What is read, and how.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct Reading {
    /// Files to read, one after another; `-` is standard input.
    #[arg(required = true, value_name = "INPUT", value_parser = local_path::input())]
    pub(crate) inputs: Vec<PathBuf>,
    /// Name of the main table. Default: the first input's file name without its extensions.
    #[arg(short = 'n', long, value_name = "ENTITY", value_parser = entity)]
    entity: Option<String>,
    /// auto, jsonl, json, csv, json5 or rejects. auto: by extension, then by content.
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    input_format: InputFormat,
    /// Read CSV and JSON inputs into the same tables. Without this, such inputs are an error: they are mostly a mistake.
    #[arg(long)]
    pub(super) mixed_inputs: bool,
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
    /// With skip and partial, how many records may be bad (left out or kept in part): a number such as 100, or a share such as 2%, which
    /// is looked at after every 10,000 records and at the end. If there are more, the run fails.
    #[arg(long, value_name = "N|N%")]
    max_rejects: Option<MaxRejects>,
    /// Bytes of a record that may be held; a larger one is a bad record. 0 for any number.
    #[arg(long, default_value_t = 1 << 30, value_name = "N")]
    max_record_bytes: usize,
    /// Read rejects that an earlier run wrote, once the texts in them are mended: the same as --input-format rejects. Those marked
    /// as kept are passed over.
    #[arg(long, conflicts_with = "input_format")]
    from_rejects: bool,
    /// With --from-rejects, also take those marked as kept, although a part of them is in tables already.
    #[arg(long)]
    kept_rejects: bool,
    /// Take NaN, Infinity and -Infinity, which are no JSON, for floats like any other.
    #[arg(long)]
    allow_nan: bool,
}

impl Reading {
    /// The processor with these settings.
    pub(super) fn apply(&self, processor: Processor) -> Result<Processor, Error> {
        let most = (self.max_record_bytes > 0).then_some(self.max_record_bytes);
        let mut processor = processor
            .with_input_format(self.input_format())
            .with_mixed_inputs(self.mixed_inputs)
            .with_compression(self.compression)
            .with_max_record_bytes(most)?
            .with_kept_rejects(self.kept_rejects)
            .with_csv_options(self.csv.options()?)
            .with_recovery(self.recovery.clone())
            .with_nan_allowed(self.allow_nan);
        if let Some(most) = self.max_rejects {
            processor = processor.with_max_rejects(most);
        }
        if let Some(bytes) = self.max_decompressed {
            processor = processor.with_max_decompressed(bytes)?;
        }
        match &self.records_path {
            Some(pointer) => processor.with_records_path(pointer),
            None => Ok(processor),
        }
    }

    pub(super) fn input_format(&self) -> InputFormat {
        if self.from_rejects {
            InputFormat::Rejects
        } else {
            self.input_format
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
            // Rejects are records of the table that they were meant for.
            let is_rejects = self.input_format() == InputFormat::Rejects;
            let of_rejects = stem.strip_suffix(".rejected").filter(|_| is_rejects);
            let stem = of_rejects.unwrap_or(&stem);
            (stem != "-").then(|| stem.to_owned())
        };
        self.entity
            .clone()
            .or_else(stem)
            .unwrap_or_else(|| "records".into())
    }
}

fn entity(text: &str) -> Result<String, &'static str> {
    if text.chars().all(char::is_whitespace) {
        return Err("the main table needs a name");
    }
    Ok(text.to_owned())
}
