//! Tests what the footer says of columns: encodings, codecs, statistics, names, types.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, FixedSizeBinaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema};
use parquet::{
    basic::{Compression, Encoding, LogicalType},
    data_type::ByteArray,
    file::statistics::Statistics,
};
use transmog_core::{Role, TableBatch, time_type};
use transmog_io::{Memory, StreamingWriter, WriterOptions};
use transmog_writer_parquet::{BloomFilter, ParquetOptions, ParquetStreamingWriter};

use crate::support::*;

#[test]
fn a_table_without_rows_is_a_valid_file() {
    let (memory, files) = Memory::new();
    let mut writer = Box::new(ParquetStreamingWriter::new(
        ParquetOptions::default(),
        Box::new(memory),
    ));
    let declared = Schema::new(vec![
        Field::new("a", DataType::Int64, true),
        Field::new("never", DataType::Null, true),
    ]);
    writer
        .begin_table(&spec("b/c", Arc::new(declared)))
        .unwrap();
    writer
        .begin_table(&spec("none", Arc::new(Schema::empty())))
        .unwrap();
    writer.checkpoint().unwrap();
    let summaries = writer.finish().unwrap();
    let files = files.take();
    assert_columns(
        &files["b_c.parquet"],
        &[("a", range(0..0)), ("never", texts(&[]))],
    );
    assert_eq!(read(&files["none.parquet"]).num_columns(), 0);
    let names: Vec<_> = summaries
        .iter()
        .map(|s| (s.table.as_str(), s.file.as_str(), s.rows))
        .collect();
    assert_eq!(
        names,
        [("b/c", "b_c.parquet", 0), ("none", "none.parquet", 0)]
    );
}

#[test]
fn texts_of_any_length_read_back_however_few_rows_have_one() {
    // Columns with few values are encoded in another way than the rest.
    let text = |row: usize| match row % 11 {
        0 => String::new(),
        1 => "long ".repeat(820 + row % 7),
        2 => "longer ".repeat(20_000 / (1 + row % 5)),
        3 => "as often as not".to_owned(),
        _ => format!("é{row}"),
    };
    let column = |every: usize| {
        let cells = (0..9000).map(|row| (row % every == every - 1).then(|| text(row / every)));
        Arc::new(cells.collect::<StringArray>()) as ArrayRef
    };
    let names = ["all", "half", "third", "tenth", "thousandth"];
    let columns = [1, 2, 3, 10, 1000].map(column);
    let columns: Vec<_> = names.into_iter().zip(columns).collect();
    for options in [
        ParquetOptions::default(),
        ParquetOptions::default().with_bloom_filter(BloomFilter::All),
    ] {
        let file = write(options, &[batch(&columns)]);
        assert_columns(&file, &columns);
        for chunk in footer(&file).row_group(0).columns() {
            let Some(Statistics::ByteArray(statistics)) = chunk.statistics() else {
                panic!("a text column has statistics of texts");
            };
            let min = statistics.min_opt().map(ByteArray::data);
            assert!(min.is_some_and(|min| min.len() < 100), "{chunk:?}");
            assert!(statistics.null_count_opt().is_some());
        }
    }
}

#[test]
fn every_compression_reads_back() {
    let names: Vec<_> = (0..500).map(|i| format!("name {}", i % 9)).collect();
    let names: Vec<_> = names.iter().map(|name| Some(name.as_str())).collect();
    let one = batch(&[("x", range(0..500)), ("s", texts(&names))]);
    for (name, is_codec) in [
        (
            "none",
            (|c| c == Compression::UNCOMPRESSED) as fn(Compression) -> bool,
        ),
        ("UNCOMPRESSED", |c| c == Compression::UNCOMPRESSED),
        ("snappy", |c| c == Compression::SNAPPY),
        ("gzip", |c| matches!(c, Compression::GZIP(_))),
        ("zstd", |c| matches!(c, Compression::ZSTD(_))),
        ("brotli", |c| matches!(c, Compression::BROTLI(_))),
        ("lz4", |c| c == Compression::LZ4_RAW),
    ] {
        let options = WriterOptions::new().with("compression", name);
        let file = write(
            ParquetOptions::try_from(&options).unwrap(),
            std::slice::from_ref(&one),
        );
        assert_columns(&file, &[("x", range(0..500)), ("s", texts(&names))]);
        for column in footer(&file).row_group(0).columns() {
            assert!(
                is_codec(column.compression()),
                "{name}: {:?}",
                column.compression()
            );
        }
    }
}

