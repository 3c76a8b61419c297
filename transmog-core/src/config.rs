//! Defines the settings of how records become rows, and the profiles that reproduce the Python
//! package.

use crate::{
    base::{ColumnPath, Error, Result, TablePath},
    types::Detection,
};

mod by_path;
mod floats;
pub(crate) mod ids;
mod metadata;
mod modes;
mod naming;
mod rules;
pub(crate) mod schema;
mod words;

pub use floats::Floats;
pub use ids::{
    CompositeIds, CustomId, IdFormula, IdSource, Ids, NaturalIds, Row, composite_id,
    deterministic_id,
};
pub use metadata::Metadata;
pub use modes::{ArrayMode, Cast, EmptyText, Nulls, TooDeep};
pub use naming::Naming;
pub use rules::{Counted, Header, HeaderColumn, Named, RuleUse};
pub use schema::{GivenSchema, SchemaPolicy};
pub use words::Words;

pub(crate) use ids::{Entry, Rank};
pub(crate) use modes::PER_ITEM_DEPTH;
pub(crate) use naming::NameStyle;
pub(crate) use rules::{How, LeftOut, Rules, Treatment};
pub(crate) use schema::TypeRule;

use schema::SchemaSettings;

/// Deepest `max_depth`: what recurses over a record fits into a worker's stack up to here.
pub const DEEPEST: usize = 1000;

/// Most data columns of a table, if the settings say nothing else.
const MAX_COLUMNS: usize = 20_000;

/// Most tables, if the settings say nothing else. Each is a file, with buffers of its own.
const MAX_TABLES: usize = 10_000;

/// How records become rows. Settings are checked when they are made, so a `Config` is always valid.
///
/// ```
/// use transmog_core::{ArrayMode, Config};
///
/// let config = Config::default().with_separator(".")?.with_array_mode(ArrayMode::Smart);
/// assert_eq!(config.separator(), ".");
/// assert!(config.with_separator("").is_err());
/// # Ok::<(), transmog_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub(crate) names: NameStyle,
    pub(crate) cast: Cast,
    pub(crate) floats: Floats,
    pub(crate) detection: Detection,
    pub(crate) nulls: Nulls,
    pub(crate) empty_text: EmptyText,
    pub(crate) skip_empty_items: bool,
    pub(crate) array_mode: ArrayMode,
    pub(crate) max_depth: usize,
    pub(crate) too_deep: TooDeep,
    pub(crate) nan_is_null: bool,
    pub(crate) metadata: Metadata,
    pub(crate) ids: Ids,
    pub(crate) id_formula: IdFormula,
    pub(crate) kept_empties: bool,
    pub(crate) schema: SchemaSettings,
    pub(crate) rules: Rules,
    pub(crate) naming: Naming,
    pub(crate) words: Words,
    max_columns: usize,
    max_tables: usize,
}

impl Default for Config {
    /// Typed columns, nulls and empty text kept, full paths joined with `_`, every array a child
    /// table, random ids.
    fn default() -> Self {
        Self {
            names: NameStyle::default(),
            cast: Cast::Off,
            floats: Floats::Exact,
            detection: Detection::NONE,
            nulls: Nulls::Keep,
            empty_text: EmptyText::Keep,
            skip_empty_items: false,
            array_mode: ArrayMode::Separate,
            max_depth: 100,
            too_deep: TooDeep::Json,
            nan_is_null: false,
            metadata: Metadata::default(),
            ids: Ids::Random,
            id_formula: IdFormula::default(),
            kept_empties: false,
            schema: SchemaSettings::default(),
            rules: Rules::default(),
            naming: Naming::Suffix,
            words: Words::Plain,
            max_columns: MAX_COLUMNS,
            max_tables: MAX_TABLES,
        }
    }
}

impl Config {
    /// The rules of the Python package 1.0.6, without its defects: scalars become text, nulls,
    /// empty text and empty items are dropped, paths of more than four keys are shortened, text
    /// formats have [Python's words](Words::Python).
    pub fn v1() -> Self {
        Self {
            names: NameStyle {
                deep_nesting_threshold: Some(4),
                sanitise_entity: true,
                ..NameStyle::default()
            },
            cast: Cast::Text,
            nulls: Nulls::Drop,
            empty_text: EmptyText::Drop,
            skip_empty_items: true,
            too_deep: TooDeep::DropPerItem,
            words: Words::Python,
            id_formula: IdFormula::Python,
            ..Self::default()
        }
    }

