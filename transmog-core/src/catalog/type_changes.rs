//! Finds the values that change the types of columns. Chunks come in input order, so the row of a
//! change does not depend on how the input is cut into chunks, or on the threads that shred them.

use std::sync::Arc;

use arrow_schema::DataType;

use super::{Catalog, Column};
use crate::{
    base::{ColumnPath, Result, TablePath},
    column::{SealedColumn, Seen},
    config::Cast,
    shred::{ShreddedChunk, ShreddedColumn},
    text,
    types::{Kinds, type_name},
};

/// Most characters that are shown of a value.
const SHOWN: usize = 60;

/// A value that changed the type of its column. A column that held nothing but nulls has no type
/// yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeChange {
    /// Name of the table.
    pub table: String,
    /// Its path.
    pub table_path: TablePath,
    /// Name of the column.
    pub column: String,
    /// Its keys within a row.
    pub path: ColumnPath,
    /// The word for the type before: see [`type_name`].
    pub from: String,
    /// The word for the type from this value on.
    pub to: String,
    /// True if the column is text now.
    pub is_text: bool,
    /// Number of the value's record among those of the chunk that became rows.
    pub record: u64,
    /// If the chunk holds items of a record that is still open, the number of the item in its
    /// array.
    pub item: Option<u64>,
    /// The value as JSON, cut after 60 characters.
    pub value: String,
}

/// A change in a table of the current chunk.
#[derive(Debug)]
pub(super) struct Found {
    /// Positions in the catalog: what the changes of one record are sorted by.
    table: usize,
    column: usize,
    row: u32,
    change: TypeChange,
}

impl Catalog {
    /// The changes of the chunk that was assembled last, by record and then by column.
    pub fn take_type_changes(&mut self) -> Vec<TypeChange> {
        let mut found = std::mem::take(&mut self.type_changes);
        found.sort_by_key(|found| (found.change.record, found.table, found.column));
        found.into_iter().map(|found| found.change).collect()
    }

    /// Notes how a chunk's column changes the type of a column of the catalog, before that takes it
    /// in.
    pub(super) fn note_type_changes(
        &mut self,
        (table, column): (usize, usize),
        table_path: &TablePath,
        chunk: &ShreddedColumn,
    ) -> Result<()> {
        let known = &self.tables[table].columns[column];
        let steps = type_steps((known.kinds, known.items), &chunk.values);
        for (row, from, to) in steps {
            let change = TypeChange {
                table: self.tables[table].name.clone(),
                table_path: table_path.clone(),
                column: known.name.clone(),
                path: Arc::clone(&chunk.path),
                is_text: to == DataType::Utf8,
                from: type_name(&from),
                to: type_name(&to),
                record: 0,
                item: None,
                value: shown(&chunk.values, row as usize)?,
            };
            self.type_changes.push(Found {
                table,
                column,
                row,
                change,
            });
        }
        Ok(())
    }

    /// Follows rows of a chunk's table up to their records. `first` is the first change of that
    /// table.
    pub(super) fn place_type_changes(
        &mut self,
        first: usize,
        chunk: &ShreddedChunk,
        position: usize,
    ) {
        for found in &mut self.type_changes[first..] {
            (found.change.record, found.change.item) = origin(chunk, position, found.row);
        }
    }

    /// Columns of flat records that some of a chunk's values are not text for, although the column
    /// is text when they have been taken in: their keys, and the number of the record from which on
    /// it is; 0 if it was before.
    pub fn text_from(&self, parts: &[ShreddedChunk]) -> Vec<(String, u64)> {
        let mut found: Vec<(String, u64)> = Vec::new();
        let columns = parts.iter().flat_map(|part| {
            let tables = part.tables.iter();
            tables.flat_map(|table| {
                let columns = table.columns.iter().map(|column| (&table.path, column));
                columns.filter(|(_, column)| !column.values.kinds.are_strings())
            })
        });
        for (table, column) in columns {
            let Some(key) = flat_key(table, &column.path) else {
                continue;
            };
            if found.iter().any(|(known, _)| *known == **key) {
                continue;
            }
            if let Some(record) = self.text_from_record(parts, table, &column.path) {
                found.push((key.to_string(), record));
            }
        }
        found
    }

