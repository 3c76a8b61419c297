//! The command line: its words, and the settings that they stand for.

use std::{io, path::PathBuf};

use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use transmog::{
    ArrayMode, Cast, Config, DataError, Detection, Error, IdSource, Ids, Input, InputFormat,
    NaturalIds, OutputSpec, ProcessingMode, Processor, Recovery, WriterOptions,
};

mod csv;
mod shape;
mod unflatten;

use csv::CsvInput;
use shape::Shape;
pub(crate) use unflatten::Unflatten;

/// Turns nested JSON, JSON Lines and CSV of any size into flat, linked tables.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Turn JSON into linked tables: a main table, and a child table for each array.
    Flatten(Box<Flatten>),
    /// Make records of tables again: the way back, of a folder that flatten has written.
    Unflatten(Unflatten),
    /// List the output formats of this program and their options.
    Formats,
}

#[derive(Debug, Args)]
#[command(args_override_self = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Flatten {
    /// Files to read, one after another; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Folder for the tables; it is made if it does not exist. `-` writes the main table to standard output, where there is
    /// no place for child tables and rejects.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Output format, see `transmog formats`.
    #[arg(short, long, default_value = "parquet")]
    format: String,
    /// Name of the main table. Default: the first input's file name without its extension.
    #[arg(short = 'n', long, value_name = "ENTITY")]
    entity: Option<String>,
    /// auto, jsonl, json, csv or json5. auto: by extension, then by content.
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    input_format: InputFormat,
    /// Where in the document the records are: a JSON pointer such as /data/items.
    #[arg(long, value_name = "PTR")]
    records_path: Option<String>,
    #[command(flatten)]
    csv: CsvInput,
    /// What becomes of records that something is wrong with: strict (the run fails), skip (they are left out), partial (what
    /// can be read of them is kept).
    #[arg(long, default_value = "strict", value_name = "STRATEGY")]
    recovery: Recovery,
    /// File for the records that something was wrong with. Default: ENTITY.rejected.jsonl beside the tables.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Take NaN, Infinity and -Infinity, which are no JSON, for floats like any other.
    #[arg(long)]
    allow_nan: bool,
    /// What joins the keys of a path in names.
    #[arg(long, default_value = "_", value_name = "S")]
    separator: String,
    /// Make all data columns text.
    #[arg(long)]
    cast_to_string: bool,
    /// Columns of text that become something else if all their values are spelled like it: dates, timestamps, uuids, several
    /// with commas, or all.
    #[arg(long, default_value = "none", value_name = "KINDS")]
    detect: Detection,
    /// What arrays become: separate (tables), smart (tables, or lists if they hold only scalars), inline (JSON text),
    /// skip (nothing), keep (tables and JSON text).
    #[arg(long, default_value = "separate", value_name = "MODE")]
    array_mode: ArrayMode,
    /// Note what cells cannot say (nulls, {}, [], kinds of values in columns of several kinds) in a column __empties, so that
    /// unflatten gives back exactly what came in.
    #[arg(long)]
    keep_empties: bool,
    /// Write no ENTITY.manifest.json beside the tables. Without it they cannot be made records again.
    #[arg(long)]
    no_manifest: bool,
    /// Shorten names of paths with more keys than this to `first_nested_last`.
    #[arg(long, value_name = "N")]
    deep_nesting_threshold: Option<usize>,
    /// Levels of nesting that become columns and tables; deeper values stay as JSON text.
    #[arg(long, default_value_t = 100, value_name = "N")]
    max_depth: usize,
    #[command(flatten)]
    shape: Shape,
    /// How rows are numbered: random (UUIDs), row (numbers), deterministic:COLUMN (UUIDs made of a column's text),
    /// composite:A,B (UUIDs made of fields), hash (UUIDs made of whole records), natural (what the rows have in columns such
    /// as id or code), natural:COLUMN.
    #[arg(long, default_value = "random", value_parser = ids, value_name = "KIND")]
    ids: Ids,
    /// Time stamp of all rows, in RFC 3339. Default: now.
    #[arg(long, value_name = "RFC3339")]
    timestamp: Option<String>,
    /// How much is held in memory: standard, low-memory, high-performance. It changes no row.
    #[arg(long, default_value = "standard", value_name = "MODE")]
    mode: ProcessingMode,
    /// Records that are worked on at a time, at most. Default: 1000, or what the mode says.
    #[arg(long, value_name = "N")]
    chunk_size: Option<usize>,
    /// Threads. Default: as many as the machine has cores.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Set an option of the output format.
    #[arg(short = 'O', value_name = "KEY=VALUE", value_parser = option)]
    options: Vec<(String, String)>,
    /// Write what was done as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

