//! Checks that a file does not show how its rows were cut: it equals the file of one batch that has
//! the final schema from the start.

use arrow_schema::DataType;
use proptest::prelude::*;
use transmog_io::{Destination, Directory, Memory, StreamingWriter};
use transmog_writer_json::{JsonOptions, JsonStreamingWriter, JsonStyle};

use crate::{
    random::tables,
    run::{begin, both_ways},
    table::{Table, batch},
    value::{Value, data_type},
};

fn open(options: &JsonOptions) -> impl Fn(Box<dyn Destination>) -> Box<dyn StreamingWriter> {
    move |destination| Box::new(JsonStreamingWriter::new(options.clone(), destination))
}

fn some_options() -> impl Strategy<Value = JsonOptions> {
    let indent = prop::sample::select(vec![None, Some(0), Some(1), Some(2), Some(9)]);
    let style = prop::sample::select(vec![JsonStyle::Array, JsonStyle::Lines]);
    (style, indent)
        .prop_map(|(style, indent)| JsonOptions::default().with_style(style).with_indent(indent))
}

fn parse(file: &[u8], options: &JsonOptions) -> Vec<serde_json::Value> {
    match options.style {
        JsonStyle::Lines => file
            .split_inclusive(|byte| *byte == b'\n')
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect(),
        _ => serde_json::from_slice(file).unwrap(),
    }
}

