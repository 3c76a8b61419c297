//! Finds the rules that give names.

use super::{Rules, What};

impl Rules {
    pub(crate) fn renames(&self) -> bool {
        self.any(|what| matches!(what, What::Rename(_)))
    }

    /// The longest renamed prefix of these keys that has more than `least` of them: how many keys
    /// it has, and its name.
    pub(crate) fn renamed<'r>(&'r self, keys: &[&str], least: usize) -> Option<(usize, &'r str)> {
        // Of two of the same length, the first one that was set.
        self.names_of(keys, least)
            .map(|(_, length, name)| (length, name))
            .reduce(|best, other| if other.0 > best.0 { other } else { best })
    }

    /// The numbers of the rules that rename a prefix of these keys with more than `least` of them.
    pub(crate) fn renaming<'r>(
        &'r self,
        keys: &'r [&str],
        least: usize,
    ) -> impl Iterator<Item = usize> + 'r {
        self.names_of(keys, least).map(|(number, ..)| number)
    }

    /// The number, the length and the name of each of these rules.
    fn names_of<'r, 'k>(
        &'r self,
        keys: &'k [&'k str],
        least: usize,
    ) -> impl Iterator<Item = (usize, usize, &'r str)> {
        self.rules.iter().filter_map(move |rule| {
            let What::Rename(name) = &rule.what else {
                return None;
            };
            let length = rule.pattern.len();
            let prefix = keys.get(..length)?;
            let is_named = length > least && rule.pattern.matches(prefix.iter().copied());
            is_named.then_some((rule.number, length, name.as_str()))
        })
    }
}
