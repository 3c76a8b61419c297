//! Cases of the first version: calls that did not do what they say.

use std::{
    io::BufReader,
    sync::{Arc, Mutex},
};

use arrow_array::RecordBatch;
use serde_json::{Value, json};
use transmog::{ArrayMode, Config, Error, Input, OutputSpec, ProcessingResult, Processor};

use crate::support::{
    FORMATS, bare, bytes, check, check_with, entries, file, of_memory, plain, read_file, run,
};

fn nested() -> (Value, Value) {
    let record = json!({
        "id": 1, "o": {"k": 1, "l": [{"z": 1}]}, "n": null, "items": [{"a": {"b": 2}}],
    });
    let tables = json!({
        "e": [{"id": "1", "o_k": "1"}], "e_o_l": [{"z": "1"}], "e_items": [{"a_b": "2"}],
    });
    (record, tables)
}

#[track_caller]
fn gives(result: Result<ProcessingResult, Error>, expected: &Value) {
    assert_eq!(of_memory(&result.expect("valid")), *expected);
}

#[test]
fn d30_process_batch_does_not_flatten() {
    let (record, expected) = nested();
    let processor = plain(Config::v1());
    gives(processor.process_batch([&record], "e"), &expected);
    gives(processor.process(record.to_string(), "e"), &expected);
    check_with(&processor, || Input::records([record.clone()]), &expected);
}

#[test]
fn d30b_process_batch_1_0_0_keeps_raw() {
    let record = json!({"id": 1, "o": {"k": 1}, "items": [{"a": 2}]});
    let expected = json!({"e": [{"id": 1, "o_k": 1}], "e_items": [{"a": 2}]});
    let processor = plain(Config::default());
    gives(processor.process_batch([&record], "e"), &expected);
    check_with(&processor, || Input::records([&record]), &expected);
}

#[test]
fn d31_process_file_jsonl_does_not_flatten() {
    let (record, expected) = nested();
    let processor = plain(Config::v1());
    for (name, text) in [
        ("a.jsonl", format!("{record}\n")),
        ("a.ndjson", format!("{record}\n")),
        ("a.json", format!("[{record}]")),
    ] {
        let (_folder, path) = file(name, text);
        gives(processor.process_file(&path, "e"), &expected);
        check_with(&processor, || Input::file(&path), &expected);
    }
}

#[test]
fn d32_process_to_format_crashes() {
    let (record, expected) = nested();
    let (folder, _) = file("other", "");
    for format in FORMATS {
        let out = folder.path().join(format);
        let result = plain(Config::v1())
            .process(record.clone(), "e")
            .expect("valid");
        let written = result.write(format, &out).expect("written");
        assert_eq!(of_memory(&result), expected);
        let names = ["e", "e_items", "e_o_l"].map(|name| format!("{name}.{format}"));
        let found: Vec<_> = written.iter().map(|summary| summary.file.clone()).collect();
        assert_eq!(found, names);
        for (table, name) in ["e", "e_items", "e_o_l"].iter().zip(names) {
            assert_eq!(json!(read_file(&out.join(name)).rows), expected[table]);
        }
    }
}

