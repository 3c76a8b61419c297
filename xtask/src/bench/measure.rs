//! One run of one program: its time, its processor time and its peak memory, as the system counts
//! them.

use std::{
    fs::{self, File},
    io,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, bail};
use wait4::Wait4;

/// What a process took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of all cores, in the program and in the system for it.
    pub(crate) cpu: f64,
    /// Bytes; of the largest process, if it started others.
    pub(crate) peak: u64,
}

/// Of what a program said before it failed. Python's programs may name their error some lines above
/// the end.
const LAST_LINES: usize = 12;

/// Runs a program to its end. What it says goes into a file beside its output, and into the error
/// if it fails.
pub(crate) fn run(command: &mut Command, log: &Path) -> anyhow::Result<Usage> {
    let said = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(said.try_clone()?)
        .stderr(said);
    let program = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let child = command.spawn();
    let child = child.with_context(|| format!("cannot start {program}"))?;
    let used = child.wait4().context("cannot wait for it")?;
    let wall = start.elapsed().as_secs_f64();
    if !used.status.success() {
        let said = fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let end = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
        bail!("{program}: {}\n{end}", used.status);
    }
    Ok(Usage {
        wall,
        cpu: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
        peak: used.rusage.maxrss,
    })
}

/// Bytes of the tables below a folder: the files of a format. What tools write about themselves is
/// not counted.
pub(crate) fn table_bytes(folder: &Path, format: &str) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_note = name.starts_with("_dlt")
            || name.ends_with(".manifest.json")
            || ["fields.csv", "tables.csv"].contains(&name.as_str());
        if is_note {
            continue;
        }
        if entry.file_type()?.is_dir() {
            bytes += table_bytes(&entry.path(), format)?;
        } else if Path::new(&name).extension().is_some_and(|e| e == format) {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

/// The median; of an even number the mean of the middle two. 0 if there are none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        let cases: [(&[f64], f64); 4] = [
            (&[], 0.0),
            (&[3.0], 3.0),
            (&[9.0, 1.0, 2.0], 2.0),
            (&[4.0, 1.0, 2.0, 9.0], 3.0),
        ];
        for (values, expected) in cases {
            assert!((median(values.iter().copied()) - expected).abs() < 1e-9);
        }
    }
}
