//! Every way in gives the same rows.

use std::{fs, io};

use serde::Serialize;
use transmog::{Config, Ids, Input, InputFormat, Memory, OutputSpec, Processor, WriterOptions};

use crate::support::{files, plain};

fn csv<'a>(processor: &Processor, input: impl Into<Input<'a>>) -> String {
    let (_, mut files) = files(processor, "csv", WriterOptions::new(), input).expect("valid");
    let file = files.remove("t.csv").expect("the main table");
    String::from_utf8(file)
        .expect("UTF-8")
        .replace("\r\n", "\n")
}

#[track_caller]
fn check<'a>(processor: &Processor, input: impl Into<Input<'a>>) {
    assert_eq!(csv(processor, input), "id,name\n1,a\n2,b\n");
}

#[test]
fn json_lines_in_all_their_forms() {
    let processor = Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::JsonLines);
    let texts = [
        "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n",
        "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}",
        "{\"id\":1,\"name\":\"a\"}\r\n{\"id\":2,\"name\":\"b\"}\r\n",
        "\n\n{\"id\":1,\"name\":\"a\"}\n   \n\t\n{\"id\":2,\"name\":\"b\"}\n\n",
        "\u{feff}{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}",
        "{\"id\":1,\"name\":\"a\"} {\"id\":2,\"name\":\"b\"}",
    ];
    for text in texts {
        check(&processor, text);
        check(&processor.clone().with_chunk_size(1).expect("one"), text);
        check(&Processor::new().with_config(plain()), text);
    }
}

#[test]
fn json_in_all_its_forms() {
    let processor = Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::Json);
    let texts = [
        r#"[{"id":1,"name":"a"},{"id":2,"name":"b"}]"#,
        "\u{feff} [\n {\"id\":1,\n\"name\":\"a\"}\n,\n{\"id\":2,\"name\":\"b\"} ] \n",
        r#"{"id":1,"name":"a"}{"id":2,"name":"b"}"#,
        "{\"id\":1,\n\"name\":\"a\"}\n\n{\"id\":2,\"name\":\"b\"}",
        r#"[{"id":1,"name":"a"}] [] [{"id":2,"name":"b"}]"#,
        r#"[{"id":1,"name":"a"}] {"id":2,"name":"b"}"#,
    ];
    for text in texts {
        check(&processor, text);
        check(&processor.clone().with_chunk_size(1).expect("one"), text);
        check(&Processor::new().with_config(plain()), text);
    }
}

#[test]
fn records_are_found_inside_a_document() {
    let text = r#"{"meta":{"items":[{"id":9}],"text":"}]\\\"{["},"a/b":{"~":[0,{"items":[{"id":1,"name":"a"},{"id":2,"name":"b"}],"more":[1,{"x":"]"}]}]},"end":null}"#;
    let processor = |pointer: &str| {
        let processor = Processor::new().with_config(plain());
        processor.with_records_path(pointer).expect("a pointer")
    };
    check(&processor("/a~1b/~0/1/items"), text);
    check(
        &processor("/a~1b/~0/1/items")
            .with_chunk_size(1)
            .expect("one"),
        text,
    );
    assert_eq!(
        csv(&processor("/a~1b/~0/1/items/1"), text),
        "id,name\n2,b\n"
    );
    assert_eq!(csv(&processor("/meta/items"), text), "id\n9\n");
    check(
        &processor(""),
        r#"[{"id":1,"name":"a"},{"id":2,"name":"b"}]"#,
    );
    let lines = "{\"d\":[{\"id\":1,\"name\":\"a\"}]}\n{\"d\":[{\"id\":2,\"name\":\"b\"}]}\n";
    check(&processor("/d"), lines);
    check(
        &processor("/d").with_input_format(InputFormat::JsonLines),
        lines,
    );
}

#[test]
fn a_large_document_is_read_item_by_item() {
    let item = format!("{{\"id\":1,\"text\":\"{}\"}}", "x\\\"]}".repeat(2000));
    let items = vec![item; 1000].join(",\n");
    let text =
        format!("{{\"before\":[[1],[2]],\"data\":{{\"items\":[{items}]}},\"after\":{{\"id\":2}}}}");
    let processor = Processor::new()
        .with_config(plain())
        .with_records_path("/data/items")
        .expect("a pointer");
    let (report, _) =
        files(&processor, "json", WriterOptions::new(), text.as_str()).expect("valid");
    assert_eq!(report.records_read, 1000);
    assert_eq!(report.bytes_read, text.len() as u64);
}

#[derive(Serialize)]
struct Named {
    id: u32,
    name: Option<&'static str>,
}

#[test]
fn values_of_any_kind() {
    let processor = Processor::new().with_config(plain());
    let named = || {
        [(1, "a"), (2, "b")].into_iter().map(|(id, name)| Named {
            id,
            name: Some(name),
        })
    };
    check(&processor, Input::records(named()));
    check(&processor, Input::records(named().collect::<Vec<_>>()));
    check(
        &processor.clone().with_chunk_size(1).expect("one"),
        Input::records(named()),
    );
    check(
        &processor,
        serde_json::json!([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]),
    );
    check(
        &processor,
        br#"[{"id":1,"name":"a"},{"id":2,"name":"b"}]"#.to_vec(),
    );
    check(
        &processor,
        Input::reader(
            "slow",
            io::BufReader::with_capacity(
                1,
                &b"{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}"[..],
            ),
        ),
    );
    assert_eq!(csv(&processor, serde_json::json!({"id": 1})), "id\n1\n");
}

