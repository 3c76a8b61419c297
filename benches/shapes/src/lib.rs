//! Inputs for the benchmark: made up from a seed, so that they are the same bytes on every machine
//! and nothing of anybody's data is in them. Each [`Shape`] stands for a kind of data that is hard
//! in its own way.
#![forbid(unsafe_code)]

use std::{
    fmt,
    io::{self, Write},
    str::FromStr,
};

mod json;
mod shapes;

use json::Json;

/// What is collected before it is written.
const BUFFER: usize = 1 << 20;

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Webhook events of a code host: about 150 columns, four tables.
    Events,
    /// Twelve columns, no nesting.
    Flat,
    /// A thousand columns in nested objects, of which a record has about sixty.
    Wide,
    /// Objects in objects, arrays in arrays.
    Deep,
    /// Long arrays of numbers, texts and small objects.
    Arrays,
    /// New fields in every stretch of the input, and fields that change their type.
    Drift,
    /// A CSV file of ten columns, with quotes and empty cells.
    Csv,
    /// So many columns, of which every record has all.
    Columns(u32),
    /// So many tables: a record has items for at most ten of them.
    Tables(u32),
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Records, without the header of a CSV file.
    pub records: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Shape {
    /// The shapes that have no size of their own.
    pub const ALL: [Self; 7] = [
        Self::Events,
        Self::Flat,
        Self::Wide,
        Self::Deep,
        Self::Arrays,
        Self::Drift,
        Self::Csv,
    ];

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            _ => "jsonl",
        }
    }

    /// Writes whole records until at least `bytes` bytes are written. The same arguments give the
    /// same bytes.
    ///
    /// # Errors
    /// If `output` gives one.
    pub fn write(self, seed: u64, bytes: u64, mut output: impl Write) -> io::Result<Made> {
        let mut json = Json::new(seed, BUFFER);
        let mut made = Made {
            records: 0,
            bytes: 0,
        };
        if self == Self::Csv {
            json.push(shapes::csv::HEADER);
        }
        while made.bytes + (json.len() as u64) < bytes {
            self.record(&mut json, made.records);
            json.push("\n");
            made.records += 1;
            if json.len() >= BUFFER {
                made.bytes += flush(&mut json, &mut output)?;
            }
        }
        made.bytes += flush(&mut json, &mut output)?;
        output.flush()?;
        Ok(made)
    }

    fn record(self, json: &mut Json, number: u64) {
        match self {
            Self::Events => shapes::events::record(json, number),
            Self::Flat => shapes::flat::record(json, number),
            Self::Wide => shapes::wide::record(json, number),
            Self::Deep => shapes::deep::record(json, number),
            Self::Arrays => shapes::arrays::record(json, number),
            Self::Drift => shapes::drift::record(json, number),
            Self::Csv => shapes::csv::record(json, number),
            Self::Columns(columns) => shapes::scaling::columns(json, number, columns),
            Self::Tables(tables) => shapes::scaling::tables(json, number, tables),
        }
    }
}

fn flush(json: &mut Json, output: &mut impl Write) -> io::Result<u64> {
    let bytes = json.take();
    output.write_all(bytes)?;
    Ok(bytes.len() as u64)
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Events => "events",
            Self::Flat => "flat",
            Self::Wide => "wide",
            Self::Deep => "deep",
            Self::Arrays => "arrays",
            Self::Drift => "drift",
            Self::Csv => "csv",
            Self::Columns(columns) => return write!(f, "columns-{columns}"),
            Self::Tables(tables) => return write!(f, "tables-{tables}"),
        })
    }
}

/// There is no such shape.
#[derive(Debug)]
pub struct UnknownShape(String);

impl fmt::Display for UnknownShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = Shape::ALL.iter().map(ToString::to_string).collect();
        write!(
            f,
            "unknown shape {:?}: there are {}, columns-N and tables-N",
            self.0,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownShape {}

impl FromStr for Shape {
    type Err = UnknownShape;

    fn from_str(name: &str) -> Result<Self, UnknownShape> {
        let sized = |prefix: &str| name.strip_prefix(prefix)?.parse().ok().filter(|n| *n > 0);
        let known = Self::ALL
            .into_iter()
            .find(|shape| shape.to_string() == name);
        known
            .or_else(|| sized("columns-").map(Self::Columns))
            .or_else(|| sized("tables-").map(Self::Tables))
            .ok_or_else(|| UnknownShape(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
