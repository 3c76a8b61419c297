//! Defines the options of the Parquet writer, and reads them from text such as `compression=zstd`.

mod bloom_filter;
mod compression;

use std::num::NonZeroUsize;

use transmog_io::{FormatError, OptionSpec, WriterOptions, read_count, read_size};

pub use self::{bloom_filter::BloomFilter, compression::ParquetCompression};
use crate::FORMAT;

/// How Parquet files are written.
///
/// ```
/// use transmog_writer_parquet::{ParquetCompression, ParquetOptions};
/// let options = ParquetOptions::default().with_compression(ParquetCompression::Zstd);
/// assert_eq!(options.row_group_size.get(), 131_072);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ParquetOptions {
    /// How pages are compressed. Columns of random ids never are.
    pub compression: ParquetCompression,
    /// How hard the codec tries, see [`ParquetCompression::levels`]; the nearest level that it has
    /// is used. Default: `None`, the usual level of the codec.
    pub compression_level: Option<u32>,
    /// Rows of a row group. The last row group of a table has fewer, and so have row groups that
    /// end because the memory budget is used up. Default: 131,072.
    pub row_group_size: NonZeroUsize,
    /// Bytes of rows that may wait in all tables together. When there are more, the largest tables'
    /// rows become row groups until at most half of that waits. Default: `None`, the limit of the
    /// run (see [`limit_memory`](transmog_io::StreamingWriter::limit_memory)), or 64 MiB without
    /// one.
    pub memory_bytes: Option<usize>,
    /// Whether the file has a page index: the place and the least and greatest value of each page,
    /// by which readers skip pages. Default: true.
    pub page_index: bool,
    /// Columns with bloom filters, by which readers skip row groups that lack a value. Default:
    /// none.
    pub bloom_filter: BloomFilter,
    /// Whether row groups are marked as sorted by the id column, if ids are row numbers. Default:
    /// true.
    pub sorted: bool,
}

const ROW_GROUP_SIZE: NonZeroUsize = match NonZeroUsize::new(131_072) {
    Some(rows) => rows,
    None => NonZeroUsize::MIN,
};

/// The default budget for waiting rows.
pub(crate) const MEMORY_BYTES: usize = 64 * 1024 * 1024;

impl Default for ParquetOptions {
    fn default() -> Self {
        Self {
            compression: ParquetCompression::default(),
            compression_level: None,
            row_group_size: ROW_GROUP_SIZE,
            memory_bytes: None,
            page_index: true,
            bloom_filter: BloomFilter::None,
            sorted: true,
        }
    }
}

impl ParquetOptions {
    /// Name, default and help of each option.
    pub const SPECS: &[OptionSpec] = &[
        OptionSpec {
            name: "compression",
            default: "snappy",
            help: "compression of pages: none, snappy, gzip, zstd, brotli or lz4",
        },
        OptionSpec {
            name: "compression_level",
            default: "auto",
            help: "level of the codec: gzip 0 to 9, zstd 1 to 22, brotli 0 to 11; auto: 6, 1 and 1",
        },
        OptionSpec {
            name: "row_group_size",
            default: "131072",
            help: "rows per row group: at least 1, or a number with K (1000), M or G",
        },
        OptionSpec {
            name: "memory_bytes",
            default: "auto",
            help: "memory for rows that wait for their row group: bytes, or a number with K (1024), M or G; auto: the limit of the run, or 64M",
        },
        OptionSpec {
            name: "page_index",
            default: "true",
            help: "write the least and greatest value of each page, by which readers skip pages: true or false",
        },
        OptionSpec {
            name: "bloom_filter",
            default: "none",
            help: "columns with bloom filters: none, all, or names separated by commas",
        },
        OptionSpec {
            name: "sorted",
            default: "true",
            help: "mark row groups as sorted by the id, if ids are row numbers: true or false",
        },
    ];

