//! Instructions for each byte of input, as callgrind counts them: what a clock cannot tell on a
//! busy machine.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, process::Command};

use anyhow::ensure;

use super::{
    case::{Case, Input},
    programs::{Programs, said, watched},
    rounds::fresh,
};

/// Crates that a case names; the rest is one sum.
const NAMED: usize = 8;

/// A line of the table: instructions for each byte, and in which crates they are.
pub(crate) fn run(programs: &Programs, case: &Case, input: &Input) -> anyhow::Result<String> {
    let folder = fresh(programs, "instructions")?;
    let profile = folder.with_extension("callgrind");
    let mut command = Command::new("valgrind");
    command
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", profile.display()));
    watched(&mut command, programs, (case, input), &folder)?;
    line(case, input.made.bytes, &annotated(&profile)?)
}

/// The functions of a profile, with their instructions.
fn annotated(profile: &Path) -> anyhow::Result<String> {
    let mut command = Command::new("callgrind_annotate");
    command.args(["--threshold=100", "--auto=no"]).arg(profile);
    said(&mut command)
}

fn line(case: &Case, bytes: u64, annotated: &str) -> anyhow::Result<String> {
    let mut of_crates: BTreeMap<&str, u64> = BTreeMap::new();
    for (instructions, file) in annotated.lines().filter_map(function) {
        *of_crates.entry(crate_of(file)).or_default() += instructions;
    }
    let sum: u64 = of_crates.values().sum();
    ensure!(sum > 0, "callgrind_annotate names no function");
    let of_byte = |instructions: u64| instructions as f64 / bytes as f64;
    let mut crates: Vec<_> = of_crates.into_iter().collect();
    crates.sort_by_key(|(_, instructions)| std::cmp::Reverse(*instructions));
    let mut line = format!(
        "{}, {} MB, to {}: {:.1} instructions for each byte",
        case.shape,
        case.mb,
        case.format,
        of_byte(sum)
    );
    let rest: u64 = crates.iter().skip(NAMED).map(|(_, n)| n).sum();
    let named = crates.into_iter().take(NAMED).chain([("others", rest)]);
    for (name, instructions) in named {
        write!(line, "\n  {name:24} {:8.1}", of_byte(instructions))?;
    }
    Ok(line)
}

/// Instructions and source file of a line such as `1,234 ( 5.60%)  /a/b.rs:c::d [/e]`.
fn function(line: &str) -> Option<(u64, &str)> {
    let (number, rest) = line.trim_start().split_once(" (")?;
    let (_, place) = rest.split_once("%)")?;
    let number = number.replace(',', "").parse().ok()?;
    (place.trim() != "PROGRAM TOTALS").then_some((number, place.trim()))
}

/// The crate that a place stands in, of registries without its version, as paths have it.
fn crate_of(place: &str) -> &str {
    let mut parts = place.split('/');
    if place.contains("/registry/src/") {
        let name = parts.by_ref().skip_while(|part| *part != "src").nth(2);
        let name = name.unwrap_or_default();
        let version = name.rfind('-').unwrap_or(name.len());
        return &name[..version];
    }
    if place.starts_with("/rustc/") {
        return "std";
    }
    let ours = parts.find(|part| part.starts_with("transmog-") || *part == "transmog");
    ours.unwrap_or("system, allocator")
}

#[cfg(test)]
mod tests {
    use transmog_shapes::Shape;

    use super::*;

    #[test]
    fn instructions_are_summed_by_crate() {
        let annotated = "\
Ir
3,000 (100.0%)  PROGRAM TOTALS
1,000 (33.3%)  /r/registry/src/index.crates.io-19/serde_json-1.0.154/src/read.rs:serde_json::x [/bin/t]
  500 (16.7%)  /r/registry/src/index.crates.io-19/serde_json-1.0.154/src/de.rs:serde_json::y [/bin/t]
1,200 (40.0%)  /w/transmog-core/src/column.rs:transmog_core::z [/bin/t]
  200 ( 6.7%)  /rustc/59807616/library/core/src/str.rs:core::str::a
  100 ( 3.3%)  ./string/memmove.S:__memcpy [/usr/lib/libc.so.6]
";
        let case = Case {
            shape: Shape::Events,
            mb: 2,
            format: "csv".to_owned(),
            ids: "row".to_owned(),
            threads: 1,
        };
        let text = line(&case, 100, annotated).unwrap();
        let lines: Vec<_> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            lines,
            [
                "events, 2 MB, to csv: 30.0 instructions for each byte",
                "serde_json 15.0",
                "transmog-core 12.0",
                "std 2.0",
                "system, allocator 1.0",
                "others 0.0",
            ]
        );
        assert!(line(&case, 100, "nothing").is_err());
    }
}
