//! A CSV file with a dialect of its own becomes a typed Parquet file.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, fs};

use transmog::{CsvReadOptions, OutputSpec, Processor};

/// What a spreadsheet might export: a title, semicolons, quotes that are not double, and words of
/// its own for null and booleans.
const EXPORT: &str = "Sales 2025;;;\n\
    Order No;unit-price;Paid?;Note\n\
    1;9.50;yes;'first; and best'\n\
    2;-;no;\n\
    3;12;yes;007\n";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("export.txt");
    fs::write(&input, EXPORT)?;

    let csv = CsvReadOptions::default()
        .with_delimiter(';')?
        .with_quote_char('\'')?
        .with_skip_rows(1)
        .with_null_values(["", "-"])
        .with_booleans([("yes", "no")])?;
    let output = OutputSpec::directory("parquet", folder.path().join("out"));
    let report = Processor::new().stream_process_csv(&input, "sales", csv.clone(), output)?;
    for column in &report.tables[0].columns {
        println!(
            "{:<20} {:<10} {} null",
            column.name, column.data_type, column.nulls
        );
    }
    let types = report.tables[0].columns.iter();
    let types: Vec<(&str, &str)> = types
        .map(|column| (column.name.as_str(), column.data_type.as_str()))
        .collect();
    let expected = [
        ("Order_No", "int64"),
        ("unit_price", "float64"),
        ("Paid_", "boolean"),
        ("Note", "text"),
    ];
    assert_eq!(types[..4], expected);

    // Everything as it was written, for a look at the rows.
    let as_text = csv
        .with_type_inference(false)
        .with_sanitized_column_names(false);
    let result = Processor::new().process_csv(&input, "sales", as_text)?;
    let row = result.main_table().rows().next().ok_or("there are rows")?;
    println!("{row}");
    assert_eq!(
        row.get("unit-price").and_then(|cell| cell.as_str()),
        Some("9.50")
    );
    assert_eq!(
        row.get("Note").and_then(|cell| cell.as_str()),
        Some("first; and best")
    );
    Ok(())
}
