//! Tests columns that come late or widen: one file, one schema, every value exact.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field, Schema};
use transmog_core::{Role, TableBatch};
use transmog_io::{Memory, StreamingWriter};
use transmog_writer_parquet::{ParquetOptions, ParquetStreamingWriter};

use crate::support::*;

/// Writes one column in two steps: with a row group for each, with one group for both, and with the
/// widening left to `set_schema`.
#[track_caller]
fn assert_widens(first: &ArrayRef, marks: Option<&[bool]>, second: ArrayRef, expected: ArrayRef) {
    let mut one = batch(&[("x", Arc::clone(first))]);
    if let Some(marks) = marks {
        one = with_marks(one, 0, marks);
    }
    let two = batch(&[("x", second)]);
    let expected = [("x", expected)];
    assert_columns(&write(eager(), &[one.clone(), two.clone()]), &expected);
    assert_columns(
        &write(ParquetOptions::default(), &[one.clone(), two.clone()]),
        &expected,
    );
    // The second batch comes in the same step, and widens the first before that is encoded.
    assert_columns(
        &write_steps(eager(), &[&[one.clone(), two.clone()]]),
        &expected,
    );
    // Row groups that end elsewhere than batches.
    assert_columns(
        &write(group_size(1), &[one.clone(), two.clone()]),
        &expected,
    );

    let (memory, files) = Memory::new();
    let mut writer = Box::new(ParquetStreamingWriter::new(eager(), Box::new(memory)));
    writer.begin_table(&spec("t", one.rows.schema())).unwrap();
    writer.write_batch("t", &one).unwrap();
    writer.checkpoint().unwrap();
    writer.set_schema("t", &two.rows.schema()).unwrap();
    let file = finish_all(writer, &files).remove("t.parquet").unwrap();
    let (name, all) = &expected[0];
    assert_columns(&file, &[(name, all.slice(0, first.len()))]);
}

#[test]
fn late_columns_are_null_in_earlier_rows() {
    let meta = |name: &str, role: Role| role.field(name, DataType::Utf8);
    let schema = |fields: Vec<Field>| Arc::new(Schema::new(fields));
    let data = |name: &str| Field::new(name, DataType::Int64, true);
    let make = |fields: Vec<Field>, arrays: Vec<ArrayRef>| -> TableBatch {
        arrow_array::RecordBatch::try_new(schema(fields), arrays)
            .unwrap()
            .into()
    };
    let one = make(
        vec![data("a"), meta("_id", Role::Id)],
        vec![range(0..3), texts(&[Some("i"), Some("j"), Some("k")])],
    );
    // Two late columns, so the metadata column moves.
    let two = make(
        vec![data("a"), data("b"), data("c"), meta("_id", Role::Id)],
        vec![
            range(3..4),
            range(10..11),
            range(20..21),
            texts(&[Some("l")]),
        ],
    );
    let expected = [
        ("a", range(0..4)),
        ("b", ints(&[None, None, None, Some(10)])),
        ("c", ints(&[None, None, None, Some(20)])),
        ("_id", texts(&[Some("i"), Some("j"), Some("k"), Some("l")])),
    ];
    for options in [eager(), ParquetOptions::default(), group_size(2)] {
        assert_columns(&write(options, &[one.clone(), two.clone()]), &expected);
    }
}

#[test]
fn late_list_columns_are_null_in_earlier_rows() {
    let one = batch(&[("a", range(0..2))]);
    let late = lists(&[Some(2), None, Some(0)], ints(&[Some(1), None]));
    let two = batch(&[("a", range(2..5)), ("l", late)]);
    let all = lists(
        &[None, None, Some(2), None, Some(0)],
        ints(&[Some(1), None]),
    );
    assert_columns(
        &write(eager(), &[one, two]),
        &[("a", range(0..5)), ("l", all)],
    );
}

