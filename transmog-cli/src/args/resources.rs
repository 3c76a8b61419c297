//! Options for speed and memory.

use clap::Args;
use transmog::{Error, ProcessingMode, Processor};

use super::{
    choice::{MODES, choice},
    headings::SPEED,
    size::{count, number},
};

/// Speed and memory.
#[derive(Debug, Args)]
pub(super) struct Resources {
    /// How much to hold in memory. The mode changes speed, never rows.
    #[arg(long, default_value = "standard", value_name = "MODE", value_parser = choice::<ProcessingMode>(MODES), help_heading = SPEED)]
    mode: ProcessingMode,
    /// Largest number of records in a chunk. Default: 2000, or what the mode sets.
    #[arg(long, value_name = "N", value_parser = count::<usize>, help_heading = SPEED)]
    chunk_size: Option<usize>,
    /// Number of threads. Default: one for each core.
    #[arg(long, value_name = "N", value_parser = number, help_heading = SPEED)]
    threads: Option<usize>,
}

impl Resources {
    /// True if memory matters more than time.
    pub(super) fn is_sparing(&self) -> bool {
        self.mode == ProcessingMode::LowMemory
    }

    /// The processor with these settings.
    pub(super) fn apply(&self, processor: Processor) -> Result<Processor, Error> {
        let mut processor = processor.with_mode(self.mode);
        if let Some(records) = self.chunk_size {
            processor = processor.with_chunk_size(records)?;
        }
        if let Some(threads) = self.threads {
            processor = processor.with_threads(threads)?;
        }
        Ok(processor)
    }
}
