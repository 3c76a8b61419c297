//! Shreds the items of an array whose record has not ended yet, in the two ways of records.

use transmog_core::{Error, ErrorKind, Shredder, TablePath};

use super::{ExactReader, duplicate_keys, parse, record_text};
use crate::{
    fault::{Fault, not_utf8},
    records::{RecordReader, Rules},
    split::Records,
};

/// Shreds a chunk of items.
///
/// # Errors
/// If one is bad and the strategy ends the run, or rows of it are written already.
pub(super) fn shred(reader: &mut RecordReader<'_>, table: &TablePath) -> Result<(), Error> {
    let chunk = reader.chunk;
    let Records::ArrayItems { first, items, .. } = &chunk.records else {
        return Err(Error::internal("records were taken for items"));
    };
    let data: &[u8] = &chunk.data;
    let text = simdutf8::basic::from_utf8(data).ok();
    let mut unescaped = String::new();
    // Levels count from the top of the record.
    let levels: usize = table.hops().iter().map(|hop| hop.len() + 1).sum();
    let rules = &Rules {
        deepest: reader.rules.deepest.saturating_sub(levels),
        ..reader.rules.clone()
    };
    reader.shredder.part(table, *first);
    // Number of items in parts that were sealed already.
    let mut before = 0;
    for (index, range) in items.iter().enumerate() {
        if reader.make_room()? {
            before = index;
            reader.shredder.part(table, first + before as u64);
        }
        let number = index - before;
        reader.item(
            range.clone(),
            index,
            |shredder| {
                let item = record_text(data, text, range.clone())?;
                duplicate_keys::check(chunk, range, item)?;
                take(shredder, number, item, rules, &mut unescaped)
            },
            |shredder| keep(shredder, number, &data[range.clone()], rules),
        )?;
    }
    Ok(())
}

fn take(
    shredder: &mut Shredder,
    index: usize,
    text: &str,
    rules: &Rules,
    unescaped: &mut String,
) -> Result<(), Fault> {
    let taken = shredder.part_item(index, |seed| parse(text, unescaped, seed).ok_or(()));
    if taken.is_ok() {
        return Ok(());
    }
    let mut reader = ExactReader::new(text, rules);
    let Some((_, value)) = reader.next_value()? else {
        return Ok(());
    };
    if !reader.is_at_end() {
        let message = "expected a comma or the end of the array".to_owned();
        return Err(Fault::new(ErrorKind::Syntax { message }, reader.at()));
    }
    let taken = shredder.part_value(index, &value);
    taken.map_err(|error| Fault::new(error.kind().clone(), 0))
}

/// Keeps the readable part of a bad item. If there is none, its row has only the mark.
fn keep(shredder: &mut Shredder, index: usize, raw: &[u8], rules: &Rules) -> bool {
    let text = String::from_utf8_lossy(raw);
    let mut reader = ExactReader::lenient(&text, rules);
    let Ok(Some((_, value))) = reader.next_value() else {
        return false;
    };
    let value = match std::str::from_utf8(raw) {
        Ok(_) => value,
        Err(error) => value.faulty(not_utf8(&error).to_string()),
    };
    shredder.keep_part_value(index, &value).is_ok()
}
