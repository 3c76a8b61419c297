//! Ids: made of a column, made by a function of the row, or those that rows have themselves.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use transmog::{NaturalIds, ProcessingResult, Processor, deterministic_id};

const ORDERS: &str = r#"{"id": 7, "shop": "north", "items": [{"sku": "A"}, {"sku": "B"}]}"#;

/// A cell of the first row of a table, as text.
fn cell(result: &ProcessingResult, table: &str, column: &str) -> Option<String> {
    let table = result.tables().find(|one| one.name() == table)?;
    let row = table.rows().next()?;
    Some(row.get(column)?.to_text())
}

fn main() -> Result<(), Box<dyn Error>> {
    // A function of the flattened row; rows for which it gives nothing get random ids.
    let processor = Processor::new().with_custom_ids(|row| {
        let shop = row.get("shop")?.as_str()?;
        Some(format!("{shop}-{}", row.get("id")?))
    });
    let result = processor.process(ORDERS, "orders")?;
    let id = cell(&result, "orders", "__transmog_id");
    println!("by a function: {id:?}");
    assert_eq!(id.as_deref(), Some("north-7"));
    assert_eq!(cell(&result, "orders_items", "__parent_transmog_id"), id);
    assert_eq!(result.report().tables[1].fallback_ids, 2); // Items have no shop.

    // The same id in every run, made of the text of a column by table.
    let processor = Processor::new().with_deterministic_ids([("", "id"), ("items", "sku")]);
    let result = processor.process(ORDERS, "orders")?;
    let id = cell(&result, "orders_items", "__transmog_id");
    println!("made of a column: {id:?}");
    assert_eq!(id, Some(deterministic_id("A")));

    // The column that is an id already.
    let processor = Processor::new().with_natural_ids(NaturalIds::new());
    let result = processor.process(ORDERS, "orders")?;
    let parent = cell(&result, "orders_items", "__parent_transmog_id");
    println!("a natural one: {parent:?}");
    assert_eq!(parent.as_deref(), Some("7"));
    Ok(())
}
