//! How settings name places in records: keys from the record down, whatever arrays lie between them.

use std::{fmt, str::FromStr};

use crate::error::{Error, Result};

/// Keys that lead from a record to a value, arrays on the way not counted: the pattern `orders.lines.sku` names `sku` in the
/// items of `lines` in the items of `orders`, and also where one of them is an object.
///
/// Two spellings: keys with dots between them, where `*` is any one key and `[]` behind a key may say that an array is
/// meant; or a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)), which begins with `/` and takes every key
/// as it is.
///
/// ```
/// use transmog_core::Pattern;
///
/// let pattern: Pattern = "orders[].*.sku".parse()?;
/// assert!(pattern.matches(["orders", "lines", "sku"]));
/// assert!(!pattern.matches(["orders", "lines"]));
/// assert!("/a.b/~1c".parse::<Pattern>()?.matches(["a.b", "/c"]));
/// # Ok::<(), transmog_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Any key where there is none.
    keys: Vec<Option<String>>,
}

impl Pattern {
    /// True if these keys are the pattern's.
    pub fn matches<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> bool {
        self.leads_to(keys) == Some(0)
    }

    /// How many keys are missing until the pattern is reached, 0 where it is; `None` if these keys lead elsewhere, or
    /// beyond it.
    pub(crate) fn leads_to<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Option<usize> {
        let mut wanted = self.keys.iter();
        for key in keys {
            if wanted.next()?.as_ref().is_some_and(|wanted| wanted != key) {
                return None;
            }
        }
        Some(wanted.len())
    }

    /// How many keys it has.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |reason: &str| Error::setting("path", format!("{text:?} {reason}"));
        if let Some(pointer) = text.strip_prefix('/') {
            let unescape = |token: &str| token.replace("~1", "/").replace("~0", "~");
            let keys = pointer.split('/').map(|token| Some(unescape(token)));
            return Ok(Self {
                keys: keys.collect(),
            });
        }
        let key = |word: &str| {
            let word = word.strip_suffix("[]").unwrap_or(word);
            match word {
                "" => Err(wrong(
                    "has an empty key; write such a path as a JSON pointer, /a//b",
                )),
                "*" => Ok(None),
                key => Ok(Some(key.to_owned())),
            }
        };
        let keys = text.split('.').map(key).collect::<Result<_>>()?;
        Ok(Self { keys })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |key: &Option<String>| match key {
            None => true,
            Some(key) => {
                !(key.is_empty() || key == "*" || key.contains('.') || key.ends_with("[]"))
            }
        };
        if self.keys.iter().all(is_plain)
            && self.keys[0].as_ref().is_none_or(|k| !k.starts_with('/'))
        {
            let words = self.keys.iter().map(|key| key.as_deref().unwrap_or("*"));
            return f.write_str(&words.collect::<Vec<_>>().join("."));
        }
        self.keys.iter().try_for_each(|key| {
            let key = key.as_deref().unwrap_or("*");
            write!(f, "/{}", key.replace('~', "~0").replace('/', "~1"))
        })
    }
}
