//! Options that end a run, or refuse a record, that is larger than expected.

use clap::Args;
use transmog::{Config, DataError, Error, Processor};

use super::size::size;

#[derive(Debug, Args)]
pub(super) struct Limits {
    /// Fail if more comes out of a compressed input: bytes, or with K, M, G or T times 1024 each. Default: any number.
    #[arg(long = "max-decompressed", value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    decompressed: Option<u64>,
    /// Bytes of a record that may be held, or with K, M, G or T times 1024 each; a larger one is a bad record. 0 for any
    /// number.
    #[arg(long = "max-record-bytes", default_value = "1G", value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    record_bytes: u64,
    /// Levels of nesting that become columns and tables; deeper values stay as JSON text.
    #[arg(
        long = "max-depth",
        default_value_t = 100,
        value_name = "N",
        help_heading = "Limits"
    )]
    depth: usize,
    /// Data columns that a table may have; what comes later goes into one column `__rest`.
    #[arg(
        long = "max-columns",
        default_value_t = 20_000,
        value_name = "N",
        help_heading = "Limits"
    )]
    columns: usize,
    /// Stop if more than N tables are needed.
    #[arg(
        long = "max-tables",
        default_value_t = 10_000,
        value_name = "N",
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
