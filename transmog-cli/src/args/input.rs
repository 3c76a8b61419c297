//! Options for inputs and bad records.

use std::path::PathBuf;

use clap::Args;
use transmog::{Compression, Error, Input, InputFormat, MaxRejects, Processor, Recovery};

use super::{
    choice::{COMPRESSIONS, INPUT_FORMATS, RECOVERIES, choice, value},
    csv::CsvInput,
    local_path,
};

/// What is read, and how.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct Reading {
    /// Files to read, in this order; `-` is standard input.
    #[arg(required = true, value_name = "INPUT", value_parser = local_path::input())]
    pub(crate) inputs: Vec<PathBuf>,
    /// Name of the main table. Default: name of the first input without its extensions.
    #[arg(short = 'n', long, value_name = "ENTITY", value_parser = entity, help_heading = "Input")]
    entity: Option<String>,
    /// Format of the inputs.
    #[arg(long, default_value = "auto", value_name = "FORMAT", value_parser = choice::<InputFormat>(INPUT_FORMATS), help_heading = "Input")]
    input_format: InputFormat,
    /// Read CSV and JSON inputs into the same tables. Without it, mixing them is an error, because
    /// it is usually a mistake.
    #[arg(long, help_heading = "Input")]
    pub(super) mixed_inputs: bool,
    /// Compression of the inputs.
    #[arg(long, default_value = "auto", value_name = "CODEC", value_parser = choice::<Compression>(COMPRESSIONS), help_heading = "Input")]
    compression: Compression,
    /// Text encoding of the inputs, such as latin1, `shift_jis` or utf-16. Default: UTF-8, or
    /// UTF-16 if a byte order mark or zero bytes show it. Another one than these show is an error.
    #[arg(
        long,
        alias = "csv-encoding",
        value_name = "LABEL",
        help_heading = "Input"
    )]
    encoding: Option<String>,
    /// Where the records are in a JSON document: a JSON pointer such as /data/items.
    #[arg(long, value_name = "PTR", help_heading = "Input")]
    records_path: Option<String>,
    #[command(flatten)]
    pub(super) csv: CsvInput,
    /// What to do with bad records.
    #[arg(long, default_value = "strict", value_name = "STRATEGY", value_parser = choice::<Recovery>(RECOVERIES), help_heading = "Bad records")]
    pub(super) recovery: Recovery,
    /// Stop if there are more bad records than this: a number such as 100, or a share such as 2%.
    /// Needs skip or partial. A share is checked after every 10,000 records and at the end.
    #[arg(long, value_name = "N|N%", value_parser = value::<MaxRejects>, help_heading = "Bad records")]
    max_rejects: Option<MaxRejects>,
    /// Read a rejects file of an earlier run after its texts were corrected; short for
    /// --input-format rejects. Records marked as kept are skipped.
    #[arg(long, conflicts_with = "input_format", help_heading = "Input")]
    from_rejects: bool,
    /// With --from-rejects, read the records marked as kept too. Their readable part is in the
    /// earlier run's tables already.
    #[arg(long, help_heading = "Input")]
    kept_rejects: bool,
    /// Read NaN, Infinity and -Infinity as floats, although JSON does not allow them.
    #[arg(long, help_heading = "Input")]
    allow_nan: bool,
}

impl Reading {
    /// The processor with these settings.
    pub(super) fn apply(&self, processor: Processor) -> Result<Processor, Error> {
        let mut processor = processor
            .with_input_format(self.input_format())
            .with_mixed_inputs(self.mixed_inputs)
            .with_compression(self.compression)
            .with_kept_rejects(self.kept_rejects)
            .with_csv_options(self.csv.options()?)
            .with_recovery(self.recovery.clone())
            .with_nan_allowed(self.allow_nan);
        if let Some(most) = self.max_rejects {
            processor = processor.with_max_rejects(most);
        }
        if let Some(label) = &self.encoding {
            processor = processor.with_encoding(label)?;
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
