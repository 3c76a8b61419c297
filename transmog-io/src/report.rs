//! The report of a run: its numbers, for people and scripts, and the check that no value was lost.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use transmog_core::{
    Catalog, ColumnInfo, Error as DataError, Layout, TableInfo, TablePath, counted,
};

use crate::{
    csv::CsvInputReport, input::EncodingReport, manifest::TypeChangeReport, writer::TableSummary,
};

mod combine;
mod csv;
mod csv_rows;
mod dropped;
mod encoding;
mod files;
mod ids;
mod renames;
mod rounded;
mod rules;
mod type_changes;

pub(crate) use csv_rows::CsvRows;
pub use dropped::DroppedReport;
pub(crate) use dropped::Droppings;
pub use renames::{RenameReport, TakenBy};
pub use rounded::RoundedReport;
pub(crate) use rounded::Roundings;
pub use rules::RuleReport;
pub(crate) use rules::check as check_rules;
pub(crate) use type_changes::TypeChanges;

/// What a run did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Records found in the input: those written and those rejected.
    pub records_read: u64,
    /// Bad records that were left out.
    pub records_rejected: u64,
    /// Bad records whose readable part was written; not counted as rejected.
    pub records_partial: u64,
    /// Rejects of an earlier run that were skipped, because parts of their records are in its
    /// tables. They are not counted as read.
    pub rejects_passed_over: u64,
    /// Number of problems that did not end the run, by kind: `syntax`, `text`, `not_finite`, ...
    pub problems_by_kind: BTreeMap<String, u64>,
    /// The first of these problems.
    pub problems: Vec<ProblemReport>,
    /// The file with all of them and the text of their records: relative to the destination, or as
    /// given.
    pub rejects_file: Option<String>,
    /// Inputs that were not plain UTF-8, in input order.
    pub encodings: Vec<EncodingReport>,
    /// Bytes of input: compressed bytes of a compressed input, bytes of JSON text of Rust values.
    pub bytes_read: u64,
    /// How often the input was read: once, or twice to keep the cells of a CSV column that became
    /// text as they were written. All numbers except the time are those of one pass.
    pub passes: u32,
    /// Duration in seconds.
    pub seconds: f64,
    /// The tables, every one after its parent.
    pub tables: Vec<TableReport>,
    /// How each CSV input was read, in the order of the inputs.
    pub csv: Vec<CsvInputReport>,
    /// Files of an earlier run of the same entity that this run has removed, because it does not
    /// write them. Relative to the destination.
    pub removed_files: Vec<String>,
    /// Files in the destination that may be from an earlier run and were not touched: files with
    /// names like tables of this entity that no manifest names, and files of the earlier run that
    /// are read as inputs or are not ordinary files. If this run rejected nothing, also a file of
    /// rejects that was named and has old rejects, as it was named.
    pub left_files: Vec<String>,
    /// Tables and columns that did not get their plain names, because these were taken.
    pub renames: Vec<RenameReport>,
    /// Columns that changed their type, in input order: the first thousand changes.
    pub type_changes: Vec<TypeChangeReport>,
    /// Number of type changes.
    pub type_change_count: u64,
    /// The tables as a schema that can be given to another run; for combined runs, that of the
    /// first.
    #[serde(skip)]
    pub layout: Layout,
    /// Values that were dropped because the given schema has no column for them, by path: the first
    /// paths.
    pub dropped: Vec<DroppedReport>,
    /// Number of values dropped at all paths.
    pub values_dropped: u64,
    /// Numbers that were rounded to float64, because the column has that type by a setting or a
    /// given schema, or because [`Floats::Nearest`](transmog_core::Floats) asks for it; by column:
    /// the first of these columns.
    pub rounded: Vec<RoundedReport>,
    /// Number of numbers rounded in all columns.
    pub numbers_rounded: u64,
    /// Every rule of the settings about a path or a name, and how often it matched.
    pub rules: Vec<RuleReport>,
    /// False if there was neither a record nor a header to check the rules by.
    pub rules_checked: bool,
    /// The balance of values read and cells written.
    pub ledger: Ledger,
}

