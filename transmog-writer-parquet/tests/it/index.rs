//! Tests what lets readers skip parts of a file: page indexes, bloom filters, and the mark that
//! rows are sorted; also for chunks of nulls and for chunks that were written again.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray, types::Int64Type};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
        RowSelector,
    },
    bloom_filter::Sbbf,
    file::{
        metadata::{ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, RowGroupMetaData},
        page_index::column_index::ColumnIndexMetaData,
        properties::ReaderProperties,
        reader::{FileReader, SerializedFileReader},
        serialized_reader::ReadOptionsBuilder,
    },
};
use transmog_core::{Role, TableBatch};
use transmog_writer_parquet::{BloomFilter, ParquetOptions};

use crate::support::*;

/// Rows of each row group; several pages of the encoder.
const ROWS: usize = 50_000;

/// Numbers, lists, numbers that become text, and a column that comes late, in three row groups.
fn grown() -> (Vec<TableBatch>, Vec<(&'static str, ArrayRef)>) {
    let rows = ROWS as i64;
    let numbers = |group: i64| range(group * rows..(group + 1) * rows);
    let words = |group: i64| -> Vec<String> {
        let numbers = group * rows..(group + 1) * rows;
        numbers.map(|n| format!("{}", n * 7 % 1000)).collect()
    };
    let text = |group| {
        texts(
            &words(group)
                .iter()
                .map(|w| Some(w.as_str()))
                .collect::<Vec<_>>(),
        )
    };
    let sevenths: Vec<_> = (0..rows).map(|n| Some(n * 7 % 1000)).collect();
    let list = || {
        let lengths: Vec<_> = (0..ROWS)
            .map(|row| (row % 5 > 0).then_some(row % 3))
            .collect();
        let items = lengths.iter().flatten().sum::<usize>() as i64;
        lists(&lengths, range(0..items))
    };
    let steps = vec![
        batch(&[("n", numbers(0)), ("l", list()), ("w", ints(&sevenths))]),
        batch(&[
            ("n", numbers(1)),
            ("l", list()),
            ("w", text(1)),
            ("late", numbers(5)),
        ]),
        batch(&[
            ("n", numbers(2)),
            ("l", list()),
            ("w", text(2)),
            ("late", nulls(ROWS)),
        ]),
    ];
    let concat = |parts: &[ArrayRef]| {
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        arrow_select::concat::concat(&parts).unwrap()
    };
    let none = ints(&vec![None; ROWS]);
    let columns = vec![
        ("n", range(0..3 * rows)),
        ("l", concat(&[list(), list(), list()])),
        ("w", concat(&[text(0), text(1), text(2)])),
        ("late", concat(&[none.clone(), numbers(5), none])),
    ];
    (steps, columns)
}

fn grown_file(options: ParquetOptions) -> Vec<u8> {
    let (mut steps, columns) = grown();
    // Types that are not known yet are those that the table has in the end.
    let last = steps.pop().unwrap();
    let schema = steps[1].rows.schema();
    steps.push(last.widened(&schema).unwrap());
    let file = write(options, &steps);
    assert_columns(&file, &columns);
    assert_eq!(group_rows(&file), [ROWS as i64; 3]);
    file
}

fn with_index(file: &[u8]) -> (Bytes, ArrowReaderMetadata) {
    let file = Bytes::copy_from_slice(file);
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    let metadata = ArrowReaderMetadata::load(&file, options).unwrap();
    (file, metadata)
}

#[test]
fn pages_hold_what_their_index_says() {
    let file = grown_file(eager());
    let (_, metadata) = with_index(&file);
    let metadata: &ParquetMetaData = metadata.metadata();
    let (columns, offsets) = (
        metadata.column_index().unwrap(),
        metadata.offset_index().unwrap(),
    );
    let (_, expected) = grown();
    for group in 0..3 {
        assert_eq!(offsets[group].len(), 4);
        for (place, (name, values)) in expected.iter().enumerate() {
            let pages = &offsets[group][place].page_locations;
            assert!(
                pages.len() > 1 || *name == "late" || *name == "w",
                "{name}: {}",
                pages.len()
            );
            let (start, length) = metadata.row_group(group).column(place).byte_range();
            for page in pages {
                let (offset, size) = (page.offset as u64, page.compressed_page_size as u64);
                assert!(start <= offset && offset + size <= start + length, "{name}");
            }
            let index = &columns[group][place];
            if *name == "l" {
                assert_eq!(*index, ColumnIndexMetaData::NONE);
                continue;
            }
            assert_eq!(index.num_pages(), pages.len() as u64, "{name}");
            for (page, location) in pages.iter().enumerate() {
                let next = pages
                    .get(page + 1)
                    .map_or(ROWS as i64, |next| next.first_row_index);
                let rows = (next - location.first_row_index) as usize;
                let values = values.slice(group * ROWS + location.first_row_index as usize, rows);
                assert_eq!(
                    index.null_count(page),
                    Some(values.null_count() as i64),
                    "{name}"
                );
                let bounds: Option<(String, String)> = match index {
                    ColumnIndexMetaData::INT64(index) => index
                        .min_value(page)
                        .zip(index.max_value(page))
                        .map(|(min, max)| (min.to_string(), max.to_string())),
                    ColumnIndexMetaData::BYTE_ARRAY(index) => {
                        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                        let bounds = index.min_value(page).zip(index.max_value(page));
                        bounds.map(|(min, max)| (text(min), text(max)))
                    }
                    other => panic!("{name} has {other:?}"),
                };
                let found: Option<(String, String)> =
                    if let Some(values) = values.as_string_opt::<i32>() {
                        let values = || values.iter().flatten().map(str::to_owned);
                        values().min().zip(values().max())
                    } else {
                        let values = values.as_primitive::<Int64Type>();
                        let bounds = values
                            .iter()
                            .flatten()
                            .min()
                            .zip(values.iter().flatten().max());
                        bounds.map(|(min, max)| (min.to_string(), max.to_string()))
                    };
                assert_eq!(bounds, found, "{name}, group {group}, page {page}");
            }
        }
    }
}

#[test]
fn readers_that_skip_pages_find_the_right_rows() {
    let (file, metadata) = with_index(&grown_file(eager()));
    let whole = read(&file);
    for (skip, take) in [
        (0, 10),
        (19_990, 25),
        (49_999, 2),
        (60_003, 30_000),
        (149_000, 1000),
    ] {
        let selection =
            RowSelection::from(vec![RowSelector::skip(skip), RowSelector::select(take)]);
        let reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata.clone())
                .with_row_selection(selection)
                .build()
                .unwrap();
        let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        let found = arrow_select::concat::concat_batches(&whole.schema(), &batches).unwrap();
        assert_eq!(found, whole.slice(skip, take));
    }
}

