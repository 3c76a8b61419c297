//! Matches places in records, as settings name them: by the keys from the record down, whatever
//! arrays are between them.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use super::error::{Error, Result};

mod foreign;

/// Keys that lead from a record to a value, arrays on the way not counted: the pattern
/// `orders.lines.sku` names `sku` in the items of `lines` in the items of `orders`, and also where
/// one of them is an object.
///
/// Two spellings: keys with dots between them, where `*` is any one key and `[]` behind a key may
/// say that an array is meant; or a JSON pointer ([RFC
/// 6901](https://www.rfc-editor.org/rfc/rfc6901)), which begins with `/` and takes every key as it
/// is. Spellings of other tools (`$.a`, `a[0].b`, `**.b`, `a*`) are errors that give the right one,
/// because they would be keys that no record has.
///
/// ```
/// use transmog_core::Pattern;
///
/// let pattern: Pattern = "orders[].*.sku".parse()?;
/// assert!(pattern.matches(["orders", "lines", "sku"]));
/// assert!(!pattern.matches(["orders", "lines"]));
/// assert!("/a.b/~1c".parse::<Pattern>()?.matches(["a.b", "/c"]));
/// assert!("$.orders[0].sku".parse::<Pattern>().is_err());
/// # Ok::<(), transmog_core::Error>(())
/// ```
///
/// Two patterns are equal if they name the same places, however they were spelled.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Any key where there is none.
    keys: Vec<Option<String>>,
    given: String,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.keys.hash(state);
    }
}

impl Pattern {
    /// The text that it was read from.
    pub fn as_given(&self) -> &str {
        &self.given
    }

    /// The pattern of a path, in the spelling that its keys need.
    pub(crate) fn of_keys<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        let keys = keys.into_iter().map(|key| Some(key.to_owned()));
        let mut pattern = Self {
            keys: keys.collect(),
            given: String::new(),
        };
        pattern.given = pattern.to_string();
        pattern
    }

    /// The same rule's pattern for a column of one key.
    pub(crate) fn for_column(&self, key: &str) -> Self {
        Self {
            keys: vec![Some(key.to_owned())],
            given: self.given.clone(),
        }
    }

    /// The key, if it has only one, and that is not any key.
    pub(crate) fn single_key(&self) -> Option<&str> {
        match self.keys.as_slice() {
            [Some(key)] => Some(key),
            _ => None,
        }
    }

    /// The last key, if it is not any key.
    pub(crate) fn last_key(&self) -> Option<&str> {
        self.keys.last()?.as_deref()
    }

    /// The pattern as it would be if indexes were meant by keys of digits and by `*`, and other
    /// dots by slashes and arrows: `items.sku` for `items.0.sku`, `user.ssn` for `user->ssn`.
    /// `None` if it has nothing of that.
    pub(crate) fn without_indexes(&self) -> Option<Self> {
        let words = self.keys.iter().flatten();
        let words = words.flat_map(|key| key.split('/').flat_map(|key| key.split("->")));
        let words = words.map(|word| word.trim_matches(['>', '\'', '"', ' ']));
        let is_key = |word: &&str| !word.bytes().all(|byte| byte.is_ascii_digit());
        let words: Vec<&str> = words.filter(is_key).collect();
        let keys = self.keys.iter().map(Option::as_deref);
        let differs = !keys.eq(words.iter().copied().map(Some));
        (differs && !words.is_empty()).then(|| Self::of_keys(words))
    }

    /// True if some of its keys may be any key.
    pub(crate) fn has_wildcard(&self) -> bool {
        self.keys.iter().any(Option::is_none)
    }

    /// True if these keys are the pattern's.
    pub fn matches<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> bool {
        self.leads_to(keys) == Some(0)
    }

    /// How many keys are missing until the pattern is reached, 0 where it is; `None` if these keys
    /// lead elsewhere, or beyond it.
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
                given: text.to_owned(),
            });
        }
        if let Some(reason) = foreign::reason(text) {
            return Err(wrong(&reason));
        }
        let key = |word: &str| {
            let word = word.trim_end_matches("[]");
            match word {
                "" => Err(wrong(
                    "has an empty key; write such a path as a JSON pointer, /a//b",
                )),
                "*" => Ok(None),
                key => Ok(Some(key.to_owned())),
            }
        };
        let keys = text.split('.').map(key).collect::<Result<_>>()?;
        Ok(Self {
            keys,
            given: text.to_owned(),
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |key: &Option<String>| match key {
            None => true,
            Some(key) => {
                let is_foreign = || foreign::reason(key).is_some();
                !(key.is_empty() || key.contains('.') || key.ends_with("[]") || is_foreign())
            }
        };
        let first = self.keys.first().and_then(Option::as_ref);
        if self.keys.iter().all(is_plain)
            && first.is_none_or(|key| !key.starts_with('/') && key != "$")
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