/// A problem that did not end the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProblemReport {
    /// Name of the input.
    pub input: Option<String>,
    /// Number of the record in its input, from 0.
    pub record: Option<u64>,
    /// Number of the line, from 1.
    pub line: Option<u64>,
    /// Offset in the input, in bytes.
    pub byte: Option<u64>,
    /// Path of the value in the record.
    pub field: Option<String>,
    /// The kind of problem, one word.
    pub kind: String,
    /// The message.
    pub message: String,
    /// True if the readable part of the record was written.
    pub kept: bool,
}

impl ProblemReport {
    pub(crate) fn new(error: &DataError, kept: bool) -> Self {
        let at = error.location();
        Self {
            input: at.input.as_deref().map(str::to_owned),
            record: at.record,
            line: at.line,
            byte: at.byte,
            field: at.field.clone(),
            kind: error.kind().word().to_owned(),
            message: error.to_string(),
            kept,
        }
    }
}

/// One table of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TableReport {
    /// Its name.
    pub name: String,
    /// Name of the parent table; `None` for the main table.
    pub parent: Option<String>,
    /// Its path from the main table: for each level, the keys from a row of the parent to the
    /// array.
    pub path: Vec<Vec<String>>,
    /// True for the table of unreadable items; its path is that of the items' table.
    pub errors: bool,
    /// Number of rows.
    pub rows: u64,
    /// Rows with a random id, because the fields for their id were missing.
    pub fallback_ids: u64,
    /// What those rows lack, for people.
    #[serde(skip)]
    pub(crate) ids_need: String,
    /// Names of the columns that may hold natural ids, in the order in which they are tried.
    pub natural_ids: Vec<String>,
    /// Rows with the same id as an earlier row of the table. A join over ids then gives extra rows.
    /// Random ids and row numbers never repeat, and are not counted. For combined runs, the sum.
    pub repeated_ids: u64,
    /// True if `repeated_ids` is exact. With more than about 450,000 different ids in a table, it
    /// is an estimate.
    pub repeated_ids_exact: bool,
    /// Values in the overflow column, because the table has reached its limit of columns.
    pub overflow: u64,
    /// Its files, relative to the destination.
    pub files: Vec<String>,
    /// Its columns, metadata last.
    pub columns: Vec<ColumnReport>,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// Its keys within the row, empty for scalar items of an array; `None` for a metadata column.
    pub path: Option<Vec<String>>,
    /// Its type: `boolean`, `int64`, `float64`, `decimal`, `text`, `timestamp`, `list<int64>`, ...
    #[serde(rename = "type")]
    pub data_type: String,
    /// Rows in which it is null.
    pub nulls: u64,
}

/// The balance that proves that no value is lost. Every value read is in a cell, was rejected, or
/// is excluded by the settings: `leaves_read = cells_written + rejected + excluded`. Nulls are not
/// counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ledger {
    /// Values read.
    pub leaves_read: u64,
    /// Data cells written.
    pub cells_written: u64,
    /// Unreadable values of records that were kept. Values of rejected records are not counted at
    /// all.
    pub rejected: u64,
    /// Values that the settings exclude.
    pub excluded: u64,
}

impl Ledger {
    /// True if no value is missing and none was invented.
    pub fn adds_up(&self) -> bool {
        self.leaves_read == self.cells_written + self.rejected + self.excluded
    }
}

impl Report {
    pub(crate) fn new(catalog: &Catalog, files: &[TableSummary], ledger: Ledger) -> Self {
        let mut by_table: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for summary in files {
            let files = by_table.entry(&summary.table).or_default();
            files.push(summary.file.clone());
        }
        let mut table = |info: TableInfo| TableReport {
            path: hops(&info.path),
            errors: info.path.is_errors(),
            rows: info.rows,
            fallback_ids: info.fallback_ids,
            ids_need: info.ids_need,
            natural_ids: info.natural_ids,
            repeated_ids: info.repeated_ids,
            repeated_ids_exact: info.repeated_ids_exact,
            overflow: info.overflow,
            files: by_table.remove(info.name.as_str()).unwrap_or_default(),
            columns: info.columns.into_iter().map(ColumnReport::from).collect(),
            name: info.name,
            parent: info.parent,
        };
        let infos = catalog.tables();
        let layout = Layout::from(infos.as_slice());
        let tables: Vec<TableReport> = infos.into_iter().map(&mut table).collect();
        Self {
            records_read: 0,
            records_rejected: 0,
            records_partial: 0,
            rejects_passed_over: 0,
            problems_by_kind: BTreeMap::new(),
            problems: Vec::new(),
            rejects_file: None,
            encodings: Vec::new(),
            bytes_read: 0,
            passes: 1,
            seconds: 0.0,
            csv: Vec::new(),
            removed_files: Vec::new(),
            left_files: Vec::new(),
            renames: renames::all(catalog, &tables),
            type_changes: Vec::new(),
            type_change_count: 0,
            layout,
            dropped: Vec::new(),
            values_dropped: 0,
            rounded: Vec::new(),
            numbers_rounded: 0,
            rules: Vec::new(),
            rules_checked: catalog.can_judge_rules(),
            tables,
            ledger,
        }
    }
}

