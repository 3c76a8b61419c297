//! Joins over ids, for every kind of ids: each child row meets its parent row and no other, unless
//! the report says that ids repeat. Which row is whose child is told by the input alone, read with
//! `serde_json`.

mod corpus;
mod random;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use transmog::{
    Config, IdFormula, IdSource, Ids, NaturalIds, ProcessingResult, Processor, Row, Table,
    TableReport,
};

/// The column that natural ids are looked for in, and that other kinds are made of.
const FIELD: &str = "id";

/// A kind of ids.
#[derive(Clone)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) config: Config,
    /// True if arrays without objects give no rows.
    pub(super) smart: bool,
    /// Column of the natural ids.
    natural: Option<&'static str>,
    /// Name of the id column.
    id: &'static str,
    /// True if different records have different ids, and so have all rows.
    pub(super) tells_records: bool,
}

/// All kinds of ids, of which some are made of fields.
pub(super) fn kinds(fields: &[&str]) -> Vec<Kind> {
    let kind = |name, ids, tells_records| Kind {
        name,
        config: Config::default().with_ids(ids),
        smart: false,
        natural: None,
        id: "__transmog_id",
        tells_records,
    };
    let natural = || NaturalIds::new().with_patterns([FIELD]).expect("allowed");
    let as_id_column = Config::default().with_ids(Ids::Natural(natural()));
    let as_id_column = as_id_column.with_metadata(|metadata| metadata.id = Some(FIELD.into()));
    let custom = |row: &Row<'_>| Some(format!("{}-{}", row.table(), row.get(FIELD)?.to_text()));
    let composite = || Ids::composite(fields.iter().copied()).expect("allowed");
    let python = |kind: Kind| Kind {
        config: kind.config.with_id_formula(IdFormula::Python),
        ..kind
    };
    vec![
        kind("random", Ids::Random, true),
        kind("row", Ids::Row, true),
        kind("hash", Ids::Hash, true),
        kind("composite", composite(), false),
        kind(
            "deterministic",
            Ids::Deterministic(IdSource::Column(fields[0].to_owned())),
            false,
        ),
        Kind {
            natural: Some(FIELD),
            ..kind("natural", Ids::Natural(natural()), false)
        },
        Kind {
            config: as_id_column.expect("allowed"),
            id: FIELD,
            ..kind("natural as the id column", Ids::Row, false)
        },
        kind(
            "natural, forced",
            Ids::Natural(natural().with_forced(true)),
            true,
        ),
        kind("custom", Ids::custom(custom), false),
        python(kind("hash of the Python package", Ids::Hash, false)),
        python(kind("composite of the Python package", composite(), false)),
    ]
}

/// The records of a text in `serde_json`'s eyes; `None` if it is not all objects.
pub(super) fn records_of(text: &str) -> Option<Vec<Value>> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let values: Vec<Value> = values.collect::<Result<_, _>>().ok()?;
    let records = match <[Value; 1]>::try_from(values) {
        Ok([Value::Array(items)]) => items,
        Ok([other]) => vec![other],
        Err(values) => values,
    };
    (records.iter().all(Value::is_object) && !records.is_empty()).then_some(records)
}

/// The values that rows are made of, each with the number of its parent row.
type Rows<'v> = Vec<(usize, &'v Value)>;

/// The items of the array that a hop leads to, or the entries of a map.
fn entries<'v>(value: &'v Value, hop: &[String], smart: bool, is_map: bool) -> Vec<&'v Value> {
    let found = hop.iter().try_fold(value, |value, key| value.get(key));
    match found {
        Some(Value::Array(items)) if !smart || items.iter().any(Value::is_object) => {
            items.iter().collect()
        }
        Some(Value::Object(fields)) if is_map => fields.values().collect(),
        _ => Vec::new(),
    }
}

/// What a row is pointed at with.
fn ids(table: &Table, kind: &Kind) -> Vec<String> {
    let id = |row: transmog::Value| {
        let own = row.get(kind.id).filter(|id| !id.is_null());
        let natural = || row.get(kind.natural?);
        let id = own.or_else(natural);
        id.expect("each row has an id").to_text()
    };
    table.rows().map(id).collect()
}

