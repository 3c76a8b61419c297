//! JSON pointers: the path from the top of a document to its records.

use std::{fmt, str::FromStr};

use transmog_core::Error;

/// A JSON pointer, RFC 6901: `/data/items`, with `~1` for a slash and `~0` for a tilde in a key.
///
/// ```
/// let pointer: transmog_io::Pointer = "/data/a~1b".parse()?;
/// assert_eq!(pointer.tokens(), ["data", "a/b"]);
/// assert!("data".parse::<transmog_io::Pointer>().is_err());
/// # Ok::<(), transmog_io::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    tokens: Vec<String>,
}

impl Pointer {
    /// The keys and item indexes on the way.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }
}

impl FromStr for Pointer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |reason: &str| {
            Error::setting(
                "records_path",
                format!("{text:?} is no JSON pointer: {reason}"),
            )
        };
        let mut parts = text.split('/');
        if parts.next() != Some("") {
            return Err(wrong("it must start with a slash, such as /data/items"));
        }
        let token = |part: &str| {
            let rest = part.replace("~0", "").replace("~1", "");
            (!rest.contains('~')).then(|| part.replace("~1", "/").replace("~0", "~"))
        };
        let tokens: Option<Vec<String>> = parts.map(token).collect();
        Ok(Self {
            text: text.to_owned(),
            tokens: tokens.ok_or_else(|| wrong("a tilde must be followed by 0 or 1"))?,
        })
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
