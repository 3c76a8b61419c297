//! "Combining Strategies".

use parquet::basic::Compression;
use transmog::{OutputSpec, Processor, WriterOptions};

use crate::{
    folder::{Folder, lines, record},
    read_back::{Table, assert_compressed},
    sources::watched,
};

/// Lines of records, of which every hundredth is cut behind the price.
fn damaged(count: u32) -> String {
    let text = lines((0..count).map(record));
    let line = |(number, line): (usize, &str)| match number % 100 {
        99 => line.split_once(",\"address\"").expect("one").0.to_owned() + "\n",
        _ => format!("{line}\n"),
    };
    text.lines().enumerate().map(line).collect()
}

#[test]
fn memory_settings_and_partial_recovery_combine() {
    let folder = Folder::new();
    let input = folder.write("large_data.jsonl", damaged(3000));
    let both = Processor::memory_optimized().with_partial_recovery();
    let with_size = both.clone().with_chunk_size(1000).expect("allowed");
    for (name, processor, chunk) in [("sized", with_size, 1000), ("plain", both, 100)] {
        let out = folder.path(&format!("{name}/parquet"));
        let options = WriterOptions::new().with("compression", "snappy");
        let output = OutputSpec::directory(("parquet", options), &out);
        let (processor, chunks) = watched(processor);
        let report = processor
            .stream_process_file(&input, "records", output)
            .expect("goes on");
        // The settings for memory are still there, and so is recovery.
        assert_eq!(chunks.lock().expect("no panic").first(), Some(&chunk));
        assert_eq!(
            (
                report.records_read,
                report.records_rejected,
                report.records_partial
            ),
            (3000, 0, 30)
        );
        let main = Table::read(&out.join("records.parquet"));
        assert!(main.column("id") == (0..3000).collect::<Vec<_>>());
        assert_eq!(main.find("id", &99.into())["price"], 99.5);
        let errors = main.column("__error");
        let marked = errors.iter().filter(|error| error.is_string());
        assert_eq!(marked.count(), 30);
        let items = Table::read(&out.join("records_items.parquet"));
        assert_eq!(main.parents_of(&items).len(), 2 * (3000 - 30));
        assert_compressed(&out.join("records.parquet"), |codec| {
            codec == Compression::SNAPPY
        });
    }
}