#[test]
fn d33_process_chunked_text_and_generator() {
    let processor = plain(Config::v1());
    let two = json!({"e": [{"id": "1"}, {"id": "2"}]});
    for size in [1, 2, 1000] {
        gives(
            processor.process_chunked(r#"[{"id":1},{"id":2}]"#, "e", size),
            &two,
        );
        let generator = Input::records((1..3).map(|id| json!({"id": id})));
        gives(processor.process_chunked(generator, "e", size), &two);
    }
    let one = Input::records(std::iter::once(json!({"id": 1})));
    gives(
        processor.process_chunked(one, "e", 1),
        &json!({"e": [{"id": "1"}]}),
    );
}

#[test]
fn d34_process_bytes_rejected() {
    let expected = json!({"e": [{"id": "1"}]});
    let processor = plain(Config::v1());
    gives(processor.process(&br#"[{"id":1}]"#[..], "e"), &expected);
    gives(processor.process(br#"[{"id":1}]"#.to_vec(), "e"), &expected);
    let reader = || Input::reader("bytes", BufReader::with_capacity(1, &br#"[{"id":1}]"#[..]));
    check_with(&processor, reader, &expected);
}

#[test]
fn d35_process_jsonl_text_rejected() {
    let expected = json!({"e": [{"id": "1"}, {"id": "2"}]});
    check(&plain(Config::v1()), "{\"id\":1}\n{\"id\":2}", &expected);
}

#[test]
fn d36_stream_multiline_json_text() {
    let expected = json!({"e": [{"id": "1", "o_k": "2"}]});
    let pretty = "{\n \"id\": 1,\n \"o\": {\"k\": 2}\n}";
    check(&plain(Config::v1()), pretty, &expected);
    check(
        &plain(Config::v1()),
        &format!("[\n{pretty}\n]\n"),
        &expected,
    );
}

/// Numbers of records after each chunk.
fn chunks(processor: &Processor, input: Input<'_>) -> Vec<u64> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let processor = processor.clone().with_progress(move |progress| {
        seen.lock().expect("not poisoned").push(progress.records);
    });
    run(&processor, "json", input).expect("valid");
    let seen = kept.lock().expect("not poisoned");
    seen.clone()
}

#[test]
fn d37_builder_loses_settings() {
    let mut text = "{\"a\":1}\n".repeat(250);
    text.push_str("{\"a\":2,\"b\":NaN}\n");
    for processor in [
        Processor::memory_optimized().with_partial_recovery(),
        Processor::new()
            .with_partial_recovery()
            .with_mode(transmog::ProcessingMode::LowMemory),
    ] {
        let processor = processor.with_config(bare(Config::v1()));
        assert_eq!(chunks(&processor, bytes(&text)), [100, 200, 251]);
        let seen = run(&processor, "json", bytes(&text)).expect("kept in part");
        let last = json!({"a": "2", "__error": "b: NaN is not a JSON number"});
        assert_eq!(seen.tables["e"].rows[250], last);
    }
}

#[test]
fn d38_chunk_size_ignored() {
    let lines = [0, 1, 2, 3, 4].map(|a| format!("{{\"a\":{a}}}\n"));
    let (_folder, path) = file("a.jsonl", lines.concat());
    let processor = plain(Config::v1()).with_chunk_size(2).expect("allowed");
    assert_eq!(chunks(&processor, Input::file(&path)), [2, 4, 5]);
    let result = plain(Config::v1()).process_chunked(Input::file(&path), "e", 2);
    let result = result.expect("valid");
    let sizes: Vec<_> = result
        .main_table()
        .batches()
        .iter()
        .map(RecordBatch::num_rows)
        .collect();
    assert_eq!(sizes, [2, 2, 1]);
}

#[test]
fn d39_streaming_ignores_options() {
    let config = || {
        Config::v1()
            .with_array_mode(ArrayMode::Keep)
            .with_max_depth(2)
    };
    let text = r#"{"a":{"b":{"c":1},"d":2},"t":[1],"x":NaN}"#;
    let processor = plain(config().expect("allowed")).with_partial_recovery();
    let expected = json!({
        "e": [{"a_d": "2", "t": "[1]", "__error": "x: NaN is not a JSON number"}],
        "e_t": [{"value": "1"}],
    });
    let seen = check(&processor, text, &expected);
    assert_eq!(seen.report.ledger.excluded, 1);
    // Our own rules keep what is too deep as JSON text.
    let own = plain(Config::default().with_max_depth(2).expect("allowed"));
    let expected = json!({"e": [{"a_b": r#"{"c":1}"#, "a_d": 2}]});
    check(&own, r#"{"a":{"b":{"c":1},"d":2}}"#, &expected);
}

/// The time stamps of all rows of a run, as a format has them.
fn times(processor: &Processor, format: &str) -> Vec<Value> {
    let seen = run(processor, format, r#"[{"a":1,"k":[1,2]},{"a":2}]"#).expect("valid");
    [
        seen.column("e", "__transmog_datetime"),
        seen.column("e_k", "__transmog_datetime"),
    ]
    .concat()
}

#[test]
fn d40_extract_time_ignored() {
    let time = "2026-11-22T05:58:50.255083Z";
    let processor = Processor::new().with_timestamp(time).expect("a time");
    for format in ["csv", "json"] {
        assert_eq!(times(&processor, format), [time; 4]);
    }
    let column = "Timestamp(µs, \"UTC\")";
    let seen = run(&processor, "parquet", r#"{"a":1}"#).expect("valid");
    assert!(
        seen.kinds("e").contains(&("__transmog_datetime", column)),
        "{:?}",
        seen.kinds("e")
    );
    assert_eq!(times(&processor, "parquet"), [1_795_327_130_255_083_i64; 4]);
    let record = json!({"a": 1});
    let (folder, path) = file("a.json", record.to_string());
    for result in [
        processor.process(record.clone(), "e"),
        processor.process_batch([&record], "e"),
        processor.process_file(&path, "e"),
        processor.process_chunked(record.clone(), "e", 1),
    ] {
        let tables = of_memory(&result.expect("valid"));
        assert_eq!(tables["e"][0]["__transmog_datetime"], time);
    }
    drop(folder);
}

#[test]
fn d41_timestamp_frozen_and_mixed() {
    let processor = Processor::new();
    let of_run = |format| {
        let mut times = times(&processor, format);
        times.dedup();
        assert_eq!(times.len(), 1, "one instant in {format}");
        times.remove(0)
    };
    // Without the letter, for zeros at the end are left out.
    let utc = |time: &Value| {
        let time = time.as_str().expect("text").strip_suffix('Z');
        let time = time.filter(|time| time.as_bytes()[10] == b'T');
        time.expect("a time in UTC").to_owned()
    };
    let mut last = String::new();
    for format in ["csv", "json", "csv"] {
        let time = utc(&of_run(format));
        assert!(time > last, "{time} after {last}");
        last = time;
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let result = processor.process(r#"{"a":1}"#, "e").expect("valid");
    let time = utc(&of_memory(&result)["e"][0]["__transmog_datetime"]);
    assert!(time > last, "{time} after {last}");
    let first = of_run("parquet").as_i64().expect("microseconds");
    std::thread::sleep(std::time::Duration::from_millis(5));
    assert!(of_run("parquet").as_i64().expect("microseconds") > first);
}

/// The calls that stream to files are those that give tables.
#[test]
fn d102_process_csv_differs_from_stream() {
    let (folder, path) = file("a.csv", "first_name_of_the_customer,b\nx,\n,1\n");
    let expected = json!({"e": [{"first_name_of_the_customer": "x"}, {"b": "1"}]});
    let processor = plain(Config::v1());
    let options = transmog::CsvReadOptions::default;
    gives(processor.process_csv(&path, "e", options()), &expected);
    gives(processor.process_file(&path, "e"), &expected);
    let out = folder.path().join("out");
    let output = OutputSpec::directory("json", &out);
    processor
        .stream_process_csv(&path, "e", options(), output)
        .expect("valid");
    assert_eq!(entries(&out), ["e.json"]);
    assert_eq!(json!(read_file(&out.join("e.json")).rows), expected["e"]);
    check_with(&processor, || Input::file(&path), &expected);
}