#[test]
fn numbers_widen() {
    let one = ints(&[Some(1), None, Some(-3)]);
    assert_widens(
        &one,
        None,
        floats(&[Some(2.5)]),
        floats(&[Some(1.0), None, Some(-3.0), Some(2.5)]),
    );
    assert_widens(
        &one,
        None,
        texts(&[Some("x")]),
        texts(&[Some("1"), None, Some("-3"), Some("x")]),
    );
    let big = 123_456_789_012_345_678_901_i128;
    assert_widens(
        &one,
        None,
        decimals(&[Some(big)]),
        decimals(&[Some(1), None, Some(-3), Some(big)]),
    );
    assert_widens(
        &decimals(&[Some(big), None]),
        None,
        texts(&[Some("x")]),
        texts(&[Some("123456789012345678901"), None, Some("x")]),
    );
    assert_widens(
        &bools(&[Some(true), Some(false), None]),
        None,
        texts(&[Some("x")]),
        texts(&[Some("true"), Some("false"), None, Some("x")]),
    );
}

#[test]
fn floats_that_were_integers_become_text_without_fraction() {
    let one = floats(&[Some(3.0), Some(3.0), None, Some(2.5)]);
    let expected = |first| texts(&[Some(first), Some("3.0"), None, Some("2.5"), Some("x")]);
    let x = texts(&[Some("x")]);
    assert_widens(
        &one,
        Some(&[true, false, true, false]),
        Arc::clone(&x),
        expected("3"),
    );
    assert_widens(&one, Some(&[false; 4]), Arc::clone(&x), expected("3.0"));
    assert_widens(&one, None, Arc::clone(&x), expected("3.0"));
    let all = floats(&[Some(3.0), None]);
    assert_widens(
        &all,
        Some(&[true, false]),
        x,
        texts(&[Some("3"), None, Some("x")]),
    );
}

#[test]
fn integers_become_text_by_way_of_floats() {
    let steps = [
        batch(&[("x", ints(&[Some(3), None]))]),
        batch(&[("x", floats(&[Some(3.0)]))]),
        batch(&[("x", texts(&[Some("x")]))]),
    ];
    let expected = [("x", texts(&[Some("3"), None, Some("3.0"), Some("x")]))];
    assert_columns(&write(eager(), &steps), &expected);
    assert_columns(&write(ParquetOptions::default(), &steps), &expected);
    assert_columns(
        &write_steps(eager(), &[&steps[..2], &steps[2..]]),
        &expected,
    );
    assert_columns(
        &write_steps(eager(), &[&steps[..1], &steps[1..]]),
        &expected,
    );
}

#[test]
fn many_marks_survive_many_blocks() {
    let rows = 20_000;
    let one: Vec<_> = (0..rows).map(|i| Some(f64::from(i))).collect();
    let marks: Vec<_> = (0..rows).map(|i| i % 7 == 0 || i > 15_000).collect();
    let expected: Vec<_> = (0..rows)
        .map(|i| {
            if marks[i as usize] {
                i.to_string()
            } else {
                format!("{i}.0")
            }
        })
        .chain(["x".to_owned()])
        .collect();
    let steps = [
        with_marks(batch(&[("x", floats(&one))]), 0, &marks),
        batch(&[("x", texts(&[Some("x")]))]),
    ];
    let expected: Vec<_> = expected.iter().map(|text| Some(text.as_str())).collect();
    for options in [eager(), group_size(3000)] {
        assert_columns(&write(options, &steps), &[("x", texts(&expected))]);
    }
}

#[test]
fn nulls_become_anything() {
    for (value, all) in [
        (bools(&[Some(true)]), bools(&[None, None, Some(true)])),
        (ints(&[Some(1)]), ints(&[None, None, Some(1)])),
        (floats(&[Some(1.5)]), floats(&[None, None, Some(1.5)])),
        (decimals(&[Some(1)]), decimals(&[None, None, Some(1)])),
        (texts(&[Some("x")]), texts(&[None, None, Some("x")])),
        (
            lists(&[Some(1)], ints(&[Some(1)])),
            lists(&[None, None, Some(1)], ints(&[Some(1)])),
        ),
    ] {
        assert_widens(&nulls(2), None, value, all);
    }
    let file = write(eager(), &[batch(&[("x", nulls(2))])]);
    assert_columns(&file, &[("x", texts(&[None, None]))]);
}

