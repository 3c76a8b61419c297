//! The processor's settings: they are checked when they are made, and each keeps the others.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use transmog::{
    ArrayMode, Config, CsvReadOptions, Directory, Ids, Input, LENIENT, Memory, NaturalIds,
    OutputSpec, ProcessingMode, Processor, Progress, Recovery,
};

/// All settings of a processor, as text.
fn settings(processor: &Processor) -> String {
    format!("{processor:?}")
}

#[test]
fn settings_combine_in_any_order_and_keep_each_other() {
    type Setting = fn(Processor) -> Processor;
    let all: [Setting; 8] = [
        |processor| processor.with_chunk_size(7).expect("allowed"),
        |processor| processor.with_writer_memory(5).expect("allowed"),
        |processor| processor.with_mode(ProcessingMode::LowMemory),
        Processor::with_partial_recovery,
        |processor| processor.with_deterministic_ids("id"),
        |processor| processor.with_separator(".").expect("allowed"),
        |processor| processor.with_array_mode(ArrayMode::Smart),
        |processor| processor.with_threads(3).expect("allowed"),
    ];
    let expected = settings(&all.iter().fold(Processor::new(), |made, set| set(made)));
    for first in 0..all.len() {
        let (end, start) = all.split_at(first);
        let made = start
            .iter()
            .chain(end)
            .fold(Processor::new(), |made, set| set(made));
        assert_eq!(settings(&made), expected);
        let made = all
            .iter()
            .rev()
            .fold(Processor::new(), |made, set| set(made));
        assert_eq!(settings(&made), expected);
    }
    for part in [
        "partial",
        "chunk_size: Some(7)",
        "writer_memory: Some(5)",
        "LowMemory",
        "\"id\"",
        "\".\"",
        "Smart",
        "3",
    ] {
        assert!(expected.contains(part), "{part}: {expected}");
    }
    let optimized = Processor::memory_optimized().with_partial_recovery();
    let other_way = Processor::new()
        .with_recovery(LENIENT)
        .with_mode(ProcessingMode::LowMemory);
    assert_eq!(settings(&optimized), settings(&other_way));
    assert!(settings(&Processor::performance_optimized()).contains("HighPerformance"));
    let back = Processor::memory_optimized().with_mode(ProcessingMode::Standard);
    assert_eq!(settings(&back), settings(&Processor::default()));
}

/// What wrong settings say: message, setting, and what is allowed.
fn check(cases: &[(String, &str, &str)]) {
    for (message, setting, allowed) in cases {
        let start = format!("setting {setting}: ");
        assert!(message.starts_with(&start), "{message}");
        assert!(message.contains(allowed), "{message}");
    }
}

#[test]
fn wrong_words_are_refused() {
    let core = |result: Result<(), transmog::DataError>| result.expect_err("no word").to_string();
    check(&[
        (
            core("lax".parse::<Recovery>().map(drop)),
            "recovery",
            "strict, skip, partial",
        ),
        (
            core("slow".parse::<ProcessingMode>().map(drop)),
            "mode",
            "low-memory, high-performance",
        ),
        (
            core("lists".parse::<ArrayMode>().map(drop)),
            "array_mode",
            "separate, smart",
        ),
    ]);
}

#[test]
fn wrong_settings_are_refused_when_they_are_made() {
    let new = Processor::new;
    let error =
        |result: Result<Processor, transmog::Error>| result.expect_err("not allowed").to_string();
    let core =
        |result: Result<(), transmog::DataError>| result.expect_err("not allowed").to_string();
    let cases = [
        (
            error(new().with_separator("")),
            "separator",
            "one or two characters",
        ),
        (
            error(new().with_separator("a b")),
            "separator",
            "one or two characters",
        ),
        (
            error(new().with_deep_nesting_threshold(Some(1))),
            "deep_nesting_threshold",
            "at least 2",
        ),
        (
            error(new().with_max_depth(0)),
            "max_depth",
            "between 1 and 1000",
        ),
        (error(new().with_chunk_size(0)), "chunk_size", "at least 1"),
        (error(new().with_threads(0)), "threads", "from 1 to 256"),
        (error(new().with_threads(257)), "threads", "from 1 to 256"),
        (
            error(new().with_writer_memory(0)),
            "writer_memory",
            "at least 1 byte",
        ),
        (
            error(new().with_timestamp("today")),
            "timestamp",
            "RFC 3339",
        ),
        (
            error(new().with_records_path("data")),
            "records_path",
            "must start with a slash",
        ),
        (
            error(new().with_metadata(|it| it.id = Some(String::new()))),
            "metadata",
            "not be empty",
        ),
        (
            error(new().with_metadata(|it| it.time = it.id.clone())),
            "metadata",
            "two columns",
        ),
        (
            error(new().with_composite_ids([] as [&str; 0])),
            "ids",
            "at least one",
        ),
        (
            core(CsvReadOptions::default().with_delimiter('é').map(drop)),
            "csv_delimiter",
            "ASCII",
        ),
        (
            core(CsvReadOptions::default().with_quote_char('\n').map(drop)),
            "csv_quote_char",
            "ASCII",
        ),
        (
            core(CsvReadOptions::default().with_encoding("klingon").map(drop)),
            "encoding",
            "such as utf-8",
        ),
        (
            core(NaturalIds::new().with_patterns([""]).map(drop)),
            "ids",
            "not be empty",
        ),
    ];
    check(&cases);
}

