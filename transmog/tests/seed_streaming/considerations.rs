//! "Memory Usage Controls" and "Performance Considerations": what may be tuned changes the pace and
//! the files, but no row.

use std::{fs, num::NonZeroUsize, path::Path};

use parquet::basic::Compression;
use serde_json::Value;
use transmog::{
    Ids, OutputSpec, Processor, SkipAndLogRecovery, WriterOptions, formats::parquet::ParquetOptions,
};

use crate::{
    folder::{Folder, lines, names, record},
    methods::assert_parquet,
    read_back::{Table, assert_compressed, row_groups},
    sources::watched,
};

/// A processor whose rows are the same in every run.
pub(crate) fn steady() -> Processor {
    Processor::new()
        .with_ids(Ids::Row)
        .with_timestamp("2026-01-01T00:00:00Z")
        .expect("a time")
}

/// All files of a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |name: String| {
        let bytes = fs::read(folder.join(&name)).expect("a file");
        (name, bytes)
    };
    names(folder).into_iter().map(read).collect()
}

#[test]
fn chunk_size_and_row_group_size_are_what_they_say() {
    let folder = Folder::new();
    let input = folder.write("large_data.jsonl", lines((0..12_000).map(record)));
    let out = folder.path("output_dir/parquet");
    let size = NonZeroUsize::new(5000).expect("some");
    let options = ParquetOptions::default().with_row_group_size(size);
    let (processor, chunks) = watched(Processor::new());
    processor
        .with_chunk_size(1000)
        .expect("allowed")
        .stream_process_file(&input, "records", OutputSpec::directory(options, &out))
        .expect("valid");
    let thousands: Vec<u64> = (1..=12).map(|chunk| chunk * 1000).collect();
    assert_eq!(*chunks.lock().expect("no panic"), thousands);
    assert_parquet(&out, "records", 12_000);
    assert_eq!(
        row_groups(&out.join("records.parquet")).0,
        [5000, 5000, 2000]
    );
    let items = row_groups(&out.join("records_items.parquet")).0;
    assert_eq!(items, [5000, 5000, 5000, 5000, 4000]);
}

#[test]
fn buffer_size_changes_no_row() {
    let folder = Folder::new();
    let input = folder.write("data.jsonl", lines((0..500).map(record)));
    for format in ["csv", "json", "parquet"] {
        let run = |size: usize| {
            let out = folder.path(&format!("{format}_{size}"));
            steady()
                .with_chunk_size(size)
                .expect("allowed")
                .stream_process_file(&input, "records", OutputSpec::directory(format, &out))
                .expect("valid");
            files(&out)
        };
        let expected = run(1000);
        assert_eq!(expected.len(), 3);
        for size in [1, 7, 100] {
            assert!(run(size) == expected, "{format}, {size}");
        }
    }
    assert!(steady().with_chunk_size(0).is_err());
}

#[test]
fn row_groups_have_the_size_asked_for() {
    let folder = Folder::new();
    let input = folder.write("data.jsonl", lines((0..1000).map(record)));
    let whole = [1000];
    let mut tables = Vec::new();
    for (size, expected) in [
        (1, &[1; 1000][..]),
        (300, &[300, 300, 300, 100]),
        (1000, &whole),
        (100_000, &whole),
    ] {
        let out = folder.path(&size.to_string());
        let options =
            ParquetOptions::default().with_row_group_size(NonZeroUsize::new(size).expect("some"));
        steady()
            .stream_process_file(&input, "records", OutputSpec::directory(options, &out))
            .expect("valid");
        let file = out.join("records.parquet");
        assert_eq!(row_groups(&file).0, expected);
        tables.push(Table::read(&file));
    }
    assert!(tables.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn every_compression_reads_back() {
    type Is = fn(Compression) -> bool;
    let choices: [(&str, Is); 6] = [
        ("none", |codec| codec == Compression::UNCOMPRESSED),
        ("snappy", |codec| codec == Compression::SNAPPY),
        ("gzip", |codec| matches!(codec, Compression::GZIP(_))),
        ("zstd", |codec| matches!(codec, Compression::ZSTD(_))),
        ("brotli", |codec| matches!(codec, Compression::BROTLI(_))),
        ("lz4", |codec| codec == Compression::LZ4_RAW),
    ];
    let folder = Folder::new();
    let input = folder.write("data.jsonl", lines((0..200).map(record)));
    let mut tables = Vec::new();
    for (name, is) in choices {
        let out = folder.path(name);
        let options = WriterOptions::new().with("compression", name);
        steady()
            .stream_process_file(
                &input,
                "records",
                OutputSpec::directory(("parquet", options), &out),
            )
            .expect("valid");
        assert_compressed(&out.join("records.parquet"), is);
        let read = |name: String| Table::read(&out.join(name));
        tables.push(names(&out).into_iter().map(read).collect::<Vec<_>>());
    }
    assert_eq!(tables[0].len(), 3);
    assert!(tables.windows(2).all(|pair| pair[0] == pair[1]));

    let options = WriterOptions::new().with("compression", "zip");
    let output = OutputSpec::directory(("parquet", options), folder.path("zip"));
    let error = steady()
        .stream_process_file(&input, "records", output)
        .expect_err("no such compression");
    assert!(error.to_string().contains("snappy"), "{error}");
}

#[test]
fn skip_and_log_recovery_goes_on() {
    let folder = Folder::new();
    let text: String = lines((0..5000).map(record))
        .lines()
        .enumerate()
        .map(|(number, line)| match number % 500 {
            0 => format!("{line},\n"),
            1 => "[]\n".to_owned(),
            2 => line.replace("\"price\":", "\"price\":-Infinity,\"was\":") + "\n",
            3 => format!("{}\n", &line[..40]),
            _ => format!("{line}\n"),
        })
        .collect();
    let input = folder.write("data.jsonl", text);
    let out = folder.path("out");
    let report = steady()
        .with_recovery(SkipAndLogRecovery)
        .stream_process_file(&input, "records", OutputSpec::directory("parquet", &out))
        .expect("goes on");
    let rejected = report.records_rejected;
    assert_eq!((report.records_read, rejected), (5000, 40));
    assert_eq!(report.problems_by_kind.values().sum::<u64>(), rejected);
    let main = Table::read(&out.join("records.parquet"));
    assert_eq!(main.rows.len() as u64, 5000 - rejected);
    assert!(!main.columns.contains(&"__error".to_owned()));
    let expected: Vec<u64> = (0..5000).filter(|id| id % 500 > 3).collect();
    assert!(main.column("id") == expected);
    let rejects = fs::read_to_string(out.join("records.rejected.jsonl")).expect("a file");
    assert_eq!(rejects.lines().count() as u64, rejected);
    let first: Value = serde_json::from_str(rejects.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["line"], &first["kept"]), (&1.into(), &false.into()));
}