impl From<ColumnInfo> for ColumnReport {
    fn from(info: ColumnInfo) -> Self {
        Self {
            data_type: info.type_name(),
            name: info.name,
            path: info.path.map(|keys| strings(&keys)),
            nulls: info.nulls,
        }
    }
}

fn strings(keys: &[impl AsRef<str>]) -> Vec<String> {
    keys.iter().map(|key| key.as_ref().to_owned()).collect()
}

/// Formats the path of a table for people.
fn spelled(path: &[Vec<String>]) -> String {
    let hops: Vec<String> = path.iter().map(|hop| hop.join(".")).collect();
    if hops.is_empty() {
        "the main table".to_owned()
    } else {
        hops.join("[].")
    }
}

fn hops(path: &TablePath) -> Vec<Vec<String>> {
    path.hops().iter().map(|hop| strings(hop)).collect()
}

/// Most characters that a cell is padded to; a longer cell moves the next ones.
const WIDEST: usize = 200;

impl fmt::Display for Report {
    /// One line for each table, and one line of sums.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = self.tables.iter().map(|table| {
            let (rows, columns) = (table.rows.to_string(), table.columns.len().to_string());
            [table.name.clone(), rows, columns, table.files.join(" ")]
        });
        let head = ["table", "rows", "columns", "file"].map(str::to_owned);
        let lines: Vec<[String; 4]> = std::iter::once(head).chain(cells).collect();
        let width = |column: usize| {
            let widths = lines.iter().map(|line| line[column].chars().count());
            widths.max().unwrap_or(0).min(WIDEST)
        };
        let (names, rows, columns) = (width(0), width(1), width(2));
        for [name, row_count, column_count, file] in &lines {
            writeln!(
                f,
                "{name:<names$}  {row_count:>rows$}  {column_count:>columns$}  {file}"
            )?;
        }
        self.write_csv(f)?;
        self.write_renames(f)?;
        self.write_files(f)?;
        self.write_ids(f)?;
        self.write_type_changes(f)?;
        self.write_encodings(f)?;
        self.write_dropped(f)?;
        self.write_rounded(f)?;
        for table in self.tables.iter().filter(|table| table.overflow > 0) {
            let (name, overflow) = (&table.name, table.overflow);
            writeln!(
                f,
                "{name}: {} in the column of the rest, because no column was left",
                counted(overflow, "value")
            )?;
        }
        for problem in &self.problems {
            writeln!(f, "{}", problem.message)?;
        }
        let more = self.problems_by_kind.values().sum::<u64>() - self.problems.len() as u64;
        if more > 0 {
            writeln!(f, "... and {more} more")?;
        }
        self.write_rules(f)?;
        if let Some(file) = &self.rejects_file {
            writeln!(f, "what was wrong is in {file}")?;
        }
        write!(
            f,
            "{}, {} rejected, ",
            counted(self.records_read, "record"),
            self.records_rejected
        )?;
        if self.records_partial > 0 {
            write!(f, "{} kept in part, ", self.records_partial)?;
        }
        if self.rejects_passed_over > 0 {
            let passed_over = self.rejects_passed_over;
            write!(
                f,
                "{passed_over} passed over because a part is in tables already, "
            )?;
        }
        let bytes = counted(self.bytes_read, "byte");
        write!(f, "{bytes} in {:.2} s", self.seconds)
    }
}