/// Events with a table of items, as JSON Lines.
fn events(number: usize) -> String {
    let mut text = String::new();
    for i in 0..number {
        let text = &mut text;
        writeln!(
            text,
            "{{\"id\":{i},\"items\":[{{\"n\":{i}}},{{\"n\":\"{i}\"}}]}}"
        )
        .expect("text");
    }
    text
}

#[test]
fn presets_change_no_row() {
    let text = events(2500);
    let bytes = |processor: Processor| {
        let config = Config::default().with_ids(Ids::Row);
        let (memory, files) = Memory::new();
        processor
            .with_config(config)
            .with_timestamp("2026-01-01T00:00:00Z")
            .and_then(|processor| {
                processor.stream_process(text.as_str(), "t", OutputSpec::new("csv", memory))
            })
            .expect("runs");
        files.take()
    };
    let standard = bytes(Processor::new());
    assert_eq!(bytes(Processor::memory_optimized()), standard);
    assert_eq!(bytes(Processor::performance_optimized()), standard);
    assert_eq!(
        standard["t_items.csv"].split(|byte| *byte == b'\n').count(),
        5002
    );
}

#[test]
fn presets_set_the_chunk_size_unless_it_is_given() {
    let text = events(250);
    let chunks = |processor: Processor| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let processor =
            processor.with_progress(move |it| sink.lock().expect("whole").push(it.records));
        processor.process(text.as_str(), "t").expect("runs");
        let seen = seen.lock().expect("whole");
        seen.clone()
    };
    assert_eq!(chunks(Processor::new()), [250]);
    assert_eq!(chunks(Processor::memory_optimized()), [100, 200, 250]);
    let given = Processor::new().with_chunk_size(200).expect("allowed");
    assert_eq!(
        chunks(given.with_mode(ProcessingMode::LowMemory)),
        [200, 250]
    );
}

#[test]
fn progress_is_told_after_every_chunk_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("in.jsonl");
    let text = events(100) + "nonsense\n";
    std::fs::write(&path, &text).expect("written");
    for threads in [1, 3] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let processor = Processor::new()
            .with_recovery(transmog::DEFAULT)
            .with_chunk_size(10)
            .and_then(|processor| processor.with_threads(threads))
            .expect("allowed")
            .with_progress(move |progress: &Progress| sink.lock().expect("whole").push(*progress));
        let output = OutputSpec::new("json", Directory::new(folder.path().join("out")));
        processor
            .stream_process_file(&path, "t", output)
            .expect("runs");
        let seen = seen.lock().expect("whole");
        let records: Vec<u64> = seen.iter().map(|progress| progress.records).collect();
        assert_eq!(records, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 101]);
        let last = seen.last().expect("some");
        assert_eq!((last.rejected, last.bytes_read), (1, text.len() as u64));
        assert!(
            seen.iter()
                .all(|progress| progress.total_bytes == Some(text.len() as u64))
        );
    }
    let unknown = Arc::new(Mutex::new(None));
    let sink = Arc::clone(&unknown);
    let processor =
        Processor::new().with_progress(move |it| *sink.lock().expect("whole") = Some(*it));
    let input = Input::reader("pipe", text.as_bytes().split_at(30).0);
    processor
        .with_recovery(transmog::DEFAULT)
        .process(input, "t")
        .expect("runs");
    let last = unknown.lock().expect("whole").expect("told");
    assert_eq!(last.total_bytes, None);
}

#[test]
fn progress_of_decoded_inputs_ends_at_all_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("in.csv");
    let text = "a,b\n".to_owned() + &"1,2\n".repeat(1000);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&path, &utf16).expect("written");
    let last = Arc::new(Mutex::new(None));
    let sink = Arc::clone(&last);
    let csv = CsvReadOptions::default()
        .with_encoding("utf-16le")
        .expect("a label");
    let report = Processor::new()
        .with_progress(move |it| *sink.lock().expect("whole") = Some(*it))
        .process_csv(&path, "t", csv)
        .expect("runs");
    let last = last.lock().expect("whole").expect("told");
    assert_eq!(last.bytes_read, utf16.len() as u64);
    assert_eq!(last.total_bytes, Some(last.bytes_read));
    assert_eq!(report.report().bytes_read, last.bytes_read);
}
