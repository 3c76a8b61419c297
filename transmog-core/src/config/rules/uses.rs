//! Counts how often rules apply: the shredder counts values at a rule's path, chunk by chunk; the
//! catalog counts names.

use super::{How, Rule, Rules, What};
use crate::{
    base::{ColumnPath, TablePath},
    value::Value,
};

/// A rule of a run, and how often it applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleUse {
    /// Name of its setting: `exclude`, `select`, `json_path`, `map_path`, `array_path`, `rename`,
    /// `type`, `ids`.
    pub setting: &'static str,
    /// The path, as it was given; for ids their kind and a column: `composite:no`.
    pub path: String,
    /// The name or the type that it gives.
    pub value: Option<String>,
    /// What is counted.
    pub counted: Counted,
    /// How many of these there were in the records that were taken.
    pub met: u64,
    /// If there were none, a path that may have been meant.
    pub suggestion: Option<String>,
    /// What the path is the name of, if there were none: `user_ssn` is the name of the column whose
    /// path is `user.ssn`, which is the suggestion then.
    pub names: Option<Named>,
}

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Named {
    /// A column.
    Column,
    /// A table.
    Table,
}

/// What is counted for a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Values at its path, whatever they are: an array is one, its items are none. A value counts
    /// also where another rule wins, and within JSON text and values that are left out.
    Values,
    /// Objects at its path.
    Objects,
    /// Columns at its path; those without a column of their own are one together.
    Columns,
    /// Columns and tables at its path and below it.
    Names,
    /// Rows whose ids are made of the column; for composite ids also those where it is null.
    Rows,
}

/// A place that was left out: its table, and its keys within a row.
pub(crate) type LeftOut = (TablePath, ColumnPath);

impl Rules {
    /// How many rules were set.
    pub(crate) fn count(&self) -> usize {
        self.rules
            .iter()
            .map(|rule| rule.number + 1)
            .max()
            .unwrap_or(0)
    }

    /// The rules that count values at exactly these keys: their numbers, and whether only objects
    /// count.
    pub(crate) fn counting(&self, keys: &[&str]) -> Box<[(usize, bool)]> {
        let rules = self.matching(keys).filter(|rule| rule.counts_values());
        let mut numbers: Vec<_> = rules
            .map(|rule| (rule.number, rule.wants_object()))
            .collect();
        numbers.dedup();
        numbers.into()
    }

    /// True if there are rules for what may stand below these keys.
    pub(crate) fn goes_below(&self, keys: &[&str]) -> bool {
        let mut rules = self.rules.iter().filter(|rule| rule.counts_values());
        rules.any(|rule| {
            let missing = rule.pattern.leads_to(keys.iter().copied());
            missing.is_some_and(|missing| missing > 0)
        })
    }

    /// Counts what stands below these keys in a value that is not taken apart.
    pub(crate) fn count_below<'v>(
        &self,
        keys: &mut Vec<&'v str>,
        value: &'v Value,
        met: &mut [u64],
    ) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.count_below(keys, item, met);
                }
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    keys.push(key);
                    let is_object = value.readable().is_object();
                    for (number, wants_object) in &self.counting(keys) {
                        if is_object || !wants_object {
                            met[*number] += 1;
                        }
                    }
                    if self.goes_below(keys) {
                        self.count_below(keys, value, met);
                    }
                    keys.pop();
                }
            }
            Value::Faulty(faulty) => self.count_below(keys, &faulty.rest, met),
            // A scalar, or text that is too deep to be looked into.
            _ => {}
        }
    }

    /// The rules as they were set, with a count of nothing.
    pub(crate) fn uses(&self) -> Vec<RuleUse> {
        let mut uses: Vec<RuleUse> = Vec::new();
        for rule in &self.rules {
            if rule.number == uses.len() {
                uses.push(rule.unused());
            }
        }
        uses
    }
}

impl Rule {
    fn wants_object(&self) -> bool {
        self.what == What::Take(How::Map)
    }

    fn unused(&self) -> RuleUse {
        RuleUse {
            setting: self.what.setting(),
            path: self.pattern.as_given().to_owned(),
            value: match &self.what {
                What::Rename(name) => Some(name.clone()),
                _ => None,
            },
            counted: match self.what {
                What::Rename(_) => Counted::Names,
                What::Take(How::Map) => Counted::Objects,
                _ => Counted::Values,
            },
            met: 0,
            suggestion: None,
            names: None,
        }
    }
}
