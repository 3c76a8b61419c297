//! Reports files in the destination that are not from this run.

use std::fmt;

use super::Report;
use crate::destination::EarlierFiles;

/// Most names on a line of the screen.
const MOST_NAMES: usize = 5;

impl Report {
    pub(crate) fn take_files(&mut self, files: EarlierFiles) {
        self.removed_files = files.removed;
        self.left_files = files.left;
    }

    pub(super) fn add_files(&mut self, other: &Self) {
        let both = [
            (&mut self.removed_files, &other.removed_files),
            (&mut self.left_files, &other.left_files),
        ];
        for (files, more) in both {
            files.extend_from_slice(more);
            files.sort();
            files.dedup();
        }
    }

    pub(super) fn write_files(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entity = self.tables.first().map_or("", |table| &table.name);
        if !self.removed_files.is_empty() {
            let names = listed(&self.removed_files);
            writeln!(
                f,
                "removed {names}: of the earlier run of {entity} that this one replaces"
            )?;
        }
        if !self.left_files.is_empty() {
            let names = listed(&self.left_files);
            writeln!(
                f,
                "left {names}: not of this run, perhaps of an earlier run of {entity}"
            )?;
        }
        Ok(())
    }
}

fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