#[test]
fn files_by_their_extension_and_content() {
    let folder = tempfile::tempdir().expect("a folder");
    let processor = Processor::new().with_config(plain());
    let lines = "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}";
    let array = r#"[{"id":1,"name":"a"},{"id":2,"name":"b"}]"#;
    let names = [
        ("a.jsonl", lines),
        ("a.NDJSON", lines),
        ("a.json", array),
        ("b.json", lines),
        ("a.txt", lines),
        ("b.txt", array),
        ("a", array),
    ];
    for (name, text) in names {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        let out = folder.path().join("out");
        processor
            .stream_process_file(&path, "t", OutputSpec::directory("csv", &out))
            .expect(name);
        assert_eq!(
            fs::read_to_string(out.join("t.csv")).expect("the table"),
            "id,name\r\n1,a\r\n2,b\r\n",
            "{name}"
        );
    }
}

#[test]
fn several_inputs_are_one_run() {
    let config = Config::default().with_ids(Ids::Row);
    let processor = Processor::new()
        .with_config(config)
        .with_timestamp("2026-01-01T00:00:00Z")
        .expect("a time");
    let (memory, files) = Memory::new();
    let inputs = [
        Input::from("{\"id\":1}\n{\"id\":2}\n"),
        Input::from("[{\"id\":\"x\"}]"),
    ];
    let report = processor
        .stream_process_all(inputs, "t", OutputSpec::new("csv", memory))
        .expect("valid");
    assert_eq!((report.records_read, report.bytes_read), (3, 30));
    let files = files.take();
    assert_eq!(
        String::from_utf8_lossy(&files["t.csv"]),
        "id,__transmog_id,__transmog_datetime\r\n1,0,2026-01-01T00:00:00Z\r\n2,1,2026-01-01T00:00:00Z\r\nx,2,2026-01-01T00:00:00Z\r\n"
    );
}

#[test]
fn no_records_are_an_empty_main_table() {
    for text in ["", " \n\n ", "[]", "[] []", "\u{feff}"] {
        for format in ["csv", "json", "parquet"] {
            let processor = Processor::new();
            let (report, files) =
                files(&processor, format, WriterOptions::new(), text).expect("valid");
            assert_eq!(
                (report.records_read, report.tables.len(), files.len()),
                (0, 1, 1),
                "{text:?}"
            );
            assert_eq!(report.tables[0].rows, 0);
        }
    }
    assert_eq!(
        csv(&Processor::new(), "").trim_end(),
        "__transmog_id,__transmog_datetime"
    );
}

#[test]
fn all_inputs_are_looked_at_before_the_first_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, out) = (folder.path().join("a.jsonl"), folder.path().join("out"));
    std::fs::write(&first, "{\"a\":").expect("written");
    let missing = folder.path().join("missing.jsonl");
    let address = std::path::PathBuf::from("https://example.org/x.json");
    let pattern = folder.path().join("*.json");
    for (last, expected) in [
        (&missing, "missing.jsonl"),
        (&folder.path().to_path_buf(), "it is a folder"),
        (&address, "https:// is not supported"),
        (&pattern, "patterns are for the shell"),
    ] {
        // Read first, the first file would be an error.
        let inputs = [Input::file(&first), Input::file(last)];
        let output = OutputSpec::directory("csv", &out);
        let error = Processor::new().stream_process_all(inputs, "t", output);
        let error = error.expect_err("the last input is wrong");
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let text = format!("{error} {}", source.unwrap_or_default());
        assert!(text.contains(expected), "{text}");
        assert!(!out.exists());
    }
}

#[test]
fn csv_and_json_need_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let (csv, json) = (folder.path().join("a.csv"), folder.path().join("a.json"));
    std::fs::write(&csv, "a\n1\n").expect("written");
    std::fs::write(&json, "{\"a\":2}").expect("written");
    let inputs = || [Input::file(&csv), Input::file(&json)];
    let error = Processor::new().process_all(inputs(), "t");
    let error = error
        .expect_err("it is no mistake that is passed over")
        .to_string();
    assert!(
        error.contains("mixed_inputs") && error.contains("a.csv is CSV"),
        "{error}"
    );
    let mixed = Processor::new().with_mixed_inputs(true);
    let result = mixed.process_all(inputs(), "t").expect("it runs");
    assert_eq!(result.main_table().num_rows(), 2);
}

#[test]
fn addresses_are_no_folders() {
    let output = OutputSpec::directory("csv", "s3://bucket/x");
    let error = Processor::new()
        .stream_process("{}", "t", output)
        .expect_err("no folder");
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert!(source.is_some_and(|source| source.contains("s3:// is not supported")));
    assert!(!std::path::Path::new("s3:").exists());
}
