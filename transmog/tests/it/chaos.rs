//! Anything with anything: random records, damage, settings, formats, paces and outputs that fail.
//! Whatever comes of it, the promises hold. Each case has a number that stands for all of it;
//! `TRANSMOG_SEED` is that of the first one.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde_json::{Map, Value, json};
use transmog::{
    ArrayMode, Config, Error, Ids, Input, InputFormat, Memory, OutputSpec, Processor, Recovery,
    Report, TooDeep,
};

use crate::{
    adversary::{Failing, Strength},
    support::cases,
};

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

struct Chance(ChaCha8Rng);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end as u64) as usize
    }

    /// True once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn value(&mut self, levels: usize) -> Value {
        match self.below(if levels == 0 { 7 } else { 11 }) {
            0 => Value::Null,
            1 => json!(self.once_in(2)),
            2 => json!(self.0.next_u64()),
            3 => json!(self.below(9)),
            4 => json!(self.below(1_000_000) as f64 / 64.0),
            5 => json!(self.one_of(&[
                "",
                "x",
                "a,b\"c\n",
                "\u{e9}\u{0}",
                "2026-01-01",
                "1e5",
                "{\"a\":[1]}"
            ])),
            6 => json!("long ".repeat(self.below(60))),
            7 | 8 => (0..self.below(4)).map(|_| self.value(levels - 1)).collect(),
            _ => Value::Object(self.fields(levels - 1)),
        }
    }

    fn fields(&mut self, levels: usize) -> Map<String, Value> {
        let keys = [
            "a", "b", "A", "a_b", "", "l", "__error", "__rest", "\u{e9}", "id",
        ];
        let fields =
            (0..self.below(6)).map(|_| (self.one_of(&keys).to_owned(), self.value(levels)));
        fields.collect()
    }

    fn text(&mut self, format: InputFormat) -> Vec<u8> {
        let records: Vec<Value> = (0..self.below(25))
            .map(|_| Value::Object(self.fields(3)))
            .collect();
        let lines = records.iter().map(|record| format!("{record}\n"));
        match format {
            InputFormat::JsonLines => lines.collect::<String>(),
            InputFormat::Csv => {
                let cell =
                    |value: &Value| format!("\"{}\"", value.to_string().replace('"', "\"\""));
                let row = |record: &Value| {
                    let cells: Vec<String> = ["a", "b", "l"]
                        .iter()
                        .map(|key| cell(&record[key]))
                        .collect();
                    cells.join(",") + "\n"
                };
                "a,b,l\n".to_owned() + &records.iter().map(row).collect::<String>()
            }
            _ if self.once_in(2) => json!(records).to_string(),
            _ => lines.collect::<String>(),
        }
        .into_bytes()
    }

    /// Cuts, changes and puts into it what means something.
    fn damage(&mut self, text: &mut Vec<u8>) {
        let words: [&[u8]; 14] = [
            b"NaN",
            b"{\"a\":1,\"a\":[2]}",
            b"\xff",
            b"\"",
            b"}",
            b"]",
            b"{",
            b"[",
            b"\n",
            b",",
            b"\\ud800",
            b"-",
            b"1e999999",
            b"\0",
        ];
        for _ in 0..self.below(4) {
            if text.is_empty() {
                return;
            }
            let at = self.below(text.len());
            match self.below(8) {
                0 => text.truncate(at),
                1 | 2 => text[at] = self.below(256) as u8,
                _ => {
                    let word = self.one_of(&words);
                    text.splice(at..at, word.iter().copied());
                }
            }
        }
    }

    fn config(&mut self) -> Result<Config, Error> {
        let base = self.one_of(&[Config::default(), Config::v1(), Config::v2()]);
        let ids = [Ids::Row, Ids::Hash, Ids::Row];
        let modes = [
            ArrayMode::Separate,
            ArrayMode::Smart,
            ArrayMode::Inline,
            ArrayMode::Keep,
            ArrayMode::Skip,
        ];
        let deep = [TooDeep::Json, TooDeep::Drop, TooDeep::DropPerItem];
        let mut config = base
            .with_ids(self.one_of(&ids))
            .with_array_mode(self.one_of(&modes))
            .with_too_deep(self.one_of(&deep))
            .with_kept_empties(self.once_in(4))
            .with_max_depth(self.one_of(&[1, 2, 100]))?
            .with_max_columns(self.one_of(&[1, 3, 20_000]))?
            .with_max_tables(self.one_of(&[2, 10_000, 10_000]))?;
        if self.once_in(4) {
            config = config.with_map_path("l".parse()?)?;
        }
        Ok(config)
    }
}

