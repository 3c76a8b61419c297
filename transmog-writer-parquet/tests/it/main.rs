//! Tests the Parquet writer through its public interface, and reads files with Arrow's own reader.

#[cfg(test)]
mod cuts;
#[cfg(test)]
mod encoding;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod footer;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod growth;
#[cfg(test)]
mod index;
#[cfg(test)]
mod random;
#[cfg(test)]
mod slabs;
#[cfg(test)]
mod support;
