//! Tables in memory: as rows, as Arrow batches, and as the bytes of files.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use arrow_array::RecordBatch;
use transmog::{OutputSpec, ProcessingResult, Processor};

const JANUARY: &str = r#"[{"no": 1, "items": [{"sku": "A"}, {"sku": "B"}]}, {"no": 2}]"#;
const FEBRUARY: &str = r#"{"no": "3-x", "items": [{"sku": "C", "n": 5}]}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let processor = Processor::new();
    let january = processor.process(JANUARY, "orders")?;

    // Rows, as JSON objects.
    let items = january
        .child_table("orders_items")
        .ok_or("there are items")?;
    for row in items.rows() {
        println!("{row}");
    }
    let first = items.rows().next().ok_or("there are rows")?;
    assert_eq!(first.get("sku").and_then(|sku| sku.as_str()), Some("A"));

    // Arrow batches of one schema, for whatever computes with Arrow.
    let batches: &[RecordBatch] = items.batches();
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows, 2);
    let columns: Vec<&str> = items
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    println!("{columns:?}");

    // Results go together: order numbers are text now, and `n` is new.
    let february = processor.process(FEBRUARY, "orders")?;
    let both = ProcessingResult::combine([january, february], "orders")?;
    println!("{:?}", both.count_records());
    assert_eq!(both.count_records()["orders_items"], 3);

    // Bytes by table, of any format.
    let files = both.to_bytes("csv")?;
    for (table, bytes) in &files {
        println!("{table}: {} bytes of CSV", bytes.len());
    }
    assert!(files["orders_items"].starts_with(b"sku,n,__transmog_id,"));

    // A buffer of the program's own takes the main table of a streaming run.
    let (output, buffer) = OutputSpec::writer("csv", Vec::new());
    processor.stream_process(r#"{"no": 4}"#, "orders", output)?;
    let text = String::from_utf8(buffer.take().ok_or("the run has ended")?)?;
    assert!(text.starts_with("no,__transmog_id,__transmog_datetime\r\n4,"));
    Ok(())
}
