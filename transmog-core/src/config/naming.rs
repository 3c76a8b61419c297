//! How columns and tables are named.

use crate::base::{Error, Result};

/// What happens if two paths would have the same name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Naming {
    /// The first to come has the plain name, later ones get `_2`, `_3`, ..., and the report says so.
    #[default]
    Suffix,
    /// The run fails. Names of tables that differ only in upper and lower case count as the same.
    Strict,
}

impl std::str::FromStr for Naming {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "suffix" => Ok(Self::Suffix),
            "strict" => Ok(Self::Strict),
            _ => {
                let reason = format!("{word:?} is none of suffix, strict");
                Err(Error::setting("naming", reason))
            }
        }
    }
}
