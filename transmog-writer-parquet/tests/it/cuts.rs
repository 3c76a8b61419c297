//! Checks that a file does not show how its rows were cut into batches.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray};
use transmog_core::TableBatch;
use transmog_writer_parquet::ParquetOptions;

use crate::support::*;

/// Splits a batch into batches with these numbers of rows.
fn cut(batch: &TableBatch, rows: usize) -> Vec<TableBatch> {
    let all = batch.rows.num_rows();
    let from = (0..all).step_by(rows);
    from.map(|from| batch.slice(from, rows.min(all - from)))
        .collect()
}

/// 30,000 rows are four batches of the encoder, and a page ends after 20,000. Only the first batch
/// has a null.
#[test]
fn blocks_without_nulls_are_the_same_whether_their_rows_came_with_a_null_or_not() {
    let text = |row: usize| (row != 10).then(|| format!("{}", row % 700));
    let rows: Vec<Option<String>> = (0..30_000).map(text).collect();
    let words = texts(&rows.iter().map(Option::as_deref).collect::<Vec<_>>());
    let ids = (0..30_000_u32).map(|row| (row != 10).then(|| u128::from(row).to_be_bytes()));
    let ids: ArrayRef =
        Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(ids, 16).unwrap());
    for column in [words, ids, range(0..30_000)] {
        let whole = batch(&[("a", column)]);
        let expected = write_steps(ParquetOptions::default(), &[std::slice::from_ref(&whole)]);
        for rows in [10, 77, 1000, 8192, 29_000] {
            let file = write_steps(ParquetOptions::default(), &[&cut(&whole, rows)]);
            assert!(file == expected, "{rows}");
        }
    }
}

/// Metadata of chunks waits in the file once it is more than a mebibyte: columns must have the same
/// numbers there.
#[test]
fn the_order_in_which_columns_come_does_not_show_in_what_waits_in_the_file() {
    let names: Vec<String> = (0..800).map(|column| format!("c{column}")).collect();
    // Later columns come before the last one, as data comes before metadata columns.
    let table = |rows: std::ops::Range<i64>, column: &dyn Fn(usize) -> Option<ArrayRef>| {
        let columns = names.iter().enumerate();
        let columns = columns.filter_map(|(place, name)| Some((name.as_str(), column(place)?)));
        let columns: Vec<_> = columns.chain([("last", range(rows))]).collect();
        batch(&columns)
    };
    let missing = |place: usize| (place == 0).then(|| range(0..2));
    let null = |place: usize| missing(place).or_else(|| Some(nulls(2)));
    let numbers = |_| Some(range(2..4));
    let rest = table(2..4, &numbers);
    let groups = vec![rest.clone(); 20];
    let file = |first: TableBatch| {
        let first = [first, rest.clone()];
        let steps: Vec<&[TableBatch]> = std::iter::chain([&first[..]], groups.chunks(1)).collect();
        write_steps(eager(), &steps)
    };
    assert!(file(table(0..2, &missing)) == file(table(0..2, &null)));
}
