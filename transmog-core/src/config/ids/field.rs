//! Matches the fields that settings make ids of: by column name (`customer_id`) or by path in the
//! row (`customer.id`).

/// How a column was meant; of several that a word may mean, the least is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// By its name.
    Name,
    /// By its keys with dots between them. A path of one key is a name.
    Path,
}

impl Rank {
    /// How a word means the column of a path and a name; `None` if it means another one.
    pub(crate) fn of(word: &str, path: &[impl AsRef<str>], name: &str) -> Option<Self> {
        if name == word {
            return Some(Self::Name);
        }
        (path.len() > 1 && is_path(word, path)).then_some(Self::Path)
    }
}

fn is_path(word: &str, path: &[impl AsRef<str>]) -> bool {
    let mut rest = Some(word);
    for (number, key) in path.iter().enumerate() {
        let after_dot = match (number, rest) {
            (0, rest) => rest,
            (_, rest) => rest.and_then(|rest| rest.strip_prefix('.')),
        };
        rest = after_dot.and_then(|rest| rest.strip_prefix(key.as_ref()));
    }
    rest == Some("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_meant_by_name_or_path() {
        let of = |word: &str, path: &[&str], name: &str| Rank::of(word, path, name);
        assert_eq!(of("a.b", &["a", "b"], "a_b"), Some(Rank::Path));
        assert_eq!(of("a_b", &["a", "b"], "a_b"), Some(Rank::Name));
        assert_eq!(of("a.b", &["a", "b"], "a.b"), Some(Rank::Name));
        assert_eq!(of("a.b.c", &["a.b", "c"], "x"), Some(Rank::Path));
        assert_eq!(of("value", &[], "value"), Some(Rank::Name));
        for word in ["a", "a.", "a.bc", "a.b.c", "b", ""] {
            assert_eq!(of(word, &["a", "b"], "a_b"), None, "{word}");
        }
        assert_eq!(of("a", &["a"], "renamed"), None);
        assert_eq!(of("", &[], "value"), None);
    }
}