#[test]
fn lists_widen() {
    let lengths = [Some(2), None, Some(0), Some(1)];
    let one = lists(&lengths, ints(&[Some(1), None, Some(3)]));
    let more = [Some(2), None, Some(0), Some(1), Some(1)];
    assert_widens(
        &one,
        None,
        lists(&[Some(1)], floats(&[Some(0.5)])),
        lists(&more, floats(&[Some(1.0), None, Some(3.0), Some(0.5)])),
    );
    assert_widens(
        &one,
        None,
        texts(&[Some("x")]),
        texts(&[Some("[1,null]"), None, Some("[]"), Some("[3]"), Some("x")]),
    );
    let floats_too = lists(&lengths, floats(&[Some(3.0), Some(3.0), Some(2.5)]));
    let marks: &[bool] = &[true, false, false];
    assert_widens(
        &floats_too,
        Some(marks),
        lists(&[Some(1)], texts(&[Some("x")])),
        lists(
            &more,
            texts(&[Some("3"), Some("3.0"), Some("2.5"), Some("x")]),
        ),
    );
    assert_widens(
        &floats_too,
        Some(marks),
        texts(&[Some("x")]),
        texts(&[Some("[3,3.0]"), None, Some("[]"), Some("[2.5]"), Some("x")]),
    );
}

#[test]
fn marks_of_list_items_stay_with_them_after_nulls() {
    let items = floats(&[Some(3.0), Some(2.5)]);
    let steps = [
        batch(&[("x", nulls(5))]),
        with_marks(batch(&[("x", lists(&[Some(2)], items))]), 0, &[true, false]),
        batch(&[("x", texts(&[Some("x")]))]),
    ];
    let mut all = vec![None; 5];
    all.extend([Some("[3,2.5]"), Some("x")]);
    let file = write_steps(eager(), &[&steps[..2], &steps[2..]]);
    assert_columns(&file, &[("x", texts(&all))]);
}

#[test]
fn lists_of_nulls_keep_their_lengths() {
    let empty = lists(&[Some(0), None, Some(2)], nulls(2));
    assert_widens(
        &empty,
        None,
        lists(&[Some(1)], ints(&[Some(7)])),
        lists(
            &[Some(0), None, Some(2), Some(1)],
            ints(&[None, None, Some(7)]),
        ),
    );
    let file = write(eager(), &[batch(&[("x", Arc::clone(&empty))])]);
    let all = lists(&[Some(0), None, Some(2)], texts(&[None, None]));
    assert_columns(&file, &[("x", all)]);
}

#[test]
fn every_row_group_has_its_middle_within_the_file() {
    // The first column widens after a large group, so its chunk moves to the end of the file.
    let wide: Vec<String> = (0..20_000)
        .map(|i: u64| format!("{:x}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    let wide: Vec<_> = wide.iter().map(|text| Some(text.as_str())).collect();
    let one = batch(&[("x", ints(&vec![Some(1); 20_000])), ("y", texts(&wide))]);
    let two = batch(&[("x", texts(&[Some("x")])), ("y", texts(&[None]))]);
    let file = write(eager(), &[one, two]);
    for group in footer(&file).row_groups() {
        let (start, _) = group.column(0).byte_range();
        assert!(start + (group.compressed_size() as u64) / 2 < file.len() as u64);
    }
    assert_eq!(read(&file).num_rows(), 20_001);
}

#[test]
fn a_column_that_becomes_the_first_one_keeps_the_middle_within_the_file() {
    // Its chunk comes after the large one of the column that was the first.
    let wide: Vec<String> = (0..20_000)
        .map(|i: u64| format!("{:x}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    let wide: Vec<_> = wide.iter().map(|text| Some(text.as_str())).collect();
    let one = batch(&[("y", texts(&wide)), ("x", ints(&vec![Some(1); 20_000]))]);
    let two = batch(&[("x", ints(&[Some(2)])), ("y", texts(&[None]))]);
    let file = write(eager(), &[one, two]);
    for group in footer(&file).row_groups() {
        let (start, _) = group.column(0).byte_range();
        assert!(start + (group.compressed_size() as u64) / 2 < file.len() as u64);
    }
    assert_eq!(read(&file).num_rows(), 20_001);
}

#[test]
fn a_column_that_vanishes_is_refused() {
    let (memory, _) = Memory::new();
    let mut writer = ParquetStreamingWriter::new(eager(), Box::new(memory));
    let one = batch(&[("x", range(0..1)), ("y", range(0..1))]);
    writer.begin_table(&spec("t", one.rows.schema())).unwrap();
    let error = writer
        .write_batch("t", &batch(&[("x", range(0..1))]))
        .unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "a later schema lacks a column of an earlier one");
}
