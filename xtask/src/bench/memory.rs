//! Does the peak of memory depend on the size of the input?

use std::process::Command;

use serde_json::{Value, json};

use super::{
    case::{Case, Inputs},
    measure,
    options::Options,
    programs::{self, Programs},
    rounds::fresh,
};
use crate::step::say;

/// How many times the first size the inputs are.
const TIMES: [u64; 2] = [1, 10];

const MODES: [&str; 2] = ["standard", "low-memory"];

/// The peak of one run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Peak {
    pub(crate) shape: String,
    pub(crate) mode: String,
    pub(crate) mb: u64,
    pub(crate) mib: f64,
}

impl Peak {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "shape": self.shape, "mode": self.mode, "mb": self.mb, "peak_mib": self.mib })
    }
}

/// One run for each shape, mode and size, in the order of the table.
pub(crate) fn run(
    programs: &Programs,
    inputs: &mut Inputs,
    options: &Options,
) -> anyhow::Result<Vec<Peak>> {
    let mut peaks = Vec::new();
    for &shape in &options.shapes {
        for mb in TIMES.map(|times| times * options.mb[0]) {
            let input = inputs.get(shape, mb)?;
            for (order, mode) in MODES.iter().enumerate() {
                let case = Case {
                    shape,
                    mb,
                    format: options.formats[0].clone(),
                    ids: options.ids[0].clone(),
                    threads: options.threads[0],
                };
                say(&format!("== memory: {case}, {mode}"));
                let folder = fresh(programs, "memory")?;
                let threads = case.threads.to_string();
                let mut command = Command::new(&programs.transmog);
                command
                    .arg("flatten")
                    .arg(&input.path)
                    .arg("-o")
                    .arg(&folder);
                command.args(programs::words(&case, options.sync));
                command.args(["--threads", &threads, "--mode", mode]);
                let usage = measure::run(&mut command, &folder.with_extension("log"))?;
                let peak = Peak {
                    shape: shape.to_string(),
                    mode: (*mode).to_owned(),
                    mb,
                    mib: usage.peak as f64 / f64::from(1 << 20),
                };
                peaks.push((order, peak));
            }
        }
        // The input is made once for both modes, but a line of the table is one mode.
        let start = peaks.len() - TIMES.len() * MODES.len();
        peaks[start..].sort_by_key(|(order, _)| *order);
    }
    Ok(peaks.into_iter().map(|(_, peak)| peak).collect())
}
