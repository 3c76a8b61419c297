//! Writes Transmog tables as Parquet files
