//! Turns nested JSON of any size into flat, linked tables
