//! Cases of the first version: what files are called, when they are complete, and writers that a
//! program feeds itself.

use std::{fs, path::Path};

use serde_json::{Value, json};
use transmog::{
    Config, Directory, Input, InputFormat, Memory, OutputSpec, Processor, TableWriter,
    WriterOptions, create_streaming_writer, formats::parquet::ParquetOptions,
    formats::parquet::ParquetStreamingWriter, get_supported_streaming_formats,
    is_streaming_format_available,
};

use crate::support::{FORMATS, check, entries, fails, file, plain, raw, read_file, run, typed};

#[test]
fn d75_parquet_with_block_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let result = plain(typed())
        .process(r#"[{"a":1},{"a":2}]"#, "entity")
        .expect("valid");
    {
        let options = ParquetOptions::try_from(
            &WriterOptions::new()
                .with("compression", "snappy")
                .with("row_group_size", 10_000),
        );
        let destination = Box::new(Directory::new(&out));
        let writer = ParquetStreamingWriter::new(options.expect("allowed"), destination);
        let mut writer = TableWriter::new(writer);
        writer
            .write_main_records(result.main_table())
            .expect("written");
        writer.finalize().expect("written");
    }
    assert_eq!(entries(&out), ["entity.parquet"]);
    let rows = read_file(&out.join("entity.parquet")).rows;
    assert_eq!(rows, [json!({"a": 1}), json!({"a": 2})]);
}

#[test]
fn d75b_parquet_stream_writes_nothing() {
    let records = (0..2500).map(|v| json!({"v": v}));
    let options = ("parquet", WriterOptions::new().with("row_group_size", 1000));
    let folder = tempfile::tempdir().expect("a folder");
    let output = OutputSpec::directory(options, folder.path());
    plain(typed())
        .stream_process(Input::records(records.clone()), "e", output)
        .expect("valid");
    let rows = read_file(&folder.path().join("e.parquet")).rows;
    assert!(rows.into_iter().eq(records));
}

#[test]
fn d76_file_name_collision() {
    let text = r#"{"id":1,"a":{"b":[{"x":1}]},"a_b":[{"y":2}]}"#;
    let dots = Config::v1().with_separator(".").expect("allowed");
    let expected = json!({"e": [{"id": "1"}], "e.a.b": [{"x": "1"}], "e.a_b": [{"y": "2"}]});
    let seen = check(&plain(dots.clone()), text, &expected);
    let files = |report: &transmog::Report| {
        let mut files: Vec<_> = report
            .tables
            .iter()
            .flat_map(|table| table.files.clone())
            .collect();
        files.sort_by_key(|file| file.to_lowercase());
        files.dedup_by_key(|file| file.to_lowercase());
        files
    };
    assert_eq!(files(&seen.report).len(), 3);
    // Nor do they collide where upper and lower case are one.
    let seen = run(&plain(Config::v1()), "parquet", r#"{"A":["1"],"a":["2"]}"#).expect("valid");
    assert_eq!(files(&seen.report).len(), 3);
    assert_eq!(seen.column("e_A", "value"), ["1"]);
    assert_eq!(seen.column("e_a", "value"), ["2"]);
}

#[test]
fn d77_entity_path() {
    for entity in ["../evil", "/evil", "a/../../evil", "..\\evil", ".."] {
        for format in FORMATS {
            let folder = tempfile::tempdir().expect("a folder");
            let out = folder.path().join("in/out");
            let output = OutputSpec::directory(format, &out);
            let text = r#"{"a":1,"l":[2]}"#;
            plain(Config::v1())
                .stream_process(text, entity, output)
                .expect("valid");
            assert_eq!(entries(folder.path()), ["in"]);
            assert_eq!(entries(&folder.path().join("in")), ["out"]);
            let files = entries(&out);
            assert_eq!(files.len(), 2, "{files:?}");
            let rows = files.iter().map(|name| read_file(&out.join(name)).rows);
            let rows: Vec<Value> = rows.flatten().collect();
            assert!(rows.contains(&json!({"a": "1"})) && rows.contains(&json!({"value": "2"})));
        }
    }
}

/// A source that gives three records and then breaks.
struct Dying(&'static [u8]);

impl std::io::Read for Dying {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Err(std::io::Error::other("source died"));
        }
        let taken = buffer.len().min(8).min(self.0.len());
        buffer[..taken].copy_from_slice(&self.0[..taken]);
        self.0 = &self.0[taken..];
        Ok(taken)
    }
}

/// A run that dies leaves what was there before, whatever the format, strategy and size of chunks.
fn leaves_nothing(format: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let name = format!("e.{format}");
    for earlier in [None, Some("earlier")] {
        if let Some(text) = earlier {
            fs::create_dir_all(&out).expect("a folder");
            fs::write(out.join(&name), text).expect("a file");
        }
        for (size, recovery) in [(1, "strict"), (2, "skip"), (1000, "partial")] {
            let processor = plain(typed())
                .with_recovery(recovery.parse::<transmog::Recovery>().expect("a name"))
                .with_input_format(InputFormat::JsonLines)
                .with_chunk_size(size)
                .expect("allowed");
            let source = Input::reader("source", Dying(b"{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"));
            let output = OutputSpec::directory(format, &out);
            let error = processor
                .stream_process(source, "e", output)
                .expect_err("it dies");
            assert_eq!(error.to_string(), "cannot read source at byte 24");
            if let Some(text) = earlier {
                assert_eq!(entries(&out), [name.as_str()]);
                assert_eq!(fs::read_to_string(out.join(&name)).expect("a file"), text);
            } else {
                assert_eq!(entries(folder.path()), [""; 0]);
            }
        }
    }
}

