//! Numbers keep their digits, in all formats and on the way back. Random numbers are judged with
//! integers of any size.

mod by_hand;
mod judge;

use std::path::Path;

use proptest::prelude::*;
use transmog::{Config, Ids, InputFormat, OutputSpec, Processor, Report, Value, WriterOptions};

use judge::Decimal;

const FORMATS: [&str; 3] = ["csv", "json", "parquet"];

/// Floats that are hard to read and to print: any bits, edges of binades, near zero, near the ends.
fn floats() -> impl Strategy<Value = f64> {
    let edges = (0_u64..2047, -2_i64..=2)
        .prop_map(|(exponent, off)| f64::from_bits((exponent << 52).saturating_add_signed(off)));
    let small = (1_u64..1 << 52).prop_map(f64::from_bits);
    let common =
        (any::<i32>(), 0..12_i32).prop_map(|(n, places)| f64::from(n) / 10_f64.powi(places));
    let wide = (any::<f64>(), -20..20_i32).prop_map(|(x, power)| (x % 1.0) * 10_f64.powi(power));
    let any = any::<u64>().prop_map(f64::from_bits);
    prop_oneof![any, edges, small, common, wide]
        .prop_filter("JSON has no others", |value| value.is_finite())
}

/// What programs print of floats.
fn printed() -> impl Strategy<Value = String> {
    (floats(), 0..4, 0..40_usize).prop_map(|(value, how, places)| match how {
        0 => format!("{value:.places$}"),
        1 => format!("{value:.places$e}"),
        2 => format!("{value:.16e}"),
        _ => format!("{value:e}"),
    })
}

/// Digits with a point and an exponent somewhere.
fn digits() -> impl Strategy<Value = String> {
    let decimal = "-?(0|[1-9][0-9]{0,19})\\.[0-9]{1,40}";
    let long = "-?(0|[1-9][0-9]{0,59})(\\.[0-9]{1,3}0{0,20})?";
    let exponent = "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?[eE][+-]?[0-9]{1,3}";
    let short = "-?(0|[1-9][0-9]{0,8})\\.[0-9]{1,6}";
    prop_oneof![decimal, long, exponent, short]
}

/// A number that a float gives back, with the last digit changed: it may still be one.
fn nearly() -> impl Strategy<Value = String> {
    (printed(), "[0-9]").prop_map(|(number, digit)| {
        let end = number.find('e').unwrap_or(number.len());
        format!("{}{digit}{}", &number[..end - 1], &number[end..])
    })
}

/// Numbers in JSON's grammar.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![3 => printed(), 3 => digits(), 1 => nearly(), 2 => "-?[1-9][0-9]{0,15}"]
}

fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

/// What the column of these numbers must be, as far as the rule about floats says it.
fn expected_type(numbers: &[String]) -> Option<&'static str> {
    let exact = |integer: &String| {
        let value: Result<i64, _> = integer.parse();
        value.is_ok_and(|value| value.unsigned_abs() <= 1 << 53)
    };
    let mut integers = numbers.iter().filter(|number| is_integer(number));
    let mut others = numbers.iter().filter(|number| !is_integer(number));
    others.clone().next()?;
    let is_float = integers.all(exact) && others.all(|number| Decimal::read(number).is_float());
    Some(if is_float { "float64" } else { "text" })
}

/// True if a value that was read back is the number: the float next to it where a float stands for
/// it, else all of its digits.
fn is_back(number: &str, text: &str) -> bool {
    let (written, found) = (Decimal::read(number), Decimal::read(text));
    let is_float = !is_integer(number) && written.is_float();
    written.is_same(&found) || is_float && written.nearest().to_bits() == found.nearest().to_bits()
}

/// A line for each number.
fn each(numbers: &[String], line: impl Fn(&str) -> String) -> String {
    let lines = numbers.iter().map(|number| line(number) + "\n");
    lines.collect::<Vec<_>>().concat()
}

fn run(processor: &Processor, input: &str, format: &str, folder: &Path) -> Report {
    let output = OutputSpec::directory((format, WriterOptions::new()), folder);
    let processor = processor.clone().with_manifest(true);
    processor.stream_process(input, "t", output).expect("a run")
}

fn processor(chunk_size: usize, empties: bool) -> Processor {
    let config = Config::default()
        .with_ids(Ids::Row)
        .with_kept_empties(empties);
    let pattern = |path: &str| path.parse().expect("a path");
    let config = config.with_json_path(pattern("j")).expect("a rule");
    let processor = Processor::new().with_config(config);
    processor.with_chunk_size(chunk_size).expect("more than 0")
}

