//! Sums up how often each rule of the settings applied, and suggests a path for rules that applied
//! to nothing.

use indexmap::IndexSet;

use super::Catalog;
use crate::{
    base::{ColumnPath, Pattern, TablePath, nearest},
    config::{Counted, LeftOut, Named, RuleUse},
    plan::Plan,
    shred::ShreddedChunk,
};

/// Most places that are remembered of those that no rule selects.
const MOST_LEFT_OUT: usize = 1000;

/// Counts by the numbers of rules.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Values, and for renames columns and tables.
    rules: Vec<u64>,
    /// Columns of headers without rows; `None` if there was no such header.
    by_header: Option<Vec<u64>>,
    /// Columns, for type settings.
    types: Vec<u64>,
    /// 1 for type settings that something without a column of its own has met.
    types_in_rest: Vec<u64>,
    /// Places that no rule selects, the first ones.
    left_out: IndexSet<LeftOut, ahash::RandomState>,
}

impl Met {
    /// Adds the counts of a chunk.
    pub(super) fn take(&mut self, chunk: &ShreddedChunk) {
        for (rule, met) in chunk.met.iter().enumerate() {
            *at(&mut self.rules, rule) += met;
        }
        if let Some(met) = &chunk.met_by_header {
            let counts = self.by_header.get_or_insert_default();
            for (rule, met) in met.iter().enumerate() {
                *at(counts, rule) += met;
            }
        }
        for place in &chunk.left_out {
            if self.left_out.len() < MOST_LEFT_OUT {
                self.left_out.insert(place.clone());
            }
        }
    }

    /// Counts a new table.
    pub(super) fn table(&mut self, plan: &Plan, path: &TablePath) {
        let keys: Vec<&str> = path.keys().collect();
        for rule in plan.settings.rules.renaming(&keys, 0) {
            *at(&mut self.rules, rule) += 1;
        }
    }

    /// Counts a new column.
    pub(super) fn column(&mut self, plan: &Plan, table: &TablePath, path: &ColumnPath) {
        let of_table = table.keys().count();
        let keys: Vec<&str> = all_keys(table, path).collect();
        for rule in plan.settings.rules.renaming(&keys, of_table) {
            *at(&mut self.rules, rule) += 1;
        }
        let types = plan.schema.iter();
        for rule in types.flat_map(|schema| schema.type_rules(table, path)) {
            *at(&mut self.types, rule) += 1;
        }
    }

    /// Counts what has no column of its own.
    pub(super) fn rest(&mut self, plan: &Plan, table: &TablePath, path: &ColumnPath) {
        let types = plan.schema.iter();
        for rule in types.flat_map(|schema| schema.type_rules(table, path)) {
            *at(&mut self.types_in_rest, rule) = 1;
        }
    }
}

fn at(counts: &mut Vec<u64>, rule: usize) -> &mut u64 {
    if counts.len() <= rule {
        counts.resize(rule + 1, 0);
    }
    &mut counts[rule]
}

fn all_keys<'k>(table: &'k TablePath, path: &'k ColumnPath) -> impl Iterator<Item = &'k str> {
    table.keys().chain(path.iter().map(AsRef::as_ref))
}

impl Catalog {
    /// All rules of the settings that are about places or names, in the order in which they were
    /// set, and how often each applied. Counts do not depend on chunks, and records that were
    /// rejected are not in them.
    pub fn rules(&self) -> Vec<RuleUse> {
        let mut rules = self.run_plan.settings.rules.uses();
        for (rule, met) in std::iter::zip(&mut rules, &self.met.rules) {
            rule.met = *met;
        }
        let by_header = self.met.by_header.iter().flatten();
        for (rule, columns) in std::iter::zip(&mut rules, by_header) {
            if rule.met == 0 && *columns > 0 {
                (rule.met, rule.counted) = (*columns, Counted::Columns);
            }
        }
        let mut types = self.run_plan.settings.schema.uses();
        for (number, rule) in types.iter_mut().enumerate() {
            let of = |counts: &[u64]| counts.get(number).copied().unwrap_or_default();
            // Which of them is added first depends on chunks.
            rule.met = of(&self.met.types).max(of(&self.met.types_in_rest));
        }
        rules.append(&mut types);
        if rules.iter().any(|rule| rule.met == 0) {
            let places = Places::new(self);
            for rule in rules.iter_mut().filter(|rule| rule.met == 0) {
                (rule.suggestion, rule.names) = places.meant(rule);
            }
        }
        rules.extend(self.id_rules());
        rules
    }

    /// Rows of the main table so far.
    pub fn rows(&self) -> u64 {
        self.tables.first().map_or(0, |(_, main)| main.rows)
    }

