//! Cases of the first version: folders, files and writers of the caller's that output goes to.

use std::{
    collections::BTreeMap,
    fs, io,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use transmog::{
    Config, CsvReadOptions, OutputFormat, OutputSpec, Processor, Single, Words, WriterOptions,
    formats::parquet::ParquetOptions,
};

use crate::support::{FORMATS, check, entries, file, plain, read, read_file};

#[test]
fn d70_parquet_directory_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in FORMATS {
        let out = folder.path().join("made").join(format);
        let output: OutputFormat = match format {
            "parquet" => (format, WriterOptions::new().with("compression", "snappy")).into(),
            _ => format.into(),
        };
        let output = OutputSpec::directory(output, &out);
        let record = json!({"id": 1});
        plain(Config::v1())
            .stream_process(record, "records", output)
            .expect("valid");
        assert_eq!(entries(&out), [format!("records.{format}")]);
        let rows = read_file(&out.join(format!("records.{format}"))).rows;
        assert_eq!(rows, [json!({"id": "1"})]);
    }
}

#[test]
fn d71_csv_directory_taken_for_file() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in FORMATS {
        let out = folder.path().join(format);
        let output = OutputSpec::directory(format, &out);
        let text = r#"[{"id":1,"items":[{"a":1}]}]"#;
        plain(Config::v1())
            .stream_process(text, "records", output)
            .expect("valid");
        let names = ["records", "records_items"].map(|name| format!("{name}.{format}"));
        assert_eq!(entries(&out), names);
        assert_eq!(read_file(&out.join(&names[0])).rows, [json!({"id": "1"})]);
        assert_eq!(read_file(&out.join(&names[1])).rows, [json!({"a": "1"})]);
    }
    assert_eq!(entries(folder.path()), FORMATS);
}

/// The table that a CSV file becomes.
fn from_csv(
    options: CsvReadOptions,
    extension: &str,
    format: impl Into<OutputFormat>,
) -> Vec<Value> {
    let (folder, path) = file("a.csv", "id,n\n1,x\nNULL,y\n");
    let out = folder.path().join("out");
    let output = OutputSpec::directory(format, &out);
    let config = Config::default().with_words(Words::Python);
    let report = plain(config).stream_process_csv(&path, "records", options, output);
    assert_eq!(report.expect("valid").records_read, 2);
    read_file(&out.join(format!("records.{extension}"))).rows
}

#[test]
fn d72_stream_process_csv_documented_call() {
    let reader = CsvReadOptions::default()
        .with_header(true)
        .with_null_values(["", "NULL", "null"])
        .with_sanitized_column_names(true)
        .with_type_inference(true)
        .with_skip_rows(0)
        .with_delimiter(',')
        .and_then(|options| options.with_quote_char('"'))
        .and_then(|options| options.with_encoding("utf-8"))
        .expect("allowed");
    let expected = [json!({"id": 1, "n": "x"}), json!({"n": "y"})];
    let options = || WriterOptions::new().with("compression", "snappy");
    assert_eq!(
        from_csv(reader.clone(), "parquet", ("parquet", options())),
        expected
    );
    // The delimiter of the output is another one.
    let semicolons = ("csv", WriterOptions::new().with("delimiter", ";"));
    let rows = from_csv(reader, "csv", semicolons);
    assert_eq!(rows, [json!({"id;n": "1;x"}), json!({"id;n": ";y"})]);
}

#[test]
fn d72b_stream_process_csv_to_parquet_plain() {
    let expected = [json!({"id": 1, "n": "x"}), json!({"n": "y"})];
    assert_eq!(
        from_csv(CsvReadOptions::default(), "parquet", "parquet"),
        expected
    );
    let typed = ParquetOptions::default();
    assert_eq!(
        from_csv(CsvReadOptions::default(), "parquet", typed),
        expected
    );
}

#[test]
fn d72c_stream_process_csv_to_csv() {
    let expected = [json!({"id": "1", "n": "x"}), json!({"id": "", "n": "y"})];
    assert_eq!(from_csv(CsvReadOptions::default(), "csv", "csv"), expected);
}

const NESTED: &str = r#"{"id":1,"k":[{"a":1}]}"#;

fn small() -> Processor {
    plain(Config::v1())
}

/// A writer whose bytes are seen from outside.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn d73_buffer_child_tables() {
    for format in FORMATS {
        let (output, kept) = OutputSpec::writer(format, Vec::new());
        let error = small()
            .stream_process(NESTED, "e", output)
            .expect_err("a child table");
        assert!(
            error
                .to_string()
                .starts_with("table \"e_k\" is a child table"),
            "{error}"
        );
        assert_eq!(
            kept.take(),
            Some(Vec::new()),
            "nothing was written in {format}"
        );

        let (single, kept) = Single::new(Vec::new());
        let output = OutputSpec::new(format, single.dropping_child_tables());
        small().stream_process(NESTED, "e", output).expect("valid");
        let main = read(format, kept.take().expect("it comes back"));
        assert_eq!(main.rows, [json!({"id": "1"})]);

        let opened = Arc::new(Mutex::new(BTreeMap::<String, Shared>::new()));
        let tables = Arc::clone(&opened);
        let (single, kept) = Single::new(Vec::new());
        let single = single.with_child_tables(move |table| {
            let writer = Shared::default();
            tables
                .lock()
                .expect("not poisoned")
                .insert(table.to_owned(), writer.clone());
            Ok(Box::new(writer))
        });
        small()
            .stream_process(NESTED, "e", OutputSpec::new(format, single))
            .expect("valid");
        let main = read(format, kept.take().expect("it comes back"));
        assert_eq!(main.rows, [json!({"id": "1"})]);
        let opened = opened.lock().expect("not poisoned");
        assert_eq!(opened.keys().collect::<Vec<_>>(), ["e_k"]);
        let child = opened["e_k"].0.lock().expect("not poisoned").clone();
        assert_eq!(read(format, child).rows, [json!({"a": "1"})]);
    }
}

#[test]
fn d74_buffer_closed() {
    for format in FORMATS {
        let (output, kept) = OutputSpec::writer(format, Vec::new());
        small()
            .stream_process(r#"{"id":1}"#, "e", output)
            .expect("valid");
        let bytes = kept.take().expect("it comes back");
        assert_eq!(read(format, bytes).rows, [json!({"id": "1"})], "{format}");

        let (folder, path) = file("a", "");
        let output = OutputSpec::writer(format, fs::File::create(&path).expect("a file"));
        small()
            .stream_process(r#"{"id":1}"#, "e", output.0)
            .expect("valid");
        let mut open = output.1.take().expect("it comes back open");
        io::Write::write_all(&mut open, b"more").expect("still open");
        assert!(fs::read(&path).expect("a file").ends_with(b"more"));
        drop(folder);
    }
    check(&small(), r#"{"id":1}"#, &json!({"e": [{"id": "1"}]}));
}
