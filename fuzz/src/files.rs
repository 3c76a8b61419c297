//! Files that are written and read back: what stands in them, and what happens if they are damaged.

use std::{fs, path::Path};

use serde_json::Value;
use transmog::{
    Config, DEFAULT, Directory, Ids, InputFormat, OutputSpec, Processor, WriterOptions,
};

use crate::split_first;

/// Writes records as Parquet in small row groups, so that columns come late and widen, and reads
/// them back through the footer; then damages the file and reads it once more. The first bytes say
/// how.
pub fn parquet_footer(data: &[u8]) {
    let (how, data) = split_first(data);
    let (at, data) = split_first(data);
    let (byte, data) = split_first(data);
    let folder = tempfile::tempdir().expect("a folder");
    let options = WriterOptions::new()
        .with("row_group_size", 1 + how % 4)
        .with("compression", ["none", "snappy", "zstd"][how / 4 % 3])
        .with("page_index", how & 64 > 0)
        .with("bloom_filter", if how & 128 > 0 { "all" } else { "none" });
    let config = Config::default().with_ids(Ids::Row).with_kept_empties(true);
    let report = Processor::new()
        .with_config(config)
        .with_input_format(InputFormat::JsonLines)
        .with_recovery(DEFAULT)
        .with_manifest(true)
        .stream_process(
            data,
            "t",
            OutputSpec::new(
                ("parquet", options),
                Directory::new(folder.path()).with_sync(false),
            ),
        )
        .expect("lines never end a lenient run");
    let records = read_back(folder.path());
    assert_eq!(records.len() as u64, report.tables[0].rows);
    let lines = data.split(|byte| *byte == b'\n');
    let objects = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    // Where both parsers take all lines, what comes back is what went in.
    if report.records_rejected == 0 {
        let objects: Vec<Value> = objects.collect();
        if objects.len() == records.len() {
            for (object, record) in objects.iter().zip(records) {
                let record: Value = serde_json::from_str(&record).expect("JSON");
                assert!(same(object, &record), "{object}\n{record}");
            }
        }
    }
    damage(folder.path(), at, byte as u8);
}

fn read_back(folder: &Path) -> Vec<String> {
    let records = transmog::unflatten(folder, None).expect("a manifest");
    records
        .map(|record| record.expect("a record").to_json())
        .collect()
}

/// Equal, but for numbers that a float cannot hold.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Changes a byte of the main table's file near its end, where the footer is.
fn damage(folder: &Path, at: usize, byte: u8) {
    let path = folder.join("t.parquet");
    let mut bytes = fs::read(&path).expect("a file");
    let place = bytes.len().saturating_sub(1 + at * 3);
    bytes[place] = byte;
    fs::write(&path, bytes).expect("a file");
    for record in transmog::unflatten(folder, None).expect("a manifest") {
        if record.is_err() {
            break;
        }
    }
}