    /// The record of a chunk from which on a column of flat records is text: 0 if it was before,
    /// `None` if it is not.
    pub fn text_from_row(&self, parts: &[ShreddedChunk], key: &str) -> Option<u64> {
        let [main, items] = flat_paths(key);
        self.text_from_record(parts, &main.0, &main.1)
            .or_else(|| self.text_from_record(parts, &items.0, &items.1))
    }

    /// The word for the type that a column of flat records has after values of these kinds; `None`
    /// if it is text, or if the settings decide its type and its cells do not.
    pub fn flat_type(&self, key: &str, kinds: Kinds) -> Option<String> {
        let schema = self.plan.schema.as_ref();
        let is_given = schema.is_some_and(|schema| schema.flat(key).is_some());
        if is_given || self.plan.settings.cast != Cast::Off {
            return None;
        }
        let [main, items] = flat_paths(key).map(|(table, column)| self.seen(&table, &column));
        let seen = joined(joined(main, items), (kinds, Kinds::NONE));
        let data_type = seen.0.data_type(seen.1);
        (data_type != DataType::Utf8).then(|| type_name(&data_type))
    }

    /// The change of a column of flat records to text by a value that the catalog did not see as
    /// one: a reader that knew of it took all values for text. `None` if there is no such column.
    pub fn flat_change(&self, key: &str, from: String, value: &str) -> Option<TypeChange> {
        let known = |(table_path, path): (TablePath, ColumnPath)| {
            let table = self.tables.get(&table_path)?;
            let is_bound = |(_, column): &(_, &Column)| column.bound.as_ref() == Some(&path);
            let bound = || Some(table.columns.iter().find(is_bound)?.1);
            let column = table.columns.get(&path).or_else(bound)?;
            Some((table, column, table_path, path))
        };
        let (table, column, table_path, path) = flat_paths(key).into_iter().find_map(known)?;
        Some(TypeChange {
            table: table.name.clone(),
            table_path,
            column: column.name.clone(),
            path,
            from,
            to: type_name(&DataType::Utf8),
            is_text: true,
            record: 0,
            item: None,
            value: TypeChange::shown_text(value),
        })
    }

    /// The record of these parts of a chunk from which on a column is text.
    fn text_from_record(
        &self,
        parts: &[ShreddedChunk],
        table: &TablePath,
        path: &ColumnPath,
    ) -> Option<u64> {
        let mut seen = self.seen(table, path);
        if seen.0.data_type(seen.1) == DataType::Utf8 {
            return Some(0);
        }
        let mut before = 0;
        for part in parts {
            let position = part.tables.iter().position(|it| it.path == *table);
            let column = position.and_then(|position| {
                let mut columns = part.tables[position].columns.iter();
                let column = columns.find(|column| column.path == *path)?;
                Some((position, &column.values))
            });
            if let Some((position, values)) = column {
                let steps = type_steps(seen, values);
                if let Some((row, ..)) = steps.iter().find(|(.., to)| *to == DataType::Utf8) {
                    return Some(before + origin(part, position, *row).0);
                }
                seen = joined(seen, (values.kinds, values.items));
            }
            before += part.records;
        }
        None
    }

    /// What a column has seen so far, or would begin with.
    fn seen(&self, table_path: &TablePath, path: &ColumnPath) -> Seen {
        let given = self.plan.schema.as_ref().and_then(|schema| {
            let table = schema.table(table_path)?;
            let column = schema.column(table, table_path, path)?;
            let table = &schema.tables[table];
            Some((&table.path, &table.columns[column].path))
        });
        let known = |(table, column): (&TablePath, &ColumnPath)| {
            let column = self.tables.get(table)?.columns.get(column)?;
            Some((column.kinds, column.items))
        };
        known((table_path, path))
            .or_else(|| known(given?))
            .or_else(|| Self::hinted(&self.plan, table_path, path))
            .unwrap_or_default()
    }
}

impl TypeChange {
    /// The key of the flat record's field that the column holds; `None` if it holds something
    /// nested.
    pub fn flat_key(&self) -> Option<&str> {
        flat_key(&self.table_path, &self.path).map(AsRef::as_ref)
    }

