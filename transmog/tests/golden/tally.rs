//! What passed, what was left out and why, and what failed.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
};

use crate::case::Refusal;

/// The outcome of many cases.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Number that passed, by group.
    passed: BTreeMap<String, usize>,
    /// Names, by reason.
    pub(crate) left_out: BTreeMap<String, Vec<String>>,
    failed: Vec<String>,
}

impl Tally {
    pub(crate) fn pass(&mut self, group: &str, number: usize) {
        *self.passed.entry(group.to_owned()).or_default() += number;
    }

    pub(crate) fn fail(&mut self, how: String) {
        self.failed.push(how);
    }

    pub(crate) fn refuse(&mut self, path: &Path, refusal: Refusal) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        match refusal {
            Refusal::LeftOut(reason) => {
                self.left_out.entry(reason).or_default().push(name.into());
            }
            Refusal::Wrong(reason) => self.fail(format!("{name}: {reason}")),
        }
    }

    /// Says what happened.
    pub(crate) fn tell(&self, what: &str) {
        let groups: Vec<_> = self
            .passed
            .iter()
            .map(|(group, n)| format!("{group} {n}"))
            .collect();
        let passed: usize = self.passed.values().sum();
        let left_out: usize = self.left_out.values().map(Vec::len).sum();
        tell(&format!(
            "golden {what}: {passed} passed ({}), {} failed, {left_out} left out",
            groups.join(", "),
            self.failed.len(),
        ));
        for (reason, names) in &self.left_out {
            let (number, names) = (names.len(), names.join(", "));
            tell(&format!("  left out {number} ({reason}): {names}"));
        }
    }

    /// Fails with everything that failed.
    #[track_caller]
    pub(crate) fn assert(&self) {
        let (number, all) = (self.failed.len(), self.failed.join("\n"));
        assert!(self.failed.is_empty(), "{number} failed:\n{all}\n");
    }
}

/// Prints past the test harness, which shows what a test prints only if it fails.
pub(crate) fn tell(text: &str) {
    writeln!(io::stderr(), "{text}").expect("the terminal takes text");
}
