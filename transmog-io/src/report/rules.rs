//! Reports how often each rule of the settings matched, and warns about those that matched nothing.

use std::fmt;

use serde::Serialize;
use transmog_core::{Catalog, Counted, Error, ErrorKind, Named, RuleUse, nearest};

use super::Report;
use crate::writer::{OptionRule, StreamingWriter};

/// A rule of the settings, and how often it matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuleReport {
    /// The option of the command that sets it: `--exclude`, `--rename`, ... or `-O` and the option
    /// of the format.
    pub option: String,
    /// The path as given, the kind of ids and a column (`composite:no`), or the column name in an
    /// option of the format.
    pub path: String,
    /// The name or type that it sets.
    pub value: Option<String>,
    /// How often it matched, in the unit of `counted`.
    pub met: u64,
    /// What `met` counts. `values`: those at the path, whatever they are, also where another rule
    /// wins, and within JSON text and values that are left out; an array is one. `objects`: those
    /// at the path. `columns`: those at the path or of the name. `columns and tables`: those at the
    /// path and below it. `rows`: those whose ids are made of the column.
    pub counted: &'static str,
    /// If it matched nothing: a path or column name that may have been meant.
    pub suggestion: Option<String>,
    /// What has the path as its name, if that is why it applied to nothing; `suggestion` is its
    /// path then.
    #[serde(skip)]
    pub(crate) names: Option<Named>,
}

const VALUES: &str = "values";
const OBJECTS: &str = "objects";
const COLUMNS: &str = "columns";
const NAMES: &str = "columns and tables";
const ROWS: &str = "rows";

impl RuleReport {
    /// All rules of a run.
    pub(crate) fn all(catalog: &Catalog, writer: &dyn StreamingWriter) -> Vec<Self> {
        let mut rules: Vec<Self> = catalog.rules().into_iter().map(Self::from).collect();
        let options = writer.option_rules();
        if !options.is_empty() {
            let tables = catalog.tables();
            let columns = tables.iter().flat_map(|table| &table.columns);
            let names: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
            rules.extend(
                options
                    .into_iter()
                    .map(|rule| Self::of_option(rule, &names)),
            );
        }
        rules
    }

    fn of_option(rule: OptionRule, names: &[&str]) -> Self {
        let OptionRule {
            option,
            column,
            met,
        } = rule;
        let near = nearest(&column, names.iter().copied()).filter(|_| met == 0);
        Self {
            option: format!("-O {option}"),
            suggestion: near.map(str::to_owned),
            path: column,
            value: None,
            met,
            counted: COLUMNS,
            names: None,
        }
    }

    /// What is wrong with a rule whose path is the name of a column or a table.
    fn names_something(&self) -> Option<String> {
        let (names, path) = (self.names?, self.suggestion.as_ref()?);
        let what = match names {
            Named::Table => "a table",
            _ => "a column",
        };
        Some(format!(
            "{} {} names {what}, but rules take paths: write {path}",
            self.option, self.path
        ))
    }

    /// True if it matched nothing.
    pub fn is_unmet(&self) -> bool {
        self.met == 0
    }

    /// The word for one of what is counted.
    fn one(&self) -> &'static str {
        match self.counted {
            OBJECTS => "object",
            COLUMNS => "column",
            NAMES => "column or table",
            ROWS => "row",
            _ => "value",
        }
    }

    fn is_about_format(&self) -> bool {
        self.option.starts_with("-O")
    }
}

impl From<RuleUse> for RuleReport {
    fn from(rule: RuleUse) -> Self {
        Self {
            option: format!("--{}", rule.setting.replace('_', "-")),
            path: rule.path,
            value: rule.value,
            met: rule.met,
            counted: match rule.counted {
                Counted::Objects => OBJECTS,
                Counted::Columns => COLUMNS,
                Counted::Names => NAMES,
                Counted::Rows => ROWS,
                _ => VALUES,
            },
            suggestion: rule.suggestion,
            names: rule.names,
        }
    }
}

