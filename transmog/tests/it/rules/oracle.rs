//! What tables must be, computed from values in memory, one rule after another and without a
//! thought for speed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Keys, `*` for any.
pub(super) type Path = Vec<String>;

#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) json: Vec<Path>,
    pub(super) map: Vec<Path>,
    pub(super) array: Vec<Path>,
    pub(super) exclude: Vec<Path>,
    pub(super) select: Vec<Path>,
    pub(super) rename: Vec<(Path, String)>,
    /// Columns of text.
    pub(super) types: Vec<Path>,
    pub(super) mode: String,
    pub(super) max_columns: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    /// Paths in the order in which they were met.
    pub(super) columns: Vec<Path>,
    pub(super) rows: Vec<Row>,
}

#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) parent: Option<usize>,
    pub(super) index: usize,
    pub(super) key: Option<String>,
    /// Values by path.
    pub(super) cells: BTreeMap<Path, Value>,
}

/// By hops.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) tables: BTreeMap<Vec<Path>, Table>,
    pub(super) excluded: u64,
}

/// The current row: its table, its number, and what goes into it last.
struct At {
    hops: Vec<Path>,
    row: usize,
    kept: Vec<(Path, Value)>,
}

pub(super) fn is(pattern: &[String], keys: &[String]) -> bool {
    pattern.len() == keys.len() && leads(pattern, keys)
}

/// True if the keys are the pattern's first.
fn leads(pattern: &[String], keys: &[String]) -> bool {
    keys.len() <= pattern.len() && keys.iter().zip(pattern).all(|(k, p)| p == "*" || p == k)
}

pub(super) fn leaves(value: &Value) -> u64 {
    match value {
        Value::Null => 0,
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(fields) => fields.values().map(leaves).sum(),
        _ => 1,
    }
}

pub(super) fn full(hops: &[Path], path: &[String]) -> Path {
    hops.iter().flatten().chain(path).cloned().collect()
}

impl Rules {
    pub(super) fn any(patterns: &[Path], keys: &[String]) -> bool {
        patterns.iter().any(|pattern| is(pattern, keys))
    }

    /// True if the value itself is taken, not only what is below it.
    fn is_in(&self, keys: &[String]) -> bool {
        self.select.is_empty()
            || (0..=keys.len()).any(|length| Self::any(&self.select, &keys[..length]))
    }

    pub(super) fn is_out(&self, keys: &[String]) -> bool {
        Self::any(&self.exclude, keys)
            || !self.is_in(keys) && !self.select.iter().any(|pattern| leads(pattern, keys))
    }

