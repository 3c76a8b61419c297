//! Runs an input through all three formats and reads the files back.

use std::collections::BTreeMap;

use arrow_array::{
    Array,
    cast::AsArray,
    types::{
        Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType,
    },
};
use arrow_schema::{DataType, TimeUnit};
use chrono::DateTime;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use transmog::{
    Config, CsvReadOptions, Error, Input, InputFormat, Memory, OutputSpec, Processor, Report,
    WriterOptions,
};

/// What a run gave, without metadata columns.
pub(crate) struct Outcome {
    pub(crate) report: Report,
    /// Each table as CSV.
    pub(crate) csv: BTreeMap<String, String>,
    /// Each table as JSON Lines.
    pub(crate) json: BTreeMap<String, String>,
    /// Each table's columns as Parquet has them.
    pub(crate) parquet: BTreeMap<String, Vec<Column>>,
}

/// Name, type and values of a column.
pub(crate) type Column = (String, String, Vec<String>);

/// The default settings without metadata columns.
pub(crate) fn plain() -> Config {
    Config::default()
        .with_metadata(|metadata| {
            metadata.id = None;
            metadata.parent = None;
            metadata.time = None;
            metadata.array_field = None;
            metadata.array_index = None;
        })
        .expect("no names are no clash")
}

/// Turns a text into tables called `t`, `t_...` with the settings of [`plain`].
pub(crate) fn flatten(text: &str) -> Outcome {
    flatten_with(plain(), text)
}

/// Turns a text into tables called `t`, `t_...`.
pub(crate) fn flatten_with(config: Config, text: &str) -> Outcome {
    flatten_by(&Processor::new().with_config(config), text)
}

/// Turns the text of a CSV input into tables.
pub(crate) fn flatten_csv(config: Config, csv: CsvReadOptions, text: &str) -> Outcome {
    let processor = Processor::new().with_config(config);
    let csv = processor
        .with_input_format(InputFormat::Csv)
        .with_csv_options(csv);
    flatten_by(&csv, text)
}

fn flatten_by(processor: &Processor, text: &str) -> Outcome {
    let lines = WriterOptions::new().with("lines", true);
    let (report, csv) = files(processor, "csv", WriterOptions::new(), text).expect("csv");
    let (_, json) = files(processor, "json", lines, text).expect("json");
    let (_, parquet) = files(processor, "parquet", WriterOptions::new(), text).expect("parquet");
    let texts = |files: BTreeMap<String, Vec<u8>>| {
        let text = |bytes| {
            String::from_utf8(bytes)
                .expect("UTF-8")
                .replace("\r\n", "\n")
        };
        files
            .into_iter()
            .map(|(name, file)| (stem(&name), text(file)))
            .collect()
    };
    Outcome {
        report,
        csv: texts(csv),
        json: texts(json),
        parquet: parquet
            .into_iter()
            .map(|(name, file)| (stem(&name), columns(file)))
            .collect(),
    }
}

/// The files that a format gives.
pub(crate) fn files<'a>(
    processor: &Processor,
    format: &str,
    options: WriterOptions,
    input: impl Into<Input<'a>>,
) -> Result<(Report, BTreeMap<String, Vec<u8>>), Error> {
    let (memory, files) = Memory::new();
    let output = OutputSpec::new((format, options), memory);
    let report = processor.stream_process(input, "t", output)?;
    Ok((report, files.take()))
}

pub(crate) fn stem(file: &str) -> String {
    file.rsplit_once('.')
        .map_or(file, |(stem, _)| stem)
        .to_owned()
}

