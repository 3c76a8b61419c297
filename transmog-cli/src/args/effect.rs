//! Finds options that cannot do anything: `--csv-delimiter` where no input is CSV. An option that
//! does nothing is a mistake, or a wish that would be passed over without a word, so it ends the
//! run before anything is read.

use std::path::PathBuf;

use clap::{ArgMatches, Command, parser::ValueSource};
use transmog::{Input, InputFormat};

use super::Reading;

/// The options that were given.
pub(crate) struct Given<'a> {
    command: &'a Command,
    matches: &'a ArgMatches,
}

impl<'a> Given<'a> {
    /// The options of a subcommand, and what was given of them.
    pub(crate) fn new(command: &'a Command, matches: &'a ArgMatches) -> Self {
        Self { command, matches }
    }

    /// True if an option stands on the command line, by the name of its field.
    pub(super) fn has(&self, id: &str) -> bool {
        self.matches.try_contains_id(id).unwrap_or(false)
            && self.matches.value_source(id) == Some(ValueSource::CommandLine)
    }

    /// The first given option, as it is written, whose long name begins like this.
    fn first(&self, prefix: &str) -> Option<String> {
        let mut options = self.command.get_arguments().filter(|arg| {
            arg.get_long().is_some_and(|long| long.starts_with(prefix))
                && self.has(arg.get_id().as_str())
        });
        let first = options.find_map(clap::Arg::get_long);
        first.map(|long| format!("--{long}"))
    }
}

impl Reading {
    /// What is wrong with the inputs and the options about them, as far as nothing must be read for
    /// it.
    pub(super) fn check(&self, given: &Given<'_>) -> Result<(), String> {
        self.without_effect(given)?;
        self.mixed()
    }

    /// What is wrong with options about reading that do nothing for these inputs.
    fn without_effect(&self, given: &Given<'_>) -> Result<(), String> {
        let formats: Vec<InputFormat> = self.inputs().map(|input| self.format_of(&input)).collect();
        let is_any = |format| formats.contains(&format);
        if !is_any(InputFormat::Csv)
            && !is_any(InputFormat::Rejects)
            && let Some(option) = given.first("csv-")
        {
            return Err(format!(
                "{option} does nothing, because no input is CSV; for CSV in files with other names, or on standard \
                 input, add --input-format csv"
            ));
        }
        self.csv.without_effect(given)?;
        if given.has("allow_nan") && formats.iter().all(|format| *format == InputFormat::Csv) {
            return Err("--allow-nan does nothing, because no input is JSON".into());
        }
        let is_stdin = |path: &&PathBuf| path.as_os_str() == "-";
        if self.inputs.iter().filter(is_stdin).count() > 1 {
            return Err("- stands twice: standard input can be read only once".into());
        }
        if given.has("mixed_inputs") {
            if self.inputs.len() == 1 {
                return Err("--mixed-inputs does nothing with one input".into());
            }
            if self.input_format() != InputFormat::Auto {
                return Err(
                    "--mixed-inputs does nothing, because all inputs are read in the same format"
                        .into(),
                );
            }
        }
        if self.recovery.to_string() == "strict" {
            for (id, option) in [("max_rejects", "--max-rejects"), ("rejects", "--rejects")] {
                if given.has(id) {
                    return Err(format!(
                        "{option} does nothing, because the first bad record ends the run; add --recovery skip or \
                         --recovery partial"
                    ));
                }
            }
        }
        if given.has("kept_rejects") && !is_any(InputFormat::Rejects) {
            return Err("--kept-rejects does nothing without --from-rejects".into());
        }
        if given.has("records_path") && is_any(InputFormat::Csv) {
            return Err("--records-path is for JSON, and an input is CSV".into());
        }
        Ok(())
    }

    /// How an input is read: as it was set, or as the name says; else as JSON.
    fn format_of(&self, input: &Input<'_>) -> InputFormat {
        match self.input_format() {
            InputFormat::Auto => input
                .path()
                .and_then(InputFormat::of_path)
                .unwrap_or(InputFormat::Auto),
            format => format,
        }
    }

    /// What is wrong with inputs that are read together, although some are CSV and others are not.
    fn mixed(&self) -> Result<(), String> {
        let is_csv = |input: &Input<'_>| self.format_of(input) == InputFormat::Csv;
        let csv = self.inputs().find(is_csv);
        let other = self.inputs().find(|input| !is_csv(input));
        match (csv, other) {
            (Some(csv), Some(other)) if !self.mixed_inputs => Err(format!(
                "{} is CSV and {} is read as JSON; add --mixed-inputs if both are for the same tables, or --input-format \
                 for all inputs",
                csv.name(),
                other.name()
            )),
            _ => Ok(()),
        }
    }
}