    /// Sets how pages are compressed.
    #[must_use]
    pub fn with_compression(mut self, compression: ParquetCompression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets how hard the codec tries.
    ///
    /// ```
    /// use transmog_writer_parquet::{ParquetCompression, ParquetOptions};
    /// let smaller = ParquetOptions::default()
    ///     .with_compression(ParquetCompression::Zstd)
    ///     .with_compression_level(9);
    /// # assert_eq!(smaller.compression_level, Some(9));
    /// ```
    #[must_use]
    pub fn with_compression_level(mut self, level: u32) -> Self {
        self.compression_level = Some(level);
        self
    }

    /// Sets the number of rows of a row group.
    #[must_use]
    pub fn with_row_group_size(mut self, rows: NonZeroUsize) -> Self {
        self.row_group_size = rows;
        self
    }

    /// Sets the budget, in bytes, for waiting rows.
    #[must_use]
    pub fn with_memory_bytes(mut self, bytes: usize) -> Self {
        self.memory_bytes = Some(bytes);
        self
    }

    /// Sets whether the file has a page index.
    #[must_use]
    pub fn with_page_index(mut self, page_index: bool) -> Self {
        self.page_index = page_index;
        self
    }

    /// Sets which columns have bloom filters.
    #[must_use]
    pub fn with_bloom_filter(mut self, columns: BloomFilter) -> Self {
        self.bloom_filter = columns;
        self
    }

    /// Sets whether row groups are marked as sorted.
    #[must_use]
    pub fn with_sorted(mut self, sorted: bool) -> Self {
        self.sorted = sorted;
        self
    }
}

impl TryFrom<&WriterOptions> for ParquetOptions {
    type Error = FormatError;

    /// Reads options from text; options that are not given have their defaults.
    fn try_from(options: &WriterOptions) -> Result<Self, FormatError> {
        options.check(FORMAT, Self::SPECS)?;
        let default = Self::default();
        let compression = options.parse(
            FORMAT,
            "compression",
            default.compression,
            ParquetCompression::NAMES,
            ParquetCompression::read,
        )?;
        Ok(Self {
            compression,
            compression_level: options.parse(
                FORMAT,
                "compression_level",
                default.compression_level,
                compression.expected_level(),
                |text| match text {
                    "auto" => Some(None),
                    level => compression.read_level(level).map(Some),
                },
            )?,
            row_group_size: options.parse(
                FORMAT,
                "row_group_size",
                default.row_group_size,
                "a number of rows, at least 1, such as 50000 or 1M",
                |text| NonZeroUsize::new(usize::try_from(read_count(text)?).ok()?),
            )?,
            memory_bytes: options.parse(
                FORMAT,
                "memory_bytes",
                default.memory_bytes,
                "a number of bytes, such as 67108864 or 64M, or auto",
                |text| match text {
                    "auto" => Some(None),
                    size => usize::try_from(read_size(size)?).ok().map(Some),
                },
            )?,
            page_index: options.parse(
                FORMAT,
                "page_index",
                default.page_index,
                "true or false",
                |text| text.parse().ok(),
            )?,
            bloom_filter: options.parse(
                FORMAT,
                "bloom_filter",
                default.bloom_filter,
                "none, all, or names of columns separated by commas",
                BloomFilter::read,
            )?,
            sorted: options.parse(FORMAT, "sorted", default.sorted, "true or false", |text| {
                text.parse().ok()
            })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_and_fields_agree() {
        // Names every field, so that a new one cannot be left out of the table.
        let ParquetOptions {
            compression: _,
            compression_level: _,
            row_group_size: _,
            memory_bytes: _,
            page_index: _,
            bloom_filter: _,
            sorted: _,
        } = ParquetOptions::default();
        let names: Vec<_> = ParquetOptions::SPECS.iter().map(|spec| spec.name).collect();
        let expected = [
            "compression",
            "compression_level",
            "row_group_size",
            "memory_bytes",
            "page_index",
            "bloom_filter",
            "sorted",
        ];
        assert_eq!(names, expected);

        let mut text = WriterOptions::new();
        for spec in ParquetOptions::SPECS {
            text = text.with(spec.name, spec.default);
        }
        assert_eq!(
            ParquetOptions::try_from(&text),
            Ok(ParquetOptions::default())
        );
    }
}
