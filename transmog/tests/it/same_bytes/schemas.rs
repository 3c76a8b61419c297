//! Random tables, also long ones, in every format: columns that are sparse, late, in stretches, of
//! few values or of many, that widen, hold lists or objects. However the input is cut, the files
//! are the same.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use transmog::{ArrayMode, Config, Detection, Ids, WriterOptions};

use super::{lines, run};

/// What a column holds. Numbers in it are rows from which on the values are others.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Flag,
    Few,
    Counted,
    Number,
    Float,
    Word,
    Distinct,
    Long,
    Decimal,
    Widening(u64, u64),
    List,
    WideningList(u64),
    Object,
    Items,
    Date,
    Uuid,
    Mixed,
}

/// Which rows have a value.
#[derive(Debug, Clone, Copy)]
enum Rows {
    All,
    OneIn(u64),
    /// All but one in so many.
    Most(u64),
    From(u64),
    /// So many that have one, so many that have none, and so on.
    Stretches(u64),
}

#[derive(Debug, Clone)]
struct Column {
    kind: Kind,
    rows: Rows,
    seed: u64,
}

/// A number that looks random.
fn mixed(seed: u64, row: u64) -> u64 {
    let mut bits = (seed ^ row.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(row);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Column {
    fn has_value(&self, row: u64) -> bool {
        match self.rows {
            Rows::All => true,
            Rows::OneIn(many) => mixed(self.seed, row).is_multiple_of(many),
            Rows::Most(many) => !mixed(self.seed, row).is_multiple_of(many),
            Rows::From(first) => row >= first,
            Rows::Stretches(length) => (row / length).is_multiple_of(2),
        }
    }

    fn value(&self, row: u64) -> Value {
        let bits = mixed(self.seed ^ 1, row);
        let list = |item: &dyn Fn(u64) -> Value| -> Value {
            (0..bits % 4).map(|place| item(bits >> place)).collect()
        };
        match self.kind {
            Kind::Flag => json!(bits & 1 == 0),
            Kind::Few => json!(bits % 7),
            Kind::Counted => json!(row),
            Kind::Number => json!(bits.cast_signed()),
            Kind::Float => json!((bits % 1_000_000) as f64 / 64.0),
            Kind::Word => json!(["red", "green", "", "a, \"b\"\n"][bits as usize % 4]),
            Kind::Distinct => json!(format!("{bits:x}")),
            Kind::Long => json!("text ".repeat(bits as usize % 90)),
            Kind::Decimal if bits.is_multiple_of(50) => json!(u64::MAX),
            Kind::Decimal => json!(bits % 1000),
            Kind::Widening(float, text) => match row {
                _ if row >= text && bits.is_multiple_of(3) => json!("none"),
                _ if row >= float && bits.is_multiple_of(3) => json!(f64::from(bits as u16) / 8.0),
                _ => json!(bits % 5000),
            },
            Kind::List => list(&|bits| json!(bits % 100)),
            Kind::WideningList(text) => list(&|bits| match bits % 5 {
                0 => Value::Null,
                1 if row >= text => json!("none"),
                _ => json!(bits % 100),
            }),
            Kind::Object => json!({ "a": bits % 10, "b": { "c": format!("{}", bits % 300) } }),
            Kind::Items => {
                list(&|bits| json!({ "n": bits % 9, "tags": ["x", format!("{}", bits % 50)] }))
            }
            Kind::Date => json!(format!("20{:02}-0{}-11", bits % 100, 1 + bits % 9)),
            Kind::Uuid => {
                json!(format!(
                    "{:08x}-0000-4000-8000-{:012x}",
                    bits as u32,
                    bits >> 16
                ))
            }
            Kind::Mixed => match bits % 4 {
                0 => json!(bits % 10),
                1 => json!("x"),
                2 => Value::Null,
                _ => json!([bits % 3, "y"]),
            },
        }
    }
}

fn column(rows: u64) -> impl Strategy<Value = Column> {
    let at = 0..rows;
    let kind = prop_oneof![
        1 => Just(Kind::Flag),
        1 => Just(Kind::Few),
        1 => Just(Kind::Counted),
        1 => Just(Kind::Number),
        1 => Just(Kind::Float),
        2 => Just(Kind::Word),
        2 => Just(Kind::Distinct),
        1 => Just(Kind::Long),
        1 => Just(Kind::Decimal),
        4 => (at.clone(), at.clone()).prop_map(|(float, text)| Kind::Widening(float, text)),
        1 => Just(Kind::List),
        2 => at.clone().prop_map(Kind::WideningList),
        1 => Just(Kind::Object),
        1 => Just(Kind::Items),
        1 => Just(Kind::Date),
        1 => Just(Kind::Uuid),
        1 => Just(Kind::Mixed),
    ];
    let places = prop_oneof![
        3 => Just(Rows::All),
        2 => (2_u64..200).prop_map(Rows::OneIn),
        2 => (2..rows).prop_map(Rows::Most),
        3 => at.prop_map(Rows::From),
        3 => (1..rows).prop_map(Rows::Stretches),
    ];
    (kind, places, any::<u64>()).prop_map(|(kind, rows, seed)| Column { kind, rows, seed })
}

fn records(columns: &[Column], rows: u64) -> Vec<Value> {
    let record = |row: u64| {
        let with_value = columns.iter().enumerate();
        let with_value = with_value.filter(|(_, column)| column.has_value(row));
        let fields = with_value.map(|(place, column)| (format!("c{place}"), column.value(row)));
        Value::Object(fields.collect::<Map<_, _>>())
    };
    (0..rows).map(record).collect()
}

#[derive(Debug, Clone)]
struct Settings {
    mode: ArrayMode,
    detects: bool,
    group_size: u64,
    memory_bytes: u64,
    page_index: bool,
    bloom: &'static str,
}

fn settings(group_size: impl Strategy<Value = u64>) -> impl Strategy<Value = Settings> {
    let mode = prop_oneof![
        Just(ArrayMode::Smart),
        Just(ArrayMode::Separate),
        Just(ArrayMode::Keep)
    ];
    let memory_bytes = prop_oneof![Just(20_000_u64), Just(300_000), Just(64 << 20)];
    let bloom = prop_oneof![Just("none"), Just("all"), Just("c0,c3")];
    let flags = (any::<bool>(), any::<bool>());
    (mode, flags, group_size, memory_bytes, bloom).prop_map(
        |(mode, (detects, page_index), group_size, memory_bytes, bloom)| Settings {
            mode,
            detects,
            group_size,
            memory_bytes,
            page_index,
            bloom,
        },
    )
}

/// Runs all formats with the cuts and compares them with one thread and chunks of the usual size.
fn check(
    columns: &[Column],
    rows: u64,
    settings: &Settings,
    cuts: &[(usize, usize)],
) -> Result<(), TestCaseError> {
    let lines = lines(&records(columns, rows));
    let detection = if settings.detects {
        Detection::ALL
    } else {
        Detection::NONE
    };
    let config = Config::default()
        .with_ids(Ids::Row)
        .with_array_mode(settings.mode)
        .with_detection(detection);
    let options = WriterOptions::new()
        .with("row_group_size", settings.group_size)
        .with("memory_bytes", settings.memory_bytes)
        .with("page_index", settings.page_index)
        .with("bloom_filter", settings.bloom);
    let as_lines = WriterOptions::new().with("lines", true);
    let formats = [
        ("parquet", options),
        ("csv", WriterOptions::new()),
        ("json", as_lines),
    ];
    for format in formats {
        let (report, files) = run(&config, format.clone(), &lines, 2000, 1);
        for (chunk_size, threads) in cuts {
            let (other_report, others) =
                run(&config, format.clone(), &lines, *chunk_size, *threads);
            prop_assert_eq!(&report, &other_report);
            for (name, file) in &files {
                let same = others.get(name) == Some(file);
                prop_assert!(same, "{name}: {chunk_size} records, {threads} threads");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::support::cases(6))]

    #[test]
    fn chunks_and_threads_do_not_show_in_random_tables(
        columns in prop::collection::vec(column(700), 1..14),
        settings in settings(1_u64..900),
    ) {
        check(&columns, 700, &settings, &[(1, 1), (7, 8), (100, 2), (2000, 8)])?;
    }

    /// Columns are longer here than what the writer samples, than its blocks and its pages.
    #[test]
    fn chunks_and_threads_do_not_show_in_long_columns(
        columns in prop::collection::vec(column(26_000), 1..5),
        settings in settings(prop_oneof![Just(131_072_u64), 2000_u64..30_000]),
        cut in prop_oneof![Just((1, 2)), Just((7, 8)), Just((100, 1)), Just((100, 8)), Just((2000, 2))],
    ) {
        check(&columns, 26_000, &settings, &[cut])?;
    }
}
