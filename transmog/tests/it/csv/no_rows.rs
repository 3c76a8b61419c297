//! Inputs with a header and no rows: their columns are there, in every format and beside any other
//! input.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use transmog::{
    Config, CsvReadOptions, Input, InputFormat, Memory, Nulls, OutputSpec, Pattern, Processor,
    Report, SchemaPolicy,
};

use super::{columns, options, processor, read_with};
use crate::support::{flatten_csv, plain};

fn run_all(config: Config, inputs: &[&str]) -> Report {
    let (memory, _) = Memory::new();
    processor(options())
        .with_config(config)
        .stream_process_all(
            inputs.iter().map(|text| Input::bytes(*text)),
            "t",
            OutputSpec::new("json", memory),
        )
        .expect("valid")
}

fn names(report: &Report) -> Vec<(String, String)> {
    let columns = report.tables[0].columns.iter();
    columns
        .map(|column| (column.name.clone(), column.data_type.clone()))
        .collect()
}

#[test]
fn a_header_alone_has_columns_in_all_formats() {
    for text in [
        "id,name\n",
        "id,name",
        "\n\nid,name\r\n\r\n",
        "\u{feff}id,name",
    ] {
        let outcome = flatten_csv(plain(), options(), text);
        let expected = [("id", "text".to_owned()), ("name", "text".to_owned())];
        assert_eq!(columns(&outcome.report), expected, "{text:?}");
        assert_eq!(outcome.report.records_read, 0);
        assert_eq!(outcome.csv["t"], "id,name\n");
        assert_eq!(outcome.json["t"], "");
        let names: Vec<_> = outcome.parquet["t"]
            .iter()
            .map(|(name, kind, values)| (name.as_str(), kind.as_str(), values.len()))
            .collect();
        assert_eq!(names, [("id", "text", 0), ("name", "text", 0)]);
    }
}

#[test]
fn the_header_is_taken_wherever_its_input_comes() {
    let (header, rows) = ("a,b,c\n", "b,d\n1,2\n");
    let int = "int64".to_owned();
    let text = "text".to_owned();
    let found = |inputs: &[&str]| names(&run_all(plain(), inputs));
    let pairs =
        |pairs: [(&str, &String); 4]| pairs.map(|(name, kind)| (name.to_owned(), kind.clone()));
    assert_eq!(
        found(&[header, rows]),
        pairs([("a", &text), ("b", &int), ("c", &text), ("d", &int)])
    );
    let behind = pairs([("b", &int), ("d", &int), ("a", &text), ("c", &text)]);
    assert_eq!(found(&[rows, header]), behind);
    assert_eq!(found(&[rows, header, rows]), behind);
    assert_eq!(found(&[rows, "", header, header]), behind);
}

#[test]
fn all_formats_take_columns_behind_the_last_row() {
    for format in ["csv", "json", "parquet"] {
        let (memory, files) = Memory::new();
        let inputs = ["a\n1\n2\n", "z,a\n"].map(Input::bytes);
        let report = processor(options())
            .stream_process_all(inputs, "t", OutputSpec::new(format, memory))
            .expect(format);
        assert_eq!(names(&report).len(), 2, "{format}");
        let file = files.take().into_values().next().expect("a file");
        match format {
            "csv" => assert_eq!(file, b"a,z\r\n1,\r\n2,\r\n"),
            "json" => assert_eq!(String::from_utf8_lossy(&file).matches('{').count(), 2),
            _ => assert!(file.starts_with(b"PAR1")),
        }
    }
}

