//! Options of `transmog inspect`.

use std::path::PathBuf;

use clap::Args;
use transmog::Processor;

use super::{
    Given, Reading, limits::Limits, local_path, resources::Resources, schema::Schema, shape::Shape,
};

#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    shape: Shape,
    #[command(flatten)]
    schema: Schema,
    #[command(flatten)]
    resources: Resources,
    #[command(flatten)]
    limits: Limits,
    /// Print JSON.
    #[arg(long = "json", help_heading = "Output")]
    pub(crate) as_json: bool,
    /// Write the tables, columns and types to a file, for `transmog flatten --schema FILE`.
    #[arg(long, value_name = "FILE", value_parser = local_path::file(), help_heading = "Output")]
    pub(crate) schema_out: Option<PathBuf>,
}

impl Inspect {
    /// As [`Flatten::check`](super::Flatten::check).
    pub(crate) fn check(&self, given: &Given<'_>) -> Result<(), String> {
        self.reading.check(given)?;
        self.shape.without_effect(given)
    }

    /// The settings.
    pub(crate) fn processor(&self) -> anyhow::Result<Processor> {
        let processor = self.reading.apply(self.shape.processor(&self.limits)?)?;
        self.schema
            .apply(self.resources.apply(self.limits.of_inputs(processor)?)?)
    }
}
