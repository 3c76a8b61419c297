//! Where the CPU time of one thread goes, by function, as Linux perf samples it.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    process::Command,
};

use super::{
    case::{Case, Input},
    programs::{Programs, said, watched},
    rounds::fresh,
};

/// Samples a second: no multiple of anything that happens regularly.
const FREQUENCY: &str = "1999";

/// Percent from which on a function or a crate has a line of its own.
const NAMED: f64 = 1.0;

/// What perf calls the kernel.
const KERNEL: &str = "[kernel.kallsyms]";

/// Characters of a function's name that are shown.
const WIDTH: usize = 100;

/// A table of functions, and one of the crates that they are in; percent of all samples.
pub(crate) fn run(programs: &Programs, case: &Case, input: &Input) -> anyhow::Result<String> {
    let folder = fresh(programs, "profile")?;
    let samples = folder.with_extension("perf");
    let mut record = Command::new("perf");
    record
        .args(["record", "-q", "-F", FREQUENCY, "-o"])
        .arg(&samples);
    watched(&mut record, programs, (case, input), &folder)?;
    let mut report = Command::new("perf");
    report
        .args(["report", "--stdio", "-q", "--no-children", "-t", "|"])
        .args(["--sort", "dso,sym", "-i"])
        .arg(&samples);
    Ok(lines(case, &said(&mut report)?)?)
}

fn lines<'r>(case: &Case, report: &'r str) -> Result<String, fmt::Error> {
    let functions: Vec<_> = report.lines().filter_map(function).collect();
    let mut crates: BTreeMap<&str, f64> = BTreeMap::new();
    for (percent, place, name) in &functions {
        *crates.entry(crate_of(place, name)).or_default() += percent;
    }
    let mut text = format!(
        "{}, {} MB, to {}: percent of the CPU time of one thread",
        case.shape, case.mb, case.format
    );
    let shown = |(percent, place, name): (f64, &'r str, &'r str)| match place {
        KERNEL => ("kernel", percent),
        _ => (name, percent),
    };
    for (title, all) in [
        ("functions", table(functions.into_iter().map(shown))?),
        ("crates", table(crates.into_iter())?),
    ] {
        write!(text, "\n  {title}{all}")?;
    }
    Ok(text)
}

/// Lines of what takes most; the rest is one.
fn table<'a>(all: impl Iterator<Item = (&'a str, f64)>) -> Result<String, fmt::Error> {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for (name, percent) in all {
        match sums.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += percent,
            None => sums.push((name, percent)),
        }
    }
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = sums.iter().filter(|(_, percent)| *percent >= NAMED);
    let rest = sums.iter().filter(|(_, percent)| *percent < NAMED);
    // A sum of none would be shown as -0.0.
    let rest = ("others", rest.fold(0.0, |sum, (_, percent)| sum + percent));
    let mut text = String::new();
    for (name, percent) in named.chain([&rest]) {
        let short: String = name.chars().take(WIDTH).collect();
        write!(text, "\n  {percent:6.1}  {short}")?;
    }
    Ok(text)
}

/// Percent, program or library, and name, of a line such as ` 9.72% |transmog |[.] snap::compress`.
fn function(line: &str) -> Option<(f64, &str, &str)> {
    let mut parts = line.splitn(3, '|').map(str::trim);
    let percent = parts.next()?.strip_suffix('%')?.parse().ok()?;
    let (place, name) = (parts.next()?, parts.next()?);
    // `[.]` is the program, `[k]` the system.
    Some((percent, place, name.get(3..)?.trim()))
}

/// The crate of a function, of a method that of its type, or of its trait if the type is in no
/// crate.
fn crate_of<'a>(place: &'a str, name: &'a str) -> &'a str {
    match place {
        "transmog" => {}
        KERNEL => return "kernel",
        other => return other,
    }
    let start = name.trim_start_matches(|c: char| !c.is_alphanumeric());
    let start = start.strip_prefix("mut ").unwrap_or(start);
    let start = match start.split_once(" as ") {
        Some((own, of)) if !own.contains("::") => of,
        _ => start,
    };
    let end = start.find(|c: char| !c.is_alphanumeric() && c != '_');
    &start[..end.unwrap_or(start.len())]
}

#[cfg(test)]
mod tests {
    use transmog_shapes::Shape;

    use super::*;

    #[test]
    fn samples_are_summed_by_function_and_by_crate() {
        let report = "
 40.00% |transmog         |[.] snap::compress::Encoder::compress
 20.00% |transmog         |[.] <&mut transmog_io::json::Parser as serde_core::de::Deserializer>::deserialize_any
 10.50% |libc.so.6        |[.] __memmove_avx512_unaligned_erms
 10.00% |transmog         |[.] transmog_io::split::lines
  9.00% |[kernel.kallsyms]|[k] clear_page_erms
  8.00% |[kernel.kallsyms]|[k] _copy_to_iter
  1.00% |transmog         |[.] <f64 as zmij::Float>::write
  0.50% |transmog         |[.] main
nonsense
";
        let case = Case {
            shape: Shape::Events,
            mb: 2,
            format: "csv".to_owned(),
            ids: "row".to_owned(),
            threads: 1,
        };
        let text = lines(&case, report).unwrap();
        let words: Vec<_> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            words,
            [
                "events, 2 MB, to csv: percent of the CPU time of one thread",
                "functions",
                "40.0 snap::compress::Encoder::compress",
                "20.0 <&mut transmog_io::json::Parser as serde_core::de::Deserializer>::deserialize_any",
                "17.0 kernel",
                "10.5 __memmove_avx512_unaligned_erms",
                "10.0 transmog_io::split::lines",
                "1.0 <f64 as zmij::Float>::write",
                "0.5 others",
                "crates",
                "40.0 snap",
                "30.0 transmog_io",
                "17.0 kernel",
                "10.5 libc.so.6",
                "1.0 zmij",
                "0.5 others",
            ]
        );
    }
}
