//! Writes Transmog tables as CSV files