#[test]
fn higher_levels_make_smaller_files() {
    let texts_of = |i: usize| format!("{} of {}", i * 7919 % 1009, i / 3);
    let names: Vec<_> = (0..20_000).map(texts_of).collect();
    let names: Vec<_> = names.iter().map(|name| Some(name.as_str())).collect();
    let one = batch(&[("s", texts(&names))]);
    for (codec, low, high) in [("gzip", 1, 9), ("zstd", 1, 19), ("brotli", 0, 9)] {
        let [fast, small] = [low, high].map(|level| {
            let options = WriterOptions::new()
                .with("compression", codec)
                .with("compression_level", level);
            let options = ParquetOptions::try_from(&options).unwrap();
            let file = write(options, std::slice::from_ref(&one));
            assert_columns(&file, &[("s", texts(&names))]);
            file.len()
        });
        assert!(
            small < fast,
            "{codec}: {small} bytes, {fast} with the lowest level"
        );
    }
}

/// One column for each role, and one of data.
fn with_roles(ids: &ArrayRef, rows: usize) -> TableBatch {
    let time = TimestampMicrosecondArray::from(vec![7; rows]).with_timezone("UTC");
    let fields = vec![
        Field::new("s", DataType::Utf8, true),
        Role::Id.field("_id", ids.data_type().clone()),
        Role::Parent.field("_parent", ids.data_type().clone()),
        Role::Time.field("_time", time_type()),
        Role::ArrayField.field("_field", DataType::Utf8),
        Role::ArrayIndex.field("_index", DataType::Int64),
    ];
    let columns: Vec<ArrayRef> = vec![
        texts(&vec![Some("same"); rows]),
        Arc::clone(ids),
        Arc::clone(ids),
        Arc::new(time),
        texts(&vec![Some("items"); rows]),
        range(0..rows as i64),
    ];
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .unwrap()
        .into()
}

#[test]
fn columns_are_encoded_by_their_role() {
    let uuids: Vec<_> = (0..100_u128)
        .map(|i| (i * 0x9E37_79B9_7F4A_7C15_F39C_C060).to_be_bytes())
        .collect();
    let uuids: ArrayRef = Arc::new(FixedSizeBinaryArray::try_from_iter(uuids.iter()).unwrap());
    let text: Vec<_> = (0..100).map(|i| format!("{i:036}")).collect();
    let text = texts(&text.iter().map(|id| Some(id.as_str())).collect::<Vec<_>>());
    for ids in [uuids, text] {
        let one = with_roles(&ids, 100);
        let file = write(ParquetOptions::default(), std::slice::from_ref(&one));
        assert_eq!(&read(&file), &one.rows);
        let footer = footer(&file);
        let columns = footer.row_group(0).columns();
        let [data, id, parent, time, field, index] = columns else {
            panic!("{} columns", columns.len());
        };
        for column in [data, time, field] {
            assert!(column.encodings().any(|e| e == Encoding::RLE_DICTIONARY));
            assert!(column.dictionary_page_offset().is_some());
            assert_eq!(column.compression(), Compression::SNAPPY);
        }
        for column in [id, parent] {
            assert_eq!(column.dictionary_page_offset(), None);
            assert_eq!(column.statistics(), None);
        }
        assert_eq!(id.compression(), Compression::UNCOMPRESSED);
        assert_eq!(parent.compression(), Compression::SNAPPY);
        assert!(
            index
                .encodings()
                .any(|e| e == Encoding::DELTA_BINARY_PACKED)
        );
        assert_eq!(index.dictionary_page_offset(), None);
        let Some(Statistics::Int64(statistics)) = index.statistics() else {
            panic!("{:?}", index.statistics());
        };
        assert_eq!(
            (statistics.min_opt(), statistics.max_opt()),
            (Some(&0), Some(&99))
        );
        assert_eq!(statistics.null_count_opt(), Some(0));
        // Without statistics, all that is known of a page is where it is.
        for column in columns {
            assert!(column.offset_index_offset().is_some());
            let has_statistics = column.statistics().is_some();
            assert_eq!(column.column_index_offset().is_some(), has_statistics);
        }
    }
    let numbers = range(5..105);
    let file = write(ParquetOptions::default(), &[with_roles(&numbers, 100)]);
    for place in [1, 2] {
        let column = footer(&file).row_group(0).column(place).clone();
        assert!(
            column
                .encodings()
                .any(|e| e == Encoding::DELTA_BINARY_PACKED)
        );
        assert_eq!(column.compression(), Compression::SNAPPY);
    }
}

