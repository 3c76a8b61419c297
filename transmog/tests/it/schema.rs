//! Given schemas, policies and type settings: what a run takes, what it refuses, and where it says
//! so.

use std::{collections::BTreeMap, sync::Arc};

use arrow_schema::{DataType, Field, Schema};
use serde_json::{Value, json};
use transmog::{
    ArrayMode, CsvReadOptions, DEFAULT, ErrorKind, Input, InputFormat, LENIENT, Layout, Processor,
    Report, SchemaPolicy, WriterOptions,
};

use crate::support::{columns, files, plain, stem};

mod detected;
mod empties;
mod inspecting;
mod random;
mod rules;

const ORDERS: &str = r#"{"id": 1, "user": {"age": 7}, "price": 1.5, "items": [{"sku": "a", "n": 1}]}
{"id": 2, "user": {"age": null}, "price": 2, "items": [{"sku": "b"}, {"sku": "c", "n": 2}]}"#;

fn layout(input: &str) -> Layout {
    let report = Processor::new().with_config(plain()).inspect(input, "t");
    report.expect("valid").layout
}

fn given(layout: Layout, policy: SchemaPolicy) -> Processor {
    let processor = Processor::new().with_config(plain());
    processor.with_schema(layout).with_schema_policy(policy)
}

/// Tables as JSON Lines, and the report.
fn json_of(
    processor: &Processor,
    input: &str,
) -> Result<(Report, BTreeMap<String, String>), transmog::Error> {
    let lines = WriterOptions::new().with("lines", true);
    let (report, files) = files(processor, "json", lines, input)?;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ok((
        report,
        files
            .into_iter()
            .map(|(name, file)| (stem(&name), text(file)))
            .collect(),
    ))
}

/// The message, the field and the kind of the error that a record is.
fn fault(processor: &Processor, input: &str) -> (String, Option<String>, Option<u64>) {
    let error = processor.process(input, "t").expect_err("it does not fit");
    let transmog::Error::Data(error) = error else {
        panic!("{error} is about data")
    };
    let at = error.location();
    (error.kind().to_string(), at.field.clone(), at.record)
}

#[test]
fn freezing_and_discarding_need_a_schema() {
    for policy in [SchemaPolicy::Freeze, SchemaPolicy::Discard] {
        let processor = Processor::new().with_schema_policy(policy);
        let error = processor.process("{}", "t").unwrap_err().to_string();
        assert!(
            error.contains("`schema=FILE`") && error.contains("inspect"),
            "{error}"
        );
        let processor = Processor::new().with_table_schema_policy("t", policy);
        assert!(processor.process("{}", "t").is_err());
    }
    let processor = given(layout(ORDERS), SchemaPolicy::Evolve);
    let processor = processor.with_table_schema_policy("t_itens", SchemaPolicy::Freeze);
    let error = processor.process("{}", "t").unwrap_err().to_string();
    assert!(
        error.contains("t_itens") && error.contains("t, t_items"),
        "{error}"
    );
}

