//! Translates rules that use the text of a CSV header (`E-Mail`) to the column's name (`E_Mail`).

use std::borrow::Cow;

use super::{Rule, Rules};
use crate::base::Pattern;

/// The header of a CSV input whose columns are not all called as it spells them.
///
/// Rules may use either: with the header `E-Mail,ver no`, whose columns are called `E_Mail` and
/// `ver_no`, both `E-Mail` and `E_Mail` mean the first one. Where a spelling of the header is also
/// what another column is called, it means the column that the header spells so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    columns: Vec<HeaderColumn>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderColumn {
    /// What it is called: its key in records.
    pub name: String,
    /// How the header spells it.
    pub spelled: String,
    /// The name that it would have if another column had not got it first.
    pub taken: Option<String>,
}

impl Header {
    /// A header; `None` if all columns are called as they are spelled.
    pub fn new(columns: impl IntoIterator<Item = HeaderColumn>) -> Option<Self> {
        let columns: Vec<HeaderColumn> = columns.into_iter().collect();
        let differs = columns.iter().any(|column| column.name != column.spelled);
        differs.then_some(Self { columns })
    }

    /// Its columns.
    pub fn columns(&self) -> &[HeaderColumn] {
        &self.columns
    }

    /// Names of the columns that the header spells so.
    fn named<'h>(&'h self, spelled: &'h str) -> impl Iterator<Item = &'h str> {
        let columns = self.columns.iter();
        let columns = columns.filter(move |column| column.spelled == spelled);
        columns.map(|column| column.name.as_str())
    }

    /// The column that a name means, where only one can be meant.
    pub(crate) fn column<'n>(&'n self, name: &'n str) -> &'n str {
        self.named(name).next().unwrap_or(name)
    }

    /// The patterns of the columns that a pattern means: itself, if the header spells none like it.
    fn patterns<'p>(&self, pattern: &'p Pattern) -> Vec<Cow<'p, Pattern>> {
        let key = pattern.single_key().into_iter();
        // A path of several keys may be one cell of the header, with dots in it.
        let spellings = key.chain([pattern.as_given()]);
        for spelling in spellings {
            let named = self.named(spelling);
            let patterns: Vec<_> = named
                .map(|name| Cow::Owned(pattern.for_column(name)))
                .collect();
            if !patterns.is_empty() {
                return patterns;
            }
        }
        vec![Cow::Borrowed(pattern)]
    }

    /// The same for patterns with what they stand for.
    pub(crate) fn translated<T: Clone>(&self, rules: &[(Pattern, T)]) -> Vec<(Pattern, T)> {
        let rules = rules.iter().flat_map(|(pattern, of)| {
            let patterns = self.patterns(pattern).into_iter();
            patterns.map(|pattern| (pattern.into_owned(), of.clone()))
        });
        rules.collect()
    }
}

impl Rules {
    /// The rules with every path that is spelled as the header spells a column changed to the
    /// column's name.
    pub(crate) fn under(&self, header: &Header) -> Self {
        let rules = self.rules.iter().flat_map(|rule| {
            let patterns = header.patterns(&rule.pattern).into_iter();
            patterns.map(|pattern| Rule {
                pattern: pattern.into_owned(),
                ..rule.clone()
            })
        });
        Self {
            rules: rules.collect(),
        }
    }
}
