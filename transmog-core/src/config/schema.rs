//! Defines given schemas, schema policies and type settings.

use std::{str::FromStr, sync::Arc};

use arrow_schema::{DataType, Schema, SchemaRef};

use crate::{
    base::{Error, Pattern, Result, Role},
    config::{Counted, Header, RuleUse},
    types::{ColumnLayout, Layout, Pin, TableLayout, type_name, type_of_name},
};

/// What a run does with columns, tables and values that a given schema does not have a place for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaPolicy {
    /// The schema grows: columns and tables are added, types widen.
    #[default]
    Evolve,
    /// They are errors of their records, for the recovery strategy.
    Freeze,
    /// They are dropped, and counted.
    Discard,
}

impl FromStr for SchemaPolicy {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Ok(match word {
            "evolve" => Self::Evolve,
            "freeze" => Self::Freeze,
            "discard" => Self::Discard,
            _ => {
                let reason = format!("{word:?} is none of evolve, freeze, discard");
                return Err(Error::setting("schema_policy", reason));
            }
        })
    }
}

/// The tables and columns that the caller wants: a [`Layout`], or Arrow schemas by table name.
///
/// ```
/// use transmog_core::{GivenSchema, Layout};
///
/// let layout: Layout = serde_json::from_str(
///     r#"{"tables": [{"name": "orders", "path": [], "columns": [{"name": "id", "path": ["id"], "type": "int64"}]}]}"#,
/// )?;
/// let schema = GivenSchema::from(layout);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenSchema {
    pub(crate) layout: Layout,
    /// True if paths are not known, only names.
    pub(crate) by_name: bool,
}

impl From<Layout> for GivenSchema {
    fn from(layout: Layout) -> Self {
        let by_name = false;
        Self { layout, by_name }
    }
}

/// Schemas of a run's tables by their names, the main table first. Columns are those of the paths
/// that have their names; metadata columns, which their fields' metadata tell, are left out.
impl<N: Into<String>> FromIterator<(N, SchemaRef)> for GivenSchema {
    fn from_iter<I: IntoIterator<Item = (N, SchemaRef)>>(tables: I) -> Self {
        let table = |(name, schema): (N, SchemaRef)| TableLayout {
            name: name.into(),
            columns: columns(&schema),
            ..TableLayout::default()
        };
        let tables = tables.into_iter().map(table).collect();
        Self {
            layout: Layout { tables },
            by_name: true,
        }
    }
}

/// The schema of a run that has a main table only.
impl From<SchemaRef> for GivenSchema {
    fn from(schema: SchemaRef) -> Self {
        [("", schema)].into_iter().collect()
    }
}

fn columns(schema: &Schema) -> Vec<ColumnLayout> {
    let data = schema.fields().iter().filter(|it| Role::of(it).is_none());
    data.map(|field| ColumnLayout {
        name: field.name().clone(),
        path: Some(vec![field.name().clone()]),
        data_type: type_name(field.data_type()),
        ..ColumnLayout::default()
    })
    .collect()
}

/// The settings of a run about its schema. Compiled into a plan when a run starts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SchemaSettings {
    pub(crate) given: Option<Arc<GivenSchema>>,
    pub(crate) policy: SchemaPolicy,
    pub(crate) of_tables: Vec<(String, SchemaPolicy)>,
    pub(crate) hints: Vec<(Pattern, TypeRule)>,
}

/// A type that the settings give to columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TypeRule {
    /// Position of the rule as it was set: it may need a pattern for each of several columns of a
    /// CSV input.
    pub(crate) number: usize,
    pub(crate) data_type: DataType,
}

impl SchemaSettings {
    /// Gives the columns of a pattern a type.
    pub(crate) fn add_type(&mut self, pattern: Pattern, data_type: &str) -> Result<()> {
        let word = if data_type == "bool" {
            "boolean"
        } else {
            data_type
        };
        let known = type_of_name(word).filter(|data_type| Pin::new(data_type).is_some());
        let wrong = || {
            let allowed = "boolean, int64, float64, decimal, text, date, timestamp, timestamp[s, UTC] (also ms, and without UTC), uuid, or a list of one of them such as list<int64>";
            Error::setting("type", format!("{data_type:?} is none of {allowed}"))
        };
        let data_type = known.ok_or_else(wrong)?;
        let hints = &mut self.hints;
        if let Some((_, other)) = hints.iter().find(|(known, _)| *known == pattern) {
            if other.data_type != data_type {
                let other = type_name(&other.data_type);
                let reason = format!("{pattern} is {other} and {word}; give one type");
                return Err(Error::setting("type", reason));
            }
            return Ok(());
        }
        let number = hints.len();
        hints.push((pattern, TypeRule { number, data_type }));
        Ok(())
    }

    /// Changes patterns that are spelled as a CSV header spells columns to the columns' names.
    pub(crate) fn translate(&mut self, header: &Header) {
        self.hints = header.translated(&self.hints);
    }

    /// The type settings as they were set, with a count of nothing.
    pub(crate) fn uses(&self) -> Vec<RuleUse> {
        let mut uses: Vec<RuleUse> = Vec::new();
        for (pattern, rule) in &self.hints {
            if rule.number == uses.len() {
                uses.push(RuleUse {
                    setting: "type",
                    path: pattern.as_given().to_owned(),
                    value: Some(type_name(&rule.data_type)),
                    counted: Counted::Columns,
                    met: 0,
                    suggestion: None,
                    names: None,
                });
            }
        }
        uses
    }
}
