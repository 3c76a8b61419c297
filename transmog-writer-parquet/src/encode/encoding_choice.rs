//! Which encoding, compression and statistics a column gets.

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field};
use parquet::{
    basic::{Compression, Encoding},
    file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
};
use transmog_core::Role;

use super::cardinality::hardly_repeat;
use crate::ParquetOptions;

/// How a column is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EncodingChoice {
    /// Data: dictionary and statistics.
    Data,
    /// Row ids: all different and random, so nothing helps.
    Id,
    /// Ids of parent rows: runs that only compression sees.
    Parent,
    /// Counting ids, array indexes and other whole numbers that hardly repeat: small differences.
    Number,
    /// Data that hardly repeats: a dictionary would only be in the way.
    Distinct,
    /// Nothing but nulls.
    Nulls,
}

impl EncodingChoice {
    /// In the order of their numbers.
    pub(crate) const ALL: [Self; 6] = [
        Self::Data,
        Self::Id,
        Self::Parent,
        Self::Number,
        Self::Distinct,
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

    /// The style of a column chunk, by its first values.
    pub(crate) fn with_values(self, values: &ArrayRef) -> Self {
        match (self, values.data_type()) {
            (Self::Data, data_type) if hardly_repeat(values) => match data_type {
                DataType::Int64 | DataType::Timestamp(..) => Self::Number,
                _ => Self::Distinct,
            },
            _ => self,
        }
    }

    /// How the writer is told so.
    pub(crate) fn properties(self, options: &ParquetOptions, has_bloom: bool) -> WriterProperties {
        let mut properties = base_properties(options.page_index)
            .set_compression(options.compression.codec(options.compression_level));
        if has_bloom {
            // A filter begins with room for so many values, and is folded to the size that it needs.
            let rows = options.row_group_size.get().min(MOST_BLOOM_VALUES);
            properties = properties.set_bloom_filter_max_ndv(rows as u64);
        }
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
            Self::Distinct => properties.set_dictionary_enabled(false),
            // One page, unless row groups are huge: pages of nulls are as small as their place in the page index.
            Self::Nulls => properties
                .set_dictionary_enabled(false)
                .set_data_page_row_count_limit(1 << 20),
        }
        .build()
    }
}

/// Most values that a filter is made for; more make it less exact. One takes up to a megabyte while it is made.
const MOST_BLOOM_VALUES: usize = 1 << 20;

fn base_properties(page_index: bool) -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_statistics_enabled(if page_index {
            EnabledStatistics::Page
        } else {
            EnabledStatistics::Chunk
        })
        .set_offset_index_disabled(!page_index)
        .set_max_row_group_row_count(None)
        // Names the items of lists `element`, as the Parquet format asks for.
        .set_coerce_types(true)
}