    /// How a text is shown as [`value`](Self::value).
    pub fn shown_text(text: &str) -> String {
        let mut json = Vec::new();
        text::write_json_string(&mut json, &cut(text));
        String::from_utf8(json).unwrap_or_default() // Only text was written.
    }
}

/// The key of a field of flat records: of a column of the main table, or of a table of lists that
/// each have one item.
fn flat_key<'p>(table: &'p TablePath, column: &'p ColumnPath) -> Option<&'p Arc<str>> {
    match (table.hops(), &**column) {
        ([], [key]) => Some(key),
        ([hop], []) => match &**hop {
            [key] => Some(key),
            _ => None,
        },
        _ => None,
    }
}

/// The tables and columns that may hold the field of a key.
fn flat_paths(key: &str) -> [(TablePath, ColumnPath); 2] {
    let path: ColumnPath = [Arc::from(key)].into();
    let items = TablePath::main().child(Arc::clone(&path));
    [(TablePath::main(), path), (items, ColumnPath::from([]))]
}

fn joined(one: Seen, other: Seen) -> Seen {
    (one.0.join(other.0), one.1.join(other.1))
}

/// The rows of a chunk's column that change the type of a column that has seen `known`, with the
/// type before and after.
fn type_steps(known: Seen, column: &SealedColumn) -> Vec<(u32, DataType, DataType)> {
    let all = joined(known, (column.kinds, column.items));
    if all == known || (known.0 == Kinds::NONE && column.steps.is_empty()) {
        return Vec::new();
    }
    let first_row = column.places().next().map_or(0, |(row, _)| row as u32);
    let rows = std::iter::once(first_row).chain(column.steps.iter().map(|step| step.row));
    let seen = column.steps.iter().map(|step| step.before);
    let seen = seen.chain([(column.kinds, column.items)]);
    let mut steps = Vec::new();
    let (mut now, mut from) = (known, known.0.data_type(known.1));
    for (row, seen) in std::iter::zip(rows, seen) {
        now = joined(now, seen);
        let to = now.0.data_type(now.1);
        if to != from && !held_nothing(&from, &to) {
            steps.push((row, from, to.clone()));
        }
        from = to;
    }
    steps
}

/// True if a column of the first type held only nulls, or lists of nulls, and has its first type
/// now.
fn held_nothing(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (DataType::Null, _) => true,
        (DataType::List(item), DataType::List(_)) => *item.data_type() == DataType::Null,
        _ => false,
    }
}

/// The number of the record that a row comes from, and of its item if the record is still open.
fn origin(chunk: &ShreddedChunk, position: usize, row: u32) -> (u64, Option<u64>) {
    let (mut table, mut row) = (&chunk.tables[position], row as usize);
    while let Some(parent) = table.parent {
        row = table.parent_rows.get(row).map_or(0, |row| *row as usize);
        table = &chunk.tables[parent];
    }
    if table.path.hops().is_empty() {
        return (row as u64, None);
    }
    let index = table.indexes.get(row).copied().unwrap_or_default();
    (0, Some(table.first_index + u64::from(index)))
}

