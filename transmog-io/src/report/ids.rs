//! What a report says of ids: rows whose ids are random for want of better ones, and ids that repeat.

use std::fmt;

use super::{Report, TableReport};

impl Report {
    /// A line for each table whose ids are not what they were asked to be.
    pub(super) fn write_ids(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in self.tables.iter().filter(|table| table.rows > 0) {
            table.write_ids(f)?;
        }
        Ok(())
    }
}

impl TableReport {
    fn write_ids(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, rows) = (&self.name, self.rows);
        if self.fallback_ids > 0 {
            let (number, have) = counted(self.fallback_ids, rows);
            let (they, need) = (
                if self.fallback_ids == 1 {
                    "it lacks"
                } else {
                    "they lack"
                },
                &self.ids_need,
            );
            writeln!(
                f,
                "{name}: {number} {have} a random id, another one in each run, because {they} {need}"
            )?;
        }
        if self.repeated_ids > 0 {
            let about = if self.repeated_ids_exact {
                ""
            } else {
                "about "
            };
            let (number, have) = counted(self.repeated_ids, rows);
            writeln!(
                f,
                "{name}: {about}{number} {have} the id of an earlier row, so joins over ids give more rows than there are"
            )?;
        }
        Ok(())
    }
}

/// So many rows of all, and the verb.
fn counted(number: u64, rows: u64) -> (String, &'static str) {
    let noun = if rows == 1 { "row" } else { "rows" };
    let verb = if number == 1 { "has" } else { "have" };
    (format!("{number} of {rows} {noun}"), verb)
}
