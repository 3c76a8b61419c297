//! Options that stop a run, or reject a record, that is too large.

use clap::Args;
use transmog::{Config, DataError, Error, Processor};

use super::size::{count, number, size};

#[derive(Debug, Args)]
pub(super) struct Limits {
    /// Stop if a compressed input grows beyond this size: bytes, or a number with K, M, G or T
    /// (1024 each). Default: no limit.
    #[arg(long = "max-decompressed", value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    decompressed: Option<u64>,
    /// Largest size of a record in memory: bytes, or a number with K, M, G or T (1024 each); 0 for
    /// no limit. A larger one is a bad record.
    #[arg(long = "max-record-bytes", default_value = "1G", value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    record_bytes: u64,
    /// Nesting levels that become columns and tables. Deeper values are kept as JSON text.
    #[arg(
        long = "max-depth",
        default_value_t = 100,
        value_name = "N",
        value_parser = number,
        help_heading = "Limits"
    )]
    depth: usize,
    /// Data columns of a table. Values of later columns go into one column `__rest`.
    #[arg(
        long = "max-columns",
        default_value_t = 20_000,
        value_name = "N",
        value_parser = count::<usize>,
        help_heading = "Limits"
    )]
    columns: usize,
    /// Stop if more than N tables are needed.
    #[arg(
        long = "max-tables",
        default_value_t = 10_000,
        value_name = "N",
        value_parser = count::<usize>,
        help_heading = "Limits"
    )]
    tables: usize,
}

impl Limits {
    /// The settings of how records become rows with these.
    pub(super) fn of_shape(&self, config: Config) -> Result<Config, DataError> {
        config
            .with_max_depth(self.depth)?
            .with_max_columns(self.columns)?
            .with_max_tables(self.tables)
    }

    /// The processor with the limits of inputs.
    pub(super) fn of_inputs(&self, processor: Processor) -> Result<Processor, Error> {
        let most = usize::try_from(self.record_bytes).ok();
        let processor = processor.with_max_record_bytes(most.filter(|most| *most > 0))?;
        match self.decompressed {
            Some(bytes) => processor.with_max_decompressed(bytes),
            None => Ok(processor),
        }
    }
}