#[test]
fn indexes_stand_together_behind_the_data() {
    let file = grown_file(eager());
    let footer = footer(&file);
    let chunks = || {
        footer
            .row_groups()
            .iter()
            .flat_map(RowGroupMetaData::columns)
    };
    let end_of_data = chunks()
        .map(ColumnChunkMetaData::byte_range)
        .map(|(start, length)| start + length);
    let end_of_data = end_of_data.max().unwrap();
    for chunk in chunks() {
        let is_list = chunk.column_descr().max_rep_level() > 0;
        assert_eq!(chunk.column_index_offset().is_none(), is_list);
        let columns = chunk.column_index_offset();
        for offset in columns
            .into_iter()
            .chain([chunk.offset_index_offset().unwrap()])
        {
            assert!(offset as u64 >= end_of_data);
        }
    }
    let without = grown_file(eager().with_page_index(false));
    let without = self::footer(&without);
    for chunk in without
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns)
    {
        assert_eq!(chunk.column_index_offset(), None);
        assert_eq!(chunk.offset_index_offset(), None);
        assert!(chunk.statistics().is_some());
    }
}

/// The bloom filter of each column of a group.
fn filters(file: &[u8], group: usize) -> Vec<Option<Sbbf>> {
    let properties = ReaderProperties::builder()
        .set_read_bloom_filter(true)
        .build();
    let options = ReadOptionsBuilder::new()
        .with_reader_properties(properties)
        .build();
    let file = Bytes::copy_from_slice(file);
    let reader = SerializedFileReader::new_with_options(file, options).unwrap();
    let group = reader.get_row_group(group).unwrap();
    let count = group.metadata().num_columns();
    (0..count)
        .map(|column| group.get_column_bloom_filter(column).cloned())
        .collect()
}

#[test]
fn bloom_filters_know_the_values_in_the_file() {
    let named = BloomFilter::Columns(vec!["w".into(), "late".into(), "absent".into()]);
    let file = grown_file(eager().with_bloom_filter(named));
    for group in 0..3 {
        let filters = filters(&file, group);
        assert!(filters[0].is_none() && filters[1].is_none());
        // The numbers of the first group became text.
        let words = filters[2].as_ref().unwrap();
        assert!((0..1000).all(|word| words.check(word.to_string().as_str())));
        let others = (1000..2000).filter(|word| words.check(word.to_string().as_str()));
        assert!(others.count() < 300);
        if let Some(late) = &filters[3] {
            assert_eq!(late.check(&(5 * ROWS as i64)), group == 1);
        } else {
            assert_ne!(group, 1);
        }
    }
    let file = grown_file(eager().with_bloom_filter(BloomFilter::All));
    let all = filters(&file, 1);
    assert!(all.iter().all(Option::is_some));
    // The filter of a list column holds the items.
    assert!(all[1].as_ref().unwrap().check(&7_i64));
    assert!(filters(&grown_file(eager()), 1).iter().all(Option::is_none));
}

#[test]
fn row_groups_are_sorted_by_row_numbers() {
    let id = |numbered: bool| {
        let field = Role::Id.field("id", DataType::Int64);
        let mut metadata = field.metadata().clone();
        if numbered {
            metadata.insert(Role::ROW_NUMBERS.to_owned(), "true".to_owned());
        }
        field.with_metadata(metadata)
    };
    let make = |fields: Vec<Field>, columns: Vec<ArrayRef>| -> TableBatch {
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .unwrap()
            .into()
    };
    let data = |name: &str| Field::new(name, DataType::Int64, true);
    let steps = |numbered| {
        [
            make(
                vec![data("a"), id(numbered)],
                vec![range(5..10), range(0..5)],
            ),
            make(
                vec![data("a"), data("late"), id(numbered)],
                vec![range(5..10), range(0..5), range(5..10)],
            ),
        ]
    };
    let sorted = |options, numbered| -> Vec<Option<Vec<(i32, bool)>>> {
        let footer = footer(&write(options, &steps(numbered)));
        let groups = footer.row_groups().iter();
        let columns = groups.map(|group| {
            let columns = group.sorting_columns()?.iter();
            Some(
                columns
                    .map(|column| (column.column_idx, column.descending))
                    .collect(),
            )
        });
        columns.collect()
    };
    // The place of the column in the end, in both groups.
    let by_id = Some(vec![(2, false)]);
    assert_eq!(sorted(eager(), true), [by_id.clone(), by_id]);
    assert_eq!(sorted(eager(), false), [None, None]);
    assert_eq!(sorted(eager().with_sorted(false), true), [None, None]);
}
