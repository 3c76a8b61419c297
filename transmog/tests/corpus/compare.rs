//! Holds what a run wrote against what the oracle expects: tables, rows, links, types, counts and
//! the text of every cell.

use std::{borrow::Cow, collections::BTreeMap};

use transmog::{ColumnReport, Report, TableReport};

use crate::{
    oracle::{Column, Table, Tables},
    read_back::{Cell, Rows, read},
    runs::TIME,
};

/// Fails with a message unless both are equal.
macro_rules! ensure_eq {
    ($found:expr, $expected:expr, $($what:tt)+) => {
        match (&$found, &$expected) {
            (found, expected) if *found == *expected => {}
            (found, expected) => {
                return Err(format!(
                    "{}: found {found:.500?}, expected {expected:.500?}",
                    format_args!($($what)+)
                ));
            }
        }
    };
}
pub(crate) use ensure_eq;

/// Compares a report with the expected tables.
pub(crate) fn report(found: &Report, expected: &Tables<'_>, bytes: u64) -> Result<(), String> {
    ensure_eq!(
        found.records_read,
        expected.all[0].rows.len() as u64,
        "records"
    );
    ensure_eq!(found.records_rejected, 0, "rejected records");
    ensure_eq!(found.bytes_read, bytes, "bytes");
    let ledger = &found.ledger;
    ensure_eq!(ledger.leaves_read, expected.leaves(), "leaves read");
    ensure_eq!(ledger.cells_written, expected.leaves(), "cells written");
    ensure_eq!(
        (ledger.rejected, ledger.excluded),
        (0, 0),
        "leaves left out"
    );
    ensure_eq!(found.tables.len(), expected.all.len(), "number of tables");
    for (table, report) in by_path(found, expected)? {
        let name = &report.name;
        ensure_eq!(report.rows, table.rows.len() as u64, "table {name:?}: rows");
        let columns = data_columns(report)?;
        ensure_eq!(
            columns.len(),
            table.columns.len(),
            "table {name:?}: data columns"
        );
        for (keys, column) in &table.columns {
            let found = column_of(&columns, keys)?;
            let nulls = (table.rows.len() - column.cells.len()) as u64;
            let name = &found.name;
            ensure_eq!(
                found.nulls,
                nulls,
                "table {:?}, column {name:?}: nulls",
                report.name
            );
            let data_type = column.data_type();
            ensure_eq!(
                found.data_type,
                data_type,
                "table {:?}, column {name:?}: type",
                report.name
            );
        }
    }
    Ok(())
}

/// Compares files with the expected tables; takes them out one by one.
pub(crate) fn files(
    format: &str,
    found: &Report,
    mut files: BTreeMap<String, Vec<u8>>,
    expected: &Tables<'_>,
) -> Result<(), String> {
    for (table, report) in by_path(found, expected)? {
        let what = format!("{format}, table {:?}", report.name);
        ensure_eq!(report.files.len(), 1, "{what}: files");
        let file = files
            .remove(&report.files[0])
            .ok_or_else(|| format!("{what}: no file"))?;
        let rows = read(format, file).map_err(|error| format!("{what}: {error}"))?;
        rows_of(format, table, report, rows).map_err(|error| format!("{what}, {error}"))?;
    }
    ensure_eq!(files.keys().len(), 0, "{format}: files of no table");
    Ok(())
}

fn by_path<'a, 'r>(
    found: &'a Report,
    expected: &'a Tables<'r>,
) -> Result<Vec<(&'a Table<'r>, &'a TableReport)>, String> {
    let paths = |table: &'a TableReport| -> (Vec<Vec<&str>>, &'a TableReport) {
        let hops = table.path.iter();
        (hops.map(|keys| strs(keys)).collect(), table)
    };
    let reports: BTreeMap<_, _> = found.tables.iter().map(paths).collect();
    let pair = |table: &'a Table<'r>| match reports.get(&table.path) {
        Some(report) => Ok((table, *report)),
        None => Err(format!("there is no table {:?}", table.path)),
    };
    expected.all.iter().map(pair).collect()
}