#[test]
fn the_footer_says_what_the_file_holds() {
    let one = with_roles(&range(0..3), 3);
    let file = write(ParquetOptions::default(), std::slice::from_ref(&one));
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    let footer = footer(&file);
    let meta = footer.file_metadata();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        meta.created_by(),
        Some(format!("transmog version {version}").as_str())
    );
    assert_eq!(meta.num_rows(), 3);
    let time = meta.schema_descr().column(3);
    assert!(
        matches!(time.logical_type_ref(), Some(LogicalType::Timestamp(time)) if time.is_adjusted_to_u_t_c)
    );
    // Roles are kept in the Arrow schema.
    let schema = read(&file).schema();
    assert_eq!(Role::of(schema.field(1)), Some(Role::Id));
    assert_eq!(schema, one.rows.schema());
}

#[test]
fn names_may_be_anything() {
    let names = [
        "",
        "a.b",
        "a",
        "A",
        "list",
        "ä\u{1F980}\n\"`",
        "a.b.c",
        " ",
        "0",
    ];
    let columns = |from: i64| {
        let columns: Vec<_> = std::iter::zip(0.., names)
            .map(|(number, name)| (name, range(from + number..from + number + 2)))
            .collect();
        batch(&columns)
    };
    let file = write(eager(), &[columns(0), columns(2)]);
    let expected: Vec<_> = std::iter::zip(0.., names)
        .map(|(n, name)| (name, ints(&[n, n + 1, n + 2, n + 3].map(Some))))
        .collect();
    assert_columns(&file, &expected);
    let schema = footer(&file).file_metadata().schema_descr_ptr();
    assert_eq!(schema.column(1).path().parts(), ["a.b"]);
    let list = lists(&[Some(1)], ints(&[Some(1)]));
    let file = write(eager(), &[batch(&[("x.y", list)])]);
    let schema = footer(&file).file_metadata().schema_descr_ptr();
    assert_eq!(schema.column(0).path().parts(), ["x.y", "list", "element"]);
}

#[test]
fn what_stands_at_a_null_is_not_written() {
    // Arrow lets a null have any bytes.
    let hidden = |valid: &[bool]| {
        let all = StringArray::from(vec!["a", "hidden", "b", "hidden", "hidden", "c"]);
        let (offsets, bytes, _) = all.into_parts();
        let nulls = Some(NullBuffer::from(valid.to_vec()));
        Arc::new(StringArray::new(offsets, bytes, nulls)) as ArrayRef
    };
    let some = [true, false, true, false, false, true];
    let file = write(eager(), &[batch(&[("x", hidden(&some))])]);
    let clean = texts(&[Some("a"), None, Some("b"), None, None, Some("c")]);
    assert!(file == write(eager(), &[batch(&[("x", Arc::clone(&clean))])]));
    assert_columns(&file, &[("x", clean)]);
    let sliced = batch(&[("x", hidden(&some))]).slice(2, 4);
    let clean = texts(&[Some("b"), None, None, Some("c")]);
    assert_columns(&write(eager(), &[sliced]), &[("x", clean)]);
}

#[test]
fn values_that_hardly_repeat_have_no_dictionary() {
    let rows = 5000;
    let file_of = |text: &dyn Fn(i64) -> String, number: &dyn Fn(i64) -> i64| {
        let words: Vec<_> = (0..rows).map(text).collect();
        let words: Vec<_> = words.iter().map(|word| Some(word.as_str())).collect();
        let numbers: Vec<_> = (0..rows).map(number).collect();
        let floats: Vec<_> = numbers.iter().map(|number| *number as f64 / 4.0).collect();
        let columns: [(&str, ArrayRef); 3] = [
            ("word", texts(&words)),
            ("number", Arc::new(Int64Array::from(numbers))),
            ("float", Arc::new(Float64Array::from(floats))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        // However the rows are cut.
        let cut = |size: usize| -> Vec<TableBatch> {
            let starts = (0..rows as usize).step_by(size);
            let parts = starts.map(|at| batch.slice(at, size.min(rows as usize - at)));
            parts.map(Into::into).collect()
        };
        let file = write(ParquetOptions::default(), &cut(rows as usize));
        assert_eq!(file, write(ParquetOptions::default(), &cut(7)));
        assert_eq!(read(&file).columns(), batch.columns());
        file
    };
    let has_dictionary = |file: &[u8]| -> Vec<bool> {
        let footer = footer(file);
        let columns = footer.row_group(0).columns().iter();
        columns
            .map(|column| column.dictionary_page_offset().is_some())
            .collect()
    };
    let all = file_of(&|n| format!("word {n}"), &|n| n * 7919 % 100_003);
    assert_eq!(has_dictionary(&all), [false; 3]);
    let few = file_of(&|n| format!("word {}", n % 3000), &|n| n % 3000);
    assert_eq!(has_dictionary(&few), [true; 3]);
    let deltas = footer(&all).row_group(0).column(1).clone();
    assert!(
        deltas
            .encodings()
            .any(|e| e == Encoding::DELTA_BINARY_PACKED)
    );
}
