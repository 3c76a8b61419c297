//! Combines the reports of several runs whose tables were joined.

use transmog_core::type_name;

use super::{ColumnReport, Ledger, Report};
use crate::memory::Table;

impl Report {
    /// Adds the report of another run. [`describe`](Self::describe) sets the rows and columns of
    /// tables.
    pub fn add(&mut self, other: &Self) {
        self.records_read += other.records_read;
        self.records_rejected += other.records_rejected;
        self.records_partial += other.records_partial;
        self.rejects_passed_over += other.rejects_passed_over;
        for (kind, number) in &other.problems_by_kind {
            *self.problems_by_kind.entry(kind.clone()).or_default() += number;
        }
        self.problems.extend_from_slice(&other.problems);
        self.rejects_file = None;
        self.encodings.extend_from_slice(&other.encodings);
        self.bytes_read += other.bytes_read;
        self.passes = self.passes.max(other.passes);
        self.seconds += other.seconds;
        for table in &other.tables {
            match self.tables.iter_mut().find(|it| it.name == table.name) {
                Some(known) => {
                    known.fallback_ids += table.fallback_ids;
                    known.repeated_ids += table.repeated_ids;
                    known.repeated_ids_exact &= table.repeated_ids_exact;
                    known.overflow += table.overflow;
                    // The paths of new columns; `describe` sets the rest.
                    for column in &table.columns {
                        if !known.columns.iter().any(|it| it.name == column.name) {
                            known.columns.push(column.clone());
                        }
                    }
                }
                None => self.tables.push(table.clone()),
            }
        }
        self.csv.extend_from_slice(&other.csv);
        for rename in &other.renames {
            if !self.renames.contains(rename) {
                self.renames.push(rename.clone());
            }
        }
        self.add_files(other);
        self.add_type_changes(other);
        self.add_dropped(other);
        self.add_rounded(other);
        self.add_rules(other);
        let Ledger {
            leaves_read,
            cells_written,
            rejected,
            excluded,
        } = other.ledger;
        self.ledger.leaves_read += leaves_read;
        self.ledger.cells_written += cells_written;
        self.ledger.rejected += rejected;
        self.ledger.excluded += excluded;
    }

    /// Updates the description of a combined table.
    pub fn describe(&mut self, table: &Table) {
        let known = self.tables.iter().position(|it| it.name == table.name());
        if let Some(known) = known {
            let before = self.tables[known].clone();
            let report = &mut self.tables[known];
            report.rows = table.num_rows() as u64;
            report.parent = table.parent().map(str::to_owned);
            report.files.clear();
            let fields = table.schema().fields().iter();
            let columns = std::iter::zip(fields, table.null_counts()).map(|(field, nulls)| {
                let same = |column: &&ColumnReport| column.name == *field.name();
                ColumnReport {
                    name: field.name().clone(),
                    path: report
                        .columns
                        .iter()
                        .find(same)
                        .and_then(|known| known.path.clone()),
                    data_type: type_name(field.data_type()),
                    nulls,
                }
            });
            report.columns = columns.collect();
            let after = report.clone();
            self.note_put_together(&before, &after);
        }
    }
}