impl fmt::Display for RuleReport {
    /// The rule as it was set, and how much it matched.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = if self.is_about_format() { '=' } else { ' ' };
        write!(f, "{}{between}{}", self.option, self.path)?;
        if let Some(value) = &self.value {
            write!(f, "={value}")?;
        }
        if self.met > 0 {
            let unit = if self.met == 1 {
                self.one()
            } else {
                self.counted
            };
            return write!(f, " met {} {unit}", self.met);
        }
        let reason = match self.counted {
            OBJECTS => "no object stood at this path",
            COLUMNS if self.is_about_format() => {
                "there is no such column, or none that the option is for"
            }
            COLUMNS => "no column has this path",
            NAMES => "no column or table has this path",
            ROWS => "no row has a value in this column",
            _ => "no value stood at this path",
        };
        write!(f, " met nothing: {reason}")?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " (did you mean {suggestion}?)"),
            None => Ok(()),
        }
    }
}

/// Checks what the rules matched, before the commit. Without records and headers they are not
/// checked.
///
/// # Errors
/// If rules select columns and none is left, if the path of a rule is a name of a column or a
/// table, or if the settings are strict and a rule matched nothing or cannot be checked.
pub(crate) fn check(catalog: &Catalog, rules: &[RuleReport], strict: bool) -> Result<(), Error> {
    if !catalog.can_judge_rules() {
        let is_wrong = strict && !rules.is_empty();
        return if is_wrong {
            Err(ErrorKind::RulesNotChecked.into())
        } else {
            Ok(())
        };
    }
    let names: Vec<String> = { rules.iter() }
        .filter_map(RuleReport::names_something)
        .collect();
    if !names.is_empty() {
        return Err(ErrorKind::RulesNameColumns { rules: names }.into());
    }
    let sentences = |is: fn(&RuleReport) -> bool| {
        let rules = rules.iter().filter(|rule| is(rule));
        rules.map(ToString::to_string).collect::<Vec<_>>()
    };
    let selecting = sentences(|rule| rule.option == "--select");
    if !selecting.is_empty() && !catalog.has_columns() {
        return Err(ErrorKind::NothingSelected { rules: selecting }.into());
    }
    let unmet = sentences(RuleReport::is_unmet);
    if strict && !unmet.is_empty() {
        return Err(ErrorKind::RulesMetNothing { rules: unmet }.into());
    }
    Ok(())
}

impl Report {
    /// The rules that matched nothing. Empty if [`rules_checked`](Self::rules_checked) is false.
    pub fn unmet_rules(&self) -> impl Iterator<Item = &RuleReport> {
        let rules = self.rules.iter().filter(|rule| rule.is_unmet());
        rules.filter(|_| self.rules_checked)
    }

    /// What the screen says about rules: a warning for each that applied to nothing, or that there
    /// was nothing to check them by.
    pub fn rule_lines(&self) -> Vec<String> {
        if !self.rules_checked && !self.rules.is_empty() {
            let taken = if self.records_read > 0 { " taken" } else { "" };
            return vec![format!("no records{taken}: rules are not checked")];
        }
        let unmet = self.unmet_rules();
        unmet.map(|rule| format!("warning: {rule}")).collect()
    }

    /// Adds the rules of another run. Values are added; for columns and tables the larger number
    /// counts, because most are the same in both.
    pub(super) fn add_rules(&mut self, other: &Self) {
        self.rules_checked |= other.rules_checked;
        for rule in &other.rules {
            let same = |known: &&mut RuleReport| {
                (&known.option, &known.path, &known.value)
                    == (&rule.option, &rule.path, &rule.value)
            };
            match self.rules.iter_mut().find(same) {
                // One of them was met by the columns of a header without rows.
                Some(known) if known.counted != rule.counted => {
                    if known.met == 0 || known.counted == COLUMNS && rule.met > 0 {
                        known.clone_from(rule);
                    }
                }
                Some(known) => {
                    known.met = match known.counted {
                        VALUES | OBJECTS | ROWS => known.met + rule.met,
                        _ => known.met.max(rule.met),
                    };
                    if known.met > 0 {
                        known.suggestion = None;
                    }
                }
                None => self.rules.push(rule.clone()),
            }
        }
    }

    pub(super) fn write_rules(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.rule_lines().into_iter();
        lines.try_for_each(|line| writeln!(f, "{line}"))
    }
}