fn back(folder: &Path) -> Vec<Value> {
    let records = transmog::unflatten(folder, None).expect("a manifest");
    records.map(|record| record.expect("a record")).collect()
}

fn type_of(report: &Report, table: usize, name: &str) -> String {
    let columns = &report.tables[table].columns;
    let column = columns.iter().find(|column| column.name == name);
    column.expect("the column").data_type.clone()
}

proptest! {
    #![proptest_config(crate::support::cases(150))]

    /// JSON to each format and back: as a field, as items that are rows, and within JSON text.
    #[test]
    fn numbers_of_json_come_back(
        numbers in prop::collection::vec(number(), 1..6),
        chunk_size in 1..4_usize,
        empties: bool,
    ) {
        let lines = each(&numbers, |number| format!("{{\"n\":{number},\"j\":[{number}],\"a\":[{number}]}}"));
        for format in FORMATS {
            let folder = tempfile::tempdir().expect("a folder");
            let report = run(&processor(chunk_size, empties), &lines, format, folder.path());
            if let Some(expected) = expected_type(&numbers) {
                prop_assert_eq!(type_of(&report, 0, "n"), expected, "{}", lines);
                prop_assert_eq!(type_of(&report, 1, "value"), expected, "{}", lines);
            }
            prop_assert_eq!(report.numbers_rounded, 0);
            let records = back(folder.path());
            prop_assert_eq!(records.len(), numbers.len());
            for (record, number) in records.iter().zip(&numbers) {
                // Not quoted: they are numbers again.
                let found = record["n"].to_string();
                prop_assert!(is_back(number, &found), "{number} came back as {found} in {format}");
                let Value::Array(items) = &record["a"] else {
                    panic!("{record}")
                };
                let found = items[0].to_string();
                prop_assert!(is_back(number, &found), "{number} came back as {found} in {format}");
                prop_assert_eq!(record["j"].to_string(), format!("[{number}]"));
            }
        }
    }

    /// CSV to each format and back: a column that is text as a whole has every cell as it is
    /// written.
    #[test]
    fn numbers_of_csv_come_back(
        numbers in prop::collection::vec(number(), 1..6),
        chunk_size in 1..4_usize,
    ) {
        let rows = format!("n\n{}", each(&numbers, str::to_owned));
        for format in FORMATS {
            let folder = tempfile::tempdir().expect("a folder");
            let processor = processor(chunk_size, false).with_input_format(InputFormat::Csv);
            let report = run(&processor, &rows, format, folder.path());
            let data_type = type_of(&report, 0, "n");
            if let Some(expected) = expected_type(&numbers) {
                prop_assert_eq!(&data_type, expected, "{}", rows);
            }
            let records = back(folder.path());
            prop_assert_eq!(records.len(), numbers.len());
            for (record, number) in records.iter().zip(&numbers) {
                let found = record["n"].to_text();
                prop_assert!(is_back(number, &found), "{number} came back as {found} in {format}");
                if data_type == "text" {
                    prop_assert_eq!(&found, number);
                }
            }
        }
    }

    /// Where the nearest float is asked for, it is the nearest, and the report counts how many are
    /// not exact.
    #[test]
    fn nearest_floats_are_counted(numbers in prop::collection::vec(number(), 1..6), by_type: bool) {
        let numbers: Vec<String> = numbers
            .into_iter()
            .filter(|number| !is_integer(number) && Decimal::read(number).nearest().is_finite())
            .collect();
        prop_assume!(!numbers.is_empty());
        let lines = each(&numbers, |number| format!("{{\"n\":{number}}}"));
        let processor = if by_type {
            Processor::new().with_type("n", "float64").expect("a type")
        } else {
            Processor::new().with_floats(transmog::Floats::Nearest)
        };
        let folder = tempfile::tempdir().expect("a folder");
        let report = run(&processor, &lines, "parquet", folder.path());
        prop_assert_eq!(type_of(&report, 0, "n"), "float64");
        let inexact = numbers.iter().filter(|number| !Decimal::read(number).is_float()).count();
        prop_assert_eq!(report.numbers_rounded, inexact as u64);
        for (record, number) in back(folder.path()).iter().zip(&numbers) {
            let found = record["n"].as_f64().expect("a float");
            prop_assert_eq!(found.to_bits(), Decimal::read(number).nearest().to_bits());
        }
    }
}