/// Whatever the settings are, the columns are those that a row of nulls has.
#[test]
fn settings_hold_for_columns_without_rows() {
    let pattern = |path: &str| path.parse::<Pattern>().expect("a path");
    let fields = ["id", "b"].map(|name| Field::new(name, DataType::Int64, true));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    let given = |policy| {
        plain()
            .with_schema(Arc::clone(&schema))
            .with_schema_policy(policy)
    };
    let configs = [
        plain(),
        plain().with_exclude(pattern("b")).expect("a path"),
        plain().with_select(pattern("b")).expect("a path"),
        plain().with_json_path(pattern("b")).expect("a path"),
        plain().with_array_path(pattern("b")).expect("a path"),
        plain().with_map_path(pattern("b")).expect("a path"),
        plain().with_rename(pattern("b"), "z").expect("a path"),
        plain().with_type(pattern("b"), "int64").expect("a type"),
        plain().with_max_columns(2).expect("a number"),
        plain().with_nulls(Nulls::Drop),
        plain().with_nulls(Nulls::EmptyText),
        plain().with_kept_empties(true),
        given(SchemaPolicy::Evolve),
        given(SchemaPolicy::Discard),
        Config::v1(),
        Config::v2(),
    ];
    for config in configs {
        let mut of_nulls = names(&run_all(config.clone(), &["a,b,c\n,,\n"]));
        // A row of nulls has notes, no row has none.
        of_nulls.retain(|(name, _)| name != "__empties");
        let of_header = names(&run_all(config.clone(), &["a,b,c\n"]));
        assert_eq!(of_header, of_nulls, "{config:?}");
    }
    // A select that leaves no column is an error, with rows and without.
    let nothing = plain().with_select(pattern("b.c")).expect("a path");
    for text in ["a,b,c\n", "a,b,c\n1,2,3\n"] {
        let processor = processor(options()).with_config(nothing.clone());
        let error = read_with(&processor, text.as_bytes()).expect_err("no column");
        assert!(
            error
                .to_string()
                .starts_with("what is selected leaves no column")
        );
    }
    // Without a record, nothing is in the way of the schema's columns.
    let frozen = names(&run_all(given(SchemaPolicy::Freeze), &["a,b,c\n"]));
    let int = "int64".to_owned();
    assert_eq!(
        frozen,
        [("id".to_owned(), int.clone()), ("b".to_owned(), int)]
    );
}

#[test]
fn a_row_that_was_read_as_the_header_is_told() {
    let (report, _) = read_with(&processor(options()), b"a,1\n").expect("valid");
    assert!(report.csv[0].only_header);
    let said = report.to_string();
    assert!(
        said.contains("<memory>: its only row was read as the header"),
        "{said}"
    );
    assert!(said.contains("--csv-no-header"), "{said}");
    let without = options().with_header(false);
    for (options, text) in [(options(), "a\n1\n"), (without, "1\n"), (options(), "")] {
        let (report, _) = read_with(&processor(options), text.as_bytes()).expect("valid");
        assert!(
            report.csv.iter().all(|input| !input.only_header),
            "{text:?}"
        );
        assert!(!report.to_string().contains("--csv-no-header"));
    }
}

/// If all rows are left out, the header is what remains.
#[test]
fn columns_stay_where_every_row_is_rejected() {
    let skipping = processor(options()).with_recovery(transmog::DEFAULT);
    let (report, _) = read_with(&skipping, b"a,b\n1,2,3\n4,5,6\n").expect("valid");
    assert_eq!((report.records_rejected, names(&report).len()), (2, 2));
    assert!(!report.csv[0].only_header);
}

#[test]
fn results_in_memory_and_inspect_have_the_columns() {
    let csv = Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::Csv)
        .with_csv_options(CsvReadOptions::default());
    let result = csv.process("id,name\n", "t").expect("valid");
    let table = result.main_table();
    assert_eq!((table.num_rows(), table.schema().fields().len()), (0, 2));
    let files = result.to_bytes("csv").expect("a file");
    assert_eq!(files["t"], b"id,name\r\n");
    let report = csv
        .inspect_all([Input::bytes("id,name\n")], "t")
        .expect("valid");
    assert_eq!(names(&report).len(), 2);
    assert_eq!(report.layout.tables[0].columns.len(), 2);
}
