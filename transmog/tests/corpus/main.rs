//! Every file of a corpus, in every format, against an oracle that knows nothing of Transmog: what
//! is valid runs through and reads back cell by cell, what is not is refused with its place. The
//! samples of this repository and some inputs made here are always checked; `TRANSMOG_CORPUS` names
//! a folder of more.
#![cfg(all(feature = "csv", feature = "json", feature = "parquet"))]

#[cfg(test)]
mod check;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod csv_suites;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod files;
#[cfg(test)]
mod json;
#[cfg(test)]
mod json_suite;
#[cfg(test)]
mod number;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod read_back;
#[cfg(test)]
mod records;
#[cfg(test)]
mod runs;