    /// The rules of the Python package 2.0.4, without its defects: lists of scalars stay in the
    /// row, types are kept, floats that are not finite are nulls, nulls, empty text and empty items
    /// are dropped, metadata columns are `_id`, `_parent_id` and `_timestamp`, text formats have
    /// [Python's words](Words::Python).
    pub fn v2() -> Self {
        Self {
            nulls: Nulls::Drop,
            empty_text: EmptyText::Drop,
            skip_empty_items: true,
            array_mode: ArrayMode::Smart,
            too_deep: TooDeep::Drop,
            nan_is_null: true,
            names: NameStyle {
                trim_table_names: true,
                sanitise_entity: true,
                ..NameStyle::default()
            },
            words: Words::Python,
            id_formula: IdFormula::Python,
            metadata: Metadata {
                id: Some("_id".into()),
                parent: Some("_parent_id".into()),
                time: Some("_timestamp".into()),
                array_field: None,
                array_index: None,
                ..Metadata::default()
            },
            ..Self::default()
        }
    }

    /// What joins the keys of a path in a name. Default `_`.
    pub fn separator(&self) -> &str {
        &self.names.separator
    }

    /// True if `NaN` and the infinities are taken for null, and so are no problem.
    pub fn takes_nan_for_null(&self) -> bool {
        self.nan_is_null
    }

    /// The plain name of a column.
    pub(crate) fn column_name(&self, table: &TablePath, path: &ColumnPath) -> String {
        self.names.column_name(&self.rules, table, path)
    }

    /// The plain name of a child table.
    pub(crate) fn table_name(&self, entity: &str, table: &TablePath) -> String {
        self.names.table_name(&self.rules, entity, table)
    }

    /// The metadata columns.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Whether scalars become text.
    pub fn cast(&self) -> Cast {
        self.cast
    }

    /// What is detected in text; nothing where all scalars become text.
    pub fn detection(&self) -> Detection {
        match self.cast {
            Cast::Off => self.detection,
            Cast::Text | Cast::PythonText => Detection::NONE,
        }
    }

    /// How rows get their ids.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// What the ids of [`Ids::Hash`] and [`Ids::Composite`] are made of.
    pub fn id_formula(&self) -> IdFormula {
        self.id_formula
    }

