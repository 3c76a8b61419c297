//! One check of CI: its name, what it asks, and how long the answer took.

use std::time::Instant;

use anyhow::Context;

/// A named check.
pub(crate) struct Step {
    /// The word on the command line.
    pub(crate) name: &'static str,
    /// What it finds out.
    pub(crate) question: &'static str,
    run: fn() -> anyhow::Result<()>,
}

impl Step {
    pub(crate) const fn new(
        name: &'static str,
        question: &'static str,
        run: fn() -> anyhow::Result<()>,
    ) -> Self {
        Self {
            name,
            question,
            run,
        }
    }
}

/// Runs steps in order and stops at the first that fails.
pub(crate) fn run_all(steps: &[&Step]) -> anyhow::Result<()> {
    let begin = Instant::now();
    for step in steps {
        say(&format!("== {}: {}", step.name, step.question));
        let begin = Instant::now();
        (step.run)().with_context(|| {
            format!(
                "step {} failed; run it alone with: cargo xtask {}",
                step.name, step.name
            )
        })?;
        say(&format!("== {}: yes, {}", step.name, since(begin)));
    }
    say(&format!("== all passed, {}", since(begin)));
    Ok(())
}

fn since(begin: Instant) -> String {
    format!("{:.1} s", begin.elapsed().as_secs_f64())
}

/// Prints a line to standard error, where cargo prints too, so that the order of lines is kept.
#[expect(
    clippy::print_stderr,
    reason = "what a step does is this program's output"
)]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_ends_the_run_and_is_named() {
        let good = Step::new("good", "?", || Ok(()));
        let bad = Step::new("bad", "?", || anyhow::bail!("two and two are five"));
        let unreached = Step::new("unreached", "?", || unreachable!());
        assert!(run_all(&[&good]).is_ok());
        let error = format!("{:#}", run_all(&[&good, &bad, &unreached]).unwrap_err());
        assert!(error.contains("step bad failed"), "{error}");
        assert!(error.contains("two and two are five"), "{error}");
    }
}
