//! Defines how rows get their ids, and the hashes that ids are made with.

use uuid::Uuid;

use crate::{base::Result, config::Header};

mod content;
mod custom;
mod field;
mod formula;
mod natural;

pub use content::{CompositeIds, composite_id};
pub use custom::{CustomId, Row};
pub use formula::IdFormula;
pub use natural::NaturalIds;

pub(crate) use content::hash;
pub(crate) use field::Rank;
pub(crate) use formula::{Entry, linked_child, linked_main};

/// Namespace of deterministic ids; the Python package's.
const NAMESPACE: Uuid = Uuid::from_u128(0xa9b8_c7d6_e5f4_1234_abcd_0123_4567_89ab);

/// How rows get their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ids {
    /// UUIDs, version 4, as text.
    #[default]
    Random,
    /// The row's number in its table, from 0, in input order: the same in every run, and almost
    /// free in Parquet.
    Row,
    /// UUIDs, version 5, of the text of one column, trimmed and in lower case. Rows without it get
    /// random ids.
    Deterministic(IdSource),
    /// The ids that rows have in one of their columns. Such a row's id column is empty, and its
    /// child rows point at that value, with its type; rows without one get random ids. If the id
    /// column has the name of the natural column that comes first, the two are one column.
    Natural(NaturalIds),
    /// UUIDs, version 5, of some fields: for the main table those of the input record (or else
    /// columns of the row), for child tables the parent row's id, the item's number and columns.
    /// [`IdFormula`] says how exactly.
    Composite(CompositeIds),
    /// UUIDs, version 5, of the whole input record, and in child tables of the parent row's id and
    /// the item's number: equal records share their ids, and no other rows do. [`IdFormula`] says
    /// how exactly.
    Hash,
    /// What a closure makes of the row. Rows for which it makes nothing get random ids.
    Custom(CustomId),
}

impl Ids {
    /// Ids made of some fields.
    ///
    /// # Errors
    /// If there are none, or one has no name.
    pub fn composite(fields: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        Ok(Self::Composite(CompositeIds::new(fields)?))
    }

    /// Ids that a closure makes of rows.
    ///
    /// ```
    /// use transmog_core::{Config, Ids};
    ///
    /// let ids = Ids::custom(|row| Some(format!("order-{}", row.get("no")?)));
    /// let config = Config::default().with_ids(ids);
    /// ```
    pub fn custom(id: impl Fn(&Row<'_>) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::Custom(CustomId::new(id))
    }

    /// The settings of natural ids, unless every row gets a random id nevertheless.
    pub(crate) fn natural(&self) -> Option<&NaturalIds> {
        match self {
            Self::Natural(natural) if !natural.is_forced() => Some(natural),
            _ => None,
        }
    }
}

/// Which column deterministic ids are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdSource {
    /// The column of this name, in every table.
    Column(String),
    /// A column by table. Looked up for the main table: `""`, `"*"`, its name; for a child table:
    /// its keys joined by the separator, its name, `"*"`, `""`.
    ByTable(Vec<(String, String)>),
}

impl From<&str> for IdSource {
    fn from(column: &str) -> Self {
        Self::Column(column.to_owned())
    }
}

impl<T: Into<String>, C: Into<String>, const N: usize> From<[(T, C); N]> for IdSource {
    /// A column by table.
    fn from(map: [(T, C); N]) -> Self {
        let pair = |(table, column): (T, C)| (table.into(), column.into());
        Self::ByTable(map.into_iter().map(pair).collect())
    }
}

impl IdSource {
    /// The same column, if it is spelled as a CSV header spells it.
    pub(crate) fn under(&self, header: &Header) -> Self {
        let called = |column: &String| header.column(column).to_owned();
        match self {
            Self::Column(column) => Self::Column(called(column)),
            Self::ByTable(map) => {
                let pairs = map
                    .iter()
                    .map(|(table, column)| (table.clone(), called(column)));
                Self::ByTable(pairs.collect())
            }
        }
    }

    /// All columns that it names.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.pairs().map(|(_, column)| column)
    }

    /// All columns that it names, with the tables that it names them for.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let (column, map) = match self {
            Self::Column(column) => (Some(column.as_str()), &[][..]),
            Self::ByTable(map) => (None, map.as_slice()),
        };
        let of_map = map
            .iter()
            .map(|(table, column)| (Some(table.as_str()), column.as_str()));
        column
            .map(|column| (None, column))
            .into_iter()
            .chain(of_map)
    }

    /// Number among [`columns`](Self::columns) and name of the column for a table; `keys` is empty
    /// for the main table.
    pub(crate) fn column(&self, keys: &str, name: &str) -> Option<(usize, &str)> {
        match self {
            Self::Column(column) => Some((0, column)),
            Self::ByTable(map) => {
                let places = if keys.is_empty() {
                    ["", "*", name, name]
                } else {
                    [keys, name, "*", ""]
                };
                places
                    .iter()
                    .find_map(|place| map.iter().position(|(table, _)| table == place))
                    .map(|number| (number, map[number].1.as_str()))
            }
        }
    }
}

/// The id that deterministic ids give a text.
///
/// ```
/// assert_eq!(transmog_core::deterministic_id(" ABC "), "deaad28b-3d43-5321-9aa2-3fa1fa082c60");
/// ```
pub fn deterministic_id(text: &str) -> String {
    uuid_of(text).hyphenated().to_string()
}

/// A UUID of just this text.
fn uuid_of_text(text: &[u8]) -> String {
    Uuid::new_v5(&NAMESPACE, text).hyphenated().to_string()
}

pub(crate) fn uuid_of(text: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, trimmed(text).to_lowercase().as_bytes())
}

/// Text without the blanks at its ends, as Python sees it.
pub(crate) fn trimmed(text: &str) -> &str {
    // Python trims U+001C to U+001F too.
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}