    fn pruned(&self, keys: &[String], value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.pruned(keys, item)).collect(),
            Value::Object(fields) => {
                let mut rest = Map::new();
                for (key, value) in fields {
                    let below = [keys, std::slice::from_ref(key)].concat();
                    let is_scalar = !value.is_array() && !value.is_object();
                    if !(self.is_out(&below) || is_scalar && !self.is_in(&below)) {
                        rest.insert(key.clone(), self.pruned(&below, value));
                    }
                }
                Value::Object(rest)
            }
            scalar if self.is_in(keys) => scalar.clone(),
            _ => Value::Null,
        }
    }

    /// The plain name of a column.
    pub(super) fn column_name(&self, hops: &[Path], path: &Path) -> String {
        let keys = full(hops, path);
        for length in (keys.len() - path.len() + 1..=keys.len()).rev() {
            if let Some((_, name)) = self.rename.iter().find(|(at, _)| is(at, &keys[..length])) {
                return [std::slice::from_ref(name), &keys[length..]]
                    .concat()
                    .join("_");
            }
        }
        if path.is_empty() {
            "value".into()
        } else {
            path.join("_")
        }
    }

    /// The plain name of a table of the entity `t`.
    pub(super) fn table_name(&self, hops: &[Path]) -> String {
        let keys = full(hops, &[]);
        for length in (1..=keys.len()).rev() {
            if let Some((_, name)) = self.rename.iter().find(|(at, _)| is(at, &keys[..length])) {
                let is_array = (1..=hops.len()).any(|n| full(&hops[..n], &[]).len() == length);
                let below = [std::slice::from_ref(name), &keys[length..]]
                    .concat()
                    .join("_");
                return if is_array {
                    below
                } else {
                    format!("t_{below}")
                };
            }
        }
        [&["t".to_owned()], keys.as_slice()].concat().join("_")
    }

    pub(super) fn tables(&self, records: &[Value]) -> Tables {
        let mut tables = Tables::default();
        for record in records {
            let mut at = tables.begin(Vec::new(), Row::default());
            self.fields(&mut tables, &mut at, &[], record);
            tables.end(at);
        }
        tables
    }

    fn fields(&self, tables: &mut Tables, at: &mut At, path: &[String], object: &Value) {
        for (key, value) in object.as_object().into_iter().flatten() {
            let path = [path, std::slice::from_ref(key)].concat();
            self.field(tables, at, path, value);
        }
    }

    fn field(&self, tables: &mut Tables, at: &mut At, path: Path, value: &Value) {
        let keys = full(&at.hops, &path);
        if self.is_out(&keys) {
            tables.excluded += leaves(value);
            return;
        }
        let is_scalar = !value.is_array() && !value.is_object();
        let left_out = is_scalar && !self.is_in(&keys);
        if Self::any(&self.json, &keys) {
            if left_out {
                tables.excluded += leaves(value);
            } else {
                self.text(tables, at, path, value);
            }
        } else if Self::any(&self.map, &keys) && value.is_object() {
            let entries = value.as_object().into_iter().flatten();
            let entries = entries.map(|(key, value)| (Some(key.clone()), value));
            self.items(tables, at, path, entries.collect());
        } else if Self::any(&self.map, &keys) || !Self::any(&self.array, &keys) {
            match value {
                Value::Object(_) => self.fields(tables, at, &path, value),
                Value::Array(items) => self.array(tables, at, path, value, items),
                _ if left_out => tables.excluded += leaves(value),
                _ => tables.cell(at, path, value.clone()),
            }
        } else {
            let items = match value {
                Value::Array(items) => items.iter().collect(),
                Value::Null => Vec::new(),
                other => vec![other],
            };
            let items = items.into_iter().map(|item| (None, item));
            self.items(tables, at, path, items.collect());
        }
    }

    fn array(&self, tables: &mut Tables, at: &mut At, path: Path, array: &Value, items: &[Value]) {
        let all: Vec<_> = items.iter().map(|item| (None, item)).collect();
        let is_table = items.iter().any(Value::is_object);
        match self.mode.as_str() {
            _ if items.is_empty() => {}
            "separate" => self.items(tables, at, path, all),
            "smart" if is_table => self.items(tables, at, path, all),
            "skip" => tables.excluded += leaves(array),
            "keep" => {
                let keys = full(&at.hops, &path);
                let rest = self.pruned(&keys, array);
                tables.excluded += leaves(array) - leaves(&rest);
                if leaves(&rest) > 0 || leaves(array) == 0 {
                    at.kept.push((path.clone(), rest));
                }
                self.items(tables, at, path, all);
            }
            _ => self.text(tables, at, path, array),
        }
    }

    /// A cell of what is left of a value.
    fn text(&self, tables: &mut Tables, at: &mut At, path: Path, value: &Value) {
        let rest = self.pruned(&full(&at.hops, &path), value);
        tables.excluded += leaves(value) - leaves(&rest);
        if leaves(&rest) > 0 || leaves(value) == 0 {
            tables.cell(at, path, rest);
        }
    }

    fn items(
        &self,
        tables: &mut Tables,
        at: &At,
        path: Path,
        items: Vec<(Option<String>, &Value)>,
    ) {
        let hops = [at.hops.as_slice(), &[path]].concat();
        for (index, (key, value)) in items.into_iter().enumerate() {
            let mut row = tables.begin(
                hops.clone(),
                Row {
                    parent: Some(at.row),
                    index,
                    key,
                    cells: BTreeMap::new(),
                },
            );
            match value {
                Value::Object(_) => self.fields(tables, &mut row, &[], value),
                Value::Array(_) => self.text(tables, &mut row, Vec::new(), value),
                _ if !self.is_in(&full(&hops, &[])) => tables.excluded += leaves(value),
                _ => tables.cell(&row, Vec::new(), value.clone()),
            }
            tables.end(row);
        }
    }
}

impl Tables {
    fn begin(&mut self, hops: Vec<Path>, row: Row) -> At {
        let table = self.tables.entry(hops.clone()).or_default();
        table.rows.push(row);
        At {
            row: table.rows.len() - 1,
            hops,
            kept: Vec::new(),
        }
    }

    fn cell(&mut self, at: &At, path: Path, value: Value) {
        let table = self.tables.entry(at.hops.clone()).or_default();
        if !table.columns.contains(&path) {
            table.columns.push(path.clone());
        }
        table.rows[at.row].cells.insert(path, value);
    }

    fn end(&mut self, mut at: At) {
        for (path, value) in std::mem::take(&mut at.kept) {
            self.cell(&at, path, value);
        }
    }
}

/// Values as one nested object.
pub(super) fn nested(values: &[(&Path, &Value)]) -> Value {
    let mut all = json!({});
    for (path, value) in values {
        let mut place = &mut all;
        for key in *path {
            place = &mut place[key.as_str()];
        }
        *place = (*value).clone();
    }
    all
}
