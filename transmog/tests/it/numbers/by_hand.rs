//! Numbers in all places where they can stand, one case after another.

use transmog::{ArrayMode, Cast, Floats, Ids, Processor, SchemaPolicy, Value};

use crate::support::{flatten, flatten_with, plain};

const LONG: &str = "12345678901234567.89";

fn main_type(processor: &Processor, text: &str) -> String {
    let result = processor.process(text, "t").expect("a run");
    result.report().tables[0].columns[0].data_type.clone()
}

#[test]
fn a_column_is_text_for_one_number_that_no_float_gives_back() {
    let text = "{\"n\":1.50}\n{\"n\":12345678901234567.89}\n{\"n\":1e-400}\n{\"n\":7}\n";
    let outcome = flatten(text);
    outcome.table(
        "t",
        &["n", "1.5", LONG, "1e-400", "7"],
        &[
            r#"{"n":"1.5"}"#,
            r#"{"n":"12345678901234567.89"}"#,
            r#"{"n":"1e-400"}"#,
            r#"{"n":"7"}"#,
        ],
        &[("n", "text", &["1.5", LONG, "1e-400", "7"])],
    );
    assert_eq!(outcome.report.numbers_rounded, 0);
}

#[test]
fn what_programs_print_of_floats_stays_a_float() {
    for number in [
        "1.10",
        "1.5000",
        "1E5",
        "0.000",
        "0e5",
        "-0.0",
        "0.10000000000000001",
        "0.10000000000000000555",
        "1.0000000000000000555111512e-01",
        "5e-324",
        "-1.5E-7",
        "2.2250738585072014e-308",
        "100000000000000000000000.0",
        "1e22",
    ] {
        let text = format!("{{\"n\":{number}}}");
        assert_eq!(main_type(&Processor::new(), &text), "float64", "{number}");
    }
    for number in [
        LONG,
        "0.123456789012345678",
        "1e-400",
        "1e400",
        "3e-324",
        "1.0e400",
    ] {
        let text = format!("{{\"n\":{number}}}");
        assert_eq!(main_type(&Processor::new(), &text), "text", "{number}");
    }
}

#[test]
fn json_text_has_numbers_as_they_are_written() {
    let numbers = "[1.50,1E5,-0,0.10,12345678901234567.89,1e400]";
    let record = format!("{{\"x\":{numbers},\"o\":{{\"y\":{{\"z\":{numbers}}}}}}}");
    let json_path = plain().with_json_path("x".parse().expect("a path"));
    for config in [
        json_path.expect("a rule"),
        plain().with_array_mode(ArrayMode::Inline),
        plain().with_array_mode(ArrayMode::Smart),
        plain().with_array_mode(ArrayMode::Keep),
        plain().with_max_depth(1).expect("in range"),
        // The record is read into values first.
        plain()
            .with_array_mode(ArrayMode::Inline)
            .with_ids(Ids::Hash),
    ] {
        let outcome = flatten_with(config.clone(), &record);
        let columns = &outcome.parquet["t"];
        let cells: Vec<&str> = columns
            .iter()
            .map(|(_, _, cells)| cells[0].as_str())
            .collect();
        assert!(cells.contains(&numbers), "{cells:?} {config:?}");
        let outcome = flatten_with(config, &format!("{{\"x\":{numbers},\"x\":{numbers}}}"));
        let columns = &outcome.parquet["t"];
        assert!(
            columns.iter().any(|(_, _, cells)| cells[0] == numbers),
            "read again"
        );
    }
}