    /// Sets what joins the keys of a path in a name: one or two characters, no blanks, none of `\ /
    /// " ' [ ] { } ( )`.
    ///
    /// # Errors
    /// If it is something else.
    pub fn with_separator(mut self, separator: &str) -> Result<Self> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || r#"\/"'[]{}()"#.contains(c);
        if !(1..=2).contains(&separator.chars().count()) || separator.contains(bad) {
            let allowed = r#"one or two characters, no blanks and none of \ / " ' [ ] { } ( )"#;
            return Err(Error::setting(
                "separator",
                format!("{separator:?} is not {allowed}"),
            ));
        }
        separator.clone_into(&mut self.names.separator);
        Ok(self)
    }

    /// Shortens the names of paths with more keys than this to `first_nested_last` (tables: at
    /// least as many). `None`, the default, keeps full paths.
    ///
    /// # Errors
    /// If it is below 2.
    pub fn with_deep_nesting_threshold(mut self, threshold: Option<usize>) -> Result<Self> {
        if threshold.is_some_and(|n| n < 2) {
            return Err(Error::setting(
                "deep_nesting_threshold",
                "must be at least 2; without it names are never shortened",
            ));
        }
        self.names.deep_nesting_threshold = threshold;
        Ok(self)
    }

    /// Sets the levels of nesting that become columns and tables, 1 to [`DEEPEST`]. Default 100.
    ///
    /// # Errors
    /// If it is out of range.
    pub fn with_max_depth(mut self, levels: usize) -> Result<Self> {
        if !(1..=DEEPEST).contains(&levels) {
            return Err(Error::setting(
                "max_depth",
                format!("{levels} is not between 1 and {DEEPEST}"),
            ));
        }
        self.max_depth = levels;
        Ok(self)
    }

    /// Sets what happens to what lies deeper than `max_depth`.
    #[must_use]
    pub fn with_too_deep(mut self, too_deep: TooDeep) -> Self {
        self.too_deep = too_deep;
        self
    }

    /// Sets whether `NaN` and the infinities are nulls, and so are no problem. They are in
    /// [`Config::v2`].
    #[must_use]
    pub fn with_nan_as_null(mut self, is_null: bool) -> Self {
        self.nan_is_null = is_null;
        self
    }

    /// Sets whether `_` at the ends of a key is cut off where it becomes part of a table's name. It
    /// is in [`Config::v2`].
    #[must_use]
    pub fn with_trimmed_table_names(mut self, trimmed: bool) -> Self {
        self.names.trim_table_names = trimmed;
        self
    }

    /// Sets whether child tables' names begin with the entity made of letters, digits and `_` only,
    /// as its keys are. Default: false, so they begin with the main table's name as it is:
    /// `2024-01-15` has `2024-01-15_items`, and not `col_2024_01_15_items`. It is in [`Config::v1`]
    /// and [`Config::v2`].
    #[must_use]
    pub fn with_sanitised_entity(mut self, sanitised: bool) -> Self {
        self.names.sanitise_entity = sanitised;
        self
    }

    /// Sets whether scalars become text.
    #[must_use]
    pub fn with_cast(mut self, cast: Cast) -> Self {
        self.cast = cast;
        self
    }

    /// What happens to numbers whose digits no float gives back.
    pub fn floats(&self) -> Floats {
        self.floats
    }

    /// Sets what happens to numbers whose digits no float gives back. Default: [`Floats::Exact`].
    /// JSON text in a cell keeps numbers as they are written in any case.
    #[must_use]
    pub fn with_floats(mut self, floats: Floats) -> Self {
        self.floats = floats;
        self
    }

    /// Sets what is detected in text: dates, timestamps, UUIDs. Default: nothing.
    #[must_use]
    pub fn with_detection(mut self, detection: Detection) -> Self {
        self.detection = detection;
        self
    }

    /// Sets what a null becomes.
    #[must_use]
    pub fn with_nulls(mut self, nulls: Nulls) -> Self {
        self.nulls = nulls;
        self
    }

    /// Sets what empty text becomes.
    #[must_use]
    pub fn with_empty_text(mut self, empty_text: EmptyText) -> Self {
        self.empty_text = empty_text;
        self
    }

    /// Sets whether `{}` and `[]` as items of an array are left out, and counted as excluded. By
    /// default they get rows.
    #[must_use]
    pub fn with_empty_items_skipped(mut self, skipped: bool) -> Self {
        self.skip_empty_items = skipped;
        self
    }

    /// Sets what happens to arrays.
    #[must_use]
    pub fn with_array_mode(mut self, mode: ArrayMode) -> Self {
        self.array_mode = mode;
        self
    }

    /// Sets what happens if two paths would have the same name.
    #[must_use]
    pub fn with_naming(mut self, naming: Naming) -> Self {
        self.naming = naming;
        self
    }

    /// Sets how many data columns a table may have, at least 1. Default 20,000. The first paths in
    /// input order get columns; what comes later stands in the column [`Metadata::rest`], in each
    /// row as one JSON object.
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_max_columns(mut self, columns: usize) -> Result<Self> {
        if columns == 0 {
            return Err(Error::setting("max_columns", "must be at least 1"));
        }
        self.max_columns = columns;
        Ok(self)
    }

    /// Most data columns of a table.
    pub(crate) fn max_columns(&self) -> usize {
        match self.metadata.rest {
            Some(_) => self.max_columns,
            None => usize::MAX,
        }
    }

    /// Sets how many tables there may be, at least 1. Default 10,000. A record that needs one more
    /// ends the run.
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_max_tables(mut self, tables: usize) -> Result<Self> {
        if tables == 0 {
            return Err(Error::setting("max_tables", "must be at least 1"));
        }
        self.max_tables = tables;
        Ok(self)
    }

    /// Most tables.
    pub(crate) fn max_tables(&self) -> usize {
        self.max_tables
    }

    /// Renames metadata columns or switches them off.
    ///
    /// # Errors
    /// If two names are equal or one is empty.
    pub fn with_metadata(mut self, change: impl FnOnce(&mut Metadata)) -> Result<Self> {
        change(&mut self.metadata);
        let names: Vec<_> = self.metadata.names(self.rules.has_maps()).collect();
        for (i, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(Error::setting(
                    "metadata",
                    "a column's name must not be empty",
                ));
            }
            if names[..i].contains(name) {
                return Err(Error::setting(
                    "metadata",
                    format!("two columns are called {name:?}"),
                ));
            }
        }
        Ok(self)
    }

    /// Sets whether a metadata column notes what cells do not say: nulls, `{}`, `[]`, and the kinds
    /// of values in columns of several kinds. With it, records can be rebuilt exactly. Default:
    /// false.
    #[must_use]
    pub fn with_kept_empties(mut self, kept: bool) -> Self {
        self.kept_empties = kept;
        self
    }

    /// True if what cells do not say is noted.
    pub fn keeps_empties(&self) -> bool {
        self.kept_empties && self.metadata.empties.is_some()
    }

    /// Sets how rows get their ids.
    #[must_use]
    pub fn with_ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Sets what the ids of [`Ids::Hash`] and [`Ids::Composite`] are made of. Default:
    /// [`IdFormula::Linked`].
    #[must_use]
    pub fn with_id_formula(mut self, formula: IdFormula) -> Self {
        self.id_formula = formula;
        self
    }

    /// Whose words text formats use for booleans and nulls.
    pub fn words(&self) -> Words {
        self.words
    }

    /// Sets whose words text formats use for booleans and nulls, where their own options do not
    /// say. Default: [`Words::Plain`]; in [`Config::v1`] and [`Config::v2`]: [`Words::Python`].
    #[must_use]
    pub fn with_words(mut self, words: Words) -> Self {
        self.words = words;
        self
    }
}
