//! The words of the command line about pace and memory.

use clap::Args;
use transmog::{Error, ProcessingMode, Processor};

use super::{
    choice::{MODES, choice},
    headings::SPEED,
};

/// How fast, with how much memory.
#[derive(Debug, Args)]
pub(super) struct Pace {
    /// How much is held in memory. It changes no row.
    #[arg(long, default_value = "standard", value_name = "MODE", value_parser = choice::<ProcessingMode>(MODES), help_heading = SPEED)]
    mode: ProcessingMode,
    /// Records that are worked on at a time, at most. Default: 2000, or what the mode says.
    #[arg(long, value_name = "N", help_heading = SPEED)]
    chunk_size: Option<usize>,
    /// Threads. Default: as many as the machine has cores.
    #[arg(long, value_name = "N", help_heading = SPEED)]
    threads: Option<usize>,
}

impl Pace {
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