#[test]
fn lists_of_floats_stay_lists() {
    let smart = || plain().with_array_mode(ArrayMode::Smart);
    let outcome = flatten_with(smart(), r#"{"x":[1.50,2,0.10]}"#);
    outcome.table(
        "t",
        &["x", "\"[1.5,2,0.1]\""],
        &[r#"{"x":[1.5,2,0.1]}"#],
        &[("x", "list<float64>", &["[1.5 2.0 0.1]"])],
    );
    // A list that is one kind of numbers is spelled as its column would be, whatever the chunks.
    let lines = "{\"x\":[1.50]}\n{\"x\":[1.50,\"a\"]}\n{\"x\":[1.50]}\n";
    for chunk_size in [1, 2, 3] {
        let processor = Processor::new().with_config(smart().with_ids(Ids::Row));
        let processor = processor.with_chunk_size(chunk_size).expect("a size");
        let result = processor.process(lines, "t").expect("a run");
        let rows = result.main_table().rows();
        let cells: Vec<String> = rows.map(|row| row["x"].to_text()).collect();
        assert_eq!(cells, ["[1.5]", "[1.50,\"a\"]", "[1.5]"]);
    }
    let nearest = smart().with_floats(Floats::Nearest);
    let outcome = flatten_with(nearest, &format!("{{\"x\":[{LONG},1.5]}}"));
    assert_eq!(outcome.parquet["t"][0].1, "list<float64>");
    assert_eq!(outcome.report.numbers_rounded, 1);
}

#[test]
fn columns_of_type_float64_take_the_nearest_float_and_say_so() {
    let text = format!(
        "{{\"a\":{LONG},\"b\":{LONG},\"c\":[{{\"d\":0.123456789012345678}}]}}\n{{\"a\":1e-400}}"
    );
    let processor = Processor::new().with_type("a", "float64").expect("a type");
    let processor = processor.with_type("c.d", "float64").expect("a type");
    let result = processor.process(text.as_str(), "t").expect("a run");
    let report = result.report();
    let types: Vec<&str> = report
        .tables
        .iter()
        .flat_map(|table| &table.columns)
        .map(|column| column.data_type.as_str())
        .collect();
    assert_eq!(types[..2], ["float64", "text"]);
    let rounded: Vec<(String, u64)> = report
        .rounded
        .iter()
        .map(|it| (it.path.join("."), it.numbers))
        .collect();
    assert_eq!(rounded, [("a".to_owned(), 2), ("d".to_owned(), 1)]);
    let screen = report.to_string();
    assert!(
        screen.contains("the main table: 2 numbers of column a rounded to float64\n"),
        "{screen}"
    );
    assert!(
        screen.contains("c: 1 number of column d rounded to float64\n"),
        "{screen}"
    );

    // Beyond the range of floats there is none.
    let error = processor
        .process(r#"{"a":1e400}"#, "t")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(
            "column a is float64 by its type setting, found a number that only text can hold"
        ),
        "{error}"
    );

    // A record that is not taken does not count.
    let skip = processor.with_recovery(transmog::DEFAULT);
    let lines = format!("{{\"a\":{LONG},\"c\":[{{\"d\":\"x\"}}]}}\n{{\"a\":{LONG}}}\n");
    let result = skip.process(lines.as_str(), "t").expect("a run");
    assert_eq!(result.report().records_rejected, 1);
    assert_eq!(result.report().numbers_rounded, 1);
}

#[test]
fn given_schemas_with_float64_take_the_nearest_float() {
    let first = Processor::new()
        .process(r#"{"a":1.5}"#, "t")
        .expect("a run");
    let layout = first.report().layout.clone();
    for policy in [SchemaPolicy::Freeze, SchemaPolicy::Discard] {
        let processor = Processor::new()
            .with_schema(layout.clone())
            .with_schema_policy(policy);
        let result = processor
            .process(format!("{{\"a\":{LONG}}}").as_str(), "t")
            .expect("a run");
        assert_eq!(result.report().rounded[0].numbers, 1);
        assert_eq!(
            result.main_table().rows().next().expect("a row")["a"],
            Value::Float(1.234_567_890_123_456_8e16)
        );
    }
}

#[test]
fn nearest_floats_are_read_as_before() {
    let processor = Processor::new().with_floats(Floats::Nearest);
    let text = format!("{{\"n\":{LONG}}}\n{{\"n\":1e-400}}\n{{\"n\":1.5}}\n");
    let result = processor.process(text.as_str(), "t").expect("a run");
    assert_eq!(result.report().tables[0].columns[0].data_type, "float64");
    assert_eq!(result.report().rounded[0].numbers, 2);
    assert_eq!(main_type(&processor, r#"{"n":1e400}"#), "text");
    let folder = tempfile::tempdir().expect("a folder");
    let csv = folder.path().join("t.csv");
    std::fs::write(&csv, format!("n,m\n1.5,x\n{LONG},2\n")).expect("a file");
    let result = processor.process_file(&csv, "t").expect("a run");
    let types = result.report().tables[0].columns[..2]
        .iter()
        .map(|column| column.data_type.clone());
    assert_eq!(types.collect::<Vec<_>>(), ["float64", "text"]);
    assert_eq!(result.report().numbers_rounded, 1);
}

#[test]
fn text_has_all_digits() {
    for processor in [
        Processor::new().with_cast(Cast::Text),
        Processor::new().with_type("n", "text").expect("a type"),
    ] {
        let text = format!("{{\"n\":{LONG}}}\n{{\"n\":1.50}}\n");
        let result = processor.process(text.as_str(), "t").expect("a run");
        let cells: Vec<String> = result
            .main_table()
            .rows()
            .map(|row| row["n"].to_text())
            .collect();
        assert_eq!(cells, [LONG, "1.5"]);
        assert_eq!(result.report().numbers_rounded, 0);
    }
}

#[test]
fn what_has_no_column_keeps_its_digits() {
    let config = plain().with_max_columns(1).expect("in range");
    let outcome = flatten_with(config, &format!("{{\"a\":1,\"b\":{LONG},\"c\":0.5}}"));
    let rest = &outcome.parquet["t"].last().expect("a column").2[0];
    assert_eq!(rest, &format!("{{\"b\":{LONG},\"c\":0.5}}"));
}

#[test]
fn values_of_a_program_keep_their_digits() {
    // A record that goes through a value in memory, such as one with a key that comes twice.
    let text = format!("{{\"a\":1,\"a\":{LONG},\"b\":1.50}}");
    let result = Processor::new().process(text.as_str(), "t").expect("a run");
    let row = result.main_table().rows().next().expect("a row");
    assert_eq!(
        (row["a"].to_text(), row["b"].clone()),
        (LONG.to_owned(), Value::Float(1.5))
    );
    let values = [0.1_f64, 1e23, 5e-324, f64::MAX];
    let result = Processor::new()
        .process_batch(
            values.map(|n| std::collections::BTreeMap::from([("n", n)])),
            "t",
        )
        .expect("a run");
    assert_eq!(result.report().tables[0].columns[0].data_type, "float64");
}

#[test]
fn ids_do_not_depend_on_how_a_number_is_written() {
    let processor = Processor::new().with_config(
        plain()
            .with_metadata(|m| m.id = Some("id".into()))
            .expect("names")
            .with_ids(Ids::Hash),
    );
    let id = |text: &str| {
        let result = processor.process(text, "t").expect("a run");
        result.main_table().rows().next().expect("a row")["id"].to_text()
    };
    assert_eq!(id(r#"{"n":1.50,"x":[1.0]}"#), id(r#"{"n":1.5,"x":[1.00]}"#));
    assert_ne!(
        id(&format!("{{\"n\":{LONG}}}")),
        id(&format!("{{\"n\":{LONG}1}}"))
    );
}

#[test]
fn a_decimal_says_what_it_takes() {
    let processor = Processor::new()
        .with_type("price", "decimal")
        .expect("a type");
    let error = processor
        .process(r#"{"price":19.90}"#, "t")
        .unwrap_err()
        .to_string();
    let expected = "column price is decimal by its type setting, found float64; decimal takes integers of up to 38 digits, text keeps all digits of any number";
    assert!(error.contains(expected), "{error}");
}
