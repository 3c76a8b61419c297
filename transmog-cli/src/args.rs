//! The command line: its words, and the settings that they stand for.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use transmog::{Directory, OutputSpec, Processor, WriterOptions, manifest_file_name};

use crate::standard_output::StandardOutput;

mod choice;
mod csv;
mod effect;
mod foreign;
mod format;
mod headings;
mod input;
mod inspect;
mod limits;
mod local_path;
mod output_folder;
mod resources;
mod rules;
mod schema;
mod shape;
mod size;
mod unflatten;

pub(crate) use effect::Given;
pub(crate) use foreign::with_tip;
use format::FormatName;
pub(crate) use input::Reading;
pub(crate) use inspect::Inspect;
use limits::Limits;
use resources::Resources;
use schema::Schema;
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
    /// Turn JSON or CSV into linked tables: a main table, and a child table for each array.
    Flatten(Box<Flatten>),
    /// Rebuild the original records from a folder written by `flatten`.
    Unflatten(Unflatten),
    /// Show the tables, columns, types and links that `flatten` would produce; writes nothing.
    Inspect(Box<Inspect>),
    /// List the output formats and their options.
    Formats,
}

#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub(crate) struct Flatten {
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Folder for the tables; created if missing. `-` writes the main table to standard output,
    /// without child tables and rejects.
    #[arg(short, long, value_name = "DIR", value_parser = local_path::local(), help_heading = "Output")]
    pub(crate) output: PathBuf,
    /// Output format. `transmog formats` lists the options of each.
    #[arg(short, long, default_value = "parquet", value_parser = FormatName, help_heading = "Output")]
    format: String,
    /// File for bad records. Default: ENTITY.rejected.jsonl beside the tables.
    #[arg(long, value_name = "FILE", value_parser = local_path::file(), help_heading = "Bad records")]
    pub(crate) rejects: Option<PathBuf>,
    /// Do not write ENTITY.manifest.json beside the tables. `unflatten` needs it.
    #[arg(long, help_heading = "Output")]
    no_manifest: bool,
    /// Do not wait until the tables are on disk. A power loss soon after the run can then damage
    /// them.
    #[arg(long, help_heading = "Output")]
    no_sync: bool,
    #[command(flatten)]
    shape: Shape,
    #[command(flatten)]
    schema: Schema,
    #[command(flatten)]
    resources: Resources,
    #[command(flatten)]
    limits: Limits,
    /// Set an option of the output format.
    #[arg(short = 'O', value_name = "KEY=VALUE", value_parser = option, help_heading = "Output")]
    options: Vec<(String, String)>,
    /// Write a report of the run as JSON. `-` is standard output.
    #[arg(long, value_name = "FILE", value_parser = local_path::local(), help_heading = "Output")]
    pub(crate) report: Option<PathBuf>,
}

/// True for the name that stands for standard input or output.
pub(crate) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn option(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Flatten {
    /// Looks at what can be known to be wrong before anything is read: options without effect,
    /// inputs that do not go together, outputs that are no folder.
    pub(crate) fn check(&self, given: &Given<'_>) -> Result<(), String> {
        self.reading.check(given)?;
        self.shape.without_effect(given)?;
        if self.output.as_os_str() == "-" {
            if given.has("no_sync") {
                return Err("--no-sync does nothing with -o -".into());
            }
            if self.report.as_deref().is_some_and(is_stream) {
                return Err("the table and the report cannot both go to standard output: name a file with --report".into());
            }
            return Ok(());
        }
        output_folder::check(&self.output)
    }

    /// The settings.
    pub(crate) fn processor(&self) -> anyhow::Result<Processor> {
        let processor = self.reading.apply(self.shape.processor(&self.limits)?)?;
        let processor = processor.with_manifest(self.has_manifest());
        self.schema
            .apply(self.resources.apply(self.limits.of_inputs(processor)?)?)
    }

    /// True if memory matters more than time.
    pub(crate) fn is_sparing(&self) -> bool {
        self.resources.is_sparing()
    }

    /// True if a manifest is written beside the tables.
    fn has_manifest(&self) -> bool {
        !self.no_manifest && self.output.as_os_str() != "-"
    }

    /// Where the manifest is, if there is one.
    pub(crate) fn manifest(&self) -> Option<PathBuf> {
        let name = manifest_file_name(&self.reading.entity());
        self.has_manifest().then(|| self.output.join(name))
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
            if self.rejects.is_none() && self.reading.recovery.to_string() != "strict" {
                bail!(
                    "standard output has no place for rejected records: name a file with --rejects"
                );
            }
            OutputSpec::writer(format, StandardOutput).0
        } else {
            let folder = Directory::new(&self.output).with_sync(!self.no_sync);
            OutputSpec::new(format, folder)
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

    /// A heading that a group sets would hold for all options behind it, so each option names its
    /// own.
    #[test]
    fn each_option_stands_under_its_heading() {
        let mut command = Cli::command();
        command.build();
        let flatten = command.find_subcommand("flatten").expect("a command");
        let options = flatten.get_opts().filter(|arg| arg.get_id() != "help");
        let mut by_heading = std::collections::BTreeMap::<_, Vec<_>>::new();
        for arg in options {
            let name = arg.get_long().map(str::to_owned).unwrap_or_default();
            by_heading
                .entry(arg.get_help_heading())
                .or_default()
                .push(name);
        }
        let headings: Vec<_> = by_heading
            .keys()
            .copied()
            .map(Option::unwrap_or_default)
            .collect();
        let expected = [
            "Bad records",
            "CSV input",
            "Ids",
            "Input",
            "Limits",
            "Output",
            "Speed and memory",
            "Tables",
            "Types and names",
        ];
        assert_eq!(headings, expected, "{by_heading:?}");
        let csv = &by_heading[&Some("CSV input")];
        assert!(csv.iter().all(|name| name.starts_with("csv-")), "{csv:?}");
        for (heading, option) in [
            ("Output", "output"),
            ("Output", "format"),
            ("Bad records", "recovery"),
            ("Ids", "ids"),
            ("Input", "encoding"),
            ("Tables", "array-mode"),
            ("Speed and memory", "threads"),
            ("Limits", "max-record-bytes"),
            ("Types and names", "type"),
        ] {
            assert!(
                by_heading[&Some(heading)].iter().any(|name| name == option),
                "{option}: {by_heading:?}"
            );
        }
    }
}