#[test]
fn d78_failure_leaves_partial_csv() {
    leaves_nothing("csv");
}

#[test]
fn d78b_failure_leaves_partial_json() {
    leaves_nothing("json");
}

#[test]
fn d78c_failure_leaves_complete_looking_json() {
    leaves_nothing("json");
    leaves_nothing("parquet");
    let error = fails(&plain(typed()), || {
        Input::reader("source", Dying(b"[{\"a\":1},"))
    });
    assert_eq!(error, "cannot read source at byte 9");
}

#[test]
fn d79_empty_input() {
    for text in ["", "[]", "\n\n"] {
        let seen = check(&plain(Config::v1()), text, &json!({"e": []}));
        assert_eq!(seen.report.records_read, 0);
    }
    let (_folder, path) = file("a.jsonl", "");
    let processor = Processor::new();
    for format in FORMATS {
        let seen = run(&processor, format, Input::file(&path)).expect("valid");
        assert!(seen.tables["e"].rows.is_empty());
        if format != "json" {
            assert_eq!(seen.names("e"), ["__transmog_id", "__transmog_datetime"]);
        }
    }
    assert_eq!(raw(&processor, "json", "")["e"].replace('\n', ""), "[]");
}

#[test]
fn d80_formula_cells() {
    let text = r#"{"a":"=1+1","b":"@x","c":-5,"d":"'=2","+h":"plain"}"#;
    let processor = plain(Config::default());
    assert_eq!(
        raw(&processor, "csv", text)["e"],
        "a,b,c,d,+h\n=1+1,@x,-5,'=2,plain\n"
    );
    let guarded = ("csv", WriterOptions::new().with("formula_guard", true));
    let expected = "a,b,c,d,'+h\n'=1+1,'@x,-5,''=2,plain\n";
    assert_eq!(raw(&processor, guarded, text)["e"], expected);
}

#[test]
fn d116_parquet_column_order_random() {
    let text = r#"[{"q":1,"w":{"e":1}},{"r":1,"q":2,"t":1},{"y":1}]"#;
    let expected = [
        "q",
        "w_e",
        "r",
        "t",
        "y",
        "__transmog_id",
        "__transmog_datetime",
    ];
    for size in [1, 2, 1000] {
        let processor = Processor::new().with_config(Config::v1());
        let processor = processor.with_chunk_size(size).expect("allowed");
        for format in ["csv", "parquet"] {
            let seen = run(&processor, format, text).expect("valid");
            assert_eq!(seen.names("e"), expected, "{format}");
        }
        let lines = ("json", WriterOptions::new().with("lines", true));
        let rows = raw(&processor, lines, text)["e"].clone();
        let second = rows.lines().nth(1).expect("a second row");
        assert!(
            second.starts_with(r#"{"q":"2","r":"1","t":"1","__transmog_id":"#),
            "{second}"
        );
    }
}

/// The end is said with `finalize`. Without it nothing is left, for the program may have failed.
#[test]
fn d117_json_with_block_not_closed() {
    let result = plain(typed()).process(r#"{"a":1}"#, "e").expect("valid");
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    for format in FORMATS {
        for finished in [false, true] {
            let destination = Directory::new(&out);
            let options = WriterOptions::new();
            let writer = create_streaming_writer(format, destination, &options);
            let mut writer = TableWriter::new(writer.expect("a format"));
            writer
                .write_main_records(result.main_table())
                .expect("written");
            if finished {
                writer.finalize().expect("written");
                let name = format!("e.{format}");
                assert_eq!(read_file(&out.join(&name)).column("a").len(), 1);
                fs::remove_dir_all(&out).expect("it was there");
            } else {
                drop(writer);
                assert_eq!(entries(folder.path()), [""; 0], "{format}");
            }
        }
    }
    let text = raw(&plain(typed()), "json", r#"{"a":1}"#)["e"].clone();
    assert_eq!(
        serde_json::from_str::<Value>(&text).expect("JSON"),
        json!([{"a": 1}])
    );
}

#[test]
fn d118_path_objects() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out");
    let text = path.to_str().expect("text");
    for format in FORMATS {
        let destinations = [
            Directory::new(text),
            Directory::new(text.to_owned()),
            Directory::new(Path::new(text)),
            Directory::new(path.clone()),
            Directory::new(path.as_os_str()),
        ];
        for destination in destinations {
            let output = OutputSpec::new(format, destination);
            plain(typed())
                .stream_process(r#"{"a":1}"#, "r", output)
                .expect("valid");
            assert_eq!(entries(&path), [format!("r.{format}")]);
            fs::remove_dir_all(&path).expect("it was there");
        }
        let output = OutputSpec::directory(format, Path::new(text));
        plain(typed())
            .stream_process(r#"{"a":1}"#, "r", output)
            .expect("valid");
        assert_eq!(entries(&path), [format!("r.{format}")]);
        fs::remove_dir_all(&path).expect("it was there");
    }
}

#[test]
fn d120_supported_formats_claims() {
    assert_eq!(get_supported_streaming_formats(), FORMATS);
    for (name, is_there) in [
        ("parquet", true),
        ("csv", true),
        ("Json", true),
        ("PARQUET", true),
        ("orc", false),
        ("xml", false),
    ] {
        assert_eq!(is_streaming_format_available(name), is_there, "{name}");
        let (memory, _files) = Memory::new();
        let opened = create_streaming_writer(name, memory, &WriterOptions::new());
        assert_eq!(opened.is_ok(), is_there, "{name}");
    }
}