#[test]
fn what_is_frozen_names_the_field() {
    let frozen = given(layout(ORDERS), SchemaPolicy::Freeze);
    let cases = [
        (
            r#"{"user": {"age": "x"}}"#,
            "column user.age is int64 in the schema, found text",
            "user.age",
        ),
        (
            r#"{"user": {"age": 1.5}}"#,
            "column user.age is int64 in the schema, found float64",
            "user.age",
        ),
        (
            r#"{"user": {"age": 99999999999999999999}}"#,
            "column user.age is int64 in the schema, found an integer beyond 64 bits",
            "user.age",
        ),
        (
            r#"{"price": 9007199254740993}"#,
            "column price is float64 in the schema, found an integer beyond 2^53",
            "price",
        ),
        (
            r#"{"price": true}"#,
            "column price is float64 in the schema, found boolean",
            "price",
        ),
        (
            r#"{"user": {"nick": 1}}"#,
            "column user.nick is not in the schema",
            "user.nick",
        ),
        (r#"{"user": 1}"#, "column user is not in the schema", "user"),
        (r#"{"new": null}"#, "column new is not in the schema", "new"),
        (
            r#"{"id": {"a": 1}}"#,
            "column id.a is not in the schema",
            "id.a",
        ),
        (r#"{"id": [1]}"#, "table id is not in the schema", "id"),
        (
            r#"{"items": [{}, {"n": 1}, {"n": "x"}]}"#,
            "column n is int64 in the schema, found text",
            "items[2].n",
        ),
        (
            r#"{"items": [{}, 5]}"#,
            "column value is not in the schema",
            "items[1]",
        ),
        (
            r#"{"items": [{}, {"tags": [1]}]}"#,
            "table items.tags is not in the schema",
            "items[1].tags",
        ),
        (
            r#"{"items": 1}"#,
            "column items is not in the schema",
            "items",
        ),
    ];
    for (record, message, field) in cases {
        let input = format!("{ORDERS}\n{record}");
        let expected = (message.to_owned(), Some(field.to_owned()), Some(2));
        assert_eq!(fault(&frozen, &input), expected, "{record}");
        // Skipped: exactly it is missing.
        let (_, expected) = json_of(&frozen, ORDERS).expect("it fits");
        let (report, tables) =
            json_of(&frozen.clone().with_recovery(DEFAULT), &input).expect("skipped");
        assert_eq!(report.records_rejected, 1, "{record}");
        assert_eq!(tables["t"], expected["t"], "{record}");
        assert_eq!(tables["t_items"], expected["t_items"], "{record}");
        assert!(
            tables["t.rejected"].contains(&message.replace('"', "\\\"")),
            "{record}"
        );
    }
    for fits in [
        r#"{"id": 9223372036854775807, "price": 3}"#,
        r#"{"user": {}, "items": []}"#,
        r#"{"items": [{"n": null}]}"#,
        "{}",
    ] {
        let report = json_of(&frozen, fits).expect(fits).0;
        assert_eq!(report.layout, layout(ORDERS), "{fits}");
    }
}

#[test]
fn parts_that_do_not_fit_are_marked() {
    let frozen = given(layout(ORDERS), SchemaPolicy::Freeze).with_recovery(LENIENT);
    let input = format!(
        "{ORDERS}\n{}",
        r#"{"id": 3, "user": {"age": "x", "nick": [1]}, "items": [{"sku": "d", "n": 1}, {"sku": "e", "n": []}, {"sku": "f", "n": true}]}"#
    );
    let (report, tables) = json_of(&frozen, &input).expect("kept in part");
    let row: Value =
        serde_json::from_str(tables["t"].lines().last().expect("three")).expect("JSON");
    assert_eq!(row["id"], 3);
    assert!(row.get("user_age").is_none());
    assert_eq!(
        row["__error"],
        "column user.age is int64 in the schema, found text; table user.nick is not in the schema"
    );
    let items: Vec<&str> = tables["t_items"].lines().skip(3).collect();
    assert_eq!(
        items,
        [
            r#"{"sku":"d","n":1}"#,
            r#"{"sku":"e"}"#,
            r#"{"sku":"f","__error":"column n is int64 in the schema, found boolean"}"#
        ]
    );
    assert_eq!(report.records_partial, 1);
    assert_eq!(report.ledger.rejected, 3);
    assert!(report.ledger.adds_up());
}

#[test]
fn what_is_discarded_is_counted_by_place() {
    let input = r#"{"id": 1, "new": {"a": 1, "b": null}, "user": {"age": "x"}}
{"id": "y", "price": 2.5, "items": [{"n": "z", "q": 1}, {"n": 4, "deep": [[1, 2], null]}], "tags": ["a", {"b": [1, "c"]}]}
{"id": 3, "new": {"a": 2}, "items": [7]}"#;
    for (chunk_size, threads) in [(1000, 1), (1, 1), (2, 3)] {
        let processor = given(layout(ORDERS), SchemaPolicy::Discard);
        let processor = processor.with_chunk_size(chunk_size).expect("allowed");
        let processor = processor.with_threads(threads).expect("allowed");
        let (report, tables) = json_of(&processor, input).expect("nothing is wrong");
        assert_eq!(report.layout, layout(ORDERS));
        assert_eq!(tables["t"], "{\"id\":1}\n{\"price\":2.5}\n{\"id\":3}\n");
        assert_eq!(tables["t_items"], "{}\n{\"n\":4}\n{}\n");
        assert_eq!(report.ledger.excluded, 12);
        assert_eq!(report.values_dropped, 12);
        let places: Vec<String> = report
            .dropped
            .iter()
            .map(|dropped| {
                let table = dropped.table_path.concat().join(".");
                format!(
                    "{table}:{}:{}:{}",
                    dropped.path.join("."),
                    dropped.is_table,
                    dropped.values
                )
            })
            .collect();
        assert_eq!(
            places,
            [
                ":new.a:false:2",
                ":user.age:false:1",
                ":id:false:1",
                "items:n:false:1",
                "items:q:false:1",
                "items:deep:true:2",
                ":tags:true:3",
                "items::false:1",
            ]
        );
        assert!(
            report
                .to_string()
                .contains("the main table: 2 rows of array tags[] dropped, with 3 values")
        );
    }
}

#[test]
fn tables_have_policies_of_their_own() {
    let processor = given(layout(ORDERS), SchemaPolicy::Freeze)
        .with_table_schema_policy("t_items", SchemaPolicy::Evolve);
    let (report, _) = json_of(
        &processor,
        r#"{"items": [{"n": "x", "new": 1, "tags": [1]}]}"#,
    )
    .expect("grows");
    let names: Vec<&str> = report
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    assert_eq!(names, ["t", "t_items", "t_items_tags"]);
    assert_eq!(report.tables[1].columns[1].data_type, "text");
    assert_eq!(
        fault(&processor, r#"{"new": 1}"#).0,
        "column new is not in the schema"
    );
    let processor = given(layout(ORDERS), SchemaPolicy::Evolve)
        .with_table_schema_policy("t_items", SchemaPolicy::Discard);
    let (report, tables) = json_of(
        &processor,
        r#"{"new": 1, "items": [{"n": "x", "tags": [1]}]}"#,
    )
    .expect("grows");
    assert_eq!(tables["t_items"], "{}\n");
    assert!(tables["t"].contains("\"new\":1"));
    assert_eq!(report.ledger.excluded, 2);
}

#[test]
fn given_columns_are_there_without_data() {
    let whole = r#"{"a": 1, "b": 1.5, "c": true, "d": 99999999999999999999, "e": "x", "f": null, "l": [{"x": [{"y": 1}]}]}"#;
    for policy in [
        SchemaPolicy::Evolve,
        SchemaPolicy::Freeze,
        SchemaPolicy::Discard,
    ] {
        for input in ["", r#"{"c": false}"#] {
            let processor = given(layout(whole), policy);
            let (_, tables) =
                files(&processor, "parquet", WriterOptions::new(), input).expect("fits");
            let types = |name: &str| -> Vec<(String, String)> {
                let columns = columns(tables[name].clone());
                columns
                    .into_iter()
                    .map(|(name, kind, _)| (name, kind))
                    .collect()
            };
            let expected = [
                ("a", "int64"),
                ("b", "float64"),
                ("c", "boolean"),
                ("d", "decimal"),
                ("e", "text"),
                ("f", "text"),
            ];
            assert_eq!(
                types("t.parquet"),
                expected.map(|(name, kind)| (name.to_owned(), kind.to_owned()))
            );
            assert_eq!(
                types("t_l_x.parquet"),
                [("y".to_owned(), "int64".to_owned())]
            );
            assert_eq!(tables.len(), 3);
        }
    }
    // They are the least that there is.
    let processor = given(layout(whole), SchemaPolicy::Evolve);
    let (report, _) =
        json_of(&processor, r#"{"new": 1, "a": 1.5, "b": 2, "c": "x"}"#).expect("grows");
    let types: Vec<&str> = report.tables[0]
        .columns
        .iter()
        .map(|column| column.data_type.as_str())
        .collect();
    assert_eq!(
        types,
        [
            "float64", "float64", "text", "decimal", "text", "text", "int64"
        ]
    );
}

#[test]
fn names_are_those_of_the_schema() {
    // The second path came first.
    let given_layout = layout(r#"{"a_b": 1, "a": {"b": 2}, "a_c": [1], "a": {"b": 2, "c": [1]}}"#);
    let processor = given(given_layout.clone(), SchemaPolicy::Freeze);
    let (report, tables) = json_of(&processor, r#"{"a": {"c": [7], "b": 5}}"#).expect("fits");
    assert_eq!(report.layout, given_layout);
    assert_eq!(tables["t"], "{\"a_b_2\":5}\n");
    // Under another name of the main table, child tables are called after that.
    let report = processor.inspect("{}", "u").expect("fits");
    let names: Vec<&str> = report
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    assert_eq!(names, ["u", "u_a_c", "u_a_c_2"]);
}

#[test]
fn schemas_that_make_no_sense_are_refused() {
    let table = |value: Value| -> Layout { serde_json::from_value(value).expect("a layout") };
    let column =
        |name: &str, kind: &str| json!({"name": name, "path": [name], "type": kind, "more": 1});
    let cases = [
        (json!([]), None),
        (
            json!([{"name": "t", "path": [], "columns": [column("a", "int64"), column("b", "json")]}]),
            None,
        ),
        (
            json!([{"name": "t", "path": [], "columns": [column("a", "integer")]}]),
            Some("\"integer\""),
        ),
        (
            json!([{"name": "t", "path": [], "columns": [column("a", "text"), column("a", "text")]}]),
            Some("twice"),
        ),
        (
            json!([{"name": "t", "path": [], "columns": [column("__error", "text")]}]),
            Some("metadata"),
        ),
        (
            json!([{"name": "t_a", "path": [["a"]], "columns": []}]),
            Some("main table"),
        ),
        (
            json!([{"name": "t", "path": [], "columns": []}, {"name": "t_a", "path": [["a"], ["b"]], "columns": []}]),
            Some("parent"),
        ),
    ];
    for (tables, wrong) in cases {
        let processor = given(
            table(json!({"tables": tables, "version": 7})),
            SchemaPolicy::Evolve,
        );
        let result = processor.process("{}", "t");
        match wrong {
            None => assert!(result.is_ok(), "{tables}"),
            Some(word) => {
                let error = result.expect_err("refused").to_string();
                assert!(error.contains(word), "{error}");
            }
        }
    }
}

#[test]
fn arrow_schemas_go_by_name() {
    let schema = |fields: &[(&str, DataType)]| {
        let fields = fields
            .iter()
            .map(|(name, kind)| Field::new(*name, kind.clone(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    };
    let tables = [
        (
            "t",
            schema(&[("user_age", DataType::Int64), ("id", DataType::Utf8)]),
        ),
        ("t_a_b", schema(&[("value", DataType::Float64)])),
    ];
    let given: transmog::GivenSchema = tables.into_iter().collect();
    let processor = Processor::new().with_config(plain()).with_schema(given);
    let processor = processor.with_schema_policy(SchemaPolicy::Freeze);
    for (chunk_size, threads) in [(1000, 1), (1, 2)] {
        let processor = processor
            .clone()
            .with_chunk_size(chunk_size)
            .expect("allowed");
        let processor = processor.with_threads(threads).expect("allowed");
        let input = r#"{"id": 1, "user": {"age": 2}} {"user": {"age": 3}, "a": {"b": [1]}} {"a": {"b": [2.5]}}"#;
        let (report, files) =
            files(&processor, "parquet", WriterOptions::new(), input).expect("fits");
        let text = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            columns(files["t.parquet"].clone()),
            [
                ("user_age".into(), "int64".into(), text(&["2", "3", "-"])),
                ("id".into(), "text".into(), text(&["1", "-", "-"]))
            ]
        );
        assert_eq!(
            columns(files["t_a_b.parquet"].clone()),
            [("value".into(), "float64".into(), text(&["1.0", "2.5"]))]
        );
        assert_eq!(
            report.tables[0].columns[0].path,
            Some(vec!["user".to_owned(), "age".to_owned()])
        );
        assert_eq!(report.tables[1].path, [["a", "b"]]);
        let (message, field, _) = fault(&processor, r#"{"user": {"age": 2}, "a": {"b": ["x"]}}"#);
        assert_eq!(
            (message.as_str(), field.as_deref()),
            (
                "column value is float64 in the schema, found text",
                Some("a.b[0]")
            )
        );
        assert_eq!(
            fault(&processor, r#"{"user": {"name": 2}}"#).0,
            "column user.name is not in the schema"
        );
    }
}

#[test]
fn types_are_set_by_pattern() {
    let processor = |pattern, kind| {
        let processor = Processor::new().with_config(plain());
        processor.with_type(pattern, kind).expect("a type")
    };
    let input = r#"{"a": 1, "l": [{"a": null}, {"a": 2}], "z": "x"}"#;
    for kind in ["float64", "decimal", "text", "int64"] {
        let processor = processor("*.a", kind).with_type("a", kind).expect("a type");
        let (report, _) = json_of(&processor, input).expect("fits");
        assert_eq!(report.tables[0].columns[0].data_type, kind);
        assert_eq!(report.tables[1].columns[0].data_type, kind);
        assert_eq!(report.tables[0].columns[1].data_type, "text");
    }
    let (message, field, _) = fault(&processor("l.a", "boolean"), input);
    assert_eq!(
        message,
        "column a is boolean by its type setting, found int64"
    );
    assert_eq!(field.as_deref(), Some("l[1].a"));
    let lists = processor("l", "list<float64>").with_array_mode(ArrayMode::Smart);
    let (report, tables) =
        json_of(&lists, r#"{"l": [1, 2]} {"l": [null]} {"l": []}"#).expect("fits");
    assert_eq!(report.tables[0].columns[0].data_type, "list<float64>");
    assert_eq!(tables["t"], "{\"l\":[1,2]}\n{\"l\":[null]}\n{}\n");
    assert_eq!(
        fault(&lists, r#"{"l": [1, "x"]}"#).0,
        "column l is list<float64> by its type setting, found a list of several kinds"
    );
    assert_eq!(
        fault(&lists, r#"{"l": ["x"]}"#).0,
        "column l is list<float64> by its type setting, found list<text>"
    );
    for wrong in ["integer", "list<list<text>>", "null", "timestamp[h]"] {
        assert!(Processor::new().with_type("a", wrong).is_err(), "{wrong}");
    }
}

#[test]
fn csv_cells_are_as_written_where_they_are_text() {
    let input = "zip,price,n\n007,1.50,1\n,2.0,x\n";
    let processor = Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::Csv);
    let run =
        |processor: &Processor| files(processor, "csv", WriterOptions::new(), Input::from(input));
    let text = processor
        .clone()
        .with_type("zip", "text")
        .expect("a type")
        .with_type("price", "text")
        .expect("a type");
    let (_, tables) = run(&text).expect("fits");
    let table = String::from_utf8_lossy(&tables["t.csv"]).replace("\r\n", "\n");
    assert_eq!(table, input);
    // A cell that does not fit is wrong, and not what makes the column text.
    let typed = text.with_type("n", "int64").expect("a type");
    let error = run(&typed).expect_err("x").to_string();
    assert!(
        error.contains("record 1")
            && error.contains("column n is int64 by its type setting, found text"),
        "{error}"
    );
    let (report, tables) = run(&typed.clone().with_recovery(DEFAULT)).expect("skipped");
    assert_eq!(report.records_rejected, 1);
    assert!(
        tables["t.csv"].ends_with(b"007,1.50,1\r\n") || tables["t.csv"].ends_with(b"007,1.50,1\n")
    );
    let (report, _) = run(&typed.with_recovery(LENIENT)).expect("kept");
    assert_eq!((report.records_partial, report.ledger.rejected), (1, 1));
    // Also where types are not told by default, and by a schema.
    let options = CsvReadOptions::default().with_type_inference(false);
    let (report, _) = run(&processor
        .clone()
        .with_csv_options(options)
        .with_type("price", "float64")
        .expect("a type"))
    .expect("fits");
    assert_eq!(report.tables[0].columns[1].data_type, "float64");
    let layout = processor.inspect("zip\nx\n", "t").expect("CSV").layout;
    let result = processor
        .with_schema(layout)
        .process("zip\n1.50\n", "t")
        .expect("fits");
    let row = result.main_table().rows().next().expect("a row");
    assert_eq!(row.get("zip").and_then(|cell| cell.as_str()), Some("1.50"));
}

#[test]
fn several_records_of_a_line_are_taken_or_none() {
    let frozen = given(layout(ORDERS), SchemaPolicy::Freeze).with_recovery(DEFAULT);
    let frozen = frozen.with_input_format(InputFormat::JsonLines);
    let (report, tables) = json_of(
        &frozen,
        "{\"id\": 1}\n{\"id\": 2} {\"id\": \"x\"}\n{\"id\": 3}\n",
    )
    .expect("skipped");
    assert_eq!(tables["t"], "{\"id\":1}\n{\"id\":3}\n");
    assert_eq!(report.records_rejected, 1);
}

#[test]
fn kinds_of_errors_have_words() {
    let frozen = given(layout(ORDERS), SchemaPolicy::Freeze).with_recovery(DEFAULT);
    let input = r#"{"id": "x"} {"new": 1} {"new": []} {"new": [1]}"#.replace("} {", "}\n{");
    let (report, _) = json_of(&frozen, &input).expect("skipped");
    let kinds: Vec<(&str, u64)> = report
        .problems_by_kind
        .iter()
        .map(|(kind, n)| (kind.as_str(), *n))
        .collect();
    assert_eq!(
        kinds,
        [("misfit", 1), ("unknown_column", 1), ("unknown_table", 1)]
    );
    let column = "a".to_owned();
    assert_eq!(ErrorKind::UnknownColumn { column }.word(), "unknown_column");
}
