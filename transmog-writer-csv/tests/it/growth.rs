//! Checks that a file does not show how its rows were cut: it equals the file of one batch that has
//! the final schema from the start.

use proptest::prelude::*;
use transmog_core::Words;
use transmog_io::StreamingWriter;
use transmog_writer_csv::{CsvOptions, CsvStreamingWriter};

use crate::{
    random::tables,
    run::both_ways,
    table::{Table, batch},
    value::{Value, data_type},
};

fn open(
    options: &CsvOptions,
) -> impl Fn(Box<dyn transmog_io::Destination>) -> Box<dyn StreamingWriter> {
    move |destination| Box::new(CsvStreamingWriter::new(options.clone(), destination).unwrap())
}

fn some_options() -> impl Strategy<Value = CsvOptions> {
    (
        any::<bool>(),
        prop::sample::select(vec![b',', b';', b'\t', b'|', b' ', b'1', b'T', b'.']),
        prop::sample::select(vec![b'"', b'"', b'\'', b'e']),
        any::<bool>(),
        prop::sample::select(vec![Words::Plain, Words::Python]),
    )
        .prop_map(|(header, delimiter, quotechar, guard, booleans)| {
            CsvOptions::default()
                .with_include_header(header)
                .with_delimiter(delimiter)
                .with_quotechar(quotechar)
                .with_formula_guard(guard)
                .with_booleans(booleans)
        })
}

fn guarded(text: String, guard: bool) -> String {
    let bare = text
        .trim_start_matches('\'')
        .trim_start_matches([' ', '\n']);
    if guard && bare.starts_with(['=', '+', '-', '@', '|', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    }
}

/// What a reader must find: cells by row, in the final order of columns.
fn expected(table: &Table, written: usize, options: &CsvOptions) -> Vec<Vec<Option<String>>> {
    let guard = options.formula_guard;
    let word = |value: bool| match options.booleans {
        Some(Words::Python) if value => "True".to_owned(),
        Some(Words::Python) => "False".to_owned(),
        _ => value.to_string(),
    };
    let columns = table.known(table.rows);
    let types: Vec<arrow_schema::DataType> = columns
        .iter()
        .map(|(_, cells)| {
            let cells: Vec<&Value> = cells.iter().flatten().collect();
            data_type(&cells)
        })
        .collect();
    (0..written)
        .map(|row| {
            let cells = columns.iter().zip(&types).map(|((_, cells), data_type)| {
                let boolean = *data_type == arrow_schema::DataType::Boolean;
                let guard = guard && *data_type == arrow_schema::DataType::Utf8;
                match &cells[row] {
                    Some(Value::Bool(value)) if boolean => Some(word(*value)),
                    // Lists are compared only by bytes.
                    Some(Value::List(_)) => None,
                    Some(value) => Some(guarded(value.text().unwrap_or_default(), guard)),
                    None => Some(String::new()),
                }
            });
            cells.collect()
        })
        .collect()
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
        let columns = table.known(table.rows);
        prop_assume!(!columns.is_empty() || table.metadata); // Readers take rows without cells for blank lines.
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(options.delimiter)
            .quote(options.quotechar)
            .terminator(csv::Terminator::CRLF)
            .from_reader(&file[..]);
        let mut records = reader.records().map(Result::unwrap);
        if options.include_header {
            let guard = options.formula_guard;
            let mut names: Vec<String> = columns.iter().map(|(name, _)| guarded(name.clone(), guard)).collect();
            if table.metadata {
                names.extend(["__id", "__time"].map(str::to_owned));
            }
            prop_assert_eq!(records.next().unwrap(), names);
        }
        let expected = expected(&table, written, &options);
        let mut count = 0;
        for (row, (record, cells)) in records.zip(&expected).enumerate() {
            count += 1;
            for (found, cell) in record.iter().zip(cells) {
                if let Some(cell) = cell {
                    prop_assert_eq!(found, cell);
                }
            }
            if table.metadata {
                prop_assert_eq!(&record[columns.len()], row.to_string());
            }
        }
        prop_assert_eq!(count, expected.len());
    }
}

#[test]
fn late_columns_come_before_the_metadata() {
    let value = |n: i64| Some(Value::Int(n));
    let table = Table {
        rows: 3,
        columns: vec![
            ("a".into(), vec![value(1), value(2), value(3)]),
            ("b".into(), vec![None, None, value(9)]),
        ],
        metadata: true,
    };
    let (cut, whole) = both_ways(&table, &[1, 2], 3, open(&CsvOptions::default()));
    assert_eq!(
        String::from_utf8(cut.clone()).unwrap(),
        "a,b,__id,__time\r\n\
         1,,0,2023-11-14T22:13:20Z\r\n\
         2,,1,2023-11-14T22:13:20Z\r\n\
         3,9,2,2023-11-14T22:13:20Z\r\n"
    );
    assert_eq!(cut, whole);
}

