//! How often each rule must apply, counted in values in memory: a rule about values counts those
//! that stand at its path, whatever becomes of them; a name and a type count tables and columns.

use std::collections::BTreeMap;

use serde_json::Value;

use super::oracle::{Path, Rules, Tables, full, is};

/// Counts by option and path.
pub(super) type Counts = BTreeMap<(&'static str, String), u64>;

impl Rules {
    /// The counts of a run that gives these tables.
    pub(super) fn counts(&self, records: &[Value], tables: &Tables) -> Counts {
        let mut counts = Counts::new();
        for (option, paths) in self.of_values() {
            for path in paths {
                counts.insert((option, path.join(".")), 0);
            }
        }
        for record in records {
            self.count_fields(&mut counts, &[], record, true);
        }
        for (path, _) in &self.rename {
            counts.insert(("--rename", path.join(".")), self.named(path, tables));
        }
        for path in &self.types {
            counts.insert(("--type", path.join(".")), self.typed(path, tables));
        }
        counts
    }

    fn of_values(&self) -> [(&'static str, &[Path]); 5] {
        [
            ("--json-path", &self.json),
            ("--map-path", &self.map),
            ("--array-path", &self.array),
            ("--exclude", &self.exclude),
            ("--select", &self.select),
        ]
    }

    /// Counts the fields of an object. Within text and what is left out, `opened` is false: a map
    /// is an object there.
    fn count_fields(&self, counts: &mut Counts, keys: &[String], object: &Value, opened: bool) {
        for (key, value) in object.as_object().into_iter().flatten() {
            let keys = [keys, std::slice::from_ref(key)].concat();
            for (option, paths) in self.of_values() {
                let mut met: Vec<&Path> = paths.iter().filter(|path| is(path, &keys)).collect();
                met.sort_unstable();
                met.dedup();
                if option != "--map-path" || value.is_object() {
                    for path in met {
                        *counts.entry((option, path.join("."))).or_default() += 1;
                    }
                }
            }
            let opened = opened && !self.is_out(&keys) && !Self::any(&self.json, &keys);
            let is_map = opened && Self::any(&self.map, &keys);
            match value {
                Value::Object(entries) if is_map => {
                    for entry in entries.values() {
                        self.count_items(counts, &keys, entry, true);
                    }
                }
                Value::Object(_) if opened && !is_map && Self::any(&self.array, &keys) => {
                    self.count_items(counts, &keys, value, true);
                }
                Value::Array(items) => {
                    let is_array = !is_map && Self::any(&self.array, &keys);
                    let opened = opened
                        && match self.mode.as_str() {
                            "separate" | "keep" => true,
                            "smart" => is_array || items.iter().any(Value::is_object),
                            _ => is_array,
                        };
                    for item in items {
                        self.count_items(counts, &keys, item, opened);
                    }
                }
                _ => self.count_fields(counts, &keys, value, opened),
            }
        }
    }

    /// Counts what is in an item; an array in an array is text.
    fn count_items(&self, counts: &mut Counts, keys: &[String], item: &Value, opened: bool) {
        match item {
            Value::Array(items) => {
                for item in items {
                    self.count_items(counts, keys, item, false);
                }
            }
            _ => self.count_fields(counts, keys, item, opened),
        }
    }

    fn named(&self, path: &Path, tables: &Tables) -> u64 {
        let begins = |keys: &Path, least: usize| {
            path.len() > least && keys.len() >= path.len() && is(path, &keys[..path.len()])
        };
        let mut named = 0;
        for (hops, table) in &tables.tables {
            let of_table = full(hops, &[]);
            named += u64::from(begins(&of_table, 0));
            let columns = table.columns.iter().take(self.most_columns());
            let columns = columns.filter(|column| begins(&full(hops, column), of_table.len()));
            named += columns.count() as u64;
        }
        named
    }

    fn typed(&self, path: &Path, tables: &Tables) -> u64 {
        let (mut typed, mut in_rest) = (0, false);
        for (hops, table) in &tables.tables {
            let is_typed = |column: &&Path| is(path, &full(hops, column));
            let (columns, rest) = table
                .columns
                .split_at(self.most_columns().min(table.columns.len()));
            typed += columns.iter().filter(is_typed).count() as u64;
            in_rest |= rest.iter().any(|column| is_typed(&column));
        }
        typed.max(u64::from(in_rest))
    }

    fn most_columns(&self) -> usize {
        self.max_columns.unwrap_or(1000)
    }
}
