//! Tests where row groups end, and that this depends on the data alone.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, TimestampMicrosecondArray};
use arrow_schema::Schema;
use arrow_select::concat::concat_batches;
use transmog_core::{Role, TableBatch};
use transmog_io::{Memory, StreamingWriter};
use transmog_writer_parquet::{ParquetOptions, ParquetStreamingWriter};

use crate::support::*;

#[test]
fn groups_have_exactly_the_size_asked_for() {
    let steps: Vec<_> = [0..10, 10..11, 11..25]
        .map(|rows| batch(&[("x", range(rows))]))
        .to_vec();
    let file = write(group_size(4), &steps);
    assert_eq!(group_rows(&file), [4, 4, 4, 4, 4, 4, 1]);
    assert_columns(&file, &[("x", range(0..25))]);
    assert_eq!(group_rows(&write(group_size(25), &steps)), [25]);
}

/// Rows whose column types change on the way, with floats that are integers, lists and text.
fn rows() -> Vec<TableBatch> {
    let count = 3000_i64;
    let x: Vec<_> = (0..count).map(|i| (i % 5 != 0).then_some(i)).collect();
    let f: Vec<_> = (0..count)
        .map(|i| (i % 11 != 0).then_some(i as f64 / 4.0))
        .collect();
    let marks: Vec<_> = (0..count).map(|i| i % 4 == 0).collect();
    let names: Vec<_> = (0..count)
        .map(|i| format!("n{}", i * 7919 % 1000))
        .collect();
    let names: Vec<_> = names.iter().map(|name| Some(name.as_str())).collect();
    let lengths: Vec<_> = (0..count as usize)
        .map(|i| (i % 6 != 0).then_some(i % 3))
        .collect();
    let items: usize = lengths.iter().flatten().sum();
    let l = lists(&lengths, range(0..items as i64));
    let early = batch(&[
        ("x", ints(&x)),
        ("f", floats(&f)),
        ("s", texts(&names)),
        ("l", Arc::clone(&l)),
    ]);
    let float_lists = lists(&lengths, floats(&vec![Some(0.5); items]));
    let x: Vec<_> = names.clone();
    let late = batch(&[
        ("x", texts(&x)),
        ("f", texts(&names)),
        ("s", texts(&names)),
        ("l", float_lists),
        ("late", ints(&vec![Some(1); count as usize])),
    ]);
    vec![with_marks(early, 1, &marks), late]
}

#[test]
fn bytes_do_not_depend_on_how_batches_are_cut() {
    let [early, late] = rows().try_into().unwrap();
    let cut = |batch: &TableBatch, sizes: &[usize]| -> Vec<TableBatch> {
        let mut from = 0;
        let mut parts = Vec::new();
        for size in sizes.iter().cycle() {
            let size = (*size).min(batch.rows.num_rows() - from);
            if size == 0 {
                break;
            }
            parts.push(batch.slice(from, size));
            from += size;
        }
        parts
    };
    // In the second step, the last rows are those with the wider types.
    let steps = |sizes: &[usize]| {
        let mut second = cut(&early.slice(2000, 1000), sizes);
        second.extend(cut(&late.slice(0, 1000), sizes));
        [
            cut(&early.slice(0, 2000), sizes),
            second,
            cut(&late.slice(1000, 2000), sizes),
        ]
    };
    for options in [
        ParquetOptions::default(),
        eager(),
        group_size(700),
        group_size(50),
        ParquetOptions::default().with_memory_bytes(90_000),
        group_size(900).with_memory_bytes(20_000),
    ] {
        let whole = {
            let steps = steps(&[10_000]);
            write_steps(options.clone(), &steps.each_ref().map(Vec::as_slice))
        };
        for sizes in [&[1][..], &[7, 300], &[1000], &[999, 1]] {
            let steps = steps(sizes);
            let same = write_steps(options.clone(), &steps.each_ref().map(Vec::as_slice));
            assert!(same == whole, "{options:?}, cut at {sizes:?}");
        }
    }
}

#[test]
fn marks_are_the_same_whether_integers_became_floats_before() {
    // The same rows: the integers in a batch of their own, or as marked floats.
    let apart = [
        batch(&[("x", ints(&[Some(1), None]))]),
        with_marks(
            batch(&[("x", floats(&[Some(2.5), Some(4.0)]))]),
            0,
            &[false, true],
        ),
    ];
    let together = with_marks(
        batch(&[("x", floats(&[Some(1.0), None, Some(2.5), Some(4.0)]))]),
        0,
        &[true, false, false, true],
    );
    let last = batch(&[("x", texts(&[Some("x")]))]);
    let file = write_steps(eager(), &[&apart, std::slice::from_ref(&last)]);
    assert!(file == write_steps(eager(), &[&[together], &[last]]));
    let expected = texts(&[Some("1"), None, Some("2.5"), Some("4"), Some("x")]);
    assert_columns(&file, &[("x", expected)]);
}

