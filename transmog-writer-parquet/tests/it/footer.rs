//! Checks that the footer is the one that the parquet crate would write for all row groups at once.

use arrow_array::ArrayRef;
use parquet::file::metadata::{
    ParquetMetaDataOptions, ParquetMetaDataReader, ParquetMetaDataWriter,
};

use crate::support::*;

/// What follows the metadata: its length, and the last four bytes of the file.
const TAIL: usize = 8;

fn metadata(file: &[u8]) -> &[u8] {
    let end = file.len() - TAIL;
    let length = u32::from_le_bytes(file[end..end + 4].try_into().unwrap()) as usize;
    &file[end - length..end]
}

/// The metadata, read and written again by the parquet crate.
fn rewritten(bytes: &[u8]) -> Vec<u8> {
    let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
    let read = ParquetMetaDataReader::decode_metadata_with_options(bytes, Some(&options)).unwrap();
    let mut written = Vec::new();
    ParquetMetaDataWriter::new(&mut written, &read)
        .finish()
        .unwrap();
    written.truncate(written.len() - TAIL);
    written
}

#[test]
fn the_footer_is_that_of_all_groups() {
    // Lists have longer headers from 15 items on, and lengths of two bytes from 128 on.
    for groups in [0, 1, 14, 15, 16, 200_i64] {
        let steps: Vec<_> = (0..groups)
            .map(|group| {
                let numbers: ArrayRef = range(group * 50..group * 50 + 50);
                let words: Vec<_> = (0..50).map(|i| format!("word {i} of {group}")).collect();
                let words: Vec<_> = words.iter().map(|word| Some(word.as_str())).collect();
                let lengths: Vec<_> = (0..50).map(|i| (i % 3 > 0).then_some(i % 5)).collect();
                let items = range(0..lengths.iter().flatten().sum::<usize>() as i64);
                let mut columns = vec![("number", numbers), ("list", lists(&lengths, items))];
                if group > 3 {
                    columns.push(("word", texts(&words)));
                }
                batch(&columns)
            })
            .collect();
        let steps = if steps.is_empty() {
            vec![batch(&[("number", range(0..0))])]
        } else {
            steps
        };
        let file = write(eager(), &steps);
        assert_eq!(footer(&file).num_row_groups() as i64, groups);
        let bytes = metadata(&file);
        assert!(bytes == rewritten(bytes), "{groups} groups");
    }
}

#[test]
fn groups_of_very_many_chunks_are_complete() {
    // The metadata of these chunks does not all stay in memory. A column in four comes late, and
    // another becomes text.
    const LATE: i64 = 20;
    let column = |number: i64, group: i64, last: bool| {
        let values: Vec<_> = (0..3).map(|i| group * 3 + i + number).collect();
        let spelled: Vec<_> = values.iter().map(|value| format!("{value:040}")).collect();
        match number % 4 {
            0 if group < LATE => last.then(|| texts(&[None; 3])),
            0 | 1 => Some(texts(
                &spelled.iter().map(|s| Some(&**s)).collect::<Vec<_>>(),
            )),
            2 if last || group >= LATE => {
                let plain: Vec<_> = values.iter().map(ToString::to_string).collect();
                Some(texts(&plain.iter().map(|s| Some(&**s)).collect::<Vec<_>>()))
            }
            _ => Some(ints(&values.into_iter().map(Some).collect::<Vec<_>>())),
        }
    };
    let names: Vec<_> = (0..400).map(|number| format!("c{number}")).collect();
    let numbered = || names.iter().zip(0_i64..);
    let steps = (0..40).map(|group| {
        let columns = numbered().filter_map(|(name, number)| {
            column(number, group, false).map(|array| (name.as_str(), array))
        });
        batch(&columns.collect::<Vec<_>>())
    });
    let file = write(eager(), &steps.collect::<Vec<_>>());
    let bytes = metadata(&file);
    assert!(bytes.len() > 3 << 19, "{}", bytes.len());
    assert!(bytes == rewritten(bytes));
    // Late columns come after the others.
    let read = read(&file);
    for (name, number) in numbered() {
        let parts: Vec<_> = (0..40)
            .map(|group| column(number, group, true).unwrap())
            .collect();
        let parts: Vec<_> = parts.iter().map(AsRef::as_ref).collect();
        let expected = arrow_select::concat::concat(&parts).unwrap();
        assert_eq!(read.column_by_name(name).unwrap(), &expected, "{name}");
    }
}
