//! Makes names of paths: joins keys, replaces characters, shortens, and tells equal names apart.

use ahash::AHashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// The words in the middle of a path that is longer than the deep-nesting threshold.
const NESTED: &str = "nested";

/// Name of a column: its keys joined, unchanged. With a threshold, a path of more keys is `first,
/// "nested", last`.
pub(crate) fn column_name(
    keys: &[impl AsRef<str>],
    separator: &str,
    threshold: Option<usize>,
) -> String {
    let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    match (threshold, keys.as_slice()) {
        (_, []) => "value".to_owned(),
        (Some(most), [first, .., last]) if keys.len() > most => {
            [first, NESTED, last].join(separator)
        }
        _ => keys.join(separator),
    }
}

/// Name of a child table: the entity as it is, and every key of its path, sanitised, all joined.
/// With a threshold, a path of at least as many keys is `entity, first, "nested", last`; a single
/// key is never shortened.
pub(crate) fn table_name<'a>(
    entity: &str,
    keys: impl Iterator<Item = &'a str>,
    separator: &str,
    threshold: Option<usize>,
    trim: bool,
) -> String {
    let clean = |key: &str| sanitise(key, separator, trim);
    let keys: Vec<String> = keys.map(clean).collect();
    let mut words = vec![entity.to_owned()];
    match (threshold, keys.as_slice()) {
        (Some(least), [first, .., last]) if keys.len() >= least => {
            words.extend([first.clone(), NESTED.to_owned(), last.clone()]);
        }
        _ => words.extend(keys),
    }
    words.join(separator)
}

/// Makes a name of letters, digits and `_`: a separator that is not `_`, blanks and dashes become
/// `_` one by one, runs of other characters become one `_`, a leading digit gets the prefix `col_`,
/// nothing becomes `unnamed_field`. With `trim`, `_` at both ends is cut off.
pub fn sanitise(name: &str, separator: &str, trim: bool) -> String {
    let replaced = if separator == "_" {
        name.to_owned()
    } else {
        name.replace(separator, "_")
    };
    let mut out = String::with_capacity(replaced.len());
    for c in replaced.chars() {
        if c == '_' || is_alphanumeric(c) {
            out.push(c);
        } else if matches!(c, ' ' | '-') || !out.ends_with('_') {
            out.push('_');
        }
    }
    if trim {
        out.truncate(out.trim_end_matches('_').len());
        out.drain(..out.len() - out.trim_start_matches('_').len());
    }
    if out.starts_with(is_digit) {
        out.insert_str(0, "col_");
    }
    if out.is_empty() {
        "unnamed_field".to_owned()
    } else {
        out
    }
}

/// What a name looks like to file systems that compare without case, or by what letters are
/// composed of: names with one folded form may be one file. Upper and then lower case, letter by
/// letter, is the full case folding of Unicode but for rare scripts.
///
/// ```
/// use transmog_core::folded;
///
/// assert_eq!(folded("Straße"), folded("STRASSE"));
/// assert_eq!(folded("\u{e9}"), folded("e\u{301}"));
/// ```
pub fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let upper = name.nfd().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfd().collect()
}

/// Letters and whatever has a numeric value, but no combining marks, some of which Rust counts as
/// letters.
fn is_alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || !c.is_ascii()
            && c.is_alphanumeric()
            && c.general_category_group() != GeneralCategoryGroup::Mark
}

/// Decimal digits, superscripts and circled digits (Unicode's numeric types Decimal and Digit).
fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
        || c.general_category() == unicode_properties::GeneralCategory::DecimalNumber
        || matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉' | '፩'..='፱' | '᧚' | '①'..='⑨' | '⑴'..='⑼'
            | '⒈'..='⒐' | '⓪' | '⓵'..='⓽' | '⓿' | '❶'..='❾' | '➀'..='➈' | '➊'..='➒' | '🄀'..='🄊')
}

/// Names given out so far, each with the number to try next when it is wanted again. First come
/// keeps the plain name; later ones get the first free suffix `_2`, `_3`, ...
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(AHashMap<String, u32>);

impl Names {
    /// Takes a name that no data may have.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.0.entry(name.to_owned()).or_insert(2);
    }

    /// True if the name is not free.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The wanted name, or the first free one after it.
    pub(crate) fn assign(&mut self, wanted: &str) -> String {
        let Some(next) = self.0.get(wanted) else {
            self.reserve(wanted);
            return wanted.to_owned();
        };
        let mut number = *next;
        let mut name = format!("{wanted}_{number}");
        while self.0.contains_key(&name) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        self.reserve(&name);
        self.0.insert(wanted.to_owned(), number + 1);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_names_get_the_first_free_suffix() {
        let mut names = Names::default();
        names.reserve("id");
        let wanted = ["a", "a_3", "a", "a", "a_3", "id", "a_2", "a"];
        let given = wanted.map(|name| names.assign(name));
        assert_eq!(
            given,
            ["a", "a_3", "a_2", "a_4", "a_3_2", "id_2", "a_2_2", "a_5"]
        );
    }
}
