//! Random files as RFC 4180 has them, whose delimiter nobody tells. The `csv` crate, told the
//! delimiter, is the judge.

use std::io::Write;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde_json::{Map, Value};
use transmog::{CsvReadOptions, InputFormat, Processor};

use super::{options, processor, read_with};

/// Texts that cells are made of: what people, programs and other tables write.
const WORDS: &[&str] = &[
    "id", "name", "Müller", "New York", "x", "total", "a_b", "42", "ok", "n/a",
];
const PROSE: &[&str] = &[
    "Dear all, please note: it is late; see you tomorrow.",
    "He said \"no\", and left",
    "one, two, three",
    "first; second; third",
    "a | b | c",
    "tabs\tare\there",
    "5\" pipe",
    "\"quoted\"",
    "\"",
    " leading and trailing ",
    "https://example.org/?a=1;b=2&c=3,4",
];
const CODE: &[&str] = &[
    "for (i = 0; i < n; i++) {\n\tprint(\"a, b\", i);\n}",
    "SELECT a, b\nFROM t\nWHERE a = 'x;y'\n  AND b <> \"z\";",
    "{\"a\": [1, 2, 3],\n \"b\": \"c\"}",
    "id,name,qty\n1,a,3\n2,b,4\n",
    "id;name;qty\r\n1;a;3\r\n2;b;4",
    "a\tb\tc\n1\t2\t3",
    "x || y | z",
    "Dear all,\n\nplease note;\nthanks;\nbest,\nAnn",
    "line one\r\nline two\r\n",
    "\"a\";\"b\"\n\"c\";\"d\"",
    "\",\"\n\",\"",
    "\n",
    ",;|\t",
];
const VALUES: &[&str] = &[
    "0",
    "1",
    "-2.5",
    "1,5",
    "12.345,67",
    "2026-01-05",
    "12:30",
    "true",
    "",
    "",
    "007",
    "1e5",
];

/// A file and what is in it.
struct Made {
    text: String,
    delimiter: u8,
    has_header: bool,
}

struct Chance(ChaCha8Rng);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end as u64) as usize
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// A cell of a column of this kind.
    fn cell(&mut self, kind: usize) -> String {
        match kind {
            0 => self.below(100_000).to_string(),
            1 => self.one_of(WORDS).to_owned(),
            2 => self.one_of(PROSE).to_owned(),
            3 => self.one_of(CODE).to_owned(),
            4 => self.one_of(VALUES).to_owned(),
            _ => {
                let parts = self.below(4);
                let part = |chance: &mut Self| {
                    let kind = 1 + chance.below(4);
                    chance.cell(kind)
                };
                (0..parts).map(|_| part(self)).collect::<Vec<_>>().join(" ")
            }
        }
    }

    fn file(&mut self) -> Made {
        let width = 1 + self.below(7);
        // Nothing tells what would separate one column from another.
        let delimiter = if width == 1 {
            b','
        } else {
            b",;\t|"[self.below(4)]
        };
        let end = ["\n", "\r\n"][self.below(2)];
        let kinds: Vec<usize> = (0..width).map(|_| self.below(6)).collect();
        let has_header = !self.once_in(5);
        let mut rows = Vec::new();
        if has_header {
            let name = |column: usize| match self.below(6) {
                0 => format!("{} {column}", self.one_of(PROSE)),
                _ => format!("{}{column}", self.one_of(WORDS)),
            };
            rows.push((0..width).map(name).collect());
        }
        for _ in 0..=self.below(12) {
            rows.push(
                kinds
                    .iter()
                    .map(|kind| self.cell(*kind))
                    .collect::<Vec<_>>(),
            );
        }
        let quotes_all = self.once_in(4);
        let quotes_text = self.once_in(3);
        let mut text = String::new();
        for (number, row) in rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                if column > 0 {
                    text.push(char::from(delimiter));
                }
                let is_special =
                    |byte: u8| matches!(byte, b'"' | b'\r' | b'\n') || byte == delimiter;
                let is_text = cell.parse::<f64>().is_err();
                let must = cell.bytes().any(is_special) || (width == 1 && cell.is_empty());
                if must || quotes_all || (quotes_text && is_text) {
                    text.extend(["\"", &cell.replace('"', "\"\""), "\""]);
                } else {
                    text.push_str(cell);
                }
            }
            if number + 1 < rows.len() || !self.once_in(4) {
                text.push_str(end);
            }
        }
        Made {
            text,
            delimiter,
            has_header,
        }
    }
}

/// The rows as the `csv` crate reads them.
fn expected(made: &Made) -> Vec<Map<String, Value>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(made.delimiter)
        .has_headers(false)
        .from_reader(made.text.as_bytes());
    let mut rows: Vec<csv::StringRecord> =
        reader.records().map(|row| row.expect("valid")).collect();
    let names: Vec<String> = if made.has_header {
        rows.remove(0).iter().map(str::to_owned).collect()
    } else {
        (1..=rows[0].len())
            .map(|number| format!("column_{number}"))
            .collect()
    };
    let object = |row: &csv::StringRecord| {
        let cells = row.iter().map(Value::from);
        names.iter().cloned().zip(cells).collect()
    };
    rows.iter().map(object).collect()
}

fn as_written(has_header: bool) -> CsvReadOptions {
    options()
        .with_type_inference(false)
        .with_null_values([""; 0])
        .with_sanitized_column_names(false)
        .with_header(has_header)
}

fn read(processor: &Processor, input: &[u8]) -> Option<Vec<Map<String, Value>>> {
    let (_, rows) = read_with(processor, input).ok()?;
    let row = |line: &str| serde_json::from_str(line).expect("JSON");
    Some(rows.lines().map(row).collect())
}

#[test]
fn delimiters_of_random_files_are_found() {
    let cases = u64::from(crate::support::cases(1000).cases);
    let first = std::env::var_os("TRANSMOG_SEED");
    let first = first.map_or(Some(0), |seed| seed.to_str()?.parse().ok());
    let first: u64 = first.expect("TRANSMOG_SEED is a number");
    let (mut wrong, mut refused) = (Vec::new(), Vec::new());
    for seed in first..first + cases {
        let mut chance = Chance(ChaCha8Rng::seed_from_u64(seed));
        let made = chance.file();
        let mut processor = processor(as_written(made.has_header))
            .with_chunk_size([1, 7, 2000][chance.below(3)])
            .expect("allowed");
        let mut input = made.text.clone().into_bytes();
        if chance.once_in(8) {
            processor = processor.with_input_format(InputFormat::Csv);
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(&input).expect("memory");
            input = out.finish().expect("memory");
        }
        match read(&processor, &input) {
            Some(found) if found == expected(&made) => {}
            Some(_) => wrong.push((seed, made.text)),
            None => refused.push((seed, made.text)),
        }
    }
    let shown: Vec<_> = wrong.iter().chain(&refused).take(8).collect();
    let counts = (wrong.len(), refused.len());
    assert!(
        wrong.is_empty() && refused.len() as u64 * 200 < cases,
        "of {cases}, wrong and refused: {counts:?}; {shown:#?}"
    );
}
