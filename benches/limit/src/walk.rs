//! Parsing and nothing else: every key, text and number is read, and none is kept. Reading the file
//! is not counted.

use std::{
    fmt,
    fs::File,
    hint::black_box,
    io::Read,
    marker::PhantomData,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use csv_core::ReadRecordResult;
use memchr::{memchr_iter, memrchr};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use transmog_io::parse_json;

/// What is read at once.
pub(crate) const BLOCK: usize = 2 << 20;

/// What a walk saw.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) time: Duration,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

/// Walks a file of JSON Lines, or of CSV if it is called so.
pub(crate) fn file(path: &Path) -> anyhow::Result<Walked> {
    let mut input = File::open(path)?;
    let is_csv = path.extension().is_some_and(|extension| extension == "csv");
    let mut csv = Csv::new();
    let mut walked = Walked::default();
    let mut block = Vec::new();
    loop {
        let read = (&mut input).take(BLOCK as u64).read_to_end(&mut block)?;
        let is_last = read == 0;
        // A CSV reader goes on where it was; a line of JSON must be whole.
        let end = if is_csv || is_last {
            block.len()
        } else {
            memrchr(b'\n', &block).map_or(0, |at| at + 1)
        };
        let start = Instant::now();
        walked.records += if is_csv {
            csv.walk(&block[..end], is_last)
        } else {
            lines(&block[..end])?
        };
        walked.time += start.elapsed();
        walked.bytes += end as u64;
        block.drain(..end);
        if is_last {
            return Ok(walked);
        }
    }
}

fn lines(block: &[u8]) -> anyhow::Result<u64> {
    let text = simdutf8::basic::from_utf8(block).context("the input is not UTF-8")?;
    let mut unescaped = String::new();
    let mut records = 0;
    let mut start = 0;
    for end in memchr_iter(b'\n', block).chain([block.len()]) {
        let line = &text[start..end];
        start = (end + 1).min(block.len());
        if !line.is_empty() {
            parse_json(line, &mut unescaped, PhantomData::<Seen>).context("a line is no JSON")?;
            records += 1;
        }
    }
    Ok(records)
}

/// Takes rows apart into cells.
struct Csv {
    reader: csv_core::Reader,
    cells: Vec<u8>,
    ends: Vec<usize>,
    records: u64,
}

impl Csv {
    fn new() -> Self {
        Self {
            reader: csv_core::Reader::new(),
            cells: vec![0; 1 << 16],
            ends: vec![0; 1 << 12],
            records: 0,
        }
    }

    /// Rows that ended in this block.
    fn walk(&mut self, mut block: &[u8], is_last: bool) -> u64 {
        let before = self.records;
        loop {
            let (result, read, _, _) =
                self.reader
                    .read_record(block, &mut self.cells, &mut self.ends);
            block = &block[read..];
            black_box(&self.cells);
            match result {
                ReadRecordResult::Record => self.records += 1,
                ReadRecordResult::InputEmpty if is_last => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => break,
                // The rest of the row overwrites what was seen of it.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {}
            }
        }
        self.records - before
    }
}

/// A value that was looked at.
struct Seen;

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Seen {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_bytes<E>(self, number: &[u8]) -> Result<Self, E> {
        black_box(number);
        Ok(self)
    }

    fn visit_str<E>(self, value: &str) -> Result<Self, E> {
        black_box(value);
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn walked(name: &str, text: &str) -> anyhow::Result<Walked> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        file(&path)
    }

    #[test]
    fn records_are_counted_across_blocks() {
        let line = r#"{"a":[1,2.5,"x\n",null,true,{"b":-1}]}"#;
        for count in [0, 1, 300_000] {
            let text = format!("{line}\n").repeat(count);
            let walked = walked("t.jsonl", &text).unwrap();
            assert_eq!(walked.records, count as u64);
            assert_eq!(walked.bytes, text.len() as u64);
        }
        assert_eq!(walked("t.jsonl", line).unwrap().records, 1);
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        assert!(walked("t.jsonl", "{\"a\":1}\n{\"a\":\n").is_err());
    }

    #[test]
    fn csv_rows_may_hold_line_breaks() {
        let text = format!("a,b\n{}", "1,\"two\nlines\"\n".repeat(500_000));
        assert_eq!(walked("t.csv", &text).unwrap().records, 500_001);
        assert_eq!(walked("t.csv", "a\n1").unwrap().records, 2);
    }
}
