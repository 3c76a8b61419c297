//! JSON and JSON Lines files become linked tables in all three formats.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, fs};

use transmog::{
    Input, OutputSpec, Processor, WriterOptions,
    formats::parquet::{ParquetCompression, ParquetOptions},
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (document, lines) = (
        folder.path().join("january.json"),
        folder.path().join("february.jsonl"),
    );
    fs::write(
        &document,
        r#"[{"no": 1, "customer": {"name": "Ada"}, "items": [{"sku": "A", "n": 2}, {"sku": "B"}]}]"#,
    )?;
    fs::write(
        &lines,
        "{\"no\": 2, \"items\": [{\"sku\": \"A\", \"n\": 0.5}]}\n{\"no\": 3}\n",
    )?;

    // One file to one format; options as text, as they come from a command line.
    let processor = Processor::new();
    let options = WriterOptions::new().with("indent", 2);
    let json = OutputSpec::directory(("json", options), folder.path().join("json"));
    let report = processor.stream_process_file(&document, "orders", json)?;
    println!("{report}\n");
    assert_eq!(report.tables[1].name, "orders_items");

    // Several files to one set of tables; `n` becomes a float, and every integer is kept.
    let csv = OutputSpec::directory("csv", folder.path().join("csv"));
    let inputs = [Input::file(&document), Input::file(&lines)];
    let report = processor.stream_process_all(inputs, "orders", csv)?;
    println!("{report}\n");
    let rows: Vec<u64> = report.tables.iter().map(|table| table.rows).collect();
    assert_eq!(rows, [3, 3]);

    // Typed options.
    let options = ParquetOptions::default().with_compression(ParquetCompression::Zstd);
    let parquet = OutputSpec::directory(options, folder.path().join("parquet"));
    let report = processor.stream_process_file(&lines, "orders", parquet)?;
    println!("{report}");
    for table in &report.tables {
        assert!(folder.path().join("parquet").join(&table.files[0]).exists());
    }
    Ok(())
}
