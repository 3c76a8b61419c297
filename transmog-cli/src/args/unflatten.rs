//! Options of `transmog unflatten`.

use std::path::PathBuf;

use clap::Args;
use transmog::RecordStyle;

use super::{
    choice::{RECORD_STYLES, choice},
    local_path,
};

#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub(crate) struct Unflatten {
    /// Folder with the tables of a run and its manifest.
    #[arg(value_name = "DIR", value_parser = local_path::existing())]
    pub(crate) folder: PathBuf,
    /// File for the records. Default: standard output.
    #[arg(short, long, value_name = "FILE", value_parser = local_path::local())]
    pub(crate) output: Option<PathBuf>,
    /// Name of the main table, if the folder holds tables of several runs.
    #[arg(short = 'n', long, value_name = "NAME")]
    pub(crate) entity: Option<String>,
    /// Format of the records.
    #[arg(long, default_value = "jsonl", value_name = "FORMAT", value_parser = choice::<RecordStyle>(RECORD_STYLES))]
    pub(crate) output_format: RecordStyle,
}
