//! Which encoding, compression and statistics a column gets.

use arrow_schema::{DataType, Field};
use parquet::{
    basic::{Compression, Encoding},
    file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
};
use transmog_core::Role;

/// How a column is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Data: dictionary and statistics.
    Data,
    /// Row ids: all different and random, so nothing helps.
    Id,
    /// Ids of parent rows: runs that only compression sees.
    Parent,
    /// Counting ids and array indexes: small differences.
    Number,
    /// Nothing but nulls.
    Nulls,
}

impl Style {
    /// In the order of their numbers.
    pub(crate) const ALL: [Self; 5] = [
        Self::Data,
        Self::Id,
        Self::Parent,
        Self::Number,
        Self::Nulls,
    ];

    /// The style of a column.
    pub(crate) fn of(field: &Field) -> Self {
        let number = *field.data_type() == DataType::Int64;
        match Role::of(field) {
            Some(Role::Id | Role::Parent | Role::ArrayIndex) if number => Self::Number,
            Some(Role::Id) => Self::Id,
            Some(Role::Parent) => Self::Parent,
            _ => Self::Data,
        }
    }

    /// How the writer is told so.
    pub(crate) fn properties(self, compression: Compression) -> WriterProperties {
        let properties = base_properties().set_compression(compression);
        match self {
            Self::Data => properties,
            Self::Id => properties
                .set_compression(Compression::UNCOMPRESSED)
                .set_dictionary_enabled(false)
                .set_statistics_enabled(EnabledStatistics::None),
            Self::Parent => properties
                .set_dictionary_enabled(false)
                .set_statistics_enabled(EnabledStatistics::None),
            Self::Number => properties
                .set_dictionary_enabled(false)
                .set_encoding(Encoding::DELTA_BINARY_PACKED),
            Self::Nulls => properties.set_dictionary_enabled(false),
        }
        .build()
    }
}

fn base_properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(None)
        // Names the items of lists `element`, as the Parquet format asks for.
        .set_coerce_types(true)
}