fn ids(word: &str) -> Result<Ids, String> {
    let words = |error: DataError| error.to_string();
    match word.split_once(':') {
        None if word == "random" => Ok(Ids::Random),
        None if word == "row" => Ok(Ids::Row),
        None if word == "hash" => Ok(Ids::Hash),
        None if word == "natural" => Ok(Ids::Natural(NaturalIds::new())),
        Some(("natural", column)) if !column.is_empty() => {
            let natural = NaturalIds::new().with_patterns([column]);
            natural.map(Ids::Natural).map_err(words)
        }
        Some(("composite", fields)) => Ids::composite(fields.split(',')).map_err(words),
        Some(("deterministic", column)) if !column.is_empty() => {
            Ok(Ids::Deterministic(IdSource::Column(column.to_owned())))
        }
        _ => Err(
            "expected random, row, deterministic:COLUMN, composite:A,B, hash, natural or natural:COLUMN"
                .into(),
        ),
    }
}

fn option(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Flatten {
    /// The settings.
    pub(crate) fn processor(&self) -> Result<Processor, Error> {
        let cast = if self.cast_to_string {
            Cast::Text
        } else {
            Cast::Off
        };
        let config = Config::default()
            .with_separator(&self.separator)?
            .with_cast(cast)
            .with_detection(self.detect)
            .with_array_mode(self.array_mode)
            .with_deep_nesting_threshold(self.deep_nesting_threshold)?
            .with_max_depth(self.max_depth)?
            .with_ids(self.ids.clone())
            .with_kept_empties(self.keep_empties);
        let config = self.shape.apply(config)?;
        let mut processor = Processor::new()
            .with_config(config)
            .with_input_format(self.input_format)
            .with_csv_options(self.csv.options()?)
            .with_recovery(self.recovery.clone())
            .with_nan_allowed(self.allow_nan)
            .with_manifest(self.has_manifest())
            .with_mode(self.mode);
        if let Some(records) = self.chunk_size {
            processor = processor.with_chunk_size(records)?;
        }
        if let Some(threads) = self.threads {
            processor = processor.with_threads(threads)?;
        }
        if let Some(pointer) = &self.records_path {
            processor = processor.with_records_path(pointer)?;
        }
        if let Some(time) = &self.timestamp {
            processor = processor.with_timestamp(time)?;
        }
        Ok(processor)
    }

    /// True if a manifest is written beside the tables.
    fn has_manifest(&self) -> bool {
        !self.no_manifest && self.output.as_os_str() != "-"
    }

    /// Where the manifest is, if there is one.
    pub(crate) fn manifest(&self) -> Option<PathBuf> {
        let name = format!("{}.manifest.json", self.entity());
        self.has_manifest().then(|| self.output.join(name))
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
            let stem = self.inputs.first()?.file_stem()?.to_string_lossy();
            (stem != "-").then(|| stem.into_owned())
        };
        self.entity
            .clone()
            .or_else(stem)
            .unwrap_or_else(|| "records".into())
    }

    /// Where the tables go.
    ///
    /// # Errors
    /// If rejected records would go nowhere.
    pub(crate) fn output(&self) -> anyhow::Result<OutputSpec> {
        let options = self
            .options
            .iter()
            .fold(WriterOptions::new(), |options, (key, value)| {
                options.with(key, value)
            });
        let format = (self.format.as_str(), options);
        let output = if self.output.as_os_str() == "-" {
            if self.rejects.is_none() && self.recovery.to_string() != "strict" {
                bail!(
                    "standard output has no place for rejected records: name a file with --rejects"
                );
            }
            OutputSpec::writer(format, io::stdout()).0
        } else {
            OutputSpec::directory(format, &self.output)
        };
        Ok(match &self.rejects {
            Some(path) => output.with_rejects_file(path),
            None => output,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn ids_are_words() {
        assert_eq!(ids("row"), Ok(Ids::Row));
        let column = IdSource::Column("a:b".into());
        assert_eq!(ids("deterministic:a:b"), Ok(Ids::Deterministic(column)));
        assert_eq!(ids("hash"), Ok(Ids::Hash));
        assert_eq!(
            ids("composite:b,a"),
            Ids::composite(["a", "b"]).map_err(|e| e.to_string())
        );
        assert_eq!(ids("natural"), Ok(Ids::Natural(NaturalIds::new())));
        let natural = NaturalIds::new().with_patterns(["sku"]).expect("allowed");
        assert_eq!(ids("natural:sku"), Ok(Ids::Natural(natural)));
        for wrong in [
            "deterministic:",
            "natural:",
            "composite:",
            "composite:a,",
            "hash:a",
        ] {
            assert!(ids(wrong).is_err(), "{wrong}");
        }
        assert!(ids("rows").is_err());
    }
}