/// What a case is, but for its pace and its output.
struct Case {
    input: Vec<u8>,
    processor: Processor,
    output: &'static str,
}

impl Case {
    fn new(chance: &mut Chance) -> Self {
        let formats = [
            InputFormat::JsonLines,
            InputFormat::Json,
            InputFormat::Csv,
            InputFormat::Json5,
        ];
        let format = chance.one_of(&formats);
        let mut input = chance.text(format);
        if chance.once_in(2) {
            chance.damage(&mut input);
        }
        let recovery: Recovery = chance
            .one_of(&["strict", "skip", "partial"])
            .parse()
            .expect("a word");
        let mut processor = Processor::new()
            .with_config(chance.config().expect("allowed"))
            .with_input_format(format)
            .with_recovery(recovery)
            .with_nan_allowed(chance.once_in(4))
            .with_timestamp("2026-01-01T00:00:00Z")
            .expect("a time");
        if chance.once_in(4) {
            let bytes = chance.one_of(&[1, 30, 200]);
            processor = processor.with_max_record_bytes(bytes).expect("allowed");
        }
        if chance.once_in(6) {
            processor = processor.with_max_rejects(chance.below(3) as u64);
        }
        let output = chance.one_of(&["csv", "json", "parquet"]);
        Self {
            input,
            processor,
            output,
        }
    }

    fn run(
        &self,
        pace: (usize, usize),
        strength: Option<&Strength>,
    ) -> (Result<Report, Error>, Files) {
        let processor = self.processor.clone().with_chunk_size(pace.0);
        let processor = processor
            .and_then(|it| it.with_threads(pace.1))
            .expect("allowed");
        let (output, files) = if let Some(strength) = strength {
            let (failing, files) = Failing::new(strength);
            (OutputSpec::new(self.output, failing), files)
        } else {
            let (memory, files) = Memory::new();
            (OutputSpec::new(self.output, memory), files)
        };
        let mut ran = processor.stream_process(Input::bytes(&self.input), "t", output);
        if let Ok(report) = &mut ran {
            report.seconds = 0.0;
        }
        (ran, files.take())
    }
}

fn told(ran: &Result<Report, Error>) -> String {
    match ran {
        Ok(report) => format!("{report:?}"),
        Err(error) => error.to_string(),
    }
}

fn check(seed: u64) {
    let chance = &mut Chance(ChaCha8Rng::seed_from_u64(seed));
    let case = Case::new(chance);
    let endless = Strength::endless();
    let (ran, files) = case.run((1_000, 1), Some(&endless));
    match &ran {
        Ok(report) => {
            let rows = report.tables.first().map_or(0, |table| table.rows);
            assert_eq!(report.records_read, rows + report.records_rejected);
            assert!(report.ledger.adds_up(), "{:?}", report.ledger);
            let is_whole = report.problems_by_kind.is_empty();
            assert_eq!(files.contains_key("t.rejected.jsonl"), !is_whole);
        }
        Err(error) => {
            assert!(files.is_empty());
            assert!(matches!(error, Error::Data(_)), "{error}");
            let word = error.to_string();
            assert!(!word.contains("please report"), "{word}");
        }
    }
    let pace = (1 + chance.below(5), 1 + chance.below(4));
    let (again, files_again) = case.run(pace, None);
    assert_eq!(told(&again), told(&ran), "{pace:?}");
    assert!(files_again == files, "{pace:?}");

    let (bytes, calls) = endless.used();
    let left = (
        chance.below(bytes as usize + 1) as u64,
        chance.below(calls as usize + 1) as u64,
    );
    let strength = match chance.below(2) {
        0 => Strength::bytes_only(left.0),
        _ => Strength::calls_only(left.1),
    };
    let (broken, files_left) = case.run(pace, Some(&strength));
    if broken.is_ok() {
        assert_eq!(told(&broken), told(&ran));
        assert!(files_left == files);
    } else {
        assert!(files_left.is_empty());
        // Two errors are one after the other.
        let is_told = matches!(broken, Err(Error::Write(_))) || told(&broken) == told(&ran);
        assert!(is_told, "{}", told(&broken));
    }
}

#[test]
fn the_promises_hold_whatever_comes() {
    let seed = std::env::var_os("TRANSMOG_SEED");
    let seed = seed.map_or(Some(0), |seed| seed.to_str()?.parse::<u64>().ok());
    let seed = seed.expect("TRANSMOG_SEED is a number");
    for seed in seed..seed + u64::from(cases(1_000).cases) {
        let checked = catch_unwind(AssertUnwindSafe(|| check(seed)));
        let again = format!("it is case {seed}: TRANSMOG_SEED={seed} begins with it");
        assert!(checked.is_ok(), "{again}");
    }
}