    /// True if there is something to judge rules by: rows, or the header of an input without rows.
    pub fn can_judge_rules(&self) -> bool {
        self.rows() > 0 || self.met.by_header.is_some()
    }

    /// True if a header is all that there is.
    pub(super) fn is_header_only(&self) -> bool {
        self.rows() == 0 && self.met.by_header.is_some()
    }

    /// True if there is a data column.
    pub fn has_columns(&self) -> bool {
        let mut tables = self.tables.values();
        tables.any(|table| !table.columns.is_empty())
    }
}

/// The places that there are, spelled as rules spell them.
struct Places {
    /// Columns and tables with their names and paths.
    names: Vec<(Named, String, String)>,
    /// Paths with their last keys.
    paths: IndexSet<String, ahash::RandomState>,
    /// Places that were left out.
    left_out: Vec<String>,
    separator: String,
}

impl Places {
    fn new(catalog: &Catalog) -> Self {
        let mut places = Self {
            names: Vec::new(),
            paths: IndexSet::default(),
            left_out: Vec::new(),
            separator: catalog.plan.settings.separator().to_owned(),
        };
        for (path, table) in &catalog.tables {
            let path = table.bound.as_ref().unwrap_or(path);
            if path.is_errors() {
                continue;
            }
            places.add(path, &ColumnPath::from([]), (Named::Table, &table.name));
            for (column_path, column) in &table.columns {
                let column_path = column.bound.as_ref().unwrap_or(column_path);
                places.add(path, column_path, (Named::Column, &column.name));
            }
        }
        for (table, path) in &catalog.met.left_out {
            let path = spelled(&all_keys(table, path).collect::<Vec<_>>());
            places.paths.insert(path.clone());
            places.left_out.push(path);
        }
        let headed = catalog.headed.iter().flat_map(|header| header.columns());
        for column in headed {
            places.paths.insert(spelled(&[&column.spelled]));
        }
        places
    }

    /// Adds a place and all on the way to it.
    fn add(&mut self, table: &TablePath, path: &ColumnPath, (named, name): (Named, &str)) {
        let keys: Vec<&str> = all_keys(table, path).collect();
        if keys.is_empty() {
            return;
        }
        for length in 1..=keys.len() {
            self.paths.insert(spelled(&keys[..length]));
        }
        self.names.push((named, name.to_owned(), spelled(&keys)));
    }

    /// The path that a rule probably means: that of the column or table with this name, and which
    /// of them it is; or the path most like it.
    fn meant(&self, rule: &RuleUse) -> (Option<String>, Option<Named>) {
        let given = rule.path.as_str();
        let Ok(pattern) = given.parse::<Pattern>() else {
            return (None, None);
        };
        let plain = pattern.to_string();
        let mut names = self.names.iter();
        let named = names.find(|(_, name, path)| name == given && *path != plain);
        match named {
            Some((named, _, path)) => (Some(path.clone()), Some(*named)),
            None => (self.like(rule, &pattern), None),
        }
    }

    /// The path most like that of a rule.
    fn like(&self, rule: &RuleUse, pattern: &Pattern) -> Option<String> {
        let given = rule.path.as_str();
        let without = pattern.without_indexes().map(|path| path.to_string());
        if let Some(path) = without.filter(|path| self.is_place(path)) {
            return Some(path);
        }
        if pattern.has_wildcard() {
            return None;
        }
        let is_other = |path: &&str| **path != *given && **path != pattern.to_string();
        // Where nothing is taken, there are no columns: the name may begin with a place that was
        // left out.
        let below = |place: &String| {
            let rest = given.strip_prefix(place.as_str())?;
            let key = rest.strip_prefix(self.separator.as_str())?;
            (!key.is_empty()).then(|| format!("{place}.{key}"))
        };
        let paths = || self.paths.iter().map(String::as_str).filter(is_other);
        let ends_so = |path: &&str| {
            let key = pattern.last_key().unwrap_or_default();
            let rest = path.strip_suffix(key);
            rest.is_some_and(|rest| rest.ends_with('.'))
        };
        let is_one_key = pattern.single_key().is_some() && rule.counted != Counted::Names;
        nearest(&pattern.to_string(), paths())
            .or_else(|| paths().find(ends_so).filter(|_| is_one_key))
            .map(str::to_owned)
            .or_else(|| self.left_out.iter().find_map(below))
    }

    /// True if there is such a path, or there may be one in what was left out.
    fn is_place(&self, path: &str) -> bool {
        let has = |place: &String| {
            let below = path.strip_prefix(place.as_str());
            below.is_some_and(|rest| rest.starts_with('.'))
        };
        self.paths.contains(path) || self.left_out.iter().any(has)
    }
}

fn spelled(keys: &[&str]) -> String {
    Pattern::of_keys(keys.iter().copied()).to_string()
}
