//! Tests tables of many columns, whose rows wait in slabs: columns and tables share these, and they
//! are used again.

use std::{collections::BTreeMap, sync::Arc};

use arrow_array::ArrayRef;
use transmog_core::TableBatch;
use transmog_io::{Memory, StreamingWriter};
use transmog_writer_parquet::{ParquetOptions, ParquetStreamingWriter};

use crate::support::*;

const COLUMNS: i64 = 120;
const ROWS: i64 = 3000;
/// Rows between two checkpoints.
const STEP: usize = 600;
/// The first row in which columns are wider.
const WIDE: i64 = 2000;

/// The value of a cell; a third of the cells of most columns has none.
fn value(column: i64, row: i64) -> Option<i64> {
    (column % 7 == 0 || (row + column) % 3 != 0).then_some(row * 31 + column)
}

/// A column of the rows before or after [`WIDE`], and how it is read in the end.
fn columns(column: i64, rows: std::ops::Range<i64>, read: bool) -> ArrayRef {
    let values: Vec<_> = rows.clone().map(|row| value(column, row)).collect();
    let spelled: Vec<_> = values.iter().map(|n| n.map(|n| n.to_string())).collect();
    let spelled: Vec<_> = spelled.iter().map(Option::as_deref).collect();
    let is_wide = read || rows.start >= WIDE;
    match column % 6 {
        1 if is_wide => floats(
            &values
                .iter()
                .map(|n| n.map(|n| n as f64))
                .collect::<Vec<_>>(),
        ),
        2 if is_wide => texts(&spelled),
        0..=2 => ints(&values),
        3 => texts(&spelled),
        4 => bools(
            &values
                .iter()
                .map(|n| n.map(|n| n % 2 == 0))
                .collect::<Vec<_>>(),
        ),
        _ => decimals(&values.iter().map(|n| n.map(i128::from)).collect::<Vec<_>>()),
    }
}

fn table(rows: std::ops::Range<i64>, read: bool) -> Vec<(String, ArrayRef)> {
    let all =
        (0..COLUMNS).map(|column| (format!("c{column}"), columns(column, rows.clone(), read)));
    all.collect()
}

fn named(columns: &[(String, ArrayRef)]) -> Vec<(&str, ArrayRef)> {
    let all = columns.iter();
    all.map(|(name, array)| (name.as_str(), Arc::clone(array)))
        .collect()
}

/// Two tables of the same rows, written by turns in batches of this many rows.
fn files(options: ParquetOptions, halves: &[TableBatch], most: usize) -> BTreeMap<String, Vec<u8>> {
    let (memory, files) = Memory::new();
    let mut writer = Box::new(ParquetStreamingWriter::new(options, Box::new(memory)));
    for table in ["a", "b"] {
        let schema = halves[0].rows.schema();
        writer.begin_table(&spec(table, schema)).unwrap();
    }
    for half in halves {
        for step in (0..half.rows.num_rows()).step_by(STEP) {
            let end = half.rows.num_rows().min(step + STEP);
            for from in (step..end).step_by(most) {
                let batch = half.slice(from, most.min(end - from));
                writer.write_batch("a", &batch).unwrap();
                writer.write_batch("b", &batch).unwrap();
            }
            writer.checkpoint().unwrap();
        }
    }
    finish_all(writer, &files)
}

#[test]
fn rows_come_back_from_slabs_however_they_were_cut() {
    let halves = [0..WIDE, WIDE..ROWS].map(|rows| batch(&named(&table(rows, false))));
    let expected = table(0..ROWS, true);
    for options in [
        ParquetOptions::default(),
        group_size(700),
        // Part of a table waits when the rows of the other one are written.
        ParquetOptions::default().with_memory_bytes(3_000_000),
    ] {
        let whole = files(options.clone(), &halves, STEP);
        for file in whole.values() {
            assert_columns(file, &named(&expected));
        }
        for most in [50, 7] {
            let same = files(options.clone(), &halves, most);
            assert!(same == whole, "{options:?}, batches of {most} rows");
        }
    }
}