impl Outcome {
    /// Compares a table with what is expected of it.
    #[track_caller]
    pub(crate) fn table(
        &self,
        name: &str,
        csv: &[&str],
        json: &[&str],
        parquet: &[(&str, &str, &[&str])],
    ) {
        let found: Vec<&str> = self.csv[name].split_terminator('\n').collect();
        assert_eq!(found, csv, "{name}.csv");
        let found: Vec<&str> = self.json[name].lines().collect();
        assert_eq!(found, json, "{name}.json");
        let found: Vec<(&str, &str, Vec<&str>)> = self.parquet[name]
            .iter()
            .map(|(name, kind, values)| {
                (
                    name.as_str(),
                    kind.as_str(),
                    values.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        let expected: Vec<(&str, &str, Vec<&str>)> = parquet
            .iter()
            .map(|(name, kind, values)| (*name, *kind, values.to_vec()))
            .collect();
        assert_eq!(found, expected, "{name}.parquet");
    }
}

pub(crate) fn columns(file: Vec<u8>) -> Vec<Column> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file)).expect("Parquet");
    let fields = reader.schema().fields().iter();
    let mut columns: Vec<Column> = fields
        .map(|field| (field.name().clone(), kind(field.data_type()), Vec::new()))
        .collect();
    for batch in reader.build().expect("Parquet") {
        let batch = batch.expect("a row group");
        for (array, (_, _, values)) in batch.columns().iter().zip(&mut columns) {
            values.extend((0..array.len()).map(|row| cell(array.as_ref(), row)));
        }
    }
    columns
}

fn kind(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "boolean".into(),
        DataType::Int64 => "int64".into(),
        DataType::Float64 => "float64".into(),
        DataType::Decimal128(38, 0) => "decimal".into(),
        DataType::Utf8 => "text".into(),
        DataType::List(item) => format!("list<{}>", kind(item.data_type())),
        other => format!("{other}"),
    }
}

/// A cell's text; `-` for a null.
fn cell(array: &dyn Array, row: usize) -> String {
    if array.is_null(row) {
        return "-".into();
    }
    match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => format!("{:?}", array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(..) => array
            .as_primitive::<Decimal128Type>()
            .value(row)
            .to_string(),
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Date32 => {
            let day = array.as_primitive::<Date32Type>().value_as_date(row);
            day.expect("a day").to_string()
        }
        DataType::Timestamp(TimeUnit::Millisecond, zone) => {
            let millis = array.as_primitive::<TimestampMillisecondType>().value(row);
            let time = DateTime::from_timestamp_millis(millis).expect("a time");
            format!(
                "{}{}",
                time.format("%Y-%m-%dT%H:%M:%S%.3f"),
                suffix(zone.as_deref())
            )
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            let time = DateTime::from_timestamp_micros(micros).expect("a time");
            format!(
                "{}{}",
                time.format("%Y-%m-%dT%H:%M:%S%.6f"),
                suffix(zone.as_deref())
            )
        }
        DataType::FixedSizeBinary(16) => {
            let bytes: [u8; 16] = array
                .as_fixed_size_binary()
                .value(row)
                .try_into()
                .expect("16");
            let mut id = format!("{:032x}", u128::from_be_bytes(bytes));
            for at in [20, 16, 12, 8] {
                id.insert(at, '-');
            }
            id
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let items: Vec<String> = (0..items.len())
                .map(|item| cell(items.as_ref(), item))
                .collect();
            format!("[{}]", items.join(" "))
        }
        other => format!("{other}"),
    }
}

/// How a text says that it is in a time zone.
fn suffix(zone: Option<&str>) -> &str {
    match zone {
        Some("UTC") => "Z",
        other => other.unwrap_or_default(),
    }
}

/// So many cases of a property, times `TRANSMOG_CASES` for those who want to wait longer.
pub(crate) fn cases(cases: u32) -> proptest::test_runner::Config {
    let factor = std::env::var_os("TRANSMOG_CASES");
    let factor: u32 = factor.map_or(1, |factor| {
        let factor = factor.to_str().and_then(|factor| factor.parse().ok());
        factor.expect("TRANSMOG_CASES is a number")
    });
    proptest::test_runner::Config {
        cases: cases * factor,
        failure_persistence: None,
        ..Default::default()
    }
}
