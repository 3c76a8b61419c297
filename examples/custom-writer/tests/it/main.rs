//! The format as a program that links it sees it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{process::Command, sync::Arc};

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, new_null_array};
use arrow_schema::{DataType, Field, Schema};
use custom_writer as _; // Links the format.
use transmog_core::Role;
use transmog_io::{
    Memory, TableSpec, WriteError, WriterOptions, create_streaming_writer,
    get_supported_streaming_formats,
};

fn batch(data: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let rows = data.first().map_or(1, |(_, array)| array.len());
    let mut fields: Vec<Field> = data
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    fields.push(Role::Id.field("id", DataType::Int64));
    let mut arrays: Vec<ArrayRef> = data.into_iter().map(|(_, array)| array).collect();
    arrays.push(Arc::new(Int64Array::from_iter_values(0..rows as i64)));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn tsv(batches: Vec<RecordBatch>) -> Result<String, WriteError> {
    let (memory, files) = Memory::new();
    let mut writer = create_streaming_writer("TSV", memory, &WriterOptions::new()).unwrap();
    writer.begin_table(&TableSpec {
        name: "t".into(),
        parent: None,
        schema: Arc::new(Schema::empty()),
    })?;
    for batch in batches {
        writer.write_batch("t", &batch.into())?;
    }
    let summaries = writer.finish()?;
    let file = files.take().remove("t.tsv").unwrap();
    assert_eq!(summaries[0].bytes, file.len() as u64);
    Ok(String::from_utf8(file).unwrap())
}

#[test]
fn the_format_is_on_the_list() {
    assert_eq!(get_supported_streaming_formats(), ["tsv"]);
    let program = Command::new(env!("CARGO_BIN_EXE_custom-writer"))
        .output()
        .unwrap();
    assert_eq!(program.stdout, b"tsv\n");
}

#[test]
fn options_are_refused() {
    let options = WriterOptions::new().with("delimiter", ";");
    let writer = create_streaming_writer("tsv", Memory::new().0, &options);
    let message = writer.err().unwrap().to_string();
    assert_eq!(
        message,
        "unknown option \"delimiter\" for format \"tsv\" (known: )"
    );
}

#[test]
fn cells_and_late_columns() {
    let flag: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None]));
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a\tb\\", "x\r\n"]));
    let file = tsv(vec![
        batch(vec![]),
        batch(vec![("flag", Arc::clone(&flag))]),
        batch(vec![
            ("flag", new_null_array(&DataType::Utf8, 2)),
            ("late\t", text),
        ]),
    ]);
    assert_eq!(
        file.unwrap(),
        "flag\tlate\\t\tid\n\
         \\N\t\\N\t0\n\
         true\t\\N\t0\n\\N\t\\N\t1\n\
         \\N\ta\\tb\\\\\t0\n\\N\tx\\r\\n\t1\n"
    );
    assert_eq!(tsv(vec![]).unwrap(), "\n");
}

#[test]
fn lists_are_refused() {
    let item = Arc::new(Field::new_list_field(DataType::Int64, true));
    let list = new_null_array(&DataType::List(item), 1);
    let error = tsv(vec![batch(vec![("l", list)])]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tsv: table \"t\": cannot write a column of lists"
    );
}
