//! Defines the compression of pages: codecs, their names and their levels.

use std::ops::RangeInclusive;

use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};

/// How pages are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParquetCompression {
    /// Not at all.
    None,
    /// Snappy: fast, read by everything.
    #[default]
    Snappy,
    /// Gzip, by default level 6.
    Gzip,
    /// Zstandard, by default level 1: about as fast as Snappy, and smaller.
    Zstd,
    /// Brotli, by default level 1.
    Brotli,
    /// LZ4 in its raw block form, on which readers agree. (The codec that Parquet calls `LZ4` is
    /// deprecated.)
    Lz4,
}

impl ParquetCompression {
    pub(crate) const NAMES: &str = "none, snappy, gzip, zstd, brotli or lz4";

    pub(crate) fn read(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "none" | "null" | "uncompressed" => Self::None,
            "snappy" => Self::Snappy,
            "gzip" => Self::Gzip,
            "zstd" => Self::Zstd,
            "brotli" => Self::Brotli,
            "lz4" => Self::Lz4,
            _ => return None,
        })
    }

    /// The levels of the codec, from the fastest to the smallest; `None` if it has only one.
    pub fn levels(self) -> Option<RangeInclusive<u32>> {
        match self {
            Self::Gzip => Some(0..=9),
            Self::Zstd => Some(1..=22),
            Self::Brotli => Some(0..=11),
            Self::None | Self::Snappy | Self::Lz4 => None,
        }
    }

    /// What a level may be, for error messages.
    pub(crate) fn expected_level(self) -> &'static str {
        match self {
            Self::Gzip => "auto, or from 0 to 9",
            Self::Zstd => "auto, or from 1 to 22",
            Self::Brotli => "auto, or from 0 to 11",
            Self::None => "auto: without compression there are no levels",
            Self::Snappy => "auto: snappy has no levels, but gzip, zstd and brotli have",
            Self::Lz4 => "auto: lz4 has no levels, but gzip, zstd and brotli have",
        }
    }

    /// Reads a level that the codec has.
    pub(crate) fn read_level(self, text: &str) -> Option<u32> {
        let level = text.parse().ok()?;
        self.levels()?.contains(&level).then_some(level)
    }

    /// The codec of the parquet crate, with `level` or the nearest level that it has.
    pub(crate) fn codec(self, level: Option<u32>) -> Compression {
        let level = level.zip(self.levels());
        let level = level.map(|(level, levels)| level.clamp(*levels.start(), *levels.end()));
        // The parquet crate's levels have the same bounds, so none of the `ok()` below gives
        // `None`.
        match self {
            Self::None => Compression::UNCOMPRESSED,
            Self::Snappy => Compression::SNAPPY,
            Self::Gzip => {
                let level = level.and_then(|level| GzipLevel::try_new(level).ok());
                Compression::GZIP(level.unwrap_or_default())
            }
            Self::Zstd => {
                let level = level.and_then(|level| ZstdLevel::try_new(level as i32).ok());
                Compression::ZSTD(level.unwrap_or_default())
            }
            Self::Brotli => {
                let level = level.and_then(|level| BrotliLevel::try_new(level).ok());
                Compression::BROTLI(level.unwrap_or_default())
            }
            Self::Lz4 => Compression::LZ4_RAW,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_the_codec() {
        for (codec, lowest, highest) in [
            (ParquetCompression::Gzip, 0, 9),
            (ParquetCompression::Zstd, 1, 22),
            (ParquetCompression::Brotli, 0, 11),
        ] {
            let levels = lowest..=highest;
            assert_eq!(codec.levels(), Some(levels.clone()));
            for level in levels {
                let name = format!("({level})");
                let written = format!("{:?}", codec.codec(Some(level)));
                assert!(written.contains(&name), "{written}");
            }
            let usual = if codec == ParquetCompression::Gzip {
                6
            } else {
                1
            };
            assert_eq!(codec.codec(None), codec.codec(Some(usual)));
            assert_eq!(codec.codec(Some(99)), codec.codec(Some(highest)));
        }
        for codec in [
            ParquetCompression::None,
            ParquetCompression::Snappy,
            ParquetCompression::Lz4,
        ] {
            assert_eq!(codec.codec(Some(3)), codec.codec(None));
        }
    }
}
