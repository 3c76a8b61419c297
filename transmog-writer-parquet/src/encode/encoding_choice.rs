//! Chooses encoding, compression and statistics for a column.
//!
//! ```text
//! column                             dictionary  encoding  compression  statistics
//! data that repeats                  yes         plain     options      yes
//! data that hardly repeats           no          plain     options      yes
//! integers and times that hardly     no          delta     options      yes
//!   repeat, counting ids
//! random ids of rows                 no          plain     none         none
//! random ids of parent rows          no          plain     options      none
//! ```

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field};
use parquet::{
    basic::{Compression, Encoding},
    file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
};
use transmog_core::Role;

use super::cardinality::hardly_repeat;
use crate::ParquetOptions;

/// The way in which a column is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EncodingChoice {
    /// Data: with dictionary and statistics.
    Data,
    /// Random ids of rows. All differ, so neither dictionary, compression nor statistics help.
    Id,
    /// Random ids of parent rows. The items of one parent are a run, which compression shortens.
    Parent,
    /// Counting ids, array indexes, and integers or times that hardly repeat: small differences.
    Number,
    /// Data that hardly repeats: a dictionary would cost more than it saves.
    Distinct,
    /// Nothing but nulls.
    Nulls,
}

impl EncodingChoice {
    /// All choices, each at the index that is its number.
    pub(crate) const ALL: [Self; 6] = [
        Self::Data,
        Self::Id,
        Self::Parent,
        Self::Number,
        Self::Distinct,
        Self::Nulls,
    ];

    /// The choice for a column, before its values are known.
    pub(crate) fn of(field: &Field) -> Self {
        let number = *field.data_type() == DataType::Int64;
        match Role::of(field) {
            Some(Role::Id | Role::Parent | Role::ArrayIndex) if number => Self::Number,
            Some(Role::Id) => Self::Id,
            Some(Role::Parent) => Self::Parent,
            _ => Self::Data,
        }
    }

    /// The choice for a column chunk that begins with `values`.
    pub(crate) fn with_values(self, values: &ArrayRef) -> Self {
        match (self, values.data_type()) {
            (Self::Data, data_type) if hardly_repeat(values) => match data_type {
                DataType::Int64 | DataType::Timestamp(..) => Self::Number,
                _ => Self::Distinct,
            },
            _ => self,
        }
    }

    /// The properties that make the parquet crate encode like this.
    pub(crate) fn properties(self, options: &ParquetOptions, has_bloom: bool) -> WriterProperties {
        let mut properties = base_properties(options.page_index)
            .set_compression(options.compression.codec(options.compression_level));
        if has_bloom {
            // A filter begins with room for this many values, and is shrunk at the end.
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
            // One page, unless row groups are huge: a page of nulls is as small as its entry in the
            // page index.
            Self::Nulls => properties
                .set_dictionary_enabled(false)
                .set_data_page_row_count_limit(1 << 20),
        }
        .build()
    }
}

/// Filters are sized for at most this many values; with more they give more false hits. A filter
/// takes up to a megabyte while it is made.
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
        // The items of lists are named `element`, as the Parquet format demands.
        .set_coerce_types(true)
}