#[test]
fn formulas_are_guarded_however_their_column_became_text() {
    let text = |text: &str| Some(Value::Text(text.into()));
    let table = Table {
        rows: 4,
        columns: vec![
            (
                "n".into(),
                [-1, 2, -3, 4].map(Value::Int).map(Some).to_vec(),
            ),
            (
                "=t".into(),
                vec![
                    Some(Value::Int(-1)),
                    Some(Value::Float(-0.5)),
                    text("x"),
                    text("-y"),
                ],
            ),
            (
                "l".into(),
                vec![text("=1,2"), text("'=1"), text("'x"), text(" @")],
            ),
        ],
        metadata: false,
    };
    let options = CsvOptions::default().with_formula_guard(true);
    let (cut, whole) = both_ways(&table, &[1, 2, 3], 4, open(&options));
    assert_eq!(
        String::from_utf8(cut.clone()).unwrap(),
        "n,'=t,l\r\n-1,'-1,\"'=1,2\"\r\n2,'-0.5,''=1\r\n-3,x,'x\r\n4,'-y,' @\r\n"
    );
    assert_eq!(cut, whole);
}

#[test]
fn long_cells_and_rows_across_blocks() {
    let mut columns: Vec<(String, Vec<Option<Value>>)> = Vec::new();
    let rows = 4000;
    let text = |row: usize| "x,\"\r\n".repeat(row % 13 + if row % 1000 == 7 { 60_000 } else { 0 });
    columns.push((
        "text".into(),
        (0..rows).map(|row| Some(Value::Text(text(row)))).collect(),
    ));
    let mut flags: Vec<_> = (0..rows)
        .map(|row| Some(Value::Bool(row % 2 == 0)))
        .collect();
    flags[rows - 1] = Some(Value::Text("x".into()));
    columns.push(("flag".into(), flags));
    let late = |row: usize| (row >= 3000).then_some(Value::Int(row as i64));
    columns.push(("late".into(), (0..rows).map(late).collect()));
    let table = Table {
        rows,
        columns,
        metadata: true,
    };
    let (cut, whole) = both_ways(
        &table,
        &[10, 1500, 3500],
        rows,
        open(&CsvOptions::default()),
    );
    assert!(
        cut == whole,
        "files of {} and {} bytes",
        cut.len(),
        whole.len()
    );

    // The same through files on disk, in full blocks.
    let folder = tempfile::tempdir().unwrap();
    let mut writer =
        open(&CsvOptions::default())(Box::new(transmog_io::Directory::new(folder.path())));
    crate::run::begin(&mut *writer, "t", &table.schema(0));
    for (start, end) in [(0, 10), (10, 1500), (1500, 3500), (3500, rows)] {
        writer
            .write_batch("t", &table.batch(start..end, end))
            .unwrap();
    }
    writer.finish().unwrap();
    assert!(std::fs::read(folder.path().join("t.csv")).unwrap() == whole);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn lists_whose_items_are_of_several_kinds_keep_them_apart() {
    let list = |items: &[Value]| Value::List(items.to_vec());
    let cells = [
        list(&[Value::Int(1), Value::Null]),
        list(&[]),
        Value::Null,
        list(&[Value::Text("a\"b,".into()), Value::Int(2)]),
    ];
    let table = Table {
        rows: 4,
        columns: vec![("l".into(), cells.into_iter().map(Some).collect())],
        metadata: false,
    };
    let (cut, whole) = both_ways(&table, &[1, 2, 3], 4, open(&CsvOptions::default()));
    let file = String::from_utf8(cut.clone()).unwrap();
    assert_eq!(
        file,
        "l\r\n\"[1,null]\"\r\n[]\r\n\"\"\r\n\"[\"\"a\\\"\"b,\"\",2]\"\r\n"
    );
    assert_eq!(cut, whole);
}

#[test]
fn schemas_that_shrink_are_refused() {
    let (memory, _) = transmog_io::Memory::new();
    let mut writer = open(&CsvOptions::default())(Box::new(memory));
    let two = batch(&[("a", &[Value::Int(1)]), ("b", &[Value::Int(1)])]);
    crate::run::begin(&mut *writer, "t", two.rows.schema_ref());
    let one = batch(&[("a", &[Value::Int(1)])]);
    let error = writer.write_batch("t", &one).unwrap_err();
    assert_eq!(
        error.to_string(),
        "csv: table \"t\": cannot change the schema"
    );
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "column \"b\" is missing");
}
