//! Project automation: `cargo xtask ci` checks everything that CI checks, and each check runs alone
//! by its name.
//!
//! Names no product crate, so that it builds in seconds.

use std::{env, iter, process::ExitCode};

mod bench;
mod cargo;
mod consumer;
mod examples;
mod features;
mod layers;
mod step;
mod tidy;
mod tree;

use cargo::Cargo;
use step::{Step, say};

/// What CI runs, in this order: what is cheap and often wrong comes first.
const STEPS: &[Step] = &[
    Step::new("fmt", "is every file formatted?", fmt),
    Step::new("tidy", "are the layers and the house rules kept?", tidy),
    Step::new("lint", "is clippy silent?", lint),
    Step::new("test", "do all tests pass?", test),
    Step::new(
        "features",
        "does the facade work with no format and each alone?",
        features::run,
    ),
    Step::new(
        "consumer",
        "do formats register in a program that uses the facade?",
        consumer::run,
    ),
    Step::new("examples", "does every example run?", examples::run),
    Step::new("fuzz", "do the fuzzers' seeds keep the promises?", fuzz),
    Step::new("docs", "is the documentation whole?", docs),
];

/// The fuzzers' manifest, which is no member of the workspace because cargo-fuzz builds it in ways
/// of its own.
const FUZZ: &str = "fuzz/Cargo.toml";

/// What takes too long for CI.
const LONG: &[Step] = &[Step::new(
    "chaos",
    "do many more random records, damaged files and kills show nothing new? (TRANSMOG_CASES times as many)",
    chaos,
)];

fn main() -> ExitCode {
    let names: Vec<String> = env::args().skip(1).collect();
    let Some(wanted) = wanted(&names) else {
        say(&usage());
        return ExitCode::from(2);
    };
    let result = match wanted {
        Wanted::Steps(steps) => step::run_all(&steps),
        Wanted::Bench(words) => bench::run(words),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What the arguments ask for.
enum Wanted<'a> {
    Steps(Vec<&'static Step>),
    /// The bench, which is no check, and takes words of its own.
    Bench(&'a [String]),
}

/// What the arguments ask for; `None` if that is something else, or nothing.
fn wanted(arguments: &[String]) -> Option<Wanted<'_>> {
    match arguments {
        [bench, words @ ..] if bench == "bench" => Some(Wanted::Bench(words)),
        names => chosen(names).map(Wanted::Steps),
    }
}

/// The steps that the arguments name; `None` if they name something else, or nothing.
fn chosen(names: &[String]) -> Option<Vec<&'static Step>> {
    match names {
        [] => None,
        [all] if all == "ci" => Some(STEPS.iter().collect()),
        names => names
            .iter()
            .map(|name| STEPS.iter().chain(LONG).find(|step| step.name == name))
            .collect(),
    }
}

fn usage() -> String {
    let steps = STEPS
        .iter()
        .chain(LONG)
        .map(|step| format!("\n  {:<9} {}", step.name, step.question));
    let all = "usage: cargo xtask ci | STEP... | bench OPTION...\n\n  ci        all of these but the last two";
    let bench = format!("\n  bench     {}", bench::QUESTION);
    iter::once(all.to_owned())
        .chain(steps)
        .chain([bench])
        .collect()
}

fn fmt() -> anyhow::Result<()> {
    Cargo::new(["fmt", "--all", "--", "--check"]).run()?;
    for manifest in [consumer::MANIFEST, FUZZ] {
        Cargo::new(["fmt", "--manifest-path", manifest, "--", "--check"]).run()?;
    }
    Ok(())
}

/// The same rules are tests of this crate; here they come before anything is compiled.
fn tidy() -> anyhow::Result<()> {
    let root = tree::root();
    let mut problems = layers::problems(&root)?;
    problems.extend(tidy::problems(&root)?);
    anyhow::ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

fn lint() -> anyhow::Result<()> {
    Cargo::new([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])
    .run()
}

fn test() -> anyhow::Result<()> {
    Cargo::new(["test", "--workspace"]).run()
}

/// The tests that take random input, which CI runs too, with so many times the cases.
fn chaos() -> anyhow::Result<()> {
    let cases = env::var_os("TRANSMOG_CASES").unwrap_or_else(|| "50".into());
    Cargo::new([
        "test",
        "--profile",
        "chaos",
        "-p",
        "transmog",
        "-p",
        "transmog-cli",
    ])
    .args(["--test", "it", "--test", "corpus"])
    .env("TRANSMOG_CASES", &cases.to_string_lossy())
    .run()
}

/// Without a fuzzer: the targets over their seeds, and over changed copies of them.
fn fuzz() -> anyhow::Result<()> {
    let target = consumer::target_for(FUZZ)?;
    Cargo::new(["test", "--manifest-path", FUZZ, "--target-dir", &target]).run()
}

/// Libraries only: the command and the facade share the name `transmog`, and rustdoc would write
/// both to one place.
fn docs() -> anyhow::Result<()> {
    Cargo::new(["doc", "--workspace", "--lib", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Option<Vec<&'static str>> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        Some(chosen(&arguments)?.iter().map(|step| step.name).collect())
    }

    #[test]
    fn ci_is_every_step_and_a_name_is_its_step() {
        assert_eq!(names(&["ci"]).unwrap().len(), STEPS.len());
        assert_eq!(names(&["docs", "fmt"]), Some(vec!["docs", "fmt"]));
    }

    #[test]
    fn the_bench_takes_all_words_behind_it() {
        let words = ["bench", "--mb", "5"].map(str::to_owned);
        assert!(matches!(wanted(&words), Some(Wanted::Bench(words)) if words.len() == 2));
        let words = ["fmt", "bench"].map(str::to_owned);
        assert!(wanted(&words).is_none());
    }

    #[test]
    fn nothing_and_unknown_names_show_the_usage() {
        assert_eq!(names(&[]), None);
        assert_eq!(names(&["fmt", "everything"]), None);
        assert!(STEPS.iter().all(|step| usage().contains(step.name)));
    }
}