#[test]
fn the_budget_ends_the_largest_tables_groups() {
    let (memory, files) = Memory::new();
    // Integers count for 8 bytes, cells for a bit.
    let options = ParquetOptions::default().with_memory_bytes(811);
    let mut writer = Box::new(ParquetStreamingWriter::new(options, Box::new(memory)));
    let schema = batch(&[("x", range(0..1))]).rows.schema();
    for table in ["a", "b", "c"] {
        writer
            .begin_table(&spec(table, Arc::clone(&schema)))
            .unwrap();
    }
    let mut step = |rows: [i64; 3]| {
        for (table, rows) in std::iter::zip(["a", "b", "c"], rows) {
            writer
                .write_batch(table, &batch(&[("x", range(0..rows))]))
                .unwrap();
        }
        writer.checkpoint().unwrap();
        writer.buffered_bytes()
    };
    assert_eq!(step([20, 50, 30]), (160 + 2) + (400 + 6) + (240 + 3));
    // 20, 51 and 51 rows. Of equal tables the first one is written first; both are, because only
    // then at most half of the budget waits.
    assert_eq!(step([0, 1, 21]), 160 + 2);
    // Of c, then of a.
    assert_eq!(step([90, 10, 130]), 80 + 1);
    // One is enough.
    assert_eq!(step([30, 0, 70]), (240 + 3) + (80 + 1));
    let files = finish_all(writer, &files);
    assert_eq!(group_rows(&files["a.parquet"]), [110, 30]);
    assert_eq!(group_rows(&files["b.parquet"]), [51, 10]);
    assert_eq!(group_rows(&files["c.parquet"]), [51, 130, 70]);
}

#[test]
fn the_run_may_limit_the_budget_and_an_option_wins() {
    let groups = |options: ParquetOptions, bytes: Option<usize>| {
        let (memory, files) = Memory::new();
        let mut writer = Box::new(ParquetStreamingWriter::new(options, Box::new(memory)));
        if let Some(bytes) = bytes {
            writer.limit_memory(bytes);
        }
        let rows = batch(&[("x", range(0..100))]);
        writer.begin_table(&spec("t", rows.rows.schema())).unwrap();
        for _ in 0..2 {
            writer.write_batch("t", &rows).unwrap();
            writer.checkpoint().unwrap();
        }
        group_rows(&finish_all(writer, &files)["t.parquet"])
    };
    let by_default = ParquetOptions::default();
    assert_eq!(groups(by_default.clone(), None), [200]);
    assert_eq!(groups(by_default.clone(), Some(500)), [100, 100]);
    let explicit = by_default.with_memory_bytes(10_000);
    assert_eq!(groups(explicit, Some(500)), [200]);
}

#[test]
fn thousands_of_tables_and_columns_work() {
    let (memory, files) = Memory::new();
    let mut writer = Box::new(ParquetStreamingWriter::new(eager(), Box::new(memory)));
    let one = batch(&[("x", range(0..2))]);
    for number in 0..2000 {
        let name = format!("t{number}");
        writer.begin_table(&spec(&name, one.rows.schema())).unwrap();
        writer.write_batch(&name, &one).unwrap();
    }
    writer.checkpoint().unwrap();
    let files = finish_all(writer, &files);
    assert_eq!(files.len(), 2000);
    assert_columns(&files["t1999.parquet"], &[("x", range(0..2))]);

    let names: Vec<_> = (0..3000).map(|number| format!("c{number}")).collect();
    let wide = |range: std::ops::Range<i64>, columns: usize| {
        let columns: Vec<_> = names[..columns]
            .iter()
            .map(|name| (name.as_str(), crate::support::range(range.clone())))
            .collect();
        batch(&columns)
    };
    let file = write(eager(), &[wide(0..2, 10), wide(2..5, 3000)]);
    let found = read(&file);
    assert_eq!((found.num_rows(), found.num_columns()), (5, 3000));
    assert_eq!(found.column(9), &range(0..5));
    assert_eq!(
        found.column(2999),
        &ints(&[None, None, Some(2), Some(3), Some(4)])
    );
}

/// Two columns that are the same in every row, as far as their roles say, and one that is not.
fn constant_rows(times: &[i64], arrays: &[Option<&str>]) -> TableBatch {
    let times = TimestampMicrosecondArray::from(times.to_vec()).with_timezone("UTC");
    let columns: [(&str, ArrayRef); 3] = [
        ("time", Arc::new(times)),
        ("array", texts(arrays)),
        ("x", range(0..arrays.len() as i64)),
    ];
    let mut rows = batch(&columns);
    let schema = rows.rows.schema();
    let role = |role: Role, at: usize| {
        let field = schema.field(at);
        Arc::new(role.field(field.name(), field.data_type().clone()))
    };
    let fields = vec![
        role(Role::Time, 0),
        role(Role::ArrayField, 1),
        Arc::clone(&schema.fields()[2]),
    ];
    let columns = rows.rows.columns().to_vec();
    rows.rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    rows
}

#[test]
fn what_is_the_same_in_every_row_is_right_in_every_group() {
    let same = constant_rows(&[5; 6], &[Some("items"); 6]);
    let others = [
        // Another value, no value, and more than one.
        constant_rows(&[7; 3], &[Some("tags"); 3]),
        constant_rows(&[7; 3], &[None; 3]),
        constant_rows(&[7, 7, 8], &[Some("ab"), Some("ab"), Some("ac")]),
        constant_rows(&[8, 7, 8], &[Some("a"), Some("aa"), Some("")]),
        constant_rows(&[8; 3], &[Some(""); 3]),
    ];
    let mut batches = vec![same.clone()];
    batches.extend(others);
    batches.push(same.slice(0, 4));
    let file = write(group_size(3), &batches);
    assert_eq!(group_rows(&file), [3, 3, 3, 3, 3, 3, 3, 3, 1]);
    let rows: Vec<_> = batches.iter().map(|batch| &batch.rows).collect();
    let expected = concat_batches(&rows[0].schema(), rows).unwrap();
    let read = read(&file);
    for column in 0..3 {
        let (read, expected) = (read.column(column), expected.column(column));
        assert_eq!(read.as_ref(), expected.as_ref(), "column {column}");
    }
    // The chunks of the first two groups are the same, and each has its own place.
    let footer = footer(&file);
    let place = |group: usize| footer.row_group(group).column(1).byte_range();
    assert_eq!(place(0).1, place(1).1);
    assert!(place(0).0 + place(0).1 <= place(1).0);
}