fn strs(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

/// The data columns of a table, by path.
fn data_columns(report: &TableReport) -> Result<BTreeMap<Vec<&str>, &ColumnReport>, String> {
    let mut columns = BTreeMap::new();
    for column in &report.columns {
        let Some(keys) = &column.path else { continue };
        if columns.insert(strs(keys), column).is_some() {
            return Err(format!("table {:?}: {keys:?} comes twice", report.name));
        }
    }
    Ok(columns)
}

fn column_of<'a>(
    columns: &BTreeMap<Vec<&str>, &'a ColumnReport>,
    keys: &[&str],
) -> Result<&'a ColumnReport, String> {
    let column = columns.get(keys).copied();
    column.ok_or_else(|| format!("there is no column {keys:?}"))
}

fn rows_of(
    format: &str,
    table: &Table<'_>,
    report: &TableReport,
    rows: Rows,
) -> Result<(), String> {
    let Rows {
        count,
        names,
        mut columns,
    } = rows;
    ensure_eq!(count, table.rows.len(), "rows");
    if let Some(names) = names {
        let expected: Vec<&str> = report.columns.iter().map(|column| &*column.name).collect();
        ensure_eq!(names, expected, "columns");
    }
    let by_path = data_columns(report)?;
    for (keys, column) in &table.columns {
        let name = &column_of(&by_path, keys)?.name;
        let found = columns.remove(name).unwrap_or_default();
        let expected = expected_cells(format, column);
        cells(&found, &expected).map_err(|error| format!("column {name:?}: {error}"))?;
    }
    for (name, expected) in metadata(format, table) {
        let found = columns.remove(name).unwrap_or_default();
        cells(&found, &expected).map_err(|error| format!("column {name:?}: {error}"))?;
    }
    if !table.path.is_empty() {
        let fields = columns.remove("__array_field").unwrap_or_default();
        ensure_eq!(fields.len(), count, "column \"__array_field\": values");
    }
    ensure_eq!(
        columns.values().flatten().count(),
        0,
        "values in other columns"
    );
    Ok(())
}

fn expected_cells(format: &str, column: &Column<'_>) -> Vec<(usize, Cell)> {
    let data_type = column.data_type();
    let cell = |text: &Cow<'_, str>| match (format, data_type) {
        ("csv", _) | (_, "text" | "json") => Cell::Text(text.clone().into_owned()),
        (_, "boolean") => Cell::Bool(text == "true"),
        ("parquet", "float64") => Cell::Float(text.parse::<f64>().unwrap().to_bits()),
        _ => Cell::Number(text.clone().into_owned()),
    };
    let cells = column.cells.iter().map(|(row, text)| (*row, cell(text)));
    // In CSV, empty text and null look the same.
    cells
        .filter(|(_, cell)| format != "csv" || *cell != Cell::Text(String::new()))
        .collect()
}

fn metadata(format: &str, table: &Table<'_>) -> Vec<(&'static str, Vec<(usize, Cell)>)> {
    let number = |n: usize| match format {
        "csv" => Cell::Text(n.to_string()),
        _ => Cell::Number(n.to_string()),
    };
    let time = match format {
        "parquet" => Cell::Time(TIME.1),
        _ => Cell::Text(TIME.0.into()),
    };
    let each =
        |cell: &dyn Fn(usize) -> Cell| (0..table.rows.len()).map(|row| (row, cell(row))).collect();
    let mut columns = vec![
        ("__transmog_id", each(&number)),
        ("__transmog_datetime", each(&|_| time.clone())),
    ];
    if !table.path.is_empty() {
        columns.push((
            "__parent_transmog_id",
            each(&|row| number(table.rows[row].0)),
        ));
        columns.push(("__array_index", each(&|row| number(table.rows[row].1))));
    }
    columns
}

fn cells(found: &[(usize, Cell)], expected: &[(usize, Cell)]) -> Result<(), String> {
    for (found, expected) in std::iter::zip(found, expected) {
        ensure_eq!(*found, *expected, "cell");
    }
    ensure_eq!(found.len(), expected.len(), "values");
    Ok(())
}