/// The value in a row, as JSON.
fn shown(column: &SealedColumn, row: usize) -> Result<String> {
    let Some(place) = column.place(row) else {
        return Ok(String::new());
    };
    let mut value = Vec::new();
    if *column.data_type() == DataType::Utf8 && !column.is_text(place) {
        value.extend_from_slice(column.text(place).as_bytes());
        return Ok(cut(&String::from_utf8_lossy(&value)));
    }
    column.cells()?.write_text(place, &mut value);
    let value = String::from_utf8_lossy(&value);
    let is_string = match column.data_type() {
        DataType::Float64 => value.ends_with(char::is_alphabetic), // NaN and infinities.
        DataType::Boolean | DataType::Int64 | DataType::Decimal128(..) | DataType::List(_) => false,
        _ => true,
    };
    Ok(if is_string {
        TypeChange::shown_text(&value)
    } else {
        cut(&value)
    })
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assembler, Config, Plan, Run, Shredder, Value};

    fn changes(detection: &str, values: &[Value], chunk: usize) -> Vec<String> {
        let detection = detection.parse().expect("words");
        let config = Config::default()
            .with_detection(detection)
            .with_array_mode(crate::config::ArrayMode::Smart);
        let plan = Arc::new(Plan::compile(&config, "t").expect("it has a name"));
        let mut assembler = Assembler::new(Arc::clone(&plan));
        let mut shredder = Shredder::new(plan);
        let run = Run {
            time: 0,
            seed: [0; 32],
        };
        let mut found = Vec::new();
        for (number, values) in values.chunks(chunk).enumerate() {
            for value in values {
                let record = Value::Object([("a".to_owned(), value.clone())].into_iter().collect());
                shredder.record_value(&record).expect("a record");
            }
            let shredded = shredder.seal().expect("tables");
            let tables = assembler.assemble(&shredded, number as u64, &run);
            tables.expect("it fits");
            found.extend(
                assembler
                    .catalog_mut()
                    .take_type_changes()
                    .into_iter()
                    .map(|change| {
                        let record = (number * chunk) as u64 + change.record;
                        let TypeChange {
                            from, to, value, ..
                        } = change;
                        format!("{from} -> {to} at {record}: {value}")
                    }),
            );
        }
        found
    }

    #[test]
    fn each_change_is_found_where_it_is_wherever_chunks_end() {
        let text = |text: &str| Value::Text(text.to_owned());
        let number = |raw: &str| Value::Number(raw.to_owned());
        let one = |item: &Value| Value::Array(vec![item.clone()]);
        let list = |items: &[Value]| Value::Array(items.to_vec());
        let (null, int, float) = (Value::Null, Value::Int(7), Value::Float(0.5));
        let date = text("2026-01-31");
        let cases: &[(&str, &[Value], &[&str])] = &[
            ("none", &[null.clone(), int.clone(), int.clone()], &[]),
            (
                "none",
                &[
                    int.clone(),
                    null.clone(),
                    float.clone(),
                    text("7"),
                    text("x"),
                ],
                &["int64 -> float64 at 2: 0.5", r#"float64 -> text at 3: "7""#],
            ),
            (
                "none",
                &[
                    int.clone(),
                    Value::Int(i64::MAX),
                    number("9223372036854775808"),
                    Value::Bool(true),
                ],
                &[
                    "int64 -> decimal at 2: 9223372036854775808",
                    "decimal -> text at 3: true",
                ],
            ),
            (
                "none",
                &[Value::Int(i64::MAX), int.clone(), float.clone()],
                &["int64 -> text at 2: 0.5"],
            ),
            (
                "none",
                &[float.clone(), Value::Float(f64::NAN), text("x")],
                &[r#"float64 -> text at 2: "x""#],
            ),
            (
                "all",
                &[
                    null.clone(),
                    date.clone(),
                    date.clone(),
                    text("soon"),
                    int.clone(),
                ],
                &[r#"date -> text at 3: "soon""#],
            ),
            ("all", &[text("x"), date.clone(), int.clone()], &[]),
            (
                "all",
                &[date.clone(), text("2026-01-31T10:00:00Z")],
                &[r#"date -> text at 1: "2026-01-31T10:00:00Z""#],
            ),
            (
                "all",
                &[text("2026-01-31T10:00:00"), text("2026-01-31T10:00:00Z")],
                &[r#"timestamp[s] -> text at 1: "2026-01-31T10:00:00Z""#],
            ),
            (
                "all",
                &[
                    list(&[]),
                    one(&null),
                    one(&date),
                    list(&[date.clone(), text("x")]),
                    one(&int),
                    text("y"),
                ],
                &[
                    r#"list<date> -> list<text> at 3: ["2026-01-31","x"]"#,
                    "list<text> -> text at 4: [7]",
                ],
            ),
            (
                "none",
                &[one(&int), one(&float), text("y")],
                &[
                    "list<int64> -> list<float64> at 1: [0.5]",
                    r#"list<float64> -> text at 2: "y""#,
                ],
            ),
        ];
        for (detection, values, expected) in cases {
            for chunk in 1..=values.len() {
                let found = changes(detection, values, chunk);
                assert_eq!(found, *expected, "{values:?} by {chunk}");
            }
        }
    }

    #[test]
    fn long_values_are_cut() {
        let long = "é".repeat(61);
        let shown = format!("\"{}…\"", "é".repeat(60));
        assert_eq!(TypeChange::shown_text(&long), shown);
        assert_eq!(cut(&long[..120]), &long[..120]);
    }
}
