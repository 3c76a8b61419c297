//! Reports columns that changed their type, with the values that caused it.

use std::fmt;

use transmog_core::{Location, TypeChange};

use super::{Report, TableReport, strings};
use crate::manifest::TypeChangeReport;

/// Most changes in a report.
const MOST_CHANGES: usize = 1000;

/// Most changes on the screen.
const SHOWN: usize = 10;

impl TypeChangeReport {
    fn new(change: TypeChange, at: &Location, respelled: u64) -> Self {
        Self {
            table: change.table,
            column: change.column,
            path: strings(&change.path),
            from: change.from,
            to: change.to,
            input: at.input.as_deref().map(str::to_owned),
            record: at.record,
            line: at.line,
            byte: at.byte,
            value: Some(change.value),
            respelled,
        }
    }
}

impl fmt::Display for TypeChangeReport {
    /// `column code of orders: int64 -> text at record 4 (line 6, byte 273) of orders.csv: "A1"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            column,
            from,
            to,
            ..
        } = self;
        write!(f, "column {column} of {table}: {from} -> {to}")?;
        let mut at = Location::default();
        (at.record, at.line, at.byte) = (self.record, self.line, self.byte);
        match &self.input {
            Some(input) => write!(f, " at {at} of {input}")?,
            None => f.write_str(" where the tables were put together")?,
        }
        if let Some(value) = &self.value {
            write!(f, ": {value}")?;
        }
        match self.respelled {
            0 => Ok(()),
            1 => f.write_str("; 1 earlier cell is not spelled as it was written"),
            cells => write!(
                f,
                "; {cells} earlier cells are not spelled as they were written"
            ),
        }
    }
}

/// The first changes of a run, and the number of all.
#[derive(Debug, Default)]
pub(crate) struct TypeChanges {
    first: Vec<TypeChangeReport>,
    count: u64,
}

impl TypeChanges {
    /// Adds the next change, in input order.
    pub(crate) fn take(&mut self, change: TypeChange, at: &Location, respelled: u64) {
        self.count += 1;
        if self.first.len() < MOST_CHANGES {
            self.first
                .push(TypeChangeReport::new(change, at, respelled));
        }
    }

    /// The first changes.
    pub(crate) fn first(&self) -> &[TypeChangeReport] {
        &self.first
    }

    /// Fills the report.
    pub(crate) fn finish(self, report: &mut Report) {
        report.type_changes = self.first;
        report.type_change_count = self.count;
    }
}

impl Report {
    /// Adds the report of another run.
    pub(super) fn add_type_changes(&mut self, other: &Self) {
        self.type_change_count += other.type_change_count;
        let room = MOST_CHANGES.saturating_sub(self.type_changes.len());
        let added = other.type_changes.iter().take(room);
        self.type_changes.extend(added.cloned());
    }

    /// Notes the columns whose type changed when tables were joined.
    pub(super) fn note_put_together(&mut self, before: &TableReport, after: &TableReport) {
        for column in &after.columns {
            let known = before.columns.iter().find(|it| it.name == column.name);
            let Some(known) = known.filter(|known| {
                known.data_type != column.data_type
                    && known.data_type != "json"
                    && known.nulls < before.rows
            }) else {
                continue;
            };
            self.type_change_count += 1;
            if self.type_changes.len() < MOST_CHANGES {
                self.type_changes.push(TypeChangeReport {
                    table: after.name.clone(),
                    column: column.name.clone(),
                    path: column.path.clone().unwrap_or_default(),
                    from: known.data_type.clone(),
                    to: column.data_type.clone(),
                    input: None,
                    record: None,
                    line: None,
                    byte: None,
                    value: None,
                    respelled: 0,
                });
            }
        }
    }

    /// A line for each column that changed its type, at most ten: those that became text first.
    /// Then the number of others, and whether the input was read twice.
    pub fn type_change_lines(&self) -> impl Iterator<Item = String> {
        let (texts, others): (Vec<_>, Vec<_>) =
            (self.type_changes.iter()).partition(|change| change.to == "text");
        let lines = texts.into_iter().chain(others).take(SHOWN);
        let more = self.type_change_count.saturating_sub(SHOWN as u64);
        let more = (more > 0).then(|| format!("... and {more} more type changes in the report"));
        let again = "the input was read twice, so that cells of columns that became text are as they were written";
        let again = (self.passes > 1).then(|| again.to_owned());
        lines.map(ToString::to_string).chain(more).chain(again)
    }

    pub(super) fn write_type_changes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.type_change_lines();
        lines.try_for_each(|line| writeln!(f, "{line}"))
    }
}
