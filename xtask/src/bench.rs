//! `cargo xtask bench`: how fast the command is, how much memory it takes, and what others take for
//! the same.
//!
//! Whole processes are measured, by turns, so that a slow minute of the machine is everybody's.
//! What the figures mean is in `benches/README.md`.

use std::fs;

use anyhow::Context;
use transmog_shapes::Shape;

use crate::step::say;

mod baseline;
mod case;
mod figures;
mod instructions;
mod keep;
mod limit;
mod machine;
mod markdown;
mod measure;
mod memory;
mod options;
mod peers;
mod picture;
mod profile;
mod programs;
mod rounds;
mod show;
mod table;

use case::{Case, Inputs};
use figures::Results;
use options::Options;
use programs::Programs;

/// For the usage of xtask.
pub(crate) const QUESTION: &str = "how fast is it? Takes options: cargo xtask bench --help";

/// Columns and tables of the scaling series.
const SCALES: [[u32; 4]; 2] = [[10, 100, 1_000, 10_000], [1, 10, 100, 1_000]];

/// Runs what the words ask for.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(options) = Options::read(words)? else {
        say(options::USAGE);
        return Ok(());
    };
    if let Some(file) = &options.show {
        show::show(file)?;
        say("README.md and benches/latest.svg are new");
        return Ok(());
    }
    // Before anything slow: it may not be there.
    let kept = options.baseline.as_deref().map(keep::read).transpose()?;
    let kept = kept.as_ref().map(Results::from_json).transpose()?;
    let programs = Programs::build()?;
    let peers = peers::install(&programs.folder, &options.peers);
    let mut inputs = Inputs::new(&programs.folder);
    let mut results = Results::default();
    let mut insides = Vec::new();
    for case in cases(&options) {
        say(&format!("== {case}"));
        let input = inputs.get(case.shape, case.mb)?;
        if options.instructions {
            insides.push(instructions::run(&programs, &case, &input)?);
        }
        if options.profile {
            insides.push(profile::run(&programs, &case, &input)?);
        }
        results.add(rounds::run(&programs, &case, &input, &options, &peers)?);
    }
    say(&format!("\n{}", table::text(&results)));
    for lines in insides {
        say(&lines);
    }
    let memory = if options.memory {
        let memory = memory::run(&programs, &mut inputs, &options)?;
        say(&table::memory(&memory));
        memory
    } else {
        Vec::new()
    };
    if options.save {
        let file = keep::save(words, &results, &memory)?;
        say(&format!("kept in {file}"));
    }
    fs::remove_dir_all(programs.folder.join("out")).context("cannot remove the outputs")?;
    if let Some(kept) = kept {
        say(&baseline::compare(&kept.figures, &results.figures)?);
    }
    Ok(())
}

/// Everything to measure, in the order of the table.
fn cases(options: &Options) -> Vec<Case> {
    let sized = |shapes: &[Shape], mb: &[u64]| -> Vec<(Shape, u64)> {
        let pairs = shapes
            .iter()
            .flat_map(|shape| mb.iter().map(|mb| (*shape, *mb)));
        pairs.collect()
    };
    let mut inputs = sized(&options.shapes, &options.mb);
    if options.scaling {
        let [columns, tables] = SCALES;
        let scales: Vec<Shape> = columns
            .map(Shape::Columns)
            .into_iter()
            .chain(tables.map(Shape::Tables))
            .collect();
        inputs.extend(sized(&scales, &options.mb[..1]));
    }
    let mut cases = Vec::new();
    for (shape, mb) in inputs {
        for format in &options.formats {
            for ids in &options.ids {
                for &threads in &options.threads {
                    cases.push(Case {
                        shape,
                        mb,
                        format: format.clone(),
                        ids: ids.clone(),
                        threads,
                    });
                }
            }
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_one_of_each_and_scaling_has_one_size() {
        let words = "--shape flat,csv --mb 1,2 --format csv,json --ids row --threads 1,2 --scaling";
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let cases = cases(&Options::read(&words).unwrap().unwrap());
        assert_eq!(cases.len(), 2 * 2 * 2 * 2 + 8 * 2 * 2);
        assert!(cases[16..].iter().all(|case| case.mb == 1));
        assert_eq!(cases[16].shape, Shape::Columns(10));
    }
}
