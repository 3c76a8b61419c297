//! Chooses what happens to numbers whose digits a float does not keep.

use crate::base::{Error, Result};

/// What happens to a number with a fraction or an exponent whose digits [no float gives
/// back](crate::text::gives_back): `0.123456789012345678`, `12345678901234567.89`, `1e-400`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Floats {
    /// It makes its column text, with all digits as written. Columns that have the type float64 by
    /// a setting or by a given schema take the nearest float, which is counted.
    #[default]
    Exact,
    /// The nearest float stands for it, which is counted. Numbers beyond the range of floats, such
    /// as `1e400`, still make their column text.
    Nearest,
}

impl std::str::FromStr for Floats {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "exact" => Ok(Self::Exact),
            "nearest" => Ok(Self::Nearest),
            _ => {
                let reason = format!("{word:?} is none of exact, nearest");
                Err(Error::setting("floats", reason))
            }
        }
    }
}
