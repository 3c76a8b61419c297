//! Marks metadata columns: the columns that tie tables together and are not data.

use arrow_schema::{DataType, Field, TimeUnit};

/// What a metadata column holds. It stands in the Arrow field's metadata under [`Role::KEY`], so
/// that a writer can encode ids and time stamps as what they are. Metadata columns are the last
/// columns of every batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The row's own id.
    Id,
    /// The id of the row of the parent table that the row belongs to.
    Parent,
    /// The run's time stamp, the same in every row.
    Time,
    /// The array's key, the same in every row of a child table.
    ArrayField,
    /// The item's number within its array, from 0.
    ArrayIndex,
    /// The entry's key, in child tables of map paths.
    Key,
    /// What cells do not say of the row: nulls, empty objects and arrays, and the classes of values
    /// in columns of several kinds, as JSON text. As with errors, a table has the column from the
    /// first such row on.
    Empties,
    /// What could not be read of the row's record. A table has the column from the first such row
    /// on, behind all others.
    Error,
    /// What came when the table had all the columns that it may have, as JSON text. As with errors,
    /// a table has the column from the first such row on.
    Rest,
}

impl Role {
    /// Key in the Arrow field's metadata.
    pub const KEY: &'static str = "transmog.role";

    /// Key in the metadata of an id field whose ids are row numbers, which name other rows in every
    /// run.
    pub const ROW_NUMBERS: &'static str = "transmog.row_numbers";

    /// The role's word in the Arrow field's metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empties => "empties",
            Self::Error => "error",
            Self::Rest => "rest",
            Self::Id => "id",
            Self::Parent => "parent",
            Self::Time => "time",
            Self::ArrayField => "array_field",
            Self::ArrayIndex => "array_index",
            Self::Key => "key",
        }
    }

    /// The role of a word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        [
            Self::Empties,
            Self::Error,
            Self::Rest,
            Self::Id,
            Self::Parent,
            Self::Time,
            Self::ArrayField,
            Self::ArrayIndex,
            Self::Key,
        ]
        .into_iter()
        .find(|role| role.as_str() == word)
    }

    /// True for columns that a table has from the first row on that needs them.
    pub(crate) fn is_late(self) -> bool {
        matches!(self, Self::Empties | Self::Error | Self::Rest)
    }

    /// The role of a field, `None` for a data column.
    pub fn of(field: &Field) -> Option<Self> {
        Self::of_word(field.metadata().get(Self::KEY)?)
    }

    /// A field with this role.
    pub fn field(self, name: &str, data_type: DataType) -> Field {
        let metadata = [(Self::KEY.to_owned(), self.as_str().to_owned())]
            .into_iter()
            .collect();
        Field::new(name, data_type, true).with_metadata(metadata)
    }
}

/// The type of the time column: microseconds since 1970, UTC.
pub fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}