/// Runs records and checks all joins. Returns the rows of child tables, and how many ids repeat.
#[track_caller]
pub(super) fn check(
    kind: &Kind,
    text: &str,
    records: &[Value],
    pace: (usize, usize),
    maps: &[&str],
) -> (usize, u64) {
    let processor = Processor::new()
        .with_config(kind.config.clone())
        .with_chunk_size(pace.0)
        .and_then(|processor| processor.with_threads(pace.1))
        .expect("allowed");
    let result = match processor.process(text, "t") {
        Ok(result) => result,
        // Nothing in these records has the field.
        Err(error) if error.to_string().contains("no row has a column") => return (0, 0),
        Err(error) => panic!("{}: {error}", kind.name),
    };
    check_result(kind, &result, records, maps)
}

fn check_result(
    kind: &Kind,
    result: &ProcessingResult,
    records: &[Value],
    maps: &[&str],
) -> (usize, u64) {
    let mut expected: BTreeMap<&[Vec<String>], Rows<'_>> = BTreeMap::new();
    expected.insert(&[], records.iter().map(|record| (0, record)).collect());
    let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut children, mut repeated) = (0, 0);
    let mut main_repeats = 0;
    for report in &result.report().tables {
        let name = format!("{}: {}", kind.name, report.name);
        let table = result.table(&report.name).expect("a table of the report");
        let ids = ids(table, kind);
        check_repeats(&name, report, &ids);
        repeated += report.repeated_ids;
        if let Some((hop, outer)) = report.path.split_last() {
            let is_map =
                |hop: &[String]| hop.last().is_some_and(|key| maps.contains(&key.as_str()));
            let parents = &expected[outer];
            let rows = parents.iter().enumerate().flat_map(|(row, (_, value))| {
                let entries = entries(value, hop, kind.smart, is_map(hop));
                entries.into_iter().map(move |entry| (row, entry))
            });
            let rows: Rows<'_> = rows.collect();
            assert_eq!(rows.len(), ids.len(), "{name}");
            children += rows.len();
            let parent = report.parent.as_deref().expect("a child table");
            check_join(&name, table, &by_name[parent], &rows);
            expected.insert(&report.path, rows);
        } else {
            main_repeats = report.repeated_ids;
        }
        if kind.config.id_formula() == IdFormula::Linked
            && matches!(kind.config.ids(), Ids::Hash | Ids::Composite(_))
            && main_repeats == 0
        {
            assert_eq!(report.repeated_ids, 0, "{name}");
        }
        by_name.insert(&report.name, ids);
    }
    if kind.tells_records {
        let different: BTreeSet<String> = records.iter().map(Value::to_string).collect();
        if different.len() == records.len() {
            assert_eq!(repeated, 0, "{}", kind.name);
        }
    }
    (children, repeated)
}

/// The report counts the ids that repeat.
fn check_repeats(name: &str, report: &TableReport, ids: &[String]) {
    let different: BTreeSet<&String> = ids.iter().collect();
    let repeated = (ids.len() - different.len()) as u64;
    assert!(report.repeated_ids_exact, "{name}");
    assert_eq!(report.repeated_ids, repeated, "{name}");
}

/// Joins a table with its parents as a database does, and compares the pairs of rows with those
/// that belong together.
fn check_join(name: &str, table: &Table, parents: &[String], rows: &Rows<'_>) {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, id) in parents.iter().enumerate() {
        by_id.entry(id).or_default().push(row);
    }
    for ((row, cells), (parent, _)) in table.rows().enumerate().zip(rows) {
        let id = cells
            .get("__parent_transmog_id")
            .expect("a column")
            .to_text();
        let met = by_id.get(id.as_str()).map_or(&[][..], Vec::as_slice);
        assert!(
            met.contains(parent),
            "{name}: row {row} does not meet its parent"
        );
        let namesakes = parents
            .iter()
            .filter(|other| *other == &parents[*parent])
            .count();
        assert_eq!(
            met.len(),
            namesakes,
            "{name}: row {row} meets other parents"
        );
    }
}
