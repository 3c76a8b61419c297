//! What the inputs must be: the same for the same seed, of the size that was asked for, and made of
//! records.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn all() -> Vec<Shape> {
    let sized = [
        Shape::Columns(10),
        Shape::Columns(1000),
        Shape::Tables(1),
        Shape::Tables(100),
    ];
    Shape::ALL.into_iter().chain(sized).collect()
}

fn made(shape: Shape, seed: u64, bytes: u64) -> (Made, String) {
    let mut output = Vec::new();
    let made = shape.write(seed, bytes, &mut output).unwrap();
    (made, String::from_utf8(output).unwrap())
}

fn records(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_one_others() {
    for shape in all() {
        let (_, text) = made(shape, 1, 200_000);
        assert!(made(shape, 1, 200_000).1 == text, "{shape}");
        assert!(made(shape, 2, 200_000).1 != text, "{shape}");
    }
}

/// Kept figures are only worth comparing if these stay: a change here, or in the crate of random
/// numbers, is seen.
#[test]
fn the_bytes_are_those_of_earlier_versions() {
    let (_, text) = made(Shape::Flat, 1, 100);
    let expected = concat!(
        r#"{"id":0,"name":"User 657039","email":"user657039@example.org","city":"São Paulo","age":37,"balance":10577.352,"#,
        r#""active":true,"created_at":"2026-09-21T02:58:34Z","score":0.769,"visits":7287987912,"status":"open","#,
        r#""note":"adds of adds a <b> when"}"#,
        "\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn a_larger_input_begins_with_the_smaller_one() {
    for shape in all() {
        let (_, small) = made(shape, 7, 3_000_000);
        let (_, large) = made(shape, 7, 4_000_000);
        assert!(large.starts_with(&small), "{shape}");
    }
}

#[test]
fn sizes_are_as_asked_and_counted() {
    for shape in all() {
        for bytes in [100_000, 2_500_000] {
            let (made, text) = made(shape, 3, bytes);
            assert_eq!(made.bytes, text.len() as u64, "{shape}");
            assert!(
                (bytes..bytes + 40_000).contains(&made.bytes),
                "{shape} {made:?}"
            );
            if shape != Shape::Csv {
                assert_eq!(made.records, text.lines().count() as u64, "{shape}");
            }
        }
    }
}

#[test]
fn every_line_is_an_object_with_keys_of_its_own() {
    for shape in all().into_iter().filter(|shape| *shape != Shape::Csv) {
        for (number, line) in made(shape, 5, 300_000).1.lines().enumerate() {
            let record: Value = serde_json::from_str(line).unwrap();
            assert!(record.is_object(), "{shape} {number}");
            // A key that comes twice would be one when the value is written again.
            let keys = |text: &str| text.matches("\":").count();
            assert_eq!(keys(line), keys(&record.to_string()), "{shape} {number}");
        }
    }
}

/// Paths of scalars, and of arrays.
fn paths(value: &Value, path: &str, columns: &mut BTreeSet<String>, arrays: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                paths(value, &format!("{path}.{key}"), columns, arrays);
            }
        }
        Value::Array(items) => {
            arrays.insert(path.to_owned());
            for item in items {
                paths(item, &format!("{path}[]"), columns, arrays);
            }
        }
        // An object that is not there, maybe.
        Value::Null => {}
        _ => {
            columns.insert(path.to_owned());
        }
    }
}

fn counts(shape: Shape, bytes: u64) -> (usize, usize) {
    let (mut columns, mut arrays) = (BTreeSet::new(), BTreeSet::new());
    for record in records(&made(shape, 1, bytes).1) {
        paths(&record, "", &mut columns, &mut arrays);
    }
    (columns.len(), arrays.len() + 1)
}

#[test]
fn shapes_have_the_columns_and_tables_that_they_promise() {
    let (columns, tables) = counts(Shape::Events, 1_000_000);
    assert!((100..=180).contains(&columns), "{columns}");
    assert_eq!(tables, 4);
    assert_eq!(counts(Shape::Flat, 100_000), (12, 1));
    assert_eq!(counts(Shape::Wide, 3_000_000), (1001, 1));
    assert_eq!(counts(Shape::Columns(1000), 100_000), (1000, 1));
    assert_eq!(counts(Shape::Tables(1), 100_000).1, 1);
    assert_eq!(counts(Shape::Tables(100), 1_000_000).1, 100);
    assert!(counts(Shape::Deep, 1_000_000).1 > 6);
}

#[test]
fn events_are_as_large_as_real_ones_and_the_first_ones_show_every_column() {
    let (made, text) = made(Shape::Events, 1, 1_000_000);
    let mean = made.bytes / made.records;
    assert!((1500..=3000).contains(&mean), "{mean}");
    let (mut columns, mut arrays) = (BTreeSet::new(), BTreeSet::new());
    for record in records(&text).take(50) {
        paths(&record, "", &mut columns, &mut arrays);
    }
    assert_eq!(
        (columns.len(), arrays.len() + 1),
        counts(Shape::Events, 1_000_000)
    );
}

#[test]
fn drifting_fields_appear_all_the_time_and_change_their_type() {
    let early = counts(Shape::Drift, 500_000).0;
    let late = counts(Shape::Drift, 4_000_000).0;
    assert!(late > early * 2, "{early} {late}");
    let mut kinds = BTreeSet::new();
    for record in records(&made(Shape::Drift, 1, 6_000_000).1) {
        match &record["data"]["field_0"] {
            Value::Number(number) if number.is_f64() => kinds.insert("float"),
            Value::Number(_) => kinds.insert("integer"),
            Value::String(_) => kinds.insert("text"),
            _ => false,
        };
    }
    assert_eq!(kinds.len(), 3, "{kinds:?}");
}

#[test]
fn names_of_shapes_are_read_as_they_are_written() {
    for shape in all() {
        assert_eq!(shape.to_string().parse::<Shape>().unwrap(), shape);
    }
    for name in ["", "event", "columns-", "columns-0", "tables-x"] {
        let error = name.parse::<Shape>().unwrap_err().to_string();
        assert!(error.contains("events, flat"), "{error}");
    }
}
