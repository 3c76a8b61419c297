//! A writer that the program feeds batch by batch, for control over what is written when.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use serde::Serialize;
use transmog::{Directory, Processor, TableWriter, WriterOptions, create_streaming_writer};

#[derive(Serialize)]
struct Order {
    no: u32,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    sku: String,
}

/// A batch of orders, as a queue or a database might give them.
fn batch(number: u32) -> Vec<Order> {
    let order = |no| Order {
        no,
        items: (0..no % 3)
            .map(|item| Item {
                sku: format!("{no}-{item}"),
            })
            .collect(),
    };
    (number * 1000..(number + 1) * 1000).map(order).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("parquet");
    let options = WriterOptions::new()
        .with("compression", "snappy")
        .with("row_group_size", 10_000);
    let writer = create_streaming_writer("parquet", Directory::new(&out), &options)?;
    let mut writer = TableWriter::new(writer);

    let processor = Processor::new();
    for number in 0..25 {
        let result = processor.process_batch(batch(number), "orders")?;
        writer.write_main_records(result.main_table())?;
        for name in result.table_names() {
            writer.initialize_child_table(name)?;
            if let Some(table) = result.child_table(name) {
                writer.write_child_records(name, table)?;
            }
        }
    }
    // Without this nothing would be there: files are whole, or are not.
    assert!(!out.join("orders.parquet").exists());
    let written = writer.finalize()?;
    for table in &written {
        println!("{}: {} rows, {} bytes", table.file, table.rows, table.bytes);
    }
    assert_eq!((written[0].rows, written[1].rows), (25_000, 24_999));
    assert!(out.join("orders_items.parquet").exists());
    Ok(())
}
