//! Limits the number of bad records: `--max-rejects 100` or `2%`.
//!
//! Counts in input order, so that the outcome does not depend on chunks and threads.

use std::{fmt, str::FromStr};

use transmog_core::{Error, ErrorKind};

use crate::writer::read_count;

/// A share is checked after every this many records, and at the end.
const EVERY: u64 = 10_000;

/// Most problems in the error.
const SHOWN: usize = 3;

/// The most bad records that a run may have, left out or kept in part. With more of them the run
/// fails, and nothing is written.
///
/// ```
/// use transmog_io::MaxRejects;
///
/// assert_eq!("100".parse::<MaxRejects>()?, MaxRejects::from(100));
/// assert_eq!("2.5%".parse::<MaxRejects>()?, MaxRejects::percent(2.5)?);
/// assert!("101%".parse::<MaxRejects>().is_err());
/// # Ok::<(), transmog_io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaxRejects(Most);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Most {
    Number(u64),
    Percent(f64),
}

impl MaxRejects {
    /// A share of all records, 0 to 100 percent. Checked after every 10,000 records, and at the
    /// end.
    ///
    /// # Errors
    /// If it is out of range.
    pub fn percent(percent: f64) -> Result<Self, Error> {
        if (0.0..=100.0).contains(&percent) {
            Ok(Self(Most::Percent(percent)))
        } else {
            let reason = format!("{percent} is not between 0 and 100");
            Err(Error::setting("max_rejects", reason))
        }
    }
}

impl From<u64> for MaxRejects {
    /// A number of records. Checked after each.
    fn from(records: u64) -> Self {
        Self(Most::Number(records))
    }
}

impl FromStr for MaxRejects {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            let reason = format!("{text:?} is neither a number such as 100 nor a share such as 2%");
            Error::setting("max_rejects", reason)
        };
        match text.strip_suffix('%') {
            Some(percent) => Self::percent(percent.trim_end().parse().map_err(|_| wrong())?),
            None => read_count(text).map(Self::from).ok_or_else(wrong),
        }
    }
}

impl fmt::Display for MaxRejects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Most::Number(number) => number.fmt(f),
            Most::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// Counts bad records and compares them with the limit.
#[derive(Debug, Default)]
pub(super) struct BadRecords {
    most: Option<MaxRejects>,
    bad: u64,
    /// The number of records at the last check of the share.
    looked: u64,
    first: Vec<String>,
}

impl BadRecords {
    pub(super) fn new(most: Option<MaxRejects>) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// Counts a bad record; `before` is the number of records before it.
    ///
    /// # Errors
    /// If there are too many.
    pub(super) fn take(&mut self, problem: &Error, before: u64) -> Result<(), Error> {
        self.pass(before)?;
        self.bad += 1;
        if self.first.len() < SHOWN {
            self.first.push(problem.to_string());
        }
        match self.most {
            Some(MaxRejects(Most::Number(most))) if self.bad > most => {
                Err(self.too_many(before + 1))
            }
            _ => Ok(()),
        }
    }

    /// Notes that all bad ones among the first `records` were counted.
    ///
    /// # Errors
    /// If their share is too large at a check.
    pub(super) fn pass(&mut self, records: u64) -> Result<(), Error> {
        // No bad record came since the last call, so one check is enough.
        if records / EVERY > self.looked / EVERY {
            let looked = (self.looked / EVERY + 1) * EVERY;
            self.look(looked)?;
            self.looked = records;
        }
        Ok(())
    }

    /// Checks the share of bad records.
    ///
    /// # Errors
    /// If it is too large.
    pub(super) fn look(&self, records: u64) -> Result<(), Error> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share needs no more than 53 bits"
        )]
        match self.most {
            Some(MaxRejects(Most::Percent(percent)))
                if self.bad as f64 * 100.0 > percent * records as f64 =>
            {
                Err(self.too_many(records))
            }
            _ => Ok(()),
        }
    }

    fn too_many(&self, records: u64) -> Error {
        let limit = self.most.map(|most| most.to_string());
        ErrorKind::TooManyRejects {
            bad: self.bad,
            records,
            limit: limit.unwrap_or_default(),
            first: self.first.clone(),
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem() -> Error {
        ErrorKind::OpenQuote { advice: "" }.into()
    }

    #[test]
    fn a_share_is_looked_at_after_each_ten_thousand_and_at_the_end() {
        let mut bad = BadRecords::new(MaxRejects::percent(1.0).ok());
        for record in 0..100 {
            bad.take(&problem(), record).unwrap();
        }
        bad.pass(9_999).unwrap();
        bad.look(9_999).unwrap_err();
        bad.pass(10_000).unwrap();
        for record in 10_000..10_101 {
            bad.take(&problem(), record).unwrap();
        }
        let error = bad.pass(35_000).unwrap_err().to_string();
        assert!(error.starts_with("201 of 20000 records are bad, and `max_rejects` is 1%"));
    }

    #[test]
    fn a_number_is_looked_at_after_each() {
        let mut bad = BadRecords::new(Some(1.into()));
        bad.take(&problem(), 5).unwrap();
        let error = bad.take(&problem(), 7).unwrap_err().to_string();
        assert!(error.starts_with("2 of 8 records are bad, and `max_rejects` is 1;"));
        bad.look(0).unwrap();
    }

    #[test]
    fn limits_are_words() {
        for wrong in ["", "%", "-1", "1.5", "nan%", "-1%", "100.5%", "x%"] {
            assert!(wrong.parse::<MaxRejects>().is_err(), "{wrong}");
        }
        for word in ["0", "0%", "100%", "0.5%"] {
            let limit: MaxRejects = word.parse().unwrap();
            assert_eq!(limit.to_string(), word);
        }
    }
}
