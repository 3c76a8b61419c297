//! Reports rows with random ids for lack of better ones, and ids that repeat.

use std::fmt;

use super::{Report, TableReport};

impl Report {
    /// A line for each table whose ids are not as the settings want.
    pub(super) fn write_ids(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in self.tables.iter().filter(|table| table.rows > 0) {
            table.write_ids(f)?;
            if self
                .tables
                .iter()
                .any(|it| it.parent.as_ref() == Some(&table.name))
            {
                table.write_mixed_ids(f)?;
            }
        }
        Ok(())
    }
}

impl TableReport {
    /// A line about natural ids of a type that databases do not write as text the way parent
    /// columns do. Integers and texts they write alike.
    fn write_mixed_ids(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_mixed = self.fallback_ids > 0;
        let natural = self.columns.iter().filter(|column| {
            is_mixed
                && self.natural_ids.contains(&column.name)
                && !["text", "int64"].contains(&column.data_type.as_str())
        });
        for column in natural {
            let (name, kind) = (&column.name, &column.data_type);
            let path = column.path.as_deref().unwrap_or_default().join(".");
            writeln!(
                f,
                "{}: column {name} holds ids as {kind}, but child tables refer to them as text, because some ids are random; \
                 CSV output spells both alike, or make the column text with --type {path}=text",
                self.name
            )?;
        }
        Ok(())
    }

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
