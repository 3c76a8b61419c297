//! Writes Transmog tables as JSON arrays or JSON Lines files