/// True if a reader's value is what the cell of a column of type `to` must be.
fn same(found: Option<&serde_json::Value>, cell: &Value, to: &DataType) -> bool {
    let Some(found) = found else {
        return *cell == Value::Null;
    };
    match (cell, to) {
        (Value::List(items), DataType::List(item)) => {
            let found = found.as_array().unwrap();
            let one = |(found, cell)| same(Some(found), cell, item.data_type());
            found.len() == items.len() && found.iter().zip(items).all(one)
        }
        (Value::Null, _) => found.is_null(),
        (Value::Text(text), _) => found.as_str() == Some(text),
        (cell, DataType::Utf8) => found.as_str() == cell.text().as_deref(),
        (Value::Bool(flag), _) => found.as_bool() == Some(*flag),
        (Value::Int(n), _) => found.as_i64() == Some(*n),
        (Value::Float(x), _) if x.is_finite() => found.is_f64() && found.as_f64() == Some(*x),
        (Value::Float(_), _) => found.is_null(),
        (Value::Big(n), _) => found.as_f64() == Some(*n as f64),
        (Value::List(_), _) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cuts_do_not_show((table, cuts, written) in tables(), options in some_options()) {
        let (cut, whole) = both_ways(&table, &cuts, written, open(&options));
        prop_assert_eq!(String::from_utf8(cut).unwrap(), String::from_utf8(whole).unwrap());
    }

    #[test]
    fn another_reader_finds_every_cell((table, cuts, written) in tables(), options in some_options()) {
        let (file, _) = both_ways(&table, &cuts, written, open(&options));
        let rows = parse(&file, &options);
        prop_assert_eq!(rows.len(), written);
        for (name, cells) in table.known(table.rows) {
            let to = data_type(&cells.iter().flatten().collect::<Vec<_>>());
            for (row, cell) in rows.iter().zip(cells) {
                let cell = cell.as_ref().unwrap_or(&Value::Null);
                prop_assert!(same(row.get(name), cell, &to), "{:?} for {:?}", row.get(name), cell);
            }
        }
        if table.metadata {
            for (number, row) in rows.iter().enumerate() {
                prop_assert_eq!(row["__id"].as_u64(), Some(number as u64));
            }
        }
    }
}

#[test]
fn values_become_text_with_their_column() {
    let list = |items: &[Value]| Value::List(items.to_vec());
    let text = |text: &str| Value::Text(text.into());
    let column =
        |name: &str, cells: Vec<Value>| (name.to_owned(), cells.into_iter().map(Some).collect());
    let table = Table {
        rows: 2,
        columns: vec![
            column("bool", vec![Value::Bool(true), text("x")]),
            column("int", vec![Value::Int(5), text("\"")]),
            column("stays", vec![Value::Int(3), Value::Float(2.5)]),
            column(
                "list",
                vec![list(&[Value::Int(1), Value::Float(2.5)]), text("y")],
            ),
            column(
                "items",
                vec![list(&[Value::Int(1), Value::Null]), list(&[text("a")])],
            ),
            column("nan", vec![Value::Float(f64::NAN), Value::Float(1.0)]),
        ],
        metadata: false,
    };
    let options = JsonOptions::default().with_style(JsonStyle::Lines);
    let (cut, whole) = both_ways(&table, &[1], 2, open(&options));
    assert_eq!(
        String::from_utf8(cut.clone()).unwrap(),
        "{\"bool\":\"true\",\"int\":\"5\",\"stays\":3,\"list\":\"[1,2.5]\",\"items\":\"[1,null]\",\"nan\":null}\n\
         {\"bool\":\"x\",\"int\":\"\\\"\",\"stays\":2.5,\"list\":\"y\",\"items\":\"[\\\"a\\\"]\",\"nan\":1.0}\n"
    );
    assert_eq!(cut, whole);
}

#[test]
fn long_rows_across_blocks() {
    let rows = 4000;
    let text = |row: usize| "\\x\"}{,".repeat(row % 13 + if row % 1000 == 7 { 60_000 } else { 0 });
    let mut flags: Vec<_> = (0..rows)
        .map(|row| Some(Value::Bool(row % 2 == 0)))
        .collect();
    flags[rows - 1] = Some(Value::Text("x".into()));
    let late = |row: usize| (row >= 3000).then_some(Value::Int(row as i64));
    let table = Table {
        rows,
        columns: vec![
            (
                "text".into(),
                (0..rows).map(|row| Some(Value::Text(text(row)))).collect(),
            ),
            ("flag".into(), flags),
            ("late".into(), (0..rows).map(late).collect()),
        ],
        metadata: true,
    };
    let lines = JsonOptions::default().with_style(JsonStyle::Lines);
    let arrays = [None, Some(2)].map(|indent| JsonOptions::default().with_indent(indent));
    for options in [lines].iter().chain(&arrays) {
        let (cut, whole) = both_ways(&table, &[10, 1500, 3500], rows, open(options));
        assert!(cut == whole, "{options:?}");
    }
    let cuts = [10, 1500, 3500];
    let (cut, whole) = both_ways(&table, &cuts, rows, open(&JsonOptions::default()));
    assert!(
        cut == whole,
        "files of {} and {} bytes",
        cut.len(),
        whole.len()
    );

    // The same through files on disk, in full blocks.
    let folder = tempfile::tempdir().unwrap();
    let mut writer = open(&JsonOptions::default())(Box::new(Directory::new(folder.path())));
    begin(&mut *writer, "t", &table.schema(0));
    for (start, end) in [(0, 10), (10, 1500), (1500, 3500), (3500, rows)] {
        writer
            .write_batch("t", &table.batch(start..end, end))
            .unwrap();
    }
    writer.finish().unwrap();
    assert!(std::fs::read(folder.path().join("t.json")).unwrap() == whole);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn schemas_that_shrink_are_refused() {
    let (memory, _) = Memory::new();
    let mut writer = open(&JsonOptions::default())(Box::new(memory));
    let two = batch(&[("a", &[Value::Int(1)]), ("b", &[Value::Int(1)])]);
    begin(&mut *writer, "t", two.rows.schema_ref());
    let one = batch(&[("a", &[Value::Int(1)])]);
    let error = writer.write_batch("t", &one).unwrap_err();
    assert_eq!(
        error.to_string(),
        "json: table \"t\": cannot change the schema"
    );
}
